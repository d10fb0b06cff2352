"""Sending a gradient one way: where nothing was chosen there is 0, whatever arrives from above.

Not a product with a mask or with weights: an infinite upstream would turn their zeros into nan.
The same of a tangent: where it is exactly 0 nothing moves, be the local gradient infinite or nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.gates.primitives import primitive

__all__ = [
    "FEW",
    "chosen",
    "has_nan",
    "is_finite",
    "pushed",
    "pushed_by_both",
    "shared",
    "weighted",
]

INTEGERS = {np.dtype(f"f{size}"): np.dtype(f"i{size}") for size in (2, 4, 8)}
"""The integers that have the bits of floats."""

BOOLEAN = np.dtype(bool)


def chosen(g: Any, mask: Any) -> Any:
    """`g` where the mask holds, else 0.

    The bits of `g`, taken as integers, times the mask: as fast as a product of floats, and where
    the mask has no pattern several times as fast as `np.where`, which branches.
    """
    if type(g) is np.ndarray and type(mask) is np.ndarray and mask.dtype is BOOLEAN:
        integers = INTEGERS.get(g.dtype)
        if integers is not None:
            return (g.view(integers) * mask).view(g.dtype)
    return np.where(mask, g, 0.0)


def shared(g: Any, wins: Any, reaches: Any) -> Any:
    """`g` for the winner of two, half of it for each of two that tie, 0 for the loser.

    `reaches` holds where this one wins or ties.
    """
    half = 0.5 * g
    return chosen(half, wins) + chosen(half, reaches)


def weighted(g: Any, weights: Any) -> Any:
    """`g` times weights, and 0 where a weight is 0."""
    return np.where(weights == 0.0, 0.0, g * weights)


# ---- tangents

FEW = 1 << 13
"""Entries up to which their squares are summed by BLAS, whose threads would take part in more."""


def is_finite(values: Any) -> bool:
    """Whether no number is infinite or nan, found in one look; where a sum overflows, and of what
    `compile` traces, that is not known, and not said."""
    if type(values) is np.ndarray:
        if values.dtype.kind != "f":
            return True
        total = np.vdot(values, values) if values.size <= FEW else np.add.reduce(values, None)
        return math.isfinite(total)
    if isinstance(values, (float, np.floating)):
        return math.isfinite(values)
    return isinstance(values, (int, np.bool)) or getattr(values, "dtype", None) is BOOLEAN


@primitive("pushed", elementwise=True)
def pushed(tangent: Any, d: Any, into: Any = None) -> Any:
    """A tangent times a local gradient, and 0 where the tangent is exactly 0.

    An ordinary product, and only where a nan came of it a second look. `into` may be the memory of
    either.
    """
    return _product(tangent, d, into, lambda: np.equal(tangent, 0.0))


@primitive("pushed_by_both", elementwise=True)
def pushed_by_both(a: Any, b: Any, into: Any = None) -> Any:
    """A product that is 0 where either factor is."""
    return _product(a, b, into, lambda: np.equal(a, 0.0) | np.equal(b, 0.0))


def _product(a: Any, b: Any, into: Any, still: Callable[[], Any]) -> Any:
    """A product, and 0 instead of a nan where `still` holds; that is asked before it is lost."""
    over = into is not None and (np.may_share_memory(into, a) or np.may_share_memory(into, b))
    mask = still() if over and not (is_finite(a) and is_finite(b)) else None
    out = np.multiply(a, b, into)
    if mask is None and (over or not has_nan(out)):
        return out
    lost = np.isnan(out) & (still() if mask is None else mask)
    if type(out) is not np.ndarray:  # of no axes
        return out.dtype.type(0.0) if lost else out
    out[lost] = 0.0
    return out


def has_nan(values: Any) -> bool:
    """Whether a number is nan, found in one look."""
    if type(values) is not np.ndarray:
        return values is not None and bool(values != values)
    worst = np.vdot(values, values) if values.size <= FEW else np.maximum.reduce(values, None)
    return bool(worst != worst)


@primitive("unless_still")
def unless_still(term: Any, *tangents: Any) -> Any:
    """What a rule makes of tangents, and 0 where all of these are 0 throughout."""
    if has_nan(term) and not any(np.any(tangent) for tangent in tangents):
        return np.zeros_like(term)
    return term.copy("K") if type(term) is np.ndarray else term
