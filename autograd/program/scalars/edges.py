"""What comes back to each value: upstream times local gradient over every edge, newest first.

The order of the additions is that of eager's backward pass: the readers of a value from the newest
to the oldest, the first operand of a gate before its second. A sum in floating point depends on
it.

Where a single reader passes its gradient on unchanged, as an addition does, nothing is computed:
both values share the gradient. The local gradient of an edge is often a number that is there
already: by an operand of a product it is the other operand, by the exponent of e the result. Only
what is an expression, as 1 − out², is computed, after the forward pass, for a group as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from autograd.expression import literal
from autograd.program.scalars.groups import Group
from autograd.program.scalars.layout import Layout, Segment
from autograd.program.scalars.table import Table

if TYPE_CHECKING:
    from autograd.protocols import AppliedGate

__all__ = ["COMPUTED", "Edges", "FIRST", "Factors", "LITERAL", "OUT", "SECOND"]

FIRST, SECOND, OUT, COMPUTED, LITERAL = range(5)
"""What a local gradient is: an operand, the result, an expression of them, or a number."""


class Edges:
    """The edges along which gradients flow, by the register that they flow to.

    Attributes
    ----------
    active : by register, whether it has a gradient: it depends on a wanted input, and an output on
        it.
    row, operand : of each edge, the gate that reads and as which operand; rows past the last
        stand for the seeds of the outputs.
    kind : of each edge, the number of that gate, past the last for seeds.
    target : of each edge, the register that the gradient comes from.
    start : by register, its first edge; they end where the next register's begin.
    form, unit : of each edge, which of the forms above its local gradient has; whether it is 1.
    choice : of each edge, whether nothing passes, not even an infinity, where that is 0.
    shared : by register, the register whose gradient it shares: mostly itself. Registers past the
        last stand for the seeds.
    """

    def __init__(self, table: Table, wanted: Sequence[int], outputs: Sequence[int]) -> None:
        self.table = table
        self.active = _active(table, wanted, outputs)
        gates, seeds = len(table.out), np.arange(len(outputs))
        kinds = np.append(table.kind, np.full(len(outputs), len(table.gates)))
        targets = np.append(table.out, table.registers + seeds)
        rows = np.flatnonzero(self.active[table.out])
        two = rows[table.second[rows] >= 0]
        row = np.concatenate([rows, two, gates + seeds])
        source = np.concatenate([table.first[rows], table.second[two], np.array(outputs, np.intp)])
        operand = np.repeat((0, 1, 0), (len(rows), len(two), len(outputs)))
        # Seeds are there before the pass begins, in the order of the outputs.
        age = np.where(row < gates, gates - row, row - gates - len(outputs))
        order = np.lexsort((operand, age, source))
        order = order[self.active[source[order]]]
        self.row, self.operand, source = row[order], operand[order], source[order]
        self.start = np.searchsorted(source, np.arange(table.registers + 1))
        self.target = targets[self.row]
        forms, units = _forms(table)
        self.kind = kinds[self.row]
        self.form = forms[self.kind, self.operand]
        self.unit = units[self.kind, self.operand]
        self.choice = np.array([*(gate.chooses for gate in table.gates), False])[self.kind]
        self.shared = np.arange(table.registers + len(outputs))
        alone = np.flatnonzero(np.diff(self.start) == 1)
        edge = self.start[alone]
        alone, edge = alone[self.unit[edge]], edge[self.unit[edge]]
        self.shared[alone] = self.target[edge]
        while (self.shared[self.shared] != self.shared).any():
            self.shared = self.shared[self.shared]

    def own(self, registers: np.ndarray) -> np.ndarray:
        """Those of the registers that have a gradient which they do not share."""
        return registers[self.active[registers] & (self.shared[registers] == registers)]

    def expression(self, edge: int) -> str:
        """The local gradient of an edge, as its gate writes it."""
        row = self.row[edge]
        if row >= len(self.table.out):
            return "1.0"
        return _local(self.table.gates[self.table.kind[row]])[self.operand[edge]]


def _active(table: Table, wanted: Sequence[int], outputs: Sequence[int]) -> np.ndarray:
    needs, reaches = [False] * table.registers, [False] * table.registers
    for register in wanted:
        needs[register] = True
    columns = list(
        zip(table.first.tolist(), table.second.tolist(), table.out.tolist(), strict=True)
    )
    for first, second, out in columns:
        needs[out] = needs[first] or (second >= 0 and needs[second])
    for register in outputs:
        reaches[register] = True
    for first, second, out in reversed(columns):
        if reaches[out]:
            reaches[first] = True
            if second >= 0:
                reaches[second] = True
    return np.array(needs, bool) & np.array(reaches, bool)


def _forms(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """By gate and operand, the form of the local gradient, and whether it is 1; seeds come last."""
    names = {"a": FIRST, "b": SECOND, "out": OUT}
    forms = np.full((len(table.gates) + 1, 2), LITERAL)
    units = np.ones(forms.shape, bool)
    for i, gate in enumerate(table.gates):
        for operand, text in enumerate(_local(gate)):
            number = literal(text)
            units[i, operand] = number == 1.0
            if number is None:
                forms[i, operand] = names.get(text, COMPUTED)
    return forms, units


def _local(gate: AppliedGate) -> tuple[str, ...]:
    assert gate.floats is not None
    return gate.floats.local


class Factors:
    """The positions of local gradients.

    Attributes
    ----------
    position : by edge; -1 where it is only needed inside a segment.
    blocks : what is computed for groups: the group, the operand, where the numbers begin.
    exports : by segment, the edges for which it computes the number for others, side by side, and
        where these begin.
    size : how many numbers the memory then holds.
    """

    def __init__(self, layout: Layout, edges: Edges, run_of: np.ndarray) -> None:
        table, position = layout.table, layout.position
        self.size = layout.size
        self.position = np.full(len(edges.row), -1)
        row = edges.row
        for form, column in ((FIRST, table.first), (SECOND, table.second), (OUT, table.out)):
            at = np.flatnonzero(edges.form == form)
            self.position[at] = position[column[row[at]]]
        at = np.flatnonzero(edges.form == LITERAL)
        if len(at):
            self.position[at] = self._literals(layout, edges)[edges.kind[at], edges.operand[at]]
        computed = np.flatnonzero(edges.form == COMPUTED)
        by_gate = np.full((len(table.out), 2), -1)
        by_gate[row[computed], edges.operand[computed]] = computed
        self.blocks: list[tuple[Group, int, int]] = []
        self.exports: dict[Segment, tuple[np.ndarray, int]] = {}
        for unit in layout.schedule:
            for operand in (0, 1):
                if isinstance(unit, Group):
                    found = by_gate[unit.rows.ravel(), operand]
                    here = found >= 0
                    if here.any():
                        self.position[found[here]] = self.size + np.flatnonzero(here)
                        self.blocks.append((unit, operand, self.size))
                        self.size += len(found)
            if isinstance(unit, Segment):
                found = by_gate[unit.rows].ravel()
                found = found[found >= 0]
                source = np.searchsorted(edges.start, found, side="right") - 1
                writer = table.writer[source]
                outside = run_of[writer] != run_of[row[found]]
                found = found[outside | (writer < 0)]
                self.position[found] = self.size + np.arange(len(found))
                self.exports[unit] = found, self.size
                self.size += len(found)

    @staticmethod
    def _literals(layout: Layout, edges: Edges) -> np.ndarray:
        where = np.zeros((len(layout.table.gates) + 1, 2), np.intp)
        where[-1] = layout.literals["1.0"]
        for i, gate in enumerate(layout.table.gates):
            for operand, text in enumerate(gate.floats.local if gate.floats else ()):
                where[i, operand] = layout.literals.get(text, 0)
        return where
