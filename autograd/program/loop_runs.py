"""Running a loop on arrays: the programs of its step, one step after the other.

All results of floats lie in one array, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd.gates.shapes import as_number
from autograd.program.instruction import Value
from autograd.program.loop_step import LoopStep, fitted, stack

__all__ = ["Backward", "Forward", "Layout"]


class Part(NamedTuple):
    """Where a result lies among all: from entry `start`, in a shape and dtype."""

    start: int
    shape: tuple[int, ...]
    value: Value

    @property
    def stop(self) -> int:
        return self.start + prod(self.shape)

    def of(self, whole: Any) -> Any:
        """The result, of an array of all or of its node."""
        part = whole[self.start : self.stop].reshape(self.shape)
        if self.value.weak and not self.shape:
            return as_number(part)
        return part if part.dtype == self.value.dtype else part.astype(self.value.dtype)


class Layout:
    """Where the results of a loop lie.

    Attributes: `carry` and `ys`, a `Part` for each result of floats, None for others; `size` and
    `dtype` of the whole.
    """

    def __init__(self, step: LoopStep, length: int) -> None:
        self.size = 0
        self.carry = [self._part(value, value.shape) for value in step.carry]
        self.ys = [self._part(value, (length, *value.shape)) for value in step.ys]
        self.dtype = np.result_type(*(p.value.dtype for p in self.parts), np.float16)

    @property
    def parts(self) -> list[Part]:
        return [part for part in (*self.carry, *self.ys) if part is not None]

    def _part(self, value: Value, shape: tuple[int, ...]) -> Part | None:
        if value.dtype.kind != "f":
            return None
        part = Part(self.size, shape, value)
        self.size = part.stop
        return part


class Forward:
    """All steps: the whole of the results, those that are no floats, and what is kept."""

    def __init__(self, places: range, step: LoopStep, layout: Layout) -> None:
        self.__name__ = f"scan[{len(places)}]"
        self.places, self.step, self.layout = places, step, layout
        self.turned = _turned(step.operands.carry, step.carry)

    def __call__(self, *values: Any) -> tuple[Any, ...]:
        step, layout, length = self.step, self.layout, len(self.places)
        carry, xs, fixed = _prepared(step, values)
        whole = np.empty(layout.size, layout.dtype)
        ys = [
            np.empty((length, *value.shape), value.dtype)
            if part is None
            else whole[part.start : part.stop].reshape(part.shape)
            for part, value in zip(layout.ys, step.ys, strict=True)
        ]
        states = [(i, stack(length, step.operands.carry[i])) for i in step.read]
        kept = [stack(length, value) for value in step.kept]
        stacks, count = [*ys, *kept], len(carry)
        with step.forward.repeated() as run:
            for t in self.places:
                for i, states_of in states:
                    states_of[t] = carry[i]
                results, _ = run(*carry, *[x[t, ...] for x in xs], *fixed)
                carry = results[:count]
                if self.turned:
                    carry = _turn(carry, step.operands.carry, self.turned)
                for each, result in zip(stacks, results[count:], strict=True):
                    each[t] = result
        others = []
        for part, value in zip(layout.carry, carry, strict=True):
            if part is None:
                others.append(np.array(value))
            else:
                whole[part.start : part.stop] = np.reshape(value, -1)
        others += [y for part, y in zip(layout.ys, ys, strict=True) if part is None]
        return (whole, *others, *(s for _, s in states), *kept)


class Backward:
    """All steps back: the gradients of the operands that want one."""

    def __init__(self, places: range, step: LoopStep, layout: Layout) -> None:
        self.__name__ = f"scan[{len(places)}] back"
        self.places, self.step, self.layout = places, step, layout
        moving = [part.value for part in layout.carry if part is not None]
        assert step.backward is not None
        values, outputs = step.backward.recording.values, step.backward.recording.outputs
        self.turned = _turned(moving, [values[register] for register in outputs[: len(moving)]])
        self.moving = moving

    def __call__(self, g: Any, *given: Any) -> tuple[Any, ...]:
        step, layout, length = self.step, self.layout, len(self.places)
        sizes = len(step.operands.all)
        _, xs, fixed = _prepared(step, given[:sizes])
        split = len(step.operands.carry) + len(xs)
        seen = [xs[i - split + len(xs)] for i in step.seen if i < split]
        fixed = [fixed[i - split] for i in step.seen if i >= split]
        kinds = [*(step.operands.carry[i] for i in step.read), *step.kept]
        kept = list(zip(given[sizes:], [kind.weak for kind in kinds], strict=True))
        states, kept = kept[: len(step.read)], kept[len(step.read) :]
        carried = [_apart(part, g) for part in layout.carry if part is not None]
        arriving = [(_replaced(p, g), p.value.weak) for p in layout.ys if p is not None]
        n = len(carried)
        own = [i for i in step.wanted if len(step.operands.carry) <= i < split]
        totals = [
            np.zeros((length, *step.operands.all[i].shape), step.operands.all[i].dtype) for i in own
        ]
        sums = [_zero(step.operands.all[i]) for i in step.wanted if i >= split]
        assert step.backward is not None
        with step.backward.repeated() as run:
            for t in reversed(self.places):
                results, _ = run(
                    *[float(s[t]) if weak else s[t, ...] for s, weak in states],
                    *[x[t, ...] for x in seen],
                    *fixed,
                    *[float(s[t]) if weak else s[t, ...] for s, weak in kept],
                    *carried,
                    *[float(s[t]) if weak else s[t, ...] for s, weak in arriving],
                )
                carried = results[:n]
                if self.turned:
                    carried = _turn(carried, self.moving, self.turned)
                for total, result in zip(totals, results[n : n + len(own)], strict=True):
                    total[t] = result
                for i, result in enumerate(results[n + len(own) :]):
                    sums[i] += result
        return (*carried, *totals, *sums)


def _zero(value: Value) -> Any:
    return 0.0 if value.weak else np.zeros(value.shape, value.dtype)


def _replaced(part: Part, whole: np.ndarray) -> np.ndarray:
    """A result's part of an array of all, in its own dtype."""
    own = whole[part.start : part.stop].reshape(part.shape)
    return own if own.dtype == part.value.dtype else own.astype(part.value.dtype)


def _apart(part: Part, whole: np.ndarray) -> Any:
    own = _replaced(part, whole)
    return float(own) if part.value.weak else own.copy()


def _prepared(step: LoopStep, values: Sequence[Any]) -> tuple[Any, Any, Any]:
    """Operands as the programs rely on them to lie in memory."""
    carry, xs, fixed = step.operands.like(values)
    known = step.operands
    return (
        [fitted(v, k) for v, k in zip(carry, known.carry, strict=True)],
        [np.ascontiguousarray(x) for x in xs],
        [fitted(v, k) for v, k in zip(fixed, known.fixed, strict=True)],
    )


def _turned(before: Sequence[Value], after: Sequence[Value]) -> list[int]:
    """The places of what comes out of a step otherwise laid than the next one takes it."""
    pairs = enumerate(zip(before, after, strict=True))
    return [i for i, (b, a) in pairs if not b.weak and (a.order != b.order or not a.dense)]


def _turn(values: Sequence[Any], known: Sequence[Value], places: Sequence[int]) -> list[Any]:
    laid = list(values)
    for i in places:
        laid[i] = fitted(laid[i], known[i])
    return laid
