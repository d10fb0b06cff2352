"""Graphs too large to read are closed, and say so; nothing hangs."""

from __future__ import annotations

import random
from contextlib import nullcontext

import pytest

import autograd as ag
import viz
from autograd import Tensor
from viz.build import figure_of
from viz.collapse import MOST_AT_AN_END, MOST_GATES, Opening, arrange
from viz.names import escaped
from viz.repeats import repeats_of
from viz.subject import Subject


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


def medley(gates):
    """A chain without any repetition."""
    rng = random.Random(3)
    x = Tensor(0.5, name="x")
    kinds = [ag.tanh, ag.sigmoid, ag.sin, ag.cos, ag.square, lambda t: t * 0.3]
    for _ in range(gates):
        x = rng.choice(kinds)(x)
    return x


def unscoped(widths):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ag, "scope", lambda name: nullcontext())
        return network(widths)


def test_up_to_the_limit_every_gate_is_drawn():
    figure = figure_of(Subject(chain(MOST_GATES // 2)))
    assert len(figure.gates) == MOST_GATES
    assert figure.notes == []


@pytest.mark.parametrize("make", [lambda: chain(500), lambda: blocks(30), network,
                                  lambda: tangle(1000), lambda: medley(1000),
                                  lambda: unscoped((12, 12, 1))])  # fmt: skip
def test_above_it_few_boxes_stand_for_all_gates_and_a_note_says_how_to_open(make):
    output = make()
    recorded = sum(not node.is_leaf for node in ag.Graph(output).nodes)
    figure = figure_of(Subject(output))
    assert recorded > MOST_GATES >= len(figure.gates)
    assert figure.gate_count == recorded
    assert 'expand="all"' in figure.notes[0]
    assert f"{recorded:,} gates" in figure.notes[0]


def test_repeated_blocks_are_one_box_with_a_count():
    figure = figure_of(Subject(blocks(12)))
    assert [(gate.symbol, gate.times) for gate in figure.gates] == [("block", 12)]
    assert "block ×12" in figure.notes[0]
    assert "block ×12" in viz.draw(blocks(12)).svg


def test_repetition_is_found_without_scopes():
    (gate,) = figure_of(Subject(chain(500))).gates
    assert (gate.symbol, gate.times, gate.count) == ("× tanh", 500, 1000)


def test_a_closed_box_passes_on_the_gradients_of_the_whole():
    output = blocks(12)
    trace = ag.trace(output)
    figure = figure_of(Subject(output))
    assert figure.wires[0].gradient == trace.grad(trace.nodes[0])
    assert figure.links[0].gradient == pytest.approx(trace.grad(trace.nodes[0]))


def test_a_network_keeps_its_inputs_and_hides_its_weights():
    figure = figure_of(Subject(network()))
    assert [wire.name for wire in figure.wires if wire.is_leaf] == ["x0", "x1", "x2", "x3"]
    assert [(gate.symbol, gate.times) for gate in figure.gates] == [
        ("neuron", 8), ("neuron", 8), ("neuron", 1)
    ]  # fmt: skip


def test_scopes_open_by_name_depth_and_all():
    output = network()
    assert len(figure_of(Subject(output), "all").gates) == figure_of(Subject(output)).gate_count
    assert len(figure_of(Subject(output), 2).gates) == figure_of(Subject(output)).gate_count
    assert {gate.symbol for gate in figure_of(Subject(output), 0).gates} == {
        "layer0", "layer1", "layer2"
    }  # fmt: skip
    opened = figure_of(Subject(output), "layer2/neuron")
    assert sum(gate.count == 1 for gate in opened.gates) == 17


def test_depth_closes_small_graphs_too():
    with ag.scope("inner"):
        output = ag.exp(Tensor(1.0, name="x")) * 2
    assert [gate.symbol for gate in figure_of(Subject(output), 0).gates] == ["inner"]
    assert [gate.symbol for gate in figure_of(Subject(output)).gates] == ["exp", "×2"]


def test_wires_side_by_side_are_bundled():
    figure = figure_of(Subject(network((12, 12, 1))))
    bundles = [wire for wire in figure.wires if wire.is_bundle]
    assert [wire.value.shape for wire in bundles] == [(12,), (12,)]


@pytest.mark.parametrize("make", [lambda: chain(5_000), lambda: tangle(10_000),
                                  lambda: medley(10_000), lambda: network((60, 60, 16, 1)),
                                  lambda: unscoped((60, 60, 16, 1))])  # fmt: skip
def test_of_ten_thousand_gates_few_are_drawn_and_the_picture_says_so(make):
    picture = viz.draw(make())
    (note,) = picture._figure.notes
    assert picture._figure.gate_count > 8_000
    assert len(picture._figure.gates) <= 2 * MOST_AT_AN_END
    assert len(picture._figure.wires) <= 100
    assert note in picture.description
    assert escaped(note) in picture.svg
    assert picture.svg.count("<ellipse") <= 2 * MOST_AT_AN_END


def levels_of(output):
    levels = {}
    for node in ag.Graph(output).nodes:
        if node.gate:
            sources = [levels.get(id(operand), 0) for operand in node.inputs]
            levels[id(node)] = 1 + max(sources)
    return levels


@pytest.mark.parametrize("make", [lambda: tangle(1000), lambda: medley(1000)])
def test_without_scopes_and_repetition_the_first_and_last_levels_are_shown(make):
    output = make()
    levels = levels_of(output)
    gates = [node for node in ag.Graph(output).nodes if node.gate]
    units, (note,) = arrange(gates, Opening())
    closed = [unit for unit in units if unit.is_group]
    (middle,) = closed
    shown = {levels[id(node)] for unit in units if not unit.is_group for node in unit.gates}
    inside = {levels[id(node)] for node in middle.gates}
    assert {1, 2, max(levels.values()) - 1, max(levels.values())} <= shown
    assert not shown & inside
    assert "the levels in the middle" in note
    svg = viz.draw(output).svg
    assert f"{len(middle.gates):,} gates" in svg
    assert sum(len(unit.gates) for unit in units) == len(gates)


def test_a_scope_that_was_asked_for_stays_open_within_the_middle():
    with ag.scope("asked"):
        head = medley(8)
    rng = random.Random(5)
    for _ in range(600):
        head = rng.choice([ag.tanh, ag.sigmoid, ag.sin, ag.cos])(head)
    figure = figure_of(Subject(head), "asked")
    assert sum(gate.box is not None and gate.box.name == "asked" for gate in figure.gates) == 8
    assert len(figure.gates) <= 2 * MOST_AT_AN_END


def test_repetition_within_repetition_is_folded():
    figure = figure_of(Subject(unscoped((12, 40, 1))))
    assert len(figure.gates) <= 12
    assert max(gate.times for gate in figure.gates) in (39, 40, 41)  # neurons of the second layer


def test_short_repetition_by_chance_is_not_folded():
    assert repeats_of("abc" * 3 + "def") == []
    assert repeats_of("abc" * 4 + "abd" + "x" * 30) == [(0, 3, 4), (15, 1, 30)]


def test_a_thousand_gates_are_drawn_in_full_when_asked_for():
    picture = viz.draw(chain(500), expand="all")
    assert picture.svg.count("<ellipse") >= 1000
    assert picture._figure.notes == []


def test_a_scope_asked_for_by_name_stays_open_in_a_large_graph():
    output = blocks(12)
    with ag.scope("head"):
        for _ in range(4):
            output = ag.tanh(output)
    figure = figure_of(Subject(output), "head")
    assert [gate.symbol for gate in figure.gates] == ["block", "tanh", "tanh", "tanh", "tanh"]


@pytest.mark.parametrize("which", [1, 30, 60])
def test_one_of_many_equal_boxes_opens_alone(which):
    v = y = Tensor(0.5, name="y")
    for _ in range(60):
        with ag.scope("step"):
            v = ag.tanh(v * y) + 1.0
    assert 'expand="step[1]" for one of them' in viz.draw(v).description
    opened = viz.draw(v, expand=f"step[{which}]")._figure
    closed = [gate.count for gate in opened.gates if gate.count > 1]
    assert [gate.symbol for gate in opened.gates if gate.count == 1] == ["×", "tanh", "+1"]
    assert closed == [3 * count for count in (which - 1, 60 - which) if count]
    with pytest.raises(viz.VizError, match=r"step\[61\].*it has step"):
        viz.draw(v, expand="step[61]")


def test_one_repetition_without_a_scope_opens_alone_by_the_name_in_the_picture():
    assert 'expand="× tanh[1]" for one of them' in viz.draw(chain(500)).description
    for which, around in ((1, [499]), (3, [2, 497]), (500, [499])):
        picture = viz.draw(chain(500), expand=f"× tanh[{which}]")
        gates = picture._figure.gates
        assert [gate.times for gate in gates if gate.count > 1] == around
        assert [gate.symbol for gate in gates if gate.count == 1] == ["×1.01", "tanh"]
        assert f"× tanh[{which}]" in picture.svg
    with pytest.raises(viz.VizError, match=r"tanh\[501\].*it has × tanh ×500"):
        viz.draw(chain(500), expand="× tanh[501]")


def test_several_repetitions_are_open_at_once_and_the_rest_is_one_box_each():
    figure = figure_of(Subject(chain(500)), ["× tanh[2]", "× tanh[3]", "× tanh[400]"])
    assert [gate.times for gate in figure.gates if gate.count > 1] == [1, 396, 100]
    assert [box.name for box in figure.boxes] == [f"× tanh[{i}]" for i in (2, 3, 400)]
    assert figure.gate_count == 1000
