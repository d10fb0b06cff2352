"""`viz.draw`: from a graph to a Picture."""

from __future__ import annotations

from typing import Any

from .build import figure_of
from .errors import VizError
from .picture import Picture


def draw(
    target: Any,
    example: Any = None,
    *,
    backward: bool = True,
    values: bool = True,
    gradient: Any = None,
    expand: Any = None,
    direction: str = "LR",
    digits: int | None = None,
    theme: str = "light",
    title: str | None = None,
) -> Picture:
    """The picture of a graph: values above its wires, gradients below them.

    Parameters
    ----------
    target : a Tensor, or a Trace (what `ag.trace` returns).
    example : an example input, for targets that need one to make a graph; none does yet.
    backward : run a backward pass of its own, leaving `.grad` alone. False draws every gradient
        hollow, as not computed.
    values : False draws the bare graph.
    gradient : dL/d(output); an output of more than one element is drawn forward only without it.
    expand : what to open: a depth of scopes; scope or gate names, such as `"sigmoid"` or
        `"mlp/linear"`; `"all"`. Graphs of more than 150 gates are closed by scope, by repeated
        block, and else by levels, unless asked otherwise; a note in the picture says so.
    direction : `"LR"`, from left to right, or `"TB"`, from top to bottom.
    digits : significant digits of numbers, 4 by default.
    theme : `"light"`, `"dark"` or `"colorblind"`.
    title : a line over the picture; also what screen readers call it.

    Raises
    ------
    VizError (a ValueError) : an option cannot be; UnsupportedTargetError (also a TypeError) :
        `target` is not a graph.

    >>> import viz
    >>> from autograd import Tensor
    >>> x, y, z = Tensor(-2.0, name="x"), Tensor(5.0, name="y"), Tensor(-4.0, name="z")
    >>> picture = viz.draw((x + y) * z)
    >>> picture
    <Picture: Computational graph, 2 gates>
    >>> print(picture.description)
    x is −2, gradient −4.
    y is 5, gradient −4.
    z is −4, gradient 3.
    (1), add (+) of x and y, is 3, gradient −4.
    (2), multiply (×) of (1) and z, is −12, gradient 1.
    """
    if digits is not None and (type(digits) is not int or not 1 <= digits <= 17):
        raise VizError(f"digits is a whole number from 1 to 17; received {digits!r}")
    if example is not None:
        raise VizError("draw takes an example only with a Module; a Tensor has its values already")
    figure = figure_of(
        target, backward=backward and values, gradient=gradient, expand=expand, digits=digits
    )
    figure.title = title or ""

    def in_words() -> str:
        from .derivation import table

        return str(table(target, gradient=gradient, expand=expand, digits=digits))

    return Picture(
        figure, direction=direction, digits=digits, theme=theme, values=values, in_words=in_words
    )
