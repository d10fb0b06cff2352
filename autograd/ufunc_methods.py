"""The methods of NumPy's elementwise functions: `np.add.reduce`, `np.multiply.outer`, and the like.

Each is a supported function under another name, so none needs a rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd import families
from autograd.eager import value_of
from autograd.errors import UnsupportedError

__all__ = ["ufunc_method"]

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
            return _checked(families.load("accumulated").accumulate, ufunc, *inputs, **given)
        function = SAME.get(getattr(ufunc, method))
        if function is not None:
            return function(*inputs, **{"axis": 0, **given})
    if method == "reduceat" and ufunc is np.add:
        return _checked(families.load("accumulated").add_reduceat, *inputs, **given)
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
    return families.load("logarithmic").logaddexp_reduce(a, axis, keepdims=keepdims)
