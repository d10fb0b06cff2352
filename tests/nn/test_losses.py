"""Losses against closed forms and differences, at extremes, and on bad input."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from nn.losses import cross_entropy

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(5, 4))
CLASSES = RNG.integers(4, size=5)
SOFT = RNG.dirichlet(np.ones(4), size=5)


def by_definition(logits, weights):
    """mean of −Σ w ln softmax(x), written as the textbook writes it."""
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return -(weights * np.log(p)).sum() / len(logits)


@pytest.mark.parametrize("target", [CLASSES, np.eye(4)[CLASSES], SOFT, 2.5 * SOFT])
def test_cross_entropy_is_the_textbooks(target):
    weights = np.eye(4)[target] if target.ndim == 1 else target
    loss = cross_entropy(Tensor(LOGITS), target)
    assert loss.item() == pytest.approx(by_definition(LOGITS, weights), rel=1e-14)


@pytest.mark.parametrize("target", [CLASSES, SOFT, 2.5 * SOFT])
def test_its_derivatives_are_those_of_differences_to_second_order(target):
    assert ag.gradcheck(lambda x: cross_entropy(x, target), LOGITS, order=2)


def test_its_gradient_is_probability_minus_target():
    logits = Tensor(LOGITS)
    cross_entropy(logits, CLASSES).backward()
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(logits.grad, (p - np.eye(4)[CLASSES]) / 5, rtol=1e-13)


def test_it_neither_overflows_nor_saturates():
    logits = Tensor([[1000.0, -1000.0], [1000.0, -1000.0]])
    loss = cross_entropy(logits, np.array([0, 1]))
    loss.backward()
    assert loss.item() == 1000.0
    np.testing.assert_array_equal(logits.grad, [[0.0, 0.0], [0.5, -0.5]])


def test_a_second_backward_doubles_exactly():
    """What forward saved is not used up by the first one."""
    logits = Tensor(LOGITS)
    loss = cross_entropy(logits, CLASSES)
    loss.backward()
    once = logits.grad.copy()
    loss.backward()
    np.testing.assert_array_equal(logits.grad, 2.0 * once)


def test_float32_stays_float32():
    logits = Tensor(LOGITS.astype(np.float32))
    loss = cross_entropy(logits, CLASSES)
    loss.backward()
    assert loss.dtype == logits.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("target", "kind", "words"),
    [
        (np.array([0, 1]), ag.ShapeError, r"\(2,\)"),
        (np.array([0, 1, 2, 3, 4]), ag.OutOfRangeError, "0 to 3"),
        (np.array([0, 1, 2, 3, -1]), ag.OutOfRangeError, "-1"),
        (np.array([0.0, 1.0, 2.0, 3.0, 1.0]), ag.DataError, "astype"),
        (np.zeros((5, 3)), ag.ShapeError, r"\(5, 3\)"),
    ],
)
def test_a_target_that_does_not_fit_is_refused(target, kind, words):
    with pytest.raises(kind, match=words):
        cross_entropy(Tensor(LOGITS), target)


def test_logits_that_are_not_rows_are_refused():
    with pytest.raises(ag.ShapeError, match=r"\(N, C\)"):
        cross_entropy(Tensor([1.0, 2.0]), np.array([0]))
