"""Penalties: sums over weights alone, their derivatives, and models of every kind."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from nn.penalties import L1, L2, ElasticNet, sum_of_magnitudes, sum_of_squares, weights_of

RNG = np.random.default_rng(0)


def model(**options):
    return nn.MLP(3, [4], 2, rng=0, bias_initializer=7.0, **options)


def weights(network):
    return [v for name, v in network.state_dict().items() if name.endswith("weight")]


@pytest.mark.parametrize("scalar", [False, True])
@pytest.mark.parametrize(
    ("penalty", "by_definition"),
    [
        (L1(0.3), lambda w: 0.3 * np.abs(w).sum()),
        (L2(0.3), lambda w: 0.3 * (w**2).sum()),
        (ElasticNet(0.3, 0.1), lambda w: 0.3 * np.abs(w).sum() + 0.1 * (w**2).sum()),
        (ElasticNet(0.0, 0.0), lambda w: 0.0),
    ],
)
def test_they_sum_over_weights_and_leave_biases(scalar, penalty, by_definition):
    network = model(scalar=True) if scalar else model(dtype=float)
    got = penalty(network)
    assert got.item() == pytest.approx(sum(map(by_definition, weights(network))), rel=1e-14)
    got.backward()
    assert all(
        p.grad is None for name, p in network.named_parameters() if "bias" in name.split(".")
    )


@pytest.mark.parametrize(
    ("penalty", "slope"),
    [
        (L1(0.3), lambda w: 0.3 * np.sign(w)),
        (L2(0.3), lambda w: 0.6 * w),
        (ElasticNet(0.3, 0.1), lambda w: 0.3 * np.sign(w) + 0.2 * w),
    ],
)
def test_gradients_are_the_definitions(penalty, slope):
    network = model(dtype=float)
    penalty(network).backward()
    for layer in network.layers:
        np.testing.assert_allclose(layer.weight.grad, slope(layer.weight.data), rtol=1e-14)


@pytest.mark.parametrize("gate", [sum_of_squares, sum_of_magnitudes])
def test_their_gates_agree_with_differences_and_with_their_expansions(gate):
    at = RNG.normal(size=(3, 2))
    assert ag.gradcheck(gate, at, order=2)
    assert gate(Tensor(at)).item() == pytest.approx(gate.expansion(at).item(), rel=1e-15)
    at[0, 0] = 0.0
    w = Tensor(at)
    gate(w).backward()
    assert w.grad[0, 0] == 0.0


def test_float32_stays_float32():
    penalty = ElasticNet(0.1, 0.1)(model())
    assert penalty.dtype == np.float32


def test_what_counts_as_a_weight():
    layers = nn.Sequential(
        nn.Maxout(3, 4, rng=0), nn.BatchNorm(4), nn.PReLU(), nn.Linear(4, 1, rng=0)
    )
    assert [name for name, _ in weights_of(layers)] == ["layers.0.weight", "layers.3.weight"]
    assert [name for name, _ in weights_of(nn.Neuron(3, rng=0))] == ["weight"]


class Line(nn.Module):
    def __init__(self):
        self.slope, self.offset = Tensor(2.0), Tensor(1.0)

    def forward(self, x):
        return self.slope * x + self.offset


def test_a_model_of_your_own_says_which_attributes_are_weights():
    assert L2(0.5, names=("slope",))(Line()).data == 2.0
    with pytest.raises(ValueError, match=r"no weights in Line.*slope, offset.*names="):
        L2(0.5)(Line())


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: L2(-1.0), ValueError, "0 or more"),
        (lambda: L1("a"), TypeError, "must be a number"),
        (lambda: ElasticNet(0.1, float("nan")), ValueError, "l2"),
        (lambda: L2(0.1, names="slope"), TypeError, r'write \("slope",\)'),
    ],
)
def test_bad_input(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_they_say_what_they_are():
    assert [repr(p) for p in (L1(0.1), L2(1e-4), ElasticNet(0.1, 0.2))] == [
        "L1(0.1)", "L2(0.0001)", "ElasticNet(0.1, 0.2)",
    ]  # fmt: skip
