"""A leaf that is used in many places, once in each of them."""

from __future__ import annotations

from dataclasses import replace

from viz.figure import Figure, Link, Wire


def with_leaves_repeated(figure: Figure) -> Figure:
    """The figure with a wire for each use of a leaf, marked 1/3, 2/3, 3/3.

    The first has the leaf's gradient and the sum that it is, each other one its own part of it.
    """
    uses: dict[str, list[Link]] = {}
    for link in figure.links:
        uses.setdefault(link.source.key, []).append(link)
    wires: list[Wire] = []
    source: dict[int, Wire] = {}
    for wire in figure.wires:
        links = uses.get(wire.key, [])
        if not wire.is_leaf or wire.is_bundle or len(links) < 2:
            wires.append(wire)
            continue
        for number, link in enumerate(links, 1):
            mark = f"{number}/{len(links)}"
            if number == 1:
                one = replace(wire, repeat=mark)
            else:
                one = replace(
                    wire, key=f"{wire.key}_{number}", gradient=link.gradient, repeat=mark,
                    parts=[link.gradient], gradient_shown=link.shown,
                )  # fmt: skip
            source[id(link)] = one
            wires.append(one)
    links = [replace(link, source=source.get(id(link), link.source)) for link in figure.links]
    return replace(figure, wires=wires, links=links, before=None)
