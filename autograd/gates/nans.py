"""Reductions that leave nans out: the rules of the plain ones, with a mask of what is a number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, value_of
from autograd.gates import cumulative, ranks, reductions, selection, statistics
from autograd.gates.primitives import call, primitive
from autograd.gates.ranks import ranks_of, read, read_back
from autograd.gates.reductions import options, reduced_axes, settings_of_reduction
from autograd.gates.registry import Gate, gate
from autograd.gates.shapes import reshape
from autograd.tensor import Tensor

__all__ = [
    "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin", "nanpercentile",
    "nanprod", "nanquantile", "nanstd", "nansum", "nanvar",
]  # fmt: skip


def numbers_only(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule of a reduction that takes `where`, for the same reduction without its nans."""

    def masked(g: Any, out: Any, a: Any, where: Any = True, **settings: Any) -> Any:
        return rule(g, out, a, where=~np.isnan(value_of(a)) & where, **settings)

    return masked


def ignoring_nans(forward: Callable[..., Any], like: Gate, vjp: Any, jvp: Any) -> Gate:
    """NumPy's `forward` as a gate: the entry of the plain reduction `like`, with its two rules."""
    return gate(
        forward, name=forward.__name__, symbol=f"nan{like.symbol}",
        rule=f"{like.rule} (nans left out)", pattern=like.pattern,
        vjp=(numbers_only(vjp),), jvp=numbers_only(jvp), kinks=like.kinks,
    )  # fmt: skip


_sum = ignoring_nans(np.nansum, reductions._sum, reductions.sum_vjp, reductions.sum_jvp)
_prod = ignoring_nans(np.nanprod, cumulative._prod, cumulative.prod_vjp, cumulative.prod_jvp)
_mean = ignoring_nans(np.nanmean, reductions._mean, reductions.mean_vjp, reductions.mean_jvp)
_var = ignoring_nans(np.nanvar, statistics._var, statistics.var_vjp, statistics.var_jvp)
_std = ignoring_nans(np.nanstd, statistics._std, statistics.std_vjp, statistics.std_jvp)
_max = ignoring_nans(np.nanmax, selection._max, selection.extremum_vjp, selection.extremum_jvp)
_min = ignoring_nans(np.nanmin, selection._min, selection.extremum_vjp, selection.extremum_jvp)


def nansum(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False,
    initial: Any = None, where: Any = True,
) -> Tensor:  # fmt: skip
    """`sum` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, float("nan"), 2.0])
    >>> ag.nansum(t).backward()
    >>> t.grad
    array([1., 0., 1.])
    """
    settings = settings_of_reduction(axis, keepdims)
    settings |= options("nansum", out=out, dtype=dtype, initial=initial, where=where)
    return apply(_sum, (a,), settings)


def nanprod(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False,
    initial: Any = None, where: Any = True,
) -> Tensor:  # fmt: skip
    """`prod` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nanprod(ag.Tensor([2.0, float("nan"), 3.0])).data
    array(6.)
    """
    settings = settings_of_reduction(axis, keepdims)
    settings |= options("nanprod", out=out, dtype=dtype, initial=initial, where=where)
    return apply(_prod, (a,), settings)


def nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *,
    where: Any = True,
) -> Tensor:  # fmt: skip
    """`mean` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, float("nan"), 2.0])
    >>> ag.nanmean(t).backward()
    >>> t.grad
    array([0.5, 0. , 0.5])
    """
    settings = settings_of_reduction(axis, keepdims)
    settings |= options("nanmean", out=out, dtype=dtype, where=where)
    return apply(_mean, (a,), settings)


def nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: float = 0,
    keepdims: bool = False, *, where: Any = True, mean: Any = None,
    correction: float | None = None,
) -> Tensor:  # fmt: skip
    """`var` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nanvar(ag.Tensor([1.0, float("nan"), 3.0])).data
    array(1.)
    """
    return statistics.spread(
        _var, a, axis, dtype, out, ddof, keepdims, where, mean, correction, skips_nan=True,
    )  # fmt: skip


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: float = 0,
    keepdims: bool = False, *, where: Any = True, mean: Any = None,
    correction: float | None = None,
) -> Tensor:  # fmt: skip
    """`std` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nanstd(ag.Tensor([1.0, float("nan"), 3.0])).data
    array(1.)
    """
    return statistics.spread(
        _std, a, axis, dtype, out, ddof, keepdims, where, mean, correction,
        rooted=True, skips_nan=True,
    )  # fmt: skip


def nanmax(
    a: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = True,
) -> Tensor:  # fmt: skip
    """`max` with nans left out; ties share the gradient.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, float("nan"), 2.0])
    >>> ag.nanmax(t).backward()
    >>> t.grad
    array([0., 0., 1.])
    """
    settings = settings_of_reduction(axis, keepdims)
    settings |= options("nanmax", out=out, initial=initial, where=where)
    return apply(_max, (a,), settings)


def nanmin(
    a: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = True,
) -> Tensor:  # fmt: skip
    """`min` with nans left out; ties share the gradient.

    >>> import autograd as ag
    >>> ag.nanmin(ag.Tensor([1.0, float("nan"), 2.0])).data
    array(1.)
    """
    settings = settings_of_reduction(axis, keepdims)
    settings |= options("nanmin", out=out, initial=initial, where=where)
    return apply(_min, (a,), settings)


# ---- running sums and products


def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor:
    """`cumsum` with nans as zeros; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nancumsum(ag.Tensor([1.0, float("nan"), 2.0])).data
    array([1., 1., 3.])
    """
    return cumulative.cumsum(_filled(a, 0.0), axis, dtype, out)


def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor:
    """`cumprod` with nans as ones; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nancumprod(ag.Tensor([2.0, float("nan"), 3.0])).data
    array([2., 2., 6.])
    """
    return cumulative.cumprod(_filled(a, 1.0), axis, dtype, out)


def _filled(a: Any, value: float) -> Any:
    """With a number in the place of nans."""
    return selection.where(np.isnan(value_of(a)), value, a)


# ---- ranks


@primitive("getitem")
def entry(a: Any, key: Any) -> Any:
    """What an array has at an index that may be traced."""
    return a[key]


MOST = 4096
"""Entries of a lane up to which a program knows the ranks of any number of them."""


def ranks_among_numbers(a: Any, axis: Any, q: Any, method: str) -> Any:
    """How much of each entry is in each quantile, as `weights_of_ranks` of the numbers alone.

    In shape (*q.shape, *a.shape). In a lane without numbers nothing is.
    """
    a, q = as_array(a), np.asarray(q)
    axes = sorted(reduced_axes(a.ndim, axis))
    order = (*(i for i in range(a.ndim) if i not in axes), *axes)
    moved, kept = a.transpose(order), a.ndim - len(axes)
    lanes = moved.reshape((math.prod(moved.shape[:kept]), math.prod(moved.shape[kept:])))
    counts = np.sum(np.logical_not(np.isnan(lanes)), axis=1)
    ordered = np.sort(lanes, axis=1)  # nans come last
    dtype = np.result_type(lanes.dtype, np.float32)
    rows = [
        weights_among_numbers(lanes, ordered, call(entry, by_count, counts))
        for by_count in ranks_by_count(counts, lanes.shape[1], q, method)
    ]
    weights: Any = np.stack(rows).astype(dtype) if rows else np.zeros((0, *lanes.shape), dtype)
    weights = weights.reshape((*q.shape, *moved.shape))
    return weights.transpose((*range(q.ndim), *(q.ndim + order.index(i) for i in range(a.ndim))))


def ranks_by_count(counts: Any, n: int, q: Any, method: str) -> Any:
    """For each quantile its rank among none to `n` numbers; of counts that are known, of these."""
    if n > MOST:
        counts = np.asarray(counts)
    found = np.unique(counts) if type(counts) is np.ndarray else np.arange(n + 1)
    ranks = np.zeros((q.size, n + 1))
    for count in found[found > 0].tolist():
        ranks[:, count] = np.ravel(ranks_of(np.empty(count), 0, q, method))
    return ranks


def weights_among_numbers(lanes: Any, ordered: Any, rank: Any) -> Any:
    """How much of each entry of a lane is in the value at the lane's rank."""
    low = np.floor(rank)
    upper = rank - low

    def shares(place: Any, part: Any) -> Any:
        last = np.minimum(place, lanes.shape[1] - 1.0)
        value = np.take_along_axis(ordered, last.astype(np.intp)[:, None], 1)
        hit = lanes == value
        return hit * (part / np.maximum(np.sum(hit, axis=1), 1))[:, None]

    return shares(low, 1.0 - upper) + shares(low + 1.0, upper)


def quantiles_of_numbers(forward: Callable[..., Any], like: Gate, scale: float) -> Gate:
    """A gate of the quantiles without nans, whose `q` counts in units of 1/`scale`."""

    def fractions(q: Any) -> Any:
        return np.asarray(q) / scale

    def vjp(g: Any, out: Any, a: Any, axis: Any, keepdims: bool, q: Any = 0.5,
             method: str = "linear") -> Any:  # fmt: skip
        if not np.size(a):  # of which NumPy returns nan in another shape than q says
            return np.zeros(np.shape(a))
        return read_back(
            g, a, axis, ranks_among_numbers(value_of(a), axis, fractions(q), method), np.ndim(q)
        )

    def jvp(t: Any, out: Any, a: Any, axis: Any, keepdims: bool, q: Any = 0.5,
             method: str = "linear") -> Any:  # fmt: skip
        if not np.size(a):
            return np.zeros(np.shape(out))
        weights = ranks_among_numbers(value_of(a), axis, fractions(q), method)
        return read(t[0], a, axis, keepdims, weights, np.ndim(q))

    return gate(
        forward, name=forward.__name__, symbol=f"nan{like.symbol}",
        rule=f"{like.rule} (nans left out)", pattern=like.pattern, vjp=(vjp,), jvp=jvp,
        kinks=like.kinks,
    )  # fmt: skip


_median = quantiles_of_numbers(np.nanmedian, ranks._median, 1.0)
_quantile = quantiles_of_numbers(np.nanquantile, ranks._quantile, 1.0)
_percentile = quantiles_of_numbers(np.nanpercentile, ranks._percentile, 100.0)


def nanmedian(
    a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False,
    keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """`median` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, float("nan"), 2.0])
    >>> ag.nanmedian(t).backward()
    >>> t.grad
    array([0.5, 0. , 0.5])
    """
    settings = settings_of_reduction(axis, bool(keepdims)) | options("nanmedian", out=out)
    return apply(_median, (a,), settings)


def nanquantile(
    a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False,
    method: str = "linear", keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """`quantile` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nanquantile(ag.Tensor([1.0, float("nan"), 2.0]), 0.25).data
    array(1.25)
    """
    settings = settings_of_reduction(axis, bool(keepdims)) | options("nanquantile", out=out, q=q)
    return _of_all(_quantile, a, settings | {"method": method})


def _of_all(gate: Gate, a: Any, settings: dict[str, Any]) -> Tensor:
    """Quantiles, whose axes come first: of several axes NumPy's own nanquantile mixes them up."""
    q = settings["q"]
    if np.ndim(q) < 2:
        return apply(gate, (a,), settings)
    row = apply(gate, (a,), settings | {"q": np.ravel(q)})
    return reshape(row, (*np.shape(q), *row.shape[1:]))


def nanpercentile(
    a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False,
    method: str = "linear", keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """`percentile` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nanpercentile(ag.Tensor([1.0, float("nan"), 2.0]), 25).data
    array(1.25)
    """
    settings = settings_of_reduction(axis, bool(keepdims))
    settings |= options("nanpercentile", out=out, q=q)
    return _of_all(_percentile, a, settings | {"method": method})


NUMPY = {
    np.nancumprod: nancumprod,
    np.nancumsum: nancumsum,
    np.nanmedian: nanmedian,
    np.nanpercentile: nanpercentile,
    np.nanquantile: nanquantile,
    np.nanmax: nanmax,
    np.nanmean: nanmean,
    np.nanmin: nanmin,
    np.nanprod: nanprod,
    np.nanstd: nanstd,
    np.nansum: nansum,
    np.nanvar: nanvar,
}
METHODS: dict[str, Any] = {}
