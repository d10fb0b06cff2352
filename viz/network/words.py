"""A network in words: what its marks say when pointed at, and its description."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd.extend import full, number

from .columns import Layer, Names, Network, Source
from .places import Places


def hovers_of(network: Network, names: Names, places: Places) -> dict[str, str]:
    """What circles and lines say when the pointer rests on them, by their keys."""
    said = {}
    for i, (layer, column) in enumerate(zip(network.layers, places.columns, strict=True)):
        for unit in column:
            if unit.index is None:
                said[unit.key] = f"{layer.count - len(column) + 1:,} more"
                continue
            lines = [f"{names.titles[i]}, unit {unit.index + 1} of {layer.count:,}"]
            name = names.of(i, unit.index)
            lines[0] += f": {name}" if name in names.given else ""
            parts = (("value", layer.values), ("gradient", layer.gradients), ("bias", layer.bias))
            lines += [f"{word} {full(float(n[unit.index]))}" for word, n in parts if n is not None]
            said[unit.key] = "\n".join(lines)
            for source in layer.sources:
                for start in places.way(source.layer, i)[-1]:
                    if start.index is not None and source.weights is not None:
                        key = line_key(source.layer, start.index, i, unit.index)
                        said[key] = _weight(layer, source, start.index, unit.index)
            if i in places.biases and layer.bias is not None:
                bias = full(float(layer.bias[unit.index]))
                said[f"c{i}_{unit.index}"] = f"bias {unit.index + 1} of {layer.names[0]}: {bias}"
    return said


def line_key(source: int, before: int, layer: int, after: int) -> str:
    """The key of the line from a unit of a column to a unit of another."""
    return f"e{source}_{before}_{layer}_{after}"


def _weight(layer: Layer, source: Source, before: int, after: int) -> str:
    assert source.weights is not None
    weight = full(float(source.weights[before, after]))
    text = f"weight {source.first + before + 1} → {after + 1} of {layer.names[0]}: {weight}"
    if source.weight_gradients is not None:
        text += f"\ngradient {full(float(source.weight_gradients[before, after]))}"
    return text


def description_of(
    network: Network, names: Names, *, most: int, digits: int | None, notes: Sequence[str]
) -> str:
    """The network, a sentence a column; what it reads, where that is not the last."""
    lines, titles = [], names.titles
    for i, layer in enumerate(network.layers):
        text = f"{titles[i]}: {layer.count:,} unit{'s' if layer.count != 1 else ''}"
        called = [names.of(i, unit) for unit in range(layer.count)] if layer.count <= most else []
        if names.given.issuperset(called) and called:
            text += f" ({', '.join(called)})"
        if layer.sources and not network.is_chain:
            text += f", of {' and '.join(titles[source.layer] for source in layer.sources)}"
        numbers = [matrix for matrix in layer.weights if matrix.size]
        if numbers:
            low, high = min(map(np.min, numbers)), max(map(np.max, numbers))
            text += f", weights from {number(low, 3)} to {number(high, 3)}"
        if layer.values is not None and layer.count <= most:
            text += f", values {', '.join(number(v, digits) for v in layer.values)}"
        lines.append(f"{text}.")
    return "\n".join([*lines, *notes])
