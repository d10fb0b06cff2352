"""Blocks: a run of elementwise calls on large arrays goes over them in pieces that fit a cache.

Call after call over a large array costs a trip to memory each. A block does all its calls on the
first piece, then all on the next, and what only the block itself reads is never larger than a
piece. Every entry is computed as before, so the bits are the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

from autograd.program.arrays.gathering import Gathering, Row
from autograd.program.arrays.outs import is_elementwise
from autograd.program.instruction import Instruction, Recording, Ref, Value

__all__ = ["PIECE", "SHARED", "SHARED_PIECE", "Block", "Task", "fits", "in_blocks"]

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
    """Elementwise instructions on arrays of one shape, and sums of all entries of some results.

    Attributes
    ----------
    instructions : in their order.
    outputs : the registers that are read outside of it, those of the sums at the end.
    shape, order : of the arrays.
    totals : the sums.
    """

    instructions: Row
    outputs: tuple[int, ...]
    shape: tuple[int, ...]
    order: tuple[int, ...]
    totals: Row = ()

    @property
    def quiet(self) -> bool:
        """Whether none of its calls warns."""
        return all(i.quiet for i in (*self.instructions, *self.totals))

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
    """The instructions, elementwise ones on large arrays gathered into blocks."""

    def block(row: Row, totals: Row, outputs: tuple[int, ...]) -> Block:
        value = recording.values[row[0].output]
        return Block(row, outputs, value.shape, value.order, totals)

    gathering = Gathering(recording, partial(fits, recording, large=large), block)
    for instruction in recording.instructions:
        gathering.take(instruction)
    gathering.end()
    return gathering.tasks


def fits(recording: Recording, instruction: Instruction, *, large: int) -> bool:
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
