"""Gradients within bounds: by value, by their common norm, and as options of an optimiser."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograd import AutogradError, Tensor
from nn import optim

LARGE = float(np.float32(1e30))
GRADIENTS = st.lists(
    st.one_of(
        st.floats(-1e30, 1e30),
        arrays.arrays(np.float64, arrays.array_shapes(max_dims=2), elements=st.floats(-1e30, 1e30)),
        arrays.arrays(np.float32, 3, elements=st.floats(-LARGE, LARGE, width=32)),
    ),
    min_size=1,
    max_size=4,
)


def parameters(gradients):
    found = []
    for g in gradients:
        p = Tensor(0.0 if isinstance(g, float) else np.zeros_like(g))
        p.grad = g if isinstance(g, float) else g.copy()
        found.append(p)
    return found


def flat(gradients):
    return np.concatenate([np.ravel(np.asarray(g, np.float64)) for g in gradients])


@given(GRADIENTS, st.floats(1e-3, 1e3))
def test_the_common_norm_is_held_and_the_direction_kept(gradients, limit):
    members = parameters(gradients)
    before = flat(gradients)
    total = optim.clip_grad_norm(members, limit)
    assert total == pytest.approx(np.linalg.norm(before), rel=1e-5)
    after = flat([p.grad for p in members])
    factor = min(1.0, limit / (total + 1e-6))
    np.testing.assert_allclose(after, before * factor, rtol=1e-5, atol=1e-37)
    assert np.linalg.norm(after) <= limit * (1 + 1e-5)


@given(GRADIENTS, st.floats(1e-3, 1e3))
def test_values_are_held_one_by_one(gradients, limit):
    members = parameters(gradients)
    optim.clip_grad_value(members, limit)
    expected = [np.clip(g, -limit, limit) for g in gradients]
    np.testing.assert_array_equal(flat([p.grad for p in members]), flat(expected))
    assert [type(p.grad) for p in members] == [type(g) for g in gradients]


def test_squares_may_overflow_or_vanish_in_float32():
    for size in (1e30, 1e-30):
        p = Tensor(np.zeros(2, np.float32))
        p.grad = np.array([3.0 * size, 4.0 * size], np.float32)
        assert optim.clip_grad_norm([p], 1e38) == pytest.approx(5.0 * size, rel=1e-6)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_norm_that_is_not_finite_leaves_all_as_it_was(value):
    w, b = Tensor(np.zeros(2)), Tensor(0.0)
    w.grad, b.grad = np.array([1.0, value]), 100.0
    total = optim.clip_grad_norm([w, b], 1.0)
    assert not math.isfinite(total)
    np.testing.assert_array_equal(w.grad, [1.0, value])
    assert b.grad == 100.0


def test_clipping_a_nan_by_value_keeps_it():
    w, b = Tensor(np.zeros(2)), Tensor(0.0)
    w.grad, b.grad = np.array([5.0, math.nan]), math.nan
    optim.clip_grad_value([w, b], 1.0)
    assert w.grad[0] == 1.0
    assert math.isnan(w.grad[1])
    assert math.isnan(b.grad)


def test_parameters_without_a_gradient_are_passed_over():
    w, b = Tensor(0.0), Tensor(0.0)
    b.grad = 4.0
    assert optim.clip_grad_norm([w, b], 1.0) == 4.0
    optim.clip_grad_value([w, b], 0.5)
    assert (w.grad, b.grad) == (None, 0.5)
    assert optim.clip_grad_norm([w], 1.0) == 0.0


def test_an_optimiser_clips_before_it_steps():
    p = Tensor(np.zeros(2))
    optimizer = optim.SGD([p], lr=1.0, clip_norm=5.0, clip_value=40.0)
    p.grad = np.array([30.0, 400.0])
    optimizer.step()
    np.testing.assert_allclose(p.data, [-3.0, -4.0], rtol=1e-6)


@pytest.mark.parametrize("clip", [optim.clip_grad_norm, optim.clip_grad_value])
@pytest.mark.parametrize("limit", [0.0, -1.0, math.nan, "1"])
def test_a_limit_is_above_zero(clip, limit):
    with pytest.raises(AutogradError, match="must be"):
        clip([Tensor(0.0)], limit)
