"""What a line of a program is doing right now: which function it calls, or that it fills an array.

Python calls `__float__` and its like without saying for whom. The frame that asked knows which of
its instructions is under way, and from where in the line that came; so `math.exp(x)` can be named
without its source being there. Where anything is out of the ordinary nothing is named.
"""

from __future__ import annotations

import sys
from functools import lru_cache, partial
from itertools import takewhile
from opcode import opmap
from types import CodeType, FrameType, ModuleType
from typing import Any, NamedTuple

__all__ = ["UnderWay", "is_called", "name_of", "under_way"]


class UnderWay(NamedTuple):
    """An instruction of a frame.

    Attributes
    ----------
    kind : ``"call"``, ``"store"`` (``a[i] = t``, ``a.flat = t``), ``"format"`` (``"%g" % t``), or
        empty for anything else.
    path : the names that lead to what is called, none where it is not called by name.
    is_local : whether the first of them is a variable of a function.
    """

    kind: str
    path: tuple[str, ...] = ()
    is_local: bool = False

    def function(self, frame: FrameType) -> Any:
        """What is called; None where the line does not tell."""
        if not self.path:
            return None
        root, *names = self.path
        found: Any = None
        scopes = (frame.f_locals,) if self.is_local else (frame.f_globals, frame.f_builtins)
        for values in scopes:
            if root in values:
                found = values[root]
                break
        for name in names:
            found = _attribute(found, name)
        while isinstance(found, partial):
            found = found.func
        return found


def under_way(frame: FrameType) -> UnderWay:
    """The instruction of a frame that is under way."""
    return _parsed(frame.f_code, frame.f_lasti)


@lru_cache(maxsize=256)
def _parsed(code: CodeType, at: int) -> UnderWay:
    import dis

    instructions = [i for i in dis.get_instructions(code) if i.offset <= at]
    last = instructions[-1]
    if last.opname in ("STORE_SUBSCR", "STORE_ATTR"):
        return UnderWay("store")
    if last.opname == "BINARY_OP" and last.argrepr in ("%", "%="):
        return UnderWay("format")
    if "CALL" not in last.opname:
        return UnderWay("")
    return _call(instructions)


def _call(instructions: list[Any]) -> UnderWay:
    """The call that is the last instruction, with the names by which its function was loaded.

    Those instructions come from the places in the source where the call begins, too, and each
    spans one name less; what is neither a name nor an attribute of one is not followed.
    """
    start, end = _span(instructions[-1])
    names: list[str] = []
    for instruction in reversed(instructions[:-1]):
        begin, limit = _span(instruction)
        if begin != start or None in begin or not limit < end:
            continue
        name = instruction.opname
        if name == "PUSH_NULL":
            continue
        if not name.startswith("LOAD_") or "CONST" in name or type(instruction.argval) is not str:
            break
        names.append(instruction.argval)
        end = limit
        if "ATTR" not in name and "METHOD" not in name:
            is_local = "GLOBAL" not in name and "NAME" not in name
            return UnderWay("call", tuple(reversed(names)), is_local)
    return UnderWay("call")


def _span(instruction: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    place = instruction.positions
    return (place.lineno, place.col_offset), (place.end_lineno or 0, place.end_col_offset or 0)


LOADS_METHOD = opmap["LOAD_ATTR" if sys.version_info >= (3, 12) else "LOAD_METHOD"]
MARK = 1 if sys.version_info >= (3, 12) else 0
"""What loads ``t.name`` where ``t.name(...)`` is written; since Python 3.12 by its lowest bit."""


def is_called(frame: FrameType, name: str) -> bool:
    """Whether the attribute `name`, which a frame is reading, is about to be called there."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] != LOADS_METHOD or code[at + 1] & MARK != MARK:
        return False
    import dis

    return any(i.offset == at and i.argval == name for i in dis.get_instructions(frame.f_code))


def _attribute(owner: Any, name: str) -> Any:
    """An attribute, looked up without running a property's code."""
    if isinstance(owner, ModuleType):
        return getattr(owner, name, None)
    from inspect import getattr_static

    found = getattr_static(owner, name, None)
    return found.__func__ if isinstance(found, staticmethod) else found


def name_of(function: Any) -> str:
    """A function as it would be written: ``math.exp``, ``float``, ``ndarray.fill``.

    Of a library's modules those that have a private name are left out.

    >>> from fractions import Fraction
    >>> import struct
    >>> import numpy as np
    >>> [name_of(f) for f in (Fraction, struct.pack, np.float64, sum)]
    ['fractions.Fraction', 'struct.pack', 'np.float64', 'sum']
    """
    name = getattr(function, "__qualname__", "") or getattr(function, "__name__", "")
    module = getattr(function, "__module__", None)
    if not isinstance(name, str) or not name:
        return ""
    if not isinstance(module, str) or module in ("builtins", "__main__"):
        return name
    public = list(takewhile(lambda part: not part.startswith("_"), module.split(".")))
    written = ".".join(public) or module.strip("_")
    return f"{'np' if written == 'numpy' else written}.{name}"
