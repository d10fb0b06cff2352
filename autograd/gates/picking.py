"""Picking entries: by number, by mask, along an axis; what is picked twice gets both gradients.

The way back is found by asking NumPy: its own function, run on the numbers 0, 1, 2, ... of the
entries along the axis, says which one each place of the result was taken from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.errors import DataError
from autograd.gates import routing
from autograd.gates.indexing import add_into, placed
from autograd.gates.registry import gate
from autograd.gates.shapes import in_dtype
from autograd.tensor import Tensor

__all__ = [
    "choose", "compress", "delete", "extract", "insert", "take", "take_along_axis",
]  # fmt: skip


def reading(numbers_of: Callable[..., Any]) -> dict[str, Any]:
    """The rules of a gate that reads entries by their numbers, along an axis or in the flat order.

    `numbers_of` is told the operand's shape and the settings, and answers (numbers, axis).
    """

    def key_of(shape: Any, settings: Any) -> tuple[Any, Any]:
        numbers, axis = numbers_of(shape, **settings)
        if axis is None or not shape:
            return numbers, (math.prod(shape),)
        return (*(slice(None),) * (axis % len(shape)), numbers), shape

    def vjp(g: Any, out: Any, a: Any, **settings: Any) -> Any:
        shape = np.shape(a)
        key, lengths = key_of(shape, settings)
        back = placed(g, key, lengths)
        return back if lengths == shape else np.reshape(back, shape)

    def into(total: Any, g: Any, **settings: Any) -> None:
        key, lengths = key_of(total.shape, settings)
        add_into(total.reshape(lengths), g, key)

    return {"vjp": (vjp,), "into": into, "linear": "jointly", "pattern": "routes"}


def length_of(shape: tuple[int, ...], axis: int | None) -> int:
    """How many entries there are along an axis, or in all."""
    return math.prod(shape) if axis is None or not shape else shape[axis]


_take = gate(
    np.take, name="take", symbol="take", rule="a[i] → the upstream at i, 0 elsewhere",
    **reading(
        lambda shape, indices, axis, mode: (
            np.take(np.arange(length_of(shape, axis)), indices, mode=mode), axis,
        )
    ),
)  # fmt: skip


def along_axis_key(shape: Any, g: Any, indices: Any, axis: int | None) -> tuple[Any, Any]:
    """The index that reads what `np.take_along_axis` does, each in its own line along the axis, and
    the shape of what it reads from."""
    if axis is None:
        return indices, (math.prod(shape),)
    axis %= len(shape)
    lines = np.ogrid[tuple(slice(n) for n in np.shape(g))]
    key = tuple(
        indices if k == axis else np.zeros_like(line) if n == 1 else line
        for k, (n, line) in enumerate(zip(shape, lines, strict=True))
    )
    return key, shape


def along_axis_vjp(g: Any, out: Any, arr: Any, indices: Any, axis: int | None) -> Any:
    """The upstream, added at the indices."""
    shape = np.shape(arr)
    key, lengths = along_axis_key(shape, g, indices, axis)
    back = placed(g, key, lengths)
    return back if lengths == shape else np.reshape(back, shape)


def add_along_axis(total: Any, g: Any, indices: Any, axis: int | None) -> None:
    """The same, added to what is there."""
    key, lengths = along_axis_key(total.shape, g, indices, axis)
    add_into(total.reshape(lengths), g, key)


_take_along_axis = gate(
    np.take_along_axis, name="take_along_axis", symbol="take",
    rule="a[i] along an axis → the upstream at i, 0 elsewhere", pattern="routes",
    vjp=(along_axis_vjp,), linear="jointly", into=add_along_axis,
)  # fmt: skip


def compressed(a: Any, condition: Any, axis: int | None) -> Any:
    """`np.compress` with the operand first."""
    return np.compress(condition, a, axis)


_compress = gate(
    compressed, name="compress", symbol="compress",
    rule="a where c → the upstream there, 0 elsewhere",
    **reading(lambda shape, condition, axis: (np.flatnonzero(condition), axis)),
)  # fmt: skip


def extracted(a: Any, condition: Any) -> Any:
    """`np.extract` with the operand first."""
    return np.extract(condition, a)


_extract = gate(
    extracted, name="extract", symbol="extract", rule="a where c → the upstream there, 0 elsewhere",
    **reading(lambda shape, condition: (np.flatnonzero(condition), None)),
)  # fmt: skip

_delete = gate(
    np.delete, name="delete", symbol="delete", rule="entries left out → 0 for them",
    **reading(
        lambda shape, obj, axis: (np.delete(np.arange(length_of(shape, axis)), obj), axis)
    ),
)  # fmt: skip


def inserted(a: Any, values: Any, obj: Any, axis: int | None) -> Any:
    """`np.insert` with the operands first."""
    return np.insert(a, obj, values, axis)


def insert_vjp(g: Any, out: Any, a: Any, values: Any, obj: Any, axis: int | None) -> list[Any]:
    """The upstream, sorted into that of the array and that of the values."""
    shape, inner = np.shape(a), np.shape(values)
    n = math.prod(inner)
    # Numbers 1, 2, ... for the values, 0 for the array, whose entries stay in their order.
    numbers = inserted(np.zeros(shape, int), np.arange(1, n + 1).reshape(inner), obj, axis).ravel()
    flat = np.reshape(g, (-1,))
    ours = np.reshape(flat[np.flatnonzero(numbers == 0)], shape)
    theirs = np.flatnonzero(numbers)
    return [ours, np.reshape(placed(flat[theirs], numbers[theirs] - 1, (n,)), inner)]


_insert = gate(
    inserted, name="insert", symbol="insert", rule="a with v between → each its own upstream",
    pattern="moves", vjp=insert_vjp, linear="jointly",
)  # fmt: skip


def from_choices(*choices: Any, a: Any, mode: Any) -> Any:
    """`np.choose` with the choices first."""
    return np.choose(a, choices, mode=mode)


def choose_vjp(g: Any, out: Any, *choices: Any, a: Any, mode: Any) -> list[Any]:
    """The upstream, for each choice where it was taken."""
    a = np.choose(a, range(len(choices)), mode=mode)
    return [routing.chosen(g, a == i) for i in range(len(choices))]


_choose = gate(
    from_choices, name="choose", symbol="choose", pattern="routes",
    rule="the i-th of several → 1 for it, 0 for the others", vjp=choose_vjp, linear="jointly",
)  # fmt: skip


def plain(numbers: Any, role: str) -> Any:
    """Integers or a mask, as an array; Tensors among them by their values."""
    numbers = np.asarray(value_of(numbers))
    if numbers.size == 0 and numbers.dtype.kind == "f":
        return numbers.astype(int)
    if numbers.dtype.kind not in "iub":
        raise DataError(f"{role} must be integers or a mask, received dtype {numbers.dtype}")
    return numbers


def take(a: Any, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Tensor:
    """The entries with these numbers, along an axis or in the flat order.

    `mode` says what becomes of numbers out of range: "raise" an `OutOfRangeError` (an IndexError),
    "wrap" round the end, or "clip" to it.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0, 3.0])
    >>> ag.take(t, [0, 0, 2]).sum().backward()
    >>> t.grad
    array([2., 0., 1.])
    """
    indices = plain(indices, "take(indices=...)")
    return apply(_take, (a,), {"indices": indices, "axis": axis, "mode": mode})


def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Tensor:
    """In each line along the axis, the entries with the line's own numbers.

    `indices` has the axes of `arr` and broadcasts against them, but along the axis itself.

    >>> import autograd as ag
    >>> scores = ag.Tensor([[0.1, 0.9], [0.8, 0.2]])
    >>> ag.take_along_axis(scores, np.array([[1], [1]]), axis=1).data
    array([[0.9],
           [0.2]])
    """
    indices = plain(indices, "take_along_axis(indices=...)")
    return apply(_take_along_axis, (arr,), {"indices": indices, "axis": axis})


def compress(condition: Any, a: Any, axis: int | None = None) -> Tensor:
    """The entries (along an axis: the slices) where a list of booleans says so.

    >>> import autograd as ag
    >>> ag.compress([False, True], ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=0).data
    array([[3., 4.]])
    """
    return apply(_compress, (a,), {"condition": np.asarray(value_of(condition)), "axis": axis})


def extract(condition: Any, arr: Any) -> Tensor:
    """The entries where a condition holds, one after the other.

    >>> import autograd as ag
    >>> t = ag.Tensor([[1.0, -2.0], [-3.0, 4.0]])
    >>> ag.extract(t > 0, t).data
    array([1., 4.])
    """
    return apply(_extract, (arr,), {"condition": np.asarray(value_of(condition))})


def choose(a: Any, choices: Sequence[Any], *, mode: str = "raise") -> Tensor:
    """Entry by entry, the one of several arrays that a number says; all broadcast together.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0])
    >>> ag.choose([1, 0], [t, 10.0 * t]).data
    array([10.,  2.])
    """
    out = apply(_choose, tuple(choices), {"a": plain(a, "choose(a=...)"), "mode": mode})
    if isinstance(choices, (Tensor, np.ndarray)):  # whose byte order NumPy keeps
        return in_dtype(out, choices.dtype)
    return out


def delete(arr: Any, obj: Any, axis: int | None = None) -> Tensor:
    """Without the entries (along an axis: the slices) that a number, slice, list or mask names.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0, 3.0])
    >>> ag.delete(t, 1).data
    array([1., 3.])
    """
    return apply(_delete, (arr,), {"obj": value_of(obj), "axis": axis})


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Tensor:
    """With values before the places that a number, slice, list or mask names.

    >>> import autograd as ag
    >>> t, x = ag.Tensor([1.0, 2.0]), ag.Tensor(9.0)
    >>> ag.insert(t, 1, x).data
    array([1., 9., 2.])
    """
    return apply(_insert, (arr, values), {"obj": value_of(obj), "axis": axis})


def _compress_method(a: Tensor, condition: Any, axis: int | None = None) -> Tensor:
    """The entries where a list of booleans says so."""
    return compress(condition, a, axis)


def _choose_method(a: Tensor, choices: Sequence[Any], *, mode: str = "raise") -> Tensor:
    """Entry by entry, the one of several arrays whose number this one holds."""
    return choose(a, choices, mode=mode)


NUMPY = {
    np.choose: choose,
    np.compress: compress,
    np.delete: delete,
    np.extract: extract,
    np.insert: insert,
    np.take: take,
    np.take_along_axis: take_along_axis,
}
METHODS = {"choose": _choose_method, "compress": _compress_method, "take": take}
