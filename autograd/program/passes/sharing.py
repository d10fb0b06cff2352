"""Common subexpressions: equal calls with equal arguments run once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd.program.instruction import Recording, Ref

__all__ = ["key_of", "renumbered", "share_subexpressions"]

SMALL = 1 << 14
"""Bytes of a constant that is compared with others."""


def share_subexpressions(recording: Recording) -> Recording:
    """Let the first of several equal calls serve all of them, and of several small constants."""
    same = _equal_constants(recording)
    seen: dict[Hashable, dict[Hashable, tuple[int, ...]]] = {}  # by function and by arguments
    kept = []
    for instruction in recording.instructions:
        instruction = instruction.renamed(same)
        if instruction.effect:
            kept.append(instruction)
            continue
        key = key_of(instruction.args)
        if instruction.kwargs:
            key = key, key_of(instruction.kwargs)
        known = seen.setdefault(instruction.function, {}).setdefault(key, instruction.outputs)
        if known is instruction.outputs:
            kept.append(instruction)
        else:
            same.update(zip(instruction.outputs, known, strict=True))
    return renumbered(replace(recording, instructions=tuple(kept)), same)


def _equal_constants(recording: Recording) -> dict[int, int]:
    """The first constant of the same entries, of each that is not it: rules make them anew."""
    same: dict[int, int] = {}
    seen: dict[Hashable, int] = {}
    for register, array in recording.constants.items():
        if type(array) is np.ndarray and array.nbytes <= SMALL:
            key = array.shape, array.dtype, array.strides, array.tobytes()
            if (first := seen.setdefault(key, register)) != register:
                same[register] = first
    return same


def renumbered(recording: Recording, same: dict[int, int]) -> Recording:
    """The recording with one register in place of another wherever it is named besides in
    arguments."""

    def first(register: int) -> int:
        while register in same:
            register = same[register]
        return register

    values = [
        v if v.view_of is None or v.view_of not in same else replace(v, view_of=first(v.view_of))
        for v in recording.values
    ]
    return replace(
        recording,
        values=values,
        outputs=tuple(map(first, recording.outputs)),
        gradients=tuple(map(first, recording.gradients)),
        assigned=tuple(map(first, recording.assigned)),
    )


def key_of(tree: Any) -> Hashable:
    """Equal for arguments that make a function return the same bits."""
    kind = type(tree)
    if kind is Ref:
        return tree.register  # alone: of everything else the kind is told
    if kind is tuple or kind is list:
        return (kind, *[item.register if type(item) is Ref else key_of(item) for item in tree])
    if kind is dict:
        return tuple((name, key_of(tree[name])) for name in sorted(tree))
    if kind is slice:
        return (slice, key_of(tree.start), key_of(tree.stop), key_of(tree.step))
    if kind is float:
        return (float, tree.hex())  # -0.0 is not 0.0, and nan is nan
    if kind in (int, bool, str, type(None), type(Ellipsis)) or isinstance(tree, np.dtype):
        return (kind, tree)
    return (kind, id(tree))
