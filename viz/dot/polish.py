"""Graphviz's SVG made fit for a page: self-contained, readable aloud, the same everywhere.

Comments, ids, classes and version notes go; a role, a title and a description come in; node names
become hovers; indices and powers are spans of what they follow, whatever font a reader has.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from viz.faces import own
from viz.names import escaped, paragraphs
from viz.svg import (
    FONTS,
    SUBSCRIPT_DROP,
    SUBSCRIPT_SIZE,
    SUPERSCRIPT_RISE,
    SVG,
    Written,
    shapes_of,
    text_element,
)


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
    for is_group, children in groupby(graph, key=lambda child: child.tag == f"{SVG}g"):
        if is_group:
            lines += [line for child in children for line in _group(child, hovers)]
        else:
            lines += _shapes([shape for child in children for shape in shapes_of(child)])
    lines += ["</g>", "</svg>"]
    return "\n".join(lines) + "\n"


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
    shapes = _shapes(shapes_of(group))
    hover = hovers.get(key_of(group))
    if hover is None:
        return shapes
    return ["<g>", f"<title>{paragraphs(hover)}</title>", *shapes, "</g>"]


def _shapes(shapes: list[Element]) -> list[str]:
    """Shapes and texts; an index or a power is a span of the text that it follows."""
    drawn: list[str] = []
    text, written = None, []

    def end() -> None:
        if text is not None:
            drawn.append(text_element(written, _written(text)))

    for shape in shapes:
        if shape.tag != f"{SVG}text":
            end()
            text = None
            drawn.append(_shape(shape))
            continue
        piece = _piece(shape)
        if text is None or not piece.below:
            end()
            text = {name: shape.get(name, "") for name in _PLACE if shape.get(name)}
            written = [piece]
        else:
            is_over = written[-1].below * piece.below < 0  # A power over an index.
            back = own().width(written[-1].text, written[-1].size) if is_over else 0.0
            written.append(piece._replace(back=back))
    end()
    return drawn


_PLACE = ("x", "y", "text-anchor")


def _piece(text: Element) -> Written:
    """Letters as Graphviz gives them; it does not say how far a script is from its line."""
    size, shift = float(text.get("font-size", "13")), text.get("baseline-shift", "")
    below = {"sub": SUBSCRIPT_DROP, "super": -SUPERSCRIPT_RISE}.get(shift, 0.0)
    return Written(
        text.text or "", size * SUBSCRIPT_SIZE if below else size, text.get("fill", "#000000"),
        text.get("font-style") == "italic", size * below,
    )  # fmt: skip


def _shape(shape: Element) -> str:
    attributes = dict(shape.attrib)
    if attributes.get("points"):
        attributes["points"] = _without_repeats(attributes["points"])
    return f"<{shape.tag.removeprefix(SVG)}{_written(attributes)}/>"


def _without_repeats(points: str) -> str:
    """A polygon closes itself."""
    pairs = points.split()
    return " ".join(pairs[:-1] if len(pairs) > 2 and pairs[0] == pairs[-1] else pairs)


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items())
