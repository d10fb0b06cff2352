"""Losses in compiled programs: other batches, the same numbers, the same complaints."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import autograd as ag
from nn import losses

N, C = 5, 4
CLASS_WEIGHTS = np.array([1.0, 0.5, 2.0, 0.7])
CASES = {
    "mse": {}, "half_sse": {}, "l1": {}, "huber": {"delta": 0.8}, "binary_cross_entropy": {},
    "hinge": {}, "multiclass_hinge": {}, "kl_divergence": {}, "cross_entropy": {},
    "cross_entropy, smoothing": {"label_smoothing": 0.2},
    "cross_entropy, weighted": {"class_weight": CLASS_WEIGHTS, "ignore_index": 2},
}  # fmt: skip


def batch(name, seed):
    """Logits, targets as the loss wants them, and weights."""
    rng = np.random.default_rng(seed)
    target = {
        "cross_entropy": rng.integers(C, size=N),
        "multiclass_hinge": rng.integers(C, size=N),
        "kl_divergence": rng.dirichlet(np.ones(C), size=N),
        "binary_cross_entropy": rng.integers(2, size=(N, C)).astype(float),
        "hinge": 2.0 * rng.integers(2, size=(N, C)) - 1.0,
    }
    name = name.split(",")[0]
    return rng.normal(size=(N, C)), target.get(name, rng.normal(size=(N, C))), rng.random(N)


def value_and_slope(name, reduction, weighted):
    loss = functools.partial(losses.get(name.split(",")[0]), reduction=reduction, **CASES[name])

    def total(logits, target, weight):
        return ag.sum(loss(logits, target, sample_weight=weight if weighted else None))

    return ag.value_and_grad(total)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
def test_one_program_serves_every_batch(case, reduction, weighted):
    eager = value_and_slope(case, reduction, weighted)
    compiled = ag.compile(eager)
    for seed in range(3):
        operands = batch(case, seed)
        for got, wanted in zip(compiled(*operands), eager(*operands), strict=True):
            np.testing.assert_allclose(got, wanted, rtol=1e-13, atol=1e-16)
    assert compiled.cache_info().misses == 1


@pytest.mark.parametrize(
    ("case", "wrong", "words"),
    [
        ("cross_entropy", np.array([0, 1, 2, 3, 4]), "0 to 3"),
        ("cross_entropy, smoothing", np.array([0, 1, 2, 3, -1]), "-1"),
        ("multiclass_hinge", np.array([0, 1, 2, 3, 4]), "0 to 3"),
        ("binary_cross_entropy", np.full((N, C), 2.0), "0 to 1"),
        ("hinge", np.zeros((N, C)), "-1 and 1"),
        ("kl_divergence", np.ones((N, C)), "sum to 1"),
    ],
)
def test_a_program_looks_at_each_batchs_targets(case, wrong, words):
    compiled = ag.compile(value_and_slope(case, "mean", False))
    logits, target, weight = batch(case, 0)
    first = compiled(logits, target, weight)
    with pytest.raises(ValueError, match=words):
        compiled(logits, wrong, weight)
    np.testing.assert_array_equal(compiled(logits, target, weight)[1], first[1])


def test_and_at_its_weights():
    compiled = ag.compile(value_and_slope("mse", "mean", True))
    logits, target, weight = batch("mse", 0)
    compiled(logits, target, weight)
    with pytest.raises(ValueError, match="not negative"):
        compiled(logits, target, -weight)
    value, slope = compiled(logits, target, np.zeros(N))
    assert value == 0.0 and not slope.any()
