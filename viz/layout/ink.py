"""Names, numbers, matrices and heat maps as pieces of SVG, and how much room they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import ceil
from typing import Any, NamedTuple

import numpy as np

from autograd.extend import say
from viz.arrays import HeatMap, HeatMaps, Numbers, heat_maps, is_written, shown, slices
from viz.faces import own
from viz.figure import Gradient, Shown
from viz.labels import BLANK, ENTRY, HOLLOW, SMALL, TINY, shade, width
from viz.names import is_slanted, parts, runs, shortened
from viz.svg import (
    SUBSCRIPT_DROP,
    SUBSCRIPT_SIZE,
    SUPERSCRIPT_RISE,
    Written,
    text_element,
)
from viz.themes import Theme

TEXT, FINE, CHIP = 13, 11, 9  # Sizes: of numbers and names, in matrices and at branches, of shapes.
ROW = 15.0  # From line to line of a matrix.
TILE, LEAST_SIDE = 6.0, 16.0  # Of a heat map: a tile's side, and the least side of the map.
CAP = 0.74  # Height of a figure, of its size.
RISE_TEXT = 0.36  # Of a symbol's baseline below the middle of its gate, of its size.


class Block(NamedTuple):
    """Something to draw: its size, and its SVG with the lower left corner at a point."""

    width: float
    height: float
    at: Callable[[float, float], str]


EMPTY = Block(0.0, 0.0, lambda x, y: "")


def short(number: float) -> str:
    """A coordinate."""
    return f"{number:.7g}"


def text_at(
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    color: str,
    anchor: str = "",
    italic: bool = False,
) -> str:
    """One line of text, its baseline at `y`."""
    return line_at(x, y, [Written(text, size, color, italic)], anchor)


def line_at(x: float, y: float, written: Sequence[Written], anchor: str = "") -> str:
    """One line of text of several looks."""
    look = f' text-anchor="{anchor}"' if anchor else ""
    return text_element(written, f' x="{short(x)}" y="{short(y)}"{look}')


def rectangle(left: float, top: float, right: float, low: float, look: str) -> str:
    """A rectangle; `look` are its attributes."""
    points = (
        f"{left:.7g},{top:.7g} {right:.7g},{top:.7g} {right:.7g},{low:.7g} {left:.7g},{low:.7g}"
    )
    return f'<polygon points="{points}" {look}/>'


def ellipse(x: float, y: float, rx: float, ry: float, look: str) -> str:
    """An ellipse about a point."""
    return f'<ellipse cx="{x:.7g}" cy="{y:.7g}" rx="{rx:.7g}" ry="{ry:.7g}" {look}/>'


def rounded(left: float, top: float, right: float, low: float, corner: float, look: str) -> str:
    """A rectangle with round corners."""
    c, near = corner, corner * 0.45
    d = (
        f"M{left + c:.7g} {top:.7g}L{right - c:.7g} {top:.7g}"
        f"C{right - near:.7g} {top:.7g} {right:.7g} {top + near:.7g} {right:.7g} {top + c:.7g}"
        f"L{right:.7g} {low - c:.7g}"
        f"C{right:.7g} {low - near:.7g} {right - near:.7g} {low:.7g} {right - c:.7g} {low:.7g}"
        f"L{left + c:.7g} {low:.7g}"
        f"C{left + near:.7g} {low:.7g} {left:.7g} {low - near:.7g} {left:.7g} {low - c:.7g}"
        f"L{left:.7g} {top + c:.7g}"
        f"C{left:.7g} {top + near:.7g} {left + near:.7g} {top:.7g} {left + c:.7g} {top:.7g}Z"
    )
    return f'<path d="{d}" {look}/>'


def line_of(text: str, size: float, color: str) -> Block:
    """A line of text."""
    return Block(
        wide(text, size), whole(size * CAP),
        lambda x, y: text_at(x, y, text, size=size, color=color),
    )  # fmt: skip


def whole(length: float) -> float:
    """The next quarter of a point: sums of such lengths are exact, and equal ones stay equal."""
    return ceil(length * 4) / 4


@lru_cache(maxsize=4096)
def wide(text: str, size: float) -> float:
    """How wide a text is set."""
    return whole(width(text, size))


def name_in(name: str, size: float, color: str) -> list[Written]:
    """A name in italics, if it is Latin or Greek, its index lowered, its power raised."""
    letters, index, power = parts(shortened(name))
    small = size * SUBSCRIPT_SIZE
    written = [Written(letters, size, color, is_slanted(letters))]
    if index:
        written.append(Written(index, small, color, False, size * SUBSCRIPT_DROP))
    if power:
        back = own().width(index, small)
        written.append(Written(power, small, color, False, -size * SUPERSCRIPT_RISE, back))
    return written


def name_of(name: str, color: str) -> Block:
    """A name, as a block."""
    written = name_in(name, TEXT, color)
    first, *others = (wide(piece.text, piece.size) for piece in written)
    is_raised = written[-1].below < 0
    rise = TEXT * (SUPERSCRIPT_RISE + SUBSCRIPT_SIZE * CAP - CAP) if is_raised else 0.0
    across = first + max(others, default=0.0)
    return Block(across, whole(TEXT * CAP + rise), lambda x, y: line_at(x, y, written))


def words_at(x: float, y: float, text: str, *, size: float, color: str) -> str:
    """A line of text with the indices and powers of names in LaTeX."""
    below = {"_": size * SUBSCRIPT_DROP, "^": -size * SUPERSCRIPT_RISE}
    written = [
        Written(piece, size * SUBSCRIPT_SIZE if mark else size, color, False, below.get(mark, 0.0))
        for piece, mark in runs(text)
    ]
    return line_at(x, y, written) if written else ""


def quantity(
    content: Any, color: str, theme: Theme, digits: int | None, held: Shown = Shown.FULLY,
    size: float = TEXT, numbers: Numbers = "auto", entry: str = "",
) -> Block:  # fmt: skip
    """A value or a gradient; what is held back keeps its room; blanks, one a number.

    Each number of an array has room for `entry` at least.
    """
    block = _quantity(content, color, theme, digits, size, numbers, entry)
    if held is Shown.FULLY:
        return block
    if held is Shown.BLANK and is_written(content, numbers):
        return _matrices(np.asarray(content), theme.quiet, theme, lambda value: ENTRY)
    mark = {Shown.HOLLOW: HOLLOW, Shown.BLANK: BLANK}.get(held)
    instead = line_of(mark, size, theme.quiet) if mark else EMPTY
    return Block(max(block.width, instead.width), block.height, instead.at)


def _quantity(
    content: Any, color: str, theme: Theme, digits: int | None, size: float, numbers: Numbers,
    entry: str,
) -> Block:  # fmt: skip
    if isinstance(content, Gradient):
        if content is Gradient.NOT_COMPUTED:
            return line_of(HOLLOW, size, theme.quiet)
        return line_of(content.words, SMALL, theme.quiet)
    if np.ndim(content) == 0:
        return _number(content, color, theme, digits, size)
    values = np.asarray(content)
    if values.size == 0:
        return line_of(say("empty"), SMALL, theme.quiet)
    if is_written(values, numbers):
        return _matrices(values, color, theme, lambda value: shown(value, digits), entry)
    return _heat_maps(values, color, theme)


def _number(value: Any, color: str, theme: Theme, digits: int | None, size: float) -> Block:
    return line_of(shown(value, digits), size, color if np.isfinite(value) else theme.warning)


def _matrices(
    values: np.ndarray, color: str, theme: Theme, written: Callable[[Any], str], entry: str = ""
) -> Block:
    """An array's slices, one beside another."""
    return beside(*(_matrix(m, color, theme, written, entry) for m in slices(values)), gap=8.0)


def _matrix(
    rows: np.ndarray, color: str, theme: Theme, written: Callable[[Any], str], entry: str
) -> Block:
    """The numbers in columns, flush right, in brackets."""
    texts = [[(written(v), bool(np.isfinite(v))) for v in line] for line in rows]
    least = wide(entry, FINE)
    columns = [
        max(least, *(wide(text, FINE) for text, _ in column)) for column in zip(*texts, strict=True)
    ]
    gap, side = 7.0, 5.0
    across = sum(columns) + gap * (len(columns) - 1) + 2 * side
    height = ROW * len(texts)

    def at(x: float, y: float) -> str:
        top, right = y - height, x + across
        drawn = "".join(
            f'<path d="M{a + foot:.7g} {top:.7g}L{a:.7g} {top:.7g}L{a:.7g} {y:.7g}'
            f'L{a + foot:.7g} {y:.7g}" fill="none" stroke="{color}"/>'
            for a, foot in ((x, 3.0), (right, -3.0))
        )
        for number, line in enumerate(texts):
            end = x + side
            for column, (text, finite) in zip(columns, line, strict=True):
                end += column
                hue = color if finite else theme.warning
                low = top + ROW * number + ROW / 2 + FINE * CAP / 2
                drawn += text_at(end, low, text, size=FINE, color=hue, anchor="end")
                end += gap
        return drawn

    return Block(across, height, at)


def _heat_maps(values: np.ndarray, color: str, theme: Theme) -> Block:
    """Tiles: one colour for negative, one for positive, deeper for larger; and their scale."""
    found = heat_maps(values)
    blocks = [_heat_map(each, color, theme) for each in found.maps]
    if found.more:
        blocks.append(line_of(f"+{found.more:,}", SMALL, theme.quiet))
    return beside(*blocks, _scale(found, blocks[0].height, theme), gap=3.0)


def _heat_map(tiles: HeatMap, color: str, theme: Theme) -> Block:
    count, columns = tiles.positive.shape
    tall = max(TILE, LEAST_SIDE // count)
    across, height = columns * TILE, count * tall
    shares = np.stack([tiles.positive, tiles.negative], axis=-1).tolist()

    def at(x: float, y: float) -> str:
        top = y - height
        drawn = "".join(
            rectangle(x + j * TILE, top + i * tall, x + (j + 1) * TILE, top + (i + 1) * tall,
                      f'fill="{shade(theme, *share)}"')
            for i, line in enumerate(shares)
            for j, share in enumerate(line)
        )  # fmt: skip
        return drawn + rectangle(x, top, x + across, y, f'fill="none" stroke="{color}"')

    return Block(across, height, at)


def _scale(found: HeatMaps, height: float, theme: Theme) -> Block:
    """From one end of the colours to the other, with the numbers there."""
    steps = found.steps(9 if height > 2 * LEAST_SIDE else 5)
    first, last = (shown(end, 2) for end in found.ends)
    tall, rise = height / len(steps), TINY * CAP

    def at(x: float, y: float) -> str:
        top = y - height
        drawn = "".join(
            rectangle(x, top + i * tall, x + 4, top + (i + 1) * tall,
                      f'fill="{shade(theme, *shares)}"')
            for i, shares in enumerate(steps)
        )  # fmt: skip
        for text, low in ((first, top + rise), (last, y)):
            drawn += text_at(x + 6, low, text, size=TINY, color=theme.quiet)
        return drawn

    return Block(6 + max(wide(first, TINY), wide(last, TINY)), height, at)


def chip_of(shape: tuple[int, ...], theme: Theme) -> Block:
    """A tensor's shape, on a ground of its own."""
    return label_chip("×".join(map(str, shape)), theme)


def label_chip(text: str, theme: Theme) -> Block:
    """A few letters on a ground of their own."""
    across, height = wide(text, CHIP) + 8, 13.0

    def at(x: float, y: float) -> str:
        ground = rectangle(x, y - height, x + across, y, f'fill="{theme.chip}"')
        return ground + text_at(x + 4, y - 3.25, text, size=CHIP, color=theme.quiet)

    return Block(across, height, at)


def beside(*blocks: Block, gap: float = 4.0, middle: bool = False) -> Block:
    """Blocks in a row, on one line, or (`middle`) about one line."""
    present = [block for block in blocks if block.width]
    if len(present) < 2:
        return present[0] if present else EMPTY
    height = max(block.height for block in present)

    def at(x: float, y: float) -> str:
        drawn = ""
        for block in present:
            drawn += block.at(x, y - (height - block.height) / 2 if middle else y)
            x += block.width + gap
        return drawn

    return Block(sum(b.width for b in present) + gap * (len(present) - 1), height, at)


def under(first: Block, second: Block, gap: float = 5.0) -> Block:
    """One block under another, flush left."""
    if not second.height or not first.height:
        return first if first.height else second

    def at(x: float, y: float) -> str:
        return first.at(x, y - second.height - gap) + second.at(x, y)

    return Block(max(first.width, second.width), first.height + gap + second.height, at)
