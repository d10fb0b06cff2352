"""Graphs too large to read are closed, and say so; nothing hangs."""

from __future__ import annotations

import random
import time

import pytest

import autograd as ag
import viz
from autograd import Tensor
from viz.build import figure_of
from viz.collapse import MOST_GATES


def chain(length):
    x = Tensor(0.5, name="x")
    for _ in range(length):
        x = ag.tanh(x * 1.01)
    return x


def blocks(count):
    x = Tensor(0.5, name="x")
    for _ in range(count):
        with ag.scope("block"):
            for _ in range(20):
                x = ag.tanh(x) * 1.1
    return x


def network(widths=(8, 8, 1)):
    rng = random.Random(0)
    values = [Tensor(rng.uniform(-1, 1), name=f"x{i}") for i in range(4)]
    for layer, width in enumerate(widths):
        with ag.scope(f"layer{layer}"):
            out = []
            for _ in range(width):
                with ag.scope("neuron"):
                    total = Tensor(0.1, name="b")
                    for value in values:
                        total = total + value * Tensor(rng.uniform(-1, 1), name="w")
                    out.append(ag.tanh(total))
        values = out
    return values[0]


def tangle(gates):
    rng = random.Random(1)
    values = [Tensor(rng.random(), name=f"x{i}") for i in range(5)]
    for _ in range(gates):
        a, b = rng.choice(values[-8:]), rng.choice(values[-8:])
        values.append(rng.choice([ag.add, ag.multiply, ag.maximum])(a, b))
    return values[-1]


def test_up_to_the_limit_every_gate_is_drawn():
    figure = figure_of(chain(MOST_GATES // 2))
    assert len(figure.gates) == MOST_GATES
    assert figure.notes == []


@pytest.mark.parametrize("make", [lambda: chain(500), lambda: blocks(30), network,
                                  lambda: tangle(1000)])  # fmt: skip
def test_above_it_few_boxes_stand_for_all_gates_and_a_note_says_how_to_open(make):
    output = make()
    recorded = sum(not node.is_leaf for node in ag.Graph(output).nodes)
    figure = figure_of(output)
    assert recorded > MOST_GATES >= len(figure.gates)
    assert figure.gate_count == recorded
    assert 'expand="all"' in figure.notes[0]
    assert f"{recorded:,} gates" in figure.notes[0]


def test_repeated_blocks_are_one_box_with_a_count():
    figure = figure_of(blocks(12))
    assert [(gate.symbol, gate.times) for gate in figure.gates] == [("block", 12)]
    assert "block ×12" in figure.notes[0]
    assert "block ×12" in viz.draw(blocks(12)).svg


def test_repetition_is_found_without_scopes():
    (gate,) = figure_of(chain(500)).gates
    assert (gate.symbol, gate.times, gate.count) == ("× tanh", 500, 1000)


def test_a_closed_box_passes_on_the_gradients_of_the_whole():
    output = blocks(12)
    trace = ag.trace(output)
    figure = figure_of(output)
    assert figure.wires[0].gradient == trace.grad(trace.nodes[0])
    assert figure.links[0].gradient == pytest.approx(trace.grad(trace.nodes[0]))


def test_a_network_keeps_its_inputs_and_hides_its_weights():
    figure = figure_of(network())
    assert [wire.name for wire in figure.wires if wire.is_leaf] == ["x0", "x1", "x2", "x3"]
    assert [(gate.symbol, gate.times) for gate in figure.gates] == [
        ("neuron", 8), ("neuron", 8), ("neuron", 1)
    ]  # fmt: skip


def test_scopes_open_by_name_depth_and_all():
    output = network()
    assert len(figure_of(output, expand="all").gates) == figure_of(output).gate_count
    assert len(figure_of(output, expand=2).gates) == figure_of(output).gate_count
    assert {gate.symbol for gate in figure_of(output, expand=0).gates} == {
        "layer0", "layer1", "layer2"
    }  # fmt: skip
    opened = figure_of(output, expand="layer2/neuron")
    assert sum(gate.count == 1 for gate in opened.gates) == 17


def test_depth_closes_small_graphs_too():
    with ag.scope("inner"):
        output = ag.exp(Tensor(1.0, name="x")) * 2
    assert [gate.symbol for gate in figure_of(output, expand=0).gates] == ["inner"]
    assert [gate.symbol for gate in figure_of(output).gates] == ["exp", "×2"]


def test_wires_side_by_side_are_bundled():
    figure = figure_of(network((12, 12, 1)))
    bundles = [wire for wire in figure.wires if wire.is_bundle]
    assert [wire.value.shape for wire in bundles] == [(12,), (12,)]


def test_a_thousand_gates_collapsed_and_in_full_are_quick():
    viz.draw(chain(1)).svg
    output = network((12, 12, 8, 1))
    start = time.perf_counter()
    viz.draw(output).svg
    assert time.perf_counter() - start < 5
    start = time.perf_counter()
    viz.draw(chain(500), expand="all").svg
    assert time.perf_counter() - start < 15


def test_a_scope_asked_for_by_name_stays_open_in_a_large_graph():
    output = blocks(12)
    with ag.scope("head"):
        for _ in range(4):
            output = ag.tanh(output)
    figure = figure_of(output, expand="head")
    assert [gate.symbol for gate in figure.gates] == ["block", "tanh", "tanh", "tanh", "tanh"]
