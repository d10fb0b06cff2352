"""Activations: the slides' numbers, closed forms, derivatives by differences, and extremes."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
import nn
from autograd import Tensor
from nn import activations

MATRIX = np.array([[-1.0, 3.0, 2.0], [0.0, 2.0, -3.0], [-1.0, -4.0, 1.0]])  # the slides'
POINTS = np.array([-30.0, -6.0, -1.3, -0.2, 0.4, 1.7, 5.0, 30.0])

LAMBDA, ALPHA = 1.0507009873554805, 1.6732632423543772


def phi(x):
    """The standard normal density, and `Phi` its integral from −∞."""
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def Phi(x):  # noqa: N802 - as in the field
    return 0.5 * math.erfc(-x / math.sqrt(2))


def s(x):
    return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))


def bend(x, order=0):
    """√(2/π)·(x + 0.044715·x³), or its derivative."""
    polynomial = 1 + 3 * 0.044715 * x * x if order else x + 0.044715 * x**3
    return math.sqrt(2 / math.pi) * polynomial


# name: the function, f and f' as textbooks write them, and where f is not smooth
FORMS = {
    "step": (activations.step, lambda x: 1.0 if x >= 0 else 0.0, lambda x: 0.0),
    "bipolar_step": (activations.bipolar_step, lambda x: 1.0 if x >= 0 else -1.0, lambda x: 0.0),
    "logistic": (activations.logistic, s, lambda x: s(x) * s(-x)),
    "logistic, slope 3": (
        lambda x: activations.logistic(x, slope=3.0),
        lambda x: s(3 * x), lambda x: 3 * s(3 * x) * s(-3 * x),
    ),
    "tanh": (activations.tanh, math.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "tanh, slope 1": (
        lambda x: activations.tanh(x, slope=1.0),
        lambda x: 2 * s(x) - 1, lambda x: 0.5 * (1 - (2 * s(x) - 1) ** 2),
    ),
    "softplus": (
        activations.softplus, lambda x: max(x, 0) + math.log1p(math.exp(-abs(x))), s,
    ),
    "relu": (activations.relu, lambda x: max(0.0, x), lambda x: float(x > 0)),
    "leaky_relu": (
        lambda x: activations.leaky_relu(x, slope=0.1),
        lambda x: x if x > 0 else 0.1 * x, lambda x: 1.0 if x > 0 else 0.1,
    ),
    "elu": (
        lambda x: activations.elu(x, alpha=0.7),
        lambda x: x if x > 0 else 0.7 * math.expm1(x),
        lambda x: 1.0 if x > 0 else 0.7 * math.exp(x),
    ),
    "selu": (
        activations.selu,
        lambda x: LAMBDA * (x if x > 0 else ALPHA * math.expm1(x)),
        lambda x: LAMBDA * (1.0 if x > 0 else ALPHA * math.exp(x)),
    ),
    "gelu": (activations.gelu, lambda x: x * Phi(x), lambda x: Phi(x) + x * phi(x)),
    "gelu_tanh": (
        activations.gelu_tanh,
        lambda x: x * s(2 * bend(x)),
        lambda x: s(2 * bend(x)) + x * 2 * bend(x, 1) * s(2 * bend(x)) * s(-2 * bend(x)),
    ),
    "softplus, beta 2": (
        nn.Softplus(beta=2.0),
        lambda x: max(x, 0) + math.log1p(math.exp(-2 * abs(x))) / 2, lambda x: s(2 * x),
    ),
    "softplus, straight from 1": (
        nn.Softplus(threshold=1.0),
        lambda x: x if x > 1 else math.log1p(math.exp(x)), lambda x: 1.0 if x > 1 else s(x),
    ),
    "swish": (activations.swish, lambda x: x * s(x), lambda x: s(x) * (1 + x * s(-x))),
    "softsign": (
        activations.softsign, lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2,
    ),
    "identity": (activations.identity, lambda x: x, lambda x: 1.0),
}  # fmt: skip

every_form = pytest.mark.parametrize("name", FORMS)


# ---- the slides' numbers


def test_the_slides_matrix_through_relu_and_tanh():
    relu = [[0.0, 3.0, 2.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]
    tanh = [[-0.762, 0.995, 0.964], [0.0, 0.964, -0.995], [-0.762, -0.999, 0.762]]
    np.testing.assert_array_equal(nn.ReLU()(MATRIX).data, relu)
    np.testing.assert_array_equal(nn.Tanh()(MATRIX).data.round(3), tanh)


def test_the_minimum_of_swish():
    x = Tensor(-1.278464543)
    y = activations.swish(x)
    y.backward()
    assert y.data == pytest.approx(-0.278464543, abs=1e-9)
    assert x.grad == pytest.approx(0.0, abs=1e-9)


def test_the_steepest_slopes():
    """The logistic's is a quarter of its slope, tanh's half of its."""
    assert ag.grad(activations.logistic)(0.0) == 0.25
    assert ag.grad(lambda x: activations.logistic(x, slope=4.0))(0.0) == 1.0
    assert ag.grad(activations.tanh)(0.0) == 1.0
    assert ag.grad(lambda x: activations.tanh(x, slope=8.0))(0.0) == 4.0


def test_the_derivative_of_softplus_is_the_logistic_function():
    x = Tensor(POINTS)
    activations.softplus(x).sum().backward()
    np.testing.assert_allclose(x.grad, activations.logistic(POINTS).data, rtol=1e-14)


def test_defaults_are_the_standard_functions():
    np.testing.assert_array_equal(nn.Sigmoid()(POINTS).data, ag.sigmoid(POINTS).data)
    np.testing.assert_array_equal(nn.Tanh()(POINTS).data, np.tanh(POINTS))


# ---- closed forms and differences


@every_form
def test_values_and_derivatives_are_the_textbooks(name):
    f, value, slope = FORMS[name]
    x = Tensor(POINTS)
    y = f(x)
    y.backward(gradient=np.ones_like(POINTS))
    np.testing.assert_allclose(y.data, [value(p) for p in POINTS], rtol=5e-13, atol=1e-300)
    np.testing.assert_allclose(x.grad, [slope(p) for p in POINTS], rtol=1e-12, atol=1e-15)


@every_form
def test_scalar_nodes_agree_with_arrays(name):
    f = FORMS[name][0]
    for point in [*POINTS.tolist(), 0.0]:
        x, xs = Tensor(point), Tensor(np.array([point]))
        y, ys = f(x), f(xs)
        y.backward()
        ys.backward(gradient=np.ones(1))
        assert type(y.data) is type(x.grad) is float
        assert y.data == pytest.approx(ys.data[0], rel=1e-14, abs=1e-300)
        assert x.grad == pytest.approx(xs.grad[0], rel=1e-12, abs=1e-300)


@every_form
def test_derivatives_to_second_order_by_differences(name):
    points = np.array([-5.0, -1.3, -0.2, 0.4, 1.7, 5.0])
    assert ag.gradcheck(FORMS[name][0], points, order=2)


@pytest.mark.parametrize("f", [activations.leaky_relu, activations.elu], ids=["prelu", "elu"])
def test_what_a_slope_learns_by_differences(f):
    assert ag.gradcheck(f, POINTS[1:-1], np.array(0.3), order=2)
    assert ag.gradcheck(f, POINTS[1:-1].reshape(2, 3), np.array([0.3, 0.1, -0.2]), order=2)
    assert ag.gradcheck(f, -1.5, 0.3)


def test_softmax_and_log_softmax_by_differences():
    rows = np.random.default_rng(0).normal(size=(3, 4))
    assert ag.gradcheck(nn.Softmax(), rows, order=2)
    assert ag.gradcheck(nn.LogSoftmax(axis=0), rows, order=2)


def test_maxout_routes_and_shares_ties():
    x = Tensor([[1.0, 3.0], [2.0, 2.0]])
    activations.maxout(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [[0.0, 1.0], [0.5, 0.5]])


# ---- extremes and kinks

FAR = {  # f(−∞), f'(−∞), f(∞), f'(∞); nan where f has no finite limit
    "step": (0, 0, 1, 0), "bipolar_step": (-1, 0, 1, 0),
    "logistic": (0, 0, 1, 0), "logistic, slope 3": (0, 0, 1, 0),
    "tanh": (-1, 0, 1, 0), "tanh, slope 1": (-1, 0, 1, 0),
    "softplus": (0, 0, np.nan, 1), "relu": (0, 0, np.nan, 1),
    "leaky_relu": (np.nan, 0.1, np.nan, 1), "elu": (-0.7, 0, np.nan, 1),
    "selu": (-LAMBDA * ALPHA, 0, np.nan, LAMBDA),
    "softplus, beta 2": (0, 0, np.nan, 1), "softplus, straight from 1": (0, 0, np.nan, 1),
    "gelu": (0, 0, np.nan, 1), "gelu_tanh": (0, 0, np.nan, 1), "swish": (0, 0, np.nan, 1),
    "softsign": (-1, 0, 1, 0), "identity": (np.nan, 1, np.nan, 1),
}  # fmt: skip


@every_form
@pytest.mark.parametrize("size", [1e3, 1e30, 1e300, math.inf])
@pytest.mark.parametrize("kind", ["float64", "float32", "scalar"])
def test_far_out_they_are_at_their_limits(name, size, kind):
    """No nan, no overflow, no warning; where f grows, it is x times its slope there."""
    low, low_slope, high, high_slope = FAR[name]
    for sign, limit, slope in ((-1.0, low, low_slope), (1.0, high, high_slope)):
        with np.errstate(over="ignore"):
            point = sign * size if kind == "scalar" else np.array([sign * size]).astype(kind)
        x = Tensor(point)
        y = FORMS[name][0](x)
        y.backward(gradient=None if kind == "scalar" else np.ones(1))
        expected = slope * np.float64(x.item()) if math.isnan(limit) else limit
        tolerance = 1e-6 if kind == "float32" else 1e-13
        if name == "softsign":  # which nears its limits as 1/x does
            tolerance += 1.0 / size
        with np.errstate(over="ignore"):
            rounded = np.float32(expected) if kind == "float32" else expected
        assert y.item() == pytest.approx(float(rounded), rel=tolerance, abs=tolerance)
        assert np.ravel(x.grad)[0] == pytest.approx(slope, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize(
    ("name", "slope"),
    [("step", 0), ("bipolar_step", 0), ("relu", 0), ("leaky_relu", 0.1), ("elu", 0.7),
     ("selu", LAMBDA * ALPHA)],
)  # fmt: skip
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_at_the_kink_the_derivative_is_the_left_one(name, slope, zero):
    f, value, _ = FORMS[name]
    for x in (Tensor(zero), Tensor(np.array([zero]))):
        y = f(x)
        y.backward(gradient=None if x.ndim == 0 else np.ones(1))
        assert y.item() == value(0.0)
        assert np.ravel(x.grad)[0] == pytest.approx(slope, rel=1e-15)


@every_form
def test_nan_stays_nan(name):
    f = FORMS[name][0]
    assert math.isnan(f(Tensor(math.nan)).data)
    assert math.isnan(f(Tensor([math.nan])).data[0])


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_does_not_overflow(name):
    x = Tensor([[1000.0, 0.0, -1000.0]])
    y = getattr(activations, name)(x)
    y.backward(gradient=np.array([[1.0, 2.0, 3.0]]))
    expected = {"softmax": [[1.0, 0.0, 0.0]], "log_softmax": [[0.0, -1000.0, -2000.0]]}
    np.testing.assert_array_equal(y.data, expected[name])
    assert np.isfinite(x.grad).all()


@given(st.lists(st.floats(-1e5, 1e5), min_size=1, max_size=6), st.floats(0.0, 5.0))
def test_a_leaky_relu_is_the_larger_of_its_two_lines(points, slope):
    got = activations.leaky_relu(Tensor(points), slope=slope).data
    larger = np.maximum if slope <= 1.0 else np.minimum
    np.testing.assert_array_equal(got, larger(np.array(points), slope * np.array(points)))


# ---- kinds of input and names


@every_form
def test_float32_stays_float32(name):
    x = Tensor(POINTS.astype(np.float32))
    y = FORMS[name][0](x)
    y.backward(gradient=np.ones_like(x.data))
    assert y.dtype == x.grad.dtype == np.float32


MODULES = [
    nn.ReLU(), nn.LeakyReLU(), nn.PReLU(), nn.ELU(), nn.SELU(), nn.GELU(), nn.Swish(),
    nn.Softplus(), nn.Softplus(0.5, 20.0), nn.Softsign(), nn.GELU("tanh"), nn.Sigmoid(),
    nn.Tanh(), nn.Softmax(),
    nn.LogSoftmax(), nn.Step(), nn.BipolarStep(), nn.Identity(),
]  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=repr)
def test_modules_take_arrays_lists_and_tensors_alike(module):
    rows = [[1.0, -2.0, 0.5]]
    expected = module(Tensor(rows)).data
    np.testing.assert_array_equal(module(rows).data, expected)
    np.testing.assert_array_equal(module(np.array(rows)).data, expected)
    assert module(np.array(rows)).shape == (1, 3)


def test_a_module_of_one_step_is_one_gate_in_its_scope():
    for module, gate in [(nn.ReLU(), "relu"), (nn.GELU(), "gelu"), (nn.Sigmoid(), "sigmoid"),
                         (nn.LeakyReLU(), "leaky_relu"), (nn.Swish(), "swish")]:  # fmt: skip
        y = module(Tensor(POINTS))
        assert (y.gate.name, len(ag.Graph(y).nodes)) == (gate, 2)
        assert y.scope == type(module).__name__.lower()


def test_the_tanh_form_of_gelu_is_near_the_exact_one():
    x = np.linspace(-8.0, 8.0, 4001)
    exact, form = activations.gelu(x).data, nn.GELU("tanh")(x).data
    assert 4e-4 < np.abs(form - exact).max() < 5e-4
    assert repr(nn.GELU("tanh")) == "GELU(approximate='tanh')"
    assert nn.GELU("none").approximate is None


def test_softmax_says_that_scalar_nodes_have_no_axis():
    with pytest.raises(ag.DataError, match=r"ag\.array"):
        nn.Softmax()([Tensor(1.0), Tensor(2.0)])


def test_names_are_looked_up_in_one_table():
    from nn.layers.activations import MODULES as BY_NAME

    assert set(activations.FUNCTIONS) <= set(BY_NAME)
    for name, function in activations.FUNCTIONS.items():
        module = BY_NAME[name]()
        np.testing.assert_array_equal(module(MATRIX).data, function(MATRIX).data)
        assert activations.get(name) is function
        assert getattr(nn, name) is function


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: activations.get("rleu"), nn.UnknownNameError, "did you mean 'relu'"),
        (lambda: nn.MLP(2, [3], 1, activation="sigmiod"), nn.UnknownNameError, "'sigmoid'"),
        (lambda: activations.get(3), ag.DataError, "name or a function"),
        (lambda: nn.MLP(2, [3], 1, activation=3), ag.DataError, "relu"),
        (lambda: nn.LeakyReLU(math.inf), nn.OptionError, "slope"),
        (lambda: nn.Sigmoid("steep"), ag.DataError, "slope"),
        (lambda: nn.Softmax(axis=1.0), ag.DataError, "axis"),
        (lambda: nn.PReLU(axis=None), ag.DataError, "axis"),
        (lambda: nn.Softplus(beta=0.0), nn.OptionError, "beta must be above 0"),
        (lambda: nn.Softplus(threshold="20"), ag.DataError, "threshold"),
        (lambda: nn.GELU("erf"), nn.UnknownNameError, "none, tanh"),
        (lambda: nn.ReLU()("text"), ag.DataError, "numbers"),
    ],
)
def test_what_cannot_be_is_refused_with_the_nearest(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_no_warning_comes_out_of_plain_arrays():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for module in MODULES:
            module(np.array([-1e300, 0.0, 1e300]))
