"""Gates on Python floats, as expressions: for the operators of scalar nodes and for programs.

`autograd.expression` says what an expression is. Where Python raises and IEEE 754 has an infinity
or a nan, the same gate is computed by NumPy instead, so a scalar node never raises, never turns
complex, and never warns.
"""

from __future__ import annotations

import linecache
import sys
import weakref
from collections.abc import Callable
from types import FrameType, FunctionType
from typing import Any

from autograd.origins import GENERATED, user_frame

__all__ = ["FLOAT_ERRORS", "Floats", "define"]

FLOAT_ERRORS = (ZeroDivisionError, OverflowError, ValueError)


class Floats:
    """How a gate computes with Python floats: its value and its local gradients, as expressions.

    Attributes: `value`, and `local`, one expression an operand; `namespace`, what they name, and
    `careful`, which computes both where Python raises.
    """

    __slots__ = ("_written", "local", "namespace", "value")

    def __init__(self, value: str, local: tuple[str, ...], namespace: dict[str, Any]) -> None:
        self.value = value
        self.local = local
        self.namespace = namespace
        self._written: Callable[..., Any] | None = None

    def evaluate(self, *values: float) -> tuple[float, ...]:
        """The value, and then each local gradient."""
        if self._written is None:
            names = "a, b"[: 3 * len(self.local) - 2]
            source = EVALUATE.format(names=names, value=self.value, local=", ".join(self.local))
            self._written = define("evaluate", source, self.namespace)
        return self._written(*values)


EVALUATE = """
def evaluate({names}):
    try:
        out = {value}
        return float(out), {local}
    except FLOAT_ERRORS:
        return careful({names})
"""


def define(
    name: str, source: str, namespace: dict[str, Any], file: str = "", owner: Any = None
) -> FunctionType:
    """The function `name` that `source`, made of a gate's own expressions, defines.

    With a name of its own for the `file` that it would be in, its lines can be shown, as long as
    the `owner` is there, if any; a number tells another text of the same name from it.
    """
    path, number = f"{GENERATED}{file or name}>", 1
    while file and not _is_free(path, source):
        number += 1
        path = f"{GENERATED}{file} {number}>"
    exec(compile(source, path, "exec"), namespace)  # noqa: S102 - our own text
    if file:
        linecache.cache[path] = len(source), None, Lines(path, source), path
        if owner is not None:
            weakref.finalize(owner, linecache.cache.pop, path, None).atexit = False
    return namespace[name]


def _is_free(path: str, source: str) -> bool:
    """Whether no other text is shown by that name."""
    kept = linecache.cache.get(path)
    return kept is None or (len(kept) == 4 and kept[2] == source.splitlines(keepends=True))


class Lines(list[str]):
    """The lines of generated code, as tracebacks show them; while it runs, the user's line.

    That is when Python shows a warning of NumPy's, which names the innermost line, one of these.
    """

    def __init__(self, path: str, source: str) -> None:
        super().__init__(source.splitlines(keepends=True))
        self.path = path

    def __getitem__(self, index: Any) -> Any:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.path:
            frame = frame.f_back
        user = frame and user_frame(frame=frame)
        if user is None:
            return super().__getitem__(index)
        file, line = user.f_code.co_filename, user.f_lineno
        text = linecache.getline(file, line).strip()
        return f'File "{file}", line {line}, in {user.f_code.co_name}: {text}\n'
