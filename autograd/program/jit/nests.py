"""Calls on small arrays as nests of loops in one compiled function.

A call costs about a microsecond around what it computes, as long as a thousand additions take.
Here elementwise calls of one shape share a loop, in which what nobody else reads is a local
variable; products, sums and picks of entries are loops of their own. Sums add up row by row or
from the first entry to the last, where BLAS and NumPy add in blocks: the last bits differ.

Sizes and numbers are arguments. Batches of all sizes then share what was compiled; and a compiler
that knew the sizes would unroll loops until they take longer.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.program.in_place import with_item
from autograd.program.instruction import Instruction, Recording, Ref, Value
from autograd.program.jit.expressions import entry, is_known

__all__ = ["NestWriter", "is_nest", "is_product"]

REDUCTIONS = {
    np.sum: "sum", np.ndarray.sum: "sum", np.max: "max", np.ndarray.max: "max",
    np.mean: "mean", np.ndarray.mean: "mean",
}  # fmt: skip
FILLS = {np.zeros_like: 0.0, np.ones_like: 1.0}
METHODS = {"add": "sum", "maximum": "max"}
TURNS = (np.swapaxes, np.transpose, np.ndarray.transpose)
SHAPES = (np.reshape, np.ndarray.reshape)
KINDS = "fbi"


def is_nest(recording: Recording, instruction: Instruction) -> bool:
    """Whether a call can be written as loops."""
    return (
        not instruction.several
        and not instruction.effect
        and len(instruction.outputs) == 1
        and (is_known(recording, instruction) or _writer_of(recording, instruction) is not None)
    )


class NestWriter:
    """The text of one function that computes what some instructions do.

    Attributes: `reads`, the registers that it is given, and `outputs`, those that it writes into
    arrays that it is given; `sizes` and `numbers`, what it is given after those; `text`, with
    ``{name}`` for its name.
    """

    def __init__(
        self,
        recording: Recording,
        instructions: Sequence[Instruction],
        reads: Sequence[int],
        outputs: Sequence[int],
    ) -> None:
        self.recording = recording
        self.values = recording.values
        self.reads, self.outputs = tuple(reads), tuple(outputs)
        self.sizes: dict[int, str] = {}
        self.numbers: dict[str, str] = {}
        self.lines: list[str] = []
        self.loop: list[Instruction] = []
        self.stored = set(self.outputs) | self._read_by_others(instructions)
        for instruction in instructions:
            if is_known(recording, instruction):
                if self.loop and self._shape(self.loop[0]) != self._shape(instruction):
                    self._close()
                self.loop.append(instruction)
            else:
                self._close()
                write = _writer_of(recording, instruction)
                assert write is not None
                write(self, instruction)
        self._close()

    @property
    def text(self) -> str:
        names = [f"v{register}" for register in (*self.reads, *self.outputs)]
        names += [*self.sizes.values(), *self.numbers.values()]
        body = "\n    ".join(self.lines)
        return f"\ndef {{name}}({', '.join(names)}):\n    {body}\n"

    def size(self, length: int) -> str:
        """The argument that is a length."""
        return self.sizes.setdefault(int(length), f"n{len(self.sizes)}")

    def shape(self, register: int) -> str:
        """A register's shape."""
        return "".join(f"{self.size(length)}, " for length in self.values[register].shape)

    def number(self, value: float) -> str:
        """The argument that is a number."""
        return self.numbers.setdefault(repr(value), f"k{len(self.numbers)}")

    # ---- elementwise calls

    def _read_by_others(self, instructions: Sequence[Instruction]) -> set[int]:
        """The registers that are read outside of the loop which computes them."""
        found: set[int] = set()
        together: set[int] = set()
        shape: tuple[int, ...] | None = None
        for instruction in instructions:
            same = is_known(self.recording, instruction) and self._shape(instruction) == shape
            if not same:
                together = set()
            found.update(register for register in instruction.reads if register not in together)
            shape = None
            if is_known(self.recording, instruction):
                shape = self._shape(instruction)
                together.add(instruction.output)
        return found

    def _shape(self, instruction: Instruction) -> tuple[int, ...]:
        return self.values[instruction.output].shape

    def _close(self) -> None:
        """Write the loop over the elementwise calls that wait."""
        if not self.loop:
            return
        shape = self._shape(self.loop[0])
        body: list[str] = []
        inside: set[int] = set()
        for instruction in self.loop:
            texts = [
                f"t{register}" if register in inside else self.at(register, shape)
                for register in instruction.reads
            ]
            register = instruction.output
            body.append(f"t{register} = {entry(self.recording, instruction, texts, self.number)}")
            inside.add(register)
            if register in self.stored:
                self.allocate(register)
                body.append(f"{self.at(register, shape)} = t{register}")
        self.loops(shape, body)
        self.loop = []

    def at(self, register: int, shape: tuple[int, ...], letter: str = "i") -> str:
        """An entry of a register, broadcast to a shape whose indices are i0, i1, ..."""
        value = self.values[register]
        if value.weak:
            return f"v{register}"
        first = len(shape) - len(value.shape)
        index = [
            "0" if length == 1 else f"{letter}{first + axis}"
            for axis, length in enumerate(value.shape)
        ]
        return f"v{register}[{', '.join(index) or '()'}]"

    # ---- text

    def loops(self, shape: Sequence[int], body: Sequence[str], letter: str = "i") -> None:
        """Loops over a shape around some lines."""
        for axis, length in enumerate(shape):
            self.lines.append(f"{'    ' * axis}for {letter}{axis} in range({self.size(length)}):")
        self.lines += ["    " * len(shape) + line for line in body]

    def allocate(self, register: int) -> None:
        """An array for a register that is only known here."""
        if register not in self.outputs:
            dtype = self.values[register].dtype
            self.lines.append(f"v{register} = empty(({self.shape(register)}), {dtype}_)")

    # ---- other calls

    def view(self, instruction: Instruction) -> None:
        """A view, as Numba's arrays have them too."""
        source, register = instruction.reads[0], instruction.output
        function = instruction.function
        if function in TURNS:
            self.lines.append(f"v{register} = v{source}.T")
        elif function in SHAPES:
            self.lines.append(f"v{register} = rows(v{source}).reshape(({self.shape(register)}))")
        elif function is np.broadcast_to:
            self.lines.append(f"v{register} = broadcast_to(v{source}, ({self.shape(register)}))")
        else:
            self.lines.append(f"v{register} = v{source}[{_key_text(instruction.args[1])}]")

    def flatten(self, instruction: Instruction) -> None:
        """A copy in one dimension."""
        source, register = instruction.reads[0], instruction.output
        self.allocate(register)
        self.lines.append(
            f"v{register}[:] = rows(v{source}).reshape({self.size(self.values[register].size)})"
        )

    def product(self, instruction: Instruction) -> None:
        """A matrix, or a row, times a matrix: rows of that, each times a number, added up."""
        a, b = instruction.reads
        register = instruction.output
        k, n = self.values[b].shape
        self.allocate(register)
        name = f"v{b}"
        if not _by_rows(self.values[b]):
            name = f"w{register}"
            self.lines.append(f"{name} = empty(({self.shape(b)}), {self.values[b].dtype}_)")
            self.loops((k, n), [f"{name}[i0, i1] = v{b}[i0, i1]"])
        self.lines.append(f"v{register}[:] = 0.0")
        if len(self.values[a].shape) == 1:
            row = [
                f"for j in range({self.size(n)}):",
                f"    v{register}[j] += v{a}[i0] * {name}[i0, j]",
            ]
            self.loops((k,), row)
            return
        m = self.values[a].shape[0]
        outer, factor = (m, k), f"v{a}[i0, i1]"
        row = "i0"
        if not _by_rows(self.values[a]):  # the rows of the matrix that it is the transpose of
            outer, factor, row = (k, m), f"v{a}[i1, i0]", "i1"
        self.loops(
            outer,
            [
                f"x = {factor}",
                f"for j in range({self.size(n)}):",
                f"    v{register}[{row}, j] += x * {name}[{'i1' if row == 'i0' else 'i0'}, j]",
            ],
        )

    def reduce(self, instruction: Instruction) -> None:
        """A sum or a maximum over axes, in the order in which the entries lie."""
        source, register = instruction.reads[0], instruction.output
        before = self.values[source].shape
        axes = _axes(instruction, len(before))
        kept = [axis for axis in range(len(before)) if axis not in axes]
        index = [f"i{axis}" for axis in kept]
        if instruction.kwargs.get("keepdims"):
            index = [f"i{a}" if a in kept else "0" for a in range(len(before))]
        place = f"v{register}[{', '.join(index) or '()'}]"
        read = f"v{source}[{', '.join(f'i{axis}' for axis in range(len(before))) or '()'}]"
        self.allocate(register)
        total = _reduction(instruction) != "max"
        dtype = self.values[register].dtype
        if kept and max(axes) < min(kept):  # row by row
            self._each(before, kept, [f"{place} = {dtype}({0.0 if total else -math.inf!r})"])
            change = f"{place} += {read}" if total else f"{place} = {_larger(place, read)}"
            self.loops(before, [change])
            if _reduction(instruction) == "mean":
                self._each(before, kept, [f"{place} /= {self._count(before, axes)}"])
            return
        lines = [f"x = {dtype}({0.0 if total else -math.inf!r})"]
        for depth, axis in enumerate(sorted(axes)):
            lines.append(f"{'    ' * depth}for i{axis} in range({self.size(before[axis])}):")
        lines.append(
            "    " * len(axes) + (f"x += {read}" if total else f"x = {_larger('x', read)}")
        )
        mean = f" / {self._count(before, axes)}" if _reduction(instruction) == "mean" else ""
        self._each(before, kept, [*lines, f"{place} = x{mean}"])

    def _count(self, shape: Sequence[int], axes: Sequence[int]) -> str:
        """How many entries a mean is taken over."""
        return f"float64({' * '.join(self.size(shape[axis]) for axis in axes)})"

    def fill(self, instruction: Instruction) -> None:
        """An array of one number."""
        register = instruction.output
        self.allocate(register)
        self.lines.append(f"v{register}[:] = {FILLS[instruction.function]}")

    def _each(self, shape: Sequence[int], axes: Sequence[int], body: Sequence[str]) -> None:
        """Loops over some axes."""
        for depth, axis in enumerate(axes):
            self.lines.append(f"{'    ' * depth}for i{axis} in range({self.size(shape[axis])}):")
        self.lines += ["    " * len(axes) + line for line in body]

    def pick(self, instruction: Instruction) -> None:
        """Entries at the places that arrays of indices name."""
        source, register = instruction.reads[0], instruction.output
        self.allocate(register)
        length = self.values[register].shape[0]
        lines, index = self._index(instruction.args[1], self.values[source].shape)
        self.loops((length,), [*lines, f"v{register}[i0] = v{source}[{index}]"])

    def put(self, instruction: Instruction) -> None:
        """A copy with other entries at some places."""
        source, register = instruction.args[0].register, instruction.output
        new = instruction.args[2]
        shape = self.values[source].shape
        self.allocate(register)
        self.loops(shape, [f"{self.at(register, shape)} = {self.at(source, shape)}"])
        key = instruction.args[1]
        first = key[0] if type(key) is tuple else key
        (length,) = self.values[first.register].shape
        lines, index = self._index(key, shape)
        value = self.at(new.register, (length,)) if type(new) is Ref else self.number(new)
        self.loops((length,), [*lines, f"v{register}[{index}] = {value}"])

    def _index(self, key: Any, shape: Sequence[int]) -> tuple[list[str], str]:
        """The lines that check an index, and its text."""
        keys = key if type(key) is tuple else (key,)
        lines = []
        for axis, (ref, length) in enumerate(zip(keys, shape, strict=True)):
            lines.append(f"j{axis} = v{ref.register}[i0]")
            lines.append(f"if j{axis} < -{self.size(length)} or j{axis} >= {self.size(length)}:")
            lines.append("    raise OutOfRangeError('an index is out of bounds')")
        return lines, ", ".join(f"j{axis}" for axis in range(len(keys)))


def _larger(a: str, b: str) -> str:
    return f"{a} if {a} >= {b} or {a} != {a} else {b}"


def _by_rows(value: Value) -> bool:
    return value.order == tuple(range(len(value.shape)))


def _key_text(key: Any) -> str:
    keys = key if type(key) is tuple else (key,)
    parts = []
    for k in keys:
        if type(k) is slice:
            ends = ["" if end is None else str(end) for end in (k.start, k.stop, k.step)]
            parts.append(":".join(ends))
        else:
            parts.append(repr(k))
    return ", ".join(parts)


def _is_basic(key: Any) -> bool:
    keys = key if type(key) is tuple else (key,)
    return bool(keys) and all(
        type(k) is int
        or (
            type(k) is slice
            and all(type(e) in (int, type(None)) for e in (k.start, k.stop, k.step))
        )
        for k in keys
    )


def _reduction(instruction: Instruction) -> str | None:
    owner = getattr(instruction.function, "__self__", None)
    if isinstance(owner, np.ufunc) and instruction.function.__name__ == "reduce":
        return METHODS.get(owner.__name__)
    return REDUCTIONS.get(instruction.function)


def _axes(instruction: Instruction, ndim: int) -> tuple[int, ...]:
    """The axes of a reduction, from 0 on."""
    default = 0 if getattr(instruction.function, "__self__", None) is not None else None
    axis = instruction.kwargs.get("axis", default)
    if len(instruction.args) > 1:
        axis = instruction.args[1]
    if axis is None:
        return tuple(range(ndim))
    return tuple(a % ndim for a in (axis if type(axis) is tuple else (axis,)))


def is_product(instruction: Instruction) -> bool:
    """Whether it multiplies matrices."""
    return instruction.function in (np.matmul, np.dot)


Writer = Callable[[NestWriter, Instruction], None]


def _writer_of(recording: Recording, instruction: Instruction) -> Writer | None:
    """How a call that is not elementwise is written; None where it cannot be."""
    args, kwargs, function = instruction.args, instruction.kwargs, instruction.function
    if len(instruction.outputs) != 1:
        return None
    after = recording.values[instruction.output]
    known = [recording.values[register] for register in instruction.reads]
    if after.weak or any(v.weak or v.dtype.kind not in KINDS for v in (after, *known)):
        return None
    if not args or type(args[0]) is not Ref:
        return None
    before = recording.values[args[0].register]
    if after.view_of is not None:
        flat = function in TURNS and len(after.shape) == 2 and after.order != before.order
        kwargs = {name: value for name, value in kwargs.items() if value is not None}
        dense = before.dense and _by_rows(before)
        cut = function is operator.getitem and _is_basic(args[1])
        shaped = function in SHAPES and dense and len(args) == 2
        spread = function is np.broadcast_to and len(args) == 2 and bool(before.shape)
        return NestWriter.view if not kwargs and (flat or cut or shaped or spread) else None
    floats = after.dtype.kind == "f" and all(v.dtype == after.dtype for v in known[:1])
    if is_product(instruction):
        if kwargs or len(known) != 2 or any(v.dtype != after.dtype for v in known):
            return None
        shapes = len(known[0].shape), len(known[1].shape)
        return NestWriter.product if floats and shapes in ((1, 2), (2, 2)) else None
    if function in FILLS and floats and len(args) == 1 and not kwargs:
        return NestWriter.fill if after.shape else None
    if kwargs.get("dtype", 0) is None:
        kwargs = {name: value for name, value in kwargs.items() if name != "dtype"}
    if _reduction(instruction) and floats and set(kwargs) <= {"axis", "keepdims"}:
        plain = before.size > 0 and len(known) == 1 and len(args) <= 2
        return NestWriter.reduce if plain and before.shape else None
    if function is np.ndarray.flatten and len(args) == 1 and not kwargs:
        return NestWriter.flatten if before.dense and _by_rows(before) else None
    if function is operator.getitem and floats and _by_arrays(recording, args[1], before):
        return NestWriter.pick
    if function is with_item and floats and _by_arrays(recording, args[1], before):
        new = args[2]
        one = type(new) in (int, float) or len(recording.values[new.register].shape) <= 1
        return NestWriter.put if one else None
    return None


def _by_arrays(recording: Recording, key: Any, before: Value) -> bool:
    """Whether an index is an array of integers for each axis, all of one length."""
    keys = key if type(key) is tuple else (key,)
    if len(keys) != len(before.shape) or not all(type(k) is Ref for k in keys):
        return False
    found = [recording.values[k.register] for k in keys]
    return all(v.dtype.kind == "i" and len(v.shape) == 1 for v in found) and (
        len({v.shape for v in found}) == 1
    )
