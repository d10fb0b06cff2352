"""Slides, section 2: activations, with the lecture's formulas, matrix and effects."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor
from nn import activations as act

S = np.array([-3.0, -1.0, -0.25, 0.5, 2.0])
MATRIX = np.array([[-1.0, 3, 2], [0, 2, -3], [-1, -4, 1]])


def sigma(s):
    return 1 / (1 + np.exp(-s))


def phi(s):
    """The normal distribution function."""
    return np.array([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in s])


LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al., 2017
TABLE = {
    "step": (act.step, lambda s: (s >= 0) * 1.0, lambda s: 0 * s),
    "bipolar step": (act.bipolar_step, lambda s: np.where(s >= 0, 1.0, -1.0), lambda s: 0 * s),
    "logistic": (act.logistic, sigma, lambda s: sigma(s) * (1 - sigma(s))),
    "logistic, slope 3": (
        lambda s: act.logistic(s, slope=3.0),
        lambda s: sigma(3 * s),
        lambda s: 3 * sigma(3 * s) * (1 - sigma(3 * s)),
    ),
    "tanh": (act.tanh, np.tanh, lambda s: 1 - np.tanh(s) ** 2),
    "tanh, slope 5": (
        lambda s: act.tanh(s, slope=5.0),
        lambda s: 2 / (1 + np.exp(-5 * s)) - 1,
        lambda s: 2.5 * (1 - (2 / (1 + np.exp(-5 * s)) - 1) ** 2),
    ),
    "softplus": (act.softplus, lambda s: np.log(1 + np.exp(s)), sigma),
    "ReLU": (act.relu, lambda s: np.maximum(0, s), lambda s: (s > 0) * 1.0),
    "leaky ReLU": (
        act.leaky_relu,
        lambda s: np.where(s > 0, s, 0.01 * s),
        lambda s: np.where(s > 0, 1, 0.01),
    ),
    "leaky ReLU, slope .1": (
        lambda s: act.leaky_relu(s, slope=0.1),
        lambda s: np.where(s > 0, s, 0.1 * s),
        lambda s: np.where(s > 0, 1, 0.1),
    ),
    "ELU": (
        act.elu,
        lambda s: np.where(s > 0, s, np.exp(s) - 1),
        lambda s: np.where(s > 0, 1, np.exp(s)),
    ),
    "SELU": (
        act.selu,
        lambda s: LAMBDA * np.where(s > 0, s, ALPHA * (np.exp(s) - 1)),
        lambda s: LAMBDA * np.where(s > 0, 1, ALPHA * np.exp(s)),
    ),
    "GELU": (
        act.gelu,
        lambda s: s * phi(s),
        lambda s: phi(s) + s * np.exp(-(s**2) / 2) / math.sqrt(2 * math.pi),
    ),
    "swish": (
        act.swish,
        lambda s: s * sigma(s),
        lambda s: sigma(s) + s * sigma(s) * (1 - sigma(s)),
    ),
    "identity": (act.identity, lambda s: s, lambda s: 1 + 0 * s),
}


def slope_of(f, at):
    return ag.grad(lambda x: ag.sum(f(x)))(np.asarray(at, float))


@pytest.mark.parametrize("name", TABLE)
def test_value_and_derivative_are_the_tables(name):
    f, value, slope = TABLE[name]
    np.testing.assert_allclose(f(Tensor(S)).data, value(S), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(slope_of(f, S), slope(S), rtol=1e-12, atol=1e-15)
    for s in S:  # and on scalar nodes
        x = Tensor(float(s))
        y = f(x)
        if y is not x:
            y.backward()
            assert x.grad == pytest.approx(slope(np.array([s]))[0], rel=1e-12, abs=1e-15)
        assert y.data == pytest.approx(value(np.array([s]))[0], rel=1e-13, abs=1e-15)


MODULES = {
    "step": nn.Step(), "bipolar step": nn.BipolarStep(), "logistic": nn.Sigmoid(),
    "logistic, slope 3": nn.Sigmoid(slope=3.0), "tanh": nn.Tanh(), "tanh, slope 5": nn.Tanh(5.0),
    "softplus": nn.Softplus(), "ReLU": nn.ReLU(), "leaky ReLU": nn.LeakyReLU(),
    "leaky ReLU, slope .1": nn.LeakyReLU(slope=0.1), "ELU": nn.ELU(), "SELU": nn.SELU(),
    "GELU": nn.GELU(), "swish": nn.Swish(), "identity": nn.Identity(),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_every_row_is_a_module_too(name):
    np.testing.assert_array_equal(MODULES[name](S).data, TABLE[name][0](S).data)


def test_steps_jump_at_zero_and_teach_nothing():
    assert act.step(Tensor(0.0)).data == act.bipolar_step(Tensor(0.0)).data == 1.0
    x = Tensor(0.0)
    (act.step(x) + act.bipolar_step(x)).backward()
    assert x.grad == 0.0


def test_the_logistics_derivative_is_a_quarter_at_most():
    slopes = slope_of(act.logistic, np.linspace(-8, 8, 1601))
    assert slopes.max() == slopes[800] == 0.25


def test_a_larger_slope_comes_nearer_to_the_step():
    away = np.abs(S) > 0.2
    gaps = [np.abs(act.tanh(S, slope=a).data - np.sign(S))[away].max() for a in (2, 8, 32, 128)]
    assert gaps == sorted(gaps, reverse=True) and gaps[-1] < 1e-6


@pytest.mark.parametrize("s", [1000.0, -1000.0])
def test_exponentials_do_not_overflow(s):
    x = Tensor([s])
    y = act.softplus(x)
    y.sum().backward()
    assert y.data[0] == max(s, 0.0) and x.grad[0] == (s > 0)
    np.testing.assert_array_equal(act.softmax(Tensor([s, s])).data, [0.5, 0.5])


def test_prelu_learns_its_slope():
    module = nn.PReLU()
    ag.sum(module(S.astype(np.float32))).backward()
    (slope,) = module.parameters()
    assert slope.grad == pytest.approx(S[S < 0].sum())


def test_swish_has_its_minimum_where_the_slide_puts_its_value():
    """−0.278464543 is the minimum, at x = −1.278464543."""
    x = Tensor(-1.278464543)
    y = act.swish(x)
    y.backward()
    assert y.data == pytest.approx(-0.278464543, abs=5e-10)
    assert x.grad == pytest.approx(0.0, abs=1e-9)


def test_softmax_is_a_distribution():
    y = np.array([2.0, -1.0, 0.5])
    p = act.softmax(Tensor(y)).data
    np.testing.assert_allclose(p, np.exp(y) / np.exp(y).sum(), rtol=1e-15)
    assert p.sum() == pytest.approx(1.0, rel=1e-15)


def test_the_example_matrix():
    """The slide prints a 4 in ReLU's second row: a misprint for 2."""
    np.testing.assert_array_equal(act.relu(MATRIX).data, [[0, 3, 2], [0, 2, 0], [0, 0, 1]])
    np.testing.assert_array_equal(
        act.tanh(MATRIX).data.round(3),
        [[-0.762, 0.995, 0.964], [0, 0.964, -0.995], [-0.762, -0.999, 0.762]],
    )


# ---- maxout


def test_two_maxout_units_of_three_pieces():
    unit = nn.Maxout(2, 2, pieces=3, rng=0, dtype=float)
    unit.load_state_dict({k: np.random.default_rng(0).normal(size=v.shape)
                          for k, v in unit.state_dict().items()})  # fmt: skip
    x = np.array([[0.5, -1.0], [2.0, 0.25]])
    w, b = unit.weight.data, unit.bias.data
    pieces = np.stack([x @ w[i] + b[i] for i in range(3)])
    out = unit(x)
    np.testing.assert_allclose(out.data, pieces.max(axis=0), rtol=1e-15)
    out.sum().backward()
    winners = pieces.argmax(axis=0)
    for i in range(3):  # it routes: a piece learns from the samples that it won
        np.testing.assert_allclose(unit.weight.grad[i], x.T @ (winners == i), rtol=1e-15)


def test_two_pieces_double_the_parameters():
    count = [
        sum(p.size for p in layer.parameters()) for layer in (nn.Linear(5, 7), nn.Maxout(5, 7))
    ]
    assert count[1] == 2 * count[0]


def test_maxout_approximates_a_convex_function():
    """x² from its tangents at k places: the gap shrinks as 1/k²."""
    x = np.linspace(-1, 1, 401)[:, None]
    gaps = []
    for k in (4, 8, 16):
        at = np.linspace(-1, 1, k)
        unit = nn.Maxout(1, 1, pieces=k, dtype=float)
        unit.load_state_dict({
            "weight": (2 * at).reshape(k, 1, 1), "bias": (-(at**2)).reshape(unit.bias.shape),
        })  # fmt: skip
        gaps.append(np.abs(unit(x).data - x**2).max())
    for k, gap in zip((4, 8, 16), gaps, strict=True):
        assert gap == pytest.approx((1 / (k - 1)) ** 2, rel=0.02)


# ---- effects


def test_saturation_kills_the_gradient():
    slopes = slope_of(act.logistic, [0.0, 5.0, 10.0])
    assert slopes[1] == pytest.approx(0.00665, rel=1e-3) and slopes[2] < 5e-5


def test_gradients_vanish_through_many_sigmoids_and_not_through_relus():
    depth = 20
    through = {}
    for name, f in {"sigmoid": act.sigmoid, "relu": act.relu}.items():
        x = s = Tensor(0.5)
        for _ in range(depth):
            s = f(s)
        s.backward()
        through[name] = x.grad
    assert 0.0 < through["sigmoid"] <= 0.25**depth
    assert through["relu"] == 1.0


def test_inputs_of_one_sign_give_all_weights_gradients_of_one_sign():
    """So that steps can only zig-zag; standardised inputs are free of it."""
    rng = np.random.default_rng(0)
    positive = rng.random((50, 6)) + 0.1

    def signs(x):
        found = set()
        for row in x:
            w = Tensor(rng.normal(size=6))
            act.sigmoid(row @ w).backward()
            found.add(len(set(np.sign(w.grad))))
        return found

    assert signs(positive) == {1}
    assert 2 in signs(positive - positive.mean(axis=0))


def test_dead_relus_and_their_remedies():
    """A neuron that is negative on all data learns nothing; one with a leak does."""
    x = np.random.default_rng(0).normal(size=(200, 3))
    slopes = {}
    for name, f in {"relu": act.relu, "leaky": act.leaky_relu, "elu": act.elu}.items():
        w, b = Tensor([0.1, 0.1, 0.1]), Tensor(-5.0)
        f(x @ w + b).sum().backward()
        slopes[name] = b.grad
    assert slopes["relu"] == 0.0
    assert slopes["leaky"] == pytest.approx(0.01 * 200)
    assert slopes["elu"] > 0.0


def test_too_high_a_rate_kills_relus():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(256, 4)), rng.normal(size=(256, 1))

    def dead_share(rate):
        model = nn.MLP(4, [50], 1, rng=1, dtype=float, bias_initializer=0.01)
        for _ in range(100):
            model.zero_grad()
            nn.losses.mse(model(x), y).backward()
            for p in model.parameters():
                p.data -= rate * p.grad
        hidden = act.relu(model.layers[0](x)).data
        return float((hidden == 0.0).all(axis=0).mean())

    assert dead_share(0.01) == 0.0
    assert dead_share(1.0) >= 0.4


def test_a_bias_of_001_is_a_remedy_by_name():
    layer = nn.Linear(3, 4, bias_initializer=0.01)
    np.testing.assert_array_equal(layer.bias.data, np.float32(0.01))
