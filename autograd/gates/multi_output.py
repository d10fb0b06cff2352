"""Computations with several outputs: one gate an output, the work done once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.data import as_array, is_traced
from autograd.eager import apply, as_operand
from autograd.gates.registry import Gate, gate
from autograd.tensor import Tensor

__all__ = ["Factors", "factors_of", "output", "record"]


class Factors:
    """A computation with several outputs, done once for the gates that each give one of them.

    It stands in the settings of those gates and is freed with them. It remembers its last operand,
    by the bytes, and what came of it; for any other operand (a program that replays the graph, say)
    it computes anew.
    """

    __slots__ = ("_compute", "_last", "name")

    def __init__(self, name: str, compute: Callable[[Any], Any]) -> None:
        self.name = name
        self._compute = compute
        self._last: tuple[Any, Any] = (None, None)

    def __call__(self, a: Any) -> Any:
        """What NumPy returns: a (named) tuple of arrays."""
        if is_traced(a):  # a program computes it once for all that ask
            compute = self._compute
            if isinstance(compute, partial):
                return a.tape.record(compute.func, (a,), compute.keywords)
            return a.tape.record(compute, (a,))
        a = np.asarray(a)  # of a scalar node, which NumPy then refuses by its dimensions
        key = (a.shape, a.dtype, a.tobytes())
        last, result = self._last
        if last != key:
            result = self._compute(a)
            self._last = (key, result)
        return result

    def __repr__(self) -> str:
        return self.name


def output(i: int, **entry: Any) -> Gate:
    """The gate of the `i`-th output; its rules read the others with `factors_of`."""
    return gate(lambda a, factors: as_array(factors(a)[i]), **entry)


def record(gates: Sequence[Gate], a: Any, factors: Factors) -> Any:
    """One node an output, in the tuple that NumPy returns."""
    a = as_operand(a)
    nodes = [apply(each, (a,), {"factors": factors}) for each in gates]
    kind = type(factors(a._value if type(a) is Tensor else a))
    return kind(nodes) if kind is tuple else kind(*nodes)


def factors_of(gates: Sequence[Gate], a: Any, factors: Factors) -> Any:
    """All outputs, for a rule: nodes where it runs on Tensors, so that it is differentiable."""
    return record(gates, a, factors) if type(a) is Tensor else factors(a)
