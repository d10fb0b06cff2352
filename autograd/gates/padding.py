"""Padding and windows: a border around an array, and the windows that slide over it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view as windows_of

from autograd.eager import apply, as_operand, explain, value_of
from autograd.errors import ShapeError, UnsupportedError
from autograd.gates.balancing import along
from autograd.gates.indexing import placed
from autograd.gates.primitives import primitive
from autograd.gates.reductions import without_gradient
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.shapes import in_dtype
from autograd.tensor import Tensor

__all__ = ["pad", "sliding_window_view"]

MODES = ("constant", "edge", "mean", "reflect", "symmetric", "wrap")
"""Modes of the gate itself."""

OPTIONS = {
    "linear_ramp": "end_values", "maximum": "stat_length", "median": "stat_length",
    "minimum": "stat_length",
}  # fmt: skip
"""Modes made of other gates, and the option that each has."""


def pad_vjp(g: Any, out: Any, a: Any, pad_width: Any, mode: Any, **settings: Any) -> Any:
    """The upstream inside the border; what a border repeats adds its own."""
    shape = np.shape(a)
    if not shape:
        return g
    if mode == "mean":
        return mean_vjp(g, shape, pad_width, _pairs(settings.get("stat_length"), len(shape)))
    if mode == "constant":
        pairs = zip(shape, pad_width, strict=True)
        return g[tuple(slice(before, before + n) for n, (before, _) in pairs)]
    sources = [
        np.pad(np.arange(n), widths, mode) for n, widths in zip(shape, pad_width, strict=True)
    ]
    return placed(g, np.ix_(*sources), shape)


def mean_vjp(g: Any, shape: Any, pad_width: Any, lengths: Any) -> Any:
    """The upstream inside the border, and its share of the border's for each entry averaged."""
    for axis in reversed(range(len(shape))):  # the last border was made of the others' too
        n, (before, after) = shape[axis], pad_width[axis]
        start, stop = (n if k is None else min(k, n) for k in lengths[axis])
        total = g[along(axis, slice(before, before + n))]
        for width, k, part, first in (
            (before, start, slice(before), 0), (after, stop, slice(before + n, None), n - stop),
        ):  # fmt: skip
            if width:
                mean = np.sum(g[along(axis, part)], axis=axis, keepdims=True) / k
                places = np.arange(n).reshape([-1 if i == axis else 1 for i in range(len(shape))])
                total = total + np.where((places >= first) & (places < first + k), mean, 0.0)
        g = total
    return g


def pad_jvp(tangents: Any, out: Any, a: Any, pad_width: Any, mode: Any, **settings: Any) -> Any:
    """The tangent, padded in the same way; a constant border has none."""
    how = {key: value for key, value in settings.items() if key != "constant_values"}
    return np.pad(tangents[0], pad_width or 0, mode, **how)


_pad = gate(
    lambda a, pad_width, mode, **settings: np.pad(a, pad_width or 0, mode, **settings),
    name="pad", symbol="pad", rule="border added → border cut off", pattern="moves",
    vjp=(pad_vjp,), jvp=pad_jvp,
)  # fmt: skip


def _statistic(mode: str, chunk: Any, axis: int) -> Any:
    """What a border of a mode repeats, of the entries beside it."""
    functions: dict[str, Any] = {"maximum": np.max, "minimum": np.min, "median": np.median}
    result = functions[mode](chunk, axis=axis, keepdims=True)
    kind = chunk.dtype
    return result if result.dtype == kind else result.astype(kind)


def _with_statistics(a: Any, widths: Any, mode: str, lengths: Any) -> Any:
    """A border of statistics along each axis in turn, so that corners are statistics of borders."""
    for axis, (before, after) in enumerate(widths):
        n = a.shape[axis]
        start, stop = (n if k is None or k > n else k for k in lengths[axis])
        parts = [a]
        if before:
            border = _statistic(mode, a[along(axis, slice(start))], axis)
            parts.insert(0, np.repeat(border, before, axis=axis))
        if after:
            border = _statistic(mode, a[along(axis, slice(n - stop, None))], axis)
            parts.append(np.repeat(border, after, axis=axis))
        if len(parts) > 1:
            a = np.concatenate(parts, axis=axis)
    return a


def _with_ramps(a: Any, widths: Any, ends: Any) -> Any:
    """A border along each axis in turn that runs straight from an end's value to the edge."""
    for axis, (before, after) in enumerate(widths):
        kind: Any = a.dtype
        parts: list[Any] = [a]
        lead: tuple[Any, ...] = (slice(None),) * axis
        for width, end, key in ((before, ends[axis][0], 0), (after, ends[axis][1], -1)):
            if width:
                edge = a[(*lead, key)]
                ramp = np.linspace(end, edge, width, endpoint=False, dtype=kind, axis=axis)
                if key:
                    parts.append(np.flip(ramp, axis))
                else:
                    parts.insert(0, ramp)
        if len(parts) > 1:
            a = np.concatenate(parts, axis=axis)
    return a


def pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Tensor:
    """A border around an array, of a constant or of the array's own entries.

    Parameters
    ----------
    pad_width : how many entries before and after, for each axis: ``((1, 2), (0, 0))``; a pair or a
        number counts for all axes; a dict names axes.
    mode : "constant" (with `constant_values`, plain numbers), "edge", "reflect", "symmetric" or
        "wrap"; "linear_ramp" (with `end_values`, plain numbers); "maximum", "mean", "median" or
        "minimum" (with `stat_length`, of how many entries). Others ("empty", a function) and
        ``reflect_type="odd"`` raise `UnsupportedError`.

    Examples
    --------
    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0, 3.0])
    >>> padded = ag.pad(t, (2, 1), mode="reflect")
    >>> padded.data
    array([3., 2., 1., 2., 3., 2.])
    >>> padded.sum().backward()
    >>> t.grad
    array([1., 3., 2.])
    """
    if mode not in (*MODES, *OPTIONS):
        raise UnsupportedError(
            f"pad(mode={mode!r}) has no rule for a Tensor: it knows "
            f"{', '.join((*MODES, *OPTIONS))}; join a border of your own with np.concatenate"
        )
    if kwargs.get("reflect_type", "even") != "even":
        raise UnsupportedError(
            "pad(reflect_type='odd') has no rule for a Tensor: subtract a reflected border from "
            "twice the edge with np.concatenate"
        )
    if type(kwargs.get("constant_values")) is Tensor:
        raise UnsupportedError(
            "pad(constant_values=...) expects plain numbers and received a Tensor: pad with zeros "
            "and add the Tensor where the border is, or join the parts with np.concatenate"
        )
    widths = _widths(pad_width, np.ndim(value_of(array)))
    if mode in OPTIONS:
        return _composed(as_operand(array), widths, mode, kwargs)
    return apply(_pad, (array,), {"pad_width": widths, "mode": mode, **kwargs})


def _composed(a: Any, widths: Any, mode: str, given: dict[str, Any]) -> Any:
    """A border made of other gates. What NumPy itself refuses, it refuses here."""
    option = OPTIONS[mode]
    value = without_gradient("pad", option, given.get(option))
    how: dict[str, Any] = given | ({} if value is None else {option: value})
    try:
        np.pad(np.zeros(a.shape, a.dtype), widths or 0, mode, **how)  # type: ignore[call-overload]  # NumPy's stubs list the modes
    except (ValueError, TypeError) as error:
        raise explain("pad", (a,), {"pad_width": widths, "mode": mode, **given}, error) from error
    if mode == "linear_ramp":
        out = _with_ramps(a, widths, _pairs(0 if value is None else value, a.ndim))
    else:
        out = _with_statistics(a, widths, mode, _pairs(value, a.ndim))
    return in_dtype(out, a.dtype)  # joining makes the byte order the machine's, and padding not


def _pairs(given: Any, ndim: int) -> Any:
    """What was given for the two ends of each axis."""
    if given is None:
        return [[None, None]] * ndim
    pairs = np.broadcast_to(given, (ndim, 2))
    # NumPy's own way: one number or one pair keeps its dtype, which a ramp is computed in.
    return list(pairs) if np.size(given) <= 2 else pairs.tolist()


def _widths(pad_width: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    """The widths before and after, for each axis."""
    if isinstance(pad_width, dict):
        named = {axis % ndim: width for axis, width in pad_width.items() if -ndim <= axis < ndim}
        if len(named) != len(pad_width):
            raise ShapeError(f"pad_width={pad_width} names axes that {ndim} axes do not have")
        pairs = [np.broadcast_to(named.get(axis, 0), 2).tolist() for axis in range(ndim)]
        return tuple((before, after) for before, after in pairs)
    try:
        pairs = np.broadcast_to(np.asarray(pad_width), (ndim, 2)).tolist()
    except ValueError as error:
        raise ShapeError(
            f"pad_width must give a pair for each of {ndim} axes, received {pad_width}"
        ) from error
    return tuple((before, after) for before, after in pairs)


# ---- sliding windows: reading with overlaps, and adding with overlaps, each the other's derivative


@primitive("overlap_add")
def overlapped(a: Any, window_shape: tuple[int, ...], axis: tuple[int, ...], shape: Any) -> Any:
    """Windows added back where they were read: the sum of as many shifted arrays as one has."""
    out = np.zeros(shape, dtype=a.dtype)
    add_windows(out, a, window_shape, axis)
    return out


def add_windows(total: Any, a: Any, window_shape: tuple[int, ...], axis: tuple[int, ...]) -> None:
    """The same, added to what is there."""
    lead = (slice(None),) * total.ndim
    counts = a.shape[: total.ndim]
    for offsets in itertools.product(*map(range, window_shape)):
        starts = [0] * total.ndim
        for number, offset in zip(axis, offsets, strict=True):
            starts[number] += offset
        target = tuple(slice(s, s + n) for s, n in zip(starts, counts, strict=True))
        total[target] += a[(*lead, *offsets)]


_windows = gate(
    lambda a, window_shape, axis: windows_of(a, window_shape, axis), name="sliding_window_view",
    symbol="windows", rule="overlapping windows → their sum", pattern="copies",
    vjp=(lambda g, out, a, **where: apply_or_compute(_overlap_add, g, shape=np.shape(a), **where),),
    linear="jointly", into=add_windows,
)  # fmt: skip

_overlap_add: Gate = gate(
    overlapped, name="overlap_add", symbol="overlap", rule="windows added → windows read",
    pattern="moves",
    vjp=(lambda g, out, a, window_shape, axis, shape: windows_of(g, window_shape, axis),),
    linear="jointly",
)  # fmt: skip


def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Tensor:
    """All windows of a shape: an array read with overlaps, as a convolution reads it.

    Nothing is copied forward. Backward, an entry gets the sum over the windows that hold it.

    Parameters
    ----------
    window_shape : the length along each axis named; one for each axis of `x` where none is.
    axis : the axes to slide along; the windows' axes come last in the result.

    Raises
    ------
    ShapeError (a ValueError): a window longer than its axis, or not one length for each axis.

    Examples
    --------
    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0, 3.0, 4.0])
    >>> windows = ag.sliding_window_view(t, 3)
    >>> windows.data
    array([[1., 2., 3.],
           [2., 3., 4.]])
    >>> windows.sum().backward()
    >>> t.grad
    array([1., 2., 2., 1.])
    """
    ndim = np.ndim(value_of(x))
    lengths = tuple(np.ravel(window_shape).tolist())
    axes = tuple(range(ndim)) if axis is None else tuple(np.ravel(axis).tolist())
    if all(-ndim <= k < ndim for k in axes):
        axes = tuple(k % ndim for k in axes)
    return apply(_windows, (x,), {"window_shape": lengths, "axis": axes})


NUMPY = {np.pad: pad, windows_of: sliding_window_view}
METHODS: dict[str, Any] = {}
