"""Networks as circles and lines: every unit and weight is the model's own."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from network_pictures import (
    SVG,
    Branches,
    Residual,
    TwoInputs,
    circles,
    hovers,
    lines,
    places,
    words,
)

import nn
import viz
from autograd import Tensor
from viz.themes import LIGHT


@pytest.fixture
def model():
    return nn.MLP(2, [3], 1, activation="tanh", rng=0, dtype=np.float64)


def test_every_unit_is_a_circle_and_every_weight_a_line(model):
    picture = viz.draw_network(model)
    assert len(circles(picture)) == 2 + 3 + 1
    assert len(lines(picture)) == 2 * 3 + 3 * 1
    assert words(picture)[:4] == ["input", "2", "linear1 → tanh", "3"]


def test_hovers_tell_weights_and_biases_in_full(model):
    model.layers[0].bias.data = np.array([0.1, -0.2, 1 / 3])
    said = hovers(viz.draw_network(model))
    weights = model.layers[0].weight.data
    for i in range(2):
        for j in range(3):
            assert said[f"weight {i + 1} → {j + 1} of linear1"]["weight"] == weights[i, j]
    for j in range(3):
        unit = said[f"linear1 → tanh, unit {j + 1} of 3"]
        assert unit["bias"] == model.layers[0].bias.data[j]


def test_sign_is_colour_and_dashes_size_is_width(model):
    model.layers[0].weight.data = np.array([[2.0, -1.0, 0.5], [-2.0, 1.0, 0.0]])
    shown = lines(viz.draw_network(model))
    colour, wide, dashed = shown["weight 1 → 1 of linear1"]
    assert colour == LIGHT.positive and not dashed
    other, same, dashed = shown["weight 2 → 1 of linear1"]
    assert other == LIGHT.negative and dashed and same == wide
    widths = [shown[f"weight 1 → {j} of linear1"][1] for j in (1, 2, 3)]
    assert widths == sorted(widths, reverse=True)
    assert widths[1] == pytest.approx(wide / 2, abs=0.2)


def test_values_and_gradients_of_a_sample_are_the_engines(model):
    x = np.array([[0.5, -1.5]])
    said = hovers(viz.draw_network(model, x[0]))
    hidden = np.tanh(x @ model.layers[0].weight.data)[0]
    w2 = model.layers[1].weight.data[:, 0]
    for j in range(3):
        unit = said[f"linear1 → tanh, unit {j + 1} of 3"]
        assert unit["value"] == pytest.approx(hidden[j], abs=1e-15)
        assert unit["gradient"] == pytest.approx(w2[j], abs=1e-15)
        for i in range(2):
            line = said[f"weight {i + 1} → {j + 1} of linear1"]
            assert line["gradient"] == pytest.approx(x[0, i] * w2[j] * (1 - hidden[j] ** 2))
    assert said["linear2, unit 1 of 1"]["gradient"] == 1.0
    assert all(p.grad is None for p in model.parameters())


def test_several_outputs_take_a_gradient_and_say_so_without():
    model = nn.MLP(2, [3], 2, rng=0, dtype=np.float64)
    bare = viz.draw_network(model, [1.0, 2.0])
    assert "pass gradient= to say which" in bare.description
    assert "gradient" not in hovers(bare)["linear2, unit 1 of 2"]
    said = hovers(viz.draw_network(model, [1.0, 2.0], gradient=[1.0, -0.5]))
    assert [said[f"linear2, unit {k} of 2"]["gradient"] for k in (1, 2)] == [1.0, -0.5]


def test_a_model_of_scalars_has_the_picture_of_its_tensor_form():
    tensor = nn.MLP(2, [3, 4], 2, rng=0, dtype=np.float64)
    scalar = nn.MLP(2, [3, 4], 2, scalar=True)
    scalar.load_state_dict(tensor.state_dict())
    first, second = (hovers(viz.draw_network(m, [0.5, -1.0], gradient=[1, 2])) for m in
                     (tensor, scalar))  # fmt: skip
    assert first.keys() - {viz.draw_network(tensor).title} == (
        second.keys() - {viz.draw_network(scalar).title}
    )
    for head, numbers in first.items():
        assert second[head] == pytest.approx(numbers, abs=1e-12)


def test_numbers_are_printed_when_asked_for(model):
    shown = words(viz.draw_network(model, [1.0, -0.5], values=True, digits=3))
    assert {"1", "−0.5"} <= set(shown)
    for weight in model.layers[1].weight.data.ravel():
        assert any(abs(float(w.replace("−", "-")) - weight) < 1e-3 for w in shown
                   if re.fullmatch(r"−?\d+\.\d+", w))  # fmt: skip
    assert "b 0" in shown
    assert "b 0" not in words(viz.draw_network(model, [1.0, -0.5]))


def test_wide_layers_are_left_out_in_the_middle_and_counted():
    picture = viz.draw_network(nn.MLP(784, [128], 10, rng=0))
    assert len(circles(picture)) == 9 + 9 + 10
    assert len(lines(picture)) == 9 * 9 + 9 * 10
    assert {"784 (9 shown)", "128 (9 shown)", "10"} <= set(words(picture))
    assert f"{784 * 128 + 128 + 1290:,} parameters" in picture.title
    said = hovers(picture)
    assert "775 more" in said
    assert "linear1 → relu, unit 128 of 128" in said
    assert "linear1 → relu, unit 64 of 128" not in said
    assert len(circles(viz.draw_network(nn.MLP(2, [128], 1, rng=0), most=20))) == 2 + 19 + 1


@pytest.mark.parametrize("theme", ["light", "dark", "colorblind"])
def test_every_file_kind_and_theme(tmp_path, theme, model):
    picture = viz.draw_network(model, [1.0, 2.0], theme=theme)
    kinds = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF", ".dot": b"digraph",
             ".html": b"<!DOCTYPE"}  # fmt: skip
    for suffix, start in kinds.items():
        assert picture.save(tmp_path / f"net{suffix}").read_bytes().startswith(start)
    assert isinstance(picture, viz.Picture)
    assert set(picture._repr_mimebundle_()) == {
        "image/svg+xml", "image/png", "application/pdf", "text/plain"
    }  # fmt: skip


def test_the_same_network_has_the_same_bytes(model):
    first, second = (viz.draw_network(model, [1.0, 2.0], values=True) for _ in range(2))
    assert first.svg == second.svg
    assert first.png == second.png


def test_titles_and_modules_with_markup_in_their_names_come_out_as_text():
    hostile = '</script><img onerror="x">\\N'
    kind = type(hostile, (nn.Tanh,), {})
    model = nn.Sequential(nn.Linear(2, 2, rng=0), kind(), nn.Linear(2, 1, rng=1))
    picture = viz.draw_network(model, [1.0, 2.0], title=hostile, values=True)
    root = ElementTree.fromstring(picture.svg)
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
        "svg", "g", "title", "desc", "text", "tspan", "path", "ellipse", "polygon"}  # fmt: skip
    assert "</script>" not in picture.html
    assert picture.png.startswith(b"\x89PNG")


def test_what_works_unit_by_unit_belongs_to_its_layer():
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(4, 3, rng=0), nn.BatchNorm(3), nn.ReLU(), nn.Dropout(0.5, rng=0),
        nn.Linear(3, 2, rng=1),
    )  # fmt: skip
    before = model.state_dict()
    picture = viz.draw_network(model, np.ones(4))
    assert "linear1 → batchnorm → relu → dropout" in picture.description
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())
    assert all(module.training for module in model.modules())


def test_numbers_that_are_not_finite_are_marked(model):
    model.layers[0].weight.data = np.full((2, 3), np.nan)
    picture = viz.draw_network(model, [1.0, 2.0], values=True)
    assert "⚠ NaN" in words(picture)


class Product(nn.Module):
    def __init__(self):
        self.matrix = Tensor(np.eye(2))

    def forward(self, x):
        return x @ self.matrix


class Split(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 3, rng=0)

    def forward(self, x):
        return self.layer(x)[:, :2]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: viz.draw_network(nn.Tanh()), "no linear layer to draw"),
        (lambda: viz.draw_network(Split()), "Split computes index between its layers"),
        (lambda: viz.draw_network(nn.Sequential(nn.Linear(2, 2, rng=0), Product())),
         "draws linear layers, Maxout, and.*product"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), direction="RL"), "direction is one of"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), inputs=["a"]), "each of 2 inputs"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), outputs="y"), "each of 1 output;"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), layers=["a", 2, "c"]), "of 3 columns"),
        (lambda: viz.draw_network(3.0), "takes an nn.Module"),
        (lambda: viz.draw_network(inputs=2), "takes a model, or inputs= and layers="),
        (lambda: viz.draw_network(inputs=2, layers=[3, 0]), r"layers\[1\] is a size.*received 0"),
        (lambda: viz.draw_network(inputs="ab", layers=[3]), "inputs is a size.*'ab'"),
        (lambda: viz.draw_network(inputs=2, layers=3), "layers is a list.*received 3"),
        (lambda: viz.draw_network(None, [1.0], inputs=2, layers=[3]), "go with a model"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), [1.0]), "one sample of 2 numbers"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), np.ones((5, 2))), r"write X\[0\]"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 2, rng=0), [1, 2], gradient=[1.0]), "2 outputs"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), gradient=[1.0]), "with an example"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), values=True), "of an example"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), most=2), "from 3 to 40"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), digits=0), "from 1 to 17"),
        (lambda: viz.draw_network(nn.MLP(2, [2], 1, rng=0), theme="sepia"), "theme is one of"),
    ],
)  # fmt: skip
def test_a_network_that_cannot_be_drawn_says_why(make, message):
    with pytest.raises(viz.VizError, match=message):
        make()


def test_a_network_has_no_tikz_but_says_what_it_has(tmp_path, model):
    with pytest.raises(viz.VizError, match=r"\.svg, \.png, \.pdf, \.dot, \.html"):
        viz.draw_network(model).save(tmp_path / "net.gif")


# ---- networks that are no chain


def test_what_skips_layers_is_drawn_past_them():
    x = np.array([1.0, -2.0, 0.5])
    model = Residual()
    picture = viz.draw_network(model, x)
    assert "+: 3 units, of input and second" in picture.description
    said = hovers(picture)
    hidden = model.second(model.relu(model.first(x[None]))).data[0]
    for i in range(3):
        assert said[f"+, unit {i + 1} of 3"]["value"] == pytest.approx(x[i] + hidden[i], rel=1e-6)
    drawn = re.findall(r"^  (\w+) -> (\w+)", picture.dot, flags=re.MULTILINE)
    ways = dict(pair for pair in drawn if pair[0].startswith("k") or pair[1].startswith("k"))
    for i in range(3):  # From the input over the two columns to the sum.
        assert {
            f"u0_{i}": f"k0_1_{i}",
            f"k0_1_{i}": f"k0_2_{i}",
            f"k0_2_{i}": f"u3_{i}",
        }.items() <= (ways.items())
    lanes = re.findall(r"k0_\d_\d \[pos=\"[-\d.]+,([-\d.]+)!", picture.dot)
    circles_at = re.findall(r"u[12]_\d \[pos=\"[-\d.]+,([-\d.]+)!", picture.dot)
    assert len(lanes) == 6 and min(map(float, lanes)) > max(map(float, circles_at)) + 40


def test_branches_stand_one_under_the_other_and_weigh_their_own_rows():
    x = [0.5, -1.0]
    picture = viz.draw_network(Branches(), x)
    at, said = places(picture), hovers(picture)
    left = [at[f"left → tanh, unit {i} of 3"] for i in (1, 2, 3)]
    right = [at[f"right, unit {i} of 2"] for i in (1, 2)]
    assert len({x for x, _ in left + right}) == 1
    heights = [y for _, y in left + right]
    assert heights == sorted(heights)
    weights = Branches().last.weight.data[:, 0]
    found = [said[f"weight {i} → 1 of last"] for i in range(1, 6)]
    assert [each["weight"] for each in found] == pytest.approx(list(weights))
    values = [said[f"left → tanh, unit {i} of 3"]["value"] for i in (1, 2, 3)]
    values += [said[f"right, unit {i} of 2"]["value"] for i in (1, 2)]
    assert [each["gradient"] for each in found] == pytest.approx(values)


def test_branches_of_scalars_have_the_same_picture():
    tensor, scalar = Branches(), Branches(scalar=True)
    scalar.load_state_dict(tensor.state_dict())
    first, second = (viz.draw_network(m, [0.5, -1.0]) for m in (tensor, scalar))
    assert first.dot == second.dot


def test_a_maxout_layer_is_its_pieces_and_their_maxima():
    x = np.array([[1.0, -2.0]])
    layer = nn.Maxout(2, 3, pieces=2, rng=0, dtype=np.float64)
    last = nn.Linear(3, 1, rng=1, dtype=np.float64)
    picture = viz.draw_network(nn.Sequential(layer, last), x[0])
    assert len(circles(picture)) == 2 + 6 + 3 + 1
    assert f"{sum(p.size for p in [*layer.parameters(), *last.parameters()])} parameters" in (
        picture.title
    )
    said, title = hovers(picture), "maxout: 3 × 2 pieces"
    pieces = (x @ layer.weight.data)[:, 0]
    for p in range(2):
        for unit in range(3):
            number = p * 3 + unit
            piece = said[f"{title}, unit {number + 1} of 6"]
            assert piece["value"] == pytest.approx(pieces[p, unit])
            wins = pieces[p, unit] == pieces[:, unit].max()
            for i in range(2):
                line = said[f"weight {i + 1} → {number + 1} of {title}"]
                assert line["weight"] == layer.weight.data[p, i, unit]
                assert line["gradient"] == pytest.approx(x[0, i] * last.weight.data[unit, 0] * wins)
            assert f"u1_{number} -> u2_{unit} " in picture.dot


def test_several_inputs_and_products():
    picture = viz.draw_network(TwoInputs(), (np.ones(2), np.ones(3)))
    assert "×: 4 units, of a and b" in picture.description
    assert len(circles(picture)) == 2 + 3 + 4 + 4 + 4 + 1
    with pytest.raises(TypeError):
        viz.draw_network(TwoInputs(), np.ones(2))


def test_names_and_direction(model):
    across = viz.draw_network(
        model, inputs=["age", "w_12"], outputs=["yes"], layers=["A", "B", "C"]
    )
    assert {"age", "w", "12", "yes", "A", "B", "C"} <= set(words(across))
    assert "A, unit 1 of 2: age" in hovers(across)
    down = viz.draw_network(model, direction="TB")
    (x1, y1), (x2, y2) = (places(down)[f"input, unit {i} of 2"] for i in (1, 2))
    assert y1 == y2 and x1 < x2 and places(down)["linear2, unit 1 of 1"][1] > y1


def test_biases_can_be_weights_of_a_one(model):
    model.layers[0].bias.data = np.array([0.5, -0.25, 1.0])
    picture = viz.draw_network(model, [1.0, 2.0], values=True, bias=True)
    assert len(circles(picture)) == 2 + 3 + 1 + 2
    said = [t.text for t in ElementTree.fromstring(picture.svg).iter(f"{SVG}title")]
    assert "bias 2 of linear1: −0.25" in said
    assert "b 0.5" not in words(picture) and "−0.25" in " ".join(words(picture))


def test_printed_weights_say_whose_they_are(model):
    texts = words(viz.draw_network(model, [1.0, 2.0], values=True))
    indices = [texts[i + 1] for i, text in enumerate(texts) if text == "w"]
    assert indices == ["11", "12", "13", "21", "22", "23", "11", "21", "31"]


def test_frozen_layers_are_followed_too():
    model = Residual()
    for parameter in model.parameters():
        parameter.requires_grad = False
    assert "+: 3 units, of input and second" in viz.draw_network(model).description
