"""The elementwise families: NumPy's values, derivatives in both modes, kinks, errors."""

from __future__ import annotations

import inspect
import math
from importlib.util import find_spec

import numpy as np
import pytest
from differences import central, complex_step
from samples_elementwise import ANALYTIC, NEEDS, SAMPLES

import autograd as ag
from autograd import Tensor, families
from autograd.gates import index
from autograd.gates.trigonometric import spherical

FAMILIES = ("trigonometric", "logarithmic", "rounding", "special", "complex_parts")
GATES = {
    value.name: value
    for name in FAMILIES
    for value in vars(families.load_family(name)).values()
    if isinstance(value, ag.Gate)
    and not any(value in vars(core).values() for core in families.CORE)  # imported from there
}
WITHOUT_SCIPY = pytest.mark.skipif(find_spec("scipy") is None, reason="needs SciPy")
OWN = {  # functions that NumPy lacks, and ours give a Tensor
    name
    for name, [(f, inputs), *_] in SAMPLES.items()
    if name in NEEDS["scipy"] or isinstance(f(*inputs), Tensor)
}
FLAT = ("sign", "floor", "ceil", "trunc", "rint", "fix", "round", "modf.whole", "imag")


def cases(names=tuple(SAMPLES), most=None):
    return [
        pytest.param(
            *sample, id=f"{name} {k}", marks=[WITHOUT_SCIPY] if name in NEEDS["scipy"] else []
        )
        for name in names
        for k, sample in enumerate(SAMPLES[name][:most])
    ]


every_case = pytest.mark.parametrize(("f", "inputs"), cases())


def values(f):
    """The function of arrays, whether it is NumPy's or one of ours."""

    def call(*arrays):
        out = f(*arrays)
        return out.data if isinstance(out, Tensor) else out

    return call


def weights(out):
    return np.random.default_rng(3).normal(size=np.shape(out))


def gradients(f, inputs):
    nodes = [Tensor(a) for a in inputs]
    out = f(*nodes)
    out.backward(gradient=weights(out.data))
    return out, [node.grad for node in nodes]


def test_every_gate_of_these_families_has_a_sample():
    assert set(GATES) == set(SAMPLES)


@pytest.mark.parametrize(("f", "inputs"), cases([name for name in SAMPLES if name not in OWN]))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_value_is_that_of_numpy_to_the_bit(f, inputs, dtype):
    inputs = [a.astype(dtype) for a in inputs]
    expected = np.asarray(f(*inputs))
    out = f(*[Tensor(a) for a in inputs])
    assert out.dtype == expected.dtype
    assert out.data.tobytes() == expected.tobytes()
    assert out.shape == expected.shape
    strided = f(*[Tensor(np.stack([a, a], axis=-1)[..., 0]) for a in inputs])
    np.testing.assert_array_equal(strided.data, expected)


@every_case
def test_reverse_mode_is_that_of_central_differences(f, inputs):
    _, found = gradients(f, inputs)
    expected = central(values(f), inputs, weights(values(f)(*inputs)))
    for got, want, a in zip(found, expected, inputs, strict=True):
        assert got.shape == a.shape
        np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize(("f", "inputs"), cases(ANALYTIC))
def test_reverse_mode_is_that_of_a_complex_step(f, inputs):
    _, found = gradients(f, inputs)
    expected = complex_step(f, inputs, weights(f(*inputs)))
    for got, want in zip(found, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-11, atol=1e-12)


@every_case
def test_forward_mode_agrees_with_reverse_mode(f, inputs):
    rng = np.random.default_rng(5)
    tangents = [rng.normal(size=a.shape) for a in inputs]
    out, pushed = ag.jvp(f, inputs, tangents)
    _, found = gradients(f, inputs)
    forward = np.sum(pushed * weights(out))
    reverse = sum(np.sum(g * t) for g, t in zip(found, tangents, strict=True))
    np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-13)


@every_case
def test_second_derivatives_are_differences_of_the_first(f, inputs):
    def first(*arrays):
        return sum(np.sum(np.sin(g)) for g in gradients(f, arrays)[1])

    nodes = [Tensor(a) for a in inputs]
    out = f(*nodes)
    out.backward(gradient=weights(out.data), create_graph=True)
    slopes = [node.grad for node in nodes]
    for node in nodes:
        node.zero_grad()
    total = sum(np.sum(np.sin(g)) for g in slopes)
    if total.requires_grad:
        total.backward()
    expected = central(first, inputs, 1.0)
    for node, want in zip(nodes, expected, strict=True):
        got = np.zeros(node.shape) if node.grad is None else node.grad
        np.testing.assert_allclose(got, want, rtol=5e-6, atol=5e-7)


@every_case
def test_forward_over_reverse_agrees_with_reverse_over_reverse(f, inputs):
    def energy(*nodes):
        return np.sum(np.sin(f(*nodes)))

    for k in range(len(inputs)):

        def slope(a, k=k):
            return ag.grad(energy, k)(*inputs[:k], a, *inputs[k + 1 :])

        ones = np.ones_like(inputs[k])
        np.testing.assert_allclose(
            ag.jvp(slope, (inputs[k],), (ones,))[1],
            ag.grad(lambda a, slope=slope: np.sum(slope(a)))(inputs[k]),
            rtol=1e-11, atol=1e-12,
        )  # fmt: skip


@every_case
def test_float32_stays_float32(f, inputs):
    small = [a.astype(np.float32) for a in inputs]
    out, found = gradients(f, small)
    assert out.dtype == np.asarray(values(f)(*small)).dtype
    _, exact = gradients(f, inputs)
    for got, want in zip(found, exact, strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want, rtol=5e-4, atol=5e-5)


@every_case
def test_a_trace_has_local_gradients_whose_product_is_the_contribution(f, inputs):
    nodes = [Tensor(a) for a in inputs]
    out = f(*nodes)
    for step in ag.trace(out, gradient=weights(out.data)).steps:
        for local, down, operand in zip(step.local, step.downstream, step.inputs, strict=True):
            if local is not None and down is not None and np.shape(local) == operand.shape:
                np.testing.assert_allclose(step.upstream * local, down, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", [n for n in SAMPLES if n in GATES and hasattr(np, n)])
def test_numpys_name_ours_and_the_method_are_one_function(name):
    f, inputs = SAMPLES[name][0]
    if f is not getattr(np, name):
        return
    nodes = [Tensor(a) for a in inputs]
    expected = f(*nodes)
    assert expected.gate.name == name
    assert getattr(ag, name)(*nodes).data.tobytes() == expected.data.tobytes()


# ---- scalar nodes


@pytest.mark.parametrize(
    ("f", "at", "value", "slope"),
    [
        (np.sin, 0.0, 0.0, 1.0),
        (np.arcsin, 1.0, math.pi / 2, math.inf),
        (np.arccosh, 1.0, 0.0, math.inf),
        (np.arccosh, 0.5, math.nan, math.nan),
        (np.arctanh, 1.0, math.inf, math.inf),
        (np.cbrt, 0.0, 0.0, math.inf),
        (np.log1p, -1.0, -math.inf, math.inf),
        (np.sinh, 1000.0, math.inf, math.inf),
        (np.exp2, 5000.0, math.inf, math.inf),
        (np.floor, -0.5, -1.0, 0.0),
        (np.ceil, -0.5, -0.0, 0.0),
        (np.rint, 2.5, 2.0, 0.0),
        (np.rint, math.inf, math.inf, 0.0),
        (np.round, 2.5, 2.0, 0.0),
        (np.sinc, 0.0, 1.0, 0.0),
        (np.nan_to_num, math.nan, 0.0, 0.0),
        (lambda x: np.clip(x, 0.0, 1.0), 1.0, 1.0, 1.0),
        (lambda x: np.clip(x, 0, 1), 3.0, 1.0, 0.0),
        (lambda x: np.clip(x, None, 1), 1.0, 1.0, 1.0),
        (lambda x: x.clip(0), -1.0, 0.0, 0.0),
        (lambda x: np.modf(x)[0], -2.75, -0.75, 1.0),
        (lambda x: np.divmod(x, 4.0)[1], -7.0, 1.0, 1.0),
        (ag.erf, 0.0, 0.0, 2.0 / math.sqrt(math.pi)),
        (ag.erfc, 30.0, 0.0, -2.0 / math.sqrt(math.pi) * math.exp(-900.0)),
        (ag.softplus, 1000.0, 1000.0, 1.0),
        (ag.softplus, -800.0, 0.0, 0.0),
        (ag.softsign, -math.inf, -1.0, 0.0),
        (ag.softsign, 1e300, 1.0, 0.0),
    ],
)
def test_scalar_nodes_give_floats_with_ieee_results(f, at, value, slope):
    x = Tensor(at)
    out = f(x)
    out.backward()
    assert type(out.data) is type(x.grad) is float
    np.testing.assert_equal(out.data, value)
    np.testing.assert_allclose(x.grad, slope, rtol=1e-15, atol=0.0)
    array = Tensor([at])
    with np.errstate(all="ignore"):
        f(array).backward()
    np.testing.assert_allclose(array.grad, [slope], rtol=1e-15, atol=0.0)


@pytest.mark.parametrize("f", [np.hypot, np.arctan2, np.copysign, np.fmax, np.logaddexp, np.fmod])
@pytest.mark.parametrize("a", [0.0, -1.5, math.inf, math.nan])
@pytest.mark.parametrize("b", [0.0, 2.5, -math.inf, math.nan])
def test_a_scalar_node_beside_an_array_gives_what_the_array_would(f, a, b):
    for first, second in [(Tensor(a), Tensor([b])), (Tensor([a]), Tensor(b))]:
        same = [Tensor([a]), Tensor([b])]
        with np.errstate(all="ignore"):
            out, expected = f(first, second), f(*same)
        np.testing.assert_array_equal(out.data, expected.data)
        out.backward()
        expected.backward()
        for node, want in zip((first, second), same, strict=True):
            assert type(node.grad) is type(node.data)
            np.testing.assert_array_equal(np.ravel(node.grad), want.grad)


def test_second_derivatives_of_scalar_nodes():
    for f, at in [(np.sin, 0.3), (np.arcsinh, 0.3), (ag.erf, 0.3), (np.sinc, 0.3)]:
        scalar = ag.grad(ag.grad(f))(at)
        assert type(scalar) is float
        np.testing.assert_allclose(scalar, ag.grad(ag.grad(f))(np.array(at)), rtol=1e-14)


@pytest.mark.parametrize(
    ("f", "inputs"),
    cases([name for name in SAMPLES if name not in ("logaddexp.reduce", "unwrap")], most=1),
)
def test_every_gate_takes_scalar_nodes_in_both_modes_and_orders(f, inputs):
    numbers = [float(a.flat[0]) for a in inputs]
    arrays = [np.array(number) for number in numbers]
    for k, number in enumerate(numbers):

        def of_one(x, k=k):
            return np.multiply(f(*numbers[:k], x, *numbers[k + 1 :]), 1.0)

        def of_array(x, k=k):
            return np.multiply(f(*arrays[:k], x, *arrays[k + 1 :]), 1.0)

        slope, expected = ag.grad(of_one), ag.grad(of_array)
        for ours, theirs in [
            (slope(number), expected(arrays[k])),
            (ag.jvp(of_one, (number,), (2.0,))[1], ag.jvp(of_array, (arrays[k],), (2.0,))[1]),
            (ag.grad(slope)(number), ag.grad(expected)(arrays[k])),
            (ag.jvp(slope, (number,), (2.0,))[1], ag.jvp(expected, (arrays[k],), (2.0,))[1]),
        ]:
            assert np.ndim(ours) == 0
            np.testing.assert_allclose(ours, theirs, rtol=1e-13, atol=1e-15)
    for step in ag.trace(f(*map(Tensor, numbers))).steps:
        assert all(down is None or type(down) is float for down in step.downstream)


# ---- accuracy


def test_erf_and_erfc_are_right_to_1e_15_of_the_value():
    x = np.concatenate([
        np.linspace(-6.5, 26.5, 6001), np.logspace(-300, -0.1, 500), -np.logspace(-20, 1.4, 500),
        [0.46875, -0.46875, 4.0, -4.0],
    ])  # fmt: skip
    for ours, true in ((ag.erf, math.erf), (ag.erfc, math.erfc)):
        expected = np.array([true(v) for v in x])
        np.testing.assert_allclose(ours(x).data, expected, rtol=1e-15, atol=0.0)


@pytest.mark.parametrize(("f", "true"), [(ag.erf, math.erf), (ag.erfc, math.erfc)])
def test_erf_and_erfc_at_the_ends(f, true):
    x = np.array([math.inf, -math.inf, 1e300, -1e300, 0.0, -0.0, 27.0, -27.0, math.nan])
    np.testing.assert_array_equal(f(x).data, [true(v) for v in x])
    assert f(x.reshape(3, 3)).shape == (3, 3)
    assert f(np.float32(0.5)).dtype == np.float32
    assert f(np.zeros((0, 2))).shape == (0, 2)
    assert f(Tensor([1, 2], requires_grad=False)).dtype == np.float64


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_functions_behind_sinc_agree_on_both_sides_of_where_their_formula_changes(order):
    edge = order + 2.0
    below, above = spherical(np.array([edge, np.nextafter(edge, 9.0)]), order)
    np.testing.assert_allclose(below, above, rtol=1e-13)
    double = math.prod(range(1, 2 * order + 2, 2))
    assert spherical(np.array(0.0), order) == 1.0 / double


def test_sinc_has_derivatives_of_any_order_at_zero_and_beside_it():
    """sinc x = 1 − π²x²/6 + π⁴x⁴/120 − ..."""
    for at in (0.0, 1e-9, -1e-5):
        x = Tensor([at])
        d = [np.sinc]
        for _ in range(4):
            d.append(ag.grad(lambda t, f=d[-1]: np.sum(f(t))))
        pi = math.pi
        np.testing.assert_allclose(
            d[1](x).data, [-(pi**2) * at / 3 + pi**4 * at**3 / 30], rtol=1e-12
        )
        np.testing.assert_allclose(d[2](x).data, [-(pi**2) / 3], rtol=1e-8)
        np.testing.assert_allclose(d[3](x).data, [pi**4 * at / 5], rtol=1e-8)
        np.testing.assert_allclose(d[4](x).data, [pi**4 / 5], rtol=1e-8)


@pytest.mark.parametrize(
    ("f", "at", "slope"),
    [
        (np.expm1, -50.0, math.exp(-50.0)),
        (np.arcsin, 1.0 - 2.0**-40, 1.0 / math.sqrt(2.0**-39 - 2.0**-80)),
        (np.arcsinh, 1e200, 1e-200),
        (np.arccosh, 1e200, 1e-200),
        (lambda a: np.hypot(a, 1e-200), 1e-200, math.sqrt(0.5)),
        (lambda a: np.arctan2(a, 1e-200), 1e-200, 0.5e200),
        (lambda a: np.logaddexp(a, 1000.0), 990.0, math.exp(-10.0) / (1.0 + math.exp(-10.0))),
        (ag.softplus, -700.0, math.exp(-700.0)),
        (lambda a: np.fmod(1.0, a), 0.1, -9.0),  # 1.0/0.1 rounds up to 10
    ],
)
def test_derivatives_keep_their_digits_where_the_textbook_formula_loses_them(f, at, slope):
    np.testing.assert_allclose(ag.grad(f)(np.array(at)), slope, rtol=1e-13)


SIGMOID_TAILS = [  # x, σ(x)·σ(−x), and its derivative by −|x|; to 20 digits by mpmath
    (0.5, 0.23500371220159448907, 0.057556794852320740559),
    (5.0, 0.006648056670790154914, 0.0065590677663225629379),
    (17.0, 4.1399373760035016377e-8, 4.1399370332218579021e-8),
    (40.0, 4.2483542552915889592e-18, 4.2483542552915889231e-18),
    (300.0, 5.1482002224120137812e-131, 5.1482002224120137812e-131),
    (700.0, 9.8596765437597708567e-305, 9.8596765437597708567e-305),
]


@pytest.mark.parametrize(("x", "slope", "curvature"), SIGMOID_TAILS)
@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("wrap", [float, np.array, lambda v: np.full(3, v)], ids=["0", "0d", "1d"])
@pytest.mark.parametrize("how", [lambda f: f, ag.compile], ids=["eager", "compiled"])
def test_the_logistic_function_keeps_its_derivatives_digits_in_both_tails(
    x, slope, curvature, side, wrap, how
):
    first = ag.grad(lambda a: np.sum(ag.sigmoid(a)))
    second = ag.grad(lambda a: np.sum(first(a)))
    at = wrap(side * x)
    np.testing.assert_allclose(how(first)(at), wrap(slope), rtol=1e-15 * max(4.0, x))
    np.testing.assert_allclose(how(second)(at), wrap(-side * curvature), rtol=1e-15 * max(8.0, x))
    forward = ag.jvp(ag.sigmoid, (at,), (wrap(1.0),))[1]
    np.testing.assert_allclose(forward, wrap(slope), rtol=1e-15 * max(4.0, x))


@pytest.mark.parametrize("x", [17.0, -17.0, 60.0])
def test_the_logistic_functions_derivative_has_all_digits_of_float32(x):
    at = np.float32([x])
    slope = ag.grad(lambda a: np.sum(ag.sigmoid(a)))(at)
    e = np.exp(-abs(np.float64(x)))
    np.testing.assert_allclose(slope, [e / (1.0 + e) ** 2], rtol=1e-6)


def test_the_logistic_functions_third_derivative_at_zero_is_there():
    f = ag.sigmoid
    for _ in range(3):
        f = ag.grad(lambda a, f=f: np.sum(f(a)))
    np.testing.assert_allclose(f(np.array([0.0])), [-0.125], rtol=1e-15)
    assert f(0.0) == -0.125


@np.errstate(invalid="ignore")  # NumPy's own, of infinities that meet
def test_many_logarithms_of_sums_share_at_infinities_as_logsumexp_does():
    """And as two of them do: what finite entries tend to that get there side by side."""
    rows = np.array([[-inf, -inf], [inf, inf], [inf, 1.0], [-inf, 1.0], [1.0, 1.0]])
    shares = [[0.5, 0.5], [0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]
    for f in (
        lambda a: np.logaddexp.reduce(a, axis=1),
        lambda a: ag.logsumexp(a, axis=1),
        lambda a: np.logaddexp(a[:, 0], a[:, 1]),
    ):
        np.testing.assert_array_equal(f(Tensor(rows)).data[:4], [-inf, inf, inf, 1.0])
        slope = ag.grad(lambda a, f=f: np.sum(f(a)))
        np.testing.assert_array_equal(slope(rows), shares)
        np.testing.assert_array_equal(ag.compile(slope)(rows), shares)
        tangent = ag.jvp(f, (rows,), (np.tile([1.0, 3.0], (5, 1)),))[1]
        np.testing.assert_array_equal(tangent, np.array(shares) @ [1.0, 3.0])


# ---- kinks and ties


def grads(f, *at):
    nodes = [Tensor(np.array(a, dtype=float)) for a in at]
    with np.errstate(all="ignore"):
        out = f(*nodes)
    out.backward(gradient=np.ones(out.shape))
    return [node.grad.tolist() for node in nodes]


nan, inf = math.nan, math.inf


@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (np.hypot, (0.0, 0.0), [0.0, 0.0]),
        (np.arctan2, (0.0, 0.0), [0.0, 0.0]),
        (np.fabs, (0.0,), [0.0]),
        (np.sign, (0.0,), [0.0]),
        (np.fmax, (2.0, 2.0), [0.5, 0.5]),
        (np.fmin, (2.0, 2.0), [0.5, 0.5]),
        (np.fmax, (nan, 2.0), [0.0, 1.0]),
        (np.fmin, (2.0, nan), [1.0, 0.0]),
        (np.fmax, (nan, nan), [0.5, 0.5]),
        (np.copysign, (0.0, -1.0), [0.0, 0.0]),
        (np.copysign, (-2.0, -1.0), [1.0, 0.0]),
        (np.copysign, (2.0, -0.0), [-1.0, 0.0]),
        (np.heaviside, (0.0, 0.3), [0.0, 1.0]),
        (np.clip, ([0.0, 1.0], 0.0, 1.0), [[1.0, 1.0], 0.0, 0.0]),
        (np.clip, ([-1.0, 3.0], 0.0, 1.0), [[0.0, 0.0], 1.0, 1.0]),
        (np.clip, ([-1.0, 3.0], 2.0, 1.0), [[0.0, 0.0], 0.0, 2.0]),
        (np.clip, ([-1.0, 1.0, 3.0], 1.0, 1.0), [[0.0, 1.0, 0.0], 1.0, 1.0]),
        (lambda a, lo: np.clip(a, lo, None), ([1.0, 0.0], 1.0), [[1.0, 0.0], 1.0]),
        (lambda a, hi: np.clip(a, None, hi), ([1.0, 2.0], 1.0), [[1.0, 0.0], 1.0]),
        (np.clip, (nan, 0.0, 1.0), [0.0, 0.0, 0.0]),
        (np.nan_to_num, ([nan, inf, -inf, 2.0],), [[0.0, 0.0, 0.0, 1.0]]),
        (np.logaddexp, (inf, inf), [0.5, 0.5]),
        (np.logaddexp, (-inf, -inf), [0.5, 0.5]),
        (np.logaddexp, (-inf, 3.0), [0.0, 1.0]),
        (np.logaddexp2, (inf, 3.0), [1.0, 0.0]),
        (np.logaddexp.reduce, ([-inf, 1.0],), [[0.0, 1.0]]),
    ],
)
def test_the_choice_at_a_kink_is_the_documented_one(f, at, expected):
    assert grads(f, *at) == expected


LENGTH = np.linalg.norm
AT_CORNERS = {  # a function, where, and its second derivatives there
    "absolute": (np.absolute, [0.0], [[0.0]]),
    "absolute squared": (lambda x: np.absolute(x) ** 2, [0.0], [[0.0]]),
    "fabs": (np.fabs, [0.0], [[0.0]]),
    "copysign": (lambda x: np.copysign(x, 1.0) ** 2, [0.0], [[0.0]]),
    "relu": (ag.relu, [0.0], [[0.0]]),
    "sqrt": (np.sqrt, [0.0], [[-inf]]),
    "cbrt": (np.cbrt, [0.0], [[nan]]),
    "arcsin": (np.arcsin, [1.0], [[inf]]),
    "arccos": (np.arccos, [1.0], [[-inf]]),
    "arccosh": (np.arccosh, [1.0], [[-inf]]),
    "power": (lambda x: x[0] ** x[1], [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
    "hypot": (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
    "hypot squared": (lambda x: np.hypot(x[0], x[1]) ** 2, [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
    "arctan2": (lambda x: np.arctan2(x[0], x[1]), [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
    "norm": (LENGTH, [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
    "norm squared": (lambda x: LENGTH(x) ** 2, [0.0, 0.0], [[0.0, 0.0], [0.0, 0.0]]),
    "std": (np.std, [1.0, 1.0], [[0.0, 0.0], [0.0, 0.0]]),
    "std squared": (lambda x: np.std(x) ** 2, [1.0, 1.0], [[0.0, 0.0], [0.0, 0.0]]),
    "instead of |x|²": (lambda x: x**2, [0.0], [[2.0]]),
    "instead of ‖x‖²": (lambda x: np.sum(x**2), [0.0, 0.0], [[2.0, 0.0], [0.0, 2.0]]),
    "instead of hypot²": (lambda x: x[0] ** 2 + x[1] ** 2, [0.0, 0.0], [[2.0, 0.0], [0.0, 2.0]]),
    "instead of std²": (np.var, [1.0, 1.0], [[0.5, -0.5], [-0.5, 0.5]]),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", AT_CORNERS)
def test_the_second_derivative_at_a_corner_is_the_one_that_the_page_tells(name):
    """What is taken at a corner is not undone by a square; the page says what to write instead."""
    f, at, expected = AT_CORNERS[name]
    hessian = ag.hessian(lambda x: np.sum(f(x)))
    np.testing.assert_array_equal(hessian(np.array(at)), expected)
    np.testing.assert_array_equal(ag.compile(hessian)(np.array(at)), expected)


def test_every_gate_that_has_a_corner_tells_of_its_second_derivative():
    """Those that route, or are flat, have none, which is said once for all of them."""
    corners = (
        "absolute", "fabs", "copysign", "relu", "sqrt", "cbrt", "arcsin", "arccos", "arccosh",
        "power", "float_power", "hypot", "arctan2", "linalg.norm", "linalg.vector_norm", "std",
        "nanstd",
    )  # fmt: skip
    told = {gate.name for gate in families.all_gates() if "second:" in (gate.kinks or "")}
    assert set(corners) <= told


def test_second_derivatives_of_lengths_of_scalar_nodes_are_floats():
    def slope(a, b):
        return ag.grad(np.hypot)(a, b)

    assert ag.grad(slope)(0.0, 0.0) == 0.0
    assert ag.grad(slope)(3.0, 4.0) == pytest.approx(16.0 / 125.0, rel=1e-15)
    assert type(ag.grad(slope)(3.0, 4.0)) is float


@pytest.mark.parametrize("name", FLAT)
@pytest.mark.parametrize("upstream", [1.0, inf, nan])
def test_a_flat_function_gives_zeros_whatever_arrives(name, upstream):
    f, inputs = SAMPLES[name][0]
    node = Tensor(inputs[0])
    f(node).backward(gradient=np.full(node.shape, upstream))
    np.testing.assert_array_equal(node.grad, np.zeros(node.shape))
    assert not np.any(ag.grad(lambda a: np.sum(ag.grad(lambda b: np.sum(f(b)))(a)))(inputs[0]))


@pytest.mark.parametrize("name", ["softplus", "softsign"])
def test_a_composite_gate_equals_its_expansion(name):
    gate, x = GATES[name], Tensor([-3.0, -0.5, 0.0, 2.0])
    whole, opened = gate(x), gate.expansion(x)
    np.testing.assert_allclose(opened.data, whole.data, rtol=1e-14)
    for a, b in zip(
        [ag.grad(lambda t: np.sum(gate(t)))(x.data)],
        [ag.grad(lambda t: np.sum(gate.expansion(t)))(x.data)],
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-14)


# ---- the methods of ufuncs


@pytest.mark.parametrize("ufunc", [np.add, np.maximum, np.minimum, np.logaddexp, np.multiply])
@pytest.mark.parametrize(
    "options", [{}, {"axis": 1}, {"axis": None}, {"axis": -1, "keepdims": True}]
)
def test_reduce_is_the_reduction_along_the_first_axis_unless_another_is_named(ufunc, options):
    if ufunc is np.multiply and np.prod not in families.FROM_NUMPY:
        return
    a = np.random.default_rng(1).normal(size=(3, 4))
    t = Tensor(a)
    out = ufunc.reduce(t, **options)
    np.testing.assert_array_equal(out.data, ufunc.reduce(a, **options))
    out.backward(gradient=weights(out.data))
    expected = central(lambda x: ufunc.reduce(x, **options), [a], weights(out.data))
    np.testing.assert_allclose(t.grad, expected[0], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("ufunc", [np.add, np.multiply])
def test_accumulate_is_the_running_sum_or_product(ufunc):
    if {np.add: np.cumsum, np.multiply: np.cumprod}[ufunc] not in families.FROM_NUMPY:
        return
    a = np.random.default_rng(1).normal(size=(3, 4))
    for options in ({}, {"axis": 1}):
        out = ufunc.accumulate(Tensor(a), **options)
        np.testing.assert_array_equal(out.data, ufunc.accumulate(a, **options))


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.hypot, np.power])
@pytest.mark.parametrize("shapes", [((2, 3), (4,)), ((), (2,)), ((2,), ()), ((2, 1), (1, 2))])
def test_outer_joins_the_shapes(ufunc, shapes):
    rng = np.random.default_rng(2)
    a, b = (rng.uniform(0.5, 2.0, shape) for shape in shapes)
    x, y = Tensor(a), Tensor(b)
    out = ufunc.outer(x, y)
    np.testing.assert_array_equal(out.data, ufunc.outer(a, b))
    out.backward(gradient=weights(out.data))
    for got, want in zip((x.grad, y.grad), central(ufunc.outer, [a, b], weights(out.data)),
                         strict=True):  # fmt: skip
        np.testing.assert_allclose(got, want, rtol=1e-6)
    np.testing.assert_array_equal(ufunc.outer(a, y).data, out.data)
    np.testing.assert_array_equal(ufunc.outer(x, b.tolist()).data, out.data)


def test_methods_of_functions_of_values_give_plain_arrays():
    t = Tensor([1.0, 0.0, 2.0])
    assert np.logical_and.reduce(t) == np.False_
    assert type(np.less.outer(t, t)) is np.ndarray


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda t: np.add.at(t, [0], 1.0), "one_hot"),
        (lambda t: np.add.at(np.zeros(3), [0], t), "one_hot"),
        (lambda t: np.multiply.reduceat(t, [0, 1]), "np.stack"),
        (lambda t: np.add.reduceat(t, [0, 1], out=np.zeros(2)), "out"),
        (lambda t: np.subtract.reduce(t), "add, multiply"),
        (lambda t: np.hypot.accumulate(t), "add, multiply"),
        (lambda t: np.maximum.accumulate(t, out=np.zeros(3)), "out"),
        (lambda t: np.add.reduce(t, out=np.zeros(())), "out"),
        (lambda t: np.logaddexp.reduce(t, where=[True, False, True]), "where"),
        (lambda t: np.multiply.outer(t, t, dtype=np.float32), "astype"),
        (lambda t: np.sin(t, out=np.zeros(3)), "a = a \\+ t"),
        (lambda t: np.sin(t, where=[True, False, True]), "where"),
        (lambda t: np.add(t, 1.0, dtype=np.float32), "astype"),
        (np.frexp, "frexp"),
        (lambda t: np.ldexp(1.0, t), "ldexp"),
        (lambda t: np.clip(t, 0.0, 1.0, out=np.zeros(3)), "out"),
        (lambda t: np.nan_to_num(t, copy=False), "copy"),
        (lambda t: np.round(t, out=np.zeros(3)), "out"),
    ],
)
def test_what_has_no_rule_is_refused_and_says_what_to_write(call, says):
    with pytest.raises(ag.UnsupportedError, match=says):
        call(Tensor([1.0, 2.0, 3.0]))


@pytest.mark.parametrize(
    "options", [{"where": True}, {"out": None}, {"dtype": None}, {"subok": True, "order": "K"}]
)
def test_options_at_their_defaults_are_taken(options):
    t = Tensor([1.0, 2.0])
    np.testing.assert_array_equal(np.exp(t, **options).data, np.exp(t.data))
    np.testing.assert_array_equal(np.multiply(t, t, **options).data, [1.0, 4.0])


@WITHOUT_SCIPY
def test_the_bessel_function_is_numpys_to_the_bit():
    for dtype in (np.float64, np.float32):
        a = np.linspace(-20.0, 20.0, 50, dtype=dtype)
        t = Tensor(a)
        out = np.i0(t)
        assert (out.dtype, out.data.tobytes()) == (np.i0(a).dtype, np.i0(a).tobytes())
        out.backward(gradient=np.ones(50))
        assert t.grad.dtype == dtype


@WITHOUT_SCIPY
def test_i0_has_its_second_derivative_at_zero():
    """I₀(x) = 1 + x²/4 + x⁴/64 + ..., where a rule that picks 0 for x = 0 has 0 in its place."""
    assert ag.grad(np.i0)(0.0) == 0.0
    assert ag.grad(ag.grad(np.i0))(0.0) == 0.5
    assert ag.jvp(ag.grad(np.i0), (0.0,), (1.0,))[1] == 0.5


@pytest.mark.parametrize("f", [np.maximum, np.fmax, np.minimum, np.fmin])
def test_all_larger_and_smaller_ones_share_ties(f):
    """Whatever the name: peers have 1/2, 1/2 for maximum, and 1, 0 or 0, 1 for fmax."""
    for at in (1.0, np.ones(2)):
        first, second = ag.grad(lambda a, b: np.sum(f(a, b)), argnums=(0, 1))(at, at)
        np.testing.assert_array_equal(first, 0.5 * np.ones_like(at))
        np.testing.assert_array_equal(second, first)


def test_clip_refuses_two_spellings_at_once_and_select_uneven_lists():
    t = Tensor([1.0, 2.0])
    with pytest.raises(ag.DataError, match="a_min"):
        ag.clip(t, 0.0, min=1.0)
    with pytest.raises(ag.ShapeError, match="select"):
        ag.select([t > 0], [t, t])


def test_clip_without_bounds_and_with_keywords():
    t = Tensor([-1.0, 2.0])
    np.testing.assert_array_equal(ag.clip(t).data, t.data)
    np.testing.assert_array_equal(ag.clip(t, min=0.0, max=1.0).data, [0.0, 1.0])
    np.testing.assert_array_equal(t.clip(max=0.0).data, [-1.0, 0.0])
    np.testing.assert_array_equal(t.clip(0.0, 1.0).data, [0.0, 1.0])
    assert t.clip(0.0, 1.0).gate.name == t.clip(0.0).gate.name == "clip"
    ints = Tensor([1, 5], requires_grad=False)
    assert ints.clip(None, 3).data.tolist() == [1, 3]
    assert ints.clip(None, 3).dtype == ints.dtype


def test_methods_are_numpys():
    t = Tensor([-1.26, 2.5])
    np.testing.assert_array_equal(t.round().data, t.data.round())
    np.testing.assert_array_equal(t.round(1).data, t.data.round(1))
    np.testing.assert_array_equal(t.conj().data, t.data)


def test_divmod_and_modf_are_numpys_to_the_bit():
    a = np.array([-7.0, 7.0, 0.3, -0.3, 5.5, -0.0])
    b = np.array([4.0, -4.0, 0.1, 0.1, 2.0, 3.0])
    for got, want in zip(np.divmod(Tensor(a), b), np.divmod(a, b), strict=True):
        assert got.data.tobytes() == want.tobytes()
    a = np.append(a, [inf, -inf, nan])
    for got, want in zip(np.modf(Tensor(a)), np.modf(a), strict=True):
        assert got.data.tobytes() == want.tobytes()


def test_a_select_has_the_dtype_of_its_choices():
    t = Tensor(np.ones(3, np.float32))
    conditions = [np.array([True, False, False]), np.array([False, True, False])]
    out = np.select(conditions, [t, 2.0])
    assert out.dtype == np.select(conditions, [t.data, 2.0]).dtype == np.float32


# ---- SciPy


def test_without_scipy_the_gamma_functions_name_the_extra(monkeypatch):
    special = families.load_family("special")
    special.from_scipy.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, "scipy.special", None)
    for f in (ag.gammaln, ag.gamma, ag.digamma, lambda t: ag.polygamma(1, t)):
        with pytest.raises(ag.DependencyError, match=r"gategrad\[scipy\]") as raised:
            f(Tensor([1.5]))
        assert isinstance(raised.value, ImportError)


@WITHOUT_SCIPY
def test_the_gamma_functions_are_scipys():
    import scipy.special

    x = np.linspace(0.3, 6.0, 9)
    for name in ("gammaln", "gamma", "digamma"):
        ours = getattr(ag, name)(Tensor(x))
        np.testing.assert_array_equal(ours.data, getattr(scipy.special, name)(x))
    np.testing.assert_array_equal(ag.polygamma(2, x).data, scipy.special.polygamma(2, x))
    assert type(ag.gammaln(Tensor(2.5)).data) is float


@pytest.mark.parametrize("order", [-1, 1.0, None, np.array([1, 2]), Tensor(1.0)])
def test_the_order_of_polygamma_is_a_whole_number(order):
    with pytest.raises(ag.DataError, match=r"polygamma\(n, x\) expects a whole number .* received"):
        ag.polygamma(order, Tensor(np.array([0.5, 2.0])))


def test_every_public_name_is_documented():
    for family in FAMILIES:
        for name in index.NAMES[family]:
            text = inspect.getdoc(getattr(ag, name))
            assert text and "out : ndarray" not in text, name  # NumPy's own text promises more
