"""Statistics: weighted averages, ranges, variances and standard deviations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, as_operand, value_of
from autograd.effects import replayed
from autograd.errors import DataError, ShapeError
from autograd.gates.arithmetic import multiply, subtract
from autograd.gates.exponential import sqrt
from autograd.gates.reductions import (
    count,
    is_half,
    kept,
    mean,
    options,
    settings_of_reduction,
    sum,
    wide,
    without_gradient,
)
from autograd.gates.registry import Gate, gate
from autograd.gates.selection import max, min
from autograd.gates.selection import where as choose_where
from autograd.gates.shapes import reshape, transpose
from autograd.tensor import Tensor

__all__ = ["average", "ptp", "std", "var"]

NOTHING = getattr(np, "_NoValue", None)
"""What NumPy writes where an option is not given."""


# ---- averages and ranges


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Tensor | Any:
    """The weighted average Σwx/Σw over all axes or those named; entries and weights have gradients.

    Parameters
    ----------
    axis : an axis, a tuple of them, or None for all.
    weights : in the shape of `a`, or of the named axes alone; the mean without them.
    returned : whether to return the pair (average, sum of the weights).
    keepdims : whether reduced axes stay, with length 1.

    Raises ShapeError (a ValueError) for weights of another shape, DataError (a TypeError) where
    weights sum to 0.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0])
    >>> m = ag.average(t, weights=[1.0, 3.0])
    >>> m.backward()
    >>> m.data, t.grad
    (array(1.75), array([0.25, 0.75]))
    """
    a = as_operand(a)
    if weights is None:
        result = mean(a, axis, keepdims=keepdims)
        total: Any = np.full(result.shape, count(a, axis), result.dtype)
        return (result, total) if returned else result
    weights = as_operand(weights)
    if a.dtype.kind != "f":
        a = as_array(value_of(a)).astype(np.float64)
    weights = _beside(weights, a, axis)
    dtype = np.result_type(a.dtype, weights.dtype)
    total = np.sum(weights, axis=axis, keepdims=keepdims, dtype=dtype)
    _expect_no_zero(value_of(total))
    result = sum(multiply(a, weights), axis, keepdims=keepdims) / total
    if not returned:
        return result
    same = np.shape(total) == result.shape
    return result, total if same else np.broadcast_to(total, result.shape)


@replayed
def _expect_no_zero(total: Any) -> None:
    """Raise where the weights of an average sum to nothing."""
    if np.any(total == 0.0):
        raise DataError("average() expects weights that do not sum to 0: there is no such average")


def _beside(weights: Any, a: Any, axis: Any) -> Any:
    """The weights, shaped so that they broadcast against `a`."""
    shape, given = np.shape(a), np.shape(weights)
    if given == shape:
        return weights
    axes = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(i % len(shape) for i in axes)
    if not axes or given != tuple(shape[i] for i in axes):
        raise ShapeError(
            f"average() expects weights of the shape of the data, {shape}, or of the axes named by "
            f"axis={axis}, and received {given}"
        )
    weights = transpose(weights, tuple(int(i) for i in np.argsort(axes)))
    return reshape(weights, tuple(n if i in axes else 1 for i, n in enumerate(shape)))


def ptp(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Tensor:
    """The range, largest minus smallest, over all axes or those named; ties share the gradient.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 5.0, 2.0])
    >>> r = ag.ptp(t)
    >>> r.backward()
    >>> r.data, t.grad
    (array(4.), array([-1.,  1.,  0.]))
    """
    options("ptp", out=out)
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


# ---- variance and standard deviation


def deviations(a: Any, axis: Any, where: Any, ddof: float) -> tuple[Any, Any]:
    """Each entry less its mean, 0 where it takes no part; and the number that var divides by."""
    n, a = count(a, axis, where), wide(a)
    if where is True:
        free = n - ddof if n > ddof else math.nan
        return a - np.sum(a, axis=axis, keepdims=True) / (n or math.nan), free
    a = np.where(where, a, 0.0)
    d = np.where(where, a - np.sum(a, axis=axis, keepdims=True) / n, 0.0)
    return d, np.where(n > ddof, n - ddof, math.nan)


def var_vjp(
    g: Any, out: Any, a: Any, axis: Any, keepdims: bool, ddof: float = 0,
    where: Any = True, dtype: Any = None,
) -> Any:  # fmt: skip
    """g·2(x − mean)/(n − ddof): through the mean nothing flows, deviations sum to 0."""
    d, n = deviations(a, axis, where, ddof)
    return kept(g, a, axis, keepdims) * (2.0 / n) * d


def var_jvp(
    tangents: Any, out: Any, a: Any, axis: Any, keepdims: bool, ddof: float = 0,
    where: Any = True, dtype: Any = None,
) -> Any:  # fmt: skip
    """The same, summed."""
    d, n = deviations(a, axis, where, ddof)
    return np.sum(tangents[0] * (2.0 / n) * d, axis=axis, keepdims=keepdims)


def std_local(out: Any, a: Any, axis: Any, where: Any, ddof: float) -> Any:
    """(x − mean)/((n − ddof)·std), and 0 where all entries are equal.

    Those are looked for in the entries too: rounding leaves a mean, and a deviation, beside them.
    """
    d, n = deviations(a, axis, where, ddof)
    data = value_of(a)
    if is_half(a):  # there NumPy's own value may have overflowed
        out = np.sqrt(np.sum(np.square(d), axis=axis, keepdims=True) / n)
    chosen = {} if where is True else {"where": where}
    flat = np.max(data, axis=axis, keepdims=True, initial=-math.inf, **chosen) <= np.min(
        data, axis=axis, keepdims=True, initial=math.inf, **chosen
    )
    flat = (flat | (out == 0.0)) & (n > 0.0)
    return np.where(flat, 0.0, d / (n * np.where(flat, 1.0, out)))


def std_vjp(
    g: Any, out: Any, a: Any, axis: Any, keepdims: bool, ddof: float = 0,
    where: Any = True, dtype: Any = None,
) -> Any:  # fmt: skip
    """g·(x − mean)/((n − ddof)·std)."""
    local = std_local(kept(out, a, axis, keepdims), a, axis, where, ddof)
    return kept(g, a, axis, keepdims) * local


def std_jvp(
    tangents: Any, out: Any, a: Any, axis: Any, keepdims: bool, ddof: float = 0,
    where: Any = True, dtype: Any = None,
) -> Any:  # fmt: skip
    """The same, summed."""
    local = std_local(kept(out, a, axis, keepdims), a, axis, where, ddof)
    return np.sum(tangents[0] * local, axis=axis, keepdims=keepdims)


_var = gate(
    np.var, name="var", symbol="var", rule="Σ(x−x̄)²/n → 2(x−x̄)/n", vjp=(var_vjp,), jvp=var_jvp
)

_std = gate(
    np.std, name="std", symbol="std", rule="σ = √var → (x−x̄)/(n·σ)",
    vjp=(std_vjp,), jvp=std_jvp,
    kinks="0 where all entries are equal; second: 0, also of its square (write np.var(x))",
)  # fmt: skip


def variance_about(
    a: Any, mean: Any, axis: Any, dtype: Any, ddof: Any, keepdims: bool, where: Any,
    known: Any,
) -> Tensor:  # fmt: skip
    """Σ(x − mean)²/(n − ddof) with a mean that is given, which has a gradient of its own.

    It is in a shape that broadcasts against `a`. `known` says which entries are numbers.
    """
    a = as_operand(a)
    d = subtract(a, mean)
    if known is not None:
        d = choose_where(known, d, 0.0)
    total = sum(multiply(d, d), axis, dtype, keepdims=keepdims, where=where)
    counted = where if known is None else known & where
    free = np.maximum(count(value_of(a), axis, counted, keepdims) - ddof, 0.0)
    return total / (free if np.ndim(free) else float(free))


def root(variance: Tensor) -> Tensor:
    """The root of a variance; where that is 0 its derivative is 0, as `std`'s is."""
    flat = np.equal(value_of(variance), 0.0)
    return choose_where(flat, 0.0, sqrt(choose_where(flat, 1.0, variance)))


def settings_of_spread(
    name: str, axis: Any, dtype: Any, out: None, ddof: Any, keepdims: bool, where: Any,
    correction: Any,
) -> dict[str, Any]:  # fmt: skip
    """The settings of a variance or a standard deviation."""
    if correction is not None:
        if ddof != 0:
            raise DataError(f"{name}() expects ddof or correction, two names of one number")
        ddof = correction
    settings = settings_of_reduction(axis, keepdims) | {
        "ddof": without_gradient(name, "ddof", ddof)
    }
    return settings | options(name, out=out, dtype=dtype, where=where)


def spread(
    of: Gate, a: Any, axis: Any, dtype: Any, out: None, ddof: Any, keepdims: bool, where: Any,
    mean: Any, correction: Any, *, rooted: bool = False, skips_nan: bool = False,
) -> Tensor:  # fmt: skip
    """What var, std and those that leave nans out return, of their gate and their arguments."""
    settings = settings_of_spread(of.name, axis, dtype, out, ddof, keepdims, where, correction)
    if mean is None or mean is NOTHING:
        return apply(of, (a,), settings)
    known = ~np.isnan(value_of(as_operand(a))) if skips_nan else None
    variance = variance_about(
        a, mean, axis, settings.get("dtype"), settings["ddof"], keepdims,
        settings.get("where", True), known,
    )  # fmt: skip
    return root(variance) if rooted else variance


def var(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Tensor:
    """The variance Σ(x − mean)²/(n − ddof) over all axes or those named.

    Parameters
    ----------
    axis : an axis, a tuple of them, or None for all.
    dtype : floats to compute in and to return.
    ddof, correction : two names of what is taken off the number of entries: 1 for a sample.
    keepdims : whether reduced axes stay, with length 1.
    where : a mask that broadcasts against `a`: entries where it is False are left out.
    mean : the mean, where it is known, with the reduced axes kept; it has a gradient of its own.

    Raises UnsupportedError (a TypeError) for `out`, OutOfRangeError for an axis that is not there.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 3.0])
    >>> v = ag.var(t, ddof=1)
    >>> v.backward()
    >>> v.data, t.grad
    (array(2.), array([-2.,  2.]))
    """
    return spread(_var, a, axis, dtype, out, ddof, keepdims, where, mean, correction)


def std(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Tensor:
    """The standard deviation, the root of `var`; its derivative is 0 where all entries are equal.

    Arguments and errors as of `var`.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 3.0])
    >>> s = ag.std(t)
    >>> s.backward()
    >>> s.data, t.grad
    (array(1.), array([-0.5,  0.5]))
    """
    return spread(_std, a, axis, dtype, out, ddof, keepdims, where, mean, correction, rooted=True)


NUMPY = {np.average: average, np.ptp: ptp, np.std: std, np.var: var}
METHODS = {"std": std, "var": var}
