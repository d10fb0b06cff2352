"""Which calls become one compiled function: runs of calls on small arrays, sweeps over large ones.

A call that cannot be in a kernel waits, where it may, until the kernel's other calls have joined:
the gradient of a sum of large arrays then goes over them together with the sum's own terms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from autograd.errors import OutOfRangeError
from autograd.program.arrays.blocks import Block, Task
from autograd.program.arrays.gathering import Uses
from autograd.program.arrays.names import Names
from autograd.program.instruction import Instruction, Recording
from autograd.program.jit.expressions import dtypes
from autograd.program.jit.gathering import in_sweeps
from autograd.program.jit.nests import NestWriter, is_nest, is_product
from autograd.program.scalars.loops import compiled_text

__all__ = ["Kernel", "KernelWriter", "in_kernels"]

SMALL = 1 << 14
"""Entries of an array up to which a loop is faster than a call."""

PRODUCT = 1 << 16
"""Multiplications up to which a product of matrices is: BLAS is worth its call beyond."""


@dataclass(frozen=True)
class Kernel(Block):
    """Calls that run as one compiled function.

    Attributes: as those of `Block`, and `recording`.
    """

    recording: Recording | None = None

    @cached_property
    def writer(self) -> NestWriter:
        """Its text, and the sizes and numbers that it takes."""
        assert self.recording is not None
        return NestWriter(self.recording, self.instructions, self.reads, self.outputs)

    @cached_property
    def function(self) -> Callable[..., None]:
        """Takes the arrays that it reads, those that it writes, sizes and numbers."""
        known = {**dtypes(), "OutOfRangeError": OutOfRangeError}
        return compiled_text("nest", self.writer.text, __file__, known)


class KernelWriter:
    """The line that calls a kernel."""

    def __init__(self, kernel: Kernel, names: Names) -> None:
        self.kernel, self.names = kernel, names

    def written(self, outputs: dict[int, str]) -> list[str]:
        """The call; `outputs` says which array each result is written into."""
        given = [self.array(register) for register in self.kernel.reads]
        function = self.names.constant(self.kernel.function, "kernel")
        writer = self.kernel.writer
        given += [*outputs.values(), *map(str, writer.sizes), *writer.numbers]
        return [f"{function}({', '.join(given)})"]

    def array(self, register: int) -> str:
        """A register as an argument: NumPy may have made a scalar of an array without axes."""
        value, name = self.names.recording.values[register], self.names.of[register]
        scalar = value.shape == () and not value.weak and not self.names.are_known([register])
        return f"asarray({name})" if scalar else name


def in_kernels(recording: Recording) -> list[Task]:
    """The tasks of a program, what can be compiled gathered into kernels and sweeps.

    What cannot be, and does not depend on the kernel at hand, comes before it: a kernel has no
    effects.
    """
    tasks: list[Task] = []
    run: list[Instruction] = []
    made: set[int] = set()
    uses = Uses(recording)

    def close() -> None:
        tasks.extend(_kernel(recording, run, uses))
        run.clear()
        made.clear()

    for task in in_sweeps(recording):
        if run and recording.in_second_half(run[0]) != recording.in_second_half(task):
            close()
        if isinstance(task, Instruction) and _fits(recording, task):
            run.append(task)
            made.add(task.output)
        else:
            if made.intersection(task.reads):
                close()
            tasks.append(task)
    close()
    return tasks


def _fits(recording: Recording, instruction: Instruction) -> bool:
    """Whether a call is on arrays so small that loops are faster."""
    if not is_nest(recording, instruction):
        return False
    if is_product(instruction):
        *rows, k = recording.values[instruction.reads[0]].shape
        n = recording.values[instruction.output].shape[-1]
        return math.prod(rows) * k * n <= PRODUCT
    registers = (*instruction.reads, *instruction.outputs)
    return all(recording.values[register].size <= SMALL for register in registers)


def _kernel(recording: Recording, run: Sequence[Instruction], uses: Uses) -> list[Task]:
    """A run as a kernel, if it is worth one; views that others read are made outside too."""
    made = [i for i in run if recording.values[i.output].view_of is None]
    if len(made) < 2:
        return list(run)
    elsewhere = set(uses.outside(run))
    outside: list[Task] = []
    for view in reversed(run):
        if recording.values[view.output].view_of is not None and view.output in elsewhere:
            outside.insert(0, view)
            elsewhere.update(view.reads)
    outputs = tuple(i.output for i in made if i.output in elsewhere)
    after = recording.values[made[0].output]
    return [Kernel(tuple(run), outputs, after.shape, after.order, recording=recording), *outside]
