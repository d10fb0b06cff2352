"""Metrics: what is watched beside the loss. They count over batches, so that averages are exact.

Each metric is an object: ``update(prediction, target)`` for each batch, ``result()`` for what it
comes to so far, ``reset()`` to begin again; called like a function it measures one batch. The
functions of this file do that.

>>> from nn import metrics
>>> metrics.accuracy([[2.0, 0.0], [0.0, 2.0]], [0, 0])
0.5
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import DataError, OutOfRangeError, ShapeError
from autograd.recording import value_of
from nn.names import look_up
from nn.options import number, size

__all__ = [
    "MAE", "R2", "Accuracy", "Average", "ConfusionMatrix", "Metric", "TopK",
    "accuracy", "confusion_matrix", "get", "mae", "r2", "top_k",
]  # fmt: skip


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


class _Mean(Metric):
    """A sum over a count."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.total = 0.0
        self.count = 0

    def result(self) -> float:
        return float(self.total / self.count) if self.count else float("nan")


# ---- classes


def classes_of(name: str, prediction: Any, target: Any, threshold: float) -> tuple[Any, Any, int]:
    """Which classes are predicted and which are true, (N,) each, and how many there are.

    Raises ShapeError (a ValueError), DataError (a TypeError).
    """
    prediction, target = np.asarray(value_of(prediction)), np.asarray(value_of(target))
    shape = prediction.shape
    if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
        if target.shape not in (shape[:1], (*shape[:1], 1)):
            raise ShapeError(
                f"{name} expects {shape[0]} targets for as many predictions, and received shape "
                f"{target.shape}"
            )
        return (prediction.ravel() > threshold) + 0, (target.ravel() > 0.5) + 0, 2
    if len(shape) != 2:
        raise ShapeError(f"{name} expects predictions of shape (N,) or (N, C), received {shape}")
    if target.shape == shape:
        target = target.argmax(axis=1)
    elif target.shape not in (shape[:1], (*shape[:1], 1)):
        raise ShapeError(
            f"{name} expects {shape[0]} class numbers or rows of shape {shape} as target, and "
            f"received shape {target.shape}"
        )
    elif target.dtype.kind not in "iu":
        raise DataError(
            f"{name} expects class numbers, which are integers, and the target is {target.dtype}: "
            "write target.astype(int)"
        )
    return prediction.argmax(axis=1), target.ravel(), shape[1]


class Accuracy(_Mean):
    """The share of samples whose largest output is the one of their class.

    Parameters
    ----------
    threshold : of a single output, (N,) or (N, 1), above which it says yes: 0 for logits and for
        outputs of −1 and 1, 0.5 for probabilities.

    Targets are class numbers (N,) or rows (N, C); of a single output 0 and 1, or −1 and 1. Of
    outputs that tie the first one counts.

    >>> Accuracy()([[2.0, 0.0], [0.0, 2.0]], [0, 0]), Accuracy()([-3.0, 3.0], [0, 1])
    (0.5, 1.0)
    """

    name = "accuracy"

    def __init__(self, *, threshold: float = 0.0) -> None:
        self.threshold = number("Accuracy", "threshold", threshold)
        super().__init__()

    def update(self, prediction: Any, target: Any) -> None:
        found, true, _ = classes_of(self.name, prediction, target, self.threshold)
        self.total += int(np.count_nonzero(found == true))
        self.count += len(true)


class TopK(_Mean):
    """The share of samples whose class is among the k largest outputs.

    Of outputs that tie the first ones count, so that k = 1 is `Accuracy`. Raises ShapeError (a
    ValueError) for fewer classes than k.

    >>> TopK(2)([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]], [1, 2])
    0.5
    """

    def __init__(self, k: int = 5, *, name: str | None = None) -> None:
        self.k = size("TopK", "k", k)
        self.name = name or f"top_{k}"
        super().__init__()

    def update(self, prediction: Any, target: Any) -> None:
        prediction = np.asarray(value_of(prediction))
        _, true, classes = classes_of(self.name, prediction, target, 0.0)
        if prediction.ndim < 2 or classes < self.k:
            raise ShapeError(
                f"{self.name} expects outputs for {self.k} classes or more, and received shape "
                f"{prediction.shape}: write TopK(k) with a smaller k"
            )
        check_classes(self.name, true, classes)
        own = prediction[np.arange(len(true)), true][:, None]
        before = (prediction == own) & (np.arange(classes) < true[:, None])
        rank = np.count_nonzero((prediction > own) | before, axis=1)
        self.total += int(np.count_nonzero(rank < self.k))
        self.count += len(true)


def check_classes(name: str, true: np.ndarray, classes: int) -> None:
    """Raise OutOfRangeError (an IndexError) for a class number that is not there."""
    if len(true) and not (true.min() >= 0 and true.max() < classes):
        raise OutOfRangeError(
            f"{name} expects class numbers from 0 to {classes - 1}, and the target holds "
            f"{true.min()} to {true.max()}"
        )


class ConfusionMatrix(Metric):
    """How often class i (row) was taken for class j (column): an array of integers, (C, C).

    Parameters: `threshold` as of `Accuracy`. The diagonal is what was right.

    >>> ConfusionMatrix()([[2.0, 0.0], [0.0, 2.0], [2.0, 1.0]], [0, 0, 1])
    array([[1, 1],
           [1, 0]])
    """

    name = "confusion_matrix"

    def __init__(self, *, threshold: float = 0.0) -> None:
        self.threshold = number("ConfusionMatrix", "threshold", threshold)
        self.reset()

    def reset(self) -> None:
        self.counts = np.zeros((0, 0), int)

    def update(self, prediction: Any, target: Any) -> None:
        found, true, classes = classes_of(self.name, prediction, target, self.threshold)
        check_classes(self.name, true, classes)
        pairs = np.bincount(true.astype(int) * classes + found, minlength=classes * classes)
        counts = pairs.reshape(classes, classes)
        if self.counts.size and self.counts.shape != counts.shape:
            raise ShapeError(
                f"confusion_matrix has counted {len(self.counts)} classes and received {classes}: "
                "write reset() between models"
            )
        self.counts = self.counts + counts if self.counts.size else counts

    def result(self) -> np.ndarray:
        return self.counts.copy()


# ---- numbers


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


class MAE(_Mean):
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


# ---- by name, and as functions


class Average(_Mean):
    """The average of a function of your own, ``(prediction, target) -> float``, over the samples.

    It is exact where the function itself is an average over the samples of a batch.

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


def accuracy(prediction: Any, target: Any, *, threshold: float = 0.0) -> float:
    """The share of samples that are right; see `Accuracy`.

    >>> accuracy([[2.0, 0.0], [0.0, 2.0]], [0, 1])
    1.0
    """
    return Accuracy(threshold=threshold)(prediction, target)


def top_k(prediction: Any, target: Any, *, k: int = 5) -> float:
    """The share of samples whose class is among the k largest outputs; see `TopK`.

    >>> top_k([[3.0, 2.0, 1.0]], [1], k=2)
    1.0
    """
    return TopK(k)(prediction, target)


def confusion_matrix(prediction: Any, target: Any, *, threshold: float = 0.0) -> np.ndarray:
    """How often class i (row) was taken for class j (column); see `ConfusionMatrix`.

    >>> confusion_matrix([-3.0, 3.0, 3.0], [0, 1, 0]).tolist()
    [[1, 1], [0, 1]]
    """
    return ConfusionMatrix(threshold=threshold)(prediction, target)


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


TABLE: dict[str, Callable[[], Metric]] = {
    "accuracy": Accuracy,
    "top_k": lambda: TopK(5, name="top_k"),
    "confusion_matrix": ConfusionMatrix,
    "mae": MAE,
    "r2": R2,
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "accuracy": accuracy,
    "top_k": top_k,
    "confusion_matrix": confusion_matrix,
    "mae": mae,
    "r2": r2,
}


def get(metric: Any) -> Metric:
    """A metric to count with: under its name, of a class or a function, or itself.

    ``"top_k"`` is among the five largest, ``"top_3"`` among the three largest. The name under which
    a history lists it is its `name`.

    Raises UnknownNameError (a ValueError) for a name that is not there, with the nearest that is;
    DataError (a TypeError) for what is no metric.

    >>> get("top_3").name, get(mae)([1.0], [3.0])
    ('top_3', 2.0)
    """
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if isinstance(metric, str):
        top = re.fullmatch(r"top_(\d+)", metric.strip().lower())
        return TopK(int(top[1])) if top else look_up("metric", metric, TABLE)()
    for known, function in FUNCTIONS.items():
        if metric is function:
            return TABLE[known]()
    if callable(metric):
        return Average(metric)
    raise DataError(
        "a metric is a name, a Metric or a function (prediction, target) -> float, and received "
        f"{metric!r}"
    )
