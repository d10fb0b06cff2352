"""What labels have in common, whoever draws them: sizes, signs, widths, the shades of heat maps."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import combining

from .themes import Theme, mix

SMALL = 10
HOLLOW = "○"  # Stands where a gradient is not computed, or not yet.
BLANK = "_______"  # Or is to be written by hand.
ENTRY = "____"  # The same for an entry of a matrix.
TILE = 6  # Side of a heat map's tile.
SHADES = 16  # Of each of a heat map's two colours.
TINY = 7  # Size of the numbers at a heat map's scale.
CIRCLE = 36.0  # A gate's diameter, in points.

# Widths of Helvetica in thousandths of the size; the rest is taken as wide as a digit.
_WIDTHS = {
    **dict.fromkeys(".,:;|!ijl' ", 278),
    **dict.fromkeys("()[]-frt⁻⁰¹²³⁴⁵⁶⁷⁸⁹", 333),
    **dict.fromkeys("−+×÷≈=<>", 584),
    **dict.fromkeys("mMW@%", 880),
    **dict.fromkeys("ABCDEFGHIJKLNOPQRSTUVXYZw&○∞", 700),
    **dict.fromkeys("⚠…", 1000),
    **dict.fromkeys("0123456789", 556),
}


def width(text: str, size: float = 13) -> float:
    """About how wide `text` is set, in points; never much less than it is."""
    return sum([_WIDTHS.get(c) or _width_of(c) for c in text]) * size / 960


def _width_of(letter: str) -> int:
    if combining(letter):
        return 0
    return 556 if letter < "\u1100" else 1000


def chip(shape: tuple[int, ...]) -> str:
    """A tensor's shape, as its chip reads: 5×10."""
    return "×".join(map(str, shape))


@lru_cache(maxsize=1024)
def symbol_size(symbol: str) -> int | None:
    """The point size at which a symbol fits its circle, if one does."""
    room = CIRCLE - 6
    for size in (17, 13, 11, 10):
        if width(symbol, size) <= room * (0.6 if size == 17 else 1):
            return size
    return None


def shade(theme: Theme, up: float, down: float) -> str:
    """The colour of a tile that has these shares of the two colours of numbers."""
    if up != up:
        return theme.warning
    both = round((up + down) * SHADES)
    positive = round(both * up / (up + down)) if both else 0
    return blend(theme, positive, both - positive)


def blend(theme: Theme, positive: int, negative: int) -> str:
    """The ground with so many of `SHADES` parts of the two colours of numbers.

    >>> from .themes import LIGHT
    >>> blend(LIGHT, 0, 0), blend(LIGHT, SHADES, 0) == LIGHT.positive
    ('#ffffff', True)
    """
    both = positive + negative
    if not both:
        return theme.ground
    hue = mix(theme.positive, theme.negative, negative / both)
    return mix(theme.ground, hue, min(both / SHADES, 1.0))
