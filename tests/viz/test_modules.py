"""Pictures of nn's modules: closed by module, opened by expand, the module left as it was."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor
from viz.build import figure_of
from viz.modules import called
from viz.subject import Subject

SVG = "{http://www.w3.org/2000/svg}"


def words(picture):
    texts = ElementTree.fromstring(picture.svg).iter(f"{SVG}text")
    return [piece for text in texts for piece in text.itertext()]


@pytest.fixture
def model():
    return nn.MLP(5, [4, 3], 1, rng=0)


ROW = np.arange(5.0)[None]


def test_each_module_is_one_box_that_says_what_it_holds(model):
    shown = words(viz.draw(model, ROW))
    for box in ("linear1", "relu1", "linear2", "relu2", "linear3"):
        assert box in shown
    assert {"24 weights", "15 weights", "4 weights"} <= set(shown)
    assert "@" not in shown
    assert [text for text in shown if text in ("x", "W", "b")] == ["x"]


def test_names_open_modules_and_all_opens_everything(model):
    shown = words(viz.draw(model, ROW, expand="linear2"))
    assert shown.count("@") == 1
    assert "linear1" in shown and "linear3" in shown
    everything = words(viz.draw(model, ROW, expand="all"))
    assert everything.count("@") == 3
    assert "24 weights" not in everything
    closed = words(viz.draw(model, ROW, expand=0))
    assert "mlp" in closed and "linear1" not in closed


def test_values_and_gradients_between_modules_are_those_of_the_trace(model):
    import autograd as ag

    output = model(Tensor(ROW.astype(np.float32), name="x", requires_grad=False))
    trace = ag.trace(output)
    known = {node.data.tobytes(): trace.grad(node) for node in trace.nodes if node.gate}
    made = called(model, ROW)
    wires = figure_of(Subject(made.output, inputs=made.inputs)).wires
    inner = [wire for wire in wires if not wire.is_leaf]
    assert len(inner) == 5
    for wire in inner:
        assert np.array_equal(wire.gradient, known[wire.value.tobytes()])


def test_several_outputs_take_a_gradient():
    model = nn.MLP(5, [4], 3, rng=0)
    assert any("3 elements" in word for word in words(viz.draw(model, ROW)))
    seeded = viz.draw(model, ROW, gradient=np.array([[1.0, 0.0, -1.0]]))
    assert not any("elements" in word for word in words(seeded))


def test_models_of_scalars_take_a_list_and_bundle_their_wires():
    model = nn.MLP(2, [16, 16], 1, scalar=True, rng=0)
    shown = words(viz.draw(model, [1.0, 2.0]))
    assert {"linear1", "48 weights", "16"} <= set(shown)
    assert "640 gates" in " ".join(shown)
    assert "linear1" in words(viz.draw(nn.MLP(2, [3], 2, scalar=True, rng=0), [1.0, 2.0]))


def test_the_module_stays_as_it_was():
    model = nn.Sequential(nn.Linear(5, 4, rng=0), nn.BatchNorm(4), nn.Dropout(0.5, rng=0))
    before = model.state_dict()
    viz.draw(model, np.ones((6, 5)), gradient=np.ones((6, 4))).svg
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert all(p.grad is None for p in model.parameters())


class Pair(nn.Module):
    def __init__(self):
        self.left, self.right = nn.Linear(2, 3, rng=0), nn.Linear(4, 3, rng=1)

    def forward(self, a, b):
        return (self.left(a) * self.right(b)).sum()


def test_several_inputs_are_a_tuple_and_integers_become_the_models_floats():
    shown = words(viz.draw(Pair(), ([[1, 2]], [[1, 2, 3, 4]])))
    assert {"left", "right"} <= set(shown)
    assert {"1×2", "1×4"} <= set(shown)


def test_a_module_of_many_gates_of_its_own_is_not_drawn_in_full():
    class Long(nn.Module):
        def forward(self, x):
            for _ in range(400):
                x = x.tanh()
            return x

    figure_words = words(viz.draw(Long(), Tensor(0.5, name="x")))
    assert any("400 gates" in word for word in figure_words)


def test_links_meet_the_ends_of_their_wires_whatever_stands_on_them():
    """Heat maps, strips of one row, matrices and shapes: the link starts at the line's height."""
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(40, 12, rng=rng), nn.Tanh(), nn.Linear(12, 2, rng=rng))
    picture = viz.draw(
        model, rng.random((3, 40)), expand="all", gradient=np.ones((3, 2)), layout="dot"
    )
    root = ElementTree.fromstring(picture.svg)
    ends = set()
    for line in root.iter(f"{SVG}polyline"):
        points = [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
        if len(points) == 2 and points[0][1] == points[1][1]:
            ends.add((round(max(points[0][0], points[1][0])), points[0][1]))
    starts = [
        tuple(map(float, re.match(r"M(-?[\d.]+),(-?[\d.]+)", path.get("d")).groups()))
        for path in root.iter(f"{SVG}path")
    ]
    met = [any(abs(x - a) <= 1.5 and abs(y - b) < 0.6 for a, b in ends) for x, y in starts]
    assert met.count(True) >= 9


@pytest.mark.parametrize(
    ("target", "example", "message"),
    [
        (nn.MLP(2, [2], 1, rng=0), None, "takes an example input x"),
        (nn.MLP(2, [2], 1, rng=0), "text", "array of numbers"),
        (Tensor(1.0), [1.0], "only with a Module"),
        ("text", None, "an nn.Module with an example"),
    ],
)
def test_what_cannot_be_drawn_says_why(target, example, message):
    with pytest.raises(viz.VizError, match=message):
        viz.draw(target, example)


@pytest.mark.parametrize("name", ["draw", "step", "table"])
def test_a_model_without_an_example_says_how_to_give_one(name, model):
    with pytest.raises(viz.VizError, match=rf"write viz\.{name}\(model, x\)"):
        getattr(viz, name)(model)


def test_an_unknown_module_lists_those_there_are(model):
    with pytest.raises(viz.VizError, match=r"linear1, .*linear3"):
        viz.draw(model, ROW, expand="linear9")
