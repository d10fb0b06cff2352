"""What a metric is, and averages that are exact over batches of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.recording import value_of

__all__ = ["Average", "Mean", "Metric"]


class Metric:
    """Base of metrics: what they are called, and how they count.

    Attributes: `name`, its key in a history.
    """

    name = "metric"

    def reset(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    def update(self, prediction: Any, target: Any) -> None:
        """Count a batch."""
        raise NotImplementedError

    def result(self) -> Any:
        """What it comes to; nan where nothing was counted."""
        raise NotImplementedError

    def __call__(self, prediction: Any, target: Any) -> Any:
        """Of one batch alone."""
        self.reset()
        self.update(prediction, target)
        return self.result()

    def __repr__(self) -> str:
        return f"<metric {self.name}>"


class Mean(Metric):
    """A sum over a count."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.total = 0.0
        self.count = 0

    def result(self) -> float:
        return float(self.total / self.count) if self.count else float("nan")


class Average(Mean):
    """The average of a function of your own, ``(prediction, target) -> float``, over the samples.

    It is exact where the function itself is an average over the samples of a batch.

    >>> import numpy as np
    >>> largest = Average(lambda prediction, target: abs(prediction - target).max())
    >>> largest(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    2.0
    """

    def __init__(self, function: Callable[[Any, Any], Any], *, name: str | None = None) -> None:
        self.function = function
        self.name = name or str(getattr(function, "__name__", type(function).__name__))
        super().__init__()

    def update(self, prediction: Any, target: Any) -> None:
        value = self.function(value_of(prediction), value_of(target))
        self.total += len(target) * float(value_of(value))
        self.count += len(target)
