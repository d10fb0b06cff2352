"""A network from names and sizes, without a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd.extend import say
from viz.errors import VizError
from viz.mathematics import readable
from viz.names import shortened

from .columns import Layer, Names, Network, Source

_EXAMPLE = 'draw_network(inputs=["height", "weight"], layers=[3, 1])'
_FORMS = (
    'a size, names of its units, or a name with either of them, such as 3, ["a", "b"] or '
    '("hidden", 3)'
)


def sketch(inputs: Any, layers: Any, outputs: Any, *, bias: bool) -> tuple[Network, Names]:
    """Fully connected layers after the inputs, and what all of them are called.

    Raises
    ------
    VizError : no sizes are to be read from this.
    """
    if inputs is None or layers is None:
        raise VizError(
            f"draw_network takes a model, or inputs= and layers= without one: {_EXAMPLE}"
        )
    if isinstance(layers, Mapping):
        layers = list(layers.items())
    if isinstance(layers, str) or not isinstance(layers, Sequence) or not layers:
        raise VizError(f"layers is a list, each entry {_FORMS}; received {_short(layers)}")
    columns = [_column(inputs, "inputs", say("input"))]
    hidden = len(layers) - 1
    for i, entry in enumerate(layers):
        columns.append(_column(entry, f"layers[{i}]", _title(i, hidden)))
    made = [
        Layer([title], count, [Source(i - 1)] if i else [], takes_bias=bias and i > 0)
        for i, (title, count, _) in enumerate(columns)
    ]
    network = Network(made, "", ends=[len(made) - 1])
    units = {i: names for i, (_, _, names) in enumerate(columns) if names}
    if outputs is not None:
        units.pop(len(made) - 1, None)
    return network, Names(network, None, outputs, None, units)


def _title(i: int, hidden: int) -> str:
    """Of a column after the inputs, of which so many are hidden."""
    if i == hidden:
        return say("output")
    return say("hidden") if hidden == 1 else say("hidden {number}", number=i + 1)


def _column(entry: Any, option: str, title: str) -> tuple[str, int, list[str]]:
    """A column's title, how many units it has, and what they are called, if anything."""
    content = entry
    if isinstance(entry, tuple) and len(entry) == 2 and not isinstance(entry[1], str):
        title, content = entry
    if isinstance(title, str):
        if type(content) is int and content > 0:
            return readable(title), content, []
        is_list = isinstance(content, Sequence) and not isinstance(content, str)
        if is_list and content and all(isinstance(name, str) for name in content):
            return readable(title), len(content), list(content)
    raise VizError(f"{option} is {_FORMS}; received {_short(entry)}")


def _short(content: Any) -> str:
    return shortened(repr(content), 60)
