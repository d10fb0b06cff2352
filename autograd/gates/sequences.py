"""Arrays made from a few numbers: evenly spaced, geometric, of powers, filled."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd.data import as_dtype
from autograd.eager import apply, as_operand, value_of
from autograd.effects import replayed
from autograd.errors import DataError, ShapeError
from autograd.gates.arithmetic import divide, power, subtract
from autograd.gates.cumulative import cumprod
from autograd.gates.indexing import index
from autograd.gates.logarithmic import log10
from autograd.gates.movement import expand_dims, flip, moveaxis
from autograd.gates.registry import gate
from autograd.gates.shapes import astype, broadcast_to, concatenate, reshape
from autograd.tensor import Tensor

__all__ = ["full", "geomspace", "linspace", "logspace", "vander"]


def shares_of_stop(g: Any, num: int, endpoint: bool, axis: int) -> Any:
    """How much of each sample is its end: 0, 1/n, 2/n, ..., shaped to broadcast against `g`."""
    places = np.arange(num, dtype=g.dtype) / max(num - 1 if endpoint else num, 1)
    ndim = np.ndim(g)
    return np.reshape(places, tuple(-1 if i == axis % ndim else 1 for i in range(ndim)))


def by_start(g: Any, out: Any, start: Any, stop: Any, num: int, endpoint: bool, axis: int) -> Any:
    """Σ(1−t)·g: what each sample has of the start."""
    return np.sum(g * (1.0 - shares_of_stop(g, num, endpoint, axis)), axis=axis)


def by_stop(g: Any, out: Any, start: Any, stop: Any, num: int, endpoint: bool, axis: int) -> Any:
    """Σt·g: what each sample has of the stop."""
    return np.sum(g * shares_of_stop(g, num, endpoint, axis), axis=axis)


_linspace = gate(
    np.linspace, name="linspace", symbol="a…b", rule="(1−t)·a + t·b → Σ(1−t)·g, Σt·g",
    vjp=(by_start, by_stop), linear="jointly",
)  # fmt: skip


def as_floats(name: str, dtype: Any) -> Any:
    """A dtype of floats, or None."""
    if dtype is None:
        return None
    dtype = as_dtype(dtype)
    if dtype.kind != "f":
        raise DataError(
            f"{name}(dtype=...) expects a dtype of floats, which alone have a gradient, and "
            f"received {dtype}: write np.{name}(t.data, ..., dtype=...) for its values"
        )
    return dtype


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: None = None,
) -> Any:
    """`num` numbers from `start` to `stop` in equal steps; both ends have gradients.

    Parameters
    ----------
    start, stop : numbers, or arrays that broadcast; the samples run along `axis` of the result.
    endpoint : whether `stop` is the last of them.
    retstep : whether to return the pair (samples, step).
    dtype : of floats.
    device : None or "cpu", for NumPy's sake.

    Raises ShapeError (a ValueError) for a negative `num`, DataError (a TypeError) for a `dtype` of
    integers.

    >>> import autograd as ag
    >>> stop = ag.Tensor(3.0)
    >>> t = ag.linspace(1.0, stop, 5)
    >>> t.sum().backward()
    >>> t.data, stop.grad
    (array([1. , 1.5, 2. , 2.5, 3. ]), 2.5)
    """
    dtype = as_floats("linspace", dtype)
    num = operator.index(num)
    settings = {"num": num, "endpoint": bool(endpoint), "axis": axis}
    samples = apply(_linspace, (start, stop), settings)
    if dtype is not None:
        samples = astype(samples, dtype)
    if not retstep:
        return samples
    steps = num - 1 if endpoint else num
    if steps > 0:
        return samples, divide(subtract(stop, start), steps)
    return samples, float("nan")


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """`base` to the powers of `linspace(start, stop)`; all three have gradients.

    Arguments and errors as of `linspace`.

    >>> import autograd as ag
    >>> ag.logspace(0.0, ag.Tensor(2.0), 3).data
    array([  1.,  10., 100.])
    """
    dtype = as_floats("logspace", dtype)
    if not isinstance(base, (float, int)) and np.ndim(value_of(base)):
        most = max(np.ndim(value_of(a)) for a in (start, stop, base))
        start, stop, base = (_with_axes(a, most) for a in (start, stop, base))
        base = expand_dims(base, axis)
    result = power(base, linspace(start, stop, num, endpoint, axis=axis))
    return result if dtype is None else astype(result, dtype)


def _with_axes(a: Any, ndim: int) -> Any:
    """With axes of length 1 in front, up to `ndim`."""
    a = as_operand(a)
    return reshape(a, (1,) * (ndim - np.ndim(value_of(a))) + a.shape)


@replayed
def _expect_no_zero(end: Any) -> None:
    if np.any(end == 0.0):
        raise ShapeError("geomspace() expects ends other than 0: no factor leads there")


def geomspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """`num` numbers from `start` to `stop`, each the same multiple of the one before.

    Arguments and errors as of `linspace`; raises ShapeError (a ValueError) too where an end is 0.

    >>> import autograd as ag
    >>> ag.geomspace(1.0, ag.Tensor(8.0), 4).data
    array([1., 2., 4., 8.])
    """
    dtype = as_floats("geomspace", dtype)
    num = operator.index(num)
    start, stop = as_operand(start), as_operand(stop)
    for end in (start, stop):
        _expect_no_zero(value_of(end))
    wide = np.result_type(start.dtype, stop.dtype, float(num), np.zeros((), dtype))
    start, stop = astype(start, wide), astype(stop, wide)
    sign = np.sign(value_of(start))
    start, stop = start / sign, stop / sign
    # NumPy's step, to the bit: the ends as they are, and what lies between by logarithms.
    result = astype(logspace(log10(start), log10(stop), num, endpoint), wide)
    shape = result.shape[1:]
    parts = [broadcast_to(index(start, None), (1, *shape))] if num > 0 else []
    last = num - 1 if endpoint and num > 1 else num
    parts.append(index(result, slice(1, last)))
    if last < num:
        parts.append(broadcast_to(index(stop, None), (1, *shape)))
    result = concatenate(parts) * sign
    if axis:
        result = moveaxis(result, 0, axis)
    return result if dtype is None else astype(result, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C") -> Any:
    """An array of a shape filled with a value: a plain one, or a node where the value is a Tensor.

    `np.full` itself cannot hand a Tensor over. Raises `DataError` (a TypeError) where integers
    would have to hold a Tensor's value.

    >>> import autograd as ag
    >>> x = ag.Tensor(2.0)
    >>> ag.full((2, 2), x).sum().backward()
    >>> x.grad
    4.0
    """
    fill_value = as_operand(fill_value)
    if type(fill_value) is not Tensor:
        return np.full(shape, fill_value, dtype, order)
    dtype = as_floats("full", dtype) or fill_value.dtype
    shape = tuple(np.ravel(value_of(shape)).tolist())
    return broadcast_to(astype(fill_value, dtype), shape)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:
    """The matrix of the powers of a row's entries, one row an entry: x^(N−1), ..., x, 1.

    Parameters
    ----------
    N : the number of columns; as many as rows where it is None.
    increasing : whether the powers increase: 1, x, x², ...

    Raises ShapeError (a ValueError) for anything but a row, or a negative `N`.

    >>> import autograd as ag
    >>> ag.vander(ag.Tensor([2.0, 3.0]), 3).data
    array([[4., 2., 1.],
           [9., 3., 1.]])
    """
    x = as_operand(x)
    if x.ndim != 1 or (N is not None and N < 0):
        raise ShapeError(f"vander() expects a row and N ≥ 0, and received shape {x.shape}, N={N}")
    n = len(x) if N is None else operator.index(N)
    dtype = np.promote_types(x.dtype, int)
    first = np.ones((len(x), min(n, 1)), dtype)
    if n < 2:
        return concatenate((first, reshape(astype(x, dtype), (-1, 1))[:, :0]), axis=1)
    column = reshape(astype(x, dtype), (-1, 1))
    powers = concatenate((first, cumprod(broadcast_to(column, (len(x), n - 1)), 1)), axis=1)
    return powers if increasing else flip(powers, 1)


NUMPY = {
    np.geomspace: geomspace,
    np.linspace: linspace,
    np.logspace: logspace,
    np.vander: vander,
}
METHODS: dict[str, Any] = {}
