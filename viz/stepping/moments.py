"""A graph's derivation as a sequence of moments: the bare graph, gates forward, gates back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import MOST_WRITTEN, in_its_language, number, say
from viz.arrays import is_written
from viz.figure import Figure, Gate, Gradient, Shown, Wire
from viz.formulas import (
    NodeNames,
    label_gap,
    number_form,
    number_gap,
    rule_of,
    symbol_form,
    with_labels,
    with_values,
)
from viz.labels import chip
from viz.lines import differentiated, fork, gates_and_inputs, passed, sign_of_made
from viz.names import printable, shortened
from viz.sentences import has_upstream, words_of


@dataclass(frozen=True)
class Line:
    """One equation of a moment: ``lead symbols = numbers``.

    `to` is the index of the label that receives. `lead` is what is told, such as "⟦3⟧ = " or, at
    a fork, "to ⟦0⟧, 2 of 3: "; `symbols` is the formula, empty for a closed box. `numbers` is the
    formula with the numbers put in, its result last; `form` the same with gaps for them. On the way
    back `link` is the link's index, and a line that `is_sum` adds up what has come so far.
    """

    to: int
    lead: str
    symbols: str
    numbers: str
    form: str
    link: int | None = None
    is_sum: bool = False

    @property
    def words(self) -> str:
        """All that stands before the numbers."""
        return self.lead + (f"{self.symbols} = " if self.symbols else "")


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
        self.language = figure.language
        output: Tensor = figure.output.node
        self.nodes = list(ag.Graph(output).nodes)
        self.names = NodeNames(self.nodes, output)
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
        self.place = {id(node): i for i, node in enumerate(self.nodes)}
        self.steps = {id(s.node): s for s in (self.trace.steps if self.trace else ())}

    def _all_labels(self) -> list[str]:
        """The names of nodes and constant arrays; many wires in one are h1, h2, ..."""
        constants = {id(array): text for text, array in self.names.constants}
        bundles = (f"h{i}" for i in count(1) if f"h{i}" not in self.names.taken)
        return [
            self.names[wire.node] if wire.node is not None
            else constants.get(id(wire.value)) or shortened(printable(wire.name)) or next(bundles)
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
    @in_its_language
    def moments(self) -> list[Moment]:
        """All of them; the first is the bare graph."""
        gates, back = self.figure.gates, self.backward_order
        told = [Moment(0, "graph", say("The graph"), words=self._introduction())]
        given = [w.key for w in self.figure.wires if w.node is None or w.is_leaf]
        values = frozenset(given)
        for place, gate in enumerate(gates, 1):
            values |= {wire.key for wire in self.wires_from.get(gate.key, [])}
            heading = say("Forward {place} of {count}", place=place, count=len(gates))
            told.append(
                Moment(len(told), "forward", heading, gate, self.forward_lines(gate),
                       self._forward_words(gate), gate.line, values)
            )  # fmt: skip
        links: frozenset[int] = frozenset()
        arrived: dict[str, list[int]] = {}
        for place, gate in enumerate(back, 1):
            lines = self.backward_lines(gate, arrived)
            links |= set(self.links_into.get(gate.key, []))
            heading = say("Backward {place} of {count}", place=place, count=len(back))
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
            to, symbols = self.index_of[wire.key], ""
            sign = "="
            form = self.text(wire.value) if wire.node is None else self._gap("v", wire.node)
            if gate.count == 1:
                symbols = self.symbols(gate.nodes[0])
                form, sign = self._forward_form(gate.nodes[0], form)
            numbers = self._filled(form, sign)
            lines.append(Line(to, f"{label_gap(to)} = ", symbols, numbers, form))
        return lines

    def symbols(self, node: Tensor) -> str:
        gaps = [
            label_gap(self.wires[id(o)]) if id(o) in self.wires else self._constant_label(o)
            for o in node.inputs
        ]
        return symbol_form(node, gaps, self.digits)

    def _constant_label(self, operand: Any) -> str:
        for index, wire in enumerate(self.figure.wires):
            if wire.node is None and wire.value is operand:
                return label_gap(index)
        return ""

    def _forward_form(self, node: Tensor, result: str) -> tuple[str, str]:
        scalars = [o.data if isinstance(o, Tensor) else o for o in node.inputs]
        if any(np.ndim(v) or not isinstance(v, int | float | np.number | np.ndarray)
               for v in (*scalars, node.data)):  # fmt: skip
            return result, "="
        names = [f"v{self.place[id(o)]}" if isinstance(o, Tensor) else "" for o in node.inputs]
        made = number_form(node, names, self.digits)
        return f"{made} ≟ {result}", sign_of_made(node, self.digits)

    def backward_lines(self, gate: Gate, arrived: dict[str, list[int]]) -> list[Line]:
        """The lines of a gate on the way back; its links are added to those that `arrived`."""
        lines = []
        for index, slot in self.passed(gate):
            wire = self.figure.links[index].source
            links = arrived.setdefault(wire.key, [])
            links.append(index)
            lines.append(self._passed(gate, index, slot, len(links)))
            if len(links) > 1:
                lines.append(self._sum(wire, links))
        return lines

    def passed(self, gate: Gate) -> list[tuple[int, int]]:
        """A gate's links that bring a gradient back, and the operand's place (-1 of a box)."""
        links = self.links_into.get(gate.key, [])
        slots = [-1] * len(links)
        if gate.count == 1:
            slots = [i for i, o in enumerate(gate.nodes[0].inputs) if self.is_drawn(o)]
        return [
            (index, slot)
            for index, slot in zip(links, slots, strict=True)
            if not isinstance(self.figure.links[index].gradient, Gradient)
        ]

    def is_drawn(self, operand: Any) -> bool:
        """Whether a wire of the picture leads to an operand."""
        return id(operand) in self.wires or bool(self._constant_label(operand))

    def _passed(self, gate: Gate, index: int, slot: int, count: int) -> Line:
        """What a gate passes back along a link, the `count`-th gradient that its wire receives."""
        wire, down = self.figure.links[index].source, number_gap(f"c{index}")
        to, of_all = self.index_of[wire.key], len(wire.parts)
        lead = f"{self.gradient_of(to)} = "
        if of_all > 1:
            lead = say("to {name}, {number} of {count}:", name=label_gap(to), number=count,
                       count=of_all) + " "  # fmt: skip
        symbols, form, sign = "", down, "="
        if slot >= 0:
            node = gate.nodes[0]
            made = passed(self.steps[id(node)], slot, self.digits)
            out = self.wires[id(node)]
            if made.local is None:
                symbols, up = made.rule, self.gradient_of(out)
                symbols = symbols if has_upstream(symbols) else f"{up} → {symbols}"
            else:
                change = f"∂{label_gap(out)}/∂{label_gap(to)}"
                symbols, sign = f"{self.gradient_of(out)} × {change}", made.sign
                local = number_gap(f"d{self.place[id(node)]}.{slot}", "-")
                equals = "→ Σ =" if made.is_summed else "≟"
                form = f"{self._gap('a', node)} × {local} {equals} {down}"
        return Line(to, lead, symbols, self._filled(form, sign), form, index)

    def _sum(self, wire: Wire, links: list[int]) -> Line:
        """What has come back to a fork so far."""
        to, is_total = self.index_of[wire.key], len(links) == len(wire.parts)
        gradient = self.gradient_of(to)
        lead = f"{gradient if is_total else say('{gradient} so far', gradient=gradient)} = "
        if np.size(wire.gradient) > MOST_WRITTEN:
            form = numbers = say("{count} gradients added", count=len(links))
        else:
            parts = [self.figure.links[index].gradient for index in links]
            total = wire.gradient if is_total else sum(np.asarray(p, float) for p in parts)
            terms = [number_gap(f"c{index}", "-") for index in links]
            result = self._gap("a", wire.node) if is_total else number_gap("s")
            form = f"{' + '.join(terms)} ≟ {result}"
            numbers = self._filled(form, fork(parts, total, self.digits).sign, total)
        return Line(to, lead, "", numbers, form, links[-1], is_sum=True)

    def gradient_of(self, label: int) -> str:
        """How the gradient at a label is written, with gaps for labels."""
        return f"{self.top_text}/d{label_gap(label)}"

    def _gap(self, kind: str, node: Tensor) -> str:
        return number_gap(f"{kind}{self.place[id(node)]}")

    def _filled(self, form: str, sign: str, so_far: Any = None) -> str:
        """A form with the numbers of this graph."""
        return with_values(form, lambda name: self.text(self.content_at(name, so_far)), sign)

    def content_at(self, name: str, so_far: Any = None) -> Any:
        """What stands in the gap of a form: a number or an array."""
        place, slot, *_ = *map(int, re.findall(r"\d+", name)), 0, 0
        match name[0]:
            case "v":
                return self.nodes[place].data
            case "a":
                return self.trace.grad(self.nodes[place])
            case "d":
                return self.steps[id(self.nodes[place])].local[slot]
            case "c":
                return self.figure.links[place].gradient
        return so_far

    def _introduction(self) -> str:
        gates = self.figure.gate_count
        leaves = sum(node.is_leaf for node in self.nodes)
        made = gates_and_inputs(gates, leaves)
        words = say("{gates} and {inputs}.", gates=made[0], inputs=made[1])
        if self.trace is None:
            return f"{words} {say('Values are computed from the inputs to the output.')}"
        order = say(
            "Values are computed forward, from the inputs to the output; then gradients backward: "
            "downstream = upstream × local."
        )
        return f"{words} {order}"

    def _forward_words(self, gate: Gate) -> str:
        if gate.count > 1:
            return say("{count:,} gates in a closed box.", count=gate.count)
        return say("Its rule: {rule}.", rule=self._rule(gate))

    def _rule(self, gate: Gate) -> str:
        function, derivative = rule_of(gate.nodes[0], self.digits)
        return f"{function} → {derivative}" if derivative else function or gate.name

    def _backward_words(self, gate: Gate) -> str:
        if gate.count > 1:
            if not self.passed(gate):
                return say(
                    "The gradient ends in {count:,} gates in a closed box, at its own inputs.",
                    count=gate.count,
                )  # fmt: skip
            return say(
                "The gradient passes through {count:,} gates in a closed box.", count=gate.count
            )
        node = gate.nodes[0]
        gradient = self.labelled(self.gradient_of(self.wires[id(node)]))
        return words_of(node, gate.symbol, self._operand_label, gradient, self.digits)

    def _operand_label(self, operand: Any) -> str:
        known = self.wires.get(id(operand))
        return self.names.operand(operand, self.digits) if known is None else self.labels[known]

    def text(self, content: Any, write: Callable[..., str] = number) -> str:
        """A number, or an array: its numbers where they are few, else its shape."""
        values = np.asarray(content, dtype=float)
        if values.ndim == 0:
            return write(float(values), self.digits)
        if not is_written(values, self.figure.numbers):
            return say("array {shape}", shape=chip(values.shape))

        def listed(part: np.ndarray) -> str:
            if part.ndim == 1:
                return f"[{'  '.join(write(float(v), self.digits) for v in part)}]"
            return f"[{' '.join(map(listed, part))}]"

        return listed(values)

    # ---- in plain text

    def labelled(self, template: str) -> str:
        """A template with the labels of this story."""
        return with_labels(template, lambda i: self.labels[i] if i < len(self.labels) else "")

    def equations(self, moment: Moment) -> list[str]:
        """The lines of a moment as text."""
        return [self.labelled(line.words + line.numbers) for line in moment.lines]

    def figure_at(self, moment: Moment, instead: Shown = Shown.HOLLOW) -> Figure:
        """The figure as it stands at a moment: `instead` of what is not known yet is a mark."""
        shown = {True: Shown.FULLY, False: Shown.NOT_AT_ALL}
        later = Shown.NOT_AT_ALL if moment.phase == "graph" else instead
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
