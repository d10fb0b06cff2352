"""Functions of functions: what they return, nesting, order, modes and closures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd import Tensor

NUMBERS = st.floats(-3.0, 3.0).filter(lambda v: abs(v) > 1e-3)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rosenbrock_gradient(x):
    """In closed form."""
    g = np.zeros_like(x)
    g[:-1] = -400.0 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2.0 * (1.0 - x[:-1])
    g[1:] += 200.0 * (x[1:] - x[:-1] ** 2)
    return g


def rosenbrock_hessian(x):
    """In closed form: tridiagonal."""
    d = np.zeros_like(x)
    d[:-1] = 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
    d[1:] += 200.0
    off = -400.0 * x[:-1]
    return np.diag(d) + np.diag(off, 1) + np.diag(off, -1)


POINT = np.array([-1.2, 1.0, 0.5, 2.0, -0.3])


# ---- values


def test_gradient_and_hessian_of_rosenbrock_are_those_in_closed_form():
    np.testing.assert_allclose(ag.grad(rosenbrock)(POINT), rosenbrock_gradient(POINT), rtol=1e-13)
    np.testing.assert_allclose(ag.hessian(rosenbrock)(POINT), rosenbrock_hessian(POINT), atol=1e-10)


def test_hvp_is_the_hessian_times_the_vector():
    v = np.array([1.0, -2.0, 0.5, 0.0, 3.0])
    np.testing.assert_allclose(
        ag.hvp(rosenbrock, POINT, v), rosenbrock_hessian(POINT) @ v, rtol=1e-12
    )


@given(NUMBERS, st.integers(1, 5))
def test_derivatives_of_a_power_to_any_order(x, order):
    f = lambda t: t**5
    for _ in range(order):
        f = ag.grad(f)
    factor = np.prod([5 - k for k in range(order)])
    assert f(x) == pytest.approx(factor * x ** (5 - order), rel=1e-12)


def test_jacobian_has_the_shape_of_the_output_and_then_of_the_input():
    a = np.arange(6.0).reshape(2, 3) / 7.0
    wide = ag.jacobian(lambda x: np.tanh(a @ x))(np.ones((3, 4)))  # by columns or by rows
    tall = ag.jacobian(lambda x: np.sum(x * x, axis=0))(np.ones((3, 4)))
    assert wide.shape == (2, 4, 3, 4)
    assert tall.shape == (4, 3, 4)
    np.testing.assert_allclose(tall, 2.0 * np.broadcast_to(np.eye(4)[:, None], (4, 3, 4)))


def test_jacobian_is_the_same_by_rows_and_by_columns():
    from autograd.fresh import Call
    from autograd.jacobians import _by_columns, _by_rows

    rng = np.random.default_rng(0)
    a, x = rng.normal(size=(4, 3)), rng.normal(size=3)
    call = Call(lambda v: np.tanh(a @ v) * v.sum(), (x,), (0,), {})
    np.testing.assert_allclose(_by_rows(call)[0][0], _by_columns(call)[0][0], rtol=1e-13)


@given(st.integers(0, 2**32 - 1))
def test_jvp_and_vjp_are_transposes_of_each_other(seed):
    rng = np.random.default_rng(seed)
    a, x = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
    f = lambda v: np.exp(-np.square(a @ v)).max(axis=1) + (v * v).mean()
    t, g = rng.normal(size=(3, 2)), rng.normal(size=4)
    _, tangent = ag.jvp(f, (x,), (t,))
    _, pullback = ag.vjp(f, x)
    assert np.vdot(g, tangent) == pytest.approx(np.vdot(pullback(g)[0], t), rel=1e-10)


# ---- nesting


def test_the_classic_case_of_perturbation_confusion():
    """d/dx [x · d/dy (x + y)] = 1, not 2."""
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(1.0))(1.0) == 1.0
    forward = ag.jvp(lambda x: x * ag.jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,))
    assert forward == (1.0, 1.0)


def test_the_inner_derivative_may_use_the_outer_variable():
    # f(x) = x · d/dy (x y²) at y = 2, that is 4 x²
    f = lambda x: x * ag.grad(lambda y: x * y * y)(2.0)
    assert ag.grad(f)(3.0) == pytest.approx(24.0)
    assert ag.jvp(f, (3.0,), (1.0,))[1] == pytest.approx(24.0)
    assert ag.grad(ag.grad(f))(3.0) == pytest.approx(8.0)


@pytest.mark.parametrize("outer", ["forward", "reverse"])
@pytest.mark.parametrize("inner", ["forward", "reverse"])
def test_every_nesting_of_the_two_modes_gives_the_second_derivative(outer, inner):
    modes = {"forward": lambda f: lambda x: ag.jvp(f, (x,), (1.0,))[1], "reverse": ag.grad}
    second = modes[outer](modes[inner](lambda x: x.tanh() * x))
    t = np.tanh(0.7)
    expected = 2.0 * (1 - t * t) - 2.0 * 0.7 * t * (1 - t * t)
    assert second(0.7) == pytest.approx(expected, rel=1e-13)


def test_create_graph_gives_gradients_that_are_differentiated_in_their_turn():
    x = Tensor(3.0, name="x")
    (x * x * x).backward(create_graph=True)
    first = x.grad
    assert isinstance(first, Tensor)
    assert first.data == 27.0
    x.grad = None
    first.backward()
    assert x.grad == 18.0


# ---- what comes back


def test_floats_for_floats_arrays_for_arrays_tensors_for_tensors():
    square = lambda x: np.sum(x * x)
    assert type(ag.grad(square)(2)) is float
    assert type(ag.grad(square)(np.ones(2))) is np.ndarray
    given = Tensor(np.ones(2))
    answer = ag.grad(square)(given)
    assert isinstance(answer, Tensor)
    answer.sum().backward()
    np.testing.assert_array_equal(given.grad, [2.0, 2.0])


def test_a_tensor_from_outside_makes_the_gradient_a_recorded_tensor():
    w = Tensor(2.0, name="w")
    gradient = ag.grad(lambda x: w * x * x)(3.0)
    gradient.backward()
    assert gradient.data == 12.0
    assert w.grad == 6.0


def test_a_frozen_tensor_from_outside_does_not():
    w = Tensor(2.0, requires_grad=False)
    assert ag.grad(lambda x: w * x * x)(3.0) == 12.0


def test_under_no_grad_the_gradient_is_a_plain_value():
    w = Tensor(2.0)
    with ag.no_grad():
        assert ag.grad(lambda x: w * x * x)(3.0) == 12.0


def test_leaves_of_an_outer_graph_keep_their_grad():
    w = Tensor(2.0)
    ag.grad(lambda x: w * x)(3.0)
    assert w.grad is None


@dataclass
class Layer:
    weight: np.ndarray
    bias: float


def test_arguments_and_gradients_are_nested_alike():
    def f(tree, scale):
        layer = tree["layers"][0]
        return np.sum(layer.weight * scale) + layer.bias * tree["k"][1]

    tree = {"layers": [Layer(np.ones(2), 3.0)], "k": (1.0, 5.0)}
    gradient = ag.grad(f)(tree, np.array([2.0, 4.0]))
    layer = gradient["layers"][0]
    assert isinstance(layer, Layer)
    np.testing.assert_array_equal(layer.weight, [2.0, 4.0])
    assert (layer.bias, gradient["k"]) == (5.0, (0.0, 3.0))


def test_argnums_one_number_gives_a_bare_gradient_and_a_tuple_a_tuple():
    f = lambda a, b, c: a * b * c
    assert ag.grad(f, 1)(2.0, 3.0, 4.0) == 8.0
    assert ag.grad(f, (0, -1))(2.0, 3.0, 4.0) == (12.0, 6.0)
    assert ag.value_and_grad(f, (0,))(2.0, 3.0, 4.0) == (24.0, (12.0,))


def test_what_was_not_reached_gets_zeros():
    np.testing.assert_array_equal(ag.grad(lambda a, b: b * 2.0)(np.ones(3), 1.0), np.zeros(3))
    assert ag.grad(lambda a: 5.0)(1.0) == 0.0
    assert ag.jvp(lambda a: 5.0, (1.0,), (1.0,)) == (5.0, 0.0)


def test_a_pullback_can_be_called_again():
    out, pullback = ag.vjp(lambda a: a * a, np.array([1.0, 2.0]))
    np.testing.assert_array_equal(out, [1.0, 4.0])
    np.testing.assert_array_equal(pullback([1.0, 0.0])[0], [2.0, 0.0])
    np.testing.assert_array_equal(pullback([0.0, 1.0])[0], [0.0, 4.0])


def test_results_may_be_nested_too():
    out, pullback = ag.vjp(lambda a: {"double": 2.0 * a, "square": [a * a]}, 3.0)
    assert out == {"double": 6.0, "square": [9.0]}
    assert pullback({"double": 1.0, "square": [10.0]}) == (62.0,)
    for other in ([1.0, [10.0]], {"double": 1.0, "cube": [10.0]}, {"double": 1.0, "square": 10.0}):
        with pytest.raises(ag.ShapeError, match="nested like the value"):
            pullback(other)
    _, pullback = ag.vjp(lambda a: (2.0 * a, a * a), 3.0)
    with pytest.raises(ag.ShapeError, match="nested like the value"):
        pullback({"double": 1.0, "square": 10.0})


def test_gradients_are_arrays_of_their_own():
    a = np.ones(3)
    first = ag.grad(lambda x: x.sum())(a)
    first[:] = 7.0
    np.testing.assert_array_equal(ag.grad(lambda x: x.sum())(a), np.ones(3))
    np.testing.assert_array_equal(a, np.ones(3))


def test_the_product_with_a_jacobian_never_builds_it():
    """For Y = XW with X 64 × 512 and W 512 × 512 the Jacobian would take 128 GiB in float32."""
    import tracemalloc

    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 512)).astype(np.float32)
    w = rng.normal(size=(512, 512)).astype(np.float32)
    _, pullback = ag.vjp(np.matmul, x, w)
    tracemalloc.start()
    dx, dw = pullback(np.ones((64, 512), np.float32))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(dx, np.ones((64, 512)) @ w.T, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(dw, x.T @ np.ones((64, 512)), rtol=1e-4, atol=1e-4)
    assert peak <= 3 * (x.nbytes + w.nbytes)


@pytest.mark.slow
def test_the_example_of_the_slides_needs_three_times_its_operands():
    """64 × 4096 by 4096 × 4096: the Jacobian by W alone would take 16 TiB."""
    import tracemalloc

    x, w = np.ones((64, 4096), np.float32), np.ones((4096, 4096), np.float32)
    tracemalloc.start()
    _, pullback = ag.vjp(np.matmul, x, w)
    dx, dw = pullback(np.ones((64, 4096), np.float32))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert dx[0, 0] == 4096.0
    assert dw[0, 0] == 64.0
    assert peak <= 3 * (x.nbytes + w.nbytes)


# ---- refusals


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: ag.grad(lambda x: x * 2.0)(np.ones(2)), ag.GradientError, "ag.jacobian"),
        (lambda: ag.grad(3.0), ag.DataError, "expects a function"),
        (lambda: ag.grad(lambda x: x, 1)(2.0), ag.ShapeError, "argnums"),
        (lambda: ag.grad(lambda x: x.sum())(np.array([1, 2])), ag.DataError, r"1\.0, 2\.0"),
        (lambda: ag.grad(lambda x: x, np.ones(2)), ag.DataError, r"returned, ag\.grad\(f\)\(x\)"),
        (lambda: ag.jacobian(lambda x: x, 2.0), ag.DataError, r"returned, ag\.grad\(f\)\(x\)"),
        (lambda: ag.grad(lambda x: x)(x=2.0), ag.ShapeError, "by name is a constant"),
        (lambda: ag.grad(lambda x: None)(2.0), ag.DataError, r"<lambda> returned None: write ret"),
        (lambda: ag.jvp(lambda x: (x, "a"), (2.0,), (1.0,)), ag.DataError, "returned 'a'"),
        (lambda: ag.grad(min)({"a": 1.0, "b": None}), ag.DataError, "None among what min is"),
        (lambda: ag.jvp(lambda x: x, (1.0,), (1.0, 2.0)), ag.ShapeError, "tangents"),
        (lambda: ag.jvp(lambda x: x, (np.ones(2),), (np.ones(3),)), ag.ShapeError, r"\(3,\)"),
        (lambda: ag.vjp(lambda x: x, np.ones(2))[1](np.ones(3)), ag.ShapeError, r"\(3,\)"),
    ],
)
def test_bad_calls_are_refused_in_words(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_a_gate_without_a_forward_rule_says_so_and_jacobian_goes_by_rows():
    cube = ag.gate(lambda a: a**3, vjp=lambda g, out, a: g * 3.0 * a * a, name="cube")
    with pytest.raises(ag.UnsupportedError, match="cube"):
        ag.jvp(cube, (2.0,), (1.0,))
    np.testing.assert_array_equal(ag.jacobian(cube)(np.array([1.0, 2.0])), np.diag([3.0, 12.0]))


def test_a_tangent_is_spread_where_its_operand_was_before_it_is_summed():
    """Forward mode's counterpart of folding: the sum of x + zeros of (2, 3) counts x twice."""
    x, t, wide = np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0]), np.zeros((2, 3))
    for f in (
        lambda a: np.sum(a + wide),
        lambda a: np.sum(wide - (-a)),
        lambda a: np.sum(np.sin(a - a + wide) + a),
    ):
        assert ag.jvp(f, (x,), (t,))[1] == 222.0
    along = ag.jvp(lambda a: np.sum(a + wide, axis=0), (x,), (t,))[1]
    np.testing.assert_array_equal(along, 2.0 * t)


# ---- what a function returns beside its number


class Report:
    """An object that no transform knows."""


def test_has_aux_gives_jaxs_shapes():
    f = lambda x: (x * x, {"twice": 2.0 * x, "n": 3})
    assert ag.grad(f, has_aux=True)(3.0) == (6.0, {"twice": 6.0, "n": 3})
    assert ag.value_and_grad(f, has_aux=True)(3.0) == ((9.0, {"twice": 6.0, "n": 3}), 6.0)
    out, pullback, aux = ag.vjp(f, 3.0, has_aux=True)
    assert (out, pullback(2.0), aux) == (9.0, (12.0,), {"twice": 6.0, "n": 3})
    assert ag.grad(lambda a, b: [a * b, a], (0, 1), True)(2.0, 5.0) == ((5.0, 2.0), 2.0)


def test_aux_is_plain_where_arguments_were_and_recorded_where_they_were_not():
    report, constant = Report(), np.arange(3)
    f = lambda x: (np.sum(x * x), (np.exp(x), report, constant, "text", None))
    x = np.array([0.0, 1.0])
    plain = ag.grad(f, has_aux=True)(x)[1]
    assert type(plain[0]) is np.ndarray
    np.testing.assert_array_equal(plain[0], np.exp(x))
    assert plain[1] is report
    assert plain[2] is constant
    assert plain[3:] == ("text", None)
    given = Tensor(x)
    recorded = ag.grad(f, has_aux=True)(given)[1][0]
    recorded.sum().backward()
    np.testing.assert_array_equal(given.grad, np.exp(x))
    frozen = ag.grad(f, has_aux=True)(Tensor(x, requires_grad=False))[1][0]
    assert (type(frozen), frozen.requires_grad) == (Tensor, False)


def test_aux_that_reaches_a_tensor_outside_is_recorded():
    w = Tensor(2.0, name="w")
    gradient, aux = ag.grad(lambda x: (x * x, w * w), has_aux=True)(3.0)
    assert gradient == 6.0
    aux.backward()
    assert w.grad == 4.0


def test_aux_without_tensors_is_the_very_object():
    aux = {"all": [1, 2], "of": {"it": Report()}}
    assert ag.grad(lambda x: (x, aux), has_aux=True)(1.0)[1] is aux


@pytest.mark.parametrize("result", [lambda x: x, lambda x: (x,), lambda x: (x, x, x)])
def test_a_function_that_returns_no_pair_is_refused(result):
    for call in (
        lambda: ag.grad(result, has_aux=True)(1.0),
        lambda: ag.value_and_grad(result, has_aux=True)(1.0),
        lambda: ag.vjp(result, 1.0, has_aux=True),
    ):
        with pytest.raises(ag.DataError, match="a pair"):
            call()


def test_aux_composes_with_the_other_transforms():
    def f(x):
        first, aux = ag.grad(lambda y: (y**3, {"square": y * y}), has_aux=True)(x)
        return first + aux["square"]  # 3 x² + x²

    assert ag.grad(f)(2.0) == 16.0
    assert ag.jvp(f, (2.0,), (1.0,))[1] == 16.0
    fast = ag.compile(ag.value_and_grad(lambda x: (np.sum(x**3), np.sum(x)), has_aux=True))
    for x in (np.array([1.0, 2.0]), np.array([3.0, 4.0])):
        (value, total), gradient = fast(x)
        assert (value, total) == (np.sum(x**3), np.sum(x))
        np.testing.assert_array_equal(gradient, 3.0 * (x * x))


# ---- stop_gradient


def test_stop_gradient_is_a_constant_in_every_mode_and_order():
    f = lambda x: x * x * ag.stop_gradient(x)  # 2 x·x, and then 2 x
    assert ag.grad(f)(3.0) == 18.0
    assert ag.grad(ag.grad(f))(3.0) == 6.0
    assert ag.grad(ag.grad(ag.grad(f)))(3.0) == 0.0
    assert ag.jvp(f, (3.0,), (1.0,)) == (27.0, 18.0)
    assert ag.jvp(ag.grad(f), (3.0,), (1.0,))[1] == 6.0
    assert ag.jacobian(f)(3.0) == 18.0
    assert ag.grad(lambda x: ag.stop_gradient(ag.sqrt(x)))(0.0) == 0.0  # and not 0·∞
    np.testing.assert_array_equal(ag.jacobian(ag.stop_gradient)(np.ones(2)), np.zeros((2, 2)))


def test_stop_gradient_of_an_inner_derivative_stops_the_outer_one_alone():
    f = lambda x: x * ag.stop_gradient(ag.grad(lambda y: y**3)(x))
    assert ag.grad(f)(2.0) == 12.0


def test_stop_gradient_takes_nests_and_passes_on_what_is_no_tensor():
    x = Tensor([1.0, 2.0], name="x")
    nest = {"a": [x, 2.0, "text"], "b": (x * x, None)}
    found = ag.stop_gradient(nest)
    assert found["a"][1:] == [2.0, "text"]
    assert found["b"][1] is None
    for stopped, node in ((found["a"][0], x), (found["b"][0], x * x)):
        np.testing.assert_array_equal(stopped.data, node.data)
        assert (stopped.is_leaf, stopped.requires_grad) == (True, False)
        assert stopped.dtype == node.dtype
    assert found["a"][0].name == "x"
    assert ag.stop_gradient(3.0) == 3.0
    assert ag.stop_gradient(array := np.ones(2)) is array


def test_an_update_in_place_does_not_reach_what_was_stopped():
    w, z = Tensor([2.0], name="w"), Tensor([5.0], name="z")
    loss = np.sum(ag.stop_gradient(w) * z)
    w.data -= 1.0
    loss.backward()
    np.testing.assert_array_equal(z.grad, [2.0])


def test_a_program_computes_what_is_stopped_anew():
    w = Tensor([2.0, 3.0], name="w")
    f = lambda x: np.sum(ag.stop_gradient(np.exp(x) * w) * x)
    fast = ag.compile(ag.value_and_grad(f))
    for x in (np.array([0.0, 1.0]), np.array([2.0, -1.0])):
        for found, expected in zip(fast(x), ag.value_and_grad(f)(x), strict=True):
            np.testing.assert_array_equal(found, ag.stop_gradient(expected).data)
        w.data = w.data + 1.0
    halves = ag.compile(ag.grad(lambda x: x * ag.stop_gradient(x)))
    assert (halves(2.0), halves(3.0)) == (2.0, 3.0)


# ---- gradients that are taken inside


def slope_by_backward(x, **options):
    y = (x * x).sum()
    y.backward(**options)
    return x.grad


def test_a_backward_pass_inside_is_recorded_or_refused():
    outside = Tensor(2.0)

    def slope_of_another(x):
        (x * outside).backward()
        return outside.grad * 1.0

    for f in (slope_by_backward, slope_of_another):
        for x in (3.0, Tensor(3.0)):
            with pytest.raises(ag.GradientError, match="create_graph=True"):
                ag.grad(f)(x)
        with pytest.raises(ag.GradientError, match="create_graph=True"):
            ag.grad(lambda x, f=f: ag.grad(f)(x) * x)(3.0)
    assert outside.grad is None
    recorded = partial(slope_by_backward, create_graph=True)
    assert ag.grad(recorded)(3.0) == 2.0
    np.testing.assert_array_equal(ag.jacobian(recorded)(np.ones(2)), 2 * np.eye(2))


def test_a_backward_pass_of_something_else_is_nobodys_business():
    def f(x):
        w = Tensor(5.0)
        (w * w).backward()
        return x * w.grad

    assert ag.grad(f)(3.0) == 10.0
    assert ag.grad(lambda x: x * slope_by_backward(Tensor(x.item())))(3.0) == 6.0


def test_a_graph_that_is_differentiated_is_not_compiled_inside():
    with pytest.raises(ag.CompileError, match=r"ag\.compile\(ag\.grad\(f\)\)"):
        ag.grad(lambda x: ag.compile(x * x).run())(3.0)
    w = Tensor(3.0)
    program = ag.compile(w * w)
    assert ag.grad(lambda x: x * program.run())(2.0) == 9.0
    assert ag.grad(lambda x: x * ag.compile(w * w).run())(2.0) == 9.0
