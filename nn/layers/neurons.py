"""One neuron, as the slides draw it, and the perceptron with its rule of learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import DataError, ShapeError, Tensor, matmul
from nn.layers.activations import activation_module
from nn.layers.inputs import rows
from nn.module import Module
from nn.options import float_dtype, real, size
from nn.parameters import Initializer, parameter
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


class Neuron(Module):
    """activation(w·x + b): one number for each sample.

    Parameters
    ----------
    inputs : how many features come in.
    activation : a name of `nn.activations`, a module or a function. Losses take logits: for them,
        write ``activation="identity"``.
    initializer, bias_initializer, rng, dtype : as of `Linear`.

    Attributes
    ----------
    weight : Tensor of shape (inputs,).
    bias : Tensor of shape ().

    Called on shape (..., inputs), it gives (...). Raises ShapeError (a ValueError) for another
    number of features.

    >>> import nn
    >>> neuron = nn.Neuron(2, dtype=float)
    >>> neuron.load_state_dict({"weight": [2.0, -3.0], "bias": -3.0})
    >>> neuron([-1.0, -2.0]).data.round(8)
    np.float64(0.73105858)
    """

    def __init__(
        self,
        inputs: int,
        *,
        activation: Any = "sigmoid",
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        owner = type(self).__name__
        self.inputs = size(owner, "inputs", inputs)
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self.activation = activation
        self.output = activation_module(activation)
        kind, rng = float_dtype(owner, dtype), as_generator(rng)
        self.weight = parameter(owner, "w", initializer, (self.inputs,), rng, kind)
        self.bias = parameter(owner, "b", bias_initializer, (), rng, kind)

    def forward(self, x: Any) -> Tensor:
        x = rows(x, self.inputs, self.weight.dtype, self)
        return self.output(matmul(x, self.weight) + self.bias)

    def multiply_adds(self, inputs: tuple[Any, ...], output: Any) -> int:
        return self.inputs * output.size


class Perceptron(Neuron):
    """A neuron that says which side of a line a point is on: 1 where w·x + b ≥ 0, else −1.

    No gradient passes its step; it learns by Rosenblatt's rule instead, with `learn`.

    Parameters as of `Neuron`; the activation is the bipolar step, or ``"step"`` for 1 and 0.

    >>> import nn
    >>> points, either = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, 1]
    >>> perceptron = nn.Perceptron(2, rng=0)
    >>> perceptron.learn(points, either)[-1]
    0
    >>> perceptron(points).data
    array([-1.,  1.,  1.,  1.], dtype=float32)
    """

    def __init__(
        self,
        inputs: int,
        *,
        activation: Any = "bipolar_step",
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        super().__init__(
            inputs, activation=activation, initializer=initializer,
            bias_initializer=bias_initializer, rng=rng, dtype=dtype,
        )  # fmt: skip

    def learn(
        self, x: ArrayLike, y: ArrayLike, *, rate: float = 1.0, epochs: int = 100
    ) -> list[int]:
        """Rosenblatt's rule: for each sample on the wrong side, w += rate·t·x and b += rate·t.

        Parameters
        ----------
        x : samples of shape (N, inputs), gone through in their order.
        y : N classes, 1 and either 0 or −1; t is 1 or −1.
        epochs : passes at most; it stops after one without a mistake.

        Returns the number of mistakes in each pass: 0 at the end where a line separates them.
        Raises ShapeError (a ValueError) for shapes that do not belong together, DataError (a
        TypeError) for other classes.

        Source: Rosenblatt, The perceptron, Psychological Review 65, 1958.
        """
        rate = real("Perceptron.learn", "rate", rate, 0.0)
        epochs = size("Perceptron.learn", "epochs", epochs)
        samples = np.asarray(rows(x, self.inputs, self.weight.dtype, self))
        classes = np.asarray(y)
        if samples.ndim != 2 or classes.shape != samples.shape[:1]:
            raise ShapeError(
                f"Perceptron.learn expects samples (N, {self.inputs}) and N classes, and received "
                f"shapes {samples.shape} and {classes.shape}"
            )
        if not np.isin(classes, (-1, 0, 1)).all() or (-1 in classes and 0 in classes):
            raise DataError(
                "Perceptron.learn expects the classes 1 and −1, or 1 and 0, and received "
                f"{np.unique(classes)[:5]}"
            )
        signs = np.where(classes > 0, 1.0, -1.0).astype(samples.dtype)
        weight, bias = self.weight.data.copy(), self.bias.data.copy()
        mistakes: list[int] = []
        while len(mistakes) < epochs and 0 not in mistakes:
            mistakes.append(0)
            for sample, sign in zip(samples, signs, strict=True):
                if ((sample @ weight + bias >= 0.0) * 2 - 1) != sign:
                    weight += rate * sign * sample
                    bias += rate * sign
                    mistakes[-1] += 1
        self.weight.data, self.bias.data = weight, bias
        return mistakes
