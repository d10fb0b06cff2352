"""The labels of a network of units: numbers and names where there is room for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograd.extend import say
from viz.arrays import shown
from viz.labels import width

from .columns import Layer
from .marks import Box, Label, Point, Run, line_width, name, words
from .places import Circle
from .plan import TITLE, Plan
from .room import Room
from .words import line_key

COUNT, VALUE, GRADIENT, WEIGHT = 10, 11, 9, 9  # Sizes.
SHARES = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75)  # Of a line, where its number is.


class Labels:
    """Labels beside what is drawn already; `missing` counts those that have found no place."""

    def __init__(self, plan: Plan, room: Room):
        self.plan, self.room, self.missing = plan, room, 0

    def placed(self) -> list[Label]:
        """All but the titles, in the order in which they look for their places."""
        found = [self.room.take(label) for label in self.inside()]
        return [*found, *self.unit_names(), *self.weights(), *self.biases()]

    def kept(self, label: Label | None) -> Iterator[Label]:
        """A label, if it has found a place; else it is counted."""
        if label is None:
            self.missing += 1
        else:
            yield label

    def inside(self) -> Iterator[Label]:
        """What stands in circles: a value over its gradient; a name that fits; the bias' 1."""
        theme = self.plan.theme
        for i, (layer, column) in enumerate(
            zip(self.plan.network.layers, self.plan.places.columns, strict=True)
        ):
            for unit in column:
                if unit.index is None:
                    continue
                lines = []
                for numbers, colour, size in (
                    (layer.values, theme.value, VALUE), (layer.gradients, theme.gradient, GRADIENT),
                ):  # fmt: skip
                    if self.plan.values and numbers is not None:
                        lines.append(self.number(float(numbers[unit.index]), colour, size))
                text = self.plan.names.of(i, unit.index)
                if not lines and self.is_inside(i, text):
                    lines.append(self.plan.name_of(text))
                if lines:
                    yield Label(f"v{unit.key}", *self.plan.of(unit), tuple(lines))
        for i, one in self.plan.places.biases.items():
            run = Run("1", VALUE, theme.quiet)
            yield Label(f"vone{i}", *self.plan.of(one), ((run,),))

    def number(self, value: float, colour: str, size: float) -> tuple[Run, ...]:
        """A number as large as its circle has room for."""
        text = shown(value, self.plan.digits or 3)
        while width(text, size) > 2 * self.plan.radius - 8 and size > 6:
            size -= 1
        is_zero = value == 0 and colour == self.plan.theme.gradient
        colour = self.plan.theme.quiet if is_zero else colour
        return (Run(text, size, colour if np.isfinite(value) else self.plan.theme.warning),)

    # ---- names

    def is_inside(self, layer: int, text: str) -> bool:
        """Whether a name stands in its circle: of units between inputs and outputs, if it fits."""
        plan, network = self.plan, self.plan.network
        is_between = bool(network.layers[layer].sources) and layer not in network.ends
        fits = line_width(plan.name_of(text)) < 2 * plan.radius - 6
        return is_between and bool(text) and fits

    def unit_names(self) -> Iterator[Label]:
        """Before the inputs, after the outputs; or wherever there is room around a circle."""
        for i, (layer, column) in enumerate(
            zip(self.plan.network.layers, self.plan.places.columns, strict=True)
        ):
            for unit in column:
                text = "" if unit.index is None else self.plan.names.of(i, unit.index)
                if not text or (not self.plan.values and self.is_inside(i, text)):
                    continue
                label = Label(f"n{unit.key}", 0.0, 0.0, (self.plan.name_of(text),))
                sides = self.around(label, *self.plan.of(unit))
                order = ("left", "above", "below", "right")
                if not self.plan.is_across:
                    order = ("above", "left", "right", "below")
                if layer.sources:
                    order = order[::-1]
                yield from self.kept(self.room.placed(label, [sides[side] for side in order]))

    def around(self, label: Label, x: float, y: float) -> dict[str, Point]:
        """Places beside, over and under a circle."""
        across, high = label.size
        beside = self.plan.radius + 7 + across / 2
        over = self.plan.radius + 5 + high / 2
        return {
            "left": (x - beside, y), "right": (x + beside, y), "above": (x, y - over),
            "below": (x, y + over),
        }  # fmt: skip

    # ---- numbers

    def weights(self) -> Iterator[Label]:
        """Numbers on lines, with whose they are: w₂₁ leads from unit 2 to unit 1.

        Those of a layer stand at one share of their lines, if that is possible: from left to right
        1/(n + 1) of n units is where all of them are equally far apart.
        """
        for i, layer in enumerate(self.plan.network.layers):
            if not self.plan.prints(layer):
                continue
            found = [
                (key, self.weight_label(key, text, weight), start, end)
                for key, text, weight, start, end in self.printed(i, layer)
            ]
            shares = (1 / (layer.count + 1), *SHARES)
            labels: Sequence[Label | None] | None = None
            for share in shares:
                labels = self.room.together(
                    (label, [self.plan.on_the_way(share, start, end)], key)
                    for key, label, start, end in found
                )
                if labels is not None:
                    break
            for each in labels or [
                self.room.placed(
                    label, [self.plan.on_the_way(share, start, end) for share in shares], key
                )
                for key, label, start, end in found
            ]:
                yield from self.kept(each)

    def printed(
        self, i: int, layer: Layer
    ) -> Iterator[tuple[str, tuple[str, str], float, Circle, Circle]]:
        """The weights of a layer: keys of their lines, indices, numbers, and what they join."""
        ends = [(end, end.index) for end in self.plan.places.columns[i] if end.index is not None]
        for source in layer.sources:
            for start in self.plan.places.way(source.layer, i)[-1]:
                if source.weights is None or start.index is None:
                    continue
                before = f"{source.first + start.index + 1}"
                for end, after in ends:
                    key = line_key(source.layer, start.index, i, after)
                    weight = float(source.weights[start.index, after])
                    yield key, (before, f"{after + 1}"), weight, start, end
        if i in self.plan.places.biases and layer.bias is not None:
            for end, after in ends:
                bias = float(layer.bias[after])
                yield f"c{i}_{after}", ("", f"{after + 1}"), bias, self.plan.places.biases[i], end

    def weight_label(self, key: str, indices: tuple[str, str], weight: float) -> Label:
        """A weight w from a unit to a unit, or a bias b of a unit."""
        theme, (before, after) = self.plan.theme, indices
        colour = self.plan.colour_of(weight)
        comma = "," if before and max(len(before), len(after)) > 1 else ""
        whose = name(f"{'w' if before else 'b'}_{{{before}{comma}{after}}}", WEIGHT, theme.quiet)
        number = Run(shown(weight, self.plan.digits or 3), WEIGHT, colour)
        gap = Run("\u00a0", WEIGHT, colour)
        lines = ((*whose, gap, number),) if self.plan.is_across else (whose, (number,))
        return Label(f"w{key}", 0.0, 0.0, lines, theme.ground)

    def biases(self) -> Iterator[Label]:
        """The biases of a layer whose weights are printed, beside their circles."""
        for layer, column in zip(self.plan.network.layers, self.plan.places.columns, strict=True):
            if not self.plan.prints(layer) or layer.bias is None or self.plan.bias:
                continue
            for unit in column:
                assert unit.index is not None
                text = shown(layer.bias[unit.index], self.plan.digits or 3)
                line = (Run(f"b {text}", WEIGHT, self.plan.theme.quiet),)
                label = Label(f"b{unit.key}", 0.0, 0.0, (line,))
                sides = self.around(label, *self.plan.of(unit))
                order = ("above", "below") if self.plan.is_across else ("right", "left")
                yield from self.kept(self.room.placed(label, [sides[side] for side in order]))

    # ---- titles

    def headings(self, whole: Box) -> Iterator[Label]:
        """Each column's modules, and how many units it has: in a row over the network, or left of
        it; of columns that share a depth, over each if there is room."""
        for depth in range(len(self.plan.places.along)):
            layers = self.plan.places.at_depth(depth)
            blocks = [Label(f"h{i}", 0.0, 0.0, self.heading(i)) for i in layers]
            if len(blocks) > 1:
                found = self.room.together(
                    (block, self.beside_column(i, block), "")
                    for i, block in zip(layers, blocks, strict=True)
                )
                if found:
                    yield from found
                    continue
            lines = tuple(line for block in blocks for line in block.lines)
            block = Label(blocks[0].key, 0.0, 0.0, lines)
            across, high = block.size
            along = self.plan.places.along[depth]
            x, y = along, whole.top - 14 - high / 2
            if not self.plan.is_across:
                x, y = whole.left - 18 - across / 2, along
            yield self.room.take(block.at(x, y))

    def beside_column(self, layer: int, block: Label) -> list[Point]:
        """Over, or before, a column, and after it."""
        column = self.plan.places.columns[layer]
        across, high = block.size
        far = self.plan.radius + 8 + (high if self.plan.is_across else across) / 2
        places = [(column[0].across, -1), (column[-1].across, 1)]
        return [
            self.plan.at(column[0].along, edge + way * (far + more))
            for edge, way in places
            for more in (0, 16)
        ]

    def heading(self, layer: int) -> tuple[tuple[Run, ...], ...]:
        theme, column = self.plan.theme, self.plan.places.columns[layer]
        count = f"{self.plan.network.layers[layer].count:,}"
        if any(unit.index is None for unit in column):
            count = say("{count} ({shown} shown)", count=count, shown=len(column) - 1)
        title = words(self.plan.titles[layer], TITLE, theme.ink)
        counted = (Run(count, COUNT, theme.quiet),)
        return (title, counted) if title else (counted,)
