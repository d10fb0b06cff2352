"""All derivatives at once: Jacobians and Hessians, and products with a Hessian."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from autograd.data import is_number
from autograd.eager import value_of
from autograd.errors import DataError, UnsupportedError
from autograd.fresh import Call, Function, by_argnums, check_function, positions
from autograd.tensor import Tensor
from autograd.transforms import Nest, grad, jvp

if TYPE_CHECKING:
    from autograd.signatures import Derivatives

__all__ = ["hessian", "hvp", "jacobian"]


MODES = ("reverse", "forward")


def jacobian(
    f: Function,
    argnums: int | Sequence[int] = 0,
    mode: Literal["reverse", "forward"] | None = None,
) -> Derivatives:
    """All derivatives of all outputs: an array of shape ``out.shape + in.shape``.

    Arguments and results may be nested; the Jacobian is then nested like the result, and within
    it like the argument. What is empty has empty blocks.

    Parameters
    ----------
    f, argnums : as of `grad`; the result may have any shape.
    mode : "reverse" goes row by row, by one vjp for each entry of the result; "forward" column by
        column, by one jvp for each entry of the argument; None takes forward mode where there are
        no more columns than rows and each gate has a rule for it.

    The two give the same numbers, but to rounding, and but where a gate's derivative is infinite
    or nan: the zeros of a row meet it in reverse mode, and 0·∞ is nan. In forward mode those of a
    column are tangents that stand still, and add nothing (see `jvp`). So the Jacobian of √x at
    (0, 1), which is diagonal:

    >>> import autograd as ag
    >>> ag.jacobian(np.sqrt, mode="reverse")(np.array([0.0, 1.0]))
    array([[inf, 0. ],
           [nan, 0.5]])
    >>> ag.jacobian(np.sqrt, mode="forward")(np.array([0.0, 1.0]))
    array([[inf, 0. ],
           [0. , 0.5]])

    Raises
    ------
    DataError (a TypeError): another mode, or an argument that has no gradient.
    UnsupportedError (a TypeError): `mode="forward"`, and a gate of one's own without a rule for it.

    >>> ag.jacobian(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))(np.array([2.0, 5.0]))
    array([[5., 2.],
           [1., 1.]])
    """
    check_function(f, "jacobian", argnums)
    if not (mode is None or (isinstance(mode, str) and mode in MODES)):
        raise DataError(f'mode must be None, "reverse" or "forward"; received {mode!r}')

    @wraps(f)
    def derivatives(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, args, positions(argnums, args), kwargs)
        blocks = _blocks(call, mode)
        return call.nest_outputs([by_argnums(argnums, call.nest(row)) for row in blocks])

    return derivatives


def _blocks(call: Call, mode: str | None) -> list[list[Any]]:
    """A block for each output and input, in the mode asked for, or in the cheaper one."""
    rows = sum(output.size for output in call.outputs)
    columns = sum(node.size for node in call.fresh)
    if mode == "reverse" or (mode is None and columns > rows):
        return _by_rows(call)
    try:
        return _by_columns(call)
    except UnsupportedError:  # a gate of one's own without a rule for forward mode
        if mode == "forward":
            raise
        return _by_rows(call)


def _by_rows(call: Call) -> list[list[Any]]:
    """A block for each output and input, by one vjp for each entry of each output."""
    blocks = []
    for i, output in enumerate(call.outputs):
        rows = [
            call.vjp([one if j == i else _zero(other) for j, other in enumerate(call.outputs)])
            for one in _units(output)
        ]
        blocks.append([
            _stacked(call, [row[k] for row in rows], output, node, 0)
            for k, node in enumerate(call.fresh)
        ])  # fmt: skip
    return blocks


def _by_columns(call: Call) -> list[list[Any]]:
    """A block for each output and input, by one jvp for each entry of each input."""
    blocks: list[list[Any]] = [[] for _ in call.outputs]
    for i, node in enumerate(call.fresh):
        columns = [
            call.jvp([one if j == i else _zero(other) for j, other in enumerate(call.fresh)])
            for one in _units(node)
        ]
        for k, (block, output) in enumerate(zip(blocks, call.outputs, strict=True)):
            block.append(_stacked(call, [column[k] for column in columns], output, node, -1))
    return blocks


def _units(node: Tensor) -> list[Any]:
    """The unit vectors of a node's shape, in its order."""
    if is_number(node._value):
        return [1.0]
    units = np.eye(node.size, dtype=node.dtype)
    return list(units.reshape(node.size, *node.shape))


def _zero(node: Tensor) -> Any:
    return 0.0 if is_number(node._value) else np.zeros(node.shape, node.dtype)


def _stacked(call: Call, parts: Sequence[Any], output: Tensor, node: Tensor, axis: int) -> Any:
    """Rows (of axis 0) or columns joined into a block of a Jacobian."""
    shape = output.shape + node.shape
    if not parts:
        return call.constant(np.zeros(shape, (node if axis == 0 else output).dtype))
    if len(parts) == 1 and np.shape(value_of(parts[0])) == shape:
        return parts[0]
    return np.reshape(np.stack(parts, axis=axis), shape)


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Derivatives:
    """All second derivatives of a function that returns one number.

    Of shape ``in.shape + in.shape``; the Jacobian of the gradient, forward over reverse.

    >>> import autograd as ag
    >>> ag.hessian(lambda x: (x ** 3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Function, x: Nest, v: Any) -> Nest:
    """The Hessian of `f` at `x` times `v`, without building it: forward over reverse.

    `v` and the result are nested and shaped like `x`. Source: Pearlmutter, Fast exact
    multiplication by the Hessian, 1994.

    >>> import autograd as ag
    >>> ag.hvp(lambda x: (x ** 3).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    return jvp(grad(f), (x,), (v,))[1]
