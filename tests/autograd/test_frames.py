"""Series and frames beside a Tensor: a node with its gradient, or an error; never a silent cut."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

pd = pytest.importorskip("pandas")

ROW, BLOCK = np.array([1.0, 2.0, 3.0]), np.array([[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
SERIES, FRAME = pd.Series(ROW, index=list("abc")), pd.DataFrame(BLOCK, columns=["a", "b"])
OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod,
    operator.floordiv,
]  # fmt: skip
PAIRS = [
    (SERIES, ROW, [0.5, 1.5, 2.0]), (SERIES, ROW, 1.5), (pd.Index(ROW), ROW, [0.5, 1.5, 2.0]),
    (FRAME, BLOCK, [0.5, 1.5]), (FRAME, BLOCK, 1.5), (FRAME["a"], ROW, [0.5, 1.5, 2.0]),
    (FRAME, BLOCK, np.full((3, 2), 1.5)), (pd.Series([1, 2, 3]), np.array([1, 2, 3]), 1.5),
]  # fmt: skip


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.__name__)
@pytest.mark.parametrize(("frame", "values", "data"), PAIRS)
def test_an_operator_on_either_side_is_that_of_the_values(op, frame, values, data):
    """In place of the frame its values: the same node, and the same gradient."""
    for order in (lambda a, b: (a, b), lambda a, b: (b, a)):
        t, u = Tensor(data), Tensor(data)
        out, expected = op(*order(frame, t)), op(*order(values, u))
        assert type(out) is Tensor
        np.testing.assert_array_equal(out.data, expected.data)
        for node in (out, expected):
            node.backward(gradient=np.ones(node.shape))
        np.testing.assert_array_equal(t.grad, u.grad)


@pytest.mark.parametrize("name", ["multiply", "add", "maximum", "hypot", "arctan2"])
def test_numpys_functions_of_a_frame_and_a_tensor_keep_the_gradient(name):
    f = getattr(np, name)
    for frame, values, data in PAIRS[:1] + PAIRS[3:4]:
        t = Tensor(data)
        for out, expected in ((f(frame, t), f(values, t)), (f(t, frame), f(t, values))):
            assert type(out) is Tensor
            assert out.requires_grad
            np.testing.assert_array_equal(out.data, expected.data)
    assert type(np.exp(FRAME) * Tensor(2.0)) is Tensor


def test_products_with_a_tensor_on_the_left_and_numpys_dot_are_nodes():
    w = Tensor([0.5, 2.0])
    for out in (w @ FRAME.T, np.dot(FRAME, w), FRAME.to_numpy() @ w, ag.matmul(FRAME, w)):
        np.testing.assert_array_equal(out.data, BLOCK @ w.data)
        assert out.requires_grad


@pytest.mark.parametrize(
    "call",
    [
        lambda t, w: SERIES @ t, lambda t, w: SERIES.dot(t), lambda t, w: FRAME @ w,
        lambda t, w: FRAME.dot(w), lambda t, w: FRAME.mul(w), lambda t, w: pd.Series(t),
        lambda t, w: pd.DataFrame({"a": t}), lambda t, w: SERIES.where(SERIES > 1.0, t),
        lambda t, w: SERIES.clip(upper=t), lambda t, w: np.matmul(FRAME, w),
    ],
)  # fmt: skip
def test_a_method_that_takes_the_numbers_is_refused_and_says_what_to_write(call):
    t, w = Tensor([0.5, 1.5, 2.0]), Tensor([0.5, 2.0])
    with pytest.raises(ag.DataError, match=r"frame\.to_numpy\(\) @ t"):
        call(t, w)
    with pytest.raises(ag.DataError, match=r"frame\.to_numpy\(\) @ t"):
        ag.grad(lambda a: np.sum(call(a, a[:2])))(t.data)


@pytest.mark.parametrize("frame", [SERIES, FRAME["a"], FRAME], ids=["series", "column", "frame"])
@pytest.mark.parametrize("op", [operator.isub, operator.imul, operator.itruediv])
def test_an_operator_in_place_changes_nothing(frame, op):
    """pandas takes the NotImplemented that makes room for us for a result; it must not be one."""
    t, kept = Tensor(1.5), frame.copy()
    with pytest.raises((AttributeError, TypeError)):
        op(kept, t)
    assert kept.equals(frame)
    assert t.grad is None


def test_comparisons_are_of_values():
    t = Tensor([1.0, 5.0, 3.0])
    np.testing.assert_array_equal(t == SERIES, [True, False, True])
    np.testing.assert_array_equal(t > SERIES, [False, True, False])


def test_a_gradient_arrives_through_a_loss_of_a_frame():
    """Least squares of a frame's columns: the closed form of the gradient."""
    target = pd.Series([1.0, 0.0, 2.0])

    def loss(w):
        return np.mean((target - w @ FRAME.T) ** 2)

    w = np.array([0.3, -0.2])
    expected = -2.0 / 3.0 * BLOCK.T @ (target.to_numpy() - BLOCK @ w)
    np.testing.assert_allclose(ag.grad(loss)(w), expected, rtol=1e-12)
    assert ag.gradcheck(loss, w, order=2)
