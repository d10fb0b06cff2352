"""What a drawing of a network is made of, where everything is; `svg.py` and `dot.py` write it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from viz.labels import width
from viz.names import is_slanted, parts, runs, shortened
from viz.svg import SUBSCRIPT_DROP, SUBSCRIPT_SIZE, SUPERSCRIPT_RISE

LINE = 1.25  # From line to line of a label, of its size.
CAP = 0.74  # Height of a figure, of its size.

Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle with level sides."""

    left: float
    top: float
    right: float
    low: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right
            and self.top < other.low and other.top < self.low
        )  # fmt: skip

    def wider(self, room: float) -> Box:
        return Box(self.left - room, self.top - room, self.right + room, self.low + room)


class Disc(NamedTuple):
    """A circle about a point. `key` says which unit of which column; what is told of it has it."""

    key: str
    x: float
    y: float
    radius: float
    fill: str
    edge: str = ""  # Its line's colour; none where it is empty.
    is_dashed: bool = False


class Stroke(NamedTuple):
    """A line through points, between the discs of two keys (empty where it has none of them)."""

    key: str
    ends: tuple[str, str]
    points: tuple[Point, ...]
    colour: str
    width: float = 0.8
    is_dashed: bool = False
    is_arrow: bool = False


class Sheet(NamedTuple):
    """A rectangle, its corners round or not."""

    key: str
    box: Box
    fill: str
    edge: str = ""
    is_dashed: bool = False
    corner: float = 0.0


class Run(NamedTuple):
    """Letters of one look; `shift` is how far below the line they stand; `is_over`, that they begin
    where the run before them does: a power over an index."""

    text: str
    size: float
    colour: str
    is_italic: bool = False
    shift: float = 0.0
    is_over: bool = False

    @property
    def width(self) -> float:
        return width(self.text, self.size)


class Label(NamedTuple):
    """Lines of text about a point; where there is a `ground`, it is painted behind them."""

    key: str
    x: float
    y: float
    lines: tuple[tuple[Run, ...], ...]
    ground: str = ""

    @property
    def size(self) -> Point:
        heights = [line[0].size * LINE for line in self.lines]
        last = self.lines[-1][0].size
        return max(map(line_width, self.lines)), sum(heights[:-1]) + last * CAP

    @property
    def box(self) -> Box:
        """What the letters take; below the line, an index is not counted."""
        across, high = self.size
        return Box(self.x - across / 2, self.y - high / 2, self.x + across / 2, self.y + high / 2)

    def at(self, x: float, y: float) -> Label:
        return self._replace(x=x, y=y)


Mark = Disc | Stroke | Sheet | Label


class Drawn(Protocol):
    """A drawing of a network: its marks, in the order in which they are painted, and its words.

    `hovers` are told of the marks of their keys. `stops` are where columns begin and end along, to
    the right if it `is_across`, else downwards.
    """

    marks: list[Mark]
    notes: list[str]
    is_across: bool

    @property
    def stops(self) -> list[tuple[float, float]]: ...

    @property
    def title(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def hovers(self) -> dict[str, str]: ...


def line_width(line: tuple[Run, ...]) -> float:
    """How wide a line of text is set."""
    end = start = 0.0
    for run in line:
        begin = start if run.is_over else end
        start, end = begin, max(end, begin + run.width)
    return end


def words(text: str, size: float, colour: str) -> tuple[Run, ...]:
    """A line of text with the indices and powers of names in LaTeX."""
    shifts = {"_": SUBSCRIPT_DROP * size, "^": -SUPERSCRIPT_RISE * size, "": 0.0}
    return tuple(
        Run(piece, size * SUBSCRIPT_SIZE if mark else size, colour, shift=shifts[mark])
        for piece, mark in runs(text)
    )


def name(text: str, size: float, colour: str) -> tuple[Run, ...]:
    """A name in italics, if it is Latin or Greek, its index lowered, its power raised."""
    letters, index, power = parts(shortened(text))
    small = size * SUBSCRIPT_SIZE
    found = [Run(letters, size, colour, is_slanted(letters))]
    found += [Run(index, small, colour, shift=SUBSCRIPT_DROP * size)] if index else []
    rise = -SUPERSCRIPT_RISE * size
    found += [Run(power, small, colour, shift=rise, is_over=bool(index))] if power else []
    return tuple(found)


def extent(marks: list[Mark]) -> Box:
    """What all marks take."""
    boxes = [box_of(mark) for mark in marks]
    return Box(
        min(b.left for b in boxes), min(b.top for b in boxes),
        max(b.right for b in boxes), max(b.low for b in boxes),
    )  # fmt: skip


def box_of(mark: Mark) -> Box:
    """What a mark takes."""
    if isinstance(mark, Disc):
        return Box(mark.x, mark.y, mark.x, mark.y).wider(mark.radius)
    if isinstance(mark, Stroke):
        xs, ys = zip(*mark.points, strict=True)
        return Box(min(xs), min(ys), max(xs), max(ys)).wider(mark.width / 2)
    return mark.box
