"""Pictures on sheets of paper: PDF files of one page each, placed on pages of one new file.

Graphviz writes one picture a file. A page of such a file becomes a form, which is drawn on a new
page at a place and a size; fonts and shapes stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from viz.errors import RendererError

A4 = (595.0, 842.0)
MARGIN = 36.0
GAP = 14.0
NEARLY = 1.2  # So many times too high is made smaller to fit one page.
_REFERENCE = re.compile(rb"(\d+) 0 R\b")


@dataclass(frozen=True)
class PdfPage:
    """A PDF file of one page, as its objects, with its size in points."""

    objects: dict[int, bytes]
    resources: int
    content: int
    width: float
    height: float


def pdf_page(pdf: bytes) -> PdfPage:
    """The objects of a PDF file that cairo wrote, or `viz.layout.pdf`.

    Raises RendererError where it is made in another way.
    """
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf)
    table = found and re.match(rb"xref\s+0 (\d+)\s+", pdf[int(found[1]) :])
    if not found or not table:
        raise RendererError("this Graphviz writes PDF files that cannot be put on one sheet")
    start = int(found[1])
    entries = pdf[start + table.end() :].split(b"\n")[: int(table[1])]
    offsets = [int(e[:10]) for e in entries if e[17:18] == b"n"]
    ends = sorted([*offsets, start])
    objects = {}
    for offset in offsets:
        body = pdf[offset : ends[ends.index(offset) + 1]]
        head = re.match(rb"(\d+) 0 obj\s*", body)
        if head:
            objects[int(head[1])] = body[head.end() : body.rindex(b"endobj")].rstrip()
    page = next(body for body in objects.values() if re.search(rb"/Type /Page\b", body))
    box = re.search(rb"/MediaBox \[([^\]]*)\]", page)
    resources = re.search(rb"/Resources (\d+) 0 R", page)
    content = re.search(rb"/Contents (\d+) 0 R", page)
    if not box or not resources or not content:
        raise RendererError("this Graphviz writes PDF files that cannot be put on one sheet")
    _, _, width, height = map(float, box[1].split())
    return PdfPage(objects, int(resources[1]), int(content[1]), width, height)


def sheets(
    flows: Sequence[Sequence[bytes]],
    *,
    size: tuple[float, float] = A4,
    columns: int = 1,
    title: str = "",
    alike: bool = False,
) -> bytes:
    """One PDF file: the pictures of each flow one under another, each flow from a new page on.

    A picture is made smaller where it is wider than its column, all of a flow where they then fit
    one page, and none is made larger. Of those that are `alike` none is smaller than the others.
    """
    writer = _Writer(title)
    room = (size[0] - 2 * MARGIN - (columns - 1) * GAP) / columns
    high = size[1] - 2 * MARGIN
    for flow in flows:
        parts = [pdf_page(pdf) for pdf in flow]
        scales = [min(1.0, room / each.width, high / each.height) for each in parts]
        if alike:
            scales = [min(scales)] * len(scales)
        total = sum(each.height * scale for each, scale in zip(parts, scales, strict=True))
        left = high - GAP * (len(parts) - 1)
        if left < total <= NEARLY * left:
            scales = [scale * left / total for scale in scales]
        _place(writer, parts, scales, size, room, columns)
    return writer.file()


def _place(
    writer: _Writer, parts: list[PdfPage], scales: list[float], size: tuple[float, float],
    room: float, columns: int,
) -> None:  # fmt: skip
    """The parts down the columns, page after page."""
    drawn: list[str] = []
    names: dict[str, int] = {}
    column, top = 0, size[1] - MARGIN
    for each, scale in zip(parts, scales, strict=True):
        high = each.height * scale
        if top - high < MARGIN - 0.5 and top < size[1] - MARGIN:
            column, top = column + 1, size[1] - MARGIN
            if column == columns:
                writer.page(drawn, names, size)
                drawn, names, column = [], {}, 0
        name = f"P{len(names)}"
        names[name] = writer.form(each)
        left = MARGIN + column * (room + GAP)
        drawn.append(f"q {scale:.4f} 0 0 {scale:.4f} {left:.2f} {top - high:.2f} cm /{name} Do Q")
        top -= high + GAP
    writer.page(drawn, names, size)


class _Writer:
    """Objects of the new file, numbered from 1: the catalogue, the list of pages, and the rest."""

    def __init__(self, title: str) -> None:
        words = title.encode("utf-16-be").hex()
        self.objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"",
                        f"<< /Title <feff{words}> >>".encode()]  # fmt: skip
        self.pages: list[int] = []

    def add(self, body: bytes) -> int:
        self.objects.append(body)
        return len(self.objects)

    def form(self, part: PdfPage) -> int:
        """A part's objects, and its page as a form."""
        first = len(self.objects) + 1
        places = {number: first + i for i, number in enumerate(part.objects)}

        def moved(body: bytes) -> bytes:
            head, mark, stream = body.partition(b"stream\n")
            head = _REFERENCE.sub(lambda f: b"%d 0 R" % places[int(f[1])], head)
            return head + mark + stream

        self.objects += map(moved, part.objects.values())
        body = moved(part.objects[part.content])
        box = f"/BBox [0 0 {part.width:g} {part.height:g}] /Resources {places[part.resources]} 0 R"
        group = "/Group << /S /Transparency /I true /CS /DeviceRGB >>"
        form = f"<< /Type /XObject /Subtype /Form {box} {group} ".encode()
        return self.add(form + body.lstrip()[2:])

    def page(self, drawn: list[str], names: dict[str, int], size: tuple[float, float]) -> None:
        content = "\n".join(drawn).encode()
        stream = self.add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        forms = " ".join(f"/{name} {number} 0 R" for name, number in names.items())
        self.pages.append(
            self.add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]:g} {size[1]:g}] "
                f"/Contents {stream} 0 R /Resources << /XObject << {forms} >> >> >>".encode()
            )
        )

    def file(self) -> bytes:
        kids = " ".join(f"{number} 0 R" for number in self.pages)
        self.objects[1] = f"<< /Type /Pages /Kids [{kids}] /Count {len(self.pages)} >>".encode()
        written, offsets = b"%PDF-1.5\n%\xb5\xed\xae\xfb\n", []
        chunks = [written]
        place = len(written)
        for number, body in enumerate(self.objects, 1):
            chunk = b"%d 0 obj\n%s\nendobj\n" % (number, body)
            offsets.append(place)
            chunks.append(chunk)
            place += len(chunk)
        table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
        count = len(offsets) + 1
        chunks.append(
            f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n"
            f"<< /Size {count} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{place}\n%%EOF\n".encode()
        )
        return b"".join(chunks)
