"""Products of vectors, matrices and arrays of any number of axes; linear in each operand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.errors import ShapeError
from autograd.gates.registry import gate
from autograd.tensor import Tensor

__all__ = ["cross", "inner", "kron", "outer", "tensordot", "vdot"]

# ---- vectors

vdot = gate(
    np.vdot, name="vdot", symbol="·", rule="Σa·b → b, a", pattern="swaps",
    vjp=(
        lambda g, out, a, b: np.reshape(g * np.reshape(b, -1), np.shape(a)),
        lambda g, out, a, b: np.reshape(g * np.reshape(a, -1), np.shape(b)),
    ),
    linear="each",
    doc="""The dot product of two arrays of as many entries, flattened.

    >>> import autograd as ag
    >>> a = ag.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> ag.vdot(a, [[0.0, 1.0], [0.0, 1.0]]).data
    array(6.)
    """,
)  # fmt: skip

outer = gate(
    np.outer, name="outer", symbol="⊗", rule="a·bᵀ → g·b, gᵀ·a", pattern="mixes",
    vjp=(
        lambda g, out, a, b: np.reshape(g @ np.reshape(b, -1), np.shape(a)),
        lambda g, out, a, b: np.reshape(np.reshape(a, -1) @ g, np.shape(b)),
    ),
    linear="each",
    doc="""Every entry of `a` times every entry of `b`, both flattened: a matrix.

    >>> import autograd as ag
    >>> ag.outer(ag.Tensor([1.0, 2.0]), [10.0, 20.0]).data
    array([[10., 20.],
           [20., 40.]])
    """,
)  # fmt: skip


def inner_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The upstream, summed against `b` over the axes that `b` brought into the result."""
    n, m = len(np.shape(a)), len(np.shape(b))
    if n == 0 or m == 0:
        return g * b
    return np.tensordot(g, b, axes=(tuple(range(n - 1, n + m - 2)), tuple(range(m - 1))))


def inner_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The upstream, summed against `a` over the axes that `a` brought into the result."""
    n, m = len(np.shape(a)), len(np.shape(b))
    if n == 0 or m == 0:
        return g * a
    free = tuple(range(n - 1))
    return np.tensordot(g, a, axes=(free, free))


inner = gate(
    np.inner, name="inner", symbol="⟨ ⟩", rule="⟨a, b⟩ → g·b, gᵀ·a", pattern="mixes",
    vjp=(inner_left, inner_right), linear="each",
    doc="""The sum of products over the last axis of each operand.

    >>> import autograd as ag
    >>> ag.inner(ag.Tensor([1.0, 2.0]), [[3.0, 4.0], [5.0, 6.0]]).data
    array([11., 17.])
    """,
)  # fmt: skip

# ---- any axes


def tensordot_left(g: Any, out: Any, a: Any, b: Any, axes: Any) -> Any:
    """The upstream, summed against `b` over its free axes; then the axes in `a`'s order."""
    of_a, of_b = axes
    free_a, free_b = _free(a, of_a), _free(b, of_b)
    summed = np.tensordot(g, b, axes=(tuple(range(len(free_a), g.ndim)), free_b))
    order = (*free_a, *(of_a[i] for i in np.argsort(of_b)))
    return np.transpose(summed, tuple(np.argsort(order)))


def tensordot_right(g: Any, out: Any, a: Any, b: Any, axes: Any) -> Any:
    """The upstream, summed against `a` over its free axes; then the axes in `b`'s order."""
    of_a, of_b = axes
    free_a, free_b = _free(a, of_a), _free(b, of_b)
    summed = np.tensordot(a, g, axes=(free_a, tuple(range(len(free_a)))))
    order = (*(of_b[i] for i in np.argsort(of_a)), *free_b)
    return np.transpose(summed, tuple(np.argsort(order)))


def _free(a: Any, summed: Sequence[int]) -> tuple[int, ...]:
    """The axes that are not summed over."""
    return tuple(i for i in range(len(np.shape(a))) if i not in summed)


_tensordot = gate(
    np.tensordot, name="tensordot", symbol="·", rule="Σ a·b over axes → Σ g·b, Σ g·a",
    pattern="mixes", vjp=(tensordot_left, tensordot_right), linear="each",
)  # fmt: skip


def tensordot(a: Any, b: Any, axes: Any = 2) -> Tensor:
    """The sum of products over some axes of each operand; the free ones of `a` come first.

    `axes` is a number n (the last n of `a` with the first n of `b`), or two axes or sequences of
    axes, one for each operand.

    >>> import autograd as ag
    >>> import numpy as np
    >>> a, b = ag.Tensor(np.ones((2, 3, 4))), ag.Tensor(np.ones((4, 3, 5)))
    >>> ag.tensordot(a, b, axes=([1, 2], [1, 0])).shape
    (2, 5)
    """
    n, m = len(np.shape(value_of(a))), len(np.shape(value_of(b)))
    if isinstance(axes, (int, np.integer)):
        of_a, of_b = tuple(range(-axes, 0)), tuple(range(axes))
    else:
        of_a, of_b = ((int(e),) if np.ndim(e) == 0 else tuple(map(int, e)) for e in axes)
    of_a = tuple(i + n if -n <= i < 0 else i for i in of_a)
    of_b = tuple(i + m if -m <= i < 0 else i for i in of_b)
    return apply(_tensordot, (a, b), {"axes": (of_a, of_b)})


def _blocks(a: Any, b: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shapes in which `a` and `b` broadcast to the result of kron, two axes for each of its."""
    n = max(len(np.shape(a)), len(np.shape(b)))
    of_a = (1,) * (n - len(np.shape(a))) + np.shape(a)
    of_b = (1,) * (n - len(np.shape(b))) + np.shape(b)
    return (
        tuple(length for i in of_a for length in (i, 1)),
        tuple(length for i in of_b for length in (1, i)),
    )


def kron_side(g: Any, a: Any, b: Any, side: int) -> Any:
    """The upstream cut into blocks, times the other operand, summed within or over the blocks."""
    of_a, of_b = _blocks(a, b)
    blocks = np.reshape(g, tuple(i * j for i, j in zip(of_a, of_b, strict=True)))
    if side == 0:
        summed = np.sum(blocks * np.reshape(b, of_b), axis=tuple(range(1, len(of_a), 2)))
    else:
        summed = np.sum(blocks * np.reshape(a, of_a), axis=tuple(range(0, len(of_a), 2)))
    return np.reshape(summed, np.shape((a, b)[side]))


kron = gate(
    np.kron, name="kron", symbol="⊗", rule="blocks aᵢⱼ·B → ⟨g, B⟩ of each block, Σ a·g",
    pattern="mixes",
    vjp=(
        lambda g, out, a, b: kron_side(g, a, b, 0),
        lambda g, out, a, b: kron_side(g, a, b, 1),
    ),
    linear="each",
    doc="""The Kronecker product: a block `a[i, j] * b` for each entry of `a`.

    >>> import autograd as ag
    >>> ag.kron(ag.Tensor([1.0, 10.0]), [1.0, 2.0]).data
    array([ 1.,  2., 10., 20.])
    """,
)  # fmt: skip

# ---- vectors in space


def _in_space(a: Any) -> Any:
    """Vectors of two components as vectors of three, the third zero."""
    if np.shape(a)[-1] == 3:
        return a
    return np.concatenate([a, np.zeros_like(value_of(a)[..., :1])], axis=-1)


def _normal(g: Any, a: Any, b: Any) -> Any:
    """The upstream as vectors: of two plane vectors it is that of the third component."""
    if np.shape(a)[-1] == 3 or np.shape(b)[-1] == 3:
        return g
    g = g[..., None]
    none = np.zeros_like(value_of(g))
    return np.concatenate([none, none, g], axis=-1)


def cross_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    """b × g, of which a plane vector has the first two components."""
    return np.cross(_in_space(b), _normal(g, a, b))[..., : np.shape(a)[-1]]


def cross_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    """g × a, of which a plane vector has the first two components."""
    return np.cross(_normal(g, a, b), _in_space(a))[..., : np.shape(b)[-1]]


def cross_jvp(tangents: Any, out: Any, a: Any, b: Any) -> Any:
    """da × b + a × db; of two plane vectors its third component."""
    da, db = tangents
    moved = np.cross(_in_space(da), _in_space(b)) + np.cross(_in_space(a), _in_space(db))
    return moved[..., 2] if np.shape(a)[-1] == np.shape(b)[-1] == 2 else moved


_cross = gate(
    np.cross, name="cross", symbol="×", rule="a×b → b×g, g×a", pattern="mixes",
    vjp=(cross_left, cross_right), jvp=cross_jvp,
)  # fmt: skip


def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """The cross product of vectors of three components (or two, which NumPy deprecates).

    `axisa`, `axisb` and `axisc` say where the components lie; `axis` says it for all three.

    >>> import autograd as ag
    >>> ag.cross(ag.Tensor([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0]).data
    array([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    crossed: Any = apply(_cross, (last_axis(a, axisa), last_axis(b, axisb)))
    in_plane = np.shape(value_of(a))[axisa] == np.shape(value_of(b))[axisb] == 2
    return crossed if in_plane or axisc == -1 else np.moveaxis(crossed, -1, axisc)


def last_axis(a: Any, axis: int) -> Any:
    """The operand with an axis moved to the end."""
    return a if axis == -1 else np.moveaxis(a, axis, -1)


def space_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """The cross product of vectors of three components, ``linalg.cross``.

    >>> import autograd as ag
    >>> ag.linalg.cross(ag.Tensor([1.0, 0.0, 0.0]), [0.0, 0.0, 1.0]).data
    array([ 0., -1.,  0.])
    """
    lengths = np.shape(value_of(x1))[axis], np.shape(value_of(x2))[axis]
    if lengths != (3, 3):
        raise ShapeError(
            f"linalg.cross expects vectors of three components along axis {axis} and received "
            f"{lengths[0]} and {lengths[1]}"
        )
    return cross(x1, x2, axis=axis)


def vector_outer(x1: Any, x2: Any, /) -> Tensor:
    """The outer product of two vectors, ``linalg.outer``.

    >>> import autograd as ag
    >>> ag.linalg.outer(ag.Tensor([1.0, 2.0]), [10.0, 20.0]).shape
    (2, 2)
    """
    shapes = np.shape(value_of(x1)), np.shape(value_of(x2))
    if [len(shape) for shape in shapes] != [1, 1]:
        raise ShapeError(
            f"linalg.outer expects two vectors and received shapes {shapes[0]} and {shapes[1]}: "
            "write ag.outer, which flattens them"
        )
    return outer(x1, x2)


def tensordot_by_keyword(x1: Any, x2: Any, /, *, axes: Any = 2) -> Tensor:
    """The sum of products over some axes, ``linalg.tensordot``; see `autograd.tensordot`."""
    return tensordot(x1, x2, axes)


# ---- chains of matrices


def multi_dot_vjp(g: Any, out: Any, *factors: Any) -> list[Any]:
    """Each factor gets the upstream between the transposes of what stands left and right of it."""
    matrices = list(factors)
    if len(np.shape(factors[0])) == 1:
        matrices[0] = np.reshape(factors[0], (1, -1))
    if len(np.shape(factors[-1])) == 1:
        matrices[-1] = np.reshape(factors[-1], (-1, 1))
    g = np.reshape(g, (np.shape(matrices[0])[0], np.shape(matrices[-1])[1]))

    def side(i: int) -> Any:
        chain = [*(m.mT for m in matrices[:i][::-1]), g, *(m.mT for m in matrices[:i:-1])]
        # From left to right of the original: (A₁…Aᵢ₋₁)ᵀ · g · (Aᵢ₊₁…Aₙ)ᵀ.
        product = np.linalg.multi_dot(chain) if len(chain) > 1 else g
        return np.reshape(product, np.shape(factors[i]))

    return [partial(side, i) for i in range(len(factors))]


_multi_dot = gate(
    lambda *factors: np.linalg.multi_dot(factors), name="linalg.multi_dot", symbol="·…·",
    rule="A·B·C → g·(B·C)ᵀ, Aᵀ·g·Cᵀ, (A·B)ᵀ·g", pattern="mixes",
    vjp=multi_dot_vjp, linear="each",
)  # fmt: skip


def multi_dot(arrays: Sequence[Any]) -> Tensor:
    """The product of two or more matrices, in the order that costs least.

    The first and the last may be vectors.

    >>> import autograd as ag
    >>> import numpy as np
    >>> a, b, c = ag.Tensor(np.ones((2, 3))), np.ones((3, 4)), np.ones(4)
    >>> ag.linalg.multi_dot([a, b, c]).data
    array([12., 12.])
    """
    return apply(_multi_dot, tuple(arrays))


def power_vjp(g: Any, a: Any, n: int) -> Any:
    """The upstream of aⁿ back to a, through the squarings that make it: n ≥ 0."""
    if n <= 1:
        return g if n else g * 0.0
    if n % 2:
        return g @ np.linalg.matrix_power(a, n - 1).mT + power_vjp(a.mT @ g, a, n - 1)
    half = np.linalg.matrix_power(a, n // 2).mT
    return power_vjp(g @ half + half @ g, a, n // 2)


def power_jvp(t: Any, a: Any, n: int) -> Any:
    """The tangent of aⁿ from that of a: n ≥ 0."""
    if n <= 1:
        return t if n else t * 0.0
    if n % 2:
        return t @ np.linalg.matrix_power(a, n - 1) + a @ power_jvp(t, a, n - 1)
    half, moved = np.linalg.matrix_power(a, n // 2), power_jvp(t, a, n // 2)
    return moved @ half + half @ moved


_matrix_power = gate(
    np.linalg.matrix_power, name="linalg.matrix_power", symbol="Aⁿ",
    rule="Aⁿ → Σ (Aᵏ)ᵀ·g·(Aⁿ⁻¹⁻ᵏ)ᵀ", pattern="mixes",
    vjp=(lambda g, out, a, n: power_vjp(g, a, n),),
    jvp=lambda tangents, out, a, n: power_jvp(tangents[0], a, n),
)  # fmt: skip


def matrix_power(a: Any, n: int) -> Tensor:
    """A square matrix, or a stack of them, times itself; of the inverse where `n` is negative.

    >>> import autograd as ag
    >>> ag.linalg.matrix_power(ag.Tensor([[1.0, 1.0], [0.0, 1.0]]), 5).data
    array([[1., 5.],
           [0., 1.]])
    """
    if n < 0:
        a, n = np.linalg.inv(a), -n
    return apply(_matrix_power, (a,), {"n": n})


NUMPY = {
    np.vdot: vdot,
    np.outer: outer,
    np.inner: inner,
    np.tensordot: tensordot,
    np.kron: kron,
    np.cross: cross,
    np.linalg.cross: space_cross,
    np.linalg.outer: vector_outer,
    np.linalg.tensordot: tensordot_by_keyword,
    np.linalg.multi_dot: multi_dot,
    np.linalg.matrix_power: matrix_power,
}
METHODS: dict[str, Any] = {}
