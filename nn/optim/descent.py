"""The update of an optimiser as a part of a program: its rules, run once on what is recorded."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import partial
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import CompileError, Tensor
from autograd.extend import is_away, leaf

if TYPE_CHECKING:
    from .engine import Update
    from .optimizer import Optimizer

__all__ = ["Descent"]

NUMBER = object()
"""Stands in a rule for a number that a program reads at each run."""


class Descent:
    """A step of all that an optimiser is bound to, to be recorded after their gradients.

    A program reads the parameters, their state, and the numbers of the rules, and writes the first
    two where they are. `prepare` comes before each run, `count` after it.

    `lends` says that a back end keeps what is assigned: it is lent the state then, in arrays that
    nobody else has, until somebody asks for it.
    """

    def __init__(self, optimizer: Optimizer, *, lends: bool) -> None:
        self.optimizer, self.lends = optimizer, lends
        self._packs: list[Any] = []
        self._seen: list[dict[str, np.ndarray]] = []  # the state of each pack
        self._states: list[list[tuple[Tensor, list[Tensor]]]] = []  # the same as Tensors
        self._laid = 0  # how often they were made anew
        self._numbers: dict[tuple[int, np.dtype], Tensor] = {}
        self._given: list[tuple[float, np.dtype]] = []
        self._form: Hashable = None
        self._held: tuple[Any, list[Any]] | None = None  # by what that form stays, if it does

    @property
    def is_possible(self) -> bool:
        """Whether the rules are the package's own, by calls of NumPy on arrays and gradients as
        they are."""
        engine = self.optimizer.engine
        return (
            type(self.optimizer).__module__.startswith("nn.optim.")
            and not engine.loops
            and engine.crew.size == 1
            and self._limits == (None, None)
            and all(pack.is_as_stepped for pack, *_ in self.optimizer.coming())
        )

    @property
    def _limits(self) -> tuple[float | None, float | None]:
        return self.optimizer.clip_norm, self.optimizer.clip_value

    @property
    def stays(self) -> bool:
        """Whether all that `prepare` does is done, until settings are set anew."""
        lent = self.lends and any(pack.arrays for pack in self._packs)
        return self._held is not None and not lent

    def prepare(self) -> Hashable:
        """Put the numbers of the coming step where a program reads them.

        Returns what a program is made for: another one is needed where it is another.
        """
        optimizer = self.optimizer
        settings = [*self._limits, *(v for group in optimizer.param_groups for v in group.values())]
        if self._held is not None:
            packs, before = self._held
            if packs is optimizer.packs and settings == before:
                self._lend()
                return self._form
        coming = optimizer.coming()
        known, self._given = self._given, []
        form = [self._fixed(update) for update in _distinct(coming)]
        for place, pair in enumerate(self._given):
            if place >= len(known) or known[place] != pair:
                self._write(place, *pair)
        for pack, _, fills in coming:
            pack.fill(fills)
        seen = [pack.arrays for pack, *_ in coming]
        if len(seen) != len(self._seen) or not all(map(is_, seen, self._seen)):
            self._lay([pack for pack, *_ in coming])
        self._lend()
        self._form = self._laid, self._limits, *form
        stays = all(map(optimizer.is_steady, optimizer.param_groups))
        begun = all(pack.steps for pack, *_ in coming)
        self._held = (optimizer.packs, settings) if stays and begun else None
        return self._form

    def _fixed(self, update: Update) -> tuple[Any, ...]:
        """What is recorded of a rule as it is: its code, and all that it is made with but
        numbers."""
        given, dtype = self._given, update.dtype

        def number(value: float) -> Any:
            given.append((value, dtype))
            return NUMBER

        rule: Any = update.define(number)
        found = [rule.__code__]
        for cell in rule.__closure__ or ():
            held = cell.cell_contents
            found += [held.func, *held.keywords.items()] if type(held) is partial else [held]
        return tuple(found)

    def look_around(self) -> None:
        """Have the parameters in memory that can be written, whatever was assigned to them."""
        for parameter in self.optimizer.parameters:
            if not is_away(parameter) and not parameter.data.flags.writeable:
                parameter.data = parameter.data.copy()

    def withdraw(self) -> None:
        """Leave the optimiser as it would be without `prepare`, which is needed no more."""
        for pack, *_ in self.optimizer.coming():
            if pack.steps == 0:
                pack.state = {}

    def __call__(self, gradients: Mapping[Tensor, Any]) -> None:
        """Apply the rules; raises CompileError (a TypeError) where a gradient is missing, or must
        be clipped before."""
        if self._limits != (None, None):
            raise CompileError("gradients are clipped, which is done by eager calls")
        coming, places = self.optimizer.coming(), iter(range(len(self._given)))
        rules: dict[int, Any] = {}
        for update in _distinct(coming):

            def number(value: float, dtype: np.dtype = update.dtype) -> Any:
                return self._numbers[next(places), dtype].data

            rules[id(update)] = update.define(number)
        for (_, update, _), parts in zip(coming, self._states, strict=True):
            for parameter, states in parts:
                if parameter not in gradients:
                    raise CompileError("a parameter has no gradient, and is left alone")
                p = parameter.data
                scratch = [np.empty_like(p) for _ in range(3)]
                held = [state.data for state in states]
                rules[id(update)](p, gradients[parameter], *scratch, *held)

    def count(self) -> None:
        """A step was taken."""
        self.optimizer.count()

    def _write(self, place: int, value: float, dtype: np.dtype) -> None:
        known = self._numbers.get((place, dtype))
        if known is None:
            self._numbers[place, dtype] = leaf(np.array(value, dtype))
        else:
            known.data[...] = value

    def _lay(self, packs: list[Any]) -> None:
        """Tensors around the arrays of the state."""
        self._packs, self._laid = packs, self._laid + 1
        self._seen = [pack.state for pack in packs]  # which others were lent, perhaps
        self._states = [
            [(parameter, [leaf(array) for array in arrays]) for parameter, arrays in pack.parts()]
            for pack in packs
        ]
        self.look_around()

    def _lend(self) -> None:
        """Copies of the state that is not lent."""
        for pack, parts in zip(self._packs if self.lends else (), self._states, strict=False):
            if pack.lent is None:
                pairs = zip(parts, pack.parts(), strict=True)
                for (_, tensors), (_, arrays) in pairs:
                    for tensor, array in zip(tensors, arrays, strict=True):
                        tensor.data = array.copy()
                pack.lent = [tensors for _, tensors in parts]


def _distinct(coming: Iterable[tuple[Any, Update, Any]]) -> list[Update]:
    """Each update once."""
    return [*{id(update): update for _, update, _ in coming}.values()]
