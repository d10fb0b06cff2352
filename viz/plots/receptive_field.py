"""`viz.plot_receptive_field`: which pixels a unit sees, and which of them count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import autograd as ag
from autograd import Tensor
from autograd.extend import in_language, say
from viz.errors import UnsupportedTargetError, VizError
from viz.modules import called, is_module
from viz.themes import mix

from .canvas import axes, bare, house, literal, titled
from .feature_maps import one_image
from .tiles import end_of_scale, scale_beside, show_signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@in_language
def plot_receptive_field(
    model: Any,
    x: Any,
    layer: str | None = None,
    *,
    unit: tuple[int, ...] | None = None,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """The part of an image that one unit depends on, framed, and its gradient by every pixel.

    The frame is the receptive field: rows and columns of pixels that reach the unit through the
    network, whatever the weights are. Colours are the derivatives of the unit by the pixels, summed
    over channels, at this image: the effective field, which is often a small part of the frame
    (Luo et al. 2016, Understanding the effective receptive field).

    Parameters
    ----------
    model : an nn.Module of images (N, channels, height, width), run in evaluation mode.
    x : one image: (channels, height, width), (height, width), or a batch of one.
    layer : the label of a call of a module, as `model.summary()` lists it; by default the last
        layer that makes images.
    unit : (channel, row, column) of that layer, or its index where it makes no images; the middle
        one by default.
    ax, theme, title, language, font : as for every plot.

    Returns the Axes.

    Raises
    ------
    UnsupportedTargetError (a TypeError) : not a module. VizError (a ValueError) : no such layer or
        unit, or several images.

    >>> import nn
    >>> class Blur(nn.Module):
    ...     def forward(self, x):
    ...         return x[:, :, 1:-1, 1:-1] + x[:, :, :-2, 1:-1] + x[:, :, 2:, 1:-1]
    >>> ax = plot_receptive_field(nn.Sequential(Blur(), Blur()), np.ones((9, 9)))
    >>> ax.get_title(loc="left")
    'Receptive field of a unit of blur2: 5×1 of 9×9 pixels'
    """
    if not is_module(model):
        raise UnsupportedTargetError(
            f"plot_receptive_field takes an nn.Module and an image; received {type(model).__name__}"
        )
    image = one_image(x).astype(model.dtype or float)
    given = Tensor(image, name="x")
    calls = called(model, given).calls
    place = _place(calls, layer)
    name, output = calls[place].label, calls[place].output
    chosen = _unit(unit, output.shape[1:])
    seed = np.zeros(output.shape, output.dtype)
    seed[(0, *chosen)] = 1.0
    gradient = ag.trace(output, gradient=seed).grad(given) if output.requires_grad else None
    slope = np.zeros(image.shape[2:]) if gradient is None else np.sum(gradient[0], axis=0)
    rows, columns = _field(model, image, place, chosen)
    with house("plot_receptive_field", theme, font) as colours:
        from matplotlib.colors import LinearSegmentedColormap
        from matplotlib.patches import Rectangle

        ax = axes(ax, colours, (5.2, 4.4))
        bare(ax, frame=True)
        faint = LinearSegmentedColormap.from_list(
            "gategrad-faint", [colours.ground, mix(colours.ground, colours.ink, 0.3)]
        )
        ax.imshow(image[0].mean(axis=0), cmap=faint, interpolation="none")
        slope, largest = np.asarray(slope, dtype=float), end_of_scale(slope)
        opaque = np.clip(3 * np.abs(np.nan_to_num(slope)) / largest, 0.0, 1.0)
        # As it is, without interpolation, an image loses opacities of its own in a file of curves.
        shown = show_signed(ax, slope, largest, colours, alpha=opaque, interpolation="nearest")
        scale_beside(ax, shown, largest, colours)
        if rows.size and columns.size:
            corner = (columns[0] - 0.5, rows[0] - 0.5)
            size = (np.ptp(columns) + 1, np.ptp(rows) + 1)
            ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor=colours.ink,
                                   linewidth=1.6, clip_on=False))  # fmt: skip
        high, wide = (int(np.ptp(each)) + 1 if each.size else 0 for each in (rows, columns))
        of = "×".join(map(str, image.shape[2:]))
        words = say("Receptive field of a unit of {name}: {field} of {image} pixels", name=name,
                    field=f"{high}×{wide}", image=of)  # fmt: skip
        titled(ax, title, literal(words))
    return ax


def _place(calls: list[Any], layer: str | None) -> int:
    """Which of the calls is asked for."""
    made = [i for i, call in enumerate(calls) if isinstance(call.output, Tensor)]
    if layer is None:
        made = [i for i in made if calls[i].output.ndim == 4] or made
    else:
        made = [i for i in made if calls[i].label == layer]
    if not made:
        known = ", ".join(dict.fromkeys(repr(call.label) for call in calls))
        raise VizError(f"layer is one of {known}; received {layer!r}")
    return made[-1]


def _unit(unit: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    if unit is None:
        return (0, *(side // 2 for side in shape[1:]))
    chosen = (unit,) if isinstance(unit, int) else tuple(unit)
    fits = len(chosen) == len(shape) and all(
        isinstance(i, int) and -n <= i < n for i, n in zip(chosen, shape, strict=True)
    )
    if not fits:
        raise VizError(f"unit is an index into outputs of shape {shape}; received {unit!r}")
    return tuple(i % n for i, n in zip(chosen, shape, strict=True))


def _field(
    model: Any, image: np.ndarray, place: int, unit: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """The rows and the columns of pixels that reach a unit.

    NaN in a row makes a NaN of every unit that it reaches, even through weights of zero: a batch of
    images, each with one row or column of NaN, tells them all.
    """
    height, width = image.shape[2:]
    batch = np.repeat(image, height + width, axis=0)
    batch[np.arange(height), :, np.arange(height), :] = np.nan
    batch[height + np.arange(width), :, :, np.arange(width)] = np.nan
    with np.errstate(all="ignore"), ag.no_grad():
        output = called(model, batch).calls[place].output
    place_in_batch: Any = (slice(None), *unit)
    reached = np.isnan(np.asarray(output.data)[place_in_batch])
    return np.flatnonzero(reached[:height]), np.flatnonzero(reached[height:])
