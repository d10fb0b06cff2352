"""Memory of buffers: raw bytes that begin at a cache line, and arrays in them."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from autograd.program.instruction import Value

__all__ = ["LINE", "aligned", "array_in", "layout"]

LINE = 64
"""Bytes of a cache line."""


def aligned(size: int) -> np.ndarray:
    """Bytes that begin at a cache line."""
    raw = np.empty(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size]


def layout(array: np.ndarray) -> Hashable:
    """How an array lies in memory, on which the last bits of products and sums depend."""
    flags = array.flags
    return "C" if flags.c_contiguous else "F" if flags.f_contiguous else array.strides


def array_in(memory: np.ndarray, value: Value) -> np.ndarray:
    """The array of a value at the start of some bytes, its axes in the recorded order."""
    if value.order == tuple(range(len(value.shape))):
        return np.ndarray(value.shape, value.dtype, memory)
    laid = np.ndarray([value.shape[axis] for axis in value.order], value.dtype, memory)
    return laid.transpose(np.argsort(value.order))
