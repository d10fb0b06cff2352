"""A Figure as a DOT description, from which Graphviz makes every format.

A wire is a node without outline whose label is a small table, a gate is a circle. A fork's links
pass through short wires of their own that bear their contributions.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from viz.figure import Box, Figure, Gate, Link, Wire
from viz.labels import CIRCLE, SMALL, symbol_size
from viz.names import label_text, shortened
from viz.themes import Theme, mix

from .tables import FAMILY, caption, font, marked_up
from .wires import WireLabels

MOST_BRANCHES = 6  # A fork of more writes its sum alone; hovers tell the contributions.
MANY = 150  # Gates; above, the layout takes short cuts:
# of 1,000 gates, a quarter of the time at one crossing in a hundred more. (Below 0.3 there are
# two and a half times as many.)
SHORT_CUTS = "nslimit=0.1 nslimit1=0.1 mclimit=0.3"


def dot_of(
    figure: Figure,
    theme: Theme,
    *,
    direction: str = "LR",
    digits: int | None = None,
    values: bool = True,
) -> str:
    """The DOT text of a figure."""
    return _Writer(figure, theme, direction, digits, values).text()


class _Writer:
    def __init__(
        self, figure: Figure, theme: Theme, direction: str, digits: int | None, values: bool
    ):
        self.figure, self.theme, self.direction = figure, theme, direction
        self.digits, self.values = digits, values
        self.across = direction == "LR"
        self.out, self.into = ("e", "w") if self.across else ("s", "n")
        self.labels = WireLabels(figure, theme, across=self.across, digits=digits, values=values)
        self.box_of = {wire.key: gate.box for gate, wire in figure.feeds}
        self.order = Order()
        self.operands: dict[str, list[str]] = {}
        for index, link in self.links_in_order():
            source = f"b{index}" if self.branches(link.source) else link.source.key
            self.operands.setdefault(link.target.key, []).append(source)

    def text(self) -> str:
        lines = [*self.head(), *self.inputs(), *self.nodes(), *self.edges()]
        return "digraph {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"

    def head(self) -> list[str]:
        theme, many = self.theme, len(self.figure.gates) > MANY
        return [
            f'graph [rankdir={self.direction} bgcolor="{theme.ground}" pad=0.15 nodesep=0.16 '
            f"ranksep=0.28 splines=polyline outputorder=edgesfirst"
            + (f" {SHORT_CUTS}" if many else "")
            + caption(self.figure.title, self.figure.notes, theme)
            + "]",
            f'node [shape=plain fontname="{FAMILY}" fontsize=13 fontcolor="{theme.ink}" '
            f'color="{theme.line}"]',
            f'edge [arrowhead=none color="{theme.line}" penwidth=1]',
        ]

    def inputs(self) -> list[str]:
        """The leaves; where they are few, in one column, in creation order."""
        nodes = [self.wire(wire) for wire in self.figure.wires if wire.is_leaf]
        if self.labels.column is None or len(nodes) < 2:
            return nodes
        self.order.admits(self.labels.column.keys)
        chain = " -> ".join(self.labels.column.keys)
        return ["{", "  rank=min", *(f"  {n}" for n in nodes), f"  {chain} [style=invis]", "}"]

    def nodes(self) -> list[str]:
        """Gates and the wires that leave them, inside their open boxes."""
        made_by = {wire.key: gate for gate, wire in self.figure.feeds}
        content: dict[Box | None, list[str]] = {None: []}
        for box in self.figure.boxes:
            content[box] = []
        for wire in self.figure.wires:
            if not wire.is_leaf and wire.key not in made_by:
                content[None].append(self.wire(wire))
        leaving: dict[str, list[Wire]] = {}
        for gate, wire in self.figure.feeds:
            leaving.setdefault(gate.key, []).append(wire)
        for gate in self.figure.gates:
            content[gate.box].append(self.gate(gate))
            wires = leaving.get(gate.key, [])
            content[gate.box] += map(self.wire, wires)
            # Within a box, laid out from left to right, Graphviz stacks from the bottom.
            stack = [wire.key for wire in wires][:: -1 if self.across and gate.box else 1]
            if len(stack) > 1 and self.order.admits(stack):
                chain = " -> ".join(stack)
                content[gate.box].append(f"{{ rank=same {chain} [style=invis] }}")
        for index, link in enumerate(self.figure.links):
            if self.branches(link.source):
                label = self.labels.branch(link)
                branch = f"b{index} [label=<{label}>]"
                content[self.home(link)].append(branch)
        return self.boxed(None, content)

    def wire(self, wire: Wire) -> str:
        return f"{wire.key} [label=<{self.labels.label(wire)}>]"

    def boxed(self, outer: Box | None, content: dict[Box | None, list[str]]) -> list[str]:
        lines = list(content[outer])
        for index, box in enumerate(self.figure.boxes):
            if box.outer is not outer:
                continue
            colour = getattr(self.theme, box.role) if box.role else self.theme.quiet
            edge = mix(self.theme.ground, colour, 0.5) if box.role else self.theme.box_line
            name = font(marked_up(shortened(box.name)), color=colour, size=11)
            lines += [
                f"subgraph cluster_{index} {{",
                f'  graph [style="rounded,filled" fillcolor="{self.theme.box}" '
                f'color="{edge}" margin=8 labeljust=l labelloc=t '
                f'fontname="{FAMILY}" label=<{name}>]',
                *(f"  {line}" for line in self.boxed(box, content)),
                "}",
            ]
        return lines

    def branches(self, wire: Wire) -> bool:
        """Whether a fork's links run through short wires that bear their contributions."""
        few = len(wire.parts) <= MOST_BRANCHES and len(self.figure.links) <= MANY
        return self.values and wire.is_fork and wire.has_gradient and few

    # ---- gates and edges

    def gate(self, gate: Gate) -> str:
        theme = self.theme
        lit = " penwidth=2.2" if gate.is_lit else ""
        symbol = label_text(shortened(gate.symbol, 24))
        if gate.opens:
            text = f"{symbol} ×{gate.times}" if gate.times > 1 else symbol
            if gate.inside:
                text += "<BR/>" + font(gate.inside, color=theme.quiet, size=SMALL)
            return (
                f'{gate.key} [shape=box style="rounded,filled"{lit} '
                f'fillcolor="{theme.lit if gate.is_lit else theme.composite}" '
                f'color="{theme.line}" margin="0.1,0.06" width=0.5 height=0.45'
                f"{self.ordering(gate)} label=<{text}>]"
            )
        size = symbol_size(gate.symbol)
        if size is None:
            shape = 'shape=ellipse margin="0.02,0.02" height=0.46 fontsize=11'
        else:
            shape = f"shape=circle fixedsize=true width={CIRCLE / 72:g} margin=0 fontsize={size}"
        return (
            f"{gate.key} [{shape} style=filled{lit} "
            f'fillcolor="{theme.lit if gate.is_lit else theme.gate}"'
            f"{self.ordering(gate)} label=<{symbol}>]"
        )

    def ordering(self, gate: Gate) -> str:
        """Operands are asked to stand in order, unless that contradicts what others asked."""
        return " ordering=in" if self.order.admits(self.operands.get(gate.key, [])) else ""

    def edges(self) -> list[str]:
        lines = [
            f"{gate.key} -> {wire.key}:{self.into} "
            f"[id=f{wire.key} weight=12{self.dashed(wire.is_dead)}]"
            for gate, wire in self.figure.feeds
        ]
        for index, link in self.links_in_order():
            source, target = link.source, link.target
            looks = f" id=l{index}{self.dashed(link.is_dead)}"
            # An input's wire runs straight on to its gate, past what lies between.
            weight = f"weight={5 if source.is_leaf else 4}"
            if self.branches(source):
                lines.append(f"{source.key}:{self.out} -> b{index}:{self.into} [{looks}]")
                lines.append(f"b{index}:{self.out} -> {target.key} [weight=3{looks}]")
            else:
                lines.append(f"{source.key}:{self.out} -> {target.key} [{weight}{looks}]")
        return [line.replace("[ ", "[").replace(" []", "") for line in lines]

    def links_in_order(self) -> list[tuple[int, Link]]:
        """A gate's links from its first operand to its last, as `ordering=in` has them.

        Within a box, laid out from left to right, Graphviz stacks from the bottom.
        """
        outer: list[tuple[int, Link]] = []
        inner: list[tuple[int, Link]] = []
        for index, link in enumerate(self.figure.links):
            stacked = self.across and self.home(link) is not None
            (inner if stacked else outer).append((index, link))
        return outer + inner[::-1]

    def home(self, link: Link) -> Box | None:
        """The innermost box that holds both ends of a link."""
        around = []
        box = self.box_of.get(link.source.key)
        while box is not None:
            around.append(box)
            box = box.outer
        box = link.target.box
        while box is not None and box not in around:
            box = box.outer
        return box

    def dashed(self, dead: bool) -> str:
        return f' style=dashed color="{self.theme.quiet}"' if self.values and dead else ""


# ---- what may be asked of Graphviz in an order of nodes


class Order:
    """Who stands above whom, as far as it was promised, without contradiction.

    Graphviz breaks down over gates that want the same wires in opposite orders (x − y and y − x),
    so the later one goes without.

    >>> order = Order()
    >>> order.admits(["x", "y"]), order.admits(["y", "z"]), order.admits(["z", "x"])
    (True, True, False)
    """

    def __init__(self) -> None:
        self._below: dict[str, set[str]] = {}

    def admits(self, stack: Iterable[str]) -> bool:
        """Promise that `stack` stands from top to bottom; False if that contradicts."""
        pairs = list(pairwise(stack))
        if any(upper == lower or self._reaches(lower, upper) for upper, lower in pairs):
            return False
        for upper, lower in pairs:
            self._below.setdefault(upper, set()).add(lower)
        return True

    def _reaches(self, start: str, goal: str) -> bool:
        seen, waiting = {start}, [start]
        while waiting:
            for lower in self._below.get(waiting.pop(), ()):
                if lower == goal:
                    return True
                if lower not in seen:
                    seen.add(lower)
                    waiting.append(lower)
        return False
