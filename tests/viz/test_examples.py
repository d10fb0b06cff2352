"""The named examples hold the slides' numbers."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from viz import examples
from viz.errors import VizError

# From the lecture slides, worked out by hand and with double precision there.
VALUES = {"E1": -1.0, "E2": 0.73105858, "E3": -20.0, "E4": 1.54564488411, "E5": 0.116}
GRADIENTS = {
    "E1": {"x": 1.0, "y": 1.0, "z": -1.0},
    "E2": {"w0": -0.19661193, "x0": 0.39322387, "w1": -0.39322387, "x1": -0.58983580,
           "w2": 0.19661193},
    "E3": {"x": -8.0, "y": 6.0, "z": 2.0, "w": 0.0},
    "E4": {"x": 2.05956979557, "y": 1.59223275148},
    "E5": {"W": [[0.088, 0.176], [0.104, 0.208]], "x": [-0.112, 0.636]},
}  # fmt: skip
INSIDE = {
    "E1": {"q": (-1.0, 1.0)},
    "E2": {"s": (1.0, 0.19661193)},
    "E5": {"q": ([0.22, 0.26], [0.44, 0.52])},
}


@pytest.mark.parametrize("alias", VALUES)
def test_values_and_gradients(alias):
    trace = ag.trace(examples.build(alias))
    found = {node.name: node for node in trace.nodes if node.name}
    np.testing.assert_allclose(trace.output.item(), VALUES[alias], rtol=1e-8)
    for name, gradient in GRADIENTS[alias].items():
        np.testing.assert_allclose(trace.grad(found[name]), gradient, rtol=2e-8, atol=1e-15)
    for name, (value, gradient) in INSIDE.get(alias, {}).items():
        np.testing.assert_allclose(found[name].data, value, rtol=1e-12)
        np.testing.assert_allclose(trace.grad(found[name]), gradient, rtol=2e-8)


def test_neuron_is_eight_gates_in_the_slides_order():
    trace = ag.trace(examples.build("sigmoid-neuron"))
    gates = [node for node in trace.nodes if node.gate]
    assert [node.gate.name for node in gates] == [
        "multiply", "multiply", "add", "add", "negative", "exp", "add", "reciprocal",
    ]  # fmt: skip
    np.testing.assert_allclose(
        [float(node.data) for node in gates],
        [-2, 6, 4, 1, -1, 0.36787944, 1.36787944, 0.73105858],
        rtol=1e-8,
    )
    np.testing.assert_allclose(
        [step.upstream for step in trace.steps],
        [1, -0.53444665, -0.53444665, -0.19661193, 0.19661193, 0.19661193, 0.19661193, 0.19661193],
        rtol=2e-8,
    )


def test_fork_contributions():
    trace = ag.trace(examples.build("fork"))
    x = next(node for node in trace.nodes if node.name == "x")
    parts = sorted(edge.grad for edge in trace.edges if edge.source is x)
    np.testing.assert_allclose(parts, [-0.035761547813, 0.512144448840, 1.583186894545], rtol=1e-9)


def test_each_build_is_fresh():
    first, second = examples.build("E1"), examples.build("E1")
    first.backward()
    assert first is not second
    assert second.inputs[1].grad is None


@pytest.mark.parametrize("name", ["chain-rule", "E1", "e1", "Chain_Rule", " e1 "])
def test_names_and_numbers_in_any_capitals(name):
    assert examples.named(name) is examples.EXAMPLES["chain-rule"]


def test_every_example_says_what_it_shows():
    assert list(examples.EXAMPLES) == ["chain-rule", "sigmoid-neuron", "max-router", "fork",
                                       "matrix"]  # fmt: skip
    for example in examples.EXAMPLES.values():
        assert example.title
        assert example.text.endswith(".")


def test_unknown_examples_are_refused_with_the_nearest():
    with pytest.raises(VizError, match="perhaps sigmoid-neuron"):
        examples.build("sigmoid-neurone")
