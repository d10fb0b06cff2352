"""A loop as `lax.scan`: the programs of a step, traced once, in place of a run for each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.program.instruction import Recording, Value
from autograd.program.loop_runs import Backward, Forward, Part
from autograd.program.lowering.walk import Check

__all__ = ["lowered_loop"]


class Steps(Protocol):
    """What traces the program of a step."""

    checks: list[Check]

    def inner(self, recording: Recording, given: Sequence[Any]) -> tuple[list[Any], list[Check]]:
        """The results of a recording, and what is to be looked at after it."""


def lowered_loop(tracer: Steps, loop: Forward | Backward) -> Callable[..., tuple[Any, ...]]:
    """The function of JAX's arrays that a loop's kernel is of NumPy's."""
    if isinstance(loop, Forward):
        return partial(_forward, tracer, loop)
    return partial(_backward, tracer, loop)


def _scan(
    tracer: Steps, recording: Recording, places: range, carry: Sequence[Any], xs: Sequence[Any],
    given: Callable[[Sequence[Any], Sequence[Any]], list[Any]],
    split: Callable[[Sequence[Any], list[Any]], tuple[list[Any], list[Any]]],
) -> tuple[list[Any], list[Any]]:  # fmt: skip
    """`lax.scan` over a recording, of whose steps the checks are looked at one by one."""
    found: list[Check] = []

    def step(carry: Any, x: Any) -> Any:
        results, checks = tracer.inner(recording, given(carry, x))
        found[:] = checks
        new, out = split(carry, results)
        return new, (out, [[v for v in c.values if isinstance(v, jax.Array)] for c in checks])

    backward = places.step < 0
    last, (out, looked) = lax.scan(step, list(carry), list(xs), len(places), reverse=backward)
    for check, stacked in zip(found, looked, strict=True):
        own = iter(stacked)
        moving = [isinstance(v, jax.Array) for v in check.values]
        values = [next(own) if m else v for v, m in zip(check.values, moving, strict=True)]
        holds = None if check.holds is None else _all(check.holds, moving)
        look = _each(check.function, moving, len(places))
        tracer.checks.append(Check(look, tuple(values), holds))
    return last, out


def _each(function: Callable[..., None], moving: Sequence[bool], length: int) -> Any:
    """A check of the values of each step."""

    def check(*values: Any) -> None:
        for t in range(length):
            function(*[v[t] if m else v for v, m in zip(values, moving, strict=True)])

    return check


def _all(holds: Callable[..., Any], moving: Sequence[bool]) -> Callable[..., Any]:
    """Whether a check holds at each step."""
    axes = [0 if m else None for m in moving]
    return lambda *values: jnp.all(jax.vmap(holds, in_axes=axes)(*values))


def _forward(tracer: Steps, loop: Forward, *values: Any) -> tuple[Any, ...]:
    step, layout = loop.step, loop.layout
    carry, xs, fixed = step.operands.like(values)
    carry = [_typed(v, known) for v, known in zip(carry, step.operands.carry, strict=True)]
    count = len(carry)
    last, (states, results) = _scan(
        tracer, step.forward.recording, loop.places, carry, xs,
        lambda now, x: [*now, *x, *fixed],
        lambda now, made: (made[:count], [[now[i] for i in step.read], made[count:]]),
    )  # fmt: skip
    ys, kept = results[: len(layout.ys)], results[len(layout.ys) :]
    results, parts = [*last, *ys], [*layout.carry, *layout.ys]
    flat = [jnp.ravel(r) for r, part in zip(results, parts, strict=True) if part is not None]
    whole = jnp.concatenate([jnp.zeros(0, layout.dtype), *flat]).astype(layout.dtype)
    others = [r for r, part in zip(results, parts, strict=True) if part is None]
    return (whole, *others, *states, *kept)


def _backward(tracer: Steps, loop: Backward, g: Any, *given: Any) -> tuple[Any, ...]:
    step, layout = loop.step, loop.layout
    assert step.backward is not None
    operands = step.operands.all
    sizes = len(operands)
    split = len(step.operands.carry) + len(step.operands.xs)
    seen = [given[i] for i in step.seen if i < split]
    fixed = [given[i] for i in step.seen if i >= split]
    states, kept = given[sizes:][: len(step.read)], given[sizes:][len(step.read) :]
    carried = [_of(part, g) for part in layout.carry if part is not None]
    arriving = [_of(part, g) for part in layout.ys if part is not None]
    n = len(carried)
    own = [i for i in step.wanted if len(step.operands.carry) <= i < split]
    sums = [_typed(np.zeros(operands[i].shape), operands[i]) for i in step.wanted if i >= split]
    stop = n + len(own)

    def arguments(now: Sequence[Any], x: Sequence[Any]) -> list[Any]:
        parts = iter(x)
        taken = [[next(parts) for _ in some] for some in (states, seen, kept, arriving)]
        return [*taken[0], *taken[1], *fixed, *taken[2], *now[:n], *taken[3]]

    def results(now: Sequence[Any], made: list[Any]) -> tuple[list[Any], list[Any]]:
        totals = [total + one for total, one in zip(now[n:], made[stop:], strict=True)]
        return [*made[:n], *totals], made[n:stop]

    ends, totals = _scan(
        tracer, step.backward.recording, loop.places[::-1], [*carried, *sums],
        [*states, *seen, *kept, *arriving], arguments, results,
    )  # fmt: skip
    return (*ends[:n], *totals, *ends[n:])


def _typed(value: Any, known: Value) -> Any:
    return jnp.asarray(value, float if known.weak else known.dtype)


def _of(part: Part, whole: Any) -> Any:
    """A result's part of an array of all."""
    return _typed(whole[part.start : part.stop].reshape(part.shape), part.value)
