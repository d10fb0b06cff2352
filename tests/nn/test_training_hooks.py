"""What goes on beside training: hooks, accumulated gradients, averages, logs, rate searches."""

from __future__ import annotations

import csv
import sys

import numpy as np
import pandas as pd
import pytest

import nn
from autograd import AutogradError, DependencyError
from nn import optim

RNG = np.random.default_rng(5)
Y = RNG.integers(3, size=50)
X = RNG.normal(size=(50, 3)) + 2.0 * np.eye(3)[Y]


def network(seed=0, **options):
    return nn.MLP(3, [8], 3, activation="tanh", rng=seed, **options)


def fit(model, **options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "rng": 0} | options
    return nn.fit(model, X, Y, **options)


def weights(model):
    return np.concatenate([array.ravel() for array in model.state_dict().values()])


# ---- hooks


class Told(nn.Callback):
    """Notes what it is told, in order."""

    def __init__(self):
        self.calls, self.losses = [], []

    def begin_epoch(self, run):
        self.calls.append("epoch")

    def before_batch(self, run):
        self.calls.append(("before", run.steps))

    def after_batch(self, run, logs):
        self.calls.append(("after", run.steps))
        self.losses.append(logs["loss"])

    def end_batches(self, run):
        self.calls.append("batches")

    def end_epoch(self, run, epoch, logs):
        self.calls.append("end")


def test_hooks_are_told_in_order_and_of_each_batchs_own_loss():
    told, model = Told(), network()
    history = fit(model, batch_size=20, epochs=2, callbacks=[told], penalty=nn.penalties.L2(1e-3))
    first, *_ = [
        ["epoch", *((w, s + i) for s in range(n, n + 3) for i, w in enumerate(("before", "after"))),
         "batches", "end"] for n in (0, 3)
    ]  # fmt: skip
    assert told.calls[:9] == first
    assert [call for call in told.calls if isinstance(call, str)] == ["epoch", "batches", "end"] * 2
    means = np.reshape(told.losses, (2, 3)) @ [20, 20, 10] / 50
    np.testing.assert_allclose(means, history.history["loss"], rtol=1e-6)


def test_a_hook_of_a_batch_can_change_a_setting_and_stop_training():
    class Change(nn.Callback):
        def after_batch(self, run, logs):
            if run.steps == 2:
                run.optimizer.lr = 0.0
            if run.steps == 4:
                raise nn.StopTraining("enough")

    class Weights(nn.Callback):
        def before_batch(self, run):
            kept.append(weights(run.model))

    model, kept = network(), []
    history = fit(model, batch_size=25, epochs=5, callbacks=[Change(), Weights()])
    assert history.stopped == "enough"
    assert len(history) == 2
    assert not np.array_equal(kept[1], kept[2])
    np.testing.assert_array_equal(kept[2], weights(model))


# ---- gradient accumulation


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("small", "count"), [(5, 4), (8, 3), (20, 2), (50, 3)])
def test_accumulated_gradients_step_as_one_large_batch_does(small, count, compiled):
    """Also where the batches, and the last ones of an epoch, have other numbers of rows."""
    whole, parts = network(dtype=float), network(dtype=float)
    options = {"epochs": 3, "penalty": nn.penalties.L2(1e-2), "compiled": compiled}

    def make():
        return optim.Adam(lr=0.05, clip_norm=0.1)

    large = min(small * count, len(X))
    expected = fit(whole, batch_size=large, optimizer=make(), **options)
    found = fit(parts, batch_size=small, accumulate=count, optimizer=make(), **options)
    np.testing.assert_allclose(weights(parts), weights(whole), rtol=1e-9)
    np.testing.assert_allclose(found.history["loss"], expected.history["loss"], rtol=1e-9)


def test_steps_are_updates_where_gradients_accumulate():
    told = Told()
    fit(network(), batch_size=10, accumulate=2, epochs=2, callbacks=[told])
    steps = [call[1] for call in told.calls if call[0] == "after"]
    assert steps == [0, 1, 1, 2, 2, 3, 4, 4, 5, 5]


@pytest.mark.parametrize("wrong", [0, 1.5, "2", True])
def test_a_number_of_batches_is_whole(wrong):
    with pytest.raises(AutogradError, match="accumulate"):
        fit(network(), accumulate=wrong)


# ---- averages of weights


@pytest.mark.parametrize("scalar", [False, True])
def test_the_average_is_validated_kept_and_what_the_model_ends_with(scalar):
    model = network(dtype=float) if not scalar else network(scalar=True)
    own, seen = [], []

    class Note(nn.Callback):
        def after_batch(self, run, logs):
            own.append(weights(run.model))

        def end_epoch(self, run, epoch, logs):
            seen.append(weights(run.model))

    history = fit(
        model, epochs=3, batch_size=20, validation_data=(X, Y), callbacks=[nn.EMA(0.8), Note()]
    )
    average = own[0]
    for step, value in enumerate(own):
        average = 0.8 * average + 0.2 * value
        if step % 3 == 2:
            np.testing.assert_allclose(seen[step // 3], average, rtol=1e-12)
    np.testing.assert_array_equal(weights(model), seen[-1])
    found = nn.evaluate(model, X, Y, loss="cross_entropy")["loss"]
    assert history.history["val_loss"][-1] == pytest.approx(found, rel=1e-12)
    other = network(dtype=float) if not scalar else network(scalar=True)
    fit(other, epochs=3, batch_size=20)
    np.testing.assert_array_equal(weights(other), own[-1])  # training went on from its own


@pytest.mark.parametrize("accumulate", [1, 2])
def test_averages_go_on_after_a_checkpoint(tmp_path, accumulate):
    path = tmp_path / "run.npz"
    options = {"batch_size": 20, "accumulate": accumulate, "optimizer": optim.Adam(lr=0.05)}
    whole, again = network(), network(1)
    fit(whole, epochs=4, callbacks=[nn.EMA(0.8)], **options)
    options["optimizer"] = optim.Adam(lr=0.05)
    fit(network(), epochs=2, callbacks=[nn.EMA(0.8), nn.Checkpoint(path)], **options)
    options["optimizer"] = optim.Adam(lr=0.05)
    fit(again, epochs=4, callbacks=[nn.EMA(0.8)], resume=path, **options)
    np.testing.assert_array_equal(weights(again), weights(whole))


def test_early_stopping_keeps_the_best_average():
    seen = []

    def told(epoch, logs):
        logs["told"] = (3.0, 1.0, 2.0)[epoch]
        seen.append(weights(model))

    model = network()
    fit(model, epochs=3, batch_size=20,
        callbacks=[nn.EMA(0.8), told, nn.EarlyStopping("told", mode="min")])  # fmt: skip
    np.testing.assert_array_equal(weights(model), seen[1])


# ---- logs


def test_a_csv_file_has_the_history_also_of_a_resumed_run(tmp_path):
    log, path = tmp_path / "log.csv", tmp_path / "run.npz"

    def late(epoch, logs):
        if epoch > 0:
            logs["late, with a comma"] = epoch

    def callbacks():
        rate = nn.LearningRate(lambda epoch: 0.1 / (1 + epoch))
        return [nn.CSVLog(log), nn.Checkpoint(path), rate, late]

    fit(network(), epochs=2, callbacks=callbacks())
    history = fit(network(), epochs=3, callbacks=callbacks(), resume=path)
    with open(log, newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["epoch", *history.history]
    for number, row in enumerate(rows):
        values = [str(number + 1), *(values[number] for values in history.history.values())]
        assert row == ["" if value is None else str(value) for value in values]
    assert len(rows) == 3
    with pytest.raises(nn.TrainingError, match="is a folder"):
        nn.CSVLog(tmp_path)


def test_tensorboard_reads_what_was_written(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    history = fit(
        network(), epochs=3, validation_split=0.2, callbacks=[nn.TensorBoardLog(tmp_path / "run")]
    )
    events = EventAccumulator(str(tmp_path / "run"))
    events.Reload()
    assert set(events.Tags()["tensors"]) == set(history.history)
    for name, values in history.history.items():
        found = [(e.step, float(make_ndarray(e.tensor_proto))) for e in events.Tensors(name)]
        assert [step for step, _ in found] == [1, 2, 3]
        np.testing.assert_allclose([value for _, value in found], values, rtol=1e-6)


def test_a_history_is_a_frame():
    history = fit(network(), epochs=3, metrics=["accuracy"])
    frame = history.frame()
    assert frame.index.tolist() == [1, 2, 3]
    assert frame.index.name == "epoch"
    assert frame.to_dict("list") == history.history
    assert isinstance(nn.History().frame(), pd.DataFrame)


@pytest.mark.parametrize(
    ("package", "use"),
    [
        ("tensorboard.summary", lambda: nn.TensorBoardLog("run")),
        ("pandas", lambda: nn.History().frame()),
    ],
)
def test_a_missing_package_is_named(monkeypatch, package, use):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DependencyError, match=f"needs .*{package.split('.')[0]}"):
        use()


# ---- a search for a rate


def test_the_rates_rise_and_the_model_stays():
    model, optimizer = network(), optim.SGD(lr=0.3)
    fit(model, optimizer=optimizer)  # bound to the model
    before = weights(model)
    generator = nn.Dropout(0.5, rng=0)
    found = nn.find_rate(
        nn.Sequential(*model.layers, generator), X, Y, loss="cross_entropy", optimizer=optim.SGD(),
        rng=0, batch_size=20, steps=60, end=1e6,
    )  # fmt: skip
    again = nn.find_rate(
        model, X, Y, loss="cross_entropy", optimizer=optimizer, rng=0, batch_size=20, steps=60,
        end=1e3,
    )  # fmt: skip
    np.testing.assert_array_equal(weights(model), before)
    assert optimizer.lr == 0.3
    np.testing.assert_allclose(again.rates, np.geomspace(1e-7, 1e3, 60)[: len(again.rates)])
    assert len(found.rates) < 60
    assert 1e-3 < again.suggestion < 10.0


def test_a_loss_that_is_not_finite_to_begin_with_is_no_matter_of_rates():
    model = nn.Linear(3, 1, initializer=1e30, rng=0)
    with pytest.raises(FloatingPointError, match="rate is not the cause") as caught:
        nn.find_rate(model, 1e9 * X, Y, loss="mse", optimizer=optim.SGD(), rng=0)
    assert isinstance(caught.value, AutogradError)


def test_the_loss_at_a_rate_is_that_of_training_at_rates_that_rise():
    rates, model, told = np.geomspace(1e-3, 1e-1, 6), network(), Told()
    found = nn.find_rate(
        model, X, Y, loss="cross_entropy", optimizer=optim.SGD(), start=1e-3, end=1e-1, steps=6,
        batch_size=20, rng=0,
    )  # fmt: skip
    schedule = nn.LearningRate(lambda step: float(rates[step]), per="step")
    fit(model, epochs=2, batch_size=20, callbacks=[schedule, told])
    np.testing.assert_array_equal(found.losses, told.losses)
    np.testing.assert_allclose(found.means[:2], [found.losses[:2] @ [2, 1] / 3,
                                                 found.losses[:3] @ [1, 2, 1] / 4])  # fmt: skip


def test_a_search_notes_a_loss_for_each_step_not_for_each_batch_of_it():
    def search(**options):
        return nn.find_rate(
            nn.MLP(3, [4], 3, rng=0, dtype=float), X, Y, loss="cross_entropy", steps=20,
            optimizer=optim.SGD(), shuffle=False, rng=0, **options,
        )  # fmt: skip

    large, small = search(batch_size=8), search(batch_size=4, accumulate=2)
    np.testing.assert_allclose(small.rates, large.rates)
    full = [i for i in range(len(large.losses)) if (i + 1) % -(-len(X) // 8)]  # of whole batches
    np.testing.assert_allclose(small.losses[full], large.losses[full])


@pytest.mark.parametrize(
    "options",
    [
        {"start": 0.0}, {"start": 1.0, "end": 0.5}, {"steps": 2},
        {"epochs": 3}, {"callbacks": []}, {"resume": "run.npz"},
    ],
)  # fmt: skip
def test_rates_that_do_not_rise_and_options_of_its_own_are_refused(options):
    with pytest.raises(AutogradError, match=next(iter(options))):
        nn.find_rate(network(), X, Y, loss="cross_entropy", optimizer=optim.SGD(), rng=0, **options)
