"""Metrics of numbers: how far off they are, and how much of the target they explain."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError
from autograd.extend import value_of
from nn.metrics.base import Metric, weights_of

__all__ = ["MAE", "MAPE", "MSE", "R2", "RMSE", "mae", "mape", "mse", "r2", "rmse"]


def numbers_of(
    name: str, prediction: Any, target: Any, sample_weight: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both in float64 and of shape (N, outputs), (N,) and (N, 1) going together; N weights.

    Raises ShapeError (a ValueError) for shapes that differ.
    """
    p, t = (np.asarray(value_of(values), dtype=np.float64) for values in (prediction, target))
    if p.ndim == 0 or (p.shape != t.shape and {p.shape, t.shape} != {p.shape[:1], (len(p), 1)}):
        raise ShapeError(
            f"{name} expects targets of the predictions' shape {p.shape}, and received {t.shape}"
        )
    outputs = int(np.prod(p.shape[1:])) if p.shape == t.shape else 1
    weight = weights_of(name, len(p), sample_weight)
    weight = np.ones(len(p)) if weight is None else weight
    return p.reshape(len(p), outputs), t.reshape(len(t), outputs), weight


class Errors(Metric):
    """Base of averages over the samples, for each output, and then over the outputs."""

    higher_is_better = False

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.total: Any = 0.0
        self.weight = 0.0

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        p, t, weight = numbers_of(self.name, prediction, target, sample_weight)
        self.total = self.total + weight @ self.errors(p, t)
        self.weight += float(weight.sum())

    def result(self) -> float:
        if not self.weight > 0.0:
            return math.nan
        return float(np.mean(self.finished(self.total / self.weight)))

    def errors(self, p: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Of each entry."""
        raise NotImplementedError

    def finished(self, averages: np.ndarray) -> np.ndarray:
        """What is made of the averages of the outputs."""
        return averages


class MAE(Errors):
    """The mean of |prediction − target| over all elements.

    >>> MAE()([1.0, 2.0], [0.0, 4.0])
    1.5
    """

    name = "mae"

    def errors(self, p: np.ndarray, t: np.ndarray) -> np.ndarray:
        return np.absolute(p - t)


class MSE(Errors):
    """The mean of (prediction − target)² over all elements.

    >>> MSE()([1.0, 2.0], [0.0, 4.0])
    2.5
    """

    name = "mse"

    def errors(self, p: np.ndarray, t: np.ndarray) -> np.ndarray:
        return (p - t) ** 2


class RMSE(MSE):
    """The root of the mean of (prediction − target)²; of several outputs, their average.

    >>> RMSE()([1.0, 2.0], [4.0, 5.0])
    3.0
    """

    name = "rmse"

    def finished(self, averages: np.ndarray) -> np.ndarray:
        return np.sqrt(averages)


class MAPE(Errors):
    """The mean of |prediction − target|/|target|, a share and no percentage.

    Where a target is 0 it is divided by 2⁻⁵² instead, as in scikit-learn.

    >>> MAPE()([1.0, 3.0], [2.0, 4.0])
    0.375
    """

    name = "mape"

    def errors(self, p: np.ndarray, t: np.ndarray) -> np.ndarray:
        return np.absolute(p - t) / np.maximum(np.absolute(t), np.finfo(np.float64).eps)


class R2(Metric):
    """1 − Σ(prediction − target)²/Σ(target − mean)²: 1 is perfect, 0 as good as the mean.

    Of several outputs, the average. Where the target never changes it is 1 if all predictions are
    right, and 0 otherwise; of fewer than two samples it is nan: as in scikit-learn.

    >>> round(R2()([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]), 4)
    0.7857
    """

    name = "r2"
    higher_is_better = True

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.rows, self.weight = 0, 0.0
        self.mean = self.spread = self.error = np.zeros(1)

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        """Means and sums of squares of parts joined as Chan, Golub, LeVeque do, 1979."""
        p, t, weight = numbers_of(self.name, prediction, target, sample_weight)
        self.rows += len(t)
        total = float(weight.sum())
        if not total > 0.0:
            return
        mean = weight @ t / total
        offset, share = mean - self.mean, total / (self.weight + total)
        self.error = self.error + weight @ (p - t) ** 2
        self.spread = self.spread + weight @ (t - mean) ** 2 + offset**2 * (self.weight * share)
        self.mean = self.mean + offset * share
        self.weight += total

    def result(self) -> float:
        if self.rows < 2 or not self.weight > 0.0:
            return math.nan
        flat = self.spread == 0.0
        ratio = self.error / np.where(flat, 1.0, self.spread)
        return float(np.mean(np.where(flat, self.error == 0.0, 1.0 - ratio)))


def mae(prediction: Any, target: Any, *, sample_weight: Any = None) -> float:
    """The mean absolute error; see `MAE`.

    >>> mae([1.0, 2.0], [0.0, 4.0])
    1.5
    """
    return MAE()(prediction, target, sample_weight)


def mse(prediction: Any, target: Any, *, sample_weight: Any = None) -> float:
    """The mean squared error; see `MSE`.

    >>> mse([1.0, 2.0], [0.0, 4.0])
    2.5
    """
    return MSE()(prediction, target, sample_weight)


def rmse(prediction: Any, target: Any, *, sample_weight: Any = None) -> float:
    """The root of the mean squared error; see `RMSE`.

    >>> rmse([1.0, 2.0], [4.0, 5.0])
    3.0
    """
    return RMSE()(prediction, target, sample_weight)


def mape(prediction: Any, target: Any, *, sample_weight: Any = None) -> float:
    """The mean absolute error as a share of the target; see `MAPE`.

    >>> mape([1.0, 3.0], [2.0, 4.0])
    0.375
    """
    return MAPE()(prediction, target, sample_weight)


def r2(prediction: Any, target: Any, *, sample_weight: Any = None) -> float:
    """The coefficient of determination; see `R2`.

    >>> r2([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    1.0
    """
    return R2()(prediction, target, sample_weight)
