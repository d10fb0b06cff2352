"""Slides, section 4: initialisers of a weight with n_in inputs and n_out outputs."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from nn import initializers

N_IN, N_OUT = 250, 160
RULES = {
    "uniform": ("uniform", 0.05**2 / 3),
    "normal": ("normal", 0.05**2),
    "lecun_normal": ("normal", 1 / N_IN),
    "lecun_uniform": ("uniform", 1 / N_IN),
    "glorot_uniform": ("uniform", 2 / (N_IN + N_OUT)),
    "glorot_normal": ("normal", 2 / (N_IN + N_OUT)),
    "he_uniform": ("uniform", 2 / N_IN),
    "he_normal": ("normal", 2 / N_IN),
}
LIMITS = {
    "lecun_uniform": np.sqrt(3 / N_IN),
    "glorot_uniform": np.sqrt(6 / (N_IN + N_OUT)),
    "he_uniform": np.sqrt(6 / N_IN),
}


@pytest.mark.parametrize("name", RULES)
def test_shape_and_variance_of_the_rule(name):
    """40,000 numbers; a uniform distribution has the kurtosis 1.8, a normal one 3."""
    kind, variance = RULES[name]
    w = initializers.get(name)((N_IN, N_OUT), 0, np.float64)
    assert w.var() == pytest.approx(variance, rel=0.03)
    assert ((w - w.mean()) ** 4).mean() / w.var() ** 2 == pytest.approx(
        {"uniform": 1.8, "normal": 3.0}[kind], rel=0.04
    )


@pytest.mark.parametrize("name", LIMITS)
def test_limits_of_the_uniform_rules(name):
    w = initializers.get(name)((N_IN, N_OUT), 0, np.float64)
    assert 0.999 * LIMITS[name] < np.abs(w).max() <= LIMITS[name]


def test_lecuns_misprints():
    """√(1/n_in) is the standard deviation, not the variance; as a limit it gives a third of it."""
    w = initializers.lecun_normal((N_IN, N_OUT), 0, np.float64)
    assert w.std() == pytest.approx(np.sqrt(1 / N_IN), rel=0.02)
    limit = np.sqrt(1 / N_IN)
    narrow = initializers.uniform((N_IN, N_OUT), 0, np.float64, low=-limit, high=limit)
    assert narrow.var() == pytest.approx(1 / N_IN / 3, rel=0.02)


@pytest.mark.parametrize(
    ("name", "activation", "kept"),
    [
        ("he_normal", "relu", True),
        ("glorot_uniform", "relu", False),
        ("lecun_normal", "selu", True),
        ("uniform", "tanh", False),
    ],
)
def test_what_they_are_for_signals_of_the_same_size_in_every_layer(name, activation, kept):
    """Ten layers of 128: the mean square of what goes through stays, or fades."""
    x = np.random.default_rng(1).normal(size=(200, 128))
    model = nn.MLP(128, [128] * 10, 128, activation=activation, initializer=name, rng=0)
    sizes, h = [], x.astype(np.float32)
    for layer, f in zip(model.layers[:-1], model.activations, strict=True):
        h = f(layer(h)).data
        sizes.append(float((h**2).mean()))
    assert (0.3 < sizes[-1] / sizes[0] < 3.0) is kept
    assert kept or sizes[-1] < 0.01 * sizes[0]


def test_weights_that_start_alike_stay_alike():
    """The reason for randomness: hidden units of zeros all get the same gradient."""
    model = nn.MLP(3, [4], 1, activation="tanh", initializer=0.1, dtype=float)
    X, y = np.random.default_rng(0).normal(size=(8, 3)), np.ones((8, 1))
    for _ in range(5):
        model.zero_grad()
        nn.losses.mse(model(X), y).backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
    hidden = model.layers[0].weight.data
    np.testing.assert_array_equal(hidden, hidden[:, :1].repeat(4, axis=1))
