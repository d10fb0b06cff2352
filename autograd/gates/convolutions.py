"""Convolution as networks have it: a neuron that slides, and shares its weights.

Arrays are (N, C, *spatial), kernels (O, C/groups, *lengths), as PyTorch has them. A convolution is
linear in each of its two operands. So is its gradient by either of them, and the three functions
are each other's derivatives.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, as_operand
from autograd.errors import ShapeError
from autograd.gates.primitives import primitive
from autograd.gates.reductions import wide
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.shapes import reshape, stack
from autograd.gates.sliding import by_input, by_kernel, convolved
from autograd.gates.windows import (
    FEW,
    batched,
    paddings,
    per_axis,
    said,
    unfold,
    windows_at,
    windows_on,
)
from autograd.tensor import Tensor

__all__ = ["conv", "conv_transpose"]


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
def conv_forward(x: Any, w: Any, groups: int = 1, **how: Any) -> Any:
    """Σ over windows of the kernel times the input."""
    x, w, kind = in_common(x, w)
    windows = windows_on("conv", x.shape[2:], w.shape[2:], **how)
    return as_kind(convolved(x, w, windows, groups), kind)


@primitive("conv_transpose")
def conv_by_input(g: Any, w: Any, lengths: Any, groups: int = 1, **how: Any) -> Any:
    """The gradient by the input: each window's upstream times the kernel, added where it lies."""
    g, w, kind = in_common(g, w)
    windows = windows_at(lengths, w.shape[2:], g.shape[2:], **how)
    return as_kind(by_input(g.astype(w.dtype, copy=False), w, windows, groups), kind)


@primitive("conv_weights")
def conv_by_kernel(x: Any, g: Any, lengths: Any, groups: int = 1, **how: Any) -> Any:
    """The gradient by the kernel: the upstream times the entries of its window, added up."""
    x, g, kind = in_common(x, g)
    windows = windows_at(x.shape[2:], lengths, g.shape[2:], **how)
    shape = (g.shape[1], x.shape[1] // groups, *lengths)
    return as_kind(by_kernel(x, g, windows, groups, shape), kind)


def back_to_input(g: Any, w: Any, x: Any, how: dict[str, Any]) -> Any:
    """In a rule: the gate of the gradient by the input `x`."""
    return apply_or_compute(_conv_transpose, g, w, **how, lengths=np.shape(x)[2:])


def back_to_kernel(x: Any, g: Any, w: Any, how: dict[str, Any]) -> Any:
    """In a rule: the gate of the gradient by the kernel `w`."""
    return apply_or_compute(_conv_weights, x, g, **how, lengths=np.shape(w)[2:])


def neuron_that_slides(x: Any, w: Any, groups: int = 1, **how: Any) -> Tensor:
    """The same written with other gates: of a few windows, each read by itself and multiplied by
    the kernel, whose wire forks to them all; of many, all windows beside each other."""
    windows = windows_on("conv", x.shape[2:], w.shape[2:], **how)
    n, outputs, counts = x.shape[0], w.shape[0], windows.counts
    if "padding" in how:
        x = np.pad(x, ((0, 0), (0, 0), *how["padding"]))
    if groups == 1 and math.prod(counts) <= FEW:
        axes = tuple(range(1, w.ndim))
        results = []
        for place in np.ndindex(*counts):
            key = tuple(
                slice(q * s, q * s + d * (k - 1) + 1, d if d > 1 else None)
                for q, s, d, k in zip(
                    place, windows.stride, windows.dilation, windows.lengths, strict=True
                )
            )
            window = x[(slice(None), slice(None), *key)]
            if outputs == 1:  # one neuron: products, and their sum
                results.append(np.sum(window * w, axis=axes))
            else:
                results.append(np.tensordot(window, w, (axes, axes)))
        return reshape(stack(results, axis=-1), (n, outputs, *counts))
    entries = unfold(x, windows.lengths, windows.dilation, 0, windows.stride)
    _, total, places = entries.shape
    entries = reshape(entries, (n, groups, total // groups, places))
    kernel = reshape(w, (groups, outputs // groups, total // groups))
    return reshape(kernel @ entries, (n, outputs, *counts))


_conv: Gate = gate(
    conv_forward, name="conv", symbol="conv", rule="Σ over windows of w·x → Σ g·w, Σ g·x",
    pattern="mixes", linear="each", expansion=neuron_that_slides,
    vjp=(
        lambda g, out, x, w, **how: back_to_input(g, w, x, how),
        lambda g, out, x, w, **how: back_to_kernel(x, g, w, how),
    ),
)  # fmt: skip

_conv_transpose: Gate = gate(
    conv_by_input, name="conv_transpose", symbol="convᵀ",
    rule="w·g added over windows → Σ over windows of w·u, Σ g·u", pattern="mixes", linear="each",
    vjp=(
        lambda u, out, g, w, lengths, **how: apply_or_compute(_conv, u, w, **how),
        lambda u, out, g, w, lengths, **how: back_to_kernel(u, g, w, how),
    ),
)  # fmt: skip

_conv_weights: Gate = gate(
    conv_by_kernel, name="conv_weights", symbol="⋆",
    rule="Σ g·x over windows → Σ g·u, Σ over windows of u·x", pattern="mixes", linear="each",
    vjp=(
        lambda u, out, x, g, lengths, **how: back_to_input(g, u, x, how),
        lambda u, out, x, g, lengths, **how: apply_or_compute(_conv, x, u, **how),
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
    how = said(stride=stride, padding=pairs, dilation=dilation, groups=groups)
    windows_on("conv", x.shape[2:], w.shape[2:], stride, pairs, dilation)
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
                f"{axis}: (n − 1)·stride − 2·padding + dilation·(k − 1) + output_padding + 1 is "
                f"{length}; write a smaller padding"
            )
        lengths.append(length)
    # Of the convolution whose transpose it is, which leaves the longer end unread.
    pairs = tuple((p, p - more) for p, more in zip(padding, extra, strict=True))
    how = said(stride=stride, padding=pairs, dilation=dilation, groups=groups)
    how["lengths"] = tuple(lengths)
    out = apply(_conv_transpose, (x, w), how)
    return out[0] if single else out


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
