"""The package's own font, shown to Graphviz while it loads.

fontconfig reads one settings file, named by an environment variable, when it first looks for a
font. Ours names the fonts beside this package first, then the machine's own for other scripts,
and is gone again, like the variable, once it has been read. (fontconfig 2.13, which the wheels
hold, leaves a file `.uuid` in every font folder that it may write to, ours among them.)
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

from .names import label_text

FONTS = Path(__file__).parent / "fonts"
FAMILY = "Helvetica"  # What pictures ask for; Arial and our font have its widths.
OWN_FAMILY = "Gategrad Sans"

SYSTEM_FOLDERS: tuple[str, ...] = (
    "<dir>/usr/share/fonts</dir>",
    "<dir>/usr/local/share/fonts</dir>",
    "<dir>/run/current-system/sw/share/X11/fonts</dir>",
    '<dir prefix="xdg">fonts</dir>',
    "<dir>~/.fonts</dir>",
)
if sys.platform == "win32":
    SYSTEM_FOLDERS = ("<dir>WINDOWSFONTDIR</dir>",)

_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  {folders}
  <cachedir prefix="xdg">fontconfig</cachedir>
  <config><rescan><int>0</int></rescan></config>
</fontconfig>
"""


def settings() -> str:
    """The settings file's text."""
    folders = [f"<dir>{escape(str(FONTS))}</dir>", *SYSTEM_FOLDERS]
    return _SETTINGS.format(folders="\n  ".join(folders))


@contextmanager
def our_fonts() -> Iterator[None]:
    """While this lasts, fontconfig that wakes up finds our font; the environment is put back."""
    handle, name = tempfile.mkstemp(suffix=".conf")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(settings())
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before
        os.unlink(name)


@contextmanager
def quiet() -> Iterator[None]:
    """C libraries' remarks on the machine's font settings do not reach standard error."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


# ---- letters that no font has

_OURS = 0x250  # The package's font holds Latin; of other letters it has some.
_UNASSIGNED = "\u0378"
MOST_SAMPLES = 200
_WHERE = (
    "install Noto fonts (apt-get install fonts-noto-cjk for Korean, Chinese and Japanese, "
    "fonts-noto for others)"
)


def warn_of_missing_letters(text: str, render: Callable[[str, str], bytes]) -> None:
    """Warn, naming the letters and what to install, if `text` would come out as boxes.

    `render` is asked once for the widths of the letters: one that no font has is as wide as one
    that does not exist. Of a script of many letters, such as Hangul, one stands for all.
    """
    samples: dict[str, str] = {}
    for letter in sorted(set(text)):
        if ord(letter) >= _OURS and not letter.isspace():
            name = unicodedata.name(letter, f"U+{ord(letter):04X}")
            is_of_many = ord(letter) >= 0x1100 and letter.isalpha()
            key = f"{name.split()[0].title()} letters" if is_of_many else f"{letter} ({name})"
            samples.setdefault(key, f"o{letter}" if unicodedata.combining(letter) else letter)
    samples = dict(list(samples.items())[:MOST_SAMPLES])
    if not samples or sys.platform == "darwin":  # macOS has fonts for every script.
        return
    nothing = [_UNASSIGNED, f"o{_UNASSIGNED}"]
    cells = "".join(
        f"<TR><TD><TABLE BORDER='0' CELLBORDER='1' CELLPADDING='0' CELLSPACING='0'><TR>"
        f"<TD>{label_text(letter)}</TD><TD></TD></TR></TABLE></TD></TR>"
        for letter in [*nothing, *samples.values()]
    )
    table = f"<TABLE BORDER='0'>{cells}</TABLE>"
    svg = render(f'digraph {{ a [shape=plain fontname="{FAMILY}" label=<{table}>] }}', "svg")
    boxes = re.findall(r'<polygon fill="none"[^>]* points="([^"]*)"', svg.decode())
    widths = [_width(points) for points in boxes[::2]]
    missing = [
        key
        for key, wide in zip(samples, widths[2:], strict=False)
        if wide == widths[len(samples[key]) - 1]
    ]
    if missing:
        warnings.warn(
            f"no font here has {' or '.join(missing)}: they come out as boxes in PNG and PDF. "
            f"{_WHERE}; SVG and HTML are not affected",
            stacklevel=4,
        )


def _width(points: str) -> float:
    across = [float(pair.split(",")[0]) for pair in points.split()]
    return round(max(across) - min(across), 2)
