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

SMALL_BEND = 12.0

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
    _straighten(means, layers, place, ins, before, after)
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


def _straighten(
    at: list[float],
    layers: Sequence[Sequence[int]],
    place: Sequence[int],
    ins: Ties,
    before: Sequence[float],
    after: Sequence[float],
) -> None:
    """Take small bends away: move what is in one line together, as far as there is room."""
    row = [0] * len(at)
    for number, entries in enumerate(layers):
        for entry in entries:
            row[entry] = number
    block = list(range(len(at)))
    members = [[entry] for entry in block]
    bent = []
    for entry, ties in enumerate(ins):
        for other, there, here in ties:
            bend = at[other] + there - at[entry] - here
            if abs(bend) < 0.01:
                _join(block, members, entry, other)
            elif abs(bend) < SMALL_BEND:
                bent.append((abs(bend), entry, other, there - here))
    for _, entry, other, offset in sorted(bent):
        if block[entry] == block[other]:
            continue
        bend = at[other] + offset - at[entry]
        moves = [(members[block[entry]], bend), (members[block[other]], -bend)]
        for moving, by in sorted(moves, key=lambda move: len(move[0])):
            if all(_is_free(e, by, at, layers[row[e]], place[e], before, after) for e in moving):
                for e in moving:
                    at[e] += by
                _join(block, members, entry, other)
                break


def _is_free(
    entry: int, by: float, at: list[float], entries: Sequence[int], index: int,
    before: Sequence[float], after: Sequence[float],
) -> bool:  # fmt: skip
    """Whether an entry can move without coming closer to its neighbour than both need."""
    if by < 0:
        return not index or (
            at[entry] + by - before[entry] >= at[entries[index - 1]] + after[entries[index - 1]]
        )
    return index == len(entries) - 1 or (
        at[entry] + by + after[entry] <= at[entries[index + 1]] - before[entries[index + 1]]
    )


def _join(block: list[int], members: list[list[int]], one: int, other: int) -> None:
    first, second = block[one], block[other]
    if first == second:
        return
    if len(members[first]) < len(members[second]):
        first, second = second, first
    for entry in members[second]:
        block[entry] = first
    members[first] += members[second]
    members[second] = []
