"""The recorded graph, for looking at: its nodes in order, its edges, composite gates opened."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from autograd import modes
from autograd.data import no_tensor
from autograd.eager import apply
from autograd.origins import Origin, Scope
from autograd.tensor import HOLLOW, Tensor, describe
from autograd.traversal import check_versions, stand_ins

__all__ = ["Edge", "Graph"]


class Edge:
    """One operand of one gate: a wire from a node to the gate that reads it.

    Attributes
    ----------
    source : the node that is read.
    target : the node of the gate that reads it; `target.inputs[slot] is source`.
    slot : which operand it is; ``x*x`` has two edges, of slots 0 and 1.
    value : the forward value on the wire.
    grad : in a trace, what came back through this edge alone, in the source's shape; None where
        the source wants no gradient, and outside a trace.
    """

    __slots__ = ("grad", "slot", "source", "target", "value")

    def __init__(
        self, source: Tensor, target: Tensor, slot: int, value: Any = None, grad: Any = None
    ) -> None:
        self.source = source
        self.target = target
        self.slot = slot
        self.value = source.data if value is None else value
        self.grad = grad

    def __repr__(self) -> str:
        return f"Edge({describe(self.source)} → {describe(self.target)}, slot {self.slot})"


class Graph:
    """What `output` was computed from; no backward pass is needed.

    Attributes: `output`; `nodes`, the Tensors in topological order, operands before the gates that
    read them and older before newer; `edges`, one for each Tensor operand of each gate.

    >>> import autograd as ag
    >>> x = ag.Tensor(3.0, name="x")
    >>> graph = ag.Graph(x * x + 1.0)
    >>> [node.gate.name if node.gate else node.name for node in graph.nodes]
    ['x', 'multiply', 'add']
    >>> [(edge.source.name, edge.slot) for edge in graph.edges]
    [('x', 0), ('x', 1), (None, 0)]

    Raises `DataError` (a TypeError) for anything but a Tensor.
    """

    __slots__ = ("nodes", "output")

    def __init__(self, output: Tensor) -> None:
        if type(output) is not Tensor:
            raise no_tensor("Graph()", output)
        self.output = output
        self.nodes = _below(output)

    @property
    def edges(self) -> list[Edge]:
        """In the order of the gates that read, and of their operands."""
        return [
            Edge(source, target, slot)
            for target in self.nodes
            for slot, source in enumerate(target.inputs)
            if type(source) is Tensor
        ]

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        gates = sum(node.gate is not None for node in self.nodes)
        return f"<Graph of {describe(self.output)}: {gates} gates, {len(self) - gates} leaves>"

    def opened(self, names: Collection[str] | str) -> Tensor:
        """The output of the same graph with composite gates replaced by the gates they are made of.

        `names` are the names of the gates to open, or ``"all"``. Leaves are the same objects; each
        opened gate's own gates stand in a scope that bears its name.

        >>> import autograd as ag
        >>> s = ag.Tensor(1.0, name="x").sigmoid()
        >>> [node.gate.symbol for node in ag.Graph(ag.Graph(s).opened("all")).nodes[1:]]
        ['×(−1)', 'exp', '+', '1/x']
        """
        gates = [node for node in self.nodes if node.gate is not None]
        if not gates:
            return self.output
        check_versions(gates)
        copies: dict[Tensor, Tensor] = {}
        for node in self.nodes:
            gate = node.gate
            if gate is None:
                copies[node] = node
                continue
            operands = tuple(copies.get(o, o) if type(o) is Tensor else o for o in node.inputs)
            expand = gate.expansion if names == "all" or gate.name in names else None
            origin = node._origin
            if expand:
                entry = Scope(gate.name, origin.scope if origin else None)
                origin = Origin(entry, origin.source if origin else None)
            with modes.at_origin(origin):
                settings = node.settings
                copy = expand(*operands, **settings) if expand else apply(gate, operands, settings)
            copy.name = node.name
            copies[node] = copy
        return copies[self.output]

    def snapshot(self) -> Graph:
        """The same graph in memory of its own: what is assigned to a leaf later, it does not see.

        Its nodes are copies of these, in the same order, with the same values, names, scopes and
        lines of source; gradients are not copied.

        >>> import autograd as ag
        >>> x = ag.Tensor(3.0, name="x")
        >>> kept = ag.Graph(x * x).snapshot()
        >>> x.data = 5.0
        >>> kept.nodes[0].data, ag.trace(kept.output).grad(kept.nodes[0])
        (3.0, 6.0)
        """
        return snapshot_of(self, {})


def snapshot_of(graph: Graph, known: dict[Tensor, Any]) -> Graph:
    """A snapshot in which leaves have the values that are `known`, as a trace keeps them."""
    copies = stand_ins([graph.output], ())
    constants: dict[int, Any] = {}
    for node, copy in copies.items():
        copy._grad, copy._origin = None, node._origin
        value = copy._value
        if node in known:
            copy._value, copy._version = known[node], 0
        elif type(value) is np.ndarray and (node.gate is None or is_borrowed(node)):
            copy._value = value.copy()
            if known and node.gate is not None:  # What it looks into may have changed since.
                copy._second = HOLLOW
        if type(copy._first) is tuple:
            copy._first = tuple(
                constants.setdefault(id(o), o.copy()) if type(o) is np.ndarray else o
                for o in copy._first
            )
    return Graph(copies[graph.output])


def is_borrowed(node: Tensor) -> bool:
    """Whether a gate's value is a view, perhaps of a leaf's memory."""
    value = node._value
    return type(value) is np.ndarray and value.base is not None and node._second is not HOLLOW


def _below(output: Tensor) -> list[Tensor]:
    """`output` and all that it was computed from, by creation."""
    seen = {output}
    waiting = [output]
    while waiting:
        for operand in waiting.pop().inputs:
            if type(operand) is Tensor and operand not in seen:
                seen.add(operand)
                waiting.append(operand)
    return sorted(seen, key=lambda node: node._stamp)
