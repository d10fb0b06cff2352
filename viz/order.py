"""Which gates may ask that their operands stand in order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise


class Order:
    """Who stands above whom, as far as it was promised, without contradiction.

    Graphviz breaks down over gates that want the same wires in opposite orders (x − y and y − x),
    so the later one goes without.

    >>> order = Order()
    >>> order.admits(["x", "y"]), order.admits(["y", "z"]), order.admits(["z", "x"])
    (True, True, False)
    """

    def __init__(self) -> None:
        self._below: dict[str, set[str]] = {}

    def admits(self, stack: Iterable[str]) -> bool:
        """Promise that `stack` stands from top to bottom; False if that contradicts."""
        pairs = list(pairwise(stack))
        if any(upper == lower or self._reaches(lower, upper) for upper, lower in pairs):
            return False
        for upper, lower in pairs:
            self._below.setdefault(upper, set()).add(lower)
        return True

    def _reaches(self, start: str, goal: str) -> bool:
        seen, waiting = {start}, [start]
        while waiting:
            for lower in self._below.get(waiting.pop(), ()):
                if lower == goal:
                    return True
                if lower not in seen:
                    seen.add(lower)
                    waiting.append(lower)
        return False
