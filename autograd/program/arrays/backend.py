"""NumPy's back end: a recording in tasks, where each result lives, and the text that runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, ClassVar

from autograd.program.arrays.blocks import Block, Task, in_blocks
from autograd.program.arrays.careful import plain_first
from autograd.program.arrays.pieces import PieceWriter
from autograd.program.arrays.planner import plan, written_over
from autograd.program.arrays.writer import Writer, Written
from autograd.program.backend import Request
from autograd.program.crew import Crew
from autograd.program.instruction import Plan, Recording

__all__ = ["Planned"]


class Planned:
    """What runs a recording by calls to NumPy, in memory that is there already.

    Other back ends gather instructions into tasks of other kinds, and say in `writers` what writes
    each kind's lines.
    """

    scalars: ClassVar[str] = "wide"

    def __init__(self, recording: Recording, request: Request) -> None:
        self.recording, self.request = self.prepared(recording), request
        self.crew = Crew(request.threads or self.threads())

    def prepared(self, recording: Recording) -> Recording:
        """The recording as this back end runs it."""
        return plain_first(recording)

    def threads(self) -> int:
        """How many share a large array where nobody says."""
        return 1

    def writers(self) -> dict[type, Callable[..., Any]]:
        """What writes the lines of each kind of task that is more than an instruction."""
        return {Block: partial(PieceWriter, crew=self.crew)}

    def gathered(self) -> list[Task]:
        """The instructions, those in one task that run together."""
        return in_blocks(self.recording)

    @cached_property
    def tasks(self) -> list[Task]:
        return self.gathered()

    @cached_property
    def plan(self) -> Plan:
        """Which buffer each register is written into."""
        return plan(self.recording, self.tasks, self._fresh, self._over)

    @property
    def peak(self) -> int:
        return self.plan.peak

    @cached_property
    def _fresh(self) -> frozenset[int]:
        """Registers whose memory is handed out, and which the second half does not read."""
        recording = self.recording
        made = {register for i in recording.instructions for register in i.outputs}
        first = {
            register
            for i in recording.instructions
            if not recording.in_second_half(i)
            for register in i.outputs
        }
        read = {
            recording.storage(register)
            for i in recording.instructions
            if recording.in_second_half(i)
            for register in i.reads
        }
        # A gradient is left in `.grad`, to be added to: in memory of its own also with `reuse`.
        kept = recording.gradients if self.request.reuse else recording.kept
        homes = {recording.storage(register) for register in kept}
        return frozenset(h for h in homes if h in made and not (h in first and h in read))

    @cached_property
    def _over(self) -> dict[int, int]:
        """The registers of new data that are written over a Tensor's old data."""
        return written_over(self.recording, self.request.over)

    @cached_property
    def _written(self) -> Written:
        return Writer(
            self.recording,
            self.tasks,
            self.plan,
            self._fresh - self._over.keys(),
            over=self._over,
            reuse=self.request.reuse,
            writers=self.writers(),
        ).written()

    @property
    def source(self) -> str:
        return self._written.source

    @cached_property
    def forward(self) -> Callable[..., Any]:
        return self._written.forward

    @cached_property
    def backward(self) -> Callable[..., Any] | None:
        return self._written.backward
