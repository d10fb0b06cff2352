"""Batches gathered into the same two buffers again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .inputs import Rows

__all__ = ["Batches", "blocks"]


class Batches:
    """Gathers rows of `data` by their indices, `size` at most at a time.

    The arrays handed out are written over by the next batch.
    """

    def __init__(self, data: Rows, size: int) -> None:
        self.data, self.size = data, size
        self.x = np.empty((size, *data.X.shape[1:]), data.X.dtype)
        self.y = np.empty((size, *data.y.shape[1:]), data.y.dtype)

    def over(self, order: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The batches of one epoch, in that order; the last one may be short."""
        (X, y), size = self.data, self.size
        for start in range(0, len(order), size):
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
