"""The affine layer, on arrays and on scalars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, matmul, reshape
from nn.layers.inputs import numbers, rows
from nn.module import Module
from nn.options import choice, float_dtype, size
from nn.parameters import Initializer, parameter_maker
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Linear(Module):
    """x·W + b: every output is a weighted sum of all inputs.

    Parameters
    ----------
    inputs, outputs : how many features come in and go out.
    bias : whether b is added.
    initializer, bias_initializer : names of `nn.initializers`, numbers, or functions.
    scalar : every weight its own scalar node. The layer is called with a list of numbers then, and
        returns a list of nodes, each w₀x₀ + w₁x₁ + … + b, added up from the left. Names and shapes
        in `state_dict` stay.
    rng : a seed or a generator that the weights are drawn from; fresh entropy by default.
    dtype : of the parameters; inputs of another are cast to it. Scalar nodes are Python floats
        whatever it is.

    Attributes
    ----------
    weight : Tensor of shape (inputs, outputs), or lists of scalar nodes.
    bias : Tensor of shape (outputs,), a list of scalar nodes, or None.

    Called on shape (..., inputs), it gives (..., outputs). Raises ShapeError (a ValueError) for
    another number of features.

    >>> import nn
    >>> layer = nn.Linear(3, 2, rng=0)
    >>> layer([[1.0, 2.0, 3.0]]).shape, layer
    ((1, 2), Linear(3, 2))
    >>> out, = nn.Linear(2, 1, scalar=True, rng=0)([1.0, -2.0])
    >>> out.gate.name, out.shape
    ('add', ())
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        scalar: bool = False,
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.inputs = size("Linear", "inputs", inputs)
        self.outputs = size("Linear", "outputs", outputs)
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self.scalar = choice("Linear", "scalar", scalar)
        kind, rng = float_dtype("Linear", dtype), as_generator(rng)
        shape, make = (self.inputs, self.outputs), parameter_maker(self.scalar)
        self.weight: Tensor = make("Linear", "W", initializer, shape, rng, kind)
        self.bias: Tensor | None = None
        if choice("Linear", "bias", bias):
            self.bias = make("Linear", "b", bias_initializer, shape[1:], rng, kind)

    def forward(self, x: Any) -> Tensor:
        if self.scalar:
            return self._sums(numbers(x, self.inputs, self))
        weight = self.weight
        x = rows(x, self.inputs, weight.dtype, self)
        shape = x.shape
        if len(shape) > 2:  # one product, and one for the gradient of the weights
            x = reshape(x, (-1, self.inputs))
        out = matmul(x, weight)
        out = out if self.bias is None else out + self.bias
        return reshape(out, (*shape[:-1], self.outputs)) if len(shape) > 2 else out

    def _sums(self, x: list[Any]) -> Any:
        """Each output of scalar nodes."""
        first, *rest = zip(self.weight, x, strict=True)
        sums = [weight * first[1] for weight in first[0]]
        for weights, value in rest:
            sums = [total + weight * value for total, weight in zip(sums, weights, strict=True)]
        if self.bias is None:
            return sums
        return [total + b for total, b in zip(sums, self.bias, strict=True)]

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "bias": self.bias is not None}

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return self.inputs * (self.outputs if self.scalar else output.size)
