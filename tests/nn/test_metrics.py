"""Metrics: their definitions, and averages that do not depend on the batches."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor
from nn import metrics

RNG = np.random.default_rng(0)
N, C = 60, 7
LOGITS = RNG.normal(size=(N, C))
CLASSES = RNG.integers(C, size=N)
NUMBERS = LOGITS + 0.3 * RNG.normal(size=(N, C))
TARGETS = {
    **dict.fromkeys(
        (
            "accuracy",
            "top_k",
            "confusion_matrix",
            "precision",
            "recall",
            "f1",
            "roc_auc",
            "average_precision",
        ),
        CLASSES,
    ),
    **dict.fromkeys(("binary_accuracy", "subset_accuracy"), (NUMBERS > 0) + 0),
    **dict.fromkeys(("mae", "mse", "rmse", "mape", "r2"), NUMBERS),
}


def test_accuracy_is_the_share_that_is_right():
    assert metrics.accuracy(LOGITS, CLASSES) == np.mean(LOGITS.argmax(axis=1) == CLASSES)
    assert metrics.accuracy(LOGITS, np.eye(C)[CLASSES]) == metrics.accuracy(LOGITS, CLASSES)
    assert metrics.accuracy(LOGITS, CLASSES[:, None]) == metrics.accuracy(LOGITS, CLASSES)


@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("signs", [False, True])
def test_one_output_says_yes_above_its_threshold(column, signs):
    logits = np.array([-2.0, 3.0, 0.1, -0.1])
    target = np.array([0, 1, 0, 0])
    if column:
        logits = logits[:, None]
    if signs:
        target = 2 * target - 1
    assert metrics.accuracy(logits, target) == 0.75
    assert metrics.accuracy(1 / (1 + np.exp(-logits)), target, threshold=0.5) == 0.75


@pytest.mark.parametrize("k", [1, 2, 5, 7])
def test_top_k_looks_at_the_k_largest(k):
    largest = np.argsort(-LOGITS, axis=1, kind="stable")[:, :k]
    wanted = np.mean([label in row for label, row in zip(CLASSES, largest, strict=True)])
    assert metrics.top_k(LOGITS, CLASSES, k=k) == wanted


def test_outputs_that_tie_are_ranked_in_their_order():
    same = np.zeros((N, C))
    assert metrics.top_k(same, CLASSES, k=1) == metrics.accuracy(same, CLASSES)
    assert metrics.top_k(same, CLASSES, k=3) == np.mean(CLASSES < 3)


def test_confusion_counts_each_pair():
    wanted = np.zeros((C, C), int)
    for row, label in zip(LOGITS, CLASSES, strict=True):
        wanted[label, row.argmax()] += 1
    np.testing.assert_array_equal(metrics.confusion_matrix(LOGITS, CLASSES), wanted)
    assert np.trace(wanted) / N == metrics.accuracy(LOGITS, CLASSES)


def test_numbers_are_measured_by_the_textbook():
    assert metrics.mae(LOGITS, NUMBERS) == pytest.approx(np.abs(LOGITS - NUMBERS).mean(), rel=1e-14)
    unexplained = ((LOGITS - NUMBERS) ** 2).sum(axis=0) / N / NUMBERS.var(axis=0)
    assert metrics.r2(LOGITS, NUMBERS) == pytest.approx(1 - unexplained.mean(), rel=1e-12)
    column, row = LOGITS[:, :1], NUMBERS[:, 0]
    assert metrics.r2(column, row) == pytest.approx(1 - unexplained[0], rel=1e-12)


@pytest.mark.parametrize(("prediction", "wanted"), [([2.0, 2.0], 1.0), ([2.0, 3.0], 0.0)])
def test_r2_of_a_target_that_never_changes(prediction, wanted):
    assert metrics.r2(prediction, [2.0, 2.0]) == wanted


def test_r2_keeps_its_digits_far_from_zero():
    assert metrics.r2(LOGITS + 1e7, NUMBERS + 1e7) == pytest.approx(
        metrics.r2(LOGITS, NUMBERS), rel=1e-6
    )


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, N), max_size=5))
@pytest.mark.parametrize("name", TARGETS)
def test_batches_of_any_size_come_to_the_same(name, cuts):
    metric = metrics.get(name)
    edges = [0, *sorted(cuts), N]
    for start, stop in pairwise(edges):
        metric.update(LOGITS[start:stop], TARGETS[name][start:stop])
    whole = metrics.get(name)(LOGITS, TARGETS[name])
    np.testing.assert_allclose(metric.result(), whole, rtol=1e-12)
    metric.reset()
    metric.update(LOGITS[:3], TARGETS[name][:3])
    np.testing.assert_allclose(
        metric.result(), metrics.get(name)(LOGITS[:3], TARGETS[name][:3]), rtol=1e-12
    )


@pytest.mark.parametrize("name", TARGETS)
def test_functions_are_the_objects_called_once(name):
    function = getattr(metrics, name)
    np.testing.assert_array_equal(
        function(Tensor(LOGITS), TARGETS[name]), metrics.get(name)(LOGITS, TARGETS[name])
    )
    assert metrics.get(function).name == name


@pytest.mark.parametrize("name", sorted(set(TARGETS) - {"confusion_matrix"}))
def test_without_samples_there_is_no_number(name):
    assert np.isnan(metrics.get(name).result())


def test_every_metric_is_among_them():
    assert TARGETS.keys() == metrics.TABLE.keys()
    better = {name: metrics.get(name).higher_is_better for name in TARGETS}
    assert better.pop("confusion_matrix") is None
    assert {name for name, more in better.items() if not more} == {"mae", "mse", "rmse", "mape"}


def test_labels_are_told_from_classes_by_their_rows():
    scores = np.array([[2.0, 1.0, -1.0], [2.0, -1.0, -1.0], [-1.0, 3.0, -2.0]])
    labels, classes = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1]]), np.eye(3)[[0, 0, 1]]
    assert metrics.accuracy(scores, labels) == metrics.subset_accuracy(scores, labels) == 2 / 3
    assert metrics.binary_accuracy(scores, labels) == 8 / 9
    assert metrics.accuracy(scores, 2 * labels - 1) == 2 / 3
    assert metrics.accuracy(scores, classes) == metrics.accuracy(scores, [0, 0, 1]) == 1.0
    assert metrics.accuracy(scores, 0.8 * classes + 0.2 / 3) == 1.0
    assert metrics.accuracy(scores, classes, multilabel=True) == 2 / 3
    assert metrics.accuracy(scores, labels, multilabel=False) == 1.0
    assert metrics.precision(scores, labels, average="micro") == 1.0
    one = metrics.Accuracy()
    one.update(scores, classes)
    with pytest.raises(ValueError, match="multilabel=True"):
        one.update(scores, labels)
    several = metrics.Accuracy()
    several.update(scores, labels)
    several.update(scores, classes)
    assert several.result() == 4 / 6


def test_probabilities_are_cut_in_the_middle():
    p = np.array([[0.9, 0.6], [0.4, 0.1]])
    labels = np.array([[1, 1], [1, 0]])
    for count, share in ((metrics.accuracy, 0.5), (metrics.binary_accuracy, 0.75)):
        assert count(p, labels, head="probabilities") == share
        assert count(p, labels, head="probabilities", threshold=0.3) == 1.0
    assert metrics.accuracy(p[:, 0], labels[:, 0], head="probabilities") == 0.5
    three = np.array([[0.2, 0.5, 0.3], [0.1, 0.6, 0.3], [0.5, 0.2, 0.3]])
    raw, soft = (metrics.RocAuc(head=head)(three, [0, 1, 2]) for head in ("probabilities", None))
    assert raw == np.mean([0.5, 1.0, 0.5])
    assert soft == metrics.roc_auc(ag.softmax(three, axis=1).data, [0, 1, 2], head="probabilities")


@pytest.mark.parametrize("name", ["accuracy", "top_k", "binary_accuracy", "subset_accuracy"])
def test_what_is_nan_is_never_right(name):
    broken, target = np.where(np.arange(N)[:, None] < 30, np.nan, LOGITS), TARGETS[name]
    metric = metrics.get(name)
    assert metric(broken[:30], target[:30]) == 0.0
    assert metric(broken, target) == pytest.approx(0.5 * metric(LOGITS[30:], target[30:]))
    assert metrics.accuracy([np.nan, 1.0], [0, 1]) == 0.5


@pytest.mark.parametrize(
    "name", ["confusion_matrix", "precision", "recall", "f1", "roc_auc", "average_precision"]
)
def test_where_nan_would_have_to_stand_for_a_class_it_is_refused(name):
    with pytest.raises(ValueError, match="7 of 420 outputs are nan"):
        metrics.get(name)(np.where(np.arange(N)[:, None] == 3, np.nan, LOGITS), CLASSES)


def test_a_function_of_one_s_own_counts_no_weights():
    with pytest.raises(ValueError, match="Metric with update"):
        metrics.Average(lambda p, t: 0.0, name="own")(LOGITS, CLASSES, np.ones(N))


def test_what_may_be_given_as_a_metric():
    counter = metrics.TopK(3)
    assert metrics.get(counter) is counter
    assert counter.name == metrics.get("top_3").name == "top_3"
    assert metrics.get("top_k").k == 5
    assert metrics.get(metrics.MAE).name == "mae"

    def worst(prediction, target):
        return np.abs(prediction - target).max()

    own = metrics.get(worst)
    assert own.name == "worst"
    own.update(np.array([1.0]), np.array([0.0]))
    own.update(np.array([1.0, 1.0, 1.0]), np.array([4.0, 1.0, 1.0]))
    assert own.result() == (1 * 1.0 + 3 * 3.0) / 4


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: metrics.get("acuracy"), LookupError, "did you mean 'accuracy'"),
        (lambda: metrics.get(3), TypeError, "received 3"),
        (lambda: metrics.accuracy(LOGITS, CLASSES[:3]), ValueError, r"60 class numbers.*\(3,\)"),
        (lambda: metrics.accuracy(LOGITS, CLASSES + 0.5), TypeError, "astype"),
        (lambda: metrics.accuracy(LOGITS[:, 0], CLASSES[:3]), ValueError, "60 targets"),
        (lambda: metrics.accuracy(np.zeros((2, 2, 2)), [0, 1]), ValueError, r"\(N, C\)"),
        (lambda: metrics.accuracy(LOGITS, CLASSES, threshold="a"), TypeError, "threshold"),
        (lambda: metrics.accuracy(LOGITS, CLASSES, head="logit"), LookupError, "'logits'"),
        (lambda: metrics.accuracy(LOGITS, CLASSES, multilabel=1), TypeError, "multilabel"),
        (lambda: metrics.accuracy(LOGITS, CLASSES, sample_weight=[1]), ValueError, r"\(60,\)"),
        (lambda: metrics.mae(LOGITS, NUMBERS, sample_weight=-np.ones(N)), ValueError, "negative"),
        (lambda: metrics.binary_accuracy(LOGITS, CLASSES), ValueError, "for each output"),
        (lambda: metrics.f1(LOGITS, CLASSES, average="binary"), ValueError, 'average="macro"'),
        (lambda: metrics.f1(LOGITS, CLASSES, average="mean"), LookupError, "macro"),
        (lambda: metrics.f1(LOGITS, CLASSES + 1), IndexError, "1 to 7"),
        (lambda: metrics.top_k(LOGITS, LOGITS > 0, k=2), ValueError, "several labels"),
        (lambda: metrics.confusion_matrix(LOGITS, LOGITS > 0), ValueError, "several labels"),
        (lambda: metrics.top_k(LOGITS, CLASSES, k=8), ValueError, "8 classes or more"),
        (lambda: metrics.top_k(LOGITS, CLASSES, k=0), ValueError, "1 or more"),
        (lambda: metrics.top_k(LOGITS, CLASSES + 1), IndexError, "1 to 7"),
        (lambda: metrics.confusion_matrix(LOGITS, CLASSES - 1), IndexError, "-1 to 5"),
        (lambda: metrics.mae(LOGITS, NUMBERS[0]), ValueError, r"\(60, 7\).*\(7,\)"),
        (lambda: metrics.r2(1.0, 2.0), ValueError, r"\(\)"),
    ],
)
def test_what_does_not_fit_is_refused(call, kind, words):
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, ag.AutogradError)


def test_a_matrix_counts_one_number_of_classes():
    metric = metrics.get("confusion_matrix")
    metric.update(LOGITS, CLASSES)
    with pytest.raises(ValueError, match="counted 7 classes and received 2"):
        metric.update(LOGITS[:, :2], CLASSES % 2)
    assert metric.result().sum() == N


def test_every_pixel_of_an_image_is_a_sample():
    rng = np.random.default_rng(8)
    images, classes = rng.normal(size=(2, 3, 4, 5)), rng.integers(3, size=(2, 4, 5))
    rows = np.moveaxis(images, 1, -1).reshape(-1, 3)
    one_hot = np.moveaxis(np.eye(3)[classes], -1, 1)
    for metric in (metrics.accuracy, metrics.confusion_matrix, metrics.TopK(2)):
        expected = metric(rows, classes.ravel())
        np.testing.assert_array_equal(metric(images, classes), expected)
        np.testing.assert_array_equal(metric(images, one_hot), expected)
    with pytest.raises(ag.ShapeError, match=r"\(N, C, \.\.\.\)"):
        metrics.accuracy(images, classes[:, 0])
