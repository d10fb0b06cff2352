"""`viz.worksheet`: a derivation with its gradients left blank, and the key, to print."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd.extend import write_whole

from .dot import dot_of
from .errors import VizError
from .figure import Figure, Shown
from .fontconfig import FAMILY, warn_of_missing_letters
from .formulas import with_values
from .labels import BLANK, cell, font, html_table, row
from .names import label_text, shortened
from .render import render
from .stepper import Stepper
from .stepping.contact_sheet import trimmed_pdf
from .stepping.moments import Line, Moment, Story
from .stepping.pdf_pages import A4, pdf_page, sheets
from .themes import LIGHT

WIDE = 950.0  # Points; a wider picture is printed across, larger.
ROWS = 16  # Of the table in one piece; pieces are not torn by the end of a page.
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
) -> Path:
    """Write an exercise on a graph as a PDF file: values given, gradients blank; then the key.

    Both are drawn from the same graph, the exercise on the first page, the key from a page of its
    own on. Under the picture stands a line for each gradient, gate by gate.

    Parameters
    ----------
    target : a Tensor, a Trace, or an nn.Module, as for `step`.
    path : a file that ends in ``.pdf``.
    example, gradient, expand, digits, title : as for `step`.

    Returns the path.

    Raises
    ------
    VizError (a ValueError) : the suffix is another, or there is no gradient to ask for.
    """
    path = Path(path)
    if path.suffix.lower() != ".pdf":
        raise VizError(f"a worksheet is a .pdf file; received {os.fspath(path)!r}")
    stepper = Stepper(target, example, gradient=gradient, expand=expand, digits=digits, title=title)
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


def _lines(story: Story, moments: list[Moment], *, is_key: bool) -> list[str]:
    """The lines of the derivation in tables of a few rows each."""
    rows = [
        _row(story, moment, line, is_first=i == 0, is_key=is_key)
        for moment in moments
        for i, line in enumerate(moment.lines)
    ]
    return [
        _alone(html_table("".join(rows[i : i + ROWS]), CELLBORDER=0))
        for i in range(0, len(rows), ROWS)
    ]  # fmt: skip


def _row(story: Story, moment: Moment, line: Line, *, is_first: bool, is_key: bool) -> str:
    assert moment.gate is not None
    told = story.labelled(line.lead.removesuffix(" = ").removesuffix(": "))
    symbols = story.labelled(line.symbols)
    numbers = line.numbers if is_key else _blanks(line.form)
    colour = LIGHT.gradient if is_key else LIGHT.ink
    texts = [
        _run(shortened(moment.gate.symbol, 14) if is_first else "", LIGHT.quiet),
        _run(told, LIGHT.ink),
        _run(f"= {symbols}" if symbols else "", LIGHT.ink),
        _run(f"= {numbers}", colour),
    ]
    return row(*(cell(text, **_LEFT) for text in texts))


def _run(text: str, colour: str) -> str:
    return font(label_text(text), color=colour, size=11) if text else ""


def _blanks(form: str) -> str:
    """A formula with room for its numbers: signs of operations stay."""
    blank = with_values(form, lambda _: BLANK)
    return BLANK if blank == form else blank


def _alone(label: str) -> str:
    node = f'a [shape=plain fontname="{FAMILY}" label=<{label}>]'
    return f"digraph {{ graph [pad=0.05] {node} }}"


_LEFT = {"ALIGN": "LEFT", "CELLPADDING": 3}
