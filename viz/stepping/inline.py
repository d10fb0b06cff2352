"""The picture as the page holds it: its parts bear names, and its colours are the page's.

Graphviz lays the finished picture out. Its shapes are sorted into a group for each wire, gate and
link, and a wire's into name, line, value and gradient, so that the page can show, hide and rewrite
them one by one. Colours become classes.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from viz.names import escaped
from viz.svg import FONTS, SUBSCRIPT_DROP, SUBSCRIPT_SIZE, close_gaps
from viz.themes import LIGHT, Theme

_SVG = "{http://www.w3.org/2000/svg}"
_LINES = ("line", "value", "gradient", "box_line")
_ROLES = ("ground", "ink", "line", "value", "gradient", "quiet", "warning", "gate", "composite",
          "box", "box_line", "chip")  # fmt: skip


def inline(svg: str, theme: Theme = LIGHT) -> tuple[str, float, float]:
    """The SVG for the page, without a namespace and an outer size, and its width and height.

    `svg` is Graphviz's, in `theme`.
    """
    root = ElementTree.fromstring(svg)
    width, height = (float(root.get(side, "0pt")[:-2]) for side in ("width", "height"))
    graph = next(root.iter(f"{_SVG}g"))
    close_gaps(graph)
    offset = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", graph.get("transform", ""))
    shift = f"{float(offset[1]):g} {float(offset[2]):g}" if offset else "0 0"
    writer = _Writer(theme)
    parts = [writer.group(child) for child in graph if child.tag == f"{_SVG}g"]
    labels = [writer.shape(child) for child in graph if child.tag == f"{_SVG}text"]
    inner = "".join([*parts, *labels])
    return f'<g transform="translate({shift})">{inner}</g>', width, height


class _Writer:
    def __init__(self, theme: Theme):
        colours = {getattr(theme, role): role for role in reversed(_ROLES)}
        self.role_of = {**colours, theme.gate: "gate"}

    def group(self, group: ElementTree.Element) -> str:
        kind, name = group.get("class"), group.findtext(f"{_SVG}title") or ""
        shapes = [child for child in group.iter() if child.tag.removeprefix(_SVG) in _SHAPES]
        if kind == "edge":
            return self.edge(group.get("id", ""), name, shapes)
        if kind != "node":
            return "".join(map(self.shape, shapes))
        if name[:1] in "wb":
            return self.wire(name, shapes)
        if name[:1] == "g":
            _centre(shapes)
        return f'<g data-k="{escaped(name)}">{"".join(map(self.shape, shapes))}</g>'

    def edge(self, link: str, title: str, shapes: list[ElementTree.Element]) -> str:
        """A link bears its own name, a feed that of the wire it ends in."""
        key = link if re.fullmatch(r"l\d+", link) else re.split(r"->|:", title)[1]
        lines = "".join(map(self.shape, shapes))
        dead = ' class="dead"' if any("stroke-dasharray" in s.attrib for s in shapes) else ""
        return f'<g data-{"l" if key[0] == "l" else "f"}="{key}"{dead}>{lines}</g>'

    def wire(self, name: str, shapes: list[ElementTree.Element]) -> str:
        """Name and line stand for themselves; what is above the line is value, below gradient."""
        lines = [s for s in shapes if s.tag == f"{_SVG}polyline" and _is_level(s)]
        level = max((_points(line)[0][1] for line in lines if self.is_line(line)), default=0.0)
        kinds: dict[str, list[str]] = {"": [], "v": [], "g": []}
        for shape in shapes:
            is_own = self.is_line(shape) and _is_level(shape)
            is_name = shape.get("fill") and self.role_of.get(shape.get("fill", "")) == "ink"
            kind = "" if is_own or is_name else "v" if _middle(shape) < level else "g"
            kinds[kind].append(self.shape(shape))
        groups = (f'<g class="{k}">{"".join(kinds[k])}</g>' for k in "vg" if kinds[k])
        is_dead = any("stroke-dasharray" in s.attrib for s in lines if self.is_line(s))
        dead = ' class="dead"' if is_dead else ""
        return f'<g data-k="{name}"{dead}>{"".join(kinds[""])}{"".join(groups)}</g>'

    def is_line(self, shape: ElementTree.Element) -> bool:
        return self.role_of.get(shape.get("stroke", "")) in ("line", "quiet")

    def shape(self, shape: ElementTree.Element) -> str:
        kind, given = shape.tag.removeprefix(_SVG), dict(shape.attrib)
        fill, stroke = given.pop("fill", "none"), given.pop("stroke", "none")
        classes = []
        if fill in self.role_of:
            classes.append(f"f-{self.role_of[fill]}")
        if stroke in self.role_of:
            role = self.role_of[stroke]
            classes.append(f"s-{'line' if role == 'quiet' else role}")
        # A heat map's shade is neither: it is the number that it stands for.
        own = f' style="fill:{fill}"' if fill not in self.role_of and fill != "none" else ""
        look = (f' class="{" ".join(classes)}"' if classes else "") + own
        if kind == "text":
            return self.text(shape, look)
        numbers = " ".join(_short(given[key]) for key in ("points", "d") if key in given)
        if kind == "ellipse":
            at = "".join(f' {key}="{_short(given[key])}"' for key in ("cx", "cy", "rx", "ry"))
            return f"<ellipse{look}{at}/>"
        name = "d" if kind == "path" else "points"
        return f'<{kind}{look} {name}="{numbers}"/>'

    def text(self, text: ElementTree.Element, look: str) -> str:
        x, y, size = (float(text.get(key, "0")) for key in ("x", "y", "font-size"))
        if text.get("baseline-shift") == "sub":
            y, size = y + size * SUBSCRIPT_DROP, size * SUBSCRIPT_SIZE
        sized = f' font-size="{size:g}"' if size != 13 else ""
        slanted = ' font-style="italic"' if text.get("font-style") == "italic" else ""
        anchor = ' text-anchor="middle"' if text.get("text-anchor") == "middle" else ""
        at = f'x="{x:g}" y="{round(y, 2):g}"'
        return f"<text{look}{sized}{slanted}{anchor} {at}>{escaped(text.text or '')}</text>"


_SHAPES = ("path", "polygon", "polyline", "ellipse", "text")


def outer(inner: str, width: float, height: float) -> str:
    """The whole SVG element around what `inline` gives.

    >>> outer("<g/>", 20, 10)[:30]
    '<svg viewBox="0 0 20 10" font-'
    """
    return f'<svg viewBox="0 0 {width:g} {height:g}" font-family="{FONTS}">{inner}</svg>'


def image(svg: str, width: float, height: float, theme: Theme) -> str:
    """The same element as a file of its own: with a size, a ground, and colours."""
    rules = [
        f"svg{{background:{theme.ground};font-size:13px}}*{{fill:none}}",
        *(f".s-{role}{{stroke:{getattr(theme, role)}}}" for role in _LINES),
        f".dead>*{{stroke-dasharray:5 2;stroke:{theme.quiet}}}.dead>g,.dead>text{{stroke:none}}",
        *(f".f-{role}{{fill:{getattr(theme, role)}}}" for role in _ROLES if f"f-{role}" in svg),
    ]
    size = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
    return svg.replace("<svg", size, 1).replace("<g", f"<style>{''.join(rules)}</style><g", 1)


def _centre(shapes: list[ElementTree.Element]) -> None:
    """A gate's lone symbol is centred by the page, whose font may be wider than ours."""
    circles = [s for s in shapes if s.tag == f"{_SVG}ellipse"]
    texts = [s for s in shapes if s.tag == f"{_SVG}text"]
    if len(circles) == len(texts) == 1:
        texts[0].set("x", circles[0].get("cx", "0"))
        texts[0].set("text-anchor", "middle")


def _points(shape: ElementTree.Element) -> list[tuple[float, float]]:
    pairs = (pair.split(",") for pair in shape.get("points", "").split())
    return [(float(x), float(y)) for x, y in pairs]


def _is_level(shape: ElementTree.Element) -> bool:
    points = _points(shape)
    return len(points) == 2 and points[0][1] == points[1][1]


def _middle(shape: ElementTree.Element) -> float:
    """The height at which a shape stands; of a text, that of its small letters."""
    if shape.tag == f"{_SVG}text":
        return float(shape.get("y", "0")) - 4
    heights = [y for _, y in _points(shape)] or [0.0]
    return sum(heights) / len(heights)


def _short(numbers: str) -> str:
    """Coordinates to a tenth of a point; a polyline's end does not move."""
    return re.sub(r"-?\d+\.\d+", lambda found: f"{round(float(found[0]), 1):g}", numbers)
