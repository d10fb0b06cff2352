"""The program through Numba: the same plan, with loops for array calls and Python code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd.expression import literal
from autograd.families import CORE
from autograd.floats import Floats
from autograd.gates.registry import Gate
from autograd.program.scalars.layout import Segment
from autograd.program.scalars.loops import accumulator, interpreter
from autograd.program.scalars.plan import ScalarPlan
from autograd.program.scalars.table import Table
from autograd.program.scalars.views import Memory

__all__ = ["LoopReplay"]


class Commands:
    """A list of commands for an interpreter: gates of one kind whose results lie side by side."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.counts: list[int] = []
        self.writes: list[int] = []
        self.operands: list[list[np.ndarray]] = [[], [], []]

    def add(self, expression: str, write: int, operands: Sequence[np.ndarray]) -> None:
        """One command: what it computes, where its results go, where `a`, `b` and `out` lie."""
        self.kinds.append(expression)
        self.counts.append(len(operands[0]))
        self.writes.append(write)
        for column, places in zip(self.operands, operands, strict=True):
            column.append(places)

    def add_each(
        self, expressions: Iterable[str], writes: np.ndarray, operands: Sequence[np.ndarray]
    ) -> None:
        """A command for each of several gates."""
        self.kinds += expressions
        self.counts += [1] * len(writes)
        self.writes += writes.tolist()
        for column, places in zip(self.operands, operands, strict=True):
            column.append(places)

    def compile(self, purpose: str) -> tuple[Callable[..., None], list[np.ndarray]]:
        """The interpreter for these kinds of gates, and its arguments after the numbers."""
        expressions = _with_core(purpose, self.kinds)
        number = {text: i for i, text in enumerate(expressions)}
        kinds = [number[text] for text in self.kinds]
        reads = np.cumsum([0, *self.counts])[:-1]
        none = [np.empty(0, np.int32)]
        places = [np.concatenate(none + column) for column in self.operands]
        columns = [kinds, self.counts, reads, self.writes, *places]
        # Half as long as NumPy's indices are, they take half the time to read.
        return interpreter(purpose, expressions), [np.array(c, np.int32) for c in columns]


def _with_core(purpose: str, used: list[str]) -> tuple[str, ...]:
    """The expressions used, and those of all gates that are there from the start.

    So most programs run in the same interpreter, which is compiled once.
    """
    known = [
        [entry.floats.value] if purpose == "forward" else entry.floats.local
        for family in CORE
        for entry in vars(family).values()
        if isinstance(entry, Gate) and entry.floats
    ]
    core = {text for texts in known for text in texts if literal(text) is None}
    return (*sorted(core), *sorted(set(used) - core))


class LoopReplay:
    """Loops over a list of commands for the values, and over a list of edges for the gradients.

    Attributes: as those of `Replay`.
    """

    alone = True

    def __init__(self, plan: ScalarPlan) -> None:
        self.values = Memory(plan.factors.size, plan.layout.constants)
        self.gradients = Memory(plan.gradients)
        forward, local = _values(plan), _local_gradients(plan)
        self._forward, self._steps = forward.compile("forward")
        self._local, self._local_steps = local.compile("local")
        self._accumulate, self._edges = accumulator(), _sums(plan)
        self.calls = len(forward.kinds), len(local.kinds) + len(self._edges[0]) - 1
        lists = [*self._steps, *self._local_steps, *self._edges[:-1]]
        held = [self.values.data, self.gradients.data, *lists]
        self.nbytes = sum(array.nbytes for array in held)

    def forward(self) -> None:
        """Compute all values from those of the inputs."""
        self._forward(self.values.data, *self._steps)

    def backward(self) -> None:
        """Compute the gradients of the wanted inputs from the seeds and the values."""
        self._local(self.values.data, *self._local_steps)
        self._accumulate(self.gradients.data, self.values.data, *self._edges)


def _values(plan: ScalarPlan) -> Commands:
    layout, table = plan.layout, plan.table
    place = layout.position
    commands = Commands()
    for unit in layout.schedule:
        if isinstance(unit, Segment):
            values = [_floats(table, row).value for row in unit.rows]
            commands.add_each(values, place[table.out[unit.rows]], _operands(plan, unit.rows))
            continue
        first = place[layout.operands(unit)[0]]
        for rows in unit.rows:
            operands = _operands(plan, rows)
            if len(unit.rows) > 1:
                operands[:2] = first, place[layout.chains.term[rows]]
            first = place[table.out[rows]]
            commands.add(_floats(table, rows[0]).value, int(first[0]), operands)
    return commands


def _local_gradients(plan: ScalarPlan) -> Commands:
    commands = Commands()
    for group, operand, start in plan.factors.blocks:
        rows = group.rows[0]
        commands.add(_floats(plan.table, rows[0]).local[operand], start, _operands(plan, rows))
    for edges, start in plan.factors.exports.values():
        operands = _operands(plan, plan.edges.row[edges])
        commands.add_each(
            map(plan.edges.expression, edges), start + np.arange(len(edges)), operands
        )
    return commands


def _operands(plan: ScalarPlan, rows: np.ndarray) -> list[np.ndarray]:
    """Where `a`, `b` and `out` of rows of one kind lie; `a` again where there is no `b`."""
    table, place = plan.table, plan.layout.position
    second = np.where(table.second[rows] < 0, table.first[rows], table.second[rows])
    return [place[table.first[rows]], place[second], place[table.out[rows]]]


def _floats(table: Table, row: int) -> Floats:
    found = table.gates[table.kind[row]].floats
    assert found is not None
    return found


def _sums(plan: ScalarPlan) -> list[Any]:
    """Where each gradient's edges begin; of each edge where its two numbers lie, and whether a
    local gradient of 0 is a choice.
    """
    edges = plan.edges
    own = edges.own(np.arange(plan.table.registers))
    own = own[np.argsort(plan.places[own])]
    count = edges.start[own + 1] - edges.start[own]
    begin = np.cumsum(np.append(0, count))
    flat = np.repeat(edges.start[own] - begin[:-1], count) + np.arange(begin[-1])
    first = plan.places[own[0]] if len(own) else 0
    columns = (begin, plan.places[edges.target[flat]], plan.factors.position[flat])
    return [*(np.array(column, np.int32) for column in columns), edges.choice[flat], int(first)]
