"""Networks to draw, and how their pictures are read."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np

import nn
from viz.labels import width
from viz.svg import written_in

SVG = "{http://www.w3.org/2000/svg}"


def hovers(picture):
    """The first line of each hover, and the numbers of the others by their words."""
    found = {}
    for title in ElementTree.fromstring(picture.svg).iter(f"{SVG}title"):
        head, *rest = title.text.split("\n")
        if ": " in head and "weight" in head:
            head, number = head.rsplit(": ", 1)
            rest.append(f"weight {number}")
        pairs = [line.split(" ", 1) for line in rest]
        found[head] = {w: float(n.replace("−", "-")) for w, n in pairs if n[-1:].isdigit()}
    return found


def words(picture):
    texts = ElementTree.fromstring(picture.svg).iter(f"{SVG}text")
    return [piece for text in texts for piece in text.itertext()]


def circles(picture):
    """The circles, without dots and the bends of lanes."""
    found = ElementTree.fromstring(picture.svg).iter(f"{SVG}ellipse")
    return [circle for circle in found if float(circle.get("rx")) > 2]


def lines(picture):
    """Colour, width and dashes of each weight's line, by its hover's first words."""
    found = {}
    for group in ElementTree.fromstring(picture.svg).iter(f"{SVG}g"):
        title, path = group.find(f"{SVG}title"), group.find(f"{SVG}path")
        if title is not None and path is not None:
            wide = float(path.get("stroke-width", 1))
            dashed = "stroke-dasharray" in path.attrib
            found[title.text.split(":")[0]] = (path.get("stroke"), wide, dashed)
    return found


class Residual(nn.Module):
    """A step back to the inputs, and one from which two read."""

    def __init__(self):
        self.first, self.second = nn.Linear(3, 3, rng=0), nn.Linear(3, 3, rng=1)
        self.last, self.relu = nn.Linear(3, 1, rng=2), nn.ReLU()

    def forward(self, x):
        return self.last(x + self.second(self.relu(self.first(x))))


class Branches(nn.Module):
    def __init__(self, scalar=False):
        kind = partial(nn.Linear, scalar=scalar, dtype=np.float64)
        self.left, self.right, self.last = kind(2, 3, rng=0), kind(2, 2, rng=1), kind(5, 1, rng=2)
        self.is_tensor = not scalar

    def forward(self, x):
        left, right = self.left(x), self.right(x)
        if self.is_tensor:
            return self.last(np.concatenate([np.tanh(left), right], axis=-1))
        return self.last([node.tanh() for node in left] + right)


class TwoInputs(nn.Module):
    def __init__(self):
        self.a, self.b, self.last = (nn.Linear(*s, rng=0) for s in [(2, 4), (3, 4), (4, 1)])

    def forward(self, x, y):
        return self.last(self.a(x) * self.b(y))


def places(picture):
    """Where the circles are, by their hovers' first words."""
    found = {}
    for group in ElementTree.fromstring(picture.svg).iter(f"{SVG}g"):
        title, circle = group.find(f"{SVG}title"), group.find(f"{SVG}ellipse")
        if title is not None and circle is not None:
            words = title.text.split("\n")[0]
            found[words] = float(circle.get("cx")), float(circle.get("cy"))
    return found


def segments(picture):
    """The straight pieces of lines: keys, ends and widths."""
    for group in ElementTree.fromstring(picture.svg).iter(f"{SVG}g"):
        for path in group.findall(f"{SVG}path"):
            wide = float(path.get("stroke-width"))
            points = [tuple(map(float, p.split())) for p in path.get("d")[1:].split("L")]
            yield from ((group.get("id"), a, b, wide) for a, b in pairwise(points))


def boxes(picture):
    """What each label's letters take, by its key; an index apart from its line."""
    anchors = {"middle": 0.5, None: 0.0}
    found = []
    for group in ElementTree.fromstring(picture.svg).iter(f"{SVG}g"):
        for text in group.findall(f"{SVG}text"):
            if group.get("id"):
                pieces = written_in(text)
                whole = sum(width(piece.text, piece.size) - piece.back for piece in pieces)
                left = float(text.get("x")) - anchors[text.get("text-anchor")] * whole
                for piece in pieces:
                    low, left = float(text.get("y")) + piece.below, left - piece.back
                    right = left + width(piece.text, piece.size)
                    found.append((group.get("id"), left, low - 0.72 * piece.size, right, low))
                    left = right
    return found


def runs_through(start, end, wide, box):
    """Whether one of many points of a line is nearer to a box than half of its width."""
    share = np.linspace(0, 1, 400)[:, None]
    x, y = (np.array(start) + share * (np.array(end) - np.array(start))).T
    left, top, right, low = box
    beside, above = np.maximum(left - x, x - right), np.maximum(top - y, y - low)
    return np.any(np.hypot(np.maximum(beside, 0), np.maximum(above, 0)) < wide / 2)
