"""A picture's SVG as TikZ, for papers and slides: every shape where it is, texts set by TeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from unicodedata import normalize
from xml.etree import ElementTree

from autograd.extend import LETTERS, OPERATORS, SUBSCRIPTS, SUPERSCRIPTS

from .mathematics import NAMES, in_latex, is_mathematics
from .svg import Written, asked_font, size_of, written_in

_SVG = "{http://www.w3.org/2000/svg}"
LARGER = 1.15  # Letters of TeX's mathematics, whose bodies are lower than Helvetica's.
# Of TeX's own signs, and those that are no letters and stand in no table of formulas.
_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "-": "-", "/": "/", "+": "+",
    "=": "=", '"': r"\textquotedbl{}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}",
    "\u00a0": "~",
}  # fmt: skip
_SIGNS = {
    **NAMES, **OPERATORS, **LETTERS, "Σ": r"\Sigma", "○": r"\circ", "⚠": "!", "√": r"\surd",
    "⋮": r"\vdots", "⟨": r"\langle", "⟩": r"\rangle", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "⌈": r"\lceil", "⌉": r"\rceil", "⟦": r"[\![", "⟧": r"]\!]",
}  # fmt: skip
del _SIGNS["T"]  # A letter, which in formulas is the transpose.
_ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def tikz_of(svg: str) -> str:
    r"""The tikzpicture environment that draws what the SVG of a picture draws.

    >>> from autograd import Tensor
    >>> import viz
    >>> print(viz.draw(2 * Tensor(3.0, name="x")).tikz[:35])
    \begin{tikzpicture}[x=1bp, y=-1bp]
    """
    root = ElementTree.fromstring(svg)
    scale = size_of(svg)[0] / float(root.get("viewBox", "").split()[2])
    if scale != 1.0:
        for element in root.iter():
            _scale(element, scale)
    colours: dict[str, str] = {}
    body = list(_shapes(root, colours))
    named = [
        rf"  \definecolor{{{name}}}{{HTML}}{{{colour[1:].upper()}}}"
        for colour, name in colours.items()
    ]
    head = rf"\begin{{tikzpicture}}[x={scale:.5g}bp, y={-scale:.5g}bp]"
    width, height = root.get("viewBox", "").split()[2:]
    bounds = rf"  \useasboundingbox (0,0) rectangle ({width},{height});"
    asked = [rf"% Set with \setsansfont{{{font}}}." for font in [asked_font(svg)] if font]
    lines = [head, *asked, *named, bounds, *body, r"\end{tikzpicture}"]
    return "\n".join(lines) + "\n"


def _scale(element: ElementTree.Element, scale: float) -> None:
    """Lengths that are none of coordinates: of letters, lines and ellipses."""
    if element.get("stroke", "none") != "none":
        element.set("stroke-width", element.get("stroke-width", "1"))
    for name in ("font-size", "stroke-width", "rx", "ry"):
        if name in element.attrib:
            element.set(name, f"{float(element.attrib[name]) * scale:.5g}")


def tex(text: str) -> str:
    r"""Text for TeX, its mathematical signs in math mode.

    >>> print(tex("−0.5 & σ"), tex("1.2×10⁻⁷"))
    $-$0.5 \& $\sigma$ 1.2$\times$10$^{-7}$
    """
    parts = []
    for raised, lowered, letter in _PIECES.findall(normalize("NFC", text)):
        if raised:
            parts.append(f"$^{{{''.join(SUPERSCRIPTS[c] for c in raised)}}}$")
        elif lowered:
            parts.append(f"$_{{{''.join(SUBSCRIPTS[c] for c in lowered)}}}$")
        elif letter in _ESCAPED:
            parts.append(_ESCAPED[letter])
        else:
            parts.append(f"${_SIGNS[letter]}$" if letter in _SIGNS else letter)
    return "".join(parts)


_PIECES = re.compile(f"([{''.join(SUPERSCRIPTS)}]+)|([{''.join(SUBSCRIPTS)}]+)|(.)", re.DOTALL)


def _shapes(element: ElementTree.Element, colours: dict[str, str]) -> Iterator[str]:
    """The drawing commands of an element and what it holds, in their order."""
    kind = element.tag.removeprefix(_SVG)
    if kind == "g":
        shift = re.search(r"translate\(([-\d.]+)[ ,]+([-\d.]+)\)", element.get("transform", ""))
        scope = shift and (float(shift[1]), float(shift[2])) != (0, 0)
        if shift and scope:
            yield rf"  \begin{{scope}}[shift={{({shift[1]},{shift[2]})}}]"
        for child in element:
            yield from _shapes(child, colours)
        if scope:
            yield r"  \end{scope}"
    elif kind == "svg":
        for child in element:
            yield from _shapes(child, colours)
    elif kind == "text":
        yield _text(element, colours)
    elif kind in ("path", "polygon", "polyline", "ellipse"):
        options = _options(element, colours)
        if options:
            yield rf"  \path[{', '.join(options)}] {_outline(kind, element)};"


def _options(element: ElementTree.Element, colours: dict[str, str]) -> list[str]:
    options = []
    for attribute, option in (("fill", "fill"), ("stroke", "draw")):
        colour = _named(element.get(attribute, "none"), colours)
        if colour:
            options.append(f"{option}={colour}")
            share = element.get(f"{attribute}-opacity")
            options += [f"{option} opacity={share}"] if share else []
    if element.get("stroke", "none") not in ("none", "transparent"):
        options.append(f"line width={float(element.get('stroke-width', '1')):g}bp")
        if element.get("stroke-linecap") == "round":
            options.append("line cap=round")
        if element.get("stroke-dasharray"):
            on, off = element.get("stroke-dasharray", "5,2").split(",")[:2]
            options.append(f"dash pattern=on {on}bp off {off}bp")
    return options


def _named(colour: str, colours: dict[str, str]) -> str:
    """The name under which TikZ knows a colour; empty for none."""
    words = {"black": "#000000", "white": "#ffffff"}
    colour = words.get(colour, colour)
    if not colour.startswith("#"):
        return ""
    return colours.setdefault(colour[:7], f"gg{len(colours)}")


def _outline(kind: str, element: ElementTree.Element) -> str:
    if kind == "ellipse":
        center = f"({element.get('cx')},{element.get('cy')})"
        return f"{center} ellipse [x radius={element.get('rx')}bp, y radius={element.get('ry')}bp]"
    if kind == "path":
        return _curve(element.get("d", ""))
    points = _points(re.findall(r"-?[\d.]+", element.get("points", "")))
    return " -- ".join(points) + (" -- cycle" if kind == "polygon" else "")


def _curve(d: str) -> str:
    """A path of straight and curved pieces; what is curved but straight is straight."""
    parts: list[str] = []
    last = ""
    for command, numbers in re.findall(r"([MLCZ])([^MLCZ]*)", d.upper()):
        points = _points(re.findall(r"-?[\d.]+", numbers))
        if command == "Z":
            parts.append("-- cycle")
        elif command in "ML":
            for i, point in enumerate(points):
                parts.append(point if command == "M" and i == 0 else f"-- {point}")
        else:
            for first, second, end in zip(points[::3], points[1::3], points[2::3], strict=True):
                straight = _on_the_way(last, first, end) and _on_the_way(last, second, end)
                way = "--" if straight else f".. controls {first} and {second} .."
                parts.append(f"{way} {end}")
                last = end
        last = points[-1] if points else last
    return " ".join(parts)


def _on_the_way(start: str, point: str, end: str) -> bool:
    """Whether a point lies on the straight line between two others, to a hundredth of a point."""
    (a, b), (x, y), (c, d) = (map(float, p[1:-1].split(",")) for p in (start, point, end))
    across = (c - a) * (y - b) - (d - b) * (x - a)
    return across**2 <= 1e-4 * ((c - a) ** 2 + (d - b) ** 2)


def _points(numbers: Iterable[str]) -> list[str]:
    values = list(numbers)
    return [f"({x},{y})" for x, y in zip(values[::2], values[1::2], strict=True)]


def _text(element: ElementTree.Element, colours: dict[str, str]) -> str:
    first, *scripts = written_in(element)
    mathematics = _name(first, scripts)
    size = first.size * (LARGER if mathematics else 1)
    colour = _named(first.color, colours)
    style = r"\itshape" if first.italic else ""
    font = rf"\fontsize{{{size:g}}}{{{size:g}}}\sffamily{style}"
    content = (
        f"${mathematics}$" if mathematics else tex(first.text) + "".join(map(_script, scripts))
    )
    return (
        rf"  \node[anchor={_ANCHORS[element.get('text-anchor', 'start')]}, inner sep=0pt, "
        rf"text={colour}, font={font}] at ({element.get('x')},{element.get('y')}) "
        rf"{{{content}}};"
    )


def _name(first: Written, scripts: list[Written]) -> str:
    """A name in italics with its index and its power, as mathematics; or nothing."""
    index, power = (
        "".join(each.text for each in scripts if (each.below > 0) is low) for low in (True, False)
    )
    name = first.text
    is_word = len(name) > 1 and name.isascii() and not scripts
    if not first.italic or is_word or not is_mathematics(name + index + power):
        return ""
    return in_latex(name, index, power)


def _script(piece: Written) -> str:
    """What stands below or above the line after other text, or on it."""
    if not piece.below:
        return tex(piece.text)
    mark = "_" if piece.below > 0 else "^"
    size = rf"\fontsize{{{piece.size:g}}}{{{piece.size:g}}}\selectfont"
    is_plain = is_mathematics(piece.text)
    text = in_latex(piece.text) if is_plain else rf"\mbox{{{size} {tex(piece.text)}}}"
    return f"${mark}{{{text}}}$"
