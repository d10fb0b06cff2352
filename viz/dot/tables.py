"""The HTML-like labels of Graphviz: typeset names, numbers, matrices, heat maps."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

import numpy as np

from viz.arrays import HeatMap, HeatMaps, Numbers, heat_maps, is_written, shown, slices
from viz.figure import Gradient, Shown
from viz.labels import HOLLOW, SMALL, TILE, TINY, shade, width
from viz.names import is_slanted, label_text, parts, runs, shortened
from viz.themes import Theme

FAMILY = "Helvetica"  # What descriptions ask for; Arial and our font have its widths.
LINE = 16  # Height of a line of numbers, in points.
MATRIX_LINE = 15.25
BRACKET = 3  # Width of a bracket's feet.
STRIP = 18  # Height of a heat map of few rows, whose tiles are taller: that of a shape's chip.


def font(text: str, *, color: str, size: float | None = None) -> str:
    """A run of text, already escaped."""
    points = f' POINT-SIZE="{size}"' if size else ""
    return f'<FONT COLOR="{color}"{points}>{text}</FONT>'


def name_label(name: str) -> str:
    """A name in italics (Latin and Greek, as is the custom), its index a subscript.

    >>> name_label("w0")
    '<I>w</I><SUB>0</SUB>'
    """
    letters, index, power = parts(shortened(name))
    text = label_text(letters)
    if is_slanted(letters):
        text = f"<I>{text}</I>"
    text += f"<SUB>{label_text(index)}</SUB>" if index else ""
    return text + (f"<SUP>{label_text(power)}</SUP>" if power else "")


def marked_up(text: str) -> str:
    """A line of text with its indices and powers, of names in LaTeX.

    >>> marked_up("loss of θ_{ij}")
    'loss of θ<SUB>ij</SUB>'
    """
    tags = {"_": "SUB", "^": "SUP"}
    return "".join(
        f"<{tags[mark]}>{label_text(piece)}</{tags[mark]}>" if mark else label_text(piece)
        for piece, mark in runs(text)
    )


def name_width(name: str) -> float:
    """How wide `name_label` is set."""
    letters, index, power = parts(shortened(name))
    return width(letters) + width(index, 10) + width(power, 10)


def html_table(rows: str, **attributes: Any) -> str:
    """A borderless table; `attributes` override."""
    settings = {"BORDER": 0, "CELLBORDER": 0, "CELLSPACING": 0, "CELLPADDING": 0, **attributes}
    return f"<TABLE{_written(settings)}>{rows}</TABLE>"


def side_by_side(
    *blocks: tuple[str, float], room: float, right: bool = False, valign: str = "BOTTOM"
) -> str:
    """Tables with their widths, at the left of `room`: without a filler they would stretch."""
    cells = [cell(label, WIDTH=round(wide), VALIGN=valign) for label, wide in blocks]
    filler = cell("", WIDTH=max(round(room - sum(wide for _, wide in blocks)), 0))
    return html_table(row(filler, *cells) if right else row(*cells, filler))


def caption(title: str, notes: Iterable[str], theme: Theme) -> str:
    """The attributes of a graph with a title over it, or notes under it, or both over it."""
    lines = [font(label_text(note), color=theme.quiet, size=11) for note in notes]
    rows = [row(cell(line, ALIGN="LEFT", CELLPADDING=3)) for line in lines]
    if title:
        words = font(marked_up(shortened(title, 120)), color=theme.ink, size=15)
        rows.insert(0, row(cell(words, ALIGN="LEFT", CELLPADDING=4)))
    label = f'fontname="{FAMILY}" labelloc={"t" if title else "b"} labeljust=l'
    return f" {label} label=<{html_table(''.join(rows))}>" if rows else ""


def cell(content: str, **attributes: Any) -> str:
    return f"<TD{_written(attributes)}>{content}</TD>"


def row(*cells: str) -> str:
    return f"<TR>{''.join(cells)}</TR>"


def _written(attributes: dict[str, Any]) -> str:
    return "".join(f' {key}="{value}"' for key, value in attributes.items())


class Quantity:
    """A value or a gradient as a label shows it, and how much room that takes."""

    def __init__(
        self,
        content: Any,
        color: str,
        theme: Theme,
        digits: int | None = None,
        numbers: Numbers = "auto",
    ):
        self.color, self.theme, self.digits = color, theme, digits
        self.extra, self.is_block = "", False
        self.label: str
        self.height: float
        self.width: float
        if isinstance(content, Gradient):
            self.label, self.height, self.width = self._absent(content), LINE, 40
        elif np.ndim(content) == 0:
            self.label, self.height, self.width = self._scalar(content)
        elif is_written(content, numbers):
            self._write_out(slices(np.asarray(content)))
        else:
            self._paint(np.asarray(content))

    def hold_back(self, shown: Shown) -> None:
        """Leave the room that it takes, and show a mark in it or nothing."""
        if shown is not Shown.FULLY:
            self.label = font(HOLLOW, color=self.theme.quiet) if shown is Shown.HOLLOW else ""
            self.extra = "&#160;" if self.extra else ""
            self.is_block = False

    def _absent(self, why: Gradient) -> str:
        if why is Gradient.NOT_COMPUTED:
            return font(HOLLOW, color=self.theme.quiet)
        return font(why.words, color=self.theme.quiet, size=SMALL)

    def _scalar(self, value: Any) -> tuple[str, float, float]:
        text = shown(value, self.digits)
        color = self.color if np.isfinite(value) else self.theme.warning
        return font(text, color=color), LINE, width(text)

    def _write_out(self, matrices: np.ndarray) -> None:
        """The numbers in columns between brackets, a pair for each slice."""
        blocks = [self._matrix(matrix) for matrix in matrices]
        self._set_beside(blocks, (MATRIX_LINE + 4) * len(matrices[0]) + 6, gap=8)

    def _matrix(self, matrix: np.ndarray) -> tuple[str, float]:
        texts = [[shown(value, self.digits) for value in line] for line in matrix]
        columns = [max(width(text, 11) for text in column) for column in zip(*texts, strict=True)]
        inks = np.where(np.isfinite(matrix), self.color, self.theme.warning)
        rows = [
            row(*(cell(font(text, color=ink, size=11), ALIGN="RIGHT", CELLPADDING=1)
                  for text, ink in zip(line, colours, strict=True)))
            for line, colours in zip(texts, inks, strict=True)
        ]  # fmt: skip
        side = {"BORDER": 1, "COLOR": self.color, "WIDTH": BRACKET}
        inner = cell(html_table("".join(rows), CELLSPACING=3, CELLPADDING=0))
        brackets = row(cell("", SIDES="LTB", **side), inner, cell("", SIDES="TRB", **side))
        wide = sum(columns) + 5 * len(columns) + 5 + 2 * BRACKET
        return html_table(brackets), wide

    def _paint(self, values: np.ndarray) -> None:
        """Tiles: one colour for negative, one for positive, deeper for larger; and their scale."""
        if values.size == 0:
            self.label, self.height, self.width = self._quiet("empty"), LINE, 40
            return
        found = heat_maps(values)
        count, across = found.maps[0].positive.shape
        tall = max(TILE, ceil(STRIP / count))
        high = count * tall + 2
        maps = [(self._tiles(each, tall), across * TILE + 2.0) for each in found.maps]
        if found.more:
            text = f"+{found.more:,}"
            maps.append((self._quiet(text), width(text, SMALL)))
        self._set_beside([*maps, *self._scale(found, high)], high)

    def _tiles(self, tiles: HeatMap, tall: int) -> str:
        size = {"WIDTH": TILE, "HEIGHT": tall, "FIXEDSIZE": "TRUE"}
        lines = [
            row(*(cell("", BGCOLOR=shade(self.theme, *shares), **size)
                  for shares in zip(ups, downs, strict=True)))
            for ups, downs in zip(tiles.positive, tiles.negative, strict=True)
        ]  # fmt: skip
        return html_table("".join(lines), BORDER=1, COLOR=self.color)

    def _scale(self, found: HeatMaps, high: int) -> list[tuple[str, float]]:
        """From the deepest colour to the ground, or to the other deepest, and their numbers."""
        steps = found.steps(9 if high > 2 * STRIP else 5)
        rims = np.linspace(0, high, len(steps) + 1).round().astype(int)
        size = {"WIDTH": 4, "FIXEDSIZE": "TRUE"}
        bar = "".join(
            row(cell("", BGCOLOR=shade(self.theme, *shares), HEIGHT=tall, **size))
            for shares, tall in zip(steps, np.diff(rims), strict=True)
        )
        ends = [shown(end, 2) for end in found.ends]
        half = {"HEIGHT": high // 2, "ALIGN": "LEFT"}
        texts = [font(end, color=self.theme.quiet, size=TINY) for end in ends]
        told = row(cell(texts[0], VALIGN="TOP", **half)) + row(
            cell(texts[1], VALIGN="BOTTOM", **half)
        )
        wide = max(width(end, TINY) for end in ends)
        return [(html_table(bar), 4.0), (html_table(told), wide)]

    def _quiet(self, text: str) -> str:
        return font(text, color=self.theme.quiet, size=SMALL)

    def _set_beside(self, blocks: list[tuple[str, float]], high: float, gap: int = 2) -> None:
        """Blocks in a row, a gap between."""
        cells = [cell(label) for label, _ in blocks]
        gaps = [cell("", WIDTH=gap)] * (len(blocks) - 1)
        between = [one for pair in zip(cells, [*gaps, ""], strict=True) for one in pair]
        self.label = html_table(row(*between)) if len(blocks) > 1 else blocks[0][0]
        self.width = sum(wide for _, wide in blocks) + gap * (len(blocks) - 1)
        self.height, self.is_block = high, True
