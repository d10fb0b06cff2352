"""Differences of neighbours, and what they make of samples: derivatives and integrals."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.eager import apply, as_operand
from autograd.errors import DataError, ShapeError
from autograd.gates.balancing import along
from autograd.gates.reductions import sum, without_gradient
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.shapes import concatenate, in_dtype, reshape
from autograd.tensor import Tensor

__all__ = ["diff", "ediff1d", "gradient", "trapezoid"]

MISSING: Any = object()
"""Nothing to join."""


def diff_vjp(g: Any, out: Any, a: Any, axis: int) -> Any:
    """Minus the differences of the upstream, which is 0 beyond its ends."""
    shape = np.shape(g)
    zero = np.zeros((*shape[:axis], 1, *shape[axis + 1 :]), g.dtype)
    return -np.diff(np.concatenate((zero, g, zero), axis=axis), axis=axis)


_diff = gate(
    lambda a, axis: np.diff(a, axis=axis), name="diff", symbol="Δ",
    rule="xᵢ₊₁ − xᵢ → gᵢ₋₁ − gᵢ", vjp=(diff_vjp,), linear="jointly",
)  # fmt: skip


def diff(
    a: Any, n: int = 1, axis: int = -1, prepend: Any = MISSING, append: Any = MISSING
) -> Tensor:
    """The differences of neighbours along an axis, `n` times; each time one entry fewer.

    `prepend` and `append` are joined to the entries first: numbers, or of the shape of `a` but for
    `axis`; Tensors among them have gradients too. Raises ShapeError (a ValueError) for a negative
    `n` and for operands without axes, OutOfRangeError for an axis that is not there.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 4.0, 9.0])
    >>> d = ag.diff(t)
    >>> d.backward(gradient=[1.0, 10.0])
    >>> d.data, t.grad
    (array([3., 5.]), array([-1., -9., 10.]))
    """
    if n == 0:
        return a
    a = as_operand(a)
    if n < 0 or not a.ndim:
        raise ShapeError(
            f"diff() expects at least one axis and n ≥ 0, and received shape {a.shape} and n={n}"
        )
    if not -a.ndim <= axis < a.ndim:
        return apply(_diff, (a,), {"axis": axis})  # raises, in NumPy's words
    axis %= a.ndim
    parts = [a]
    if prepend is not MISSING:
        parts.insert(0, _slab(prepend, a, axis))
    if append is not MISSING:
        parts.append(_slab(append, a, axis))
    if len(parts) > 1:
        a = concatenate(parts, axis=axis)
    for _ in range(n):
        a = apply(_diff, (a,), {"axis": axis})
    return a


def _slab(value: Any, a: Any, axis: int) -> Any:
    """What is joined to `a`; a number as often as it takes."""
    value = as_operand(value)
    if value.ndim:
        return value
    return np.broadcast_to(value, (*a.shape[:axis], 1, *a.shape[axis + 1 :]))


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Tensor:
    """The differences of all entries as one row, with entries joined at its ends.

    >>> import autograd as ag
    >>> ag.ediff1d(ag.Tensor([1.0, 4.0, 9.0]), to_begin=0.0).data
    array([0., 3., 5.])
    """
    row = reshape(ary, -1)
    parts = [apply(_diff, (row,), {"axis": 0})]
    if to_begin is not None:
        parts.insert(0, _end(to_begin, row, "to_begin"))
    if to_end is not None:
        parts.append(_end(to_end, row, "to_end"))
    return in_dtype(concatenate(parts), row.dtype) if len(parts) > 1 else parts[0]


def _end(value: Any, row: Tensor, name: str) -> Any:
    """What is joined to a row of differences: a row of the same dtype."""
    value = as_operand(value)
    if not np.can_cast(value.dtype, row.dtype, casting="same_kind"):
        raise DataError(
            f"ediff1d({name}=...) expects numbers that can be cast to {row.dtype}, and received "
            f"{value.dtype}"
        )
    value = np.reshape(value, -1)
    return value if value.dtype == row.dtype else value.astype(row.dtype)


# ---- the derivative of a sampled function, and its transpose: each is the other's


def stencil(n: int, spacing: Any, edge_order: Any) -> list[tuple[int, Any]]:
    """By how much each entry of np.gradient reads the one `shift` places on: (shift, factors).

    It reads two places to either side at most, so of a comb with every fifth entry 1, the rest 0,
    it reads one tooth everywhere: five combs tell all the factors.
    """
    places = np.arange(n)
    combs = [
        np.gradient((places % 5 == k).astype(np.float64), spacing, edge_order=edge_order)
        for k in range(5)
    ]
    reads = np.stack(combs)
    return [(shift, reads[(places + shift) % 5, places]) for shift in range(-2, 3)]


def sampled(f: Any, spacing: Any, axis: int, edge_order: Any) -> Any:
    """np.gradient along one axis."""
    return np.gradient(f, spacing, axis=axis, edge_order=edge_order)


def transposed(g: Any, spacing: Any, axis: int, edge_order: Any) -> Any:
    """The transpose of `sampled`: each entry adds up what was read of it."""
    g = np.moveaxis(g, axis, -1)
    n = g.shape[-1]
    out = np.zeros_like(g)
    for shift, factors in stencil(n, spacing, edge_order):
        readers = slice(max(0, -shift), min(n, n - shift))
        read = slice(readers.start + shift, readers.stop + shift)
        if readers.start < readers.stop:
            out[..., read] = out[..., read] + (factors * g)[..., readers].astype(g.dtype)
    return np.moveaxis(out, -1, axis)


_gradient: Gate = gate(
    sampled, name="gradient", symbol="∂", rule="Σ c·x of neighbours → Σ c·g of those that read it",
    vjp=(lambda g, out, a, **how: apply_or_compute(_transposed, g, **how),), linear="jointly",
)  # fmt: skip

_transposed: Gate = gate(
    transposed, name="gradient.T", symbol="∂ᵀ", rule="the transpose of gradient → gradient",
    vjp=(lambda g, out, a, **how: apply_or_compute(_gradient, g, **how),), linear="jointly",
)  # fmt: skip


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Tensor | Any:
    """The derivative of a sampled function by central differences, one-sided ones at the ends.

    Parameters
    ----------
    varargs : constants: the spacing of the samples, one number for all axes or one a named axis,
        or the places of the samples along it.
    axis : an axis or several; all, where None.
    edge_order : 1 or 2, the order of accuracy at the ends.

    Returns one Tensor for one axis, else a tuple, one an axis. Raises ShapeError (a ValueError)
    for too few samples, UnsupportedError (a TypeError) for a spacing that wants a gradient.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 4.0, 9.0])
    >>> d = ag.gradient(t)
    >>> d.sum().backward()
    >>> d.data, t.grad
    (array([3., 4., 5.]), array([-1.5,  0. ,  1.5]))
    """
    f = as_operand(f)
    given = [without_gradient("gradient", "spacing", spacing) for spacing in varargs]
    axes = tuple(range(f.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not given:
        given = [1.0] * len(axes)
    elif len(given) == 1 and not np.ndim(given[0]):
        given *= len(axes)
    elif len(given) != len(axes):
        raise DataError(
            f"gradient() expects one spacing, or one for each of {len(axes)} axes, and received "
            f"{len(given)}"
        )
    results = [
        apply(_gradient, (f,), {"spacing": spacing, "axis": i, "edge_order": edge_order})
        for i, spacing in zip(axes, given, strict=True)
    ]
    return results[0] if len(results) == 1 else tuple(results)


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Tensor:
    """The integral of a sampled function along an axis, by the trapezoidal rule.

    `x` are the places of the samples, of the shape of `y` or one row for all; without them `dx` is
    the spacing. Both may have gradients.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 4.0, 9.0])
    >>> area = ag.trapezoid(t)
    >>> area.backward()
    >>> area.data, t.grad
    (array(9.), array([0.5, 1. , 0.5]))
    """
    y = as_operand(y)
    if not -y.ndim <= axis < y.ndim:
        return sum(y, axis)  # raises, in NumPy's words
    axis %= y.ndim
    if x is None:
        d = dx
    else:
        x = as_operand(x)
        d = diff(x, axis=0 if x.ndim == 1 else axis)
        if x.ndim == 1:
            d = reshape(d, tuple(-1 if i == axis else 1 for i in range(y.ndim)))
    pairs = y[along(axis, slice(1, None))] + y[along(axis, slice(-1))]
    return sum(d * pairs / 2.0, axis)


NUMPY = {
    np.diff: diff,
    np.ediff1d: ediff1d,
    np.gradient: gradient,
    np.trapezoid: trapezoid,
}
METHODS: dict[str, Any] = {}
