"""A loop as one gate, whose derivatives are loops.

Its node holds all results of floats one after the other, of which others take their parts: so one
backward pass goes over the steps once, whichever results have a gradient. On arrays it runs the
step's programs. On Tensors, where the derivative is itself to be differentiated, it is another loop
of this kind: back over the steps for a gradient, along them for a tangent.

Source: the derivatives are those of JAX's lax.scan; Griewank and Walther, Evaluating Derivatives,
2008, chapter 12, for keeping states and computing the rest again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd import modes
from autograd.data import is_number
from autograd.eager import Saved, apply, value_of
from autograd.errors import CompileError
from autograd.gates.registry import gate
from autograd.program.instruction import Value
from autograd.program.loop_runs import Backward, Forward, Layout
from autograd.program.loop_step import Body, LoopStep, Operands, loop_step
from autograd.tensor import Tensor, leaf
from autograd.transforms import jvp, vjp

__all__ = ["Loop", "run"]


@dataclass(frozen=True)
class Loop:
    """A step, and how often it is taken.

    Attributes
    ----------
    body : the step; see `Body`.
    length : how many steps.
    backward : whether the last one comes first.
    checkpoint : whether the states alone are kept for a backward pass.
    """

    body: Body
    length: int
    backward: bool = False
    checkpoint: bool = False

    def places(self) -> range:
        """The numbers of the steps in their order."""
        return range(self.length)[:: -1 if self.backward else 1]

    def step(self, given: Operands, differentiates: bool) -> LoopStep:
        """The programs of a step, for operands that are all known."""
        step = loop_step(
            self.body, given, self.length, differentiates, check=_same, looking=False,
            checkpoint=self.checkpoint,
        )  # fmt: skip
        if step.outside:
            raise CompileError(
                "the step of a scan reads other Tensors when it is differentiated than before: "
                "let it read the same ones at each call"
            )
        return step


def _same(before: Sequence[Value], after: Sequence[Value]) -> None:
    """What a loop derived from another one carries is what that carried."""


def run(loop: Loop, given: Operands, step: LoopStep | None = None) -> tuple[list[Any], list[Any]]:
    """The carried values after the last step, and what all steps put out, stacked: as nodes.

    `step` is the recorded one, where there is one already.
    """
    differentiates = modes.current().grad_enabled and any(map(_wants, given.all))
    rules = _Rules(loop, step or loop.step(given, differentiates))
    made = gate(
        rules.ahead, vjp=rules.vjp, jvp=rules.jvp, name="scan", symbol=f"scan ×{loop.length}",
        rule="f, step by step → its derivative, step by step back",
    )  # fmt: skip
    operands = given.all
    if all(map(_is_number, operands)):  # which alone would make a node of one number
        operands = (operands[0] * np.ones(()), *operands[1:])
    node = apply(made, operands)
    others = iter([leaf(other) for other in rules.others])
    parts = (*rules.layout.carry, *rules.layout.ys)
    results = [next(others) if part is None else part.of(node) for part in parts]
    count = len(rules.layout.carry)
    rules.others = []
    return results[:count], results[count:]


class _Rules:
    """The gate's function and its derivatives.

    Attributes: `others`, the results of the last call that are no floats.
    """

    def __init__(self, loop: Loop, step: LoopStep) -> None:
        self.loop, self.step = loop, step
        self.layout = Layout(step, loop.length)
        self.forward = Forward(loop.places(), step, self.layout)
        self.back = None if step.backward is None else Backward(loop.places(), step, self.layout)
        self.others: Sequence[Any] = []

    def ahead(self, *values: Any) -> Any:
        whole, self.others, kept = self._parted(_called(self.forward, values))
        return whole if self.back is None else Saved(whole, kept)

    def vjp(self, g: Any, out: Any, *inputs: Any, saved: Any = None) -> list[Any]:
        operands = self.step.operands.like(inputs)
        if any(type(v) is Tensor for v in (g, *inputs)):
            return _vjp(self.loop, self.layout, g, operands)
        assert self.back is not None
        if saved is None:
            saved = self._parted(_called(self.forward, inputs))[2]
        gradients = _called(self.back, (g, *inputs, *saved))
        found = dict(zip(self.step.wanted, gradients, strict=True))
        return [found.get(i, 0.0) for i in range(len(inputs))]

    def jvp(self, tangents: Sequence[Any], out: Any, *inputs: Any, saved: Any = None) -> Any:
        like = self.step.operands.like
        whole = _jvp(self.loop, self.layout, like(inputs), like(tangents))
        recorded = any(type(v) is Tensor for v in (*tangents, *inputs))
        return whole if recorded else value_of(whole)

    def _parted(self, results: Sequence[Any]) -> tuple[Any, Sequence[Any], tuple[Any, ...]]:
        """The whole, the results that are no floats, and what is kept."""
        layout = self.layout
        count = 1 + len(layout.carry) + len(layout.ys) - len(layout.parts)
        return results[0], results[1:count], tuple(results[count:])


def _wants(value: Any) -> bool:
    return type(value) is Tensor and bool(value._wants)


def _is_number(operand: Any) -> bool:
    return type(operand._value if type(operand) is Tensor else operand) is float


def _called(kernel: Callable[..., Any], values: Sequence[Any]) -> Any:
    """What a loop makes of values; of traced ones, one call of the program that is recorded."""
    for value in values:
        if getattr(type(value), "traced", False):
            return value.tape.record(kernel, values)
    return kernel(*values)


# ---- on Tensors: loops again


def _floats(values: Sequence[Any]) -> list[int]:
    """The places of what can have a gradient."""
    return [i for i, v in enumerate(values) if np.result_type(_numbers(v)).kind == "f"]


def _numbers(value: Any) -> Any:
    value = value._value if type(value) is Tensor else value
    return getattr(value, "dtype", value)


class _Moving:
    """A loop's step as a function of some of its operands, for the transforms.

    `others` are those of its results, after a call, that can have no gradient.
    """

    def __init__(self, loop: Loop, given: Operands, places: Sequence[int]) -> None:
        self.loop, self.given, self.places = loop, given, places
        self.others: list[Any] = []

    def __call__(self, *moved: Any) -> list[Any]:
        operands = list(self.given.all)
        for place, value in zip(self.places, moved, strict=True):
            operands[place] = value
        results = self.loop.body(*map(list, self.given.like(operands)))
        flat = [r if type(r) is Tensor else leaf(r) for part in results for r in part]
        floats = set(_floats(flat))
        self.others = [r for i, r in enumerate(flat) if i not in floats]
        return [flat[i] for i in sorted(floats)]

    @property
    def primals(self) -> list[Any]:
        operands = self.given.all
        return [operands[i] for i in self.places]


def _vjp(loop: Loop, layout: Layout, g: Any, given: Operands) -> list[Any]:
    """The gradients of a loop's operands as nodes: a loop from its last step to its first."""
    carry, xs, fixed = given
    operands = given.all
    split = len(carry), len(carry) + len(xs)
    _, states = run(_with_states(loop), given)
    moving = [i for i in _floats(operands) if i < split[0] or _wants(operands[i])]
    own = [i for i in moving if split[0] <= i < split[1]]
    shared = [i for i in moving if i >= split[1]]
    first = [part.of(g) for part in layout.carry if part is not None]
    arriving = [part.of(g) for part in layout.ys if part is not None]
    zeros = [_nothing(value_of(operands[i])) for i in shared]

    def body(
        now: list[Tensor], x: list[Tensor], fixed: list[Tensor] | None
    ) -> tuple[list[Any], list[Any]]:
        at = Operands(x[: split[0]], x[split[0] : split[1]], fixed or [])
        step = _Moving(loop, at, moving)
        _, pullback = vjp(step, *step.primals)
        gradients = pullback([*now[: len(first)], *x[split[1] :]])
        d_states = gradients[: len(first)]
        d_own = gradients[len(first) : len(first) + len(own)]
        d_shared = gradients[len(first) + len(own) :]
        sums = [t + d for t, d in zip(now[len(first) :], d_shared, strict=True)]
        return [*d_states, *sums], list(d_own)

    back = replace(loop, body=body, backward=not loop.backward)
    ends, totals = run(back, Operands([*first, *zeros], [*states, *xs, *arriving], fixed))
    found: dict[int, Any] = dict(zip([i for i in moving if i < split[0]], ends, strict=False))
    found.update(zip(own, totals, strict=True))
    found.update(zip(shared, ends[len(first) :], strict=True))
    return [found.get(i, 0.0) for i in range(len(operands))]


def _nothing(value: Any) -> Any:
    return 0.0 if is_number(value) else np.zeros(value.shape, value.dtype)


def _with_states(loop: Loop) -> Loop:
    """The loop that puts out what each step was given to carry."""

    def body(
        carry: list[Tensor], x: list[Tensor], fixed: list[Tensor] | None
    ) -> tuple[list[Any], list[Any]]:
        return loop.body(carry, x, fixed)[0], list(carry)

    return replace(loop, body=body)


def _jvp(loop: Loop, layout: Layout, given: Operands, tangents: Operands) -> Any:
    """The tangent of a loop's whole: a loop that carries tangents beside the values."""
    places = [_floats(part) for part in given]
    moving = _floats(given.all)
    sizes = [len(part) for part in given]

    def body(
        carry: list[Tensor], x: list[Tensor], fixed: list[Tensor] | None
    ) -> tuple[list[Any], list[Any]]:
        parts = (carry, x, fixed or [])
        at = Operands(*(part[:size] for part, size in zip(parts, sizes, strict=True)))
        step = _Moving(loop, at, moving)
        moved = [t for part, size in zip(parts, sizes, strict=True) for t in part[size:]]
        values, moves = jvp(step, step.primals, moved)
        values, others = iter(values), iter(step.others)
        new = [next(others) if p is None else next(values) for p in layout.carry]
        count = sum(p is not None for p in layout.carry)
        return [*new, *moves[:count]], list(moves[count:])

    both = Operands(*(
        [*part, *(_like(t[i], part[i]) for i in chosen)]
        for part, t, chosen in zip(given, tangents, places, strict=True)
    ))  # fmt: skip
    ends, totals = run(replace(loop, body=body), both)
    flat = [_flat(t, layout.dtype) for t in (*ends[len(layout.carry) :], *totals)]
    return np.concatenate(flat) if flat else np.zeros(0, layout.dtype)


def _like(tangent: Any, operand: Any) -> Any:
    """A tangent in the dtype and shape of its operand."""
    from autograd.forward import as_value

    return as_value(tangent, value_of(operand))


def _flat(result: Tensor, dtype: np.dtype) -> Tensor:
    flat = (result * np.ones(1, dtype)) if result.ndim == 0 else result.reshape(-1)
    return flat if flat.dtype == dtype else flat.astype(dtype)
