"""Windows that slide: where they lie, and products of them with a kernel, on plain arrays.

Users see (N, C, *spatial). Inside, the images lie last in memory: a window that slides then reads
one long run of numbers after the other, however few channels and columns there are, and what comes
out lies like that for the next gate, so that nothing is turned between two of them.

A convolution is one product of matrices for each row of its result (the first of the spatial axes).
Only taps along the other axes are copied beside each other: with rows first, then channels, taps,
columns and images, the window of a row is the next few rows of that copy, one stretch of memory.
The gradient by the input is a product of the same kind, of the kernel with rows of the upstream.
Where rows are too short for that, or the rows of a window lie apart, all taps are copied.

Source: Chellapilla, Puri and Simard, High performance convolutional neural networks for document
processing, 2006 (convolution as a product of matrices); the copy of a few rows is after Cho and
Brand, MEC: memory-efficient convolution, 2017.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Windows", "add_taps", "by_input", "by_kernel", "convolved", "images_last"]

BLOCK = 1 << 21
"""Bytes of taps that are copied at a time: they stay in a second cache until they are read."""

SHORT = 64
"""Columns times images of a row below which a product for each row would be slow."""

Key = tuple[slice, ...]

Tap = tuple[tuple[int, ...], Key, Key]
"""An entry of a window: its place in it, which windows have it, and where in the input."""


class Windows(NamedTuple):
    """Where windows lie: along each spatial axis, the entries of window q are
    ``q·stride − before + j·dilation`` for j below `lengths`; those outside of the input are
    padding.

    Attributes
    ----------
    lengths, stride, dilation : of the windows, along each axis.
    before : how much padding there is before the first entry.
    inputs, counts : the lengths of the input, and how many windows there are.
    """

    lengths: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    before: tuple[int, ...]
    inputs: tuple[int, ...]
    counts: tuple[int, ...]

    def tap(
        self, axis: int, j: int, start: int = 0, stop: int | None = None
    ) -> tuple[slice, slice]:
        """Which of the windows `start` to `stop` have their entry j in the input, counted from
        `start`, and where there."""
        step = self.stride[axis]
        offset = j * self.dilation[axis] - self.before[axis]
        stop = self.counts[axis] if stop is None else stop
        first = max(start, -(offset // step))
        last = min(stop, (self.inputs[axis] - 1 - offset) // step + 1)
        if last <= first:
            return slice(0, 0), slice(0, 0)
        begin = offset + first * step
        return slice(first - start, last - start), slice(
            begin, offset + (last - 1) * step + 1, step
        )

    def taps(self) -> tuple[Tap, ...]:
        """All entries of a window."""
        return taps_between(self, 0, tuple((0, n) for n in self.counts))

    def with_row(self) -> Windows:
        """The same behind one axis more, of one entry, along which nothing slides."""
        return Windows(
            (1, *self.lengths), (1, *self.stride), (1, *self.dilation), (0, *self.before),
            (1, *self.inputs), (1, *self.counts),
        )  # fmt: skip


@lru_cache(maxsize=512)
def taps_between(
    windows: Windows, axis: int, ranges: tuple[tuple[int, int], ...]
) -> tuple[Tap, ...]:
    """The entries of windows along the axes from `axis` on, of those from and to along each."""
    axes = [
        [(j, *windows.tap(i, j, *part)) for j in range(windows.lengths[i])]
        for i, part in enumerate(ranges, axis)
    ]
    return tuple(tuple(zip(*found, strict=True)) for found in itertools.product(*axes))


def images_last(shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """An empty array (N, C, *spatial) whose images lie last in memory: as (C, *spatial, N) it is
    contiguous."""
    return np.ndarray(shape, dtype, strides=strides_of(shape, dtype.itemsize))


@lru_cache(maxsize=512)
def strides_of(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Those of an array whose first axis is the fastest, and then the last to the second."""
    strides = [0] * len(shape)
    for axis in (0, *reversed(range(1, len(shape)))):
        strides[axis] = itemsize
        itemsize *= max(shape[axis], 1)
    return tuple(strides)


def turned(a: Any) -> Any:
    """(N, C, *spatial) as (C, *spatial, N)."""
    return a.transpose(*range(1, a.ndim), 0)


class Layout:
    """How one convolution is cut into products: of which windows, by rows or not.

    Arrays are (groups, channels of one, *spatial, images) here. With `by_rows` the first spatial
    axis is that of the rows; else an axis of one entry was put before them all.
    """

    def __init__(self, windows: Windows, images: int, groups: int) -> None:
        self.by_rows = (
            len(windows.lengths) > 1
            and (windows.dilation[0] == 1 or windows.lengths[0] == 1)
            and math.prod(windows.counts[1:]) * images >= SHORT
        )
        self.windows = windows = windows if self.by_rows else windows.with_row()
        self.groups = groups
        self.images = images
        self.taps = math.prod(windows.lengths[1:])
        self.rows = windows.lengths[0]
        """Rows of a window."""

    def split(self, a: Any) -> Any:
        """(N, C, *spatial) as (groups, C/groups, *spatial, N)."""
        a = turned(a)
        lengths = a.shape[1:] if self.by_rows else (1, *a.shape[1:])
        return a.reshape(self.groups, a.shape[0] // self.groups, *lengths)

    def blocks(self, bytes_of_row: int) -> Iterator[tuple[int, int]]:
        """Which windows to take at a time, along the first axis that was there before."""
        n = self.windows.counts[0 if self.by_rows else 1]
        step = max(1, BLOCK // max(bytes_of_row, 1))
        parts = -(-n // step)
        for i in range(parts):
            yield i * n // parts, (i + 1) * n // parts

    def part(self, a: Any, start: int, stop: int) -> Any:
        """The windows of a block in an array of results, as (groups, rows, channels, columns)."""
        if self.by_rows:
            block = a[:, :, start:stop]
            return block.reshape(*block.shape[:3], -1).swapaxes(1, 2)
        block = a[:, :, :, start:stop]
        return block.reshape(*block.shape[:2], 1, -1).swapaxes(1, 2)

    def columns(self, start: int, stop: int) -> list[tuple[int, int]]:
        """The windows of a block along each axis but that of the rows."""
        ranges = [(0, n) for n in self.windows.counts[1:]]
        if not self.by_rows:
            ranges[0] = start, stop
        return ranges

    def gathered(self, a: Any, start: int, stop: int, dtype: Any) -> Any:
        """The entries of the windows of a block, as (groups, rows, entries, columns): a view, of
        which each row shows the taps of the next few rows of the input."""
        w = self.windows
        groups, channels = a.shape[:2]
        ranges = self.columns(start, stop)
        first = start * w.stride[0] if self.by_rows else 0
        n = (stop - start - 1) * w.stride[0] + w.lengths[0] if self.by_rows else 1
        counts = [stop - start for start, stop in ranges]
        taps: Any = np.empty((groups, n, channels, *w.lengths[1:], *counts, self.images), dtype)
        shift = first - w.before[0]
        above = min(n, max(0, -shift))
        below = max(above, min(n, w.inputs[0] - shift))
        if above or below < n:
            taps[:, :above] = taps[:, below:] = 0.0
        inside, rows = slice(above, below), slice(above + shift, below + shift)
        a = a[:, :, rows].swapaxes(1, 2)
        target = taps[:, inside]
        lead = (slice(None),) * 3
        for places, parts, entries in taps_between(w, 1, tuple(ranges)):
            tap = target[(*lead, *places)]
            for axis, (part, count) in enumerate(zip(parts, counts, strict=True), 3):
                if part.start:
                    tap[(slice(None),) * axis + (slice(part.start),)] = 0.0
                if part.stop < count:
                    tap[(slice(None),) * axis + (slice(part.stop, None),)] = 0.0
            tap[(*lead, *parts)] = a[(*lead, *entries)]
        return self.sliding(taps, stop - start if self.by_rows else 1, self.rows, w.stride[0])

    def sliding(self, stack: Any, n: int, rows: int, stride: int) -> Any:
        """Of (groups, rows, channels, ..., columns): for each of n windows its `rows` rows, as
        (groups, n, rows·channels·..., columns), without a copy."""
        groups = len(stack)
        per_row = stack.strides[1]
        columns = math.prod(stack.shape[stack.ndim - len(self.windows.counts) :])
        step = columns * stack.itemsize
        # Not as_strided, which takes as long as a small product.
        return np.ndarray(
            (groups, n, rows * (per_row // step), columns), stack.dtype, stack,
            strides=(stack.strides[0], stride * per_row, step, stack.itemsize),
        )  # fmt: skip

    def matrix(self, w: Any) -> Any:
        """The kernel (O, C/groups, *lengths) as (groups, 1, O/groups, entries), the entries in the
        order of `gathered`."""
        outputs, channels = w.shape[:2]
        w = w.reshape(self.groups, outputs // self.groups, channels, self.rows, self.taps)
        return w.swapaxes(2, 3).reshape(self.groups, 1, outputs // self.groups, -1)

    def kernel(self, matrix: Any, shape: tuple[int, ...]) -> Any:
        """The inverse of `matrix`."""
        outputs, channels = shape[:2]
        parts = self.groups, outputs // self.groups
        out: Any = np.empty(shape, matrix.dtype)
        taken = matrix.reshape(*parts, self.rows, channels, self.taps)
        out.reshape(*parts, channels, self.rows, self.taps)[...] = taken.swapaxes(2, 3)
        return out


def convolved(x: Any, w: Any, windows: Windows, groups: int) -> Any:
    """Σ over each window of the kernel times the input: (N, O, *counts)."""
    out = images_last((len(x), len(w), *windows.counts), w.dtype)
    if not out.size:
        return out
    layout = Layout(windows, len(x), groups)
    source, target = layout.split(compact(x)), layout.split(out)
    matrix = layout.matrix(w)
    for start, stop in layout.blocks(bytes_of_row(layout, source, w.dtype)):
        entries = layout.gathered(source, start, stop, w.dtype)
        np.matmul(matrix, entries, out=layout.part(target, start, stop))
    return out


def by_kernel(x: Any, g: Any, windows: Windows, groups: int, shape: tuple[int, ...]) -> Any:
    """The gradient by the kernel: Σ over windows of the upstream times the entries."""
    layout = Layout(windows, len(x), groups)
    total = np.zeros((groups, shape[0] // groups, math.prod(shape[1:])), g.dtype)
    if total.size and g.size:
        source, upstream = layout.split(compact(x)), layout.split(compact(g))
        bytes_of_products = total.nbytes if layout.by_rows else 0
        size = max(bytes_of_row(layout, source, g.dtype), bytes_of_products)
        for start, stop in layout.blocks(size):
            entries = layout.gathered(source, start, stop, g.dtype)
            part = layout.part(upstream, start, stop)
            if entries.shape[2] < part.shape[2]:  # measured: the longer side first is faster
                product = np.matmul(part, entries.swapaxes(-1, -2))
            else:
                product = np.matmul(entries, part.swapaxes(-1, -2)).swapaxes(-1, -2)
            total += np.add.reduce(product, axis=1)
    return layout.kernel(total, shape)


def by_input(g: Any, w: Any, windows: Windows, groups: int) -> Any:
    """The gradient by the input: the upstream of each window, times the kernel, added where the
    window lies."""
    channels = w.shape[1] * groups
    out = images_last((len(g), channels, *windows.inputs), w.dtype)
    out.fill(0.0)
    if not (out.size and g.size):
        return out
    layout = Layout(windows, len(g), groups)
    target, upstream = layout.split(out), layout.split(compact(g))
    windows = layout.windows
    step, before = windows.stride[0], windows.before[0]
    kernel = w.reshape(groups, len(w) // groups, w.shape[1], layout.rows, layout.taps)
    for phase in range(min(step, layout.rows)):
        # Rows h = q·step + phase of the padded input lie in the windows q, q − 1, ... alone.
        own = kernel[:, :, :, phase::step][:, :, :, ::-1]
        reach = own.shape[3]
        matrix = own.transpose(0, 2, 4, 3, 1).reshape(groups, 1, w.shape[1] * layout.taps, -1)
        first = max(0, -((phase - before) // step))
        last = (windows.inputs[0] - 1 + before - phase) // step + 1
        last = min(last, windows.counts[0] + reach - 1)
        for q, stop, columns in rows_of(layout, first, last, upstream, w.shape[1]):
            stack = stacked(layout, upstream, q - reach + 1, stop, columns)
            product = np.matmul(matrix, layout.sliding(stack, stop - q, reach, 1))
            begin = q * step + phase - before
            end = (stop - 1) * step + phase - before + 1
            add_columns(layout, target[:, :, begin:end:step], product, columns)
    return out


def rows_of(layout: Layout, first: int, last: int, upstream: Any, channels: int) -> Iterator[Any]:
    """Rows to compute at a time, from and to, and the columns of their windows."""
    if layout.by_rows:
        row = upstream[:, :, 0].nbytes
        row = max(row, row * channels * layout.taps // upstream.shape[1])
        step = max(1, BLOCK // max(row, 1))
        for q in range(first, last, step):
            yield q, min(q + step, last), layout.columns(0, 0)
        return
    for start, stop in layout.blocks(upstream[:, :, 0, 0].nbytes * layout.taps):
        yield 0, 1, layout.columns(start, stop)


def stacked(layout: Layout, upstream: Any, start: int, stop: int, columns: Any) -> Any:
    """Rows of the upstream, zeros outside, as (groups, rows, channels, columns)."""
    counts = [end - begin for begin, end in columns]
    groups, channels = upstream.shape[:2]
    stack = np.empty((groups, stop - start, channels, *counts, layout.images), upstream.dtype)
    inside = slice(max(start, 0), min(stop, upstream.shape[2]))
    stack[:, : inside.start - start] = 0.0
    stack[:, inside.stop - start :] = 0.0
    key = tuple(slice(*part) for part in columns)
    part = upstream[(slice(None), slice(None), inside, *key)]
    stack[:, inside.start - start : inside.stop - start] = part.swapaxes(1, 2)
    return stack


def add_columns(layout: Layout, target: Any, product: Any, columns: Any) -> None:
    """Add (groups, rows, channels·taps, columns) to rows of the input, where each tap lies."""
    counts = [end - begin for begin, end in columns]
    groups, rows = product.shape[:2]
    product = product.reshape(
        groups, rows, -1, *layout.windows.lengths[1:], *counts, layout.images
    ).swapaxes(1, 2)
    lead = (slice(None),) * 3
    for places, parts, entries in taps_between(layout.windows, 1, tuple(columns)):
        target[(*lead, *entries)] += product[(*lead, *places)][(*lead, *parts)]


def add_taps(total: Any, a: Any, windows: Windows) -> None:
    """Add windows' entries (N, C, *lengths, *counts) to an array (N, C, *inputs)."""
    lead = (slice(None),) * 2
    for places, parts, entries in windows.taps():
        total[(*lead, *entries)] += a[(*lead, *places, *parts)]


def bytes_of_row(layout: Layout, source: Any, dtype: Any) -> int:
    """Bytes of what `gathered` copies for one more window along the axis that is cut."""
    w = layout.windows
    columns = math.prod(w.counts[1:]) * layout.images * layout.taps
    if not layout.by_rows:
        columns //= w.counts[1]
    step = w.stride[0] if layout.by_rows else 1
    return source.shape[0] * source.shape[1] * columns * step * np.dtype(dtype).itemsize


def compact(a: Any) -> Any:
    """The same array, with the images last in memory, where they are not next to each other."""
    if len(a) > 1 and a.strides[0] != a.itemsize:
        other = images_last(a.shape, a.dtype)
        other[...] = a
        return other
    return a
