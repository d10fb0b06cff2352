"""Slides, section 7: autoencoders, stacked and denoising ones."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from nn import optim

RNG = np.random.default_rng(0)
FEATURES, LATENT = 12, 3


def hidden_causes(n):
    """Points near a plane of three dimensions in twelve, and classes that the causes decide."""
    causes = RNG.normal(size=(n, LATENT))
    mixing = np.linalg.qr(np.random.default_rng(1).normal(size=(FEATURES, LATENT)))[0]
    x = causes @ mixing.T + 0.1 * RNG.normal(size=(n, FEATURES))
    return x.astype(np.float32), (causes[:, 0] * causes[:, 1] > 0).astype(int)


X, CLASSES = hidden_causes(300)


def fit(model, x, y, epochs, loss="mse", rate=0.01, **options):
    history = nn.fit(
        model, x, y, loss=loss, optimizer=optim.Adam(lr=rate), epochs=epochs, batch_size=50,
        rng=0, progress=False, **options,
    )  # fmt: skip
    return history.history


def error(model, x, wanted):
    return float(np.mean((nn.predict(model, x) - wanted) ** 2))


def test_a_linear_autoencoder_finds_the_principal_components():
    """Its best is the projection on the first three of them: Baldi and Hornik, 1989."""
    model = nn.Autoencoder(FEATURES, [LATENT], activation="identity", rng=0)
    fit(model, X, X, 120)
    centred = X - X.mean(axis=0)
    values = np.linalg.svd(centred, compute_uv=False)
    best = (values[LATENT:] ** 2).sum() / X.size
    assert best <= error(model, X, X) < 1.05 * best
    assert model.encode(X[:2]).shape == (2, LATENT)


def test_a_denoising_autoencoder_undoes_what_corrupts():
    """Of noisy inputs it gives back something nearer to the clean ones."""
    model = nn.Autoencoder(
        FEATURES, [LATENT], activation="identity", rng=0, corruption=nn.GaussianNoise(0.5, rng=1)
    )
    fit(model, X, X, 40)
    clean, _ = hidden_causes(100)
    noisy = clean + np.float32(0.5) * RNG.normal(size=clean.shape).astype(np.float32)
    assert error(model, noisy, clean) < 0.5 * np.mean((noisy - clean) ** 2)
    fresh = nn.predict(model, clean)
    np.testing.assert_array_equal(fresh, nn.predict(model, clean))  # no noise in use


def test_a_stacked_autoencoder_is_trained_greedily_and_then_fine_tuned():
    stack = nn.StackedAutoencoder(FEATURES, [16, 8], activation="tanh", rng=0)
    histories = stack.pretrain(
        X, optimizer=optim.Adam(lr=0.01), epochs=15, batch_size=50, rng=0, progress=False
    )
    for history in histories:  # each stage learns
        assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
    codes = stack.encode(X).data
    assert codes.shape == (300, 8)

    model = stack.classifier(2, rng=1)  # softmax comes with the loss
    np.testing.assert_allclose(model.layers[-1](codes).data, model(X).data, rtol=1e-5, atol=1e-6)
    before = stack.stages[0].encoder.layers[0].weight.data.copy()
    head = model.layers[-1]
    alone = fit(head, codes, CLASSES, 20, loss="cross_entropy", metrics=["accuracy"])["accuracy"][
        -1
    ]
    np.testing.assert_array_equal(stack.stages[0].encoder.layers[0].weight.data, before)
    tuned = fit(model, X, CLASSES, 30, loss="cross_entropy", metrics=["accuracy"])["accuracy"][-1]
    assert (stack.stages[0].encoder.layers[0].weight.data != before).any()
    assert tuned > 0.93 and tuned > alone


def test_the_code_is_narrow():
    with pytest.raises(ValueError, match="hidden"):
        nn.Autoencoder(FEATURES, [])
    assert sum(p.size for p in nn.Autoencoder(12, [3]).parameters()) == 12 * 3 + 3 + 3 * 12 + 12
