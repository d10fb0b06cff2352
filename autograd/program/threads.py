"""BLAS threads: products too small to share are computed by one thread.

Where two threads wait for each other at the end of every small product, a busy machine makes it
many times slower. The number is set around a run, the one process-wide thing that is ever changed,
and restored when no run is under way any more. Without threadpoolctl everything runs on the
threads that BLAS has. threadpoolctl 3.8 lets the first thread that sets OpenBLAS's number keep it,
and drops what another one sets: runs take turns under a lock of ours, and leave it to the main
thread, as is its custom, or to nobody.
"""

from __future__ import annotations

import math
import sys
from functools import lru_cache
from threading import Lock, get_ident, main_thread
from typing import Any

import numpy as np

from autograd.program.instruction import Instruction, Recording, Ref

__all__ = ["Threads"]

SMALL = 1 << 26
"""Multiplications of the largest product below which one thread is at least as fast."""

ALONE = 1 << 12, 1 << 18
"""Those up to which OpenBLAS takes one thread by itself, with a vector and of two matrices: half of
what its interface/gemv.c has, and what gemm.c has."""

PRODUCTS = (np.matmul, np.dot, np.tensordot, np.inner, np.vdot, np.einsum)


_lock = Lock()
_setter: int | None = None
"""The thread that set the number last."""
_inside: list[Threads] = []
_before: list[tuple[Any, int]] = []
"""The blocks that are open in any thread, the newest last, and what was set before the first."""


class Threads:
    """A block inside which BLAS runs on `count` threads; on all it has where `count` is None."""

    def __init__(self, count: int | None, alone: bool = False) -> None:
        self.count = count
        self._libraries: list[Any] = [] if count is None else _blas(len(sys.modules))
        if alone:
            others = (one for one in self._libraries if one.internal_api != "openblas")
            self._libraries = list(others)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to set."""
        return not self._libraries

    @classmethod
    def for_products(cls, recording: Recording, count: int | None) -> Threads:
        """`count` threads, or what is fastest for the products of a recording."""
        alone = False
        if count is None:
            works = [(_work(recording, i), i) for i in recording.instructions]
            largest = max((work for work, _ in works), default=0)
            count = 1 if 0 < largest < SMALL else None
            alone = all(work <= ALONE[_is_of_matrices(recording, i)] for work, i in works)
        return cls(count, alone)

    def __enter__(self) -> None:
        if not self._libraries:
            return
        with _lock:
            if _inside:
                known = _inside[-1].count == self.count and _setter in (None, get_ident())
            else:
                counts = [library.get_num_threads() for library in self._libraries]
                known = counts.count(self.count) == len(counts)
                _before[:] = [] if known else zip(self._libraries, counts, strict=True)
            _inside.append(self)
            if not known:
                self._set()

    def __exit__(self, *error: object) -> None:
        if not self._libraries:
            return
        with _lock:
            _inside.remove(self)
            if _inside:
                if _inside[-1].count != self.count:
                    _inside[-1]._set()
                return
            for library, count in _before:
                _set_number(library, count)
            if _setter is not None and _setter != main_thread().ident:
                for library in self._libraries:
                    _release(library)

    def _set(self) -> None:
        for library in self._libraries:
            _set_number(library, self.count)


def _set_number(library: Any, count: int | None) -> None:
    """Set a library's threads, whichever thread asks and whichever did before."""
    global _setter
    me = get_ident()
    if me != _setter:
        _release(library)
        _setter = me
    library.set_num_threads(count)


def _release(library: Any) -> None:
    """Let any thread set the number: since threadpoolctl 3.8 the first one keeps it."""
    release = getattr(library, "clear_controlling_thread", None)
    if release is not None:
        release(force=True)


def _work(recording: Recording, instruction: Instruction) -> int:
    """Multiplications of a product of matrices; 0 of anything else."""
    if instruction.function not in PRODUCTS or not instruction.outputs:
        return 0
    first = next((arg for arg in instruction.args if type(arg) is Ref), None)
    shape = recording.values[first.register].shape if first else ()
    return math.prod(recording.values[instruction.output].shape) * (shape[-1] if shape else 1)


def _is_of_matrices(recording: Recording, instruction: Instruction) -> bool:
    """Whether a product is one call for two matrices, none a row or a column."""
    refs = [arg for arg in instruction.args if type(arg) is Ref]
    shapes = [recording.values[ref.register].shape for ref in refs]
    return instruction.function in (np.matmul, np.dot) and all(
        len(shape) == 2 and min(shape) > 1 for shape in shapes
    )


@lru_cache(1)
def _blas(modules: int) -> list[Any]:
    """The BLAS libraries in this process, as threadpoolctl knows them: found anew where other
    modules were imported, which may have brought one."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return []
    found = ThreadpoolController().select(user_api="blas")
    return list(found.lib_controllers)
