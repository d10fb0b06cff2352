"""Running sums and products, and the product of many: exact where entries are 0.

No derivative here divides by an entry. The derivative of a product by one factor is the product of
the others, which two running products give, from the left and from the right; that of a running
product is a recurrence, and that of a recurrence is one too, so every order is exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.gates.reductions import kept, options, reduced_axes, settings_of_reduction
from autograd.gates.registry import Gate, gate
from autograd.gates.shapes import concatenate, reshape
from autograd.recording import apply, value_of
from autograd.tensor import Tensor

__all__ = ["cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "prod"]


def along(axis: int, part: slice) -> tuple[slice, ...]:
    """The index that takes a part of one axis."""
    return (*(slice(None),) * axis, part)


def reversed_along(a: Any, axis: int) -> Any:
    """The entries in the opposite order along an axis."""
    return a[along(axis, slice(None, None, -1))]


def ones_along(a: Any, axis: int) -> Any:
    """A constant slab of ones, of length 1 along `axis`, to join to `a`."""
    shape = np.shape(a)
    return np.ones((*shape[:axis], 1, *shape[axis + 1 :]), a.dtype)


def before(a: Any, axis: int) -> Any:
    """Each entry's predecessor along an axis; 1 for the first."""
    if not np.shape(a)[axis]:
        return a
    return np.concatenate((ones_along(a, axis), a[along(axis, slice(-1))]), axis=axis)


# ---- running sums


def cumsum_vjp(g: Any, out: Any, a: Any, axis: int, dtype: Any = None) -> Any:
    """The running sum of the upstream, from the end: an entry is in every sum that follows it."""
    return reversed_along(np.cumsum(reversed_along(g, axis), axis=axis), axis)


_cumsum = gate(
    np.cumsum, name="cumsum", symbol="Σ↓", rule="running Σx → the upstream, summed from the end",
    vjp=(cumsum_vjp,), linear="jointly",
)  # fmt: skip


# ---- running products


def recur(a: Any, b: Any, axis: int) -> Any:
    """r with r[i] = b[i] + a[i]·r[i−1] along an axis; a[0] is not read."""
    r = np.moveaxis(np.array(b), axis, 0)
    factors = np.moveaxis(a, axis, 0)
    for i in range(1, len(r)):
        r[i] += factors[i] * r[i - 1]
    return np.moveaxis(r, 0, axis)


def recurrence(a: Any, b: Any, axis: int) -> Any:
    """`recur`, recorded where a rule runs on Tensors."""
    if type(a) is Tensor or type(b) is Tensor:
        return apply(_recurrence, (a, b), {"axis": axis})
    return recur(a, b, axis)


def recurrence_back(a: Any, b: Any, axis: int) -> Any:
    """r with r[i] = b[i] + a[i+1]·r[i+1]: the recurrence from the end."""
    following = np.concatenate((a[along(axis, slice(1, None))], ones_along(a, axis)), axis=axis)
    r = recurrence(reversed_along(following, axis), reversed_along(b, axis), axis)
    return reversed_along(r, axis)


def shifted(out: Any, axis: int) -> Any:
    """Each entry's predecessor; 0 for the first, which has none."""
    shape = [1] * np.ndim(out)
    shape[axis] = np.shape(out)[axis]
    first = np.arange(shape[axis]).reshape(shape) == 0
    return np.where(first, 0.0, before(out, axis))


_recurrence: Gate = gate(
    recur, name="recurrence", symbol="r=b+a·r",
    rule="rᵢ = bᵢ + aᵢ·rᵢ₋₁ → s·rᵢ₋₁, s with sᵢ = gᵢ + aᵢ₊₁·sᵢ₊₁",
    vjp=(
        lambda g, out, a, b, axis: recurrence_back(a, g, axis) * shifted(out, axis),
        lambda g, out, a, b, axis: recurrence_back(a, g, axis),
    ),
    jvp=lambda t, out, a, b, axis: recurrence(a, t[1] + t[0] * shifted(out, axis), axis),
)  # fmt: skip


def cumprod_vjp(g: Any, out: Any, a: Any, axis: int, dtype: Any = None) -> Any:
    """What precedes an entry, times the upstream of all that follow, each with its own factors."""
    return recurrence_back(a, g, axis) * before(out, axis)


def cumprod_jvp(tangents: Any, out: Any, a: Any, axis: int, dtype: Any = None) -> Any:
    """The product rule, entry after entry."""
    return recurrence(a, tangents[0] * before(out, axis), axis)


_cumprod = gate(
    np.cumprod, name="cumprod", symbol="Π↓",
    rule="running Πx → Π before it · the upstream of those after it",
    vjp=(cumprod_vjp,), jvp=cumprod_jvp, kinks="exact where entries are 0",
)  # fmt: skip


def running(gate: Gate, a: Any, axis: int | None, dtype: Any, out: None) -> Tensor:
    """A running sum or product: over all entries as one row where `axis` is None."""
    settings = options(gate.name, out=out, dtype=dtype)
    ndim = np.ndim(value_of(a))
    if axis is None:
        axis = 0
        if ndim != 1:
            a, ndim = reshape(a, -1), 1
    elif not ndim and axis in (0, -1):  # NumPy makes one number a row of one
        a, ndim = reshape(a, -1), 1
    settings["axis"] = axis + ndim if axis < 0 else axis
    return apply(gate, (a,), settings)


def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor:
    """The running sum along an axis, or over all entries as one row.

    `dtype` are the floats to add up in. Raises UnsupportedError (a TypeError) for `out`,
    OutOfRangeError for an axis that is not there.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0, 3.0])
    >>> s = ag.cumsum(t)
    >>> s.backward(gradient=[0.0, 1.0, 10.0])
    >>> s.data, t.grad
    (array([1., 3., 6.]), array([11., 11., 10.]))
    """
    return running(_cumsum, a, axis, dtype, out)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Tensor:
    """The running product along an axis, or over all entries as one row; exact with zeros.

    Arguments and errors as of `cumsum`. Backward, the recurrence takes a step of NumPy an entry of
    the axis.

    >>> import autograd as ag
    >>> t = ag.Tensor([2.0, 0.0, 3.0])
    >>> p = ag.cumprod(t)
    >>> p.backward(gradient=[1.0, 1.0, 1.0])
    >>> p.data, t.grad
    (array([2., 0., 0.]), array([1., 8., 0.]))
    """
    return running(_cumprod, a, axis, dtype, out)


def cumulative(gate: Gate, x: Any, axis: int | None, dtype: Any, out: None, start: float) -> Tensor:
    """The array API's running sum or product, of one axis where none is named."""
    if axis is None:
        if np.ndim(value_of(x)) != 1:
            running(gate, x, np.ndim(value_of(x)), None, None)  # raises: no such axis
        axis = 0
    result = running(gate, x, axis, dtype, out)
    if start < 0:
        return result
    axis %= result.ndim
    return concatenate((start * ones_along(result, axis), result), axis=axis)


def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, out: None = None,
    include_initial: bool = False,
) -> Tensor:  # fmt: skip
    """The running sum along an axis; with `include_initial`, 0 comes first.

    `axis` may be left out of one axis only. Errors as of `cumsum`.

    >>> import autograd as ag
    >>> ag.cumulative_sum(ag.Tensor([1.0, 2.0]), include_initial=True).data
    array([0., 1., 3.])
    """
    return cumulative(_cumsum, x, axis, dtype, out, 0.0 if include_initial else -1.0)


def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, out: None = None,
    include_initial: bool = False,
) -> Tensor:  # fmt: skip
    """The running product along an axis; with `include_initial`, 1 comes first.

    `axis` may be left out of one axis only. Errors as of `cumsum`.

    >>> import autograd as ag
    >>> ag.cumulative_prod(ag.Tensor([2.0, 3.0]), include_initial=True).data
    array([1., 2., 6.])
    """
    return cumulative(_cumprod, x, axis, dtype, out, 1.0 if include_initial else -1.0)


# ---- the product of many


def others(a: Any, axis: Any, where: Any, initial: Any) -> Any:
    """For each entry, the product of all the others that are multiplied with it."""
    if where is not True:
        a = np.where(where, a, 1.0)
    shape = np.shape(a)
    axes = sorted(reduced_axes(len(shape), axis))
    order = [*(i for i in range(len(shape)) if i not in axes), *axes]
    lanes = np.reshape(np.transpose(a, order), (*(shape[i] for i in order[: -len(axes)]), -1))
    last = lanes.ndim - 1
    left = before(np.cumprod(lanes, axis=last), last)
    right = reversed_along(before(np.cumprod(reversed_along(lanes, last), axis=last), last), last)
    product = np.reshape(left * right, tuple(shape[i] for i in order))
    product = np.transpose(product, np.argsort(order))
    return product if initial is None else product * initial


def prod_local(a: Any, axis: Any, where: Any = True, initial: Any = None, dtype: Any = None) -> Any:
    """d(product)/d(entry), 0 where it takes no part."""
    if not np.size(a) or not np.ndim(a) or axis == ():
        local = np.ones(np.shape(a), getattr(a, "dtype", float)) * (
            1.0 if initial is None else initial
        )
    else:
        local = others(a, axis, where, initial)
    return local if where is True else np.where(where, local, 0.0)


def prod_vjp(g: Any, out: Any, a: Any, axis: Any, keepdims: bool, **settings: Any) -> Any:
    """The upstream times the product of the others."""
    return kept(g, a, axis, keepdims) * prod_local(a, axis, **settings)


def prod_jvp(tangents: Any, out: Any, a: Any, axis: Any, keepdims: bool, **settings: Any) -> Any:
    """The product rule: one factor's tangent at a time."""
    return np.sum(tangents[0] * prod_local(a, axis, **settings), axis=axis, keepdims=keepdims)


_prod = gate(
    np.multiply.reduce, name="prod", symbol="Π", rule="Πx → the product of the others",
    vjp=(prod_vjp,), jvp=prod_jvp, kinks="exact where entries are 0",
)  # fmt: skip


def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Tensor:
    """The product over all axes or those named; exact where entries are 0, to every order.

    Arguments and errors as of `sum`; `initial` is a number that the product starts from.

    >>> import autograd as ag
    >>> t = ag.Tensor([2.0, 0.0, 5.0])
    >>> ag.prod(t).backward()
    >>> t.grad
    array([ 0., 10.,  0.])
    """
    settings = settings_of_reduction(axis, keepdims)
    settings |= options("prod", out=out, dtype=dtype, initial=initial, where=where)
    return apply(_prod, (a,), settings)


NUMPY: dict[Any, Any] = {
    np.cumsum: cumsum,
    np.cumprod: cumprod,
    np.prod: prod,
}
if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    NUMPY |= {np.cumulative_sum: cumulative_sum, np.cumulative_prod: cumulative_prod}
METHODS = {"cumsum": cumsum, "cumprod": cumprod, "prod": prod}
