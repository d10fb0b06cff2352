"""Systems with triangular matrices, and with their products.

The rule is that of any system, of the entries that are read: M. Giles, "Collected matrix derivative
results for forward and reverse mode algorithmic differentiation" (2008).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.errors import DataError
from autograd.gates.registry import Gate, gate
from autograd.tensor import Tensor

__all__: list[str] = []  # known as ag.linalg.<name>

TRANSPOSED = {0: False, 1: True, 2: True, "N": False, "T": True, "C": True}
"""SciPy's words for A, Aᵀ and Aᴴ; the last two are one, of real matrices."""

BACKWARDS = slice(None, None, -1)


def triangle(a: Any, lower: bool, unit_diagonal: bool) -> Any:
    """The triangle that is read, without a diagonal that is not."""
    inside = 1 if unit_diagonal else 0
    return np.tril(a, -inside) if lower else np.triu(a, inside)


def turned(m: Any, transposed: bool) -> Any:
    """A matrix or its transpose."""
    return m.mT if transposed else m


def columns(b: Any, vector: bool) -> Any:
    """Vectors as matrices of one column; matrices as they are."""
    return b[..., None] if vector else b


def solution(a: Any, b: Any, lower: bool, transposed: bool, unit_diagonal: bool) -> Any:
    """By NumPy's general solver, of an upper triangle.

    Its elimination leaves such a one as it is, exchanging no rows, and what follows is back
    substitution, whose residual is small in every row. A lower triangle read from its end is an
    upper one.
    """
    a = triangle(a, lower, unit_diagonal)
    if unit_diagonal:
        a = a + np.eye(np.shape(a)[-1], dtype=value_of(a).dtype)
    a = turned(a, transposed)
    if lower == transposed:
        return np.linalg.solve(a, b)
    rows = BACKWARDS if np.ndim(b) == 1 else (Ellipsis, BACKWARDS, slice(None))
    x = np.linalg.solve(a[..., BACKWARDS, BACKWARDS], b[rows])
    return x[(..., BACKWARDS) if np.ndim(b) == 1 else rows]


def triangular(a: Any, b: Any, **kind: bool) -> Any:
    """`solution`, recorded on Tensors."""
    if Tensor in (type(a), type(b)):
        return apply(_triangular, (a, b), kind)
    return solution(a, b, **kind)


def adjoint(g: Any, b: Any, a: Any, kind: dict[str, bool]) -> Any:
    """A⁻ᵀ·g, as matrices."""
    g = columns(g, np.ndim(b) == 1)
    return triangular(a, g, **{**kind, "transposed": not kind["transposed"]})


def matrix_vjp(g: Any, out: Any, a: Any, b: Any, **kind: bool) -> Any:
    """The triangle of −(A⁻ᵀ·g)·xᵀ; the other one is not read."""
    x = columns(out, np.ndim(b) == 1)
    result = -turned(adjoint(g, b, a, kind) @ x.mT, kind["transposed"])
    return triangle(result, kind["lower"], kind["unit_diagonal"])


def right_vjp(g: Any, out: Any, a: Any, b: Any, **kind: bool) -> Any:
    """A⁻ᵀ·g."""
    result = adjoint(g, b, a, kind)
    return result[..., 0] if np.ndim(b) == 1 else result


def solution_jvp(tangents: Any, out: Any, a: Any, b: Any, **kind: bool) -> Any:
    """A⁻¹·(db − dA·x), of the triangle of dA."""
    vector = np.ndim(b) == 1
    da = turned(triangle(tangents[0], kind["lower"], kind["unit_diagonal"]), kind["transposed"])
    moved = columns(tangents[1], vector) - da @ columns(out, vector)
    result = triangular(a, moved, **kind)
    return result[..., 0] if vector else result


_triangular: Gate = gate(
    solution, name="linalg.solve_triangular", symbol="T⁻¹·b",
    rule="T⁻¹·b = x → −tri((T⁻ᵀ·g)·xᵀ), T⁻ᵀ·g", pattern="mixes",
    vjp=(matrix_vjp, right_vjp), jvp=solution_jvp, kinks="0 in the triangle that is not read",
)  # fmt: skip


def solve_triangular(
    a: Any, b: Any, *, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False
) -> Tensor:
    """The solution x of A·x = b, for triangular matrices A; SciPy's function of that name.

    Parameters
    ----------
    a : (..., M, M); one triangle is read, and the gradient of the other is 0.
    b : (M,), or (..., M, N), as in ``np.linalg.solve``: a vector only if it has one axis.
    trans : 0 or "N" for A·x = b; 1, "T", 2 or "C" for Aᵀ·x = b.
    lower : which triangle is read.
    unit_diagonal : the diagonal is taken for ones and not read.

    Raises
    ------
    LinAlgError (a ValueError, and NumPy's): a 0 on the diagonal, or a matrix that is not square.
    DataError (a TypeError): another `trans`.

    Examples
    --------
    >>> import autograd as ag
    >>> a = ag.Tensor([[2.0, 0.0], [1.0, 4.0]])
    >>> x = ag.linalg.solve_triangular(a, [2.0, 9.0], lower=True)
    >>> x.data
    array([1., 2.])
    >>> x.sum().backward()
    >>> a.grad
    array([[-0.375,  0.   ],
           [-0.25 , -0.5  ]])
    """
    if not isinstance(trans, (int, str)) or trans not in TRANSPOSED:
        raise DataError(
            f"linalg.solve_triangular(trans=...) expects 0 or 'N' for A, 1 or 'T' for its "
            f"transpose, and received {trans!r}"
        )
    kind = {
        "lower": bool(lower), "transposed": TRANSPOSED[trans], "unit_diagonal": bool(unit_diagonal)
    }  # fmt: skip
    return apply(_triangular, (a, b), kind)


def cho_solve(c_and_lower: Any, b: Any) -> Tensor:
    """The solution x of A·x = b from the Cholesky factor of A; SciPy's function of that name.

    Parameters
    ----------
    c_and_lower : the factor, and whether it is the lower one: ``(ag.linalg.cholesky(A), True)``.
    b : (M,) or (..., M, N).

    Raises
    ------
    DataError (a TypeError): no such pair.
    LinAlgError (a ValueError, and NumPy's): a 0 on the factor's diagonal.

    Examples
    --------
    >>> import autograd as ag
    >>> factor = ag.linalg.cholesky(ag.Tensor([[4.0, 2.0], [2.0, 5.0]]))
    >>> ag.linalg.cho_solve((factor, True), [8.0, 12.0]).data
    array([1., 2.])
    """
    if not isinstance(c_and_lower, (tuple, list)) or len(c_and_lower) != 2:
        raise DataError(
            "linalg.cho_solve expects a pair, as in cho_solve((ag.linalg.cholesky(A), True), b), "
            f"and received a {type(c_and_lower).__name__}"
        )
    factor, lower = c_and_lower
    if not isinstance(lower, (bool, int, np.bool_)):
        raise DataError(
            "linalg.cho_solve expects True for a lower factor or False for an upper one beside it, "
            f"and received a {type(lower).__name__}"
        )
    halfway = solve_triangular(factor, b, trans=0 if lower else 1, lower=bool(lower))
    return solve_triangular(factor, halfway, trans=1 if lower else 0, lower=bool(lower))


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
