"""Constant folding: what depends on constants alone is computed once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograd.program.instruction import Recording, with_registers

__all__ = ["LARGEST", "fold_constants", "spread_constants"]

LARGEST = 1 << 16
"""Bytes: computing a larger constant anew costs less than it would take from the caches."""


def fold_constants(recording: Recording) -> Recording:
    """Run the instructions that read constants alone, and keep what they return."""
    constants = dict(recording.constants)
    values = list(recording.values)
    kept = []
    for instruction in recording.instructions:
        if not constants.keys() >= set(instruction.reads):
            kept.append(instruction)
            continue
        small = all(values[register].nbytes <= LARGEST for register in instruction.outputs)
        plain = len(instruction.outputs) == 1 and not values[instruction.output].weak
        if not (small and plain) or instruction.effect or instruction.several:
            kept.append(instruction)
            continue
        args = with_registers(instruction.args, constants.__getitem__)
        kwargs = with_registers(instruction.kwargs, constants.__getitem__)
        with np.errstate(all="ignore"):
            result = np.asarray(instruction.function(*args, **kwargs))
        register = instruction.output
        constants[register] = result
        values[register] = replace(values[register], view_of=None)
    return replace(recording, values=values, constants=constants, instructions=tuple(kept))


def spread_constants(recording: Recording) -> Recording:
    """Keep one entry of large constants that are the same number throughout, and that are handed
    out alone, such as the gradient of a sum: a call that read one might take another way."""
    read = {register for i in recording.instructions for register in i.reads}
    constants, values = dict(recording.constants), list(recording.values)
    for register in constants.keys() & {*recording.kept} - read:
        array = constants[register]
        if type(array) is np.ndarray and array.nbytes > LARGEST and _is_one_number(array):
            constants[register] = np.broadcast_to(array.flat[0], array.shape)
            values[register] = replace(values[register], spread=True)
    return replace(recording, constants=constants, values=values)


def _is_one_number(array: np.ndarray) -> bool:
    """Whether all entries have the same bits; 0 and −0 are equal, and differ."""
    first = array.flat[0]
    signs = np.signbit(array) if array.dtype.kind == "f" and first == 0 else np.False_
    return bool((array == first).all() and signs.all() == signs.any())
