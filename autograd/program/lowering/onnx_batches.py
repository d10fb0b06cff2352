"""Recordings of one function for batches of several sizes, as one with lengths that move.

Where two differ in a whole number, it is a multiple of the size and a number; in anything else they
must not differ. Further sizes are to be what these two say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from autograd.eager import value_of
from autograd.errors import CompileError, DataError
from autograd.exchange.onnx_model import OnnxModel
from autograd.modes import no_grad
from autograd.program.backend import evaluate
from autograd.program.instruction import Instruction, Recording, Ref, Value
from autograd.program.loop_runs import Forward, Layout
from autograd.program.lowering.onnx_sizes import Size
from autograd.program.lowering.walk import in_gates

__all__ = [
    "Batches", "Inlined", "Steps", "Stretched", "has_sizes", "is_answered", "is_foreseen",
    "with_gates",
]  # fmt: skip


class Steps(NamedTuple):
    """The step of a loop as it is gone over: its recording, and what is known of its operands."""

    places: range
    recording: Recording
    carry: Sequence[Value]
    xs: Sequence[Value]
    read: Sequence[int]
    layout: Layout
    name: str

    @classmethod
    def of(cls, loop: Forward) -> Steps:
        step = loop.step
        return cls(
            loop.places, step.forward.recording, step.operands.carry, step.operands.xs, step.read,
            loop.layout, loop.__name__,
        )  # fmt: skip

    @property
    def __name__(self) -> str:
        return self.name

    def parts(self, values: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        first, second = len(self.carry), len(self.carry) + len(self.xs)
        return list(values[:first]), list(values[first:second]), list(values[second:])


class Inlined(NamedTuple):
    """A kernel of a gate, by a recording of other gates."""

    recording: Recording
    name: str

    @property
    def __name__(self) -> str:
        return self.name


def with_gates(call: Instruction, recording: Recording) -> Instruction:
    """A call of a kernel that other gates describe, by these."""
    described = in_gates(call, recording.values)
    if described is None:
        return call
    function: Any = Inlined(described, call.name)
    return replace(call, function=function)


class Batches(NamedTuple):
    """Two sizes of the batch, of two recordings of one function."""

    one: int
    two: int

    @classmethod
    def between(cls, one: Recording, two: Recording, data: Mapping[int, Any]) -> Batches:
        """The sizes, found where the shapes of the inputs differ."""
        found = set()
        for a, b in zip(one.inputs, two.inputs, strict=False):
            if a not in data:
                shapes = one.values[a].shape, two.values[b].shape
                found |= {pair for pair in zip(*shapes, strict=False) if len(set(pair)) == 2}
        if len(found) != 1:
            raise DataError(
                "a symbolic axis needs two programs of one function, whose inputs differ in one "
                f"length; these differ in {sorted(found) or 'none'}"
            )
        return cls(*found.pop())

    def joined(self, one: Recording, two: Recording) -> Recording:
        """The first one, with a `Size` for each whole number in which the two differ.

        Raises CompileError (a TypeError) where they differ in anything else.
        """
        alike = (
            len(one.values) == len(two.values) and one.inputs == two.inputs
            and one.outputs == two.outputs and one.constants.keys() == two.constants.keys()
            and len(one.instructions) == len(two.instructions)
        )  # fmt: skip
        if not alike:
            raise self.differ()
        values = [self.of_value(a, b) for a, b in zip(one.values, two.values, strict=True)]
        constants = {r: self.constant(a, two.constants[r]) for r, a in one.constants.items()}
        pairs = zip(one.instructions, two.instructions, strict=True)
        instructions = tuple(self.of_call(with_gates(a, one), with_gates(b, two)) for a, b in pairs)
        return replace(one, values=values, constants=constants, instructions=instructions)

    def differ(self) -> CompileError:
        return CompileError(
            f"the function computes otherwise for {self.one} rows than for {self.two}: what it "
            "does must not depend on their number, if that is to be open; batch=False, or no "
            "other program, exports it for one number alone"
        )

    def of_value(self, a: Value, b: Value) -> Value:
        return replace(a, shape=self.merged(a.shape, b.shape, "an array's shape"))

    def of_call(self, a: Instruction, b: Instruction) -> Instruction:
        function: Any = a.function
        where = f"{a.name}() of the gate {a.gate!r}"
        if isinstance(function, Forward) and isinstance(b.function, Forward):
            function = self.of_loop(function, b.function)
        elif isinstance(function, Inlined) and isinstance(b.function, Inlined):
            function = Inlined(self.joined(function.recording, b.function.recording), a.name)
        elif a.name != b.name:
            raise CompileError(f"{where} is {b.name}() for another number of rows")
        return replace(
            a, function=function, args=self.merged(a.args, b.args, where),
            kwargs=self.merged(a.kwargs, b.kwargs, where),
        )  # fmt: skip

    def of_loop(self, a: Forward, b: Forward) -> Steps:
        one, two = Steps.of(a), Steps.of(b)
        return one._replace(
            places=one.places,
            recording=self.joined(one.recording, two.recording),
            carry=list(map(self.of_value, one.carry, two.carry)),
            xs=list(map(self.of_value, one.xs, two.xs)),
        )

    def merged(self, a: Any, b: Any, where: str) -> Any:
        kind = type(a)
        if kind is Ref or kind is not type(b):
            same = a == b
        elif kind in (tuple, list) and len(a) == len(b):
            return kind([self.merged(x, y, where) for x, y in zip(a, b, strict=True)])
        elif kind is dict and a.keys() == b.keys():
            return {key: self.merged(x, b[key], where) for key, x in a.items()}
        elif kind is slice:
            ends = ((a.start, b.start), (a.stop, b.stop), (a.step, b.step))
            return slice(*[self.merged(x, y, where) for x, y in ends])
        elif kind is int and a != b:
            per = (b - a) / (self.two - self.one)
            if per == int(per):
                return Size(a, int(per), a - int(per) * self.one)
            same = False
        else:
            same = np.array_equal(a, b, equal_nan=kind is float)
        if not same:
            raise CompileError(
                f"{where} has {a!r} for {self.one} rows and {b!r} for {self.two}, which no "
                "multiple of their number says: export it for one number of rows"
            )
        return a

    def constant(self, a: Any, b: Any) -> Any:
        """A recorded array; one that has equal rows for as many rows as there are, stretched."""
        if np.shape(a) == np.shape(b):
            if np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f"):
                return a
        elif np.ndim(a) == np.ndim(b):
            shape = self.merged(np.shape(a), np.shape(b), "a constant")
            ones = tuple(slice(0, 1) if type(n) is Size else slice(None) for n in shape)
            row = np.asarray(a)[ones]
            if np.array_equal(np.broadcast_to(row, np.shape(a)), a):
                return Stretched(row, shape)
        raise CompileError(
            f"an array that the function makes itself, of shape {np.shape(a)}, depends on the "
            "number of rows: export it for one number of rows"
        )


class Stretched(NamedTuple):
    """A constant of as many equal rows as there are."""

    row: np.ndarray
    shape: tuple[int, ...]


def is_foreseen(
    further: Recording, one: Recording, joined: Recording, data: Mapping[int, Any]
) -> bool:
    """Whether a recording for a further size is what the joined one says; if not, it may compute
    the same all the same: of one row, what is divided by their number is left as it is."""
    try:
        return is_alike(joined, Batches.between(one, further, data).joined(one, further))
    except CompileError:
        return False


def is_answered(model: OnnxModel, recording: Recording, data: Mapping[int, Any]) -> bool:
    """Whether a model gives a recording's numbers, for inputs drawn at random and indices 0."""
    rng, known, given = np.random.default_rng(0), dict(recording.constants), []
    for register in recording.inputs:
        value = recording.values[register]
        if register in data:
            known[register] = data[register]
            continue
        is_float = value.dtype.kind == "f"
        drawn = rng.normal(size=value.shape) if is_float else np.zeros(value.shape)
        known[register] = drawn.item() if value.weak else drawn.astype(value.dtype)
        given.append(known[register])
    for instruction in recording.instructions:
        if not recording.in_second_half(instruction):
            evaluate(instruction, known, recording.values)
    try:
        with no_grad():
            made = model(*given)
    except Exception:  # of that size it computes nothing
        return False
    for found, register in zip(made if isinstance(made, tuple) else [made], recording.outputs,
                               strict=True):  # fmt: skip
        answer, number = np.asarray(value_of(found)), np.asarray(known[register])
        near = 1e-4 if answer.dtype.itemsize < 8 else 1e-9
        scale = np.max(np.abs(number), initial=1.0, where=np.isfinite(number))
        if answer.shape != number.shape or not np.allclose(
            answer, number, near, near * scale, equal_nan=True
        ):
            return False
    return True


def is_alike(a: Any, b: Any) -> bool:
    """Whether two recordings, which differ in nothing else, have the same lengths that move."""
    if isinstance(a, Recording):
        parts = [(one.values, one.constants, one.instructions) for one in (a, b)]
        return is_alike(*map(list, parts))
    if isinstance(a, Instruction):
        return is_alike([a.function, a.args, a.kwargs], [b.function, b.args, b.kwargs])
    if isinstance(a, (Value, Stretched)):
        return is_alike(a.shape, b.shape)
    if isinstance(a, (Inlined, Steps)):
        return is_alike(a.recording, b.recording)
    if type(a) is Size or type(b) is Size:
        return bool(a == b)
    if isinstance(a, (tuple, list)):
        return all(is_alike(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return all(is_alike(x, b[key]) for key, x in a.items())
    if isinstance(a, slice):
        return is_alike([a.start, a.stop], [b.start, b.stop])
    return True


def has_sizes(nest: Any) -> bool:
    kind = type(nest)
    if kind is Size:
        return True
    if kind is slice:
        return has_sizes((nest.start, nest.stop))
    if kind is dict:
        return has_sizes(list(nest.values()))
    return kind in (tuple, list) and any(map(has_sizes, nest))
