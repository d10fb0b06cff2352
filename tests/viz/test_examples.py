"""The named examples hold the slides' numbers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import viz
from autograd import Tensor
from viz import examples
from viz.errors import VizError
from viz.formulas import NodeNames

ROOT = Path(__file__).resolve().parent.parent.parent
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


def logistic(x):
    return 1 / (1 + math.exp(-x))


def edges_of_the_neuron():
    """Each number from the rules on the slide: upstream times local."""
    exponential = math.exp(-1)
    f = 1 / (1 + exponential)
    to_sum = -f * f  # Through 1/x: −1/(1+e⁻¹)².
    to_s = -to_sum * exponential  # Through +1, exp and ×(−1).
    assert (round(f, 8), round(to_sum, 8), round(to_s, 8)) == (0.73105858, -0.53444665, 0.19661193)
    return {
        "w0 → q1": (2.0, to_s * -1.0), "x0 → q1": (-1.0, to_s * 2.0),
        "w1 → q2": (-3.0, to_s * -2.0), "x1 → q2": (-2.0, to_s * -3.0),
        "q1 → q3": (-2.0, to_s), "q2 → q3": (6.0, to_s),
        "q3 → s": (4.0, to_s), "w2 → s": (-3.0, to_s),
        "s → q4": (1.0, to_s), "q4 → q5": (-1.0, -to_s),
        "q5 → q6": (exponential, to_sum), "q6 → f": (1 + exponential, to_sum),
    }  # fmt: skip


def edges_of_the_fork():
    """f = num / den, with num = x + σ(y) and den = σ(x) + (x+y)², at (3, −4)."""
    num, den = 3 + logistic(-4), logistic(3) + 1
    to_num, to_den = 1 / den, -num / den**2
    return {
        "x → num": (3.0, 0.512144448840), "q1 → num": (logistic(-4), to_num),
        "y → q1": (-4.0, 0.009045856939), "num → f": (num, to_num), "den → f": (den, to_den),
        "x → q2": (3.0, -0.035761547813), "q2 → den": (logistic(3), to_den),
        "x → q3": (3.0, 1.583186894545), "y → q3": (-4.0, 1.583186894545),
        "q3 → q4": (-1.0, to_den * 2 * -1), "q4 → den": (1.0, to_den),
    }  # fmt: skip


EDGES = {
    "E1": {"x → q": (1.0, 1.0), "y → q": (-2.0, 1.0), "q → f": (-1.0, 1.0), "z → f": (1.0, -1.0)},
    "E2": edges_of_the_neuron(),
    "E3": {
        "x → q1": (3.0, -8.0), "y → q1": (-4.0, 6.0), "q1 → q3": (-12.0, 2.0),
        "z → q2": (2.0, 2.0), "w → q2": (-1.0, 0.0), "q2 → q3": (2.0, 2.0),
        "q3 → f": (-10.0, 2.0),
    },
    "E4": edges_of_the_fork(),
    "E5": {
        "W → q": ([[0.1, 0.5], [-0.3, 0.8]], [[0.088, 0.176], [0.104, 0.208]]),
        "x → q": ([0.2, 0.4], [-0.112, 0.636]),
        "q → q1": ([0.22, 0.26], [0.44, 0.52]), "q1 → f": ([0.0484, 0.0676], [1.0, 1.0]),
    },
}  # fmt: skip
OUTPUTS = {"E1": -1.0, "E2": 1 / (1 + math.exp(-1)), "E3": -20.0, "E4": 1.54564488411, "E5": 0.116}


@pytest.mark.parametrize("alias", EDGES)
def test_every_edge_has_the_value_and_the_gradient_worked_out_by_hand(alias):
    trace = ag.trace(examples.build(alias))
    labels = NodeNames(trace.nodes, trace.output)
    found = {f"{labels[edge.source]} → {labels[edge.target]}": edge for edge in trace.edges}
    assert len(found) == len(trace.edges)
    assert set(found) == set(EDGES[alias])
    for name, (value, gradient) in EDGES[alias].items():
        np.testing.assert_allclose(found[name].value, value, rtol=0, atol=1e-9, err_msg=name)
        np.testing.assert_allclose(found[name].grad, gradient, rtol=0, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(trace.output.item(), OUTPUTS[alias], rtol=0, atol=1e-9)
    assert trace.grad(trace.output) == 1.0


@pytest.mark.parametrize("alias", EDGES)
def test_a_nodes_gradient_is_the_sum_over_the_edges_out_of_it(alias):
    trace = ag.trace(examples.build(alias))
    labels = NodeNames(trace.nodes, trace.output)
    for node in trace.nodes:
        out = [np.array(g) for name, (_, g) in EDGES[alias].items()
               if name.startswith(f"{labels[node]} → ")]  # fmt: skip
        if node is not trace.output:
            np.testing.assert_allclose(trace.grad(node), sum(out), rtol=0, atol=1e-9)


def test_the_chain_rule_at_the_slides_other_points():
    for point, value, gradient in [((1, 2, 1), 3, (1, 1, 3)), ((-2, 5, -4), -12, (-4, -4, 3))]:
        leaves = [Tensor(float(v), name=n) for n, v in zip("xyz", point, strict=True)]
        x, y, z = leaves
        trace = ag.trace((x + y) * z)
        assert trace.output.item() == value
        assert tuple(trace.grad(leaf) for leaf in leaves) == gradient


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


def test_the_readmes_picture_is_what_is_drawn_today():
    kept = (ROOT / "docs" / "sigmoid-neuron.svg").read_text(encoding="utf-8")
    title = examples.EXAMPLES["sigmoid-neuron"].title
    drawn = viz.draw(examples.build("sigmoid-neuron"), title=title).svg
    assert kept == drawn, "docs/sigmoid-neuron.svg is stale: run python docs/refresh.py"
