"""Writing a block: a loop over pieces, in which each call runs on one piece, then on the next.

Pieces of memory that is there before the program runs are cut once; those of inputs and of new
arrays, at each run. Of a large array each thread of a crew computes a share of the pieces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import accumulate, groupby, pairwise, starmap
from typing import Any

import numpy as np

from autograd.program.arrays.blocks import PIECE, SHARED, SHARED_PIECE, Block
from autograd.program.arrays.names import Names
from autograd.program.arrays.totals import halves, leaves_of
from autograd.program.crew import Crew
from autograd.program.instruction import Instruction
from autograd.program.memory import aligned

__all__ = ["PieceWriter"]


class PieceWriter:
    """The text of one block.

    Attributes: `before`, the lines that come before the loop; `after`, those behind it.
    """

    def __init__(self, block: Block, names: Names, crew: Crew) -> None:
        self.block, self.names, self.crew = block, names, crew
        self.values = names.recording.values
        size = math.prod(block.shape)
        registers = {*block.reads, *block.inside}
        widest = max(self.values[register].dtype.itemsize for register in registers)
        shares = crew.size if size >= SHARED else 1
        self.length = max((PIECE if shares == 1 else SHARED_PIECE) // widest, 1)
        if block.totals:
            ends = [0, *accumulate(leaves_of(size, self.length))]
        else:
            ends = [*range(0, size, self.length), size]
        self.ranges = list(starmap(slice, pairwise(ends)))
        shares = min(shares, len(self.ranges))
        self.shares = list(pairwise(len(self.ranges) * i // shares for i in range(shares + 1)))
        self.columns: dict[str, list[Any]] = {"piece": self.ranges}
        self.before: list[str] = []
        self.cuts: list[str] = []
        self.after: list[str] = []
        self.of = dict(names.of)

    def written(self, outputs: dict[int, str]) -> list[str]:
        """The lines; `outputs` says which array each register that is read outside is written
        into."""
        for register in self.block.reads:
            self.read(register)
        totals = {total.reads[0]: total for total in self.block.totals}
        calls = [
            part
            for i in self.block.instructions
            for part in (i, *([totals[i.output]] if i.output in totals else []))
        ]
        body: list[str] = []
        free: list[list[np.ndarray]] = []
        temporaries: dict[int, list[np.ndarray]] = {}
        last = {s: at for at, i in enumerate(calls) for s in i.reads}
        for quiet, group in groupby(enumerate(calls), lambda pair: pair[1].quiet):
            lines: list[str] = []
            for at, instruction in group:
                register = instruction.output
                of = dict(self.of)
                over = [s for s in set(instruction.reads) & temporaries.keys() if last[s] == at]
                free += map(temporaries.pop, over)
                if instruction in self.block.totals:
                    lines.append(self.total(instruction, outputs[register]))
                    continue
                if register in outputs:
                    self.cut(register, outputs[register])
                else:
                    temporaries[register] = self.temporary(register, free)
                lines.append(self.names.call_into(instruction, self.of[register], of))
            if quiet and not self.block.quiet:
                lines = ["with quiet():", *(f"    {line}" for line in lines)]
            body += lines
        return [*self.before, *self.loop([*self.cuts, *body]), *self.after]

    def total(self, instruction: Instruction, target: str) -> str:
        """A sum of all entries: of each piece on its own, and of these once all are there."""
        register, size = instruction.output, math.prod(self.block.shape)
        sums = np.empty(len(self.ranges), self.values[register].dtype)
        self.columns[f"r{register}"] = [sums[i : i + 1].reshape(()) for i in range(len(sums))]
        whole = self.names.constant(partial(halves, sums, size, self.length), "halves")
        self.after.append(f"{target}[...] = {whole}()")
        reduce = self.names.constant(np.add.reduce, "add_reduce")
        return f"{reduce}({self.of[instruction.reads[0]]}, out=r{register})"

    def loop(self, body: Sequence[str]) -> list[str]:
        """The lines of a loop over all pieces; of several shares, each over its own."""
        rows = list(zip(*self.columns.values(), strict=True))
        heads = ", ".join(self.columns) + ("," if len(self.columns) == 1 else "")
        names = [self.names.constant(rows[first:last], "pieces") for first, last in self.shares]
        if len(names) == 1:
            return [f"for {heads} in {names[0]}:", *(f"    {line}" for line in body)]
        return [
            "def share(pieces):",
            f"    for {heads} in pieces:",
            *(f"        {line}" for line in body),
            f"{self.names.constant(self.crew, 'together')}(share, {', '.join(names)})",
        ]

    def read(self, register: int) -> None:
        """Name what of an operand each piece reads."""
        value = self.values[register]
        if value.weak or value.shape == ():
            return
        if value.spread or value.size == 1:  # one number, as an array of no axes
            self.of[register] = f"n{register}"
            zeros = "0, " * len(value.shape)
            self.before.append(f"n{register} = {self.names.of[register]}[{zeros}...]")
        else:
            self.cut(register, self.names.of[register])

    def cut(self, register: int, name: str) -> None:
        """Cut an array into pieces, now or at each run."""
        order = self.values[register].order
        self.of[register] = f"p{register}"
        if name in self.names.globals:
            flat = self.names.globals[name].transpose(order).reshape(-1)
            self.columns[f"p{register}"] = [flat[piece] for piece in self.ranges]
        else:
            turned = "" if tuple(order) == tuple(range(len(order))) else f".transpose({order})"
            self.before.append(f"f{register} = {name}{turned}.reshape(-1)")
            self.cuts.append(f"p{register} = f{register}[piece]")

    def temporary(self, register: int, free: list[list[np.ndarray]]) -> list[np.ndarray]:
        """Memory for one piece of what only the block reads, for each share."""
        dtype = self.values[register].dtype
        place = next((i for i, arrays in enumerate(free) if arrays[0].dtype == dtype), None)
        if place is None:
            arrays = [aligned(self.length * dtype.itemsize).view(dtype) for _ in self.shares]
        else:
            arrays = free.pop(place)
        self.of[register] = f"p{register}"
        self.columns[f"p{register}"] = [
            array[: piece.stop - piece.start]
            for array, (first, last) in zip(arrays, self.shares, strict=True)
            for piece in self.ranges[first:last]
        ]
        return arrays


def emptied(shape: Sequence[int], dtype: str, order: Sequence[int]) -> str:
    """The text of a new array whose axes lie in a given order."""
    if tuple(order) == tuple(range(len(order))):
        return f"empty({tuple(shape)}, {dtype})"
    laid = tuple(shape[axis] for axis in order)
    back = tuple(int(i) for i in np.argsort(order))
    return f"empty({laid}, {dtype}).transpose({back})"
