"""A function that is called twice and shall have been called once: the same draws, no new state.

`First` stands in the mode during the first call and notes what it draws and assigns. `repeated` is
a block for another call: the generators are put back for it, what it assigns stays in it, and
afterwards the outside is as it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import modes
from autograd.data import as_data, is_number
from autograd.errors import GradientError, UnsupportedError
from autograd.generators import generators, is_same, set_state, state
from autograd.tensor import Tensor, here, is_view, leaf, stamp

__all__ = ["First", "check_same", "repeated"]


class Plain:
    """The outside as it is: where a call's own notes end."""

    def value(self, node: Tensor) -> Any:
        return here(node)

    data = value

    def operands(self, operands: tuple) -> tuple:
        return operands

    def assign(self, node: Tensor, value: Any) -> None:
        node._assign(value)

    def drawn(self, draw: Callable[[], Any]) -> Any:
        return draw()


def _around() -> Any:
    """What stands between the call that begins now and the outside: another call, or a tape."""
    return modes.outside() or Plain()


class First:
    """What the first call draws and assigns.

    Attributes
    ----------
    before : the leaves that were assigned, with the data that they had.
    draws : of each `ag.sample`, its value in a tuple; None where a generator was seen to move, so
        that it can be drawn again.
    states : the generators that were drawn from, and where they stood.
    arguments : the nodes that stand for the function's arguments while it runs.
    """

    def __init__(self, function: Callable[..., Any], arguments: Any) -> None:
        self.stands: dict[Tensor, Tensor] = {}  # nothing stands for anything in a first call
        self.before: dict[Tensor, Any] = {}
        self.draws: list[tuple[Any] | None] = []
        self.states: list[tuple[Any, Any]] = []
        self.arguments: list[Tensor] = []
        self._around = _around()
        self._born = stamp()
        self._lent: dict[Tensor, Any] = {}
        self._redraws = modes.tape() is None  # a program draws with `ag.sample` alone
        if self._redraws:
            self._note(function, arguments)

    def finish(self) -> None:
        """The call is over: forget what it did not change."""
        self.states = [(rng, at) for rng, at in self.states if not is_same(at, state(rng))]
        self._lent.clear()
        self._around = Plain()

    def value(self, node: Tensor) -> Any:
        """The value of a Tensor."""
        return self._around.value(node)

    def data(self, node: Tensor) -> Any:
        """The same for a user, who may write into an array: of a leaf it is copied before."""
        value = self._around.data(node)
        if self._is_outside(node) and node not in self._lent:
            kept = value.copy() if type(value) is np.ndarray else self._around.value(node)
            self._lent[node] = kept
        return value

    def operands(self, operands: tuple) -> tuple:
        """A gate's operands."""
        return self._around.operands(operands)

    def assign(self, node: Tensor, value: Any) -> None:
        """A leaf has new data from here on."""
        if any(node is argument for argument in self.arguments):
            raise UnsupportedError(
                "a checkpointed function assigns to its argument, which wants a gradient: let it "
                "read the Tensor from outside, or return what is new"
            )
        kept = self._lent[node] if node in self._lent else self._around.value(node)
        self._around.assign(node, value)
        if self._is_outside(node):
            self.before[node] = kept

    def drawn(self, draw: Callable[[], Any]) -> Any:
        """What `ag.sample` draws."""
        before = [(rng, state(rng)) for rng in self._note(draw)] if self._redraws else []
        value = self._around.drawn(draw)
        moved = any(not is_same(at, state(rng)) for rng, at in before)
        self.draws.append(None if moved else (value,))
        return value

    def _is_outside(self, node: Tensor) -> bool:
        return node.gate is None and node._stamp < self._born and node not in self.before

    def _note(self, *roots: Any) -> list[Any]:
        """Note where the generators stand that can be seen."""
        found = generators(*roots)
        for rng in found:
            if not any(rng is known for known, _ in self.states):
                self.states.append((rng, state(rng)))
        return found


class Again:
    """A later call: the outside as the first one found it."""

    def __init__(self, first: First) -> None:
        self.stands = {node: _stand(node, value) for node, value in first.before.items()}
        self._draws = iter(first.draws)
        self._around = _around()
        self._born = stamp()

    def value(self, node: Tensor) -> Any:
        """The value of a Tensor."""
        stands = self.stands.get(node)
        return self._around.value(node) if stands is None else stands._value

    def data(self, node: Tensor) -> Any:
        """The same for a user, who may write into an array."""
        stands = self.stands.get(node)
        return self._around.data(node) if stands is None else stands._value

    def operands(self, operands: tuple) -> tuple:
        """A gate's operands; one that wants a gradient is itself, as it is what that is for."""
        if self.stands:
            operands = tuple(
                self.stands.get(o, o) if type(o) is Tensor and not o._wants else o for o in operands
            )
        return self._around.operands(operands)

    def assign(self, node: Tensor, value: Any) -> None:
        """A leaf has new data from here on, in this call alone."""
        if node._stamp < self._born:
            old = self.stands.get(node)
            if old is not None and type(value) is np.ndarray and is_view(value, old):
                old._mark_changed()  # written in place: gates that read it saw other values
            self.stands[node] = _stand(node, _like(node._value, as_data(value, None)))
        else:
            self._around.assign(node, value)

    def drawn(self, draw: Callable[[], Any]) -> Any:
        """What `ag.sample` drew."""
        kept = next(self._draws, None)
        return draw() if kept is None else kept[0]


def _stand(node: Tensor, value: Any) -> Tensor:
    """What stands for a leaf from outside, with data of its own."""
    return leaf(value.copy() if type(value) is np.ndarray else value, name=node.name)


def _like(old: Any, value: Any) -> Any:
    """New data in the kind and dtype of the old, whose shape they have."""
    if is_number(old):
        return value if is_number(value) else float(value)
    return np.asarray(value, old.dtype) if is_number(value) else value.astype(old.dtype, copy=False)


class again(modes.Block):  # noqa: N801 - a block reads as a verb
    """Call once more inside."""

    __slots__ = ("first", "records")

    def __init__(self, first: First, records: bool) -> None:
        self.first, self.records = first, records

    def change(self, mode: modes.Mode) -> modes.Mode:
        return mode._replace(grad_enabled=self.records, effects=Again(self.first), reads=None)


@contextmanager
def repeated(first: First, *, records: bool) -> Iterator[None]:
    """A block in which a function does what it did in the first call."""
    now = [(rng, state(rng)) for rng, _ in first.states]
    try:
        for rng, before in first.states:
            set_state(rng, before)
        with again(first, records):
            yield
    finally:
        for rng, at in now:
            set_state(rng, at)


def check_same(name: str, known: Any, found: Any) -> None:
    """Raise where a later call gave another value than the first. A program's are not looked at."""
    if any(getattr(type(value), "traced", False) for value in (known, found)):
        return
    a, b = np.asarray(known), np.asarray(found)
    if a.shape == b.shape and a.dtype == b.dtype and _bits(a) == _bits(b):
        return
    raise GradientError(
        f"the checkpointed function {name} gave another value when it was computed again, so its "
        f"gradient would be that of another function: {_difference(a, b)}. It reads what changed "
        "since. Draw at random with ag.sample(lambda: rng.normal(size=3)), from a generator that "
        "was made before; keep state in Tensors, and update it with ag.assign(tensor, value); do "
        "not write into arrays that it reads"
    )


def _bits(a: Any) -> Any:
    """An array to compare to the bit; of long doubles, some of whose bits mean nothing, as text."""
    return repr(a.tolist()) if a.dtype.char == "g" else a.tobytes()


def _difference(a: Any, b: Any) -> str:
    if a.shape != b.shape or a.dtype != b.dtype:
        return f"{a.dtype} of shape {a.shape}, and then {b.dtype} of shape {b.shape}"
    where = np.argwhere((a != b) & ~(np.isnan(a) & np.isnan(b)))
    place = tuple(map(int, where[0])) if len(where) else (0,) * a.ndim
    at = f" at {place}" if a.ndim else ""
    return f"{a[place]}{at}, and then {b[place]}"
