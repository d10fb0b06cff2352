"""Losses of one yes or no for each output: Bernoulli's cross-entropy, and the hinge."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, sigmoid, where
from autograd.extend import gate, logistic, replayed, value_of
from nn.losses.errors import TargetError
from nn.losses.operands import as_constant, expect_logits, in_dtype_of, matching
from nn.losses.reductions import check_weights, nothing_at_zero, reduced
from nn.options import above_zero

__all__ = ["binary_cross_entropy", "hinge"]


@replayed(holds=lambda t: ((t >= 0.0) & (t <= 1.0)).all())
def check_probabilities(t: Any) -> None:
    """Raise TargetError (a ValueError) for targets outside 0 to 1."""
    if not (np.min(t) >= 0.0 and np.max(t) <= 1.0):
        hint = ": write (target + 1) / 2" if np.all(np.absolute(t) == 1.0) else ""
        raise TargetError(
            "binary_cross_entropy expects targets from 0 to 1, and they lie from "
            f"{np.min(t)} to {np.max(t)}{hint}"
        )


def _bernoulli(x: Any, t: Any) -> Any:
    """softplus(x) − t·x, which neither overflows nor cancels: of a sure prediction it is e^−|x|.

    Written as |x| times how far t is from the side that x is on, plus ln(1+e^−|x|): where t is on
    that side, even an infinite logit costs nothing.
    """
    check_probabilities(t)
    size = np.absolute(x)
    distance = np.absolute(np.subtract(x >= 0.0, t))
    return nothing_at_zero(distance, size) + np.log1p(np.exp(-size))


def _residual(x: Any, t: Any) -> Any:
    """σ(x) − t, as σ(x)·(1−t) − σ(−x)·t: that of a sure and right prediction keeps its digits."""
    if type(x) is Tensor:
        return sigmoid(x) * (1.0 - t) - sigmoid(-x) * t
    return logistic(x) * (1.0 - t) - logistic(-x) * t


bernoulli = gate(
    _bernoulli,
    name="binary_cross_entropy",
    symbol="BCE",
    rule="ln(1+eˣ) − t·x → σ(x) − t, −x",
    pattern="mixes",
    local=(lambda out, x, t: _residual(x, t), lambda out, x, t: -x),
    expansion=lambda x, t: np.log(1.0 + np.exp(x)) - t * x,
)


@replayed(holds=lambda t: (abs(t) == 1.0).all())
def check_signs(t: Any) -> None:
    """Raise TargetError (a ValueError) for targets other than −1 and 1."""
    if not np.all(np.absolute(t) == 1.0):
        hint = ": write 2 * target - 1" if np.isin(t, (0.0, 1.0)).all() else ""
        raise TargetError(f"hinge expects targets of -1 and 1, and they hold others{hint}")


def _margin(x: Any, t: Any) -> Any:
    check_signs(t)
    return np.maximum(1.0 - t * x, 0.0)


def _inside(x: Any, t: Any) -> Any:
    """Whether a sample is on the wrong side of its margin, as plain booleans."""
    return value_of(t) * value_of(x) < 1.0


inside_margin = gate(
    _margin,
    name="hinge",
    symbol="hinge",
    rule="max(0, 1−t·x) → −t and −x inside the margin, 0 beyond",
    pattern="mixes",
    local=(
        lambda out, x, t: np.where(_inside(x, t), -t, 0.0),
        lambda out, x, t: np.where(_inside(x, t), -x, 0.0),
    ),
    expansion=lambda x, t: np.maximum(1.0 - t * x, 0.0),
    kinks="0 at the margin",
)


def binary_cross_entropy(
    prediction: Any, target: Any, *, reduction: str = "mean", sample_weight: Any = None,
    pos_weight: Any = None,
) -> Tensor:  # fmt: skip
    """Sigmoid and cross-entropy in one gate, −t·ln σ(x) − (1−t)·ln(1−σ(x)); the mean of all.

    Parameters
    ----------
    prediction : logits, of shape (N,) or (N, K), or one number. Stable for any size.
    target : of the same shape, (N,) and (N, 1) go together: 0 or 1, or probabilities between.
    reduction : ``"mean"`` over all elements, their ``"sum"``, or ``"none"``: one an element.
    sample_weight : N numbers of 0 or more; the mean is then over the weights, Σ wL/Σ w.
    pos_weight : how many times a yes counts, to make up for rare ones: a number of 0 or more, or
        one for each of the K outputs. The first term is multiplied with it; the mean is as without.

    Raises
    ------
    ShapeError (a ValueError): shapes that differ; nothing is broadcast.
    TargetError (a ValueError): a target outside 0 to 1 or nan, or a weight below 0.

    Warns LogitsWarning where the prediction was made by a sigmoid or softmax gate.

    Source: Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.2.

    >>> from autograd import Tensor
    >>> logits = Tensor([1000.0, 1000.0, 0.0])
    >>> loss = binary_cross_entropy(logits, [1, 0, 1], reduction="none")
    >>> loss.data.round(6).tolist()
    [0.0, 1000.0, 0.693147]
    """
    expect_logits("binary_cross_entropy", prediction)
    x, t = matching("binary_cross_entropy", prediction, target)
    losses = bernoulli(x, t) if pos_weight is None else _positives(x, t, pos_weight)
    return reduced("binary_cross_entropy", losses, reduction, sample_weight, outputs="mean")


def _positives(x: Any, t: Any, pos_weight: Any) -> Any:
    """p·t·softplus(−x) + (1−t)·softplus(x): the loss of the target p·t/s, with s = p·t + 1 − t,
    times s."""
    name = "binary_cross_entropy"
    weight = as_constant(name, "pos_weight", pos_weight)
    shape = np.shape(value_of(x))
    if np.shape(value_of(weight)) not in ((), shape[1:] if len(shape) > 1 else ()):
        raise ShapeError(
            f"{name} expects pos_weight of shape (){f' or {shape[1:]}' if len(shape) > 1 else ''}, "
            f"one number an output, and received {np.shape(value_of(weight))}"
        )
    check_probabilities(value_of(t))
    check_weights(np.asarray(weight) if type(weight) is float else value_of(weight))
    if type(weight) is not float and type(value_of(x)) is not float:
        weight = in_dtype_of(value_of(x), weight)
    yes = t * weight
    total = yes + (1.0 - t)
    return total * bernoulli(x, yes / where(value_of(total) > 0.0, total, 1.0))


def hinge(
    prediction: Any, target: Any, *, reduction: str = "mean", sample_weight: Any = None,
    margin: float = 1.0,
) -> Tensor:  # fmt: skip
    """max(0, margin − target·prediction), averaged: the loss of a support vector machine.

    Parameters
    ----------
    prediction : raw scores, of shape (N,) or (N, K), or one number; above 0 stands for the class 1.
    target : −1 or 1, of the same shape; (N,) and (N, 1) go together.

    margin : above 0: from where on a right prediction costs nothing.

    Other parameters, errors and warnings are those of `binary_cross_entropy`; on the margin itself
    the derivative is 0.

    Source: Cortes and Vapnik, Support-vector networks, 1995.

    >>> hinge([2.0, 0.5, -1.0], [1, 1, 1], reduction="none").data
    array([0. , 0.5, 2. ])
    """
    expect_logits("hinge", prediction)
    margin = above_zero("hinge", "margin", margin)
    x, t = matching("hinge", prediction, target)
    losses = inside_margin(x, t) if margin == 1.0 else margin * inside_margin(x / margin, t)
    return reduced("hinge", losses, reduction, sample_weight, outputs="mean")
