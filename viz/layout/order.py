"""Who stands above whom within a layer, so that few wires cross.

The first order is that of the formula: from the outputs back, operand by operand, so that a tree
has no crossing at all. Where there are crossings, sweeps by barycentre follow (Sugiyama, Tagawa and
Toda 1981), then exchanges of neighbours (Gansner, Koutsofios, North and Vo 1993).

Exchanges count crossings of wires, not of edges: a wire that forks meets another one before it
forks, however many of its branches lead past it. Two that cross are exchanged even where as many
cross then: a crossing so moves along its wires, until it meets another one and both are gone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from typing import NamedTuple

PORTS = 4096  # More than an entry has: a port's key is its entry's place times this, and its own.
SWEEPS = 4
ROUNDS, IDLE_ROUNDS = 24, 3


class Strand(NamedTuple):
    """A wire between two layers: from an entry's port to others, each with the ways it leads to."""

    net: int
    entry: int
    port: int
    pins: list[tuple[int, int, tuple[int, ...]]]


def first_order(
    layer: Sequence[int], strands: Sequence[Strand], lefts: Sequence[Sequence[int]],
    rights: Sequence[Sequence[int]], count: int,
) -> list[list[int]]:  # fmt: skip
    """Entries by layer, in the order in which the formula is read.

    `lefts` are the strands that come into each entry, in the order of its ports; `rights` leave it.
    """
    layers: list[list[int]] = [[] for _ in range(count)]
    seen = [False] * len(layer)
    for sink, leaving in enumerate(rights):
        if leaving:
            continue
        waiting = [sink]
        while waiting:
            entry = waiting.pop()
            if not seen[entry]:
                seen[entry] = True
                layers[layer[entry]].append(entry)
                waiting += [strands[strand].entry for strand in reversed(lefts[entry])]
    return layers


def ordered(
    layers: list[list[int]], strands: Sequence[Strand], lefts: Sequence[Sequence[int]],
    rights: Sequence[Sequence[int]],
) -> list[list[int]]:  # fmt: skip
    """The layers in an order with few crossings; `rights` in the order of the ports."""
    order = _Order(layers, strands, lefts, rights)
    fewest, best = order.crossings(), [list(entries) for entries in layers]
    if not fewest:
        return best
    for number in range(SWEEPS):
        order.sweep(forward=number % 2 == 0)
        found = order.crossings()
        if found < fewest:
            fewest, best = found, [list(entries) for entries in order.layers]
    if fewest:
        order = _Order(best, strands, lefts, rights)
        order.exchange()
    return order.layers


class _Order:
    """Entries by layer, and where strands then begin and end, as keys."""

    def __init__(
        self, layers: list[list[int]], strands: Sequence[Strand], lefts: Sequence[Sequence[int]],
        rights: Sequence[Sequence[int]],
    ):  # fmt: skip
        self.layers, self.lefts, self.rights = layers, lefts, rights
        self.ports = [strand.port for strand in strands]
        self.pins = [strand.pins for strand in strands]
        self.place = [0] * len(lefts)
        self.start = [0] * len(strands)
        self.ends: list[list[int]] = [[]] * len(strands)
        for entries in layers:
            self.number(entries)

    def number(self, entries: Sequence[int]) -> None:
        """Note where the entries of a layer are."""
        place, start, ports, ends = self.place, self.start, self.ports, self.ends
        for index, entry in enumerate(entries):
            place[entry] = index
            for strand in self.rights[entry]:
                start[strand] = index * PORTS + ports[strand]
        for entry in entries:
            for strand in self.lefts[entry]:
                pins = self.pins[strand]
                if len(pins) == 1:
                    ends[strand] = [place[entry] * PORTS + pins[0][1]]
                else:
                    ends[strand] = sorted([place[pin[0]] * PORTS + pin[1] for pin in pins])

    def crossings(self) -> int:
        """How often edges cross."""
        count = 0
        for entries in self.layers:
            seen: list[int] = []
            last = -1
            for entry in entries:
                for strand in self.rights[entry]:
                    ends = self.ends[strand]
                    if ends[0] >= last:
                        seen += ends
                        last = ends[-1]
                        continue
                    for key in ends:
                        count += len(seen) - bisect_right(seen, key)
                    for key in ends:
                        insort(seen, key)
                    last = seen[-1]
        return count

    def sweep(self, *, forward: bool) -> None:
        """Sort layers by the means of what is before them, or after; all else keeps its place."""
        start, ends = self.start, self.ends
        for entries in self.layers[1:] if forward else self.layers[-2::-1]:
            means: dict[int, float] = {}
            for entry in entries:
                if forward:
                    keys = [start[strand] for strand in self.lefts[entry]]
                else:
                    keys = [key for strand in self.rights[entry] for key in ends[strand]]
                if keys:
                    means[entry] = sum(keys) / len(keys)
            moving = iter(sorted(means, key=means.__getitem__))
            found = [next(moving) if entry in means else entry for entry in entries]
            if found != entries:
                entries[:] = found
                self.number(entries)

    def exchange(self) -> None:
        """Exchange neighbours whose wires cross, if no more of them do then."""
        waiting = [True] * (len(self.layers) + 1)  # One more, before the first.
        idle = 0
        for _ in range(ROUNDS):
            idle += 1
            for number, entries in enumerate(self.layers):
                if not waiting[number]:
                    continue
                waiting[number] = False
                for index in range(len(entries) - 1):
                    now = self.crossing(entries[index], entries[index + 1])
                    if not now:
                        continue
                    self.swap(entries, index)
                    then = self.crossing(entries[index], entries[index + 1])
                    if then > now:
                        self.swap(entries, index)
                    else:
                        waiting[number - 1] = waiting[number] = waiting[number + 1] = True
                        if then < now:
                            idle = 0
            if idle == IDLE_ROUNDS:
                break

    def crossing(self, upper: int, lower: int) -> int:
        """How often wires of one entry cross those of the next."""
        start, ends, found = self.start, self.ends, 0
        for one in self.rights[upper]:
            last = ends[one][-1]
            for other in self.rights[lower]:
                if last > ends[other][0]:
                    found += self.meetings(one, other)
        for one in self.lefts[upper]:
            for other in self.lefts[lower]:
                if start[one] < start[other]:
                    if ends[one][-1] > ends[other][0]:
                        found += self.meetings(one, other)
                elif ends[other][-1] > ends[one][0] and one != other:
                    found += self.meetings(other, one)
        return found

    def meetings(self, upper: int, lower: int) -> int:
        """How often two strands cross, of which the upper one goes below the lower one."""
        above, below = self.ends[upper], self.ends[lower]
        if len(above) == 1 or len(below) == 1:
            return 1
        return min(len(above) - bisect_right(above, below[0]), bisect_left(below, above[-1]))

    def swap(self, entries: list[int], index: int) -> None:
        """Exchange an entry and the next."""
        one, other = entries[index + 1], entries[index]
        entries[index : index + 2] = one, other
        place, start, ports, ends = self.place, self.start, self.ports, self.ends
        place[one], place[other] = index, index + 1
        for entry in (one, other):
            key = place[entry] * PORTS
            for strand in self.rights[entry]:
                start[strand] = key + ports[strand]
            for strand in self.lefts[entry]:
                pins = self.pins[strand]
                if len(pins) == 1:
                    ends[strand] = [key + pins[0][1]]
                else:
                    ends[strand] = sorted([place[pin[0]] * PORTS + pin[1] for pin in pins])
