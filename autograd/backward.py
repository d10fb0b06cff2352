"""`Tensor.backward`: the seed of a pass, and what becomes of its adjoints in `.grad`.

The pass itself, which the transforms, `trace` and the pictures run too, is `propagation.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from threading import RLock
from typing import Any

import numpy as np

from autograd import modes
from autograd.data import as_array, as_data, is_number
from autograd.eager import value_of
from autograd.errors import DataError, GradientError, ShapeError, refused
from autograd.inside import argument_among, innermost
from autograd.propagation import propagate
from autograd.tensor import Tensor, describe, leaf
from autograd.traversal import Pass, backward_pass

__all__ = ["backward", "depositing", "make_seed"]


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
    create_graph : record the pass, so that the gradients, now Tensors, can be differentiated.
    retain_grads : False adds to the leaves' `.grad` alone.

    Raises
    ------
    GradientError (a RuntimeError): nothing here wants a gradient, a node of several elements has no
        `gradient`, or a function that is being differentiated would get plain numbers of its
        arguments, through which no gradient flows.
    ShapeError (a ValueError): `gradient` is not of the node's shape.
    StaleGraphError : a leaf's data were assigned after the graph was recorded.
    CompileError (a TypeError): called in a function that `compile` records.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x = Tensor(3.0)
    >>> (x * x).backward()
    >>> x.grad
    6.0
    """
    if modes.open_blocks and modes.tape() is not None:
        raise refused(
            "backward() adds to .grad, which a program would not repeat: compile "
            "ag.value_and_grad(f), or compile the loss as a graph, ag.compile(loss), whose program "
            "has a backward()"
        )
    seed = make_seed(self, gradient, create_graph)
    with backward_pass([self], [seed]) as nodes:
        if innermost() is not None and not create_graph:
            _check_not_differentiated(self, nodes)
        propagate(nodes, record=create_graph, keep=retain_grads)
        with depositing:  # adding to a leaf that another thread adds to would lose one of the two
            taken: set[int] = set()
            if retain_grads:
                _deposit(nodes.order, nodes.original, taken, create_graph)
            _deposit(nodes.ends, nodes.original, taken, create_graph)


def _check_not_differentiated(output: Tensor, nodes: Pass) -> None:
    """Raise where a pass that is not recorded reaches what is being differentiated further."""
    reached = chain(nodes.ends, nodes.order)
    argument = argument_among(map(nodes.original, reached) if nodes.original else reached)
    if argument is not None:
        raise GradientError(
            f"backward() of {describe(output)} reaches {describe(argument)} of a function that is "
            "differentiated, and would leave plain numbers in .grad, through which no gradient "
            "flows: write .backward(create_graph=True), or ag.grad of a function for that part"
        )


depositing = RLock()


def _deposit(
    reached: list[Tensor],
    original: Callable[[Tensor], Tensor] | None,
    taken: set[int],
    as_tensors: bool,
) -> None:
    """Move the adjoints to `.grad`; an array is writable and shared with nothing else.

    `taken` are those that are already some node's gradient.
    """
    for node in reached:
        adjoint = node._adjoint
        node._adjoint = None
        if original:
            node = original(node)
        if as_tensors and type(adjoint) is not Tensor:
            adjoint = leaf(adjoint if type(adjoint) is float else _own(adjoint, taken))
        if node._grad is not None:
            total = node._grad + adjoint
            node._grad = np.asarray(total) if isinstance(total, np.generic) else total
        elif type(adjoint) is float or as_tensors:
            node._grad = adjoint
        else:
            node._grad = _own(adjoint, taken)
    reached.clear()


def _own(adjoint: Any, taken: set[int]) -> Any:
    """The adjoint as a writable array that nothing else holds: a copy if it may be shared."""
    array = adjoint if type(adjoint) is np.ndarray else np.asarray(adjoint)
    if array.base is not None or id(array) in taken or not array.flags.writeable:
        array = array.copy()
    taken.add(id(array))
    return array


def make_seed(output: Tensor, gradient: Any, as_tensor: bool = False) -> Any:
    """dL/d(output) to start from, of the output's kind, shape and dtype; checked."""
    if not output._wants:
        raise GradientError(
            f"{describe(output)} wants no gradient: none of its operands is a Tensor with "
            "requires_grad=True, or it was made under no_grad()"
        )
    data = output._value
    if gradient is None:
        if is_number(data):
            return 1.0
        if data.size == 1:
            return np.ones(data.shape, data.dtype)
        raise GradientError(
            f"{describe(output)} has {data.size} elements, and only one number has a gradient: "
            "write .sum().backward(), or .backward(gradient=...) with an array of that shape"
        )
    if type(gradient) is Tensor and gradient._wants:
        if as_tensor and gradient.shape == output.shape:
            return gradient
        raise DataError(
            f"gradient={describe(gradient)} wants a gradient itself: write gradient=t.data, or "
            "pass create_graph=True"
        )
    received = as_array(as_data(value_of(gradient), None))
    if received.shape != np.shape(data):
        raise ShapeError(
            f"gradient must have the shape of {describe(output)}, {np.shape(data)}, and received "
            f"{received.shape}"
        )
    if type(data) is float:
        return float(received)
    return received if is_number(data) else received.astype(data.dtype)
