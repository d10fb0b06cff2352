"""Everything that is decided about a scalar graph before memory is taken, for either backend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np

from autograd.program.scalars.contributions import Bucket, find_buckets
from autograd.program.scalars.edges import Edges, Factors
from autograd.program.scalars.groups import Chains, Group
from autograd.program.scalars.layout import Layout, Segment
from autograd.program.scalars.table import Table

__all__ = ["ScalarPlan", "describe_plan"]


class ScalarPlan:
    """What runs together and when, where values lie, and how gradients are added up.

    Parameters
    ----------
    alone : whether each narrow gate runs by itself, and not in a piece of Python code.

    Attributes
    ----------
    table, inputs, outputs, wanted : the graph, and some of its registers.
    layout, edges, factors : where values lie, what flows back, where local gradients lie.
    group_of : by row, the number of its group or segment.
    backward : the schedule of the backward pass: segments, and buckets of values of equal depth,
        whose gradients can be added up at the same time; the inputs come last.
    places : by register, where its gradient lies; 0, where there is a zero, if it has none.
    gradients : how many numbers the gradients are.
    """

    def __init__(
        self,
        table: Table,
        constants: Mapping[int, float],
        inputs: Sequence[int],
        outputs: Sequence[int],
        wanted: Sequence[int],
        alone: bool = False,
    ) -> None:
        self.table = table
        self.inputs, self.outputs, self.wanted = list(inputs), list(outputs), list(wanted)
        self.layout = Layout(table, Chains(table), constants, inputs)
        self.edges = edges = Edges(table, wanted, outputs)
        self.group_of = np.zeros(len(table.out) + len(outputs), np.intp)
        for number, unit in enumerate(self.layout.schedule):
            self.group_of[unit.rows] = number + 1
        runs = np.arange(len(table.out)) if alone else self.group_of
        self.factors = Factors(self.layout, edges, runs)
        places = np.zeros(table.registers + len(outputs), np.intp)
        places[table.registers :] = 1 + np.arange(len(outputs))
        self.gradients = 1 + len(outputs)
        self.backward: list[Segment | list[Bucket]] = []
        for stage in _stages(self.layout.schedule):
            if isinstance(stage, Segment):
                self._place(places, edges.own(table.out[stage.rows])[::-1])
                self.backward.append(stage)
            else:
                registers = [table.out[group.rows].ravel() for group in stage]
                self._accumulate(places, np.concatenate(registers))
        self._accumulate(places, np.array(wanted, np.intp))
        self.places = places[edges.shared]

    def _accumulate(self, places: np.ndarray, registers: np.ndarray) -> None:
        buckets = find_buckets(self.edges, self.edges.own(registers), self.group_of)
        self.backward.append(buckets)
        for bucket in buckets:
            self._place(places, bucket.registers)

    def _place(self, places: np.ndarray, registers: np.ndarray) -> None:
        places[registers] = np.arange(self.gradients, self.gradients + len(registers))
        self.gradients += len(registers)

    def scratch(self) -> list[np.ndarray]:
        """Space for what a action gathers from up to three places, and for a table."""
        groups = [unit for unit in self.layout.schedule if isinstance(unit, Group)]
        values = max((g.rows.size + g.rows.shape[1] for g in groups), default=0)
        buckets = [stage for stage in self.backward if not isinstance(stage, Segment)]
        tables = max((bucket.edges.size for stage in buckets for bucket in stage), default=0)
        return [np.empty(max(values, tables)) for _ in range(3)] + [np.empty(tables)]


def _stages(schedule: list[Group | Segment]) -> Iterator[Segment | list[Group]]:
    """The schedule from its end: segments, and groups of the same depth that follow each other."""
    for _, found in groupby(reversed(schedule), lambda unit: getattr(unit, "depth", unit)):
        members = list(found)
        if isinstance(members[0], Segment):
            yield members[0]
        else:
            yield [unit for unit in members if isinstance(unit, Group)]


def describe_plan(plan: ScalarPlan, calls: tuple[int, int], nbytes: int, alone: bool) -> str:
    """The schedule as text; `calls` are those that it takes forward and backward, and `alone` is
    what the plan was made with."""
    table, schedule = plan.layout.table, plan.layout.schedule
    segments = [unit for unit in schedule if isinstance(unit, Segment)]
    gates, narrow = len(table.out), sum(len(segment.rows) for segment in segments)
    pieces = "in loops" if alone else f"in {len(segments)} pieces of Python code"
    lines = [
        f"{gates:,} scalar gates: {gates - narrow:,} in {len(schedule) - len(segments)} groups, "
        f"{narrow:,} narrow {pieces}",
        f"{calls[0]:,} calls forward, {calls[1]:,} backward, {nbytes / 2**20:.1f} MiB",
    ]
    for unit in schedule:
        if isinstance(unit, Segment):
            lines.append(f"{len(unit.rows):>9,}  {'in a loop' if alone else 'in Python'}")
        else:
            name = table.gates[table.kind[unit.rows[0, 0]]].name
            links, width = unit.rows.shape
            chains = f", {width:,} chains of {links:,}" if links > 1 else ""
            lines.append(f"{unit.rows.size:>9,}  {name}{chains}")
    return "\n".join(lines)
