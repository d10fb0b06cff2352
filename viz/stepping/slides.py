"""Steps as slides, of PowerPoint and of beamer: one a step, the picture at the same place on each.

Titles and formulas are text. LibreOffice, Keynote and Google Slides open a .pptx as well; programs
that draw no SVG show its PNG.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from viz.errors import VizError
from viz.latex import fonts_for
from viz.layout.bitmap import png_of
from viz.office import add_svg, described, undated
from viz.svg import asked_font, size_of, texts_of
from viz.themes import Theme
from viz.tikz import tex, tikz_of

SLIDES = 880.0, 704.0  # Points: as wide are pictures at most, on in rows where they are longer.


class Slide(NamedTuple):
    """A step: its title, lines of text under the picture, the picture's SVG, and what is said."""

    title: str
    lines: Sequence[str]
    svg: str
    description: str
    notes: str


# ---- beamer

_BEAMER = r"""\documentclass[aspectratio=169]{{beamer}}{remark}
{fonts}\usepackage{{tikz}}
\definecolor{{ground}}{{HTML}}{{{ground}}}
\definecolor{{ink}}{{HTML}}{{{ink}}}
\setbeamercolor{{background canvas}}{{bg=ground}}
\setbeamercolor{{normal text}}{{fg=ink}}
\setbeamercolor{{frametitle}}{{fg=ink}}
\setbeamertemplate{{navigation symbols}}{{}}
\setbeamerfont{{frametitle}}{{size=\large}}
\title{{{title}}}
\begin{{document}}
\begin{{frame}}[t]
{titles}
\centering
{pictures}\par
\raggedright\small\vspace{{1ex}}
{lines}\end{{frame}}
\end{{document}}
"""
_ROOM = 395.0, 150.0  # Points that a picture has, of 453 by 255.
_LARGER = 1.25


def beamer(slides: Sequence[Slide], title: str, theme: Theme) -> str:
    """A LaTeX document of one frame, whose overlays are the slides."""
    text = "".join("".join([s.title, *s.lines, *texts_of(s.svg)]) for s in slides)
    fonts, remark = fonts_for(text + title, asked_font(slides[0].svg))
    scale = _scale(slides[0].svg, _ROOM, _LARGER)
    numbered = list(enumerate(slides, 1))
    return _BEAMER.format(
        title=tex(title), fonts=fonts, remark=remark, ground=theme.ground[1:].upper(),
        ink=theme.ink[1:].upper(),
        titles="\n".join(rf"\frametitle<{n}>{{{tex(s.title)}}}" for n, s in numbered),
        pictures="".join(
            f"\\only<{n}>{{\\scalebox{{{scale:.4g}}}{{%\n{tikz_of(s.svg)}}}}}%\n"
            for n, s in numbered
        ),
        lines="".join(
            rf"\only<{n}>{{" + r"\par ".join(map(tex, s.lines)) + "}%\n" for n, s in numbered
        ),
    )  # fmt: skip


def size_of_letters(svg: str) -> float:
    """How large letters of a picture are on a slide, those of one that has all its room being 1."""
    whole = float(svg.partition('viewBox="')[2].split()[2])
    return _scale(svg, (WIDTH - 2 * MARGIN, PICTURE[1]), LARGEST) * size_of(svg)[0] / whole


def _scale(svg: str, room: tuple[float, float], most: float) -> float:
    width, height = size_of(svg)
    return min(room[0] / width, room[1] / height, most)


# ---- PowerPoint

WIDTH, HEIGHT, MARGIN = 960.0, 540.0, 40.0  # Points of a slide of 16 by 9.
TITLE, PICTURE, TEXT = (24.0, 50.0), (86.0, 290.0), (390.0, 120.0)  # Tops and heights.
LARGEST = 1.6  # So many times as large is a small picture.
DPI = 192
TITLE_SIZE, TEXT_SIZE = 28, 18


def presentation(slides: Sequence[Slide], title: str, theme: Theme) -> bytes:
    """The .pptx file, in the colours that the pictures have.

    Raises
    ------
    VizError : python-pptx is not installed.
    """
    try:
        import pptx
        from pptx.util import Pt
    except ImportError as error:
        raise VizError(
            "a .pptx is written by python-pptx: pip install python-pptx; .tex (beamer), .html and "
            "a folder of pictures need nothing"
        ) from error
    deck = pptx.Presentation()
    described(deck.core_properties, title)
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    layout = deck.slide_layouts.get_by_name("Title Only")
    scale = _scale(slides[0].svg, (WIDTH - 2 * MARGIN, PICTURE[1]), LARGEST)
    for number, slide in enumerate(slides, 1):
        _add(deck.slides.add_slide(layout), slide, number, scale, theme)
    file = io.BytesIO()
    deck.save(file)
    return undated(file.getvalue())


def _add(page: Any, slide: Slide, number: int, scale: float, theme: Theme) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.opc.package import Part
    from pptx.opc.packuri import PackURI
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    def colour(text: str) -> RGBColor:
        return RGBColor.from_string(text[1:].upper())

    page.background.fill.solid()
    page.background.fill.fore_color.rgb = colour(theme.ground)

    def write(shape: Any, place: tuple[float, float], lines: Sequence[str], size: int) -> None:
        shape.left, shape.top = Pt(MARGIN), Pt(place[0])
        shape.width, shape.height = Pt(WIDTH - 2 * MARGIN), Pt(place[1])
        frame = shape.text_frame
        frame.word_wrap, frame.text = True, "\n".join(lines)
        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
            for run in paragraph.runs:  # PowerPoint takes no notice of a paragraph's own font.
                run.font.size, run.font.color.rgb = Pt(size), colour(theme.ink)
                if font := asked_font(slide.svg):
                    run.font.name = font
                    latin = run.font._element.find(qn("a:latin"))
                    latin.addnext(latin.makeelement(qn("a:ea"), {"typeface": font}))  # Hangul.

    write(page.shapes.title, TITLE, [slide.title], TITLE_SIZE)
    width, height = (side * scale for side in size_of(slide.svg))
    left, top = (WIDTH - width) / 2, PICTURE[0] + (PICTURE[1] - height) / 2
    png = io.BytesIO(png_of(slide.svg, DPI))
    picture = page.shapes.add_picture(png, Pt(left), Pt(top), Pt(width), Pt(height))
    picture._element.nvPicPr.cNvPr.set("descr", slide.description)
    name = PackURI(f"/ppt/media/step{number}.svg")
    add_svg(picture._element, slide.svg, name, page.part, Part)
    size = max(TEXT_SIZE - 2 * max(0, len(slide.lines) - 4), 10)
    write(page.shapes.add_textbox(0, 0, 0, 0), TEXT, slide.lines, size)
    page.notes_slide.notes_text_frame.text = slide.notes
