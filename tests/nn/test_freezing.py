"""Layers that stay as they are, and are trained again."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from nn import optim


def test_what_is_frozen_is_thawed_as_it_was():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.BatchNorm(2), nn.MLP(2, [2], 1, rng=0))
    model[0].bias.requires_grad = False  # by hand, which stays so
    before = [name for name, _ in model.named_parameters()]
    assert model[0].freeze() is model[0]
    assert [name for name, _ in model.named_parameters()] == before[1:]
    assert model.freeze().parameters() == []
    assert all(module.is_frozen for module in model.modules())
    model[2].unfreeze()
    assert [name for name, _ in model.named_parameters()] == before[3:]
    assert model.unfreeze() is model
    assert [name for name, _ in model.named_parameters()] == before
    assert not any(module.is_frozen for module in model.modules())


def by_hand(layer):
    layer.gamma.requires_grad = layer.beta.requires_grad = False


@pytest.mark.parametrize("freeze", [nn.Module.freeze, by_hand])
@pytest.mark.parametrize("compiled", [False, True])
def test_frozen_batch_normalisation_counts_no_more_also_in_the_middle_of_training(freeze, compiled):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)) + 2.0, rng.integers(0, 2, 20)
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm(4), nn.Linear(4, 2, rng=1))
    optimizer, means = optim.SGD(lr=0.1), []

    def frozen_after_the_second(epoch, logs):
        means.append(model[1].running_mean.data.copy())
        if epoch == 1:
            freeze(model[1])

    def fit(**options):
        return nn.fit(
            model, x, y, loss="cross_entropy", optimizer=optimizer, batch_size=5, rng=0,
            compiled=compiled, **options,
        )  # fmt: skip

    weight = model[0].weight.data.copy()
    history = fit(epochs=4, callbacks=[frozen_after_the_second])
    assert not history.notes
    assert not np.array_equal(means[0], means[1])
    np.testing.assert_array_equal(means[1], means[2])
    np.testing.assert_array_equal(means[1], means[3])
    assert not np.array_equal(model[0].weight.data, weight)
    model.train()
    in_training = model(x).data
    np.testing.assert_array_equal(in_training, nn.predict(model, x))

    fit(epochs=1)  # with an optimiser that is bound to what is frozen, too
    model.freeze()
    model[2].unfreeze()
    before = model.state_dict()
    fit(epochs=1)
    moved = {n for n, v in model.state_dict().items() if not np.array_equal(v, before[n])}
    assert moved == {"layers.2.weight", "layers.2.bias"}


def test_a_normalisation_without_parameters_is_frozen_by_the_method():
    layer = nn.BatchNorm(2, affine=False).freeze()
    layer([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(layer.running_mean.data, [0.0, 0.0])
    layer.unfreeze()([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(layer.running_mean.data, [0.2, 0.3])


def test_an_optimiser_that_does_not_have_what_was_thawed_is_noted():
    model = nn.MLP(2, [3], 2, rng=0)
    model.layers[0].freeze()
    optimizer = optim.SGD(lr=0.1)
    options = {"loss": "cross_entropy", "optimizer": optimizer, "batch_size": 2}
    assert not nn.fit(model, [[0.0, 1.0], [1.0, 0.0]], [0, 1], **options).notes
    model.unfreeze()
    (note,) = nn.fit(model, [[0.0, 1.0], [1.0, 0.0]], [0, 1], **options).notes
    assert "2 of 4 parameters are not the optimiser's" in note


@pytest.mark.parametrize("freeze", [nn.Module.freeze, by_hand])
def test_a_call_with_other_parameters_is_frozen_where_the_model_is(freeze):
    x = np.random.default_rng(0).normal(size=(6, 2)) + 1.0
    layer = nn.BatchNorm(2, dtype=float)
    given = {"gamma": np.ones(2), "beta": np.zeros(2)}  # constants, which want no gradient
    np.testing.assert_array_equal(
        nn.call(layer, given, x).data, nn.BatchNorm(2, dtype=float)(x).data
    )
    freeze(layer)
    np.testing.assert_array_equal(nn.call(layer, given, x).data, nn.predict(layer, x))
