"""Which arithmetic on large arrays becomes a sweep: all of one shape that can be done in a row.

A task in between that does not need the row's results comes before it; one that does waits until
the row ends. So the sum of an array does not part what leads to it from its gradient.
"""

from __future__ import annotations

from autograd.program.arrays.blocks import Block, Task, Uses, _fits, in_blocks
from autograd.program.instruction import Instruction, Recording
from autograd.program.jit.expressions import is_cheap, is_known
from autograd.program.jit.sweeps import Sweep, is_total

__all__ = ["in_sweeps"]

LARGE = 1 << 17
"""Bytes of an array from which on a sweep pays."""


def in_sweeps(recording: Recording) -> list[Task]:
    """The tasks of a program, with arithmetic on large arrays gathered into sweeps.

    Blocks in which other functions than arithmetic are computed stay: NumPy has these faster.
    """
    gathering = _Gathering(recording)
    for task in in_blocks(recording):
        gathered = [task]
        if isinstance(task, Block) and all(map(gathering.is_arithmetic, task.instructions)):
            gathered = list(task.instructions)
        for part in gathered:
            gathering.take(part)
    gathering.end()
    return gathering.tasks


class _Gathering:
    """The row at hand, and what waits for its end."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.uses = Uses(recording)
        self.tasks: list[Task] = []
        self.row: list[Instruction] = []
        self.made: set[int] = set()
        self.waiting: list[Task] = []
        self.late: set[int] = set()

    def is_arithmetic(self, instruction: Instruction) -> bool:
        """Whether a call can be one of a sweep."""
        return (
            _fits(self.recording, instruction, LARGE)
            and is_known(self.recording, instruction)
            and is_cheap(instruction)
        )

    def take(self, task: Task) -> None:
        """Put a task into the row, before it, or behind it."""
        other_half = self.row and self._half(task) != self._half(self.row[0])
        if other_half:
            self.end()
        if isinstance(task, Instruction) and self.is_arithmetic(task):
            # New data of a Tensor may be written over what the waiting tasks still read.
            overtakes = self.waiting and task.output in self.recording.assigned
            if self.late.intersection(task.reads) or overtakes or not self._like_row(task):
                self.end()
            self.row.append(task)
            self.made.add(task.output)
        elif self._depends(task) or (self.waiting and not self._is_pure(task)):
            self.waiting.append(task)
            self.late.update(task.outputs)
        else:
            self.tasks.append(task)

    def end(self) -> None:
        """Turn the row into a sweep, with the sums that wait for it."""
        totals = [s for s in self.waiting if isinstance(s, Instruction) and self._is_total(s)]
        if len(self.row) + len(totals) > 1:
            self.tasks.append(self._sweep(tuple(self.row), tuple(totals)))
            self.waiting = [s for s in self.waiting if s not in totals]
        else:
            self.tasks += self.row
        self.tasks += self.waiting
        self.row, self.waiting = [], []
        self.made, self.late = set(), set()

    def _sweep(self, row: tuple[Instruction, ...], totals: tuple[Instruction, ...]) -> Sweep:
        elsewhere = set(self.uses.outside((*row, *totals)))
        outputs = [i.output for i in row if i.output in elsewhere]
        outputs += [total.output for total in totals]
        value = self.recording.values[row[0].output]
        return Sweep(row, tuple(outputs), value.shape, value.order, self.recording, totals)

    def _half(self, task: Task) -> bool:
        return self.recording.in_second_half(task)

    def _like_row(self, instruction: Instruction) -> bool:
        if not self.row:
            return True
        values = self.recording.values
        one, other = values[self.row[0].output], values[instruction.output]
        return (one.shape, one.order) == (other.shape, other.order)

    def _depends(self, task: Task) -> bool:
        return bool(
            (self.made | self.late).intersection(map(self.recording.storage, task.reads))
            or (self.made | self.late).intersection(task.reads)
        )

    def _is_pure(self, task: Task) -> bool:
        return isinstance(task, Block) or not task.effect

    def _is_total(self, instruction: Instruction) -> bool:
        reads = instruction.reads
        return bool(reads) and reads[0] in self.made and is_total(self.recording, instruction)
