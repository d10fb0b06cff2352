"""Programs of arrays through Numba: runs of calls become compiled loops (extra `jit`).

To be read in this order: `expressions` (a ufunc as text), `nests` and `kernels` (small arrays: all
kinds of calls as loops of one function), `sweeps` and `gathering` (large arrays: arithmetic in one
pass over memory). What is left runs as by NumPy's back end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from autograd.program.blocks import Step
from autograd.program.jit.kernels import Kernel, KernelWriter, in_kernels
from autograd.program.jit.sweeps import Sweep, SweepWriter
from autograd.program.numpy_backend import Planned
from autograd.program.scalars.loops import load_numba

__all__ = ["Kerneled"]


class Kerneled(Planned):
    """Numba's back end."""

    scalars: ClassVar[str] = "wide_numba"
    writers: ClassVar[dict[type, Callable[..., Any]]] = {
        **Planned.writers, Kernel: KernelWriter, Sweep: SweepWriter,
    }  # fmt: skip

    @staticmethod
    def check() -> None:
        load_numba()

    def gathered(self) -> list[Step]:
        return in_kernels(self.recording)
