"""`viz.worksheet`: a derivation with its gradients left blank, and the key, to print."""

from __future__ import annotations

import os
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd.extend import write_whole

from .dot import dot_of
from .errors import VizError
from .figure import Figure, Shown
from .fontconfig import FAMILY, warn_of_missing_letters
from .formulas import gaps_of, with_values
from .labels import BLANK, Quantity, cell, font, html_table, row, side_by_side, width
from .names import label_text, shortened
from .render import render, trimmed_pdf
from .stepper import Stepper
from .stepping.moments import Line, Moment, Story
from .stepping.pdf_pages import A4, pdf_page, sheets
from .themes import LIGHT

WIDE = 950.0  # Points; a wider picture is printed across, larger.
PIECE = 340.0  # Points of the table in one piece; pieces are not torn by the end of a page.
LINE, GAP = 21.0, 6
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
    warn_of_missing_letters(story.figure.words, render)
    forward = next(m for m in reversed(story.moments) if m.phase == "forward")
    heading = shortened(stepper.title, 80)
    exercise = [
        _words(heading, *TASK),
        _drawn(story.figure_at(forward, Shown.BLANK), digits),
        *_lines(story, back, is_key=False),
    ]
    key = [_words(f"Key: {heading}"), _drawn(story.figure, digits),
           *_lines(story, back, is_key=True)]  # fmt: skip
    flows = [[trimmed_pdf(dot) for dot in flow] for flow in (exercise, key)]
    size = A4 if pdf_page(flows[1][1]).width < WIDE else A4[::-1]
    write_whole(path, sheets(flows, size=size, title=heading))
    return path


def _drawn(figure: Figure, digits: int | None) -> str:
    for gate in figure.gates:
        gate.is_lit = False
    figure.title = ""
    return dot_of(figure, LIGHT, digits=digits)


def _words(title: str, *sentences: str) -> str:
    """A title, and sentences under it, as a description of their own."""
    lines = [row(cell(font(f"<B>{label_text(title)}</B>", color=LIGHT.ink, size=17), **_LEFT))]
    lines += [
        row(cell(font(label_text(text), color=LIGHT.ink, size=11), **_LEFT)) for text in sentences
    ]
    return _alone(html_table("".join(lines)))


class _Row(NamedTuple):
    """A line of the derivation: its texts, then what it comes to, as labels with their widths."""

    texts: list[str]
    numbers: list[tuple[str, float]]
    height: float

    @property
    def width(self) -> float:
        return sum(wide for _, wide in self.numbers)


def _lines(story: Story, moments: list[Moment], *, is_key: bool) -> list[str]:
    """The lines of the derivation, in tables that are not higher than `PIECE`."""
    rows = [
        _row(story, moment, line, is_first=i == 0, is_key=is_key)
        for moment in moments
        for i, line in enumerate(moment.lines)
    ]
    pieces: list[list[_Row]] = [[]]
    for each in rows:
        if pieces[-1] and sum(r.height for r in pieces[-1]) + each.height > PIECE:
            pieces.append([])
        pieces[-1].append(each)
    columns = [ceil(max(width(text, 11) for text in column)) for column in
               zip(*(each.texts for each in rows), strict=True)]  # fmt: skip
    room = max(each.width for each in rows)
    return [_alone(_table(piece, columns, room)) for piece in pieces]


def _table(rows: list[_Row], columns: list[int], room: float) -> str:
    """Rows whose columns are as wide in every piece."""
    inks = (LIGHT.quiet, LIGHT.ink, LIGHT.ink)
    lines = []
    for each in rows:
        cells = [
            cell(_run(text, ink), WIDTH=wide + GAP, **_LEFT)
            for text, ink, wide in zip(each.texts, inks, columns, strict=True)
        ]
        numbers = side_by_side(*each.numbers, room=room, valign="MIDDLE")
        lines.append(row(*cells, cell(numbers, **_LEFT)))
    return html_table("".join(lines))


def _row(story: Story, moment: Moment, line: Line, *, is_first: bool, is_key: bool) -> _Row:
    assert moment.gate is not None
    told = story.labelled(line.lead.removesuffix(" = ").removesuffix(": "))
    symbols = story.labelled(line.symbols)
    symbol = shortened(moment.gate.symbol, 14) if is_first else ""
    texts = [symbol, told, f"= {symbols}" if symbols else ""]
    return _Row(texts, *_numbers(story, line, is_key=is_key))


def _numbers(story: Story, line: Line, *, is_key: bool) -> tuple[list[tuple[str, float]], float]:
    """What a line comes to, or room to write it, each entry of a matrix its own; its height."""
    colour = LIGHT.gradient if is_key else LIGHT.ink
    texts, names = gaps_of(line.form)[::2], gaps_of(line.form)[1::2]
    contents = [story.content_at(name, 0.0) for name in names]

    def said(text: str) -> tuple[str, float]:
        return _run(text, colour), width(text, 11) + GAP

    if not any(map(np.ndim, contents)):
        blanks = with_values(line.form, lambda _: BLANK) if names else BLANK
        return [said(f"= {line.numbers if is_key else blanks}")], LINE
    sign = "≈" if "≈" in line.numbers else "="
    blocks, height = [said("=")], 0.0
    for text, content in zip(texts, [*contents, None], strict=True):
        if text.strip():
            blocks.append(said(text.strip().replace("≟", sign)))
        if content is not None:
            quantity = Quantity(content, colour, LIGHT, story.digits, story.figure.numbers)
            quantity.hold_back(Shown.FULLY if is_key else Shown.BLANK)
            blocks.append((quantity.label, quantity.width + GAP))
            height = max(height, quantity.height)
    return blocks, height + 6


def _run(text: str, colour: str) -> str:
    return font(label_text(text), color=colour, size=11) if text else ""


def _alone(label: str) -> str:
    node = f'a [shape=plain fontname="{FAMILY}" label=<{label}>]'
    return f"digraph {{ graph [pad=0.05] {node} }}"


_LEFT = {"ALIGN": "LEFT", "CELLPADDING": 3}
