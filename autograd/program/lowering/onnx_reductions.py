"""NumPy's functions along axes, in ONNX."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import numpy as np

from autograd.program.lowering.onnx_graph import Axes, Wire, promoted
from autograd.program.lowering.onnx_numbers import (
    absolute,
    add,
    either,
    exp,
    floor,
    is_inf,
    is_nan,
    is_zero,
    log,
    maximum,
    minimum,
    multiply,
    negative,
    opposite,
    power_of_floats,
    sqrt,
    where,
)
from autograd.program.lowering.onnx_places import (
    axes_in,
    concatenate,
    expand_dims,
    getitem,
    known,
    number_of,
    reshape,
    stack,
    take_along_axis,
    transpose,
    without,
)


def reduced(op: str, a: Wire, axis: Axes, keepdims: bool) -> Wire:
    axes = axes_in(a, axis)
    if not axes:
        return a
    along = a.graph.constant(np.array(axes, np.int64))
    return a.graph.node(
        op, a, along, shape=without(a, axes, keepdims), dtype=a.dtype, keepdims=int(keepdims)
    )


def reduction(op: str, neutral: Callable[[Any], Any], join: Callable[..., Wire]) -> Any:
    """`ufunc.reduce`, with what does not count replaced by what changes nothing."""

    def lowered(
        a: Any, axis: Axes = 0, dtype: Any = None, out: Any = None, keepdims: bool = False,
        initial: Any = None, where: Any = None,
    ) -> Wire:  # fmt: skip
        (a,) = promoted(a)
        if dtype is not None or a.dtype == bool:
            a = a.graph.cast(a, dtype or int)
        if where is not None:
            a = choose_where(where, a, neutral(a.dtype))
        found = reduced(op, a, axis, keepdims)
        if op in ("ReduceMax", "ReduceMin") and a.dtype.kind == "f" and axes_in(a, axis):
            # onnxruntime shows a nan only in some places (findings/nan_in_onnx_maxima.sh)
            lost = a.graph.cast(is_nan(a), a.dtype)
            found = choose_where(reduced("ReduceMax", lost, axis, keepdims) > 0.0, np.nan, found)
        return found if initial is None else join(found, initial)

    return lowered


def lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else int(np.iinfo(dtype).min)


def highest(dtype: Any) -> Any:
    return np.inf if dtype.kind == "f" else int(np.iinfo(dtype).max)


choose_where = where
total = reduction("ReduceSum", lambda dtype: 0, add)
product = reduction("ReduceProd", lambda dtype: 1, multiply)
largest = reduction("ReduceMax", lowest, maximum)
smallest = reduction("ReduceMin", highest, minimum)


def mean(a: Any, axis: Axes = None, dtype: Any = None, keepdims: bool = False,
         where: Any = None) -> Any:  # fmt: skip
    (a,) = promoted(a, floats=True)
    a = a if dtype is None else a.graph.cast(a, dtype)
    if where is None:
        return reduced("ReduceMean", a, axis, keepdims)
    counted = a.graph.expanded(a.graph.wire(where, a.dtype), a.shape)
    return total(a, axis, keepdims=keepdims, where=where) / total(counted, axis, keepdims=keepdims)


def var(a: Any, axis: Axes = None, dtype: Any = None, ddof: Any = 0, keepdims: bool = False,
        where: Any = None, **how: Any) -> Any:  # fmt: skip
    (a,) = promoted(a, floats=True)
    a = a if dtype is None else a.graph.cast(a, dtype)
    a = a if where is None else choose_where(where, a, 0.0)  # what does not count may be nan
    apart = a - mean(a, axis, keepdims=True, where=where)
    squares = total(apart * apart, axis, keepdims=keepdims, where=where)
    if where is None:
        return squares / (number_of(a, axis) - ddof)
    counted = a.graph.expanded(a.graph.wire(where, a.dtype), a.shape)
    return squares / (total(counted, axis, keepdims=keepdims) - ddof)


def std(a: Any, *args: Any, **how: Any) -> Any:
    return sqrt(var(a, *args, **how))


def logsumexp(a: Any, axis: Axes = 0, keepdims: bool = False, **how: Any) -> Any:
    most = largest(a, axis, keepdims=True)
    shift = where(is_inf(most), 0.0, most)
    summed = log(total(exp(a - shift), axis, keepdims=True)) + shift
    return summed if keepdims else reshape(summed, without(a, axes_in(a, axis), False))


def without_nan(reduced: Callable[..., Any]) -> Any:
    """The reduction of what is no nan; nan where nothing is left, but of sums and products."""

    def lowered(a: Any, axis: Axes = None, *args: Any, keepdims: bool = False, **how: Any) -> Any:
        there = opposite(is_nan(a))
        found = reduced(a, axis, *args, keepdims=keepdims, where=there, **how)
        if reduced in (total, product):
            return found
        some = largest(a.graph.cast(there, a.dtype), axis, keepdims=keepdims) > 0.0
        return where(some, found, np.nan)

    return lowered


def norm(a: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Any:
    axes = axes_in(a, axis)
    if len(axes) == 2 and ord not in (None, "fro"):
        return of_matrices(a, ord, axes if axis is None else axis, keepdims)
    return vector_norm(a, axis=axis, keepdims=keepdims, ord=2 if ord in (None, "fro") else ord)


def vector_norm(a: Any, ord: Any = 2, axis: Axes = None, keepdims: bool = False) -> Any:
    if ord == 2:
        return reduced("ReduceL2", a, axis, keepdims)
    if ord in (np.inf, -np.inf):
        return (largest if ord > 0 else smallest)(absolute(a), axis, keepdims=keepdims)
    if ord == 0:
        return total(a.graph.cast(a != 0.0, a.dtype), axis, keepdims=keepdims)
    if ord == 1:
        return total(absolute(a), axis, keepdims=keepdims)
    powers = power_of_floats(absolute(a), float(ord))
    return power_of_floats(total(powers, axis, keepdims=keepdims), 1.0 / ord)


def of_matrices(a: Any, ord: Any, axis: Axes, keepdims: bool) -> Any:
    """The largest or smallest sum of absolute values of a column or a row."""
    if ord not in (1, -1, np.inf, -np.inf):
        raise ValueError(f"no matrix norm with ord={ord!r}")
    along = axis[abs(ord) != 1]
    summed = total(absolute(a), along, keepdims=True)
    found = (largest if ord > 0 else smallest)(summed, tuple(axis), keepdims=True)
    return found if keepdims else reshape(found, without(a, axes_in(a, tuple(axis)), False))


def cumsum(a: Any, axis: Any = None, dtype: Any = None) -> Wire:
    (a,) = promoted(a)
    a = a.graph.cast(a, dtype or (int if a.dtype == bool else a.dtype))
    if axis is None:
        a, axis = reshape(a, (-1,)), 0
    along = a.graph.constant(np.array(axis % a.ndim, np.int64))
    return a.graph.node("CumSum", a, along, shape=a.shape, dtype=a.dtype)


def accumulated(join: Callable[..., Wire], a: Any, axis: int = 0, dtype: Any = None) -> Any:
    """By doubling: each entry joined with the one 1, 2, 4, ... places before it. Source: Hillis and
    Steele, Data parallel algorithms, 1986."""
    a = a if dtype is None else a.graph.cast(a, dtype)
    n, axis = known(a.shape[axis]), axis % a.ndim
    lead, step = (slice(None),) * axis, 1
    while step < n:
        joined = join(
            getitem(a, (*lead, slice(step, None))), getitem(a, (*lead, slice(0, n - step)))
        )
        a = concatenate((getitem(a, (*lead, slice(0, step))), joined), axis)
        step *= 2
    return a


def ordered(a: Any, axis: int | None = -1, **how: Any) -> Wire:
    if axis is None:
        a, axis = reshape(a, (-1,)), 0
    axis %= a.ndim
    count = a.graph.constant(np.array([known(a.shape[axis])], np.int64))
    results = [(a.shape, a.dtype), (a.shape, np.int64)]
    found: Wire = a.graph.nodes_of("TopK", a, count, results=results, axis=axis, largest=0)[0]
    return found


def quantile(a: Any, q: Any = 0.5, axis: Axes = None, keepdims: bool = False,
             method: str = "linear") -> Any:  # fmt: skip
    """Parts of the sorted entries: which ones NumPy takes is seen on steps from 0 to 1."""
    axes = axes_in(a, axis)
    rest = [i for i in range(a.ndim) if i not in axes]
    entries = reshape(transpose(a, (*axes, *rest)), (-1, *(a.shape[i] for i in rest)))
    entries = ordered(entries, 0)
    n = known(entries.shape[0])
    of_steps: Any = np.quantile
    parts = -np.diff(of_steps(np.tri(n, n + 1), q, axis=0, method=method).reshape(-1, n + 1))
    found = [
        reduce(add, [getitem(entries, (int(i),)) * float(part[i]) for i in np.flatnonzero(part)])
        for part in parts
    ]
    gone = largest(a.graph.cast(is_nan(a), a.dtype), axis, keepdims=False) > 0.0
    result = where(gone, np.nan, stack(found) if np.ndim(q) else found[0])
    kept = without(a, axes, keepdims)
    return reshape(result, (*np.shape(q), *kept))


def unless_still(term: Wire, *tangents: Any) -> Wire:
    moves = [
        largest(t.graph.cast(opposite(is_zero(t)), np.float32)) > 0.0
        if isinstance(t, Wire)
        else bool(np.any(t))
        for t in tangents
    ]
    return where(reduce(either, moves), term, 0.0)


METHODS = ("linear", "lower", "higher", "midpoint")


def nanquantile(a: Any, q: Any = 0.5, axis: Axes = None, keepdims: bool = False,
                method: str = "linear") -> Any:  # fmt: skip
    """Between the two entries around q of what is no nan, which sorts as the largest."""
    if method not in METHODS or isinstance(q, Wire):
        raise ValueError(f"method={method!r}, or fractions that are computed")
    axes = axes_in(a, axis)
    rest = [i for i in range(a.ndim) if i not in axes]
    rows = reshape(transpose(a, (*axes, *rest)), (-1, *(a.shape[i] for i in rest)))
    there = opposite(is_nan(rows))
    count = total(a.graph.cast(there, a.dtype), 0)
    rows = ordered(where(there, rows, np.inf), 0)
    found = []
    for fraction in np.ravel(q).tolist():
        place = maximum((count - 1.0) * fraction, 0.0)
        below, above = floor(place), negative(floor(negative(place)))
        low, high = (take_along_axis(rows, expand_dims(a.graph.cast(at, np.int64), 0), 0)
                     for at in (below, above))  # fmt: skip
        part = {"linear": place - below, "lower": 0.0, "higher": 1.0, "midpoint": 0.5}[method]
        low, high = (reshape(w, w.shape[1:]) for w in (low, high))
        between = low + (high - low) * part
        found.append(where(count == 0.0, np.nan, where(below == above, low, between)))
    result = stack(found) if np.ndim(q) else found[0]
    return reshape(result, (*np.shape(q), *without(a, axes, keepdims)))


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "add.reduce": total,
    "cumprod": lambda a, axis=0, dtype=None: accumulated(multiply, a, axis, dtype),
    "cumsum": cumsum, "logaddexp.reduce": logsumexp,
    "maximum.accumulate": partial(accumulated, maximum), "maximum.reduce": largest, "mean": mean,
    "median": quantile, "minimum.accumulate": partial(accumulated, minimum),
    "minimum.reduce": smallest, "multiply.reduce": product, "nanmax": without_nan(largest),
    "nanmean": without_nan(mean), "nanmedian": nanquantile,
    "nanpercentile": lambda a, q, **how: nanquantile(a, np.divide(q, 100), **how),
    "nanquantile": nanquantile, "nanmin": without_nan(smallest),
    "nanprod": without_nan(product), "nanstd": without_nan(std), "nansum": without_nan(total),
    "nanvar": without_nan(var), "norm": norm, "number": lambda a: total(a, None),
    "partition": lambda a, kth, axis=-1, **how: ordered(a, axis),
    "percentile": lambda a, q, **how: quantile(a, np.divide(q, 100), **how), "quantile": quantile,
    "sort": ordered, "std": std, "sum": lambda a, axis=None, **how: total(a, axis, **how),
    "var": var, "vector_norm": vector_norm,
    "unless_still": unless_still,
}  # fmt: skip
"""By the names that a listing shows."""
