"""The mean of a loss over rows that come in parts, as over all of them at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.extend import value_of
from nn.losses import function_of
from nn.losses.counting import counter_of
from nn.metrics import Metric

from .sources import rows_of

__all__ = ["Counts", "MeanLoss"]

MOST = 1 << 24
"""Outputs that are kept for a loss of one's own, which is then asked about all rows at once."""


class Counts:
    """What the mean of a loss over a batch divides by."""

    def __init__(self, loss: Any) -> None:
        self.counter = None if loss is None else counter_of(loss)

    def of(self, prediction: Any, y: Any, weight: Any) -> float:
        """Rows, or their weights in the loss, or what the loss counts of them."""
        if self.counter is not None:
            return self.counter(prediction, y, weight)
        return rows_of(y) if weight is None else float(np.add.reduce(weight))


class MeanLoss(Metric):
    """A loss as a metric, exact however rows fall into parts.

    Of a loss of one's own it is not known what it does with rows: it is averaged over them, or with
    `whole` asked about all together, unless these are too many.
    """

    name = "loss"
    higher_is_better = False

    def __init__(self, loss: Any, *, whole: bool = False) -> None:
        self.loss, self.counts = loss, Counts(loss)
        self.whole = whole and function_of(loss) is None
        self.reset()

    def reset(self) -> None:
        self.total = self.counted = 0.0
        self.kept: list[tuple[Any, Any, Any]] | None = [] if self.whole else None
        self.size = self.rows = 0

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        self.rows += rows_of(target)
        if self.kept is None:
            self._count(prediction, target, sample_weight)
            return
        self.kept.append((prediction, target, sample_weight))
        self.size += np.size(prediction)
        if self.size > MOST:
            kept, self.kept = self.kept, None
            for part in kept:
                self._count(*part)

    def _count(self, prediction: Any, target: Any, weight: Any) -> None:
        count = self.counts.of(prediction, target, weight)
        self.total += self._value(prediction, target, weight) * count
        self.counted += count

    def _value(self, prediction: Any, target: Any, weight: Any) -> float:
        """Of a part; a loss of one's own is given a Tensor, as in training."""
        if type(prediction) is not Tensor:
            prediction = Tensor(prediction, requires_grad=False)
        weights = {} if weight is None else {"sample_weight": weight}
        return float(value_of(self.loss(prediction, target, **weights)))

    def result(self) -> float:
        """0 where no row counts, nan where there is none."""
        if self.kept:
            parts = zip(*self.kept, strict=True)
            return self._value(*(None if p[0] is None else np.concatenate(p) for p in parts))
        if self.counted:
            return self.total / self.counted
        return 0.0 if self.rows else math.nan
