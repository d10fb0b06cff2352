"""All steps on one sheet, as SVG, PNG or PDF; or one after the other, as an animation."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from viz.errors import VizError
from viz.fontconfig import warn_of_missing_letters
from viz.names import escaped
from viz.picture import MOST_PIXELS, Picture
from viz.render import render

from .pdf_pages import A4, MARGIN, sheets

GAP = 16.0
RATIO = 1.3  # Of a sheet's sides, about.
DPI = 96  # Of the PNG, at which Graphviz places bitmaps pixel by pixel.


def contact_sheet(pictures: Sequence[Picture], kind: str, title: str, ground: str) -> bytes:
    """The pictures in rows, as "svg", "png" or "pdf"; the PDF has A4 pages."""
    if kind == "pdf":
        widest = max(_size(picture.svg)[0] for picture in pictures)
        columns = 1 if widest > (A4[0] - 2 * MARGIN) * 0.8 else 2
        warn_of_missing_letters(" ".join(picture.title for picture in pictures), render)
        flow = [picture.trimmed_pdf for picture in pictures]
        return sheets([flow], columns=columns, title=title, alike=True)
    return _svg(pictures, title, ground) if kind == "svg" else _png(pictures, ground)


def _size(svg: str) -> tuple[float, float]:
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    assert found is not None
    return float(found[1]), float(found[2])


def _columns(sizes: list[tuple[float, float]]) -> int:
    """So many that the sheet is a little wider than high."""
    wide, high = max(w for w, _ in sizes), max(h for _, h in sizes)
    return min(range(1, len(sizes) + 1),
               key=lambda n: abs(n * wide / (ceil(len(sizes) / n) * high) - RATIO))  # fmt: skip


def _svg(pictures: Sequence[Picture], title: str, ground: str) -> bytes:
    texts = [picture.svg for picture in pictures]
    sizes = [_size(text) for text in texts]
    columns = _columns(sizes)
    wide = max(w for w, _ in sizes) + GAP
    inner, top = [], GAP
    for start in range(0, len(texts), columns):
        row = range(start, min(start + columns, len(texts)))
        for column, i in enumerate(row):
            place = f'<svg x="{GAP + column * wide:g}" y="{top:g}"'
            inner.append(texts[i].replace("<svg", place, 1))
        top += max(sizes[i][1] for i in row) + GAP
    width = GAP + columns * wide
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{top:g}" '
        f'viewBox="0 0 {width:g} {top:g}" role="img">\n<title>{escaped(title)}</title>\n'
        f'<rect width="100%" height="100%" fill="{ground}"/>\n'
    )
    return f"{head}{''.join(inner)}</svg>\n".encode()


def _png(pictures: Sequence[Picture], ground: str) -> bytes:
    """Graphviz puts the bitmaps of the steps into a table, one pixel to a pixel."""
    sizes = [_size(picture.svg) for picture in pictures]
    columns = _columns(sizes)
    widest = columns * max(w for w, _ in sizes) + GAP
    dpi = min(DPI, int(72 * MOST_PIXELS / widest))
    with tempfile.TemporaryDirectory() as folder:
        cells = []
        for i, picture in enumerate(pictures):
            file = Path(folder) / f"{i}.png"
            file.write_bytes(picture.bitmap(dpi))
            cells.append(f'<TD ALIGN="LEFT" VALIGN="TOP"><IMG SRC="{escaped(str(file))}"/></TD>')
        rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
        table = "".join(f"<TR>{''.join(row)}</TR>" for row in rows)
        return render(
            f'digraph {{ graph [dpi={DPI} bgcolor="{ground}" pad=0.1 margin=0] a [shape=plain '
            f'label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="12" CELLPADDING="0">{table}'
            "</TABLE>>] }",
            "png",
        )


# ---- or one after the other

SECONDS = 1.4
LAST_SECONDS = 4.0


def animated(pictures: Sequence[Picture], ground: str) -> bytes:
    """The pictures as frames of one size; they stand on its lower edge, where graphs do not move.

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
    warn_of_missing_letters(" ".join(picture.title for picture in pictures), render)
    shots = [Image.open(io.BytesIO(picture.bitmap(DPI))).convert("RGB") for picture in pictures]
    size = max(shot.width for shot in shots), max(shot.height for shot in shots)
    frames = []
    for shot in shots:
        frame = Image.new("RGB", size, ground)
        frame.paste(shot, (0, size[1] - shot.height))
        frames.append(frame.quantize(64, dither=Image.Dither.NONE))
    durations = [int(1000 * SECONDS)] * len(frames)
    durations[-1] = int(1000 * LAST_SECONDS)
    file = io.BytesIO()
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0,
        disposal=1,
    )  # fmt: skip
    return file.getvalue()
