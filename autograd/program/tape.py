"""The recorder: runs a function once, on symbols, and keeps the calls to NumPy that it makes.

While a `Tape` is in the mode, Tensors from outside are read through stand-ins whose values are
symbols, so that a program reads them anew at each run. Where a gate's function or rule wants the
numbers themselves, the gate as a whole becomes one call instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, copy_context
from functools import cache
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.data import as_data
from autograd.eager import value_of
from autograd.errors import needs_numbers, refused
from autograd.gates.primitives import is_primitive
from autograd.gates.registry import Gate
from autograd.modes import Block, current
from autograd.program.in_place import InPlace
from autograd.program.instruction import Instruction, Recording, collect
from autograd.program.numbers import (
    carefully,
    choice,
    choice_of_push,
    float_function,
    push,
    push_by_both,
)
from autograd.program.opaque import Opaque, stopped_at
from autograd.program.outside import Outside
from autograd.program.registers import Registers
from autograd.program.symbol import Symbol
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.program.repeating import Repetition

__all__ = ["Tape", "audible", "taping"]

_NUMBERS = frozenset({float, int, bool})

KEPT, ROOM, HEADER = 1 << 12, 1 << 26, 1 << 7
"""Bytes of a result that is kept, of all of them, and of an array besides its entries: computing a
larger one costs more than recording its call."""

PLAIN = _NUMBERS | {str, NoneType}
"""Types of arguments that nothing is looked for in."""


class taping(Block):  # noqa: N801 - a block reads as a verb
    """Write down, on a tape, what is computed inside."""

    __slots__ = ("tape",)

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self.tape = tape

    def change(self, mode: Any) -> Any:
        return mode._replace(tape=self.tape, effects=None)


def audible() -> AbstractContextManager[Any]:
    """A block in which blocks without warnings can be told from their surroundings.

    Where those are without warnings too, errors are reported to nobody instead.
    """
    if set(np.geterr().values()) == {"ignore"}:
        return np.errstate(all="call", call=lambda *_: None)
    return nullcontext()


@cache
def error_handling() -> ContextVar[Any] | None:
    """The variable in which NumPy keeps what it does about errors, to see at a glance that it does
    the same as before; None where it has no such."""
    with np.errstate():
        return next((v for v in copy_context() if v.name == "numpy.ufunc.extobj"), None)


class Tape:
    """What was recorded so far.

    Attributes
    ----------
    registers : what is known of each value.
    outside : what was read that is no argument.
    in_place : what was written into.
    inputs : a symbol for each argument, and for each Tensor that was read from outside.
    instructions : the calls, in their order.
    examples : the results of calls as they were recorded, of small ones.
    closed : whether recording is over; a symbol is then of no use.
    """

    def __init__(self) -> None:
        self.registers = Registers()
        self.outside = Outside(self)
        self.in_place = InPlace(self)
        self.inputs: list[Symbol] = []
        self.instructions: list[Instruction] = []
        self.before: Repetition | None = None  # of a recording that this one is to be the same as
        self.examples: dict[int, Any] = {}
        self._room = ROOM
        self.closed = False
        self._gate = ""
        self._backward = False
        self._noisy = np.geterr()
        self._noise = self._noisy, False  # what was found last
        self._handling = error_handling()
        self._handled: Any = None  # what was in there then

    # ---- what comes in

    def input(self, value: Any) -> Symbol:
        """A register that is given at each run; its value now is an example."""
        symbol = self._new(value)
        self.inputs.append(symbol)
        return symbol

    # ---- what is computed

    def record(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any] | None = None,
        *,
        effect: bool = False,
    ) -> Any:
        """Call the function, and write the call down."""
        args, kwargs = tuple(args), kwargs or {}
        if self.before is not None and not effect:
            known = self.before.result(function, args, kwargs)
            if known is not None:
                return known
        self.in_place.check_function(function, kwargs)
        reads: list[Symbol] = []
        given, refs = self._taken(args, reads)
        of_numbers = bool(given) and not kwargs and all_numbers(given)
        if of_numbers:
            result = carefully(function, *given)
        elif kwargs:
            result = function(*given, **self.concrete(kwargs))
            collect(Symbol, kwargs, reads)
        else:
            result = function(*given)
        self.in_place.check_result(function, result, given)
        if given and result is given[0] and type(result) is np.ndarray and type(args[0]) is Symbol:
            return args[0]
        self.in_place.check_reads(reads)
        outputs: list[int] = []
        wrapped = self._wrap(result, reads, outputs)
        if of_numbers and type(result) is np.bool and type(wrapped) is Symbol:
            wrapped.value = bool(result)  # as weak as what was compared
        if outputs or effect:
            self.instructions.append(
                Instruction(
                    function,
                    self._refs(args) if refs is None else tuple(refs),
                    self._refs(kwargs) if kwargs else kwargs,
                    tuple(outputs),
                    several=bool(outputs) and type(wrapped) is not Symbol,
                    gate=self._gate,
                    backward=self._backward,
                    scope=_scope(),
                    quiet=self._is_quiet(),
                    effect=effect,
                )
            )
        if type(wrapped) is Symbol and self._room > 0:
            value = wrapped.value
            size = value.nbytes if type(value) is np.ndarray else 0
            if size <= KEPT:
                self.examples[wrapped.register] = value
                self._room -= size + HEADER
        return wrapped

    def _taken(self, args: tuple, reads: list[Symbol]) -> tuple[list[Any], list[Any] | None]:
        """The arguments of a call as they are now, and, where none is an array or a nest, as an
        instruction has them; what symbols are among them is added to `reads`."""
        given: list[Any] = []
        refs: list[Any] | None = []
        for arg in args:
            kind = type(arg)
            if kind is Symbol and arg.tape is self and not self.closed:
                reads.append(arg)
                given.append(arg.value)
                if refs is not None:
                    refs.append(self.registers.ref(arg.register))
            elif kind in PLAIN:
                given.append(arg)
                if refs is not None:
                    refs.append(arg)
            else:
                collect(Symbol, arg, reads)
                given.append(self.concrete(arg))
                refs = None
        return given, refs

    def _is_quiet(self) -> bool:
        """Whether warnings were switched off since recording began."""
        handled = self._handling.get() if self._handling else None
        if handled is not None and handled is self._handled:
            return self._noise[1]
        now = np.geterr()
        if now != self._noise[0]:
            changed = {how for _, how in now.items() - self._noisy.items()}
            if changed - {"ignore"}:
                raise refused(
                    "a compiled function changes what NumPy does about errors, which a program "
                    "would not repeat: write `with np.errstate(...)` around the call"
                )
            self._noise = now, bool(changed)
        self._handled = handled
        return self._noise[1]

    def apply(self, gate: Gate, values: Sequence[Any], settings: dict[str, Any] | None) -> Any:
        """The value of a gate; of one on Python floats alone by its own expression."""
        if not all_numbers([v.value if type(v) is Symbol else v for v in values]):
            return self.attempt(gate.name, False, gate.forward, values, settings)
        if gate.floats is not None and not settings:
            with self.labelled(gate.name, False):
                return self.record(float_function(gate, 0), values)
        out = self.attempt(gate.name, False, gate.forward, values, settings)
        if type(out) is Symbol and not out.ndim and not out.weak and out.dtype == np.float64:
            out = self.record(float, (out,))
        return out

    def local_gradients(
        self, gate: Gate, wanted: Sequence[bool], out: Any, values: Sequence[Any]
    ) -> list[Any]:
        """d(out)/d(input) of a gate on Python floats, by its own expressions."""
        return [
            self.record(float_function(gate, i + 1), (*values, out)) if want else None
            for i, want in enumerate(wanted)
        ]

    def record_choice(self, given: Any, d: Any) -> Any:
        """A gradient through a gate that chooses: nothing where it chose otherwise."""
        return self.record(choice, (given, d))

    def record_push(self, tangent: Any, d: Any, closes: bool, both: bool = False) -> Any:
        """A tangent times a local gradient, both Python floats: nothing where the tangent is 0."""
        function = push_by_both if both else choice_of_push if closes else push
        return self.record(function, (tangent, d))

    def attempt(
        self,
        gate: str,
        backward: bool,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call a gate's function on symbols; where it wants the numbers, write down the call."""
        if not (_has_symbols(args) or (kwargs and _has_symbols(kwargs))):
            return function(*args, **(kwargs or {}))
        with self.labelled(gate, backward):
            if is_primitive(function):
                return self.record(function, args, kwargs)
            before = len(self.instructions)
            try:
                return function(*args, **(kwargs or {}))
            except Exception as error:  # it wants numbers; if not, the call itself says what
                del self.instructions[before:]
                return self.record(Opaque(function, gate, stopped_at(error)), args, kwargs)

    def vjp_whole(
        self, node: Tensor, upstream: Any, wanted: Sequence[bool], operands: Sequence[Any]
    ) -> list[Any]:
        """What a gate sends back whose rule cannot be taken apart: nodes of gates of their own."""
        from autograd.program.rule_gates import vjp_whole

        return vjp_whole(node, upstream, wanted, operands)

    def labelled(self, gate: str, backward: bool) -> _Label:
        """A block whose instructions belong to a gate."""
        return _Label(self, gate, backward or self._backward)

    # ---- registers

    def concrete(self, tree: Any) -> Any:
        """A nest of arguments with the numbers of now in place of symbols."""
        kind = type(tree)
        if kind is Symbol:
            if tree.tape is not self or self.closed:
                raise refused(
                    "a traced value was used outside of the function that is being compiled: "
                    "return what you need from it"
                )
            return tree.value
        if kind is tuple or kind is list:
            return kind([item if type(item) in PLAIN else self.concrete(item) for item in tree])
        if kind is dict:
            return {key: self.concrete(item) for key, item in tree.items()}
        return tree

    def constant(self, value: Any) -> Symbol:
        """The symbol of a number, or of an array as it is now."""
        register = self.registers.constant(value)
        return Symbol(self, register, self.registers.constants[register])

    def output(self, value: Any) -> Symbol:
        """The symbol of a result, which may be a Tensor or a constant."""
        value = value_of(value)
        if type(value) is Symbol:
            self.concrete(value)
            self.in_place.check_reads([value])
            return value
        return self.constant(as_data(value, None))

    def recording(
        self,
        inputs: Sequence[int],
        outputs: Sequence[Symbol],
        gradients: Sequence[Symbol],
        seed: int | None,
    ) -> Recording:
        """All that was recorded, as a program to be."""
        return Recording(
            list(self.registers.values),
            tuple(inputs),
            dict(self.registers.constants),
            tuple(self.instructions),
            tuple(symbol.register for symbol in outputs),
            tuple(symbol.register for symbol in gradients),
            seed,
            tuple(symbol.register for symbol, _ in self.outside.assigned.values()),
        )

    def _new(self, value: Any, view_of: int | None = None) -> Symbol:
        register = self.registers.new(value, view_of)
        return Symbol(self, register, value if type(value) is float else np.asarray(value))

    def _wrap(self, result: Any, reads: list[Symbol], outputs: list[int]) -> Any:
        """Symbols for the arrays of a result, a nest of tuples and lists."""
        if type(result) is not np.ndarray and isinstance(result, (tuple, list)):
            parts = [self._wrap(part, reads, outputs) for part in result]
            return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
        if isinstance(result, (int, str, bytes)):
            raise needs_numbers("what is no array")
        if not isinstance(result, (np.ndarray, np.generic, float)):
            return result
        view_of = None
        if isinstance(result, np.ndarray):
            own = result.base is None  # then it lies in nothing but itself
            for read in reads:
                if result is read.value or (
                    not own and not read.weak and np.may_share_memory(result, read.value)
                ):
                    view_of = read.register
                    break
            else:
                result = result if own else result.copy(order="K")
        symbol = self._new(result, view_of)
        outputs.append(symbol.register)
        return symbol

    def _refs(self, tree: Any) -> Any:
        """A nest of arguments with registers in place of symbols and of arrays."""
        kind = type(tree)
        if kind is Symbol:
            return self.registers.ref(tree.register)
        if kind is np.ndarray:
            return self.registers.ref(self.registers.constant(tree))
        if kind is tuple or kind is list:
            return kind([item if type(item) in PLAIN else self._refs(item) for item in tree])
        if kind is dict:
            return {key: self._refs(item) for key, item in tree.items()}
        return tree


class _Label:
    """Says to which gate the instructions inside belong."""

    __slots__ = ("backward", "gate", "outer", "tape")

    def __init__(self, tape: Tape, gate: str, backward: bool) -> None:
        self.tape, self.gate, self.backward = tape, gate, backward

    def __enter__(self) -> None:
        self.outer = self.tape._gate, self.tape._backward
        self.tape._gate, self.tape._backward = self.gate, self.backward

    def __exit__(self, *error: object) -> None:
        self.tape._gate, self.tape._backward = self.outer


def all_numbers(values: Sequence[Any]) -> bool:
    """Whether all are Python numbers."""
    return _NUMBERS.issuperset(map(type, values))


def _has_symbols(tree: Any) -> bool:
    kind = type(tree)
    if kind is tuple or kind is list:
        for item in tree:
            if type(item) is Symbol or (type(item) not in PLAIN and _has_symbols(item)):
                return True
        return False
    return kind is Symbol or (kind is dict and _has_symbols(list(tree.values())))


def _scope() -> str:
    mode = current()
    scope = mode.fixed.scope if mode.fixed else mode.scope
    return scope.path if scope else ""
