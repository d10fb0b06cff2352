"""Pictures on sheets of paper, as a PDF file: one under another, in columns, page after page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from viz.layout.pdf import Placed, Sheet, pdf_file
from viz.svg import size_of

A4 = (595.0, 842.0)
MARGIN = 36.0
HEIGHT = A4[1] - 2 * MARGIN
GAP = 14.0
NEARLY = 1.2  # So many times too high is made smaller to fit one page, if it can still be read:
LEAST = 7.0  # Points of the smallest letters.
_WIDE = re.compile(r'viewBox="\S+ \S+ (\S+) ')
_LETTERS = re.compile(r'font-size="([\d.]+)"')


def sheets(
    flows: Sequence[Sequence[str]],
    *,
    columns: int = 1,
    title: str = "",
    alike: bool = False,
    ground: str = "",
) -> bytes:
    """One PDF file of A4 pages: the SVGs of each flow one under another, each flow from a new page.

    A picture is made smaller where it is wider than its column, all of a flow where they then fit
    one page, and none is made larger. Of those that are `alike` none is smaller than the others.
    """
    room = column_width(columns)
    pages: list[Sheet] = []
    for flow in flows:
        sizes = [size_of(svg) for svg in flow]
        scales = [min(1.0, room / wide, HEIGHT / tall) for wide, tall in sizes]
        if alike:
            scales = [min(scales)] * len(scales)
        scales = _on_one_page(flow, scales) or scales
        heights = [tall * scale for (_, tall), scale in zip(sizes, scales, strict=True)]
        pages += _pages(flow, scales, heights, room, columns, ground)
    return pdf_file(pages, title)


def fit_one_page(flow: Sequence[str]) -> bool:
    """Whether SVGs fit one page, one under another, if need be a little smaller."""
    wide = column_width(1)
    return bool(_on_one_page(flow, [min(1.0, wide / size_of(svg)[0]) for svg in flow]))


def _on_one_page(flow: Sequence[str], scales: list[float]) -> list[float]:
    """The scales, or smaller ones, at which SVGs fit one page; none where that is too small."""
    total = sum(size_of(svg)[1] * scale for svg, scale in zip(flow, scales, strict=True))
    left = HEIGHT - GAP * (len(flow) - 1)
    if total <= left:
        return scales
    smaller = [scale * left / total for scale in scales]
    is_near = total <= NEARLY * left and _least_letters(flow, smaller) >= LEAST
    return smaller if is_near else []


def _least_letters(flow: Sequence[str], scales: Sequence[float]) -> float:
    """The size in points of the smallest letters of pictures at these scales."""
    sizes = [
        float(size) * scale * size_of(svg)[0] / float(_WIDE.findall(svg)[0])
        for svg, scale in zip(flow, scales, strict=True)
        for size in _LETTERS.findall(svg)
    ]
    return min(sizes, default=LEAST)


def column_width(columns: int) -> float:
    """How wide one of so many columns of a page is, in points."""
    return (A4[0] - 2 * MARGIN - (columns - 1) * GAP) / columns


def _pages(
    flow: Sequence[str], scales: list[float], heights: list[float], room: float, columns: int,
    ground: str,
) -> list[Sheet]:  # fmt: skip
    """The pictures down the columns, page after page."""
    pages: list[list[Placed]] = [[]]
    column, top = 0, MARGIN
    for svg, scale, high in zip(flow, scales, heights, strict=True):
        if top + high > A4[1] - MARGIN + 0.5 and top > MARGIN:
            column, top = column + 1, MARGIN
            if column == columns:
                pages.append([])
                column = 0
        pages[-1].append(Placed(svg, MARGIN + column * (room + GAP), top, scale))
        top += high + GAP
    return [Sheet(A4, placed, ground) for placed in pages]
