"""Slides, section 6: regularisation, normalisation and augmentation."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from nn import data, optim, penalties

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(12, 3)), RNG.normal(size=(12, 2))


def weights(model):
    return [layer.weight.data for layer in model.layers]


# ---- penalties


@pytest.mark.parametrize(
    ("penalty", "formula"),
    [
        (penalties.L1(0.1), lambda w: 0.1 * np.abs(w).sum()),
        (penalties.L2(0.1), lambda w: 0.1 * (w**2).sum()),
        (penalties.ElasticNet(0.1, 0.2), lambda w: 0.1 * np.abs(w).sum() + 0.2 * (w**2).sum()),
    ],
)
def test_penalties_count_weights_and_no_biases(penalty, formula):
    model = nn.MLP(3, [4], 2, rng=0, dtype=float, bias_initializer=5.0)
    total = penalty(model)
    assert total.item() == pytest.approx(sum(map(formula, weights(model))), rel=1e-14)
    total.backward()
    assert all(layer.bias.grad is None for layer in model.layers)


def trained(optimizer, penalty=None):
    model = nn.Sequential(nn.Linear(3, 2, bias=False, rng=0, dtype=float))
    optimizer.bind(model.parameters())
    for _ in range(20):
        model.zero_grad()
        loss = nn.losses.mse(model(X), Y)
        if penalty is not None:
            loss = loss + penalty(model)
        loss.backward()
        optimizer.step()
    return weights(model)[0]


def test_l2_is_weight_decay_of_twice_its_strength_in_sgd():
    by_penalty = trained(optim.SGD(lr=0.1, momentum=0.9), penalties.L2(0.05))
    by_decay = trained(optim.SGD(lr=0.1, momentum=0.9, weight_decay=0.1))
    np.testing.assert_allclose(by_penalty, by_decay, rtol=1e-12)


def test_and_is_not_in_adamw_which_keeps_decay_out_of_the_moments():
    by_penalty = trained(optim.AdamW(lr=0.1, weight_decay=0.0), penalties.L2(0.05))
    by_decay = trained(optim.AdamW(lr=0.1, weight_decay=0.1))
    assert np.abs(by_penalty - by_decay).max() > 1e-3
    as_penalty = trained(optim.Adam(lr=0.1, weight_decay=0.1))
    np.testing.assert_allclose(by_penalty, as_penalty, rtol=1e-9)


def test_l1_draws_weights_to_zero_and_l2_makes_them_small():
    """Five inputs that say nothing beside one that says it all."""
    x = RNG.normal(size=(200, 6))
    y = 2.0 * x[:, :1] + 0.5 * RNG.normal(size=(200, 1))

    def learnt(penalty):
        model = nn.Linear(6, 1, rng=0, dtype=float)
        optimizer = optim.SGD(model.parameters(), lr=0.02)
        for _ in range(400):
            model.zero_grad()
            (nn.losses.mse(model(x), y) + penalty(model)).backward()
            optimizer.step()
        return np.abs(model.weight.data.ravel())

    plain, l1, l2 = (learnt(p) for p in (penalties.L2(0.0), penalties.L1(0.2), penalties.L2(0.5)))
    assert l1[1:].max() < 0.01 < plain[1:].max()
    assert l1[0] == pytest.approx(2.0 - 0.1, abs=0.1)
    assert l2[0] == pytest.approx(2.0 / 1.5, abs=0.1)


# ---- noise


def test_dropout_draws_a_new_mask_each_mini_batch_and_scales_what_stays():
    dropout = nn.Dropout(0.25, rng=0)
    x = np.ones((400, 100))
    first, second = dropout(x).data, dropout(x).data
    assert set(np.unique(first)) == {0.0, 1 / 0.75}
    assert (first != second).any()
    assert np.mean(first == 0.0) == pytest.approx(0.25, abs=0.01)
    assert first.mean() == pytest.approx(1.0, abs=0.01)  # inverted scaling: no change in use
    np.testing.assert_array_equal(dropout.eval()(x).data, x)


def test_dropouts_gradient_goes_through_what_stayed():
    x = ag.Tensor(np.ones(50))
    out = nn.Dropout(0.5, rng=1)(x)
    out.sum().backward()
    np.testing.assert_array_equal(x.grad, out.data)


def test_dropconnect_drops_weights():
    layer = nn.DropConnect(30, 20, p=0.4, rng=0, dtype=float)
    columns = layer(np.eye(30)).data - layer.bias.data
    kept = columns != 0.0
    np.testing.assert_allclose(columns[kept], (layer.weight.data / 0.6)[kept], rtol=1e-6)
    assert np.mean(kept) == pytest.approx(0.6, abs=0.06)
    np.testing.assert_allclose(layer.eval()(np.eye(30)).data, layer.weight.data, rtol=1e-15)


def test_input_noise_is_there_in_training_alone():
    noise = nn.GaussianNoise(0.3, rng=0)
    x = np.zeros((200, 50))
    assert noise(x).data.std() == pytest.approx(0.3, rel=0.02)
    np.testing.assert_array_equal(noise.eval()(x).data, x)


# ---- batch normalisation


def test_batch_normalisation_is_the_formula():
    h = RNG.normal(3.0, 2.0, (40, 5))
    norm = nn.BatchNorm(5, eps=1e-5, dtype=float)
    gamma, beta = RNG.normal(size=5), RNG.normal(size=5)
    norm.load_state_dict({**norm.state_dict(), "gamma": gamma, "beta": beta})
    wanted = beta + gamma * (h - h.mean(axis=0)) / np.sqrt(h.var(axis=0) + 1e-5)
    np.testing.assert_allclose(norm(h).data, wanted, rtol=1e-12)
    assert ag.gradcheck(lambda x: norm(x), h[:4])


def test_running_statistics_serve_evaluation():
    norm = nn.BatchNorm(5, momentum=0.1, dtype=float)
    mean, var = np.zeros(5), np.ones(5)
    for _ in range(3):
        h = RNG.normal(3.0, 2.0, (40, 5))
        norm(h)
        mean = 0.9 * mean + 0.1 * h.mean(axis=0)
        var = 0.9 * var + 0.1 * h.var(axis=0, ddof=1)
    np.testing.assert_allclose(norm.running_mean.data, mean, rtol=1e-13)
    np.testing.assert_allclose(norm.running_var.data, var, rtol=1e-13)
    one = RNG.normal(size=(1, 5))
    np.testing.assert_allclose(
        norm.eval()(one).data, (one - mean) / np.sqrt(var + norm.eps), rtol=1e-12
    )
    np.testing.assert_array_equal(norm.running_mean.data.round(12), mean.round(12))


# ---- early stopping


def test_early_stopping_keeps_the_weights_of_the_best_epoch():
    """Few samples, many weights, labels of noise: validation gets worse before long."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(40, 8)).astype(np.float32), rng.integers(2, size=40)
    model = nn.MLP(8, [32], 2, rng=0)
    stopping = nn.EarlyStopping(patience=3)
    history = nn.fit(
        model, x, y, loss="cross_entropy", optimizer=optim.Adam(lr=0.01), epochs=60, batch_size=8,
        validation_split=0.5, callbacks=[stopping], rng=0, progress=False, compiled=False,
    ).history  # fmt: skip
    losses = history["val_loss"]
    assert len(losses) < 60
    assert losses[-4] == min(losses) < losses[-1]
    kept = nn.evaluate(model, x[20:], y[20:], loss="cross_entropy")["loss"]
    assert kept == pytest.approx(min(losses), rel=1e-5)


# ---- data augmentation

IMAGES = RNG.random((30, 12, 12))
AUGMENTATIONS = {
    "flip": lambda rng: data.flip(IMAGES, rng=rng),
    "crop and resize": lambda rng: data.crop_and_resize(IMAGES, rng=rng),
    "colour": lambda rng: data.colour(IMAGES, rng=rng),
    "translate": lambda rng: data.shift(IMAGES, rng=rng),
    "rotate": lambda rng: data.rotate(IMAGES, rng=rng),
    "stretch": lambda rng: data.stretch(IMAGES, rng=rng),
    "shear": lambda rng: data.shear(IMAGES, rng=rng),
    "cutout": lambda rng: data.cutout(IMAGES, side=4, rng=rng),
}


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_every_augmentation_of_the_slide(name):
    """New images of the same shape and range, others at each draw, the same for the same seed."""
    augment = AUGMENTATIONS[name]
    before = IMAGES.copy()
    once = augment(0)
    np.testing.assert_array_equal(IMAGES, before)
    assert once.shape == IMAGES.shape and once.dtype == IMAGES.dtype
    assert once.min() >= 0.0 and once.max() <= 1.0
    assert (once != IMAGES).any() and (once != augment(1)).any()
    np.testing.assert_array_equal(once, augment(0))


def test_a_flip_mirrors_and_twice_is_nothing():
    once = data.flip(IMAGES, p=1.0)
    np.testing.assert_array_equal(once, IMAGES[:, :, ::-1])
    np.testing.assert_array_equal(data.flip(once, p=1.0), IMAGES)


def test_mixup_mixes_inputs_and_labels_alike():
    """x̃ = λx_i + (1−λ)x_j and ỹ = λy_i + (1−λ)y_j: here y holds x's own first numbers."""
    x, labels = data.mixup(X, X[:, :2], rng=0)
    np.testing.assert_allclose(x[:, :2], labels, rtol=1e-14)
    assert (x != X).any()
    assert x.min() >= X.min() and x.max() <= X.max()


def test_mixed_labels_are_what_cross_entropy_takes():
    rows = data.one_hot(RNG.integers(3, size=12), 3)
    x, mixed = data.mixup(X, rows, rng=0)
    np.testing.assert_allclose(mixed.sum(axis=1), 1.0, rtol=1e-6)
    logits = nn.Linear(3, 3, rng=0)(x)
    p = ag.log_softmax(logits.data, axis=1).data
    assert nn.losses.cross_entropy(logits, mixed).item() == pytest.approx(
        -(mixed * p).sum() / 12, rel=1e-5
    )


def test_cutout_blanks_a_square():
    blank = data.cutout(np.ones((50, 12, 12)), side=4, rng=0)
    holes = (blank == 0).sum(axis=(1, 2))
    assert holes.max() == 16 and (holes > 0).all()
