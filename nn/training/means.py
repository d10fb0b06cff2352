"""Averages over rows that come in parts: of a loss, as over all rows at once, and of an epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.extend import value_of
from nn.losses import function_of
from nn.losses.counting import adds_up, counter_of
from nn.metrics import Metric

from .history import plain
from .sources import rows_of

__all__ = ["Counts", "MeanLoss", "Means"]

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
    """A loss as a metric, exact however rows fall into parts; a sum where the loss is one.

    Of a loss of one's own it is not known what it does with rows: it is averaged over them, or with
    `whole` asked about all together, unless these are too many.
    """

    name = "loss"
    higher_is_better = False

    def __init__(self, loss: Any, *, whole: bool = False) -> None:
        self.loss, self.counts, self.adds_up = loss, Counts(loss), adds_up(loss)
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
        count = 1.0 if self.adds_up else self.counts.of(prediction, target, weight)
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
            return self.total if self.adds_up else self.total / self.counted
        return 0.0 if self.rows else math.nan


class Means:
    """The loss, the penalty where there is one, and the metrics, of the batches so far."""

    def __init__(self, metrics: Sequence[Any], loss: Any = None) -> None:
        self.metrics, self.counts = metrics, Counts(loss)
        self.reset()

    def reset(self) -> None:
        """Begin an epoch."""
        self.rows = self.batches = 0
        self.loss = self.penalty = self.counted = 0.0
        self.penalized = False
        for metric in self.metrics:
            metric.reset()

    def add(
        self, outputs: tuple[Any, ...], y: Any, rows: int, count: float, sample_weight: Any
    ) -> None:
        """Count a finished batch; `outputs` is what an objective returned for it, and `count` what
        its loss is a mean over. Metrics go by the samples' own weights, if they have any."""
        self.rows += rows
        self.batches += 1
        self.counted += count
        self.penalized = len(outputs) > 2
        if self.penalized:
            self.loss += count * float(outputs[2])
            self.penalty += rows * float(outputs[3])
        else:
            self.loss += count * float(outputs[0])
        for metric in self.metrics:
            if sample_weight is None:
                metric.update(outputs[1], y)
            else:
                metric.update(outputs[1], y, sample_weight)

    def quick(self) -> dict[str, Any]:
        """What a bar shows while an epoch runs: without metrics that take long."""
        return self.logs([metric for metric in self.metrics if metric.is_quick])

    def logs(self, metrics: Sequence[Any] | None = None) -> dict[str, Any]:
        """The averages by name."""
        if not self.rows:
            return {}
        logs = {"loss": self.loss / self.counted if self.counted else 0.0}
        if self.penalized:
            logs["penalty"] = self.penalty / self.rows
        metrics = self.metrics if metrics is None else metrics
        return logs | plain({metric.name: metric.result() for metric in metrics})
