"""The program with NumPy alone: array calls, and Python code for what is narrow."""

from __future__ import annotations

import numpy as np

from autograd.program.scalars.layout import Run
from autograd.program.scalars.narrow import NarrowBackward, NarrowForward
from autograd.program.scalars.plan import Plan
from autograd.program.scalars.pulls import Puller
from autograd.program.scalars.views import Memory, Step
from autograd.program.scalars.wide import forward_steps, local_steps

__all__ = ["Replay"]


class Replay:
    """Steps that compute all values, and steps that compute all gradients.

    Attributes
    ----------
    values, gradients : memory, laid out by the plan; seeds go to the beginning of the gradients.
    calls : how many steps forward and backward take.
    nbytes : the memory that numbers take, scratch space included.
    alone : whether it takes narrow gates one by one, and not in pieces of Python code.
    """

    alone = False

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
        for stage in plan.backward:
            if isinstance(stage, Run):
                steps.append(
                    NarrowBackward(plan.layout, stage, values, edges, factors, places, gradients)
                )
            else:
                for bucket in stage:
                    steps += puller.steps(bucket)
        return steps
