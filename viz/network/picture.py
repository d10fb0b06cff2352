"""`viz.draw_network`: a network as circles and weighted lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from autograd.extend import in_its_language, in_language
from viz.arrays import plain
from viz.errors import VizError
from viz.faces import check_font
from viz.mathematics import title_in
from viz.modules import is_module
from viz.picture import Picture, width_in_points
from viz.subject import DIRECTIONS, check_digits
from viz.svg import set_in
from viz.themes import theme_named

from .columns import Names
from .dot import dot_of
from .drawing import Drawing
from .marks import Drawn
from .reading import names_of, read
from .sketch import sketch
from .staged import has_stages, staged
from .svg import svg_of

LEAST, MOST = 3, 40


@in_language
def draw_network(
    model: Any = None,
    example: Any = None,
    *,
    gradient: Any = None,
    values: bool = False,
    most: int = 10,
    digits: int | None = None,
    theme: str = "light",
    title: str | None = None,
    direction: str = "LR",
    inputs: Any = None,
    outputs: Sequence[str] | None = None,
    layers: Any = None,
    bias: bool = False,
    caption: bool = True,
    language: str | None = None,
    font: str | None = None,
    width: float | str | None = None,
) -> Picture:
    """The picture of a network: a column of circles a layer, a line a weight.

    Branches stand one under the other; what skips layers runs past them in a lane of thin lines,
    and where values meet, such as in a sum, they have a column of their own, with a plain line from
    unit to unit. A Maxout layer is the column of its linear pieces and that of their maxima.

    A line is blue where its weight is positive, orange where it is negative (and dashed, unless
    there are many), and as wide as the weight is large in its layer. Hovers tell weights and
    biases, and of an example every value and gradient; circles are tinted by their values.

    A convolutional network is drawn the way papers do: a stack of sheets for maps, ``6@24×24``, the
    windows that slide over them, units at the end. A recurrent one stands folded, with a loop, and
    unrolled along time beside it: a box a step, an arrow for the state, two of an LSTM (h under c);
    what reads all steps is a box over all of them. What goes past layers is an arrow to the sign
    where it is added; modules that change no shape (activations, norms, dropout) are named with the
    layer before. These have no numbers: `values`, `gradient`, `bias`, `inputs` and `direction` are
    of networks of units.

    Without a model, names and sizes are a picture of fully connected layers: `inputs` are names or
    a number, and `layers` a list of sizes, of lists of the units' names, or of titles with either
    of them: ``draw_network(inputs=["height", "weight"], layers=[("hidden", 3), ["y"]])``.

    Parameters
    ----------
    model : an nn.Module of linear layers, Maxout, and whatever works unit by unit (activations,
        normalisation, dropout, sums, products, concatenation), on arrays or on scalars; or with
        layers of windows, of steps or of tokens. Or a fitted `nn.estimators` object, for its own.
    example : one sample, whose values and gradients are shown; a tuple for several inputs. Of a
        convolutional network it says how large the maps are; `nn.LeNet5` knows that.
    gradient : dL/d(output), one number an output; with one output it is 1 by default.
    values : print the numbers: a value over its gradient in each circle, and where a layer has at
        most 4 units, biases at the circles and weights on their lines: w₂₁ leads from unit 2 to
        unit 1. A number for which there is no room is left to the hovers.
    most : circles of a column, steps of a row; the middle of more is left out, and its title says
        so.
    digits : significant digits of printed numbers, 3 by default.
    theme, title, caption, language, font : as of `viz.draw`.
    direction : `"LR"`, from left to right, or `"TB"`, from top to bottom.
    inputs, outputs, layers : names of the input units, the output units, and the columns or stages.
        Of a model that was trained with them, names of columns and classes are known.
    bias : draw each layer's biases as the weights of a unit that is always 1.
    width : of the finished picture, as of `viz.draw`. What does not fit even with letters of 7
        points goes on in rows: the last column of a row stands again, dashed, at the beginning of
        the next.

    Returns a Picture: ``.save("net.svg")``, .png, .pdf, .dot, .html or .tex. In the SVG, `u1_0` is
    the first unit of the second column, `e0_2_1_0` the line to it from the third unit of the first.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not an nn.Module. VizError (a ValueError) : layers that
        are none of these, `values` without an example, or an option that cannot be.

    >>> import nn, viz
    >>> viz.draw_network(nn.MLP(2, [3], 1, rng=0))
    <Picture: Network MLP, 2 → 3 → 1 units, 13 parameters>
    >>> viz.draw_network(inputs=["height", "weight"], layers=[3, 1], bias=True)
    <Picture: Network, 2 → 3 → 1 units, 13 parameters>
    >>> viz.draw_network(nn.LeNet5(rng=0))
    <Picture: Network LeNet5, 1@28×28 → 10, 9 stages, 61,706 parameters>
    >>> viz.draw_network(nn.Sequential(nn.RNN(3, 8, rng=0), nn.LastStep()))
    <Picture: Network Sequential, 4×3 → 8, 3 stages, 104 parameters>
    """
    digits, most = plain(digits), plain(most)
    check_digits(digits)
    if type(most) is not int or not LEAST <= most <= MOST:
        raise VizError(f"most is a whole number from {LEAST} to {MOST}; received {most!r}")
    if values and example is None:
        raise VizError(
            "values=True prints those of an example: draw_network(model, x, values=True)"
        )
    if direction not in DIRECTIONS:
        raise VizError(f"direction is one of {', '.join(DIRECTIONS)}; received {direction!r}")
    colours = theme_named(theme)
    heading, drawn = title_in(title), None
    trained, model = model, getattr(model, "model_", model)  # What an estimator has trained.
    if model is None:
        if example is not None or gradient is not None:
            raise VizError("an example and its gradient go with a model: draw_network(model, x)")
        network, names = sketch(inputs, layers, outputs, bias=bias)
    elif is_module(model) and has_stages(model):
        options = {"gradient": gradient, "values": values, "bias": bias, "inputs": inputs,
                   "direction": direction if direction != "LR" else None}  # fmt: skip
        drawn = staged(model, example, colours, options, most=most, layers=layers, outputs=outputs)
    else:
        network = read(model, example, gradient)
        known = names_of(trained, network, example)
        names = Names(network, inputs or known.inputs, outputs or known.outputs, layers)
    if drawn is None:
        drawn = Drawing(
            network, names, colours, most=most, values=values, digits=digits, direction=direction,
            bias=bias,
        )  # fmt: skip
    return NetworkPicture(
        drawn, theme, heading, caption=caption, font=check_font(font), width=width_in_points(width)
    )


class NetworkPicture(Picture):
    """The Picture that `draw_network` returns."""

    def __init__(
        self, drawn: Drawn, theme: str, heading: str, *, caption: bool, font: str,
        width: float | None,
    ):  # fmt: skip
        self._drawn, self._heading, self._is_captioned = drawn, heading, caption
        self._font, self._width = font, width
        super().__init__(theme)

    @cached_property
    @in_its_language
    def svg(self) -> str:
        svg = svg_of(self._drawn, self._theme, *self._caption, title=self.title, width=self._width)
        return set_in(svg, self._font)

    @cached_property
    @in_its_language
    def dot(self) -> str:
        """The drawing as DOT text, every part at its place for ``neato``."""
        heading, notes = self._caption
        return dot_of(self._drawn.marks, self._theme, title=heading, notes=notes)

    @property
    def _caption(self) -> tuple[str, list[str]]:
        """Its heading and its notes."""
        return (self._heading, self._drawn.notes) if self._is_captioned else ("", [])

    @property
    @in_its_language
    def title(self) -> str:
        return self._heading or self._drawn.title

    @property
    @in_its_language
    def description(self) -> str:
        """The network in words, as the SVG tells it to screen readers."""
        return self._drawn.description
