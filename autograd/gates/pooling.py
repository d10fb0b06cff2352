"""Pooling: the largest entry of each window, or their mean.

A mean is linear. A maximum sends its gradient to the winner of each window, and ties share it: that
map of gradients is linear, and so is its transpose, which takes tangents forward.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.data import as_array, as_real
from autograd.eager import apply, value_of
from autograd.errors import ShapeError
from autograd.gates.primitives import primitive
from autograd.gates.reductions import wide
from autograd.gates.registry import Gate, gate
from autograd.gates.routing import INTEGERS, chosen
from autograd.gates.rules import apply_or_compute
from autograd.gates.shapes import reshape, stack
from autograd.gates.sliding import Windows
from autograd.gates.windows import FEW, per_axis, said, settings_of_windows, windows_on
from autograd.tensor import Tensor

__all__ = ["avg_pool", "max_pool"]

LEAD = (slice(None), slice(None))
"""The index of all examples and channels."""


# ---- the windows


def windows_of(inputs: Any, how: dict[str, Any]) -> Windows:
    """The windows that a pooling gate's settings say."""
    lengths = how["kernel_size"]
    return windows_on(
        "pool", tuple(inputs), lengths, how.get("stride", lengths), how.get("padding"),
        how.get("dilation"),
    )  # fmt: skip


def reduced(a: Any, windows: Windows, ufunc: np.ufunc, start: Any) -> Any:
    """The entries of each window joined by a ufunc, along one axis after the other."""
    for axis, count in enumerate(windows.counts):
        lead = (slice(None),) * (axis + 2)
        taps = [windows.tap(axis, j) for j in range(windows.lengths[axis])]
        whole = [(*lead, entries) for part, entries in taps if part == slice(0, count)]
        if len(whole) == len(taps):  # no window reaches into the padding
            out = ufunc(a[whole[0]], a[whole[1]]) if len(taps) > 1 else a[whole[0]]
            for key in whole[2:]:
                ufunc(out, a[key], out=out)
        else:
            shape = (*a.shape[: axis + 2], count, *a.shape[axis + 3 :])
            out = np.full_like(a, start, shape=shape)
            for part, entries in taps:
                target = out[(*lead, part)]
                ufunc(target, a[(*lead, entries)], out=target)
        a = out
    return a


def each_window(windows: Windows) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...]]]:
    """The place of each window, and the index of its entries in (N, C, *spatial)."""
    for place in np.ndindex(*windows.counts):
        parts: list[Any] = []
        for axis, q in enumerate(place):
            step = windows.dilation[axis]
            first = q * windows.stride[axis] - windows.before[axis]
            stop = min(first + step * (windows.lengths[axis] - 1) + 1, windows.inputs[axis])
            first = first if first >= 0 else first % step
            parts.append(slice(first, stop, step if step > 1 else None))
        yield place, (*LEAD, *parts)


def one_by_one(x: Any, windows: Windows, of_window: Any) -> Tensor:
    """A gate for each window, and the results side by side."""
    results = [of_window(x[key], place) for place, key in each_window(windows)]
    return reshape(stack(results, axis=-1), (*x.shape[:2], *windows.counts))


def tap_by_tap(x: Any, windows: Windows, padding: Any, border: float) -> Any:
    """For each entry of a window, that of all windows, stacked along a new first axis."""
    if padding:
        x = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=border)
    spans = [
        [slice(j * d, j * d + (m - 1) * s + 1, s) for j in range(k)]
        for k, d, s, m in zip(
            windows.lengths, windows.dilation, windows.stride, windows.counts, strict=True
        )
    ]
    places = np.ndindex(*windows.lengths)
    return stack([x[(*LEAD, *(span[j] for span, j in zip(spans, p, strict=True)))] for p in places])


def axes_of(windows: Windows) -> tuple[int, ...]:
    return tuple(range(2, 2 + len(windows.counts)))


# ---- the largest


def lowest(dtype: np.dtype) -> Any:
    """What no entry is below: the padding of a maximum."""
    if dtype.kind == "f":
        return -np.inf
    return np.iinfo(dtype).min if dtype.kind in "iu" else False


@primitive("max_pool")
def largest_of_each(a: Any, **how: Any) -> Any:
    """The largest entry of each window; nan where there is one."""
    a = as_array(a)
    out = reduced(a, windows_of(a.shape[2:], how), np.maximum, lowest(a.dtype))
    return out.copy("K") if out.base is not None else out


def winners(a: Any, out: Any, windows: Windows) -> tuple[list[tuple[Any, Any, Any]], Any]:
    """For each entry of a window: which windows have it, where it is, and where it reaches the
    largest; and among how many the gradient of each window is shared, where it is."""
    found = []
    n = np.zeros_like(out, np.min_scalar_type(math.prod(windows.lengths)))
    for _, parts, entries in windows.taps():
        part, taken = (*LEAD, *parts), (*LEAD, *entries)
        hit = a[taken] == out[part]
        n[part] += hit.view(np.uint8)
        found.append((part, taken, hit))
    if n.size and not n.min():  # where the largest is nan, those that are share
        for part, taken, hit in found:
            odd = np.isnan(a[taken])
            hit |= odd
            n[part] += odd
        np.maximum(n, 1, out=n)
    return found, n


def beside(g: Any, other: Any) -> Any:
    """An array whose entries lie in memory in the order of another's: going over both is fast."""
    if g.strides == tuple(s // other.itemsize * g.itemsize for s in other.strides):
        return g
    copy = np.empty_like(other, g.dtype)
    copy[...] = g
    return copy


def shared_among(g: Any, n: Any) -> Any:
    """A gradient, or a tangent, over the number of those that tie."""
    return g / n.astype(g.dtype) if n.size and n.max() > 1 else g


@primitive("max_unpool")
def sent_to_winners(g: Any, inputs: Any, largest: Any, **how: Any) -> Any:
    """The upstream of each window, shared by the entries that reach its maximum."""
    g, a = as_array(g), as_array(inputs)
    windows = windows_of(a.shape[2:], how)
    found, n = winners(a, as_array(largest), windows)
    g = beside(shared_among(g, n), n)
    total = (np.empty_like if tile(windows) else np.zeros_like)(a, g.dtype)
    integers = INTEGERS.get(g.dtype)
    if integers is None or not is_apart(windows):
        for part, taken, hit in found:
            total[taken] += chosen(g[part], hit)
        return total
    bits, upstream = total.view(integers), g.view(integers)
    for part, taken, hit in found:
        np.multiply(upstream[part], hit, bits[taken])
    return total


def is_apart(windows: Windows) -> bool:
    """Whether no entry is in two windows."""
    axes = zip(windows.lengths, windows.stride, windows.dilation, strict=True)
    return all(s > d * (k - 1) for k, s, d in axes)


def tile(windows: Windows) -> bool:
    """Whether each entry is in one window."""
    covered = (s * m for s, m in zip(windows.stride, windows.counts, strict=True))
    return (
        windows.lengths == windows.stride
        and not any(windows.before)
        and max(windows.dilation) == 1
        and tuple(covered) == windows.inputs
    )


@primitive("max_pool of a tangent")
def taken_from_winners(t: Any, inputs: Any, largest: Any, **how: Any) -> Any:
    """The mean tangent of the entries of each window that reach its maximum."""
    t, a = as_array(t), as_array(inputs)
    found, n = winners(a, as_array(largest), windows_of(a.shape[2:], how))
    total = np.zeros_like(largest, t.dtype)
    for part, taken, hit in found:
        total[part] += chosen(t[taken], hit)
    return shared_among(total, n)


def opened_max_pool(a: Any, **how: Any) -> Tensor:
    """The same written with other gates: a maximum for each of a few windows, else of stacked
    taps."""
    windows = windows_of(a.shape[2:], how)
    if math.prod(windows.counts) <= FEW:
        return one_by_one(a, windows, lambda part, place: np.max(part, axis=axes_of(windows)))
    return np.max(tap_by_tap(a, windows, how.get("padding"), -np.inf), axis=0)


def of_values(a: Any, out: Any, how: dict[str, Any]) -> dict[str, Any]:
    """The settings of the gates that send to the winners, or take from them."""
    return {"inputs": value_of(a), "largest": value_of(out), **how}


_max_pool: Gate = gate(
    largest_of_each, name="max_pool", symbol="max pool", pattern="routes",
    rule="max of each window → 1 for the largest, shared by ties",
    vjp=(lambda g, out, a, **how: apply_or_compute(_max_unpool, g, **of_values(a, out, how)),),
    jvp=lambda t, out, a, **how: apply_or_compute(_max_taken, t[0], **of_values(a, out, how)),
    expansion=opened_max_pool,
    kinks="ties in a window share equally, as those of max do (PyTorch gives all to the first)",
)  # fmt: skip

_max_unpool: Gate = gate(
    sent_to_winners, name="max_unpool", symbol="to max", pattern="routes",
    rule="to the largest of each window → the upstream there", linear="jointly",
    vjp=(lambda u, out, g, **how: apply_or_compute(_max_taken, u, **how),),
)  # fmt: skip

_max_taken: Gate = gate(
    taken_from_winners, name="max_taken", symbol="at max", pattern="routes",
    rule="at the largest of each window → the upstream there, 0 elsewhere", linear="jointly",
    vjp=(lambda u, out, t, **how: apply_or_compute(_max_unpool, u, **how),),
)  # fmt: skip


# ---- the mean


def divisors(windows: Windows, how: dict[str, Any]) -> Any:
    """What the sum of each window is divided by: one number where it is the same for all."""
    if "divisor" in how:
        return float(how["divisor"])
    n: Any = np.ones(())
    for axis, (m, s, k) in enumerate(
        zip(windows.counts, windows.stride, windows.lengths, strict=True)
    ):
        before, length = windows.before[axis], windows.inputs[axis]
        first = np.arange(m) * s - before
        stop = np.minimum(first + k, length + before)
        if "without_padding" in how:
            first, stop = np.maximum(first, 0), np.minimum(stop, length)
        n = n[..., None] * (stop - first)
    return float(n.flat[0]) if n.size and np.all(n == n.flat[0]) else n


@primitive("avg_pool")
def mean_of_each(a: Any, **how: Any) -> Any:
    """The mean of each window."""
    a = as_array(a)
    windows = windows_of(a.shape[2:], how)
    summed = reduced(wide(a) + 0.0, windows, np.add, 0.0)
    kind = a.dtype if a.dtype.kind == "f" else summed.dtype
    return np.divide(summed, divisors(windows, how)).astype(kind, copy=False)


@primitive("avg_unpool")
def spread_evenly(g: Any, inputs: Any, **how: Any) -> Any:
    """The upstream of each window over the number of its entries, added to each of them."""
    g = as_array(g)
    windows = windows_of(inputs, how)
    total = np.divide(wide(g), divisors(windows, how)).astype(wide(g).dtype, copy=False)
    for axis, (length, count) in enumerate(zip(windows.inputs, windows.counts, strict=True)):
        lead = (slice(None),) * (axis + 2)
        shape = (*total.shape[: axis + 2], length, *total.shape[axis + 3 :])
        wider = np.zeros_like(total, shape=shape)
        assert total.shape[axis + 2] == count
        for j in range(windows.lengths[axis]):
            part, entries = windows.tap(axis, j)
            wider[(*lead, entries)] += total[(*lead, part)]
        total = wider
    return total.astype(g.dtype, copy=False)


def opened_avg_pool(a: Any, **how: Any) -> Tensor:
    """The same written with other gates: a mean for each of a few windows, else of stacked taps."""
    windows = windows_of(a.shape[2:], how)
    n = np.broadcast_to(divisors(windows, how), windows.counts)

    def mean(part: Any, place: tuple[int, ...]) -> Any:
        size = math.prod(part.shape[2:])
        own = float(n[place])
        if size == own:
            return np.mean(part, axis=axes_of(windows))
        return np.sum(part, axis=axes_of(windows)) / own

    if n.size <= FEW:
        return one_by_one(a, windows, mean)
    return np.sum(tap_by_tap(a, windows, how.get("padding"), 0.0), axis=0) / divisors(windows, how)


_avg_pool: Gate = gate(
    mean_of_each, name="avg_pool", symbol="mean pool", pattern="copies", linear="jointly",
    rule="Σx/n of each window → 1/n for each",
    vjp=(
        lambda g, out, a, **how: apply_or_compute(_avg_unpool, g, inputs=np.shape(a)[2:], **how),
    ),
    expansion=opened_avg_pool,
)  # fmt: skip

_avg_unpool: Gate = gate(
    spread_evenly, name="avg_unpool", symbol="to mean", pattern="copies", linear="jointly",
    rule="x/n for each of a window → Σ of the window over n",
    vjp=(lambda u, out, g, inputs, **how: apply_or_compute(_avg_pool, u, **how),),
)  # fmt: skip


# ---- what users call


def settings_of_pool(
    name: str, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil: bool
) -> tuple[Any, dict[str, Any], bool]:
    """A batch, the settings of the windows, and whether it was one example."""
    stride = kernel_size if stride is None else stride
    x, lengths, how, single = settings_of_windows(name, x, kernel_size, stride, 0, dilation)
    padding = per_axis(name, "padding", padding, len(lengths), 0)
    if any(2 * p > k for p, k in zip(padding, lengths, strict=True)):
        raise ShapeError(
            f"{name}(padding={padding}) may be half of a window's length at most, and windows are "
            f"{lengths}: pad with ag.pad before"
        )
    spans = [d * (k - 1) + 1 for k, d in zip(lengths, how["dilation"], strict=True)]
    pairs = [(p, p) for p in padding]
    if ceil:
        for axis, (n, p, s, span) in enumerate(
            zip(x.shape[2:], padding, how["stride"], spans, strict=True)
        ):
            count = -(-(n + 2 * p - span) // s) + 1
            if (count - 1) * s >= n + p:  # the last would lie in the padding alone
                count -= 1
            pairs[axis] = p, max(p, (count - 1) * s + span - n - p)
    how["padding"] = tuple(pairs)
    windows_on(name, x.shape[2:], lengths, how["stride"], how["padding"], how["dilation"])
    found = {"kernel_size": lengths} | said(**how)
    if how["stride"] == lengths:
        found.pop("stride", None)
    elif "stride" not in found:
        found["stride"] = how["stride"]
    return x, found, single


def max_pool(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest entry of each window; ties in a window share the gradient, as those of `max` do.

    (PyTorch gives all of it to the first.) Where there is a nan the maximum is nan, and the
    gradient goes to those that are. Arguments mean what they do in PyTorch.

    Parameters
    ----------
    x : (N, C, *spatial) with one to three spatial axes; without N, one example.
    kernel_size : the lengths of a window; one number counts for all spatial axes of a batch.
    stride : how far windows are apart; as far as they are long where it is not given.
    padding : entries of −∞ on both sides, half of the window at most.
    dilation : how far the entries of a window are apart.
    ceil_mode : whether windows that reach over the end count, if they begin before it.

    Raises ShapeError (a ValueError) where no window fits or the padding is too wide, DataError (a
    TypeError) for settings that are no whole numbers.

    >>> import autograd as ag
    >>> x = ag.Tensor([[[[1.0, 2.0, 0.0, 0.0], [3.0, 4.0, 0.0, 5.0]]]])
    >>> y = ag.max_pool(x, 2)
    >>> y.sum().backward()
    >>> y.data, x.grad
    (array([[[[4., 5.]]]]), array([[[[0., 0., 0., 0.],
             [0., 1., 0., 1.]]]]))
    """
    x, how, single = settings_of_pool(
        "max_pool", x, kernel_size, stride, padding, dilation, ceil_mode
    )
    out = apply(_max_pool, (x,), how)
    return out[0] if single else out


def avg_pool(
    x: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Any = None,
) -> Tensor:
    """The mean of each window; arguments and errors as of `max_pool`, and PyTorch's besides.

    Parameters
    ----------
    padding : zeros on both sides, half of the window at most.
    count_include_pad : whether those count among the entries that are averaged.
    divisor_override : what to divide the sum of each window by instead.

    >>> import autograd as ag
    >>> ag.avg_pool(ag.Tensor([[[1.0, 3.0, 5.0, 7.0]]]), 2).data
    array([[[2., 6.]]])
    """
    x, how, single = settings_of_pool("avg_pool", x, kernel_size, stride, padding, 1, ceil_mode)
    if not count_include_pad:
        how["without_padding"] = True
    if divisor_override is not None:
        how["divisor"] = as_real("avg_pool", "divisor_override", divisor_override)
        if not how["divisor"]:
            raise ShapeError("avg_pool(divisor_override=...) must not be 0")
    out = apply(_avg_pool, (x,), how)
    return out[0] if single else out


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
