"""The page of viz.step, opened from disk: every number of every step, keys, paper, settings."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

import autograd as ag
import viz
from autograd import Tensor
from tests.browser.test_saved_pictures import HOSTILE, overlap
from tests.browser.walking import Walker
from viz import examples
from viz.arrays import shown
from viz.figure import Gradient
from viz.themes import DARK, LIGHT

each_example = pytest.mark.parametrize("name", list(examples.EXAMPLES))


def tangle():
    """Gates of all patterns, forks, a repeated operand, a dead path, a constant leaf."""
    x, y = Tensor(0.7, name="x"), Tensor(-1.3, name="y_2")
    c = Tensor(0.1, name="c", requires_grad=False)
    a = ag.maximum(x * y, x - c)
    return ag.tanh(a) / (1 + x * x) + ag.relu(y) * a - (-y) ** 1.5 + ag.log(x) * 1e-5


@pytest.fixture
def walker(page):
    return Walker(page)


def saved(tmp_path, f, **options):
    return viz.step(f, **options).save(tmp_path / "f.html")


# ---- every number of every step


def spoken(stepper, moment) -> str:
    """A step in one paragraph, as a screen reader is told it."""
    gate = f", {moment.gate.name}" if moment.gate else ""
    told = [moment.heading + gate, *stepper.story.equations(moment), moment.words]
    return " ".join(f"{text.rstrip('.')}." for text in told if text)


@pytest.mark.parametrize("digits", [None, 2, 7])
@pytest.mark.parametrize("make", [*(e.build for e in examples.EXAMPLES.values()), tangle])
def test_every_line_of_every_step_is_pythons(make, digits, tmp_path, walker):
    stepper = viz.step(make(), digits=digits)
    walker.open(stepper.save(tmp_path / "f.html"))
    for moment in stepper.story.moments:
        walker.go(moment.index)
        assert walker.equations == stepper.story.equations(moment)
        assert walker.spoken == spoken(stepper, moment)


@pytest.mark.parametrize(
    "make", [examples.sigmoid_neuron, examples.fork, examples.max_router, tangle]
)
def test_every_wire_of_every_step_shows_what_is_known(make, tmp_path, walker):
    check_every_wire(viz.step(make()), tmp_path, walker)


@pytest.mark.parametrize("make", [examples.fork, examples.max_router])
def test_a_theme_of_two_colours_does_not_confuse_the_page(make, tmp_path, walker, monkeypatch):
    """What a shape is, its name says; neither its colour nor its place."""
    on_ground = ("ink", "line", "value", "gradient", "quiet", "warning", "box_line")
    for role in vars(LIGHT):
        monkeypatch.setitem(vars(LIGHT), role, "#000000" if role in on_ground else "#ffffff")
    check_every_wire(viz.step(make()), tmp_path, walker)


def rgb(colour: str) -> str:
    """A colour as a browser tells it."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def check_every_wire(stepper, tmp_path, walker) -> None:
    walker.open(stepper.save(tmp_path / "f.html"))
    for moment in stepper.story.moments:
        walker.go(moment.index)
        found = walker.wires
        for wire in stepper.story.figure.wires:
            value, gradient, _ = found[wire.key]
            known = wire.key in moment.known_values and moment.index > 0
            assert value == (shown(wire.value, None) if known else ""), wire.key
            if moment.index == 0:
                assert gradient == ""
            elif isinstance(wire.gradient, Gradient):
                assert gradient == "constant"
            else:
                complete = wire.key in moment.known_gradients
                assert gradient == (shown(wire.gradient, None) if complete else "○"), wire.key


def test_arrays_appear_step_by_step(tmp_path, walker):
    walker.open(saved(tmp_path, examples.matrix()))
    assert not any(walker.wires["w2"])
    walker.go(1)
    assert walker.wires["w2"][:2] == ["0.220.262", "○"]
    walker.go(5)
    assert walker.wires["w2"][1] == "0.44" and walker.wires["w0"][1] == "○"
    assert walker.find(".now").inner_text().count("[0.44 0.52]") >= 1


@pytest.mark.filterwarnings("ignore")
def test_tiles_of_a_heat_map_are_painted_in_a_dark_page_too(tmp_path, walker):
    """In the page's own colours: NaN as a warning, a number as a share of its sign's colour."""
    x = Tensor(np.tri(5) - np.triu(np.ones((5, 5)), 1) / 2, name="x")
    x.data[0, 0] = np.nan
    walker.open(saved(tmp_path, ag.sum(x * 2), theme="dark"))
    walker.press("End")
    look = "one => getComputedStyle(one).fill + ' ' + one.getAttribute('opacity')"
    found = walker.find("[data-k=w0] .v polygon[class^=f-]")
    assert Counter(found.evaluate_all(f"all => all.map({look})")) == {
        f"{rgb(DARK.warning)} null": 1,
        f"{rgb(DARK.positive)} null": 14 + 1,  # And the scale, in steps of a half.
        f"{rgb(DARK.positive)} 0.50": 1,
        f"{rgb(DARK.negative)} 0.50": 10 + 1,
        f"{rgb(DARK.negative)} null": 1,
        f"{rgb(DARK.chip)} null": 1,
    }


def test_indices_of_names_are_painted_as_their_names_are(tmp_path, walker):
    walker.open(saved(tmp_path, examples.build("sigmoid-neuron")))
    painted = walker.host.locator("svg tspan").evaluate_all(
        "all => all.map(e => [e, e.parentNode].map(one => getComputedStyle(one).fill))"
    )
    assert len(painted) == 11 and all(index == name != "none" for index, name in painted)


def test_the_active_gate_and_it_alone_is_lit(tmp_path, walker):
    walker.open(saved(tmp_path, examples.sigmoid_neuron()))
    assert walker.find(".fig .lit").count() == 0
    for step in range(1, 17):
        walker.go(step)
        assert walker.find(".fig .lit").count() == 1
    assert walker.find(".fig .fro").count() >= 4 and walker.find(".fig .to").count() == 0


def test_a_dead_path_is_dashed_once_it_is_known(tmp_path, walker):
    walker.open(saved(tmp_path, examples.max_router()))
    assert walker.find(".fig .dead").count() == 0
    walker.press("End")
    assert walker.find(".fig .dead").count() >= 2


@each_example
def test_no_two_labels_overlap_at_any_step(name, tmp_path, viewer):
    walker = Walker(viewer.page).open(saved(tmp_path, examples.build(name)))
    for step in range(len(viz.step(examples.build(name)))):
        walker.go(step)
        touching = [
            f"{one.text!r} on {other.text!r}"
            for one, other in combinations(viewer.labels(), 2)
            if overlap(one.screen, other.screen)
        ]
        assert not touching, step


# ---- ways to walk


def test_buttons_keys_and_the_list_lead_through_the_steps(tmp_path, walker):
    walker.open(saved(tmp_path, examples.chain_rule()))
    walker.button("Next").click()
    walker.button("Next").click()
    assert walker.step == 2
    walker.button("Back").click()
    assert walker.step == 1
    keys = ["ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home", "ArrowLeft"]
    for key, step in zip(keys, [2, 4, 4, 3, 0, 0], strict=True):
        walker.press(key)
        assert walker.step == step, key
    assert walker.button("Back").is_disabled()
    walker.find(".list button").nth(3).click()
    assert walker.step == 3
    assert walker.find(".list [aria-current]").count() == 1
    walker.find("[aria-label='Last step']").click()
    assert walker.step == 4


def test_the_whole_is_reached_by_keyboard_alone(tmp_path, walker):
    walker.open(saved(tmp_path, examples.fork()))
    reached = set()
    for _ in range(60):
        walker.page.keyboard.press("Tab")
        reached.add(
            walker.page.evaluate(
                "document.activeElement.shadowRoot?.activeElement?.textContent.trim() || "
                "document.activeElement.shadowRoot?.activeElement?.ariaLabel"
            )
        )
    assert {"Next ›", "Play", "Quiz", "Open the boxes", "Reset", "x, drag", "x"} <= reached


def test_space_plays_and_pauses(tmp_path, page):
    page.clock.install()
    walker = Walker(page).open(saved(tmp_path, examples.chain_rule()))
    walker.press(" ")
    assert walker.button("Pause").is_visible()
    page.clock.run_for(3000)
    assert walker.step == 2
    walker.press(" ")
    page.clock.run_for(5000)
    assert walker.step == 2
    walker.button("Play").click()
    page.clock.run_for(9000)
    assert walker.step == 4 and walker.button("Play").is_visible()


def test_a_click_on_a_gate_goes_to_its_step(tmp_path, walker):
    walker.open(saved(tmp_path, examples.chain_rule()))
    walker.find(".fig [data-k=g1] text").click()
    assert walker.step == 2
    walker.press("End")
    walker.find(".fig [data-k=g1] text").click()
    assert walker.step == 3


def test_a_link_leads_to_a_step(tmp_path, walker):
    file = saved(tmp_path, examples.chain_rule())
    walker.open(file, "#step=3")
    assert walker.step == 3
    walker.press("ArrowLeft")
    assert walker.page.url.endswith("#step=2")
    walker.page.evaluate("location.hash = 'step=4'")
    walker.page.wait_for_function("location.hash === '#step=4'")
    assert walker.step == 4
    walker.page.goto("about:blank")
    assert walker.open(file, "#step=99").step == 4


def test_arrows_work_at_once_in_a_saved_page(tmp_path, walker):
    walker.open(saved(tmp_path, examples.chain_rule()))
    walker.page.keyboard.press("ArrowRight")
    assert walker.step == 1


def test_keys_live_on_whatever_button_was_pressed_last(tmp_path, page):
    """In a notebook they are the stepper's own alone: what loses the focus gives them away."""
    html = viz.step(examples.fork())._repr_mimebundle_()["text/html"]
    file = tmp_path / "cell.html"
    file.write_text(f"<!DOCTYPE html><meta charset='utf-8'>{html}", "utf-8")
    walker = Walker(page).open(file)

    def press(key, step):
        page.keyboard.press(key)
        assert walker.step == step

    for name, end, back in [("Next", 14, 13), ("[aria-label='Last step']", 14, 13),
                            ("Back", 0, 1), ("[aria-label='First step']", 0, 1)]:  # fmt: skip
        button = walker.find(name) if name[0] == "[" else walker.button(name)
        walker.go(back)
        button.click()
        assert walker.step == end
        press("ArrowLeft" if end else "ArrowRight", back)
        press("ArrowRight" if end else "ArrowLeft", end)
        press("ArrowLeft" if end else "ArrowRight", back)
    walker.button("Open the boxes").click()
    press("Home", 0)
    page.keyboard.press("Enter")  # The button that has taken its place.
    assert walker.button("Open the boxes").is_visible()
    press("End", 14)
    walker.button("Quiz").click()
    walker.button("Quiz").click()
    press("Home", 0)
    walker.button("Quiz").click()
    walker.button("Show").click()
    walker.button("Show").click()
    press("ArrowRight", 9)


def test_the_line_that_made_a_gate_is_shown(tmp_path, walker):
    with ag.source_lines():
        x = Tensor(3.0, name="x")
        f = x * x
    walker.open(saved(tmp_path, f))
    walker.go(1)
    assert "f = x * x" in walker.find(".source code").inner_text()


# ---- settings of people, and paper


@pytest.mark.parametrize("dark", [False, True])
def test_dark_mode_is_followed(dark, tmp_path, chromium):
    context = chromium.new_context(color_scheme="dark" if dark else "light", offline=True)
    walker = Walker(context.new_page()).open(saved(tmp_path, examples.fork()))
    ground = "section => getComputedStyle(section).backgroundColor"
    assert walker.find("section").evaluate(ground) == (
        "rgb(17, 17, 17)" if dark else "rgb(255, 255, 255)"
    )
    context.close()


def test_the_theme_of_the_host_goes_before_that_of_the_system(tmp_path, walker):
    """JupyterLab, VS Code, Colab, Sphinx' themes."""
    walker.open(saved(tmp_path, examples.fork()))
    for mark, name in [
        ("documentElement.dataset.theme = 'dark'", "dark"),
        ("documentElement.dataset.theme = 'auto'", "light"),
        ("documentElement.setAttribute('theme', 'dark')", "dark"),
        ("body.dataset.vscodeThemeKind = 'vscode-light'", "light"),
        ("body.dataset.vscodeThemeKind = 'vscode-dark'", "dark"),
        ("body.dataset.jpThemeLight = 'true'", "light"),
        ("body.dataset.jpThemeLight = 'false'", "dark"),
    ]:
        walker.page.evaluate(f"document.{mark}")
        walker.page.wait_for_function(
            "name => document.querySelector('[data-gategrad]').shadowRoot"
            ".querySelector('section').classList.contains('dark') === (name === 'dark')",
            arg=name,
        )


def test_a_dark_stepper_stays_dark(tmp_path, walker):
    walker.open(saved(tmp_path, examples.fork(), theme="dark"))
    assert walker.find("section").get_attribute("class") == "dark"


def test_nothing_moves_for_those_who_asked_for_it(tmp_path, chromium):
    for motion, expected in [("reduce", "none"), ("no-preference", "stroke")]:
        context = chromium.new_context(reduced_motion=motion, offline=True)
        walker = Walker(context.new_page()).open(saved(tmp_path, examples.fork()))
        found = walker.find(".fig ellipse").first.evaluate(
            "node => getComputedStyle(node).transitionProperty"
        )
        assert expected in found
        context.close()


def test_paper_has_all_steps(tmp_path, walker):
    walker.open(saved(tmp_path, examples.fork()))
    walker.go(4)
    walker.page.emulate_media(media="print")
    walker.page.wait_for_function(
        "document.querySelector('[data-gategrad]').shadowRoot.querySelectorAll('.sheet').length > 0"
    )
    sheets = walker.find(".sheet")
    assert sheets.count() == 15
    assert not walker.find(".screen").is_visible()
    told = [sheets.nth(i).locator(".now").inner_text() for i in range(15)]
    assert ["≈ 2.06" in text for text in told].index(True) == 13
    assert sheets.nth(3).locator("svg .lit").count() == 1
    assert walker.page.pdf().count(b"/Type /Page\n") >= 4
    walker.page.emulate_media(media="screen")
    assert walker.step == 4


@pytest.mark.parametrize("width", [320, 480, 900])
def test_a_narrow_page_scrolls_in_one_direction(width, tmp_path, walker):
    """320 pixels are a screen of 1280 at 400 %."""
    walker.page.set_viewport_size({"width": width, "height": 700})
    walker.open(saved(tmp_path, examples.sigmoid_neuron()))
    walker.go(14)
    assert walker.page.evaluate("document.scrollingElement.scrollWidth") <= width
    gate = walker.find(".fig .lit").bounding_box()
    assert gate["x"] >= 0 and gate["x"] + gate["width"] <= width


def test_a_wide_picture_says_that_it_scrolls_and_fits_at_a_press(tmp_path, viewer):
    page = viewer.page
    page.set_viewport_size({"width": 375, "height": 760})
    walker = Walker(page).open(saved(tmp_path, examples.fork()))

    def shaded() -> list[bool]:
        box = walker.find(".fig").bounding_box()
        sides = box["x"] + 2, box["x"] + box["width"] - 3
        y = int(box["y"] + box["height"] - 8)
        return [viewer.colour(int(side), y) < (240, 240, 240) for side in sides]

    assert shaded() == [False, True]
    walker.press("End")
    for x, sides in ((0, [False, True]), (200, [True, True]), (9999, [True, False])):
        walker.find(".fig").evaluate("(figure, x) => { figure.scrollLeft = x }", x)
        assert shaded() == sides, x
    whole = walker.button("Whole picture")
    whole.click()
    assert shaded() == [False, False] and whole.get_attribute("aria-pressed") == "true"
    assert walker.find(".fig svg").bounding_box()["width"] <= 375
    whole.click()
    assert walker.find(".fig svg").bounding_box()["width"] > 600
    page.set_viewport_size({"width": 1400, "height": 760})
    whole.wait_for(state="hidden")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["fork", "matrix"])
def test_axe_finds_nothing(name, scheme, tmp_path, chromium):
    axe = pytest.importorskip("axe_core_python.sync_playwright").Axe()
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce")
    walker = Walker(context.new_page()).open(saved(tmp_path, examples.build(name)))

    def check(where):
        found = axe.run(walker.page)["violations"]
        told = [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found]
        assert not told, where

    for step in (0, 2, 6):
        walker.go(step)
        check(f"step {step}")
    if name == "fork":
        walker.button("Quiz").click()
        check("quiz")
        walker.find("form input").first.fill("7")
        walker.button("Check").click()
        check("a wrong answer")
        walker.button("Quiz").click()
        walker.find("select").select_option("0")
        walker.type_input(0, "nonsense")
        check("forward mode, and an input that is no number")
        walker.button("Open the boxes").click()
        check("opened")
    context.close()


# ---- beside others, and with hostile names


def test_two_copies_in_one_page_are_independent(tmp_path, page):
    html = viz.step(examples.chain_rule())._repr_mimebundle_()["text/html"]
    other = viz.step(examples.fork())._repr_mimebundle_()["text/html"]
    file = tmp_path / "three.html"
    file.write_text(f"<!DOCTYPE html><meta charset='utf-8'>{html}{other}{html}", "utf-8")
    Walker(page).open(file)
    walkers = [Walker(page, i) for i in range(3)]
    walkers[0].button("Next").click()
    walkers[1].press("End")
    assert [walker.step for walker in walkers] == [1, 14, 0]
    walkers[2].press("ArrowRight")
    assert [walker.step for walker in walkers] == [1, 14, 1]
    assert page.url.endswith("three.html")


def test_hostile_names_are_text(tmp_path, walker):
    x, y = Tensor(2.0, name=HOSTILE), Tensor(3.0, name="n" * 10_000)
    walker.open(saved(tmp_path, ag.sigmoid(x * y), title=HOSTILE))
    walker.press("End")
    page = walker.page
    assert page.evaluate("window.hacked") is None
    assert page.locator("[onerror]").count() == 0
    assert "<img" in walker.find(".now").inner_text() + walker.find("h1").inner_text()


def test_without_scripts_the_finished_picture_remains(tmp_path, chromium):
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(saved(tmp_path, examples.sigmoid_neuron()).as_uri())
    image = page.locator("img")
    box = image.bounding_box()
    assert box["width"] > 800 and box["height"] > 150
    assert "values above the wires" in image.get_attribute("alt")
    assert (
        page.locator("[data-gategrad] > div")
        .first.inner_text()
        .startswith("The finished pass in 16 steps")
    )
    context.close()


def test_a_large_picture_scrolls_to_the_gate_of_the_step(tmp_path, walker):
    xs = [Tensor(0.1 * i, name=f"x{i}") for i in range(8)]
    f = xs[0]
    for i in range(40):
        f = ag.tanh(f * xs[i % 8]) + xs[(i * 5) % 8]
    walker.page.set_viewport_size({"width": 800, "height": 600})
    walker.open(saved(tmp_path, f, expand="all"))
    figure = walker.find(".fig").bounding_box()
    assert figure["height"] <= 450
    for step in (1, 60, 119, 200):
        walker.go(step)
        gate = walker.find(".fig .lit").bounding_box()
        assert figure["x"] <= gate["x"] <= figure["x"] + figure["width"] - gate["width"]
        assert figure["y"] <= gate["y"] <= figure["y"] + figure["height"] - gate["height"]
