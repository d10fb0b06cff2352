"""A laid out Figure as SVG: presentation attributes alone, ids that say what an element is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count

from viz.figure import Figure, Gate, Wire
from viz.labels import SMALL
from viz.names import paragraphs, shortened
from viz.themes import Theme, mix

from .graph import Layout, Point, Segment
from .ink import (
    CAP,
    CHIP,
    FINE,
    RISE_TEXT,
    ellipse,
    label_chip,
    rectangle,
    rounded,
    text_at,
    wide,
    words_at,
)
from .nesting import lay_out
from .page import MARGIN, Page
from .pieces import APART, HEAD, INDENT, RISE, STUB, Pieces, Shape
from .rows import cuts_of, in_rows

LEAST = 7.0  # Points of the smallest letters of a picture whose width is given.
MARK_ROOM = 40.0, 16.0  # At the ends of rows, and of columns.
HIGH = 2**0.5  # A page, to its width: so long are columns.
SIZES = 8  # That are tried for pictures in rows.
ROUND = 6.0  # Of a wire's corners.
SHORT = 6.0  # Of a level piece, that a slant takes over.
DOT = 2.4
NEAR = 0.45  # Of a rounded corner's reach: where the controls of its curve are, a circle's.
DASHES = ' stroke-dasharray="5,2"'
ROUND_ENDS = ' stroke-linecap="round"'  # So that there is no notch where two pieces of a wire meet.


class Drawing:
    """A figure, laid out: `svg` writes it. `room` is kept free over each value besides, and
    each number of an array has room for `entry` at least.

    It is laid out as another is that it is to be `like`, of the same figure at another moment, and
    its caption has `caption` as its least room: so pictures of a sequence have one canvas.
    """

    def __init__(
        self, figure: Figure, theme: Theme, *, direction: str = "LR", digits: int | None = None,
        values: bool = True, width: float | None = None, room: float = 0.0,
        like: Drawing | None = None, caption: Point = (0.0, 0.0), entry: str = "",
    ):  # fmt: skip
        self.figure, self.theme, self.values = figure, theme, values
        self.across = direction == "LR"
        self.pieces = Pieces(
            figure, theme, across=self.across, digits=digits, values=values, room=room, entry=entry
        )
        self.caption = caption
        self.layout: Layout = like.layout if like else lay_out(self.pieces.graph)
        self.scale: float = like.scale if like else 1.0
        self.hovers: dict[str, str] = {}
        self.of_out = {out: key for key, out in self.pieces.outs.items()}
        self.wire_of = {wire.key: wire for wire in figure.wires}
        if width is not None and like is None:
            self.fit(width)

    def at(self, point: Point) -> Point:
        """Time and across, as x and y."""
        return point if self.across else (point[1], point[0])

    def fit(self, width: float) -> None:
        """As wide as asked: smaller, while letters are large enough, and else in rows.

        From top to bottom, rows are columns, if these are not wider. Rows are no more than there
        have to be, and as large as their number allows.
        """
        sizes = re.findall(r'font-size="([\d.]+)"', "".join(self.nodes()))
        least = min(LEAST / min(CHIP, *map(float, sizes)), 1.0)  # Marks are chips.
        whole, graph = self.layout, self.pieces.graph
        long, room = (width, MARK_ROOM[0]) if self.across else (HIGH * width, MARK_ROOM[1])

        def cuts(scale: float) -> int:
            return len(cuts_of(whole, graph, long / scale - 2 * MARGIN, room))

        fewest = cuts(least)
        if fewest:
            sizes_tried = (1 - (1 - least) * i / SIZES for i in range(SIZES))
            scale = next((scale for scale in sizes_tried if cuts(scale) <= fewest), least)
            self.layout = in_rows(whole, graph, long / scale - 2 * MARGIN, room)
            if not self.across and self.size[0] * least > width:
                self.layout = whole
        self.scale = min(1.0, max(width / self.size[0], least))

    @property
    def page(self) -> Page:
        width, height = self.at(self.layout.size)
        return Page(
            width, height, theme=self.theme, heading=self.figure.title, notes=self.figure.notes,
            least=self.caption,
        )  # fmt: skip

    def room_for(self, captions: Iterable[tuple[str, Sequence[str]]]) -> Point:
        """So wide and so high are the largest of these titles with their notes."""
        width, height = self.at(self.layout.size)
        sizes = [
            Page(width, height, theme=self.theme, heading=title, notes=notes).caption_size
            for title, notes in captions
        ]
        return max((w for w, _ in sizes), default=0.0), max((h for _, h in sizes), default=0.0)

    @property
    def size(self) -> Point:
        """Of the drawing, in whole points; the picture is `scale` times as large."""
        return self.page.width, self.page.height

    def svg(self, *, hovers: dict[str, str], title: str, description: str) -> str:
        self.hovers = hovers
        body = [*self.boxes(), *self.wires(), *self.nodes(), *self.marks()]
        return self.page.svg(body, title=title, description=description, scale=self.scale)

    # ---- boxes

    def boxes(self) -> Iterable[str]:
        theme = self.theme
        pieces: Counter[int] = Counter()
        for frame, start, end, opened in self.layout.rectangles:
            pieces[frame] += 1
            key = f"box{frame}" + (f"_{pieces[frame]}" if pieces[frame] > 1 else "")
            box = self.figure.boxes[frame]
            (x, y), (right, low) = self.at(start), self.at(end)
            colour = getattr(theme, box.role) if box.role else theme.quiet
            edge = mix(theme.ground, colour, 0.5) if box.role else theme.box_line
            called, name = shortened(box.name), ""
            has_room = wide(called, FINE) <= right - x - 8
            if has_room or not opened[0]:  # A short part in a further row has none.
                name = words_at(x + 8, y + HEAD - 3, called, size=FINE, color=colour)
            look = f'fill="{theme.box}" stroke="{edge}"'
            if any(opened):
                outline = self.opened(x, y, right, low, opened, edge)
            else:
                outline = rounded(x, y, right, low, 6.0, look)
            yield f'<g id="{key}">{outline}{name}</g>'

    def opened(
        self, left: float, top: float, right: float, low: float, sides: tuple[bool, bool], edge: str
    ) -> str:
        """A box that goes on in another row, without the sides at which it does."""
        ground = rectangle(left, top, right, low, f'fill="{self.theme.box}"')
        corners = [(left, low), (left, top), (right, top), (right, low)]
        if not self.across:  # From one corner on, clockwise, the first side is where it begins.
            corners = [*corners[1:], corners[0]]
        first, second, third, fourth = corners
        ways = [[second, third], [fourth, first]]
        if not sides[0]:
            ways = [[third, second, first, fourth]]
        elif not sides[1]:
            ways = [[second, third, fourth, first]]
        d = "".join(_path(way) for way in ways)
        return f'{ground}<path d="{d}" fill="none" stroke="{edge}"/>'

    def marks(self) -> Iterable[str]:
        """Where wires go on: a chip with the wire's name, or a letter of its own."""
        called: dict[tuple[int, int], str] = {}
        names = {wire.name for wire in self.figure.wires}
        letters = (letter for letter in map(_letter, count()) if letter not in names)
        for source, out, at, goes in sorted(self.layout.marks, key=lambda mark: mark.at[1]):
            key = (source, out)
            if key not in called:
                name = shortened(self.wire_of[self.of_out[key]].name, 6)
                called[key] = next(letters) if name in ("", *called.values()) else name
            chip = label_chip(called[key], self.theme)
            x, y = self.at(at)
            if self.across:
                x, y = x if goes else x - chip.width, y + chip.height / 2
            else:
                x, y = x - chip.width / 2, y + chip.height if goes else y
            yield f"<g>{chip.at(x, y)}</g>"

    # ---- wires

    def wires(self) -> Iterable[str]:
        """Lines and dots; what belongs to one link alone bears its name."""
        layout = self.layout
        dead = [link.is_dead for link in self.figure.links]
        groups: dict[tuple[int, int], dict[tuple[int, ...], list[Segment]]] = {}
        for key in self.pieces.outs.values():
            groups[key] = {}
        for segment in layout.segments:
            own = groups[segment.source, segment.out]
            own.setdefault(segment.edges, []).append(segment)
        dots: dict[tuple[int, int], list[Point]] = {}
        for dot in layout.dots:
            dots.setdefault((dot.source, dot.out), []).append(dot.at)
        for key, own in groups.items():
            wire = self.wire_of[self.of_out[key]]
            lines = [self.line(self.own_line(key), wire.is_dead)]
            for edges, segments in own.items():
                all_dead = all(dead[edge] for edge in edges)
                drawn = self.line(_joined([s.points for s in segments]), all_dead)
                if len(edges) == 1:
                    name = f"l{edges[0]}"
                    drawn = f'<g id="{name}">{self.hover(name)}{drawn}</g>'
                lines.append(drawn)
            for x, y in map(self.at, dots.get(key, ())):
                lines.append(ellipse(x, y, DOT, DOT, f'fill="{self.theme.line}"'))
            yield f'<g id="{wire.key}_line">{"".join(lines)}</g>'

    def own_line(self, key: tuple[int, int]) -> list[tuple[Point, ...]]:
        """The stretch that bears the label."""
        node, out = key
        start, y = self.layout.places[node]
        part = self.pieces.of_node[node]
        if isinstance(part, Gate):
            shape = self.pieces.shapes[part.key]
            start += 2 * (shape.half_width if self.across else shape.half_height)
        y += self.pieces.graph.nodes[node].outs[out]
        end = self.layout.ends[node]
        return [((start, y), (end, y))]

    def line(self, pieces: Sequence[Sequence[Point]], dead: bool) -> str:
        color = self.theme.quiet if dead and self.values else self.theme.line
        look = DASHES if dead and self.values else ROUND_ENDS
        d = "".join(_path([self.at(p) for p in _straight_in(points)]) for points in pieces)
        return f'<path d="{d}" fill="none" stroke="{color}"{look}/>'

    # ---- what stands at them

    def nodes(self) -> Iterable[str]:
        for number, part in enumerate(self.pieces.of_node):
            if isinstance(part, Gate):
                yield self.gate(number, part)
        for key, (number, out) in self.pieces.outs.items():
            yield self.label(self.wire_of[key], number, out)
        for index, block in self.pieces.branch_labels.items():
            edge = self.pieces.graph.edges[index]
            node, (start, y) = self.pieces.graph.nodes[edge.target], self.layout.places[edge.target]
            t, b = start - node.lead, y + node.ins[edge.slot]
            if self.across:
                drawn = block.at(t + 3, b + RISE + block.height)
            else:
                drawn = block.at(b + 4, t + 4 + block.height)
            yield f'<g id="b{index}">{self.hover(f"b{index}")}{drawn}</g>'

    def gate(self, number: int, gate: Gate) -> str:
        theme, shape = self.theme, self.pieces.shapes[gate.key]
        start, b = self.layout.places[number]
        thick = shape.half_width if self.across else shape.half_height
        x, y = self.at((start + thick, b))
        fill = theme.lit if gate.is_lit else theme.composite if shape.is_box else theme.gate
        look = f'fill="{fill}" stroke="{theme.line}"'
        look += ' stroke-width="2.2"' if gate.is_lit else ""
        symbol = self.pieces.symbol(gate)
        low = y + shape.size * RISE_TEXT
        inside = ""
        if shape.is_box and gate.inside:
            low -= 7
            inside = text_at(x, y + 12, gate.inside, size=SMALL, color=theme.quiet, anchor="middle")
        text = text_at(x, low, symbol, size=shape.size, color=theme.ink, anchor="middle")
        outline = _outline(x, y, shape, look)
        return f'<g id="{gate.key}">{self.hover(gate.key)}{outline}{text}{inside}</g>'

    def label(self, wire: Wire, number: int, out: int) -> str:
        label, layout = self.pieces.labels[wire.key], self.layout
        start, b = layout.places[number]
        b += self.pieces.graph.nodes[number].outs[out]
        part = self.pieces.of_node[number]
        if isinstance(part, Gate):
            shape = self.pieces.shapes[part.key]
            start += 2 * (shape.half_width if self.across else shape.half_height) + STUB
        x, y = self.at((start, b))
        above, below, name, called = label.above, label.below, label.name, label.called
        shift = called.width and called.width + APART
        if self.across:
            left = x + INDENT
            drawn = name.at(x - 5 - name.width, y + 13 * CAP / 2)
            drawn += called.at(left, y - RISE)
            over = above.at(left + shift, y - RISE)
            beneath = below.at(left, y + RISE + 1 + below.height)
        else:
            long = self.pieces.extents(label)[0]
            drawn = name.at(x - name.width / 2, y - 5)
            left = x - INDENT - 2 - above.width
            drawn += called.at(left - shift, y + long / 2 + called.height / 2)
            over = above.at(left, y + long / 2 + above.height / 2)
            beneath = below.at(x + INDENT + 2, y + long / 2 + below.height / 2)
        parts = [("name", drawn), ("value", over), ("gradient", beneath)]
        named = "".join(f'<g id="{wire.key}_{p}">{d}</g>' for p, d in parts if d)
        return f'<g id="{wire.key}">{self.hover(wire.key)}{named}</g>'

    def hover(self, key: str) -> str:
        told = self.hovers.get(key)
        return "" if told is None else f"<title>{paragraphs(told)}</title>"


def _letter(number: int) -> str:
    """A, B, ..., Z, A1, ..."""
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")


def _outline(x: float, y: float, shape: Shape, look: str) -> str:
    if not shape.is_box and shape.half_width == shape.half_height == shape.corner:
        return ellipse(x, y, shape.corner, shape.corner, look)
    half = shape.half_width, shape.half_height
    return rounded(x - half[0], y - half[1], x + half[0], y + half[1], shape.corner, look)


def _joined(pieces: list[tuple[Point, ...]]) -> list[list[Point]]:
    """Polylines, each as long as it goes on: where one ends, the one that begins there follows."""
    if len(pieces) == 1:
        return [_without_middles(pieces[0])]
    begins: dict[Point, list[tuple[Point, ...]]] = {}
    for points in pieces:
        begins.setdefault(points[0], []).append(points)
    follow = {points[-1] for points in pieces}
    found = []
    for first in sorted(pieces, key=lambda points: points[0] in follow):
        waiting = begins[first[0]]
        if first not in waiting:
            continue
        waiting.remove(first)
        chain = list(first)
        while begins.get(chain[-1]):
            chain += begins[chain[-1]].pop(0)[1:]
        found.append(_without_middles(chain))
    return found


def _without_middles(points: Sequence[Point]) -> list[Point]:
    """Points without those on a level line between their neighbours."""
    kept = [points[0]]
    for point in points[1:]:
        if point == kept[-1]:
            continue
        if len(kept) > 1:
            (ax, ay), (bx, by) = kept[-2], kept[-1]
            if (ay == by == point[1]) or (ax == bx == point[0]):
                kept[-1] = point
                continue
        kept.append(point)
    return kept


def _straight_in(points: Sequence[Point]) -> Sequence[Point]:
    """A slant goes on up to a round gate, without a short level piece at its end."""
    if len(points) > 2:
        (t, b), (before, level), (end, _) = points[-3:]
        if b != level == points[-1][1] and t != before and end - before < SHORT:
            return [*points[:-2], points[-1]]
    return points


def _path(points: Sequence[Point]) -> str:
    """A polyline, right angles rounded."""
    if len(points) < 2:
        return ""
    (x, y), (end_x, end_y) = points[0], points[-1]
    d = f"M{x:.7g} {y:.7g}"
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        if (ay == by and bx == cx) or (ax == bx and by == cy):
            reach = min(ROUND, (abs(bx - ax) + abs(by - ay)) / 2, (abs(cx - bx) + abs(cy - by)) / 2)
            ux, uy, vx, vy = _sign(bx - ax), _sign(by - ay), _sign(cx - bx), _sign(cy - by)
            near = reach * NEAR
            d += (
                f"L{bx - ux * reach:.7g} {by - uy * reach:.7g}"
                f"C{bx - ux * near:.7g} {by - uy * near:.7g} {bx + vx * near:.7g} "
                f"{by + vy * near:.7g} {bx + vx * reach:.7g} {by + vy * reach:.7g}"
            )
        else:
            d += f"L{bx:.7g} {by:.7g}"
    return f"{d}L{end_x:.7g} {end_y:.7g}"


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
