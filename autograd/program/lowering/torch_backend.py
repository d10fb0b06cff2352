"""Back end "torch": a recording as a graph of PyTorch's own calls.

From its second run on the recording is what `make_fx` traced, the calls alone in a row, which
`"torch.compile"` hands to PyTorch's compiler besides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack
from torch.fx.experimental.proxy_tensor import make_fx

from autograd.program.backend import Request
from autograd.program.instruction import Instruction, Recording, Value
from autograd.program.loop_runs import Backward, Forward, Part
from autograd.program.lowering.torch_numbers import NAMESPACE, NUMBERS, as_tensor, dtype_of
from autograd.program.lowering.torch_places import PLACES
from autograd.program.lowering.torch_products import PRODUCTS
from autograd.program.lowering.torch_reductions import REDUCTIONS
from autograd.program.lowering.torch_windows import WINDOWS
from autograd.program.lowering.walk import Check, Halves, expect_lowerings, walk
from autograd.program.numbers import Choice, FloatFunction

__all__ = ["Compiled", "Traced", "Tracer"]


TABLE = {**NUMBERS, **PLACES, **PRODUCTS, **REDUCTIONS, **WINDOWS}
"""What stands for which of NumPy's functions."""

_tracing = Lock()
"""Held while PyTorch traces, which it does for one thread at a time."""


class Tracer:
    """PyTorch in place of NumPy, while a recording is gone over."""

    asked = 'backend="torch"'
    otherwise = (
        "compute this part outside of the compiled function, write it by other gates, or take "
        'backend="numpy"'
    )

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def is_own(self, value: Any) -> bool:
        return isinstance(value, torch.Tensor)

    def fitted(self, result: Any, value: Value) -> Any:
        return as_tensor(result, torch.float64 if value.weak else dtype_of(value.dtype))

    def lowering(self, instruction: Instruction) -> Callable[..., Any] | None:
        function, name = instruction.function, instruction.name
        if isinstance(function, (FloatFunction, Choice)):
            return function.lowered(NAMESPACE)
        if isinstance(function, Forward):
            return partial(self.forward, function)
        if isinstance(function, Backward):
            return partial(self.backward, function)
        return TABLE.get(name)

    def inner(self, recording: Recording, given: Sequence[Any]) -> list[Any]:
        """The results of a program inside of the one that is gone over."""
        known = {**recording.constants, **dict(zip(recording.inputs, given, strict=True))}
        walk(self, recording.instructions, known, recording.values)
        return [as_tensor(known[register]) for register in recording.outputs]

    # ---- loops, step by step

    def forward(self, loop: Forward, *values: Any) -> tuple[Any, ...]:
        step, layout = loop.step, loop.layout
        carry, xs, fixed = step.operands.like(values)
        carry = list(map(self.fitted, carry, step.operands.carry))
        count, length = len(carry), len(loop.places)
        rows: list[list[Any]] = [[] for _ in range(length)]
        for t in loop.places:
            made = self.inner(step.forward.recording, [*carry, *[x[t] for x in xs], *fixed])
            rows[t] = [*(carry[i] for i in step.read), *made[count:]]
            carry = made[:count]
        columns = [torch.stack(column) for column in zip(*rows, strict=True)]
        states, results = columns[: len(step.read)], columns[len(step.read) :]
        ys, kept = results[: len(layout.ys)], results[len(layout.ys) :]
        pairs = list(zip([*carry, *ys], [*layout.carry, *layout.ys], strict=True))
        flat = [r.reshape(-1).to(dtype_of(layout.dtype)) for r, part in pairs if part is not None]
        whole = torch.cat([torch.zeros(0, dtype=dtype_of(layout.dtype)), *flat])
        return (whole, *[r for r, part in pairs if part is None], *states, *kept)

    def backward(self, loop: Backward, g: Any, *given: Any) -> tuple[Any, ...]:
        step, layout = loop.step, loop.layout
        assert step.backward is not None
        operands = step.operands.all
        first = len(step.operands.carry)
        split, sizes = first + len(step.operands.xs), len(operands)
        moving = [given[i] for i in step.seen if i < split] + list(given[sizes:])
        seen = sum(i < split for i in step.seen)
        states = moving[seen : seen + len(step.read)]
        kept = moving[seen + len(step.read) :]
        fixed = [given[i] for i in step.seen if i >= split]
        carried = [self.part(part, g) for part in layout.carry if part is not None]
        arriving = [self.part(part, g) for part in layout.ys if part is not None]
        n, own = len(carried), sum(first <= i < split for i in step.wanted)
        rows: list[list[Any]] = [[] for _ in loop.places]
        sums: list[Any] = [
            self.fitted(np.zeros(operands[i].shape), operands[i]) for i in step.wanted if i >= split
        ]
        for t in reversed(loop.places):
            made = self.inner(step.backward.recording, [
                *[s[t] for s in states], *[x[t] for x in moving[:seen]], *fixed,
                *[k[t] for k in kept], *carried, *[a[t] for a in arriving],
            ])  # fmt: skip
            carried, rows[t] = made[:n], made[n : n + own]
            sums = [total + one for total, one in zip(sums, made[n + own :], strict=True)]
        columns = [torch.stack(column) for column in zip(*rows, strict=True)]
        return (*carried, *columns, *sums)

    def part(self, part: Part, whole: Any) -> Any:
        """A result's part of an array of all."""
        return self.fitted(whole[part.start : part.stop].reshape(part.shape), part.value)


class Traced:
    """What runs a recording by PyTorch, call by call."""

    scalars = "wide"

    def __init__(self, recording: Recording, request: Request) -> None:
        expect_lowerings(Tracer(), recording)
        self.recording, self.halves = recording, Halves(recording)
        self._checks: dict[int, list[Check]] = {}
        self._graphs: dict[int, Callable[..., Any]] = {}

    @property
    def source(self) -> str:
        """The Python text of the first half's calls."""
        given = [torch.zeros(v.shape, dtype=dtype_of(v.dtype)) for v in self._of(self._given(0))]
        return str(self._traced(0, given).code)

    def forward(self, *given: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        drawn = [draw() for draw, _ in self.halves.draws[0]]
        with torch.no_grad():
            results, left, looked = self._run(0, [*map(shared, given), *map(shared, drawn)])
        look(self._checks[0], looked)
        return self.own(results, (*self.recording.outputs, *self.recording.assigned)), left

    def backward(self, seed: Any, *given_and_left: Any) -> Sequence[Any]:
        drawn = [draw() for draw, _ in self.halves.draws[1]]
        with torch.no_grad():
            results, _, looked = self._run(1, [*map(shared, (*given_and_left, seed, *drawn))])
        look(self._checks[1], looked)
        return self.own(results, self.recording.gradients)

    def own(self, results: Sequence[Any], registers: Sequence[int]) -> list[Any]:
        """Results as NumPy's arrays, in memory of their own, and Python floats."""
        return [
            float(result) if value.weak else np.array(result.numpy())
            for result, value in zip(results, self._of(registers), strict=True)
        ]

    def _of(self, registers: Sequence[int]) -> list[Value]:
        return [self.recording.values[register] for register in registers]

    def _given(self, half: int) -> list[int]:
        """The registers that a half is given, in order."""
        recording = self.recording
        drawn = [register for _, register in self.halves.draws[half]]
        if half == 0:
            return [*recording.inputs, *drawn]
        assert recording.seed is not None
        return [*recording.inputs, *self.halves.needed, recording.seed, *drawn]

    def differentiable(self, given: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The first half's results, through which gradients flow by PyTorch's own rules."""
        drawn = [draw() for draw, _ in self.halves.draws[0]]
        results, _, looked = self._run(0, [*given, *map(shared, drawn)])
        look(self._checks[0], looked)
        return list(results)

    def _run(self, half: int, given: Sequence[Any]) -> Any:
        """The first time call by call, since tracing takes longer; then what was traced."""
        if half not in self._checks:
            return self._gone_over(half, *given)
        if half not in self._graphs:
            self._graphs[half] = self.made(self._traced(half, given))
        return self._graphs[half](*given)

    def made(self, graph: Any) -> Callable[..., Any]:
        """What runs a graph of calls."""
        return graph

    def _traced(self, half: int, given: Sequence[Any]) -> Any:
        """The calls of a half, found with tensors that have no numbers: one that is looked at as
        an array is an error then, and not a constant from then on."""
        with _tracing, torch.no_grad(), temporarily_clear_interpreter_stack():
            trace = make_fx(partial(self._gone_over, half), tracing_mode="fake")
            return trace(*[torch.empty(v.shape, dtype=v.dtype) for v in given])

    def _gone_over(self, half: int, *given: Any) -> Any:
        """A half: its results, what the other half needs, and what is to be looked at."""
        recording, tracer = self.recording, Tracer()
        known = {**recording.constants, **dict(zip(self._given(half), given, strict=True))}
        walk(tracer, (self.halves.first, self.halves.second)[half], known, recording.values)
        self._checks[half] = tracer.checks
        wanted = recording.gradients if half else (*recording.outputs, *recording.assigned)
        left = [] if half else self.halves.needed
        looked = [[v for v in c.values if tracer.is_own(v)] for c in tracer.checks]
        return [as_tensor(known[r]) for r in wanted], [as_tensor(known[r]) for r in left], looked


class Compiled(Traced):
    """The same, by PyTorch's compiler, which needs a C++ compiler on the machine."""

    def made(self, graph: Any) -> Callable[..., Any]:
        compiled: Callable[..., Any] = torch.compile(graph)
        return compiled


def shared(value: Any) -> torch.Tensor:
    """An array as a tensor over its memory, where PyTorch can lie there: nothing here writes."""
    if isinstance(value, torch.Tensor):
        return value
    if type(value) is np.ndarray and value.flags.writeable and min(value.strides, default=0) >= 0:
        return torch.from_numpy(value)
    return as_tensor(value)


def look(checks: Sequence[Check], looked: Sequence[Sequence[Any]]) -> None:
    """Look at what a run returned for it, where it has numbers: under `torch.vmap` it has none."""
    for check, found in zip(checks, looked, strict=True):
        if any(map(torch._C._functorch.is_batchedtensor, found)):
            continue
        numbers = iter([one.detach().numpy() for one in found])
        own = [isinstance(value, torch.Tensor) for value in check.values]
        given = zip(check.values, own, strict=True)
        check.function(*[next(numbers) if mine else value for value, mine in given])
