"""Graphs of single numbers by JAX: the values and gradients of eager to rounding."""

from __future__ import annotations

import numpy as np
import pytest
from scalar_graphs import GATES, arity, eager, moons
from test_scalar_programs import applied_once, points_for

import autograd as ag
import nn
from autograd import Tensor
from nn import optim

pytestmark = pytest.mark.parity


def compare(output: Tensor) -> ag.Program:
    """Value and gradients, from the leaves' numbers and from others."""
    program = ag.compile(output, backend="jax")
    leaves = [tensor for tensor in program.tensors if tensor.requires_grad]
    expected = eager(output, leaves)
    for leaf in leaves:
        leaf.zero_grad()
    np.testing.assert_allclose(program.run(), output.data, rtol=1e-12)
    program.backward()
    found = [0.0 if leaf.grad is None else leaf.grad for leaf in leaves]
    scale = np.abs(expected[np.isfinite(expected)]).max()
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * scale)
    return program


def test_a_network_over_a_batch_is_some_calls_of_groups():
    program = compare(moons(points=100, hidden=8)[0])
    lines = program.source.replace(",", "").split("\n")
    gates, calls = (int(line.split()[0]) for line in lines[:2])
    assert gates > 19_000
    assert calls < 20


def test_a_network_runs_again_on_other_numbers():
    output, parameters = moons(points=33, hidden=4)
    program = ag.compile(output, backend="jax")
    for p in parameters:
        p.data = 0.5 * p.data + 0.01
    again, same = moons(points=33, hidden=4)
    for p, q in zip(parameters, same, strict=True):
        q.data = p.data
    rebuilt = ag.compile(again)
    np.testing.assert_allclose(program.run(), rebuilt.run(), rtol=1e-12)
    program.backward()
    rebuilt.backward()
    for p, q in zip(parameters, same, strict=True):
        np.testing.assert_allclose(p.grad, q.grad, rtol=1e-10, atol=1e-12)


def test_a_long_chain_is_a_loop():
    x, a, b = Tensor(0.5), Tensor(0.9999), Tensor(0.0001)
    out = x
    for i in range(3000):
        out = np.tanh(out * a) if i % 3 == 0 else out * a + b
    assert "1 calls forward" in compare(out).source


def test_a_graph_of_many_groups_is_a_loop():
    """A recurrent network: in each of its steps a few gates of each kind."""
    rng = np.random.default_rng(0)
    weights = [[Tensor(v) for v in row] for row in rng.normal(size=(8, 8)).tolist()]
    h = [Tensor(0.1)] * 8
    for x in rng.normal(size=40).tolist():
        h = [np.tanh(sum((w * v for w, v in zip(row, h, strict=True)), x)) for row in weights]
    assert "1 calls forward" in compare(sum((v * v for v in h), 0.0)).source


def test_gates_that_read_at_random():
    """Nothing follows a pattern; some values have dozens of readers, and some none."""
    rng = np.random.default_rng(1)
    gates = [gate for gate in GATES if gate.name in ("add", "multiply", "tanh", "relu", "maximum")]
    nodes = [Tensor(v) for v in rng.normal(size=20).tolist()]
    for width in (300, 3, 300, 40, 1, 300):
        read = nodes[-60:]
        nodes += [
            gate(*[read[int(i)] for i in rng.integers(len(read), size=arity(gate))])
            for gate in (gates[int(k)] for k in rng.integers(len(gates), size=width))
        ]
    compare(sum(nodes[-200:], 0.0) + sum((nodes[-1] * n for n in nodes[::9]), 0.0))


def test_nothing_passes_where_a_gate_chose_otherwise():
    """An infinite gradient times a local one of 0, wide and narrow."""
    for count in (3, 300):
        leaves = [Tensor(float(i % 2)) for i in range(count)]
        compare(sum((np.maximum(x, 0.5) * 1e300 * 1e300 for x in leaves), leaves[0]))


@pytest.mark.slow
def test_every_gate_is_eagers():
    """But XLA takes numbers below the normal ones for 0, and (a/b)/b for a/b², which they reach."""
    from autograd.program.lowering.jax_scalars import XlaReplay

    cases = [
        (gate, [p for p in points_for(gate) if not any(0.0 < abs(v) < 1e-299 for v in p)])
        for gate in GATES
    ]
    for gate, point, found, expected in applied_once(cases, XlaReplay):
        assert np.allclose(found, expected, 1e-12, 1e-300, equal_nan=True), (gate, point)


def test_a_model_of_scalars_is_trained():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(24, 2))
    y = (X[:, 0] > 0).astype(np.int64)

    def losses(**how):
        model = nn.MLP(2, [8], 2, scalar=True, rng=0)
        history = nn.fit(
            model, X, y, loss="cross_entropy", optimizer=optim.SGD(lr=0.1), epochs=3,
            batch_size=12, rng=0, progress=False, **how,
        )  # fmt: skip
        assert not history.notes, history.notes
        return history.history["loss"]

    np.testing.assert_allclose(losses(backend="jax"), losses(), rtol=1e-10)
