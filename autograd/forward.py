"""Forward mode: tangents are pushed through a recorded graph, from its inputs to its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import modes
from autograd.data import is_number
from autograd.eager import value_of
from autograd.gates.registry import Gate
from autograd.gates.routing import has_nan
from autograd.gates.shapes import as_number
from autograd.gates.tangents import ChainRule, Jvp, Whole, linearize
from autograd.liveness import restore_all
from autograd.propagation import settings_on_tensors, stored_local
from autograd.tensor import Tensor
from autograd.traversal import gates_between

__all__ = ["Linearization", "as_value"]


class Linearization:
    """A recorded graph as a linear map from tangents of its sources to tangents of its outputs.

    What each gate does to tangents is worked out once, so that pushing many is cheap. With
    `record` the rules run on Tensors, so that what they compute is a graph in its turn.
    """

    def __init__(self, sources: Sequence[Tensor], outputs: Sequence[Tensor], record: bool) -> None:
        place = {node: i for i, node in enumerate(sources)}
        self._steps = []
        self._is_traced = record or modes.tape() is not None
        gates = gates_between(sources, outputs)
        restore_all(gates)
        with np.errstate(all="ignore"):
            for node in gates:
                arriving = [place.get(o) if type(o) is Tensor else None for o in node.inputs]
                moves = [i is not None for i in arriving]
                self._steps.append((node, arriving, _jvp_of(node, moves, record)))
                place[node] = len(place)
        self._outputs = [(place.get(output), output._value) for output in outputs]

    def jvp(self, tangents: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs, given those of the sources.

        By plain products at first. They differ where 0 met an infinity or a nan, and that shows in
        the outputs, as a nan: then all is pushed again, with care.
        """
        with np.errstate(all="ignore"):
            moved = None if self._is_traced else self._pushed(tangents, plainly=True)
            return self._pushed(tangents, plainly=False) if moved is None else moved

    def _pushed(self, tangents: Sequence[Any], plainly: bool) -> Any:
        """What arrives at the outputs; None where plain products may not do."""
        known = list(tangents)
        for node, arriving, jvp in self._steps:
            given = [None if i is None else known[i] for i in arriving]
            if not plainly:
                moved = jvp(given)
            elif type(jvp) is Whole and jvp.looks and any(map(has_nan, given)):
                return None  # nobody knows whether the rule would let it through
            else:
                moved = jvp.plainly(given)
            known.append(as_value(moved, node._value))
        moved = [as_value(0.0 if i is None else known[i], value) for i, value in self._outputs]
        return None if plainly and any(map(has_nan, moved)) else moved


def _jvp_of(node: Tensor, moves: Sequence[bool], record: bool) -> Jvp:
    """What one gate does to the tangents of its operands."""
    gate = node.gate
    assert gate is not None
    if record:
        return linearize(gate, moves, node, node.inputs, settings_on_tensors(node))
    tape = modes.tape() if modes.open_blocks else None
    if tape is not None:
        given = gate, moves, node._value, [value_of(o) for o in node.inputs], node._d_first
        return Whole(
            lambda tangents: [(tape.attempt(gate.name, False, _jvp, (*given, tangents)), [])]
        )
    if type(node._first) is tuple:
        values = [value_of(operand) for operand in node.inputs]
        return linearize(gate, moves, node._value, values, node._d_first)
    pairs = zip(stored_local(node), moves, strict=True)
    return ChainRule([(i, d) for i, (d, move) in enumerate(pairs) if move], gate.chooses)


def _jvp(gate: Gate, *given: Any) -> Any:
    """One gate's tangent, worked out in one go; the last of `given` are the tangents."""
    return linearize(gate, *given[:-1])(given[-1])


def as_value(tangent: Any, value: Any) -> Any:
    """A tangent in the kind, shape and dtype of the value it belongs to."""
    if is_number(value):
        return tangent if is_number(tangent) else as_number(tangent)
    if type(tangent) is float:
        return np.full(value.shape, tangent, value.dtype)
    if tangent.shape != value.shape:
        tangent = np.broadcast_to(tangent, value.shape)
    return tangent if tangent.dtype == value.dtype else tangent.astype(value.dtype)
