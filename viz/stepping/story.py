"""A graph's derivation as a sequence of moments: the bare graph, gates forward, gates back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import MOST_WRITTEN, added, is_as_printed, number
from viz.figure import Figure, Gate, Gradient, Link, Shown, Wire
from viz.labels import chip
from viz.lines import counted, differentiated, fork, holds, passed
from viz.names import plain, shortened
from viz.wording import (
    Labels,
    in_brackets,
    in_words,
    label_gap,
    numbers_of,
    pattern_of,
    rule_of,
    symbols_of,
    with_labels,
    with_values,
)


@dataclass(frozen=True)
class Line:
    """One equation of a moment.

    `to` is the index of the label that receives, `symbols` the formula with gaps for labels (empty
    for a closed box), `numbers` the formula with the numbers put in, its result last. At a fork,
    `branch` says which of its gradients this is, and `sum` adds up what has come so far.
    """

    to: int
    symbols: str
    numbers: str
    branch: str = ""
    sum: str = ""
    is_total: bool = False


@dataclass(eq=False)
class Moment:
    """One step: which gate is passed, and what is known after it."""

    index: int
    phase: str  # "graph", "forward" or "backward"
    heading: str
    gate: Gate | None = None
    lines: list[Line] = field(default_factory=list)
    words: str = ""
    source: str = ""
    known_values: frozenset[str] = frozenset()
    known_gradients: frozenset[str] = frozenset()
    known_links: frozenset[int] = frozenset()


class Story:
    """The moments of a figure. `labels` are the texts of its wires; their indices fill the gaps."""

    def __init__(self, figure: Figure, digits: int | None = None):
        assert figure.output is not None
        self.figure, self.digits, self.trace = figure, digits, figure.trace
        output: Tensor = figure.output.node
        self.nodes = list(ag.Graph(output).nodes)
        self.names = Labels(self.nodes, output)
        self.wires = {id(w.node): i for i, w in enumerate(figure.wires) if w.node is not None}
        self.labels = self._all_labels()
        for wire, label in zip(figure.wires, self.labels, strict=True):
            wire.name = wire.name or label
        self.links_into: dict[str, list[int]] = {}
        for index, link in enumerate(figure.links):
            self.links_into.setdefault(link.target.key, []).append(index)
        self.wires_from: dict[str, list[Wire]] = {}
        for gate, wire in figure.feeds:
            self.wires_from.setdefault(gate.key, []).append(wire)
        self.index_of = {wire.key: i for i, wire in enumerate(figure.wires)}
        self.steps = {id(s.node): s for s in (self.trace.steps if self.trace else ())}

    def _all_labels(self) -> list[str]:
        """The names of nodes and constant arrays; many wires in one are h1, h2, ..."""
        constants = {id(array): text for text, array in self.names.constants}
        bundles = (f"h{i}" for i in count(1) if f"h{i}" not in self.names.taken)
        return [
            self.names[wire.node] if wire.node is not None
            else constants.get(id(wire.value)) or shortened(plain(wire.name)) or next(bundles)
            for wire in self.figure.wires
        ]  # fmt: skip

    @property
    def top_text(self) -> str:
        """What is differentiated: the output's label, or that of a loss beyond it."""
        assert self.figure.output is not None
        loss = differentiated(self.trace, self.figure.output.node, self.labels)
        return f"d{loss or label_gap(self.index_of[self.figure.output.key])}"

    @cached_property
    def backward_order(self) -> list[Gate]:
        """The gates as the backward pass goes through them; a closed box when it is through."""
        if self.trace is None:
            return []
        place = {id(step.node): i for i, step in enumerate(self.trace.steps)}
        passed = [g for g in self.figure.gates if any(id(node) in place for node in g.nodes)]
        return sorted(passed, key=lambda g: max(place.get(id(node), -1) for node in g.nodes))

    @cached_property
    def moments(self) -> list[Moment]:
        """All of them; the first is the bare graph."""
        gates, back = self.figure.gates, self.backward_order
        told = [Moment(0, "graph", "The graph", words=self._introduction())]
        given = [w.key for w in self.figure.wires if w.node is None or w.is_leaf]
        values = frozenset(given)
        for place, gate in enumerate(gates, 1):
            values |= {wire.key for wire in self.wires_from.get(gate.key, [])}
            heading = f"Forward {place} of {len(gates)}"
            told.append(
                Moment(len(told), "forward", heading, gate, self.forward_lines(gate),
                       self._forward_words(gate), gate.line, values)
            )  # fmt: skip
        links: frozenset[int] = frozenset()
        arrived: dict[str, list[Any]] = {}
        for place, gate in enumerate(back, 1):
            lines = self.backward_lines(gate, arrived)
            links |= set(self.links_into.get(gate.key, []))
            heading = f"Backward {place} of {len(back)}"
            told.append(
                Moment(len(told), "backward", heading, gate, lines, self._backward_words(gate),
                       gate.line, values, self._complete(links), links)
            )  # fmt: skip
        return told

    def _complete(self, links: frozenset[int]) -> frozenset[str]:
        """The wires whose gradients have all arrived, when these links are passed."""
        assert self.figure.output is not None
        waiting = {
            link.source.key for i, link in enumerate(self.figure.links)
            if i not in links and not isinstance(link.gradient, Gradient)
        }  # fmt: skip
        begun = {self.figure.links[i].source.key for i in links} | {self.figure.output.key}
        return frozenset(begun - waiting)

    # ---- what is said

    def forward_lines(self, gate: Gate) -> list[Line]:
        lines = []
        for wire in self.wires_from.get(gate.key, []):
            to = self.index_of[wire.key]
            if gate.count > 1:
                lines.append(Line(to, "", self.text(wire.value)))
                continue
            (node,) = gate.nodes
            lines.append(Line(to, self.symbols(node), self.forward_numbers(node)))
        return lines

    def symbols(self, node: Tensor) -> str:
        gaps = [
            label_gap(self.wires[id(o)]) if id(o) in self.wires else self._constant_label(o)
            for o in node.inputs
        ]
        return symbols_of(node, gaps, self.digits)

    def _constant_label(self, operand: Any) -> str:
        for index, wire in enumerate(self.figure.wires):
            if wire.node is None and wire.value is operand:
                return label_gap(index)
        return ""

    def forward_numbers(self, node: Tensor) -> str:
        scalars = [o.data if isinstance(o, Tensor) else o for o in node.inputs]
        if any(np.ndim(v) or not isinstance(v, int | float | np.number | np.ndarray)
               for v in (*scalars, node.data)):  # fmt: skip
            return self.text(node.data)
        numbers = [number(float(value), self.digits) for value in scalars]
        exact = holds(node, self.digits) and is_as_printed(node.data, self.digits)
        made = with_values(numbers_of(node, self.digits), numbers)
        return f"{made} {'=' if exact else '≈'} {self.text(node.data)}"

    def backward_lines(self, gate: Gate, arrived: dict[str, list[Any]]) -> list[Line]:
        """The lines of a gate on the way back; its contributions are added to `arrived`."""
        lines = []
        for link, slot in self.passed(gate):
            wire = link.source
            parts = arrived.setdefault(wire.key, [])
            parts.append(link.gradient)
            line = self._passed(gate, link, slot)
            branches = len(wire.parts)
            if branches > 1:
                line = replace(
                    line, branch=f"{len(parts)} of {branches}", sum=self._sum(wire, parts),
                    is_total=len(parts) == branches,
                )  # fmt: skip
            lines.append(line)
        return lines

    def passed(self, gate: Gate) -> list[tuple[Link, int]]:
        """A gate's links that bring a gradient back, and the operand's place (-1 of a box)."""
        links = [self.figure.links[i] for i in self.links_into.get(gate.key, [])]
        if gate.count > 1:
            slots = [-1] * len(links)
        else:
            drawn = [i for i, o in enumerate(gate.nodes[0].inputs) if self._is_drawn(o)]
            slots = drawn
        return [
            (link, slot)
            for link, slot in zip(links, slots, strict=True)
            if not isinstance(link.gradient, Gradient)
        ]

    def _is_drawn(self, operand: Any) -> bool:
        return id(operand) in self.wires or bool(self._constant_label(operand))

    def _passed(self, gate: Gate, link: Link, slot: int) -> Line:
        to, down = self.index_of[link.source.key], link.gradient
        if slot < 0:
            return Line(to, "", self.text(down))
        step = self.steps[id(gate.nodes[0])]
        made = passed(step, slot, self.digits)
        out = label_gap(self.wires[id(step.node)])
        if made.local is None:
            rule = made.rule
            symbols = rule if _has_upstream(rule) else f"{self.top_text}/d{out} → {rule}"
            return Line(to, symbols, self.text(down))
        symbols = f"{self.top_text}/d{out} × ∂{out}/∂{label_gap(to)}"
        up, factor, result = self.text(made.upstream), self.text(made.local), self.text(down)
        sign = "→ Σ =" if made.is_summed else made.sign
        return Line(to, symbols, f"{up} × {in_brackets(factor)} {sign} {result}")

    def _sum(self, wire: Wire, parts: list[Any]) -> str:
        if len(parts) == 1:
            return ""
        if np.ndim(wire.gradient):
            return f"{len(parts)} gradients added"
        total = wire.gradient if len(parts) == len(wire.parts) else sum(map(float, parts))
        made = fork(parts, total, self.digits)
        terms = added(list(made.parts), self.digits, limit=len(parts))
        return f"{terms} {made.sign} {number(made.total, self.digits)}"

    def _introduction(self) -> str:
        gates = self.figure.gate_count
        leaves = sum(node.is_leaf for node in self.nodes)
        words = f"{counted(gates, 'gate')} and {counted(leaves, 'input')}. "
        if self.trace is None:
            return words + "Values are computed from the inputs to the output."
        return words + (
            "Values are computed forward, from the inputs to the output; then gradients backward: "
            "downstream = upstream × local."
        )

    def _forward_words(self, gate: Gate) -> str:
        if gate.count > 1:
            return f"{counted(gate.count, 'gate')} in a closed box."
        return f"Its rule: {self._rule(gate)}."

    def _rule(self, gate: Gate) -> str:
        function, derivative = rule_of(gate.nodes[0], self.digits)
        return f"{function} → {derivative}" if derivative else function or gate.name

    def _backward_words(self, gate: Gate) -> str:
        if gate.count > 1:
            inside = f"{counted(gate.count, 'gate')} in a closed box"
            if not self.passed(gate):
                return f"The gradient ends in {inside}, at inputs of its own."
            return f"The gradient passes through {inside}."
        node, rule = gate.nodes[0], self._rule(gate)
        words = in_words(pattern_of(node), gate.symbol, node.gate.name, rule)
        if not _has_upstream(rule):
            return words
        return f"{words} g is {self.plain(f'{self.top_text}/d{label_gap(self.wires[id(node)])}')}."

    def text(self, content: Any) -> str:
        """A number, or an array: its numbers where they are few, else its shape."""
        values = np.asarray(content, dtype=float)
        if values.ndim == 0:
            return number(float(values), self.digits)
        if not 0 < values.size <= MOST_WRITTEN or values.ndim > 2:
            return f"array {chip(values.shape)}"
        if values.ndim == 1:
            return f"[{'  '.join(number(v, self.digits) for v in values)}]"
        return f"[{' '.join(self.text(row) for row in values)}]"

    # ---- in plain text

    def plain(self, template: str) -> str:
        """A template with the labels of this story."""
        return with_labels(template, lambda i: self.labels[i] if i < len(self.labels) else "")

    def equations(self, moment: Moment) -> list[str]:
        """The lines of a moment as text, a sum at a fork as a line of its own."""
        written = []
        for line in moment.lines:
            made = self.equation(moment, line)
            written.append(made.replace(" = ", ": ", 1) if line.branch else made)
            if line.sum:
                so_far = "" if line.is_total else " so far"
                total = self.plain(f"{self.top_text}/d{label_gap(line.to)}")
                written.append(f"{total}{so_far} = {line.sum}")
        return written

    def equation(self, moment: Moment, line: Line) -> str:
        """One line as text: what receives, the formula, the formula in numbers."""
        of = label_gap(line.to)
        target = of if moment.phase == "forward" else f"{self.top_text}/d{of}"
        if line.branch:
            target = f"to {of}, {line.branch}"
        parts = [target, line.symbols, line.numbers]
        return self.plain(" = ".join(part for part in parts if part))

    def spoken(self, moment: Moment) -> str:
        """A moment in one paragraph, as a screen reader is told it."""
        gate = f", {moment.gate.name}" if moment.gate else ""
        sentences = [f"{moment.heading}{gate}", *self.equations(moment), moment.words]
        return " ".join(f"{text.rstrip('.')}." for text in sentences if text)

    def figure_at(self, moment: Moment) -> Figure:
        """The figure as it stands at a moment: what is not known yet is held back."""
        shown = {True: Shown.FULLY, False: Shown.NOT_AT_ALL}
        later = Shown.NOT_AT_ALL if moment.phase == "graph" else Shown.HOLLOW
        wires = {
            wire.key: replace(
                wire,
                value_shown=shown[wire.key in moment.known_values],
                gradient_shown=Shown.FULLY if wire.key in moment.known_gradients else later,
            )
            for wire in self.figure.wires
        }
        gates = {g.key: replace(g, is_lit=g is moment.gate) for g in self.figure.gates}
        links = [
            replace(
                link, source=wires[link.source.key], target=gates[link.target.key],
                shown=Shown.FULLY if i in moment.known_links else later,
            )
            for i, link in enumerate(self.figure.links)
        ]  # fmt: skip
        output = self.figure.output
        return replace(
            self.figure, wires=list(wires.values()), gates=list(gates.values()), links=links,
            feeds=[(gates[gate.key], wires[wire.key]) for gate, wire in self.figure.feeds],
            output=wires[output.key] if output else None,
        )  # fmt: skip


def _has_upstream(rule: str) -> bool:
    """Whether a rule is written as a product with the upstream gradient g, such as g·Bᵀ."""
    return bool(re.search(r"(?<!\w)g(?!\w)", rule))
