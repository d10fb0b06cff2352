"""The HTML-like labels of Graphviz: typeset names, numbers, matrices, heat maps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd.extend import MOST_WRITTEN, is_as_printed, number

from .figure import Gradient, Shown
from .fontconfig import FAMILY
from .names import label_text, parts, shortened
from .themes import Theme, mix

SMALL = 10
LINE = 16  # Height of a line of numbers, in points.
MATRIX_LINE = 15.25
HOLLOW = "○"  # Stands where a gradient is not computed, or not yet.
BLANK = "_______"  # Or is to be written by hand.
TILE = 6  # Side of a heat map's tile.
STRIP = 18  # Height of one with few rows, whose tiles are taller: that of a shape's chip.
SHADES = 16  # Of each of a heat map's two colours.
MOST_TILES = 10  # Of a heat map, along a side; larger tensors are averaged down to it.

# Widths of Helvetica in thousandths of the size; the rest is taken as wide as a digit.
_WIDTHS = {
    **dict.fromkeys(".,:;|!ijl' ", 278),
    **dict.fromkeys("()[]-frt⁻⁰¹²³⁴⁵⁶⁷⁸⁹", 333),
    **dict.fromkeys("−+×÷≈=<>", 584),
    **dict.fromkeys("mMW@%", 880),
    **dict.fromkeys("ABCDEFGHIJKLNOPQRSTUVXYZw&○∞", 700),
    **dict.fromkeys("⚠…", 1000),
}


def width(text: str, size: float = 13) -> float:
    """About how wide `text` is set, in points; never much less than it is."""
    return sum(_WIDTHS.get(c, 556 if c < "\u1100" else 1000) for c in text) * size / 960


def font(text: str, *, color: str, size: float | None = None) -> str:
    """A run of text, already escaped."""
    points = f' POINT-SIZE="{size}"' if size else ""
    return f'<FONT COLOR="{color}"{points}>{text}</FONT>'


def name_label(name: str) -> str:
    """A name in italics (Latin and Greek, as is the custom), its index a subscript.

    >>> name_label("w0")
    '<I>w</I><SUB>0</SUB>'
    """
    letters, index = parts(shortened(name))
    text = label_text(letters)
    if all(letter < "\u0400" for letter in letters):
        text = f"<I>{text}</I>"
    return f"{text}<SUB>{label_text(index)}</SUB>" if index else text


def name_width(name: str) -> float:
    """How wide `name_label` is set."""
    letters, index = parts(shortened(name))
    return width(letters) + width(index, 10)


def html_table(rows: str, **attributes: Any) -> str:
    """A borderless table; `attributes` override."""
    settings = {"BORDER": 0, "CELLBORDER": 0, "CELLSPACING": 0, "CELLPADDING": 0, **attributes}
    return f"<TABLE{_written(settings)}>{rows}</TABLE>"


def side_by_side(*blocks: tuple[str, float], room: float, right: bool = False) -> str:
    """Tables with their widths, at the left of `room`: without a filler they would stretch."""
    cells = [cell(label, WIDTH=round(wide), VALIGN="BOTTOM") for label, wide in blocks]
    filler = cell("", WIDTH=max(round(room - sum(wide for _, wide in blocks)), 0))
    return html_table(row(filler, *cells) if right else row(*cells, filler))


def caption(title: str, notes: Iterable[str], theme: Theme) -> str:
    """The attributes of a graph with a title over it, or notes under it, or both over it."""
    lines = [font(label_text(note), color=theme.quiet, size=11) for note in notes]
    rows = [row(cell(line, ALIGN="LEFT", CELLPADDING=3)) for line in lines]
    if title:
        words = font(label_text(shortened(title, 120)), color=theme.ink, size=15)
        rows.insert(0, row(cell(words, ALIGN="LEFT", CELLPADDING=4)))
    label = f'fontname="{FAMILY}" labelloc={"t" if title else "b"} labeljust=l'
    return f" {label} label=<{html_table(''.join(rows))}>" if rows else ""


def cell(content: str, **attributes: Any) -> str:
    return f"<TD{_written(attributes)}>{content}</TD>"


def row(*cells: str) -> str:
    return f"<TR>{''.join(cells)}</TR>"


def _written(attributes: dict[str, Any]) -> str:
    return "".join(f' {key}="{value}"' for key, value in attributes.items())


def chip(shape: tuple[int, ...]) -> str:
    """A tensor's shape, as its chip reads: 5×10."""
    return "×".join(map(str, shape))


def shown(value: Any, digits: int | None) -> str:
    """A number as it is written; a sign before it warns where it is none, or not quite that.

    >>> shown(0.25, None), shown(0.9999546, None), shown(float("nan"), None)
    ('0.25', '≈1', '⚠ NaN')
    """
    text = number(value, digits)
    if not np.isfinite(value):
        return f"⚠ {text}"
    return text if is_as_printed(value, digits) else f"≈{text}"


class Quantity:
    """A value or a gradient as a label shows it, and how much room that takes."""

    def __init__(self, content: Any, color: str, theme: Theme, digits: int | None = None):
        self.color, self.theme, self.digits = color, theme, digits
        self.extra, self.is_block = "", False
        self.height: float
        self.width: float
        if isinstance(content, Gradient):
            self.label, self.height, self.width = self._absent(content), LINE, 40
        elif np.ndim(content) == 0:
            self.label, self.height, self.width = self._scalar(content)
        elif 0 < np.size(content) <= MOST_WRITTEN and np.ndim(content) <= 2:
            self.label, self.height, self.width = self._matrix(np.asarray(content))
        else:
            self.label, self.height, self.width = self._heat_map(np.asarray(content))

    def hold_back(self, shown: Shown) -> None:
        """Leave the room that it takes, and show a mark in it or nothing."""
        if shown is not Shown.FULLY:
            mark = {Shown.HOLLOW: HOLLOW, Shown.BLANK: BLANK}.get(shown)
            self.label = font(mark, color=self.theme.quiet) if mark else ""
            self.extra = "&#160;" if self.extra else ""
            self.is_block = False

    def _absent(self, why: Gradient) -> str:
        if why is Gradient.NOT_COMPUTED:
            return font(HOLLOW, color=self.theme.quiet)
        return font(why.value, color=self.theme.quiet, size=SMALL)

    def _number(self, value: Any, size: float | None = None) -> str:
        color = self.color if np.isfinite(value) else self.theme.warning
        return font(shown(value, self.digits), color=color, size=size)

    def _scalar(self, value: Any) -> tuple[str, float, float]:
        return self._number(value), LINE, width(shown(value, self.digits))

    def _matrix(self, values: np.ndarray) -> tuple[str, float, float]:
        """The numbers in columns between brackets."""
        rows = values.reshape(1, -1) if values.ndim == 1 else values
        lines = [
            row(*(cell(self._number(v, 11), ALIGN="RIGHT", CELLPADDING=1) for v in line))
            for line in rows
        ]
        columns = [max(width(shown(v, self.digits), 11) + 2 for v in column) for column in rows.T]
        wide = sum(columns) + 4 * (len(columns) + 1) + 2
        brackets = {"BORDER": 1, "SIDES": "LR", "COLOR": self.color, "CELLSPACING": 4}
        high = (MATRIX_LINE + 4) * len(rows) + 6
        return self._block(html_table("".join(lines), **brackets), wide, high)

    def _heat_map(self, values: np.ndarray) -> tuple[str, float, float]:
        """Tiles: one colour for negative, one for positive, deeper for larger."""
        if values.size == 0:
            return font("empty", color=self.theme.quiet, size=SMALL), LINE, 40
        tiles = averaged(values)
        finite = tiles[np.isfinite(tiles)]
        largest = float(np.max(np.abs(finite), initial=0.0)) or 1.0
        tall = max(TILE, STRIP // len(tiles))
        size = {"WIDTH": TILE, "HEIGHT": tall, "FIXEDSIZE": "TRUE"}
        lines = [
            row(*(cell("", BGCOLOR=self._shade(value / largest), **size) for value in line))
            for line in tiles
        ]
        framed = html_table("".join(lines), BORDER=1, COLOR=self.color)
        return self._block(framed, len(tiles[0]) * TILE + 2, len(tiles) * tall + 2)

    def _block(self, label: str, wide: float, high: float) -> tuple[str, float, float]:
        self.is_block = True
        return label, high, wide

    def _shade(self, share: float) -> str:
        theme = self.theme
        if not np.isfinite(share):
            return theme.warning
        colour = theme.positive if share > 0 else theme.negative
        return mix(theme.ground, colour, round(abs(share) * SHADES) / SHADES)


def averaged(values: np.ndarray) -> np.ndarray:
    """Any array as a matrix of at most MOST_TILES rows and columns, blocks averaged.

    >>> averaged(np.arange(400).reshape(20, 20))[0, :2]
    array([10.5, 12.5])
    """
    matrix = values.reshape(1, -1) if values.ndim < 2 else values.reshape(-1, values.shape[-1])
    for axis in (1, 0):  # Along the rows first: they lie together in memory, ten times as fast.
        length = matrix.shape[axis]
        if length > MOST_TILES:
            starts = np.arange(MOST_TILES) * length // MOST_TILES
            counts = np.diff(np.append(starts, length))
            with np.errstate(all="ignore"):
                sums = np.add.reduceat(matrix, starts, axis=axis, dtype=float)
                matrix = sums / (counts[:, None] if axis == 0 else counts)
    return matrix.astype(float, copy=False)
