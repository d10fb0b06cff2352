"""Windows beside each other: what a kernel that slides reads, as columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index as as_int
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, as_operand
from autograd.errors import DataError, ShapeError
from autograd.gates.indexing import index
from autograd.gates.primitives import primitive
from autograd.gates.reductions import wide
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.sliding import Windows, add_taps
from autograd.tensor import Tensor

__all__ = ["unfold"]

FEW = 36
"""Windows up to which a picture shows each of them."""


# ---- what users say about windows


def per_axis(name: str, key: str, given: Any, n: int, least: int) -> tuple[int, ...]:
    """A whole number for each of `n` spatial axes; one number counts for all of them."""
    parts = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    parts = parts * n if len(parts) == 1 else parts
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


PLAIN = {"groups": 1, "stride": 1, "dilation": 1, "padding": (0, 0)}
"""What a gate's settings do not say: along each axis, or once."""


def said(**how: Any) -> dict[str, Any]:
    """The settings of a gate, without those that change nothing."""
    return {
        key: value
        for key, value in how.items()
        if value != PLAIN.get(key) and (type(value) is not tuple or set(value) != {PLAIN.get(key)})
    }


def windows_on(
    name: str,
    inputs: tuple[int, ...],
    lengths: tuple[int, ...],
    stride: tuple[int, ...] | None = None,
    padding: tuple[tuple[int, int], ...] | None = None,
    dilation: tuple[int, ...] | None = None,
) -> Windows:
    """The windows of an input; raises where not one of them fits."""
    found = windows_at(inputs, lengths, inputs, stride, padding, dilation)
    counts = []
    for axis, (n, k, s, d) in enumerate(
        zip(inputs, lengths, found.stride, found.dilation, strict=True)
    ):
        room, span = n + (sum(padding[axis]) if padding else 0), d * (k - 1) + 1
        if k < 1 or span > room:
            padded = f", with padding {room}," if room != n else ""
            dilated = f" (dilated, {span})" if d > 1 else ""
            raise ShapeError(
                f"{name}() expects windows that fit: along spatial axis {axis} the input has {n} "
                f"entries{padded} and the window {k}{dilated}; write a larger padding, or a "
                "smaller window"
            )
        counts.append((room - span) // s + 1)
    return found._replace(counts=tuple(counts))


def windows_at(
    inputs: tuple[int, ...],
    lengths: tuple[int, ...],
    counts: tuple[int, ...],
    stride: tuple[int, ...] | None = None,
    padding: tuple[tuple[int, int], ...] | None = None,
    dilation: tuple[int, ...] | None = None,
) -> Windows:
    """So many windows of an input, and what a gate's settings leave unsaid."""
    ones = (1,) * len(lengths)
    before = tuple(before for before, _ in padding) if padding else (0,) * len(lengths)
    return Windows(lengths, stride or ones, dilation or ones, before, inputs, counts)


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


# ---- the gates


@primitive("unfold")
def unfolded(a: Any, kernel_size: Any, **how: Any) -> Any:
    """The entries of each window as a column."""
    a = as_array(a)
    windows = windows_on("unfold", a.shape[2:], kernel_size, **how)
    n, channels = a.shape[:2]
    out: Any = np.zeros((n, channels, *kernel_size, *windows.counts), a.dtype)
    lead = (slice(None),) * 2
    for places, parts, entries in windows.taps():
        out[(*lead, *places, *parts)] = a[(*lead, *entries)]
    return out.reshape(n, channels * math.prod(kernel_size), math.prod(windows.counts))


@primitive("fold")
def folded_back(a: Any, kernel_size: Any, inputs: Any, **how: Any) -> Any:
    """The columns added back to where their windows lie."""
    a = as_array(a)
    windows = windows_on("fold", inputs, kernel_size, **how)
    n, channels = a.shape[0], a.shape[1] // math.prod(kernel_size)
    out = np.zeros((n, channels, *inputs), wide(np.empty(0, a.dtype)).dtype)
    add_taps(out, a.reshape(n, channels, *kernel_size, *windows.counts), windows)
    return out if out.dtype.itemsize == a.dtype.itemsize else out.astype(a.dtype)


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
    windows_on("unfold", x.shape[2:], lengths, **how)
    out = apply(_unfold, (x,), {"kernel_size": lengths, **said(**how)})
    return out[0] if single else out


def settings_of_windows(
    name: str, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any
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
    return x, lengths, {"stride": stride, "padding": pairs, "dilation": dilation}, single


NUMPY: dict[Any, Any] = {}
METHODS: dict[str, Any] = {}
