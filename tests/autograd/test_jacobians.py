"""Jacobians and Hessians: both modes, empty parts, and which arguments."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

MODES = [None, "reverse", "forward"]
EMPTY, FULL = np.zeros((0, 3)), np.ones((2, 3))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_gives_the_jacobian_in_closed_form(mode):
    a = np.random.default_rng(0).normal(size=(4, 3))
    x = np.array([0.3, -0.7, 1.1])
    found = ag.jacobian(lambda v: np.tanh(a @ v), mode=mode)(x)
    np.testing.assert_allclose(found, (1 - np.tanh(a @ x) ** 2)[:, None] * a, rtol=1e-13)


def test_the_modes_are_those_asked_for():
    """A row's zeros meet ∞ in reverse mode; in forward mode what stands still adds nothing."""
    x = np.array([0.0, 1.0])
    by_rows = ag.jacobian(np.sqrt, mode="reverse")(x)
    by_columns = ag.jacobian(np.sqrt, mode="forward")(x)
    np.testing.assert_array_equal(by_rows, [[np.inf, 0.0], [np.nan, 0.5]])
    np.testing.assert_array_equal(by_columns, [[np.inf, 0.0], [0.0, 0.5]])


@pytest.mark.parametrize("mode", ["sideways", "Forward", 1, True, ("forward",), np.ones(2)])
def test_another_mode_is_refused(mode):
    with pytest.raises(ag.DataError, match='"reverse" or "forward"'):
        ag.jacobian(np.sqrt, mode=mode)


def test_forward_mode_of_a_gate_without_a_rule_for_it_is_refused():
    cube = ag.gate(lambda a: a**3, vjp=lambda g, out, a: g * 3.0 * a * a, name="cube")
    with pytest.raises(ag.UnsupportedError, match="cube"):
        ag.jacobian(cube, mode="forward")(np.ones(2))
    np.testing.assert_array_equal(ag.jacobian(cube, mode="reverse")(np.ones(2)), 3 * np.eye(2))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda v: v * 2.0, EMPTY),
        (lambda v: v[:0] * 2.0, FULL),
        (lambda v: np.sum(v), EMPTY),
        (lambda v: np.ones(4), EMPTY),
        (lambda v: v * np.zeros(0), 2.0),
        (lambda v: v[..., :0], FULL.astype(np.float32)),
    ],
)
def test_empty_parts_have_empty_blocks(f, x, mode):
    out = ag.vjp(f, x)[0]
    block = ag.jacobian(f, mode=mode)(x)
    assert type(block) is np.ndarray
    assert block.shape == np.shape(out) + np.shape(x)
    assert block.dtype == np.asarray(x).dtype
    recorded = ag.jacobian(f, mode=mode)(Tensor(x))
    assert (type(recorded), recorded.shape) == (Tensor, block.shape)


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_part_of_a_nest_leaves_the_others_as_they_are(mode):
    def f(v):
        return {"none": v["x"][:0], "same": v["x"], "all": [v["empty"] * 2.0, np.sum(v["x"])]}

    found = ag.jacobian(f, mode=mode)({"x": FULL, "empty": EMPTY})
    assert found["none"]["x"].shape == (0, 3, 2, 3)
    assert found["none"]["empty"].shape == found["all"][0]["empty"].shape == (0, 3, 0, 3)
    assert found["same"]["empty"].shape == (2, 3, 0, 3)
    assert found["all"][1]["empty"].shape == (0, 3)
    np.testing.assert_array_equal(found["same"]["x"].reshape(6, 6), np.eye(6))
    np.testing.assert_array_equal(found["all"][1]["x"], FULL)


def test_hessians_of_empty_parts_are_empty():
    assert ag.hessian(lambda v: np.sum(v * v))(EMPTY).shape == (0, 3, 0, 3)
    f = lambda v: np.sum(v["a"] ** 3) + np.sum(v["b"] ** 2)
    found = ag.hessian(f)({"a": np.ones(2), "b": np.zeros(0)})
    np.testing.assert_array_equal(found["a"]["a"], 6.0 * np.eye(2))
    assert found["a"]["b"].shape == (2, 0)
    assert found["b"]["a"].shape == (0, 2)
    assert found["b"]["b"].shape == (0, 0)


def test_programs_give_empty_blocks():
    fast = ag.compile(ag.jacobian(lambda v: v[:0] * 2.0))
    assert fast(FULL).shape == fast(FULL).shape == (0, 3, 2, 3)
    assert ag.compile(ag.hessian(lambda v: np.sum(v * v)))(EMPTY).shape == (0, 3, 0, 3)


def test_nothing_at_all_has_a_jacobian_of_nothing():
    assert ag.jacobian(lambda v: ())(FULL) == ()
    assert ag.jacobian(lambda v: 3.0)([]) == []


# ---- argnums, which every transform with a choice of arguments reads alike


def product(a, b):
    return np.sum(a * a * b)


ONES, TWOS = np.ones(2), np.full(2, 2.0)


@pytest.mark.parametrize("argnums", [(0, 0), [0, -2], (np.int64(0), np.array(0)), range(0, -4, -2)])
def test_the_same_argument_twice_has_the_whole_gradient_twice(argnums):
    first, second = ag.grad(product, argnums)(ONES, TWOS)
    np.testing.assert_array_equal(first, [4.0, 4.0])
    np.testing.assert_array_equal(second, [4.0, 4.0])
    assert not np.shares_memory(first, second)
    assert ag.value_and_grad(lambda x: x * x, (0, 0))(4.5) == (20.25, (9.0, 9.0))
    for mode in MODES:
        blocks = ag.jacobian(lambda a, b: a * b, argnums, mode)(ONES, TWOS)
        np.testing.assert_array_equal(blocks, [2.0 * np.eye(2)] * 2)
    rows = ag.hessian(product, argnums)(ONES, TWOS)
    np.testing.assert_array_equal(rows, [[4.0 * np.eye(2)] * 2] * 2)


@pytest.mark.parametrize("number", [1, -1, np.int64(1), np.uint8(1), np.array(-1)])
def test_any_integer_names_an_argument(number):
    np.testing.assert_array_equal(ag.grad(product, number)(ONES, TWOS), ONES)
    assert ag.value_and_grad(product, number)(1.0, 2.0) == (2.0, 1.0)
    np.testing.assert_array_equal(ag.jacobian(product, number)(ONES, TWOS), ONES)
    assert ag.hessian(lambda a, b: a * b**2, number)(3.0, 2.0) == 6.0
    assert ag.grad(product, (number,))(1.0, 2.0) == (1.0,)


@pytest.mark.parametrize("argnums", [True, (0, False), np.True_, 1.0, "0", None, np.array([0, 1])])
def test_what_is_no_integer_is_refused(argnums):
    for transform in (ag.grad, ag.value_and_grad, ag.jacobian, ag.hessian):
        with pytest.raises(ag.DataError, match="argnums"):
            transform(product, argnums)(ONES, TWOS)


def test_a_number_past_the_arguments_is_refused():
    for number in (2, -3, np.int64(2)):
        with pytest.raises(ag.ShapeError, match="2 positional arguments"):
            ag.jacobian(product, number)(ONES, TWOS)
