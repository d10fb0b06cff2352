"""Arrays of other lengths by what lies between their entries, axis by axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Kernel", "cubic", "linear", "mixed"]

Kernel = Callable[[np.ndarray], np.ndarray]
"""The weight of an entry by how far it is."""


def linear(far: np.ndarray) -> np.ndarray:
    return np.maximum(1.0 - np.abs(far), 0.0)


def cubic(a: float) -> Kernel:
    """Keys' kernel; at a distance of 2 it is 0. `a` is its slope at 1."""

    def weight(far: np.ndarray) -> np.ndarray:
        d = np.abs(far)
        near = ((a + 2) * d - (a + 3)) * d * d + 1
        return np.where(d <= 1, near, np.where(d < 2, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a, 0))

    return weight


def mixed(x: Any, axis: int, places: np.ndarray, kernel: Kernel = linear) -> Any:
    """Values at places between the entries, a product with weights; beyond an end is its entry."""
    length = x.shape[axis]
    around = np.floor(places).astype(int)[:, None] + np.arange(-1, 3)
    weights = np.zeros((len(places), length))
    rows = np.arange(len(places))[:, None]
    np.add.at(weights, (rows, np.clip(around, 0, length - 1)), kernel(places[:, None] - around))
    return np.moveaxis(np.moveaxis(x, axis, -1) @ weights.T.astype(x.dtype), -1, axis)
