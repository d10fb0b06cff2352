"""What a picture of a network shows: columns of units, the weights between them, their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from viz.errors import VizError
from viz.mathematics import readable
from viz.names import shortened


@dataclass
class Source:
    """A column that another one reads: every unit by every unit, with weights, or unit by unit.

    Attributes
    ----------
    layer : the column that is read, by its number.
    weights : of shape (units read, units), or None where they are not known; `first` is the first
        of their rows in the module's own matrix, `weight_gradients` are theirs.
    to : unit by unit, the unit that each unit read goes to, and no weights.
    """

    layer: int
    weights: np.ndarray | None = None
    first: int = 0
    to: np.ndarray | None = None
    weight_gradients: np.ndarray | None = None

    @property
    def is_dense(self) -> bool:
        return self.to is None

    def is_straight(self, layer: Layer, before: Layer) -> bool:
        """Whether every unit goes to the one beside it."""
        return (
            self.to is not None
            and layer.count == before.count
            and np.array_equal(self.to, np.arange(layer.count))
        )


@dataclass
class Layer:
    """One column of units, and the columns that it reads; none for inputs.

    `bias`, `values` and `gradients` are one number a unit, each None where there is none. A layer
    with `takes_bias` has one whose numbers are not known.
    """

    names: list[str]
    count: int
    sources: list[Source] = field(default_factory=list)
    bias: np.ndarray | None = None
    values: np.ndarray | None = None
    gradients: np.ndarray | None = None
    output: Any = None
    module: Any = None
    takes_bias: bool = False

    @property
    def title(self) -> str:
        """The names of its modules: ``linear1 → relu``."""
        return " → ".join(self.names)

    @property
    def weights(self) -> list[np.ndarray]:
        """The matrices through which it is reached."""
        return [source.weights for source in self.sources if source.weights is not None]

    @property
    def has_bias(self) -> bool:
        is_dense = any(source.is_dense for source in self.sources)
        return is_dense and (self.takes_bias or self.bias is not None)

    @property
    def fan_in(self) -> int:
        """How many units it reads through weights."""
        return sum(matrix.shape[0] for matrix in self.weights)

    @property
    def largest(self) -> float:
        """Of its weights."""
        return max(map(largest, self.weights), default=1.0)


@dataclass
class Network:
    """The columns of a network, inputs first, and what there is to say about them.

    `depths` is how far each column is from the inputs, by the longest way; `ends` are the columns
    that are the output, one after another.
    """

    layers: list[Layer]
    name: str
    ends: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def depths(self) -> list[int]:
        depths: list[int] = []
        for layer in self.layers:
            depths.append(max((depths[s.layer] + 1 for s in layer.sources), default=0))
        return depths

    @property
    def is_chain(self) -> bool:
        """Whether the columns stand one after the other."""
        return all(
            [source.layer for source in layer.sources] == [i]
            for i, layer in enumerate(self.layers[1:])
        )

    @property
    def parameters(self) -> int:
        """How many weights and biases it has; those of a module that is used twice count once."""
        modules = {id(layer.module or layer): layer for layer in self.layers}
        return sum(map(self.parameters_of, modules.values()))

    def parameters_of(self, layer: Layer) -> int:
        fan_in = sum(self.layers[s.layer].count for s in layer.sources if s.is_dense)
        return layer.count * (fan_in + layer.has_bias)


class Names:
    """What columns and units are called: as was given, or after modules, x1, x2, ... and y1, ...

    `units` are names of a column's units, by its number.
    """

    def __init__(
        self, network: Network, inputs: Any, outputs: Any, layers: Any,
        units: Mapping[int, Sequence[str]] | None = None,
    ):  # fmt: skip
        self.network = network
        self.entries = [i for i, layer in enumerate(network.layers) if not layer.sources]
        self.titles = given(layers, "layers", len(network.layers), "column") or [
            layer.title for layer in network.layers
        ]
        count = sum(network.layers[i].count for i in self.entries)
        ends = sum(network.layers[i].count for i in network.ends)
        inputs = given(inputs, "inputs", count, "input")
        outputs = given(outputs, "outputs", ends, "output")
        self.units = {i: [readable(name) for name in names] for i, names in (units or {}).items()}
        self.given = {*inputs, *outputs, *(n for names in self.units.values() for n in names)}
        self.spread(self.entries, inputs or _numbered("x", count))
        self.spread(network.ends, outputs or _numbered("y", ends))

    def spread(self, columns: Sequence[int], names: list[str]) -> None:
        """Name the units of columns, one after another, but those that have names already."""
        for i in columns:
            count = self.network.layers[i].count
            self.units.setdefault(i, names[:count])
            names = names[count:]

    def of(self, layer: int, unit: int) -> str:
        """A unit's name; empty where it has none."""
        return self.units[layer][unit] if layer in self.units else ""


def _numbered(letter: str, count: int) -> list[str]:
    return [letter] if count == 1 else [f"{letter}{i}" for i in range(1, count + 1)]


def given(names: Any, option: str, count: int, noun: str) -> list[str]:
    if names is None:
        return []
    found = [] if isinstance(names, str) else list(names)
    if len(found) != count or not all(isinstance(name, str) for name in found):
        raise VizError(
            f"{option} has a text for each of {count:,} {noun}{'s' if count != 1 else ''}; "
            f"received {shortened(repr(names), 60)}"
        )
    return [readable(name) for name in found]


def largest(numbers: np.ndarray | None) -> float:
    """The largest size among the finite numbers, 1 where there is none."""
    if numbers is None:
        return 1.0
    finite = np.abs(numbers[np.isfinite(numbers)])
    return float(np.max(finite, initial=0.0)) or 1.0
