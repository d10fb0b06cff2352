"""Convolution and pooling in PyTorch: its own convolution, and windows as strided slices.

A gradient by what a linear function takes is `torch.func.vjp` of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import torch

from autograd.gates.pooling import divisors, windows_of
from autograd.gates.sliding import Windows
from autograd.gates.windows import windows_on
from autograd.program.lowering.torch_numbers import as_tensor, promoted
from autograd.program.lowering.torch_reductions import lowest

__all__ = ["WINDOWS"]

CONVOLUTIONS = [torch.nn.functional.conv1d, torch.nn.functional.conv2d, torch.nn.functional.conv3d]


def padded(a: torch.Tensor, edges: Any, value: float = 0.0) -> torch.Tensor:
    """With entries before and after along the spatial axes; PyTorch names the last axis first."""
    flat = [int(width) for before_and_after in reversed(list(edges)) for width in before_and_after]
    return torch.nn.functional.pad(a, flat, value=value) if any(flat) else a


def conv(
    x: Any, w: Any, stride: Any = None, padding: Any = None, dilation: Any = None, groups: int = 1
) -> Any:
    """What a gate's settings leave unsaid is 1 along each axis, and no padding."""
    x, w = promoted(x, w)
    n = w.ndim - 2
    if padding:
        x = padded(x, padding)
    return CONVOLUTIONS[n - 1](
        x, w, stride=tuple(stride or (1,) * n), dilation=tuple(dilation or (1,) * n), groups=groups
    )


def adjoint(function: Callable[[Any], Any], like: torch.Tensor, g: Any) -> Any:
    """What a linear function's transpose makes of `g`, which it has in the place of its result."""
    return torch.func.vjp(function, torch.zeros_like(like))[1](g)[0]


def conv_by_input(g: Any, w: Any, lengths: Any, groups: int = 1, **how: Any) -> Any:
    g, w = promoted(g, w)
    like = g.new_empty((len(g), w.shape[1] * groups, *lengths))
    return adjoint(lambda x: conv(x, w, groups=groups, **how), like, g)


def conv_by_kernel(x: Any, g: Any, lengths: Any, groups: int = 1, **how: Any) -> Any:
    x, g = promoted(x, g)
    like = g.new_empty((g.shape[1], x.shape[1] // groups, *lengths))
    return adjoint(lambda w: conv(x, w, groups=groups, **how), like, g)


def taps(a: Any, windows: Windows, outside: Any) -> Any:
    """The entries of each window, along an axis after the channels; `outside` of the input."""
    axes = list(
        zip(windows.counts, windows.stride, windows.dilation, windows.lengths, windows.inputs,
            windows.before, strict=True)
    )  # fmt: skip
    after = [(m - 1) * s + (k - 1) * d + 1 - n - before for m, s, d, k, n, before in axes]
    a = padded(as_tensor(a), zip(windows.before, after, strict=True), outside)
    found = []
    for places in itertools.product(*map(range, windows.lengths)):
        starts = [j * d for j, d in zip(places, windows.dilation, strict=True)]
        key = [slice(i, i + (m - 1) * s + 1, s) for i, (m, s, *_) in zip(starts, axes, strict=True)]
        found.append(a[(slice(None), slice(None), *key)])
    return torch.stack(found, 2)


def unfold(a: Any, kernel_size: Any, **how: Any) -> Any:
    parts = taps(a, windows_on("unfold", a.shape[2:], kernel_size, **how), 0)
    n, channels, size, *counts = parts.shape
    return parts.reshape(n, channels * size, math.prod(counts))


def fold(a: Any, inputs: Any, **how: Any) -> Any:
    like = a.new_empty((len(a), a.shape[1] // math.prod(how["kernel_size"]), *inputs))
    return adjoint(lambda x: unfold(x, **how), like, a)


def max_pool(a: Any, **how: Any) -> Any:
    return taps(a, windows_of(a.shape[2:], how), lowest(a.dtype)).amax(2)


def winners(a: Any, largest: Any, windows: Windows) -> tuple[Any, Any]:
    """Which entries of each window reach its maximum, and how many; where that is nan, those that
    are."""
    inside = taps(torch.ones((1, 1, *a.shape[2:])), windows, 0) > 0
    parts, most = taps(a, windows, 0), torch.unsqueeze(as_tensor(largest), 2)
    hit = inside & ((parts == most) | (torch.isnan(most) & torch.isnan(parts)))
    return hit, torch.clamp(hit.sum(2), min=1)


def max_unpool(g: Any, inputs: Any, largest: Any, **how: Any) -> Any:
    inputs, g = as_tensor(inputs), as_tensor(g)
    windows = windows_of(inputs.shape[2:], how)
    hit, n = winners(inputs, largest, windows)
    shared = torch.where(hit, torch.unsqueeze(g / n.to(g.dtype), 2), 0.0)
    return adjoint(lambda x: taps(x, windows, 0), inputs.to(g.dtype), shared)


def max_taken(t: Any, inputs: Any, largest: Any, **how: Any) -> Any:
    windows = windows_of(inputs.shape[2:], how)
    hit, n = winners(as_tensor(inputs), largest, windows)
    return torch.where(hit, taps(t, windows, 0), 0.0).sum(2) / n.to(t.dtype)


def avg_pool(a: Any, **how: Any) -> Any:
    (a,) = promoted(a, floats=True)
    windows = windows_of(a.shape[2:], how)
    return taps(a, windows, 0).sum(2) / as_tensor(divisors(windows, how), a.dtype)


def avg_unpool(g: Any, inputs: Any, **how: Any) -> Any:
    (g,) = promoted(g, floats=True)
    return adjoint(lambda x: avg_pool(x, **how), g.new_empty((*g.shape[:2], *inputs)), g)


WINDOWS: dict[str, Callable[..., Any]] = {
    "avg_pool": avg_pool, "avg_unpool": avg_unpool, "conv": conv, "conv_transpose": conv_by_input,
    "conv_weights": conv_by_kernel, "fold": fold, "max_pool": max_pool,
    "max_pool of a tangent": max_taken, "max_unpool": max_unpool, "unfold": unfold,
}  # fmt: skip
"""By the names that a listing shows."""
