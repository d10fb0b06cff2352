"""Autoencoders: plain, denoising and stacked, trained on digits that anyone can draw."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import DataError
from nn import optim


def bars(n, rng):
    """Pictures of 4×4 with one row or column lit: eight kinds, so a code of three bits would do."""
    kinds = rng.integers(8, size=n)
    pictures = np.zeros((n, 4, 4), np.float32)
    for picture, kind in zip(pictures, kinds, strict=True):
        picture[(kind, slice(None)) if kind < 4 else (slice(None), kind - 4)] = 1.0
    return pictures.reshape(n, 16), kinds


X, KINDS = bars(200, np.random.default_rng(0))


def error(model, x, clean=None):
    model.eval()
    return float(np.mean((model(x).data - (x if clean is None else clean)) ** 2))


def train(model, x, y, epochs=60, lr=0.02):
    return nn.fit(
        model, x, y, loss="mse", optimizer=optim.Adam(lr=lr), epochs=epochs, batch_size=20, rng=0,
        progress=False,
    )  # fmt: skip


def test_an_autoencoder_learns_to_give_back():
    model = nn.Autoencoder(16, [6], activation="tanh", rng=0)
    before = error(model, X)
    train(model, X, X)
    assert error(model, X) < before / 20


def test_sizes_are_mirrored():
    model = nn.Autoencoder(16, [8, 3], rng=0)
    shapes = [layer.weight.shape for layer in [*model.encoder, *model.decoder][::2]]
    assert shapes == [(16, 8), (8, 3), (3, 8), (8, 16)]
    assert model.encode(X).shape == (200, 3)
    np.testing.assert_array_equal(model.decode(model.encode(X)).data, model(X).data)


def test_the_output_can_be_squashed():
    model = nn.Autoencoder(16, [3], output_activation="sigmoid", rng=0)
    out = model(X).data
    assert out.min() > 0.0
    assert out.max() < 1.0


def test_corruption_is_what_the_encoder_sees_while_training_alone():
    model = nn.Autoencoder(16, [6], corruption=nn.Dropout(0.5, rng=0), rng=0)
    clean = model.decode(model.encode(X)).data
    assert (model(X).data != clean).any()
    np.testing.assert_array_equal(model.eval()(X).data, clean)


def test_a_denoising_autoencoder_takes_noise_away():
    rng = np.random.default_rng(1)
    noisy = X + rng.normal(0.0, 0.3, X.shape).astype(np.float32)
    model = nn.Autoencoder(
        16, [8], activation="tanh", corruption=nn.GaussianNoise(0.3, rng=1), rng=0
    )
    train(model, X, X, epochs=80)
    assert error(model, noisy, clean=X) < 0.5 * np.mean((noisy - X) ** 2)


def test_a_stack_is_trained_stage_by_stage_and_then_fine_tuned():
    stack = nn.StackedAutoencoder(16, [10, 6], activation="tanh", rng=0)
    untouched = stack.stages[1].state_dict()
    seen = []

    def teach(stage, codes):
        if stage is stack.stages[0]:  # greedy: the next stage waits
            for name, value in stack.stages[1].state_dict().items():
                np.testing.assert_array_equal(value, untouched[name])
        seen.append((stage, codes))
        return train(stage, codes, codes, epochs=30)

    before = error(stack, X)
    histories = stack.pretrain(X, train=teach)
    assert [stage for stage, _ in seen] == stack.stages
    assert [codes.shape for _, codes in seen] == [(200, 16), (200, 10)]
    np.testing.assert_array_equal(seen[1][1], stack.stages[0].encode(X).data)
    assert all(h.history["loss"][-1] < h.history["loss"][0] for h in histories)
    assert error(stack, X) < before

    model = stack.classifier(8, rng=1)
    assert model[0] is stack.stages[0].encoder[0]
    nn.fit(
        model, X, KINDS, loss="cross_entropy", optimizer=optim.Adam(lr=0.01), epochs=20,
        batch_size=20, rng=0, progress=False,
    )  # fmt: skip
    accuracy = np.mean(model(X).data.argmax(axis=1) == KINDS)
    assert accuracy > 0.98


def test_pretrain_uses_fit_with_mean_squared_errors():
    stack = nn.StackedAutoencoder(16, [10, 6], activation="tanh", rng=0)
    options = {"optimizer": optim.SGD(lr=0.1), "epochs": 2, "rng": 0, "progress": False}
    first, second = stack.pretrain(X, **options)
    assert len(first.history["loss"]) == len(second.history["loss"]) == 2
    with pytest.raises(DataError, match="epochs"):
        stack.pretrain(X, train=lambda stage, codes: None, epochs=3)
