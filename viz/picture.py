"""A finished picture: files of several kinds, text, and its rich display in notebooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from math import inf
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from autograd.extend import current_language, in_its_language, write_whole

from .arrays import plain
from .describe import description_of, hovers_of, title_of
from .dot.writer import dot_of
from .errors import VizError
from .figure import Figure
from .latex import page_of
from .layout.bitmap import check_dpi, png_of
from .layout.pdf import pdf_of
from .layout.repeats import with_leaves_repeated
from .layout.svg import Drawing
from .mermaid import mermaid_of
from .subject import check_direction
from .svg import document, for_notebook, in_pixels, set_in
from .themes import theme_named
from .tikz import tikz_of

if TYPE_CHECKING:
    import graphviz

SMALL_GRAPH = 60  # Gates; larger ones have no PNG in a notebook's bundle.
NOTEBOOK = 900.0  # Points: as wide a picture is in a notebook, on in rows where it is longer.
WIDTHS = {"slide": 960.0, "page": 451.0, "column": 241.0}
"""Points: of a slide of 16 by 9, of the text of an A4 page, of one of its two columns."""


class Picture:
    """What `viz.draw` returns. It is rendered when first asked for, and then kept.

    Attributes: `svg`, `html`, `dot`, `tikz` and `tex` (text), `png` and `pdf` (bytes), `graphviz`
    (the DOT as an object of the graphviz package), `title` and `description`; of a graph `mermaid`,
    too. In a notebook it shows itself. `formats` has what makes each kind of file.

    >>> from autograd import Tensor
    >>> import viz
    >>> x = Tensor(3.0, name="x")
    >>> picture = viz.draw(x * x)
    >>> picture.svg[:4], picture.dot[:7], picture.png[1:4]
    ('<svg', 'digraph', b'PNG')
    """

    formats: ClassVar[dict[str, Callable[[Any], str | bytes]]] = {
        **{f".{n}": attrgetter(n) for n in ("svg", "png", "pdf", "dot", "html", "tex", "tikz")},
        ".gv": attrgetter("dot"),
    }

    def __init__(self, theme: str):
        self._theme_name, self._theme = theme, theme_named(theme)
        self.language = current_language()

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text, with presentation attributes alone, sizes in points."""
        raise NotImplementedError

    @cached_property
    def dot(self) -> str:
        """What it shows as DOT, the language of Graphviz."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What it shows, in a few words."""
        raise NotImplementedError

    @property
    def description(self) -> str:
        """What it shows, as the SVG tells it to screen readers."""
        raise NotImplementedError

    @property
    def _is_small(self) -> bool:
        """Whether a notebook's bundle has room for its PNG."""
        return True

    @property
    def _in_notebook(self) -> Picture:
        """It as a notebook shows it."""
        return self

    def _in_words(self) -> str:
        """It as plain text, where nothing else can be shown."""
        return f"{self.title}\n{self.description}"

    @cached_property
    def png(self) -> bytes:
        """The picture as a PNG file's bytes, two pixels a point; very large ones less."""
        return png_of(self.svg)

    @cached_property
    def pdf(self) -> bytes:
        """The picture as a PDF file's bytes, a page of its size."""
        return pdf_of(self.svg)

    @property
    @in_its_language
    def html(self) -> str:
        """A bare document that holds the SVG."""
        body = f'<body bgcolor="{self._theme.ground}">\n{in_pixels(self.svg)}</body>'
        return document(self.title, body, "dark" if self._theme_name == "dark" else "light")

    @property
    def tikz(self) -> str:
        """The picture as a tikzpicture environment, to be put into a LaTeX document."""
        return tikz_of(self.svg)

    @property
    def tex(self) -> str:
        """A LaTeX document of one page that holds the picture as TikZ.

        XeLaTeX and LuaLaTeX compile it with any letters, pdfLaTeX with Latin and Greek ones, and
        with Korean ones where there is kotex.
        """
        return page_of(self.svg)

    @property
    def graphviz(self) -> graphviz.Source:
        """The DOT as an object of the `graphviz` package."""
        try:
            import graphviz
        except ImportError as error:
            raise VizError(
                "picture.graphviz needs the graphviz package: pip install graphviz; "
                "picture.dot is the same description as text"
            ) from error
        return graphviz.Source(self.dot)

    def save(self, path: str | os.PathLike[str], *, dpi: float | None = None) -> Path:
        """Write the picture; the suffix says which kind: .svg .png .pdf .html, .dot or .gv, .tex
        (a LaTeX document) or .tikz (the picture in it), and of a graph .mmd (Mermaid).

        Every kind is as large on paper; a .png says so by `dpi`, how many pixels it has an inch:
        144 by default, two a point. (Others have no pixels, and take no notice.)

        The file appears whole or not at all. Returns its path.

        Raises
        ------
        VizError : the suffix is none of these, or `dpi` is no number of pixels that a picture can
            have.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in self.formats:
            raise VizError(
                f"save writes {', '.join(self.formats)} by suffix; received {os.fspath(path)!r}"
            )
        dpi = plain(dpi)
        check_dpi(dpi)
        write_whole(path, self._content(suffix, dpi))
        return path

    def _content(self, suffix: str, dpi: float | None) -> bytes:
        """The bytes of a file of a kind."""
        is_bitmap = suffix == ".png" and dpi is not None
        content = png_of(self.svg, dpi) if is_bitmap else self.formats[suffix](self)
        return content if isinstance(content, bytes) else content.encode("utf-8")

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """What a notebook shows, by media type: of `include` alone, and nothing of `exclude`.

        nbconvert puts the PDF into LaTeX, for which it would need Inkscape to use the SVG.
        """
        makers: dict[str, Callable[[], Any]] = {
            "image/svg+xml": lambda: for_notebook(self._in_notebook.svg),
            "image/png": lambda: self._in_notebook.png,
            "application/pdf": lambda: self._in_notebook.pdf,
            "text/plain": self._in_words,
        }
        if not self._is_small:
            del makers["image/png"]
        bundle, missing = {}, ""
        for kind, make in makers.items():
            if (not include or kind in include) and kind not in (exclude or ()):
                try:
                    bundle[kind] = make()
                except VizError as error:
                    missing = f"\n{error}"
        if "text/plain" in bundle:
            bundle["text/plain"] += missing
        return bundle

    def __repr__(self) -> str:
        return f"<Picture: {self.title}>"


class GraphPicture(Picture):
    """The Picture of a Figure, which has a Mermaid form as well: `mermaid`.

    Without a `caption` its title and notes are left to screen readers. `canvas` is what a `Drawing`
    shares with others of a sequence.
    """

    formats: ClassVar[dict[str, Callable[[Any], str | bytes]]] = {
        **Picture.formats, ".mmd": attrgetter("mermaid"),
    }  # fmt: skip

    def __init__(
        self,
        figure: Figure,
        *,
        direction: str = "LR",
        digits: int | None = None,
        theme: str = "light",
        values: bool = True,
        in_words: Callable[[], str] | None = None,
        width: float | str | None = None,
        repeat: bool = False,
        caption: bool = True,
        canvas: Mapping[str, Any] | None = None,
    ):
        self._figure, self._direction = figure, direction
        self._digits, self._values = digits, values
        self._told = in_words or super()._in_words
        super().__init__(theme)
        check_direction(direction)
        self._width, self._canvas = width_in_points(width), canvas or {}
        self._captioned = figure if caption else replace(figure, title="", notes=[])
        self._drawn = with_leaves_repeated(self._captioned) if repeat else self._captioned

    @cached_property
    @in_its_language
    def drawing(self) -> Drawing:
        """The figure laid out."""
        return self._drawing(self._width)

    def _drawing(self, width: float | None) -> Drawing:
        return Drawing(
            self._drawn, self._theme, direction=self._direction, digits=self._digits,
            values=self._values, width=width, **self._canvas,
        )  # fmt: skip

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text; ids say what its elements are: g3, w5_value, l7."""
        told = {"title": self.title, "description": self.description}
        return set_in(self.drawing.svg(hovers=self._hovers, **told), self._figure.font)

    @cached_property
    def _in_notebook(self) -> Picture:
        """No wider than a notebook, unless it was asked to be."""
        if self._width is not None or self.drawing.size[0] <= NOTEBOOK:
            return self
        other = copy(self)
        other._width = NOTEBOOK
        for name in ("drawing", "svg", "png", "pdf"):
            other.__dict__.pop(name, None)
        return other

    @cached_property
    @in_its_language
    def dot(self) -> str:
        return dot_of(
            self._captioned, self._theme, direction=self._direction, digits=self._digits,
            values=self._values,
        )  # fmt: skip

    @property
    def title(self) -> str:
        return title_of(self._figure)

    @property
    def description(self) -> str:
        """The derivation in words, as the SVG tells it to screen readers."""
        return description_of(self._figure, digits=self._digits, values=self._values)

    @property
    def _hovers(self) -> dict[str, str]:
        """What is told of a part that is pointed at, by its id."""
        return hovers_of(self._figure, values=self._values)

    @property
    def _is_small(self) -> bool:
        return len(self._figure.gates) <= SMALL_GRAPH

    @in_its_language
    def _in_words(self) -> str:
        return self._told()

    @property
    @in_its_language
    def mermaid(self) -> str:
        """The graph as a Mermaid flowchart, for Markdown: its own layout, the same numbers."""
        return mermaid_of(
            self._figure, direction=self._direction, digits=self._digits, values=self._values
        )


def width_in_points(width: Any) -> float | None:
    """What `width=` says, in points.

    Raises
    ------
    VizError : it is neither None, a positive number, nor one of `WIDTHS`.
    """
    width = plain(width)
    if width is None or (isinstance(width, str) and width in WIDTHS):
        return WIDTHS[width] if width else None
    if isinstance(width, int | float) and not isinstance(width, bool) and 0 < width < inf:
        return float(width)
    raise VizError(
        f"width is a number of points or one of {', '.join(map(repr, WIDTHS))}; received {width!r}"
    )
