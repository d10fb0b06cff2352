"""Calls that a program cannot take apart: of functions that choose by the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from traceback import extract_tb
from typing import Any

import numpy as np

from autograd.errors import CompileError

__all__ = ["Opaque", "stopped_at"]

RECORDER = Path(__file__).parent


class Opaque:
    """A function that is called as a whole at each run.

    It may answer with an operand, or a view of one, in one run and not in the next. A program's
    memory is planned for all runs, so what it answers is an array of its own. For the same reason
    the shapes and dtypes of its answer, `layout`, stay those of the first call. `gate` is whose
    function it is, or whose rule; `stopped`, where recording it stopped, and at what.
    """

    def __init__(self, function: Callable[..., Any], gate: str, stopped: str = "") -> None:
        self.function = function
        self.gate = gate
        self.stopped = stopped
        self.layout: Any = None
        self.__name__ = getattr(function, "__name__", "call")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.function(*args, **kwargs)
        layout = _layout(result)
        if self.layout is None:
            self.layout = layout
        elif layout != self.layout:
            raise CompileError(
                f"the gate {self.gate} returned {_told(layout)}, and {_told(self.layout)} when the "
                "program was recorded: what has another shape for other numbers cannot be "
                "replayed; keep the shape, as with ag.where(condition, a, 0.0)"
            )
        return _apart(result, list(_arrays((args, kwargs))))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and (self.function, self.layout) == (
            other.function, other.layout)  # fmt: skip

    def __hash__(self) -> int:
        return hash(self.function)


def stopped_at(error: BaseException) -> str:
    """The line of a gate that wanted the numbers, and the error that it met."""
    frames = [f for f in extract_tb(error.__traceback__) if Path(f.filename).parent != RECORDER]
    line = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}: " if frames else ""
    return line + str(error).partition("\n")[0]


def _layout(result: Any) -> Any:
    """Shape and dtype of an answer, or of each in a nest; that of anything else is its type."""
    if type(result) in (tuple, list):
        return tuple(map(_layout, result))
    if isinstance(result, (np.ndarray, np.generic)):
        return result.shape, result.dtype
    return type(result)


def _told(layout: Any) -> str:
    """A layout in words."""
    if isinstance(layout, type):
        return f"a {layout.__name__}"
    if len(layout) == 2 and isinstance(layout[1], np.dtype):
        return f"{layout[1]} of shape {layout[0]}"
    return ", ".join(map(_told, layout))


def _arrays(tree: Any) -> Iterator[np.ndarray]:
    if type(tree) is np.ndarray:
        yield tree
    elif type(tree) in (tuple, list, dict):
        for part in tree.values() if type(tree) is dict else tree:
            yield from _arrays(part)


def _apart(result: Any, arrays: list[np.ndarray]) -> Any:
    """An answer, or a nest of them, with copies of what lies in the memory of the arrays."""
    if type(result) in (tuple, list):
        return type(result)(_apart(part, arrays) for part in result)
    if type(result) is np.ndarray and any(np.may_share_memory(result, a) for a in arrays):
        return result.copy(order="K")
    return result
