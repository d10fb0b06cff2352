"""`viz.worksheet`: a derivation with its gradients left blank, and the key, to print or to edit."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd.extend import in_language, say, write_whole

from .errors import VizError
from .figure import Shown
from .formulas import gaps_of, labels_of, with_values
from .labels import BLANK
from .layout.ink import (
    CAP,
    EMPTY,
    FINE,
    Block,
    beside,
    line_at,
    line_of,
    name_in,
    quantity,
    whole,
    wide,
)  # fmt: skip
from .layout.page import HEADING, MARGIN, Page
from .layout.tearing import torn
from .names import printable, shortened
from .picture import GraphPicture
from .stepper import Stepper
from .stepping.contact_sheet import plain, stacked
from .stepping.moments import Line, Moment, Story
from .stepping.pdf_pages import GAP as GAP_OF_PAGES
from .stepping.pdf_pages import HEIGHT, column_width, fit_one_page, sheets
from .stepping.word import Section, word_file
from .svg import Written, document, set_in, size_of
from .themes import LIGHT

LINES = 21.0, 19.0, 17.0  # From line to line: as much as one page has room for.
LINES_OF_KEY = 16.0, 14.0  # In which nobody writes.
GAP = 8.0  # From column to column.
NAME, LEAST_NAME = 220.0, 130.0  # Points of the line for the name.


@in_language
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
    values: bool = True,
    instructions: str | Sequence[str] | None = None,
    key: bool = True,
    language: str | None = None,
    font: str | None = None,
) -> Path:
    """Write an exercise on a graph: values and the seed given, gradients blank; then the key.

    Both are drawn from the same graph, the exercise on the first page, the key from a page of its
    own on. Under the picture stands a line for each gradient, gate by gate: as close to each other
    as one page needs, and no closer than one can write. A picture that is higher than a page goes
    on on the next one, its letters of 7 points or more.

    Parameters
    ----------
    target : a Tensor, a Trace, or an nn.Module, as for `step`.
    path : a file that ends in ``.pdf``, ``.docx`` (all lines are text to edit; needs python-docx),
        ``.html`` or ``.svg``.
    example, gradient, expand, digits, title, numbers, language, font : as for `step`.
    values : False leaves the forward values blank, too, with a line for each.
    instructions : what to do, in the class's words: a sentence, or several, each from a new line.
    key : False leaves the answers out.

    Returns the path.

    Raises
    ------
    VizError (a ValueError) : the suffix is another, or there is no gradient to ask for.
    """
    path = Path(path)
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise VizError(
            f"a worksheet is a .pdf file, or a .docx, .html or .svg; received {os.fspath(path)!r}"
        )
    stepper = Stepper(
        target, example, gradient=gradient, expand=expand, digits=digits, title=title,
        numbers=numbers, font=font,
    )  # fmt: skip
    if not any(moment.phase == "backward" for moment in stepper.story.moments):
        raise VizError(
            "this graph has no gradients to ask for: its output has several elements (pass "
            "gradient=) or nothing in it wants a gradient"
        )
    heading = shortened(stepper.title, 80)
    task = _sentences(instructions, values=values)
    parts = [_part(stepper.story, heading, task, values=values, is_key=False)]
    if key:
        title_of_key = say("Key: {title}", title=heading)
        parts.append(_part(stepper.story, title_of_key, [], values=values, is_key=True))
    write_whole(path, write(parts, heading))
    return path


def _sentences(instructions: Any, *, values: bool) -> list[str]:
    if instructions is None:
        task = say(
            "The values are given. Work out the gradients from the output back and write them "
            "under the wires."
        )
        if not values:
            task = say(
                "Work out the values from the inputs to the output and write them over the wires; "
                "then the gradients, from the output back, under the wires."
            )
        rule = say(
            "downstream = upstream × local; where a wire forks, the gradients that come back are "
            "added."
        )
        return [task, rule]
    sentences = [instructions] if isinstance(instructions, str) else instructions
    is_list = isinstance(sentences, Sequence)
    if not is_list or not all(isinstance(sentence, str) for sentence in sentences):
        raise VizError(f"instructions are a sentence, or a list of them; received {instructions!r}")
    return [printable(line) for sentence in sentences for line in sentence.splitlines()]


def _part(story: Story, title: str, sentences: list[str], *, values: bool, is_key: bool) -> Part:
    """The exercise, or its key."""
    forward = [moment for moment in story.moments if moment.phase == "forward"]
    figure = story.figure_at(story.moments[-1] if is_key else forward[-1], Shown.BLANK)
    made = {wire.key for _, wire in figure.feeds}
    for wire in figure.wires if not (is_key or values) else ():
        wire.value_shown = Shown.BLANK if wire.key in made else Shown.FULLY
    assert figure.output is not None
    figure.output.gradient_shown = Shown.FULLY  # Where the pass begins.
    for gate in figure.gates:
        gate.is_lit = False
    figure.title = ""
    asked = [m for m in story.moments if m.phase == "backward" or (m in forward and not values)]
    picture = GraphPicture(figure, digits=story.digits, width=column_width(1))
    name = "" if is_key else say("Name")
    rows = _rows(story, asked, is_key=is_key)
    return Part(name, title, sentences, picture, rows, figure.font)


class Part(NamedTuple):
    """The exercise or the key: its title, what to do, the picture, and the lines under it.

    `name` is what stands before the line for it; "" on a key. `font` is what was asked for.
    """

    name: str
    title: str
    sentences: list[str]
    picture: GraphPicture
    rows: list[Row]
    font: str

    @property
    def head(self) -> list[str]:
        """The title, beside it or over it a line for the name, and what to do, as pictures."""
        room = column_width(1) - 2 * MARGIN
        words = Page(room, 0.0, theme=LIGHT, heading=self.title, notes=self.sentences)
        if not self.name:
            return [_svg_of(words, [])]
        name = line_of(self.name, FINE, LIGHT.ink)
        left = room - wide(self.title, HEADING) - name.width - 3 * GAP  # Beside the title.
        is_beside = left >= LEAST_NAME
        start = room - (min(NAME, left) if is_beside else NAME)
        line = f'<path d="M{start:g} 0L{room:g} 0" fill="none" stroke="{LIGHT.line}"/>'
        drawn = [name.at(start - name.width - 6, 0.0), line]
        if is_beside:
            up = words.caption_size[1] - HEADING - 2
            return [_svg_of(words, [f'<g transform="translate(0 {-up:g})">', *drawn, "</g>"])]
        over = Page(room, LINES[0], theme=LIGHT, heading="", notes=[])
        return [_svg_of(over, [f'<g transform="translate(0 {LINES[0]:g})">', *drawn, "</g>"]),
                _svg_of(words, [])]  # fmt: skip

    @property
    def flow(self) -> list[str]:
        """All of it as pictures, one under another, none of them higher than a page of paper."""
        lines = LINES if self.name else LINES_OF_KEY
        for line in lines:
            page = self.column(line)
            if sum(size_of(svg)[1] + GAP_OF_PAGES for svg in page) <= HEIGHT + GAP_OF_PAGES:
                return page
        if fit_one_page(page):
            return page
        head, picture = self._set(self.head), self.picture.svg
        left = HEIGHT - sum(size_of(svg)[1] + GAP_OF_PAGES for svg in head)
        pieces = torn(picture, left, HEIGHT) if size_of(picture)[1] > HEIGHT else [picture]
        for piece in pieces:  # What is left of the page on which the last one stands.
            high = size_of(piece)[1]
            left = (HEIGHT if high > left + 0.5 else left) - high - GAP_OF_PAGES
        tables = min((_tables(self.rows, line, left) for line in lines), key=len)
        return [*head, *pieces, *self._set(tables)]

    def column(self, line: float = LINES[0]) -> list[str]:
        """All of it under one another, nothing in pieces; `line` is from line to line."""
        table = _tables(self.rows, line, inf)
        return [*self._set(self.head), self.picture.svg, *self._set(table)]

    def _set(self, pictures: Sequence[str]) -> list[str]:
        return [set_in(svg, self.font) for svg in pictures]


def _svg_of(page: Page, body: list[str]) -> str:
    return page.svg(body, title="", description="")


class Row(NamedTuple):
    """A line of the derivation: its three texts and what it comes to, and both drawn."""

    texts: list[str]
    result: str
    blocks: list[Block]
    numbers: Block

    def height(self, line: float) -> float:
        return max(line, self.numbers.height + 6)


def _rows(story: Story, moments: list[Moment], *, is_key: bool) -> list[Row]:
    """A row a line; before the first gradient the one that is given, of the output."""
    rows = []
    for phase in ("forward", "backward"):
        if phase == "backward":
            rows.append(_seed(story))
        for moment in moments:
            for i, line in enumerate(moment.lines if moment.phase == phase else ()):
                rows.append(_row(story, moment, line, is_first=i == 0, is_key=is_key))
    return rows


def _seed(story: Story) -> Row:
    output = story.figure.output
    assert output is not None
    told = story.gradient_of(story.index_of[output.key])
    result = f"= {story.text(output.gradient)}"
    drawn = _run(result, LIGHT.gradient)
    if np.ndim(output.gradient):
        sign, numbers = _run("=", LIGHT.gradient), story.figure.numbers
        given = quantity(
            output.gradient, LIGHT.gradient, LIGHT, story.digits, size=FINE, numbers=numbers
        )
        drawn = beside(sign, given, gap=6.0, middle=True)
    return _told(story, ["", told, ""], result, drawn)


def _row(story: Story, moment: Moment, line: Line, *, is_first: bool, is_key: bool) -> Row:
    assert moment.gate is not None
    told = line.lead.removesuffix(" = ").removesuffix(": ")
    symbol = shortened(moment.gate.symbol, 14) if is_first else ""
    texts = [symbol, told, f"= {line.symbols}" if line.symbols else ""]
    return _told(story, texts, *_result(story, moment, line, is_key=is_key))


def _told(story: Story, forms: list[str], result: str, numbers: Block) -> Row:
    """A row of a gate's symbol and of forms, in which names are set as in the picture."""
    blocks = [_run(forms[0], LIGHT.quiet), *(_named(story, form) for form in forms[1:])]
    return Row([story.labelled(form) for form in forms], result, blocks, numbers)


def _named(story: Story, form: str) -> Block:
    written = [
        piece for i, part in enumerate(labels_of(form)) if part
        for piece in (name_in(story.labels[int(part)], FINE, LIGHT.ink) if i % 2
                      else [Written(part, FINE, LIGHT.ink)])
    ]  # fmt: skip
    if not written:
        return EMPTY
    across = sum(wide(piece.text, piece.size) - piece.back for piece in written)
    return Block(across, whole(FINE * CAP), lambda x, y: line_at(x, y, written))


def _result(story: Story, moment: Moment, line: Line, *, is_key: bool) -> tuple[str, Block]:
    """What a line comes to, or room to write it, each entry of a matrix its own."""
    answer = LIGHT.value if moment.phase == "forward" else LIGHT.gradient
    colour = answer if is_key else LIGHT.ink
    texts, names = gaps_of(line.form)[::2], gaps_of(line.form)[1::2]
    contents = [story.content_at(name, 0.0) for name in names]
    output = story.figure.output
    given = f"a{story.place.get(id(output.node))}" if output else ""  # The upstream of the first.

    def written(name: str) -> str:
        return story.text(story.content_at(name)) if name == given else BLANK

    blanks = with_values(line.form, written) if names else BLANK
    result = f"= {line.numbers if is_key else blanks}"
    if not any(map(np.ndim, contents)):
        return result, _run(result, colour)
    sign = "≈" if "≈" in line.numbers else "="
    blocks = [_run("=", colour)]
    for text, name, content in zip(texts, [*names, ""], [*contents, None], strict=True):
        blocks.append(_run(text.strip().replace("≟", sign), colour))
        if content is not None:
            held = Shown.FULLY if is_key or name == given else Shown.BLANK
            blocks.append(
                quantity(content, colour, LIGHT, story.digits, held, FINE, story.figure.numbers)
            )
    return result, beside(*blocks, gap=6.0, middle=True)


def _run(text: str, colour: str) -> Block:
    return line_of(text, FINE, colour) if text else EMPTY


def _tables(rows: list[Row], line: float, left: float) -> list[str]:
    """The lines of the derivation: in one table, or in several, where less is `left` of a page."""
    columns = [max(block.width for block in column) + GAP for column in
               zip(*(row.blocks for row in rows), strict=True)]  # fmt: skip
    room = column_width(1) - 2 * MARGIN
    is_long = sum(columns) + max(row.numbers.width for row in rows) > room
    pieces: list[list[Row]] = [[]]
    left -= 2 * MARGIN
    for row in rows:
        high = row.height(line) + line * is_long
        if high > left:
            pieces.append([])
            left = HEIGHT - 2 * MARGIN
        left -= high
        pieces[-1].append(row)
    return [_table(piece, columns, line, is_long) for piece in pieces if piece]


def _table(rows: list[Row], columns: list[float], line: float, is_long: bool) -> str:
    """Rows whose columns are as wide in every piece; numbers under texts where lines are long."""
    body, y, right = [], 0.0, sum(columns) - GAP
    for row in rows:
        high = row.height(line)
        x, own = 0.0, line if is_long else high
        for block, room in zip(row.blocks, columns, strict=True):
            body.append(block.at(x, y + (own + block.height) / 2 - 1))
            x += room
        if is_long:
            y, x = y + line, columns[0]
        body.append(row.numbers.at(x, y + (high + row.numbers.height) / 2 - 1))
        right = max(right, x + row.numbers.width)
        y += high
    return _svg_of(Page(right, y, theme=LIGHT, heading="", notes=[]), body)


# ---- the files


def _pdf(parts: list[Part], title: str) -> bytes:
    return sheets([part.flow for part in parts], title=title)


def _svg(parts: list[Part], title: str) -> bytes:
    """All under one another; a line before the key."""
    return stacked([part.column() for part in parts], title, LIGHT).encode("utf-8")


def _html(parts: list[Part], title: str) -> bytes:
    """Sections, of which each begins a new page of paper."""
    sections = [
        '<section style="break-before: page">'
        + "".join(f'<div style="break-inside: avoid">{plain(svg)}</div>' for svg in part.flow)
        + "</section>"
        for part in parts
    ]
    body = f'<body style="background: {LIGHT.ground}">\n{"".join(sections)}\n</body>'
    return document(title, body, "light").encode("utf-8")


def _docx(parts: list[Part], title: str) -> bytes:
    sections = [
        Section(
            part.name, part.title, part.sentences, part.picture.svg, part.picture.description,
            [(row.texts[0], row.texts[1], f"{row.texts[2]} {row.result}".strip())
             for row in part.rows],
        )
        for part in parts
    ]  # fmt: skip
    return word_file(sections, title, parts[0].font)


WRITERS: dict[str, Callable[[list[Part], str], bytes]] = {
    ".pdf": _pdf, ".docx": _docx, ".html": _html, ".svg": _svg,
}  # fmt: skip
