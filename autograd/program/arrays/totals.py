"""Sums of all entries of a large array, part by part, with the bits that NumPy's own has.

NumPy adds by halves, down to blocks of 128 (pairwise summation). Where the parts are leaves of that
tree, their sums are added up in the same order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.program.instruction import Instruction, Recording

__all__ = ["halves", "is_total", "leaves_of"]


def is_total(recording: Recording, instruction: Instruction) -> bool:
    """Whether a call adds up all entries of an array that lies row by row."""
    function = instruction.function
    owner = getattr(function, "__self__", None)
    reduces = owner is np.add and function.__name__ == "reduce"
    if not (reduces or function in (np.sum, np.ndarray.sum)) or len(instruction.args) != 1:
        return False
    before, after = (recording.values[s] for s in (instruction.reads[0], instruction.output))
    rest = {name: value for name, value in instruction.kwargs.items() if value is not None}
    whole = not rest.keys() - {"axis", "keepdims"} and not rest.get("keepdims")
    axes = 1 if reduces and "axis" not in instruction.kwargs else len(before.shape)
    whole = whole and "axis" not in rest and axes == len(before.shape)
    rows = before.dense and before.order == tuple(range(len(before.shape)))
    alike = after.dtype == before.dtype and (after.dtype.char in "fd" or after.dtype.kind in "iu")
    return whole and rows and after.shape == () and alike


def half(n: int) -> int:
    """How many of `n` entries are added up before the others."""
    return n // 2 - n // 2 % 8


def leaves_of(n: int, most: int) -> list[int]:
    """The lengths of the parts, of `most` at most, that halving leads to."""
    return [n] if n <= most else [*leaves_of(half(n), most), *leaves_of(n - half(n), most)]


def halves(sums: np.ndarray, n: int, most: int) -> Any:
    """The sum of `n` entries from those of its leaves."""
    waiting, dtype = iter(sums.tolist()), sums.dtype.type

    def total(n: int) -> Any:
        return dtype(next(waiting)) if n <= most else total(half(n)) + total(n - half(n))

    return total(n)
