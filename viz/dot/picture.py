"""A picture that Graphviz lays out."""

from __future__ import annotations

from functools import cached_property

from viz.picture import GraphPicture, Picture
from viz.svg import set_in

from .polish import polished
from .render import render


class DotPicture(GraphPicture):
    """A Picture of a Figure that Graphviz lays out: `layout="dot"`."""

    @cached_property
    def svg(self) -> str:
        svg = polished(
            render(self.dot).decode("utf-8"),
            hovers=self._hovers,
            title=self.title,
            description=self.description,
        )
        return set_in(svg, self._figure.font)

    @property
    def _in_notebook(self) -> Picture:
        return self
