"""Calls that come often take a shorter way, which must lead to the same as the long one."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

TIMES = 8
"""Calls after which the shorter way is there."""


def often(f, *args):
    """A compiled function that was called with the same arguments again and again."""
    fast = ag.compile(f)
    for _ in range(TIMES):
        fast(*args)
    assert fast.cache_info() == (TIMES - 1, 1, 1)
    return fast


X = np.array([0.5, -1.0, 2.0])


@pytest.mark.parametrize(
    "other",
    [
        np.array([1.0, 2.0]), np.arange(6.0)[::2], np.arange(3), X.astype(np.float32), X[None],
        X.astype(X.dtype.newbyteorder()), 3.0, 3, True, Tensor([1.0, 2.0, 4.0]),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'shape', '')}",
)  # fmt: skip
def test_arguments_of_another_kind(other):
    def f(x):
        return np.sum(np.tanh(x) * 2.0)

    fast = often(f, X)
    expected = f(np.asarray(other.data if type(other) is Tensor else other))
    np.testing.assert_array_equal(fast(other), expected)
    assert fast(X) == f(X)


def test_an_array_that_was_given_another_shape_in_place():
    x = np.arange(6.0)
    fast = often(lambda x: np.sum(x, axis=0), x)
    x.shape = 2, 3
    np.testing.assert_array_equal(fast(x), [3.0, 5.0, 7.0])


def test_nests_of_arguments():
    def loss(parameters, x, how):
        (w, b), scale = parameters["layers"], parameters["scale"]
        return np.sum((x * w + b) * scale) + (1.0 if how == "one" else 2.0)

    layers = [np.array([1.0, 2.0, 3.0]), 0.5]
    nest = {"layers": layers, "scale": 2.0}
    fast = often(ag.value_and_grad(loss), nest, X, "one")
    for given in (
        (nest, X, "two"),
        ({"layers": tuple(layers), "scale": 3.0}, X, "one"),
        ({"scale": 3.0, "layers": layers}, X, "one"),
        (nest, X, "one"),
    ):
        value, gradient = fast(*given)
        expected, by_hand = ag.value_and_grad(loss)(*given)
        assert value == expected
        assert gradient.keys() == by_hand.keys()
        np.testing.assert_array_equal(gradient["layers"][0], by_hand["layers"][0])
    with pytest.raises(TypeError):
        fast(nest, X)


class Model:
    """What a function reads: an attribute, entries of a list, of a dict, of a set and a deque."""

    def __init__(self):
        self.rate, self.rates, self.named = 2.0, [1.0, 2.0], {"a": 1.0}
        self.chosen, self.queue = {1.0}, deque([1.0])

    def __call__(self, x):
        held = self.rate + sum(self.rates) + self.named["a"] + sum(self.chosen) + self.queue[0]
        return np.sum(x) * held


def set_attribute(model):
    model.rate = 5.0


def set_entry(model):
    model.rates[1] = 7.0


def grow(model):
    model.rates.append(3.0)


def set_key(model):
    model.named["a"] = -1.0


def add_member(model):
    model.chosen.add(9.0)


def rotate(model):
    model.queue[0] = 4.0


CHANGES = [set_attribute, set_entry, grow, set_key, add_member, rotate]


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
def test_settings_that_change(change):
    model = Model()
    fast = often(model, X)
    change(model)
    for _ in range(TIMES):
        assert fast(X) == model(X)
    assert fast.cache_info().misses == 2


def test_a_setting_that_is_an_equal_object_again_and_again():
    model = Model()
    fast = often(model, X)
    for _ in range(TIMES):
        model.rate = float("2.0")
        assert fast(X) == model(X)
    assert fast.cache_info().misses == 1
    del model.rate
    with pytest.raises(AttributeError):
        fast(X)


def test_a_function_that_changes_what_it_reads_is_still_replayed():
    rate = 1.0

    def f(x):
        return np.sum(x) * rate

    fast = often(f, X)
    rate = 2.0
    assert fast(X) == 2.0 * X.sum()
    rate = 1.0
    assert fast(X) == X.sum()
    assert fast.cache_info().misses == 2


def test_tensors_from_outside():
    w = Tensor([1.0, 2.0, 3.0])

    def f(x):
        return np.sum(w * x)

    fast = often(f, X)
    w.data = np.array([2.0, 2.0, 2.0])
    assert fast(X) == 2.0 * X.sum()
    w.data[0] = 4.0
    assert fast(X) == np.sum(w.data * X)
    fast.program.backward()
    np.testing.assert_array_equal(w.grad, X)
    w.requires_grad = False
    assert fast(X) == np.sum(w.data * X)
    assert fast.cache_info().misses == 2


@np.errstate(invalid="ignore")
def test_modes_are_looked_at():
    fast = often(lambda x: np.sum(np.log(x)), X)
    with ag.detect_anomaly(), pytest.raises(ag.AnomalyError):
        fast(X)
    assert fast.program is None
    x = Tensor(np.array([1.0, 2.0, 4.0]))
    (fast(x * 2.0) * 3.0).backward()
    np.testing.assert_array_equal(x.grad, 3.0 / x.data)
    outer = ag.compile(lambda x: fast(x) * 2.0)
    assert outer(x.data) == 2.0 * np.sum(np.log(x.data))


def test_forgotten_programs_are_recorded_again():
    fast = often(np.sum, X)
    fast.cache_clear()
    assert fast.program is None
    assert fast(X) == X.sum()
    assert fast.cache_info().misses == 2


def test_threads_that_call_one_function():
    fast = often(lambda x: np.sum(np.tanh(x)), X)
    others, wrong = [X, X[:2], X.astype(np.float32)], []

    def call(x):
        expected = np.sum(np.tanh(x))
        wrong.extend(x for _ in range(200) if fast(x) != expected)

    threads = [threading.Thread(target=call, args=(x,)) for x in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
