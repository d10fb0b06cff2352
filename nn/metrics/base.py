"""What a metric is, and the two that are sums over counts."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ShapeError
from autograd.extend import value_of
from nn.errors import OptionError

__all__ = ["HEADS", "Average", "Mean", "Metric", "weights_of"]


HEADS = {"logits": "logits", "probabilities": "probabilities"}
"""What the outputs of a classifier may be."""


class Metric:
    """Base of metrics: what they are called, and how they count.

    Attributes
    ----------
    name : its key in a history.
    higher_is_better : whether more of it is better, by which `EarlyStopping` goes; None where that
        is not known.
    is_quick : whether `result` takes no time to speak of, so that a progress bar may ask for it.
    is_number : whether it comes to one number, which callbacks can watch, and to no array.
    head : what `fit` and `evaluate` say that predictions are, ``"logits"`` or ``"probabilities"``;
        None where nobody has said.
    multilabel : whether each output of several is a yes or no of its own, as they say; None as
        `head`.
    """

    name = "metric"
    higher_is_better: bool | None = None
    is_quick = True
    is_number = True
    head: str | None = None
    multilabel: bool | None = None

    def reset(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        """Count a batch; with N weights, where there are any."""
        raise NotImplementedError

    def result(self) -> Any:
        """What it comes to; nan where nothing was counted."""
        raise NotImplementedError

    def __call__(self, prediction: Any, target: Any, sample_weight: Any = None) -> Any:
        """Of one batch alone."""
        self.reset()
        if sample_weight is None:
            self.update(prediction, target)
        else:
            self.update(prediction, target, sample_weight)
        return self.result()

    def __repr__(self) -> str:
        return f"<metric {self.name}>"


def weights_of(name: str, rows: int, sample_weight: Any, each: int = 1) -> np.ndarray | None:
    """N weights as float64, `each` times one after the other; None for none.

    Raises ShapeError for another number of them, OptionError (both ValueErrors) for one that is
    negative, infinite or nan.
    """
    if sample_weight is None:
        return None
    weight = np.asarray(value_of(sample_weight), dtype=np.float64)
    if weight.shape != (rows,):
        raise ShapeError(
            f"{name} expects sample_weight of shape ({rows},), one number a sample, and received "
            f"{weight.shape}"
        )
    if rows and not (weight.min() >= 0.0 and weight.max() < math.inf):
        raise OptionError(
            f"{name}: sample_weight must be finite and not negative, and lies from {weight.min()} "
            f"to {weight.max()}"
        )
    return np.repeat(weight, each) if each > 1 else weight


class Mean(Metric):
    """A sum over a count."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.total: Any = 0.0
        self.count: Any = 0

    def count_right(self, right: np.ndarray, weight: np.ndarray | None) -> None:
        """Count samples, of which some are right."""
        if weight is None:
            self.total += np.count_nonzero(right)
            self.count += len(right)
        else:
            self.total += float(weight @ right)
            self.count += float(weight.sum())

    def result(self) -> float:
        return float(self.total / self.count) if self.count else math.nan


class Average(Mean):
    """The average of a function of your own, ``(prediction, target) -> float``, over the samples.

    It is exact where the function itself is an average over the samples of a batch. Samples with
    weights it refuses, with OptionError (a ValueError): how the function would count them is not
    known. `higher_is_better` is what `EarlyStopping` asks for.

    >>> import numpy as np
    >>> largest = Average(lambda prediction, target: abs(prediction - target).max())
    >>> largest(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    2.0
    """

    def __init__(
        self,
        function: Callable[[Any, Any], Any],
        *,
        name: str | None = None,
        higher_is_better: bool | None = None,
    ) -> None:
        self.function, self.higher_is_better = function, higher_is_better
        self.name = name or str(getattr(function, "__name__", type(function).__name__))
        super().__init__()

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        if sample_weight is not None:
            raise OptionError(
                f"{self.name} is a function without weights, and the samples have some: derive a "
                "class from nn.metrics.Metric with update(prediction, target, sample_weight)"
            )
        value = self.function(value_of(prediction), value_of(target))
        self.total += len(target) * float(value_of(value))
        self.count += len(target)
