"""Augmentations that move pixels: every image of a batch is moved by an amount of its own.

Images are of shape (N, H, W) or (N, H, W, channels), floats or uint8; a new array of the same
shape and dtype is returned. Between pixels values are interpolated linearly, and what comes in
from outside is `fill`. All draw from `rng`, and raise ShapeError or DataError for what is no batch
of images, OptionError (a ValueError) for an option out of its range.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nn.errors import OptionError
from nn.options import real, size
from nn.randomness import Rng, as_generator

from .images import as_images, like, working

__all__ = ["crop_and_resize", "flip", "rotate", "shear", "shift", "stretch"]

CHUNK = 1 << 16  # pixels moved at once: their coordinates and neighbours stay in the cache


def flip(images: Any, *, axis: str = "horizontal", p: float = 0.5, rng: Rng = None) -> np.ndarray:
    """Mirror each image with probability `p`, left to right, or upside down (``"vertical"``).

    >>> flip([[[1.0, 2.0], [3.0, 4.0]]], p=1.0)
    array([[[2., 1.],
            [4., 3.]]])
    """
    images = as_images("flip", images)
    if axis not in ("horizontal", "vertical"):
        raise OptionError(f"flip: axis must be 'horizontal' or 'vertical', received {axis!r}")
    chosen = as_generator(rng).random(len(images)) < real("flip", "p", p, 0.0, 1.0)
    flipped = images.copy()
    flipped[chosen] = np.flip(images[chosen], axis=2 if axis == "horizontal" else 1)
    return flipped


def shift(images: Any, *, pixels: int = 2, fill: float = 0.0, rng: Rng = None) -> np.ndarray:
    """Move each image by whole pixels, up to `pixels` up or down and left or right.

    >>> shift([[[1.0, 2.0], [3.0, 4.0]]], pixels=1, rng=0)
    array([[[3., 4.],
            [0., 0.]]])
    """
    images = as_images("shift", images)
    most = size("shift", "pixels", pixels)
    offsets = as_generator(rng).integers(-most, most, size=(len(images), 2), endpoint=True)
    outside = like(np.array(real("shift", "fill", fill)), images)
    sides = np.array(images.shape[1:3])
    room = np.minimum(most, sides)
    frame = ((0, 0), *np.stack([room, room], axis=1), *((0, 0),) * (images.ndim - 3))
    framed = np.pad(images, frame, constant_values=outside)
    first = np.clip(offsets, -room, room) + room
    windows = sliding_window_view(framed, tuple(sides), axis=(1, 2))
    moved = windows[np.arange(len(images)), first[:, 0], first[:, 1]]
    return moved if images.ndim == 3 else np.ascontiguousarray(np.moveaxis(moved, 1, -1))


def rotate(images: Any, *, degrees: float = 15.0, fill: float = 0.0, rng: Rng = None) -> np.ndarray:
    """Turn each image about its middle, by up to `degrees` either way.

    >>> rotate(np.ones((1, 3, 3)), degrees=0.0)[0, 1]
    array([1., 1., 1.])
    """
    images = as_images("rotate", images)
    most = np.deg2rad(real("rotate", "degrees", degrees, 0.0))
    angle = as_generator(rng).uniform(-most, most, len(images))
    cos, sin = np.cos(angle), np.sin(angle)
    return _moved("rotate", images, _matrices(cos, sin, -sin, cos), None, fill)


def shear(images: Any, *, factor: float = 0.2, fill: float = 0.0, rng: Rng = None) -> np.ndarray:
    """Slide the rows of each image sideways, by up to `factor` of their distance to the middle one.

    >>> shear(np.ones((1, 3, 3)), rng=0)[0, 1]
    array([1., 1., 1.])
    """
    images = as_images("shear", images)
    most = real("shear", "factor", factor, 0.0)
    slope = as_generator(rng).uniform(-most, most, len(images))
    one = np.ones(len(images))
    return _moved("shear", images, _matrices(one, 0.0 * one, slope, one), None, fill)


def stretch(images: Any, *, factor: float = 0.2, fill: float = 0.0, rng: Rng = None) -> np.ndarray:
    """Lengthen or shorten each image, height and width apart, by up to 1 + `factor` times.

    >>> stretch(np.ones((1, 3, 3)), rng=0)[0, 1, 1].item()
    1.0
    """
    images = as_images("stretch", images)
    most = np.log1p(real("stretch", "factor", factor, 0.0))
    across = np.exp(as_generator(rng).uniform(-most, most, (2, len(images))))
    zero = np.zeros(len(images))
    return _moved("stretch", images, _matrices(across[0], zero, zero, across[1]), None, fill)


def crop_and_resize(images: Any, *, smallest: float = 0.75, rng: Rng = None) -> np.ndarray:
    """Cut a part out of each image, of `smallest` to 1 of its sides, and enlarge it to the whole.

    >>> crop_and_resize(np.arange(9.0).reshape(1, 3, 3), smallest=1.0)[0, 0]
    array([0., 1., 2.])
    """
    images = as_images("crop_and_resize", images)
    least = real("crop_and_resize", "smallest", smallest, 0.0, 1.0)
    generator = as_generator(rng)
    side = generator.uniform(least, 1.0, len(images))
    room = (1.0 - side)[:, None] * (np.array(images.shape[1:3]) - 1.0) / 2.0
    offsets = room * generator.uniform(-1.0, 1.0, (len(images), 2))
    zero = np.zeros(len(images))
    return _moved("crop_and_resize", images, _matrices(side, zero, zero, side), offsets, 0.0)


def _matrices(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """[[a, b], [c, d]] for each image."""
    return np.stack([np.stack([a, b], axis=-1), np.stack([c, d], axis=-1)], axis=-2)


def _moved(
    owner: str, images: np.ndarray, matrices: np.ndarray, offsets: np.ndarray | None, fill: float
) -> np.ndarray:
    """Each pixel, seen from the middle, from where its image's matrix and offset say it was.

    Rows come before columns, in matrices and offsets alike.
    """
    fill = real(owner, "fill", fill)
    if offsets is None:
        offsets = np.zeros((len(images), 2))
    moved = np.empty_like(images, order="C")
    chunk = max(1, CHUNK // (images.shape[1] * images.shape[2]))
    for start in range(0, len(images), chunk):
        part = slice(start, start + chunk)
        with np.errstate(invalid="ignore", over="ignore"):  # pixels may be infinite or nan
            moved[part] = _interpolated(images[part], matrices[part], offsets[part], fill)
    return moved


def _interpolated(
    images: np.ndarray, matrices: np.ndarray, offsets: np.ndarray, fill: float
) -> np.ndarray:
    (count, height, width), dtype = images.shape[:3], working(images)
    lengths = np.array([[height], [width]], dtype)
    middle = (lengths - 1) / 2
    grid = np.indices((height, width), dtype).reshape(2, -1) - middle
    places = matrices.astype(dtype) @ grid  # (count, 2, pixels)
    places += middle + offsets[:, :, None].astype(dtype)
    # A frame one pixel wide holds the fill; what lies further out is moved onto it.
    np.clip(places, -1, lengths, out=places)
    corner = np.minimum(np.floor(places), lengths - 1)
    places -= corner
    top, left = corner.astype(np.intp).transpose(1, 0, 2)
    frame = ((0, 0), (1, 1), (1, 1), *((0, 0),) * (images.ndim - 3))
    framed = np.pad(images.astype(dtype, copy=False), frame, constant_values=fill)
    pixels = framed.reshape(-1, *images.shape[3:])
    start = np.arange(count)[:, None] * ((height + 2) * (width + 2)) + width + 3
    first = top * (width + 2) + left + start
    down, right = (
        places[:, axis].reshape(*first.shape, *(1,) * (images.ndim - 3)) for axis in (0, 1)
    )
    above = _between(pixels[first], pixels[first + 1], right)
    first += width + 2
    below = _between(pixels[first], pixels[first + 1], right)
    return like(_between(above, below, down).reshape(images.shape), images)


def _between(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """one·(1 - share) + other·share: either of them exactly, where the share is 0 or 1."""
    return one * (1 - share) + other * share
