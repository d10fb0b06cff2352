"""Which random generators a function can see: those it holds, by whatever way, or reads by name."""

from __future__ import annotations

import functools
import random
from collections import deque
from collections.abc import Iterable, Iterator
from types import (
    BuiltinMethodType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from autograd.tensor import Tensor

__all__ = ["generators", "is_same", "set_state", "state"]

EVERYBODYS: tuple[Any, ...] = (np.random.mtrand._rand, random._inst)
"""The generators behind the functions of `np.random` and of `random`."""

PLAIN = (
    int, float, complex, str, bytes, type(None), np.ndarray, np.generic, np.dtype, Tensor,
    ModuleType, CodeType, random.SystemRandom,
)  # fmt: skip
"""Types in whose attributes nobody keeps a generator, and one that cannot be put back."""

CONTAINERS: tuple[Any, ...] = (list, tuple, dict, set, frozenset, deque)

USUAL = frozenset(PLAIN)
"""The same, to look up."""

LIBRARIES = {"autograd", "nn", "viz", "numpy", "scipy", "builtins", "collections", "functools"}
"""Packages whose own globals are not looked through; what their objects hold is."""

MOST = 10_000
"""Objects that are looked at, the nearest first; and the longest container that is gone through."""


def generators(*roots: Any) -> list[Any]:
    """NumPy's and Python's generators that can be reached from the roots, each once.

    Through closures, globals that are read, defaults, attributes, containers and bound methods. No
    code of a user's runs on the way: objects are told by their type, and containers are gone
    through as what they are.

    >>> rng = np.random.default_rng(0)
    >>> generators({"draw": [rng.normal]}) == [rng.bit_generator]
    True
    """
    found: list[Any] = []
    seen: dict[int, Any] = {}  # with the objects, so that no other one gets a number seen before
    waiting = deque(roots)
    while waiting and len(seen) < MOST:
        item = waiting.popleft()
        kind = type(item)
        if kind in USUAL or id(item) in seen or issubclass(kind, PLAIN):
            continue
        seen[id(item)] = item
        if issubclass(kind, (np.random.BitGenerator, np.random.RandomState, random.Random)):
            found.append(item)
        elif issubclass(kind, np.random.Generator):
            waiting.append(item.bit_generator)
        else:
            waiting.extend(_within(item, kind))
    return found


def _within(item: Any, kind: type) -> Iterable[Any]:
    """What an object holds, and what a function reads."""
    for container in CONTAINERS:
        if issubclass(kind, container):
            held = container.values(item) if container is dict else container.__iter__(item)
            own = () if kind is container else _attributes(item, kind)
            return (*own, *(held if container.__len__(item) <= MOST else ()))
    if issubclass(kind, FunctionType):
        return _read_by(item)
    if issubclass(kind, MethodType):
        return item.__self__, item.__func__
    if issubclass(kind, BuiltinMethodType):
        return (item.__self__,)
    if issubclass(kind, functools.partial):
        return item.func, item.args, item.keywords
    if issubclass(kind, (staticmethod, classmethod)):
        return (item.__func__,)
    if issubclass(kind, property):
        return (item.fget,)
    if issubclass(kind, type):
        return () if _is_a_librarys(item) else (*vars(item).values(), *item.__bases__)
    return (kind, *_attributes(item, kind))


def _attributes(item: Any, kind: type) -> list[Any]:
    """What an object keeps in its dict and its slots."""
    found: list[Any] = []
    for each in kind.__mro__:
        for kept in each.__dict__.values():
            if type(kept) is MemberDescriptorType or (
                type(kept) is GetSetDescriptorType and kept.__name__ == "__dict__"
            ):
                try:
                    value = kept.__get__(item)
                except AttributeError:  # a slot that is empty
                    continue
                found += value.values() if type(value) is dict else (value,)
    return found


def _read_by(function: FunctionType) -> Iterator[Any]:
    yield from vars(function).values()  # what it wraps
    yield function.__defaults__
    yield function.__kwdefaults__
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a name that has no value yet
            continue
    if _is_a_librarys(function):
        return
    names, known = set(_names(function.__code__)), function.__globals__
    for name in names & known.keys():
        value = known[name]
        if not isinstance(value, ModuleType):
            yield value
        elif "random" in names or value in (random, np.random):  # random.random(), np.random.rand()
            yield EVERYBODYS
        elif not _is_a_librarys(value):
            yield from (vars(value)[other] for other in names & vars(value).keys())


def _names(code: CodeType) -> Iterator[str]:
    """The globals and attributes that a function and those defined in it read by name."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_a_librarys(item: Any) -> bool:
    place = "__name__" if isinstance(item, ModuleType) else "__module__"
    return str(getattr(item, place, None)).partition(".")[0] in LIBRARIES


def state(generator: Any) -> Any:
    """Where a generator stands: something to compare, and to set it to."""
    if isinstance(generator, random.Random):
        return generator.getstate()
    if isinstance(generator, np.random.RandomState):
        return generator.get_state(legacy=False)
    return generator.state


def set_state(generator: Any, to: Any) -> None:
    """Put a generator where it stood."""
    if isinstance(generator, random.Random):
        generator.setstate(to)
    elif isinstance(generator, np.random.RandomState):
        generator.set_state(to)
    else:
        generator.state = to


def is_same(a: Any, b: Any) -> bool:
    """Whether two states are the same."""
    if isinstance(a, dict):
        return all(is_same(a[key], b[key]) for key in a)
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else bool(a == b)
