"""From a recorded graph to a Figure."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor

from .arrays import plain
from .bundles import bundle
from .collapse import Unit, arrange
from .figure import Box, Figure, Gate, Gradient, Link, Wire
from .formulas import told_rule
from .mathematics import readable
from .opened import before_of, opened_from
from .subject import OpenedGraph, Subject
from .symbols import is_scalar_constant, symbol_of

OWN_LEAVES = 4  # A closed box that alone uses more leaves than this keeps them inside.


def figure_of(
    subject: Subject, expand: Any = None, *, backward: bool = True, before: Any = ...
) -> Figure:
    """The Figure of a graph, opened as `expand` says; a module keeps its parameters inside.

    `before` is what was open when the reader last saw it, by default a little less than `expand`.
    """
    return _built(subject, expand, backward, before).figure


def _built(subject: Subject, expand: Any, backward: bool, before: Any = ...) -> _Builder:
    expand = plain(expand)
    shown = subject.opened(expand, backward=backward)
    builder = _Builder(shown, subject.digits, subject.inputs, subject.outputs)
    figure = builder.figure
    figure.notes[:0] = [shown.note] if shown.note else []
    figure.trace, figure.numbers = shown.trace, subject.numbers
    if before is ...:
        before = before_of(expand, max((len(node.scopes) for node in builder.recorded), default=0))
    if before != expand:
        closed = _built(subject, before, backward)
        figure.before = opened_from(figure, builder.recorded, closed.figure, closed.recorded)
    return builder


class _Graph(NamedTuple):
    """A graph as it is drawn: without the `joins` by which several outputs are one."""

    nodes: list[Tensor]
    edges: list[ag.Edge]
    outputs: list[Tensor]
    joins: list[Tensor]

    @classmethod
    def of(cls, shown: OpenedGraph, names: tuple[str, ...]) -> _Graph:
        graph, output = shown.trace or ag.Graph(shown.output), shown.output
        if not names:
            return cls(graph.nodes, graph.edges, [output], [])
        joins = list(output.inputs)
        hidden = {id(output), *map(id, joins)}
        nodes = [node for node in graph.nodes if id(node) not in hidden]
        edges = [edge for edge in graph.edges if id(edge.target) not in hidden]
        return cls(nodes, edges, [join.inputs[0] for join in joins], joins)


class _Builder:
    """Walks the graph once; each unit (a gate, or a closed group of gates) becomes one Gate."""

    def __init__(self, shown: OpenedGraph, digits: int | None, inputs: Any, names: tuple[str, ...]):
        graph, trace = _Graph.of(shown, names), shown.trace
        self.trace, self.digits = trace, digits
        self.contribution = {
            (id(edge.target), edge.slot): edge.grad for edge in (trace.edges if trace else ())
        }
        self.steps = {id(step.node): step for step in (trace.steps if trace else ())}
        self.figure = Figure()
        self.wires: dict[int, Wire] = {}
        self.boxes: dict[int, Box] = {}
        self.recorded = [node for node in graph.nodes if not node.is_leaf]
        units, self.figure.notes = arrange(self.recorded, shown.opening)
        inside = {id(node): unit for unit in units for node in unit.gates}
        hidden = _hidden_leaves(graph, units, inputs)
        for node in graph.nodes:
            if node.is_leaf and id(node) not in hidden:
                self.add_wire(node)
        leaving = _leaving(graph, inside)
        gates = [self.add_gate(unit, leaving) for unit in units]
        if inputs is not None:
            for gate in gates:
                gate.weights = _weights(gate, hidden)
        for unit, gate in zip(units, gates, strict=True):
            self.add_links(unit, gate, inside)
        ends = [self.add_wire(output) for output in graph.outputs]
        self.figure.output = None if names else ends[0]
        if any(unit.is_group for unit in units):
            bundle(self.figure)
        self.gather_parts()
        called: dict[str, str] = {}
        for name, wire, join in zip(names, ends, graph.joins, strict=False):
            wire.name = ", ".join(dict.fromkeys(filter(None, (called.get(wire.key), name))))
            called[wire.key] = wire.name
            if wire.parts:  # It is read as well: what comes back to it has one more part.
                wire.parts.append(_known(self.contribution.get((id(join), 0))))

    def add_wire(self, node: Tensor) -> Wire:
        if id(node) not in self.wires:
            wire = Wire(f"w{len(self.figure.wires)}", node.name or "", node.data)
            wire.is_leaf, wire.gradient = node.is_leaf, self.gradient_of(node)
            wire.node = node
            self.figure.wires.append(wire)
            self.wires[id(node)] = wire
        return self.wires[id(node)]

    def gradient_of(self, node: Tensor) -> Any:
        if not node.requires_grad:
            return Gradient.NOT_WANTED
        if self.trace is None:
            return Gradient.NOT_COMPUTED
        return _known(self.trace.grad(node))

    def add_gate(self, unit: Unit, leaving: set[int]) -> Gate:
        gate = self.gate_of(unit)
        self.figure.gates.append(gate)
        for node in unit.gates:
            if id(node) in leaving:
                self.figure.feeds.append((gate, self.add_wire(node)))
        return gate

    def add_links(self, unit: Unit, gate: Gate, inside: dict[int, Unit]) -> None:
        """A link for every operand; a closed group has one for each wire that enters it."""
        entering: dict[str, Link] = {}
        for node in unit.gates:
            for slot, operand in enumerate(node.inputs):
                wire = self.entering_wire(operand, unit, inside)
                if wire is None:
                    continue
                given = _known(self.contribution.get((id(node), slot)))
                if unit.is_group and wire.key in entering:
                    link = entering[wire.key]
                    link.gradient = _summed(link.gradient, given)
                else:
                    link = entering[wire.key] = Link(wire, gate, given)
                    self.figure.links.append(link)
                    if not unit.is_group and id(node) in self.steps:
                        link.product = self.steps[id(node)].products[slot] or ""

    def entering_wire(self, operand: Any, unit: Unit, inside: dict[int, Unit]) -> Wire | None:
        if isinstance(operand, Tensor):
            return None if inside.get(id(operand)) is unit else self.wires.get(id(operand))
        if unit.is_group or not isinstance(operand, np.ndarray) or is_scalar_constant(operand):
            return None
        if id(operand) not in self.wires:
            wire = Wire(f"w{len(self.figure.wires)}", "", operand, Gradient.NOT_WANTED)
            self.figure.wires.append(wire)
            self.wires[id(operand)] = wire
        return self.wires[id(operand)]

    def gate_of(self, unit: Unit) -> Gate:
        key = f"g{len(self.figure.gates)}"
        if unit.is_group:
            gate = Gate(key, unit.label, unit.label, opens=True, count=len(unit.gates))
            gate.times = unit.times
        else:
            (node,) = unit.gates
            symbol = symbol_of(node, self.digits)
            gate = Gate(key, symbol, node.gate.name, rule=told_rule(node.gate))
            gate.opens = node.gate.expansion is not None
            if node.source is not None:
                gate.line = f"{node.source.filename}:{node.source.lineno}: {node.source.text}"
        gate.box, gate.nodes = self.box_of(unit.scopes), unit.gates
        return gate

    def box_of(self, scopes: tuple[Any, ...]) -> Box | None:
        """The innermost open box; each entry into a scope has its own."""
        box = None
        for scope in scopes:
            if id(scope) not in self.boxes:
                self.boxes[id(scope)] = Box(readable(scope.name), box)
                self.figure.boxes.append(self.boxes[id(scope)])
            box = self.boxes[id(scope)]
        return box

    def gather_parts(self) -> None:
        for link in self.figure.links:
            if link.source.gradient is Gradient.NOT_WANTED:
                link.gradient = Gradient.NOT_WANTED
            if not link.source.is_bundle:
                link.source.parts.append(link.gradient)


def _hidden_leaves(graph: Any, units: list[Unit], inputs: Any) -> set[int]:
    """Leaves that are a closed group's own affair, such as its weights.

    They are used in that group and nowhere else; of a group that repeats, in one repetition. A
    few are shown all the same, unless they are a module's, whose `inputs` alone are shown.
    """
    home: dict[int, tuple[int, int]] = {}
    for index, unit in enumerate(units):
        for turn, gates in enumerate(unit.repeats or [unit.gates]):
            home.update((id(node), (index, turn)) for node in gates)
    users: dict[int, set[tuple[int, int]]] = {}
    for edge in graph.edges:
        if edge.source.is_leaf:
            users.setdefault(id(edge.source), set()).add(home[id(edge.target)])
    given = {id(node) for node in inputs or ()}
    private: dict[int, set[int]] = {}
    for leaf, homes in users.items():
        index = next(iter(homes))[0]
        if len(homes) == 1 and units[index].is_group and leaf not in given:
            private.setdefault(index, set()).add(leaf)
    least = OWN_LEAVES if inputs is None else 0
    return {leaf for leaves in private.values() if len(leaves) > least for leaf in leaves}


def _weights(gate: Gate, hidden: set[int]) -> int:
    """How many numbers the hidden leaves of a closed module hold, all that are trained."""
    leaves = {
        id(operand): operand
        for node in gate.nodes
        for operand in node.inputs
        if isinstance(operand, Tensor) and id(operand) in hidden and operand.requires_grad
    }
    return sum(leaf.size for leaf in leaves.values())


def _leaving(graph: _Graph, inside: dict[int, Unit]) -> set[int]:
    """Nodes whose value goes on to another unit, and the outputs."""
    leaving = set(map(id, graph.outputs))
    for edge in graph.edges:
        home = inside.get(id(edge.source))
        if home is not None and home is not inside[id(edge.target)]:
            leaving.add(id(edge.source))
    return leaving


def _known(gradient: Any) -> Any:
    return Gradient.NOT_COMPUTED if gradient is None else gradient


def _summed(first: Any, second: Any) -> Any:
    if isinstance(first, Gradient):
        return second
    return first if isinstance(second, Gradient) else first + second
