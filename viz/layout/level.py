"""One level of a picture: gates, leaves and boxes that are laid out already, wires between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .channels import Channel, Crossing, Piece, Pin, routed
from .graph import Point
from .layers import layers_of, topological
from .order import Strand, first_order, ordered
from .place import Tie, placed

LANE = 5.0  # Half the room of a line that passes by.
APART = 4.0  # Half of what lies between two neighbours.
FEW, MOST_WAYS = 45, 4  # Items of a level whose wires are tried to part early, and their ways.
STRAIGHT = (1.0, 4.0, 16.0)  # Said for a straight wire, by how many of its ends only pass by.
ON_AXIS: Sequence[float] = (0.0,)  # The only port of what is no item.
BORDER = -1  # As a net's source: it comes in.

Moves = Sequence[tuple[float, float]]
"""From which heights on, in their order, things are moved down, and how far."""
Borders = tuple[Sequence[int], Sequence[int]]
"""The nets that enter, and those that leave, from top to bottom."""


@dataclass(slots=True)
class Item:
    """What has a place: a node, or a box.

    A box's axis is its upper edge. Boxes that follow one another stand in line. `grown` is
    where it is broader than it was: between which heights, from its axis, and by how much.
    """

    size: float
    before: float
    after: float
    lead: float
    ins: Sequence[float]
    outs: Sequence[float]
    insets: Sequence[float] = ()
    is_box: bool = False
    is_in_line: bool = False
    grown: Sequence[tuple[float, float, float]] = ()


@dataclass(slots=True)
class Net:
    """A wire on one level: from an item's out, or from the border, into items, or out again.

    `targets` are items and their slots. Its ways are numbered: one for each target, and one more
    where it `leaves`.
    """

    source: int
    out: int
    targets: list[tuple[int, int]]
    leaves: bool


@dataclass(slots=True)
class Laid:
    """A level laid out, from its upper left corner. `entering` and `leaving` are offsets by net.

    `moved` is, where it was pulled apart, how far what stands from each height on has moved down.
    """

    places: list[Point]
    ends: list[float]
    pieces: list[Piece]
    dots: list[tuple[int, Point]]
    entering: dict[int, float]
    leaving: dict[int, float]
    length: float
    breadth: float
    moved: Moves = ()


class Column(NamedTuple):
    """How much room a layer has: before its leaves and its gates, in all, and for its channel."""

    before_leaves: float = 0.0
    before_gates: float = 0.0
    length: float = 0.0
    channel: float = 0.0


class Level:
    """Lays items and nets out; entries are items, then the border's ends of nets, then lines.

    The nets in `borders` enter and leave in the order that is given; the ways of those in `parted`
    part where they begin; an item that is `early` stands before all others.
    """

    def __init__(
        self, items: list[Item], nets: list[Net], *, near: bool, borders: Borders | None = None,
        parted: frozenset[int] = frozenset(), early: int = -1,
    ):  # fmt: skip
        self.items, self.nets, self.parted, self.early = items, nets, parted, early
        self.enters = [i for i, net in enumerate(nets) if net.source == BORDER]
        self.exits = [i for i, net in enumerate(nets) if net.leaves]
        self.borders = borders
        count = len(items)
        self.before = [item.before + APART for item in items]
        self.after = [item.after + APART for item in items]
        self.layer = self.layered(near)
        if early >= 0:
            self.layer = [layer + 1 for layer in self.layer]
            self.layer[early] = 1 if self.enters else 0
        self.entry_in = {net: count + i for i, net in enumerate(self.enters)}
        self.entry_out = {net: count + len(self.enters) + i for i, net in enumerate(self.exits)}
        last = max(self.layer, default=0) + 1
        self.layer += [0] * len(self.enters) + [last] * len(self.exits)
        self.bends = [item.is_box for item in items] + [True] * (len(self.enters) + len(self.exits))
        self.before += [LANE] * (len(self.enters) + len(self.exits))
        self.after += [LANE] * (len(self.enters) + len(self.exits))
        self.count = last + bool(self.exits)
        boxes = {index for index, item in enumerate(items) if item.is_in_line}
        self.in_row = boxes and {
            target
            for net in nets
            if net.source in boxes
            for target, _ in net.targets
            if target in boxes
        }
        self.strands: list[Strand] = []
        self.wires: list[list[Strand]] = [[] for _ in range(max(self.count - 1, 0))]
        self.lefts: list[list[int]] = [[] for _ in self.layer]
        self.rights: list[list[int]] = [[] for _ in self.layer]
        for index in range(len(nets)):
            self.thread(index)
        passing = [ON_AXIS] * (len(self.layer) - count)
        self.ins = [item.ins for item in items] + passing
        self.outs = [item.outs for item in items] + passing
        for entry, item in enumerate(items):
            if len(item.ins) > 1:
                self.lefts[entry] = self.by_slot(entry)
            if len(item.outs) > 1:
                self.rights[entry].sort(key=lambda strand: self.strands[strand].port)

    def by_slot(self, entry: int) -> list[int]:
        """The strands that come into an entry, each once, by the first slot of each."""
        first = {
            slot: strand
            for strand in self.lefts[entry]
            for target, slot, _ in self.strands[strand].pins
            if target == entry
        }
        return list(dict.fromkeys([first[slot] for slot in sorted(first)]))

    def layered(self, near: bool) -> list[int]:
        sources: list[dict[int, None]] = [{} for _ in self.items]
        users: list[dict[int, None]] = [{} for _ in self.items]
        shared = [0] * len(self.items)
        for net in self.nets:
            targets = {target for target, _ in net.targets}
            for target in targets:
                shared[target] += net.source == BORDER or len(targets) > 1 or net.leaves
                sources[target][net.source] = None
                if net.source != BORDER:
                    users[net.source][target] = None
        order = topological(list(map(list, users)))
        return layers_of(
            order, list(map(list, sources)), list(map(list, users)), shared,
            first=1 if self.enters else 0, near=near,
        )  # fmt: skip

    def thread(self, index: int) -> None:
        """Lead a net from layer to layer, with an entry in each that it only passes.

        Its ways part as late as can be; where it is one of `parted`, right where it begins.
        """
        net = self.nets[index]
        entry, port = (self.entry_in[index], 0) if net.source == BORDER else (net.source, net.out)
        here = self.layer[entry]
        goals = [(self.layer[target], target, slot) for target, slot in net.targets]
        if net.leaves:
            goals.append((self.count - 1, self.entry_out[index], 0))
        ways = tuple(range(len(goals)))
        groups: list[tuple[int, ...]] = [ways]
        if index in self.parted:
            groups = [(way,) for way in ways]
        fronts: list[tuple[int, int, list[tuple[int, ...]]]] = [(entry, port, groups)]
        while fronts:
            here += 1
            following: list[tuple[int, int, list[tuple[int, ...]]]] = []
            for entry, port, groups in fronts:
                arriving: list[tuple[int, int, tuple[int, ...]]] = []
                beyond = []
                for group in groups:
                    arriving += [
                        (*goals[way][1:], (way,)) for way in group if goals[way][0] == here
                    ]
                    rest = tuple([way for way in group if goals[way][0] > here])
                    if rest:
                        beyond.append(rest)
                for rest in beyond:
                    passing = self.passing(here)
                    arriving.append((passing, 0, rest))
                    following.append((passing, 0, [rest]))
                strand = len(self.strands)
                self.strands.append(Strand(index, entry, port, arriving))
                self.wires[here - 1].append(self.strands[strand])
                self.rights[entry].append(strand)
                for target, _, _ in arriving:
                    self.lefts[target].append(strand)
            fronts = following

    def passing(self, layer: int) -> int:
        """An entry for a wire that only passes a layer."""
        self.layer.append(layer)
        self.bends.append(True)
        self.before.append(LANE)
        self.after.append(LANE)
        self.lefts.append([])
        self.rights.append([])
        return len(self.layer) - 1

    # ---- where

    def arrange(self) -> int:
        """Put the entries of each layer into an order; how many crossings it has."""
        ways = self.strands, self.lefts, self.rights
        layers, fixed = first_order(self.layer, *ways, self.count), []
        if self.borders is not None:
            for number, entries, nets in zip(
                (0, self.count - 1), (self.entry_in, self.entry_out), self.borders, strict=True
            ):
                if entries:
                    layers[number] = [entries[net] for net in nets]
                    fixed.append(number)
        self.layers, crossings = ordered(layers, *ways, fixed)
        return crossings

    def lay_out(self) -> Laid:
        at = self.across(self.layers)
        low = min((y - b for y, b in zip(at, self.before, strict=True)), default=0.0)
        self.at = [y - low for y in at]
        self.columns = [Column()] * len(self.layers)
        self.beside: set[int] = set()  # Channels that may become wider.
        return self.along(self.at)

    def is_alone(self, item: int) -> bool:
        """Whether no other item stands in an item's column."""
        return sum(entry < len(self.items) for entry in self.layers[self.layer[item]]) == 1

    def opened(self, items: list[Item]) -> Laid:
        """The level pulled apart for items that have grown: in the same order, what stands before
        one where it stood. Channels keep their room but for those beside what has grown.
        """
        for i, item in enumerate(items):
            if item is not self.items[i]:
                self.beside.update({self.layer[i] - 1} if self.is_alone(i) else ())
                self.beside.add(self.layer[i])
        growth = [
            (self.at[i] + since, self.at[i] + to, by)
            for i, item in enumerate(items)
            for since, to, by in item.grown
        ]
        self.items, count = items, len(items)
        moved = moves(growth)
        self.ins[:count] = [item.ins for item in items]
        self.outs[:count] = [item.outs for item in items]
        self.after[:count] = [item.after + APART for item in items]
        return self.along([y + move(moved, y) for y in self.at], moved)

    def across(self, layers: list[list[int]]) -> list[float]:
        before: list[list[Tie]] = [[] for _ in self.layer]
        after: list[list[Tie]] = [[] for _ in self.layer]
        items, bends = self.items, self.bends
        for wire, entry, port, pins in self.strands:
            source = self.nets[wire].source
            from_box = source != BORDER and items[source].is_in_line
            there = self.outs[entry][port]
            for target, slot, ways in pins:
                offset = there - self.ins[target][slot]
                if target in self.in_row:  # Boxes that follow one another stand on one level.
                    if not from_box:
                        continue
                    offset = there - items[source].outs[self.nets[wire].out]
                weight = len(ways) * STRAIGHT[bends[entry] + bends[target]]
                before[target].append((entry, offset, weight))
                after[entry].append((target, -offset, weight))
        return placed(layers, before, after, self.before, self.after)

    def along(self, across: list[float], moved: Moves = ()) -> Laid:
        """Columns, as wide as what stands in them, and the channels between.

        None becomes smaller than it was.
        """
        count = len(self.items)
        breadth = max((y + a for y, a in zip(across, self.after, strict=True)), default=0.0)
        places = [(0.0, 0.0)] * count
        ends = [0.0] * count
        pieces: list[Piece] = []
        dots: list[tuple[int, Point]] = []
        x = 0.0
        for number, entries in enumerate(self.layers):
            items = [e for e in entries if e < count]
            column = self.columns[number]
            # Names of leaves end in one line, gates begin in one.
            leads = {True: column.before_leaves, False: column.before_gates}
            for entry in items:
                item = self.items[entry]
                leads[not item.ins] = max(leads[not item.ins], item.lead)
            begin, end = x, x + column.length
            for entry in items:
                item = self.items[entry]
                start = x + (0.0 if item.is_box else leads[not item.ins])
                places[entry] = (start, across[entry])
                end = max(end, start + item.size)
            for entry in items:
                ends[entry] = end
            if number:
                for wire, _, _, arriving in self.wires[number - 1]:
                    for target, slot, ways in arriving:
                        y = across[target] + self.ins[target][slot]
                        stop = (
                            end if target >= count else places[target][0] + self.inset(target, slot)
                        )
                        if stop > x:
                            pieces.append(Piece(wire, ways, ((x, y), (stop, y))))
            x, wide = end, 0.0
            if number < len(self.wires):
                channel = self.channel(number, across, column.channel)
                pieces += [
                    Piece(wire, ways, tuple([(x + t, y) for t, y in points]))
                    for wire, ways, points in channel.pieces
                ]
                dots += [(wire, (x + t, y)) for wire, (t, y) in channel.dots]
                x, wide = x + channel.width, channel.width
            self.columns[number] = Column(leads[True], leads[False], end - begin, wide)
        return Laid(
            places, ends, pieces, dots,
            {net: across[entry] for net, entry in self.entry_in.items()},
            {net: across[entry] for net, entry in self.entry_out.items()},
            x, breadth, moved,
        )  # fmt: skip

    def inset(self, entry: int, slot: int) -> float:
        insets = self.items[entry].insets
        return insets[slot] if insets else 0.0

    def channel(self, number: int, across: list[float], room: float) -> Channel:
        wires = []
        for wire, entry, port, arriving in self.wires[number]:
            pins = [
                Pin(across[target] + self.ins[target][slot], ways)
                for target, slot, ways in arriving
            ]
            pins.sort()
            wires.append(Crossing(wire, across[entry] + self.outs[entry][port], tuple(pins)))
        return routed(wires, room, is_free=not room or number in self.beside)


def moves(growth: list[tuple[float, float, float]]) -> Moves:
    """The least moves, none of them less than one above it, so that between two heights there is
    more room than before, by an amount; what stands above the first stays.
    """
    found: list[tuple[float, float]] = []
    for since, to, by in sorted(growth, key=lambda one: one[1]):
        total = move(found, since) + by
        if total > (found[-1][1] if found else 0.0):
            found.append((to, total))
    return found


def move(moved: Moves, y: float) -> float:
    """How far what stands at a height has moved."""
    return next((by for since, by in reversed(moved) if since <= y), 0.0)


def level_of(items: list[Item], nets: list[Net], *, near: bool, borders: Borders | None) -> Level:
    """The level in its order. Where it has few items, wires part early if fewer cross then, and a
    leaf of several uses stands before all else.
    """
    level = Level(items, nets, near=near, borders=borders)
    crossings = level.arrange()
    if not crossings or len(items) > FEW:
        return level
    for i, net in enumerate(nets):
        is_leaf = net.source != BORDER and not items[net.source].ins
        if not is_leaf or not 1 < len(net.targets) + net.leaves <= MOST_WAYS:
            continue
        for early in (-1, net.source) if level.early < 0 else (level.early,):
            if not crossings:
                return level
            parted = level.parted | {i}
            other = Level(items, nets, near=near, borders=borders, parted=parted, early=early)
            found = other.arrange()
            if found < crossings:
                level, crossings = other, found
    return level
