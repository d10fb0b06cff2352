"""Elementwise calls that write into arrays, as one loop: each entry is read and written once.

A function of arrays that computes by ``np.multiply(a, b, out)`` and the like is run on `Entries` in
place of arrays. They write each call down, and the list becomes the body of a loop.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd.expression import SPELLED, UnwritableError, renamed
from autograd.program.jit.expressions import dtypes
from autograd.program.scalars.loops import compiled_text

__all__ = ["Loop"]


class Entries:
    """What stands for an array: the name of one entry of it, or of a number."""

    __slots__ = ("loop", "name")

    def __init__(self, loop: Loop, name: str) -> None:
        self.loop, self.name = loop, name

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = (), **kwargs: Any
    ) -> Any:
        if method != "__call__" or kwargs or ufunc not in SPELLED:
            how = "" if method == "__call__" else f".{method}"
            raise UnwritableError(f"np.{ufunc.__name__}{how}")
        if len(out) != 1 or type(out[0]) is not Entries:
            raise UnwritableError(f"np.{ufunc.__name__} without an array to write into")
        self.loop.call(ufunc, inputs, out[0])
        return out[0]

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        raise UnwritableError(f"np{func.__module__.removeprefix('numpy')}.{func.__name__}")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise UnwritableError("an array's numbers")

    def __bool__(self) -> bool:
        raise UnwritableError("a branch")


Call = tuple[np.ufunc, tuple[str, ...], str]
"""A ufunc, the names of its operands, and that of what it is written into."""


class Loop:
    """The calls of one function on arrays of one dtype, float32 or float64.

    Its arguments come from `array` and `scratch`, its numbers from `number`; `compiled` is the loop
    then. Numbers are arguments of the loop: it is compiled once for all of them.

    >>> import numpy as np
    >>> loop = Loop(np.dtype(np.float32))
    >>> p, g, s = loop.array(), loop.array(), loop.scratch()
    >>> _ = np.subtract(p, np.multiply(g, loop.number(0.5), s), p)
    >>> print(loop.text.strip())
    def {name}(k0, a0, a1):
        for i in range(len(a0)):
            x0, x1 = a0[i], a1[i]
            s0 = float32(x1 * k0)
            x0 = float32(x0 - s0)
            a0[i] = x0
    """

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype
        self.numbers: list[float] = []
        self._arrays = self._scratch = 0
        self._calls: list[Call] = []

    def array(self) -> Entries:
        """The next argument of the loop, which is kept if it is written into."""
        self._arrays += 1
        return Entries(self, f"x{self._arrays - 1}")

    def scratch(self) -> Entries:
        """An array of which nothing is kept."""
        self._scratch += 1
        return Entries(self, f"s{self._scratch - 1}")

    def number(self, value: float) -> Entries:
        """A number, of the arrays' dtype."""
        self.numbers.append(self.dtype.type(value))
        return Entries(self, f"k{len(self.numbers) - 1}")

    def call(self, ufunc: np.ufunc, inputs: tuple[Any, ...], target: Entries) -> None:
        """Write a call down."""
        names = [(i if type(i) is Entries else self.number(i)).name for i in inputs]
        self._calls.append((ufunc, tuple(names), target.name))

    @property
    def text(self) -> str:
        """The loop, with ``{name}`` for its name."""
        return _text(str(self.dtype), self._arrays, len(self.numbers), tuple(self._calls))

    def compiled(self) -> Callable[..., None]:
        """The loop as a function of contiguous arrays of one axis, in the order of `array`."""
        run = _function(str(self.dtype), self._arrays, len(self.numbers), tuple(self._calls))
        numbers = self.numbers
        return lambda *arrays: run(*numbers, *arrays)


def _text(dtype: str, arrays: int, numbers: int, calls: tuple[Call, ...]) -> str:
    entries = [f"x{n}" for n in range(arrays)]
    given = [f"a{n}" for n in range(arrays)]
    written = {target for _, _, target in calls}
    lines = [f"{', '.join(entries)} = {', '.join(f'{array}[i]' for array in given)}"]
    for ufunc, operands, target in calls:
        names = dict(zip("abc", operands, strict=False))
        lines.append(f"{target} = {dtype}({renamed(SPELLED[ufunc], names)})")
    kept = zip(given, entries, strict=True)
    lines += [f"{array}[i] = {entry}" for array, entry in kept if entry in written]
    parameters = ", ".join([*(f"k{n}" for n in range(numbers)), *given])
    head = f"def {{name}}({parameters}):\n    for i in range(len(a0)):\n"
    return head + "".join(f"        {line}\n" for line in lines)


@cache
def _function(
    dtype: str, arrays: int, numbers: int, calls: tuple[Call, ...]
) -> Callable[..., None]:
    text = _text(dtype, arrays, numbers, calls)
    return compiled_text("update", text, __file__, dtypes(), nogil=True)
