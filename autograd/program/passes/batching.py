"""Copies side by side: calls that differ in their operands alone become one, with an axis more.

The columns of a Jacobian, the calls of `vmap`: what is stacked was computed by the same calls,
again and again. Where they are elementwise or move entries, one call for all copies together has
the same bits, and takes little longer than one of them. The copies lie along its first axis.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from autograd.program.instruction import Instruction, Recording, Ref, Value, with_registers
from autograd.program.passes.pruning import drop_dead_code
from autograd.program.passes.sharing import key_of
from autograd.program.registers import Registers

__all__ = ["batch_copies"]

FEWEST = 4
"""Copies from which on they are put together."""

MOST = 1 << 20
"""Numbers of all copies of an array: more take more memory than their calls take time."""

ELEMENTWISE = frozenset({
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.neg,
    np.where,
})  # fmt: skip
"""Functions that are, beside ufuncs."""

REDUCTIONS = frozenset({"add.reduce", "maximum.reduce", "minimum.reduce", "multiply.reduce"})
"""Those whose bits over a vector are those over the last axis of many."""

COPYING = frozenset({np.copy, np.ndarray.astype})

Column = tuple[int, ...]
"""A register for each copy, in their order."""

HOLE, COUNT = object(), object()
"""Stand among arguments for a register, and for the number of copies."""


def batch_copies(recording: Recording) -> Recording:
    """Compute what is stacked in calls of all copies at once, where that halves the calls."""
    stacks = any(instruction.function is np.stack for instruction in recording.instructions)
    if not stacks or recording.seed is not None:  # where what is new would be in the second half
        return recording
    copies, kept = _Copies(recording), []
    for instruction in recording.instructions:
        kept += copies.instead(instruction)
    made = replace(
        recording, values=copies.registers.values, constants=copies.constants,
        instructions=tuple(kept),
    )  # fmt: skip
    made = drop_dead_code(made)
    return made if 2 * len(made.instructions) <= len(recording.instructions) else recording


class _Operand(NamedTuple):
    """What stands for a column.

    Attributes: `register`; `each`, whether it holds them all, along its first axis, and is not the
    one that all of them are; `shape`, that of a copy.
    """

    register: int
    each: bool
    shape: tuple[int, ...]


class _Copies:
    """A recording, and what stands for columns beside it.

    Attributes: `registers` and `constants`, its own and new ones.
    """

    def __init__(self, recording: Recording) -> None:
        self.registers = Registers()
        self.registers.values = list(recording.values)
        self.constants = dict(recording.constants)
        self._writer = {r: i for i in recording.instructions for r in i.outputs}
        self._known: dict[Column, _Operand | None] = {}
        self._examples: dict[int, Any] = {}  # of new registers, with two copies
        self._made: list[Instruction] = []

    def instead(self, stack: Instruction) -> list[Instruction]:
        """What takes the place of an instruction: others, where it stacks copies."""
        if stack.function is not np.stack or len(stack.args) != 2 or stack.kwargs:
            return [stack]
        parts, axis = stack.args
        column = tuple(part.register for part in parts if type(part) is Ref)
        if not FEWEST <= len(column) == len(parts):
            return [stack]
        self._made = []
        found = self._lifted(column)
        if found is None or not found.each:
            return [stack]
        register, whole = found.register, self.registers.values[stack.output].shape
        if axis % len(whole):
            axes = list(range(1, len(whole)))
            axes.insert(axis % len(whole), 0)
            register = self._emit(stack, len(column), np.transpose, (Ref(register), axes))
            self.registers.values[register] = replace(self.registers.values[register], shape=whole)
        return [
            *self._made,
            replace(stack, function=np.copy, args=(Ref(register),), kwargs={"order": "C"}),
        ]

    def _lifted(self, column: Column) -> _Operand | None:
        """What stands for a column, found for what it was computed from first."""
        waiting = [column]
        while waiting:
            now = waiting[-1]
            pending = [c for c in _columns(self._calls(now)) if c not in self._known]
            if pending and now not in self._known:
                waiting += pending
            elif waiting.pop() not in self._known:
                self._known[now] = self._operand(now)
        return self._known[column]

    def _calls(self, column: Column) -> list[Instruction]:
        """The calls that made a column, where they differ in their operands alone; else none."""
        calls = [self._writer[register] for register in column if register in self._writer]
        if len(calls) < len(column) or len(set(column)) == 1 or not self._is_alike(column):
            return []
        form = _form(calls[0])
        return calls if form is not None and all(_form(c) == form for c in calls[1:]) else []

    def _is_alike(self, column: Column) -> bool:
        """Whether all are arrays of one shape and dtype, and together not too large."""
        first, *others = [self.registers.values[register] for register in column]
        kind = first.shape, first.dtype, False
        return (
            len(column) * first.size <= MOST
            and not first.weak
            and all((v.shape, v.dtype, v.weak) == kind for v in others)
        )

    def _operand(self, column: Column) -> _Operand | None:
        """What stands for a column, whose operands are known."""
        value = self.registers.values[column[0]]
        if len(set(column)) == 1:
            return _Operand(column[0], False, value.shape)
        if not self._is_alike(column):
            return None
        if self.constants.keys() >= set(column):
            arrays = np.stack([self.constants[register] for register in column])
            register = self._new(arrays[:2], len(column))
            self.constants[register] = arrays
            return _Operand(register, True, value.shape)
        made = self._rows(column)
        if made is None and (calls := self._calls(column)):
            known = [o for c in _columns(calls) if (o := self._known[c]) is not None]
            if len(known) == len(_columns(calls)):
                if not any(operand.each for operand in known):
                    return _Operand(column[0], False, value.shape)  # one call again and again
                made = self._call(calls[0], known, len(column), value.shape)
        if made is None or not self._is_of(made, len(column), value):
            made = self._new(np.zeros((2, *value.shape), value.dtype), len(column))
            parts = tuple(map(Ref, column))
            self._made.append(Instruction(np.stack, (parts, 0), {}, (made,), gate="stack"))
        return _Operand(made, True, value.shape)

    def _is_of(self, register: int, count: int, value: Value) -> bool:
        made = self.registers.values[register]
        return made.shape == (count, *value.shape) and made.dtype == value.dtype

    # ---- a call for all copies

    def _call(
        self, call: Instruction, operands: list[_Operand], count: int, shape: tuple[int, ...]
    ) -> int | None:
        """One that stands for all; None where there is none."""
        function = call.function
        if _is_elementwise(function) and not call.kwargs:
            axes = max(len(operand.shape) for operand in operands)
            refs = iter([Ref(self._with_axes(call, o, axes, count)) for o in operands])
            args = with_registers(call.args, lambda _: next(refs))
            return self._emit(call, count, function, args)
        if call.name == "add_at_index":
            return self._added(call, operands, count)
        if len(operands) > 1 or type(call.args[0]) is not Ref:
            return None
        register, rest = operands[0].register, call.args[1:]
        kwargs: dict[str, Any] = dict(call.kwargs)
        if function is operator.getitem and _is_basic(*rest):
            rest = (_below(*rest),)
        elif function is np.reshape and len(rest) == 1 and not kwargs:
            rest = ((COUNT, *shape),)
        elif function is np.broadcast_to and len(rest) == 1 and not kwargs:
            register = self._with_axes(call, operands[0], len(shape), count)
            rest = ((COUNT, *shape),)
        elif call.name == "scatter" and not rest and _is_basic(kwargs["key"]):
            kwargs = {"key": _below(kwargs["key"]), "shape": (COUNT, *shape)}
        elif call.name in REDUCTIONS and not rest and self._has_rows(operands[0]):
            kwargs["axis"] = 1
        elif function not in COPYING:
            return None
        return self._emit(call, count, function, (Ref(register), *rest), kwargs)

    def _has_rows(self, operand: _Operand) -> bool:
        """Whether the copies are vectors, one after another."""
        return len(operand.shape) == 1 and self.registers.values[operand.register].order == (0, 1)

    def _added(self, call: Instruction, operands: list[_Operand], count: int) -> int | None:
        """One addition at an index, of each part to each array."""
        (array, part, *others), key = operands, call.kwargs["key"]
        if others or not _is_basic(key) or part.shape != np.empty(array.shape)[key].shape:
            return None
        register = array.register
        if not array.each:
            shape = COUNT, *array.shape
            register = self._emit(call, count, np.broadcast_to, (Ref(register), shape))
        args = Ref(register), Ref(part.register)
        return self._emit(call, count, call.function, args, {"key": _below(key)})

    def _with_axes(self, call: Instruction, operand: _Operand, axes: int, count: int) -> int:
        """An operand with axes of length 1 between that of the copies and its own."""
        more = axes - len(operand.shape)
        if not operand.each or not more:
            return operand.register
        shape = COUNT, *[1] * more, *operand.shape
        return self._emit(call, count, np.reshape, (Ref(operand.register), shape))

    def _rows(self, column: Column) -> int | None:
        """The array of which a column is all that there is along an axis, with that axis first."""
        calls = [self._writer.get(register) for register in column]
        first = calls[0]
        if first is None or first.function is not operator.getitem or len(first.reads) > 1:
            return None
        array, key = first.args
        place = len(_as_tuple(key)) - 1
        value = self.registers.values[array.register]
        if not 0 <= place < len(value.shape) or value.shape[place] != len(column):
            return None
        for i, call in enumerate(calls):
            wanted = array, (*[slice(None)] * place, i)
            if call is None or call.function is not operator.getitem:
                return None
            if (call.args[0], _as_tuple(call.args[1])) != wanted:
                return None
        axes = [place, *[axis for axis in range(len(value.shape)) if axis != place]]
        example = np.transpose(self._example(array.register), axes)
        made = self.registers.new(example, array.register)
        self._examples[made] = example[:2]
        self._made.append(
            replace(first, function=np.transpose, args=(array, axes), outputs=(made,))
        )
        if not place:
            return made
        return self._emit(first, len(column), np.copy, (Ref(made),), {"order": "C"})

    # ---- new instructions and registers

    def _emit(
        self, like: Instruction, count: int, function: Callable[..., Any], args: tuple[Any, ...],
        kwargs: dict[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """A call labelled as another one is; the register of its result, which is seen on two
        copies."""
        kwargs = kwargs or {}
        given = with_registers(_counted((args, kwargs), 2), self._example)
        with np.errstate(all="ignore"):
            result = function(*given[0], **given[1])
        reads: list[int] = []
        with_registers((args, kwargs), reads.append)
        views = [r for r in reads if np.may_share_memory(result, self._example(r))]
        made = self._new(result, count, *views[:1])
        args, kwargs = _counted((args, kwargs), count)
        self._made.append(
            replace(like, function=function, args=args, kwargs=kwargs, outputs=(made,))
        )
        return made

    def _new(self, example: np.ndarray, count: int, view_of: int | None = None) -> int:
        """A register that is like an example of two copies."""
        register = self.registers.new(example, view_of)
        value = self.registers.values[register]
        self.registers.values[register] = replace(value, shape=(count, *value.shape[1:]))
        self._examples[register] = example
        return register

    def _example(self, register: int) -> Any:
        """An array that lies in memory as a register's does."""
        known = self._examples.get(register)
        if known is None:
            value = self.registers.values[register]
            lying = np.zeros([value.shape[axis] for axis in value.order], value.dtype)
            known = 0.0 if value.weak else lying.transpose(np.argsort(value.order))
            self._examples[register] = known
        return known


def _form(call: Instruction) -> Hashable:
    """What a call is but for its operands; None of one that stands for itself alone."""
    if call.effect or call.several:
        return None
    args, kwargs = with_registers((call.args, call.kwargs), lambda _: HOLE)
    return call.function, call.quiet, key_of(args), key_of(kwargs)


def _columns(calls: Sequence[Instruction]) -> list[Column]:
    """The operands of calls of one form, each a column."""
    return list(zip(*(call.reads for call in calls), strict=True))


def _is_elementwise(function: Any) -> bool:
    if isinstance(function, np.ufunc):
        return function.signature is None and function.nout == 1
    return function in ELEMENTWISE or getattr(function, "elementwise", False)


def _as_tuple(key: Any) -> tuple[Any, ...]:
    return key if type(key) is tuple else (key,)


def _is_basic(key: Any) -> bool:
    """Whether a key has neither arrays nor registers."""
    return all(
        part is None or part is Ellipsis or type(part) in (int, slice) for part in _as_tuple(key)
    )


def _below(key: Any) -> tuple[Any, ...]:
    """A key of one copy, as one of all."""
    return slice(None), *_as_tuple(key)


def _counted(tree: Any, count: int) -> Any:
    """A nest of arguments with a number of copies."""
    if type(tree) is tuple or type(tree) is list:
        return type(tree)([_counted(item, count) for item in tree])
    if type(tree) is dict:
        return {name: _counted(item, count) for name, item in tree.items()}
    return count if tree is COUNT else tree
