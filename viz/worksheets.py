"""`viz.worksheet`: a derivation with its gradients left blank, and the key, to print."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd.extend import write_whole

from .errors import VizError
from .figure import Figure, Shown
from .formulas import gaps_of, with_values
from .labels import BLANK
from .layout.ink import EMPTY, FINE, Block, beside, line_of, quantity
from .layout.page import MARGIN, Page
from .names import shortened
from .picture import GraphPicture
from .stepper import Stepper
from .stepping.moments import Line, Moment, Story
from .stepping.pdf_pages import column_width, sheets
from .themes import LIGHT

PIECE = 340.0  # Points of the table in one piece; pieces are not torn by the end of a page.
LINE, GAP = 21.0, 8.0  # From line to line, and from column to column.
TASK = (
    "The values are given. Work out the gradients from the output back and write them under the "
    "wires.",
    "downstream = upstream × local; where a wire forks, the gradients that come back are added.",
)


def worksheet(
    target: Any,
    path: str | os.PathLike[str],
    *,
    example: Any = None,
    gradient: Any = None,
    expand: Any = None,
    digits: int | None = None,
    title: str | None = None,
    numbers: str | int = "auto",
) -> Path:
    """Write an exercise on a graph as a PDF file: values given, gradients blank; then the key.

    Both are drawn from the same graph, the exercise on the first page, the key from a page of its
    own on. Under the picture stands a line for each gradient, gate by gate.

    Parameters
    ----------
    target : a Tensor, a Trace, or an nn.Module, as for `step`.
    path : a file that ends in ``.pdf``.
    example, gradient, expand, digits, title, numbers : as for `step`.

    Returns the path.

    Raises
    ------
    VizError (a ValueError) : the suffix is another, or there is no gradient to ask for.
    """
    path = Path(path)
    if path.suffix.lower() != ".pdf":
        raise VizError(f"a worksheet is a .pdf file; received {os.fspath(path)!r}")
    stepper = Stepper(
        target, example, gradient=gradient, expand=expand, digits=digits, title=title,
        numbers=numbers,
    )  # fmt: skip
    story = stepper.story
    back = [moment for moment in story.moments if moment.phase == "backward"]
    if not back:
        raise VizError(
            "this graph has no gradients to ask for: its output has several elements (pass "
            "gradient=) or nothing in it wants a gradient"
        )
    forward = next(m for m in reversed(story.moments) if m.phase == "forward")
    heading = shortened(stepper.title, 80)
    exercise = [
        _words(heading, *TASK),
        _drawn(story.figure_at(forward, Shown.BLANK), digits),
        *_lines(story, back, is_key=False),
    ]
    key = [_words(f"Key: {heading}"), _drawn(story.figure, digits),
           *_lines(story, back, is_key=True)]  # fmt: skip
    write_whole(path, sheets([exercise, key], title=heading))
    return path


def _drawn(figure: Figure, digits: int | None) -> str:
    for gate in figure.gates:
        gate.is_lit = False
    figure.title = ""
    return GraphPicture(figure, digits=digits, width=column_width(1)).svg


def _words(title: str, *sentences: str) -> str:
    """A title, and sentences under it, as a picture of their own."""
    return _page(column_width(1) - 2 * MARGIN, 0.0, [], title, sentences)


def _page(
    width: float, height: float, body: list[str], title: str = "", sentences: Sequence[str] = ()
) -> str:
    page = Page(width, height, theme=LIGHT, heading=title, notes=sentences)
    return page.svg(body, title="", description="")


class _Row(NamedTuple):
    """A line of the derivation: its three texts, and what it comes to."""

    texts: list[Block]
    numbers: Block

    @property
    def height(self) -> float:
        return max(LINE, self.numbers.height + 6)


def _lines(story: Story, moments: list[Moment], *, is_key: bool) -> list[str]:
    """The lines of the derivation, in tables that are not higher than `PIECE`."""
    rows = [
        _row(story, moment, line, is_first=i == 0, is_key=is_key)
        for moment in moments
        for i, line in enumerate(moment.lines)
    ]
    columns = [max(block.width for block in column) + GAP for column in
               zip(*(each.texts for each in rows), strict=True)]  # fmt: skip
    room = column_width(1) - 2 * MARGIN
    is_long = sum(columns) + max(each.numbers.width for each in rows) > room
    pieces: list[list[_Row]] = [[]]
    for each in rows:
        high = each.height + LINE * is_long
        if pieces[-1] and sum(r.height + LINE * is_long for r in pieces[-1]) + high > PIECE:
            pieces.append([])
        pieces[-1].append(each)
    return [_table(piece, columns, is_long) for piece in pieces]


def _table(rows: list[_Row], columns: list[float], is_long: bool) -> str:
    """Rows whose columns are as wide in every piece; numbers under texts where lines are long."""
    body, y, right = [], 0.0, 0.0
    for each in rows:
        x, lower = 0.0, 0.0 if is_long else (each.height - LINE) / 2
        for block, wide_ in zip(each.texts, columns, strict=True):
            body.append(block.at(x, y + lower + LINE - 6))
            x += wide_
        if is_long:
            y, x = y + LINE, columns[0]
        body.append(each.numbers.at(x, y + (each.height + each.numbers.height) / 2 - 1))
        right = max(right, x + each.numbers.width)
        y += each.height
    return _page(right, y, body)


def _row(story: Story, moment: Moment, line: Line, *, is_first: bool, is_key: bool) -> _Row:
    assert moment.gate is not None
    told = story.labelled(line.lead.removesuffix(" = ").removesuffix(": "))
    symbols = story.labelled(line.symbols)
    symbol = shortened(moment.gate.symbol, 14) if is_first else ""
    texts = [symbol, told, f"= {symbols}" if symbols else ""]
    inks = (LIGHT.quiet, LIGHT.ink, LIGHT.ink)
    return _Row(list(map(_run, texts, inks)), _numbers(story, line, is_key=is_key))


def _numbers(story: Story, line: Line, *, is_key: bool) -> Block:
    """What a line comes to, or room to write it, each entry of a matrix its own."""
    colour = LIGHT.gradient if is_key else LIGHT.ink
    texts, names = gaps_of(line.form)[::2], gaps_of(line.form)[1::2]
    contents = [story.content_at(name, 0.0) for name in names]
    if not any(map(np.ndim, contents)):
        blanks = with_values(line.form, lambda _: BLANK) if names else BLANK
        return _run(f"= {line.numbers if is_key else blanks}", colour)
    sign = "≈" if "≈" in line.numbers else "="
    held = Shown.FULLY if is_key else Shown.BLANK
    blocks = [_run("=", colour)]
    for text, content in zip(texts, [*contents, None], strict=True):
        blocks.append(_run(text.strip().replace("≟", sign), colour))
        if content is not None:
            blocks.append(
                quantity(content, colour, LIGHT, story.digits, held, FINE, story.figure.numbers)
            )
    return beside(*blocks, gap=6.0, middle=True)


def _run(text: str, colour: str) -> Block:
    return line_of(text, FINE, colour) if text else EMPTY
