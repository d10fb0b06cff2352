"""Broadcasting folded back: what a rule answers, in the shape of the operand that it is for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.data import is_number
from autograd.errors import ShapeError
from autograd.gates.shapes import as_number
from autograd.tensor import Tensor, describe

__all__ = ["fold", "folded", "folded_for", "sum_of_rows"]


def fold(contribution: Any, value: Any) -> Any:
    """A contribution in the shape and dtype of the operand's value: sums over what was repeated.

    The one place where broadcasting is folded back.
    """
    if contribution is None:  # a rule of one's own may say so for a flat function
        contribution = 0.0
    if is_number(value):
        return contribution if is_number(contribution) else as_number(contribution)
    shape = value.shape
    if type(contribution) is float:
        return np.full(shape, contribution, value.dtype)
    if not hasattr(contribution, "shape"):  # a rule of one's own may answer 1, or a list
        contribution = np.asarray(contribution)
    if contribution.shape != shape:
        if contribution.ndim > len(shape):
            extra = contribution.ndim - len(shape)
            axes = 0 if extra == 1 else tuple(range(extra))
            repeated = tuple(
                i for i, n in enumerate(shape, extra) if n == 1 != contribution.shape[i]
            )
            if repeated:
                kept = (1 if i in repeated else n for i, n in enumerate(contribution.shape))
                contribution = np.add.reduce(contribution, axis=(*range(extra), *repeated))
                contribution = np.reshape(contribution, tuple(kept)[extra:])
            elif extra == 1 and type(contribution) is not Tensor:
                contribution = sum_of_rows(contribution)
            else:
                contribution = np.add.reduce(contribution, axis=axes)
        if contribution.ndim == len(shape):
            lengths = zip(shape, contribution.shape, strict=True)
            repeated = tuple(i for i, (n, m) in enumerate(lengths) if n == 1 != m)
            if repeated:
                contribution = contribution.sum(axis=repeated, keepdims=True)
        if contribution.shape != shape:  # a rule may leave a constant gradient unspread
            contribution = np.broadcast_to(contribution, shape)
    if contribution.dtype != value.dtype:
        contribution = contribution.astype(value.dtype)
    return contribution


def sum_of_rows(a: Any) -> Any:
    """The sum over the first axis; of a matrix, measured, a product with ones takes a third of the
    time.

    For floats that BLAS has, and not for so many rows that the ones would take much memory.
    """
    if a.ndim == 2 and len(a) <= 4096 and a.dtype.char in "fd":
        return np.dot(_ones(len(a), a.dtype), a)
    return np.add.reduce(a, axis=0)


@lru_cache(maxsize=16)
def _ones(n: int, dtype: Any) -> Any:
    return np.ones(n, dtype)


def folded(
    node: Tensor, answers: Sequence[Any], values: Sequence[Any], wanted: Sequence[bool]
) -> list[Any]:
    """What a rule answered for all operands at once, each in its operand's shape."""
    return [
        folded_for(node, contribution, value) if want else None
        for contribution, value, want in zip(answers, values, wanted, strict=True)
    ]


def folded_for(node: Tensor, contribution: Any, value: Any) -> Any:
    """`fold`, which names the gate where that cannot be. Raises ShapeError (a ValueError)."""
    try:
        return fold(contribution, value)
    except ValueError as error:
        raise ShapeError(
            f"the rule of {describe(node)} must return a gradient that folds to the shape "
            f"{np.shape(value)} of its operand, and returned {np.shape(contribution)}"
        ) from error
