"""The picture as the page holds it: its parts bear names, and its colours are the page's.

The shapes of the finished picture are sorted by their names into a group for each wire, gate and
link, and a wire's into name, line, value and gradient, so that the page can show, hide and rewrite
them one by one. The picture is drawn in `CODES`, where each of a theme's colours has a code of its
own, and the codes become classes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from viz.figure import Figure
from viz.labels import SHADES, blend
from viz.layout.svg import Drawing
from viz.names import escaped
from viz.svg import FONTS, SVG, set_in, shapes_of
from viz.themes import DARK, LIGHT, Theme

CODES = Theme(**{role: f"#{i:02x}0000" for i, role in enumerate(vars(LIGHT))})
CODES = replace(CODES, ground="#000000", negative="#0000ff", positive="#00ff00")
# A heat map's tile has shares of two colours; the ground shows through.
_TILES = {
    blend(CODES, up, down): (up / SHADES, down / SHADES)
    for up in range(SHADES + 1)
    for down in range(SHADES + 1 - up)
    if up + down
}
_ROLES = {code: role for role, code in vars(CODES).items() if role != "ground"}


def inline(
    figure: Figure, digits: int | None, *, is_live: bool = False
) -> tuple[str, float, float]:
    """A figure's SVG for the page, without an outer element, and its width and height.

    Where the page `is_live`, numbers of arrays have room to change.
    """
    entry = ENTRY if is_live else ""
    drawing = Drawing(figure, CODES, digits=digits, room=TANGENT, width=WIDTH, entry=entry)
    root = ElementTree.fromstring(drawing.svg(hovers={}, title="", description=""))
    (graph,) = root.findall(f"{SVG}g")
    offset = re.search(r"translate\((\S+) (\S+)\)", graph.get("transform", ""))
    assert offset is not None
    captions = "".join(_shape(text) for text in root.findall(f"{SVG}text"))
    named = {key: group for group in graph if (key := group.get("id"))}
    marks = (_shape(shape) for group in graph if not group.get("id") for shape in group)
    inner = "".join([*(_laid_out(key, named, drawing) for key in named), *marks])
    moved = f'<g transform="translate({offset[1]} {offset[2]})">{inner}</g>'
    return moved + captions, *drawing.size


def _laid_out(key: str, named: dict[str, Element], drawing: Drawing) -> str:
    """The group of a box, a gate, a wire, a wire's further lines, or a branch."""
    group, kind = named[key], key[0]
    if kind == "g":
        return f'<g data-k="{key}">{_gate(shapes_of(group))}</g>'
    if kind == "b" and not key.startswith("box"):
        return _branch(int(key[1:]), group, drawing)
    if kind != "w":
        return "".join(map(_shape, shapes_of(group)))
    if key.endswith("_line"):
        return _lines(key.removesuffix("_line"), group, drawing)
    wire = drawing.wire_of[key]
    line = named[f"{key}_line"][0]  # The stretch that bears the label.
    ends = " ".join(",".join(pair) for pair in _POINT.findall(line.get("d", "")))
    content = f'<polyline class="s-line" points="{_short(ends)}"/>'
    for part in group:
        which, shapes = part.get("id", "").rpartition("_")[2], "".join(map(_shape, shapes_of(part)))
        content += shapes if which == "name" else f'<g class="{which[0]}">{shapes}</g>'
    return f'<g data-k="{key}"{_marked(wire.is_dead)}>{content}</g>'


def _lines(key: str, group: Element, drawing: Drawing) -> str:
    """What goes on from a wire: the way that its links share, and each one's own."""
    shared, written = "", ""
    for child in group[1:]:
        if child.tag == f"{SVG}g":
            name = child.get("id", "")
            dead = drawing.figure.links[int(name[1:])].is_dead
            lines = "".join(_shape(shape, is_line=True) for shape in shapes_of(child))
            written += f'<g data-l="{name}"{_marked(dead)}>{lines}</g>'
        else:
            shared += _shape(child, is_line=True)
    dead = _marked(drawing.wire_of[key].is_dead)
    return written + (f'<g data-f="{key}"{dead}>{shared}</g>' if shared else "")


def _branch(index: int, group: Element, drawing: Drawing) -> str:
    """A contribution, and the line over it, which is drawn as part of its link."""
    edge = drawing.pieces.graph.edges[index]
    (end, y), node = drawing.layout.places[edge.target], drawing.pieces.graph.nodes[edge.target]
    y += node.ins[edge.slot]
    number = "".join(map(_shape, shapes_of(group)))
    line = f'<polyline style="stroke:none" points="{end - node.lead:g},{y:g} {end:g},{y:g}"/>'
    dead = _marked(drawing.figure.links[index].is_dead)
    return f'<g data-k="b{index}"{dead}>{line}<g class="g">{number}</g></g>'


def _marked(dead: bool) -> str:
    return ' class="dead"' if dead else ""


WIDTH = 920.0  # Points, pixels in the page: a picture that is longer yet goes on in rows.
ENTRY = "−0.0000"
TANGENT = 14.0  # Over a value, the page's tangent in forward mode.
_POINT = re.compile(r"(-?[\d.]+) (-?[\d.]+)")


def _gate(shapes: list[Element]) -> str:
    """A lone symbol is centred by the page, whose font may be wider than ours."""
    circles = [s for s in shapes if s.tag == f"{SVG}ellipse"]
    texts = [s for s in shapes if s.tag == f"{SVG}text"]
    if len(circles) == len(texts) == 1:
        texts[0].set("x", circles[0].get("cx", "0"))
        texts[0].set("text-anchor", "middle")
    return "".join(map(_shape, shapes))


# ---- shapes


def _shape(shape: Element, *, is_line: bool = False) -> str:
    kind, given = shape.tag.removeprefix(SVG), shape.attrib
    fill, stroke = given.get("fill", "none"), given.get("stroke", "none")
    painted, drawn = _ROLES.get(fill, ""), _ROLES.get(stroke, "")
    if fill in _TILES and not drawn:
        return _tile(_short(given["points"]), *_TILES[fill])
    classes = [f"f-{painted}"] if painted else []
    if drawn:  # A line that is dead is so for the time being.
        classes.append("s-line" if is_line else f"s-{drawn}")
    look = f' class="{" ".join(classes)}"' if classes else ""
    if kind == "text":
        return _text(shape, look)
    if kind == "ellipse":
        at = "".join(f' {key}="{_short(given[key])}"' for key in ("cx", "cy", "rx", "ry"))
        return f"<ellipse{look}{at}/>"
    name = "d" if kind == "path" else "points"
    return f'<{kind}{look} {name}="{_short(given[name])}"/>'


def _tile(points: str, up: float, down: float) -> str:
    """A tile in both colours, one over the other, so that each has its share."""
    layers = [("positive", up / (1 - down) if up else 0.0), ("negative", down)]
    written = ""
    for role, share in layers:
        opacity = f' opacity="{share:.2f}"' if share < 1 else ""
        written += f'<polygon class="f-{role}"{opacity} points="{points}"/>' if share else ""
    return written


def _text(text: Element, look: str) -> str:
    x, y, size = (float(text.get(name, "0")) for name in ("x", "y", "font-size"))
    sized = f' font-size="{size:g}"' if size != 13 else ""
    slanted = ' font-style="italic"' if text.get("font-style") == "italic" else ""
    where = text.get("text-anchor", "start")
    anchor = f' text-anchor="{where}"' if where != "start" else ""
    at = f'x="{round(x, 1):g}" y="{round(y, 1):g}"'
    content = escaped(text.text or "")
    for span in text:
        moved = "".join(f' {name}="{value}"' for name, value in span.attrib.items())
        content += f"<tspan{moved}>{escaped(span.text or '')}</tspan>"
    return f"<text{look}{sized}{slanted}{anchor} {at}>{content}</text>"


def outer(inner: str, width: float, height: float, font: str = "") -> str:
    """The whole SVG element around what `inline` gives.

    >>> outer("<g/>", 20, 10)[:30]
    '<svg viewBox="0 0 20 10" font-'
    """
    svg = f'<svg viewBox="0 0 {width:g} {height:g}" font-family="{FONTS}">{inner}</svg>'
    return set_in(svg, font)


def image(svg: str, width: float, height: float, theme: Theme) -> str:
    """The same element as a file of its own: with a size, a ground, and colours, for the dark
    as well."""

    def painted(theme: Theme) -> str:
        hues = vars(theme).items()
        return "".join([
            f"svg{{background:{theme.ground}}}",
            *(f".s-{role}{{stroke:{hue}}}" for role, hue in hues if f"s-{role}" in svg),
            f".dead>*{{stroke:{theme.quiet}}}.dead>g,.dead>text{{stroke:none}}" * has_dead,
            *(f".f-{role}{{fill:{hue}}}" for role, hue in hues if f"f-{role}" in svg),
        ])  # fmt: skip

    has_dead = 'class="dead"' in svg
    rules = [
        "svg{font-size:13px}:not(tspan){fill:none}",
        ".dead>*{stroke-dasharray:5 2}" * has_dead, painted(theme),
        f"@media (prefers-color-scheme:dark){{{painted(DARK)}}}",
    ]  # fmt: skip
    size = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"'
    return svg.replace("<svg", size, 1).replace("<g", f"<style>{''.join(rules)}</style><g", 1)


def _short(numbers: str) -> str:
    """Coordinates to a tenth of a point; a polyline's end does not move."""
    return re.sub(r"-?\d+\.\d+", lambda found: f"{round(float(found[0]), 1):g}", numbers)
