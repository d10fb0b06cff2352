"""The running forms of elementwise functions, such as `np.maximum.accumulate`.

A running value oᵢ = f(oᵢ₋₁, aᵢ) has the tangent ȯᵢ = pᵢ·ȯᵢ₋₁ + qᵢ·ȧᵢ, with f's two derivatives p
and q at each place: a recurrence, run from the start in forward mode and from the end in reverse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, as_operand, value_of
from autograd.errors import DataError, OutOfRangeError
from autograd.gates.balancing import along, reversed_along
from autograd.gates.indexing import placed
from autograd.gates.primitives import call, primitive
from autograd.gates.registry import Gate, gate
from autograd.gates.routing import weighted
from autograd.tensor import Tensor

__all__: list[str] = []


# ---- a recurrence whose factors of 0 cut, be what came before infinite


@primitive("carry")
def carried(p: Any, b: Any, axis: int) -> Any:
    """r with r[i] = b[i] + p[i]·r[i−1] along an axis; p[0] is not read."""
    r = np.moveaxis(np.array(b), axis, 0)
    factors = np.moveaxis(np.asarray(p), axis, 0)
    if r.ndim == 1:  # measured: on one row Python's floats are fifty times as fast as NumPy's
        row: list[float] = r.tolist()
        for i, factor in enumerate(factors.tolist()):
            if i and factor != 0.0:
                row[i] += factor * row[i - 1]
        return np.array(row, r.dtype)
    for i in range(1, len(r)):
        r[i] += weighted(r[i - 1], factors[i])
    return np.moveaxis(r, 0, axis)


def carry(p: Any, b: Any, axis: int) -> Any:
    """`carried`, recorded where a rule runs on Tensors."""
    if type(p) is Tensor or type(b) is Tensor:
        return apply(_carry, (p, b), {"axis": axis})
    return call(carried, p, b, axis=axis)


def one_on(a: Any, axis: int, first: Any) -> Any:
    """Each entry's predecessor; `first` for the first entry."""
    slab = np.full((*a.shape[:axis], 1, *a.shape[axis + 1 :]), first, a.dtype)
    return np.concatenate((slab, a[along(axis, slice(-1))]), axis=axis)


def carry_back(p: Any, g: Any, axis: int) -> Any:
    """s with s[i] = g[i] + p[i+1]·s[i+1]: the upstream of all that an entry is carried to."""
    factors = one_on(reversed_along(p, axis), axis, 0.0)
    return reversed_along(carry(factors, reversed_along(g, axis), axis), axis)


_carry: Gate = gate(
    carried, name="carry", symbol="r=b+p·r",
    rule="rᵢ = bᵢ + pᵢ·rᵢ₋₁ → s·rᵢ₋₁, s with sᵢ = gᵢ + pᵢ₊₁·sᵢ₊₁",
    vjp=(
        lambda g, out, p, b, axis: weighted(carry_back(p, g, axis), one_on(out, axis, 0.0)),
        lambda g, out, p, b, axis: carry_back(p, g, axis),
    ),
    jvp=lambda t, out, p, b, axis: carry(p, t[1] + weighted(t[0], one_on(out, axis, 0.0)), axis),
)  # fmt: skip


# ---- the derivatives by what was carried, and by the entry


def by_extremum(out: Any, a: Any, axis: int) -> tuple[Any, Any]:
    """Of a running maximum or minimum: the mean of all the entries so far that reach it.

    One more that ties makes n of them: (n−1)/n of what was carried, and 1/n of itself.
    """
    out, a = as_array(value_of(out)), as_array(value_of(a))
    hit, stays = _same(a, out), _same(one_on(out, axis, 0.0), out)
    places = np.arange(out.shape[axis]).reshape([-1 if k == axis else 1 for k in range(out.ndim)])
    stays = stays & (places > 0)
    start = np.maximum.accumulate(np.where(stays, 0, places), axis=axis)
    hits = np.cumsum(hit, axis=axis)
    n = hits - np.take_along_axis(hits, start, axis) + 1  # where the run of one extremum starts
    share = (hit / n).astype(out.dtype)
    return np.where(stays, 1.0 - share, 0.0).astype(out.dtype), share


def _same(a: Any, b: Any) -> Any:
    return (a == b) | (np.isnan(a) & np.isnan(b))


def by_share(out: Any, a: Any, axis: int) -> tuple[Any, Any]:
    """Of a running logaddexp: e to the difference of what went in and what came out."""
    value = value_of(out)
    finite = ~np.isinf(value)

    def share(part: Any) -> Any:
        difference = np.where(finite, part, 0.0) - np.where(finite, out, 0.0)
        # Of infinities the difference is nan: those that are equal reach the result.
        return np.where(finite, np.exp(difference), np.equal(value_of(part), value) * 1.0)

    return share(one_on(out, axis, -np.inf)), share(a)


def running(ufunc: np.ufunc, factors: Callable[..., Any], **entry: Any) -> Gate:
    """The gate of ``ufunc.accumulate``."""

    def vjp(g: Any, out: Any, a: Any, axis: int) -> Any:
        p, q = factors(out, a, axis)
        return weighted(carry_back(p, g, axis), q)

    def jvp(tangents: Any, out: Any, a: Any, axis: int) -> Any:
        p, q = factors(out, a, axis)
        return carry(p, weighted(tangents[0], q), axis)

    return gate(
        lambda a, axis: ufunc.accumulate(a, axis=axis), name=f"{ufunc.__name__}.accumulate",
        vjp=(vjp,), jvp=jvp, **entry,
    )  # fmt: skip


_maximum = running(
    np.maximum, by_extremum, symbol="max↓", rule="the largest so far → 1 for it, shared by ties",
    pattern="routes", kinks="ties share equally",
)  # fmt: skip
_minimum = running(
    np.minimum, by_extremum, symbol="min↓", rule="the smallest so far → 1 for it, shared by ties",
    pattern="routes", kinks="ties share equally",
)  # fmt: skip
_logaddexp = running(
    np.logaddexp, by_share, symbol="lse↓", rule="ln Σeˣ so far → e^(xⱼ − out) for each",
)  # fmt: skip

RUNNING: dict[np.ufunc, Gate] = {
    np.maximum: _maximum,
    np.minimum: _minimum,
    np.logaddexp: _logaddexp,
}
"""The elementwise functions whose running form is a gate of its own."""


def accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Any = None) -> Tensor:
    """``ufunc.accumulate(array, axis)``, recorded.

    Raises OutOfRangeError (an IndexError) for an axis that is not there, DataError (a TypeError)
    for a `dtype`.
    """
    array = as_operand(array)
    if dtype is not None:
        array = array.astype(dtype)
    axis = _axis(f"{ufunc.__name__}.accumulate", array, axis)
    return apply(RUNNING[ufunc], (array,), {"axis": axis})


def _axis(name: str, a: Any, axis: int) -> int:
    """The axis, counted from the first."""
    if not a.ndim:
        raise DataError(f"np.{name} expects at least one axis, and received a single number")
    if not -a.ndim <= axis < a.ndim:
        raise OutOfRangeError(f"np.{name} along axis {axis} of an array of shape {a.shape}")
    return axis % a.ndim


# ---- sums of slices


def reduceat_vjp(g: Any, out: Any, a: Any, indices: Any, axis: int) -> Any:
    """For each entry, the upstream of every sum that it is in."""
    shape = np.shape(a)
    starts = np.array(indices, int)
    stops = np.append(starts[1:], shape[axis])
    lengths = np.maximum(stops - starts, 1)  # NumPy's: an empty slice gives its first entry
    sums = np.repeat(np.arange(len(starts)), lengths)
    entries = np.arange(len(sums)) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    lead = (slice(None),) * axis
    return placed(g[(*lead, sums)], (*lead, entries), shape)


_add_reduceat = gate(
    lambda a, indices, axis: np.add.reduceat(a, indices, axis=axis), name="add.reduceat",
    symbol="Σ[i:j]", rule="Σ of slices → the upstream of those it is in", pattern="copies",
    vjp=(reduceat_vjp,), linear="jointly",
)  # fmt: skip


def add_reduceat(array: Any, indices: Any, axis: int = 0, dtype: Any = None) -> Tensor:
    """``np.add.reduceat(array, indices, axis)``: the sum of each slice between two indices.

    Raises OutOfRangeError (an IndexError) for an index or an axis that is not there.
    """
    array = as_operand(array)
    if dtype is not None:
        array = array.astype(dtype)
    places = tuple(np.ravel(value_of(indices)).tolist())
    return apply(
        _add_reduceat, (array,), {"indices": places, "axis": _axis("add.reduceat", array, axis)}
    )


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
