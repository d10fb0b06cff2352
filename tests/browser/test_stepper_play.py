"""What one does in the page of viz.step: inputs, quiz, opening of boxes, forward mode."""

from __future__ import annotations

import importlib
import math
import pkgutil
from itertools import combinations

import numpy as np
import pytest

import autograd as ag
import autograd.gates
import nn
import viz
from autograd import Tensor
from autograd.gates.registry import Gate
from autograd.numerals import added, number
from tests.browser.test_saved_pictures import overlap
from tests.browser.test_stepper import tangle
from tests.browser.walking import Walker
from viz import examples
from viz.arrays import shown
from viz.stepping.javascript import Gates

POINTS = (-3.7, -2.5, -1.0, -0.3, 0.0, 0.2, 0.5, 1.0, 1.5, 2.5, 7.25)
STRANGE = (math.inf, -math.inf, math.nan, 1e308, -1e308)

AWKWARD = (-2.0, 0.99995, 1.2e-7, -1e300, 123456.0, 1 / 3, math.inf, -0.0, math.nan, 5e-324, 7.0,
           -4.00003, -math.inf)  # fmt: skip
# The lines of all steps.
EQUATIONS = """me => me.views[0].moments.map((_, step) => { me.go(step); return me.equations() })"""

# The page's own numbers: of each node the value and the gradient.
NUMBERS = """me => [me.state.run.values.map(String), me.state.run.adjoints.map(String)]"""


@pytest.fixture
def walker(page):
    return Walker(page)


def saved(tmp_path, f, **options):
    return viz.step(f, **options).save(tmp_path / "f.html")


def close(expected: float, found: str) -> bool:
    value = float(found.replace("Infinity", "inf"))
    if math.isnan(expected):
        return math.isnan(value)
    return expected == value or math.isclose(expected, value, rel_tol=1e-9, abs_tol=1e-12)


def leaves_of(f) -> list[Tensor]:
    return [node for node in ag.Graph(f).nodes if node.is_leaf]


def same_as_engine(make, values, found) -> bool:
    """Whether the page's values and gradients are those of a fresh graph at `values`."""
    f = make()
    for leaf, value in zip(leaves_of(f), values, strict=True):
        leaf.data = value
    # The graph is made anew at the new values: branches and stored derivatives are theirs.
    fresh = rebuilt(f)
    trace = ag.trace(fresh)
    nodes = ag.Graph(fresh).nodes
    gradients = [trace.grad(node) for node in nodes]
    return all(
        close(float(node.data), value) and (gradient is None or close(float(gradient), adjoint))
        for node, gradient, value, adjoint in zip(nodes, gradients, *found, strict=True)
    )


def rebuilt(f):
    copies = {}
    for node in ag.Graph(f).nodes:
        if node.is_leaf:
            copies[id(node)] = Tensor(node.data, name=node.name, requires_grad=node.requires_grad)
        else:
            operands = [copies.get(id(o), o) if isinstance(o, Tensor) else o for o in node.inputs]
            copies[id(node)] = node.gate(*operands)
            copies[id(node)].name = node.name
    return copies[id(f)]


# ---- what if


def powers():
    x, y = Tensor(2.0, name="x"), Tensor(0.5, name="y")
    return (x**y + y**3) / (x - 2.0 * y) - ag.sqrt(x * y)


each_graph = pytest.mark.parametrize(
    "make", [examples.sigmoid_neuron, examples.max_router, examples.fork, tangle, powers]
)


@each_graph
def test_what_is_typed_gives_pythons_numbers(make, tmp_path, walker):
    walker.open(saved(tmp_path, make()))
    rng = np.random.default_rng(0)
    count = len(leaves_of(make()))
    walker.press("End")
    for _ in range(12):
        values = [float(v) for v in rng.normal(0, 3, count)]
        for i, value in enumerate(values):
            walker.type_input(i, repr(value))
        assert same_as_engine(make, values, walker.ask(NUMBERS)), values


@each_graph
def test_nan_and_infinities_are_followed_and_shown(make, tmp_path, walker):
    walker.open(saved(tmp_path, make()))
    walker.press("End")
    count = len(leaves_of(make()))
    for text, value in [("nan", math.nan), ("∞", math.inf), ("-inf", -math.inf), ("0", 0.0)]:
        for i in range(count):
            walker.type_input(i, text)
        assert same_as_engine(make, [value] * count, walker.ask(NUMBERS)), text
        if value != 0.0:
            assert "⚠" in walker.wires["w0"][0]


def test_formulas_follow_what_is_typed(tmp_path, walker):
    walker.open(saved(tmp_path, examples.chain_rule()))
    walker.type_input(0, "−2")
    walker.type_input(1, "5")
    walker.type_input(2, "-4")
    walker.go(3)
    fresh = examples.chain_rule()
    for leaf, value in zip(leaves_of(fresh), (-2.0, 5.0, -4.0), strict=True):
        leaf.data = value
    x, y, z = leaves_of(fresh)
    story = viz.step((x + y) * z).story
    assert [text.split(" = ", 2)[2] for text in walker.equations] == [
        text.split(" = ", 2)[2] for text in story.equations(story.moments[3])
    ]
    assert walker.wires["w3"][0] == "3" and walker.wires["w4"][0] == "−12"


@pytest.mark.filterwarnings("ignore")
@each_graph
def test_every_line_is_pythons_at_awkward_numbers(make, tmp_path, walker):
    """Signs, brackets, "=" or "≈", sums at forks: the page fills in the forms as Python does."""
    walker.open(saved(tmp_path, make()))
    count = len(leaves_of(make()))
    for start in range(0, len(AWKWARD), 2):  # the others come for the second input
        values = [AWKWARD[(start + 5 * i) % len(AWKWARD)] for i in range(count)]
        for i, value in enumerate(values):
            walker.type_input(i, str(value))
        f = make()
        for leaf, value in zip(leaves_of(f), values, strict=True):
            leaf.data = value
        story = viz.step(rebuilt(f)).story
        told = [story.equations(moment) for moment in story.moments]
        assert walker.ask(EQUATIONS) == told, values


@pytest.mark.parametrize("text", ["", "two", "1e", "--1", "1/0x"])
def test_what_is_no_number_changes_nothing(text, tmp_path, walker):
    walker.open(saved(tmp_path, examples.chain_rule()))
    before = walker.ask(NUMBERS)
    walker.type_input(0, text)
    assert walker.ask(NUMBERS) == before
    assert walker.find(".input input[type=text]").first.get_attribute("aria-invalid") == "true"


def test_fractions_and_commas_are_numbers(tmp_path, walker):
    walker.open(saved(tmp_path, examples.chain_rule()))
    walker.type_input(0, "1/4")
    walker.type_input(1, "0,5")
    assert walker.ask("me => me.state.inputs") == [0.25, 0.5, 1]


def test_an_input_is_dragged_in_the_picture_and_by_its_slider(tmp_path, walker):
    walker.open(saved(tmp_path, examples.sigmoid_neuron()))
    walker.go(1)
    box = walker.find("[data-k=w0] .v text").bounding_box()
    mouse = walker.page.mouse
    mouse.move(box["x"] + 3, box["y"] + 6)
    mouse.down()
    mouse.move(box["x"] + 53, box["y"] + 6, steps=5)
    mouse.up()
    dragged = walker.ask("me => me.state.inputs[0]")
    assert dragged == pytest.approx(3.0)
    assert walker.wires["w5"][0] == "−3"
    assert walker.find(".input input[type=text]").first.input_value() == "3"
    walker.find(".input input[type=range]").first.focus()
    walker.page.keyboard.press("ArrowRight")
    assert walker.ask("me => me.state.inputs[0]") > dragged
    assert walker.step == 1  # Arrows belong to the slider.
    assert "f = " in walker.spoken


def test_reset_brings_the_first_numbers_back(tmp_path, walker):
    walker.open(saved(tmp_path, examples.fork()))
    walker.press("End")
    before, shown = walker.ask(NUMBERS), walker.wires
    walker.type_input(0, "1e9")
    walker.type_input(1, "nan")
    walker.button("Reset").click()
    assert walker.ask(NUMBERS) == before and walker.wires == shown
    assert walker.find(".input input[type=text]").first.input_value() == "3"


def test_long_numbers_still_do_not_overlap(tmp_path, viewer):
    walker = Walker(viewer.page).open(saved(tmp_path, examples.fork()))
    walker.press("End")
    walker.find("select").select_option("0")
    for value in ("-0.000123456", "-1.23456e-200", "123456.789"):
        walker.type_input(0, value)
        touching = [
            f"{one.text!r} on {other.text!r}"
            for one, other in combinations(viewer.labels(), 2)
            if overlap(one.screen, other.screen)
        ]
        assert not touching, value


@pytest.mark.filterwarnings("ignore")
def test_each_gate_on_floats_agrees_with_python(page):
    gates, cases = Gates(), []
    for module in pkgutil.iter_modules(autograd.gates.__path__):
        for gate in vars(importlib.import_module(f"autograd.gates.{module.name}")).values():
            if not isinstance(gate, Gate) or not gate.floats:
                continue
            place, arity = gates.number_of(gate), len(gate.floats.local)
            points = POINTS + STRANGE
            given = (
                [(a,) for a in points] if arity == 1 else [(a, b) for a in points for b in points]
            )
            with np.errstate(all="ignore"):
                cases += [(gate.name, place, v, gate.floats.evaluate(*v)) for v in given]
    assert len(cases) > 5000
    asked = [[place, [str(v).replace("inf", "Infinity") for v in values]]
             for _, place, values, _ in cases]  # fmt: skip
    found = page.evaluate(
        "given => {" + gates.javascript + "return given.map(([g, v]) => { const x = v.map(t => "
        "t === 'nan' ? NaN : Number(t)), found = GATES[g](...x);"
        "return found.map(String) }) }",
        asked,
    )
    wrong = [
        (name, values, expected, got)
        for (name, _, values, expected), got in zip(cases, found, strict=True)
        if not all(map(close, map(float, expected), got))
    ]
    assert not wrong, wrong[:10]


@pytest.mark.parametrize("digits", [1, 2, 3, 4, 7, 17])
def test_numbers_are_written_as_in_python(digits, tmp_path, walker):
    """Ties too, which JavaScript rounds up and Python to the even digit."""
    walker.open(saved(tmp_path, examples.chain_rule(), digits=digits))
    rng = np.random.default_rng(0)
    ties = [k / 2**n for n in range(1, 14) for k in (1, 3, 5, 7, 9, 11, 2047, 4097)]
    values = [*ties, *rng.normal(size=200) * 10.0 ** rng.integers(-12, 12, 200), 0.0, 12345.5,
              99999.5, 0.99995, 1e6, 123456.0, 1e-5, 0.00012345, 1e300, 5e-324]  # fmt: skip
    values = [float(v) for v in [*values, *(-v for v in values)]]
    ask = "(me, given) => given.map(v => [me.format.number(v), me.format.shown(v)])"
    assert walker.ask(ask, values) == [[number(v, digits), shown(v, digits)] for v in values]
    sums = [values[-count:] for count in range(1, 9)]
    ask = "(me, given) => given.map(terms => me.format.added(terms))"
    assert walker.ask(ask, sums) == [added(terms, digits) for terms in sums]


# ---- opened and closed


def test_boxes_are_opened_in_place(tmp_path, walker):
    walker.open(saved(tmp_path, examples.fork()))
    walker.type_input(0, "2")
    walker.press("End")
    closed = dict(zip(("x", "y"), (walker.wires["w0"], walker.wires["w1"]), strict=True))
    walker.button("Open the boxes").click()
    assert walker.step == 26
    assert walker.wires["w0"] == closed["x"] and walker.wires["w1"] == closed["y"]
    opened = viz.step(examples.fork(), expand="all").story
    walker.button("Reset").click()
    for moment in opened.moments:
        walker.go(moment.index)
        assert walker.equations == opened.equations(moment)
    walker.button("Close the boxes").click()
    assert walker.step == 14


def test_a_model_of_scalars_is_closed_by_module_and_follows_its_inputs(tmp_path, walker):
    model = nn.MLP(2, [3], 1, activation="tanh", rng=0, scalar=True)
    stepper = viz.step(model, [0.5, -1.0])
    walker.open(stepper.save(tmp_path / "f.html"))
    for moment in stepper.story.moments:
        walker.go(moment.index)
        assert walker.equations == stepper.story.equations(moment)
    walker.type_input(0, "-0.25")
    walker.type_input(1, "3")
    expected = model([-0.25, 3.0]).item()
    assert walker.ask("me => me.state.run.values.at(-1)") == pytest.approx(expected, rel=1e-9)
    walker.button("Open the boxes").click()
    assert walker.ask("me => me.state.run.values.at(-1)") == pytest.approx(expected, rel=1e-9)


def test_nothing_to_open_has_no_button(tmp_path, walker):
    walker.open(saved(tmp_path, examples.sigmoid_neuron()))
    assert walker.button("Open").count() == 0


# ---- forward mode


@each_graph
def test_tangents_are_those_of_forward_mode(make, tmp_path, walker):
    walker.open(saved(tmp_path, make()))
    walker.press("End")
    f = make()
    nodes, leaves = ag.Graph(f).nodes, leaves_of(f)
    for i, leaf in enumerate(leaves):
        if not leaf.requires_grad:
            continue
        walker.find("select").select_option(str(i))
        found = walker.ask("me => me.state.run.tangents")
        gradient = ag.trace(f).grad(leaf)
        assert found[-1] == pytest.approx(gradient, rel=1e-9, abs=1e-12)
        assert len(found) == len(nodes)
        told = walker.find(".now").inner_text()
        assert "Forward mode" in told and "The backward pass finds the same" in told


def test_tangents_stand_beside_gradients_and_in_formulas(tmp_path, walker):
    walker.open(saved(tmp_path, examples.chain_rule()))
    walker.find("select").select_option("0")
    walker.go(2)
    assert walker.wires["w3"] == ["−1", "○", "∂ 1"]
    assert walker.equations[1] == "∂f/∂x = ∂f/∂q × ∂q/∂x = 1 × 1 = 1"
    walker.go(1)
    assert walker.equations[1] == "∂q/∂x = 1 × 1 = 1"
    walker.press("End")
    assert walker.wires["w0"] == ["1", "1", "∂ 1"] and walker.wires["w2"][2] == "∂ 0"
    walker.find("select").select_option("-1")
    assert walker.wires["w0"] == ["1", "1", ""]
