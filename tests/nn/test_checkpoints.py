"""Runs that are written down: going on to the same bits, and what may differ."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest
from blobs import Told, blobs, fit, weights

import nn
from nn import optim


class Interrupted(nn.Callback):
    """Ends a run after an epoch, as pulling the plug would: later callbacks are not told."""

    last = True

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def end_epoch(self, run, epoch, logs):
        if epoch == self.epoch:
            raise ConnectionAbortedError


def deep_model() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(3, 8, rng=0), nn.BatchNorm(8), nn.ReLU(), nn.Dropout(0.3, rng=1),
        nn.GaussianNoise(0.1, rng=2), nn.Linear(8, 3, rng=3),
    )  # fmt: skip


def arguments(path=None, **options):
    """Everything that keeps state from one epoch to the next, made anew."""
    schedule = optim.schedules.ReduceOnPlateau(0.02, factor=0.5, patience=1)
    callbacks = [nn.EarlyStopping(patience=50), nn.LearningRate(schedule)]
    if path is not None:
        callbacks.append(nn.Checkpoint(path, every=2))
    return {
        "epochs": 7, "batch_size": 9, "validation_split": 0.25, "shuffle_split": True,
        "optimizer": optim.Adam(lr=0.02), "callbacks": callbacks, "metrics": ["accuracy"],
        "augment": lambda x, y, rng: (x + rng.normal(size=x.shape).astype(x.dtype), y),
    } | options  # fmt: skip


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("seed", [3, None])
def test_a_resumed_run_ends_with_the_same_bits(tmp_path, compiled, seed):
    X, y = blobs()
    path = tmp_path / "run.npz"
    whole = deep_model()
    start = np.random.default_rng(seed)
    state = start.bit_generator.state
    expected = fit(whole, X, y, **arguments(compiled=compiled, rng=start))

    first = np.random.default_rng()
    first.bit_generator.state = state
    cut = arguments(path, compiled=compiled, rng=first)
    cut["callbacks"].append(Interrupted(4))
    with pytest.raises(ConnectionAbortedError):
        fit(deep_model(), X, y, **cut)

    model = nn.Sequential(*deep_model().layers)
    for parameter in model.parameters():
        parameter.data = np.full_like(parameter.data, 9.0)
    again = fit(model, X, y, resume=path, **arguments(path, compiled=compiled, rng=None))
    np.testing.assert_array_equal(weights(model), weights(whole))
    del expected.history["epoch_seconds"], again.history["epoch_seconds"]
    assert again.history == expected.history


def test_the_optimiser_and_the_generator_end_the_same_too(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    ends = []
    for epochs, resume in ((4, None), (2, None), (4, path)):
        optimizer, rng = optim.Adam(lr=0.1), np.random.default_rng(0)
        fit(
            nn.MLP(3, [4], 3, rng=0), X, y, epochs=epochs, optimizer=optimizer, rng=rng,
            resume=resume, callbacks=[nn.Checkpoint(path)] if epochs == 2 else [],
        )  # fmt: skip
        ends.append((optimizer.state_dict(), rng.bit_generator.state))
    assert ends[0][1] == ends[2][1] != ends[1][1]
    np.testing.assert_equal(ends[0][0], ends[2][0])


def test_checkpoints_come_every_few_epochs_and_at_the_end(tmp_path):
    X, y = blobs()
    files = nn.Checkpoint(tmp_path / "run-{epoch}.npz", every=2)
    fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=5, callbacks=[files])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "run-2.npz", "run-4.npz", "run-5.npz",
    ]  # fmt: skip


def test_a_finished_run_resumes_to_itself(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    model, other = nn.MLP(3, [4], 3, rng=0), nn.MLP(3, [4], 3, rng=1)
    first = fit(model, X, y, epochs=2, callbacks=[nn.Checkpoint(path)])
    again = fit(other, X, y, epochs=2, resume=path)
    np.testing.assert_array_equal(weights(other), weights(model))
    assert again.history == first.history


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 8}, "batch_size was 9 and is now 8"),
        ({"shuffle": False}, "shuffle was True and is now False"),
        ({"validation_split": 0.0}, "rows was 45 and is now 60"),
        ({"shuffle_split": False}, "shuffle_split was True and is now False"),
        ({"callbacks": []}, "EarlyStopping"),
        ({"loss": "multiclass_hinge"}, "loss was 'cross_entropy' and is now 'multiclass_hinge'"),
        (
            {"loss": partial(nn.losses.cross_entropy, label_smoothing=0.1)},
            r"is now 'cross_entropy\(label_smoothing=0.1\)'",
        ),
        ({"penalty": nn.penalties.L2(0.1)}, r"penalty was None and is now 'L2\(.*0.1"),
        ({"augment": None}, "augment was '.*' and is now None"),
        ({"optimizer": optim.Adam(lr=0.02, betas=(0.8, 0.9))}, r"betas was .* now \[0.8, 0.9\]"),
        ({"optimizer": optim.SGD(lr=0.1)}, "SGD"),
        ({"rng": np.random.Generator(np.random.MT19937(0))}, "MT19937|PCG64"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused_and_nothing_changes(tmp_path, options, words):
    X, y = blobs()
    path = tmp_path / "run.npz"
    fit(deep_model(), X, y, **arguments(path, epochs=2))
    model = deep_model()
    before = weights(model)
    with pytest.raises(nn.CheckpointError, match=words):
        fit(model, X, y, resume=path, **arguments(path, **options))
    np.testing.assert_array_equal(weights(model), before)


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    fit(nn.MLP(3, [4], 3, rng=0), X, y, callbacks=[nn.Checkpoint(path)])
    with pytest.raises(nn.CheckpointError, match=r"layers.0.weight expects shape \(3, 5\)"):
        fit(nn.MLP(3, [5], 3, rng=0), X, y, epochs=2, resume=path)


class Pulled:
    """A loss with settings, a function, an array, and a model that changes while it trains."""

    def __init__(self, share: float, to) -> None:
        self.share, self.to = share, [np.full(3, to), {"loss": nn.losses.mse}]
        self.model = nn.Linear(3, 3, rng=0)

    def __call__(self, prediction, target):
        return nn.losses.cross_entropy(prediction, target)


def test_a_loss_of_ones_own_is_known_by_its_settings(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    loss = Pulled(0.5, 1.0)
    fit(nn.MLP(3, [4], 3, rng=0), X, y, loss=loss, callbacks=[nn.Checkpoint(path)])
    same = Pulled(0.5, 1.0)
    same.model.weight.data = np.ones((3, 3), np.float32)
    assert len(fit(nn.MLP(3, [4], 3, rng=0), X, y, loss=same, epochs=2, resume=path)) == 2
    for other in (Pulled(0.25, 1.0), Pulled(0.5, 2.0)):
        with pytest.raises(nn.CheckpointError, match=r"loss was .Pulled"):
            fit(nn.MLP(3, [4], 3, rng=0), X, y, loss=other, epochs=2, resume=path)


@pytest.mark.parametrize(
    ("changes", "noted"),
    [
        ({"lr": 0.005}, ["lr=0.005, which was 0.05"]),
        ({"weight_decay": 0.1, "eps": 1e-3}, ["eps=0.001", "weight_decay=0.1, which was 0.0"]),
        ({"clip_norm": 0.1}, ["clip_norm=0.1, which was None"]),
        ({}, []),
    ],
)
def test_settings_that_a_resumed_run_is_given_anew_hold_and_are_noted(tmp_path, changes, noted):
    X, y = blobs()
    path = tmp_path / "run.npz"

    def optimizer(**settings):
        return optim.Adam(**{"lr": 0.05, **settings})

    def halve(epoch, logs):  # what a run changes itself is no setting that it was given
        first.lr = 0.01

    model, first = nn.MLP(3, [4], 3, rng=0), optimizer()
    rng = np.random.default_rng(0)
    fit(model, X, y, epochs=2, optimizer=first, rng=rng, callbacks=[halve, nn.Checkpoint(path)])
    first.give({"lr": 0.01, **changes})
    expected = fit(model, X, y, epochs=1, optimizer=first, rng=rng).history["loss"]
    again, second = nn.MLP(3, [4], 3, rng=1), optimizer(**changes)
    history = fit(again, X, y, epochs=3, optimizer=second, resume=path)
    assert len(history.notes) == len(noted)
    for note, words in zip(sorted(history.notes), noted, strict=True):
        assert words in note
    assert history.history["loss"][2:] == expected
    np.testing.assert_array_equal(weights(again), weights(model))
    assert second.lr == first.lr


def test_a_schedule_that_is_given_another_rate_goes_on_from_that(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"

    def plateau(lr):
        schedule = optim.schedules.ReduceOnPlateau(lr, factor=0.5, patience=1)
        return nn.LearningRate(schedule, monitor="told")

    callbacks = [Told(1.0, 1.0, 1.0, 1.0), plateau(0.1), nn.Checkpoint(path)]
    fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=3, callbacks=callbacks)
    for lr, rate in ((0.1, 0.05), (0.02, 0.02)):
        again = fit(
            nn.MLP(3, [4], 3, rng=0), X, y, epochs=4, resume=path,
            callbacks=[Told(1.0, 1.0, 1.0, 1.0), plateau(lr)],
        )  # fmt: skip
        assert again.history["learning_rate"] == [0.1, 0.1, 0.1, rate]
        assert len(again.notes) == (lr != 0.1)


class Pair(nn.Module):
    """Two layers of one shape; `turned` says which attribute is made first."""

    def __init__(self, turned: bool = False) -> None:
        for name in ("b", "a") if turned else ("a", "b"):
            setattr(self, name, nn.Linear(3, 3, rng=0))

    def forward(self, x):
        return self.b(np.tanh(self.a(x)))


def test_attributes_in_another_order_keep_their_own_moments(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    options = {"epochs": 4, "batch_size": 20}
    whole, turned = Pair(), Pair(turned=True)
    fit(whole, X, y, optimizer=optim.Adam(lr=0.05), **options)
    fit(Pair(), X, y, optimizer=optim.Adam(lr=0.05), callbacks=[nn.Checkpoint(path)],
        **{**options, "epochs": 2})  # fmt: skip
    fit(turned, X, y, optimizer=optim.Adam(lr=0.05), resume=path, **options)
    for name, value in whole.state_dict().items():
        np.testing.assert_array_equal(turned.state_dict()[name], value)


def test_an_optimiser_of_other_parameters_is_refused_by_name(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    fit(nn.MLP(3, [4], 3, rng=0), X, y, callbacks=[nn.Checkpoint(path)])
    model = nn.MLP(3, [4], 3, rng=0)
    model.layers[0].bias.requires_grad = False
    with pytest.raises(nn.CheckpointError, match=r"other parameters.*: layers\.0\.bias"):
        fit(model, X, y, epochs=2, resume=path)


def test_a_file_is_named_after_the_epochs_numbers_and_kept_while_they_improve(tmp_path):
    X, y = blobs()
    values = (0.5, 0.75, 0.25, 0.375, 0.125)
    path = tmp_path / "{epoch:02d}-{told:.2f}.npz"
    best = nn.Checkpoint(path, monitor="told", mode="min")
    fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=4, callbacks=[Told(*values), best])
    names = ["01-0.50.npz", "03-0.25.npz"]
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    fit(
        nn.MLP(3, [4], 3, rng=0), X, y, epochs=5, resume=tmp_path / names[1],
        callbacks=[Told(*values), nn.Checkpoint(path, monitor="told", mode="min")],
    )  # fmt: skip
    assert sorted(file.name for file in tmp_path.iterdir()) == [*names, "05-0.12.npz"]


@pytest.mark.parametrize(
    "name", ["{epoch.real}.npz", "{}.npz", "{0}.npz", "{epoch:x9}.npz", "{epoch", "{loss:d}"]
)
def test_a_file_name_that_cannot_be_made_is_refused(name, tmp_path):
    with pytest.raises(nn.TrainingError, match="no name of a file"):
        nn.Checkpoint(tmp_path / name)


def test_a_checkpoint_that_could_not_be_written_is_refused_before_training(tmp_path):
    X, y = blobs()
    model = nn.MLP(3, [4], 3, rng=0)
    before = weights(model)
    with pytest.raises(nn.TrainingError, match="is a folder"):
        nn.Checkpoint(tmp_path)
    with pytest.raises(nn.TrainingError, match="no folder"):
        nn.Checkpoint(tmp_path / "none" / "run.npz")
    with pytest.raises(nn.UnknownNameError, match="val_loss"):
        fit(model, X, y, callbacks=[nn.Checkpoint(tmp_path / "{val_loss:.2f}.npz")])
    np.testing.assert_array_equal(weights(model), before)


def test_a_model_comes_out_of_a_checkpoint(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    for model, other in ((deep_model(), deep_model()), (Pair(), Pair())):
        fit(model, X, y, epochs=1, callbacks=[nn.Checkpoint(path)])
        assert nn.load(path, into=other) is other
        np.testing.assert_array_equal(weights(other), weights(model))
        if type(model) is Pair:
            with pytest.raises(nn.FileFormatError, match="into=model"):
                nn.load(path)
        else:
            again = nn.load(path)
            np.testing.assert_array_equal(nn.predict(again, X), nn.predict(model, X))


def test_what_is_no_checkpoint_is_refused(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    with pytest.raises(FileNotFoundError):
        fit(nn.MLP(3, [4], 3, rng=0), X, y, resume=path)
    np.savez(path, a=np.zeros(3))
    with pytest.raises(nn.CheckpointError, match="no checkpoint"):
        fit(nn.MLP(3, [4], 3, rng=0), X, y, resume=path)
    with pytest.raises(nn.TrainingError, match="no folder"):
        nn.Checkpoint(tmp_path / "missing" / "run.npz")


def test_damaged_checkpoints_raise_our_error_alone(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"
    fit(nn.MLP(3, [4], 3, rng=0), X, y, callbacks=[nn.Checkpoint(path)])
    good = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        bad = bytearray(good)
        for place in rng.integers(len(bad), size=rng.integers(1, 9)):
            bad[place] = rng.integers(256)
        path.write_bytes(bytes(bad[: rng.integers(len(bad))] if rng.random() < 0.3 else bad))
        try:
            fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=1, resume=path)
        except nn.CheckpointError:
            refused += 1
    assert refused > 100


def test_infinite_and_missing_numbers_survive_a_checkpoint(tmp_path):
    X, y = blobs()
    path = tmp_path / "run.npz"

    def odd(epoch, logs):
        logs["odd"] = [math.inf, None, 1e-300][epoch]

    checkpoint = nn.Checkpoint(path)
    fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=2, callbacks=[odd, checkpoint])
    history = fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=3, callbacks=[odd], resume=path)
    assert history.history["odd"] == [math.inf, None, 1e-300]
