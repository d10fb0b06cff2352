"""Catalogues of phrases, as translators' tools write them, for the standard library's `gettext`.

That reads compiled files (.mo) and no others.
"""

from __future__ import annotations

import re
from gettext import GNUTranslations
from io import BytesIO
from json import loads
from struct import pack

__all__ = ["entries", "translations"]

_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr(?:\[\d+\])?)\s+)?(".*")\s*$')


def translations(text: str) -> GNUTranslations:
    """What a .po file says, the rule of its plurals included."""
    return GNUTranslations(BytesIO(_compiled(entries(text))))


def entries(text: str) -> dict[str, str]:
    """The phrases of a .po file and what they are, forms for several numbers with "\\0" between.

    >>> entries('msgid "gate"\\nmsgstr "게이트"')
    {'gate': '게이트'}
    """
    found: list[tuple[list[str], list[str]]] = []
    name = ""
    for line in text.splitlines():
        if not (match := _LINE.match(line)):
            continue
        if match[1] == "msgid":
            found.append(([], []))
        name = match[1] or name
        texts = found[-1][name.startswith("msgstr")]
        texts += [""] if match[1] else []
        texts[-1] += loads(match[2])  # JSON has the same escapes.
    return {"\0".join(keys): "\0".join(forms) for keys, forms in found if any(forms)}


def _compiled(texts: dict[str, str]) -> bytes:
    """The phrases as a .mo file."""
    keys = sorted(texts, key=str.encode)
    pieces = [key.encode() for key in keys] + [texts[key].encode() for key in keys]
    place, tables = 28 + 8 * len(pieces), b""
    for piece in pieces:
        tables += pack("<2I", len(piece), place)
        place += len(piece) + 1
    head = pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 28)
    return head + tables + b"".join(piece + b"\0" for piece in pieces)
