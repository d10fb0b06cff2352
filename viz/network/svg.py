"""A drawing of a network as SVG: presentation attributes alone, ids that say what a mark is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import hypot

from viz.layout.ink import ellipse, line_at, rectangle, rounded, text_at
from viz.layout.page import Page
from viz.names import paragraphs
from viz.svg import Written
from viz.themes import Theme

from .marks import (
    CAP,
    LINE,
    Disc,
    Drawn,
    Label,
    Mark,
    Point,
    Sheet,
    Stroke,
    extent,
)
from .rows import fitted, least_scale

DASHES = ' stroke-dasharray="5,3"'
ARROW, HALF_ARROW = 7.0, 2.8  # How long an arrow's head is, and half as wide.


def svg_of(
    drawn: Drawn, theme: Theme, heading: str, notes: Sequence[str], *, title: str,
    width: float | None = None,
) -> str:  # fmt: skip
    """The SVG text of a drawing under a heading, over notes; in rows, to be of a width."""
    marks, scale = drawn.marks if width is None else fitted(drawn, width, theme), 1.0
    whole, hovers = extent(marks), drawn.hovers
    wide, high = whole.right - whole.left, whole.low - whole.top
    page = Page(wide, high, theme=theme, heading=heading, notes=notes)
    body = [
        f'<g transform="translate({-whole.left:.7g} {-whole.top:.7g})">',
        *(_group(mark, hovers) for mark in marks if not isinstance(mark, Label)),
        '<g pointer-events="none">',  # What is told of a circle is told where a number is on it.
        *(_group(mark, {}) for mark in marks if isinstance(mark, Label)),
        "</g>", "</g>",
    ]  # fmt: skip
    if width is not None:
        scale = min(1.0, max(width / page.width, least_scale(marks)))
    return page.svg(body, title=title, description=drawn.description, scale=scale)


def _group(mark: Mark, hovers: dict[str, str]) -> str:
    drawn = "".join(_drawn(mark))
    if not mark.key:
        return drawn
    told = hovers.get(mark.key)
    hover = "" if told is None else f"<title>{paragraphs(told)}</title>"
    return f'<g id="{mark.key}">{hover}{drawn}</g>'


def _drawn(mark: Mark) -> Iterable[str]:
    if isinstance(mark, Disc):
        yield ellipse(mark.x, mark.y, mark.radius, mark.radius, _look(mark))
    elif isinstance(mark, Sheet):
        look = _look(mark)
        yield rounded(*mark.box, mark.corner, look) if mark.corner else rectangle(*mark.box, look)
    elif isinstance(mark, Stroke):
        yield from _line(mark)
    else:
        yield from _text(mark)


def _look(mark: Disc | Sheet) -> str:
    edge = f' stroke="{mark.edge}"' if mark.edge else ""
    return f'fill="{mark.fill}"{edge}{DASHES if mark.is_dashed else ""}'


def _line(stroke: Stroke) -> Iterator[str]:
    points = list(stroke.points)
    if stroke.is_arrow:
        tip, points[-1] = points[-1], _before(points[-2], points[-1], ARROW * 0.8)
        yield _arrow(_before(points[-2], tip, ARROW), tip, stroke.colour)
    d = "L".join(f"{x:.7g} {y:.7g}" for x, y in points)
    dashes = DASHES if stroke.is_dashed else ""
    yield (
        f'<path d="M{d}" fill="none" stroke="{stroke.colour}" '
        f'stroke-width="{stroke.width:g}"{dashes}/>'
    )


def _before(start: Point, end: Point, far: float) -> Point:
    """The point so far before the end of a line."""
    share = far / (hypot(end[0] - start[0], end[1] - start[1]) or 1.0)
    return end[0] + share * (start[0] - end[0]), end[1] + share * (start[1] - end[1])


def _arrow(foot: Point, tip: Point, colour: str) -> str:
    dx, dy = (tip[0] - foot[0]) / ARROW * HALF_ARROW, (tip[1] - foot[1]) / ARROW * HALF_ARROW
    corners = (tip, (foot[0] - dy, foot[1] + dx), (foot[0] + dy, foot[1] - dx))
    return f'<polygon points="{" ".join(f"{x:.7g},{y:.7g}" for x, y in corners)}" fill="{colour}"/>'


def _text(label: Label) -> Iterator[str]:
    if label.ground:
        yield rectangle(*label.box.wider(1.5), f'fill="{label.ground}"')
    y = label.box.top
    for line in label.lines:
        size = line[0].size
        if len(line) == 1:
            yield text_at(
                label.x, y + size * CAP, line[0].text, size=size, color=line[0].colour,
                anchor="middle", italic=line[0].is_italic,
            )  # fmt: skip
        else:
            before = [line[0], *line]
            written = [
                Written(run.text, run.size, run.colour, run.is_italic, run.shift,
                        last.width if run.is_over else 0.0)
                for last, run in zip(before, line, strict=False)
            ]  # fmt: skip
            yield line_at(label.x, y + size * CAP, written, "middle")
        y += size * LINE
