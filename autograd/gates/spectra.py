"""Eigenvalues of symmetric matrices and singular values of any, with their vectors.

Each output is a gate with a rule of its own, in terms of all the factors; the contributions of the
outputs add up to the gradient. All of them take stacks of matrices.

The rules follow M. Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), and for singular vectors J. Townsend, "Differentiating the
singular value decomposition" (2016).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.errors import UnsupportedError
from autograd.gates.decompositions import (
    corner,
    determined,
    on_columns,
    skew,
    symmetric,
    widened,
)
from autograd.gates.multi_output import Factors, factors_of, output, record
from autograd.gates.registry import gate
from autograd.tensor import Tensor

__all__: list[str] = []  # known as ag.linalg.<name>

SYMMETRIC = "symmetric: both triangles share it"
DEGENERATE = "∞ or nan where singular values coincide or vanish"

# ---- eigenvalues of symmetric matrices


def spectral(v: Any, g: Any) -> Any:
    """V·diag(g)·Vᵀ."""
    return on_columns(v, g) @ v.mT


def gaps(w: Any) -> Any:
    """wⱼ − wᵢ, and 1 on the diagonal, which is not read."""
    n = np.shape(w)[-1]
    return w[..., None, :] - w[..., :, None] + np.eye(n, dtype=value_of(w).dtype)


def eigenvalues_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """V·diag(g)·Vᵀ."""
    _, v = factors_of(EIGH, a, factors)
    return spectral(v, g)


def eigenvectors_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """V·(skew(Vᵀ·g) / 2(wⱼ − wᵢ))·Vᵀ."""
    w, v = factors_of(EIGH, a, factors)
    return v @ (0.5 * skew(v.mT @ g) / gaps(w)) @ v.mT


def eigenvalues_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """The diagonal of Vᵀ·dA·V."""
    _, v = factors_of(EIGH, a, factors)
    return np.sum(v * (symmetric(tangents[0]) @ v), axis=-2)


def eigenvectors_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """V·(Vᵀ·dA·V / (wⱼ − wᵢ)), off the diagonal."""
    w, v = factors_of(EIGH, a, factors)
    off = 1.0 - np.eye(np.shape(w)[-1], dtype=value_of(w).dtype)
    return v @ (off * (v.mT @ symmetric(tangents[0]) @ v) / gaps(w))


_eigenvalues = output(
    0, name="linalg.eigh.eigenvalues", symbol="λ", rule="A = V·diag λ·Vᵀ → V·diag g·Vᵀ",
    vjp=(eigenvalues_vjp,), jvp=eigenvalues_jvp, kinks=SYMMETRIC,
)  # fmt: skip
_eigenvectors = output(
    1, name="linalg.eigh.eigenvectors", symbol="V",
    rule="A = V·diag λ·Vᵀ → V·(skew(Vᵀ·g)/(2(λⱼ−λᵢ)))·Vᵀ",
    vjp=(eigenvectors_vjp,), jvp=eigenvectors_jvp,
    kinks=f"{SYMMETRIC}; ∞ or nan where eigenvalues coincide",
)  # fmt: skip
EIGH = (_eigenvalues, _eigenvectors)


def eigh(a: Any, UPLO: str = "L") -> Any:
    """The eigenvalues, ascending, and eigenvectors (the columns) of symmetric matrices.

    NumPy reads one triangle alone; the gradient is symmetric, shared by both, as PyTorch's. That
    of the eigenvectors, and second derivatives, are infinite or nan where eigenvalues coincide:
    the vectors are not determined there.

    >>> import autograd as ag
    >>> a = ag.Tensor([[2.0, 0.0], [0.0, 5.0]])
    >>> values, vectors = ag.linalg.eigh(a)
    >>> values[1].backward()
    >>> a.grad
    array([[0., 0.],
           [0., 1.]])
    """
    return record(EIGH, a, Factors("eigh", partial(np.linalg.eigh, UPLO=UPLO)))


def vectors_of(a: Any, UPLO: Any) -> Any:
    """The eigenvectors, which `eigvalsh` does not compute."""
    return np.linalg.eigh(a, UPLO)[1]


def eigvalsh_vjp(g: Any, out: Any, a: Any, UPLO: str) -> Any:
    """V·diag(g)·Vᵀ."""
    return spectral(vectors_of(a, UPLO), g)


def eigvalsh_jvp(tangents: Any, out: Any, a: Any, UPLO: str) -> Any:
    """The diagonal of Vᵀ·dA·V."""
    v = vectors_of(a, UPLO)
    return np.sum(v * (symmetric(tangents[0]) @ v), axis=-2)


_eigvalsh = gate(
    np.linalg.eigvalsh, name="linalg.eigvalsh", symbol="λ",
    rule="A = V·diag λ·Vᵀ → V·diag g·Vᵀ", pattern="mixes",
    vjp=(eigvalsh_vjp,), jvp=eigvalsh_jvp, kinks=SYMMETRIC,
)  # fmt: skip


def eigvalsh(a: Any, UPLO: str = "L") -> Tensor:
    """The eigenvalues of symmetric matrices, ascending; see `eigh`.

    >>> import autograd as ag
    >>> ag.linalg.eigvalsh(ag.Tensor([[2.0, 0.0], [0.0, 5.0]])).data
    array([2., 5.])
    """
    return apply(_eigvalsh, (a,), {"UPLO": UPLO})


# ---- singular values


def rest(m: Any, u: Any) -> Any:
    """What of the columns of `m` lies outside of those of `u`."""
    return m - u @ (u.mT @ m)


def left_vjp(g: Any, u: Any, s: Any, vh: Any) -> Any:
    """The gradient of the matrix from that of U."""
    turned = on_columns(skew(u.mT @ g) / gaps(s * s), s)
    result = u @ turned
    if np.shape(u)[-2] > np.shape(u)[-1]:
        result = result + rest(g / s[..., None, :], u)
    return result @ vh


def left_jvp(t: Any, u: Any, s: Any, vh: Any) -> Any:
    """The tangent of U from that of the matrix."""
    off = 1.0 - np.eye(np.shape(s)[-1], dtype=value_of(s).dtype)
    moved = on_columns(u.mT @ t @ vh.mT, s)
    result = u @ (off * (moved + moved.mT) / gaps(s * s))
    if np.shape(u)[-2] > np.shape(u)[-1]:
        result = result + rest(t @ vh.mT / s[..., None, :], u)
    return result


def thin(a: Any, factors: Factors) -> Any:
    """U, S and Vᵀ without the surplus columns of U and rows of Vᵀ, which A does not determine."""
    u, s, vh = factors_of(SVD, a, factors)
    k = np.shape(s)[-1]
    return corner(u, None, k), s, corner(vh, k, None)


def u_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """U·(skew(Uᵀ·g)/(sⱼ² − sᵢ²))·S·Vᵀ, and what of g/S lies outside of U, times Vᵀ."""
    u, s, vh = thin(a, factors)
    return left_vjp(determined(g, np.shape(s)[-1]), u, s, vh)


def s_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """U·diag(g)·Vᵀ."""
    u, _, vh = thin(a, factors)
    return on_columns(u, g) @ vh


def vh_vjp(g: Any, out: Any, a: Any, factors: Factors) -> Any:
    """That of U for the transposed matrix, transposed."""
    u, s, vh = thin(a, factors)
    return left_vjp(determined(g.mT, np.shape(s)[-1]), vh.mT, s, u.mT).mT


def u_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """U·((dP·S + S·dPᵀ)/(sⱼ² − sᵢ²)) with dP = Uᵀ·dA·V, and what of dA·V/S lies outside of U.

    It is nan in surplus columns.
    """
    u, s, vh = thin(a, factors)
    result = left_jvp(tangents[0], u, s, vh)
    return widened(result, np.shape(out)[-1] - np.shape(s)[-1], np.nan)


def s_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """The diagonal of Uᵀ·dA·V."""
    u, _, vh = thin(a, factors)
    return np.sum((u.mT @ tangents[0]) * vh, axis=-1)


def vh_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """That of U for the transposed matrix, transposed."""
    u, s, vh = thin(a, factors)
    result = left_jvp(tangents[0].mT, vh.mT, s, u.mT)
    return widened(result, np.shape(out)[-2] - np.shape(s)[-1], np.nan).mT


_u = output(
    0, name="linalg.svd.U", symbol="U", rule="A = U·S·Vᵀ → U·(skew(Uᵀ·g)/(sⱼ²−sᵢ²))·S·Vᵀ",
    vjp=(u_vjp,), jvp=u_jvp, kinks=DEGENERATE,
)  # fmt: skip
_s = output(
    1, name="linalg.svd.S", symbol="S", rule="A = U·S·Vᵀ → U·diag g·Vᵀ",
    vjp=(s_vjp,), jvp=s_jvp,
)  # fmt: skip
_vh = output(
    2, name="linalg.svd.Vh", symbol="Vᵀ", rule="A = U·S·Vᵀ → U·S·(skew(Vᵀ·gᵀ)/(sⱼ²−sᵢ²))·Vᵀ",
    vjp=(vh_vjp,), jvp=vh_jvp, kinks=DEGENERATE,
)  # fmt: skip
SVD = (_u, _s, _vh)


def svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False
) -> Any:
    """The factors U, S, Vh of matrices, U·diag(S)·Vh, the singular values descending.

    With ``compute_uv=False`` the singular values alone. The gradients of U and Vh, and second
    derivatives, are infinite or nan where singular values coincide or vanish: the vectors are not
    determined there. Nor are the surplus columns of U or rows of Vh that ``full_matrices=True``
    (NumPy's default) gives of matrices that are not square: a gradient that reaches them raises,
    and their tangent in forward mode is nan.

    Raises
    ------
    GradientError (a RuntimeError), backward: a gradient reaches vectors that are not determined.
    UnsupportedError (a TypeError): ``hermitian=True``.

    Examples
    --------
    >>> import autograd as ag
    >>> a = ag.Tensor([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    >>> u, s, vh = ag.linalg.svd(a, full_matrices=False)
    >>> s[0].backward()
    >>> s.data, a.grad[0, 0]
    (array([3., 2.]), np.float64(1.0))
    """
    if hermitian:
        raise UnsupportedError("linalg.svd(hermitian=True) has no derivative: write linalg.eigh")
    if not compute_uv:
        return svdvals(a)
    return record(SVD, a, Factors("svd", partial(np.linalg.svd, full_matrices=full_matrices)))


def svdvals_vjp(g: Any, out: Any, a: Any) -> Any:
    """U·diag(g)·Vᵀ."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return on_columns(u, g) @ vh


def svdvals_jvp(tangents: Any, out: Any, a: Any) -> Any:
    """The diagonal of Uᵀ·dA·V."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum((u.mT @ tangents[0]) * vh, axis=-1)


_svdvals = gate(
    partial(np.linalg.svd, compute_uv=False), name="linalg.svdvals", symbol="S",
    rule="A = U·S·Vᵀ → U·diag g·Vᵀ", pattern="mixes", vjp=(svdvals_vjp,), jvp=svdvals_jvp,
    doc="The singular values alone.",
)  # fmt: skip


def svdvals(x: Any, /) -> Tensor:
    """The singular values of matrices, descending; see `svd`.

    >>> import autograd as ag
    >>> ag.linalg.svdvals(ag.Tensor([[0.0, 3.0], [2.0, 0.0]])).data
    array([3., 2.])
    """
    return apply(_svdvals, (x,))


NUMPY = {
    np.linalg.eigh: eigh,
    np.linalg.eigvalsh: eigvalsh,
    np.linalg.svd: svd,
    np.linalg.svdvals: svdvals,
}
METHODS: dict[str, Any] = {}
