"""Pictures that turn dark with their host: every colour has a twin, and texts stay legible."""

from __future__ import annotations

import re

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor
from viz import examples
from viz.dark import TWINS
from viz.labels import SHADES, blend
from viz.themes import COLORBLIND, DARK, LIGHT, mix

PICTURES = {
    "fork": lambda theme: viz.draw(examples.build("fork"), theme=theme),
    "arrays": lambda theme: viz.draw(
        ag.sum(Tensor(np.arange(-200.0, 200.0).reshape(20, 20), name="W") ** 2), theme=theme
    ),
    "network": lambda theme: viz.draw_network(nn.MLP(3, [4], 2, rng=0), theme=theme),
}


def twin(hue: str) -> str:
    return TWINS.of([hue])[hue]


def shown(picture) -> str:
    return picture._repr_mimebundle_(include=["image/svg+xml"])["image/svg+xml"]


def luminance(hue: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = np.array([int(hue[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("theme", [LIGHT, COLORBLIND])
def test_each_role_is_that_of_the_dark_theme(theme):
    for role, hue in vars(theme).items():
        assert twin(hue) == getattr(DARK, "gate" if role == "ground" else role)


def test_a_shade_of_a_heat_map_is_the_same_shade_in_the_dark():
    def far(one: str, other: str) -> int:
        return max(abs(int(one[i : i + 2], 16) - int(other[i : i + 2], 16)) for i in (1, 3, 5))

    for up in range(SHADES + 1):
        for down in range(SHADES + 1 - up):
            if up + down:
                assert far(twin(blend(LIGHT, up, down)), blend(DARK, up, down)) <= 12
    for share in (0.1, 0.5, 0.9):
        for role in ("positive", "negative", "warning"):
            hue = mix(LIGHT.ground, getattr(LIGHT, role), share)
            assert far(twin(hue), mix(DARK.ground, getattr(DARK, role), share)) <= 12


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES)
def test_texts_stay_legible_and_the_ground_is_dark(make):
    svg = shown(make("light"))
    rules = dict(re.findall(r'\[fill="(#\w+)"\]\{fill:(#\w+)\}', svg))
    texts = set(re.findall(r'<text[^>]* fill="(#\w+)"', svg))
    assert texts and f">polygon:first-of-type{{fill:{DARK.ground}}}" in svg
    for hue in texts:
        assert (luminance(rules[hue]) + 0.05) / (luminance(DARK.ground) + 0.05) >= 4.5
    first = re.search(r"<(?:polygon|path|ellipse)[^>]*>", svg)[0]
    assert first.startswith("<polygon") and LIGHT.ground in first  # The ground is under all.


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES)
def test_a_dark_picture_and_a_saved_one_stay_as_they_are(make):
    assert "prefers-color-scheme" not in shown(make("dark"))
    assert "prefers-color-scheme" not in make("light").svg
