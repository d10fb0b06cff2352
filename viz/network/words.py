"""A network in words: what its marks say when pointed at, and its description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.extend import full, number, phrase, say, say_count
from viz.languages import listed

from .columns import Layer, Names, Network, Source
from .places import Places


def hovers_of(network: Network, names: Names, places: Places) -> dict[str, str]:
    """What circles and lines say when the pointer rests on them, by their keys."""
    said = {}
    for i, (layer, column) in enumerate(zip(network.layers, places.columns, strict=True)):
        for unit in column:
            if unit.index is None:
                said[unit.key] = say("{count:,} more", count=layer.count - len(column) + 1)
                continue
            lines = [say(
                "{layer}, unit {number} of {count:,}", layer=names.titles[i],
                number=unit.index + 1, count=layer.count,
            )]  # fmt: skip
            name = names.of(i, unit.index)
            lines[0] += f": {name}" if name in names.given else ""
            for form, numbers in zip(_OF_A_UNIT, _numbers(layer), strict=True):
                if numbers is not None:
                    lines.append(say(form, number=full(float(numbers[unit.index]))))
            said[unit.key] = "\n".join(lines)
            for source in layer.sources:
                for start in places.way(source.layer, i)[-1]:
                    if start.index is not None and source.weights is not None:
                        key = line_key(source.layer, start.index, i, unit.index)
                        said[key] = _weight(layer, source, start.index, unit.index)
            if i in places.biases and layer.bias is not None:
                bias = full(float(layer.bias[unit.index]))
                said[f"c{i}_{unit.index}"] = say(
                    "bias {unit} of {layer}: {bias}", unit=unit.index + 1, layer=layer.names[0],
                    bias=bias,
                )  # fmt: skip
    return said


_OF_A_UNIT = phrase("value {number}"), phrase("gradient {number}"), phrase("bias {number}")


def _numbers(layer: Layer) -> tuple[Any, Any, Any]:
    return layer.values, layer.gradients, layer.bias


def line_key(source: int, before: int, layer: int, after: int) -> str:
    """The key of the line from a unit of a column to a unit of another."""
    return f"e{source}_{before}_{layer}_{after}"


def _weight(layer: Layer, source: Source, before: int, after: int) -> str:
    assert source.weights is not None
    weight = full(float(source.weights[before, after]))
    way = f"{source.first + before + 1} → {after + 1}"
    text = say("weight {way} of {layer}: {weight}", way=way, layer=layer.names[0], weight=weight)
    if source.weight_gradients is not None:
        gradient = full(float(source.weight_gradients[before, after]))
        text += "\n" + say("gradient {number}", number=gradient)
    return text


def description_of(
    network: Network, names: Names, *, most: int, digits: int | None, notes: Sequence[str]
) -> str:
    """The network, a sentence a column; what it reads, where that is not the last."""
    lines, titles = [], names.titles
    for i, layer in enumerate(network.layers):
        told = [
            say_count(
                "{layer}: {count:,} unit", "{layer}: {count:,} units", layer.count, layer=titles[i]
            )
        ]
        called = [names.of(i, unit) for unit in range(layer.count)] if layer.count <= most else []
        if names.given.issuperset(called) and called:
            told[0] += f" ({', '.join(called)})"
        if layer.sources and not network.is_chain:
            told.append(say("of {layers}", layers=listed(titles[s.layer] for s in layer.sources)))
        numbers = [matrix for matrix in layer.weights if matrix.size]
        if numbers:
            low, high = min(map(np.min, numbers)), max(map(np.max, numbers))
            ends = {"low": number(low, 3), "high": number(high, 3)}
            told.append(say("weights from {low} to {high}", **ends))
        if layer.values is not None and layer.count <= most:
            values = ", ".join(number(v, digits) for v in layer.values)
            told.append(say("values {numbers}", numbers=values))
        lines.append(f"{', '.join(told)}.")
    return "\n".join([*lines, *notes])
