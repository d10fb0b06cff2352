"""Layers that only move numbers."""

from __future__ import annotations

import math
from typing import Any

from autograd import ShapeError, Tensor, reshape
from nn.layers.inputs import operand, place
from nn.module import Module

__all__ = ["Flatten"]


class Flatten(Module):
    """Everything but the batch in one row: (N, a, b, …) to (N, a·b·…).

    Raises ShapeError (a ValueError) for a single number, which has no batch.

    >>> import numpy as np
    >>> import nn
    >>> nn.Flatten()(np.zeros((5, 28, 28))).shape
    (5, 784)
    """

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        if not x.shape:
            raise ShapeError(f"{place(self)} expects a batch and received one number: write [x]")
        return reshape(x, (x.shape[0], math.prod(x.shape[1:])))
