"""Embedding: rows of a table, by number."""

from __future__ import annotations

from operator import index as as_int
from typing import Any

import numpy as np

from autograd.data import brief, is_traced
from autograd.eager import apply, as_operand, value_of
from autograd.errors import DataError, OutOfRangeError, ShapeError
from autograd.gates.indexing import at, placed
from autograd.gates.primitives import primitive
from autograd.gates.registry import gate
from autograd.tensor import Tensor

__all__ = ["embedding"]


@primitive("embedding")
def rows_of(weight: Any, indices: Any, padding_idx: int | None = None) -> Any:
    """The rows of those numbers, which must be there."""
    n = len(weight)
    if indices.size and (indices.min() < 0 or indices.max() >= n):
        wrong = indices[(indices < 0) | (indices >= n)]
        raise OutOfRangeError(
            f"embedding() expects indices from 0 to {n - 1}, the rows of a table of shape "
            f"{weight.shape}, and received {wrong.flat[0]}: count from 0, and give the table a row "
            "for each number"
        )
    return np.take(weight, indices, axis=0)


def without_row(a: Any, row: int | None) -> Any:
    """The table with zeros in the row that is not learnt."""
    if row is None:
        return a
    return np.where((np.arange(np.shape(a)[0]) == row)[:, None], 0.0, a)


_embedding = gate(
    rows_of, name="embedding", symbol="embedding", pattern="routes", linear="jointly",
    rule="row i → the upstream at row i, 0 elsewhere",
    vjp=(
        lambda g, out, a, indices, padding_idx=None: without_row(
            placed(g, indices, np.shape(a)), padding_idx
        ),
    ),
    jvp=lambda t, out, a, indices, padding_idx=None: at(without_row(t[0], padding_idx), indices),
)  # fmt: skip


def embedding(indices: Any, weight: Any, padding_idx: int | None = None) -> Tensor:
    """The rows of a table, by number: ``weight[indices]``; a row read twice gets both gradients.

    Parameters
    ----------
    indices : whole numbers of any shape, from 0 on. Negative ones are an error, as in PyTorch: in a
        text they are a mistake, not the last words.
    weight : (rows, features).
    padding_idx : the number of a row that gets no gradient, which stands where there is nothing.

    The result has the shape of `indices`, and the features behind it.

    Raises OutOfRangeError (an IndexError) for a number that no row has, DataError (a TypeError) for
    indices, and a padding_idx, that are no whole numbers.

    >>> import autograd as ag
    >>> table = ag.Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> rows = ag.embedding([2, 0, 2], table)
    >>> rows.sum().backward()
    >>> rows.data[0], table.grad
    (array([5., 6.]), array([[1., 1.],
           [0., 0.],
           [2., 2.]]))
    """
    weight = as_operand(weight)
    if weight.ndim != 2:
        raise ShapeError(
            f"embedding() expects a table of shape (rows, features), and received {weight.shape}"
        )
    indices = value_of(indices)
    if not is_traced(indices):
        indices = np.asarray(indices) if np.size(indices) else np.asarray(indices, int)
    if indices.dtype.kind not in "iu":
        raise DataError(
            f"embedding() expects whole numbers as indices, and received {indices.dtype}: the "
            "table comes second, ag.embedding(indices, weight)"
        )
    if padding_idx is not None:
        n = weight.shape[0]
        try:
            padding_idx = as_int(padding_idx)
        except TypeError:
            raise DataError(
                "embedding(padding_idx=...) expects the number of a row, and received "
                f"{brief(padding_idx)}"
            ) from None
        if not -n <= padding_idx < n:
            raise OutOfRangeError(
                f"embedding(padding_idx={padding_idx}) is no row of a table of shape {weight.shape}"
            )
        return apply(_embedding, (weight,), {"indices": indices, "padding_idx": padding_idx % n})
    return apply(_embedding, (weight,), {"indices": indices})


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
