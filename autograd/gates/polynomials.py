"""Polynomials by their coefficients, the highest power first: their values, and fits of them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from autograd.effects import replayed
from autograd.errors import ShapeError, UnsupportedError
from autograd.gates.linear import dot, matmul
from autograd.gates.products import outer
from autograd.gates.reductions import constant, sum
from autograd.gates.sequences import vander
from autograd.gates.shapes import index, transpose
from autograd.gates.systems import _lstsq, inv, lstsq
from autograd.recording import apply, as_operand, value_of

__all__ = ["polyfit", "polyval"]


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
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else constant("polyfit", "rcond", rcond)
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


NUMPY = {np.polyfit: polyfit, np.polyval: polyval}
METHODS: dict[str, Any] = {}
