"""`viz.playground`: a network that learns in its page, or expressions typed into one."""

from __future__ import annotations

import os
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import Any

from autograd.extend import current_language, in_its_language, in_language, say, write_whole

from .drawing import draw
from .errors import VizError
from .expression import parse
from .network.picture import draw_network
from .picture import Picture
from .playing.learning import Lesson
from .playing.typing import EXAMPLES, typed_page
from .stepping.page import framed, hosted
from .svg import document, for_notebook
from .themes import theme_named


class Playground:
    """What `viz.playground` returns: a page that shows itself in notebooks, and is saved as HTML.

    `html` is the page; `title` what it is called; `picture` what stands where no script runs.
    """

    def __init__(self, data: dict[str, Any], script: str, picture: Picture, sentence: str):
        self._data, self._script, self._sentence = data, script, sentence
        self.picture, self.language = picture, current_language()

    @property
    def title(self) -> str:
        return str(self._data["title"])

    @in_its_language
    def _element(self, *, page: bool) -> str:
        data = {**self._data, "page": 1} if page else self._data
        svg, sentence = self.picture.svg, self._sentence
        return hosted(data, self._script, svg, sentence=sentence, alt=self.title)

    @cached_property
    @in_its_language
    def html(self) -> str:
        """The page: one file without a network."""
        body = f"<body>\n<main>\n{self._element(page=True)}\n</main>\n</body>"
        scheme = "dark" if self._data["theme"] == "dark" else "light dark"
        return document(self.title, body, scheme)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file ending in .html, which appears whole or not at all.

        Returns the path. Raises VizError (a ValueError) for another suffix.
        """
        path = Path(path)
        if path.suffix.lower() != ".html":
            raise VizError(f"a playground is saved as .html; received {os.fspath(path)!r}")
        write_whole(path, self.html.encode("utf-8"))
        return path

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """What a notebook shows, by media type: of `include` alone, and nothing of `exclude`."""
        makers = {
            "text/html": lambda: self._element(page=False),
            "image/svg+xml": lambda: for_notebook(self.picture.svg),
            "text/plain": lambda: repr(self),
        }
        return {
            kind: make() for kind, make in makers.items()
            if (not include or kind in include) and kind not in (exclude or ())
        }  # fmt: skip

    def _mime_(self) -> tuple[str, str]:
        """What marimo shows, which runs no script of an output: the page, in a frame of its own."""
        return "text/html", framed(self.html, self.title)

    def __repr__(self) -> str:
        return f"<Playground: {self.title}>"


@in_language
def playground(
    model: Any = None,
    X: Any = None,
    y: Any = None,
    *,
    loss: Any = None,
    learning_rate: float = 0.1,
    batch_size: int | None = None,
    theme: str = "light",
    title: str | None = None,
    rng: int = 0,
    language: str | None = None,
) -> Playground:
    """A page to play in: with a model a network that learns, else expressions that are typed.

    ``playground(model, X, y)`` shows decision regions, loss, weights, and a sample's wires. Plain
    gradient descent, in double precision, with the engine's own gates: the weights are those that
    `nn.fit` with `optim.SGD` reaches on the same batches, to rounding. Learning rate, activation,
    batch and noise can be changed while it runs. The model itself is not changed.

    ``playground()`` draws what is typed, such as ``1/(1+exp(-(w*x+b)))``, and steps through it,
    with sliders and the quiz: what `viz.step` shows, without Python.

    Parameters
    ----------
    model : an nn.MLP, an nn.Sequential of linear layers and of activations that have no weights,
        or an nn.Linear; of arrays or of scalar nodes. It starts from the weights that it has.
    X : samples, of shape (n, inputs); of two inputs the plane is shown, of one the curve.
    y : a target for each: numbers, or classes, by number or by name.
    loss : a name or a function of `nn.losses`: binary_cross_entropy, hinge, mse, half_sse, l1,
        log_cosh, of several outputs cross_entropy. By default what fits `y`: 0 and 1, −1 and 1,
        other numbers, classes.
    learning_rate, batch_size : to begin with; batches of 32, or all samples where they are fewer.
    theme : ``"light"``, ``"dark"`` or ``"colorblind"``; a light page turns dark with its reader's
        system.
    title : over the page.
    rng : the seed of the shuffles, of the noise, and of new weights.
    language : of what it says in words, as of `draw`.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : no nn.Module; VizError (a ValueError) : another model or
        loss, or samples and targets that do not fit them.

    >>> import nn, viz
    >>> X, y = nn.data.moons(200, rng=0)
    >>> viz.playground(nn.MLP(2, [4, 4], 1, activation="tanh", rng=0), X, y)
    <Playground: A network 2–4–4–1 learns from 200 samples>
    >>> viz.playground()
    <Playground: Type an expression>
    """
    theme_named(theme)
    if model is None:
        if X is not None or y is not None:
            raise VizError("samples go with a model: playground(model, X, y)")
        first, values = next(iter(EXAMPLES.items()))
        graph = parse(first).build(values)
        sentence = say("Where scripts run, one types expressions here.")
        data, script = typed_page(theme, 4, title)
        return Playground(data, script, draw(graph, theme=theme), sentence)
    if isinstance(model, str):
        raise VizError(f"write playground(), and type {model!r} into the page")
    if X is None or y is None:
        raise VizError("a model learns from samples and their targets: playground(model, X, y)")
    lesson = Lesson(model, X, y, loss, learning_rate, batch_size, rng)
    data, script = lesson.page(theme, 4, title)
    sentence = say("Where scripts run, the network learns here.")
    return Playground(data, script, draw_network(model, theme=theme), sentence)
