"""A derivation as Markdown, for notebooks and for GitHub: its blocks as tables and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .blocks import Block, Cell, Heading, Line, Row, Span, Table
from .names import printable

_LEFT, _CENTRE, _RIGHT = ":---", ":---:", "---:"
# Entities where a backslash would not do: notebooks read \\( and $ as the beginning of formulas.
_SPECIAL = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", "\\": "&#92;", "$": "<span>&#36;</span>",
    "#": "&#35;", **{sign: f"\\{sign}" for sign in "|*_`~"},
}  # fmt: skip
_LINK = re.compile(r"\](?=[\[(:])")


def markdown_of(blocks: Iterable[Block]) -> str:
    """The blocks one after another, tables in GitHub's notation."""
    return "\n\n".join(written for written in map(_block, blocks) if written) + "\n"


def markdown_text(text: str) -> str:
    """`text` for a table's cell or a paragraph: no markup, on one line.

    >>> print(markdown_text("|w| <b> a\\nb x_1*y"))
    \\|w\\| &lt;b&gt; a b x\\_1\\*y
    """
    letters = "".join(_SPECIAL.get(letter, letter) for letter in printable(text))
    return _LINK.sub("&#93;", letters)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        number, _, title = block.text.partition("  ")
        return f"**{markdown_text(f'{number}. {title}' if title else number)}**"
    if not isinstance(block, Table):
        return "\n\n".join(filter(None, map(_sentence, block.lines)))
    if not any(block.titles):
        return "\n\n".join(" ".join(map(_joined, row)) for row in block.rows)
    return _table(block)


def _sentence(line: Line) -> str:
    return " ".join(markdown_text("".join(run.text for run in line)).split())


def _joined(cell: Cell | Span) -> str:
    """A cell within a sentence."""
    return " ".join(_texts(cell))


def _table(table: Table) -> str:
    count = len(table.titles)
    cells = [[_in_table(row, i) for i in range(count)] for row in table.rows]
    kept = [i for i in range(count) if table.titles[i] or any(row[i] for row in cells)]
    titles = [markdown_text(title) for title in table.titles]
    rules = [_alignment(table, i) for i in range(count)]
    lines = [[row[i] for i in kept] for row in [titles, rules, *cells]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _in_table(row: Row, i: int) -> str:
    return "<br>".join(_texts(row[i])) if i < len(row) else ""


def _texts(cell: Cell | Span) -> list[str]:
    """The lines of a cell; a matrix keeps its blanks, of which HTML would show one."""
    if isinstance(cell, Span):
        return [_sentence(list(cell.runs))]
    return [markdown_text(line.strip()).replace("  ", "&nbsp; ") for line in cell.lines]


def _alignment(table: Table, i: int) -> str:
    """Numbers to the right, signs, whose columns have no title, in the middle."""
    cells = [row[i] for row in table.rows if i < len(row)]
    if any(isinstance(cell, Cell) and cell.number for cell in cells):
        return _RIGHT
    return _LEFT if table.titles[i] else _CENTRE
