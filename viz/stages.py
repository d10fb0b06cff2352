"""The four stages of a derivation as text: graph, rules, values forward, gradients backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.numerals import added, equals, number, printed

from .collapse import MOST_GATES
from .columns import Cell, Line, Row, Run, Span, columns, quantity, text
from .symbols import symbol_of
from .wording import Labels, definition, derivative_of, rule_of, with_numbers

LONGEST_RULE = 24
_STRETCHED = "Σ: added up over the axes that broadcasting had stretched"
_LARGE = "large arrays: their shape, then min / mean / max"


class Stages:
    """Writes one graph's derivation; each method returns the lines of one stage."""

    def __init__(self, output: Tensor, trace: Any, digits: int | None, *, everything: bool):
        self.output, self.trace, self.digits = output, trace, digits
        self.most = None if everything else MOST_GATES
        nodes = list(ag.Graph(output).nodes)
        self.gates = [node for node in nodes if not node.is_leaf]
        self.leaves = [node for node in nodes if node.is_leaf]
        self.labels = Labels(nodes, output)
        self.notes: dict[str, None] = {}
        self.top = f"d{self.labels[output]}"
        if trace is not None and not _is_one(trace.grad(output)):
            self.top = "dL" if "L" not in self.labels.taken else "d(loss)"

    def lines(self, count: int = 4) -> list[Line]:
        """The first `count` stages, and the notes that they gave rise to."""
        what = f"{_counted(len(self.gates), 'gate')}, {_counted(len(self.leaves), 'input')}"
        titled = [
            (f"The graph: {what}", self.graph()),
            ("Each gate's function and derivative", self.rules()),
            ("Forward: values", self.forward()),
            (f"Backward: {self.how_backward()}", self.backward()),
        ]
        lines: list[Line] = []
        for which, (title, stage) in enumerate(titled[:count], 1):
            lines += [[Run(f"{which}  {title}", "title")], [], *stage, []]
        for note in self.notes:
            lines.append([Run(f"   {note}", "quiet")])
        return lines if self.notes else lines[:-1]

    def graph(self) -> list[Line]:
        def row(node: Tensor) -> Row:
            made = definition(node, self.labels, self.digits)
            scope = text(f"in {node.scope}" if node.scope else "", "quiet")
            return [text(self.labels[node]), text("="), text(made), scope]

        return columns(self.rows(row, self.gates)) or [[Run("   no gate at all", "quiet")]]

    def rules(self) -> list[Line]:
        ordered: dict[tuple[str, tuple[str, str]], None] = {}
        for node in self.gates:
            ordered[symbol_of(node, self.digits), rule_of(node, self.digits)] = None

        def row(entry: tuple[str, tuple[str, str]]) -> Row:
            symbol, (function, derivative) = entry
            leads_to = [text("→", "quiet"), text(derivative)] if derivative else []
            return [text(symbol), text(function), *leads_to]

        return columns(self.rows(row, list(ordered))) or [[Run("   none", "quiet")]]

    def forward(self) -> list[Line]:
        def row(entry: tuple[str, Any, Tensor | None]) -> Row:
            label, data, node = entry
            made, sign = "", "="
            if node is not None:
                put_in = with_numbers(node, self.digits)
                made = put_in or definition(node, self.labels, self.digits)
                sign = "=" if put_in is None or _holds(node, self.digits) else "≈"
            equals = text("=" if made else "")
            return [text(label), equals, text(made), text(sign), self.value(data)]

        given = [(label, array, None) for label, array in self.labels.constants]
        given += [(self.labels[leaf], leaf.data, None) for leaf in self.leaves]
        made = [(self.labels[node], node.data, node) for node in self.gates]
        return columns(self.rows(row, [*given, *made]))

    def how_backward(self) -> str:
        if self.trace is not None:
            return "downstream = upstream × local"
        if not self.output.requires_grad:
            return "nothing in this graph wants a gradient"
        return f"not computed, {self.labels[self.output]} has {self.output.size} elements"

    def backward(self) -> list[Line]:
        if self.trace is None:
            if not self.output.requires_grad:
                return [[Run("   every input is a constant", "quiet")]]
            return [[Run("   pass gradient= to say how much each of them counts", "quiet")]]
        entries: list[tuple[Any, int, list[Any]]] = []  # Step, slot (-1 for a fork), its parts.
        arrived: dict[int, list[Any]] = {}
        for step in self.trace.steps:
            parts = arrived.get(id(step.node), [])
            entries += [(step, -1, parts)] if len(parts) > 1 else []
            for slot, down in enumerate(step.downstream):
                if down is not None:
                    arrived.setdefault(id(step.inputs[slot]), []).append(down)
                    entries.append((step, slot, []))
        header = ("gate", "from → to", "upstream", "", "local", "", "downstream")
        lines = columns(self.rows(self.passed, entries), header) if entries else []
        return [*self.seed(), *lines, *([[]] if lines else []), *self.gradients(arrived)]

    def seed(self) -> list[Line]:
        label, seed = self.labels[self.output], self.trace.grad(self.output)
        if _is_one(seed):
            return [[Run(f"   It starts from d{label}/d{label} = "), Run("1", "gradient")], []]
        start = [text("It starts from"), text(f"{self.top}/d{label} ="), self.gradient(seed)]
        return [*columns([start]), []]

    def passed(self, entry: tuple[Any, int, list[Any]]) -> Row:
        """One line of the backward pass: a gate and one of its inputs, or a fork's sum."""
        step, slot, parts = entry
        label = self.labels[step.node]
        if slot < 0:
            sums = Span(self.sum_of(parts, self.trace.grad(step.node)))
            return [text("fork"), text(f"into {label}"), sums]
        down = step.downstream[slot]
        is_first = all(earlier is None for earlier in step.downstream[:slot])
        upstream = self.gradient(step.upstream)
        return [
            text(symbol_of(step.node, self.digits) if is_first else ""),
            text(f"{label} → {self.labels[step.inputs[slot]]}"),
            upstream if is_first or upstream.number else text("″", "quiet"),
            *self.factors(step, slot, step.local[slot], down),
            self.gradient(down),
        ]

    def factors(self, step: Any, slot: int, local: Any, down: Any) -> list[Cell]:
        """The times sign, the local gradient, and the sign before the result."""
        if local is None:
            rule = derivative_of(step.node, slot)
            short = rule if len(rule) <= LONGEST_RULE else "by its rule"
            return [text("", "quiet"), text(short), text("=", "quiet")]
        sign = "="
        if np.shape(down) != np.shape(step.upstream):
            sign = "Σ"
            self.notes[_STRETCHED] = None
        elif np.ndim(down) == 0:
            sign = self.sign(step.upstream, local, down)
        return [text("×", "quiet"), self.value(local, ""), text(sign, "quiet")]

    def sign(self, upstream: Any, local: Any, down: Any) -> str:
        factors = printed(upstream, self.digits) * printed(local, self.digits)
        return equals(factors, float(down), self.digits)

    def sum_of(self, parts: list[Any], total: Any) -> tuple[Run, ...]:
        if np.ndim(total):
            return (Run(f"its {len(parts)} gradients are added", "quiet"),)
        sign = _sign_of_sum(parts, total, self.digits)
        sums = Run(added([float(part) for part in parts], self.digits), "gradient")
        return (sums, Run(f"  {sign}  "), Run(number(float(total), self.digits), "gradient"))

    def gradients(self, arrived: dict[int, list[Any]]) -> list[Line]:
        wanted = [leaf for leaf in self.leaves if leaf.requires_grad]
        forks = any(len(arrived.get(id(leaf), ())) > 1 for leaf in wanted)

        def row(leaf: Tensor) -> Row:
            parts, total = arrived.get(id(leaf), []), self.trace.grad(leaf)
            cells = [text(f"{self.top}/d{self.labels[leaf]}"), text("=", "quiet")]
            if len(parts) > 1 and np.ndim(total) == 0:
                sums = added([float(part) for part in parts], self.digits)
                sign = _sign_of_sum(parts, total, self.digits)
                cells += [text(sums, "gradient"), text(sign, "quiet")]
            elif len(parts) > 1:
                cells += [text(f"sum of {len(parts)}", "quiet"), text("=", "quiet")]
            elif forks:
                cells += [text(""), text("")]
            return [*cells, self.gradient(total)]

        return columns(self.rows(row, wanted))

    def value(self, content: Any, role: str = "value") -> Cell:
        cell = quantity(content, role, self.digits)
        if len(cell.lines) == 2 and "/" in cell.lines[1]:
            self.notes[_LARGE] = None
        return cell

    def gradient(self, content: Any) -> Cell:
        return self.value(content, "gradient")

    def rows(self, row: Callable[[Any], Row], entries: Sequence[Any]) -> list[Row]:
        """A row for each entry, the middle of a very long list left out."""
        if self.most is None or len(entries) <= self.most:
            return [row(entry) for entry in entries]
        ends = self.most // 3
        self.notes['to see every line: expand="all"'] = None
        left_out = Span((Run(f"… {len(entries) - 2 * ends:,} more …", "quiet"),))
        first, last = map(row, entries[:ends]), map(row, entries[-ends:])
        return [*first, [left_out], *last]


def _holds(node: Tensor, digits: int | None) -> bool:
    """Whether the operands as printed give the result as printed."""
    values = [operand.data if isinstance(operand, Tensor) else operand for operand in node.inputs]
    seen = [np.float64(printed(float(value), digits)) for value in values]
    try:
        with np.errstate(all="ignore"):
            again = float(node.gate.forward(*seen, **node.settings))
    except (TypeError, ValueError, ArithmeticError):
        return True
    return equals(again, float(node.data), digits) == "="


def _sign_of_sum(parts: list[Any], total: Any, digits: int | None) -> str:
    return equals(sum(printed(part, digits) for part in parts), float(total), digits)


def _is_one(seed: Any) -> bool:
    return np.ndim(seed) == 0 and float(seed) == 1.0


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
