"""Wires side by side as one: a bundle."""

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
    instead: dict[str, Wire | None] = {}
    for wires in alike.values():
        if len(wires) > MOST_WIRES:
            instead.update({wire.key: None for wire in wires[1:]})
            instead[wires[0].key] = _together(wires)
    _replace(figure, instead)


def _together(wires: list[Wire]) -> Wire:
    first, last = wires[0], wires[-1]
    both = f"{first.name} … {last.name}" if first.name and last.name else ""
    values = np.array([float(wire.value) for wire in wires])
    gradient = first.gradient
    if not isinstance(gradient, Gradient):
        gradient = np.array([float(wire.gradient) for wire in wires])
    return Wire(first.key, both, values, gradient, is_leaf=first.is_leaf, is_bundle=True)


def _replace(figure: Figure, instead: dict[str, Wire | None]) -> None:
    """What stands instead of wires; None where another's stands for them."""

    def of(wire: Wire) -> Wire | None:
        return instead.get(wire.key, wire)

    figure.wires = [one for wire in figure.wires if (one := of(wire))]
    figure.feeds = [(gate, one) for gate, wire in figure.feeds if (one := of(wire))]
    figure.links = [
        link if one is link.source else Link(one, link.target, one.gradient)
        for link in figure.links
        if (one := of(link.source))
    ]
