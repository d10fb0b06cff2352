"""Blocks: a run of elementwise calls on large arrays goes over them in pieces that fit a cache.

Call after call over a large array costs a trip to memory each. A block does all its calls on the
first piece, then all on the next, and what only the block itself reads is never larger than a
piece. Every entry is computed as before, so the bits are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from autograd.program.arrays.outs import is_elementwise
from autograd.program.instruction import Instruction, Recording, Ref, Value

__all__ = ["PIECE", "SHARED", "SHARED_PIECE", "Block", "Task", "Uses", "in_blocks"]

LARGE = 1 << 20
"""Bytes of an array from which on a block pays: about what a second cache holds."""

PIECE, SHARED_PIECE = 1 << 17, 1 << 18
"""Bytes of an array's piece, and of one where threads share the array: they wait for each other
between two calls, and the longer those take the less. Half of either is a tenth slower, and on two
threads a third (10⁷ numbers)."""

SHARED = 1 << 18
"""Numbers of an array from which on several threads compute a part each, where there are some."""


@dataclass(frozen=True)
class Block:
    """Elementwise instructions on arrays of one shape.

    Attributes
    ----------
    instructions : in their order.
    outputs : the registers that are read outside of it.
    shape, order : of the arrays.
    """

    instructions: tuple[Instruction, ...]
    outputs: tuple[int, ...]
    shape: tuple[int, ...]
    order: tuple[int, ...]

    @cached_property
    def inside(self) -> frozenset[int]:
        """The registers that it writes."""
        return frozenset(register for i in self.instructions for register in i.outputs)

    @cached_property
    def reads(self) -> tuple[int, ...]:
        """The registers that it reads from outside."""
        given = (register for i in self.instructions for register in i.reads)
        return tuple(dict.fromkeys(register for register in given if register not in self.inside))


Task = Instruction | Block


def in_blocks(recording: Recording, large: int = LARGE) -> list[Task]:
    """The instructions, runs of elementwise ones on large arrays gathered into blocks."""
    tasks: list[Task] = []
    run: list[Instruction] = []
    uses = Uses(recording)

    def close() -> None:
        tasks.extend([_block(recording, tuple(run), uses)] if len(run) > 1 else run)
        run.clear()

    for instruction in recording.instructions:
        if not _fits(recording, instruction, large):
            close()
            tasks.append(instruction)
            continue
        if run and _shape(recording, run[0]) != _shape(recording, instruction):
            close()
        run.append(instruction)
    close()
    return tasks


def _shape(recording: Recording, instruction: Instruction) -> tuple[object, ...]:
    """What the instructions of one block have in common."""
    value = recording.values[instruction.output]
    return value.shape, value.order, instruction.quiet, recording.in_second_half(instruction)


def _fits(recording: Recording, instruction: Instruction, large: int) -> bool:
    """Whether an instruction can be one of a block."""
    if not is_elementwise(instruction) or instruction.kwargs or instruction.effect:
        return False
    after = recording.values[instruction.output]
    if after.weak or after.nbytes < large or not after.dense:
        return False
    return all(
        type(arg) is not Ref or _fits_as_operand(recording.values[arg.register], after)
        for arg in instruction.args
    )


def _fits_as_operand(value: Value, after: Value) -> bool:
    """Whether an operand can be read piece by piece, or is one number."""
    if value.weak or value.size == 1 or value.spread:
        return True
    return (value.shape, value.order, value.dense) == (after.shape, after.order, True)


def _block(recording: Recording, instructions: tuple[Instruction, ...], uses: Uses) -> Block:
    outputs = uses.outside(instructions)
    after = recording.values[instructions[0].output]
    return Block(instructions, outputs, after.shape, after.order)


class Uses:
    """How often a recording reads each register."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def outside(self, instructions: Sequence[Instruction]) -> tuple[int, ...]:
        """What some instructions write that others read, by a view too, or that is handed out."""
        inside = Counter(register for i in instructions for register in i.reads)
        written = (register for i in instructions for register in i.outputs)
        return tuple(s for s in written if s in self._handed_out or self._reads[s] > inside[s])

    @cached_property
    def _reads(self) -> Counter[int]:
        return Counter(register for i in self._recording.instructions for register in i.reads)

    @cached_property
    def _handed_out(self) -> set[int]:
        views = (v.view_of for v in self._recording.values if v.view_of is not None)
        return {*self._recording.kept, *views}
