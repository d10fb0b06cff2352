"""A graph to be laid out beside the one in which gates of it were closed that are open now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from viz.figure import Before

from .graph import Closed, Frame, Graph, Node
from .nesting import make_alike

Wire = tuple[int, int]


class Drawn(NamedTuple):
    """A figure as a graph: of its nodes the keys, and by key the node and the out of its wires."""

    graph: Graph
    keys: Sequence[str]
    outs: Mapping[str, Wire]


def opened(now: Drawn, then: Drawn, before: Before) -> Graph | None:
    """The graph with a frame for each gate that was opened, or None where it cannot be so."""
    make_alike(then.graph)
    old = {key: number for number, key in enumerate(then.keys)}
    leaves = {before.wires[key]: key for key in then.keys if key in before.wires}
    wires = {then.outs[key]: now.outs[one] for key, one in before.wires.items() if key in then.outs}
    gates = [old[key] for key in then.keys if key in before.opened]
    drawn, frames = len(now.graph.frames), list(now.graph.frames)
    place = {gate: drawn + i for i, gate in enumerate(gates)}  # The frame of an opened gate.
    carried = [i for i, frame in enumerate(then.graph.frames) if frame.closed]
    box = {-1: -1, **{b: a for a, b in before.boxes.items()}}
    box.update({i: drawn + len(gates) + j for j, i in enumerate(carried)})
    ins: dict[int, list[Wire]] = {}
    for edge in sorted(then.graph.edges, key=lambda edge: edge.slot):
        ins.setdefault(edge.target, []).append((edge.source, edge.out))
    outs: dict[int, dict[int, Wire]] = {}
    for node, out in then.outs.values():
        outs.setdefault(node, {})[out] = (node, out)

    def ports(closed: Sequence[Wire]) -> list[Wire]:
        return [wires[wire] for wire in closed]

    for gate in gates:
        node, leaving = then.graph.nodes[gate], outs.get(gate, {})
        closed = Closed(
            node, ports(ins.get(gate, [])), ports([leaving[o] for o in sorted(leaving)])
        )
        frames.append(Frame(box[node.box], closed=closed))
    for i in carried:
        frame = then.graph.frames[i]
        assert frame.closed is not None
        closed = Closed(frame.closed.node, ports(frame.closed.ins), ports(frame.closed.outs))
        frames.append(Frame(box[frame.outer], closed=closed))
    nodes: list[Node] = []
    for key, node in zip(now.keys, now.graph.nodes, strict=True):
        if key in before.hidden:
            nodes.append(replace(node, box=place[old[before.hidden[key]]]))
            continue
        was = old[before.gates.get(key) or leaves[key]]
        stood = then.graph.nodes[was]
        if was not in place:
            nodes.append(replace(node, box=box[stood.box], closed=stood.closed or stood))
            continue
        inner = node.box if node.box >= 0 and node.box not in before.boxes else -1
        nodes.append(node if inner >= 0 else replace(node, box=place[was]))
        while inner >= 0:
            outer = now.graph.frames[inner].outer
            is_last = outer < 0 or outer in before.boxes
            frames[inner] = replace(frames[inner], outer=place[was] if is_last else outer)
            inner = -1 if is_last else outer
    for here, there in before.boxes.items():
        frames[here] = replace(frames[here], outer=box[then.graph.frames[there].outer])
    return Graph(nodes, now.graph.edges, frames)
