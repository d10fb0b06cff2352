"""Graphs of small arrays in a stepper's page: they follow their inputs, to the engine's numbers."""

from __future__ import annotations

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor
from tests.browser.walking import Walker

A = np.array([[1.0, -2.0, 0.5], [0.0, 1.0, 2.0]])
V, W = np.array([1.0, 2.0, -3.0]), np.array([0.5, -1.0])

GRAPHS = {
    "a neuron's layer": (lambda a, v, w: ag.sum(ag.tanh(a @ v + w) * 2), (A, V, W)),
    "broadcasting": (lambda a, v, b: ag.sum((a * v - b) ** 2), (A, V, np.array(0.5))),
    "a fork": (lambda v: ag.sum(v * v + ag.exp(v) * v[0]), (V,)),
    "a matrix that forks": (lambda a: ag.sum(a * a + ag.exp(a) * 0.25 + ag.tanh(a)), (A,)),
    "softmax and its loss": (lambda a, v: -ag.log_softmax(a @ v)[1] + ag.softmax(v)[2], (A, V)),
    "moved and joined": (
        lambda a, v: ag.sum(ag.concatenate([a.T, ag.stack([v, 2 * v], axis=1)]) * 3, axis=0)[1],
        (A, V),
    ),
    "means": (lambda a: ag.sum(ag.mean(a, axis=0) ** 3) / ag.mean(a), (A,)),
    "routes": (lambda a, v: ag.sum(ag.maximum(a, v) + ag.relu(a)), (A, V)),
    "reductions": (
        lambda a, v: ag.sum(ag.max(a, axis=0) * ag.min(a, axis=0)) + ag.max(v) * ag.prod(v),
        (A, V),
    ),
    "spreads": (
        lambda a, v: ag.sum(ag.var(a, axis=1, ddof=1) + ag.std(a, axis=1)) * ag.linalg.norm(v),
        (A, V),
    ),
    "choices": (
        lambda v: ag.sum(ag.where(np.array([True, False, True]), v, 2 * v) * ag.clip(v, -1, 1.5)),
        (V,),
    ),
    "losses": (
        lambda a, v: (
            nn.losses.cross_entropy(a, [0, 2])
            + nn.losses.hinge(v, np.array([1.0, -1.0, 1.0])) * nn.losses.l1(v, np.zeros(3))
        ),
        (A, V),
    ),
    "a product of matrices": (lambda a, b: ag.sum(ag.sigmoid(a @ b)), (A, A.T + 1)),
    "a constant array": (lambda v: ag.sum(v * np.array([1.0, 0.0, 2.0]) + np.ones((2, 3))), (V,)),
    "one number in brackets": (lambda v: ag.sum(v.reshape(1, 1) * v), (np.array([2.0]),)),
}


@pytest.fixture
def walker(page):
    return Walker(page)


def built(name, inputs):
    f, _ = GRAPHS[name]
    leaves = [Tensor(value, name="abc"[i]) for i, value in enumerate(inputs)]
    return f(*leaves)


def told(stepper) -> list[list[str]]:
    return [stepper.story.equations(moment) for moment in stepper.story.moments]


def numbers(walker, which: str) -> list[np.ndarray]:
    """What the page has computed for each node of the graph."""
    found = walker.ask(
        "(me, which) => me.views[0].program.of.map(([first, ...shape]) => me.state.run[which]"
        ".slice(first, first + shape.reduce((a, n) => a * n, 1)))", which
    )  # fmt: skip
    return [np.array(part) for part in found]


@pytest.mark.parametrize("name", GRAPHS)
def test_lines_and_numbers_are_pythons_before_and_after_a_change(name, tmp_path, walker):
    inputs = GRAPHS[name][1]
    stepper = viz.step(built(name, inputs))
    walker.open(stepper.save(tmp_path / "f.html"))
    assert walker.told == told(stepper)
    moved = [np.round(value * -0.75 + 0.6, 3) for value in inputs]
    fields = walker.find(".inputs input[type=text]")
    typed = [number for value in moved for number in value.ravel()]
    for place, number in enumerate(typed):
        fields.nth(place).fill(str(number))
    after = viz.step(built(name, moved))
    assert walker.told == told(after)
    trace, nodes = after.story.trace, after.story.nodes
    for node, value, gradient in zip(
        nodes, numbers(walker, "values"), numbers(walker, "adjoints"), strict=True
    ):
        np.testing.assert_allclose(value, np.ravel(node.data), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(gradient, np.ravel(trace.grad(node)), rtol=1e-9, atol=1e-12)


def single(name):
    """A graph of float32, and its inputs."""
    f, inputs = GRAPHS[name]
    inputs = [np.asarray(value, np.float32) for value in inputs]
    return f, inputs


@pytest.mark.parametrize(
    ("f", "inputs"),
    [
        single("a neuron's layer"), single("broadcasting"), single("a fork"), single("means"),
        (lambda a: ag.exp(a * a), [np.float32(0.1)]),
        (lambda a, b: ag.sum(a * b), [np.float32([1, 2, 4]), 0.1]),
    ],
)  # fmt: skip
def test_single_precision_is_rounded_as_the_engine_rounds_it(f, inputs, tmp_path, walker):
    def stepper(values):
        return viz.step(f(*(Tensor(value, name="abc"[i]) for i, value in enumerate(values))))

    walker.open(stepper(inputs).save(tmp_path / "f.html"))
    moved = [
        -0.7 * value if type(value) is float else np.asarray(-0.7 * value, np.float32)
        for value in inputs
    ]
    fields = walker.find(".inputs input[type=text]")
    for place, number in enumerate(number for value in moved for number in np.ravel(value)):
        fields.nth(place).fill(str(number))
    story = stepper(moved).story
    walker.press("End")
    values, adjoints = (walker.ask("(me, which) => me.state.run[which]", w)
                        for w in ("values", "adjoints"))  # fmt: skip
    expected = np.concatenate([np.ravel(node.data) for node in story.nodes])
    gradients = np.concatenate([np.ravel(story.trace.grad(node)) for node in story.nodes])
    np.testing.assert_allclose(values, expected, rtol=3e-7, atol=1e-6)
    np.testing.assert_allclose(adjoints, gradients, rtol=3e-6, atol=1e-6)
    doubles = [value for value in moved if type(value) is float]
    assert [number for number in values if float(np.float32(number)) != number] == doubles
    assert walker.equations == viz.step(story.nodes[-1]).story.equations(story.moments[-1])


CUBE = ag.gate(lambda a: a**3, local=lambda out, a: 3 * a**2, name="cube")
PRODUCT = ag.gate(lambda a, b: a * b, vjp=lambda g, out, a, b: (g * b, g * a), name="product")


@pytest.mark.parametrize(
    ("f", "start", "end"),
    [
        (lambda a: CUBE(a) + a, 2.0, -1.5),
        (lambda a: PRODUCT(a, a * 3), 2.0, -1.5),
        (lambda a: ag.sum(CUBE(a)), np.array([1.0, 2.0]), np.array([-0.5, 3.0])),
    ],
)
def test_gates_of_ones_own_follow_their_inputs(f, start, end, tmp_path, walker):
    walker.open(viz.step(f(Tensor(start, name="a"))).save(tmp_path / "f.html"))
    fields = walker.find(".inputs input[type=text]")
    for place, number in enumerate(np.ravel(end)):
        fields.nth(place).fill(str(number))
    a = Tensor(end, name="a")
    expected = ag.trace(f(a))
    found = walker.ask("me => [me.state.run.values.at(-1), me.state.run.adjoints]")
    assert found[0] == pytest.approx(expected.nodes[-1].item(), rel=1e-12)
    np.testing.assert_allclose(found[1][: np.size(end)], np.ravel(expected.grad(a)), rtol=1e-12)


def test_a_model_in_closed_boxes_follows_its_inputs(tmp_path, walker):
    model = nn.MLP(2, [3], 1, activation="tanh", rng=0, dtype=np.float64)
    stepper = viz.step(model, [[0.5, -1.0]])
    walker.open(stepper.save(tmp_path / "f.html"))
    assert walker.told == told(stepper)
    for place, number in enumerate(("-0.25", "3")):
        walker.find(".inputs input[type=text]").nth(place).fill(number)
    expected = model([[-0.25, 3.0]]).item()
    for name in ("Open the boxes", "Close the boxes"):
        walker.button(name).click()
        assert walker.ask("me => me.state.run.values.at(-1)") == pytest.approx(expected, rel=1e-9)


def test_the_numbers_in_the_picture_follow(tmp_path, walker):
    walker.open(viz.step(built("a neuron's layer", (A, V, W))).save(tmp_path / "f.html"))
    walker.press("End")
    walker.find(".inputs input[type=text]").nth(1).fill("7")

    def written(key: str, part: str) -> list[str]:
        return walker.find(f".fig [data-k={key}] .{part} text[text-anchor=end]").all_text_contents()

    keys = walker.ask("me => me.views[0].wires.map(wire => wire.key)")
    labels = walker.ask("me => me.views[0].labels")
    a = keys[labels.index("a")]
    assert written(a, "v") == ["1", "7", "0.5", "0", "1", "2"]
    moved = A.copy()
    moved[0, 1] = 7
    gradient = ag.trace(built("a neuron's layer", (moved, V, W)))
    expected = gradient.grad(gradient.nodes[0]).ravel()
    text = [float(number.replace("−", "-").replace("×10", "e").translate(
        str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) for number in written(a, "g")]  # fmt: skip
    np.testing.assert_allclose(text, expected, rtol=1e-3)


def test_an_element_is_dragged_in_the_picture_and_by_the_slider_of_its_array(tmp_path, walker):
    walker.open(viz.step(built("a fork", (V,))).save(tmp_path / "f.html"))
    walker.press("End")
    page = walker.page
    box = walker.find(".fig [data-k=w0] .v text").nth(1).bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 53, box["y"] + 5)
    page.mouse.up()
    fields, slider = walker.find(".inputs input[type=text]"), walker.find("input[type=range]")
    assert [fields.nth(i).input_value() for i in range(3)] == ["1", "3", "−3"]
    fields.nth(2).focus()
    assert slider.get_attribute("aria-label") == "a [2], drag"
    slider.press("ArrowRight")
    assert float(fields.nth(2).input_value().replace("−", "-")) > -3
    walker.button("Reset").click()
    assert [fields.nth(i).input_value() for i in range(3)] == ["1", "2", "−3"]


def test_a_quiz_follows_changed_arrays(tmp_path, walker):
    walker.open(viz.step(built("a fork", (V,))).save(tmp_path / "f.html"))
    walker.button("Quiz").click()
    assert walker.find("form input").count() == 3
    for place in range(3):
        walker.find("form input").nth(place).fill("1")
    walker.button("Check").click()
    assert "1 of" in walker.find(".score").inner_text()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ag.sum(Tensor(np.ones(13), name="x")), "arrays of up to 12 numbers"),
        (lambda: ag.sum(Tensor(np.ones(3, np.float16), name="x")), "double and single precision"),
        (lambda: ag.sum(ag.sort(Tensor([1.0, 2.0], name="x"))), "cannot compute the gate sort"),
        (
            lambda: ag.gate(
                lambda a: a**3 if a > 0 else a, local=lambda out, a: 3 * a**2, name="cube"
            )(Tensor(2.0, name="x")),
            "cannot compute the gate cube",
        ),
    ],
)
def test_a_page_says_why_inputs_cannot_be_changed(make, words, tmp_path, walker):
    walker.open(viz.step(make()).save(tmp_path / "f.html"))
    assert words in walker.find(".inputs").inner_text()
    assert walker.find(".inputs input").count() == 0


def test_ties_share_and_what_has_no_slope_has_none(tmp_path, walker):
    def graph(v):
        return ag.max(v) + ag.min(v) + ag.std(v) + ag.linalg.norm(v) + ag.prod(v)

    walker.open(viz.step(graph(Tensor([1.0, 2.0], name="v"))).save(tmp_path / "f.html"))
    fields = walker.find(".inputs input[type=text]")
    for numbers_ in ([2.0, 2.0], [0.0, 0.0], [0.0, 3.0]):
        for place, number in enumerate(numbers_):
            fields.nth(place).fill(str(number))
        v = Tensor(numbers_)
        expected = ag.trace(graph(v)).grad(v)
        np.testing.assert_allclose(walker.ask("me => me.state.run.adjoints.slice(0, 2)"), expected)
