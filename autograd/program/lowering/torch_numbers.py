"""NumPy's functions of numbers one by one, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograd.expression import OF_NUMPY

Axes = Any


def as_tensor(value: Any, dtype: Any = None) -> torch.Tensor:
    """A value as a tensor; numbers of NumPy's and arrays share no memory with it."""
    if isinstance(value, torch.Tensor):
        return value if dtype is None else value.to(dtype)
    return torch.tensor(np.ascontiguousarray(value).reshape(np.shape(value)), dtype=dtype)


def dtype_of(dtype: Any) -> torch.dtype:
    """PyTorch's dtype for one of NumPy's."""
    return torch.from_numpy(np.zeros(1, np.dtype(dtype))).dtype


def promoted(*operands: Any, floats: bool = False) -> list[torch.Tensor]:
    """Operands as tensors of one dtype; numbers of Python's adapt."""
    known = [v if type(v) in (bool, int, float) else as_tensor(v) for v in operands]
    kinds = [v for v in known if isinstance(v, torch.Tensor)]
    kind = kinds[0].dtype if kinds else torch.float64
    for v in known:
        like = kinds[0] if kinds else v
        kind = torch.promote_types(kind, torch.result_type(like, v))
    if floats and not kind.is_floating_point:
        kind = torch.float64
    return [torch.as_tensor(v, dtype=kind) for v in known]


def of_numbers(function: Callable[..., Any], floats: bool = False) -> Callable[..., Any]:
    return lambda *operands: function(*promoted(*operands, floats=floats))


def of_truths(function: Callable[..., Any], logical: Callable[..., Any]) -> Callable[..., Any]:
    """What is logical on booleans."""

    def lowered(*operands: Any) -> Any:
        given = promoted(*operands)
        return (logical if given[0].dtype == torch.bool else function)(*given)

    return lowered


def choose(condition: Any, a: Any, b: Any) -> torch.Tensor:
    a, b = promoted(a, b)
    return torch.where(as_tensor(condition, torch.bool), a, b)


add = of_truths(torch.add, torch.logical_or)
multiply = of_truths(torch.multiply, torch.logical_and)
maximum, minimum = of_numbers(torch.maximum), of_numbers(torch.minimum)


def slope_of_tanh(out: Any, a: Any) -> Any:
    """1 − tanh², and by an exponential where that has few digits left."""
    slope = 1.0 - out * out
    e = torch.exp(-2.0 * torch.abs(a))
    few = 256.0 * torch.finfo(slope.dtype).eps
    return torch.where(slope < few, 4.0 * e / torch.square(1.0 + e), slope)


def ldexp(a: Any, exponent: Any) -> Any:
    """In two steps, neither of which overflows alone."""
    (a,) = promoted(a, floats=True)
    exponent = as_tensor(exponent)
    half = torch.div(exponent, 2, rounding_mode="floor")
    two = [torch.pow(torch.tensor(2.0, dtype=a.dtype), h) for h in (half, exponent - half)]
    return a * two[0] * two[1]


def cbrt(a: Any) -> Any:
    (a,) = promoted(a, floats=True)
    root = torch.pow(torch.abs(a), 1.0 / 3.0)
    better = root - (root - torch.abs(a) / (root * root)) / 3.0
    return torch.copysign(torch.where((root > 0.0) & torch.isfinite(root), better, root), a)


def with_mask(a: Any, ufunc: Any, *args: Any, where: Any, **how: Any) -> Any:
    return choose(where, NUMBERS[ufunc.__name__](*args, **how), a)


def rounded(a: Any, decimals: int = 0, **how: Any) -> Any:
    scale = 10.0**decimals
    return torch.round(a * scale) / scale if decimals else torch.round(a)


def polynomial_gamma(a: Any, order: Any) -> Any:
    return torch.special.polygamma(int(order), as_tensor(a))


def gamma(a: Any) -> Any:
    """By ln|Γ|, with the sign that Γ has between the poles left of 0."""
    size = torch.exp(torch.special.gammaln(a))
    below = (a < 0.0) & (torch.remainder(torch.floor(a), 2.0) == 1.0)
    return torch.where(below, -size, size)


def clip(a: Any, low: Any = None, high: Any = None) -> torch.Tensor:
    a = a if low is None else maximum(a, low)
    return a if high is None else minimum(a, high)


def nan_to_num(
    a: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None, **how: Any
) -> torch.Tensor:
    return torch.nan_to_num(a, nan, posinf, neginf)


def searchsorted(a: Any, v: Any, side: str = "left", **how: Any) -> torch.Tensor:
    return torch.searchsorted(as_tensor(a), as_tensor(v).contiguous(), right=side == "right")


SAME = [
    "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "ceil",
    "copysign", "cos", "cosh", "deg2rad", "exp", "exp2", "expm1", "floor", "fmax", "fmin", "fmod",
    "heaviside", "hypot", "isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2",
    "logaddexp", "logaddexp2", "negative", "positive", "rad2deg", "reciprocal", "remainder", "sign",
    "sin", "sinc", "sinh", "sqrt", "square", "subtract", "tan", "tanh", "trunc",
]  # fmt: skip
"""What PyTorch calls as NumPy does, number by number."""

WHOLE = {"absolute", "negative", "positive", "fmax", "fmin", "remainder", "sign", "square",
         "subtract", "isfinite", "isinf", "isnan", "floor", "ceil", "trunc", "fmod"}  # fmt: skip
"""Those that leave whole numbers whole."""

COMPARISONS = {
    "equal": torch.eq, "greater": torch.gt, "greater_equal": torch.ge, "less": torch.lt,
    "less_equal": torch.le, "not_equal": torch.ne,
}  # fmt: skip


NUMBERS: dict[str, Callable[..., Any]] = {
    **{name: of_numbers(getattr(torch, name), name not in WHOLE) for name in SAME},
    **{name: of_numbers(function) for name, function in COMPARISONS.items()},
    "add": add, "astype": lambda a, dtype, **how: as_tensor(a, dtype_of(dtype)),
    "bitwise_and": of_numbers(torch.bitwise_and), "bitwise_or": of_numbers(torch.bitwise_or),
    "broadcast_to": lambda a, shape, **how: torch.broadcast_to(as_tensor(a), tuple(shape)),
    "cbrt": cbrt,
    "clip": clip,
    "copy": lambda a, **how: as_tensor(a), "degrees": of_numbers(torch.rad2deg, True),
    "diagonal": lambda a, offset=0, axis1=0, axis2=1: torch.diagonal(a, offset, axis1, axis2),
    "divide": of_numbers(torch.true_divide),
    "embedding": lambda weight, indices, **how: as_tensor(weight)[as_tensor(indices)],
    "erf": torch.special.erf, "erfc": torch.special.erfc, "fabs": of_numbers(torch.abs, True),
    "float": lambda a: promoted(a, floats=True)[0],
    "float_power": lambda a, b: torch.float_power(*promoted(a, b)),
    "floor_divide": of_numbers(lambda a, b: torch.div(a, b, rounding_mode="floor")),
    "gamma": lambda a: gamma(a), "gammaln": torch.special.gammaln, "i0": torch.special.i0,
    "invert": torch.bitwise_not, "isneginf": torch.isneginf, "isposinf": torch.isposinf,
    "iv": lambda order, x: {0: torch.special.i0, 1: torch.special.i1}[int(order)](x),
    "ldexp": ldexp, "logical_and": torch.logical_and, "logical_not": torch.logical_not,
    "logical_or": torch.logical_or, "maximum": maximum, "minimum": minimum,
    "modf": lambda a: (a - torch.trunc(a), torch.trunc(a)), "multiply": multiply,
    "nan_to_num": nan_to_num,
    "polygamma": polynomial_gamma, "pow": of_numbers(torch.pow), "power": of_numbers(torch.pow),
    "psi": torch.special.digamma,
    "pushed": lambda t, d: choose(as_tensor(t) == 0.0, 0.0, multiply(t, d)),
    "pushed_by_both": lambda a, b: choose(
        (as_tensor(a) == 0.0) | (as_tensor(b) == 0.0), 0.0, multiply(a, b)
    ),
    "radians": of_numbers(torch.deg2rad, True),
    "rint": of_numbers(torch.round, True), "round": rounded,
    "searchsorted": searchsorted,
    "slope_of_tanh": slope_of_tanh, "where": choose, "with_mask": with_mask,
}  # fmt: skip
"""By the names that a listing shows."""

NAMESPACE: dict[str, Any] = {
    **{
        name: NUMBERS[function.__name__]
        for name, function in OF_NUMPY.items()
        if isinstance(function, np.ufunc) and function.__name__ in NUMBERS
    },
    "erf": of_numbers(torch.special.erf, True), "erfc": of_numbers(torch.special.erfc, True),
    "logaddexp2": NUMBERS["logaddexp2"], "logistic": of_numbers(torch.sigmoid, True),
    "power_by_exponent": lambda a, b, out: choose(
        (as_tensor(a) == 0.0) & (as_tensor(b) >= 0.0), 0.0,
        out * torch.log(choose(as_tensor(a) == 0.0, 1.0, a)),
    ),
    "where": choose, "both": of_numbers(torch.logical_and), "either": of_numbers(torch.logical_or),
    "opposite": of_numbers(torch.logical_not),
}  # fmt: skip
"""What expressions of gates on single numbers call."""
