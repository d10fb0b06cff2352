"""A plot in a dark notebook has the colours of the dark theme, the user's own stay legible."""

from __future__ import annotations

import pickle
import re
from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image
from test_dark import luminance
from test_plots import HISTORY, every_plot

import viz
from viz.dark import rgb_of
from viz.plots.shown import _shorter, svg_of
from viz.themes import DARK

SVG = "image/svg+xml"


def bundle(ax, **asked):
    return ax.figure._repr_mimebundle_(**asked)


def at_night(svg: str) -> list[np.ndarray]:
    """All fills and strokes in their order, as the style sheet for the dark paints them."""
    rules = dict(re.findall(r'\[(?:fill|stroke)="(#\w+)"\]\{\w+:(#\w+)\}', svg))
    drawn = re.sub(r'<style>.*?</style>|<g fill="#000000"', "", svg)
    return [rgb_of(rules.get(hue, hue)) for hue in re.findall(r'(?:fill|stroke)="(#\w+)"', drawn)]


def images(svg: str, mark: str) -> list[np.ndarray]:
    tags = [tag for tag in re.findall("<image[^>]*>", svg) if mark in tag]
    data = [re.search('base64,([^"]*)', tag)[1] for tag in tags]
    return [np.array(Image.open(BytesIO(b64decode(one))).convert("RGBA")) for one in data]


@every_plot
@pytest.mark.slow
def test_its_colours_in_the_dark_are_those_of_the_dark_theme(plot):
    light, dark = (svg_of(plot(theme=theme).figure) for theme in ("light", "dark"))
    for one, other in zip(at_night(light), at_night(dark), strict=True):
        assert np.abs(one - other).max() <= 20
    pairs = zip(images(light, 'class="gategrad-night"'), images(dark, "<image"), strict=True)
    for one, other in pairs:
        seen = one[..., 3] > 0
        assert np.quantile(np.abs(one[seen].astype(float) - other[seen]), 0.99) <= 12


def test_what_a_user_adds_stays_legible():
    ax = viz.plot_history(HISTORY)
    hues = ["#000000", "#000080", "#ff0000", "#123456", "#808080", "#2ca02c"]
    for i, hue in enumerate(hues):
        ax.text(1, i / 10, f"note {i}", color=hue)
    svg = bundle(ax)[SVG]
    ground = luminance(DARK.ground)
    for hue in hues:
        (dark,) = set(re.findall(rf'\[fill="{hue}"\]\{{fill:(#\w+)\}}', svg))
        assert (luminance(dark) + 0.05) / (ground + 0.05) >= 3


def test_an_image_of_other_colours_keeps_them():
    ax = viz.plot_history(HISTORY)
    ax.imshow(np.arange(9.0).reshape(3, 3), cmap="viridis", extent=(1, 2, 1, 2))
    svg = bundle(ax)[SVG]
    assert "<image" in svg and "gategrad-night" not in svg


def test_it_is_small_and_self_contained():
    svg = bundle(viz.plot_history(HISTORY))[SVG]
    assert len(svg) < 100_000
    assert not re.search(r"\bstyle=|<script|xlink|metadata|(?<!xmlns=\")https?:", svg)
    assert bundle(viz.plot_history(HISTORY)) == bundle(viz.plot_history(HISTORY))
    # What is drawn by reference has the colours of its place: rules do not reach it.
    marks = re.findall(r"<path[^>]*>", "".join(re.findall(r"<defs>.*?</defs>", svg)))
    assert marks and not any("fill=" in mark or "stroke=" in mark for mark in marks)
    ids = re.findall(r' id="([^"]+)"', svg)
    assert all(f"#{name}" in svg for name in ids) and len(set(ids)) == len(ids)


def test_a_dark_plot_is_left_to_matplotlib_and_so_is_one_that_is_too_large(monkeypatch):
    assert bundle(viz.plot_history(HISTORY, theme="dark")) == {}
    monkeypatch.setattr("viz.plots.shown.LARGEST", 1000)
    assert bundle(viz.plot_history(HISTORY)) == {}


def test_media_types_are_those_that_are_asked_for():
    ax = viz.plot_function("tanh")
    for kind in (SVG, "application/pdf"):
        assert list(bundle(ax, include=[kind])) == [kind]
        assert kind not in bundle(ax, exclude=[kind])
    # Without the PDF, nbconvert asks for Inkscape where it makes LaTeX.
    assert bundle(ax)["application/pdf"].startswith(b"%PDF")


def test_it_is_a_figure_that_can_be_kept():
    figure = viz.plot_function("tanh").figure
    assert isinstance(figure, Figure)
    again = pickle.loads(pickle.dumps(figure))
    assert bundle(again.axes[0])[SVG].startswith("<svg")


def walked(d: str) -> list[np.ndarray]:
    """The corners of a path of lines, absolute or by steps."""
    corners = []
    for part in re.findall("[Mz][^Mz]*", d):
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", part)]
        points = np.array(numbers).reshape(-1, 2)
        corners += list(np.cumsum(points, axis=0) if "l" in part else points)
    return corners


@given(st.lists(st.lists(st.tuples(*[st.floats(-500, 500)] * 2), min_size=2), min_size=1))
def test_a_path_in_fewer_letters_is_where_it_was(pieces):
    drawn = [" L ".join(f"{x:.6f} {y:.6f}" for x, y in piece) for piece in pieces]
    for end in ("", " z"):
        long = "".join(f"M {piece}{end} " for piece in drawn)
        short = _shorter(long)
        assert len(short) < len(long) and short.count("z") == long.count("z")
        np.testing.assert_allclose(walked(short), walked(long), atol=0.0501)
