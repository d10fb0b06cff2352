"""At the borders: nothing to reduce, half precision and its largest number, other byte orders."""

from __future__ import annotations

import functools
import importlib
import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SAMPLES

import autograd as ag
from autograd import Tensor
from nn import losses

BOTH = pytest.mark.parametrize("how", [lambda f: f, ag.compile], ids=["eager", "compiled"])


def parameters(cases):
    return [pytest.param(value, id=name) for name, value in cases.items()]


# ---- nothing

OF_NOTHING = {
    f"{name} {options}": functools.partial(getattr(np, name), **options)
    for name in (
        "sum", "prod", "mean", "var", "std", "max", "min", "ptp", "median", "nansum", "nanprod",
        "nanmean", "nanvar", "nanstd", "nanmax", "nanmin", "nanmedian",
    )
    for options in ({}, {"axis": 0}, {"axis": -1}, {"axis": 0, "keepdims": True})
}  # fmt: skip
OF_NOTHING |= {
    f"quantile {q} {axis} {method}": functools.partial(np.quantile, q=q, axis=axis, method=method)
    for q in (0.5, [0.1, 0.9], [])
    for axis in (None, 0, -1)
    for method in ("linear", "nearest", "inverted_cdf")
}
OF_NOTHING |= {
    f"nanquantile {q} {axis}": functools.partial(np.nanquantile, q=q, axis=axis)
    for q in (0.5, [0.1, 0.9])
    for axis in (None, 0, -1)
}
OF_NOTHING |= {
    f"percentile {axis}": functools.partial(np.percentile, q=[30.0], axis=axis)
    for axis in (None, 0, -1)
}
OF_NOTHING |= {
    f"norm {order} {axis}": functools.partial(np.linalg.norm, ord=order, axis=axis)
    for order in (None, 0, 1, 2, 3, -1, -2, 0.5, np.inf, -np.inf, "fro", "nuc")
    for axis in (None, 0, -1, (-2, -1))
}
OF_NOTHING |= {
    f"vector_norm {order}": functools.partial(np.linalg.vector_norm, ord=order)
    for order in (0, 1, 2, np.inf, -np.inf)
}
OF_NOTHING |= {
    "cumsum": np.cumsum, "cumprod": np.cumprod, "sort": np.sort, "diff": np.diff,
    "ediff1d": np.ediff1d, "logaddexp.reduce": np.logaddexp.reduce, "add.reduce": np.add.reduce,
    "multiply.accumulate": np.multiply.accumulate, "cond": np.linalg.cond,
    "maximum.accumulate": np.maximum.accumulate, "logaddexp.accumulate": np.logaddexp.accumulate,
    "nancumsum": np.nancumsum, "nancumprod": np.nancumprod, "trapezoid": np.trapezoid,
}  # fmt: skip


def outcome(f, *operands):
    """What comes back, or the error that does, and the warnings on the way."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            result = f(*operands)
        except Exception as error:
            result = error
    return result, sorted(str(each.message).replace("scalar ", "") for each in told)


@pytest.mark.slow
@pytest.mark.parametrize("f", parameters(OF_NOTHING))
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
def test_of_nothing_the_value_is_numpys_and_the_derivative_is_there(f, shape):
    """Warnings are NumPy's, errors ours that derive from NumPy's; no derivative adds another."""
    nothing = np.zeros(shape)
    expected, told = outcome(f, nothing)
    got, ours = outcome(f, Tensor(nothing))
    if isinstance(expected, Exception):
        kinds = (ValueError, IndexError) if isinstance(expected, IndexError) else type(expected)
        assert isinstance(got, kinds)
        assert isinstance(got, ag.AutogradError)
        return
    np.testing.assert_array_equal(got.data, expected)
    assert got.dtype == np.asarray(expected).dtype
    assert ours == told
    out, tangent = outcome(ag.jvp, f, (nothing,), (nothing,))[0]
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(tangent, np.zeros(np.shape(expected)))
    slope = ag.grad(lambda a: np.sum(f(a)))
    for function in (slope, ag.compile(slope)):
        gradient, warned = outcome(function, nothing)
        assert gradient.shape == shape
        assert set(warned) == set(told)  # recording may compute a value twice
    curvature, _ = outcome(ag.hessian(lambda a: np.sum(f(a))), nothing)
    assert curvature.shape == shape + shape


@pytest.mark.parametrize("f", [ag.softmax, ag.log_softmax, ag.logsumexp])
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
@pytest.mark.parametrize("axis", [None, 0, -1])
def test_softmax_and_its_kin_of_nothing_have_a_derivative_of_nothing(f, shape, axis):
    nothing = np.zeros(shape)
    out, tangent = ag.jvp(lambda a: f(a, axis=axis), (nothing,), (nothing,))
    assert out.shape == (np.sum(nothing, axis=axis).shape if f is ag.logsumexp else shape)
    np.testing.assert_array_equal(out, np.full(out.shape, -math.inf))
    np.testing.assert_array_equal(tangent, np.zeros(out.shape))
    slope = ag.grad(lambda a: np.sum(f(a, axis=axis)))
    assert slope(nothing).shape == ag.compile(slope)(nothing).shape == shape


def test_a_mean_over_nothing_but_masked_entries_moves_with_nothing():
    a, none = np.ones((2, 3)), np.array([[True, True, False], [False, False, False]])
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out, tangent = ag.jvp(lambda t: np.mean(t, axis=1, where=none), (a,), (2.0 * a,))
    np.testing.assert_array_equal(out, [1.0, math.nan])
    np.testing.assert_array_equal(tangent, [2.0, 0.0])


# ---- half precision, whose largest number is 65,504

N = 1 << 17
ONES, RANDOM = np.ones(N), np.random.default_rng(0).normal(size=N)
WITH_NAN = np.where(np.arange(N) < 5, math.nan, RANDOM)
EVERY = np.ones(N, bool)

OF_MANY = {
    "mean": (np.mean, ONES),
    "mean where": (lambda t: np.mean(t, where=EVERY), ONES),
    "max": (np.max, ONES),
    "min": (np.min, ONES),
    "ptp": (np.ptp, np.append(ONES[1:], 2.0)),
    "var": (np.var, RANDOM),
    "var where": (lambda t: np.var(t, where=EVERY), RANDOM),
    "std": (np.std, RANDOM),
    "std where": (lambda t: np.std(t, where=EVERY), RANDOM),
    "median": (np.median, ONES),
    "quantile": (lambda t: np.quantile(t, 0.3), ONES),
    "average": (np.average, ONES),
    "nanmean": (np.nanmean, WITH_NAN),
    "nanvar": (np.nanvar, WITH_NAN),
    "nanstd": (np.nanstd, WITH_NAN),
    "nanmax": (np.nanmax, ONES),
    "nanmedian": (np.nanmedian, np.where(np.arange(N) < 5, math.nan, 1.0)),
    "norm": (lambda t: np.linalg.norm(t, np.inf), ONES),
    "logsumexp": (ag.logsumexp, ONES),
    "softmax": (lambda t: np.max(ag.softmax(t)), np.append(ONES[1:], 9.0)),
    "log_softmax": (lambda t: ag.log_softmax(t)[3], ONES),
    "logaddexp.reduce": (np.logaddexp.reduce, ONES),
    "mse": (lambda t: losses.mse(t, 0.0 * ONES), ONES),
    "mse, weighted": (lambda t: losses.mse(t, 0.0 * ONES, sample_weight=ONES), ONES),
    "half_sse": (lambda t: losses.half_sse(t.reshape(-1, 1), 0.0 * ONES[:, None]), ONES),
    "cross_entropy": (
        lambda t: losses.cross_entropy(np.stack([t, 0.0 * t], 1), np.ones(N, int)), RANDOM,
    ),
    "cross_entropy, weighted": (
        lambda t: losses.cross_entropy(
            np.stack([t, 0.0 * t], 1), np.ones(N, int), sample_weight=ONES
        ),
        RANDOM,
    ),
}  # fmt: skip
OURS = (
    "logsumexp", "softmax", "log_softmax", "mse, weighted", "half_sse", "cross_entropy",
    "cross_entropy, weighted",
)  # fmt: skip


@np.errstate(over="ignore", invalid="ignore")  # of NumPy's own values: np.var of so many is inf
@pytest.mark.parametrize("name", OF_MANY)
def test_of_more_entries_than_half_precision_can_count_gradients_are_right(name):
    f, data = OF_MANY[name]

    def gradient(a):
        t = Tensor(a)
        out = f(t)
        out.backward(gradient=np.asarray(1024.0, out.dtype))
        assert t.grad.dtype == out.dtype == a.dtype
        return out.data, t.grad

    small = data.astype(np.float16)
    value, got = gradient(small)
    true, want = gradient(small.astype(float))
    scale = np.max(np.abs(want))
    np.testing.assert_allclose(got, want, rtol=5e-3, atol=2e-3 * scale)
    if name in OURS:
        np.testing.assert_allclose(value, true, rtol=1e-3)
    if name != "logaddexp.reduce":  # whose sum NumPy computes with few digits
        pushed = ag.jvp(f, (small,), (small,))[1]
        wide = ag.jvp(f, (small.astype(float),), (small.astype(float),))[1]
        np.testing.assert_allclose(pushed, wide, rtol=1e-2, atol=2e-2)


def test_ties_are_counted_exactly_where_a_sum_of_float32_would_stop_growing():
    """1 + 1 + ... in float32 stays at 2²⁴, as does a running count down a column."""
    n = (1 << 24) + 64
    column = np.zeros((n, 1), np.float32)
    t = Tensor(column)
    np.max(t, axis=0).backward(gradient=np.float32([n]))
    assert t.grad[0, 0] == 1.0


# ---- other byte orders

MODULES = ("elementwise", "movement", "networks", "reductions", "linear_algebra")
SWAPPED = {f"core {s.label}": (s.f, s.inputs, s.reference) for s in SAMPLES}
for _module in MODULES:
    for _name, _samples in importlib.import_module(f"samples_{_module}").SAMPLES.items():
        SWAPPED |= {f"{_name} {k}": (f, inputs, f) for k, (f, inputs) in enumerate(_samples)}


def several(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SWAPPED)
def test_the_other_byte_order_gives_numpys_dtype_and_the_same_derivatives(name):
    f, inputs, numpys = SWAPPED[name]
    native = [np.asarray(a, float) for a in inputs]
    swapped = [a.astype(a.dtype.newbyteorder()) for a in native]
    try:
        outs = several(f(*map(Tensor, swapped)))
    except ImportError:
        pytest.skip("what computes it is not installed")
    if not name.startswith("array"):  # which is the engine's, and not NumPy's
        for got, want in zip(outs, several(numpys(*swapped)), strict=True):
            want = want.data if isinstance(want, Tensor) else np.asarray(want)
            assert np.asarray(getattr(got, "data", got)).dtype == want.dtype

    def total(*operands):
        return sum(np.sum(np.sin(out)) for out in several(f(*operands)))

    slope = ag.grad(total, tuple(range(len(inputs))))
    for got, want, a in zip(slope(*swapped), slope(*native), swapped, strict=True):
        assert got.dtype == a.dtype
        np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-13)
    tangents = (ag.jvp(total, tuple(a), tuple(a))[1] for a in (swapped, native))
    np.testing.assert_allclose(*tangents, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        lambda a: a.conj(), lambda a: a.conjugate(), np.conj, np.conjugate, np.positive,
        lambda a: np.resize(a, (2, 4)), lambda a: np.resize(a, (0, 4)),
        lambda a: np.resize(a[:0], (0,)), lambda a: np.resize(a[:0], 2),
        np.ediff1d, lambda a: np.ediff1d(a, to_end=1.0), lambda a: np.ediff1d(a, to_begin=a),
        lambda a: np.choose([1, 0], a.reshape(2, 2)),
        lambda a: np.choose([1, 0], [a[:2], a[2:]]),
    ],
)  # fmt: skip
def test_the_byte_order_of_what_joins_and_copies_is_numpys(f):
    a = np.arange(1.0, 5.0).astype(">f8")
    assert f(Tensor(a)).dtype.str == f(a).dtype.str
    np.testing.assert_array_equal(f(Tensor(a)).data, f(a))


@BOTH
@pytest.mark.parametrize("f", [np.nanmean, np.nanvar, np.nanstd, np.nanmax])
def test_functions_that_leave_nans_out_take_the_other_byte_order(f, how):
    a = np.array([1.0, math.nan, 3.0, 4.5])
    for dtype in (">f8", ">f4", "<f4"):
        got = how(ag.grad(f))(a.astype(dtype))
        np.testing.assert_allclose(got, ag.grad(f)(a), rtol=1e-6)


@BOTH
def test_a_node_from_entries_of_another_float_size_compiles(how):
    def f(a):
        return np.sum(np.sin(ag.array([[a, 1.0], [2.0 * a, a]])))

    for dtype in ("<f8", "<f4", ">f4"):
        got = how(ag.grad(f))(np.array(0.25, dtype))
        np.testing.assert_allclose(got, 2.0 * np.cos(0.25) + 2.0 * np.cos(0.5), rtol=1e-6)


# ---- condition numbers

ORDERS = (None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_condition_numbers_are_numpys_to_the_bit(order, dtype):
    a = np.random.default_rng(3).normal(size=(4, 3, 3)).astype(dtype)
    expected = np.linalg.cond(a, order)
    got = np.linalg.cond(Tensor(a), order)
    assert got.dtype == expected.dtype
    assert got.data.tobytes() == expected.tobytes()
    for matrix in a:
        assert np.linalg.cond(Tensor(matrix), order).data == np.linalg.cond(matrix, order)


@BOTH
@pytest.mark.parametrize("order", ORDERS)
def test_condition_numbers_have_the_derivative_of_their_definition(order, how):
    a = np.random.default_rng(4).normal(size=(2, 3, 3))

    def written_out(m):
        if order in (None, 2, -2):
            s = np.linalg.svdvals(m)
            return np.sum(s[..., -1] / s[..., 0] if order == -2 else s[..., 0] / s[..., -1])
        norm = functools.partial(np.linalg.norm, ord=order, axis=(-2, -1))
        return np.sum(norm(m) * norm(np.linalg.inv(m)))

    def cond(m):
        return np.sum(np.linalg.cond(m, order))

    np.testing.assert_allclose(how(ag.grad(cond))(a), ag.grad(written_out)(a), rtol=1e-9)
    curvature = how(ag.hessian(cond))(a)
    np.testing.assert_allclose(
        curvature, ag.hessian(written_out)(a), rtol=1e-7, atol=1e-9 * np.max(np.abs(curvature))
    )
    tangent = ag.jvp(cond, (a,), (np.ones_like(a),))[1]
    np.testing.assert_allclose(tangent, np.sum(ag.grad(cond)(a)), rtol=1e-10)


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("order", ORDERS[:-1])  # of "nuc", NumPy itself fails there
def test_the_condition_number_of_a_singular_matrix_is_numpys_and_its_derivative_nan(order):
    a = np.array([[[1.0, 2.0], [2.0, 4.0]], [[2.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]])
    np.testing.assert_array_equal(np.linalg.cond(Tensor(a), order).data, np.linalg.cond(a, order))
    slope = ag.grad(lambda m: np.sum(np.linalg.cond(m, order)))(a)
    finite = np.isfinite(np.linalg.cond(a, order))
    assert np.all(np.isfinite(slope[finite]))
    assert np.all(np.isnan(slope[~finite]))


# ---- products whose parts leave the range of floats


def exactly(fraction):
    """The nearest float, infinite beyond their range."""
    try:
        return float(fraction)
    except OverflowError:
        return math.inf if fraction > 0 else -math.inf


def product_without(factors, *left_out):
    return math.prod((x for m, x in enumerate(factors) if m not in left_out), start=Fraction(1))


def true_derivatives(factors, weights):
    """First and second derivatives of Σ w·(running product), in rational arithmetic."""
    a, n = [Fraction(x) for x in factors], len(factors)
    first = [Fraction(0)] * n
    second = [[Fraction(0)] * n for _ in range(n)]
    for i, weight in enumerate(weights):
        for j in range(i + 1):
            first[j] += Fraction(weight) * product_without(a[: i + 1], j)
            for k in range(i + 1):
                if k != j:
                    second[j][k] += Fraction(weight) * product_without(a[: i + 1], j, k)
    return [exactly(x) for x in first], [[exactly(x) for x in row] for row in second]


FACTORS = st.lists(
    st.one_of(
        st.just(0.0),
        st.builds(lambda m, e: m * 10.0**e, st.floats(1.0, 9.0), st.integers(-300, 300)),
        st.floats(-3.0, 3.0),
    ),
    min_size=1,
    max_size=6,
)
EXTREME = (
    [1e200, 1e200, 0.0, 0.0], [0.0, 0.0, 1e200, 1e200], [1e-200, 1e-200, 1e200, 1e200],
    [1e300, 1e300, 1e-10], [1e300, 1e300, 0.0, 0.0, 3.0], [0.0, 5.0, 1e200, 1e200, 1e-300],
    [1e300, 1e-300, 1e-300, 2.0], [1e-300, 1e300], [5e-324, 1e308, 2.0], [5.0, 0.0] + [1e30] * 11,
)  # fmt: skip


def assert_exact(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-315)


def check_products(factors):
    a = np.array(factors)
    last = np.eye(len(a))[-1]
    with np.errstate(all="ignore"):
        slope, curvature = true_derivatives(factors, last)
        for of_last in (np.prod, np.nanprod):
            assert_exact(ag.grad(of_last)(a), slope)
            assert_exact(ag.compile(ag.grad(of_last))(a), slope)
        for mode in ("forward", "reverse"):
            assert_exact(ag.jacobian(np.prod, mode=mode)(a), slope)
            for other in ("forward", "reverse"):
                twice = ag.jacobian(ag.jacobian(np.prod, mode=mode), mode=other)(a)
                assert_exact(twice, curvature)
        for weights in (last, np.ones(len(a))):
            slope, curvature = true_derivatives(factors, weights)

            def pulled(t, weights=weights):
                return ag.vjp(np.cumprod, t)[1](weights)[0]

            assert_exact(pulled(a), slope)
            assert_exact(ag.compile(pulled)(a), slope)
            for mode in ("forward", "reverse"):
                assert_exact(ag.jacobian(pulled, mode=mode)(a), curvature)
        pushed = ag.jacobian(np.cumprod, mode="forward")(a)
        rows = [true_derivatives(factors, row) for row in np.eye(len(a))]
        assert_exact(pushed, [first for first, _ in rows])
        for mode in ("forward", "reverse"):
            twice = ag.jacobian(ag.jacobian(np.cumprod, mode="forward"), mode=mode)(a)
            assert_exact(twice, [second for _, second in rows])


@pytest.mark.slow
@pytest.mark.parametrize("factors", EXTREME)
def test_products_are_exact_where_parts_of_them_over_or_underflow(factors):
    check_products(factors)


@pytest.mark.slow
@settings(max_examples=25)
@given(factors=FACTORS)
def test_products_of_any_factors_have_the_derivatives_of_rational_arithmetic(factors):
    check_products(factors)


@pytest.mark.parametrize("axis", [0, 1])
@BOTH
def test_two_zeros_among_four_hundred_tens_leave_zeros_and_no_nan(axis, how):
    a = np.full((2, 402), 10.0)
    a[:, [100, 401]] = 0.0
    a = a if axis else a.T.copy()
    for f in (np.prod, np.nanprod, lambda t, axis: np.take(np.cumprod(t, axis), -1, axis)):
        slope = how(ag.grad(lambda t, f=f: np.sum(f(t, axis=axis))))
        np.testing.assert_array_equal(slope(a), np.zeros_like(a))
    one = np.where(np.arange(402) == 401, 10.0, a[0] if axis else a[:, 0])
    slope = how(ag.grad(np.prod))(one[90:110])  # one zero, among 19 tens
    np.testing.assert_array_equal(slope, np.where(np.arange(20) == 10, 1e19, 0.0))


def test_the_start_of_a_product_is_one_of_its_factors():
    """0 times what overflows is 0 here too."""
    a = np.array([1e200, 1e200, 1e-100])
    slope = ag.grad(lambda t: np.prod(t, initial=0.0))(a)
    np.testing.assert_array_equal(slope, np.zeros(3))
    slope = ag.grad(lambda t: np.prod(t, initial=1e-300))(a)
    np.testing.assert_allclose(slope, [1e-200, 1e-200, 1e100], rtol=1e-13)


# ---- the tails of tanh


@BOTH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_derivative_of_tanh_keeps_its_digits_where_tanh_rounds_to_one(dtype, how):
    x = np.array([-40.0, -17.0, -6.5, 0.0, 0.5, 5.0, 9.0, 17.0, 20.0], dtype)
    slope = 1.0 / np.cosh(x.astype(np.longdouble)) ** 2
    loss = lambda t: np.sum(np.tanh(t))
    got = how(ag.grad(loss))(x)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, slope.astype(dtype), rtol=0.004)
    far = np.abs(x) > 16.0
    np.testing.assert_allclose(got[far], slope[far].astype(dtype), rtol=1e-5)
    np.testing.assert_array_equal(ag.jvp(loss, (x,), (np.ones_like(x),))[1], np.sum(got))
    curvature = how(ag.grad(lambda t: np.sum(ag.grad(loss)(t))))(x)
    np.testing.assert_allclose(curvature, -2.0 * np.tanh(x) * slope.astype(dtype), rtol=0.004)


def test_scalars_and_empty_arrays_and_nans_have_that_derivative_too():
    true = 1.6993417021166355e-17  # 1/cosh²(20)
    for x in (20.0, np.float64(20.0), np.array([20.0]), np.array([np.nan, 20.0])):
        slope = ag.grad(lambda t: np.sum(np.tanh(t)))(x)
        np.testing.assert_allclose(np.ravel(slope)[-1], true, rtol=1e-13)
    assert ag.grad(lambda t: np.sum(np.tanh(t)))(np.empty((0, 2))).shape == (0, 2)
