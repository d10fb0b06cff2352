"""A function called on fresh nodes, and which of its arguments those stand for.

A fresh node belongs to one call alone, so nested transforms of the same variable cannot be
confused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from operator import index
from typing import Any

import numpy as np

from autograd import modes
from autograd.data import ALONE_AS_LOCAL, as_data, brief, getrefcount, is_number
from autograd.eager import apply, value_of
from autograd.errors import DataError, ShapeError
from autograd.forward import Linearization
from autograd.gates.shapes import identity
from autograd.inside import call_inside, own
from autograd.propagation import propagate
from autograd.tensor import Tensor, leaf, operands_of, stamp
from autograd.traversal import NOTHING, backward_pass
from autograd.trees import Rebuild, flatten

__all__ = ["Call", "Function", "check_function", "by_argnums", "of_its_own", "positions"]

Function = Callable[..., Any]


class Call:
    """A function called on fresh nodes: what every transform differentiates.

    Attributes
    ----------
    fresh : the nodes that stand for the leaves of the chosen arguments.
    outputs : the leaves of the result, each as a node.
    tensors : whether Tensors were given, so that Tensors are returned.
    aux : what the function returned beside its result, where `has_aux` says that it does.
    """

    def __init__(
        self,
        f: Function,
        args: Sequence[Any],
        argnums: Sequence[int],
        kwargs: dict[str, Any],
        has_aux: bool = False,
        keeps: bool = False,
    ) -> None:
        distinct = list(dict.fromkeys(argnums))
        self._given, nest = flatten([args[i] for i in distinct])
        self.nest = nest if len(distinct) == len(argnums) else _repeating(nest, distinct, argnums)
        self.tensors = any(type(given) is Tensor for given in self._given)
        self._records = modes.current().grad_enabled
        self._born = stamp()
        with nullcontext() if self._records else modes.enable_grad():
            self.fresh = [_fresh(f, given) for given in self._given]
            arguments = list(args)
            for i, argument in zip(distinct, nest(self.fresh), strict=True):
                arguments[i] = argument
            result = call_inside(
                f, arguments, kwargs, since=self._born, arguments=self.fresh, keeps=keeps
            )
        result, aux = _parted(f, result) if has_aux else (result, None)
        leaves, self.nest_outputs = flatten(result)
        self.outputs = [o if type(o) is Tensor else _constant(f, o) for o in leaves]
        self._lives = self._is_alive(self.outputs)
        self._linear: dict[bool, Linearization] = {}
        self.aux = self._in_kind(aux) if has_aux else None

    def result(self) -> Any:
        """What the function returned, in the kind of the arguments."""
        if self._lives:
            return self.nest_outputs(list(self.outputs))
        return self.nest_outputs([self._kind(o._value, recorded=False) for o in self.outputs])

    def _in_kind(self, aux: Any) -> Any:
        """What stands beside the result: its Tensors in the kind of the arguments."""
        leaves, nest = flatten(aux)
        tensors = [part for part in leaves if type(part) is Tensor]
        if not tensors or self._is_alive(tensors):
            return aux
        return nest([
            self._kind(part._value, recorded=False) if type(part) is Tensor else part
            for part in leaves
        ])  # fmt: skip

    def vjp(self, seeds: Sequence[Any]) -> list[Any]:
        """The gradients of the fresh nodes for seeds of the outputs."""
        record = self._is_recorded(seeds)
        chosen = [
            (output, seed if record else value_of(seed))
            for output, seed in zip(self.outputs, seeds, strict=True)
            if output._wants
        ]
        outputs, seeds = [output for output, _ in chosen], [seed for _, seed in chosen]
        with backward_pass(outputs, seeds, self.fresh) as nodes:
            propagate(nodes, record=record, keep=False)
            adjoints = [_adjoint_of(node) for node in nodes.ends]
        return [self._kind(adjoint, record) for adjoint in adjoints]

    def jvp(self, tangents: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs for tangents of the fresh nodes."""
        record = self._is_recorded(tangents)
        if not record:
            tangents = [value_of(tangent) for tangent in tangents]
        if record not in self._linear:
            self._linear[record] = Linearization(self.fresh, self.outputs, record)
        moved = self._linear[record].jvp(tangents)
        return [
            self._kind(of_its_own(tangent, output._value), record)
            for tangent, output in zip(moved, self.outputs, strict=True)
        ]

    def constant(self, value: Any) -> Any:
        """A derivative that depends on nothing, in the kind of the others."""
        return self._kind(value, recorded=self._lives)

    def _is_recorded(self, others: Sequence[Any]) -> bool:
        """Whether a pass of this call is recorded, given its seeds or tangents."""
        return self._lives or (
            self._records and any(type(other) is Tensor and other._wants for other in others)
        )

    def _kind(self, value: Any, recorded: bool) -> Any:
        """A value in the kind of the arguments; always a Tensor where the pass was recorded."""
        if type(value) is not Tensor and (recorded or self.tensors):
            return leaf(value)
        return value

    def _is_alive(self, nodes: Sequence[Tensor]) -> bool:
        """Whether nodes of this call are part of a graph around it."""
        return self._records and (
            any(type(given) is Tensor and given._wants for given in self._given)
            or self._reaches_outside(nodes)
        )

    def _reaches_outside(self, nodes: Sequence[Tensor]) -> bool:
        """Whether nodes depend on an older Tensor that wants a gradient."""
        seen = {node for node in nodes if node._wants}
        waiting = list(seen)
        ends = set(self.fresh)
        while waiting:
            node = waiting.pop()
            if node in ends:
                continue
            if node._stamp < self._born:
                return True
            for operand in operands_of(node):
                if type(operand) is Tensor and operand._wants and operand not in seen:
                    seen.add(operand)
                    waiting.append(operand)
        return False


def _fresh(f: Function, given: Any) -> Tensor:
    """A node that belongs to one call alone: a leaf, or the identity of a Tensor."""
    if type(given) is not Tensor:
        try:
            return own(Tensor(given))
        except DataError as error:
            if given is not None and not isinstance(given, (str, bytes)):
                raise
            raise DataError(
                f"{error} among what {_name(f)} is differentiated for: name the argument that is "
                "meant by argnums=, or read what is no number from outside of the function"
            ) from None
    if given._wants:
        return apply(identity, (given,))
    value = value_of(given)  # in memory of its own: a step of the Tensor given would change it
    return own(Tensor(value.copy() if type(value) is np.ndarray else value))


def _constant(f: Function, result: Any) -> Tensor:
    """A leaf of a result, or of a part of one, that depends on no Tensor."""
    if result is None or isinstance(result, (str, bytes)):
        raise DataError(
            f"a function that is differentiated returns numbers, and {_name(f)} returned "
            f"{result!r}: write return in it, or has_aux=True for what stands beside the result"
        )
    return leaf(as_data(result, None))


def _name(f: Function) -> str:
    return getattr(f, "__name__", repr(f))


def _parted(f: Function, result: Any) -> tuple[Any, Any]:
    """The result of a function with `has_aux`, and what it returned beside it."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise DataError(
            f"has_aux=True expects a function that returns a pair (result, aux), and "
            f"{_name(f)} returned {type(result).__name__}"
            f"{f' of {len(result)}' if isinstance(result, (tuple, list)) else ''}: "
            "write return loss, aux"
        )
    return result[0], result[1]


def _adjoint_of(node: Tensor) -> Any:
    """What arrived at a node, in memory of its own."""
    value, node._adjoint = node._adjoint, NOTHING
    data = node._value
    if (
        type(value) is np.ndarray
        and getrefcount(value) == ALONE_AS_LOCAL
        and value.base is None
        and value.flags.writeable
        and value.dtype == data.dtype
        and value.shape == data.shape
    ):
        return value
    return of_its_own(value, data)


def of_its_own(value: Any, data: Any) -> Any:
    """A gradient as a float, or an array of its own in the shape of `data`; a Tensor as it is."""
    if type(value) is Tensor or is_number(data):
        return value
    return np.broadcast_to(value, data.shape).astype(data.dtype)


def _repeating(nest: Rebuild, distinct: Sequence[int], argnums: Sequence[int]) -> Rebuild:
    """Builds the parts of all `argnums`, of which some are the same: each in memory of its own."""

    def rebuild(leaves: Sequence[Any]) -> list[Any]:
        parts, repeated = [], set()
        for number in argnums:
            own = [leaf.copy() if type(leaf) is np.ndarray else leaf for leaf in leaves]
            parts.append(nest(own if number in repeated else leaves)[distinct.index(number)])
            repeated.add(number)
        return parts

    return rebuild


def positions(argnums: Any, args: Sequence[Any]) -> tuple[int, ...]:
    """The argument numbers as a tuple, counted from the first; checked."""
    numbers = _numbers(argnums)
    for number in numbers:
        if not -len(args) <= number < len(args):
            raise ShapeError(
                f"argnums={argnums!r} names an argument that is not there: the function was called "
                f"with {len(args)} positional arguments, and one given by name is a constant"
            )
    return tuple(number % len(args) for number in numbers)


def _numbers(argnums: Any) -> tuple[int, ...]:
    given = argnums if isinstance(argnums, (tuple, list, range)) else (argnums,)
    return tuple(map(_as_position, given))


def _as_position(number: Any) -> int:
    """Any integer, such as NumPy's; True and False are none, but a flag in the wrong place."""
    try:
        if isinstance(number, bool):
            raise TypeError
        return index(number)
    except TypeError:
        raise DataError(
            f"argnums expects a number or a tuple of them, and received {brief(number)}: write "
            "argnums=0, or argnums=(0, 1); arguments are for the function that is returned, "
            "ag.grad(f)(x)"
        ) from None


def by_argnums(argnums: Any, parts: Sequence[Any]) -> Any:
    """The one part of a single argument number, or the tuple of those of several."""
    return tuple(parts) if isinstance(argnums, (tuple, list, range)) else parts[0]


def check_function(f: Any, name: str, argnums: Any = 0) -> None:
    """Raise where a transform is asked for of no function, or for what is no argument's number."""
    if not callable(f):
        raise DataError(f"{name}() expects a function and received {brief(f)}")
    _numbers(argnums)
