"""Small images side by side, on a scale that is symmetric about zero."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.extend import number
from viz.themes import Theme

from .canvas import SMALL
from .palette import diverging

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def mosaic(images: np.ndarray, across: int | None = None) -> np.ndarray:
    """Images (n, height, width) in rows of `across`, between them nothing (NaN).

    Without `across` they are about as wide as high together.

    >>> mosaic(np.ones((3, 2, 2)), across=3).shape
    (2, 8)
    """
    count, height, width = images.shape
    if across is None:
        across = min(count, max(1, ceil(sqrt(1.5 * count * height / width))))
    down = ceil(count / across)
    gap = max(1, round(0.06 * min(height, width)))
    made = np.full((down * (height + gap) - gap, across * (width + gap) - gap), np.nan)
    for i, image in enumerate(images):
        top, left = (i // across) * (height + gap), (i % across) * (width + gap)
        made[top : top + height, left : left + width] = image
    return made


def end_of_scale(values: np.ndarray) -> float:
    """A size that few numbers exceed: the end of their colours."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(np.percentile(finite, 99.5)) if finite.size else 0.0
    return largest or float(np.max(finite, initial=0.0)) or 1.0


def show_signed(ax: Axes, picture: np.ndarray, largest: float, theme: Theme, **options: Any) -> Any:
    """An image: orange where it is negative, blue where it is positive, the ground at zero."""
    return ax.imshow(
        np.ma.masked_invalid(picture), cmap=diverging(theme), vmin=-largest, vmax=largest,
        **{"interpolation": "none", **options},
    )  # fmt: skip


def scale_beside(ax: Axes, image: Any, largest: float, theme: Theme) -> None:
    """The colours' scale, right of the Axes."""
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.6, aspect=24, pad=0.02)
    bar.outline.set_visible(False)
    bar.set_ticks([-largest, 0, largest], labels=[number(v, 2) for v in (-largest, 0, largest)])
    bar.ax.tick_params(length=0, labelsize=SMALL, labelcolor=theme.quiet)
