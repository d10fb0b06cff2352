"""A whole scalar graph, ready to be run again and again."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.errors import DataError, GradientError, ShapeError
from autograd.program.scalars.replay import Plan, backward_plan, forward_plan
from autograd.program.scalars.table import Instruction, Table
from autograd.program.scalars.views import Memory

__all__ = ["ScalarProgram"]


class ScalarProgram:
    """Gates on Python floats, replayed as array calls where the graph is wide.

    Parameters
    ----------
    instructions : gates with expressions on floats, in topological order, older before newer.
    slots : how many slots there are, for inputs, constants and results.
    constants : slots to numbers.
    inputs, outputs : slots.
    wanted : the inputs whose gradients `backward` returns.
    """

    def __init__(
        self,
        instructions: Sequence[Instruction],
        slots: int,
        constants: Mapping[int, float],
        inputs: Sequence[int],
        outputs: Sequence[int],
        wanted: Sequence[int],
        backend: str = "numpy",
    ) -> None:
        table = Table(instructions, slots, constants, inputs, outputs)
        self.plan = plan = Plan(table, constants, inputs, outputs, wanted)
        self._values = Memory(plan.factors.size, plan.layout.constants)
        self._gradients = Memory(plan.gradients)
        scratch = plan.scratch()
        self._forward = forward_plan(plan, self._values, scratch)
        self._backward = backward_plan(plan, self._values, self._gradients, scratch)
        self._inputs = len(inputs)
        self._load = struct.Struct(f"{len(inputs)}d").pack_into
        self._outputs = plan.layout.position[list(outputs)]
        self._wanted = plan.places[list(wanted)]
        self._ran = False

    def forward(self, values: Sequence[float] | np.ndarray) -> list[float]:
        data = self._values.data
        if len(values) != self._inputs:
            raise ShapeError(f"expected {self._inputs} and received {len(values)}")
        self._ran = False
        if type(values) is np.ndarray:
            start = self.plan.layout.first_input
            data[start : start + self._inputs] = values
        else:
            self._load(data, 8 * self.plan.layout.first_input, *values)
        with np.errstate(all="ignore"):
            for step in self._forward:
                step()
        self._ran = True
        return data.take(self._outputs).tolist()

    def backward(self, seeds: Sequence[float] | np.ndarray) -> np.ndarray:
        if not self._ran:
            raise GradientError("backward() needs a forward() before it")
        data = self._gradients.data
        data[1 : 1 + len(self._outputs)] = seeds
        with np.errstate(all="ignore"):
            for step in self._backward:
                step()
        return data.take(self._wanted)

    @property
    def values(self) -> np.ndarray:
        position = self.plan.layout.position
        return np.where(position < 0, np.nan, self._values.data[position])
