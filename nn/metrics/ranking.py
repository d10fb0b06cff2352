"""Metrics of an order: how far the samples that are so come before those that are not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import ShapeError
from autograd.extend import normalised
from nn.metrics.reading import OfClasses, check_classes, check_no_nan

__all__ = ["AveragePrecision", "RocAuc", "average_precision", "roc_auc"]


class Ranking(OfClasses):
    """Base of the two: every sample is kept, since one number needs the order of all.

    Parameters
    ----------
    multilabel : as of `Accuracy`.
    head : whether several outputs are ``"logits"``, of which softmax makes probabilities, or
        ``"probabilities"``; None for what `fit` and `evaluate` see, and else logits. One output is
        ranked as it is, and so are several labels.

    Of several classes or labels the mean over them, each against the rest (scikit-learn's
    ``multi_class="ovr"``, ``average="macro"``); of two classes that of class 1. Raises OptionError
    (a ValueError) for outputs that are nan.
    """

    higher_is_better = True
    is_quick = False

    def __init__(self, *, multilabel: bool | None = None, head: str | None = None) -> None:
        super().__init__(multilabel=multilabel, head=head)

    def reset(self) -> None:
        super().reset()
        self.parts: list[tuple[np.ndarray, np.ndarray, np.ndarray | None]] = []

    def update(self, prediction: Any, target: Any, sample_weight: Any = None) -> None:
        scores, true, classes, weight = self.read(prediction, target, sample_weight)
        check_no_nan(self.name, scores)
        if scores.ndim == 2 and true.ndim == 1:
            check_classes(self.name, true, classes)
            if (self._head or self.head) != "probabilities":
                scores = normalised(scores, 1)
            true = true[:, None] == np.arange(classes)
            if classes == 2:
                scores, true = scores[:, 1], true[:, 1]
        if self.parts and self.parts[0][0].shape[1:] != scores.shape[1:]:
            raise ShapeError(
                f"{self.name} has read {self.parts[0][0].shape[1:]} outputs a sample and received "
                f"{scores.shape[1:]}: write reset() between models"
            )
        self.parts.append((scores.copy(), true.astype(bool), weight))

    def result(self) -> float:
        if not self.parts:
            return math.nan
        scores, true = (np.concatenate([part[i] for part in self.parts]) for i in (0, 1))
        weight = np.concatenate(
            [np.ones(len(part[0])) if part[2] is None else part[2] for part in self.parts]
        )
        scores, true = scores.reshape(len(true), -1), true.reshape(len(true), -1)
        columns = zip(scores.T, true.T, strict=True)
        return float(np.mean([self.of_column(s, t, weight) for s, t in columns]))

    def of_column(self, scores: Any, true: Any, weight: np.ndarray) -> float:
        """Of one output, and whether each sample is so."""
        raise NotImplementedError


def above(
    scores: np.ndarray, true: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The weight of what is so, and of what is not, at or above each different score, from the
    largest down."""
    order = np.argsort(-scores, kind="stable")
    scores, true, weight = scores[order], true[order], weight[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)
    return np.cumsum(weight * true)[last], np.cumsum(weight * ~true)[last]


class RocAuc(Ranking):
    """The area below the ROC curve: how often what is so has a larger output than what is not.

    A tie counts half. It is nan where all samples are so, or none.

    Source: Hanley, McNeil, The meaning and use of the area under a ROC curve, 1982.

    >>> RocAuc()([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """

    name = "roc_auc"

    def of_column(self, scores: np.ndarray, true: np.ndarray, weight: np.ndarray) -> float:
        so, not_so = above(scores, true, weight)
        if not (so[-1] > 0.0 and not_so[-1] > 0.0):
            return math.nan
        between = np.diff(not_so, prepend=0.0)
        middle = so - 0.5 * np.diff(so, prepend=0.0)
        return float(between @ middle / (so[-1] * not_so[-1]))


class AveragePrecision(Ranking):
    """Precision at each output that is so, averaged by how much recall it adds.

    It is 0 where no sample is so. Nothing is interpolated, as in scikit-learn.

    >>> round(AveragePrecision()([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 4)
    0.8333
    """

    name = "average_precision"

    def of_column(self, scores: np.ndarray, true: np.ndarray, weight: np.ndarray) -> float:
        so, not_so = above(scores, true, weight)
        if not so[-1] > 0.0:
            return 0.0
        said = so + not_so
        precision = so / np.where(said > 0.0, said, 1.0)
        return float(np.diff(so, prepend=0.0) @ precision / so[-1])


def roc_auc(
    prediction: Any, target: Any, *, multilabel: bool | None = None, head: str | None = None,
    sample_weight: Any = None,
) -> float:  # fmt: skip
    """The area below the ROC curve; see `RocAuc`.

    >>> roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    return RocAuc(multilabel=multilabel, head=head)(prediction, target, sample_weight)


def average_precision(
    prediction: Any, target: Any, *, multilabel: bool | None = None, head: str | None = None,
    sample_weight: Any = None,
) -> float:  # fmt: skip
    """Precision averaged over recall; see `AveragePrecision`.

    >>> round(average_precision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 4)
    0.8333
    """
    return AveragePrecision(multilabel=multilabel, head=head)(prediction, target, sample_weight)
