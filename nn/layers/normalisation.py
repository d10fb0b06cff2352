"""Normalisation: of each feature over the batch, and of each sample over its features."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ShapeError, Tensor, assign, mean, reshape, sqrt, square
from autograd.extend import Saved, apply, gate
from nn.errors import OptionError
from nn.layers.inputs import along, features_at, images, operand, place, rows
from nn.module import Module
from nn.options import choice, float_dtype, real, size, sizes
from nn.parameters import parameter, state

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class _Normalisation(Module):
    """Base of the normalisations: gamma and beta, and a dtype where there are none."""

    gamma: Tensor | None
    beta: Any

    def _make(self, shape: tuple[int, ...], dtype: DTypeLike, *, gamma: bool, beta: bool) -> None:
        owner = type(self).__name__
        self._made_of = kind = float_dtype(owner, dtype)
        self.gamma = parameter(owner, "gamma", "ones", shape, None, kind) if gamma else None
        self.beta = parameter(owner, "beta", "zeros", shape, None, kind) if beta else None

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "dtype": self.dtype or self._made_of}

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return output.size


class BatchNorm(_Normalisation):
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
        owner = type(self).__name__
        self.features = size(owner, "features", features)
        self.axis = along(owner, axis)
        self.momentum = momentum
        if momentum is not None:
            self.momentum = real(owner, "momentum", momentum, 0.0, 1.0)
        self.eps = real(owner, "eps", eps, 0.0)
        self.affine = choice(owner, "affine", affine)
        self.track_running_stats = choice(owner, "track_running_stats", track_running_stats)
        shape = (self.features,)
        self._make(shape, dtype, gamma=self.affine, beta=self.affine)
        self.running_mean: Tensor | None = None
        self.running_var: Tensor | None = None
        if self.track_running_stats:
            self.running_mean = state(owner, "running_mean", 0.0, shape, self._made_of)
            self.running_var = state(owner, "running_var", 1.0, shape, self._made_of)
            if self.momentum is None:
                self.batches = state(owner, "batches", 0.0, (), np.dtype(float))

    def forward(self, x: Any) -> Tensor:
        held = self.running_mean if self.gamma is None else self.gamma
        dtype = self._made_of if held is None else held.dtype
        x = self._features(x, _wider(dtype))
        axis = self.axis % len(x.shape)
        axes = tuple(i for i in range(len(x.shape)) if i != axis)
        along_axis = (-1, *[1] * (len(x.shape) - 1 - axis))

        def laid(values: Tensor) -> Tensor:
            """One number a feature, on the features' axis."""
            return values if axis == len(x.shape) - 1 else reshape(values, along_axis)

        counts = self.training and not self.is_frozen
        if counts or self.running_mean is None or self.running_var is None:
            average = mean(x, axis=self._counted(x, axes))
            centred = x - laid(average)
            variance = mean(square(centred), axis=axes)
            self._count(x.size // self.features, average, variance)
        else:
            centred, variance = x - laid(self.running_mean), self.running_var
        out = centred / laid(sqrt(variance + self.eps))
        out = out if self.gamma is None else laid(self.beta) + laid(self.gamma) * out
        return out if out.dtype == dtype else out.astype(dtype)

    def _features(self, x: Any, dtype: np.dtype) -> Any:
        """The input, checked, in the layer's dtype."""
        if self.axis == -1:
            return rows(x, self.features, dtype, self)
        x = operand(x)
        features_at(x.shape, self.axis, self.features, self)
        return x if x.dtype == dtype else x.astype(dtype)

    @property
    def is_frozen(self) -> bool:
        trained = self.gamma is None or self.gamma.requires_grad or self.beta.requires_grad
        return super().is_frozen or (self._stays is None and not trained)

    def _counted(self, x: Any, axes: tuple[int, ...]) -> tuple[int, ...]:
        """The axes to average over, where that are two numbers or more."""
        count = math.prod(x.shape[i] for i in axes)
        if count < 2:
            raise ShapeError(
                f"{place(self)} normalises a batch by its own numbers and received {count} sample"
                f"{'s'[: count != 1]}, of shape {x.shape}: {self._advice()}"
            )
        return axes

    def _count(self, count: int, average: Tensor, variance: Tensor) -> None:
        """Let the batch go into the running averages."""
        if self.training and self.running_mean is not None and self.running_var is not None:
            new = self._weight_of_batch()
            old = 1.0 - new
            assign(self.running_mean, old * self.running_mean + new * average)
            unbiased = new * count / (count - 1)
            assign(self.running_var, old * self.running_var + unbiased * variance)

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


class BatchNorm2d(BatchNorm):
    """`BatchNorm` of the channels of images (N, C, H, W): over the batch and all places.

    Parameters, attributes and errors as of `BatchNorm`, without `axis`.

    >>> import numpy as np
    >>> import nn
    >>> nn.BatchNorm2d(3)(np.ones((2, 3, 4, 4))).shape
    (2, 3, 4, 4)
    """

    def __init__(
        self,
        features: int,
        *,
        momentum: float | None = 0.1,
        eps: float = 1e-5,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            features, axis=1, momentum=momentum, eps=eps, affine=affine,
            track_running_stats=track_running_stats, dtype=dtype,
        )  # fmt: skip

    def _features(self, x: Any, dtype: np.dtype) -> Any:
        return images(x, self.features, dtype, self)


class LayerNorm(_Normalisation):
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
        self._make(self._axes, dtype, gamma=self.affine, beta=self.affine and self.bias)

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        if x.shape[-len(self._axes) :] != self._axes:
            raise ShapeError(
                f"{place(self)} expects shape (..., {str(self._axes).strip('(,)')}) and received "
                f"{x.shape}"
            )
        shape = x.shape
        if len(self._axes) == 1 < len(shape) - 1:  # as rows: one product sums the gradients up
            x = reshape(x, (-1, shape[-1]))
        axes = tuple(range(-len(self._axes), 0))
        out = _standardised(x, axes, self.eps, self.dtype or self._made_of)
        out = out if self.gamma is None else self.gamma * out
        out = out if self.beta is None else self.beta + out
        return out if out.shape == shape else reshape(out, shape)


class GroupNorm(_Normalisation):
    """beta + gamma·(h − mean)/√(var + eps), with mean and variance of each sample's groups of
    channels, and gamma and beta a channel.

    Like `LayerNorm` it does the same in training and in use; with one group it is that of images,
    with as many as there are channels instance normalisation.

    Parameters
    ----------
    groups, channels : how many groups there are, of how many channels together.
    eps : keeps the root from 0.
    affine : whether there are gamma and beta.
    bias : whether there is a beta, where `affine`.
    dtype : of the parameters; inputs of another are cast to it.

    Attributes: `gamma` and `beta`, Tensors of shape (channels,), trained; 1 and 0 at first; or
    None.

    Called on shape (N, channels, ...). Raises ShapeError (a ValueError) for other channels,
    OptionError (a ValueError) for groups of different sizes.

    Source: Wu, He, Group normalization, 2018.

    >>> import numpy as np
    >>> import nn
    >>> nn.GroupNorm(2, 4)(np.arange(4.0).reshape(1, 4, 1)).data.round(3).ravel()
    array([-1.,  1., -1.,  1.], dtype=float32)
    """

    def __init__(
        self,
        groups: int,
        channels: int,
        eps: float = 1e-5,
        *,
        affine: bool = True,
        bias: bool = True,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.groups = size("GroupNorm", "groups", groups)
        self.channels = size("GroupNorm", "channels", channels)
        if self.channels % self.groups:
            raise OptionError(
                f"GroupNorm: {self.channels} channels do not make {self.groups} groups of one size"
            )
        self.eps = real("GroupNorm", "eps", eps, 0.0)
        self.affine = choice("GroupNorm", "affine", affine)
        self.bias = choice("GroupNorm", "bias", bias)
        self._make((self.channels,), dtype, gamma=self.affine, beta=self.affine and self.bias)

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        features_at(x.shape, 1, self.channels, self)
        shape = x.shape
        groups = reshape(x, (shape[0], self.groups, math.prod(shape[1:]) // self.groups))
        out = _standardised(groups, (-1,), self.eps, self.dtype or self._made_of)
        out = reshape(out, shape)
        if self.gamma is None:
            return out
        laid = (-1, *[1] * (len(shape) - 2))
        out = reshape(self.gamma, laid) * out
        return out if self.beta is None else reshape(self.beta, laid) + out


def _wider(dtype: np.dtype) -> np.dtype:
    """What sums of squares are computed in, which in half precision would be infinite."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


def _standardised(x: Any, axes: tuple[int, ...], eps: float, dtype: np.dtype) -> Tensor:
    """(x − mean)/√(var + eps) over axes, in a dtype."""
    wide = _wider(dtype)
    x = x if x.dtype == wide else x.astype(wide)
    out = apply(_standardise, (x,), {"axes": axes, "eps": eps})
    return out if out.dtype == dtype else out.astype(dtype)


def _mean(a: Any, axes: tuple[int, ...]) -> Any:
    """Of short rows a product takes a fifth of the time of np.mean (measured)."""
    if type(a) is Tensor or axes != (-1,):
        return np.mean(a, axis=axes, keepdims=True)
    n = a.shape[-1]
    return np.matmul(a, np.ones((n, 1), a.dtype)) / n


def _forward(a: Any, axes: tuple[int, ...], eps: float) -> Saved:
    """What is around its mean over its deviation, and one over the deviation."""
    centred = a - _mean(a, axes)
    inverse = 1.0 / np.sqrt(_mean(np.square(centred), axes) + eps)
    return Saved(centred * inverse, inverse)


def _back(g: Any, out: Any, a: Any, axes: tuple[int, ...], eps: float, saved: Any = None) -> Any:
    """(g − mean g − out·mean(g·out))/deviation: of gradients as of tangents, the Jacobian being
    symmetric."""
    if saved is None:
        saved = 1.0 / np.sqrt(_mean(np.square(a - _mean(a, axes)), axes) + eps)
    return (g - _mean(g, axes) - out * _mean(g * out, axes)) * saved


def _written_out(a: Any, axes: tuple[int, ...], eps: float) -> Any:
    """The same in gates that a picture can show."""
    centred = a - mean(a, axis=axes, keepdims=True)
    return centred / sqrt(mean(square(centred), axis=axes, keepdims=True) + eps)


_standardise = gate(
    _forward, name="standardise", symbol="(x−μ)/σ", pattern="mixes",
    rule="y = (x − mean)/σ → (g − mean g − y·mean(g·y))/σ",
    vjp=(_back,), jvp=lambda t, out, a, **how: _back(t[0], out, a, **how), expansion=_written_out,
)  # fmt: skip
