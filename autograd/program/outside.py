"""What a function reads and changes that it did not get as an argument: Tensors and arrays.

A Tensor from outside is read through a stand-in whose value is a symbol, so that a program reads
it anew at each run; what it is assigned becomes one of the program's results. Arrays from outside
are constants, and a function that writes into one is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.anomaly import fingerprints
from autograd.effects import Draw
from autograd.errors import CompileError, refused
from autograd.generators import EVERYBODYS, is_same, state
from autograd.inside import is_inside
from autograd.program.symbol import Symbol
from autograd.tensor import Tensor, describe, here, leaf, stamp

if TYPE_CHECKING:
    from autograd.program.recorder import Recorder
    from autograd.program.surroundings import Surroundings

__all__ = ["Outside"]


class Outside:
    """The outside of one recording.

    Attributes
    ----------
    readings : the Tensors that were read, each with the node that stood for it at first.
    stood_for : the Tensor that each node stood for: another one after each assignment.
    drawn_before : what an earlier recording of the same function drew, for this one to draw.
    assigned : those that were given new data, with the symbol of it, and whether it was written
        into the array that they have.
    """

    def __init__(self, tape: Recorder) -> None:
        self.readings: dict[Tensor, Tensor] = {}
        self.stood_for: dict[Tensor, Tensor] = {}
        self.assigned: dict[Tensor, tuple[Symbol, bool]] = {}
        self.drawn_before: Iterator[Any] | None = None
        self._tape = tape
        self._now: dict[Tensor, Tensor] = {}
        self._born = stamp()
        self._watched: list[tuple[str, np.ndarray, tuple[int, ...]]] = []
        self._generators: list[tuple[str, Any]] = [
            ("np.random", EVERYBODYS[0]), ("random", EVERYBODYS[1]),
        ]  # fmt: skip
        self._states = [state(rng) for _, rng in self._generators]

    def is_own(self, node: Tensor) -> bool:
        """Whether a node was made since recording began."""
        return node._stamp > self._born

    def stand_in(self, node: Tensor) -> Tensor:
        """The node that stands for a Tensor from outside; one made inside stands for itself."""
        if self.is_own(node) or self._is_recorded(node._value):
            return node
        known = self._now.get(node)
        if known is None:
            held = here(node)
            held = held.value if type(held) is Symbol else held
            known = leaf(self._tape.input(held), name=node.name)
            known._wants = node._wants and True
            known._stamp, known._version = node._stamp, getattr(node, "_version", 0)
            self._now[node] = self.readings[node] = known
            self.stood_for[known] = node
        return known

    def _is_recorded(self, held: Any) -> bool:
        """Whether data are symbols; those of a recording around this one are an input as others."""
        return type(held) is Symbol and (held.tape is self._tape or held.tape.closed)

    @contextmanager
    def standing(self, nodes: dict[Tensor, Tensor]) -> Iterator[None]:
        """A block in which other nodes stand for Tensors from outside."""
        before = self._now
        self._now = {**before, **nodes}
        try:
            yield
        finally:
            self._now = before

    def operands(self, operands: tuple) -> tuple:
        """A gate's operands, with stand-ins for Tensors from outside."""
        return tuple(self.stand_in(o) if type(o) is Tensor else o for o in operands)

    def data(self, node: Tensor) -> Any:
        """The data of a Tensor: of one from outside a symbol, which knows whose memory it is."""
        stands = self.stand_in(node)
        held = stands._value
        if stands is node or type(held) is not Symbol:
            return held
        view = Symbol(self._tape, held.register, held.value)
        view.owner = node
        return view

    value = data

    def is_data(self, node: Tensor, symbol: Symbol) -> bool:
        """Whether a symbol stands for the data that a Tensor from outside has now."""
        held = self.stand_in(node)._value
        return type(held) is Symbol and held.register == symbol.register

    def is_first(self, node: Tensor | None, symbol: Symbol) -> bool:
        """Whether a symbol stands for the data that a Tensor from outside had at first."""
        return node is not None and self.readings[node]._value.register == symbol.register

    def is_held(self, symbol: Symbol, but: Tensor | None) -> bool:
        """Whether the memory of a value is that of the data of a Tensor, of another than `but`."""
        held = [s._value for node, s in self._now.items() if node is not but]
        registers = self._tape.registers
        return any(
            type(v) is Symbol and registers.storage(v.register) == symbol.register for v in held
        )

    def assign(self, node: Tensor, value: Any, in_place: bool = False) -> None:
        """A Tensor from outside has new data from here on, and after each run.

        A constant that the function itself made has them from here on, and is gone afterwards.
        """
        if node.gate is None and self.is_own(node) and not (node._wants or in_place):
            symbol = self._like(node, value)
            node._value = Symbol(self._tape, symbol.register, symbol.value)
            return
        if node.gate is not None or self.is_own(node):
            raise CompileError(
                f"{describe(node)} is not a leaf from outside: only those can be given new data in "
                "a compiled function"
            )
        old = self.stand_in(node)
        symbol = self._like(node, value)
        self._tape.in_place.check_reads([symbol])
        fresh = leaf(Symbol(self._tape, symbol.register, symbol.value), name=node.name)
        fresh._wants, fresh._stamp, fresh._version = old._wants, old._stamp, stamp()
        self._now[node] = fresh
        self.stood_for[fresh] = node
        in_place = in_place or (node in self.assigned and self.assigned[node][1])
        self.assigned[node] = symbol, in_place

    def _like(self, node: Tensor, value: Any) -> Symbol:
        """New data as a symbol of the kind and dtype of the old."""
        if type(value) is not Symbol:
            return self._tape.constant(node._like_data("data", value))
        fitting = node._like_data("data", np.broadcast_to(value.value, value.shape))  # or raises
        if type(fitting) is float:
            return value if value.weak else self._tape.record(float, (value,))
        if value.weak or value.dtype != fitting.dtype:
            return self._tape.record(np.asarray, (value, fitting.dtype))
        return value

    def drawn(self, draw: Callable[[], Any]) -> Symbol:
        """Numbers that are drawn at random, which a program draws anew."""
        self._check_generators()
        again = self.drawn_before
        drawn = Draw(draw) if again is None else Draw(partial(next, again), draw)
        symbol = self._tape.record(drawn, (), effect=True)
        self._states = [state(rng) for _, rng in self._generators]
        return symbol

    def watch(self, around: Surroundings) -> None:
        """Remember the arrays that a function can reach, to notice writing into them, and the
        generators, to notice drawing from them."""
        self._watched = [
            (f"{name!r}{around.place}", array, fingerprints([array]))
            for name, array in around.arrays
        ]
        self._generators += [(f"{name!r}{around.place}", rng) for name, rng in around.generators]
        self._states = [state(rng) for _, rng in self._generators]

    def check(self) -> None:
        """Raise where a function did to its outside what a program would not repeat."""
        self._check_generators()
        for node, (_, in_place) in self.assigned.items():
            if in_place:
                self._check_sole(node)
        changed = [name for name, array, before in self._watched if fingerprints([array]) != before]
        changed += [
            f"of shape {array.shape}"
            for array, before in self._tape.registers.given()
            if not np.array_equal(before, array, equal_nan=array.dtype.kind == "f")
        ]
        for name in changed:
            raise CompileError(
                f"a compiled function changes an array from outside, {name}, which a program would "
                "not repeat: return the result, or keep it in a Tensor and write "
                "ag.assign(tensor, value)"
            )

    def check_own(self, node: Tensor) -> None:
        """Raise where a Tensor from outside is frozen or thawed, which a program would not do."""
        if not self.is_own(node):
            raise refused(
                f"a compiled function sets requires_grad of {describe(node)}, which a program "
                "would not repeat: set it before the call, which then makes a program of its own"
            )

    def check_differentiated(self) -> None:
        """Raise where a result would depend on a Tensor that is differentiated further."""
        for node in self.readings:
            if node._wants and is_inside(node):
                raise CompileError(
                    f"a compiled function reads {describe(node)} from outside, in a transform that "
                    "differentiates for it, and would return plain numbers: pass it as an argument"
                )

    def _check_generators(self) -> None:
        """Raise where random numbers were drawn that a program would not draw anew."""
        for (name, rng), before in zip(self._generators, self._states, strict=True):
            if not is_same(state(rng), before):
                raise CompileError(
                    f"a compiled function draws at random from {name}, and a program would repeat "
                    "what it drew first: write ag.sample(lambda: rng.normal(size=3))"
                )

    def _check_sole(self, node: Tensor) -> None:
        """Raise where data that are written into are read as something else's, too."""
        if type(here(node)) is float:
            return
        own = self.readings[node]._value
        for symbol in self._tape.inputs:
            if symbol is not own and np.shares_memory(symbol.value, node._value):
                raise CompileError(
                    f"a compiled function writes into the data of {describe(node)}, and reads the "
                    "same memory as an argument or the data of another Tensor: give each an array "
                    "of its own, Tensor(array.copy())"
                )
