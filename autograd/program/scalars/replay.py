"""The program with NumPy alone: steps that compute all values, and steps for all gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autograd.program.scalars.chains import Chains
from autograd.program.scalars.edges import Edges
from autograd.program.scalars.factors import Factors
from autograd.program.scalars.groups import Group
from autograd.program.scalars.layout import Layout, Run
from autograd.program.scalars.narrow import NarrowBackward, NarrowForward
from autograd.program.scalars.pulls import Bucket, Puller, find_buckets
from autograd.program.scalars.table import Table
from autograd.program.scalars.views import Memory, Step
from autograd.program.scalars.wide import forward_steps, local_steps

__all__ = ["Plan", "Replay"]


class Plan:
    """Everything that is decided before memory is taken.

    Attributes
    ----------
    layout, edges, factors : where values lie, what flows back, where local gradients lie.
    group_of : by row, the number of its group or run.
    buckets : by unit of the schedule, the buckets of its values; under None those of the inputs.
    places : by slot, where its gradient lies; 0, where there is a zero, if it has none.
    gradients : how many numbers the gradients are.
    """

    def __init__(
        self,
        table: Table,
        constants: Mapping[int, float],
        inputs: Sequence[int],
        outputs: Sequence[int],
        wanted: Sequence[int],
    ) -> None:
        self.layout = Layout(table, Chains(table), constants, inputs)
        self.edges = edges = Edges(table, wanted, outputs)
        self.group_of = np.zeros(len(table.out) + len(outputs), np.intp)
        for number, unit in enumerate(self.layout.schedule):
            self.group_of[unit.rows] = number + 1
        self.factors = Factors(self.layout, edges, self.group_of)
        places = np.zeros(table.slots + len(outputs), np.intp)
        places[table.slots :] = 1 + np.arange(len(outputs))
        self.gradients = 1 + len(outputs)
        self.buckets: dict[Group | Run | None, list[Bucket]] = {}
        for unit in [*reversed(self.layout.schedule), None]:
            if isinstance(unit, Run):
                self._place(places, edges.own(table.out[unit.rows])[::-1])
                continue
            slots = np.array(wanted, np.intp) if unit is None else table.out[unit.rows].ravel()
            self.buckets[unit] = find_buckets(edges, edges.own(slots), self.group_of)
            for bucket in self.buckets[unit]:
                self._place(places, bucket.slots)
        self.places = places[edges.shared]

    def _place(self, places: np.ndarray, slots: np.ndarray) -> None:
        places[slots] = np.arange(self.gradients, self.gradients + len(slots))
        self.gradients += len(slots)

    def scratch(self) -> list[np.ndarray]:
        """Space for what a step gathers from up to three places, and for a table."""
        groups = [unit for unit in self.layout.schedule if isinstance(unit, Group)]
        values = max((g.rows.size + g.rows.shape[1] for g in groups), default=0)
        tables = max((b.edges.size for bs in self.buckets.values() for b in bs), default=0)
        return [np.empty(max(values, tables)) for _ in range(3)] + [np.empty(tables)]


class Replay:
    """The program with NumPy alone: steps that compute all values, and steps for all gradients.

    Attributes
    ----------
    values, gradients : memory, laid out by the plan; seeds go to the beginning of the gradients.
    calls : how many steps forward and backward take.
    nbytes : the memory that numbers take, scratch space included.
    """

    def __init__(self, plan: Plan) -> None:
        self.values = Memory(plan.factors.size, plan.layout.constants)
        self.gradients = Memory(plan.gradients)
        scratch = plan.scratch()
        self._forward = self._forward_steps(plan, scratch)
        self._backward = self._backward_steps(plan, scratch)
        self.calls = len(self._forward), len(self._backward)
        held = [self.values.data, self.gradients.data, *scratch]
        self.nbytes = sum(array.nbytes for array in held)

    def forward(self) -> None:
        """Compute all values from those of the inputs."""
        with np.errstate(all="ignore"):
            for step in self._forward:
                step()

    def backward(self) -> None:
        """Compute the gradients of the wanted inputs from the seeds and the values."""
        with np.errstate(all="ignore"):
            for step in self._backward:
                step()

    def _forward_steps(self, plan: Plan, scratch: list[np.ndarray]) -> list[Step]:
        steps: list[Step] = []
        for unit in plan.layout.schedule:
            if isinstance(unit, Run):
                steps.append(NarrowForward(plan.layout, unit, self.values))
            else:
                steps += forward_steps(plan.layout, unit, self.values, scratch)
        return steps

    def _backward_steps(self, plan: Plan, scratch: list[np.ndarray]) -> list[Step]:
        edges, factors, places = plan.edges, plan.factors, plan.places
        values, gradients = self.values, self.gradients
        steps: list[Step] = []
        for group, operand, start in factors.blocks:
            steps += local_steps(plan.layout, group, operand, start, values, scratch)
        puller = Puller(edges, plan.group_of, places, factors.position, gradients, values, scratch)
        for unit in [*reversed(plan.layout.schedule), None]:
            if isinstance(unit, Run):
                steps.append(
                    NarrowBackward(plan.layout, unit, values, edges, factors, places, gradients)
                )
            else:
                for bucket in plan.buckets[unit]:
                    steps += puller.steps(bucket)
        return steps
