"""A recording as an ONNX model in a file.

Tensors that the program reads stand in it as they are now. A length that grows with the batch is
found by comparing two recordings of the same function, for batches of two sizes: what differs
between them is a multiple of the size and a number, and becomes an axis with a symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper

from autograd.effects import Draw
from autograd.errors import CompileError, OutOfRangeError
from autograd.exchange.onnx_model import OnnxModel
from autograd.exchange.onnx_ours import OPERAND, OURS, OURS_ALONG, SETTINGS, settings_of
from autograd.files import write_whole
from autograd.program.instruction import Instruction, Recording, Value
from autograd.program.loop_runs import Forward
from autograd.program.lowering.onnx_batches import (
    Batches,
    Inlined,
    Steps,
    Stretched,
    has_sizes,
    is_answered,
    is_foreseen,
    with_gates,
)
from autograd.program.lowering.onnx_graph import (
    DOMAIN,
    Graph,
    Joined,
    Wire,
    broadcast,
    promoted,
)
from autograd.program.lowering.onnx_linear import LINEAR
from autograd.program.lowering.onnx_numbers import NAMESPACE, NUMBERS
from autograd.program.lowering.onnx_places import PLACES
from autograd.program.lowering.onnx_products import PRODUCTS
from autograd.program.lowering.onnx_reductions import REDUCTIONS
from autograd.program.lowering.onnx_sizes import Size
from autograd.program.lowering.onnx_solving import SOLVING
from autograd.program.lowering.onnx_special import SPECIAL
from autograd.program.lowering.onnx_whole import Operator, Own, with_operators
from autograd.program.lowering.onnx_windows import WINDOWS
from autograd.program.lowering.walk import UNREAD, Check, expect_lowerings, walk
from autograd.program.numbers import Choice, FloatFunction

__all__ = ["write"]

TABLE = {
    **NUMBERS, **SPECIAL, **PLACES, **PRODUCTS, **REDUCTIONS, **WINDOWS, **LINEAR, **SOLVING,
}  # fmt: skip
"""What stands for which of NumPy's functions."""

LEAST, MOST = 18, 22
"""The operator sets that these nodes are the same in."""


def write(
    path: Any, recording: Recording, names: Mapping[int, str], data: Mapping[int, Any], *,
    others: Sequence[Recording] = (), opset: int = LEAST, outputs: Sequence[str] = (),
    metadata: Mapping[str, str] = {},
) -> Path:  # fmt: skip
    """Write the forward half of a recording.

    Parameters
    ----------
    names : of the inputs, by register.
    data : those of the inputs that stand in the file.
    others : the same function's recordings for other sizes of the batch: the first makes the size
        a symbol, and the rest are compared with what that says.
    outputs : names of the results.
    metadata : texts that stand in the model beside the graph.
    """
    if type(opset) is not int or not LEAST <= opset <= MOST:
        raise OutOfRangeError(f"opset must be from {LEAST} to {MOST}, received {opset!r}")
    recorded = recording
    if others:
        recording = Batches.between(recording, others[0], data).joined(recording, others[0])
    doubtful = [one for one in others[1:] if not is_foreseen(one, recorded, recording, data)]
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
    for one in doubtful:
        if not is_answered(OnnxModel(model, Path(path)), one, data):
            raise Batches.between(recorded, one, data).differ()
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
        name, found = instruction.name, TABLE.get(instruction.name)
        if found is None or not self.gates:
            return found
        if name in OURS and not instruction.kwargs:
            return lambda *values: self.called(name, found, values)
        if name in OURS_ALONG:
            return lambda *values, **how: self.called_along(name, found, values, how)
        return found

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
        shape = broadcast(*wires)
        return self.graph.called(name, body, made, shape, wires, self.opset)

    def called_along(
        self, name: str, lowered: Callable[..., Any], values: Sequence[Any], how: dict[str, Any]
    ) -> Any:
        """The same of one with settings, which are for readers alone: the nodes say them, too."""
        operands = [value for value in values if isinstance(value, Wire)]
        settings = settings_of([OPERAND if isinstance(v, Wire) else v for v in values], how)
        body = Graph(TABLE)
        given = iter(
            [body.input(n, w.shape, w.dtype) for n, w in zip("abcdef", operands, strict=False)]
        )
        try:
            made = lowered(*[next(given) if isinstance(v, Wire) else v for v in values], **how)
        except ValueError:  # a length moves, which nothing tells in there
            return lowered(*values, **how)
        if settings is None or len(body.nodes) < 2 or not isinstance(made, Wire):
            return lowered(*values, **how)
        return self.graph.called(
            name, body, made, made.shape, operands, self.opset, **{SETTINGS: settings}
        )

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
                reads = instruction.reads
                if instruction.name == "getitem":  # a key stays what it is
                    reads = (instruction.args[0].register,)
                for register in reads:
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
