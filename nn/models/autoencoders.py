"""Autoencoders: networks that learn to give back what comes in, by way of a narrow code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import DataError, Tensor, no_grad
from nn.errors import OptionError
from nn.layers.activations import activation_module
from nn.layers.linear import Linear
from nn.models.sequential import Sequential
from nn.module import Module
from nn.options import float_dtype, size, sizes
from nn.parameters import Initializer
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike


class Autoencoder(Module):
    """An encoder to a code, and a decoder of the same sizes backwards.

    Parameters
    ----------
    inputs, hidden : sizes; the last one of `hidden` is the code's.
    activation : of every layer but the last: a name of `nn.activations`, a module or a function.
    output_activation : of the last one, None for none.
    corruption : a module that the encoder sees its inputs through, such as ``nn.GaussianNoise()``
        or ``nn.Dropout(0.3)``: the autoencoder then learns to undo it, and is a denoising one.
    initializer, bias_initializer, rng, dtype : as of `Linear`.

    Attributes
    ----------
    encoder, decoder : Sequentials.

    Called on shape (N, inputs), it gives the same shape; train it by ``nn.fit(model, x, x, ...)``.

    Source of the denoising one: Vincent, Larochelle, Bengio, Manzagol, Extracting and composing
    robust features with denoising autoencoders, 2008.

    >>> import nn
    >>> model = nn.Autoencoder(64, [32, 8], corruption=nn.GaussianNoise(0.1, rng=1), rng=0)
    >>> model.encode([[0.0] * 64]).shape, model([[0.0] * 64]).shape
    ((1, 8), (1, 64))
    """

    def __init__(
        self,
        inputs: int,
        hidden: Sequence[int],
        *,
        activation: Any = "sigmoid",
        output_activation: Any = None,
        corruption: Any = None,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.inputs = size("Autoencoder", "inputs", inputs)
        self.hidden = sizes("Autoencoder", "hidden", hidden)
        if not self.hidden:
            raise OptionError("Autoencoder: hidden must end with the code's size: write [32]")
        if corruption is not None and not callable(corruption):
            raise DataError(
                f"Autoencoder: corruption must be a module or None, received {corruption!r}: write "
                "nn.GaussianNoise(0.1)"
            )
        self.activation = activation
        self.output_activation = output_activation
        self.corruption = corruption
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        options: dict[str, Any] = {
            "initializer": initializer, "bias_initializer": bias_initializer,
            "rng": as_generator(rng), "dtype": float_dtype("Autoencoder", dtype),
        }  # fmt: skip
        widths = [self.inputs, *self.hidden]
        encoder: list[Any] = []
        for a, b in pairwise(widths):
            encoder += [Linear(a, b, **options), activation_module(activation)]
        decoder: list[Any] = []
        for a, b in pairwise(widths[::-1]):
            decoder += [Linear(a, b, **options), activation_module(activation)]
        decoder.pop()
        if output_activation is not None:
            decoder.append(activation_module(output_activation))
        self.encoder, self.decoder = Sequential(*encoder), Sequential(*decoder)

    def encode(self, x: Any) -> Any:
        """The code of clean inputs: (N, inputs) to (N, hidden[-1])."""
        return self.encoder.run("encoder", x)

    def decode(self, code: Any) -> Any:
        """Inputs from a code: (N, hidden[-1]) to (N, inputs)."""
        return self.decoder.run("decoder", code)

    def forward(self, x: Any) -> Tensor | Any:
        return self.decode(self.encode(x if self.corruption is None else self.corruption(x)))


class StackedAutoencoder(Module):
    """Autoencoders of one hidden layer each, trained one after the other on the codes before.

    Parameters
    ----------
    inputs, hidden : sizes; every entry of `hidden` is the code of one autoencoder.
    activation, output_activation, initializer, bias_initializer, rng, dtype : as of `Autoencoder`.

    Attributes
    ----------
    stages : the list of Autoencoders.

    Called on shape (N, inputs), it encodes through all stages, and decodes back.

    Source: Bengio, Lamblin, Popovici, Larochelle, Greedy layer-wise training of deep networks,
    2006.

    >>> import nn
    >>> stack = nn.StackedAutoencoder(64, [32, 16], rng=0)
    >>> trained = stack.pretrain([[0.0] * 64], train=lambda stage, codes: codes.shape)
    >>> trained, stack.classifier(10, rng=1)([[0.0] * 64]).shape
    ([(1, 64), (1, 32)], (1, 10))
    """

    def __init__(
        self,
        inputs: int,
        hidden: Sequence[int],
        *,
        activation: Any = "sigmoid",
        output_activation: Any = None,
        initializer: Initializer = "glorot_uniform",
        bias_initializer: Initializer = "zeros",
        rng: Rng = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.inputs = size("StackedAutoencoder", "inputs", inputs)
        self.hidden = sizes("StackedAutoencoder", "hidden", hidden)
        if not self.hidden:
            raise OptionError("StackedAutoencoder: hidden must have a size at least: write [32]")
        self.activation = activation
        self.output_activation = output_activation
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        rng = as_generator(rng)
        self.stages = [
            Autoencoder(
                a, [b], activation=activation, output_activation=output_activation,
                initializer=initializer, bias_initializer=bias_initializer, rng=rng, dtype=dtype,
            )
            for a, b in pairwise([self.inputs, *self.hidden])
        ]  # fmt: skip

    def encode(self, x: Any) -> Any:
        """The last stage's code: (N, inputs) to (N, hidden[-1])."""
        for stage in self.stages:
            x = stage.encode(x)
        return x

    def decode(self, code: Any) -> Any:
        """Inputs from the last stage's code."""
        for stage in reversed(self.stages):
            code = stage.decode(code)
        return code

    def forward(self, x: Any) -> Tensor | Any:
        return self.decode(self.encode(x))

    def pretrain(
        self,
        x: ArrayLike,
        *,
        train: Callable[[Autoencoder, np.ndarray], Any] | None = None,
        **options: Any,
    ) -> list[Any]:
        """Train the stages greedily: each to give back the codes of those before it.

        Parameters
        ----------
        x : samples of shape (N, inputs).
        train : a function of a stage and its inputs; by default ``nn.fit`` with the `options`, and
            the loss ``"mse"`` unless they name another; each stage has a copy of the optimiser.

        Returns what `train` returned for each stage, by default its history.
        """
        if train is None:
            options = {"loss": "mse", **options}
        elif options:
            raise DataError(
                f"pretrain() hands {', '.join(options)} to nn.fit, and was given a function to "
                "train with: leave one of them out"
            )
        codes, results = np.asarray(x), []
        for stage in self.stages:
            results.append(train(stage, codes) if train else fitted(stage, codes, options))
            with no_grad():
                codes = stage.encode(codes).data
        return results

    def classifier(
        self, outputs: int, *, rng: Rng = None, initializer: Initializer = "glorot_uniform"
    ) -> Sequential:
        """The encoders with a new linear layer on top, for fine-tuning: logits.

        The encoders' weights are the stack's own: training one trains both.
        """
        layers = [layer for stage in self.stages for layer in stage.encoder]
        head = Linear(
            self.hidden[-1], outputs, initializer=initializer, rng=rng, dtype=self.dtype or float
        )
        return Sequential(*layers, head)


def fitted(stage: Autoencoder, codes: np.ndarray, options: dict[str, Any]) -> Any:
    """The history of a stage that learnt to give back `codes`."""
    from nn.training import fit

    # An optimiser is bound to the parameters of the one model that it trains.
    own = {name: deepcopy(options[name]) for name in ("optimizer",) if name in options}
    return fit(stage, codes, codes, **{**options, **own})
