"""NumPy's functions that move entries, in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from autograd.program.lowering.torch_numbers import as_tensor, choose, dtype_of, promoted
from autograd.program.lowering.torch_reductions import axes_of


def moved(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function that only moves entries: by where each entry of its result comes from."""

    def gather(a: Any) -> Any:
        places = function(np.arange(a.numel()).reshape(a.shape))
        return a.reshape(-1)[as_tensor(np.asarray(places))]

    return gather


def moves(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, *args, **how: moved(lambda places: function(places, *args, **how))(a)


def put(zeros: torch.Tensor, places: Any, a: torch.Tensor, add: bool) -> torch.Tensor:
    """Entries at flat places of an array, in place of its own or added to them."""
    at = as_tensor(places).reshape(-1)
    flat = zeros.reshape(-1)
    spread = torch.broadcast_to(a, np.shape(places)).reshape(-1).to(zeros.dtype)
    done = flat.index_add(0, at, spread) if add else flat.index_copy(0, at, spread)
    return done.reshape(zeros.shape)


def places_in(shape: Sequence[int]) -> np.ndarray:
    return np.arange(math.prod(shape)).reshape(shape)


def of_torch(key: Any) -> Any:
    """A key as PyTorch takes it, where indices in it are computed; None where all are known."""
    parts = key if type(key) is tuple else (key,)
    if not any(isinstance(part, torch.Tensor) for part in parts):
        return None
    return tuple(as_tensor(p) if isinstance(p, np.ndarray) else p for p in parts)


def places_at(shape: Sequence[int], key: Any) -> Any:
    """The flat places that a key stands for, in an array of that shape."""
    computed = of_torch(key)
    if computed is None:
        return places_in(shape)[key]
    return torch.arange(math.prod(shape)).reshape(tuple(shape))[computed]


def getitem(a: Any, key: Any) -> Any:
    a, parts = as_tensor(a), key if type(key) is tuple else (key,)
    computed = of_torch(key)
    if computed is not None:
        return a[computed]
    if all(part is None or part is Ellipsis or isinstance(part, (int, np.integer)) or
           (isinstance(part, slice) and (part.step or 1) > 0) for part in parts):  # fmt: skip
        return a[key]
    return moved(lambda places: places[key])(a)


def scatter(a: Any, key: Any, shape: Sequence[int]) -> Any:
    a = as_tensor(a)
    return add_at_index(a.new_zeros(tuple(shape)), a, key)


def add_at_index(a: Any, part: Any, key: Any) -> Any:
    a, part = promoted(a, part)
    return put(a, places_at(a.shape, key), part, add=True)


def with_item(a: Any, key: Any, value: Any) -> Any:
    a = as_tensor(a)
    return put(a, places_at(a.shape, key), as_tensor(value), add=False)


def on_diagonal(a: Any, offset: int, axis1: int, axis2: int, shape: Any = None) -> Any:
    """Zeros with the last axis of `a` on a diagonal."""
    shape = (len(a) + abs(offset),) * 2 if shape is None else shape
    places = np.diagonal(places_in(shape), offset, axis1, axis2)
    return put(a.new_zeros(tuple(shape)), places, a, add=False)


def overlap_add(a: Any, window_shape: Any, axis: Any, shape: Any) -> Any:
    """Windows added back where they were read."""
    places = np.lib.stride_tricks.sliding_window_view(places_in(shape), window_shape, axis)
    return put(a.new_zeros(tuple(shape)), places, a, add=True)


def reduced_at(a: Any, indices: Any, axis: int = 0) -> Any:
    """Sums from each index to the next, or of that entry alone where the next is not larger."""
    a = torch.movedim(a, axis, 0)
    stops = [j if i < j else i + 1 for i, j in zip(indices, (*indices[1:], len(a)), strict=True)]
    parts = [a[int(i) : int(j)].sum(0) for i, j in zip(indices, stops, strict=True)]
    return torch.movedim(torch.stack(parts), 0, axis)


def reshape(a: Any, shape: Any = (-1,), order: str = "C", **how: Any) -> Any:
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if order != "C":
        return transpose(transpose(a).reshape(shape[::-1]))
    return as_tensor(a).reshape(shape)


def transpose(a: Any, axes: Any = None) -> Any:
    return a.permute(list(range(a.ndim))[::-1] if axes is None else [int(i) for i in axes])


def expand_dims(a: Any, axis: Any) -> Any:
    return a.reshape(np.expand_dims(np.empty(a.shape, bool), axis).shape)


def squeeze(a: Any, axis: Any = None) -> Any:
    return a.squeeze() if axis is None else a.squeeze(axes_of(a, axis))


def concatenate(parts: Any, axis: Any = 0, dtype: Any = None, **how: Any) -> Any:
    tensors = promoted(*parts)
    if axis is None:
        tensors, axis = [t.reshape(-1) for t in tensors], 0
    return torch.cat(tensors, axis)


def stack(parts: Any, axis: int = 0, **how: Any) -> Any:
    return torch.stack(promoted(*parts), axis)


def array(*entries: Any, shape: Any, dtype: Any) -> Any:
    return torch.cat([t.reshape(-1) for t in promoted(*entries)]).reshape(tuple(shape))


def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    a, indices = as_tensor(a), as_tensor(indices)
    a, axis = (a.reshape(-1), 0) if axis is None else (a, axis % a.ndim)
    size = a.shape[axis]
    if mode == "clip":
        indices = indices.clamp(0, size - 1)
    places = (indices % size).reshape(-1)
    shape = (*a.shape[:axis], *indices.shape, *a.shape[axis + 1 :])
    return torch.index_select(a, axis, places).reshape(shape)


def take_along_axis(a: Any, indices: Any, axis: int | None = -1) -> Any:
    a, indices = as_tensor(a), as_tensor(indices)
    a, axis = (a.reshape(-1), 0) if axis is None else (a, axis)
    return torch.take_along_dim(a, indices % a.shape[axis], axis)


def select(conditions: Any, choices: Any, default: Any = 0) -> Any:
    result = default
    for condition, choice in zip(conditions[::-1], choices[::-1], strict=True):
        result = choose(condition, choice, result)
    return result


def chosen(which: Any, choices: Any, mode: str = "raise") -> Any:
    n, which = len(choices), as_tensor(which)
    which = which % n if mode == "wrap" else which
    result = choices[-1]
    for i in range(n - 2, -1, -1):
        result = choose(which <= i, choices[i], result)
    return result


def pad(a: Any, widths: Any, mode: str = "constant", constant_values: Any = 0, **how: Any) -> Any:
    a = as_tensor(a)
    inside = np.pad(np.ones(a.shape, bool), widths, "constant")
    if mode != "constant":
        if mode in ("mean", "maximum", "minimum", "median", "linear_ramp"):
            return linearly(partial(np.pad, pad_width=widths, mode=mode, **how), a)
        return moves(np.pad)(a, widths, mode, **how)
    edges = np.pad(np.zeros(a.shape), widths, "constant", constant_values=constant_values)
    return put(as_tensor(edges, a.dtype), places_in(inside.shape)[inside], a.reshape(-1), add=False)


def linearly(function: Callable[..., Any], a: torch.Tensor) -> torch.Tensor:
    """A linear function, by what it makes of the unit arrays."""
    units = np.eye(a.numel()).reshape(a.numel(), *a.shape)
    made = np.stack([function(unit) for unit in units])
    flat = as_tensor(made.reshape(a.numel(), -1), a.dtype)
    return (a.reshape(-1) @ flat).reshape(made.shape[1:])


def interpolated(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    x, xp, fp = promoted(x, xp, fp)
    i = (torch.searchsorted(xp, x.contiguous(), right=True) - 1).clamp(0, max(len(xp) - 2, 0))
    j = (i + 1).clamp(max=len(xp) - 1)
    run = xp[j] - xp[i]
    slope = torch.where(run == 0.0, torch.zeros_like(run), (fp[j] - fp[i]) / run)
    found = torch.where(x == xp[i], fp[i], fp[i] + slope * (x - xp[i]))
    found = torch.where(x == xp[j], fp[j], found)
    found = choose(x < xp[0], fp[0] if left is None else left, found)
    found = choose(x > xp[-1], fp[-1] if right is None else right, found)
    return torch.where(torch.isnan(x), x, found)


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, axis: int = 0,
             **how: Any) -> Any:  # fmt: skip
    start, stop = promoted(start, stop, floats=True)
    start, stop = torch.broadcast_tensors(start, stop)
    parts = max(num - 1 if endpoint else num, 1)
    along = torch.arange(num, dtype=start.dtype).reshape((-1, *[1] * start.ndim))
    rows = start + along * ((stop - start) / parts)
    if endpoint and num > 1:
        rows = torch.cat([rows[:-1], stop[None]])
    return torch.movedim(rows, 0, axis)


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: float = 2 * math.pi) -> Any:
    """Jumps of half a period and more brought back by whole periods, as NumPy does."""
    (p,) = promoted(p, floats=True)
    steps = torch.diff(p, dim=axis)
    half = period / 2
    inside = torch.remainder(steps + half, period) - half
    inside = torch.where((inside == -half) & (steps > 0), half, inside)
    jump = torch.where(
        torch.abs(steps) < (half if discont is None else discont), 0.0, inside - steps
    )
    rest = p.narrow(axis, 1, p.shape[axis] - 1) + torch.cumsum(jump, axis)
    return torch.cat([p.narrow(axis, 0, 1), rest], axis)


def full(a: Any, value: Any, dtype: Any = None, shape: Any = None, **how: Any) -> Any:
    kind = as_tensor(a).dtype if dtype is None else dtype_of(dtype)
    return torch.full(tuple(np.shape(a) if shape is None else shape), value, dtype=kind)


def lower(shape: Sequence[int], k: int) -> np.ndarray:
    """Where a matrix of those last two lengths has its lower triangle; one is both of a vector."""
    return np.tril(np.ones((tuple(shape[-2:]) * 2)[:2], bool), k)


def inserted(a: Any, where: Any, values: Any, axis: Any = None) -> Any:
    """The entries and the values, each in its place."""
    a = as_tensor(a)
    shape = np.shape(values)
    of_entries = np.insert(places_in(a.shape), where, np.full(shape, -1), axis)
    of_values = np.insert(np.full(a.shape, -1), where, places_in(shape), axis)
    values = as_tensor(values, a.dtype).reshape(-1)
    old = a.reshape(-1)[as_tensor(np.maximum(of_entries, 0))]
    new = values[as_tensor(np.maximum(of_values, 0))]
    return torch.where(as_tensor(of_entries >= 0), old, new)


PLACES: dict[str, Callable[..., Any]] = {
    "add.reduceat": reduced_at,
    "add_at_diagonal": lambda a, part, **how: a + on_diagonal(part, shape=a.shape, **how),
    "add_at_index": add_at_index, "array": array, "choose": chosen,
    "compress": lambda condition, a, axis=None: moved(
        partial(np.compress, condition, axis=axis)
    )(a),
    "concatenate": concatenate, "delete": moves(np.delete), "diag": on_diagonal,
    "empty_like": lambda a, *args, **how: full(a, 0, *args, **how), "expand_dims": expand_dims,
    "extract": lambda condition, a: moved(partial(np.extract, condition))(a),
    "flatten": lambda a, order="C": reshape(a, (-1,), order), "full_like": full,
    "getitem": getitem, "imag": torch.zeros_like,
    "insert": lambda a, where, values, axis=None: inserted(a, where, values, axis),
    "interp": interpolated, "linspace": linspace,
    "moveaxis": lambda a, source, destination: torch.movedim(a, source, destination),
    "ones_like": lambda a, *args, **how: full(a, 1, *args, **how), "overlap_add": overlap_add,
    "pad": pad, "ravel": lambda a, order="C": reshape(a, (-1,), order), "real": lambda a: a,
    "repeat": moves(np.repeat), "reshape": reshape, "roll": moves(np.roll),
    "rot90": moves(np.rot90), "scatter": scatter, "select": select,
    "sliding_window_view": moves(np.lib.stride_tricks.sliding_window_view), "squeeze": squeeze,
    "stack": stack, "swapaxes": lambda a, axis1, axis2: torch.swapaxes(a, axis1, axis2),
    "take": take, "take_along_axis": take_along_axis, "tile": moves(np.tile),
    "transpose": transpose,
    "tril": lambda m, k=0: torch.where(as_tensor(lower(m.shape, k)), m, torch.zeros_like(m)),
    "triu": lambda m, k=0: torch.where(as_tensor(lower(m.shape, k - 1)), torch.zeros_like(m), m),
    "unwrap": unwrap, "with_item": with_item,
    "zeros_like": lambda a, *args, **how: full(a, 0, *args, **how),
}  # fmt: skip
"""By the names that a listing shows."""
