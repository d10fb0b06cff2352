"""Gates that choose: the gradient goes to the winner, and ties share it equally."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.gates.reductions import kept, settings_of_reduction, spread
from autograd.gates.registry import gate
from autograd.recording import apply
from autograd.tensor import Tensor

__all__ = ["max", "maximum", "min", "minimum", "relu", "where"]


def share(wins: Any, ties: Any) -> Any:
    """1 for the winner, a half for each of two that tie, 0 for the loser."""
    return wins + 0.5 * ties


maximum = gate(
    np.maximum, name="maximum", symbol="max", rule="max(a, b) → 1 for the larger, 0 for the other",
    pattern="routes",
    local=(lambda out, a, b: share(a > b, a == b), lambda out, a, b: share(b > a, a == b)),
    floats=(
        "a if a >= b or a != a else b",
        "1.0 if a > b else 0.5 if a == b else 0.0",
        "1.0 if b > a else 0.5 if a == b else 0.0",
    ),
)  # fmt: skip

minimum = gate(
    np.minimum, name="minimum", symbol="min", rule="min(a, b) → 1 for the smaller, 0 for the other",
    pattern="routes",
    local=(lambda out, a, b: share(a < b, a == b), lambda out, a, b: share(b < a, a == b)),
    floats=(
        "a if a <= b or a != a else b",
        "1.0 if a < b else 0.5 if a == b else 0.0",
        "1.0 if b < a else 0.5 if a == b else 0.0",
    ),
)  # fmt: skip

relu = gate(
    lambda a: np.maximum(a, 0.0), name="relu", symbol="relu",
    rule="max(0, x) → 1 where x > 0, else 0", pattern="routes",
    local=(lambda out, a: out > 0.0,),
    floats=("0.0 if a <= 0.0 else a", "1.0 if a > 0.0 else 0.0"),
    expansion=lambda x: np.maximum(x, 0.0),
    doc="The rectifier max(0, x); its derivative at 0 is 0.",
)  # fmt: skip

_where = gate(
    np.where, name="where", symbol="where", rule="where(c, a, b) → c, 1−c", pattern="routes",
    # Not g·c: an infinite upstream would turn the zeros of the branch not taken into nan.
    vjp=(
        lambda g, out, c, a, b: g * 0.0,
        lambda g, out, c, a, b: np.where(c, g, 0.0),
        lambda g, out, c, a, b: np.where(c, 0.0, g),
    ),
    local=(
        lambda out, c, a, b: 0.0,
        lambda out, c, a, b: np.where(c, 1.0, 0.0),
        lambda out, c, a, b: np.where(c, 0.0, 1.0),
    ),
    jvp=lambda t, out, c, a, b: np.where(c, t[1], t[2]),
)  # fmt: skip


def where(condition: Any, x: Any, y: Any) -> Tensor:
    """`x` where the condition holds, else `y`; the gradient goes where the value came from.

    Both branches are computed. A nan or an infinity that is *made* in the branch not taken comes
    back as nan through that branch's own gates; make the operand safe first, as in
    ``ag.where(a > 0, ag.log(ag.where(a > 0, a, 1.0)), 0.0)``.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, -2.0])
    >>> ag.where(t > 0, t, 0.1 * t).sum().backward()
    >>> t.grad
    array([1. , 0.1])
    """
    return apply(_where, (condition, x, y))


def extremum_vjp(g: Any, out: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """The upstream, shared by all the entries that reach the extremum."""
    hit = np.asarray(a == kept(out, a, axis, keepdims))
    return spread(g, a, axis, keepdims) * (hit / hit.sum(axis=axis, keepdims=True))


def extremum_jvp(tangents: Any, out: Any, a: Any, axis: Any, keepdims: bool) -> Any:
    """The mean tangent of all the entries that reach the extremum."""
    hit = np.asarray(a == kept(out, a, axis, keepdims))
    share = hit / hit.sum(axis=axis, keepdims=True)
    return np.sum(tangents[0] * share, axis=axis, keepdims=keepdims)


_max = gate(
    np.max, name="max", symbol="max", rule="max → 1 for the largest, shared by ties",
    pattern="routes", vjp=(extremum_vjp,), jvp=extremum_jvp,
)  # fmt: skip

_min = gate(
    np.min, name="min", symbol="min", rule="min → 1 for the smallest, shared by ties",
    pattern="routes", vjp=(extremum_vjp,), jvp=extremum_jvp,
)  # fmt: skip


def max(a: Any, axis: Any = None, *, keepdims: bool = False) -> Tensor:
    """The largest entry, over all axes or those named; ties share the gradient equally.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 3.0, 3.0])
    >>> ag.max(t).backward()
    >>> t.grad
    array([0. , 0.5, 0.5])
    """
    return apply(_max, (a,), settings_of_reduction(axis, keepdims))


def min(a: Any, axis: Any = None, *, keepdims: bool = False) -> Tensor:
    """The smallest entry, over all axes or those named; ties share the gradient equally.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 3.0, 3.0])
    >>> ag.min(t).backward()
    >>> t.grad
    array([1., 0., 0.])
    """
    return apply(_min, (a,), settings_of_reduction(axis, keepdims))


NUMPY = {
    np.maximum: maximum,
    np.minimum: minimum,
    np.where: where,
    np.max: max,
    np.amax: max,
    np.min: min,
    np.amin: min,
}
METHODS = {"relu": relu, "max": max, "min": min}
