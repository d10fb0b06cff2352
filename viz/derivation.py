"""`viz.table`: the whole derivation as text, in the four stages in which one does it by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import added, in_language, is_as_printed, number, phrase, say

from .blocks import Block, Cell, Heading, Line, Piece, Row, Span, Table, Words, text
from .collapse import MOST_GATES
from .columns import lines_of, painted, quantity, unpainted
from .formulas import NodeNames, definition, pattern_of, rule_of, with_numbers
from .lines import Passed, differentiated, fork, gates_and_inputs, is_one, passed, sign_of_made
from .markdown import markdown_of
from .subject import OpenedGraph, Subject, subject_of
from .symbols import symbol_of

LONGEST_RULE = 24
_STRETCHED = phrase("Σ: added up over the axes that broadcasting had stretched")
_LARGE = phrase("large arrays: their shape, then min / mean / max")


class Derivation(str):
    """Text of several lines, from blocks with a blank line between.

    `colored` is the same text in a terminal's colours, `markdown` the same blocks in Markdown. In
    a shell it shows as it prints, not in quotes; in a notebook as Markdown.
    """

    blocks: tuple[Block, ...]

    def __new__(cls, blocks: Iterable[Block]) -> Derivation:
        kept = tuple(blocks)
        self = super().__new__(cls, "\n".join(unpainted(line) for line in lines_of(kept)))
        self.blocks = kept
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.blocks,)

    @property
    def lines(self) -> list[Line]:
        """The lines of the text, in runs."""
        return lines_of(self.blocks)

    @property
    def markdown(self) -> str:
        """The derivation as Markdown's tables."""
        return markdown_of(self.blocks)

    @property
    def colored(self) -> str:
        """The text with escape codes: green values, red gradients, as in the pictures."""
        return "\n".join("".join(painted(run) for run in line).rstrip() for line in self.lines)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return str.__str__(self)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


@in_language
def table(
    target: Any,
    example: Any = None,
    *,
    backward: bool = True,
    gradient: Any = None,
    expand: Any = None,
    digits: int | None = None,
    numbers: str | int = "auto",
    language: str | None = None,
) -> Derivation:
    """The derivation of a graph as text: its gates, their rules, values, and gradients.

    The backward pass has a line for each gate and input: what came from above (upstream), the
    gate's own derivative (local), and what goes on (downstream). Where a value was used more than
    once, its contributions are written out as a sum. "≈" stands where the numbers as printed do
    not give the result as printed, or one of them looks whole and is not (0.99995 is printed 1);
    all are rounded from full precision. In a notebook, the stages are Markdown tables.

    Parameters
    ----------
    target : a Tensor, a Trace (what `ag.trace` returns), an nn.Module, or a model that
        `ag.from_torch` or `ag.from_onnx` read. `.grad` is left as it is.
    example : with a Module, an input for it, as for `draw`.
    backward : False leaves the fourth stage out.
    gradient : dL/d(output); needed where the output has more than one element.
    expand : composite gates to open, such as ``"sigmoid"``; several names; a depth; or ``"all"``,
        which also lists every gate of a graph of more than 150.
    digits : significant digits, 4 by default.
    numbers : which arrays are written out, as for `draw`; of others shape, min, mean and max.
    language : as for `draw`.

    Raises
    ------
    VizError (a ValueError) : `expand` or `digits` cannot be; UnsupportedTargetError (also a
        TypeError) : `target` is not a graph.

    >>> from autograd import Tensor
    >>> x, y, z = (Tensor(v, name=n) for v, n in [(1.0, "x"), (-2.0, "y"), (1.0, "z")])
    >>> print(table((x + y) * z))
    1  The graph: 2 gates, 3 inputs
    <BLANKLINE>
       q  =  x + y
       f  =  q × z
    <BLANKLINE>
    2  Each gate's function and derivative
    <BLANKLINE>
       +  a+b  →  1, 1    distributes
       ×  a·b  →  b, a    swaps
    <BLANKLINE>
    3  Forward: values
    <BLANKLINE>
       x               =   1
       y               =  −2
       z               =   1
       q  =  1 + (−2)  =  −1
       f  =  −1 × 1    =  −1
    <BLANKLINE>
    ...
    """
    subject = subject_of(
        "table", target, example, gradient=gradient, digits=digits, numbers=numbers
    )
    return derivation_of(subject, expand, backward=backward)


def derivation_of(subject: Subject, expand: Any, *, backward: bool = True) -> Derivation:
    """The derivation of a graph, opened as `expand` says."""
    with np.errstate(all="ignore"):  # What is not finite is marked in the text.
        shown = subject.opened(expand, backward=backward)
    stages = Stages(shown, subject, everything=expand == "all")
    return Derivation(stages.blocks(4 if backward else 3))


# ---- the four stages


class Stages:
    """Writes one graph's derivation; each stage is a few blocks."""

    def __init__(self, shown: OpenedGraph, subject: Subject, *, everything: bool):
        self.output, self.trace = output, trace = shown.output, shown.trace
        self.digits, self.numbers = subject.digits, subject.numbers
        self.most = None if everything else MOST_GATES
        nodes = list(ag.Graph(output).nodes)
        self.gates = [node for node in nodes if not node.is_leaf]
        self.leaves = [node for node in nodes if node.is_leaf]
        self.labels = NodeNames(nodes, output)
        self.notes: dict[str, None] = {}
        loss = differentiated(trace, output, self.labels.taken)
        self.top = f"d{loss or self.labels[output]}"

    def blocks(self, count: int = 4) -> list[Block]:
        """The first `count` stages, and the notes that they gave rise to."""
        gates, inputs = gates_and_inputs(len(self.gates), len(self.leaves))
        titled = [
            (say("The graph: {gates}, {inputs}", gates=gates, inputs=inputs), self.graph()),
            (say("Each gate's function and derivative"), self.rules()),
            (say("Forward: values"), self.forward()),
            (self.how_backward(), self.backward()),
        ]
        blocks: list[Block] = []
        for which, (title, stage) in enumerate(titled[:count], 1):
            blocks += [Heading(f"{which}  {title}"), *stage]
        notes = tuple([Piece(f"   {note}", "quiet")] for note in self.notes)
        return [*blocks, Words(notes)] if notes else blocks

    def graph(self) -> list[Block]:
        def row(node: Tensor) -> Row:
            made = definition(node, self.labels, self.digits)
            scope = text(say("in {scope}", scope=node.scope) if node.scope else "", "quiet")
            return [text(self.labels[node]), text("="), text(made), scope]

        titles = (say("name"), "", say("made by"), "")
        return self.table(row, self.gates, titles) or _said(say("no gate at all"))

    def rules(self) -> list[Block]:
        ordered: dict[tuple[str, tuple[str, str], str], None] = {}
        for node in self.gates:
            rule = rule_of(node, self.digits)
            ordered[symbol_of(node, self.digits), rule, pattern_of(node)] = None

        def row(entry: tuple[str, tuple[str, str], str]) -> Row:
            symbol, (function, derivative), pattern = entry
            arrow = text("→" if derivative else "", "quiet")
            rule = [text(symbol), text(function), arrow, text(derivative)]
            return [*rule, text(""), text(say(pattern), "quiet")]

        titles = (say("gate"), say("function"), "", say("derivative"), "", say("pattern"))
        return self.table(row, list(ordered), titles) or _said(say("none"))

    def forward(self) -> list[Block]:
        def row(entry: tuple[str, Any, Tensor | None]) -> Row:
            label, data, node = entry
            made, sign = "", "=" if is_as_printed(data, self.digits) else "≈"
            if node is not None:
                put_in = with_numbers(node, self.digits)
                made = put_in or definition(node, self.labels, self.digits)
                if put_in is not None:
                    sign = sign_of_made(node, self.digits)
            equals = text("=" if made else "")
            return [text(label), equals, text(made), text(sign), self.value(data)]

        given = [(label, array, None) for label, array in self.labels.constants]
        given += [(self.labels[leaf], leaf.data, None) for leaf in self.leaves]
        made = [(self.labels[node], node.data, node) for node in self.gates]
        titles = (say("name"), "", say("with its numbers"), "", say("value"))
        return self.table(row, [*given, *made], titles)

    def how_backward(self) -> str:
        if self.trace is not None:
            return say("Backward: downstream = upstream × local")
        if not self.output.requires_grad:
            return say("Backward: nothing in this graph wants a gradient")
        return say(
            "Backward: not computed, {name} has {count} elements", name=self.labels[self.output],
            count=self.output.size,
        )  # fmt: skip

    def backward(self) -> list[Block]:
        if self.trace is None:
            if not self.output.requires_grad:
                return _said(say("every input is a constant"))
            return _said(say("pass gradient= to say how much each of them counts"))
        entries: list[tuple[Any, int, list[Any]]] = []  # Step, slot (-1 for a fork), its parts.
        arrived: dict[int, list[Any]] = {}
        for step in self.trace.steps:
            parts = arrived.get(id(step.node), [])
            entries += [(step, -1, parts)] if len(parts) > 1 else []
            for slot, down in enumerate(step.downstream):
                if down is not None:
                    arrived.setdefault(id(step.inputs[slot]), []).append(down)
                    entries.append((step, slot, []))
        titles = (
            say("gate"), say("from → to"), say("upstream"), "", say("local"), "", say("downstream")
        )  # fmt: skip
        passed = self.table(self.passed, entries, titles, shows_titles=True)
        return [self.seed(), *passed, *self.gradients(arrived)]

    def seed(self) -> Block:
        label, seed = self.labels[self.output], self.trace.grad(self.output)
        if is_one(seed):
            start = say("It starts from {derivative}", derivative=f"d{label}/d{label} = 1")
            before, _, after = start.rpartition("1")
            return Words(([Piece(f"   {before}"), Piece("1", "gradient"), Piece(after)],))
        sign = "=" if is_as_printed(seed, self.digits) else "≈"
        start = say("It starts from {derivative}", derivative=f"{self.top}/d{label} {sign}")
        start = [text(start), self.gradient(seed)]
        return Table((start,))

    def passed(self, entry: tuple[Any, int, list[Any]]) -> Row:
        """One line of the backward pass: a gate and one of its inputs, or a fork's sum."""
        step, slot, parts = entry
        label = self.labels[step.node]
        if slot < 0:
            sums = Span(self.sum_of(parts, self.trace.grad(step.node)))
            return [text(say("fork")), text(say("into {name}", name=label)), sums]
        line = passed(step, slot, self.digits)
        is_first = all(earlier is None for earlier in step.downstream[:slot])
        upstream = self.gradient(line.upstream)
        return [
            text(symbol_of(step.node, self.digits) if is_first else ""),
            text(f"{label} → {self.labels[step.inputs[slot]]}"),
            upstream if is_first or upstream.number else text("″", "quiet"),
            *self.factors(line),
            self.gradient(line.downstream),
        ]

    def factors(self, line: Passed) -> list[Cell]:
        """The times sign, the local gradient, and the sign before the result."""
        if line.local is None:
            short = line.rule if len(line.rule) <= LONGEST_RULE else say("by its rule")
            return [text("", "quiet"), text(short), text(line.sign, "quiet")]
        if line.is_summed:
            self.notes[say(_STRETCHED)] = None
        sign = "Σ" if line.is_summed else line.sign
        return [text("×", "quiet"), self.value(line.local, ""), text(sign, "quiet")]

    def sum_of(self, parts: list[Any], total: Any) -> tuple[Piece, ...]:
        if np.ndim(total):
            return (Piece(say("its {count} gradients are added", count=len(parts)), "quiet"),)
        made = fork(parts, total, self.digits)
        sums = Piece(added(list(made.parts), self.digits), "gradient")
        return (sums, Piece(f"  {made.sign}  "), Piece(number(made.total, self.digits), "gradient"))

    def gradients(self, arrived: dict[int, list[Any]]) -> list[Block]:
        wanted = [leaf for leaf in self.leaves if leaf.requires_grad]
        forks = any(len(arrived.get(id(leaf), ())) > 1 for leaf in wanted)

        def row(leaf: Tensor) -> Row:
            parts, total = arrived.get(id(leaf), []), self.trace.grad(leaf)
            sign = "=" if is_as_printed(total, self.digits) else "≈"
            label = text(f"{self.top}/d{self.labels[leaf]}")
            if len(parts) > 1 and np.ndim(total) == 0:
                made = fork(parts, total, self.digits)
                sums = text(added(list(made.parts), self.digits), "gradient")
                cells = [text("=", "quiet"), sums, text(made.sign, "quiet")]
            elif len(parts) > 1:
                many = text(say("sum of {count}", count=len(parts)), "quiet")
                cells = [text("=", "quiet"), many, text(sign, "quiet")]
            else:
                cells = [text(sign, "quiet"), *([text(""), text("")] if forks else [])]
            return [label, *cells, self.gradient(total)]

        added_up = (say("the sum of its branches"), "") if forks else ()
        return self.table(row, wanted, (say("derivative"), "", *added_up, say("gradient")))

    def table(
        self,
        row: Callable[[Any], Row],
        entries: Sequence[Any],
        titles: tuple[str, ...],
        *,
        shows_titles: bool = False,
    ) -> list[Block]:
        """A table with a row for each entry; no table where there is none."""
        rows = self.rows(row, entries)
        return [Table(tuple(rows), titles, shows_titles)] if rows else []

    def value(self, content: Any, role: str = "value") -> Cell:
        cell = quantity(content, role, self.digits, self.numbers)
        if len(cell.lines) == 2 and "/" in cell.lines[1]:
            self.notes[say(_LARGE)] = None
        return cell

    def gradient(self, content: Any) -> Cell:
        return self.value(content, "gradient")

    def rows(self, row: Callable[[Any], Row], entries: Sequence[Any]) -> list[Row]:
        """A row for each entry, the middle of a very long list left out."""
        if self.most is None or len(entries) <= self.most:
            return [row(entry) for entry in entries]
        ends = self.most // 3
        self.notes[say('to see every line: expand="all"')] = None
        left = say("… {count:,} more …", count=len(entries) - 2 * ends)
        left_out = Span((Piece(left, "quiet"),))
        first, last = map(row, entries[:ends]), map(row, entries[-ends:])
        return [*first, [left_out], *last]


def _said(sentence: str) -> list[Block]:
    return [Words(([Piece(f"   {sentence}", "quiet")],))]
