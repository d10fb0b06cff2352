"""SVG: what all of ours have in common, their sizes, and documents around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from autograd.extend import current_language

from .dark import following
from .names import escaped, printable, shortened

FONTS = "Helvetica, Arial, 'Liberation Sans', Arimo, sans-serif"
_HANGUL = re.compile("[\uac00-\ud7a3\u1100-\u11ff\u3131-\u318e]")
_KOREAN = "'Noto Sans KR', 'Apple SD Gothic Neo', 'Malgun Gothic', NanumGothic, sans-serif"
_ASKED = re.compile(r"font-family=\"'([^']+)', Helvetica")
SUBSCRIPT_SIZE, SUBSCRIPT_DROP, SUPERSCRIPT_RISE = 0.75, 0.22, 0.4
SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = tuple(f"{SVG}{kind}" for kind in ("path", "polygon", "polyline", "ellipse", "text"))


def shapes_of(element: Element) -> list[Element]:
    """The shapes and texts of an element, itself included, in the order of the drawing."""
    return [shape for shape in element.iter() if shape.tag in _SHAPES]


# ---- its size

FITTED = (800, 1400)  # Points: pictures as wide as this take the width that a notebook has.
_SIZE = re.compile(r' width="([\d.]+)pt" height="([\d.]+)pt"')


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of a picture's SVG, in points."""
    found = _SIZE.search(svg)
    assert found is not None
    return float(found[1]), float(found[2])


# ---- its texts, in which indices and powers are spans that follow what they belong to


class Written(NamedTuple):
    """Letters of one look in a text: so far below its line, and begun so far back."""

    text: str
    size: float
    color: str
    italic: bool = False
    below: float = 0.0
    back: float = 0.0


def text_element(written: Sequence[Written], look: str) -> str:
    """A text of one or more pieces; `look` are the attributes of where it stands, and others.

    >>> text_element([Written("w", 13, "#000", True), Written("0", 9.75, "#000", False, 2.86)], "")
    '<text font-size="13" fill="#000" font-style="italic">w<tspan dy="2.86" font-size="9.75"\
 font-style="normal">0</tspan></text>'
    """
    first, *others = written
    slanted = ' font-style="italic"' if first.italic else ""
    content, before = escaped(first.text), first
    for piece in others:
        shift = piece.below - before.below
        moved = f' dx="{-piece.back:.5g}"' if piece.back else ""
        moved += f' dy="{shift:.5g}"' if shift else ""
        moved += f' font-size="{piece.size:g}"' if piece.size != first.size else ""
        moved += f' fill="{piece.color}"' if piece.color != first.color else ""
        if piece.italic != first.italic:
            moved += f' font-style="{"italic" if piece.italic else "normal"}"'
        content += f"<tspan{moved}>{escaped(piece.text)}</tspan>"
        before = piece
    return f'<text{look} font-size="{first.size:g}" fill="{first.color}"{slanted}>{content}</text>'


def written_in(text: Element) -> list[Written]:
    """The pieces of a text."""
    size, color = float(text.get("font-size", "13")), text.get("fill", "#000000")
    italic, below = text.get("font-style") == "italic", 0.0
    found = [Written(text.text or "", size, color, italic)]
    for span in text:
        below += float(span.get("dy", "0"))
        style = span.get("font-style", "italic" if italic else "normal")
        found.append(Written(
            span.text or "", float(span.get("font-size", size)), span.get("fill", color),
            style == "italic", below, -float(span.get("dx", "0")),
        ))  # fmt: skip
    return found


def texts_of(svg: str) -> list[str]:
    """The texts in it."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def in_pixels(svg: str) -> str:
    """The same for a screen, where a point is a pixel: letters are as large as text around it.

    >>> in_pixels('<svg width="20pt" height="10pt"></svg>')
    '<svg width="20" height="10"></svg>'
    """
    return _SIZE.sub(r' width="\1" height="\2"', svg, count=1)


def for_notebook(svg: str) -> str:
    """The SVG for a notebook, where JupyterLab and nbconvert give an image the size that it says.

    Small ones keep theirs, very wide ones too, and are scrolled; between them they say none, and
    are as wide as their place. In a dark one it is dark.
    """
    svg = following(svg)
    if FITTED[0] < size_of(svg)[0] <= FITTED[1]:
        return _SIZE.sub("", svg, count=1)
    return in_pixels(svg)


# ---- its font


def set_in(svg: str, font: str) -> str:
    """A picture set in a family, or in the usual ones where it is empty, and in sans for Hangul."""
    families = f"'{font}', {FONTS}" if font else FONTS
    if _HANGUL.search(svg):
        families = families.replace("sans-serif", _KOREAN)
    return svg.replace(f'font-family="{FONTS}"', f'font-family="{families}"')


def asked_font(svg: str) -> str:
    """The family that a picture was asked to be set in, if any.

    >>> asked_font(set_in(f'<svg font-family="{FONTS}"></svg>', "NanumGothic"))
    'NanumGothic'
    """
    found = _ASKED.search(svg)
    return found[1] if found else ""


# ---- a document around it

LONGEST_TITLE = 120
_PAGE = """<!DOCTYPE html>
<html lang="{language}">
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
    short = escaped(shortened(printable(title), LONGEST_TITLE))
    return _PAGE.format(title=short, body=body, scheme=scheme, language=current_language())
