"""What a drawing of a network of units plans with: its look, and how far apart circles stand."""

from __future__ import annotations

import numpy as np

from viz.labels import width
from viz.names import shortened
from viz.themes import Theme

from .columns import Layer, Names, Network
from .marks import Point, Run, line_width, name
from .places import Circle, Places, shown_units

RADIUS, RADIUS_WITH_NUMBERS = 17.0, 23.0
GAP, GAP_WITH_NUMBERS = 12.0, 22.0  # From circle to circle in a column.
STEP, STEP_WITH_WEIGHTS = 150.0, 260.0  # From column to column, at least.
STEEPEST, STEEPEST_WITH_WEIGHTS = 2.2, 1.2  # Lines: then none runs through a circle beside its own.
PITCH = 15.0  # From weight to weight that are printed one under another.
TITLE, NAME = 11, 13  # Sizes.
HEAD = 46.0  # Room for a title and a count between columns that share a depth.
LONGEST = 30  # Letters of a title.
MOST_PRINTED, MOST_READ = 4, 10  # Units of a layer whose weights are printed, and that it reads.


class Plan:
    """A network, how it is shown, and where its circles stand: `places`."""

    places: Places

    def __init__(
        self, network: Network, names: Names, theme: Theme, *, most: int = 10,
        values: bool = False, digits: int | None = None, direction: str = "LR", bias: bool = False,
    ):  # fmt: skip
        self.network, self.names, self.theme, self.digits = network, names, theme, digits
        self.most, self.values, self.bias, self.is_across = most, values, bias, direction == "LR"
        self.radius = RADIUS_WITH_NUMBERS if values else RADIUS
        self.titles = [shortened(title, LONGEST) for title in names.titles]

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
            apart + HEAD if self.is_across else apart + width(title, TITLE) + GAP
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

    def on_the_way(self, share: float, start: Circle, end: Circle) -> Point:
        (ax, ay), (bx, by) = self.of(start), self.of(end)
        return ax + share * (bx - ax), ay + share * (by - ay)

    def name_of(self, text: str) -> tuple[Run, ...]:
        return name(text, NAME, self.theme.ink)

    def colour_of(self, weight: float) -> str:
        theme = self.theme
        if not np.isfinite(weight):
            return theme.warning
        return theme.positive if weight > 0 else theme.negative if weight else theme.quiet
