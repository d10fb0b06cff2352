"""Unique entries, sets and histograms: NumPy's values, and no gradient that is cut on the way."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

ROW, OTHER = np.array([3.0, 1.0, 3.0, 2.0, 1.0, 0.0]), np.array([1.0, 5.0, 2.0])
PAIRS = np.array([[1.0, 2.0], [1.0, 2.0], [0.0, 3.0]])
ZEROS = np.array([0.0, 0.0, 1.0, 0.0, 2.0, 0.0])
BLOCK = np.zeros((4, 5))
BLOCK[1, 2], BLOCK[2, 1] = 1.0, 3.0
NANS = np.array([np.nan, 1.0, np.nan])
SAMPLES = np.random.default_rng(5).normal(size=30)

CALLS = [
    (np.unique, (ROW,)),
    (np.unique, (NANS,)),
    (lambda a: np.unique(a, equal_nan=False), (NANS,)),
    (lambda a: np.unique(a, True, True, True)[0], (ROW,)),
    (lambda a: np.unique(a, axis=0), (PAIRS,)),
    (lambda a: np.unique_all(a).values, (ROW,)),
    (lambda a: np.unique_counts(a).values, (PAIRS,)),
    (lambda a: np.unique_inverse(a).values, (ROW,)),
    (lambda a: np.sort(np.unique_values(a)), (ROW,)),
    (np.union1d, (ROW, OTHER)),
    (np.intersect1d, (ROW, OTHER)),
    (lambda a, b: np.intersect1d(a, b, True, True)[0], (OTHER, OTHER[:2])),
    (np.setdiff1d, (ROW, OTHER)),
    (lambda a, b: np.setdiff1d(a, b, assume_unique=True), (ROW, OTHER)),
    (np.setxor1d, (ROW, OTHER)),
    (np.setxor1d, (ROW[:0], ROW[:0])),
    *((lambda a, t=trim: np.trim_zeros(a, t), (z,)) for trim in ("fb", "f", "b")
      for z in (ZEROS, 0.0 * ZEROS)),
    *((lambda a, n=n: np.histogram_bin_edges(a, n), (SAMPLES,)) for n in (10, 3, "auto", "fd")),
    (np.histogram_bin_edges, (np.ones(3),)),
    (lambda a: np.histogram(a, 4)[1], (SAMPLES,)),
    (lambda a: np.histogram(a, 4, density=True)[0], (SAMPLES,)),
]  # fmt: skip
if np.lib.NumpyVersion(np.__version__) >= "2.2.0":  # of several axes since then
    CALLS += [(np.trim_zeros, (BLOCK,)), (lambda a: np.trim_zeros(a, axis=1), (BLOCK,))]


@pytest.mark.parametrize(("f", "inputs"), CALLS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_values_are_numpys_and_recorded(f, inputs, dtype):
    inputs = [a.astype(dtype) for a in inputs]
    expected = np.asarray(f(*inputs))
    out = f(*map(Tensor, inputs))
    assert out.requires_grad
    assert (out.dtype, out.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(out.data, expected)


def test_the_gradient_goes_to_the_first_of_equal_entries():
    t, u = Tensor(ROW), Tensor(OTHER)
    np.unique(t).backward(gradient=[1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_array_equal(t.grad, [1000.0, 10.0, 0.0, 100.0, 0.0, 1.0])
    np.intersect1d(ROW, u).backward(gradient=[1.0, 10.0])
    np.testing.assert_array_equal(u.grad, [1.0, 0.0, 10.0])
    rows = Tensor(PAIRS)
    np.unique(rows, axis=0).backward(gradient=[[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(rows.grad, [[3.0, 4.0], [0.0, 0.0], [1.0, 2.0]])


@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.histogram_bin_edges(a, 4) ** 2,
        lambda a: np.histogram(a, 4, density=True)[0],
        lambda a: np.setxor1d(a, OTHER) ** 2,
        lambda a: np.unique(a) ** 2,
        lambda a: np.trim_zeros(a) ** 2,
    ],
)
def test_derivatives_are_those_of_differences_where_nothing_ties(f):
    assert ag.gradcheck(f, SAMPLES, order=2)


def test_counts_are_plain_and_given_edges_too():
    t = Tensor(SAMPLES)
    counts, edges = np.histogram(t, [-1.0, 0.0, 1.0])
    assert (type(counts), type(edges), counts.dtype.kind) == (np.ndarray, np.ndarray, "i")
    np.testing.assert_array_equal(counts, np.histogram(SAMPLES, [-1.0, 0.0, 1.0])[0])
    weighted, _ = np.histogram(t, 3, weights=np.arange(30.0))
    np.testing.assert_array_equal(weighted, np.histogram(SAMPLES, 3, weights=np.arange(30.0))[0])
    frozen = Tensor(SAMPLES, requires_grad=False)
    assert type(np.histogram(frozen, 3)[1]) is np.ndarray
    assert type(np.unique_counts(t).counts) is np.ndarray


def test_weights_that_want_a_gradient_are_added_up_by_bincount():
    t, w = Tensor(SAMPLES), Tensor(np.arange(30.0))
    with pytest.raises(ag.UnsupportedError, match=r"ag\.bincount\(np\.digitize"):
        np.histogram(t, 3, weights=w)
    edges = np.histogram_bin_edges(SAMPLES, 3)
    sums = ag.bincount(np.digitize(SAMPLES, edges[1:-1]), w, len(edges) - 1)
    np.testing.assert_array_equal(sums.data, np.histogram(SAMPLES, 3, weights=w.data)[0])
    assert sums.requires_grad


def test_what_the_numbers_decide_is_no_program():
    with pytest.raises(ag.CompileError, match=r"np\.unique"):
        ag.compile(np.unique)(ROW)


# ---- functions of functions


def test_a_branch_that_is_not_taken_makes_no_nan():
    t = Tensor([4.0, -1.0, 0.0])
    out = np.piecewise(t, [t > 0, t < 0], [np.sqrt, lambda v: np.log(-v)])
    out.sum().backward()
    np.testing.assert_array_equal(out.data, [2.0, 0.0, 0.0])
    np.testing.assert_array_equal(t.grad, [0.25, -1.0, 0.0])


def test_the_branches_of_piecewise_may_be_tensors():
    k = Tensor(2.0)
    x = np.array([-1.0, 1.0, 3.0])
    out = ag.piecewise(x, [x < 0], [k, lambda v: v * k])
    out.sum().backward()
    assert k.grad == 1.0 + 1.0 + 3.0


def test_rows_may_have_plain_answers():
    t = Tensor(PAIRS)
    answer = np.apply_along_axis(np.argmax, 1, t)
    assert type(answer) is np.ndarray
    np.testing.assert_array_equal(answer, [1, 1, 1])
    places, entries = zip(*ag.ndenumerate(t), strict=True)
    assert places == tuple(np.ndindex(t.shape))
    assert all(entry.requires_grad for entry in entries)


def test_arrays_beside_each_other_keep_their_gradients():
    t, other = Tensor([1.0, 2.0]), np.array([[3.0], [4.0]])
    both, plain = ag.broadcast(t, other), np.broadcast(t.data, other)
    for name in ("shape", "ndim", "nd", "size", "numiter"):
        assert getattr(both, name) == getattr(plain, name)
    pairs = list(both)
    assert [(a.item(), b.item()) for a, b in pairs] == list(plain)
    sum(a * b for a, b in pairs).backward()
    np.testing.assert_array_equal(t.grad, [7.0, 7.0])
    with pytest.raises(ag.ShapeError):
        ag.broadcast(t, np.ones(3))


def test_functions_of_shapes_are_there_under_our_name():
    assert ag.broadcast_shapes((2, 1), (3,)) == (2, 3)
    assert list(ag.ndindex(1, 2)) == [(0, 0), (0, 1)]
    np.testing.assert_array_equal(ag.tril_indices(2), np.tril_indices(2))
    t = Tensor(PAIRS)
    np.testing.assert_array_equal(ag.tril_indices_from(t), np.tril_indices_from(PAIRS))
    assert ag.nanargmax(t) == np.nanargmax(PAIRS)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda t: np.apply_along_axis(np.sum, 3, t), ag.OutOfRangeError),
        (lambda t: np.apply_along_axis(np.sum, 0, t[:, :0]), ag.ShapeError),
        (lambda t: np.apply_over_axes(lambda a, axis: np.sum(a), t, [0]), ag.ShapeError),
        (lambda t: np.piecewise(t, [t < 0], [1.0, 2.0, 3.0]), ag.ShapeError),
        (lambda t: np.unique(t, axis=3), ag.OutOfRangeError),
        (lambda t: np.histogram(t, 0), ag.ShapeError),
        (lambda t: np.bincount([0, -1], t[0]), ag.ShapeError),
        (lambda t: np.bincount([0], t[0]), ag.ShapeError),
        (lambda t: np.linspace(t, t, -1), ag.ShapeError),
        (lambda t: np.linspace(t, t, dtype=int), ag.DataError),
        (lambda t: np.geomspace(0.0, t), ag.ShapeError),
        (lambda t: np.vander(t), ag.ShapeError),
        (lambda t: np.cov(t[None]), ag.ShapeError),
        (lambda t: np.cov(t, aweights=[1.0]), ag.ShapeError),
        (lambda t: np.cov(t, fweights=[0.5, 1.0]), ag.DataError),
        (lambda t: np.polyfit(t, t, 1), ag.ShapeError),
        (lambda t: np.polyval(t[0], np.poly1d([1.0])), ag.UnsupportedError),
        (lambda t: np.poly(t), ag.UnsupportedError),
        (lambda t: np.polyder(t[0], -1), ag.ShapeError),
        (lambda t: np.polyint(t[0], 3, [1.0, 2.0]), ag.ShapeError),
    ],
)
def test_what_cannot_be_is_refused_at_the_call(call, kind):
    with pytest.raises(kind):
        call(Tensor(PAIRS))
