"""Layouts of graphs at random, with boxes: what is promised of all of them."""

from __future__ import annotations

import sys
from copy import deepcopy
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz.errors import VizError
from viz.layout.channels import Crossing, Pin, routed
from viz.layout.graph import TAIL, Closed, Edge, Frame, Graph, Node
from viz.layout.nesting import PAD, lay_out
from viz.layout.rows import in_rows


@st.composite
def graphs(draw, most=16):
    """Leaves, and gates that read what came before; boxes are stretches of gates, nested."""
    leaves = draw(st.integers(1, 6))
    gates = draw(st.integers(1, most))
    sides = st.sampled_from([6.0, 18.0, 30.25])
    nodes = [Node(draw(sides) * 2, draw(sides), draw(sides), draw(sides)) for _ in range(leaves)]
    edges, frames, inside = [], [], []
    for number in range(leaves, leaves + gates):
        if inside and draw(st.integers(0, 3)) == 0:
            inside.pop()
        if draw(st.integers(0, 4)) == 0 and len(inside) < 3:
            inside.append(len(frames))
            frames.append(Frame(inside[-2] if len(inside) > 1 else -1, 16.0, 60.0))
        count = draw(st.integers(1, 3))
        ins = [16.0 * i - 8.0 * (count - 1) for i in range(count)]
        outs = [-15.0, 15.0] if draw(st.integers(0, 9)) == 0 else [0.0]
        before = max(18.0, draw(sides) + 15.0 * (len(outs) - 1))
        for slot in range(count):
            source = draw(st.integers(max(0, number - 12), number - 1))
            out = draw(st.integers(0, len(nodes[source].outs) - 1))
            edges.append(Edge(source, out, number, slot))
        nodes.append(
            Node(36.0 + draw(sides), before, before, draw(sides) if count > 1 else 0.0,
                 ins, outs, [0.0] * count, inside[-1] if inside else -1)
        )  # fmt: skip
    return Graph(nodes, edges, frames)


def ways(graph, layout):
    """Of each edge the points of its way, from its source's line on; connected and forward."""
    found = {}
    for number, edge in enumerate(graph.edges):
        t, b = layout.ends[edge.source], layout.places[edge.source][1]
        points = [(t, b + graph.nodes[edge.source].outs[edge.out])]
        pieces = [s for s in layout.segments if number in s.edges]
        assert all((s.source, s.out) == (edge.source, edge.out) for s in pieces)
        while pieces:
            following = [s for s in pieces if s.points[0] == points[-1]]
            assert following, (number, points[-1], [s.points for s in pieces])
            pieces.remove(following[0])
            points += following[0].points[1:]
        found[number] = points
    return found


def lines_of(graph, layout):
    """Every stretch of every wire, with its wire."""
    found = []
    for segment in layout.segments:
        found += [((segment.source, segment.out), *ends) for ends in pairwise(segment.points)]
    for number, node in enumerate(graph.nodes):
        t, b = layout.places[number]
        for out, offset in enumerate(node.outs):
            start, end = (t + node.size, b + offset), (layout.ends[number], b + offset)
            found.append(((number, out), start, end))
    return [line for line in found if line[1] != line[2]]


def room(graph, layout, number):
    """The rectangle of a node, a leaf's name with it."""
    node, (t, b) = graph.nodes[number], layout.places[number]
    return (t - (0 if node.ins else node.lead), b - node.before, t + node.size, b + node.after)


def runs_through(start, end, rectangle):
    """Whether a line has a point inside a rectangle."""
    left, top, right, low = rectangle
    first, last = 0.0, 1.0
    for begin, way, least, most in (
        (start[0], end[0] - start[0], left, right),
        (start[1], end[1] - start[1], top, low),
    ):
        if way == 0:
            if not least < begin < most:
                return False
            continue
        bounds = sorted([(least - begin) / way, (most - begin) / way])
        first, last = max(first, bounds[0]), min(last, bounds[1])
    return first < last


def share_a_stroke(one, other):
    """Whether two lines lie on each other for more than a point."""
    (a, b), (c, d) = one, other
    length = ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
    unit = ((b[0] - a[0]) / length, (b[1] - a[1]) / length)

    def seen(point):
        x, y = point[0] - a[0], point[1] - a[1]
        return x * unit[0] + y * unit[1], y * unit[0] - x * unit[1]

    (t1, off1), (t2, off2) = seen(c), seen(d)
    overlap = min(max(t1, t2), length) - max(min(t1, t2), 0.0)
    return abs(off1) < 1 and abs(off2) < 1 and overlap > 1


def around(graph, box):
    """The box and those around it."""
    found = []
    while box >= 0:
        found.append(box)
        box = graph.frames[box].outer
    return found


def check(graph, layout):
    for number, points in ways(graph, layout).items():
        edge = graph.edges[number]
        node, (t, b) = graph.nodes[edge.target], layout.places[edge.target]
        assert points[-1] == (t + node.insets[edge.slot], b + node.ins[edge.slot])
        assert all(a[0] <= b[0] for a, b in pairwise(points)), "a wire runs back"
    check_rooms(graph, layout)


def check_rooms(graph, layout):
    rooms = [room(graph, layout, number) for number in range(len(graph.nodes))]
    for (i, one), (j, other) in combinations(enumerate(rooms), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, f"nodes {i} and {j} overlap"
    lines = lines_of(graph, layout)
    heads = []
    for frame, start, end, opened in layout.rectangles:
        heads.append((start[0], start[1], end[0], start[1] + graph.frames[frame].head))
        for number, node in enumerate(graph.nodes if not any(opened) else ()):
            if frame in around(graph, node.box):
                left, top, right, low = rooms[number]
                assert start[0] <= left and right <= end[0] and start[1] <= top and low <= end[1]
    for (source, _), start, end in lines:
        for number, rectangle in enumerate(rooms):
            if number != source:
                assert not runs_through(start, end, rectangle), f"a wire over node {number}"
        for head in heads:
            assert not runs_through(start, end, head), "a wire over a box's name"
    for (wire, *one), (other_wire, *other) in combinations(lines, 2):
        assert wire == other_wire or not share_a_stroke(one, other), "two wires on one stroke"


@given(graphs())
@settings(max_examples=25, deadline=None)
def test_wires_run_forward_into_their_ports_in_lanes_of_their_own(graph):
    for near in (True, False):
        check(graph, lay_out(graph, near=near))


def check_cut_boxes(graph, layout):
    """Each part of a box holds what is of it in its row, and its border is near to something."""
    nodes = [room(graph, layout, number) for number in range(len(graph.nodes))]
    found = {number: set() for number in range(len(nodes))}
    ends = [y for _, *points in lines_of(graph, layout) for _, y in points]
    ends += [y for node in nodes for y in node[1::2]]
    for frame, (left, top), (right, low), opened in layout.rectangles:
        held = [
            number for number, (start, upper, end, lower) in enumerate(nodes)
            if left <= start and end - TAIL <= right and top <= upper and lower <= low
        ]  # fmt: skip
        for number in held:
            found[number].add(frame)
        if held and any(opened):
            others = [r.end[1] for r in layout.rectangles] + ends
            assert min(low - y for y in others if y < low) <= PAD + 1e-9
    for number, node in enumerate(graph.nodes):
        assert {*around(graph, node.box)} <= found[number]


@given(graphs())
@settings(max_examples=25, deadline=None)
def test_rows_keep_the_promises_and_lose_no_wire(graph):
    whole = lay_out(graph)
    rows = in_rows(whole, graph, 260.0, 20.0)
    check_rooms(graph, rows)
    check_cut_boxes(graph, rows)
    goes = sorted((m.source, m.out) for m in rows.marks if m.goes)
    assert goes == sorted((m.source, m.out) for m in rows.marks if not m.goes)
    assert all(m.at[0] <= 20.0 for m in rows.marks if not m.goes)

    def length(layout):
        lines = [(a, b) for s in layout.segments for a, b in pairwise(s.points)]
        lines += [
            (p, (end, p[1]))
            for p, end, node in zip(layout.places, layout.ends, graph.nodes, strict=True)
            for _ in node.outs
        ]
        return sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in lines)

    assert length(rows) == length(whole)


@pytest.mark.slow
@given(graphs(most=70))
@settings(max_examples=20, deadline=None)
def test_the_same_of_many_larger_ones(graph):
    check(graph, lay_out(graph))


@given(graphs())
@settings(max_examples=10, deadline=None)
def test_the_same_graph_has_the_same_layout(graph):
    assert lay_out(graph) == lay_out(graph)


def watched(graph, stop=0):
    """How many calls and returns a layout is, or Ctrl-C at one of them."""
    count = 0

    def watch(frame, event, argument):
        nonlocal count
        count += 1
        if count == stop:
            raise KeyboardInterrupt

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        lay_out(graph)
    finally:
        sys.setprofile(before)
    return count


@given(graphs(), st.floats(0, 0.9))
@settings(max_examples=15, deadline=None)
def test_an_interrupted_layout_leaves_nothing_broken(graph, share):
    undisturbed = lay_out(deepcopy(graph))
    with pytest.raises(KeyboardInterrupt):
        watched(graph, stop=1 + int(share * watched(deepcopy(graph))))
    assert lay_out(graph) == undisturbed


def closed(graph, box, hides):
    """The graph with one gate instead of a box and all in it, the new numbers of nodes, and the
    graph in which that gate has been opened. A closed box `hides` leaves that it alone reads.
    """
    inside = [n for n, node in enumerate(graph.nodes) if box in around(graph, node.box)]
    users: dict[int, set[int]] = {}
    for edge in graph.edges:
        users.setdefault(edge.source, set()).add(edge.target)
    hidden = [n for n in users if hides and not graph.nodes[n].ins and users[n] <= {*inside}]
    entering: dict[tuple[int, int], int] = {}
    leaving: dict[tuple[int, int], int] = {}
    for edge in graph.edges:
        wire = (edge.source, edge.out)
        if edge.target in inside and edge.source not in {*inside, *hidden}:
            entering.setdefault(wire, len(entering))
        if edge.source in inside and edge.target not in inside:
            leaving.setdefault(wire, len(leaving))
    kept = [f for f in range(len(graph.frames)) if box not in around(graph, f)]
    frame = {-1: -1, **{f: number for number, f in enumerate(kept)}}
    outer = graph.frames[box].outer
    half = 18.0 + 16.0 * max(len(entering), len(leaving))
    ins, outs = [16.0 * p for p in range(len(entering))], [16.0 * p for p in range(len(leaving))]
    gate = Node(60.0, half, half, 0.0, ins, outs or [0.0], [0.0] * len(entering), outer)
    number: dict[int, int] = {}
    nodes: list[Node] = []
    for n, node in enumerate(graph.nodes):
        if n == inside[-1]:
            node = gate
        if n == inside[-1] or n not in {*inside, *hidden}:
            number[n] = len(nodes)
            nodes.append(replace(node, box=frame[node.box]))
    edges: dict[Edge, None] = {}
    for source, out, target, slot in graph.edges:
        if target in inside and (source, out) in entering:
            edges[Edge(number[source], out, number[inside[-1]], entering[source, out])] = None
        elif target not in inside:
            if source in inside:
                source, out = inside[-1], leaving[source, out]
            edges[Edge(number[source], out, number[target], slot)] = None
    frames = [replace(f, outer=frame[f.outer]) for f in (graph.frames[f] for f in kept)]
    place = len(graph.frames)
    opened = deepcopy(graph)
    opened.frames[box].outer = place
    opened.frames.append(Frame(outer, closed=Closed(gate, [*entering], [*leaving])))
    for n in hidden:
        opened.nodes[n].box = place
    return Graph(nodes, list(edges), frames), number, opened


def is_in(point, rectangle):
    return all(a < p < b for a, p, b in zip(rectangle.start, point, rectangle.end, strict=True))


def movement(graph, box, hides):
    """The room of a closed box, and where nodes out of all boxes were, and are."""
    small, number, opened = closed(graph, box, hides)
    before, after = lay_out(small), lay_out(opened)
    check(opened, after)
    gate = max(n for n, node in enumerate(graph.nodes) if box in around(graph, node.box))
    return room(small, before, number[gate]), [
        (before.places[new], after.places[n])
        for n, new in number.items()
        if n != gate and not any(is_in(before.places[new], r) for r in before.rectangles)
    ]


@given(graphs(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_opening_a_box_makes_room_at_one_place_and_moves_nothing_else(graph, hides):
    """A box moves as one, and so does what is in it: here the outermost are opened."""
    for box, frame in enumerate(graph.frames):
        if frame.outer >= 0 or not any(box in around(graph, n.box) for n in graph.nodes):
            continue
        gate, places = movement(graph, box, hides)
        right, below = set(), set()
        for (x, y), (new_x, new_y) in places:
            assert new_x == x if x < gate[2] else new_x >= x
            assert new_y == y if y < gate[3] else new_y >= y
            right |= {new_x - x} if x > gate[2] else set()
            below |= {new_y - y} if y > gate[3] else set()
        assert len(right) <= 1 and len(below) <= 1


def test_wires_that_want_each_others_line_do_not_share_a_stroke():
    wires = [Crossing(0, 0.0, (Pin(100.0, (0,)),)), Crossing(1, 100.0, (Pin(0.0, (1,)),))]
    pieces = routed(wires).pieces
    lines = [(p.wire, a, b) for p in pieces for a, b in pairwise(p.points) if a != b]
    for (wire, *one), (other_wire, *other) in combinations(lines, 2):
        assert wire == other_wire or not share_a_stroke(one, other)


def test_equal_boxes_are_laid_out_equally_and_side_by_side():
    nodes, edges, frames = [Node(40.0, 10.0, 10.0)], [], []
    for step in range(3):
        frames.append(Frame(-1, 16.0, 40.0))
        first = len(nodes)
        nodes += [Node(60.0 + step, 20.0, 20.0, 0.0, (0.0,), (0.0,), (0.0,), step),
                  Node(60.0, 20.0, 20.0, 0.0, (-8.0, 8.0), (0.0,), (0.0, 0.0), step)]  # fmt: skip
        edges += [Edge(first - 1, 0, first, 0), Edge(first - 1, 0, first + 1, 0),
                  Edge(first, 0, first + 1, 1)]  # fmt: skip
    rectangles = lay_out(Graph(nodes, edges, frames)).rectangles
    sizes = {(end[0] - start[0], end[1] - start[1]) for _, start, end, _ in rectangles[:2]}
    assert len(sizes) == 1
    assert len({start[1] for _, start, _, _ in rectangles}) == 1
    assert all(a.end[0] < b.start[0] for a, b in pairwise(rectangles))


def test_boxes_that_take_turns_are_drawn_in_pieces():
    def gate(box):
        return Node(40.0, 18.0, 18.0, 0.0, (0.0,), (0.0,), (0.0,), box)

    nodes = [Node(30.0, 10.0, 10.0), gate(0), gate(1), gate(0), gate(1)]
    edges = [Edge(i, 0, i + 1, 0) for i in range(4)]
    graph = Graph(nodes, edges, [Frame(-1, 16.0, 20.0), Frame(-1, 16.0, 20.0)])
    layout = lay_out(graph)
    assert [r.frame for r in layout.rectangles] == [0, 1, 0, 1]
    assert [place[0] for place in layout.places] == sorted(place[0] for place in layout.places)


def test_nodes_in_a_circle_are_refused():
    nodes = [Node(30.0, 10.0, 10.0, 0.0, (0.0,), (0.0,), (0.0,)) for _ in range(2)]
    with pytest.raises(VizError, match="in a circle"):
        lay_out(Graph(nodes, [Edge(0, 0, 1, 0), Edge(1, 0, 0, 0)]))
