"""All derivatives at once: Jacobians and Hessians, and products with a Hessian."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd.data import is_number
from autograd.errors import UnsupportedError
from autograd.recording import value_of
from autograd.tensor import Tensor
from autograd.transforms import Call, Function, check_function, grad, jvp, positions

__all__ = ["hessian", "hvp", "jacobian"]


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """All derivatives of all outputs: an array of shape ``out.shape + in.shape``.

    Row by row in reverse mode, or column by column in forward mode where there are fewer columns.
    Arguments and results may be nested; the Jacobian is then nested like the result, and within
    it like the argument.

    >>> import autograd as ag
    >>> ag.jacobian(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))(np.array([2.0, 5.0]))
    array([[5., 2.],
           [1., 1.]])
    """
    check_function(f, "jacobian")

    @wraps(f)
    def derivatives(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, args, positions(argnums, args), kwargs)
        rows = sum(output.size for output in call.outputs)
        columns = sum(node.size for node in call.fresh)
        if columns <= rows:
            try:
                blocks = _by_columns(call)
            except UnsupportedError:  # a gate of one's own without a rule for forward mode
                blocks = _by_rows(call)
        else:
            blocks = _by_rows(call)
        nested = [call.nest(row) for row in blocks]
        chosen = [n[0] if isinstance(argnums, int) else tuple(n) for n in nested]
        return call.nest_outputs(chosen)

    return derivatives


def _by_rows(call: Call) -> list[list[Any]]:
    """A block for each output and input, by one pull for each entry of each output."""
    blocks = []
    for i, output in enumerate(call.outputs):
        rows = [
            call.pull([
                one if j == i else _zero(other) for j, other in enumerate(call.outputs)
            ])
            for one in _units(output)
        ]  # fmt: skip
        blocks.append([
            _stacked(column, output.shape + node.shape, 0)
            for column, node in zip(zip(*rows, strict=True), call.fresh, strict=True)
        ])  # fmt: skip
    return blocks


def _by_columns(call: Call) -> list[list[Any]]:
    """A block for each output and input, by one push for each entry of each input."""
    blocks: list[list[Any]] = [[] for _ in call.outputs]
    for i, node in enumerate(call.fresh):
        columns = [
            call.push([one if j == i else _zero(other) for j, other in enumerate(call.fresh)])
            for one in _units(node)
        ]
        for block, output, row in zip(
            blocks, call.outputs, zip(*columns, strict=True), strict=True
        ):
            block.append(_stacked(row, output.shape + node.shape, -1))
    return blocks


def _units(node: Tensor) -> list[Any]:
    """The unit vectors of a node's shape, in its order."""
    if is_number(node._value):
        return [1.0]
    units = np.eye(node.size, dtype=node.dtype)
    return list(units.reshape(node.size, *node.shape))


def _zero(node: Tensor) -> Any:
    return 0.0 if is_number(node._value) else np.zeros(node.shape, node.dtype)


def _stacked(parts: Sequence[Any], shape: tuple[int, ...], axis: int) -> Any:
    """Rows or columns joined into a block of a Jacobian."""
    if len(parts) == 1 and np.shape(value_of(parts[0])) == shape:
        return parts[0]
    return np.reshape(np.stack(parts, axis=axis), shape)


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """All second derivatives of a function that returns one number.

    Of shape ``in.shape + in.shape``; the Jacobian of the gradient, forward over reverse.

    >>> import autograd as ag
    >>> ag.hessian(lambda x: (x ** 3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of `f` at `x` times `v`, without building it: forward over reverse.

    `v` and the result are nested and shaped like `x`. Source: Pearlmutter, Fast exact
    multiplication by the Hessian, 1994.

    >>> import autograd as ag
    >>> ag.hvp(lambda x: (x ** 3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    return jvp(grad(f), (x,), (v,))[1]
