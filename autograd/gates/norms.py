"""Norms of vectors and matrices, of every order that NumPy has.

At zero, where a norm has a corner, the gradient is 0; entries, rows or singular values that tie for
an extremum share it equally.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.gates.primitives import may_hold
from autograd.gates.reductions import kept, reduced_axes, spread, tally
from autograd.gates.registry import gate
from autograd.gates.routing import chosen
from autograd.tensor import Tensor

__all__: list[str] = []  # known as ag.linalg.<name>


def ratio(a: Any, b: Any) -> Any:
    """a/b, and 0 where b is 0."""
    nothing = np.equal(b, 0.0)
    if not may_hold(nothing):
        return a / b
    return chosen(a / np.where(nothing, 1.0, b), ~nothing)


def equal_shares(values: Any, largest: bool, axis: Any) -> Any:
    """1 for the extreme entry along the axis, an equal part for each of those that tie."""
    values = value_of(values)
    if not np.size(values):
        return values
    extreme = values.max if largest else values.min
    hit = values == extreme(axis=axis, keepdims=True)
    return hit / tally(hit, axis, True, values.dtype)


def vector_gradient(a: Any, out: Any, ord: Any, axes: tuple[int, ...]) -> Any:
    """The derivative of the vector norm of `a`, along `axes`; `out` keeps them with length 1."""
    if ord == 0:
        return a * 0.0
    if ord is None or ord == 2:
        return ratio(a, out)
    if ord == 1:
        return np.sign(a)
    size = np.abs(a)
    if np.isinf(ord):
        return np.sign(a) * equal_shares(size, ord > 0, axes)
    # |a|^(p−1) sign(a) norm^(1−p), as a power of a quotient, which neither over- nor underflows.
    nothing = size == 0.0
    quotient = np.where(nothing, 1.0, ratio(size, out))
    return np.where(nothing, 0.0, np.sign(a) * quotient ** (ord - 1.0))


def matrix_gradient(a: Any, out: Any, ord: Any, row: int, column: int) -> Any:
    """The derivative of the matrix norm of `a` in two axes."""
    if ord is None or ord == "fro":
        return ratio(a, out)
    if ord in (1, -1, np.inf, -np.inf):
        summed, compared = (row, column) if abs(ord) == 1 else (column, row)
        sums = np.abs(value_of(a)).sum(axis=summed, keepdims=True)
        return np.sign(a) * equal_shares(sums, ord > 0, compared)
    u, s, vh = np.linalg.svd(np.moveaxis(a, (row, column), (-2, -1)), full_matrices=False)
    if ord == "nuc":
        weights = np.where(value_of(s) > 0.0, 1.0, 0.0).astype(value_of(s).dtype)
    else:  # 2 or −2
        weights = equal_shares(s, ord > 0, -1) * (value_of(s) > 0.0)
    return np.moveaxis((u * weights[..., None, :]) @ vh, (-2, -1), (row, column))


def gradient(a: Any, out: Any, ord: Any, axis: Any, keepdims: bool, of_vectors: bool) -> Any:
    """The derivative of a norm, in the shape of `a`."""
    ndim = len(np.shape(a))
    axes = tuple(sorted(reduced_axes(ndim, axis)))
    out = kept(out, a, axis, keepdims)
    if of_vectors or ord is None or len(axes) == 1:
        return vector_gradient(a, out, ord, axes)
    row, column = axes if axis is None else (i % ndim for i in axis)
    return matrix_gradient(a, out, ord, row, column)


def _norm_gate(numpys: Any, name: str, *, of_vectors: bool = False) -> Any:
    """A gate for one of NumPy's three functions."""

    def vjp(g: Any, out: Any, a: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
        return spread(g, a, axis, keepdims) * gradient(a, out, ord, axis, keepdims, of_vectors)

    def jvp(tangents: Any, out: Any, a: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
        local = gradient(a, out, ord, axis, keepdims, of_vectors)
        return np.sum(tangents[0] * local, axis=axis, keepdims=keepdims)

    return gate(
        numpys, name=name, symbol="‖ ‖", rule="‖x‖ → x/‖x‖ (0 at 0)", pattern="mixes",
        vjp=(vjp,), jvp=jvp,
        kinks="0 at 0; second: 0, also of its square (write np.sum(x**2)), and nan of the orders "
        "2, −2 and nuc of matrices; what ties for an extremum shares equally",
    )  # fmt: skip


_norm = _norm_gate(np.linalg.norm, "linalg.norm")
_vector_norm = _norm_gate(np.linalg.vector_norm, "linalg.vector_norm", of_vectors=True)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    """A norm of all of `x`, of vectors along an axis, or of matrices in a pair of axes.

    `ord` is None (the root of the sum of squares), for vectors inf, −inf, 0 or any p, for matrices
    ``"fro"``, ``"nuc"``, inf, −inf, 1, −1, 2, −2, as in NumPy. The gradient at zero is 0.

    >>> import autograd as ag
    >>> t = ag.Tensor([3.0, -4.0])
    >>> length = ag.linalg.norm(t)
    >>> length.backward()
    >>> length.data, t.grad
    (array(5.), array([ 0.6, -0.8]))
    """
    return apply(_norm, (x,), {"ord": ord, "axis": axis, "keepdims": bool(keepdims)})


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    """A norm of the entries along one or more axes taken as one vector; of all of them by default.

    >>> import autograd as ag
    >>> ag.linalg.vector_norm(ag.Tensor([[3.0], [-4.0]]), ord=1).data
    array(7.)
    """
    return apply(_vector_norm, (x,), {"ord": ord, "axis": axis, "keepdims": bool(keepdims)})


def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Tensor:
    """A norm of the matrices in the last two axes.

    >>> import autograd as ag
    >>> ag.linalg.matrix_norm(ag.Tensor([[3.0, 0.0], [0.0, -4.0]]), ord="nuc").data
    array(7.)
    """
    return norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)


# ---- the condition number


def matrix_slope(a: Any, ord: Any) -> tuple[Any, Any]:
    """The norm of matrices in the last two axes, which stay, and its derivative."""
    size = np.linalg.norm(a, ord, axis=(-2, -1), keepdims=True)
    return size, matrix_gradient(a, size, ord, -2, -1)


def cond_slope(out: Any, a: Any, p: Any) -> Any:
    """The derivative of ‖A‖·‖A⁻¹‖, or of σ₁/σₙ; nan where that is infinite.

    d‖A⁻¹‖ = −A⁻ᵀ·(d‖·‖ at A⁻¹)·A⁻ᵀ.
    """
    finite = np.isfinite(value_of(out))[..., None, None]
    a = np.where(finite, a, np.eye(*np.shape(a)[-2:]))
    if p is None or p in (2, -2):
        (large, up), (small, down) = matrix_slope(a, 2), matrix_slope(a, -2)
        if p == -2:
            large, up, small, down = small, down, large, up
        slope = (up - large / small * down) / small
    else:
        inverse = np.linalg.inv(a)
        turned = np.swapaxes(inverse, -2, -1)
        (size, up), (other, down) = matrix_slope(a, p), matrix_slope(inverse, p)
        slope = other * up - size * (turned @ down @ turned)
    return np.where(finite, slope, np.nan)


_cond = gate(
    np.linalg.cond, name="linalg.cond", symbol="cond", rule="‖A‖·‖A⁻¹‖ → d‖A‖·‖A⁻¹‖ + ‖A‖·d‖A⁻¹‖",
    vjp=(
        lambda g, out, a, p: np.expand_dims(np.asarray(g) if type(g) is float else g, (-2, -1))
        * cond_slope(out, a, p),
    ),
    jvp=lambda t, out, a, p: np.sum(t[0] * cond_slope(out, a, p), axis=(-2, -1)),
    kinks="nan where it is infinite; what ties for an extremum shares equally",
)  # fmt: skip


def cond(x: Any, p: Any = None) -> Tensor:
    """The condition number: the largest singular value over the smallest, or by another norm.

    >>> import autograd as ag
    >>> ag.linalg.cond(ag.Tensor([[4.0, 0.0], [0.0, 2.0]])).data
    array(2.)
    """
    return apply(_cond, (x,), {"p": p})


NUMPY = {
    np.linalg.norm: norm,
    np.linalg.vector_norm: vector_norm,
    np.linalg.matrix_norm: matrix_norm,
    np.linalg.cond: cond,
}
METHODS: dict[str, Any] = {}
