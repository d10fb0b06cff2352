"""Wires as they are drawn: no gap, a dot at each fork and at nothing else, no letter under a line.

What is checked is the finished SVG, of which PNG, PDF and TikZ are made shape by shape.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

import nn
import viz
from autograd import Tensor
from tests.viz import pdf_reading
from viz import examples
from viz.layout.ink import wide
from viz.svg import SVG, written_in

NUMBER = re.compile(r"-?[\d.]+(?:e-?\d+)?")


class Geometry:
    """The lines and dots of each wire, and what they may end at, in the picture's points."""

    def __init__(self, svg: str):
        self.lines: dict[str, list[list]] = defaultdict(list)
        self.dots: dict[str, list] = defaultdict(list)
        self.ends: list[tuple[float, ...]] = []  # Boxes of gates and of marks.
        self.texts: list[tuple[float, ...]] = []
        self.looks: set = set()
        self.read(ElementTree.fromstring(svg), 0.0, 0.0, "")

    def read(self, element, right, down, key):
        kind, name = element.tag.removeprefix(SVG), element.get("id", "")
        moved = [float(n) for n in NUMBER.findall(element.get("transform", ""))] or [0.0, 0.0]
        right, down = right + moved[0], down + moved[1]
        if kind in ("svg", "g"):
            if re.fullmatch(r"g\d+", name) or not (name or key or any(moved) or kind == "svg"):
                key = "gate"  # Or a mark, which has no name.
            elif not key.endswith("_line"):
                key = name
            for child in element:
                self.read(child, right, down, key)
        elif kind == "text":
            written = written_in(element)
            width, size = sum(wide(w.text, w.size) for w in written), written[0].size
            x, y = float(element.get("x")) + right, float(element.get("y")) + down
            x -= {"middle": width / 2, "end": width}.get(element.get("text-anchor"), 0.0)
            self.texts.append((x, y - 0.7 * size, x + width, y))
        elif kind == "ellipse":
            x, y = float(element.get("cx")) + right, float(element.get("cy")) + down
            rx, ry = float(element.get("rx")), float(element.get("ry"))
            if key == "gate":
                self.ends.append((x - rx, y - ry, x + rx, y + ry))
            else:
                self.dots[key].append((x, y))
        elif key == "gate" and kind in ("path", "polygon"):
            path = element.get("d") or element.get("points")
            numbers = [float(n) for n in NUMBER.findall(path)]
            xs, ys = numbers[::2], numbers[1::2]
            self.ends.append((min(xs) + right, min(ys) + down, max(xs) + right, max(ys) + down))
        elif kind == "path" and key.endswith("_line"):
            self.looks.add((element.get("stroke-linecap"), "stroke-dasharray" in element.attrib))
            for piece in element.get("d").split("M")[1:]:
                points = []
                for command, text in re.findall(r"([LC]|^)([^LC]*)", piece):
                    numbers = [float(n) for n in NUMBER.findall(text)]
                    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
                    points += pairs[-1:] if command == "C" else pairs
                self.lines[key].append([(x + right, y + down) for x, y in points])

    def stretches(self, key):
        return [pair for line in self.lines[key] for pair in pairwise(line)]

    def free_ends(self):
        """Ends at nothing: neither at a line of the same wire, nor at a gate or a mark."""
        for key, lines in self.lines.items():
            for i, line in enumerate(lines):
                others = [p for j, other in enumerate(lines) if j != i for p in pairwise(other)]
                for end in (line[0], line[-1]):
                    near = any(inside(end, box, 1.0) for box in self.ends)
                    if not near and all(apart(end, *pair) > 0.5 for pair in others):
                        yield key, end

    def forks(self):
        """Where a wire goes on in three directions or more."""
        for key in self.lines:
            stretches = [pair for pair in self.stretches(key) if math.dist(*pair) > 0.01]
            for point in {point for pair in stretches for point in pair}:
                met = [pair for pair in stretches if apart(point, *pair) < 0.1]
                far = [end for pair in met for end in pair if math.dist(point, end) > 0.5]
                if len({direction(point, end) for end in far}) > 2:
                    yield key, point

    def crossed_texts(self):
        """Letters and lines that share a place which no gate covers."""
        for text in self.texts:
            for key in self.lines:
                for pair in self.stretches(key):
                    (left, right), (top, low) = map(sorted, zip(*pair, strict=True))
                    if left > text[2] or right < text[0] or top > text[3] or low < text[1]:
                        continue
                    for share in np.linspace(0, 1, 25):
                        at = [a + share * (b - a) for a, b in zip(*pair, strict=True)]
                        covered = any(inside(at, box, 0.0) for box in self.ends)
                        if inside(at, text, -0.5) and not covered:
                            yield text, key, at


def inside(point, box, more):
    return (box[0] - more <= point[0] <= box[2] + more) and (
        box[1] - more <= point[1] <= box[3] + more
    )


def apart(point, start, end):
    """How far a point is from a stretch."""
    (x, y), (ax, ay), (bx, by) = point, start, end
    long = (bx - ax) ** 2 + (by - ay) ** 2
    share = min(max(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / long, 0.0), 1.0) if long else 0
    return math.dist(point, (ax + share * (bx - ax), ay + share * (by - ay)))


def direction(start, end):
    return round(math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))) % 360


def tangle(seed):
    """A graph of many forks and crossings."""
    rng = np.random.default_rng(seed)
    nodes = [Tensor(float(i) + 0.5, name=f"x{i}") for i in range(4)]
    for _ in range(12):
        a, b = (nodes[i] for i in rng.choice(len(nodes), 2))
        nodes.append([a * b, a + b, np.exp(-a)][rng.integers(3)])
    return sum(nodes[4:], nodes[0])


GRAPHS = {
    **{name: lambda name=name: examples.build(name) for name in ("fork", "max-router", "matrix")},
    "tangle": lambda: tangle(1),
    "tensors": lambda: nn.MLP(3, [4], 2, rng=0)(np.ones((2, 3), np.float32)),
}
WAYS = {
    "plain": {}, "TB": {"direction": "TB"}, "column": {"width": "column"},
    "repeat": {"leaves": "repeat"}, "open": {"expand": "all"},
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", GRAPHS)
def test_wires_meet_fork_at_dots_and_run_through_no_label(name, way):
    picture = viz.draw(GRAPHS[name](), **WAYS[way])
    found = Geometry(picture.svg)
    figure = picture._drawn
    leaves = sum(wire not in [made for _, made in figure.feeds] for wire in figure.wires)
    uses = {link.source.key for link in figure.links}
    outputs = sum(wire.key not in uses for wire in figure.wires)
    assert len(list(found.free_ends())) == leaves + outputs  # Where they begin, and where all ends.
    dots = {(key, *point) for key, points in found.dots.items() for point in points}
    forks = {(key, *point) for key, point in found.forks()}
    assert {(k, round(x, 2), round(y, 2)) for k, x, y in forks} <= {
        (k, round(x, 2), round(y, 2)) for k, x, y in dots
    }
    for key, x, y in dots:
        others = [p for other in found.lines if other != key for p in found.stretches(other)]
        assert all(apart((x, y), *pair) > 2.4 for pair in others)
    assert not list(found.crossed_texts())
    assert found.looks <= {("round", False), (None, True)}  # No notch where two pieces meet.


def test_pdf_and_tikz_end_their_lines_as_the_svg_does():
    picture = viz.draw(examples.build("fork"))
    round_ones = picture.svg.count('stroke-linecap="round"')
    assert round_ones > 10
    assert picture.tikz.count("line cap=round") == round_ones
    assert pdf_reading.contents(picture.pdf)[0].count(" 1 J ") == round_ones
