"""Slides, section 7: the delta rule as it is written there, against the engine; its cost."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import losses, optim
from nn.examples import delta_rule, operations
from nn.examples.delta_rule import LOGISTIC, TANH, Weights

D, P, C, N = 5, 7, 3, 12
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, D))
LABELS = RNG.integers(C, size=N)
Y = np.eye(C)[LABELS]
START = delta_rule.initial(D, P, C, rng=1)
TAUS = pytest.mark.parametrize("tau", [LOGISTIC, TANH], ids=lambda tau: tau.name)
EXACT = {"rtol": 1e-12, "atol": 1e-14}


def of_engine(weights, x, y, tau):
    """∂J/∂U1 and ∂J/∂U2 by backpropagation, the bias in column 0."""
    model = delta_rule.as_model(weights, tau)
    losses.half_sse(model(x), y).backward()
    return Weights(*(np.column_stack([layer.bias.grad, layer.weight.grad.T])
                     for layer in model.layers))  # fmt: skip


def assert_equal(got, wanted):
    for ours, theirs in zip(got, wanted, strict=True):
        np.testing.assert_allclose(np.array(ours), theirs, **EXACT)


@TAUS
def test_the_forward_pass_is_the_models(tau):
    model = delta_rule.as_model(START, tau)
    np.testing.assert_allclose(delta_rule.forward(START, X, tau)[-1], model(X).data, **EXACT)
    u1, u2 = START.U1.tolist(), START.U2.tolist()
    for x in X:
        in_loops = delta_rule.forward_in_loops(u1, u2, x.tolist(), tau)
        in_matrices = delta_rule.forward(START, x[None], tau)
        for ours, theirs in zip(in_loops, in_matrices, strict=True):
            np.testing.assert_allclose(ours, theirs[0], **EXACT)


@TAUS
def test_gradients_in_scalar_loops_are_the_engines(tau):
    u1, u2 = START.U1.tolist(), START.U2.tolist()
    for x, y in zip(X, Y, strict=True):
        got = delta_rule.gradients_in_loops(u1, u2, x.tolist(), y.tolist(), tau)
        assert_equal(got, of_engine(START, x[None], y[None], tau))


@TAUS
@pytest.mark.parametrize("t", [1, 4, N])
def test_gradients_in_matrix_form_are_the_engines(tau, t):
    """Of one sample, of a mini-batch, of all of them."""
    assert_equal(
        delta_rule.gradients(START, X[:t], Y[:t], tau), of_engine(START, X[:t], Y[:t], tau)
    )


@given(d=st.integers(1, 6), p=st.integers(1, 6), c=st.integers(1, 4), seed=st.integers(0, 2**16))
def test_for_networks_of_any_size(d, p, c, seed):
    rng = np.random.default_rng(seed)
    weights = delta_rule.initial(d, p, c, rng=rng)
    x, y = rng.normal(scale=3.0, size=(1, d)), rng.normal(size=(1, c))
    wanted = of_engine(weights, x, y, LOGISTIC)
    assert_equal(delta_rule.gradients(weights, x, y), wanted)
    u1, u2 = weights.U1.tolist(), weights.U2.tolist()
    assert_equal(delta_rule.gradients_in_loops(u1, u2, x[0].tolist(), y[0].tolist()), wanted)


@TAUS
def test_loops_and_matrices_take_the_same_steps(tau):
    options = {"epochs": 3, "rate": 0.3, "tau": tau}
    in_loops = delta_rule.shuffled_samples_in_loops(START, X, Y, rng=5, **options)
    in_matrices = delta_rule.shuffled_samples(START, X, Y, rng=5, **options)
    assert_equal(in_loops, in_matrices)
    assert np.abs(in_loops.U1 - START.U1).max() > 1e-3


def descended(batches, rate):
    """The same steps by the engine, with its own optimiser."""
    model = delta_rule.as_model(START)
    optimizer = optim.SGD(model.parameters(), lr=rate)
    for rows in batches:
        model.zero_grad()
        losses.half_sse(model(X[rows]), Y[rows]).backward()
        optimizer.step()
    return Weights(*(np.column_stack([layer.bias.data, layer.weight.data.T])
                     for layer in model.layers))  # fmt: skip


def test_each_shuffled_epoch_goes_through_every_sample_once():
    rng = np.random.default_rng(5)
    orders = [[i] for _ in range(2) for i in rng.permutation(N)]
    assert sorted(i for (i,) in orders[:N]) == list(range(N))
    got = delta_rule.shuffled_samples(START, X, Y, epochs=2, rate=0.3, rng=5)
    assert_equal(got, descended(orders, 0.3))


@pytest.mark.parametrize("t", [1, 4, N])
def test_mini_batches_from_stochastic_to_batch_descent(t):
    rng = np.random.default_rng(6)
    batches = [rng.choice(N, t, replace=False) for _ in range(30)]
    got = delta_rule.mini_batches(START, X, Y, size=t, steps=30, rate=0.5, rng=6)
    assert_equal(got, descended(batches, 0.5))
    if t == 1:
        assert_equal(delta_rule.random_samples(START, X, Y, steps=30, rate=0.5, rng=6), got)
    if t == N:  # the batch algorithm: no chance is left
        again = delta_rule.mini_batches(START, X, Y, size=t, steps=30, rate=0.5, rng=7)
        for one, other in zip(got, again, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10)


def test_recognition_takes_the_largest_output():
    trained = delta_rule.shuffled_samples(START, X, Y, epochs=400, rate=1.0, rng=0)
    np.testing.assert_array_equal(delta_rule.recognized(trained, X), LABELS)
    outputs = delta_rule.as_model(trained)(X)
    assert nn.metrics.accuracy(outputs, LABELS) == 1.0


# ---- what it costs


def test_the_lectures_operation_counts():
    assert operations.forward_cost(784, 128, 10) == 203_264
    assert operations.backward_cost(784, 128, 10) == 307_476
    assert operations.ratio(784, 128, 10) == pytest.approx(1.51, abs=0.005)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("d", "p", "c"), [(1, 1, 1), (3, 4, 2), (2, 1, 5), (6, 5, 4), (784, 128, 10)]
)
def test_the_formulas_count_what_the_loops_do(d, p, c):
    """Beside them only the biases' updates, which the lecture leaves out."""
    counted = operations.counted(d, p, c)
    assert counted.forward == operations.forward_cost(d, p, c)
    assert counted.backward - counted.biases == operations.backward_cost(d, p, c)
    assert counted.biases == 2 * (p + c)


@given(d=st.integers(1, 500), p=st.integers(1, 500), c=st.integers(1, 500))
def test_the_ratio_lies_between_its_bounds(d, p, c):
    ratio = operations.ratio(d, p, c)
    assert ratio == pytest.approx(1.5 + c * (p + 1) / (p * (d + c)), rel=1e-12)
    assert 1.5 < ratio < 2.5 + 1 / p


@pytest.mark.slow
def test_the_engines_own_ratio_of_backward_to_forward_time():
    """A backward pass multiplies two matrices where the forward pass multiplies one."""
    model = nn.MLP(784, [128], 10, activation="sigmoid", rng=0)
    x = np.random.default_rng(0).random((256, 784), np.float32)
    y = np.zeros((256, 10), np.float32)
    times = []
    for _ in range(60):
        model.zero_grad()
        start = time.perf_counter()
        loss = losses.half_sse(model(x), y)
        middle = time.perf_counter()
        loss.backward(retain_grads=False)
        times.append((middle - start, time.perf_counter() - middle))
    forward, backward = np.median(times, axis=0)
    assert 0.5 < backward / forward < 4.0
