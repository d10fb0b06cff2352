"""The errors of the engine: each also derives from the builtin a Python user would expect."""

from __future__ import annotations

import numpy as np

__all__ = [
    "AnomalyError",
    "AutogradError",
    "CompileError",
    "DataError",
    "DependencyError",
    "GradcheckError",
    "GradientError",
    "LinAlgError",
    "OutOfRangeError",
    "ShapeError",
    "StaleGraphError",
    "UnsupportedError",
]


class AutogradError(Exception):
    """Base of every error of this project: catch it to catch them all.

    >>> import autograd as ag
    >>> try:
    ...     ag.Tensor([1, 2])
    ... except ag.AutogradError as error:
    ...     print(type(error).__name__)
    DataError
    """


class ShapeError(AutogradError, ValueError):
    """Shapes that do not broadcast, do not match, or are not those of the node."""


class OutOfRangeError(ShapeError, IndexError):
    """An index or an axis that the operand does not have."""


class LinAlgError(ShapeError, np.linalg.LinAlgError):
    """A matrix that is singular, not positive definite or not square where it has to be."""


class DataError(AutogradError, TypeError):
    """Data of a kind that cannot be a node: not numeric, or integers that want a gradient."""


class DependencyError(AutogradError, ImportError):
    """A function that another package computes, which is not installed; the message names it."""


class CompileError(AutogradError, TypeError):
    """A function that cannot be recorded once and replayed; the message says where and why."""


class GradientError(AutogradError, RuntimeError):
    """A backward pass that cannot be: nothing wants a gradient, or no seed for many outputs."""


class GradcheckError(AutogradError, AssertionError):
    """A derivative that differs from finite differences; the message names the worst entry."""


class StaleGraphError(GradientError):
    """A leaf's data was assigned after the graph was recorded: its gates saw other values."""


class UnsupportedError(AutogradError, TypeError):
    """A function or an option that has no derivative here; the message names what to write."""


class AnomalyError(AutogradError, FloatingPointError):
    """A NaN or an infinity was made while `detect_anomaly` was watching."""
