"""A picture's SVG as a PNG file, by resvg.

Its wheels of 1.5 MB, one for all versions of Python, serve Linux (musl too), macOS and Windows,
and it takes our fonts from their files. (CairoSVG needs a libcairo that its wheels do not carry;
skia-python's have 20 MB.)
"""

from __future__ import annotations

import re

from viz.errors import RendererError
from viz.fontconfig import FONTS, OWN_FAMILY
from viz.svg import FONTS as FAMILIES

DPI = 144  # Two pixels a point.
MOST_PIXELS = 30_000  # Along a side.


def png_of(svg: str, dpi: float | None = None) -> bytes:
    """The PNG file's bytes, with so many pixels an inch: two a point, less of very large pictures.

    Raises
    ------
    RendererError : resvg-py is not installed.
    """
    try:
        import resvg_py
    except ImportError as error:
        raise RendererError(
            "a PNG is drawn by resvg: pip install resvg-py; SVG and PDF need nothing, and "
            "viz.draw(..., layout='dot') has its own PNG"
        ) from error
    sides = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    width, height = map(float, sides.groups()) if sides else (1.0, 1.0)
    if dpi is None:
        dpi = min(DPI, 72 * MOST_PIXELS / max(width, height))
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg.replace(FAMILIES, f"'{OWN_FAMILY}', {FAMILIES}"),
            font_dirs=[str(FONTS)],
            width=round(width * dpi / 72),
        )
    )
