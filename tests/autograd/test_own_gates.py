"""Gates of one's own: rules written with the engine's functions, wrong shapes, settings."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

X = np.array([[0.3, -0.7, 1.1], [2.0, 0.1, -1.4]])
A, B = np.arange(1.0, 4.0), np.arange(1.0, 7.0).reshape(2, 3)


# ---- rules written with functions of ours answer as those written with NumPy's do


def forms():
    """Softplus: its derivative is the sigmoid, once in each way to write a rule."""
    f = lambda a: np.logaddexp(a, 0.0)
    return {
        "local": ag.gate(f, local=lambda out, a: ag.sigmoid(a), name="local"),
        "each": ag.gate(f, local=(lambda out, a: ag.sigmoid(a),), name="each"),
        "tuple": ag.gate(f, local=lambda out, a: (ag.sigmoid(a),), name="tuple"),
        "later": ag.gate(f, local=lambda out, a: [lambda: ag.sigmoid(a)], name="later"),
        "vjp": ag.gate(
            f,
            vjp=lambda g, out, a: g * ag.sigmoid(a),
            jvp=lambda t, out, a: t[0] * ag.sigmoid(a),
            name="vjp",
        ),
        "vjps": ag.gate(
            lambda a: ag.log(1.0 + ag.exp(a)),
            vjp=(lambda g, out, a: ag.multiply(ag.sigmoid(a), g),),
            jvp=lambda t, out, a: ag.multiply(ag.sigmoid(a), t[0]),
            name="vjps",
        ),
    }


OWN = pytest.mark.parametrize("own", forms().values(), ids=forms().keys())


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


@OWN
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_arrays_for_arrays(own, dtype):
    x = X.astype(dtype)
    s = sigmoid(x)
    f = lambda a: np.sum(own(a))
    value, gradient = ag.value_and_grad(f)(x)
    _, pullback = ag.vjp(own, x)
    _, tangent = ag.jvp(own, (x,), (np.ones_like(x),))
    found = [gradient, ag.grad(f)(x), pullback(np.ones_like(x))[0], tangent]
    found += [np.einsum("ijij->ij", ag.jacobian(own, mode=m)(x)) for m in ("reverse", "forward")]
    assert not isinstance(value, Tensor)
    for each in found:
        assert type(each) is np.ndarray
        assert each.dtype == dtype
        np.testing.assert_allclose(each, s, rtol=1e-5 if dtype == np.float32 else 1e-13)


@OWN
def test_floats_for_floats(own):
    s = float(sigmoid(0.3))
    for found in (
        ag.grad(own)(0.3),
        ag.value_and_grad(own)(0.3)[1],
        ag.jvp(own, (0.3,), (1.0,))[1],
        ag.jacobian(own)(0.3),
        ag.vjp(own, 0.3)[1](1.0)[0],
    ):
        assert type(found) is float
        assert found == pytest.approx(s, rel=1e-14)
    x = Tensor(0.3)
    y = own(x)
    y.backward()
    assert type(y.data) is float
    assert type(x.grad) is float


@OWN
def test_gradients_that_nodes_keep_and_steps(own):
    for data in (X, 0.3):
        x = Tensor(data)
        y = own(x) * 2.0
        z = np.sum(y)
        z.backward()
        kind = type(x.data)
        for node in (x, y):
            assert type(node.grad) is kind
        trace = ag.trace(z)
        for step in trace.steps:
            for part in (step.upstream, *step.downstream, *step.local):
                assert not isinstance(part, Tensor)
        step = next(step for step in trace.steps if step.gate.name == own.name)
        assert type(step.downstream[0]) is kind
        np.testing.assert_allclose(step.downstream[0], 2.0 * sigmoid(data), rtol=1e-13)
        assert type(trace.grad(x)) is kind


@OWN
def test_second_derivatives_are_recorded(own):
    s = sigmoid(X)
    x = Tensor(X)
    np.sum(own(x)).backward(create_graph=True)
    assert isinstance(x.grad, Tensor)
    np.testing.assert_allclose(x.grad.data, s, rtol=1e-13)
    second = ag.grad(lambda a: np.sum(ag.grad(lambda b: np.sum(own(b)))(a)))(X)
    assert type(second) is np.ndarray
    np.testing.assert_allclose(second, s * (1 - s), rtol=1e-12)
    hessian = ag.hessian(lambda a: np.sum(own(a)))(X[0])
    np.testing.assert_allclose(hessian, np.diag((s * (1 - s))[0]), rtol=1e-12, atol=1e-15)
    product = ag.hvp(lambda a: np.sum(own(a)), X, X)
    assert type(product) is np.ndarray
    np.testing.assert_allclose(product, s * (1 - s) * X, rtol=1e-12)
    third = ag.grad(ag.grad(ag.grad(own)))(0.3)
    t = sigmoid(0.3)
    assert third == pytest.approx(t * (1 - t) * (1 - 2 * t), rel=1e-12)


@OWN
def test_programs(own):
    f = ag.value_and_grad(lambda a: np.sum(own(a)))
    fast = ag.compile(f)
    for x in (X, -X):
        for found, expected in zip(fast(x), f(x), strict=True):
            assert not isinstance(found, Tensor)
            np.testing.assert_array_equal(found, expected)
    curvature = ag.compile(ag.grad(lambda a: np.sum(ag.grad(lambda b: np.sum(own(b)))(a))))
    np.testing.assert_allclose(curvature(X), sigmoid(X) * (1 - sigmoid(X)), rtol=1e-12)
    assert type(ag.compile(ag.grad(own))(0.3)) is float


@OWN
def test_they_are_checked_like_any_gate(own):
    assert ag.gradcheck(own, X, order=2)
    assert ag.gradcheck(own, 0.3, order=2)


def test_a_function_that_reads_a_tensor_from_outside_is_refused():
    w = Tensor(2.0, name="w")
    scaled = ag.gate(lambda a: w * a, local=lambda out, a: w.data, name="scaled")
    with pytest.raises(ag.DataError, match=r"scaled.*operand"):
        scaled(Tensor(3.0))


@pytest.mark.parametrize(
    "rules",
    [
        {"local": lambda out, a: None},
        {"local": (lambda out, a: None,)},
        {"vjp": lambda g, out, a: None, "jvp": lambda t, out, a: None},
        {"vjp": (lambda g, out, a: None,), "jvp": lambda t, out, a: None},
    ],
)
def test_none_is_the_derivative_of_a_flat_function(rules):
    flat = ag.gate(np.sign, name="flat", **rules)
    for x in (0.5, A):
        f = lambda a: np.sum(flat(a) * a)
        np.testing.assert_array_equal(ag.grad(f)(x), np.sign(x))
        np.testing.assert_array_equal(ag.jvp(flat, (x,), (x,))[1], np.zeros_like(x))
        np.testing.assert_array_equal(ag.compile(ag.grad(f))(x), np.sign(x))


# ---- shapes


def own_vjp(f, answer, **entry):
    return ag.gate(f, vjp=answer, name="mine", **entry)


WRONG = {
    "the sum of an axis that nobody has": (
        own_vjp(lambda a: 2.0 * a, lambda g, out, a: np.ones((3, 2))), (np.ones(2),)
    ),
    "a Jacobian": (own_vjp(np.exp, lambda g, out, a: np.diag(out)), (np.ones(3),)),
    "a Jacobian beside another operand": (
        own_vjp(lambda a, b: a * b, lambda g, out, a, b: (np.diag(b), g * a)),
        (np.ones(3), np.ones(3)),
    ),
    "an array for a number": (own_vjp(lambda a: 2.0 * a, lambda g, out, a: np.ones(5)), (1.0,)),
    "of a sum": (own_vjp(np.sum, lambda g, out, a: np.ones((4, 3)) * g), (np.ones(3),)),
    "each": (own_vjp(np.sum, (lambda g, out, a: np.ones((4, 3)) * g,)), (np.ones(3),)),
    "later": (own_vjp(np.sum, lambda g, out, a: [lambda: np.ones((4, 3)) * g]), (np.ones(3),)),
    "a list": (own_vjp(np.sum, (lambda g, out, a: [[1.0, 1.0], [1.0, 1.0]],)), (np.ones(2),)),
    "what does not fit": (own_vjp(np.exp, lambda g, out, a: np.ones(2)), (np.ones(3),)),
    "an axis of one that was not broadcast": (
        own_vjp(np.exp, lambda g, out, a: np.ones((2, 3))), (np.ones((1, 3)),)
    ),
    "another batch": (
        own_vjp(np.matmul, lambda g, out, a, b: (np.ones((4, 2, 3)), a.mT @ g)),
        (np.ones((2, 3)), np.ones((5, 3, 2))),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("own", "operands"), WRONG.values(), ids=WRONG.keys())
def test_a_gradient_larger_than_its_operand_is_an_error(own, operands):
    tensors = [Tensor(operand) for operand in operands]
    with pytest.raises(ag.ShapeError, match=r"vjp of mine .* operand 0, and returned"):
        np.sum(own(*tensors)).backward()
    assert tensors[0].grad is None
    with pytest.raises(ag.ShapeError, match="mine"):
        np.sum(own(*tensors)).backward(create_graph=True)
    with pytest.raises(ag.ShapeError, match="mine"):
        ag.grad(lambda *a: np.sum(own(*a)))(*operands)
    with pytest.raises(ag.ShapeError, match="mine"):
        ag.compile(ag.grad(lambda *a: np.sum(own(*a))))(*operands)


RIGHT = {
    "elementwise, both ways": (
        own_vjp(lambda a, b: a * b, lambda g, out, a, b: (g * b, g * a)), (A, B)
    ),
    "a number": (own_vjp(lambda a, b: a * b, lambda g, out, a, b: (g * b, g * a)), (2.0, B)),
    "an axis of one": (
        own_vjp(lambda a, b: a + b, (lambda g, out, a, b: g, lambda g, out, a, b: g)),
        (np.ones((2, 1)), B),
    ),
    "summed in part": (
        own_vjp(
            lambda a, b: a * b,
            lambda g, out, a, b: (np.sum(g * b, axis=0, keepdims=True), g * a),
        ),
        (A, B),
    ),
    "spread": (own_vjp(lambda a: np.broadcast_to(a, (4, 3)), lambda g, out, a: g), (A,)),
    "left unspread": (own_vjp(np.mean, lambda g, out, a: g / a.size), (B,)),
    "a batch of matrices": (
        own_vjp(np.matmul, lambda g, out, a, b: (g @ b.mT, a.mT @ g)),
        (np.ones((4, 2)), np.arange(30.0).reshape(5, 2, 3)),
    ),
    "a batch of one": (
        own_vjp(np.matmul, lambda g, out, a, b: (g @ b.mT, a.mT @ g)),
        (np.ones((1, 4, 2)), np.arange(30.0).reshape(5, 2, 3)),
    ),
    "a batch of vectors": (
        own_vjp(
            lambda a, b: np.sum(a * b, axis=-1),
            lambda g, out, a, b: (g[..., None] * b, g[..., None] * a),
        ),
        (A, B),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("own", "operands"), RIGHT.values(), ids=RIGHT.keys())
def test_a_gradient_over_what_was_broadcast_is_summed(own, operands):
    weights = np.arange(1.0, 1.0 + np.size(own(*operands).data)).reshape(own(*operands).shape)
    f = lambda *a: np.sum(own(*a) * weights)
    assert ag.gradcheck(f, *operands, modes=("reverse",))
    assert ag.gradcheck(f, *operands, modes=("reverse",), order=2)


def test_local_and_tangents_of_wrong_shapes_are_errors():
    wide = ag.gate(np.exp, local=lambda out, a: np.ones((2, 3)), name="wide")
    with pytest.raises(ag.ShapeError, match=r"local of wide .*\(3,\).*\(2, 3\)"):
        np.sum(wide(Tensor(A))).backward()
    with pytest.raises(ag.ShapeError, match="local of wide"):
        ag.jvp(wide, (A,), (A,))
    pushed = ag.gate(
        np.exp, vjp=lambda g, out, a: g * out, jvp=lambda t, out, a: np.ones((2, 3)), name="pushed"
    )
    with pytest.raises(ag.ShapeError, match=r"jvp of pushed .*\(3,\).*\(2, 3\)"):
        ag.jvp(pushed, (A,), (A,))


# ---- settings


def total_forward(a, *, axis=None, power=1):
    return np.sum(a**power, axis=axis)


def total_vjp(g, out, a, *, axis, power):
    if axis is not None:
        g = np.expand_dims(g, axis)
    return g * (power * a ** (power - 1))


def total_jvp(tangents, out, a, *, axis, power):
    return np.sum(tangents[0] * (power * a ** (power - 1)), axis=axis)


total = ag.gate(total_forward, vjp=total_vjp, jvp=total_jvp, name="total")
curve = ag.gate(
    lambda a, power=2: a**power,
    local=lambda out, a, power=2: power * a ** (power - 1),
    name="curve",
)
curves = ag.gate(
    lambda a, b, **k: a ** k["power"] * b,
    local=(
        lambda out, a, b, power: power * a ** (power - 1) * b,
        lambda out, a, b, **k: a ** k["power"],
    ),
    name="curves",
)


def test_keywords_reach_the_function_and_its_rules():
    x = Tensor(X)
    y = total(x, axis=1, power=3)
    np.testing.assert_allclose(y.data, np.sum(X**3, axis=1), rtol=1e-14)
    y.backward(gradient=[1.0, 10.0])
    np.testing.assert_allclose(x.grad, 3.0 * X**2 * [[1.0], [10.0]], rtol=1e-14)
    _, tangent = ag.jvp(lambda a: total(a, axis=0, power=2), (X,), (X,))
    np.testing.assert_allclose(tangent, np.sum(2.0 * X * X, axis=0), rtol=1e-14)
    assert ag.grad(lambda a: curve(a, power=3))(2.0) == 12.0
    assert ag.grad(curve)(2.0) == 4.0
    assert ag.grad(lambda a, b: curves(a, b, power=3), (0, 1))(2.0, 5.0) == (60.0, 8.0)
    step = ag.trace(curve(Tensor(2.0), power=4)).steps[0]
    assert step.local == (32.0,)


def test_settings_are_recorded_with_those_that_the_function_has_by_itself():
    assert total(Tensor(X), axis=1).settings == {"axis": 1, "power": 1}
    assert total(Tensor(X)).settings == {"axis": None, "power": 1}
    assert curve(Tensor(2.0), power=3).settings == {"power": 3}
    assert curve(Tensor(2.0)).settings == {}


@pytest.mark.parametrize(
    "f",
    [
        lambda a: np.sum(total(a, axis=1, power=3)),
        lambda a: total(a, power=2),
        lambda a: np.sum(curve(a, power=3)),
        lambda a: np.sum(curves(a, np.tanh(a), power=2)),
    ],
)
def test_settings_hold_to_any_order_in_both_modes_and_in_programs(f):
    assert ag.gradcheck(f, X, order=2)
    hessian = ag.hessian(f)
    np.testing.assert_allclose(ag.compile(hessian)(X), hessian(X), rtol=1e-12, atol=1e-14)
    fast = ag.compile(ag.value_and_grad(f))
    for x in (X, X + 0.5):
        for found, expected in zip(fast(x), ag.value_and_grad(f)(x), strict=True):
            np.testing.assert_array_equal(found, expected)


def test_a_program_is_made_for_a_setting_and_lists_it():
    fast = ag.compile(lambda a, axis: total(a, axis=axis, power=2))
    np.testing.assert_allclose(fast(X, 0), np.sum(X**2, axis=0), rtol=1e-14)
    np.testing.assert_allclose(fast(X, 1), np.sum(X**2, axis=1), rtol=1e-14)
    assert fast.cache_info().misses == 2
    assert "axis=1" in str(fast.program)
    graph = ag.compile(np.sum(total(Tensor(X), axis=1)))
    assert graph.run() == pytest.approx(X.sum())
    assert "axis=1" in str(graph)


def test_opened_graphs_and_replays_keep_settings():
    x = Tensor(X)
    graph = ag.Graph(np.sum(ag.sigmoid(total(x, axis=1, power=2))))
    assert graph.opened("all").data == pytest.approx(graph.output.data)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: total(x, axes=1), r"total was called with axes=1, which its forward"),
        (lambda x: curve(x, exponent=3), r"curve .*exponent=3.*forward"),
        (lambda x: total(x, axis=Tensor(1.0)), r"total\(axis=\.\.\.\) received a Tensor"),
        (lambda x: total(a=x), "received a Tensor"),
        (lambda x: total(x, a=3), "total was called with a=3"),
        (lambda x: total(x, 1), "total cannot be applied"),
        (lambda x: total(), "total cannot be applied"),
        (lambda x: curves(x, power=2), "curves takes 2 operands and received 1"),
        (
            lambda x: ag.gate(
                lambda a, *, axis=0: np.sum(a, axis=axis), vjp=lambda g, out, a: g, name="deaf"
            )(x, axis=1),
            r"deaf was called with axis=1, which its vjp does not take: .*\(g, out, a\)",
        ),
        (
            lambda x: ag.gate(np.exp, local=lambda out, a, **k: out, name="e")(x, where=False),
            "e was called with where=False, which its forward",
        ),
        (
            lambda x: ag.gate(
                lambda a, *, k=1: a,
                local=lambda out, a, *, k=1: 1.0,
                floats=("a", "1.0"),
                name="fl",
            )(x, k=2),
            "floats=",
        ),
    ],
)
def test_keywords_that_do_not_fit_are_refused_at_the_call(call, words):
    with pytest.raises(ag.DataError, match=words):
        call(Tensor(X))


def test_a_keyword_that_the_rules_cannot_be_told_is_left_to_the_function_where_it_is_not_given():
    scale = 3.0
    kept = ag.gate(lambda a, *, s=scale: s * a, local=lambda out, a: scale, name="kept")
    assert ag.grad(kept)(1.0) == 3.0
    assert kept(Tensor(1.0)).settings == {}
