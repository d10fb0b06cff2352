"""Data on their way into training: as arrays of the model's dtype, looked through for faults."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import DataError, ShapeError
from nn.frames import array_of, column_names, frame_array, is_frame

from .errors import TrainingError
from .outputs import check_keys
from .sample_weights import as_weights
from .schema import Schema
from .sources import Mapped, Several, Sparse, gather, room, row_size, subset

__all__ = [
    "as_features", "as_rows", "as_targets", "Batches", "blocks", "held_out", "Plan",
    "planned_rows", "Rows", "whole",
]  # fmt: skip

LOOK = 1 << 22
"""Numbers that are looked through at a time where they are not in memory."""


class Rows(NamedTuple):
    """Samples, their targets, and their weights or None, of one length.

    Arrays, perhaps the caller's, or sources.
    """

    X: Any
    y: Any
    weight: Any = None

    def where(self, rows: np.ndarray) -> Rows:
        """Those rows alone: a view where they are a range, else a copy."""
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
            rows = slice(rows[0], rows[-1] + 1)
        return Rows(*(None if part is None else subset(part, rows) for part in self))

    @property
    def first(self) -> Rows:
        """What is known of them without going through them: all."""
        return self

    def parts(self, size: int) -> Iterator[Rows]:
        """All of them in their order, `size` at a time."""
        for block in blocks(len(self.X), size):
            weight = None if self.weight is None else self.weight[block]
            yield Rows(self.X[block], self.y[block], weight)


NAMES = ("X", "y", "sample_weight")


def as_rows(
    X: Any, y: Any, schema: Schema, weight: Any = None, names: Sequence[str] = NAMES
) -> Rows:
    """`X`, `y` and weights as data of the same number of rows; `names` is what errors call them.

    Raises
    ------
    DataError (a TypeError): no real numbers, or labels where a loss wants numbers.
    ShapeError (a ValueError): no rows, or not the same number of them.
    TrainingError (a ValueError): a NaN or an infinity, with its place; other columns than known; a
        weight below 0.
    """
    features, targets = as_features(X, schema, names[0]), as_targets(y, schema, names[1])
    if len(features) != len(targets):
        raise ShapeError(
            f"{names[0]} has {len(features):,} rows and {names[1]} has {len(targets):,}: each row "
            "needs one target"
        )
    return Rows(features, targets, as_weights(weight, len(features), schema.dtype, names[2]))


@np.errstate(over="ignore")  # numbers too large for the dtype are told as infinities
def as_features(X: Any, schema: Schema, name: str = "X", place: Any = "") -> Any:
    """`X` as numbers of the model's dtype, with a first axis of one entry a sample.

    An array in memory, or a source of one: files and sparse matrices stay what they are. A dict,
    and a tuple of what has a shape, are several inputs. Raises as `as_rows` does.
    """
    if place == "" and is_several(X):
        schema.check_inputs(X)
        return Several(
            {key: as_features(part, schema, f"{name}[{key!r}]", key) for key, part in X.items()}
            if isinstance(X, dict)
            else tuple(as_features(p, schema, f"{name}[{i}]", i) for i, p in enumerate(X)),
            name,
        )
    if is_frame(X):
        schema.check_columns(X, name, place)
        array = frame_array(X, schema.dtype, name)
        check(array, name, column_names(X))
        return array
    if hasattr(X, "tocsr"):
        return _sparse(X, schema.dtype, name)
    if isinstance(X, np.memmap) and X.ndim and X.dtype.kind in "fiub":
        return _mapped(X, schema.dtype, name)
    array = np.ascontiguousarray(_numbers(X, name), schema.dtype)
    check(array, name)
    return array


def is_several(X: Any) -> bool:
    """Whether it is several inputs or outputs: a dict, or a tuple of what has a shape."""
    return isinstance(X, dict) or (
        isinstance(X, tuple) and len(X) > 0 and all(getattr(part, "shape", ()) for part in X)
    )


def _sparse(X: Any, dtype: np.dtype, name: str) -> Sparse:
    if X.dtype.kind not in "fiub" or X.ndim != 2:
        raise DataError(
            f"{name} must be a sparse matrix of real numbers, and is of dtype {X.dtype} and shape "
            f"{X.shape}"
        )
    matrix = X.tocsr().astype(dtype, copy=False)
    if not matrix.shape[0]:
        raise ShapeError(f"{name} is empty: it has shape {matrix.shape}")
    if matrix.nnz and not np.isfinite(matrix.data).all():
        at = int(np.argmin(np.isfinite(matrix.data)))
        row = int(np.searchsorted(matrix.indptr, at, side="right")) - 1
        raise _not_finite(name, matrix.data[at], (row, int(matrix.indices[at])), 1)
    return Sparse(matrix)


def _mapped(X: np.ndarray, dtype: np.dtype, name: str) -> Any:
    """An array in a file, which is read through once, in parts, and stays there."""
    if not X.size:
        raise ShapeError(f"{name} is empty: it has shape {X.shape}")
    source = Mapped(X, dtype)
    if X.dtype.kind == "f":
        for block in blocks(len(X), max(1, LOOK // max(1, row_size(X)))):
            check(source[block], name, start=block.start)
    return source


def as_targets(y: Any, schema: Schema, name: str) -> Any:
    """`y` as an array: integers stay integers, since they may be class numbers; labels, which are
    text or booleans, become the numbers that the loss takes."""
    if schema.outputs is not None:
        given = tuple(y) if type(y) is list else y
        check_keys(schema.outputs, f"{name} has", given)
        return Several(
            {key: _targets(part, schema, f"{name}[{key!r}]") for key, part in y.items()}
            if isinstance(y, dict)
            else tuple(_targets(p, schema, f"{name}[{i}]") for i, p in enumerate(given)),
            name,
        )
    if isinstance(y, dict):
        raise DataError(
            f"{name} is a dict, as of several outputs, and the loss is of one: write loss={{...}} "
            f"with one for each of {', '.join(map(repr, y))}"
        )
    return _targets(y, schema, name)


@np.errstate(over="ignore")
def _targets(y: Any, schema: Schema, name: str) -> np.ndarray:
    """Those of one output."""
    if is_frame(y):
        columns = [*y.columns]
        y = y[columns[0]] if len(columns) == 1 else frame_array(y, schema.dtype, name)
    array = array_of(y, name)
    if _is_text(array, name):
        array = schema.encoded(np.array(array.tolist(), np.str_), name)
    array = _real(array, name)
    if array.dtype.kind == "b":
        array = schema.encoded(array, name)
    elif array.dtype.kind == "f":
        array = array.astype(schema.dtype, copy=False)
    array = np.ascontiguousarray(array)
    check(array, name)
    return array


def _numbers(value: Any, name: str) -> np.ndarray:
    """An array of real numbers, with an axis at least."""
    array = array_of(value, name)
    if _is_text(array, name):
        raise DataError(
            f"{name} holds text, such as {str(array.flat[0])!r}, and must hold numbers: one-hot "
            f"columns are nn.data.one_hot(np.unique({name}, return_inverse=True)[1])"
        )
    return _real(array, name)


def _real(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind not in "fiub":
        hint = ""
        if array.dtype.kind == "O" and array.ndim:
            integers = all(isinstance(entry, numbers.Integral) for entry in array.flat)
            hint = f": write {name}.astype({'int' if integers else 'float'})"
        raise DataError(f"{name} must be real numbers and is of dtype {array.dtype}{hint}")
    if array.ndim == 0:
        raise ShapeError(f"{name} must have one entry a sample, and is the single number {array}")
    return array


def _is_text(array: np.ndarray, name: str) -> bool:
    """Whether it holds text alone; raises DataError (a TypeError) for text among other things."""
    if array.dtype.kind != "O" or not array.size:
        return array.dtype.kind in "UST"
    texts = [isinstance(entry, (str, bytes)) for entry in array.flat]
    if any(texts) and not all(texts):
        place = texts.index(False)
        raise DataError(
            f"{name} holds text, such as {str(array.flat[texts.index(True)])!r}, and "
            f"{array.flat[place]!r} at row {place * len(array) // array.size}, which is none"
        )
    return texts[0]


def check(array: np.ndarray, name: str, columns: Any = None, start: int = 0) -> None:
    """Raise where an array has no rows, or an entry that is not finite.

    Its columns may have names, and its first row may be another one than row 0.
    """
    if array.size == 0:
        raise ShapeError(f"{name} is empty: it has shape {array.shape}")
    if array.dtype.kind != "f":
        return
    low, high = array.min(), array.max()  # both pass a NaN on, and need no memory
    if np.isfinite(low) and np.isfinite(high):
        return
    bad = np.argwhere(~np.isfinite(array))
    row, *rest = map(int, bad[0])
    place = (row + start, *([repr(columns[rest[0]])] if columns else rest))
    raise _not_finite(name, array[(row, *rest)], place, len(bad))


def _not_finite(name: str, value: Any, place: tuple[Any, ...], count: int) -> TrainingError:
    rest = f", the first of {count:,} entries that are not finite" if count > 1 else ""
    kind = f" as {value.dtype}" if np.isinf(value) else ""  # which it may be too large for
    return TrainingError(
        f"{name} holds {value} at row {place[0]}"
        + (f", column {', '.join(map(str, place[1:]))}" if place[1:] else "")
        + kind
        + f"{rest}: drop such rows, or fill them in"
        + (f", say by np.nan_to_num({name})" if name.isidentifier() else "")
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


class Plan(NamedTuple):
    """How the rows of an epoch fall into batches.

    held, rows : to validate on and to train on; size : of a batch;
    trained, batches : rows and batches of an epoch, 0 where that is not known.
    """

    held: int
    rows: int
    size: int
    trained: int
    batches: int


def planned_rows(data: Rows, size: int, share: Any, drop_last: bool) -> Plan:
    """Of rows that are counted; raises as `held_out` does."""
    held = held_out(len(data.X), share)
    count = len(data.X) - held
    size = min(size, count)
    trained = count - count % size if drop_last else count
    return Plan(held, count, size, trained, -(-trained // size))


class Batches:
    """Gathers rows of `data` by their indices, `size` at most at a time.

    The arrays handed out are written over by the next batch. A short batch is the last one, if it
    is not left out by `drop_last`.
    """

    def __init__(self, data: Rows, size: int, *, drop_last: bool = False) -> None:
        self.data, self.size, self.drop_last = data, size, drop_last
        self.x, self.y = room(data.X, size), room(data.y, size)
        self.weight = None if data.weight is None else room(data.weight, size)

    def over(self, order: Any) -> Iterator[tuple[Any, Any, Any]]:
        """The batches of one epoch, in that order, each with its weights or None."""
        (X, y, weight), size = self.data, self.size
        left = len(order) % size if self.drop_last else 0
        given = None
        for start in range(0, len(order) - left, size):
            rows = order[start : start + size]
            if weight is not None:
                given = gather(weight, rows, self.weight)
            yield gather(X, rows, self.x), gather(y, rows, self.y), given


def blocks(count: int, size: int) -> Iterator[slice]:
    """Slices of `size` rows that cover `count` rows; the last one may be short."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
