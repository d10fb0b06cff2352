"""What a derivation is written in: headings, words and tables, each writer's to lay out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """A piece of a line, and what it is."""

    text: str
    role: str = ""


class Cell(NamedTuple):
    """A table's cell: lines of text; a `number` is aligned on its decimal point."""

    lines: tuple[str, ...] = ("",)
    role: str = ""
    number: bool = False


class Span(NamedTuple):
    """A table's last cell, as long as it likes: it does not widen its column."""

    runs: tuple[Piece, ...]


Line = list[Piece]
Row = Sequence[Cell | Span]


class Heading(NamedTuple):
    """The title of a part: "1  The graph"."""

    text: str


class Words(NamedTuple):
    """Lines that stand as they are."""

    lines: tuple[Line, ...]


class Table(NamedTuple):
    """Rows in columns, under their `titles`; in plain text only where it `shows_titles`."""

    rows: tuple[Row, ...]
    titles: tuple[str, ...] = ()
    shows_titles: bool = False


Block = Heading | Words | Table


def text(content: str, role: str = "") -> Cell:
    """A cell of words."""
    return Cell(tuple(content.split("\n")), role)
