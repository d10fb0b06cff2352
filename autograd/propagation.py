"""Backpropagation over a recorded graph.

Seed the output; for each node from the output back; for each operand that wants a gradient:
contribution = upstream times derivative, folded to the operand's shape; add it to what the operand
has; tell whoever is watching. That is `propagate`. `backward`, `trace`, the transforms and the
pictures all run it; when the gradients are themselves to be differentiated, it runs the same rules
on Tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd import modes
from autograd.data import (
    ALONE_AS_LOCAL,
    ALONE_WITH_LOCAL,
    getrefcount,
    is_number,
)
from autograd.eager import apply, value_of
from autograd.errors import CompileError
from autograd.floats import FLOAT_ERRORS
from autograd.folding import folded, folded_for, sum_of_rows
from autograd.gates.primitives import call
from autograd.gates.rules import call_vjp, in_blocks
from autograd.liveness import LARGE, restore_all
from autograd.tensor import HOLLOW, Tensor, operands_of
from autograd.traversal import NOTHING, Pass

__all__ = ["propagate", "settings_on_tensors", "stored_local"]

Watcher = Callable[[Tensor, Any, list[Any]], None]


def propagate(
    nodes: Pass, watch: Watcher | None = None, record: bool = False, keep: bool = True
) -> None:
    """Run the pass over its nodes, whose outputs are seeded; what arrives stays in their fields.

    Without `keep` a gate's own adjoint is dropped as soon as it was passed on, so that its memory
    serves the next ones: what stays is that of the ends.

    `watch` is told of every gate: the node, its upstream, its contributions. With `record` the
    rules run on Tensors, so that what they compute is a graph in its turn.
    """
    eye = modes.current().watch if modes.open_blocks else None
    if eye is not None and eye.stops:
        with np.errstate(all="ignore"):  # the error says more than NumPy's warning
            _propagate(nodes, _watched(eye, watch), record, keep)
    else:
        _propagate(nodes, watch, record, keep)


def _propagate(nodes: Pass, watch: Watcher | None, record: bool, keep: bool) -> None:
    plain = watch is None and not record and not nodes.partial
    tape = modes.tape() if modes.open_blocks else None
    direct = watch is None and not record and tape is None
    if not direct:
        restore_all(nodes.order)
    for node in nodes.order:
        first = node._first
        if type(first) is tuple:
            gate, value = node.gate, node._value
            if direct and gate.vjps is not None and type(value) is not float:
                if value.nbytes >= LARGE and gate.by_entries:
                    _pass_on_large(node, keep)
                else:
                    _pass_on(node, keep)
                continue
        elif plain:
            # A scalar gate: one or two operands, and their local gradients are at hand.
            upstream, d = node._adjoint, node._d_first
            if type(first) is Tensor and (d or not node.gate.chooses):
                first._adjoint += upstream * d
            second = node._second
            if type(second) is Tensor:
                d = node._d_second
                if d or not node.gate.chooses:
                    second._adjoint += upstream * d
            continue
        if watch is None and node.gate.into is not None and _has_array(operands_of(node)[0]):
            with tape.labelled(node.gate.name, backward=True) if tape else nullcontext():
                _add_into(node, operands_of(node)[0])
            if not keep:
                node._adjoint = NOTHING
            continue
        if tape is not None:
            contributions = _traced_vjp(tape, nodes, node, record)
        else:
            contributions = _recorded_vjp(nodes, node) if record else _vjp(node)
        upstream = None if watch is None else node._adjoint
        if not keep:
            node._adjoint = NOTHING
        inputs = first if type(first) is tuple else operands_of(node)
        for operand, contribution in zip(inputs, contributions, strict=True):
            if contribution is not None:
                if tape is None:
                    _add(node, operand, contribution)
                elif operand._adjoint is NOTHING:
                    operand._adjoint = contribution  # which is folded already
                else:
                    with tape.labelled("sum", backward=True):
                        operand._adjoint = operand._adjoint + contribution
        if watch is not None:
            watch(nodes.node(node), upstream, contributions)


def _pass_on(node: Any, keep: bool) -> None:
    """What `_vjp` and `_add` do, for a gate of arrays with one rule an operand.

    Nearly all gates of arrays are such, and have two operands at most and no settings: their rules
    are called without packing and unpacking lists.
    """
    operands, out, settings, upstream = node._first, node._value, node._d_first, node._adjoint
    vjps = node.gate.vjps
    if not keep:
        node._adjoint = NOTHING
    if settings or len(operands) > 2:
        into = node.gate.into
        if into is not None and type(operands[0]._adjoint) is np.ndarray:
            if not _is_owned(operands[0]):
                operands[0]._adjoint = operands[0]._adjoint.copy()
            into(operands[0]._adjoint, upstream, **settings)
            return
        values = [o._value if type(o) is Tensor else o for o in operands]
        for operand, vjp in zip(operands, vjps, strict=True):
            if type(operand) is Tensor and operand._adjoint is not None:
                _add(node, operand, call_vjp(vjp, upstream, out, values, settings))
        return
    x = operands[0]
    a = x._value if type(x) is Tensor else x
    vjp = vjps[0]
    if len(operands) == 1:
        _add(node, x, upstream if vjp is None else vjp(upstream, out, a))
        return
    y = operands[1]
    b = y._value if type(y) is Tensor else y
    if type(x) is Tensor and x._adjoint is not None:
        try:
            contribution = upstream if vjp is None else vjp(upstream, out, a, b)
        except FLOAT_ERRORS:
            contribution = call_vjp(vjp, upstream, out, (a, b), None)
        _add(node, x, contribution)
    if type(y) is Tensor and y._adjoint is not None:
        vjp = vjps[1]
        try:
            contribution = upstream if vjp is None else vjp(upstream, out, a, b)
        except FLOAT_ERRORS:
            contribution = call_vjp(vjp, upstream, out, (a, b), None)
        _add(node, y, contribution)


def _pass_on_large(node: Any, keep: bool) -> None:
    """The same for an elementwise gate of large arrays, block by block, in the upstream's memory
    where nothing else refers to that."""
    operands, upstream = node._first, node._adjoint
    if not keep:
        node._adjoint = NOTHING
    wanted = [i for i, o in enumerate(operands) if type(o) is Tensor and o._adjoint is not None]
    for i in wanted:
        contribution = None
        if type(upstream) is np.ndarray:
            over = (
                i == wanted[-1]
                and getrefcount(upstream) == ALONE_AS_LOCAL
                and upstream.base is None
                and upstream.flags.writeable
            )
            out, *values = map(_at_hand, (node, *operands))
            rule = node.gate.local[i]
            contribution = in_blocks(rule, upstream, out, values, over=over)
        if contribution is None:
            values = [o._value if type(o) is Tensor else o for o in operands]
            contribution = call_vjp(node.gate.vjps[i], upstream, node._value, values, node._d_first)
        _add(node, operands[i], contribution)


def _at_hand(operand: Any) -> Any:
    """The value of an operand; None of one that was let go of."""
    if type(operand) is not Tensor:
        return operand
    return None if operand._second is HOLLOW else operand._value


def _add(node: Tensor, operand: Tensor, contribution: Any) -> None:
    """Add what a rule answered to an operand's adjoint: in its shape, and in its memory where
    nothing else refers to that.
    """
    value = operand._value
    if type(contribution) is not np.ndarray or type(value) is not np.ndarray:
        contribution = folded_for(node, contribution, value)
    elif contribution.dtype is not value.dtype or contribution.shape != value.shape:
        if contribution.dtype is value.dtype and contribution.shape[1:] == value.shape:
            contribution = sum_of_rows(contribution)  # as of nearly all biases
        else:
            contribution = folded_for(node, contribution, value)
    adjoint = operand._adjoint
    if adjoint is NOTHING:
        operand._adjoint = contribution
    elif (
        type(adjoint) is type(contribution) is np.ndarray
        and getrefcount(adjoint) == ALONE_WITH_LOCAL
        and adjoint.base is None
    ):
        np.add(adjoint, contribution, adjoint)
    else:
        operand._adjoint = adjoint + contribution


def _has_array(operand: Tensor) -> bool:
    """Whether an operand has an adjoint already, which is no number."""
    return operand._adjoint is not NOTHING and not is_number(value_of(operand._adjoint))


def _add_into(node: Tensor, operand: Tensor) -> None:
    """What is recorded where a gate read a part: the part's adjoint, added where it belongs."""
    gate, total, upstream = node.gate, operand._adjoint, node._adjoint
    assert gate is not None
    settings = settings_on_tensors(node) or {}
    if type(upstream) is Tensor or type(total) is Tensor:
        operand._adjoint = apply(gate.adding, (total, upstream), settings)
    else:
        operand._adjoint = call(gate.adding.forward, total, upstream, **settings)


def _is_owned(operand: Tensor) -> bool:
    """Whether an operand has an adjoint already, in contiguous memory that is that adjoint's."""
    adjoint = operand._adjoint
    return (
        type(adjoint) is np.ndarray
        and getrefcount(adjoint) == ALONE_WITH_LOCAL
        and adjoint.base is None
        and adjoint.flags.c_contiguous
    )


def _watched(eye: modes.Watch, watch: Watcher | None) -> Watcher:
    """A watcher that shows every gate to what the mode watches with, and then tells `watch`."""

    def check(node: Tensor, upstream: Any, contributions: list[Any]) -> None:
        eye.passed(node, upstream, contributions)
        if watch is not None:
            watch(node, upstream, contributions)

    return check


def _vjp(node: Tensor) -> list[Any]:
    """What one gate sends back: a contribution in each operand's shape, None where not wanted."""
    inputs = operands_of(node)
    upstream = node._adjoint
    wanted = [type(o) is Tensor and o._adjoint is not None for o in inputs]
    gate = node.gate
    assert gate is not None
    if type(node._first) is not tuple:
        pairs = zip(stored_local(node), wanted, strict=True)
        return [gate.scalar_product(upstream, d) if want else None for d, want in pairs]
    values = [value_of(o) for o in inputs]
    answers = gate.vjps_of(upstream, wanted, node._value, values, node._d_first)
    return folded(node, answers, values, wanted)


def _recorded_vjp(nodes: Pass, node: Tensor) -> list[Any]:
    """The same with the rule run on the graph's own Tensors, which records what it computes."""
    assert node.gate is not None
    inputs = operands_of(node)
    wanted = [type(o) is Tensor and o._adjoint is not None for o in inputs]
    operands = [nodes.node(o) if type(o) is Tensor else o for o in inputs]
    contributions = node.gate.vjps_of(
        node._adjoint, wanted, nodes.node(node), operands, settings_on_tensors(node)
    )
    return folded(node, contributions, [value_of(o) for o in operands], wanted)


def _traced_vjp(tape: Any, nodes: Pass, node: Tensor, record: bool) -> list[Any]:
    """The same for `compile`: a rule that wants the numbers becomes one call of the program."""
    gate = node.gate
    assert gate is not None
    wanted = [type(o) is Tensor and o._adjoint is not None for o in node.inputs]
    if record:
        with tape.labelled(gate.name, backward=True):
            try:
                return _recorded_vjp(nodes, node)
            except CompileError:
                operands = [nodes.node(o) if type(o) is Tensor else o for o in node.inputs]
                return tape.vjp_whole(nodes.node(node), node._adjoint, wanted, operands)
    values = [o._value if type(o) is Tensor else o for o in node.inputs]
    if type(node._first) is not tuple:
        return _vjp(node)
    given = node._adjoint, wanted, node._value, values, node._d_first
    contributions = tape.attempt(gate.name, True, gate.vjps_of, given)
    with tape.labelled(gate.name, backward=True):
        return folded(node, contributions, values, wanted)


def settings_on_tensors(node: Tensor) -> dict[str, Any] | None:
    """A gate's settings for its rule on Tensors, where what was saved would be a constant."""
    settings = node._d_first if type(node._first) is tuple else None
    return {**settings, "saved": None} if settings and "saved" in settings else settings


def stored_local(node: Tensor) -> tuple[float, ...]:
    """The local gradients that a scalar gate took along when it was recorded."""
    return (node._d_first,) if node._second is None else (node._d_first, node._d_second)
