"""What the page is told of a network: its layers of weights, and what follows each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

import numpy as np

import nn
from autograd import Graph, Tensor
from autograd.extend import UnwritableError
from nn.layers.linear import Linear
from viz.errors import UnsupportedTargetError, VizError
from viz.modules import is_module
from viz.stepping.javascript import Gates, as_json
from viz.symbols import is_scalar_constant

from .gate_table import told


class Layer(NamedTuple):
    """Weights of shape (inputs, outputs), offsets of shape (outputs,) or None, and the functions
    that are applied to each output, one after another."""

    weight: np.ndarray
    bias: np.ndarray | None
    activations: list[Callable[[Any], Any]]


def layers_of(model: Any) -> list[Layer]:
    """The layers of an MLP, of a Sequential of linear layers and activations, or of one Linear.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not an nn.Module; VizError (a ValueError) : a module of
        any other kind, or with one in it.
    """
    if not is_module(model):
        raise UnsupportedTargetError(
            f"playground trains an nn.Module; received {type(model).__name__}. viz.step(f) steps "
            "through the graph of a Tensor"
        )
    layers: list[Layer] = []
    for part in _parts(model):
        if isinstance(part, Linear):
            state = part.state_dict()
            weight = np.asarray(state["weight"], float)
            layers.append(Layer(weight, _floats(state.get("bias")), []))
        elif layers and callable(part) and (not is_module(part) or _is_elementwise(part)):
            layers[-1].activations.append(part)
        else:
            raise VizError(
                f"playground trains linear layers, each with activations after it; received "
                f"{type(part).__name__} in {type(model).__name__}. viz.step(model, x) steps "
                "through any model"
            )
    for before, after in pairwise(layers):
        if before.weight.shape[1] != after.weight.shape[0]:
            raise VizError(
                f"a layer of {before.weight.shape[1]} outputs is followed by one of "
                f"{after.weight.shape[0]} inputs"
            )
    return layers


def _parts(model: Any) -> Iterator[Any]:
    """The modules and functions of a model, in the order in which they are called."""
    if isinstance(model, nn.MLP):
        for pair in zip_longest(model.layers, model.activations):
            yield from (part for part in pair if part is not None)
    elif isinstance(model, nn.Sequential):
        for part in model.layers:
            yield from _parts(part)
    else:
        yield model


def _is_elementwise(module: Any) -> bool:
    return getattr(module, "elementwise", False) and not module.parameters()


def _floats(values: Any) -> np.ndarray | None:
    return None if values is None else np.asarray(values, float)


# ---- functions of a number, as the page computes them


def scalar_function(functions: Sequence[Callable[[Any], Any]], gates: Gates) -> str:
    """Functions of a number, one after another, in JavaScript: the value, and the slope there.

    They are made of the gates that they apply, by the chain rule. Raises UnwritableError where one
    is no function of a number, or made of gates that do not compute with floats.

    >>> from autograd import exp, tanh
    >>> scalar_function([exp], Gates())
    '[a=>Math.exp(a),(a,out)=>out]'
    >>> scalar_function([exp, tanh], Gates())
    'chain(x=>{let a=GATES[0](x),b=GATES[1](a[0]);return[b[0],b[1]*a[1]]})'
    """
    x, made = _nodes(functions)
    if not made:
        return "[a=>a,()=>1]"
    first, *others = made[-1].inputs
    if len(made) == 1 and first is x and all(other is not x for other in others):
        return _one_gate(made[0], gates)
    return _chain(x, made, gates)


def steps_of(functions: Sequence[Callable[[Any], Any]], gates: Gates) -> list[dict[str, Any]]:
    """The gates of the same functions, as they are told, each with its `operands`: the input is
    number 0, the first gate's result number 1."""
    x, made = _nodes(functions)
    number = {id(node): i for i, node in enumerate([x, *made])}
    steps = []
    for node in made:
        operands = [o for o in node.inputs if isinstance(o, Tensor)]
        places = {id(o): i for i, o in reversed([*enumerate(operands)])}
        steps.append({**told(node, places, gates), "operands": [number[id(o)] for o in operands]})
    return steps


def _nodes(functions: Sequence[Callable[[Any], Any]]) -> tuple[Tensor, list[Tensor]]:
    """A number, and what functions make of it, one after another."""
    x = Tensor(0.5)
    out: Any = x
    for function in functions:
        out = function(out)
    if not isinstance(out, Tensor) or out.shape:
        raise UnwritableError("it is no function of one number")
    made = [node for node in Graph(out).nodes if node is not x]
    if any(node.is_leaf for node in made):
        raise UnwritableError("it has weights of its own")
    return x, made


def _one_gate(node: Tensor, gates: Gates) -> str:
    gate = node.gate
    if gate.floats is None:
        raise UnwritableError(gate.name)
    rest = "".join(f",b={_constant(operand)}" for operand in node.inputs[1:])
    value, slope = gates.text_of(gate.floats.value), gates.text_of(gate.floats.local[0])
    first = f"(a{rest})" if rest else "a"
    return f"[{first}=>{value},(a,out{rest})=>{slope}]"


def _chain(x: Tensor, made: list[Tensor], gates: Gates) -> str:
    values, slopes = {id(x): "x"}, {id(x): "1"}
    texts = []
    for i, node in enumerate(made):
        name, number = chr(ord("a") + i), gates.number_of(node.gate)
        operands = ",".join(values.get(id(o)) or _constant(o) for o in node.inputs)
        texts.append(f"{name}=GATES[{number}]({operands})")
        terms = [
            f"{name}[{slot}]" + (f"*{slopes[id(o)]}" if slopes[id(o)] != "1" else "")
            for slot, o in enumerate(node.inputs, 1)
            if id(o) in slopes
        ]
        slope = terms[0] if len(terms) == 1 else f"({'+'.join(terms)})"
        values[id(node)], slopes[id(node)] = f"{name}[0]", slope
    end = id(made[-1])
    return f"chain(x=>{{let {','.join(texts)};return[{values[end]},{slopes[end]}]}})"


def _constant(operand: Any) -> str:
    if not is_scalar_constant(operand):
        raise UnwritableError("a constant array")
    return str(as_json(np.ravel(operand)[0]))


# ---- losses

# Where the gate of a loss checks its targets, and so has no expression: its value and derivative,
# in prediction a and target b, as nn/losses/binary.py has them.
_WRITTEN = {
    "binary_cross_entropy": (
        "abs(a) * abs((1.0 if a >= 0.0 else 0.0) - b) + log1p(exp(-abs(a)))",
        "logistic(a) * (1.0 - b) - logistic(-a) * b",
    ),
    "hinge": ("1.0 - a * b if a * b < 1.0 else 0.0", "-b if a * b < 1.0 else 0.0"),
}
_OF_GATES = ("mse", "half_sse", "l1", "log_cosh")
LOSSES = (*_WRITTEN, "cross_entropy", *_OF_GATES)


def loss_function(name: str, gates: Gates) -> str:
    """The loss of one output and its target: (a, b) => [value, derivative, ...]; "" for
    cross-entropy, which looks at all outputs."""
    if name == "cross_entropy":
        return ""
    if name in _WRITTEN:
        return f"(a,b)=>[{','.join(map(gates.text_of, _WRITTEN[name]))}]"
    node = getattr(nn.losses, name)(Tensor(0.5), 1.0)
    return f"GATES[{gates.number_of(node.gate)}]"
