"""A whole picture: each box is laid out once, from the inside out, and equal ones alike.

What was opened is laid out as it stood closed. Then its level is pulled apart at the gate that it
was, across and along, and its inside, laid out alone, is put there (`opening.py`). All else keeps
its order on both axes, and with it a reader's mental map (Misue, Eades, Lai and Sugiyama 1995).
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from viz.errors import VizError

from .graph import Dot, Edge, Frame, Graph, Layout, Node, Point, Rectangle, Segment
from .layers import topological
from .level import BORDER, Borders, Item, Laid, Level, Net, level_of
from .opening import Block, block_of

PAD = 8.0  # Between a box's border and what is in it.


@dataclass(slots=True)
class _Wire:
    """A wire within one room: where it begins (BORDER: it comes in), the members and slots that it
    goes into, the edges behind each, and those that leave.

    Of what has slots by wires, such as a box, the slot is −1.
    """

    source: int
    out: int
    targets: list[tuple[int, int]] = field(default_factory=list)
    edges: list[list[int]] = field(default_factory=list)
    leaving: list[int] = field(default_factory=list)


class _Room:
    """A level before it is laid out: its members (nodes, and other rooms) and its wires."""

    def __init__(self, frame: int):
        self.frame = frame
        self.members: list[int | _Room] = []
        self.nets: dict[tuple[int, int], _Wire] = {}
        self.index: dict[Any, int] = {}
        self.closed: Laid | None = None  # As it was before anything in it was opened.
        self.laid: Laid | None = None
        self.block: Block | None = None
        self.likeness: Hashable = None

    def add(self, member: int | _Room) -> None:
        self.index[member] = len(self.members)
        self.members.append(member)


def lay_out(graph: Graph, *, near: bool = True) -> Layout:
    """Where everything is. `near` puts leaves by their first use, else into the first column.

    A box that wires leave and come back into, such as one of two tasks that take turns, is drawn in
    pieces, one for each turn.

    Raises
    ------
    VizError : nodes read one another in a circle.
    """
    root, of_piece = _rooms(graph), None
    if not _runs_forward(root):
        graph = _without_closed(graph)
        root = _rooms(graph)
    if not _runs_forward(root):
        graph, of_piece = _in_turns(graph)
        root = _rooms(graph)
        if not _runs_forward(root):
            raise VizError("closed boxes read one another in a circle: draw with layout='dot'")
    make_alike(graph, root)
    _lay_out(root, graph, near, {})
    count = len(graph.nodes)
    layout = Layout([(0.0, 0.0)] * count, [0.0] * count, [], [], [], (0.0, 0.0))
    _copy(root, (0.0, 0.0), graph, layout)
    assert root.laid is not None
    layout.size = (root.laid.length, root.laid.breadth)
    if of_piece:
        layout.rectangles = [r._replace(frame=of_piece[r.frame]) for r in layout.rectangles]
    return layout


def _runs_forward(room: _Room) -> bool:
    """Whether no members of a room, nor of those within, read one another in a circle."""
    users: list[set[int]] = [set() for _ in room.members]
    for wire in room.nets.values():
        if wire.source != BORDER:
            users[wire.source].update(target for target, _ in wire.targets)
    if len(topological([sorted(later) for later in users])) < len(users):
        return False
    return all(_runs_forward(member) for member in room.members if isinstance(member, _Room))


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


def _rooms(graph: Graph) -> _Room:
    """The tree of boxes, and each wire cut at the borders that it passes."""
    root = _Room(-1)
    rooms = {frame: _Room(frame) for frame in range(len(graph.frames))}
    chains: dict[int, list[_Room]] = {-1: [root]}
    for frame in rooms:
        chains[frame] = [root, *(rooms[box] for box in _boxes(graph, frame)[::-1])]
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


def _boxes(graph: Graph, box: int, end: int = -1) -> list[int]:
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
        chain = _boxes(graph, box, within)
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
        return next((one for one in _boxes(graph, box) if not graph.frames[one].closed), -1)

    nodes = [replace(node, box=drawn(node.box) if node.ins else -1) for node in graph.nodes]
    frames = [replace(frame, outer=drawn(frame.outer), closed=None) for frame in graph.frames]
    return Graph(nodes, graph.edges, frames)


def _thread(index: int, edge: Edge, out_of: list[_Room], into: list[_Room]) -> None:
    shared = 0
    while shared < min(len(out_of), len(into)) and out_of[shared] is into[shared]:
        shared += 1
    key = (edge.source, edge.out)
    inner: int | _Room = edge.source
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


def _net(room: _Room, key: tuple[int, int], source: int | _Room | None) -> _Wire:
    if key not in room.nets:
        at = BORDER if source is None else room.index[source]
        room.nets[key] = _Wire(at, key[1] if isinstance(source, int) else -1)
    return room.nets[key]


def _join(room: _Room, net: _Wire, member: int | _Room, slot: int | None, edge: int) -> None:
    """One more target of a net; a box that it goes into already is one with it."""
    at = room.index[member]
    if slot is None:
        for place, (item, _) in enumerate(net.targets):
            if item == at:
                net.edges[place].append(edge)
                return
    net.targets.append((at, -1 if slot is None else slot))
    net.edges.append([edge])


def make_alike(graph: Graph, root: _Room | None = None) -> None:
    """Give the nodes of boxes with the same content the same room, so that they look alike.

    What has been opened is alike among itself: it changes nothing that stood there before.
    """
    alike: dict[Hashable, list[_Room]] = {}
    _likeness(root or _rooms(graph), graph, alike)
    for rooms in alike.values():
        if len(rooms) < 2:
            continue
        for numbers in zip(*(room.members for room in rooms), strict=True):
            if isinstance(numbers[0], int):
                nodes = [graph.nodes[number] for number in numbers]
                largest = [max(getattr(node, side) for node in nodes) for side in _SIDES]
                for node in nodes:
                    for side, length in zip(_SIDES, largest, strict=True):
                        setattr(node, side, length)


_SIDES = ("size", "before", "after", "lead")


def _likeness(room: _Room, graph: Graph, alike: dict[Hashable, list[_Room]]) -> Hashable:
    members: list[Hashable] = []
    for member in room.members:
        if isinstance(member, int):
            node = graph.nodes[member]
            members.append((len(node.ins), len(node.outs)))
        else:
            members.append(_likeness(member, graph, alike))
    nets = tuple(
        (net.source, net.out, tuple(net.targets), bool(net.leaving)) for net in room.nets.values()
    )
    depth = sum(graph.frames[box].closed is not None for box in _boxes(graph, room.frame))
    alike.setdefault((tuple(members), nets, depth), []).append(room)
    return len(members), tuple(members), nets


def _lay_out(
    room: _Room, graph: Graph, near: bool, kept: dict[Hashable, tuple[Level, Laid]]
) -> None:
    items: list[Item] = []
    for member in room.members:
        if isinstance(member, int):
            node = graph.nodes[member]
            items.append(_gate(node.closed or node))
            continue
        _lay_out(member, graph, near, kept)
        closed = graph.frames[member.frame].closed
        items.append(_gate(closed.node) if closed else _box(member, graph, member.closed))
    nets = []
    for key, net in room.nets.items():
        out, targets = net.out, []
        if net.source != BORDER and net.out < 0:
            out = _exits(room.members[net.source], graph).index(key)
        for item, slot in net.targets:
            if slot < 0:
                slot = _enters(room.members[item], graph).index(key)
            targets.append((item, slot))
        nets.append(Net(net.source, out, targets, bool(net.leaving)))
    borders = _borders(room, graph)
    shown = (_written(items), _written(nets), repr(borders))
    if shown in kept:
        level, laid = kept[shown]
    else:
        level = level_of(items, nets, near=near, borders=borders)
        laid = level.lay_out()
    room.closed = room.laid = laid
    grown = [
        _as_it_is(room, i, item, graph, is_alone=level.is_alone(i)) for i, item in enumerate(items)
    ]
    if any(one is not other for one, other in zip(items, grown, strict=True)):
        room.laid = level.opened(grown)
    elif room.frame >= 0:
        kept[shown] = level, laid


def _borders(room: _Room, graph: Graph) -> Borders | None:
    """The order in which wires come into what was opened and leave it: that of the gate's ports."""
    closed = graph.frames[room.frame].closed if room.frame >= 0 else None
    if closed is None:
        return None
    index = {key: i for i, key in enumerate(room.nets)}
    ins, outs = ([index[key] for key in ports if key in index] for ports in closed[1:])
    return ins, outs


def _as_it_is(room: _Room, number: int, item: Item, graph: Graph, *, is_alone: bool) -> Item:
    """An item as it is now that something has been opened: the same one where it is the same."""
    member = room.members[number]
    if isinstance(member, int):
        node = graph.nodes[member]
        return _grown(_gate(node), item) if node.closed else item
    closed = graph.frames[member.frame].closed
    assert member.laid is not None
    if closed is None:
        return item if member.laid is member.closed else _box(member, graph, member.laid)
    keys = list(member.nets)
    member.block = block_of(
        closed.node, member.laid,
        {i: closed.ins.index(keys[i]) for i in member.laid.entering},
        {i: closed.outs.index(keys[i]) for i in member.laid.leaving}, is_alone=is_alone,
    )  # fmt: skip
    return _grown(member.block.item, item)


def _gate(node: Node) -> Item:
    return Item(
        node.size, node.before, node.after, node.lead, node.ins, node.outs, node.insets,
        is_in_line=node.is_box,
    )  # fmt: skip


def _grown(item: Item, closed: Item) -> Item:
    """An item with where it is broader than it was; the same one where it is as it was."""
    if item == closed:
        return closed
    over, under = item.before - closed.before, item.after - closed.after
    item.grown = [
        *([(-closed.before, 0.0, over)] if over > 0 else ()),
        *([(0.0, closed.after, under)] if under > 0 else ()),
    ]
    return item


def _written(parts: Sequence[Any]) -> Hashable:
    """What a level depends on, to be compared."""
    return tuple([
        tuple([tuple(v) if type(v) is list else v
               for v in [getattr(part, name) for name in part.__slots__]])
        for part in parts
    ])  # fmt: skip


def _enters(room: int | _Room, graph: Graph) -> Sequence[tuple[int, int]]:
    """The wires that come into a room, from top to bottom."""
    assert isinstance(room, _Room) and room.laid is not None
    closed = graph.frames[room.frame].closed
    return closed.ins if closed is not None else _from_top(room, room.laid.entering)


def _exits(room: int | _Room, graph: Graph) -> Sequence[tuple[int, int]]:
    """Those that leave it."""
    assert isinstance(room, _Room) and room.laid is not None
    closed = graph.frames[room.frame].closed
    return closed.outs if closed is not None else _from_top(room, room.laid.leaving)


def _from_top(room: _Room, heights: Mapping[int, float]) -> list[tuple[int, int]]:
    """The keys of nets, by where they are at the room's border."""
    keys = list(room.nets)
    return [keys[i] for i in sorted(heights, key=heights.__getitem__)]


def _box(room: _Room, graph: Graph, laid: Laid | None) -> Item:
    """A box as its surroundings see it: the axis is its upper edge."""
    frame = graph.frames[room.frame]
    assert laid is not None
    top = frame.head + PAD
    ins = [top + at for at in sorted(laid.entering.values())]
    outs = [top + at for at in sorted(laid.leaving.values())]
    length = max(laid.length + 2 * PAD, frame.width + 2 * PAD)
    grown = [(0.0, top + since, by) for since, by in laid.moved]
    return Item(
        length, 0.0, top + laid.breadth + PAD, 0.0, ins, outs, is_box=True, is_in_line=True,
        grown=grown,
    )  # fmt: skip


def _copy(room: _Room, corner: Point, graph: Graph, layout: Layout) -> None:
    """Put a room and what is in it where its corner is."""
    laid = room.laid
    assert laid is not None
    x, y = corner
    keys = list(room.nets)
    for member, (t, b), end in zip(room.members, laid.places, laid.ends, strict=True):
        if isinstance(member, int):
            layout.places[member] = (x + t, y + b)
            layout.ends[member] = x + end
            continue
        if member.block is not None:
            block = member.block
            at = (x + t, y + b)
            _copy(member, (at[0] + block.inner[0], at[1] + block.inner[1]), graph, layout)
            _join_ports(member, at, x + end, layout)
            continue
        item = _box(member, graph, member.laid)
        start, stop = (x + t, y + b), (x + t + item.size, y + b + item.after)
        layout.rectangles.append(Rectangle(member.frame, start, stop))
        top = graph.frames[member.frame].head + PAD
        inner = (x + t + PAD, y + b + top)
        _copy(member, inner, graph, layout)
        _cross(member, inner, (start[0], x + end), layout)
    groups = [
        [tuple(edges) for edges in (*wire.edges, wire.leaving)] for wire in room.nets.values()
    ]
    for net, ways, points in laid.pieces:
        edges = groups[net][ways[0]]
        if len(ways) > 1:
            edges = tuple(itertools.chain.from_iterable(map(groups[net].__getitem__, ways)))
        moved = tuple([(x + t, y + b) for t, b in points])
        layout.segments.append(Segment(*keys[net], edges, moved))
    layout.dots += [Dot(*keys[net], (x + t, y + b)) for net, (t, b) in laid.dots]


def _join_ports(room: _Room, at: Point, end: float, layout: Layout) -> None:
    """The wires between a closed gate's ports and what has been opened, and on to the channel."""
    block, keys = room.block, list(room.nets)
    assert block is not None
    for net, leaves, points in block.lines(end - at[0]):
        wire = room.nets[keys[net]]
        groups = (wire.leaving,) if leaves else (*wire.edges, wire.leaving)
        edges = tuple(itertools.chain.from_iterable(groups))
        moved = tuple([(at[0] + t, at[1] + b) for t, b in points])
        layout.segments.append(Segment(*keys[net], edges, moved))


def _cross(room: _Room, inner: Point, ends: tuple[float, float], layout: Layout) -> None:
    """The wires between a box's border and what is laid out in it, and on to the channel."""
    laid = room.laid
    assert laid is not None
    keys = list(room.nets)
    for net, at in laid.entering.items():
        wire = room.nets[keys[net]]
        edges = tuple(edge for group in (*wire.edges, wire.leaving) for edge in group)
        y = inner[1] + at
        layout.segments.append(Segment(*keys[net], edges, ((ends[0], y), (inner[0], y))))
    for net, at in laid.leaving.items():
        y, start = inner[1] + at, inner[0] + laid.length
        edges = tuple(room.nets[keys[net]].leaving)
        layout.segments.append(Segment(*keys[net], edges, ((start, y), (ends[1], y))))
