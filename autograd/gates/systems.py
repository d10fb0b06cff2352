"""Inverses, linear systems and least squares, of stacks of matrices.

The rules follow M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), and for the pseudo-inverse G. Golub and V. Pereyra, "The
differentiation of pseudo-inverses and nonlinear least squares problems whose variables separate"
(1973).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.errors import LinAlgError, ShapeError, UnsupportedError
from autograd.gates.primitives import primitive
from autograd.gates.registry import gate
from autograd.gates.shapes import reshape, transpose
from autograd.gates.spectra import svdvals_jvp, svdvals_vjp
from autograd.tensor import Tensor

__all__: list[str] = []  # known as ag.linalg.<name>

# ---- inverses

inv = gate(
    np.linalg.inv, name="linalg.inv", symbol="A⁻¹", rule="A⁻¹ → −A⁻ᵀ·g·A⁻ᵀ", pattern="mixes",
    vjp=(lambda g, out, a: -(out.mT @ g @ out.mT),),
    jvp=lambda tangents, out, a: -(out @ tangents[0] @ out),
    doc="""The inverse of square matrices.

    >>> import autograd as ag
    >>> a = ag.Tensor([[2.0, 0.0], [0.0, 4.0]])
    >>> ag.linalg.inv(a)[0, 0].backward()
    >>> float(a.grad[0, 0])
    -0.25
    """,
)  # fmt: skip


def pinv_vjp(g: Any, out: Any, a: Any, **cutoff: Any) -> Any:
    """−Xᵀ·g·Xᵀ + (I − A·X)·gᵀ·X·Xᵀ + Xᵀ·X·gᵀ·(I − X·A), of constant rank."""
    outside = g.mT @ out @ out.mT
    within = out.mT @ out @ g.mT
    return -(out.mT @ g @ out.mT) + outside - a @ (out @ outside) + within - (within @ out) @ a


def pinv_jvp(tangents: Any, out: Any, a: Any, **cutoff: Any) -> Any:
    """−X·dA·X + X·Xᵀ·dAᵀ·(I − A·X) + (I − X·A)·dAᵀ·Xᵀ·X, of constant rank."""
    t = tangents[0]
    outside = out @ out.mT @ t.mT
    within = t.mT @ out.mT @ out
    return -(out @ t @ out) + outside - (outside @ a) @ out + within - out @ (a @ within)


_pinv = gate(
    np.linalg.pinv, name="linalg.pinv", symbol="A⁺",
    rule="X = A⁺ → −Xᵀ·g·Xᵀ + (I−A·X)·gᵀ·X·Xᵀ + Xᵀ·X·gᵀ·(I−X·A)", pattern="mixes",
    vjp=(pinv_vjp,), jvp=pinv_jvp, kinks="that of constant rank",
)  # fmt: skip


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Tensor:
    """The pseudo-inverse of matrices; its derivative holds where their rank does not change.

    >>> import autograd as ag
    >>> ag.linalg.pinv(ag.Tensor([[2.0], [0.0]])).data
    array([[0.5, 0. ]])
    """
    if hermitian:
        raise UnsupportedError("linalg.pinv(hermitian=True) has no derivative: leave it out")
    given = {"rcond": rcond, "rtol": rtol}
    return apply(_pinv, (a,), {key: value for key, value in given.items() if value is not None})


# ---- systems


def solve_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    """−(A⁻ᵀ·g)·xᵀ."""
    if len(np.shape(b)) == 1:
        return -(np.linalg.solve(a.mT, g[..., None]) * out[..., None, :])
    return -(np.linalg.solve(a.mT, g) @ out.mT)


def solve_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    """A⁻ᵀ·g."""
    if len(np.shape(b)) == 1:
        return np.linalg.solve(a.mT, g[..., None])[..., 0]
    return np.linalg.solve(a.mT, g)


def solve_jvp(tangents: Any, out: Any, a: Any, b: Any) -> Any:
    """A⁻¹·(db − dA·x)."""
    da, db = tangents
    if len(np.shape(b)) == 1:
        return np.linalg.solve(a, db[..., None] - da @ out[..., None])[..., 0]
    return np.linalg.solve(a, db - da @ out)


solve = gate(
    np.linalg.solve, name="linalg.solve", symbol="A⁻¹·b",
    rule="A⁻¹·b = x → −(A⁻ᵀ·g)·xᵀ, A⁻ᵀ·g", pattern="mixes",
    vjp=(solve_left, solve_right), jvp=solve_jvp,
    doc="""The solution x of A·x = b, for square matrices A.

    As in NumPy 2, `b` is a vector only if it has one axis; else it is a matrix, or a stack.

    >>> import autograd as ag
    >>> ag.linalg.solve(ag.Tensor([[2.0, 0.0], [0.0, 4.0]]), [1.0, 1.0]).data
    array([0.5 , 0.25])
    """,
)  # fmt: skip


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Tensor:
    """The x with ``np.tensordot(a, x, x.ndim) == b``; `axes` of `a` are moved to its end first.

    >>> import autograd as ag
    >>> a = ag.Tensor([[[2.0, 0.0]], [[0.0, 4.0]]])  # (2, 1) by (2,)
    >>> ag.linalg.tensorsolve(a, [[1.0], [1.0]]).data
    array([0.5 , 0.25])
    """
    ndim, b_ndim = np.ndim(value_of(a)), np.ndim(value_of(b))
    if axes is not None:
        moved = {axis % ndim for axis in axes if -ndim <= axis < ndim}
        a = transpose(a, [*(k for k in range(ndim) if k not in moved), *axes])
    shape = np.shape(value_of(a))
    rows, columns = shape[:b_ndim], shape[b_ndim:]
    _square(f"linalg.tensorsolve of shapes {shape} and {np.shape(value_of(b))}", rows, columns)
    n = math.prod(rows)
    return reshape(solve(reshape(a, (n, n)), reshape(b, (-1,))), columns)


def tensorinv(a: Any, ind: int = 2) -> Tensor:
    """The inverse of `a` as a map from its last axes to its first `ind` ones.

    >>> import autograd as ag
    >>> ag.linalg.tensorinv(ag.Tensor([[[2.0, 0.0]], [[0.0, 4.0]]]), ind=2).shape
    (2, 2, 1)
    """
    if ind <= 0:
        raise ShapeError(f"linalg.tensorinv expects ind of 1 or more and received {ind}")
    shape = np.shape(value_of(a))
    rows, columns = shape[:ind], shape[ind:]
    _square(f"linalg.tensorinv(ind={ind}) of shape {shape}", rows, columns)
    n = math.prod(rows)
    return reshape(inv(reshape(a, (n, n))), (*columns, *rows))


def _square(call: str, rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
    if math.prod(rows) != math.prod(columns):
        raise LinAlgError(
            f"{call} expects as many entries in the first axes {rows} as in the others {columns}"
        )


# ---- least squares


def lstsq_left(g: Any, out: Any, a: Any, b: Any, rcond: Any) -> Any:
    """That of A⁺, for the upstream g·bᵀ."""
    g, b = _column(g), _column(b)
    inverse = np.linalg.pinv(a, rtol=_rtol(a, rcond))
    return pinv_vjp(g @ b.mT, inverse, a)


def lstsq_right(g: Any, out: Any, a: Any, b: Any, rcond: Any) -> Any:
    """A⁺ᵀ·g."""
    return np.linalg.pinv(a, rtol=_rtol(a, rcond)).mT @ g


def lstsq_jvp(tangents: Any, out: Any, a: Any, b: Any, rcond: Any) -> Any:
    """dA⁺·b + A⁺·db."""
    da, db = tangents
    inverse = np.linalg.pinv(a, rtol=_rtol(a, rcond))
    return pinv_jvp([da], inverse, a) @ b + inverse @ db


def _column(b: Any) -> Any:
    """A vector as a matrix of one column."""
    return b[:, None] if len(np.shape(b)) == 1 else b


def _rtol(a: Any, rcond: Any) -> float:
    """Below which part of the largest singular value the others count as zero."""
    if rcond is not None and rcond >= 0:
        return float(rcond)
    precision = float(np.finfo(value_of(a).dtype).eps)
    return precision * max(np.shape(a)) if rcond is None else precision


@primitive("lstsq")
def solution(a: Any, b: Any, rcond: Any) -> Any:
    """The least-squares solution alone, whose shape does not depend on the numbers."""
    return np.linalg.lstsq(a, b, rcond=rcond)[0]


_lstsq = gate(
    solution, name="linalg.lstsq",
    symbol="A⁺·b", rule="A⁺·b → that of A⁺ for g·bᵀ, A⁺ᵀ·g", pattern="mixes",
    vjp=(lstsq_left, lstsq_right), jvp=lstsq_jvp, kinks="that of constant rank",
)  # fmt: skip


def residual_slopes(a: Any, b: Any, rcond: Any) -> tuple[Any, Any]:
    """x and 2·(b − A·x), with a column for each right-hand side.

    The residuals are least at x: what moves with x adds nothing to their derivative.
    """
    b = _column(b)
    x = np.linalg.pinv(a, rtol=_rtol(a, rcond)) @ b
    return x, 2.0 * (b - a @ x)


def residuals_left(g: Any, out: Any, a: Any, b: Any, rcond: Any) -> Any:
    """−2·(b − A·x)·g·xᵀ."""
    x, slopes = residual_slopes(a, b, rcond)
    return -(slopes * g) @ x.mT


def residuals_right(g: Any, out: Any, a: Any, b: Any, rcond: Any) -> Any:
    """2·(b − A·x)·g."""
    return np.reshape(residual_slopes(a, b, rcond)[1] * g, np.shape(b))


def residuals_jvp(tangents: Any, out: Any, a: Any, b: Any, rcond: Any) -> Any:
    """2·(b − A·x)ᵀ·(db − dA·x), a column at a time."""
    da, db = tangents
    x, slopes = residual_slopes(a, b, rcond)
    return np.sum(slopes * (_column(db) - da @ x), axis=0)


_residuals = gate(
    lambda a, b, rcond: np.linalg.lstsq(a, b, rcond=rcond)[1], name="linalg.lstsq.residuals",
    symbol="|b − A·x|²", rule="r = b − A·x: r² → −2·r·g·xᵀ, 2·r·g", pattern="mixes",
    vjp=(residuals_left, residuals_right), jvp=residuals_jvp, kinks="that of constant rank",
)  # fmt: skip

_lstsq_singular = gate(
    lambda a, b, rcond: np.linalg.lstsq(a, b, rcond=rcond)[3], name="linalg.lstsq.S",
    symbol="S", rule="A = U·S·Vᵀ → U·diag g·Vᵀ", pattern="mixes",
    vjp=(
        lambda g, out, a, b, rcond: svdvals_vjp(g, out, a),
        lambda g, out, a, b, rcond: np.zeros_like(b),
    ),
    jvp=lambda tangents, out, a, b, rcond: svdvals_jvp(tangents, out, a),
    doc="The singular values of the matrix.",
)  # fmt: skip


def lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Tensor, Tensor, int, Tensor]:
    """The least-squares solution of A·x = b of least norm, residuals, rank and singular values.

    The derivative holds where the rank does not change. As in NumPy, the residuals (sums of
    squares) are empty unless A has full column rank and more rows than columns.

    >>> import autograd as ag
    >>> x, residuals, rank, s = ag.linalg.lstsq(ag.Tensor([[1.0], [1.0]]), [1.0, 3.0])
    >>> x.data.round(12), residuals.data.round(12), rank
    (array([2.]), array([2.]), 1)
    """
    x = apply(_lstsq, (a, b), {"rcond": rcond})
    _, _, rank, _ = np.linalg.lstsq(value_of(a), value_of(b), rcond=rcond)
    m, n = np.shape(value_of(a))
    if rank == n < m:
        residuals = apply(_residuals, (a, b), {"rcond": rcond})
    else:
        residuals = Tensor(np.zeros(0, x.dtype), requires_grad=False)
    return x, residuals, int(rank), apply(_lstsq_singular, (a, b), {"rcond": rcond})


NUMPY = {
    np.linalg.inv: inv,
    np.linalg.pinv: pinv,
    np.linalg.solve: solve,
    np.linalg.tensorinv: tensorinv,
    np.linalg.tensorsolve: tensorsolve,
    np.linalg.lstsq: lstsq,
}
METHODS: dict[str, Any] = {}
