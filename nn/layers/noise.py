"""Layers that disturb what passes while training, so that nothing relies on single numbers.

Each draws anew at every call, that is for every mini-batch, from a generator of its own; in
evaluation they do nothing. What is dropped is made up for by the rest (inverted scaling), so that
the expected value is the same in both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ShapeError, Tensor, matmul, sample
from nn.layers.inputs import held, operand, place, rows
from nn.layers.linear import Linear
from nn.module import Module
from nn.options import real
from nn.parameters import Initializer
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def mask(rng: np.random.Generator, p: float, shape: tuple[int, ...], dtype: np.dtype) -> Tensor:
    """0 with probability `p`, else 1/(1−p): drawn here, and by a program at each replay."""
    keep = dtype.type(1.0 / (1.0 - p))
    kept = sample(rng.random, shape, np.float32) >= p
    return Tensor(kept * keep, requires_grad=False)


def as_floats(x: Any) -> Any:
    """A Tensor or an array of floats; integers as float32."""
    x = operand(x)
    return x if x.dtype.kind == "f" else x.astype(np.float32)


class Dropout(Module):
    """While training, each number is 0 with probability p, else divided by 1 − p.

    Parameters
    ----------
    p : of dropping, from 0 to below 1.
    rng : a seed or a generator that the masks are drawn from; fresh entropy by default.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, Dropout, 2014.

    >>> import nn
    >>> dropout = nn.Dropout(0.5, rng=0)
    >>> dropout([1.0, 1.0, 1.0, 1.0]).data
    array([2., 2., 2., 0.])
    >>> dropout.eval()([1.0, 1.0]).data
    array([1., 1.])
    """

    def __init__(self, p: float = 0.5, *, rng: Rng = None) -> None:
        self.p = real(type(self).__name__, "p", p, 0.0, 1.0, below=True)
        self.rng = as_generator(rng)

    def forward(self, x: Any) -> Tensor:
        x = as_floats(x)
        if not self.training or self.p == 0.0:
            return x if type(x) is Tensor else Tensor(x, requires_grad=False)
        return mask(self.rng, self.p, self._masked(x), x.dtype) * x

    def _masked(self, x: Any) -> tuple[int, ...]:
        """The shape of what is drawn."""
        return x.shape


class Dropout2d(Dropout):
    """While training, each channel of a sample, a whole map, is 0 with probability p, else divided
    by 1 − p: neighbours in an image are too much alike for single ones to be missed.

    Parameters
    ----------
    p : of dropping, from 0 to below 1.
    rng : a seed or a generator that the masks are drawn from; fresh entropy by default.

    Called on shape (N, C, ...). Raises ShapeError (a ValueError) for fewer axes.

    Source: Tompson et al., Efficient object localization using convolutional networks, 2015.

    >>> import numpy as np
    >>> import nn
    >>> nn.Dropout2d(0.5, rng=0)(np.ones((1, 4, 2, 2))).data[0, :, 0, 0]
    array([2., 2., 2., 0.])
    """

    def _masked(self, x: Any) -> tuple[int, ...]:
        if len(x.shape) < 3:
            raise ShapeError(f"{place(self)} expects maps (N, C, H, W), received shape {x.shape}")
        return (*x.shape[:2], *[1] * (len(x.shape) - 2))


class StochasticDepth(Module):
    """A module that, while training, is left out of each sample with probability p, else divided by
    1 − p; inside of `Residual`, so that the shortcut stays: networks that are shorter on average.

    Parameters
    ----------
    module : what is left out; its output keeps the batch first.
    p : of leaving it out, from 0 to below 1.
    rng : a seed or a generator; fresh entropy by default.

    Source: Huang et al., Deep networks with stochastic depth, 2016, with a draw for each sample.

    >>> import nn
    >>> block = nn.Residual(nn.StochasticDepth(nn.Linear(2, 2, rng=0), 0.5, rng=2))
    >>> block([[1.0, 2.0], [1.0, 2.0]]).data.tolist()[1]
    [1.0, 2.0]
    """

    def __init__(self, module: Any, p: float = 0.5, rng: Rng = None) -> None:
        self.module = held("StochasticDepth", module)
        self.p = real("StochasticDepth", "p", p, 0.0, 1.0, below=True)
        self.rng = as_generator(rng)

    def forward(self, x: Any) -> Tensor:
        out = as_floats(self.module(x))
        if not self.training or self.p == 0.0:
            return out
        shape = (*out.shape[:1], *[1] * (len(out.shape) - 1))
        return mask(self.rng, self.p, shape, out.dtype) * out


class DropConnect(Linear):
    """A Linear that, while training, drops each weight with probability p; biases stay.

    Parameters
    ----------
    inputs, outputs : how many features come in and go out.
    p : of dropping a weight, from 0 to below 1.
    rng : a seed or a generator for the weights and then the masks.
    bias, initializer, bias_initializer, dtype : as of `Linear`.

    Source: Wan, Zeiler, Zhang, LeCun, Fergus, Regularization of neural networks using
    DropConnect, 2013.

    >>> import nn
    >>> layer = nn.DropConnect(3, 2, p=0.5, rng=0)
    >>> layer([[1.0, 2.0, 3.0]]).shape
    (1, 2)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        p: float = 0.5,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.p = real("DropConnect", "p", p, 0.0, 1.0, below=True)
        self.rng = as_generator(rng)
        super().__init__(
            inputs, outputs, bias=bias, initializer=initializer, bias_initializer=bias_initializer,
            rng=self.rng, dtype=dtype,
        )  # fmt: skip

    def forward(self, x: Any) -> Tensor:
        if not self.training or self.p == 0.0:
            return super().forward(x)
        weight = self.weight
        kept = mask(self.rng, self.p, weight.shape, weight.dtype) * weight
        out = matmul(rows(x, self.inputs, weight.dtype, self), kept)
        return out if self.bias is None else out + self.bias


class GaussianNoise(Module):
    """While training, adds normal noise of mean 0: for inputs, and for denoising autoencoders.

    Parameters
    ----------
    std : the noise's standard deviation, 0 or more.
    rng : a seed or a generator that it is drawn from; fresh entropy by default.

    >>> import nn
    >>> noise = nn.GaussianNoise(0.1, rng=0)
    >>> noise([0.0, 0.0]).data.round(3), noise.eval()([1.0, 2.0]).data
    (array([ 0.013, -0.013]), array([1., 2.]))
    """

    def __init__(self, std: float = 0.1, *, rng: Rng = None) -> None:
        self.std = real("GaussianNoise", "std", std, 0.0)
        self.rng = as_generator(rng)

    def forward(self, x: Any) -> Tensor:
        x = as_floats(x)
        if not self.training or self.std == 0.0:
            return x if type(x) is Tensor else Tensor(x, requires_grad=False)
        rng, std, shape, dtype = self.rng, self.std, x.shape, x.dtype
        return sample(rng.normal, 0.0, std, shape).astype(dtype) + x
