"""A loop along time as one gate: how its kernels are called, and what stands for it.

A kernel goes along all steps in NumPy, ahead or back. A step written with other gates says what the
kernels compute: pictures open the gate into its steps, derivatives of derivatives are taken of
them, and back ends without the kernel run the same step as one loop (`in_gates`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

import autograd as ag
from autograd import Gate, Tensor
from autograd.extend import Saved, gate, value_of

__all__ = ["Kernel", "loop_gate"]

Kernel = Callable[..., tuple[Any, ...]]


def loop_gate(
    name: str, symbol: str, rule: str, states: int, ahead: Kernel, back: Kernel, step: Any
) -> Gate:
    """A gate of its loop ahead, its loop back, and its step written with other gates, that carries
    so many states.

    Operands: x of shape (T, N, inputs), the states before the first step, (N, units) each, the
    four parameters, and a mask (T, N, 1) of the steps that count, or nothing. Where a step does not
    count the states stay. The result is (T, N, units), with a row more for each further state.
    """

    def forward(*operands: Any) -> Saved:
        out, *kept = _called(ahead, operands)
        return Saved(out, kept)

    def written_out(x: Any, *others: Any) -> Any:
        """The steps one by one."""
        state, parameters, mask = others[:states], others[states : states + 4], others[states + 4 :]
        rows = []
        for t in range(len(x)):
            new = step(x[t], *state, *parameters)
            if mask:
                new = tuple(np.where(mask[0][t], a, b) for a, b in zip(new, state, strict=True))
            state = new
            rows.append(state[0])
        return np.stack([*rows, *state[1:]])

    def looped(x: Any, *others: Any) -> Any:
        """The same as one loop, in which the step stands once."""
        state, parameters, mask = others[:states], others[states : states + 4], others[states + 4 :]

        def taken(state: Any, given: Any) -> Any:
            new = step(given[0], *state, *parameters)
            if mask:
                new = tuple(np.where(given[1], a, b) for a, b in zip(new, state, strict=True))
            return tuple(new), new[0]

        last, rows = ag.scan(taken, tuple(state), (x, *mask))
        return np.concatenate([rows, np.stack(last[1:])]) if last[1:] else rows

    ahead.in_gates = looped  # type: ignore[attr-defined]

    def vjp(g: Any, out: Any, *operands: Any, saved: Any = None) -> Sequence[Any]:
        floats, mask = operands[: states + 5], operands[states + 5 :]
        if any(type(v) is Tensor for v in (g, *operands)):
            found: Sequence[Any] = ag.vjp(lambda *v: written_out(*v, *mask), *floats)[1](g)
        else:
            kept = _called(ahead, operands)[1:] if saved is None else saved
            values = (g, out, *operands, *kept)

            def back_over(wants_x: bool) -> Any:
                return _called(_Back(back, len(operands), len(floats), wants_x, looped), values)

            runs = _Runs(back_over)
            found = [partial(runs.gradient, i) for i in range(len(floats))]
        return [*found, *(None for _ in mask)]

    def jvp(tangents: Any, out: Any, *operands: Any, saved: Any = None) -> Any:
        floats, mask = operands[: states + 5], operands[states + 5 :]
        moves = tangents[: states + 5]
        tangent = ag.jvp(lambda *v: written_out(*v, *mask), floats, moves)[1]
        return tangent if any(type(v) is Tensor for v in (*moves, *floats)) else value_of(tangent)

    return gate(
        forward, name=name, symbol=symbol, rule=rule, pattern="mixes",
        vjp=vjp, jvp=jvp, expansion=written_out,
    )  # fmt: skip


class _Back:
    """A loop back, with what it is given in groups: a program calls it with all in a row.

    Attributes: `count` and `floats`, how many operands there are, and how many without a mask;
    `ahead`, what the loop goes back over, written with other gates. Without `wants_x` the gradient
    of x, which costs a product at each step, is not among the gradients.
    """

    def __init__(
        self, kernel: Kernel, count: int, floats: int, wants_x: bool, ahead: Callable[..., Any]
    ) -> None:
        self.kernel, self.count, self.floats = kernel, count, floats
        self.wants_x, self.ahead = wants_x, ahead
        self.__name__ = kernel.__name__

    def __call__(self, g: Any, out: Any, *rest: Any) -> tuple[Any, ...]:
        found = self.kernel(g, out, rest[: self.count], rest[self.count :], self.wants_x)
        return found if self.wants_x else found[1:]

    def in_gates(self, g: Any, out: Any, *rest: Any) -> Sequence[Any]:
        """The same gradients, without what the loop ahead kept."""
        floats, mask = rest[: self.floats], rest[self.floats : self.count]
        found: Sequence[Any] = ag.vjp(lambda *v: self.ahead(*v, *mask), *floats)[1](g)
        return found if self.wants_x else found[1:]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Back) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.kernel, self.count, self.wants_x))


class _Runs:
    """The gradients of one run back, which is made when the first of them is asked for: with that
    of x where it is x's."""

    def __init__(self, run: Callable[[bool], Sequence[Any]]) -> None:
        self.run = run
        self.found: Sequence[Any] | None = None

    def gradient(self, i: int) -> Any:
        if self.found is None or (i == 0 and self.found[0] is None):
            self.found = self.run(True) if i == 0 else (None, *self.run(False))
        return self.found[i]


def _called(kernel: Callable[..., Any], values: Sequence[Any]) -> Any:
    """What a loop makes of values; of those that a program traces, one call of it."""
    for value in values:
        if getattr(type(value), "traced", False):
            return value.tape.record(kernel, tuple(values))
    return kernel(*values)
