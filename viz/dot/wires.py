"""How one wire looks: its name, the value over its line, the gradient under it.

A wire is a small table whose upper cell holds the value, its lower border drawn as the wire, and
whose lower cell holds the gradient; both are equally high, so that links leave from the line's
end. From top to bottom, the cells stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from autograd.extend import added
from viz.arrays import shown
from viz.figure import Figure, Gradient, Link, Shown, Wire
from viz.labels import SMALL, chip, width
from viz.lines import fork
from viz.names import label_text
from viz.themes import Theme

from .tables import (
    LINE,
    Quantity,
    cell,
    font,
    html_table,
    name_label,
    name_width,
    row,
    side_by_side,
)

LEFT_COLUMN = 24  # With more inputs than this, each stands by its gate, not in one column.
CHIP = 20  # Height of a shape's chip, in points.
TALL_LINE = 22  # Height of a line of Korean, say, in points.
_LINE_PADDING = 2


@dataclass
class Column:
    """The inputs that stand in one column, and the widths they share."""

    keys: list[str]
    name: float
    wire: float


class WireLabels:
    """The labels of a figure's wires, in one theme and direction."""

    def __init__(
        self, figure: Figure, theme: Theme, *, across: bool, digits: int | None, values: bool
    ):
        self.figure, self.theme, self.across = figure, theme, across
        self.digits, self.values = digits, values
        self.column = self.input_column()

    def input_column(self) -> Column | None:
        """The leaves' common measures where they are few enough to stand in one column."""
        leaves = [wire for wire in self.figure.wires if wire.is_leaf]
        if not 0 < len(leaves) <= LEFT_COLUMN or not self.figure.gates:
            return None
        return Column(
            keys=[wire.key for wire in leaves],
            name=max((name_width(wire.name) for wire in leaves), default=0),
            wire=max((self.natural_width(wire) for wire in leaves), default=0),
        )

    def quantity(self, content: Any, color: str) -> Quantity:
        return Quantity(content, color, self.theme, self.digits, self.figure.numbers)

    def natural_width(self, wire: Wire) -> float:
        """How wide a wire's numbers are."""
        if not self.values:
            return 0
        above = self.quantity(wire.value, self.theme.value)
        return max(above.width + self.chip_width(wire), self.below(wire).width)

    def label(self, wire: Wire) -> str:
        """The label of a wire."""
        name = name_label(wire.name) if wire.name else ""
        if not self.values:
            return self.bare(wire, name)
        above = self.quantity(wire.value, self.theme.value)
        below = self.below(wire)
        above.hold_back(wire.value_shown)
        if wire.has_gradient:
            below.hold_back(wire.gradient_shown)
        return self.lay_out(wire, name, above, below)

    def border(self, dead: bool = False) -> dict[str, str | int]:
        """The line itself, dashed where nothing flows back."""
        if dead:
            return {"BORDER": 1, "COLOR": self.theme.quiet, "STYLE": "dashed"}
        return {"BORDER": 1, "COLOR": self.theme.line}

    def below(self, wire: Wire) -> Quantity:
        color = self.theme.quiet if wire.is_dead else self.theme.gradient
        quantity = self.quantity(wire.gradient, color)
        if wire.is_fork and wire.has_gradient and np.ndim(wire.gradient) == 0:
            sum_text = self.sum_written_out(wire)
            quantity.extra = font(sum_text, color=color, size=SMALL)
            quantity.width = max(quantity.width, width(sum_text, SMALL))
        return quantity

    def sum_written_out(self, wire: Wire) -> str:
        sign = fork(wire.terms, wire.gradient, self.digits).sign
        return f"{sign} {added(wire.terms, self.digits)}"

    def lay_out(self, wire: Wire, name: str, above: Quantity, below: Quantity) -> str:
        border = self.border(wire.is_dead)
        room = max(above.width + self.chip_width(wire), below.width)
        if self.across:
            room = max(room, self.column_room(wire))
        blocks = [(above.label, above.width)]
        if np.ndim(wire.value):
            blocks.append((self.shape_chip(wire, above.height), self.chip_width(wire)))
        upper = above.label
        if len(blocks) > 1:
            upper = side_by_side(*blocks, room=room, right=not self.across)
        lower = (
            side_by_side((below.label, below.width), room=room) if below.is_block else below.label
        )
        below_height = below.height
        if below.extra:
            lower = html_table(
                row(cell(lower, ALIGN="LEFT")) + row(cell(below.extra, ALIGN="LEFT"))
            )
            below_height += 12
        if self.across:
            # Equal heights, the border counted in, or links would miss the end of the wire.
            chip_height = CHIP if np.ndim(wire.value) else 0
            high = max(above.height, chip_height, below_height, self.name_height(wire))
            wide = max(44, even(room + 2 * _LINE_PADDING + 5))
            return self.line(wire, name, upper, lower, ceil(high) + 2 * _LINE_PADDING + 2, wide)
        wide = max(room, 20) + 8
        size = {"WIDTH": round(wide), "HEIGHT": 22, "CELLPADDING": 3}
        label = row(cell(name, COLSPAN=2, CELLPADDING=1)) if name else ""
        value = {"ALIGN": "RIGHT", "SIDES": "R", **border, **size}
        gradient = {"ALIGN": "LEFT", **size}
        return html_table(label + row(cell(upper, **value), cell(lower, **gradient)))

    def line(self, wire: Wire, name: str, upper: str, lower: str, height: int, wide: float) -> str:
        """A wire from left to right: what stands over its line, and what under it.

        An input's name stands before the line, any other name on it, before the value.
        """
        border = self.border(wire.is_dead)
        over = {"VALIGN": "BOTTOM", "ALIGN": "LEFT", "HEIGHT": height, "CELLPADDING": _LINE_PADDING,
                "SIDES": "B", **border}  # fmt: skip
        under = {"VALIGN": "TOP", "ALIGN": "LEFT", "HEIGHT": height, "CELLPADDING": _LINE_PADDING}
        value = cell(upper, WIDTH=wide, **over)
        gradient = cell(lower, WIDTH=wide, **under)
        if name and not wire.is_leaf:
            room = even(name_width(wire.name) + 2 * _LINE_PADDING + 4)
            named = cell(name, WIDTH=room, **over)
            return html_table(row(named, value) + row(cell("", WIDTH=room, **under), gradient))
        return html_table(row(*self.name_cell(wire, name), value) + row(gradient))

    def name_height(self, wire: Wire) -> float:
        """The height of a name on its line; letters of other scripts are taller than ours."""
        if wire.is_leaf or not wire.name:
            return 0
        return LINE if all(letter < "\u0400" for letter in wire.name) else TALL_LINE

    def name_cell(self, wire: Wire, name: str) -> list[str]:
        """The name at the left of an input's wire; in one column, names end in one line."""
        if self.column is not None and wire.key in self.column.keys and self.column.name:
            wide = self.column.name
        elif name:
            wide = name_width(wire.name)
        else:
            return []
        size = {"ROWSPAN": 2, "CELLPADDING": 4, "WIDTH": even(wide + 9), "ALIGN": "RIGHT"}
        return [cell(name, **size)]

    def column_room(self, wire: Wire) -> float:
        """What the widest of the inputs that stand in one column needs."""
        return self.column.wire if self.column and wire.key in self.column.keys else 0

    def bare(self, wire: Wire, name: str) -> str:
        """A wire without numbers: its shape over the line, its note under it."""
        shape = self.shape_chip(wire)
        note = font(label_text(wire.note), color=self.theme.quiet, size=SMALL) if wire.note else ""
        border = self.border()
        if self.across:
            room = ceil(max(self.name_height(wire), CHIP if shape else 0, 13 if note else 0))
            wide = max(30, even(max(self.chip_width(wire), width(wire.note, SMALL)) + 6))
            if shape:
                shape = side_by_side((shape, self.chip_width(wire)), room=wide - 4)
            return self.line(wire, name, shape, note, max(room + 2 * _LINE_PADDING + 2, 18), wide)
        label = row(cell(name, COLSPAN=2, CELLPADDING=1)) if name else ""
        size = {"WIDTH": 26 if shape else 8, "HEIGHT": 18}
        return html_table(label + row(cell(shape, SIDES="R", **border, **size), cell(note, **size)))

    def chip_width(self, wire: Wire) -> float:
        return width(chip(np.shape(wire.value)), 9) + 10 if np.ndim(wire.value) else 0

    def shape_chip(self, wire: Wire, height: float = 0) -> str:
        if np.ndim(wire.value) == 0:
            return ""
        text = font(chip(np.shape(wire.value)), color=self.theme.quiet, size=9)
        filler = row(cell("", HEIGHT=max(round(height) - CHIP, 0)))
        return html_table(filler + row(cell(text, BGCOLOR=self.theme.chip)), CELLSPACING=3)

    def branch(self, link: Link) -> str:
        """The short wire of one of a fork's links: its own contribution."""
        color = self.theme.quiet if link.is_dead else self.theme.gradient
        border = self.border(link.is_dead)
        quantity = self.quantity(link.gradient, color)
        label = quantity.label
        if np.ndim(link.gradient) == 0 and not isinstance(link.gradient, Gradient):
            text = shown(link.gradient, self.digits)
            label = font(text, color=color, size=11)
        if link.shown is not Shown.FULLY:
            quantity.hold_back(link.shown)
            label = quantity.label
        if self.across:
            height, wide = ceil(quantity.height) + 2, max(30, even(quantity.width + 7))
            size = {"WIDTH": wide, "CELLPADDING": 1, "ALIGN": "LEFT"}
            return html_table(
                row(cell("", SIDES="B", HEIGHT=height, **border, **size))
                + row(cell(label, VALIGN="TOP", HEIGHT=height, **size))
            )
        size = {"WIDTH": round(quantity.width + 6), "HEIGHT": 18, "CELLPADDING": 2}
        on = cell("", SIDES="R", **border, **size)
        return html_table(row(on, cell(label, ALIGN="LEFT", **size)))


def even(points: float) -> int:
    """The next even number of points: Graphviz works with whole halves of a node."""
    return 2 * ceil(points / 2)
