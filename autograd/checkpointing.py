"""Trading time for memory: forget what a function computes inside, and compute it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from autograd import modes
from autograd.eager import apply, value_of
from autograd.errors import DataError, UnsupportedError
from autograd.forward import Linearization
from autograd.gates.registry import Gate, gate
from autograd.gates.shapes import identity
from autograd.inside import call_inside, own
from autograd.propagation import propagate
from autograd.repeating import First, check_same, repeated
from autograd.tensor import READ, Tensor, here, leaf, stamp
from autograd.traversal import backward_pass
from autograd.trees import flatten

__all__ = ["checkpoint"]


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` as one gate that keeps its operands alone and computes the rest again when asked.

    What `f` computes on the way is not kept: a backward pass runs it a second time, so memory
    falls by what its gates would have held, at the price of one more forward pass. Values and
    gradients have the same bits. `f` takes nested arguments, may read Tensors from outside, and
    returns one Tensor; of plain arrays alone it may return anything, as `f` itself does.

    What `f` does besides is done once. For the second time the generators that it can see are put
    back to where they stood, `ag.sample` draws what it drew, the Tensors that it assigned (by
    `ag.assign` or by ``.data =``) have the data that they had, and afterwards all are as before:
    dropout has one mask, and batch normalisation one new average.

    Source: Griewank and Walther, Evaluating Derivatives, 2008, chapter 12.

    >>> import autograd as ag
    >>> x = ag.Tensor(2.0)
    >>> y = ag.checkpoint(lambda v: (v * v).exp())(x)
    >>> y.gate.name
    'checkpoint'
    >>> y.backward()
    >>> bool(x.grad == 4.0 * y.data)
    True

    Raises
    ------
    UnsupportedError (a TypeError): `f` returns anything but one Tensor, or assigns to an argument.
    GradientError (a RuntimeError): in the backward pass, where computing again gave another value.
    """
    if not callable(f):
        raise DataError(f"checkpoint() expects a function and received {f!r}")

    @wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        given, nest = flatten(list(args))
        places = [i for i, item in enumerate(given) if type(item) is Tensor and item._wants]

        def call(operands: Sequence[Any]) -> Any:
            """`f` on nodes in place of the Tensors among its arguments."""
            items = list(given)
            for place, operand in zip(places, operands, strict=True):
                items[place] = operand
            result = call_inside(f, nest(items), kwargs, arguments=operands)
            if type(result) is not Tensor and (places or Tensor in map(type, flatten(result)[0])):
                raise UnsupportedError(
                    f"a checkpointed function must return one Tensor, and {_name(f)} returned "
                    f"{type(result).__name__}: join several results with ag.stack or ag.concatenate"
                )
            return result

        operands = [given[place] for place in places]
        if not modes.current().grad_enabled:
            return call(operands)
        first = First(f, (args, kwargs))
        born = stamp()
        with modes.reading(first) as reads:
            first.arguments = [_stand_in(operand) for operand in operands]
            result = call(first.arguments)
        if type(result) is Tensor and result._wants:
            reads[result] = None  # it may be one from outside
        first.finish()
        outside = [node for node in reads if node._stamp < born]
        if type(result) is not Tensor or not (operands or outside):
            return result  # for which nobody will ask again
        made = _gate_of(_name(f), call, first, result._value, outside)
        return apply(made, (*operands, *outside))

    return run


def _gate_of(
    name: str,
    call: Callable[[Sequence[Any]], Any],
    first: First,
    value: Any,
    outside: Sequence[Tensor],
) -> Gate:
    """The gate of one call: its value is known, its rules run the function again."""

    def again(out: Any, inputs: Sequence[Any]) -> tuple[Tensor, list[Tensor], bool]:
        """The result, recorded anew; the nodes to differentiate for; whether to record that."""
        record = any(type(v) is Tensor for v in inputs)
        given = inputs[: len(inputs) - len(outside)]
        with repeated(first, records=True):
            fresh = [apply(identity, (v,)) if type(v) is Tensor else own(Tensor(v)) for v in given]
            result = call(fresh)
        check_same(name, value_of(out), result._value)
        return result, [*fresh, *outside], record

    def vjp(g: Any, out: Any, *inputs: Any) -> list[Any]:
        result, targets, record = again(out, inputs)
        with backward_pass([result], [g], targets) as nodes:
            propagate(nodes, record=record, keep=False)
            return [end._adjoint for end in nodes.ends]

    def jvp(tangents: Sequence[Any], out: Any, *inputs: Any) -> Any:
        result, targets, record = again(out, inputs)
        return Linearization(targets, [result], record).jvp(tangents)[0]

    known = [value]  # of the call that makes the gate; a program that replays it computes anew

    def forward(*inputs: Any) -> Any:
        if known:
            return known.pop()
        given = inputs[: len(inputs) - len(outside)]
        with repeated(first, records=False):
            return call([leaf(v) for v in given])._value

    return gate(
        forward,
        vjp=vjp,
        jvp=jvp,
        name="checkpoint",
        symbol="again",
        rule="f, computed again → its derivative",
    )


def _stand_in(operand: Tensor) -> Tensor:
    """A leaf in place of an operand in the first pass. It says that it wants a gradient, so that
    what would lose that is found before the second pass."""
    node = own(leaf(here(operand)))
    node._wants = READ
    return node


def _name(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", repr(f))
