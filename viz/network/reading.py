"""A model read as columns of units, with the values and gradients of an example."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import phrase, say
from viz.errors import UnsupportedTargetError, VizError
from viz.modules import called, is_module

from .columns import Network
from .flow import Flow

NO_GRADIENT = phrase(
    "gradients not drawn: the network has {count} outputs, pass gradient= to say which"
)


def read(model: Any, example: Any = None, gradient: Any = None) -> Network:
    """The columns of a model of linear layers; with an example, values and gradients on them.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not an nn.Module. VizError (a ValueError) : something
        that is none of linear layers and of what works unit by unit, or an example of several rows.
    """
    if not is_module(model):
        raise UnsupportedTargetError(
            f"draw_network takes an nn.Module; received {type(model).__name__}. "
            "viz.draw draws the graph of a Tensor"
        )
    count = _inputs_of(model)
    if example is None:
        if gradient is not None:
            raise VizError("gradient= goes with an example: draw_network(model, x, gradient=...)")
        given: Any = (np.zeros(count),)
    else:
        given = example if isinstance(example, tuple) else (example,)
        if len(given) == 1:
            _check_example(given[0], count)
    made = called(model, tuple(_as_batch(one, model) for one in given))
    if isinstance(made.output, dict | tuple if model.is_scalar else dict | tuple | list):
        raise VizError(f"{type(model).__name__} has several outputs; viz.draw(model, x) draws them")
    flow = Flow(made, model)
    network = Network(flow.layers, type(model).__name__, flow.ends)
    if example is not None:
        for layer in network.layers:
            layer.values = _numbers(layer.output)
        _differentiate(network, made.output, gradient)
        for layer, one in zip(network.layers, given, strict=False):
            if not (isinstance(one, Tensor) and one.requires_grad):
                layer.gradients = None
    return network


class Known(NamedTuple):
    """What the units are called that a network reads and makes, as far as it is known."""

    inputs: list[str] | None
    outputs: list[str] | None


def names_of(trained: Any, network: Network, example: Any) -> Known:
    """The names of columns and classes that a model, or an estimator, was trained with; of columns
    else the example's own."""
    columns = getattr(trained, "feature_names_in_", None)
    if columns is None:
        columns = getattr(example, "columns", getattr(example, "index", None))
        columns = None if callable(columns) else columns  # A list's or a tuple's own method.
    if isinstance(columns, dict):
        columns = [name for names in columns.values() for name in names]
    entries = sum(layer.count for layer in network.layers if not layer.sources)
    ends = sum(network.layers[end].count for end in network.ends)
    return Known(_texts(columns, entries), _texts(getattr(trained, "classes_", None), ends))


def _texts(names: Any, count: int) -> list[str] | None:
    return [str(name) for name in names] if names is not None and len(names) == count else None


def _inputs_of(model: Any) -> int:
    from nn.layers.linear import Linear
    from nn.layers.maxout import Maxout

    for module in model.modules():
        if isinstance(module, Linear | Maxout):
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


def _as_batch(example: Any, model: Any) -> Any:
    """A sample as a batch of one, of which every layer's numbers can be followed."""
    if model.is_scalar:
        flat = example if type(example) is list else np.ravel(np.asarray(example)).tolist()
        return [x if isinstance(x, Tensor) else Tensor(float(x)) for x in flat]
    if isinstance(example, Tensor) and example.requires_grad:
        return example
    values = np.asarray(example.data if isinstance(example, Tensor) else example)
    batch = values[None] if values.ndim == 1 else values
    return Tensor(batch.astype(model.dtype or float), name="x")


def _differentiate(network: Network, output: Any, gradient: Any) -> None:
    """The gradients of units and weights, of the output or of what `gradient` weighs it with."""
    outputs = output if isinstance(output, list) else [output]
    count = sum(network.layers[end].count for end in network.ends)
    if gradient is None and count > 1:
        network.notes.append(say(NO_GRADIENT, count=count))
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
            if found is None:
                continue
            if isinstance(weight, Tensor) and weight.ndim == 3:  # (pieces, inputs, outputs)
                found = found.reshape(weight.shape).swapaxes(0, 1)
            matrix = found.reshape(layer.fan_in, layer.count)
            for source in layer.sources:
                if source.weights is not None:
                    rows = slice(source.first, source.first + len(source.weights))
                    source.weight_gradients = matrix[rows]


def _like(seed: np.ndarray, output: Tensor) -> Any:
    if type(output.data) is float:
        return float(seed[0])
    return seed.reshape(output.shape).astype(output.dtype)


def _numbers(content: Any) -> np.ndarray:
    if isinstance(content, list):
        return np.array([float(node.data) for node in content])
    return np.ravel(np.asarray(content.data, dtype=float))
