"""A whole picture: each box is laid out once, from the inside out, and equal ones alike.

What was opened is laid out as it stood closed. Then its level is pulled apart at the gate that it
was, across and along, and its inside, laid out alone, is put there (`opening.py`). All else keeps
its order on both axes, and with it a reader's mental map (Misue, Eades, Lai and Sugiyama 1995).
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from .graph import Dot, Graph, Layout, Node, Point, Rectangle, Segment
from .level import BORDER, Borders, Item, Laid, Level, Net, level_of
from .opening import block_of
from .rooms import Room, boxes_around, forward_rooms, rooms_of

PAD = 8.0  # Between a box's border and what is in it.


def lay_out(graph: Graph, *, near: bool = True) -> Layout:
    """Where everything is. `near` puts leaves by their first use, else into the first column.

    A box that wires leave and come back into, such as one of two tasks that take turns, is drawn in
    pieces, one for each turn.

    Raises
    ------
    VizError : nodes read one another in a circle.
    """
    graph, root, of_piece = forward_rooms(graph)
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


def make_alike(graph: Graph, root: Room | None = None) -> None:
    """Give the nodes of boxes with the same content the same room, so that they look alike.

    What has been opened is alike among itself: it changes nothing that stood there before.
    """
    alike: dict[Hashable, list[Room]] = {}
    _likeness(root or rooms_of(graph), graph, alike)
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


def _likeness(room: Room, graph: Graph, alike: dict[Hashable, list[Room]]) -> Hashable:
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
    depth = sum(graph.frames[box].closed is not None for box in boxes_around(graph, room.frame))
    alike.setdefault((tuple(members), nets, depth), []).append(room)
    return len(members), tuple(members), nets


def _lay_out(
    room: Room, graph: Graph, near: bool, kept: dict[Hashable, tuple[Level, Laid]]
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


def _borders(room: Room, graph: Graph) -> Borders | None:
    """The order in which wires come into what was opened and leave it: that of the gate's ports."""
    closed = graph.frames[room.frame].closed if room.frame >= 0 else None
    if closed is None:
        return None
    index = {key: i for i, key in enumerate(room.nets)}
    ins, outs = ([index[key] for key in ports if key in index] for ports in closed[1:])
    return ins, outs


def _as_it_is(room: Room, number: int, item: Item, graph: Graph, *, is_alone: bool) -> Item:
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


def _enters(room: int | Room, graph: Graph) -> Sequence[tuple[int, int]]:
    """The wires that come into a room, from top to bottom."""
    assert isinstance(room, Room) and room.laid is not None
    closed = graph.frames[room.frame].closed
    return closed.ins if closed is not None else _from_top(room, room.laid.entering)


def _exits(room: int | Room, graph: Graph) -> Sequence[tuple[int, int]]:
    """Those that leave it."""
    assert isinstance(room, Room) and room.laid is not None
    closed = graph.frames[room.frame].closed
    return closed.outs if closed is not None else _from_top(room, room.laid.leaving)


def _from_top(room: Room, heights: Mapping[int, float]) -> list[tuple[int, int]]:
    """The keys of nets, by where they are at the room's border."""
    keys = list(room.nets)
    return [keys[i] for i in sorted(heights, key=heights.__getitem__)]


def _box(room: Room, graph: Graph, laid: Laid | None) -> Item:
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


def _copy(room: Room, corner: Point, graph: Graph, layout: Layout) -> None:
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


def _join_ports(room: Room, at: Point, end: float, layout: Layout) -> None:
    """The wires between a closed gate's ports and what has been opened, and on to the channel."""
    block, keys = room.block, list(room.nets)
    assert block is not None
    for net, leaves, points in block.lines(end - at[0]):
        wire = room.nets[keys[net]]
        groups = (wire.leaving,) if leaves else (*wire.edges, wire.leaving)
        edges = tuple(itertools.chain.from_iterable(groups))
        moved = tuple([(at[0] + t, at[1] + b) for t, b in points])
        layout.segments.append(Segment(*keys[net], edges, moved))


def _cross(room: Room, inner: Point, ends: tuple[float, float], layout: Layout) -> None:
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
