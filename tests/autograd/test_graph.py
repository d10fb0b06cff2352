"""The recorded graph: its nodes, its edges, their order, composite gates opened."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor


def names(nodes):
    return [node.name or node.gate.name for node in nodes]


@pytest.fixture(params=[float, lambda v: np.array([v, v])], ids=["scalar", "array"])
def neuron(request):
    w0, x0, w1, x1, w2 = (
        Tensor(request.param(v), name=n)
        for n, v in (("w0", 2.0), ("x0", -1.0), ("w1", -3.0), ("x1", -2.0), ("w2", -3.0))
    )
    return 1 / (1 + ag.exp(-(w0 * x0 + w1 * x1 + w2)))


def test_a_graph_needs_no_backward_pass_and_makes_none(neuron):
    graph = ag.Graph(neuron)
    assert names(graph.nodes) == [
        "w0", "x0", "w1", "x1", "w2", "multiply", "multiply", "add", "add",
        "negative", "exp", "add", "reciprocal",
    ]  # fmt: skip
    assert all(node.grad is None for node in graph.nodes)
    assert graph.nodes[-1] is graph.output is neuron


def test_nodes_are_in_topological_order_and_ties_in_order_of_creation(neuron):
    nodes = ag.Graph(neuron).nodes
    place = {node: i for i, node in enumerate(nodes)}
    assert len(place) == len(nodes)
    for node in nodes:
        for operand in node.inputs:
            if type(operand) is Tensor:
                assert place[operand] < place[node]
    first, second = Tensor(1.0, name="a"), Tensor(2.0, name="b")
    assert names(ag.Graph(second + first).nodes) == ["a", "b", "add"]


def test_a_node_that_someone_holds_is_that_very_object():
    x, y = Tensor(2.0), Tensor(3.0)
    s = x + y
    out = (s * s).exp()
    nodes = ag.Graph(out).nodes
    assert [any(node is held for node in nodes) for held in (x, y, s, out)] == [True] * 4


def test_there_is_one_edge_for_each_tensor_operand():
    x, c = Tensor(3.0), Tensor(2.0, requires_grad=False)
    square = x * x
    out = square * 5.0 + c
    edges = ag.Graph(out).edges
    assert [(e.source, e.slot) for e in edges if e.target is square] == [(x, 0), (x, 1)]
    for edge in edges:
        assert edge.target.inputs[edge.slot] is edge.source
        assert edge.value is edge.source.data
        assert edge.grad is None
    assert len(edges) == 5  # the constant 5.0 is no node, the constant c is one
    np_edges = ag.Graph(np.concatenate([Tensor([1.0]), Tensor([2.0]), Tensor([3.0])])).edges
    assert [edge.slot for edge in np_edges] == [0, 1, 2]


def test_a_slot_counts_constants():
    x = Tensor(3.0)
    (edge,) = ag.Graph(2.0 - x).edges
    assert edge.slot == 1


def test_a_graph_of_a_leaf_is_that_leaf():
    x = Tensor(3.0)
    graph = ag.Graph(x)
    assert graph.nodes == [x]
    assert graph.edges == []
    assert len(graph) == 1
    assert list(graph) == [x]


def test_only_what_the_output_was_computed_from_is_in_it():
    x = Tensor(3.0)
    used, unused = x * 2.0, x * 3.0
    assert not any(node is unused for node in ag.Graph(used.exp()).nodes)


def test_anything_but_a_tensor_is_refused():
    for wrong in (3.0, None, [Tensor(1.0)], np.ones(2)):
        with pytest.raises(ag.DataError):
            ag.Graph(wrong)


def test_an_opened_gate_shows_the_gates_it_is_made_of_on_the_same_leaves():
    x = Tensor(1.0, name="x")
    out = ag.sigmoid(x * 2.0) + 1.0
    opened = ag.Graph(out).opened("all")
    assert opened.data == pytest.approx(out.data, rel=1e-15)
    nodes = ag.Graph(opened).nodes
    assert nodes[0] is x
    assert names(nodes) == ["x", "multiply", "negative", "exp", "add", "reciprocal", "add"]
    assert [node.scope for node in nodes] == ["", "", *["sigmoid"] * 4, ""]
    assert names(ag.Graph(ag.Graph(out).opened(["tanh"])).nodes) == names(ag.Graph(out).nodes)
    assert ag.Graph(x).opened("all") is x


def test_opening_keeps_settings_names_scopes_and_constants():
    t = Tensor(np.arange(6.0).reshape(2, 3), name="t")
    with ag.scope("head"):
        out = np.sum(ag.sigmoid(t)[:, [0, 0]], axis=1, keepdims=True)
    out.name = "out"
    opened = ag.Graph(out).opened("all")
    np.testing.assert_allclose(opened.data, out.data, rtol=1e-15)
    assert opened.name == "out"
    assert opened.scope == "head"
    assert "head/sigmoid" in {node.scope for node in ag.Graph(opened).nodes}


def test_opening_a_stale_graph_is_refused():
    x = Tensor(1.0, name="x")
    out = ag.sigmoid(x)
    x.data = 2.0
    with pytest.raises(ag.StaleGraphError, match="'x'"):
        ag.Graph(out).opened("all")


def test_opening_records_under_no_grad_too():
    out = ag.sigmoid(Tensor(1.0))
    with ag.no_grad():
        assert ag.Graph(out).opened("all").gate.name == "reciprocal"


def test_a_snapshot_holds_on_to_values_views_and_those_let_go_of():
    x = Tensor(np.arange(300_000.0), name="x")
    f = ((x.reshape(2, -1) * 2.0 + 1.0) * 3.0).sum()
    kept = ag.Graph(f).snapshot()
    values = [np.copy(node.data) for node in ag.Graph(f).nodes]
    x.data -= 5.0
    assert [node.name for node in kept.nodes] == ["x", None, None, None, None, None]
    for node, value in zip(kept.nodes, values, strict=True):
        np.testing.assert_array_equal(node.data, value)
