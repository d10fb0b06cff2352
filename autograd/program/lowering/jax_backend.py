"""Back end "jax": a recording under `jax.jit`, on whatever device JAX has.

JAX computes in double precision where the recording does, inside of a block of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from autograd.errors import DataError, OutOfRangeError, ShapeError
from autograd.program.backend import Devices, Request
from autograd.program.instruction import Instruction, Recording, Value
from autograd.program.loop_runs import Backward, Forward
from autograd.program.lowering.jax_loops import lowered_loop
from autograd.program.lowering.jax_table import AT, NAMESPACE, SPECIAL, namesake
from autograd.program.lowering.jax_windows import WINDOWS
from autograd.program.lowering.walk import Check, Halves, expect_lowerings, walk
from autograd.program.numbers import Choice, FloatFunction

__all__ = ["Jitted"]


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
        return jnp.zeros(shape, a.dtype).at[self.inside(shape, key)].add(a)

    def add_at_index(self, a: Any, part: Any, key: Any) -> Any:
        return jnp.asarray(a).at[self.inside(jnp.shape(a), key)].add(part)

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
                self.checks.append(Check(is_inside, (*ends, shape[axis], from_end)))
            axis += part is not None
        return parts if type(key) is tuple else parts[0]


def is_inside(least: Any, most: Any, size: int, from_end: bool) -> None:
    """Raise as NumPy does for an index that is out of bounds; one from the end is below 0."""
    if least < (-size if from_end else 0) or most >= size:
        wrong = int(most if most >= size else least)
        raise OutOfRangeError(f"index {wrong} is out of bounds for an axis of size {size}")


# ---- running


class Jitted:
    """What runs a recording by JAX."""

    scalars = "wide_jax"
    places = True

    def __init__(self, recording: Recording, request: Request) -> None:
        expect_lowerings(Tracer(), recording)
        self.recording, self.halves = recording, Halves(recording)
        self.split = None if request.devices is None else Split(recording, request.devices)
        self._checks: dict[int, list[Check]] = {}

    @property
    def source(self) -> str:
        """What XLA was given, for the first half: StableHLO."""
        given = [np.zeros(v.shape, v.dtype) for v in self._values(self.recording.inputs)]
        drawn = [np.zeros(v.shape, v.dtype) for v in self._values(self._drawn[0])]
        with jax.enable_x64(True):
            return str(self._forward.lower(given, drawn).as_text())

    @property
    def peak(self) -> int:
        """XLA's own reckoning of what the first half takes besides inputs and results."""
        given = [np.zeros(v.shape, v.dtype) for v in self._values(self.recording.inputs)]
        drawn = [np.zeros(v.shape, v.dtype) for v in self._values(self._drawn[0])]
        with jax.enable_x64(True):
            memory = self._forward.lower(given, drawn).compile().memory_analysis()
        return int(memory.temp_size_in_bytes)

    def forward(self, *given: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        drawn = [draw() for draw, _ in self.halves.draws[0]]
        with jax.enable_x64(True):
            if self.split is not None:
                given = self.split.placed(given)
            results, left, looked = self._forward(given, drawn)
            look(self._checks[0], looked)
            return self.own(results, (*self.recording.outputs, *self.recording.assigned)), left

    def backward(self, seed: Any, *given_and_left: Any) -> Sequence[Any]:
        count = len(self.recording.inputs)
        given, left = given_and_left[:count], given_and_left[count:]
        drawn = [draw() for draw, _ in self.halves.draws[1]]
        with jax.enable_x64(True):
            if self.split is not None:
                given = self.split.placed(given)
            results, looked = self._backward(given, drawn, left, seed)
            look(self._checks[1], looked)
            return self.own(results, self.recording.gradients)

    @cached_property
    def _drawn(self) -> tuple[list[int], list[int]]:
        first, second = ([register for _, register in half] for half in self.halves.draws)
        return first, second

    def _values(self, registers: Sequence[int]) -> list[Value]:
        return [self.recording.values[register] for register in registers]

    @cached_property
    def _forward(self) -> Any:
        results = (*self.recording.outputs, *self.recording.assigned)

        def forward(given: Any, drawn: Any) -> Any:
            known, looked = self._run(0, given, drawn, {})
            return [known[r] for r in results], [known[r] for r in self.halves.needed], looked

        return jax.jit(forward)

    @cached_property
    def _backward(self) -> Any:
        def backward(given: Any, drawn: Any, left: Any, seed: Any) -> Any:
            before = dict(zip(self.halves.needed, left, strict=True))
            assert self.recording.seed is not None
            before[self.recording.seed] = seed
            known, looked = self._run(1, given, drawn, before)
            return [known[r] for r in self.recording.gradients], looked

        return jax.jit(backward)

    def _run(self, half: int, given: Any, drawn: Any, before: Any) -> tuple[dict[int, Any], Any]:
        """Trace a half: all that is known after it, and what of it is to be looked at."""
        recording, tracer = self.recording, Tracer()
        known = {**recording.constants, **before}
        known.update(zip(recording.inputs, given, strict=True))
        known.update(zip(self._drawn[half], drawn, strict=True))
        instructions = (self.halves.first, self.halves.second)[half]
        walk(tracer, instructions, known, recording.values)
        self._checks[half] = tracer.checks
        return known, [[v for v in c.values if tracer.is_own(v)] for c in tracer.checks]

    def own(self, results: Sequence[Any], registers: Sequence[int]) -> list[Any]:
        """Results as NumPy's arrays, in memory of their own, and Python floats."""
        return [
            float(result) if value.weak else np.array(result)
            for result, value in zip(results, self._values(registers), strict=True)
        ]


class Split:
    """Inputs on several devices: a part of the first axis on each, or the whole on all, where they
    cannot share it equally, too."""

    def __init__(self, recording: Recording, devices: Devices) -> None:
        self.mesh = as_mesh(devices.given)
        axis = self.mesh.axis_names[0]
        count = self.mesh.shape[axis]
        whole, parts = (NamedSharding(self.mesh, spec) for spec in (P(), P(axis)))
        self.shardings = []
        for register in recording.inputs:
            shape = recording.values[register].shape
            if register in devices.split and not shape:
                raise ShapeError("shard= splits an argument along its rows, and one is a number")
            shared = register in devices.split and shape[0] % count == 0
            self.shardings.append(parts if shared else whole)

    def placed(self, given: Sequence[Any]) -> list[Any]:
        """The inputs there. Each process gives the whole, and holds the parts of its devices."""
        return [
            jax.make_array_from_callback(np.shape(v), sharding, np.asarray(v).__getitem__)
            for v, sharding in zip(given, self.shardings, strict=True)
        ]


def as_mesh(given: Any) -> Mesh:
    """What `devices=` says as a mesh.

    Raises DataError (a TypeError) for anything else, and for more devices than there are.
    """
    if isinstance(given, Mesh):
        return given
    known = jax.devices()
    if type(given) is int and 1 <= given <= len(known):
        given = known[:given]
    if not isinstance(given, (list, tuple)) or not set(given) <= set(known) or not given:
        raise DataError(
            "devices must be a number of devices, a list of JAX's, or a jax.sharding.Mesh; JAX has "
            f"{len(known)} here, {known[0].platform}, and received {given!r}. A processor counts "
            'as four with XLA_FLAGS="--xla_force_host_platform_device_count=4" set before JAX is '
            "imported"
        )
    return Mesh(np.array(given), ("batch",))


def look(checks: Sequence[Check], looked: Sequence[Sequence[Any]]) -> None:
    """Look at what a run returned for it."""
    for check, found in zip(checks, looked, strict=True):
        numbers = iter([np.asarray(one) for one in found])
        check.function(*[next(numbers) if isinstance(v, jax.Array) else v for v in check.values])
