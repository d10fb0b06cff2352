"""Functions of functions: gradients, products with Jacobians, Hessians; to any order.

Each wraps the arguments in fresh nodes, calls the function, and runs a pass that stops at them.
The pass itself is recorded where its result could be differentiated again: where an argument is a
Tensor that wants a gradient, or the function reached one from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import numpy as np

from autograd.backward import make_seed
from autograd.data import as_array, as_data, is_number
from autograd.eager import value_of
from autograd.errors import DataError, GradientError, ShapeError
from autograd.fresh import Call, Function, by_argnums, check_function, positions
from autograd.tensor import Tensor, describe, leaf
from autograd.trees import flatten, flatten_like

if TYPE_CHECKING:
    from autograd.signatures import Gradient, ValueAndGradient

__all__ = ["grad", "jvp", "stop_gradient", "value_and_grad", "vjp"]

Nest = TypeVar("Nest")


def _one_output(call: Call, name: str) -> Tensor:
    """The one number that a gradient is of."""
    if len(call.outputs) != 1 or call.outputs[0].size != 1:
        shapes = ", ".join(str(output.shape) for output in call.outputs)
        raise GradientError(
            f"{name}() expects a function that returns one number, and it returned shape "
            f"{shapes or 'nothing'}: sum the result, or use ag.jacobian or ag.vjp"
        )
    return call.outputs[0]


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
    check_function(f, "value_and_grad", argnums)

    @wraps(f)
    def differentiated(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = Call(f, args, positions(argnums, args), kwargs, has_aux)
        output = _one_output(call, "grad")
        seed = make_seed(output, None) if output._wants else 1.0
        gradients = by_argnums(argnums, call.nest(call.vjp([seed])))
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
    check_function(f, "grad", argnums)
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
    """The value of `f`, and the function that brings a gradient of it back to the arguments.

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
        return tuple(call.nest(call.vjp(seeds)))

    return (out, pullback, call.aux) if has_aux else (out, pullback)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f` and its tangent: forward mode, one pass whatever the number of outputs.

    `tangents` are nested and shaped like `primals`; the tangent is nested and shaped like the
    value: the Jacobian times the tangents, which is never built.

    >>> import autograd as ag
    >>> ag.jvp(lambda a, b: a * b, (3.0, -4.0), (1.0, 0.0))
    (-12.0, -4.0)

    A tangent that is exactly 0 adds nothing, where the derivative is infinite or nan too: of an
    elementwise gate entry by entry, of any other, such as ``a @ b``, where an operand's is 0
    throughout (where one rule answers for several operands, as of `np.linalg.solve`, all of
    theirs). xʸ has no derivative by y at a negative x, and along x it has:

    >>> ag.jvp(ag.power, (-2.0, 2.0), (1.0, 0.0))
    (4.0, -4.0)

    A gradient of a tangent goes back by reverse mode's rule, in which 0·∞ is nan; tangents that are
    constants, and 0 throughout, are left out of it.

    Raises `UnsupportedError` (a TypeError) where a gate of one's own has no rule for it.
    """
    check_function(f, "jvp")
    if not all(isinstance(given, (tuple, list)) for given in (primals, tangents)):
        raise DataError(
            f"jvp() expects a tuple of primals and a tuple of tangents, and received {primals!r} "
            f"and {tangents!r}: write ag.jvp(f, (x,), (t,))"
        )
    call = Call(f, primals, range(len(primals)), {}, keeps=True)
    given = flatten_like(list(tangents), list(primals))
    if given is None:
        raise ShapeError(
            f"jvp() expects {len(call.fresh)} tangents, nested like the primals, and received "
            f"{tangents!r}"
        )
    moved = call.jvp([_like(t, node, "tangent") for t, node in zip(given, call.fresh, strict=True)])
    return call.result(), call.nest_outputs(moved)


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
