"""Signals: linear interpolation, convolution and correlation."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.eager import apply, as_operand, joined, value_of
from autograd.errors import DataError, ShapeError
from autograd.gates.indexing import index, scatter
from autograd.gates.primitives import call, primitive
from autograd.gates.reductions import without_gradient
from autograd.gates.registry import gate
from autograd.gates.routing import weighted
from autograd.gates.rules import apply_or_compute
from autograd.tensor import Tensor

__all__ = ["convolve", "correlate", "interp"]


# ---- interpolation


def segments(x: Any, xp: Any) -> tuple[Any, Any]:
    """The point before each `x` and the one after; of the ends' segments, outside.

    At a point it is the segment after it, at the last point the one before.
    """
    after = np.clip(np.searchsorted(xp, value_of(x), side="right"), 1, len(xp) - 1)
    return after - 1, after


def picked(row: Any, places: Any) -> Any:
    """The entries of a row at places, which `compile` may trace though the row is a constant."""
    return row[places] if type(row) is Tensor else call(entries, row, places)


@primitive("getitem")
def entries(row: Any, places: Any) -> Any:
    """The entries themselves."""
    return row[places]


def between(xp: Any, before: Any, after: Any) -> Any:
    """How far the two points of a segment are apart."""
    return picked(xp, after) - picked(xp, before)


def interp_by_place(g: Any, out: Any, x: Any, fp: Any, xp: Any, **ends: Any) -> Any:
    """The slope of the segment that `x` is in; 0 outside."""
    values = value_of(x)
    if len(xp) == 1:
        return 0.0
    before, after = segments(x, xp)
    slope = (picked(fp, after) - picked(fp, before)) / between(xp, before, after)
    return np.where((values >= xp[0]) & (values <= xp[-1]), g * slope, 0.0)


def shares(x: Any, xp: Any, left: Any, right: Any) -> tuple[Any, Any, Any, Any]:
    """How much of the points before and after is in the value: (before, after, share, share)."""
    values = value_of(x)
    under, over = values < xp[0], values > xp[-1]
    if len(xp) == 1:
        before = after = np.zeros(np.shape(values), int)
        upper: Any = np.ones(np.shape(values))
    else:
        before, after = segments(x, xp)
        upper = (x - picked(xp, before)) / between(xp, before, after)
    upper = np.where(under, 0.0, np.where(over, 1.0, upper))
    outside = (under & (left is not None)) | (over & (right is not None))
    known = np.isfinite(values) & ~outside
    return before, after, np.where(known, 1.0 - upper, 0.0), np.where(known, upper, 0.0)


def interp_by_value(g: Any, out: Any, x: Any, fp: Any, xp: Any, left: Any, right: Any) -> Any:
    """The upstream, shared between the two points that were read."""
    before, after, lower, upper = shares(x, xp, left, right)
    shape = np.shape(fp)
    return at(before, weighted(g, lower), shape) + at(after, weighted(g, upper), shape)


def at(places: Any, a: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with the entries of `a` added at `places`."""
    return apply_or_compute(scatter, a, key=(places,), shape=shape)


def interp_jvp(t: Any, out: Any, x: Any, fp: Any, xp: Any, left: Any, right: Any) -> Any:
    """Slope times the tangent of the place, and the tangents of the two values, interpolated."""
    before, after, lower, upper = shares(x, xp, left, right)
    by_place = interp_by_place(t[0], out, x, fp, xp)
    by_value = weighted(picked(t[1], before), lower), weighted(picked(t[1], after), upper)
    return by_place + by_value[0] + by_value[1]


_interp = gate(
    lambda x, fp, xp, left, right: np.interp(x, xp, fp, left, right),
    name="interp", symbol="interp",
    rule="(1−t)·f₀ + t·f₁ → the slope by x; 1−t and t by f",
    vjp=(interp_by_place, interp_by_value), jvp=interp_jvp,
    kinks="at a point the slope of the segment after it, at the last of the one before",
)  # fmt: skip


def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Tensor:
    """The values at `x` of the function that runs straight between the points (xp, fp).

    `x` and `fp` have gradients. By `x` that is the slope of the segment after it, at the last
    point of the one before, and 0 outside.

    Parameters
    ----------
    x : places, of any shape.
    xp, fp : rows of the points' places, constants that increase, and their values.
    left, right : constants outside; the first and the last value by default.
    period : after which the function repeats itself; then `xp` need not increase.

    Raises ShapeError (a ValueError) where the points are not two rows of the same length or the
    period is 0, UnsupportedError (a TypeError) for an `xp` that wants a gradient.

    >>> import autograd as ag
    >>> x = ag.Tensor(1.5)
    >>> y = ag.interp(x, [1.0, 2.0], [10.0, 30.0])
    >>> y.backward()
    >>> y.data, x.grad
    (array(20.), 20.0)
    """
    xp = np.asarray(without_gradient("interp", "xp", xp), np.float64)
    fp = as_operand(fp)
    left, right, period = (
        without_gradient("interp", key, value)
        for key, value in (("left", left), ("right", right), ("period", period))
    )
    if xp.ndim != 1 or fp.ndim != 1 or len(xp) != len(fp) or not len(xp):
        raise ShapeError(
            "interp() expects xp and fp as rows of the same length, and received shapes "
            f"{xp.shape} and {fp.shape}"
        )
    if period is not None:
        if period == 0:
            raise ShapeError("interp() expects a period other than 0")
        period, left, right = abs(period), None, None
        x = joined(x)
        x = (x if type(x) is Tensor else np.asarray(x, np.float64)) % period
        xp = xp % period
        order = np.argsort(xp)
        xp = xp[order]
        xp = np.concatenate((xp[-1:] - period, xp, xp[:1] + period))
        fp = fp[np.concatenate((order[-1:], order, order[:1]))]
    return apply(_interp, (x, fp), {"xp": xp, "left": left, "right": right})


# ---- convolution and correlation


def in_full(g: Any, a: Any, v: Any, mode: str, mirrored: bool = False) -> Any:
    """The upstream at its places in the result of mode "full", with zeros around it.

    That of mode "same" begins, counted from the full one, where NumPy lets the shorter operand
    overlap by half; where it swaps the operands of a correlation it counts from the other end.
    """
    n, m = np.size(a), np.size(v)
    full, length, short = n + m - 1, np.size(g), min(n, m)
    if length == full:
        return g
    start = short - 1 if mode == "valid" else short - 1 - short // 2
    if mirrored and m > n:
        start = full - length - start
    ends = np.zeros(start, g.dtype), np.zeros(full - length - start, g.dtype)
    return np.concatenate((ends[0], g, ends[1]))


def convolve_vjp(g: Any, out: Any, a: Any, v: Any, mode: str) -> list[Any]:
    """Each operand's: the upstream, correlated with the other one."""
    g = in_full(g, a, v, mode)
    return [np.correlate(g, v, "valid"), np.correlate(g, a, "valid")]


def correlate_vjp(g: Any, out: Any, a: Any, v: Any, mode: str) -> list[Any]:
    """The same, with the second operand from its end to its beginning."""
    g = in_full(g, a, v, mode, mirrored=True)
    return [np.convolve(g, v, "valid"), np.correlate(g, a, "valid")[::-1]]


_convolve = gate(
    np.convolve, name="convolve", symbol="∗", rule="a∗v = Σaᵢvₖ₋ᵢ → g⋆v, g⋆a",
    vjp=convolve_vjp, linear="each",
)  # fmt: skip

_correlate = gate(
    np.correlate, name="correlate", symbol="⋆", rule="a⋆v = Σaᵢ₊ₖvᵢ → g∗v, a⋆g",
    vjp=correlate_vjp, linear="each",
)  # fmt: skip


def rows(name: str, a: Any, v: Any, mode: Any) -> tuple[Any, Any]:
    """The two operands, which must be rows with entries; a number is a row of one."""
    if mode not in ("full", "same", "valid"):
        raise DataError(f'{name}() expects mode "full", "same" or "valid", and received {mode!r}')
    a, v = as_operand(a), as_operand(v)
    if a.ndim > 1 or v.ndim > 1 or not a.size or not v.size:
        raise ShapeError(
            f"{name}() expects two rows that are not empty, and received shapes {a.shape} and "
            f"{v.shape}"
        )
    return a if a.ndim else index(a, None), v if v.ndim else index(v, None)


def convolve(a: Any, v: Any, mode: str = "full") -> Tensor:
    """The convolution Σaᵢvₖ₋ᵢ of two rows, of which both have gradients.

    `mode` is "full" (wherever they overlap), "same" (as long as the longer one) or "valid" (where
    they overlap wholly). Raises ShapeError (a ValueError) for anything but two rows, DataError (a
    TypeError) for another mode.

    >>> import autograd as ag
    >>> a, v = ag.Tensor([1.0, 2.0, 3.0]), ag.Tensor([1.0, -1.0])
    >>> c = ag.convolve(a, v, "valid")
    >>> c.sum().backward()
    >>> c.data, a.grad, v.grad
    (array([1., 1.]), array([-1.,  0.,  1.]), array([5., 3.]))
    """
    return apply(_convolve, rows("convolve", a, v, mode), {"mode": mode})


def correlate(a: Any, v: Any, mode: str = "valid") -> Tensor:
    """The correlation Σaᵢ₊ₖvᵢ of two rows; arguments and errors as of `convolve`.

    >>> import autograd as ag
    >>> ag.correlate(ag.Tensor([1.0, 2.0, 3.0]), [1.0, 1.0]).data
    array([3., 5.])
    """
    return apply(_correlate, rows("correlate", a, v, mode), {"mode": mode})


NUMPY = {np.convolve: convolve, np.correlate: correlate, np.interp: interp}
METHODS: dict[str, Any] = {}
