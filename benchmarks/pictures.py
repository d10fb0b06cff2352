"""Pictures of the gallery measured beside Graphviz's: `python -m benchmarks.pictures [word ...]`.

Counted are wires that run back, gates whose operands stand out of order, wires over letters, pairs
of wires that share a stroke, and crossings; then come area, bends, the smallest letter on a slide,
and the time from a Figure to its SVG. `--save folder` writes both pictures of each graph.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from xml.etree import ElementTree

import numpy as np

from benchmarks.gallery import GALLERY
from viz.build import figure_of
from viz.dot.polish import key_of
from viz.dot.render import render
from viz.dot.writer import dot_of
from viz.figure import Figure
from viz.labels import width
from viz.layout.svg import Drawing
from viz.subject import subject_of
from viz.svg import SVG, written_in
from viz.themes import LIGHT

SLIDE = 960.0  # Points.
COUNTS = ("back", "order", "letters", "strokes", "crossings")
Path_ = list[tuple[float, float]]


@dataclass
class Geometry:
    """A picture's lines and letters: the way of each link, and strokes by wire."""

    size: tuple[float, float]
    ways: dict[int, Path_] = field(default_factory=dict)
    strokes: dict[str, list[Path_]] = field(default_factory=dict)
    letters: list[tuple[float, float, float, float]] = field(default_factory=list)
    smallest: float = 99.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table: ours, then Graphviz's."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pictures", description=__doc__)
    parser.add_argument("words", nargs="*", help="graphs whose names contain one of these")
    parser.add_argument("--save", type=Path, help="a folder for the pictures")
    options = parser.parse_args(arguments)
    titles = [*COUNTS, "bends", "area", "letter", "ms"]
    print("| graph | gates |", " | ".join(titles), "|")
    print("| --- | ---: |", " | ".join("---:" for _ in titles), "|")
    total = np.zeros((2, len(titles)))
    for name, build in GALLERY.items():
        if options.words and not any(word in name for word in options.words):
            continue
        subject = subject_of("draw", build(), None, gradient=None, digits=None)
        figure = figure_of(subject, "all")
        rows = []
        for index, draw in enumerate((_ours, _graphviz)):
            if index == 0:
                draw(figure)
            start = perf_counter()
            svg, geometry = draw(figure)
            rows.append(measures(figure, geometry, perf_counter() - start))
            total[index] += rows[-1]
            if options.save:
                options.save.mkdir(parents=True, exist_ok=True)
                (options.save / f"{name}-{('ours', 'dot')[index]}.svg").write_text(svg, "utf-8")
        cells = " | ".join(f"{_short(a)} / {_short(b)}" for a, b in zip(*rows, strict=True))
        print(f"| {name} | {len(figure.gates)} | {cells} |", flush=True)
    print("| sum | |", " | ".join(f"{_short(a)} / {_short(b)}" for a, b in total.T), "|")
    return 0


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 or number == int(number) else f"{number:.1f}"


# ---- the lines of a picture


def _ours(figure: Figure) -> tuple[str, Geometry]:
    drawing = Drawing(figure, LIGHT)
    svg = drawing.svg(hovers={}, title="", description="")
    start = perf_counter()
    geometry = Geometry(drawing.layout.size)
    pieces: dict[int, list[Path_]] = {}
    for segment in drawing.layout.segments:
        key = drawing.of_out[segment.source, segment.out]
        geometry.strokes.setdefault(key, []).append(list(segment.points))
        for edge in segment.edges:
            pieces.setdefault(edge, []).append(list(segment.points))
    for key, out in drawing.pieces.outs.items():
        geometry.strokes.setdefault(key, []).extend(map(list, drawing.own_line(out)))
    for edge, parts in pieces.items():
        way: Path_ = []
        for part in sorted(parts, key=lambda part: (part[0][0], part[-1][0])):
            way += part if not way else part[1:]
        geometry.ways[edge] = way
    root = ElementTree.fromstring(svg)
    _letters(root, geometry, within="g")
    _timing.append(perf_counter() - start)
    return svg, geometry


_timing: list[float] = []


def _graphviz(figure: Figure) -> tuple[str, Geometry]:
    svg = render(dot_of(figure, LIGHT)).decode()
    start = perf_counter()
    root = ElementTree.fromstring(svg)
    geometry = Geometry(tuple(float(root.get(s, "0")[:-2]) for s in ("width", "height")))
    parts: dict[int, list[Path_]] = {}
    for group in root.iter(f"{SVG}g"):
        kind, key = group.get("class", "").split(" ")[0], key_of(group) if group.get("id") else ""
        lines = [_numbers(p.get("points", "")) for p in group.iter(f"{SVG}polyline")]
        if kind == "node" and key[0] == "w":
            geometry.strokes.setdefault(key, []).extend(lines)
        elif kind == "node" and key[0] == "b":
            wire = figure.links[int(key[1:])].source.key
            geometry.strokes.setdefault(wire, []).extend(lines)
            parts.setdefault(int(key[1:]), []).extend(lines[:1])
        elif kind == "edge" and key[0] == "l":
            index = int(key[1:])
            for path in group.iter(f"{SVG}path"):
                points = _numbers(path.get("d", ""))[::3]
                geometry.strokes.setdefault(figure.links[index].source.key, []).append(points)
                parts.setdefault(index, []).append(points)
    for index, pieces in parts.items():
        way: Path_ = []
        for piece in sorted(pieces, key=lambda piece: piece[0][0] + piece[-1][0]):
            way += piece
        geometry.ways[index] = [(way[0][0] - 10, way[0][1]), *way]
    _letters(root, geometry)
    _timing.append(perf_counter() - start)
    return svg, geometry


def _numbers(text: str) -> Path_:
    values = [float(n) for n in re.findall(r"-?[\d.]+", text)]
    return list(zip(values[::2], values[1::2], strict=True))


def _letters(root: ElementTree.Element, geometry: Geometry, within: str = "") -> None:
    texts: Iterable[ElementTree.Element] = root.iter(f"{SVG}text")
    if within:
        texts = (t for g in root.findall(f"{SVG}{within}") for t in g.iter(f"{SVG}text"))
    for text in texts:
        x, y = float(text.get("x", "0")), float(text.get("y", "0"))
        pieces = written_in(text)
        wides = [width(piece.text, piece.size) * 0.96 for piece in pieces]
        wide = sum(wides) - sum(piece.back for piece in pieces)
        x -= {"start": 0.0, "middle": wide / 2, "end": wide}[text.get("text-anchor", "start")]
        for piece, across in zip(pieces, wides, strict=True):
            x, low = x - piece.back, y + piece.below
            geometry.letters.append((x, low - 0.7 * piece.size, x + across, low))
            geometry.smallest = min(geometry.smallest, piece.size)
            x += across


# ---- what is counted


def measures(figure: Figure, geometry: Geometry, seconds: float) -> list[float]:
    """The numbers of a row."""
    wires, lines = [], []
    for number, strokes in enumerate(geometry.strokes.values()):
        for stroke in strokes:
            for a, b in pairwise(stroke):
                if abs(a[0] - b[0]) + abs(a[1] - b[1]) > 0.05:
                    wires.append(number)
                    lines.append((*a, *b))
    segments, owners = np.array(lines).reshape(-1, 4), np.array(wires)
    width_, height = geometry.size
    letter = geometry.smallest * min(1.0, SLIDE / width_)
    return [
        sum(_runs_back(way) for way in geometry.ways.values()),
        _out_of_order(figure, geometry),
        _over_letters(segments, owners, geometry),
        *_meetings(segments, owners),
        sum(_bends(way) for way in geometry.ways.values()),
        width_ * height / 1e4,
        letter,
        (seconds - _timing[-1]) * 1e3,
    ]


def _runs_back(way: Path_) -> bool:
    return any(b[0] < a[0] - 1 for a, b in pairwise(way))


def _out_of_order(figure: Figure, geometry: Geometry) -> int:
    ends: dict[str, list[tuple[float, float]]] = {}
    for index, link in enumerate(figure.links):
        way = geometry.ways[index]
        end = way[-1][1], way[-2][1]
        ends.setdefault(link.target.key, []).append(end)
    return sum(
        any(b[0] < a[0] - 0.5 or (abs(a[0] - b[0]) <= 0.5 and b[1] < a[1] - 0.5)
            for a, b in pairwise(found))
        for found in ends.values()
    )  # fmt: skip


def _over_letters(segments: np.ndarray, owners: np.ndarray, geometry: Geometry) -> int:
    """Wires that run through a box of letters."""
    found = set()
    for index, (left, top, right, low) in enumerate(geometry.letters):
        if right - left < 3:
            continue
        box = np.array([left + 1, top + 1, right - 1, low - 1])
        for hit in np.flatnonzero(_enters(segments, box)):
            found.add((int(owners[hit]), index))
    return len(found)


def _enters(segments: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Which segments have a point within a box (Liang and Barsky)."""
    start, way = segments[:, :2], segments[:, 2:] - segments[:, :2]
    first, last = np.zeros(len(segments)), np.ones(len(segments))
    with np.errstate(divide="ignore", invalid="ignore"):
        for axis in (0, 1):
            a, b = ((box[axis + k] - start[:, axis]) / way[:, axis] for k in (0, 2))
            flat = way[:, axis] == 0
            inside = (start[:, axis] > box[axis]) & (start[:, axis] < box[axis + 2])
            low = np.where(flat, np.where(inside, 0.0, 2.0), np.minimum(a, b))
            high = np.where(flat, np.where(inside, 1.0, -1.0), np.maximum(a, b))
            first, last = np.maximum(first, low), np.minimum(last, high)
    return first < last


def _meetings(segments: np.ndarray, owners: np.ndarray) -> tuple[int, int]:
    """Pairs of wires that share a stroke, and how often wires cross."""
    shared, crossings = set(), 0
    ways = segments[:, 2:] - segments[:, :2]
    lengths = np.hypot(*ways.T)
    for i in range(len(segments)):
        rest = np.flatnonzero((owners != owners[i]) & (np.arange(len(segments)) > i))
        if not len(rest):
            continue
        unit = ways[i] / lengths[i]
        normal = np.array([-unit[1], unit[0]])
        begin, end = segments[rest, :2] - segments[i, :2], segments[rest, 2:] - segments[i, :2]
        off_begin, off_end = begin @ normal, end @ normal
        along_begin, along_end = begin @ unit, end @ unit
        close = (abs(off_begin) < 1.5) & (abs(off_end) < 1.5)
        low = np.maximum(np.minimum(along_begin, along_end), 0)
        high = np.minimum(np.maximum(along_begin, along_end), lengths[i])
        for j in rest[close & (high - low > 3)]:
            shared.add((min(owners[i], owners[j]), max(owners[i], owners[j])))
        apart = (off_begin > 0.05) & (off_end < -0.05) | (off_begin < -0.05) & (off_end > 0.05)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = off_begin / (off_begin - off_end)
            at = along_begin + share * (along_end - along_begin)
        crossings += int(np.sum(apart & (at > 0.05) & (at < lengths[i] - 0.05)))
    return len(shared), crossings


def _bends(way: Path_) -> int:
    angles = [
        np.arctan2(b[1] - a[1], b[0] - a[0])
        for a, b in pairwise(way)
        if abs(a[0] - b[0]) + abs(a[1] - b[1]) > 0.1
    ]
    return sum(abs(b - a) > 0.05 for a, b in pairwise(angles))


if __name__ == "__main__":
    sys.exit(main())
