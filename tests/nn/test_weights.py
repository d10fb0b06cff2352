"""Weights of samples and of classes, and means that do not depend on how rows fall into batches."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import autograd as ag
import nn
from nn import losses, optim

RNG = np.random.default_rng(7)
X = RNG.normal(size=(30, 3))
Y = RNG.integers(3, size=30)
NUMBERS = RNG.normal(size=(30, 3))
COUNTS = RNG.integers(0, 4, size=30)
COUNTS[0] = 2
AGAIN = np.repeat(np.arange(30), COUNTS)
"""The rows, each as often as it counts."""

TARGETS = {
    "cross_entropy": Y,
    "focal": Y,
    "multiclass_hinge": Y,
    "binary_cross_entropy": (NUMBERS > 0) + 0,
    "mse": NUMBERS,
    "half_sse": NUMBERS,
    "huber": NUMBERS,
}


def network(**options):
    return nn.MLP(3, [4], 3, activation="tanh", rng=0, **{"dtype": float, **options})


def fit(model, X, y, **options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.2), "batch_size": 200} | options
    return nn.fit(model, X, y, **{"rng": 0, "epochs": 3, "progress": False, **options}).history


def same_training(one, other, **tolerance):
    """Two models and their histories."""
    (model, history), (twin, again) = one, other
    for name, value in model.state_dict().items():
        np.testing.assert_allclose(value, twin.state_dict()[name], **tolerance)
    for name in again.keys() - {"epoch_seconds"}:
        np.testing.assert_allclose(history[name], again[name], **tolerance)


def trained(X, y, model=None, **options):
    model = model or network()
    return model, fit(model, X, y, **options)


EXACT = {"rtol": 1e-9, "atol": 1e-12}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("compiled", [True, False])
def test_a_weight_is_how_often_a_row_counts(name, compiled):
    y = TARGETS[name]
    options = {"loss": name, "compiled": compiled}
    metrics = ["accuracy", "f1"] if name == "cross_entropy" else []
    weighted = trained(X, y, sample_weight=COUNTS, metrics=metrics, **options)
    same_training(weighted, trained(X[AGAIN], y[AGAIN], metrics=metrics, **options), **EXACT)
    plain = trained(X, y, sample_weight=np.full(30, 0.5), **options)
    same_training(plain, trained(X, y, **options), **EXACT)


def test_a_model_of_scalars_replays_its_graph_with_the_weights_of_each_batch():
    def scalar(compiled):
        model = nn.MLP(3, [2], 3, scalar=True, rng=0)
        return trained(
            X, Y, model, sample_weight=COUNTS, batch_size=8,
            compiled=compiled, metrics=["accuracy"],
        )  # fmt: skip

    replayed, eager = scalar(True), scalar(False)
    same_training(replayed, eager, rtol=0)
    arrays = trained(
        X, Y, nn.MLP(3, [2], 3, rng=0, dtype=float), sample_weight=COUNTS, batch_size=8,
        metrics=["accuracy"],
    )  # fmt: skip
    np.testing.assert_allclose(replayed[1]["loss"], arrays[1]["loss"], rtol=1e-12)


def test_weights_go_with_their_rows_through_shuffles_splits_and_short_batches():
    zero = np.arange(30) % 3 == 0
    bad = np.where(zero, (Y + 1) % 3, Y)  # nothing is learnt of these
    one = trained(X, bad, sample_weight=~zero, batch_size=7, validation_split=0.3, epochs=2)
    two = trained(X, Y, sample_weight=~zero, batch_size=7, validation_split=0.3, epochs=2)
    same_training(one, two, rtol=0)
    for drawn in (True, False):
        model, history = trained(
            X, Y, sample_weight=COUNTS, batch_size=7, validation_split=0.3, shuffle_split=drawn,
            metrics=["accuracy"], epochs=1,
        )  # fmt: skip
        held = np.random.default_rng(0).permutation(30)[21:] if drawn else np.arange(21, 30)
        found = nn.evaluate(
            model, X[held], Y[held], loss="cross_entropy", metrics=["accuracy"],
            sample_weight=COUNTS[held],
        )  # fmt: skip
        assert history["val_loss"] == [pytest.approx(found["loss"], rel=1e-12)]
        assert history["val_accuracy"] == [pytest.approx(found["accuracy"], rel=1e-12)]


def test_validation_data_and_batches_bring_weights_of_their_own():
    model, history = trained(X, Y, validation_data=(X, Y, COUNTS), metrics=["accuracy"], epochs=1)
    again = nn.evaluate(
        model, X[AGAIN], Y[AGAIN], loss="cross_entropy", metrics=["accuracy"], batch_size=11
    )
    assert history["val_loss"] == [pytest.approx(again["loss"], rel=1e-12)]
    assert history["val_accuracy"] == [pytest.approx(again["accuracy"], rel=1e-12)]
    batches = [(X[:12], Y[:12], COUNTS[:12]), (X[12:], Y[12:], COUNTS[12:])]
    batches.append((X, Y, 0 * COUNTS))
    streamed = nn.evaluate(model, batches, loss="cross_entropy", metrics=["accuracy"])
    assert streamed == pytest.approx(again, rel=1e-12)
    rows = trained(X, Y, sample_weight=COUNTS, batch_size=12, shuffle=False)
    parts = [(X[i : i + 12], Y[i : i + 12], COUNTS[i : i + 12]) for i in (0, 12, 24)]
    same_training(trained(parts, None), rows, rtol=0)


@pytest.mark.parametrize("loss", ["cross_entropy", "mse", "an ignored class"])
def test_gradients_that_wait_for_a_step_are_averaged_over_what_counts(loss):
    y = NUMBERS if loss == "mse" else Y
    if loss == "an ignored class":
        loss = partial(losses.cross_entropy, ignore_index=1, class_weight=[1.0, 1.0, 4.0])
    weight = np.where(np.arange(30) // 6 == 2, 0.0, COUNTS + 0.5)
    asked = {"loss": loss, "sample_weight": weight, "shuffle": False}
    one = trained(X, y, batch_size=6, accumulate=5, **asked)
    same_training(one, trained(X, y, batch_size=30, **asked), **EXACT)


# ---- classes


def test_a_class_weighs_on_top_of_its_samples():
    of_rows = np.array([1.0, 5.0, 0.5])[Y]
    table = {1: 5.0, 2: 0.5}
    heavy = trained(X, Y, class_weight=table, sample_weight=COUNTS, batch_size=7)
    same_training(heavy, trained(X, Y, sample_weight=COUNTS * of_rows, batch_size=7), **EXACT)
    rows = trained(X, np.eye(3)[Y], class_weight=table)
    same_training(rows, trained(X, Y, class_weight=table), **EXACT)
    inside = partial(losses.cross_entropy, class_weight=[1.0, 5.0, 0.5])
    same_training(trained(X, Y, class_weight=table), trained(X, Y, loss=inside), **EXACT)


def test_metrics_go_without_the_weights_of_classes():
    asked = {"metrics": ["accuracy"], "sample_weight": COUNTS}
    model = network()
    with_classes, without = (
        nn.evaluate(model, X, Y, loss="cross_entropy", class_weight=w, **asked)
        for w in ({0: 9.0}, None)
    )
    assert with_classes["accuracy"] == without["accuracy"]
    assert with_classes["loss"] != without["loss"]


def test_balanced_is_scikit_learns():
    reference = pytest.importorskip("sklearn.utils.class_weight", reason="needs the extra digits")
    uneven = np.repeat([0, 1, 2], [3, 7, 20])
    balanced = reference.compute_sample_weight("balanced", uneven)
    one = trained(X, uneven, class_weight="balanced", batch_size=7)
    same_training(one, trained(X, uneven, sample_weight=balanced, batch_size=7), **EXACT)
    balanced = reference.compute_class_weight(
        "balanced", classes=np.arange(3), y=np.repeat(uneven, COUNTS)
    )[uneven]
    one = trained(X, uneven, class_weight="balanced", sample_weight=COUNTS, batch_size=7)
    both = trained(X, uneven, sample_weight=balanced * COUNTS, batch_size=7)
    same_training(one, both, **EXACT)


def test_classes_of_which_none_counts_are_named():
    with pytest.raises(nn.TrainingError, match="leaves no row that counts"):
        trained(X, Y, class_weight=dict.fromkeys([0, 1, 2], 0.0))
    only = (Y == 1).astype(float)
    with pytest.raises(nn.TrainingError, match="leaves no row that counts"):
        trained(X, Y, class_weight={1: 0.0}, sample_weight=only)
    _, history = trained(X, Y, class_weight="balanced", sample_weight=1.0 - only)
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize(
    ("loss", "labels", "table"),
    [
        ("binary_cross_entropy", np.array(["no", "yes"]), {"yes": 4.0}),
        ("cross_entropy", np.array(["no", "yes"]), {"yes": 4.0}),
        ("hinge", np.array([-1, 1]), {1: 4.0}),
        ("binary_cross_entropy", np.array([False, True]), {True: 4.0}),
        ("binary_cross_entropy", np.array([0.0, 1.0]), {1: 4.0, 0: 1.0}),
    ],
)
def test_classes_are_named_as_they_stand_in_the_targets(loss, labels, table):
    y, outputs = labels[Y % 2], 2 if loss == "cross_entropy" else 1
    weights = np.where(Y % 2, 4.0, 1.0)
    makes = [nn.MLP(3, [4], outputs, rng=0, dtype=float) for _ in range(2)]
    one = trained(X, y, makes[0], loss=loss, class_weight=table)
    same_training(one, trained(X, y, makes[1], loss=loss, sample_weight=weights), **EXACT)


# ---- evaluation


def own(prediction, target, sample_weight=None):
    """Not a mean over rows."""
    distance = ag.sqrt(ag.mean((prediction - target) ** 2))
    return distance if sample_weight is None else distance * np.sum(sample_weight)


WEIGHED = partial(losses.cross_entropy, class_weight=np.array([0.5, 3.0, 1.0]))
CASES = {
    "class weights": (WEIGHED, Y),
    "an ignored class": (partial(losses.cross_entropy, ignore_index=1), Y),
    "both": (partial(WEIGHED, ignore_index=-1), np.where(np.arange(30) < 11, -1, Y)),
    "rows": (WEIGHED, RNG.dirichlet(np.ones(3), size=30)),
    "smoothed": (partial(WEIGHED, label_smoothing=0.1), Y),
    "alpha": (partial(losses.focal, alpha=[0.5, 3.0, 1.0]), Y),
    "a weight of yes": (partial(losses.binary_cross_entropy, pos_weight=3.0), (NUMBERS > 0) + 0),
    "numbers": (losses.mse, NUMBERS),
    "a sum": (partial(losses.mse, reduction="sum"), NUMBERS),
    "one's own": (own, NUMBERS),
}


@pytest.mark.parametrize("weight", [None, COUNTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_evaluation_does_not_depend_on_its_batches(case, weight):
    loss, y = case
    model = network()
    given = {} if weight is None else {"sample_weight": weight.astype(float)}
    whole = loss(nn.predict(model, X), y, **given).item()
    for size in (1, 7, 30, None):
        found = nn.evaluate(model, X, y, loss=loss, batch_size=size, **given)["loss"]
        assert found == pytest.approx(whole, rel=1e-12)
    history = fit(
        network(), X, y, loss=loss, batch_size=7, optimizer=optim.SGD(lr=0.0), epochs=1,
        validation_data=(X, y) if weight is None else (X, y, weight), **given,
    )  # fmt: skip
    assert history["val_loss"] == [pytest.approx(whole, rel=1e-12)]
    if loss is not own and getattr(loss, "keywords", {}).get("reduction") != "sum":
        assert history["loss"] == [pytest.approx(whole, rel=1e-12)]


@pytest.mark.parametrize("weight", [None, np.array([0.5, 2.0, 0.0, 1.0])])
def test_pixels_that_do_not_count_are_not_counted(weight):
    images = RNG.normal(size=(4, 2, 3, 3))
    y = np.where(RNG.random((4, 3, 3)) < 0.4, 255, RNG.integers(2, size=(4, 3, 3)))
    model = nn.BatchNorm(2, axis=1, dtype=float).eval()
    loss = partial(losses.cross_entropy, ignore_index=255, class_weight=[1.0, 3.0])
    given = {} if weight is None else {"sample_weight": weight}
    whole = loss(nn.predict(model, images), y, **given).item()
    for size in (1, 3, 4):
        found = nn.evaluate(model, images, y, loss=loss, batch_size=size, **given)["loss"]
        assert found == pytest.approx(whole, rel=1e-12)


def test_a_loss_of_one_s_own_over_millions_is_averaged_over_its_rows(monkeypatch):
    monkeypatch.setattr("nn.training.means.MOST", 40)
    model = network()

    def mean_of_squares(prediction, target):
        return ag.mean((prediction - target) ** 2)

    whole = nn.evaluate(model, X, NUMBERS, loss="mse")["loss"]
    for size in (4, 7):
        found = nn.evaluate(model, X, NUMBERS, loss=mean_of_squares, batch_size=size)["loss"]
        assert found == pytest.approx(whole, rel=1e-12)


def test_batches_in_which_nothing_counts_are_no_trouble():
    weight = np.where(np.arange(30) < 14, 0.0, 1.0)
    model, history = trained(X, Y, sample_weight=weight, batch_size=7, shuffle=False, epochs=2)
    assert np.isfinite(history["loss"]).all()
    rest = nn.evaluate(model, X[14:], Y[14:], loss="cross_entropy")["loss"]
    found = nn.evaluate(model, X, Y, loss="cross_entropy", sample_weight=weight, batch_size=7)
    assert found["loss"] == pytest.approx(rest, rel=1e-12)


class Two(nn.Module):
    def __init__(self):
        self.a, self.b = network(), nn.MLP(3, [4], 1, rng=1, dtype=float)

    def forward(self, x):
        return {"a": self.a(x), "b": self.b(x)}


def test_rows_of_several_outputs_have_one_weight():
    y, again = ({"a": Y[rows], "b": NUMBERS[rows, 0]} for rows in (slice(None), AGAIN))
    asked = {
        "loss": {"a": WEIGHED, "b": "mse"}, "loss_weights": {"b": 0.5},
        "metrics": {"a": ["accuracy"], "b": ["mae"]},
    }  # fmt: skip
    weighted = trained(X, y, Two(), sample_weight=COUNTS, **asked)
    same_training(weighted, trained(X[AGAIN], again, Two(), **asked), **EXACT)
    found = [
        nn.evaluate(Two(), X, y, sample_weight=COUNTS, batch_size=size, **asked) for size in (4, 30)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    assert found[0]["loss"] == pytest.approx(found[0]["a_loss"] + 0.5 * found[0]["b_loss"])
    with pytest.raises(nn.TrainingError, match="one class a row"):
        trained(X, y, Two(), class_weight={0: 2.0}, **asked)


# ---- what does not fit


def weightless(prediction, target):
    return ag.mean((prediction - target) ** 2)


@pytest.mark.parametrize(
    ("y", "options", "kind", "words"),
    [
        (Y, {"sample_weight": COUNTS[:5]}, ValueError, r"30 of them, and has shape \(5,\)"),
        (Y, {"sample_weight": COUNTS - 1}, ValueError, "negative, and is -1.0 at row"),
        (Y, {"sample_weight": COUNTS * np.nan}, ValueError, "is nan at row 0"),
        (Y, {"sample_weight": COUNTS * 0}, ValueError, "zero for all rows"),
        (Y, {"sample_weight": ["a"] * 30}, TypeError, "real numbers"),
        (Y, {"class_weight": {7: 1.0}}, ValueError, r"class_weight has 7, .* are 0, 1, 2"),
        (Y, {"class_weight": {"a": 1.0}}, ValueError, "class_weight has 'a'"),
        (Y, {"class_weight": {0: -1.0}}, ValueError, "class_weight must be finite"),
        (Y, {"class_weight": "balance"}, TypeError, "'balance'"),
        (Y, {"class_weight": {}}, TypeError, "a dict such as"),
        (NUMBERS, {"class_weight": {0: 1.0}, "loss": "mse"}, ValueError, "one class a row"),
        (NUMBERS, {"sample_weight": COUNTS, "loss": weightless}, TypeError, "weightless is a func"),
        (
            Y, {"sample_weight": COUNTS, "metrics": [lambda p, t: 0.0]}, ValueError,
            "function without weights",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_changes_nothing(y, options, kind, words):
    model, optimizer = network(), optim.SGD(lr=0.1)
    before = model.state_dict()
    with pytest.raises(kind, match=words) as caught:
        fit(model, X, y, **{"optimizer": optimizer, **options})
    assert isinstance(caught.value, ag.AutogradError)
    np.testing.assert_equal(model.state_dict(), before)
    assert not optimizer.parameters


def test_batches_have_no_balance_and_bring_their_weights_themselves():
    batches = [(X, Y)]
    with pytest.raises(nn.TrainingError, match="write a dict"):
        fit(network(), batches, None, class_weight="balanced")
    with pytest.raises(TypeError, match=r"\(x, y, weights\)"):
        fit(network(), batches, None, sample_weight=COUNTS)
    assert len(fit(network(), batches, None, class_weight={0: 2.0})["loss"]) == 3


def test_a_run_with_other_weights_is_not_gone_on_with(tmp_path):
    path = tmp_path / "run.npz"
    keep = {"callbacks": [nn.Checkpoint(path)]}
    first = trained(X, Y, sample_weight=COUNTS, class_weight={1: 2.0}, epochs=2, **keep)
    asked = {"sample_weight": COUNTS, "class_weight": {1: 2.0}}
    resumed = trained(X, Y, resume=path, epochs=4, **asked, **keep)
    same_training(resumed, trained(X, Y, epochs=4, **asked), rtol=0)
    assert first[1]["loss"] == resumed[1]["loss"][:2]
    for other in ({}, {"sample_weight": COUNTS}, {**asked, "class_weight": {1: 3.0}}):
        with pytest.raises(nn.CheckpointError, match="weight was"):
            trained(X, Y, resume=path, epochs=5, **other, **keep)
