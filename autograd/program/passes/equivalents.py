"""Equivalent forms: a call that returns the same bits as another one, and costs less.

The choice depends on functions, shapes and dtypes alone, never on a measurement: what runs, and so
every last bit, is the same on every machine.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.gates.routing import is_finite, pushed_by_both
from autograd.program.instruction import Instruction, Recording, Ref
from autograd.program.numbers import plain_product
from autograd.program.passes.sharing import renumbered

__all__ = ["use_equivalents"]

POWERS = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal}
"""What NumPy's operator ** of a float array itself calls for these exponents."""

COPIES = frozenset({
    np.copy, np.positive, np.ndarray.copy, np.array, np.ascontiguousarray, np.broadcast_to,
    np.ndarray.astype, np.reshape,
})  # fmt: skip
"""Functions that may return what they were given; registers are never written twice."""


def use_equivalents(recording: Recording) -> Recording:
    """Replace powers that NumPy has a function for and copies that a view will do for, and leave
    out what changes nothing."""
    same: dict[int, int] = {}
    kept = []
    values = list(recording.values)
    for instruction in recording.instructions:
        instruction = _plain_product(recording, instruction.renamed(same))
        source = _unchanged(recording, instruction)
        if source is not None:
            same[instruction.output] = source
        elif _is_flat_already(recording, instruction):
            (array,), flat = instruction.args, instruction.output
            values[flat] = replace(values[flat], view_of=array.register)
            shape = values[flat].shape
            kept.append(replace(instruction, function=np.reshape, args=(array, shape)))
        else:
            kept.append(_short(recording, instruction))
    return renumbered(replace(recording, values=values, instructions=tuple(kept)), same)


def _plain_product(recording: Recording, instruction: Instruction) -> Instruction:
    """A tangent times a local gradient as any product, where it is known that no 0 meets ∞."""
    plain = plain_product(instruction.function)
    if plain is None:
        return instruction
    for place, arg in enumerate(instruction.args):
        known = recording.constants.get(arg.register) if type(arg) is Ref else arg
        if known is None or not is_finite(known):
            continue
        if np.all(known) or (place == 1 and instruction.function is not pushed_by_both):
            return replace(instruction, function=plain)
    return instruction


def _is_flat_already(recording: Recording, instruction: Instruction) -> bool:
    """Whether all entries are copied in the order in which they are: into a register, which is
    written once, so that a view is as good."""
    args = instruction.args
    if instruction.function is not np.ndarray.flatten or instruction.kwargs:
        return False
    if len(args) != 1 or type(args[0]) is not Ref:
        return False
    given = recording.values[args[0].register]
    return given.dense and not given.weak and given.order == tuple(range(len(given.shape)))


def _unchanged(recording: Recording, instruction: Instruction) -> int | None:
    """The register that an instruction returns as it is; None where it computes something."""
    args, function = instruction.args, instruction.function
    scales = function is np.multiply or function is np.true_divide
    if not scales and function not in COPIES:
        return None
    if instruction.several or not args or instruction.effect:
        return None
    after = recording.values[instruction.output]
    for place, other in ((0, 1), (1, 0)):
        if place >= len(args) or type(args[place]) is not Ref:
            continue
        before = recording.values[args[place].register]
        alike = before.shape == after.shape and before.dtype == after.dtype
        if not alike or before.order != after.order or before.weak != after.weak:
            continue
        if not scales:
            if place == 0:
                return args[0].register
        elif (
            (place == 0 or function is np.multiply)
            and len(args) == 2
            and _is_one(recording, args[other])
        ):
            return args[place].register
    return None


def _is_one(recording: Recording, arg: Any) -> bool:
    """Whether an argument is the number 1, or an array of nothing else."""
    if type(arg) is Ref:
        array = recording.constants.get(recording.storage(arg.register))
        spread = recording.values[arg.register].spread or arg.register in recording.constants
        return array is not None and spread and bool(np.all(array == 1.0))
    return type(arg) in (int, float) and arg == 1


def _short(recording: Recording, instruction: Instruction) -> Instruction:
    """The call by NumPy's own short cut, where there is one."""
    if instruction.function is not operator.pow or type(instruction.args[0]) is not Ref:
        return instruction
    base, exponent = instruction.args
    value = recording.values[base.register]
    if value.weak or value.dtype.kind != "f" or type(exponent) not in (int, float):
        return instruction
    function = POWERS.get(exponent)
    if function is None:
        return instruction
    return replace(instruction, function=function, args=(base,))
