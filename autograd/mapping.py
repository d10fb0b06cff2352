"""A function of one example, as a function of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from operator import index
from typing import Any

import numpy as np

from autograd.data import as_data
from autograd.eager import value_of
from autograd.errors import DataError, OutOfRangeError, ShapeError
from autograd.fresh import check_function
from autograd.inside import call_inside
from autograd.tensor import Tensor, leaf
from autograd.traversal import gates_between
from autograd.trees import flatten, spread_prefix, structure

__all__ = ["vmap"]


def vmap(f: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0) -> Callable[..., Any]:
    """`f` mapped over an axis of its arguments; the results are stacked along one of theirs.

    It costs a call of `f` for each index of that axis. Under `compile` these become one where they
    compute entry by entry, or sum a vector; products of matrices stay one a call: where NumPy's
    broadcasting says the same, that is faster. It composes with every transform, and with itself.

    Parameters
    ----------
    f : takes and returns numbers, arrays, Tensors, or nests of them. It is called with Tensors, and
        with plain integers and booleans; what its results are nested like, and their shapes, must
        be the same at each call.
    in_axes : which axis of each argument is mapped; None hands the argument to each call as it is.
        One for all arguments, or a tuple with one for each; an entry may be nested as its argument
        is, or as the outer part of that is. Negative ones count from the last axis. An argument
        None is None in each call.
    out_axes : where the new axis stands in each result, nested likewise. None gives a result that
        is the same at each call, and does not depend on what is mapped, once.

    Keyword arguments are mapped over their first axis. (As in JAX, all of this.) What comes back is
    an array where arrays were given and a Tensor where Tensors were, or where `f` reaches a Tensor
    from outside that wants a gradient.

    Raises
    ------
    ShapeError (a ValueError): lengths that differ or are 0, or results of different shapes.
    OutOfRangeError (also an IndexError): an axis that an argument or a result does not have.
    DataError (a TypeError): axes that are nested otherwise, or None for all arguments.

    >>> import autograd as ag
    >>> ag.vmap(lambda a, b: np.sum(a * b), in_axes=(0, None))(np.eye(2), np.array([3.0, 4.0]))
    array([3., 4.])
    >>> f = lambda w, x: np.tanh(np.sum(w * x))
    >>> per_example = ag.vmap(ag.grad(f), in_axes=(None, 0))
    >>> per_example(np.array([0.0, 0.0]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[1., 2.],
           [3., 4.]])
    """
    check_function(f, "vmap")

    @wraps(f)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        given, nest = flatten((args, kwargs))
        axes = _spread(in_axes, args, "in_axes") + _spread(0, kwargs, "in_axes")
        places = _normalised(given, axes)
        length = _length(given, places)
        tensors = any(type(part) is Tensor for part in given)
        given = [part if type(part) is Tensor or place is None else as_data(part, None)
                 for part, place in zip(given, places, strict=True)]  # fmt: skip
        slices: set[Tensor] = set()
        results = []
        for i in range(length):
            own = [_at(part, place, i) for part, place in zip(given, places, strict=True)]
            slices.update(
                o for o, p in zip(own, places, strict=True) if p is not None and _wants(o)
            )
            own_args, own_kwargs = nest(own)
            results.append(call_inside(f, own_args, own_kwargs))
        return _stacked(results, out_axes, slices, tensors)

    return mapped


def _wants(part: Any) -> bool:
    return type(part) is Tensor and bool(part._wants)


def _spread(axes: Any, tree: Any, name: str) -> list[int | None]:
    """An axis for each leaf of a nest, of axes nested like its outer part."""
    found = spread_prefix(axes, tree)
    if found is None:
        raise DataError(
            f"{name} expects an axis, None, or a nest of them like {_told(tree)}, and received "
            f"{axes!r}"
        )
    return [_axis(axis, name) for axis in found]


def _told(tree: Any) -> str:
    if isinstance(tree, tuple):
        return f"the {len(tree)} values"
    return type(tree).__name__


def _axis(axis: Any, name: str) -> int | None:
    if axis is None:
        return None
    try:
        if isinstance(axis, bool):
            raise TypeError
        return index(axis)
    except TypeError:
        raise DataError(f"{name} expects integers and None, and received {axis!r}") from None


def _normalised(given: Sequence[Any], axes: Sequence[int | None]) -> list[int | None]:
    """The axes of the arguments' parts, counted from the first."""
    places: list[int | None] = []
    for number, (part, axis) in enumerate(zip(given, axes, strict=True)):
        if axis is None or part is None:
            places.append(None)
            continue
        shape = np.shape(value_of(part))
        if not -len(shape) <= axis < len(shape):
            raise OutOfRangeError(
                f"vmap() maps over axis {axis} of part {number} of the arguments, which has shape "
                f"{shape}: pass an array, or None in in_axes for what is the same at each call"
            )
        places.append(axis % len(shape))
    return places


def _length(given: Sequence[Any], places: Sequence[int | None]) -> int:
    """How many calls there are."""
    lengths = {
        number: np.shape(value_of(part))[place]
        for number, (part, place) in enumerate(zip(given, places, strict=True))
        if place is not None
    }
    if not lengths:
        raise DataError(
            "vmap() expects an argument to map over, and in_axes is None for all of them: call the "
            "function itself"
        )
    length = next(iter(lengths.values()))
    if any(other != length for other in lengths.values()):
        told = ", ".join(f"{n} (part {number})" for number, n in lengths.items())
        raise ShapeError(f"vmap() maps over axes of one length, and received {told}")
    if length == 0:
        raise ShapeError(
            "vmap() cannot map over an axis of length 0: the function is never called, so that the "
            "shape of its result is not known"
        )
    return length


def _at(part: Any, place: int | None, i: int) -> Any:
    """One call's share of an argument: a Tensor, but of integers a plain number or array."""
    if place is None:
        return part
    share = part[(slice(None),) * place + (i,)]
    if type(share) is Tensor or share.dtype.kind != "f":
        return share
    return leaf(np.asarray(share))


def _stacked(results: Sequence[Any], out_axes: Any, slices: set[Tensor], tensors: bool) -> Any:
    """The results of all calls as one nest, each leaf of it stacked."""
    if len({structure(result) for result in results}) > 1:
        raise DataError(
            "vmap() expects results that are nested alike, and the function returned "
            f"{results[0]!r} and then others"
        )
    axes = _spread(out_axes, results[0], "out_axes")
    _, nest = flatten(results[0])
    columns = zip(*(flatten(result)[0] for result in results), strict=True)
    joined: list[Any] = []
    for parts, axis in zip(columns, axes, strict=True):
        if all(part is None for part in parts):
            joined.append(None)
            continue
        whole = _one(parts, slices) if axis is None else _joined(parts, axis)
        if type(whole) is Tensor:
            joined.append(whole if whole._wants or tensors else whole._value)
        else:
            joined.append(leaf(as_data(whole, None)) if tensors else whole)
    return nest(joined)


def _joined(parts: Sequence[Any], axis: int) -> Any:
    """One leaf of all results along a new axis."""
    known = [part if type(part) is Tensor else as_data(part, None) for part in parts]
    shapes = [np.shape(value_of(part)) for part in known]
    for i, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ShapeError(
                f"vmap() expects results of one shape, and the function returned {shapes[0]} at "
                f"first and {shape} at index {i}"
            )
    ndim = len(shapes[0]) + 1
    if not -ndim <= axis < ndim:
        raise OutOfRangeError(f"out_axes={axis} is no axis of a result that has {ndim}")
    return np.stack(known, axis=axis)


def _one(parts: Sequence[Any], slices: set[Tensor]) -> Any:
    """A result that is the same at each call."""
    nodes = [part for part in parts if _wants(part)]
    values = [np.asarray(value_of(part)) for part in parts]
    same = all(np.array_equal(values[0], value, equal_nan=True) for value in values)
    if not same or any(node in slices for node in nodes) or gates_between(list(slices), nodes):
        raise ShapeError(
            "out_axes=None expects a result that does not depend on what is mapped: write an axis"
        )
    return parts[0]
