"""A place in a line of text shown as compilers do: the line, and carets under the place."""

from __future__ import annotations

from .names import plain
from .wording import width

WINDOW = 60  # Columns of a long line that are shown.
INDENT = "    "


def pointed(text: str, start: int, end: int | None = None) -> str:
    """Two lines: `text`, and carets under its letters from `start` to before `end`.

    Of a long text only the surroundings are shown. Wide letters get two carets.

    >>> print(pointed("1 + sigmiod(x)", 4, 11))
        1 + sigmiod(x)
            ^^^^^^^
    """
    text = plain(text)
    start = min(max(start, 0), len(text))
    end = min(max(start + 1, end or 0), max(len(text), start + 1))
    first, last = _window(text, start, end)
    before, after = "…" if first else "", "…" if last < len(text) else ""
    line = f"{before}{text[first:last]}{after}"
    carets = max(width(text[start : min(end, last)]), 1)
    blanks = width(before + text[first:start])
    return f"{INDENT}{line.rstrip()}\n{INDENT}{' ' * blanks}{'^' * carets}"


def _window(text: str, start: int, end: int) -> tuple[int, int]:
    """From where to where `text` is shown: the place, and as much around it as there is room."""
    first, last = start, min(start + 1, len(text))
    room = WINDOW - width(text[first:last])
    while room > 0 and (first > 0 or last < len(text)):
        # A letter on the right, then one on the left; the place itself comes before all.
        if last < len(text) and (last < end or first == 0 or last - start <= start - first):
            room -= width(text[last])
            last += 1
        else:
            first -= 1
            room -= width(text[first])
    return first, last
