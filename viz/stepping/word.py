"""Worksheets as .docx: titles, sentences and lines are text to edit, the picture is SVG and PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

from viz.errors import VizError
from viz.layout.bitmap import png_of
from viz.layout.tearing import torn
from viz.office import add_svg, described, undated
from viz.svg import size_of

from .pdf_pages import A4, HEIGHT, MARGIN, column_width

DPI = 192
FONT, SIZE, SPACE = "Arial", 10, 4  # Of all text, and points between its lines.
COLUMNS = 0.09, 0.16, 0.75  # Of the table's width: the gate, what is asked, how it is made.
TITLE = 60.0  # Points for the title over the first piece of a picture.


class Section(NamedTuple):
    """What begins a page: a line for the name (after what it is called), a title, sentences, the
    picture as SVG and in words, and lines in three columns."""

    name: str
    title: str
    sentences: Sequence[str]
    svg: str
    description: str
    lines: Sequence[tuple[str, str, str]]


def word_file(sections: Sequence[Section], title: str, font: str) -> bytes:
    """The .docx file, A4; in a font that was asked for, Korean letters, too.

    Raises
    ------
    VizError : python-docx is not installed.
    """
    try:
        import docx
        from docx.oxml.ns import qn
        from docx.shared import Pt
    except ImportError as error:
        raise VizError(
            "a .docx is written by python-docx: pip install python-docx; .pdf, .html and .svg need "
            "nothing"
        ) from error
    document = docx.Document()
    described(document.core_properties, title)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = font or FONT, Pt(SIZE)
    if font:
        normal.element.rPr.rFonts.set(qn("w:eastAsia"), font)
    normal.paragraph_format.space_after = Pt(SPACE)
    page = document.sections[0]
    page.page_width, page.page_height = (Pt(side) for side in A4)
    for side in ("left", "right", "top", "bottom"):
        setattr(page, f"{side}_margin", Pt(MARGIN))
    for number, section in enumerate(sections):
        if number:
            document.add_page_break()
        _add(document, section, number)
    file = io.BytesIO()
    document.save(file)
    return undated(file.getvalue())


def _add(document: Any, section: Section, number: int) -> None:
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.shared import Pt

    if section.name:
        document.add_paragraph(f"{section.name} {'_' * 30}").alignment = 2  # At the right.
    document.add_heading(section.title, level=1)
    for sentence in section.sentences:
        document.add_paragraph(sentence)
    for index, svg in enumerate(torn(section.svg, HEIGHT - TITLE, HEIGHT - TITLE)):
        width = min(size_of(svg)[0], column_width(1))
        png = io.BytesIO(png_of(svg, DPI))
        picture = document.add_picture(png, width=Pt(width))._inline
        picture.docPr.set("descr", section.description)
        name = PackURI(f"/word/media/picture{number}_{index}.svg")
        add_svg(picture, svg, name, document.part, Part)
    table = document.add_table(rows=0, cols=3)
    table.autofit = False
    for column, share in zip(table.columns, COLUMNS, strict=True):
        column.width = Pt(share * column_width(1))
    for line in section.lines:
        for cell, text in zip(table.add_row().cells, line, strict=True):
            cell.text = text
