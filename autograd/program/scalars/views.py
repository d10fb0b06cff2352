"""Reading many registers at once: as a view of memory where their positions follow a pattern.

Positions that are base + i·s + j·t + ... over some shape, as those of a layer's weights are over
the rows of a batch (then with s = 0), can be read in place, with no index and no copy. Others are
gathered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import gcd
from typing import Any

import numpy as np

__all__ = ["Memory", "Action", "affine_shape", "reads", "view"]

Action = Callable[[], Any]


def affine_shape(indices: Sequence[np.ndarray]) -> tuple[int, ...] | None:
    """The coarsest shape over which each of some equally long indices is base + Σ stride·i."""
    n = len(indices[0])
    dims: list[int] = []
    while n > 1:
        run = n
        for index in indices:
            breaks = np.flatnonzero(np.diff(index) != index[1] - index[0])
            if len(breaks):
                run = gcd(run, int(breaks[0]) + 1)
        if run == 1:
            return None
        for index in indices:
            if (np.diff(index.reshape(-1, run)) != index[1] - index[0]).any():
                return None
        indices = [index[::run] for index in indices]
        dims.append(run)
        n //= run
    return tuple(reversed(dims)) or (1,)


def strides_over(index: np.ndarray, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of an index that is affine over `shape`."""
    grid = index.reshape(shape)
    origin = (0,) * len(shape)
    return tuple(
        int(grid[(*origin[:axis], 1, *origin[axis + 1 :])] - grid[origin]) if length > 1 else 0
        for axis, length in enumerate(shape)
    )


def view(memory: np.ndarray, index: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The elements at an index that is affine over `shape`."""
    size = memory.itemsize
    strides = tuple(size * stride for stride in strides_over(index, shape))
    return np.ndarray(shape, memory.dtype, memory, size * int(index.flat[0]), strides)


def pays(shape: tuple[int, ...]) -> bool:
    """Whether a view is faster than a gather: its inner loops have to be long enough."""
    size = int(np.prod(shape))
    return 10 * (size // shape[-1]) < size + 1000


class Memory:
    """Numbers in one array, of which the first `fixed` never change."""

    __slots__ = ("data", "fixed")

    def __init__(self, size: int, constants: np.ndarray | None = None) -> None:
        self.data = np.zeros(size)
        self.fixed = 0 if constants is None else len(constants)
        if constants is not None:
            self.data[: self.fixed] = constants


def reads(
    places: Sequence[tuple[Memory, np.ndarray]], scratch: Sequence[np.ndarray]
) -> tuple[tuple[int, ...], list[Any], list[Action]]:
    """How to read at equally long indices: a shape, an array of it each, and actions to take
    before.

    What follows no pattern is gathered into the scratch arrays.
    """
    changing = [index for memory, index in places if index.max() >= memory.fixed]
    patterned = [index for index in changing if affine_shape([index])]
    shape = affine_shape(patterned) if patterned else None
    if shape is None or not pays(shape):
        patterned, shape = [], (len(places[0][1]),)
    arrays: list[Any] = []
    actions: list[Action] = []
    for memory, index in places:
        if index.max() < memory.fixed:
            arrays.append(_fixed(memory.data[index], shape))
        elif any(index is other for other in patterned):
            arrays.append(view(memory.data, index, shape))
        else:
            space = scratch[len(actions)][: len(index)]
            actions.append(partial(memory.data.take, index, None, space, "clip"))
            arrays.append(space.reshape(shape))
    return shape, arrays, actions


def _fixed(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Constants: one number for all where they are equal to the bit."""
    bits = values.view(np.int64)
    if (bits == bits[0]).all():
        return np.broadcast_to(values[0], shape)
    return values.reshape(shape)
