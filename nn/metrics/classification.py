"""Metrics of classes: how often the right one is the largest output, and what else is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError
from autograd.extend import value_of
from nn.metrics.base import Mean, weights_of
from nn.metrics.reading import OfClasses, check_no_nan, largest
from nn.options import size

__all__ = [
    "Accuracy", "BinaryAccuracy", "ConfusionMatrix", "SubsetAccuracy", "TopK",
    "accuracy", "binary_accuracy", "confusion_matrix", "subset_accuracy", "top_k",
]  # fmt: skip


class Accuracy(OfClasses, Mean):
    """The share of samples that are right.

    Parameters
    ----------
    threshold : of outputs that each are a yes or no, above which they say yes: None for 0.5 of
        probabilities and 0 of logits and of outputs of −1 and 1. What they are `fit` and `evaluate`
        see in the model and its loss; elsewhere `head` says it.
    multilabel : whether rows of targets are several labels and no classes; by default what the loss
        says (`binary_cross_entropy`: they are), and else the targets do.
    head : ``"logits"`` or ``"probabilities"``; None for what `fit` and `evaluate` see.

    Targets are class numbers (N,) or rows (N, C), and right is where the largest output is the
    class; of images (N, C, ...) every pixel counts. Of outputs that tie the first one counts. Of a
    single output they are 0 and 1, or −1 and 1. Of several labels a sample is right where all of
    them are, each by the threshold: `subset_accuracy`, as scikit-learn counts. An output that is
    nan is never right.

    >>> Accuracy()([[2.0, 0.0], [0.0, 2.0]], [0, 0]), Accuracy()([-3.0, 3.0], [0, 1])
    (0.5, 1.0)
    >>> Accuracy(threshold=0.5)([[0.9, 0.8], [0.2, 0.4]], [[1, 1], [0, 1]])
    0.5
    """

    name = "accuracy"
    higher_is_better = True

    def reset(self) -> None:
        OfClasses.reset(self)
        Mean.reset(self)

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        if (  # as a batch of training is: this is asked at every step
            type(prediction) is type(target) is np.ndarray
            and sample_weight is None
            and prediction.ndim == 2
            and prediction.shape[1] > 1
            and target.shape == prediction.shape[:1]
            and target.dtype.kind in "iu"
        ):
            self.count_right(largest(prediction) == target, None)
            return
        read = self.read(prediction, target, sample_weight)
        right = self.decided(read) == read.true
        self.count_right(right.all(axis=1) if read.is_multilabel else right, read.weight)


class Entries(OfClasses, Mean):
    """Base of metrics of outputs that each are a yes or no, whatever their shape."""

    higher_is_better = True

    def reset(self) -> None:
        OfClasses.reset(self)
        Mean.reset(self)

    def right(self, prediction: Any, target: Any) -> np.ndarray:
        """Which entries are right, with a row a sample. Raises ShapeError (a ValueError)."""
        prediction, target = np.asarray(value_of(prediction)), np.asarray(value_of(target))
        shape, rows = prediction.shape, len(prediction) if prediction.ndim else 0
        column = {shape, target.shape} == {(rows,), (rows, 1)}
        if not shape or (shape != target.shape and not column):
            raise ShapeError(
                f"{self.name} expects a target of 0 or 1 for each output, of shape "
                f"{shape}, and received shape {target.shape}"
            )
        right = (prediction.ravel() > self.cut) == (target.ravel() > 0.5)
        return (right & ~np.isnan(prediction.ravel())).reshape(rows, math.prod(shape[1:]))


class BinaryAccuracy(Entries):
    """The share of outputs that are right, each of them a yes or no.

    Parameters: `threshold` and `head` as of `Accuracy`. Targets have the shape of the outputs.

    >>> BinaryAccuracy(threshold=0.5)([[0.9, 0.8], [0.2, 0.4]], [[1, 1], [0, 1]])
    0.75
    """

    name = "binary_accuracy"

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        right = self.right(prediction, target)
        weight = weights_of(self.name, len(right), sample_weight, right.shape[1])
        self.count_right(right.ravel(), weight)


class SubsetAccuracy(Entries):
    """The share of samples whose outputs are all right, each of them a yes or no.

    >>> SubsetAccuracy(threshold=0.5)([[0.9, 0.8], [0.2, 0.4]], [[1, 1], [0, 1]])
    0.5
    """

    name = "subset_accuracy"

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        right = np.all(self.right(prediction, target), axis=1)
        self.count_right(right, weights_of(self.name, len(right), sample_weight))


class TopK(OfClasses, Mean):
    """The share of samples whose class is among the k largest outputs.

    Of outputs that tie the first ones count, so that k = 1 is `Accuracy`; one that is nan is never
    among them. Raises ShapeError (a ValueError) for fewer classes than k.

    >>> TopK(2)([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]], [1, 2])
    0.5
    """

    higher_is_better = True

    def __init__(self, k: int = 5, *, name: str | None = None) -> None:
        self.k = size("TopK", "k", k)
        self.name = name or f"top_{k}"
        super().__init__()

    def reset(self) -> None:
        OfClasses.reset(self)
        Mean.reset(self)

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        prediction = np.asarray(value_of(prediction))
        if prediction.ndim < 2 or prediction.shape[1] < self.k:
            raise ShapeError(
                f"{self.name} expects outputs for {self.k} classes or more, and received shape "
                f"{prediction.shape}: write TopK(k) with a smaller k"
            )
        scores, true, classes, weight = self.read_classes(prediction, target, sample_weight)
        own = scores[np.arange(len(true)), true][:, None]
        before = (scores == own) & (np.arange(classes) < true[:, None])
        larger = (scores > own) | before | np.isnan(scores)
        self.count_right(np.count_nonzero(larger, axis=1) < self.k, weight)


class ConfusionMatrix(OfClasses):
    """How often class i (row) was taken for class j (column): an array of integers, (C, C).

    With weights their sums, as floats. Parameters: `threshold` and `head` as of `Accuracy`. The
    diagonal is what was right. Raises OptionError (a ValueError) for outputs that are nan.

    >>> ConfusionMatrix()([[2.0, 0.0], [0.0, 2.0], [2.0, 1.0]], [0, 0, 1])
    array([[1, 1],
           [1, 0]])
    """

    name = "confusion_matrix"
    is_number = False

    def reset(self) -> None:
        super().reset()
        self.counts: np.ndarray = np.zeros((0, 0), int)

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        read = self.read_classes(prediction, target, sample_weight)
        check_no_nan(self.name, read.scores)
        classes = read.classes
        pairs = np.bincount(
            read.true.astype(int) * classes + self.decided(read), read.weight, classes * classes
        )
        counts = pairs.reshape(classes, classes)
        if self.counts.size and self.counts.shape != counts.shape:
            raise ShapeError(
                f"{self.name} has counted {len(self.counts)} classes and received {classes}: "
                "write reset() between models"
            )
        self.counts = self.counts + counts if self.counts.size else counts

    def result(self) -> np.ndarray:
        return self.counts.copy()


def accuracy(
    prediction: Any, target: Any, *, threshold: float | None = None,
    multilabel: bool | None = None, head: str | None = None, sample_weight: Any = None,
) -> float:  # fmt: skip
    """The share of samples that are right; see `Accuracy`.

    >>> accuracy([[2.0, 0.0], [0.0, 2.0]], [0, 1])
    1.0
    """
    metric = Accuracy(threshold=threshold, multilabel=multilabel, head=head)
    return metric(prediction, target, sample_weight)


def binary_accuracy(
    prediction: Any, target: Any, *, threshold: float | None = None, head: str | None = None,
    sample_weight: Any = None,
) -> float:  # fmt: skip
    """The share of outputs that are right; see `BinaryAccuracy`.

    >>> binary_accuracy([[2.0, -1.0], [0.5, 2.0]], [[1, 0], [0, 1]])
    0.75
    """
    return BinaryAccuracy(threshold=threshold, head=head)(prediction, target, sample_weight)


def subset_accuracy(
    prediction: Any, target: Any, *, threshold: float | None = None, head: str | None = None,
    sample_weight: Any = None,
) -> float:  # fmt: skip
    """The share of samples whose outputs are all right; see `SubsetAccuracy`.

    >>> subset_accuracy([[2.0, -1.0], [0.5, 2.0]], [[1, 0], [0, 1]])
    0.5
    """
    return SubsetAccuracy(threshold=threshold, head=head)(prediction, target, sample_weight)


def top_k(prediction: Any, target: Any, *, k: int = 5, sample_weight: Any = None) -> float:
    """The share of samples whose class is among the k largest outputs; see `TopK`.

    >>> top_k([[3.0, 2.0, 1.0]], [1], k=2)
    1.0
    """
    return TopK(k)(prediction, target, sample_weight)


def confusion_matrix(
    prediction: Any, target: Any, *, threshold: float | None = None, head: str | None = None,
    sample_weight: Any = None,
) -> np.ndarray:  # fmt: skip
    """How often class i (row) was taken for class j (column); see `ConfusionMatrix`.

    >>> confusion_matrix([-3.0, 3.0, 3.0], [0, 1, 0]).tolist()
    [[1, 1], [0, 1]]
    """
    return ConfusionMatrix(threshold=threshold, head=head)(prediction, target, sample_weight)
