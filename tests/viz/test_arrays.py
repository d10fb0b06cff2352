"""Arrays in pictures: numbers in brackets, slices, heat maps and their scales, blanks."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import viz
from autograd import Tensor
from tests.viz.pdf_reading import contents
from viz.arrays import heat_maps
from viz.dot.tables import Quantity
from viz.figure import Shown
from viz.labels import BLANK, ENTRY, SHADES
from viz.picture import GraphPicture
from viz.stepping.page_svg import inline
from viz.themes import LIGHT, mix

SVG = "{http://www.w3.org/2000/svg}"


def numbers_in(picture):
    """The numbers that stand in a picture."""
    texts = [text.text for text in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]
    return [float(t.replace("−", "-")) for t in texts if re.fullmatch(r"−?\d+(\.\d+)?", t)]


def drawn(values, **options):
    return viz.draw(Tensor(values, name="A").sum(), backward=False, **options)


@pytest.mark.parametrize("layout", ["dot", "gategrad"])
@pytest.mark.parametrize("shape", [(4, 4), (10,), (2, 8), (2, 2, 4), (1,), (1, 1, 3)])
def test_arrays_that_fit_are_written_out(shape, layout):
    values = np.arange(np.prod(shape)).reshape(shape) + 0.5
    assert sorted(set(values.ravel()) - set(numbers_in(drawn(values, layout=layout)))) == []


@pytest.mark.parametrize(("numbers", "is_written"), [("auto", False), ("all", True), (24, False),
                                                     (25, True), (0, False)])  # fmt: skip
def test_numbers_says_which_arrays_are_written_out(numbers, is_written):
    values = np.arange(25.0).reshape(5, 5) + 0.25
    picture, stepper = (
        drawn(values, numbers=numbers),
        viz.step(Tensor(values).sum(), numbers=numbers),
    )
    said = str(viz.table(Tensor(values).sum(), numbers=numbers))
    for told in (numbers_in(picture), numbers_in(stepper[-1])):
        assert set(values.ravel()).issubset(told) is is_written
    assert ("17.25" in said) is is_written
    assert ("17.25" in str(stepper.story.text(values))) is is_written


@pytest.mark.parametrize("numbers", ["some", -1, 2.5, True, None])
def test_numbers_that_cannot_be_are_refused(numbers, tmp_path):
    f = Tensor(2.0) * 3
    for show in (viz.draw, viz.step, viz.table):
        with pytest.raises(viz.VizError, match="numbers is"):
            show(f, numbers=numbers)
    with pytest.raises(viz.VizError, match="numbers is"):
        viz.worksheet(f, tmp_path / "f.pdf", numbers=numbers)


def test_of_many_numbers_each_says_if_it_is_rounded():
    values = np.full((5, 5), 2.0)
    values[1, 3] = 1.99999
    assert str(viz.table(Tensor(values).sum(), numbers="all")).count("≈2") == 1


def test_slices_stand_apart():
    values = np.arange(8.0).reshape(2, 2, 2)
    assert "[4  5]\n" in "\n".join(
        line.strip() for line in viz.table(Tensor(values).sum()).split("\n")
    )
    brackets = drawn(values).dot.count('SIDES="LTB"')
    assert brackets == 2


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_a_heat_map_keeps_the_means_of_both_signs(rows, columns, seed):
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    found = heat_maps(values)
    (tiles,) = found.maps
    if rows <= 10 and columns <= 10:
        np.testing.assert_allclose((tiles.positive - tiles.negative) * found.most, values)
        assert found.most == pytest.approx(np.abs(values).max())
    assert np.max(tiles.positive + tiles.negative) == pytest.approx(1)
    assert (tiles.negative > 0).any() == found.has_negative == (values < 0).any()


def test_a_checkerboard_is_not_white():
    board = np.indices((40, 40)).sum(axis=0) % 2 * 2.0 - 1
    label = Quantity(board, "#000000", LIGHT).label
    both = mix(LIGHT.positive, LIGHT.negative, 0.5)
    assert label.count(f'BGCOLOR="{both}"') == 100


def test_what_is_not_finite_warns_and_leaves_the_rest_as_it_is():
    values = np.ones((4, 8))
    values[0, 0], values[1, 1] = np.nan, -np.inf
    label = Quantity(values, "#000000", LIGHT).label
    assert label.count(f'BGCOLOR="{LIGHT.warning}"') == 2
    assert heat_maps(values).most == 1 and "−1" not in label


@pytest.mark.parametrize("layout", ["dot", "gategrad"])
def test_a_scale_stands_beside_a_heat_map(layout):
    values = np.linspace(-2.5, 1.0, 30).reshape(5, 6)
    assert {2.5, -2.5} <= set(numbers_in(drawn(values, layout=layout)))
    assert {3.0, 0.0} <= set(numbers_in(drawn(np.full((5, 6), 3.0), layout=layout)))


def test_slices_beyond_the_first_are_counted():
    assert len(heat_maps(np.ones((4, 5, 5))).maps) == 4
    found = heat_maps(np.ones((7, 2, 5, 5)))
    assert len(found.maps), found.more == (3, 11)


def test_the_page_mixes_the_same_colours():
    """A tile is painted twice, with shares that give what one mixture would."""
    board = np.array([[4.0, -2.0] * 10] * 20)  # In blocks of two columns: 2 up, 1 down.
    board[:, :2] = 6.0
    figure = viz.step(Tensor(board, name="A").sum()).story.figure
    shapes, *_ = inline(figure, None)
    tiles = re.findall(
        r'f-positive" opacity="([\d.]+)" points="([^"]+)"/>'
        r'<polygon class="f-negative" opacity="([\d.]+)" points="\2"',
        shapes,
    )
    assert len(tiles) == 90
    up, _, down = tiles[0]
    assert float(up) * (1 - float(down)) == pytest.approx(2 / 6, abs=1 / SHADES)
    assert float(down) == pytest.approx(1 / 6, abs=1 / SHADES)


# ---- worksheets and sheets


def test_a_matrix_has_as_many_blanks_as_entries(tmp_path):
    x, w = Tensor(np.ones((2, 3)), name="x"), Tensor(np.ones((3, 4)) / 4, name="W")
    f = (x @ w).sum()
    story = viz.step(f).story
    forward = next(m for m in reversed(story.moments) if m.phase == "forward")
    drawn = GraphPicture(story.figure_at(forward, Shown.BLANK)).svg
    entries = drawn.count(f">{ENTRY}<")
    assert (entries, drawn.count(f">{BLANK}<")) == (2 * 3 + 3 * 4 + 2 * 4, 1)
    page = viz.worksheet(f, tmp_path / "f.svg", key=False).read_text("utf-8")
    gradients = 2 * 4 + 2 * 3 + 3 * 4
    assert page.count(f">{ENTRY}<") == entries + gradients


def test_no_step_of_a_sheet_is_smaller_than_the_others(tmp_path):
    w = Tensor([[0.5, -0.25]], name="W")
    x = Tensor([[1.0 / 3], [2.0 / 7]], name="x")
    path = viz.step(((w @ x) ** 2).sum()).save(tmp_path / "f.pdf")
    pages = "\n".join(contents(path.read_bytes()))
    placed = re.findall(r"^q ([\d.]+) 0 0 -([\d.]+) ", pages, re.MULTILINE)
    assert len(placed) == 7 and len(set(placed)) == 1
