"""A recording as an ONNX model in a file.

Tensors that the program reads stand in it as they are now. A length that grows with the batch is
found by comparing two recordings of the same function, for batches of two sizes: what differs
between them is a multiple of the size and a number, and becomes an axis with a symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from onnx import helper

from autograd.effects import Draw
from autograd.errors import CompileError, DataError, OutOfRangeError
from autograd.exchange.onnx_operators import OURS
from autograd.files import write_whole
from autograd.program.instruction import Instruction, Recording, Ref, Value
from autograd.program.loop_runs import Forward, Layout
from autograd.program.lowering.onnx_graph import DOMAIN, Graph, Joined, Size, Wire, promoted
from autograd.program.lowering.onnx_numbers import NAMESPACE, NUMBERS
from autograd.program.lowering.onnx_places import PLACES
from autograd.program.lowering.onnx_products import PRODUCTS
from autograd.program.lowering.onnx_reductions import REDUCTIONS
from autograd.program.lowering.onnx_whole import Operator, Own, with_operators
from autograd.program.lowering.onnx_windows import WINDOWS
from autograd.program.lowering.walk import UNREAD, Check, expect_lowerings, in_gates, walk
from autograd.program.numbers import Choice, FloatFunction

__all__ = ["write"]

TABLE = {**NUMBERS, **PLACES, **PRODUCTS, **REDUCTIONS, **WINDOWS}
"""What stands for which of NumPy's functions."""

LEAST, MOST = 18, 22
"""The operator sets that these nodes are the same in."""


def write(
    path: Any, recording: Recording, names: Mapping[int, str], data: Mapping[int, Any], *,
    other: Recording | None = None, opset: int = LEAST, outputs: Sequence[str] = (),
    metadata: Mapping[str, str] = {},
) -> Path:  # fmt: skip
    """Write the forward half of a recording.

    Parameters
    ----------
    names : of the inputs, by register.
    data : those of the inputs that stand in the file.
    other : the same function's recording for another size of the batch.
    outputs : names of the results.
    metadata : texts that stand in the model beside the graph.
    """
    if type(opset) is not int or not LEAST <= opset <= MOST:
        raise OutOfRangeError(f"opset must be from {LEAST} to {MOST}, received {opset!r}")
    if other is not None:
        recording = Batches.between(recording, other, data).joined(recording, other)
    graph = Graph(TABLE)
    engine = Builder(graph, opset)
    known: dict[int, Any] = {}
    inputs = []
    for register in recording.inputs:
        value, name = recording.values[register], names[register]
        if register in data:
            known[register] = graph.parameter(name, np.asarray(data[register], value.dtype))
            continue
        wire = graph.input(name, value.shape, value.dtype, value.weak)
        known[register] = wire
        inputs.append(wire)
        for axis, length in enumerate(value.shape):
            if type(length) is Size and graph.batch is None:
                graph.batch = wire, axis
    engine.run(recording, known)
    results: list[Wire] = []
    for place, register in enumerate(recording.outputs):
        made = graph.wire(known[register])
        name = outputs[place] if place < len(outputs) else f"output{place}"
        shape = recording.values[register].shape
        results.append(Wire(graph, graph.name(name), shape, made.dtype))
        graph.nodes.append(helper.make_node("Identity", [made.name], [results[-1].name]))
    graph.prune({wire.name for wire in results})
    sets = [helper.make_opsetid("", opset)]
    if graph.functions:
        sets.append(helper.make_opsetid(DOMAIN, 1))
    model = helper.make_model(
        graph.proto("gategrad", inputs, results), opset_imports=sets, producer_name="gategrad",
        ir_version=helper.find_min_ir_version_for(sets[:1]),
        functions=list(graph.functions.values()),
    )  # fmt: skip
    helper.set_model_props(model, dict(metadata))
    try:
        onnx.checker.check_model(model, full_check=True)
        content = model.SerializeToString()
    except Exception as error:
        raise CompileError(f"the model is none that ONNX takes: {error}") from error
    return write_whole(Path(path), content)


class Builder:
    """ONNX in place of NumPy, while a recording is gone over.

    `gates` says whether gates become operators and functions, and not the nodes that make them up.
    """

    asked = "export_onnx"
    otherwise = "write it by other gates, or leave it out of the function that is exported"

    def __init__(self, graph: Graph, opset: int, gates: bool = True) -> None:
        self.graph, self.opset, self.gates = graph, opset, gates
        self.checks: list[Check] = []

    def is_own(self, value: Any) -> bool:
        return isinstance(value, Wire)

    def fitted(self, result: Any, value: Value) -> Any:
        wire = self.graph.cast(self.graph.wire(result), float if value.weak else value.dtype)
        if isinstance(wire, Joined) or wire.weak == value.weak:
            return wire
        return Wire(wire.graph, wire.name, wire.shape, wire.dtype, value.weak)

    def lowering(self, instruction: Instruction) -> Callable[..., Any] | None:
        function = instruction.function
        if isinstance(function, (FloatFunction, Choice)):
            return function.lowered(NAMESPACE)
        if isinstance(function, (Forward, Steps)):
            steps = function if isinstance(function, Steps) else Steps.of(function)
            return lambda *values: self.scanned(steps, values)
        if isinstance(function, Operator):
            return function.node
        if isinstance(function, Own):
            return lambda *values: self.called(function.name, self.written_out(function), values)
        if isinstance(function, Inlined):
            return lambda *values: self.inlined(function, values, instruction)
        found = TABLE.get(instruction.name)
        if found is None or not self.gates or instruction.name not in OURS or instruction.kwargs:
            return found
        return lambda *values: self.called(instruction.name, found, values)

    def called(self, name: str, lowered: Callable[..., Any], values: Sequence[Any]) -> Any:
        """A gate as a function of the model's own, where it takes several nodes."""
        kinds = {np.asarray(v).dtype.kind for v in values if not isinstance(v, Wire)}
        wires = promoted(*values, floats=True)
        body = Graph(TABLE)
        made = lowered(
            *[body.input(n, w.shape, w.dtype) for n, w in zip("abc", wires, strict=False)]
        )
        if len(body.nodes) < 2 or made.dtype != wires[0].dtype or not kinds <= set("fiub"):
            return lowered(*values)
        return self.graph.called(name, body, made, wires, self.opset)

    def written_out(self, function: Own) -> Callable[..., Any]:
        """What makes the nodes of a function, in the graph of its operands."""

        def lowered(*operands: Wire) -> Any:
            recording = function.recording
            shaped = [
                Wire(w.graph, w.name, recording.values[register].shape, w.dtype)
                for w, register in zip(operands, recording.inputs, strict=True)
            ]
            known = dict(zip(recording.inputs, shaped, strict=True))
            Builder(operands[0].graph, self.opset, gates=False).run(recording, known)
            return known[recording.outputs[0]]

        return lowered

    def run(self, recording: Recording, known: dict[int, Any], within: str = "") -> None:
        """Add the nodes of a recording's first half, from what is known to what it returns."""
        first = [
            with_gates(i, recording)
            for i in recording.instructions
            if not recording.in_second_half(i)
        ]
        if self.gates:
            first = with_operators(recording, first, self.opset)
        for instruction in first:
            if isinstance(instruction.function, Draw):
                raise CompileError(
                    f"the gate {instruction.gate!r} draws at random, which a model in a file does "
                    "not: export it as it is in use, after model.eval()"
                )
        for register, value in recording.constants.items():
            moves = type(value) is Stretched
            known[register] = self.graph.expanded(value.row, value.shape) if moves else value
        expect_lowerings(self, replace(recording, instructions=tuple(first)))
        for instruction in first:
            scope, gate = instruction.scope, instruction.gate or instruction.name
            self.graph.place = within + (f"{scope}/{gate}/" if scope else f"{gate}/")
            moving = has_sizes((instruction.args, instruction.kwargs)) or any(
                has_sizes(recording.values[register].shape) for register in instruction.outputs
            )
            if moving:  # NumPy knows no length that moves
                for register in instruction.reads:
                    known[register] = self.graph.wire(known[register])
            walk(self, [instruction], known, recording.values)

    def inlined(self, kernel: Inlined, values: Any, call: Instruction) -> Any:
        """What a kernel of a gate computes, by other gates; what it keeps besides nobody reads."""
        recording, place = kernel.recording, self.graph.place
        known = dict(zip(recording.inputs, values, strict=True))
        self.run(recording, known, place)
        return (known[recording.outputs[0]], *[UNREAD] * (len(call.outputs) - 1))

    def scanned(self, steps: Steps, values: Sequence[Any]) -> tuple[Any, ...]:
        """A loop as ONNX' Scan. Its body sees the fixed values by their names."""
        recording, layout = steps.recording, steps.layout
        wires = [self.graph.wire(v) for v in values]
        carry, xs, fixed = steps.parts(wires)
        kinds = [*steps.carry, *steps.xs]
        body = Graph(TABLE, self.graph)
        given = [
            body.input(f"{self.graph.place}step", kind.shape, kind.dtype, kind.weak)
            for kind in kinds
        ]
        carry = [self.fitted(w, kind) for w, kind in zip(carry, steps.carry, strict=True)]
        known = dict(zip(recording.inputs, [*given, *fixed], strict=True))
        inner = Builder(body, self.opset)
        inner.run(recording, known, self.graph.place)
        made = [body.wire(known[register]) for register in recording.outputs]
        made = [*made[: len(carry)], *(given[i] for i in steps.read), *made[len(carry) :]]
        outs = [body.identity(wire) for wire in made]
        attributes: dict[str, Any] = {}
        if steps.places.step < 0:
            attributes = {
                "scan_input_directions": [1] * len(xs),
                "scan_output_directions": [1] * (len(outs) - len(carry)),
            }
        length = len(steps.places)
        shapes = [
            (wire.shape if i < len(carry) else (length, *wire.shape), wire.dtype)
            for i, wire in enumerate(outs)
        ]
        results = self.graph.nodes_of(
            "Scan", *carry, *xs, results=shapes, num_scan_inputs=len(xs),
            body=body.proto("step", given, outs), **attributes,
        )  # fmt: skip
        last, rest = results[: len(carry)], results[len(carry) :]
        states, ys = rest[: len(steps.read)], rest[len(steps.read) :]
        ys, kept = ys[: len(layout.ys)], ys[len(layout.ys) :]
        pairs = list(zip([*last, *ys], [*layout.carry, *layout.ys], strict=True))
        whole = Joined(self.graph, [w for w, part in pairs if part is not None], layout.dtype)
        return (whole, *[w for w, part in pairs if part is None], *states, *kept)


class Steps(NamedTuple):
    """The step of a loop as it is gone over: its recording, and what is known of its operands."""

    places: range
    recording: Recording
    carry: Sequence[Value]
    xs: Sequence[Value]
    read: Sequence[int]
    layout: Layout
    name: str

    @classmethod
    def of(cls, loop: Forward) -> Steps:
        step = loop.step
        return cls(
            loop.places, step.forward.recording, step.operands.carry, step.operands.xs, step.read,
            loop.layout, loop.__name__,
        )  # fmt: skip

    @property
    def __name__(self) -> str:
        return self.name

    def parts(self, values: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        first, second = len(self.carry), len(self.carry) + len(self.xs)
        return list(values[:first]), list(values[first:second]), list(values[second:])


class Inlined(NamedTuple):
    """A kernel of a gate, by a recording of other gates."""

    recording: Recording
    name: str

    @property
    def __name__(self) -> str:
        return self.name


def with_gates(call: Instruction, recording: Recording) -> Instruction:
    """A call of a kernel that other gates describe, by these."""
    described = in_gates(call, recording.values)
    if described is None:
        return call
    function: Any = Inlined(described, call.name)
    return replace(call, function=function)


# ---- two recordings as one


class Batches(NamedTuple):
    """Two sizes of the batch, of two recordings of one function."""

    one: int
    two: int

    @classmethod
    def between(cls, one: Recording, two: Recording, data: Mapping[int, Any]) -> Batches:
        """The sizes, found where the shapes of the inputs differ."""
        found = set()
        for a, b in zip(one.inputs, two.inputs, strict=False):
            if a not in data:
                shapes = one.values[a].shape, two.values[b].shape
                found |= {pair for pair in zip(*shapes, strict=False) if len(set(pair)) == 2}
        if len(found) != 1:
            raise DataError(
                "a symbolic axis needs two programs of one function, whose inputs differ in one "
                f"length; these differ in {sorted(found) or 'none'}"
            )
        return cls(*found.pop())

    def joined(self, one: Recording, two: Recording) -> Recording:
        """The first one, with a `Size` for each whole number in which the two differ.

        Raises CompileError (a TypeError) where they differ in anything else.
        """
        alike = (
            len(one.values) == len(two.values) and one.inputs == two.inputs
            and one.outputs == two.outputs and one.constants.keys() == two.constants.keys()
            and len(one.instructions) == len(two.instructions)
        )  # fmt: skip
        if not alike:
            raise CompileError(
                f"the function computes otherwise for {self.one} rows than for {self.two}: what it "
                "does must not depend on their number, if that is to be open"
            )
        values = [self.of_value(a, b) for a, b in zip(one.values, two.values, strict=True)]
        constants = {r: self.constant(a, two.constants[r]) for r, a in one.constants.items()}
        pairs = zip(one.instructions, two.instructions, strict=True)
        instructions = tuple(self.of_call(with_gates(a, one), with_gates(b, two)) for a, b in pairs)
        return replace(one, values=values, constants=constants, instructions=instructions)

    def of_value(self, a: Value, b: Value) -> Value:
        return replace(a, shape=self.merged(a.shape, b.shape, "an array's shape"))

    def of_call(self, a: Instruction, b: Instruction) -> Instruction:
        function: Any = a.function
        where = f"{a.name}() of the gate {a.gate!r}"
        if isinstance(function, Forward) and isinstance(b.function, Forward):
            function = self.of_loop(function, b.function)
        elif isinstance(function, Inlined) and isinstance(b.function, Inlined):
            function = Inlined(self.joined(function.recording, b.function.recording), a.name)
        elif a.name != b.name:
            raise CompileError(f"{where} is {b.name}() for another number of rows")
        return replace(
            a, function=function, args=self.merged(a.args, b.args, where),
            kwargs=self.merged(a.kwargs, b.kwargs, where),
        )  # fmt: skip

    def of_loop(self, a: Forward, b: Forward) -> Steps:
        one, two = Steps.of(a), Steps.of(b)
        return one._replace(
            places=one.places,
            recording=self.joined(one.recording, two.recording),
            carry=list(map(self.of_value, one.carry, two.carry)),
            xs=list(map(self.of_value, one.xs, two.xs)),
        )

    def merged(self, a: Any, b: Any, where: str) -> Any:
        kind = type(a)
        if kind is Ref or kind is not type(b):
            same = a == b
        elif kind in (tuple, list) and len(a) == len(b):
            return kind([self.merged(x, y, where) for x, y in zip(a, b, strict=True)])
        elif kind is dict and a.keys() == b.keys():
            return {key: self.merged(x, b[key], where) for key, x in a.items()}
        elif kind is slice:
            ends = ((a.start, b.start), (a.stop, b.stop), (a.step, b.step))
            return slice(*[self.merged(x, y, where) for x, y in ends])
        elif kind is int and a != b:
            per = (b - a) / (self.two - self.one)
            if per == int(per):
                return Size(a, int(per), a - int(per) * self.one)
            same = False
        else:
            same = np.array_equal(a, b, equal_nan=kind is float)
        if not same:
            raise CompileError(
                f"{where} has {a!r} for {self.one} rows and {b!r} for {self.two}, which no "
                "multiple of their number says: export it for one number of rows"
            )
        return a

    def constant(self, a: Any, b: Any) -> Any:
        """A recorded array; one that has equal rows for as many rows as there are, stretched."""
        if np.shape(a) == np.shape(b):
            if np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f"):
                return a
        elif np.ndim(a) == np.ndim(b):
            shape = self.merged(np.shape(a), np.shape(b), "a constant")
            ones = tuple(slice(0, 1) if type(n) is Size else slice(None) for n in shape)
            row = np.asarray(a)[ones]
            if np.array_equal(np.broadcast_to(row, np.shape(a)), a):
                return Stretched(row, shape)
        raise CompileError(
            f"an array that the function makes itself, of shape {np.shape(a)}, depends on the "
            "number of rows: export it for one number of rows"
        )


class Stretched(NamedTuple):
    """A constant of as many equal rows as there are."""

    row: np.ndarray
    shape: tuple[int, ...]


def has_sizes(nest: Any) -> bool:
    kind = type(nest)
    if kind is Size:
        return True
    if kind is slice:
        return has_sizes((nest.start, nest.stop))
    if kind is dict:
        return has_sizes(list(nest.values()))
    return kind in (tuple, list) and any(map(has_sizes, nest))
