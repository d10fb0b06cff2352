"""Precision, recall and F1: of what was said to be so, of what is so, and both."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError
from nn.metrics.reading import OfClasses, check_classes, check_no_nan
from nn.names import look_up

__all__ = ["F1", "Precision", "Recall", "f1", "precision", "recall"]

AVERAGES = {name: name for name in ("binary", "macro", "micro", "weighted", "none")}


class Rate(OfClasses):
    """Base of the three: counts of each class, and an average over them.

    Parameters
    ----------
    average : ``"binary"``, of class 1 alone; ``"macro"``, the mean over the classes that occur, in
        targets or predictions; ``"weighted"``, that by how often each is true; ``"micro"``, of all
        counts together; ``"none"``, an array with one entry a class, in their order; None for
        ``"binary"`` of two classes, and else ``"macro"``. As scikit-learn has them.
    threshold, multilabel, head : as of `Accuracy`.

    Where nothing is divided by nothing it is 0. Raises OptionError (a ValueError) for outputs that
    are nan.
    """

    higher_is_better = True
    divides: ClassVar[tuple[float, float]]
    """How much of what was said (true or not) and of what is so (said or not) stands below."""

    def __init__(
        self, *, average: str | None = None, threshold: float | None = None,
        multilabel: bool | None = None, head: str | None = None,
    ) -> None:  # fmt: skip
        self.average = None if average is None else look_up("average", average, AVERAGES)
        self.is_number = self.average != "none"
        super().__init__(threshold=threshold, multilabel=multilabel, head=head)

    def reset(self) -> None:
        super().reset()
        self.counts: np.ndarray = np.zeros((3, 0))
        self.occur = np.zeros(0, bool)
        self.labels = False

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        """Count for each class what was said and is so, what was said, and what is so."""
        read = self.read(prediction, target, sample_weight)
        check_no_nan(self.name, read.scores)
        classes, decided, true = read.classes, self.decided(read), read.true
        weight = np.ones(len(true)) if read.weight is None else read.weight
        if read.is_multilabel:
            parts = [decided.astype(bool) & true, decided, true]
            found = np.array([weight @ part for part in parts])
            occur = np.ones(classes, bool)
        else:
            check_classes(self.name, true, classes)
            both, weight_of_both = true[decided == true], weight[decided == true]
            found = np.array([
                np.bincount(both, weight_of_both, classes),
                np.bincount(decided, weight, classes),
                np.bincount(true, weight, classes),
            ])  # fmt: skip
            occur = np.bincount(true, minlength=classes) + np.bincount(decided, minlength=classes)
            occur = occur > 0
        if self.counts.size and self.counts.shape != found.shape:
            raise ShapeError(
                f"{self.name} has counted {self.counts.shape[1]} classes and received {classes}: "
                "write reset() between models"
            )
        self.counts = self.counts + found if self.counts.size else found
        self.occur = self.occur | occur if self.occur.size else occur
        self.labels = read.is_multilabel

    def result(self) -> Any:
        if not self.counts.size:
            return math.nan
        classes = self.counts.shape[1]
        average = self.average or ("binary" if classes == 2 and not self.labels else "macro")
        if average == "micro":
            return float(self._rate(self.counts.sum(axis=1)))
        rates = self._rate(self.counts)
        if average == "binary":
            if classes != 2 or self.labels:
                raise ShapeError(
                    f'{self.name} with average="binary" is of two classes, and there are '
                    f'{classes}: write average="macro"'
                )
            return float(rates[1])
        if average == "none":
            return rates
        if average == "macro":
            return float(rates[self.occur].mean())
        total = self.counts[2].sum()
        return float(rates @ self.counts[2] / total) if total else 0.0

    def _rate(self, counts: np.ndarray) -> np.ndarray:
        said, so = self.divides
        below = said * counts[1] + so * counts[2]
        return np.where(below > 0.0, counts[0], 0.0) / np.where(below > 0.0, below, 1.0)


class Precision(Rate):
    """Of what was said to be of a class, the share that is; see `Rate` for `average`.

    >>> Precision()([-3.0, 3.0, 3.0], [0, 1, 0])
    0.5
    """

    name = "precision"
    divides = (1.0, 0.0)


class Recall(Rate):
    """Of what is of a class, the share that was said to be; see `Rate` for `average`.

    >>> Recall()([-3.0, 3.0, 3.0], [0, 1, 0])
    1.0
    """

    name = "recall"
    divides = (0.0, 1.0)


class F1(Rate):
    """The harmonic mean of precision and recall; see `Rate` for `average`.

    >>> round(F1()([-3.0, 3.0, 3.0], [0, 1, 0]), 4)
    0.6667
    """

    name = "f1"
    divides = (0.5, 0.5)


def precision(
    prediction: Any, target: Any, *, average: str | None = None, sample_weight: Any = None,
    **reading: Any,
) -> Any:  # fmt: skip
    """Of what was said to be of a class, the share that is; see `Precision`.

    >>> precision([-3.0, 3.0, 3.0], [0, 1, 0])
    0.5
    """
    return Precision(average=average, **reading)(prediction, target, sample_weight)


def recall(
    prediction: Any, target: Any, *, average: str | None = None, sample_weight: Any = None,
    **reading: Any,
) -> Any:  # fmt: skip
    """Of what is of a class, the share that was said to be; see `Recall`.

    >>> recall([-3.0, 3.0, 3.0], [0, 1, 0])
    1.0
    """
    return Recall(average=average, **reading)(prediction, target, sample_weight)


def f1(
    prediction: Any, target: Any, *, average: str | None = None, sample_weight: Any = None,
    **reading: Any,
) -> Any:  # fmt: skip
    """The harmonic mean of precision and recall; see `F1`.

    >>> round(f1([-3.0, 3.0, 3.0], [0, 1, 0]), 4)
    0.6667
    """
    return F1(average=average, **reading)(prediction, target, sample_weight)
