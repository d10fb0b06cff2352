"""Layers on the samples of PyTorch's own list of modules, with every option that both have: values,
gradients of inputs and of parameters, and state."""

from __future__ import annotations

import copy
import inspect

import numpy as np
import pytest
import torch
from torch.testing._internal.common_modules import module_db

import nn
from autograd import Tensor
from nn.written import parameters_of

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel"),
]

LISTED = {info.module_cls.__name__: info for info in module_db}
WORDS = {
    "elementwise_affine": "affine", "nonlinearity": "activation", "num_features": "features",
    "num_embeddings": "num", "embedding_dim": "dim", "normalized_shape": "shape",
    "num_groups": "groups", "num_channels": "channels", "in_features": "inputs",
    "out_features": "outputs", "embed_dim": "dim", "num_heads": "heads", "d_model": "dim",
    "nhead": "heads", "dim_feedforward": "hidden", "layer_norm_eps": "eps",
    "negative_slope": "slope",
}  # fmt: skip
"""What we call their options."""

LESS = {"device", "dtype", "batch_first", "inplace", "return_indices"}
"""Options that change nothing of what is computed, once a sample is laid out as ours are."""


class UnknownOptionError(Exception):
    """A sample with an option that ours has not."""


def named(name, sample):
    """The options of a sample in our words."""
    given = sample.constructor_input
    signature = inspect.signature(LISTED[name].module_cls.__init__)
    bound = signature.bind(None, *given.args, **given.kwargs).arguments
    bound |= bound.pop("kwargs", {})
    return {
        WORDS.get(key, key): value
        for key, value in bound.items()
        if key not in LESS | {"self", "args"}
    }


def plain(kind, **more):
    def make(options):
        if unknown := options.keys() - {p.name for p in parameters_of(getattr(nn, kind))}:
            raise UnknownOptionError(unknown)
        return getattr(nn, kind)(**options, **more)

    return make


def layer(kind, **more):
    return plain(kind, dtype=np.float64, **more)


def softmax(kind):
    return lambda options: getattr(nn, kind)(axis=options["dim"])


def prelu(options):
    features = options.get("num_parameters", 1)
    return nn.PReLU(None if features == 1 else features, axis=1, dtype=np.float64)


def recurrent(kind):
    def make(options):
        if options.pop("proj_size", 0):
            raise UnknownOptionError("proj_size")
        return layer(kind)(options)

    return make


def attention(options):
    if options.pop("add_bias_kv") or options.pop("add_zero_attn"):
        raise UnknownOptionError("add_bias_kv")
    return layer("MultiHeadAttention")(options)


def block(options):
    activation = options.pop("activation", "relu")
    options["activation"] = getattr(activation, "__name__", activation)
    return layer("TransformerBlock")({"norm_first": False, **options})


OURS = {
    **{f"{kind}{n}d": plain(f"{kind}{n}d") for kind in ("AvgPool", "MaxPool") for n in (1, 2, 3)},
    **{f"Conv{n}d": layer(f"Conv{n}d") for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": layer(f"ConvTranspose{n}d") for n in (1, 2, 3)},
    **{f"BatchNorm{n}d": layer("BatchNorm", axis=1) for n in (1, 2, 3)},
    **{kind: layer(kind) for kind in ("Linear", "Embedding", "LayerNorm", "GroupNorm")},
    **{kind: plain(kind) for kind in (
        "ELU", "LeakyReLU", "ReLU", "SELU", "Sigmoid", "Softsign", "Tanh"
    )},
    **{kind: softmax(kind) for kind in ("Softmax", "LogSoftmax")},
    **{kind: recurrent(kind) for kind in ("RNN", "LSTM", "GRU")},
    "PReLU": prelu,
    "SiLU": lambda options: nn.Swish(),
    "GELU": lambda options: nn.GELU(),
    "Softplus": lambda options: nn.Softplus(**{"threshold": 20.0, **options}),
    "MultiheadAttention": attention,
    "TransformerEncoderLayer": block,
}  # fmt: skip


def added(hidden, shape):
    """A mask of PyTorch's, True for what is hidden or added, as one that is added."""
    hidden = plainly(hidden)
    if hidden is None:
        return np.zeros(shape)
    return np.broadcast_to(
        np.where(hidden, -np.inf, 0.0) if hidden.dtype == bool else hidden, shape
    )


def plainly(value):
    return value.detach().numpy() if isinstance(value, torch.Tensor) else value


def attend(ours, theirs, inputs, attn_mask=None, src_mask=None, **padding):
    """Of steps without a batch, or with it where theirs has it."""
    (padded,) = padding.values() or (None,)
    lone, first = len(inputs[0].shape) == 2, getattr(theirs, "self_attn", theirs).batch_first
    inputs = [x[None] if lone else x if first else x.swapaxes(0, 1) for x in inputs]
    shape = (inputs[0].shape[1], inputs[-1].shape[1])
    mask = added(attn_mask if src_mask is None else src_mask, (ours.heads, *shape))
    padded = added(padded, (len(inputs[0]), shape[1]))
    out = ours(*inputs, mask=mask + padded[:, None, None])
    return [out[0] if lone else out if first else out.swapaxes(0, 1)]


def along_time(ours, theirs, inputs):
    """Of one sequence."""
    x, *state = inputs
    state = [part[:, None] for part in state]
    out, end = ours(x[None], (tuple(state) if len(state) > 1 else state[0]) if state else None)
    return [out[0], *(part[:, 0] for part in (end if isinstance(end, tuple) else (end,)))]


def on_maps(axes):
    def call(ours, theirs, inputs):
        (x,) = inputs
        return [ours(x[None])[0] if len(x.shape) == axes + 1 else ours(x)]

    return call


CALLS = {
    **{name: on_maps(int(name[-2])) for name in OURS if name[-1] == "d" and name[-2].isdigit()
       and "Norm" not in name},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), along_time),
    "MultiheadAttention": attend, "TransformerEncoderLayer": attend,
}  # fmt: skip


def flat(values):
    for value in values:
        if isinstance(value, (tuple, list)):
            yield from flat(value)
        else:
            yield value


def samples(name):
    """Their module, ours with its parameters, inputs, and further keywords."""
    torch.manual_seed(0)
    info = LISTED[name]
    for sample in info.module_inputs_func(
        info, device="cpu", dtype=torch.float64, requires_grad=False, training=True
    ):
        given, call = sample.constructor_input, sample.forward_input
        try:
            ours = OURS[name](named(name, sample))
        except UnknownOptionError:
            continue
        theirs = info.module_cls(*given.args, **given.kwargs).double()
        nn.from_torch(ours, theirs.state_dict())
        inputs = [*call.args, *([call.kwargs["input"]] if "input" in call.kwargs else [])]
        if inputs[0].numel() and (inputs[0].ndim or "Softmax" not in name):  # which ours refuse
            more = {key: value for key, value in call.kwargs.items() if key != "input"}
            yield theirs, ours, inputs, more


def same(mine, theirs, name):
    scale = max(1.0, float(np.abs(theirs).max())) if theirs.size else 1.0
    np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-11 * scale, err_msg=name)


def slopes(ours):
    """The gradients of our parameters, under PyTorch's names and in its layouts."""
    twin = copy.deepcopy(ours)
    twin.load_state_dict({name: p.grad for name, p in ours.named_parameters()}, strict=False)
    return nn.to_torch(twin)


@pytest.mark.parametrize("name", OURS)
def test_a_layer_is_pytorchs_on_its_own_samples(name):
    count = 0
    for theirs, ours, inputs, more in samples(name):
        call = CALLS.get(name, lambda ours, theirs, inputs: [ours(*inputs)])
        for training in (True, False):
            theirs.train(training), ours.train(training)
            wanting = [x.requires_grad_() for x in flat(inputs) if x.is_floating_point()]
            expected = [*flat([theirs(*inputs, **more)])]
            expected = [out for out in expected if out is not None and out.is_floating_point()]
            mine = [
                Tensor(plainly(x)) if x.is_floating_point() else plainly(x) for x in flat(inputs)
            ]
            if any(torch.isnan(out).any() for out in expected):
                continue  # where nothing is to be looked at: ours gives 0
            if name == "MultiheadAttention":
                expected = expected[:1]
            found = call(ours, theirs, mine, **more)
            assert len(found) == len(expected)
            upstream = [torch.randn_like(out) for out in expected]
            for out, reference in zip(found, expected, strict=True):
                same(out.data, plainly(reference), name)
            theirs.zero_grad(), ours.zero_grad()
            sum((out * g).sum() for out, g in zip(expected, upstream, strict=True)).backward()
            sum((out * plainly(g)).sum() for out, g in zip(found, upstream, strict=True)).backward()
            mine = [x for x in mine if isinstance(x, Tensor)]
            for one, other in zip(mine, wanting, strict=True):
                same(one.grad, plainly(other.grad), f"{name} input")
                other.grad = None
            gradients, state = slopes(ours), nn.to_torch(ours)
            for key, parameter in theirs.named_parameters():
                same(gradients[key], plainly(parameter.grad), key)
            for key, value in theirs.named_buffers():
                if "tracked" not in key:
                    same(state[key], plainly(value), key)
            count += 1
    assert count >= 2
