"""Elementwise calls on large arrays in pieces that stay in a processor's caches.

XLA makes one loop of cheap calls, and ends it at each result that takes long and is read again, as
those of exp and tanh are by their gradients: all of it goes to memory and back. A row of calls with
much of that runs on one piece after the other here, in a loop that XLA is given.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.effects import Draw
from autograd.program.arrays.blocks import Block, Task, in_blocks
from autograd.program.instruction import Recording, Value
from autograd.program.lowering.walk import Engine, walk

__all__ = ["run", "tasks_of"]

PIECE = 1 << 17
"""Numbers of a piece at most, and of one at least four times as many: several threads of XLA's can
share it."""

MUCH = 1 << 24
"""Bytes of such results from which on pieces pay: memory for them is then new to the process at
each run. Twenty gates of tanh and exp on 10⁶ numbers keep 80 MB, and take 2.7 times as long as in
pieces; with less to keep, pieces may take a fifth more."""

CHEAP: frozenset[Callable[..., Any]] = frozenset({
    np.absolute, np.add, np.ceil, np.divide, np.equal, np.floor, np.greater, np.greater_equal,
    np.less, np.less_equal, np.logical_and, np.logical_not, np.logical_or, np.maximum, np.minimum,
    np.multiply, np.negative, np.not_equal, np.sign, np.sqrt, np.square, np.subtract,
})  # fmt: skip
"""What XLA computes anew for each loop that reads it."""


def tasks_of(recording: Recording, in_pieces: bool) -> tuple[list[Task], list[Task]]:
    """The instructions of both halves without the draws, those that may run in pieces together."""
    halves: tuple[list[Task], list[Task]] = ([], [])
    for task in in_blocks(recording) if in_pieces else recording.instructions:
        if isinstance(task, Block) or not isinstance(task.function, Draw):
            halves[recording.in_second_half(task)].append(task)
    return halves


def run(
    engine: Engine, tasks: Sequence[Task], known: dict[int, Any], values: Sequence[Value]
) -> None:
    """Run tasks on the engine's arrays, as `walk` does instructions."""
    for task in tasks:
        if not isinstance(task, Block):
            walk(engine, [task], known, values)
        elif (count := pieces_of(task, values)) == 1:
            walk(engine, [*task.instructions, *task.totals], known, values)
        else:
            run_in_pieces(engine, task, count, known, values)


def pieces_of(block: Block, values: Sequence[Value]) -> int:
    """How many equal pieces to make; 1 where they do not pay, or the length has no such part."""
    calls = *block.instructions, *block.totals
    read = Counter(register for call in calls for register in {*call.reads})
    again = [i for i in block.instructions if read[i.output] > 1 and i.function not in CHEAP]
    if sum(values[i.output].nbytes for i in again) < MUCH:
        return 1
    size = math.prod(block.shape)
    least = -(-size // PIECE)
    return next((count for count in range(least, 4 * least) if size % count == 0), 1)


def run_in_pieces(
    engine: Engine, block: Block, count: int, known: dict[int, Any], values: Sequence[Value]
) -> None:
    """The loop, and the sums of its pieces' sums."""
    shape = (math.prod(block.shape) // count,)
    of_piece = list(values)
    for register in {*block.reads, *block.inside}:
        if not values[register].weak:
            of_piece[register] = replace(values[register], shape=shape, order=(0,))
    numbers, arrays = {}, {}
    for register in block.reads:
        value, given = values[register], known[register]
        if value.weak or value.shape == ():
            numbers[register] = given
        elif value.size == 1 or value.spread:
            numbers[register] = jnp.broadcast_to(jnp.ravel(given)[0], shape)
        else:
            arrays[register] = jnp.reshape(given, (count, *shape))

    def step(nothing: None, parts: dict[int, Any]) -> tuple[None, dict[int, Any]]:
        inside = {**numbers, **parts}
        walk(engine, block.instructions, inside, of_piece)
        inside.update((total.output, jnp.sum(inside[total.reads[0]])) for total in block.totals)
        return nothing, {register: inside[register] for register in block.outputs}

    _, results = lax.scan(step, None, arrays, length=count)
    for total in block.totals:
        results[total.output] = jnp.sum(results[total.output])
    known.update(
        (register, jnp.reshape(r, values[register].shape)) for register, r in results.items()
    )
