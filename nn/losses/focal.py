"""Focal losses: cross-entropies in which samples that are easy already count little."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, expm1, maximum
from autograd.extend import replayed, value_of
from nn.losses.binary import bernoulli
from nn.losses.errors import TargetError
from nn.losses.operands import (
    as_array,
    as_constant,
    class_numbers,
    expect_logits,
    matching,
    rows_of,
)
from nn.losses.reductions import check_weights, reduced
from nn.losses.softmax import cross_entropy
from nn.options import fraction, real

__all__ = ["binary_focal", "focal"]


def _easy_ones_less(losses: Any, gamma: float) -> Any:
    """(1 − p)^gamma·L of L = −ln p, where 1 − p keeps its digits, and where a power below one has
    a slope at 0."""
    if gamma == 0.0:
        return losses
    missing = maximum(-expm1(-losses), float(np.finfo(losses.dtype).tiny))
    return missing**gamma * losses


@replayed(holds=lambda t, name: ((t == 0.0) | (t == 1.0)).all())
def check_bits(t: Any, name: str) -> None:
    """Raise TargetError (a ValueError) for targets other than 0 and 1."""
    if not np.all((t == 0.0) | (t == 1.0)):
        raise TargetError(
            f"{name} expects targets of 0 and 1, and they hold others, from {np.min(t)} to "
            f"{np.max(t)}"
        )


def focal(
    prediction: Any, target: Any, *, gamma: float = 2.0, alpha: Any = None,
    reduction: str = "mean", sample_weight: Any = None,
) -> Tensor:  # fmt: skip
    """−α·(1 − p)^γ·ln p of the probability p that softmax gives to the class; the batch's mean.

    Parameters
    ----------
    prediction : logits, of shape (N, C).
    target : N class numbers from 0 to C-1.
    gamma : 0 or more: how much less a sample counts that is right already; 0 is `cross_entropy`.
    alpha : C numbers of 0 or more, how much each class counts, or None; the mean is as without.
    reduction : ``"mean"``, ``"sum"``, or ``"none"``: one loss a sample.
    sample_weight : N numbers of 0 or more; the mean is then over the weights, Σ wL/Σ w.

    Raises and warns as `cross_entropy` does, and OptionError (a ValueError) for a gamma below 0.

    Source: Lin, Goyal, Girshick, He, Dollár, Focal loss for dense object detection, 2017.

    >>> logits = [[0.0, 0.0], [4.0, 0.0]]
    >>> focal(logits, [0, 0], reduction="none").data.round(4)
    array([0.1733, 0.    ])
    """
    name = "focal"
    gamma = real(name, "gamma", gamma, 0.0)
    prediction, shape = rows_of(name, prediction)
    target = class_numbers(name, shape[0], as_array(target))
    losses = _easy_ones_less(cross_entropy(prediction, target, reduction="none"), gamma)
    if alpha is not None:
        shares = np.asarray(value_of(as_constant(name, "alpha", alpha)))
        if shares.shape != shape[1:]:
            raise ShapeError(
                f"{name} expects alpha of shape {shape[1:]}, one number a class, and received "
                f"{shares.shape}"
            )
        check_weights(shares)
        losses = Tensor(shares.astype(losses.dtype), requires_grad=False)[target] * losses
    return reduced(name, losses, reduction, sample_weight)


def binary_focal(
    prediction: Any, target: Any, *, gamma: float = 2.0, alpha: float | None = None,
    reduction: str = "mean", sample_weight: Any = None,
) -> Tensor:  # fmt: skip
    """−α·(1 − p)^γ·ln p of the probability p that a sigmoid gives to what is true; the mean of all.

    Parameters
    ----------
    prediction : logits, of shape (N,) or (N, K).
    target : 0 or 1, of the same shape; (N,) and (N, 1) go together.
    alpha : from 0 to 1: how much a yes counts; a no counts 1 − alpha. None for both alike, 1.
    gamma, reduction, sample_weight : as of `focal`; 0 is `binary_cross_entropy`.

    Raises as `binary_cross_entropy` does, also for targets between 0 and 1.

    Source: Lin, Goyal, Girshick, He, Dollár, Focal loss for dense object detection, 2017.

    >>> binary_focal([0.0, 4.0], [1, 1], reduction="none").data.round(4)
    array([0.1733, 0.    ])
    """
    name = "binary_focal"
    gamma = real(name, "gamma", gamma, 0.0)
    expect_logits(name, prediction)
    x, t = matching(name, prediction, target)
    check_bits(value_of(t), name)
    losses = _easy_ones_less(bernoulli(x, t), gamma)
    if alpha is not None:
        share = fraction(name, "alpha", alpha)
        losses = (share * t + (1.0 - share) * (1.0 - t)) * losses
    return reduced(name, losses, reduction, sample_weight, outputs="mean")
