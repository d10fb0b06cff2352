"""Numba's back end: NumPy's, with tasks of two more kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from autograd.program.arrays.backend import Planned
from autograd.program.arrays.blocks import Task
from autograd.program.jit.kernels import Kernel, KernelWriter, in_kernels
from autograd.program.jit.sweeps import Sweep, SweepWriter
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

    def gathered(self) -> list[Task]:
        return in_kernels(self.recording)
