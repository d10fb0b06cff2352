"""Convolution and pooling in ONNX: its own nodes, and for doubles, of which onnxruntime convolves
none, windows as strided slices."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd.gates.pooling import divisors, windows_of
from autograd.gates.sliding import Windows
from autograd.gates.windows import windows_on
from autograd.program.lowering.onnx_graph import Wire, graph_of, promoted
from autograd.program.lowering.onnx_numbers import add, divide, is_nan, maximum, where
from autograd.program.lowering.onnx_places import concatenate, cut, moves, pad, reshape, stack
from autograd.program.lowering.onnx_products import matmul
from autograd.program.lowering.onnx_reductions import lowest

__all__ = ["WINDOWS"]

Pads = Sequence[tuple[int, int]]


def beside(pads: Pads) -> list[int]:
    """The padding before along all axes, and then that after."""
    return [int(before) for before, _ in pads] + [int(after) for _, after in pads]


def padded(a: Wire, pads: Pads, value: float = 0.0) -> Wire:
    """With padding along the spatial axes; of less than none, entries are cut off."""
    more = [(max(before, 0), max(after, 0)) for before, after in pads]
    a = pad(a, [(0, 0), (0, 0), *more], constant_values=value)
    for axis, (before, after) in enumerate(pads, 2):
        a = cut(a, axis, slice(max(-before, 0), a.shape[axis] - max(-after, 0)))
    return a


def around(windows: Windows) -> list[tuple[int, int]]:
    """How much padding the windows reach into, before and after; less than 0 is never read."""
    axes = zip(
        windows.counts, windows.stride, windows.lengths, windows.dilation, windows.inputs,
        windows.before, strict=True,
    )  # fmt: skip
    return [(b, (m - 1) * s + (k - 1) * d + 1 - n - b) for m, s, k, d, n, b in axes]


def taps(a: Wire, windows: Windows, outside: float) -> list[Wire]:
    """The first entries of all windows, their second ones, and so on."""
    a = padded(a, around(windows), outside)
    found = []
    for places in itertools.product(*map(range, windows.lengths)):
        part = a
        for axis, (j, d, m, s) in enumerate(
            zip(places, windows.dilation, windows.counts, windows.stride, strict=True), 2
        ):
            part = cut(part, axis, slice(j * d, j * d + (m - 1) * s + 1, s))
        found.append(part)
    return found


def conv(
    x: Any, w: Any, stride: Any = None, padding: Any = None, dilation: Any = None, groups: int = 1
) -> Wire:
    """What a gate's settings leave unsaid is 1 along each axis, and no padding."""
    x, w = promoted(x, w, floats=True)
    graph, lengths, ones = graph_of(x, w), w.shape[2:], (1,) * (w.ndim - 2)
    stride, dilation, padding = stride or ones, dilation or ones, padding or [(0, 0)] * len(ones)
    inputs = [n + b + e for n, (b, e) in zip(x.shape[2:], padding, strict=True)]
    counts = tuple(
        (n - (k - 1) * d - 1) // s + 1
        for n, k, d, s in zip(inputs, lengths, dilation, stride, strict=True)
    )
    if x.dtype != np.float64:
        return graph.node(
            "Conv", x, w, shape=(x.shape[0], w.shape[0], *counts), dtype=x.dtype,
            strides=list(stride), dilations=list(dilation), pads=beside(padding), group=groups,
            kernel_shape=list(lengths),
        )  # fmt: skip
    before = tuple(b for b, _ in padding)
    windows = Windows(lengths, tuple(stride), tuple(dilation), before, x.shape[2:], counts)
    parts, size = stack(taps(x, windows, 0.0), 2), math.prod(lengths) * w.shape[1]
    parts = reshape(parts, (x.shape[0], groups, size, math.prod(counts)))
    out = matmul(reshape(w, (groups, w.shape[0] // groups, size)), parts)
    return reshape(out, (x.shape[0], w.shape[0], *counts))


def conv_transpose(
    g: Any, w: Any, lengths: Any, stride: Any = None, padding: Any = None, dilation: Any = None,
    groups: int = 1,
) -> Wire:  # fmt: skip
    g, w = promoted(g, w, floats=True)
    graph, ones = graph_of(g, w), (1,) * (w.ndim - 2)
    stride, dilation, padding = stride or ones, dilation or ones, padding or [(0, 0)] * len(ones)
    axes = list(zip(g.shape[2:], stride, w.shape[2:], dilation, lengths, padding, strict=True))
    ends = [(b, (m - 1) * s + (k - 1) * d + 1 - b - n) for m, s, k, d, n, (b, _) in axes]
    shape = (g.shape[0], w.shape[1] * groups, *lengths)
    if g.dtype != np.float64:
        return graph.node(
            "ConvTranspose", g, w, shape=shape, dtype=g.dtype, strides=list(stride),
            dilations=list(dilation), group=groups, kernel_shape=list(w.shape[2:]),
            pads=beside([(b, max(e, 0)) for b, e in ends]),
            output_padding=[max(-e, 0) for _, e in ends],
        )  # fmt: skip
    for axis, s in enumerate(stride, 2):  # zeros between the entries
        between = [*g.shape[: axis + 1], s - 1, *g.shape[axis + 1 :]]
        apart = reshape(g, [*g.shape[: axis + 1], 1, *g.shape[axis + 1 :]])
        parts = (apart, graph.expanded(np.zeros((), g.dtype), between))
        flat = [*g.shape[:axis], g.shape[axis] * s, *g.shape[axis + 1 :]]
        g = cut(reshape(concatenate(parts, axis + 1), flat), axis, slice(0, flat[axis] - s + 1))
    reach = [(k - 1) * d for _, _, k, d, _, _ in axes]
    g = padded(g, [(r - b, r - e) for r, (b, e) in zip(reach, ends, strict=True)])
    blocks = reshape(w, (groups, w.shape[0] // groups, *w.shape[1:]))
    places = np.arange(math.prod(blocks.shape)).reshape(blocks.shape)
    order = np.flip(places.swapaxes(1, 2), tuple(range(3, blocks.ndim))).reshape(
        w.shape[1] * groups, w.shape[0] // groups, *w.shape[2:]
    )
    return conv(g, moves(lambda p: p.ravel()[order])(blocks), dilation=dilation, groups=groups)


def max_pool(a: Any, **how: Any) -> Wire:
    (a,) = promoted(a)
    windows = windows_of(a.shape[2:], how)
    pads = around(windows)
    if a.dtype.kind != "f" or min(map(min, pads)) < 0:
        return reduce(maximum, taps(a, windows, lowest(a.dtype)))
    shape = (*a.shape[:2], *windows.counts)

    def largest(of: Wire) -> Wire:
        return a.graph.node(
            "MaxPool", of, shape=shape, dtype=of.dtype, kernel_shape=list(windows.lengths),
            strides=list(windows.stride), dilations=list(windows.dilation), pads=beside(pads),
        )  # fmt: skip

    # as for the maximum of an axis
    lost = largest(a.graph.cast(is_nan(a), a.dtype))
    return where(lost > 0.0, np.nan, largest(a))


def avg_pool(a: Any, **how: Any) -> Wire:
    (a,) = promoted(a, floats=True)
    windows, size = windows_of(a.shape[2:], how), 1
    if a.dtype == np.float64:
        summed = reduce(add, taps(a, windows, 0.0))
    else:
        size = math.prod(windows.lengths)
        shape = (*a.shape[:2], *windows.counts)
        summed = a.graph.node(
            "AveragePool", padded(a, around(windows)), shape=shape, dtype=a.dtype,
            kernel_shape=list(windows.lengths), strides=list(windows.stride),
        )  # fmt: skip
    by = np.asarray(divisors(windows, how), a.dtype) / size
    return summed if np.all(by == 1.0) else divide(summed, by)


def unfold(a: Any, kernel_size: Any, **how: Any) -> Wire:
    windows = windows_on("unfold", a.shape[2:], kernel_size, **how)
    parts = stack(taps(a, windows, 0), 2)
    lengths = math.prod(windows.lengths), math.prod(windows.counts)
    return reshape(parts, (a.shape[0], a.shape[1] * lengths[0], lengths[1]))


WINDOWS: dict[str, Callable[..., Wire]] = {
    "avg_pool": avg_pool, "conv": conv, "conv_transpose": conv_transpose, "max_pool": max_pool,
    "unfold": unfold,
}  # fmt: skip
"""By the names that a listing shows."""
