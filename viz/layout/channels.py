"""The wires between two layers: short slants where they are short, else at right angles.

At right angles each wire has a track of its own for what runs across, on which it meets no other;
tracks stand in an order with few crossings. Two wires that want each other's line would share a
stroke, whichever comes first: one of them changes its line in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from .graph import Point

SLANT = 46.0  # As far as this across a wire is one slant, and all of them where none is longer.
NARROW, STEP, MARGIN = 12.0, 8.0, 8.0
LEAST_STEP = 2.0  # Where no more room may be taken.
CLEAR = 5.0  # Closer lines than this look like one.


class Pin(NamedTuple):
    """Where a wire comes out of a channel, and what it is from there on."""

    at: float
    ways: tuple[int, ...]


class Crossing(NamedTuple):
    """A wire through a channel: where it comes in, and its pins, from top to bottom."""

    wire: int
    start: float
    pins: tuple[Pin, ...]


class Piece(NamedTuple):
    """A stretch of a wire; `ways` are those that it is part of."""

    wire: int
    ways: tuple[int, ...]
    points: tuple[Point, ...]


class Channel(NamedTuple):
    """What runs through a channel, where wires fork, and how wide it is."""

    pieces: list[Piece]
    dots: list[tuple[int, Point]]
    width: float


def routed(wires: Sequence[Crossing], room: float = 0.0, *, is_free: bool = True) -> Channel:
    """The channel of some wires. All their starts are apart, and all their pins.

    It has the `room` that is given, or more; if it is not `is_free`, only where tracks would be
    too close.
    """
    furthest = max((abs(pin.at - wire.start) for wire in wires for pin in wire.pins), default=0.0)
    width = max(NARROW, furthest * 0.75)
    if furthest <= SLANT and (is_free or width <= room):
        return _slanted(wires, max(width, room))
    return _at_right_angles(wires, room, is_free)


def _slanted(wires: Sequence[Crossing], width: float) -> Channel:
    pieces, dots = [], []
    for wire, start, pins in wires:
        for at, ways in pins:
            pieces.append(Piece(wire, ways, ((0.0, start), (width, at))))
        if len(pins) > 1:
            dots.append((wire, (0.0, start)))
    return Channel(pieces, dots, width)


# ---- at right angles


class _Trunk:
    """What runs across: from where, to which pins. `then` is where a wire changes its line."""

    __slots__ = ("high", "low", "pins", "start", "then", "wire")

    def __init__(self, wire: int, start: float, pins: Sequence[Pin]):
        self.wire, self.start, self.pins = wire, start, pins
        first, last = pins[0].at, pins[-1].at
        self.low = first if first < start else start
        self.high = last if last > start else start
        self.then: _Trunk | None = None

    def crossings(self, later: _Trunk) -> int:
        """How often two wires cross if this one's trunk comes before the other's."""
        low, high = later.low, later.high
        count = 1 if self.low < later.start < self.high else 0
        for at, _ in self.pins:
            if low < at < high:
                count += 1
        return count


def _at_right_angles(wires: Sequence[Crossing], room: float, is_free: bool) -> Channel:
    straight = [w for w in wires if len(w.pins) == 1 and w.pins[0].at == w.start]
    trunks = [_Trunk(*w) for w in wires if len(w.pins) > 1 or w.pins[0].at != w.start]
    taken = sorted({w.start for w in wires} | {pin.at for w in wires for pin in w.pins})
    tracks = _tracks(trunks, taken)
    count = max(tracks.values(), default=-1) + 1
    width, first, step = max(NARROW, 2 * MARGIN + max(count - 1, 0) * STEP, room), MARGIN, STEP
    if not is_free and width > room >= (count + 1) * LEAST_STEP:
        width, first, step = room, room / (count + 1), room / (count + 1)
    pieces = [Piece(w.wire, w.pins[0].ways, ((0.0, w.start), (width, w.start))) for w in straight]
    dots: list[tuple[int, Point]] = []
    for trunk in trunks:
        x = first + tracks[trunk] * step
        if trunk.then is None:
            _draw(trunk, 0.0, x, width, pieces, dots)
        else:
            follower = first + tracks[trunk.then] * step
            line = trunk.pins[0]
            pieces.append(
                Piece(trunk.wire, line.ways, (
                    (0.0, trunk.start), (x, trunk.start), (x, line.at), (follower, line.at)))
            )  # fmt: skip
            _draw(trunk.then, follower, follower, width, pieces, dots)
    return Channel(pieces, dots, width)


def _draw(
    trunk: _Trunk, begin: float, x: float, end: float, pieces: list[Piece],
    dots: list[tuple[int, Point]],
) -> None:  # fmt: skip
    """The pieces of a trunk: the way in, and the way across on both sides of it."""
    start = trunk.start
    above = [pin for pin in trunk.pins if pin.at < start][::-1]
    below = [pin for pin in trunk.pins if pin.at > start]
    level = [pin for pin in trunk.pins if pin.at == start]
    arms = bool(above) + bool(below) + bool(level)
    head: tuple[Point, ...] = ((begin, start), (x, start)) if begin != x else ((x, start),)
    if arms > 1 or begin == x:
        if begin != x:
            pieces.append(Piece(trunk.wire, _all_ways(trunk.pins), head))
            head = ((x, start),)
        if arms > 1:
            dots.append((trunk.wire, (x, start)))
    pieces += [Piece(trunk.wire, pin.ways, ((x, start), (end, start))) for pin in level]
    for side in (above, below):
        points = head
        for index, pin in enumerate(side):
            beyond = _all_ways(side[index:])
            if index < len(side) - 1:
                pieces.append(Piece(trunk.wire, beyond, (*points, (x, pin.at))))
                pieces.append(Piece(trunk.wire, pin.ways, ((x, pin.at), (end, pin.at))))
                dots.append((trunk.wire, (x, pin.at)))
                points = ((x, pin.at),)
            else:
                pieces.append(Piece(trunk.wire, beyond, (*points, (x, pin.at), (end, pin.at))))


def _all_ways(pins: Sequence[Pin]) -> tuple[int, ...]:
    return tuple(chain.from_iterable([pin.ways for pin in pins]))


def _tracks(trunks: list[_Trunk], taken: list[float]) -> dict[_Trunk, int]:
    """The track of each trunk; those of wires that change their line have one more."""
    waiting = list(trunks)
    while True:
        first = _before(waiting)
        order = _few_crossings(waiting, first)
        if len(order) == len(waiting):
            break
        stuck = min(set(range(len(waiting))) - set(order))
        stuck = _on_a_circle(first, stuck)
        waiting.append(_changed(waiting[stuck], taken))
    tracks: dict[_Trunk, int] = {}
    done: list[tuple[float, float, int, set[int]]] = []  # From where to where, on which track.
    for index in order:
        trunk = waiting[index]
        low, high, track = trunk.low - CLEAR, trunk.high + CLEAR, 0
        for other_low, other_high, taken_track, later in done:
            if taken_track >= track and (
                (low <= other_high and other_low <= high) or index in later
            ):
                track = taken_track + 1
        tracks[trunk] = track
        done.append((trunk.low, trunk.high, track, first[index]))
    return tracks


def _before(trunks: list[_Trunk]) -> list[set[int]]:
    """Which trunks each must come before: those with a pin on the line by which it comes in."""
    first: list[set[int]] = [set() for _ in trunks]
    pins = sorted((pin.at, i) for i, trunk in enumerate(trunks) for pin in trunk.pins)
    starts = sorted((trunk.start, i) for i, trunk in enumerate(trunks))
    begin = 0
    for start, i in starts:
        while begin < len(pins) and pins[begin][0] <= start - CLEAR:
            begin += 1
        at = begin
        while at < len(pins) and pins[at][0] < start + CLEAR:
            if pins[at][1] != i and trunks[pins[at][1]].wire != trunks[i].wire:
                first[i].add(pins[at][1])
            at += 1
    for i, trunk in enumerate(trunks):
        if trunk.then is not None:
            first[i].add(trunks.index(trunk.then))
    return first


def _on_a_circle(first: list[set[int]], start: int) -> int:
    """One that must come before itself, found by going back from one that cannot come."""
    alive = set(range(len(first)))
    while True:  # What nothing leads to, or what leads nowhere, is on no circle.
        reached = set().union(*(first[i] for i in alive))
        gone = {i for i in alive if i not in reached or not first[i] & alive}
        if not gone:
            break
        alive -= gone
    return min(alive) if alive else start


def _changed(trunk: _Trunk, taken: list[float]) -> _Trunk:
    """Let a wire change its line: the trunk ends there, and another goes on to its pins."""
    middle = (trunk.low + trunk.high) / 2
    free = []
    for upper, lower in pairwise(taken):
        if lower - upper > 2 * CLEAR:
            free.append(min(max(middle, upper + CLEAR), lower - CLEAR))
    free += [taken[0] - 2 * CLEAR, taken[-1] + 2 * CLEAR]
    line = min(free, key=lambda at: (abs(at - middle), at))
    taken.append(line)
    taken.sort()
    then = _Trunk(trunk.wire, line, trunk.pins)
    trunk.pins, trunk.then = (Pin(line, _all_ways(trunk.pins)),), then
    trunk.low, trunk.high = min(trunk.start, line), max(trunk.start, line)
    return then


def _few_crossings(trunks: list[_Trunk], first: list[set[int]]) -> list[int]:
    """An order of the trunks that keeps what must be, and otherwise crosses little.

    What stands in a circle is missing, and all that must come after it.
    """
    count = len(trunks)
    cost: list[list[tuple[int, int]]] = [[] for _ in trunks]  # Of coming before another.
    price = [0] * count
    for i, a in enumerate(trunks):
        for j in range(i):
            b = trunks[j]
            if a.low <= b.high and b.low <= a.high:
                worse = a.crossings(b) - b.crossings(a)
                if worse > 0:
                    cost[j].append((i, worse))
                    price[i] += worse
                elif worse:
                    cost[i].append((j, -worse))
                    price[j] -= worse
    waiting = [0] * count
    for later in first:
        for j in later:
            waiting[j] += 1
    ready = [i for i in range(count) if not waiting[i]]
    order = []
    while ready:
        best = min(ready, key=lambda i: (price[i], i))
        ready.remove(best)
        order.append(best)
        for j in first[best]:
            waiting[j] -= 1
            if not waiting[j]:
                ready.append(j)
        for j, worse in cost[best]:
            price[j] -= worse
    return order
