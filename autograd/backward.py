"""The traversal: reverse mode over a recorded graph.

Seed the output; for each node from the output back; for each operand that wants a gradient:
contribution = upstream times derivative, folded to the operand's shape; add it to what the operand
has; tell whoever is watching. That is `propagate`; `backward`, `trace` and the pictures all run it.

Adjoints belong to the pass. They lie in a scratch slot of each node while it runs, which is much
faster than a dictionary; a pass that starts while another one holds the slots (in another thread,
or inside a rule) runs the same traversal over stand-ins of its nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter
from threading import Lock
from typing import Any

import numpy as np

from autograd.errors import DataError, GradientError, ShapeError, StaleGraphError, UnsupportedError
from autograd.recording import value_of
from autograd.tensor import Tensor, describe, new

__all__ = ["backward", "backward_pass", "fold", "make_seed"]

NOTHING = 0.0
"""What an adjoint is before the first contribution: floats are added to it, arrays replace it."""

by_stamp = attrgetter("_stamp")

Watcher = Callable[[Tensor, Any, list[Any]], None]


def backward(
    self: Tensor,
    gradient: Any = None,
    *,
    create_graph: bool = False,
    retain_grads: bool = True,
) -> None:
    """Differentiate this node with respect to everything it was computed from.

    The pass computes its own adjoints and then adds them to `.grad` of every node it reached, so
    calling it twice doubles them exactly. If it raises, no `.grad` has changed.

    Parameters
    ----------
    gradient : dL/d(this node), of its shape; 1 where the node has one element.
    create_graph : record the pass, so that gradients can be differentiated.
    retain_grads : False adds to the leaves' `.grad` alone.

    Raises
    ------
    GradientError (a RuntimeError): nothing here wants a gradient, or a node of several elements
        has no `gradient`.
    ShapeError (a ValueError): `gradient` is not of the node's shape.
    StaleGraphError : a leaf's data were assigned after the graph was recorded.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> (x * x).backward()
    >>> x.grad
    6.0
    """
    if create_graph:
        raise UnsupportedError(
            "backward(create_graph=True) is not there yet: this version differentiates once"
        )
    seed = make_seed(self, gradient)
    with backward_pass(self, seed) as (order, leaves, original):
        propagate(order)
        if retain_grads:
            _deposit(order, original, gradient)
        _deposit(leaves, original, gradient)


def _deposit(
    reached: list[Tensor], original: Callable[[Tensor], Tensor] | None, gradient: Any
) -> None:
    """Move the adjoints to `.grad`; an array is writable and shared with nothing else."""
    taken = {id(gradient)}
    for node in reached:
        adjoint = node._adjoint
        node._adjoint = None
        if original:
            node = original(node)
        if node._grad is not None:
            node._grad = node._grad + adjoint
        elif type(adjoint) is float:
            node._grad = adjoint
        else:
            node._grad = _own(adjoint, taken)
    reached.clear()


def _own(adjoint: Any, taken: set[int]) -> Any:
    """The adjoint as a writable array that nothing else holds: a copy if it may be shared."""
    array = np.asarray(adjoint)
    if array.base is not None or id(array) in taken or not array.flags.writeable:
        array = array.copy()
    taken.add(id(array))
    return array


def make_seed(output: Tensor, gradient: Any) -> Any:
    """dL/d(output) to start from, of the output's kind, shape and dtype; checked."""
    if not output._wants:
        raise GradientError(
            f"{describe(output)} wants no gradient: none of its operands is a Tensor with "
            "requires_grad=True, or it was made under no_grad()"
        )
    data = output._data
    if gradient is None:
        if type(data) is float:
            return 1.0
        if data.size == 1:
            return np.ones(data.shape, data.dtype)
        raise GradientError(
            f"{describe(output)} has {data.size} elements, and only one number has a gradient: "
            "write .sum().backward(), or .backward(gradient=...) with an array of that shape"
        )
    if type(gradient) is Tensor and gradient._wants:
        raise DataError(
            f"gradient={describe(gradient)} wants a gradient itself: write gradient=t.data"
        )
    received = np.asarray(value_of(gradient))
    if received.shape != np.shape(data):
        raise ShapeError(
            f"gradient must have the shape of {describe(output)}, {np.shape(data)}, and received "
            f"{received.shape}"
        )
    if received.dtype.kind not in "fiub":
        raise DataError(f"gradient must be real numbers, received dtype {received.dtype}")
    return float(received) if type(data) is float else received.astype(data.dtype, copy=False)


_slots = Lock()


@contextmanager
def backward_pass(
    output: Tensor, seed: Any
) -> Iterator[tuple[list[Tensor], list[Tensor], Callable[[Tensor], Tensor] | None]]:
    """The nodes of one pass, seeded: (gates from the output back, leaves, node of a stand-in).

    The third is None where the nodes are the graph's own. Afterwards, whatever happened, the
    scratch slots are empty again.
    """
    if _slots.acquire(blocking=False):
        try:
            with _seeded(output, seed) as (order, leaves):
                yield order, leaves, None
        finally:
            _slots.release()
    else:
        copy, originals = _stand_ins(output)
        with _seeded(copy, seed) as (order, leaves):
            yield order, leaves, originals.__getitem__


@contextmanager
def _seeded(output: Tensor, seed: Any) -> Iterator[tuple[list[Tensor], list[Tensor]]]:
    order: list[Tensor] = []
    leaves: list[Tensor] = []
    try:
        _reach(output, order, leaves)
        order.sort(key=by_stamp, reverse=True)
        if order:
            check_versions(order, leaves)
        output._adjoint = seed
        with np.errstate(all="ignore"):
            yield order, leaves
    finally:
        for node in order:
            node._adjoint = None
        for node in leaves:
            node._adjoint = None


def _reach(output: Tensor, order: list[Tensor], leaves: list[Tensor]) -> None:
    """Collect what wants a gradient below `output`, each node once, marking its scratch slot.

    The walk goes down the newest operand first, which is close to the order wanted.
    """
    output._adjoint = NOTHING
    if output.gate is None:
        leaves.append(output)
        return
    waiting = [output]
    keep, push, pop, keep_leaf = order.append, waiting.append, waiting.pop, leaves.append
    while waiting:
        node = pop()
        while True:
            keep(node)
            first = node._first
            if type(first) is tuple:
                for operand in first:
                    if type(operand) is Tensor and operand._adjoint is None and operand._wants:
                        operand._adjoint = NOTHING
                        (push if operand.gate else keep_leaf)(operand)
                break
            # A scalar gate points at no Tensor but those that want a gradient.
            second = node._second
            if type(first) is Tensor and first._adjoint is None:
                first._adjoint = NOTHING
                if first.gate is None:
                    keep_leaf(first)
                else:
                    push(first)
            if type(second) is not Tensor or second._adjoint is not None:
                break
            second._adjoint = NOTHING
            if second.gate is None:
                keep_leaf(second)
                break
            node = second


def check_versions(nodes: Sequence[Tensor], leaves: Sequence[Tensor]) -> None:
    """Raise where a leaf was assigned to after a gate had read it."""
    changed = {leaf for leaf in leaves if leaf._version}
    if not changed or max(leaf._version for leaf in changed) < min(n._stamp for n in nodes):
        return
    for node in nodes:
        for operand in node.inputs:
            if type(operand) is Tensor and operand in changed and operand._version > node._stamp:
                raise StaleGraphError(
                    f"{describe(operand)} was assigned to after {describe(node)} had read it, so "
                    "the gradient would belong to other values: compute the expression again "
                    "before .backward()"
                )


def propagate(order: list[Tensor], watch: Watcher | None = None) -> None:
    """Backpropagation over gates sorted from the output back, whose output is seeded."""
    unwatched = watch is None
    for node in order:
        upstream = node._adjoint
        first = node._first
        if unwatched and type(first) is not tuple:
            # A scalar gate: one or two operands, and their local gradients are at hand.
            if type(first) is Tensor:
                first._adjoint += upstream * node._d_first
            second = node._second
            if type(second) is Tensor:
                second._adjoint += upstream * node._d_second
            continue
        contributions = pull(node, upstream)
        for operand, contribution in zip(node.inputs, contributions, strict=True):
            if contribution is not None:
                held = operand._adjoint
                operand._adjoint = contribution if held is NOTHING else held + contribution
        if watch is not None:
            watch(node, upstream, contributions)


def pull(node: Tensor, upstream: Any) -> list[Any]:
    """What one gate sends back: a contribution in each operand's shape, None where not wanted."""
    inputs = node.inputs
    if type(node._first) is not tuple:
        return [
            upstream * d if type(operand) is Tensor else None
            for d, operand in zip(stored_local(node), inputs, strict=True)
        ]
    wanted = [type(operand) is Tensor and operand._wants for operand in inputs]
    assert node.gate is not None
    values = [value_of(operand) for operand in inputs]
    pulled = node.gate.pull(upstream, wanted, node._data, values, node._d_first)
    return [
        fold(contribution, value) if want else None
        for contribution, value, want in zip(pulled, values, wanted, strict=True)
    ]


def stored_local(node: Tensor) -> tuple[float, ...]:
    """The local gradients that a scalar gate took along when it was recorded."""
    return (node._d_first,) if node._second is None else (node._d_first, node._d_second)


def fold(contribution: Any, value: Any) -> Any:
    """A contribution in the shape and dtype of the operand's value: sums over what was repeated.

    The one place where broadcasting is folded back.
    """
    if contribution is None:  # a rule of one's own may say so for a flat function
        contribution = 0.0
    if type(value) is float:
        return contribution if type(contribution) is float else float(np.sum(contribution))
    shape = value.shape
    if type(contribution) is float:
        return np.full(shape, contribution, value.dtype)
    if contribution.shape != shape:
        extra = contribution.ndim - len(shape)
        if extra > 0:
            contribution = contribution.sum(axis=tuple(range(extra)))
        elif extra < 0 or contribution.size < value.size:
            return np.broadcast_to(contribution, shape).astype(value.dtype)
        stretched = tuple(
            i for i, (n, m) in enumerate(zip(shape, contribution.shape, strict=True)) if n != m
        )
        if stretched:
            contribution = contribution.sum(axis=stretched, keepdims=True)
    if contribution.dtype != value.dtype:
        contribution = contribution.astype(value.dtype)
    return contribution


def _stand_ins(output: Tensor) -> tuple[Tensor, dict[Tensor, Tensor]]:
    """A copy of the graph below `output` with scratch slots of its own, and whose copy each is."""
    copies: dict[Tensor, Tensor] = {}
    waiting = [output]
    while waiting:
        node = waiting.pop()
        if node in copies:
            continue
        copies[node] = _stand_in(node)
        waiting += [o for o in node.inputs if type(o) is Tensor and o._wants]
    for copy in copies.values():
        first = copy._first
        if type(first) is tuple:
            copy._first = tuple(copies.get(o, o) if type(o) is Tensor else o for o in first)
        elif type(first) is Tensor:
            copy._first = copies[first]
        if type(copy._second) is Tensor:
            copy._second = copies[copy._second]
    return copies[output], {copy: node for node, copy in copies.items()}


def _stand_in(node: Tensor) -> Tensor:
    copy = new(Tensor)
    copy._data, copy._wants, copy.name, copy.gate = node._data, node._wants, node.name, node.gate
    copy._first, copy._second = node._first, node._second
    if node.gate is None:
        copy._version = node._version
    else:
        copy._d_first = node._d_first
        if type(node._first) is not tuple:
            copy._d_second = node._d_second
    copy._stamp = node._stamp
    copy._adjoint = None
    return copy
