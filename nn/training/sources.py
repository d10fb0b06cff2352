"""Data that are no array in memory, and batches of them: gathered row by row as they are needed.

A source answers what is asked of an array here: `len`, `shape`, `dtype`, and rows by a slice or by
indices, which come as an array, dense and of the model's dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ShapeError

__all__ = [
    "Mapped", "Several", "Source", "Sparse", "each", "gather", "items", "room", "row_size",
    "rows_of", "subset",
]  # fmt: skip


class Source:
    """Base of them; `shape` and `dtype` are those of the array that all rows would be."""

    shape: tuple[int, ...]
    dtype: np.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Any:
        """Those rows as an array."""
        raise NotImplementedError

    def fill(self, rows: np.ndarray, out: np.ndarray) -> None:
        """Write those rows into an array."""
        out[:] = self[rows]

    def subset(self, rows: Any) -> Source:
        """The source of those rows alone."""
        raise NotImplementedError


class Mapped(Source):
    """An array that stays in its file, or in its dtype, and of which batches are read and cast."""

    def __init__(self, array: np.ndarray, dtype: np.dtype, rows: np.ndarray | None = None) -> None:
        self.array, self.dtype, self.rows = array, dtype, rows
        self.shape = (len(array) if rows is None else len(rows), *array.shape[1:])

    def __getitem__(self, rows: Any) -> np.ndarray:
        if self.rows is not None:
            rows = self.rows[rows]
        return np.asarray(self.array[rows]).astype(self.dtype, copy=False)

    def subset(self, rows: Any) -> Mapped:
        if isinstance(rows, slice) and self.rows is None:
            return Mapped(self.array[rows], self.dtype)
        known = np.arange(len(self)) if self.rows is None else self.rows
        return Mapped(self.array, self.dtype, known[rows])


class Sparse(Source):
    """A SciPy sparse matrix by rows (CSR), of which batches are made dense."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix
        self.shape, self.dtype = matrix.shape, matrix.dtype

    def __getitem__(self, rows: Any) -> np.ndarray:
        return self.matrix[rows].toarray()

    def fill(self, rows: np.ndarray, out: np.ndarray) -> None:
        self.matrix[rows].toarray(out=out)

    def subset(self, rows: Any) -> Sparse:
        return Sparse(self.matrix[rows])


class Several(Source):
    """A tuple or dict of arrays and sources, of one length: a batch is a tuple or dict, too."""

    def __init__(self, parts: Any, what: str) -> None:
        """Raises ShapeError (a ValueError) where `parts` are not of one length; `what` says whose
        they are."""
        self.parts = parts
        lengths = {key: len(part) for key, part in items(parts)}
        if len(set(lengths.values())) != 1:
            raise ShapeError(
                f"{what} has {', '.join(f'{n:,} rows in {key!r}' for key, n in lengths.items())}: "
                "each row needs one of each"
            )
        inner = sum(row_size(part) for _, part in items(parts))
        self.shape = (next(iter(lengths.values())), inner)

    def __getitem__(self, rows: Any) -> Any:
        return each(lambda part: part[rows], self.parts)

    def subset(self, rows: Any) -> Several:
        return Several(each(lambda part: subset(part, rows), self.parts), "a part of it")


def items(parts: Any) -> list[tuple[Any, Any]]:
    """Keys and entries of a tuple or dict."""
    return list(parts.items() if isinstance(parts, dict) else enumerate(parts))


def each(function: Callable[..., Any], value: Any, *others: Any) -> Any:
    """The function of a value, or of each entry of a tuple or dict (and of those of others)."""
    if isinstance(value, dict):
        return {key: function(value[key], *(o[key] for o in others)) for key in value}
    if isinstance(value, tuple):
        return tuple(function(*entries) for entries in zip(value, *others, strict=True))
    return function(value, *others)


def row_size(data: Any) -> int:
    """How many numbers a row holds."""
    return math.prod(data.shape[1:])


def subset(data: Any, rows: Any) -> Any:
    """Those rows: of an array a view for a slice, else a copy; of a source another source."""
    return data.subset(rows) if isinstance(data, Source) else data[rows]


def rows_of(batch: Any) -> int:
    """How many rows a batch has, an array or several of them."""
    if type(batch) is np.ndarray:
        return len(batch)
    return len(items(batch)[0][1]) if isinstance(batch, (tuple, dict)) else len(batch)


def room(data: Any, size: int) -> Any:
    """Arrays for batches of `size` rows."""
    if isinstance(data, Several):
        return each(lambda part: room(part, size), data.parts)
    return np.empty((size, *data.shape[1:]), data.dtype)


def gather(data: Any, rows: np.ndarray, out: Any) -> Any:
    """Those rows of `data`, written into the first ones of `out`, and returned."""
    if type(data) is np.ndarray:
        if len(rows) < len(out):
            out = out[: len(rows)]
        # Indices of ours are never out of range; "raise" would gather into a copy first.
        data.take(rows, 0, out, "clip")
        return out
    if isinstance(data, Several):
        return each(lambda part, space: gather(part, rows, space), data.parts, out)
    out = out[: len(rows)]
    data.fill(rows, out)
    return out
