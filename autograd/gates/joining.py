"""Joining and splitting: parts to one array, and one array to parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.eager import apply, as_operand, value_of
from autograd.errors import DataError, OutOfRangeError, ShapeError
from autograd.gates.indexing import index
from autograd.gates.movement import atleast, shape_2d, shape_3d
from autograd.gates.primitives import primitive
from autograd.gates.registry import gate
from autograd.gates.shapes import concatenate, reshape
from autograd.tensor import Tensor

__all__ = [
    "append", "array", "array_split", "block", "column_stack", "dsplit", "dstack", "hsplit",
    "hstack", "split", "unstack", "vsplit", "vstack",
]  # fmt: skip


# ---- a node from nested lists


def shape_of(entry: Any) -> tuple[int, ...]:
    """As `np.shape`, and ten times as fast of a number."""
    return entry.shape if hasattr(entry, "shape") else np.shape(entry)


@primitive("array")
def assembled(*entries: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The entries, which lie in their order one after the other, as one array."""
    if all(type(e) is float or shape_of(e) == () for e in entries):
        return np.array(entries, dtype).reshape(shape)
    return np.concatenate([np.ravel(e) for e in entries], dtype=dtype).reshape(shape)


def assembled_vjp(g: Any, out: Any, *entries: Any, **settings: Any) -> list[Any]:
    """The upstream, cut into the entries' shapes."""
    flat: Any = np.reshape(g, (-1,))
    if all(type(e) is float or shape_of(e) == () for e in entries):
        numbers = type(flat) is not Tensor and all(type(e) is float for e in entries)
        return flat.tolist() if numbers else list(flat)
    parts, start = [], 0
    for shape in map(shape_of, entries):
        stop = start + math.prod(shape)
        parts.append(np.reshape(flat[start:stop], shape))
        start = stop
    return parts


_array = gate(
    assembled, name="array", symbol="array", rule="entries → each its own upstream",
    pattern="moves", vjp=assembled_vjp, linear="jointly",
)  # fmt: skip


def array(object: Any, dtype: Any = None) -> Tensor:
    """A node from nested lists of Tensors, arrays and numbers: one gate over all the entries.

    Lists nest as in NumPy, and a Tensor or array counts as the list that it could be written as.
    Where there is no Tensor the result is a leaf, as of ``Tensor(np.array(object))``.

    Parameters
    ----------
    object : Tensors, arrays, numbers, and lists and tuples of them.
    dtype : of floats; by default the one NumPy finds for the entries.

    Raises
    ------
    ShapeError (a ValueError): the lists are ragged; the message says where.
    DataError (a TypeError): an entry is not a real number, or a Tensor would become an integer.

    Examples
    --------
    >>> import autograd as ag
    >>> x, y = ag.Tensor(2.0), ag.Tensor(3.0)
    >>> t = ag.array([[x, 1.0], [x * y, y]])
    >>> t.data
    array([[2., 1.],
           [6., 3.]])
    >>> t.sum().backward()
    >>> x.grad, y.grad
    (4.0, 3.0)
    """
    entries: list[Any] = []
    shape = _collect(object, entries, "")
    if not any(type(e) is Tensor for e in entries):
        return Tensor(_assembled_constants(object, dtype))
    if dtype is not None and np.dtype(dtype).kind != "f":
        raise DataError(
            f"ag.array(dtype={np.dtype(dtype)}) would lose the Tensors' gradients: give a dtype of "
            "floats, or compute with t.data"
        )
    return apply(_array, tuple(entries), {"shape": shape, "dtype": dtype})


def _collect(nest: Any, entries: list[Any], place: str) -> tuple[int, ...]:
    """The shape of a nest, whose entries are appended in their order; checked."""
    if not isinstance(nest, (list, tuple)):
        entries.append(nest)
        return () if type(nest) in (float, int) else shape_of(nest)
    first: tuple[int, ...] = (0,)
    for i, part in enumerate(nest):
        shape = _collect(part, entries, f"{place}[{i}]")
        if i == 0:
            first = shape
        elif shape != first:
            raise ShapeError(
                f"ag.array() expects lists of equal lengths: the entry {place}[{i}] has shape "
                f"{shape}, and {place}[0] has {first}"
            )
    return (len(nest), *first) if nest else (0,)


def _assembled_constants(nest: Any, dtype: Any) -> Any:
    try:
        return np.array(nest, dtype)
    except (ValueError, TypeError) as error:
        raise DataError(f"ag.array() expects real numbers: {error}") from error


# ---- parts to one array


def _parts(arrays: Any) -> list[Any]:
    """The parts to be joined; constants among them as plain arrays."""
    parts = list(map(as_operand, arrays))
    if not parts:
        raise ShapeError("nothing to join: at least one array is needed")
    return parts


def hstack(tup: Sequence[Any], *, dtype: Any = None, casting: str = "same_kind") -> Tensor:
    """Arrays joined along the second axis; numbers and vectors along the first.

    `dtype` and `casting` as of `concatenate`.

    >>> import autograd as ag
    >>> ag.hstack([ag.Tensor([1.0, 2.0]), 3.0]).data
    array([1., 2., 3.])
    """
    parts = [atleast(a, a.shape or (1,)) for a in _parts(tup)]
    return concatenate(parts, 0 if parts[0].ndim == 1 else 1, dtype=dtype, casting=casting)


def vstack(tup: Sequence[Any], *, dtype: Any = None, casting: str = "same_kind") -> Tensor:
    """Arrays joined along the first axis; a vector counts as a row.

    `dtype` and `casting` as of `concatenate`.

    >>> import autograd as ag
    >>> ag.vstack([ag.Tensor([1.0, 2.0]), [3.0, 4.0]]).data
    array([[1., 2.],
           [3., 4.]])
    """
    parts = [atleast(a, shape_2d(a.shape)) for a in _parts(tup)]
    return concatenate(parts, 0, dtype=dtype, casting=casting)


def dstack(tup: Sequence[Any]) -> Tensor:
    """Arrays joined along the third axis; a vector counts as (1, n, 1), a matrix as (m, n, 1).

    >>> import autograd as ag
    >>> ag.dstack([ag.Tensor([1.0, 2.0]), [3.0, 4.0]]).shape
    (1, 2, 2)
    """
    return concatenate([atleast(a, shape_3d(a.shape)) for a in _parts(tup)], 2)


def column_stack(tup: Sequence[Any]) -> Tensor:
    """Vectors as the columns of a matrix; matrices are joined as they are.

    >>> import autograd as ag
    >>> ag.column_stack([ag.Tensor([1.0, 2.0]), [3.0, 4.0]]).data
    array([[1., 3.],
           [2., 4.]])
    """
    parts = [atleast(a, (*a.shape, 1, 1)[:2] if a.ndim < 2 else a.shape) for a in _parts(tup)]
    return concatenate(parts, 1)


def append(arr: Any, values: Any, axis: int | None = None) -> Tensor:
    """Values joined to the end of an array along an axis; both flattened where it is None.

    >>> import autograd as ag
    >>> ag.append(ag.Tensor([1.0, 2.0]), 3.0).data
    array([1., 2., 3.])
    """
    parts = _parts([arr, values])
    if axis is None:
        parts, axis = [atleast(a, (a.size,)) for a in parts], 0
    return concatenate(parts, axis)


def block(arrays: Any) -> Tensor:
    """An array from nested lists of blocks: the innermost are joined along the last axis.

    Raises `ShapeError` (a ValueError) where lists are empty or nest to different depths, or where
    the blocks do not fit together.

    >>> import autograd as ag
    >>> ag.block([[ag.Tensor([[1.0]]), 0.0], [0.0, 2.0]]).data
    array([[1., 0.],
           [0., 2.]])
    """
    depths: set[int] = set()
    ndim = _survey(arrays, 0, depths)
    if len(depths) != 1:
        raise ShapeError(f"block() expects lists nested to one depth, found {sorted(depths)}")
    joined = _joined(arrays, max(ndim, *depths))
    return joined if type(joined) is Tensor else reshape(joined, np.shape(joined))


def _survey(blocks: Any, depth: int, depths: set[int]) -> int:
    """The highest number of axes of a block; the depths at which blocks are found are added."""
    if isinstance(blocks, tuple):
        raise DataError("block() expects nested lists of blocks, and received a tuple")
    if not isinstance(blocks, list):
        depths.add(depth)
        return np.ndim(value_of(blocks))
    if not blocks:
        raise ShapeError("block() received an empty list")
    return max(_survey(b, depth + 1, depths) for b in blocks)


def _joined(blocks: Any, ndim: int) -> Any:
    """The blocks of a list joined along the axis that belongs to its depth."""
    if not isinstance(blocks, list):
        shape = np.shape(value_of(blocks))
        return atleast(blocks, (1,) * (ndim - len(shape)) + shape)
    height, inner = 1, blocks[0]
    while isinstance(inner, list):
        height, inner = height + 1, inner[0]
    return concatenate([_joined(b, ndim) for b in blocks], -height)


# ---- one array to parts


def _axis_of(ary: Any, axis: int, name: str) -> tuple[int, int]:
    """The axis counted from the first, and its length."""
    shape = np.shape(value_of(ary))
    if not -len(shape) <= axis < len(shape):
        raise OutOfRangeError(f"{name} along axis {axis} of an array of shape {shape}")
    return axis % len(shape), shape[axis]


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """Parts along an axis: a number of them, as equal as can be, or cut where numbers say.

    >>> import autograd as ag
    >>> [part.shape for part in ag.array_split(ag.Tensor([1.0, 2.0, 3.0, 4.0, 5.0]), 3)]
    [(2,), (2,), (1,)]
    """
    axis, n = _axis_of(ary, axis, "array_split")
    if np.ndim(indices_or_sections):
        cuts = [0, *(int(i) for i in indices_or_sections), n]
    else:
        sections = int(indices_or_sections)
        if sections < 1:
            raise ShapeError(f"the number of sections must be at least 1, received {sections}")
        length, extra = divmod(n, sections)
        cuts = [i * length + min(i, extra) for i in range(sections + 1)]
    lead = (slice(None),) * axis
    return [index(ary, (*lead, slice(start, stop))) for start, stop in pairwise(cuts)]


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """Parts along an axis: a number of equal ones, or cut where numbers say.

    Raises `ShapeError` (a ValueError) where equal parts are not possible.

    >>> import autograd as ag
    >>> [part.data for part in ag.split(ag.Tensor([1.0, 2.0, 3.0]), [1])]
    [array([1.]), array([2., 3.])]
    """
    _, n = _axis_of(ary, axis, "split")
    if not np.ndim(indices_or_sections) and indices_or_sections > 0 and n % indices_or_sections:
        raise ShapeError(
            f"split into {indices_or_sections} equal parts of an axis of length {n}: "
            "ag.array_split allows parts that differ"
        )
    return array_split(ary, indices_or_sections, axis)


def _split_from(ary: Any, ndim: int, name: str) -> int:
    """The number of axes; at least so many."""
    n = np.ndim(value_of(ary))
    if n < ndim:
        raise ShapeError(f"{name} expects an array of {ndim} axes or more, received {n}")
    return n


def hsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Parts along the second axis; of a vector, along its only one.

    >>> import autograd as ag
    >>> [part.data for part in ag.hsplit(ag.Tensor([1.0, 2.0, 3.0, 4.0]), 2)]
    [array([1., 2.]), array([3., 4.])]
    """
    return split(ary, indices_or_sections, 1 if _split_from(ary, 1, "hsplit") > 1 else 0)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Parts along the first axis of a matrix or more.

    >>> import autograd as ag
    >>> [part.data for part in ag.vsplit(ag.Tensor([[1.0], [2.0]]), 2)]
    [array([[1.]]), array([[2.]])]
    """
    _split_from(ary, 2, "vsplit")
    return split(ary, indices_or_sections, 0)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Tensor]:
    """Parts along the third axis.

    >>> import autograd as ag
    >>> [part.data for part in ag.dsplit(ag.Tensor([[[1.0, 2.0]]]), 2)]
    [array([[[1.]]]), array([[[2.]]])]
    """
    _split_from(ary, 3, "dsplit")
    return split(ary, indices_or_sections, 2)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, one by one: what `stack` joins.

    >>> import autograd as ag
    >>> [part.data for part in ag.unstack(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)]
    [array([1., 3.]), array([2., 4.])]
    """
    axis, n = _axis_of(x, axis, "unstack")
    lead = (slice(None),) * axis
    return tuple(index(x, (*lead, i)) for i in range(n))


NUMPY = {
    np.append: append,
    np.array_split: array_split,
    np.block: block,
    np.column_stack: column_stack,
    np.dsplit: dsplit,
    np.dstack: dstack,
    np.hsplit: hsplit,
    np.hstack: hstack,
    np.split: split,
    np.vsplit: vsplit,
    np.vstack: vstack,
}
if hasattr(np, "unstack"):  # since NumPy 2.1
    NUMPY[np.unstack] = unstack
METHODS: dict[str, Any] = {}
