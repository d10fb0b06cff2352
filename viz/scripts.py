"""Letters that no font of this machine has: PNG and PDF would show a box for each."""

from __future__ import annotations

import re
import sys
import unicodedata
import warnings
from collections.abc import Callable

from .fontconfig import FAMILY
from .names import label_text

_OURS = 0x400  # The package's font holds Latin, Greek and mathematical signs.
_UNASSIGNED = "\u0378"
_WHERE = (
    "install Noto fonts (apt-get install fonts-noto-cjk for Korean, Chinese and Japanese, "
    "fonts-noto for others)"
)


def warn_of_missing_letters(text: str, render: Callable[[str, str], bytes]) -> None:
    """Warn, naming the script and what to install, if `text` would come out as boxes.

    `render` is asked once for the widths of one letter a script: a letter that no font has is as
    wide as one that does not exist.
    """
    samples: dict[str, str] = {}
    for letter in sorted(set(text)):
        if ord(letter) >= _OURS and letter.isalpha():
            samples.setdefault(unicodedata.name(letter, "UNKNOWN").split()[0], letter)
    if not samples or sys.platform == "darwin":  # macOS has fonts for every script.
        return
    cells = "".join(
        f"<TR><TD><TABLE BORDER='0' CELLBORDER='1' CELLPADDING='0' CELLSPACING='0'><TR>"
        f"<TD>{label_text(letter)}</TD><TD></TD></TR></TABLE></TD></TR>"
        for letter in [_UNASSIGNED, *samples.values()]
    )
    table = f"<TABLE BORDER='0'>{cells}</TABLE>"
    svg = render(f'digraph {{ a [shape=plain fontname="{FAMILY}" label=<{table}>] }}', "svg")
    boxes = re.findall(r'<polygon fill="none"[^>]* points="([^"]*)"', svg.decode())
    widths = [_width(points) for points in boxes[::2]]
    missing = [s.title() for s, w in zip(samples, widths[1:], strict=False) if w == widths[0]]
    if missing:
        warnings.warn(
            f"no font here has {' or '.join(missing)} letters: they come out as boxes in PNG and "
            f"PDF. {_WHERE}; SVG and HTML are not affected",
            stacklevel=4,
        )


def _width(points: str) -> float:
    across = [float(pair.split(",")[0]) for pair in points.split()]
    return round(max(across) - min(across), 2)
