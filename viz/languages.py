"""The language in which pictures, steps and tables are written."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from autograd.extend import language, say

__all__ = ["language", "listed"]


def listed(names: Iterable[str]) -> str:
    """Several names in a sentence.

    >>> listed(["x", "y", "z"])
    'x and y and z'
    """
    return reduce(lambda all_, name: say("{names} and {name}", names=all_, name=name), names)
