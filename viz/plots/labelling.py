"""Labels of plots: at the ends of their lines, or where there is room beside a point."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import ceil
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from viz.labels import width
from viz.themes import Theme

from .canvas import SMALL, literal, points_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_NAME = 24
_SMALLEST = 6.0  # Points, of the names of rows and columns.
_AWAY = (8.0, 16.0, 26.0, 40.0, 56.0, 76.0, 100.0)  # Points from the point to its label.
_OUT = 1e4  # Points: outside of every picture.
_ONE = 8.0  # Points that are nearer to each other have their labels in one place.
_FAR = 12.0  # From here on a thin line leads to the label.
_SIDES = [(1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1)]


class End(NamedTuple):
    """A label for the end of a line, in the line's colour."""

    x: float
    y: float
    text: str
    colour: str


def label_ends(ax: Axes, ends: Sequence[End]) -> None:
    """Write labels right of the ends of lines, in room made inside the Axes, none on another."""
    if not ends:
        return
    wide, _ = points_of(ax)
    room = max(width(end.text, SMALL) for end in ends) + 10
    left, right = ax.get_xlim()
    last = max(end.x for end in ends)
    if wide > 2 * room and last > left:
        ax.set_xlim(left, max(right, left + (last - left) * wide / (wide - room)))
    around = halo(ax.get_facecolor())  # A line of the grid ends here.
    for end, shift in zip(ends, _shifts(ax, ends), strict=True):
        ax.annotate(
            literal(end.text), (end.x, end.y), xytext=(6, shift), textcoords="offset points",
            va="center", color=end.colour, size=SMALL, annotation_clip=False, path_effects=around,
        )  # fmt: skip


def name_columns(ax: Axes, places: np.ndarray, names: Sequence[str], pitch: float) -> None:
    """Names below columns that are so many points apart: upright where all have room."""
    letters, each = _letters(pitch)
    names = list(names[::each])
    turned = max(width(name, letters) for name in names) + 3 > each * pitch
    ax.set_xticks(
        list(places[::each]), [literal(name) for name in names], rotation=45 if turned else 0,
        ha="right" if turned else "center", rotation_mode="anchor", size=letters,
    )  # fmt: skip


def name_rows(ax: Axes, places: np.ndarray, names: Sequence[str], pitch: float) -> None:
    """Names beside rows that are so many points apart."""
    letters, each = _letters(pitch)
    ax.set_yticks(list(places[::each]), [literal(n) for n in names[::each]], size=letters)


def _letters(pitch: float) -> tuple[float, int]:
    """The size of names, and of how many one is written where they come close to each other."""
    letters = min(max(pitch / 1.3, _SMALLEST), SMALL)
    return letters, ceil(1.3 * letters / pitch)


def halo(colour: Any) -> list[Any]:
    """Path effects that keep a text readable where a line passes behind it."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=3, foreground=colour)]


def label_free(ax: Axes, ends: Sequence[End], theme: Theme, curves: Sequence[np.ndarray]) -> None:
    """Write labels beside points of a full picture, off its curves and each off the others.

    `curves` are points (n, 2) in the units of the data, of lines to be kept clear, as are the texts
    that the Axes have. A label that is not at its point has a line to it. Points that are out of
    the picture have no label.
    """
    scale = 72 / ax.figure.dpi
    frame = np.array(ax.get_window_extent().extents) * scale
    taken = [np.array(text.get_window_extent().extents) * scale for text in ax.texts]
    with np.errstate(all="ignore"):  # A path may run away.
        shown = [np.clip(ax.transData.transform(c) * scale, -_OUT, _OUT) for c in curves if len(c)]
    lines = [_walked(curve) for curve in shown]
    seen = np.concatenate([*lines, np.zeros((0, 2))])
    points = np.array([ax.transData.transform((end.x, end.y)) * scale for end in ends])
    for group in _groups(points, frame):
        point = points[group[0]]
        texts = [ends[i] for i in group]
        box = np.array([max(width(end.text, SMALL) for end in texts), 1.3 * SMALL * len(texts)])
        choices = [
            (0.1 * away + _cost(place, frame, taken, seen, points), away, side)
            for away, side in product(_AWAY, _SIDES)
            for place in [_box_beside(point, box, away, side)]
        ]
        _, away, side = min(choices, key=itemgetter(0))  # The first of equals.
        taken.append(_box_beside(point, box, away, side))
        _write(ax, texts, taken[-1] - np.tile(point, 2), away, side, theme)


def _groups(points: np.ndarray, frame: np.ndarray) -> list[list[int]]:
    """Which points are one to the eye; those out of the picture are none."""
    groups: list[list[int]] = []
    for i, point in enumerate(points):
        if np.all(point >= frame[:2] - 1) and np.all(point <= frame[2:] + 1):
            near = (g for g in groups if np.linalg.norm(points[g[0]] - point) < _ONE)
            found = next(near, None)
            if found is None:
                groups.append([i])
            else:
                found.append(i)
    return groups


def _box_beside(point: np.ndarray, box: np.ndarray, away: float, side: Any) -> np.ndarray:
    """Left, low, right, top of a label on one side of a point."""
    across, up = side
    middle = point + (away * across / (1 + 0.4 * abs(up)), away * up) + box * side / 2
    return np.concatenate([middle - box / 2, middle + box / 2])


def _cost(
    place: np.ndarray, frame: np.ndarray, taken: Sequence[np.ndarray], seen: np.ndarray, points: Any
) -> float:
    """How bad it is to write there: out of the picture, on a text, on a curve, on a mark."""
    outside = np.sum(np.maximum([*(frame[:2] - place[:2]), *(place[2:] - frame[2:])], 0))
    hidden = np.sum(_inside(place, seen)) + 10 * np.sum(_inside(place, np.array(points), 5))
    shared = sum(
        float(np.prod(np.maximum(np.minimum(place[2:], b[2:]) - np.maximum(place[:2], b[:2]), 0)))
        for b in taken
    )
    return float(100 * outside + 3 * hidden + 10 * shared)


def _inside(place: np.ndarray, points: np.ndarray, room: float = 1.0) -> np.ndarray:
    return np.all((points > place[:2] - room) & (points < place[2:] + room), axis=1)


def _walked(points: np.ndarray) -> np.ndarray:
    """Points along a line, no two more than two points of type apart; gaps are left out."""
    steps = np.nan_to_num(np.linalg.norm(np.diff(points, axis=0), axis=1), posinf=0.0)
    counts = np.clip(np.ceil(steps / 2).astype(int), 1, 500)
    parts = [
        a + (b - a) * np.linspace(0, 1, n, endpoint=False)[:, None]
        for a, b, n in zip(points, points[1:], counts, strict=False)
    ]
    walked = np.concatenate([*parts, points[-1:]])
    return walked[np.all(np.isfinite(walked), axis=1)]


def _write(
    ax: Axes, ends: Sequence[End], box: np.ndarray, away: float, side: Any, theme: Theme
) -> None:
    """Write the labels of one point below one another in their box, with a line to it if far."""
    across, up = side
    left, _, right, top = box
    x = ((left + right) / 2, left, right)[across]
    nearest = len(ends) - 1 if up > 0 else 0 if up < 0 else len(ends) // 2
    colour = ends[0].colour if len(ends) == 1 else theme.quiet
    line = {"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 5}
    for i, end in enumerate(ends):
        ax.annotate(
            literal(end.text), (end.x, end.y), textcoords="offset points",
            xytext=(x, top - (i + 0.5) * 1.3 * SMALL), ha=("center", "left", "right")[across],
            va="center", color=end.colour, size=SMALL, path_effects=halo(theme.ground), zorder=6,
            arrowprops=line if i == nearest and away > _FAR else None,
        )  # fmt: skip


def _shifts(ax: Axes, ends: Sequence[End]) -> list[float]:
    """How far, in points, each label is moved up so that none stands on another."""
    high = points_of(ax)[1]
    heights = [_height(ax, end.y) * high for end in ends]
    places = spaced(heights, SMALL + 3, high)
    return [place - height for place, height in zip(places, heights, strict=True)]


def spaced(heights: Sequence[float], apart: float, top: float) -> list[float]:
    """The heights moved as little as needed, so that any two are `apart`, between 0 and `top`.

    >>> spaced([10, 10, 50], 12, 100)
    [10.0, 22.0, 50.0]
    >>> spaced([98, 99], 12, 100)
    [88.0, 100.0]
    """
    order = sorted(range(len(heights)), key=heights.__getitem__)
    places = [0.0] * len(heights)
    lowest = 0.0
    for i in order:
        places[i] = lowest = max(float(heights[i]), lowest)
        lowest += apart
    highest = float(top)
    for i in reversed(order):
        places[i] = min(places[i], highest)
        highest = places[i] - apart
    return places


def _height(ax: Axes, y: float) -> float:
    """Where `y` stands in the Axes, from 0 to 1."""
    place = ax.transData.transform((ax.get_xlim()[0], y))
    share = float(ax.transAxes.inverted().transform(place)[1])
    return min(max(share, 0.0), 1.0) if share == share else 0.5
