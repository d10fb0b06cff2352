"""A picture's SVG as a PDF page: the shapes of our pictures, texts in the package's fonts.

PDF 1.7 (ISO 32000-1): a page of the picture's size, both fonts whole, as composite fonts whose
codes are glyphs (9.7), with a table from glyphs to letters so that text can be searched (9.10.3).
"""

from __future__ import annotations

import re
import struct
import unicodedata
import warnings
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree

from viz.fontconfig import FONTS
from viz.svg import SVG

RAISED, RISE = 0.6, 0.36  # Of a size: that of a raised letter which the fonts lack, and its rise.
_CIRCLE = 0.5523  # Of a radius: the controls of a quarter of a circle.
_NUMBER = re.compile(r"-?[\d.]+(?:e-?\d+)?")


class Font(NamedTuple):
    """What a PDF says of a font, in thousandths of its size."""

    data: bytes
    glyphs: dict[int, int]
    widths: list[float]
    ascent: float
    descent: float

    def width(self, text: str, size: float) -> float:
        return sum(self.widths[self.glyphs.get(ord(c), 0)] for c in text) * size / 1000


@lru_cache(maxsize=2)
def font(italic: bool) -> Font:
    """One of the package's fonts, read from its TrueType file."""
    data = (FONTS / f"gategrad-sans{'-italic' if italic else ''}.ttf").read_bytes()
    tables = {}
    for i in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * i)
        tables[tag] = offset
    (units,) = struct.unpack_from(">H", data, tables[b"head"] + 18)
    ascent, descent = struct.unpack_from(">hh", data, tables[b"hhea"] + 4)
    (metrics,) = struct.unpack_from(">H", data, tables[b"hhea"] + 34)
    (count,) = struct.unpack_from(">H", data, tables[b"maxp"] + 4)
    advances = [struct.unpack_from(">H", data, tables[b"hmtx"] + 4 * i)[0] for i in range(metrics)]
    advances += advances[-1:] * (count - metrics)
    scale = 1000 / units
    widths = [advance * scale for advance in advances]
    return Font(data, _glyphs(data, tables[b"cmap"]), widths, ascent * scale, descent * scale)


def _glyphs(data: bytes, start: int) -> dict[int, int]:
    """Letters and their glyphs, from the table's format 4."""
    (offset,) = (
        struct.unpack_from(">I", data, start + 8 + 8 * i)[0]
        for i in range(struct.unpack_from(">H", data, start + 2)[0])
        if struct.unpack_from(">HH", data, start + 4 + 8 * i) == (3, 1)
    )
    at = start + offset
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    found = {}
    for i in range(count):
        place = at + 14 + 2 * i
        (last,) = struct.unpack_from(">H", data, place)
        (first,) = struct.unpack_from(">H", data, place + 2 + 2 * count)
        (delta,) = struct.unpack_from(">H", data, place + 2 + 4 * count)
        ranges = place + 2 + 6 * count
        (distance,) = struct.unpack_from(">H", data, ranges)
        for letter in range(first, min(last, 0xFFFE) + 1):
            glyph = letter
            if distance:
                where = ranges + distance + 2 * (letter - first)
                (glyph,) = struct.unpack_from(">H", data, where)
            if glyph or not distance:
                found[letter] = (glyph + delta) & 0xFFFF
    return found


def pdf_of(svg: str) -> bytes:
    """The PDF file of a picture, as large as it is, without a border.

    Warns of letters that the package's fonts have not.
    """
    root = ElementTree.fromstring(svg)
    width, height = (float(root.get(side, "0")) for side in ("width", "height"))
    view = [float(n) for n in root.get("viewBox", "").split()]
    scale = width / view[2]
    used: dict[bool, dict[int, str]] = {False: {}, True: {}}
    drawn = [f"{scale:.6g} 0 0 {-scale:.6g} 0 {height:.6g} cm 1 j 0 J", *_shapes(root, used)]
    missing = sorted(set(used[False].pop(-1, "") + used[True].pop(-1, "")))
    if missing:
        warnings.warn(
            f"the package's font has no {' '.join(missing)}: they are empty boxes in PDF. SVG and "
            "HTML are not affected",
            stacklevel=4,
        )
    title = root.findtext(f"{SVG}title", "")
    return _file("\n".join(drawn).encode("latin-1"), width, height, used, title)


# ---- what is on the page


def _shapes(element: ElementTree.Element, used: dict[bool, dict[int, str]]) -> Iterator[str]:
    kind = element.tag.removeprefix(SVG)
    if kind in ("svg", "g"):
        move = _NUMBER.findall(element.get("transform", ""))
        if move:
            yield f"q 1 0 0 1 {move[0]} {move[1]} cm"
        for child in element:
            yield from _shapes(child, used)
        if move:
            yield "Q"
    elif kind == "text":
        yield _text(element, used)
    elif kind in ("path", "polygon", "ellipse"):
        fill, stroke = (_colour(element.get(which)) for which in ("fill", "stroke"))
        paint = {(True, True): "B", (True, False): "f", (False, True): "S"}.get(
            (bool(fill), bool(stroke))
        )
        if paint is None:
            return
        look = [f"{fill} rg"] if fill else []
        if stroke:
            look += [f"{stroke} RG", f"{float(element.get('stroke-width', '1')):g} w"]
            dashes = element.get("stroke-dasharray", "").replace(",", " ")
            look += [f"[{dashes}] 0 d"]
        yield " ".join([*look, *_outline(kind, element), paint])


def _colour(text: str | None) -> str:
    if not text or not text.startswith("#"):
        return ""
    return " ".join(f"{int(text[i : i + 2], 16) / 255:.3g}" for i in (1, 3, 5))


def _outline(kind: str, element: ElementTree.Element) -> Iterator[str]:
    if kind == "polygon":
        numbers = _NUMBER.findall(element.get("points", ""))
        pairs = [f"{x} {y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        yield f"{pairs[0]} m " + "".join(f"{pair} l " for pair in pairs[1:]) + "h"
    elif kind == "path":
        for command, text in re.findall(r"([MLCZ])([^MLCZ]*)", element.get("d", "")):
            yield f"{' '.join(_NUMBER.findall(text))} {command.lower() if command != 'Z' else 'h'}"
    else:
        x, y, rx, ry = (float(element.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
        a, b = rx * _CIRCLE, ry * _CIRCLE
        yield f"{x + rx:g} {y:g} m"
        for p, q in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
            if p == q:
                points = (x + p * rx, y + q * b, x + p * a, y + q * ry, x, y + q * ry)
            else:
                points = (x + p * a, y + q * ry, x + p * rx, y + q * b, x + p * rx, y)
            yield " ".join(f"{n:g}" for n in points) + " c"
        yield "h"


def _text(element: ElementTree.Element, used: dict[bool, dict[int, str]]) -> str:
    size = float(element.get("font-size", "13"))
    italic = element.get("font-style") == "italic"
    face = font(italic)
    runs: list[tuple[str, float, float]] = []  # Text, its size, and how far it is raised.
    for letter in element.text or "":
        plain, raised = letter, unicodedata.decomposition(letter).startswith("<super>")
        if ord(letter) not in face.glyphs and raised:
            plain = unicodedata.normalize("NFKC", letter)
        look = (size, 0.0) if plain == letter else (size * RAISED, size * RISE)
        if runs and runs[-1][1:] == look:
            runs[-1] = (runs[-1][0] + plain, *look)
        else:
            runs.append((plain, *look))
    shown = []
    for text, points, rise in runs:
        glyphs = [face.glyphs.get(ord(letter), 0) for letter in text]
        for letter, glyph in zip(text, glyphs, strict=True):
            if glyph:
                used[italic][glyph] = letter
            else:
                used[italic][-1] = used[italic].get(-1, "") + letter
        codes = "".join([f"{glyph:04x}" for glyph in glyphs])
        shown.append(f"/F{int(italic)} {points:g} Tf {rise:g} Ts <{codes}> Tj")
    share = {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0.0)
    x = float(element.get("x", "0"))
    x -= share * sum(face.width(text, points) for text, points, _ in runs)
    y = float(element.get("y", "0"))
    colour = _colour(element.get("fill", "#000000"))
    return f"BT {colour} rg 1 0 0 -1 {x:.7g} {y:.7g} Tm {' '.join(shown)} ET"


# ---- the file


def _file(
    content: bytes, width: float, height: float, used: dict[bool, dict[int, str]], title: str
) -> bytes:
    """Catalog, pages, page, content, what the file is, and the fonts that are used."""
    faces = [italic for italic in used if used[italic]]
    names = " ".join(f"/F{int(italic)} {7 + 5 * i} 0 R" for i, italic in enumerate(faces))
    heading = title.encode("utf-16-be").hex()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:g} {height:g}] /Contents 4 0 R "
        "/Resources 6 0 R >>".encode(),
        _stream(content),
        f"<< /Title <feff{heading}> /Producer (gategrad) >>".encode(),
        f"<< /Font << {names} >> >>".encode(),
    ]
    for italic in faces:
        objects += _font(italic, used[italic], len(objects) + 1)
    data, offsets = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(data))
    )


def _stream(content: bytes, more: str = "") -> bytes:
    packed = zlib.compress(content, 9)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode{more} >>\nstream\n"
    return head.encode() + packed + b"\nendstream"


def _font(italic: bool, used: dict[int, str], first: int) -> list[bytes]:
    """The objects of a font, the first of them numbered `first`."""
    face = font(italic)
    name = f"/GategradSans{'-Italic' if italic else ''}"
    widths = " ".join(f"{glyph} [{face.widths[glyph]:.0f}]" for glyph in sorted(used))
    pairs = [
        f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>\n" for glyph, letter in used.items()
    ]
    blocks = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]  # As many as may be in one.
    letters = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Letters def "
        "/CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + "".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)
        + "endcmap end end"
    )
    slant = -12 if italic else 0
    return [
        f"<< /Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H "
        f"/DescendantFonts [{first + 1} 0 R] /ToUnicode {first + 4} 0 R >>".encode(),
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont {name} /CIDSystemInfo << /Registry "
        f"(Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor {first + 2} 0 R "
        f"/CIDToGIDMap /Identity /DW 556 /W [{widths}] >>".encode(),
        f"<< /Type /FontDescriptor /FontName {name} /Flags {4 + 64 * italic} /FontBBox "
        f"[-300 {face.descent:.0f} 1300 {face.ascent:.0f}] /ItalicAngle {slant} /Ascent "
        f"{face.ascent:.0f} /Descent {face.descent:.0f} /CapHeight 720 /StemV 80 /FontFile2 "
        f"{first + 3} 0 R >>".encode(),
        _stream(face.data, f" /Length1 {len(face.data)}"),
        _stream(letters.encode()),
    ]
