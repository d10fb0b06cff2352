"""A graph that is recorded already, as a program whose inputs are its leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import modes
from autograd.graph import Graph
from autograd.program.backend import find_backend
from autograd.program.building import program_of
from autograd.program.program import Program
from autograd.program.tape import Tape, audible, taping
from autograd.recording import apply
from autograd.tensor import Tensor

__all__ = ["of_graph"]

WIDE = 64
"""Scalar nodes from which on groups of them are worth looking for."""


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
