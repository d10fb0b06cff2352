"""Linear systems in ONNX, which has no word for them but a determinant in single precision: by
elimination, its steps written out for each column."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from autograd.program.lowering.onnx_graph import Wire, broadcast, promoted
from autograd.program.lowering.onnx_numbers import absolute, log, multiply, sign, sqrt, where
from autograd.program.lowering.onnx_places import (
    concatenate,
    expand_dims,
    getitem,
    known,
    reshape,
    stack,
    swapaxes,
    take_along_axis,
    without,
)
from autograd.program.lowering.onnx_products import matmul
from autograd.program.lowering.onnx_reductions import total
from autograd.program.lowering.onnx_sizes import Size

__all__ = ["SOLVING"]

MOST = 24
"""Columns whose elimination is written out."""

EVERY = slice(None)


class Eliminated(NamedTuple):
    """What elimination leaves: the other columns, the pivots, and −1 for each swap of rows."""

    rest: Wire
    pivots: list[Wire]
    swaps: list[Wire]


def eliminated(a: Wire, more: Wire | None = None) -> Eliminated:
    """Gauss and Jordan's elimination of square matrices, the largest entry of a column as pivot."""
    n = columns_of(a)
    m = a if more is None else concatenate((a, more), -1)
    graph, at, pivots, swaps = m.graph, np.arange(n), [], []
    for j in range(n):
        below = absolute(getitem(m, (..., slice(j, None), j)))
        place = graph.node(
            "ArgMax", below, shape=without(below, [below.ndim - 1], True), dtype=np.int64, axis=-1,
            keepdims=1,
        )  # fmt: skip
        swaps.append(where(reshape(place, place.shape[:-1]) == 0, 1.0, -1.0))
        order = where(at == j, place + j, where(at == place + j, j, at))
        m = take_along_axis(m, expand_dims(order, order.ndim), -2)
        pivot = getitem(m, (..., slice(j, j + 1), slice(j, j + 1)))
        pivots.append(reshape(pivot, pivot.shape[:-2]))
        row = getitem(m, (..., slice(j, j + 1), EVERY)) / pivot
        column = where(at.reshape(-1, 1) == j, 0.0, getitem(m, (..., EVERY, slice(j, j + 1))))
        m = where(at.reshape(-1, 1) == j, row, m - where(column == 0.0, 0.0, column * row))
    return Eliminated(
        m if more is None else getitem(m, (..., EVERY, slice(n, None))), pivots, swaps
    )


def solve(a: Any, b: Any) -> Any:
    a, b = promoted(a, b, floats=True)
    vectors = b.ndim == 1
    columns = reshape(b, (*b.shape, 1)) if vectors else b
    lead = broadcast(*(Wire(w.graph, "", w.shape[:-2], w.dtype) for w in (a, columns)))
    whole = [w.graph.expanded(w, (*lead, *w.shape[-2:])) for w in (a, columns)]
    found = eliminated(*whole).rest
    return reshape(found, found.shape[:-1]) if vectors else found


def inv(a: Any) -> Any:
    (a,) = promoted(a, floats=True)
    n = known(a.shape[-1])
    return eliminated(a, a.graph.expanded(np.eye(n, dtype=a.dtype), a.shape)).rest


def signed(found: Eliminated) -> Any:
    signs = [*(sign(pivot) for pivot in found.pivots), *found.swaps]
    return reduce(multiply, signs)


def slogdet(a: Any) -> Any:
    found = eliminated(promoted(a, floats=True)[0])
    logs = [log(absolute(pivot)) for pivot in found.pivots]
    return signed(found), reduce(lambda x, y: x + y, logs)


def det(a: Any) -> Any:
    """In doubles by elimination, which onnxruntime has in single precision alone."""
    (a,) = promoted(a, floats=True)
    moves = type(a.shape[-1]) is Size
    if a.dtype != np.float64 or moves or not 0 < int(a.shape[-1]) <= MOST:
        single = a.graph.cast(a, np.float32)
        made = a.graph.node("Det", single, shape=a.shape[:-2], dtype=np.float32)
        return a.graph.cast(made, a.dtype)
    found = eliminated(a)
    sizes = [absolute(pivot) for pivot in found.pivots]
    size = reduce(multiply, sizes)
    return where(size == 0.0, 0.0, multiply(signed(found), size))


def cholesky(a: Any, **how: Any) -> Any:
    """Column by column; nan where a matrix is not positive definite."""
    (a,) = promoted(a, floats=True)
    n = columns_of(a)
    if how.get("upper"):
        return swapaxes(cholesky(swapaxes(a, -1, -2)), -1, -2)
    columns: list[Any] = []
    for j in range(n):
        rest = getitem(a, (..., EVERY, j))
        if columns:
            left = stack(columns, -1)
            row = getitem(left, (..., j, EVERY))
            rest = rest - total(left * expand_dims(row, row.ndim - 1), -1)
        root = sqrt(getitem(rest, (..., slice(j, j + 1))))
        columns.append(where(np.arange(n) < j, 0.0, rest / root))
    return stack(columns, -1)


def qr(a: Any, mode: str = "reduced") -> Any:
    """By Householder's reflections, with the signs of LAPACK's dgeqrf."""
    if mode not in ("reduced", "complete"):
        raise ValueError(f"mode={mode!r}")
    (a,) = promoted(a, floats=True)
    m, n = known(a.shape[-2]), columns_of(a)
    r, q = a, a.graph.expanded(np.eye(m, dtype=a.dtype), (*a.shape[:-2], m, m))
    for j in range(min(m - 1, n)):
        x = where(np.arange(m).reshape(-1, 1) < j, 0.0, getitem(r, (..., EVERY, slice(j, j + 1))))
        first = getitem(x, (..., slice(j, j + 1), EVERY))
        below = where(np.arange(m).reshape(-1, 1) == j, 0.0, x)
        still = total(below * below, -2, keepdims=True) == 0.0
        size = sqrt(total(x * x, -2, keepdims=True))
        v = below + where(np.arange(m).reshape(-1, 1) == j, first + where(first < 0.0, -size, size),
                          0.0)  # fmt: skip
        v = where(still, 0.0, v)
        turned = swapaxes(v, -1, -2)
        twice = 2.0 / where(still, 1.0, total(v * v, -2, keepdims=True))
        r = r - v * (twice * matmul(turned, r))
        q = q - matmul(q, v) * (twice * turned)
    r = where(np.tri(m, n, -1, dtype=bool), 0.0, r)
    if mode == "complete":
        return q, r
    k = min(m, n)
    return getitem(q, (..., EVERY, slice(0, k))), getitem(r, (..., slice(0, k), EVERY))


def columns_of(a: Wire) -> int:
    n = known(a.shape[-1])
    if n > MOST:
        raise ValueError(f"{n} columns: written out are up to {MOST}")
    return n


def matrix_power(a: Any, n: int) -> Any:
    if n == 0:
        return a.graph.expanded(np.eye(known(a.shape[-1]), dtype=a.dtype), a.shape)
    return reduce(matmul, [a if n > 0 else inv(a)] * abs(n))


SOLVING: dict[str, Callable[..., Any]] = {
    "cholesky": cholesky, "det": det, "inv": inv, "matrix_power": matrix_power,
    "qr": qr, "slogdet": slogdet, "solve": solve,
}  # fmt: skip
"""By the names that a listing shows."""
