"""`viz.draw_network`: a network as circles and weighted lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from .dot import DIRECTIONS
from .errors import VizError
from .mathematics import readable
from .network_dot import NetworkWriter
from .network_layers import Names
from .network_reading import read
from .picture import Picture
from .subject import check_digits
from .themes import theme_named

LEAST, MOST = 3, 40


def draw_network(
    model: Any,
    example: Any = None,
    *,
    gradient: Any = None,
    values: bool = False,
    most: int = 10,
    digits: int | None = None,
    theme: str = "light",
    title: str | None = None,
    direction: str = "LR",
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    layers: Sequence[str] | None = None,
    bias: bool = False,
) -> Picture:
    """The picture of a network: a column of circles a layer, a line a weight.

    Branches stand one under the other; what skips layers runs past them in a lane of thin lines,
    and where values meet, such as in a sum, they have a column of their own, with a plain line from
    unit to unit. A Maxout layer is the column of its linear pieces and that of their maxima.

    A line is blue where its weight is positive, orange where it is negative (and dashed, unless
    there are many), and as wide as the weight is large in its layer. Hovers tell weights and
    biases, and of an example every value and gradient; circles are tinted by their values.

    Parameters
    ----------
    model : an nn.Module of linear layers, Maxout, and whatever works unit by unit (activations,
        normalisation, dropout, sums, products, concatenation), on arrays or on scalars.
    example : one sample, whose values and gradients are shown; a tuple for several inputs.
    gradient : dL/d(output), one number an output; with one output it is 1 by default.
    values : print the numbers: values in the circles, gradients below, biases above, and the
        weights on their lines where a layer has at most 4 units: w₂₁ leads from unit 2 to unit 1.
    most : circles of a column; the middle of a wider layer is left out, and its count stands there.
    digits : significant digits of printed numbers, 3 by default.
    theme, title : as of `viz.draw`.
    direction : `"LR"`, from left to right, or `"TB"`, from top to bottom.
    inputs, outputs, layers : names of the input units, the output units, and the columns.
    bias : draw each layer's biases as the weights of a unit that is always 1.

    Returns a Picture: ``.save("net.svg")``, .png, .pdf, .dot, .html or .tex.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not an nn.Module. VizError (a ValueError) : layers that
        are none of these, `values` without an example, or an option that cannot be.

    >>> import nn, viz
    >>> picture = viz.draw_network(nn.MLP(2, [3], 1, rng=0))
    >>> picture
    <Picture: Network MLP, 2 → 3 → 1 units, 13 parameters>
    """
    check_digits(digits)
    if type(most) is not int or not LEAST <= most <= MOST:
        raise VizError(f"most is a whole number from {LEAST} to {MOST}; received {most!r}")
    if values and example is None:
        raise VizError(
            "values=True prints those of an example: draw_network(model, x, values=True)"
        )
    if direction not in DIRECTIONS:
        raise VizError(f"direction is one of {', '.join(DIRECTIONS)}; received {direction!r}")
    network = read(model, example, gradient)
    writer = NetworkWriter(
        network, theme_named(theme), most=most, values=values, digits=digits,
        title=readable(title or ""), names=Names(network, inputs, outputs, layers),
        direction=direction, bias=bias,
    )  # fmt: skip
    return NetworkPicture(writer, theme)


class NetworkPicture(Picture):
    """The Picture that `draw_network` returns."""

    engine = "neato"

    def __init__(self, writer: NetworkWriter, theme: str):
        self._writer, self._network, self._title = writer, writer.network, writer.title
        super().__init__(theme)

    @cached_property
    def dot(self) -> str:
        return self._writer.text()

    @property
    def title(self) -> str:
        if self._title:
            return self._title
        network, count = self._network, self._network.parameters
        widths = " → ".join(f"{layer.count:,}" for layer in network.layers)
        shape = f"{widths} units" if network.is_chain else f"{len(network.layers)} columns"
        return f"Network {network.name}, {shape}, {count:,} parameters"

    @property
    def description(self) -> str:
        """The network in words, as the SVG tells it to screen readers."""
        return self._writer.description()

    @cached_property
    def _hovers(self) -> dict[str, str]:
        return self._writer.hovers()

    @property
    def _words(self) -> str:
        names = self._writer.names
        return " ".join([self._title, *names.titles, *names.given])
