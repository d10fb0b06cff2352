"""Determinants, of stacks of square matrices.

Their derivatives are written as polynomials in the entries, of singular values and their products,
so that those of singular matrices are exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.gates.multi_output import Factors, output, record
from autograd.gates.primitives import may_hold
from autograd.gates.registry import gate
from autograd.gates.rules import apply_or_compute
from autograd.tensor import Tensor

__all__: list[str] = []  # known as ag.linalg.<name>


def products_without_one(s: Any) -> Any:
    """For each entry of the last axis, the product of the others."""
    one = np.ones_like(s[..., :1])
    below = np.cumprod(np.concatenate([one, s[..., :-1]], axis=-1), axis=-1)
    above = np.cumprod(np.concatenate([one, s[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    return below * above if s.shape[-1] else s


def products_without_two(s: Any) -> Any:
    """For each two different entries of the last axis, the product of the others; 0 for one."""
    n = s.shape[-1]
    i, k = np.indices((n, n), sparse=True)
    # between[i, j] is the product of the entries after i and before j.
    after = np.cumprod(np.where(k > i, s[..., None, :], 1.0), axis=-1)
    between = np.concatenate([np.ones_like(after[..., :1]), after[..., :-1]], axis=-1)
    one = np.ones_like(s[..., :1])
    below = np.cumprod(np.concatenate([one, s[..., :-1]], axis=-1), axis=-1)
    above = np.cumprod(np.concatenate([one, s[..., :0:-1]], axis=-1), axis=-1)[..., ::-1]
    pairs = np.triu(below[..., :, None] * between * above[..., None, :], 1)
    return pairs + pairs.mT


def orientation(u: Any, vh: Any) -> Any:
    """The determinant of U·Vᵀ, 1 or −1."""
    return np.sign(np.linalg.det(u) * np.linalg.det(vh))[..., None, None]


def cofactor(a: Any) -> Any:
    """The derivative of det: its matrix of cofactors, det(A)·A⁻ᵀ where that exists."""
    u, s, vh = np.linalg.svd(a)
    return orientation(u, vh) * ((u * products_without_one(s)[..., None, :]) @ vh)


def curvature(h: Any, a: Any) -> Any:
    """The derivative of the cofactors in the direction `h`, for singular matrices too.

    In the basis of the singular vectors the determinant is, to second order in e,
    ``Σ_{i<j} P_ij (e_ii e_jj − e_ij e_ji)`` with P_ij the product of the other singular values.
    """
    u, s, vh = np.linalg.svd(a)
    pairs = products_without_two(s)
    e = u.mT @ h @ vh.mT
    straight = np.matmul(pairs, np.diagonal(e, axis1=-2, axis2=-1)[..., None])
    eye = np.eye(s.shape[-1], dtype=s.dtype)
    return orientation(u, vh) * (u @ (eye * straight - pairs * e.mT) @ vh)


def third(h: Any, g: Any, a: Any) -> Any:
    """The third derivative of det in two directions, of an invertible matrix."""
    x = np.linalg.inv(a)
    xh, xg = x @ h, x @ g
    tr_h, tr_g, tr_hg = _traces(xh), _traces(xg), _traces(xh @ xg)
    result = (xh @ xg + xg @ xh - tr_g * xh - tr_h * xg) @ x + (tr_h * tr_g - tr_hg) * x
    return np.linalg.det(a)[..., None, None] * result.mT


def _traces(m: Any) -> Any:
    return np.trace(m, 0, -2, -1)[..., None, None]


_curvature = gate(
    curvature, name="cofactor derivative", symbol="D²det", rule="D²det(A)·h → D²det(A)·g, D³det",
    pattern="mixes",
    vjp=(
        lambda g, out, h, a: bend(g, a),
        lambda g, out, h, a: third(h, g, a),
    ),
    jvp=lambda tangents, out, h, a: bend(tangents[0], a) + third(h, tangents[1], a),
    kinks="by A: of invertible matrices alone",
)  # fmt: skip


def bend(h: Any, a: Any) -> Any:
    """`curvature`, recorded on Tensors."""
    return apply(_curvature, (h, a)) if Tensor in (type(h), type(a)) else curvature(h, a)


_cofactor = gate(
    cofactor, name="cofactor", symbol="cof", rule="cof A → D²det(A)·g", pattern="mixes",
    vjp=(lambda g, out, a: bend(g, a),),
    jvp=lambda tangents, out, a: bend(tangents[0], a),
    kinks="exact for singular matrices",
)  # fmt: skip


det = gate(
    np.linalg.det, name="linalg.det", symbol="det", rule="det A → g·cof A", pattern="mixes",
    vjp=(lambda g, out, a: g[..., None, None] * apply_or_compute(_cofactor, a),),
    jvp=lambda tangents, out, a: np.sum(apply_or_compute(_cofactor, a) * tangents[0], (-2, -1)),
    kinks="exact for singular matrices, up to second derivatives",
    doc="""The determinant of square matrices; exact for singular ones, up to second derivatives.

    >>> import autograd as ag
    >>> a = ag.Tensor([[1.0, 2.0], [2.0, 4.0]])
    >>> ag.linalg.det(a).backward()
    >>> a.grad.round(12)
    array([[ 4., -2.],
           [-2.,  1.]])
    """,
)  # fmt: skip


def inverse_or_nan(a: Any, logabsdet: Any) -> Any:
    """The inverses, with nan for those of the singular matrices of a stack."""
    singular = np.isneginf(value_of(logabsdet))[..., None, None]
    if not may_hold(singular):
        return np.linalg.inv(a)
    eye = np.eye(np.shape(a)[-1], dtype=value_of(a).dtype)
    return np.where(singular, np.nan, np.linalg.inv(np.where(singular, eye, a)))


def logabsdet_jvp(tangents: Any, out: Any, a: Any, factors: Factors) -> Any:
    """The trace of A⁻¹·dA."""
    return np.sum(inverse_or_nan(a, out).mT * tangents[0], axis=(-2, -1))


_sign = output(
    0, name="linalg.slogdet.sign", symbol="sign det", rule="sign det A → 0",
    vjp=(lambda g, out, a, factors: 0.0,), jvp=lambda tangents, out, a, factors: 0.0,
    kinks="0 for singular matrices too",
)  # fmt: skip
_logabsdet = output(
    1, name="linalg.slogdet.logabsdet", symbol="ln|det|", rule="ln|det A| → g·A⁻ᵀ",
    vjp=(lambda g, out, a, factors: g[..., None, None] * inverse_or_nan(a, out).mT,),
    jvp=logabsdet_jvp, kinks="nan for singular matrices",
)  # fmt: skip


def slogdet(a: Any) -> Any:
    """The sign and the logarithm of the absolute determinant; of a singular matrix 0 and −∞.

    The gradient is nan there.

    >>> import autograd as ag
    >>> a = ag.Tensor([[1.0, 0.0], [0.0, -4.0]])
    >>> sign, logarithm = ag.linalg.slogdet(a)
    >>> logarithm.backward()
    >>> float(sign.data), a.grad[1, 1]
    (-1.0, np.float64(-0.25))
    """
    return record((_sign, _logabsdet), a, Factors("slogdet", np.linalg.slogdet))


NUMPY = {
    np.linalg.det: det,
    np.linalg.slogdet: slogdet,
}
METHODS: dict[str, Any] = {}
