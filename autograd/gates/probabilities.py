"""Softmax and its kin: exponentials over their sum, shifted so that none overflows."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, value_of
from autograd.gates.primitives import may_hold
from autograd.gates.reductions import is_half, kept, settings_of_reduction, wide
from autograd.gates.registry import gate
from autograd.tensor import Tensor

__all__ = ["log_softmax", "logsumexp", "softmax"]


def peak(a: Any, axis: Any) -> Any:
    """The largest entry, which the others are measured from; 0 where it is infinite or nan."""
    largest = np.maximum.reduce(a, axis=axis, keepdims=True, initial=-np.inf)
    finite = np.isfinite(largest)
    if type(finite) is np.ndarray and finite.all():
        return largest
    return np.where(finite, largest, 0.0)


def as_given(out: Any, a: Any) -> Any:
    """What was computed of `a` in float32, in half precision again where that was given."""
    return out.astype(np.float16) if is_half(a) else out


def log_of_sum(a: Any, axis: Any, keepdims: bool) -> Any:
    """ln Σeˣ, without overflow; −inf of nothing and of −inf alone."""
    x = wide(a := as_array(a))
    shift = peak(x, axis)
    with np.errstate(all="ignore"):
        out = np.log(np.add.reduce(np.exp(x - shift), axis=axis, keepdims=True)) + shift
    return as_given(out if keepdims else np.squeeze(out, axis=axis), a)


def shares(a: Any, axis: Any) -> Any:
    """eˣ/Σeˣ; where Σ is infinite or 0, what finite entries tend to that get there side by side.

    Not e^(x − ln Σ): the logarithm of large entries has few digits after the point.
    """
    a = wide(a)
    values = as_array(value_of(a))
    largest = np.max(values, axis=axis, keepdims=True, initial=-np.inf)
    finite = np.isfinite(largest)
    escape = may_hold(~finite)
    if escape:
        a = np.where(finite, a, 0.0)
    e = np.exp(a - np.where(finite, largest, 0.0))
    share = e / np.sum(e, axis=axis, keepdims=True)
    if not escape:
        return share
    winners = values == largest
    n = np.sum(winners, axis=axis, keepdims=True, dtype=values.dtype)
    return np.where(finite, share, winners / n)


_logsumexp = gate(
    log_of_sum, name="logsumexp", symbol="ln Σeˣ", rule="ln Σeˣ → eˣ/Σeˣ",
    vjp=(lambda g, out, a, axis, keepdims: kept(g, a, axis, keepdims) * shares(a, axis),),
    jvp=lambda t, out, a, axis, keepdims: np.sum(
        t[0] * shares(a, axis), axis=axis, keepdims=keepdims
    ),
    expansion=lambda a, axis, keepdims: np.log(np.sum(np.exp(a), axis=axis, keepdims=keepdims)),
    kinks="infinities that tie share equally",
)  # fmt: skip


def normalised(a: Any, axis: Any) -> Any:
    """eˣ/Σeˣ, without overflow."""
    x = wide(a := as_array(a))
    with np.errstate(all="ignore"):
        e = np.exp(x - peak(x, axis))
        return as_given(e / np.add.reduce(e, axis=axis, keepdims=True), a)


def softmax_back(g: Any, out: Any, axis: Any) -> Any:
    """s·(g − Σg·s): of gradients as of tangents, the Jacobian being symmetric."""
    g, out = wide(g), wide(out)
    return out * (g - np.sum(g * out, axis=axis, keepdims=True))


_softmax = gate(
    normalised, name="softmax", symbol="softmax", rule="s = eˣ/Σeˣ → s·(g − Σg·s)",
    vjp=(lambda g, out, a, axis: softmax_back(g, out, axis),),
    jvp=lambda t, out, a, axis: softmax_back(t[0], out, axis),
    expansion=lambda a, axis: np.exp(a) / np.sum(np.exp(a), axis=axis, keepdims=True),
)  # fmt: skip


def log_normalised(a: Any, axis: Any) -> Any:
    """x − ln Σeˣ, without overflow."""
    x = wide(a := as_array(a))
    with np.errstate(all="ignore"):
        shifted = x - peak(x, axis)
        out = shifted - np.log(np.add.reduce(np.exp(shifted), axis=axis, keepdims=True))
    return as_given(out, a)


_log_softmax = gate(
    log_normalised, name="log_softmax", symbol="ln softmax",
    rule="x − ln Σeˣ → g − softmax·Σg",
    vjp=(
        lambda g, out, a, axis: (
            g - np.exp(wide(out)) * np.sum(wide(g), axis=axis, keepdims=True)
        ),
    ),
    jvp=lambda t, out, a, axis: (
        t[0] - np.sum(t[0] * np.exp(wide(out)), axis=axis, keepdims=True)
    ),
    expansion=lambda a, axis: a - np.log(np.sum(np.exp(a), axis=axis, keepdims=True)),
)  # fmt: skip


def logsumexp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Tensor:
    """ln Σeˣ over all axes or those named, whatever the size of the entries.

    +inf among them gives +inf, whose gradient goes to the infinite ones in equal shares; −inf
    alone gives −inf, in equal shares too: what finite entries tend to that get there side by side.

    Raises OutOfRangeError (an IndexError) for an axis that is not there.

    >>> import autograd as ag
    >>> t = ag.Tensor([1000.0, 1000.0])
    >>> ag.logsumexp(t).backward()
    >>> t.grad
    array([0.5, 0.5])
    """
    return apply(_logsumexp, (a,), settings_of_reduction(axis, keepdims))


def softmax(a: Any, axis: Any = -1) -> Tensor:
    """eˣ/Σeˣ along an axis, several, or all (None): positive numbers that sum to 1.

    Raises OutOfRangeError (an IndexError) for an axis that is not there.

    >>> import autograd as ag
    >>> ag.softmax(ag.Tensor([1000.0, 1000.0, -1000.0])).data
    array([0.5, 0.5, 0. ])
    """
    return apply(_softmax, (a,), {"axis": axis})


def log_softmax(a: Any, axis: Any = -1) -> Tensor:
    """The logarithm of `softmax`, accurate where that is 0.

    Raises OutOfRangeError (an IndexError) for an axis that is not there.

    >>> import autograd as ag
    >>> ag.log_softmax(ag.Tensor([0.0, -1000.0])).data
    array([    0., -1000.])
    """
    return apply(_log_softmax, (a,), {"axis": axis})


NUMPY: dict[Any, Any] = {}
METHODS = {"logsumexp": logsumexp, "softmax": softmax, "log_softmax": log_softmax}
