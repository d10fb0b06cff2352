"""Batches of rows, for training loops of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nn.errors import OptionError
from nn.options import choice, size
from nn.randomness import Rng, as_generator

from .preparation import as_array, same_length

__all__ = ["batches"]


def batches(
    *arrays: Any,
    batch_size: int = 32,
    shuffle: bool = True,
    drop_last: bool = False,
    rng: Rng = None,
) -> Iterator[Any]:
    """Go through the rows once, `batch_size` at a time: ``for x, y in batches(X, y, rng=0): ...``.

    One array gives arrays, several give tuples. In order (``shuffle=False``) they are views.

    Parameters
    ----------
    arrays : of the same number of rows, which stay together.
    shuffle : in an order that `rng` draws.
    drop_last : leave out a last batch that is shorter.

    Raises
    ------
    ShapeError (a ValueError): no arrays, no rows, or other lengths.
    OptionError (a ValueError): a batch that is larger than the data.

    >>> [batch.tolist() for batch in batches([1, 2, 3, 4, 5], batch_size=2, shuffle=False)]
    [[1, 2], [3, 4], [5]]
    """
    rows = [as_array("batches", array) for array in arrays]
    count = same_length("batches", rows)
    batch_size = size("batches", "batch_size", batch_size)
    if batch_size > count:
        raise OptionError(f"batches: batch_size is {batch_size} and there are {count} rows")
    mixed = choice("batches", "shuffle", shuffle)
    order = as_generator(rng).permutation(count) if mixed else None
    end = count - count % batch_size if choice("batches", "drop_last", drop_last) else count
    return _parts(rows, order, end, batch_size)


def _parts(
    rows: list[np.ndarray], order: np.ndarray | None, end: int, batch_size: int
) -> Iterator[Any]:
    for start in range(0, end, batch_size):
        where: Any = slice(start, min(start + batch_size, end))
        if order is not None:
            where = order[where]
        parts = tuple(array[where] for array in rows)
        yield parts if len(parts) > 1 else parts[0]
