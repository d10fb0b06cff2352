"""Sorting: entries change place by an order of their values, and gradients travel back by it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd.eager import apply, explain, value_of
from autograd.errors import DataError
from autograd.gates.registry import Gate, gate
from autograd.gates.shapes import reshape
from autograd.tensor import Tensor

__all__ = ["argpartition", "argsort", "partition", "searchsorted", "sort"]


def permute(a: Any, order: Any, axis: int) -> Any:
    """The entries in another order along an axis, recorded where a rule runs on Tensors."""
    if type(a) is Tensor:
        return apply(_permute, (a,), {"order": order, "axis": axis})
    return np.take_along_axis(a, order, axis)


_permute: Gate = gate(
    lambda a, order, axis: np.take_along_axis(a, order, axis), name="permute", symbol="permute",
    rule="entries in an order → the upstream in its inverse", pattern="moves",
    vjp=(lambda g, out, a, order, axis: permute(g, np.argsort(order, axis=axis), axis),),
    linear="jointly",
)  # fmt: skip


def order_of(a: Any, axis: int) -> Any:
    """The places in `a` of its entries from small to large; equal ones as they come."""
    return np.argsort(value_of(a), axis=axis, kind="stable")


def order_between(a: Any, out: Any, axis: int) -> Any:
    """The places in `a` of the entries of `out`, which are the same in another order."""
    rank = np.argsort(order_of(out, axis), axis=axis)
    return np.take_along_axis(order_of(a, axis), rank, axis)


def sort_vjp(g: Any, out: Any, a: Any, axis: int, **others: Any) -> Any:
    """The upstream of each entry, back to where it was."""
    return permute(g, np.argsort(order_of(a, axis), axis=axis), axis)


def partition_vjp(g: Any, out: Any, a: Any, axis: int, **others: Any) -> Any:
    """The upstream of each entry, back to where it was."""
    return permute(g, np.argsort(order_between(a, out, axis), axis=axis), axis)


_sort = gate(
    np.sort, name="sort", symbol="sort", rule="sorted → the upstream, back in place",
    pattern="routes", vjp=(sort_vjp,),
    jvp=lambda t, out, a, axis, **others: permute(t[0], order_of(a, axis), axis),
    kinks="equal entries keep their order",
)  # fmt: skip

_partition = gate(
    np.partition, name="partition", symbol="part", rule="partitioned → the upstream, back in place",
    pattern="routes", vjp=(partition_vjp,),
    jvp=lambda t, out, a, axis, **others: permute(t[0], order_between(a, out, axis), axis),
    kinks="equal entries keep their order",
)  # fmt: skip


def in_order(gate: Gate, a: Any, axis: int | None, order: Any, settings: dict[str, Any]) -> Tensor:
    """Sort along an axis, or all entries as one row where `axis` is None."""
    if order is not None:
        raise DataError(f"{gate.name}(order=...) names fields, and the data of a Tensor have none")
    if axis is None:
        a, axis = (a, 0) if np.ndim(value_of(a)) == 1 else (reshape(a, -1), 0)
    return apply(gate, (a,), {"axis": axis, **settings})


def sort(
    a: Any,
    axis: int | None = -1,
    kind: str | None = None,
    order: None = None,
    *,
    stable: bool | None = None,
) -> Tensor:
    """The entries from small to large along an axis, or all of them as one row (None).

    A new node; nothing is sorted in place. Of equal entries the first gets the first's gradient.
    `kind` and `stable` choose NumPy's algorithm. Raises OutOfRangeError (an IndexError) for an
    axis that is not there.

    >>> import autograd as ag
    >>> t = ag.Tensor([3.0, 1.0, 2.0])
    >>> s = ag.sort(t)
    >>> s.backward(gradient=[1.0, 10.0, 100.0])
    >>> s.data, t.grad
    (array([1., 2., 3.]), array([100.,   1.,  10.]))
    """
    return in_order(_sort, a, axis, order, {"kind": kind, "stable": stable})


def partition(
    a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: None = None
) -> Tensor:
    """The entries with the `kth` smallest in its sorted place, smaller ones before it.

    `kth` is an integer or several, `axis` an axis or None for all entries as one row. Raises
    ShapeError (a ValueError) for a place that is not there.

    >>> import autograd as ag
    >>> ag.partition(ag.Tensor([3.0, 1.0, 2.0]), 0).data[0]
    np.float64(1.0)
    """
    return in_order(_partition, a, axis, order, {"kth": kth, "kind": kind})


def on_values(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function of the values: integers, which have no gradient."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        values = {key: value_of(value) for key, value in kwargs.items()}
        try:
            return function(*map(value_of, args), **values)
        except (ValueError, TypeError, IndexError) as error:
            raise explain(function.__name__, args, kwargs, error) from error

    call.__doc__ = f"`np.{function.__name__}` of the values: a plain array of integers."
    return call


argsort = on_values(np.argsort)
argpartition = on_values(np.argpartition)
searchsorted = on_values(np.searchsorted)

NUMPY = {np.partition: partition, np.sort: sort}
METHODS = {
    "argpartition": argpartition,
    "argsort": argsort,
    "partition": partition,
    "searchsorted": searchsorted,
    "sort": sort,
}
