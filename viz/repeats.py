"""Stretches of a sequence that repeat."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np

LONGEST_PERIOD = 200
FEWEST_REPEATS = 3
SHORTEST_STRETCH = 12  # Fewer gates that repeat are chance; by levels they would not show.


class Repeat(NamedTuple):
    """A stretch of a sequence, `start` to `end`, in which each entry equals that a period before.

    The last period may be incomplete. The tuples sort by how much their whole periods cover.
    """

    uncovered: int
    period: int
    start: int
    end: int

    @property
    def times(self) -> int:
        return (self.end - self.start) // self.period


def repeats_of(signatures: Sequence[Hashable]) -> list[tuple[int, int, int]]:
    """Start, period and count of stretches that repeat; where two overlap, the longer one.

    >>> repeats_of("x" + "abcd" * 3 + "y" * 20)
    [(1, 4, 3), (13, 1, 20)]
    """
    numbers: dict[Hashable, int] = {}
    codes = np.array([numbers.setdefault(s, len(numbers)) for s in signatures])
    waiting = [found for period in range(1, min(LONGEST_PERIOD, len(codes) // FEWEST_REPEATS) + 1)
               for found in _repeats_with(period, codes)]  # fmt: skip
    heapify(waiting)
    free = np.ones(len(codes), bool)
    chosen = []
    while waiting:
        found = heappop(waiting)
        end = found.start + found.period * found.times
        if free[found.start : end].all():
            free[found.start : end] = False
            chosen.append((found.start, found.period, found.times))
            continue
        for start, end in _runs(free[found.start : found.end]):  # What others have left of it.
            if end - start >= _least(found.period):
                heappush(waiting, _repeat(found.period, found.start + start, found.start + end))
    return sorted(chosen)


def _repeats_with(period: int, codes: np.ndarray) -> Iterable[Repeat]:
    """The stretches of one period, as long as they go."""
    edges = np.flatnonzero(np.diff(codes[period:] == codes[:-period], prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2] + period
    is_long = ends - starts >= _least(period)
    for start, end in zip(starts[is_long].tolist(), ends[is_long].tolist(), strict=True):
        yield _repeat(period, start, end)


def _least(period: int) -> int:
    """How long a stretch is to be, so that its repetition is more than chance."""
    return period * max(FEWEST_REPEATS, -(-SHORTEST_STRETCH // period))


def _repeat(period: int, start: int, end: int) -> Repeat:
    return Repeat(-((end - start) // period) * period, period, start, end)


def _runs(flags: np.ndarray) -> Iterable[tuple[int, int]]:
    """Start and end of each stretch of True."""
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False)).tolist()
    return zip(edges[::2], edges[1::2], strict=True)
