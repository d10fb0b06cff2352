"""Layers that move numbers, or add what others made of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from autograd import DataError, ShapeError, Tensor, reshape
from nn.layers.inputs import along, held, holds_nodes, operand, place
from nn.module import Module
from nn.options import whole


class Flatten(Module):
    """Several axes as one: (N, a, b, …) to (N, a·b·…).

    Parameters
    ----------
    start, end : the first and the last of the axes that become one; all but the batch by default.

    Raises ShapeError (a ValueError) for a single number, which has no batch, and for axes that are
    not there.

    >>> import numpy as np
    >>> import nn
    >>> nn.Flatten()(np.zeros((5, 28, 28))).shape, nn.Flatten(0, 1)(np.zeros((5, 2, 8))).shape
    ((5, 784), (10, 8))
    """

    def __init__(self, start: int = 1, end: int = -1) -> None:
        self.start, self.end = along("Flatten", start, "start"), along("Flatten", end, "end")

    def forward(self, x: Any) -> Tensor | Any:
        if holds_nodes(x):  # one sample, of scalar nodes
            return list(_numbers(x))
        x = operand(x)
        shape = x.shape
        if not shape:
            raise ShapeError(f"{place(self)} expects a batch and received one number: write [x]")
        if len(shape) == self.start == 1 and self.end == -1:
            return reshape(x, (shape[0], 1))  # each sample is one number
        n = len(shape)
        if not (-n <= self.start < n and -n <= self.end < n and self.start % n <= self.end % n):
            raise ShapeError(
                f"{place(self)} expects axes from {self.start} to {self.end} and received shape "
                f"{shape}"
            )
        start, stop = self.start % n, self.end % n + 1
        return reshape(x, (*shape[:start], math.prod(shape[start:stop]), *shape[stop:]))


def _numbers(x: Any) -> Iterator[Any]:
    """The numbers of lists in lists, in their order."""
    for part in x:
        if isinstance(part, list):
            yield from _numbers(part)
        else:
            yield part


class Reshape(Module):
    """Each sample in another shape: rows of pixels as images.

    Parameters
    ----------
    shape : of a sample, without the batch; one length may be -1.

    Raises ShapeError (a ValueError) for another number of entries.

    >>> import numpy as np
    >>> import nn
    >>> nn.Reshape((1, 28, 28))(np.zeros((5, 784))).shape
    (5, 1, 28, 28)
    """

    def __init__(self, shape: Sequence[int]) -> None:
        if not isinstance(shape, (list, tuple)):
            raise DataError(
                f"Reshape: shape must be a tuple, received {shape!r}: write (1, 28, 28)"
            )
        self.shape = tuple(whole("Reshape", f"shape[{i}]", n, -1) for i, n in enumerate(shape))

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        count, known = math.prod(x.shape[1:]), math.prod(n for n in self.shape if n != -1)
        free = self.shape.count(-1)
        if not x.shape or (count % max(known, 1) if free == 1 else count != known or free):
            raise ShapeError(f"{place(self)} cannot make that of samples of shape {x.shape[1:]}")
        rest = count // max(known, 1)
        return reshape(x, (x.shape[0], *(rest if n == -1 else n for n in self.shape)))


class Residual(Module):
    """x + module(x): what the module learns is the difference, and the gradient has a way past it.

    Parameters
    ----------
    module : gives the shape that it takes, or that of `shortcut`.
    shortcut : what x goes through on its way past, such as a convolution of 1 × 1 where the shapes
        differ; None for nothing.

    Raises ShapeError (a ValueError) where the shapes differ: nothing is broadcast.

    Source: He, Zhang, Ren, Sun, Deep residual learning for image recognition, 2016.

    >>> import nn
    >>> nn.Residual(nn.ReLU())([-1.0, 2.0]).data
    array([-1.,  4.])
    """

    def __init__(self, module: Any, shortcut: Any = None) -> None:
        self.module = held("Residual", module)
        self.shortcut = None if shortcut is None else held("Residual", shortcut)

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        out = self.module(x)
        past = x if self.shortcut is None else self.shortcut(x)
        if out.shape != past.shape:
            raise ShapeError(
                f"{place(self)} adds what its module gives, of shape {out.shape}, to {past.shape}: "
                "give it a shortcut= of that shape, or a module that keeps it"
            )
        return past + out
