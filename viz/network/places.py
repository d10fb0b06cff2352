"""Where the circles of a network stand: columns by their distance from the inputs.

Places are (along, across): how far from the inputs, and how far from the middle, downwards or to
the right. A column that is read further on than by the next one goes there in a lane: its units as
points, above the columns between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .columns import Network

LANE = 9  # From point to point in a lane.


@dataclass(frozen=True)
class Circle:
    """A circle, or a point of a lane: which unit of which layer, and where.

    `index` is None for the dots between; `depth` is how many steps it is from the inputs.
    """

    layer: int
    index: int | None
    along: float
    across: float
    depth: int
    in_lane: bool = False

    @property
    def key(self) -> str:
        where = f"k{self.layer}_{self.depth}" if self.in_lane else f"u{self.layer}"
        return f"{where}_{'gap' if self.index is None else self.index}"


class Places:
    """The circles of every layer (`columns`), of the lanes, and of the biases.

    `steps` are the distances from depth to depth, `gaps` the room between a layer's first circle
    and what stands before it at its depth; `apart` is from circle to circle in a column.
    """

    def __init__(
        self, network: Network, *, most: int, apart: float, steps: Sequence[float], bias: bool,
        gaps: Sequence[float],
    ):  # fmt: skip
        self.network, self.most, self.apart, self.gaps = network, most, apart, gaps
        self.depths = network.depths
        self.along = [sum(steps[:depth]) for depth in range(max(self.depths) + 1)]
        self.columns: list[list[Circle]] = [[] for _ in network.layers]
        self.lanes: dict[tuple[int, int], list[Circle]] = {}
        self.biases: dict[int, Circle] = {}
        for depth in range(max(self.depths) + 1):
            self.place(depth)
        if bias:
            self.place_biases()

    def units(self, layer: int) -> list[int | None]:
        """The units that are shown; the middle of a wide layer is left out."""
        return shown_units(self.network.layers[layer].count, self.most)

    def at_depth(self, depth: int) -> list[int]:
        """The layers at a depth, from the first to the last across."""
        here = [i for i, own in enumerate(self.depths) if own == depth]
        return sorted(here, key=lambda i: (self.height_of_sources(i), i))

    def place(self, depth: int) -> None:
        """The columns at a depth, one under the other about the middle, and lanes above them."""
        here = self.at_depth(depth)
        rooms = [(len(self.units(i)) - 1) * self.apart for i in here]
        top = -(sum(rooms) + sum(self.gaps[i] for i in here[1:])) / 2
        above = top
        for layer, room in zip(here, rooms, strict=True):
            top += self.gaps[layer] if layer != here[0] else 0.0
            self.columns[layer] = self.stacked(layer, depth, top, self.apart)
            top += room
        above -= self.apart
        for layer in reversed(self.passing(depth)):
            above -= (len(self.units(layer)) - 1) * LANE
            self.lanes[layer, depth] = self.stacked(layer, depth, above, LANE, in_lane=True)
            above -= 2 * LANE

    def stacked(
        self, layer: int, depth: int, top: float, apart: float, *, in_lane: bool = False
    ) -> list[Circle]:
        return [
            Circle(layer, unit, self.along[depth], top + i * apart, depth, in_lane)
            for i, unit in enumerate(self.units(layer))
        ]

    def passing(self, depth: int) -> list[int]:
        """The layers that are read from further on, past a depth."""
        return sorted(
            {
                source.layer
                for i, layer in enumerate(self.network.layers)
                for source in layer.sources
                if self.depths[source.layer] < depth < self.depths[i]
            }
        )

    def height_of_sources(self, layer: int) -> float:
        """Where the columns that it reads are, in the mean."""
        read = [c.across for s in self.network.layers[layer].sources for c in self.columns[s.layer]]
        return sum(read) / len(read) if read else 0.0

    def place_biases(self) -> None:
        """A circle below the columns before the one that it belongs to."""
        for i, layer in enumerate(self.network.layers):
            if layer.has_bias:
                depth = self.depths[i] - 1
                taken = [c for column in self.columns for c in column if c.depth == depth]
                taken += [c for c in self.biases.values() if c.depth == depth]
                low = max(c.across for c in taken)
                self.biases[i] = Circle(i, 0, self.along[depth], low + self.apart, depth)

    def way(self, source: int, target: int) -> list[list[Circle]]:
        """The columns through which a layer is read: its own, and its lanes up to the target."""
        depths = range(self.depths[source] + 1, self.depths[target])
        return [self.columns[source], *(self.lanes[source, depth] for depth in depths)]


def shown_units(count: int, most: int) -> list[int | None]:
    """Which of a column's units are shown; None for the dots.

    >>> shown_units(3, 4), shown_units(100, 4)
    ([0, 1, 2], [0, 1, None, 99])
    """
    if count <= most:
        return list(range(count))
    first = most // 2
    return [*range(first), None, *range(count - (most - first - 1), count)]
