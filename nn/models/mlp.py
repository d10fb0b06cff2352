"""The multi-layer perceptron, on arrays and on scalars."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from nn.layers.activations import activation_module
from nn.layers.linear import Linear
from nn.models.sequential import through
from nn.module import Module
from nn.options import choice, float_dtype, size, sizes
from nn.parameters import Initializer
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class MLP(Module):
    """Linear layers with an activation between them; none after the last, so that it gives logits.

    Parameters
    ----------
    inputs, hidden, outputs : sizes; `hidden` is a list, and may be empty.
    activation : of the hidden layers: a name of `nn.activations`, a module or a function.
    output_activation : of the outputs, None for none. Losses take logits: leave it out for them.
    scalar : every weight its own scalar node. The model is called with a list of numbers then, and
        returns a list, or the bare node of one output. Names and shapes in `state_dict` stay.
    bias, initializer, bias_initializer : as of `Linear`.
    rng : a seed or a generator that all weights are drawn from, layer after layer.
    dtype : of the parameters; scalar nodes are Python floats whatever it is.

    Attributes
    ----------
    layers : the list of its Linears.
    activations : what is applied after each of them; None for nothing.

    >>> import nn
    >>> model = nn.MLP(784, [128, 64], 10, activation="relu", rng=0)
    >>> sum(p.size for p in model.parameters()), [name for name, _ in model.named_parameters()][:2]
    (109386, ['layers.0.weight', 'layers.0.bias'])
    >>> nn.MLP(2, [16, 16], 1, scalar=True, rng=0)([1.0, -1.0]).shape
    ()
    """

    numbers_parts = True

    def __init__(
        self,
        inputs: int,
        hidden: Sequence[int],
        outputs: int,
        *,
        activation: Any = "relu",
        output_activation: Any = None,
        scalar: bool = False,
        bias: bool = True,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.inputs = size("MLP", "inputs", inputs)
        self.hidden = sizes("MLP", "hidden", hidden)
        self.outputs = size("MLP", "outputs", outputs)
        self.activation = activation
        self.output_activation = output_activation
        self.scalar = choice("MLP", "scalar", scalar)
        self.bias = choice("MLP", "bias", bias)
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        kind, rng = float_dtype("MLP", dtype), as_generator(rng)
        options: dict[str, Any] = {
            "bias": self.bias, "initializer": initializer, "bias_initializer": bias_initializer,
            "scalar": self.scalar, "rng": rng, "dtype": kind,
        }  # fmt: skip
        widths = pairwise([self.inputs, *self.hidden, self.outputs])
        self.layers: list[Any] = [Linear(a, b, **options) for a, b in widths]
        if self.hidden:  # as the slides number them: W1, b1, W2, …
            for i, layer in enumerate(self.layers, start=1):
                for tensor in layer.tensors():
                    tensor.name = f"{tensor.name[0]}{i}{tensor.name[1:]}"
        self.activations: list[Any] = [activation_module(activation) for _ in self.hidden]
        if output_activation is not None:
            self.activations.append(activation_module(output_activation))

    def forward(self, x: Any) -> Tensor | Any:
        steps: list[Any] = []
        for i, layer in enumerate(self.layers):
            steps += [layer, *self.activations[i : i + 1]]
        out = through(steps, x)
        return out[0] if self.scalar and len(out) == 1 else out
