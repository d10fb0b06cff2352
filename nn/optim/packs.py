"""The arrays that an optimiser steps, with their state, and several small ones packed as one.

A rule of an optimiser is a function ``rule(p, g, s, t, u, *state)`` on arrays of one shape that
changes `p` and the state in place, entry by entry, by ufuncs that write into an array; `s`, `t` and
`u` are scratch. How arrays pass through it, `engine` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Tensor

from .engine import Engine, Share, Update, block_size

__all__ = ["ArrayPack", "OneArray", "Pack", "ScalarPack", "packs_of", "working"]


def working(dtype: np.dtype) -> np.dtype:
    """What parameters of `dtype` are stepped in, and their state kept: half precision in single.

    In float16 the square of 2e-4 is 0, that of 300 infinite, and an eps of 1e-8 is 0 as well.
    """
    return np.dtype(np.float32) if dtype == np.float16 else dtype


class Stateful:
    """A pack's state: `arrays`, by name, or Tensors to which a program was lent them.

    Attributes: `lent`, for each parameter the Tensors that have its state for now; None where
    `arrays` have it.
    """

    __slots__ = ("arrays", "lent")

    arrays: dict[str, np.ndarray]
    lent: list[list[Tensor]] | None

    def parts(self) -> list[tuple[Tensor, list[np.ndarray]]]:
        """The parameters, each with its part of the arrays."""
        raise NotImplementedError

    @property
    def state(self) -> dict[str, np.ndarray]:
        """The arrays, to read and to write: what was lent comes back."""
        lent, self.lent = self.lent, None
        if lent is not None:
            for (_, arrays), tensors in zip(self.parts(), lent, strict=True):
                for array, tensor in zip(arrays, tensors, strict=True):
                    array[...] = tensor.data
        return self.arrays

    @state.setter
    def state(self, arrays: dict[str, np.ndarray]) -> None:
        self.arrays, self.lent = arrays, None


class OneArray(Stateful):
    """An array parameter: how often it was stepped, its state, and both cut into shares."""

    __slots__ = ("array", "dtype", "engine", "parameter", "shares", "steps")

    def __init__(self, parameter: Tensor, steps: int, state: Mapping[str, Any]) -> None:
        self.parameter = parameter
        self.dtype = parameter.data.dtype  # which stays, whatever data are assigned
        self.steps = steps
        self.state = {name: np.array(array, order="C") for name, array in state.items()}
        self.array: np.ndarray | None = None  # the one that `shares` are views of
        self.engine: Engine | None = None  # which cut it
        self.shares: list[Share] = []

    def __reduce__(self) -> tuple:
        return type(self), (self.parameter, self.steps, self.state)  # a copy cuts its own shares

    @property
    def has_gradients(self) -> bool:
        """Whether it is stepped, and not left alone."""
        return self.parameter.grad is not None

    def split(self) -> list[OneArray]:
        """Packs of what has a gradient, and of what has none."""
        return [self]

    def step(self, update: Update, fills: Mapping[str, float], engine: Engine) -> None:
        """Apply an update in place; `fills` names the state, and what it holds at first."""
        parameter = self.parameter
        array: np.ndarray = parameter.data
        gradient = parameter.grad
        if type(gradient) is Tensor:
            gradient = gradient.data
        known = array is self.array and engine is self.engine
        if not known or self.state.keys() != fills.keys():
            array = self._cut(array, fills, engine)
        engine.step(update, self.shares, gradient)
        parameter.data = array  # the same one, which marks the leaf as changed

    @property
    def is_as_stepped(self) -> bool:
        """Whether the parameter itself is what a rule is given."""
        return True

    def fill(self, fills: Mapping[str, float]) -> None:
        """Make what is missing of the state."""
        if self.arrays.keys() != fills.keys():
            kept, shape = self.state, self.parameter.shape
            self.state = {
                name: kept[name] if name in kept else np.full(shape, fill, self.dtype)
                for name, fill in fills.items()
            }

    def parts(self) -> list[tuple[Tensor, list[np.ndarray]]]:
        """The parameter with the arrays of its state."""
        return [(self.parameter, list(self.arrays.values()))]

    def _cut(self, array: np.ndarray, fills: Mapping[str, float], engine: Engine) -> np.ndarray:
        """Make what is missing of the state, and views of parts of everything."""
        if not array.flags.writeable:
            array = array.copy()
        self.fill(fills)
        self.shares = engine.shares(array, tuple(self.state.values()))
        self.array, self.engine = array, engine
        return array

    def entries(self) -> list[tuple[Tensor, int, dict[str, Any]]]:
        """The parameter with its number of steps and a copy of its state."""
        return [(self.parameter, self.steps, {name: a.copy() for name, a in self.state.items()})]


SMALL = 2048
"""Elements: larger arrays take longer to copy than calls are to save."""


class ArrayPack(Stateful):
    """Small arrays of one dtype that were stepped equally often; also any of half precision, which
    are stepped in `dtype`, a wider one."""

    __slots__ = (
        "dtype", "gradient_views", "gradients", "members", "places", "steps",
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

    @property
    def has_gradients(self) -> bool:
        """Whether its members are stepped, and not left alone."""
        return self.members[0].grad is not None

    def split(self) -> list[ArrayPack]:
        """Packs of what has a gradient, and of what has none."""
        missing = [member.grad is None for member in self.members]
        if len({*missing}) == 1:
            return [self]
        return [self._where(missing, False), self._where(missing, True)]

    def _where(self, missing: list[bool], wanted: bool) -> ArrayPack:
        entries = zip(self.entries(), missing, strict=True)
        chosen = [entry for entry, lacks in entries if lacks is wanted]
        members, _, states = zip(*chosen, strict=True)
        return type(self)(members, self.dtype, self.steps, states)

    @property
    def is_as_stepped(self) -> bool:
        """Whether the members themselves are what a rule could be given: arrays of `dtype`."""
        return all(
            type(member.data) is np.ndarray and member.dtype == self.dtype
            for member in self.members
        )

    def fill(self, fills: Mapping[str, float]) -> None:
        """Make what is missing of the state."""
        if self.arrays.keys() != fills.keys():
            kept, size = self.state, len(self.values)
            self.state = {
                name: kept[name] if name in kept else np.full(size, fill, self.dtype)
                for name, fill in fills.items()
            }

    def parts(self) -> list[tuple[Tensor, list[np.ndarray]]]:
        """The members, each with its part of the arrays of the state."""
        columns = [self._cut(array) for array in self.arrays.values()]
        return [(member, [c[i] for c in columns]) for i, member in enumerate(self.members)]

    def step(self, update: Update, fills: Mapping[str, float], _: Engine) -> None:
        """Apply an update to all members at once, with the state that `fills` names."""
        self.fill(fills)
        self.gather()
        update.calls(self.values, self.gradients, *self.workspace, *self.state.values())
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
