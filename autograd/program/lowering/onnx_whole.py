"""Gates that ONNX has an operator of its own for, found in a recording by what they call.

A gate is recorded as the calls that it makes, such as the eight of a softmax. A form is a function
that makes the same ones; where they are found, one after the other's results, the operator stands
for all of them. Whoever reads the file then sees the gate, and its derivative at a kink.

A form is for those dtypes in which onnxruntime has the operator and its numbers are right: of
doubles it has no Softplus, LeakyRelu, Elu, Selu or Gelu, its LogSoftmax loses a nan, and what is
added to a variance, an attribute, is rounded to single precision in every file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from autograd.eager import value_of
from autograd.gates.exponential import sigmoid
from autograd.gates.logarithmic import softplus
from autograd.gates.probabilities import log_softmax, logsumexp, softmax
from autograd.gates.rounding import softsign
from autograd.gates.selection import relu, where
from autograd.gates.special import erfc
from autograd.program.instruction import Instruction, Recording, Ref
from autograd.program.loop_step import recorded
from autograd.program.lowering.onnx_graph import Wire, graph_of, promoted
from autograd.program.lowering.onnx_reductions import reduced

__all__ = ["Operator", "Own", "with_operators"]

ALPHA, GAMMA, EPSILON = 0.123456789, 0.223456789, 0.323456789
"""Stand in a form for numbers that are the operator's attributes."""

NAMES = {ALPHA: "alpha", GAMMA: "gamma", EPSILON: "epsilon"}

SINGLE, BOTH = ("float32",), ("float32", "float64")

EITHER_WAY = frozenset({"add", "maximum", "minimum", "multiply"})


class Operator(NamedTuple):
    """What a call is in a file: an operator with attributes, in place of a function."""

    op: str
    attributes: Mapping[str, Any]

    @property
    def __name__(self) -> str:
        return self.op

    def node(self, *operands: Any) -> Wire:
        wires, attributes = promoted(*operands), dict(self.attributes)
        if self.op == "ReduceLogSumExp":
            return reduced(self.op, wires[0], attributes["axis"], True)
        return graph_of(*wires).node(
            self.op, *wires, shape=wires[0].shape, dtype=wires[0].dtype, **attributes
        )


class Own(NamedTuple):
    """What a call is in a file: a function of the model's own, by a recording of what it does."""

    name: str
    recording: Recording

    @property
    def __name__(self) -> str:
        return self.name


class Form(NamedTuple):
    """An operator, and what makes its calls of so many operands.

    The name of a function of the model's own is in small letters, as the gate's is.

    Attributes: `dtypes` that it is for; `opset`, since when there is the operator; `gate`, where
    the calls alone do not tell; `fixed` attributes.
    """

    op: str
    calls: Callable[..., Any]
    operands: int = 1
    dtypes: tuple[str, ...] = SINGLE
    opset: int = 18
    gate: str = ""
    fixed: Mapping[str, Any] = {}


def exponential_below(x: Any) -> Any:
    return np.expm1(where(x > 0.0, 0.0, x))


def gelu(x: Any) -> Any:
    return np.maximum(x, -40.0) * (0.5 * erfc(-math.sqrt(0.5) * x))


def mean(x: Any) -> Any:
    n = x.shape[-1]
    return np.matmul(x, np.ones((n, 1), x.dtype)) / n


def layer_norm(x: Any, gamma: Any, beta: Any) -> Any:
    x, gamma, beta = map(value_of, (x, gamma, beta))  # NumPy's calls, as in the gate itself
    centred = x - mean(x)
    return beta + gamma * (centred * (1.0 / np.sqrt(mean(np.square(centred)) + EPSILON)))


FORMS = (
    Form("LayerNormalization", layer_norm, 3, fixed={"axis": -1}),
    Form("Softmax", softmax, dtypes=BOTH),
    Form("LogSoftmax", log_softmax),
    Form("ReduceLogSumExp", lambda x: logsumexp(x, axis=-1, keepdims=True), dtypes=BOTH),
    Form("Sigmoid", sigmoid, dtypes=BOTH),
    Form("Gelu", gelu, opset=20),
    Form("Selu", lambda x: GAMMA * where(x > 0.0, x, ALPHA * exponential_below(x))),
    Form("Elu", lambda x: where(x > 0.0, x, ALPHA * exponential_below(x))),
    Form("Elu", lambda x: where(x > 0.0, x, exponential_below(x))),
    Form("LeakyRelu", lambda x: where(x > 0.0, x, ALPHA * x)),
    Form("PRelu", lambda x, slope: where(x > 0.0, x, slope * x), 2),
    Form("Softplus", softplus),
    Form("softplus", softplus, dtypes=("float64",)),
    Form("softsign", softsign, dtypes=BOTH),  # at infinity onnxruntime's is nan
    Form("Relu", relu, dtypes=BOTH, gate="relu"),
)


class Pattern(NamedTuple):
    """A form as it is recorded for a dtype."""

    form: Form
    recording: Recording
    made: Mapping[int, Instruction]


def patterns(dtype: str, n: int) -> Iterator[Pattern]:
    """The forms for arrays of a dtype whose last axis is of length `n`."""
    for place, form in enumerate(FORMS):
        if dtype in form.dtypes:
            yield recorded_form(place, dtype, n if form.operands == 3 else 2)


@cache
def recorded_form(place: int, dtype: str, n: int) -> Pattern:
    form = FORMS[place]
    examples = [np.ones((2, n), dtype), *[np.ones(n, dtype)] * (form.operands - 1)]
    recording = recorded(form.calls, examples)
    return Pattern(form, recording, makers(recording))


def makers(recording: Recording) -> dict[int, Instruction]:
    return {register: i for i in recording.instructions for register in i.outputs}


def with_operators(
    recording: Recording, instructions: list[Instruction], opset: int
) -> list[Instruction]:
    """The instructions, operators in place of those that make up one; without what is for them
    alone."""
    made = {register: i for i in instructions for register in i.outputs}
    changed = {}
    for place, instruction in enumerate(instructions):
        value = recording.values[instruction.output] if instruction.outputs else None
        if value is None or value.weak or not value.shape or instruction.several:
            continue
        for pattern in patterns(str(value.dtype), int(value.shape[-1])):
            if pattern.form.opset > opset:
                continue
            found = Match(pattern, recording, made).of(instruction)
            if found is not None:
                changed[place] = found
                break
    if not changed:
        return instructions
    kept, needed = [], set(recording.outputs)
    for place in reversed(range(len(instructions))):
        instruction = changed.get(place, instructions[place])
        if instruction.effect or not needed.isdisjoint(instruction.outputs):
            kept.append(instruction)
            needed.update(instruction.reads)
    return kept[::-1]


class Match:
    """A try to find a pattern at an instruction: which register stands for which."""

    def __init__(
        self, pattern: Pattern, recording: Recording, made: Mapping[int, Instruction]
    ) -> None:
        self.pattern, self.recording, self.made = pattern, recording, made
        self.found: dict[Any, Any] = {}

    def of(self, instruction: Instruction) -> Instruction | None:
        """The operator's call in place of the instruction; None where it is something else."""
        form, recording = self.pattern.form, self.pattern.recording
        last = self.pattern.made[recording.outputs[0]]
        if last.name != instruction.name or (form.gate and instruction.gate != form.gate):
            return None
        if not self.same_call(last, instruction):
            return None
        operands = [self.found[register] for register in recording.inputs]
        out = self.recording.values[instruction.output]
        x, *others = (self.recording.values[register] for register in operands)
        if (
            x.dtype != out.dtype
            or x.weak
            or any(v.dtype != out.dtype and not v.weak for v in others)
        ):
            return None
        if form.op == "PRelu" and others[0].shape not in ((), x.shape[-len(others[0].shape) :]):
            return None
        if form.op != "ReduceLogSumExp" and x.shape != out.shape:
            return None
        attributes = {**form.fixed, **{k: v for k, v in self.found.items() if isinstance(k, str)}}
        if form.op in ("Softmax", "LogSoftmax") and not isinstance(attributes["axis"], int):
            return None  # over several axes, or all of them
        is_own = form.op.islower()
        function: Any = Own(form.op, recording) if is_own else Operator(form.op, attributes)
        return replace(
            instruction, function=function, args=tuple(map(Ref, operands)), kwargs={}, several=False
        )

    def same_call(self, mine: Instruction, other: Instruction) -> bool:
        if mine.name != other.name or mine.kwargs.keys() != other.kwargs.keys():
            return False
        for key, value in mine.kwargs.items():
            if key == "axis":
                if self.found.setdefault(key, other.kwargs[key]) != other.kwargs[key]:
                    return False
            elif not self.same(value, other.kwargs[key]):
                return False
        before = dict(self.found)
        for args in self.orders(other):
            self.found = dict(before)
            if self.same(mine.args, args):
                return True
        return False

    def orders(self, call: Instruction) -> Iterator[tuple[Any, ...]]:
        yield call.args
        if call.name in EITHER_WAY and len(call.args) == 2:
            yield call.args[::-1]

    def same(self, mine: Any, other: Any) -> bool:
        if type(mine) is Ref:
            return type(other) is Ref and self.same_register(mine.register, other.register)
        if type(mine) in (tuple, list):
            return type(other) is type(mine) and len(other) == len(mine) and all(
                self.same(a, b) for a, b in zip(mine, other, strict=True)
            )  # fmt: skip
        if type(mine) is float and mine in NAMES:
            is_number = isinstance(other, (int, float, np.floating)) and type(other) is not bool
            return is_number and self.found.setdefault(NAMES[mine], float(other)) == float(other)
        return type(other) is not Ref and np.shape(other) == () and bool(mine == other)

    def same_register(self, mine: int, other: int) -> bool:
        if mine in self.found:
            return bool(self.found[mine] == other)
        pattern = self.pattern
        if mine in pattern.recording.inputs:
            self.found[mine] = other
            return True
        if mine in pattern.recording.constants:
            constants = self.recording.constants
            fits = other in constants and np.array_equal(
                pattern.recording.constants[mine], constants[other]
            )
        else:
            there = self.made.get(other)
            fits = there is not None and self.same_call(pattern.made[mine], there)
        if fits:
            self.found[mine] = other
        return fits
