"""The calls of modules, noted while somebody asks for them: for summaries and pictures."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, NamedTuple

__all__ = ["Call", "Calls", "calls"]


class Call(NamedTuple):
    """One call of a module, as `summary` sees it: its positional arguments, and those by name."""

    module: Any
    label: str
    depth: int
    inputs: tuple[Any, ...]
    output: Any
    options: Mapping[str, Any]


class Calls:
    """A list of calls, the outer ones before those that they make."""

    def __init__(self) -> None:
        self.made: list[Call | None] = []
        self.depth = 0


calls: ContextVar[Calls | None] = ContextVar("gategrad_calls", default=None)
"""Where the calls of modules are noted, in this thread and task; None where nobody asked."""
