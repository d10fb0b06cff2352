"""The boxes of a graph as rooms within rooms, and its wires, cut at the borders that they pass."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from viz.errors import VizError

from .graph import Edge, Frame, Graph
from .layers import topological
from .level import BORDER, Laid
from .opening import Block

__all__ = ["Room", "Wire", "boxes_around", "forward_rooms", "rooms_of"]


@dataclass(slots=True)
class Wire:
    """A wire within one room: where it begins (BORDER: it comes in), the members and slots that it
    goes into, the edges behind each, and those that leave.

    Of what has slots by wires, such as a box, the slot is −1.
    """

    source: int
    out: int
    targets: list[tuple[int, int]] = field(default_factory=list)
    edges: list[list[int]] = field(default_factory=list)
    leaving: list[int] = field(default_factory=list)


class Room:
    """A level before it is laid out: its members (nodes, and other rooms) and its wires."""

    def __init__(self, frame: int):
        self.frame = frame
        self.members: list[int | Room] = []
        self.nets: dict[tuple[int, int], Wire] = {}
        self.index: dict[Any, int] = {}
        self.closed: Laid | None = None  # As it was before anything in it was opened.
        self.laid: Laid | None = None
        self.block: Block | None = None
        self.likeness: Hashable = None

    def add(self, member: int | Room) -> None:
        self.index[member] = len(self.members)
        self.members.append(member)


def forward_rooms(graph: Graph) -> tuple[Graph, Room, list[int] | None]:
    """The outermost room of a graph none of whose rooms read one another in a circle.

    Where the boxes as they stand do, what was opened is not laid out as it stood closed; where that
    is not enough, a box is in pieces. So it comes with the graph that it is of, and with the box
    that each of that graph's is a piece of, or None.

    Raises
    ------
    VizError : nodes read one another in a circle.
    """
    root = rooms_of(graph)
    if not _runs_forward(root):
        graph = _without_closed(graph)
        root = rooms_of(graph)
    if _runs_forward(root):
        return graph, root, None
    graph, of_piece = _in_turns(graph)
    root = rooms_of(graph)
    if not _runs_forward(root):
        raise VizError("closed boxes read one another in a circle: draw with layout='dot'")
    return graph, root, of_piece


def _runs_forward(room: Room) -> bool:
    """Whether no members of a room, nor of those within, read one another in a circle."""
    users: list[set[int]] = [set() for _ in room.members]
    for wire in room.nets.values():
        if wire.source != BORDER:
            users[wire.source].update(target for target, _ in wire.targets)
    if len(topological([sorted(later) for later in users])) < len(users):
        return False
    return all(_runs_forward(member) for member in room.members if isinstance(member, Room))


def _in_turns(graph: Graph) -> tuple[Graph, list[int]]:
    """The graph with a box for each stretch of the trace in which a box's nodes come one after the
    other, and of which box each is a piece.
    """
    frames: list[Frame] = []
    of_piece: list[int] = []
    nodes = list(graph.nodes)
    before: list[tuple[int, int]] = []  # The boxes around the last gate, and their pieces.
    for number, node in enumerate(nodes):
        if not node.ins:
            continue
        chain: list[int] = []
        box = node.box
        while box >= 0:
            chain.insert(0, box)
            box = graph.frames[box].outer
        shared = 0
        while shared < min(len(chain), len(before)) and chain[shared] == before[shared][0]:
            shared += 1
        before = before[:shared]
        for old in chain[shared:]:
            outer = before[-1][1] if before else -1
            before.append((old, len(frames)))
            frames.append(replace(graph.frames[old], outer=outer))
            of_piece.append(old)
        nodes[number] = replace(node, box=before[-1][1] if before else -1)
    return Graph(nodes, graph.edges, frames), of_piece


def rooms_of(graph: Graph) -> Room:
    """The tree of boxes, and each wire cut at the borders that it passes."""
    root = Room(-1)
    rooms = {frame: Room(frame) for frame in range(len(graph.frames))}
    chains: dict[int, list[Room]] = {-1: [root]}
    for frame in rooms:
        chains[frame] = [root, *(rooms[box] for box in boxes_around(graph, frame)[::-1])]
    rooms[-1] = root
    uses: dict[int, list[int]] = {}
    for edge in graph.edges:
        uses.setdefault(edge.source, []).append(edge.target)
    home: list[int] = []
    hidden: dict[int, list[int]] = {}
    for number, node in enumerate(graph.nodes):
        box = node.box
        if not node.ins and uses.get(number):
            users = [graph.nodes[target].box for target in uses[number]]
            home.append(_around(graph, users, node.box))
            if node.box >= 0:
                hidden.setdefault(node.box, []).append(number)
        else:
            home.append(box)
    added = set()

    def add(number: int) -> None:
        for outer, inner in pairwise(chains[home[number]]):
            if inner not in added:
                added.add(inner)
                outer.add(inner)
                for leaf in hidden.get(inner.frame, ()):
                    add(leaf)
        rooms[home[number]].add(number)

    for number, node in enumerate(graph.nodes):
        if node.ins or node.box < 0:
            add(number)
    for index, edge in enumerate(graph.edges):
        _thread(index, edge, chains[home[edge.source]], chains[home[edge.target]])
    return root


def boxes_around(graph: Graph, box: int, end: int = -1) -> list[int]:
    """A box and those around it, up to one that holds them all."""
    chain = []
    while box not in (end, -1):
        chain.append(box)
        box = graph.frames[box].outer
    return chain


def _around(graph: Graph, boxes: list[int], within: int) -> int:
    """The innermost box around several, themselves not counted: a leaf comes from outside. What
    was opened later than the leaf came to be seen counts as the gate that it was.
    """
    chains = []
    for box in boxes:
        chain = boxes_around(graph, box, within)
        opened = [i for i, one in enumerate(chain) if graph.frames[one].closed]
        chain = chain[opened[-1] + 1 :] if opened else chain
        chains.append([within, *chain[:0:-1]])
    common = within
    for level in zip(*chains, strict=False):
        if len(set(level)) > 1:
            break
        common = level[0]
    return common


def _without_closed(graph: Graph) -> Graph:
    """The graph as if nothing in it had ever been closed."""

    def drawn(box: int) -> int:
        return next((one for one in boxes_around(graph, box) if not graph.frames[one].closed), -1)

    nodes = [replace(node, box=drawn(node.box) if node.ins else -1) for node in graph.nodes]
    frames = [replace(frame, outer=drawn(frame.outer), closed=None) for frame in graph.frames]
    return Graph(nodes, graph.edges, frames)


def _thread(index: int, edge: Edge, out_of: list[Room], into: list[Room]) -> None:
    shared = 0
    while shared < min(len(out_of), len(into)) and out_of[shared] is into[shared]:
        shared += 1
    key = (edge.source, edge.out)
    inner: int | Room = edge.source
    for room in out_of[: shared - 1 : -1]:
        net = _net(room, key, inner)
        net.leaving.append(index)
        inner = room
    room = out_of[shared - 1]
    net = _net(room, key, inner)
    for deeper in into[shared:]:
        _join(room, net, deeper, None, index)
        room = deeper
        net = _net(room, key, None)
    _join(room, net, edge.target, edge.slot, index)


def _net(room: Room, key: tuple[int, int], source: int | Room | None) -> Wire:
    if key not in room.nets:
        at = BORDER if source is None else room.index[source]
        room.nets[key] = Wire(at, key[1] if isinstance(source, int) else -1)
    return room.nets[key]


def _join(room: Room, net: Wire, member: int | Room, slot: int | None, edge: int) -> None:
    """One more target of a net; a box that it goes into already is one with it."""
    at = room.index[member]
    if slot is None:
        for place, (item, _) in enumerate(net.targets):
            if item == at:
                net.edges[place].append(edge)
                return
    net.targets.append((at, -1 if slot is None else slot))
    net.edges.append([edge])
