"""Parts of matrices: diagonals, triangles and traces."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.errors import ShapeError
from autograd.gates.primitives import primitive
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.shapes import reshape, transpose
from autograd.tensor import Tensor

__all__ = ["diag", "diagflat", "diagonal", "tril", "triu"]


@primitive("diag")
def on_diagonal(
    a: Any, offset: int, axis1: int, axis2: int, shape: tuple[int, ...] | None = None
) -> Any:
    """Zeros of `shape` with the last axis of `a` on a diagonal; a square matrix of a vector."""
    if shape is None:
        n = len(a) + abs(offset)
        shape = (n, n)
    out = np.zeros(shape, dtype=a.dtype)
    add_on_diagonal(out, a, offset, axis1, axis2)
    return out


def add_on_diagonal(total: Any, a: Any, offset: int, axis1: int, axis2: int) -> None:
    """Add the last axis of `a` to a diagonal of an array."""
    diagonals = np.einsum("...ii->...i", _placed(total, offset, axis1, axis2))
    diagonals += a


def _placed(out: Any, offset: int, axis1: int, axis2: int) -> Any:
    """A view of the square that a diagonal runs through, in the last two axes."""
    matrices = np.moveaxis(out, (axis1, axis2), (-2, -1))
    matrices = matrices[..., max(-offset, 0) :, max(offset, 0) :]
    n = min(matrices.shape[-2:])
    return matrices[..., :n, :n]


_diagonal = gate(
    np.diagonal, name="diagonal", symbol="diag",
    rule="aᵢᵢ → the upstream on the diagonal, 0 elsewhere", pattern="routes",
    vjp=(
        lambda g, out, a, **where: apply_or_compute(_on_diagonal, g, shape=np.shape(a), **where),
    ),
    linear="jointly", into=add_on_diagonal,
)  # fmt: skip

_on_diagonal: Gate = gate(
    on_diagonal, name="diag", symbol="diag",
    rule="0 but for a on the diagonal → the upstream's diagonal", pattern="moves",
    vjp=(
        lambda g, out, a, offset, axis1, axis2, shape=None: np.diagonal(g, offset, axis1, axis2),
    ),
    linear="jointly",
)  # fmt: skip


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """A diagonal of the matrices in two axes, as the last axis of the result.

    >>> import autograd as ag
    >>> t = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> ag.diagonal(t).sum().backward()
    >>> t.grad
    array([[1., 0.],
           [0., 1.]])
    """
    return apply(_diagonal, (a,), {"offset": offset, "axis1": axis1, "axis2": axis2})


def diag(v: Any, k: int = 0) -> Tensor:
    """The `k`-th diagonal of a matrix, or the square matrix with a vector on that diagonal.

    Raises
    ------
    ShapeError (a ValueError): more than two axes, or none.

    Examples
    --------
    >>> import autograd as ag
    >>> ag.diag(ag.Tensor([1.0, 2.0])).data
    array([[1., 0.],
           [0., 2.]])
    >>> ag.diag(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), k=1).data
    array([2.])
    """
    ndim = len(np.shape(value_of(v)))
    if ndim not in (1, 2):
        raise ShapeError(
            f"diag expects a vector or a matrix and received {ndim} axes: write ag.diagonal for "
            "stacks of matrices, ag.diagflat to flatten first"
        )
    return apply(
        _diagonal if ndim == 2 else _on_diagonal, (v,), {"offset": k, "axis1": 0, "axis2": 1}
    )


def diagflat(v: Any, k: int = 0) -> Tensor:
    """The square matrix with the entries of `v`, flattened, on its `k`-th diagonal.

    >>> import autograd as ag
    >>> ag.diagflat(ag.Tensor([[1.0], [2.0]])).data
    array([[1., 0.],
           [0., 2.]])
    """
    return diag(v if len(np.shape(value_of(v))) == 1 else reshape(v, (-1,)), k)


def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Tensor:
    """A diagonal of the matrices in the last two axes, ``linalg.diagonal``.

    >>> import autograd as ag
    >>> import numpy as np
    >>> ag.linalg.diagonal(ag.Tensor(np.ones((5, 2, 3)))).shape
    (5, 2)
    """
    return diagonal(x, offset, -2, -1)


# ---- triangles


def _triangle(numpys: Any, name: str, symbol: str) -> Gate:
    return gate(
        numpys, name=name, symbol=symbol, rule=f"{name} A → {name} g", pattern="routes",
        vjp=(lambda g, out, a, k: numpys(g, k),), linear="jointly",
    )  # fmt: skip


_tril = _triangle(np.tril, "tril", "◣")
_triu = _triangle(np.triu, "triu", "◥")


def tril(m: Any, k: int = 0) -> Tensor:
    """The lower triangle of the matrices in the last two axes, up to diagonal `k`; 0 elsewhere.

    >>> import autograd as ag
    >>> ag.tril(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).data
    array([[1., 0.],
           [3., 4.]])
    """
    return apply(_tril, (m,), {"k": k})


def triu(m: Any, k: int = 0) -> Tensor:
    """The upper triangle of the matrices in the last two axes, from diagonal `k`; 0 elsewhere.

    >>> import autograd as ag
    >>> ag.triu(ag.Tensor([[1.0, 2.0], [3.0, 4.0]])).data
    array([[1., 2.],
           [0., 4.]])
    """
    return apply(_triu, (m,), {"k": k})


# ---- the trace; ag.trace is the derivation of a graph


def trace_vjp(g: Any, out: Any, a: Any, offset: int, axis1: int, axis2: int) -> Any:
    """The upstream on the diagonal."""
    shape = np.shape(a)
    n = _placed(np.broadcast_to(0.0, shape), offset, axis1, axis2).shape[-1]
    spread = np.broadcast_to(g[..., None], (*g.shape, n))
    where = {"offset": offset, "axis1": axis1, "axis2": axis2}
    return apply_or_compute(_on_diagonal, spread, shape=shape, **where)


_trace = gate(
    np.trace, name="trace", symbol="tr", rule="tr A → 1 on the diagonal, 0 elsewhere",
    pattern="copies", vjp=(trace_vjp,), linear="jointly",
)  # fmt: skip


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The sum along a diagonal of the matrices in two axes: ``np.trace(t)`` or ``t.trace()``.

    >>> import numpy as np
    >>> from autograd import Tensor
    >>> np.trace(Tensor([[1.0, 2.0], [3.0, 4.0]])).data
    array(5.)
    """
    return apply(_trace, (a,), {"offset": offset, "axis1": axis1, "axis2": axis2})


def matrix_trace(x: Any, /, *, offset: int = 0) -> Tensor:
    """The traces of the matrices in the last two axes, ``linalg.trace``.

    >>> import autograd as ag
    >>> import numpy as np
    >>> ag.linalg.trace(ag.Tensor(np.ones((5, 2, 2)))).data
    array([2., 2., 2., 2., 2.])
    """
    return trace(x, offset, -2, -1)


def matrix_transpose(x: Any, /) -> Tensor:
    """The last two axes swapped, ``linalg.matrix_transpose``.

    >>> import autograd as ag
    >>> import numpy as np
    >>> ag.linalg.matrix_transpose(ag.Tensor(np.ones((5, 2, 3)))).shape
    (5, 3, 2)
    """
    ndim = np.ndim(value_of(x))
    if ndim < 2:
        raise ShapeError(f"matrix_transpose expects at least two axes and received {ndim}")
    return transpose(x, (*range(ndim - 2), ndim - 1, ndim - 2))


NUMPY = {
    np.diagonal: diagonal,
    np.diag: diag,
    np.diagflat: diagflat,
    np.tril: tril,
    np.triu: triu,
    np.trace: trace,
    np.linalg.diagonal: matrix_diagonal,
    np.linalg.trace: matrix_trace,
    np.linalg.matrix_transpose: matrix_transpose,
}
METHODS = {"diagonal": diagonal, "trace": trace}
