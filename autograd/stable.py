"""Functions of arrays that NumPy has not: those of the gates that expressions call by a name."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["decay", "logistic", "power_by_exponent"]


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
