"""A recorded graph of scalar nodes as a program: its leaves are the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.errors import CompileError
from autograd.protocols import AppliedGate
from autograd.tensor import Tensor, describe

__all__ = ["Applied", "Flat", "flattened"]


class Applied(NamedTuple):
    """A gate, the registers that it reads and the one that it writes."""

    gate: AppliedGate
    operands: tuple[int, ...]
    output: int


class Flat(NamedTuple):
    """A graph as registers: each node has its place in the graph's order, then come the numbers.

    Attributes: `registers`, how many there are; `applied`, the gates in their order; `constants`,
    the numbers by register; `leaves`, the nodes that were given, each with its register; `outputs`,
    the registers of the results; `wanted`, those of the leaves whose gradients are.
    """

    registers: int
    applied: list[Applied]
    constants: dict[int, float]
    leaves: dict[Tensor, int]
    outputs: list[int]
    wanted: list[int]


def flattened(nodes: Sequence[Tensor], outputs: Sequence[Tensor]) -> Flat:
    """The scalar nodes of a graph, operands first, as registers; equal numbers share one.

    Wanted are the gradients of all leaves that want one.

    Raises CompileError (a TypeError) for a node that is no scalar node.
    """
    register = {node: number for number, node in enumerate(nodes)}
    known: dict[str, int] = {}
    found = Flat(0, [], {}, {}, [register[output] for output in outputs], [])

    def read(operand: Any) -> int:
        if type(operand) is Tensor:
            return register[operand]
        number = float(operand)
        key = number.hex()
        if key not in known:
            known[key] = len(nodes) + len(known)
            found.constants[known[key]] = number
        return known[key]

    for number, node in enumerate(nodes):
        if type(node._value) is not float:
            raise CompileError(f"{describe(node)} is no scalar node")
        if node.gate is None:
            found.leaves[node] = number
            if node._wants:
                found.wanted.append(number)
        else:
            found.applied.append(Applied(node.gate, tuple(map(read, node.inputs)), number))
    return found._replace(registers=len(nodes) + len(known))
