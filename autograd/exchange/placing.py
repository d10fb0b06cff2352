"""Entries of an array replaced, or added to, where plain numbers say.

Places are flat ones, of the entries in their order. Values may be Tensors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.gates.indexing import placed

__all__ = ["added", "along", "places_in", "replaced", "widened"]


def places_in(shape: Sequence[int]) -> np.ndarray:
    return np.arange(math.prod(shape)).reshape(shape)


def along(shape: Sequence[int], index: np.ndarray, axis: int) -> np.ndarray:
    """The place that each entry of an index along an axis stands for; it may be shorter than the
    array on the other axes."""
    at: list[Any] = list(np.ix_(*map(range, index.shape)))
    at[axis] = index
    return places_in(shape)[tuple(at)]


def replaced(x: Any, places: np.ndarray, values: Any) -> Any:
    """`x` with other entries at some places; of two for one place the last counts."""
    values = np.reshape(np.broadcast_to(values, places.shape), -1)
    source = np.full(math.prod(x.shape), -1)
    source[places.reshape(-1)] = np.arange(places.size)
    if not places.size:
        return x
    source = source.reshape(x.shape)
    return np.where(source >= 0, np.take(values, np.maximum(source, 0)), x)


def added(x: Any, places: np.ndarray, values: Any) -> Any:
    """`x` with numbers added at some places, all of those for one place."""
    values = np.reshape(np.broadcast_to(values, places.shape), -1)
    total = placed(values, places.reshape(-1), (math.prod(x.shape),))
    return x + np.reshape(total, x.shape)


def widened(x: Any, widths: Sequence[tuple[int, int]], **how: Any) -> Any:
    """`np.pad` for an array that a negative width cuts."""
    cut = tuple(
        slice(max(-before, 0), n + min(after, 0))
        for n, (before, after) in zip(x.shape, widths, strict=True)
    )
    x = x[cut] if any(before < 0 or after < 0 for before, after in widths) else x
    return np.pad(x, [(max(before, 0), max(after, 0)) for before, after in widths], **how)
