"""The arrays that an optimiser steps, with their state, and several small ones packed as one.

A rule of an optimiser is a function ``rule(p, g, s, t, u, *state)`` on arrays of one shape that
changes `p` and the state in place; `s`, `t` and `u` are scratch. Large arrays pass through it in
blocks, so that all its passes over a block find it in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor

__all__ = [
    "ArrayPack",
    "OneArray",
    "block_size",
    "Rule",
    "ScalarPack",
    "Scratch",
    "packs_of",
    "Typed",
    "working",
]


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

    def __reduce__(self) -> tuple:
        return Scratch, ()  # a copy, which may come out of a read-only file, has blocks of its own

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


def working(dtype: np.dtype) -> np.dtype:
    """What parameters of `dtype` are stepped in, and their state kept: half precision in single.

    In float16 the square of 2e-4 is 0, that of 300 infinite, and an eps of 1e-8 is 0 as well.
    """
    return np.dtype(np.float32) if dtype == np.float16 else dtype


class OneArray:
    """An array parameter: how often it was stepped, its state, and both cut into blocks."""

    __slots__ = ("array", "dtype", "parameter", "pieces", "state", "steps")

    def __init__(self, parameter: Tensor, steps: int, state: Mapping[str, Any]) -> None:
        self.parameter = parameter
        self.dtype = parameter.data.dtype  # which stays, whatever data are assigned
        self.steps = steps
        self.state = {name: np.array(array) for name, array in state.items()}
        self.array: np.ndarray | None = None  # the one that `pieces` are views of
        self.pieces: list[tuple[slice, np.ndarray, tuple[np.ndarray, ...]]] = []

    def __reduce__(self) -> tuple:
        return type(self), (self.parameter, self.steps, self.state)  # a copy cuts its own pieces

    def split(self) -> tuple[OneArray | None, OneArray | None]:
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


SMALL = 2048
"""Elements: larger arrays take longer to copy than calls are to save."""


class ArrayPack:
    """Small arrays of one dtype that were stepped equally often; also any of half precision, which
    are stepped in `dtype`, a wider one."""

    __slots__ = (
        "dtype", "gradient_views", "gradients", "members", "places", "state", "steps",
        "value_views", "values", "workspace",
    )  # fmt: skip

    def __init__(
        self, members: Sequence[Tensor], dtype: np.dtype, steps: int, states: Sequence[Any]
    ) -> None:
        self.members, self.dtype, self.steps = list(members), dtype, steps
        ends = np.cumsum([member.size for member in members]).tolist()
        self.places = [slice(end - m.size, end) for end, m in zip(ends, members, strict=True)]
        self.values, self.gradients, *self.workspace = np.empty((5, ends[-1]), dtype)
        self.value_views, self.gradient_views = self._cut(self.values), self._cut(self.gradients)
        self.state = {
            name: np.concatenate([np.ravel(state[name]) for state in states]) for name in states[0]
        }

    def __reduce__(self) -> tuple:
        """How to copy it: as its members with their state, since copies of views are no views."""
        members, _, states = zip(*self.entries(), strict=True)
        return type(self), (members, self.dtype, self.steps, states)

    def _cut(self, flat: np.ndarray) -> list[np.ndarray]:
        """The part of each member, in its shape."""
        return [
            flat[place].reshape(member.shape)
            for place, member in zip(self.places, self.members, strict=True)
        ]

    def gather(self) -> None:
        """Copy the members' values and gradients."""
        for member, value, gradient in zip(
            self.members, self.value_views, self.gradient_views, strict=True
        ):
            value[...] = member.data
            found = member.grad
            gradient[...] = found.data if type(found) is Tensor else found

    def scatter(self) -> None:
        """Write the values back into the members' arrays."""
        for member, value in zip(self.members, self.value_views, strict=True):
            array = member.data
            try:
                array[...] = value
            except ValueError:  # the array is read-only
                array = value.copy()
            member.data = array  # most often the same one, which marks the leaf as changed

    def split(self) -> tuple[Any, Any]:
        """A pack of what has a gradient and is stepped, and one of what is left alone."""
        missing = [member.grad is None for member in self.members]
        if True not in missing:
            return self, None
        if False not in missing:
            return None, self
        return self._where(missing, False), self._where(missing, True)

    def _where(self, missing: list[bool], wanted: bool) -> ArrayPack:
        entries = zip(self.entries(), missing, strict=True)
        chosen = [entry for entry, lacks in entries if lacks is wanted]
        members, _, states = zip(*chosen, strict=True)
        return type(self)(members, self.dtype, self.steps, states)

    def step(self, rule: Rule, fills: Mapping[str, float], scratch: Scratch) -> None:
        """Apply `rule` to all members at once, with the state that `fills` names."""
        if self.state.keys() != fills.keys():
            kept, size = self.state, len(self.values)
            self.state = {
                name: kept[name] if name in kept else np.full(size, fill, self.dtype)
                for name, fill in fills.items()
            }
        self.gather()
        rule(self.values, self.gradients, *self.workspace, *self.state.values())
        self.scatter()

    def entries(self) -> list[tuple[Tensor, int, dict[str, Any]]]:
        """The members, each with its number of steps and a copy of its state."""
        columns = {name: self._cut(array) for name, array in self.state.items()}
        return [
            (member, self.steps, {name: column[i].copy() for name, column in columns.items()})
            for i, member in enumerate(self.members)
        ]


class ScalarPack(ArrayPack):
    """Scalar nodes that were stepped equally often."""

    __slots__ = ()

    def gather(self) -> None:
        self.values[:] = [node.data for node in self.members]
        self.gradients[:] = [float(node.grad) for node in self.members]

    def scatter(self) -> None:
        for node, value in zip(self.members, self.values.tolist(), strict=True):
            node.data = value

    def entries(self) -> list[tuple[Tensor, int, dict[str, Any]]]:
        """The nodes, each with its number of steps and its state as floats."""
        columns = {name: array.tolist() for name, array in self.state.items()}
        return [
            (node, self.steps, {name: column[i] for name, column in columns.items()})
            for i, node in enumerate(self.members)
        ]


Pack = OneArray | ArrayPack


def packs_of(
    parameters: Sequence[Tensor], states: Iterable[tuple[int, Mapping[str, Any]]]
) -> list[Pack]:
    """Packs of `parameters`, each having been stepped so often and having this state."""
    packs: list[Pack] = []
    alike: dict[Any, list[tuple[Tensor, Mapping[str, Any]]]] = {}
    for parameter, (steps, state) in zip(parameters, states, strict=True):
        data = parameter.data
        if type(data) is float or data.size <= SMALL:
            key = type(data), np.asarray(data).dtype, steps, tuple(state)
            alike.setdefault(key, []).append((parameter, state))
        elif working(data.dtype) == data.dtype:
            packs.append(OneArray(parameter, steps, state))
        else:
            packs.append(ArrayPack([parameter], working(data.dtype), steps, [state]))
    for (kind, dtype, steps, _), members in alike.items():
        wide = working(dtype)
        for together in _bounded(members, block_size(wide)):
            if kind is float:
                packs.append(ScalarPack(*_columns(together, wide, steps)))
            elif len(together) == 1 and wide == dtype:
                packs.append(OneArray(together[0][0], steps, together[0][1]))
            else:
                packs.append(ArrayPack(*_columns(together, wide, steps)))
    return packs


def _columns(members: list[Any], dtype: np.dtype, steps: int) -> tuple[Any, ...]:
    nodes, states = zip(*members, strict=True)
    return nodes, dtype, steps, states


def _bounded(members: list[Any], most: int) -> list[list[Any]]:
    """`members` in runs of at most `most` elements, so that a pack stays in the cache."""
    runs: list[list[Any]] = [[]]
    taken = 0
    for entry in members:
        if taken + entry[0].size > most:
            runs.append([])
            taken = 0
        runs[-1].append(entry)
        taken += entry[0].size
    return runs
