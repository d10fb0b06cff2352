"""The planner: where each register lives, so that a run allocates nothing that can be avoided.

Memory is given to a register when it is written and taken back after its last use; an elementwise
call writes over an operand that nobody reads any more. The peak is known before the program runs.

Source: linear-scan allocation, Poletto and Sarkar, 1999.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping, Sequence

from autograd.gates.primitives import change_of
from autograd.program.arrays.blocks import Block, Task
from autograd.program.arrays.outs import form_of, is_elementwise
from autograd.program.instruction import Instruction, Plan, Recording, Ref, Value
from autograd.program.memory import LINE

__all__ = ["plan", "written_over"]


def plan(
    recording: Recording,
    tasks: Sequence[Task],
    fresh: frozenset[int],
    over: dict[int, int],
) -> Plan:
    """Give every register that a task can write into a buffer.

    `fresh` are the registers that are handed out and must have memory of their own; those in `over`
    are written over an input.
    """
    found = Plan(over=over)
    last = last_uses(recording, tasks)
    free = _Free(found.sizes)
    held: dict[int, int] = {}
    ending: dict[int, list[int]] = {}  # the registers that are held, by the place of their last use
    for place, task in enumerate(tasks):
        block = _Reads(recording, task) if isinstance(task, Block) else None
        for register in task.outputs:
            value = recording.values[register]
            if value.view_of is not None or value.weak or register in over:
                continue
            writes = type(task) is not Instruction or form_of(recording, task)
            if register in fresh or not writes:
                found.returned += value.nbytes
                continue
            size = -(-value.nbytes // LINE) * LINE
            writer = block.writer(register) if block else task
            assert isinstance(writer, Instruction)
            dying = _overwritten(recording, last, writer, block, place, held)
            number = free.taken(size) if dying is None else held.pop(dying)
            found.buffer[register] = held[register] = number
            ending.setdefault(last[register], []).append(register)
        for register in ending.pop(place, ()):
            if register in held:  # and its memory was not taken over
                free.give(held.pop(register))
    return found


def written_over(recording: Recording, inputs: Mapping[int, int]) -> dict[int, int]:
    """Which new data of Tensors can be written over the old ones, each with the input's register.

    `inputs` has the input's register of each candidate. Nothing may read the old data afterwards or
    hand them out, and nothing that could fail may come later: what raises leaves every Tensor as
    it was.
    """
    found: dict[int, int] = {}
    read_later: set[int] = set()
    handed_out = {recording.storage(register) for register in recording.kept}
    for instruction in reversed(recording.instructions):
        if not is_elementwise(instruction) or instruction.kwargs:
            break
        register = instruction.output
        source = inputs.get(register)
        if source is not None and source not in read_later and source not in handed_out:
            before, after = recording.values[source], recording.values[register]
            reads = [r for r in instruction.reads if r != source]
            if _laid_alike(before, after) and all(recording.storage(r) != source for r in reads):
                found[register] = source
        read_later.update(map(recording.storage, instruction.reads))
    return found


def last_uses(recording: Recording, tasks: Sequence[Task]) -> dict[int, int]:
    """The place of the last task that reads the memory of each register.

    What is handed out lives to the end, and so does what the second half reads of the first: it
    may run again.
    """
    end = len(tasks)
    last: dict[int, int] = {}
    first_half: set[int] = set()
    for place, task in enumerate(tasks):
        second = recording.in_second_half(task)
        for register in (*task.reads, *task.outputs):
            home = recording.storage(register)
            last[home] = end if second and home in first_half else max(place, last.get(home, 0))
            if not second:
                first_half.add(home)
    for register in recording.kept:
        last[recording.storage(register)] = end
    return last


def _overwritten(
    recording: Recording,
    last: dict[int, int],
    writer: Instruction,
    block: _Reads | None,
    place: int,
    held: dict[int, int],
) -> int | None:
    """The operand whose memory a result may take: of its size, and not read afterwards, nor later
    in the block that the call is one of, if any."""
    if change_of(writer.function):
        candidates = writer.args[:1]  # the array that is written into
    elif is_elementwise(writer) and not writer.kwargs:
        candidates = writer.args
    else:
        return None
    after = recording.values[writer.output]
    for arg in candidates:
        home = recording.storage(arg.register) if type(arg) is Ref else None
        if home is None or home not in held or last[home] != place:
            continue
        before = recording.values[arg.register]
        covers = before.dense and before.nbytes == recording.values[home].nbytes
        if not covers or not _laid_alike(before, after):
            continue
        if any(recording.storage(r) == home for r in writer.reads if r != arg.register):
            continue
        if block is None or block.ends(home, writer):
            return home
    return None


class _Reads:
    """A block call by call: who writes a register, and who reads its memory last."""

    __slots__ = ("_instructions", "_last", "_written")

    def __init__(self, recording: Recording, block: Block) -> None:
        self._instructions = *block.instructions, *block.totals
        self._written: dict[int, int] = {}
        self._last: dict[int, int] = {}
        for at, instruction in enumerate(self._instructions):
            for register in instruction.outputs:
                self._written[register] = at
            for register in instruction.reads:
                self._last[recording.storage(register)] = at

    def writer(self, register: int) -> Instruction:
        """The call that writes a register."""
        return self._instructions[self._written[register]]

    def ends(self, register: int, writer: Instruction) -> bool:
        """Whether a register, written outside of the block, is not read after a call."""
        return (
            register not in self._written and self._last[register] <= self._written[writer.output]
        )


def _laid_alike(before: Value, after: Value) -> bool:
    """Whether two values can lie in the same memory, entry by entry."""
    return (before.shape, before.dtype, before.order, before.dense) == (
        after.shape, after.dtype, after.order, after.dense,
    )  # fmt: skip


class _Free:
    """The buffers that nothing holds: by their size, and those of one size in the order in which
    they became free.
    """

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = sizes
        self._lengths: list[int] = []
        self._of_length: dict[int, deque[int]] = {}

    def give(self, number: int) -> None:
        """A buffer is free from here on."""
        length = self._sizes[number]
        if length not in self._of_length:
            insort(self._lengths, length)
            self._of_length[length] = deque()
        self._of_length[length].append(number)

    def taken(self, size: int) -> int:
        """The smallest free one that is large enough; else the largest, grown; else a new one."""
        if not self._lengths:
            self._sizes.append(size)
            return len(self._sizes) - 1
        at = min(bisect_left(self._lengths, size), len(self._lengths) - 1)
        length = self._lengths[at]
        number = self._of_length[length].popleft()
        if not self._of_length[length]:
            del self._of_length[length], self._lengths[at]
        self._sizes[number] = max(length, size)
        return number
