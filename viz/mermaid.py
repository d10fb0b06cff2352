"""A figure as Mermaid, the diagrams that GitHub, GitLab and many editors draw from text."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import shown
from .figure import Box, Figure, Gate, Gradient, Wire
from .labels import chip
from .names import printable, shortened

# Signs that mean something to Mermaid within quotes, as its own entities.
_ENTITIES = {c: f"#{ord(c)};" for c in '"<>&#`\\'}


def mermaid_of(figure: Figure, *, direction: str, digits: int | None, values: bool) -> str:
    """The text of a flowchart: inputs, gates, and at each link the value over the gradient.

    The gradient at a link is its own contribution. "○" is not computed; constants have none.
    """
    writer = _Writer(figure, digits, values)
    lines = [f"flowchart {direction}", *writer.nodes(None), *writer.links()]
    lines += [f"  %% {printable(note)}" for note in figure.notes]
    return "\n".join(lines) + "\n"


def mermaid_text(text: str) -> str:
    """Text for a label in quotes.

    >>> mermaid_text('<b>"x_1"')
    '#60;b#62;#34;x_1#34;'
    """
    return "".join(_ENTITIES.get(letter, letter) for letter in printable(text))


class _Writer:
    def __init__(self, figure: Figure, digits: int | None, values: bool):
        self.figure, self.digits, self.values = figure, digits, values
        self.makers = {wire.key: gate for gate, wire in figure.feeds}
        self.read = {link.source.key for link in figure.links}

    def nodes(self, box: Box | None, indent: str = "  ") -> list[str]:
        """Leaves and gates of a box, then the boxes inside it."""
        lines = []
        if box is None:
            leaves = [wire for wire in self.figure.wires if wire.key not in self.makers]
            lines += [f'{indent}{wire.key}(["{self.name(wire)}"])' for wire in leaves]
        lines += [indent + self.gate(gate) for gate in self.figure.gates if gate.box is box]
        for index, inner in enumerate(self.figure.boxes):
            if inner.outer is box:
                name = mermaid_text(shortened(inner.name)) or " "
                lines.append(f'{indent}subgraph box{index}["{name}"]')
                lines += [*self.nodes(inner, indent + "  "), f"{indent}end"]
        return lines

    def gate(self, gate: Gate) -> str:
        symbol = mermaid_text(shortened(gate.symbol, 24))
        if not gate.opens:
            return f'{gate.key}(("{symbol}"))'
        times = f" ×{gate.times}" if gate.times > 1 else ""
        inside = f"<br/>{gate.inside}" if gate.inside else ""
        return f'{gate.key}("{symbol}{times}{inside}")'

    def links(self) -> list[str]:
        lines = []
        for link in self.figure.links:
            source, label = self.makers.get(link.source.key), self.label(link.source, link.gradient)
            start = source.key if source else link.source.key
            lines.append(f"  {start} -->{label} {link.target.key}")
        for gate, wire in self.figure.feeds:
            if wire.key not in self.read:
                end = f'{wire.key}(["{self.name(wire)}"])'
                lines.append(f"  {gate.key} -->{self.label(wire, wire.gradient)} {end}")
        return lines

    def name(self, wire: Wire) -> str:
        return mermaid_text(shortened(wire.name)) or "#160;"

    def label(self, wire: Wire, gradient: Any) -> str:
        """A link's label: its wire's value, and under it the gradient that comes back."""
        if not self.values:
            text = chip(np.shape(wire.value))
        else:
            text = self.quantity(wire.value)
            if gradient is Gradient.NOT_COMPUTED:
                text += "<br/>○"
            elif not isinstance(gradient, Gradient):
                text += f"<br/>{self.quantity(gradient)}"
        return f'|"{text}"|' if text else ""

    def quantity(self, content: Any) -> str:
        """A number; of an array, its shape."""
        return shown(content, self.digits) if np.ndim(content) == 0 else chip(np.shape(content))
