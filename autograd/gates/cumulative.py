"""Running sums and products, and the product of many: exact where entries are 0.

No derivative here divides by an entry. The derivative of a product by one factor is the product of
the others, which two running products give, from the left and from the right; that of a running
product is a recurrence, and that of a recurrence is one too, so every order is exact.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.gates.balancing import balanced, before, levels, reversed_along, times_power
from autograd.gates.primitives import call, primitive
from autograd.gates.reductions import kept, options, reduced_axes, settings_of_reduction
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.shapes import concatenate, reshape
from autograd.tensor import Tensor

__all__ = ["cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "prod"]


def ones_along(a: Any, axis: int) -> Any:
    """A constant slab of ones, of length 1 along `axis`, to join to `a`."""
    shape = np.shape(a)
    return np.ones((*shape[:axis], 1, *shape[axis + 1 :]), a.dtype)


# ---- running sums


def cumsum_vjp(g: Any, out: Any, a: Any, axis: int, dtype: Any = None) -> Any:
    """The running sum of the upstream, from the end: an entry is in every sum that follows it."""
    return reversed_along(np.cumsum(reversed_along(g, axis), axis=axis), axis)


_cumsum = gate(
    np.cumsum, name="cumsum", symbol="Σ↓", rule="running Σx → the upstream, summed from the end",
    vjp=(cumsum_vjp,), linear="jointly",
)  # fmt: skip


# ---- running products


@primitive("recurrence")
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
    return call(recur, a, b, axis=axis)


def following(a: Any, axis: int) -> Any:
    """Each entry's successor along an axis; 1 for the last, which has none."""
    return reversed_along(before(reversed_along(a, axis), axis), axis)


def recurrence_back(a: Any, b: Any, axis: int) -> Any:
    """r with r[i] = b[i] + a[i+1]·r[i+1]: the recurrence from the end."""
    factors = reversed_along(following(a, axis), axis)
    return reversed_along(recurrence(factors, reversed_along(b, axis), axis), axis)


_recurrence: Gate = gate(
    recur, name="recurrence", symbol="r=b+a·r",
    rule="rᵢ = bᵢ + aᵢ·rᵢ₋₁ → s·rᵢ₋₁, s with sᵢ = gᵢ + aᵢ₊₁·sᵢ₊₁",
    vjp=(
        lambda g, out, a, b, axis: recurrence_back(a, g, axis) * before(out, axis, 0.0),
        lambda g, out, a, b, axis: recurrence_back(a, g, axis),
    ),
    jvp=lambda t, out, a, b, axis: recurrence(a, t[1] + t[0] * before(out, axis, 0.0), axis),
)  # fmt: skip

# The derivatives of running products, in balanced factors b with a = b·2^k and K the running sum of
# k. What precedes an entry is P with P[j] = Πb before j. A sum r is kept as r·2^level.


def summed(b: Any, w: Any, e: Any, axis: int) -> tuple[Any, Any]:
    """Σ w[j]·2^e[j]·Πb(j < m ≤ i) over j ≤ i: the sums, and the powers of two to take them by."""
    level = levels(b, w, e, axis)
    carried = np.minimum(before(level, axis, 0.0) - level, 0.0)
    return recurrence(times_power(b, carried), times_power(w, e - level), axis), level


def summed_back(b: Any, w: Any, e: Any, axis: int) -> tuple[Any, Any]:
    """Σ w[i]·2^e[i]·Πb(j < m ≤ i) over i ≥ j."""
    factors = following(b, axis)
    factors, w, e = (reversed_along(each, axis) for each in (factors, w, e))
    r, level = summed(factors, w, e, axis)
    return reversed_along(r, axis), reversed_along(level, axis)


def parts(a: Any, *others: Any, axis: int) -> tuple[Any, ...]:
    """b, k, K and P of the factors, in a dtype that holds the others' too."""
    dtype = np.result_type(*(each.dtype for each in (a, *others)))
    a = a if a.dtype == dtype else a.astype(dtype)
    b, k, total = balanced(a, axis)
    return b, k, total, before(np.cumprod(b, axis=axis), axis)


def vjp(a: Any, g: Any, axis: int) -> Any:
    """Σ g[i]·Πa(m ≤ i, m ≠ j) over i ≥ j: what precedes j, times the upstream of all from j on."""
    b, k, total, ahead = parts(a, g, axis=axis)
    r, level = summed_back(b, g, total, axis)
    return times_power(r * ahead, level - k)


def jvp(a: Any, t: Any, axis: int) -> Any:
    """Σ t[j]·Πa(m ≤ i, m ≠ j) over j ≤ i: the product rule, entry after entry."""
    b, k, total, ahead = parts(a, t, axis=axis)
    d, level = summed(b, t * ahead, -k, axis)
    return times_power(d, level + total)


def vjp_slope(a: Any, g: Any, t: Any, axis: int) -> Any:
    """d/da of `vjp`, along the tangent t: that of what precedes an entry, and of what follows.

    It is symmetric in the two entries of each pair, so it is the way back as well.
    """
    b, k, total, ahead = parts(a, g, t, axis=axis)
    r, above = summed_back(b, g, total, axis)
    d, level = summed(b, t * ahead, -k, axis)
    first = before(d, axis, 0.0) * r
    first = times_power(first, before(level, axis, 0.0) + above - k)
    w, e = (reversed_along(each, axis) for each in (t * r, above - k))
    w, e = (reversed_along(before(each, axis, 0.0), axis) for each in (w, e))
    v, beyond = summed_back(b, w, e, axis)
    return first + times_power(v * ahead, beyond - k)


def jvp_slope(a: Any, t: Any, u: Any, axis: int) -> Any:
    """d/da of `jvp`, along the tangent u."""
    b, k, total, ahead = parts(a, t, u, axis=axis)
    result: Any = 0.0
    for one, other in ((t, u), (u, t)):
        d, level = summed(b, one * ahead, -k, axis)
        d, level = before(d, axis, 0.0), before(level, axis, 0.0)
        x, height = summed(b, other * d, level - k, axis)
        result = result + times_power(x, height + total)
    return result


def applied(gate: Gate, *operands: Any, axis: int) -> Any:
    """A gate inside a rule: a node where the rule runs on Tensors, else its plain value."""
    if any(type(each) is Tensor for each in operands):
        return apply(gate, operands, {"axis": axis})
    return call(gate.forward, *operands, axis=axis)


_VJP: Gate = gate(
    vjp, name="cumprod.T", symbol="Π↓ᵀ",
    rule="Σ gᵢ·Π of the others up to i → its slope along the upstream, Σ tⱼ·Π of the others",
    vjp=(
        lambda h, out, a, g, axis: vjp_slope(a, g, h, axis),
        lambda h, out, a, g, axis: applied(_JVP, a, h, axis=axis),
    ),
    jvp=lambda t, out, a, g, axis: (
        vjp_slope(a, g, t[0], axis) + applied(_VJP, a, t[1], axis=axis)
    ),
)  # fmt: skip

_JVP: Gate = gate(
    jvp, name="cumprod.D", symbol="dΠ↓",
    rule="Σ tⱼ·Π of the others up to i → its slope along the upstream, Σ gᵢ·Π of the others",
    vjp=(
        lambda h, out, a, t, axis: vjp_slope(a, h, t, axis),
        lambda h, out, a, t, axis: applied(_VJP, a, h, axis=axis),
    ),
    jvp=lambda d, out, a, t, axis: (
        jvp_slope(a, t, d[0], axis) + applied(_JVP, a, d[1], axis=axis)
    ),
)  # fmt: skip

_cumprod = gate(
    np.cumprod, name="cumprod", symbol="Π↓",
    rule="running Πx → Π before it · the upstream of those after it",
    vjp=(lambda g, out, a, axis, dtype=None: applied(_VJP, a, g, axis=axis),),
    jvp=lambda t, out, a, axis, dtype=None: applied(_JVP, a, t[0], axis=axis),
    kinks="exact where entries are 0 and where parts of a product over- or underflow",
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


def without(lanes: Any) -> Any:
    """For each entry of a lane, the last axis, the product of all the others."""
    b, k, total, left = parts(lanes, axis=lanes.ndim - 1)
    right = backwards(b)
    return times_power(left * right, total[..., -1:] - k)


def backwards(b: Any) -> Any:
    """For each entry of a lane, the product of those behind it."""
    last = b.ndim - 1
    return reversed_along(before(np.cumprod(reversed_along(b, last), axis=last), last), last)


def without_slope(lanes: Any, t: Any) -> Any:
    """The derivative of `without` along the tangent t: by what is before an entry, and behind it.

    It is symmetric in the two entries of each pair, so it is the way back as well.
    """
    last = lanes.ndim - 1
    b, k, total, left = parts(lanes, t, axis=last)
    right, result = backwards(b), 0.0
    for turned, near, far in ((False, left, right), (True, right, left)):
        c, w, e = (reversed_along(x, last) if turned else x for x in (b, t * near, -k))
        d, level = summed(c, w, e, last)
        moved = (before(x, last, 0.0) for x in (d, level))
        d, level = (reversed_along(x, last) if turned else x for x in moved)
        result = result + times_power(d * far, level + total[..., -1:] - k)
    return result


_without: Gate = gate(
    without, name="prod.others", symbol="Π≠",
    rule="Π of the others → Σ over the rest of the upstream times Π of the others of both",
    vjp=(lambda g, out, lanes: without_slope(lanes, g),),
    jvp=lambda t, out, lanes: without_slope(lanes, t[0]),
)  # fmt: skip


def others(a: Any, axis: Any, where: Any, initial: Any) -> Any:
    """For each entry, the product of all the others that are multiplied with it."""
    if where is not True:
        a = np.where(where, a, 1.0)
    shape = np.shape(a)
    axes = sorted(reduced_axes(len(shape), axis))
    order = [*(i for i in range(len(shape)) if i not in axes), *axes]
    lanes = np.reshape(np.transpose(a, order), (*(shape[i] for i in order[: -len(axes)]), -1))
    if initial is not None:
        lanes = np.concatenate((lanes, np.full_like(lanes[..., :1], initial)), axis=-1)
    product = apply_or_compute(_without, lanes)
    product = product if initial is None else product[..., :-1]
    product = np.reshape(product, tuple(shape[i] for i in order))
    return np.transpose(product, np.argsort(order))


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
    """The product rule: one factor's tangent at a time; a factor that stays has no part in it."""
    local = prod_local(a, axis, **settings)
    t = tangents[0]
    stays = value_of(t) == 0.0
    if type(t) is Tensor and t.requires_grad:  # then it is asked how much it would have had
        stays = stays & np.isinf(value_of(local))
    return np.sum(t * np.where(stays, 0.0, local), axis=axis, keepdims=keepdims)


_prod = gate(
    np.multiply.reduce, name="prod", symbol="Π", rule="Πx → the product of the others",
    vjp=(prod_vjp,), jvp=prod_jvp,
    kinks="exact where entries are 0 and where parts of the product over- or underflow",
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
