"""Copies side by side: fewer calls, and the bits of eager."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag


def rosenbrock(x):
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def calls(fast):
    return len(fast.program.recording.instructions)


def same(found, expected):
    assert found.dtype == expected.dtype
    assert found.flags.c_contiguous == expected.flags.c_contiguous
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


@pytest.mark.parametrize("n", [6, 7, 40])
def test_a_hessian_takes_as_many_calls_for_any_number_of_columns(n):
    fast = ag.compile(ag.hessian(rosenbrock))
    x = np.linspace(-1.2, 1.0, n)
    same(fast(x), ag.hessian(rosenbrock)(x))
    same(fast(0.5 * x), ag.hessian(rosenbrock)(0.5 * x))
    assert calls(fast) < 25


STEPS = [
    np.tanh, np.exp, np.sin, np.square, lambda x: x[1:] * x[:-1], lambda x: x[::-1] - 0.5 * x,
    lambda x: np.where(x > 0.1, x, x * x), lambda x: np.maximum(x, 0.3), lambda x: x * np.sum(x),
    lambda x: np.reshape(x, (-1, 1))[:, 0] ** 3, lambda x: np.cumsum(x) * 0.1,
    lambda x: x - np.max(x), lambda x: x[..., None] * x,
    lambda x: np.concatenate([x, x * 2.0]), lambda x: x.astype(np.float32) * x[0],
    lambda x: x / (1.0 + x * x), lambda x: np.broadcast_to(x, (2, *x.shape))[1],
]  # fmt: skip


@settings(max_examples=15)
@given(
    st.lists(st.sampled_from(STEPS[:-5]), max_size=4), st.sampled_from(STEPS),
    st.integers(5, 9), st.sampled_from([np.float64, np.float32]),
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_is_stacked_has_the_bits_of_eager(steps, last, size, dtype):
    def f(x):
        for step in (*steps, last):
            x = step(x) if x.shape[0] > 2 else x
        return x

    x = np.random.default_rng(size).normal(size=size).astype(dtype)
    rows = np.random.default_rng(0).normal(size=(size, 7)).astype(dtype)
    for transformed, point in (
        (ag.jacobian(f, mode="forward"), x),
        (ag.jacobian(f, mode="reverse"), x),
        (ag.vmap(f), rows),
        (ag.vmap(ag.grad(lambda x: np.sum(f(x)))), rows),
        (ag.vmap(lambda x: np.sum(f(x)), in_axes=1), rows),
    ):
        fast = ag.compile(transformed)
        for _ in range(2):
            same(fast(point), transformed(point))


def test_a_function_of_one_example_is_called_once_for_all():
    def distance(w, x):
        return np.sum(np.tanh(x - w) ** 2)

    per_example = ag.vmap(ag.grad(distance), in_axes=(None, 0))
    w, X = np.linspace(0.0, 1.0, 3), np.random.default_rng(0).normal(size=(50, 3))
    fast = ag.compile(per_example)
    same(fast(w, X), per_example(w, X))
    assert calls(fast) < 12


def test_a_copy_unlike_the_others_is_computed_too():
    def f(x):
        parts = [np.tanh(row) * 2.0 for row in x]
        parts[3] = np.exp(x[3])
        return np.stack(parts)

    x = np.random.default_rng(0).normal(size=(8, 3))
    same(ag.compile(f)(x), f(ag.Tensor(x)).data)


def test_copies_that_are_large_are_left_as_they_are():
    def f(x):
        return np.stack([np.tanh(row) * 2.0 for row in x])

    x = np.ones((8, 200_000))
    fast = ag.compile(f)
    same(fast(x), f(ag.Tensor(x)).data)
    assert calls(fast) > 16


def test_what_was_assigned_meanwhile_is_not_mixed_up():
    state = ag.Tensor(np.zeros(3))

    def f(x):
        rows = [np.tanh(row) * state for row in x]
        ag.assign(state, state + 1.0)
        return np.stack([*rows, x[0] * state])

    x = np.random.default_rng(0).normal(size=(6, 3))
    fast = ag.compile(f)
    fast(x)
    found = fast(x)
    same(found, np.stack([*np.tanh(x) * 1.0, x[0] * 2.0]))
