"""A finished picture: files of several kinds, text, and its rich display in notebooks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from autograd.extend import write_whole

from .describe import description_of, hovers_of, title_of
from .dot import check_direction, dot_of
from .errors import VizError
from .figure import Figure
from .fontconfig import warn_of_missing_letters
from .mermaid import mermaid_of
from .render import render, trimmed_pdf
from .svg import document, polished
from .themes import theme_named
from .tikz import document_of, tikz_of

if TYPE_CHECKING:
    import graphviz

PNG_DPI = 144  # Two pixels a point.
MOST_PIXELS = 30_000  # Along a side: Cairo's bitmaps end soon after.
SMALL_GRAPH = 60  # Gates; larger ones have no PNG in a notebook's bundle.
FITTED = (800, 1400)  # Points: pictures as wide as this take the width that a notebook has.


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

    engine = "dot"  # Which of Graphviz's layouts.
    formats: ClassVar[dict[str, Callable[[Any], str | bytes]]] = {
        **{f".{n}": attrgetter(n) for n in ("svg", "png", "pdf", "dot", "html", "tex", "tikz")},
        ".gv": attrgetter("dot"),
    }  # fmt: skip

    def __init__(self, theme: str):
        self._theme_name, self._theme = theme, theme_named(theme)

    @cached_property
    def dot(self) -> str:
        """The description from which Graphviz draws it."""
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
    def _hovers(self) -> dict[str, str]:
        """What is told of a node that is pointed at, by its name in the DOT text."""
        raise NotImplementedError

    @property
    def _words(self) -> str:
        """All text in the picture, whose letters PNG and PDF need a font for."""
        raise NotImplementedError

    @property
    def _is_small(self) -> bool:
        """Whether a notebook's bundle has room for its PNG."""
        return True

    def _in_words(self) -> str:
        """It as plain text, where nothing else can be shown."""
        return f"{self.title}\n{self.description}"

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text, with presentation attributes alone."""
        return polished(
            render(self.dot, "svg", self.engine).decode("utf-8"),
            hovers=self._hovers,
            title=self.title,
            description=self.description,
        )

    @cached_property
    def png(self) -> bytes:
        """The picture as a PNG file's bytes, two pixels a point; very large ones less."""
        warn_of_missing_letters(self._words, render)
        dpi = PNG_DPI
        if not self._is_small:
            sides = re.search(r'width="([\d.]+)" height="([\d.]+)"', self.svg)
            dpi = min(dpi, int(72 * MOST_PIXELS / max(map(float, sides.groups()))))
        return self.bitmap(dpi)

    @cached_property
    def pdf(self) -> bytes:
        """The picture as a PDF file's bytes."""
        warn_of_missing_letters(self._words, render)
        return render(self.dot, "pdf", self.engine)

    def bitmap(self, dpi: float) -> bytes:
        """A PNG file's bytes, with so many pixels an inch."""
        return render(self.dot.replace("graph [", f"graph [dpi={dpi} ", 1), "png", self.engine)

    @property
    def trimmed_pdf(self) -> bytes:
        """A PDF file's bytes, without the margin that a page of its own has."""
        return trimmed_pdf(self.dot)

    @property
    def html(self) -> str:
        """A bare document that holds the SVG."""
        body = f'<body bgcolor="{self._theme.ground}">\n{self.svg}</body>'
        return document(self.title, body, "dark" if self._theme_name == "dark" else "light")

    @property
    def tikz(self) -> str:
        """The picture as a tikzpicture environment, to be put into a LaTeX document."""
        return tikz_of(self.svg)

    @property
    def tex(self) -> str:
        """A LaTeX document of one page that holds the picture as TikZ."""
        return document_of(self.svg)

    @property
    def graphviz(self) -> graphviz.Source:
        """The description as an object of the `graphviz` package."""
        try:
            import graphviz
        except ImportError as error:
            raise VizError(
                "picture.graphviz needs the graphviz package: pip install graphviz; "
                "picture.dot is the same description as text"
            ) from error
        return graphviz.Source(self.dot)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture; the suffix says which kind: .svg .png .pdf .html, .dot or .gv, .tex
        (a LaTeX document) or .tikz (the picture in it), and of a graph .mmd (Mermaid).

        The file appears whole or not at all. Returns its path.

        Raises
        ------
        VizError : the suffix is none of these.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in self.formats:
            raise VizError(
                f"save writes {', '.join(self.formats)} by suffix; received {os.fspath(path)!r}"
            )
        content = self.formats[suffix](self)
        write_whole(path, content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """What a notebook shows, by media type: of `include` alone, and nothing of `exclude`."""
        makers: dict[str, Callable[[], Any]] = {
            "image/svg+xml": lambda: for_notebook(self.svg),
            "image/png": lambda: self.png,
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
    """The Picture of a Figure, which has a Mermaid form as well: `mermaid`."""

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
    ):
        self._figure, self._direction = figure, direction
        self._digits, self._values = digits, values
        self._told = in_words or super()._in_words
        super().__init__(theme)
        check_direction(direction)

    @cached_property
    def dot(self) -> str:
        return dot_of(
            self._figure, self._theme, direction=self._direction, digits=self._digits,
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
        return hovers_of(self._figure, values=self._values)

    @property
    def _words(self) -> str:
        return self._figure.words

    @property
    def _is_small(self) -> bool:
        return len(self._figure.gates) <= SMALL_GRAPH

    def _in_words(self) -> str:
        return self._told()

    @property
    def mermaid(self) -> str:
        """The graph as a Mermaid flowchart, for Markdown: its own layout, the same numbers."""
        return mermaid_of(
            self._figure, direction=self._direction, digits=self._digits, values=self._values
        )


def for_notebook(svg: str) -> str:
    """The SVG for a notebook, where JupyterLab and nbconvert give an image the size that it says.

    Small ones keep theirs, very wide ones too, and are scrolled; between them they say none, and
    are as wide as their place.
    """
    size = re.search(r' width="([\d.]+)" height="[\d.]+"', svg)
    if size is None or not FITTED[0] < float(size[1]) <= FITTED[1]:
        return svg
    return svg.replace(size[0], "", 1)
