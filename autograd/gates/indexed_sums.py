"""Sums of products in index notation, and the products of stacked vectors and matrices."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from autograd.eager import apply, as_operand, explain, value_of
from autograd.errors import DataError, OutOfRangeError, ShapeError
from autograd.gates.indexing import scatter
from autograd.gates.linear import matmul
from autograd.gates.products import last_axis
from autograd.gates.registry import Gate, gate
from autograd.tensor import Tensor

__all__ = ["bincount", "einsum", "matvec", "vecdot", "vecmat"]

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def in_letters(sublist: Sequence[Any]) -> str:
    """Subscripts given as a list of integers (and Ellipsis), in NumPy's letters for them."""
    for i in sublist:
        if i is not Ellipsis and not (isinstance(i, (int, np.integer)) and 0 <= i < len(LETTERS)):
            raise OutOfRangeError(
                f"einsum() expects lists of integers from 0 to {len(LETTERS) - 1} after the "
                f"operands, and received {i!r}: subscripts as text come first, "
                "einsum('ij,jk->ik', a, b)"
            )
    return "".join("..." if i is Ellipsis else LETTERS[i] for i in sublist)


def expanded(term: str, n: int) -> list[Hashable]:
    """A label for each of `n` axes: its letter, or its place from the end of the ellipsis."""
    before, dots, after = term.partition("...")
    return [*before, *range(len(term) - len(dots) - n, 0), *after] if dots else list(term)


def labels(subscripts: str, ndims: Sequence[int]) -> tuple[list[list[Hashable]], list[Hashable]]:
    """The labels of each operand's axes and of the result's."""
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    terms = [expanded(term, n) for term, n in zip(left.split(","), ndims, strict=True)]
    ellipsis = sorted({label for term in terms for label in term if isinstance(label, int)})
    if arrow:
        return terms, expanded(right, len(right.replace("...", "")) + len(ellipsis))
    letters = [label for label in left if label in LETTERS]
    return terms, [*ellipsis, *sorted(x for x in letters if letters.count(x) == 1)]


class Transposed(NamedTuple):
    """How the gradient of one operand is an einsum in its turn.

    Attributes
    ----------
    sublists : the labels of the upstream and of the other operands, and of their sum.
    sources : for each axis of the operand, the axis of that sum that it is; else None.
    repeats : pairs of axes that have one label, so that the operand's diagonal was read.
    """

    sublists: list[list[int]]
    sources: list[int | None]
    repeats: list[tuple[int, int]]


@lru_cache(maxsize=256)
def transposed(subscripts: str, ndims: tuple[int, ...], i: int) -> Transposed:
    """The einsum that gives the gradient of operand `i`."""
    terms, result = labels(subscripts, ndims)
    own, others = terms[i], [result, *terms[:i], *terms[i + 1 :]]
    known = {label for term in others for label in term}
    kept = [label for label in dict.fromkeys(own) if label in known]
    number = {label: n for n, label in enumerate(dict.fromkeys(x for t in others for x in t))}
    first = [own.index(label) for label in own]
    return Transposed(
        [[number[label] for label in term] for term in (*others, kept)],
        [
            kept.index(label) if label in known and first[axis] == axis else None
            for axis, label in enumerate(own)
        ],
        [(axis, start) for axis, start in enumerate(first) if axis != start],
    )


def einsum_side(i: int, g: Any, operands: Sequence[Any], subscripts: str, optimize: Any) -> Any:
    """The upstream and the other operands, summed into the labels of operand `i`: an einsum too.

    A label that operand alone has was summed away: its gradient is the same along that axis. A
    label that stands twice in it reads a diagonal, and there its gradient lies.
    """
    shapes = [np.shape(o) for o in operands]
    plan = transposed(subscripts, tuple(map(len, shapes)), i)
    others = (g, *operands[:i], *operands[i + 1 :])
    spelt = [part for pair in zip(others, plan.sublists, strict=False) for part in pair]
    summed = np.einsum(*spelt, plan.sublists[-1], optimize=optimize)
    if len(plan.sublists[-1]) == len(shapes[i]):
        return summed
    lengths = np.shape(summed)
    spread = np.reshape(summed, tuple(1 if k is None else lengths[k] for k in plan.sources))
    if plan.repeats:
        places = np.indices(shapes[i], sparse=True)
        for axis, start in plan.repeats:
            spread = np.where(places[axis] == places[start], spread, 0.0)
    return spread


def einsum_vjp(g: Any, out: Any, *operands: Any, subscripts: str, optimize: Any) -> list[Any]:
    """For each operand an einsum of the upstream with the others, done where it is wanted."""
    way = optimize if isinstance(optimize, (bool, str)) else True  # a path is of this one alone
    return [partial(einsum_side, i, g, operands, subscripts, way) for i in range(len(operands))]


_einsum = gate(
    lambda *operands, subscripts, optimize: np.einsum(subscripts, *operands, optimize=optimize),
    name="einsum", symbol="Σ", rule="Σ a·b·… → Σ g·(the others)", pattern="mixes",
    vjp=einsum_vjp, linear="each",
)  # fmt: skip


def einsum(*operands: Any, optimize: Any = False) -> Tensor:
    """Products summed in index notation, in every spelling that NumPy has.

    ``einsum("ij,jk->ik", a, b)``, with or without the result's labels, with an ellipsis, with a
    label twice in one operand (its diagonal), and with lists of integers after each operand,
    ``einsum(a, [0, 1], b, [1, 2])``. `optimize` as in NumPy; it holds for the gradients too.

    Raises
    ------
    ShapeError (a ValueError): subscripts and operands do not fit.
    OutOfRangeError (an IndexError): an integer that stands for no label.

    Examples
    --------
    >>> import autograd as ag
    >>> a = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> trace = ag.einsum("ii", a)
    >>> trace.backward()
    >>> trace.data, a.grad
    (array(5.), array([[1., 0.],
           [0., 1.]]))
    """
    if not operands:
        raise DataError("einsum() expects subscripts and operands: einsum('ij,jk->ik', a, b)")
    if isinstance(operands[0], str):
        subscripts, arrays = operands[0], operands[1:]
    else:
        sublists = [in_letters(sublist) for sublist in operands[1::2]]
        subscripts, arrays = ",".join(sublists), operands[: 2 * len(sublists) : 2]
        if len(operands) % 2:
            subscripts += "->" + in_letters(operands[-1])
    return apply(_einsum, arrays, {"subscripts": subscripts, "optimize": optimize})


# ---- stacks of vectors and matrices


def _product(name: str, rule: str, *, forward: Any, vjp: Any) -> Gate:
    return gate(forward, name=name, symbol="·", rule=rule, pattern="mixes", vjp=vjp, linear="each")


_vecdot = _product(
    "vecdot", "Σa·b → b, a", forward=np.vecdot,
    vjp=(lambda g, out, a, b: g[..., None] * b, lambda g, out, a, b: g[..., None] * a),
)  # fmt: skip


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """The dot products of vectors that lie along an axis of each operand; the others broadcast.

    >>> import autograd as ag
    >>> ag.vecdot(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [10.0, 1.0]).data
    array([12., 34.])
    """
    return apply(_vecdot, (last_axis(x1, axis), last_axis(x2, axis)))


def vector_times(a: Any, b: Any) -> Any:
    """Row vectors times matrices, on arrays and Tensors."""
    return (a[..., None, :] @ b)[..., 0, :]


def times_vector(a: Any, b: Any) -> Any:
    """Matrices times column vectors, on arrays and Tensors."""
    return (a @ b[..., None])[..., 0]


# np.matvec and np.vecmat came with NumPy 2.2.
matvec = _product(
    "matvec", "A·b → g·bᵀ, Aᵀ·g", forward=getattr(np, "matvec", times_vector),
    vjp=(
        lambda g, out, a, b: g[..., None] * b[..., None, :],
        lambda g, out, a, b: vector_times(g, a),
    ),
)  # fmt: skip
matvec.summary = """A matrix times a vector, or stacks of them, which broadcast.

>>> import autograd as ag
>>> ag.matvec(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), [10.0, 1.0]).data
array([12., 34.])
"""

vecmat = _product(
    "vecmat", "aᵀ·B → B·g, a·gᵀ", forward=getattr(np, "vecmat", vector_times),
    vjp=(
        lambda g, out, a, b: times_vector(b, g),
        lambda g, out, a, b: a[..., None] * g[..., None, :],
    ),
)  # fmt: skip
vecmat.summary = """A vector times a matrix, or stacks of them, which broadcast.

>>> import autograd as ag
>>> ag.vecmat(ag.Tensor([10.0, 1.0]), [[1.0, 2.0], [3.0, 4.0]]).data
array([13., 24.])
"""

# ---- sums by number


def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """How often each whole number occurs; with weights, the sum of those of each number.

    Counts are plain integers. A weight's gradient is the upstream at its number.

    Raises OutOfRangeError (an IndexError) for negative numbers, ShapeError (a ValueError) where the
    weights are not one a number, DataError (a TypeError) for numbers that are not whole.

    >>> import autograd as ag
    >>> w = ag.Tensor([0.5, 1.0, 2.0])
    >>> sums = ag.bincount([0, 2, 0], w)
    >>> sums.backward(gradient=[1.0, 10.0, 100.0])
    >>> sums.data, w.grad
    (array([2.5, 0. , 1. ]), array([  1., 100.,   1.]))
    """
    try:
        counts = np.bincount(value_of(x), minlength=minlength)
    except (ValueError, TypeError) as error:
        raise explain("bincount", (x,), {"minlength": minlength}, error) from error
    if weights is None:
        return counts
    weights, places = as_operand(weights), np.asarray(value_of(x), int)
    if weights.shape != places.shape:
        raise ShapeError(
            f"bincount() expects a weight for each of {places.size} numbers, and received shape "
            f"{weights.shape}"
        )
    if weights.dtype != np.float64:  # NumPy adds up doubles
        weights = weights.astype(np.float64)
    return apply(scatter, (weights,), {"key": places, "shape": counts.shape})


NUMPY = {
    np.bincount: bincount,
    np.einsum: einsum,
    np.vecdot: vecdot,
    np.linalg.vecdot: vecdot,
    np.linalg.matmul: matmul,
}
for _name, _gate in {"matvec": matvec, "vecmat": vecmat}.items():
    if hasattr(np, _name):
        NUMPY[getattr(np, _name)] = _gate
METHODS: dict[str, Any] = {}
