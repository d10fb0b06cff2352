"""Layers, activations and networks against PyTorch, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

import nn
from autograd import Tensor

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(scale=3.0, size=(60, 4)), [[-50.0, 50.0, -700.0, 700.0]]])


def normal(shape, rng, dtype):
    """An initialiser whose biases are not zero."""
    return rng.normal(size=shape).astype(dtype)


OPTIONS = {"initializer": normal, "bias_initializer": normal, "rng": 0, "dtype": np.float64}


def compare(ours, theirs, x, pairs=()):
    """Outputs, and gradients of the input and of pairs of parameters, under one upstream."""
    mine, other = Tensor(x.copy()), torch.tensor(x, requires_grad=True)
    out, reference = ours(mine), theirs(other)
    np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-12, atol=1e-12)
    upstream = np.random.default_rng(1).normal(size=out.shape)
    out.backward(gradient=upstream)
    reference.backward(torch.tensor(upstream))
    np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-12, atol=1e-12)
    for parameter, twin in pairs:
        gradient = twin.grad.numpy()
        gradient = gradient.T if gradient.shape != parameter.shape else gradient
        scale = max(1.0, np.abs(gradient).max())
        np.testing.assert_allclose(
            parameter.grad, gradient.reshape(parameter.shape), rtol=1e-12, atol=1e-12 * scale
        )


ACTIVATIONS = [
    (nn.ReLU(), functional.relu),
    (nn.LeakyReLU(), functional.leaky_relu),
    (nn.LeakyReLU(slope=0.3), lambda x: functional.leaky_relu(x, 0.3)),
    (nn.ELU(), functional.elu),
    (nn.ELU(alpha=0.6), lambda x: functional.elu(x, 0.6)),
    (nn.SELU(), functional.selu),
    (nn.GELU(), functional.gelu),
    (nn.GELU("tanh"), torch.nn.GELU("tanh")),
    (nn.Softplus(threshold=20.0), torch.nn.Softplus()),
    (nn.Softplus(beta=2.5, threshold=3.0), torch.nn.Softplus(2.5, 3.0)),
    (nn.Swish(), functional.silu),
    (nn.Softplus(), lambda x: functional.softplus(x, threshold=1000.0)),
    (nn.Softsign(), functional.softsign),
    (nn.Sigmoid(), torch.sigmoid),
    (nn.Sigmoid(slope=3.0), lambda x: torch.sigmoid(3.0 * x)),
    (nn.Tanh(), torch.tanh),
    (nn.Tanh(slope=1.0), lambda x: torch.tanh(0.5 * x)),
    (nn.Softmax(), lambda x: torch.softmax(x, -1)),
    (nn.Softmax(axis=0), lambda x: torch.softmax(x, 0)),
    (nn.LogSoftmax(), lambda x: torch.log_softmax(x, -1)),
    (nn.Identity(), lambda x: x * 1.0),
]


@pytest.mark.parametrize(
    ("ours", "theirs"), ACTIVATIONS, ids=[repr(ours) for ours, _ in ACTIVATIONS]
)
def test_activation(ours, theirs):
    compare(ours, theirs, X)
    compare(ours, theirs, np.zeros((2, 3)))


@pytest.mark.parametrize("features", [None, 4])
def test_prelu(features):
    ours, theirs = nn.PReLU(features, dtype=np.float64), torch.nn.PReLU(features or 1).double()
    compare(ours, theirs, X, [(ours.slope, theirs.weight)])


def test_prelu_by_channel():
    x = RNG.normal(size=(2, 3, 4, 5))
    ours, theirs = (
        nn.PReLU(3, initial=0.375, axis=1, dtype=float),
        torch.nn.PReLU(3, 0.375).double(),
    )
    compare(ours, theirs, x, [(ours.slope, theirs.weight)])


@pytest.mark.parametrize("shape", [(4,), (2, 4), (2, 3, 4), (2, 1, 3, 4), (0, 4)])
def test_linear_on_one_row_and_on_more_axes(shape):
    ours, theirs = nn.Linear(4, 3, **OPTIONS), torch.nn.Linear(4, 3).double()
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(ours.weight.data.T))
        theirs.bias.copy_(torch.tensor(ours.bias.data))
    x = RNG.normal(size=shape)
    compare(ours, theirs, x, [(ours.weight, theirs.weight), (ours.bias, theirs.bias)])


@pytest.mark.parametrize("options", [
    {}, {"affine": False}, {"momentum": None}, {"momentum": 0.3, "eps": 1e-2},
    {"track_running_stats": False}, {"momentum": None, "affine": False},
    {"affine": False, "track_running_stats": False},
])  # fmt: skip
def test_batch_norm_with_options(options):
    """In training, and then in evaluation; PyTorch's features are on axis 1."""
    ours = nn.BatchNorm(4, dtype=float, **options)
    theirs = torch.nn.BatchNorm1d(4, **options).double()
    if ours.affine:
        ours.gamma.data, ours.beta.data = RNG.normal(size=(2, 4))
        with torch.no_grad():
            theirs.weight.copy_(torch.tensor(ours.gamma.data))
            theirs.bias.copy_(torch.tensor(ours.beta.data))

    def channels_last(x):
        return theirs(x) if x.ndim == 2 else theirs(x.movedim(-1, 1)).movedim(1, -1)

    for training in (True, False):
        ours.train(training)
        theirs.train(training)
        for shape in ((6, 4), (3, 5, 4), (7, 4)):
            ours.zero_grad()
            theirs.zero_grad()
            pairs = [(ours.gamma, theirs.weight), (ours.beta, theirs.bias)] if ours.affine else []
            compare(ours, channels_last, RNG.normal(size=shape), pairs)
            if ours.track_running_stats:
                for mine, their in (
                    (ours.running_mean, theirs.running_mean),
                    (ours.running_var, theirs.running_var),
                ):
                    np.testing.assert_allclose(mine.data, their.numpy(), rtol=1e-12)


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_of_channels(training):
    ours = nn.BatchNorm(3, axis=1, dtype=float).train(training)
    theirs = torch.nn.BatchNorm2d(3).double().train(training)
    ours.gamma.data, ours.beta.data = RNG.normal(size=(2, 3))
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(ours.gamma.data))
        theirs.bias.copy_(torch.tensor(ours.beta.data))
    pairs = [(ours.gamma, theirs.weight), (ours.beta, theirs.bias)]
    compare(ours, theirs, RNG.normal(size=(2, 3, 4, 5)), pairs)
    np.testing.assert_allclose(ours.running_var.data, theirs.running_var.numpy(), rtol=1e-12)


def test_steps():
    """PyTorch's have no derivative either."""
    one = torch.ones(1).double()
    for x in (X, np.zeros(3), -np.zeros(3)):
        step = torch.heaviside(torch.tensor(x), one).numpy()
        np.testing.assert_array_equal(nn.Step()(x).data, step)
        np.testing.assert_array_equal(nn.BipolarStep()(x).data, 2 * step - 1)


@pytest.mark.parametrize("bias", [True, False])
def test_linear(bias):
    ours, theirs = nn.Linear(4, 3, bias=bias, **OPTIONS), torch.nn.Linear(4, 3, bias).double()
    theirs.load_state_dict(tensors(ours))
    pairs = [(ours.weight, theirs.weight)] + [(ours.bias, theirs.bias)] * bias
    compare(ours, theirs, RNG.normal(size=(6, 4)), pairs)
    compare(ours, theirs, RNG.normal(size=(2, 6, 4)))


def test_maxout():
    """A linear layer with all pieces, and the largest of them."""
    ours = nn.Maxout(4, 3, 5, **OPTIONS)
    weight, bias = (
        torch.tensor(p.data, requires_grad=True) for p in (ours.weight, ours.bias)
    )  # fmt: skip
    compare(
        ours, lambda x: (x @ weight + bias).max(dim=0).values, RNG.normal(size=(6, 4)),
        [(ours.weight, weight), (ours.bias, bias)],
    )  # fmt: skip


def test_flatten():
    compare(nn.Flatten(), torch.nn.Flatten(), RNG.normal(size=(3, 2, 4)))


@pytest.mark.parametrize("momentum", [0.1, 0.5])
def test_batchnorm_in_training_and_in_use(momentum):
    ours = nn.BatchNorm(4, momentum=momentum, eps=1e-3, dtype=np.float64)
    theirs = torch.nn.BatchNorm1d(4, momentum=momentum, eps=1e-3).double()
    gamma, beta = RNG.normal(size=(2, 4))
    ours.gamma.data, ours.beta.data = gamma, beta
    theirs.load_state_dict(
        {"weight": torch.tensor(gamma), "bias": torch.tensor(beta)}, strict=False
    )
    pairs = [(ours.gamma, theirs.weight), (ours.beta, theirs.bias)]
    for _ in range(3):
        compare(ours, theirs, RNG.normal(2.0, 3.0, size=(7, 4)), pairs)
        np.testing.assert_allclose(ours.running_mean.data, theirs.running_mean, rtol=1e-12)
        np.testing.assert_allclose(ours.running_var.data, theirs.running_var, rtol=1e-12)
    for p, twin in pairs:
        p.zero_grad()
        twin.grad = None
    compare(ours.eval(), theirs.eval(), RNG.normal(size=(7, 4)), pairs)


@pytest.mark.parametrize(
    ("shape", "options"),
    [(4, {}), ((4,), {"eps": 0.1}), ((3, 4), {"bias": False}), ((5, 3, 4), {"affine": False})],
)
def test_layer_norm_with_options(shape, options):
    named = {"elementwise_affine" if key == "affine" else key: v for key, v in options.items()}
    ours = nn.LayerNorm(shape, dtype=np.float64, **options)
    theirs = torch.nn.LayerNorm(shape, dtype=torch.float64, **named)
    pairs = [
        (ours.gamma, theirs.weight), *([(ours.beta, theirs.bias)] if options.get("bias", 1) else [])
    ] if ours.affine else []  # fmt: skip
    for mine, their in pairs:
        mine.data = RNG.normal(size=mine.shape)
        with torch.no_grad():
            their.copy_(torch.tensor(mine.data))
    compare(ours, theirs, RNG.normal(scale=3.0, size=(6, 5, 3, 4)), pairs)


def test_dropout_with_the_same_mask():
    """The masks cannot be the same, what is done with them is."""
    x = RNG.normal(size=(50, 4))
    dropout = nn.Dropout(0.3, rng=0)
    mask = torch.tensor((np.random.default_rng(0).random((50, 4), np.float32) >= 0.3) / 0.7)
    compare(dropout, lambda t: t * mask, x)


TORCH = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "gelu": torch.nn.GELU, "elu": torch.nn.ELU}


def twin_of(model, activation):
    """The same network in PyTorch."""
    layers = []
    for layer in model.layers:
        layers += [torch.nn.Linear(layer.inputs, layer.outputs).double(), activation()]
    return torch.nn.Sequential(*layers[:-1])


def tensors(model):
    return {name: torch.from_numpy(array) for name, array in nn.to_torch(model).items()}


@pytest.mark.parametrize("activation", TORCH)
@pytest.mark.parametrize("scalar", [False, True])
def test_networks_load_each_others_weights(activation, scalar):
    x = RNG.normal(size=(8, 5))
    ours = nn.MLP(5, [6, 4], 3, activation=activation, dtype=np.float64, rng=0)
    theirs = twin_of(ours, TORCH[activation])
    theirs.load_state_dict(tensors(ours))
    pairs = [
        (p, q)
        for layer, other in zip(ours.layers, theirs[::2], strict=True)
        for p, q in ((layer.weight, other.weight), (layer.bias, other.bias))
    ]
    compare(ours, theirs, x, pairs)

    torch.manual_seed(0)
    fresh = twin_of(ours, TORCH[activation])
    back = nn.MLP(5, [6, 4], 3, activation=activation, scalar=scalar, dtype=np.float64, rng=1)
    nn.from_torch(back, fresh.state_dict())
    reference = fresh(torch.tensor(x)).detach().numpy()
    out = [[o.data for o in back(row)] for row in x.tolist()] if scalar else back(x).data
    np.testing.assert_allclose(out, reference, rtol=1e-12, atol=1e-14)


def test_torchs_own_tensors_are_taken_as_arrays():
    theirs = torch.nn.Linear(4, 3)
    ours = nn.Linear(4, 3)
    ours.load_state_dict({name: value.numpy().T for name, value in theirs.state_dict().items()})
    np.testing.assert_array_equal(ours.weight.data, theirs.weight.detach().numpy().T)
    with pytest.raises(nn.StateError, match="weight"):
        ours.load_state_dict({"weight": theirs.weight.T, "bias": theirs.bias.detach()})
    with pytest.raises(nn.StateError, match=r"write nn\.from_torch"):
        ours.load_state_dict(theirs.state_dict())


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_hundred_steps_stay_together(activation):
    """Plain gradient descent on half squared errors, from the same weights and batches."""
    ours = nn.MLP(5, [8, 6], 2, activation=activation, dtype=np.float64, rng=0)
    theirs = twin_of(ours, TORCH[activation])
    theirs.load_state_dict(tensors(ours))
    rng = np.random.default_rng(2)
    for _ in range(100):
        x, y = rng.normal(size=(10, 5)), rng.normal(size=(10, 2))
        ours.zero_grad()
        theirs.zero_grad()
        ((ours(x) - y) ** 2).mean().backward()
        ((theirs(torch.tensor(x)) - torch.tensor(y)) ** 2).mean().backward()
        for p in ours.parameters():
            p.data -= 0.05 * p.grad
        with torch.no_grad():
            for q in theirs.parameters():
                q -= 0.05 * q.grad
    for value, q in zip(tensors(ours).values(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(value.numpy(), q.detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("tied", [False, True])
def test_batchnorm_inside_a_network_over_a_hundred_steps(tied):
    """Running statistics too; `tied` calls one layer twice."""
    first, norm = nn.Linear(4, 4, **OPTIONS), nn.BatchNorm(4, dtype=np.float64)
    ours = nn.Sequential(first, norm, nn.Tanh(), *([first] if tied else []))
    linear, theirs_norm = torch.nn.Linear(4, 4).double(), torch.nn.BatchNorm1d(4).double()
    linear.load_state_dict(tensors(first))
    theirs = torch.nn.Sequential(
        linear, theirs_norm, torch.nn.Tanh(), *([linear] if tied else [])
    )  # fmt: skip
    rng = np.random.default_rng(3)
    for _ in range(100):
        x = rng.normal(size=(10, 4))
        ours.zero_grad()
        theirs.zero_grad()
        ours(x).sum().backward()
        theirs(torch.tensor(x)).sum().backward()
        for p in ours.parameters():
            p.data -= 1e-3 * p.grad
        with torch.no_grad():
            for q in theirs.parameters():
                q -= 1e-3 * q.grad
    for p, q in [(first.weight, linear.weight.T), (first.bias, linear.bias),
                 (norm.gamma, theirs_norm.weight), (norm.beta, theirs_norm.bias),
                 (norm.running_mean, theirs_norm.running_mean),
                 (norm.running_var, theirs_norm.running_var)]:  # fmt: skip
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-11, atol=1e-12)
