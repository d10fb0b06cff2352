"""What an elementwise call computes of one entry, as text: the gates' own expressions on floats."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.expression import SPELLED, renamed
from autograd.gates.routing import pushed, pushed_by_both
from autograd.program.instruction import Instruction, Recording, Ref
from autograd.program.scalars.loops import load_numba
from autograd.stable import slope_of_tanh

__all__ = ["dtypes", "entry", "is_cheap", "is_known"]

Function = Callable[..., Any]

WHOLE = (np.add, np.subtract, np.multiply, np.ndarray.astype, np.where)
"""Functions of integers that wrap around where NumPy's do."""

KINDS = {"float32", "float64", "bool", "int64"}
"""The dtypes that a loop computes with."""


KNOWN: dict[Function, str] = {
    **{f: text for f, text in SPELLED.items() if isinstance(f, np.ufunc)},
    operator.pow: SPELLED[operator.pow],
    np.where: SPELLED[np.where],
    np.ndarray.astype: "a",
    pushed: "a * b if a != 0.0 else a",
    pushed_by_both: "a * b if a != 0.0 and b != 0.0 else 0.0",
    slope_of_tanh: "1.0 - a * a if abs(b) < 5.9 else 4.0 / (exp(abs(b)) + exp(-abs(b))) ** 2",
}
"""The functions that a loop can hold."""


def is_known(recording: Recording, instruction: Instruction) -> bool:
    """Whether a call is elementwise, with an expression, on dtypes that a loop computes with."""
    args = _operands(instruction)
    if instruction.several or instruction.effect or instruction.function not in KNOWN:
        return False
    after = recording.values[instruction.output]
    if after.weak or after.view_of is not None or str(after.dtype) not in KINDS:
        return False
    if instruction.kwargs or not all(type(arg) is Ref or _is_number(arg) for arg in args):
        return False
    if after.dtype.kind == "i" and instruction.function not in WHOLE:
        return False
    refs = [recording.values[arg.register] for arg in args if type(arg) is Ref]
    return bool(refs) and all(str(value.dtype) in KINDS for value in refs)


def is_cheap(instruction: Instruction) -> bool:
    """Whether it is arithmetic, which a loop computes for several entries at once.

    A function such as exp it would compute one by one, and NumPy several times as fast.
    """
    calls = set(re.findall(r"(\w+)\(", KNOWN[instruction.function]))
    return calls <= {"sqrt", "abs"}


def entry(
    recording: Recording,
    instruction: Instruction,
    operands: Sequence[str],
    number: Callable[[float], str] = repr,
) -> str:
    """One entry of the result, from those of the operands.

    `operands` has a text for each register among the arguments, in their order; `number` writes
    those among them that are numbers.
    """
    after = recording.values[instruction.output].dtype
    args, texts = _operands(instruction), iter(operands)
    dtype = _computing(recording, args, after)
    names = {}
    for name, arg in zip("abc", args, strict=False):
        if type(arg) is not Ref:
            names[name] = f"{dtype}({number(np.asarray(arg).item())})"
            continue
        value, text = recording.values[arg.register], next(texts)
        as_it_is = value.dtype == dtype and not value.weak
        condition = instruction.function is np.where and name == "a"
        names[name] = text if as_it_is or condition else f"{dtype}({text})"
    return f"{after}({renamed(KNOWN[instruction.function], names)})"


def _is_number(arg: Any) -> bool:
    if isinstance(arg, (np.ndarray, np.generic)):
        return arg.shape == () and arg.dtype.kind in "fib"
    return type(arg) in (int, float, bool)


def dtypes() -> dict[str, Any]:
    """The names of dtypes in the text of a loop: as casts, and with a stroke as dtypes."""
    numba = load_numba()
    names = ("float32", "float64", "int64")
    casts = {name: getattr(numba, name) for name in names}
    return {
        **casts,
        **{f"{name}_": np.dtype(name) for name in (*names, "bool")},
        "empty": np.empty,
        "broadcast_to": np.broadcast_to,
        "rows": np.ascontiguousarray,
        "inf": np.inf,
        "nan": np.nan,
    }


def _operands(instruction: Instruction) -> tuple[Any, ...]:
    """The arguments that are read entry by entry."""
    if instruction.function is np.ndarray.astype:
        return instruction.args[:1]
    return instruction.args


def _computing(recording: Recording, args: Sequence[Any], after: np.dtype) -> np.dtype:
    """The dtype in which the call computes: the result's, or of a comparison its operands'."""
    if after.kind in "fi":
        return after
    strong = [recording.values[a.register] for a in args if type(a) is Ref]
    kinds = [value.dtype for value in strong if not value.weak]
    return np.result_type(*kinds) if kinds else np.dtype(float)
