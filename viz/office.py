"""What .pptx and .docx files share: pictures that are SVG and PNG at once, a title, no dates."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from autograd.extend import current_language

from .svg import in_pixels

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SVG = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
_SVG_BLIP = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # That an archive can name.


def add_svg(picture: Any, svg: str, folder: Any, part: Any, kind: type) -> None:
    """Put an SVG beside the PNG of a picture, for the programs that draw it.

    `picture` is the element of either, `folder` what names the file (a PackURI), `part` the one
    that holds the picture, `kind` the class of parts of its library.
    """
    file = kind(
        partname=folder, content_type="image/svg+xml", package=part.package,
        blob=in_pixels(svg).encode("utf-8"),
    )  # fmt: skip
    key = part.relate_to(file, f"{_RELATIONSHIPS}/image")
    blip = next(picture.iter(f"{{{_DRAWING}}}blip"))
    extensions = blip.makeelement(f"{{{_DRAWING}}}extLst", {}, {})
    extension = blip.makeelement(f"{{{_DRAWING}}}ext", {"uri": _SVG_BLIP}, {})
    extension.append(
        blip.makeelement(f"{{{_SVG}}}svgBlip", {f"{{{_RELATIONSHIPS}}}embed": key}, {"asvg": _SVG})
    )
    extensions.append(extension)
    blip.append(extensions)


def described(properties: Any, title: str) -> None:
    """Say what a file is called, and in which language it is; nothing of its library's template."""
    properties.title, properties.language = title, current_language()
    properties.author = properties.last_modified_by = properties.comments = ""


def undated(archive: bytes) -> bytes:
    """The same files, all of one day, so that the same content has the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return written.getvalue()
