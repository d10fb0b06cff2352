"""Who stands above whom within a layer: as few crossings as sweeps and exchanges find.

The first order is that of the formula: from the outputs back, operand by operand, so that a tree
has no crossing at all. Sweeps by barycentre (Sugiyama, Tagawa and Toda 1981) and exchanges of
neighbours (Gansner, Koutsofios, North and Vo 1993) follow where there is one.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

PORTS = 4096  # More than an item has: a pin's key is its item's place times this, and its port.
Pins = Sequence[Sequence[tuple[int, int, int]]]
"""Of each entry: the entry at the other end, the port there, the port here."""

MOST_SWEEPS, IDLE_SWEEPS = 12, 3
MOST_ROUNDS = 3
MANY = 4000  # Entries; with more, one round must do.


def first_order(
    ins: Pins, layer: Sequence[int], sinks: Sequence[int], count: int
) -> list[list[int]]:
    """Entries by layer, in the order in which the formula is read."""
    layers: list[list[int]] = [[] for _ in range(count)]
    seen = [False] * len(ins)
    for sink in sinks:
        waiting = [sink]
        while waiting:
            entry = waiting.pop()
            if seen[entry]:
                continue
            seen[entry] = True
            layers[layer[entry]].append(entry)
            waiting += [pin[0] for pin in reversed(ins[entry])]
    return layers


def ordered(layers: list[list[int]], ins: Pins, outs: Pins) -> list[list[int]]:
    """The layers in an order with few crossings; of two that have as many, the first."""
    place = [0] * len(ins)
    _number(layers, place)
    fewest = crossings(layers, ins, place)
    best = [list(entries) for entries in layers]
    rounds = 1 if sum(map(len, layers)) > MANY else MOST_ROUNDS
    for number in range(rounds):
        if not fewest:
            break
        before, idle = fewest, 0
        for sweep in range(number, number + MOST_SWEEPS):
            if sweep % 2 == 0:
                for entries in layers[1:]:
                    _by_barycentre(entries, ins, place)
            else:
                for entries in layers[-2::-1]:
                    _by_barycentre(entries, outs, place)
            found = crossings(layers, ins, place)
            idle += 1
            if found < fewest:
                fewest, idle = found, 0
                best = [list(entries) for entries in layers]
            if not fewest or idle == IDLE_SWEEPS:
                break
        layers = [list(entries) for entries in best]
        _number(layers, place)
        _exchange(layers, ins, outs, place)
        fewest = crossings(layers, ins, place)
        best = [list(entries) for entries in layers]
        if number and fewest == before:
            break
    return best


def _number(layers: Sequence[Sequence[int]], place: list[int]) -> None:
    for entries in layers:
        for index, entry in enumerate(entries):
            place[entry] = index


def _by_barycentre(entries: list[int], around: Pins, place: list[int]) -> None:
    """Sort what has neighbours on one side by their mean; all else keeps its place."""
    means: dict[int, float] = {}
    for entry in entries:
        pins = around[entry]
        if len(pins) == 1:
            means[entry] = place[pins[0][0]] * PORTS + pins[0][1]
        elif pins:
            means[entry] = sum([place[p[0]] * PORTS + p[1] for p in pins]) / len(pins)
    moving = iter(sorted(means, key=means.__getitem__))
    for index, entry in enumerate(entries):
        if entry in means:
            entries[index] = entry = next(moving)
        place[entry] = index


def _exchange(layers: list[list[int]], ins: Pins, outs: Pins, place: list[int]) -> None:
    """Exchange neighbours as long as that takes crossings away."""
    waiting = [True] * len(layers)
    for _ in range(8):
        for number, entries in enumerate(layers):
            if not waiting[number]:
                continue
            waiting[number] = False
            if _exchanged(entries, ins, outs, place):
                for near in (number - 1, number, number + 1):
                    if 0 <= near < len(layers):
                        waiting[near] = True
        if not any(waiting):
            break


def _exchanged(entries: list[int], ins: Pins, outs: Pins, place: list[int]) -> bool:
    left = [sorted([place[p[0]] * PORTS + p[1] for p in ins[entry]]) for entry in entries]
    right = [sorted([place[p[0]] * PORTS + p[1] for p in outs[entry]]) for entry in entries]
    moved = False
    for i in range(len(entries) - 1):
        j = i + 1
        if _gain(left[i], left[j]) + _gain(right[i], right[j]) > 0:
            entries[i], entries[j] = entries[j], entries[i]
            left[i], left[j], right[i], right[j] = left[j], left[i], right[j], right[i]
            place[entries[i]], place[entries[j]] = i, j
            moved = True
    return moved


def _gain(upper: list[int], lower: list[int]) -> int:
    """How many crossings of the pins of two neighbours are less once they are exchanged."""
    if not upper or not lower:
        return 0
    if upper[-1] < lower[0]:
        return -1  # Some more: they do not cross now.
    if len(upper) == len(lower) == 1:
        return upper[0] > lower[0]
    gain = 0
    for key in upper:
        for other in lower:
            gain += (key > other) - (key < other)
    return gain


def crossings(layers: Sequence[Sequence[int]], ins: Pins, place: Sequence[int]) -> int:
    """How often edges between neighbouring layers cross."""
    count = 0
    for entries in layers[1:]:
        seen: list[int] = []
        last = -1
        for entry in entries:
            for other, there, _ in ins[entry]:
                key = place[other] * PORTS + there
                if key >= last:
                    seen.append(key)
                    last = key
                else:
                    count += len(seen) - bisect_right(seen, key)
                    insort(seen, key)
    return count
