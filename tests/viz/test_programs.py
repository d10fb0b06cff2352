"""Pictures of compiled programs: the listing's calls in two halves, and where results live."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor
from viz.programs import figure_of_program

SVG = "{http://www.w3.org/2000/svg}"


def network_loss():
    model = nn.MLP(3, [4], 2, rng=0)
    return nn.losses.cross_entropy(model(np.ones((5, 3), np.float32)), np.zeros(5, int))


def scalar_loss(width=16):
    out = nn.MLP(2, [width, width], 1, scalar=True, rng=0)([1.0, 2.0])
    return out * out


def words(picture):
    texts = ElementTree.fromstring(picture.svg).iter(f"{SVG}text")
    return [piece for text in texts for piece in text.itertext()]


def test_every_call_is_a_gate_with_its_operands_in_order():
    program = ag.compile(network_loss())
    figure = figure_of_program(program)
    assert [gate.name for gate in figure.gates] == [call.name for call in program.instructions]
    for gate, call in zip(figure.gates, program.instructions, strict=True):
        entering = [link.source.key for link in figure.links if link.target is gate]
        assert entering == [f"w{register}" for register in call.reads]
        leaving = [wire.key for maker, wire in figure.feeds if maker is gate]
        assert set(leaving) <= {f"w{register}" for register in call.outputs}


def test_the_halves_are_the_listings():
    program = ag.compile(network_loss())
    second = [gate.box.name == "backward" for gate in figure_of_program(program).gates]
    listed = str(program).split("\nbackward\n")
    rows = [line for line in listed[1].split("\nreturns")[0].splitlines() if "=" in line]
    assert sum(second) == len([row for row in rows if " = seed" not in row])
    assert second == sorted(second)
    assert {"forward", "backward"} <= set(words(viz.draw(program)))
    values_only = ag.compile(lambda x: x * 2.0 + 1.0)
    values_only(np.ones(3))
    assert "backward" not in words(viz.draw(values_only.program))


def test_wires_say_their_register_their_shape_and_their_buffer():
    program = ag.compile(network_loss())
    listing = str(program)
    for wire in figure_of_program(program).wires:
        register, _, place = wire.note.partition(" ")
        shape = "×".join(map(str, np.shape(wire.value)))
        if wire.name != "seed":  # Which is not in the listing.
            (line,) = [
                row for row in listing.splitlines() if row.lstrip().startswith(f"{register} = ")
            ]
            assert place in line
            assert shape in line


def test_results_have_the_names_of_what_they_are():
    x, y = Tensor(2.0, name="x"), Tensor(3.0, name="y")
    names = {wire.name for wire in figure_of_program(ag.compile((x * y + 1) * x)).wires}
    assert names == {"x", "y", "out", "seed", "dx", "dy", ""}
    shown = words(viz.draw(ag.compile((x * y + 1) * x)))
    assert {"+1", "×"} <= set(shown)
    assert any("14 calls" in text for text in shown)


def test_a_large_program_is_closed_and_says_so():
    program = ag.compile(scalar_loss())
    figure = figure_of_program(program)
    assert len(figure.gates) < 60
    assert figure.gate_count == len(program.instructions)
    assert len(figure.wires) < 150
    assert 'expand="all"' in figure.notes[0]
    assert viz.draw(program).svg.startswith("<svg")
    small = ag.compile(scalar_loss(2))
    assert len(figure_of_program(small, "all").gates) == len(small.instructions)


def test_the_same_program_has_the_same_bytes_and_its_listing_is_its_text():
    program = ag.compile(network_loss())
    assert viz.draw(program).svg == viz.draw(program).svg
    assert viz.draw(program)._repr_mimebundle_()["text/plain"] == str(program)
    assert viz.draw(program, title="").title != viz.draw(program, title="mine").title == "mine"


def test_a_program_takes_no_example_and_no_names_to_open():
    program = ag.compile(Tensor(2.0, name="x") * 2.0)
    with pytest.raises(viz.VizError, match="only with a Module"):
        viz.draw(program, [1.0])
    with pytest.raises(viz.VizError, match="no scopes to open"):
        viz.draw(program, expand="mlp")
