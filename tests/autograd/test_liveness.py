"""Large values that no rule needs are let go of, and nobody can tell but by the memory."""

from __future__ import annotations

import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SAMPLES, calls_of_families

import autograd as ag
from autograd import Tensor
from autograd.eager import value_of
from autograd.gates.rules import call_vjp, in_blocks
from autograd.liveness import LARGE
from autograd.tensor import HOLLOW

N = LARGE // 8
X = np.linspace(0.1, 0.9, N)


def chain(x):
    """Sums and products by constants, whose values no rule needs, and an exponential."""
    for _ in range(3):
        x = x * 0.9 + 0.01
    return np.exp(x) * 2.0 - 0.5


def hollow_below(node):
    """How many nodes have no value at the moment; this looks at them without asking for one."""
    found, waiting = 0, [node]
    while waiting:
        node = waiting.pop()
        found += node._second is HOLLOW
        waiting += [o for o in node._first if type(o) is Tensor]
    return found


def emptied(value):
    """What has the shape and dtype of a value, and nothing of its numbers."""
    if type(value) is not np.ndarray:
        return value
    return np.broadcast_to(np.zeros((), value.dtype), value.shape)


def check_blocks(name, node):
    """Block by block the rules of an elementwise gate give the same bits, over the upstream too."""
    out, values = node.data, [value_of(o) for o in node.inputs]
    if type(out) is not np.ndarray or not node.gate.by_entries:
        return
    upstream = np.asarray(np.random.default_rng(0).normal(size=out.shape), out.dtype)
    for i, rule in enumerate(node.gate.local):
        whole = call_vjp(node.gate.vjps[i], upstream, out, values, None)
        for over in (False, True):
            given = upstream.copy()
            found = in_blocks(rule, given, out, values, over=over)
            if found is None:
                np.testing.assert_array_equal(given, upstream)
            else:
                assert not over or found is given
                np.testing.assert_array_equal(
                    found, np.broadcast_to(whole, out.shape), err_msg=name
                )


def check_needs(name, node):
    """The rules of a node give the same without what its gate says that they do not need."""
    wanted = [type(o) is Tensor and o.requires_grad for o in node.inputs]
    needed = node.gate.needs(wanted, node.data)
    if needed is None or type(node.data) is float:
        return
    out, values = node.data, [value_of(o) for o in node.inputs]
    upstream = np.asarray(np.random.default_rng(0).normal(size=out.shape), out.dtype)
    shown = out if -1 in needed else emptied(out)
    given = [v if i in needed else emptied(v) for i, v in enumerate(values)]
    found, right = (
        node.gate.vjps_of(upstream, wanted, *known, node._d_first)
        for known in ((shown, given), (out, values))
    )
    for one, other in zip(found, right, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=f"{name}: {node.gate.name}")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_rules_look_at_no_value_but_those_that_a_gate_needs(monkeypatch):
    monkeypatch.setattr("autograd.gates.rules.BLOCK", 2)
    calls = [(s.label, s.f, s.inputs) for s in SAMPLES]
    for name, call, inputs in [*calls, *(param.values for param in calls_of_families())]:
        try:
            outputs = call(*map(Tensor, [np.array(v, float, order="C") for v in inputs]))
        except ImportError:  # of an extra that is not installed
            continue
        for output in outputs if isinstance(outputs, (tuple, list)) else [outputs]:
            for node in ag.Graph(output).nodes:
                if node.gate is not None:
                    check_needs(name, node)
                    check_blocks(name, node)


def test_values_are_let_go_of_and_come_back_with_the_same_bits():
    x = Tensor(X)
    y = chain(x)
    assert hollow_below(y) == 5  # of six sums and products; `chain` held the last until the end
    expected, values = X, [X]
    for _ in range(3):
        values += [expected * 0.9, expected * 0.9 + 0.01]
        expected = values[-1]
    values += [np.exp(expected), np.exp(expected) * 2.0, np.exp(expected) * 2.0 - 0.5]
    nodes = ag.Graph(y).nodes
    assert hollow_below(y) == 0
    for node, value in zip(nodes, values, strict=True):
        np.testing.assert_array_equal(node.data, value)


def test_derivatives_of_any_order_are_those_of_kept_values():
    x = Tensor(X)
    y = chain(x)
    y.backward(np.ones(N))
    slope = 0.9**3 * 2.0 * np.exp(0.9**3 * X + 0.01 * (1 + 0.9 + 0.81))
    np.testing.assert_allclose(x.grad, slope, rtol=1e-14)
    once = x.grad.copy()
    y.backward(np.ones(N))
    np.testing.assert_array_equal(x.grad, 2 * once)
    second = ag.grad(lambda x: np.sum(ag.grad(lambda x: np.sum(chain(x)))(x)))(X)
    np.testing.assert_allclose(second, 0.9**3 * slope, rtol=1e-14)
    np.testing.assert_allclose(ag.jvp(chain, (X,), (np.ones(N),))[1], slope, rtol=1e-14)
    z = chain(Tensor(X, name="z"))
    trace = ag.trace(z, gradient=np.ones(N))
    for step in trace.steps:
        for local, upstream, down in zip(step.local, [step.upstream] * 2, step.downstream,
                                         strict=False):  # fmt: skip
            if local is not None:
                np.testing.assert_allclose(down, upstream * local, rtol=1e-15)


def test_a_node_that_somebody_holds_keeps_its_value():
    x = Tensor(X)
    held = x * 0.9
    seen = x + 0.5
    alive = weakref.ref(seen)
    y = (held + 0.1) * 2.0 + (seen * 3.0) * 1.0
    del seen
    y = y * 1.0 + 0.0
    np.testing.assert_array_equal(held.data, X * 0.9)
    np.testing.assert_array_equal(alive().data, X + 0.5)
    np.testing.assert_array_equal((held * held).data, (X * 0.9) ** 2)
    assert hollow_below(y) > 0


def test_a_value_that_was_computed_from_other_data_is_not_made_up():
    x = Tensor(X.copy(), name="x")
    y = chain(x)
    x.data = X + 1.0
    with pytest.raises(ag.StaleGraphError, match=r"'x'.* was assigned to after the multiply node"):
        ag.Graph(y)


def test_a_gate_of_ones_own_is_computed_once():
    calls = []

    def forward(a):
        calls.append(1)
        return a * 2.0

    double = ag.gate(forward, vjp=lambda g, out, a: g * 2.0, name="double")
    y = chain(double(Tensor(X) * 1.0) + 1.0)
    ag.Graph(y)
    ag.trace(y, gradient=np.ones(N))
    assert calls == [1]


def test_a_gradient_of_a_long_chain_takes_the_memory_of_a_short_one():
    def peak(gates):
        def total(x):
            for _ in range(gates):
                x = x * 0.99 + 0.01
            return np.sum(x)

        gradient = ag.grad(total)
        gradient(X)
        tracemalloc.start()
        try:
            gradient(X)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(40) < 4.1 * X.nbytes


@pytest.mark.parametrize("largest", [0.9, 25.0], ids=["in the middle", "in the tails"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_arrays_get_the_bits_of_their_parts(largest, dtype):
    """Where values are let go of and adjoints written over, as where they are small and kept; and
    of a tanh the operand too, but where its result rounds to 1."""
    x = np.linspace(-largest, largest, 2 * N, dtype=dtype).reshape(2, N)

    def f(x):
        for _ in range(2):
            x = np.sqrt(np.exp(np.tanh(x * 1.1)) + 0.01) * x
        return np.sum(x * x + x)

    few = N // 8
    whole = ag.grad(f)(x)
    parts = [ag.grad(f)(x[:, i : i + few].copy()) for i in range(0, N, few)]
    np.testing.assert_array_equal(whole, np.concatenate(parts, axis=1))
    np.testing.assert_array_equal(whole, ag.compile(ag.grad(f))(x))
    leaf = Tensor(x)
    y = f(leaf)
    y.backward()
    y.backward()
    np.testing.assert_array_equal(leaf.grad, 2.0 * whole)


def test_a_chain_of_tanh_and_exp_keeps_what_its_rules_read():
    """Of four gates in a round the results of two."""

    def total(x):
        for _ in range(10):
            x = np.exp(np.tanh(x * 0.9)) + 0.01
        return np.sum(x)

    gradient = ag.grad(total)
    gradient(X)
    tracemalloc.start()
    try:
        gradient(X)
        assert tracemalloc.get_traced_memory()[1] < 23.5 * X.nbytes
    finally:
        tracemalloc.stop()


STEPS = {
    "scaled": lambda x, _: x * 0.9,
    "shifted": lambda x, _: x + 0.1,
    "tanh": lambda x, _: np.tanh(x),
    "far": lambda x, _: np.tanh(x * 40.0),
    "exp": lambda x, _: np.exp(-x),
    "root": lambda x, _: np.sqrt(np.exp(np.sin(x))),
    "relu": lambda x, _: ag.relu(x),
    "squared": lambda x, _: x * x,
    "joined": lambda x, held: x - held,
    "divided": lambda x, held: held / (x * x + 1.0),
}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=9), st.integers(0, 8))
def test_any_chain_of_large_arrays_is_that_of_its_parts(names, keeps):
    """Its gradient and, for whoever walks there, each value; a second pass doubles the gradient."""

    def f(x):
        held = x
        for i, name in enumerate(names):
            x = STEPS[name](x, held)
            held = x if i == keeps else held
        return x

    def run(data):
        x = Tensor(data)
        y = f(x)
        y.backward(np.ones(data.shape), retain_grads=False)
        first = x.grad.copy()
        y.backward(np.ones(data.shape))
        np.testing.assert_array_equal(x.grad, 2.0 * first)
        return [first, *(node.data for node in ag.Graph(y).nodes)]

    whole = run(X)
    parts = [run(X[i : i + N // 8].copy()) for i in range(0, N, N // 8)]
    for one, pieces in zip(whole, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(pieces))


def test_what_is_computed_of_a_leafs_memory_keeps_its_value():
    """Somebody may write into an array that was given, which no version tells."""
    data = X.copy()
    x = Tensor(data)
    y = (np.exp(x) + np.exp(x.reshape(1, -1))[0]) * 2.0 + 1.0
    y = y * 1.0
    data[:] = 0.0
    y.backward(np.ones(N))
    np.testing.assert_array_equal(x.grad, 2.0 * np.exp(X) + 2.0 * np.exp(X))
