"""Losses of numbers: squares, absolute values, and what is between them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.extend import gate
from nn.errors import OptionError
from nn.losses.operands import matching
from nn.losses.reductions import reduced

__all__ = ["half_sse", "huber", "l1", "log_cosh", "mse"]


def _square(a: Any, b: Any) -> Any:
    difference = a - b
    return difference * difference


squared_error = gate(
    _square,
    name="squared_error",
    symbol="(a−b)²",
    rule="(a−b)² → 2(a−b), −2(a−b)",
    pattern="mixes",
    local=(lambda out, a, b: 2.0 * (a - b), lambda out, a, b: 2.0 * (b - a)),
    expansion=lambda a, b: (a - b) * (a - b),
)

half_squared_error = gate(
    lambda a, b: 0.5 * _square(a, b),
    name="half_squared_error",
    symbol="½(a−b)²",
    rule="½(a−b)² → a−b, b−a",
    pattern="mixes",
    local=(lambda out, a, b: a - b, lambda out, a, b: b - a),
    expansion=lambda a, b: 0.5 * (a - b) * (a - b),
)

absolute_error = gate(
    lambda a, b: np.absolute(a - b),
    name="absolute_error",
    symbol="|a−b|",
    rule="|a−b| → sign(a−b), sign(b−a)",
    pattern="mixes",
    local=(lambda out, a, b: np.sign(a - b), lambda out, a, b: np.sign(b - a)),
    expansion=lambda a, b: np.absolute(a - b),
    kinks="0 where a = b; second: 0",
)


def _huber(a: Any, b: Any, delta: Any) -> Any:
    distance = np.absolute(a - b)
    near = np.minimum(distance, delta)
    return near * (distance - 0.5 * near)


huber_error = gate(
    _huber,
    name="huber",
    symbol="Huber",
    rule="½(a−b)² within δ, δ(|a−b|−½δ) beyond → (a−b) clipped to ±δ",
    pattern="mixes",
    local=(
        lambda out, a, b, delta: np.clip(a - b, -delta, delta),
        lambda out, a, b, delta: np.clip(b - a, -delta, delta),
        lambda out, a, b, delta: np.maximum(np.absolute(a - b) - delta, 0.0),
    ),
    expansion=lambda a, b, delta: np.where(
        np.absolute(a - b) < delta,
        0.5 * (a - b) * (a - b),
        delta * (np.absolute(a - b) - 0.5 * delta),
    ),
)


def _log_cosh(a: Any, b: Any) -> Any:
    """ln(1 + 2 sinh²(d/2)) of a small distance d, which keeps its digits; else without overflow."""
    distance = np.absolute(a - b)
    near = np.log1p(2.0 * np.square(np.sinh(0.5 * np.minimum(distance, 1.0))))
    far = distance + (np.log1p(np.exp(-2.0 * distance)) - math.log(2.0))
    return np.where(distance < 1.0, near, far)


log_cosh_error = gate(
    _log_cosh,
    name="log_cosh",
    symbol="ln cosh",
    rule="ln cosh(a−b) → tanh(a−b), tanh(b−a)",
    pattern="mixes",
    local=(lambda out, a, b: np.tanh(a - b), lambda out, a, b: np.tanh(b - a)),
    expansion=lambda a, b: np.log(np.cosh(a - b)),
)


def mse(
    prediction: Any, target: Any, *, reduction: str = "mean", sample_weight: Any = None
) -> Tensor:
    """The mean of (prediction − target)² over all elements; for an identity output (Gaussian).

    Parameters
    ----------
    prediction : numbers of any shape whose first axis is the batch, (N,) or (N, K), or one number.
    target : of the same shape; (N,) and (N, 1) go together. Gradients flow to it too.
    reduction : ``"mean"`` over all elements, their ``"sum"``, or ``"none"``: one an element.
    sample_weight : N numbers of 0 or more; the mean is then over the weights, Σ wL/Σ w.

    Raises
    ------
    ShapeError (a ValueError): shapes that differ; nothing is broadcast.
    TargetError (a ValueError): a negative, infinite or nan weight.

    Source: Bishop, Pattern Recognition and Machine Learning, 2006, section 3.1.1.

    >>> mse([[1.0, 2.0], [3.0, 4.0]], [[0.0, 2.0], [3.0, 2.0]]).item()
    1.25
    """
    losses = squared_error(*matching("mse", prediction, target))
    return reduced("mse", losses, reduction, sample_weight, outputs="mean")


def half_sse(
    prediction: Any, target: Any, *, reduction: str = "mean", sample_weight: Any = None
) -> Tensor:
    """Half the sum of squares J = ½‖prediction − target‖², averaged over the batch.

    Its gradient for one sample is prediction − target: the one of the lecture's delta rule.
    Parameters and errors are those of `mse`; ``"sum"`` is over all elements.

    >>> half_sse([[1.0, 2.0], [3.0, 4.0]], [[0.0, 2.0], [3.0, 2.0]]).item()
    1.25
    """
    losses = half_squared_error(*matching("half_sse", prediction, target))
    return reduced("half_sse", losses, reduction, sample_weight)


def l1(
    prediction: Any, target: Any, *, reduction: str = "mean", sample_weight: Any = None
) -> Tensor:
    """The mean of |prediction − target| over all elements; its derivative where they meet is 0.

    Parameters and errors are those of `mse`.

    >>> l1([1.0, 2.0], [0.0, 4.0]).item()
    1.5
    """
    losses = absolute_error(*matching("l1", prediction, target))
    return reduced("l1", losses, reduction, sample_weight, outputs="mean")


def huber(
    prediction: Any, target: Any, *, delta: float = 1.0,
    reduction: str = "mean", sample_weight: Any = None,
) -> Tensor:  # fmt: skip
    """½(prediction − target)² up to a distance of `delta`, and straight on from there; the mean.

    Other parameters and errors are those of `mse`; a `delta` that is not above 0 is an
    OptionError (a ValueError).

    Source: Huber, Robust estimation of a location parameter, 1964.

    >>> huber([0.5, 3.0], [0.0, 0.0]).item()
    1.3125
    """
    if not delta > 0.0:
        raise OptionError(f"huber: delta must be above 0, received {delta!r}")
    losses = huber_error(*matching("huber", prediction, target), float(delta))
    return reduced("huber", losses, reduction, sample_weight, outputs="mean")


def log_cosh(
    prediction: Any, target: Any, *, reduction: str = "mean", sample_weight: Any = None
) -> Tensor:
    """The mean of ln cosh(prediction − target): ½ of the square near 0, |error| − ln 2 far out.

    It is `huber` without a joint: its derivative is tanh of the error. Parameters and errors are
    those of `mse`.

    Source: Green, Iteratively reweighted least squares for maximum likelihood estimation, 1984.

    >>> log_cosh([1.0, 1000.0], [1.0, 0.0], reduction="none").data.round(4)
    array([  0.    , 999.3069])
    """
    losses = log_cosh_error(*matching("log_cosh", prediction, target))
    return reduced("log_cosh", losses, reduction, sample_weight, outputs="mean")
