"""NumPy's functions that move entries, in ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd.program.lowering.onnx_graph import Axes, Wire, broadcast, graph_of, promoted
from autograd.program.lowering.onnx_numbers import clip, subtract, where
from autograd.program.lowering.onnx_sizes import Size


def axes_in(a: Wire, axis: Axes) -> list[int]:
    if axis is None:
        return list(range(a.ndim))
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    return sorted(int(i) % a.ndim for i in given)


def without(a: Wire, axes: Sequence[int], keepdims: bool) -> tuple[int, ...]:
    if keepdims:
        return tuple(1 if i in axes else n for i, n in enumerate(a.shape))
    return tuple(n for i, n in enumerate(a.shape) if i not in axes)


def number_of(a: Wire, axis: Axes) -> Any:
    """How many entries there are along axes."""
    return reduce(lambda n, i: a.shape[i] * n, axes_in(a, axis), 1)


def known(length: int) -> int:
    if type(length) is Size:
        raise ValueError("this goes along the batch, whose length is not known")
    return int(length)


def reshape(a: Any, shape: Any, order: str = "C", **how: Any) -> Wire:
    lengths = list(shape) if isinstance(shape, (tuple, list)) else [shape]
    if order != "C":
        return transpose(reshape(transpose(a), lengths[::-1]))
    left = [i for i, n in enumerate(lengths) if type(n) is not Size and n == -1]
    for i in left:
        lengths[i] = quotient(number_of(a, None), math.prod(lengths[:i] + lengths[i + 1 :]))
    return a.graph.reshaped(a, lengths)


def quotient(whole: int, part: int) -> int:
    """How often a length goes into another, one that moves too."""
    if type(whole) is not Size:
        return whole // part if part else 0
    if type(part) is Size:
        return int(whole) // int(part)
    return Size(int(whole) // part, whole.per // part, whole.plus // part)


def transpose(a: Any, axes: Any = None) -> Wire:
    order = [i % a.ndim for i in axes] if axes else list(range(a.ndim))[::-1]
    if order == list(range(a.ndim)):
        return a
    shape = [a.shape[i] for i in order]
    return a.graph.node("Transpose", a, shape=shape, dtype=a.dtype, perm=order)


def swapaxes(a: Any, axis1: int, axis2: int) -> Wire:
    order = list(range(a.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(a, order)


def moved_axes(ndim: int, source: Any, destination: Any) -> list[int]:
    lengths = np.moveaxis(np.empty(tuple(range(1, ndim + 1)), bool), source, destination).shape
    return [n - 1 for n in lengths]


def expand_dims(a: Any, axis: Any) -> Wire:
    shape = np.expand_dims(np.empty((1,) * a.ndim), axis).ndim
    axes = {i % shape for i in (axis if isinstance(axis, (tuple, list)) else (axis,))}
    lengths = iter(a.shape)
    return reshape(a, [1 if i in axes else next(lengths) for i in range(shape)])


def squeeze(a: Any, axis: Any = None) -> Wire:
    ones = [i for i, n in enumerate(a.shape) if type(n) is not Size and n == 1]
    axes = ones if axis is None else axes_in(a, axis)
    return reshape(a, without(a, axes, False))


def broadcast_to(a: Any, shape: Any, **how: Any) -> Wire:
    return a.graph.expanded(a, shape)


def concatenate(parts: Any, axis: Any = 0, dtype: Any = None, **how: Any) -> Wire:
    wires = promoted(*parts)
    if axis is None:
        wires, axis = [reshape(w, (-1,)) for w in wires], 0
    axis %= wires[0].ndim
    length = reduce(lambda n, w: w.shape[axis] + n, wires[1:], wires[0].shape[axis])
    shape = [length if i == axis else n for i, n in enumerate(wires[0].shape)]
    return graph_of(parts).node("Concat", *wires, shape=shape, dtype=wires[0].dtype, axis=axis)


def stack(parts: Any, axis: int = 0, **how: Any) -> Wire:
    return concatenate([expand_dims(w, axis) for w in promoted(*parts)], axis)


def array(*entries: Any, shape: Any, dtype: Any = None) -> Wire:
    flat = concatenate([reshape(w, (-1,)) for w in promoted(*entries)])
    return reshape(flat, shape)


def taken(a: Wire, places: Any, axis: int) -> Wire:
    """`Gather`: entries along one axis, of which the ones below 0 count from the end."""
    places = a.graph.wire(np.asarray(places, np.int64) if not isinstance(places, Wire) else places)
    shape = (*a.shape[:axis], *places.shape, *a.shape[axis + 1 :])
    return graph_of(a, places).node("Gather", a, places, shape=shape, dtype=a.dtype, axis=axis)


def cut(a: Wire, axis: int, part: slice) -> Wire:
    """`Slice` along one axis."""
    length, step = a.shape[axis], 1 if part.step is None else int(part.step)
    if type(length) is Size or any(type(n) is Size for n in (part.start, part.stop)):
        if step != 1:
            raise ValueError("a step along the batch, whose length is not known")
        start = within(0 if part.start is None else part.start, length)
        stop = within(length if part.stop is None else part.stop, length)
        ends, made = (start, stop), stop - start
    else:
        places = range(length)[part]
        made, last = len(places), places.start + len(places) * step
        ends = places.start, last if last >= 0 else -(2**31)
    if type(made) is not Size and made == length and step == 1:
        return a
    start, stop = (a.graph.lengths([n]) for n in ends)
    others = [a.graph.constant(np.array([n], np.int64)) for n in (axis, step)]
    shape = [made if i == axis else n for i, n in enumerate(a.shape)]
    return a.graph.node("Slice", a, start, stop, *others, shape=shape, dtype=a.dtype)


def within(place: Any, length: Any) -> Any:
    return place if type(place) is Size or place >= 0 else length + place


def getitem(a: Any, key: Any) -> Any:
    """Slices and numbers axis by axis, and one array of places among them; other keys, such as two
    arrays, by where each entry comes from."""
    parts = list(key) if type(key) is tuple else [key]
    places = [p for p in parts if isinstance(p, (Wire, np.ndarray, list))]
    numbers = any(isinstance(p, (int, np.integer)) for p in parts)
    if len(places) > 1 or (places and (numbers or is_mask(places[0]))):
        return moved(lambda x: x[key])(a)
    whole = [slice(None)] * (a.ndim - sum(p is not None and p is not Ellipsis for p in parts))
    dots = next((i for i, p in enumerate(parts) if p is Ellipsis), len(parts))
    parts[dots : dots + 1] = whole
    axis, shape = 0, []
    for part in parts:
        if part is None:
            shape.append(1)
        elif isinstance(part, slice):
            a = cut(a, axis, part)
            shape.append(a.shape[axis])
            axis += 1
        else:
            number = isinstance(part, (int, np.integer))
            a = taken(a, np.int64(part) if number else part, axis)
            count = part.ndim if isinstance(part, Wire) else np.ndim(part)
            shape += a.shape[axis : axis + count]
            axis += count
    return a.graph.reshaped(a, shape)


def is_mask(part: Any) -> bool:
    kind: np.dtype = part.dtype if isinstance(part, Wire) else np.asarray(part).dtype
    return kind.kind == "b"


def moved(function: Callable[[Any], Any]) -> Callable[[Any], Wire]:
    """A function that only moves entries: by where each entry of its result comes from; within each
    row, where the rows of a batch stay what they are."""

    def gather(a: Wire) -> Wire:
        if a.ndim and type(a.shape[0]) is Size:
            rest = [known(n) for n in a.shape[1:]]
            within_row = places_in_rows(function, rest)
            if within_row is not None:
                flat = taken(reshape(a, (a.shape[0], math.prod(rest))), within_row.reshape(-1), 1)
                return reshape(flat, (a.shape[0], *within_row.shape))
        size = known(number_of(a, None))
        places = function(np.arange(size).reshape([known(n) for n in a.shape]))
        return taken(reshape(a, (-1,)), places, 0)

    return gather


def places_in_rows(function: Callable[[Any], Any], shape: Sequence[int]) -> np.ndarray | None:
    """Where the entries of each row come from in that row, if it is so for any number of rows."""
    size = math.prod(shape)
    for n in SOME_ROWS:
        places = np.asarray(function(np.arange(n * size).reshape(n, *shape)))
        if not places.ndim or len(places) != n:
            return None
        starts = size * np.arange(n).reshape(-1, *[1] * (places.ndim - 1))
        if np.any((places - starts != places[0]) | (places < starts) | (places >= starts + size)):
            return None
    return places[0]


SOME_ROWS = (7, 11, 13)
"""Numbers of rows that no shift along them leaves as they were but one of all their product."""


def moves(function: Callable[..., Any]) -> Callable[..., Wire]:
    return lambda a, *args, **how: moved(lambda places: function(places, *args, **how))(a)


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """What comes next without what is there."""
    axis %= a.ndim
    parts = [part for part in (prepend, a, append) if part is not None]
    a = concatenate(parts, axis) if len(parts) > 1 else a
    lead = (slice(None),) * axis
    for _ in range(n):
        a = subtract(getitem(a, (*lead, slice(1, None))), getitem(a, (*lead, slice(0, -1))))
    return a


def along(function: Callable[..., Any]) -> Callable[..., Wire]:
    """A function that moves entries along axes: by where the entries of each come from."""

    def lowered(a: Any, *args: Any, axis: Axes = None, **how: Any) -> Wire:
        if axis is None:
            return moves(function)(a, *args, **how)
        for i in axes_in(a, axis):
            a = taken(a, function(np.arange(known(a.shape[i])), *args, axis=0, **how), i)
        return a

    return lowered


def flip(m: Any, axis: Axes = None) -> Wire:
    return along(np.flip)(m, axis=tuple(axes_in(m, axis)))


def repeat(a: Any, repeats: Any, axis: Any = None) -> Wire:
    return along(np.repeat)(a, repeats, axis=axis)


def pad(a: Any, widths: Any, mode: str = "constant", constant_values: Any = 0, **how: Any) -> Any:
    if mode != "constant":
        if mode in ("mean", "maximum", "minimum", "median", "linear_ramp"):
            raise ValueError(f"no pad with mode={mode!r}")
        return moves(np.pad)(a, widths, mode, **how)
    widths = np.broadcast_to(widths, (a.ndim, 2))
    values = np.broadcast_to(constant_values, (a.ndim, 2))
    for axis, (ends, numbers) in enumerate(zip(widths, values, strict=True)):
        sides = []
        for width, value in zip(ends, numbers, strict=True):
            shape = [int(width) if i == axis else n for i, n in enumerate(a.shape)]
            sides.append(a.graph.expanded(np.asarray(value, a.dtype), shape) if width else None)
        before, after = sides
        parts = [part for part in (before, a, after) if part is not None]
        a = concatenate(parts, axis) if len(parts) > 1 else a
    return a


def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    if axis is None:
        a, axis = reshape(a, (-1,)), 0
    length = a.shape[axis]
    if mode == "clip" and isinstance(indices, Wire):
        indices = clip(indices, 0, known(length) - 1)
    elif mode == "clip":
        indices = np.clip(indices, 0, known(length) - 1)
    elif mode == "wrap":
        indices = indices % known(length)
    return taken(a, indices, axis % a.ndim)


def take_along_axis(a: Any, indices: Any, axis: int | None = -1) -> Any:
    if axis is None:
        a, axis = reshape(a, (-1,)), 0
    indices, axis = a.graph.wire(indices, np.int64), axis % a.ndim
    shape = list(broadcast(a, indices))
    shape[axis] = a.shape[axis]
    a = a.graph.expanded(a, shape)
    shape[axis] = indices.shape[axis]
    indices = a.graph.expanded(indices, shape)
    return graph_of(a, indices).node(
        "GatherElements", a, indices, shape=shape, dtype=a.dtype, axis=axis
    )


def put(base: Wire, places: Any, entries: Wire, shape: Any, **how: Any) -> Wire:
    """Entries at flat places of a row of numbers, in a shape."""
    at = base.graph.constant(places.reshape(-1, 1).astype(np.int64))
    changed = graph_of(base, entries).node(
        "ScatterND", base, at, reshape(entries, (-1,)), shape=base.shape, dtype=base.dtype, **how
    )
    return reshape(changed, shape)


def zeros_for(a: Wire, shape: Any) -> Wire:
    return a.graph.expanded(np.zeros((), a.dtype), (math.prod(shape),))


def places_in(shape: Any) -> np.ndarray:
    return np.arange(math.prod(shape)).reshape(shape)


def scatter(a: Any, key: Any, shape: Any) -> Wire:
    """Entries added to zeros where they were read."""
    shape = [known(n) for n in shape]
    return put(zeros_for(a, shape), places_in(shape)[key], a, shape, reduction="add")


def with_item(a: Any, key: Any, value: Any) -> Wire:
    graph = graph_of(a, value)
    a = graph.wire(a)
    places = places_in([known(n) for n in a.shape])[key]
    entries = graph.expanded(graph.wire(value, a.dtype), places.shape)
    return put(reshape(a, (-1,)), places, entries, a.shape)


def diag(a: Any, offset: int, axis1: int, axis2: int) -> Wire:
    """Zeros with the last axis of `a` on a diagonal."""
    shape = (known(a.shape[-1]) + abs(offset),) * 2
    places = np.diagonal(places_in(shape), offset, axis1, axis2)
    return put(zeros_for(a, shape), places, a, shape)


def triangle(which: Callable[..., Any]) -> Callable[..., Wire]:
    """`tril` and `triu`, of which a vector makes a matrix."""

    def lowered(m: Any, k: int = 0) -> Wire:
        inside = np.ones([known(n) for n in (m.shape[-2:] * 2)[:2]], bool)
        return where(which(inside, k), m, 0)

    return lowered


def select(conditions: Any, choices: Any, default: Any = 0) -> Any:
    result = default
    for condition, choice in zip(conditions[::-1], choices[::-1], strict=True):
        result = where(condition, choice, result)
    return result


def choose(which: Any, choices: Any, mode: str = "raise") -> Any:
    n = len(choices)
    places = which % n if mode == "wrap" else which
    result = choices[-1]
    for i in range(n - 2, -1, -1):
        result = where(places <= i, choices[i], result)
    return result


def embedding(weight: Any, indices: Any, **how: Any) -> Wire:
    return taken(graph_of(weight, indices).wire(weight), indices, 0)


def full_like(a: Any, value: Any, dtype: Any = None, shape: Any = None, **how: Any) -> Wire:
    return a.graph.expanded(
        np.asarray(value, dtype or a.dtype), a.shape if shape is None else shape
    )


def array_of(value: Any, dtype: Any, **how: Any) -> Any:
    return value.graph.cast(value, dtype)


PLACES: dict[str, Callable[..., Any]] = {
    "array": array, "astype": array_of, "broadcast_to": broadcast_to, "choose": choose,
    "compress": lambda condition, a, axis=None: moved(
        lambda places: np.compress(condition, places, axis)
    )(a),
    "concatenate": concatenate, "copy": lambda a, **how: a, "delete": moves(np.delete),
    "diag": diag, "diagonal": moves(np.diagonal), "diff": diff, "embedding": embedding,
    "empty_like": lambda a, **how: full_like(a, 0, **how), "expand_dims": expand_dims,
    "extract": lambda condition, a: moved(lambda places: np.extract(condition, places))(a),
    "flatten": lambda a, order="C": reshape(a, (-1,), order),
    "flip": flip, "full_like": full_like, "getitem": getitem,
    "moveaxis": lambda a, source, destination: transpose(
        a, moved_axes(a.ndim, source, destination)
    ),
    "ones_like": lambda a, **how: full_like(a, 1, **how),
    "pad": pad, "ravel": lambda a, order="C": reshape(a, (-1,), order), "real": lambda a: a,
    "repeat": repeat, "reshape": reshape, "roll": moves(np.roll),
    "rot90": moves(np.rot90), "scatter": scatter, "select": select,
    "sliding_window_view": moves(np.lib.stride_tricks.sliding_window_view), "squeeze": squeeze,
    "stack": stack, "swapaxes": swapaxes, "take": take, "take_along_axis": take_along_axis,
    "tile": moves(np.tile), "transpose": transpose, "tril": triangle(np.tril),
    "triu": triangle(np.triu), "with_item": with_item,
    "zeros_like": lambda a, **how: full_like(a, 0, **how),
}  # fmt: skip
"""By the names that a listing shows."""
