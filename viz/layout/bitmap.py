"""A picture's SVG as a PNG file, by resvg.

Its wheels of 1.5 MB, one for all versions of Python, serve Linux (musl too), macOS and Windows,
and it takes our fonts from their files. (CairoSVG needs a libcairo that its wheels do not carry;
skia-python's have 20 MB.)
"""

from __future__ import annotations

import re
import struct
import zlib
from functools import partial
from html import unescape
from typing import Any

from viz.errors import RendererError, VizError
from viz.faces import FONTS, OWN_FAMILY, Face, fallbacks, family, own
from viz.svg import asked_font, size_of, texts_of

DPI = 144  # Two pixels a point.
MOST_PIXELS = 30_000  # Along a side.
MOST_UNASKED = 25e6  # In all, unless `dpi` asks for more: some two seconds.
# The families of every picture; on a sheet there are several.
_FIRST = re.compile(r"""(font-family="(?:'[^']*', )?)(Helvetica, Arial)""")
_HEADER = 33  # Bytes of a PNG's signature and its first chunk.


def check_dpi(dpi: Any) -> None:
    """Raise VizError where `dpi` is neither None nor a positive number."""
    is_number = isinstance(dpi, int | float) and not isinstance(dpi, bool)
    if dpi is not None and not (is_number and 0 < dpi < MOST_PIXELS):
        raise VizError(f"dpi is how many pixels a PNG has an inch, such as 300; received {dpi!r}")


def png_of(svg: str, dpi: float | None = None) -> bytes:
    """The PNG file's bytes, with so many pixels an inch: two a point, less of very large pictures.

    Warns of letters that no font has.

    Raises
    ------
    RendererError : resvg-py is not installed. VizError : so many pixels are too many.
    """
    try:
        import resvg_py
    except ImportError as error:
        raise RendererError(
            "a PNG is drawn by resvg: pip install resvg-py; SVG and PDF need nothing"
        ) from error
    width, height = size_of(svg)
    largest = max(width, height)
    if dpi is None:
        most = min(MOST_PIXELS / largest, (MOST_UNASKED / (width * height)) ** 0.5)
        dpi = min(DPI, 72 * most)
    elif largest * dpi / 72 > MOST_PIXELS:
        raise VizError(
            f"at dpi={dpi:g} this picture has {largest * dpi / 72:,.0f} pixels along a side, and "
            f"{MOST_PIXELS:,} are the most; write dpi={72 * MOST_PIXELS // largest:g} or less, or "
            "save a .pdf or .svg"
        )
    fonts = {str(face.path) for face in fallbacks("".join(texts_of(svg)))}
    asked = family(asked_font(svg))
    if asked:
        fonts.add(str(asked.path))
        svg = _PIECE.sub(partial(_set, asked, asked_font(svg)), svg)
    png = resvg_py.svg_to_bytes(
        svg_string=_FIRST.sub(rf"\1'{OWN_FAMILY}', \2", svg),
        skip_system_fonts=True,
        font_dirs=[str(FONTS)],
        font_files=sorted(fonts),
        dpi=72,
        zoom=dpi / 72,
    )
    return with_dpi(png, dpi)


_PIECE = re.compile(r"<(text|tspan)([^>]*)>([^<]*)")


def _set(asked: Face, name: str, piece: re.Match[str]) -> str:
    """A piece of text in the family that was asked for, or in the package's own: names in italics,
    and what has letters that the other lacks, for which resvg would take whatever comes first."""
    kind, look, text = piece.groups()
    has_all = all(ord(letter) in asked.glyphs or ord(letter) not in own().glyphs
                  for letter in unescape(text))  # fmt: skip
    is_slanted = 'font-style="italic"' in look
    family = name if has_all and not is_slanted else OWN_FAMILY
    return f'<{kind}{look} font-family="{family}">{text}'


def with_dpi(png: bytes, dpi: float) -> bytes:
    """A PNG file that says how many pixels it has an inch (as pixels a metre: chunk pHYs)."""
    each = round(dpi / 0.0254)
    data = b"pHYs" + struct.pack(">IIB", each, each, 1)
    chunk = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    return png[:_HEADER] + chunk + png[_HEADER:]
