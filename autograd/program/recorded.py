"""A graph that is recorded already, as a program whose inputs are its leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import modes
from autograd.graph import Graph
from autograd.program.building import program_of
from autograd.program.joined_graphs import JoinedProgram, are_joined
from autograd.program.program import Program
from autograd.program.scalar_graphs import ScalarGraphProgram, is_wide
from autograd.program.tape import Tape, audible, taping
from autograd.recording import apply
from autograd.tensor import Tensor

__all__ = ["of_graph"]


def of_graph(output: Tensor, *others: Tensor, **options: Any) -> Program:
    """The program of a graph: of scalar nodes in groups, of arrays call by call.

    Its first result is `output`, which it differentiates; the `others` come after.
    """
    results = [output, *others]
    below = {node: None for result in results for node in Graph(result).nodes}
    nodes = sorted(below, key=lambda node: node._stamp)
    scalars = [node for node in nodes if type(node._value) is float]
    if not is_wide(scalars):
        return _replayed(nodes, results, **options)
    if len(scalars) == len(nodes) and not others:
        return ScalarGraphProgram(nodes, **options)
    if not are_joined(nodes) or any(type(result._value) is float for result in results):
        return _replayed(nodes, results, **options)
    arrays = [node for node in nodes if type(node._value) is not float]
    return JoinedProgram(scalars, _replayed(arrays, results, **options), **options)


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
