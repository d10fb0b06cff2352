"""What stands in the place of a gate that was opened: its inside, laid out alone.

Where other items stand in its column, wires come in by the gate's ports, which stay where they
were, and run from there to the inside. Else they come in, as they go out, where the inside has
them: the channels before it and behind it have as much room as they need.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .channels import Channel, Crossing, Pin, routed
from .graph import Node, Point
from .level import Item, Laid

Line = tuple[int, bool, tuple[Point, ...]]
"""A stretch of a net, and whether it goes out."""
Ports = Mapping[int, int]
"""Of a net the number of its port."""
NOTHING = Channel([], [], 0.0)


@dataclass(slots=True)
class Block:
    """It as an item, where its inside begins, from the item's place, and the ways in."""

    item: Item
    inner: Point
    into: Channel
    leaving: Mapping[int, float]

    def lines(self, end: float) -> Iterator[Line]:
        """What joins the ports to the inside, and goes on from it as far as `end`."""
        for net, _, points in self.into.pieces:
            yield net, False, points
        for net, b in self.leaving.items():
            if end > self.item.size:
                yield net, True, ((self.item.size, b), (end, b))


def block_of(gate: Node, laid: Laid, ins: Ports, outs: Ports, *, is_alone: bool) -> Block:
    """The block for a gate; its upper edge is the gate's, or higher where a wire passes over it."""
    top = -gate.before
    entering = {net: top + at for net, at in laid.entering.items()}
    leaving = {net: top + at for net, at in laid.leaving.items()}
    into = NOTHING if is_alone else routed([
        Crossing(net, gate.ins[port], (Pin(entering[net], ()),)) for net, port in ins.items()
    ])  # fmt: skip
    at = list(gate.ins)
    if is_alone:
        for net, port in ins.items():
            at[port] = entering[net]
    out = list(gate.outs)
    for net, port in outs.items():
        out[port] = leaving[net]
    heights = [0.0, *(b for piece in into.pieces for _, b in piece.points)]
    item = Item(
        into.width + laid.length, max(-top, -min(heights)), max(top + laid.breadth, *heights),
        gate.lead, at, out,
    )  # fmt: skip
    return Block(item, (into.width, top), into, leaving)
