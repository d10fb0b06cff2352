"""What is shown of an array: its numbers, slice by slice, or a heat map with its scale."""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from autograd.extend import MOST_WRITTEN, is_as_printed, number

from .errors import VizError

MOST_ACROSS = 10  # Rows or columns of an array that is written out by itself.
ALL = 1_000  # Numbers of an array that is written out when all are asked for.
MOST_TILES = 10  # Of a heat map, along a side; of larger arrays a tile is a block.
MOST_SLICES = 4  # Of a heat map of more than two axes.

Numbers = str | int


def plain(option: Any) -> Any:
    """An option that is a number of NumPy, or an array of no axes, as Python's number.

    >>> plain(np.int64(3)), plain(np.array(0.5)), plain("auto"), plain([1])
    (3, 0.5, 'auto', [1])
    """
    is_number = isinstance(option, np.number | np.ndarray) and np.ndim(option) == 0
    return option.item() if is_number else option


def check_numbers(numbers: Any) -> None:
    """Raise VizError where `numbers` is not "auto", "all" or a count."""
    is_count = type(numbers) is int and numbers >= 0
    if not is_count and numbers not in ("auto", "all"):
        raise VizError(
            'numbers is "auto", "all", or how many numbers an array that is written out may have; '
            f"received {numbers!r}"
        )


def is_written(content: Any, numbers: Numbers = "auto") -> bool:
    """Whether an array is written out number by number.

    >>> [is_written(np.ones(shape)) for shape in [(4, 4), (10,), (16,), (2, 2, 2), (0,)]]
    [True, True, False, True, False]
    >>> is_written(np.ones((4, 4)), 15), is_written(np.ones((4, 25)), "all")
    (False, True)
    """
    shape, size = np.shape(content), np.size(content)
    if not shape or size == 0:
        return False
    if numbers == "auto":
        return size <= MOST_WRITTEN and max(shape[-2:]) <= MOST_ACROSS
    return size <= (ALL if numbers == "all" else int(numbers))


def slices(values: np.ndarray) -> np.ndarray:
    """An array as matrices, one for each index of the axes before the last two.

    >>> slices(np.ones(3)).shape, slices(np.ones((2, 3))).shape, slices(np.ones((2, 3, 4, 5))).shape
    ((1, 1, 3), (1, 2, 3), (6, 4, 5))
    """
    rows, columns = (1, *values.shape)[-2:]
    return values.reshape(-1, rows, columns)


def shown(value: Any, digits: int | None) -> str:
    """A number as it is written; a sign before it warns where it is none, or not quite that.

    >>> shown(0.25, None), shown(0.9999546, None), shown(float("nan"), None)
    ('0.25', '≈1', '⚠ NaN')
    """
    text = number(value, digits)
    if not isfinite(value):
        return f"⚠ {text}"
    return text if is_as_printed(value, digits) else f"≈{text}"


class HeatMap(NamedTuple):
    """Tiles of a matrix: how much of the colour for positive and for negative numbers each has.

    A tile that stands for several numbers has the mean of their colours: numbers of both signs do
    not cancel to white. The deepest colour is that of the size `most`.

    Attributes: `positive`, `negative`: shares from 0 to 1, NaN where no number is finite.
    """

    positive: np.ndarray
    negative: np.ndarray


class HeatMaps(NamedTuple):
    """The first slices of an array, on one scale; `more` are left out."""

    maps: list[HeatMap]
    most: float
    has_negative: bool
    more: int

    @property
    def ends(self) -> tuple[float, float]:
        """The numbers at the ends of the scale."""
        return self.most, -self.most if self.has_negative else 0.0

    def steps(self, count: int) -> list[tuple[float, float]]:
        """Shares of the two colours along the scale, from its first end to its last."""
        last = -1.0 if self.has_negative else 0.0
        return [(max(s, 0.0), max(-s, 0.0)) for s in np.linspace(1.0, last, count).tolist()]


def heat_maps(values: np.ndarray) -> HeatMaps:
    """An array's slices as heat maps.

    >>> checkers = heat_maps(np.indices((40, 40)).sum(axis=0) % 2 * 2.0 - 1)
    >>> (tiles,) = checkers.maps
    >>> tiles.positive[0, :2].tolist(), tiles.negative[0, :2].tolist(), checkers.most
    ([0.5, 0.5], [0.5, 0.5], 1.0)
    """
    matrices = slices(values)
    count = len(matrices)
    kept = matrices[: MOST_SLICES if count <= MOST_SLICES else MOST_SLICES - 1]
    with np.errstate(all="ignore"):
        finite = np.isfinite(kept)
        numbers = np.where(finite, kept, 0.0).astype(float)
        pairs = [
            [_blocks(part, is_finite) for part in (np.maximum(m, 0.0), np.maximum(-m, 0.0))]
            for m, is_finite in zip(numbers, finite, strict=True)
        ]
        sizes = [np.nan_to_num(up + down) for up, down in pairs]
        most = max((float(size.max(initial=0.0)) for size in sizes), default=0.0)
        maps = [HeatMap(up / (most or 1.0), down / (most or 1.0)) for up, down in pairs]
    negative = any(np.any(each.negative > 0) for each in maps)
    return HeatMaps(maps, most, negative, count - len(kept))


def _blocks(matrix: np.ndarray, is_finite: np.ndarray) -> np.ndarray:
    """The mean over the finite numbers of each block; NaN where there is none."""
    sums, counts = matrix, is_finite.astype(float)
    for axis in (1, 0):  # Along the rows first: they lie together in memory, ten times as fast.
        length = matrix.shape[axis]
        if length > MOST_TILES:
            starts = np.arange(MOST_TILES) * length // MOST_TILES
            sums = np.add.reduceat(sums, starts, axis=axis)
            counts = np.add.reduceat(counts, starts, axis=axis)
    return sums / counts
