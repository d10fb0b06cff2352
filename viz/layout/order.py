"""Who stands above whom within a layer, so that few wires cross.

The first order is that of the formula: from the outputs back, operand by operand, so that a tree
has no crossing at all. Where there are crossings, sweeps by barycentre follow (Sugiyama, Tagawa and
Toda 1981), then exchanges of neighbours (Gansner, Koutsofios, North and Vo 1993).

Exchanges count crossings of wires, not of edges: a wire that forks meets another one before it
forks, however many of its branches lead past it. Two that cross are exchanged even where as many
cross then: a crossing so moves along its wires, until it meets another one and both are gone. A
pair that was looked at is so again only when something at its wires has moved.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Sequence
from typing import NamedTuple

PORTS = 4096  # More than an entry has: a port's key is its entry's place times this, and its own.
SWEEPS = 3
ROUNDS, IDLE_ROUNDS = 24, 3
WORTH = 1000  # Entries: a round that takes fewer crossings away than one in so many is idle.


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
    rights: Sequence[Sequence[int]], fixed: Collection[int] = (),
) -> tuple[list[list[int]], int]:  # fmt: skip
    """The layers in an order with few crossings, but for those that are `fixed`; `rights` in the
    order of the ports.
    """
    order = _Order(layers, strands, lefts, rights, fixed)
    fewest, best = order.crossings(), [list(entries) for entries in layers]
    if not fewest:
        return best, 0
    for number in range(SWEEPS):
        order.sweep(forward=number % 2 == 0)
        found = order.crossings()
        if found < fewest:
            fewest, best = found, [list(entries) for entries in order.layers]
    for entries, kept in zip(order.layers, best, strict=True):
        if entries != kept:
            entries[:] = kept
            order.number(entries)
    if fewest and order.exchange():
        return order.layers, order.crossings()
    return best, fewest


class _Order:
    """Entries by layer, and where strands then begin and end, as keys."""

    def __init__(
        self, layers: list[list[int]], strands: Sequence[Strand], lefts: Sequence[Sequence[int]],
        rights: Sequence[Sequence[int]], fixed: Collection[int],
    ):  # fmt: skip
        self.layers, self.lefts, self.rights, self.fixed = layers, lefts, rights, fixed
        self.ports = [strand.port for strand in strands]
        self.pins = [strand.pins for strand in strands]
        self.sources = [strand.entry for strand in strands]
        self.place = [0] * len(lefts)
        self.time, self.touched = 0, [0] * len(lefts)
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
        numbers = range(1, len(self.layers)) if forward else range(len(self.layers) - 2, -1, -1)
        for number in numbers:
            entries = self.layers[number]
            if len(entries) == 1 or number in self.fixed:
                continue
            means: dict[int, float] = {}
            for entry in entries:
                if forward:
                    keys = [start[strand] for strand in self.lefts[entry]]
                else:
                    leaving = self.rights[entry]
                    keys = ends[leaving[0]] if len(leaving) == 1 else [
                        key for strand in leaving for key in ends[strand]
                    ]  # fmt: skip
                if len(keys) == 1:
                    means[entry] = keys[0]
                elif keys:
                    means[entry] = sum(keys) / len(keys)
            moving = iter(sorted(means, key=means.__getitem__))
            found = [next(moving) if entry in means else entry for entry in entries]
            if found != entries:
                entries[:] = found
                self.number(entries)

    def exchange(self) -> int:
        """Exchange neighbours whose wires cross, if no more of them do then; how many less do."""
        waiting = [True] * (len(self.layers) + 1)  # One more, before the first.
        settled = [(-1, 0)] * len(self.place)  # With which neighbour below, and when.
        touched = self.touched
        idle = total = 0
        numbered = [pair for pair in enumerate(self.layers) if pair[0] not in self.fixed]
        for _ in range(ROUNDS):
            won = 0
            for number, entries in numbered:
                if not waiting[number]:
                    continue
                waiting[number] = False
                for index in range(len(entries) - 1):
                    upper, lower = entries[index], entries[index + 1]
                    other, when = settled[upper]
                    if other == lower and touched[upper] <= when >= touched[lower]:
                        continue
                    gain = self.gain(upper, lower) if self.cross(upper, lower) else -1
                    if gain >= 0:
                        self.swap(entries, index)
                        waiting[number - 1] = waiting[number] = waiting[number + 1] = True
                        won += gain
                        settled[lower] = upper, self.time
                    else:
                        settled[upper] = lower, self.time
            numbered.reverse()
            idle = 0 if won * WORTH > len(self.place) else idle + 1
            total += won
            if idle == IDLE_ROUNDS:
                break
        return total

    def cross(self, upper: int, lower: int) -> bool:
        """Whether wires of two neighbours cross each other."""
        start, ends = self.start, self.ends
        others = self.lefts[lower]
        for one in self.lefts[upper]:
            for other in others:
                if start[one] > start[other]:
                    return True
        others = self.rights[lower]
        for one in self.rights[upper]:
            for other in others:
                if ends[one][-1] > ends[other][0]:
                    return True
        return False

    def gain(self, upper: int, lower: int) -> int:
        """How many crossings less two neighbours have once they are exchanged."""
        start, ends, gain = self.start, self.ends, 0
        for one in self.rights[upper]:
            above = ends[one]
            for other in self.rights[lower]:
                below = ends[other]
                if len(above) == len(below) == 1:
                    gain += 1 if above > below else -1
                else:
                    gain += _meetings(above, below) - _meetings(below, above)
        at = self.place[upper] * PORTS
        for one in self.lefts[upper]:
            above = ends[one]
            for other in self.lefts[lower]:
                below, first = ends[other], start[one] < start[other]
                if len(above) == len(below) == 1:
                    gain += -1 if first else 1
                elif one != other:
                    gain += _gain(above, below, at) if first else _gain(below, above, at)
        return gain

    def swap(self, entries: list[int], index: int) -> None:
        """Exchange an entry and the next."""
        one, other = entries[index + 1], entries[index]
        entries[index : index + 2] = one, other
        place, start, ports, ends = self.place, self.start, self.ports, self.ends
        touched = self.touched
        self.time = time = self.time + 1
        place[one], place[other] = index, index + 1
        for entry in (one, other):
            key = place[entry] * PORTS
            for strand in self.rights[entry]:
                start[strand] = key + ports[strand]
                for target, _, _ in self.pins[strand]:
                    touched[target] = time
            for strand in self.lefts[entry]:
                pins = self.pins[strand]
                touched[self.sources[strand]] = time
                if len(pins) == 1:
                    ends[strand] = [key + pins[0][1]]
                else:
                    ends[strand] = sorted([place[pin[0]] * PORTS + pin[1] for pin in pins])
                    for target, _, _ in pins:
                        touched[target] = time


def _meetings(upper: Sequence[int], lower: Sequence[int]) -> int:
    """How often two strands cross, of which the upper one begins above the other."""
    if upper[-1] < lower[0]:
        return 0
    if len(upper) == 1 or len(lower) == 1:
        return 1
    return min(len(upper) - bisect_right(upper, lower[0]), bisect_left(lower, upper[-1]))


def _gain(upper: Sequence[int], lower: Sequence[int], at: int) -> int:
    """How much less two strands cross once the entry whose keys begin there and the next are
    exchanged.
    """
    a, c = bisect_left(upper, at), bisect_left(upper, at + 2 * PORTS)
    d, f = bisect_left(lower, at), bisect_left(lower, at + 2 * PORTS)
    above, below = upper[a] < at + PORTS, lower[d] < at + PORTS
    if (
        above != below
        and above == (upper[c - 1] < at + PORTS)
        and below == (lower[f - 1] < at + PORTS)
    ):  # Each is at one of the two alone.
        sign = 1 if above else -1
        x, y = len(upper) - bisect_right(upper, lower[0]), bisect_left(lower, upper[-1])
        then_x = x if d else x + sign * (c - a)
        then_y = y if c < len(upper) else y + sign * (f - d)
        return min(x, y) - min(then_x, then_y)
    return _meetings(upper, lower) - _meetings(_exchanged(upper, at), _exchanged(lower, at))


def _exchanged(ends: Sequence[int], at: int) -> list[int]:
    """A strand's ends once the entry whose keys begin there and the next are exchanged."""
    last = at + PORTS
    return sorted([
        key + PORTS if at <= key < last else key - PORTS if last <= key < last + PORTS else key
        for key in ends
    ])  # fmt: skip
