"""Reductions, running sums, sorts and signals: NumPy's values, derivatives, kinks, errors."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from differences import central
from samples_reductions import OWN, SAMPLES

import autograd as ag
from autograd import Tensor, families

FAMILIES = (
    "accumulated", "covariances", "cumulative", "differences", "nans", "polynomials",
    "probabilities", "ranks", "sequences", "signal", "sorting", "statistics",
)  # fmt: skip


def cases(names):
    return [
        pytest.param(f, inputs, id=f"{name} {k}")
        for name in names
        for k, (f, inputs) in enumerate(SAMPLES[name])
    ]


every_case = pytest.mark.parametrize(("f", "inputs"), cases(SAMPLES))
numpys_case = pytest.mark.parametrize(
    ("f", "inputs"), cases([name for name in SAMPLES if name not in OWN])
)


def value(f, *arrays):
    out = f(*arrays)
    return np.asarray(out.data if isinstance(out, Tensor) else out)


def weights(out):
    return np.random.default_rng(3).normal(size=np.shape(out))


def gradients(f, inputs):
    nodes = [Tensor(a) for a in inputs]
    out = f(*nodes)
    out.backward(gradient=weights(out.data))
    return out, [node.grad for node in nodes]


def energy(f):
    """A number that is curved in everything that `f` returns."""
    return lambda *inputs: np.sum(np.sin(f(*inputs)) * weights(value(f, *map(plain, inputs))))


def plain(a):
    return a.data if isinstance(a, Tensor) else a


def test_every_gate_of_these_families_has_a_sample():
    own = {
        gate.name
        for name in FAMILIES
        for gate in vars(families.load_family(name)).values()
        if isinstance(gate, ag.Gate)
        and not any(gate in vars(core).values() for core in families.CORE)  # imported from there
    }
    used = {
        node.gate.name
        for samples in SAMPLES.values()
        for f, inputs in samples
        for node in ag.Graph(f(*map(Tensor, inputs))).nodes
        if node.gate
    }
    assert own <= used


@numpys_case
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_value_is_that_of_numpy_to_the_bit(f, inputs, dtype):
    inputs = [a.astype(dtype) for a in inputs]
    expected = np.asarray(f(*inputs))
    out = f(*[Tensor(a) for a in inputs])
    assert out.dtype == expected.dtype
    assert out.shape == expected.shape
    assert out.data.tobytes() == expected.tobytes()


@every_case
def test_reverse_mode_is_that_of_central_differences(f, inputs):
    _, found = gradients(f, inputs)
    expected = central(lambda *a: value(f, *a), inputs, weights(value(f, *inputs)))
    for got, want, a in zip(found, expected, inputs, strict=True):
        assert got.shape == a.shape
        np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-7)


@every_case
def test_forward_mode_agrees_with_reverse_mode(f, inputs):
    rng = np.random.default_rng(5)
    tangents = [rng.normal(size=a.shape) for a in inputs]
    out, pushed = ag.jvp(f, inputs, tangents)
    _, found = gradients(f, inputs)
    forward = np.sum(pushed * weights(out))
    reverse = sum(np.sum(g * t) for g, t in zip(found, tangents, strict=True))
    np.testing.assert_allclose(forward, reverse, rtol=1e-11, atol=1e-12)


@pytest.mark.slow
@every_case
def test_second_derivatives_are_differences_of_the_first(f, inputs):
    tangents = [np.random.default_rng(7).normal(size=a.shape) for a in inputs]
    every = tuple(range(len(inputs)))

    def slope(*nodes):
        found = ag.grad(energy(f), every)(*nodes)
        return sum(np.sum(g * t) for g, t in zip(found, tangents, strict=True))

    got = ag.grad(slope, every)(*inputs)
    for mine, want in zip(got, central(lambda *a: float(slope(*a)), inputs, 1.0), strict=True):
        np.testing.assert_allclose(mine, want, rtol=2e-5, atol=2e-6)
    ones = [np.ones_like(a) for a in inputs]
    forward = ag.jvp(slope, inputs, ones)[1]
    np.testing.assert_allclose(forward, sum(np.sum(g) for g in got), rtol=1e-9, atol=1e-9)


@every_case
def test_float32_stays_float32(f, inputs):
    small = [a.astype(np.float32) for a in inputs]
    out, found = gradients(f, small)
    assert out.dtype == value(f, *small).dtype
    _, exact = gradients(f, inputs)
    for got, want in zip(found, exact, strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want, rtol=2e-3, atol=2e-4)


OF_MORE = ("bincount", "piecewise", "apply_along_axis", "apply_over_axes")
"""Functions that are given more than an array first."""


@pytest.mark.parametrize("name", [n for n in SAMPLES if hasattr(np, n) and n not in OF_MORE])
def test_numpys_name_and_ours_are_one_function(name):
    numpys, ours = getattr(np, name), getattr(ag, name)
    args = {
        "quantile": (0.4,), "percentile": (40.0,), "partition": (1,), "interp": ([1, 2], [3, 4]),
        "convolve": ([1.0, 2.0],), "correlate": ([1.0, 2.0],), "nanquantile": (0.4,),
        "nanpercentile": (40.0,), "linspace": (4.0,), "logspace": (4.0,), "geomspace": (4.0,),
        "polyval": (2.0,), "polyadd": ([1.0, 2.0],), "polysub": ([1.0, 2.0],),
        "polymul": ([1.0, 2.0],), "polyfit": ([3.0, 1.0, 2.5], 1), "pad": (2, "median"),
    }.get(name, ())  # fmt: skip
    a = np.array([3.0, 1.0, 2.0])
    t = Tensor(a)
    expected = numpys(a, *args)
    np.testing.assert_array_equal(numpys(t, *args).data, expected)
    np.testing.assert_array_equal(ours(t, *args).data, expected)
    if name in ("sum", "mean", "max", "min", "prod", "var", "std", "cumsum", "cumprod", "sort"):
        np.testing.assert_array_equal(getattr(t, name)(*args).data, expected)


# ---- kinks and singular places


@pytest.mark.parametrize(
    ("f", "data", "expected"),
    [
        (np.max, [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
        (np.ptp, [1.0, 1.0, 3.0], [-0.5, -0.5, 1]),
        (lambda t: np.max(t, initial=3.0), [1.0, 3.0], [0, 0.5]),
        (lambda t: np.max(t, initial=4.0), [1.0, 3.0], [0, 0]),
        (lambda t: np.min(t, initial=1.0), [1.0, 1.0], [1 / 3, 1 / 3]),
        (np.max, [1.0, math.nan, 3.0], [0, 1, 0]),
        (lambda t: np.max(t, where=[True, False, True], initial=0.0), [1.0, 9.0, 3.0], [0, 0, 1]),
        (np.nanmax, [3.0, math.nan, 3.0], [0.5, 0, 0.5]),
        (np.nanmin, [3.0, math.nan, 1.0], [0, 0, 1]),
        (np.nansum, [3.0, math.nan, 1.0], [1, 0, 1]),
        (np.nanprod, [3.0, math.nan, 0.0], [0, 0, 3]),
        (np.nanmean, [3.0, math.nan, 1.0], [0.5, 0, 0.5]),
        (np.nanvar, [3.0, math.nan, 1.0], [1, 0, -1]),
        (np.nanstd, [3.0, math.nan, 3.0], [0, 0, 0]),
        (np.std, [2.0, 2.0, 2.0], [0, 0, 0]),
        (np.std, [0.1, 0.1, 0.1], [0, 0, 0]),  # where rounding leaves a deviation of 1e-17
        (np.std, 2.0, 0.0),
        (np.var, 2.0, 0.0),
        (lambda t: np.std(t, ddof=1), [2.0], [math.nan]),
        (lambda t: np.var(t, ddof=2), [2.0], [math.nan]),
        (lambda t: np.std(t, axis=0, where=[True, True, False]), [2.0, 2.0, 5.0], [0, 0, 0]),
        (np.median, [1.0, 2.0, 2.0], [0, 0.5, 0.5]),
        (np.median, [2.0, 2.0, 2.0, 2.0], [0.25] * 4),
        (np.median, [1.0, math.nan], [math.nan] * 2),
        (lambda t: np.quantile(t, 1.0), [3.0, 1.0, 3.0], [0.5, 0, 0.5]),
        (np.sort, [2.0, 2.0, 1.0], [1, 1, 1]),
        (np.prod, [0.0, 2.0, 3.0], [6, 0, 0]),
        (np.prod, [0.0, 0.0, 3.0], [0, 0, 0]),
        (np.prod, [], []),
        (np.cumprod, [2.0, 0.0, 3.0], [1, 8, 0]),
        (np.cumprod, [0.0, 0.0, 3.0], [1, 0, 0]),
        (ag.logsumexp, [math.inf, 1.0, math.inf], [0.5, 0, 0.5]),
        (ag.logsumexp, [-math.inf, -math.inf], [0.5, 0.5]),
        (ag.logsumexp, [-math.inf, 0.0], [0, 1]),
        (ag.logsumexp, [math.nan, 0.0], [math.nan] * 2),
        (ag.logsumexp, [1000.0, 1000.0], [0.5, 0.5]),
        (ag.logsumexp, [-1000.0, -1000.0], [0.5, 0.5]),
        (ag.softmax, [1000.0, -1000.0], [0, 0]),
        (ag.log_softmax, [1000.0, -1000.0], [-1, 1]),
        (ag.log_softmax, [-math.inf, 0.0], [1, -1]),
        (lambda t: np.interp(t, [0, 1, 2], [0, 1, 5]), [1.0, 2.0, 0.0, 3.0], [4, 4, 1, 0]),
    ],
)
def test_the_derivative_at_a_kink_is_the_documented_one(f, data, expected):
    t = Tensor(np.array(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's own, of the value
        out = f(t)
    out.backward(gradient=np.ones(out.shape))
    got = t.grad
    np.testing.assert_allclose(got, expected, rtol=1e-15)


@pytest.mark.parametrize("f", [np.prod, lambda t: np.cumprod(t)[-1]], ids=["prod", "cumprod"])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_products_are_exact_with_zeros_to_every_order(f, order):
    """xyz at 0: all derivatives vanish but d³/dxdydz = 1, and at (0, 0, 3): d²/dxdy = 3."""
    x = np.array([0.0, 0.0, 3.0] if order == 2 else [0.0, 0.0, 0.0])
    d = f
    for _ in range(order):
        d = ag.jacobian(d)
    expected = np.zeros((3,) * order)
    if order == 2:
        expected[0, 1] = expected[1, 0] = 3.0
    if order == 3:
        for place in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
            expected[place] = 1.0
    np.testing.assert_array_equal(d(x), expected)


def test_running_products_neither_divide_nor_overflow_where_the_derivative_is_finite():
    a = np.array([1e-300, 0.1, 1e200, 1e200, 1e-150])
    t = Tensor(a)
    np.cumprod(t).backward(gradient=[1.0, 0, 0, 0, 1e-100])
    expected = [1.0 + 1e-100 * 0.1 * 1e200 * 1e200 * 1e-150, 1e-300 * 1e150, 0, 0, 0]
    np.testing.assert_allclose(t.grad[:2], expected[:2], rtol=1e-12)
    assert np.all(np.isfinite(t.grad))


def test_an_infinite_upstream_stays_where_it_belongs():
    for f in (np.max, np.median, lambda t: np.sum(t, where=[False, False, True])):
        t = Tensor([1.0, 2.0, 3.0])
        f(t).backward(gradient=np.inf)
        assert not np.any(np.isnan(t.grad))
        assert np.sum(np.isinf(t.grad)) == 1


def test_second_derivatives_of_logsumexp_are_finite_beside_rows_of_infinities():
    """A row whose gradient is a fixed one has none, and spoils no other row's."""
    slope = ag.grad(lambda t: np.sum(ag.logsumexp(t, axis=-1)))
    curved = ag.grad(lambda t: np.sum(np.square(slope(t))))
    row = [1.0, 2.0, 0.5]
    for other in ([-np.inf] * 3, [np.inf, 1.0, 2.0]):
        both = curved(np.array([other, row]))
        np.testing.assert_array_equal(both[0], 0.0)
        np.testing.assert_allclose(both[1], curved(np.array([row]))[0], rtol=1e-13)


def test_logsumexp_of_nothing_is_minus_infinity_with_a_gradient_of_nothing():
    t = Tensor(np.zeros((2, 0)))
    out = ag.logsumexp(t, axis=1)
    np.testing.assert_array_equal(out.data, [-np.inf, -np.inf])
    out.backward(gradient=[1.0, 1.0])
    assert t.grad.shape == (2, 0)


def test_the_order_between_an_array_and_a_rearrangement_of_it_is_found_whatever_that_is():
    """`np.partition` may sort small arrays, which would hide a wrong inverse."""
    a, out = np.array([3.0, 1.0, 2.0, 9.0]), np.array([2.0, 9.0, 1.0, 3.0])
    np.testing.assert_array_equal(a[families.load_family("sorting").order_between(a, out, 0)], out)


def test_functions_that_leave_nans_out_take_where_and_initial_as_numpys_do():
    a = np.array([[1.5, np.nan, -3.0], [9.0, 0.5, np.nan]])
    where = np.array([[True, True, False], [False, True, True]])
    for f in (np.nansum, np.nanprod, np.nanmean, np.nanmax, np.nanmin, np.nanvar, np.nanstd):
        starts = (10.0, -10.0) if f in (np.nanmax, np.nanmin) else (None,)
        for start in starts:
            some = {"where": where} | ({"initial": start} if start else {})
            np.testing.assert_array_equal(f(Tensor(a), axis=1, **some).data, f(a, axis=1, **some))
    for f in (np.nansum, np.nanprod):
        np.testing.assert_array_equal(f(Tensor(a), initial=5.0).data, f(a, initial=5.0))


@pytest.mark.parametrize("f", [np.var, np.std, np.mean])
def test_the_statistics_of_nothing_are_nan_with_a_gradient_of_nothing(f):
    t = Tensor(np.zeros((2, 0)))
    with warnings.catch_warnings(action="ignore"):
        out = f(t, axis=1)
    assert np.all(np.isnan(out.data))
    out.sum().backward()
    assert t.grad.shape == (2, 0)


@pytest.mark.parametrize("shift", [0.0, 1000.0, -1000.0, 1e300])
def test_softmax_and_its_kin_do_not_overflow(shift):
    a = np.array([[0.0, 1.0, -1.0], [5.0, 5.0, 5.0]])
    for dtype in (np.float64, np.float32):
        if abs(shift) > 1e4:
            continue
        t = Tensor((a + shift).astype(dtype))
        expected = np.exp(a) / np.exp(a).sum(-1, keepdims=True)
        rtol = 1e-4 if dtype == np.float32 else 1e-12
        np.testing.assert_allclose(t.softmax().data, expected, rtol=rtol)
        np.testing.assert_allclose(t.log_softmax().data, np.log(expected), rtol=rtol)
        np.testing.assert_allclose(
            t.logsumexp(axis=1).data, shift + np.log(np.exp(a).sum(-1)), rtol=rtol
        )
        assert t.softmax().dtype == t.log_softmax().dtype == t.logsumexp().dtype == dtype
    far = ag.softmax(Tensor([1000.0, -1000.0, 0.0]))
    np.testing.assert_array_equal(far.data, [1.0, 0.0, 0.0])


@pytest.mark.parametrize("f", [ag.logsumexp, ag.softmax, ag.log_softmax])
def test_a_composite_gate_equals_its_expansion(f):
    for axis in (0, 1, (0, 1)):
        whole, opened = Tensor([[0.1, -2.0], [1.0, 0.5]]), Tensor([[0.1, -2.0], [1.0, 0.5]])
        out = f(whole, axis=axis)
        made = ag.Graph(f(opened, axis=axis)).opened("all")
        np.testing.assert_allclose(made.data, out.data, rtol=1e-14)
        out.backward(gradient=weights(out.data))
        made.backward(gradient=weights(out.data))
        np.testing.assert_allclose(opened.grad, whole.grad, rtol=1e-12, atol=1e-15)


# ---- scalar nodes, values alone, arguments


def test_reductions_of_a_scalar_node_are_scalar_nodes():
    for f in (
        np.sum, np.mean, np.max, np.min, np.prod, np.var, np.std, np.ptp, np.median, np.average,
        np.nansum, np.nanmean, np.nanmax, np.nanvar, ag.logsumexp,
        lambda x: np.sum(x, axis=0), lambda x: np.max(x, axis=-1), lambda x: np.quantile(x, 0.3),
    ):  # fmt: skip
        x = Tensor(1.5)
        out = f(x)
        out.backward()
        assert type(out.data) is type(x.grad) is float
        flat = f in (np.var, np.std, np.ptp, np.nanvar)
        assert (out.data, x.grad) == ((0.0, 0.0) if flat else (1.5, 1.0))


def test_functions_of_values_give_plain_integers():
    t = Tensor([3.0, 1.0, 2.0])
    for f in (np.argsort, ag.argsort, lambda t: t.argsort()):
        assert type(f(t)) is np.ndarray
        np.testing.assert_array_equal(f(t), [1, 2, 0])
    assert ag.searchsorted(np.sort(t), 2.5) == np.searchsorted([1.0, 2.0, 3.0], Tensor(2.5)) == 2
    np.testing.assert_array_equal(ag.argpartition(t, 0)[:1], [1])
    assert (t.argmax(), t.argmin(), np.argmax(t), np.argmin(t)) == (0, 1, 0, 1)


def test_a_dtype_is_that_of_the_result_and_the_gradient_is_the_leafs():
    t = Tensor(np.full(3, 0.1, np.float32))
    for f in (np.sum, np.mean, np.prod, np.var, np.std, np.cumsum, np.cumprod, np.nansum):
        out = f(t, dtype=np.float64)
        assert out.dtype == np.float64
        t.zero_grad()
        out.sum().backward()
        assert t.grad.dtype == np.float32


MATRIX = np.arange(6.0).reshape(2, 3)
T = Tensor(MATRIX)


@pytest.mark.parametrize(
    ("f", "error"),
    [
        (lambda: np.sum(T, out=np.zeros(())), ag.UnsupportedError),
        (lambda: np.max(T, 0, np.zeros(3)), ag.UnsupportedError),
        (lambda: np.cumsum(T, out=np.zeros(6)), ag.UnsupportedError),
        (lambda: np.median(T, out=np.zeros(())), ag.UnsupportedError),
        (lambda: np.sum(T, dtype=int), ag.DataError),
        (lambda: np.prod(T, dtype=complex), ag.DataError),
        (lambda: np.sum(T, axis=2), ag.OutOfRangeError),
        (lambda: np.cumsum(T, axis=2), ag.OutOfRangeError),
        (lambda: np.sort(T, axis=-3), ag.OutOfRangeError),
        (lambda: np.diff(T, axis=5), ag.OutOfRangeError),
        (lambda: np.trapezoid(T, axis=5), ag.OutOfRangeError),
        (lambda: ag.softmax(T, axis=2), ag.OutOfRangeError),
        (lambda: ag.logsumexp(T, axis=2), ag.OutOfRangeError),
        (lambda: np.std(T, axis=2), ag.OutOfRangeError),
        (lambda: np.quantile(T, 0.5, axis=2), ag.OutOfRangeError),
        (lambda: np.quantile(T, 1.5), ag.ShapeError),
        (lambda: np.quantile(T, Tensor(0.5)), ag.UnsupportedError),
        (lambda: np.quantile(T, 0.5, method="best"), ag.ShapeError),
        (lambda: np.sum(T, initial=Tensor(1.0)), ag.UnsupportedError),
        (lambda: np.max(Tensor(np.zeros((0,)))), ag.ShapeError),
        (lambda: np.max(T, where=MATRIX > 2), ag.ShapeError),
        (lambda: np.average(T, weights=[1.0, 2.0]), ag.ShapeError),
        (lambda: np.average(T, axis=1, weights=[1.0, 2.0]), ag.ShapeError),
        (lambda: np.average(T, axis=0, weights=[1.0, -1.0]), ag.DataError),
        (lambda: np.var(T, ddof=1, correction=1), ag.DataError),
        (lambda: np.diff(Tensor(1.0)), ag.ShapeError),
        (lambda: np.diff(T, -1), ag.ShapeError),
        (lambda: np.gradient(T, axis=0, edge_order=2), ag.ShapeError),
        (lambda: np.gradient(T, 1.0, 2.0, 3.0), ag.DataError),
        (lambda: np.gradient(T, Tensor(1.0)), ag.UnsupportedError),
        (lambda: np.interp(T, Tensor([1.0, 2.0]), [1.0, 2.0]), ag.UnsupportedError),
        (lambda: np.interp(T, [1.0, 2.0], [1.0]), ag.ShapeError),
        (lambda: np.interp(T, [1.0, 2.0], [1.0, 2.0], period=0), ag.ShapeError),
        (lambda: np.convolve(T, [1.0]), ag.ShapeError),
        (lambda: np.convolve(T[0], []), ag.ShapeError),
        (lambda: np.correlate(T[0], [1.0], "whole"), ag.DataError),
        (lambda: np.partition(T, 7), ag.ShapeError),
        (lambda: np.sort(T, order="x"), ag.DataError),
        (lambda: np.ediff1d(T, to_end=[1j]), ag.AutogradError),
        (lambda: np.roots(T), ag.UnsupportedError),
        (lambda: ag.cumulative_sum(T), ag.AutogradError),
        (lambda: ag.argsort(T, axis=4), ag.OutOfRangeError),
    ],
)
def test_what_cannot_be_is_refused_at_the_call(f, error):
    with pytest.raises(error):
        f()


def test_cumulative_sum_and_prod_may_begin_with_their_start():
    t = Tensor(MATRIX + 1.0)
    for f, start, running in (
        (ag.cumulative_sum, 0.0, np.cumsum),
        (ag.cumulative_prod, 1.0, np.cumprod),
    ):
        expected = running(t.data, axis=1)
        np.testing.assert_array_equal(f(t, axis=1).data, expected)
        out = f(t, axis=1, include_initial=True)
        np.testing.assert_array_equal(
            out.data, np.pad(expected, ((0, 0), (1, 0)), constant_values=start)
        )
        out.sum().backward()


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_diff_takes_a_number_before_and_after_along_any_axis(axis):
    a = MATRIX.copy()
    t, start = Tensor(a), Tensor(2.0)
    out = np.diff(t, axis=axis, prepend=start, append=5.0)
    np.testing.assert_array_equal(out.data, np.diff(a, axis=axis, prepend=2.0, append=5.0))
    out.backward(gradient=np.ones(out.shape))
    np.testing.assert_array_equal(t.grad, np.zeros(a.shape))
    assert start.grad == -a.size / a.shape[axis]


def test_no_differences_are_the_operand_itself_whatever_is_put_before_it():
    t = Tensor(MATRIX)
    assert np.diff(t, 0) is t
    assert np.diff(t, 0, prepend=1.0) is t


def test_interpolation_at_the_ends_reads_the_first_and_last_value_not_what_lies_beyond():
    fp = Tensor([1.0, 4.0, 2.0])
    out = np.interp([0.0, 2.0, -1.0, 3.0], [0.0, 1.0, 2.0], fp, left=10.0, right=20.0)
    np.testing.assert_array_equal(out.data, [1.0, 2.0, 10.0, 20.0])
    out.backward(gradient=[1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_array_equal(fp.grad, [1.0, 0.0, 10.0])


def test_gradient_of_several_axes_is_a_tuple():
    found = np.gradient(T)
    assert type(found) is tuple
    for got, want in zip(found, np.gradient(MATRIX), strict=True):
        np.testing.assert_array_equal(got.data, want)


def test_constants_make_a_leaf_and_frozen_operands_get_nothing():
    assert ag.sum(MATRIX).is_leaf
    assert ag.convolve([1.0, 2.0], [1.0]).is_leaf
    a, v = Tensor([1.0, 2.0, 3.0]), Tensor([1.0, 2.0], requires_grad=False)
    np.convolve(a, v).sum().backward()
    np.testing.assert_array_equal(a.grad, [3.0, 3.0, 3.0])
    assert v.grad is None


def test_the_backward_pass_neither_warns_nor_fails_for_nothing():
    for f in (
        np.sum, np.prod, np.cumsum, np.cumprod, np.sort, lambda t: np.diff(t, axis=0),
        lambda t: ag.softmax(t), lambda t: ag.logsumexp(t, axis=1), lambda t: np.sum(t, axis=1),
    ):  # fmt: skip
        t = Tensor(np.zeros((0, 3)))
        out = f(t)
        out.backward(gradient=np.ones(out.shape))
        assert t.grad.shape == (0, 3)


# ---- running extrema


def test_a_running_extremum_shares_among_all_that_reach_it_so_far():
    t = Tensor([1.0, 3.0, 3.0, 2.0, 3.0, 5.0])
    np.maximum.accumulate(t).backward(gradient=[1.0, 1.0, 2.0, 4.0, 9.0, 1.0])
    np.testing.assert_allclose(t.grad, [1.0, 1.0 + 1.0 + 2.0 + 3.0, 6.0, 0.0, 3.0, 1.0])


def test_infinities_in_running_extrema_and_logarithms_make_no_nan():
    for ufunc, values, expected in (
        (np.maximum, [-math.inf, 1.0, math.inf], [1.0, 1.0, 1.0]),
        (np.logaddexp, [-math.inf, 1.0, math.inf], [1.0, 1.0, 1.0]),
        (np.minimum, [math.inf, math.inf, 0.0], [1.5, 0.5, 1.0]),
    ):
        t = Tensor(values)
        ufunc.accumulate(t).backward(gradient=np.ones(3))
        np.testing.assert_array_equal(t.grad, expected)


def test_a_long_row_runs_in_linear_time():
    import time

    t = Tensor(np.random.default_rng(0).normal(size=200_000))
    start = time.perf_counter()
    np.maximum.accumulate(t).backward(gradient=np.ones(t.size))
    np.add.reduceat(t, np.arange(0, t.size, 100)).backward(gradient=np.ones(2000))
    assert time.perf_counter() - start < 5.0
    assert t.grad.sum() == 2.0 * t.size
