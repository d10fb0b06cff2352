"""What the command line prints: tables, numbers and emphasis that a terminal or a file can take."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from autograd.extend import padded, takes_colour, terminal_width

__all__ = ["Console"]


class Console:
    """Writes lines to a stream; bold and dim only where a terminal reads them.

    `NO_COLOR` and a dumb terminal get plain text.
    """

    def __init__(self, stream: Any = None) -> None:
        self.stream = stream or sys.stdout
        self.styled = takes_colour(self.stream)

    def say(self, line: str = "") -> None:
        """One line, at once."""
        self.stream.write(line + "\n")
        self.stream.flush()

    def bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self.styled else text

    def dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self.styled else text

    def table(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], strong: int | None = None
    ) -> None:
        """Columns of text to the right, under their heads; the row of number `strong` is bold."""
        columns = zip(head, *rows, strict=True)
        widths = [max(map(terminal_width, column)) for column in columns]
        line = "─" * (sum(widths) + 2 * (len(widths) - 1))
        self.say(self.dim(line.replace("─", "━")))
        self.say(self.bold(_laid(head, widths)))
        self.say(self.dim(line))
        for i, row in enumerate(rows):
            text = _laid(row, widths)
            self.say(self.bold(text) if i == strong else text)
        self.say(self.dim(line.replace("─", "━")))


def _laid(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(
        padded(cell, width, right=True) for cell, width in zip(cells, widths, strict=True)
    ).rstrip()
