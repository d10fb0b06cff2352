"""`viz.plot_kernels`: what a convolution looks for, a picture a kernel."""

from __future__ import annotations

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


@in_language
def plot_kernels(
    target: Any,
    layer: str | None = None,
    *,
    most: int = 16,
    ax: Any = None,
    theme: str = "light",
    title: str | None = None,
    language: str | None = None,
    font: str | None = None,
) -> Axes:
    """The kernels of a convolution as images: blue positive, orange negative, on one scale.

    Parameters
    ----------
    target : an nn.Module, or kernels of shape (channels made, channels read, height, width).
    layer : which convolution of the module, by its name, such as `"layers.3"`; the first by
        default. Of groups, each kernel reads the channels of its own group.
    most : channels shown, of those made and of those read; the title says how many there are.
    ax, theme, title, language, font : as for every plot.

    A column of images is a channel that is made, a row one that is read; of a single channel that
    is read, the kernels fill a rectangle. Returns the Axes.

    Raises
    ------
    VizError (a ValueError) : no kernels here, or none of that name.

    >>> ax = plot_kernels(np.ones((4, 3, 5, 5)))
    >>> ax.get_title(loc="left"), ax.images[0].get_array().shape
    ('Kernels 5×5: 4 channels of 3', (17, 23))
    """
    if type(most) is not int or most < 1:
        raise VizError(f"most is how many channels to show, 1 or more; received {most!r}")
    kernels, name = _kernels(target, layer)
    made, read, height, width = kernels.shape
    shown = kernels[:most, :most] if read > 1 else kernels[: most * most]
    images = shown.swapaxes(0, 1).reshape(-1, height, width)
    picture = mosaic(images, len(shown) if read > 1 else None)
    high, wide = picture.shape
    with house("plot_kernels", theme, font) as colours:
        side = 5.4
        size = (
            side * min(1.0, wide / high) + 1.0,
            side * min(1.0, high / wide) + 0.6 + 0.3 * (read > 1),
        )
        ax = axes(ax, colours, (max(size[0], 4.6), max(size[1], 1.6)))
        bare(ax)
        largest = end_of_scale(kernels)
        image = show_signed(ax, picture, largest, colours)
        scale_beside(ax, image, largest, colours)
        if read > 1:
            ax.set_xlabel(say("channel made"))
            ax.set_ylabel(say("channel read"))
        text = _told(name, made, read=read, size=f"{height}×{width}")
        if shown.size < kernels.size:
            text = say("{kernels}, {made} of {read} shown", kernels=text, made=shown.shape[0],
                       read=shown.shape[1])  # fmt: skip
        titled(ax, title, text)
    return ax


def _told(name: str, made: int, **told: Any) -> str:
    if not name:
        return say_count(
            "Kernels {size}: {count} channel of {read}",
            "Kernels {size}: {count} channels of {read}", made, **told,
        )  # fmt: skip
    return say_count(
        "Kernels {size} of {name}: {count} channel of {read}",
        "Kernels {size} of {name}: {count} channels of {read}", made, name=name, **told,
    )  # fmt: skip


def _kernels(target: Any, layer: str | None) -> tuple[np.ndarray, str]:
    """Kernels as floats, of four axes, and whose they are."""
    if not is_module(target):
        if layer is not None:
            raise VizError("layer names a convolution of an nn.Module; received an array")
        kernels = array(target, "target", ndim=4)
        if not kernels.size:
            raise VizError(f"these kernels are empty: their shape is {kernels.shape}")
        return kernels.astype(float), ""
    found = {
        name: np.asarray(module.weight.data, dtype=float)
        for name, module in target.named_modules()
        if len(getattr(getattr(module, "weight", None), "shape", ())) == 4
    }
    if not found:
        raise VizError(f"{type(target).__name__} has no kernels of two axes to show")
    if layer is None:
        layer = next(iter(found))
    elif layer not in found:
        raise VizError(f"layer is one of {', '.join(map(repr, found))}; received {layer!r}")
    kernels, module = found[layer], dict(target.named_modules())[layer]
    if hasattr(module, "output_padding"):  # A transposed one: the channels that it reads are first.
        kernels = kernels.swapaxes(0, 1)
    return kernels, layer
