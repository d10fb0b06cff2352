"""A drawing of a network that is too long, in rows like a score.

A row ends with a column (of units, of maps, of a step in time) with which the next one begins
again, dashed: no line of weights is cut. What goes past that column is, and letters mark it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter

from viz.layout.page import MARGIN
from viz.layout.svg import HIGH, LEAST, SIZES
from viz.themes import Theme

from .marks import Box, Disc, Drawn, Label, Mark, Point, Run, Sheet, Stroke, box_of, extent

APART = 30.0  # Between two rows.
LETTER, ROOM = 9, 14.0  # Of the marks where a line goes on, and from the column to them.
NEAR = 0.01

Span = tuple[float, float]


def least_scale(marks: Sequence[Mark]) -> float:
    """How small marks may be drawn, for their letters to be large enough."""
    sizes = [run.size for mark in marks if isinstance(mark, Label)
             for line in mark.lines for run in line]  # fmt: skip
    return min(LEAST / min([LETTER, *sizes]), 1.0)


def fitted(drawn: Drawn, width: float, theme: Theme) -> list[Mark]:
    """The marks, in rows where letters would be too small without.

    Rows are no more than there have to be, and as large as their number allows.
    """
    least = least_scale(drawn.marks)
    long = width if drawn.is_across else HIGH * width

    def cuts(scale: float) -> list[int]:
        return cuts_of(drawn, long / scale - 2 * MARGIN)

    fewest = cuts(least)
    if not fewest:
        return drawn.marks
    tried = (1 - (1 - least) * i / SIZES for i in range(SIZES))
    scale = next((scale for scale in tried if len(cuts(scale)) <= len(fewest)), least)
    marks = in_rows(drawn, cuts(scale), theme)
    box = extent(marks)
    if not drawn.is_across and (box.right - box.left + 2 * MARGIN) * least > width:
        return drawn.marks
    return marks


def cuts_of(drawn: Drawn, length: float) -> list[int]:
    """The columns at which rows end that are no longer than `length`, as far as there are such:
    as few as can be, and as equally long as these can be.
    """
    whole = extent(drawn.marks)
    start, end = (whole.left, whole.right) if drawn.is_across else (whole.top, whole.low)
    stops = drawn.stops
    over = max([0.0, *_overhangs(drawn)])
    lows = [start, *(low - over for low, _ in stops[1:])]
    highs = [*(high + over for _, high in stops[:-1]), end]

    def rows(limit: float) -> list[int]:
        cuts = [0]
        while highs[-1] - lows[cuts[-1]] > limit and cuts[-1] < len(stops) - 2:
            later = range(cuts[-1] + 1, len(stops) - 1)
            cuts.append(max([i for i in later if highs[i] - lows[cuts[-1]] <= limit] or later[:1]))
        return cuts[1:]

    fewest = rows(length)
    if not fewest:
        return []
    lengths = sorted({high - low for i, low in enumerate(lows) for high in highs[i + 1 :]})
    best = bisect_left(lengths, True, key=lambda limit: len(rows(limit)) <= len(fewest))
    return rows(lengths[best])


def _overhangs(drawn: Drawn) -> Iterator[float]:
    """How far labels of columns reach beyond these."""
    for mark in drawn.marks:
        if isinstance(mark, Label):
            start, end = _span(mark, drawn.is_across)
            for low, high in drawn.stops:
                if low <= (start + end) / 2 <= high:
                    yield max(low - start, end - high)


def in_rows(drawn: Drawn, cuts: Sequence[int], theme: Theme) -> list[Mark]:
    """The marks in rows that end at some columns."""
    stops, is_across = drawn.stops, drawn.is_across
    whole = extent(drawn.marks)
    ends = (whole.left, whole.right) if is_across else (whole.top, whole.low)
    letters: dict[int, str] = {}
    found: list[Mark] = []
    below = 0.0
    for first, last in pairwise([-1, *cuts, len(stops)]):
        row = _Row(
            stops, first, last, ends[0] if first < 0 else stops[first][0],
            ends[1] if last == len(stops) else stops[last][1], is_across, theme, letters,
        )  # fmt: skip
        for index, mark in enumerate(drawn.marks):
            row.take(index, mark)
        box = extent(row.marks)
        along, across = (box.left, box.top) if is_across else (box.top, box.left)
        by = (-along, below - across) if is_across else (below - across, -along)
        found += [_moved(mark, *by) for mark in row.marks]
        below += (box.low - box.top if is_across else box.right - box.left) + APART
    return found


@dataclass
class _Row:
    """What stands from one column to another, or from the beginning, or to the end."""

    stops: Sequence[Span]
    first: int
    last: int
    start: float
    end: float
    is_across: bool
    theme: Theme
    letters: dict[int, str]
    marks: list[Mark] = field(default_factory=list)

    def take(self, index: int, mark: Mark) -> None:
        """A mark, if it stands in this row, or what of it does."""
        low, high = _span(mark, self.is_across)
        if isinstance(mark, Disc | Label):
            low = high = (low + high) / 2
        since = bisect_right(self.stops, low + NEAR, key=itemgetter(0)) - 1
        to = bisect_left(self.stops, high - NEAR, key=itemgetter(1))
        if since == to == self.first:
            self.marks.append(_again(mark))
        elif self.first <= min(since, to) and max(since, to) <= self.last:
            self.marks.append(mark)
        elif to > self.first and since < self.last:
            if isinstance(mark, Sheet):
                self.marks.append(self.part(mark))
            elif isinstance(mark, Stroke):
                self.marks += self.stretch(index, mark)

    def part(self, sheet: Sheet) -> Sheet:
        left, top, right, low = sheet.box
        if self.is_across:
            return sheet._replace(box=Box(max(left, self.start), top, min(right, self.end), low))
        return sheet._replace(box=Box(left, max(top, self.start), right, min(low, self.end)))

    def stretch(self, index: int, stroke: Stroke) -> Iterator[Mark]:
        """The stretch of a line in this row, with a letter at each end that is cut."""
        axis = 0 if self.is_across else 1
        points: list[Point] = []
        for a, b in pairwise(stroke.points):
            piece = _between(a, b, axis, self.start - ROOM, self.end + ROOM)
            points += piece if not points else piece[1:]
        if len(points) < 2:
            return
        is_last = points[-1] == stroke.points[-1]
        yield stroke._replace(points=tuple(points), is_arrow=stroke.is_arrow and is_last)
        for point, end in ((points[0], stroke.points[0]), (points[-1], stroke.points[-1])):
            if point != end:
                letter = self.letters.setdefault(index, _letter(len(self.letters)))
                run = Run(letter, LETTER, self.theme.quiet)
                yield Label("", *point, ((run,),), ground=self.theme.ground)


def _letter(number: int) -> str:
    """A, B, ..., Z, A1, ..."""
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")


def _span(mark: Mark, is_across: bool) -> Span:
    box = box_of(mark)
    return (box.left, box.right) if is_across else (box.top, box.low)


def _again(mark: Mark) -> Mark:
    """A mark that stood in the row before: without a name of its own, its edge dashed."""
    if isinstance(mark, Disc | Sheet):
        return mark._replace(key="", is_dashed=True)
    return mark._replace(key="")


def _between(a: Point, b: Point, axis: int, low: float, high: float) -> list[Point]:
    """What of a line is between two places along."""
    if a[axis] > b[axis]:
        return _between(b, a, axis, low, high)[::-1]
    if b[axis] < low or a[axis] > high:
        return []

    def at(place: float) -> Point:
        share = (place - a[axis]) / (b[axis] - a[axis])
        return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])

    return [at(low) if a[axis] < low else a, at(high) if b[axis] > high else b]


def _moved(mark: Mark, dx: float, dy: float) -> Mark:
    if isinstance(mark, Stroke):
        return mark._replace(points=tuple((x + dx, y + dy) for x, y in mark.points))
    if isinstance(mark, Sheet):
        left, top, right, low = mark.box
        return mark._replace(box=Box(left + dx, top + dy, right + dx, low + dy))
    return mark._replace(x=mark.x + dx, y=mark.y + dy)
