"""What a node can hold: Python floats and arrays of real numbers; anything else is refused.

An array that one list or local variable alone refers to is nobody's but ours, and may be written
over, as NumPy does with temporaries. What the count is for such an array depends on how the
interpreter calls functions, so it is measured on one.
"""

from __future__ import annotations

import sys
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

__all__ = [
    "ALONE_AS_LOCAL", "ALONE_WITH_LOCAL", "as_array", "as_data", "as_dtype", "as_real", "as_result",
    "brief", "check_differentiable", "getrefcount", "is_number", "is_traced", "no_tensor",
    "to_float",
]  # fmt: skip


def as_data(value: Any, dtype: DTypeLike | None) -> Any:
    """`value` as a node keeps it: a Python float, or an array of real numbers."""
    kind = type(value)
    if getattr(kind, "traced", False):
        return value if dtype is None else value.astype(as_dtype(dtype), copy=False)
    if dtype is None:
        if kind is float:
            return value
        if kind is int or kind is bool:
            return to_float(value)
    if value is None or isinstance(value, (str, bytes, dict, set)):
        raise DataError(f"data must be numbers, received {brief(value)}")
    if isinstance(value, np.ma.MaskedArray):
        raise DataError(
            "data must be a plain array, received a masked one, whose mask would be lost: "
            "write a.filled(value)"
        )
    if isinstance(value, np.matrix):  # it leaves its * to what stands beside it
        raise DataError(
            "data must be a plain array, received a matrix, whose * is a matrix product and would "
            "be one by entries: write np.asarray(m), and @ for the product"
        )
    try:
        array = np.asarray(value)
    except DataError:
        if not isinstance(value, (list, tuple)):  # a Tensor
            raise
        raise DataError(
            "data must be numbers, received a list that holds Tensors: "
            "write np.stack([t, u]), or ag.array(...) for nested lists of Tensors and numbers"
        ) from None
    except (ValueError, TypeError, RuntimeError) as error:
        from autograd.strangers import way_here

        why = way_here(value) or error
        raise DataError(f"data must be numbers, received {brief(value)}: {why}") from error
    if array.dtype.kind not in "fiub":
        hint = ""
        if array.dtype.kind == "c":
            hint = ": complex data are not supported, write the real and imaginary parts apart"
        raise DataError(
            f"data must be real numbers, received {brief(value)} of dtype {array.dtype}{hint}"
        )
    return array if dtype is None else array.astype(as_dtype(dtype), copy=False)


def no_tensor(caller: str, value: Any) -> DataError:
    """The error of what takes a Tensor alone, for anything else."""
    from autograd.strangers import way_here

    why = way_here(value)
    return DataError(f"{caller} expects a Tensor and received {value!r}{why and f': {why}'}")


def as_array(value: Any) -> Any:
    """The value as an array; one that `compile` traces as it is."""
    return value if getattr(type(value), "traced", False) else np.asarray(value)


def as_real(name: str, key: str, value: Any) -> float:
    """A setting of a function as a float; raises DataError (a TypeError) for what is no number."""
    if isinstance(value, (int, float, np.integer, np.floating)):
        return float(value)
    raise DataError(f"{name}({key}=...) expects a number, and received {brief(value)}")


def is_traced(value: Any) -> bool:
    """Whether `compile` traces it, so that its numbers are not known."""
    return getattr(type(value), "traced", False)


def as_result(name: str, value: Any) -> Any:
    """What the function of the gate `name` returned, as an array; a traced one as it is."""
    array = as_array(value)
    if isinstance(value, np.generic) or array is value or array.dtype.kind in "fiub":
        return array
    raise DataError(f"{name} must return real numbers, and returned {brief(value)}")


def is_number(value: Any) -> bool:
    """Whether it is the value of a scalar node: a Python float, or a traced one."""
    return type(value) is float or getattr(value, "weak", False)


def as_dtype(dtype: DTypeLike) -> np.dtype:
    """A dtype of real numbers, as NumPy understands what was written."""
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError) as error:
        raise DataError(f"dtype must be one of real numbers, received {dtype!r}") from error
    if found.kind not in "fiub":
        raise DataError(f"dtype must be one of real numbers, received {found}")
    return found


def check_differentiable(data: Any, name: str | None) -> None:
    """Raise where integers or booleans would want a gradient."""
    if type(data) is not float and data.dtype.kind != "f":
        known = "" if name is None else f" of {name!r}"
        raise DataError(
            f"the data{known} are of dtype {data.dtype}, and only floats have a gradient: write "
            "[1.0, 2.0] instead of [1, 2], pass dtype=float, or requires_grad=False"
        )


def to_float(value: int) -> float:
    """A Python integer as the nearest float, infinite past the largest one."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def brief(value: Any) -> str:
    """The type of something and what it shows, in one short line."""
    text = " ".join(repr(value).split())
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def _as_local() -> int:
    item = object()
    return getrefcount(item)


ALONE_AS_LOCAL = _as_local()
"""`getrefcount` of a local variable, where nothing else refers to the object."""


def _beside_local() -> int:
    items = [object()]
    item = items[0]
    return getrefcount(item)


ALONE_WITH_LOCAL = _beside_local()
"""`getrefcount` of a local variable that one attribute or item refers to as well."""

if not getattr(sys, "_is_gil_enabled", lambda: True)():
    ALONE_AS_LOCAL = ALONE_WITH_LOCAL = -1  # beside other threads, counts of references say little
