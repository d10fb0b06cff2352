"""Convolution as networks have it: a neuron that slides, and shares its weights.

Arrays are (N, C, *spatial), kernels (O, C/groups, *lengths), as PyTorch has them. A convolution is
linear in each of its two operands. So is its gradient by either of them, and the three functions
are each other's derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index as as_int
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, as_operand
from autograd.errors import DataError, ShapeError
from autograd.gates.primitives import primitive
from autograd.gates.reductions import is_half, wide
from autograd.gates.registry import Gate, gate
from autograd.gates.shapes import apply_or_compute, index, reshape, stack, transpose
from autograd.gates.sliding import Windows, add_taps, by_input, by_kernel, convolved
from autograd.tensor import Tensor

__all__ = ["conv", "conv_transpose", "unfold"]

FEW = 36
"""Windows up to which the picture of a convolution shows each of them."""


# ---- what users say about windows


def per_axis(name: str, key: str, given: Any, n: int, least: int) -> tuple[int, ...]:
    """A whole number for each of `n` spatial axes; one number counts for all of them."""
    parts = given if isinstance(given, (tuple, list)) else (given,) * n
    try:
        found = tuple(as_int(part) for part in parts)
    except TypeError:
        raise DataError(
            f"{name}({key}=...) expects a whole number, or one for each of {n} spatial "
            f"ax{'i' if n == 1 else 'e'}s, and received {given!r}"
        ) from None
    if len(found) != n or any(part < least for part in found):
        raise ShapeError(
            f"{name}({key}=...) expects a number from {least} on, or {n} of them, one for each "
            f"spatial axis, and received {given!r}"
        )
    return found


def paddings(
    name: str, given: Any, lengths: Sequence[int], stride: Sequence[int], dilation: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """The padding before and after, along each axis."""
    if not isinstance(given, str):
        return tuple((p, p) for p in per_axis(name, "padding", given, len(lengths), 0))
    if given == "valid":
        return ((0, 0),) * len(lengths)
    if given != "same":
        raise ShapeError(
            f'{name}(padding=...) expects "same", "valid" or whole numbers, and received {given!r}'
        )
    if any(step != 1 for step in stride):
        raise ShapeError(
            f'{name}(padding="same") gives as many results as there are entries, which a stride of '
            f"{tuple(stride)} cannot: write the padding as numbers, or stride=1"
        )
    totals = [d * (k - 1) for k, d in zip(lengths, dilation, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def windows_on(
    name: str,
    inputs: tuple[int, ...],
    lengths: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[tuple[int, int], ...],
    dilation: tuple[int, ...],
) -> Windows:
    """The windows of an input; raises where not one of them fits."""
    counts = []
    axes = zip(inputs, lengths, stride, padding, dilation, strict=True)
    for axis, (n, k, s, (before, after), d) in enumerate(axes):
        room, span = n + before + after, d * (k - 1) + 1
        if k < 1 or span > room:
            padded = f", with padding {room}," if before + after else ""
            dilated = f" (dilated, {span})" if d > 1 else ""
            raise ShapeError(
                f"{name}() expects windows that fit: along spatial axis {axis} the input has {n} "
                f"entries{padded} and the window {k}{dilated}; write a larger padding, or a "
                "smaller window"
            )
        counts.append((room - span) // s + 1)
    return Windows(
        lengths, stride, dilation, tuple(before for before, _ in padding), inputs, tuple(counts)
    )


def batched(name: str, x: Any, n: int) -> tuple[Any, bool]:
    """An input as (N, C, *spatial), and whether it was one example, (C, *spatial)."""
    x = as_operand(x)
    if x.ndim == n + 1:
        return index(x, None), True
    if x.ndim != n + 2:
        axes = ", ".join("DHW"[3 - n :] if n > 1 else "L")
        raise ShapeError(
            f"{name}() with {n} spatial ax{'i' if n == 1 else 'e'}s expects an input of shape "
            f"(N, C, {axes}), or (C, {axes}) of one example, and received {x.shape}: write "
            "x[:, None] where there is one channel"
        )
    return x, False


def kernel_axes(name: str, w: Any, shape: str) -> tuple[Any, int]:
    """A kernel and the number of its spatial axes."""
    w = as_operand(w)
    if not 3 <= w.ndim <= 5:
        raise ShapeError(
            f"{name}() expects a kernel of shape ({shape}, *lengths) with one, two or three "
            f"lengths, and received {w.shape}"
        )
    return w, w.ndim - 2


# ---- the three bilinear gates


def in_common(a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Two arrays of the dtype that a product of them is computed in, and the result's dtype."""
    a, b = as_array(a), as_array(b)
    kind = np.result_type(a, b)
    return wide(a), wide(b).astype(wide(np.empty(0, kind)).dtype, copy=False), kind


def as_kind(out: Any, kind: Any) -> Any:
    """A result in the dtype it is to have, its axes as they lie in memory."""
    return out if out.dtype == kind else out.astype(kind)


@primitive("conv")
def conv_forward(x: Any, w: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """Σ over windows of the kernel times the input."""
    x, w, kind = in_common(x, w)
    windows = windows_on("conv", x.shape[2:], w.shape[2:], stride, padding, dilation)
    return as_kind(convolved(x, w, windows, groups), kind)


@primitive("conv_transpose")
def conv_by_input(
    g: Any, w: Any, stride: Any, padding: Any, dilation: Any, groups: int, lengths: Any
) -> Any:
    """The gradient by the input: each window's upstream times the kernel, added where it lies."""
    g, w, kind = in_common(g, w)
    before = tuple(before for before, _ in padding)
    windows = Windows(w.shape[2:], stride, dilation, before, lengths, g.shape[2:])
    return as_kind(by_input(g.astype(w.dtype, copy=False), w, windows, groups), kind)


@primitive("conv_weights")
def conv_by_kernel(
    x: Any, g: Any, stride: Any, padding: Any, dilation: Any, groups: int, lengths: Any
) -> Any:
    """The gradient by the kernel: the upstream times the entries of its window, added up."""
    x, g, kind = in_common(x, g)
    before = tuple(before for before, _ in padding)
    windows = Windows(lengths, stride, dilation, before, x.shape[2:], g.shape[2:])
    shape = (g.shape[1], x.shape[1] // groups, *lengths)
    return as_kind(by_kernel(x, g, windows, groups, shape), kind)


def back_to_input(g: Any, w: Any, lengths: Any, how: Any) -> Any:
    """The gate of the gradient by the input, in a rule."""
    return apply_or_compute(_conv_transpose, g, w, lengths=tuple(lengths), **how)


def back_to_kernel(x: Any, g: Any, lengths: Any, how: Any) -> Any:
    """The gate of the gradient by the kernel, in a rule."""
    return apply_or_compute(_conv_weights, x, g, lengths=tuple(lengths), **how)


def neuron_that_slides(
    x: Any, w: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    """The same written with other gates: of a few windows, each read by itself and multiplied by
    the kernel, whose wire forks to them all; of many, all windows beside each other."""
    windows = windows_on("conv", x.shape[2:], w.shape[2:], stride, padding, dilation)
    outputs, counts = w.shape[0], windows.counts
    if any(before or after for before, after in padding):
        x = np.pad(x, ((0, 0), (0, 0), *padding))
    if groups == 1 and math.prod(counts) <= FEW and x.shape[0]:
        flat = x.shape[0], -1
        kernel = transpose(reshape(w, (outputs, -1)))
        results = []
        for place in np.ndindex(*counts):
            key = tuple(
                slice(q * s, q * s + d * (k - 1) + 1, d if d > 1 else None)
                for q, s, d, k in zip(place, stride, dilation, windows.lengths, strict=True)
            )
            results.append(reshape(x[(slice(None), slice(None), *key)], flat) @ kernel)
        joined = stack(results, axis=-1)
        return reshape(joined, (x.shape[0], outputs, *counts))
    entries = unfold(x, windows.lengths, dilation, 0, stride)
    n, total, places = entries.shape
    entries = reshape(entries, (n, groups, total // groups, places))
    kernel = reshape(w, (groups, outputs // groups, total // groups))
    return reshape(kernel @ entries, (n, outputs, *counts))


_conv: Gate = gate(
    conv_forward, name="conv", symbol="∗", rule="Σ over windows of w·x → Σ g·w, Σ g·x",
    pattern="mixes", linear="each", expansion=neuron_that_slides,
    vjp=(
        lambda g, out, x, w, **how: back_to_input(g, w, np.shape(x)[2:], how),
        lambda g, out, x, w, **how: back_to_kernel(x, g, np.shape(w)[2:], how),
    ),
)  # fmt: skip


def without_lengths(how: dict[str, Any]) -> dict[str, Any]:
    """The settings of the convolution itself."""
    return {key: value for key, value in how.items() if key != "lengths"}


_conv_transpose: Gate = gate(
    conv_by_input, name="conv_transpose", symbol="∗ᵀ",
    rule="w·g added over windows → Σ over windows of w·u, Σ g·u", pattern="mixes", linear="each",
    vjp=(
        lambda u, out, g, w, **how: apply_or_compute(_conv, u, w, **without_lengths(how)),
        lambda u, out, g, w, **how: back_to_kernel(
            u, g, np.shape(w)[2:], without_lengths(how)
        ),
    ),
)  # fmt: skip

_conv_weights: Gate = gate(
    conv_by_kernel, name="conv_weights", symbol="⋆",
    rule="Σ g·x over windows → Σ g·u, Σ over windows of u·x", pattern="mixes", linear="each",
    vjp=(
        lambda u, out, x, g, **how: back_to_input(g, u, np.shape(x)[2:], without_lengths(how)),
        lambda u, out, x, g, **how: apply_or_compute(_conv, x, u, **without_lengths(how)),
    ),
)  # fmt: skip


def channels_fit(name: str, x: Any, w: Any, groups: Any, channels: int, axis: int) -> int:
    """The number of groups; raises where channels, kernel and groups do not go together."""
    (groups,) = per_axis(name, "groups", groups, 1, 1)
    if axis == 0 and x.shape[1] == channels and channels % groups == 0:
        return groups
    if axis == 1 and x.shape[1] == channels * groups and w.shape[0] % groups == 0:
        return groups
    said = f", groups={groups}" if groups > 1 else ""
    if axis == 1 and x.shape[1] == channels * groups:
        raise ShapeError(
            f"{name}() of {x.shape} by a kernel {w.shape}{said}: the {w.shape[0]} channels of the "
            f"result must be a multiple of groups={groups}"
        )
    if axis == 0:
        raise ShapeError(
            f"{name}() of {x.shape} by a kernel {w.shape}{said}: the input has {x.shape[1]} "
            f"channels and the kernel takes {channels}"
            + (f", which must be a multiple of groups={groups}" if groups > 1 else "")
        )
    raise ShapeError(
        f"{name}() of {x.shape} by a kernel {w.shape}{said}: the input has {x.shape[1]} channels, "
        f"and the kernel takes {channels} for each of {groups} group{'s'[: groups > 1]}; a kernel "
        f"is (out, in/groups, *lengths)"
    )


def conv(
    x: Any, w: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Tensor:
    """The convolution of networks: at each place, the sum of a window of `x` times the kernel.

    (It is what mathematics calls a correlation: the kernel is not mirrored.) The length of the
    result along an axis is ``(n + padding − dilation·(k − 1) − 1) // stride + 1``, the padding on
    both sides counted. Arguments mean what they do in PyTorch.

    Parameters
    ----------
    x : (N, C, L), (N, C, H, W) or (N, C, D, H, W); without N, one example.
    w : (O, C/groups, *lengths), a kernel for each of the O channels of the result.
    stride, dilation : how far windows are apart, and the entries of one window; a number, or one
        for each spatial axis.
    padding : zeros on both sides of each axis, likewise; "valid" for none; "same" for as many as
        give a result of the length of `x`, with the odd one after it (stride 1 alone).
    groups : into how many parts the channels are cut, each with kernels of its own; C of them make
        a depthwise convolution.

    Raises
    ------
    ShapeError (a ValueError): channels that do not fit, a kernel longer than the padded input.
    DataError (a TypeError): settings that are no whole numbers.

    Examples
    --------
    >>> import autograd as ag
    >>> x = ag.Tensor([[[1.0, 2.0, 4.0, 8.0]]])
    >>> w = ag.Tensor([[[1.0, -1.0]]])
    >>> y = ag.conv(x, w)
    >>> y.sum().backward()
    >>> y.data, w.grad
    (array([[[-1., -2., -4.]]]), array([[[ 7., 14.]]]))
    >>> ag.conv(x, w, padding="same").shape
    (1, 1, 4)
    """
    w, n = kernel_axes("conv", w, "out, in/groups")
    x, single = batched("conv", x, n)
    groups = channels_fit("conv", x, w, groups, w.shape[1], 1)
    stride = per_axis("conv", "stride", stride, n, 1)
    dilation = per_axis("conv", "dilation", dilation, n, 1)
    pairs = paddings("conv", padding, w.shape[2:], stride, dilation)
    windows_on("conv", x.shape[2:], w.shape[2:], stride, pairs, dilation)
    how = {"stride": stride, "padding": pairs, "dilation": dilation, "groups": groups}
    out = apply(_conv, (x, w), how)
    return out[0] if single else out


def conv_transpose(
    x: Any,
    w: Any,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """The transpose of `conv` as a linear map, by which networks enlarge: each entry of `x` adds
    the kernel, times itself, to a window of the result.

    The length of the result along an axis is ``(n − 1)·stride − 2·padding + dilation·(k − 1) +
    output_padding + 1``. Arguments mean what they do in PyTorch.

    Parameters
    ----------
    x : (N, C, *spatial) with one to three spatial axes; without N, one example.
    w : (C, O/groups, *lengths).
    stride, dilation : how far windows of the result are apart, and the entries of one window.
    padding : how much is cut off on both sides.
    output_padding : how much longer the result is at its end: less than the stride or dilation.
    groups : into how many parts the channels are cut.

    Raises ShapeError (a ValueError) where channels do not fit or nothing is left, DataError (a
    TypeError) for settings that are no whole numbers.

    >>> import autograd as ag
    >>> x = ag.Tensor([[[1.0, 10.0]]])
    >>> ag.conv_transpose(x, [[[1.0, 2.0, 3.0]]], stride=2).data
    array([[[ 1.,  2., 13., 20., 30.]]])
    """
    name = "conv_transpose"
    w, n = kernel_axes(name, w, "in, out/groups")
    x, single = batched(name, x, n)
    groups = channels_fit(name, x, w, groups, w.shape[0], 0)
    stride = per_axis(name, "stride", stride, n, 1)
    padding = per_axis(name, "padding", padding, n, 0)
    extra = per_axis(name, "output_padding", output_padding, n, 0)
    dilation = per_axis(name, "dilation", dilation, n, 1)
    lengths = []
    axes = zip(x.shape[2:], w.shape[2:], stride, padding, dilation, extra, strict=True)
    for axis, (m, k, s, p, d, more) in enumerate(axes):
        if more >= max(s, d):
            raise ShapeError(
                f"{name}(output_padding={output_padding}) must be less than the stride or the "
                f"dilation, {s} and {d} along spatial axis {axis}"
            )
        length = (m - 1) * s - 2 * p + d * (k - 1) + more + 1
        if m < 1 or k < 1 or length < 1:
            raise ShapeError(
                f"{name}() of {x.shape} by a kernel {w.shape} leaves nothing along spatial axis "
                f"{axis}: (n − 1)·stride − 2·padding + dilation·(k − 1) + 1 is {length}; write a "
                "smaller padding"
            )
        lengths.append(length)
    how = {
        "stride": stride, "dilation": dilation, "groups": groups, "lengths": tuple(lengths),
        # Of the convolution whose transpose it is, which leaves the longer end unread.
        "padding": tuple((p, p - more) for p, more in zip(padding, extra, strict=True)),
    }  # fmt: skip
    out = apply(_conv_transpose, (x, w), how)
    return out[0] if single else out


# ---- windows beside each other


@primitive("unfold")
def unfolded(a: Any, lengths: Any, stride: Any, padding: Any, dilation: Any) -> Any:
    """The entries of each window as a column."""
    a = as_array(a)
    windows = windows_on("unfold", a.shape[2:], lengths, stride, padding, dilation)
    n, channels = a.shape[:2]
    out: Any = np.zeros((n, channels, *lengths, *windows.counts), a.dtype)
    lead = (slice(None),) * 2
    for places, parts, entries in windows.taps():
        out[(*lead, *places, *parts)] = a[(*lead, *entries)]
    return out.reshape(n, channels * math.prod(lengths), math.prod(windows.counts))


@primitive("fold")
def folded_back(a: Any, lengths: Any, stride: Any, padding: Any, dilation: Any, inputs: Any) -> Any:
    """The columns added back to where their windows lie."""
    a = as_array(a)
    windows = windows_on("fold", inputs, lengths, stride, padding, dilation)
    n, channels = a.shape[0], a.shape[1] // math.prod(lengths)
    out = np.zeros((n, channels, *inputs), wide(np.empty(0, a.dtype)).dtype)
    add_taps(out, a.reshape(n, channels, *lengths, *windows.counts), windows)
    return as_kind(out, a.dtype.newbyteorder("=")) if is_half(a) else out


_unfold: Gate = gate(
    unfolded, name="unfold", symbol="windows", rule="windows as columns → their sum",
    pattern="copies", linear="jointly",
    vjp=(lambda g, out, a, **how: apply_or_compute(_fold, g, inputs=np.shape(a)[2:], **how),),
)  # fmt: skip

_fold: Gate = gate(
    folded_back, name="fold", symbol="fold", rule="windows added → windows as columns",
    pattern="moves", linear="jointly",
    vjp=(lambda g, out, a, inputs, **how: apply_or_compute(_unfold, g, **how),),
)  # fmt: skip


def unfold(
    x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """All windows of an input as columns: (N, C·entries of a window, windows).

    A convolution is a product of the kernel, as a matrix, with these columns. Arguments mean what
    they do in PyTorch, and there may be one to three spatial axes.

    Parameters
    ----------
    x : (N, C, *spatial); without N, one example.
    kernel_size : the lengths of a window; one number counts for all axes of a batch.
    dilation, padding, stride : as of `conv`.

    Raises ShapeError (a ValueError) where no window fits, DataError (a TypeError) for settings that
    are no whole numbers.

    >>> import autograd as ag
    >>> ag.unfold(ag.Tensor([[[1.0, 2.0, 3.0]]]), 2).data
    array([[[1., 2.],
            [2., 3.]]])
    """
    x, lengths, how, single = settings_of_windows(
        "unfold", x, kernel_size, stride, padding, dilation
    )
    out = apply(_unfold, (x,), {"lengths": lengths, **how})
    return out[0] if single else out


def settings_of_windows(
    name: str, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, fits: bool = True
) -> tuple[Any, tuple[int, ...], dict[str, Any], bool]:
    """A batch, the lengths of a window, the gate's settings, and whether it was one example."""
    x = as_operand(x)
    several = isinstance(kernel_size, (tuple, list))
    n = len(kernel_size) if several else max(x.ndim - 2, 1)
    if not 1 <= n <= 3:
        raise ShapeError(
            f"{name}() expects an input (N, C, *spatial) with one to three spatial axes, and "
            f"received {x.shape}"
        )
    x, single = batched(name, x, n)
    lengths = per_axis(name, "kernel_size", kernel_size, n, 1)
    dilation = per_axis(name, "dilation", dilation, n, 1)
    stride = per_axis(name, "stride", stride, n, 1)
    pairs = paddings(name, padding, lengths, stride, dilation)
    if fits:
        windows_on(name, x.shape[2:], lengths, stride, pairs, dilation)
    return x, lengths, {"stride": stride, "padding": pairs, "dilation": dilation}, single


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
