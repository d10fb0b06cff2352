"""Data that come as batches: a generator, PyTorch's DataLoader, or whatever else is gone through.

Nothing is known of them beforehand but the first batch, which is looked at before training begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from autograd import DataError, Tensor
from nn.frames import is_frame, is_series

from .errors import TrainingError
from .inputs import Plan, Rows, as_features, as_rows
from .schema import Schema

__all__ = ["as_data", "as_inputs", "Inputs", "planned_batches", "Stream"]


class Stream:
    """Batches (x, y), or (x, y, weights), each checked and cast as an array would be.

    Attributes: `first`, the rows of the first batch; `batches`, how many there are, or None.
    """

    def __init__(self, source: Any, schema: Schema, name: str) -> None:
        self.source, self.schema, self.name = source, schema, name
        self.batches: int | None = len(source) if hasattr(source, "__len__") else None
        self.once = hasattr(source, "__next__")
        schema.sees_all = False
        start = self._begin()
        try:
            item = next(start)
        except StopIteration:
            raise self._empty() from None
        self.first = self._rows(item, 0)
        # The batch that was looked at comes again: of a loader's first round, not of another.
        self._started: Iterator[Any] | None = chain([item], start)

    def over(self, order: Any = None) -> Iterator[Any]:
        """All batches once, in their own order.

        Raises TrainingError (a ValueError) where there is none, as when a generator comes to its
        end a second time, and what is wrong with a batch.
        """
        items = self._begin() if self._started is None else self._started
        self._started = None
        count = 0
        for count, item in enumerate(items, 1):
            yield self._batch(item, count - 1)
        if not count:
            raise self._empty()

    def parts(self, size: Any = None) -> Iterator[Any]:
        """The same, for an evaluation."""
        return self.over()

    def check_rounds(self, epochs: int) -> None:
        """Raise TrainingError (a ValueError) where it ends before so many rounds."""
        if self.once and epochs > 1:
            raise TrainingError(
                f"{self.name} can be gone through once, and epochs={epochs}: give a function that "
                "makes a new one each time, such as lambda: batches(), or a list of batches"
            )

    def _begin(self) -> Iterator[Any]:
        source = self.source() if callable(self.source) else self.source
        if not hasattr(source, "__iter__"):
            raise DataError(
                f"{self.name} is a function, and must return an iterable of batches (x, y): it "
                f"returned {source!r:.60}"
            )
        return iter(source)

    def _empty(self) -> TrainingError:
        return TrainingError(
            f"{self.name} gave no batch: a generator is gone through once; give a function that "
            "makes a new one each time"
        )

    def _rows(self, item: Any, number: int) -> Any:
        if not isinstance(item, (tuple, list)) or len(item) not in (2, 3):
            raise DataError(
                f"{self.name} must give batches as pairs (x, y), or (x, y, weights): number "
                f"{number} is {type(item).__name__}"
                + (f" of {len(item)}" if hasattr(item, "__len__") else "")
                + "; where they are rows, y is missing" * isinstance(self.source, list)
            )
        x, y = map(_as_tuple, item[:2])
        names = tuple(f"{what} of batch {number}" for what in ("the x", "the y", "the weights"))
        weight = item[2] if len(item) == 3 else None
        return as_rows(x, y, self.schema, weight, names)

    def _batch(self, item: Any, number: int) -> Any:
        """As arrays."""
        rows = self._rows(item, number)
        return Rows(*(None if part is None else part[: len(part)] for part in rows))


class Inputs(Stream):
    """Batches x of which predictions are made; of pairs (x, y) the first one.

    Its `first` are the inputs of the first batch.
    """

    def _rows(self, item: Any, number: int) -> Any:
        x = item[0] if isinstance(item, (tuple, list)) and item else item
        return as_features(_as_tuple(x), self.schema, f"the x of batch {number}")

    def _batch(self, item: Any, number: int) -> Any:
        data = self._rows(item, number)
        return data[: len(data)]


def _as_tuple(value: Any) -> Any:
    """A list of arrays, as DataLoaders make of a tuple, as a tuple; anything else as it is."""
    several = isinstance(value, list) and value and all(hasattr(p, "shape") for p in value)
    return tuple(value) if several else value


def as_data(X: Any, y: Any, schema: Schema, weight: Any = None) -> Rows | Stream:
    """`X`, `y` and weights as rows, or as batches where `X` gives all; raises as they do."""
    if y is None and (isinstance(X, list) or is_stream(X)):
        if weight is not None:
            raise DataError(
                "sample_weight goes with rows, and X gives batches: let it give (x, y, weights)"
            )
        return Stream(X, schema, "X")
    if y is None:
        raise DataError("y is missing: give targets, or an iterable of batches (x, y) as X")
    rows = as_rows(X, y, schema, weight)
    if weight is not None and not rows.weight.any():
        raise TrainingError("sample_weight is zero for all rows, of which nothing can be learnt")
    return rows


def planned_batches(data: Stream, epochs: int, share: Any, drop_last: bool, resumed: bool) -> Plan:
    """Of batches that come; raises TrainingError (a ValueError) for what only rows can be asked."""
    if share or drop_last:
        asked = "validation_split" if share else "drop_last"
        raise TrainingError(
            f"{asked} needs rows that can be counted, and {data.name} gives batches: "
            + ("give validation_data" if share else "leave a short batch out there")
        )
    data.check_rounds(1 if resumed else epochs)
    size = len(data.first.X)
    return Plan(0, size, size, 0, data.batches or 0)


def as_inputs(X: Any, schema: Schema) -> Any:
    """`X` as features, or as batches of them."""
    return Inputs(X, schema, "X") if is_stream(X) else as_features(X, schema)


def is_stream(X: Any) -> bool:
    """Whether it is an iterable that is no array and no collection of arrays, or a function."""
    if isinstance(X, (list, tuple, dict, str, bytes, Tensor)) or is_frame(X) or is_series(X):
        return False
    if hasattr(X, "shape") or hasattr(X, "__array__"):
        return False
    return callable(X) or hasattr(X, "__iter__")
