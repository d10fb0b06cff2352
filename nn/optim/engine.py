"""What takes arrays through a rule: calls of NumPy block by block, or one loop that Numba compiles.

Large arrays pass through NumPy's calls in blocks, so that all passes over a block find it in the
cache. The loop is read off the same rule; it reads and writes each entry once, with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from autograd.extend import Crew, as_threads, find_backend, processors
from nn.names import look_up

from .errors import OptimizerError

__all__ = ["BACKENDS", "Engine", "Rule", "Share", "Typed", "Update", "block_size"]

Rule = Callable[..., None]
Typed = Callable[[float], Any]
Share = list[tuple[slice, np.ndarray, tuple[np.ndarray, ...]]]
"""Of one thread: pieces of a parameter, where they are in it, and what comes after the gradient."""

WHOLE = slice(None)

BACKENDS = {"numpy": False, "numba": True}
"""Whether each steps by loops."""

BLOCK_BYTES = 256 * 1024
"""Of each operand, four of which a pass of Adam's goes back to: a second-level cache of 1 MB holds
them. Measured for 10^6 float32: half of it takes 5 % longer, a quarter 15 % (calls); without
blocks it is as fast only while the third level holds all 16 MB, and scratch needs 12 more."""

SHARED = 1 << 18
"""Numbers of an array from which on each thread steps a part, where there are several."""

LEAST = 1 << 13
"""Numbers of an array from which on a loop is faster than ten calls, with what it takes to see that
the rule is as before."""

LOOPED = (np.dtype(np.float32), np.dtype(np.float64))
"""What a loop computes with."""


def block_size(dtype: np.dtype) -> int:
    """How many elements make a block."""
    return BLOCK_BYTES // dtype.itemsize


class Update:
    """A rule at one step in both forms, each made when it is first asked for."""

    __slots__ = ("_calls", "_loop", "define", "dtype", "states")

    def __init__(self, define: Callable[[Typed], Rule], dtype: np.dtype, states: int) -> None:
        self.define, self.dtype, self.states = define, dtype, states
        self._calls: Rule | None = None
        self._loop: Rule | None = None

    @property
    def calls(self) -> Rule:
        """Of a parameter, its gradient, three arrays to compute in, and the state."""
        if self._calls is None:
            self._calls = self.define(partial(np.array, dtype=self.dtype))
        return self._calls

    @property
    def loop(self) -> Rule:
        """Of contiguous arrays of one axis: a parameter, its gradient and the state.

        Raises UnwritableError where the rule does more than such calls.
        """
        if self._loop is None:
            from autograd.extend import Loop

            loop = Loop(self.dtype)
            computed = [loop.array(), loop.array(), *(loop.scratch() for _ in range(3))]
            self.define(loop.number)(*computed, *(loop.array() for _ in range(self.states)))
            self._loop = loop.compiled()
        return self._loop


class Engine:
    """By which back end the arrays of an optimiser are stepped, and on how many threads.

    It owns the blocks to compute in, which all parameters share.
    """

    def __init__(self, owner: str, backend: str, threads: int | None) -> None:
        self.owner, self.backend, self.threads = owner, backend, as_threads(owner, threads)
        self.loops = look_up(f"backend of {owner}", backend, BACKENDS)
        if self.loops:
            find_backend("numba")  # raises where Numba is missing
        self.crew = Crew(threads or (processors() if self.loops else 1))
        self._blocks: dict[Any, np.ndarray] = {}

    def __reduce__(self) -> tuple:
        # A copy, which may come out of a read-only file, has blocks and threads of its own.
        return Engine, (self.owner, self.backend, self.threads)

    def check(self, define: Callable[[Typed], Rule], states: int) -> None:
        """Raise OptimizerError (a ValueError) where a rule should be a loop, and cannot."""
        if not self.loops:
            return
        from autograd.extend import UnwritableError

        try:
            Update(define, LOOPED[0], states).loop  # noqa: B018 - made, it is as it should be
        except UnwritableError as error:
            raise OptimizerError(
                f'{self.owner}: backend="numba" makes a loop of calls such as '
                f"np.multiply(a, b, out), and the rule needs {error}: leave backend out"
            ) from error

    def shares(self, array: np.ndarray, states: Sequence[np.ndarray]) -> list[Share]:
        """What each thread steps of an array, whose state is contiguous."""
        size, block = array.size, block_size(array.dtype)
        loops = self._loops(array)
        if not loops and (size <= block or not array.flags.c_contiguous):
            rest = (*self.scratch(0, array.shape, size, array.dtype), *states)
            return [[(WHOLE, array, rest)]]
        count = self.crew.size if size >= SHARED else 1
        flat, *flats = (one.reshape(-1) for one in (array, *states))
        shares: list[Share] = [[] for _ in range(count)]
        for i, share in enumerate(shares):
            first, last = size * i // count, size * (i + 1) // count
            for ends in pairwise([*range(first, last, size if loops else block), last]):
                where, length = slice(*ends), ends[1] - ends[0]
                rest = () if loops else self.scratch(i, (length,), length, array.dtype)
                share.append((where, flat[where], (*rest, *(one[where] for one in flats))))
        return shares

    def step(self, update: Update, shares: list[Share], gradient: np.ndarray) -> None:
        """Step an array, given as its shares, in place."""
        where, piece, rest = shares[0][0]
        if where is WHOLE:
            update.calls(piece, gradient, *rest)
            return
        rule = update.loop if len(rest) == update.states else update.calls  # it has no scratch
        flat = np.ascontiguousarray(gradient, piece.dtype).reshape(-1)

        def step_share(share: Share) -> None:
            for where, piece, rest in share:
                rule(piece, flat[where], *rest)

        self.crew(step_share, *shares)

    def scratch(
        self, share: int, shape: tuple[int, ...], size: int, dtype: np.dtype
    ) -> tuple[np.ndarray, ...]:
        """Three arrays of `shape`: views of the share's blocks where they are large enough."""
        if size > block_size(dtype):
            return tuple(np.empty((3, *shape), dtype))
        if (share, dtype) not in self._blocks:
            self._blocks[share, dtype] = np.empty((3, block_size(dtype)), dtype)
        return tuple(row[:size].reshape(shape) for row in self._blocks[share, dtype])

    def _loops(self, array: np.ndarray) -> bool:
        """Whether a loop steps an array."""
        fits = self.loops and array.size >= LEAST and array.dtype in LOOPED
        return fits and array.flags.c_contiguous
