"""viz.step: every step as a picture and as text, against the engine's own numbers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
import nn
import viz
from autograd import Tensor
from autograd.numerals import number
from viz import examples


def neuron():
    return examples.build("sigmoid-neuron")


each_example = pytest.mark.parametrize("name", list(examples.EXAMPLES))


# ---- the sequence


@each_example
def test_there_is_one_step_for_each_gate_and_direction_after_the_bare_graph(name):
    f = examples.build(name)
    gates = sum(not node.is_leaf for node in ag.Graph(f).nodes)
    stepper = viz.step(f)
    assert len(stepper) == 1 + 2 * gates
    assert all(isinstance(picture, viz.Picture) for picture in stepper)


def test_a_step_is_a_picture_that_saves(tmp_path):
    stepper = viz.step(neuron())
    path = stepper[3].save(tmp_path / "step3.png")
    assert path.read_bytes()[:4] == b"\x89PNG"
    assert stepper[-1].title == stepper[16].title


@pytest.mark.parametrize(
    ("index", "error"), [(17, IndexError), (-18, IndexError), ("a", TypeError)]
)
def test_a_step_that_is_not_there_says_how_many_there_are(index, error):
    with pytest.raises(error, match="0 to 16"):
        viz.step(neuron())[index]


def test_the_first_picture_is_the_bare_graph():
    bare = viz.step(neuron())[0]
    texts = re.findall(r"<(?:text|tspan)[^>]*>([^<]*)", bare.svg)
    assert {"×", "+", "exp", "1/x", "w"} <= set(texts)
    assert not [text for text in texts if "." in text or "○" in text]
    assert "0.7311" not in bare.svg and "0.1966" not in bare.svg
    assert bare.dot.count("penwidth=2.2") == 0


def test_wires_are_filled_in_as_they_become_known():
    stepper = viz.step(neuron())
    shown = [set(re.findall(r"<(?:text|tspan)[^>]*>([^<]*)", picture.svg)) for picture in stepper]
    assert "0.3679" not in shown[5] and "0.3679" in shown[6]
    assert "−0.5898" not in shown[14] and "−0.5898" in shown[16]
    hollow = [picture.svg.count("○") for picture in stepper]
    assert hollow[0] == 0
    assert hollow[1:9] == [13] * 8
    assert sorted(hollow[9:], reverse=True) == hollow[9:] and hollow[16] == 0


def test_the_gate_of_the_step_alone_is_lit():
    stepper = viz.step(neuron())
    for picture in list(stepper)[1:]:
        (line,) = [line for line in picture.dot.split("\n") if "penwidth=2.2" in line]
        assert line.strip().startswith("g")


def test_all_steps_are_laid_out_alike():
    stepper = viz.step(examples.build("fork"))
    places = [
        re.findall(r"<ellipse[^>]*cx=\"([\d.]+)\" cy=\"(-[\d.]+)\"", picture.svg)
        for picture in stepper
    ]
    assert all(place == places[0] for place in places)


# ---- the numbers


@each_example
def test_every_line_holds_the_engines_numbers(name):
    f = examples.build(name)
    stepper = viz.step(f)
    trace = stepper.story.trace
    assert np.array_equal(trace.output.data, f.data)
    moments = [moment for moment in stepper.story.moments if moment.phase == "backward"]
    assert [moment.gate.nodes for moment in moments] == [[step.node] for step in trace.steps]
    for moment, step in zip(moments, trace.steps, strict=True):
        downs = [down for down in step.downstream if down is not None]
        lines = [line for line in moment.lines if not line.is_sum]
        for line, down in zip(lines, downs, strict=True):
            assert line.numbers.endswith(stepper.story.text(down))


def test_formulas_stand_in_symbols_and_in_numbers():
    stepper = viz.step(neuron())
    assert stepper.text(1).split("\n")[1] == "q1 = w0 × x0 = 2 × (−1) = −2"
    assert "df/dx0 = df/dq1 × ∂q1/∂x0 = 0.1966 × 2 = 0.3932" in stepper.text(16)
    assert "× swaps" in stepper.text(16)


def test_about_stands_where_the_printed_factors_do_not_give_the_printed_product():
    stepper = viz.step(neuron(), digits=2)
    assert "0.2 × 2 ≈ 0.39" in stepper.text(16)


def test_contributions_at_a_fork_are_added_one_by_one():
    told = "\n".join(viz.step(examples.build("fork")).text(i) for i in range(15))
    first = told.index("to x, 1 of 3: df/dq3 × ∂q3/∂x = 1.583 × 1 = 1.583")
    second = told.index("df/dx so far = 1.583 + (−0.03576) = 1.547")
    third = told.index("df/dx = 1.583 + (−0.03576) + 0.5121 ≈ 2.06")
    assert first < second < third


def test_what_broadcasting_stretched_is_added_up_and_so_are_arrays_at_a_fork():
    w, b = Tensor([1.0, -2.0], name="w"), Tensor(3.0, name="b")
    told = "\n".join(viz.step(ag.sum(b * w + w)).text(i) for i in range(7))
    assert "df/db = df/dq1 × ∂q1/∂b = [1  1] × [1  −2] → Σ = −1" in told
    assert "to w, 2 of 2: df/dq1 × ∂q1/∂w = [1  1] × [3  3] = [3  3]" in told
    assert "df/dw = [1  1] + [3  3] = [4  4]" in told
    w = Tensor([[1.0], [-2.0]], name="w")
    told = "\n".join(viz.step(ag.sum(w * w + 0.5 * w)).text(i) for i in range(9))
    assert "df/dw so far = [[0.5] [0.5]] + [[1] [−2]] = [[1.5] [−1.5]]" in told
    w = Tensor(np.ones(20), name="w")
    told = "\n".join(viz.step(ag.sum(3.0 * w + w)).text(i) for i in range(7))
    assert "df/dw = 2 gradients added" in told


def test_a_step_tells_the_line_that_made_its_gate():
    with ag.source_lines():
        x = Tensor(3.0, name="x")
        f = x * x
    stepper = viz.step(f)
    assert "f = x * x" in stepper.text(1) and "test_stepper.py" in stepper.text(2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3))
def test_the_trace_as_json_holds_full_precision(values):
    x, y, z = (Tensor(v, name=n) for v, n in zip(values, "xyz", strict=True))
    f = (x + y) * z + x
    trace = ag.trace(f)
    record = json.loads(json.dumps(viz.step(f).data))
    gradients = dict(record["gradients"])
    assert [gradients[n] for n in "xyz"] == [trace.grad(node) for node in (x, y, z)]
    for step, told in zip(trace.steps, record["steps"][-len(trace.steps) :], strict=True):
        downs = [down for down in step.downstream if down is not None]
        assert [passed["downstream"] for passed in told["passed"]] == downs
        assert [passed["upstream"] for passed in told["passed"]] == [step.upstream] * len(downs)


def test_what_is_not_finite_is_named():
    x = Tensor(-1.0, name="x")
    f = ag.log(x)
    assert dict(viz.step(f).data["values"])["f"] == "NaN"
    assert "NaN" in viz.step(f).text(1)


# ---- what it takes


def test_grad_is_left_alone():
    f = neuron()
    leaves = [node for node in ag.Graph(f).nodes if node.is_leaf]
    assert viz.step(f).data["steps"]
    assert all(leaf.grad is None for leaf in leaves)


def test_an_output_of_several_elements_is_stepped_forward_without_a_gradient():
    x = Tensor([1.0, 2.0], name="x")
    assert len(viz.step(x * x)) == 2
    assert len(viz.step(x * x, gradient=[1.0, 0.0])) == 3
    assert "dL/dx" in viz.step(x * x, gradient=[1.0, 0.0]).text(2)


def test_a_trace_is_stepped_as_it_was_made():
    x = Tensor(3.0, name="x")
    assert "dL/df × ∂f/∂x = 2 × 3 = 6" in viz.step(ag.trace(x * x, gradient=2.0)).text(2)


def test_opened_gates_are_stepped_one_by_one():
    f = ag.sigmoid(Tensor(1.0, name="x"))
    assert len(viz.step(f)) == 3
    assert len(viz.step(f, expand="sigmoid")) == 9


def test_closed_boxes_are_one_step():
    model = nn.MLP(2, [3], 1, activation="tanh", rng=0)
    stepper = viz.step(model, np.array([0.5, -1.0]))
    assert [moment.gate.name for moment in stepper.story.moments[1:4]] == [
        "linear1", "tanh", "linear2"
    ]  # fmt: skip
    assert "closed box" in stepper.text(1)


def test_theme_title_and_digits_are_those_of_a_picture():
    stepper = viz.step(neuron(), theme="dark", title="Mine", digits=2)
    assert stepper.title == "Mine"
    assert "#111111" in stepper[1].svg
    assert "0.37" in stepper[6].svg and "0.3679" not in stepper[6].svg


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"digits": 0}, viz.VizError, "1 to 17"),
        ({"theme": "blue"}, viz.VizError, "theme is one of"),
        ({"expand": "softmax"}, viz.VizError, "no scope or composite gate"),
    ],
)
def test_options_that_cannot_be_are_refused(given, error, words):
    with pytest.raises(error, match=words):
        viz.step(neuron(), **given)


@pytest.mark.parametrize("target", [3.0, "f", np.ones(2), None])
def test_only_graphs_are_stepped(target):
    with pytest.raises(viz.UnsupportedTargetError, match="step takes a Tensor"):
        viz.step(target)


def test_expressions_in_text_and_functions_are_answered_by_what_to_write():
    with pytest.raises(viz.UnsupportedTargetError, match=r"python -m viz .* viz\.playground\(\)"):
        viz.step("x*y")
    with pytest.raises(viz.UnsupportedTargetError, match=r"write draw\(f\(x\)\)"):
        viz.draw(lambda x: x)
    assert repr(viz.step(-Tensor(3.0, name="x"))).endswith("1 gate, 2 steps>")
    assert repr(viz.step(Tensor([1.0, 2.0], name="x") * 2.0)).endswith("1 gate, 1 step>")


def test_a_leaf_has_no_step_but_the_bare_graph():
    stepper = viz.step(Tensor(3.0, name="x"))
    assert len(stepper) == 1
    assert stepper.html


# ---- agreement of the pattern's words with the engine


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda x, y: x + y, "+ distributes"),
        (lambda x, y: x - y, "sign turned"),
        (lambda x, y: x * y, "× swaps"),
        (lambda x, y: x * 2, "×2 scales"),
        (ag.maximum, "max routes"),
        (lambda x, y: x / y, "÷ mixes"),
    ],
)
def test_patterns_are_told_in_words(make, words):
    assert words in viz.step(make(Tensor(3.0, name="x"), Tensor(2.0, name="y"))).text(2)


def test_printed_numbers_follow_digits():
    assert number(0.36787944, 6) in viz.step(neuron(), digits=6).text(6)


# ---- one number of any shape


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (1, 1, 1)])
@pytest.mark.parametrize(
    "gate",
    [
        lambda x, c: x + c, lambda x, c: c - x, lambda x, c: x * c, lambda x, c: c / x,
        lambda x, c: x / c, lambda x, c: x**c, lambda x, c: np.maximum(x, c), np.arctan2,
        lambda x, c: np.where(x > 0, x, c), lambda x, c: np.concatenate([x, np.ravel(c)]),
    ],
)  # fmt: skip
def test_a_constant_of_one_element_is_written_as_its_number(gate, shape, tmp_path):
    x = Tensor([2.0], name="x")
    f = gate(x, np.full(shape, 7.0)).sum()
    stepper = viz.step(f)
    told = "\n".join(stepper.text(i) for i in range(len(stepper)))
    assert "q = " in told and "7" in told
    assert "7" in viz.table(f)
    assert stepper.save(tmp_path / "f.html").exists() and stepper.data["steps"]


def test_a_worksheet_of_a_loss_of_one_sample(tmp_path):
    w = Tensor([[1.0], [2.0]], name="W")
    loss = ((np.array([1.0, -1.0]) @ w - np.array([3.0])) ** 2).sum()
    assert viz.worksheet(loss, tmp_path / "f.pdf").exists()


# ---- values of one moment


def graph_of_leaves():
    """A graph with a scalar leaf, an array, a view of it, a composite gate, and a constant."""
    a, w = Tensor(2.0, name="a"), Tensor([[0.5, -0.25], [0.1, 0.2]], name="w")
    c = np.array([1.0, 3.0])
    return a, w, c, ag.sigmoid((w.T @ c).sum() * a)


def parts_of(target):
    """What makes all that pictures of a graph say."""
    stepper, picture = viz.step(target), viz.draw(target)
    return [
        lambda: stepper.html, lambda: stepper.data, lambda: stepper[3].svg,
        lambda: stepper.text(4), lambda: picture.svg, lambda: picture._in_words(),
        lambda: picture.mermaid,
    ]  # fmt: skip


@pytest.mark.parametrize("of", [lambda f: f, ag.trace], ids=["tensor", "trace"])
def test_what_an_optimiser_does_later_changes_no_picture(of):
    a, w, c, f = graph_of_leaves()
    asked_before = [make() for make in parts_of(of(f))]
    target = of(f)
    late = parts_of(target)
    w.data -= 0.5
    a.data = 7.0
    c += 1.0
    assert [make() for make in late] == asked_before


def test_a_picture_of_a_trace_has_the_values_of_the_pass():
    a, w, _, f = graph_of_leaves()
    before, trace = viz.draw(f).svg, ag.trace(f)
    w.data -= 0.5
    a.data = 7.0
    assert viz.draw(trace).svg == before
    assert viz.step(trace).finished.svg == viz.step(graph_of_leaves()[-1]).finished.svg
