"""The entries at given ranks: medians, quantiles and percentiles.

A quantile is a weighted mean of two neighbours in the sorted order. Its weights come from the
values alone, and both modes only multiply by them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, value_of
from autograd.gates.primitives import may_hold
from autograd.gates.reductions import options, reduced_axes, settings_of_reduction
from autograd.gates.registry import gate
from autograd.gates.routing import weighted
from autograd.gates.rules import total
from autograd.tensor import Tensor

__all__ = ["median", "percentile", "quantile"]


def weights_of_ranks(a: Any, axis: Any, ranks: Any) -> Any:
    """How much of each entry is in the value at each rank, in shape (*ranks.shape, *a.shape).

    A rank counts from 0 in the sorted order; one between two numbers is that much of each of the
    two entries. Entries that are equal share alike. The entries of a lane with a nan get nan.
    """
    a = as_array(a)
    ranks = np.asarray(ranks, dtype=np.float64)
    axes = sorted(reduced_axes(a.ndim, axis))
    rest = [i for i in range(a.ndim) if i not in axes]
    n = math.prod(a.shape[i] for i in axes)
    lanes = a.transpose((*rest, *axes)).reshape((*(a.shape[i] for i in rest), n))
    ordered = np.sort(lanes, axis=-1)
    dtype = np.result_type(lanes.dtype, np.float32)
    rows = [weights_of_rank(rank, lanes, ordered) for rank in ranks.ravel().tolist()]
    weights: Any = rows[0] if len(rows) == 1 else np.stack(rows) if rows else lanes[None][:0]
    unknown = np.isnan(lanes).any(axis=-1, keepdims=True)
    if may_hold(unknown):
        weights = np.where(unknown, math.nan, weights)
    weights = weights if weights.dtype == dtype else weights.astype(dtype)
    order = (*rest, *axes)
    weights = weights.reshape((*ranks.shape, *(a.shape[i] for i in order)))
    lead = ranks.ndim
    return weights.transpose((*range(lead), *(lead + order.index(i) for i in range(a.ndim))))


def weights_of_rank(rank: float, lanes: Any, ordered: Any) -> Any:
    """How much of each entry of a lane is in the value at a rank."""
    low = math.floor(rank)
    upper = rank - low

    def shares(k: int, part: float) -> Any:
        hit = lanes == ordered[..., k : k + 1]
        return hit * (part * (1.0 / hit.sum(axis=-1, keepdims=True)))

    return total(shares(k, part) for k, part in ((low, 1.0 - upper), (low + 1, upper)) if part)


def ranks_of(a: Any, axis: Any, q: Any, method: Any) -> Any:
    """The ranks that a quantile reads: that quantile of the ranks themselves."""
    shape = np.shape(a)
    n = math.prod(shape[i] for i in reduced_axes(len(shape), axis))
    if not n:  # nothing is read there, and NumPy has no quantile of it, or nan
        return np.zeros(np.shape(q))
    return np.quantile(np.arange(float(n)), q, method=method)


def ranked_vjp(g: Any, a: Any, axis: Any, keepdims: bool, ranks: Any) -> Any:
    """The upstream of each rank, to the entries that it reads."""
    return read_back(g, a, axis, weights_of_ranks(value_of(a), axis, ranks), np.ndim(ranks))


def read_back(g: Any, a: Any, axis: Any, weights: Any, lead: int) -> Any:
    """The upstream of what was read with weights, whose first `lead` axes count the readings."""
    shape = np.shape(a)
    axes = reduced_axes(len(shape), axis)
    g = np.reshape(
        g, np.shape(g)[:lead] + tuple(1 if i in axes else n for i, n in enumerate(shape))
    )
    return np.sum(weighted(g, weights), axis=tuple(range(lead)))


def ranked_jvp(tangent: Any, a: Any, axis: Any, keepdims: bool, ranks: Any) -> Any:
    """The tangents of the entries that each rank reads."""
    weights = weights_of_ranks(value_of(a), axis, ranks)
    return read(tangent, a, axis, keepdims, weights, np.ndim(ranks))


def read(tangent: Any, a: Any, axis: Any, keepdims: bool, weights: Any, lead: int) -> Any:
    """Σ weights·tangent over the axes that a reading runs over."""
    axes = tuple(lead + i for i in sorted(reduced_axes(np.ndim(a), axis)))
    return np.sum(weighted(tangent, weights), axis=axes, keepdims=keepdims)


_quantile = gate(
    np.quantile, name="quantile", symbol="Q", rule="the value of rank q → 1 for what is read there",
    pattern="routes",
    vjp=(
        lambda g, out, a, q, axis, method, keepdims: ranked_vjp(
            g, a, axis, keepdims, ranks_of(a, axis, q, method)
        ),
    ),
    jvp=lambda t, out, a, q, axis, method, keepdims: ranked_jvp(
        t[0], a, axis, keepdims, ranks_of(a, axis, q, method)
    ),
    kinks="equal entries share equally",
)  # fmt: skip

_percentile = gate(
    np.percentile, name="percentile", symbol="Q", rule=_quantile.rule, pattern="routes",
    vjp=(
        lambda g, out, a, q, axis, method, keepdims: ranked_vjp(
            g, a, axis, keepdims, ranks_of(a, axis, np.asarray(q) / 100.0, method)
        ),
    ),
    jvp=lambda t, out, a, q, axis, method, keepdims: ranked_jvp(
        t[0], a, axis, keepdims, ranks_of(a, axis, np.asarray(q) / 100.0, method)
    ),
    kinks="equal entries share equally",
)  # fmt: skip

_median = gate(
    np.median, name="median", symbol="median",
    rule="the middle → 1 for it, or 1/2 for each of two",
    pattern="routes",
    vjp=(
        lambda g, out, a, axis, keepdims: ranked_vjp(
            g, a, axis, keepdims, ranks_of(a, axis, 0.5, "linear")
        ),
    ),
    jvp=lambda t, out, a, axis, keepdims: ranked_jvp(
        t[0], a, axis, keepdims, ranks_of(a, axis, 0.5, "linear")
    ),
    kinks="equal entries share equally",
)  # fmt: skip


def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """The values below which fractions `q` of the entries lie; equal entries share the gradient.

    Parameters
    ----------
    q : a constant, or an array of them, from 0 to 1; its axes come first in the result.
    axis : an axis, a tuple of them, or None for all.
    overwrite_input : without effect: the entries are never overwritten.
    method : any of NumPy's, such as "linear", "lower", "higher", "nearest", "midpoint".
    keepdims : whether reduced axes stay, with length 1.

    Raises UnsupportedError (a TypeError) for `out` and for a `q` that wants a gradient, ShapeError
    (a ValueError) for one outside 0 to 1.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 5.0, 2.0])
    >>> m = ag.quantile(t, 0.75)
    >>> m.backward()
    >>> m.data, t.grad
    (array(3.5), array([0. , 0.5, 0.5]))
    """
    settings = settings_of_reduction(axis, keepdims) | options("quantile", out=out, q=q)
    return apply(_quantile, (a,), settings | {"method": method})


def percentile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Tensor:
    """The values below which `q` per cent of the entries lie: `quantile` with q from 0 to 100.

    >>> import autograd as ag
    >>> ag.percentile(ag.Tensor([1.0, 5.0, 2.0]), [0, 75]).data
    array([1. , 3.5])
    """
    settings = settings_of_reduction(axis, keepdims)
    settings |= options("percentile", out=out, q=q)
    return apply(_percentile, (a,), settings | {"method": method})


def median(
    a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False,
    keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """The middle entry, or the mean of the middle two; equal entries share the gradient.

    Arguments and errors as of `quantile`.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 5.0, 2.0, 4.0])
    >>> m = ag.median(t)
    >>> m.backward()
    >>> m.data, t.grad
    (array(3.), array([0. , 0. , 0.5, 0.5]))
    """
    settings = settings_of_reduction(axis, keepdims) | options("median", out=out)
    return apply(_median, (a,), settings)


NUMPY = {np.median: median, np.percentile: percentile, np.quantile: quantile}
METHODS: dict[str, Any] = {}
