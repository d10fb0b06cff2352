"""`viz.plot_rates`: the loss at each learning rate of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.extend import in_language, number, say
from viz.errors import UnsupportedTargetError, VizError
from viz.themes import mix

from .canvas import SMALL, axes, house, titled
from .labelling import halo
from .palette import series

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@in_language
def plot_rates(
    found: Any,
    *,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """The losses that `nn.find_rate` met, and their running mean, by rate; its suggestion marked.

    Parameters
    ----------
    found : what `nn.find_rate` returned.
    ax : Axes to draw on; by default a new figure.
    theme : "light", "dark" or "colorblind".
    language : of the words, `"en"` or `"ko"`, as for `viz.draw`.
    font : a family that is installed, or a font's file, that letters are taken from first.
    title : over the panel; "" for none.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not what `find_rate` returns. VizError (a ValueError) :
        too few rates; DependencyError : no Matplotlib.

    >>> import nn
    >>> from nn import optim
    >>> x = [[0.0], [1.0], [2.0], [3.0]]
    >>> found = nn.find_rate(nn.Linear(1, 1, rng=0), x, [0.0, 2.0, 4.0, 6.0], loss="mse",
    ...                      optimizer=optim.SGD(), batch_size=2, rng=0)
    >>> ax = plot_rates(found)
    >>> ax.get_xscale(), len(ax.lines)
    ('log', 3)
    """
    try:
        rates, losses, means = (
            np.asarray(getattr(found, name), float) for name in ("rates", "losses", "means")
        )
    except (AttributeError, TypeError, ValueError):
        raise UnsupportedTargetError(
            f"plot_rates takes what nn.find_rate returns; received {type(found).__name__}"
        ) from None
    if len(rates) < 3:
        raise VizError(f"{len(rates)} rates are too few to plot: begin lower, with start=")
    best = found.suggestion
    with house("plot_rates", theme, font) as colours:
        ax = axes(ax, colours)
        line, mark = series(colours, 2)
        ax.plot(
            rates, losses, color=mix(colours.ground, line, 0.4), linewidth=0.9, label=say("loss")
        )
        ax.plot(rates, means, color=line, label=say("running mean"))
        ax.set_xscale("log")
        # Where the search ends the loss leaves the picture, and is not what one looks for.
        low, high = float(np.min(means)), float(np.max(means[: np.argmin(means) + 1]))
        ax.set_ylim(low - 0.15 * (high - low), high + 0.5 * (high - low))
        ax.axvline(best, color=mark, linewidth=0.9, linestyle=(0, (2, 2)), zorder=1)
        ax.annotate(
            say("steepest at {rate}", rate=number(best, 2)), (best, 1),
            xycoords=("data", "axes fraction"), xytext=(-6, -6), textcoords="offset points",
            ha="right", va="top", size=SMALL, color=colours.ink, path_effects=halo(colours.ground),
        )  # fmt: skip
        ax.set_xlabel(say("learning rate"))
        ax.set_ylabel(say("loss"))
        titled(ax, title, say("Loss at each learning rate"))
    return ax
