"""An array that an optimiser steps, with its state.

A rule of an optimiser is a function ``rule(p, g, s, t, u, *state)`` on arrays of one shape that
changes `p` and the state in place; `s`, `t` and `u` are scratch. Large arrays pass through it in
blocks, so that all its passes over a block find it in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor

__all__ = ["ArraySlot", "Rule", "Scratch", "Typed", "block_size"]

Rule = Callable[..., None]
Typed = Callable[[float], np.ndarray]

BLOCK_BYTES = 256 * 1024
"""Of each operand, four of which a pass of Adam's goes back to: a second-level cache of 1 MB holds
them. Measured for 10^6 float32: half of it takes 5 % longer, a quarter 15 % (calls); without
blocks it is as fast only while the third level holds all 16 MB, and scratch needs 12 more."""


class Scratch:
    """Three blocks to compute in, for each dtype, shared by all parameters of an optimiser."""

    def __init__(self) -> None:
        self._blocks: dict[np.dtype, np.ndarray] = {}

    def of(self, shape: tuple[int, ...], size: int, dtype: np.dtype) -> tuple[np.ndarray, ...]:
        """Three arrays of `shape`: views of the shared blocks where they are large enough."""
        if size > block_size(dtype):
            return tuple(np.empty((3, *shape), dtype))
        if dtype not in self._blocks:
            self._blocks[dtype] = np.empty((3, block_size(dtype)), dtype)
        return tuple(row[:size].reshape(shape) for row in self._blocks[dtype])


def block_size(dtype: np.dtype) -> int:
    """How many elements make a block."""
    return BLOCK_BYTES // dtype.itemsize


class ArraySlot:
    """An array parameter: how often it was stepped, its state, and both cut into blocks."""

    __slots__ = ("array", "dtype", "parameter", "pieces", "state", "steps")

    def __init__(self, parameter: Tensor, steps: int, state: Mapping[str, Any]) -> None:
        self.parameter = parameter
        self.dtype = parameter.data.dtype  # which stays, whatever data are assigned
        self.steps = steps
        self.state = {name: np.array(array) for name, array in state.items()}
        self.array: np.ndarray | None = None  # the one that `pieces` are views of
        self.pieces: list[tuple[slice, np.ndarray, tuple[np.ndarray, ...]]] = []

    def split(self) -> tuple[ArraySlot | None, ArraySlot | None]:
        """What has a gradient and is stepped, and what is left alone: itself and None."""
        return (None, self) if self.parameter.grad is None else (self, None)

    def step(self, rule: Rule, fills: Mapping[str, float], scratch: Scratch) -> None:
        """Apply `rule` in place; `fills` names the state, and what it holds at first."""
        parameter = self.parameter
        array: np.ndarray = parameter.data
        gradient = parameter.grad
        if type(gradient) is Tensor:
            gradient = gradient.data
        if array is not self.array or self.state.keys() != fills.keys():
            array = self._cut(array, fills, scratch)
        if len(self.pieces) == 1:
            _, piece, rest = self.pieces[0]
            rule(piece, gradient, *rest)
        else:
            flat = np.ascontiguousarray(gradient).reshape(-1)
            for where, piece, rest in self.pieces:
                rule(piece, flat[where], *rest)
        parameter.data = array  # the same one, which marks the leaf as changed

    def _cut(self, array: np.ndarray, fills: Mapping[str, float], scratch: Scratch) -> np.ndarray:
        """Make what is missing of the state, and views of blocks of everything."""
        if not array.flags.writeable:
            array = array.copy()
        kept, dtype = self.state, array.dtype
        self.state = {
            name: kept[name] if name in kept else np.full(array.shape, fill, dtype)
            for name, fill in fills.items()
        }
        states, block = tuple(self.state.values()), block_size(dtype)
        if array.size <= block or not array.flags.c_contiguous:
            rest = (*scratch.of(array.shape, array.size, dtype), *states)
            self.pieces = [(slice(None), array, rest)]
        else:
            flat, flats = array.reshape(-1), [state.reshape(-1) for state in states]
            self.pieces = []
            for start in range(0, array.size, block):
                where = slice(start, min(start + block, array.size))
                length = where.stop - start
                rest = (*scratch.of((length,), length, dtype), *(f[where] for f in flats))
                self.pieces.append((where, flat[where], rest))
        self.array = array
        return array

    def entries(self) -> list[tuple[Tensor, int, dict[str, Any]]]:
        """The parameter with its number of steps and a copy of its state."""
        return [(self.parameter, self.steps, {name: a.copy() for name, a in self.state.items()})]
