"""Losses given what does not fit: what is refused, what is warned of, and in which words."""

from __future__ import annotations

import functools
import warnings

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from nn import losses
from nn.losses import LogitsWarning

LOGITS = np.random.default_rng(0).normal(size=(5, 4))
CLASSES = np.array([0, 1, 2, 3, 1])
ROWS = np.eye(4)[CLASSES]
WEIGHTS = np.ones(5)

cross_entropy = functools.partial(losses.cross_entropy, LOGITS)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: cross_entropy([0, 1]), ValueError, r"\(2,\)"),
        (lambda: cross_entropy([0, 1, 2, 3, 4]), IndexError, "0 to 3.*0 to 4"),
        (lambda: cross_entropy([0, 1, 2, 3, -1]), IndexError, "-1"),
        (lambda: cross_entropy([0.0, 1.0, 2.0, 3.0, 1.0]), TypeError, "astype"),
        (lambda: cross_entropy([True] * 5), TypeError, "astype"),
        (lambda: cross_entropy(np.zeros((5, 3))), ValueError, r"\(5, 3\)"),
        (lambda: cross_entropy(3), ValueError, r"shape \(\)"),
        (lambda: losses.hinge([1.0], [1.0], margin=0.0), ValueError, "margin must be above 0"),
        (lambda: losses.multiclass_hinge(LOGITS, CLASSES, margin=-1), ValueError, "above 0"),
        (lambda: losses.multiclass_hinge(LOGITS, CLASSES, margin="1"), TypeError, "margin"),
        (lambda: cross_entropy("cat"), TypeError, "'cat'"),
        (lambda: cross_entropy(CLASSES, reduction="avg"), ValueError, "mean, none, sum"),
        (lambda: cross_entropy(CLASSES, reduction="main"), ValueError, "did you mean 'mean'"),
        (lambda: cross_entropy(CLASSES, label_smoothing=1.5), ValueError, "at most 1"),
        (lambda: cross_entropy(CLASSES, label_smoothing="a"), TypeError, "must be a number"),
        (lambda: cross_entropy(CLASSES, class_weight=[1.0]), ValueError, r"\(4,\).*\(1,\)"),
        (lambda: cross_entropy(CLASSES, class_weight=[1, 1, 1, -1]), ValueError, "-1"),
        (lambda: cross_entropy(CLASSES, sample_weight=[1.0]), ValueError, r"\(5,\).*\(1,\)"),
        (lambda: cross_entropy(CLASSES, sample_weight=-WEIGHTS), ValueError, "not negative"),
        (lambda: cross_entropy(CLASSES, sample_weight=np.nan * WEIGHTS), ValueError, "nan"),
        (lambda: cross_entropy(CLASSES, sample_weight=Tensor(WEIGHTS)), TypeError, "detach"),
        (lambda: cross_entropy(CLASSES, ignore_index=1.0), TypeError, "class number"),
        (lambda: cross_entropy(ROWS, ignore_index=1), ValueError, "sample_weight of 0"),
        (lambda: cross_entropy(CLASSES - 1, ignore_index=-2), IndexError, "-1"),
        (lambda: losses.cross_entropy([1.0, 2.0], [0]), ValueError, r"\(N, C\)"),
        (lambda: losses.cross_entropy(LOGITS[:0], []), ValueError, r"\(N, C\)"),
        (lambda: losses.multiclass_hinge(LOGITS, [0, 1, 2, 3, 4]), IndexError, "0 to 4"),
        (lambda: losses.multiclass_hinge(LOGITS, ROWS), ValueError, "5 class numbers"),
        (lambda: losses.kl_divergence(LOGITS, CLASSES), ValueError, r"\(5, 4\)"),
        (lambda: losses.kl_divergence(LOGITS, 2 * ROWS), ValueError, "sum to 1"),
        (lambda: losses.mse(LOGITS, CLASSES), ValueError, r"one_hot\(target, 4\)"),
        (lambda: losses.mse(LOGITS, LOGITS.ravel()), ValueError, r"reshape\(\(5, 4\)\)"),
        (lambda: losses.mse(LOGITS, LOGITS[:1]), ValueError, r"\(1, 4\)"),
        (lambda: losses.mse(LOGITS, 1.0), ValueError, "broadcasts nothing"),
        (lambda: losses.mse(LOGITS[:0], LOGITS[:0]), ValueError, "1 or more"),
        (lambda: losses.mse(1.0, 2.0, sample_weight=[1.0]), ValueError, "sample_weight"),
        (lambda: losses.huber(LOGITS, LOGITS, delta=0.0), ValueError, "above 0"),
        (lambda: losses.hinge(LOGITS, ROWS), ValueError, r"write 2 \* target - 1"),
        (lambda: losses.hinge(LOGITS, 3 * ROWS), ValueError, "-1 and 1"),
        (lambda: losses.hinge(LOGITS, np.nan * ROWS), ValueError, "-1 and 1"),
        (lambda: losses.binary_cross_entropy(LOGITS, 2 * ROWS - 1), ValueError, r"\+ 1\) / 2"),
        (lambda: losses.binary_cross_entropy(LOGITS, np.nan * ROWS), ValueError, "nan"),
        (lambda: losses.binary_cross_entropy(0.5, 2), ValueError, "0 to 1"),
        (lambda: losses.cross_entropy(LOGITS[:, :1], 0 * CLASSES), ValueError, "binary_cross_en"),
        (
            lambda: losses.cross_entropy(np.zeros((2, 1, 3, 3)), np.zeros((2, 3, 3), int)),
            ValueError,
            r"one output, of shape \(2, 1, 3, 3\): write binary_cross_entropy",
        ),
        (lambda: losses.kl_divergence(LOGITS[:, :1], np.ones((5, 1))), ValueError, "binary_cross"),
        (lambda: losses.multiclass_hinge(LOGITS[:, :1], 0 * CLASSES), ValueError, "write hinge"),
        (lambda: losses.focal(LOGITS[:, :1], 0 * CLASSES), ValueError, "write binary_focal"),
        (lambda: losses.focal(LOGITS, CLASSES, gamma=-1.0), ValueError, "gamma"),
        (lambda: losses.focal(LOGITS, CLASSES, alpha=[0.5]), ValueError, r"\(4,\).*\(1,\)"),
        (lambda: losses.focal(LOGITS, CLASSES, alpha=-np.ones(4)), ValueError, "not negative"),
        (lambda: losses.binary_focal(LOGITS, 0.5 * ROWS), ValueError, "0 and 1"),
        (lambda: losses.binary_focal(LOGITS, ROWS, alpha=2.0), ValueError, "alpha"),
        (lambda: losses.get("cross_entrpy"), LookupError, "did you mean 'cross_entropy'"),
        (lambda: losses.get(None), TypeError, "None"),
    ],
)
def test_what_does_not_fit_is_refused(call, kind, words):
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, ag.AutogradError)


@pytest.mark.parametrize("gate", ["sigmoid", "softmax"])
@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("cross_entropy", CLASSES),
        ("cross_entropy", ROWS),
        ("kl_divergence", ROWS),
        ("multiclass_hinge", CLASSES),
        ("binary_cross_entropy", ROWS),
        ("hinge", 2 * ROWS - 1),
    ],
)
def test_probabilities_where_logits_are_wanted_are_warned_of(gate, name, target):
    probability = getattr(ag, gate)(Tensor(LOGITS))
    with pytest.warns(LogitsWarning, match=f"{name} takes logits.*Leave the {gate} out") as record:
        losses.get(name)(probability, target)
    assert record[0].filename == __file__


def test_it_is_seen_through_changes_of_shape():
    flat = Tensor(LOGITS[:, :1]).sigmoid().reshape(5)
    with pytest.warns(LogitsWarning):
        losses.binary_cross_entropy(flat, CLASSES % 2)
    with pytest.warns(LogitsWarning):
        losses.binary_cross_entropy(np.squeeze(Tensor(LOGITS[:, :1]).sigmoid()), CLASSES % 2)


def test_python_shows_it_once_for_a_line():
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("default")
        for _ in range(3):
            losses.cross_entropy(ag.softmax(Tensor(LOGITS)), CLASSES)
    assert len(shown) == 1


@pytest.mark.parametrize(
    "prediction",
    [
        ag.softmax(LOGITS).data,  # numbers that look like it
        Tensor(ag.softmax(LOGITS).data),
        ag.log_softmax(Tensor(LOGITS)),  # a logit, if a roundabout one
        2.0 * Tensor(LOGITS).sigmoid(),
        Tensor(LOGITS).reshape(5, 4),
    ],
)
def test_it_is_never_guessed_from_values(prediction):
    """Every warning is an error here."""
    losses.cross_entropy(prediction, CLASSES)


def test_squared_errors_of_a_sigmoid_are_the_lectures_own():
    losses.half_sse(Tensor(LOGITS).sigmoid(), ROWS)
    losses.mse(Tensor(LOGITS).sigmoid(), ROWS)
