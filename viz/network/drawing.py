"""A network of units as marks: circles, a line a weight, and labels where there is room for them.

Columns move apart until every label has a place that is clear of strong lines, of circles and of
the other labels. What finds none even then is left to the hovers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import hypot

import numpy as np

from viz.arrays import shown
from viz.labels import width
from viz.names import shortened
from viz.themes import Theme, mix

from .columns import Layer, Names, Network, largest
from .marks import Box, Disc, Label, Mark, Point, Run, Stroke, extent, line_width, name, words
from .places import Circle, Places, shown_units
from .room import Room
from .words import description_of, hovers_of, line_key

RADIUS, RADIUS_WITH_NUMBERS = 17.0, 23.0
GAP, GAP_WITH_NUMBERS = 12.0, 22.0  # From circle to circle in a column.
STEP, STEP_WITH_WEIGHTS = 150.0, 260.0  # From column to column, at least.
STEEPEST, STEEPEST_WITH_WEIGHTS = 2.2, 1.2  # Lines: then none runs through a circle beside its own.
PITCH = 15.0  # From weight to weight that are printed one under another.
STRETCHES = ((1.0, 1.0), (1.3, 1.0), (1.3, 1.3), (1.8, 1.3), (2.4, 1.8))  # Along and across.
SHARES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75)  # Of a line, where its number is.
LONGEST = 30  # Letters of a title.
TITLE, COUNT, NAME, VALUE, GRADIENT, WEIGHT = 11, 10, 13, 11, 9, 9  # Sizes.
THINNEST_LINE, WIDEST_LINE = 0.35, 3.6
THINNEST_OF_MANY, WIDEST_OF_MANY = (
    0.35,
    2.2,
)  # Where there are more than this many lines, all of them solid:
MANY_LINES = 80
MOST_PRINTED, MOST_READ = 4, 10  # Units of a layer whose weights are printed, and that it reads.
DOT = 1.4
NO_ROOM = "{} had no room: hovers tell {}"


class Drawing:
    """The marks of a network, in the order in which they are painted."""

    def __init__(
        self, network: Network, names: Names, theme: Theme, *, most: int = 10,
        values: bool = False, digits: int | None = None, direction: str = "LR", bias: bool = False,
    ):  # fmt: skip
        self.network, self.names, self.theme, self.digits = network, names, theme, digits
        self.most, self.values, self.bias, self.is_across = most, values, bias, direction == "LR"
        self.radius = RADIUS_WITH_NUMBERS if values else RADIUS
        self.titles = [shortened(title, LONGEST) for title in names.titles]
        for along, across in STRETCHES:
            self.places = self.placed(along, across)
            self.missing = 0
            self.marks = list(self.drawn())
            if not self.missing:
                break
        self.notes = list(network.notes)
        if self.missing:
            what = "1 label" if self.missing == 1 else f"{self.missing} labels"
            self.notes.append(NO_ROOM.format(what, "it" if self.missing == 1 else "them"))

    # ---- in words

    @property
    def title(self) -> str:
        network = self.network
        widths = " → ".join(f"{layer.count:,}" for layer in network.layers)
        shape = f"{widths} units" if network.is_chain else f"{len(network.layers)} columns"
        name = f"Network {network.name}".strip()
        return f"{name}, {shape}, {network.parameters:,} parameters"

    @property
    def description(self) -> str:
        return description_of(
            self.network, self.names, most=self.most, digits=self.digits, notes=self.notes
        )

    @property
    def hovers(self) -> dict[str, str]:
        return hovers_of(self.network, self.names, self.places)

    # ---- where circles stand

    def placed(self, stretch: float, spread: float) -> Places:
        """Columns far enough from each other for their titles, their lines and their numbers."""
        layers = self.network.layers
        printed = [layer.count for layer in layers if self.prints(layer)]
        numbered = {depth for layer, depth in zip(layers, self.network.depths, strict=True)
                    if self.prints(layer)}  # fmt: skip
        apart = 2 * self.radius + (GAP_WITH_NUMBERS if self.values else GAP)
        if self.is_across and printed:
            apart = max(apart, PITCH * (max(printed) + 1))
        elif not self.is_across:
            named = (self.names.of(i, unit) for i, layer in enumerate(layers)
                     for unit in shown_units(layer.count, self.most) if unit is not None
                     )  # fmt: skip
            widest = max((line_width(self.name_of(text)) for text in named), default=0.0)
            apart = max(apart, widest + GAP, 2 * apart if printed else 0.0)
        apart *= spread
        gaps = [
            apart + 46 if self.is_across else apart + width(title, TITLE) + GAP
            for title in self.titles
        ]
        depths = self.network.depths
        last = max(depths)
        reach = [0.0] * (last + 1)
        wide = [0.0] * (last + 1)
        for i, depth in enumerate(depths):
            units = len(shown_units(layers[i].count, self.most)) - 1
            reach[depth] += units * apart + (gaps[i] if reach[depth] else 0.0)
            wide[depth] = max(wide[depth], width(self.titles[i], TITLE))
        steps = []
        for depth in range(last):
            has_numbers = depth + 1 in numbered
            steepest = STEEPEST_WITH_WEIGHTS if has_numbers else STEEPEST
            step = STEP_WITH_WEIGHTS if has_numbers and self.is_across else STEP
            step = max(step * stretch, stretch * (reach[depth] + reach[depth + 1]) / 2 / steepest)
            if self.is_across:
                step = max(step, (wide[depth] + wide[depth + 1]) / 2 + GAP)
            steps.append(step)
        return Places(
            self.network, most=self.most, apart=apart, steps=steps, bias=self.bias, gaps=gaps
        )

    def at(self, along: float, across: float) -> Point:
        """A place on the paper, in points to the right and down."""
        return (along, across) if self.is_across else (across, along)

    def of(self, circle: Circle) -> Point:
        return self.at(circle.along, circle.across)

    def prints(self, layer: Layer) -> bool:
        """Whether the weights that enter a layer are written on their lines."""
        few = layer.count <= MOST_PRINTED and layer.fan_in <= min(MOST_READ, self.most)
        return self.values and bool(layer.weights) and few

    # ---- all marks

    def drawn(self) -> Iterator[Mark]:
        strokes, discs = self.strokes(), [*self.discs(), *self.points()]
        yield from strokes
        yield from discs
        room = Room(strokes, discs)
        labels = [label for label in self.inside() if room.take(label)]
        labels += [*self.unit_names(room), *self.weights(room), *self.biases(room)]
        yield from self.headings(room, extent([*strokes, *discs, *labels]))
        yield from labels

    def kept(self, label: Label | None) -> Iterator[Label]:
        """A label, if it has found a place; else it is counted."""
        if label is None:
            self.missing += 1
        else:
            yield label

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

    def inside(self) -> Iterator[Label]:
        """What stands in circles: a value over its gradient; a name that fits; the bias' 1."""
        theme = self.theme
        for i, (layer, column) in enumerate(
            zip(self.network.layers, self.places.columns, strict=True)
        ):
            for unit in column:
                if unit.index is None:
                    continue
                lines = []
                for numbers, colour, size in (
                    (layer.values, theme.value, VALUE), (layer.gradients, theme.gradient, GRADIENT),
                ):  # fmt: skip
                    if self.values and numbers is not None:
                        lines.append(self.number(float(numbers[unit.index]), colour, size))
                text = self.names.of(i, unit.index)
                if not lines and self.is_inside(i, text):
                    lines.append(self.name_of(text))
                if lines:
                    yield Label(f"v{unit.key}", *self.of(unit), tuple(lines))
        for i, one in self.places.biases.items():
            run = Run("1", VALUE, theme.quiet)
            yield Label(f"vone{i}", *self.of(one), ((run,),))

    def number(self, value: float, colour: str, size: float) -> tuple[Run, ...]:
        """A number as large as its circle has room for."""
        text = shown(value, self.digits or 3)
        while width(text, size) > 2 * self.radius - 8 and size > 6:
            size -= 1
        is_zero = value == 0 and colour == self.theme.gradient
        colour = self.theme.quiet if is_zero else colour
        return (Run(text, size, colour if np.isfinite(value) else self.theme.warning),)

    # ---- names

    def name_of(self, text: str) -> tuple[Run, ...]:
        return name(text, NAME, self.theme.ink)

    def is_inside(self, layer: int, text: str) -> bool:
        """Whether a name stands in its circle: of units between inputs and outputs, if it fits."""
        is_between = bool(self.network.layers[layer].sources) and layer not in self.network.ends
        return is_between and bool(text) and line_width(self.name_of(text)) < 2 * self.radius - 6

    def unit_names(self, room: Room) -> Iterator[Label]:
        """Before the inputs, after the outputs; or wherever there is room around a circle."""
        for i, (layer, column) in enumerate(
            zip(self.network.layers, self.places.columns, strict=True)
        ):
            for unit in column:
                text = "" if unit.index is None else self.names.of(i, unit.index)
                if not text or (not self.values and self.is_inside(i, text)):
                    continue
                label = Label(f"n{unit.key}", 0.0, 0.0, (self.name_of(text),))
                sides = self.around(label, *self.of(unit))
                order = ("left", "above", "below", "right")
                if not self.is_across:
                    order = ("above", "left", "right", "below")
                if layer.sources:
                    order = order[::-1]
                yield from self.kept(room.placed(label, [sides[side] for side in order]))

    def around(self, label: Label, x: float, y: float) -> dict[str, Point]:
        """Places beside, over and under a circle."""
        across, high = label.size
        beside = self.radius + 7 + across / 2
        over = self.radius + 5 + high / 2
        return {
            "left": (x - beside, y), "right": (x + beside, y), "above": (x, y - over),
            "below": (x, y + over),
        }  # fmt: skip

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

    def colour_of(self, weight: float) -> str:
        theme = self.theme
        if not np.isfinite(weight):
            return theme.warning
        return theme.positive if weight > 0 else theme.negative if weight else theme.quiet

    # ---- numbers

    def weights(self, room: Room) -> Iterator[Label]:
        """Numbers on lines, with whose they are: w₂₁ leads from unit 2 to unit 1.

        Those of a layer stand at one share of their lines, if that is possible: from left to right
        1/(n + 1) of n units is where all of them are equally far apart.
        """
        for i, layer in enumerate(self.network.layers):
            if not self.prints(layer):
                continue
            found = [
                (key, self.weight_label(key, text, weight), start, end)
                for key, text, weight, start, end in self.printed(i, layer)
            ]
            shares = (1 / (layer.count + 1), *SHARES)
            labels: Sequence[Label | None] | None = None
            for share in shares:
                labels = room.together(
                    (label, [self.on_the_way(share, start, end)], key)
                    for key, label, start, end in found
                )
                if labels is not None:
                    break
            for each in labels or [
                room.placed(label, [self.on_the_way(share, start, end) for share in shares], key)
                for key, label, start, end in found
            ]:
                yield from self.kept(each)

    def on_the_way(self, share: float, start: Circle, end: Circle) -> Point:
        (ax, ay), (bx, by) = self.of(start), self.of(end)
        return ax + share * (bx - ax), ay + share * (by - ay)

    def printed(
        self, i: int, layer: Layer
    ) -> Iterator[tuple[str, tuple[str, str], float, Circle, Circle]]:
        """The weights of a layer: keys of their lines, indices, numbers, and what they join."""
        ends = [(end, end.index) for end in self.places.columns[i] if end.index is not None]
        for source in layer.sources:
            for start in self.places.way(source.layer, i)[-1]:
                if source.weights is None or start.index is None:
                    continue
                before = f"{source.first + start.index + 1}"
                for end, after in ends:
                    key = line_key(source.layer, start.index, i, after)
                    weight = float(source.weights[start.index, after])
                    yield key, (before, f"{after + 1}"), weight, start, end
        if i in self.places.biases and layer.bias is not None:
            for end, after in ends:
                bias = float(layer.bias[after])
                yield f"c{i}_{after}", ("", f"{after + 1}"), bias, self.places.biases[i], end

    def weight_label(self, key: str, indices: tuple[str, str], weight: float) -> Label:
        """A weight w from a unit to a unit, or a bias b of a unit."""
        theme, (before, after) = self.theme, indices
        colour = self.colour_of(weight)
        comma = "," if before and max(len(before), len(after)) > 1 else ""
        whose = name(f"{'w' if before else 'b'}_{{{before}{comma}{after}}}", WEIGHT, theme.quiet)
        number = Run(shown(weight, self.digits or 3), WEIGHT, colour)
        gap = Run("\u00a0", WEIGHT, colour)
        lines = ((*whose, gap, number),) if self.is_across else (whose, (number,))
        return Label(f"w{key}", 0.0, 0.0, lines, theme.ground)

    def biases(self, room: Room) -> Iterator[Label]:
        """The biases of a layer whose weights are printed, beside their circles."""
        for layer, column in zip(self.network.layers, self.places.columns, strict=True):
            if not self.prints(layer) or layer.bias is None or self.bias:
                continue
            for unit in column:
                assert unit.index is not None
                text = shown(layer.bias[unit.index], self.digits or 3)
                line = (Run(f"b {text}", WEIGHT, self.theme.quiet),)
                label = Label(f"b{unit.key}", 0.0, 0.0, (line,))
                sides = self.around(label, *self.of(unit))
                order = ("above", "below") if self.is_across else ("right", "left")
                yield from self.kept(room.placed(label, [sides[side] for side in order]))

    # ---- titles

    def headings(self, room: Room, whole: Box) -> Iterator[Label]:
        """Each column's modules, and how many units it has: in a row over the network, or left of
        it; of columns that share a depth, over each if there is room."""
        for depth in range(len(self.places.along)):
            layers = self.places.at_depth(depth)
            blocks = [Label(f"h{i}", 0.0, 0.0, self.heading(i)) for i in layers]
            if len(blocks) > 1:
                found = room.together(
                    (block, self.beside_column(i, block), "")
                    for i, block in zip(layers, blocks, strict=True)
                )
                if found:
                    yield from found
                    continue
            lines = tuple(line for block in blocks for line in block.lines)
            block = Label(blocks[0].key, 0.0, 0.0, lines)
            across, high = block.size
            along = self.places.along[depth]
            x, y = along, whole.top - 14 - high / 2
            if not self.is_across:
                x, y = whole.left - 18 - across / 2, along
            yield room.take(block.at(x, y))

    def beside_column(self, layer: int, block: Label) -> list[Point]:
        """Over, or before, a column, and after it."""
        column = self.places.columns[layer]
        across, high = block.size
        far = self.radius + 8 + (high if self.is_across else across) / 2
        places = [(column[0].across, -1), (column[-1].across, 1)]
        return [
            self.at(column[0].along, edge + way * (far + more))
            for edge, way in places
            for more in (0, 16)
        ]

    def heading(self, layer: int) -> tuple[tuple[Run, ...], ...]:
        theme, column = self.theme, self.places.columns[layer]
        count = f"{self.network.layers[layer].count:,}"
        if any(unit.index is None for unit in column):
            count += f" ({len(column) - 1} shown)"
        title = words(self.titles[layer], TITLE, theme.ink)
        return (title, (Run(count, COUNT, theme.quiet),))
