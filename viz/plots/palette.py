"""Colours of series and of classes, and ramps between colours; all by theme.

Neighbours in a palette differ in lightness too, and every plot has a second cue beside hue:
markers, dashes, or labels that stand at their lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from viz.themes import Theme, mix

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p")
_ON_LIGHT = (
    "#0f5fa8", "#c2410c", "#006d4e", "#7a3db8", "#8f6a00",
    "#b3186d", "#0b7285", "#5d6b1a", "#7f4f24", "#475569",
)  # fmt: skip
_ON_DARK = (
    "#58a6ff", "#f08a4b", "#34d399", "#c4a1ff", "#e3c341",
    "#ff8fc0", "#4dd0e1", "#b5d16a", "#d6a77a", "#aab4be",
)  # fmt: skip


def is_dark(theme: Theme) -> bool:
    """Whether text of this theme is lighter than its ground."""
    return int(theme.ground[1:3], 16) < 128


def series(theme: Theme, count: int) -> list[str]:
    """`count` colours that tell series or classes apart; they repeat after ten."""
    colours = _ON_DARK if is_dark(theme) else _ON_LIGHT
    return [colours[i % len(colours)] for i in range(count)]


def ramp(theme: Theme, count: int) -> list[str]:
    """`count` colours in an order, from far from the ground's lightness to near it.

    >>> from viz.themes import LIGHT
    >>> ramp(LIGHT, 3)
    ['#0f5fa8', '#6a7472', '#c68a3c']
    """
    first, last = (series(theme, 1)[0], "#e0b15a" if is_dark(theme) else "#c68a3c")
    shares = np.linspace(0, 1, count) if count > 1 else [0.0]
    return [mix(first, last, float(share)) for share in shares]


def diverging(theme: Theme) -> Any:
    """A colour map from the negative colour over the ground to the positive one."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = [theme.negative, theme.ground, theme.positive]
    return LinearSegmentedColormap.from_list("gategrad-diverging", colours)


def legible(tint: Any, theme: Theme) -> str:
    """Ink or the ground's colour, whichever stands out more from the tint."""
    from matplotlib.colors import to_rgb

    def light(colour: Any) -> float:
        """Relative luminance, as WCAG 2 defines it."""
        rgb = np.asarray(colour)
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722)) + 0.05

    here = light(tint)

    def contrast(colour: str) -> float:
        other = light(to_rgb(colour))
        return max(here, other) / min(here, other)

    return max((theme.ink, theme.ground), key=contrast)
