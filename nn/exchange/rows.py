"""Numbers of rows that a model of somebody's own may ask for.

A branch such as ``if x.shape[0] > 4`` is recorded as one of its sides. Where a model that is
written outside of this package reads a length, it is recorded for the whole numbers that stand in
its code and on its attributes, too, and for their neighbours: there it would turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from nn.module import Module

__all__ = ["rows_to_try"]

READS = frozenset({"shape", "size", "len", "ndim", "__len__"})
"""Names by which a length is read."""

ALWAYS = (1, 4, 5, 7, 8, 33)
"""Numbers that are tried where a length is read at all, besides those that stand there."""

LARGEST, MOST = 1 << 10, 40
"""The largest number of rows that is tried, and how many at most, the smallest first."""

OWN = frozenset({"autograd", "nn", "numpy"})


def rows_to_try(model: Module) -> list[int]:
    """How many rows to record the model for; none where nothing of a user's reads a length."""
    functions: list[FunctionType] = []
    numbers: set[int] = set()
    for module in model.modules():
        kinds = [kind for kind in type(module).__mro__ if not is_own(kind.__module__)]
        for held in (*(vars(kind) for kind in kinds), vars(module)):
            for value in parts(list(held.values())):
                if isinstance(value, property):
                    value = value.fget
                value = getattr(value, "__func__", value)  # of static and class methods
                if isinstance(value, FunctionType):
                    functions.append(value)
                elif kinds and type(value) is int:
                    numbers.add(value)
    reads = False
    seen: set[CodeType] = set()
    while functions:
        function = functions.pop()
        if function.__code__ in seen or is_own(function.__module__):
            continue
        seen.add(function.__code__)
        for code in codes(function.__code__):
            reads |= not READS.isdisjoint(code.co_names)
            numbers.update(n for n in parts(list(code.co_consts)) if type(n) is int)
            for name in code.co_names:
                reached(function.__globals__.get(name), functions, numbers)
        for cell in function.__closure__ or ():
            try:
                reached(cell.cell_contents, functions, numbers)
            except ValueError:  # not there yet
                continue
    if not reads:
        return []
    near = {m for n in numbers for m in (n - 1, n, n + 1) if 1 <= m <= LARGEST}
    return sorted({*ALWAYS, *sorted(near)[:MOST]} - {2, 3})


def reached(value: Any, functions: list[FunctionType], numbers: set[int]) -> None:
    if isinstance(value, FunctionType):
        functions.append(value)
    elif type(value) is int:
        numbers.add(value)


def is_own(module: str | None) -> bool:
    return str(module).partition(".")[0] in OWN


def parts(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple, frozenset)):
        for one in value:
            yield from parts(one)
    else:
        yield value


def codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and those of functions written in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)
