"""vmap: a function of one example mapped over axes, against NumPy's own batched functions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 3, 2))


@given(st.integers(-3, 2), st.integers(-3, 2))
def test_axes_go_in_and_come_out_anywhere(into, out):
    found = ag.vmap(lambda a: np.exp(a), into, out)(X)
    np.testing.assert_array_equal(found, np.exp(np.moveaxis(X, into, 0 if out == 0 else out)))


def test_a_batched_product():
    a, b = RNG.normal(size=(5, 2, 3)), RNG.normal(size=(3, 4, 5))
    found = ag.vmap(np.matmul, in_axes=(0, -1), out_axes=2)(a, b)
    expected = np.moveaxis(np.matmul(a, np.moveaxis(b, -1, 0)), 0, 2)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_none_hands_an_argument_to_each_call_as_it_is():
    w = RNG.normal(size=3)
    seen = []
    f = lambda w, x, word: (seen.append(word), np.sum(w * x))[1]
    found = ag.vmap(f, in_axes=(None, 0, None))(w, X[:, :, 0], "word")
    np.testing.assert_allclose(found, X[:, :, 0] @ w, rtol=1e-14)
    assert seen == ["word"] * 4


def test_axes_are_nested_like_the_arguments_or_their_outer_part():
    tree = {"w": X, "pair": (np.ones(4), [np.arange(8.0).reshape(2, 4), 3.0])}
    axes = {"w": 0, "pair": (0, [1, None])}
    f = lambda t: np.sum(t["w"]) + t["pair"][0] + np.sum(t["pair"][1][0]) * t["pair"][1][1]
    expected = X.sum((1, 2)) + 1.0 + np.arange(8.0).reshape(2, 4).sum(0) * 3.0
    np.testing.assert_allclose(ag.vmap(f, in_axes=(axes,))(tree), expected, rtol=1e-13)
    outer = ag.vmap(
        lambda t, s: np.sum(t["a"]) + np.sum(t["b"][0]) + s, in_axes=({"a": 1, "b": 0}, 0)
    )
    found = outer({"a": np.ones((2, 3)), "b": (np.ones((3, 2)),)}, np.arange(3.0))
    np.testing.assert_array_equal(found, [4.0, 5.0, 6.0])


def test_results_are_nested_and_each_has_its_axis():
    f = lambda x: {"twice": 2.0 * x, "more": [np.sum(x), (x, 7, None)]}
    found = ag.vmap(f, out_axes={"twice": 1, "more": [0, (-1, 0, None)]})(X[:, :, 0])
    np.testing.assert_array_equal(found["twice"], 2.0 * X[:, :, 0].T)
    np.testing.assert_array_equal(found["more"][1][0], X[:, :, 0].T)
    np.testing.assert_array_equal(found["more"][1][1], [7.0] * 4)
    assert found["more"][1][2] is None
    assert ag.vmap(f, out_axes=-1)(X[:, :, 0])["twice"].shape == (3, 4)


def test_an_argument_none_is_none_in_each_call():
    f = lambda x, scale: x if scale is None else scale * x
    np.testing.assert_array_equal(ag.vmap(f)(np.ones(2), None), np.ones(2))
    np.testing.assert_array_equal(ag.vmap(f)(np.ones(2), np.arange(2.0)), [0.0, 1.0])


def test_keywords_are_mapped_over_their_first_axis():
    f = lambda a, *, b: a * b
    np.testing.assert_array_equal(
        ag.vmap(f, in_axes=None)(2.0, b=np.arange(3.0)), 2.0 * np.arange(3.0)
    )


def test_integers_come_as_plain_ones_that_index():
    table = RNG.normal(size=(5, 2))
    rows = np.array([3, 0, 3])
    np.testing.assert_array_equal(ag.vmap(lambda i: table[i])(rows), table[rows])
    gradient = ag.grad(lambda t: np.sum(ag.vmap(lambda i: t[i])(rows)))(table)
    np.testing.assert_array_equal(gradient, np.bincount(rows, minlength=5)[:, None] * np.ones(2))


def test_arrays_for_arrays_and_tensors_for_tensors():
    for kind in (np.float32, np.float64):
        found = ag.vmap(lambda x: x.sum())(X.astype(kind))
        assert (type(found), found.dtype) == (np.ndarray, kind)
    t, w = Tensor(X), Tensor(2.0)
    ag.vmap(lambda x: np.sum(x**3))(t).sum().backward()
    np.testing.assert_allclose(t.grad, 3.0 * X**2, rtol=1e-14)
    frozen = ag.vmap(np.sum)(Tensor(X, requires_grad=False))
    assert (type(frozen), frozen.requires_grad) == (Tensor, False)
    reached = ag.vmap(lambda x: w * np.sum(x))(X)
    reached.sum().backward()
    assert w.grad == pytest.approx(X.sum(), rel=1e-13)


# ---- with the other transforms


def row(v):
    return np.sum(np.tanh(v) * v**2)


A = RNG.normal(size=(4, 3))
BATCHED = ag.vmap(row)


def test_gradients_by_example_are_the_rows_of_the_gradient_of_the_sum():
    expected = ag.grad(lambda a: np.sum(np.tanh(a) * a**2))(A)
    np.testing.assert_allclose(ag.vmap(ag.grad(row))(A), expected, rtol=1e-14)
    np.testing.assert_allclose(ag.grad(lambda a: np.sum(BATCHED(a)))(A), expected, rtol=1e-14)
    values, gradients = ag.vmap(ag.value_and_grad(row))(A)
    np.testing.assert_allclose(values, [row(v) for v in A], rtol=1e-14)
    np.testing.assert_allclose(gradients, expected, rtol=1e-14)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobians_and_hessians_of_a_map_are_of_blocks(mode):
    jacobian = ag.jacobian(BATCHED, mode=mode)(A)
    gradients = ag.vmap(ag.grad(row))(A)
    expected = np.zeros((4, 4, 3))
    expected[np.arange(4), np.arange(4)] = gradients
    np.testing.assert_allclose(jacobian, expected, rtol=1e-13)
    hessian = ag.hessian(lambda a: np.sum(BATCHED(a)))(A)
    blocks = ag.vmap(ag.hessian(row))(A)
    for i in range(4):
        np.testing.assert_allclose(hessian[i, :, i, :], blocks[i], rtol=1e-12)
        assert not hessian[i, :, (i + 1) % 4, :].any()


def test_tangents_of_a_map():
    tangents = RNG.normal(size=A.shape)
    value, tangent = ag.jvp(BATCHED, (A,), (tangents,))
    np.testing.assert_allclose(value, [row(v) for v in A], rtol=1e-14)
    gradients = ag.vmap(ag.grad(row))(A)
    np.testing.assert_allclose(tangent, np.sum(gradients * tangents, axis=1), rtol=1e-13)
    by_row = ag.vmap(lambda v, t: ag.jvp(row, (v,), (t,))[1])(A, tangents)
    np.testing.assert_allclose(by_row, tangent, rtol=1e-13)


def test_a_map_of_a_map_is_an_outer_product():
    a, b = np.arange(3.0), np.arange(4.0)
    outer = ag.vmap(ag.vmap(lambda x, y: x * y, (None, 0)), (0, None))
    np.testing.assert_array_equal(outer(a, b), np.outer(a, b))
    gradient = ag.grad(lambda x: np.sum(outer(x, b)))(a)
    np.testing.assert_array_equal(gradient, [6.0] * 3)


def test_a_program_holds_all_calls():
    f = ag.vmap(ag.grad(row))
    fast = ag.compile(f)
    for a in (A, 2.0 * A):
        np.testing.assert_array_equal(fast(a), f(a))
    assert fast.cache_info().misses == 1
    by_example = ag.compile(ag.vmap(lambda w, x: row(w * x), in_axes=(None, 1)))
    np.testing.assert_array_equal(by_example(A[0], A.T), [row(A[0] * v) for v in A])


@pytest.mark.parametrize("axis", [0, 1])
def test_out_axes_none_gives_once_what_does_not_depend_on_the_map(axis):
    w = np.array([1.0, 2.0])
    f = lambda w, x: (np.sum(w * w), x)
    total, same = ag.vmap(f, in_axes=(None, axis), out_axes=(None, axis))(w, A)
    assert total == 5.0
    np.testing.assert_array_equal(same, A)
    g = lambda w: ag.vmap(f, in_axes=(None, 0), out_axes=(None, 0))(w, A)[0]
    np.testing.assert_array_equal(ag.grad(g)(w), 2.0 * w)


# ---- refusals


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: ag.vmap(3.0), ag.DataError, "expects a function"),
        (lambda: ag.vmap(np.sum, None)(A), ag.DataError, "None for all"),
        (lambda: ag.vmap(np.add, (None, None))(A, A), ag.DataError, "None for all"),
        (lambda: ag.vmap(lambda: 1.0)(), ag.DataError, "an argument to map over"),
        (lambda: ag.vmap(np.add)(A, A[:2]), ag.ShapeError, r"4 \(part 0\), 2 \(part 1\)"),
        (lambda: ag.vmap(np.sum)(A[:0]), ag.ShapeError, "length 0"),
        (lambda: ag.vmap(np.add)(A, 1.0), ag.OutOfRangeError, "part 1.*shape ().*None"),
        (lambda: ag.vmap(np.sum, 2)(A), ag.OutOfRangeError, "axis 2"),
        (lambda: ag.vmap(np.sum, -3)(A), ag.OutOfRangeError, "axis -3"),
        (lambda: ag.vmap(np.add, (0,))(A, A), ag.DataError, "in_axes.*2 values"),
        (lambda: ag.vmap(np.add, (0, (0, 0)))(A, A), ag.DataError, "in_axes"),
        (lambda: ag.vmap(lambda t: t["a"], ({"b": 0},))({"a": A}), ag.DataError, "in_axes"),
        (lambda: ag.vmap(lambda t: t[0], ({"a": 0},))([A]), ag.DataError, "in_axes"),
        (lambda: ag.vmap(np.sum, True)(A), ag.DataError, "integers and None"),
        (lambda: ag.vmap(np.sum, 0.0)(A), ag.DataError, "integers and None"),
        (lambda: ag.vmap(np.sum, "0")(A), ag.DataError, "integers and None"),
        (lambda: ag.vmap(np.sum, 0, 1)(A), ag.OutOfRangeError, "out_axes=1"),
        (lambda: ag.vmap(np.sum, 0, (0, 0))(A), ag.DataError, "out_axes"),
        (lambda: ag.vmap(lambda x: x, 0, None)(A), ag.ShapeError, "out_axes=None"),
        (
            lambda: ag.grad(lambda a: np.sum(ag.vmap(np.sum, 0, None)(a)))(np.ones((2, 2))),
            ag.ShapeError,
            "out_axes=None",
        ),
        (
            lambda: ag.vmap(lambda n: np.ones(int(n)))(np.array([1, 2])),
            ag.ShapeError,
            r"\(1,\) at first and \(2,\) at index 1",
        ),
        (lambda: ag.vmap(lambda n: (1.0,) * int(n))(np.array([1, 2])), ag.DataError, "alike"),
        (lambda: ag.vmap(lambda x: "word")(A), ag.DataError, "numbers"),
        (lambda: ag.vmap(lambda x: x)("word"), ag.OutOfRangeError, "part 0"),
    ],
)
def test_bad_calls_are_refused_in_words(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
