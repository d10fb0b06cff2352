"""Names: what registers, functions and constants are called in a program's text, and how a call
reads.

Inputs are ``i``, buffers ``b``, constants ``c``, arrays that a call returns ``v``, Python floats
``s``, each with its register's number; functions have the names that NumPy gives them.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import lru_cache
from keyword import iskeyword
from math import isfinite
from types import NoneType
from typing import Any

import numpy as np

from autograd.expression import NAMESPACE
from autograd.floats import FLOAT_ERRORS
from autograd.gates.primitives import change_of
from autograd.gates.routing import INTEGERS
from autograd.program.arrays.outs import (
    AFTER,
    NAMED,
    NAMED_ONLY,
    REDUCTIONS,
    form_of,
    is_elementwise,
)
from autograd.program.instruction import Instruction, Recording, Ref
from autograd.program.numbers import MATH, carefully
from autograd.quiet import Quiet

__all__ = ["Names", "as_tuple", "is_local"]

METHODS = {
    np.swapaxes: "swapaxes", np.transpose: "transpose", np.reshape: "reshape",
    np.ndarray.astype: "astype",
}  # fmt: skip
"""Functions that end in a method of the array, which is called directly."""

OF_ARRAYS = {np.dot: np.ndarray.dot, np.take: np.ndarray.take}
"""Methods of arrays with the arguments of functions, which look for other kinds of arrays first."""

RESERVED = frozenset({
    "forward", "backward", "seed", "piece", "share", "abs", "float", "round",
})  # fmt: skip
"""Names that the text has for itself: of its functions and variables, and Python's own."""


class Names:
    """The names of one program's text, and the globals behind them.

    Attributes: `of`, the name of each register; `globals`, what the names of the text stand for.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.of: dict[int, str] = {register: f"i{register}" for register in recording.inputs}
        self.globals: dict[str, Any] = {
            **{MATH + name: function for name, function in NAMESPACE.items()},
            "FLOAT_ERRORS": FLOAT_ERRORS, "carefully": carefully,
            "array": np.array, "asarray": np.asarray, "copyto": np.copyto, "empty": np.empty,
            "quiet": Quiet,
        }  # fmt: skip
        self._known: dict[Any, str] = {}
        self._counts: dict[str, int] = {}
        for register, array in recording.constants.items():
            self.define(register, array, "c")

    # ---- what stands behind a name

    def define(self, register: int, array: Any, letter: str) -> None:
        """Make a register's array a global."""
        self.of[register] = f"{letter}{register}"
        self.globals[f"{letter}{register}"] = array

    def local(self, register: int) -> str:
        """The name of a register that the running function alone knows."""
        letter = "s" if self.recording.values[register].weak else "v"
        self.of[register] = f"{letter}{register}"
        return self.of[register]

    def are_known(self, registers: Sequence[int]) -> bool:
        """Whether registers lie in memory that is there before the program runs."""
        return all(self.of[register] in self.globals for register in registers)

    def constant(self, thing: Any, stem: str) -> str:
        """The name of a function or any other object."""
        key = thing if callable(thing) else id(thing)  # np.add.reduce is a new object each time
        if key not in self._known:
            plain = (c if c.isascii() and c.isalnum() else "_" for c in stem)
            stem = "".join(plain).strip("_") or "k"
            if stem[0].isdigit() or iskeyword(stem) or stem in RESERVED:
                stem = f"k_{stem}"
            n = self._counts.get(stem, 1)  # those before are taken
            name = stem if n == 1 else f"{stem}_{n}"
            while name in self.globals or name[1:].isdigit():
                n += 1
                name = f"{stem}_{n}"
            self._counts[stem] = n
            self.globals[name] = thing
            self._known[key] = name
        return self._known[key]

    # ---- arguments

    def argument(self, arg: Any, of: dict[int, str] | None = None) -> str:
        """An argument as text: a register's name, a plain literal, or the name of a constant."""
        kind = type(arg)
        if kind is Ref:
            return (of or self.of)[arg.register]
        if kind in (int, bool, str, NoneType) or (kind is float and isfinite(arg)):
            return repr(arg)
        if kind is tuple:
            return as_tuple([self.argument(item, of) for item in arg])
        if kind is list:
            return f"[{', '.join(self.argument(item, of) for item in arg)}]"
        if kind is dict:
            items = (f"{key!r}: {self.argument(value, of)}" for key, value in arg.items())
            return f"{{{', '.join(items)}}}"
        return self.constant(arg, "k")

    def arguments(self, instruction: Instruction, first: int = 0) -> str:
        """All arguments from one on, by name too."""
        parts = [self.argument(arg) for arg in instruction.args[first:]]
        kwargs = dict(instruction.kwargs)
        if _is_reduction(instruction) and len(instruction.args) == 1:
            kwargs.setdefault("axis", None)
        parts += [f"{name}={self.argument(value)}" for name, value in kwargs.items()]
        return ", ".join(parts)

    def operands(self, instruction: Instruction, of: dict[int, str] | None = None) -> str:
        """Those of an elementwise call; a number beside one array is an array too, which the call
        then need not make."""
        refs = [arg for arg in instruction.args if type(arg) is Ref]
        value = self.recording.values[refs[0].register] if len(refs) == 1 else None
        if value is None or value.weak or value.dtype.kind != "f":
            return ", ".join(self.argument(arg, of) for arg in instruction.args)
        return ", ".join(
            self.argument(arg, of)
            if type(arg) not in (int, float)
            else self.number(arg, value.dtype)
            for arg in instruction.args
        )

    def number(self, value: float, dtype: np.dtype) -> str:
        """A Python number as a constant array of no axes."""
        key = repr(value), dtype
        if key not in self._known:
            stem = f"k_{value!r}".replace(".", "_").replace("-", "minus_").removesuffix("_0")
            self._known[key] = self.constant(np.asarray(value, dtype), stem)
        return self._known[key]

    # ---- calls

    def function(self, instruction: Instruction) -> str:
        """The name of what is called."""
        function = instruction.function
        if _is_reduction(instruction):
            function = REDUCTIONS[function].reduce
        elif self._is_of_matrices(instruction):
            function = np.dot
        method = OF_ARRAYS.get(function)
        first = instruction.args[0] if instruction.args else None
        if method and type(first) is Ref and not self.recording.values[first.register].weak:
            return self.constant(method, method.__name__)
        return self.constant(function, instruction.name)

    def _is_of_matrices(self, instruction: Instruction) -> bool:
        """Whether a product is one that `np.dot` takes to the same function of BLAS as `np.matmul`,
        which asks more: of two matrices without gaps, and not of one row or column."""
        if instruction.function is not np.matmul or instruction.kwargs:
            return False
        refs = [arg for arg in instruction.args if type(arg) is Ref]
        values = [self.recording.values[ref.register] for ref in refs]
        after = self.recording.values[instruction.output]
        return (
            len(values) == 2
            and after.order == (0, 1)
            and after.dtype.char in "fd"
            and all(
                len(value.shape) == 2
                and min(value.shape) > 1
                and value.dense
                and value.dtype == after.dtype
                for value in (*values, after)
            )
        )

    def call(self, instruction: Instruction) -> str:
        """A call that returns something; by a method where the function ends in one."""
        function, args = instruction.function, instruction.args
        plain = not instruction.kwargs and args and type(args[0]) is Ref
        if plain and function is operator.getitem and _is_plain_key(args[1]):
            key = self.argument(args[1])
            return f"{self.argument(args[0])}[{key}]"
        method = METHODS.get(function)
        if plain and method is not None:
            array, *rest = (self.argument(arg) for arg in args)
            if rest == ["-1", "-2"] and method == "swapaxes":
                flat = len(self.recording.values[args[0].register].shape) == 2
                return f"{array}.{'T' if flat else 'mT'}"
            if method == "transpose" and not rest:
                return f"{array}.T"
            return f"{array}.{method}({', '.join(rest)})"
        return f"{self.function(instruction)}({self.arguments(instruction)})"

    def call_into(
        self, instruction: Instruction, out: str, of: dict[int, str] | None = None
    ) -> str:
        """A call that writes into an array; several statements where NumPy has no one call."""
        if is_elementwise(instruction) and not instruction.kwargs:
            form = NAMED if instruction.function in NAMED_ONLY else AFTER
            return form.format(
                f=self.function(instruction), a=self.operands(instruction, of), out=out
            )
        args = [self.argument(arg, of) for arg in instruction.args]
        integers = self._integers_of(instruction)
        if integers is not None:
            product = self.constant(np.multiply, "multiply")
            given, result = (self._view(name, integers) for name in (args[1], out))
            return f"{product}({given}, {args[0]}, {result})"
        ufunc = self._ufunc_of_pairs(instruction)
        if ufunc is not None:
            pair = (self._column(args[0], column) for column in ("[:, :1]", "[:, 1:]"))
            return f"{self.constant(ufunc, ufunc.__name__)}({', '.join(pair)}, out={out})"
        form = form_of(self.recording, instruction)
        assert form is not None
        write = getattr(instruction.function, "write", None)
        change = change_of(instruction.function)
        if change and self._share_memory(args[0], out):
            form = form.partition("; ")[2]
        return form.format(
            *args,
            f=self.function(instruction),
            a=self.arguments(instruction),
            out=out,
            write=write and self.constant(write, instruction.name),
            change=change and self.constant(change, instruction.name),
            rest=change and self.arguments(instruction, 1),
        )

    def _integers_of(self, instruction: Instruction) -> np.dtype | None:
        """The integers as which ``where(mask, a, 0)`` is a product, as `routing.chosen` has it."""
        args, values = instruction.args, self.recording.values
        if instruction.function is not np.where or len(args) != 3 or type(args[1]) is not Ref:
            return None
        given, after = values[args[1].register], values[instruction.output]
        zero = type(args[2]) is float and args[2] == 0.0 and np.copysign(1.0, args[2]) > 0.0
        if not zero or given.weak or given.dtype != after.dtype or type(args[0]) is not Ref:
            return None
        return INTEGERS.get(after.dtype) if values[args[0].register].dtype == bool else None

    def _ufunc_of_pairs(self, instruction: Instruction) -> np.ufunc | None:
        """The ufunc that the larger of two columns is, or their sum: one call, at a third of the
        reduction's cost."""
        ufunc = getattr(instruction.function, "__self__", None)
        if ufunc not in (np.maximum, np.minimum, np.add) or len(instruction.args) != 1:
            return None
        arg = instruction.args[0]
        value = self.recording.values[arg.register] if type(arg) is Ref else None
        along_rows = instruction.kwargs == {"axis": 1, "keepdims": True}
        if value is None or not along_rows or len(value.shape) != 2 or value.dtype.kind != "f":
            return None
        if not instruction.name.endswith(".reduce") or value.shape[1] != 2:
            return None
        if ufunc is np.add and not (
            self._made_by(arg) is np.exp and sums_of_pairs_are_alike(value.dtype)
        ):
            return None  # that starts from 0, so that −0 and −0 are 0
        return ufunc

    def _made_by(self, read: Ref) -> Any:
        """The function that made what a register holds."""
        makers = (i for i in self.recording.instructions if read.register in i.outputs)
        return next((maker.function for maker in makers), None)

    def _column(self, name: str, column: str) -> str:
        """One of two columns, cut before the program runs where that can be."""
        array = self.globals.get(name)
        if array is None:
            return f"{name}{column}"
        first = column == "[:, :1]"
        cut = array[:, :1] if first else array[:, 1:]
        return self.constant(cut, f"{name}_{'first' if first else 'second'}")

    def _view(self, name: str, dtype: np.dtype) -> str:
        """An array's memory read as numbers of another dtype of the same size."""
        array = self.globals.get(name)
        if array is None:
            return f"{name}.view({self.constant(dtype, str(dtype))})"
        return self.constant(array.view(dtype), f"{name}_as_{dtype}")

    def _share_memory(self, first: str, second: str) -> bool:
        a, b = self.globals.get(first), self.globals.get(second)
        both = type(a) is type(b) is np.ndarray
        return both and a.ctypes.data == b.ctypes.data


@lru_cache
def sums_of_pairs_are_alike(dtype: np.dtype) -> bool:
    """Whether a sum over rows of two has the bits of a sum of two columns, above zero and for nans
    of either sign: of two nans the processor gives the first or the second, as it was asked."""
    some = np.array([0.0, 1.0, np.inf, np.nan, -np.nan], dtype)
    rows = np.tile(np.stack(np.meshgrid(some, some), -1).reshape(-1, 2), (8, 1))
    with Quiet():
        sums = np.add.reduce(rows, axis=1), np.add(rows[:, 0], rows[:, 1])
    return len({one.tobytes() for one in sums}) == 1


def is_local(name: str) -> bool:
    """Whether a name is that of a register which the running function alone knows."""
    return name[0] in "vs" and name[1:].isdigit()


def as_tuple(parts: Sequence[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _is_reduction(instruction: Instruction) -> bool:
    """Whether a function can be the ufunc's own reduction, which asks less of its arguments."""
    return instruction.function in REDUCTIONS and instruction.kwargs.keys() <= {"axis", "keepdims"}


def _is_plain_key(key: Any) -> bool:
    """Whether an index reads as it is written: a register, a number, or a tuple of them."""
    parts = key if type(key) is tuple else (key,)
    return bool(parts) and all(type(part) in (Ref, int) for part in parts)
