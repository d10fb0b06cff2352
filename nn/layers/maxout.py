"""The layer that learns its activation: the largest of several affine functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, matmul, reshape
from autograd import max as largest
from nn.layers.inputs import rows
from nn.module import Module
from nn.options import choice, float_dtype, size
from nn.parameters import Initializer, parameter
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Maxout(Module):
    """max over the pieces i of wᵢ·x + bᵢ, for every unit: convex, and linear piece by piece.

    Parameters
    ----------
    inputs, outputs : how many features come in, and how many units there are.
    pieces : of each unit; two of them double the parameters of a Linear.
    bias, initializer, bias_initializer, rng, dtype : as of `Linear`, for every piece.

    Attributes
    ----------
    weight : Tensor of shape (pieces, inputs, outputs).
    bias : Tensor of shape (pieces, 1, outputs), or None.

    Called on shape (N, inputs) or (inputs,), it gives (N, outputs) or (outputs,); pieces that tie
    share the gradient. Raises ShapeError (a ValueError) for another number of features.

    Source: Goodfellow, Warde-Farley, Mirza, Courville, Bengio, Maxout networks, 2013.

    >>> import nn
    >>> layer = nn.Maxout(3, 2, pieces=3, rng=0)
    >>> layer([[1.0, 2.0, 3.0]]).shape, sum(p.size for p in layer.parameters())
    ((1, 2), 24)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        pieces: int = 2,
        *,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.inputs = size("Maxout", "inputs", inputs)
        self.outputs = size("Maxout", "outputs", outputs)
        self.pieces = size("Maxout", "pieces", pieces)
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        kind, rng = float_dtype("Maxout", dtype), as_generator(rng)
        shape = (self.pieces, self.inputs, self.outputs)
        self.weight = parameter("Maxout", "W", initializer, shape, rng, kind)
        self.bias: Tensor | None = None
        if choice("Maxout", "bias", bias):
            shape = (self.pieces, 1, self.outputs)
            self.bias = parameter("Maxout", "b", bias_initializer, shape, rng, kind)

    def forward(self, x: Any) -> Tensor:
        x = rows(x, self.inputs, self.weight.dtype, self)
        batch = x.shape[:-1]
        pieces = matmul(x if len(batch) == 1 else reshape(x, (-1, self.inputs)), self.weight)
        if self.bias is not None:
            pieces = pieces + self.bias
        out = largest(pieces, axis=0)
        return out if len(batch) == 1 else reshape(out, (*batch, self.outputs))

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "bias": self.bias is not None}

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return self.pieces * self.inputs * output.size
