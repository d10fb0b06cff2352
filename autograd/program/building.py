"""From a tape to a program: what it reads, what it returns, and the first result's gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.backward import propagate
from autograd.program.program import Input, Program
from autograd.program.symbol import Symbol
from autograd.program.tape import Tape
from autograd.tensor import Tensor
from autograd.traversal import backward_pass

__all__ = ["program_of"]


def program_of(tape: Tape, results: Sequence[Any], *, title: str, **options: Any) -> Program:
    """The program of what is on the tape, with the gradients of its first result."""
    outputs = [tape.output(result) for result in results]
    first = results[0] if results else None
    gradients: list[Symbol] = []
    wanted: list[Tensor] = []
    seed = None
    if type(first) is Tensor and first._wants:
        seed_symbol = tape.input(1.0 if outputs[0].weak else np.ones(first.shape, first.dtype))
        seed = seed_symbol.slot
        with backward_pass([first], [seed_symbol]) as nodes:
            propagate(nodes, keep=False)
            adjoints = {node: node._adjoint for node in nodes.ends}
        for tensor, stands in tape.outside.readings.items():
            if stands in adjoints:
                wanted.append(tensor)
                gradients.append(tape.output(adjoints[stands]))
    sources = {stands._value.slot: tensor for tensor, stands in tape.outside.readings.items()}
    inputs: list[Input] = []
    for symbol in sorted(tape.inputs, key=lambda symbol: symbol.slot in sources):
        if symbol.slot != seed:
            tensor = sources.get(symbol.slot)
            name = f"argument {len(inputs)}" if tensor is None else tensor.name or ""
            inputs.append(Input(symbol.slot, tensor, name, symbol.shape, symbol.dtype))
    tape.closed = True
    slots = tuple(i.slot for i in inputs)
    recording = tape.recording(slots, outputs, gradients, seed)
    assigned = [(tensor, in_place) for tensor, (_, in_place) in tape.outside.assigned.items()]
    return Program(recording, inputs, assigned=assigned, wanted=wanted, title=title, **options)
