"""Which arithmetic on large arrays becomes a sweep."""

from __future__ import annotations

from autograd.program.arrays.blocks import Block, Task, fits, in_blocks
from autograd.program.arrays.gathering import Gathering, Row
from autograd.program.instruction import Instruction, Recording
from autograd.program.jit.expressions import is_cheap, is_known
from autograd.program.jit.sweeps import Sweep

__all__ = ["in_sweeps"]

LARGE = 1 << 17
"""Bytes of an array from which on a sweep pays."""


def in_sweeps(recording: Recording) -> list[Task]:
    """The tasks of a program, with arithmetic on large arrays gathered into sweeps.

    Blocks in which other functions than arithmetic are computed stay: NumPy has these faster.
    """

    def is_arithmetic(instruction: Instruction) -> bool:
        known = fits(recording, instruction, large=LARGE) and is_known(recording, instruction)
        return known and is_cheap(instruction)

    def sweep(row: Row, totals: Row, outputs: tuple[int, ...]) -> Sweep:
        value = recording.values[row[0].output]
        return Sweep(row, outputs, value.shape, value.order, totals, recording)

    gathering = Gathering(recording, is_arithmetic, sweep)
    for task in in_blocks(recording):
        if isinstance(task, Block) and all(map(is_arithmetic, task.instructions)):
            for part in (*task.instructions, *task.totals):
                gathering.take(part)
        else:
            gathering.take(task)
    gathering.end()
    return gathering.tasks
