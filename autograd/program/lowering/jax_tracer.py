"""JAX in place of NumPy, while a recording is traced: which function stands for a call's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.errors import OutOfRangeError
from autograd.program.instruction import Instruction, Recording, Value
from autograd.program.loop_runs import Backward, Forward
from autograd.program.lowering.jax_loops import lowered_loop
from autograd.program.lowering.jax_table import AT, NAMESPACE, SPECIAL, namesake
from autograd.program.lowering.jax_windows import WINDOWS
from autograd.program.lowering.walk import Check, walk
from autograd.program.numbers import Choice, FloatFunction

__all__ = ["Tracer", "of_diagonal"]

LARGE = 1 << 12
"""Numbers of a matrix from which on it is looked at for what it is made of."""


class Tracer:
    """JAX in place of NumPy, while a recording is traced."""

    asked = 'backend="jax"'
    otherwise = (
        "compute this part outside of the compiled function, write it by other gates, or take "
        'backend="numpy"'
    )

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.watched: dict[str, Callable[..., Any]] = {
            "add_at_index": self.add_at_index, "embedding": self.embedding,
            "getitem": self.getitem, "scatter": self.scatter, "take": self.take,
            "take_along_axis": self.take_along_axis, "with_at": self.with_at,
            "with_item": self.with_item,
        }  # fmt: skip

    def is_own(self, value: Any) -> bool:
        return isinstance(value, jax.Array)

    def fitted(self, result: Any, value: Value) -> Any:
        return jnp.asarray(result, float if value.weak else value.dtype)

    def lowering(self, instruction: Instruction) -> Callable[..., Any] | None:
        function, name = instruction.function, instruction.name
        found: Any = None
        if isinstance(function, (FloatFunction, Choice)):
            found = function.lowered(NAMESPACE)
        elif isinstance(function, (Forward, Backward)):
            found = lowered_loop(self, function)
        elif name in self.watched:
            found = self.watched[name]
        elif name in SPECIAL:
            found = SPECIAL[name]
        elif name in WINDOWS:
            found = WINDOWS[name]
        else:
            found = namesake(function, name)
        return found

    def inner(self, recording: Recording, given: Sequence[Any]) -> tuple[list[Any], list[Check]]:
        """The results of a program inside of the one that is traced, and what to look at."""
        tracer = Tracer()
        known = {**recording.constants, **dict(zip(recording.inputs, given, strict=True))}
        walk(tracer, recording.instructions, known, recording.values)
        return [known[register] for register in recording.outputs], tracer.checks

    # ---- by index

    def getitem(self, a: Any, key: Any) -> Any:
        return jnp.asarray(a)[self.inside(jnp.shape(a), key)]

    def scatter(self, a: Any, key: Any, shape: tuple[int, ...]) -> Any:
        gaps = gaps_around(key, shape)
        if gaps is not None:
            return lax.pad(a, a.dtype.type(0), gaps)
        return jnp.zeros(shape, a.dtype).at[self.inside(shape, key)].add(a)

    def add_at_index(self, a: Any, part: Any, key: Any) -> Any:
        a = jnp.asarray(a)
        if 2 * np.size(part) >= a.size and gaps_around(key, a.shape) is not None:
            return a + self.scatter(jnp.asarray(part, a.dtype), key, a.shape)
        return a.at[self.inside(a.shape, key)].add(part)

    def embedding(self, weight: Any, indices: Any, padding_idx: int | None = None) -> Any:
        return jnp.asarray(weight)[self.inside((len(weight),), indices, from_end=False)]

    def with_item(self, a: Any, key: Any, value: Any) -> Any:
        return jnp.asarray(a).at[self.inside(jnp.shape(a), key)].set(value)

    def with_at(self, a: Any, ufunc: np.ufunc, key: Any, *rest: Any) -> Any:
        rest = tuple(map(jnp.asarray, rest))
        return getattr(jnp.asarray(a).at[self.inside(jnp.shape(a), key)], AT[ufunc])(*rest)

    def take(self, a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
        indices = jnp.asarray(indices)
        if mode == "raise":
            size = jnp.size(a) if axis is None else jnp.shape(a)[axis]
            indices = self.inside((size,), indices)
            indices, mode = jnp.where(indices < 0, indices + size, indices), "clip"
        return jnp.take(a, indices, axis=axis, mode=mode)

    def take_along_axis(self, a: Any, indices: Any, axis: int | None = -1) -> Any:
        size = jnp.size(a) if axis is None else jnp.shape(a)[axis]
        return jnp.take_along_axis(a, self.inside((size,), indices), axis=axis)

    def inside(self, shape: Sequence[int], key: Any, from_end: bool = True) -> Any:
        """The key as JAX takes it; indices among it are looked at, which it would move inside
        without a word."""
        parts = key if type(key) is tuple else (key,)
        parts = tuple(np.asarray(part) if type(part) is list else part for part in parts)
        axis = 0
        for part in parts:
            if part is Ellipsis:
                axis += 1 + len(shape) - sum(other is not None for other in parts)
                continue
            if isinstance(part, jax.Array) and part.size:
                ends = jnp.min(part), jnp.max(part)
                self.checks.append(Check(is_inside, (*ends, shape[axis], from_end), stays_inside))
            axis += part is not None
        return parts if type(key) is tuple else parts[0]


def gaps_around(key: Any, shape: tuple[int, ...]) -> list[tuple[int, int, int]] | None:
    """How far what slices take lies from the ends of each axis, and apart: XLA puts zeros there in
    the loop that reads it. None for other keys."""
    parts = key if type(key) is tuple else (key,)
    if not all(type(part) is slice for part in parts):
        return None
    places = [range(n)[part] for n, part in zip(shape, parts, strict=False)]
    places += map(range, shape[len(parts) :])
    if not all(len(p) and p.step > 0 for p in places):
        return None
    return [(p[0], n - p[-1] - 1, p.step - 1) for n, p in zip(shape, places, strict=True)]


def is_inside(least: Any, most: Any, size: int, from_end: bool) -> None:
    """Raise as NumPy does for an index that is out of bounds; one from the end is below 0."""
    if least < (-size if from_end else 0) or most >= size:
        wrong = int(most if most >= size else least)
        raise OutOfRangeError(f"index {wrong} is out of bounds for an axis of size {size}")


def stays_inside(least: Any, most: Any, size: int, from_end: bool) -> Any:
    """Whether it would not."""
    return (least >= (-size if from_end else 0)) & (most < size)


def of_diagonal(constant: Any) -> Any:
    """A large matrix with one diagonal, as a Jacobian pushes through a function, as XLA can make
    it in the loop that reads it; other constants as they are."""
    if np.ndim(constant) != 2 or constant.size < LARGE or constant.dtype.kind != "f":
        return constant
    rows, columns = np.nonzero(constant)
    offsets = columns - rows
    if not len(rows) or np.any(offsets != offsets[0]):
        return constant
    along = np.zeros(constant.shape[1], constant.dtype)
    along[columns] = constant[rows, columns]
    i, j = (lax.broadcasted_iota(np.int32, constant.shape, axis) for axis in (0, 1))
    return jnp.where(j - i == offsets[0], along, constant.dtype.type(0))
