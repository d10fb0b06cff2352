"""Matrices as products of triangular and orthogonal ones: Cholesky and QR.

Each output is a gate with a rule of its own, in terms of all the factors; the contributions of the
outputs add up to the gradient. All of them take stacks of matrices.

The rules follow M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), and for QR S. Walter and L. Lehmann, "Algorithmic
differentiation of linear algebra functions" (2010).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.effects import replayed
from autograd.errors import GradientError, UnsupportedError
from autograd.gates.multi_output import Factors, factors_of, output, record
from autograd.gates.registry import gate
from autograd.gates.rules import apply_or_compute
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


def corner(m: Any, rows: int | None, columns: int | None) -> Any:
    """The first rows and columns of matrices; all of them where None is given."""
    if rows in (None, np.shape(m)[-2]) and columns in (None, np.shape(m)[-1]):
        return m
    return m[..., :rows, :columns]


def widened(m: Any, n: int, fill: float = 0.0) -> Any:
    """Matrices with `n` columns more, of one number."""
    if not n:
        return m
    return np.concatenate([m, np.full((*np.shape(m)[:-1], n), fill, value_of(m).dtype)], axis=-1)


@replayed(holds=lambda surplus, *_: (surplus == 0.0).all())
def check_nothing_reaches(surplus: Any, k: int) -> None:
    """Raise GradientError (a RuntimeError) where columns that are not determined have a gradient.

    `k` columns are before them.
    """
    if np.any(surplus):
        count = surplus.shape[-1]
        raise GradientError(
            f"a gradient reaches the last {count} of {k + count} columns of a factor that the "
            "matrix does not determine: any basis of that space would do. Read the first "
            f"{k} alone, q[..., :{k}], or write mode='reduced' or full_matrices=False"
        )


def leading(g: Any, k: int) -> Any:
    """The upstream of the first `k` columns, where the others have none."""
    check_nothing_reaches(g[..., k:], k)
    return g[..., :k]


_leading = gate(
    leading, name="determined columns", symbol="[:k]",
    rule="first k columns → the upstream, 0 elsewhere", pattern="routes",
    vjp=(lambda g, out, a, k: widened(g, np.shape(a)[-1] - k),), linear="jointly",
)  # fmt: skip


def determined(g: Any, k: int) -> Any:
    """The upstream of a factor whose first `k` columns alone the matrix determines.

    Raises `GradientError` (a RuntimeError) where one reaches the others.
    """
    return g if np.shape(g)[-1] == k else apply_or_compute(_leading, g, k=k)


def qr_vjp(middle: Any, outer: Any, factors: Any) -> Any:
    """(outer + Q·copyltu(middle))·R⁻ᵀ, with copyltu the lower triangle mirrored upwards."""
    q, r = factors
    mirrored = np.tril(middle) + np.tril(middle, -1).mT
    return times_inverse(q @ mirrored if outer is None else outer + q @ mirrored, r.mT)


def qr_parts(a: Any, factors: Factors) -> tuple[Any, Any, Any]:
    """Q and the square R of the columns that determine Q, and R of those beyond, None if none."""
    q, r = factors_of(QR, a, factors)
    k = min(np.shape(a)[-2:])
    return corner(q, None, k), corner(r, k, k), r[..., k:] if np.shape(r)[-1] > k else None


def q_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """(g + Q·copyltu(−gᵀ·Q))·R⁻ᵀ; nothing to the columns of a wide matrix beyond the square."""
    q, r, _ = qr_parts(a, factors)
    g = determined(g, np.shape(q)[-1])
    return widened(qr_vjp(-(g.mT @ q), g, (q, r)), np.shape(a)[-1] - np.shape(r)[-1])


def r_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """Q·copyltu(R·gᵀ)·R⁻ᵀ, of the upper triangle of g.

    Of a wide matrix [A₁ A₂], whose R is [R₁ R₂] with R₂ = Qᵀ·A₂, the upstream g₂ goes to A₂ as Q·g₂
    and to A₁ by way of Q, whose upstream is Q·R₂·g₂ᵀ.
    """
    q, r, beyond = qr_parts(a, factors)
    k = np.shape(r)[-1]
    middle = r @ np.triu(corner(g, k, k)).mT
    if beyond is None:
        return qr_vjp(middle, None, (q, r))
    turned = beyond @ g[..., k:].mT
    square = qr_vjp(middle - turned.mT, q @ turned, (q, r))
    return np.concatenate([square, q @ g[..., k:]], axis=-1)


def qr_jvp(tangent: Any, q: Any, r: Any) -> Any:
    """dA·R⁻¹, its part within Q, and the turning of Q."""
    moved = times_inverse(corner(tangent, None, np.shape(r)[-1]), r)
    within = q.mT @ moved
    return moved, within, skew(np.tril(within, -1))


def q_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """The part of dA·R⁻¹ outside of Q, and the turning of Q; nan in columns not determined."""
    q, r, _ = qr_parts(a, factors)
    moved, within, turn = qr_jvp(tangents[0], q, r)
    return widened(moved - q @ within + q @ turn, np.shape(out)[-1] - np.shape(q)[-1], np.nan)


def r_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """(Qᵀ·dA·R⁻¹ minus the turning)·R; of R₂ = Qᵀ·A₂, Qᵀ·dA₂ minus the turning times R₂."""
    q, r, beyond = qr_parts(a, factors)
    _, within, turn = qr_jvp(tangents[0], q, r)
    moved = np.triu((within - turn) @ r)
    if beyond is not None:
        rest = q.mT @ tangents[0][..., np.shape(r)[-1] :] - turn @ beyond
        return np.concatenate([moved, rest], axis=-1)
    return widened(moved.mT, np.shape(out)[-2] - np.shape(r)[-2]).mT


_q = output(
    0, name="linalg.qr.Q", symbol="Q", rule="A = Q·R → (g − Q·copyltu(gᵀ·Q))·R⁻ᵀ",
    vjp=(q_vjp,), jvp=q_jvp, kinks="surplus columns have none",
)  # fmt: skip
_r = output(
    1, name="linalg.qr.R", symbol="R", rule="A = Q·R → Q·copyltu(R·gᵀ)·R⁻ᵀ",
    vjp=(r_vjp,), jvp=r_jvp,
)  # fmt: skip
QR = (_q, _r)


def qr(a: Any, mode: str = "reduced") -> Any:
    """The factors Q·R of matrices whose first columns (as many as a side) are independent.

    `mode` is ``"reduced"``, ``"complete"``, or ``"r"`` for R alone. In complete mode the matrix
    does not determine the columns of Q beyond its own: a gradient that reaches them raises, and
    their tangent in forward mode is nan.

    Raises
    ------
    GradientError (a RuntimeError), backward: a gradient reaches columns that are not determined.
    UnsupportedError (a TypeError): ``mode="raw"``.

    Examples
    --------
    >>> import autograd as ag
    >>> import numpy as np
    >>> q, r = ag.linalg.qr(ag.Tensor([[3.0, 1.0, 2.0], [4.0, 2.0, 1.0]]))
    >>> q.shape, r.shape, bool(np.allclose((q @ r).data, [[3.0, 1.0, 2.0], [4.0, 2.0, 1.0]]))
    ((2, 2), (2, 3), True)
    """
    if mode not in ("reduced", "complete", "r"):
        raise UnsupportedError(
            f"linalg.qr(mode={mode!r}) has no derivative: write mode='reduced', 'complete' or 'r'"
        )
    compute = partial(np.linalg.qr, mode=mode) if mode == "complete" else np.linalg.qr
    both = record(QR, a, Factors("qr", compute))
    return both[1] if mode == "r" else both


NUMPY = {np.linalg.cholesky: cholesky, np.linalg.qr: qr}
METHODS: dict[str, Any] = {}
