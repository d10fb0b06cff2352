"""Data movement: entries change place, and their gradients travel back the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.data import as_array, as_dtype, is_number, is_traced
from autograd.eager import apply, value_of
from autograd.errors import DataError, ShapeError, UnsupportedError
from autograd.gates.primitives import call, primitive
from autograd.gates.registry import gate
from autograd.keywords import guarded
from autograd.tensor import Tensor, describe

__all__ = [
    "astype", "broadcast_to", "concat", "concatenate", "permute_dims", "reshape", "stack",
    "transpose",
]  # fmt: skip

_reshape = gate(
    # Not np.reshape itself, which takes `shape` by name since NumPy 2.1 only.
    lambda a, shape, order="C", copy=False: (
        np.reshape(a, shape, order=order).copy("K") if copy else np.reshape(a, shape, order=order)
    ),
    name="reshape", symbol="reshape", rule="same entries → same entries",
    pattern="moves",
    vjp=(lambda g, out, a, shape, copy=False: np.reshape(g, np.shape(a)),), linear="jointly",
)  # fmt: skip

_transpose = gate(
    np.transpose, name="transpose", symbol="ᵀ", rule="Aᵀ → gᵀ", pattern="moves",
    vjp=(lambda g, out, a, axes: np.transpose(g, None if axes is None else np.argsort(axes)),),
    linear="jointly",
)  # fmt: skip

identity = gate(
    lambda a: a, name="identity", symbol="=", rule="x → 1", pattern="copies",
    vjp=(lambda g, out, a: g,), linear="jointly",
    doc="The same value as a node of its own.",
)  # fmt: skip

_broadcast_to = gate(
    np.broadcast_to, name="broadcast_to", symbol="copy", rule="copies → their sum",
    pattern="copies",
    vjp=(lambda g, out, a, shape: g,), linear="jointly",
)  # fmt: skip

_astype = gate(
    lambda a, dtype: as_array(a).astype(dtype), name="astype", symbol="astype",
    rule="same values → same gradients", pattern="moves",
    vjp=(lambda g, out, a, dtype: g,), linear="jointly",
)  # fmt: skip


@primitive("number")
def float_of(a: Any) -> float:
    """The sum of an array as a Python float."""
    return float(np.sum(a))


_number = gate(
    float_of, name="number", symbol="Σ", rule="Σx → 1 for each",
    pattern="copies",
    vjp=(lambda g, out, a: np.broadcast_to(g, np.shape(a)),), linear="jointly",
)  # fmt: skip


def as_number(a: Any) -> Any:
    """The sum of an array as a Python float, or as a scalar node of a Tensor."""
    if type(a) is not Tensor:
        return call(float_of, as_array(a))
    return a if is_number(a._value) else apply(_number, (a,))


def reshape(a: Any, shape: Any, order: str = "C", *, copy: bool | None = None) -> Tensor:
    """The same entries in another shape; one length may be -1.

    `order` says which axis runs fastest in both: the last ("C") or the first ("F"). With `copy` the
    entries get memory of their own; with ``copy=False`` a ShapeError (a ValueError) is raised where
    they would have to.

    >>> import autograd as ag
    >>> ag.reshape(ag.Tensor([1.0, 2.0, 3.0, 4.0]), (2, -1)).shape
    (2, 2)
    """
    if copy is not None:
        return _reshaped(a, shape, order, copy)
    if order == "F":
        lengths = tuple(shape)[::-1] if isinstance(shape, (tuple, list)) else shape
        return transpose(reshape(transpose(a), lengths))
    if order != "C":
        raise UnsupportedError(
            f"order={order!r} depends on how an array lies in memory, which a Tensor leaves open: "
            "pass order='C' or order='F'"
        )
    return apply(_reshape, (a,), {"shape": shape})


def _reshaped(a: Any, shape: Any, order: str, copy: bool) -> Tensor:
    """`reshape` where it matters whether the entries are copied."""
    value = value_of(a)
    if not copy and not is_traced(value):
        same = np.reshape(value, shape, order=order)  # type: ignore[call-overload]  # NumPy's stubs list the letters
        if np.size(value) and not np.shares_memory(same, value):
            raise ShapeError(
                f"reshape(copy=False) of shape {np.shape(value)} to {shape} has to copy the "
                "entries, as they lie in memory: leave copy=False out"
            )
    result = reshape(a, shape, order)
    if not copy:
        return result
    return apply(_reshape, (result,), {"shape": result.shape, "copy": True})


def transpose(a: Any, axes: Sequence[int] | None = None) -> Tensor:
    """The axes in another order; reversed where none is given.

    >>> import autograd as ag
    >>> ag.transpose(ag.Tensor([[1.0, 2.0, 3.0]])).shape
    (3, 1)
    """
    if axes is not None:
        n = np.ndim(value_of(a))
        axes = (axes,) if isinstance(axes, int) else axes
        axes = tuple(axis % n if -n <= axis < n else axis for axis in axes)
    return apply(_transpose, (a,), {"axes": axes})


def broadcast_to(a: Any, shape: Any) -> Tensor:
    """Copies of the entries along new or stretched axes; backward, their gradients are summed.

    >>> import autograd as ag
    >>> t = ag.Tensor([1.0, 2.0])
    >>> ag.broadcast_to(t, (3, 2)).sum().backward()
    >>> t.grad
    array([3., 3.])
    """
    return apply(_broadcast_to, (a,), {"shape": shape})


def astype(
    a: Any, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True,
    copy: bool = True, *, device: None = None,
) -> Tensor:  # fmt: skip
    """The same values as floats of another size; the gradient comes back in the operand's.

    `casting` says which casts may be; NumPy's other options change nothing about a node.

    >>> import autograd as ag
    >>> ag.Tensor([1.0, 2.0]).astype("float32").dtype
    dtype('float32')

    Raises `UnsupportedError` (a TypeError) where integers or booleans would lose a gradient.
    """
    dtype = as_dtype(dtype)
    if dtype.kind != "f" and type(a) is Tensor and a.requires_grad:
        raise UnsupportedError(
            f"{describe(a)} wants a gradient and {dtype} has none: write t.data.astype({dtype}) "
            "for its value"
        )
    if casting != "unsafe":
        kind = getattr(value_of(a), "dtype", np.dtype(float))
        if not np.can_cast(kind, dtype, casting):
            raise DataError(f"astype from {kind} to {dtype} is no cast of the kind {casting!r}")
    return apply(_astype, (a,), {"dtype": dtype})


def in_dtype(a: Tensor, dtype: np.dtype) -> Tensor:
    """The same values in a dtype, byte order included, where they are not in it yet."""
    return a if a.dtype == dtype else astype(a, dtype)


# ---- joining


def concatenate_vjp(g: Any, out: Any, *parts: Any, axis: int | None, **how: Any) -> list[Any]:
    """The upstream, cut where the parts were joined."""
    if axis is None:
        parts_shapes = [np.shape(p) for p in parts]
        g_parts, start = [], 0
        for shape in parts_shapes:
            stop = start + int(np.prod(shape))
            g_parts.append(np.reshape(g[start:stop], shape))
            start = stop
        return g_parts
    lead = (slice(None),) * (axis % g.ndim)
    cuts, start = [], 0
    for part in parts:
        stop = start + np.shape(part)[axis]
        cuts.append(g[(*lead, slice(start, stop))])
        start = stop
    return cuts


_concatenate = gate(
    lambda *parts, axis, **how: (
        np.concatenate(parts, axis, **how) if how else np.concatenate(parts, axis)
    ),
    name="concatenate", symbol="concat", rule="parts joined → the upstream cut", pattern="moves",
    vjp=concatenate_vjp, linear="jointly",
)  # fmt: skip


def stack_vjp(g: Any, out: Any, *parts: Any, axis: int, **how: Any) -> list[Any]:
    """The upstream, one slice a part."""
    if type(g) is np.ndarray and g.ndim == 1:
        return g.tolist()
    lead = (slice(None),) * (axis % g.ndim)
    return [g[(*lead, i)] for i in range(len(parts))]


_stack = gate(
    lambda *parts, axis, **how: np.stack(parts, axis, **how) if how else np.stack(parts, axis),
    name="stack", symbol="stack",
    rule="parts stacked → the upstream's slices", pattern="moves", vjp=stack_vjp,
    linear="jointly",
)  # fmt: skip


def concatenate(
    arrays: Sequence[Any],
    axis: int | None = 0,
    out: None = None,
    *,
    dtype: Any = None,
    casting: str = "same_kind",
) -> Tensor:
    """Arrays joined along an axis they have; flattened first where `axis` is None.

    `dtype` are the floats to return, and `casting` says which parts may be cast to them. Raises
    UnsupportedError (a TypeError) for `out`, DataError (a TypeError) where a part may not be cast.

    >>> import autograd as ag
    >>> ag.concatenate([ag.Tensor([1.0, 2.0]), [3.0]]).data
    array([1., 2., 3.])
    """
    settings: dict[str, Any] = {"axis": axis}
    if out is not None or dtype is not None or casting != "same_kind":
        settings |= _casting("concatenate", out, dtype, casting)
    return apply(_concatenate, _parts(arrays, "concatenate"), settings)


def _casting(name: str, out: None, dtype: Any, casting: str) -> dict[str, Any]:
    """The settings of a joining function beyond its axis that were given."""
    if out is not None:
        raise UnsupportedError(
            f"{name}(out=...) is not supported: a Tensor cannot be written into; take the result "
            "that is returned"
        )
    how: dict[str, Any] = {} if casting == "same_kind" else {"casting": casting}
    if dtype is not None:
        how["dtype"] = dtype = as_dtype(dtype)
        if dtype.kind != "f":
            raise DataError(
                f"{name}(dtype=...) expects a dtype of floats, which alone have a gradient, and "
                f"received {dtype}: write np.{name}([t.data, ...], dtype=...) for its value"
            )
    return how


def stack(
    arrays: Sequence[Any],
    axis: int = 0,
    out: None = None,
    *,
    dtype: Any = None,
    casting: str = "same_kind",
) -> Tensor:
    """Arrays or scalars of one shape joined along a new axis; options as of `concatenate`.

    >>> import autograd as ag
    >>> x, y = ag.Tensor(1.0), ag.Tensor(2.0)
    >>> ag.stack([x, y]).data
    array([1., 2.])
    """
    settings: dict[str, Any] = {"axis": axis}
    if out is not None or dtype is not None or casting != "same_kind":
        settings |= _casting("stack", out, dtype, casting)
    return apply(_stack, _parts(arrays, "stack"), settings)


def _parts(arrays: Any, name: str) -> tuple[Any, ...]:
    """The operands of a joining function; checked to be several."""
    if isinstance(arrays, (int, float)) or not hasattr(arrays, "__iter__"):
        raise DataError(f"{name}() expects a sequence of arrays and received {arrays!r}")
    return tuple(arrays)


# The array API's names for the same functions, in NumPy too.
concat = concatenate
permute_dims = transpose


def _reshape_with(
    a: Tensor, shape: Any, /, *, order: str = "C", copy: bool | None = None
) -> Tensor:
    return reshape(a, shape, order, copy=copy)


_reshape_with = guarded(_reshape_with, "t.reshape", method=True)


def _reshape_method(a: Tensor, *shape: Any, **options: Any) -> Tensor:
    """The same entries in another shape: ``t.reshape(2, 3)`` or ``t.reshape((2, 3))``.

    Options are `order` and `copy`, as of `ag.reshape`.
    """
    lengths = shape[0] if len(shape) == 1 else shape
    if options:
        return _reshape_with(a, lengths, **options)
    return apply(_reshape, (a,), {"shape": lengths})


def _transpose_method(a: Tensor, *axes: Any) -> Tensor:
    """The axes in another order: ``t.transpose()``, ``t.transpose(1, 0)`` or with a tuple."""
    if not axes or axes == (None,):
        return transpose(a)
    return transpose(a, axes[0] if isinstance(axes[0], (tuple, list)) else axes)


def _matrix_transpose(a: Tensor) -> Tensor:
    return transpose(a, (*range(a.ndim - 2), a.ndim - 1, a.ndim - 2))


NUMPY: dict[Any, Any] = {
    np.reshape: reshape,
    np.transpose: transpose,
    np.broadcast_to: broadcast_to,
    np.concatenate: concatenate,
    np.stack: stack,
}
if hasattr(np, "astype"):  # since NumPy 2.1
    NUMPY[np.astype] = astype
METHODS = {
    "reshape": _reshape_method,
    "transpose": _transpose_method,
    "astype": astype,
    "T": property(transpose, doc="The axes reversed."),
    "mT": property(_matrix_transpose, doc="The last two axes swapped."),
}
