"""Graphs of scalar nodes as programs: the list has a gate a line, and groups run at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd.program.backend import Request, find_backend
from autograd.program.instruction import Instruction, Recording, Ref, Value
from autograd.program.numbers import float_function
from autograd.program.program import Input, Program
from autograd.program.scalars.table import flattened
from autograd.program.threads import Threads
from autograd.tensor import Tensor

__all__ = ["ScalarGraphProgram"]

NUMBER = Value((), np.dtype(np.float64), (), weak=True)


class ScalarGraphProgram(Program):
    """A `Program` of gates on Python floats, which runs them in groups as array calls."""

    def __init__(self, nodes: Sequence[Tensor], **options: Any) -> None:
        self._flat = flat = flattened(nodes, nodes[-1:])  # the output is the newest
        self._scopes = [node.scope for node in nodes if node.gate is not None]
        inputs = [
            Input(register, leaf, leaf.name or "", (), leaf.dtype)
            for leaf, register in flat.leaves.items()
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
        inputs = tuple(given.register for given in self.inputs)
        values = [NUMBER] * self._flat.registers
        recording = Recording(
            values, inputs, self._flat.constants, tuple(instructions), tuple(self._flat.outputs)
        )
        return [("as recorded", recording)]

    @cached_property
    def _prepared(self) -> Any:
        factory: Any = find_backend(self._backend)
        return factory(self._flat, Request())

    @cached_property
    def _threads(self) -> Threads:
        return Threads(None)

    def _seed(self, gradient: Any) -> Any:
        return [1.0 if gradient is None else float(gradient)]

    @property
    def peak(self) -> int:
        return self._prepared.peak

    def __str__(self) -> str:
        return f"{super().__str__()}\n\n{self.source}"
