"""PyTorch as the yardstick: values and gradients of every gate and of random graphs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from programs import NUMPY, OWN, programs, torch_table
from samples import SAMPLES

import autograd as ag
from autograd import Tensor

pytestmark = pytest.mark.parity


@pytest.fixture(scope="session")
def torch():
    import torch

    return torch


def assert_same(got, want, least=0.0):
    """Within 1e-10, relative to the largest entry, and to `least` where all are smaller."""
    want = np.asarray(want)
    assert np.shape(got) == want.shape
    scale = np.max(np.abs(want), initial=least)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-10 * scale)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.label)
def test_every_gate_has_pytorchs_values_and_gradients(sample, torch):
    ours = [Tensor(value) for value in sample.inputs]
    theirs = [torch.tensor(value, requires_grad=True) for value in sample.inputs]
    out, other = sample.f(*ours), sample.torch(torch, *theirs)
    assert_same(out.data, other.detach())
    upstream = np.random.default_rng(5).normal(size=out.shape)
    out.backward(gradient=upstream)
    other.backward(torch.tensor(upstream))
    for mine, their in zip(ours, theirs, strict=True):
        assert_same(mine.grad, their.grad)


def curvature(f, inputs, weights, directions, sin, gradients):
    """The gradient of (gradient of Σ w·sin f)·v: a second derivative, of linear functions too."""
    slopes = gradients((sin(f(*inputs)) * weights).sum(), inputs)
    total = sum((slope * v).sum() for slope, v in zip(slopes, directions, strict=True))
    return gradients(total, inputs)


def our_gradients(total, inputs):
    for node in inputs:
        node.zero_grad()
    if total.requires_grad:
        total.backward(create_graph=True)
    return [np.zeros(node.shape) if node.grad is None else node.grad for node in inputs]


def their_gradients(torch):
    def gradients(total, inputs):
        if not total.requires_grad:
            return [torch.zeros_like(leaf) for leaf in inputs]
        return torch.autograd.grad(total, inputs, create_graph=True, materialize_grads=True)

    return gradients


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.label)
def test_every_gate_has_pytorchs_second_derivatives(sample, torch):
    rng = np.random.default_rng(6)
    weights = rng.normal(size=sample.f(*map(Tensor, sample.inputs)).shape)
    directions = [rng.normal(size=value.shape) for value in sample.inputs]
    ours = curvature(
        sample.f, [Tensor(value) for value in sample.inputs], weights, directions,
        np.sin, our_gradients,
    )  # fmt: skip
    theirs = curvature(
        lambda *leaves: sample.torch(torch, *leaves),
        [torch.tensor(value, requires_grad=True) for value in sample.inputs],
        torch.tensor(weights), [torch.tensor(v) for v in directions],
        torch.sin, their_gradients(torch),
    )  # fmt: skip
    for mine, their in zip(ours, theirs, strict=True):
        assert_same(getattr(mine, "data", mine), their.detach())


@settings(max_examples=1000)
@given(program=programs(table=NUMPY | OWN))
def test_random_graphs_have_pytorchs_gradients(program, torch):
    ours = [Tensor(leaf) for leaf in program.leaves]
    theirs = [
        torch.tensor(leaf, dtype=torch.float64, requires_grad=True) for leaf in program.leaves
    ]
    out = program.run(ours, NUMPY | OWN)[-1]
    other = program.run(theirs, torch_table(torch))[-1]
    assert_same(out.data, other.detach())
    upstream = np.random.default_rng(5).normal(size=out.shape)
    out.backward(gradient=upstream)
    other.backward(torch.tensor(upstream))
    for mine, their in zip(ours, theirs, strict=True):
        if mine.grad is None or their.grad is None:
            assert mine.grad is their.grad
        else:
            # Beyond, the 1 − tanh² of a large number has cancelled, here and there.
            assert_same(mine.grad, their.grad, least=1e-4)


@pytest.mark.parametrize(
    ("f", "name", "at"),
    [
        (ag.relu, "relu", (0.0,)),
        (abs, "abs", (0.0,)),
        (ag.sqrt, "sqrt", (0.0,)),
        (ag.maximum, "maximum", (2.0, 2.0)),
        (ag.minimum, "minimum", (2.0, 2.0)),
        (ag.power, "pow", (0.0, 0.0)),
        (ag.power, "pow", (0.0, 2.0)),
        (ag.power, "pow", (0.0, -1.0)),
        (ag.power, "pow", (-2.0, 3.0)),
        (ag.power, "pow", (-2.0, 0.0)),
        (ag.power, "pow", (math.inf, 0.0)),
    ],
)
def test_the_choices_at_kinks_are_pytorchs(f, name, at, torch):
    for wrap in (float, np.array):
        ours = [Tensor(wrap(value)) for value in at]
        with np.errstate(all="ignore"):
            f(*ours).backward()
        theirs = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in at]
        getattr(torch, name)(*theirs).backward()
        for mine, their in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(mine.grad, their.grad.numpy())


@pytest.mark.parametrize("f", [("max", "amax"), ("min", "amin")])
def test_ties_of_a_reduction_share_as_pytorchs_do(f, torch):
    data = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]
    mine, their = Tensor(data), torch.tensor(data, dtype=torch.float64, requires_grad=True)
    getattr(mine, f[0])(axis=1).backward(gradient=[1.0, 5.0])
    getattr(torch, f[1])(their, 1).backward(torch.tensor([1.0, 5.0], dtype=torch.float64))
    np.testing.assert_allclose(mine.grad, their.grad.numpy(), rtol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_small_network_in_either_precision(dtype, torch):
    rng = np.random.default_rng(11)
    x, *parameters = (
        rng.normal(size=shape).astype(dtype) for shape in ((8, 5), (5, 7), (7,), (7, 3), (3,))
    )

    def loss(w1, b1, w2, b2, x, relu, mean):
        return mean((relu(x @ w1 + b1) @ w2 + b2) ** 2)

    ours = [Tensor(p) for p in parameters]
    theirs = [torch.tensor(p, requires_grad=True) for p in parameters]
    out = loss(*ours, x, ag.relu, np.mean)
    other = loss(*theirs, torch.tensor(x), torch.relu, torch.mean)
    out.backward()
    other.backward()
    tolerance = 1e-10 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(out.data, other.detach(), rtol=tolerance)
    for mine, their in zip(ours, theirs, strict=True):
        assert mine.grad.dtype == dtype
        np.testing.assert_allclose(mine.grad, their.grad, rtol=tolerance, atol=tolerance)
