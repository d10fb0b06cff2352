"""Text in columns for a terminal: aligned, numbers on their decimal points, and in colour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.extend import MOST_WRITTEN, number, padded, terminal_width

from .arrays import Numbers, is_written, shown, slices
from .blocks import Block, Cell, Heading, Line, Piece, Row, Span, Words, text

# What a piece of text is, and its colour in a terminal: that of the user's own palette.
COLOURS = {"value": "32", "gradient": "31", "title": "1", "quiet": "2", "warning": "1;33"}
INDENT = 3
GAP = 2


def quantity(content: Any, role: str, digits: int | None = None, numbers: Numbers = "auto") -> Cell:
    """A cell of a number or an array; zero gradients stand back, NaN and infinity stand out.

    >>> quantity(-0.25, "value").lines, quantity(np.eye(2), "value").lines
    (('−0.25',), ('[1  0]', '[0  1]'))
    """
    values = np.asarray(content, dtype=float)
    mark = ""
    if not np.all(np.isfinite(values)):
        role, mark = "warning", " ⚠"
    elif role == "gradient" and not np.any(values):
        role = "quiet"
    if values.ndim == 0:
        return Cell((number(float(values), digits) + mark,), role, number=True)
    if is_written(values, numbers):
        first, *others = _matrices(values, digits)
        return Cell((first + mark, *others), role)
    return Cell((_shape(values) + mark, _range(values, digits)), role)


def columns(rows: Sequence[Row], header: Sequence[str] = ()) -> list[Line]:
    """The rows as lines, each column as wide as it needs."""
    heads = [text(head, "quiet") for head in header]
    count = max((len(row) for row in [*rows, heads]), default=0)
    points = [max((_left(row[i]) for row in rows if _is_number(row, i)), default=0)
              for i in range(count)]  # fmt: skip
    ready = [[_pointed(cell, points[i]) for i, cell in enumerate(row)] for row in [heads, *rows]]
    widths = [
        max((terminal_width(line) for row in ready for line in _cell_lines(row, i)), default=0)
        for i in range(count)
    ]
    lines = [line for row in ready[1:] for line in _row_lines(row, widths)]
    if header:
        rule = "─" * (sum(widths) + GAP * (count - 1))
        lines[:0] = [*_row_lines(ready[0], widths), [Piece(" " * INDENT), Piece(rule, "quiet")]]
    return lines


def lines_of(blocks: Iterable[Block]) -> list[Line]:
    """The blocks one after the other, a blank line between."""
    lines: list[Line] = []
    for block in blocks:
        lines += [[]] if lines else []
        if isinstance(block, Heading):
            lines.append([Piece(block.text, "title")])
        elif isinstance(block, Words):
            lines += block.lines
        else:
            lines += columns(block.rows, block.titles if block.shows_titles else ())
    return lines


def painted(run: Piece) -> str:
    """A run with the escape codes of its colour around its letters, not around its blanks."""
    letters = run.text.strip(" ")
    if not letters or run.role not in COLOURS:
        return run.text
    before, _, after = run.text.partition(letters)
    return f"{before}\x1b[{COLOURS[run.role]}m{letters}\x1b[0m{after}"


def unpainted(line: Line) -> str:
    """A line without its roles."""
    return "".join(run.text for run in line).rstrip()


def _row_lines(row: Row, widths: list[int]) -> list[Line]:
    height = max(len(cell.lines) if isinstance(cell, Cell) else 1 for cell in row)
    lines = []
    for k in range(height):
        line = [Piece(" " * INDENT)]
        for i, cell in enumerate(row):
            if isinstance(cell, Span):
                line += cell.runs if k == 0 else ()
                continue
            content = cell.lines[k] if k < len(cell.lines) else ""
            line.append(Piece(padded(content, widths[i] + GAP), cell.role))
        lines.append(line)
    return lines


def _cell_lines(row: Row, i: int) -> tuple[str, ...]:
    cell = row[i] if i < len(row) else None
    return cell.lines if isinstance(cell, Cell) else ()


def _is_number(row: Row, i: int) -> bool:
    cell = row[i] if i < len(row) else None
    return isinstance(cell, Cell) and cell.number


def _left(cell: Any) -> int:
    """How many columns a number takes before its decimal point."""
    return terminal_width(_split(cell.lines[0])[0])


def _pointed(cell: Any, point: int) -> Any:
    if not isinstance(cell, Cell) or not cell.number:
        return cell
    return cell._replace(lines=(" " * (point - _left(cell)) + cell.lines[0],))


def _split(written: str) -> tuple[str, str]:
    """A number's text before its decimal point, and the rest."""
    end = min((written.find(mark) for mark in (".", "×", " ") if mark in written), default=None)
    return (written, "") if end is None else (written[:end], written[end:])


def _matrices(values: np.ndarray, digits: int | None) -> list[str]:
    """The lines of an array, its slices one under the other, a blank line between.

    Few numbers are judged together, by the sign before them; of many each says if it is rounded.
    """
    write = number if values.size <= MOST_WRITTEN else shown
    lines: list[str] = []
    for matrix in slices(values):
        texts = [[write(float(value), digits) for value in line] for line in matrix]
        aligned = [_aligned(column) for column in zip(*texts, strict=True)]
        rows = zip(*aligned, strict=True) if len(texts) > 1 else texts
        lines += ([""] if lines else []) + [f"[{'  '.join(line)}]" for line in rows]
    return lines


def _aligned(numbers: Sequence[str]) -> list[str]:
    """Numbers on their decimal points, all as wide as the widest."""
    before = max(terminal_width(_split(n)[0]) for n in numbers)
    after = max(terminal_width(_split(n)[1]) for n in numbers)
    padded = []
    for written in numbers:
        left, right = map(terminal_width, _split(written))
        padded.append(" " * (before - left) + written + " " * (after - right))
    return padded


def _shape(values: np.ndarray) -> str:
    return "×".join(map(str, values.shape))


def _range(values: np.ndarray, digits: int | None) -> str:
    if values.size == 0:
        return "empty"
    with np.errstate(all="ignore"):
        found = (np.min(values), np.mean(values), np.max(values))
    return " / ".join(number(float(value), digits) for value in found)
