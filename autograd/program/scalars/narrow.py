"""Gates too few for array calls: straight-line Python, made of the gates' own expressions.

Values are local variables of one generated function. It reads what it needs from memory at once,
and writes at once what others need. Where Python raises and IEEE 754 has an infinity or a nan, the
segment is computed again gate by gate, each as carefully as eager does.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from autograd.expression import NAMESPACE, renamed
from autograd.floats import FLOAT_ERRORS, Floats, define
from autograd.program.scalars.edges import Edges, Factors
from autograd.program.scalars.layout import Layout, Segment
from autograd.program.scalars.views import Memory

__all__ = ["NarrowBackward", "NarrowForward"]


class Code:
    """The text of a function without arguments, and what it refers to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.namespace: dict[str, Any] = {**NAMESPACE, "inf": math.inf, "nan": math.nan}

    def read(self, letter: str, memory: Memory, places: Iterable[int]) -> None:
        """Local variables from memory: a letter and the place, as in v17."""
        index = list(dict.fromkeys(places))
        if index:
            key = f"read_{letter}"
            self.namespace[key] = partial(memory.data.take, np.array(index, np.intp))
            names = "".join(f"{letter}{place}, " for place in index)
            self.lines.append(f"{names}= {key}().tolist()")

    def write(self, names: list[str], memory: Memory, place: int) -> None:
        """Local variables to memory, side by side."""
        if names:
            key = f"write_{names[0]}"
            pack = struct.Struct(f"{len(names)}d").pack_into
            self.namespace[key] = partial(pack, memory.data.data, 8 * place)
            self.lines.append(f"{key}({', '.join(names)})")

    def function(self) -> Callable[[], None]:
        """Compiled."""
        body = "\n    ".join(self.lines or ["pass"])
        return define("run", f"def run():\n    {body}\n", self.namespace)


class Narrow:
    """A segment of narrow gates: what its forward and its backward code share."""

    def __init__(self, layout: Layout, segment: Segment, memory: Memory) -> None:
        table, position = layout.table, layout.position
        self.memory = memory
        self.constants = layout.first_input
        rows = segment.rows.tolist()
        self.out = dict(zip(rows, position[table.out[segment.rows]].tolist(), strict=True))
        first = position[table.first[segment.rows]].tolist()
        second = position[table.second[segment.rows]].tolist()
        two = (table.second[segment.rows] >= 0).tolist()
        self.operands = {
            row: (first[i], second[i]) if two[i] else (first[i],) for i, row in enumerate(rows)
        }
        self.floats: dict[int, Floats] = {
            row: table.gates[kind].floats
            for row, kind in zip(rows, table.kind[segment.rows].tolist(), strict=True)
        }

    def name(self, place: int) -> str:
        """The variable of a value, or the number itself where it is a constant."""
        if place < self.constants:
            return f"({float(self.memory.data[place])!r})"
        return f"v{place}"

    def written(self, expression: str, row: int) -> str:
        """One of a gate's expressions in the names of its operands and its result."""
        names = dict(zip("ab", map(self.name, self.operands[row]), strict=False))
        names["out"] = self.name(self.out[row])
        return renamed(expression, names)

    def variables(self, places: Iterable[int]) -> list[int]:
        """The places of values that are no constants."""
        return [place for place in places if place >= self.constants]

    def evaluate(self, row: int) -> tuple[float, ...]:
        """Value and local gradients from the operands in memory, as carefully as eager."""
        return self.floats[row].evaluate(*self.memory.data[list(self.operands[row])].tolist())


class NarrowForward(Narrow):
    """Computes a segment's values."""

    def __init__(self, layout: Layout, segment: Segment, memory: Memory) -> None:
        super().__init__(layout, segment, memory)
        code = Code()
        inside = set(self.out.values())
        reads = (place for operands in self.operands.values() for place in operands)
        code.read("v", memory, (p for p in self.variables(reads) if p not in inside))
        for row, place in self.out.items():
            code.lines.append(f"v{place} = {self.written(self.floats[row].value, row)}")
        results = list(self.out.values())
        code.write([f"v{place}" for place in results], memory, results[0])
        self.run = code.function()

    def __call__(self) -> None:
        try:
            self.run()
        except FLOAT_ERRORS:
            for row, place in self.out.items():
                self.memory.data[place] = self.evaluate(row)[0]


class NarrowBackward(Narrow):
    """Computes the gradients of a segment's values, and local gradients that others ask for."""

    def __init__(
        self,
        layout: Layout,
        segment: Segment,
        memory: Memory,
        edges: Edges,
        factors: Factors,
        places: np.ndarray,
        gradients: Memory,
    ) -> None:
        super().__init__(layout, segment, memory)
        self.gradients = gradients
        self.edges = edges
        self.factors = factors
        targets = places[edges.target]
        self.sums = {
            int(places[register]): [
                (int(targets[edge]), edge)
                for edge in range(int(edges.start[register]), int(edges.start[register + 1]))
            ]
            for register in edges.own(layout.table.out[segment.rows])[::-1].tolist()
        }
        self.exports = factors.exports[segment]
        self.run = self._code().function()

    def _code(self) -> Code:
        used: list[int] = []
        lines = []
        for place, terms in self.sums.items():
            products = [self._product(target, edge, used) for target, edge in terms]
            lines.append(f"g{place} = {' + '.join(products)}")
        lines += [f"d{edge} = {self._local(edge, used)}" for edge in self.exports[0].tolist()]
        code = Code()
        code.read("v", self.memory, self.variables(used))
        upstream = (target for terms in self.sums.values() for target, _ in terms)
        code.read("g", self.gradients, (t for t in upstream if t not in self.sums))
        code.lines += lines
        code.write([f"g{p}" for p in self.sums], self.gradients, min(self.sums, default=0))
        code.write([f"d{e}" for e in self.exports[0].tolist()], self.memory, self.exports[1])
        return code

    def _product(self, target: int, edge: int, used: list[int]) -> str:
        """What an edge brings, as text: upstream times local gradient."""
        if self.edges.unit[edge]:
            return f"g{target}"
        local = self._local(edge, used)
        if self.edges.choice[edge]:
            return f"(g{target} * d if (d := {local}) else 0.0)"
        return f"g{target} * {local}"

    def _local(self, edge: int, used: list[int]) -> str:
        """An edge's local gradient as text; the places that it reads are added to `used`.

        Of a gate outside the segment it lies in memory, as a number.
        """
        row = int(self.edges.row[edge])
        if row not in self.out:
            place = int(self.factors.position[edge])
            used.append(place)
            return self.name(place)
        used += [*self.operands[row], self.out[row]]
        return f"({self.written(self.edges.expression(edge), row)})"

    def __call__(self) -> None:
        try:
            self.run()
        except FLOAT_ERRORS:
            self._carefully()

    def _carefully(self) -> None:
        upstream = self.gradients.data
        for place, terms in self.sums.items():
            total = 0.0
            for target, edge in terms:
                d = self._number(edge)
                if d or not self.edges.choice[edge]:
                    total += float(upstream[target]) * d
            upstream[place] = total
        for i, edge in enumerate(self.exports[0].tolist()):
            self.memory.data[self.exports[1] + i] = self._number(edge)

    def _number(self, edge: int) -> float:
        row = int(self.edges.row[edge])
        if row not in self.out:
            return float(self.memory.data[self.factors.position[edge]])
        return self.evaluate(row)[1 + int(self.edges.operand[edge])]
