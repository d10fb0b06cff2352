"""Registers: what is known of each value while a function is recorded, and the constants among
them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np

from autograd.program.instruction import Ref, Value

__all__ = ["Registers"]


class Registers:
    """The registers so far.

    Attributes: `values`, what is known of each by its number; `constants`, the arrays and numbers
    of those that were given once and for all; `views`, the registers of the views of each.
    """

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.constants: dict[int, Any] = {}
        self.views: dict[int, list[int]] = {}
        self._refs: dict[int, Ref] = {}
        self._known: dict[int, tuple[int, np.ndarray]] = {}
        self._kinds: dict[Hashable, Value] = {}

    def new(self, value: Any, view_of: int | None = None) -> int:
        """A register for an array or a Python float, whose value now is an example."""
        array = np.asarray(value)
        weak = type(value) is float
        key = array.shape, array.dtype, array.strides, weak
        kind = self._kinds.get(key)
        if kind is None:  # most values are like another one
            order = _order(array)
            dense = array.transpose(order).flags.c_contiguous
            kind = self._kinds[key] = Value(array.shape, array.dtype, order, dense, weak)
        register = len(self.values)
        if view_of is not None:
            spread = array.size > 1 and not any(array.strides)
            kind = Value(
                kind.shape, kind.dtype, kind.order, kind.dense, view_of=view_of, spread=spread
            )
            self.views.setdefault(view_of, []).append(register)
        self.values.append(kind)
        return register

    def ref(self, register: int) -> Ref:
        """What stands for a register among arguments: one object for all of them."""
        found = self._refs.get(register)
        if found is None:
            found = self._refs[register] = Ref(register)
        return found

    def repeat(self, value: Value) -> None:
        """A register of which all is known."""
        if value.view_of is not None:
            self.views.setdefault(value.view_of, []).append(len(self.values))
        self.values.append(value)

    def is_known(self, array: np.ndarray, register: int | None = None) -> bool:
        """Whether an array has been a constant before, and in this register."""
        known = self._known.get(id(array))
        return known is not None and register in (None, known[0])

    def constant(self, value: Any) -> int:
        """The register of a number, or of an array as it is now."""
        if type(value) is float:
            register = self.new(value)
            self.constants[register] = value
            return register
        known = self._known.get(id(value))
        if known is None:
            copy = np.array(value)
            register = self.new(copy)
            self.constants[register] = copy
            known = self._known[id(value)] = register, value  # which keeps its id from being reused
        return known[0]

    def storage(self, register: int) -> int:
        """The register whose memory `register` lies in."""
        while (base := self.values[register].view_of) is not None:
            register = base
        return register

    def given(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The arrays that became constants, each with its copy."""
        for register, array in self._known.values():
            yield array, self.constants[register]


def _order(array: np.ndarray) -> tuple[int, ...]:
    """The axes of an array from the slowest in memory to the fastest."""
    return tuple(sorted(range(array.ndim), key=lambda axis: (-abs(array.strides[axis]), axis)))
