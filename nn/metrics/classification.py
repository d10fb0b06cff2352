"""Metrics of classes: how often the right one is the largest output, and what else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import DataError, OutOfRangeError, ShapeError
from autograd.extend import value_of
from nn.options import number, size

__all__ = [
    "Accuracy",
    "accuracy",
    "Average",
    "confusion_matrix",
    "ConfusionMatrix",
    "Mean",
    "Metric",
    "top_k",
    "TopK",
]


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


def classes_of(name: str, prediction: Any, target: Any, threshold: float) -> tuple[Any, Any, int]:
    """Which classes are predicted and which are true, (N,) each, and how many there are.

    Of images (N, C, ...) every pixel is a sample, as in `cross_entropy`. Raises ShapeError (a
    ValueError), DataError (a TypeError).
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
    if len(shape) > 2 and target.shape in (shape, (shape[0], *shape[2:])):
        target = as_rows(target) if target.shape == shape else target.reshape(-1)
        return classes_of(name, as_rows(prediction), target, threshold)
    if len(shape) != 2:
        raise ShapeError(
            f"{name} expects predictions of shape (N,), (N, C), or (N, C, ...) with targets of "
            f"shape (N, ...), and received {shape} and {target.shape}"
        )
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


def as_rows(a: np.ndarray) -> np.ndarray:
    """The classes, on axis 1, of all pixels: (N, C, ...) as (N·…, C)."""
    return np.moveaxis(a, 1, -1).reshape(-1, a.shape[1]) if a.ndim > 2 else a


class Accuracy(Mean):
    """The share of samples whose largest output is the one of their class.

    Parameters
    ----------
    threshold : of a single output, (N,) or (N, 1), above which it says yes: 0 for logits and for
        outputs of −1 and 1, 0.5 for probabilities.

    Targets are class numbers (N,) or rows (N, C); of images (N, C, ...) every pixel counts. Of a
    single output they are 0 and 1, or −1 and 1. Of outputs that tie the first one counts.

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


class TopK(Mean):
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
        prediction = as_rows(prediction)
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
