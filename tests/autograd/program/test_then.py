"""Programs that go on with the gradients of their first result."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import CompileError, Tensor
from autograd.extend import Compiled


def descending(weight, calls, rate=0.5):
    """A function of x·w whose program steps `weight` along its gradient, and returns that."""

    def then(loss, gradients):
        calls.append(list(gradients))
        gradient = gradients[weight]
        weight.data -= rate * gradient
        return [gradient]

    return Compiled(lambda x: np.sum(x * weight) ** 2, {}, then)


def test_gradients_are_updated_with_and_returned_at_each_run():
    weight, calls = Tensor([1.0, -2.0]), []
    array, step = weight.data, descending(weight, calls)
    for _ in range(3):
        x = np.array([1.0, 0.5])
        expected = 2.0 * np.sum(x * weight.data) * x
        before = weight.data.copy()
        value = step(x)
        assert value == np.sum(x * before) ** 2
        np.testing.assert_array_equal(step.more, [expected])
        np.testing.assert_array_equal(weight.data, before - 0.5 * expected)
    assert weight.data is array
    assert weight.grad is None
    assert calls == [[weight]], "it is recorded once"
    assert step.program.recording.seed is None


def test_the_memory_of_the_arrays_of_earlier_calls_is_read_anew():
    weight, x = Tensor([1.0, -2.0]), np.array([1.0, 0.5])
    step = descending(weight, [])
    for _ in range(8):
        step(x)
    x[:] = [0.25, 3.0]
    before = weight.data.copy()
    assert step(x) == np.sum(x * before) ** 2
    assert step.cache_info().misses == 1
    weight.data = np.array([[1.0, 2.0], [3.0, 4.0]])[:, 0]  # which lies otherwise in memory
    assert step(x) == np.sum(x * [1.0, 3.0]) ** 2
    assert step.cache_info().misses == 2


def test_what_raises_leaves_everything_as_it_was():
    weight = Tensor([1.0, -2.0])

    def then(loss, gradients):
        check(loss)
        weight.data -= gradients[weight]
        return []

    @ag.extend.replayed
    def check(loss):
        if loss > 10.0:
            raise ArithmeticError("too large")

    step = Compiled(lambda x: np.sum(x * weight) ** 2, {}, then)
    step(np.array([1.0, 0.25]))
    before = weight.data.copy()
    with pytest.raises(ArithmeticError, match="too large"):
        step(np.array([1.0, 100.0]))
    np.testing.assert_array_equal(weight.data, before)


def test_a_tensor_that_is_read_with_two_values_has_no_one_gradient():
    weight = Tensor([1.0, -2.0])

    def f(x):
        first = np.sum(x * weight)
        ag.assign(weight, [3.0, 4.0])
        return first * np.sum(x * weight)

    with pytest.raises(CompileError, match="two values"):
        Compiled(f, {}, lambda loss, gradients: [])(np.ones(2))


def test_rows_are_gathered_into_memory_that_is_there_already():
    """A step that reads its data by rows, which come as an argument."""
    data = Tensor(np.arange(12.0).reshape(4, 3), requires_grad=False)
    weight = Tensor(np.ones(3))

    def loss(rows):
        return np.sum(np.take(data.data, rows.data, axis=0, mode="clip") * weight)

    step = Compiled(loss, {}, lambda value, gradients: list(gradients.values()))
    for rows in ([0, 2], [3, 3], [-5, 9]):
        taken = np.take(data.data, rows, axis=0, mode="clip")
        assert step(np.array(rows)) == np.sum(taken)
        np.testing.assert_array_equal(step.more[0], taken.sum(axis=0))
    assert "take(i1, i0, axis=0, mode='clip', out=b" in step.program.source


def test_it_is_no_part_of_another_program():
    step = descending(Tensor([1.0, -2.0]), [])
    with pytest.raises(CompileError, match="taken apart"):
        ag.compile(lambda x: step(x))(np.ones(2))
    with ag.detect_anomaly(), pytest.raises(CompileError, match="taken apart"):
        step(np.ones(2))
