"""Writing in place: in a list in which every register is written once, it makes a new register.

From there on the array's symbol stands for the new register. Whoever still holds the old one,
through a view or in a gate that was recorded before, would see other numbers than NumPy shows: such
reads are refused, and so are writes into memory that has more than one name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import refused
from autograd.gates.primitives import changed
from autograd.program.symbol import Symbol

if TYPE_CHECKING:
    from autograd.program.recorder import Recorder

__all__ = ["InPlace", "with_at", "with_item"]

WRITES = frozenset({
    np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal,
})  # fmt: skip


class InPlace:
    """The writes of one recording."""

    def __init__(self, tape: Recorder) -> None:
        self._tape = tape
        self._overwritten: set[int] = set()

    # ---- ways to write

    def into(
        self,
        outs: Any,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> Symbol:
        """A call that writes into an array, as ``out=`` or an operator such as += has it."""
        record = self._tape.record
        if type(outs) is tuple and len(outs) != 1:
            raise refused(f"{_name(function)} writes into several arrays: leave out= out")
        out = outs[0] if type(outs) is tuple else outs
        self._check_sole(out)
        if isinstance(function, np.ufunc) and kwargs.get("where", True) is not True:
            return self._rebind(out, record(with_mask, (out, function, *args), kwargs))
        result = record(function, args, kwargs)
        if type(result) is not Symbol:
            raise refused(f"{_name(function)} returns several arrays: leave out= out")
        if result.dtype != out.dtype:
            if not np.can_cast(result.dtype, out.dtype, "same_kind"):
                raise refused(
                    f"{_name(function)} makes {result.dtype}, which cannot be written into an "
                    f"array of {out.dtype}: write array.astype({str(result.dtype)!r}) first"
                )
            result = record(np.ndarray.astype, (result, out.dtype))
        if result.shape != out.shape:
            result = record(np.ndarray.copy, (np.broadcast_to(result, out.shape),))
        return self._rebind(out, result)

    def item(self, target: Symbol, key: Any, value: Any) -> None:
        """Writing by index: a copy with the entries changed."""
        self._check_sole(target)
        self._rebind(target, self._tape.record(with_item, (target, key, value)))

    def at(self, ufunc: np.ufunc, target: Any, *rest: Any) -> None:
        """``ufunc.at``: a copy with the entries changed."""
        self._check_sole(target)
        self._rebind(target, self._tape.record(with_at, (target, ufunc, *rest)))

    # ---- what is refused

    def check_function(self, function: Callable[..., Any], kwargs: dict[str, Any]) -> None:
        """Raise where a function writes into its argument."""
        if function in WRITES or (function is np.nan_to_num and not kwargs.get("copy", True)):
            raise refused(
                f"np.{function.__name__} writes into an array, which a program would not see: "
                "write ag.where(mask, value, a)"
            )

    def check_result(self, function: Callable[..., Any], result: Any, given: Sequence[Any]) -> None:
        """Raise where a function answers with an array that it was given to write into: with any
        but the first."""
        if type(result) is not np.ndarray:
            return
        for array in given[1:]:
            if result is array:
                raise refused(
                    f"{_name(function)} writes into an array that it got by place: write out=array"
                )

    def check_reads(self, reads: Iterable[Symbol]) -> None:
        """Raise where a call reads an array as it was before it was written into."""
        if self._overwritten and any(symbol.register in self._overwritten for symbol in reads):
            raise refused(
                "a compiled function reads an array as it was before it was written into, by a "
                "view or by a gate that was recorded before: copy it before writing"
            )

    def _check_sole(self, target: Any) -> None:
        """Raise where an array cannot be written into, because it has other names."""
        if type(target) is not Symbol:
            raise refused(
                "a compiled function writes into an array from outside, which a program would not "
                "repeat: return the result, or write ag.assign(tensor, value)"
            )
        if self._tape.registers.values[target.register].view_of is not None:
            raise refused(
                "a compiled function writes into a part of an array: write into the array itself, "
                "as in a[1:3, 0] = value, or ag.where(mask, value, a)"
            )
        outside = self._tape.outside
        if target.owner is not None and not outside.is_data(target.owner, target):
            raise refused(
                "a compiled function writes into what were a Tensor's data before it was given "
                "new ones: copy them before writing"
            )
        if outside.is_held(target, but=target.owner):
            raise refused(
                "a compiled function writes into an array that is a Tensor's data by now: write "
                "before assigning, or assign a copy"
            )
        given = target.register in self._tape.registers.constants or any(
            symbol.register == target.register for symbol in self._tape.inputs
        )
        if given and not outside.is_first(target.owner, target):
            raise refused(
                "a compiled function writes into one of its arguments, or into another array that "
                "it was given, which a program would not repeat: return the result instead"
            )

    def _rebind(self, target: Symbol, result: Symbol) -> Symbol:
        """Let the symbol of an array stand for what was written."""
        waiting = [target.register]
        while waiting:
            register = waiting.pop()
            self._overwritten.add(register)
            waiting += self._tape.registers.views.get(register, ())
        target.register, target.value = result.register, result.value
        if target.owner is not None:
            self._tape.outside.assign(target.owner, target, in_place=True)
        return target


def _with_call(out: Any, ufunc: np.ufunc, *args: Any, **kwargs: Any) -> None:
    ufunc(*args, out=out, **kwargs)


with_item = changed(operator.setitem, "with_item")
"""``(array, key, value)``: the array with other entries at a key."""

with_at = changed(lambda out, ufunc, *rest: ufunc.at(out, *rest), "with_at")
"""``(array, ufunc, *rest)``: the array after ``ufunc.at``."""

with_mask = changed(_with_call, "with_mask")
"""``(array, ufunc, *args, where=...)``: the array with what a call computes where its mask says."""


def _name(function: Callable[..., Any]) -> str:
    """A function as it is written."""
    return f"np.{getattr(function, '__name__', 'call')}"
