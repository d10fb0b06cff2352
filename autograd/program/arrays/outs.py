"""Which calls can write into memory that is already there, and how each is told to.

A *form* is a template of Python source: ``{f}`` is the function, ``{a}`` all arguments as written,
``{out}`` the array to write into. A function without a form returns an array of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.gates.primitives import change_of
from autograd.program.in_place import with_item
from autograd.program.instruction import Instruction, Recording, Ref

__all__ = ["AFTER", "NAMED", "NAMED_ONLY", "REDUCTIONS", "Form", "form_of", "is_elementwise"]

Form = str

AFTER = "{f}({a}, {out})"
NAMED = "{f}({a}, out={out})"
CAST = "copyto({out}, {0}, 'unsafe')"
CHOOSE = "copyto({out}, {2}); copyto({out}, {1}, where={0})"
SET = "copyto({out}, {0}); {out}[{1}] = {2}"
WRITE = "{write}({out}, {a})"
CHANGE = "copyto({out}, {0}); {change}({out}, {rest})"

NAMED_ONLY = (np.maximum, np.minimum)
"""Of these NumPy deprecates a third argument without a name, which was taken for an operand."""

WITH_NAMED_OUT = frozenset({
    np.sum, np.prod, np.max, np.min, np.mean, np.cumsum, np.cumprod, np.clip, np.concatenate,
    np.stack, np.einsum, np.ndarray.sum, np.ndarray.mean, np.ndarray.max, np.ndarray.min,
})  # fmt: skip

REDUCTIONS: dict[Callable[..., Any], np.ufunc] = {
    np.sum: np.add, np.ndarray.sum: np.add, np.max: np.maximum, np.ndarray.max: np.maximum,
    np.min: np.minimum, np.ndarray.min: np.minimum,
}  # fmt: skip
"""Functions that spend more on their arguments than the reduction that they end in."""


def is_elementwise(instruction: Instruction) -> bool:
    """Whether it is a ufunc of one result, or a function of ours as one, entry by entry."""
    function = instruction.function
    return getattr(function, "elementwise", False) or (
        isinstance(function, np.ufunc)
        and function.signature is None
        and function.nout == 1
        and not instruction.several
    )


def _condition_is_bool(recording: Recording, instruction: Instruction) -> bool:
    """Whether a `where` can be two copies, the second under a mask."""
    condition = instruction.args[0]
    return (
        len(instruction.args) == 3
        and not instruction.kwargs
        and type(condition) is Ref
        and recording.values[condition.register].dtype == bool
    )


def form_of(recording: Recording, instruction: Instruction) -> Form | None:
    """How the instruction writes into an array; None where it cannot."""
    function = instruction.function
    if instruction.several or len(instruction.outputs) != 1:
        return None
    after = recording.values[instruction.output]
    if after.weak or after.view_of is not None:
        return None
    if isinstance(function, np.ufunc):
        if function.nout != 1:
            return None
        return NAMED if instruction.kwargs or function in NAMED_ONLY else AFTER
    if getattr(function, "__name__", "") in ("reduce", "accumulate"):
        return NAMED
    if getattr(function, "elementwise", False):
        return AFTER
    if function in WITH_NAMED_OUT:
        if function is np.mean and "where" in instruction.kwargs:
            return None
        if function in (np.concatenate, np.stack) and "dtype" in instruction.kwargs:
            return None  # NumPy takes one of dtype and out
        return NAMED
    in_order = after.dense and after.order == tuple(range(len(after.shape)))
    if function is np.dot and in_order:
        return AFTER
    if function is np.take and in_order and instruction.kwargs.get("mode") in ("clip", "wrap"):
        return NAMED  # with the mode "raise" NumPy takes into a copy first
    if function is np.ndarray.astype:
        return CAST
    if function is np.where and _condition_is_bool(recording, instruction):
        return CHOOSE
    if function is with_item:
        return SET
    if hasattr(function, "write"):
        return WRITE
    return CHANGE if change_of(function) else None
