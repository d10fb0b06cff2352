"""Where a gate comes from: the scope that it was made in, and the line of the user's program."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from contextvars import ContextVar
from types import FrameType
from typing import NamedTuple

import numpy as np

__all__ = [
    "GENERATED", "HOUSE", "LIBRARIES", "Origin", "Scope", "Source", "called_from", "find_source",
    "is_library", "user_frame", "warn_on",
]  # fmt: skip

GENERATED = "<gategrad "
"""How the file names of generated code begin: no user's line."""


class Scope:
    """One entry into `scope(name)`: the gates made in it share this very object.

    Attributes: `name`, and `parent`, the scope around it or None.
    """

    __slots__ = ("name", "parent")

    def __init__(self, name: str, parent: Scope | None) -> None:
        self.name = name
        self.parent = parent

    @property
    def chain(self) -> tuple[Scope, ...]:
        """This entry and those around it, outermost first."""
        return (*self.parent.chain, self) if self.parent else (self,)

    @property
    def path(self) -> str:
        """The names from the outermost scope to this one, such as ``"mlp/hidden"``."""
        return "/".join(entry.name for entry in self.chain)

    def __repr__(self) -> str:
        return f"Scope({self.path!r})"


class Source(NamedTuple):
    """The line of the user's program that made a gate."""

    filename: str
    lineno: int
    function: str

    @property
    def text(self) -> str:
        """The line itself, stripped; empty where its file cannot be read."""
        import linecache

        return linecache.getline(self.filename, self.lineno).strip()


class Origin(NamedTuple):
    """Where a gate was made: its scope and, where lines are remembered, its source.

    Under `detect_anomaly` also checksums of its operands, to notice writing into their memory.
    """

    scope: Scope | None
    source: Source | None
    prints: tuple[int, ...] | None = None


_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOUSE = (*(os.path.join(_HOME, package, "") for package in ("autograd", "nn", "viz")), GENERATED)
"""How the file names of this project's code begin."""

_NUMPY = os.path.dirname(np.__file__)
_NO_USERS = (*HOUSE, os.path.join(_NUMPY, ""))

LIBRARIES = tuple(os.path.join(os.path.dirname(path), "") for path in (os.__file__, _NUMPY))
"""Python's own library, and the packages beside NumPy: seldom the user's lines."""

called_from: ContextVar[FrameType | None] = ContextVar("called_from", default=None)
"""In a thread that computes a part for another one: where that one asked, on its own stack."""


def user_frame(skip: tuple[str, ...] = (), frame: FrameType | None = None) -> FrameType | None:
    """The innermost frame on the stack that is neither this project's nor NumPy's, nor of a file
    whose path begins with one of `skip`; from `frame` on outwards."""
    skip = (*_NO_USERS, *skip)
    frame = frame or sys._getframe(1)
    caller = called_from.get()
    if caller is None:
        return _outside(skip, frame)
    return _outside((*skip, threading.__file__), frame) or _outside(skip, caller)


def _outside(skip: tuple[str, ...], frame: FrameType | None) -> FrameType | None:
    while frame is not None and frame.f_code.co_filename.startswith(skip):
        frame = frame.f_back
    return frame


def is_library(frame: FrameType) -> bool:
    """Whether a frame is of Python's own library or of an installed package, not of this one."""
    name = frame.f_code.co_filename
    return name.startswith(LIBRARIES) and not name.startswith(HOUSE)


def warn_on(frame: FrameType, words: str, kind: type[Warning]) -> None:
    """Warn on a frame's line. Code that is run with names of its own may have no ``__name__``:
    Python drops a warning without a module, and calls such code's ``<string>``."""
    names = frame.f_globals
    warnings.warn_explicit(
        words, kind, frame.f_code.co_filename, frame.f_lineno, names.get("__name__") or "<string>",
        names.setdefault("__warningregistry__", {}),
    )  # fmt: skip


def find_source() -> Source | None:
    """The innermost line on the stack that is neither this project's nor NumPy's."""
    frame = user_frame()
    return frame and Source(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
