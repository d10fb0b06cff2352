"""Convolution and pooling in JAX: XLA's convolution, and windows as strided slices.

A gradient by what a linear function takes is `jax.linear_transpose` of it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.gates.pooling import divisors, lowest, windows_of
from autograd.gates.sliding import Windows
from autograd.gates.windows import windows_on

__all__ = ["WINDOWS"]


def conv(
    x: Any, w: Any, stride: Any = None, padding: Any = None, dilation: Any = None, groups: int = 1
) -> Any:
    """What a gate's settings leave unsaid is 1 along each axis, and no padding."""
    kind, ones = jnp.result_type(x, w), (1,) * (w.ndim - 2)
    return lax.conv_general_dilated(
        jnp.asarray(x, kind), jnp.asarray(w, kind), stride or ones, padding or [(0, 0)] * len(ones),
        rhs_dilation=dilation or ones, feature_group_count=groups,
    )  # fmt: skip


def adjoint(function: Callable[[Any], Any], shape: tuple[int, ...], g: Any) -> Any:
    """What a linear function's transpose makes of `g`, which it has in the place of its result.

    Of whole numbers by way of floats: of them JAX transposes a convolution to nothing (float0).
    """
    kind = g.dtype if g.dtype.kind == "f" else jnp.dtype(float)
    made = jax.linear_transpose(function, jax.ShapeDtypeStruct(shape, kind))(g.astype(kind))[0]
    return made if kind == g.dtype else made.astype(int)


def conv_by_input(g: Any, w: Any, lengths: Any, groups: int = 1, **how: Any) -> Any:
    shape = (len(g), w.shape[1] * groups, *lengths)
    g = jnp.asarray(g, jnp.result_type(g, w))
    return adjoint(lambda x: conv(x, w, groups=groups, **how), shape, g)


def conv_by_kernel(x: Any, g: Any, lengths: Any, groups: int = 1, **how: Any) -> Any:
    shape = (g.shape[1], x.shape[1] // groups, *lengths)
    g = jnp.asarray(g, jnp.result_type(g, x))
    return adjoint(lambda w: conv(x, w, groups=groups, **how), shape, g)


def taps(a: Any, windows: Windows, outside: Any) -> Any:
    """The entries of each window, along an axis after the channels; `outside` of the input."""
    axes = list(
        zip(windows.counts, windows.stride, windows.dilation, windows.lengths, windows.inputs,
            windows.before, strict=True)
    )  # fmt: skip
    after = [(m - 1) * s + (k - 1) * d + 1 - n - before for m, s, d, k, n, before in axes]
    edges = [(0, 0, 0)] * 2 + [(b, e, 0) for b, e in zip(windows.before, after, strict=True)]
    a = lax.pad(jnp.asarray(a), jnp.asarray(outside, a.dtype), edges)
    found = []
    for places in itertools.product(*map(range, windows.lengths)):
        starts = [j * d for j, d in zip(places, windows.dilation, strict=True)]
        stops = [i + (m - 1) * s + 1 for i, (m, s, *_) in zip(starts, axes, strict=True)]
        found.append(lax.slice(a, (0, 0, *starts), (*a.shape[:2], *stops), (1, 1, *windows.stride)))
    return jnp.stack(found, 2)


def unfold(a: Any, kernel_size: Any, **how: Any) -> Any:
    parts = taps(a, windows_on("unfold", a.shape[2:], kernel_size, **how), 0)
    n, channels, size, *counts = parts.shape
    return parts.reshape(n, channels * size, math.prod(counts))


def fold(a: Any, inputs: Any, **how: Any) -> Any:
    shape = (len(a), a.shape[1] // math.prod(how["kernel_size"]), *inputs)
    return adjoint(lambda x: unfold(x, **how), shape, a)


def max_pool(a: Any, **how: Any) -> Any:
    return jnp.max(taps(a, windows_of(a.shape[2:], how), lowest(a.dtype)), 2)


def winners(a: Any, largest: Any, windows: Windows) -> tuple[Any, Any]:
    """Which entries of each window reach its maximum, and how many; where that is nan, those that
    are."""
    inside = taps(np.ones((1, 1, *a.shape[2:]), np.float32), windows, 0) > 0
    parts, most = taps(a, windows, 0), jnp.expand_dims(jnp.asarray(largest), 2)
    hit = inside & ((parts == most) | (jnp.isnan(most) & jnp.isnan(parts)))
    return hit, jnp.maximum(hit.sum(2), 1)


def max_unpool(g: Any, inputs: Any, largest: Any, **how: Any) -> Any:
    windows = windows_of(inputs.shape[2:], how)
    hit, n = winners(inputs, largest, windows)
    shared = jnp.where(hit, jnp.expand_dims(g / n.astype(g.dtype), 2), 0.0)
    return adjoint(lambda x: taps(x, windows, 0), inputs.shape, shared)


def max_taken(t: Any, inputs: Any, largest: Any, **how: Any) -> Any:
    windows = windows_of(inputs.shape[2:], how)
    hit, n = winners(inputs, largest, windows)
    return jnp.where(hit, taps(t, windows, 0), 0.0).sum(2) / n.astype(t.dtype)


def avg_pool(a: Any, **how: Any) -> Any:
    windows = windows_of(a.shape[2:], how)
    kind = a.dtype if a.dtype.kind == "f" else float
    return taps(a, windows, 0).sum(2) / jnp.asarray(divisors(windows, how), kind)


def avg_unpool(g: Any, inputs: Any, **how: Any) -> Any:
    shape = (*g.shape[:2], *inputs)
    return adjoint(lambda x: avg_pool(x, **how), shape, jnp.asarray(g))


WINDOWS: dict[str, Callable[..., Any]] = {
    "avg_pool": avg_pool, "avg_unpool": avg_unpool, "conv": conv, "conv_transpose": conv_by_input,
    "conv_weights": conv_by_kernel, "fold": fold, "max_pool": max_pool,
    "max_pool of a tangent": max_taken, "max_unpool": max_unpool, "unfold": unfold,
}  # fmt: skip
"""By the names that a listing shows."""
