"""The affine layer, on arrays and on scalars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor, matmul, reshape
from nn.layers.inputs import numbers, rows
from nn.module import Module
from nn.options import choice, float_dtype, size
from nn.parameters import Initializer, drawn, parameter
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
    rng : a seed or a generator that the weights are drawn from; fresh entropy by default.
    dtype : of the parameters; inputs of another are cast to it.

    Attributes
    ----------
    weight : Tensor of shape (inputs, outputs).
    bias : Tensor of shape (outputs,), or None.

    Called on shape (..., inputs), it gives (..., outputs). Raises ShapeError (a ValueError) for
    another number of features.

    >>> import nn
    >>> layer = nn.Linear(3, 2, rng=0)
    >>> layer([[1.0, 2.0, 3.0]]).shape, layer
    ((1, 2), Linear(3, 2))
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.inputs = size("Linear", "inputs", inputs)
        self.outputs = size("Linear", "outputs", outputs)
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        kind, rng = float_dtype("Linear", dtype), as_generator(rng)
        shape = (self.inputs, self.outputs)
        self.weight = parameter("Linear", "W", initializer, shape, rng, kind)
        self.bias: Tensor | None = None
        if choice("Linear", "bias", bias):
            self.bias = parameter("Linear", "b", bias_initializer, shape[1:], rng, kind)

    def forward(self, x: Any) -> Tensor:
        weight = self.weight
        x = rows(x, self.inputs, weight.dtype, self)
        shape = x.shape
        if len(shape) > 2:  # one product, and one for the gradient of the weights
            x = reshape(x, (-1, self.inputs))
        out = matmul(x, weight)
        out = out if self.bias is None else out + self.bias
        return reshape(out, (*shape[:-1], self.outputs)) if len(shape) > 2 else out

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "bias": self.bias is not None}

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return self.inputs * output.size


class ScalarLinear(Module):
    """`Linear` with a scalar node for every weight, called with a list of numbers.

    Parameters as of `Linear`. Attributes: `weight`, a list for each input of the nodes to each
    output, and `bias`, a list of nodes or None. Each output is w₀x₀ + w₁x₁ + … + b, added up from
    the left.

    >>> import nn
    >>> layer = nn.ScalarLinear(2, 1, rng=0)
    >>> out, = layer([1.0, -2.0])
    >>> out.gate.name, layer.state_dict()["weight"].shape
    ('add', (2, 1))
    """

    takes_numbers = True
    kind_label = "linear"  # as of the tensor form: pictures of both read alike

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
    ) -> None:
        self.inputs = size("ScalarLinear", "inputs", inputs)
        self.outputs = size("ScalarLinear", "outputs", outputs)
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        kind, rng = np.dtype(np.float64), as_generator(rng)
        shape = (self.inputs, self.outputs)
        values = drawn("ScalarLinear", initializer, shape, rng, kind).tolist()
        self.weight = [
            [Tensor(value, name=f"w[{i},{j}]") for j, value in enumerate(row)]
            for i, row in enumerate(values)
        ]
        self.bias: list[Tensor] | None = None
        if choice("ScalarLinear", "bias", bias):
            offsets = drawn("ScalarLinear", bias_initializer, shape[1:], rng, kind).tolist()
            self.bias = [Tensor(value, name=f"b[{j}]") for j, value in enumerate(offsets)]

    def forward(self, x: Any) -> list[Tensor]:
        x = numbers(x, self.inputs, self)
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
        return self.inputs * self.outputs
