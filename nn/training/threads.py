"""BLAS threads during training: one where the products are small."""

from __future__ import annotations

from typing import Any

from autograd.extend import Threads

__all__ = ["few_threads", "multiply_adds"]

LARGE = 1 << 27
"""Multiply-adds of one product from which a second thread earns what waking it costs."""


def few_threads(multiply_adds: int) -> Threads:
    """One BLAS thread inside, unless the largest product has `LARGE` multiply-adds or more.

    Threads that wait for a busy core make a small product up to ten times slower, and their
    number changes the last bits of a result. They are as before once no such block is open in any
    thread. NumPy has no switch for them; where threadpoolctl, which has, is not installed, they
    stay as they are.
    """
    return Threads(1 if multiply_adds < LARGE else None)


def multiply_adds(model: Any, rows: int) -> int:
    """Of the largest matrix product that `rows` rows meet in a model, going by its matrices."""
    return rows * max((p.size for p in model.parameters() if p.ndim > 1), default=0)
