"""Whether a function does the same each time: what a program would freeze must be no accident.

A function is run a second time while it is recorded, and what it did is compared, call by call and
constant by constant. What differs was read from the clock, drawn from a generator that nothing
here can see, or counted; a program would repeat the first of it for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd.eager import value_of
from autograd.effects import Draw
from autograd.errors import CompileError
from autograd.program.instruction import Instruction, Ref, Value
from autograd.program.numbers import FloatFunction
from autograd.program.opaque import Opaque
from autograd.program.symbol import Symbol
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.program.recorder import Recorder

__all__ = ["Repetition", "Sketch", "check_repeats", "not_the_same"]

BOUND = type(np.add.reduce)
"""Of a ufunc's method, which is another object each time that it is asked for."""

BY_VALUE = (int, bool, str)
"""Kinds of arguments that are equal where their values are."""

DEEP = 8
"""How far closures of closures are compared."""


class Sketch(NamedTuple):
    """What one recording did: its calls, its constants, its results and what it assigned.

    `values` and `examples` are what is known of its registers, so that a second recording need not
    compute the same again.
    """

    instructions: list[Instruction]
    constants: dict[int, Any]
    results: list[Any]
    values: list[Value]
    examples: dict[int, Any]

    @classmethod
    def of(cls, tape: Recorder, results: Sequence[Any]) -> Sketch:
        """Of what is on a tape so far."""
        assigned = [symbol for symbol, _ in tape.outside.assigned.values()]
        left = [_register(value_of(result)) for result in (*results, *assigned)]
        return cls(
            list(tape.instructions), dict(tape.registers.constants), left,
            list(tape.registers.values), tape.examples,
        )  # fmt: skip

    def draws(self) -> list[Any]:
        """What was drawn at random by `ag.sample`, in its order."""
        return [i.function.first for i in self.instructions if isinstance(i.function, Draw)]


class Repetition:
    """A recording beside an earlier one, which it is to be the same as: of calls that were made
    then, the results are known."""

    def __init__(self, tape: Recorder, first: Sketch) -> None:
        self._tape, self._first = tape, first

    def result(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Symbol | None:
        """The result of a call that was the next one in the earlier recording, too.

        It is not computed again. None where it may be another call, or its result was not kept.
        """
        tape, first = self._tape, self._first
        at, register = len(tape.instructions), len(tape.registers.values)
        if at >= len(first.instructions):
            return None
        next_one = first.instructions[at]
        if next_one.outputs != (register,) or register not in first.examples:
            return None
        made = next_one.function
        if function is not made and not (
            type(function) is type(made) is BOUND and function == made
        ):
            return None
        arrays: list[np.ndarray] = []
        if not self._is_like(args, next_one.args, arrays) or (
            (kwargs or next_one.kwargs) and not self._is_like(kwargs, next_one.kwargs, arrays)
        ):
            return None
        tape.instructions.append(next_one)
        tape.registers.repeat(first.values[register])
        for array in arrays:
            tape.registers.constant(array)
        return Symbol(tape, register, first.examples[register])

    def _is_like(self, given: Any, known: Any, arrays: list[np.ndarray]) -> bool:
        """Whether arguments are those of an earlier call; arrays among them are collected."""
        kind = type(given)
        if kind is tuple or kind is list:
            if type(known) is not kind or len(known) != len(given):
                return False
            for one, other in zip(given, known, strict=True):
                if type(one) is Symbol:
                    if (
                        type(other) is not Ref
                        or other.register != one.register
                        or one.tape is not self._tape
                    ):
                        return False
                elif one is not other and not self._is_like(one, other, arrays):
                    return False
            return True
        if kind is dict:
            return (
                type(known) is dict
                and given.keys() == known.keys()
                and self._is_like([*given.values()], [known[name] for name in given], arrays)
            )
        if kind is float:
            return type(known) is float and given.hex() == known.hex()
        if kind is np.ndarray:
            arrays.append(given)
            return type(known) is Ref and self._is_constant(given, known.register)
        return given is known or (kind in BY_VALUE and kind is type(known) and bool(given == known))

    def _is_constant(self, array: np.ndarray, register: int) -> bool:
        """Whether an array is a constant in its register, or would be the same one there."""
        tape = self._tape
        if register <= len(tape.registers.values):
            return tape.registers.is_known(array, register)
        known = self._first.constants.get(register)
        return (
            type(known) is np.ndarray
            and not tape.registers.is_known(array)
            and (known.shape, known.dtype) == (array.shape, array.dtype)
            and known.tobytes() == array.tobytes()
        )


def check_repeats(first: Sketch, second: Sketch) -> None:
    """Raise CompileError (a TypeError) where two recordings of a function are not the same."""
    what = _difference(first, second)
    if what is not None:
        raise CompileError(not_the_same(what))


def not_the_same(what: str) -> str:
    return (
        f"a compiled function does something else each time that it runs, {what}, and a program "
        "would repeat the first of it: it reads a clock, counts its calls, or draws at random by "
        "other means than ag.sample. Pass what changes as an argument, and draw with "
        "ag.sample(lambda: rng.normal(size=3)) from a generator made outside"
    )


def _difference(first: Sketch, second: Sketch) -> str | None:
    for one, other in zip(first.instructions, second.instructions, strict=False):
        if one is not other and not (
            one.outputs == other.outputs
            and _same(one.function, other.function)
            and _same(one.args, other.args)
            and _same(one.kwargs, other.kwargs)
        ):
            changed = _numbers(one.args, other.args) or _numbers(first.constants, second.constants)
            return f"as its call of {one.name}{changed}"
    if len(first.instructions) != len(second.instructions):
        return f"{len(first.instructions)} calls and then {len(second.instructions)}"
    if not _same(first.constants, second.constants):
        return f"as a constant of it{_numbers(first.constants, second.constants)}"
    if not _same(first.results, second.results):
        return f"as what it returns{_numbers(first.results, second.results)}"
    return None


def _numbers(one: Any, other: Any) -> str:
    """The first numbers that differ among two nests."""
    if type(one) is dict:
        one, other = list(one.values()), list(other.values())
    for a, b in zip(one, other, strict=False):
        if isinstance(a, (int, float, str, np.ndarray)) and not _same(a, b):
            a, b = (np.array2string(np.asarray(v), threshold=4, edgeitems=2) for v in (a, b))
            return f" with {a} and then {b}"
    return ""


def _register(value: Any) -> Any:
    return Ref(value.register) if type(value) is Symbol else value


def _same(one: Any, other: Any, depth: int = 0) -> bool:
    """Whether two parts of a recording do the same; of strange objects their types decide."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, (int, float, complex, str, bytes, Ref)):
        return bool(one == other or (one != one and other != other))
    if isinstance(one, (np.ndarray, np.generic)):
        return one.shape == other.shape and one.dtype == other.dtype and _same_bits(one, other)
    if depth > DEEP:
        return True
    pairs = _parts(one, other)
    return pairs is not None and all(_same(a, b, depth + 1) for a, b in pairs)


def _parts(one: Any, other: Any) -> Sequence[tuple[Any, Any]] | None:
    """What two things of one type are made of, in pairs; None where it is not alike."""
    parts = [_made_of(thing) for thing in (one, other)]
    if len(parts[0]) != len(parts[1]):
        return None
    return list(zip(*parts, strict=True))


def _made_of(thing: Any) -> list[Any]:
    if isinstance(thing, (tuple, list)):
        return list(thing)
    if isinstance(thing, dict):
        return [*thing, *thing.values()]
    if isinstance(thing, slice):
        return [thing.start, thing.stop, thing.step]
    if isinstance(thing, FunctionType):
        cells = [cell.cell_contents for cell in thing.__closure__ or () if _is_filled(cell)]
        return [thing.__code__, *cells, *(thing.__defaults__ or ())]
    if isinstance(thing, MethodType):
        return [thing.__func__]
    if isinstance(thing, partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    if isinstance(thing, Opaque):
        return [thing.function, thing.layout]
    if isinstance(thing, Draw):
        return [thing.source]
    if isinstance(thing, FloatFunction):
        return [thing.expression, thing.place]
    if isinstance(thing, Symbol):
        return [thing.register]
    if isinstance(thing, Tensor):
        return [_register(thing._value)] if type(thing._value) is Symbol else []
    return [getattr(thing, "__name__", None)]


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:
        return False


def _same_bits(one: Any, other: Any) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")
