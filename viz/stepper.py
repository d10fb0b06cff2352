"""`viz.step`: a derivation to walk through, gate by gate, forward and back."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, SupportsIndex, overload

import numpy as np

from autograd.extend import (
    current_language,
    in_its_language,
    in_language,
    say,
    say_count,
    write_whole,
)  # fmt: skip

from .arrays import plain
from .build import figure_of
from .describe import title_of
from .errors import RendererError, VizError
from .faces import check_font
from .figure import Figure
from .layout.bitmap import check_dpi
from .mathematics import title_in
from .names import shortened
from .picture import SMALL_GRAPH, GraphPicture, Picture
from .stepping.folder import write_numbered
from .stepping.javascript import Gates
from .stepping.moments import Moment, Story
from .stepping.page import element, framed
from .stepping.page_data import still_of, told_to_all, view_of
from .stepping.slides import beamer, presentation
from .stepping.steps import Steps
from .subject import subject_of
from .svg import LONGEST_TITLE, document, for_notebook
from .themes import theme_named

MOST_OPENED = 150  # Gates; a larger graph has no second, fully open picture in its page.


class Stepper:
    """What `viz.step` returns: a sequence of Pictures, one a step; the first is the bare graph.

    In a notebook it shows itself with buttons and keys, and without JavaScript as the finished
    picture. `save` writes all of it; `html` is the page, `data` the trace that `.json` holds,
    `story` what is told at each step, `steps` its pictures, `formats` what makes each kind of file.

    >>> from autograd import Tensor
    >>> x, y, z = (Tensor(v, name=n) for v, n in [(1.0, "x"), (-2.0, "y"), (1.0, "z")])
    >>> stepper = step((x + y) * z)
    >>> len(stepper)
    5
    >>> print(stepper.text(3))
    Backward 1 of 2: multiply
    df/dq = df/df × ∂f/∂q = 1 × 1 = 1
    df/dz = df/df × ∂f/∂z = 1 × (−1) = −1
    × swaps: each input receives the upstream gradient times the other input.
    """

    @in_language
    def __init__(
        self,
        target: Any,
        example: Any = None,
        *,
        gradient: Any = None,
        expand: Any = None,
        digits: int | None = None,
        theme: str = "light",
        title: str | None = None,
        numbers: str | int = "auto",
        caption: bool = True,
        quiz: bool = False,
        language: str | None = None,
        font: str | None = None,
    ):
        theme_named(theme)
        self.language, self._font = current_language(), check_font(font)
        self._subject = subject_of(
            "step", target, example, gradient=gradient, digits=digits, numbers=numbers
        )
        self._theme, self._expand, self._is_captioned = theme, expand, caption
        with np.errstate(all="ignore"):  # What is not finite is marked where it is shown.
            self.story = self._story_of(expand)
        self.story.figure.title = title_in(title)
        self.steps = Steps(self.story, theme=theme, caption=caption)
        self._is_quiz = quiz
        if quiz and not self.story.backward_order:
            raise VizError(
                "quiz=True asks for gradients, and this graph has none: its output has several "
                "elements (pass gradient=) or nothing in it wants a gradient"
            )

    def _story_of(self, expand: Any, **options: Any) -> Story:
        figure = figure_of(self._subject, expand, **options)
        figure.font = self._font
        return Story(figure, self._subject.digits)

    # ---- a sequence of pictures

    @property
    def _moments(self) -> list[Moment]:
        return self.story.moments

    def __len__(self) -> int:
        return len(self._moments)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Picture: ...
    @overload
    def __getitem__(self, index: slice) -> list[Picture]: ...
    def __getitem__(self, index: Any) -> Any:
        """The picture of a step, of several for a slice; negative indices count from the end, where
        all is known."""
        if isinstance(index, slice):
            return [self.steps.picture(moment) for moment in self._moments[index]]
        try:
            moment = self._moments[index]
        except (IndexError, TypeError) as error:
            raise type(error)(
                f"steps are numbered from 0 to {len(self) - 1}; received {index!r}"
            ) from None
        return self.steps.picture(moment)

    def __iter__(self) -> Iterator[Picture]:
        return map(self.steps.picture, self._moments)

    @in_its_language
    def text(self, index: int) -> str:
        """A step in plain text: its gate, its equations, and what the gate does.

        The first one says how large the graph is.
        """
        return self.steps.text(self._moments[index])

    # ---- the page

    @property
    def title(self) -> str:
        """What the page and screen readers call it."""
        return title_of(self.story.figure)

    @cached_property
    @in_its_language
    def finished(self) -> GraphPicture:
        """The picture of the whole pass, as hosts without JavaScript show it."""
        return GraphPicture(
            self.story.figure, digits=self._subject.digits, theme=self._theme,
            caption=self._is_captioned,
        )  # fmt: skip

    @cached_property
    @in_its_language
    def _still(self) -> GraphPicture:
        """What hosts without JavaScript show: the finished pass, or a quiz before its answers."""
        if not self._is_quiz:
            return self.finished
        figure = replace(self._figure_asked, notes=[])
        return GraphPicture(
            figure, digits=self._subject.digits, theme=self._theme, caption=self._is_captioned
        )

    @cached_property
    def _figure_asked(self) -> Figure:
        """The values, and hollow marks for the gradients."""
        forward = [moment for moment in self._moments if moment.phase != "backward"]
        return self.story.figure_at(replace(forward[-1], gate=None))

    @cached_property
    @in_its_language
    def _data(self) -> tuple[dict[str, Any], str]:
        gates = Gates()
        story, opened = self.story, self._opened
        other = say("Open the boxes") if opened else ""
        view = partial(view_of, gates=gates)
        views = [view(story, other=other, description=self.title)]
        if opened:
            described = title_of(opened.figure)
            views.append(view(opened, other=say("Close the boxes"), description=described))
        data = {
            "title": shortened(self.title, LONGEST_TITLE),
            **told_to_all(self._theme, self._subject.digits or 4), "views": views,
        }  # fmt: skip
        return data, gates.javascript

    @cached_property
    @in_its_language
    def _opened(self) -> Story | None:
        """The same graph with all its boxes open, if it has any and is not too large."""
        figure = self.story.figure
        if not any(gate.opens for gate in figure.gates):
            return None
        with np.errstate(all="ignore"):
            opened = self._story_of("all", before=self._expand)
        is_other = len(opened.figure.gates) > len(figure.gates)
        return opened if is_other and len(opened.figure.gates) <= MOST_OPENED else None

    @in_its_language
    def _element(self, *, page: bool) -> str:
        data, gates = self._data
        alt = say("{title}: values above the wires, gradients below them.", title=data["title"])
        still = None
        if page:
            data = {**data, "page": 1}
        if self._is_quiz:
            alt = say(
                "{title}: values above the wires; the gradients are asked for.",
                title=data["title"],
            )  # fmt: skip
            data, still = {**data, "asks": 1}, still_of(self._figure_asked, self._subject.digits)
        words = "" if page else self._still.description
        return element(data, gates, sentence=self._sentence, alt=alt, words=words, still=still)

    @property
    def _sentence(self) -> str:
        if self._is_quiz:
            return say("The values; where scripts run, their gradients are asked for here.")
        return say(
            "The finished pass in {count:,} steps; where scripts run, one walks through them here.",
            count=len(self) - 1,
        )  # fmt: skip

    @cached_property
    @in_its_language
    def html(self) -> str:
        """The page: one file without a network, of some tens of kilobytes."""
        body = f"<body>\n<main>\n{self._element(page=True)}\n</main>\n</body>"
        return document(self.title, body, "dark" if self._theme == "dark" else "light dark")

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """What a notebook shows, by media type: of `include` alone, and nothing of `exclude`."""
        makers = {
            "text/html": lambda: self._element(page=False),
            "image/png": lambda: self._still._in_notebook.png,
            "image/svg+xml": lambda: for_notebook(self._still._in_notebook.svg),
            "text/plain": lambda: repr(self),
        }
        is_small = len(self.story.figure.gates) <= SMALL_GRAPH
        del makers["image/svg+xml" if is_small else "image/png"]
        bundle = {}
        for kind, make in makers.items():
            if (not include or kind in include) and kind not in (exclude or ()):
                try:
                    bundle[kind] = make()
                except RendererError:
                    continue
        return bundle

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows, which runs no script of an output: the page, in a frame of its own."""
        return "text/html", framed(self.html, self.title)

    @in_its_language
    def __repr__(self) -> str:
        return say_count(
            "<Stepper: {title}, {count} step>", "<Stepper: {title}, {count} steps>",
            len(self) - 1, title=self.title,
        )  # fmt: skip

    # ---- files

    @property
    @in_its_language
    def data(self) -> dict[str, Any]:
        """The derivation as numbers and text, as `.json` holds it; NaN and infinities by name."""
        from .stepping.json_steps import record_of

        return record_of(self.story, self.title)

    def save(
        self, path: str | os.PathLike[str], *, dpi: float | None = None, suffix: str | None = None
    ) -> Path:
        """Write the stepper; the suffix says how. The file appears whole or not at all.

        ``.html`` is the page; ``.svg``, ``.png`` and ``.pdf`` a contact sheet of all steps;
        ``.json`` the trace, every number in full; ``.gif`` an animation (which needs Pillow);
        ``.pptx`` (which needs python-pptx) and ``.tex`` (a document of LaTeX's beamer) slides, one
        a step, their titles and formulas as text. `dpi` is how many pixels an inch .png and .gif
        have. Returns the path.

        A folder, ``"steps/"``, gets one picture a step, step-00.png, step-01.png, ..., all of one
        size, in which nothing moves; `suffix` says of which kind, any that a picture has, ".png" by
        default. A new folder appears whole; in one that is there, other files stay.

        Raises
        ------
        VizError : the suffix is none of these, or given twice, a sheet of more than 100 steps was
            asked for, or the folder has later steps of another derivation.
        """
        is_folder = os.fspath(path).endswith(("/", os.sep)) or os.path.isdir(path)
        path, dpi = Path(path), plain(dpi)
        check_dpi(dpi)
        if is_folder:
            return self._save_each(path, ".png" if suffix is None else suffix, dpi)
        if suffix is not None:
            raise VizError(
                "a file's own name says its kind; suffix is of the pictures in a folder, whose "
                f"name ends in a slash: received {os.fspath(path)!r}, suffix={suffix!r}"
            )
        suffix = path.suffix.lower()
        if suffix not in self.formats:
            raise VizError(
                f"a stepper is saved as {', '.join(self.formats)} by suffix, or each step as a "
                f"picture in a folder, with a slash after its name; received {os.fspath(path)!r}. "
                "One step is a picture: stepper[3].save(...)"
            )
        write_whole(path, self.formats[suffix](self, dpi))
        return path

    def _save_each(self, folder: Path, suffix: Any, dpi: float | None) -> Path:
        kind = suffix.lower() if isinstance(suffix, str) else ""
        if kind not in GraphPicture.formats:
            raise VizError(
                f"steps in a folder are pictures: suffix is one of "
                f"{', '.join(GraphPicture.formats)}; received {suffix!r}"
            )
        contents = [self.steps.picture(moment)._content(kind, dpi) for moment in self._moments]
        return write_numbered(folder, kind, contents)

    def _json(self, _: float | None) -> bytes:
        from .stepping.json_steps import as_text

        return as_text(self.data).encode("utf-8")

    def _sheet(self, kind: str, dpi: float | None = None) -> bytes:
        from .stepping.contact_sheet import contact_sheet, sheet_width

        width = sheet_width(self.finished.drawing.size[0]) if kind == "pdf" else None
        texts = [picture.svg for picture in self.steps.few(f".{kind} file", width)]
        return contact_sheet(texts, kind, self.title, theme_named(self._theme).ground, dpi)

    def _gif(self, dpi: float | None) -> bytes:
        from .stepping.contact_sheet import animated

        return animated([picture.svg for picture in self.steps.few(".gif file")], dpi)

    @in_its_language
    def _pptx(self, _: float | None) -> bytes:
        return presentation(self.steps.slides(), self.title, theme_named(self._theme))

    def _tex(self, _: float | None) -> bytes:
        return beamer(self.steps.slides(), self.title, theme_named(self._theme)).encode("utf-8")

    formats: ClassVar[dict[str, Callable[[Any, float | None], bytes]]] = {
        ".html": lambda stepper, dpi: stepper.html.encode("utf-8"),
        ".svg": lambda stepper, dpi: stepper._sheet("svg"),
        ".png": lambda stepper, dpi: stepper._sheet("png", dpi),
        ".pdf": lambda stepper, dpi: stepper._sheet("pdf"),
        ".json": _json,
        ".gif": _gif,
        ".pptx": _pptx,
        ".tex": _tex,
    }


def step(
    target: Any,
    example: Any = None,
    *,
    gradient: Any = None,
    expand: Any = None,
    digits: int | None = None,
    theme: str = "light",
    title: str | None = None,
    numbers: str | int = "auto",
    caption: bool = True,
    quiz: bool = False,
    language: str | None = None,
    font: str | None = None,
) -> Stepper:
    """The derivation of a graph to step through: values forward, then gradients backward.

    Parameters
    ----------
    target : a Tensor, a Trace (what `ag.trace` returns), or an nn.Module. `.grad` is left as it is.
    example : with a Module, an input for it, as for `draw`.
    gradient : dL/d(output); an output of more than one element is stepped forward only without it.
    expand : what to open, as for `draw`. Where boxes stay closed, the page has a button that opens
        all of them.
    digits : significant digits of numbers, 4 by default.
    theme : `"light"`, `"dark"` or `"colorblind"`; a light page turns dark with its reader's system.
    title : a line over the page.
    numbers : which arrays are written out, as for `draw`.
    caption : False leaves out the title and the equations of pictures, as slides have them that say
        so themselves. The page has its own.
    quiz : True opens the page as a quiz on the gradients. Where no script runs, as in a notebook
        that nobody trusts yet, the values stand there alone, and nothing tells the answers.
    language, font : as for `draw`.

    Raises
    ------
    VizError (a ValueError) : an option cannot be; UnsupportedTargetError (also a TypeError) :
        `target` is not a graph.

    >>> import viz
    >>> from autograd import Tensor
    >>> x = Tensor(3.0, name="x")
    >>> viz.step(x * x)
    <Stepper: Computational graph of f, 1 gate, 2 steps>
    """
    return Stepper(
        target, example, gradient=gradient, expand=expand, digits=digits, theme=theme, title=title,
        numbers=numbers, caption=caption, quiz=quiz, language=language,
        font=font,
    )  # fmt: skip
