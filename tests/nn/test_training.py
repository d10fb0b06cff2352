"""`fit` against loops written by hand, and what it promises about data, orders and averages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Tensor
from nn import optim


def blobs(count: int = 60, features: int = 3, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    y = rng.integers(classes, size=count)
    return rng.normal(size=(count, features)) + 2.0 * np.eye(classes, features)[y], y


def network(rng: int = 0, **options) -> nn.MLP:
    return nn.MLP(3, [5], 3, activation="tanh", rng=rng, **options)


def fit(model, X, y, **options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "rng": 0} | options
    return nn.fit(model, X, y, **options)


def weights(model) -> np.ndarray:
    return np.concatenate([array.ravel() for array in model.state_dict().values()])


def test_it_takes_the_steps_of_a_loop_written_in_numpy():
    X, y = blobs()
    model = network(dtype=np.float64)
    w1, b1, w2, b2 = (p.data.copy() for p in model.parameters())
    losses = []
    rng = np.random.default_rng(7)
    for _ in range(3):
        total = 0.0
        order = rng.permutation(len(X))
        for start in range(0, len(X), 16):
            rows = order[start : start + 16]
            x = X[rows]
            hidden = np.tanh(x @ w1 + b1)
            scores = hidden @ w2 + b2
            p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            total -= np.log(p[np.arange(len(rows)), y[rows]]).sum()
            g = p - np.eye(3)[y[rows]]
            g /= len(rows)
            h = (g @ w2.T) * (1 - hidden**2)
            w2 -= 0.1 * hidden.T @ g
            b2 -= 0.1 * g.sum(axis=0)
            w1 -= 0.1 * x.T @ h
            b1 -= 0.1 * h.sum(axis=0)
        losses.append(total / len(X))
    history = fit(model, X, y, epochs=3, batch_size=16, rng=7)
    for ours, by_hand in zip(model.parameters(), (w1, b1, w2, b2), strict=True):
        np.testing.assert_allclose(ours.data, by_hand, rtol=0, atol=1e-13)
    np.testing.assert_allclose(history.history["loss"], losses, rtol=1e-13)


def test_a_scalar_model_takes_the_steps_of_the_same_model_on_arrays():
    X, y = blobs()
    scalar, array = network(scalar=True), network(dtype=np.float64)
    scalar.load_state_dict(array.state_dict())
    ours, theirs = (
        fit(model, X, y, epochs=2, batch_size=16, validation_split=0.25, metrics=["accuracy"])
        for model in (scalar, array)
    )
    np.testing.assert_allclose(weights(scalar), weights(array), rtol=0, atol=1e-13)
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        np.testing.assert_allclose(ours.history[name], theirs.history[name], rtol=1e-12)
    np.testing.assert_allclose(nn.predict(scalar, X), nn.predict(array, X), rtol=0, atol=1e-12)


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not():
    X, y = blobs()
    one, same, other = network(), network(), network()
    for model, seed in ((one, 3), (same, 3), (other, 4)):
        fit(model, X, y, epochs=2, batch_size=7, rng=seed)
    np.testing.assert_array_equal(weights(one), weights(same))
    assert not np.array_equal(weights(one), weights(other))


class Recorder(nn.Module):
    """A model that remembers which rows it saw, and in which mode."""

    def __init__(self) -> None:
        self.weight = Tensor(np.ones((1, 1)))
        self.seen: list[tuple[bool, list[float]]] = []

    def forward(self, x):
        self.seen.append((self.training, np.asarray(x).ravel().tolist()))
        return np.asarray(x) * self.weight

    def batches(self, training: bool) -> list[list[float]]:
        return [rows for mode, rows in self.seen if mode is training]


def joined(batches: list[list[float]]) -> list[float]:
    return [row for batch in batches for row in batch]


def record(count: int = 10, **options) -> Recorder:
    model = Recorder()
    rows = np.arange(float(count))[:, None]
    options = {"compiled": False, "batch_size": 4, "optimizer": optim.SGD(lr=0.0)} | options
    fit(model, rows, rows, loss="mse", **options)
    return model


def test_every_row_is_seen_once_an_epoch_and_the_last_batch_is_short():
    model = record(epochs=3)
    batches = model.batches(training=True)
    assert [len(batch) for batch in batches] == [4, 4, 2] * 3
    epochs = [joined(batches[i : i + 3]) for i in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


def test_the_short_batch_can_be_left_out():
    batches = record(epochs=2, drop_last=True).batches(training=True)
    assert [len(values) for values in batches] == [4, 4, 4, 4]
    assert len(set(joined(batches[:2]))) == 8
    assert set(joined(batches[:2])) != set(joined(batches[2:]))
    X, y = blobs(9)
    model = nn.Sequential(nn.BatchNorm(3), nn.Linear(3, 3, rng=0))
    fit(model, X, y, batch_size=4, drop_last=True)


def test_a_batch_of_more_rows_than_there_are_holds_them_all():
    X, y = blobs(7)
    models = [network(), network()]
    histories = [
        fit(model, X, y, batch_size=size).history["loss"]
        for model, size in zip(models, (7, 100), strict=True)
    ]
    assert histories[0] == histories[1]
    np.testing.assert_array_equal(*map(weights, models))


def test_without_shuffling_rows_come_in_order():
    assert record(shuffle=False).batches(training=True) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_the_last_rows_are_held_out():
    model = record(validation_split=0.2)
    assert sorted(joined(model.batches(training=True))) == list(range(8))
    assert model.batches(training=False)[-1] == [8, 9]


def test_shuffle_split_draws_the_rows_that_are_held_out():
    model = record(count=40, validation_split=0.5, shuffle_split=True)
    trained, held = joined(model.batches(training=True)), model.batches(training=False)[-1]
    assert sorted(trained + held) == list(range(40))
    assert sorted(held) != list(range(20, 40))
    again = record(count=40, validation_split=0.5, shuffle_split=True)
    assert again.batches(training=False)[-1] == held


def test_validation_data_are_validated_on():
    X, y = blobs()
    model = network()
    history = fit(model, X[:40], y[:40], validation_data=(X[40:], y[40:]), metrics=["accuracy"])
    found = nn.evaluate(model, X[40:], y[40:], loss="cross_entropy", metrics=["accuracy"])
    assert history.history["val_loss"] == [found["loss"]]
    assert history.history["val_accuracy"] == [found["accuracy"]]


def test_a_split_of_the_last_rows_is_the_same_as_giving_them():
    X, y = blobs(50)
    split, given_ = network(), network()
    one = fit(split, X, y, epochs=2, validation_split=0.2)
    two = fit(given_, X[:40], y[:40], epochs=2, validation_data=(X[40:], y[40:]))
    np.testing.assert_array_equal(weights(split), weights(given_))
    assert one.history["val_loss"] == two.history["val_loss"]


def test_history_is_plain_lists_with_an_entry_an_epoch():
    X, y = blobs()
    history = fit(network(), X, y, epochs=3, validation_split=0.2, metrics=["accuracy"])
    assert list(history.history) == [
        "loss", "accuracy", "val_loss", "val_accuracy", "epoch_seconds",
    ]  # fmt: skip
    for values in history.history.values():
        assert type(values) is list
        assert [type(v) for v in values] == [float] * 3
    assert len(history) == 3
    assert history.stopped is None


def test_averages_weigh_batches_by_their_rows():
    rows = np.array([[1.0], [1.0], [1.0], [4.0]])
    model = Recorder()
    history = fit(
        model, rows, np.zeros(4), loss="mse", batch_size=3, shuffle=False, metrics=["mae"],
        optimizer=optim.SGD(lr=0.0), compiled=False,
    )  # fmt: skip
    assert history.history["loss"] == [pytest.approx((3 * 1 + 16) / 4)]
    assert history.history["mae"] == [pytest.approx((3 * 1 + 4) / 4)]


def test_a_penalty_is_minimised_too_and_told_apart():
    X, y = blobs()
    model, plain = network(dtype=np.float64), network(dtype=np.float64)
    history = fit(model, X, y, penalty=nn.penalties.L2(0.5), batch_size=60, shuffle=False)
    bare = fit(plain, X, y, batch_size=60, shuffle=False)
    assert history.history["loss"] == bare.history["loss"]
    start = network(dtype=np.float64)
    squares = sum((p.data**2).sum() for p in start.parameters() if p.ndim == 2)
    assert history.history["penalty"] == [pytest.approx(0.5 * squares)]
    before, after = (dict(m.named_parameters())["layers.0.weight"].data for m in (start, model))
    without = dict(plain.named_parameters())["layers.0.weight"].data
    np.testing.assert_allclose(after, without - 0.1 * before, rtol=0, atol=1e-14)  # 2·0.5·lr·W


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_in_its_own_mode_afterwards(training):
    X, y = blobs()
    model = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Dropout(0.5, rng=1))
    model.train(training)
    model[0].training = True
    fit(model, X, y, validation_split=0.2)
    nn.evaluate(model, X, y, loss="cross_entropy")
    nn.predict(model, X)
    assert [m.training for m in model.modules()] == [training, True, training]


def test_dropout_drops_in_training_alone():
    X, _ = blobs()
    model = nn.Dropout(0.5, rng=0)
    np.testing.assert_array_equal(nn.predict(nn.Sequential(nn.Linear(3, 3, rng=0), model), X),
                                  nn.predict(nn.Sequential(nn.Linear(3, 3, rng=0)), X))  # fmt: skip


def test_float32_is_kept_and_data_of_other_kinds_are_cast():
    X, y = blobs()
    models = []
    for data in (X.astype(np.float32), X.astype(np.float32).astype(np.float64)):
        models.append(network())
        fit(models[-1], data, y.astype(np.uint8))
    np.testing.assert_array_equal(*map(weights, models))
    assert all(p.data.dtype == np.float32 for p in models[0].parameters())
    assert nn.predict(models[0], X).dtype == np.float32


def test_lists_and_transposed_arrays_are_data_too():
    X, y = blobs()
    models = [network() for _ in range(3)]
    for model, data in zip(models, (X, X.tolist(), np.asfortranarray(X)), strict=True):
        fit(model, data, y.tolist())
    for model in models[1:]:
        np.testing.assert_array_equal(weights(model), weights(models[0]))


def test_augmentation_sees_each_batch_and_the_run_s_generator():
    X, y = blobs()

    def jitter(x, y, rng):
        return x + rng.normal(scale=0.1, size=x.shape).astype(x.dtype), y

    plain, one, two = network(), network(), network()
    fit(plain, X, y)
    fit(one, X, y, augment=jitter)
    fit(two, X, y, augment=jitter)
    np.testing.assert_array_equal(weights(one), weights(two))
    assert not np.array_equal(weights(one), weights(plain))


@pytest.mark.parametrize("result", [lambda x, y: x, lambda x, y: (x, y[:-1]), lambda x, y: None])
def test_augmentation_must_return_a_pair_of_as_many_rows(result):
    X, y = blobs()
    with pytest.raises(nn.TrainingError, match="as many rows"):
        fit(network(), X, y, augment=lambda x, y, rng: result(x, y))


def test_your_data_are_left_alone():
    X, y = blobs()
    X.flags.writeable = y.flags.writeable = False
    before = X.copy()
    fit(network(dtype=np.float64), X, y, epochs=2, validation_split=0.2)
    np.testing.assert_array_equal(X, before)


@given(rows=st.integers(1, 40), batch=st.integers(1, 40), block=st.integers(1, 40))
def test_scores_do_not_depend_on_how_rows_fall_into_batches(rows, batch, block):
    X, y = blobs(rows)
    model = network(dtype=np.float64)
    whole, parts = (
        nn.evaluate(model, X, y, loss="cross_entropy", metrics=["accuracy"], batch_size=size)
        for size in (rows, block)
    )
    assert parts["loss"] == pytest.approx(whole["loss"], rel=1e-12)
    assert parts["accuracy"] == pytest.approx(whole["accuracy"], rel=1e-12)
    np.testing.assert_allclose(
        nn.predict(model, X, batch_size=batch), nn.predict(model, X), rtol=0, atol=1e-13
    )


def test_metrics_need_no_loss():
    model, (X, y) = network(), blobs()
    both = nn.evaluate(model, X, y, loss="cross_entropy", metrics=["accuracy", "top_2"])
    alone = nn.evaluate(model, X, y, metrics=["accuracy", "top_2"])
    assert both == {"loss": both["loss"], **alone}
    assert list(alone) == ["accuracy", "top_2"]


def test_predict_gives_logits_and_predict_proba_their_softmax_or_sigmoid():
    X, _ = blobs()
    classes, single = network(dtype=np.float64), nn.Linear(3, 1, rng=0, dtype=np.float64)
    raw = nn.predict(classes, X)
    np.testing.assert_array_equal(raw, classes(X).data)
    shares = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(nn.predict_proba(classes, X), shares, rtol=1e-13)
    raw = nn.predict(single, X)
    np.testing.assert_allclose(nn.predict_proba(single, X), 1 / (1 + np.exp(-raw)), rtol=1e-13)


@pytest.mark.parametrize("head", [nn.Softmax, nn.Sigmoid])
def test_a_model_that_ends_in_probabilities_is_taken_at_its_word(head):
    X, _ = blobs()
    model = nn.Sequential(nn.Linear(3, 3, rng=0), head())
    np.testing.assert_array_equal(nn.predict_proba(model, X), nn.predict(model, X))


def test_frozen_parameters_stay():
    X, y = blobs()
    model = network()
    first = model.layers[0].weight
    first.requires_grad = False
    before = first.data.copy()
    fit(model, X, y)
    np.testing.assert_array_equal(first.data, before)


def test_an_optimiser_bound_to_groups_keeps_them():
    X, y = blobs()
    model = network()
    first, *rest = model.parameters()
    start = first.data.copy()
    groups = [{"params": [first], "lr": 0.0}, {"params": rest}]
    fit(model, X, y, optimizer=optim.SGD(groups, lr=0.1))
    np.testing.assert_array_equal(first.data, start)
    assert not np.array_equal(rest[0].data, network().layers[0].bias.data)


def test_training_goes_on_where_it_ended_with_the_same_optimiser():
    X, y = blobs()
    model, optimizer, rng = network(), optim.Adam(lr=0.01), np.random.default_rng(0)
    for _ in range(2):
        fit(model, X, y, optimizer=optimizer, rng=rng)
    whole = network()
    fit(whole, X, y, optimizer=optim.Adam(lr=0.01), epochs=2, rng=0)
    np.testing.assert_array_equal(weights(model), weights(whole))


def test_a_loss_of_one_s_own_is_minimised():
    X, y = blobs()
    model = network()
    smooth = lambda p, t: nn.losses.cross_entropy(p, t, label_smoothing=0.1)
    history = fit(model, X, y, loss=smooth, epochs=5)
    assert history.history["loss"][-1] < history.history["loss"][0] < math.inf


def test_under_detect_anomaly_it_trains_gate_by_gate():
    X, y = blobs()
    model, whole = network(), network()
    with ag.detect_anomaly():
        history = fit(model, X, y)
    fit(whole, X, y)
    assert history.notes == ["trained eagerly: detect_anomaly looks at every gate"]
    np.testing.assert_array_equal(weights(model), weights(whole))


class Pixels(nn.Module):
    """A line of every pixel's channels: (N, 2, H, W) to (N, 3, H, W)."""

    def __init__(self):
        self.line = nn.Linear(2, 3, rng=0)

    def forward(self, x):
        return ag.moveaxis(self.line(ag.moveaxis(x, 1, -1)), -1, 1)


def test_a_model_of_images_learns_a_class_for_every_pixel():
    X = np.random.default_rng(0).normal(size=(40, 2, 4, 4)).astype(np.float32)
    y = (X[:, 0] > 0.0).astype(int) + (X[:, 1] > 0.0)
    model = Pixels()
    history = nn.fit(
        model, X, y, loss="cross_entropy", optimizer=optim.Adam(lr=0.1), epochs=60, rng=0,
        metrics=["accuracy"], validation_split=0.2, batch_size=8,
    ).history  # fmt: skip
    assert history["val_loss"][-1] < 0.5 < history["val_loss"][0]
    assert history["val_accuracy"][-1] > 0.8
    probabilities = nn.predict_proba(model, X)
    np.testing.assert_allclose(probabilities.sum(axis=1), np.ones((40, 4, 4)), rtol=1e-5)
    share = np.mean(probabilities.argmax(axis=1) == y)
    found = nn.evaluate(model, X, y, loss="cross_entropy", metrics=["accuracy"])
    assert found["accuracy"] == pytest.approx(share)
