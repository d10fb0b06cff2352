"""A network as a DOT description in which every circle has its place: neato only draws it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from autograd.extend import full, number

from .arrays import shown
from .fontconfig import FAMILY
from .labels import caption, cell, font, html_table, marked_up, name_label, name_width, row, width
from .names import shortened
from .network_layers import Layer, Names, Network, Source, largest
from .network_places import APART, CIRCLE, HEADING, Circle, Places
from .themes import Theme, mix

ROOM = 16  # More of it where numbers stand above and below the circles.
ALONG = 150  # From column to column.
NUMBERED = 110  # More of it where weights are printed.
LABEL = 15.0  # Height of such a number.
LONGEST = 30  # Letters of a title.
THINNEST_LINE, WIDEST_LINE = 0.35, 3.6
WIDEST_OF_MANY = 2.2  # Where there are more than this many lines, all of them solid:
MANY_LINES = 80
MOST_PRINTED = 4  # Units in a layer whose weights are printed on their lines.


class NetworkWriter:
    """Writes a network's DOT, and the words of its hovers."""

    def __init__(
        self, network: Network, theme: Theme, *, most: int, values: bool, digits: int | None,
        title: str, names: Names, direction: str = "LR", bias: bool = False,
    ):  # fmt: skip
        self.network, self.theme, self.digits, self.title = network, theme, digits, title
        self.most, self.values, self.many, self.bias = most, values, False, bias
        self.names, self.is_across = names, direction == "LR"
        printed = [layer.count for layer in network.layers if values and self.prints(layer)]
        apart = APART + (ROOM if values else 0)
        if printed:
            apart = max(apart, LABEL * (max(printed) + 1)) if self.is_across else 2 * apart
        along = ALONG + (NUMBERED if printed and self.is_across else 0)
        gaps = [
            apart / 2 + HEADING + 14 + CIRCLE
            if self.is_across
            else width(shortened(title, LONGEST), 11) + 2 * apart
            for title in names.titles
        ]
        self.places = Places(network, most=most, apart=apart, along=along, bias=bias, gaps=gaps)
        self.columns = self.places.columns

    def at(self, along: float, across: float) -> tuple[float, float]:
        """A place on the paper, in points to the right and up."""
        return (along, -across) if self.is_across else (across, -along)

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
        """At each column: its modules, and how many units it has."""
        lines = []
        for i, (layer, column) in enumerate(zip(self.network.layers, self.columns, strict=True)):
            title = shortened(self.names.titles[i], LONGEST)
            name = font(marked_up(title), color=self.theme.ink, size=11)
            count = font(f"{layer.count:,}", color=self.theme.quiet, size=10)
            label = html_table(row(cell(name)) + row(cell(count)), BGCOLOR=self.theme.ground)
            first = column[0]
            along, across = first.along, first.across - self.places.apart / 2 - HEADING
            if not self.is_across:
                has_names = not layer.sources or i in self.network.ends
                across = first.across - width(title, 11) / 2 - CIRCLE - (24 if has_names else 0)
            lines.append(self.plain(f"h{i}", along, across, label))
        return lines

    def circles(self) -> list[str]:
        lines = []
        for layer, column in zip(self.network.layers, self.columns, strict=True):
            for unit in column:
                lines += self.gap(layer, unit) if unit.index is None else self.circle(layer, unit)
        for lane in self.places.lanes.values():
            lines += [
                f'{point.key} [pos="{self.pos(point)}" shape=point width=0.01 '
                f'color="{self.theme.line}"]'
                for point in lane
                if point.index is not None
            ]
        for i, one in self.places.biases.items():
            text = font("1", color=self.theme.quiet, size=11)
            lines.append(
                f'{self.bias_key(i)} [pos="{self.pos(one)}" style="filled,dashed" label=<{text}>]'
            )
        return lines

    def pos(self, circle: Circle) -> str:
        x, y = self.at(circle.along, circle.across)
        return f"{x:g},{y:g}!"

    @staticmethod
    def bias_key(layer: int) -> str:
        return f"one{layer}"

    def gap(self, layer: Layer, unit: Circle) -> list[str]:
        hidden = layer.count - sum(u.index is not None for u in self.columns[unit.layer])
        dots = font("⋮", color=self.theme.quiet, size=18)
        words = font(f"{hidden:,} more", color=self.theme.quiet, size=10)
        label = html_table(row(cell(dots)) + row(cell(words)), BGCOLOR=self.theme.ground)
        return [self.plain(unit.key, unit.along, unit.across, label)]

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
        lines = [f'{unit.key} [pos="{self.pos(unit)}" fillcolor="{fill}" label=<{inner or " "}>]']
        if self.values:
            lines += self.around(layer, unit)
        name = self.names.of(unit.layer, i)
        if name:
            is_input = not layer.sources
            room = CIRCLE / 2 + 8 + (name_width(name) / 2 if self.is_across else 6)
            room += 12 if self.values and not self.is_across else 0
            along = unit.along - room if is_input else unit.along + room
            lines.append(self.plain(f"n{unit.key}", along, unit.across, name_label(name)))
        return lines

    def around(self, layer: Layer, unit: Circle) -> list[str]:
        """The bias over a circle, the gradient under it."""
        theme, i, lines = self.theme, unit.index, []
        x, y = self.at(unit.along, unit.across)
        if layer.bias is not None and not self.bias:
            words = font(f"b {shown(layer.bias[i], self.digits or 3)}", color=theme.quiet, size=9)
            lines.append(self.text_at(f"b{unit.key}", x, y + CIRCLE / 2 + 7, words))
        if layer.gradients is not None:
            gradient = float(layer.gradients[i])
            colour = theme.gradient if gradient else theme.quiet
            words = font(shown(gradient, self.digits or 3), color=colour, size=10)
            lines.append(self.text_at(f"g{unit.key}", x, y - CIRCLE / 2 - 8, words))
        return lines

    def tint(self, value: float, values: np.ndarray | None) -> str:
        """Deeper for larger values: one colour for negative, one for positive."""
        theme = self.theme
        if not np.isfinite(value):
            return mix(theme.ground, theme.warning, 0.6)
        share = abs(value) / largest(values)
        colour = theme.positive if value > 0 else theme.negative
        return mix(theme.gate, colour, round(min(share, 1.0) * 0.75, 3))

    def plain(self, key: str, along: float, across: float, label: str) -> str:
        """A text without a shape around it, centred at its place."""
        return self.text_at(key, *self.at(along, across), label)

    @staticmethod
    def text_at(key: str, x: float, y: float, label: str) -> str:
        return (
            f'{key} [pos="{x:g},{y:g}!" shape=plain fixedsize=false style="" width=0 height=0 '
            f"label=<{label}>]"
        )

    # ---- lines

    def lines(self) -> list[str]:
        """What goes from unit to unit; then the weights, the strong ones last, over the weak."""
        plain: list[str] = []
        weighted: list[tuple[float, str]] = []
        reads = [(i, layer, source) for i, layer in enumerate(self.network.layers)
                 for source in layer.sources]  # fmt: skip
        shown_units = [sum(u.index is not None for u in column) for column in self.columns]
        self.many = (
            sum(
                shown_units[source.layer] * shown_units[i]
                for i, _, source in reads
                if source.weights is not None
            )
            > MANY_LINES
        )
        lanes: set[tuple[str, str]] = set()
        for i, layer, source in reads:
            *way, last = self.places.way(source.layer, i)
            for before, after in pairwise([*way, last]):
                for start, end in zip(before, after, strict=True):
                    if start.index is not None and (start.key, end.key) not in lanes:
                        lanes.add((start.key, end.key))
                        plain.append(self.unweighted(start, end))
            targets = {unit.index: unit for unit in self.columns[i] if unit.index is not None}
            starts = [(start, start.index) for start in last if start.index is not None]
            if source.weights is None:
                plain += [
                    self.unweighted(start, targets[to])
                    for start, index in starts
                    if source.to is not None and (to := int(source.to[index])) in targets
                ]
                continue
            weighted += [
                self.line(start.key, self.line_key(start, unit), unit,
                          float(source.weights[before, after]), layer.largest)
                for start, before in starts
                for after, unit in targets.items()
            ]  # fmt: skip
        for i in self.places.biases:
            bias = self.network.layers[i].bias
            most = self.network.layers[i].largest
            weighted += [
                self.line(
                    self.bias_key(i), f"c{i}_{unit.index}", unit, float(bias[unit.index]), most
                )
                for unit in self.columns[i]
                if bias is not None and unit.index is not None
            ]
        return [*plain, *(line for _, line in sorted(weighted, key=lambda pair: pair[0]))]

    def unweighted(self, start: Circle, end: Circle) -> str:
        return f'{start.key} -> {end.key} [color="{self.theme.quiet}" penwidth=0.8]'

    def line(
        self, start: str, key: str, target: Circle, weight: float, most: float
    ) -> tuple[float, str]:
        """A weight's line, and how strong it is in its layer."""
        theme = self.theme
        share = min(abs(weight) / most, 1.0) if np.isfinite(weight) else 1.0
        colour = theme.positive if weight > 0 else theme.negative
        if not np.isfinite(weight):
            colour = theme.warning
        elif weight == 0:
            colour = theme.quiet
        widest = WIDEST_OF_MANY if self.many else WIDEST_LINE
        ink = mix(theme.ground, colour, 0.15 + 0.85 * share ** (1.6 if self.many else 0.9))
        wide = THINNEST_LINE + (widest - THINNEST_LINE) * share
        dashes = " style=dashed" if weight < 0 and not self.many else ""
        looks = f'color="{ink}" penwidth={wide:.3g}{dashes}'
        return share, f"{start} -> {target.key} [id={key} {looks}]"

    def line_key(self, source: Circle, target: Circle) -> str:
        return f"e{source.layer}_{source.index}_{target.layer}_{target.index}"

    def prints(self, layer: Layer) -> bool:
        """Whether the weights that enter a layer are written on their lines."""
        return bool(layer.weights) and layer.count <= MOST_PRINTED and layer.fan_in <= self.most

    def weights(self) -> list[str]:
        """Numbers on lines, with whose they are: w₂₁ leads from unit 2 to unit 1.

        From left to right near the source, where all of them stand equally far apart; from top to
        bottom one under the other.
        """
        lines = []
        for i, layer in enumerate(self.network.layers):
            if not self.values or not self.prints(layer):
                continue
            starts = [
                (f"e{start.layer}_{start.index}", start, source.weights[start.index],
                 f"{source.first + start.index + 1}")
                for source in layer.sources
                for start in self.places.way(source.layer, i)[-1]
                if source.weights is not None and start.index is not None
            ]  # fmt: skip
            if i in self.places.biases and layer.bias is not None:
                starts.append((f"c{i}", self.places.biases[i], layer.bias, ""))
            for key, start, weights, before in starts:
                for unit, end in enumerate(self.columns[i]):
                    share = self.share(unit, layer.count)
                    along = start.along + share * (end.along - start.along)
                    across = start.across + share * (end.across - start.across)
                    label = self.weight_label(before, f"{unit + 1}", float(weights[unit]))
                    lines.append(self.plain(f"w{key}_{i}_{unit}", along, across, label))
        return lines

    def share(self, target: int, count: int) -> float:
        """How far along a line its number stands."""
        if self.is_across:
            return max(1 / (count + 1), (CIRCLE / 2 + 36) / self.places.along)
        return 0.4 if count == 1 else 0.28 + 0.3 * target / (count - 1)

    def weight_label(self, before: str, after: str, weight: float) -> str:
        """A weight w from a unit to a unit, or a bias b of a unit."""
        theme = self.theme
        colour = theme.positive if weight > 0 else theme.negative
        comma = "," if before and max(len(before), len(after)) > 1 else ""
        letter = "w" if before else "b"
        index = f"<I>{letter}</I><SUB>{before}{comma}{after}</SUB>"
        whose = font(index, color=theme.quiet, size=9)
        number = font(shown(weight, self.digits or 3), color=colour, size=9)
        rows = [f"{whose} {number}"] if self.is_across else [whose, number]
        return html_table("".join(row(cell(text)) for text in rows), BGCOLOR=theme.ground)

    # ---- words

    def hovers(self) -> dict[str, str]:
        """What circles and lines say when the pointer rests on them."""
        said = {}
        for i, (layer, column) in enumerate(zip(self.network.layers, self.columns, strict=True)):
            for unit in column:
                if unit.index is None:
                    continue
                lines = [f"{self.names.titles[i]}, unit {unit.index + 1} of {layer.count:,}"]
                name = self.names.of(i, unit.index)
                lines[0] += f": {name}" if name in self.names.given else ""
                parts = (("value", layer.values), ("gradient", layer.gradients))
                for word, numbers in (*parts, ("bias", layer.bias)):
                    if numbers is not None:
                        lines.append(f"{word} {full(float(numbers[unit.index]))}")
                said[unit.key] = "\n".join(lines)
                for source in layer.sources:
                    for start in self.places.way(source.layer, i)[-1]:
                        if start.index is not None and source.weights is not None:
                            said[self.line_key(start, unit)] = self.said_of(
                                layer, source, start.index, unit.index
                            )
                if i in self.places.biases and layer.bias is not None:
                    bias = full(float(layer.bias[unit.index]))
                    said[f"c{i}_{unit.index}"] = (
                        f"bias {unit.index + 1} of {layer.names[0]}: {bias}"
                    )
        return said

    def said_of(self, layer: Layer, source: Source, before: int, after: int) -> str:
        assert source.weights is not None
        weight = full(float(source.weights[before, after]))
        text = f"weight {source.first + before + 1} → {after + 1} of {layer.names[0]}: {weight}"
        if source.weight_gradients is not None:
            text += f"\ngradient {full(float(source.weight_gradients[before, after]))}"
        return text

    def description(self) -> str:
        """The network in words, a sentence a column; what it reads, where that is not the last."""
        lines, titles = [], self.names.titles
        for i, layer in enumerate(self.network.layers):
            text = f"{titles[i]}: {layer.count:,} unit{'s' if layer.count != 1 else ''}"
            if layer.sources and not self.network.is_chain:
                text += f", of {' and '.join(titles[source.layer] for source in layer.sources)}"
            numbers = [matrix for matrix in layer.weights if matrix.size]
            if numbers:
                low, high = min(map(np.min, numbers)), max(map(np.max, numbers))
                text += f", weights from {number(low, 3)} to {number(high, 3)}"
            if layer.values is not None and layer.count <= self.most:
                text += f", values {', '.join(number(v, self.digits) for v in layer.values)}"
            lines.append(f"{text}.")
        return "\n".join([*lines, *self.network.notes])


def _fitting(text: str) -> int:
    """The point size at which a number fits its circle."""
    return next((size for size in (11, 10, 9, 8, 7) if width(text, size) <= CIRCLE - 5), 6)
