"""Graphviz's SVG made fit for a page: self-contained, readable aloud, the same everywhere.

Comments, ids, classes and version notes go; a role, a title and a description come in; node names
become hovers; subscripts are shifted by coordinates, which every browser follows.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from viz.names import escaped, paragraphs
from viz.svg import FONTS, SUBSCRIPT_DROP, SUBSCRIPT_SIZE, SUPERSCRIPT_RISE, SVG, shapes_of

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class Drawing(NamedTuple):
    """What Graphviz laid out: the element of the graph, how far it is moved, and the size."""

    graph: Element
    shift: str
    width: float
    height: float


def drawing_of(svg: str) -> Drawing:
    """The drawing that Graphviz's SVG holds, its gaps closed."""
    root = ElementTree.fromstring(svg)
    width, height = (float(root.get(side, "0pt")[:-2]) for side in ("width", "height"))
    graph = next(root.iter(f"{SVG}g"))
    offset = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", graph.get("transform", ""))
    close_gaps(graph)
    shift = f"{float(offset[1]):g} {float(offset[2]):g}" if offset else "0 0"
    return Drawing(graph, shift, width, height)


def polished(svg: str, *, hovers: dict[str, str], title: str, description: str) -> str:
    """The SVG text with `hovers` by node name, a title and a description."""
    graph, shift, width, height = drawing_of(svg)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" font-family="{FONTS}">',
        f"<title>{escaped(title)}</title>",
        f"<desc>{paragraphs(description)}</desc>",
        f'<g transform="translate({shift})">',
    ]
    for child in graph:
        lines += _group(child, hovers) if child.tag == f"{SVG}g" else map(_shape, shapes_of(child))
    lines += ["</g>", "</svg>"]
    return "\n".join(lines) + "\n"


def placed(text: Element) -> tuple[float, float]:
    """The height of a text's line and its size: subscripts stand lower, superscripts higher, both
    set smaller."""
    y, size = float(text.get("y", "0")), float(text.get("font-size", "13"))
    shift = {"sub": SUBSCRIPT_DROP, "super": -SUPERSCRIPT_RISE}.get(text.get("baseline-shift", ""))
    return (y, size) if shift is None else (y + size * shift, size * SUBSCRIPT_SIZE)


def close_gaps(graph: Element) -> None:
    """Graphviz may start a link up to a point beyond the end of its wire: lengthen the wire."""
    starts: dict[float, list[float]] = {}
    for path in graph.iter(f"{SVG}path"):
        x, y = path.get("d", "M0,0")[1:].split("C")[0].split(",")
        starts.setdefault(float(y), []).append(float(x))
    for line in graph.iter(f"{SVG}polyline"):
        (left, y), (end, level), *more = (
            pair.split(",") for pair in line.get("points", "").split()
        )
        if y == level and not more:
            near = [x for x in starts.get(float(y), ()) if 0 < x - float(end) < 1]
            if near:
                line.set("points", f"{left},{y} {near[0]:g},{y}")


def key_of(group: Element) -> str:
    """What a node or an edge is called in the description."""
    is_edge = "edge" in group.get("class", "").split()
    return group.get("id", "") if is_edge else group.findtext(f"{SVG}title", "")


def _group(group: Element, hovers: dict[str, str]) -> list[str]:
    """A node, an edge or a box: its shapes, under its hover if it has one."""
    shapes = list(map(_shape, shapes_of(group)))
    hover = hovers.get(key_of(group))
    if hover is None:
        return shapes
    return ["<g>", f"<title>{paragraphs(hover)}</title>", *shapes, "</g>"]


def _shape(shape: Element) -> str:
    kind, attributes = shape.tag.removeprefix(SVG), dict(shape.attrib)
    if kind == "text":
        y, size = placed(shape)
        for name in (_SPACE, "font-family", "baseline-shift"):
            if attributes.pop(name, None) in ("sub", "super"):
                attributes["y"] = f"{y:.2f}"
        attributes["font-size"] = f"{size:g}"
        return f"<text{_written(attributes)}>{escaped(shape.text or '')}</text>"
    if attributes.get("points"):
        attributes["points"] = _without_repeats(attributes["points"])
    return f"<{kind}{_written(attributes)}/>"


def _without_repeats(points: str) -> str:
    """A polygon closes itself."""
    pairs = points.split()
    return " ".join(pairs[:-1] if len(pairs) > 2 and pairs[0] == pairs[-1] else pairs)


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items())
