"""From a tape to a program: what it reads, what it returns, and the first result's gradients.

A graph that is recorded already is one, too: its gates are applied again on a tape, its leaves are
the inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import modes
from autograd.eager import apply
from autograd.errors import CompileError
from autograd.graph import Graph
from autograd.program.backend import find_backend
from autograd.program.passes.folding import spread_constants
from autograd.program.program import Input, Program
from autograd.program.symbol import Symbol
from autograd.program.tape import Tape, audible, taping
from autograd.propagation import propagate
from autograd.tensor import Tensor, describe
from autograd.traversal import backward_pass

__all__ = ["gradients_of", "of_graph", "program_of"]

WIDE = 64
"""Scalar nodes from which on groups of them are worth looking for."""


def program_of(
    tape: Tape, results: Sequence[Any], *, title: str, derive: bool = True, **options: Any
) -> Program:
    """The program of what is on the tape, with the gradients of its first result as a second half
    where `derive`."""
    outputs = [tape.output(result) for result in results]
    first = results[0] if results and derive else None
    derived = _Derived({}, [], [])
    seed = None
    if type(first) is Tensor and first._wants:
        first = tape.outside.stand_in(first)  # where the function returns what it found outside
        seed_symbol = tape.input(1.0 if outputs[0].weak else np.ones(first.shape, first.dtype))
        seed = seed_symbol.register
        derived = _differentiated(tape, first, seed_symbol)
    sources = {stands._value.register: tensor for tensor, stands in tape.outside.readings.items()}
    inputs: list[Input] = []
    for symbol in sorted(tape.inputs, key=lambda symbol: symbol.register in sources):
        if symbol.register != seed:
            tensor = sources.get(symbol.register)
            name = f"argument {len(inputs)}" if tensor is None else tensor.name or ""
            inputs.append(Input(symbol.register, tensor, name, symbol.shape, symbol.dtype))
    tape.closed = True
    registers = tuple(i.register for i in inputs)
    recording = tape.recording(registers, outputs, list(derived.gradients.values()), seed)
    recording = spread_constants(recording)
    assigned = [(tensor, in_place) for tensor, (_, in_place) in tape.outside.assigned.items()]
    return Program(
        recording, inputs, assigned=assigned, wanted=list(derived.gradients), used=derived.used,
        mixed=derived.mixed, title=title, **options,
    )  # fmt: skip


def gradients_of(tape: Tape, output: Any) -> dict[Tensor, Symbol]:
    """The gradient of a result of one number for each Tensor from outside that wants one, as more
    of the same recording.

    Raises CompileError (a TypeError) where one of them was read with two values.
    """
    if type(output) is not Tensor or not output._wants:
        return {}
    output = tape.outside.stand_in(output)
    value = tape.output(output)
    seed = tape.constant(1.0 if value.weak else np.ones(value.shape, value.dtype))
    derived = _differentiated(tape, output, seed)
    for tensor in derived.mixed:
        raise CompileError(
            f"a compiled function reads {describe(tensor)}, assigns to it, and reads it again, so "
            "that its gradient would belong to two values: assign after the last reading"
        )
    return derived.gradients


class _Derived(NamedTuple):
    """What a backward pass gives while recording: the gradient of each Tensor from outside; the
    Tensors that the gates passed read; those that were read with two values."""

    gradients: dict[Tensor, Symbol]
    used: list[Tensor]
    mixed: list[Tensor]


def _differentiated(tape: Tape, output: Tensor, seed: Symbol) -> _Derived:
    """The backward pass of a recording.

    Raises CompileError (a TypeError) where a Tensor from outside is reached that nothing here
    stands for: its gradient would be lost.
    """
    stood_for = tape.outside.stood_for
    with backward_pass([output], [seed]) as nodes:
        propagate(nodes, keep=False)
        adjoints = {nodes.node(end): end._adjoint for end in nodes.ends}
        read = [o for gate in nodes.order for o in gate.inputs if type(o) is Tensor and not o.gate]
        operands = dict.fromkeys(map(nodes.node, read))
    for end in adjoints:
        if end not in stood_for and not tape.outside.is_own(end):
            raise CompileError(
                f"a compiled function depends on {describe(end)} by a way that was not recorded, "
                "so that its gradient would be lost: compile the function that makes it, too"
            )
    reached: dict[Tensor, list[Tensor]] = {}
    for end in adjoints:
        if end in stood_for:
            reached.setdefault(stood_for[end], []).append(end)
    ordered = [tensor for tensor in tape.outside.readings if tensor in reached]
    gradients = {tensor: tape.output(adjoints[reached[tensor][0]]) for tensor in ordered}
    mixed = [tensor for tensor in ordered if len(reached[tensor]) > 1]
    return _Derived(gradients, [stood_for[o] for o in operands if o in stood_for], mixed)


def of_graph(output: Tensor, *others: Tensor, backend: str = "numpy", **options: Any) -> Program:
    """The program of a graph: of scalar nodes in groups, of arrays call by call.

    Its first result is `output`, which it differentiates; the `others` come after. The groups are
    those of the back end that `scalars` of the one at hand names; where it names none, the scalars
    are calls, too.
    """
    wide = getattr(find_backend(backend), "scalars", None)
    options["backend"] = backend
    results = [output, *others]
    below = {node: None for result in results for node in Graph(result).nodes}
    nodes = sorted(below, key=lambda node: node._stamp)
    scalars = [node for node in nodes if type(node._value) is float]
    fewest = 1 if wide == backend else WIDE  # what runs nothing else takes any number of them
    if wide is None or len(scalars) < fewest or not all(map(_has_expressions, scalars)):
        return _replayed(nodes, results, **options)
    if len(scalars) == len(nodes) and not others:
        from autograd.program.scalar_graphs import ScalarGraphProgram

        return ScalarGraphProgram(nodes, **{**options, "backend": wide})
    if not _are_joined(nodes) or any(type(result._value) is float for result in results):
        return _replayed(nodes, results, **options)
    arrays = [node for node in nodes if type(node._value) is not float]
    from autograd.program.joined_graphs import JoinedProgram

    replayed = _replayed(arrays, results, **options)
    return JoinedProgram(scalars, replayed, **{**options, "backend": wide})


def _has_expressions(node: Tensor) -> bool:
    """Whether a scalar node is a leaf, or its gate computes on floats."""
    return node.gate is None or node.gate.floats is not None


def _are_joined(nodes: Sequence[Tensor]) -> bool:
    """Whether no scalar gate reads an array."""
    return all(
        type(node._value) is not float
        or all(type(o) is not Tensor or type(o._value) is float for o in node.inputs)
        for node in nodes
    )


def _replayed(nodes: Sequence[Tensor], results: Sequence[Tensor], **options: Any) -> Program:
    """The program that applies the gates of `nodes` again; other operands are its inputs."""
    with audible(), taping(tape := Tape()):
        copies: dict[Tensor, Tensor] = {}
        for node in nodes:
            if node.gate is None:
                copies[node] = tape.outside.stand_in(node)
                continue
            operands = tuple(copies.get(o, o) if type(o) is Tensor else o for o in node.inputs)
            with modes.at_origin(node._origin):
                copies[node] = apply(node.gate, operands, node.settings)
        return program_of(tape, [copies[r] for r in results], title="graph", **options)
