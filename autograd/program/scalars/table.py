"""A scalar graph, whose leaves are inputs, as columns: of each gate its kind, operands and result.

Everything that the compiler asks of a whole graph (who reads what, what lies on a chain) is a
question about columns, answered for all gates at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from autograd.errors import CompileError, DataError
from autograd.protocols import AppliedGate
from autograd.tensor import Tensor, describe

__all__ = ["Applied", "Flat", "Instruction", "Table", "flattened"]


class Instruction(Protocol):
    """One gate of a program: what it reads and the register that it writes."""

    @property
    def gate(self) -> AppliedGate: ...
    @property
    def operands(self) -> tuple[int, ...]: ...
    @property
    def output(self) -> int: ...


class Table:
    """The instructions' columns; row i is the i-th instruction, older before newer.

    Attributes
    ----------
    gates : the distinct gates.
    kind : which of them each row is.
    first, second : the registers that a row reads; `second` is -1 where it reads one.
    out : the register that it writes.
    registers : how many registers there are.
    writer : by register, the row that writes it; -1 of inputs and constants.
    uses : by register, how often it is read, being an output included.
    """

    def __init__(
        self,
        instructions: Sequence[Instruction],
        registers: int,
        constants: Mapping[int, float],
        inputs: Sequence[int],
        outputs: Sequence[int],
    ) -> None:
        gates = [instruction.gate for instruction in instructions]
        operands = [instruction.operands for instruction in instructions]
        number = {gate: i for i, gate in enumerate(dict.fromkeys(gates))}
        self.gates = list(number)
        self.registers = registers
        self.kind = _integers([number[gate] for gate in gates])
        self.first = _integers([o[0] for o in operands])
        self.second = _integers([o[1] if len(o) > 1 else -1 for o in operands])
        self.out = _integers([instruction.output for instruction in instructions])
        self._check_gates([len(o) for o in operands])
        known = np.full(registers, len(gates))  # the row from which on a register can be read
        known[list(inputs)] = known[list(constants)] = -1
        known[self.out] = np.arange(len(gates))
        rows = np.arange(len(gates))
        late = (known[self.first] >= rows) | ((self.second >= 0) & (known[self.second] >= rows))
        if late.any() or (known[list(outputs)] == len(gates)).any():
            where = f"instruction {int(np.flatnonzero(late)[0])}" if late.any() else "an output"
            raise DataError(
                f"{where} reads a register that is no input, no constant and no earlier result"
            )
        self.writer = np.full(registers, -1)
        self.writer[self.out] = rows
        read = np.concatenate([self.first, self.second[self.second >= 0], _integers(outputs)])
        self.uses = np.bincount(read, minlength=registers)

    def _check_gates(self, counts: list[int]) -> None:
        """Raise where a gate has no expressions on floats, or another number of operands."""
        for gate in self.gates:
            if gate.floats is None:
                raise CompileError(
                    f"the gate {gate.name} cannot be in a program of scalars: it has no "
                    "expressions on Python floats: give it floats=True, or floats=(value, *local "
                    "gradients)"
                )
        arity = _integers([len(gate.floats.local) for gate in self.gates if gate.floats])
        wrong = np.flatnonzero(arity[self.kind] != _integers(counts))
        if len(wrong):
            row = int(wrong[0])
            gate = self.gates[self.kind[row]]
            raise DataError(
                f"instruction {row}: {gate.name} takes {int(arity[self.kind[row]])} operands and "
                f"received {counts[row]}"
            )

    def rows_of(self, value: str) -> np.ndarray:
        """Which rows are gates whose value is that expression."""
        same = [gate.floats is not None and gate.floats.value == value for gate in self.gates]
        return np.array([*same, False])[self.kind]


def _integers(numbers: Any) -> np.ndarray:
    return np.array(numbers, dtype=np.intp)


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
