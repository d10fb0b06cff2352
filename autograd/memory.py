"""Writing over temporaries: an array that one list or slot alone refers to is nobody's but ours.

NumPy elides temporaries in the same way. What the count is for such an array depends on how the
interpreter calls functions, so it is measured on one.
"""

from __future__ import annotations

from sys import getrefcount

__all__ = ["ALONE_AS_LOCAL", "ALONE_WITH_LOCAL", "getrefcount"]


def _as_local() -> int:
    item = object()
    return getrefcount(item)


ALONE_AS_LOCAL = _as_local()
"""`getrefcount` of a local variable, where nothing else refers to the object."""


def _beside_local() -> int:
    items = [object()]
    item = items[0]
    return getrefcount(item)


ALONE_WITH_LOCAL = _beside_local()
"""`getrefcount` of a local variable that one attribute or item refers to as well."""
