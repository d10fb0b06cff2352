"""`viz.draw_network`: a network as circles and weighted lines."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from .errors import VizError
from .network_dot import NetworkWriter
from .network_layers import Network, read
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
) -> Picture:
    """The picture of a network: a column of circles a layer, a line a weight.

    A line is blue where its weight is positive, orange where it is negative (and dashed, unless
    there are many), and as wide as the weight is large in its layer. Hovers tell weights and
    biases, and of an example every value and gradient; circles are tinted by their values.

    Parameters
    ----------
    model : an nn.Module of linear layers one after the other, with whatever works unit by unit
        between them (activations, normalisation, dropout), on arrays or on scalars.
    example : one sample, whose values and gradients are shown.
    gradient : dL/d(output), one number an output; with one output it is 1 by default.
    values : print the numbers: values in the circles, gradients below, biases above, and the
        weights on their lines where a layer has at most 4 units.
    most : circles of a column; the middle of a wider layer is left out, and its count stands there.
    digits : significant digits of printed numbers, 3 by default.
    theme, title : as of `viz.draw`.

    Returns a Picture: ``.save("net.svg")``, .png, .pdf, .dot, .html or .tex.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not an nn.Module. VizError (a ValueError) : layers that
        are not a chain of linear ones, `values` without an example, or an option that cannot be.

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
    network = read(model, example, gradient)
    return NetworkPicture(
        network, most=most, values=values, digits=digits, theme=theme, title=title or ""
    )


class NetworkPicture(Picture):
    """The Picture that `draw_network` returns."""

    engine = "neato"

    def __init__(
        self, network: Network, *, most: int, values: bool, digits: int | None, theme: str,
        title: str,
    ):  # fmt: skip
        self._network, self._title = network, title
        self._writer = NetworkWriter(
            network, theme_named(theme), most=most, values=values, digits=digits, title=title
        )
        super().__init__(theme)

    @cached_property
    def dot(self) -> str:
        return self._writer.text()

    @property
    def title(self) -> str:
        if self._title:
            return self._title
        widths = " → ".join(f"{layer.count:,}" for layer in self._network.layers)
        count = self._network.parameters
        return f"Network {self._network.name}, {widths} units, {count:,} parameters"

    @property
    def description(self) -> str:
        """The network in words, as the SVG tells it to screen readers."""
        return self._writer.description()

    @cached_property
    def _hovers(self) -> dict[str, str]:
        return self._writer.hovers()

    @property
    def _words(self) -> str:
        return " ".join([self._title, *(layer.title for layer in self._network.layers)])
