"""Slides, section 3: heads and losses."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from nn import losses

RNG = np.random.default_rng(0)


def test_bernoulli_sigmoid_and_cross_entropy():
    """−ln P(y|x) with P(1|x) = σ(s): the fused loss is the formula where that is computable."""
    s, y = RNG.normal(size=20), RNG.integers(2, size=20)
    p = 1 / (1 + np.exp(-s))
    wanted = -np.where(y == 1, np.log(p), np.log(1 - p)).mean()
    assert losses.binary_cross_entropy(s, y).item() == pytest.approx(wanted, rel=1e-14)


@pytest.mark.parametrize("s", [-1000.0, -30.0, -1.0, 0.0, 1.0, 30.0, 1000.0])
def test_the_logarithm_of_a_sigmoid_is_softplus_of_minus_x(s):
    x = Tensor(s)
    loss = losses.binary_cross_entropy(x, 1)
    loss.backward()
    assert loss.data == pytest.approx(ag.softplus(-s).data, rel=1e-15)
    assert x.grad == pytest.approx(-ag.sigmoid(-s).data, rel=1e-14, abs=2e-16)


def test_the_fused_loss_does_not_saturate_where_the_two_steps_do():
    """At −1000 a sigmoid is 0 to every digit: its logarithm is infinite, its slope 0."""
    x = Tensor(-1000.0)
    two_steps = -ag.log(ag.sigmoid(x))
    assert two_steps.data == np.inf
    losses.binary_cross_entropy(x, 1).backward()
    assert x.grad == -1.0


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_categorical_softmax_and_cross_entropy(scale):
    """L = −ln p_y, whose gradient is p − y, from labels and from one-hot rows alike."""
    s, y = scale * RNG.normal(size=(20, 5)), RNG.integers(5, size=20)
    one_hot = np.eye(5)[y]
    results = []
    for target in (y, one_hot):
        logits = Tensor(s)
        loss = losses.cross_entropy(logits, target)
        loss.backward()
        results.append((loss.item(), logits.grad))
        p = ag.softmax(s, axis=1).data
        np.testing.assert_allclose(logits.grad, (p - one_hot) / 20, atol=1e-16)
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-15)
    shifted = s - s.max(axis=1, keepdims=True)
    surprise = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(20), y]
    assert results[0][0] == pytest.approx(surprise.mean(), rel=1e-14)


def test_gaussian_identity_and_squared_error():
    """−ln of a normal density of variance 1 is ½(y−o)², up to a constant."""
    o, y = RNG.normal(size=(20, 3)), RNG.normal(size=(20, 3))
    density = np.exp(-((y - o) ** 2) / 2) / np.sqrt(2 * np.pi)
    constant = 3 * np.log(np.sqrt(2 * np.pi))
    wanted = -np.log(density).sum() / 20 - constant
    assert losses.half_sse(o, y).item() == pytest.approx(wanted, rel=1e-13)


def test_half_the_sum_of_squares():
    """J = ½‖y−o‖², whose gradient is o − y."""
    o, y = Tensor([[1.0, 2.0, -1.0]]), np.array([[0.0, 2.0, 1.0]])
    loss = losses.half_sse(o, y)
    loss.backward()
    assert loss.item() == 2.5
    np.testing.assert_array_equal(o.grad, o.data - y)


def plane(n=60):
    """Two classes on either side of x₀ + x₁ = 0, apart by a gap."""
    X = RNG.normal(size=(400, 2))
    X = X[np.abs(X.sum(axis=1)) > 0.5][:n]
    return X, (X.sum(axis=1) > 0).astype(int)


def descend(neuron, loss, X, target, steps, rate, penalty=None):
    for _ in range(steps):
        neuron.zero_grad()
        total = loss(neuron(X), target)
        if penalty is not None:
            total = total + penalty(neuron)
        total.backward()
        for p in neuron.parameters():
            p.data -= rate * p.grad
    return neuron


def test_one_neuron_is_a_binary_softmax_classifier():
    """P(1|x) = σ(w·x+b); above the threshold 0.5 is where the logit is above 0."""
    X, y = plane()
    neuron = nn.Neuron(2, activation="identity", rng=0, dtype=float)
    descend(neuron, losses.binary_cross_entropy, X, y, steps=300, rate=1.0)
    logits = neuron(X).data
    np.testing.assert_array_equal(ag.sigmoid(logits).data > 0.5, logits > 0)
    assert nn.metrics.accuracy(logits, y) == 1.0
    two = losses.cross_entropy(np.stack([np.zeros(len(X)), logits], axis=1), y).item()
    assert losses.binary_cross_entropy(logits, y).item() == pytest.approx(two, rel=1e-12)


def test_one_neuron_is_a_binary_support_vector_machine():
    """Between (2, 0) and (−2, 0) the widest margin is that of w = (½, 0), b = 0."""
    X, t = np.array([[2.0, 0.0], [-2.0, 0.0], [3.0, 1.0], [-4.0, 2.0]]), np.array([1, -1, 1, -1])
    neuron = nn.Neuron(2, activation="identity", rng=0, dtype=float)
    for rate in (0.1, 0.01, 0.001):
        descend(neuron, losses.hinge, X, t, 400, rate, penalty=nn.penalties.L2(0.1))
    np.testing.assert_allclose(neuron.weight.data, [0.5, 0.0], atol=2e-3)
    assert neuron.bias.data == pytest.approx(0.0, abs=2e-3)
    margins = t * neuron(X).data
    np.testing.assert_allclose(margins[:2], 1.0, atol=5e-3)  # the support vectors
    assert (margins[2:] > 1.2).all()


def test_the_loss_of_a_batch_is_a_mean_plus_a_penalty():
    """L = 1/N Σ Lᵢ + R(W)."""
    model = nn.MLP(3, [4], 2, rng=0, dtype=float)
    X, y = RNG.normal(size=(8, 3)), RNG.integers(2, size=8)
    each = [losses.cross_entropy(model(X[i : i + 1]), y[i : i + 1]).item() for i in range(8)]
    weights = [layer.weight.data for layer in model.layers]
    total = losses.cross_entropy(model(X), y) + nn.penalties.L2(0.1)(model)
    wanted = sum(each) / 8 + 0.1 * sum((w**2).sum() for w in weights)
    assert total.item() == pytest.approx(wanted, rel=1e-14)
