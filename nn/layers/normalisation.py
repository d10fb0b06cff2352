"""Batch normalisation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ShapeError, Tensor, assign, mean, sqrt, square
from nn.layers.inputs import place, rows
from nn.module import Module
from nn.options import float_dtype, number, size
from nn.parameters import parameter, state

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

__all__ = ["BatchNorm"]


class BatchNorm(Module):
    """beta + gamma·(h − mean)/√(var + eps), with mean and variance over everything but features.

    While training they are the batch's own, and running averages of them are kept; in evaluation
    those are used.

    Parameters
    ----------
    features : the length of the last axis.
    momentum : of a new batch in the running averages: r ← (1 − momentum)·r + momentum·batch.
    eps : keeps the root from 0.
    dtype : of the parameters; inputs of another are cast to it.

    Attributes
    ----------
    gamma, beta : Tensors of shape (features,), trained; 1 and 0 at first.
    running_mean, running_var : Tensors of shape (features,), kept; 0 and 1 at first. The variance
        kept is the unbiased one (over N − 1), that of the batch is over N.

    Called on shape (N, ..., features). Raises ShapeError (a ValueError) for another number of
    features, and while training for one sample, whose variance is 0.

    Source: Ioffe, Szegedy, Batch normalization, 2015.

    >>> import nn
    >>> layer = nn.BatchNorm(1, dtype=float)
    >>> layer([[1.0], [3.0]]).data.round(3).tolist(), layer.running_mean.data
    ([[-1.0], [1.0]], array([0.2]))
    """

    def __init__(
        self,
        features: int,
        *,
        momentum: float = 0.1,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.features = size("BatchNorm", "features", features)
        self.momentum = number("BatchNorm", "momentum", momentum, 0.0, 1.0)
        self.eps = number("BatchNorm", "eps", eps, 0.0)
        kind, shape = float_dtype("BatchNorm", dtype), (self.features,)
        self.gamma = parameter("BatchNorm", "gamma", "ones", shape, None, kind)
        self.beta = parameter("BatchNorm", "beta", "zeros", shape, None, kind)
        self.running_mean = state("BatchNorm", "running_mean", 0.0, shape, kind)
        self.running_var = state("BatchNorm", "running_var", 1.0, shape, kind)

    def forward(self, x: Any) -> Tensor:
        x = rows(x, self.features, self.gamma.dtype, self)
        if self.training:
            centred, variance = self._measured(x)
        else:
            centred, variance = x - self.running_mean, self.running_var
        return self.beta + self.gamma * (centred / sqrt(variance + self.eps))

    def _measured(self, x: Any) -> tuple[Tensor, Tensor]:
        """The batch around its mean, and its variance; both go into the running averages."""
        count = math.prod(x.shape[:-1])
        if count < 2:
            raise ShapeError(
                f"{place(self)} learns from a batch and received {count} sample"
                f"{'s'[: count != 1]}, of shape {x.shape}: write model.eval() to use what was "
                "learnt, or drop the last batch of one"
            )
        axes = tuple(range(len(x.shape) - 1))
        average = mean(x, axis=axes)
        centred = x - average
        variance = mean(square(centred), axis=axes)
        new, old = self.momentum, 1.0 - self.momentum
        assign(self.running_mean, old * self.running_mean + new * average)
        unbiased = new * count / (count - 1)
        assign(self.running_var, old * self.running_var + unbiased * variance)
        return centred, variance

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return output.size
