"""A picture whose layout is this package's own."""

from __future__ import annotations

from functools import cached_property
from math import inf
from typing import Any

from viz.errors import VizError
from viz.figure import Figure
from viz.picture import GraphPicture

from .bitmap import png_of
from .pdf import pdf_of
from .repeats import with_leaves_repeated
from .svg import Drawing

WIDTHS = {"slide": 960.0, "page": 451.0, "column": 241.0}
"""Points: of a slide of 16 by 9, of the text of an A4 page, of one of its two columns."""


def width_in_points(width: Any) -> float | None:
    """What `width=` says, in points.

    Raises
    ------
    VizError : it is neither None, a positive number, nor one of `WIDTHS`.
    """
    if width is None or (isinstance(width, str) and width in WIDTHS):
        return WIDTHS[width] if width else None
    if isinstance(width, int | float) and not isinstance(width, bool) and 0 < width < inf:
        return float(width)
    raise VizError(
        f"width is a number of points or one of {', '.join(map(repr, WIDTHS))}; received {width!r}"
    )


class LaidOutPicture(GraphPicture):
    """A Picture of a Figure; Graphviz has no part in its SVG, PNG and PDF."""

    def __init__(
        self,
        figure: Figure,
        *,
        width: float | str | None = None,
        repeat: bool = False,
        **options: Any,
    ):  # fmt: skip
        super().__init__(figure, **options)
        self._width = width_in_points(width)
        self._drawn = with_leaves_repeated(figure) if repeat else figure

    @cached_property
    def drawing(self) -> Drawing:
        """The figure laid out."""
        return Drawing(
            self._drawn, self._theme, direction=self._direction, digits=self._digits,
            values=self._values, width=self._width,
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
        return png_of(self.svg)

    def bitmap(self, dpi: float) -> bytes:
        """A PNG file's bytes, with so many pixels an inch."""
        return png_of(self.svg, dpi)

    @property
    def trimmed_pdf(self) -> bytes:
        """The same as `pdf`, which has no margin."""
        return self.pdf

    @cached_property
    def pdf(self) -> bytes:
        """The picture as a PDF file's bytes."""
        return pdf_of(self.svg)
