"""Normalisation: of each feature over the batch, and of each sample over its features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ShapeError, Tensor, assign, mean, moveaxis, sqrt, square
from nn.errors import OptionError
from nn.layers.inputs import along, features_at, operand, place, rows
from nn.module import Module
from nn.options import choice, float_dtype, real, size, sizes
from nn.parameters import parameter, state

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class BatchNorm(Module):
    """beta + gamma·(h − mean)/√(var + eps), with mean and variance over everything but features.

    While training they are the batch's own, and running averages of them are kept; in evaluation
    those are used, and where the layer is frozen: by `freeze`, or with gamma and beta that want no
    gradient.

    Parameters
    ----------
    features : the length of the last axis, or of `axis`.
    axis : of the features: the last, or 1 for the channels of images (N, C, H, W).
    momentum : of a new batch in the running averages: r ← (1 − momentum)·r + momentum·batch; None
        for the plain mean of all batches so far.
    eps : keeps the root from 0.
    affine : whether there are gamma and beta.
    track_running_stats : whether averages are kept; without, every batch is normalised by its own
        mean and variance, in evaluation, too.
    dtype : of the parameters; inputs of another are cast to it.

    Attributes
    ----------
    gamma, beta : Tensors of shape (features,), trained; 1 and 0 at first; or None.
    running_mean, running_var : Tensors of shape (features,), kept; 0 and 1 at first; or None. The
        variance kept is the unbiased one (over N − 1), that of the batch is over N.
    batches : how many went into the averages, a Tensor, where `momentum` is None.

    Called on shape (N, ..., features), or with the features on `axis`. Raises ShapeError (a
    ValueError) for another number of features, and for one sample that is normalised by itself,
    whose variance is 0.

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
        axis: int = -1,
        momentum: float | None = 0.1,
        eps: float = 1e-5,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.features = size("BatchNorm", "features", features)
        self.axis = along("BatchNorm", axis)
        self.momentum = momentum
        if momentum is not None:
            self.momentum = real("BatchNorm", "momentum", momentum, 0.0, 1.0)
        self.eps = real("BatchNorm", "eps", eps, 0.0)
        self.affine = choice("BatchNorm", "affine", affine)
        self.track_running_stats = choice("BatchNorm", "track_running_stats", track_running_stats)
        self._made_of = kind = float_dtype("BatchNorm", dtype)
        shape = (self.features,)
        self.gamma: Tensor | None = None
        self.beta: Any = None
        if self.affine:
            self.gamma = parameter("BatchNorm", "gamma", "ones", shape, None, kind)
            self.beta = parameter("BatchNorm", "beta", "zeros", shape, None, kind)
        self.running_mean: Tensor | None = None
        self.running_var: Tensor | None = None
        if self.track_running_stats:
            self.running_mean = state("BatchNorm", "running_mean", 0.0, shape, kind)
            self.running_var = state("BatchNorm", "running_var", 1.0, shape, kind)
            if self.momentum is None:
                self.batches = state("BatchNorm", "batches", 0.0, (), np.dtype(float))

    def forward(self, x: Any) -> Tensor:
        if self.axis == -1:
            return self._normalised(x)
        x = operand(x)
        features_at(x.shape, self.axis, self.features, self)
        return moveaxis(self._normalised(moveaxis(x, self.axis, -1)), -1, self.axis)

    def _normalised(self, x: Any) -> Tensor:
        held = self.running_mean if self.gamma is None else self.gamma
        x = rows(x, self.features, self._made_of if held is None else held.dtype, self)
        counts = self.training and not self.is_frozen
        if counts or self.running_mean is None or self.running_var is None:
            centred, variance = self._measured(x)
        else:
            centred, variance = x - self.running_mean, self.running_var
        out = centred / sqrt(variance + self.eps)
        return out if self.gamma is None else self.beta + self.gamma * out

    @property
    def is_frozen(self) -> bool:
        trained = self.gamma is None or self.gamma.requires_grad or self.beta.requires_grad
        return super().is_frozen or (self._stays is None and not trained)

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "dtype": self.dtype or self._made_of}

    def _measured(self, x: Any) -> tuple[Tensor, Tensor]:
        """The batch around its mean, and its variance; both go into the running averages."""
        count = math.prod(x.shape[:-1])
        if count < 2:
            raise ShapeError(
                f"{place(self)} normalises a batch by its own numbers and received {count} sample"
                f"{'s'[: count != 1]}, of shape {x.shape}: {self._advice()}"
            )
        axes = tuple(range(len(x.shape) - 1))
        average = mean(x, axis=axes)
        centred = x - average
        variance = mean(square(centred), axis=axes)
        if self.training and self.running_mean is not None and self.running_var is not None:
            new = self._weight_of_batch()
            old = 1.0 - new
            assign(self.running_mean, old * self.running_mean + new * average)
            unbiased = new * count / (count - 1)
            assign(self.running_var, old * self.running_var + unbiased * variance)
        return centred, variance

    def _weight_of_batch(self) -> Any:
        """Of the new batch in the running averages."""
        if self.momentum is not None:
            return self.momentum
        assign(self.batches, self.batches + 1.0)
        return 1.0 / self.batches

    def _advice(self) -> str:
        """What to write for one sample."""
        if self.track_running_stats:
            return "write model.eval() to use what was learnt, or drop the last batch of one"
        return "without running averages it takes two samples or more"

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return output.size


class LayerNorm(Module):
    """beta + gamma·(h − mean)/√(var + eps), with the mean and variance of each sample's last axes.

    It keeps no averages, and does the same in training and in use, with one sample, too.

    Parameters
    ----------
    shape : the length of the last axis, or the lengths of several.
    eps : keeps the root from 0.
    affine : whether there are gamma and beta.
    bias : whether there is a beta, where `affine`.
    dtype : of the parameters; inputs of another are cast to it.

    Attributes: `gamma` and `beta`, Tensors of that shape, trained; 1 and 0 at first; or None. The
    variance is over N numbers, not N − 1.

    Called on shape (..., *shape). Raises ShapeError (a ValueError) for other last axes.

    Source: Ba, Kiros, Hinton, Layer normalization, 2016.

    >>> import nn
    >>> nn.LayerNorm(2)([[1.0, 3.0], [50.0, 10.0]]).data.round(3).tolist()
    [[-1.0, 1.0], [1.0, -1.0]]
    """

    def __init__(
        self,
        shape: int | Sequence[int],
        eps: float = 1e-5,
        *,
        affine: bool = True,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
    ) -> None:
        several = isinstance(shape, (list, tuple))
        self._axes = tuple(sizes("LayerNorm", "shape", shape if several else [shape]))
        if not self._axes:
            raise OptionError("LayerNorm: shape must name one axis or more, received none")
        self.shape = self._axes if several else self._axes[0]
        self.eps = real("LayerNorm", "eps", eps, 0.0)
        self.affine = choice("LayerNorm", "affine", affine)
        self.bias = choice("LayerNorm", "bias", bias)
        self._made_of = kind = float_dtype("LayerNorm", dtype)
        self.gamma: Tensor | None = None
        self.beta: Tensor | None = None
        if self.affine:
            self.gamma = parameter("LayerNorm", "gamma", "ones", self._axes, None, kind)
            if self.bias:
                self.beta = parameter("LayerNorm", "beta", "zeros", self._axes, None, kind)

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        if x.shape[-len(self._axes) :] != self._axes:
            raise ShapeError(
                f"{place(self)} expects shape (..., {str(self._axes).strip('(,)')}) and received "
                f"{x.shape}"
            )
        dtype = self._made_of if self.gamma is None else self.gamma.dtype
        wide = np.dtype(np.float32) if dtype == np.float16 else dtype  # squares would be infinite
        x = x if x.dtype == wide else x.astype(wide)
        axes = tuple(range(-len(self._axes), 0))
        centred = x - mean(x, axis=axes, keepdims=True)
        variance = mean(square(centred), axis=axes, keepdims=True)
        out = centred / sqrt(variance + self.eps)
        out = out if out.dtype == dtype else out.astype(dtype)
        out = out if self.gamma is None else self.gamma * out
        return out if self.beta is None else self.beta + out

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "dtype": self.dtype or self._made_of}

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return output.size
