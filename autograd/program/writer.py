"""The writer: a plan as straight-line Python, one call a line, nothing looked up or allocated.

The text names what it calls as NumPy does; inputs are ``i``, buffers ``b``, arrays that calls
return ``v``, Python floats ``s``, each with its slot's number. `Program.source` shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd import floats
from autograd.program.blocks import PIECE, Block, Step
from autograd.program.instruction import Instruction, Recording, Ref
from autograd.program.numbers import MATH, carefully, expression_of
from autograd.program.outs import REDUCTIONS, form_of
from autograd.program.planner import Plan

__all__ = ["Written", "write"]

CALM = frozenset({
    np.where, np.negative, np.absolute, np.maximum, np.minimum, np.greater, np.greater_equal,
    np.less, np.less_equal, np.equal, np.not_equal, np.reshape, np.transpose, np.swapaxes,
    np.broadcast_to, np.concatenate, np.stack, np.logical_not, np.logical_and, np.logical_or,
})  # fmt: skip
"""Functions that never warn: it does not matter whether warnings are off."""


class Written:
    """The two halves of a program as functions, with their text.

    Attributes
    ----------
    forward : takes the inputs; returns the results, then what the second half needs.
    backward : takes the seed, the inputs and what the first half left; returns the gradients.
    source : the text of both.
    """

    def __init__(self, source: str, namespace: dict[str, Any]) -> None:
        self.source = source
        floats.define("forward", source, namespace)
        self.forward: Callable[..., Any] = namespace["forward"]
        self.backward: Callable[..., Any] | None = namespace.get("backward")


def write(
    recording: Recording, steps: Sequence[Step], found: Plan, fresh: frozenset[int], reuse: bool
) -> Written:
    """Write the program down and link it to its buffers and constants."""
    return _Writer(recording, steps, found, fresh, reuse).written()


class _Writer:
    def __init__(
        self,
        recording: Recording,
        steps: Sequence[Step],
        found: Plan,
        fresh: frozenset[int],
        reuse: bool,
    ) -> None:
        self.recording, self.steps, self.plan = recording, steps, found
        self.fresh, self.reuse = fresh, reuse
        self.buffers = [_aligned(size) for size in found.sizes]
        self.namespace: dict[str, Any] = {
            **{MATH + name: function for name, function in floats.NAMESPACE.items()},
            "FLOAT_ERRORS": floats.FLOAT_ERRORS, "carefully": carefully,
            "asarray": np.asarray, "copyto": np.copyto, "empty": np.empty, "errstate": np.errstate,
        }  # fmt: skip
        self.names: dict[int, str] = {}
        self.known: dict[Any, str] = {}
        for slot in recording.inputs:
            self.names[slot] = f"i{slot}"
        if recording.seed is not None:
            self.names[recording.seed] = "seed"
        for slot, array in recording.constants.items():
            self.define(slot, array)
        self.lines: list[str] = []

    # ---- the two functions

    def written(self) -> Written:
        recording = self.recording
        split = next(
            (i for i, step in enumerate(self.steps) if recording.in_second_half(step)),
            len(self.steps),
        )
        first, second = self.steps[:split], self.steps[split:]
        inputs = [f"i{slot}" for slot in recording.inputs if slot != recording.seed]
        results = (*recording.outputs, *recording.assigned)
        self.write_steps(first)
        before = set(self.names)
        body = self.lines
        self.lines = []
        self.write_steps(second)
        later = self.lines
        carried = [n for n in dict.fromkeys(self.local_names(before)) if _mentions(later, n)]
        for slot in recording.gradients:
            name = self.names[slot]
            if slot in before and _is_local(name) and name not in carried:
                carried.append(name)
        text = [f"def forward({', '.join(inputs)}):", *_indented(body)]
        left = _tuple(carried)
        text += [f"    return {self.handed_out(results)}, {left}"]
        if recording.seed is not None:
            text += ["", "", f"def backward(seed, {', '.join([*inputs, *carried])}):"]
            text += _indented(later)
            text += [f"    return {self.handed_out(recording.gradients)}"]
        return Written("\n".join(text) + "\n", self.namespace)

    def local_names(self, slots: Iterable[int]) -> list[str]:
        """The names that only the running function knows."""
        return [self.names[slot] for slot in slots if _is_local(self.names[slot])]

    def handed_out(self, slots: Sequence[int]) -> str:
        """Results as a tuple, copied where something else may hold their memory."""
        given: set[int] = set()
        parts = []
        for slot in slots:
            value = self.recording.values[slot]
            home = self.recording.storage(slot)
            own = home in self.fresh and home not in given
            given.add(home)
            if own and value.shape == () and not value.weak:  # a call may return np.float64
                parts.append(f"asarray({self.names[slot]})")
            elif value.weak or own or (self.reuse and home in self.plan.buffer):
                parts.append(self.names[slot])
            else:
                parts.append(f"{self.names[slot]}.copy()")
        return _tuple(parts)

    # ---- steps

    def write_steps(self, steps: Sequence[Step]) -> None:
        quiet = False
        position = 0
        while position < len(steps):
            step = steps[position]
            if not (isinstance(step, Instruction) and step.function in CALM):
                wanted = (step.instructions[0] if isinstance(step, Block) else step).quiet
                if wanted != quiet:
                    if wanted:
                        self.lines.append("with errstate(all='ignore'):")
                    quiet = wanted
            mark = len(self.lines)
            if isinstance(step, Block):
                self.write_block(step)
                position += 1
            elif self.is_of_floats(step):
                run = []
                while position < len(steps) and self.is_of_floats(steps[position]):
                    run.append(steps[position])
                    position += 1
                self.write_floats(run)
            else:
                self.write_call(step)
                position += 1
            if quiet:
                self.lines[mark:] = _indented(self.lines[mark:])
        self.lines = _without_empty_blocks(self.lines)

    def write_call(self, instruction: Instruction) -> None:
        """A call that writes into a buffer, is a view, or returns an array of its own."""
        recording = self.recording
        if len(instruction.outputs) != 1 or instruction.several:
            self.write_several(instruction)
            return
        slot = instruction.output
        value = recording.values[slot]
        function = self.function(instruction)
        if value.view_of is not None:
            static = all(self.names[s] in self.namespace for s in instruction.reads)
            if static:
                self.define(slot, self.run_now(instruction), "b")
                return
            self.names[slot] = f"v{slot}"
            self.lines.append(f"v{slot} = {function}({self.arguments(instruction)})")
            return
        form = form_of(recording, instruction)
        if slot in self.plan.buffer and form is not None:
            self.define(slot, self.array_of(slot), "b")
            self.lines += self.filled(form, instruction, f"b{slot}")
            return
        prefix = "s" if value.weak else "v"
        self.names[slot] = f"{prefix}{slot}"
        call = f"{function}({self.arguments(instruction)})"
        self.lines.append(f"{self.names[slot]} = {call}")

    def filled(self, form: str, instruction: Instruction, out: str) -> list[str]:
        args = [self.argument(arg) for arg in instruction.args]
        text = form.format(
            *args, f=self.function(instruction), a=self.arguments(instruction), out=out,
            rest=", ".join(args[2:]),
        )  # fmt: skip
        return text.split("; ")

    def write_several(self, instruction: Instruction) -> None:
        """A call that returns a nest of arrays."""
        for slot in instruction.outputs:
            self.names[slot] = f"{'s' if self.recording.values[slot].weak else 'v'}{slot}"
        names = ", ".join(self.names[slot] for slot in instruction.outputs)
        call = f"{self.function(instruction)}({self.arguments(instruction)})"
        self.lines.append(f"{names}, = {self.global_name(leaves_of, 'leaves_of')}({call})")

    # ---- Python floats

    def is_of_floats(self, step: Step) -> bool:
        """Whether it computes a Python float of Python floats, by an expression."""
        if isinstance(step, Block) or step.several or step.kwargs or step.effect:
            return False
        values = self.recording.values
        if not values[step.output].weak or not all(values[s].weak for s in step.reads):
            return False
        names = [f"x{i}" for i in range(len(step.args))]
        plain = all(type(arg) in (Ref, float, int, bool) for arg in step.args)
        return plain and expression_of(step.function, names) is not None

    def write_floats(self, run: Sequence[Instruction]) -> None:
        """Arithmetic written out; where Python raises, the same again as IEEE 754 has it."""
        plain, careful = [], []
        for instruction in run:
            slot = instruction.output
            name = self.names[slot] = f"s{slot}"
            args = [self.argument(arg) for arg in instruction.args]
            plain.append(f"    {name} = {expression_of(instruction.function, args)}")
            function = self.global_name(instruction.function, "g_" + instruction.name)
            careful.append(f"    {name} = carefully({', '.join([function, *args])})")
        self.lines += ["try:", *plain, "except FLOAT_ERRORS:", *careful]

    # ---- blocks

    def write_block(self, block: Block) -> None:
        """A loop over pieces: each call of the block on one piece, then on the next."""
        size = int(np.prod(block.shape))
        widest = max(self.recording.values[s].dtype.itemsize for s in (*block.reads, *block.inside))
        length = max(PIECE // widest, 1)
        ranges = [slice(start, min(start + length, size)) for start in range(0, size, length)]
        columns: list[tuple[str, list[Any]]] = [("piece", list(ranges))]
        names = dict(self.names)
        prepare: list[str] = []
        pieces: list[str] = []
        for slot in block.reads:
            value = self.recording.values[slot]
            if value.weak or value.shape == ():
                continue
            name = self.names[slot]
            if value.spread or value.size == 1:  # one number, as an array of no axes
                names[slot] = f"n{slot}"
                prepare.append(f"n{slot} = {name}[{'0, ' * len(value.shape)}...]")
            elif name in self.namespace:
                flat = _flat(self.namespace[name], value.order)
                columns.append((f"p{slot}", [flat[r] for r in ranges]))
                names[slot] = f"p{slot}"
            else:
                prepare.append(f"f{slot} = {self.flattened(name, value.order)}")
                pieces.append(f"p{slot} = f{slot}[piece]")
                names[slot] = f"p{slot}"
        temporaries: dict[int, np.ndarray] = {}
        free: list[np.ndarray] = []
        lines: list[str] = []
        reads_after = _last_reads(block)
        for place, instruction in enumerate(block.instructions):
            slot = instruction.output
            value = self.recording.values[slot]
            args = ", ".join(self.argument(arg, names) for arg in instruction.args)
            for read in set(instruction.reads):
                if read in temporaries and reads_after[read] == place:
                    free.append(temporaries.pop(read))
            if slot in block.outputs:
                if slot in self.plan.buffer:
                    self.define(slot, self.array_of(slot), "b")
                    flat = _flat(self.namespace[f"b{slot}"], value.order)
                    columns.append((f"p{slot}", [flat[r] for r in ranges]))
                else:
                    self.names[slot] = f"v{slot}"
                    prepare.append(f"v{slot} = {self.emptied(slot)}")
                    prepare.append(f"f{slot} = {self.flattened(f'v{slot}', value.order)}")
                    pieces.append(f"p{slot} = f{slot}[piece]")
            else:
                array = next((a for a in free if a.dtype == value.dtype), None)
                if array is None:
                    array = _aligned(length * value.dtype.itemsize)[: length * value.dtype.itemsize]
                    array = array.view(value.dtype)
                else:
                    free = [a for a in free if a is not array]
                temporaries[slot] = array
                columns.append((f"p{slot}", [array[: r.stop - r.start] for r in ranges]))
            names[slot] = f"p{slot}"
            function = self.function(instruction)
            lines.append(f"{function}({args}, p{slot})")
        rows = list(zip(*(column for _, column in columns), strict=True))
        table = self.global_name(rows, "pieces")
        unpacked = ", ".join(name for name, _ in columns)
        self.lines += prepare
        self.lines.append(f"for {unpacked}{',' if len(columns) == 1 else ''} in {table}:")
        self.lines += _indented([*pieces, *lines])

    def flattened(self, name: str, order: Sequence[int]) -> str:
        if tuple(order) == tuple(range(len(order))):
            return f"{name}.reshape(-1)"
        return f"{name}.transpose({', '.join(map(str, order))}).reshape(-1)"

    def emptied(self, slot: int) -> str:
        """A new array laid out as the recorded one."""
        value = self.recording.values[slot]
        dtype = self.global_name(value.dtype, "dtype")
        if tuple(value.order) == tuple(range(len(value.order))):
            return f"empty({value.shape}, {dtype})"
        laid = tuple(value.shape[axis] for axis in value.order)
        back = tuple(int(i) for i in np.argsort(value.order))
        return f"empty({laid}, {dtype}).transpose({back})"

    # ---- names

    def function(self, instruction: Instruction) -> str:
        """The name of what is called."""
        function = instruction.function
        if function in REDUCTIONS and set(instruction.kwargs) <= {"axis", "keepdims"}:
            function = REDUCTIONS[function].reduce
        return self.global_name(function, instruction.name)

    def arguments(self, instruction: Instruction) -> str:
        parts = [self.argument(arg) for arg in instruction.args]
        kwargs = dict(instruction.kwargs)
        if instruction.function in REDUCTIONS and set(kwargs) <= {"axis", "keepdims"}:
            if len(instruction.args) == 1:
                kwargs.setdefault("axis", None)
        parts += [f"{name}={self.argument(value)}" for name, value in kwargs.items()]
        return ", ".join(parts)

    def argument(self, arg: Any, names: dict[int, str] | None = None) -> str:
        """An argument as text: a slot's name, a plain literal, or the name of a global."""
        kind = type(arg)
        if kind is Ref:
            return (names or self.names)[arg.slot]
        if kind in (int, bool, str, type(None)):
            return repr(arg)
        if kind is float and np.isfinite(arg):
            return repr(arg)
        if kind is tuple:
            return _tuple([self.argument(item, names) for item in arg])
        if kind is list:
            return f"[{', '.join(self.argument(item, names) for item in arg)}]"
        if kind is dict:
            items = (f"{key!r}: {self.argument(value, names)}" for key, value in arg.items())
            return f"{{{', '.join(items)}}}"
        return self.global_name(arg, "k")

    def global_name(self, thing: Any, stem: str) -> str:
        """The name that a function or constant has in the text."""
        key = thing if callable(thing) else id(thing)  # np.add.reduce is a new object each time
        known = self.known.get(key)
        if known is not None:
            return known
        stem = "".join(c if c.isalnum() else "_" for c in stem).strip("_") or "k"
        if stem[0].isdigit():
            stem = f"k_{stem}"
        name, n = stem, 1
        while name in self.namespace or name[1:].isdigit():
            n += 1
            name = f"{stem}_{n}"
        self.namespace[name] = thing
        self.known[key] = name
        return name

    def define(self, slot: int, array: np.ndarray, letter: str = "c") -> None:
        """Make an array a global of the text."""
        self.names[slot] = f"{letter}{slot}"
        self.namespace[f"{letter}{slot}"] = array

    def array_of(self, slot: int) -> np.ndarray:
        """The array of a slot, in its buffer."""
        value = self.recording.values[slot]
        memory = self.buffers[self.plan.buffer[slot]][: value.nbytes]
        laid = memory.view(value.dtype).reshape([value.shape[axis] for axis in value.order])
        return laid.transpose(np.argsort(value.order)) if value.order else laid.reshape(())

    def run_now(self, instruction: Instruction) -> Any:
        """A view of memory that is there already."""
        values = instruction.reading(lambda slot: self.namespace[self.names[slot]])
        return instruction.function(*values.args, **values.kwargs)


def leaves_of(nest: Any) -> list[Any]:
    """The arrays of a nest of results, in order."""
    if isinstance(nest, (tuple, list)):
        return [leaf for part in nest for leaf in leaves_of(part)]
    return [nest] if isinstance(nest, (np.ndarray, np.generic, float)) else []


def _is_local(name: str) -> bool:
    return name[0] in "vs" and name[1:].isdigit()


def _aligned(size: int) -> np.ndarray:
    """Bytes that begin at a cache line."""
    raw = np.empty(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size]


def _flat(array: np.ndarray, order: Sequence[int]) -> np.ndarray:
    flat = array.transpose(order).reshape(-1)
    assert np.shares_memory(flat, array)
    return flat


def _last_reads(block: Block) -> dict[int, int]:
    return {s: place for place, i in enumerate(block.instructions) for s in i.reads}


def _tuple(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _mentions(lines: Sequence[str], name: str) -> bool:
    import re

    pattern = re.compile(rf"\b{name}\b")
    return any(pattern.search(line) for line in lines)


def _without_empty_blocks(lines: list[str]) -> list[str]:
    """The lines, but for a `with` that nothing follows inside."""
    return [
        line
        for i, line in enumerate(lines)
        if not (
            line.startswith("with ")
            and (i + 1 == len(lines) or not lines[i + 1].startswith("    "))
        )
    ]
