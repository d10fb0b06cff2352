"""`viz.plot_weights`: what the first layer looks for, a picture a unit."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.extend import in_language, say, say_count
from viz.errors import VizError
from viz.modules import is_module

from .canvas import axes, bare, house, titled
from .inputs import array
from .tiles import end_of_scale, mosaic, scale_beside, show_signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SMALLEST_IMAGE = 16  # Pixels; with fewer inputs than this the matrix itself is shown.


@in_language
def plot_weights(
    target: Any,
    shape: tuple[int, int] | None = None,
    *,
    most: int = 64,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """The weights into each unit of the first layer as an image: blue positive, orange negative.

    Parameters
    ----------
    target : an nn.Module, whose first matrix of weights is shown, or a matrix of shape
        (inputs, units).
    shape : of the images, such as (28, 28); square where the inputs are a square number. Where
        they are not, or fewer than 16, the matrix is shown as it is, a column a unit.
    most : how many units are shown; a note says how many there are.
    ax, theme, title, language, font : as for every plot.

    All images share one scale, symmetric about zero. Returns the Axes.

    Raises
    ------
    VizError (a ValueError) : no matrix of weights here, or `shape` does not hold its inputs.

    >>> ax = plot_weights(np.ones((16, 6)))
    >>> ax.get_title(loc="left"), ax.images[0].get_array().shape
    ('Weights into 6 units', (9, 14))
    """
    weights, name = _weights(target)
    inputs, units = weights.shape
    if shape is not None and (len(shape) != 2 or shape[0] * shape[1] != inputs):
        raise VizError(f"shape={shape!r} holds other than the {inputs} inputs of {name}")
    if type(most) is not int or most < 1:
        raise VizError(f"most is how many units to show, 1 or more; received {most!r}")
    shape = shape or _square(inputs)
    shown = weights[:, :most]
    with house("plot_weights", theme, font) as colours:
        picture = mosaic(shown.T.reshape(-1, *shape)) if shape else shown
        high, wide = picture.shape
        size = (6.4, min(max(6.0 * high / wide, 2.2), 8.0) + 0.3)
        ax = axes(ax, colours, size)
        bare(ax, frame=shape is None)
        largest = end_of_scale(weights)
        image = show_signed(ax, picture, largest, colours, aspect="equal" if shape else "auto")
        if shape is None:
            ax.set_xlabel(say("unit"))
            ax.set_ylabel(say("input"))
        scale_beside(ax, image, largest, colours)
        told = say_count("Weights into {count} unit", "Weights into {count} units", units)
        if units > shown.shape[1]:
            told = say("{weights}, the first {count} of {all}", weights=told,
                       count=shown.shape[1], all=units)  # fmt: skip
        titled(ax, title, told)
    return ax


def _weights(target: Any) -> tuple[np.ndarray, str]:
    if not is_module(target):
        matrix = array(target, "target", ndim=2)
        if matrix.size == 0:
            raise VizError(f"this matrix of weights is empty: its shape is {matrix.shape}")
        return matrix.astype(float), "this matrix"
    for name, parameter in target.named_parameters():
        if len(parameter.shape) == 4:
            raise VizError(f"{name} is the kernels of a convolution: viz.plot_kernels shows them")
        if len(parameter.shape) == 2:
            weights = np.asarray(parameter.data, dtype=float)
            by_unit = name.rpartition(".")[2].startswith("weight_ih")  # As PyTorch lays them out.
            return weights.T if by_unit else weights, name
    raise VizError(f"{type(target).__name__} has no matrix of weights to show")


def _square(inputs: int) -> tuple[int, int] | None:
    side = isqrt(inputs)
    return (side, side) if side * side == inputs >= _SMALLEST_IMAGE else None
