"""NumPy speaks Tensor: `np.exp(t)`, `np.sum(t, axis=0)` and `array * t` make gates.

Each NumPy function stands in one table beside the function that records it. What gives booleans,
integers or a shape works on values; whatever else NumPy calls with a Tensor is refused at the call.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd.eager import explain, value_of
from autograd.errors import AutogradError, UnsupportedError
from autograd.families import FROM_NUMPY, load_all
from autograd.keywords import refuse
from autograd.tensor import Tensor
from autograd.ufunc_methods import ufunc_method

__all__ = ["VALUES", "array_function", "array_ufunc"]

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
