"""Moving: the same entries in another shape or order; backward, the upstream takes the way back.

Each gate's forward is NumPy's own function, a view where NumPy makes a view.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.eager import apply, as_operand, explain, value_of
from autograd.errors import UnsupportedError
from autograd.gates.registry import gate
from autograd.gates.shapes import reshape
from autograd.tensor import Tensor

__all__ = [
    "atleast_1d", "atleast_2d", "atleast_3d", "expand_dims", "flip", "fliplr", "flipud", "ix_",
    "matrix_transpose", "moveaxis", "ravel", "roll", "rollaxis", "rot90", "squeeze", "swapaxes",
]  # fmt: skip

MOVES = "same entries → same entries"


def reshape_back(g: Any, out: Any, a: Any, **settings: Any) -> Any:
    """The upstream in the operand's shape."""
    return np.reshape(g, np.shape(a))


_squeeze = gate(
    np.squeeze, name="squeeze", symbol="squeeze", rule=MOVES, pattern="moves",
    vjp=(reshape_back,), linear="jointly",
)  # fmt: skip

_expand_dims = gate(
    np.expand_dims, name="expand_dims", symbol="expand", rule=MOVES, pattern="moves",
    vjp=(reshape_back,), linear="jointly",
)  # fmt: skip

_swapaxes = gate(
    np.swapaxes, name="swapaxes", symbol="swap", rule="axes swapped → swapped back",
    pattern="moves",
    vjp=(lambda g, out, a, axis1, axis2: np.swapaxes(g, axis1, axis2),), linear="jointly",
)  # fmt: skip

_moveaxis = gate(
    np.moveaxis, name="moveaxis", symbol="move axis", rule="axes moved → moved back",
    pattern="moves",
    vjp=(lambda g, out, a, source, destination: np.moveaxis(g, destination, source),),
    linear="jointly",
)  # fmt: skip

_flip = gate(
    np.flip, name="flip", symbol="flip", rule="order reversed → reversed back", pattern="moves",
    vjp=(lambda g, out, a, axis: np.flip(g, axis),), linear="jointly",
)  # fmt: skip

_rot90 = gate(
    np.rot90, name="rot90", symbol="rot90", rule="turned → turned back", pattern="moves",
    vjp=(lambda g, out, a, k, axes: np.rot90(g, -k, axes),), linear="jointly",
)  # fmt: skip


def roll_back(g: Any, out: Any, a: Any, shift: Any, axis: Any) -> Any:
    """The upstream, rolled the other way."""
    back = tuple(-n for n in shift) if isinstance(shift, tuple) else -shift
    return np.roll(g, back, axis)


_roll = gate(
    np.roll, name="roll", symbol="roll", rule="rolled → rolled back", pattern="moves",
    vjp=(roll_back,), linear="jointly",
)  # fmt: skip


def ravel(a: Any, order: str = "C") -> Tensor:
    """All entries along one axis, the last axis running fastest (the first with order="F").

    >>> import autograd as ag
    >>> ag.ravel(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).data
    array([1., 2., 3., 4.])
    """
    return reshape(a, (-1,), order)


def squeeze(a: Any, axis: Any = None) -> Tensor:
    """Without the axes of length 1: all, or those named.

    Raises `ShapeError` (a ValueError) for a named axis of another length.

    >>> import autograd as ag
    >>> ag.squeeze(ag.Tensor([[[1.0], [2.0]]]), axis=0).shape
    (2, 1)
    """
    return apply(_squeeze, (a,), {"axis": axis})


def expand_dims(a: Any, axis: Any) -> Tensor:
    """With new axes of length 1, where `axis` (a number or several) counts in the result.

    >>> import autograd as ag
    >>> ag.expand_dims(ag.Tensor([1.0, 2.0]), axis=(0, -1)).shape
    (1, 2, 1)
    """
    return apply(_expand_dims, (a,), {"axis": axis})


def swapaxes(a: Any, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged.

    >>> import autograd as ag
    >>> ag.swapaxes(ag.Tensor([[[1.0, 2.0, 3.0]]]), 0, -1).shape
    (3, 1, 1)
    """
    return apply(_swapaxes, (a,), {"axis1": axis1, "axis2": axis2})


def moveaxis(a: Any, source: Any, destination: Any) -> Tensor:
    """Axes moved to other places; the rest keep their order.

    >>> import autograd as ag
    >>> ag.moveaxis(ag.broadcast_to(ag.Tensor(1.0), (2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    return apply(_moveaxis, (a,), {"source": source, "destination": destination})


def rollaxis(a: Any, axis: int, start: int = 0) -> Tensor:
    """One axis moved to lie before `start`; `moveaxis` says the same more plainly.

    >>> import autograd as ag
    >>> ag.rollaxis(ag.broadcast_to(ag.Tensor(1.0), (2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    n = np.ndim(value_of(a))
    if -n <= start <= n and -n <= axis < n:
        start += n if start < 0 else 0
        return moveaxis(a, axis, start - 1 if axis % n < start else start)
    return moveaxis(a, axis, start)  # which says what is out of range


def matrix_transpose(x: Any, /) -> Tensor:
    """The last two axes swapped.

    >>> import autograd as ag
    >>> ag.matrix_transpose(ag.Tensor([[[1.0, 2.0, 3.0]]])).shape
    (1, 3, 1)
    """
    return swapaxes(x, -1, -2)


def flip(m: Any, axis: Any = None) -> Tensor:
    """The entries in reverse order, along all axes or those named.

    >>> import autograd as ag
    >>> ag.flip(ag.Tensor([1.0, 2.0, 3.0])).data
    array([3., 2., 1.])
    """
    return apply(_flip, (m,), {"axis": axis})


def flipud(m: Any) -> Tensor:
    """The rows (the first axis) in reverse order.

    >>> import autograd as ag
    >>> ag.flipud(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).data
    array([[3., 4.],
           [1., 2.]])
    """
    return flip(m, 0)


def fliplr(m: Any) -> Tensor:
    """The columns (the second axis) in reverse order.

    >>> import autograd as ag
    >>> ag.fliplr(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).data
    array([[2., 1.],
           [4., 3.]])
    """
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by 90 degrees `k` times, from the first of two axes towards the second.

    >>> import autograd as ag
    >>> ag.rot90(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).data
    array([[2., 4.],
           [1., 3.]])
    """
    return apply(_rot90, (m,), {"k": k, "axes": tuple(axes)})


def roll(a: Any, shift: Any, axis: Any = None) -> Tensor:
    """The entries shifted along an axis (or several, each by its shift), round the end.

    >>> import autograd as ag
    >>> ag.roll(ag.Tensor([1.0, 2.0, 3.0]), 1).data
    array([3., 1., 2.])
    """
    shift = value_of(shift)
    shift = tuple(np.ravel(shift).tolist()) if np.ndim(shift) else shift
    return apply(_roll, (a,), {"shift": shift, "axis": axis})


def atleast(a: Any, shape: tuple[int, ...]) -> Any:
    """`a` in a shape that differs from its own by axes of length 1; itself where it has it.

    A constant stays a plain array.
    """
    if type(a) is not Tensor:
        return np.reshape(a, shape)
    return a if type(a._value) is not float and a.shape == shape else reshape(a, shape)


def shape_2d(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with axes before it, up to two."""
    return (1,) * (2 - len(shape)) + shape


def shape_3d(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with an axis after it, and one before it if needed, up to three."""
    return shape if len(shape) > 2 else (*shape_2d(shape), 1) if shape else (1, 1, 1)


def each(arrays: Sequence[Any], widen: Any) -> Any:
    """Each array in its wider shape, as one Tensor or as a tuple of them."""
    shapes = [widen(np.shape(value_of(a))) for a in arrays]
    pairs = zip(arrays, shapes, strict=True)
    widened = tuple(
        atleast(a, shape) if type(a) is Tensor else reshape(a, shape) for a, shape in pairs
    )
    return widened[0] if len(widened) == 1 else widened


def atleast_1d(*arys: Any) -> Tensor | Any:
    """A single number as an array of one entry; a tuple where several are given.

    >>> import autograd as ag
    >>> ag.atleast_1d(ag.Tensor(2.0)).shape
    (1,)
    """
    return each(arys, lambda shape: shape or (1,))


def atleast_2d(*arys: Any) -> Tensor | Any:
    """With axes of length 1 in front, up to two; a tuple where several are given.

    >>> import autograd as ag
    >>> ag.atleast_2d(ag.Tensor([1.0, 2.0])).shape
    (1, 2)
    """
    return each(arys, shape_2d)


def atleast_3d(*arys: Any) -> Tensor | Any:
    """A vector as (1, n, 1), a matrix as (m, n, 1); a tuple where several are given.

    >>> import autograd as ag
    >>> ag.atleast_3d(ag.Tensor([1.0, 2.0])).shape
    (1, 2, 1)
    """
    return each(arys, shape_3d)


def ix_(*args: Any) -> tuple[Any, ...]:
    """Rows of numbers along an axis each, which broadcast to the grid of them all.

    Whole numbers and masks are plain arrays of indices, as NumPy's are; a Tensor of floats keeps
    its gradient.

    >>> import autograd as ag
    >>> x, y = ag.ix_(ag.Tensor([1.0, 2.0]), [10, 20, 30])
    >>> (x + y).shape, y.shape
    ((2, 3), (1, 3))
    """
    rows = [as_operand(a) if isinstance(a, (list, tuple)) else a for a in args]
    kept = [type(a) is Tensor and a.dtype.kind == "f" and a.size > 0 for a in rows]
    plain = [
        np.empty(a.shape) if keeps else value_of(a) for a, keeps in zip(rows, kept, strict=True)
    ]
    try:
        grid = np.ix_(*plain)
    except ValueError as error:  # of what is no row
        raise explain("ix_", tuple(args), None, error) from error
    return tuple(
        reshape(a, indices.shape) if keeps else indices
        for a, keeps, indices in zip(rows, kept, grid, strict=True)
    )


def _flat(a: Tensor) -> Tensor:
    return ravel(a)


def _tolist(a: Tensor) -> Any:
    """The values as nested lists of Python floats, outside the graph."""
    return a.data if type(a.data) is float else a.data.tolist()


def _nonzero(a: Tensor) -> Any:
    """The places of entries that are not zero, as plain arrays of indices, one an axis."""
    return np.nonzero(a.data)


def _in_place(name: str) -> Any:
    def refuse(a: Tensor, *args: Any, **kwargs: Any) -> None:
        raise UnsupportedError(
            f"t.{name}(...) would write into a Tensor, and its gates would see other values: "
            "write ag.where(mask, value, t) or np.concatenate of the parts"
        )

    refuse.__name__ = name
    refuse.__doc__ = "Refused: a Tensor cannot be written in place."
    return refuse


NUMPY = {
    np.atleast_1d: atleast_1d,
    np.atleast_2d: atleast_2d,
    np.atleast_3d: atleast_3d,
    np.expand_dims: expand_dims,
    np.flip: flip,
    np.fliplr: fliplr,
    np.flipud: flipud,
    np.ix_: ix_,
    np.matrix_transpose: matrix_transpose,
    np.moveaxis: moveaxis,
    np.ravel: ravel,
    np.roll: roll,
    np.rollaxis: rollaxis,
    np.rot90: rot90,
    np.squeeze: squeeze,
    np.swapaxes: swapaxes,
}
METHODS = {
    "flat": property(_flat, doc="All entries along one axis, to be iterated and read by index."),
    "flatten": ravel,
    "nonzero": _nonzero,
    "ravel": ravel,
    "squeeze": squeeze,
    "swapaxes": swapaxes,
    "tolist": _tolist,
    **{name: _in_place(name) for name in ("fill", "put", "resize", "itemset")},
}
