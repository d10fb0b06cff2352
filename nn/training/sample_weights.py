"""How much each sample counts, and each class of samples."""

from __future__ import annotations

import math
import numbers
from inspect import signature
from typing import Any

import numpy as np

from autograd import DataError, ShapeError
from nn.frames import array_of

from .errors import TrainingError
from .schema import Schema

__all__ = ["as_weights", "check_weighs", "ClassWeights"]


def as_weights(weights: Any, count: int, dtype: np.dtype, name: str) -> Any:
    """`count` weights as an array; None for none.

    Raises DataError (a TypeError) for anything but real numbers, ShapeError for another number of
    them, TrainingError (both ValueErrors) for one that is negative or not finite.
    """
    if weights is None:
        return None
    array = array_of(weights, name)
    if array.dtype.kind not in "fiub":
        raise DataError(f"{name} must be real numbers and is of dtype {array.dtype}")
    if array.shape not in ((count,), (count, 1)):
        raise ShapeError(
            f"{name} must have one number a row, {count:,} of them, and has shape {array.shape}"
        )
    array = np.ascontiguousarray(array.reshape(count), dtype)
    if not (array.min() >= 0.0 and array.max() < math.inf):
        row = int(np.argmin((array >= 0.0) & (array < math.inf)))
        raise TrainingError(
            f"{name} must be finite and not negative, and is {array[row]} at row {row}"
        )
    return array


def check_weighs(loss: Any) -> None:
    """Raise DataError (a TypeError) where a function takes no weights of samples."""
    try:
        signature(loss).bind(None, None, sample_weight=None)
    except TypeError:
        name = getattr(loss, "__name__", type(loss).__name__)
        raise DataError(
            f"the loss {name} is a function of your own, and with sample_weight or class_weight it "
            "is called as loss(prediction, target, sample_weight=w): let it take that, and return "
            "a mean such as (w * losses).sum() / w.sum()"
        ) from None
    except ValueError:  # one written in C, which does not say what it takes
        pass


class ClassWeights:
    """The weight of a sample by the class that its target is.

    Attributes: `values`, sorted, as they stand in targets, and `factors`, one for each.
    """

    def __init__(
        self, asked: Any, schema: Schema, y: Any, sample_weight: Any, *, all_rows: bool
    ) -> None:
        """Of a dict, whose keys are labels that the model knows, or targets, and where what it does
        not name weighs 1; or of "balanced": all rows over those of the class, and over the number
        of classes, so that each class weighs the same in all. Rows count by their weights, if any.

        Raises DataError (a TypeError) for anything else, TrainingError (a ValueError) for classes
        that are in no row of `y`, for targets that are not one class a row, and where no row would
        count.
        """
        if not (isinstance(asked, dict) and asked) and asked != "balanced":
            raise DataError(
                'class_weight must be a dict such as {0: 1.0, 1: 5.0}, or "balanced", and is '
                f"{asked!r:.60}"
            )
        self.asked = asked
        found, place = np.unique(class_of(y), return_inverse=True)
        if asked == "balanced":
            if not all_rows:
                raise TrainingError(
                    'class_weight="balanced" needs all targets, and X gives batches: write a dict'
                )
            self.values = found
            counts = np.bincount(place, sample_weight)
            even = np.where(counts > 0.0, counts, np.inf)  # a class whose rows all weigh 0
            self.factors = (counts.sum() / (len(found) * even)).astype(schema.dtype)
            return
        keys = {label: _as_target(label, schema) for label in asked}
        known = set(found.tolist())
        strange = [
            k for k, value in keys.items() if value is None or (all_rows and value not in known)
        ]
        if strange:
            classes = found.tolist() if schema.classes is None else schema.classes.tolist()
            raise TrainingError(
                f"class_weight has {', '.join(map(repr, strange))}, which no row is: the classes "
                f"are {', '.join(map(repr, classes[:20]))}"
            )
        weights = as_weights([*asked.values()], len(asked), np.dtype(float), "class_weight")
        self.values = np.union1d(found, [*keys.values()])
        self.factors = np.ones(len(self.values), schema.dtype)
        self.factors[np.searchsorted(self.values, [*keys.values()])] = weights
        if all_rows and not self(y, sample_weight).any():
            raise TrainingError(f"class_weight={asked!r:.60} leaves no row that counts")

    def __call__(self, y: Any, sample_weight: Any) -> np.ndarray:
        """The weights of rows with these targets, of the loss."""
        classes = class_of(y)
        place = np.searchsorted(self.values, classes).clip(max=len(self.values) - 1)
        factors = np.where(
            self.values[place] == classes, self.factors[place], self.factors.dtype.type(1.0)
        )
        return factors if sample_weight is None else factors * sample_weight


def class_of(y: Any) -> np.ndarray:
    """The class of each target: a number a row, or the place of a one-hot row's one.

    Raises TrainingError (a ValueError) for targets that are not one class a row.
    """
    if isinstance(y, np.ndarray) and y.size == len(y):
        return y.reshape(len(y))
    if not isinstance(y, np.ndarray) or y.ndim != 2 or ((y != 0).sum(axis=1) != 1).any():
        raise TrainingError(
            "class_weight is for targets of one class a row, and these are others: give "
            "sample_weight, a number a row"
        )
    return y.argmax(axis=1)


def _as_target(label: Any, schema: Schema) -> Any:
    """What stands in targets for a label; None where it is no number, and the model knows none."""
    if schema.classes is not None and label in schema.classes:
        return schema.encoded(np.array([label], schema.classes.dtype), "class_weight")[0].item()
    return label if isinstance(label, numbers.Real) else None
