"""Colours of series and of classes, and ramps between colours; all by theme.

Neighbours in a palette differ in lightness too, and every plot has a second cue beside hue:
markers, dashes, or labels that stand at their lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from viz.themes import Theme, mix

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")
SERIES = {
    "#0f5fa8": "#58a6ff", "#c2410c": "#f08a4b", "#006d4e": "#34d399", "#7a3db8": "#c4a1ff",
    "#8f6a00": "#e3c341", "#b3186d": "#ff8fc0", "#0b7285": "#4dd0e1", "#5d6b1a": "#b5d16a",
    "#7f4f24": "#d6a77a", "#475569": "#aab4be",
}  # fmt: skip
"""Each colour on a light ground, and the same on a dark one."""
RAMP = {"#0f5fa8": "#58a6ff", "#c68a3c": "#e0b15a"}
"""The ends of a ramp, likewise."""
UNDER_TEXT = 0.5
"""As much of a colour on the ground leaves its ink a contrast of 4.5, in the light and the dark."""


def is_dark(theme: Theme) -> bool:
    """Whether text of this theme is lighter than its ground."""
    return int(theme.ground[1:3], 16) < 128


def _of(pairs: Mapping[str, str], theme: Theme) -> list[str]:
    """The colours of a table that are those of a theme."""
    return list(pairs.values() if is_dark(theme) else pairs)


def series(theme: Theme, count: int) -> list[str]:
    """`count` colours that tell series or classes apart; they repeat after ten."""
    colours = _of(SERIES, theme)
    return [colours[i % len(colours)] for i in range(count)]


def marker(place: int) -> str:
    """The mark of a series or class; with its colour none is like another before the hundredth.

    >>> marker(0), marker(10)
    ('o', 's')
    """
    count = len(_MARKERS)
    return _MARKERS[(place + place // count) % count]


def ramp(theme: Theme, count: int) -> list[str]:
    """`count` colours in an order, from far from the ground's lightness to near it.

    >>> from viz.themes import LIGHT
    >>> ramp(LIGHT, 3)
    ['#0f5fa8', '#6a7472', '#c68a3c']
    """
    first, last = _of(RAMP, theme)
    shares = np.linspace(0, 1, count) if count > 1 else [0.0]
    return [mix(first, last, float(share)) for share in shares]


def diverging(theme: Theme) -> Any:
    """A colour map from the negative colour over the ground to the positive one."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = [theme.negative, theme.ground, theme.positive]
    return LinearSegmentedColormap.from_list("gategrad-diverging", colours)
