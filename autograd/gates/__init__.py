"""The gates, one file a family, and the table of all of them."""

from __future__ import annotations

from autograd.gates import arithmetic, exponential, linear, reductions, selection, shapes
from autograd.gates.registry import Gate

__all__ = ["TABLE"]

TABLE: tuple[Gate, ...] = tuple(
    entry
    for family in (arithmetic, exponential, selection, reductions, linear, shapes)
    for entry in vars(family).values()
    if isinstance(entry, Gate)
)
"""Every gate of the engine, in the order of the families' files."""
