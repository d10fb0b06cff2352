"""Convolutions whose weights are scalar nodes: one weight, and all the places where it is used."""

from __future__ import annotations

from itertools import product
from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError
from nn.initializers import kernel
from nn.layers.inputs import nodes, numbers, place
from nn.module import Module
from nn.options import choice, per_axis, size, spread
from nn.parameters import Initializer, drawn
from nn.randomness import Rng, as_generator

Sizes = int | tuple[int, ...]


class _ScalarConv(Module):
    """Base: lists of channels, each of lists of numbers, one deeper for each axis."""

    takes_numbers = True
    axes: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        *,
        stride: Sizes = 1,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
    ) -> None:
        owner, kind, rng = type(self).__name__, np.dtype(np.float64), as_generator(rng)
        self.in_channels = size(owner, "in_channels", in_channels)
        self.out_channels = size(owner, "out_channels", out_channels)
        self.kernel_size = per_axis(owner, "kernel_size", kernel_size, self.axes)
        self.stride = per_axis(owner, "stride", stride, self.axes)
        self.bias: Any = None
        self.initializer, self.bias_initializer = initializer, bias_initializer
        shape = kernel(self.out_channels, self.in_channels, *self.window)
        self.weight = nodes("w", drawn(owner, initializer, shape, rng, kind))
        if choice(owner, "bias", bias):
            offsets = drawn(owner, bias_initializer, (self.out_channels,), rng, kind)
            self.bias = nodes("b", offsets)

    @property
    def window(self) -> tuple[int, ...]:
        """The lengths of the kernel."""
        return spread(self.kernel_size, self.axes)

    def forward(self, x: Any) -> list[Any]:
        if isinstance(x, np.ndarray):
            x = x.tolist()
        lengths = self._lengths(x)
        steps = spread(self.stride, self.axes)
        counts = [(n - k) // s + 1 for n, k, s in zip(lengths, self.window, steps, strict=True)]

        def neuron(channel: int, at: tuple[int, ...]) -> Any:
            """A weighted sum of the window that begins there, added up from the left."""
            total: Any = None
            for inner, entry in product(range(self.in_channels), np.ndindex(self.window)):
                spot = (p * s + k for p, s, k in zip(at, steps, entry, strict=True))
                term = _entry(self.weight, (channel, inner, *entry)) * _entry(x, (inner, *spot))
                total = term if total is None else total + term
            return total if self.bias is None else total + self.bias[channel]

        def slid(channel: int, at: tuple[int, ...]) -> Any:
            if len(at) == self.axes:
                return neuron(channel, at)
            return [slid(channel, (*at, p)) for p in range(counts[len(at)])]

        return [slid(channel, ()) for channel in range(self.out_channels)]

    def _lengths(self, x: Any) -> list[int]:
        """The lengths of a channel's axes; checked."""
        found: list[int] = []
        level: list[Any] = [x]
        for _ in range(self.axes + 1):
            lists = all(isinstance(part, (list, tuple)) for part in level)
            if not lists or len({len(part) for part in level}) != 1:
                found = []
                break
            found.append(len(level[0]))
            level = [item for part in level for item in part]
        fits = found[:1] == [self.in_channels] and all(
            n >= k for n, k in zip(found[1:], self.window, strict=True)
        )
        if not fits:
            window = " × ".join(map(str, self.window))
            raise ShapeError(
                f"{place(self)} expects {self.in_channels} channel"
                f"{'s'[: self.in_channels > 1]} of {window} numbers or more, as lists in a list, "
                f"and received {f'lengths {found}' if found else f'{x!r:.60}'}"
            )
        numbers(level, len(level), self)
        return found[1:]

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "bias": self.bias is not None}

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        places = np.size(np.array(_sizes(output)))
        return int(places) * self.in_channels * int(np.prod(self.window))


def _entry(lists: Any, index: Any) -> Any:
    for i in index:
        lists = lists[i]
    return lists


def _sizes(lists: Any) -> Any:
    """The same lists with ones in place of nodes."""
    return [_sizes(part) for part in lists] if isinstance(lists, list) else 1


class ScalarConv1d(_ScalarConv):
    """`Conv1d` with a scalar node for every weight: a list of channels, each a list of numbers.

    Parameters as of `Conv1d`, without padding, dilation and groups. Attributes: `weight`, lists of
    nodes for each output and input channel, and `bias`, a list of nodes or None; their names and
    shapes in `state_dict` are those of `Conv1d`.

    >>> import nn
    >>> layer = nn.ScalarConv1d(1, 1, 2, bias=False, rng=0)
    >>> (a, b, c), = layer([[1.0, 2.0, 4.0, 8.0]])
    >>> a.gate.name, layer.state_dict()["weight"].shape
    ('add', (1, 1, 2))
    """

    axes = 1
    kind_label = "conv1d"


class ScalarConv2d(_ScalarConv):
    """`Conv2d` with a scalar node for every weight: a list of channels, each a list of rows.

    Parameters and attributes as of `ScalarConv1d`.

    >>> import nn
    >>> layer = nn.ScalarConv2d(1, 2, 2, rng=0)
    >>> maps = layer([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
    >>> len(maps), len(maps[0]), len(maps[0][0])
    (2, 1, 2)
    """

    axes = 2
    kind_label = "conv2d"
