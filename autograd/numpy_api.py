"""NumPy speaks Tensor: `np.exp(t)`, `np.sum(t, axis=0)` and `array * t` make gates.

Each NumPy function stands in one table beside the function that records it. What gives booleans,
integers or a shape works on values; whatever else NumPy calls with a Tensor is refused at the call.
The methods of ufuncs, as `np.add.reduce` and `np.multiply.outer`, are supported functions under
other names, so none needs a rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd import families
from autograd.eager import explain, value_of
from autograd.errors import AutogradError, UnsupportedError
from autograd.families import FROM_NUMPY, load_all
from autograd.keywords import refuse
from autograd.tensor import Tensor

__all__ = ["VALUES", "array_function", "array_ufunc", "ufunc_method"]

VALUES: frozenset[Callable[..., Any]] = frozenset(
    {
        np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
        np.isnan, np.isinf, np.isfinite, np.isposinf, np.isneginf, np.signbit, np.logical_not,
        np.logical_and, np.logical_or, np.logical_xor,
        np.allclose, np.isclose, np.array_equal, np.array_equiv, np.argmax, np.argmin, np.argsort,
        np.all, np.any, np.shape, np.ndim, np.size, np.nonzero, np.argwhere, np.count_nonzero,
        np.flatnonzero, np.searchsorted, np.digitize, np.argpartition, np.lexsort, np.isin,
        np.iscomplex, np.isreal, np.iscomplexobj, np.isrealobj, np.may_share_memory,
        np.shares_memory, np.unravel_index, np.ravel_multi_index, np.can_cast, np.min_scalar_type,
        np.common_type, np.zeros_like, np.ones_like, np.empty_like,
        np.linalg.matrix_rank, np.einsum_path,
        np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift,
        np.bitwise_count, np.gcd, np.lcm,
        np.nanargmax, np.nanargmin, np.diag_indices_from, np.tril_indices_from,
        np.triu_indices_from, np.broadcast_shapes, np.diag_indices, np.indices, np.mask_indices,
        np.ndindex, np.tril_indices, np.triu_indices,
        np.result_type, np.array_repr, np.array_str, np.array2string,
    }
)  # fmt: skip
"""Functions of values: their results are plain, and no gradient flows through them."""


def function_of_values(name: str) -> Callable[..., Any] | None:
    """NumPy's function of that name, where it works on the values of Tensors; else None."""
    function = getattr(np, name, None)
    if not callable(function) or function not in VALUES:
        return None

    @wraps(function)
    def on_values(*args: Any, **kwargs: Any) -> Any:
        return _on_values(function, args, kwargs)

    return on_values


_IN_PLACE = ("copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask")


def from_numpy(numpys: Callable[..., Any]) -> Callable[..., Any] | None:
    """The function that records a gate for NumPy's; None where there is none."""
    if numpys not in FROM_NUMPY:
        load_all()
    return FROM_NUMPY.get(numpys)


def array_ufunc(self: Tensor, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's protocol for its elementwise functions."""
    if ufunc in VALUES:
        return _on_values(ufunc if method == "__call__" else getattr(ufunc, method), inputs, kwargs)
    if method != "__call__":
        return ufunc_method(ufunc, method, inputs, kwargs)
    function = from_numpy(ufunc)
    if function is None:
        raise _unsupported_ufunc(ufunc)
    if kwargs:
        refuse(f"np.{ufunc.__name__}", kwargs)
    return function(*inputs)


def array_function(
    self: Tensor, func: Callable[..., Any], types: Any, args: tuple, kwargs: dict[str, Any]
) -> Any:
    """NumPy's protocol for its other functions."""
    if func in VALUES:
        return _on_values(func, args, kwargs)
    function = from_numpy(func)
    if function is None:
        raise _unsupported(path_of(func))
    try:
        return function(*args, **kwargs)
    except TypeError as error:
        if isinstance(error, AutogradError):
            raise
        said = {key: value for key, value in kwargs.items() if not _is_default(func, key, value)}
        if len(said) < len(kwargs):
            return array_function(self, func, types, args, said)
        from autograd.foreign import KEYWORDS

        hints = "".join(f"; for {k}= write {KEYWORDS[k]}" for k in kwargs if k in KEYWORDS)
        raise UnsupportedError(
            f"np.{path_of(func)} of a Tensor does not take these arguments: {error}{hints}"
        ) from error


def _is_default(function: Callable[..., Any], key: str, value: Any) -> bool:
    """Whether an option is what NumPy's function takes where nobody gives it, such as out=None."""
    from inspect import signature  # which takes long to import

    try:
        parameter = signature(function).parameters.get(key)
    except ValueError:  # of a function in C
        return value is None
    return parameter is not None and value is parameter.default


def _on_values(func: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> Any:
    try:
        return func(*map(_plain, args), **{name: _plain(value) for name, value in kwargs.items()})
    except (ValueError, TypeError, IndexError) as error:
        raise explain(func.__name__, args, kwargs, error) from error


def _plain(argument: Any) -> Any:
    if type(argument) in (list, tuple):
        return type(argument)(map(_plain, argument))
    return value_of(argument)


def path_of(function: Callable[..., Any]) -> str:
    """A NumPy function's name, with the submodule it is in: ``"linalg.norm"``."""
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module}.{function.__name__}".removeprefix("numpy.")


def _namesake(name: str) -> str:
    from autograd import fft

    return f": write ag.fft.{name}" if name in fft.__all__ else ""


def _unsupported_ufunc(ufunc: np.ufunc) -> UnsupportedError:
    """The refusal of an elementwise function: NumPy's, SciPy's, or another's."""
    from autograd.scipys import SCIPY, home_of

    home, name = home_of(ufunc), ufunc.__name__
    if home == "np.":
        return _unsupported(name)
    if home and name in SCIPY:
        return UnsupportedError(f"{home}{name} takes arrays alone: write {SCIPY[name]}")
    return UnsupportedError(
        f"{home}{name} has no rule for a Tensor: write it with supported functions, give it a "
        "derivative with ag.gate, or pass t.data to compute with values alone"
    )


def _unsupported(name: str) -> UnsupportedError:
    from difflib import get_close_matches

    if name in _IN_PLACE:
        return UnsupportedError(
            f"np.{name} writes into an array, and the gates of a Tensor would see other values: "
            "write ag.where(mask, value, t) or np.concatenate of the parts; ag.full(shape, t) and "
            "ag.full_like(a, t) fill an array with a Tensor, which NumPy's own cannot"
        )
    if name.startswith("save"):
        return UnsupportedError(f"np.{name} keeps values alone: write np.{name}(file, t.data)")
    if name.startswith("fft."):
        return UnsupportedError(
            f"np.{name} gives complex numbers, or takes them, and nodes are real: the functions of "
            "ag.fft have the real and the imaginary part apart, as in re, im = ag.fft.rfft(t)"
            + _namesake(name.removeprefix("fft."))
        )
    known = sorted({path_of(function) for function in (*FROM_NUMPY, *VALUES)})
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f" (nearest: {', '.join('np.' + n for n in near)})" if near else ""
    return UnsupportedError(
        f"np.{name} has no rule for a Tensor{hint}: write it with supported functions, give it a "
        "derivative with ag.gate, or pass t.data to compute with values alone"
    )


SAME: dict[Any, Callable[..., Any]] = {
    np.add.reduce: np.sum,
    np.multiply.reduce: np.prod,
    np.maximum.reduce: np.max,
    np.minimum.reduce: np.min,
    np.add.accumulate: np.cumsum,
    np.multiply.accumulate: np.cumprod,
}
"""A method, and the function that does the same when it is told the axis."""

INSTEAD = {
    "at": "it writes in place; write one_hot.T @ values, where one_hot[i, place[i]] = 1, or read "
    "the entries by index, whose gradients add up by themselves",
    "reduceat": "that of add has; write one reduction for each slice, and np.stack them",
    "reduce": "those of add, multiply, maximum, minimum and logaddexp have",
    "accumulate": "those of add, multiply, maximum, minimum and logaddexp have",
}
"""What to write where a method has no rule."""


def ufunc_method(
    ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]
) -> Any:
    """What ``ufunc.method(*inputs, **kwargs)`` gives, recorded.

    Raises
    ------
    UnsupportedError (a TypeError): no rule for the method, or for an option; the message says what
        to write.
    """
    # NumPy's defaults, where someone writes them out.
    given = {k: v for k, v in kwargs.items() if v is not None or k in ("axis", "initial")}
    if given.get("where") is True:
        del given["where"]
    if method == "outer":
        return _outer(ufunc, *inputs, **given)
    if method in ("reduce", "accumulate"):
        if ufunc is np.logaddexp and method == "reduce":
            return _logaddexp_reduce(*inputs, **given)
        if method == "accumulate" and ufunc in (np.maximum, np.minimum, np.logaddexp):
            return _checked(families.load_family("accumulated").accumulate, ufunc, *inputs, **given)
        function = SAME.get(getattr(ufunc, method))
        if function is not None:
            return function(*inputs, **{"axis": 0, **given})
    if method == "reduceat" and ufunc is np.add:
        return _checked(families.load_family("accumulated").add_reduceat, *inputs, **given)
    instead = INSTEAD.get(method, "write it with supported functions, or pass t.data")
    raise UnsupportedError(f"np.{ufunc.__name__}.{method} has no rule for a Tensor: {instead}")


def _checked(function: Callable[..., Any], *inputs: Any, **options: Any) -> Any:
    """A call whose options NumPy has not looked at."""
    for option in options.keys() - {"axis", "dtype"}:
        raise UnsupportedError(
            f"{option}=... is not supported for a Tensor: take what is returned, and join the "
            "entries that count with np.where or np.concatenate first"
        )
    return function(*inputs, **options)


def _outer(ufunc: np.ufunc, a: Any, b: Any, **options: Any) -> Any:
    """Every entry of `a` with every entry of `b`: their shapes one after the other."""
    spread = (1,) * np.ndim(value_of(b))
    return ufunc(np.reshape(a, np.shape(value_of(a)) + spread) if spread else a, b, **options)


def _logaddexp_reduce(a: Any, axis: Any = 0, keepdims: bool = False, **options: Any) -> Any:
    for option in options:
        raise UnsupportedError(
            f"np.logaddexp.reduce({option}=...) is not supported for a Tensor: join the entries "
            "that count with np.where or np.concatenate first"
        )
    return families.load_family("logarithmic").logaddexp_reduce(a, axis, keepdims=keepdims)
