"""Where the local gradient of each edge lies: often it is a number that is there already.

By an operand of a product it is the other operand, by the exponent of e the result. Only what is
an expression, as 1 − out², is computed, after the forward pass, for a group as a whole.
"""

from __future__ import annotations

import numpy as np

from autograd.program.scalars.edges import COMPUTED, FIRST, LITERAL, OUT, SECOND, Edges
from autograd.program.scalars.groups import Group
from autograd.program.scalars.layout import Layout, Segment

__all__ = ["Factors"]


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
