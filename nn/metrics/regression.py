"""Metrics of numbers: how far off they are, and how much of the target they explain."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError
from autograd.extend import value_of
from nn.metrics.classification import Mean, Metric

__all__ = ["MAE", "R2", "mae", "r2"]


def numbers_of(name: str, prediction: Any, target: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both in float64 and of shape (N, outputs), (N,) and (N, 1) going together.

    Raises ShapeError (a ValueError) for shapes that differ.
    """
    p, t = (np.asarray(value_of(values), dtype=np.float64) for values in (prediction, target))
    if p.ndim == 0 or (p.shape != t.shape and {p.shape, t.shape} != {p.shape[:1], (len(p), 1)}):
        raise ShapeError(
            f"{name} expects targets of the predictions' shape {p.shape}, and received {t.shape}"
        )
    outputs = int(np.prod(p.shape[1:])) if p.shape == t.shape else 1
    return p.reshape(len(p), outputs), t.reshape(len(t), outputs)


class MAE(Mean):
    """The mean of |prediction − target| over all elements.

    >>> MAE()([1.0, 2.0], [0.0, 4.0])
    1.5
    """

    name = "mae"

    def update(self, prediction: Any, target: Any) -> None:
        p, t = numbers_of(self.name, prediction, target)
        self.total += float(np.absolute(p - t).sum())
        self.count += p.size


class R2(Metric):
    """1 − Σ(prediction − target)²/Σ(target − mean)²: 1 is perfect, 0 as good as the mean.

    Of several outputs, the average. Where the target never changes it is 1 if all predictions are
    right, and 0 otherwise, as in scikit-learn.

    >>> round(R2()([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]), 4)
    0.7857
    """

    name = "r2"

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.count = 0
        self.mean = self.spread = self.error = np.zeros(1)

    def update(self, prediction: Any, target: Any) -> None:
        """Means and sums of squares of parts joined as Chan, Golub, LeVeque do, 1979."""
        p, t = numbers_of(self.name, prediction, target)
        rows = len(t)
        if not rows:
            return
        mean = t.mean(axis=0)
        offset = mean - self.mean
        total = self.count + rows
        self.error = self.error + ((p - t) ** 2).sum(axis=0)
        self.spread = (
            self.spread + ((t - mean) ** 2).sum(axis=0) + offset**2 * (self.count * rows / total)
        )
        self.mean = self.mean + offset * (rows / total)
        self.count = total

    def result(self) -> float:
        if not self.count:
            return float("nan")
        flat = self.spread == 0.0
        ratio = self.error / np.where(flat, 1.0, self.spread)
        return float(np.mean(np.where(flat, self.error == 0.0, 1.0 - ratio)))


def mae(prediction: Any, target: Any) -> float:
    """The mean absolute error; see `MAE`.

    >>> mae([1.0, 2.0], [0.0, 4.0])
    1.5
    """
    return MAE()(prediction, target)


def r2(prediction: Any, target: Any) -> float:
    """The coefficient of determination; see `R2`.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    1.0
    """
    return R2()(prediction, target)
