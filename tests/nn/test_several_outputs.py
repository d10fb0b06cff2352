"""Models of several outputs: a loss and metrics for each, and the gradient of their sum."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
from autograd import DataError, ShapeError
from nn import losses, optim

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3)).astype(np.float32)
SIZE, KIND = X[:, :1] + 0.5 * X[:, 1:2], (X[:, 2] > 0).astype(int)


class Heads(nn.Module):
    """Two outputs: in a dict, a tuple or a list."""

    def __init__(self, container=dict):
        self.body = nn.Linear(3, 8, rng=0)
        self.size, self.kind = nn.Linear(8, 1, rng=1), nn.Linear(8, 2, rng=2)
        self.container = container

    def forward(self, x):
        h = nn.tanh(self.body(x))
        parts = {"size": self.size(h), "kind": self.kind(h)}
        return parts if self.container is dict else self.container(parts.values())


def trained(container=dict, *, keys=("size", "kind"), loss=("mse", "cross_entropy"), **options):
    model = Heads(container)
    named = container is dict
    put = (lambda *parts: dict(zip(keys, parts, strict=True))) if named else (lambda *parts: parts)
    options = {"optimizer": optim.SGD(lr=0.1), "epochs": 3, "batch_size": 8, "rng": 0} | options
    history = nn.fit(model, X, put(SIZE, KIND), loss=put(*loss), **options).history
    return model, {k: v for k, v in history.items() if k != "epoch_seconds"}


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("container", [dict, tuple, list])
def test_the_sum_of_the_losses_is_what_is_trained(container, compiled):
    """By hand: a step with the gradient of a·mse + b·cross_entropy."""
    weights = {"size": 2.0, "kind": 0.5}
    given = weights if container is dict else tuple(weights.values())
    model, history = trained(
        container, loss_weights=given, compiled=compiled, epochs=1, batch_size=30, shuffle=False
    )
    other = Heads()
    out = other(X)
    parts = losses.mse(out["size"], SIZE), losses.cross_entropy(out["kind"], KIND)
    total = 2.0 * parts[0] + 0.5 * parts[1]
    total.backward()
    for name, p in other.named_parameters():
        new = p.data - 0.1 * p.grad
        np.testing.assert_allclose(dict(model.named_parameters())[name].data, new, rtol=1e-5)
    keys = ("size", "kind") if container is dict else (0, 1)
    assert history["loss"][0] == pytest.approx(total.item())
    for key, part in zip(keys, parts, strict=True):
        assert history[f"{key}_loss"][0] == pytest.approx(part.item())


def test_each_output_has_its_metrics_in_training_validation_and_evaluation():
    metrics = {"kind": ["accuracy"], "size": ["mae"]}
    model, history = trained(
        metrics=metrics, validation_split=0.3, callbacks=[nn.EarlyStopping(monitor="val_kind_loss")]
    )
    names = ["loss", "size_loss", "kind_loss", "kind_accuracy", "size_mae"]
    assert [*history] == [*names, *(f"val_{name}" for name in names)]
    found = nn.predict(model, X, batch_size=7)
    assert {name: part.shape for name, part in found.items()} == {"size": (30, 1), "kind": (30, 2)}
    score = nn.evaluate(
        model, X, {"size": SIZE, "kind": KIND}, loss={"size": "mse", "kind": "cross_entropy"},
        metrics=metrics, batch_size=7,
    )  # fmt: skip
    assert score["kind_accuracy"] == (found["kind"].argmax(axis=1) == KIND).mean()
    assert score["size_mae"] == pytest.approx(np.abs(found["size"] - SIZE).mean())
    assert score["loss"] == pytest.approx(score["size_loss"] + score["kind_loss"])


@pytest.mark.parametrize("container", [dict, tuple])
def test_metrics_of_several_outputs_go_without_a_loss(container):
    model, _ = trained(container)
    keys = ("size", "kind") if container is dict else (0, 1)
    y = (SIZE, KIND) if container is tuple else dict(zip(keys, (SIZE, KIND), strict=True))
    metrics = dict(zip(keys, (["mae"], ["accuracy"]), strict=True))
    found = nn.evaluate(model, X, y, metrics=metrics, batch_size=7)
    outputs = nn.predict(model, X)
    assert found[f"{keys[1]}_accuracy"] == (outputs[keys[1]].argmax(axis=1) == KIND).mean()
    assert found[f"{keys[0]}_mae"] == pytest.approx(np.abs(outputs[keys[0]] - SIZE).mean())
    for few, data, words in (
        ({keys[0]: ["mae"]}, y, "each needs one"),
        (metrics, SIZE, "y has one array: each needs one"),
    ):
        with pytest.raises(ShapeError, match=words):
            nn.evaluate(model, X, data, metrics=few)


def test_a_split_that_is_drawn_keeps_targets_with_their_rows():
    _, history = trained(epochs=60, validation_split=0.3, shuffle_split=True)
    assert history["val_kind_loss"][-1] < 0.5 * history["val_kind_loss"][0]


BAD = {
    "keys of the loss": ({"keys": ("size", "sort")}, ShapeError, "'size', 'sort',.*and the model"),
    "unknown loss": ({"loss": ("mse", "crossentropy")}, nn.UnknownNameError, "cross_entropy"),
    "weights": ({"loss_weights": {"sort": 1.0}}, nn.TrainingError, "loss_weights has 'sort'"),
    "negative weight": ({"loss_weights": {"kind": -1.0}}, ValueError, r"loss_weights\['kind'\]"),
    "metrics in a list": ({"metrics": ["accuracy"]}, DataError, "says of which"),
    "metrics of others": ({"metrics": {"sort": ["mae"]}}, nn.TrainingError, "'sort'"),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_does_not_belong_to_the_outputs_is_named(case):
    options, error, words = case
    with pytest.raises(error, match=words):
        trained(**options)


def test_targets_and_losses_of_several_outputs_go_together():
    y: dict = {"size": SIZE, "kind": KIND}

    def fit(y, loss, **options):
        nn.fit(Heads(), X, y, loss=loss, optimizer=optim.SGD(lr=0.1), **options)

    with pytest.raises(ShapeError, match="y has 'size': each needs one"):
        fit({"size": SIZE}, {"size": "mse", "kind": "mse"})
    with pytest.raises(ShapeError, match="y has one array"):
        fit(SIZE, {"size": "mse", "kind": "mse"})
    with pytest.raises(ShapeError, match="30 rows in 'size', 29 rows in 'kind'"):
        fit(y | {"kind": KIND[:29]}, {"size": "mse", "kind": "cross_entropy"})
    with pytest.raises(DataError, match=r"several outputs, a dict: write loss=\{"):
        fit(SIZE, "mse")
    with pytest.raises(DataError, match=r"y is a dict.*one for each of 'size', 'kind'"):
        fit(y, "mse")
    with pytest.raises(DataError, match="labels are for models of one output"):
        fit(y | {"kind": KIND.astype(str)}, {"size": "mse", "kind": "cross_entropy"})
    with pytest.raises(nn.TrainingError, match="belongs to several losses"):
        fit(SIZE, "mse", loss_weights={})


def test_probabilities_are_of_one_output():
    model, _ = trained()
    for use in (nn.predict_proba, nn.predict_classes):
        with pytest.raises(DataError, match=r"several: write ag.softmax\(nn.predict"):
            use(model, X)


def test_predictions_are_recorded_by_nobody():
    model = Heads()
    with ag.no_grad():
        expected = {name: part.data for name, part in model(X).items()}
    found = nn.predict(model, X)
    for name, part in expected.items():
        np.testing.assert_array_equal(found[name], part)
