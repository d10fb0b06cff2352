"""Products of matrices: the Jacobian is never built, its product with the upstream is."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.gates.registry import gate

__all__ = ["dot", "matmul"]


SMALL = 1 << 12
"""Entries of a product up to which `np.dot` is quicker than ``@``: it asks less about its operands,
and fills the result with zeros first. Both return the same bits."""


def product(a: Any, b: Any) -> Any:
    """The product of two matrices."""
    return np.dot(a, b) if a.shape[0] * b.shape[1] <= SMALL else a @ b


def matmul_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    """g·Bᵀ; a vector among the operands counts as the row or the column that NumPy makes of it."""
    if a.ndim == b.ndim == 2:
        return product(g, b.T)
    if b.ndim == 1:
        return g[..., None] * b
    if a.ndim == 1:
        return (g[..., None, :] @ b.mT)[..., 0, :]
    return g @ b.mT


def matmul_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Aᵀ·g, likewise."""
    if a.ndim == b.ndim == 2:
        return product(a.T, g)
    if a.ndim == 1:
        return a[:, None] * g[..., None, :] if b.ndim > 1 else a * g
    if b.ndim == 1:
        return (a.mT @ g[..., None])[..., 0]
    return a.mT @ g


matmul = gate(
    np.matmul, name="matmul", symbol="@", rule="A·B → g·Bᵀ, Aᵀ·g", pattern="mixes",
    vjp=(matmul_left, matmul_right), linear="each",
)  # fmt: skip


def dot_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The upstream, summed against `b` over the axes that `b` brought into the result."""
    a_ndim, b_ndim = np.ndim(a), np.ndim(b)
    if a_ndim == 0 or b_ndim == 0:
        return g * b
    if b_ndim == 1:
        return g[..., None] * b
    free = (*range(b_ndim - 2), b_ndim - 1)
    return np.tensordot(g, b, axes=(tuple(range(a_ndim - 1, g.ndim)), free))


def dot_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The upstream, summed against `a` over the axes that `a` brought into the result."""
    a_ndim, b_ndim = np.ndim(a), np.ndim(b)
    if a_ndim == 0 or b_ndim == 0:
        return g * a
    free = tuple(range(a_ndim - 1))
    summed = np.tensordot(a, g, axes=(free, free))
    return summed if b_ndim == 1 else np.moveaxis(summed, 0, -2)


dot = gate(
    np.dot, name="dot", symbol="·", rule="A·B → g·Bᵀ, Aᵀ·g", pattern="mixes",
    vjp=(dot_left, dot_right), linear="each",
)  # fmt: skip

NUMPY = {np.matmul: matmul, np.dot: dot}
METHODS = {"dot": dot}
