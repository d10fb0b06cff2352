"""Polynomials by their coefficients, the highest power first: arithmetic, values, and fits."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.eager import apply, as_operand, value_of
from autograd.effects import replayed
from autograd.errors import ShapeError, UnsupportedError
from autograd.gates.arithmetic import add, divide, multiply, subtract
from autograd.gates.indexing import index
from autograd.gates.linear import dot, matmul
from autograd.gates.products import outer
from autograd.gates.reductions import sum, without_gradient
from autograd.gates.sequences import vander
from autograd.gates.sets import trim_zeros
from autograd.gates.shapes import broadcast_to, concatenate, reshape, transpose
from autograd.gates.signal import convolve
from autograd.gates.systems import _lstsq, inv, lstsq

__all__ = [
    "poly", "polyadd", "polyder", "polyfit", "polyint", "polymul", "polysub", "polyval",
]  # fmt: skip


def polyval(p: Any, x: Any) -> Any:
    """The values at `x` of the polynomial p₀·xⁿ + ... + pₙ, by Horner's scheme.

    Coefficients and places have gradients. `np.polynomial.polynomial.polyval(x, c)`, whose lowest
    power comes first, is written with operators: it takes a Tensor `x` as it is.

    >>> import autograd as ag
    >>> x = ag.Tensor(3.0)
    >>> y = ag.polyval([1.0, 0.0, -2.0], x)
    >>> y.backward()
    >>> y.data, x.grad
    (array(7.), 6.0)
    """
    if isinstance(x, np.poly1d):
        raise UnsupportedError(
            "polyval(p, x) of a Tensor expects numbers x, and received a polynomial: "
            "multiply the coefficients with ag.convolve"
        )
    p, x = as_operand(p), as_operand(x)
    result: Any = np.zeros_like(value_of(x))
    for i in range(len(p)):
        result = result * x + index(p, i)
    return result


# ---- arithmetic of coefficients


def coefficients(p: Any) -> Any:
    """A row of coefficients: a number is one of its own."""
    p = as_operand(p.coeffs if isinstance(p, np.poly1d) else p)
    return p if p.ndim else reshape(p, (1,))


def trimmed(p: Any) -> Any:
    """Without the zeros of the highest powers."""
    p = trim_zeros(coefficients(p), "f")
    return p if len(p) else np.zeros(1, p.dtype)


def _aligned(a1: Any, a2: Any) -> tuple[Any, Any]:
    """Two rows of one length, with zeros for the powers that one of them lacks."""
    rows = coefficients(a1), coefficients(a2)
    n = max(len(row) for row in rows)
    first, second = (
        row if len(row) == n else concatenate((np.zeros(n - len(row), row.dtype), row))
        for row in rows
    )
    return first, second


def polyadd(a1: Any, a2: Any) -> Any:
    """The coefficients of a sum of polynomials.

    >>> import autograd as ag
    >>> ag.polyadd(ag.Tensor([1.0, 2.0]), [3.0]).data
    array([1., 5.])
    """
    return add(*_aligned(a1, a2))


def polysub(a1: Any, a2: Any) -> Any:
    """The coefficients of a difference of polynomials.

    >>> import autograd as ag
    >>> ag.polysub(ag.Tensor([1.0, 2.0]), [3.0]).data
    array([ 1., -1.])
    """
    return subtract(*_aligned(a1, a2))


def polymul(a1: Any, a2: Any) -> Any:
    """The coefficients of a product of polynomials, without zeros of the highest powers.

    >>> import autograd as ag
    >>> ag.polymul(ag.Tensor([1.0, 2.0]), [1.0, -2.0]).data
    array([ 1.,  0., -4.])
    """
    return convolve(trimmed(a1), trimmed(a2))


def polyder(p: Any, m: int = 1) -> Any:
    """The coefficients of the derivative of order `m`. Raises ShapeError for a negative one.

    >>> import autograd as ag
    >>> ag.polyder(ag.Tensor([1.0, 2.0, 3.0])).data
    array([2., 2.])
    """
    if m < 0:
        raise ShapeError(f"polyder() expects an order m ≥ 0, and received {m}: write ag.polyint")
    p = coefficients(p)
    for _ in range(int(m)):
        n = len(p) - 1
        p = multiply(index(p, slice(-1)), np.arange(n, 0, -1))
    return p


def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The coefficients of the antiderivative of order `m`, with constants `k` of integration.

    `k` is a number, or one for each of the `m` integrations; they have gradients too. Raises
    ShapeError (a ValueError) for a negative order, or another number of constants.

    >>> import autograd as ag
    >>> ag.polyint(ag.Tensor([2.0, 2.0]), k=3.0).data
    array([1., 2., 3.])
    """
    m = int(m)
    k = coefficients(np.zeros(max(m, 0)) if k is None else k)
    if m >= 0 and len(k) == 1:
        k = broadcast_to(k, (m,))
    if m < 0 or len(k) != m:
        raise ShapeError(f"polyint() expects m ≥ 0 and {m} constants, received m={m}, {len(k)}")
    p = coefficients(p)
    for i in range(m):
        p = concatenate((divide(p, np.arange(len(p), 0, -1)), index(k, slice(i, i + 1))))
    return p


def poly(seq_of_zeros: Any) -> Any:
    """The coefficients of the polynomial with these zeros, the first of them 1.

    Raises UnsupportedError (a TypeError) for a matrix, of which NumPy takes the eigenvalues.

    >>> import autograd as ag
    >>> ag.poly(ag.Tensor([1.0, 2.0])).data
    array([ 1., -3.,  2.])
    """
    zeros = coefficients(seq_of_zeros)
    if zeros.ndim != 1:
        raise UnsupportedError(
            f"poly() of a matrix has no rule (shape {zeros.shape}): pass the eigenvalues of a "
            "symmetric one, ag.linalg.eigvalsh(a)"
        )
    result: Any = np.ones(1, zeros.dtype)
    for i in range(len(zeros)):
        factor = concatenate((np.ones(1, zeros.dtype), -index(zeros, slice(i, i + 1))))
        result = convolve(result, factor)
    return result


# ---- least squares


def polyfit(
    x: Any,
    y: Any,
    deg: int,
    rcond: float | None = None,
    full: bool = False,
    w: Any = None,
    cov: Any = False,
) -> Any:
    """The coefficients of the polynomial of degree `deg` that fits the points best.

    The places `x`, the values `y` and the weights `w` have gradients, while the rank of the least
    squares problem stays.

    Parameters
    ----------
    x : a row of places.
    y : their values; of a matrix, each column is fitted by itself.
    rcond : singular values below this part of the largest count as 0.
    full : whether to return (coefficients, residuals, rank, singular values, rcond).
    w : a factor for each point's deviation.
    cov : whether to return (coefficients, their covariances), which are not scaled by the
        deviations where it is "unscaled".

    Raises ShapeError (a ValueError) where the points do not fit together, or are too few for their
    covariances; warns with `np.exceptions.RankWarning` as NumPy does.

    >>> import autograd as ag
    >>> y = ag.Tensor([1.0, 3.0, 5.0])
    >>> slope, start = ag.polyfit([0.0, 1.0, 2.0], y, 1)
    >>> round(slope.item(), 12), round(start.item(), 12)
    (2.0, 1.0)
    """
    order = int(deg) + 1
    x, y = as_operand(x) + 0.0, as_operand(y) + 0.0
    if order < 1 or x.ndim != 1 or not x.size or y.ndim not in (1, 2) or len(x) != len(y):
        raise ShapeError(
            "polyfit() expects deg ≥ 0, a row x that is not empty, and as many rows y, and "
            f"received deg={deg} and shapes {x.shape} and {y.shape}"
        )
    rcond = (
        len(x) * np.finfo(x.dtype).eps
        if rcond is None
        else without_gradient("polyfit", "rcond", rcond)
    )
    powers, values = vander(x, order), y
    if w is not None:
        w = as_operand(w) + 0.0
        if w.ndim != 1 or len(w) != len(y):
            raise ShapeError(f"polyfit(w=...) expects {len(y)} weights, received shape {w.shape}")
        powers = powers * w[:, None]
        values = values * (w[:, None] if y.ndim == 2 else w)
    scale = sum(powers * powers, axis=0) ** 0.5
    powers = powers / scale
    if full:
        c, residuals, rank, singular = lstsq(powers, values, rcond)
        return transpose(transpose(c) / scale), residuals, rank, singular, rcond
    solution = apply(_lstsq, (powers, values), {"rcond": rcond})
    _warn_of_rank(value_of(powers), rcond)
    c = transpose(transpose(solution) / scale)
    if not cov:
        return c
    base = inv(dot(transpose(powers), powers)) / outer(scale, scale)
    factor: Any = 1
    if cov != "unscaled":
        if len(x) <= order:
            raise ShapeError(
                f"polyfit(cov=True) expects more than {order} points to scale by, received {len(x)}"
            )
        deviations = values - matmul(powers, solution)
        factor = sum(deviations * deviations, axis=0) / (len(x) - order)
    return c, (base if y.ndim == 1 else base[:, :, None]) * factor


@replayed
def _warn_of_rank(powers: Any, rcond: float) -> None:
    """NumPy's warning where the points do not tell all the coefficients apart."""
    n = powers.shape[1]
    if np.linalg.lstsq(powers, np.zeros(len(powers)), rcond)[2] != n:
        kind = np.exceptions.RankWarning
        warnings.warn("Polyfit may be poorly conditioned", kind, stacklevel=3)


NUMPY = {
    np.poly: poly,
    np.polyadd: polyadd,
    np.polyder: polyder,
    np.polyfit: polyfit,
    np.polyint: polyint,
    np.polymul: polymul,
    np.polysub: polysub,
    np.polyval: polyval,
}
METHODS: dict[str, Any] = {}
