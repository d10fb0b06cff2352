"""One step of training a layer over sequences: an LSTM, and a block of a Transformer.

The loss is the mean square of all outputs, and plain gradient descent follows, in float32. The LSTM
reads 28 steps of 28 features into 64 units, as rows of an image; the block is pre-norm, with 64
features, 4 heads, 32 steps and a network of 256 units with GELU in its tanh form. Every library
starts from the same weights and takes the same steps; the losses are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.descending import Step, by_jax, by_torch
from benchmarks.results import Outcome, disagreements

TITLE = "Sequences, training step"
FAMILY = "Networks"
VARIANTS = {
    "LSTM, 64 units, 28×28, batch 64": {"kind": "lstm"},
    "Transformer block, 64 features, 4 heads, T 32, batch 32": {"kind": "block"},
}
RATE = 0.01
INPUTS, UNITS, FEATURES, HEADS, HIDDEN = 28, 64, 64, 4, 256

SHAPES: dict[str, dict[str, tuple[int, ...]]] = {
    "lstm": {
        "weight_ih_l0": (4 * UNITS, INPUTS), "weight_hh_l0": (4 * UNITS, UNITS),
        "bias_ih_l0": (4 * UNITS,), "bias_hh_l0": (4 * UNITS,),
    },
    "block": {
        "norm1.weight": (FEATURES,), "norm1.bias": (FEATURES,),
        "self_attn.in_proj_weight": (3 * FEATURES, FEATURES),
        "self_attn.in_proj_bias": (3 * FEATURES,),
        "self_attn.out_proj.weight": (FEATURES, FEATURES), "self_attn.out_proj.bias": (FEATURES,),
        "norm2.weight": (FEATURES,), "norm2.bias": (FEATURES,),
        "linear1.weight": (HIDDEN, FEATURES), "linear1.bias": (HIDDEN,),
        "linear2.weight": (FEATURES, HIDDEN), "linear2.bias": (FEATURES,),
    },
}  # fmt: skip
"""The parameters, by PyTorch's names and in its layouts."""


def data(kind: str) -> np.ndarray:
    """A batch of sequences (N, T, features)."""
    shape = (64, 28, INPUTS) if kind == "lstm" else (32, 32, FEATURES)
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def initial(kind: str) -> dict[str, np.ndarray]:
    """The weights to start from; ones for the scales of norms, as usual."""
    rng = np.random.default_rng(1)
    found = {}
    for name, shape in SHAPES[kind].items():
        values = rng.normal(scale=shape[-1] ** -0.5 if len(shape) > 1 else 0.1, size=shape)
        is_scale = name.startswith("norm") and name.endswith("weight")
        found[name] = (values + is_scale).astype(np.float32)
    return found


def objective(kind: str) -> tuple[Callable[[], Any], list[Any]]:
    """The loss of our layer with these weights, as a function, and its parameters."""
    import autograd as ag
    import nn

    x = data(kind)
    model: Any = (
        nn.LSTM(INPUTS, UNITS, rng=0)
        if kind == "lstm"
        else nn.TransformerBlock(FEATURES, HEADS, hidden=HIDDEN, rng=0)
    )
    nn.from_torch(model, initial(kind))

    def loss() -> Any:
        out = model(x)
        return ag.mean((out[0] if kind == "lstm" else out) ** 2)

    return loss, list(model.parameters())


def descend(parameters: Sequence[Any]) -> None:
    """Plain gradient descent, in place."""
    for p in parameters:
        p.data -= RATE * p.grad
        p.zero_grad()


def gategrad(kind: str) -> Step:
    """Eager: a new graph every step."""
    loss, parameters = objective(kind)

    def step() -> float:
        value = loss()
        value.backward(retain_grads=False)
        descend(parameters)
        return float(value.data)

    return step


def gategrad_compiled(kind: str, **options: Any) -> Step:
    """Both passes, recorded at the first call and replayed."""
    import autograd as ag

    loss, parameters = objective(kind)
    fast = ag.compile(loss, **options)

    def step() -> float:
        value = float(fast())
        fast.program.backward()
        descend(parameters)
        return value

    return step


def torch(kind: str) -> Step:
    """Its own layers, updated in place."""
    import torch

    x = torch.from_numpy(data(kind))
    model = _of_torch(torch, kind)

    def loss() -> Any:
        out = model(x)
        return ((out[0] if kind == "lstm" else out) ** 2).mean()

    return by_torch(loss, list(model.parameters()), RATE)


def _of_torch(torch: Any, kind: str) -> Any:
    if kind == "lstm":
        model = torch.nn.LSTM(INPUTS, UNITS, batch_first=True)
    else:
        model = torch.nn.TransformerEncoderLayer(
            FEATURES, HEADS, HIDDEN, dropout=0.0, batch_first=True, norm_first=True,
            activation=lambda x: torch.nn.functional.gelu(x, approximate="tanh"),
        )  # fmt: skip
    model.load_state_dict({name: torch.from_numpy(a) for name, a in initial(kind).items()})
    return model


def jax(kind: str) -> Step:
    """The whole step through jax.jit, the layers written by hand."""
    import jax.numpy as jnp

    x = jnp.asarray(data(kind))
    layer = _lstm_of_jax if kind == "lstm" else _block_of_jax

    return by_jax(lambda p: jnp.mean(layer(p, x) ** 2), initial(kind), RATE)


def _lstm_of_jax(p: dict[str, Any], x: Any) -> Any:
    import jax
    import jax.numpy as jnp

    projected = jnp.swapaxes(x @ p["weight_ih_l0"].T, 0, 1) + p["bias_ih_l0"] + p["bias_hh_l0"]

    def cell(state: Any, z: Any) -> Any:
        h, c = state
        i, f, g, o = jnp.split(z + h @ p["weight_hh_l0"].T, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zeros = jnp.zeros((len(x), UNITS), x.dtype)
    return jax.lax.scan(cell, (zeros, zeros), projected)[1]


def _block_of_jax(p: dict[str, Any], x: Any) -> Any:
    import jax
    import jax.numpy as jnp

    def norm(x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
        return scaled * p[f"{name}.weight"] + p[f"{name}.bias"]

    def linear(x: Any, name: str) -> Any:
        return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    n, steps, _ = x.shape
    z = norm(x, "norm1") @ p["self_attn.in_proj_weight"].T + p["self_attn.in_proj_bias"]
    q, k, v = z.reshape(n, steps, 3, HEADS, -1).transpose(2, 0, 3, 1, 4)
    weights = jax.nn.softmax(q @ k.swapaxes(-1, -2) / (FEATURES // HEADS) ** 0.5)
    heads = (weights @ v).transpose(0, 2, 1, 3).reshape(n, steps, FEATURES)
    x = x + linear(heads, "self_attn.out_proj")
    hidden = jax.nn.gelu(linear(norm(x, "norm2"), "linear1"), approximate=True)
    return x + linear(hidden, "linear2")


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose losses are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-3)]
