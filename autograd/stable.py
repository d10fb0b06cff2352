"""Functions of arrays that NumPy has not: those of the gates that expressions call by a name."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from autograd.gates.primitives import primitive

__all__ = ["decay", "is_far_from_one", "logistic", "power_by_exponent", "slope_of_tanh"]


def decay(a: Any) -> Any:
    """e^−|x|, which cannot overflow; an array's in memory of its own, to compute on in place."""
    size = np.absolute(a)
    if type(size) is np.ndarray:
        return np.exp(np.negative(size, out=size), out=size)
    return np.exp(-size)


def logistic(a: Any) -> Any:
    """1/(1+e^-x), by the form whose exponential cannot overflow on either side of 0."""
    e = decay(a)
    above = np.maximum(e, a >= 0.0)  # a boolean is 1 or 0, between which e lies
    if type(e) is np.ndarray:
        return np.divide(above, np.add(e, 1.0, out=e), out=above)
    return above / (e + 1.0)


def power_by_exponent(out: Any, a: Any, b: Any) -> Any:
    """d(a^b)/db = a^b ln a; at a = 0 its limit from the right; nan for a negative base."""
    nothing = (a == 0.0) & (b >= 0.0)
    return np.where(nothing, 0.0, out * np.log(np.where(nothing, 1.0, a)))


@primitive("slope_of_tanh", elementwise=True)
def slope_of_tanh(out: Any, a: Any, into: Any = None) -> Any:
    """1 − tanh² x; where that has fewer than two digits left, the same as 4e^−2|x|/(1+e^−2|x|)².

    Whether there is such an entry is asked of the smallest value, and the exponential is taken of
    those entries alone; without the operand there is none. `into` may be the memory of either.
    """
    apart = into is None or not np.may_share_memory(into, a)
    slope = np.multiply(out, out, into if apart else None)
    if type(slope) is not np.ndarray:  # of no axes
        slope = np.subtract(1.0, slope)
        few = slope < few_digits(slope.dtype)
        return in_the_tail(a).astype(slope.dtype) if few else slope
    np.subtract(1.0, slope, slope)
    few = few_digits(slope.dtype)
    if (
        a is not None and slope.size and not np.minimum.reduce(slope, None) >= few
    ):  # a nan may hide one
        tail = slope < few
        slope[tail] = in_the_tail(a[tail])
    if not apart:
        np.copyto(into, slope)
        return into
    return slope


def is_far_from_one(out: Any) -> bool:
    """Whether `slope_of_tanh` is found from tanh x alone."""
    if type(out) is not np.ndarray or not out.size:
        return False
    largest = np.maximum(np.maximum.reduce(out, None), -np.minimum.reduce(out, None))
    return bool(1.0 - largest * largest >= few_digits(out.dtype))


@cache
def few_digits(dtype: np.dtype) -> Any:
    """Below it a difference from 1 has fewer than two digits."""
    return 256.0 * np.finfo(dtype).eps


def in_the_tail(a: Any) -> Any:
    """The derivative of tanh by an exponential, which keeps its digits far from 0."""
    e = np.exp(-2.0 * np.absolute(a))
    return 4.0 * e / np.square(1.0 + e)
