"""The pictures of a derivation's steps, all on one canvas, and what is told with each."""

from __future__ import annotations

from typing import Any

from autograd.extend import current_language, in_its_language, say
from viz.errors import VizError
from viz.names import printable
from viz.picture import GraphPicture

from .moments import Moment, Story
from .slides import SLIDES, Slide, size_of_letters

MOST = 100  # Of which one file is made.


class Steps:
    """What a story shows, step by step.

    Pictures are laid out as the finished one is, and have the room of the longest caption, so that
    nothing moves from one to the next.
    """

    def __init__(self, story: Story, *, theme: str, caption: bool):
        self.story, self.theme, self.is_captioned = story, theme, caption
        self.language = current_language()
        self._canvases: dict[tuple[float | None, bool], dict[str, Any]] = {}

    @property
    def moments(self) -> list[Moment]:
        return self.story.moments

    @in_its_language
    def picture(
        self, moment: Moment, width: float | None = None, *, bare: bool = False
    ) -> GraphPicture:
        """A step's picture; a bare one has no caption."""
        figure, captioned = self.story.figure_at(moment), self.is_captioned and not bare
        figure.title, figure.notes = self.caption(moment)
        return GraphPicture(
            figure, digits=self.story.digits, theme=self.theme, caption=captioned,
            canvas=self._canvas(width, captioned), in_words=lambda: self.text(moment),
        )  # fmt: skip

    @in_its_language
    def caption(self, moment: Moment) -> tuple[str, list[str]]:
        """What stands over a step's picture: its title, and lines under it."""
        if moment.gate is None:
            figure = self.story.figure
            return " · ".join(filter(None, [moment.heading, figure.title])), figure.notes
        of = say("Step {index} of {last}", index=moment.index, last=len(self.moments) - 1)
        return f"{of} · {moment.heading} · {moment.gate.name}", self._lines(moment)

    @in_its_language
    def text(self, moment: Moment) -> str:
        """A step in plain text: its gate, its equations, and what the gate does."""
        heading = moment.heading + (f": {moment.gate.name}" if moment.gate else "")
        return "\n".join(line for line in [heading, *self._lines(moment)] if line)

    def _lines(self, moment: Moment) -> list[str]:
        source = [printable(moment.source)] if moment.source else []
        return [*self.story.equations(moment), moment.words, *source]

    def _canvas(self, width: float | None, captioned: bool) -> dict[str, Any]:
        key = width, captioned
        if key not in self._canvases:
            options: dict[str, Any] = {"digits": self.story.digits, "theme": self.theme}
            like = GraphPicture(self.story.figure, caption=False, width=width, **options).drawing
            captions = map(self.caption, self.moments) if captioned else ()
            self._canvases[key] = {"like": like, "caption": like.room_for(captions)}
        return self._canvases[key]

    def few(
        self, kind: str, width: float | None = None, *, bare: bool = False
    ) -> list[GraphPicture]:
        """All pictures, if they are not too many for one file."""
        if len(self.moments) > MOST:
            raise VizError(
                f"{len(self.moments):,} steps are too many for one {kind}, {MOST} are "
                "the most: save a page (.html) or a trace (.json), close boxes with expand=0, or "
                "save single steps, stepper[3].save(...)"
            )
        return [self.picture(moment, width, bare=bare) for moment in self.moments]

    @in_its_language
    def slides(self) -> list[Slide]:
        """What stands on each slide."""
        slides = []
        last = self.moments[-1]
        width = max(
            SLIDES, key=lambda room: size_of_letters(self.picture(last, room, bare=True).svg)
        )
        pictures = self.few("file of slides", width, bare=True)
        for moment, picture in zip(self.moments, pictures, strict=True):
            title, lines = self.caption(moment)
            lines = lines if moment.gate else [moment.words, *lines]
            slides.append(Slide(title, lines, picture.svg, picture.description, self.text(moment)))
        return slides
