"""The recorder: runs a function once, on symbols, and keeps the calls to NumPy that it makes.

While a `Tape` is in the mode, Tensors from outside are read through stand-ins whose values are
symbols, so that a program reads them anew at each run. Where a gate's function or rule wants the
numbers themselves, the gate as a whole becomes one call instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.data import as_data
from autograd.errors import CompileError
from autograd.gates.registry import Gate
from autograd.modes import _Block, current
from autograd.program.instruction import Instruction, Recording, Ref, Value
from autograd.program.numbers import carefully, float_function
from autograd.program.symbol import Symbol
from autograd.recording import value_of
from autograd.tensor import Tensor, describe, leaf, stamp

__all__ = ["Tape", "taping"]

NUMBERS = (float, int, bool)

WRITES = frozenset({
    np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal,
})  # fmt: skip


class taping(_Block):  # noqa: N801 - a block reads as a verb
    """Write down, on a tape, what is computed inside."""

    __slots__ = ("tape",)

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self.tape = tape

    def change(self, mode: Any) -> Any:
        return mode._replace(tape=self.tape)


class Tape:
    """What was recorded so far.

    Attributes
    ----------
    inputs : a symbol for each argument, and for each Tensor that was read from outside.
    readings : those Tensors, each with the node that stood for it when it was read first.
    read : the same, with the node that stands for it now.
    closed : whether recording is over; a symbol is then of no use.
    assigned : Tensors from outside that were given new data, with the symbol of it; and whether
        that was written into the array they have.
    """

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.instructions: list[Instruction] = []
        self.constants: dict[int, Any] = {}
        self.inputs: list[Symbol] = []
        self.read: dict[Tensor, Tensor] = {}
        self.readings: dict[Tensor, Tensor] = {}
        self.assigned: dict[Tensor, tuple[Symbol, bool]] = {}
        self._constant_slots: dict[int, tuple[int, np.ndarray]] = {}
        self._overwritten: set[int] = set()
        self._watched: list[tuple[np.ndarray, np.ndarray]] = []
        self.closed = False
        self._born = stamp()
        self._gate = ""
        self._backward = False
        self._noisy = np.geterr()

    # ---- what comes in

    def input(self, value: Any) -> Symbol:
        """A slot that is given at each run; its value now is an example."""
        symbol = self._new(value, None)
        self.inputs.append(symbol)
        return symbol

    def stand_in(self, node: Tensor) -> Tensor:
        """The node that stands for a Tensor from outside; one made inside stands for itself."""
        if node._stamp > self._born or type(node._value) is Symbol:
            return node
        known = self.read.get(node)
        if known is None:
            known = leaf(self.input(node._value), name=node.name)
            known._wants = node._wants and True
            known._stamp, known._version = node._stamp, getattr(node, "_version", 0)
            self.read[node] = self.readings[node] = known
        return known

    def operands(self, operands: tuple) -> tuple:
        """A gate's operands, with stand-ins for Tensors from outside."""
        return tuple(self.stand_in(o) if type(o) is Tensor else o for o in operands)

    def data(self, node: Tensor) -> Any:
        """The data of a Tensor: of one from outside a symbol, which knows whose memory it is."""
        stands = self.stand_in(node)
        held = stands._value
        if stands is node or type(held) is not Symbol:
            return held
        view = Symbol(self, held.slot, held.value)
        view.owner = node
        return view

    def assign(self, node: Tensor, value: Any, in_place: bool = False) -> None:
        """A Tensor from outside has new data from here on, and after each run."""
        if node.gate is not None or node._stamp > self._born:
            raise CompileError(
                f"{describe(node)} is not a leaf from outside: only those can be given new data in "
                "a compiled function"
            )
        symbol = value if type(value) is Symbol else self.constant(value)
        old = self.stand_in(node)
        if symbol.shape != old.shape or symbol.dtype != old.dtype:
            raise CompileError(
                f"{describe(node)} expects data of dtype {old.dtype} and received {symbol.dtype} "
                f"of shape {symbol.shape}: write value.astype({str(old.dtype)!r})"
            )
        fresh = leaf(Symbol(self, symbol.slot, symbol.value), name=node.name)
        fresh._wants, fresh._stamp, fresh._version = old._wants, old._stamp, stamp()
        self.read[node] = fresh
        in_place = in_place or (node in self.assigned and self.assigned[node][1])
        self.assigned[node] = symbol, in_place

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
        kwargs = kwargs or {}
        if function in WRITES:
            raise CompileError(
                f"np.{function.__name__} writes into an array, which a program would not see: "
                "write ag.where(mask, value, a)"
            )
        given = self.concrete(tuple(args))
        if given and not kwargs and all(type(v) in NUMBERS for v in given):
            result = carefully(function, *given)
        else:
            result = function(*given, **self.concrete(kwargs))
        for before, after in zip(args, given, strict=True):
            if result is after and type(before) is Symbol and type(result) is np.ndarray:
                return before
        reads = list(_symbols((tuple(args), kwargs)))
        if any(s.slot in self._overwritten for s in reads):
            raise CompileError(
                "a compiled function reads an array as it was before it was written into, by a "
                "view or by a gate that was recorded before: copy it before writing"
            )
        outputs: list[int] = []
        wrapped = self._wrap(result, reads, outputs)
        if outputs or effect:
            state = np.geterr()
            self.instructions.append(
                Instruction(
                    function,
                    self._refs(tuple(args)),
                    self._refs(kwargs),
                    tuple(outputs),
                    several=bool(outputs) and type(wrapped) is not Symbol,
                    gate=self._gate,
                    backward=self._backward,
                    scope=_scope(),
                    quiet=state != self._noisy and set(state.values()) == {"ignore"},
                    effect=effect,
                )
            )
        return wrapped

    def apply(self, gate: Gate, values: Sequence[Any], settings: dict[str, Any] | None) -> Any:
        """The value of a gate; of one on Python floats alone by its own expression."""
        if not all(type(v) in NUMBERS or (type(v) is Symbol and v.weak) for v in values):
            return self.attempt(gate.name, False, gate.forward, values, settings)
        with self.labelled(gate.name, False):
            if gate.floats is not None:
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

    def attempt(
        self,
        gate: str,
        backward: bool,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Call a gate's function on symbols; where it wants the numbers, write down the call."""
        with self.labelled(gate, backward):
            if not any(True for _ in _symbols((tuple(args), kwargs))):
                return function(*args, **(kwargs or {}))
            before = len(self.instructions)
            try:
                return function(*args, **(kwargs or {}))
            except Exception:  # numbers are wanted; what else is wrong, the call itself will say
                del self.instructions[before:]
                return self.record(function, args, kwargs)

    def labelled(self, gate: str, backward: bool) -> _Label:
        """A block whose instructions belong to a gate."""
        return _Label(self, gate, backward or self._backward)

    def record_into(
        self,
        outs: Any,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> Symbol:
        """A call that writes into an array: from here on its symbol is another slot."""
        out = outs[0] if type(outs) is tuple else outs
        self._check_sole(out)
        result = self.record(function, args, kwargs)
        if result.dtype != out.dtype:
            result = self.record(np.ndarray.astype, (result, out.dtype))
        if result.shape != out.shape:
            result = self.record(np.ndarray.copy, (np.broadcast_to(result, out.shape),))
        return self._rebind(out, result)

    def record_setitem(self, target: Symbol, key: Any, value: Any) -> None:
        """Writing by index: a copy with the entries changed."""
        self._check_sole(target)
        self._rebind(target, self.record(with_item, (target, key, value)))

    def record_at(self, ufunc: np.ufunc, target: Any, *rest: Any) -> None:
        """``ufunc.at``: a copy with the entries changed."""
        self._check_sole(target)
        self._rebind(target, self.record(with_at, (ufunc, target, *rest)))

    def _check_sole(self, target: Any) -> None:
        if type(target) is not Symbol:
            raise CompileError(
                "a compiled function writes into an array from outside, which a program would not "
                "repeat: return the result, or write ag.assign(tensor, value)"
            )
        if self.values[target.slot].view_of is not None:
            raise CompileError(
                "a compiled function writes into a part of an array: write into the array itself, "
                "as in a[1:3, 0] = value, or ag.where(mask, value, a)"
            )
        if target.owner is None and any(target.slot == symbol.slot for symbol in self.inputs):
            raise CompileError(
                "a compiled function writes into one of its arguments, which a program would not "
                "repeat: return the result instead"
            )

    def _rebind(self, target: Symbol, result: Symbol) -> Symbol:
        self._overwritten.add(target.slot)
        self._overwritten.update(
            slot for slot, value in enumerate(self.values) if value.view_of in self._overwritten
        )
        target.slot, target.value = result.slot, result.value
        if target.owner is not None:
            self.assign(target.owner, target, in_place=True)
        return target

    # ---- slots

    def concrete(self, tree: Any) -> Any:
        """A nest of arguments with the numbers of now in place of symbols."""
        kind = type(tree)
        if kind is Symbol:
            if tree.tape is not self or self.closed:
                raise CompileError(
                    "a traced value was used outside of the function that is being compiled: "
                    "return what you need from it"
                )
            return tree.value
        if kind in (tuple, list):
            return kind([self.concrete(item) for item in tree])
        if kind is dict:
            return {key: self.concrete(item) for key, item in tree.items()}
        return tree

    def constant(self, array: Any) -> Symbol:
        """A slot for an array as it is now."""
        known = self._constant_slots.get(id(array))
        if known is None:
            symbol = self._new(np.array(array), None)
            self.constants[symbol.slot] = symbol.value
            known = self._constant_slots[id(array)] = symbol.slot, array
        return Symbol(self, known[0], self.constants[known[0]])

    def output(self, value: Any) -> Symbol:
        """The symbol of a result, which may be a Tensor or a constant."""
        value = value_of(value)
        if type(value) is Symbol:
            self.concrete(value)
            return value
        data = as_data(value, None)
        if type(data) is not float:
            return self.constant(data)
        symbol = self._new(data, None)
        self.constants[symbol.slot] = data
        return symbol

    def watch(self, f: Callable[..., Any]) -> None:
        """Remember the arrays that a function can see by name, to notice writing into them."""
        from inspect import getclosurevars, unwrap

        try:
            seen = getclosurevars(unwrap(f))
        except TypeError:  # no Python function
            return
        for value in (*seen.nonlocals.values(), *seen.globals.values()):
            if type(value) is np.ndarray:
                self._watched.append((value, value.copy()))

    def check_outside(self) -> None:
        """Raise where an array from outside was written into since it was recorded."""
        known = [(array, self.constants[slot]) for slot, array in self._constant_slots.values()]
        for array, before in [*self._watched, *known]:
            if not np.array_equal(before, array, equal_nan=array.dtype.kind == "f"):
                raise CompileError(
                    "a compiled function changes an array from outside, of shape "
                    f"{np.shape(array)}, which a program would not repeat: return the result, or "
                    "keep it in a Tensor and write ag.assign(tensor, value)"
                )

    def recording(
        self,
        inputs: Sequence[int],
        outputs: Sequence[Symbol],
        gradients: Sequence[Symbol],
        seed: int | None,
    ) -> Recording:
        """All that was recorded, as a program to be."""
        return Recording(
            list(self.values),
            tuple(inputs),
            dict(self.constants),
            tuple(self.instructions),
            tuple(symbol.slot for symbol in outputs),
            tuple(symbol.slot for symbol in gradients),
            seed,
            tuple(symbol.slot for symbol, _ in self.assigned.values()),
        )

    def _new(self, value: Any, view_of: int | None) -> Symbol:
        weak = type(value) is float
        array = np.asarray(value)
        slot = len(self.values)
        self.values.append(
            Value(
                array.shape,
                array.dtype,
                order := _order(array),
                array.transpose(order).flags.c_contiguous,
                weak,
                view_of,
                spread=view_of is not None and array.size > 1 and not any(array.strides),
            )
        )
        return Symbol(self, slot, value if weak else array)

    def _wrap(self, result: Any, reads: list[Symbol], outputs: list[int]) -> Any:
        """Symbols for the arrays of a result, a nest of tuples and lists."""
        if isinstance(result, (tuple, list)):
            parts = [self._wrap(part, reads, outputs) for part in result]
            return type(result)(*parts) if hasattr(result, "_fields") else type(result)(parts)
        if not isinstance(result, (np.ndarray, np.generic, float)):
            return result
        view_of = None
        if isinstance(result, np.ndarray) and not result.flags.owndata:
            for read in reads:
                if not read.weak and np.may_share_memory(result, read.value):
                    view_of = read.slot
                    break
            else:
                result = result.copy(order="K") if result.base is not None else result
        symbol = self._new(result, view_of)
        outputs.append(symbol.slot)
        return symbol

    def _refs(self, tree: Any) -> Any:
        """A nest of arguments with slots in place of symbols and of arrays."""
        kind = type(tree)
        if kind is Symbol:
            return Ref(tree.slot)
        if kind is np.ndarray:
            return Ref(self.constant(tree).slot)
        if kind in (tuple, list):
            return kind([self._refs(item) for item in tree])
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


def with_item(array: Any, key: Any, value: Any) -> Any:
    """A copy of the array with other entries at `key`."""
    out = array.copy(order="K")
    out[key] = value
    return out


def with_at(ufunc: np.ufunc, array: Any, *rest: Any) -> Any:
    """A copy of the array after ``ufunc.at``."""
    out = array.copy(order="K")
    ufunc.at(out, *rest)
    return out


def _symbols(tree: Any) -> Any:
    if type(tree) is Symbol:
        yield tree
    elif type(tree) in (tuple, list):
        for item in tree:
            yield from _symbols(item)
    elif type(tree) is dict:
        yield from _symbols(list(tree.values()))


def _order(array: np.ndarray) -> tuple[int, ...]:
    """The axes of an array from the slowest in memory to the fastest."""
    return tuple(sorted(range(array.ndim), key=lambda axis: (-abs(array.strides[axis]), axis)))


def _scope() -> str:
    mode = current()
    scope = mode.fixed.scope if mode.fixed else mode.scope
    return scope.path if scope else ""
