"""`viz.plot_decision_boundary`: the plane in the colours of what a model would say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.extend import in_language, say
from viz.errors import VizError
from viz.themes import Theme

from .canvas import axes, house, keyed, literal, titled
from .inputs import array, decisions_of, is_estimator, labels
from .palette import marker, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DEEPEST = 0.34  # Share of a class's colour where the model is sure.
_MOST_NAMED = 20
_MANY = 1000  # Points, from which on they are drawn as an image in a file of curves.
_HALVINGS = 12
_FEW = 20  # Numbers that tell how sure a model is; of one that knows no more it jumps.


@in_language
def plot_decision_boundary(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    threshold: float = 0.0,
    resolution: int = 160,
    names: Sequence[str] | None = None,
    features: Sequence[int] | None = None,
    at: Any = None,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """The regions in which a model decides for each class, and the examples.

    Regions are deeper in colour where the model is surer; the line is where it changes its mind.
    Examples that it gets wrong have a dark edge. Of one feature the regions are stretches of a
    line, and each class of examples has a height of its own; of more than two, they are those of a
    slice, through `at`, on which the examples are seen from the side.

    Parameters
    ----------
    model : an nn.Module; a fitted classifier of scikit-learn's kind; or a function from rows (n, d)
        to outputs: one column of logits, the boundary at `threshold`; a column a class, the largest
        wins; or whole numbers, the classes themselves.
    X : the examples, of shape (n, d); a frame's columns name the axes. y : their classes, (n,),
        such as 0 and 1 or −1 and 1; without them the points are drawn in one colour.
    threshold : of a single output; 0.5 for one that is a probability.
    resolution : points of the grid along a side.
    names : of the classes, in their order.
    features : the one or two columns of X along the axes; the first two by default.
    at : where the slice goes through: a number for each column of X, of which those of `features`
        are not looked at; the means of the columns by default.
    ax, theme, title, language, font : as for every plot; the title tells the accuracy by default.

    Returns the Axes.

    Raises
    ------
    VizError (a ValueError) : X is no table, y is of another length or not of classes, the model's
        outputs have another shape; UnsupportedTargetError (a TypeError) : the model cannot be
        called.

    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> ax = plot_decision_boundary(lambda x: x.sum(axis=1) - 1.5, X, [0, 0, 0, 1])
    >>> ax.get_title(loc="left")
    'Decision boundary: 4 of 4 right'
    """
    points = array(X, "X", ndim=2)
    if not points.size:
        raise VizError(f"X has a row an example, a column a feature; received {points.shape}")
    chosen = _features(features, points.shape[1])
    truth = None if y is None else labels(y, "y")
    if truth is not None and len(truth) != len(points):
        raise VizError(f"y has a class for each of {len(points)} rows of X; received {len(truth)}")
    if type(resolution) is not int or not 2 <= resolution <= 2000:
        raise VizError(f"resolution is from 2 to 2000 points; received {resolution!r}")
    ranges = [_around(points[:, i]) for i in chosen]
    sides = [np.linspace(*limits, resolution) for limits in ranges]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, len(chosen))

    def field(given: np.ndarray, classes: Any = None) -> _Field:
        given = given.astype(points.dtype if points.dtype.kind == "f" else float)
        outputs = decisions_of(model, _like(X, given))
        known = getattr(model, "classes_", None) if is_estimator(model) else None
        return _Field(outputs, len(given), threshold, truth, classes, known)

    def sliced(places: np.ndarray) -> np.ndarray:
        rows = np.tile(_slice(at, points), (len(places), 1))
        rows[:, chosen] = places
        return rows

    over = field(sliced(grid))
    own = field(points, over.classes)
    with house("plot_decision_boundary", theme, font) as colours:
        ax = axes(ax, colours, (5.6, 4.6 if len(chosen) == 2 else 2.6))
        ax.grid(False)
        places = points[:, chosen] if len(chosen) == 2 else _in_rows(points[:, chosen[0]], truth)
        if len(chosen) == 1:
            ranges.append(_around(places[:, 1]) if truth is not None else (-1.0, 1.0))
        _draw_regions(ax, over, sides, ranges, colours)
        if over.is_hard and len(chosen) == 2:
            crossings = _crossings(
                over.place, sides, lambda places: field(sliced(places), over.classes).place
            )
            _draw_edges(ax, *crossings, colours)
        _draw_points(ax, places, truth, own, names, colours)
        ax.set_xlim(ranges[0])
        ax.set_ylim(ranges[1])
        columns = [str(name) for name in getattr(X, "columns", ())]
        told = [literal(columns[i]) if columns else f"$x_{{{i + 1}}}$" for i in chosen]
        ax.set_xlabel(told[0])
        if len(chosen) == 2:
            ax.set_ylabel(told[1])
        else:
            ax.set_yticks([])
        words = say("Decision boundary")
        if truth is not None:
            right = int(np.sum(own.chosen == truth))
            words = say("Decision boundary: {right:,} of {total:,} right", right=right,
                        total=len(truth))  # fmt: skip
        titled(ax, title, words)
    return ax


def _features(features: Any, count: int) -> list[int]:
    """The columns along the axes, checked."""
    if features is None:
        return list(range(min(count, 2)))
    found = list(features) if isinstance(features, list | tuple) else []
    are_columns = all(type(i) is int and 0 <= i < count for i in found)
    if not are_columns or len(found) not in (1, 2) or len(set(found)) != len(found):
        raise VizError(
            f"features are one or two different columns of X, from 0 to {count - 1}; "
            f"received {features!r}"
        )
    return found


def _slice(at: Any, points: np.ndarray) -> np.ndarray:
    """A number for each column, through which the slice goes."""
    if at is None:
        return points.mean(axis=0, dtype=float)
    place = array(at, "at", ndim=1)
    if place.shape != points.shape[1:]:
        raise VizError(
            f"at has a number for each of {points.shape[1]} columns of X; received {place.shape}"
        )
    return place.astype(float)


def _like(X: Any, rows: np.ndarray) -> Any:
    """Rows as X is: a frame with its columns, where it is one, for models that were fitted so."""
    if hasattr(X, "columns") and hasattr(X, "iloc"):
        return type(X)(rows, columns=X.columns)
    return rows


def _in_rows(values: np.ndarray, truth: Any) -> np.ndarray:
    """Points of one feature, those of each class at a height of its own."""
    heights = np.zeros(len(values)) if truth is None else np.unique(truth, return_inverse=True)[1]
    return np.column_stack([values, heights])


def _draw_regions(
    ax: Axes, field: _Field, sides: list[np.ndarray], ranges: list[tuple[float, float]],
    theme: Theme,
) -> None:  # fmt: skip
    shape = [len(side) for side in sides][::-1]
    shades = field.shades(theme).reshape(*shape, 3)
    ax.imshow(shades if len(sides) == 2 else shades[None], extent=(*ranges[0], *ranges[1]),
              origin="lower", aspect="auto", interpolation="bilinear", zorder=0)  # fmt: skip
    for margin in field.margins:
        if len(sides) == 2:
            if field.is_hard:
                continue
            ax.contour(*sides, margin.reshape(shape), [0.0], colors=[theme.ink], linewidths=1.2)
            continue
        (x,) = sides
        for i in np.flatnonzero((margin[:-1] > 0) != (margin[1:] > 0)):
            share = margin[i] / (margin[i] - margin[i + 1])
            ax.axvline(x[i] + share * (x[i + 1] - x[i]), color=theme.ink, linewidth=1.2)


def _crossings(
    place: np.ndarray, sides: list[np.ndarray], place_at: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Where the class changes along the lines of the grid, those across and those upright.

    Of shape (rows, columns - 1, 2) and (rows - 1, columns, 2), NaN where it does not. Found by
    halving: between two classes there is no number from which to tell the place.
    """
    grid = np.stack(np.meshgrid(*sides), axis=-1)
    place = place.reshape(grid.shape[:2])
    changes = [place[:, 1:] != place[:, :-1], place[1:] != place[:-1]]
    ends = [(grid[:, :-1], grid[:, 1:]), (grid[:-1], grid[1:])]
    starts = [place[:, :-1], place[:-1]]
    near, far = (np.concatenate([pair[i][change] for pair, change in
                                 zip(ends, changes, strict=True)]) for i in (0, 1))  # fmt: skip
    own = np.concatenate([start[change] for start, change in zip(starts, changes, strict=True)])
    for _ in range(_HALVINGS if len(own) else 0):
        middle = (near + far) / 2
        same = (place_at(middle) == own)[:, None]
        near, far = np.where(same, middle, near), np.where(same, far, middle)
    across, upright = (np.full((*change.shape, 2), np.nan) for change in changes)
    count = int(np.sum(changes[0]))
    across[changes[0]] = (near + far)[:count] / 2
    upright[changes[1]] = (near + far)[count:] / 2
    return across, upright


def _draw_edges(ax: Axes, across: np.ndarray, upright: np.ndarray, theme: Theme) -> None:
    """Join the crossings of each cell of the grid: two by a line, more in their middle."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    around = np.stack([across[:-1], across[1:], upright[:, :-1], upright[:, 1:]], axis=2)
    cells = around.reshape(-1, 4, 2)
    crossed = np.isfinite(cells[..., 0])
    counts = crossed.sum(axis=1)
    two = cells[counts == 2][crossed[counts == 2]].reshape(-1, 2, 2)
    meeting = [
        (point, found.mean(axis=0))
        for cell, has in zip(cells[counts > 2], crossed[counts > 2], strict=True)
        for found in [cell[has]] for point in found
    ]  # fmt: skip
    lines = np.concatenate([two, np.array(meeting).reshape(-1, 2, 2)])
    if len(lines):
        codes = np.tile([Path.MOVETO, Path.LINETO], len(lines))
        ax.add_patch(PathPatch(Path(lines.reshape(-1, 2), codes), facecolor="none",
                               edgecolor=theme.ink, linewidth=1.2, capstyle="round"))  # fmt: skip


class _Field:
    """A model's outputs at some points: the class that it chooses, and how sure it is."""

    def __init__(
        self, outputs: np.ndarray, count: int, threshold: float, truth: Any, classes: Any = None,
        named: Any = None,
    ):  # fmt: skip
        self.classes: Any
        outputs = outputs[:, 0] if outputs.ndim == 2 and outputs.shape[1] == 1 else outputs
        kinds = "biuf" if outputs.ndim == 2 or named is None else "biufUSO"
        if outputs.shape[:1] != (count,) or outputs.ndim > 2 or outputs.dtype.kind not in kinds:
            raise VizError(
                f"the model makes outputs of shape ({count},), ({count}, 1) or ({count}, classes) "
                f"of {count} rows; received shape {outputs.shape}"
            )
        known: Any = named
        if named is None:
            known = None if truth is None else np.unique(truth)
        self.margins: list[np.ndarray]
        if outputs.ndim == 2:
            count = outputs.shape[1]
            self.classes = known if known is not None and len(known) == count else np.arange(count)
            scores = outputs - outputs.max(axis=1, keepdims=True)
            shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            place, self.sure = np.argmax(outputs, axis=1), shares.max(axis=1)
            self.margins = _margins(outputs)
        elif outputs.dtype.kind != "f":
            given = np.unique(outputs) if known is None else np.union1d(known, outputs)
            self.classes = given if classes is None else np.union1d(classes, outputs)
            place, self.sure = np.searchsorted(self.classes, outputs), np.ones(len(outputs))
            self.margins = _margins((outputs[:, None] == self.classes).astype(float))
        else:
            two = known is not None and len(known) == 2
            self.classes = known if two else np.array([0, 1])
            margin = outputs - threshold
            place = (margin > 0).astype(int)
            self.sure = 1 / (1 + np.exp(-np.clip(np.abs(margin), 0, 30)))
            self.margins = [margin] if np.any(margin > 0) and np.any(margin < 0) else []
        self.place, self.chosen = place, self.classes[place]
        self.is_hard = len(np.unique(self.sure)) <= _FEW  # Steps: a contour would be a staircase.

    def shades(self, theme: Theme) -> np.ndarray:
        """The colour at each point: its class's, on the ground."""
        from matplotlib.colors import to_rgb

        colours = np.array([to_rgb(c) for c in series(theme, len(self.classes))])
        least = 1 / max(len(self.classes), 2)
        share = _DEEPEST * (0.35 + 0.65 * (self.sure - least) / (1 - least))[:, None]
        return colours[self.place] * share + np.array(to_rgb(theme.ground)) * (1 - share)


def _margins(outputs: np.ndarray) -> list[np.ndarray]:
    """For each class that wins somewhere, its lead over the best of the others."""
    leads = []
    for k in range(outputs.shape[1]):
        others = np.delete(outputs, k, axis=1)
        lead = outputs[:, k] - others.max(axis=1) if others.size else outputs[:, k]
        if np.any(lead > 0) and np.any(lead < 0):
            leads.append(lead)
    return leads[:-1] if len(leads) == 2 else leads  # The same line twice.


def _around(values: np.ndarray) -> tuple[float, float]:
    if not np.all(np.isfinite(values)):
        raise VizError("X holds NaN or infinity: leave those rows out")
    low, high = float(values.min()), float(values.max())
    room = 0.12 * (high - low) or 1.0
    return low - room, high + room


def _draw_points(
    ax: Axes, points: np.ndarray, truth: Any, own: _Field, names: Any, theme: Theme
) -> None:
    size = float(np.clip(6500 / len(points), 4, 60))
    thin = min(1.0, size / 15)
    options: dict[str, Any] = {"rasterized": len(points) > _MANY}
    if truth is None:
        ax.scatter(*points.T, s=size, c=[theme.ink], edgecolors=theme.ground,
                   linewidths=0.6 * thin, **options)  # fmt: skip
        return
    classes = np.unique(truth)
    if names is not None and len(names) != len(classes):
        raise VizError(f"names has one for each of {len(classes)} classes; received {len(names)}")
    places = {value: i for i, value in enumerate(own.classes)}
    colours = series(theme, max(len(own.classes), len(classes)))
    for i, value in enumerate(classes):
        here = truth == value
        wrong = here & (own.chosen != truth)
        place = places.get(value, i)
        name = str(names[i]) if names is not None else f"{value:g}" if (
            truth.dtype.kind in "biuf") else str(value)  # fmt: skip
        looks = {"s": size, "marker": marker(place), "zorder": 3, **options}
        ax.scatter(*points[here & ~wrong].T, color=colours[place], edgecolors=theme.ground,
                   linewidths=0.7 * thin, label=literal(name), **looks)  # fmt: skip
        if np.any(wrong):
            larger = {**looks, "s": 1.4 * size, "zorder": 4}
            ax.scatter(*points[wrong].T, color=colours[place], edgecolors=theme.ink,
                       linewidths=1.3 * thin, **larger)  # fmt: skip
    if len(classes) <= _MOST_NAMED:
        keyed(ax, theme, (max(size, 30) / size) ** 0.5)
