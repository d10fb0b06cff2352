"""Which calls on large arrays run together: all of one shape that can be done in a row.

A task in between that does not need the row's results comes before it; one that does waits until
the row ends. So the sum of an array does not part what leads to it from its gradient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from autograd.program.arrays.totals import is_total
from autograd.program.instruction import Instruction, Recording

__all__ = ["Gathering", "Row", "Uses"]

Row = tuple[Instruction, ...]

Group = Any
"""What a row becomes: a `Block`, or what is derived from one."""


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


class Gathering:
    """The tasks so far, the row at hand, and what waits for its end.

    Parameters
    ----------
    fits : whether a call can be one of a row.
    group : what a row becomes, with the sums of all entries of some of its results, and the
        registers of both that are read elsewhere.
    """

    def __init__(
        self,
        recording: Recording,
        fits: Callable[[Instruction], bool],
        group: Callable[[Row, Row, tuple[int, ...]], Group],
    ) -> None:
        self.recording, self.fits, self.group = recording, fits, group
        self.uses = Uses(recording)
        self.tasks: list[Any] = []
        self.row: list[Instruction] = []
        self.made: set[int] = set()
        self.waiting: list[Any] = []
        self.late: set[int] = set()

    def take(self, task: Any) -> None:
        """Put a task into the row, before it, or behind it."""
        if self.row and self._half(task) != self._half(self.row[0]):
            self.end()
        joins = isinstance(task, Instruction) and self.fits(task) and self._like_row(task)
        if self._overwrites(task) and (self.waiting or not joins):
            self.end()  # new data of a Tensor may be written over what these still read
        if isinstance(task, Instruction) and self.fits(task):
            if self.late.intersection(task.reads) or not joins:
                self.end()
            self.row.append(task)
            self.made.add(task.output)
        elif self._depends(task) or (self.waiting and not self._is_pure(task)):
            self.waiting.append(task)
            self.late.update(task.outputs)
        else:
            self.tasks.append(task)

    def end(self) -> None:
        """Turn the row into a group, with the sums that wait for it."""
        totals = [s for s in self.waiting if isinstance(s, Instruction) and self._is_total(s)]
        if len(self.row) + len(totals) > 1:
            row, sums = tuple(self.row), tuple(totals)
            elsewhere = set(self.uses.outside((*row, *sums)))
            outputs = [i.output for i in row if i.output in elsewhere]
            outputs += [total.output for total in totals]
            self.tasks.append(self.group(row, sums, tuple(outputs)))
            self.waiting = [s for s in self.waiting if s not in totals]
        else:
            self.tasks += self.row
        self.tasks += self.waiting
        self.row, self.waiting = [], []
        self.made, self.late = set(), set()

    def _half(self, task: Any) -> bool:
        return self.recording.in_second_half(task)

    def _overwrites(self, task: Any) -> bool:
        return isinstance(task, Instruction) and not self._assigned.isdisjoint(task.outputs)

    @cached_property
    def _assigned(self) -> frozenset[int]:
        return frozenset(self.recording.assigned)

    def _like_row(self, instruction: Instruction) -> bool:
        if not self.row:
            return True
        values = self.recording.values
        one, other = values[self.row[0].output], values[instruction.output]
        return (one.shape, one.order) == (other.shape, other.order)

    def _depends(self, task: Any) -> bool:
        found = self.made | self.late
        storage = map(self.recording.storage, task.reads)
        return not found.isdisjoint(task.reads) or not found.isdisjoint(storage)

    def _is_pure(self, task: Any) -> bool:
        return not isinstance(task, Instruction) or not task.effect

    def _is_total(self, instruction: Instruction) -> bool:
        reads = instruction.reads
        return bool(reads) and reads[0] in self.made and is_total(self.recording, instruction)
