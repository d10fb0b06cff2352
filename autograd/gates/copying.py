"""Copying: the same entries several times; backward, the gradients of all copies are summed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.data import is_number
from autograd.eager import apply, value_of
from autograd.errors import DataError, ShapeError
from autograd.gates.indexing import index, placed
from autograd.gates.registry import gate
from autograd.gates.shapes import astype, broadcast_to, in_dtype, reshape
from autograd.tensor import Tensor

__all__ = ["broadcast_arrays", "copy", "full_like", "meshgrid", "repeat", "resize", "tile"]

_copy = gate(
    lambda a: a if is_number(a) else np.copy(a), name="copy", symbol="=", rule="x → 1",
    pattern="copies", vjp=(lambda g, out, a: g,), linear="jointly",
)  # fmt: skip


def tile_vjp(g: Any, out: Any, a: Any, reps: tuple[int, ...]) -> Any:
    """The sum over the copies."""
    shape = np.shape(a)
    n = max(len(shape), len(reps))
    lengths = (1,) * (n - len(shape)) + shape
    times = (1,) * (n - len(reps)) + reps
    pairs = [k for pair in zip(times, lengths, strict=True) for k in pair]
    return np.reshape(np.sum(np.reshape(g, pairs), axis=tuple(range(0, 2 * n, 2))), shape)


_tile = gate(
    np.tile, name="tile", symbol="tile", rule="copies → their sum", pattern="copies",
    vjp=(tile_vjp,), linear="jointly",
)  # fmt: skip


def repeat_vjp(g: Any, out: Any, a: Any, repeats: Any, axis: int | None) -> Any:
    """The sum over the repetitions of each entry."""
    shape = np.shape(a)
    lengths = (math.prod(shape),) if axis is None or not shape else shape
    along = 0 if axis is None else axis % len(lengths)
    n = lengths[along]
    if not isinstance(repeats, tuple):
        blocks = np.reshape(g, (*lengths[:along], n, repeats, *lengths[along + 1 :]))
        # Over a short last axis a product with ones is ten times as fast as a sum.
        last = along + 1 == len(lengths)
        total = blocks @ np.ones(repeats, g.dtype) if last else np.sum(blocks, axis=along + 1)
        return np.reshape(total, shape)
    key = (slice(None),) * along + (np.repeat(np.arange(n), repeats),)
    return np.reshape(placed(g, key, lengths), shape)


_repeat = gate(
    np.repeat, name="repeat", symbol="repeat", rule="repetitions → their sum", pattern="copies",
    vjp=(repeat_vjp,), linear="jointly",
)  # fmt: skip


def copy(a: Any) -> Tensor:
    """The same value in memory of its own; the gradient comes back unchanged.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0])
    >>> ag.copy(t).data is t.data
    False
    """
    return apply(_copy, (a,))


def tile(A: Any, reps: Any) -> Tensor:
    """The whole array repeated, `reps` times along each axis; backward, the copies are summed.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0])
    >>> ag.tile(t, 2).data
    array([1., 2., 1., 2.])
    """
    return apply(_tile, (A,), {"reps": tuple(np.ravel(value_of(reps)).tolist())})


def repeat(a: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Each entry repeated, along an axis or of all flattened; backward, repetitions are summed.

    `repeats` is a number, or one number for each entry of the axis.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0])
    >>> ag.repeat(t, [2, 1]).sum().backward()
    >>> t.grad
    array([2., 1.])
    """
    repeats = np.ravel(value_of(repeats)).tolist()
    repeats = repeats[0] if len(repeats) == 1 else tuple(repeats)
    return apply(_repeat, (a,), {"repeats": repeats, "axis": axis})


def resize(a: Any, new_shape: Any) -> Tensor:
    """The entries, in order and from the start again, until a new shape is full.

    >>> import autograd as ag
    >>> ag.resize(ag.Tensor([1.0, 2.0, 3.0]), (2, 2)).data
    array([[1., 2.],
           [3., 1.]])
    """
    n = np.size(value_of(a))
    try:
        places = np.resize(np.arange(n), new_shape)
    except ValueError as error:
        raise ShapeError(f"resize to {new_shape}: {error}") from error
    row = reshape(a, (-1,))
    if n and places.size:  # NumPy joins copies, which makes the byte order the machine's
        return in_dtype(index(row, places), row.dtype.newbyteorder("="))
    return in_dtype(broadcast_to(0.0 * np.sum(row), places.shape), row.dtype)


def common_shape(arrays: Sequence[Any]) -> tuple[int, ...]:
    """The shape that arrays broadcast to."""
    shapes = [np.shape(value_of(a)) for a in arrays]
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise ShapeError(f"shapes {shapes} do not broadcast together: {error}") from error


def broadcast_arrays(*args: Any) -> tuple[Tensor, ...]:
    """All in the shape that they broadcast to; backward, what was repeated is summed.

    >>> import autograd as ag
    >>> a, b = ag.broadcast_arrays(ag.Tensor([1.0, 2.0]), [[1.0], [2.0]])
    >>> a.shape, b.shape
    ((2, 2), (2, 2))
    """
    shape = common_shape(args)
    return tuple(broadcast_to(a, shape) for a in args)


def meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Tensor, ...]:
    """Coordinate vectors spread over the grid that they span, one array a coordinate.

    With indexing="xy" the first coordinate runs along the second axis, with "ij" along the first;
    `sparse` leaves them in shapes that broadcast to the grid. `copy` is there for NumPy's sake.

    >>> import autograd as ag
    >>> x, y = ag.meshgrid(ag.Tensor([1.0, 2.0]), [3.0, 4.0, 5.0])
    >>> x.shape, y.data[:, 0]
    ((3, 2), array([3., 4., 5.]))
    """
    if indexing not in ("xy", "ij"):
        raise ShapeError(f"meshgrid(indexing=...) expects 'xy' or 'ij', received {indexing!r}")
    axes = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        axes[:2] = 1, 0
    grids = [
        reshape(x, tuple(-1 if i == axis else 1 for i in range(len(xi))))
        for x, axis in zip(xi, axes, strict=True)
    ]
    return tuple(grids) if sparse else broadcast_arrays(*grids) if grids else ()


def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    *,
    shape: Any = None,
) -> Tensor:
    """An array like `a` filled with a value: a plain array, or a node where the value is a Tensor.

    Raises `DataError` (a TypeError) where integers would have to hold a Tensor's value.

    >>> import autograd as ag
    >>> x = ag.Tensor(2.0)
    >>> ag.full_like([0.0, 0.0], x).sum().backward()
    >>> x.grad
    2.0
    """
    like = np.empty_like(value_of(a), dtype=dtype, order=order, subok=subok, shape=shape)  # type: ignore[call-overload]  # NumPy's stubs list the letters
    if type(fill_value) is not Tensor:
        return np.full_like(like, fill_value)
    if like.dtype.kind != "f":
        raise DataError(
            f"full_like of dtype {like.dtype} would lose the gradient of its fill value: "
            "pass dtype=float"
        )
    return broadcast_to(astype(fill_value, like.dtype), like.shape)


NUMPY = {
    np.broadcast_arrays: broadcast_arrays,
    np.copy: copy,
    np.full_like: full_like,
    np.meshgrid: meshgrid,
    np.repeat: repeat,
    np.resize: resize,
    np.tile: tile,
}
METHODS = {"copy": copy, "repeat": repeat}
