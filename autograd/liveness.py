"""Values that no rule needs are let go of, and computed again where somebody asks for them.

A product by a constant needs no value on the way back, a sum neither. An exponential needs its own,
which is kept: to compute it again takes thrice as long as to read it.
A large array that is needed by nobody, in a node that nobody but the next gate refers to, is freed
while the graph grows; the node keeps its shape and dtype. Whoever walks there, for a picture or a
derivative of second order, finds the value computed anew, with the same bits.

Source: Griewank and Walther, Evaluating derivatives, 2008, chapter 12 (recomputing).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import getweakrefcount

import numpy as np

from autograd import tensor
from autograd.data import ALONE_WITH_LOCAL, as_result, getrefcount
from autograd.errors import StaleGraphError
from autograd.inside import innermost
from autograd.tensor import HOLLOW, KEPT, Tensor, describe, operands_of, version_of

__all__ = ["LARGE", "OUT", "let_go", "reads", "restore", "restore_all"]

LARGE = 1 << 20
"""Bytes from which on a value is let go of: about what a second cache holds. Less is as quick to
keep, and quicker than to look for."""

ZEROS = bytes(32)
"""An entry of any dtype, of which all of a hollow array are."""

OUT = -1
"""Stands for the result among the places of operands."""

NEAR = 24
"""Nodes below a new gate that are looked at: what a variable held until now is not far."""


def let_go(operands: Iterable[Any]) -> None:
    """Free what is below the operands of a new gate and needed by no rule."""
    inside = innermost()
    if inside is not None and inside.keeps:
        return
    readers = [operand for operand in operands if type(operand) is Tensor]
    for reader in readers:  # which grows
        below: Any = reader._first
        if type(below) is not tuple:
            continue
        for place in range(len(below)):
            node = below[place]
            if type(node) is not Tensor or node.gate is None:
                continue
            if (
                node._second is None
                and type(node._value) is np.ndarray
                and getrefcount(node) == ALONE_WITH_LOCAL
            ):
                node._second = KEPT
                value = node._value
                if (
                    value.nbytes >= LARGE
                    and value.base is None
                    and not getweakrefcount(node)
                    and not reads(reader, place)
                    and not reads(node, OUT)
                ):
                    strides = (0,) * value.ndim
                    hollow = np.ndarray(value.shape, value.dtype, ZEROS, strides=strides)
                    if getrefcount(value) == getrefcount(node) == ALONE_WITH_LOCAL:
                        node._value, node._second = hollow, HOLLOW
                        if getrefcount(node) != ALONE_WITH_LOCAL:  # another thread has come to it
                            node._value, node._second = value, KEPT
            if len(readers) < NEAR:
                readers.append(node)


def reads(node: Tensor, place: int) -> bool:
    """Whether a rule of a node's gate may look at the value of an operand, or at its own."""
    assert node.gate is not None
    wanted = [type(o) is Tensor and bool(o._wants) for o in node._first]
    needed = node.gate.needs(wanted, None if place == OUT else node._value)
    return needed is None or place in needed


def restore(node: Tensor) -> None:
    """Compute a value again that was let go of, and what it is computed from.

    Raises StaleGraphError (a RuntimeError) where a leaf that it was computed from has other data
    by now.
    """
    waiting = [node]
    while waiting:
        node = waiting[-1]
        missing = [o for o in operands_of(node) if type(o) is Tensor and o._second is HOLLOW]
        if node._second is HOLLOW and not missing:
            _compute(node)
        elif node._second is HOLLOW:
            waiting += missing
            continue
        waiting.pop()


def restore_all(nodes: Iterable[Tensor]) -> None:
    """The same for nodes and their operands."""
    for node in nodes:
        for operand in (*operands_of(node), node):
            if type(operand) is Tensor and operand._second is HOLLOW:
                restore(operand)


def _compute(node: Tensor) -> None:
    gate, operands = node.gate, operands_of(node)
    assert gate is not None
    for operand in operands:
        if type(operand) is Tensor and not operand.gate and version_of(operand) > node._stamp:
            raise StaleGraphError(
                f"{describe(operand)} was assigned to after {describe(node)} was computed from it, "
                "whose value was let go of since: look at it before, or compute it again"
            )
    values = [o._value if type(o) is Tensor else o for o in operands]
    with np.errstate(all="ignore"):
        node._value = as_result(gate.name, gate.forward(*values, **(node._d_first or {})))
    node._second = KEPT


tensor.recompute = restore
