"""A Figure's wires and gates as they are drawn: their labels, their shapes, their room."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from autograd.extend import added
from viz.figure import Figure, Gate, Link, Shown, Wire
from viz.labels import SMALL, symbol_size
from viz.lines import fork
from viz.names import shortened
from viz.themes import Theme

from .before import Drawn, opened
from .graph import TAIL, Edge, Frame, Graph, Node
from .ink import (
    EMPTY,
    FINE,
    TEXT,
    Block,
    beside,
    chip_of,
    label_chip,
    line_of,
    name_of,
    quantity,
    under,
    whole,
    wide,
)

MOST_BRANCHES, MANY = 6, 150  # A fork of more parts, or in a figure of more links, writes its sum.
RADIUS = 18.0  # Of a gate.
PORTS = 16.0  # From operand to operand, at least.
RISE = 4.0  # From a line to what stands on it.
INDENT = 3.0
APART = 7.0  # From a name to the value beside it.
STUB = 6.0  # Of line before a gate's label.
NUMBER = "−0.00000"  # A scalar has room for this at least: few changes of a value move anything.
TWO_TERMS = f"= ({NUMBER}) + ({NUMBER})"
HEAD = 16.0  # Of a box, for its name.


@dataclass(slots=True)
class WireLabel:
    """What stands before a wire, over its line (its name first, if it is no leaf), and under it."""

    name: Block
    called: Block
    above: Block
    below: Block
    room: float  # Along the line.


@dataclass(slots=True)
class Shape:
    """A gate's outline, about its centre: half its sides, and how round its corners are."""

    half_width: float
    half_height: float
    corner: float
    is_box: bool
    size: float  # Of its symbol.

    def inset(self, offset: float, *, along_x: bool) -> float:
        """How far behind the outermost point the outline is, at a port's offset."""
        half = self.half_height if along_x else self.half_width
        deep = abs(offset) - (half - self.corner)
        if deep <= 0:
            return 0.0
        return self.corner - sqrt(max(self.corner**2 - deep**2, 0.0))


class Pieces:
    """The nodes of a layout with what is drawn at them; leaves and constants first."""

    def __init__(
        self, figure: Figure, theme: Theme, *, across: bool, digits: int | None, values: bool,
        room: float, entry: str = "",
    ):  # fmt: skip
        self.figure, self.theme, self.values, self.room = figure, theme, values, room
        self.entry = entry
        self.across, self.digits = across, digits
        self.labels = {wire.key: self.label(wire) for wire in figure.wires}
        self.branch_labels = {
            index: self.branch(link)
            for index, link in enumerate(figure.links)
            if self.branches(link.source)
        }
        self.shapes: dict[str, Shape] = {}
        self.graph, self.of_node = self.graph_of()
        if figure.before is not None:
            then = Pieces(
                figure.before.figure, theme, across=across, digits=digits, values=values, room=room
            )
            self.graph = opened(self.drawn, then.drawn, figure.before) or self.graph

    @property
    def drawn(self) -> Drawn:
        """The graph, its nodes' keys, and its wires' ways out."""
        return Drawn(self.graph, [part.key for part in self.of_node], self.outs)

    # ---- labels

    def label(self, wire: Wire) -> WireLabel:
        theme = self.theme
        name = name_of(wire.name, theme.ink) if wire.name else EMPTY
        chip = chip_of(np.shape(wire.value), theme) if np.ndim(wire.value) else EMPTY
        if self.values:
            above = self.quantity(wire.value, theme.value, wire.value_shown)
            below, least = self.below(wire), wide(NUMBER, TEXT)
        else:
            above, least = EMPTY, 24.0
            below = line_of(wire.note, SMALL, theme.quiet) if wire.note else EMPTY
        mark = label_chip(wire.repeat, theme) if wire.repeat else EMPTY
        above = beside(above, chip, mark)
        called, name = (EMPTY, name) if wire.is_leaf else (name, EMPTY)
        over = max(above.width, least if self.values else 0.0) + (
            called.width and called.width + APART
        )
        room = max(over, below.width, least) + 2 * INDENT
        return WireLabel(name, called, above, below, room)

    def quantity(self, content: Any, color: str, held: Shown, size: float = TEXT) -> Block:
        numbers = self.figure.numbers
        return quantity(content, color, self.theme, self.digits, held, size, numbers, self.entry)

    def below(self, wire: Wire) -> Block:
        theme = self.theme
        color = theme.quiet if wire.is_dead else theme.gradient
        held = wire.gradient_shown if wire.has_gradient else Shown.FULLY
        block = self.quantity(wire.gradient, color, held)
        if wire.is_fork and wire.has_gradient and np.ndim(wire.gradient) == 0:
            sign = fork(wire.terms, wire.gradient, self.digits).sign
            words = self.sum_of(f"{sign} {added(wire.terms, self.digits)}", color)
            if held is not Shown.FULLY:
                words = Block(words.width, words.height, EMPTY.at)
            block = under(block, words)
        return block

    def sum_of(self, text: str, color: str) -> Block:
        """A sum, two terms a line. What the numbers are does not change how wide it is."""
        terms = text.replace(" + ", "\n+ ").split("\n")
        lines = [" ".join(terms[i : i + 2]) for i in range(0, len(terms), 2)]
        block = EMPTY
        for line in lines:
            drawn = line_of(line, SMALL, color)
            block = under(
                block, drawn._replace(width=max(drawn.width, wide(TWO_TERMS, SMALL))), 4.0
            )
        return block

    def branches(self, wire: Wire) -> bool:
        """Whether each way out of a fork bears its own contribution."""
        few = len(wire.parts) <= MOST_BRANCHES and len(self.figure.links) <= MANY
        return self.values and wire.is_fork and wire.has_gradient and few

    def branch(self, link: Link) -> Block:
        color = self.theme.quiet if link.is_dead else self.theme.gradient
        block = self.quantity(link.gradient, color, link.shown, FINE)
        return block._replace(width=max(block.width, wide(NUMBER, FINE)))

    # ---- shapes

    def shape(self, gate: Gate, spread: float) -> Shape:
        """Large enough for its symbol, and for ports `spread` apart."""
        symbol = self.symbol(gate)
        if gate.opens:
            lines = [wide(symbol, 13), wide(gate.inside, SMALL)]
            half = max(lines) / 2 + 8, 20.0 if gate.inside else 16.0
            shape = Shape(max(half[0], RADIUS), half[1], 6.0, True, 13)
            reach = spread / 2 + 8
        else:
            size = symbol_size(symbol)
            half_width = RADIUS if size else wide(symbol, 11) / 2 + 8
            shape = Shape(half_width, RADIUS, RADIUS, False, size or 11)
            reach = spread / 2 + (0 if spread <= 2 * PORTS else 8)
        if self.across:
            shape.half_height = max(shape.half_height, reach)
        else:
            shape.half_width = max(shape.half_width, reach)
        return shape

    def symbol(self, gate: Gate) -> str:
        symbol = shortened(gate.symbol, 24)
        return f"{symbol} ×{gate.times}" if gate.times > 1 else symbol

    # ---- nodes

    def graph_of(self) -> tuple[Graph, list[Gate | Wire]]:
        figure = self.figure
        boxes = {id(box): index for index, box in enumerate(figure.boxes)}
        frames = []
        for box in figure.boxes:
            name = wide(shortened(box.name), FINE)
            room = (HEAD, name) if self.across else (name + 8, HEAD)
            frames.append(Frame(boxes[id(box.outer)] if box.outer else -1, *room))
        fed: dict[str, list[Wire]] = {}
        made = set()
        for gate, wire in figure.feeds:
            if wire.key not in made:
                fed.setdefault(gate.key, []).append(wire)
                made.add(wire.key)
        entering: dict[str, list[int]] = {}
        for index, link in enumerate(figure.links):
            entering.setdefault(link.target.key, []).append(index)
        nodes: list[Node] = []
        of_node: list[Gate | Wire] = []
        outs: dict[str, tuple[int, int]] = {}
        for wire in figure.wires:
            if wire.key not in made:
                outs[wire.key] = (len(nodes), 0)
                nodes.append(self.leaf(wire))
                of_node.append(wire)
        ins: dict[int, tuple[int, int]] = {}
        for gate in figure.gates:
            for slot, index in enumerate(entering.get(gate.key, [])):
                ins[index] = (len(nodes), slot)
            for number, wire in enumerate(fed.get(gate.key, [])):
                outs[wire.key] = (len(nodes), number)
            node = self.gate(gate, entering.get(gate.key, []), fed.get(gate.key, []))
            node.box = boxes[id(gate.box)] if gate.box else -1
            nodes.append(node)
            of_node.append(gate)
        edges = [Edge(*outs[link.source.key], *ins[i]) for i, link in enumerate(figure.links)]
        self.outs = outs
        return Graph(nodes, edges, frames), of_node

    def extents(self, label: WireLabel) -> tuple[float, float, float]:
        """How far a label reaches along its line, before it, and after it."""
        if self.across:
            least = 8.0 if self.values else 4.0
            high = max(label.above.height, label.called.height)
            return (label.room, max(high + RISE + 2, least) + self.room,
                    max(label.below.height + RISE + 3, least))  # fmt: skip
        long = max(label.above.height, label.below.height, 12.0) + 10
        over = label.above.width + (label.called.width and label.called.width + APART)
        return long, over + 2 * INDENT, label.below.width + 2 * INDENT

    def leaf(self, wire: Wire) -> Node:
        label = self.labels[wire.key]
        long, before, after = self.extents(label)
        lead = 0.0
        if label.name.width and self.across:
            lead, before, after = label.name.width + 5, max(before, 9.0), max(after, 9.0)
        elif label.name.width:
            lead = 18.0
            before, after = max(before, label.name.width / 2), max(after, label.name.width / 2)
        return Node(long + TAIL, before, after, lead)

    def gate(self, gate: Gate, links: list[int], wires: list[Wire]) -> Node:
        ins, lead, beyond = self.ports(links)
        outs, low, high, long = self.exits(wires)
        spread = max(ins[-1] - ins[0] if ins else 0.0, outs[-1] - outs[0] if outs else 0.0)
        shape = self.shapes[gate.key] = self.shape(gate, spread)
        thick = shape.half_width if self.across else shape.half_height
        half = shape.half_height if self.across else shape.half_width
        insets = [whole(shape.inset(at, along_x=self.across)) for at in ins]
        before, after = max(half, -low), max(half, high, beyond)
        if not self.across and ins and lead:
            before = max(before, -ins[0] + 2)
        size = 2 * thick + (long + STUB + TAIL if wires else 0.0)
        return Node(size, before, after, lead, ins, outs, insets, is_box=gate.count > 1)

    def ports(self, links: list[int]) -> tuple[list[float], float, float]:
        """The operands' offsets, how much room their labels take along, and how far they reach."""
        at, ports, lead, end = 0.0, [], 0.0, 0.0
        for index in links:
            block = self.branch_labels.get(index, EMPTY)
            ports.append(at)
            deep, long = (block.height + 5, block.width + 8) if self.across else (
                block.width + 8, block.height + 8)  # fmt: skip
            if block.width or block.height:
                lead, end = max(lead, long), at + deep
            else:
                deep = 0.0
            at += max(PORTS, deep + 2)
        middle = (ports[0] + ports[-1]) / 2 if ports else 0.0
        return [port - middle for port in ports], lead, end - middle

    def exits(self, wires: list[Wire]) -> tuple[list[float], float, float, float]:
        """The offsets of the wires that leave, how far their labels reach, and how long."""
        outs: list[float] = []
        at = low = high = long = 0.0
        for wire in wires:
            along, before, after = self.extents(self.labels[wire.key])
            at = at + before if outs else 0.0
            outs.append(at)
            low = min(low, at - before)
            high = max(high, at + after)
            long = max(long, along)
            at += after + 8
        middle = (outs[0] + outs[-1]) / 2 if outs else 0.0
        return [out - middle for out in outs], low - middle, high - middle, long
