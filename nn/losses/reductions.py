"""From a loss for each entry or row to one number: means, sums, and weights of samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from autograd.extend import apply, gate, is_half, replayed, value_of
from nn.losses.errors import TargetError
from nn.losses.operands import as_constant
from nn.names import look_up

__all__ = [
    "check_weights", "nothing_at_zero", "reduced", "reduction_named", "samples_weights",
]  # fmt: skip

REDUCTIONS = {name: name for name in ("mean", "sum", "none")}


def reduction_named(name: Any) -> str:
    """One of mean, sum and none. Raises UnknownNameError (a ValueError) for anything else."""
    return look_up("reduction", name, REDUCTIONS)


def nothing_at_zero(weight: Any, value: Any) -> Any:
    """weight·value, and 0 where the weight is 0, also of an infinite value: 0·ln 0 = 0."""
    return weight * np.where(weight == 0.0, 0.0, value)


@replayed(holds=lambda weight: ((weight >= 0.0) & (weight < math.inf)).all())
def check_weights(weight: np.ndarray) -> None:
    """Raise TargetError (a ValueError) where a weight is negative, infinite or nan."""
    if weight.size and not (weight.min() >= 0.0 and weight.max() < math.inf):
        raise TargetError(
            f"weights must be finite and not negative, and lie from {weight.min()} to "
            f"{weight.max()}"
        )


def samples_weights(name: str, expected: tuple[int, ...], sample_weight: Any) -> Any:
    """The samples' weights as an operand. Raises ShapeError (a ValueError) unless they are N."""
    weight = as_constant(name, "sample_weight", sample_weight)
    given = np.shape(value_of(weight))
    if len(expected) != 1 or given != expected:
        raise ShapeError(
            f"{name} expects sample_weight of shape {expected}, one number a sample, and received "
            f"{given}"
        )
    return weight


def _factors(losses: Any, weight: Any, share: bool) -> Any:
    """What the loss of each sample is multiplied with: its weight, or its share of all weights.

    Weights that are all 0 leave nothing to learn from: every share is 0 then.
    """
    factors = value_of(weight).astype(losses.dtype)
    if share:
        total = np.add.reduce(factors)
        factors = factors / np.where(total > 0.0, total, factors.dtype.type(1.0))
    return factors.reshape(factors.shape + (1,) * (losses.ndim - 1))


def _forward(losses: Any, weight: Any, share: bool) -> Any:
    check_weights(weight)
    return losses * _factors(losses, weight, share)


_weighted = gate(
    _forward,
    name="sample_weight",
    symbol="×w",
    rule="w·L → w",
    pattern="scales",
    vjp=lambda g, out, losses, weight, share: (g * _factors(losses, weight, share), None),
    jvp=lambda t, out, losses, weight, share: t[0] * _factors(losses, weight, share),
)


def reduced(
    name: str, losses: Tensor, reduction: str, sample_weight: Any, *, outputs: str = "sum"
) -> Tensor:
    """The losses of all entries, of shape (N, ...), or of one entry, as one number.

    Parameters
    ----------
    reduction : ``"mean"`` over the batch, weighted if there are weights; ``"sum"`` over everything;
        ``"none"`` leaves them as they are.
    sample_weight : N weights; None for equal ones.
    outputs : what ``"mean"`` does with the outputs of one sample: their ``"sum"`` or ``"mean"``.

    Raises UnknownNameError, ShapeError (both ValueErrors) for another reduction or weights that
    are not N, and the gate TargetError for negative ones.
    """
    reduction = reduction_named(reduction)
    if is_half(losses) and reduction != "none":  # a sum of many, and their number, are too large
        whole = reduced(name, losses.astype(np.float32), reduction, sample_weight, outputs=outputs)
        return whole.astype(losses.dtype)
    if sample_weight is not None:
        weight = samples_weights(name, losses.shape[:1], sample_weight)
        losses = apply(_weighted, (losses, weight), {"share": reduction == "mean"})
    if reduction == "none" or not losses.ndim:
        return losses
    if reduction == "sum":
        return losses.sum()
    if sample_weight is None and (outputs == "mean" or losses.ndim == 1):
        return losses.mean()
    samples = losses.shape[0]
    count = losses.size // samples if outputs == "mean" else 1
    if sample_weight is None:
        count *= samples
    return losses.sum() / float(count) if count > 1 else losses.sum()
