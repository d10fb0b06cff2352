"""A picture that is higher than a page, in pieces: torn between its rows, not through letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from viz.svg import SVG, size_of

LEAST = 0.4  # Of a page, that is filled at least.
SOLID = 60.0  # Points: what is filled and no higher is a gate or a mark; higher are boxes.
EMPTY, AIR = 60.0, 12.0  # What is empty for so long is left out, but for some air.
_NUMBER = re.compile(r"-?[\d.]+(?:e-?\d+)?")
_HEAD = re.compile(r' width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]*"')


class _Extent(NamedTuple):
    """From where to where something reaches, and whether it may be torn, as a line may."""

    top: float
    low: float
    is_line: bool


def torn(svg: str, first: float, most: float) -> list[str]:
    """The picture in pieces, from top to bottom: the first no higher than `first`, others `most`.

    Each says where it is by its `viewBox`, beyond which nothing is to be seen; what is empty for
    longer than `EMPTY` is left out. Where letters and gates stand without a gap for the height of a
    page, it is torn there all the same.
    """
    width, height = size_of(svg)
    if height <= first:
        return [svg]
    root = ElementTree.fromstring(svg)
    _, _, wide, high = map(float, root.get("viewBox", "").split())
    scale = width / wide
    extents = [e for e in _extents(root, 0.0) if e.low - e.top < 0.9 * high]
    solid = sorted((e.top, e.low) for e in extents if not e.is_line)
    lines = [e for e in extents if e.is_line]
    pieces: list[tuple[float, float]] = []
    limit = first / scale
    for start, end in _stretches(solid):
        while end - start > limit:
            at = _cut(solid, lines, start, limit)
            pieces.append((start, at))
            start, limit = at, most / scale
        pieces.append((start, end))
        limit = most / scale
    return [
        _HEAD.sub(
            f' width="{width:g}pt" height="{(low - top) * scale:.7g}pt" '
            f'viewBox="0 {top:.7g} {wide:g} {low - top:.7g}"',
            svg, count=1,
        )
        for top, low in pieces
    ]  # fmt: skip


def _stretches(solid: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """From where to where something stands, a little air at both ends."""
    found = [(max(solid[0][0] - AIR, 0.0), solid[0][1] + AIR)]
    for top, low in solid:
        start, end = found[-1]
        if top > end + EMPTY:
            found.append((top - AIR, low + AIR))
        else:
            found[-1] = start, max(end, low + AIR)
    return found


def _cut(
    solid: list[tuple[float, float]], lines: list[_Extent], start: float, limit: float
) -> float:
    """Where few lines cross, as low as may be."""
    end, reached = start + limit, start
    places = []
    for top, low in solid:
        if top > reached and start + LEAST * limit < (at := (reached + min(top, end)) / 2):
            places.append(at)
        reached = max(reached, low)
        if reached >= end:
            break
    return min(places, key=lambda at: (sum(e.top < at < e.low for e in lines), -at), default=end)


def _extents(element: ElementTree.Element, down: float) -> Iterator[_Extent]:
    kind = element.tag.removeprefix(SVG)
    if kind in ("svg", "g"):
        moved = _NUMBER.findall(element.get("transform", ""))
        for child in element:
            yield from _extents(child, down + (float(moved[1]) if moved else 0.0))
    elif kind == "text":
        y, size = float(element.get("y", "0")) + down, float(element.get("font-size", "13"))
        yield _Extent(y - size, y + size / 2, is_line=False)
    elif kind == "ellipse":
        y, radius = float(element.get("cy", "0")) + down, float(element.get("ry", "0"))
        yield _Extent(y - radius, y + radius, is_line=False)
    elif kind in ("path", "polygon", "polyline"):
        numbers = _NUMBER.findall(element.get("d", "") or element.get("points", ""))
        across = [float(number) + down for number in numbers[1::2]]
        if across:
            top, low = min(across), max(across)
            is_filled = element.get("fill", "none") != "none"
            yield _Extent(top, low, is_line=not is_filled or low - top > SOLID)
