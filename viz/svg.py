"""Graphviz's SVG made fit for a page: self-contained, readable aloud, the same everywhere.

Comments, ids, classes and version notes go; a role, a title and a description come in; node names
become hovers; subscripts are shifted by coordinates, which every browser follows.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from .names import escaped, plain, shortened

FONTS = "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif"
SUBSCRIPT_SIZE, SUBSCRIPT_DROP = 0.75, 0.22
_SVG = "{http://www.w3.org/2000/svg}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def polished(svg: str, *, hovers: dict[str, str], title: str, description: str) -> str:
    """The SVG text with `hovers` by node name, a title and a description."""
    root = ElementTree.fromstring(svg)
    width, height = (float(root.get(side, "0pt")[:-2]) for side in ("width", "height"))
    graph = next(root.iter(f"{_SVG}g"))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" font-family="{FONTS}">',
        f"<title>{escaped(title)}</title>",
        f"<desc>{_paragraphs(description)}</desc>",
    ]
    offset = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", graph.get("transform", ""))
    shift = f"{float(offset[1]):g} {float(offset[2]):g}" if offset else "0 0"
    lines.append(f'<g transform="translate({shift})">')
    close_gaps(graph)
    for child in graph:
        lines += _group(child, hovers) if child.tag == f"{_SVG}g" else _shape(child)
    lines += ["</g>", "</svg>"]
    return "\n".join(lines) + "\n"


def close_gaps(graph: ElementTree.Element) -> None:
    """Graphviz may start a link up to a point beyond the end of its wire: lengthen the wire."""
    starts: dict[float, list[float]] = {}
    for path in graph.iter(f"{_SVG}path"):
        x, y = path.get("d", "M0,0")[1:].split("C")[0].split(",")
        starts.setdefault(float(y), []).append(float(x))
    for line in graph.iter(f"{_SVG}polyline"):
        (left, y), (end, level), *more = (
            pair.split(",") for pair in line.get("points", "").split()
        )
        if y == level and not more:
            near = [x for x in starts.get(float(y), ()) if 0 < x - float(end) < 1]
            if near:
                line.set("points", f"{left},{y} {near[0]:g},{y}")


def _group(group: ElementTree.Element, hovers: dict[str, str]) -> list[str]:
    """A node, an edge or a box: its shapes, under its hover if it has one."""
    name = group.get("id") if group.get("class") == "edge" else group.findtext(f"{_SVG}title")
    shapes = [line for child in group.iter() for line in _shape(child)]
    hover = hovers.get(name or "")
    if hover is None:
        return shapes
    return ["<g>", f"<title>{_paragraphs(hover)}</title>", *shapes, "</g>"]


def _shape(element: ElementTree.Element) -> list[str]:
    kind = element.tag.removeprefix(_SVG)
    if kind not in ("path", "polygon", "polyline", "ellipse", "text"):
        return []
    attributes = dict(element.attrib)
    if kind == "text":
        return [_text(attributes, element.text or "")]
    if attributes.get("points"):
        attributes["points"] = _without_repeats(attributes["points"])
    return [f"<{kind}{_written(attributes)}/>"]


def _text(attributes: dict[str, str], text: str) -> str:
    attributes.pop(_SPACE, None)
    attributes.pop("font-family", None)
    size = float(attributes.get("font-size", "13"))
    if attributes.pop("baseline-shift", None) == "sub":
        attributes["y"] = f"{float(attributes['y']) + size * SUBSCRIPT_DROP:.2f}"
        size *= SUBSCRIPT_SIZE
    attributes["font-size"] = f"{size:g}"
    return f"<text{_written(attributes)}>{escaped(text)}</text>"


def _without_repeats(points: str) -> str:
    """A polygon closes itself."""
    pairs = points.split()
    return " ".join(pairs[:-1] if len(pairs) > 2 and pairs[0] == pairs[-1] else pairs)


def _written(attributes: dict[str, str]) -> str:
    return "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items())


def _paragraphs(text: str) -> str:
    return "\n".join(escaped(line) for line in text.split("\n"))


# ---- a document around it

LONGEST_TITLE = 120
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="{scheme}">
<title>{title}</title>
</head>
{body}
</html>
"""


def document(title: str, body: str, scheme: str) -> str:
    """The document whose body element is `body`; `scheme` is ``"light"``, ``"dark"``, or both.

    >>> "<title>a &lt; b</title>" in document("a < b", "<body></body>", "light dark")
    True
    """
    short = escaped(shortened(plain(title), LONGEST_TITLE))
    return _PAGE.format(title=short, body=body, scheme=scheme)
