"""What the mean of a loss divides by, so that means of batches come to that of all rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograd.extend import value_of
from nn.losses.softmax import cross_entropy

__all__ = ["adds_up", "counter_of"]

Counter = Callable[[Any, Any, Any], float]


def counter_of(loss: Any) -> Counter | None:
    """A function (prediction, target, sample_weight) of what `loss` divides by; None where that is
    the number of rows, or the sum of their weights.

    Of ours it is another number for cross-entropy with weights of classes or an ignored one, which
    a `functools.partial` gives it.
    """
    function, options = _unwrapped(loss)
    if function is not cross_entropy:
        return None
    named = {key: options.get(key) for key in ("class_weight", "ignore_index")}
    return partial(_counted, **named) if any(v is not None for v in named.values()) else None


def adds_up(loss: Any) -> bool:
    """Whether a `functools.partial` asks a loss for the sum over the samples, not for their mean.

    >>> adds_up(partial(cross_entropy, reduction="sum")), adds_up(cross_entropy)
    (True, False)
    """
    return _unwrapped(loss)[1].get("reduction") == "sum"


def _unwrapped(loss: Any) -> tuple[Any, dict[str, Any]]:
    """The function inside of partial ones, and the keywords that they give it."""
    options: dict[str, Any] = {}
    while isinstance(loss, partial):
        options, loss = {**loss.keywords, **options}, loss.func
    return loss, options


def _counted(
    prediction: Any, target: Any, sample_weight: Any, *, class_weight: Any, ignore_index: Any
) -> float:
    """Of cross-entropy: the weights of the classes of what is counted."""
    target, shape = np.asarray(value_of(target)), np.shape(value_of(prediction))
    weights = None if class_weight is None else np.asarray(value_of(class_weight), np.float64)
    rows = target.shape == shape
    if rows and weights is not None:  # of a row, the average of its classes
        total = target.sum(axis=1)
        counts = np.tensordot(target, weights, (1, 0)) / np.where(total, total, 1.0)
    elif rows:
        counts = np.ones((shape[0], *shape[2:]))
    else:
        target = target.reshape(shape[0], *shape[2:])
        counted = np.ones(target.shape, bool) if ignore_index is None else target != ignore_index
        counts = counted * (1.0 if weights is None else weights[np.where(counted, target, 0)])
    if sample_weight is not None:
        weight = np.asarray(value_of(sample_weight))
        counts = counts * weight.reshape(weight.shape + (1,) * (counts.ndim - weight.ndim))
    return float(counts.sum())
