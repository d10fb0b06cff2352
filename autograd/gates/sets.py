"""Which numbers there are: unique ones, those of two sets, and the edges of a histogram.

What comes out are entries of the operands, read at places that the values decide: the gradient goes
back to the entry that was read, the first of equal ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.eager import as_operand, explain, value_of
from autograd.errors import ShapeError, UnsupportedError
from autograd.gates.differences import diff
from autograd.gates.indexing import index
from autograd.gates.picking import take
from autograd.gates.selection import max, min
from autograd.gates.sequences import linspace
from autograd.gates.shapes import concatenate, reshape
from autograd.tensor import Tensor, describe

__all__ = [
    "histogram", "histogram_bin_edges", "intersect1d", "setdiff1d", "setxor1d", "trim_zeros",
    "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values",
]  # fmt: skip


def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """The different entries (along an axis: slices) in their order, each the first of its equals.

    Arguments as of NumPy; places and counts are plain integers. Entries come in their order, with
    ``sorted=False`` too.

    >>> import autograd as ag
    >>> t = ag.Tensor([3.0, 1.0, 3.0])
    >>> u = ag.unique(t)
    >>> u.backward(gradient=[1.0, 10.0])
    >>> u.data, t.grad
    (array([1., 3.]), array([10.,  1.,  0.]))
    """
    ar = as_operand(ar)
    try:
        found = np.unique(  # type: ignore[call-overload]  # NumPy's stubs list the settings
            value_of(ar), True, return_inverse, return_counts, axis, equal_nan=equal_nan
        )
    except (ValueError, TypeError, IndexError) as error:
        raise explain("unique", (ar,), {"axis": axis}, error) from error
    values, places, *rest = found
    if type(ar) is Tensor:
        values = take(ar, places, axis)
    if not (return_index or rest):
        return values
    return (values, *([places] if return_index else []), *rest)


def _like(ar: Any, result: Any, places: Any) -> Any:
    """NumPy's named result, with the entries at places for its values."""
    return result._replace(values=take(ar, places)) if type(ar) is Tensor else result


def unique_all(x: Any, /) -> Any:
    """The different entries, where each is first, which one each entry is, and how many there are.

    >>> import autograd as ag
    >>> ag.unique_all(ag.Tensor([3.0, 1.0, 3.0])).counts
    array([1, 2])
    """
    x = as_operand(x)
    result = np.unique_all(value_of(x))
    return _like(x, result, result.indices)


def unique_counts(x: Any, /) -> Any:
    """The different entries, and how many there are of each.

    >>> import autograd as ag
    >>> ag.unique_counts(ag.Tensor([3.0, 1.0, 3.0])).values.data
    array([1., 3.])
    """
    x = as_operand(x)
    return _like(x, np.unique_counts(value_of(x)), np.unique_all(value_of(x)).indices)


def unique_inverse(x: Any, /) -> Any:
    """The different entries, and which of them each entry is.

    >>> import autograd as ag
    >>> ag.unique_inverse(ag.Tensor([3.0, 1.0, 3.0])).inverse_indices
    array([1, 0, 1])
    """
    x = as_operand(x)
    return _like(x, np.unique_inverse(value_of(x)), np.unique_all(value_of(x)).indices)


def unique_values(x: Any, /) -> Any:
    """The different entries, in their order; nans are all different.

    >>> import autograd as ag
    >>> ag.unique_values(ag.Tensor([3.0, 1.0, 3.0])).data
    array([1., 3.])
    """
    return unique(x, equal_nan=False)


def union1d(ar1: Any, ar2: Any) -> Any:
    """The different entries of both, in their order.

    >>> import autograd as ag
    >>> ag.union1d(ag.Tensor([3.0, 1.0]), [1.0, 2.0]).data
    array([1., 2., 3.])
    """
    return unique(concatenate((as_operand(ar1), as_operand(ar2)), axis=None))


def _wants(a: Any) -> bool:
    return type(a) is Tensor and a.requires_grad


def intersect1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """The different entries that are in both, read from the first, or from the one with gradients.

    >>> import autograd as ag
    >>> ag.intersect1d(ag.Tensor([3.0, 1.0]), [1.0, 2.0]).data
    array([1.])
    """
    ar1, ar2 = as_operand(ar1), as_operand(ar2)
    _, first, second = np.intersect1d(value_of(ar1), value_of(ar2), assume_unique, True)
    values = take(ar2, second) if _wants(ar2) and not _wants(ar1) else take(ar1, first)
    return (values, first, second) if return_indices else values


def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The different entries of the first that are not in the second.

    >>> import autograd as ag
    >>> ag.setdiff1d(ag.Tensor([3.0, 1.0]), [1.0, 2.0]).data
    array([3.])
    """
    row = reshape(ar1, -1) if assume_unique else unique(ar1)
    new = np.isin(value_of(row), value_of(as_operand(ar2)), assume_unique=True, invert=True)
    return index(row, np.flatnonzero(new))


def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The different entries that are in one of both alone.

    >>> import autograd as ag
    >>> ag.setxor1d(ag.Tensor([3.0, 1.0]), [1.0, 2.0]).data
    array([2., 3.])
    """
    parts = (as_operand(ar1), as_operand(ar2))
    row = concatenate(parts if assume_unique else tuple(map(unique, parts)), axis=None)
    values = value_of(row)
    order = np.argsort(values, kind="stable")
    new = np.diff(values[order], prepend=np.nan, append=np.nan) != 0.0
    return index(row, order[new[1:] & new[:-1]])


def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """Without the zeros at the front ("f"), at the back ("b"), or at both; along axes or all.

    >>> import autograd as ag
    >>> ag.trim_zeros(ag.Tensor([0.0, 1.0, 0.0, 2.0, 0.0])).data
    array([1., 0., 2.])
    """
    filt = as_operand(filt)
    if trim.lower() not in ("f", "b", "fb", "bf"):
        raise ShapeError(f"trim_zeros(trim=...) expects 'f', 'b' or 'fb', and received {trim!r}")
    places = np.nonzero(value_of(filt))
    axes = range(filt.ndim) if axis is None else {k % filt.ndim for k in np.ravel(axis).tolist()}
    key = []
    for k, found in enumerate(places):
        start, stop = (found.min(), found.max() + 1) if found.size else (filt.shape[k], None)
        whole = k not in axes
        key.append(
            slice(
                None if whole or "f" not in trim.lower() else int(start),
                None if whole or "b" not in trim.lower() or stop is None else int(stop),
            )
        )
    if places and not places[0].size and "f" not in trim.lower():
        key = [slice(0) if k in axes else part for k, part in enumerate(key)]
    return index(filt, tuple(key))


# ---- histograms


def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """The edges of a histogram: between the smallest and the largest entry, which have gradients.

    Arguments as of NumPy. Edges that are given, or of a given `range`, are constants.

    >>> import autograd as ag
    >>> t = ag.Tensor([0.0, 4.0, 1.0])
    >>> edges = ag.histogram_bin_edges(t, 2)
    >>> edges.data
    array([0., 2., 4.])
    """
    a = as_operand(a)
    values = value_of(a)
    try:
        edges = np.histogram_bin_edges(values, value_of(bins), value_of(range), value_of(weights))
    except (ValueError, TypeError) as error:
        raise explain("histogram_bin_edges", (a,), {"bins": bins}, error) from error
    if np.ndim(value_of(bins)):
        return bins if type(bins) is Tensor else edges
    if range is not None or not _wants(a) or not np.size(values):
        return edges
    first, last = min(a), max(a)
    if np.min(values) == np.max(values):
        first, last = first - 0.5, last + 0.5
    return linspace(first, last, len(edges))


def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None
) -> Any:
    """How many entries are in each bin, plain integers, and the bins' edges.

    With `density` over their number and the widths of the bins. Raises UnsupportedError (a
    TypeError) for weights that want a gradient, and says how to add those up.

    >>> import autograd as ag
    >>> counts, edges = ag.histogram(ag.Tensor([0.0, 4.0, 1.0]), 2)
    >>> counts, edges.data
    (array([2, 1]), array([0., 2., 4.]))
    """
    if _wants(weights):
        raise UnsupportedError(
            f"histogram(weights=...) has no rule, and {describe(weights)} wants a gradient: write "
            "ag.bincount(np.digitize(a, edges[1:-1]), weights, len(edges) - 1)"
        )
    a = as_operand(a)
    edges = histogram_bin_edges(a, bins, range, weights)
    try:
        counts, _ = np.histogram(
            value_of(a), value_of(bins), value_of(range), weights=value_of(weights)
        )
        if density and type(edges) is not Tensor:
            counts, _ = np.histogram(
                value_of(a), value_of(bins), value_of(range), True, value_of(weights)
            )
    except (ValueError, TypeError) as error:
        raise explain("histogram", (a,), {"bins": bins}, error) from error
    if density and type(edges) is Tensor:
        widths = diff(edges)
        widths = widths if widths.dtype == np.float64 else widths.astype(np.float64)
        return counts / widths / counts.sum(), edges
    return counts, edges


NUMPY = {
    np.histogram: histogram,
    np.histogram_bin_edges: histogram_bin_edges,
    np.intersect1d: intersect1d,
    np.setdiff1d: setdiff1d,
    np.setxor1d: setxor1d,
    np.trim_zeros: trim_zeros,
    np.union1d: union1d,
    np.unique: unique,
    np.unique_all: unique_all,
    np.unique_counts: unique_counts,
    np.unique_inverse: unique_inverse,
    np.unique_values: unique_values,
}
METHODS: dict[str, Any] = {}
