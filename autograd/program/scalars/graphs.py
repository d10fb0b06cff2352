"""A recorded graph of scalar nodes as a program: its leaves are the inputs."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd.errors import CompileError
from autograd.gates.registry import Gate
from autograd.graph import Graph
from autograd.program.scalars.scalar_program import ScalarProgram
from autograd.tensor import Tensor, describe

__all__ = ["from_graph"]


class Applied(NamedTuple):
    """A gate, the slots that it reads and the one that it writes."""

    gate: Gate
    operands: tuple[int, ...]
    output: int


def from_graph(output: Tensor, backend: str = "numpy") -> tuple[ScalarProgram, list[Tensor]]:
    """The program that computes `output`, and the leaves that are its inputs, in order."""
    nodes = Graph(output).nodes
    slot = {node: number for number, node in enumerate(nodes)}
    constants: dict[int, float] = {}
    known: dict[str, int] = {}
    instructions = []
    leaves = []

    def read(operand: Any) -> int:
        if type(operand) is Tensor:
            return slot[operand]
        number = float(operand)
        key = number.hex()
        if key not in known:
            known[key] = len(nodes) + len(known)
            constants[known[key]] = number
        return known[key]

    for number, node in enumerate(nodes):
        if type(node._value) is not float:
            raise CompileError(f"{describe(node)} is no scalar node")
        if node.gate is None:
            leaves.append(node)
        else:
            instructions.append(Applied(node.gate, tuple(map(read, node.inputs)), number))
    inputs = [slot[leaf] for leaf in leaves]
    wanted = [slot[leaf] for leaf in leaves if leaf.requires_grad]
    program = ScalarProgram(
        instructions, len(nodes) + len(known), constants, inputs, [slot[output]], wanted, backend
    )
    return program, leaves
