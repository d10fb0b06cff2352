"""Numba's back end: NumPy's, with tasks of two more kinds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from autograd.program.arrays.backend import Planned
from autograd.program.arrays.blocks import Task
from autograd.program.crew import processors
from autograd.program.instruction import Recording
from autograd.program.jit.kernels import Kernel, KernelWriter, in_kernels
from autograd.program.jit.sweeps import Sweep, SweepWriter
from autograd.program.scalars.loops import load_numba

__all__ = ["Kerneled"]


class Kerneled(Planned):
    """Numba's back end."""

    scalars: ClassVar[str] = "wide_numba"

    def prepared(self, recording: Recording) -> Recording:
        return recording  # in a loop, tangents of 0 are told from others at no cost

    def threads(self) -> int:
        return processors()

    def writers(self) -> dict[type, Callable[..., Any]]:
        sweeps = partial(SweepWriter, crew=self.crew)
        return {**super().writers(), Kernel: KernelWriter, Sweep: sweeps}

    @staticmethod
    def check() -> None:
        load_numba()

    def gathered(self) -> list[Task]:
        return in_kernels(self.recording)
