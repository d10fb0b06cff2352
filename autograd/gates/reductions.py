"""Reductions: many entries to one; backward, one gradient is spread over many."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array, as_dtype
from autograd.eager import apply, value_of
from autograd.errors import DataError, UnsupportedError
from autograd.gates.registry import gate
from autograd.gates.routing import chosen
from autograd.tensor import Tensor, describe

__all__ = ["mean", "sum"]

SINGLE = np.dtype(np.float32)


# ---- what every reduction shares


def settings_of_reduction(axis: Any, keepdims: bool) -> dict[str, Any]:
    """The settings that every reduction has."""
    return {"axis": axis, "keepdims": keepdims}


def options(name: str, *, out: Any, **given: Any) -> dict[str, Any]:
    """The settings beyond axis and keepdims that were given: dtype, initial, where.

    Raises UnsupportedError where NumPy would write into an array, DataError where the result would
    not be of floats.
    """
    if out is not None:
        raise UnsupportedError(
            f"{name}(out=...) is not supported: a Tensor cannot be written into; take the result "
            "that is returned"
        )
    chosen = {
        key: without_gradient(name, key, value) for key, value in given.items() if value is not None
    }
    if chosen.get("where") is True:
        del chosen["where"]
    if "dtype" in chosen:
        chosen["dtype"] = dtype = as_dtype(chosen["dtype"])
        if dtype.kind != "f":
            raise DataError(
                f"{name}(dtype=...) expects a dtype of floats, which alone have a gradient, and "
                f"received {dtype}: write np.{name}(t.data, dtype=...) for its value"
            )
    return chosen


def without_gradient(name: str, key: str, value: Any) -> Any:
    """The value of an argument that no gradient flows to; a Tensor that wants one is refused."""
    if type(value) is Tensor and value.requires_grad:
        raise UnsupportedError(
            f"{name}({key}=...) is a constant, and {describe(value)} wants a gradient: pass its "
            "value, t.data"
        )
    return value_of(value)


def reduced_axes(ndim: int, axis: Any) -> set[int]:
    """The axes that a reduction runs over, counted from the first."""
    if axis is None or not ndim:
        return set(range(ndim))
    return {a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))}


def kept(reduced: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """What was reduced over `axis`, shaped so that it broadcasts against `a`."""
    shape = np.shape(a)
    if keepdims or not shape:
        return reduced
    axes = reduced_axes(len(shape), axis)
    return np.reshape(reduced, tuple(1 if i in axes else n for i, n in enumerate(shape)))


def spread(g: Any, a: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
    """A gradient of a reduction of `a`, repeated over what was reduced, 0 where it was not."""
    g = kept(g, a, axis, keepdims)
    return np.broadcast_to(g if where is True else chosen(g, where), np.shape(a))


def wide(a: Any) -> Any:
    """Half precision, whose largest number is 65,504, as float32: to add up and to count in."""
    return a.astype(SINGLE) if is_half(a) else a


def is_half(a: Any) -> bool:
    """Whether these are numbers of half precision, in either byte order."""
    return hasattr(a, "dtype") and a.dtype.char == "e"


def tally(mask: Any, axis: Any, keepdims: bool, dtype: Any) -> Any:
    """How many of a mask hold, as floats that can tell: at least float32, in native byte order.

    Counted in integers: in a sum of floats, one more is lost from some number on.
    """
    n = np.sum(mask, axis=axis, keepdims=keepdims, dtype=np.int64)
    return n.astype(np.result_type(dtype, SINGLE))


def count(a: Any, axis: Any, where: Any = True, keepdims: bool = True) -> Any:
    """How many entries are reduced into one: a float, or an array where `where` chooses them."""
    shape = np.shape(a)
    if where is True:
        return float(math.prod(shape[i] for i in reduced_axes(len(shape), axis)))
    chosen = np.broadcast_to(where, shape)
    return tally(chosen, axis, keepdims, getattr(a, "dtype", None) or float)


# ---- sum and mean


def sum_vjp(
    g: Any, out: Any, a: Any, axis: Any, keepdims: bool, where: Any = True, **others: Any
) -> Any:
    """The upstream for each entry that was added."""
    return spread(g, a, axis, keepdims, where)


def sum_jvp(tangents: Any, out: Any, a: Any, initial: Any = None, **settings: Any) -> Any:
    """The sum of the tangents; `initial` has none."""
    return np.sum(tangents[0], **settings)


# Not np.sum, which spends more on its arguments than a small array takes to add up.
_sum = gate(
    np.add.reduce, name="sum", symbol="Σ", rule="Σx → 1 for each", pattern="copies",
    vjp=(sum_vjp,), jvp=sum_jvp, linear="jointly",
)  # fmt: skip


def average(a: Any, axis: Any, keepdims: bool, dtype: Any = None, where: Any = True) -> Any:
    """np.mean, by the method, which is faster."""
    array: Any = as_array(a)
    if array is a and type(a) is not np.ndarray:  # of a program
        masked = {} if where is True else {"where": where}
        return np.mean(array, axis=axis, dtype=dtype, keepdims=keepdims, **masked)
    return array.mean(axis, dtype, None, keepdims, where=where)


def mean_vjp(
    g: Any, out: Any, a: Any, axis: Any, keepdims: bool, where: Any = True, **others: Any
) -> Any:
    """The upstream over the number of entries that were averaged."""
    n = count(a, axis, where)
    if where is True:
        return spread(wide(g) / (n or math.nan), a, axis, keepdims)
    return spread(kept(g, a, axis, keepdims) / n, a, axis, True, where)


def mean_jvp(
    tangents: Any, out: Any, a: Any, axis: Any, keepdims: bool, where: Any = True, **others: Any
) -> Any:
    """The mean of the tangents; that of nothing is 0: nothing can be moved."""
    masked = {} if where is True else {"where": where}
    if masked or not count(a, axis):
        n = np.maximum(count(a, axis, where, keepdims), 1.0)
        return np.sum(wide(tangents[0]), axis=axis, keepdims=keepdims, **masked) / n
    return np.mean(tangents[0], axis=axis, keepdims=keepdims, **others)


_mean = gate(
    average, name="mean", symbol="mean", rule="Σx/n → 1/n for each", pattern="copies",
    vjp=(mean_vjp,), jvp=mean_jvp, linear="jointly",
)  # fmt: skip


def sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Tensor:
    """The sum over all axes or those named; its gradient is a copy of the upstream for each entry.

    Parameters
    ----------
    axis : an axis, a tuple of them, or None for all.
    dtype : floats to add up in and to return.
    keepdims : whether reduced axes stay, with length 1.
    initial : a number that the sum starts from.
    where : a mask that broadcasts against `a`: entries where it is False are left out.

    Raises UnsupportedError (a TypeError) for `out`, OutOfRangeError for an axis that is not there.

    >>> import autograd as ag
    >>> t = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> ag.sum(t, axis=0).backward(gradient=[1.0, 10.0])
    >>> t.grad
    array([[ 1., 10.],
           [ 1., 10.]])
    """
    settings = {"axis": axis, "keepdims": keepdims}
    if where is not True or dtype is not None or initial is not None or out is not None:
        settings |= options("sum", out=out, dtype=dtype, initial=initial, where=where)
    return apply(_sum, (a,), settings)


def mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Tensor:
    """The mean over all axes or those named; arguments and errors as of `sum`.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0, 3.0, 6.0])
    >>> m = ag.mean(t)
    >>> m.backward()
    >>> m.data, t.grad
    (array(3.), array([0.25, 0.25, 0.25, 0.25]))
    """
    settings = {"axis": axis, "keepdims": keepdims}
    if where is not True or dtype is not None or out is not None:
        settings |= options("mean", out=out, dtype=dtype, where=where)
    return apply(_mean, (a,), settings)


NUMPY = {np.sum: sum, np.mean: mean}
METHODS = {"sum": sum, "mean": mean}
