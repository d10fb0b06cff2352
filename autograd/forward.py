"""Forward mode: tangents are pushed through a recorded graph, from its inputs to its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.backward import settings_on_tensors, stored_local
from autograd.gates.shapes import number
from autograd.recording import value_of
from autograd.tensor import Tensor
from autograd.traversal import gates_between

__all__ = ["push_forward"]


def push_forward(
    sources: Sequence[Tensor], tangents: Sequence[Any], outputs: Sequence[Tensor], record: bool
) -> list[Any]:
    """The tangents of the outputs, given those of the sources.

    With `record` the rules run on Tensors, so that what they compute is a graph in its turn.
    """
    known: dict[Tensor, Any] = dict(zip(sources, tangents, strict=True))
    with np.errstate(all="ignore"):
        for node in gates_between(sources, outputs):
            arriving = [known.get(o) if type(o) is Tensor else None for o in node.inputs]
            known[node] = spread(_push(node, arriving, record), node._value)
    return [spread(known.get(output, 0.0), output._value) for output in outputs]


def _push(node: Tensor, tangents: Sequence[Any], record: bool) -> Any:
    """One gate's tangent from those of its operands."""
    gate = node.gate
    assert gate is not None
    if record:
        return gate.push(tangents, node, node.inputs, settings_on_tensors(node))
    if type(node._first) is tuple:
        values = [value_of(operand) for operand in node.inputs]
        return gate.push(tangents, node._value, values, node._d_first)
    pairs = zip(tangents, stored_local(node), strict=True)
    return sum(t * d for t, d in pairs if t is not None)


def spread(tangent: Any, value: Any) -> Any:
    """A tangent in the kind, shape and dtype of the value it belongs to."""
    if type(value) is float:
        return tangent if type(tangent) is float else number(tangent)
    if type(tangent) is float:
        return np.full(value.shape, tangent, value.dtype)
    if tangent.shape != value.shape:
        tangent = np.broadcast_to(tangent, value.shape)
    return tangent if tangent.dtype == value.dtype else tangent.astype(value.dtype)
