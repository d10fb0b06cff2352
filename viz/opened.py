"""Which gates of a figure stood closed in another one of the same graph, before they were opened.

The layout moves only what must for it (`viz.layout.nesting`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autograd import Tensor

from .figure import Before, Box, Figure, Gate, Wire


def before_of(expand: Any, deepest: int) -> Any:
    """What was open before `expand` was asked for: one depth, or the last of several names, less.

    >>> [before_of(expand, 4) for expand in (2, ["a", "b"], "a/b", "a", "all")]
    [1, ['a'], 'a', None, 'all']
    """
    if isinstance(expand, int):
        return max(min(expand, deepest) - 1, 0)
    if expand is None or expand == "all":
        return expand
    if isinstance(expand, str):
        return expand.rpartition("/")[0] or None
    names = list(expand)
    return names[:-1] if len(names) > 1 else before_of(names[0], deepest) if names else None


def opened_from(
    figure: Figure, gates: Sequence[Tensor], closed: Figure, closed_gates: Sequence[Tensor]
) -> Before | None:
    """How the gates and wires of a figure stood in another, or None where it was not made of that
    one by opening boxes. `gates` are the Tensors that each graph's gates made, in their order.
    """
    same = dict(_pairs(gates, closed_gates))
    home = {id(node): gate for gate in closed.gates for node in gate.nodes}
    parts: dict[str, list[Gate]] = {gate.key: [] for gate in closed.gates}
    stood: dict[str, str] = {}
    for gate in figure.gates:
        homes = {id(home[same[id(node)]]) for node in gate.nodes if same.get(id(node)) in home}
        if len(homes) != 1:
            return None
        one = home[same[id(gate.nodes[0])]]
        stood[gate.key] = one.key
        parts[one.key].append(gate)
    opened = {
        gate.key
        for gate in closed.gates
        if [len(part.nodes) for part in parts[gate.key]] != [len(gate.nodes)]
        or parts[gate.key][0].opens != gate.opens
    }
    wires = _wires(figure, closed, same)
    hidden = _hidden(figure, set(wires.values()), stood)
    if not opened or len(wires) < len(closed.wires) or hidden is None:
        return None
    return Before(closed, stood, opened, wires, hidden, dict(_boxes(figure, closed, stood)))


def _pairs(gates: Sequence[Tensor], closed: Sequence[Tensor]) -> Iterator[tuple[int, int]]:
    """Each node, by its id, and the one that it stood in, or was: a composite gate that is open is
    a stretch of gates in a scope of its own.
    """
    at = 0
    for node in closed:
        depth = len(node.scopes)
        if at == len(gates):
            return
        first = gates[at]
        if len(first.scopes) <= depth or first.gate is node.gate:
            yield id(first), id(node)
            at += 1
            continue
        scope = first.scopes[depth]
        while at < len(gates) and scope in gates[at].scopes[depth : depth + 1]:
            yield id(gates[at]), id(node)
            at += 1


def _wires(figure: Figure, closed: Figure, same: dict[int, int]) -> dict[str, str]:
    """The wires that both figures have: by their keys in the closed one."""
    made: dict[int, Wire] = {}
    for wire in figure.wires:
        if wire.node is not None:
            # The last of a stretch is what it makes.
            made[same.get(id(wire.node), id(wire.node))] = wire
    return {
        wire.key: made[id(wire.node)].key
        for wire in closed.wires
        if wire.node is not None and id(wire.node) in made
    }


def _hidden(figure: Figure, known: set[str], stood: dict[str, str]) -> dict[str, str] | None:
    """Leaves that only the open figure has, each with the gate that hid it."""
    users: dict[str, set[str]] = {}
    for link in figure.links:
        users.setdefault(link.source.key, set()).add(stood[link.target.key])
    made = {wire.key for _, wire in figure.feeds}
    hidden = {}
    for wire in figure.wires:
        if wire.key not in known and wire.key not in made:
            if len(users.get(wire.key, ())) != 1:
                return None
            (hidden[wire.key],) = users[wire.key]
    return hidden


def _boxes(figure: Figure, closed: Figure, stood: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The boxes that were open before: their indices now, and then."""
    index = {id(box): i for one in (figure, closed) for i, box in enumerate(one.boxes)}
    of = {gate.key: gate for gate in closed.gates}
    for gate in figure.gates:
        for now, then in zip(around(gate.box), around(of[stood[gate.key]].box), strict=False):
            yield index[id(now)], index[id(then)]


def around(box: Box | None) -> list[Box]:
    """A box and those around it, the outermost first."""
    chain: list[Box] = []
    while box is not None:
        chain.insert(0, box)
        box = box.outer
    return chain
