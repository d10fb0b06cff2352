"""A recurrent network, folded and unrolled: time to the right, layers upwards."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any

from autograd.extend import say
from viz.labels import width
from viz.names import shortened
from viz.themes import Theme

from .marks import Box, Disc, Label, Mark, Point, Run, Sheet, Stroke, line_width, name, words
from .places import shown_units
from .stages import Stage, Stages, told

WIDE, HIGH, CORNER = 52.0, 30.0, 6.0  # Of a box.
COLUMN, ROW = 86.0, 62.0  # From box to box.
LOOP = 24.0  # How far beside a box its loop leads.
MIDDLE = 96.0  # From the folded network to the unrolled one.
TITLE, SIZE, NAME, WORD = 11, 10, 13, 9
DOT = 1.4
APART = 7.0  # From arrow to arrow, of two states or two ways.


class Row:
    """What is drawn of a stage: a row of boxes, or one of each recurrent layer."""

    def __init__(self, stage: int, y: float, letter: str, power: str = ""):
        self.stage, self.y, self.letter, self.power = stage, y, letter, power


class Unrolled:
    """The marks of a recurrent network whose stages stand one after the other."""

    def __init__(self, network: Stages, theme: Theme, *, most: int, layers: Any):
        self.network, self.theme = network, theme
        self.notes: list[str] = []
        network.rename(layers)
        self.steps = network.stages[0].shape[0]
        self.times = shown_units(self.steps, most)
        self.rows = self.placed()
        self.marks = list(self.drawn())

    # ---- where boxes stand

    def placed(self) -> list[Row]:
        """From the lowest to the highest: a row a stage, one a layer of those that recur."""
        stages = self.network.stages
        depth = sum(stage.layers for stage in stages if stage.recurs)
        rows: list[Row] = []
        level = 0
        for i, stage in enumerate(stages):
            for _ in range(stage.layers if stage.recurs else 1):
                letter, power = "", ""
                if stage.recurs:
                    level += 1
                    letter, power = "h", f"{level}" if depth > 1 else ""
                elif i == 0:
                    letter = "x"
                elif i == len(stages) - 1:
                    letter = "y"
                rows.append(Row(i, -ROW * len(rows), letter, power))
        return rows

    def x(self, column: int) -> float:
        """The middle of a column of the unrolled network; that of the folded one is 0."""
        return WIDE / 2 + LOOP + MIDDLE + COLUMN * column + WIDE / 2

    def box(self, x: float, y: float) -> Box:
        return Box(x - WIDE / 2, y - HIGH / 2, x + WIDE / 2, y + HIGH / 2)

    def columns(self, row: Row) -> list[int]:
        """The columns in which a row has boxes: all, while there are steps; then the last."""
        last = len(self.times) - 1
        stage = self.network.stages[row.stage]
        if not stage.is_sequence:
            return [last]
        return [column for column, time in enumerate(self.times) if time is not None]

    is_across = True

    @property
    def stops(self) -> list[tuple[float, float]]:
        """Where the folded network and the steps begin and end."""
        middles = [0.0, *map(self.x, range(len(self.times)))]
        return [(x - WIDE / 2, x + WIDE / 2) for x in middles]

    # ---- all marks

    def drawn(self) -> Iterator[Mark]:
        yield from self.arrows()
        for row in self.rows:
            yield from self.boxes(row)
        middle = (self.rows[0].y + self.rows[-1].y) / 2
        run = Run("=", 20, self.theme.quiet)
        yield Label("equals", (WIDE / 2 + LOOP + self.x(0) - WIDE / 2) / 2, middle, ((run,),))
        yield from self.titles()

    def boxes(self, row: Row) -> Iterator[Mark]:
        stage, key = self.network.stages[row.stage], f"{self.rows.index(row)}"
        if stage.picks:
            return
        yield from self.one(f"f{key}", 0.0, row, stage, "t" if stage.is_sequence else "")
        columns = self.columns(row)
        if stage.mixes:
            left, right = self.box(self.x(0), row.y), self.box(self.x(len(self.times) - 1), row.y)
            box = Box(left.left, left.top, right.right, left.low)
            yield self.sheet(f"s{key}", box, stage)
            yield Label(f"n{key}", (box.left + box.right) / 2, row.y, (self.word(stage, 400.0),))
            return
        for column in columns:
            time = self.times[column]
            index = f"{time + 1}" if time is not None and stage.is_sequence else ""
            yield from self.one(f"s{key}_{column}", self.x(column), row, stage, index)
        for column, time in enumerate(self.times):
            if time is None and len(columns) > 1:
                for far in (-6.0, 0.0, 6.0):
                    yield Disc("", self.x(column) + far, row.y, DOT, self.theme.quiet)

    def one(self, key: str, x: float, row: Row, stage: Stage, index: str) -> Iterator[Mark]:
        yield self.sheet(key, self.box(x, row.y), stage)
        line = self.word(stage, WIDE - 6)
        if row.letter:
            text = row.letter + (f"_{{{index}}}" if index else "")
            line = name(text + (f"^{{{row.power}}}" if row.power else ""), NAME, self.theme.ink)
        yield Label(f"n{key}", x, row.y, (line,))

    def sheet(self, key: str, box: Box, stage: Stage) -> Sheet:
        fill = self.theme.composite if stage.recurs or stage.mixes else self.theme.gate
        return Sheet(key, box, fill, self.theme.line, corner=CORNER)

    def word(self, stage: Stage, room: float) -> tuple[Run, ...]:
        """A module's name as it fits."""
        text, size = stage.names[0] if stage.names else stage.meets, WORD
        while width(text, size) > room and size > 7:
            size -= 1
        while width(text, size) > room:
            text = shortened(text, len(text) - 1)
        return words(text, size, self.theme.ink)

    # ---- arrows

    def arrows(self) -> Iterator[Stroke]:
        for below, row in pairwise(self.rows):
            yield from self.upwards(below, row)
        for row in self.rows:
            stage = self.network.stages[row.stage]
            if stage.recurs:
                yield from self.loops(row, stage)
                yield from self.along(row, stage)

    def arrow(self, key: str, *points: Point) -> Stroke:
        return Stroke(key, ("", ""), points, self.theme.line, 1.0, is_arrow=True)

    def upwards(self, below: Row, row: Row) -> Iterator[Stroke]:
        """From row to row, in the folded network and in each column; not into what is no box."""
        stages, key = self.network.stages, f"{self.rows.index(row)}"
        if stages[row.stage].picks:
            return
        if stages[below.stage].picks:
            below = self.rows[self.rows.index(below) - 1]
        start, end = below.y - HIGH / 2, row.y + HIGH / 2
        yield self.arrow(f"u{key}", (0.0, start), (0.0, end))
        columns = set(self.columns(row)) & set(self.columns(below))
        if stages[row.stage].mixes:
            columns = set(self.columns(below))
        for column in sorted(columns):
            x = self.x(column)
            yield self.arrow(f"u{key}_{column}", (x, start), (x, end))

    def loops(self, row: Row, stage: Stage) -> Iterator[Stroke]:
        """In the folded network: the state goes back into its layer."""
        key = f"r{self.rows.index(row)}"
        for way, side in zip(range(stage.ways), (1, -1), strict=False):
            edge, far = side * WIDE / 2, side * (WIDE / 2 + LOOP)
            points = [(edge, row.y - 8), (far, row.y - 8), (far, row.y + 8), (edge, row.y + 8)]
            yield self.arrow(f"{key}_{way}", *points)

    def along(self, row: Row, stage: Stage) -> Iterator[Stroke]:
        """From step to step: a line a state, and a way."""
        key, last = f"t{self.rows.index(row)}", len(self.times) - 1
        count = stage.states if stage.ways == 1 else 2
        for column in range(last):
            room = [WIDE / 2 if self.times[c] is not None else 12.0 for c in (column, column + 1)]
            ends = self.x(column) + room[0], self.x(column + 1) - room[1]
            for which in range(count):
                y = row.y + APART * (which - (count - 1) / 2)
                points = [(x, y) for x in ends]
                if stage.ways == 2 and which == 1:
                    points.reverse()
                yield self.arrow(f"{key}_{column}_{which}", *points)

    # ---- words

    def titles(self) -> Iterator[Label]:
        """Left of each stage's rows: its modules and its size."""
        theme = self.theme
        for i, stage in enumerate(self.network.stages):
            rows = [row for row in self.rows if row.stage == i]
            text = shortened(" → ".join(stage.names), 30)
            lines = (words(text, TITLE, theme.ink), (Run(stage.size, SIZE, theme.quiet),))
            wide = max(map(line_width, lines))
            ways = any(s.ways == 2 for s in self.network.stages)
            x = -WIDE / 2 - (LOOP if ways else 0.0) - 16 - wide / 2
            yield Label(f"h{i}", x, (rows[0].y + rows[-1].y) / 2, lines)

    @property
    def title(self) -> str:
        return self.network.title

    @property
    def description(self) -> str:
        return "\n".join([self.network.description, *self.notes])

    @cached_property
    def hovers(self) -> dict[str, str]:
        """What boxes say when the pointer rests on them."""
        said = {}
        for row in self.rows:
            stage = self.network.stages[row.stage]
            keys = [mark.key for mark in self.boxes(row) if isinstance(mark, Sheet)]
            text = f"{stage.title}: {told(stage)}"
            if stage.parameters:
                text += "\n" + say(
                    "{count:,} parameters, the same at each step", count=stage.parameters
                )
            said.update(dict.fromkeys(keys, text))
            if stage.recurs:
                names = [say("c, the cells")] * (stage.states - 1) + [say("h, the state")]
                for mark in self.along(row, stage):
                    said[mark.key] = names[int(mark.key.rpartition("_")[2]) % len(names)]
        return said
