"""Layers of images against PyTorch, in float64, by its own names, and a hundred steps of LeNet."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import autograd as ag
import nn
from autograd import Tensor
from nn import optim
from nn.layers.pooling import windows

RNG = np.random.default_rng(0)
SPATIAL = {1: (9,), 2: (9, 8), 3: (6, 7, 5)}

pytestmark = pytest.mark.parity

CONVOLUTIONS = [
    {}, {"stride": 2}, {"padding": 1}, {"dilation": 2}, {"groups": 2}, {"bias": False},
    {"stride": 2, "padding": 2, "dilation": 2, "groups": 2},
]  # fmt: skip


def compare(ours, theirs, x):
    """Outputs, and the gradients of the input and of all parameters."""
    if ours.parameters():
        ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    mine, other = Tensor(x), torch.tensor(x, requires_grad=True)
    out, reference = ours(mine), theirs(other)
    np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-11, atol=1e-12)
    upstream = RNG.normal(size=out.shape)
    out.backward(gradient=upstream)
    reference.backward(torch.tensor(upstream))
    np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-10, atol=1e-12)
    for name, value in theirs.named_parameters():
        np.testing.assert_allclose(
            dict(ours.named_parameters())[name].grad, value.grad.numpy(), rtol=1e-10, atol=1e-11
        )


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("options", [*CONVOLUTIONS, {"padding": "same"}, {"padding": "valid"}])
def test_convolution(axes, options):
    theirs = getattr(torch.nn, f"Conv{axes}d")(4, 6, 3, **options).double()
    ours = getattr(nn, f"Conv{axes}d")(4, 6, 3, dtype=np.float64, **options)
    assert ours.weight.shape == tuple(theirs.weight.shape)
    compare(ours, theirs, RNG.normal(size=(2, 4, *SPATIAL[axes])))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("options", [*CONVOLUTIONS, {"stride": 2, "output_padding": 1}])
def test_transposed_convolution(axes, options):
    theirs = getattr(torch.nn, f"ConvTranspose{axes}d")(4, 6, 3, **options).double()
    ours = getattr(nn, f"ConvTranspose{axes}d")(4, 6, 3, dtype=np.float64, **options)
    assert ours.weight.shape == tuple(theirs.weight.shape)
    compare(ours, theirs, RNG.normal(size=(2, 4, *SPATIAL[axes])))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    "options", [{}, {"stride": 1}, {"padding": 1}, {"stride": 2, "ceil_mode": True}]
)
@pytest.mark.parametrize("kind", ["MaxPool", "AvgPool"])
def test_pooling(kind, axes, options):
    theirs = getattr(torch.nn, f"{kind}{axes}d")(3, **options)
    ours = getattr(nn, f"{kind}{axes}d")(3, **options)
    compare(ours, theirs, RNG.normal(size=(2, 3, *SPATIAL[axes])))


@pytest.mark.parametrize("options", [{"output_size": (5, 4)}, {"output_ratio": (0.6, 0.7)}])
def test_fractional_pooling_by_the_same_draw(options):
    x, u = RNG.normal(size=(2, 3, 9, 8)), 0.5
    theirs = torch.nn.FractionalMaxPool2d(
        2, **options, _random_samples=torch.full((2, 3, 2), u, dtype=torch.float64)
    )
    compare(nn.FractionalMaxPool2d(2, **options).eval(), theirs, x)
    assert windows(u, 9, 2, 5)[-1, -1] == 8


@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("affine", [True, False])
def test_group_norm(groups, affine):
    theirs = torch.nn.GroupNorm(groups, 6, eps=1e-3, affine=affine).double()
    ours = nn.GroupNorm(groups, 6, eps=1e-3, affine=affine, dtype=np.float64)
    if affine:
        with torch.no_grad():
            theirs.weight.copy_(torch.tensor(RNG.normal(size=6)))
        ours.gamma.data = theirs.weight.detach().numpy()
    x = RNG.normal(size=(3, 6, 4, 5))
    mine, other = Tensor(x), torch.tensor(x, requires_grad=True)
    out, reference = ours(mine), theirs(other)
    np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-11, atol=1e-12)
    upstream = RNG.normal(size=out.shape)
    out.backward(gradient=upstream)
    reference.backward(torch.tensor(upstream))
    np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-10, atol=1e-12)
    if affine:
        np.testing.assert_allclose(ours.gamma.grad, theirs.weight.grad.numpy(), rtol=1e-10)
        np.testing.assert_allclose(ours.beta.grad, theirs.bias.grad.numpy(), rtol=1e-10)


def test_batch_norm_of_images_in_training_and_in_use():
    ours, theirs = nn.BatchNorm2d(4, dtype=np.float64), torch.nn.BatchNorm2d(4).double()
    for training in (True, True, False):
        ours.train(training)
        theirs.train(training)
        x = RNG.normal(1.0, 2.0, size=(3, 4, 5, 6))
        mine, other = Tensor(x), torch.tensor(x, requires_grad=True)
        out, reference = ours(mine), theirs(other)
        np.testing.assert_allclose(out.data, reference.detach().numpy(), rtol=1e-11, atol=1e-12)
        upstream = RNG.normal(size=out.shape)
        out.backward(gradient=upstream)
        reference.backward(torch.tensor(upstream))
        np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-10, atol=1e-12)
    for name in ("running_mean", "running_var"):
        np.testing.assert_allclose(
            getattr(ours, name).data, getattr(theirs, name).numpy(), rtol=1e-12
        )


def test_a_hundred_steps_of_lenet():
    """SGD with momentum in float64, from the same weights, on images that do not tie."""
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(6, 16, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(400, 120), torch.nn.ReLU(), torch.nn.Linear(120, 84), torch.nn.ReLU(),
        torch.nn.Linear(84, 10),
    ).double()  # fmt: skip
    ours = nn.LeNet5(rng=0, activation="softplus", dtype=np.float64)
    for k in (1, 4, 8, 10):  # smooth ones: a ReLU before a maximum ties at 0
        theirs[k] = torch.nn.Softplus(threshold=1000.0)

    nn.from_torch(ours, theirs.state_dict())
    x, y = RNG.normal(size=(16, 1, 28, 28)), np.arange(16) % 10
    optimizer = optim.SGD(ours.parameters(), lr=0.01, momentum=0.9)
    reference = torch.optim.SGD(theirs.parameters(), lr=0.01, momentum=0.9)
    step = ag.compile(lambda: nn.losses.cross_entropy(ours(x), y))
    images, labels = torch.tensor(x), torch.tensor(y)
    for _ in range(100):
        step()
        optimizer.zero_grad()
        step.program.backward()
        optimizer.step()
        reference.zero_grad()
        torch.nn.functional.cross_entropy(theirs(images), labels).backward()
        reference.step()
    found = nn.to_torch(ours)
    for name, value in theirs.named_parameters():
        np.testing.assert_allclose(found[name], value.detach().numpy(), rtol=1e-10, atol=1e-10)
