"""`viz.plot_feature_maps`: what the layers of a convolutional network make of an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.extend import in_language, say
from viz.errors import UnsupportedTargetError, VizError
from viz.modules import called, is_module
from viz.themes import Theme

from .canvas import SMALL, axes, bare, house, literal, titled
from .inputs import array
from .tiles import end_of_scale, show_signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAP = 0.12  # Between images, of an image's side.
SIDE = 0.72  # Inches.


@in_language
def plot_feature_maps(
    model: Any,
    x: Any = None,
    *,
    most: int = 8,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """The channels that each layer makes of one image, a row a layer, the image itself above.

    Blue is positive, orange negative, and each layer has a scale of its own; an empty frame is a
    channel of zeros.

    Parameters
    ----------
    model : an nn.Module, run in evaluation mode, of which those layers are shown whose outputs are
        images, of shape (1, channels, height, width); or name -> maps (channels, height, width).
    x : with a module, one image: (channels, height, width), (height, width), or a batch of one.
    most : channels of a row; its label says how many there are.
    ax, theme, title, language, font : as for every plot.

    Returns the Axes.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : neither a module nor a mapping. VizError (a ValueError) :
        a module without an image, several images, or no layer that makes images.

    >>> ax = plot_feature_maps({"conv1": np.ones((6, 24, 24)), "pool1": np.ones((6, 12, 12))})
    >>> len(ax.images), [label.get_text() for label in ax.texts]
    (12, ['conv1\\n6×24×24', 'pool1\\n6×12×12'])
    """
    if type(most) is not int or most < 1:
        raise VizError(f"most is how many channels to show, 1 or more; received {most!r}")
    rows = _maps(model, x)
    across = min(most, max(len(maps) for _, maps in rows))
    with house("plot_feature_maps", theme, font) as colours:
        size = (SIDE * across + 1.9, SIDE * len(rows) + 0.5)
        ax = axes(ax, colours, (max(size[0], 3.4), size[1]))
        bare(ax)
        for i, (name, maps) in enumerate(rows):
            _draw_row(ax, maps[:most], i * (1 + GAP), colours)
            shape = "×".join(map(str, maps.shape))
            if len(maps) > most:
                shape = say("{shape}, {count} shown", shape=shape, count=most)
            label = literal(f"{name}\n{shape}")
            ax.text(-0.18, i * (1 + GAP) + 0.5, label, ha="right", va="center", size=SMALL)
        ax.set_xlim(-0.02, across * (1 + GAP) - GAP + 0.02)
        ax.set_ylim(len(rows) * (1 + GAP) - GAP + 0.02, -0.02)
        ax.set_aspect("equal")
        titled(ax, title, say("Feature maps"))
    return ax


def _draw_row(ax: Axes, maps: np.ndarray, top: float, theme: Theme) -> None:
    from matplotlib.patches import Rectangle

    largest = end_of_scale(maps)
    height, width = maps.shape[1:]
    tall, wide = height / max(height, width), width / max(height, width)
    for i, image in enumerate(maps):
        left, high = i * (1 + GAP) + (1 - wide) / 2, top + (1 - tall) / 2
        extent = (left, left + wide, high + tall, high)
        show_signed(ax, image, largest, theme, extent=extent, aspect="auto")
        ax.add_patch(Rectangle((left, high), wide, tall, fill=False, edgecolor=theme.box_line,
                               linewidth=0.6))  # fmt: skip


def _maps(model: Any, x: Any) -> list[tuple[str, np.ndarray]]:
    """Names, and maps (channels, height, width), from the image on."""
    if isinstance(model, Mapping):
        rows = [(str(k), array(v, str(k), ndim=3).astype(float)) for k, v in model.items()]
        if not rows or not all(maps.size for _, maps in rows):
            raise VizError("there are no feature maps to show")
        return rows
    if not is_module(model):
        raise UnsupportedTargetError(
            "plot_feature_maps takes an nn.Module with an image, or name -> maps; "
            f"received {type(model).__name__}"
        )
    if x is None:
        raise VizError("plot_feature_maps(model, x) takes an image x, whose maps it shows")
    image = one_image(x)
    rows = [(say("input"), image[0].astype(float))]
    for call in called(model, image).calls:
        found = call.output
        if isinstance(found, Tensor) and found.ndim == 4 and found.size:
            rows.append((call.label, np.asarray(found.data, dtype=float)[0]))
    if len(rows) == 1:
        raise VizError(
            f"no layer of {type(model).__name__} makes images: (1, channels, height, width)"
        )
    return rows


def one_image(x: Any) -> np.ndarray:
    """An image as a batch of one: (1, channels, height, width).

    Raises
    ------
    VizError : not numbers, or several images.
    """
    values = array(x, "x", ndim=(2, 3, 4))
    values = values.reshape((1,) * (4 - values.ndim) + values.shape)
    if len(values) != 1 or not values.size:
        raise VizError(
            "x is one image: (channels, height, width), (height, width), or a batch of one; "
            f"received shape {np.shape(x)}" + (": write x[0]" if len(values) > 1 else "")
        )
    return values
