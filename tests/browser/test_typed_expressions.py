"""viz.playground() in Chromium: what is typed is drawn and told as viz.step draws and tells it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import viz
from autograd.particles import with_particles
from tests.browser.walking import Walker
from viz.expression import ExpressionError, parse

pytestmark = pytest.mark.browser

NUMBERS = (2.0, -1.0, 3.0, -2.0, 0.5, 1.5)
TOLD = """me => {
    const all = []
    const last = me.stepper.views[0].moments.length
    for (let step = 0; step < last; step++) {
        me.stepper.go(step)
        const {moment, gate} = me.stepper.state.script
        all.push([moment.heading, gate ? gate.name : "", moment.words, ...me.stepper.equations()])
    }
    return all
}"""
VALUES = "me => { const {values, adjoints} = me.stepper.state.run; return [values, adjoints] }"


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return viz.playground().save(tmp_path_factory.mktemp("typed") / "page.html")


@pytest.fixture
def typed(page, file):
    walker = Walker(page).open(file)

    def type_in(text, values=None):
        walker.ask("(me, [text, values]) => me.type(text, values)", [text, values or {}])
        return walker

    return type_in


def graph(text):
    expression = parse(text)
    names = [name for name in expression.names if name not in ("pi", "e")]
    values = dict(zip(names, NUMBERS, strict=False))
    return expression.build(values), values


EXPRESSIONS = [
    "1/(1+exp(-(w*x+b)))",
    "(x + y)z",
    "2x + 3(x-y)(x+y) - sin(x)cos(y)",
    "1/(1+exp(-(w0*x0+w1*x1+w2)))",
    "(x+sigmoid(y))/(sigmoid(x)+(x+y)**2)",
    "2*(x*y+max(z,w)) + min(x, 0) - max(-1, y)",
    "x*x + x**2 + x**3 + x**-1 + x**0.5 + 2**x + x**y - (-3)*x",
    "5/x + x/7 - (3 - x) + (x - 3) + (x + -4) + 0.104*x + 1.2e-7*x - 3e8*x + x/-2",
    "relu(x) + tanh(y) + softplus(x) + log(abs(y)) + sqrt(square(x)) + reciprocal(y)",
    "ln(x) - σ(y) + logistic(x)*tan(y) + absolute(y)",
    "-x**2 + --y + +x*2**-1",
    "pi*r**2 + e**x",
    "x × y ÷ z − 2·x",
    "q + q1*f - 1/L",
    "x + 2*3",
    "0x10*x + 0b11*y + 1_000x",
    "x\u0304*y",
    "x", "+편향",
]  # fmt: skip


def test_each_step_says_what_viz_step_says(typed):
    for text in EXPRESSIONS:
        f, values = graph(text)
        story = viz.step(f).story
        expected = [
            [m.heading, m.gate.name if m.gate else "", m.words, *story.equations(m)]
            for m in story.moments
        ]
        page = typed(text, values)
        assert page.ask(TOLD) == expected, text
        found, gradients = page.ask(VALUES)
        at = [story.trace.grad(node) for node in story.nodes]
        np.testing.assert_allclose(found, [node.data for node in story.nodes], 1e-12, err_msg=text)
        np.testing.assert_allclose(gradients, at, 1e-12, err_msg=text)


def test_it_speaks_korean_as_viz_step_does(tmp_path, page):
    with viz.language("ko"):
        walker = Walker(page).open(viz.playground().save(tmp_path / "page.html"))
        for text in (
            "2*(x*m+max(l,w1)) + min(x, 0) - max(-1, y3)", "x*x + 7*n - n/3 + relu(r)",
            "4*time - 0.45*scale + 1.2e-9*n", "max(9, 값) + relu(ε)*5e20 - relu(값)",
        ):  # fmt: skip
            f, values = graph(text)
            walker.ask("(me, [text, values]) => me.type(text, values)", [text, values])
            words = [told[2] for told in walker.ask(TOLD)]
            assert words == [moment.words for moment in viz.step(f).story.moments]


def test_korean_particles_are_those_of_python(page):
    page.add_script_tag(path=Path(viz.__file__).parent / "stepping" / "particles.js")
    ends = "값,길,a,l,R,r5,3,7,10⁻⁹,w₀,w₂,ε,σ,time,scale,gain,exp,(x),'m',0.45,−4,∞,NaN,θ_{l}"
    tails = ("(은/는)", "(으로/로)", "(을/를) x(이/가)")
    told = [end + tail for end in ends.split(",") for tail in tails]
    found = page.evaluate("all => all.map(particled)", told)
    assert found == [with_particles(text) for text in told]


WRONG = ["", "x +", "(x", "x)", "x y", "x(y)", "foo(x)", "exp(x, y)", "x^2",
         "x // y", "x % 2", "x < y", "x.y", "x[0]", "x, y", "1/2x",
         "2 + 3", "x 2", "x $ y", "x²", "2x₁", "1__0x", "1_x", "0xy", "|x|", "√x",
         "2sin x"]  # fmt: skip


def test_what_viz_cannot_read_the_page_cannot_read_and_says_so(typed):
    for text in WRONG:
        with pytest.raises(ExpressionError):
            expression = parse(text)
            expression.build(dict.fromkeys(expression.names, 1.5))
        page = typed(text)
        assert len(page.ask("me => me.complaint")) > len(text), text
        assert page.find("input.expression").get_attribute("aria-invalid") == "true"
        mark = page.find(".complaint mark").bounding_box()
        assert mark["width"] > 1, text
    typed("x*y")
    assert page.ask("me => me.complaint") == ""


HINTS = {
    "2sin x": "sin is a function: write sin(x)", "exp 2x + 1": "write exp(2*x)",
    "e^x": "write e**x", "x²": "write x**2", "(x+1)^10": "write (...)**10",
    "sin^2(x)": "write sin(...)**2", "|x|": "abs(x)", "√x": "sqrt(x)",
    "2 3 x": "write 2*3", "x 2": "write x*2", "exp()": "received 0",
    "sigmiod(x)": "sigmoid", "Tanh(x)": "tanh", "arctan(x)": "tan", "log10(x)": "log",
}  # fmt: skip


def test_what_learners_write_is_answered_by_what_to_write(typed):
    for text, hint in HINTS.items():
        with pytest.raises(ExpressionError) as caught:
            parse(text)
        assert hint in str(caught.value), text
        assert hint in typed(text).ask("me => me.complaint"), text
    assert "write x*(...)" in typed("x(y+1)").ask("me => me.complaint")
    assert "known are exp, " in typed("foobar(x)").ask("me => me.complaint")
    for text in ("f = x*y", "f(x) = x*2"):
        assert "on the right of =" in typed(text).ask("me => me.complaint")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("sinx + 1", "sin(x)"),
        ("expx2*y", "exp(x2)"),
        ("wx + b", "w*x"),
        ("cosrate*rate", "cos(rate)"),
    ],
)
def test_names_that_may_be_slips_are_drawn_and_doubted(text, meant, typed):
    page = typed(text)
    assert page.ask("me => me.complaint") == ""
    assert f"did you mean {meant}?" in page.find(".typing").inner_text()
    for other in ("rate*loss + x1", "편향*입력", "x^2"):  # And nothing of it stays.
        assert "did you mean" not in typed(other).find(".typing").inner_text()


@pytest.mark.parametrize(
    "text, words", [("exp", "exp is a function"), ("max(x, y, z)", "takes 2 operands"),
                    ("+".join(["x*x"] * 200), "more than 150 gates")],
)  # fmt: skip
def test_what_is_too_much_for_the_page_is_said(text, words, typed):
    assert words in typed(text).ask("me => me.complaint")


def test_what_was_left_out_of_products_is_shown(typed):
    page = typed("2(x+y)z - sin(x)y")
    assert page.find(".typing .hint").first.inner_text()
    assert "2*(x+y)*z - sin(x)*y" in page.find(".typing").inner_text()
    assert "3*𝑥𝑦 + 2*z." in typed("3𝑥𝑦 + 2z").find(".typing").inner_text()


def overlapping(labels):
    boxes = [label.screen for label in labels]
    return [
        (labels[i].text, labels[j].text)
        for i, a in enumerate(boxes)
        for j, b in enumerate(boxes[:i])
        if min(a[2], b[2]) - max(a[0], b[0]) > 1.5 and min(a[3], b[3]) - max(a[1], b[1]) > 3.5
    ]


def test_no_label_lies_on_another(typed, viewer):
    for text in EXPRESSIONS:
        page = typed(text, graph(text)[1])
        page.ask("me => me.stepper.go(1e3)")
        assert overlapping(viewer.labels()) == [], text


def test_long_numbers_at_forks_end_before_their_gates(typed):
    page = typed(
        "sqrt(x**2+y**2) + max(x, min(y,z))*tanh(x) - relu(x)**3/y", {"x": 1e-9, "y": 3e12}
    )
    page.ask("me => me.stepper.go(1e3)")
    boxes = """all => all.map(node => node.getBoundingClientRect())
        .map(({left, right, top, bottom}) => [left, right, top, bottom])"""
    gates = page.find(".fig ellipse:not(.f-line)").evaluate_all(boxes)
    texts = page.find(".fig [data-k^=b] .g text").evaluate_all(boxes)
    for _, right, top, bottom in texts:
        beside = [gate[0] for gate in gates if gate[2] < bottom and gate[3] > top]
        assert right < min(left for left in beside if left > right - 20) + 1
    assert len(texts) == 7


def test_names_in_hangul_stand_upright_with_their_index_behind_them(typed):
    page = typed("가중치0*x0")
    name = page.find(".fig text:has-text('가중치')").first
    assert name.evaluate("text => getComputedStyle(text).fontSynthesisStyle") == "none"
    assert name.locator("tspan").text_content() == "0"


def test_a_learner_types_steps_drags_and_is_asked(typed, page):
    page_of = typed("x*y", {"x": 3, "y": 4})
    page_of.find("input.expression").fill("x*y + z")
    page.wait_for_function(
        "document.querySelector('[data-gategrad]').gategrad.stepper.views[0].labels.length == 5"
    )
    # What inputs had been moved to stays theirs.
    assert page_of.ask("me => me.stepper.state.inputs.slice(0, 2)") == [3, 4]
    page_of.type_input(0, "10")
    assert page_of.ask("me => me.stepper.state.run.values[3]") == 40
    # It stands there finished, and is walked through from the graph on.
    page_of.find("[aria-label='First step']").click()
    page_of.button("Next").click()
    assert "10 × 4 = 40" in page_of.find(".now").inner_text()
    page_of.button("Quiz").click()
    page_of.find("form.eq input").first.fill("1")
    page_of.button("Check").click()
    assert "1" in page_of.find(".score").inner_text()


def test_an_expression_is_never_run_and_never_markup(typed):
    page = typed("<img src=x onerror=alert(1)>")
    assert page.find(".complaint code").inner_text() == "<img src=x onerror=alert(1)>"
    page = typed("a_b + __proto__*constructor + toString")
    assert page.ask("me => me.stepper.views[0].labels.slice(0, 4)") == [
        "a_b", "__proto__", "constructor", "toString",
    ]  # fmt: skip


def test_it_fits_on_a_phone(page, typed):
    page.set_viewport_size({"width": 375, "height": 812})
    typed("1/(1+exp(-(w0*x0+w1*x1+w2)))")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
