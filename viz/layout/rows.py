"""A layout that is too long, in rows like a score: cut where only wires are, straight on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

from .graph import TAIL, Dot, Graph, Layout, Mark, Point, Rectangle, Segment
from .nesting import PAD

APART = 22.0  # Between two rows.
ROOM = 2.0  # What is kept free on both sides of a cut.
ROW, BOX_CUT, WIRE_CUT = 0.1, 0.12, 0.01  # Said against a row, a box that is cut, a wire.

Span = tuple[float, float]
Wire = tuple[int, int]
Piece = tuple[int, Point, Point]
"""The row in which a part of a line, or of a box, stands, and its ends."""


def in_rows(layout: Layout, graph: Graph, length: float, margin: float) -> Layout:
    """The layout in rows no longer than `length`, as far as it can be cut.

    `margin` is the room for the marks at the ends of the wires that go on in another row.
    """
    cuts = cuts_of(layout, graph, length, margin)
    return _Rows(layout, graph, cuts, margin).layout if cuts else layout


def cuts_of(layout: Layout, graph: Graph, length: float, margin: float) -> list[float]:
    """Where to cut, if at all: in free places alone, outside of boxes where that costs little.

    What there is to say against a row is how far it is from full, and the boxes that its end cuts;
    the cuts with the least sum are found by dynamic programming, as lines of a paragraph are
    (Knuth and Plass, Software: Practice and Experience 11, 1981).
    """
    total = layout.size[0]
    if total <= length:
        return []
    length -= 2 * margin
    begins = sorted(segment.points[0][0] for segment in layout.segments)
    ends = sorted(segment.points[-1][0] for segment in layout.segments)
    places, against = [0.0], [0.0]
    for start, end in _free(layout, graph):
        for at in {start, end}:
            depth = sum(r.start[0] < at < r.end[0] for r in layout.rectangles)
            wires = bisect_left(begins, at) - bisect_left(ends, at)
            places.append(at)
            against.append(BOX_CUT * depth + WIRE_CUT * wires)
    places.append(total)
    against.append(0.0)
    order = sorted(range(len(places)), key=places.__getitem__)
    least, before = {order[0]: 0.0}, {}
    for j, to in enumerate(order[1:], 1):
        best = None
        for since in order[j - 1 :: -1]:
            share = (places[to] - places[since]) / length
            if share > 1 and best is not None:
                break
            row = 100 * (share - 1) if share > 1 else (1 - share) ** 2 * (places[to] < total)
            cost = least[since] + ROW + row + against[to]
            if best is None or cost < best[0]:
                best = (cost, since)
        assert best is not None
        least[to], before[to] = best
    cuts, at = [], order[-1]
    while at in before:
        at = before[at]
        cuts.append(places[at])
    return cuts[-2::-1]


def _free(layout: Layout, graph: Graph) -> list[Span]:
    """Stretches of time in which there are only wires, straight on, and insides of boxes."""
    taken: list[Span] = []
    for (start, _), node in zip(layout.places, graph.nodes, strict=True):
        taken.append((start - node.lead, start + node.size - TAIL))
    for segment in layout.segments:
        for (a, y), (b, z) in pairwise(segment.points):
            if y != z:
                taken.append((min(a, b), max(a, b)))
    for frame, start, end, *_ in layout.rectangles:
        taken += [(start[0], start[0] + graph.frames[frame].width + 8.0), (end[0], end[0])]
    free, reached = [], 0.0
    for begin, stop in sorted(taken):
        if begin - ROOM > reached + ROOM:
            free.append((reached + ROOM, begin - ROOM))
        reached = max(reached, stop)
    return free


class _Rows:
    """Puts what lies between two cuts into a row of its own."""

    def __init__(self, layout: Layout, graph: Graph, cuts: list[float], margin: float):
        self.old, self.graph, self.cuts, self.margin = layout, graph, cuts, margin
        self.starts = [0.0, *cuts]
        self.stops = [*cuts, layout.size[0]]
        self.shifts = [(0.0, 0.0)] * len(self.starts)
        self.edges: dict[Wire, tuple[int, ...]] = {}
        for i, edge in enumerate(graph.edges):
            wire = (edge.source, edge.out)
            self.edges[wire] = (*self.edges.get(wire, ()), i)
        lines = [piece for a, b in self.lines() for piece in self.pieces(a, b)]
        self.boxes = self.fitted(lines)
        edges = [(row, start, end) for box in self.boxes for row, start, end in box]
        self.shifts, breadth = self.placed([*lines, *edges])
        longest = max(b - a for a, b in zip(self.starts, self.stops, strict=True))
        size = (longest + 2 * margin, breadth)
        places = [self.moved(place) for place in layout.places]
        self.layout = Layout(places, list(layout.ends), [], [], [], size)
        self.fill()

    def row(self, t: float) -> int:
        return bisect_right(self.cuts, t)

    def lines(self) -> list[tuple[Point, Point]]:
        """Every straight line there is: wires, and the upper and lower edges of nodes."""
        found = []
        for segment in self.old.segments:
            found += list(pairwise(segment.points))
        for (t, b), end, node in zip(self.old.places, self.old.ends, self.graph.nodes, strict=True):
            for y in (b - node.before, b + node.after):
                found.append(((t - node.lead, y), (t + node.size - TAIL, y)))
            found += [((t, b + out), (end, b + out)) for out in node.outs]
        return found

    def fitted(self, lines: list[Piece]) -> list[list[Piece]]:
        """Each box by rows, its opposite corners. In each row a box that is cut is as high as what
        it holds there; those that are in others come first."""
        inside: dict[int, list[tuple[Point, Point]]] = {}
        for row, *ends in lines:
            inside.setdefault(row, []).append((ends[0], ends[1]))
        found: list[list[Piece]] = [[] for _ in self.old.rectangles]
        heights = [end[1] - start[1] for _, start, end, *_ in self.old.rectangles]
        for number in sorted(range(len(heights)), key=heights.__getitem__):
            frame, start, end, *_ = self.old.rectangles[number]
            cut = self.pieces(start, (end[0], start[1]))
            for row, (left, top), (right, _) in cut:
                low = end[1]
                held = [
                    y for ends in inside.get(row, ())
                    if ends[0][0] < right and ends[1][0] > left
                    for _, y in ends if top <= y <= low
                ]  # fmt: skip
                if held and len(cut) > 1:
                    top = max(top, min(held) - self.graph.frames[frame].head - PAD)
                    low = min(low, max(held) + PAD)
                found[number].append((row, (left, top), (right, low)))
                corners = (left, top), (right, low)
                inside.setdefault(row, []).append(corners)
        return found

    def pieces(self, a: Point, b: Point) -> list[Piece]:
        """A line, by rows."""
        first, last = self.row(a[0]), self.row(max(b[0] - 1e-9, a[0]))
        found = []
        for row in range(first, last + 1):
            start = a if row == first else (self.starts[row], a[1])
            end = b if row == last else (self.stops[row], b[1])
            found.append((row, start, end))
        return found

    def placed(self, pieces: list[Piece]) -> tuple[list[Point], float]:
        """How far each row is moved, and how high all of them are."""
        shifts, y = [], 0.0
        for row, start in enumerate(self.starts):
            heights = [p[1] for number, *ends in pieces if number == row for p in ends]
            top, low = min(heights, default=0.0), max(heights, default=0.0)
            if row:
                top -= 8.0  # Marks stand a little higher than their wires.
            shifts.append((self.margin * (row > 0) - start, y - top))
            y += low - top + APART
        return shifts, y - APART

    def moved(self, point: Point, row: int | None = None) -> Point:
        by = self.shifts[self.row(point[0]) if row is None else row]
        return point[0] + by[0], point[1] + by[1]

    def fill(self) -> None:
        old, layout = self.old, self.layout
        for number, node in enumerate(self.graph.nodes):
            (t, b), end = old.places[number], old.ends[number]
            for out, offset in enumerate(node.outs):
                pieces = self.pieces((t, b + offset), (end, b + offset))
                self.own_line((number, out), pieces)
        for segment in old.segments:
            self.segment(segment)
        layout.dots = [Dot(source, out, self.moved(at)) for source, out, at in old.dots]
        for (frame, *_), pieces in zip(old.rectangles, self.boxes, strict=True):
            for row, a, b in pieces:
                opened = (row != pieces[0][0], row != pieces[-1][0])
                corners = self.moved(a, row), self.moved(b, row)
                layout.rectangles.append(Rectangle(frame, *corners, opened))

    def segment(self, segment: Segment) -> None:
        where, run = self.row(segment.points[0][0]), [self.moved(segment.points[0])]
        for a, b in pairwise(segment.points):
            for row, start, end in self.pieces(a, b):
                if row != where:
                    self.keep(segment, run)
                    self.mark((segment.source, segment.out), where, row, start[1])
                    where, run = row, []
                run += [self.moved(start, row), self.moved(end, row)]
        self.keep(segment, run)

    def own_line(self, wire: Wire, pieces: list[Piece]) -> None:
        """The line that bears a wire's label: its end, and its further rows."""
        self.layout.ends[wire[0]] = self.moved(pieces[0][2], pieces[0][0])[0]
        for before, (row, start, end) in pairwise(pieces):
            self.mark(wire, before[0], row, start[1])
            ends = (self.moved(start, row), self.moved(end, row))
            self.layout.segments.append(Segment(*wire, self.edges.get(wire, ()), ends))

    def mark(self, wire: Wire, row: int, following: int, y: float) -> None:
        """A wire goes on in the following row."""
        for at, where, goes in (
            (self.stops[row], row, True),
            (self.starts[following], following, False),
        ):
            mark = Mark(*wire, self.moved((at, y), where), goes)
            if mark not in self.layout.marks:
                self.layout.marks.append(mark)

    def keep(self, segment: Segment, run: list[Point]) -> None:
        points = tuple(p for i, p in enumerate(run) if not i or p != run[i - 1])
        if len(points) > 1:
            self.layout.segments.append(segment._replace(points=points))
