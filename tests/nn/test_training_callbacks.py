"""Callbacks: stopping early, rates that change, functions, and going on from a checkpoint."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim


def blobs(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    y = rng.integers(3, size=count)
    return rng.normal(size=(count, 3)) + 2.0 * np.eye(3)[y], y


def fit(model, X, y, **options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "rng": 0} | options
    return nn.fit(model, X, y, **options)


def weights(model) -> np.ndarray:
    return np.concatenate([array.ravel() for array in model.state_dict().values()])


class Told(nn.Callback):
    """Puts given numbers into the logs, as if they had been measured, and keeps the weights."""

    def __init__(self, *values: float) -> None:
        self.values, self.kept = values, []

    def end_epoch(self, run, epoch, logs):
        logs["told"] = self.values[epoch]
        self.kept.append(weights(run.model))


def test_a_function_is_told_of_each_epoch():
    X, y = blobs()
    calls = []
    history = fit(
        nn.MLP(3, [4], 3, rng=0), X, y, epochs=3, validation_split=0.2,
        callbacks=[lambda epoch, logs: calls.append((epoch, dict(logs)))],
    )  # fmt: skip
    assert [epoch for epoch, _ in calls] == [0, 1, 2]
    for epoch, logs in calls:
        assert logs == {name: values[epoch] for name, values in history.history.items()}


def test_what_a_function_adds_is_in_the_history():
    X, y = blobs()

    def squared(epoch, logs):
        logs["squared"] = epoch**2

    history = fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=3, callbacks=[squared])
    assert history.history["squared"] == [0, 1, 4]


def test_numbers_of_other_libraries_become_python_s(tmp_path):
    """Where callbacks read them, in the history, and after a resume."""
    X, y = blobs()
    kinds = {
        "single": np.float32, "half": np.float16, "whole": np.int64, "array": np.array,
        "node": ag.Tensor, "share": Fraction, "flag": np.bool_,
    }  # fmt: skip
    seen = []

    def adds(epoch, logs):
        logs |= {name: kind(1 / 2**epoch if name != "whole" else 1) for name, kind in kinds.items()}

    def reads(epoch, logs):
        seen.append({name: type(logs[name]) for name in kinds})

    def half(prediction, target):
        return np.float16(0.5)

    options = {
        "epochs": 2, "metrics": [half],
        "callbacks": [adds, reads, nn.EarlyStopping("single", mode="min", patience=1)],
    }  # fmt: skip
    wanted = dict.fromkeys(kinds, float) | {"whole": int, "flag": bool}
    path = tmp_path / "run.npz"
    options["callbacks"].append(nn.Checkpoint(path))
    history = fit(nn.MLP(3, [4], 3, rng=0), X, y, **options)
    assert seen == [wanted] * 2
    assert history.stopped is None
    again = fit(nn.MLP(3, [4], 3, rng=0), X, y, **{**options, "epochs": 3}, resume=path)
    for name, kind in {**wanted, "half": float, "loss": float}.items():
        assert [type(value) for value in again.history[name]] == [kind] * 3
    assert "share 1 → 0.25" in repr(again)


def test_a_function_can_stop_training():
    X, y = blobs()

    def enough(epoch, logs):
        if epoch == 1:
            raise nn.StopTraining("that will do")

    history = fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=9, callbacks=[enough])
    assert len(history) == 2
    assert history.stopped == "that will do"


@pytest.mark.parametrize(
    ("values", "options", "epochs", "best"),
    [
        ([3.0, 2.0, 2.0, 2.5, 1.0], {"patience": 2}, 4, 1),
        ([3.0, 2.0, 1.9, 1.8, 1.7], {"patience": 2, "min_delta": 0.5}, 4, 1),
        ([0.3, 0.6, 0.5, 0.4, 0.9], {"patience": 2, "mode": "max"}, 4, 1),
        ([5.0, 4.0, 3.0, 2.0, 1.0], {"patience": 1}, 5, 4),
        ([2.0, 1.0, 3.0, 3.0, 3.0], {"patience": 4}, 5, 1),
    ],
)
def test_early_stopping_waits_and_puts_the_best_weights_back(values, options, epochs, best):
    X, y = blobs()
    model, told = nn.MLP(3, [4], 3, rng=0), Told(*values)
    stopping = nn.EarlyStopping("told", **{"mode": "min", **options})
    history = fit(model, X, y, epochs=5, callbacks=[told, stopping])
    assert len(history) == epochs
    assert (stopping.best_epoch, stopping.best) == (best, values[best])
    assert (history.stopped is None) == (epochs == 5)
    np.testing.assert_array_equal(weights(model), told.kept[best])


def test_early_stopping_can_leave_the_last_weights():
    X, y = blobs()
    model, told = nn.MLP(3, [4], 3, rng=0), Told(1.0, 2.0)
    stopping = nn.EarlyStopping("told", mode="min", restore_best=False)
    fit(model, X, y, epochs=2, callbacks=[told, stopping])
    np.testing.assert_array_equal(weights(model), told.kept[-1])


def test_early_stopping_watches_the_validation_loss_unless_told_otherwise():
    X, y = blobs()
    stopping = nn.EarlyStopping(patience=50)
    history = fit(
        nn.MLP(3, [4], 3, rng=0), X, y, epochs=30, validation_split=0.3, callbacks=[stopping]
    )
    assert stopping.best == min(history.history["val_loss"])
    fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=3, callbacks=[stopping])  # used anew, it forgets
    assert stopping.best_epoch <= 2


def test_an_accuracy_improves_upwards():
    X, y = blobs()
    stopping = nn.EarlyStopping("val_accuracy", patience=20)
    history = fit(
        nn.MLP(3, [4], 3, rng=0), X, y, epochs=10, validation_split=0.3, metrics=["accuracy"],
        callbacks=[stopping],
    )  # fmt: skip
    assert stopping.best == max(history.history["val_accuracy"])


def test_a_metric_says_which_way_is_better():
    class Growing(nn.metrics.Metric):
        name, higher_is_better = "growing", True

        def reset(self):
            self.n = getattr(self, "n", 0)

        def update(self, prediction, target):
            self.n += 1

        def result(self):
            return self.n

    X, y = blobs()
    names = ["f1", "roc_auc", "average_precision", "precision", "top_2"]
    found = []
    for name, metric in {**{n: n for n in names}, "growing": Growing()}.items():
        stopping = nn.EarlyStopping(f"val_{name}", patience=20)
        history = fit(
            nn.MLP(3, [4], 3, rng=0), X, y, epochs=4, validation_split=0.3, metrics=[metric],
            callbacks=[stopping, lambda *_: None],
        )  # fmt: skip
        found.append(stopping.best == max(history.history[f"val_{name}"]))
    assert all(found)
    own = nn.metrics.Average(lambda p, t: 0.5, name="own", higher_is_better=True)
    fit(nn.MLP(3, [4], 3, rng=0), X, y, metrics=[own], callbacks=[nn.EarlyStopping("own")])


@pytest.mark.parametrize("callback", [nn.EarlyStopping("own"), nn.EarlyStopping("val_sth")])
def test_where_nobody_knows_which_way_is_better_it_is_asked_for(callback):
    def own(prediction, target):
        return 0.5

    X, y = blobs()
    model = nn.MLP(3, [4], 3, rng=0)
    before = weights(model)
    with pytest.raises(
        nn.TrainingError, match="known of accuracy, loss, penalty alone: write mode"
    ):
        fit(
            model, X, y, metrics=[own, "accuracy"], validation_split=0.3,
            callbacks=[callback, lambda *_: None],
        )  # fmt: skip
    np.testing.assert_array_equal(weights(model), before)


def test_a_number_that_is_not_there_cannot_be_watched():
    X, y = blobs()
    with pytest.raises(nn.UnknownNameError, match="did you mean 'loss'"):
        fit(nn.MLP(3, [4], 3, rng=0), X, y, callbacks=[nn.EarlyStopping("los")])
    los = nn.EarlyStopping("los", mode="min", patience=2)
    watched = [lambda epoch, logs: logs.update(los=1.0), los]
    assert len(fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=9, callbacks=watched)) == 3
    with pytest.raises(nn.UnknownNameError, match="did you mean 'loss'"):
        fit(nn.MLP(3, [4], 3, rng=0), X, y, callbacks=[lambda *_: None, los])


def test_rates_follow_a_schedule_by_epochs():
    X, y = blobs()
    optimizer = optim.SGD(lr=7.0)
    rate = nn.LearningRate(optim.schedules.StepDecay(0.2, step_size=2, gamma=0.5))
    history = fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=5, optimizer=optimizer, callbacks=[rate])
    assert history.history["learning_rate"] == [0.2, 0.2, 0.1, 0.1, 0.05]
    assert optimizer.lr == 0.05


def test_rates_follow_a_schedule_by_steps():
    X, y = blobs()
    seen = []

    def schedule(step):
        seen.append(step)
        return 0.1 / (1 + step)

    history = fit(
        nn.MLP(3, [4], 3, rng=0), X, y, epochs=2, batch_size=20,
        callbacks=[nn.LearningRate(schedule, per="step")],
    )  # fmt: skip
    assert seen == [0, 1, 2, 3, 4, 5]
    assert history.history["learning_rate"] == [0.1 / 3, 0.1 / 6]


def test_a_rate_falls_on_a_plateau():
    X, y = blobs()
    told = Told(1.0, 0.5, 0.5, 0.5, 0.4)
    plateau = optim.schedules.ReduceOnPlateau(0.1, factor=0.5, patience=1)
    rate = nn.LearningRate(plateau, monitor="told")
    history = fit(nn.MLP(3, [4], 3, rng=0), X, y, epochs=5, callbacks=[told, rate])
    assert history.history["learning_rate"] == [0.1, 0.1, 0.1, 0.1, 0.05]


def test_each_fit_begins_at_the_first_rate():
    X, y = blobs()
    plateau = optim.schedules.ReduceOnPlateau(0.1, factor=0.5, patience=1)
    callbacks = [Told(1.0, 1.0, 1.0, 1.0), nn.LearningRate(plateau, monitor="told")]
    model, rates = nn.MLP(3, [4], 3, rng=0), []
    for _ in range(2):
        history = fit(model, X, y, epochs=4, callbacks=callbacks)
        rates.append(history.history["learning_rate"])
    assert rates[0] == rates[1] == [0.1, 0.1, 0.1, 0.05]


# ---- checkpoints


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
