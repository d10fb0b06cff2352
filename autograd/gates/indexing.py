"""Reading by index, and its derivative, writing by index: each is the other's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array, is_traced
from autograd.eager import apply
from autograd.errors import CompileError
from autograd.gates.primitives import primitive
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.tensor import Tensor

__all__ = ["index"]


def scatter_into(out: Any, a: Any, key: Any, shape: tuple[int, ...]) -> None:
    """`scattered`, written into memory that is there."""
    out.fill(0.0)
    add_into(out, a, key)


@primitive("scatter", write=scatter_into)
def scattered(a: Any, key: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with the entries of `a` added at `key`; repeated places add up."""
    a = np.asarray(a)
    out = np.zeros(shape, dtype=a.dtype)
    add_into(out, a, key)
    return out


def add_into(total: Any, a: Any, key: Any) -> None:
    """Add the entries of `a` to a contiguous array at `key`; repeated places add up."""
    places = None if _reads_once(key) else _places(key, total.shape)
    if places is None:
        total[key] += a
    else:
        _add_at(total, places, a)


def _add_at(total: Any, places: Any, a: Any) -> None:
    # Measured: on one axis np.add.at is 3 to 10 times as fast as on several.
    np.add.at(total.reshape(-1), places.reshape(-1), a.reshape(-1))


def _reads_once(key: Any) -> bool:
    """Whether an index is such that it names no entry twice: numbers, slices and masks are."""
    return all(
        k is None or k is Ellipsis or isinstance(k, (slice, int, np.integer))
        or (isinstance(k, np.ndarray) and k.dtype == bool)
        for k in (key if isinstance(key, tuple) else (key,))
    )  # fmt: skip


def _places(key: Any, shape: tuple[int, ...]) -> Any:
    """The places in the flat order that an index reads; None where it reads whole rows, each once.

    Integers after whole axes, as in ``rows[[2, 0]]``, ``columns[:, [2, 0]]`` and
    ``scores[range(n), labels]``, are counted by themselves. For other indices the places of the
    whole array are read by the key.
    """
    numbers = key if isinstance(key, tuple) else (key,)
    lead = 0
    while lead < len(numbers) - 1 and _is_whole(numbers[lead]):
        lead += 1
    if not all(_is_integer(k) for k in numbers[lead:]):
        return np.arange(math.prod(shape)).reshape(shape)[key]
    rows: Any = 0
    for k, n in zip(numbers[lead:], shape[lead:], strict=False):
        k = np.asarray(k, np.intp)
        rows = rows * n + np.where(k < 0, k + n, k)
    length, before = math.prod(shape[len(numbers) :]), math.prod(shape[:lead])
    if length == before == 1:
        return rows
    if rows.size and np.bincount(rows.reshape(-1)).max() == 1:
        return None
    if before > 1:
        block = math.prod(shape[lead : len(numbers)])
        rows = np.arange(before)[:, None] * block + rows.reshape(-1)
    return rows[..., None] * length + np.arange(length)


def _is_whole(k: Any) -> bool:
    return isinstance(k, slice) and k == slice(None)


def _is_integer(k: Any) -> bool:
    if isinstance(k, np.ndarray):
        return k.dtype.kind in "iu"
    return isinstance(k, (int, np.integer)) and not isinstance(k, bool)


def at(a: Any, key: Any) -> Any:
    """The entries of an array at a key; both, or one of the two, may be traced."""
    a = as_array(a)
    try:
        return a[key]
    except CompileError:  # of a known array NumPy looks for the numbers of the key
        traced = [k for k in (key if isinstance(key, tuple) else (key,)) if is_traced(k)]
        if is_traced(a) or not traced:
            raise
        return traced[0].beside(a)[key]


_index = gate(
    at, name="index", symbol="[ ]",
    rule="a[i] → the upstream at i, 0 elsewhere", pattern="routes",
    vjp=(lambda g, out, a, key: placed(g, key, np.shape(a)),), linear="jointly", into=add_into,
)  # fmt: skip

scatter: Gate = gate(
    scattered, name="scatter", symbol="at [ ]",
    rule="0 but for a at i → the upstream's entries at i", pattern="moves",
    vjp=(lambda g, out, a, key, shape: g[key],), linear="jointly",
)  # fmt: skip


def placed(a: Any, key: Any, shape: tuple[int, ...]) -> Any:
    """Zeros with the entries of `a` added at `key`: the way back of gates that read by index."""
    return apply_or_compute(scatter, a, key=key, shape=shape)


def index(a: Any, key: Any) -> Tensor:
    """``a[key]``: numbers, slices, Ellipsis, None, integer arrays and masks, as in NumPy.

    Entries read more than once get the sum of their gradients.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0, 3.0])
    >>> t[[0, 0, 2]].sum().backward()
    >>> t.grad
    array([2., 0., 1.])
    """
    return apply(_index, (a,), {"key": _plain_key(key)})


def _plain_key(key: Any) -> Any:
    """An index without Tensors or lists in it, so that it can be kept and read again."""
    if isinstance(key, tuple):
        return tuple(_plain_key(k) for k in key)
    if type(key) is Tensor:
        key = key.data
    if is_traced(key):
        return key.as_index()
    if isinstance(key, list):
        return np.asarray(key) if key else np.asarray(key, dtype=int)
    return key


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
