"""Layers that do something else in training than in use: noise, and batch normalisation."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import Tensor

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(5, 3))


# ---- noise


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_dropout_scales_what_it_keeps(p, kind):
    x = np.full(40_000, 3.0, kind)
    out = nn.Dropout(p, rng=0)(x).data
    assert out.dtype == kind
    np.testing.assert_allclose(np.unique(out), [0.0, 3.0 / (1.0 - p)], rtol=1e-6)
    spread = 3.0 * np.sqrt(p / (1.0 - p) / x.size)
    assert abs(out.mean() - 3.0) < 4 * spread


def test_dropout_passes_the_gradient_where_the_value_passed():
    dropout, x = nn.Dropout(0.5, rng=0), Tensor(np.ones(1000))
    out = dropout(x)
    out.backward(gradient=np.ones(1000))
    np.testing.assert_array_equal(x.grad, out.data)


@pytest.mark.parametrize(
    "make",
    [lambda: nn.Dropout(0.5, rng=3), lambda: nn.GaussianNoise(0.5, rng=3),
     lambda: nn.DropConnect(3, 2, rng=3)],
)  # fmt: skip
def test_noise_is_new_each_time_the_same_for_a_seed_and_absent_in_use(make):
    one, two = make(), make()
    first, second = one(ROWS).data, one(ROWS).data
    assert (first != second).any()
    np.testing.assert_array_equal(first, two(ROWS).data)
    np.testing.assert_array_equal(second, two(ROWS).data)
    one.eval()
    np.testing.assert_array_equal(one(ROWS).data, one(ROWS).data)


def test_in_use_noise_does_nothing_at_all():
    for layer in (nn.Dropout(0.9), nn.GaussianNoise(9.0)):
        np.testing.assert_array_equal(layer.eval()(ROWS).data, ROWS)
        x = Tensor(ROWS)
        assert layer(x) is x
    layer = nn.DropConnect(3, 2, bias_initializer="normal", rng=0, dtype=np.float64).eval()
    np.testing.assert_array_equal(layer(ROWS).data, ROWS @ layer.weight.data + layer.bias.data)


def test_dropconnect_drops_weights_and_keeps_the_mean():
    layer = nn.DropConnect(1, 20_000, p=0.25, initializer="ones", rng=0, dtype=np.float64)
    out = layer([[3.0]]).data
    np.testing.assert_allclose(np.unique(out), [0.0, 4.0])
    assert abs(out.mean() - 3.0) < 4 * 3.0 * np.sqrt(1 / 3 / out.size)
    layer([[1.0]]).sum().backward()
    assert set(np.unique(layer.weight.grad).round(9)) == {0.0, round(4 / 3, 9)}


def test_gaussian_noise_has_its_standard_deviation():
    out = nn.GaussianNoise(0.3, rng=0)(np.zeros(40_000)).data
    assert out.std() == pytest.approx(0.3, rel=0.02)
    assert abs(out.mean()) < 4 * 0.3 / 200


# ---- batch normalisation


def test_batchnorm_gives_mean_beta_and_deviation_gamma():
    layer = nn.BatchNorm(3, eps=0.0, dtype=np.float64)
    layer.gamma.data, layer.beta.data = np.array([1.0, 2.0, 3.0]), np.array([0.0, -1.0, 5.0])
    out = layer(100.0 + 7.0 * ROWS).data
    np.testing.assert_allclose(out.mean(axis=0), layer.beta.data, atol=1e-12)
    np.testing.assert_allclose(out.std(axis=0), layer.gamma.data, rtol=1e-12)


def test_batchnorm_counts_while_training_and_uses_it_afterwards():
    layer = nn.BatchNorm(3, momentum=0.1, dtype=np.float64)
    batches = RNG.normal(3.0, 2.0, size=(4, 6, 3))
    mean, var = np.zeros(3), np.ones(3)
    for batch in batches:
        layer(batch)
        mean = 0.9 * mean + 0.1 * batch.mean(axis=0)
        var = 0.9 * var + 0.1 * batch.var(axis=0, ddof=1)
    np.testing.assert_allclose(layer.running_mean.data, mean, rtol=1e-14)
    np.testing.assert_allclose(layer.running_var.data, var, rtol=1e-14)
    layer.eval()
    expected = (ROWS - mean) / np.sqrt(var + 1e-5)
    np.testing.assert_allclose(layer(ROWS).data, expected, rtol=1e-13)
    np.testing.assert_array_equal(layer.running_mean.data, layer.running_mean.data)
    np.testing.assert_allclose(layer(ROWS[:1]).data, expected[:1], rtol=1e-13)


def test_batchnorm_normalises_over_all_axes_but_the_last():
    images = RNG.normal(size=(4, 2, 2, 3))
    one, two = nn.BatchNorm(3, dtype=np.float64), nn.BatchNorm(3, dtype=np.float64)
    np.testing.assert_allclose(
        one(images).data.reshape(-1, 3), two(images.reshape(-1, 3)).data, rtol=1e-13
    )


def test_batchnorm_statistics_are_state_and_no_parameters():
    layer = nn.BatchNorm(3)
    assert [name for name, _ in layer.named_parameters()] == ["gamma", "beta"]
    assert list(layer.state_dict()) == ["gamma", "beta", "running_mean", "running_var"]
    out = layer(ROWS)
    assert layer.running_mean.gate is None
    out.sum().backward()  # what was counted made no graph stale


def test_batchnorm_refuses_a_single_sample_and_says_what_to_write():
    layer = nn.BatchNorm(3)
    before = layer.state_dict()
    with pytest.raises(ag.ShapeError, match=r"1 sample, of shape \(1, 3\).*model\.eval"):
        layer(ROWS[:1])
    for name, value in layer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
