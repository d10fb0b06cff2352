"""Gates that choose: the gradient goes to the winner, and ties share it equally."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, value_of
from autograd.gates.arithmetic import zero
from autograd.gates.primitives import may_hold
from autograd.gates.reductions import kept, options, settings_of_reduction, tally, wide
from autograd.gates.registry import Gate, gate
from autograd.gates.routing import chosen, shared
from autograd.tensor import Tensor

__all__ = ["amax", "amin", "max", "maximum", "min", "minimum", "relu", "where"]


def one_of_two(forward: Any, wins: Any, reaches: Any, **entry: Any) -> Gate:
    """A gate that returns one of its two operands: the one that wins, and ties share equally.

    `wins(a, b)` and `reaches(a, b)` say where `a` is returned, without the ties and with them.
    """

    def share(g: Any, a: Any, b: Any) -> Any:
        return shared(g, wins(a, b), reaches(a, b))

    def part(a: Any, b: Any) -> Any:
        return np.where(wins(a, b), 1.0, np.where(reaches(a, b), 0.5, 0.0))

    return gate(
        forward, pattern="routes",
        local=(lambda out, a, b: part(a, b), lambda out, a, b: part(b, a)),
        vjp=(lambda g, out, a, b: share(g, a, b), lambda g, out, a, b: share(g, b, a)),
        jvp=lambda t, out, a, b: share(t[0], a, b) + share(t[1], b, a), **entry,
    )  # fmt: skip


maximum = one_of_two(
    np.maximum, np.greater, np.greater_equal,
    name="maximum", symbol="max", rule="max(a, b) → 1 for the larger, 0 for the other",
    kinks="ties: 1/2 each",
)  # fmt: skip

minimum = one_of_two(
    np.minimum, np.less, np.less_equal,
    name="minimum", symbol="min", rule="min(a, b) → 1 for the smaller, 0 for the other",
    kinks="ties: 1/2 each",
)  # fmt: skip

relu = gate(
    lambda a: np.maximum(a, 0.0), name="relu", symbol="relu",
    rule="max(0, x) → 1 where x > 0, else 0", pattern="routes",
    local=(lambda out, a: out > 0.0,), vjp=(lambda g, out, a: chosen(g, out > 0.0),),
    kinks="0 at 0; second: 0",
    doc="The rectifier max(0, x); its derivative at 0 is 0.",
)  # fmt: skip

_where = gate(
    np.where, name="where", symbol="where", rule="where(c, a, b) → c, 1−c", pattern="routes",
    local=(
        zero,
        lambda out, c, a, b: np.not_equal(c, 0.0),
        lambda out, c, a, b: np.equal(c, 0.0),
    ),
    jvp=lambda t, out, c, a, b: np.where(c, t[1], t[2]),
)  # fmt: skip


def where(condition: Any, x: Any = None, y: Any = None) -> Tensor | Any:
    """`x` where the condition holds, else `y`; the gradient goes where the value came from.

    Both branches are computed. A nan or an infinity that is *made* in the branch not taken comes
    back as nan through that branch's own gates; make the operand safe first, as in
    ``ag.where(a > 0, ag.log(ag.where(a > 0, a, 1.0)), 0.0)``. With the condition alone, the places
    where it holds, as plain arrays of indices.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, -2.0])
    >>> ag.where(t > 0, t, 0.1 * t).sum().backward()
    >>> t.grad
    array([1. , 0.1])
    """
    if x is None and y is None:
        return np.nonzero(value_of(condition))
    return apply(_where, (condition, x, y))


def extremum_share(
    a: Any, out: Any, axis: Any, keepdims: bool, where: Any, initial: Any
) -> tuple[Any, Any]:
    """Which entries reach the extremum, and among how many the gradient is shared.

    Where it is nan, those that are. An `initial` that reaches it takes a share too, as the
    constant it is.
    """
    hit = as_array(a == kept(out, a, axis, keepdims))
    if may_hold(np.isnan(out)):
        hit = hit | np.isnan(a)
    if where is not True:
        hit = hit & where
    n = tally(hit, axis, keepdims, getattr(out, "dtype", float))
    if initial is not None:
        n = np.maximum(n + (out == initial), 1.0)
    return hit, n


def extremum_vjp(
    g: Any, out: Any, a: Any, axis: Any, keepdims: bool, where: Any = True, initial: Any = None
) -> Any:
    """The upstream, shared by all the entries that reach the extremum."""
    hit, n = extremum_share(a, out, axis, keepdims, where, initial)
    return chosen(kept(g / n, a, axis, keepdims), hit)


def extremum_jvp(
    tangents: Any, out: Any, a: Any, axis: Any, keepdims: bool,
    where: Any = True, initial: Any = None,
) -> Any:  # fmt: skip
    """The mean tangent of all the entries that reach the extremum."""
    hit, n = extremum_share(a, out, axis, keepdims, where, initial)
    return np.sum(chosen(wide(tangents[0]), hit), axis=axis, keepdims=keepdims) / n


# Not np.max and np.min, which spend more on their arguments than a small array takes to compare.
_max = gate(
    np.maximum.reduce, name="max", symbol="max", rule="max → 1 for the largest, shared by ties",
    pattern="routes", vjp=(extremum_vjp,), jvp=extremum_jvp,
    kinks="ties share equally",
)  # fmt: skip

_min = gate(
    np.minimum.reduce, name="min", symbol="min", rule="min → 1 for the smallest, shared by ties",
    pattern="routes", vjp=(extremum_vjp,), jvp=extremum_jvp,
    kinks="ties share equally",
)  # fmt: skip


def max(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Tensor:
    """The largest entry, over all axes or those named; ties share the gradient equally.

    Parameters
    ----------
    axis : an axis, a tuple of them, or None for all.
    keepdims : whether reduced axes stay, with length 1.
    initial : a number that takes part, as a constant; needed where nothing else may.
    where : a mask that broadcasts against `a`: entries where it is False take no part.

    Raises UnsupportedError (a TypeError) for `out`, OutOfRangeError for an axis that is not there,
    ShapeError (a ValueError) where there is no entry and no `initial`.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 3.0, 3.0])
    >>> ag.max(t).backward()
    >>> t.grad
    array([0. , 0.5, 0.5])
    """
    settings = settings_of_reduction(axis, keepdims)
    if where is not True or initial is not None or out is not None:
        settings |= options("max", out=out, initial=initial, where=where)
    return apply(_max, (a,), settings)


def min(
    a: Any,
    axis: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Tensor:
    """The smallest entry, over all axes or those named; arguments, ties and errors as of `max`.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 3.0, 3.0])
    >>> ag.min(t).backward()
    >>> t.grad
    array([1., 0., 0.])
    """
    settings = settings_of_reduction(axis, keepdims)
    if where is not True or initial is not None or out is not None:
        settings |= options("min", out=out, initial=initial, where=where)
    return apply(_min, (a,), settings)


amax, amin = max, min

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
