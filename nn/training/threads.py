"""BLAS threads during training: one where the products are small, as they were again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["few_threads", "multiply_adds"]

LARGE = 1 << 27
"""Multiply-adds of one product from which a second thread earns what waking it costs."""


@contextmanager
def few_threads(multiply_adds: int) -> Iterator[None]:
    """One BLAS thread inside, unless the largest product has `LARGE` multiply-adds or more.

    Threads that wait for a busy core make a small product up to ten times slower, and their
    number changes the last bits of a result. NumPy has no switch for them; where threadpoolctl,
    which has, is not installed, they stay as they are.
    """
    if multiply_adds >= LARGE:
        yield
        return
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        yield
        return
    with threadpool_limits(limits=1, user_api="blas"):
        yield


def multiply_adds(model: Any, rows: int) -> int:
    """Of the largest matrix product that `rows` rows meet in a model, going by its matrices."""
    return rows * max((p.size for p in model.parameters() if p.ndim > 1), default=0)
