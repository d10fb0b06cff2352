"""Parameters to PyTorch and from it: every layer and model has a twin there, or no parameters."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

import nn
from nn.index import NAMES

pytestmark = pytest.mark.parity

RNG = np.random.default_rng(0)


class Residual(torch.nn.Module):
    """What stands in PyTorch for a module that it does not have, with attributes called alike."""

    def __init__(self, module, shortcut=None):
        super().__init__()
        self.module, self.shortcut = module, shortcut

    def forward(self, x):
        return self.module(x) + (x if self.shortcut is None else self.shortcut(x))


class Holder(torch.nn.Module):
    """The same for one that calls what it holds in its own way."""

    def __init__(self, forward, **held):
        super().__init__()
        for name, item in held.items():
            setattr(self, name, item)
        self.way = forward

    def forward(self, *x):
        return self.way(self, *x)


def maxout(inputs, outputs, pieces):
    return Holder(
        lambda m, x: (x @ m.weight + m.bias).max(dim=0).values,
        weight=torch.nn.Parameter(torch.zeros(pieces, inputs, outputs)),
        bias=torch.nn.Parameter(torch.zeros(pieces, 1, outputs)),
    )


def resnet():
    """4 and 6 maps, as ``SmallResNet(classes=3, widths=(4, 6))`` has them."""

    def conv(inputs, outputs, window, stride=1):
        return [
            torch.nn.Conv2d(inputs, outputs, window, stride, window // 2, bias=False),
            torch.nn.BatchNorm2d(outputs),
        ]

    def block(inputs, outputs, stride):
        return Residual(
            torch.nn.Sequential(
                *conv(inputs, outputs, 3, stride), torch.nn.ReLU(), *conv(outputs, outputs, 3)
            ),
            None if stride == 1 else torch.nn.Sequential(*conv(inputs, outputs, 1, stride)),
        )

    return torch.nn.Sequential(
        *conv(1, 4, 3), torch.nn.ReLU(), block(4, 4, 1), torch.nn.ReLU(), block(4, 6, 2),
        torch.nn.ReLU(), Holder(lambda m, x: x.mean((2, 3))), torch.nn.Linear(6, 3),
    )  # fmt: skip


def lenet():
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(6, 16, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(400, 120), torch.nn.ReLU(), torch.nn.Linear(120, 84), torch.nn.ReLU(),
        torch.nn.Linear(84, 4),
    )  # fmt: skip


def encoder(hidden, activation, norm_first):
    return torch.nn.TransformerEncoderLayer(
        8, 2, hidden, 0.0, activation, batch_first=True, norm_first=norm_first
    )


def gpt():
    def forward(m, x):
        steps = torch.arange(x.shape[1])
        h = m.tokens(x) + m.places(steps)
        for layer in m.layers:
            h = layer(h, src_mask=torch.triu(torch.ones(len(steps), len(steps)), 1).bool())
        return m.output(m.norm(h)).transpose(1, 2)

    gelu = torch.nn.GELU("tanh")
    return Holder(
        forward, tokens=torch.nn.Embedding(5, 8), places=torch.nn.Embedding(6, 8),
        layers=torch.nn.ModuleList([encoder(32, gelu, True) for _ in range(2)]),
        norm=torch.nn.LayerNorm(8), output=torch.nn.Linear(8, 5),
    )  # fmt: skip


def letters():
    return Holder(
        lambda m, x: m.output(m.recurrence(m.table(x))[0]).transpose(1, 2),
        table=torch.nn.Embedding(4, 3), recurrence=torch.nn.LSTM(3, 5, batch_first=True),
        output=torch.nn.Linear(5, 4),
    )  # fmt: skip


def autoencoder(inputs, code):
    return Holder(
        lambda m, x: m.decoder(m.encoder(x)),
        encoder=torch.nn.Sequential(torch.nn.Linear(inputs, code), torch.nn.Sigmoid()),
        decoder=torch.nn.Sequential(torch.nn.Linear(code, inputs)),
    )


def stacked():
    stages = torch.nn.ModuleList([autoencoder(5, 4), autoencoder(4, 2)])
    return Holder(
        lambda m, x: m.stages[0].decoder(
            m.stages[1].decoder(m.stages[1].encoder(m.stages[0].encoder(x)))
        ),
        stages=stages,
    )


ROWS, MAPS, STEPS = RNG.normal(size=(6, 5)), RNG.normal(size=(2, 4, 8, 7)), (3, 6, 5)
PICTURES, TOKENS = RNG.normal(size=(2, 1, 28, 28)), RNG.integers(0, 4, (2, 6))
LINES, SOLIDS, SEQUENCE = MAPS[:, :, 0], RNG.normal(size=(2, 4, 5, 4, 3)), RNG.normal(size=STEPS)
WORDS = RNG.normal(size=(2, 6, 8))
D = {"dtype": np.float64}

TWINS = {
    "PReLU": [
        (lambda: nn.PReLU(**D), lambda: torch.nn.PReLU(), ROWS),
        (lambda: nn.PReLU(5, **D), lambda: torch.nn.PReLU(5), ROWS),
    ],
    "MultiHeadAttention": [
        (
            lambda bias=bias: nn.MultiHeadAttention(8, 2, bias=bias, **D),
            lambda bias=bias: Holder(
                lambda m, x: m.of(x, x, x)[0],
                of=torch.nn.MultiheadAttention(8, 2, bias=bias, batch_first=True),
            ).of,
            (WORDS, WORDS, WORDS),
        )
        for bias in (True, False)
    ],
    "TransformerBlock": [
        (
            lambda a=activation, f=first: nn.TransformerBlock(
                8, 2, hidden=12, activation=a, norm_first=f, **D
            ),
            lambda a=activation, f=first: encoder(12, a, f),
            WORDS,
        )
        for activation, first in (("gelu", True), ("relu", False))
    ],
    **{
        f"Conv{axes}d": [
            (
                lambda kind=kind, o=options: getattr(nn, kind)(4, 6, 3, padding=1, **o, **D),
                lambda kind=kind, o=options: getattr(torch.nn, kind)(4, 6, 3, padding=1, **o),
                x,
            )
            for options in ({}, {"groups": 2, "bias": False, "stride": 2, "dilation": 2})
        ]
        for axes, x in ((1, LINES), (2, MAPS), (3, SOLIDS))
        for kind in [f"Conv{axes}d"]
    },
    **{
        f"ConvTranspose{axes}d": [
            (
                lambda kind=kind, o=options: getattr(nn, kind)(4, 6, 3, padding=1, **o, **D),
                lambda kind=kind, o=options: getattr(torch.nn, kind)(4, 6, 3, padding=1, **o),
                x,
            )
            for options in ({}, {"groups": 2, "bias": False, "stride": 2, "output_padding": 1})
        ]
        for axes, x in ((1, LINES), (2, MAPS), (3, SOLIDS))
        for kind in [f"ConvTranspose{axes}d"]
    },
    "Embedding": [(lambda: nn.Embedding(4, 3, **D), lambda: torch.nn.Embedding(4, 3), TOKENS)],
    "Linear": [
        (lambda b=bias: nn.Linear(5, 3, bias=b, **D), lambda b=bias: torch.nn.Linear(5, 3, b), ROWS)
        for bias in (True, False)
    ],
    "DropConnect": [(lambda: nn.DropConnect(5, 3, **D), lambda: torch.nn.Linear(5, 3), ROWS)],
    "Maxout": [(lambda: nn.Maxout(5, 3, 4, **D), lambda: maxout(5, 3, 4), ROWS)],
    "Neuron": [
        (
            lambda: nn.Neuron(5, activation="identity", **D),
            lambda: torch.nn.Linear(5, 1), ROWS,
        )
    ],
    "Perceptron": [
        (
            lambda: nn.Perceptron(5, activation="identity", **D),
            lambda: torch.nn.Linear(5, 1), ROWS,
        )
    ],
    "BatchNorm": [
        (
            lambda o=options: nn.BatchNorm(5, **o, **D),
            lambda o=options: torch.nn.BatchNorm1d(5, **o), ROWS,
        )
        for options in (
            {}, {"momentum": None}, {"affine": False}, {"track_running_stats": False},
        )
    ],
    "BatchNorm2d": [(lambda: nn.BatchNorm2d(4, **D), lambda: torch.nn.BatchNorm2d(4), MAPS)],
    "LayerNorm": [
        (
            lambda s=shape, o=options: nn.LayerNorm(s, **o, **D),
            lambda s=shape, o=options: torch.nn.LayerNorm(s, **o), MAPS,
        )
        for shape, options in ((7, {}), ((8, 7), {"bias": False}))
    ],
    "GroupNorm": [(lambda: nn.GroupNorm(2, 4, **D), lambda: torch.nn.GroupNorm(2, 4), MAPS)],
    **{
        kind: [
            (
                lambda kind=kind, o=options: getattr(nn, kind)(5, 3, **o, **D),
                lambda kind=kind, o=options: getattr(torch.nn, kind)(5, 3, batch_first=True, **o),
                SEQUENCE,
            )
            for options in ({}, {"num_layers": 2, "bidirectional": True}, {"bias": False})
        ]
        for kind in ("RNN", "LSTM", "GRU")
    },
    "Residual": [
        (
            lambda: nn.Residual(nn.Linear(5, 3, **D), nn.Linear(5, 3, bias=False, **D)),
            lambda: Residual(torch.nn.Linear(5, 3), torch.nn.Linear(5, 3, bias=False)), ROWS,
        )
    ],
    "StochasticDepth": [
        (
            lambda: nn.StochasticDepth(nn.Linear(5, 3, **D)),
            lambda: Holder(lambda m, x: m.module(x), module=torch.nn.Linear(5, 3)), ROWS,
        )
    ],
    "Autoencoder": [(lambda: nn.Autoencoder(5, [2], **D), lambda: autoencoder(5, 2), ROWS)],
    "StackedAutoencoder": [(lambda: nn.StackedAutoencoder(5, [4, 2], **D), stacked, ROWS)],
    "CharRNN": [
        (lambda: nn.CharRNN("abcd", hidden_size=5, embedding=3, **D), letters, TOKENS)
    ],
    "LeNet5": [(lambda: nn.LeNet5(classes=4, **D), lenet, PICTURES)],
    "MLP": [
        (
            lambda: nn.MLP(5, [4, 3], 2, activation="prelu", output_activation="tanh", **D),
            lambda: torch.nn.Sequential(
                torch.nn.Linear(5, 4), torch.nn.PReLU(), torch.nn.Linear(4, 3), torch.nn.PReLU(),
                torch.nn.Linear(3, 2), torch.nn.Tanh(),
            ),
            ROWS,
        )
    ],
    "SmallResNet": [(lambda: nn.SmallResNet(classes=3, widths=(4, 6), **D), resnet, PICTURES)],
    "Sequential": [
        (
            lambda: nn.Sequential(
                nn.Linear(5, 4, **D), nn.Tanh(), nn.Sequential(nn.Linear(4, 4, **D), nn.Tanh())
            ),
            lambda: torch.nn.Sequential(
                torch.nn.Linear(5, 4), torch.nn.Tanh(),
                torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh()),
            ),
            ROWS,
        )
    ],
    "TinyGPT": [
        (lambda: nn.TinyGPT(5, 6, dim=8, heads=2, **D), gpt, TOKENS)
    ],
}  # fmt: skip

HOLDING_NOTHING = {
    "Reshape": ((-1,),), "AvgPool1d": (2,), "AvgPool2d": (2,), "AvgPool3d": (2,), "MaxPool1d": (2,),
    "MaxPool2d": (2,), "MaxPool3d": (2,), "FractionalMaxPool2d": (2, 2), "PositionalEncoding": (4,),
}  # fmt: skip
"""What some of those without parameters are made with."""

PUBLIC = [
    name for home, names in NAMES.items() if home.startswith(("layers.", "models."))
    for name in names
]  # fmt: skip


def randomised(theirs):
    """With other numbers in each parameter and buffer, variances above 0."""
    for name, tensor in itertools.chain(theirs.named_parameters(), theirs.named_buffers()):
        with torch.no_grad():
            if tensor.is_floating_point():
                values = torch.tensor(RNG.normal(scale=0.5, size=tensor.shape))
                tensor.copy_(values.abs() + 0.5 if name.endswith("running_var") else values)
    return theirs


def tensors(arrays):
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def answers(ours, theirs, x):
    """What both give in use."""
    given = x if isinstance(x, tuple) else (x,)
    out, reference = ours.eval()(*given), theirs.eval()(*map(torch.tensor, given))
    while isinstance(out, tuple):
        out, reference = out[0], reference[0]
    if isinstance(reference, tuple):
        reference = reference[0]
    return out.data.reshape(reference.shape), reference.detach().numpy()


@pytest.mark.parametrize("name", PUBLIC)
def test_parameters_go_to_pytorch_and_come_back(name):
    if name not in TWINS:
        assert not nn.to_torch(getattr(nn, name)(*HOLDING_NOTHING.get(name, ())))
        return
    for make, twin, x in TWINS[name]:
        ours, theirs = make(), twin().double()
        nn.from_torch(ours, randomised(theirs).state_dict())
        np.testing.assert_allclose(*answers(ours, theirs, x), rtol=1e-12, atol=1e-12)

        arrays, other = nn.to_torch(ours), twin().double()
        assert not any(other.load_state_dict(tensors(arrays), strict=True))
        np.testing.assert_allclose(*answers(ours, other, x), rtol=1e-12, atol=1e-12)
        for key, value in theirs.state_dict().items():
            np.testing.assert_array_equal(arrays[key], value.numpy(), strict=True)


@pytest.mark.parametrize(("scalars", "tensors"), [
    (nn.MLP(2, [3], 1, scalar=True, activation="prelu"), nn.MLP(2, [3], 1, activation="prelu")),
    (nn.Linear(2, 1, scalar=True), nn.Linear(2, 1)),
    (nn.Conv2d(2, 3, 2, scalar=True), nn.Conv2d(2, 3, 2)),
    (nn.RNN(2, 3, scalar=True), nn.RNN(2, 3)),
])  # fmt: skip
def test_scalar_nodes_have_the_arrays_of_the_tensor_form(scalars, tensors):
    state = nn.to_torch(tensors)
    found = nn.to_torch(nn.from_torch(scalars, state))
    assert [*found] == [*state]
    for name, value in found.items():
        np.testing.assert_array_equal(value, state[name])


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32])
def test_tensors_of_other_precision_are_cast(kind):
    theirs = torch.nn.Linear(3, 2).to(kind)
    ours = nn.from_torch(nn.Linear(3, 2), theirs.state_dict())
    assert ours.dtype == np.float32
    np.testing.assert_array_equal(
        ours.weight.data, theirs.weight.detach().float().numpy().T, strict=True
    )


def test_batches_that_were_counted_are_handed_over():
    ours, theirs = nn.BatchNorm(5, momentum=None, **D), torch.nn.BatchNorm1d(5, momentum=None)
    theirs = theirs.double()
    for x in RNG.normal(size=(3, 6, 5)):
        ours(x), theirs(torch.tensor(x))
    assert nn.to_torch(ours)["num_batches_tracked"] == theirs.num_batches_tracked == 3
    nn.from_torch(ours, theirs.state_dict())
    np.testing.assert_allclose(ours(ROWS).data, theirs(torch.tensor(ROWS)).detach(), atol=1e-12)
    np.testing.assert_allclose(ours.running_var.data, theirs.running_var.numpy(), rtol=1e-12)


def test_what_is_held_twice_has_both_of_pytorchs_names():
    layer, linear = nn.Linear(5, 5, **D), torch.nn.Linear(5, 5).double()
    ours = nn.Sequential(layer, nn.Tanh(), layer)
    theirs = torch.nn.Sequential(linear, torch.nn.Tanh(), linear)
    theirs.load_state_dict(tensors(nn.to_torch(ours)))
    nn.from_torch(ours, randomised(theirs).state_dict())
    np.testing.assert_allclose(*answers(ours, theirs, ROWS), rtol=1e-12)
    state = {**theirs.state_dict(), "2.bias": torch.zeros(5)}
    with pytest.raises(nn.StateError, match="are one Tensor"):
        nn.from_torch(ours, state)


def test_tensors_on_a_module_of_ones_own_are_called_as_its_attributes():
    class Own(nn.Module):
        def __init__(self):
            self.scale = nn.Linear(2, 2).bias
            self.parts = {"first": [nn.LayerNorm(2)]}

    assert [*nn.to_torch(Own())] == ["scale", "parts.first.0.weight", "parts.first.0.bias"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("bias"), "missing: bias"),
        (lambda s: s.update(other=torch.zeros(1)), "not in the model: other"),
        (lambda s: s.update(weight=s["weight"].T), r"weight expects shape \(2, 3\)"),
        (lambda s: s.update(weight="a"), "weight expects shape"),
        (lambda s: s.update(bias=torch.zeros(2, dtype=torch.complex64)), "bias must be|bias expe"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_changes(change, message):
    ours = nn.Linear(3, 2, rng=0)
    before, state = ours.state_dict(), torch.nn.Linear(3, 2).state_dict()
    change(state)
    with pytest.raises(nn.StateError, match=message):
        nn.from_torch(ours, state)
    for name, value in before.items():
        np.testing.assert_array_equal(ours.state_dict()[name], value)


def test_a_prefix_of_all_names_is_said():
    whole = torch.nn.DataParallel(torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)))
    ours, state = nn.MLP(3, [4], 2, activation="identity", rng=0), whole.state_dict()
    state["module.2.weight"], state["module.2.bias"] = (
        state.pop("module.1.weight"), state.pop("module.1.bias")
    )  # fmt: skip
    with pytest.raises(nn.StateError, match=r"name\.removeprefix\('module\.'\)"):
        nn.from_torch(ours, state)
    nn.from_torch(ours, {name.removeprefix("module."): one for name, one in state.items()})


def test_a_module_of_pytorchs_is_no_state():
    with pytest.raises(nn.StateError, match=r"write theirs\.state_dict\(\)"):
        nn.from_torch(nn.Linear(3, 2), torch.nn.Linear(3, 2))
    with pytest.raises(TypeError, match="expects a model"):
        nn.to_torch(torch.nn.Linear(3, 2))
