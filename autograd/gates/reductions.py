"""Reductions: many entries to one; backward, one gradient is spread over many."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.gates.registry import gate
from autograd.recording import apply
from autograd.tensor import Tensor

__all__ = ["mean", "sum"]


def settings_of_reduction(axis: Any, keepdims: bool) -> dict[str, Any]:
    """The settings that every reduction has."""
    return {"axis": axis, "keepdims": bool(keepdims)}


def reduced_axes(ndim: int, axis: Any) -> set[int]:
    """The axes that a reduction runs over, counted from the first."""
    if axis is None:
        return set(range(ndim))
    return {a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))}


def kept(reduced: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """What was reduced over `axis`, shaped so that it broadcasts against `a`."""
    shape = np.shape(a)
    if keepdims or not shape:
        return reduced
    axes = reduced_axes(len(shape), axis)
    return np.reshape(reduced, tuple(1 if i in axes else n for i, n in enumerate(shape)))


def spread(g: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """A gradient of a reduction of `a`, repeated over what was reduced."""
    return np.broadcast_to(kept(g, a, axis, keepdims), np.shape(a))


_sum = gate(
    np.sum, name="sum", symbol="Σ", rule="Σx → 1 for each", pattern="copies",
    vjp=(lambda g, out, a, axis, keepdims: spread(g, a, axis, keepdims),), linear="jointly",
)  # fmt: skip


def mean_vjp(g: Any, out: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """The upstream over the number of entries that were averaged."""
    shape = np.shape(a)
    n = math.prod(shape[i] for i in reduced_axes(len(shape), axis))
    return spread(g / n, a, axis, keepdims)


_mean = gate(
    np.mean, name="mean", symbol="mean", rule="Σx/n → 1/n for each", pattern="copies",
    vjp=(mean_vjp,), linear="jointly",
)  # fmt: skip


def sum(a: Any, axis: Any = None, *, keepdims: bool = False) -> Tensor:
    """The sum over all axes or those named; its gradient is a copy of the upstream for each entry.

    >>> import autograd as ag
    >>> t = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> ag.sum(t, axis=0).backward(gradient=[1.0, 10.0])
    >>> t.grad
    array([[ 1., 10.],
           [ 1., 10.]])
    """
    return apply(_sum, (a,), settings_of_reduction(axis, keepdims))


def mean(a: Any, axis: Any = None, *, keepdims: bool = False) -> Tensor:
    """The mean over all axes or those named.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0, 3.0, 6.0])
    >>> m = ag.mean(t)
    >>> m.backward()
    >>> m.data, t.grad
    (array(3.), array([0.25, 0.25, 0.25, 0.25]))
    """
    return apply(_mean, (a,), settings_of_reduction(axis, keepdims))


NUMPY = {np.sum: sum, np.mean: mean}
METHODS = {"sum": sum, "mean": mean}
