"""A whole scalar graph, ready to be run again and again."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import DataError, GradientError, ShapeError
from autograd.program.scalars.plan import ScalarPlan, describe_plan
from autograd.program.scalars.replay import Replay
from autograd.program.scalars.table import Flat, Instruction, Table

if TYPE_CHECKING:
    from autograd.program.scalars.loop_replay import LoopReplay

__all__ = ["ScalarProgram"]


class ScalarProgram:
    """Gates on Python floats, replayed as array calls where the graph is wide.

    Values and gradients are those of scalar nodes: gates that IEEE 754 defines, and all sums, to
    the last bit; other functions to 4 ulp of the same operands. Nothing raises or warns where
    arithmetic has an infinity or a nan.

    Parameters
    ----------
    instructions : gates with expressions on floats, older before newer, operands first.
    registers : how many registers there are, for inputs, constants and results; each is written
        once.
    constants : numbers by register.
    inputs, outputs : registers.
    wanted : the inputs whose gradients `backward` returns.
    replay : runs the plan: `Replay` by array calls, `LoopReplay` by loops that Numba compiles,
        `XlaReplay` by JAX.

    Raises
    ------
    CompileError (a TypeError): a gate has no expressions on floats.
    DataError (a TypeError): a gate reads what was not written before it, or does not take so many
        operands; a register is wanted that is no input.
    DependencyError (an ImportError): Numba is asked for and not installed.

    Examples
    --------
    >>> import autograd as ag
    >>> from autograd.program.scalars import ScalarProgram, flattened
    >>> x, y = ag.Tensor(3.0), ag.Tensor(-4.0)
    >>> f = x * y + x
    >>> program = ScalarProgram.of(flattened(ag.Graph(f).nodes, [f]))
    >>> program.forward([3.0, -4.0]), program.backward([1.0])
    ([-9.0], array([-3.,  3.]))
    >>> program.forward([2.0, 0.5]), program.backward([1.0])
    ([3.0], array([1.5, 2. ]))
    """

    def __init__(
        self,
        instructions: Sequence[Instruction],
        registers: int,
        constants: Mapping[int, float],
        inputs: Sequence[int],
        outputs: Sequence[int],
        wanted: Sequence[int],
        replay: type[Replay | LoopReplay] = Replay,
    ) -> None:
        table = Table(instructions, registers, constants, inputs, outputs)
        strangers = set(wanted) - set(inputs)
        if strangers:
            raise DataError(f"wanted holds register {min(strangers)}, which is no input")
        self._plan = ScalarPlan(table, constants, inputs, outputs, wanted, replay.alone)
        self._replay = replay(self._plan)
        self._inputs, self._outputs = len(inputs), len(outputs)
        self._pack = struct.Struct(f"{len(inputs)}d").pack
        first = self._plan.layout.first_input
        self._input = self._replay.values.data[first : first + len(inputs)]
        self._bytes = self._input.data.cast("B")
        self._seed = self._replay.gradients.data[1 : 1 + len(outputs)]
        self._output_places = self._plan.layout.position[list(outputs)]
        self._wanted_places = self._plan.places[list(wanted)]
        self._ran = False

    def forward(self, values: Sequence[float] | np.ndarray) -> list[float]:
        """The outputs, from a number for each input.

        Raises `ShapeError` (a ValueError) or `DataError` (a TypeError) where that is not what it
        is given; the run before then still counts.
        """
        if len(values) != self._inputs:
            raise ShapeError(
                f"the program has {self._inputs} inputs and received {len(values)} values"
            )
        if type(values) is list:
            try:  # a fifth of the time that NumPy takes to make an array
                self._bytes[:] = self._pack(*values)
            except struct.error:
                raise DataError(f"expected numbers and received {values!r:.60}") from None
        else:
            self._input[:] = _numbers(values)
        self._ran = False
        self._replay.forward()
        self._ran = True
        return self._replay.values.data.take(self._output_places).tolist()

    def backward(self, seeds: Sequence[float] | np.ndarray) -> np.ndarray:
        """The gradients of the wanted inputs at the last run, from one of each output.

        Raises
        ------
        GradientError (a RuntimeError): there was no run yet.
        ShapeError (a ValueError), DataError (a TypeError): not a number for each output.
        """
        if not self._ran:
            raise GradientError("backward() differentiates the last run: call forward() before it")
        if len(seeds) != self._outputs:
            raise ShapeError(
                f"the program has {self._outputs} outputs and received {len(seeds)} seeds"
            )
        self._seed[:] = _numbers(seeds)
        self._replay.backward()
        # Eager adds to 0.0, which makes a zero of -0.0. On the way, the sign of a zero that is
        # multiplied or added on decides about nothing but the sign of a zero.
        return self._replay.gradients.data.take(self._wanted_places) + 0.0

    @classmethod
    def of(cls, flat: Flat, replay: type[Replay | LoopReplay] = Replay) -> ScalarProgram:
        """The program of a graph's scalar nodes, whose leaves are its inputs."""
        return cls(
            flat.applied,
            flat.registers,
            flat.constants,
            list(flat.leaves.values()),
            flat.outputs,
            flat.wanted,
            replay,
        )

    @property
    def values(self) -> np.ndarray:
        """What the last run computed, by register; nan where a register has no value."""
        position = self._plan.layout.position
        return np.where(position < 0, np.nan, self._replay.values.data[position])

    @property
    def nbytes(self) -> int:
        """The memory that numbers take, scratch space included."""
        return self._replay.nbytes

    def describe(self) -> str:
        """What runs together, in words: groups, chains, what is left to Python, memory.

        >>> import autograd as ag
        >>> from autograd.program.scalars import ScalarProgram, flattened
        >>> f = sum(leaf * leaf for leaf in map(ag.Tensor, np.arange(100.0).tolist())).exp()
        >>> print(ScalarProgram.of(flattened(ag.Graph(f).nodes, [f])).describe())
        201 scalar gates: 200 in 2 groups, 1 narrow in 1 pieces of Python code
        4 calls forward, 5 backward, 0.0 MiB
              100  multiply
              100  add, 1 chains of 100
                1  in Python
        """
        replay = self._replay
        return describe_plan(self._plan, replay.calls, replay.nbytes, replay.alone)


def _numbers(values: Any) -> np.ndarray:
    try:
        return np.array(values, float, ndmin=1)
    except (TypeError, ValueError):
        raise DataError(f"expected numbers and received {values!r:.60}") from None
