"""Reductions that leave nans out: the rules of the plain ones, with a mask of what is a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.gates import cumulative, reductions, selection, statistics
from autograd.gates.reductions import options, settings_of_reduction
from autograd.gates.registry import Gate, gate
from autograd.recording import apply, value_of
from autograd.tensor import Tensor

__all__ = ["nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]


def numbers_only(rule: Callable[..., Any]) -> Callable[..., Any]:
    """A rule of a reduction that takes `where`, for the same reduction without its nans."""

    def masked(g: Any, out: Any, a: Any, where: Any = True, **settings: Any) -> Any:
        return rule(g, out, a, where=~np.isnan(value_of(a)) & where, **settings)

    return masked


def ignoring_nans(forward: Callable[..., Any], like: Gate, pull: Any, push: Any) -> Gate:
    """NumPy's `forward` as a gate: the entry of the plain reduction `like`, with its two rules."""
    return gate(
        forward, name=forward.__name__, symbol=f"nan{like.symbol}",
        rule=f"{like.rule} (nans left out)", pattern=like.pattern,
        vjp=(numbers_only(pull),), jvp=numbers_only(push), kinks=like.kinks,
    )  # fmt: skip


def mean_jvp(tangents: Any, out: Any, a: Any, **settings: Any) -> Any:
    """The mean of the tangents."""
    return np.mean(tangents[0], **settings)


_sum = ignoring_nans(np.nansum, reductions._sum, reductions.sum_vjp, reductions.sum_jvp)
_prod = ignoring_nans(np.nanprod, cumulative._prod, cumulative.prod_vjp, cumulative.prod_jvp)
_mean = ignoring_nans(np.nanmean, reductions._mean, reductions.mean_vjp, mean_jvp)
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
    keepdims: bool = False, *, where: Any = True, correction: float | None = None,
) -> Tensor:  # fmt: skip
    """`var` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nanvar(ag.Tensor([1.0, float("nan"), 3.0])).data
    array(1.)
    """
    settings = statistics.settings_of_spread(
        "nanvar", axis, dtype, out, ddof, keepdims, where, correction
    )
    return apply(_var, (a,), settings)


def nanstd(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: float = 0,
    keepdims: bool = False, *, where: Any = True, correction: float | None = None,
) -> Tensor:  # fmt: skip
    """`std` with nans left out; their gradient is 0.

    >>> import autograd as ag
    >>> ag.nanstd(ag.Tensor([1.0, float("nan"), 3.0])).data
    array(1.)
    """
    settings = statistics.settings_of_spread(
        "nanstd", axis, dtype, out, ddof, keepdims, where, correction
    )
    return apply(_std, (a,), settings)


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


NUMPY = {
    np.nanmax: nanmax,
    np.nanmean: nanmean,
    np.nanmin: nanmin,
    np.nanprod: nanprod,
    np.nanstd: nanstd,
    np.nansum: nansum,
    np.nanvar: nanvar,
}
METHODS: dict[str, Any] = {}
