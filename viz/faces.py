"""The fonts of PNG and PDF files: the package's own, and the machine's for what that lacks."""

from __future__ import annotations

import os
import sys
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .errors import VizError

FONTS = Path(__file__).parent / "fonts"
OWN_FAMILY = "Gategrad Sans"
_FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("$WINDIR/Fonts", "$LOCALAPPDATA/Microsoft/Windows/Fonts"),
}
FOLDERS = _FOLDERS.get(
    sys.platform,
    ("/usr/share/fonts", "/usr/local/share/fonts", "/run/current-system/sw/share/X11/fonts",
     "~/.local/share/fonts", "~/.fonts"),
)  # fmt: skip
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_PREFERRED = ("sans", "gothic", "malgun", "hei")
_AVOIDED = ("bold", "italic", "oblique", "black", "light", "thin", "medium", "mono", "serif")
_UNSEEN = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")  # Control characters, blanks, halves of letters.
_WHERE = (
    'install a font (pip install "gategrad[ko]" for Korean, apt-get install fonts-noto-cjk for '
    "Chinese and Japanese too, fonts-noto for others)"
)


class Face:
    """A font file; of a collection the first font."""

    def __init__(self, path: Path):
        self.path = path

    def opened(self) -> Any:
        """The font as fontTools knows it, to be read or changed."""
        from fontTools.ttLib import TTFont

        return TTFont(self.path, fontNumber=0, lazy=True)

    @cached_property
    def glyphs(self) -> dict[int, str]:
        """Letters and the names of their glyphs; none of a font that has no outlines."""
        try:
            with self.opened() as font:
                has_outlines = "glyf" in font or "CFF " in font
                return (has_outlines and font.getBestCmap()) or {}
        except Exception:  # Of a file that is broken, or no font: fontTools says it in many ways.
            return {}

    @cached_property
    def families(self) -> set[str]:
        """What it is called, in every language that it has a name in; of a collection all fonts."""
        from fontTools.ttLib import TTCollection, TTFont

        kind = TTFont if self.path.suffix.lower() in (".ttf", ".otf") else TTCollection
        try:
            with kind(self.path, lazy=True) as opened:
                names = [font["name"].names for font in getattr(opened, "fonts", [opened])]
                return {
                    r.toUnicode() for records in names for r in records if r.nameID in (1, 4, 16)
                }
        except Exception:  # As above.
            return set()

    @cached_property
    def _advances(self) -> dict[int, float]:
        with self.opened() as font:
            units, metrics = font["head"].unitsPerEm, font["hmtx"].metrics
            return {letter: metrics[name][0] / units for letter, name in self.glyphs.items()}

    def width(self, text: str, size: float) -> float:
        """How wide a text is set, in points."""
        return size * sum(self._advances.get(ord(letter), 0.6) for letter in text)


@lru_cache(maxsize=2)
def own(italic: bool = False) -> Face:
    """One of the package's two."""
    return Face(FONTS / f"gategrad-sans{'-italic' if italic else ''}.ttf")


@lru_cache(maxsize=1)
def korean() -> Path | None:
    """The font that the extra `ko` brings, if it is installed.

    koreanize-matplotlib carries NanumGothic (by Naver, SIL Open Font License) as a file. It is not
    imported, which would change Matplotlib's settings.
    """
    package = find_spec("koreanize_matplotlib")
    path = Path((package and package.origin) or "").parent / "fonts" / "NanumGothic.ttf"
    return path if path.exists() else None


def check_font(font: Any) -> str:
    """The name of a family, or "" for None.

    Raises
    ------
    VizError : it is not installed here.
    """
    if font is None:
        return ""
    if not isinstance(font, str) or set(font) & set("'\"<>&") or family(font) is None:
        raise VizError(
            f"font is the name of a family that is installed here; received {font!r}. For Korean, "
            'pip install "gategrad[ko]" brings "NanumGothic"'
        )
    return font


@lru_cache
def family(name: str) -> Face | None:
    """The upright face of a family on this machine, or None.

    >>> family("no such family")
    """
    if not (asked := _plain(name)):
        return None
    return next((face for face in _others() if asked in map(_plain, face.families)), None)


def file_of(font: str | os.PathLike[str]) -> Path | None:
    """The file of a font: itself, or that of a family that is installed, or None.

    >>> file_of("no such font")
    """
    path = Path(font).expanduser()
    if path.suffix.lower() in _SUFFIXES:
        return path if path.is_file() else None
    found = family(os.fspath(font))
    return found.path if found else None


def _plain(name: str) -> str:
    """A family's name without what spellings differ in."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


@lru_cache(maxsize=1)
def _others() -> list[Face]:
    """The machine's fonts, that of the extra first, then upright ones without serifs."""
    files = [
        path
        for folder in FOLDERS
        for path in Path(os.path.expandvars(folder)).expanduser().rglob("*")
        if path.suffix.lower() in _SUFFIXES
    ]

    def rank(path: Path) -> tuple[int, bool, str]:
        name = path.stem.lower()
        avoided = sum(word in name for word in _AVOIDED)
        return avoided, not any(word in name for word in _PREFERRED), str(path)

    first = [path] if (path := korean()) else []
    return [Face(path) for path in [*first, *sorted(files, key=rank)]]


@lru_cache(maxsize=4096)
def _other(letter: str) -> Face | None:
    return next((face for face in _others() if ord(letter) in face.glyphs), None)


def face_of(letter: str, *, italic: bool = False, asked: Face | None = None) -> Face:
    """The font in which a letter is set; the package's own, too, if no font has it.

    That which was `asked` for has no italics, so that names stay in the package's own.
    """
    if asked and not italic and ord(letter) in asked.glyphs:
        return asked
    ours = own(italic)
    return ours if ord(letter) in ours.glyphs else _other(letter) or ours


def fallbacks(text: str) -> list[Face]:
    """The machine's fonts that a text needs.

    Warns, naming the letters and what to install, if some would come out as boxes. Of a script of
    many letters, such as Hangul, one stands for all.
    """
    found: dict[Face, None] = {}
    missing: dict[str, None] = {}
    for letter in _foreign(text):
        face = _other(letter)
        if face is not None:
            found[face] = None
            continue
        name = unicodedata.name(letter, f"U+{ord(letter):04X}")
        is_of_many = ord(letter) >= 0x1100 and letter.isalpha()
        missing[f"{name.split()[0].title()} letters" if is_of_many else f"{letter} ({name})"] = None
    if missing:
        warnings.warn(
            f"no font here has {' or '.join(missing)}: they come out as boxes in PNG and PDF. "
            f"{_WHERE}; SVG and HTML are not affected",
            stacklevel=4,
        )
    return list(found)


def _foreign(text: Iterable[str]) -> Iterator[str]:
    """The letters that the package's font has not, each once, in the order of their codes."""
    ours = own().glyphs
    for letter in sorted(set(text)):
        if ord(letter) not in ours and unicodedata.category(letter) not in _UNSEEN:
            yield letter
