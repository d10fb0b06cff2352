"""A network of units as marks: circles, a line a weight, and labels where there is room for them.

Columns move apart until every label has a place that is clear of strong lines, of circles and of
the other labels. What finds none even then is left to the hovers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import hypot
from typing import Any

import numpy as np

from autograd.extend import say, say_count
from viz.themes import mix

from .columns import Layer, largest
from .labels import Labels
from .marks import Disc, Mark, Point, Stroke, extent
from .places import Circle
from .plan import Plan
from .room import Room
from .words import description_of, hovers_of, line_key

STRETCHES = ((1.0, 1.0), (1.3, 1.0), (1.3, 1.3), (1.8, 1.3), (2.4, 1.8))  # Along and across.
THINNEST_LINE, WIDEST_LINE = 0.35, 3.6
WIDEST_OF_MANY = 2.2  # Where there are more than this many lines, all of them solid:
MANY_LINES = 80
DOT = 1.4


class Drawing(Plan):
    """The marks of a network, in the order in which they are painted."""

    def __init__(self, *shown: Any, **how: Any):
        super().__init__(*shown, **how)
        for along, across in STRETCHES:
            self.places = self.placed(along, across)
            self.marks, missing = self.drawn()
            if not missing:
                break
        self.notes = list(self.network.notes)
        if missing:
            self.notes.append(say_count(
                "{count} label had no room: hovers tell it",
                "{count} labels had no room: hovers tell them", missing,
            ))  # fmt: skip

    def drawn(self) -> tuple[list[Mark], int]:
        """All marks, and how many labels are not among them."""
        strokes, discs = self.strokes(), [*self.discs(), *self.points()]
        labels = Labels(self, Room(strokes, discs))
        placed = labels.placed()
        headings = labels.headings(extent([*strokes, *discs, *placed]))
        return [*strokes, *discs, *headings, *placed], labels.missing

    @property
    def stops(self) -> list[tuple[float, float]]:
        """Where columns begin and end along."""
        places = sorted({unit.along for column in self.places.columns for unit in column})
        return [(along - self.radius, along + self.radius) for along in places]

    # ---- in words

    @property
    def title(self) -> str:
        network = self.network
        if network.is_chain:
            widths = " → ".join(f"{layer.count:,}" for layer in network.layers)
            shape = say("{widths} units", widths=widths)
        else:
            shape = say("{count} columns", count=len(network.layers))
        told = {"shape": shape, "count": network.parameters}
        if not network.name:
            return say("Network, {shape}, {count:,} parameters", **told)
        return say("Network {name}, {shape}, {count:,} parameters", name=network.name, **told)

    @property
    def description(self) -> str:
        return description_of(
            self.network, self.names, most=self.most, digits=self.digits, notes=self.notes
        )

    @property
    def hovers(self) -> dict[str, str]:
        return hovers_of(self.network, self.names, self.places)

    # ---- circles

    def discs(self) -> Iterator[Disc]:
        theme = self.theme
        for layer, column in zip(self.network.layers, self.places.columns, strict=True):
            for unit in column:
                x, y = self.of(unit)
                if unit.index is None:
                    for far in (-2, 0, 2):
                        dx, dy = self.at(0.0, 3.0 * far)
                        yield Disc("" if far else unit.key, x + dx, y + dy, DOT, theme.quiet)
                    continue
                fill = theme.gate if self.values else self.tint(layer, unit.index)
                yield Disc(unit.key, x, y, self.radius, fill, theme.line)
        for i, one in self.places.biases.items():
            yield Disc(f"one{i}", *self.of(one), self.radius, theme.gate, theme.line, True)

    def points(self) -> Iterator[Disc]:
        """What lines in lanes go through."""
        for lane in self.places.lanes.values():
            for point in lane:
                if point.index is not None:
                    yield Disc(point.key, *self.of(point), 0.4, self.theme.quiet)

    def tint(self, layer: Layer, unit: int) -> str:
        """Deeper for larger values: one colour for negative, one for positive."""
        theme = self.theme
        if layer.values is None:
            return theme.gate
        value = float(layer.values[unit])
        if not np.isfinite(value):
            return mix(theme.ground, theme.warning, 0.6)
        share = abs(value) / largest(layer.values)
        colour = theme.positive if value > 0 else theme.negative
        return mix(theme.gate, colour, round(min(share, 1.0) * 0.75, 3))

    # ---- lines

    def strokes(self) -> list[Stroke]:
        """What goes from unit to unit; then the weights, the strong ones last, over the weak."""
        plain: list[Stroke] = []
        weighted: list[tuple[float, Stroke]] = []
        reads = [(i, layer, source) for i, layer in enumerate(self.network.layers)
                 for source in layer.sources]  # fmt: skip
        shown = [sum(u.index is not None for u in column) for column in self.places.columns]
        dense = [shown[s.layer] * shown[i] for i, _, s in reads if s.is_dense]
        is_many = sum(dense) > MANY_LINES
        lanes: set[tuple[str, str]] = set()
        for i, layer, source in reads:
            *way, last = self.places.way(source.layer, i)
            for before, after in pairwise([*way, last]):
                for start, end in zip(before, after, strict=True):
                    if start.index is not None and (start.key, end.key) not in lanes:
                        lanes.add((start.key, end.key))
                        plain.append(self.unweighted(start, end))
            targets = {unit.index: unit for unit in self.places.columns[i]
                       if unit.index is not None}  # fmt: skip
            for start in last:
                if start.index is None:
                    continue
                if source.to is not None:
                    end = targets.get(int(source.to[start.index]))
                    plain += [self.unweighted(start, end)] if end else []
                elif source.weights is None:
                    plain += [self.unweighted(start, end) for end in targets.values()]
                else:
                    for index, end in targets.items():
                        weight = float(source.weights[start.index, index])
                        key = line_key(source.layer, start.index, i, index)
                        weighted.append(self.line(key, start, end, weight, layer, is_many))
        for i, one in self.places.biases.items():
            layer = self.network.layers[i]
            for unit in self.places.columns[i]:
                if unit.index is None:
                    continue
                if layer.bias is None:
                    plain.append(self.unweighted(one, unit, f"one{i}"))
                else:
                    key, bias = f"c{i}_{unit.index}", float(layer.bias[unit.index])
                    weighted.append(self.line(key, one, unit, bias, layer, is_many, f"one{i}"))
        return [*plain, *(stroke for _, stroke in sorted(weighted, key=lambda pair: pair[0]))]

    def between(self, start: Circle, end: Circle) -> tuple[Point, Point]:
        """The line from rim to rim."""
        (ax, ay), (bx, by) = self.of(start), self.of(end)
        long = hypot(bx - ax, by - ay)
        ux, uy = (bx - ax) / long, (by - ay) / long
        first = 0.0 if start.in_lane else self.radius
        last = 0.0 if end.in_lane else self.radius
        return (ax + first * ux, ay + first * uy), (bx - last * ux, by - last * uy)

    def unweighted(self, start: Circle, end: Circle, key: str = "") -> Stroke:
        ends = key or start.key, end.key
        return Stroke("", ends, self.between(start, end), self.theme.quiet)

    def line(
        self, key: str, start: Circle, end: Circle, weight: float, layer: Layer, is_many: bool,
        before: str = "",
    ) -> tuple[float, Stroke]:  # fmt: skip
        """A weight's line, and how strong it is in its layer."""
        share = min(abs(weight) / layer.largest, 1.0) if np.isfinite(weight) else 1.0
        colour = self.colour_of(weight)
        widest = WIDEST_OF_MANY if is_many else WIDEST_LINE
        faintest = 0.15 if is_many else 0.3
        depth = faintest + (1 - faintest) * share ** (1.6 if is_many else 0.9)
        ink, wide = (
            mix(self.theme.ground, colour, depth),
            THINNEST_LINE + (widest - THINNEST_LINE) * share,
        )
        ends = before or start.key, end.key
        is_dashed = weight < 0 and not is_many
        return share, Stroke(key, ends, self.between(start, end), ink, round(wide, 3), is_dashed)
