"""The package's own font, shown to Graphviz while it loads.

fontconfig reads one settings file, named by an environment variable, when it first looks for a
font. Ours names the fonts beside this package first, then the machine's own for other scripts,
and is gone again, like the variable, once it has been read. (fontconfig 2.13, which the wheels
hold, leaves a file `.uuid` in every font folder that it may write to, ours among them.)
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from xml.sax.saxutils import escape

from viz.faces import FONTS

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
