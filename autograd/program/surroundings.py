"""What a function can reach by name besides its arguments, before it runs.

Found are the names in its code, in what it calls by them, and in the methods of the objects that
they lead to: variables of outer functions, globals, attributes, what dicts and lists hold. What a
name stands for, and what a context variable holds, is a *setting*: for each value of it another
program is recorded. Numbers and texts are told apart by value, everything else by which object it
is. Arrays are constants of a program, and generators would not be drawn from anew: both are watched
while it is recorded.
"""

from __future__ import annotations

import os
import random
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache, partial
from itertools import islice
from opcode import opmap
from operator import attrgetter, itemgetter
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

import numpy as np

from autograd.program.settings import PLAIN, Members, Settings, is_plain
from autograd.tensor import Tensor

__all__ = ["Surroundings"]

RANDOM = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)

SURE = {
    "autograd", "numpy", "math", "cmath", "operator", "functools", "itertools", "collections",
    "typing", "types", "abc", "dataclasses", "contextlib", "enum", "numbers", "warnings",
    "builtins", "__future__",
}  # fmt: skip
"""Packages whose functions do the same each time, if they are given the same."""

UNSURE = {
    "random", "default_rng", "next", "__next__", "id", "hash", "open", "input", "eval", "exec",
    "getattr", "vars", "globals", "locals", "__dict__", "__import__", "iter",
} | (sys.stdlib_module_names - SURE)  # fmt: skip
"""Names by which a function may come to what differs each time, or to what is not seen here."""

KNOWN = {"autograd", "numpy", "scipy", *sys.stdlib_module_names}
"""Packages whose functions read nothing of a user's by name."""

HOUSE = {"nn", "viz"}
"""Packages whose tables and constants nobody gives anew."""

CONTAINERS: tuple[Any, ...] = (dict, list, tuple, set, frozenset, deque)
"""What is gone through entry by entry, as are classes derived from one, such as `OrderedDict`."""

BY_TEXT = {"getattr", "attrgetter", "methodcaller", "vars", "__dict__"}
"""Names by which code comes to an attribute whose name it has as a text."""

INSTALLED = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), "")
"""The folder of installed packages. Nor do functions there, but for those of the function's own
package and of nn."""

UNCALLED = {"__init__", "__new__", "__repr__", "__str__", "__init_subclass__", "__del__"}
"""Methods of two underscores that code does not call on what is there already."""

LASTING = (ModuleType, type, BuiltinFunctionType, np.ufunc)
"""Kinds of values that a name is hardly ever given anew."""

EXTENDED_ARG, LOAD_GLOBAL, LOAD_NAME = map(
    opmap.__getitem__, ("EXTENDED_ARG", "LOAD_GLOBAL", "LOAD_NAME")
)

INERT = (*PLAIN, np.ndarray, np.generic, Tensor)
"""Kinds of values that do nothing by themselves, and lead nowhere."""

MOST = 64
"""Entries of a container that are looked at one by one."""


class Surroundings(Settings):
    """The surroundings of one function, and the settings among them.

    Attributes
    ----------
    arrays, generators : by how the function comes to them, such as ``self.rng``.
    place : the file and line of the function, in brackets.
    is_sure : whether the function cannot but do the same each time, as far as its code goes.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.arrays: list[tuple[str, np.ndarray]] = []
        self.generators: list[tuple[str, Any]] = []
        self.place = ""
        self._names: dict[str, None] = {}  # in the order in which they were found
        self._is_sure = True
        self._seen: dict[int, Any] = {}  # which keeps an id from being another's
        self._objects: list[tuple[str, Any]] = []
        self._looked_for: dict[int, int] = {}  # how many of them
        self._codes: set[CodeType] = set()
        self._home = {"nn", _package(function), _package(getattr(function, "__self__", None))}
        self._visit("", function)
        known = -1
        while known != (known := len(self._names) + len(self._seen)):
            for path, thing in list(self._objects):
                self._look_at(path, thing)
        self.close()
        self.is_sure = self._is_sure and not (self._names.keys() & UNSURE)

    # ---- looking around

    def _visit(self, path: str, thing: Any, lasting: bool = False) -> None:
        """Sort a thing in, and follow it; a `lasting` dict or list is a table of some module.

        It is told by its type, so that no code of a user's runs.
        """
        kind = type(thing)
        if kind in PLAIN or kind is Tensor or id(thing) in self._seen:
            return
        self._seen[id(thing)] = thing
        if issubclass(kind, np.ndarray):
            self.arrays.append((path, thing))
        elif issubclass(kind, RANDOM):
            self._generator(path, thing)
        elif kind is FunctionType:
            self._function(path, thing)
        elif kind is MethodType:
            self._visit(path, thing.__func__)
            self._visit("self", thing.__self__)
        elif kind is partial:
            for part in (thing.func, *thing.args, *thing.keywords.values()):
                self._visit(path, part)
        elif issubclass(kind, CONTAINERS):
            self._container(path, thing, lasting)
            if kind not in CONTAINERS and not _is_known(thing):
                self._objects.append((path, thing))  # which may have attributes, too
        elif kind is BuiltinFunctionType:
            self._visit(path, thing.__self__)
        elif kind is ContextVar:
            self._places[id(thing), ContextVar] = thing, [path]
            self._is_sure = False
        elif not self._is_librarys(thing):
            self._objects.append((path, thing))
        else:  # also a compiled function, or a gate
            made = not issubclass(kind, (ModuleType, type))  # which may hold anything
            self._is_sure &= _package(thing) in (("autograd", "numpy") if made else SURE)
            if kind is ModuleType and not _is_known(thing):  # of which code may read a number
                self._objects.append((path, thing))
            for inside in ("__wrapped__", "forward"):
                self._visit(path, _own(thing).get(inside))

    def _is_librarys(self, thing: Any) -> bool:
        """Whether a thing is of a known package, or a function or a module of an installed one."""
        if _is_known(thing):
            return True
        if not isinstance(thing, (FunctionType, ModuleType)):
            return False
        package = _package(thing)
        return package not in self._home and _is_installed(package)

    def _generator(self, path: str, thing: Any) -> None:
        if isinstance(thing, np.random.Generator):
            thing = thing.bit_generator
        if not isinstance(thing, random.SystemRandom):  # which has no state
            self.generators.append((path, thing))

    def _function(self, path: str, function: FunctionType) -> None:
        """Its code, its variables, its defaults."""
        code = function.__code__
        self.place = self.place or f" ({code.co_filename}:{code.co_firstlineno})"
        known = self._is_librarys(function)  # whose variables nobody gives anew
        cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
        for name, cell in cells:
            try:
                value = cell.cell_contents
            except ValueError:  # it has no value yet
                continue
            if not known:
                self._setting(value, attrgetter, cell, "cell_contents")
            self._visit(name, value)
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._visit(f"a default of {function.__name__}", value)
        if known:
            self._is_sure &= _package(function) in SURE
        else:
            spaces = function.__globals__
            for name in self._code(code) & spaces.keys():
                if name.isidentifier():  # pytest writes others into functions that assert
                    self._global(name, name, spaces)

    def _global(self, path: str, name: str, space: dict[str, Any]) -> None:
        """A name of a module: a setting, but for the tables and constants of the house."""
        value = space[name]
        house = str(space.get("__name__")).partition(".")[0] in HOUSE
        changes = not house or (is_plain(value) and not name.isupper())
        if changes and not isinstance(value, LASTING):
            self._setting(value, itemgetter, space, name)
        self._visit(path, value, lasting=not changes)

    def _code(self, code: CodeType) -> set[str]:
        """The globals that some code reads, with the functions written inside of it; what names it
        has for attributes is noted, too."""
        if code in self._codes:
            return set()
        self._codes.add(code)
        self._names.update(dict.fromkeys(code.co_names))
        found = set(_globals_of(code))
        by_text = not BY_TEXT.isdisjoint(code.co_names)
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                found |= self._code(constant)
            elif by_text and type(constant) is str:
                self._names[constant] = None
        return found

    def _container(self, path: str, nest: Any, lasting: bool) -> None:
        """What a container holds, as what it is derived from does, and how much."""
        kind = next(kind for kind in CONTAINERS if isinstance(nest, kind))
        size = kind.__len__(nest)
        entries = kind in (dict, list, deque) and type(nest).__getitem__ is kind.__getitem__
        changes = kind not in (tuple, frozenset) and not lasting
        if changes and (kind is set or size > MOST):
            self._places[id(nest), Members] = nest, [path]
        elif changes:
            self._places[id(nest), len] = nest, [path]
        if size > MOST:
            values = dict.values(nest) if kind is dict else kind.__iter__(nest)
            self._is_sure &= all(isinstance(value, INERT) for value in values)
            return
        if kind in (set, frozenset):
            items: list[tuple[Any, Any]] = [("", item) for item in kind.__iter__(nest)]
        else:
            items = list(dict.items(nest) if kind is dict else enumerate(kind.__iter__(nest)))
        for key, value in items:
            if entries and changes:
                self._setting(value, itemgetter, nest, key)
            self._visit(f"{path}[{key!r}]", value, lasting)

    def _look_at(self, path: str, thing: Any) -> None:
        """The attributes of an object, a class or a module that are named anywhere."""
        known = self._looked_for.get(id(thing), -1)
        if known == len(self._names):
            return
        self._looked_for[id(thing)] = len(self._names)
        fresh = {*self._names} if known < 0 else {*islice(self._names, known, None)}
        if isinstance(thing, ModuleType):
            for name in fresh & vars(thing).keys():
                self._global(f"{path}.{name}", name, vars(thing))
            return
        above = thing.__mro__ if isinstance(thing, type) else type(thing).__mro__
        spaces: list[Mapping[str, Any]] = [vars(kind) for kind in above if not _is_known(kind)]
        own = {} if isinstance(thing, type) else _own(thing)
        spaces.insert(0, own)
        found: set[str] = set()
        for space in spaces:
            names = fresh & space.keys()
            if known < 0:
                names |= {name for name in space if name.startswith("__")} - UNCALLED
            for name in names:
                value = space[name]
                if name not in fresh and type(value) is not FunctionType:
                    continue  # of those that code calls without a word
                self._is_sure &= not isinstance(value, (MethodDescriptorType, BuiltinFunctionType))
                method = value.fget if type(value) is property else value
                if type(value) in (staticmethod, classmethod):
                    method = value.__func__
                if isinstance(value, MemberDescriptorType):  # one of __slots__
                    try:
                        value = value.__get__(thing)
                    except (AttributeError, TypeError):  # it is empty, or seen from its class
                        continue
                label = f"{path or 'self'}.{name}"
                if name not in found and (own is space or not hasattr(type(value), "__get__")):
                    self._setting(value, attrgetter, thing, name)
                found.add(name)
                self._visit(label, method if type(method) is FunctionType else value)


def _own(thing: Any) -> dict[str, Any]:
    """An object's own attributes."""
    try:
        own = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return {}
    return own if type(own) is dict else {}


@lru_cache(4096)
def _globals_of(code: CodeType) -> frozenset[str]:
    """The names that some code looks up in its module; attributes have names there as well."""
    found, high = set(), 0
    for operation, low in _pairs(code.co_code):
        place = high | low
        high = place << 8 if operation == EXTENDED_ARG else 0
        if operation == LOAD_GLOBAL:
            found.add(code.co_names[place >> 1])  # the last bit asks for another thing
        elif operation == LOAD_NAME:
            found.add(code.co_names[place])
    return frozenset(found)


def _pairs(code: bytes) -> Iterator[tuple[int, int]]:
    return zip(code[::2], code[1::2], strict=True)


def _is_known(thing: Any) -> bool:
    """Whether a function, a module, a class, or that of an object, is of a known package."""
    return _package(thing) in KNOWN and type(thing) is not SimpleNamespace


def _package(thing: Any) -> str:
    """The package of a function, a module, a class, or that of an object."""
    if isinstance(thing, FunctionType):
        module = thing.__globals__.get("__name__", "")
    elif isinstance(thing, ModuleType):
        module = thing.__name__
    else:
        module = (thing if isinstance(thing, type) else type(thing)).__module__
    return str(module).partition(".")[0]


@lru_cache(256)
def _is_installed(package: str) -> bool:
    """Whether a package lies where NumPy does."""
    return (getattr(sys.modules.get(package), "__file__", None) or "").startswith(INSTALLED)
