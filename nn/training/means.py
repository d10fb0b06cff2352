"""Averages over the rows of an epoch, while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .history import plain
from .mean_loss import Counts

__all__ = ["Means"]


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
