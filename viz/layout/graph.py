"""What is laid out, and where everything is then: two axes, time and across, and no drawing.

Time runs along the first axis (from left to right, or top down), what happens at once stands
beside each other across it. Lengths are in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Point = tuple[float, float]

TAIL = 8.0  # Of a node's length, what is bare line at its end.


@dataclass(slots=True)
class Node:
    """A leaf, or a gate with the wires that leave it.

    Attributes
    ----------
    size : how long it is, without its lead.
    before, after : how far it reaches from its axis, across.
    lead : room before it, in which the lines of its operands run, or a leaf's name stands.
    ins : the operands' ports, from its axis, in order; outs : those of the wires that leave it.
    insets : how far behind its start the line of each operand ends.
    box : index of the innermost box around it, −1 for none; of a leaf, of the box that hides it
        while that is closed.
    is_box : whether it is a closed box, and stands on one level with those that follow it.
    closed : it in the picture in which boxes that have been opened here were closed, where that is
        not the same.
    """

    size: float
    before: float
    after: float
    lead: float = 0.0
    ins: Sequence[float] = ()
    outs: Sequence[float] = (0.0,)
    insets: Sequence[float] = ()
    box: int = -1
    is_box: bool = False
    closed: Node | None = None


class Edge(NamedTuple):
    """A wire's way into a gate: from which of a node's outs to which of another's ins."""

    source: int
    out: int
    target: int
    slot: int


class Closed(NamedTuple):
    """A gate that has been opened, and the wires (node and out) of its ports, in their order."""

    node: Node
    ins: Sequence[tuple[int, int]]
    outs: Sequence[tuple[int, int]]


@dataclass(slots=True)
class Frame:
    """A box around nodes and other boxes: the one that it stands in, and room for its name.

    One with a `closed` gate is not drawn: it is all that stands in that one's place.
    """

    outer: int = -1
    head: float = 0.0
    width: float = 0.0
    closed: Closed | None = None


@dataclass(slots=True)
class Graph:
    """Nodes in the order of the trace, the edges between them, boxes."""

    nodes: list[Node]
    edges: list[Edge]
    frames: list[Frame] = field(default_factory=list)


class Segment(NamedTuple):
    """A piece of a wire, which leaves `source` by `out`; `edges` are those that it is part of."""

    source: int
    out: int
    edges: tuple[int, ...]
    points: tuple[Point, ...]


class Dot(NamedTuple):
    """Where a wire forks."""

    source: int
    out: int
    at: Point


class Rectangle(NamedTuple):
    """Where a box is; `frame` is its index. `opened` at a side where it goes on in another row."""

    frame: int
    start: Point
    end: Point
    opened: tuple[bool, bool] = (False, False)


class Mark(NamedTuple):
    """Where a wire `goes` on in another row, or comes from one."""

    source: int
    out: int
    at: Point
    goes: bool


@dataclass(slots=True)
class Layout:
    """Where everything is.

    `places` are where nodes begin (their leads end) on their axes, `ends` how far the lines of
    their outs run straight on. Segments go on from there.
    """

    places: list[Point]
    ends: list[float]
    segments: list[Segment]
    dots: list[Dot]
    rectangles: list[Rectangle]
    size: Point
    marks: list[Mark] = field(default_factory=list)
