"""`viz.plot_loss_surface`: a function of two variables from above, and the ways down it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import AutogradError, Tensor
from autograd.extend import in_language, number, say
from viz.errors import UnsupportedTargetError, VizError
from viz.themes import Theme, mix

from .canvas import axes, house, settle, titled
from .inputs import array, limits
from .labelling import End, label_free
from .palette import marker, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID = 121
_LEVELS = 18


@in_language
def plot_loss_surface(
    f: Callable[[Any, Any], Any],
    paths: Mapping[str, Any] | None = None,
    *,
    start: tuple[float, float] = (-1.0, 1.0),
    steps: int = 100,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """Contours of f(x, y), evenly spread from valley to peak, and the paths of optimisers on it.

    Parameters
    ----------
    f : of two numbers, arrays or Tensors, written with operators and autograd's functions.
    paths : name -> an optimiser of `nn.optim`, such as ``optim.SGD(lr=0.1)``, which is run from
        `start` for `steps` steps; or points of a path that you have, of shape (steps, 2).
    start, steps : for the optimisers among `paths`.
    xlim, ylim : what is shown; by default the paths with room around, or from −2 to 2.
    ax, theme, title, language, font : as for every plot.

    A path starts at a ring and ends at its mark, where its name and its last value stand. One that
    runs away is followed as long as it is finite. Returns the Axes.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : `f` is not a function; VizError (a ValueError) : not one
        of two variables, a path of another shape, or `start`, `steps` or limits that cannot be.

    >>> bowl = lambda x, y: x**2 + 3 * y**2
    >>> ax = plot_loss_surface(bowl, {"by hand": [[-1, 1], [-0.5, 0.2], [0, 0]]})
    >>> [line.get_label() for line in ax.lines if line.get_label()[0] != "_"]
    ['by hand']
    """
    if not callable(f):
        raise UnsupportedTargetError(
            f"plot_loss_surface takes a function of two variables; received {type(f).__name__}"
        )
    if type(steps) is not int or steps < 1:
        raise VizError(f"steps is 1 or more; received {steps!r}")
    begin = array(start, "start")
    if begin.shape != (2,) or not np.all(np.isfinite(begin)):
        raise VizError(f"start is a point (x, y); received {start!r}")
    found = {
        str(name): _path(path, name, f, begin, steps) for name, path in dict(paths or {}).items()
    }
    across = _limits(xlim, "xlim", [points[:, 0] for points in found.values()])
    along = _limits(ylim, "ylim", [points[:, 1] for points in found.values()])
    x, y = np.linspace(*across, _GRID), np.linspace(*along, _GRID)
    heights = _heights(f, x, y)
    with house("plot_loss_surface", theme, font) as colours:
        ax = axes(ax, colours, (6.6, 4.8))
        ax.grid(False)
        _contours(ax, x, y, heights, colours)
        ax.set_xlim(across)
        ax.set_ylim(along)
        ends = _draw_paths(ax, found, f, colours)
        ax.set_xlabel("x")
        ax.set_ylabel("y")
        titled(ax, title, say("Ways down the surface") if found else say("Surface"))
        settle(ax)
        label_free(ax, ends, colours, list(found.values()))
    return ax


def _path(path: Any, name: str, f: Any, start: np.ndarray, steps: int) -> np.ndarray:
    """The points of a path: given, or walked by an optimiser."""
    if hasattr(path, "bind") and hasattr(path, "step"):
        return _walked(path, f, start, steps)
    points = array(path, f"paths[{name!r}]", ndim=2).astype(float)
    if points.shape[1] != 2 or not len(points):
        raise VizError(
            f"paths[{name!r}] is an optimiser, or points of shape (steps, 2); "
            f"received shape {points.shape}"
        )
    return points[np.all(np.isfinite(points), axis=1)]


def _walked(optimizer: Any, f: Any, start: np.ndarray, steps: int) -> np.ndarray:
    x, y = (Tensor(np.array([float(start[i])]), name="xy"[i]) for i in (0, 1))
    bound = optimizer.bind([x, y])
    points = [tuple(start)]
    with np.errstate(all="ignore"):
        for _ in range(steps):
            bound.zero_grad()
            f(x, y).backward()
            bound.step()
            point = (x.item(), y.item())
            if not np.all(np.isfinite(point)):
                break
            points.append(point)
    return np.array(points)


def _limits(pair: Any, name: str, paths: list[np.ndarray]) -> tuple[float, float]:
    if pair is not None:
        return limits(pair, name)
    if not paths:
        return -2.0, 2.0
    values = np.concatenate(paths)
    # Of one that runs away, the beginning is shown.
    low, high = np.clip([values.min(), values.max()], *(_near(paths)))
    room = max(0.25 * (high - low), 0.3)
    return float(low - room), float(high + room)


def _near(paths: list[np.ndarray]) -> tuple[float, float]:
    """A stretch around the starts, ten times as long as all but the longest step away."""
    first = np.array([path[0] for path in paths])
    spread = max(float(np.median(np.abs(np.concatenate(paths) - first.mean()))), 0.5)
    return float(first.min() - 6 * spread), float(first.max() + 6 * spread)


def _heights(f: Any, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """f on the grid: at once where it can, else point by point."""
    across, along = np.meshgrid(x, y)
    with np.errstate(all="ignore"):
        try:
            found = f(across, along)
            heights = np.asarray(getattr(found, "data", found), dtype=float)
            if heights.shape == across.shape:
                return heights
        except (AutogradError, TypeError, ValueError):
            pass
        try:
            return np.array([[float(f(float(a), float(b))) for a in x] for b in y])
        except (AutogradError, TypeError, ValueError) as error:
            raise VizError(f"f cannot be computed at two numbers x, y: {error}") from error


def _contours(ax: Axes, x: np.ndarray, y: np.ndarray, heights: np.ndarray, theme: Theme) -> None:
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

    finite = heights[np.isfinite(heights)]
    if finite.size == 0 or np.ptp(finite) == 0:
        return
    # Levels at equal shares of the area: a narrow valley gets as many lines as a wide slope.
    levels = np.unique(np.quantile(finite, np.linspace(0, 1, _LEVELS)))
    if len(levels) < 3:
        levels = np.linspace(finite.min(), finite.max(), _LEVELS)
    masked = np.ma.masked_invalid(heights)
    deep, high = mix(theme.ground, theme.positive, 0.30), mix(theme.ground, theme.ink, 0.02)
    tint = LinearSegmentedColormap.from_list("gategrad-valley", [deep, high])
    ax.contourf(x, y, masked, levels, cmap=tint, norm=BoundaryNorm(levels, tint.N))
    ax.contour(x, y, masked, levels, colors=[mix(theme.ground, theme.ink, 0.28)], linewidths=0.6)


def _draw_paths(ax: Axes, paths: Mapping[str, np.ndarray], f: Any, theme: Theme) -> list[End]:
    """Draw the paths; returns their labels, each at the last point that is in the picture."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    ends = []
    for i, (name, points) in enumerate(paths.items()):
        colour = series(theme, i + 1)[i]
        ax.plot(points[:, 0], points[:, 1], color=colour, linewidth=1.6, label=name,
                marker=".", markersize=4, zorder=3)  # fmt: skip
        ax.plot(*points[0], marker="o", markersize=8, markerfacecolor=theme.ground, linestyle="",
                markeredgecolor=theme.ink, markeredgewidth=1.3, zorder=4)  # fmt: skip
        ax.plot(*points[-1], marker=marker(i), markersize=8, color=colour,
                linestyle="", markeredgecolor=theme.ground, zorder=5)  # fmt: skip
        last = float(_heights(f, points[-1:, 0], points[-1:, 1])[0, 0])
        x, y = points.T
        inside = np.flatnonzero((left <= x) & (x <= right) & (low <= y) & (y <= high))
        if inside.size:
            end = points[inside[-1]]
            ends.append(End(end[0], end[1], f"{name}: {number(last, 3)}", colour))
    return ends
