"""What is linear along axes, as a product with a matrix that NumPy makes: transforms, differences;
and what is one formula along an axis: recurrences, interpolation, steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.gates.fourier import fftn_of_pairs, fftn_to_pairs, irfftn_of_pairs, rfftn_to_pairs
from autograd.gates.padding import overlapped
from autograd.gates.pooling import spread_evenly
from autograd.gates.windows import folded_back
from autograd.program.lowering.onnx_graph import Wire, graph_of, promoted
from autograd.program.lowering.onnx_numbers import (
    absolute,
    add,
    both,
    logaddexp,
    maximum,
    minimum,
    multiply,
    remainder,
    where,
)
from autograd.program.lowering.onnx_places import (
    concatenate,
    diff,
    expand_dims,
    getitem,
    known,
    number_of,
    pad,
    places_in,
    put,
    reshape,
    taken,
    transpose,
)
from autograd.program.lowering.onnx_products import matmul
from autograd.program.lowering.onnx_reductions import accumulated, cumsum, total

__all__ = ["LINEAR"]

LARGEST = 1 << 22
"""Entries of a matrix that stands in a file."""


def by_matrix(
    function: Callable[[np.ndarray, tuple[int, ...]], Any], a: Wire, axes: Sequence[int],
    pairs: bool = False, makes_pairs: bool = False,
) -> Wire:  # fmt: skip
    """A function of the entries along axes that is linear but for what it adds to zeros.

    `pairs` and `makes_pairs` say whether complex numbers, pairs along a last axis of their own,
    come in, and out. The function is given arrays and the axes that it acts along in them.
    """
    count = a.ndim - pairs
    axes = [axis % count for axis in axes]
    rest = [i for i in range(count) if i not in axes]
    lengths = [known(a.shape[i]) for i in axes] + [2] * pairs
    size, within = math.prod(lengths), tuple(range(1, len(axes) + 1))
    constant = np.asarray(function(np.zeros((1, *lengths), a.dtype), within))
    made = constant.shape[1:]
    if size * math.prod(made) > LARGEST:
        raise ValueError(f"a matrix of {size} × {math.prod(made)} numbers is too large for a file")
    basis = np.eye(size, dtype=a.dtype).reshape(size, *lengths)
    matrix = (np.asarray(function(basis, within)) - constant).reshape(size, -1)
    apart = [a.shape[i] for i in rest]
    flat = reshape(transpose(a, (*rest, *axes, *[count] * pairs)), (*apart, size))
    out = matmul(flat, matrix.astype(a.dtype))
    out = out + constant.reshape(-1).astype(a.dtype) if constant.any() else out
    if rest + axes == list(range(count)) and not makes_pairs:  # the function may add axes
        return reshape(out, (*apart, *made))
    places = np.argsort([*rest, *axes])
    return transpose(reshape(out, (*apart, *made)), (*places, *[count] * makes_pairs))


def transform(function: Callable[..., Any], pairs: bool, makes_pairs: bool) -> Callable[..., Wire]:
    def lowered(a: Any, axes: Any = None, **how: Any) -> Wire:
        (a,) = promoted(a, floats=True)
        return by_matrix(
            lambda b, within: function(b, axes=within, **how), a, axes, pairs, makes_pairs
        )

    return lowered


def gradient(f: Any, spacing: Any = 1.0, axis: int = 0, edge_order: int = 1) -> Wire:
    if isinstance(spacing, Wire):
        raise ValueError("places that are computed: give them as numbers")
    of_array: Any = np.gradient
    return by_matrix(
        lambda b, within: of_array(b, spacing, axis=within[0], edge_order=edge_order), f, [axis]
    )


def reduceat(a: Any, indices: Any, axis: int = 0, **how: Any) -> Wire:
    return by_matrix(lambda b, within: np.add.reduceat(b, indices, axis=within[0]), a, [axis])


def padded(a: Any, widths: Any, mode: str = "constant", **how: Any) -> Any:
    """Of averages and of ramps, too."""
    if mode not in ("mean", "linear_ramp"):
        return pad(a, widths, mode, **how)
    widths = np.broadcast_to(widths, (a.ndim, 2))
    axes = [i for i in range(a.ndim) if widths[i].any()]
    ends = [(0, 0), *(tuple(map(int, widths[i])) for i in axes)]
    if how.get("stat_length") is not None:
        lengths = np.broadcast_to(how["stat_length"], (a.ndim, 2))
        how = {**how, "stat_length": [(1, 1), *(tuple(map(int, lengths[i])) for i in axes)]}
    if how.get("end_values") is not None:
        values = np.broadcast_to(how["end_values"], (a.ndim, 2))
        how = {**how, "end_values": [(0, 0), *(tuple(values[i]) for i in axes)]}
    return by_matrix(lambda b, within: np.pad(b, ends, mode, **how), a, axes)  # type: ignore[call-overload]  # NumPy's stubs list the modes


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, axis: int = 0, **how: Any
) -> Wire:
    start, stop = promoted(start, stop, floats=True)
    start, stop = add(start, multiply(stop, 0.0)), add(stop, multiply(start, 0.0))
    axis %= start.ndim + 1
    start, stop = expand_dims(start, axis), expand_dims(stop, axis)
    steps = num - 1 if endpoint else num
    k = np.arange(num).reshape([-1 if i == axis else 1 for i in range(start.ndim)])
    if not steps:
        return start + k.astype(start.dtype)
    found = start + (stop - start) / float(steps) * k.astype(start.dtype)
    return where(k == steps, stop, found)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Wire:
    """By where the entries of each come from."""
    a, v = promoted(arr, values)
    size, more = known(number_of(a, None)), known(number_of(v, None))
    come = size + np.arange(more).reshape([known(n) for n in v.shape])
    own = np.arange(size).reshape([known(n) for n in a.shape])
    flat = concatenate([reshape(a, (-1,)), reshape(v, (-1,))])
    return taken(flat, np.insert(own, obj, come, axis), 0)


def cross(a: Any, b: Any) -> Any:
    a, b = promoted(a, b)
    if known(a.shape[-1]) != 3 or known(b.shape[-1]) != 3:
        raise ValueError("vectors of two numbers")
    (p, q), (r, s) = ([taken(w, places, w.ndim - 1) for places in ([1, 2, 0], [2, 0, 1])]
                      for w in (a, b))  # fmt: skip
    return p * s - q * r


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """On the piece whose beginning is the last that is not above; outside the ends' values."""
    x, xp, fp = promoted(x, xp, fp, floats=True)
    n = known(xp.shape[0])
    first, last = (getitem(w, (0,)) for w in (xp, fp)), (getitem(w, (-1,)) for w in (xp, fp))
    (x_first, f_first), (x_last, f_last) = first, last
    found = f_first + x * 0.0
    if n > 1:
        reached = total(x.graph.cast(expand_dims(x, x.ndim) >= xp, np.int64), -1)
        i = minimum(maximum(reached - 1, 0), n - 2)
        x0, x1, f0, f1 = (taken(w, at, 0) for w in (xp, fp) for at in (i, i + 1))
        found = f0 + (f1 - f0) / (x1 - x0) * (x - x0)
    found = where(x < x_first, f_first if left is None else left, found)
    found = where(x == x_last, f_last, found)
    return where(x > x_last, f_last if right is None else right, found)


def unwrap(p: Any, discont: Any = None, axis: int = -1, period: Any = 2 * math.pi) -> Any:
    """Source: NumPy's own definition of `unwrap`."""
    half, axis = period / 2, axis % p.ndim
    step = diff(p, axis=axis)
    folded = remainder(step + half, float(period)) - half
    folded = where(both(folded == -half, step > 0.0), half, folded)
    jumps = absolute(step) >= (half if discont is None else max(discont, half))
    added = cumsum(where(jumps, folded - step, 0.0), axis)
    lead = (slice(None),) * axis
    rest = getitem(p, (*lead, slice(1, None))) + added
    return concatenate((getitem(p, (*lead, slice(0, 1))), rest), axis)


def times(a: Any, b: Any) -> Any:
    """A product that is 0 where the first factor is."""
    return where(a == 0.0, 0.0, a * b)


def recurrence(a: Any, b: Any, axis: int = 0, times: Callable[..., Any] = multiply) -> Any:
    """r[i] = b[i] + a[i]·r[i−1] by doubling: two steps of it are one, of other a and b."""
    a, b = promoted(a, b)
    axis %= b.ndim
    n, step, lead = known(b.shape[axis]), 1, (slice(None),) * axis
    while step < n:
        (a0, a1), (b0, b1) = (
            (getitem(w, (*lead, slice(0, n - step))), getitem(w, (*lead, slice(step, None))))
            for w in (a, b)
        )
        firsts = [getitem(w, (*lead, slice(0, step))) for w in (a, b)]
        later = a1 * a0, b1 + times(a1, b0)
        a, b = (concatenate((f, w), axis) for f, w in zip(firsts, later, strict=True))
        step *= 2
    return b


def add_at_index(a: Any, b: Any, key: Any) -> Wire:
    graph = graph_of(a, b)
    a = graph.wire(a)
    places = places_in([known(n) for n in a.shape])[key]
    entries = graph.expanded(graph.wire(b, a.dtype), places.shape)
    return put(reshape(a, (-1,)), places, entries, a.shape, reduction="add")


def fold(a: Any, **how: Any) -> Wire:
    return by_matrix(lambda b, within: folded_back(b, **how), a, [1, 2])


def avg_unpool(a: Any, **how: Any) -> Wire:
    def spread(b: np.ndarray, within: tuple[int, ...]) -> np.ndarray:
        return np.asarray(spread_evenly(b[:, None], **how))[:, 0]

    return by_matrix(spread, a, list(range(2, a.ndim)))


def overlap_add(a: Any, window_shape: Any, axis: Any, shape: Any) -> Wire:
    def added(b: np.ndarray, within: tuple[int, ...]) -> np.ndarray:
        along = tuple(i % len(shape) + 1 for i in np.atleast_1d(axis).tolist())
        found: np.ndarray = overlapped(b, window_shape, along, (len(b), *shape))
        return found

    return by_matrix(added, a, list(range(a.ndim)))


LINEAR: dict[str, Callable[..., Any]] = {
    "add.reduceat": reduceat, "add_at_index": add_at_index, "avg_unpool": avg_unpool,
    "carry": partial(recurrence, times=times), "cross": cross,
    "fftn of pairs": transform(fftn_of_pairs, True, True),
    "fftn to pairs": transform(fftn_to_pairs, False, True), "gradient": gradient, "insert": insert,
    "interp": interp, "irfftn of pairs": transform(irfftn_of_pairs, True, False),
    "fold": fold, "linspace": linspace,
    "logaddexp.accumulate": partial(accumulated, logaddexp), "overlap_add": overlap_add,
    "pad": padded,
    "recurrence": recurrence, "rfftn to pairs": transform(rfftn_to_pairs, False, True),
    "unwrap": unwrap,
}  # fmt: skip
"""By the names that a listing shows."""
