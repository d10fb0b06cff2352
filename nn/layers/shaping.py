"""Layers that only move numbers."""

from __future__ import annotations

import math
from typing import Any

from autograd import ShapeError, Tensor, reshape
from nn.layers.inputs import along, operand, place
from nn.module import Module


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

    def forward(self, x: Any) -> Tensor:
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
