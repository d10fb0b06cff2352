"""The gradients of a group: contributions of many edges at once, added up in eager's order.

Values that are read in the same way, by the same groups in the same order, make a bucket: a table
of contributions with a row for the newest readers, one for the next, and so on, so that the sum
runs down the table row by row. `add.reduce` over the first axis of such a table does just that;
over the last one it would not, as it adds pairwise. What is left is ragged: a list of
contributions, added up by `bincount`, which goes through it from the first to the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from autograd.program.scalars.edges import Edges
from autograd.program.scalars.views import Action, Memory, reads

__all__ = ["Bucket", "Accumulator", "find_buckets"]

REGULAR = 256
"""Contributions from which on a bucket is a table of its own."""

BROAD = 16
"""Values a bucket has at least: NumPy adds up narrower tables slowly."""


class Bucket(NamedTuple):
    """Values whose gradients are added up together: their registers, and the edges to them.

    Of a table, the edges are a column for each register; of a ragged bucket a list, register after
    register.
    """

    registers: np.ndarray
    edges: np.ndarray


def find_buckets(edges: Edges, registers: np.ndarray, group_of: np.ndarray) -> list[Bucket]:
    """The registers in buckets; `group_of` is by row the number of its group."""
    if not len(registers):
        return []
    start = edges.start[registers]
    count = edges.start[registers + 1] - start
    begin = np.cumsum(count) - count
    rank = np.arange(count.sum()) - np.repeat(begin, count)
    flat = np.repeat(start, count) + rank
    signs = np.add.reduceat(_mixed(_reader(edges, flat, group_of), rank), begin)
    _, first, kind, sizes = np.unique(
        signs, return_index=True, return_inverse=True, return_counts=True
    )
    regular = (sizes >= BROAD) & (sizes * count[first] >= REGULAR)
    buckets = []
    for number in np.flatnonzero(regular):
        members = np.flatnonzero(kind == number)
        ranks = np.arange(count[members[0]])
        buckets.append(Bucket(registers[members], start[members] + ranks[:, None]))
    rest = ~regular[kind]
    if rest.any():
        buckets.append(Bucket(registers[rest], flat[np.repeat(rest, count)]))
    return buckets


def _reader(edges: Edges, edge: np.ndarray, group_of: np.ndarray) -> np.ndarray:
    """By edge a number for who reads: a group, and as which operand."""
    return (2 * group_of[edges.row[edge]] + edges.operand[edge]).astype(np.uint64)


def _mixed(reader: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Numbers whose sums differ, but by chance, where the readers or their ranks do.

    Where they do not, a bucket is less regular than it might be, and as right.
    """
    x = (reader + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    x ^= (rank.astype(np.uint64) + np.uint64(1)) * np.uint64(0xC2B2AE3D27D4EB4F)
    x ^= x >> np.uint64(29)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    return x ^ (x >> np.uint64(32))


class Accumulator:
    """What all buckets are planned with: where gradients and local gradients lie, and memory."""

    def __init__(
        self,
        edges: Edges,
        group_of: np.ndarray,
        places: np.ndarray,
        factors: np.ndarray,
        gradients: Memory,
        values: Memory,
        scratch: Sequence[np.ndarray],
    ) -> None:
        self.edges = edges
        self.group_of = group_of
        self.targets = places[edges.target]
        self.places = places
        self.factors = factors
        self.gradients = gradients
        self.values = values
        self.scratch = scratch[:-1]
        self.table = scratch[-1]

    def actions(self, bucket: Bucket) -> list[Action]:
        """What adds up a bucket's gradients."""
        place, count = int(self.places[bucket.registers[0]]), len(bucket.registers)
        target = self.gradients.data[place : place + count]
        if bucket.edges.ndim == 1:
            start = self.edges.start[bucket.registers]
            readers = self.edges.start[bucket.registers + 1] - start
            contributions = self.table[: len(bucket.edges)]
            owner = np.repeat(np.arange(count), readers)
            return [
                *self._contributions(bucket.edges, contributions),
                partial(_add_up, owner, contributions, target),
            ]
        if len(bucket.edges) == 1:
            return self._contributions(bucket.edges[0], target)
        table = self.table[: bucket.edges.size].reshape(bucket.edges.shape)
        actions: list[Action] = []
        for rows in self._same_reader(bucket):
            part = bucket.edges[rows].ravel()
            actions += self._contributions(part, table[rows].reshape(-1))
        return [*actions, partial(np.add.reduce, table, 0, None, target)]

    def _same_reader(self, bucket: Bucket) -> list[slice]:
        """The rows of a table, cut where another group reads; not at all if they are too many."""
        rows = len(bucket.edges)
        reader = _reader(self.edges, bucket.edges[:, 0], self.group_of)
        cuts = [0, *(np.flatnonzero(np.diff(reader)) + 1).tolist(), rows]
        if len(cuts) * REGULAR > bucket.edges.size:
            return [slice(0, rows)]
        return [slice(i, j) for i, j in pairwise(cuts)]

    def _contributions(self, edge: np.ndarray, target: np.ndarray) -> list[Action]:
        """Upstream times local gradient of each edge, into `target`."""
        upstream = (self.gradients, self.targets[edge])
        if self.edges.unit[edge].all():
            shape, (arrived,), actions = reads([upstream], self.scratch)
            return [*actions, partial(np.copyto, target.reshape(shape), arrived)]
        factor = (self.values, self.factors[edge])
        shape, (arrived, local), actions = reads([upstream, factor], self.scratch)
        target = target.reshape(shape)
        actions.append(partial(np.multiply, arrived, local, target))
        choice = self.edges.choice[edge]
        if choice.any():
            actions.append(partial(_close, local, choice.reshape(shape), target))
        return actions


def _close(local: np.ndarray, choice: np.ndarray, products: np.ndarray) -> None:
    """Nothing passes where a gate chose otherwise; an infinity times 0 is nan."""
    np.copyto(products, 0.0, where=choice & (local == 0.0))


def _add_up(owner: np.ndarray, contributions: np.ndarray, target: np.ndarray) -> None:
    target[:] = np.bincount(owner, contributions, len(target))
