"""Graphs of scalar nodes as programs: the list has a gate a line, and groups run at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd.program.instruction import Instruction, Recording, Ref, Value
from autograd.program.numbers import float_function
from autograd.program.program import Input, Program
from autograd.program.scalars import ScalarProgram
from autograd.program.scalars.graphs import flattened
from autograd.program.threads import Threads
from autograd.tensor import Tensor

__all__ = ["ScalarGraphProgram", "is_wide"]

NUMBER = Value((), np.dtype(np.float64), (), weak=True)

WIDE = 64
"""Gates from which on groups of them are worth looking for."""


def is_wide(nodes: Sequence[Tensor]) -> bool:
    """Whether a graph is of scalar nodes alone, and large enough to run in groups."""
    return len(nodes) >= WIDE and all(
        type(node._value) is float and (node.gate is None or node.gate.floats is not None)
        for node in nodes
    )


class ScalarGraphProgram(Program):
    """A `Program` of gates on Python floats, which runs them in groups as array calls."""

    def __init__(self, nodes: Sequence[Tensor], **options: Any) -> None:
        self._flat = flat = flattened(nodes)
        self._scopes = [node.scope for node in nodes if node.gate is not None]
        self._output = len(nodes) - 1  # the newest
        inputs = [
            Input(slot, leaf, leaf.name or "", (), leaf.dtype) for leaf, slot in flat.leaves.items()
        ]
        wanted = [leaf for leaf in flat.leaves if leaf._wants]
        super().__init__(
            None, inputs, wanted=wanted, used=list(flat.leaves), title="graph", **options
        )

    @cached_property
    def stages(self) -> list[tuple[str, Recording]]:
        """The recording; no pass changes it, since gradients are added in the graph's order."""
        instructions = [
            Instruction(
                float_function(step.gate, 0),
                tuple(map(Ref, step.operands)),
                {},
                (step.output,),
                gate=step.gate.name,
                scope=scope,
                quiet=True,
            )
            for step, scope in zip(self._flat.applied, self._scopes, strict=True)
        ]
        inputs = tuple(given.slot for given in self.inputs)
        values = [NUMBER] * self._flat.slots
        recording = Recording(
            values, inputs, self._flat.constants, tuple(instructions), (self._output,)
        )
        return [("as recorded", recording)]

    @cached_property
    def _scalars(self) -> ScalarProgram:
        flat = self._flat
        return ScalarProgram(
            flat.applied,
            flat.slots,
            flat.constants,
            [given.slot for given in self.inputs],
            [self._output],
            [flat.leaves[leaf] for leaf in self._wanted],
            self._backend,
        )

    @cached_property
    def _written(self) -> Any:
        return _Groups(self._scalars)

    @cached_property
    def _threads(self) -> Threads:
        return Threads(None)

    def _seed(self, gradient: Any) -> Any:
        return 1.0 if gradient is None else float(gradient)

    @property
    def peak(self) -> int:
        return self._scalars.nbytes

    def __str__(self) -> str:
        return f"{super().__str__()}\n\n{self._scalars.describe()}"


class _Groups:
    """A scalar program in the form in which a `Program` runs: two functions."""

    def __init__(self, program: ScalarProgram) -> None:
        self._program = program
        self.source = program.describe()

    def forward(self, *given: float) -> tuple[tuple[float, ...], tuple[()]]:
        return tuple(self._program.forward(list(given))), ()

    def backward(self, seed: float, *given: float) -> list[float]:
        return self._program.backward([seed]).tolist()
