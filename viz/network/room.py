"""Where labels of a network may stand: clear of lines, of circles and of one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf

import numpy as np

from .marks import Box, Disc, Label, Point, Stroke

STRONG = 1.0  # Points: a line as wide as this is never under a label, but for its own.
CLEAR = 2.5  # From a label to what is drawn.


class Room:
    """What is drawn already, and the labels that have found a place."""

    def __init__(self, strokes: Sequence[Stroke], discs: Iterable[Disc]):
        pieces = [(s, a, b) for s in strokes for a, b in pairwise(s.points)]
        self.keys = np.array([s.key for s, _, _ in pieces])
        self.widths = np.array([s.width for s, _, _ in pieces])
        self.starts = np.array([a for _, a, _ in pieces]).reshape(-1, 2)
        self.ways = np.array([b for _, _, b in pieces]).reshape(-1, 2) - self.starts
        circles = [(d.x, d.y, d.radius) for d in discs]
        self.circles = np.array(circles).reshape(-1, 3)
        self.taken: list[Box] = []

    def cost(self, box: Box, own: str = "") -> float:
        """How wide the weak lines are, in sum, that a box covers; infinite where it may not be.

        `own` is the line that it belongs to, which it may stand on.
        """
        clear = box.wider(CLEAR)
        if any(clear.meets(other) for other in self.taken):
            return inf
        x, y, radius = self.circles.T
        across = np.maximum(np.maximum(clear.left - x, x - clear.right), 0.0)
        down = np.maximum(np.maximum(clear.top - y, y - clear.low), 0.0)
        if np.any(across**2 + down**2 < radius**2):
            return inf
        covered = self.widths[self.covered(box) & (self.keys != (own or None))]
        return inf if np.any(covered >= STRONG) else float(np.sum(covered))

    def covered(self, box: Box) -> np.ndarray:
        """Which pieces of lines, as wide as they are, pass through a box (after Liang, Barsky)."""
        room = self.widths[:, None] / 2 + CLEAR
        low = np.array([box.left, box.top]) - room - self.starts
        high = np.array([box.right, box.low]) + room - self.starts
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.stack([low / self.ways, high / self.ways])
        is_level = self.ways == 0
        inside = (low <= 0) & (high >= 0)
        enter = np.where(is_level, np.where(inside, -inf, inf), shares.min(axis=0)).max(axis=1)
        leave = np.where(is_level, np.where(inside, inf, -inf), shares.max(axis=0)).min(axis=1)
        return np.maximum(enter, 0.0) <= np.minimum(leave, 1.0)

    def take(self, label: Label) -> Label:
        self.taken.append(label.box)
        return label

    def placed(self, label: Label, places: Iterable[Point], own: str = "") -> Label | None:
        """The label at the first of the places where it covers least; None where it may not be."""
        tried = [label.at(*place) for place in places]
        costs = [self.cost(each.box, own) for each in tried]
        best = min(range(len(tried)), key=costs.__getitem__)
        return None if costs[best] == inf else self.take(tried[best])

    def together(self, wanted: Iterable[tuple[Label, Sequence[Point], str]]) -> list[Label] | None:
        """Several labels, each as `placed` places it; None where one of them may not be."""
        before, found = len(self.taken), []
        for label, places, own in wanted:
            one = self.placed(label, places, own)
            if one is None:
                del self.taken[before:]
                return None
            found.append(one)
        return found
