"""What a step reads besides data and weights: settings that change, draws that it cannot see."""

from __future__ import annotations

import os
import random
import time

import numpy as np
import pytest

import nn
from autograd import Tensor
from nn import optim

X = np.random.default_rng(0).normal(size=(32, 3)).astype(np.float32)
Y = np.arange(32) % 3


class Own(nn.Module):
    """A Linear whose outputs are multiplied by whatever `factor` says."""

    def __init__(self, factor=None, **settings):
        self.linear = nn.Linear(3, 3, rng=0)
        self.factor, self.k, self.rng, self.calls = factor, 1.0, np.random.default_rng(5), 0
        self.old = np.random.RandomState(5)
        self.pythons = [random.Random(5)]
        vars(self).update(settings)

    def forward(self, x):
        h = self.linear(x)
        return h * self.k if self.factor is None else h * self.factor(self)


def fit(model, compiled, callbacks=(), penalty=None, loss="cross_entropy", y=Y, **options):
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002
    history = nn.fit(
        model, X, y, loss=loss, optimizer=optim.SGD(lr=0.1), epochs=4, batch_size=12, rng=0,
        compiled=compiled, callbacks=callbacks, penalty=penalty, **options,
    )  # fmt: skip
    return history, model.state_dict()


def compare(make, callbacks=lambda model: (), penalty=lambda: None, exact=True, **options):
    """Both ways to the same bits; returns the notes of the compiled one."""
    runs = []
    for compiled in (True, False):
        model, cost = make(), penalty()
        held = callbacks(model) if cost is None else callbacks(cost)
        runs.append(fit(model, compiled, held, cost, **options))
    (history, weights), (eager, expected) = runs
    for name, value in weights.items():
        if exact:
            np.testing.assert_array_equal(value, expected[name])
        else:
            np.testing.assert_allclose(value, expected[name], rtol=1e-12)
    ours, theirs = ({**h.history, "epoch_seconds": None} for h in (history, eager))
    if exact:
        assert ours == theirs
    return history.notes


# ---- settings


def dropping():
    return nn.Sequential(nn.Dropout(0.5, rng=1), nn.Linear(3, 3, rng=0))


def noisy():
    return nn.Sequential(nn.GaussianNoise(0.5, rng=1), nn.Linear(3, 3, rng=0))


def setting(path, value):
    """A callback that sets an attribute somewhere, to another value after each epoch."""

    def callbacks(model):
        *steps, name = path

        def end_epoch(epoch, logs):
            holder = model
            for step in steps:
                holder = holder[step] if type(step) is int else getattr(holder, step)
            setattr(holder, name, value(epoch))

        return [end_epoch]

    return callbacks


SETTINGS = {
    "Dropout.p": (dropping, setting(["layers", 0, "p"], lambda epoch: 0.1 * epoch)),
    "GaussianNoise.std": (noisy, setting(["layers", 0, "std"], lambda epoch: 0.1 * epoch)),
    "an attribute": (Own, setting(["k"], lambda epoch: 0.5**epoch)),
    "an activation": (
        lambda: nn.Sequential(nn.Linear(3, 3, rng=0), nn.ReLU(), nn.Linear(3, 3, rng=1)),
        lambda model: [lambda epoch, logs: model.layers.__setitem__(1, nn.Tanh())],
    ),
    "another layer": (
        lambda: nn.Sequential(nn.Linear(3, 3, rng=0)),
        lambda model: [lambda epoch, logs: model.layers.append(nn.Tanh())],
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_changed_between_epochs_holds_compiled_as_eager(name):
    make, callbacks = SETTINGS[name]
    assert compare(make, callbacks, validation_split=0.25) == []


def test_a_penalty_changed_between_epochs_holds():
    notes = compare(
        lambda: nn.Linear(3, 3, rng=0),
        setting(["l2"], lambda epoch: 0.1 * epoch),
        lambda: nn.penalties.L2(0.5),
    )
    assert notes == []


def test_a_setting_changed_before_a_batch_holds():
    class Halve(nn.Callback):
        def __init__(self, model):
            self.model = model

        def before_batch(self, run):
            self.model.k *= 0.5

    assert compare(Own, lambda model: [Halve(model)]) == []


def test_settings_of_a_scalar_model_and_freezing_a_part_of_it():
    def make():
        return nn.Sequential(
            nn.MLP(3, [4], 2, scalar=True, rng=0),
            nn.Sigmoid(slope=1.0),
            nn.MLP(2, [], 1, scalar=True, rng=1),
        )

    def change(model):
        def end_epoch(epoch, logs):
            model.layers[1].slope = 2.0 + epoch

        return [end_epoch]

    y = (X[:, :1] > 0).astype(np.float64)
    assert compare(make, change, loss="mse", y=y, exact=False) == []

    def freeze(model):
        def end_epoch(epoch, logs):
            for parameter in model.layers[0].tensors():
                parameter.requires_grad = epoch % 2 == 1

        return [end_epoch]

    with pytest.warns(UserWarning, match="trained eagerly.*frozen parameter"):
        compare(make, freeze, loss="mse", y=y, exact=False)

    def frozen():
        model = make()
        for parameter in model.layers[0].tensors():
            parameter.requires_grad = False
        return model

    (note,) = compare(frozen, loss="mse", y=y, exact=False)
    assert "frozen parameter" in note


def test_a_parameter_that_is_frozen_between_epochs_stays():
    def freeze(model):
        return [lambda epoch, logs: setattr(model.weight, "requires_grad", epoch % 2 == 1)]

    assert compare(lambda: nn.Linear(3, 3, rng=0), freeze) == []


# ---- draws

SEEDED = {
    "its own generator": lambda model: float(model.rng.random()),
    "its own old generator": lambda model: model.old.rand(),
    "Python's generator": lambda model: model.pythons[0].random(),
    "random.random": lambda model: random.random(),
    "np.random": lambda model: np.random.rand(),  # noqa: NPY002
    "a branch": lambda model: 1.0 if model.rng.random() < 0.5 else 2.0,
}


@pytest.mark.parametrize("name", SEEDED)
def test_a_model_that_draws_by_itself_trains_eagerly_to_the_same_bits(name):
    with pytest.warns(UserWarning, match="trained eagerly, which is slower.*draws at random"):
        (note,) = compare(lambda: Own(SEEDED[name]))
    assert "ag.sample" in note


def counted(model):
    model.calls += 1
    return 0.9**model.calls


def test_a_model_that_counts_its_calls_trains_eagerly_to_the_same_bits():
    with pytest.warns(UserWarning, match="something else each time"):
        compare(lambda: Own(counted))


UNSEEDED = {
    "default_rng": lambda model: float(np.random.default_rng().random()),
    "a mask": lambda model: np.random.default_rng().random(3) < 0.5,
    "time": lambda model: time.perf_counter() % 1.0,
    "urandom": lambda model: int.from_bytes(os.urandom(4), "big") / 2**32,
}


@pytest.mark.parametrize("name", UNSEEDED)
def test_what_is_drawn_from_fresh_entropy_is_drawn_for_each_batch(name):
    drawn = []

    def factor(model):
        drawn.append(np.asarray(UNSEEDED[name](model)).tobytes())
        return np.frombuffer(drawn[-1], bool if name == "a mask" else float).astype(np.float32)

    with pytest.warns(UserWarning, match="something else each time"):
        fit(Own(factor), True)
    assert len(drawn) >= 4 * 3
    assert len(set(drawn)) > 4


def test_a_generator_seeded_in_the_forward_pass_is_compiled():
    def factor(model):
        return np.random.default_rng(0).random(3).astype(np.float32)

    assert compare(lambda: Own(factor)) == []


def test_a_loss_that_draws_trains_eagerly_to_the_same_bits():
    class Noisy:
        def __init__(self):
            self.rng = np.random.default_rng(3)

        def __call__(self, prediction, target):
            return np.mean((prediction - target) ** 2) * float(self.rng.random())

    losses = []
    with pytest.warns(UserWarning, match="draws at random"):
        for compiled in (True, False):
            y = np.random.default_rng(1).normal(size=(32, 3)).astype(np.float32)
            history, _ = fit(nn.Linear(3, 3, rng=0), compiled, loss=Noisy(), y=y)
            losses.append(history.history["loss"])
    assert losses[0] == losses[1]


def test_state_that_a_model_keeps_is_recorded_once():
    model = Own(lambda model: Tensor(np.ones(3, np.float32), requires_grad=False))
    history, _ = fit(model, True)
    assert history.notes == []
