"""Scalar nodes: Python floats, `math`, and results that IEEE 754 defines."""

from __future__ import annotations

import importlib
import math
import operator

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor

OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
    operator.mod,
    operator.floordiv,
]


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.__name__)
@pytest.mark.parametrize("other", [3.0, 3, True, 0.25])
def test_operators_and_their_reflected_forms_are_pythons(op, other):
    x = Tensor(1.75)
    for out, expected in (
        (op(x, other), op(1.75, other)),
        (op(other, x), op(other, 1.75)),
        (op(x, Tensor(float(other))), op(1.75, float(other))),
    ):
        assert type(out.data) is float
        assert out.data == expected


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "tanh"])
def test_functions_are_those_of_math_to_the_bit(name):
    for value in (0.1, 0.7, 1.3, 2.9):
        assert getattr(Tensor(value), name)().data == getattr(math, name)(value)
        assert getattr(np, name)(Tensor(value)).data == getattr(math, name)(value)
        assert getattr(ag, name)(Tensor(value)).data == getattr(math, name)(value)


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.__name__)
def test_every_form_of_an_operator_has_the_gradient_of_the_others(op):
    """Tensor with Tensor, with a constant on either side, with a frozen Tensor on either side."""
    a, b = 1.75, 0.6
    x, y = Tensor(a), Tensor(b)
    op(x, y).backward()
    for make in (float, lambda v: Tensor(v, requires_grad=False)):
        left, right = Tensor(a), Tensor(b)
        op(left, make(b)).backward()
        op(make(a), right).backward()
        assert (left.grad, right.grad) == (x.grad, y.grad)


def test_unary_operators():
    x = Tensor(-2.0)
    assert (+x) is x
    assert (-x).data == 2.0
    assert abs(x).data == 2.0


def test_functions_of_plain_numbers_are_leaves():
    out = ag.exp(1.0)
    assert out.data == math.e
    assert out.is_leaf
    assert not out.requires_grad


def test_no_scalar_gate_raises_warns_or_turns_complex():
    """All operators at all extreme values; warnings are errors in this run."""
    extremes = [0.0, -0.0, 1.0, -1.0, 0.5, 1e308, -1e308, 5e-324, math.inf, -math.inf, math.nan]
    for a in extremes:
        for b in extremes:
            for op in (*OPERATORS, ag.maximum, ag.minimum):
                for x, y in ((Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))):
                    out = op(x, y)
                    assert type(out.data) is float
                    out.backward()
                    for node in (x, y):
                        assert type(node) is float or type(node.grad) is float


def test_a_weak_scalar_gets_its_gradient_as_the_sum_over_the_array():
    x, t = Tensor(2.0), Tensor([1.0, 2.0, 3.0])
    (x * t).sum().backward()
    assert x.grad == 6.0
    np.testing.assert_array_equal(t.grad, [2.0, 2.0, 2.0])


def test_a_scalar_gate_reads_the_same_in_and_out_of_a_mode():
    """Where lines or scopes are remembered another path computes: same values, same gradients."""
    for f in (lambda x, y: (x * y + x / y - y**x) % 1.7, lambda x, y: ag.maximum(x, y).exp()):
        a, b = Tensor(1.3), Tensor(0.8)
        f(a, b).backward()
        c, d = Tensor(1.3), Tensor(0.8)
        with ag.scope("s"):
            out = f(c, d)
        out.backward()
        assert (out.data, c.grad, d.grad) == (f(a, b).data, a.grad, b.grad)


# ---- every function of a single number


def calls_of_numbers():
    """Sample calls whose operands are single numbers."""
    for module in ("elementwise", "linear_algebra", "movement", "networks", "reductions"):
        for name, calls in importlib.import_module(f"samples_{module}").SAMPLES.items():
            for k, (f, inputs) in enumerate(calls):
                if inputs and all(np.ndim(a) == 0 for a in inputs):
                    yield pytest.param(f, inputs, id=f"{name} {k}")


@pytest.mark.parametrize(("f", "inputs"), list(calls_of_numbers()))
def test_a_scalar_node_has_the_gradient_of_an_array_of_no_axes(f, inputs):
    nodes, scalars = [Tensor(np.array(a)) for a in inputs], [Tensor(float(a)) for a in inputs]
    try:
        outs = f(*nodes), f(*scalars)
    except ImportError as error:  # an extra that is not installed
        pytest.skip(str(error))
    np.testing.assert_allclose(outs[1].data, outs[0].data, rtol=1e-15)
    for out in outs:
        out.backward(gradient=np.ones(out.shape))
    for node, scalar in zip(nodes, scalars, strict=True):
        assert type(scalar.grad) is float
        np.testing.assert_allclose(scalar.grad, node.grad, rtol=1e-14, atol=1e-300)
    pushed = ag.jvp(f, [float(a) for a in inputs], [1.0] * len(inputs))[1]
    np.testing.assert_allclose(np.sum(pushed), sum(s.grad for s in scalars), rtol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.linspace(x, 3.0, 4), lambda x: np.linspace(1.0, x, 4, retstep=True)[1],
        lambda x: np.logspace(x, 1.0, 3), lambda x: np.geomspace(x, 8.0, 4),
        lambda x: ag.full((2,), x), lambda x: np.polyval([1.0, 2.0, 3.0], x), np.unique,
        lambda x: np.histogram_bin_edges(x, 2), lambda x: x.flat, lambda x: np.pad(x, 2),
        lambda x: np.piecewise(x, [x > 0], [np.sin]), lambda x: np.nanquantile(x, [0.2, 0.5]),
        lambda x: ag.vander([x, 1.0]), lambda x: np.var(ag.array([x, 2.0]), mean=x),
        lambda x: np.polyfit([0.0, 1.0, 2.0], ag.array([x, 2.0 * x, x * x]), 1),
    ],
)  # fmt: skip
def test_functions_of_arrays_take_scalar_nodes(f):
    assert type(ag.grad(lambda x: np.sum(f(x)))(2.0)) is float
    assert ag.gradcheck(lambda x: f(x) * 1.0, 2.0, order=2)
