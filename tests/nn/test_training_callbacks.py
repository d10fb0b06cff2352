"""Callbacks: stopping early, rates that change, and functions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from blobs import Told, blobs, fit, weights

import autograd as ag
import nn
from nn import optim


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
        "node": ag.Tensor, "share": Fraction, "money": Decimal, "flag": np.bool_,
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
