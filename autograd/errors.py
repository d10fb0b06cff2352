"""The errors of the engine: each also derives from the builtin a Python user would expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.origins import Source, find_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd.protocols import AppliedGate

__all__ = [
    "AnomalyError",
    "AutogradError",
    "CompileError",
    "DataError",
    "DependencyError",
    "DetachedWarning",
    "GradcheckError",
    "GradientError",
    "LanguageError",
    "LinAlgError",
    "MissingImportError",
    "MissingNameError",
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


class LanguageError(AutogradError, ValueError):
    """A language was asked for that has no catalogue."""


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


class MissingNameError(AutogradError, AttributeError):
    """A name of another library's; the message says what it is called here."""


class MissingImportError(AutogradError, ImportError):
    """The same, where the name is being imported: ``from autograd import jit``."""


class AnomalyError(AutogradError, FloatingPointError):
    """A NaN or an infinity was made while `detect_anomaly` was watching.

    Attributes
    ----------
    what : one clause, such as ``"log in mlp/hidden made -inf at index (3,) (1 of 8 entries ...)"``.
    gate : the gate that made it.
    operands, values : what it was applied to, as it was given, and the numbers in that.
    source : the user's line that applied it, or None.
    phase : ``"forward"``, ``"backward"``, or ``"written"`` of an array that was written to.
    """

    def __init__(
        self,
        message: str,
        *,
        what: str = "",
        gate: AppliedGate | None = None,
        operands: Sequence[Any] = (),
        values: Sequence[Any] = (),
        source: Source | None = None,
        phase: str = "forward",
    ) -> None:
        super().__init__(message)
        self.what = what or message
        self.gate = gate
        self.operands = tuple(operands)
        self.values = tuple(values)
        self.source = source
        self.phase = phase

    def __reduce__(self) -> tuple[Any, ...]:
        """Between processes the words alone: a graph cannot be pickled."""
        return type(self), self.args, {"what": self.what, "phase": self.phase}


class DetachedWarning(AutogradError, UserWarning):  # noqa: N818 - it is a warning
    """A Tensor that wants a gradient became a plain number: no gradient flows through that.

    Where a function is being differentiated the same is a `DataError`. Write ``.item()`` where the
    number alone is meant.
    """


def needs_numbers(what: str, instead: str = "") -> CompileError:
    """The error for a use of a traced value that a program cannot repeat with other numbers."""
    return refused(
        f"{what} needs the numbers of a traced value, and a program runs again with others: "
        f"{instead and instead + ', '}choose with ag.where(condition, a, b), keep to values inside "
        "the function, or pass what decides as an int, a bool or a str, for which a program of its "
        "own is made"
    )


def refused(message: str) -> CompileError:
    """The error for what a program cannot repeat, with the user's line."""
    source = find_source()
    line = f"\n  {source.filename}:{source.lineno}: {source.text}" if source else ""
    return CompileError(message + line)
