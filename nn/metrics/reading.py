"""How predictions and targets of classes are read: which class is meant, and which is true."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd import DataError, OutOfRangeError, ShapeError
from autograd.extend import value_of
from nn.errors import OptionError
from nn.metrics.base import HEADS, Metric, weights_of
from nn.names import look_up
from nn.options import choice, real

__all__ = [
    "OfClasses",
    "Read",
    "as_rows",
    "check_classes",
    "check_no_nan",
    "is_multilabel",
    "largest",
]


class Read(NamedTuple):
    """A batch, read.

    scores : outputs, (N, C), or (N,) of one yes or no.
    true : class numbers (N,); of several labels booleans (N, K); 0 and 1 of one yes or no.
    classes : how many there are: C, K, or 2.
    weight : one number a sample, or None.
    """

    scores: np.ndarray
    true: np.ndarray
    classes: int
    weight: np.ndarray | None

    @property
    def is_multilabel(self) -> bool:
        """Whether each output is a label of its own."""
        return self.true.ndim == 2


class OfClasses(Metric):
    """Base of the metrics of classes.

    Parameters
    ----------
    threshold : above which an output that is a yes or no says yes; None for 0.5 of probabilities
        and 0 of logits and of outputs of −1 and 1. Predictions are taken for logits unless `fit` or
        `evaluate`, which see the model and its loss, or `head` say that they are probabilities.
    multilabel : whether rows of targets are several yes or no, one for each output; None for what
        `fit` and `evaluate` know of the loss, and else for what the first batch says: they are
        where its entries are 0 and 1 and some row has not just one 1.
    """

    def __init__(
        self, *, threshold: float | None = None, multilabel: bool | None = None,
        head: str | None = None,
    ) -> None:  # fmt: skip
        owner = type(self).__name__
        self.threshold = None if threshold is None else real(owner, "threshold", threshold)
        self._asked = None if multilabel is None else choice(owner, "multilabel", multilabel)
        self._head = None if head is None else look_up("head", head, HEADS)
        self.reset()

    def reset(self) -> None:
        self._seen: bool | None = None

    @property
    def cut(self) -> float:
        """Above which an output says yes."""
        if self.threshold is not None:
            return self.threshold
        return 0.5 if (self._head or self.head) == "probabilities" else 0.0

    def read_classes(self, prediction: Any, target: Any, sample_weight: Any) -> Read:
        """A batch of classes. Raises as `read` does, and OptionError (a ValueError) for several
        labels, OutOfRangeError (an IndexError) for a class number that is not there."""
        read = self.read(prediction, target, sample_weight)
        if read.is_multilabel:
            raise OptionError(
                f"{self.name} is of classes, one a sample, and the targets are several labels in a "
                "row: give class numbers, or a column at a time"
            )
        check_classes(self.name, read.true, read.classes)
        return read

    def read(self, prediction: Any, target: Any, sample_weight: Any) -> Read:
        """A batch. Of images (N, C, ...) every pixel is a sample, as in `cross_entropy`.

        Raises ShapeError (a ValueError), DataError (a TypeError).
        """
        prediction, target = np.asarray(value_of(prediction)), np.asarray(value_of(target))
        shape = prediction.shape
        size = shape[0] if shape else 0
        if len(shape) == 1 or (len(shape) == 2 and shape[1] == 1):
            if target.shape not in (shape[:1], (*shape[:1], 1)):
                raise ShapeError(
                    f"{self.name} expects {size} targets for as many predictions, and received "
                    f"shape {target.shape}"
                )
            weight = weights_of(self.name, size, sample_weight)
            return Read(prediction.ravel(), (target.ravel() > 0.5) + 0, 2, weight)
        images = len(shape) > 2 and target.shape in (shape, (shape[0], *shape[2:]))
        if len(shape) != 2 and not images:
            raise ShapeError(
                f"{self.name} expects predictions of shape (N,), (N, C), or (N, C, ...) with "
                f"targets of shape (N, ...), and received {shape} and {target.shape}"
            )
        weight = weights_of(self.name, size, sample_weight, math.prod(shape[2:]))
        if images:
            target = as_rows(target) if target.shape == shape else target.reshape(-1)
            prediction = as_rows(prediction)
        if target.shape == prediction.shape:
            if self._reads_labels(target):
                return Read(prediction, target > 0.5, shape[1], weight)
            target = target.argmax(axis=1)
        return Read(prediction, self._numbers(prediction, target), shape[1], weight)

    def _numbers(self, prediction: np.ndarray, target: np.ndarray) -> np.ndarray:
        if target.shape not in (prediction.shape[:1], (*prediction.shape[:1], 1)):
            raise ShapeError(
                f"{self.name} expects {len(prediction)} class numbers or rows of shape "
                f"{prediction.shape} as target, and received shape {target.shape}"
            )
        if target.dtype.kind not in "iu":
            raise DataError(
                f"{self.name} expects class numbers, which are integers, and the target is "
                f"{target.dtype}: write target.astype(int)"
            )
        return target.ravel()

    def _reads_labels(self, target: np.ndarray) -> bool:
        """Whether rows of targets are several labels; of the first batch, then of all."""
        known = self.multilabel if self._asked is None else self._asked
        if known is not None:
            return known
        found = is_multilabel(target)
        if self._seen is False and found:
            raise OptionError(
                f"{self.name} read rows with one 1 each so far, which are classes, and now several "
                "labels in a row: write multilabel=True where the metric is made"
            )
        self._seen = bool(found or self._seen)
        return self._seen

    def decided(self, read: Read) -> np.ndarray:
        """What is predicted, in the form of `read.true`; −1 where an output is nan."""
        if read.scores.ndim == 2 and not read.is_multilabel:
            return largest(read.scores)
        return np.where(np.isnan(read.scores), -1, read.scores > self.cut)


def largest(scores: np.ndarray) -> np.ndarray:
    """Which output of each row is the largest; −1 where one is nan."""
    found = scores.argmax(axis=1)
    flat = scores.ravel()
    if math.isnan(flat.dot(flat)):  # which is one quick pass
        found[np.isnan(scores).any(axis=1)] = -1
    return found


def is_multilabel(target: np.ndarray) -> bool:
    """Whether rows are several yes or no: entries of 0 and 1, or −1 and 1, and not one 1 a row."""
    if target.ndim < 2 or target.shape[1] < 2:
        return False
    low = np.min(target, initial=0)
    if not np.isin(target, (-1, 1) if low < 0 else (0, 1)).all():
        return False
    return bool(((target > 0).sum(axis=1) != 1).any())


def as_rows(a: np.ndarray) -> np.ndarray:
    """The classes, on axis 1, of all pixels: (N, C, ...) as (N·…, C)."""
    return np.moveaxis(a, 1, -1).reshape(-1, a.shape[1]) if a.ndim > 2 else a


def check_classes(name: str, true: np.ndarray, classes: int) -> None:
    """Raise OutOfRangeError (an IndexError) for a class number that is not there."""
    if len(true) and not (true.min() >= 0 and true.max() < classes):
        raise OutOfRangeError(
            f"{name} expects class numbers from 0 to {classes - 1}, and the target holds "
            f"{true.min()} to {true.max()}"
        )


def check_no_nan(name: str, scores: np.ndarray) -> None:
    """Raise OptionError (a ValueError) where an output is nan, which stands for no class."""
    broken = int(np.isnan(scores).sum())
    if broken:
        raise OptionError(f"{name}: {broken} of {scores.size} outputs are nan, and stand for none")
