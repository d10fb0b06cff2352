"""A graph of plain numbers as the page computes it: its nodes, and its gates in JavaScript.

Which functions gates call that JavaScript's Math has not, the table of `autograd.expression` says;
they are in gates.js, and a page holds those that it needs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.extend import UnwritableError, in_javascript
from viz.symbols import is_scalar_constant

from .moments import Story

_HELPERS = Path(__file__).with_name("gates.js")
MOST_GATES = 1_000  # A larger graph is shown as it was stored.


class Gates:
    """The gates that the graphs of one page use; each has a number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[bool, str], int] = {}
        self._helpers: set[str] = set()

    def number_of(self, gate: Any) -> int:
        """A gate's number. Raises UnwritableError where it does not compute with floats."""
        if gate.floats is None:
            raise UnwritableError(gate.name)
        value, *local = map(self.text_of, (gate.floats.value, *gate.floats.local))
        arguments = "a,b"[: 2 * len(local) - 1]
        key = (gate.chooses, f"({arguments},out={value})=>[out,{','.join(local)}]")
        return self._numbers.setdefault(key, len(self._numbers))

    def text_of(self, expression: str) -> str:
        """An expression in JavaScript, whose functions the page will have."""
        text, helpers = in_javascript(expression)
        self._helpers |= helpers
        return text

    @property
    def javascript(self) -> str:
        """The functions that they call; GATES, for each its value, then its local gradients; and
        CHOOSES, whether nothing goes past what it did not choose, be it infinite."""
        table = ",".join(function for _, function in self._numbers)
        chooses = ",".join(str(int(chooses)) for chooses, _ in self._numbers)
        names = f"const GATES=[{table}],CHOOSES=[{chooses}];"
        return "\n".join([*with_their_own(self._helpers), names])


class PageProgram(NamedTuple):
    """A graph for the page. `nodes` holds a leaf's value, or a gate's number and its operands: the
    number of a node, or a constant as ``{"c": 2.0}``; `constant` the leaves, counted among
    themselves, that want no gradient."""

    nodes: list[Any]
    constant: list[int]
    seed: Any

    @property
    def data(self) -> dict[str, Any]:
        return self._asdict()


def program_of(story: Story, gates: Gates) -> PageProgram | None:
    """The program of a graph whose nodes are all plain numbers, of gates that the page knows."""
    if len(story.nodes) > MOST_GATES or story.trace is None or not _is_plain(story):
        return None
    place, nodes = story.place, list[Any]()
    try:
        for node in story.nodes:
            if node.is_leaf:
                nodes.append(as_json(float(node.data)))
            else:
                nodes.append(
                    [gates.number_of(node.gate), *(_reference(o, place) for o in node.inputs)]
                )
    except UnwritableError:
        return None
    leaves = [node for node in story.nodes if node.is_leaf]
    constant = [i for i, leaf in enumerate(leaves) if not leaf.requires_grad]
    seed = story.trace.grad(story.nodes[-1])
    return PageProgram(nodes, constant, as_json(float(seed)))


def as_json(value: Any) -> Any:
    """A number as JSON has it; NaN and infinities by name.

    >>> as_json(0.5), as_json(float("-inf")), as_json(2.0)
    (0.5, '-Infinity', 2)
    """
    value = float(value)
    if value != value:
        return "NaN"
    if value in (np.inf, -np.inf):
        return "Infinity" if value > 0 else "-Infinity"
    is_short = value == int(value) and abs(value) < 1e15 and str(value) != "-0.0"
    return int(value) if is_short else value


def edges_of(story: Story) -> list[list[list[int]]]:
    """Of each link, the operands that it stands for, as (node, which operand)."""
    edges: list[list[list[int]]] = [[] for _ in story.figure.links]
    for gate in story.figure.gates:
        links = story.links_into.get(gate.key, [])
        own = {id(node) for node in gate.nodes}
        by_wire = {story.figure.links[i].source.key: i for i in links}
        waiting = iter(links)
        for node in gate.nodes:
            for slot, operand in enumerate(node.inputs):
                if id(operand) not in story.wires or id(operand) in own:
                    continue
                wire = story.figure.wires[story.wires[id(operand)]]
                link = next(waiting) if gate.count == 1 else by_wire[wire.key]
                edges[link].append([story.place[id(node)], slot])
    return edges


def _is_plain(story: Story) -> bool:
    is_bundled = any(wire.node is None for wire in story.figure.wires)
    return not is_bundled and all(
        np.ndim(node.data) == 0 and (type(node.data) is float or node.data.dtype == np.float64)
        for node in story.nodes
    )


def _reference(operand: Any, place: dict[int, int]) -> Any:
    if isinstance(operand, Tensor):
        return place[id(operand)]
    if not is_scalar_constant(operand):
        raise UnwritableError("a constant array")
    return {"c": as_json(np.ravel(operand)[0])}


# ---- what Math has not


@lru_cache(maxsize=1)
def helper_sources() -> dict[str, str]:
    """The functions of gates.js, by name."""
    source = _HELPERS.read_text("utf-8")
    found = re.split(r"^(?=function )", source, flags=re.MULTILINE)[1:]
    return {re.match(r"function (\w+)", text)[1]: text.strip() for text in found}  # type: ignore[index]


def with_their_own(helpers: set[str]) -> list[str]:
    """The sources of these helpers and of those that they call, in the order of the file."""
    sources, needed, waiting = helper_sources(), set[str](), list(helpers)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [other for other in sources if re.search(rf"\b{other}\(", sources[name])]
    return [text for name, text in sources.items() if name in needed]
