"""NumPy's functions along axes, in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograd.program.lowering.torch_numbers import (
    Axes,
    add,
    as_tensor,
    choose,
    dtype_of,
    maximum,
    minimum,
    multiply,
    promoted,
)


def axes_of(a: torch.Tensor, axis: Axes) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(a.ndim))
    return tuple(int(i) % a.ndim for i in (axis if isinstance(axis, (tuple, list)) else (axis,)))


def flat_along(a: torch.Tensor, axis: Axes) -> torch.Tensor:
    """Entries of the axes along the last one."""
    axes = axes_of(a, axis)
    rest = [i for i in range(a.ndim) if i not in axes]
    return a.permute(*rest, *axes).reshape(*(a.shape[i] for i in rest), -1)


def kept(result: torch.Tensor, a: torch.Tensor, axis: Axes, keepdims: bool) -> torch.Tensor:
    if not keepdims:
        return result
    axes = axes_of(a, axis)
    return result.reshape([1 if i in axes else n for i, n in enumerate(a.shape)])


def lowest(kind: torch.dtype) -> Any:
    return -math.inf if kind.is_floating_point else torch.iinfo(kind).min


def highest(kind: torch.dtype) -> Any:
    return math.inf if kind.is_floating_point else torch.iinfo(kind).max


def reduction(
    function: Callable[[torch.Tensor], torch.Tensor], neutral: Callable[[torch.dtype], Any],
    join: Callable[..., Any],
) -> Callable[..., Any]:  # fmt: skip
    """`ufunc.reduce`, by a function along the last axis."""

    def lowered(
        a: Any, axis: Axes = 0, dtype: Any = None, out: Any = None, keepdims: bool = False,
        initial: Any = None, where: Any = None,
    ) -> Any:  # fmt: skip
        a = as_tensor(a)
        a = a if dtype is None else a.to(dtype_of(dtype))
        a = a.to(torch.int64) if a.dtype == torch.bool else a
        if where is not None:
            a = choose(where, a, neutral(a.dtype))
        elif a.ndim == 0 or not axes_of(a, axis):
            return a if initial is None else join(a, initial)
        columns = flat_along(a, axis)
        if not columns.shape[-1] and initial is not None:
            columns = columns.new_full((*columns.shape[:-1], 1), neutral(a.dtype))
        result = kept(function(columns), a, axis, keepdims)
        return result if initial is None else join(result, initial)

    return lowered


total = reduction(lambda a: a.sum(-1), lambda kind: 0, add)
product = reduction(lambda a: a.prod(-1), lambda kind: 1, multiply)
largest = reduction(lambda a: a.amax(-1), lowest, maximum)
smallest = reduction(lambda a: a.amin(-1), highest, minimum)


def counted(a: torch.Tensor, axis: Axes, keepdims: bool, where: Any) -> Any:
    if where is None:
        return math.prod(a.shape[i] for i in axes_of(a, axis))
    there = torch.broadcast_to(as_tensor(where, a.dtype), a.shape)
    return total(there, axis, keepdims=keepdims)


def mean(a: Any, axis: Axes = None, dtype: Any = None, keepdims: bool = False,
         where: Any = None) -> Any:  # fmt: skip
    (a,) = promoted(a, floats=True)
    a = a if dtype is None else a.to(dtype_of(dtype))
    n = counted(a, axis, keepdims, where)
    return total(a, axis, keepdims=keepdims, where=where) / n


def var(a: Any, axis: Axes = None, dtype: Any = None, ddof: Any = 0, keepdims: bool = False,
        where: Any = None, **how: Any) -> Any:  # fmt: skip
    (a,) = promoted(a, floats=True)
    a = a if dtype is None else a.to(dtype_of(dtype))
    apart = a - mean(a, axis, keepdims=True, where=where)
    n = counted(a, axis, keepdims, where) - ddof
    return total(apart * apart, axis, keepdims=keepdims, where=where) / n


def std(a: Any, *args: Any, **how: Any) -> Any:
    return torch.sqrt(var(a, *args, **how))


def without_nan(reduced: Callable[..., Any]) -> Callable[..., Any]:
    """The reduction of what is no nan; nan where nothing is left, but of sums and products."""

    def lowered(a: Any, axis: Axes = None, *args: Any, keepdims: bool = False, **how: Any) -> Any:
        there = ~torch.isnan(a)
        found = reduced(a, axis, *args, keepdims=keepdims, where=there, **how)
        if reduced in (total, product):
            return found
        some = total(there, axis, keepdims=keepdims) > 0
        return choose(some, found, math.nan)

    return lowered


def quantile(a: Any, q: Any = 0.5, axis: Axes = None, keepdims: bool = False,
             method: str = "linear") -> Any:  # fmt: skip
    """Parts of the sorted entries: which ones NumPy takes is seen on steps from 0 to 1."""
    entries = torch.sort(flat_along(a, axis), dim=-1).values
    n = entries.shape[-1]
    of_steps: Any = np.quantile
    parts = -np.diff(of_steps(np.tri(n, n + 1), q, axis=0, method=method).reshape(-1, n + 1))
    found = [
        sum(float(part[i]) * entries[..., int(i)] for i in np.flatnonzero(part)) for part in parts
    ]
    gone = torch.isnan(a).any() if axis is None else torch.isnan(flat_along(a, axis)).any(-1)
    result = [kept(choose(gone, math.nan, one), a, axis, keepdims) for one in found]
    return torch.stack(result).reshape((*np.shape(q), *result[0].shape))


def nan_quantile(a: Any, q: Any = 0.5, axis: Axes = None, keepdims: bool = False,
                 method: str = "linear") -> Any:  # fmt: skip
    """The same of what is no nan, by PyTorch's own."""
    if method not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise ValueError(f"no method={method!r}")
    flat = flat_along(a, axis)
    found = torch.nanquantile(flat, as_tensor(q, a.dtype).reshape(-1), -1, interpolation=method)
    return torch.stack([kept(one, a, axis, keepdims) for one in found]).reshape(
        (*np.shape(q), *kept(found[0], a, axis, keepdims).shape)
    )


def accumulated(function: Callable[..., Any]) -> Callable[..., Any]:
    def lowered(a: Any, axis: Any = None, dtype: Any = None) -> Any:
        a = as_tensor(a)
        a = a if dtype is None else a.to(dtype_of(dtype))
        return function(a.reshape(-1) if axis is None else a, 0 if axis is None else axis)

    return lowered


def recurrence(a: Any, b: Any, axis: int) -> Any:
    """r with r[i] = b[i] + a[i]·r[i−1] along an axis; a factor of 0 carries nothing."""
    a, b = promoted(a, b)
    terms = torch.movedim(b, axis, 0)
    factors = torch.movedim(torch.broadcast_to(a, b.shape), axis, 0)
    rows: list[torch.Tensor] = []
    for factor, term in zip(factors, terms, strict=True):
        carried = torch.where(factor == 0.0, term, term + factor * rows[-1]) if rows else term
        rows.append(carried)
    return torch.movedim(torch.stack(rows), 0, axis) if rows else b


def sloped(a: Any, *spacing: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """`np.gradient` is linear: along each axis a matrix, that of the unit vectors."""
    axes = range(a.ndim) if axis is None else np.atleast_1d(axis)
    of_unit_vectors: Any = np.gradient
    found = []
    for number, along in enumerate(axes):
        given = spacing[number % len(spacing)] if spacing else 1.0
        matrix = of_unit_vectors(np.eye(a.shape[along]), given, axis=0, edge_order=edge_order)
        moved = torch.movedim(a, int(along), 0)
        slope = torch.tensordot(as_tensor(matrix, a.dtype), moved, ([1], [0]))
        found.append(torch.movedim(slope, 0, int(along)))
    return found[0] if len(found) == 1 else tuple(found)


def whether(function: Callable[..., Any]) -> Callable[..., Any]:
    """`all` or `any` along axes."""

    def lowered(a: Any, axis: Axes = None, keepdims: bool = False, **how: Any) -> torch.Tensor:
        a = as_tensor(a, torch.bool)
        return kept(function(flat_along(a, axis), -1), a, axis, keepdims)

    return lowered


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    before, after = (None if v is None else as_tensor(v) for v in (prepend, append))
    return torch.diff(a, n, axis, before, after)


def logsumexp(a: Any, axis: Axes = 0, keepdims: bool = False, **how: Any) -> torch.Tensor:
    return torch.logsumexp(a, axes_of(a, axis), keepdims)


def ordered(a: Any, axis: int | None = -1, **how: Any) -> torch.Tensor:
    return torch.sort(a.reshape(-1) if axis is None else a, 0 if axis is None else axis).values


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, **how: Any) -> torch.Tensor:
    return torch.diagonal(a, offset, axis1, axis2).sum(-1)


def unless_still(term: Any, *tangents: Any) -> torch.Tensor:
    moves = torch.stack([torch.any(as_tensor(t) != 0.0) for t in tangents]).any()
    return torch.where(moves, as_tensor(term), 0.0)


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "add.accumulate": accumulated(torch.cumsum), "add.reduce": total,
    "all": whether(torch.all),
    "any": whether(torch.any),
    "argmax": lambda a, axis=None, **how: torch.argmax(a, axis),
    "argsort": lambda a, axis=-1, **how: torch.argsort(as_tensor(a), dim=axis, stable=True),
    "carry": recurrence, "cumprod": accumulated(torch.cumprod),
    "cumsum": accumulated(torch.cumsum),
    "diff": diff,
    "flip": lambda m, axis=None: torch.flip(m, axes_of(m, axis)), "gradient": sloped,
    "logaddexp.accumulate": accumulated(torch.logcumsumexp),
    "logaddexp.reduce": logsumexp,
    "max": largest,
    "maximum.accumulate": accumulated(lambda a, axis: torch.cummax(a, axis).values),
    "maximum.reduce": largest, "mean": mean, "median": quantile, "min": smallest,
    "minimum.accumulate": accumulated(lambda a, axis: torch.cummin(a, axis).values),
    "minimum.reduce": smallest, "multiply.accumulate": accumulated(torch.cumprod),
    "multiply.reduce": product, "nanmax": without_nan(largest), "nanmean": without_nan(mean),
    "nanmedian": nan_quantile, "nanmin": without_nan(smallest),
    "nanpercentile": lambda a, q, **how: nan_quantile(a, np.divide(q, 100), **how),
    "nanprod": without_nan(product), "nanquantile": nan_quantile, "nanstd": without_nan(std),
    "nansum": without_nan(total), "nanvar": without_nan(var), "number": lambda a: a.sum(),
    "partition": lambda a, kth, axis=-1, **how: torch.sort(a, axis).values,
    "percentile": lambda a, q, **how: quantile(a, np.divide(q, 100), **how), "quantile": quantile,
    "recurrence": recurrence,
    "sort": ordered,
    "std": std, "sum": lambda a, axis=None, **how: total(a, axis, **how),
    "trace": trace,
    "unless_still": unless_still, "var": var,
}  # fmt: skip
"""By the names that a listing shows."""
