"""The lectures' networks, each built anew at every call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.models.mlp import MLP
from nn.randomness import Rng

__all__ = ["approximator", "eleven_neurons", "mnist", "three_layers", "xor"]


def _of_weights(
    layers: Sequence[tuple[Any, Any]], activation: str, output_activation: str | None = None
) -> MLP:
    """A network with given weights, one row of them for each neuron, and biases; in float64."""
    weights = [np.array(weight, dtype=float).T for weight, _ in layers]
    sizes = [len(weights[0]), *(weight.shape[1] for weight in weights)]
    model = MLP(
        sizes[0], sizes[1:-1], sizes[-1],
        activation=activation, output_activation=output_activation,
        initializer="zeros", dtype=float,
    )  # fmt: skip
    for layer, weight, (_, bias) in zip(model.layers, weights, layers, strict=True):
        layer.load_state_dict({"weight": weight, "bias": bias})
    return model


def eleven_neurons() -> MLP:
    """The eleven-neuron classifier: 2-11-4-1 with bipolar steps; 1 inside four regions, else −1.

    Eleven lines cut the plane; four neurons say AND of four lines each, and so know one convex
    region; the last one says OR of them.

    >>> classify = eleven_neurons()
    >>> classify([[1.25, 1.25], [3.75, 1.75], [0.0, 0.0], [4.0, 1.25]]).data.ravel()
    array([ 1.,  1., -1., -1.])
    """
    lines = np.array(
        [
            [1, -1, 1, -1, 1, -1, 1, -1, -1, 1, 1],
            [1, -1, -1, 1, -1, 1, -1, 1, -1, 1, 1],
        ]
    ).T
    offsets = [-2, 3, 0.5, 0.5, -1.75, 2.25, -3.25, 3.75, 6.25, -5.75, -4.75]
    edges = ([1, 2, 3, 4], [5, 6, 9, 11], [5, 8, 9, 10], [7, 8, 9, 11])
    regions = [[float(line in region) for line in range(1, 12)] for region in edges]
    return _of_weights(
        [(lines, offsets), (regions, [-3] * 4), ([[1, 1, 1, 1]], [3])],
        "bipolar_step", "bipolar_step",
    )  # fmt: skip


def xor() -> MLP:
    """XOR of two numbers of 0 and 1 as 1 or −1: 2-2-1 with bipolar steps.

    The first neuron says OR, the second NAND, the last one AND of both. A single one cannot: it
    gets three of the four points right at most.

    >>> xor()([[0.0, 1.0], [1.0, 1.0]]).data.ravel()
    array([ 1., -1.])
    """
    return _of_weights(
        [([[1, 1], [-1, -1]], [-0.5, 1.5]), ([[1, 1]], [-1])],
        "bipolar_step", "bipolar_step",
    )  # fmt: skip


def approximator() -> MLP:
    """The function approximator 1-2-1: two logistic neurons added up, for p from −2 to 2.

    Each is a soft step, with its centre at p = −b/w: here at 1 and −1. Change a weight of
    ``layers`` to see what it does.

    >>> approximator()([[-1.0], [0.0], [1.0]]).data.ravel().round(6)
    array([0.5, 1. , 1.5])
    """
    return _of_weights([([[10], [10]], [-10, 10]), ([[1, 1]], [0])], "sigmoid")


def three_layers(*, rng: Rng = None) -> MLP:
    """The forward pass of three layers, 3-4-4-1, logistic between them: 41 parameters.

    >>> three_layers(rng=0).summary().parameters
    41
    """
    return MLP(3, [4, 4], 1, activation="sigmoid", rng=rng)


def mnist(*, rng: Rng = None) -> MLP:
    """The classifier of handwritten digits, 784-128-64-10 with ReLU: 109,386 parameters, logits.

    >>> mnist(rng=0).summary().parameters
    109386
    """
    return MLP(784, [128, 64], 10, activation="relu", rng=rng)
