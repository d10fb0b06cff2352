"""Settings: what the names in a function stand for, looked at again before each call.

For each value of them another program is recorded. Numbers and texts are told apart by value,
everything else by which object it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from itertools import chain
from operator import attrgetter, call, is_, itemgetter
from typing import Any

import numpy as np

__all__ = ["GONE", "PLAIN", "Members", "Settings", "comparable", "is_plain"]

PLAIN = (int, float, bool, str, bytes, complex, type(None))

GONE = (AttributeError, LookupError, ValueError)
"""What is raised where a setting is no longer there, or a cell is empty."""

LONG = 10_000
"""Entries of a container that are compared as a whole."""


class Settings:
    """The settings of one function: places, and the keys by which they are read there."""

    def __init__(self) -> None:
        self._places: dict[tuple[int, Any], tuple[Any, list[Any]]] = {}
        self._own: set[int] = set()

    def close(self) -> None:
        """All places are known: look at them for the first time."""
        readers = [_reader(kind, keys) for (_, kind), (_, keys) in self._places.items()]
        self._reads = readers, [place for place, _ in self._places.values()]
        self._settings: list[Any] | None = self._now()

    def are_as_before(self) -> bool:
        """Whether each setting is the very object that it was; quick."""
        before = self._settings
        if before is None:
            return False
        try:
            return all(map(is_, chain.from_iterable(map(call, *self._reads)), before))
        except GONE:
            return False

    def settings(self) -> tuple[Any, ...] | None:
        """All settings as they are now, to be compared; None where one is no longer there.

        What the function itself changes is none.
        """
        self._settings = self._now()
        if self._settings is None:
            return None
        return tuple([
            comparable(value)
            for place, value in enumerate(self._settings)
            if place not in self._own
        ])  # fmt: skip

    @property
    def latest(self) -> list[Any]:
        """The settings that were seen last; none where one was no longer there."""
        return self._settings or []

    def written(self, named: Callable[[Any], str]) -> Iterator[str]:
        """How each of the settings is read, as an expression; nothing where the one before is read
        twice. `named` gives a thing a name to be written by."""
        for reader, ((_, kind), (place, keys)) in zip(
            self._reads[0], self._places.items(), strict=True
        ):
            where = named(place)
            if kind in (attrgetter, itemgetter):
                for key in keys:
                    yield f"{where}.{key}" if kind is attrgetter else f"{where}[{named(key)}]"
                yield ""
            else:
                yield f"{named(reader)}({where})[0]"

    def leave_out_changed(self) -> bool:
        """What differs from when it was last looked at was changed by the function itself: whether
        anything was."""
        before, now = self._settings, self._now()
        if before is None or now is None:
            return True
        pairs = enumerate(zip(before, now, strict=True))
        changed = {i for i, (a, b) in pairs if comparable(a) != comparable(b)}
        self._own |= changed
        return bool(changed)

    def is_like(self, other: Settings) -> bool:
        """Whether both look at the same places."""
        mine, theirs = self._places.values(), other._places.values()
        return [keys for _, keys in mine] == [keys for _, keys in theirs] and all(
            a is b for (a, _), (b, _) in zip(mine, theirs, strict=True)
        )

    def _now(self) -> list[Any] | None:
        try:
            return [*chain.from_iterable(map(call, *self._reads))]
        except GONE:
            return None

    def _setting(self, value: Any, kind: Any, place: Any, key: Any) -> None:
        """A value to look at again, by its key in a place."""
        if not str(key).startswith("__"):
            self._places.setdefault((id(place), kind), (place, []))[1].append(key)


class Same:
    """A thing that is equal to itself alone, and held, so that its address is no other's."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


def is_plain(value: Any) -> bool:
    """Whether a value is a number, text, None, or a tuple of such."""
    if type(value) is tuple:
        return all(map(is_plain, value))
    return type(value) in PLAIN or isinstance(value, np.generic)


def comparable(value: Any) -> Any:
    """A value that is equal to another one where both do the same in a computation."""
    if type(value) is tuple:
        return tuple(map(comparable, value))
    return (type(value), repr(value)) if is_plain(value) else Same(value)


def _reader(kind: Any, keys: list[Any]) -> Callable[[Any], Sequence[Any]]:
    """What reads the settings of one place."""
    if kind is len:
        return _length
    if kind is ContextVar:
        return _held
    if kind is Members:
        return Members()
    return kind(*keys, keys[-1])  # of two at least, so that it gives a tuple


def _held(variable: ContextVar[Any]) -> tuple[Any]:
    return (variable.get(None),)


def _length(container: Any) -> tuple[int]:
    return (len(container),)


class Members:
    """Reads what a set or a long container holds: one object, as long as it holds the same."""

    def __init__(self) -> None:
        self.last: Any = None

    def __call__(self, container: Any) -> tuple[Any]:
        if len(container) > LONG:
            return (len(container),)
        if self.last != container:  # which is quick where the entries are the same objects
            self.last = container.copy()
        return (self.last,)
