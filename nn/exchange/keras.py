"""Weights that Keras 3 wrote, in a `.keras` or a `.weights.h5`: from a model there to one here.

A file has the layers of each kind in their order; so ours are matched, kind by kind, in the order
in which a model holds them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn.errors import StateError
from nn.exchange.keras_files import Layer, layers_in
from nn.layers.activations import PReLU
from nn.layers.attention import MultiHeadAttention
from nn.layers.convolution import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
)
from nn.layers.embedding import Embedding
from nn.layers.linear import Linear
from nn.layers.normalisation import BatchNorm, GroupNorm, LayerNorm
from nn.layers.recurrent import GRU, LSTM, RNN
from nn.layers.shaping import Flatten
from nn.module import Module

__all__ = ["from_keras"]

State = dict[str, np.ndarray]


def from_keras(where: Path, model: Module) -> dict[str, Any]:
    """The arrays of a file under the names of a model, as it lays them out.

    Raises FileFormatError (a ValueError) for a file that is none of Keras', and StateError (a
    ValueError) for one of another model.
    """
    layers: dict[str, deque[Layer]] = {}
    for layer in layers_in(where):
        layers.setdefault(layer.kind, deque()).append(layer)
    asked: list[Layer] = []

    def ask(*kinds: str) -> Layer:
        """The next layer of the first of these kinds that is left."""
        kind = next((kind for kind in kinds if layers.get(kind)), None)
        if kind is None:
            raise StateError(f"{where} has no further {kinds[-1]} for {module!r}")
        asked.append(layers[kind].popleft())
        return asked[-1]

    found: State = {}
    maps: int | None = None  # of the convolution before, where Keras has its channels last
    flat = False
    parts: set[int] = set()  # of attention, which are one layer there
    for path, module in model.named_modules():
        flat = maps is not None if isinstance(module, Flatten) else flat
        taker = next((take for kind, take in TAKERS.items() if isinstance(module, kind)), None)
        if taker is None or id(module) in parts:
            continue
        parts.update(
            id(part) for part in module.modules() if isinstance(module, MultiHeadAttention)
        )
        try:
            state = taker(module, ask)
        except ValueError as error:
            if isinstance(error, StateError):
                raise
            raise StateError(f"{asked[-1].name} does not fit {module!r}: {error}") from error
        if flat and maps is not None:
            state = {name: _channels_first(array, maps) for name, array in state.items()}
        if isinstance(module, Linear):
            maps, flat = None, False
        elif hasattr(module, "out_channels"):
            last = asked[-1].settings.get("data_format") != "channels_first"
            maps, flat = module.out_channels if last else None, False
        found |= {f"{path}.{name}" if path else name: array for name, array in state.items()}
    left = [layer.name for rest in layers.values() for layer in rest]
    if left:
        raise StateError(f"{where} has layers that the model has not: {', '.join(left[:5])}")
    return found


def _channels_first(array: np.ndarray, channels: int) -> np.ndarray:
    """Rows of flattened maps: from places × channels to channels × places."""
    if len(array) % channels or len(array) == channels:
        return array
    turned = array.reshape(-1, channels, *array.shape[1:]).swapaxes(0, 1)
    return turned.reshape(array.shape)


# ---- each kind of layer: its state, of arrays that are asked for

Ask = Callable[..., Layer]


def _linear(module: Any, ask: Ask) -> State:
    return _with_bias(module, ask("dense"), lambda kernel: kernel)


def _conv(module: Any, ask: Ask) -> State:
    axes, groups = len(module.window), module.groups
    kinds = [f"conv{axes}d"]
    if 1 < groups == module.in_channels:
        kinds.insert(0, f"depthwise_conv{axes}d")
    layer = ask(*kinds)

    def turned(kernel: np.ndarray) -> np.ndarray:
        """(*lengths, in/groups, out), of depthwise ones (*lengths, in, times), to ours."""
        if layer.kind.startswith("depthwise"):
            kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
        return np.moveaxis(kernel, (-1, -2), (0, 1))

    return _with_bias(module, layer, turned)


def _conv_transpose(module: Any, ask: Ask) -> State:
    layer = ask(f"conv{module.axes}d_transpose")
    return _with_bias(module, layer, lambda kernel: np.moveaxis(kernel, (-1, -2), (0, 1)))


def _with_bias(module: Any, layer: Layer, turned: Callable[[Any], Any]) -> State:
    names = ["weight"] + (["bias"] if module.bias is not None else [])
    kernel, *bias = layer.arrays(len(names), " and ".join(names))
    return dict(zip(names, [turned(kernel), *bias], strict=True))


def _normalised(kind: str) -> Callable[[Any, Ask], State]:
    def taken(module: Any, ask: Ask) -> State:
        layer = ask(kind)
        eps = layer.settings.get("epsilon", module.eps)
        if eps != module.eps:
            raise StateError(f"{layer.name} has eps={eps}, and the model {module.eps}: make it so")
        names = [name for name in ("gamma", "beta", "running_mean", "running_var")
                 if getattr(module, name, None) is not None]  # fmt: skip
        state = dict(zip(names, layer.arrays(len(names), ", ".join(names)), strict=True))
        counted = getattr(module, "batches", None)
        return state if counted is None else {**state, "batches": counted.data}

    return taken


def _embedding(module: Any, ask: Ask) -> State:
    return {"weight": ask("embedding").arrays(1, "a table")[0]}


def _prelu(module: Any, ask: Ask) -> State:
    (slope,) = ask("p_re_lu").arrays(1, "a slope")
    return {"slope": slope.reshape(-1) if module.features else slope.reshape(-1).squeeze()}


def _recurrent(kind: str, order: Sequence[int]) -> Callable[[Any, Ask], State]:
    """Of gates that Keras has in another order."""

    def rows(array: np.ndarray) -> np.ndarray:
        """(..., gates · units) to a row for each unit, gate by gate in our order."""
        parts = np.split(array, len(order), axis=-1)
        return np.concatenate([parts[i] for i in order], axis=-1).T

    def taken(module: Any, ask: Ask) -> State:
        state: State = {}
        for k in range(module.num_layers):
            layer = ask("bidirectional" if module.bidirectional else kind)
            ways = {"cell": ""}
            if module.bidirectional:
                ways = {"forward_layer/cell": "", "backward_layer/cell": "_reverse"}
            for part, end in ways.items():
                w, u, *bias = map(rows, layer.arrays(2 + module.bias, _said_of(module), part))
                state |= {f"weight_ih_l{k}{end}": w, f"weight_hh_l{k}{end}": u}
                if bias:
                    state |= _biases(layer, kind, bias[0], f"l{k}{end}")
        return state

    return taken


def _said_of(module: Any) -> str:
    return "biases" if module.bias else "no biases"


def _biases(layer: Layer, kind: str, bias: np.ndarray, end: str) -> State:
    """Keras adds one bias, but for a GRU two, of which that of the state is inside of the reset."""
    if kind == "gru" and bias.ndim == 1:
        raise StateError(
            f"{layer.name} resets before the product (reset_after=False), and ours after it, as "
            "Keras does by default"
        )
    first, second = bias.T if bias.ndim == 2 else (bias, np.zeros_like(bias))
    return {f"bias_ih_{end}": first, f"bias_hh_{end}": second}


def _attention(module: Any, ask: Ask) -> State:
    layer, dim = ask("multi_head_attention"), module.dim
    count = 1 + module.bias
    kernels, biases = [], []
    for part in ("query_dense", "key_dense", "value_dense"):
        kernel, *bias = layer.arrays(count, _said_of(module), part)
        if kernel.shape != (dim, module.heads, dim // module.heads):
            raise StateError(f"{layer.name} has a kernel {kernel.shape}, and the model {module!r}")
        kernels.append(kernel.reshape(dim, dim).T)
        biases += [part.ravel() for part in bias]
    kernel, *bias = layer.arrays(count, _said_of(module), "output_dense")
    state = {"in_proj_weight": np.concatenate(kernels), "out_proj.weight": kernel.reshape(dim, dim)}
    if bias:
        state |= {"in_proj_bias": np.concatenate(biases), "out_proj.bias": bias[0]}
    return state


TAKERS: dict[Any, Callable[[Any, Ask], State]] = {
    Linear: _linear,
    (Conv1d, Conv2d, Conv3d): _conv,
    (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d): _conv_transpose,
    BatchNorm: _normalised("batch_normalization"),
    LayerNorm: _normalised("layer_normalization"),
    GroupNorm: _normalised("group_normalization"),
    Embedding: _embedding,
    PReLU: _prelu,
    RNN: _recurrent("simple_rnn", (0,)),
    LSTM: _recurrent("lstm", (0, 1, 2, 3)),
    GRU: _recurrent("gru", (1, 0, 2)),  # update, reset, candidate to reset, update, candidate
    MultiHeadAttention: _attention,
}
