"""A convolutional network the way papers draw it: stacked sheets, windows between, then units."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from autograd.extend import say
from viz.names import shortened
from viz.themes import Theme, mix

from .columns import given
from .marks import Box, Disc, Label, Mark, Point, Run, Sheet, Stroke, words
from .places import shown_units
from .stages import Stage, Stages, told

LARGEST, SMALLEST = 104.0, 9.0  # Points of a map's side.
POWER = 0.75  # Of a side: how sides of maps compare.
MOST_SHEETS, OFFSET = 7, 5.0
RADIUS, APART, DOT = 4.6, 12.5, 1.0  # Of units.
MEETING = 10.0  # Radius of the circle where sources meet,
LEAD = 2 * MEETING + 10.0  # and the room that it takes.
GAP = 44.0  # Between stages.
TITLE, SIZE, NAME = 11, 10, 9
WIDEST = 92.0  # Of a title on one line.
MOST_NAMES = 3
LANE = 12.0
WHERE = (0.66, 0.6)  # In a map: the middle of the window that is shown.


class Planes:
    """The marks of a network of maps, in the order in which they are painted."""

    def __init__(
        self, network: Stages, theme: Theme, *, most: int, layers: Any, outputs: Any,
    ):  # fmt: skip
        self.network, self.theme, self.most = network, theme, most
        self.notes: list[str] = []
        network.rename(layers)
        stages = network.stages
        last = stages[-1]
        self.outputs = given(outputs, "outputs", last.shape[0] if last.shape else 1, "output")
        self.largest = max((max(s.shape[1:]) for s in stages if s.is_maps), default=1)
        self.boxes = self.placed()
        self.marks = list(self.drawn())

    # ---- where stages stand

    def figure_size(self, stage: Stage) -> Point:
        """Width and height of what is drawn of a stage."""
        if stage.is_maps:
            wide, high = self.side(stage.shape[-1]), self.side((1, *stage.shape)[-2])
            if len(stage.shape) == 2:
                high = SMALLEST
            more = OFFSET * (self.sheets(stage) - 1)
            return wide + more, high + more
        if stage.is_sequence:
            return 40.0, 60.0
        return 2 * RADIUS, APART * (len(self.units(stage)) - 1) + 2 * RADIUS

    def side(self, length: int) -> float:
        return max(LARGEST * (length / self.largest) ** POWER, SMALLEST)

    def sheets(self, stage: Stage) -> int:
        return min(stage.shape[0], MOST_SHEETS)

    def units(self, stage: Stage) -> list[int | None]:
        return shown_units(stage.shape[0] if stage.shape else 1, self.most)

    def placed(self) -> list[Box]:
        """The box of each stage's figure: columns by depth, those of a depth under each other."""
        depths = self.network.depths
        stages = self.network.stages
        labels = [self.label(i).size for i in range(len(stages))]
        boxes: list[Box | None] = [None] * len(stages)
        x = 0.0
        for depth in range(max(depths) + 1):
            here = sorted(
                (i for i, own in enumerate(depths) if own == depth),
                key=self.network.reach.__getitem__,
            )
            sizes = [self.figure_size(stages[i]) for i in here]
            leads = [LEAD if stages[i].meets else 0.0 for i in here]
            wide = max(
                max(size[0] + lead, labels[i][0])
                for i, size, lead in zip(here, sizes, leads, strict=True)
            )
            rooms = [size[1] + labels[i][1] + 8 for i, size in zip(here, sizes, strict=True)]
            y = -(sum(rooms) + GAP * (len(here) - 1)) / 2
            if len(here) == 1:
                y = -sizes[0][1] / 2 - labels[here[0]][1] - 8
            for i, (own, high), room, lead in zip(here, sizes, rooms, leads, strict=True):
                left = x + (wide - own + lead) / 2
                boxes[i] = Box(left, y + room - high, left + own, y + room)
                y += room + GAP
            x += wide + GAP
        return [box for box in boxes if box]

    is_across = True

    @property
    def stops(self) -> list[tuple[float, float]]:
        """Where the stages of a depth begin and end."""
        depths, stages = self.network.depths, self.network.stages
        found: dict[int, tuple[float, float]] = {}
        for depth, stage, box in zip(depths, stages, self.boxes, strict=True):
            left = box.left - (LEAD if stage.meets else 0.0)
            start, end = found.get(depth, (left, box.right))
            found[depth] = min(start, left), max(end, box.right)
        return [found[depth] for depth in sorted(found)]

    # ---- all marks

    def drawn(self) -> Iterator[Mark]:
        links: list[Mark] = []
        captions: list[Label] = []
        depths = self.network.depths
        lanes: list[tuple[int, int]] = []  # Of what goes past stages: from which depth to which.
        for i, stage in enumerate(self.network.stages):
            for source in stage.sources:
                way = depths[source], depths[i]
                if way[1] == way[0] + 1:
                    links += self.link(source, i)
                    continue
                low = max(b.low for b, d in zip(self.boxes, depths, strict=True)
                          if way[0] <= d <= way[1])  # fmt: skip
                beside = sum(way[0] < end and start < way[1] for start, end in lanes)
                links.append(self.past(source, i, low + 28 + LANE * beside))
                lanes.append(way)
            if stage.window and stage.sources and not self.has_neighbours(i):
                before = self.boxes[stage.sources[0]]
                text = "×".join(map(str, stage.window))
                run = Run(text, SIZE, self.theme.quiet)
                middle = (before.right + self.boxes[i].left) / 2
                under = max(before.low, self.boxes[i].low) + 12
                captions.append(Label(f"c{i}", middle, under, ((run,),)))
        behind = [link for link in links if isinstance(link, Stroke) and not link.key]
        yield from behind
        for i, stage in enumerate(self.network.stages):
            yield from self.figure(i, stage)
        yield from (link for link in links if link not in behind)
        for i, stage in enumerate(self.network.stages):
            block, box = self.label(i), self.boxes[i]
            if block.lines:
                high = block.size[1]
                yield block.at((box.left + box.right) / 2, box.top - 8 - high / 2)
            if stage.meets:
                run = Run(stage.meets, 13, self.theme.ink)
                yield Label(f"g{i}", *self.meeting(i), ((run,),))
        yield from captions
        yield from self.output_names()

    def figure(self, i: int, stage: Stage) -> Iterator[Mark]:
        theme, box = self.theme, self.boxes[i]
        if stage.meets:
            x, y = self.meeting(i)
            yield Stroke("", ("", ""), ((x, y), (box.left, y)), theme.quiet, 1.0)
            yield Disc(f"s{i}", x, y, MEETING, theme.gate, theme.line)
        if stage.is_maps:
            count = self.sheets(stage)
            for sheet in range(count):
                shift, rest = OFFSET * sheet, OFFSET * (count - 1 - sheet)
                own = Box(box.left + shift, box.top + shift, box.right - rest, box.low - rest)
                yield Sheet(f"s{i}_{sheet}", own, theme.composite, theme.line)
        elif stage.is_sequence:
            if stage.recurs:
                under, inner = box.low + 14, (box.left + 10, box.right - 10)
                points = [(inner[1], box.low), (inner[1], under), (inner[0], under),
                          (inner[0], box.low)]  # fmt: skip
                yield Stroke(f"r{i}", ("", ""), tuple(points), theme.line, 1.0, is_arrow=True)
            yield Sheet(f"s{i}_0", box, theme.composite, theme.line)
        else:
            for unit, x, y in self.circles(i):
                if unit is None:
                    for far in (-3.2, 0.0, 3.2):
                        yield Disc("", x, y + far, DOT, theme.quiet)
                else:
                    yield Disc(f"s{i}_{unit}", x, y, RADIUS, theme.gate, theme.line)

    def circles(self, i: int) -> list[tuple[int | None, float, float]]:
        box = self.boxes[i]
        x = (box.left + box.right) / 2
        units = self.units(self.network.stages[i])
        return [(unit, x, box.top + RADIUS + APART * n) for n, unit in enumerate(units)]

    def meeting(self, i: int) -> Point:
        """Where what a stage reads meets: before its figure."""
        box = self.boxes[i]
        return box.left - LEAD + MEETING, (self.front(i).top + self.front(i).low) / 2

    def has_neighbours(self, i: int) -> bool:
        """Whether there are other stages as far from the inputs."""
        depths = self.network.depths
        return depths.count(depths[i]) > 1

    def front(self, i: int) -> Box:
        """The foremost sheet of a stage of maps, or all of another."""
        stage, box = self.network.stages[i], self.boxes[i]
        more = OFFSET * (self.sheets(stage) - 1) if stage.is_maps else 0.0
        return Box(box.left + more, box.top + more, box.right, box.low)

    # ---- what leads from stage to stage

    def link(self, source: int, target: int) -> Iterator[Mark]:
        before, after = self.network.stages[source], self.network.stages[target]
        quiet = self.theme.quiet
        if after.meets:
            (x, y), first = self.meeting(target), self.front(source)
            level = min(max(y, first.top), first.low)
            points = ((first.right + 3, level), (x - MEETING - 1, y))
            yield Stroke(f"l{source}_{target}", ("", ""), points, quiet, 1.0, is_arrow=True)
            return
        if before.is_maps and after.is_maps and after.window:
            yield from self.window(source, target)
            return
        if before.is_units and after.is_units:
            faint = mix(self.theme.ground, quiet, 0.55)
            ends = [c for c in self.circles(target) if c[0] is not None]
            for unit, x, y in self.circles(source):
                if unit is not None:
                    yield from (
                        Stroke("", (f"s{source}_{unit}", f"s{target}_{end}"), ((x, y), (a, b)),
                               faint, 0.5) for end, a, b in ends
                    )  # fmt: skip
            return
        first, last = self.front(source), self.boxes[target]
        if before.is_maps and after.is_units:
            for y, end in ((first.top, last.top + RADIUS), (first.low, last.low - RADIUS)):
                x = (last.left + last.right) / 2
                yield Stroke("", ("", ""), ((first.right, y), (x, end)), quiet, 0.7)
            return
        start = (self.boxes[source].right + 3, (first.top + first.low) / 2)
        end = (last.left - 3, (last.top + last.low) / 2)
        yield Stroke(f"l{source}_{target}", ("", ""), (start, end), quiet, 1.0, is_arrow=True)

    def window(self, source: int, target: int) -> Iterator[Mark]:
        """The window on the source's front map, and lines from it to the unit that it makes."""
        theme, before, after = self.theme, self.network.stages[source], self.front(target)
        front = self.front(source)
        window = (1, *self.network.stages[target].window)[-2:]
        sides = (1, *before.shape[1:])[-2:]
        wide = (front.right - front.left) * min(window[1] / sides[1], 1.0)
        high = (front.low - front.top) * min(window[0] / sides[0], 1.0)
        x = front.left + WHERE[0] * (front.right - front.left - wide)
        y = front.top + WHERE[1] * (front.low - front.top - high)
        box = Box(x, y, x + wide, y + high)
        end = (after.left + WHERE[0] * (after.right - after.left),
               after.top + WHERE[1] * (after.low - after.top))  # fmt: skip
        tint = mix(theme.composite, theme.positive, 0.35)
        yield Sheet(f"k{target}", box, tint, theme.positive)
        for corner in (box.top, box.low):
            yield Stroke(f"k{target}_{'top' if corner == box.top else 'low'}", ("", ""),
                         ((box.right, corner), end), theme.positive, 0.8)  # fmt: skip

    def past(self, source: int, target: int, lane: float) -> Stroke:
        """An arrow under the stages between."""
        first, last = self.boxes[source], self.boxes[target]
        x, end = (first.left + first.right) / 2, (last.left + last.right) / 2
        under = last.low + 3
        if self.network.stages[target].meets:
            end, under = self.meeting(target)
            under += MEETING + 1
        points = ((x, first.low + 3), (x, lane), (end, lane), (end, under))
        key = f"l{source}_{target}"
        return Stroke(key, ("", ""), points, self.theme.quiet, 1.0, is_arrow=True)

    # ---- words

    def label(self, i: int) -> Label:
        """A stage's modules, in a line or one under the other, and its size."""
        stage, theme = self.network.stages[i], self.theme
        names = [shortened(text, 24) for text in stage.names]
        if len(names) > MOST_NAMES:
            names = [
                *names[: MOST_NAMES - 1],
                say("+{count} more", count=len(names) - MOST_NAMES + 1),
            ]
        line = words(" → ".join(names), TITLE, theme.ink)
        is_short = sum(run.width for run in line) <= WIDEST
        rows = [line] if is_short else [words(text, TITLE, theme.ink) for text in names]
        rows = [row for row in rows if row]
        size = stage.size
        if stage.window and self.has_neighbours(i):
            size = f"{'×'.join(map(str, stage.window))} → {size}"
        rows.append((Run(size, SIZE, theme.quiet),))
        return Label(f"h{i}", 0.0, 0.0, tuple(rows))

    def output_names(self) -> Iterator[Label]:
        last = len(self.network.stages) - 1
        if not self.network.stages[last].is_units:
            return
        for unit, x, y in self.circles(last):
            if unit is not None and self.outputs:
                line = words(self.outputs[unit], NAME, self.theme.ink)
                label = Label(f"n{unit}", 0.0, 0.0, (line,))
                yield label.at(x + RADIUS + 6 + label.size[0] / 2, y)

    @property
    def title(self) -> str:
        return self.network.title

    @property
    def description(self) -> str:
        return "\n".join([self.network.description, *self.notes])

    @cached_property
    def hovers(self) -> dict[str, str]:
        """What sheets and units say when the pointer rests on them."""
        said = {}
        for i, stage in enumerate(self.network.stages):
            text = f"{stage.title}: {told(stage)}"
            if stage.parameters:
                text += "\n" + say("{count:,} parameters", count=stage.parameters)
            keys = [mark.key for mark in self.figure(i, stage) if mark.key]
            said.update(dict.fromkeys(keys, text))
            if stage.window:
                size = "×".join(map(str, stage.window))
                said[f"k{i}"] = say("window of {size}", size=size)
        return said
