"""Products of many factors whose parts leave the range of floats, though they themselves do not.

A part of a product that overflows, times one that is 0 or underflows, is nan, or 0 where the whole
is neither. So powers of two are taken out of the factors, such that every running product stays
near 1, and are put back at the end. They are exact, so no bit depends on them.

What is to be differentiated in its turn is left as it is: at a factor of 0, where nothing is left
of what was before, the powers are chosen as if nothing came from there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.tensor import Tensor

__all__ = ["along", "balanced", "before", "levels", "reversed_along", "times_power"]

STEP, MOST = 1e8, 4e7
"""What parts two runs of factors without a zero; the largest exponent that is told from others."""


def along(axis: int, part: slice) -> tuple[slice, ...]:
    """The index that takes a part of one axis."""
    return (*(slice(None),) * axis, part)


def reversed_along(a: Any, axis: int) -> Any:
    """The entries in the opposite order along an axis."""
    return a[along(axis, slice(None, None, -1))]


def before(a: Any, axis: int, first: float = 1.0) -> Any:
    """Each entry's predecessor along an axis; `first` for the first, which has none."""
    shape = np.shape(a)
    if not shape[axis]:
        return a
    slab = np.full((*shape[:axis], 1, *shape[axis + 1 :]), first, a.dtype)
    return np.concatenate((slab, a[along(axis, slice(-1))]), axis=axis)


def logarithm(a: Any) -> Any:
    """log₂|a|, in double precision; 0 where that is infinite or nan."""
    size = np.absolute(a)
    finite = (size > 0.0) & (size < np.inf)
    return np.log2(np.where(finite, size, 1.0)).astype(np.float64)


def balanced(a: Any, axis: int) -> tuple[Any, Any, Any]:
    """b, k and K with a = b·2^k and K the running sum of k: running products of b are near 1.

    Zeros, infinities and nans stay as they are, and so does a Tensor.
    """
    if type(a) is Tensor:
        nothing = np.zeros(a.shape)
        return a, nothing, nothing
    total = np.rint(np.cumsum(logarithm(a), axis=axis))
    k = total - before(total, axis, 0.0)
    return times_power(a, -k), k, total


def times_power(a: Any, exponent: Any) -> Any:
    """a·2^exponent, in two products, of which none overflows by itself."""
    most = 2.0 * np.finfo(a.dtype).maxexp - 2.0
    exponent = np.clip(exponent, -most, most)
    half = np.floor(0.5 * exponent)
    return a * _power(half, a.dtype) * _power(exponent - half, a.dtype)


def _power(exponent: Any, dtype: np.dtype) -> Any:
    return np.ldexp(dtype.type(1.0), exponent.astype(np.int32))


def levels(c: Any, w: Any, e: Any, axis: int) -> Any:
    """About the size, as a power of two, of the sums r with r[i] = w[i]·2^e[i] + c[i]·r[i−1].

    It is that of the largest term since the last factor of 0, behind which nothing is left of what
    was before. Factors other than 0 are near 1, as `balanced` makes them. Of Tensors it is 0.
    """
    if Tensor in (type(c), type(w)):
        return np.zeros(w.shape)
    size = np.where(w == 0.0, -MOST, np.clip(logarithm(w) + e, -MOST, MOST))
    run = STEP * np.cumsum(c == 0.0, axis=axis)
    return np.rint(np.maximum.accumulate(size + run, axis=axis) - run)
