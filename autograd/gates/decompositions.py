"""Matrices as products of triangular and orthogonal ones: Cholesky and QR.

Each output is a gate with a rule of its own, in terms of all the factors; the contributions of the
outputs add up to the gradient. All of them take stacks of matrices.

The rules follow M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), and for QR S. Walter and L. Lehmann, "Algorithmic
differentiation of linear algebra functions" (2010).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import UnsupportedError
from autograd.gates.registry import gate
from autograd.gates.several import Factors, factors_of, output, record
from autograd.recording import apply, value_of
from autograd.tensor import Tensor

__all__: list[str] = []  # known as ag.linalg.<name>


def symmetric(m: Any) -> Any:
    """The mean of a matrix and its transpose."""
    return 0.5 * (m + m.mT)


def skew(m: Any) -> Any:
    """A matrix minus its transpose."""
    return m - m.mT


def lower_half(m: Any) -> Any:
    """The lower triangle with half the diagonal: what a symmetric matrix is made of."""
    return np.tril(m, -1) + 0.5 * (np.tril(m) - np.tril(m, -1))


def times_inverse(m: Any, a: Any) -> Any:
    """m·A⁻¹, by solving."""
    return np.linalg.solve(a.mT, m.mT).mT


def on_columns(m: Any, v: Any) -> Any:
    """Each column of a matrix times an entry of a vector: m·diag(v)."""
    return m * v[..., None, :]


# ---- Cholesky


def cholesky_vjp(g: Any, out: Any, a: Any, upper: bool) -> Any:
    """L⁻ᵀ·Φ(Lᵀ·g)·L⁻¹ made symmetric, with Φ the lower triangle and half the diagonal."""
    low, g = (out.mT, g.mT) if upper else (out, g)
    middle = np.linalg.solve(low.mT, lower_half(low.mT @ g))
    return symmetric(times_inverse(middle, low))


def cholesky_jvp(tangents: Any, out: Any, a: Any, upper: bool) -> Any:
    """L·Φ(L⁻¹·dA·L⁻ᵀ)."""
    low = out.mT if upper else out
    moved = times_inverse(np.linalg.solve(low, symmetric(tangents[0])), low.mT)
    tangent = low @ lower_half(moved)
    return tangent.mT if upper else tangent


def _cholesky_value(a: Any, upper: bool) -> Any:
    return np.linalg.cholesky(a, upper=True) if upper else np.linalg.cholesky(a)


_cholesky = gate(
    _cholesky_value, name="linalg.cholesky", symbol="chol",
    rule="A = L·Lᵀ → sym L⁻ᵀ·Φ(Lᵀ·g)·L⁻¹", pattern="mixes",
    vjp=(cholesky_vjp,), jvp=cholesky_jvp, kinks="symmetric: both triangles share it",
)  # fmt: skip


def cholesky(a: Any, /, *, upper: bool = False) -> Tensor:
    """The lower triangular L with A = L·Lᵀ of a symmetric positive definite matrix, or Lᵀ.

    NumPy reads one triangle alone; the gradient is symmetric, shared by both, as PyTorch's.

    Raises
    ------
    LinAlgError (NumPy's, and a ValueError): the matrix is not positive definite.

    Examples
    --------
    >>> import autograd as ag
    >>> a = ag.Tensor([[4.0, 0.0], [0.0, 9.0]])
    >>> ag.linalg.cholesky(a).sum().backward()
    >>> a.grad[0, 0], a.grad[1, 1]
    (np.float64(0.25), np.float64(0.16666666666666666))
    """
    return apply(_cholesky, (a,), {"upper": bool(upper)})


# ---- QR


def qr_pull(middle: Any, outer: Any, factors: Any) -> Any:
    """(outer + Q·copyltu(middle))·R⁻ᵀ, with copyltu the lower triangle mirrored upwards."""
    q, r = factors
    mirrored = np.tril(middle) + np.tril(middle, -1).mT
    return times_inverse(q @ mirrored if outer is None else outer + q @ mirrored, r.mT)


def q_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """(g + Q·copyltu(−gᵀ·Q))·R⁻ᵀ."""
    q, r = factors_of(QR, a, factors)
    return qr_pull(-(g.mT @ q), g, (q, r))


def r_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """Q·copyltu(R·gᵀ)·R⁻ᵀ, of the upper triangle of g."""
    q, r = factors_of(QR, a, factors)
    return qr_pull(r @ np.triu(g).mT, None, (q, r))


def qr_push(tangents: Any, a: Any, factors: Factors) -> Any:
    """dA·R⁻¹, its part within Q, the turning of Q, and the factors."""
    q, r = factors_of(QR, a, factors)
    moved = times_inverse(tangents[0], r)
    within = q.mT @ moved
    return moved, within, skew(np.tril(within, -1)), q, r


def q_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """The part of dA·R⁻¹ outside of Q, and the turning of Q."""
    moved, within, turn, q, _ = qr_push(tangents, a, factors)
    return moved - q @ within + q @ turn


def r_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """(Qᵀ·dA·R⁻¹ minus the turning)·R."""
    _, within, turn, _, r = qr_push(tangents, a, factors)
    return np.triu((within - turn) @ r)


_q = output(
    0, name="linalg.qr.Q", symbol="Q", rule="A = Q·R → (g − Q·copyltu(gᵀ·Q))·R⁻ᵀ",
    vjp=(q_vjp,), jvp=q_jvp,
)  # fmt: skip
_r = output(
    1, name="linalg.qr.R", symbol="R", rule="A = Q·R → Q·copyltu(R·gᵀ)·R⁻ᵀ",
    vjp=(r_vjp,), jvp=r_jvp,
)  # fmt: skip
QR = (_q, _r)


def qr(a: Any, mode: str = "reduced") -> Any:
    """The factors Q·R of matrices of at least as many rows as columns, of full rank.

    `mode` is ``"reduced"``, or ``"r"`` for R alone; ``"complete"`` of a square matrix is the same.

    Raises
    ------
    UnsupportedError (a TypeError): a wide matrix, or a mode whose Q has columns that the matrix
        does not determine.

    Examples
    --------
    >>> import autograd as ag
    >>> import numpy as np
    >>> q, r = ag.linalg.qr(ag.Tensor([[3.0, 1.0], [4.0, 2.0]]))
    >>> bool(np.allclose((q @ r).data, [[3.0, 1.0], [4.0, 2.0]]))
    True
    """
    m, n = np.shape(value_of(a))[-2:] if np.ndim(value_of(a)) > 1 else (1, 1)
    if m < n:
        raise UnsupportedError(
            f"linalg.qr expects at least as many rows as columns and received {m} by {n}: write "
            "linalg.qr of the first columns a[..., :m], and Q.mT @ a[..., m:] for the others"
        )
    if mode not in ("reduced", "r") and not (mode == "complete" and m == n):
        raise UnsupportedError(
            f"linalg.qr(mode={mode!r}) of {m} by {n} has no derivative: write mode='reduced'"
        )
    both = record(QR, a, Factors("qr", np.linalg.qr))
    return both[1] if mode == "r" else both


NUMPY = {np.linalg.cholesky: cholesky, np.linalg.qr: qr}
METHODS: dict[str, Any] = {}
