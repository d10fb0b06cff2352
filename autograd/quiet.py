"""`Quiet`: as ``np.errstate(all="ignore")``, for blocks that are entered at every step.

NumPy keeps what it does about overflow and its like in a context variable, and `np.errstate` makes
a new value for that each time, which takes as long as several calls on small arrays. Here the value
that it made once is set again, by Python's own `contextvars`.
"""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from typing import Any

import numpy as np

__all__ = ["Quiet"]


def _variable() -> ContextVar[Any] | None:
    """The context variable that `np.errstate` sets, if it is a single one."""
    before = copy_context()
    with np.errstate(all="ignore"):
        inside = copy_context()
    missing = object()
    changed = [one for one in inside if inside[one] is not before.get(one, missing)]
    return changed[0] if len(changed) == 1 else None


VARIABLE: Any = _variable()

_known: tuple[Any, Any] = None, None
"""A value of it, and the one that is as quiet with all else (a buffer's size, what is called) as it
is; a hint, set in one step."""


class Quiet:
    """A block in which NumPy says nothing of overflow, invalid values and division by zero.

    One that was left can be entered again.

    >>> with Quiet():
    ...     np.exp(1000.0)
    np.float64(inf)
    """

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        global _known
        if VARIABLE is None:
            self._token: Any = np.errstate(all="ignore")
            self._token.__enter__()
            return
        before = VARIABLE.get()
        known = _known
        if before is not known[0] and before is not known[1]:
            with np.errstate(all="ignore"):
                _known = known = before, VARIABLE.get()
        self._token = VARIABLE.set(known[1])

    def __exit__(self, *error: object) -> None:
        if VARIABLE is None:
            self._token.__exit__(*error)
        else:
            VARIABLE.reset(self._token)
