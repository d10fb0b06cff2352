"""The figure of a plot, and what a notebook shows of it: an SVG that turns dark with its host.

Beside it stand a PDF and what Matplotlib's own back end makes of every figure, a PNG, for hosts
that show no SVG. Of a plot on Axes that were made elsewhere the PNG is all there is.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Collection
from functools import cache
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import matplotlib
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from viz.dark import DAY, GROUND, MIXED, NIGHT, ROLES, Twins, following
from viz.themes import DARK, LIGHT

from .palette import RAMP, SERIES

LARGEST = 600_000  # Letters; of a plot that is more, a notebook shows the PNG alone.
_MOST_FOREIGN = 0.02  # Share of the pixels of an image; one that has more keeps its own colours.
_HREF = "{http://www.w3.org/1999/xlink}href"
_PNG = "data:image/png;base64,"
_SETTINGS = {"svg.fonttype": "path", "svg.hashsalt": "gategrad", "image.composite_image": False}
_STROKES = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
_NO_METADATA = {
    "svg": dict.fromkeys(("Date", "Creator", "Format", "Type")),
    "pdf": dict.fromkeys(("CreationDate", "Creator", "Producer")),
}


class PlotFigure(Figure):
    """A Matplotlib Figure that shows itself in notebooks by the host's light."""

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """The SVG, where its ground is that of a light theme; IPython adds a PNG.

        nbconvert puts the PDF into LaTeX, for which it would need Inkscape to use the SVG.
        """
        if to_hex(self.get_facecolor()) != LIGHT.ground:
            return {}
        svg = svg_of(self)
        if len(svg) > LARGEST:
            return {}
        bundle = {
            "image/svg+xml": svg,
            "application/pdf": _saved(self, "pdf"),
        }
        return {
            kind: content for kind, content in bundle.items()
            if (not include or kind in include) and kind not in (exclude or ())
        }  # fmt: skip


def _saved(figure: Figure, kind: str) -> bytes:
    """The figure as a file, the same at all times."""
    file = BytesIO()
    with matplotlib.rc_context(_SETTINGS):
        figure.savefig(file, format=kind, bbox_inches="tight", metadata=_NO_METADATA[kind])
    return file.getvalue()


def svg_of(figure: Figure) -> str:
    """The figure as SVG with presentation attributes, which sanitisers leave alone, and with the
    colours that it has in the dark."""
    saved = _saved(figure, "svg")
    svg = ElementTree.fromstring(saved)
    for parent in list(svg.iter()):
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
    used = set(re.findall(r"#([\w-]+)", saved.decode()))
    for element in svg.iter():
        _simplify(element, used)
    for marker in svg.iterfind(".//defs/path"):
        # What uses it says its colours, and no rule of a style sheet is for it in another's place.
        for paint in ("fill", "stroke"):
            marker.attrib.pop(paint, None)
    for parent in list(svg.iter()):
        _merge_halos(parent)
        for image in parent.findall("image"):
            _add_night(parent, image)
    svg.attrib = {"xmlns": "http://www.w3.org/2000/svg", **svg.attrib, "role": "img"}
    for part in svg.findall("g"):  # What Matplotlib says in a style sheet, or takes for granted.
        part.attrib.update({"fill": "#000000", **_STROKES})
    title = Element("title")
    title.text = " · ".join(filter(None, (ax.get_title(loc="left") for ax in figure.axes)))
    svg.insert(0, title)
    return following(ElementTree.tostring(svg, encoding="unicode"), _twins())


def _simplify(element: Element, used: Collection[str]) -> None:
    """Name an element without its namespace, and say its style by attributes."""
    element.tag = element.tag.rpartition("}")[2]
    element.tail = None
    if not (element.text or "").strip():
        element.text = None
    found = element.attrib
    if _HREF in found:
        found["href"] = found.pop(_HREF)
    if found.get("id") not in used:
        found.pop("id", None)
    if "d" in found and element.get("transform") is None:
        found["d"] = _shorter(found["d"])
    for side in ("x", "y"):
        if side in found:
            found[side] = f"{float(found[side]):.5g}"
    for declaration in found.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if value:
            found[name.strip()] = value.strip()


def _shorter(d: str) -> str:
    """A path in fewer letters: of lines alone to a tenth of a point, step by step.

    >>> _shorter("M 10.04 20 L 20.54 19.96 L 21.04 20.5 z")
    'M10 20l10.5 0 .5 .5z'
    >>> _shorter("M 1.23456 2 Q 3 4 5 6")
    'M 1.23 2 Q 3 4 5 6'
    """
    if re.search("[CQ]", d):
        return re.sub(r"\s+", " ", re.sub(r"(\.\d\d)\d+", r"\1", d)).strip()
    made = ""
    for part in d.split("M")[1:]:
        numbers = np.array(re.findall(r"[-+.\de]+", part), dtype=float)
        points = np.rint(10 * numbers).astype(int).reshape(-1, 2)
        steps = [f"{n / 10:g}" for n in np.diff(points, axis=0).flat]
        x, y = points[0] / 10
        made += f"M{x:g} {y:g}{'l' if steps else ''}{' '.join(steps)}{'z' * ('z' in part)}"
    return re.sub(r"\b0\.", ".", made).replace(" -", "-")


def _merge_halos(parent: Element) -> None:
    """Draw letters that are drawn twice, with a thick line and without, once and in this order."""
    before: dict[str, str] = {}
    for child in list(parent):
        found = child.attrib
        if "d" in found and found == {name: before.get(name) for name in ("d", "fill")}:
            parent.remove(child)
            before["paint-order"] = "stroke"
        before = found


def _add_night(parent: Element, image: Element) -> None:
    """Beside an image the same one for the dark, if its colours are ours."""
    from PIL import Image

    data = image.get("href", "").removeprefix(_PNG)
    pixels = np.array(Image.open(BytesIO(b64decode(data))).convert("RGBA"))
    colours, places, counts = _colours(pixels)
    image.set("href", _png(colours, places))
    seen = colours[:, 3] > 0
    dark, foreign = _shades().of_many(colours[seen, :3])
    if counts[seen][foreign].sum() > _MOST_FOREIGN * counts[seen].sum():
        return
    colours[seen, :3] = dark
    night = Element("image", {**image.attrib, "class": NIGHT, "display": "none"})
    night.set("href", _png(colours, places))
    image.set("class", DAY)
    parent.insert(list(parent).index(image) + 1, night)


def _colours(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The colours of an image, of shape (n, 4); which of them each pixel has; and how many do."""
    codes = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    found, places, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return found.view(np.uint8).reshape(-1, 4), places.reshape(codes.shape), counts


def _png(colours: np.ndarray, places: np.ndarray) -> str:
    """The address of an image that holds all of it: by a table of colours, where they are few."""
    from PIL import Image

    if len(colours) <= 256:
        made = Image.fromarray(places.astype(np.uint8))
        made.putpalette(colours.tobytes(), "RGBA")
    else:
        made = Image.fromarray(colours[places])
    file = BytesIO()
    made.save(file, "PNG", optimize=True)
    return _PNG + b64encode(file.getvalue()).decode()


@cache
def _shades() -> Twins:
    """What the colours of a plot's images are in the dark."""
    used = {hue: ROLES[hue] for hue in (LIGHT.ink, LIGHT.gradient)}
    ends = [{**GROUND, light: dark} for light, dark in {**used, **SERIES}.items()]
    signs = {hue: ROLES[hue] for hue in (LIGHT.positive, LIGHT.negative)}
    edged = [{**GROUND, LIGHT.ink: DARK.ink, light: dark} for light, dark in SERIES.items()]
    return Twins({}, [*ends, {**GROUND, **signs}, *edged])


@cache
def _twins() -> Twins:
    """What the colours of plots are in the dark; white is the ground of all of them."""
    shades = [{**GROUND, light: dark} for light, dark in SERIES.items()]
    slopes = {hue: ROLES[hue] for hue in (LIGHT.ink, LIGHT.positive)}
    mixed = [*MIXED, *shades, RAMP, {**GROUND, **slopes}]
    return Twins({**ROLES, **SERIES, **RAMP, **GROUND}, mixed)
