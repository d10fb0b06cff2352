"""Where across: coordinates for entries whose order within their layers stands.

Sweeps go back, forth, and then look both ways, as in the priority method of Sugiyama, Tagawa
and Toda (1981). Within a layer each entry goes to the weighted median of where its wires would run
straight, pushed aside by its neighbours as little as possible: an isotonic regression, solved by
pooling adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman 1955). Wires that only pass by
weigh more, as they do in Gansner, Koutsofios, North and Vo (1993), and so do those of many edges:
long ones are straight. All stay within a strip, somewhat broader than the fullest layer. Then what
is in one line is a block, and blocks move as a whole.

The packing of blocks of Brandes and Köpf (Graph Drawing 2001) was tried first: blocks that push
each other aside from layer to layer made 300 random gates five times as broad as their fullest
layer. A network simplex gives the shortest wires, and takes time more than linear for it; here a
thousand gates must be a matter of a tenth of a second, in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf

SPARE = 280.0  # Of room across, over what the fullest layer takes.
SETTLING = 3  # Rounds.
FAINT = 0.1  # Said for what is tied to nothing to stay where it is.

Tie = tuple[int, float, float]
"""A wire as one of its ends sees it: the entry at the other end, how far from that one's axis this
one's is where the wire is straight, and how much there is to say for that.
"""
Ties = Sequence[Sequence[Tie]]


def placed(
    layers: Sequence[Sequence[int]], ins: Ties, outs: Ties, before: Sequence[float],
    after: Sequence[float],
) -> list[float]:  # fmt: skip
    """The coordinate of each entry."""
    at = [0.0] * len(before)
    breadths = [sum([before[e] + after[e] for e in entries]) for entries in layers]
    strip = SPARE + max(breadths, default=0.0)
    for entries, breadth in zip(layers, breadths, strict=True):
        y = (strip - breadth) / 2
        for entry in entries:
            at[entry] = y + before[entry]
            y += before[entry] + after[entry]
    both = [[*one, *other] for one, other in zip(ins, outs, strict=True)]
    for way, ties in ((layers[::-1], outs), (layers, ins), (layers[::-1], both)):
        for entries in way:
            _fit(entries, at, ties, before, after, strip)
    blocks = _Blocks(at, layers, ins, before, after)
    for _ in range(2):
        blocks.straighten()
        blocks.settle()
    blocks.straighten()
    return at


def _fit(
    entries: Sequence[int], at: list[float], ties: Ties, before: Sequence[float],
    after: Sequence[float], strip: float,
) -> None:  # fmt: skip
    """Move a layer's entries to the medians of where their ties would have them."""
    pools: list[tuple[float, int, list[tuple[float, float]]]] = []
    tops, top = [], 0.0
    highest = -inf
    for index, entry in enumerate(entries):
        top += before[entry]
        tied = ties[entry]
        wishes = [(at[other] + offset - top, weight) for other, offset, weight in tied]
        if len(wishes) == 1:
            median = wishes[0][0]
        elif wishes:
            median = _median(wishes)
        else:
            median = at[entry] - top
            wishes = [(median, FAINT)]
        while highest > median:
            _, index, others = pools.pop()
            wishes += others
            median = _median(wishes)
            highest = pools[-1][0] if pools else -inf
        pools.append((median, index, wishes))
        highest = median
        tops.append(top)
        top += after[entry]
    end = len(entries)
    for median, first, _ in reversed(pools):
        y = min(max(median, 0.0), strip - top)
        for index in range(first, end):
            at[entries[index]] = y + tops[index]
        end = first


def _median(wishes: list[tuple[float, float]]) -> float:
    """The weighted median; between two, the middle."""
    wishes = sorted(wishes)
    half = sum([weight for _, weight in wishes]) / 2
    for index, (wish, weight) in enumerate(wishes):
        half -= weight
        if half < 0:
            return wish
        if half == 0:
            return (wish + wishes[index + 1][0]) / 2
    return wishes[-1][0]


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
        self.at = at
        self.upper: list[int] = [-1] * len(at)
        self.lower: list[int] = [-1] * len(at)
        self.apart = [0.0] * len(at)  # At least, from the axis above.
        for entries in layers:
            for one, other in pairwise(entries):
                self.lower[one], self.upper[other] = other, one
                self.apart[other] = after[one] + before[other]
        self.block = list(range(len(at)))
        self.members = [[entry] for entry in self.block]
        self.edges = [(entry, *tie) for entry, ties in enumerate(ins) for tie in ties]
        for entry, other, offset, _ in self.edges:
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

    def room(self, block: int, by: float) -> float:
        """As much of a move as a block's neighbours leave room for."""
        at, of, apart = self.at, self.block, self.apart
        if by > 0:
            for entry in self.members[block]:
                near = self.lower[entry]
                if near >= 0 and of[near] != block:
                    by = min(by, at[near] - apart[near] - at[entry])
                    if by <= 0:
                        return 0.0
        else:
            for entry in self.members[block]:
                near = self.upper[entry]
                if near >= 0 and of[near] != block:
                    by = max(by, at[near] + apart[entry] - at[entry])
                    if by >= 0:
                        return 0.0
        return by

    def move(self, block: int, by: float) -> None:
        for entry in self.members[block]:
            self.at[entry] += by

    def settle(self) -> None:
        """Move blocks towards what they are connected with: to the median of their bends."""
        at, block = self.at, self.block
        for _ in range(SETTLING):
            bends: dict[int, list[float]] = {}
            for entry, other, offset, _ in self.edges:
                bend = at[other] + offset - at[entry]
                if bend:
                    bends.setdefault(block[entry], []).append(bend)
                    bends.setdefault(block[other], []).append(-bend)
            moved = False
            for one, found in bends.items():
                found.sort()
                low, high = found[(len(found) - 1) // 2], found[len(found) // 2]
                if low <= 0 <= high:
                    continue
                by = self.room(one, low if low > 0 else high)
                if by:
                    self.move(one, by)
                    moved = True
            if not moved:
                break

    def straighten(self) -> None:
        """Take bends away where there is room, small ones first."""
        at, block, members = self.at, self.block, self.members
        bent = []
        for edge in self.edges:
            entry, other, offset, weight = edge
            if block[entry] == block[other]:
                continue
            bend = at[other] + offset - at[entry]
            if bend:
                bent.append((abs(bend) / weight, edge))
            else:
                self.join(entry, other)
        bent.sort()
        for _, (entry, other, offset, _) in bent:
            first, second = block[entry], block[other]
            if first == second:
                continue
            bend = at[other] + offset - at[entry]
            moves = (first, bend), (second, -bend)
            for one, by in moves if len(members[first]) <= len(members[second]) else moves[::-1]:
                if self.room(one, by) == by:
                    self.move(one, by)
                    self.join(entry, other)
                    break
