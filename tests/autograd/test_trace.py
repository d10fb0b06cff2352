"""The backward pass written down: the same traversal, with every wire's own contribution."""

from __future__ import annotations

import numpy as np
import pytest
from samples import SAMPLES

import autograd as ag
from autograd import Tensor


def total_out_of(trace, node):
    """The sum of the gradients on the wires out of a node."""
    return sum(edge.grad for edge in trace.edges if edge.source is node)


def fork(wrap):
    x, y = Tensor(wrap(3.0), name="x"), Tensor(wrap(-4.0), name="y")
    return x, y, (x + ag.sigmoid(y)) / (ag.sigmoid(x) + (x + y) ** 2)


KINDS = pytest.mark.parametrize(
    "wrap", [float, np.array, lambda v: np.array([v])], ids=["scalar", "0-d", "1-d"]
)


@KINDS
def test_the_edges_out_of_a_node_add_up_to_its_gradient(wrap):
    *_, f = fork(wrap)
    trace = ag.trace(f)
    f.backward()
    for node in trace.nodes:
        assert trace.grad(node) == node.grad
        if node is not f:
            np.testing.assert_allclose(total_out_of(trace, node), node.grad, rtol=1e-15)
    assert trace.grad(f) == 1.0


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.label)
def test_of_every_gate_trace_and_backward_are_the_same_traversal(sample):
    """Bit for bit the same gradients; and each step is the gate's part of the chain rule."""
    nodes = [Tensor(value) for value in sample.inputs]
    out = sample.f(*nodes)
    upstream = np.random.default_rng(1).normal(size=out.shape)
    trace = ag.trace(out, gradient=upstream)
    assert all(node.grad is None for node in trace.nodes)
    out.backward(gradient=upstream)
    for node in trace.nodes:
        np.testing.assert_array_equal(trace.grad(node), node.grad)
        if node is not out:
            np.testing.assert_allclose(total_out_of(trace, node), node.grad, rtol=1e-14)
    for step in trace.steps:
        np.testing.assert_array_equal(step.upstream, step.node.grad)
        for operand, local, down in zip(step.inputs, step.local, step.downstream, strict=True):
            if type(operand) is not Tensor:
                assert local is None
                assert down is None
                continue
            assert np.shape(down) == operand.shape
            if local is not None:
                assert np.shape(local) == step.node.shape
                product = np.sum(np.asarray(step.upstream * local))
                np.testing.assert_allclose(np.sum(down), product, rtol=1e-12, atol=1e-12)


@KINDS
def test_steps_go_from_the_output_back_each_gate_once(wrap):
    *_, f = fork(wrap)
    trace = ag.trace(f)
    gates = [node for node in trace.nodes if node.gate]
    assert [step.node for step in trace.steps] == gates[::-1]
    for step in trace.steps:
        assert step.gate is step.node.gate
        assert len(step.inputs) == len(step.local) == len(step.downstream)


@KINDS
def test_repeated_operands_have_a_wire_and_a_contribution_each(wrap):
    x = Tensor(wrap(3.0))
    trace = ag.trace(x * x)
    (step,) = trace.steps
    assert step.downstream == (3.0, 3.0)
    assert [(edge.slot, edge.grad, edge.value) for edge in trace.edges] == [
        (0, 3.0, 3.0),
        (1, 3.0, 3.0),
    ]
    assert trace.grad(x) == 6.0


@KINDS
def test_constants_have_no_local_gradient_and_no_contribution(wrap):
    x, c = Tensor(wrap(3.0)), Tensor(wrap(5.0), requires_grad=False)
    for f, slot in ((x * 2.0, 1), (2.0 - x, 0), (x * c, 1), (c / x, 0)):
        trace = ag.trace(f)
        (step,) = trace.steps
        assert step.local[slot] is None
        assert step.downstream[slot] is None
        assert step.local[1 - slot] is not None
    trace = ag.trace(x * c)
    assert trace.grad(c) is None
    assert [edge.grad for edge in trace.edges if edge.source is c] == [None]


def test_a_trace_leaves_every_gradient_as_it_was():
    x = Tensor([1.0, 2.0])
    f = (x * x).sum()
    f.backward()
    before = x.grad
    ag.trace(f)
    assert x.grad is before
    np.testing.assert_array_equal(before, [2.0, 4.0])
    untouched = Tensor(3.0)
    ag.trace(untouched * 2.0)
    assert untouched.grad is None


def test_local_gradients_have_the_outputs_shape_and_contributions_the_inputs():
    row, column = Tensor([[1.0, 2.0, 3.0]]), Tensor([[10.0], [20.0]])
    (step,) = ag.trace(row * column, gradient=np.ones((2, 3))).steps
    np.testing.assert_array_equal(step.local[0], [[10.0] * 3, [20.0] * 3])
    np.testing.assert_array_equal(step.local[1], [[1.0, 2.0, 3.0]] * 2)
    np.testing.assert_array_equal(step.downstream[0], [[30.0] * 3])
    np.testing.assert_array_equal(step.downstream[1], [[6.0], [6.0]])


def test_gates_that_are_not_elementwise_have_no_local_gradient():
    (step,) = ag.trace(Tensor([1.0, 2.0]) @ Tensor([3.0, 4.0])).steps
    assert step.local == (None, None)
    np.testing.assert_array_equal(step.downstream[0], [3.0, 4.0])


PATTERNS = {
    "distributes": [lambda x: x + x, lambda x: x - x],
    "swaps": [lambda x: x * x],
    "routes": [ag.max, ag.relu, lambda x: ag.maximum(x, x), lambda x: x[0],
               lambda x: ag.where(1, x, x)],
    "scales": [ag.exp, lambda x: -x, lambda x: 1 / x, ag.tanh, ag.sigmoid, ag.sqrt],
    "copies": [ag.sum, lambda x: np.broadcast_to(x, (3, 2))],
    "moves": [lambda x: x.reshape(2, 1), lambda x: np.concatenate([x, x])],
    "mixes": [lambda x: x @ x],
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "f"), [(p, f) for p, fs in PATTERNS.items() for f in fs])
def test_patterns_are_the_slides(pattern, f):
    out = f(Tensor([1.0, 2.0]))
    (step,) = ag.trace(out, gradient=np.ones(out.shape)).steps
    assert step.pattern == pattern


def test_rule_and_formula_read_as_text():
    x, y = Tensor(3.0, name="x"), Tensor(-4.0, name="y")
    (step,) = ag.trace(x * y).steps
    assert step.rule == "a·b → b, a"
    assert step.formula == "x: 1 × (−4) = −4;  y: 1 × 3 = 3"
    (step,) = ag.trace(1 / x).steps
    assert step.rule == "1/x → −1/x²"
    assert step.formula == "x: 1 × (−0.1111) = −0.1111"
    (step,) = ag.trace(2.0 * x).steps
    assert "\n" not in step.formula
    assert step.formula == "x: 1 × 2 = 2"


def test_rounded_factors_that_do_not_give_the_rounded_product_are_not_called_equal():
    """2/3 · 2/3 is 0.4444, while 0.6667 · 0.6667 is 0.4445: products come from full precision."""
    x = Tensor(2.0 / 3.0, name="x")
    (step,) = ag.trace(2.0 * x, gradient=0.5).steps
    assert step.formula == "x: 0.5 × 2 = 1"
    (step,) = ag.trace(x * (2.0 / 3.0), gradient=2.0 / 3.0).steps
    assert step.formula == "x: 0.6667 × 0.6667 ≈ 0.4444"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, 1e-300, -0.0])
def test_formulas_of_extreme_numbers_can_be_written(value):
    x = Tensor(value, name="x")
    for step in ag.trace((x * x + 1.0) / x).steps:
        assert step.formula
        assert repr(step)


def test_a_gradient_seeds_a_trace():
    t = Tensor([1.0, 2.0], name="t")
    trace = ag.trace(t * t, gradient=[1.0, 10.0])
    np.testing.assert_array_equal(trace.grad(t), [2.0, 40.0])
    np.testing.assert_array_equal(trace.grad(trace.output), [1.0, 10.0])


def test_refusals_are_those_of_backward():
    t, c = Tensor([1.0, 2.0]), Tensor(1.0, requires_grad=False)
    with pytest.raises(ag.GradientError):
        ag.trace(t * t)
    with pytest.raises(ag.ShapeError):
        ag.trace(t * t, gradient=[1.0])
    with pytest.raises(ag.GradientError):
        ag.trace(c)
    with pytest.raises(ag.DataError):
        ag.trace(3.0)
    stale = t * 2.0
    t.data = [5.0, 6.0]
    with pytest.raises(ag.StaleGraphError):
        ag.trace(stale, gradient=[1.0, 1.0])


def test_a_node_of_another_graph_is_refused():
    x = Tensor(1.0)
    trace = ag.trace(x * 2.0)
    for stranger in (Tensor(1.0), x * 2.0, 2.0, None):
        with pytest.raises(ag.DataError):
            trace.grad(stranger)


def test_a_trace_of_a_leaf_has_no_steps():
    x = Tensor(3.0)
    trace = ag.trace(x)
    assert trace.steps == []
    assert trace.edges == []
    assert trace.grad(x) == 1.0


@pytest.mark.parametrize("data", [np.array(3.0), np.array([3.0, 3.0])], ids=["0-d", "1-d"])
def test_what_a_trace_shows_stays_true_when_an_optimiser_steps_in_place(data):
    p, q = Tensor(data), Tensor(data.copy())
    trace = ag.trace(np.sum(p * q))
    p.data -= 1.0
    q.data -= 1.0
    for edge in trace.edges[:2]:
        np.testing.assert_array_equal(edge.value, np.full(data.shape, 3.0))
    for local in trace.steps[-1].local:
        np.testing.assert_array_equal(local, np.full(data.shape, 3.0))


def test_a_traces_seed_is_not_the_users_array():
    given = np.ones(2)
    t = Tensor([1.0, 2.0])
    trace = ag.trace(t + 0.0, gradient=given)
    given[0] = 100.0
    np.testing.assert_array_equal(trace.grad(t), [1.0, 1.0])


def test_formulas_call_nodes_as_tables_do():
    x, y = Tensor(3.0, name="x"), Tensor(-4.0)
    for step in ag.trace(((x + y) * y) + (x * x)).steps:
        for line in step.formula.split(";  "):
            assert line.partition(":")[0] in {"x", "leaf", "q1", "q2", "q3"}


def test_what_looks_whole_in_a_formula_and_is_not_has_no_equals_sign():
    """σ(10) is printed 1 to four digits."""
    s = ag.sigmoid(Tensor(10.0, name="x"))
    (first, *_) = ag.trace(s * Tensor(2.0, name="w")).steps
    told = dict(part.split(": ") for part in first.formula.split(";  "))
    assert told["w"] == "1 × 1 ≈ 1"
    assert told["q"] == "1 × 2 = 2"
