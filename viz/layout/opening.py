"""What stands in the place of a gate that was opened: its inside, laid out alone, and the wires
from the gate's ports to it, which stay where they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .channels import Channel, Crossing, Pin, routed
from .graph import Node, Point
from .level import Item, Laid

Line = tuple[int, bool, tuple[Point, ...]]
"""A stretch of a net, on its way in or out."""


@dataclass(slots=True)
class Block:
    """It as an item; where its inside begins, from its place, and where it ends along."""

    item: Item
    inner: Point
    end: float
    into: Channel
    out: Channel

    def lines(self, end: float) -> Iterator[Line]:
        """What joins the ports to the inside, the lines out of it as far as `end`."""
        for net, _, points in self.into.pieces:
            yield net, False, points
        for net, _, points in self.out.pieces:
            yield net, True, tuple([(self.end + t, b) for t, b in points])
            if points[-1][0] == self.out.width and end > self.item.size:
                b = points[-1][1]
                yield net, True, ((self.item.size, b), (end, b))


def block_of(gate: Node, laid: Laid, ins: Mapping[int, int], outs: Mapping[int, int]) -> Block:
    """The block for a gate; `ins` and `outs` are the ports of nets that come in and go out.

    Its upper edge is the gate's, or higher where a wire has to pass over it.
    """
    top = -gate.before
    into = routed([
        Crossing(net, gate.ins[port], (Pin(top + laid.entering[net], ()),))
        for net, port in ins.items()
    ])  # fmt: skip
    out = routed([
        Crossing(net, top + laid.leaving[net], (Pin(gate.outs[port], ()),))
        for net, port in outs.items()
    ])  # fmt: skip
    heights = [b for channel in (into, out) for piece in channel.pieces for _, b in piece.points]
    end = into.width + laid.length
    item = Item(
        end + out.width, max(-top, -min(heights, default=0.0)),
        max(top + laid.breadth, *heights, 0.0), gate.lead, gate.ins, gate.outs,
    )  # fmt: skip
    return Block(item, (into.width, top), end, into, out)
