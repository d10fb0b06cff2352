"""What an optimiser steps: an array with its state, or many scalar nodes packed into one array.

A rule of an optimiser is a function ``rule(p, g, s, t, u, *state)`` on arrays of one shape that
changes `p` and the state in place; `s`, `t` and `u` are scratch. Large arrays pass through it in
blocks, so that all its passes over a block find it in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor

__all__ = ["ArraySlot", "PackedSlot", "Rule", "Scratch", "Slot", "Typed", "slots_of"]

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

    def __init__(self, parameter: Tensor) -> None:
        self.parameter = parameter
        self.dtype = parameter.data.dtype  # which stays, whatever data are assigned
        self.steps = 0
        self.state: dict[str, np.ndarray] = {}
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


class PackedSlot:
    """Scalar nodes that were stepped equally often, stepped as one array."""

    __slots__ = ("dtype", "nodes", "state", "steps", "values", "workspace")

    def __init__(self, nodes: list[Tensor], steps: int = 0) -> None:
        self.nodes = nodes
        self.dtype = np.dtype(float)
        self.steps = steps
        self.state: dict[str, np.ndarray] = {}
        self.values = np.empty(len(nodes))
        self.workspace = tuple(np.empty((3, len(nodes))))

    def split(self) -> tuple[PackedSlot | None, PackedSlot | None]:
        """The nodes that have a gradient and are stepped, and those that are left alone."""
        missing = [node.grad is None for node in self.nodes]
        if True not in missing:
            return self, None
        if False not in missing:
            return None, self
        return self._where(np.logical_not(missing)), self._where(np.array(missing))

    def _where(self, mask: np.ndarray) -> PackedSlot:
        nodes = [node for node, chosen in zip(self.nodes, mask, strict=True) if chosen]
        part = PackedSlot(nodes, self.steps)
        part.state = {name: array[mask] for name, array in self.state.items()}
        return part

    def step(self, rule: Rule, fills: Mapping[str, float], scratch: Scratch) -> None:
        """Apply `rule` to all nodes at once, with the state that `fills` names."""
        kept, values = self.state, self.values
        if kept.keys() != fills.keys():
            self.state = {
                name: kept[name] if name in kept else np.full(len(values), fill)
                for name, fill in fills.items()
            }
        values[:] = [node.data for node in self.nodes]
        gradients = np.array([float(node.grad) for node in self.nodes])
        rule(values, gradients, *self.workspace, *self.state.values())
        for node, value in zip(self.nodes, values.tolist(), strict=True):
            node.data = value

    def entries(self) -> list[tuple[Tensor, int, dict[str, Any]]]:
        """The nodes, each with its number of steps and its state as floats."""
        columns = {name: array.tolist() for name, array in self.state.items()}
        return [
            (node, self.steps, {name: column[i] for name, column in columns.items()})
            for i, node in enumerate(self.nodes)
        ]


Slot = ArraySlot | PackedSlot


def slots_of(
    parameters: Sequence[Tensor], states: Iterable[tuple[int, Mapping[str, Any]]]
) -> list[Slot]:
    """Slots for `parameters`, each having been stepped so often and having this state."""
    slots: list[Slot] = []
    packs: dict[tuple[int, tuple[str, ...]], list[tuple[Tensor, Mapping[str, float]]]] = {}
    for parameter, (steps, state) in zip(parameters, states, strict=True):
        if type(parameter.data) is float:
            packs.setdefault((steps, tuple(state)), []).append((parameter, state))
        else:
            slot = ArraySlot(parameter)
            slot.steps = steps
            slot.state = {name: np.array(array) for name, array in state.items()}
            slots.append(slot)
    for (steps, names), members in packs.items():
        pack = PackedSlot([node for node, _ in members], steps)
        pack.state = {name: np.array([state[name] for _, state in members]) for name in names}
        slots.append(pack)
    return slots
