"""Logits or probabilities: what is seen of a model's outputs, and what metrics make of it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import autograd as ag
import nn
from nn import optim

RNG = np.random.default_rng(3)
X = RNG.normal(size=(80, 3)).astype(np.float32)
YES = (X[:, 0] + 0.1 * RNG.normal(size=80) > 0).astype(int)
LABELS = (X > 0.3).astype(int)


class Ending(nn.Module):
    """A Linear, and what comes after it."""

    def __init__(self, outputs, end):
        self.linear, self.end = nn.Linear(3, outputs, rng=0), end

    def forward(self, x):
        return self.end(self.linear(x))


def sigmoid(end):
    return lambda s: end(ag.sigmoid(s))


ENDS = {
    "squeeze": sigmoid(lambda p: np.squeeze(p, 1)),
    "an index": sigmoid(lambda p: p[:, 0]),
    "reshape": sigmoid(lambda p: p.reshape(-1)),
    "clip": sigmoid(lambda p: np.clip(p, 1e-6, 1 - 1e-6)),
    "astype": sigmoid(lambda p: p.astype(np.float64)),
    "many": sigmoid(lambda p: p.astype(np.float64).clip(0.0, 1.0)[:, :1].ravel()),
    "parts": sigmoid(lambda p: np.concatenate([p, p], axis=1)),
    "maximum": sigmoid(lambda p: np.maximum(p, 1e-9)),
}


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_probabilities_are_seen_behind_gates_that_move_or_choose(end, frozen):
    model = Ending(1, end)
    for parameter in model.parameters():
        parameter.requires_grad = not frozen
    outputs = nn.predict(model, X)
    np.testing.assert_array_equal(nn.predict_proba(model, X), outputs)
    column = outputs.reshape(80, -1)[:, 0]
    found = nn.predict_classes(model, X).reshape(80, -1)[:, 0]
    np.testing.assert_array_equal(found, column > 0.5)
    with ag.no_grad():
        np.testing.assert_array_equal(nn.predict_proba(model, X), outputs)


def test_a_class_s_own_probability_may_be_all_that_a_model_gives():
    model = Ending(2, lambda s: ag.softmax(s, axis=1)[:, 1])
    np.testing.assert_array_equal(nn.predict_proba(model, X), nn.predict(model, X))


@pytest.mark.parametrize(
    "end", [lambda s: 2.0 * ag.sigmoid(s), lambda s: np.concatenate([ag.sigmoid(s), s], axis=1)]
)
def test_what_is_more_than_moved_is_a_logit_again(end):
    model = Ending(1, end)
    assert not np.array_equal(nn.predict_proba(model, X), nn.predict(model, X))


def test_the_head_can_be_told():
    model = Ending(1, ag.sigmoid)
    p = nn.predict(model, X)
    logistic = 1 / (1 + np.exp(-p.astype(float)))
    np.testing.assert_allclose(nn.predict_proba(model, X, head="logits"), logistic, rtol=1e-6)
    scores = Ending(3, lambda s: s)
    raw = nn.predict(scores, X)
    np.testing.assert_array_equal(nn.predict_proba(scores, X, head="probabilities"), raw)
    np.testing.assert_allclose(
        nn.predict_proba(scores, X, multilabel=True), 1 / (1 + np.exp(-raw)), rtol=1e-6
    )
    for call in (nn.predict_proba, nn.predict_classes):
        with pytest.raises(nn.UnknownNameError, match="did you mean 'logits'"):
            call(model, X, head="logit")
    with pytest.raises(nn.UnknownNameError, match="'probabilities'"):
        nn.evaluate(model, X, YES, metrics=["accuracy"], head="probability")


def test_a_model_that_leaves_the_graph_is_taken_for_logits_without_a_warning():
    class Leaving(nn.Module):
        def __init__(self):
            self.linear = nn.Linear(3, 1, rng=0)

        def forward(self, x):
            out = self.linear(x)
            return ag.Tensor(1.0 / (1.0 + np.exp(-np.array([float(v) for v in out[:, 0]]))))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        p = nn.predict_proba(Leaving(), X, head="probabilities")
    assert ((p > 0) & (p < 1)).all()


def test_predicted_classes():
    scores = Ending(3, lambda s: s)
    raw = nn.predict(scores, X)
    np.testing.assert_array_equal(nn.predict_classes(scores, X), raw.argmax(axis=1))
    np.testing.assert_array_equal(nn.predict_classes(scores, X, multilabel=True), raw > 0)
    one = Ending(1, lambda s: s)
    yes = nn.predict_classes(one, X)
    assert yes.shape == (80,)
    np.testing.assert_array_equal(yes, nn.predict(one, X)[:, 0] > 0)
    sure = nn.predict_classes(one, X, threshold=0.9)
    np.testing.assert_array_equal(sure, nn.predict_proba(one, X)[:, 0] > 0.9)
    with pytest.raises(ValueError, match="threshold"):
        nn.predict_classes(one, X, threshold=2.0)


def test_predicted_classes_are_the_labels_that_were_learnt():
    names = np.array(["no", "yes"])[YES]
    for outputs, loss in ((2, "cross_entropy"), (1, "binary_cross_entropy")):
        model = nn.Linear(3, outputs, rng=0)
        nn.fit(model, X, names, loss=loss, optimizer=optim.Adam(lr=0.1), epochs=40, rng=0)
        assert (nn.predict_classes(model, X) == names).mean() > 0.9


# ---- metrics


def accuracy_of(model, y, loss, **options):
    """Of a fit without a step to speak of, in training and in validation, and of `evaluate`."""
    history = nn.fit(
        model, X, y, loss=loss, optimizer=optim.SGD(lr=1e-12), metrics=["accuracy"], rng=0,
        validation_data=(X, y), **options,
    ).history  # fmt: skip
    found = nn.evaluate(model, X, y, loss=loss, metrics=["accuracy"], **options)["accuracy"]
    assert history["val_accuracy"] == [found]
    assert history["accuracy"] == [pytest.approx(found)]
    return found


def knowing(outputs, end):
    """A model that is right about which features are above 0.3, or the first one above 0."""
    model = Ending(outputs, end)
    if outputs == 1:
        model.linear.weight.data, model.linear.bias.data = [[4.0], [0.0], [0.0]], [0.0]
    else:
        model.linear.weight.data, model.linear.bias.data = 4.0 * np.eye(3), np.full(3, -1.2)
    return model


def right():
    return float(((X[:, 0] > 0) == YES).mean())


@pytest.mark.parametrize("loss", ["mse", "half_sse", "l1"])
def test_half_is_the_threshold_of_a_sigmoid(loss):
    """As of the delta rule's network in the lecture."""
    model = knowing(1, ag.sigmoid)
    assert accuracy_of(model, YES, loss) == pytest.approx(right())
    assert accuracy_of(model, YES, loss, head="logits") == pytest.approx(YES.mean())
    assert nn.evaluate(model, X, YES, metrics=["accuracy"])["accuracy"] == pytest.approx(right())


def test_what_is_fitted_to_0_and_1_is_cut_in_the_middle_and_to_signs_at_0():
    straight = knowing(1, lambda s: 0.1 * s + 0.5)
    assert accuracy_of(straight, YES, "mse") == pytest.approx(right())
    signs = knowing(1, np.tanh)
    assert accuracy_of(signs, 2 * YES - 1, "mse") == pytest.approx(right())
    assert accuracy_of(signs, 2 * YES - 1, "hinge") == pytest.approx(right())


def test_logits_are_cut_at_0():
    assert accuracy_of(knowing(1, lambda s: s), YES, "binary_cross_entropy") == right()


@pytest.mark.parametrize(
    ("outputs", "y"),
    [
        (1, 3.0 * X[:, 0]), (1, np.arange(len(X)) % 5), (2, X[:, :2]), (2, X[:, :2].astype(float)),
        (1, 2 * YES), (1, YES - 0.5),
    ],
)  # fmt: skip
def test_numbers_are_no_classes(outputs, y):
    """A regression has no accuracy: the argmax of numbers, or a threshold, says nothing."""
    model = nn.Linear(3, outputs, rng=0)
    state = model.state_dict()
    for metric in ("accuracy", "f1", "roc_auc"):
        with pytest.raises(nn.OptionError, match=f"{metric} is of classes, and the targets are"):
            nn.fit(model, X, y, loss="mse", optimizer=optim.SGD(lr=0.1), metrics=[metric])
        with pytest.raises(nn.OptionError, match="such as r2 or mae"):
            nn.evaluate(model, X, y, metrics=[metric])
    np.testing.assert_equal(model.state_dict(), state)
    assert set(nn.evaluate(model, X, y, metrics=["r2", "mae"])) == {"r2", "mae"}


def test_each_of_several_labels_is_cut():
    for model, loss in (
        (knowing(3, lambda s: s), "binary_cross_entropy"),
        (knowing(3, ag.sigmoid), "mse"),
    ):
        assert accuracy_of(model, LABELS, loss) == 1.0
        one_hot = np.eye(3, dtype=int)[X.argmax(axis=1)]
        rows = nn.evaluate(model, X, one_hot, loss=loss, metrics=["accuracy"])["accuracy"]
        each = float((one_hot == LABELS).all(axis=1).mean())
        assert rows == (1.0 if loss == "mse" else each)


def test_ranks_are_of_probabilities_that_a_model_gives():
    y = X.argmax(axis=1)
    logits, probabilities = knowing(3, lambda s: s), knowing(3, lambda s: ag.softmax(s, axis=1))
    found = [
        nn.evaluate(model, X, y, metrics=["roc_auc", "average_precision"])
        for model in (logits, probabilities)
    ]
    assert found[0] == found[1]


def test_each_of_several_outputs_has_its_own():
    class Two(nn.Module):
        def __init__(self):
            self.a, self.b = knowing(1, ag.sigmoid), knowing(3, lambda s: s)

        def forward(self, x):
            return {"a": self.a(x), "b": self.b(x)}

    def measured(head=None):
        return nn.evaluate(
            Two(), X, {"a": YES, "b": LABELS}, loss={"a": "mse", "b": "binary_cross_entropy"},
            metrics={"a": ["accuracy"], "b": ["accuracy"]}, head=head,
        )  # fmt: skip

    assert measured()["a_accuracy"] == pytest.approx(right())
    assert measured()["b_accuracy"] == 1.0
    told = measured({"a": "logits"})
    assert told["a_accuracy"] == pytest.approx(YES.mean())
    assert told["b_accuracy"] == 1.0


def test_batches_that_come_one_by_one_decide_as_they_come():
    one_hot = np.eye(3, dtype=int)[X.argmax(axis=1)]
    batches = [(X[:40], one_hot[:40]), (X[40:], LABELS[40:])]
    model = knowing(3, lambda s: s)
    with pytest.raises(ValueError, match="multilabel=True"):
        nn.evaluate(model, batches, metrics=["accuracy"])
    asked = [nn.metrics.Accuracy(multilabel=True)]
    assert nn.evaluate(model, batches, metrics=asked)["accuracy"] > 0.5
