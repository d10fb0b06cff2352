"""Programs of arrays through Numba: runs of calls become compiled loops (extra `jit`).

To be read in this order: `expressions` (a ufunc as text), `nests` and `kernels` (small arrays: all
kinds of calls as loops of one function), `sweeps` and `gathering` (large arrays: arithmetic in one
pass over memory).
"""

from __future__ import annotations

from typing import Any

from autograd.program.blocks import Block
from autograd.program.jit.kernels import Kernel, KernelWriter, in_kernels
from autograd.program.jit.sweeps import Sweep, SweepWriter
from autograd.program.names import Names
from autograd.program.pieces import PieceWriter

__all__ = ["in_kernels", "writer_of"]


def writer_of(block: Block, names: Names) -> Any:
    """What writes a block's lines."""
    if isinstance(block, Kernel):
        return KernelWriter(block, names)
    return SweepWriter(block, names) if isinstance(block, Sweep) else PieceWriter(block, names)
