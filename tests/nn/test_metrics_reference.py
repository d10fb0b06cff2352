"""Metrics against scikit-learn's, over all rows of any batches, with weights and without."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from nn import metrics

reference = pytest.importorskip("sklearn.metrics", reason="needs the extra digits")

SEEDS = st.integers(0, 2**32 - 1)
EXACT = {"rtol": 1e-12, "atol": 1e-12, "equal_nan": True}
WEIGHTED = pytest.mark.parametrize("weighted", [False, True])


def in_batches(metric, rng, prediction, target, weight):
    """What it comes to of the rows in a few batches, one of which may be empty."""
    edges = [0, *sorted(rng.integers(0, len(target) + 1, size=2)), len(target)]
    for start, stop in pairwise(edges):
        part = slice(start, stop)
        given_weight = () if weight is None else (weight[part],)
        metric.update(prediction[part], target[part], *given_weight)
    return metric.result()


def weights(rng, rows, weighted):
    """Some of them next to nothing."""
    return rng.random(rows) * (rng.random(rows) > 0.2) + 1e-3 if weighted else None


def agree(name, theirs, rng, prediction, target, weight, metric=None):
    metric = metric or metrics.get(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs warns where nothing is divided by nothing
        wanted = theirs(sample_weight=weight)
    got = in_batches(metric, rng, prediction, target, weight)
    np.testing.assert_allclose(got, wanted, **EXACT)


OF_YES_AND_NO = {
    "accuracy": reference.accuracy_score,
    "binary_accuracy": reference.accuracy_score,
    "subset_accuracy": reference.accuracy_score,
    "precision": reference.precision_score,
    "recall": reference.recall_score,
    "f1": reference.f1_score,
}


@WEIGHTED
@settings(max_examples=10)
@given(seed=SEEDS, rows=st.integers(2, 20))
def test_of_one_output(seed, rows, weighted):
    rng = np.random.default_rng(seed)
    scores, true = rng.normal(size=rows).round(1), rng.integers(2, size=rows)
    weight, said = weights(rng, rows, weighted), scores > 0
    shape = [(rows,), (rows, 1)][seed % 2]
    for name, theirs in OF_YES_AND_NO.items():
        agree(
            name, lambda f=theirs, **w: f(true, said, **w), rng, scores.reshape(shape), true, weight
        )
    agree(
        "confusion_matrix",
        lambda **w: reference.confusion_matrix(true, said, labels=[0, 1], **w),
        rng, scores, true, weight,
    )  # fmt: skip
    for name in ("roc_auc", "average_precision"):
        theirs = getattr(reference, f"{name}_score")
        agree(name, lambda f=theirs, **w: f(true, scores, **w), rng, scores, true, weight)


@pytest.mark.slow
@WEIGHTED
@settings(max_examples=10)
@given(seed=SEEDS, rows=st.integers(6, 25), classes=st.integers(2, 4))
def test_of_classes(seed, rows, classes, weighted):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(rows, classes)).round(1)
    true = rng.integers(classes, size=rows)
    true[:classes] = np.arange(classes)  # without one of them their ROC AUC is refused
    weight, said = weights(rng, rows, weighted), logits.argmax(axis=1)
    probabilities = ag.softmax(logits, axis=1).data
    numbers = np.arange(classes)
    target = true if seed % 2 else np.eye(classes)[true]

    def same(name, theirs, **options):
        agree(name, theirs, rng, logits, target, weight, **options)

    same("accuracy", lambda **w: reference.accuracy_score(true, said, **w))
    same(
        "confusion_matrix", lambda **w: reference.confusion_matrix(true, said, labels=numbers, **w)
    )
    for kind in (metrics.Precision, metrics.Recall, metrics.F1):
        theirs = getattr(reference, f"{kind.name}_score")
        average = "binary" if classes == 2 else "macro"
        same(kind.name, lambda f=theirs, a=average, **w: f(true, said, average=a, **w))
        for average in ("macro", "micro", "weighted"):
            same(
                kind.name,
                lambda f=theirs, a=average, **w: f(true, said, average=a, **w),
                metric=kind(average=average),
            )
        same(
            kind.name,
            lambda f=theirs, **w: f(true, said, average=None, labels=numbers, **w),
            metric=kind(average="none"),
        )
    if classes == 2:
        one = probabilities[:, 1]
        same("roc_auc", lambda **w: reference.roc_auc_score(true, one, **w))
        same("average_precision", lambda **w: reference.average_precision_score(true, one, **w))
        return
    same("roc_auc", lambda **w: reference.roc_auc_score(
        true, probabilities, multi_class="ovr", labels=numbers, **w
    ))  # fmt: skip
    same("average_precision", lambda **w: reference.average_precision_score(
        np.eye(classes)[true], probabilities, **w
    ))  # fmt: skip
    sure = logits + 1e-9 * np.arange(classes)[::-1]  # of ties the first one counts
    for k in range(1, classes):
        same(
            "top_k",
            lambda k=k, **w: reference.top_k_accuracy_score(true, sure, k=k, labels=numbers, **w),
            metric=metrics.TopK(k),
        )


@WEIGHTED
@settings(max_examples=10)
@given(seed=SEEDS, rows=st.integers(3, 20), labels=st.integers(2, 4))
def test_of_several_labels(seed, rows, labels, weighted):
    rng = np.random.default_rng(seed)
    scores, true = rng.normal(size=(rows, labels)).round(1), rng.integers(2, size=(rows, labels))
    true[:2] = [[0] * labels, [1] * labels]
    weight, said = weights(rng, rows, weighted), scores > 0
    signs = 2 * true - 1 if seed % 2 else true

    def same(name, theirs, **options):
        target = true if name.startswith("average") else signs
        kind = type(metrics.get(name))
        options = {"metric": kind(multilabel=True, **options)} if "accuracy" not in name else {}
        agree(name, theirs, rng, scores, target, weight, **options)

    agree("accuracy", lambda **w: reference.accuracy_score(true, said, **w), rng, scores, signs,
          weight, metric=metrics.Accuracy(multilabel=True))  # fmt: skip
    same("subset_accuracy", lambda **w: reference.accuracy_score(true, said, **w))
    same("binary_accuracy", lambda sample_weight: reference.accuracy_score(
        true.ravel(), said.ravel(),
        sample_weight=None if sample_weight is None else np.repeat(sample_weight, labels),
    ))  # fmt: skip
    for name in ("precision", "recall", "f1"):
        theirs = getattr(reference, f"{name}_score")
        same(name, lambda f=theirs, **w: f(true, said, average="macro", **w))
        for average in ("macro", "micro", "weighted"):
            same(
                name, lambda f=theirs, a=average, **w: f(true, said, average=a, **w),
                average=average,
            )  # fmt: skip
    same("roc_auc", lambda **w: reference.roc_auc_score(true, scores, average="macro", **w))
    same("average_precision", lambda **w: reference.average_precision_score(true, scores, **w))


@WEIGHTED
@settings(max_examples=20)
@given(seed=SEEDS, rows=st.integers(1, 20), outputs=st.integers(0, 3))
def test_of_numbers(seed, rows, outputs, weighted):
    rng = np.random.default_rng(seed)
    shape = (rows, outputs) if outputs else (rows,)
    target = rng.normal(size=shape) * (rng.random(shape) > 0.2)
    prediction, weight = target + rng.normal(size=shape), weights(rng, rows, weighted)
    for name, theirs in {
        "mae": reference.mean_absolute_error,
        "mse": reference.mean_squared_error,
        "rmse": reference.root_mean_squared_error,
        "r2": reference.r2_score,
    }.items():
        agree(
            name, lambda f=theirs, **w: f(target, prediction, **w), rng, prediction, target, weight
        )
    moved = np.where(target == 0.0, 0.5, target)  # else the size of what it comes to is 10¹⁵
    agree(
        "mape", lambda **w: reference.mean_absolute_percentage_error(moved, prediction, **w),
        rng, prediction, moved, weight,
    )  # fmt: skip


def test_a_percentage_of_nothing():
    np.testing.assert_allclose(
        metrics.mape([1.0, 2.0], [0.0, 2.0]),
        reference.mean_absolute_percentage_error([0.0, 2.0], [1.0, 2.0]),
        rtol=1e-15,
    )
