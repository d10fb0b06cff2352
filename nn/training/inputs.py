"""Data on their way into training: as arrays of the model's dtype, looked through for faults."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd import DataError, ShapeError, Tensor

from .errors import TrainingError

__all__ = [
    "as_features",
    "as_rows",
    "as_targets",
    "Batches",
    "held_out",
    "model_dtype",
    "Rows",
    "whole",
]


class Rows(NamedTuple):
    """Samples and their targets, of one length. The arrays may be those of the caller."""

    X: np.ndarray
    y: np.ndarray

    def where(self, rows: np.ndarray) -> Rows:
        """Those rows alone: a view where they are a range, else a copy."""
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
            return Rows(*(array[rows[0] : rows[-1] + 1] for array in self))
        return Rows(*(array[rows] for array in self))


def model_dtype(model: Any) -> np.dtype:
    """The dtype that a model computes in: its first array's; float64 where all are scalars."""
    return model.dtype or np.dtype(np.float64)


def as_rows(X: Any, y: Any, dtype: np.dtype, names: tuple[str, str] = ("X", "y")) -> Rows:
    """`X` and `y` as arrays of the same number of rows; `names` is what errors call them.

    Raises
    ------
    DataError (a TypeError): no real numbers, such as labels that are text.
    ShapeError (a ValueError): no rows, or not the same number of them.
    TrainingError (a ValueError): a NaN or an infinity, with its place.
    """
    features, targets = as_features(X, dtype, names[0]), as_targets(y, dtype, names[1])
    if len(features) != len(targets):
        raise ShapeError(
            f"{names[0]} has {len(features):,} rows and {names[1]} has {len(targets):,}: each row "
            "needs one target"
        )
    return Rows(features, targets)


def as_features(X: Any, dtype: np.dtype, name: str = "X") -> np.ndarray:
    """`X` as an array of `dtype`, with a first axis of one entry a sample; as `as_rows` does."""
    array = np.ascontiguousarray(_numbers(X, name), dtype)
    _check(array, name)
    return array


def as_targets(y: Any, dtype: np.dtype, name: str = "y") -> np.ndarray:
    """`y` as an array: integers stay integers, since they may be class numbers, and so may
    booleans, which count as 0 and 1."""
    array = _numbers(y, name)
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    elif array.dtype.kind not in "iu":
        array = array.astype(dtype, copy=False)
    array = np.ascontiguousarray(array)
    _check(array, name)
    return array


def _numbers(value: Any, name: str) -> np.ndarray:
    if type(value) is Tensor:
        value = value.data
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise DataError(f"{name} must be an array of numbers: {error}") from error
    if array.dtype.kind in "US" or (array.dtype.kind == "O" and _holds_text(array)):
        raise DataError(
            f"{name} holds text, such as {array.flat[:1].tolist()[0]!r}, and must hold numbers: "
            f"for labels write classes, {name} = np.unique({name}, return_inverse=True)"
        )
    if array.dtype.kind not in "fiub":
        hint = f": write {name}.astype(float)" if array.dtype.kind == "O" and array.ndim else ""
        raise DataError(f"{name} must be real numbers and is of dtype {array.dtype}{hint}")
    if array.ndim == 0:
        raise ShapeError(f"{name} must have one entry a sample, and is the single number {array}")
    return array


def _holds_text(array: np.ndarray) -> bool:
    return array.size > 0 and isinstance(array.ravel()[0], (str, bytes))


def _check(array: np.ndarray, name: str) -> None:
    """Raise where an array has no rows, or an entry that is not finite."""
    if array.size == 0:
        raise ShapeError(f"{name} is empty: it has shape {array.shape}")
    if array.dtype.kind != "f":
        return
    low, high = array.min(), array.max()  # both pass a NaN on, and need no memory
    if np.isfinite(low) and np.isfinite(high):
        return
    bad = np.argwhere(~np.isfinite(array))
    place = tuple(map(int, bad[0]))
    rest = f", the first of {len(bad):,} entries that are not finite" if len(bad) > 1 else ""
    raise TrainingError(
        f"{name} holds {array[place]} at row {place[0]}"
        + (f", column {', '.join(map(str, place[1:]))}" if place[1:] else "")
        + f"{rest}: drop such rows, or fill them in, say by np.nan_to_num({name})"
    )


def whole(name: str, value: Any, low: int = 1) -> int:
    """`value` as an integer of `low` or more; raises TrainingError (a ValueError)."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool) and int(value) >= low:
        return int(value)
    raise TrainingError(f"{name} must be an integer of {low} or more, and is {value!r}")


def held_out(count: int, share: Any) -> int:
    """How many of `count` rows are validated on: `share` of them, rounded.

    Raises TrainingError (a ValueError) where `share` is not from 0 to below 1, or leaves nothing
    to train or to validate on.
    """
    number = isinstance(share, numbers.Real) and not isinstance(share, bool)
    if not number or not 0.0 <= float(share) < 1.0:
        raise TrainingError(f"validation_split must be from 0 to below 1, and is {share!r}")
    held = round(count * float(share))
    if share and not 0 < held < count:
        raise TrainingError(
            f"validation_split={share} of {count} rows leaves {held} to validate on and "
            f"{count - held} to train on: both need one at least"
        )
    return held


class Batches:
    """Gathers rows of `data` by their indices, `size` at most at a time.

    The arrays handed out are written over by the next batch. A short batch is the last one, if it
    is not left out by `drop_last`.
    """

    def __init__(self, data: Rows, size: int, *, drop_last: bool = False) -> None:
        self.data, self.size, self.drop_last = data, size, drop_last
        self.x = np.empty((size, *data.X.shape[1:]), data.X.dtype)
        self.y = np.empty((size, *data.y.shape[1:]), data.y.dtype)

    def over(self, order: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of one epoch, in that order."""
        (X, y), size = self.data, self.size
        left = len(order) % size if self.drop_last else 0
        for start in range(0, len(order) - left, size):
            rows = order[start : start + size]
            x_batch, y_batch = self.x[: len(rows)], self.y[: len(rows)]
            # Indices of ours are never out of range; "raise" would gather into a copy first.
            X.take(rows, 0, x_batch, "clip")
            y.take(rows, 0, y_batch, "clip")
            yield x_batch, y_batch


def blocks(count: int, size: int) -> Iterator[slice]:
    """Slices of `size` rows that cover `count` rows; the last one may be short."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
