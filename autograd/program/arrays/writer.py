"""The writer: a plan as straight-line Python, one call a line, nothing looked up or allocated.

`Program.source` shows the text. Run by run it is the same calls in the same memory; what it must
not touch again, results that were handed out, it returns as new arrays.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from math import isnan
from typing import Any

import numpy as np

from autograd import floats
from autograd.errors import CompileError
from autograd.gates.routing import FEW
from autograd.program.arrays.blocks import Task
from autograd.program.arrays.careful import Care
from autograd.program.arrays.names import Names, as_tuple, is_local
from autograd.program.arrays.outs import form_of
from autograd.program.arrays.pieces import emptied
from autograd.program.backend import leaves_of, not_of_shape
from autograd.program.instruction import Instruction, Plan, Recording, Ref, with_registers
from autograd.program.memory import aligned, array_in
from autograd.program.numbers import template_of

__all__ = ["Writer", "Written"]

CALM = frozenset({
    np.where, np.negative, np.absolute, np.maximum, np.minimum, np.greater, np.greater_equal,
    np.less, np.less_equal, np.equal, np.not_equal, np.reshape, np.transpose, np.swapaxes,
    np.broadcast_to, np.concatenate, np.stack, np.logical_not, np.logical_and, np.logical_or,
})  # fmt: skip
"""Functions that never warn: it does not matter whether warnings are off."""

numbers = count(1)
"""Of the programs of this process, to tell their texts apart."""


class Written:
    """The two halves of a program as functions, with their text.

    Attributes
    ----------
    forward : takes the inputs; returns the results, and what the second half needs.
    backward : takes the seed, the inputs and what the first half left; returns the gradients.
    source : the text of both.
    """

    def __init__(self, source: str, namespace: dict[str, Any]) -> None:
        self.source = source
        # Its lines are known as long as it is there: warnings then show the user's.
        floats.define("forward", source, namespace, file=f"program {next(numbers)}", owner=self)
        self.forward: Callable[..., Any] = namespace["forward"]
        self.backward: Callable[..., Any] | None = namespace.get("backward")


@dataclass
class Writer:
    """Writes a program down, and links it to its buffers and constants.

    Attributes
    ----------
    fresh : the registers that are handed out in memory of their own.
    over : the registers that are written over an input, each with the input's.
    reuse : whether the first half may hand out memory that the next run writes over.
    writers : what writes the lines of each kind of task that is more than an instruction.
    """

    recording: Recording
    tasks: Sequence[Task]
    plan: Plan
    fresh: frozenset[int]
    over: dict[int, int]
    reuse: bool
    writers: Mapping[type, Callable[..., Any]]

    def __post_init__(self) -> None:
        self.names = Names(self.recording)
        self.buffers = [aligned(size) for size in self.plan.sizes]
        self.arrays: dict[Hashable, np.ndarray] = {}
        self.lines: list[str] = []

    # ---- the two functions

    def written(self) -> Written:
        recording, names = self.recording, self.names
        halves = [recording.in_second_half(task) for task in self.tasks]
        split = halves.index(True) if True in halves else len(halves)
        first = self.half(self.tasks[:split])
        inputs = [names.of[register] for register in recording.inputs]
        results = self.handed_out(recording.outputs, recording.assigned, lend=self.reuse)
        there = {name for name in names.of.values() if is_local(name)}
        seeded = self.seeded()
        second = [*seeded, *self.half(self.tasks[split:])]
        gradients = self.handed_out(recording.gradients)
        text = "\n".join([*second, gradients])
        carried = sorted(there.intersection(re.findall(r"\w+", text)))
        lines = [f"def forward({', '.join(inputs)}):", *_indented(first)]
        lines.append(f"    return {results}, {as_tuple(carried)}")
        if recording.seed is not None:
            lines += ["", "", f"def backward({', '.join(['seed', *inputs, *carried])}):"]
            lines += [*_indented(second), f"    return {gradients}"]
        return Written("\n".join(lines) + "\n", names.globals)

    def seeded(self) -> list[str]:
        """The seed in memory of its own, so that views of it are there before a run."""
        seed = self.recording.seed
        if seed is None:
            return []
        value = self.recording.values[seed]
        if value.weak:
            self.names.of[seed] = "seed"
            return []
        self.names.define(seed, array_in(aligned(value.nbytes), value), "b")
        return [f"copyto(b{seed}, seed)"]

    def handed_out(
        self, registers: Sequence[int], assigned: Sequence[int] = (), *, lend: bool = False
    ) -> str:
        """Results as a tuple, copied where something else may hold their memory.

        `assigned` come last; what was written over a Tensor's data is there already. With `lend`
        results may lie in memory that the next run writes over.
        """
        given: set[int] = set()
        made = {register for i in self.recording.instructions for register in i.outputs}
        parts = []
        for place, register in enumerate((*registers, *assigned)):
            value, name = self.recording.values[register], self.names.of[register]
            home = self.recording.storage(register)
            # What a Tensor is assigned stays its own: the next run reads it while it writes.
            lent = lend and home in made and register not in self.recording.assigned
            own = (home in self.fresh or lent) and home not in given
            given.add(home)
            if value.weak or (register in self.over and place >= len(registers)):
                parts.append(name)
            elif own:
                # What a call returns for a number is np.float64.
                parts.append(name if value.shape else f"asarray({name})")
            elif value.shape == ():
                parts.append(f"array({name})")
            else:
                parts.append(f"{name}.copy()")
        return as_tuple(parts)

    def half(self, tasks: Sequence[Task]) -> list[str]:
        """The lines of some tasks; those that run without warnings stand in a `with`."""
        self.lines = []
        quiet = False
        at = 0
        while at < len(tasks):
            task = tasks[at]
            run = [task]
            if self.is_of_floats(task):
                while at + len(run) < len(tasks) and self.is_of_floats(tasks[at + len(run)]):
                    run.append(tasks[at + len(run)])
            calm = type(task) is Instruction and (
                task.function in CALM or type(task.function) is Care
            )
            if not calm and task.quiet != quiet:
                quiet = task.quiet
                self.lines += ["with quiet():"] * quiet
            mark = len(self.lines)
            self.write_run(run)
            if quiet:
                self.lines[mark:] = _indented(self.lines[mark:])
            at += len(run)
        return _without_empty_blocks(self.lines)

    def write_run(self, run: Sequence[Task]) -> None:
        task = run[0]
        if type(task) is not Instruction:
            self.write_block(task)
        elif self.is_of_floats(task):
            self.write_floats(run)
        elif task.several:
            self.write_several(task)
        elif not task.outputs:
            self.lines.append(self.names.call(task))
        else:
            self.write_call(task)

    # ---- kinds of tasks

    def write_call(self, instruction: Instruction) -> None:
        """A call that writes into memory that is there, is a view of it, or returns an array."""
        names, register = self.names, instruction.output
        if type(instruction.function) is Care:
            self.lines.append(self.mended(instruction))
            return
        view = self.recording.values[register].view_of is not None
        if view and names.are_known(instruction.reads):
            args, kwargs = (
                with_registers(given, lambda read: names.globals[names.of[read]])
                for given in (instruction.args, instruction.kwargs)
            )
            names.define(register, instruction.function(*args, **kwargs), "b")
        elif form_of(self.recording, instruction) is not None and self.has_place(register):
            self.lines += names.call_into(instruction, self.place(register)).split("; ")
        else:
            call = self.checked(instruction, names.call(instruction))
            self.lines.append(f"{names.local(register)} = {call}")

    def mended(self, instruction: Instruction) -> str:
        """A look at a result, and what to do where a nan is in it."""
        names, found = self.names, self.names.argument(instruction.args[0])
        value = self.recording.values[instruction.output]
        mend = f"{names.constant(instruction.function, 'mended')}({names.arguments(instruction)})"
        if value.weak:
            return f"{names.local(instruction.output)} = {found} if {found} == {found} else {mend}"
        names.of[instruction.output] = found
        if value.size <= FEW:
            look = f"{names.constant(np.vdot, 'vdot')}({found}, {found})"
        else:
            look = f"{names.constant(np.maximum.reduce, 'maximum_reduce')}({found}, None)"
        mend = f"{found} = {mend}" if is_local(found) else mend  # it may be no array
        return f"if {names.constant(isnan, 'isnan')}({look}): {mend}"

    def checked(self, instruction: Instruction, call: str) -> str:
        """A call that returns a value of its own, of the kind that was recorded."""
        values, function = self.recording.values, instruction.function
        value = values[instruction.output]
        if value.weak:
            return f"float({call})"  # NumPy's functions return np.float64
        counts = any(values[register].dtype.kind in "iub" for register in instruction.reads)
        if not counts or isinstance(function, np.ufunc) or function is operator.getitem:
            return call
        return f"{self.names.constant(of_shape, 'of_shape')}({call}, {value.shape})"

    def has_place(self, register: int) -> bool:
        return register in self.plan.buffer or register in self.over

    def place(self, register: int) -> str:
        """The name of the memory that a register is written into."""
        if register in self.over:
            self.names.of[register] = self.names.of[self.over[register]]
        elif register in self.plan.buffer:
            self.names.define(register, self.array(register), "b")
        else:
            value = self.recording.values[register]
            dtype = self.names.constant(value.dtype, str(value.dtype))
            name = self.names.local(register)
            self.lines.append(f"{name} = {emptied(value.shape, dtype, value.order)}")
        return self.names.of[register]

    def array(self, register: int) -> np.ndarray:
        """The array in a register's buffer, one object for all registers of its kind in it."""
        number, value = self.plan.buffer[register], self.recording.values[register]
        key = number, value.shape, value.dtype, value.order
        if key not in self.arrays:
            self.arrays[key] = array_in(self.buffers[number], value)
        return self.arrays[key]

    def write_several(self, instruction: Instruction) -> None:
        """A call that returns a nest of arrays."""
        call = self.names.call(instruction)
        targets = ", ".join(self.names.local(register) for register in instruction.outputs)
        leaves = self.names.constant(leaves_of, "leaves_of")
        self.lines.append(f"{targets}, = {leaves}({call})")

    def write_block(self, block: Task) -> None:
        writer = self.writers[type(block)](block, self.names)
        outputs = {register: self.place(register) for register in block.outputs}
        self.lines += writer.written(outputs)

    def is_of_floats(self, task: Task) -> bool:
        """Whether it computes a Python float of Python floats, by an expression."""
        values = self.recording.values
        if not task.outputs or not values[task.outputs[0]].weak:
            return False
        if type(task) is not Instruction or task.several or task.kwargs or task.effect:
            return False
        if not all(values[register].weak for register in (*task.outputs, *task.reads)):
            return False
        plain = all(type(arg) in (Ref, float, int, bool) for arg in task.args)
        return plain and template_of(task.function, len(task.args)) is not None

    def write_floats(self, run: Sequence[Any]) -> None:
        """Arithmetic written out; where Python raises, the same again as IEEE 754 has it."""
        plain, careful = [], []
        for instruction in run:
            args = [self.names.argument(arg) for arg in instruction.args]
            function = self.names.constant(instruction.function, f"f_{instruction.name}")
            name = self.names.local(instruction.output)
            template = template_of(instruction.function, len(args))
            assert template is not None
            plain.append(f"    {name} = {template.format(*args)}")
            careful.append(f"    {name} = carefully({', '.join([function, *args])})")
        self.lines += ["try:", *plain, "except FLOAT_ERRORS:", *careful]


def of_shape(array: Any, shape: tuple[int, ...]) -> Any:
    """The array, of the recorded shape: a traced integer among the arguments may ask for others."""
    if np.shape(array) != shape:
        raise CompileError(not_of_shape(shape, np.shape(array)))
    return array


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _without_empty_blocks(lines: list[str]) -> list[str]:
    """The lines, but for a `with` that nothing follows inside."""
    return [
        line
        for line, after in pairwise([*lines, ""])
        if not (line.startswith("with ") and not after.startswith("    "))
    ]
