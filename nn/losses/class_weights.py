"""How much each class of each sample weighs in a cross-entropy with options."""

from __future__ import annotations

import numbers
from typing import Any, NamedTuple

import numpy as np

from autograd import DataError, ShapeError
from autograd.extend import value_of
from nn.errors import OptionError
from nn.losses.operands import as_constant, check_range
from nn.losses.reductions import check_weights, reduction_named
from nn.options import real

__all__ = ["Options", "options_for", "spread_over_classes"]


class Options(NamedTuple):
    """What `cross_entropy` was asked for beyond logits, targets and the samples' weights."""

    reduction: str
    class_weight: np.ndarray | None
    label_smoothing: float
    ignore_index: int | None


def options_for(
    classes: int, in_rows: bool, reduction: Any, class_weight: Any, smoothing: Any, ignored: Any
) -> Options:
    """The options, checked. Raises ShapeError, TargetError, OptionError, DataError."""
    name = "cross_entropy"
    if class_weight is not None:
        class_weight = np.asarray(value_of(as_constant(name, "class_weight", class_weight)))
        if class_weight.shape != (classes,):
            raise ShapeError(
                f"{name} expects class_weight of shape ({classes},), one number a class, and "
                f"received {class_weight.shape}"
            )
        check_weights(class_weight)
    if ignored is not None:
        if not isinstance(ignored, numbers.Integral):
            raise DataError(f"{name}: ignore_index must be a class number, received {ignored!r}")
        if in_rows:
            raise OptionError(
                f"{name}: ignore_index goes with class numbers, and the target has rows: give "
                "those samples a sample_weight of 0"
            )
    smoothing = real(name, "label_smoothing", smoothing, 0.0, 1.0)
    return Options(reduction_named(reduction), class_weight, smoothing, ignored)


def spread_over_classes(
    logits: np.ndarray, target: np.ndarray, sample_weight: Any = None, *,
    reduction: str, class_weight: Any, label_smoothing: float, ignore_index: int | None,
) -> tuple[np.ndarray, Any]:  # fmt: skip
    """The weight w of each class of each sample, (N, C), and what Σ −w·ln softmax is divided by.

    Without a mean, and where all weights are 0, that is 1.
    """
    classes, dtype = logits.shape[1], logits.dtype
    factors: Any = np.ones(len(logits), dtype)
    if target.ndim == 1:
        if ignore_index is not None:
            counted = target != ignore_index
            factors = factors * counted
            target = np.where(counted, target, 0)
        check_range(target, classes)
        spread: Any = (target[:, None] == np.arange(classes)).astype(dtype)
    else:
        spread = target
    if sample_weight is not None:
        check_weights(sample_weight)
        factors = factors * sample_weight.astype(dtype)
    counts = factors
    if class_weight is not None:
        class_weight = class_weight.astype(dtype)
        total = np.add.reduce(spread, axis=1)
        counts = factors * (spread @ class_weight / np.where(total, total, 1.0))
    if label_smoothing:
        spread = (1.0 - label_smoothing) * spread + label_smoothing / classes
    if class_weight is not None:
        spread = spread * class_weight
    spread = spread * factors[:, None]
    if reduction != "mean":
        return spread, 1.0
    count = np.add.reduce(counts)
    return spread, np.where(count > 0.0, count, dtype.type(1.0))
