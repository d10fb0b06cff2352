"""Saved pictures, opened from disk: every label is there, readable, and nothing but text."""

from __future__ import annotations

import base64
import re
from itertools import combinations

import pytest

import autograd as ag
import viz
from viz import examples

HOSTILE = '</script><img src=x onerror="window.hacked=1">'


def sigmoid_neuron(names=("w0", "x0", "w1", "x1", "w2")):
    w0, x0, w1, x1, w2 = (
        ag.Tensor(value, name=name)
        for name, value in zip(names, (2.0, -1.0, -3.0, -2.0, -3.0), strict=True)
    )
    return 1 / (1 + ag.exp(-(w0 * x0 + w1 * x1 + w2)))


def fork():
    x, y = ag.Tensor(3.0, name="x"), ag.Tensor(-4.0, name="y")
    return (x + ag.sigmoid(y)) / (ag.sigmoid(x) + (x + y) ** 2)


def matrix():
    weight = ag.Tensor([[0.1, 0.5], [-0.3, 0.8]], name="W")
    x = ag.Tensor([[0.2], [0.4]], name="x")
    return ag.sum((weight @ x) ** 2)


def long_names():
    rate = ag.Tensor(1.2e-7, name="learning_rate_of_the_first_layer")
    korean = ag.Tensor(-123456.789, name="가중치")
    return ag.maximum(rate * korean, rate)


each_picture = pytest.mark.parametrize("make", [sigmoid_neuron, fork, matrix, long_names])
each_suffix = pytest.mark.parametrize("suffix", ["svg", "html"])


def overlap(first, second, slack=2.0):
    """Whether two boxes share more than a rim of `slack` pixels: the white beside every letter, and
    the whole pixels to which a browser widens the box of a slanted one."""
    left, top = max(first[0], second[0]), max(first[1], second[1])
    right, bottom = min(first[2], second[2]), min(first[3], second[3])
    return right - left > slack and bottom - top > slack


@each_suffix
@each_picture
def test_labels_stand_apart_and_inside(make, suffix, tmp_path, viewer):
    file = tmp_path / f"picture.{suffix}"
    viz.draw(make()).save(file)
    viewer.open(file)
    found = viewer.labels()
    assert len(found) > 5
    assert not [
        f"{one.text!r} on {other.text!r}"
        for one, other in combinations(found, 2)
        if overlap(one.screen, other.screen)
    ]
    for label in found:
        left, top, right, bottom = label.view
        assert left <= label.drawn[0] and label.drawn[2] <= right, label
        assert top <= label.drawn[1] and label.drawn[3] <= bottom, label


@each_suffix
@each_picture
def test_symbols_stand_in_the_middle_of_their_gates(make, suffix, tmp_path, viewer):
    """Also where the browser's font is not the one that the layout measured."""
    file = tmp_path / f"picture.{suffix}"
    viz.draw(make()).save(file)
    viewer.open(file)
    found = viewer.labels()
    for left, top, right, bottom in viewer.circles():
        inside = [
            label
            for label in found
            if left < (label.screen[0] + label.screen[2]) / 2 < right
            and top < (label.screen[1] + label.screen[3]) / 2 < bottom
        ]
        assert inside, f"no symbol in the circle at {left:.0f}, {top:.0f}"
        begin = min(label.screen[0] for label in inside)
        end = max(label.screen[2] for label in inside)
        assert left < begin < end < right
        assert abs((begin + end) - (left + right)) / 2 < 3, [label.text for label in inside]


@each_suffix
def test_names_values_and_gradients_are_shown(suffix, tmp_path, viewer):
    file = tmp_path / f"neuron.{suffix}"
    viz.draw(sigmoid_neuron()).save(file)
    viewer.open(file)
    shown = [label.text for label in viewer.labels()]
    text = "".join(shown)
    for name in ("w0", "x0", "w1", "x1", "w2"):
        assert name in text or name in text.replace(" ", "")
    for number in ("0.7311", "−0.5344", "0.1966", "−0.3932", "−0.5898"):
        assert number in shown


@each_suffix
def test_names_are_text_whatever_they_hold(suffix, tmp_path, viewer):
    file = tmp_path / f"hostile.{suffix}"
    viz.draw(sigmoid_neuron((HOSTILE, "x<b>0", "a&amp;b", '"q"', "]]>"))).save(file)
    viewer.open(file)
    page = viewer.page
    assert page.evaluate("window.hacked") is None
    assert page.locator("[onerror]").count() == 0
    text = " ".join(label.text for label in viewer.labels())
    for name in ("onerror", "x<b>0", "a&amp;b", '"q"', "]]>"):
        assert name in text


@each_suffix
@pytest.mark.parametrize(("theme", "is_dark"), [("light", False), ("dark", True)])
def test_theme_paints_its_background(theme, is_dark, suffix, tmp_path, viewer):
    """A transparent picture would put one theme's text on the other's page."""
    file = tmp_path / f"picture.{suffix}"
    viz.draw(fork(), theme=theme).save(file)
    viewer.open(file)
    box = viewer.page.locator("svg").first.bounding_box()
    corner = viewer.colour(int(box["x"]) + 2, int(box["y"]) + 2)
    assert max(corner) < 64 if is_dark else min(corner) > 230


def test_svg_shows_inside_an_image(viewer):
    """As notebooks show it: no script, no style from the page, size from the file itself."""
    data = base64.b64encode(viz.draw(fork()).svg.encode()).decode()
    viewer.page.set_content(f'<img alt="fork" src="data:image/svg+xml;base64,{data}">')
    image = viewer.page.locator("img")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert image.bounding_box()["height"] > 50


def shown(picture) -> str:
    return picture._repr_mimebundle_(include=["image/svg+xml"])["image/svg+xml"]


def test_a_picture_is_dark_where_its_host_says_so(tmp_path, viewer):
    """As an image, which knows no style sheet of its page; so is what stands in for a stepper."""
    picture = viz.draw(examples.build("chain-rule"))
    stepper = viz.step(examples.build("chain-rule"))._repr_mimebundle_(include=["text/html"])
    sources = re.findall(r'<img[^>]* src="([^"]*)"', stepper["text/html"])
    svg = picture._repr_mimebundle_(include=["image/svg+xml"])["image/svg+xml"]
    for one in (svg, shown(viz.plot_function("tanh").figure)):
        sources.append(f"data:image/svg+xml;base64,{base64.b64encode(one.encode()).decode()}")
    assert len(sources) == 3
    for scheme, ground in (("light", (255, 255, 255)), ("dark", (17, 17, 17))):
        images = "".join(f'<p><img src="{source}"></p>' for source in sources)
        file = tmp_path / "host.html"
        file.write_text(f"<!DOCTYPE html><body style='color-scheme:{scheme}'>{images}", "utf-8")
        viewer.open(file)
        for i in range(3):
            box = viewer.page.locator("img").nth(i).bounding_box()
            assert viewer.colour(int(box["x"]) + 3, int(box["y"]) + 3) == ground, (scheme, i)


def test_a_picture_that_is_taken_into_a_page_follows_the_page(tmp_path, page):
    """As VS Code does, whose theme is not always the system's."""
    file = tmp_path / "page.html"
    svgs = [shown(viz.draw(fork())), shown(viz.plot_function("tanh").figure)]
    file.write_text("<!DOCTYPE html><body>" + "".join(svgs), "utf-8")
    page.goto(file.as_uri())
    for system, kind, ground in [
        ("light", "", "rgb(255, 255, 255)"),
        ("light", "vscode-dark", "rgb(17, 17, 17)"),
        ("light", "vscode-high-contrast", "rgb(17, 17, 17)"),
        ("dark", "", "rgb(17, 17, 17)"),
        ("dark", "vscode-light", "rgb(255, 255, 255)"),
        ("dark", "vscode-high-contrast-light", "rgb(255, 255, 255)"),
    ]:
        page.emulate_media(color_scheme=system)
        page.evaluate("kind => document.body.dataset.vscodeThemeKind = kind", kind)
        for first in ("svg:nth-of-type(1) > polygon", "svg:nth-of-type(2) path"):
            fill = page.locator(first).first.evaluate("shape => getComputedStyle(shape).fill")
            assert fill == ground
