"""Many wires that run side by side between closed boxes, drawn as one that carries them all."""

from __future__ import annotations

from typing import Any

import numpy as np

from .figure import Figure, Gate, Gradient, Link, Wire

MOST_WIRES = 8  # More scalars than this with the same ends are bundled.


def bundle(figure: Figure) -> None:
    """Replace, in place, wires that leave one closed box, or none, and enter the same boxes."""
    made_by = {wire.key: gate for gate, wire in figure.feeds}
    enters: dict[str, list[Gate]] = {}
    for link in figure.links:
        enters.setdefault(link.source.key, []).append(link.target)
    alike: dict[Any, list[Wire]] = {}
    for wire in figure.wires:
        maker, users = made_by.get(wire.key), enters.get(wire.key, [])
        closed = all(gate.count > 1 for gate in users) and (maker is None or maker.count > 1)
        if closed and users and np.ndim(wire.value) == 0:
            ends = (maker and maker.key, *(gate.key for gate in users), wire.has_gradient)
            alike.setdefault(ends, []).append(wire)
    for wires in alike.values():
        if len(wires) > MOST_WIRES:
            _replace(figure, wires, _together(wires))


def _together(wires: list[Wire]) -> Wire:
    first, last = wires[0], wires[-1]
    both = f"{first.name} … {last.name}" if first.name and last.name else ""
    values = np.array([float(wire.value) for wire in wires])
    gradient = first.gradient
    if not isinstance(gradient, Gradient):
        gradient = np.array([float(wire.gradient) for wire in wires])
    return Wire(first.key, both, values, gradient, is_leaf=first.is_leaf, is_bundle=True)


def _replace(figure: Figure, wires: list[Wire], one: Wire) -> None:
    gone = {wire.key for wire in wires}
    figure.wires = [
        one if wire.key == one.key else wire
        for wire in figure.wires
        if wire.key == one.key or wire.key not in gone
    ]
    figure.feeds = [
        (gate, one if wire.key == one.key else wire)
        for gate, wire in figure.feeds
        if wire.key == one.key or wire.key not in gone
    ]
    links: list[Link] = []
    for link in figure.links:
        if link.source.key == one.key:
            links.append(Link(one, link.target, one.gradient))
        elif link.source.key not in gone:
            links.append(link)
    figure.links = links
