"""What was not chosen gets 0, whatever arrives from above: infinities and nans too."""

from __future__ import annotations

import importlib
import math

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.families import all_gates
from autograd.gates.routing import chosen, shared, weighted

MODULES = (
    "samples", "samples_elementwise", "samples_linear_algebra", "samples_movement",
    "samples_networks", "samples_reductions",
)  # fmt: skip


def calls():
    """Sample calls whose gates all route, or move what they get."""
    for module in MODULES:
        samples = importlib.import_module(module).SAMPLES
        if isinstance(samples, list):
            samples = {sample.label: [(sample.f, sample.inputs)] for sample in samples}
        for name, found in samples.items():
            for k, (f, inputs) in enumerate(found):
                inputs = [np.array(a, float) for a in inputs]
                try:
                    out = f(*map(Tensor, inputs))
                except ImportError:
                    continue
                if type(out) is Tensor and out.size and out.gate:
                    gates = {node.gate for node in ag.Graph(out).nodes if node.gate}
                    passing = all(g.pattern in ("routes", "moves") for g in gates)
                    if passing and any(g.pattern == "routes" for g in gates):
                        yield pytest.param(f, inputs, gates, id=f"{name} {k}")


CALLS = list(calls())
every_call = pytest.mark.parametrize(("f", "inputs", "gates"), CALLS)


def test_the_samples_reach_every_gate_that_routes():
    reached = set().union(*(param.values[2] for param in CALLS))
    routing = {gate for gate in all_gates() if gate.pattern == "routes"}
    assert routing <= reached, routing - reached


@every_call
def test_an_infinite_gradient_makes_no_nan(f, inputs, gates):
    nodes = [Tensor(a) for a in inputs]
    out = f(*nodes)
    out.backward(gradient=np.full(out.shape, math.inf))
    trace = ag.trace(out, gradient=np.full(out.shape, math.inf))
    for node in nodes:
        assert set(np.unique(node.grad)) <= {0.0, math.inf}
        np.testing.assert_array_equal(trace.grad(node), node.grad)


@every_call
def test_an_infinite_tangent_makes_no_nan(f, inputs, gates):
    tangents = [np.full(a.shape, math.inf) for a in inputs]
    _, tangent = ag.jvp(f, inputs, tangents)
    assert set(np.unique(tangent)) <= {0.0, math.inf}


@every_call
def test_the_same_rule_runs_where_it_is_recorded(f, inputs, gates):
    nodes = [Tensor(a) for a in inputs]
    out = f(*nodes)
    out.backward(gradient=np.full(out.shape, math.inf), create_graph=True)
    for node in nodes:
        assert set(np.unique(node.grad.data)) <= {0.0, math.inf}


WRAPS = pytest.mark.parametrize(
    "wrap", [float, np.array, lambda v: np.array([v]), lambda v: np.full(3, v, np.float32)],
    ids=["scalar", "0-d", "one", "float32"],
)  # fmt: skip


@WRAPS
@pytest.mark.parametrize(
    ("f", "at", "expected"),
    [
        (lambda x: ag.sqrt(ag.relu(x)), (-1.0,), (0.0,)),
        (lambda x: ag.sqrt(ag.clip(x, 0.0)), (-1.0,), (0.0,)),
        (lambda x: ag.sqrt(ag.clip(x, None, 0.0)), (1.0,), (0.0,)),
        (lambda x: ag.sqrt(ag.clip(x, 0.0, 1.0)), (-1.0,), (0.0,)),
        (lambda x: ag.sqrt(ag.floor(x)), (0.5,), (0.0,)),
        (lambda x: ag.sqrt(ag.sign(x)), (0.0,), (0.0,)),
        (lambda x: ag.sqrt(ag.where(False, x, 0.0)), (2.0,), (0.0,)),
        (lambda x, y: ag.sqrt(ag.maximum(x, y)), (-1.0, 0.0), (0.0, math.inf)),
        (lambda x, y: ag.sqrt(ag.minimum(x, y)), (0.0, 1.0), (math.inf, 0.0)),
        (lambda x, y: ag.sqrt(ag.fmax(x, y)), (-1.0, 0.0), (0.0, math.inf)),
        (lambda x, y: ag.sqrt(ag.fmin(x, y)), (0.0, 1.0), (math.inf, 0.0)),
        (lambda x, y: ag.sqrt(ag.maximum(x, y)), (0.0, 0.0), (math.inf, math.inf)),
        (lambda x, y: ag.sqrt(x // y), (0.5, 1.0), (0.0, 0.0)),
        (lambda x, y: ag.sqrt(ag.heaviside(x, y)), (-1.0, 0.5), (0.0, 0.0)),
    ],
)
def test_a_root_of_what_was_not_chosen_has_gradient_zero(f, at, expected, wrap):
    nodes = [Tensor(wrap(value)) for value in at]
    out = f(*nodes)
    out.backward(gradient=np.ones(out.shape))
    for node, want in zip(nodes, expected, strict=True):
        np.testing.assert_array_equal(node.grad, wrap(want))
    trace = ag.trace(out, gradient=np.ones(out.shape))
    for node, want in zip(nodes, expected, strict=True):
        np.testing.assert_array_equal(trace.grad(node), wrap(want))
    gradients = ag.grad(lambda *v: np.sum(f(*v)), tuple(range(len(at))))(*map(wrap, at))
    for got, want in zip(gradients, expected, strict=True):
        np.testing.assert_array_equal(got, wrap(want))


@WRAPS
def test_an_infinite_tangent_stops_where_it_was_not_chosen(wrap):
    for f in (lambda x: ag.relu(ag.sqrt(x) - 1.0), lambda x: ag.maximum(ag.sqrt(x), 1.0)):
        np.testing.assert_array_equal(ag.jvp(f, (wrap(0.0),), (wrap(1.0),))[1], wrap(0.0))


@pytest.mark.parametrize("f", [ag.square, lambda x: x * 0.0, lambda x: np.zeros(()) * x])
@pytest.mark.parametrize("data", [0.0, np.zeros(2)], ids=["scalar", "array"])
def test_a_smooth_derivative_of_zero_is_no_choice(f, data):
    """0·∞ is unknown where nothing was chosen, for scalars as for arrays."""
    x = Tensor(data)
    out = ag.sqrt(f(x))
    out.backward(gradient=np.ones(out.shape))
    assert np.all(np.isnan(x.grad))


# ---- the functions themselves


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, ">f8"])
def test_chosen_is_where_to_the_bit(dtype):
    values = [1.5, -2.0, 0.0, -0.0, math.inf, -math.inf, math.nan, 5e-8]
    g = np.array(values, dtype)
    for mask in (np.arange(8) % 2 == 0, np.ones(8, bool), np.zeros((3, 8), bool), np.array([True])):
        got, want = chosen(g, mask), np.where(mask, g, np.zeros((), dtype))
        assert (got.dtype, got.shape) == (want.dtype.newbyteorder("="), want.shape) or (
            got.dtype == want.dtype
        )
        assert np.asarray(got, want.dtype).tobytes() == want.tobytes()
    assert chosen(2.0, np.array([True, False])).tolist() == [2.0, 0.0]
    assert chosen(g[::2], np.array([True, False, True, False])).tolist()[1] == 0.0


@pytest.mark.parametrize("g", [3.0, -1e308, 5e-300, math.inf])
def test_shared_gives_the_whole_a_half_or_nothing(g):
    wins, reaches = np.array([True, False, False]), np.array([True, True, False])
    np.testing.assert_array_equal(shared(np.full(3, g), wins, reaches), [g, g / 2, 0.0])


def test_weighted_is_a_product_and_0_where_the_weight_is():
    g = np.array([2.0, math.inf, math.nan, 4.0])
    with np.errstate(invalid="ignore"):  # as in any pass
        got = weighted(g, np.array([0.5, 0.0, 0.0, -1.0]))
    np.testing.assert_array_equal(got, [1.0, 0.0, 0.0, -4.0])


@pytest.mark.parametrize(
    "local",
    [
        lambda out, a, b: (a < b, a >= b),
        (lambda out, a, b: a < b, lambda out, a, b: a >= b),
    ],
    ids=["one rule", "a rule an operand"],
)
def test_a_gate_of_ones_own_may_answer_with_a_mask(local):
    """A boolean derivative is a choice, in both modes."""
    mine = ag.gate(lambda a, b: np.minimum(a, b), local=local, name="mine")
    a, b = Tensor([0.0, 4.0]), Tensor([1.0, 0.0])
    ag.sqrt(mine(a, b)).backward(gradient=[1.0, 1.0])
    np.testing.assert_array_equal(a.grad, [math.inf, 0.0])
    np.testing.assert_array_equal(b.grad, [0.0, math.inf])
    _, tangent = ag.jvp(lambda t: mine(t, b), (a.data,), (np.full(2, math.inf),))
    np.testing.assert_array_equal(tangent, [math.inf, 0.0])
