"""Arithmetic on large arrays as one pass over memory: what lies between stays in the processor.

The pass may be split between threads: each entry is computed as before. A sum of all entries of a
result joins the pass. NumPy adds by halves, down to blocks of 128; a thread computes one leaf of
that tree at a time and adds it up in the same order, so that the bits are the same too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.program.arrays.blocks import Block
from autograd.program.arrays.names import Names
from autograd.program.arrays.totals import halves, leaves_of
from autograd.program.crew import Crew
from autograd.program.instruction import Recording, Value
from autograd.program.jit.expressions import dtypes, entry
from autograd.program.scalars.loops import compiled_text

__all__ = ["Sweep", "SweepWriter"]

LEAF = 4096
"""Entries of a leaf at most: they stay in the nearest cache."""

ALONE = 1 << 17
"""Entries from which on another thread pays."""


@dataclass(frozen=True)
class Sweep(Block):
    """Elementwise calls on arrays of one shape, and sums of all entries of some of the results.

    Attributes: as those of `Block`; `recording`; `values`, what is known of each register.
    """

    recording: Recording | None = None

    @property
    def values(self) -> list[Value]:
        assert self.recording is not None
        return self.recording.values

    @property
    def arrays(self) -> list[int]:
        """The registers that the loop reads or writes."""
        sums = {total.output for total in self.totals}
        return [*self.reads, *(register for register in self.outputs if register not in sums)]

    def function(self, crew: Crew) -> Callable[..., None]:
        """Takes flat arrays, and numbers, for `arrays`; then arrays of no axes for the sums.

        Of enough entries each thread of the crew computes a part."""
        leaves = leaves_of(math.prod(self.shape), LEAF)
        run = compiled_text(
            "sweep", self.text, __file__, {**dtypes(), "add_up": add_up()}, nogil=True
        )
        ends = np.cumsum([0, *leaves])
        sums = [np.empty(len(leaves), self.values[total.output].dtype) for total in self.totals]
        threads = crew.size if ends[-1] >= ALONE else 1
        cuts = [len(leaves) * i // threads for i in range(threads + 1)]
        parts = list(pairwise(cuts))
        count = len(self.arrays)

        def sweep(*given: Any) -> None:
            arguments = (ends, *given[:count], *sums)
            crew(lambda part: run(*part, *arguments), *parts)
            for of_leaves, total in zip(sums, given[count:], strict=True):
                total[...] = halves(of_leaves, int(ends[-1]), LEAF)

        return sweep

    @property
    def text(self) -> str:
        """The loop over some leaves, with ``{name}`` for its name."""
        assert self.recording is not None
        body, before, after = [], [], []
        for instruction in self.instructions:
            register = instruction.output
            texts = [self._entry(read) for read in instruction.reads]
            body.append(f"t{register} = {entry(self.recording, instruction, texts)}")
            if register in self.outputs:
                body.append(f"v{register}[i] = t{register}")
        for total in self.totals:
            register = total.output
            before.append(f"r{register} = empty({LEAF}, {self.values[register].dtype}_)")
            body.append(f"r{register}[i - begin] = {self._entry(total.reads[0])}")
            after.append(f"v{register}[leaf] = add_up(r{register}[: end - begin])")
        names = [f"v{register}" for register in (*self.arrays, *(t.output for t in self.totals))]
        lines = [
            f"def {{name}}(first, last, ends, {', '.join(names)}):",
            *(f"    {line}" for line in before),
            "    for leaf in range(first, last):",
            "        begin, end = ends[leaf], ends[leaf + 1]",
            "        for i in range(begin, end):",
            *(f"            {line}" for line in body),
            *(f"        {line}" for line in after),
        ]
        return "\n".join(lines) + "\n"

    def _entry(self, register: int) -> str:
        if register in self.inside:
            return f"t{register}"
        return f"v{register}" if self.is_number(register) else f"v{register}[i]"

    def is_number(self, register: int) -> bool:
        """Whether a register that is read from outside is one number for all entries."""
        value = self.values[register]
        return value.weak or value.size == 1 or value.spread or register in self.uniform

    @cached_property
    def uniform(self) -> frozenset[int]:
        """The constants among what is read that are one number throughout, such as ones."""
        assert self.recording is not None
        known = self.recording.constants
        arrays = {register: known[register] for register in self.reads if register in known}
        return frozenset(
            register
            for register, array in arrays.items()
            if type(array) is np.ndarray and array.size and (array == array.flat[0]).all()
        )


class SweepWriter:
    """The line that calls a sweep."""

    def __init__(self, sweep: Sweep, names: Names, crew: Crew) -> None:
        self.sweep, self.names, self.crew = sweep, names, crew

    def written(self, outputs: dict[int, str]) -> list[str]:
        """The call; `outputs` says which array each result is written into."""
        sums = [outputs[total.output] for total in self.sweep.totals]
        given = [self.argument(register, outputs.get(register)) for register in self.sweep.arrays]
        function = self.names.constant(self.sweep.function(self.crew), "sweep")
        return [f"{function}({', '.join([*given, *sums])})"]

    def argument(self, register: int, target: str | None) -> str:
        """A register's array in one dimension, or its number."""
        value = self.sweep.values[register]
        name = target or self.names.of[register]
        if target is None and self.sweep.is_number(register):
            return name if value.weak else f"{name}{[0] * len(value.shape) or [()]}"
        order = tuple(value.order)
        turned = "" if order == tuple(range(len(order))) else f".transpose({order})"
        return f"{name}{turned}.reshape(-1)"


ADD_UP = """
def {name}(a):
    n = len(a)
    if n < 8:
        total = a[0]
        for i in range(1, n):
            total += a[i]
        return total
    if n <= 128:
        r0, r1, r2, r3, r4, r5, r6, r7 = a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]
        end = n - n % 8
        for i in range(8, end, 8):
            r0 += a[i]
            r1 += a[i + 1]
            r2 += a[i + 2]
            r3 += a[i + 3]
            r4 += a[i + 4]
            r5 += a[i + 5]
            r6 += a[i + 6]
            r7 += a[i + 7]
        total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
        for i in range(end, n):
            total += a[i]
        return total
    m = n // 2 - n // 2 % 8
    return {name}(a[:m]) + {name}(a[m:])
"""


@cache
def add_up() -> Callable[..., Any]:
    """The sum of a leaf, compiled: by halves down to blocks, and those in eight sums at once."""
    return compiled_text("add_up", ADD_UP, __file__, {})
