"""Networks that are too long for their page go on in rows."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

import numpy as np
import pytest

import nn
import viz

SVG = "{http://www.w3.org/2000/svg}"


class Residual(nn.Module):
    def __init__(self, inner):
        self.inner = inner

    def forward(self, x):
        return x + self.inner(x)


def convolutions():
    blocks = [
        Residual(nn.Sequential(*[nn.Conv2d(4, 4, 3, padding=1, rng=i) for _ in range(2)]))
        for i in range(2)
    ]
    last = nn.Linear(256, 3, rng=0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, rng=0), *blocks, nn.Flatten(), last)


def drawn(kind, **options):
    if kind == "units":
        return viz.draw_network(nn.MLP(3, [5] * 11, 2, rng=0), **options)
    if kind == "maps":
        return viz.draw_network(convolutions(), np.ones((1, 8, 8)), **options)
    recurrent = nn.Sequential(nn.RNN(3, 8, rng=0), nn.LastStep())
    return viz.draw_network(recurrent, np.zeros((12, 3)), most=14, **options)


def parts(picture):
    """The ids of its marks, with how many shapes each has."""
    found = ElementTree.fromstring(picture.svg).iter(f"{SVG}g")
    return Counter(group.get("id") for group in found if group.get("id"))


def scale(picture):
    width, box = re.search(r'width="([\d.]+)pt".*?viewBox="0 0 (\S+)', picture.svg).groups()
    return float(width), float(width) / float(box)


@pytest.mark.parametrize("kind", ["units", "maps", "steps"])
def test_a_network_in_rows_is_as_wide_as_asked_its_letters_large_enough_and_nothing_is_lost(kind):
    whole, rows = drawn(kind), drawn(kind, width="page")
    assert set(parts(rows)) == set(parts(whole))
    width, by = scale(rows)
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', rows.svg)]
    assert width <= 451.01 and min(sizes) * by >= 6.99
    assert "stroke-dasharray" in rows.svg  # What stands once more.
    high = [float(re.search(r'height="([\d.]+)pt"', p.svg)[1]) for p in (whole, rows)]
    assert high[1] > high[0] * by


def test_a_network_that_fits_is_drawn_smaller_and_not_in_rows():
    whole = viz.draw_network(nn.MLP(2, [3], 1, rng=0))
    width, _ = scale(whole)
    picture = viz.draw_network(nn.MLP(2, [3], 1, rng=0), width=0.8 * width)
    assert scale(picture) == (pytest.approx(0.8 * width), pytest.approx(0.8))
    assert picture.svg.count("<ellipse") == whole.svg.count("<ellipse")


def test_what_goes_past_the_end_of_a_row_has_a_letter_there_and_at_the_beginning_of_the_next():
    texts = [
        t.text for t in ElementTree.fromstring(drawn("maps", width=420).svg).iter(f"{SVG}text")
    ]
    letters = Counter(text for text in texts if text in ("A", "B", "C", "D"))
    assert letters["A"] == letters["B"] == 2 and set(letters) == {"A", "B"}


def test_from_top_to_bottom_rows_stand_beside_each_other():
    model = nn.MLP(2, [2] * 12, 1, rng=0)
    whole = viz.draw_network(model, direction="TB")
    columns = viz.draw_network(model, direction="TB", width=600)
    assert set(parts(columns)) == set(parts(whole))
    assert scale(columns)[0] > scale(whole)[0] * scale(columns)[1]


def test_a_width_that_is_none_is_refused():
    with pytest.raises(viz.VizError, match="width is a number of points"):
        viz.draw_network(nn.MLP(2, [3], 1, rng=0), width="wall")
