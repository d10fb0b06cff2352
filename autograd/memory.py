"""Writing over temporaries: an array that one list or slot alone refers to is nobody's but ours.

NumPy elides temporaries in the same way. What the count is for such an array depends on how the
interpreter calls functions, so it is measured on one.
"""

from __future__ import annotations

from sys import getrefcount

__all__ = ["ALONE", "ALONE_AS_LOCAL", "getrefcount"]

_items = [object()]
ALONE = getrefcount(_items[0])
"""`getrefcount` of an attribute or an item, where nothing else refers to the object."""


def _as_local() -> int:
    item = object()
    return getrefcount(item)


ALONE_AS_LOCAL = _as_local()
"""`getrefcount` of a local variable, where nothing else refers to the object."""
