"""Where each value lies in memory, and in which order everything runs.

The values of a group lie side by side, so that an array call writes them at once. Within a group
the order is free; it is sorted by the operand that the most gates share. So a layer's products lie
weight by weight, each over all rows of the batch: the weight is read once for a whole row of
numbers, and the numbers one after another.

Array calls and Python code take turns as seldom as can be: in each phase first the groups run, then
the narrow gates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autograd.expression import literal
from autograd.program.scalars.groups import Chains, Group, find_groups
from autograd.program.scalars.table import Table

__all__ = ["Layout", "Segment"]

LONGEST = 1024
"""Gates in one piece of Python code."""


class Segment:
    """Narrow gates that run one after another: `rows`, in the order of the instructions."""

    __slots__ = ("rows",)

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows


class Layout:
    """Positions and schedule.

    Attributes
    ----------
    constants : the numbers at the beginning of the memory, which never change: those of the
        program, and local gradients that are the same everywhere.
    literals : where among them each such expression, as "1.0", lies.
    position : by register, where its value lies; -1 where the register has none.
    schedule : the groups and segments, in the order in which they run.
    size : how many numbers there are.
    """

    def __init__(
        self,
        table: Table,
        chains: Chains,
        constants: Mapping[int, float],
        inputs: Sequence[int],
    ) -> None:
        self.table = table
        self.chains = chains
        expressions = {"1.0"} | {
            text for gate in table.gates if gate.floats for text in gate.floats.local
        }
        flat = sorted(text for text in expressions if literal(text) is not None)
        self.literals = {text: i for i, text in enumerate(flat)}
        self.constants = np.array([*map(literal, flat), *constants.values()], float)
        self.position = np.full(table.registers, -1)
        self.position[list(constants)] = np.arange(len(flat), len(self.constants))
        self.first_input = len(self.constants)
        self.size = self.first_input + len(inputs)
        self.position[list(inputs)] = np.arange(self.first_input, self.size)
        groups, narrow, depths = find_groups(table, chains, list(constants))
        self.schedule: list[Group | Segment] = []
        for stage, rows in _phases(table, chains, groups, narrow, depths):
            for group in stage:
                self._place_group(group)
            for start in range(0, len(rows), LONGEST):
                segment = Segment(rows[start : start + LONGEST])
                self.position[table.out[segment.rows]] = self._take(len(segment.rows))
                self.schedule.append(segment)

    def _take(self, count: int) -> np.ndarray:
        """The next `count` positions."""
        self.size += count
        return np.arange(self.size - count, self.size)

    def _place_group(self, group: Group) -> None:
        """Sort a group and give its results positions; a chain's first operand gets one too."""
        links, width = group.rows.shape
        keys = [self.position[registers] for registers in self.operands(group, ends=True)]
        keys = [key for key in keys if key.max() >= self.first_input]
        keys.sort(key=lambda key: len(np.unique(key)), reverse=True)
        if keys:
            group.rows = group.rows[:, np.lexsort(keys)]
        if links > 1:
            self._take(width)
        self.position[self.table.out[group.rows]] = self._take(links * width).reshape(links, width)
        self.schedule.append(group)

    def operands(self, group: Group, ends: bool = False) -> list[np.ndarray]:
        """The registers that a group reads: of each operand a row of them; of chains the start and
        then every link's term, or with `ends` those of the first and the last link.
        """
        rows = group.rows
        first, second = self.table.first[rows[0]], self.table.second[rows[0]]
        if len(rows) > 1:
            links = rows[[0, -1]] if ends else rows
            return [first, *self.chains.term[links]]
        return [first] if second[0] < 0 else [first, second]


def _phases(
    table: Table, chains: Chains, groups: list[Group], narrow: np.ndarray, depths: np.ndarray
) -> list[tuple[list[Group], np.ndarray]]:
    """Groups and narrow rows by phase, the earliest that each can run in."""
    if not groups:
        return [([], narrow)]
    # A group runs in the phase of its latest operand, or after it where that is narrow.
    phase = np.zeros(table.registers, np.intp)
    after = np.zeros(table.registers, np.intp)
    after[table.out[narrow]] = 1
    waiting = narrow[np.argsort(depths[narrow], kind="stable")]
    depth_of = depths[waiting].tolist()
    columns = (table.first[waiting], table.second[waiting], table.out[waiting])
    reads = np.stack(columns, axis=1).tolist()
    next_row = 0
    stages: list[list[Group]] = [[]]

    def settle(until: int) -> None:
        """Give the narrow rows that are less deep than `until` their phase."""
        nonlocal next_row
        while next_row < len(waiting) and depth_of[next_row] < until:
            first, second, out = reads[next_row]
            known = phase.item(first)
            phase[out] = known if second < 0 else max(known, phase.item(second))
            next_row += 1

    for group in groups:
        settle(group.depth)
        rows = group.rows
        registers = np.concatenate([table.first[rows[0]], chains.term[rows].ravel()])
        when = int((phase[registers] + after[registers]).max())
        phase[table.out[rows]] = when
        while len(stages) <= when:
            stages.append([])
        stages[when].append(group)
    settle(table.registers + 1)
    when_narrow = phase[table.out[narrow]]
    while len(narrow) and len(stages) <= when_narrow.max():
        stages.append([])
    return [(stage, narrow[when_narrow == i]) for i, stage in enumerate(stages)]
