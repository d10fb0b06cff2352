"""A network as a DOT description in which every circle has its place: neato only draws it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from autograd.extend import full, number

from .arrays import shown
from .fontconfig import FAMILY
from .labels import caption, cell, font, html_table, name_label, row, width
from .names import label_text, shortened
from .network_layers import Layer, Network
from .themes import Theme, mix

CIRCLE = 34  # Points across.
APART = 46  # From circle to circle in a column.
ROOM = 16  # More of it where numbers stand above and below the circles.
ACROSS = 150  # From column to column.
THINNEST_LINE, WIDEST_LINE = 0.35, 3.6
WIDEST_OF_MANY = 2.2  # Where there are more than this many lines, all of them solid:
MANY_LINES = 80
MOST_PRINTED = 4  # Units in a layer whose weights are printed on their lines.


@dataclass(frozen=True)
class Circle:
    """A circle: which unit of which layer, and where. `index` is None for the dots between."""

    layer: int
    index: int | None
    x: float
    y: float

    @property
    def key(self) -> str:
        return f"u{self.layer}_{'gap' if self.index is None else self.index}"


class NetworkWriter:
    """Writes a network's DOT, and the words of its hovers."""

    def __init__(
        self, network: Network, theme: Theme, *, most: int, values: bool, digits: int | None,
        title: str,
    ):  # fmt: skip
        self.network, self.theme, self.digits, self.title = network, theme, digits, title
        self.most, self.values, self.many = most, values, False
        self.apart = APART + (ROOM if values else 0)
        self.across = ACROSS + (60 if values and any(map(self.prints, network.layers)) else 0)
        self.columns = [self.place(i) for i in range(len(network.layers))]

    def place(self, index: int) -> list[Circle]:
        """The circles of a layer, the middle of a wide one left out, centred about y = 0."""
        count = self.network.layers[index].count
        if count <= self.most:
            shown_units: list[int | None] = list(range(count))
        else:
            first = self.most // 2
            last = self.most - first - 1
            shown_units = [*range(first), None, *range(count - last, count)]
        top = (len(shown_units) - 1) / 2 * self.apart
        return [
            Circle(index, unit, index * self.across, top - i * self.apart)
            for i, unit in enumerate(shown_units)
        ]

    def text(self) -> str:
        lines = [*self.head(), *self.headings(), *self.circles(), *self.lines(), *self.weights()]
        return "digraph {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"

    def head(self) -> list[str]:
        theme = self.theme
        attributes = caption(self.title, self.network.notes, theme)
        return [
            f'graph [layout=neato bgcolor="{theme.ground}" pad="0.3,0.15" splines=line '
            f"inputscale=72 outputorder=edgesfirst{attributes}]",
            f"node [shape=circle fixedsize=true width={CIRCLE / 72:.4g} margin=0 style=filled "
            f'fillcolor="{theme.gate}" color="{theme.line}" fontname="{FAMILY}" fontsize=11 '
            f'fontcolor="{theme.ink}"]',
            f'edge [arrowhead=none fontname="{FAMILY}"]',
        ]

    # ---- circles

    def headings(self) -> list[str]:
        """Over each column: its modules, and how many units it has."""
        top = max(column[0].y for column in self.columns) + self.apart / 2 + 28
        lines = []
        for i, layer in enumerate(self.network.layers):
            name = font(label_text(shortened(layer.title, 26)), color=self.theme.ink, size=11)
            count = font(f"{layer.count:,}", color=self.theme.quiet, size=10)
            label = html_table(row(cell(name)) + row(cell(count)))
            lines.append(self.plain(f"h{i}", i * self.across, top, label))
        return lines

    def circles(self) -> list[str]:
        lines = []
        for layer, column in zip(self.network.layers, self.columns, strict=True):
            for unit in column:
                lines += self.gap(layer, unit) if unit.index is None else self.circle(layer, unit)
        return lines

    def gap(self, layer: Layer, unit: Circle) -> list[str]:
        hidden = layer.count - sum(u.index is not None for u in self.columns[unit.layer])
        dots = font("⋮", color=self.theme.quiet, size=18)
        words = font(f"{hidden:,} more", color=self.theme.quiet, size=10)
        label = html_table(row(cell(dots)) + row(cell(words)), BGCOLOR=self.theme.ground)
        return [self.plain(unit.key, unit.x, unit.y, label)]

    def circle(self, layer: Layer, unit: Circle) -> list[str]:
        assert unit.index is not None
        theme, i = self.theme, unit.index
        fill, inner = theme.gate, ""
        value = None if layer.values is None else float(layer.values[i])
        if value is not None and self.values:
            text = shown(value, self.digits or 3)
            colour = theme.value if np.isfinite(value) else theme.warning
            inner = font(text, color=colour, size=_fitting(text))
        elif value is not None:
            fill = self.tint(value, layer.values)
        lines = [
            f'{unit.key} [pos="{unit.x:g},{unit.y:g}!" fillcolor="{fill}" label=<{inner or " "}>]'
        ]
        if self.values:
            lines += self.around(layer, unit)
        name = self.name_of(unit)
        if name:
            label = name_label(name)
            before = unit.layer == 0
            room = CIRCLE / 2 + 8 + len(name) * 3
            x = unit.x - room if before else unit.x + room
            lines.append(self.plain(f"n{unit.key}", x, unit.y, label))
        return lines

    def around(self, layer: Layer, unit: Circle) -> list[str]:
        """The bias over a circle, the gradient under it."""
        theme, i, lines = self.theme, unit.index, []
        if layer.bias is not None:
            words = font(f"b {shown(layer.bias[i], self.digits or 3)}", color=theme.quiet, size=9)
            lines.append(self.plain(f"b{unit.key}", unit.x, unit.y + CIRCLE / 2 + 7, words))
        if layer.gradients is not None:
            gradient = float(layer.gradients[i])
            colour = theme.gradient if gradient else theme.quiet
            words = font(shown(gradient, self.digits or 3), color=colour, size=10)
            lines.append(self.plain(f"g{unit.key}", unit.x, unit.y - CIRCLE / 2 - 8, words))
        return lines

    def tint(self, value: float, values: np.ndarray | None) -> str:
        """Deeper for larger values: one colour for negative, one for positive."""
        theme = self.theme
        if not np.isfinite(value):
            return mix(theme.ground, theme.warning, 0.6)
        share = abs(value) / _largest(values)
        colour = theme.positive if value > 0 else theme.negative
        return mix(theme.gate, colour, round(min(share, 1.0) * 0.75, 3))

    def name_of(self, unit: Circle) -> str:
        """x1, x2, ... at the inputs, y1, y2, ... at the outputs; y for a single one."""
        last = len(self.columns) - 1
        if unit.index is None or unit.layer not in (0, last):
            return ""
        letter = "x" if unit.layer == 0 else "y"
        single = self.network.layers[unit.layer].count == 1
        return letter if single else f"{letter}{unit.index + 1}"

    def plain(self, key: str, x: float, y: float, label: str) -> str:
        """A text without a shape around it, centred at its place."""
        return (
            f'{key} [pos="{x:g},{y:g}!" shape=plain fixedsize=false style="" width=0 height=0 '
            f"label=<{label}>]"
        )

    # ---- lines

    def lines(self) -> list[str]:
        """The weights between shown units, the strong ones drawn last, over the weak."""
        lines: list[tuple[float, str]] = []
        shown_units = [sum(u.index is not None for u in column) for column in self.columns]
        self.many = sum(a * b for a, b in pairwise(shown_units)) > MANY_LINES
        for number_of, layer in enumerate(self.network.layers):
            if layer.weights is None:
                continue
            largest = _largest(layer.weights)
            for source in self.columns[number_of - 1]:
                for target in self.columns[number_of]:
                    if source.index is not None and target.index is not None:
                        weight = float(layer.weights[source.index, target.index])
                        share = min(abs(weight) / largest, 1.0) if np.isfinite(weight) else 1.0
                        lines.append((share, self.line(source, target, weight, share)))
        return [line for _, line in sorted(lines, key=lambda pair: pair[0])]

    def line(self, source: Circle, target: Circle, weight: float, share: float) -> str:
        theme = self.theme
        colour = theme.positive if weight > 0 else theme.negative
        if not np.isfinite(weight):
            colour = theme.warning
        elif weight == 0:
            colour = theme.quiet
        widest = WIDEST_OF_MANY if self.many else WIDEST_LINE
        ink = mix(theme.ground, colour, 0.15 + 0.85 * share ** (1.6 if self.many else 0.9))
        wide = THINNEST_LINE + (widest - THINNEST_LINE) * share
        dashes = " style=dashed" if weight < 0 and not self.many else ""
        return (
            f"{source.key} -> {target.key} [id={self.line_key(source, target)} "
            f'color="{ink}" penwidth={wide:.3g}{dashes}]'
        )

    def line_key(self, source: Circle, target: Circle) -> str:
        return f"e{source.layer}_{source.index}_{target.index}"

    def prints(self, layer: Layer) -> bool:
        """Whether the weights that enter a layer are written on their lines."""
        if layer.weights is None:
            return False
        return layer.count <= MOST_PRINTED and layer.weights.shape[0] <= self.most

    def weights(self) -> list[str]:
        """Numbers on lines: near the source, where all of them stand equally far apart."""
        lines = []
        for i, layer in enumerate(self.network.layers):
            if layer.weights is None or not self.values or not self.prints(layer):
                continue
            share = 1 / (layer.count + 1)
            for source in self.columns[i - 1]:
                for target in self.columns[i]:
                    x = source.x + max(share * self.across, CIRCLE / 2 + 26)
                    y = source.y + (target.y - source.y) * (x - source.x) / self.across
                    weight = float(layer.weights[source.index, target.index])
                    colour = self.theme.positive if weight > 0 else self.theme.negative
                    words = font(shown(weight, self.digits or 3), color=colour, size=9)
                    label = html_table(row(cell(words)), BGCOLOR=self.theme.ground)
                    key = f"w{self.line_key(source, target)}"
                    lines.append(self.plain(key, x, y, label))
        return lines

    # ---- words

    def hovers(self) -> dict[str, str]:
        """What circles and lines say when the pointer rests on them."""
        said = {}
        for i, (layer, column) in enumerate(zip(self.network.layers, self.columns, strict=True)):
            for unit in column:
                if unit.index is None:
                    continue
                lines = [f"{layer.title}, unit {unit.index + 1} of {layer.count:,}"]
                parts = (("value", layer.values), ("gradient", layer.gradients))
                for word, numbers in (*parts, ("bias", layer.bias)):
                    if numbers is not None:
                        lines.append(f"{word} {full(float(numbers[unit.index]))}")
                said[unit.key] = "\n".join(lines)
                for source in self.columns[i - 1] if layer.weights is not None else ():
                    if source.index is not None:
                        said[self.line_key(source, unit)] = self.said_of(layer, source, unit)
        return said

    def said_of(self, layer: Layer, source: Circle, target: Circle) -> str:
        assert layer.weights is not None
        before, after = source.index or 0, target.index or 0
        weight = full(float(layer.weights[before, after]))
        text = f"weight {before + 1} → {after + 1} of {layer.names[0]}: {weight}"
        if layer.weight_gradients is not None:
            text += f"\ngradient {full(float(layer.weight_gradients[before, after]))}"
        return text

    def description(self) -> str:
        """The network in words, a sentence a column."""
        lines = []
        for layer in self.network.layers:
            text = f"{layer.title}: {layer.count:,} unit{'s' if layer.count != 1 else ''}"
            if layer.weights is not None and layer.weights.size:
                low, high = np.min(layer.weights), np.max(layer.weights)
                text += f", weights from {number(low, 3)} to {number(high, 3)}"
            if layer.values is not None and layer.count <= self.most:
                text += f", values {', '.join(number(v, self.digits) for v in layer.values)}"
            lines.append(f"{text}.")
        return "\n".join([*lines, *self.network.notes])


def _largest(numbers: np.ndarray | None) -> float:
    if numbers is None:
        return 1.0
    finite = np.abs(numbers[np.isfinite(numbers)])
    return float(np.max(finite, initial=0.0)) or 1.0


def _fitting(text: str) -> int:
    """The point size at which a number fits its circle."""
    return next((size for size in (11, 10, 9, 8, 7) if width(text, size) <= CIRCLE - 5), 6)
