"""Pictures' SVG as pages of a PDF file: our shapes, and texts that can be searched.

PDF 1.7 (ISO 32000-1). Of each font the file holds the glyphs that are used, as a composite font
(9.7), with a table from them to letters (9.10.3). fontTools makes the smaller font; libraries that
write PDF were tried: those that know SVG set letters of other scripts in one font that one names.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from xml.etree import ElementTree

from viz.faces import Face, face_of, fallbacks, family
from viz.svg import SVG, Written, asked_font, size_of, written_in

_CIRCLE = 0.5523  # Of a radius: the controls of a quarter of a circle.
_NUMBER = re.compile(r"-?[\d.]+(?:e-?\d+)?")
_KEPT = {"glyf", "loca", "head", "hhea", "hmtx", "maxp", "CFF ", "cmap"}  # Tables of a font.


class Placed(NamedTuple):
    """A picture on a page: its upper left corner, in points from the page's, and its scale."""

    svg: str
    left: float = 0.0
    top: float = 0.0
    scale: float = 1.0


class Sheet(NamedTuple):
    """A page: its size in points, what stands on it, and the colour under all of it."""

    size: tuple[float, float]
    pictures: Sequence[Placed]
    ground: str = ""


def pdf_of(svg: str) -> bytes:
    """The PDF file of a picture, as large as it is, without a border.

    Warns of letters that no font has.
    """
    title = ElementTree.fromstring(svg).findtext(f"{SVG}title", "")
    return pdf_file([Sheet(size_of(svg), [Placed(svg)])], title)


def pdf_file(sheets: Sequence[Sheet], title: str) -> bytes:
    """The PDF file of several pages."""
    roots = [[_seen(placed.svg) for placed in sheet.pictures] for sheet in sheets]
    fonts = Fonts(
        (
            (piece.text, piece.italic)
            for several in roots
            for root in several
            for text in root.iter(f"{SVG}text")
            for piece in written_in(text)
        ),
        family(asked_font(sheets[0].pictures[0].svg)),
    )
    contents = []
    for sheet, several in zip(sheets, roots, strict=True):
        width, height = sheet.size
        drawn = ["1 j 0 J"]
        if sheet.ground:
            drawn.append(f"{_colour(sheet.ground)} rg 0 0 {width:g} {height:g} re f")
        for placed, root in zip(sheet.pictures, several, strict=True):
            view = [float(n) for n in root.get("viewBox", "").split()]
            scale = placed.scale * size_of(placed.svg)[0] / view[2]
            move = f"{placed.left:.6g} {height - placed.top + scale * view[1]:.6g}"
            seen = f"{' '.join(f'{side:.6g}' for side in view)} re W n"
            drawn += [f"q {scale:.6g} 0 0 {-scale:.6g} {move} cm {seen}"]
            drawn += [*_shapes(root, fonts), "Q"]
        contents.append("\n".join(drawn).encode("latin-1"))
    return _file(sheets, contents, fonts, title)


def _seen(svg: str) -> ElementTree.Element:
    """The picture without texts that are outside of its view, which readers would find."""
    root = ElementTree.fromstring(svg)
    _, top, _, high = (float(n) for n in root.get("viewBox", "").split())

    def drop(element: ElementTree.Element, down: float) -> None:
        moved = _NUMBER.findall(element.get("transform", ""))
        down += float(moved[1]) if moved else 0.0
        for child in list(element):
            if child.tag != f"{SVG}text":
                drop(child, down)
            elif not top <= float(child.get("y", "0")) + down <= top + high:
                element.remove(child)

    drop(root, 0.0)
    return root


# ---- fonts


class Embedded:
    """A font with the glyphs of some letters alone: its file, codes, and widths by thousandths."""

    def __init__(self, face: Face, letters: set[str], number: int):
        tag = "".join(chr(ord("A") + number // 26**i % 26) for i in range(6))
        self.name = f"{tag}+{re.sub(r'[^A-Za-z0-9-]', '', face.path.stem)}"
        with face.opened() as font:
            self._reduce(font, letters)

    def _reduce(self, font: Any, letters: set[str]) -> None:
        from fontTools.subset import Options, Subsetter

        options = Options(hinting=False, notdef_outline=True, layout_features=[])
        options.drop_tables = sorted(set(font.keys()) - _KEPT)
        subsetter = Subsetter(options)
        subsetter.populate(text="".join(letters))
        subsetter.subset(font)
        names, per_mille = font.getBestCmap() or {}, 1000 / font["head"].unitsPerEm
        self.is_truetype = "glyf" in font
        is_keyed = not self.is_truetype and hasattr(font["CFF "].cff.topDictIndex[0], "ROS")

        def code(glyph: str) -> int:
            return int(glyph[3:]) if is_keyed else font.getGlyphID(glyph)

        self.codes = {chr(letter): code(glyph) for letter, glyph in names.items()}
        widths = {name: round(wide * per_mille) for name, (wide, _) in font["hmtx"].metrics.items()}
        self.widths = {self.codes[chr(letter)]: widths[name] for letter, name in names.items()}
        self.widths[0] = widths[".notdef"]
        self.ascent, self.descent = (
            round(getattr(font["hhea"], side) * per_mille) for side in ("ascent", "descent")
        )
        self.data = self._written(font)

    def _written(self, font: Any) -> bytes:
        if not self.is_truetype:
            return font.getTableData("CFF ")
        del font["cmap"]
        file = io.BytesIO()
        font.recalcTimestamp = False
        font.save(file, reorderTables=None)
        return file.getvalue()

    def width(self, letters: str, size: float) -> float:
        return sum(self.widths[self.codes.get(c, 0)] for c in letters) * size / 1000


class Fonts:
    """The fonts that texts are set in, each with the letters of them."""

    def __init__(self, texts: Iterator[tuple[str, bool]], asked: Face | None = None):
        used: dict[Face, set[str]] = {}
        letters: set[tuple[str, bool]] = set()
        for text, italic in texts:
            letters.update((letter, italic) for letter in text)
        fallbacks("".join(letter for letter, _ in letters))
        self.face_of = {
            (letter, italic): face_of(letter, italic=italic, asked=asked)
            for letter, italic in sorted(letters)
        }
        for (letter, _), face in self.face_of.items():
            used.setdefault(face, set()).add(letter)
        self.number = {face: number for number, face in enumerate(used)}
        self.embedded = [Embedded(face, used[face], i) for face, i in self.number.items()]

    def runs(self, text: str, italic: bool) -> list[tuple[int, str]]:
        """A text in pieces of one font each, with that font's number."""
        found = groupby(text, key=lambda letter: self.number[self.face_of[letter, italic]])
        return [(number, "".join(letters)) for number, letters in found]


# ---- what is on the page


def _shapes(element: ElementTree.Element, fonts: Fonts) -> Iterator[str]:
    kind = element.tag.removeprefix(SVG)
    if kind in ("svg", "g"):
        move = _NUMBER.findall(element.get("transform", ""))
        if move:
            yield f"q 1 0 0 1 {move[0]} {move[1]} cm"
        for child in element:
            yield from _shapes(child, fonts)
        if move:
            yield "Q"
    elif kind == "text":
        yield _text(element, fonts)
    elif kind in ("path", "polygon", "polyline", "ellipse"):
        fill, stroke = (_colour(element.get(which)) for which in ("fill", "stroke"))
        paint = {(True, True): "B", (True, False): "f", (False, True): "S"}.get(
            (bool(fill), bool(stroke))
        )
        if paint is None:
            return
        look = [f"{fill} rg"] if fill else []
        if stroke:
            look += [f"{stroke} RG", f"{float(element.get('stroke-width', '1')):g} w"]
            look += ["1 J" if element.get("stroke-linecap") == "round" else "0 J"]
            dashes = element.get("stroke-dasharray", "").replace(",", " ")
            look += [f"[{dashes}] 0 d"]
        yield " ".join([*look, *_outline(kind, element), paint])


def _colour(text: str | None) -> str:
    if not text or not text.startswith("#"):
        return ""
    return " ".join(f"{int(text[i : i + 2], 16) / 255:.3g}" for i in (1, 3, 5))


def _outline(kind: str, element: ElementTree.Element) -> Iterator[str]:
    if kind.startswith("poly"):
        numbers = _NUMBER.findall(element.get("points", ""))
        pairs = [f"{x} {y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        lines = [f"{pairs[0]} m", *(f"{pair} l" for pair in pairs[1:])]
        yield " ".join([*lines, "h"] if kind == "polygon" else lines)
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


def _text(element: ElementTree.Element, fonts: Fonts) -> str:
    pieces = written_in(element)
    wide, places = 0.0, []
    for piece in pieces:
        places.append(wide - piece.back)
        wide = places[-1] + sum(
            fonts.embedded[number].width(letters, piece.size)
            for number, letters in fonts.runs(piece.text, piece.italic)
        )
    share = {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0.0)
    x = float(element.get("x", "0")) - share * wide
    y = float(element.get("y", "0"))
    return " ".join(
        _piece(piece, x + place, y + piece.below, fonts)
        for piece, place in zip(pieces, places, strict=True)
    )


def _piece(piece: Written, x: float, y: float, fonts: Fonts) -> str:
    shown = []
    for number, letters in fonts.runs(piece.text, piece.italic):
        font = fonts.embedded[number]
        codes = "".join(f"{font.codes.get(letter, 0):04x}" for letter in letters)
        shown.append(f"/F{number} {piece.size:g} Tf <{codes}> Tj")
    return f"BT {_colour(piece.color)} rg 1 0 0 -1 {x:.7g} {y:.7g} Tm {' '.join(shown)} ET"


# ---- the file


def _file(sheets: Sequence[Sheet], contents: list[bytes], fonts: Fonts, title: str) -> bytes:
    """Catalog, pages, what the file is, the fonts that are used, each page and its content."""
    first = 5
    names = " ".join(f"/F{i} {first + 5 * i} 0 R" for i in range(len(fonts.embedded)))
    heading = title.encode("utf-16-be", "replace").hex()
    after = first + 5 * len(fonts.embedded)
    kids = " ".join(f"{after + 2 * i} 0 R" for i in range(len(sheets)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>".encode(),
        f"<< /Title <feff{heading}> /Producer (gategrad) >>".encode(),
        f"<< /Font << {names} >> >>".encode(),
    ]
    for font in fonts.embedded:
        objects += _font(font, len(objects) + 1)
    for sheet, content in zip(sheets, contents, strict=True):
        width, height = sheet.size
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:g} {height:g}] "
            f"/Contents {len(objects) + 2} 0 R /Resources 4 0 R >>".encode()
        )
        objects.append(_stream(content))
    chunks, offsets, place = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"], [], 15
    for number, body in enumerate(objects, 1):
        offsets.append(place)
        chunks.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        place += len(chunks[-1])
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    chunks.append(
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 3 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, place)
    )
    return b"".join(chunks)


def _stream(content: bytes, more: str = "") -> bytes:
    packed = zlib.compress(content, 9)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode{more} >>\nstream\n"
    return head.encode() + packed + b"\nendstream"


def _font(font: Embedded, first: int) -> list[bytes]:
    """The objects of a font, the first of them numbered `first`."""
    widths = " ".join(f"{code} [{wide}]" for code, wide in sorted(font.widths.items()))
    pairs = [
        f"<{code:04x}> <{letter.encode('utf-16-be').hex()}>\n"
        for letter, code in sorted(font.codes.items())
    ]
    blocks = [pairs[i : i + 100] for i in range(0, len(pairs), 100)]  # As many as may be in one.
    letters = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Letters def "
        "/CMapType 2 def 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + "".join(f"{len(block)} beginbfchar\n{''.join(block)}endbfchar\n" for block in blocks)
        + "endcmap end end"
    )
    kind, file, more = (
        (2, "FontFile2", f" /Length1 {len(font.data)}")
        if font.is_truetype
        else (0, "FontFile3", " /Subtype /CIDFontType0C")
    )
    identity = " /CIDToGIDMap /Identity" if font.is_truetype else ""
    return [
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{font.name} /Encoding /Identity-H "
        f"/DescendantFonts [{first + 1} 0 R] /ToUnicode {first + 4} 0 R >>".encode(),
        f"<< /Type /Font /Subtype /CIDFontType{kind} /BaseFont /{font.name} /CIDSystemInfo << "
        f"/Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor {first + 2} 0 R"
        f"{identity} /DW 556 /W [{widths}] >>".encode(),
        f"<< /Type /FontDescriptor /FontName /{font.name} /Flags 4 /FontBBox [-300 {font.descent} "
        f"1300 {font.ascent}] /ItalicAngle 0 /Ascent {font.ascent} /Descent {font.descent} "
        f"/CapHeight 720 /StemV 80 /{file} {first + 3} 0 R >>".encode(),
        _stream(font.data, more),
        _stream(letters.encode()),
    ]
