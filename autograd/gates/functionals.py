"""Functions that call a function: on the parts of an array, along its axes, entry by entry."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd.eager import as_operand, value_of
from autograd.errors import OutOfRangeError, ShapeError, needs_numbers
from autograd.gates.copying import common_shape
from autograd.gates.indexing import index, placed
from autograd.gates.joining import array
from autograd.gates.movement import moveaxis
from autograd.gates.shapes import broadcast_to, in_dtype, transpose
from autograd.tensor import Tensor

__all__ = ["apply_along_axis", "apply_over_axes", "broadcast", "ndenumerate", "piecewise"]


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Tensor:
    """Functions of the entries where conditions hold: each sees its own entries alone.

    So nothing is computed, and no nan is made, where another branch was taken. The last condition
    that holds counts; where none does the result is 0, or that of one function more.

    Parameters
    ----------
    condlist : masks of the shape of `x`.
    funclist : for each a function ``f(entries, *args, **kw)``, or a number or Tensor.

    Raises ShapeError (a ValueError) where functions and conditions are not as many.

    >>> import autograd as ag
    >>> t = ag.Tensor([4.0, -1.0])
    >>> y = ag.piecewise(t, [t > 0, t <= 0], [ag.sqrt, lambda v: 3.0 * v])
    >>> y.sum().backward()
    >>> y.data, t.grad
    (array([ 2., -3.]), array([0.25, 3.  ]))
    """
    x = as_operand(x)
    if np.isscalar(condlist) or (not _is_mask(value_of(condlist[0])) and x.ndim != 0):
        condlist = [condlist]
    masks = [value_of(c) for c in condlist]
    if any(getattr(type(mask), "traced", False) for mask in masks):
        raise needs_numbers("np.piecewise")
    conditions = np.asarray(masks, dtype=bool)
    n = len(conditions)
    if len(funclist) == n + 1:
        conditions = np.concatenate([conditions, ~np.any(conditions, axis=0, keepdims=True)])
    elif len(funclist) != n:
        raise ShapeError(
            f"piecewise() expects a function for each of {n} conditions, or one more, and received "
            f"{len(funclist)}"
        )
    total: Any = np.zeros(x.shape, x.dtype)
    for k, (mask, function) in enumerate(zip(conditions, funclist, strict=False)):
        if not mask.any():
            continue
        mask = np.broadcast_to(mask, x.shape)
        counts = mask & ~np.any(conditions[k + 1 :], axis=0)
        part: Any = function
        if callable(function) and not isinstance(function, Tensor):
            part = function(index(x, mask), *args, **kw)
        part = as_operand(part)
        part = part.astype(x.dtype) if part.dtype != x.dtype else part
        part = broadcast_to(part, (int(mask.sum()),))
        total = total + placed(index(part, counts[mask]), counts, x.shape)
    total = total if type(total) is Tensor else broadcast_to(total, x.shape)
    return in_dtype(total, x.dtype)


def _is_mask(condition: Any) -> bool:
    """Whether it is a whole mask, not an entry of one."""
    traced = getattr(type(condition), "traced", False)
    return isinstance(condition, (list, np.ndarray)) or (traced and condition.ndim > 0)


def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any
) -> Any:
    """A function of rows, of each row along an axis: ``func1d(row, *args, **kwargs)``.

    What it returns takes the place of the axis. A row is a Tensor; where plain values come back
    for all of them, as of ``np.argmax``, the result is a plain array.

    Raises OutOfRangeError (an IndexError) for an axis that is not there, ShapeError (a ValueError)
    where there is no row.

    >>> import autograd as ag
    >>> t = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> ag.apply_along_axis(lambda row: row[0] * row[1], 1, t).data
    array([ 2., 12.])
    """
    arr = as_operand(arr)
    if not -arr.ndim <= axis < arr.ndim:
        raise OutOfRangeError(f"apply_along_axis of axis {axis} of an array of shape {arr.shape}")
    axis %= arr.ndim
    rest = arr.shape[:axis] + arr.shape[axis + 1 :]
    lanes = moveaxis(arr, axis, -1)
    results = [func1d(index(lanes, place), *args, **kwargs) for place in np.ndindex(rest)]
    if not results:
        raise ShapeError(f"apply_along_axis finds no row in an array of shape {arr.shape}")
    if not any(type(value) is Tensor for value in results):
        rows: Any = np.array([np.asarray(value) for value in results])
    else:
        rows = array([_entry(value) for value in results])
        kind = _entry(results[0]).dtype
        rows = in_dtype(rows, kind) if kind.char == rows.dtype.char else rows
    inner = rows.shape[1:]
    shaped: Any = np.reshape(rows, (*rest, *inner))
    n, k = len(rest), len(inner)
    order = (*range(axis), *range(n, n + k), *range(axis, n))
    return transpose(shaped, order) if type(shaped) is Tensor else shaped.transpose(order)


def _entry(value: Any) -> Any:
    return value if type(value) is Tensor else np.asarray(value)


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """A reduction ``func(a, axis)`` over several axes, one after the other; they stay.

    >>> import autograd as ag
    >>> t = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> ag.apply_over_axes(ag.sum, t, [0, 1]).data
    array([[10.]])
    """
    a = as_operand(a)
    n = a.ndim
    for axis in np.ravel(axes).tolist():
        axis = axis + n if axis < 0 else axis
        result = func(a, axis)
        if np.ndim(value_of(result)) != n:
            result = np.expand_dims(result, axis)
            if np.ndim(value_of(result)) != n:
                raise ShapeError("apply_over_axes() expects a function that returns one axis less")
        a = result
    return a


class Broadcast:
    """Arrays beside each other in the shape that they broadcast to: what `broadcast` returns.

    Attributes
    ----------
    shape, ndim, nd, size : of that shape.
    numiter : the number of arrays.
    """

    def __init__(self, arrays: tuple[Any, ...]) -> None:
        self._arrays = arrays
        self.shape = common_shape(arrays)
        self.ndim = self.nd = len(self.shape)
        self.size = math.prod(self.shape)
        self.numiter = len(arrays)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """The entries at each place, a tuple of one of each array; Tensors where those are."""
        spread = [broadcast_to(a, self.shape) for a in self._arrays]
        return (tuple(index(a, place) for a in spread) for place in np.ndindex(self.shape))


def broadcast(*args: Any) -> Broadcast:
    """Arrays beside each other in one shape: what `np.broadcast` is of arrays.

    >>> import autograd as ag
    >>> b = ag.broadcast(ag.Tensor([1.0, 2.0]), [[3.0], [4.0]])
    >>> b.shape, [(x * y).item() for x, y in b]
    ((2, 2), [3.0, 6.0, 4.0, 8.0])
    """
    return Broadcast(tuple(map(as_operand, args)))


def ndenumerate(arr: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    """Each place with the entry there, a Tensor: what `np.ndenumerate` is of an array.

    >>> import autograd as ag
    >>> [(place, entry.item()) for place, entry in ag.ndenumerate(ag.Tensor([1.0, 2.0]))]
    [((0,), 1.0), ((1,), 2.0)]
    """
    arr = as_operand(arr)
    return (
        (place, index(arr, place) if type(arr) is Tensor else arr[place])
        for place in np.ndindex(arr.shape)
    )


NUMPY: dict[Any, Any] = {
    np.apply_along_axis: apply_along_axis,
    np.apply_over_axes: apply_over_axes,
    np.piecewise: piecewise,
}
METHODS: dict[str, Any] = {}
