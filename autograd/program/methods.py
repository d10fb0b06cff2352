"""Compiled methods: each instance has programs of its own, and its copies begin without any."""

from __future__ import annotations

import sys
from typing import Any, Protocol, TypeVar

__all__ = ["Methods", "bind", "bound", "is_found_by_name"]

PLACE = "<compiled methods>"
"""Where an instance's own dictionary keeps them: a name that no attribute has."""

MOST = 128
"""Instances without a dictionary that a method is kept for; the oldest makes room for another."""


Bound = TypeVar("Bound", bound="Method")


class Method(Protocol):
    """What is asked of a compiled method, which is a `compiled.Compiled`."""

    @property
    def _of_instances(self) -> dict[int, Any]:
        """Those of instances without a dictionary."""

    def _bind(self: Bound, instance: Any) -> Bound:
        """The method of an instance, without programs."""

    def __get__(self: Bound, instance: Any, owner: Any = None) -> Bound:
        """As of a function: the method of an instance."""


class Methods:
    """The compiled methods of one instance, by the descriptors on its class.

    A shallow copy of the instance comes with its `Methods`, which are then those of another
    instance; deep copies and pickles get empty ones.
    """

    def __init__(self, instance: Any = None) -> None:
        self.instance = instance
        self.known: dict[Any, Any] = {}

    def __reduce__(self) -> Any:
        return Methods, ()


def bound(method: Bound, instance: Any) -> Bound:
    """The compiled method of an instance, the same one at every call."""
    try:
        own = vars(instance)
        found = own.get(PLACE)
        if found is None or found.instance is not instance:
            found = own[PLACE] = Methods(instance)
    except TypeError:  # it has __slots__, or is a class
        return _without_dictionary(method, instance)
    known = found.known.get(method)
    return known or found.known.setdefault(method, method._bind(instance))


def _without_dictionary(method: Bound, instance: Any) -> Bound:
    kept = method._of_instances
    known = kept.get(id(instance))  # which is no other's, since what is kept keeps its instance
    if known is None:
        while len(kept) >= MOST:
            kept.pop(next(iter(kept)), None)
        known = kept.setdefault(id(instance), method._bind(instance))
    return known


def bind(method: Method, instance: Any) -> Any:
    """A copied or pickled method, which is that of the copied instance."""
    return method.__get__(instance, type(instance))


def is_found_by_name(thing: Any) -> bool:
    """Whether a module has it under its qualified name, as pickle finds functions."""
    found: Any = sys.modules.get(thing.__module__)
    for part in getattr(thing, "__qualname__", "<none>").split("."):
        found = getattr(found, part, None)
    return found is thing
