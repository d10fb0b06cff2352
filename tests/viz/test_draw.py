"""What a reader of a picture may rely on."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
import viz
from autograd import Tensor
from autograd.numerals import number
from viz import examples
from viz.build import figure_of
from viz.figure import Gradient
from viz.subject import Subject
from viz.svg import written_in

SVG = "{http://www.w3.org/2000/svg}"


def neuron():
    given = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    w0, x0, w1, x1, w2 = (Tensor(value, name=name) for name, value in given.items())
    return 1 / (1 + ag.exp(-(w0 * x0 + w1 * x1 + w2)))


def fork():
    x, y = Tensor(3.0, name="x"), Tensor(-4.0, name="y")
    return (x + ag.sigmoid(y)) / (ag.sigmoid(x) + (x + y) ** 2)


def texts(picture):
    """The texts of a picture with their places: (text, x, y)."""
    root = ElementTree.fromstring(picture.svg)
    return [
        (piece.text, float(text.get("x")), float(text.get("y")) + piece.below)
        for text in root.iter(f"{SVG}text")
        for piece in written_in(text)
    ]


def words(picture):
    return [text for text, _, _ in texts(picture)]


def hovers(picture):
    """Each wire's hover as {name: (value, gradient)}, in full precision."""
    found = {}
    for title in ElementTree.fromstring(picture.svg).iter(f"{SVG}title"):
        match = re.fullmatch(r"(?:(.+)\n)?value (.+)\ngradient (.+)", title.text)
        if match:
            name, *numbers = match.groups()
            found[name] = tuple(float(n.replace("−", "-").replace("∞", "inf")) for n in numbers)
    return found


def test_values_and_gradients_in_the_picture_are_those_of_the_trace():
    output = neuron()
    trace = ag.trace(output)
    shown = hovers(viz.draw(output))
    for node in trace.nodes:
        if node.name:
            assert shown[node.name] == (node.data, trace.grad(node))


def test_the_textbook_numbers_stand_on_the_wires():
    shown = words(viz.draw(neuron()))
    for text in ("−2", "6", "4", "0.3679", "1.368", "0.7311"):
        assert text in shown
    for text in ("−0.5344", "−0.1966", "0.1966", "0.3932", "−0.3932", "−0.5898"):
        assert text in shown


def test_the_value_stands_above_its_gradient():
    x = Tensor(7.0, name="x")
    places = {text: y for text, _, y in texts(viz.draw(5 * x))}
    assert places["7"] < places["5"]


def lines(picture):
    """The wires' horizontal lines, from their starts on: (left, right, y)."""
    found = []
    for group in ElementTree.fromstring(picture.svg).iter(f"{SVG}g"):
        if group.get("id", "").endswith("_line"):
            numbers = map(float, re.findall(r"-?[\d.]+", group[0].get("d")))
            x1, y1, x2, y2 = numbers
            assert y1 == y2
            found.append((x1, x2, y1))
    return found


def test_the_wire_runs_on_under_the_name_of_what_a_gate_made():
    picture = viz.draw(examples.build("E5"))
    places = {text: (x, y) for text, x, y in texts(picture)}
    for name in ("q", "f"):
        x, y = places[name]
        under = [line for line in lines(picture) if line[0] < x < line[1] and 0 < line[2] - y < 12]
        assert under, f"no line under {name}"
    assert places["f"][0] < places["0.116"][0]
    inputs = places["W"]
    assert not [line for line in lines(picture) if line[0] < inputs[0] < line[1]]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_bare_graphs_keep_the_names_of_what_gates_made(direction):
    shown = words(viz.draw(examples.build("E4"), values=False, direction=direction))
    assert {"num", "den", "f", "x", "y"} <= set(shown)


@pytest.mark.parametrize(("alias", "name"), [("E1", "z"), ("E2", "w2")])
def test_an_inputs_wire_runs_straight_to_its_gate(alias, name):
    """In Graphviz's layout: every point of the link is as high as the input's line."""
    output = examples.build(alias)
    picture = viz.draw(output, layout="dot")
    root = ElementTree.fromstring(picture.svg)
    links = [link for link in figure_of(Subject(output)).links if link.source.name == name]
    assert len(links) == 1
    told = f"{name} into"
    (link,) = [
        g for g in root.iter(f"{SVG}g") if (g.findtext(f"{SVG}title") or "").startswith(told)
    ]
    path = link.find(f"{SVG}path").get("d")
    heights = {float(y) for y in re.findall(r",(-?[\d.]+)", path)}
    assert max(heights) - min(heights) < 1


def test_drawing_leaves_grad_alone():
    output = neuron()
    viz.draw(output).svg
    assert all(node.grad is None for node in ag.Graph(output).nodes)


def test_a_rounded_number_that_looks_whole_is_marked():
    shown = words(viz.draw(ag.sigmoid(Tensor(10.0, name="x"))))
    assert "≈1" in shown
    assert shown.count("1") == 1  # the output's gradient is one
    arrays = words(viz.draw(ag.sigmoid(Tensor([10.0, 40.0], name="x")), backward=False))
    assert {"≈1", "1"} <= set(arrays)
    assert "about 1" in viz.draw(ag.sigmoid(Tensor(10.0, name="x"))).description
    assert "×0.99999" in words(viz.draw(Tensor(2.0, name="x") * 0.99999))


def test_the_rounding_of_arithmetic_is_no_reason_for_a_mark():
    x = Tensor(0.1, name="x")
    shown = words(viz.draw(x * 3.0 / 0.3, backward=False))
    assert (0.1 * 3.0 / 0.3) != 1.0
    assert "1" in shown
    assert "≈1" not in shown
    single = Tensor([0.1], name="x", dtype=np.float32) * np.float32(10.0) * np.float32(3.0)
    assert not any("≈" in text for text in words(viz.draw(single, backward=False)))


def test_constants_fold_into_the_gate():
    x = Tensor(2.0, name="x")
    assert "+1" in words(viz.draw(x + 1))
    assert "×(−2)" in words(viz.draw(-2 * x))
    assert "x³" in words(viz.draw(x**3))
    assert "−1" in words(viz.draw(x - 1))
    assert "1−x" in words(viz.draw(1 - x))


def test_a_fork_writes_its_sum_out_and_each_branch_its_contribution():
    shown = words(viz.draw(fork()))
    assert "2.06" in shown
    assert "≈ 1.583 + (−0.03576)" in shown and "+ 0.5121" in shown  # One under the other.
    assert {"1.583", "−0.03576", "0.5121"} <= set(shown)


def test_a_sum_that_is_exact_in_print_has_an_equals_sign():
    x = Tensor(3.0, name="x")
    assert "= 3 + 3" in words(viz.draw(x * x))


def test_a_repeated_operand_has_two_edges():
    x = Tensor(3.0, name="x")
    figure = figure_of(Subject(x * x))
    assert [link.source.name for link in figure.links] == ["x", "x"]
    assert words(viz.draw(x * x)).count("3") == 3  # the value and two contributions


def test_not_computed_is_hollow_and_not_zero():
    x = Tensor(3.0, name="x")
    bare, full = viz.draw(x * 0.0, backward=False), viz.draw(x * 0.0)
    assert words(bare).count("○") == 2
    assert "○" not in words(full)
    assert "gradient not computed" in bare.description
    assert "dashed" not in bare.dot


def test_a_dead_path_is_dashed_and_its_zero_grey():
    z, w = Tensor(2.0, name="z"), Tensor(-1.0, name="w")
    picture = viz.draw(ag.maximum(z, w))
    assert "stroke-dasharray" in picture.svg
    assert figure_of(Subject(ag.maximum(z, w))).wires[1].is_dead


def test_values_false_is_the_bare_graph():
    shown = words(viz.draw(neuron(), values=False))
    assert sorted(shown) == sorted(["w", "0", "x", "0", "w", "1", "x", "1", "w", "2",
                                    "×", "×", "+", "+", "×(−1)", "exp", "+1", "1/x"])  # fmt: skip


def test_inputs_stand_in_creation_order_and_operands_enter_in_order():
    names = ["d", "a", "c", "b"]
    d, a, c, b = (Tensor(1.0, name=name) for name in names)
    places = {t: y for t, _, y in texts(viz.draw((d + a) * (c - b), backward=False))}
    assert sorted(names, key=places.get) == names
    assert places["+"] < places["−"]


@pytest.mark.parametrize("scoped", [False, True])
def test_the_first_operand_comes_from_above(scoped):
    a, b, c = (Tensor(v, name=n) for v, n in [(1.5, "a"), (2.5, "b"), (3.5, "c")])

    def build():
        low, high = ag.exp(c), ag.log(a * b)
        return high / low

    if scoped:
        with ag.scope("inner"):
            output = build()
    else:
        output = build()
    places = {t: y for t, _, y in texts(viz.draw(output, backward=False))}
    assert places[number(np.log(3.75))] < places[number(np.exp(3.5))]


def test_several_outputs_without_gradient_are_drawn_forward_with_a_note():
    x = Tensor([1.0, 2.0], name="x")
    picture = viz.draw(x * 2)
    assert "pass gradient=" in " ".join(words(picture))
    assert "○" in words(picture)
    assert not any("gradient=" in t for t in words(viz.draw(x * 2, gradient=np.ones(2))))


def test_nan_and_infinity_bear_a_warning_sign():
    x = Tensor(0.0, name="x")
    shown = words(viz.draw(1 / x + ag.log(-1 - x)))
    assert "⚠ ∞" in shown
    assert "⚠ NaN" in shown


def test_constants_say_that_they_are():
    x, k = Tensor(2.0, name="x"), Tensor(3.0, name="k", requires_grad=False)
    figure = figure_of(Subject(x * k))
    assert figure.wires[1].gradient is Gradient.NOT_WANTED
    assert "constant" in words(viz.draw(x * k))


def test_small_tensors_are_written_out_and_large_ones_painted():
    weight, x = Tensor([[0.1, 0.5], [-0.3, 0.8]], name="W"), Tensor([0.2, 0.4], name="x")
    q = weight @ x
    shown = words(viz.draw((q * q).sum()))
    assert {"2×2", "0.088", "0.176", "0.104", "0.208", "−0.112", "0.636"} <= set(shown)
    large = Tensor(np.linspace(-1, 1, 50).reshape(5, 10), name="X")
    picture = viz.draw(large.sum())
    assert "5×10" in words(picture)
    assert picture.svg.count("<polygon") > 100
    assert "min −1, mean " in picture.svg


def test_composite_gates_open():
    x = Tensor(1.0, name="x")
    assert "σ" in words(viz.draw(ag.sigmoid(x)))
    for expand in ("sigmoid", ["sigmoid"], 1, "all"):
        shown = words(viz.draw(ag.sigmoid(x), expand=expand))
        assert {"×(−1)", "exp", "+1", "1/x", "sigmoid"} <= set(shown)


def test_digits_are_chosen():
    x = Tensor(1 / 3, name="x")
    assert "0.33" in words(viz.draw(x * 2, digits=2))
    with pytest.raises(viz.VizError, match="1 to 17"):
        viz.draw(x * 2, digits=0)


def test_options_may_be_numbers_of_numpy():
    f = ag.sigmoid(Tensor(1 / 3, name="x") * 2)
    given = {"digits": np.int64(2), "numbers": np.array(3), "expand": np.int32(1)}
    plain = {"digits": 2, "numbers": 3, "expand": 1}
    for show in (viz.draw, viz.step):
        shown, expected = (show(f, **options) for options in (given, plain))
        assert shown._repr_mimebundle_() == expected._repr_mimebundle_()
    assert viz.draw(f, width=np.float64(300)).svg == viz.draw(f, width=300).svg


def test_the_description_tells_the_derivation():
    picture = viz.draw(fork(), title="A fork")
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "A fork"
    told = root.find(f"{SVG}desc").text
    assert "x is 3, gradient 2.06, the sum 1.583 + (−0.03576) + 0.5121." in told


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize("theme", ["light", "dark", "colorblind"])
def test_every_direction_and_theme_draws(direction, theme):
    assert "0.7311" in words(viz.draw(neuron(), direction=direction, theme=theme))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"theme": "blue"}, "'light', 'dark', 'colorblind'"),
        ({"direction": "up"}, "LR, TB"),
        ({"expand": "softmax"}, "no scope or composite gate"),
        ({"expand": -1}, "0 or more"),
        ({"expand": 1.5}, "received 1.5"),
    ],
)
def test_an_option_that_cannot_be_is_named(options, says):
    with pytest.raises(viz.VizError, match=says):
        viz.draw(neuron(), **options)


@pytest.mark.parametrize("target", [3.0, "f", None, np.ones(3), lambda: 0])
def test_what_is_not_a_graph_is_refused_by_name(target):
    with pytest.raises(viz.UnsupportedTargetError, match=f"received {type(target).__name__}"):
        viz.draw(target)


def test_a_trace_is_drawn_with_its_own_gradients():
    x = Tensor([1.0, 2.0], name="x")
    trace = ag.trace(x * 3, gradient=np.array([10.0, 20.0]))
    assert {"30", "60"} <= set(words(viz.draw(trace)))


def test_a_lone_leaf_is_a_picture_too():
    assert "5" in words(viz.draw(Tensor(5.0, name="x")))


def test_the_same_graph_gives_the_same_bytes_in_every_process():
    program = (
        "import sys, hashlib, viz, autograd as ag\n"
        "x, y = ag.Tensor(3.0, name='x'), ag.Tensor(-4.0, name='y')\n"
        "with ag.scope('s'):\n"
        "    f = (x + ag.sigmoid(y)) / (ag.sigmoid(x) + (x + y) ** 2)\n"
        "p = viz.draw(f, expand='all')\n"
        "print([hashlib.sha256(b).hexdigest() for b in (p.svg.encode(), p.png)])\n"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stderr == ""


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_gates_that_want_opposite_orders_are_drawn(direction):
    """Graphviz aborts the whole process when it is asked for both, so it is not."""
    program = (
        "import viz, autograd as ag\n"
        "x, y = ag.Tensor(1.0, name='x'), ag.Tensor(2.0, name='y')\n"
        "a = ag.exp(x)\n"
        "with ag.scope('s'):\n"
        "    b = ag.exp(y)\n"
        "    f = (a - b) * (b - a)\n"
        f"print(len(viz.draw(f, backward=False, direction='{direction}', layout='dot').svg))\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True,
                   env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True)  # fmt: skip


def test_a_link_tells_how_its_gradient_comes_about():
    x, y = Tensor(3.0, name="x"), Tensor(-4.0, name="y")
    root = ElementTree.fromstring(viz.draw(x * y).svg)
    told = [title.text for title in root.iter(f"{SVG}title")]
    assert "x into ×: gradient −4.0\nupstream × local: 1 × (−4) = −4" in told
    assert "y into ×: gradient 3.0\nupstream × local: 1 × 3 = 3" in told
