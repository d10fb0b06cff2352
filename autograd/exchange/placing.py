"""Entries of an array replaced, or added to, where plain numbers say.

Places are flat ones, of the entries in their order. Values may be Tensors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.gates.indexing import placed

__all__ = ["added", "along", "places_in", "replaced", "spread", "widened"]


def places_in(shape: Sequence[int]) -> np.ndarray:
    return np.arange(math.prod(shape)).reshape(shape)


def along(shape: Sequence[int], index: np.ndarray, axis: int) -> np.ndarray:
    """The place that each entry of an index along an axis stands for; it may be shorter than the
    array on the other axes."""
    at: list[Any] = list(np.ix_(*map(range, index.shape)))
    at[axis] = index
    return places_in(shape)[tuple(at)]


def spread(x: Any, shape: Sequence[int]) -> Any:
    """As `np.broadcast_to`, with no gate for what has that shape."""
    return x if np.shape(x) == tuple(shape) else np.broadcast_to(x, tuple(shape))


def in_a_row(values: Any, places: np.ndarray) -> Any:
    """A value for each place, one after the other."""
    values = spread(values, places.shape)
    return values if places.ndim == 1 else np.reshape(values, -1)


def replaced(x: Any, places: np.ndarray, values: Any) -> Any:
    """`x` with other entries at some places; of two for one place the last counts."""
    source = np.full(math.prod(x.shape), -1)
    source[places.reshape(-1)] = np.arange(places.size)
    source = source.reshape(x.shape)
    if np.ndim(values) == 0:
        return np.where(source >= 0, values, x)
    if not places.size:
        return x
    return np.where(source >= 0, np.take(in_a_row(values, places), np.maximum(source, 0)), x)


def added(x: Any, places: np.ndarray, values: Any) -> Any:
    """`x` with numbers added at some places, all of those for one place."""
    total = placed(in_a_row(values, places), places.reshape(-1), (math.prod(x.shape),))
    return x + (total if x.ndim == 1 else np.reshape(total, x.shape))


def widened(x: Any, widths: Sequence[tuple[int, int]], **how: Any) -> Any:
    """`np.pad` for an array that a negative width cuts."""
    cut = tuple(
        slice(max(-before, 0), n + min(after, 0))
        for n, (before, after) in zip(x.shape, widths, strict=True)
    )
    x = x[cut] if any(before < 0 or after < 0 for before, after in widths) else x
    return np.pad(x, [(max(before, 0), max(after, 0)) for before, after in widths], **how)
