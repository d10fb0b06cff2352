"""Convolutions whose weights are scalar nodes: one weight, and all the places where it is used."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from nn.layers.inputs import numbers, place
from nn.options import spread


def slid(layer: Any, x: Any) -> Any:
    """What a convolution of scalar nodes makes of channels: lists in lists, one deeper for each
    axis, of weighted sums of windows, each added up from the left. What is padded is left out.

    Raises ShapeError (a ValueError) for other channels, and a window that does not fit.
    """
    x = x.tolist() if isinstance(x, np.ndarray) else x
    window = layer.window
    stride, dilation = (spread(n, layer.axes) for n in (layer.stride, layer.dilation))
    reach = [d * (k - 1) for d, k in zip(dilation, window, strict=True)]
    before, after = _padding(layer.padding, reach)
    around = [b + a for b, a in zip(before, after, strict=True)]
    lengths = _lengths(layer, x, [max(1, r + 1 - p) for r, p in zip(reach, around, strict=True)])
    room = [n + p - r for n, p, r in zip(lengths, around, reach, strict=True)]
    counts = [(n - 1) // s + 1 for n, s in zip(room, stride, strict=True)]
    inner, outer = layer.in_channels // layer.groups, layer.out_channels // layer.groups

    def neuron(channel: int, at: tuple[int, ...]) -> Any:
        total: Any = None
        for i, entry in product(range(inner), np.ndindex(window)):
            spot = [
                p * s + k * d - b
                for p, s, k, d, b in zip(at, stride, entry, dilation, before, strict=True)
            ]
            if all(0 <= p < n for p, n in zip(spot, lengths, strict=True)):
                value = _entry(x, (channel // outer * inner + i, *spot))
                term = _entry(layer.weight, (channel, i, *entry)) * value
                total = term if total is None else total + term
        total = Tensor(0.0, requires_grad=False) if total is None else total
        return total if layer.bias is None else total + layer.bias[channel]

    def along(channel: int, at: tuple[int, ...]) -> Any:
        if len(at) == layer.axes:
            return neuron(channel, at)
        return [along(channel, (*at, p)) for p in range(counts[len(at)])]

    return [along(channel, ()) for channel in range(layer.out_channels)]


def size_of(lists: Any) -> int:
    """How many nodes there are in lists in lists."""
    return sum(map(size_of, lists)) if isinstance(lists, list) else 1


def _padding(padding: Any, reach: list[int]) -> tuple[list[int], list[int]]:
    """How many zeros stand before and after the numbers of each axis."""
    if padding == "same":
        return [r // 2 for r in reach], [r - r // 2 for r in reach]
    each = [*spread(0 if padding == "valid" else padding, len(reach))]
    return each, each


def _lengths(layer: Any, x: Any, shortest: list[int]) -> list[int]:
    """The lengths of a channel's axes; checked."""
    found: list[int] = []
    level: list[Any] = [x]
    for _ in range(layer.axes + 1):
        lists = all(isinstance(part, (list, tuple)) for part in level)
        if not lists or len({len(part) for part in level}) != 1:
            found = []
            break
        found.append(len(level[0]))
        level = [item for part in level for item in part]
    fits = found[:1] == [layer.in_channels] and all(
        n >= k for n, k in zip(found[1:], shortest, strict=True)
    )
    if not fits:
        channels = layer.in_channels
        raise ShapeError(
            f"{place(layer)} expects {channels} channel{'s'[: channels > 1]} of "
            f"{' × '.join(map(str, shortest))} numbers or more, as lists in a list, and received "
            f"{f'lengths {found}' if found else f'{x!r:.60}'}"
        )
    numbers(level, len(level), layer)
    return found[1:]


def _entry(lists: Any, index: Any) -> Any:
    for i in index:
        lists = lists[i]
    return lists
