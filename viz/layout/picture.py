"""A picture whose layout is this package's own."""

from __future__ import annotations

from functools import cached_property

from viz.errors import RendererError
from viz.fontconfig import FONTS, OWN_FAMILY
from viz.picture import MOST_PIXELS, PNG_DPI, GraphPicture
from viz.svg import FONTS as FAMILIES

from .pdf import pdf_of
from .svg import Drawing


class LaidOutPicture(GraphPicture):
    """A Picture of a Figure; Graphviz has no part in its SVG, PNG and PDF.

    PNG is drawn by resvg: its wheels of 1.5 MB, one for all versions of Python, serve Linux (musl
    too), macOS and Windows, and it takes our fonts from their files. (CairoSVG needs a libcairo
    that its wheels do not carry; skia-python's have 20 MB.) PDF, with text that can be searched,
    is written here: `pdf.py`.
    """

    @cached_property
    def drawing(self) -> Drawing:
        """The figure laid out."""
        return Drawing(
            self._figure, self._theme, direction=self._direction, digits=self._digits,
            values=self._values,
        )  # fmt: skip

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text; ids say what its elements are: g3, w5_value, l7."""
        return self.drawing.svg(hovers=self._hovers, title=self.title, description=self.description)

    @cached_property
    def png(self) -> bytes:
        """The picture as a PNG file's bytes, two pixels a point; very large ones less.

        Raises
        ------
        RendererError : resvg-py is not installed.
        """
        try:
            import resvg_py
        except ImportError as error:
            raise RendererError(
                "a PNG of layout='gategrad' is drawn by resvg: pip install resvg-py; SVG and PDF "
                "need nothing, and layout='dot' has its own PNG"
            ) from error
        zoom = min(PNG_DPI / 72, MOST_PIXELS / max(self.drawing.size))
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=self.svg.replace(FAMILIES, f"'{OWN_FAMILY}', {FAMILIES}"),
                font_dirs=[str(FONTS)],
                width=round(self.drawing.size[0] * zoom),
            )
        )

    @cached_property
    def pdf(self) -> bytes:
        """The picture as a PDF file's bytes."""
        return pdf_of(self.svg)
