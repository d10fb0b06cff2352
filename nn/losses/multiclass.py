"""Losses of several classes a sample beside cross-entropy: the hinge, and Kullback-Leibler's."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, Tensor, log_softmax, softmax
from autograd.extend import Saved, apply, gate, log_normalised, normalised, replayed, value_of
from nn.losses.errors import TargetError
from nn.losses.operands import (
    as_array,
    check_range,
    class_numbers,
    matching,
    rows_of,
)
from nn.losses.reductions import nothing_at_zero, reduced
from nn.options import above_zero

__all__ = ["kl_divergence", "multiclass_hinge"]


def _hinges(logits: Any, target: Any) -> Saved:
    check_range(target, logits.shape[1])
    margins, slopes = _margins(logits, target)
    return Saved(np.add.reduce(np.maximum(margins, 0.0), axis=1), slopes)


def _margins(logits: Any, target: Any) -> tuple[Any, Any]:
    """1 − x_t + x_j for the classes j that are not the target t, and 0 for t; the rows' slopes.

    The slope is 1 for each class within the margin, and minus their count for the target.
    """
    is_target = target[:, None] == np.arange(logits.shape[1])
    of_target = np.take_along_axis(logits, target[:, None].astype(np.intp), axis=1)
    margins = np.where(is_target, 0.0, 1.0 - of_target + logits)
    slopes = (margins > 0.0).astype(logits.dtype)
    return margins, slopes - is_target * np.add.reduce(slopes, axis=1, keepdims=True)


def _recalled(logits: Any, target: Any, saved: Any) -> Any:
    """What forward saved, computed again where the rule runs on Tensors: a constant, piecewise."""
    return _margins(value_of(logits), value_of(target))[1] if saved is None else saved


hinges = gate(
    _hinges,
    name="multiclass_hinge",
    symbol="hinge",
    rule="Σ max(0, 1−x_t+x_j) → 1 for each j inside the margin, minus their count for t",
    pattern="mixes",
    vjp=lambda g, out, x, t, saved: (np.reshape(g, (-1, 1)) * _recalled(x, t, saved), None),
    jvp=lambda d, out, x, t, saved: np.sum(d[0] * _recalled(x, t, saved), axis=1),
    expansion=lambda x, t: (
        np.sum(np.maximum(1.0 - x[np.arange(len(t)), value_of(t)][:, None] + x, 0.0), axis=1)
        - 1.0  # which the target itself adds
    ),
    kinks="0 at the margin",
)


@replayed
def check_distributions(target: np.ndarray) -> None:
    """Raise TargetError (a ValueError) for rows that are no probabilities."""
    total = np.add.reduce(target, axis=1)
    if not (target.min() >= 0.0 and np.all(np.absolute(total - 1.0) <= 1e-3)):
        raise TargetError(
            "kl_divergence expects rows of probabilities that sum to 1, and the target's entries "
            f"lie from {target.min()} to {target.max()}, the sums from {total.min()} to "
            f"{total.max()}"
        )


def _logarithm(target: Any) -> Any:
    """ln t, of the smallest number where t is 0: finite, so that 0·ln 0 is 0."""
    return np.log(np.where(target > 0.0, target, np.finfo(target.dtype).tiny))


def _divergence(logits: Any, target: Any) -> Any:
    """Σ t·(ln t − ln softmax(x)) of each row."""
    check_distributions(target)
    ratio = _logarithm(target) - log_normalised(logits, 1)
    return np.add.reduce(nothing_at_zero(target, ratio), axis=1)


def _by_logits(logits: Any, target: Any) -> Any:
    probability = softmax(logits, axis=1) if type(logits) is Tensor else normalised(logits, 1)
    return probability * target.sum(axis=1, keepdims=True) - target


def _by_target(logits: Any, target: Any) -> Any:
    logarithm = log_softmax(logits, axis=1) if type(logits) is Tensor else log_normalised(logits, 1)
    return _logarithm(target) + 1.0 - logarithm


divergence = gate(
    _divergence,
    name="kl_divergence",
    symbol="KL",
    rule="Σ t·(ln t − ln softmax(x)) → Σt·softmax(x) − t, ln t + 1 − ln softmax(x)",
    pattern="mixes",
    vjp=(
        lambda g, out, x, t: np.reshape(g, (-1, 1)) * _by_logits(x, t),
        lambda g, out, x, t: np.reshape(g, (-1, 1)) * _by_target(x, t),
    ),
    jvp=lambda d, out, x, t: np.sum(
        d[0] * _by_logits(x, t) + nothing_at_zero(d[1], _by_target(x, t)), axis=1
    ),
    expansion=lambda x, t: np.sum(
        t * (_logarithm(t) - (x - np.log(np.sum(np.exp(x), axis=1, keepdims=True)))), axis=1
    ),
    kinks="by a target of 0 as by the smallest number",
)


def multiclass_hinge(
    prediction: Any, target: Any, *, reduction: str = "mean", sample_weight: Any = None,
    margin: float = 1.0,
) -> Tensor:  # fmt: skip
    """Σ max(0, margin − x_t + x_j) over the other classes j, averaged over the batch.

    Parameters
    ----------
    prediction : raw scores, of shape (N, C); the largest stands for the class.
    target : N class numbers from 0 to C-1.
    reduction : ``"mean"``, ``"sum"``, or ``"none"``: one loss a sample.
    sample_weight : N numbers of 0 or more; the mean is then over the weights, Σ wL/Σ w.
    margin : above 0: by how much the class has to stand out.

    Raises ShapeError, TargetError (both ValueErrors), OutOfRangeError (an IndexError) and DataError
    (a TypeError) as `cross_entropy` does, and warns as it does.

    Source: Weston and Watkins, Support vector machines for multi-class pattern recognition, 1999.

    >>> import numpy as np
    >>> multiclass_hinge([[2.0, 1.5, 0.0]], np.array([0])).item()
    0.5
    """
    name = "multiclass_hinge"
    prediction, shape = rows_of(name, prediction)
    target, margin = (
        class_numbers(name, shape[0], as_array(target)),
        above_zero(name, "margin", margin),
    )
    if margin == 1.0:
        losses = apply(hinges, (prediction, target))
    else:
        losses = margin * apply(hinges, (prediction / margin, target))
    return reduced(name, losses, reduction, sample_weight)


def kl_divergence(
    prediction: Any, target: Any, *, reduction: str = "mean", sample_weight: Any = None
) -> Tensor:
    """Σ t·ln(t / softmax(x)) over the classes, averaged over the batch: 0 where they agree.

    Parameters
    ----------
    prediction : logits, of shape (N, C). Stable for any size.
    target : rows of probabilities, of the same shape, that sum to 1.
    reduction : ``"mean"``, ``"sum"``, or ``"none"``: one divergence a sample.
    sample_weight : N numbers of 0 or more; the mean is then over the weights, Σ wL/Σ w.

    Raises
    ------
    ShapeError (a ValueError): shapes that differ, or are not rows.
    TargetError (a ValueError): rows that are no probabilities, or a weight below 0.

    Warns LogitsWarning where the prediction was made by a sigmoid or softmax gate.

    Source: Kullback and Leibler, On information and sufficiency, 1951.

    >>> round(kl_divergence([[0.0, 0.0]], [[1.0, 0.0]]).item(), 6)
    0.693147
    """
    prediction, shape = rows_of("kl_divergence", prediction)
    if np.shape(value_of(as_array(target))) != shape:
        raise ShapeError(
            f"kl_divergence expects rows of probabilities of shape {shape} as target, and received "
            f"shape {np.shape(value_of(as_array(target)))}"
        )
    losses = apply(divergence, matching("kl_divergence", prediction, target))
    return reduced("kl_divergence", losses, reduction, sample_weight)
