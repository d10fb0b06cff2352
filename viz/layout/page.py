"""The page around a drawing: its title over it, its notes, a margin, and words to be read aloud."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import NamedTuple

from viz.names import escaped, paragraphs, shortened
from viz.svg import FONTS
from viz.themes import Theme

from .graph import Point
from .ink import FINE, rectangle, short, wide, words_at

MARGIN = 11.0
LEAST_ROOM = 320.0  # For a caption, whose longer lines go on below.
LONGEST_HEADING, HEADING = 120, 15


class Line(NamedTuple):
    """A line of a caption, its baseline at `y` from the caption's top."""

    y: float
    text: str
    size: float
    color: str


class Page:
    """The page of a drawing that is `width` by `height`, in points.

    Notes stand under the heading, or under the drawing where there is none. A caption has the room
    that `least` says, or more: so wide and so high.
    """

    def __init__(
        self, width: float, height: float, *, theme: Theme, heading: str, notes: Sequence[str],
        least: Point = (0.0, 0.0),
    ):  # fmt: skip
        self.theme, self.is_headed = theme, bool(heading)
        given: list[tuple[str, float, str]] = []
        if heading:
            given.append((shortened(heading, LONGEST_HEADING), HEADING, theme.ink))
        given += [(note, FINE, theme.quiet) for note in notes]
        room = max(width, LEAST_ROOM)
        lines = [
            (line, size, color) for text, size, color in given for line in broken(text, size, room)
        ]
        self.caption: list[Line] = []
        y = 0.0
        for text, size, color in lines:
            self.caption.append(Line(y + size + 2, text, size, color))
            y += size + 8
        longest = max((wide(text, size) for text, size, _ in lines), default=0.0)
        self.caption_size = max(longest, least[0]), max(y + 4 if lines else 0.0, least[1])
        self.width = float(ceil(max(width, self.caption_size[0]) + 2 * MARGIN))
        self.height = float(ceil(height + self.caption_size[1] + 2 * MARGIN))

    def svg(self, body: Iterable[str], *, title: str, description: str, scale: float = 1.0) -> str:
        """The SVG text; `title` and `description` are what screen readers tell."""
        width, height = self.width, self.height
        size = f'width="{short(width * scale)}pt" height="{short(height * scale)}pt"'
        top = MARGIN + (self.caption_size[1] if self.is_headed else 0.0)
        start = MARGIN if self.is_headed else height - MARGIN - self.caption_size[1]
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'viewBox="0 0 {short(width)} {short(height)}" role="img" font-family="{FONTS}">',
            f"<title>{escaped(title)}</title>",
            f"<desc>{paragraphs(description)}</desc>",
            rectangle(0.0, 0.0, width, height, f'fill="{self.theme.ground}"'),
            *(words_at(MARGIN, start + line.y, line.text, size=line.size, color=line.color)
              for line in self.caption),
            f'<g transform="translate({short(MARGIN)} {short(top)})">', *body, "</g>",
            "</svg>", "",
        ])  # fmt: skip


def broken(text: str, size: float, room: float) -> list[str]:
    """A text in lines that are no wider than `room`, as far as its words are not."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and wide(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
