"""What a PDF file says: its pages, and the texts on them, by its own tables of letters."""

from __future__ import annotations

import re
import zlib


def objects(pdf):
    """The file's objects by number, found where its table says that they are."""
    start = int(re.search(rb"startxref\s+(\d+)\s+%%EOF\s*$", pdf)[1])
    count = int(re.match(rb"xref\n0 (\d+)\n", pdf[start:])[1])
    entries = pdf[start:].split(b"\n")[2 : 2 + count]
    offsets = [int(entry[:10]) for entry in entries if entry[17:18] == b"n"]
    found = {}
    for begin, end in zip(offsets, [*offsets[1:], start], strict=True):
        head = re.match(rb"(\d+) 0 obj\n", pdf[begin:end])
        found[int(head[1])] = pdf[begin + head.end() : end]
    return found


def stream(body):
    """What a stream holds."""
    return zlib.decompress(re.search(rb"stream\n(.*)\nendstream", body, re.DOTALL)[1])


def sizes(pdf):
    """The sizes of its pages, in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(float(wide), float(high)) for wide, high in boxes]


def contents(pdf):
    """The drawing commands of each page."""
    known = objects(pdf)
    pages = [body for body in known.values() if re.search(rb"/Type /Page\b", body)]
    return [
        stream(known[int(re.search(rb"/Contents (\d+) 0 R", page)[1])]).decode() for page in pages
    ]


def words(pdf):
    """The texts on its pages, as a reader finds them."""
    known = objects(pdf)
    tables = {}
    for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", b"".join(known.values())):
        font = known[int(number)]
        told = stream(known[int(re.search(rb"/ToUnicode (\d+) 0 R", font)[1])])
        tables[name.decode()] = {
            code.decode(): bytes.fromhex(letter.decode()).decode("utf-16-be")
            for code, letter in re.findall(rb"<([0-9a-f]{4})> <([0-9a-f]+)>\n", told)
        }
    found = []
    for text in re.findall(r"BT .*? ET", "\n".join(contents(pdf))):
        pieces = re.findall(r"/(F\d+) [\d.]+ Tf <([0-9a-f]*)> Tj", text)
        found.append(
            "".join(
                tables[font].get(codes[i : i + 4], "\ufffd")
                for font, codes in pieces
                for i in range(0, len(codes), 4)
            )
        )
    return found
