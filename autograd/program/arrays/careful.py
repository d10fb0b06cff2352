"""Tangents pushed by plain products, and computed again with care where a nan came of them.

`pushed` is a product that is 0 where the tangent is 0, whatever it is multiplied by. A plain one
differs from it by a nan, and what a tangent goes through hands that on: sums, products, indices.
So it is enough to look where the tangents leave such calls: as results, or into any other function.
Where a nan has come, what leads there is computed again from the program's inputs, as recorded.
"""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from autograd.expression import parse
from autograd.gates.primitives import is_primitive
from autograd.gates.routing import unless_still
from autograd.program.backend import evaluate
from autograd.program.instruction import Instruction, Recording, Ref
from autograd.program.numbers import FloatFunction, choice, plain_product

__all__ = ["Care", "plain_first"]

HANDS_ON = frozenset({
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.square, choice,
    np.sum, np.ndarray.sum, np.mean, np.ndarray.mean, np.matmul, np.dot, np.where,
    np.stack, np.concatenate, np.reshape, np.transpose, np.swapaxes, np.copy,
    np.ndarray.astype, np.ndarray.flatten, operator.getitem,
})  # fmt: skip
"""Functions of which every number that depends on a nan is one."""

PRIMITIVES = frozenset({"add_at_index", "array", "number", "scatter"})
"""Primitives that are so, too, by name."""


def plain_first(recording: Recording) -> Recording:
    """The recording with plain products, and a look at what came of them."""
    if recording.seed is not None or not any(
        i.function is unless_still or plain_product(i.function) for i in recording.instructions
    ):
        return recording
    values, kept = list(recording.values), []
    makers = {register: i for i in recording.instructions for register in i.outputs}
    uses = Counter(register for i in recording.instructions for register in i.reads)
    uses.update(recording.kept)
    doubtful: set[int] = set()
    now: dict[int, int] = {}  # the registers that stand for others
    same: dict[int, int] = {}

    def mend(register: int) -> None:
        care = Care(recording, makers, register)
        found, number = now.get(register, register), len(values)
        value = values[found]
        values.append(value if value.weak else replace(value, view_of=found))
        args = tuple(map(Ref, (found, *care.inputs)))
        maker = makers[register]
        kept.append(replace(maker, function=care, args=args, kwargs={}, outputs=(number,)))
        doubtful.remove(register)
        now[register] = number

    for instruction in recording.instructions:
        if instruction.function is unless_still and type(instruction.args[0]) is Ref:
            term = instruction.args[0].register
            if uses[term] == 1 and values[term] == values[instruction.output]:
                now[instruction.output] = same[instruction.output] = term
                doubtful.discard(term)
                doubtful.add(instruction.output)
                continue
        plain = plain_product(instruction.function)
        found = [register for register in set(instruction.reads) if register in doubtful]
        hands_on = bool(plain) or _hands_on(recording, instruction, doubtful)
        if not hands_on:
            for register in found:
                mend(register)
        renamed = instruction.renamed(now)
        kept.append(replace(renamed, function=plain) if plain else renamed)
        if plain or (found and hands_on):
            doubtful.update(instruction.outputs)
    for register in dict.fromkeys((*recording.outputs, *recording.assigned)):
        if register in doubtful:
            mend(register)

    def last(registers: Sequence[int]) -> tuple[int, ...]:
        return tuple(now.get(register, register) for register in registers)

    values = [v if v.view_of is None else replace(v, view_of=same.get(v.view_of, v.view_of))
              for v in values]  # fmt: skip
    return replace(
        recording, values=values, instructions=tuple(kept), outputs=last(recording.outputs),
        assigned=last(recording.assigned),
    )  # fmt: skip


def _hands_on(recording: Recording, instruction: Instruction, doubtful: set[int]) -> bool:
    """Whether what it makes of a nan is nan, in memory that can be written over."""
    function = instruction.function
    if len(instruction.outputs) != 1:
        return False
    after = recording.values[instruction.output]
    if after.dtype.kind != "f" or after.spread:
        return False
    if function is np.where:
        condition = instruction.args[0]
        return type(condition) is not Ref or condition.register not in doubtful
    if isinstance(function, FloatFunction):
        return _is_arithmetic(function.expression)
    named = is_primitive(function) and instruction.name in PRIMITIVES
    return named or function in HANDS_ON or instruction.name == "add.reduce"


@cache
def _is_arithmetic(expression: str) -> bool:
    """Whether there are sums, products and quotients alone."""
    plain = (ast.BinOp, ast.UnaryOp, ast.Name, ast.Constant, ast.Load, ast.operator, ast.USub)
    nodes = list(ast.walk(parse(expression)))
    return all(isinstance(node, plain) and not isinstance(node, (ast.Pow, ast.Mod, ast.FloorDiv))
               for node in nodes)  # fmt: skip


class Care:
    """What leads to a register, as it was recorded; called where a nan is in it.

    Attributes: `inputs`, the registers that it begins with.
    """

    def __init__(self, recording: Recording, makers: dict[int, Instruction], register: int) -> None:
        self.register, self.values = register, recording.values
        self.constants = recording.constants
        needed, waiting = set(), [register]
        inputs: set[int] = set()
        while waiting:
            one = waiting.pop()
            maker = makers.get(one)
            if maker is None or maker.effect:
                inputs.add(one)
            elif maker not in needed:
                needed.add(maker)
                waiting += maker.reads
        self.inputs = sorted(inputs - self.constants.keys())
        self.instructions = [i for i in recording.instructions if i in needed]

    def __call__(self, found: Any, *given: Any) -> Any:
        """What it is with care: a number, or an array that is written over what was found."""
        known = {**self.constants, **dict(zip(self.inputs, given, strict=True))}
        for instruction in self.instructions:
            evaluate(instruction, known, self.values)
        if type(found) is not np.ndarray:
            return known[self.register]
        found[...] = known[self.register]
        return found
