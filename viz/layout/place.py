"""Where across: coordinates for entries whose order within their layers stands.

The method is Brandes and Köpf's ("Fast and simple horizontal coordinate assignment", GD 2001, with
the erratum by Brandes, Walter and Zink, arXiv 2008.01252), on ports and sizes as Rüegg, Schulze,
Carstens and von Hanxleden have it (GD 2015): entries are aligned with the median of their
neighbours, so that long wires are straight, in four ways (from either side, the upper or the lower
first), and the mean of the two middle ones is taken, so that a gate stands between its operands.
A network simplex gives the shortest wires, and takes time more than linear for it; here a thousand
gates must be a matter of a tenth of a second, in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf

SMALL_BEND = 12.0
SETTLING = 6  # Rounds.

Ties = Sequence[Sequence[tuple[int, float, float]]]
"""Of each entry, in order: the entry at the other end, the port's offset there, and here."""


def placed(
    layers: Sequence[Sequence[int]],
    ins: Ties,
    outs: Ties,
    before: Sequence[float],
    after: Sequence[float],
    bends: Sequence[bool],
) -> list[float]:
    """The coordinate of each entry. `bends` marks what only passes by and is to be straight."""
    place = [0] * len(before)
    for entries in layers:
        for index, entry in enumerate(entries):
            place[entry] = index
    crossed = _crossed(layers, ins, place, bends)
    mirrored = [entries[::-1] for entries in layers]
    turned = [0] * len(before)
    for entries in mirrored:
        for index, entry in enumerate(entries):
            turned[entry] = index
    found = []
    for upper in (True, False):
        rows, at = (layers, place) if upper else (mirrored, turned)
        sizes = (before, after) if upper else (after, before)
        for ties, way in ((ins, rows), (outs, rows[::-1])):
            if not upper:
                ties = [[(o, -there, -here) for o, there, here in reversed(tie)] for tie in ties]
            root, shift = _aligned(way, ties, at, crossed)
            ys = _packed(rows, root, shift, *sizes)
            found.append(ys if upper else [-y for y in ys])
    extents = [
        (min(y - b for y, b in zip(ys, before, strict=True)),
         max(y + a for y, a in zip(ys, after, strict=True)))
        for ys in found
    ]  # fmt: skip
    low, high = min(extents, key=lambda extent: extent[1] - extent[0])
    moves = [low - e[0] if i < 2 else high - e[1] for i, e in enumerate(extents)]
    a, b, c, d = ([y + move for y in ys] for ys, move in zip(found, moves, strict=True))
    means = []
    for four in zip(a, b, c, d, strict=True):
        middle = sorted(four)
        means.append((middle[1] + middle[2]) / 2)
    blocks = _Blocks(means, layers, ins, before, after)
    blocks.straighten()
    blocks.settle()
    blocks.straighten()
    return means


def _crossed(
    layers: Sequence[Sequence[int]], ins: Ties, place: Sequence[int], bends: Sequence[bool]
) -> set[tuple[int, int]]:
    """Edges that cross a stretch which only passes by: those do not become straight."""
    crossed = set()
    for above, entries in pairwise(layers):
        left, start = 0, 0
        for index, entry in enumerate(entries):
            inner = bends[entry] and len(ins[entry]) > 0 and bends[ins[entry][0][0]]
            if not inner and index != len(entries) - 1:
                continue
            right = place[ins[entry][0][0]] if inner else len(above)
            for other in entries[start : index + 1]:
                for source, _, _ in ins[other]:
                    at = place[source]
                    straight = bends[other] and bends[source]
                    if not straight and (at < left or at > right):
                        crossed.add((source, other))
                        crossed.add((other, source))
            start, left = index + 1, max(left, right)
    return crossed


def _aligned(
    layers: Sequence[Sequence[int]], ties: Ties, place: Sequence[int], crossed: set[tuple[int, int]]
) -> tuple[list[int], list[float]]:
    """Of each entry the block that it is part of, by its first entry, and its offset there."""
    root = list(range(len(ties)))
    shift = [0.0] * len(ties)
    for entries in layers[1:]:
        last = -1
        for entry in entries:
            tie = ties[entry]
            if not tie:
                continue
            middle = (len(tie) - 1) // 2
            for choice in (middle, middle + 1) if len(tie) % 2 == 0 else (middle,):
                other, there, here = tie[choice]
                if place[other] > last and (other, entry) not in crossed:
                    root[entry] = root[other]
                    shift[entry] = shift[other] + there - here
                    last = place[other]
                    break
    return root, shift


def _packed(
    layers: Sequence[Sequence[int]],
    root: Sequence[int],
    shift: Sequence[float],
    before: Sequence[float],
    after: Sequence[float],
) -> list[float]:
    """The coordinates of entries whose blocks are packed together, towards the beginning."""
    apart: list[list[tuple[int, float]]] = [[] for _ in root]
    waiting = [0] * len(root)
    for entries in layers:
        for i in range(1, len(entries)):
            upper, lower = entries[i - 1], entries[i]
            room = shift[upper] + after[upper] + before[lower] - shift[lower]
            apart[root[upper]].append((root[lower], room))
            waiting[root[lower]] += 1
    at = [0.0] * len(root)
    blocks = {root[entry] for entries in layers for entry in entries}
    ready = sorted(block for block in blocks if not waiting[block])
    for block in ready:
        at[block] = 0.0
    order = []
    known = [False] * len(root)
    while ready:
        block = ready.pop()
        order.append(block)
        for other, room in apart[block]:
            if not known[other] or at[block] + room > at[other]:
                at[other], known[other] = at[block] + room, True
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    for block in reversed(order):  # Back towards what stands below, where there is room.
        if apart[block]:
            at[block] = max(at[block], min(at[other] - room for other, room in apart[block]))
    return [at[root[entry]] + shift[entry] for entry in range(len(root))]


class _Blocks:
    """What is in one line, and moves together as far as its neighbours leave room."""

    def __init__(
        self,
        at: list[float],
        layers: Sequence[Sequence[int]],
        ins: Ties,
        before: Sequence[float],
        after: Sequence[float],
    ):
        self.at, self.before, self.after = at, before, after
        self.upper: list[int] = [-1] * len(at)
        self.lower: list[int] = [-1] * len(at)
        for entries in layers:
            for one, other in pairwise(entries):
                self.lower[one], self.upper[other] = other, one
        self.block = list(range(len(at)))
        self.members = [[entry] for entry in self.block]
        self.edges = [
            (entry, other, there - here)
            for entry, ties in enumerate(ins)
            for other, there, here in ties
        ]
        for entry, other, offset in self.edges:
            if at[other] + offset == at[entry]:
                self.join(entry, other)

    def join(self, one: int, other: int) -> None:
        first, second = self.block[one], self.block[other]
        if first == second:
            return
        if len(self.members[first]) < len(self.members[second]):
            first, second = second, first
        for entry in self.members[second]:
            self.block[entry] = first
        self.members[first] += self.members[second]
        self.members[second] = []

    def room(self, block: int, down: bool) -> float:
        """How far a block can move."""
        at, room = self.at, inf
        for entry in self.members[block]:
            near = self.lower[entry] if down else self.upper[entry]
            if near < 0 or self.block[near] == block:
                continue
            upper, lower = (entry, near) if down else (near, entry)
            room = min(room, at[lower] - self.before[lower] - at[upper] - self.after[upper])
        return room

    def move(self, block: int, by: float) -> None:
        for entry in self.members[block]:
            self.at[entry] += by

    def settle(self) -> None:
        """Move blocks towards what they are connected with: to the median of their bends."""
        for _ in range(SETTLING):
            bends: dict[int, list[float]] = {}
            for entry, other, offset in self.edges:
                bend = self.at[other] + offset - self.at[entry]
                if bend:
                    bends.setdefault(self.block[entry], []).append(bend)
                    bends.setdefault(self.block[other], []).append(-bend)
            moved = False
            for block, found in bends.items():
                found.sort()
                low, high = found[(len(found) - 1) // 2], found[len(found) // 2]
                if low <= 0 <= high:
                    continue
                by = low if low > 0 else high
                by = (
                    min(by, self.room(block, True))
                    if by > 0
                    else -min(-by, self.room(block, False))
                )
                if by:
                    self.move(block, by)
                    moved = True
            if not moved:
                break

    def straighten(self) -> None:
        """Take small bends away."""
        bent = []
        for entry, other, offset in self.edges:
            bend = self.at[other] + offset - self.at[entry]
            if bend == 0:
                self.join(entry, other)
            elif abs(bend) < SMALL_BEND:
                bent.append((abs(bend), entry, other, offset))
        for _, entry, other, offset in sorted(bent):
            first, second = self.block[entry], self.block[other]
            bend = self.at[other] + offset - self.at[entry]
            if first == second:
                continue
            moves = ((first, bend), (second, -bend))
            for block, by in sorted(moves, key=lambda move: len(self.members[move[0]])):
                if self.room(block, by > 0) >= abs(by):
                    self.move(block, by)
                    self.join(entry, other)
                    break
