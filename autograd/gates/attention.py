"""Attention: a mean of values whose weights are computed, as a softmax of products."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array, as_real
from autograd.eager import Saved, apply, as_operand, value_of
from autograd.errors import DataError, ShapeError
from autograd.gates.primitives import may_hold
from autograd.gates.probabilities import as_given, peak, softmax
from autograd.gates.reductions import wide
from autograd.gates.registry import gate
from autograd.tensor import Tensor

__all__ = ["scaled_dot_product_attention"]


def masked(scores: Any, mask: tuple[Any, ...], causal: bool) -> Any:
    """Scores with −∞ where nothing is to be looked at; a mask of floats is added."""
    for given in mask:
        chooses = value_of(given).dtype == bool
        scores = np.where(given, scores, -np.inf) if chooses else scores + given
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:]) > 0.0, scores, -np.inf)
    return scores


def scale_of(scale: float | None, q: Any) -> float:
    """What the products are multiplied by, where it is not given."""
    return 1.0 / math.sqrt(q.shape[-1] or 1) if scale is None else scale


def weights_of(q: Any, k: Any, mask: tuple[Any, ...], scale: float | None, causal: bool) -> Any:
    """softmax(scale·q·kᵀ) of plain values; zeros in a row that looks at nothing."""
    scores = masked(np.matmul(q * scale_of(scale, q), np.swapaxes(k, -1, -2)), mask, causal)
    scores = scores - peak(scores, -1)
    e = np.exp(scores, out=scores)
    # Measured: of short rows a product takes a fifth of the time of np.add.reduce.
    total = np.matmul(e, np.ones((e.shape[-1], 1), e.dtype))
    if mask:
        total = np.where(total == 0.0, 1.0, total)
    return np.divide(e, total, out=e)


def parted(others: tuple[Any, ...], kept: bool) -> tuple[tuple[Any, ...], Any]:
    """Of what comes after the values: a mask or none, and what weights are multiplied by, or 1."""
    return (others[:-1], others[-1]) if kept else (others, 1.0)


def attended(
    q: Any, k: Any, v: Any, *others: Any,
    scale: float | None = None, causal: bool = False, kept: bool = False,
) -> Saved:  # fmt: skip
    """The weighted means, and the weights for the rule."""
    given, (mask, keep) = as_array(v), parted(others, kept)
    with np.errstate(all="ignore"):
        weights = weights_of(wide(as_array(q)), wide(as_array(k)), mask, scale, causal)
        used = weights * keep if kept else weights
        return Saved(as_given(np.matmul(used, wide(given)), given), weights)


def opened(
    q: Any, k: Any, v: Any, *others: Any,
    scale: float | None = None, causal: bool = False, kept: bool = False,
) -> Tensor:  # fmt: skip
    """The same written with other gates."""
    mask, keep = parted(others, kept)
    weights = opened_weights(q, k, mask, scale, causal)
    return (weights * keep if kept else weights) @ v


def opened_weights(q: Any, k: Any, mask: tuple[Any, ...], scale: float | None, causal: bool) -> Any:
    """The weights, written with other gates."""
    scores = masked((wide(q) @ wide(k).mT) * scale_of(scale, q), mask, causal)
    if mask:
        blind = np.max(value_of(scores), axis=-1, keepdims=True) == -np.inf
        if may_hold(blind):
            return np.where(blind, 0.0, softmax(np.where(blind, 0.0, scores)))
    return softmax(scores)


def weighed(d: Any, weights: Any) -> Any:
    """w·(d − Σw·d) along the last axis: of gradients as of tangents."""
    return weights * (d - np.vecdot(d, weights)[..., None])


def attention_vjp(
    g: Any, out: Any, q: Any, k: Any, v: Any, *others: Any,
    scale: float | None = None, causal: bool = False, kept: bool = False, saved: Any = None,
) -> list[Any]:  # fmt: skip
    """What queries, keys, values and an added mask get, the scores' gradient being w·(d − Σw·d)."""
    mask, keep = parted(others, kept)
    weights = opened_weights(q, k, mask, scale, causal) if saved is None else saved
    g, q, k, v = map(wide, (g, q, k, v))
    scale = scale_of(scale, q)
    d = np.matmul(g, np.swapaxes(v, -1, -2))
    scores = weighed(d * keep if kept else d, weights)
    used = weights * keep if kept else weights
    return [
        lambda: np.matmul(scores, k) * scale,
        lambda: np.matmul(np.swapaxes(scores, -1, -2), q) * scale,
        lambda: np.matmul(np.swapaxes(used, -1, -2), g),
        *(scores for _ in mask),
        *(d * weights for _ in others[len(mask) :]),
    ]


def attention_jvp(
    t: Any, out: Any, q: Any, k: Any, v: Any, *others: Any,
    scale: float | None = None, causal: bool = False, kept: bool = False, saved: Any = None,
) -> Any:  # fmt: skip
    """The tangent of the weights times the values, and the weights times that of the values."""
    mask, keep = parted(others, kept)
    weights = opened_weights(q, k, mask, scale, causal) if saved is None else saved
    (q, k, v), (dq, dk, dv) = map(wide, (q, k, v)), map(wide, t[:3])
    scores = np.matmul(dq, np.swapaxes(k, -1, -2)) + np.matmul(q, np.swapaxes(dk, -1, -2))
    scores = scores * scale_of(scale, q)
    for given, move in zip(mask, t[3:], strict=False):
        if value_of(given).dtype != bool:
            scores = scores + move
    moved = weighed(scores, weights)
    if kept:
        moved, weights = moved * keep + weights * t[-1], weights * keep
    return np.matmul(moved, v) + np.matmul(weights, dv)


_attention = gate(
    attended, name="scaled_dot_product_attention", symbol="attention", pattern="mixes",
    rule="softmax(q·kᵀ/√d)·v → s·k/√d, sᵀ·q/√d, wᵀ·g",
    vjp=attention_vjp, jvp=attention_jvp, expansion=opened,
    kinks="a row that may look at nothing: 0, and nothing back",
)  # fmt: skip


def scaled_dot_product_attention(
    q: Any, k: Any, v: Any, mask: Any = None, causal: bool = False, *,
    scale: float | None = None, keep: Any = None,
) -> Tensor:  # fmt: skip
    """For each query, the mean of the values, weighted by softmax(q·kᵀ/√d) over the keys.

    With these weights w, the scores' gradient is s = w·(g·vᵀ − Σw·g·vᵀ), from which queries and
    keys have theirs.
    Arguments mean what they do in PyTorch. A query that may look at nothing gets zeros, and sends
    nothing back.

    Parameters
    ----------
    q : queries (..., L, E).
    k, v : keys (..., S, E) and values (..., S, D); leading axes (examples, heads) broadcast.
    mask : (..., L, S): True where a query may look; or floats that are added to the scores, which
        have a gradient.
    causal : whether query i may look at the keys 0 to i alone, counted from the first also where
        there are more keys than queries.
    scale : what the products are multiplied by; 1/√E where it is not given.
    keep : (..., L, S): what the weights are multiplied by before they weigh the values. For dropout
        it is 0 with probability p, else 1/(1 − p), drawn by ``ag.sample``.

    The result is (..., L, D).

    Raises ShapeError (a ValueError) for operands that do not fit, DataError (a TypeError) for a
    mask of integers and a scale that is no number.

    Source: Vaswani et al., Attention is all you need, 2017.

    >>> import autograd as ag
    >>> q, k = ag.Tensor([[0.0, 8.0]]), ag.Tensor([[8.0, 0.0], [0.0, 8.0]])
    >>> v = ag.Tensor([[1.0], [2.0]])
    >>> ag.scaled_dot_product_attention(q, k, v).data
    array([[2.]])
    >>> ag.scaled_dot_product_attention(q, k, v, causal=True).data
    array([[1.]])
    """
    name = "scaled_dot_product_attention"
    q, k, v = map(as_operand, (q, k, v))
    shapes = f"q {q.shape}, k {k.shape} and v {v.shape}"
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ShapeError(
            f"{name}() expects queries (..., L, E), keys (..., S, E) and values (..., S, D), and "
            f"received {shapes}: write q[None] for one vector"
        )
    if q.shape[-1] != k.shape[-1]:
        raise ShapeError(f"{name}() expects queries and keys of one length; received {shapes}")
    if k.shape[-2] != v.shape[-2]:
        raise ShapeError(f"{name}() expects a value for each key; received {shapes}")
    given = []
    for word, other in (("mask", mask), ("keep", keep)):
        if other is not None:
            other = as_operand(other)
            if word == "mask" and other.dtype.kind in "iu":
                raise DataError(
                    f"{name}(mask=...) expects booleans, True where a query may look, or floats to "
                    f"add, and received {other.dtype}: write mask != 0"
                )
            given.append(fitting(f"{name}({word}=...)", other, q, k))
    how: dict[str, Any] = {"causal": True} if causal else {}
    if scale is not None:
        how["scale"] = as_real(name, "scale", scale)
    if keep is not None:
        how["kept"] = True
    return apply(_attention, (q, k, v, *given), how)


def fitting(owner: str, given: Any, q: Any, k: Any) -> Any:
    """What goes with each query and key, checked; constants in the dtype of the rest."""
    lengths = q.shape[-2], k.shape[-2]
    if given.dtype.kind not in "fiub":
        raise DataError(f"{owner} expects real numbers or booleans, and received {given.dtype}")
    if any(n not in (1, m) for n, m in zip(given.shape[-2:][::-1], lengths[::-1], strict=False)):
        raise ShapeError(
            f"{owner} expects a shape that broadcasts to (..., {lengths[0]}, {lengths[1]}), "
            f"queries by keys, and received {given.shape}"
        )
    if given.dtype == bool or type(given) is Tensor:
        return given
    return given.astype(np.result_type(q.dtype, k.dtype, np.float16), copy=False)


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
