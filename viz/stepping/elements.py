"""A graph as the page computes it: nodes of plain numbers, of an array one for each element.

An elementwise gate is one node of plain numbers for each element, a reduction one for each result.
What is linear is a weighted sum, whose weights the function itself tells, given one 1 among zeros;
a product that is linear in each of two operands is a sum of products, found likewise. A composite
gate is what it expands to.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import UnwritableError, value_of
from viz.arrays import is_written

from .javascript import Gates, as_json
from .moments import Story

MOST_NODES = 1_000  # A larger graph is shown as it was stored.
MOST_ELEMENTS = 12  # Of an array.
SUM = "(...v)=>[v.reduce((a,b)=>a+b,0),...v.map(()=>1)]"
PRODUCTS = "(...v)=>[v.reduce((a,x,i)=>i%2?a+x*v[i-1]:a,0),...v.map((_,i)=>v[i^1])]"
"""The sum of the operands, and that of the products of each two."""
ENTRYWISE = {
    "where": "(c,a,b)=>[c?a:b,0,c?1:0,c?0:1]",
    "clip": "(x,a,b)=>[x<a?a:x>b?b:x,a<=x&&x<=b?1:0,x<a?1:0,x>b?1:0]",
}
"""What of several operands is no expression of two."""
_EXTREME = (
    "(...v)=>{{let m=Math.{}(...v),n=v.filter(x=>x===m).length;return[m,...v.map(x=>x===m?1/n:0)]}}"
)
_SPREAD = (
    "(...v)=>{{let k=v.length-{ddof},m=v.reduce((a,x)=>a+x)/v.length,"
    "s={root}(v.reduce((a,x)=>a+(x-m)**2,0)/k);return[s,...v.map(x=>{slope})]}}"
)
REDUCTIONS = {
    "max": _EXTREME.format("max"),
    "min": _EXTREME.format("min"),
    "prod": "(...v)=>[v.reduce((a,x)=>a*x),...v.map((_,i)=>v.reduce((a,x,j)=>i===j?a:a*x,1))]",
    "linalg.norm": "(...v)=>{let r=Math.hypot(...v);return[r,...v.map(x=>r?x/r:0)]}",
}
"""Of the elements along some axes; those with `ddof` are written for it."""


class NotInPageError(UnwritableError):
    """The page cannot compute a graph: `kind` of `said.LACKS`, for a gate with its name."""

    def __init__(self, kind: str, name: str = "") -> None:
        super().__init__(kind, name)
        self.kind, self.name = kind, name


class PageProgram(NamedTuple):
    """A graph for the page. `nodes` holds a leaf's value, or a gate's number and its operands: the
    number of a node, or a constant as ``{"c": 2.0}``; `constant` the leaves, counted among
    themselves, that want no gradient; `seed` the gradients of the last nodes. `of` is, where there
    are arrays, the first node of each of the graph's and its shape; `single`, where some are
    float32, a 1 for each node that is and a 0 for each other."""

    nodes: list[Any]
    constant: list[int]
    seed: list[Any]
    of: list[list[int]] | None
    single: str
    uses: dict[tuple[int, int], list[list[list[int]]]]

    @property
    def data(self) -> dict[str, Any]:
        told = {"nodes": self.nodes, "constant": self.constant, "seed": self.seed}
        told |= {} if self.of is None else {"of": self.of}
        return told | ({"single": self.single} if "1" in self.single else {})


def program_of(story: Story, gates: Gates) -> PageProgram:
    """The program of a graph of numbers and small arrays, of gates that the page knows.

    Raises NotInPageError, which says what it does not know.
    """
    is_bundled = any(wire.node is None for _, wire in story.figure.feeds)
    if is_bundled or len(story.nodes) > MOST_NODES:
        raise NotInPageError("graph")
    if not all(node.dtype in (np.float64, np.float32) for node in story.nodes):
        raise NotInPageError("dtype")
    if not all(_is_small(node, story) for node in story.nodes):
        raise NotInPageError("array")
    elements = Elements(gates)
    for node in story.nodes:
        elements.add(node)
        if len(elements.nodes) > MOST_NODES:
            raise NotInPageError("graph")
    leaves = [node for node in story.nodes if node.is_leaf for _ in range(node.size)]
    constant = [i for i, leaf in enumerate(leaves) if not leaf.requires_grad]
    seed = [as_json(value) for value in np.ravel(story.trace.grad(story.nodes[-1]))]
    of = None
    if any(node.ndim for node in story.nodes):
        of = [[int(elements.of[id(node)].flat[0]), *node.shape] for node in story.nodes]
    return PageProgram(elements.nodes, constant, seed, of, elements.single, elements.uses)


def _is_small(node: Tensor, story: Story) -> bool:
    """Whether every number stands in the picture, where the page can change it."""
    if node.ndim == 0:
        return True
    return (
        0 < node.size <= MOST_ELEMENTS and node.ndim <= 2
        and is_written(node.data, story.figure.numbers)
    )  # fmt: skip


def edges_of(story: Story, program: PageProgram) -> list[Any]:
    """Of each link, what it stands for: for each element of its wire where it is read, as (node,
    which operand); of a plain number that of its one element."""
    sources = [link.source.value for link in story.figure.links]
    edges: list[list[list[list[int]]]] = [
        [[] for _ in range(int(np.size(value)))] for value in sources
    ]
    for gate in story.figure.gates:
        links = story.links_into.get(gate.key, [])
        own = {id(node) for node in gate.nodes}
        by_wire = {story.figure.links[i].source.key: i for i in links}
        waiting = iter(links)
        for node in gate.nodes:
            for slot, operand in enumerate(node.inputs):
                if not story.is_drawn(operand) or id(operand) in own:
                    continue
                if gate.count == 1:
                    link = next(waiting)
                elif id(operand) in story.wires:
                    link = by_wire[story.figure.wires[story.wires[id(operand)]].key]
                else:
                    continue
                for element, used in zip(edges[link], program.uses[id(node), slot], strict=True):
                    element += used
    return [each if np.ndim(of) else each[0] for each, of in zip(edges, sources, strict=True)]


# ---- the elements


Tag = tuple[int, int]
"""An operand, and which of its elements."""


class Elements:
    """The nodes of a program, filled in gate by gate.

    Attributes
    ----------
    nodes : a leaf's number, or a gate's number and its operands.
    of : the numbers of the nodes of an array's elements, in its shape, by the array's id.
    single : a letter for each node, 1 where it is of single precision and is rounded to it.
    uses : by a node's id and the place of an operand: for each of its elements, where it is read.
    """

    def __init__(self, gates: Any) -> None:
        self.gates = gates
        self.nodes: list[Any] = []
        self.single = ""
        self.of: dict[int, np.ndarray] = {}
        self.uses: dict[tuple[int, int], list[list[list[int]]]] = {}
        self._kept: list[Any] = []  # So that no other object gets the id of one of them.

    def add(self, node: Tensor) -> None:
        """A node of the graph, after those that it is made of.

        Raises NotInPageError where the page could not compute it.
        """
        if node.is_leaf:
            first = len(self.nodes)
            # The shortest text that is this number in its own precision.
            self.nodes += [as_json(float(str(value))) for value in np.ravel(node.data)]
            self._keep(node, first)
        else:
            self._add_gate(node)
        new = len(self.nodes) - len(self.single)
        self.single += str(int(node.dtype == np.float32)) * new

    def _add_gate(self, node: Tensor) -> None:
        operands = [self._references(operand) for operand in node.inputs]
        gate, floats = node.gate, _floats_of(node)
        if floats is not None:
            self._entrywise(node, operands, self.gates.number_of(gate, floats))
        elif gate.tells_local:
            raise NotInPageError("gate", gate.name)
        elif gate.linear == "jointly":
            self._weighted(node, operands)
        elif gate.linear == "each" and len(operands) == 2:
            self._products(node, operands)
        elif gate.name in ENTRYWISE:
            self._entrywise(node, operands, self.gates.number(ENTRYWISE[gate.name], chooses=True))
        elif function := _reduction(node):
            self._reduced(node, operands, self.gates.number(function, gate.chooses))
        elif gate.expansion is not None and gate.local is None:
            self._expanded(node, operands)
        else:
            raise NotInPageError("gate", gate.name)

    def _keep(self, node: Tensor, first: int) -> None:
        self.of[id(node)] = np.arange(first, first + node.size).reshape(node.shape)

    def _references(self, operand: Any) -> np.ndarray:
        """An operand's elements: numbers of nodes, or constants as ``{"c": 2.0}``."""
        if isinstance(operand, Tensor):
            return self.of[id(operand)].astype(object)
        values = np.asarray(operand)
        if values.dtype.kind not in "fiub" or values.size > MOST_ELEMENTS:
            raise NotInPageError("array")
        found = np.empty(values.shape, object)
        for place in np.ndindex(values.shape):
            found[place] = {"c": as_json(values[place])}
        return found

    def _entrywise(self, node: Tensor, operands: list[np.ndarray], number: int) -> None:
        places = [
            np.broadcast_to(np.arange(o.size).reshape(o.shape), node.shape).ravel()
            for o in operands
        ]
        self._put(
            node, operands, [(number, list(enumerate(row))) for row in zip(*places, strict=True)]
        )

    def _weighted(self, node: Tensor, operands: list[np.ndarray]) -> None:
        """What is linear in all operands together: its weights, column by column."""
        zeros = [np.zeros(operand.shape) for operand in operands]
        columns: list[tuple[Tag, np.ndarray]] = []
        for k, operand in enumerate(operands):
            for e, one in enumerate(_ones(operand.shape)):
                given = [*zeros[:k], one, *zeros[k + 1 :]]
                columns.append(((k, e), _computed(node, given)))
        rows: list[tuple[int, list[Any]]] = []
        for i in range(node.size):
            terms = [(tag, float(column[i])) for tag, column in columns if column[i] != 0]
            if all(weight == 1 for _, weight in terms):
                rows.append((self.gates.number(SUM), [tag for tag, _ in terms]))
            else:
                pairs = [part for tag, weight in terms for part in (tag, {"c": as_json(weight)})]
                rows.append((self.gates.number(PRODUCTS), pairs))
        self._put(node, operands, rows)

    def _products(self, node: Tensor, operands: list[np.ndarray]) -> None:
        """What is linear in each of two operands: which products it adds up."""
        first, second = (list(enumerate(_ones(operand.shape))) for operand in operands)
        found = {(j, k): _computed(node, [a, b]) for j, a in first for k, b in second}
        if not all(np.isin(each, (0.0, 1.0)).all() for each in found.values()):
            raise NotInPageError("gate", node.gate.name)
        number = self.gates.number(PRODUCTS)
        self._put(
            node, operands,
            [
                (number, [tag for (j, k), each in found.items() if each[i]
                          for tag in ((0, j), (1, k))])
                for i in range(node.size)
            ],
        )  # fmt: skip

    def _reduced(self, node: Tensor, operands: list[np.ndarray], number: int) -> None:
        """What is made of the elements along some axes, for each place along the others."""
        places, axis = np.arange(operands[0].size).reshape(operands[0].shape), node.settings["axis"]
        along = range(places.ndim) if axis is None else np.ravel(axis)
        last = np.moveaxis(places, list(along), range(-len(along), 0))
        groups = last.reshape(node.size, -1).tolist()
        self._put(node, operands, [(number, [(0, e) for e in group]) for group in groups])

    def _expanded(self, node: Tensor, operands: list[np.ndarray]) -> None:
        """A composite gate by the nodes of its expansion."""
        expansion: Any = node.gate.expansion
        given = [Tensor(o.data) if isinstance(o, Tensor) else o for o in node.inputs]
        with np.errstate(all="ignore"):
            opened = expansion(*given, **node.settings)
        if not np.allclose(opened.data, node.data, rtol=_precision(node)):
            raise NotInPageError("gate", node.gate.name)  # Where the expansion overflows.
        first, inner = len(self.nodes), list(ag.Graph(opened).nodes)
        leaves = {id(leaf): operand for leaf, operand in zip(given, operands, strict=True)}
        self.of |= leaves
        for each in inner:
            if id(each) not in leaves:
                self.add(each)
        self._keep(node, int(self.of[id(opened)].ravel()[0]))
        where: dict[int, list[list[int]]] = {}
        for k, operand in enumerate(operands):
            self.uses[id(node), k] = [[] for _ in range(operand.size)]
            for ref, uses in zip(operand.ravel(), self.uses[id(node), k], strict=True):
                if type(ref) is int and where.setdefault(ref, uses) is not uses:
                    raise NotInPageError("gate", node.gate.name)  # The same node twice.
        for n in range(first, len(self.nodes)):
            for slot, ref in enumerate(self.nodes[n][1:]):
                if type(ref) is int and ref in where:
                    where[ref].append([n, slot])
        self._kept += [inner, given]

    def _put(
        self, node: Tensor, operands: list[np.ndarray], rows: list[tuple[int, list[Any]]]
    ) -> None:
        """A node for each element, of a gate's number and operands: tags, or constants."""
        first, flat = len(self.nodes), [list(operand.ravel()) for operand in operands]
        for k, elements in enumerate(flat):
            self.uses[id(node), k] = [[] for _ in elements]
        for number, parts in rows:
            made: list[Any] = [number]
            for slot, part in enumerate(parts):
                if isinstance(part, tuple):
                    k, e = part
                    self.uses[id(node), k][e].append([len(self.nodes), slot])
                    part = flat[k][e]
                made.append(part)
            self.nodes.append(made)
        self._keep(node, first)


def _ones(shape: tuple[int, ...]) -> list[np.ndarray]:
    """For each element of a shape, zeros with a 1 there."""
    return [one.reshape(shape) for one in np.eye(int(np.prod(shape)))]


def _reduction(node: Tensor) -> str:
    """A reduction as a function of its elements, in JavaScript; "" where it is none of those."""
    gate, settings = node.gate, dict(node.settings)
    ddof, order = settings.pop("ddof", 0), settings.pop("ord", None)
    if set(settings) != {"axis", "keepdims"} or order is not None:
        return ""
    if gate.name in ("var", "std"):
        root, slope = ("Math.sqrt", "s?(x-m)/k/s:0") if gate.name == "std" else ("", "2*(x-m)/k")
        return _SPREAD.format(ddof=as_json(ddof), root=root, slope=slope)
    return REDUCTIONS.get(gate.name, "")


def _precision(node: Tensor) -> float:
    return 1e-9 if node.dtype == np.float64 else 1e-5


def _floats_of(node: Tensor) -> Any:
    """How a gate computes with plain numbers; None where that is not known.

    Of one that does not say, such as one of somebody's own, its function and its rules are run on
    symbols, with which they may do anything: what is found must give the values and the local
    gradients that there are.
    """
    gate: Any = node.gate
    if gate.floats is not None:
        return gate.floats
    values = [value_of(operand) for operand in node.inputs]
    is_scalar = all(np.ndim(value) == 0 for value in values)
    floats = None if node.settings else gate.tried(is_scalar)
    if floats is None or len(values) != len(floats.local):
        return None
    wanted = [isinstance(o, Tensor) and o.requires_grad for o in node.inputs]
    with np.errstate(all="ignore"):
        try:
            found = np.vectorize(floats.evaluate)(*values)
        except UnwritableError:  # An overflow, say.
            return None
        rules = gate.vjps_of(np.ones_like(node.data), wanted, node.data, values, None)
    told = zip(found, [node.data, *rules], strict=True)
    alike = (
        np.allclose(a, b, rtol=_precision(node), equal_nan=True) for a, b in told if b is not None
    )
    return floats if all(alike) else None


def _computed(node: Tensor, given: list[np.ndarray]) -> np.ndarray:
    """What a gate makes of other operands."""
    return np.asarray(node.gate.forward(*given, **node.settings)).astype(float).ravel()
