"""A step of a loop, recorded once: the programs that run it forward, and back.

The step is recorded with its gradient on one tape, which is then cut in two. What the second part
reads of the first is kept for each step; or the states alone are, and the second part computes the
rest again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from autograd import modes
from autograd.effects import Draw
from autograd.errors import CompileError, UnsupportedError
from autograd.fresh import of_its_own
from autograd.program.instruction import Instruction, Recording, Value
from autograd.program.passes import stages
from autograd.program.passes.pruning import drop_dead_code
from autograd.program.program import Input, Program
from autograd.program.repeating import Repetition, Sketch, check_repeats
from autograd.program.surroundings import Surroundings
from autograd.program.symbol import Symbol
from autograd.program.tape import Tape
from autograd.propagation import propagate
from autograd.tensor import Tensor, here, leaf
from autograd.traversal import backward_pass

__all__ = ["Body", "Operands", "LoopStep", "fitted", "loop_step", "recorded", "stack"]

Body = Callable[[list[Tensor], list[Tensor], list[Tensor] | None], tuple[list[Any], list[Any]]]
"""Of the carried values, those of the step, and the fixed ones: the carried ones of the next step,
and what the step puts out. Without fixed ones it reads what they stand for from outside."""


DRAWS = (
    "the step of a scan draws at random, and is recorded once: draw for all steps before, and let "
    "each take its own from xs, as in noise = ag.sample(lambda: rng.normal(size=(steps, 3)))"
)


class _Apart(modes.Block):
    """A recording of its own, whatever is recorded around it."""

    __slots__ = ("tape",)

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self.tape = tape

    def change(self, mode: Any) -> Any:
        return modes.Mode(scope=mode.scope, place=mode.place, tape=self.tape)


class Operands(NamedTuple):
    """What a loop is given: carried values, those of which each step has its own, fixed ones."""

    carry: Sequence[Any]
    xs: Sequence[Any]
    fixed: Sequence[Any]

    @property
    def all(self) -> tuple[Any, ...]:
        return (*self.carry, *self.xs, *self.fixed)

    def like(self, values: Sequence[Any]) -> Operands:
        """Others of the same numbers."""
        first, second = len(self.carry), len(self.carry) + len(self.xs)
        return Operands(values[:first], values[first:second], values[second:])


@dataclass(frozen=True)
class LoopStep:
    """The programs of one step.

    Attributes
    ----------
    operands : what is known of the operands, of those of each step without the step's axis.
    carry, ys : what is known of the results.
    forward : computes the results, and then what is to be kept, `kept`.
    backward : the gradients of the operands at the places `wanted`; None where there are none. It
        reads the carried operands at the places `read`, the others' `seen`, all that is kept, and a
        gradient for each result of floats.
    outside : the Tensors that the fixed operands are, in their order, where they were looked for.
    """

    operands: Operands
    carry: Sequence[Value]
    ys: Sequence[Value]
    forward: Program
    kept: Sequence[Value]
    backward: Program | None
    wanted: Sequence[int]
    read: Sequence[int]
    seen: Sequence[int]
    outside: list[Tensor]


def loop_step(
    body: Body,
    given: Operands,
    length: int,
    differentiates: bool,
    *,
    check: Callable[[list[Value], list[Value]], None],
    looking: bool,
    checkpoint: bool,
    watched: Callable[..., Any] | None = None,
) -> LoopStep:
    """Run the body once, on symbols, and make the programs of it.

    Parameters
    ----------
    given : operands, whose first values are examples.
    differentiates : whether a gradient is wanted where an operand wants one.
    check : is told of the carried values as they were and as they became, and raises where those
        differ.
    looking : whether the fixed operands are yet to be found: all that the body reads from outside.
    watched : a function whose names are watched for what a program would not repeat.

    Raises CompileError (a TypeError) where the body needs the numbers, UnsupportedError (one, too)
    where it draws at random or assigns to Tensors.
    """
    with np.errstate(all="call", call=lambda *_: None):  # the first run of the step will warn
        tape = Tape()
        with _Apart(tape):
            around = None if watched is None else Surroundings(watched)
            if around is not None:
                tape.outside.watch(around)
                around.settings()
            carry, x, fixed = _arguments(tape, given, length, differentiates)
            new, ys = body(carry, x, None if looking else fixed)
            symbols = [tape.output(result) for result in (*new, *ys)]
            _refuse_effects(tape)
            if around is not None and (around.leave_out_changed() or not around.is_sure):
                _check_repeats(body, given, length, differentiates, Sketch.of(tape, [*new, *ys]))
            outside = list(tape.outside.readings)
            nodes = [*carry, *x, *fixed, *tape.outside.readings.values()]
            inputs = [node._value.register for node in nodes]
            known = [tape.registers.values[register] for register in inputs]
            check(
                known[: len(carry)],
                [tape.registers.values[s.register] for s in symbols[: len(new)]],
            )
            wanted = [i for i, node in enumerate(nodes) if differentiates and node._wants]
            moving = [(o, s) for o, s in zip((*new, *ys), symbols, strict=True) if _moves(s)]
            seeds = [tape.input(_ones(s)) for _, s in moving] if wanted else []
            targets = [nodes[i] for i in wanted]
            gradients = _vjp(tape, [o for o, _ in moving], seeds, targets) if wanted else []
            tape.closed = True
    recording = tape.recording(
        [*inputs, *(s.register for s in seeds)], [*symbols, *gradients], [], None
    )
    recording = stages(recording)[-1][1]
    results, sought = recording.outputs[: len(symbols)], recording.outputs[len(symbols) :]
    split = seeds[0].register if seeds else len(recording.values)
    back = None
    kept: list[int] = []
    needed: set[int] = set()
    if wanted:
        back, kept, needed = _cut(recording, sought, split, inputs, again=checkpoint)
    count = len(carry), len(carry) + len(x)
    read = [i for i in range(count[0]) if inputs[i] in needed]
    seen = [i for i in range(count[0], len(inputs)) if inputs[i] in needed]
    arguments = [*(inputs[i] for i in (*read, *seen)), *kept, *(s.register for s in seeds)]
    return LoopStep(
        Operands(known[: count[0]], known[count[0] : count[1]], known[count[1] :]),
        [recording.values[register] for register in results[: len(new)]],
        [recording.values[register] for register in results[len(new) :]],
        _program(recording, inputs, [*results, *kept]),
        [_stacked(recording.values[register]) for register in kept],
        None if back is None else _program(back, arguments, sought),
        wanted,
        read,
        seen,
        outside,
    )


def recorded(function: Callable[..., Any], examples: Sequence[Any]) -> Recording:
    """The recording of a function of arrays, which returns one or several, for ones such as these,
    whatever is recorded around.

    Raises CompileError (a TypeError) where it needs the numbers.
    """
    with np.errstate(all="ignore"):
        tape = Tape()
        with _Apart(tape):
            nodes = [_argument(tape, example, False) for example in examples]
            made = function(*nodes)
            results = [tape.output(r) for r in (made if type(made) in (tuple, list) else [made])]
            tape.closed = True
    inputs = [node._value.register for node in nodes]
    return stages(tape.recording(inputs, results, [], None))[-1][1]


def _arguments(
    tape: Tape, given: Operands, length: int, differentiates: bool
) -> tuple[list[Tensor], list[Tensor], list[Tensor]]:
    """Nodes for the operands of one step."""
    return (
        [_argument(tape, v, differentiates) for v in given.carry],
        [_argument(tape, _first(v, length), differentiates and _wants(v)) for v in given.xs],
        [_argument(tape, v, differentiates and _wants(v)) for v in given.fixed],
    )


def _check_repeats(
    body: Body, given: Operands, length: int, differentiates: bool, first: Sketch
) -> None:
    """Run the body a second time, and raise where it does something else."""
    tape = Tape()
    tape.before = Repetition(tape, first)
    with _Apart(tape):
        try:
            carry, x, _ = _arguments(tape, given, length, differentiates)
            new, ys = body(carry, x, None)
            check_repeats(first, Sketch.of(tape, [*new, *ys]))
        except Exception as error:
            raise UnsupportedError(
                "the step of a scan does something else each time that it runs, and is recorded "
                "once: it reads a clock, counts its calls, or draws at random. Give each step its "
                "own from xs, and carry in the state what changes"
            ) from error
    tape.closed = True


def _argument(tape: Tape, value: Any, wants: bool) -> Tensor:
    """A node for an operand, which wants a gradient where it is of floats."""
    value = _example(value)
    node = leaf(tape.input(value if type(value) is float else np.array(value, order="C")))
    node._wants = bool(wants) and _moves(node._value)
    return node


def _example(value: Any) -> Any:
    """The numbers of now of an operand."""
    value = here(value) if type(value) is Tensor else value
    return value.value if type(value) is Symbol else value


def _first(value: Any, length: int) -> Any:
    """An example of what a step sees of an operand of its own."""
    value = _example(value)
    return value[0, ...] if length else np.ones(value.shape[1:], value.dtype)


def _wants(value: Any) -> bool:
    return type(value) is Tensor and bool(value._wants)


def _moves(symbol: Symbol) -> bool:
    """Whether a value can have a gradient."""
    return bool(symbol.dtype.kind == "f")


def _ones(symbol: Symbol) -> Any:
    return 1.0 if symbol.weak else np.ones(symbol.shape, symbol.dtype)


def _refuse_effects(tape: Tape) -> None:
    """Raise where the step does what the pass back would do again."""
    if any(i.effect and isinstance(i.function, Draw) for i in tape.instructions):
        raise UnsupportedError(DRAWS)
    for tensor in tape.outside.assigned:
        raise UnsupportedError(
            f"the step of a scan assigns to a Tensor{_named(tensor)}, which would be done once and "
            "not at each step: carry it in the state, and assign it after the scan"
        )
    try:
        tape.outside.check()
    except CompileError as error:
        raise UnsupportedError(
            "the step of a scan draws at random or writes into an array from outside, which would "
            f"be done once and not at each step ({error}): draw for all steps before, and let each "
            "take its own from xs; carry in the state what changes"
        ) from error


def _named(tensor: Tensor) -> str:
    return "" if tensor.name is None else f", {tensor.name!r}"


def _vjp(
    tape: Tape, outputs: Sequence[Any], seeds: Sequence[Symbol], targets: Sequence[Tensor]
) -> list[Symbol]:
    """The gradients of the targets for seeds of the outputs."""
    nodes = [tape.outside.stand_in(o) if type(o) is Tensor else leaf(o) for o in outputs]
    chosen = [(node, s) for node, s in zip(nodes, seeds, strict=True) if node._wants]
    with backward_pass([n for n, _ in chosen], [s for _, s in chosen], targets) as order:
        propagate(order, keep=False)
        adjoints = [of_its_own(node._adjoint, node._value) for node in order.ends]
    return [tape.output(adjoint) for adjoint in adjoints]


def _cut(
    recording: Recording, sought: Sequence[int], split: int, inputs: Sequence[int], *, again: bool
) -> tuple[Recording, list[int], set[int]]:
    """The recording of the gradients; what it reads of the first part; all that it reads.

    Views are taken again, which costs nothing; all else too, where that is to be computed `again`.
    """
    needed = set(sought)
    given = set(inputs)
    chosen: list[Instruction] = []
    kept: dict[int, None] = {}
    for instruction in reversed(recording.instructions):
        if instruction.effect or needed.isdisjoint(instruction.outputs):
            continue
        late = max(instruction.outputs) > split
        view = recording.values[instruction.outputs[0]].view_of is not None
        if late or view or again:
            chosen.append(instruction)
            needed.update(instruction.reads)
        else:
            kept.update((register, None) for register in instruction.outputs if register in needed)
    values = list(recording.values)
    for register in kept:
        values[register] = _stacked(values[register])
    cut = replace(recording, values=values, instructions=tuple(reversed(chosen)))
    return cut, list(kept), needed & given


def _stacked(value: Value) -> Value:
    """A value as it lies in an array of those of all steps."""
    return replace(value, dense=True, view_of=None, spread=False)


def _program(recording: Recording, inputs: Sequence[int], outputs: Sequence[int]) -> Program:
    values = recording.values
    made = replace(recording, inputs=tuple(inputs), outputs=tuple(outputs), gradients=(), seed=None)
    names = [
        Input(register, None, f"argument {i}", values[register].shape, values[register].dtype)
        for i, register in enumerate(inputs)
    ]
    program = Program(made, names, title="step")
    program.stages = [("step", drop_dead_code(made))]  # a part of what the passes made
    return program


def stack(length: int, value: Value) -> np.ndarray:
    """Memory for a value of each step, which lies there as it did when it was recorded."""
    laid = np.empty((length, *(value.shape[axis] for axis in value.order)), value.dtype)
    return laid.transpose(0, *(1 + np.argsort(value.order))) if value.order else laid


def fitted(value: Any, known: Value) -> Any:
    """A value that lies in memory as the recorded one did, on which a program relies."""
    if known.weak:
        return float(value)
    if not known.dense or value.transpose(known.order).flags.c_contiguous:
        return value
    laid = np.empty([value.shape[axis] for axis in known.order], value.dtype)
    laid = laid.transpose(np.argsort(known.order))
    np.copyto(laid, value)
    return laid
