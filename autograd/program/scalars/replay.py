"""The program with NumPy alone: array calls, and Python code for what is narrow."""

from __future__ import annotations

import numpy as np

from autograd.program.scalars.contributions import Accumulator
from autograd.program.scalars.layout import Segment
from autograd.program.scalars.narrow import NarrowBackward, NarrowForward
from autograd.program.scalars.plan import ScalarPlan
from autograd.program.scalars.views import Action, Memory
from autograd.program.scalars.wide import forward_actions, local_actions
from autograd.quiet import Quiet

__all__ = ["Replay"]


class Replay:
    """Actions that compute all values, and actions that compute all gradients.

    Attributes
    ----------
    values, gradients : memory, laid out by the plan; seeds go to the beginning of the gradients.
    calls : how many actions forward and backward take.
    nbytes : the memory that numbers take, scratch space included.
    alone : whether it takes narrow gates one by one, and not in pieces of Python code.
    """

    alone = False

    def __init__(self, plan: ScalarPlan) -> None:
        self.values = Memory(plan.factors.size, plan.layout.constants)
        self.gradients = Memory(plan.gradients)
        scratch = plan.scratch()
        self._forward = self._forward_actions(plan, scratch)
        self._backward = self._backward_actions(plan, scratch)
        self.calls = len(self._forward), len(self._backward)
        held = [self.values.data, self.gradients.data, *scratch]
        self.nbytes = sum(array.nbytes for array in held)

    def forward(self) -> None:
        """Compute all values from those of the inputs."""
        with Quiet():
            for action in self._forward:
                action()

    def backward(self) -> None:
        """Compute the gradients of the wanted inputs from the seeds and the values."""
        with Quiet():
            for action in self._backward:
                action()

    def _forward_actions(self, plan: ScalarPlan, scratch: list[np.ndarray]) -> list[Action]:
        actions: list[Action] = []
        for unit in plan.layout.schedule:
            if isinstance(unit, Segment):
                actions.append(NarrowForward(plan.layout, unit, self.values))
            else:
                actions += forward_actions(plan.layout, unit, self.values, scratch)
        return actions

    def _backward_actions(self, plan: ScalarPlan, scratch: list[np.ndarray]) -> list[Action]:
        edges, factors, places = plan.edges, plan.factors, plan.places
        values, gradients = self.values, self.gradients
        actions: list[Action] = []
        for group, operand, start in factors.blocks:
            actions += local_actions(plan.layout, group, operand, start, values, scratch)
        accumulator = Accumulator(
            edges, plan.group_of, places, factors.position, gradients, values, scratch
        )
        for stage in plan.backward:
            if isinstance(stage, Segment):
                actions.append(
                    NarrowBackward(plan.layout, stage, values, edges, factors, places, gradients)
                )
            else:
                for bucket in stage:
                    actions += accumulator.actions(bucket)
        return actions
