"""All steps on one sheet, as SVG, PNG or PDF; or one after the other, as an animation."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from math import ceil

from viz.errors import VizError
from viz.layout.bitmap import png_of
from viz.names import escaped
from viz.svg import in_pixels, size_of
from viz.themes import Theme

from .pdf_pages import column_width, sheets

GAP = 16.0
RATIO = 1.3  # Of a sheet's sides, about.
TWO_COLUMNS = 0.8  # Of a page; steps that are narrower stand in two columns.


def contact_sheet(
    texts: Sequence[str], kind: str, title: str, ground: str, dpi: float | None = None
) -> bytes:
    """The pictures, given as SVG, in rows, as "svg", "png" or "pdf"; the PDF has A4 pages."""
    if kind == "pdf":
        columns = 1 if max(size_of(text)[0] for text in texts) > column_width(2) else 2
        return sheets([texts], columns=columns, title=title, alike=True, ground=ground)
    svg = _sheet(texts, title, ground)
    return svg.encode() if kind == "svg" else png_of(svg, dpi)


def sheet_width(width: float) -> float:
    """How wide steps stand on a page of paper, which are so wide: in one column, or in two."""
    return column_width(1 if width > column_width(1) * TWO_COLUMNS else 2)


def _columns(sizes: list[tuple[float, float]]) -> int:
    """So many that the sheet is a little wider than high."""
    wide, high = max(w for w, _ in sizes), max(h for _, h in sizes)
    return min(range(1, len(sizes) + 1),
               key=lambda n: abs(n * wide / (ceil(len(sizes) / n) * high) - RATIO))  # fmt: skip


def _sheet(texts: Sequence[str], title: str, ground: str) -> str:
    sizes = [size_of(text) for text in texts]
    columns = _columns(sizes)
    wide = max(w for w, _ in sizes) + GAP
    inner, top = [], GAP
    for start in range(0, len(texts), columns):
        row = range(start, min(start + columns, len(texts)))
        for column, i in enumerate(row):
            place = f'<svg x="{GAP + column * wide:g}" y="{top:g}" overflow="visible"'
            inner.append(plain(texts[i]).replace("<svg", place, 1))
        top += max(sizes[i][1] for i in row) + GAP
    return _document(GAP + columns * wide, top, inner, title, ground)


def stacked(flows: Sequence[Sequence[str]], title: str, theme: Theme) -> str:
    """The pictures of each flow under one another as one SVG, with a line between the flows."""
    wide = max(size_of(text)[0] for flow in flows for text in flow) + 2 * GAP
    inner, top = [], GAP
    for number, flow in enumerate(flows):
        if number:
            inner.append(
                f'<path d="M0 {top:g}L{wide:g} {top:g}" stroke="{theme.quiet}" '
                'stroke-dasharray="5,3"/>'
            )
            top += GAP
        for text in flow:
            inner.append(plain(text).replace("<svg", f'<svg x="{GAP:g}" y="{top:g}"', 1))
            top += size_of(text)[1] + GAP
    return _document(wide, top, inner, title, theme.ground)


def _document(width: float, height: float, inner: list[str], title: str, ground: str) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
        f'viewBox="0 0 {width:g} {height:g}" role="img">\n<title>{escaped(title)}</title>\n'
        f'<rect width="100%" height="100%" fill="{ground}"/>\n'
    )
    return f"{head}{''.join(inner)}</svg>\n"


def plain(text: str) -> str:
    """A picture's SVG to stand beside others: in pixels, and without the ids that all have."""
    return _ID.sub("", in_pixels(text))


_ID = re.compile(r' id="[^"]*"')  # All steps have the same.


# ---- or one after the other

GIF_DPI = 96
SECONDS = 1.4
LAST_SECONDS = 4.0


def animated(texts: Sequence[str], dpi: float | None) -> bytes:
    """The pictures, given as SVG and all of one size, as frames.

    Raises
    ------
    VizError : Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise VizError(
            "a GIF needs Pillow: pip install pillow (Matplotlib brings it along); "
            ".html and .svg need nothing"
        ) from error
    files = [io.BytesIO(png_of(text, dpi or GIF_DPI)) for text in texts]
    frames = [
        Image.open(file).convert("RGB").quantize(64, dither=Image.Dither.NONE) for file in files
    ]
    durations = [int(1000 * SECONDS)] * len(frames)
    durations[-1] = int(1000 * LAST_SECONDS)
    file = io.BytesIO()
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0,
        disposal=1,
    )  # fmt: skip
    return file.getvalue()
