"""Going over a recording with another engine's arrays in place of NumPy's.

Constants stay NumPy's arrays, so that axes, shapes and keys are known while the engine traces; what
depends on constants alone is computed by NumPy. After each call the result has the recorded shape,
and is brought to the recorded dtype: engines promote in ways of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from autograd.effects import Draw
from autograd.errors import CompileError
from autograd.program.backend import evaluate, not_of_shape
from autograd.program.instruction import Instruction, Recording, Value, with_registers
from autograd.program.loop_step import recorded
from autograd.program.opaque import Opaque

__all__ = ["UNREAD", "Check", "Engine", "Halves", "expect_lowerings", "in_gates", "walk"]

UNREAD = object()
"""Stands for a result that no engine computes."""

NOTHING = np.zeros(0)
"""What stands in its register."""


class Check(NamedTuple):
    """A look at numbers, which no engine's program can take: done on what it returns.

    Attributes: `function`, of NumPy's arrays, which raises or warns; `values`, its arguments, some
    of them the engine's arrays; `holds`, which tells of those whether it will not raise, if known.
    """

    function: Callable[..., None]
    values: tuple[Any, ...]
    holds: Callable[..., Any] | None = None


class Engine(Protocol):
    """What stands for NumPy.

    Attributes
    ----------
    asked : what the user wrote, such as ``backend="jax"``.
    otherwise : what to do about what it cannot.
    checks : what is to be looked at after a run.
    """

    asked: str
    otherwise: str
    checks: list[Check]

    def lowering(self, instruction: Instruction) -> Callable[..., Any] | None:
        """The function to call in place of the instruction's; None where there is none."""

    def fitted(self, result: Any, value: Value) -> Any:
        """A result in the recorded dtype."""

    def is_own(self, value: Any) -> bool:
        """Whether a value is one of the engine's arrays."""


class Halves:
    """The instructions of a recording in two halves, without the draws and what nobody reads.

    Attributes
    ----------
    draws : for each half, the functions that draw, and the registers of what they drew.
    needed : the registers that the second half reads of the first.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        halves: tuple[list[Instruction], list[Instruction]] = ([], [])
        for instruction in recording.instructions:
            halves[recording.in_second_half(instruction)].append(instruction)
        draws: list[list[tuple[Draw, int]]] = [[], []]
        for half, found in zip(halves, draws, strict=True):
            found += [(i.function, i.output) for i in half if isinstance(i.function, Draw)]
        self.draws = draws
        self.first, self.second = (
            [i for i in half if not isinstance(i.function, Draw)] for half in halves
        )
        made = {register for i in halves[0] for register in i.outputs}
        read = {register for i in self.second for register in i.reads} | set(recording.gradients)
        self.needed = sorted(made & read)


def expect_lowerings(engine: Engine, recording: Recording) -> None:
    """Raise CompileError (a TypeError) where an instruction has no counterpart, naming its gate:
    before anything runs."""
    for instruction in recording.instructions:
        moves = not all(register in recording.constants for register in instruction.reads)
        opaque = moves and not instruction.effect and not hasattr(instruction.function, "in_gates")
        if opaque and engine.lowering(instruction) is None:
            raise CompileError(_missing(engine, instruction))


def walk(
    engine: Engine, instructions: Iterable[Instruction], known: dict[int, Any],
    values: Sequence[Value],
) -> None:  # fmt: skip
    """Run instructions on the engine's arrays: from what is `known` to what they write.

    Raises CompileError (a TypeError) where a counterpart cannot do what is asked of it.
    """
    for instruction in instructions:
        if not any(engine.is_own(known[register]) for register in instruction.reads):
            evaluate(instruction, known, values)
            continue
        args, kwargs = (
            with_registers(given, known.__getitem__)
            for given in (instruction.args, instruction.kwargs)
        )
        if instruction.effect:
            holds = getattr(instruction.function, "holds", None)
            engine.checks.append(Check(instruction.function, args, holds))
            continue
        described = in_gates(instruction, values)
        function = (
            engine.lowering(instruction)
            if described is None
            else _inlined(engine, described, instruction)
        )
        assert function is not None
        try:
            result = function(*args, **kwargs)
        except CompileError:
            raise
        except Exception as error:
            raise CompileError(f"{_missing(engine, instruction)} ({error})") from error
        results = _leaves(result) if instruction.several else [result]
        for register, one in zip(instruction.outputs, results, strict=True):
            if one is UNREAD:
                known[register] = NOTHING
                continue
            value = values[register]
            if np.shape(one) != value.shape:
                raise CompileError(
                    f"{_said(engine, instruction)}: {not_of_shape(value.shape, np.shape(one))}"
                )
            known[register] = engine.fitted(one, value)


def in_gates(call: Instruction, values: Sequence[Value]) -> Recording | None:
    """What a kernel of a gate computes, by other gates, where it says so: its `in_gates`. What it
    keeps for its gradient, only its gradient's kernel reads, which says what it computes, too."""
    described = getattr(call.function, "in_gates", None)
    if described is None:
        return None
    known = [values[ref.register] for ref in call.args]
    return recorded(described, [np.zeros(value.shape, value.dtype) for value in known])


def _inlined(engine: Engine, recording: Recording, call: Instruction) -> Callable[..., Any]:
    """The recording in place of the call."""

    def run(*given: Any) -> list[Any]:
        known = {**recording.constants, **dict(zip(recording.inputs, given, strict=True))}
        walk(engine, recording.instructions, known, recording.values)
        made = [known[register] for register in recording.outputs]
        return [*made, *[UNREAD] * (len(call.outputs) - len(made))]

    return run


def _leaves(nest: Any) -> list[Any]:
    if isinstance(nest, (tuple, list)):
        return [leaf for part in nest for leaf in _leaves(part)]
    return [nest]


def _said(engine: Engine, instruction: Instruction) -> str:
    """Which call of which gate it is."""
    of = f" of the gate {instruction.gate!r}" if instruction.gate else ""
    inside = f" in the scope {instruction.scope!r}" if instruction.scope else ""
    return f"{engine.asked}: {instruction.name}(){of}{inside}"


def _missing(engine: Engine, instruction: Instruction) -> str:
    why = "has no counterpart there"
    if isinstance(instruction.function, Opaque):
        why = f"looks at the numbers ({instruction.function.stopped}), which no other engine can"
    return f"{_said(engine, instruction)} {why}: {engine.otherwise}"
