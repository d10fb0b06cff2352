"""The back ends of graphs of single numbers: gates in groups, by array calls or Numba's loops."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd.errors import CompileError
from autograd.program.instruction import Plan
from autograd.program.scalars.replay import Replay
from autograd.program.scalars.scalar_program import ScalarProgram
from autograd.program.scalars.table import Flat

__all__ = ["Grouped", "Looped"]


class Grouped:
    """What runs a graph of scalar nodes, given as `Flat`, which has no second half.

    `backward` takes the gradients of all results, as a list.

    Raises CompileError (a TypeError) for a recording: it has other instructions.
    """

    scalars: ClassVar[str] = "wide"

    def __init__(self, graph: Any, request: Any) -> None:
        if type(graph) is not Flat:
            raise CompileError(
                f'backend="{self.scalars}" runs graphs of Python floats, recorded as such: write '
                "ag.compile(loss) of a Tensor that is one, or choose another back end"
            )
        self._program = ScalarProgram.of(graph, self.replay())
        self.source = self._program.describe()
        self.peak = self._program.nbytes
        self.plan = Plan()  # what Python floats are computed to needs no buffers

    def replay(self) -> Any:
        return Replay

    def forward(self, *given: float) -> tuple[tuple[float, ...], tuple[()]]:
        return tuple(self._program.forward(list(given))), ()

    def backward(self, seeds: list[float], *given: float) -> list[float]:
        return self._program.backward(seeds).tolist()


class Looped(Grouped):
    """The same in loops that Numba compiles."""

    scalars: ClassVar[str] = "wide_numba"

    @staticmethod
    def check() -> None:
        from autograd.program.scalars.loops import load_numba

        load_numba()

    def replay(self) -> Any:
        from autograd.program.scalars.loop_replay import LoopReplay

        return LoopReplay
