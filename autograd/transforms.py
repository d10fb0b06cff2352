"""Functions of functions: gradients, products with Jacobians, Hessians; to any order.

Each wraps the arguments in fresh nodes, calls the function, and runs a pass that stops at them. A
fresh node belongs to one call alone, so nested transforms of the same variable cannot be confused.
The pass itself is recorded where its result could be differentiated again: where an argument is a
Tensor that wants a gradient, or the function reached one from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import wraps
from operator import index
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import numpy as np

from autograd import modes
from autograd.backward import make_seed, propagate
from autograd.data import as_array, as_data, is_number
from autograd.errors import DataError, GradientError, ShapeError
from autograd.forward import Linearization
from autograd.gates.shapes import identity
from autograd.leaving import call_inside, own
from autograd.recording import apply, value_of
from autograd.tensor import Tensor, describe, leaf, stamp
from autograd.traversal import backward_pass
from autograd.trees import Rebuild, flatten, flatten_like

if TYPE_CHECKING:
    from autograd.signatures import Gradient, ValueAndGradient

__all__ = ["grad", "jvp", "stop_gradient", "value_and_grad", "vjp"]

Function = Callable[..., Any]
Nest = TypeVar("Nest")


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
    ) -> None:
        distinct = list(dict.fromkeys(argnums))
        self._given, nest = flatten([args[i] for i in distinct])
        self.nest = nest if len(distinct) == len(argnums) else _repeating(nest, distinct, argnums)
        self.tensors = any(type(given) is Tensor for given in self._given)
        self._records = modes.current().recording
        self._born = stamp()
        with nullcontext() if self._records else modes.recording():
            self.fresh = [_fresh(given) for given in self._given]
            arguments = list(args)
            for i, argument in zip(distinct, nest(self.fresh), strict=True):
                arguments[i] = argument
            result = call_inside(f, arguments, kwargs, since=self._born, arguments=self.fresh)
        result, aux = _parted(f, result) if has_aux else (result, None)
        leaves, self.nest_outputs = flatten(result)
        self.outputs = [o if type(o) is Tensor else leaf(as_data(o, None)) for o in leaves]
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

    def pull(self, seeds: Sequence[Any]) -> list[Any]:
        """The gradients of the fresh nodes for seeds of the outputs."""
        record = self._is_recorded(seeds)
        chosen = [
            (output, seed if record else value_of(seed))
            for output, seed in zip(self.outputs, seeds, strict=True)
            if output._wants
        ]
        outputs, seeds = [output for output, _ in chosen], [seed for _, seed in chosen]
        with backward_pass(outputs, seeds, self.fresh) as nodes:
            propagate(nodes, record=record)
            adjoints = [_own(node._adjoint, node._value) for node in nodes.ends]
        return [self._kind(adjoint, record) for adjoint in adjoints]

    def push(self, tangents: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs for tangents of the fresh nodes."""
        record = self._is_recorded(tangents)
        if not record:
            tangents = [value_of(tangent) for tangent in tangents]
        if record not in self._linear:
            self._linear[record] = Linearization(self.fresh, self.outputs, record)
        pushed = self._linear[record].push(tangents)
        return [
            self._kind(_own(tangent, output._value), record)
            for tangent, output in zip(pushed, self.outputs, strict=True)
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
            for operand in node.inputs:
                if type(operand) is Tensor and operand._wants and operand not in seen:
                    seen.add(operand)
                    waiting.append(operand)
        return False


def _fresh(given: Any) -> Tensor:
    """A node that belongs to one call alone: a leaf, or the identity of a Tensor."""
    if type(given) is not Tensor:
        return own(Tensor(given))
    return apply(identity, (given,)) if given._wants else own(Tensor(value_of(given)))


def _parted(f: Function, result: Any) -> tuple[Any, Any]:
    """The result of a function with `has_aux`, and what it returned beside it."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise DataError(
            f"has_aux=True expects a function that returns a pair (result, aux), and "
            f"{getattr(f, '__name__', repr(f))} returned {type(result).__name__}"
            f"{f' of {len(result)}' if isinstance(result, (tuple, list)) else ''}: "
            "write return loss, aux"
        )
    return result[0], result[1]


def _own(value: Any, data: Any) -> Any:
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


def _one_output(call: Call, name: str) -> Tensor:
    """The one number that a gradient is of."""
    if len(call.outputs) != 1 or call.outputs[0].size != 1:
        shapes = ", ".join(str(output.shape) for output in call.outputs)
        raise GradientError(
            f"{name}() expects a function that returns one number, and it returned shape "
            f"{shapes or 'nothing'}: sum the result, or use ag.jacobian or ag.vjp"
        )
    return call.outputs[0]


def positions(argnums: Any, args: Sequence[Any]) -> tuple[int, ...]:
    """The argument numbers as a tuple, counted from the first; checked."""
    given = tuple(argnums) if isinstance(argnums, (tuple, list, range)) else (argnums,)
    numbers = tuple(map(_as_position, given))
    for number in numbers:
        if not -len(args) <= number < len(args):
            raise ShapeError(
                f"argnums={argnums!r} names an argument that is not there: the function was called "
                f"with {len(args)} positional arguments"
            )
    return tuple(number % len(args) for number in numbers)


def _as_position(number: Any) -> int:
    """Any integer, such as NumPy's; True and False are none, but a flag in the wrong place."""
    try:
        if isinstance(number, bool):
            raise TypeError
        return index(number)
    except TypeError:
        raise DataError(
            f"argnums expects a number or a tuple of them, and received {number!r}: write "
            "argnums=0, or argnums=(0, 1)"
        ) from None


def chosen(argnums: Any, parts: Sequence[Any]) -> Any:
    """The one part of a single argument number, or the tuple of those of several."""
    return tuple(parts) if isinstance(argnums, (tuple, list, range)) else parts[0]


def check_function(f: Any, name: str) -> None:
    if not callable(f):
        raise DataError(f"{name}() expects a function and received {f!r}")


@overload
def value_and_grad(
    f: Function, argnums: Literal[0] = 0, has_aux: Literal[False] = False
) -> ValueAndGradient: ...
@overload
def value_and_grad(
    f: Function, argnums: int | Sequence[int], has_aux: Literal[False] = False
) -> Callable[..., tuple[Any, Any]]: ...
@overload
def value_and_grad(
    f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]: ...
def value_and_grad(
    f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Function:
    """The function that returns `f`'s value and its gradient.

    Takes and returns what `grad` does, as the pair ``(value, gradient)``; with `has_aux` as
    ``((value, aux), gradient)``.

    >>> import autograd as ag
    >>> ag.value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    check_function(f, "value_and_grad")

    @wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = Call(f, args, positions(argnums, args), kwargs, has_aux)
        output = _one_output(call, "grad")
        seed = make_seed(output, None) if output._wants else 1.0
        gradients = chosen(argnums, call.nest(call.pull([seed])))
        value = call.result()
        return (value, call.aux) if has_aux else value, gradients

    return differentiated


@overload
def grad(f: Function, argnums: Literal[0] = 0, has_aux: Literal[False] = False) -> Gradient: ...
@overload
def grad(
    f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]: ...
def grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """The gradient of a function that returns one number, as a function of the same arguments.

    Parameters
    ----------
    f : takes numbers, arrays, Tensors, or nested lists, tuples, dicts and dataclasses of them.
    argnums : the argument to differentiate; a tuple of them gives a tuple of gradients.
    has_aux : whether `f` returns a pair, its number and anything else, say predictions or counts.
        What stands beside the number is not differentiated; Tensors in it come back as values where
        no Tensors were given, and any other object as it is.

    Returns
    -------
    A function whose result is nested and shaped like the argument: floats for floats, arrays for
    arrays, recorded Tensors for Tensors. An argument that was not reached gets zeros. Where `f`
    reaches a Tensor outside that wants a gradient, the result is a recorded Tensor. With `has_aux`
    the result is ``(gradient, aux)``.

    Raises
    ------
    GradientError (a RuntimeError): `f` returned more than one number.
    DataError (a TypeError): an argument of integers or of something that is not a number; with
        `has_aux`, a result that is no pair.

    Examples
    --------
    >>> import autograd as ag
    >>> ag.grad(lambda x: x ** 3)(2)
    12.0
    >>> ag.grad(ag.grad(lambda x: x ** 3))(2)
    12.0
    >>> ag.grad(lambda w: (w["a"] * w["b"]).sum())({"a": np.array([1.0, 2.0]), "b": 3.0})
    {'a': array([3., 3.]), 'b': 3.0}
    >>> ag.grad(lambda x: (x ** 3, {"square": x * x}), has_aux=True)(2.0)
    (12.0, {'square': 4.0})
    """
    check_function(f, "grad")
    both = value_and_grad(f, argnums, has_aux=has_aux)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, gradients = both(*args, **kwargs)
        return (gradients, value[1]) if has_aux else gradients

    return gradient


@overload
def vjp(
    f: Function, *primals: Any, has_aux: Literal[False] = False
) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]: ...
@overload
def vjp(
    f: Function, *primals: Any, has_aux: Literal[True]
) -> tuple[Any, Callable[[Any], tuple[Any, ...]], Any]: ...
def vjp(f: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `f`, and the function that pulls a gradient of it back to the arguments.

    ``pullback(g)``, for `g` nested and shaped like the value, returns a tuple with one entry a
    primal: g times the Jacobian, which is never built. It can be called more than once. With
    `has_aux`, `f` returns a pair as for `grad`, and the result is ``(value, pullback, aux)``.

    >>> import autograd as ag
    >>> out, pullback = ag.vjp(lambda a, b: a * b, 3.0, -4.0)
    >>> out, pullback(1.0)
    (-12.0, (-4.0, 3.0))
    """
    check_function(f, "vjp")
    call = Call(f, primals, range(len(primals)), {}, has_aux)
    out = call.result()

    def pullback(g: Any) -> tuple[Any, ...]:
        """Gradients of the primals, given that of the value."""
        seeds = flatten_like(g, out)
        if seeds is None:
            raise ShapeError(
                f"the pullback expects {len(call.outputs)} gradients, nested like the value, and "
                f"received {g!r}"
            )
        seeds = [
            _like(seed, output, "gradient")
            for seed, output in zip(seeds, call.outputs, strict=True)
        ]
        return tuple(call.nest(call.pull(seeds)))

    return (out, pullback, call.aux) if has_aux else (out, pullback)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f` and its tangent: forward mode, one pass whatever the number of outputs.

    `tangents` are nested and shaped like `primals`; the tangent is nested and shaped like the
    value: the Jacobian times the tangents, which is never built.

    >>> import autograd as ag
    >>> ag.jvp(lambda a, b: a * b, (3.0, -4.0), (1.0, 0.0))
    (-12.0, -4.0)

    Raises `UnsupportedError` (a TypeError) where a gate of one's own has no rule for it.
    """
    check_function(f, "jvp")
    if not all(isinstance(given, (tuple, list)) for given in (primals, tangents)):
        raise DataError(
            f"jvp() expects a tuple of primals and a tuple of tangents, and received {primals!r} "
            f"and {tangents!r}: write ag.jvp(f, (x,), (t,))"
        )
    call = Call(f, primals, range(len(primals)), {})
    given = flatten_like(list(tangents), list(primals))
    if given is None:
        raise ShapeError(
            f"jvp() expects {len(call.fresh)} tangents, nested like the primals, and received "
            f"{tangents!r}"
        )
    pushed = call.push(
        [_like(t, node, "tangent") for t, node in zip(given, call.fresh, strict=True)]
    )
    return call.result(), call.nest_outputs(pushed)


def stop_gradient(x: Nest) -> Nest:
    """`x` as a constant: the same values, of which no derivative of any order or mode is taken.

    Takes nested lists, tuples, dicts and dataclasses too, and passes on in them what is no Tensor.
    Each Tensor becomes a leaf of its name, which is what a picture shows, with a copy of its data
    that later updates do not reach. (`t.detach()` shares them.) A program of `ag.compile(f)`
    computes it anew at each run; one of a recorded graph, `ag.compile(loss)`, reads it as it reads
    any leaf.

    >>> import autograd as ag
    >>> ag.grad(lambda x: x * ag.stop_gradient(x))(3.0)
    3.0
    """
    leaves, nest = flatten(x)
    if not any(type(part) is Tensor for part in leaves):
        return x
    return nest([_constant(part) if type(part) is Tensor else part for part in leaves])


def _constant(node: Tensor) -> Tensor:
    data = value_of(node)
    return leaf(data if is_number(data) else data.copy(), name=node.name)


def _like(value: Any, node: Tensor, role: str) -> Any:
    """A seed or a tangent in the kind, shape and dtype of its node; checked."""
    if type(value) is Tensor:
        data = value_of(value)
    else:
        value = data = as_data(value, None)
    if np.shape(data) != node.shape:
        raise ShapeError(
            f"the {role} of {describe(node)} must have its shape, {node.shape}, and received "
            f"{np.shape(data)}"
        )
    if type(value) is Tensor:
        return value
    if type(node._value) is float:
        return float(data)
    return data if is_number(node._value) else as_array(data).astype(node.dtype, copy=False)
