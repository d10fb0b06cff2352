"""A group as array calls: gather or view the operands, one ufunc, results side by side.

Chains of additions that lie side by side are added link by link, each in one call over all chains;
a few long ones by `add.accumulate`, in which each sum is the one before plus a term. Both add in
the order of the chain, as the gates would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.expression import as_call, on_arrays
from autograd.program.scalars.groups import Group
from autograd.program.scalars.layout import Layout
from autograd.program.scalars.views import Action, Memory, reads

__all__ = ["forward_actions", "local_actions"]

MANY = 192
"""Chains for which a call a link is faster than accumulating along them."""


def forward_actions(
    layout: Layout, group: Group, memory: Memory, scratch: Sequence[np.ndarray]
) -> list[Action]:
    """What computes a group's values."""
    registers = layout.operands(group)
    if len(group.rows) == 1:
        floats = layout.table.gates[layout.table.kind[group.rows[0, 0]]].floats
        assert floats is not None
        target = _results(layout, group, memory)[0]
        shape, arrays, actions = reads([(memory, layout.position[s]) for s in registers], scratch)
        operands = dict(zip("ab", arrays, strict=False))
        return [*actions, compute(floats.value, operands, target.reshape(shape))]
    if group.rows.shape[1] >= MANY:
        return _link_by_link(layout, group, memory, scratch)
    return _accumulated(layout, group, memory, scratch)


def _results(layout: Layout, group: Group, memory: Memory) -> np.ndarray:
    start = layout.position[layout.table.out[group.rows[0, 0]]]
    return memory.data[start : start + group.rows.size].reshape(group.rows.shape)


def _link_by_link(
    layout: Layout, group: Group, memory: Memory, scratch: Sequence[np.ndarray]
) -> list[Action]:
    sums = _results(layout, group, memory)
    start, *terms = layout.operands(group)
    shape, (total, term), actions = reads(
        [(memory, layout.position[start]), (memory, layout.position[terms[0]])], scratch
    )
    target = sums[0].reshape(shape)
    actions.append(partial(np.add, total, term, target))
    for registers, before, after in zip(terms[1:], sums, sums[1:], strict=False):
        shape, (term,), more = reads([(memory, layout.position[registers])], scratch)
        target = after.reshape(shape)
        actions += [*more, partial(np.add, before.reshape(shape), term, target)]
    return actions


def _accumulated(
    layout: Layout, group: Group, memory: Memory, scratch: Sequence[np.ndarray]
) -> list[Action]:
    links, width = group.rows.shape
    index = layout.position[np.concatenate(layout.operands(group))]
    start = layout.position[layout.table.out[group.rows[0, 0]]] - width
    sums = memory.data[start : start + len(index)]
    shape, (terms,), actions = reads([(memory, index)], scratch)
    if not actions:
        gathered = scratch[0][: len(index)]
        actions.append(partial(np.copyto, gathered.reshape(shape), terms))
        terms = gathered
    across = (links + 1, width)
    actions.append(partial(np.add.accumulate, terms.reshape(across), 0, None, sums.reshape(across)))
    return actions


def local_actions(
    layout: Layout,
    group: Group,
    operand: int,
    start: int,
    memory: Memory,
    scratch: Sequence[np.ndarray],
) -> list[Action]:
    """What computes a group's local gradients by one operand, into the memory from `start` on."""
    table, rows = layout.table, group.rows[0]
    floats = table.gates[table.kind[rows[0]]].floats
    assert floats is not None
    registers = [*layout.operands(group), table.out[rows]]
    shape, arrays, actions = reads([(memory, layout.position[s]) for s in registers], scratch)
    operands = dict(zip("ab", arrays[:-1], strict=False), out=arrays[-1])
    target = memory.data[start : start + len(rows)].reshape(shape)
    return [*actions, compute(floats.local[operand], operands, target)]


def compute(expression: str, operands: Mapping[str, Any], target: np.ndarray) -> Action:
    """A action that puts an expression's values into `target`; `operands` are by their names.

    What is a single call of a ufunc writes its result where it belongs.
    """
    function, arguments = as_call(expression)
    if function is not None:
        given = [operands[a] if isinstance(a, str) else a for a in arguments]
        return partial(function, *given, target)
    given = [operands["a"], operands.get("b"), operands.get("out")]
    return partial(_put, on_arrays(expression), target, *given)


def _put(function: Any, target: np.ndarray, *operands: Any) -> None:
    np.copyto(target, function(*operands))
