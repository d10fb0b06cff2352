"""What a picture of a network shows, read from a model: columns of units, weights between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor

from .errors import UnsupportedTargetError, VizError
from .modules import called, is_module

NO_GRADIENT = "gradients not drawn: the network has {} outputs, pass gradient= to say which"


@dataclass
class Layer:
    """One column of units, and the weights that enter it: None for the inputs.

    `weights` has shape (units before, units); `bias`, `values` and `gradients` one number a unit,
    each None where there is none.
    """

    names: list[str]
    count: int
    weights: np.ndarray | None = None
    bias: np.ndarray | None = None
    values: np.ndarray | None = None
    gradients: np.ndarray | None = None
    weight_gradients: np.ndarray | None = None
    output: Any = None
    module: Any = None

    @property
    def title(self) -> str:
        """The names of its modules: ``linear1 → relu``."""
        return " → ".join(self.names)


@dataclass
class Network:
    """The columns of a network, inputs first, and what there is to say about them."""

    layers: list[Layer]
    name: str
    notes: list[str] = field(default_factory=list)

    @property
    def parameters(self) -> int:
        """How many weights and biases it has."""
        return sum(
            part.size
            for layer in self.layers
            for part in (layer.weights, layer.bias)
            if part is not None
        )


def read(model: Any, example: Any = None, gradient: Any = None) -> Network:
    """The columns of a model of linear layers; with an example, values and gradients on them.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not an nn.Module. VizError (a ValueError) : a layer that
        is none of linear ones and of those that work unit by unit, or an example of several rows.
    """
    if not is_module(model):
        raise UnsupportedTargetError(
            f"draw_network takes an nn.Module; received {type(model).__name__}. "
            "viz.draw draws the graph of a Tensor"
        )
    inputs = _inputs_of(model)
    if example is None:
        if gradient is not None:
            raise VizError("gradient= goes with an example: draw_network(model, x, gradient=...)")
        made = called(model, np.zeros((1, inputs)))
    else:
        _check_example(example, inputs)
        made = called(model, _as_batch(example))
    network = Network(_columns(made, inputs, model), type(model).__name__)
    if example is not None:
        for layer in network.layers:
            layer.values = _numbers(layer.output)
        _differentiate(network, made.output, gradient)
    return network


def _inputs_of(model: Any) -> int:
    from nn.layers.linear import Linear, ScalarLinear

    for module in model.modules():
        if isinstance(module, Linear | ScalarLinear):
            return module.inputs
    raise VizError(
        f"{type(model).__name__} has no linear layer to draw; viz.draw(model, x) draws any model"
    )


def _check_example(example: Any, inputs: int) -> None:
    shape = np.shape(example.data if isinstance(example, Tensor) else example)
    if int(np.prod(shape)) != inputs or (len(shape) > 1 and shape[0] != 1):
        raise VizError(
            f"draw_network shows one sample of {inputs} numbers; received shape {shape}"
            + (": write X[0]" if len(shape) > 1 else "")
        )


def _as_batch(example: Any) -> Any:
    """A sample as a batch of one, which every layer takes."""
    if isinstance(example, Tensor) or np.ndim(example) != 1:
        return example
    return np.asarray(example)[None]


def _columns(made: Any, inputs: int, model: Any) -> list[Layer]:
    from nn.layers.linear import Linear, ScalarLinear

    (given,) = made.inputs
    layers = [Layer(["input"], inputs, output=given)]
    for call in made.calls:
        if isinstance(call.module, Linear | ScalarLinear):
            state = call.module.state_dict()
            before, count = state["weight"].shape
            if before != layers[-1].count:
                raise _undrawable(call, model)
            layers.append(
                Layer([call.label], count, state["weight"], state.get("bias"), module=call.module)
            )
        elif any(len(entry.shape) > 1 for entry in call.module.state_dict().values()) or (
            _count(call.output) != layers[-1].count
        ):
            raise _undrawable(call, model)
        elif len(layers) > 1:
            layers[-1].names.append(call.label)
        layers[-1].output = call.output
    if _count(made.output) != layers[-1].count:
        raise VizError(f"{type(model).__name__} ends in something other than its last linear layer")
    layers[-1].output = made.output
    return layers


def _undrawable(call: Any, model: Any) -> VizError:
    return VizError(
        f"draw_network draws linear layers one after the other, and what works unit by unit; "
        f"{type(model).__name__} has {call.label}, which is {call.module!r}. "
        "viz.draw(model, x) draws any model"
    )


def _differentiate(network: Network, output: Any, gradient: Any) -> None:
    """The gradients of units and weights, of the output or of what `gradient` weighs it with."""
    outputs = output if isinstance(output, list) else [output]
    count = network.layers[-1].count
    if gradient is None and count > 1:
        network.notes.append(NO_GRADIENT.format(count))
        return
    seed = np.ones(count) if gradient is None else np.ravel(np.asarray(gradient, dtype=float))
    if seed.size != count:
        raise VizError(
            f"gradient is dL/d(output), a number for each of {count} outputs; received {seed.size}"
        )
    if isinstance(output, list):
        trace = ag.trace(sum(float(g) * node for g, node in zip(seed, outputs, strict=True)))
    elif not output.requires_grad:
        return
    else:
        trace = ag.trace(output, gradient=_like(seed, output))
    known = {id(node) for node in trace.nodes}

    def gradient_of(content: Any) -> np.ndarray | None:
        nodes = content if isinstance(content, list) else [content]
        if not all(isinstance(node, Tensor) and id(node) in known for node in nodes):
            return None
        found = [trace.grad(node) for node in nodes]
        return None if any(g is None for g in found) else np.ravel(np.array(found, dtype=float))

    for layer in network.layers:
        layer.gradients = gradient_of(layer.output)
        if layer.module is not None:
            weight = layer.module.weight
            flat = [w for row in weight for w in row] if isinstance(weight, list) else weight
            found = gradient_of(flat)
            layer.weight_gradients = None if found is None else found.reshape(layer.weights.shape)


def _like(seed: np.ndarray, output: Tensor) -> Any:
    if type(output.data) is float:
        return float(seed[0])
    return seed.reshape(output.shape).astype(output.dtype)


def _numbers(content: Any) -> np.ndarray:
    if isinstance(content, list):
        return np.array([float(node.data) for node in content])
    return np.ravel(np.asarray(content.data, dtype=float))


def _count(content: Any) -> int:
    return len(content) if isinstance(content, list) else int(np.size(content.data))
