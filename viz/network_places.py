"""Where the circles of a network stand: columns by their distance from the inputs.

Places are (along, across): how far from the inputs, and how far from the middle, downwards or to
the right. A column that is read further on than by the next one goes there in a lane: its units as
points, above the columns between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .network_layers import Network

CIRCLE = 34  # Points across.
APART = 46  # From circle to circle in a column.
LANE = 9  # From point to point in a lane.
HEADING = 28  # From halfway to a column's next circle to the middle of its title.


@dataclass(frozen=True)
class Circle:
    """A circle, or a point of a lane: which unit of which layer, and where.

    `index` is None for the dots between; `depth` is that of a lane's column, else None.
    """

    layer: int
    index: int | None
    along: float
    across: float
    depth: int | None = None

    @property
    def key(self) -> str:
        where = f"u{self.layer}" if self.depth is None else f"k{self.layer}_{self.depth}"
        return f"{where}_{'gap' if self.index is None else self.index}"


class Places:
    """The circles of every layer (`columns`), of the lanes, and of the biases.

    `gaps` is the room between a layer's first circle and what stands before it at its depth.
    """

    def __init__(
        self, network: Network, *, most: int, apart: float, along: float, bias: bool,
        gaps: Sequence[float],
    ):  # fmt: skip
        self.network, self.most, self.apart, self.along = network, most, apart, along
        self.gaps = gaps
        self.depths = network.depths
        self.columns: list[list[Circle]] = [[] for _ in network.layers]
        self.lanes: dict[tuple[int, int], list[Circle]] = {}
        self.biases: dict[int, Circle] = {}
        for depth in range(max(self.depths) + 1):
            self.place(depth)
        if bias:
            self.place_biases()

    def units(self, layer: int) -> list[int | None]:
        """The units that are shown; the middle of a wide layer is left out."""
        count = self.network.layers[layer].count
        if count <= self.most:
            return list(range(count))
        first = self.most // 2
        last = self.most - first - 1
        return [*range(first), None, *range(count - last, count)]

    def place(self, depth: int) -> None:
        """The columns at a depth, one under the other about the middle, and lanes above them."""
        here = [i for i, own in enumerate(self.depths) if own == depth]
        here.sort(key=lambda i: (self.height_of_sources(i), i))
        rooms = [(len(self.units(i)) - 1) * self.apart for i in here]
        top = -(sum(rooms) + sum(self.gaps[i] for i in here[1:])) / 2
        above = top
        for layer, room in zip(here, rooms, strict=True):
            top += self.gaps[layer] if layer != here[0] else 0.0
            self.columns[layer] = self.stacked(layer, depth, top, self.apart)
            top += room
        above -= self.gaps[here[0]] - CIRCLE / 2
        for layer in reversed(self.passing(depth)):
            above -= (len(self.units(layer)) - 1) * LANE
            self.lanes[layer, depth] = self.stacked(layer, depth, above, LANE, is_lane=True)
            above -= 2 * LANE

    def stacked(
        self, layer: int, depth: int, top: float, apart: float, *, is_lane: bool = False
    ) -> list[Circle]:
        return [
            Circle(layer, unit, depth * self.along, top + i * apart, depth if is_lane else None)
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
            if layer.bias is not None and layer.weights:
                depth = self.depths[i] - 1
                before = [c for column in self.columns for c in column
                          if c.along == depth * self.along]  # fmt: skip
                taken = [c for c in self.biases.values() if c.along == depth * self.along]
                low = max(c.across for c in [*before, *taken])
                self.biases[i] = Circle(i, 0, depth * self.along, low + self.apart)

    def way(self, source: int, target: int) -> list[list[Circle]]:
        """The columns through which a layer is read: its own, and its lanes up to the target."""
        depths = range(self.depths[source] + 1, self.depths[target])
        return [self.columns[source], *(self.lanes[source, depth] for depth in depths)]
