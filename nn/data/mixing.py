"""Augmentations that change what pixels hold: colour, cutout and mixup."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DataError
from nn.errors import OptionError
from nn.options import real, size
from nn.randomness import Rng, as_generator

from .images import as_images, each, like, working
from .preparation import as_array, same_length

__all__ = ["colour", "cutout", "mixup"]


def colour(
    images: Any,
    *,
    brightness: float = 0.2,
    contrast: float = 0.2,
    tint: float = 0.1,
    rng: Rng = None,
) -> np.ndarray:
    """Change light and colour of each image by amounts of its own; pixels stay in their range.

    Parameters
    ----------
    images : of shape (N, H, W) or (N, H, W, channels); floats of 0..1, or uint8 of 0..255.
    brightness : up to this share of the range is added, or taken off.
    contrast : distances from the image's mean grow or shrink by up to this share.
    tint : each channel is multiplied with 1 - tint to 1 + tint; nothing for images without.

    Raises ShapeError, DataError, OptionError (each a ValueError or a TypeError).

    >>> colour(np.full((1, 2, 2), 0.5), contrast=0.0, rng=0).round(3)
    array([[[0.555, 0.555],
            [0.555, 0.555]]])
    """
    images = as_images("colour", images)
    generator = as_generator(rng)
    full = 255.0 if images.dtype == np.uint8 else 1.0
    light, spread, hue = (
        real("colour", name, value, 0.0, 1.0)
        for name, value in (("brightness", brightness), ("contrast", contrast), ("tint", tint))
    )
    added = each(full * generator.uniform(-light, light, len(images)), images)
    factor = each(generator.uniform(1.0 - spread, 1.0 + spread, len(images)), images)
    values = images.astype(working(images))
    channels = images.shape[3] if images.ndim == 4 else 0
    tints = generator.uniform(1.0 - hue, 1.0 + hue, (len(images), 1, 1, channels))
    with np.errstate(invalid="ignore", over="ignore"):  # pixels may be infinite or nan
        if channels:
            values *= tints.astype(values.dtype)
        mean = values.mean(axis=tuple(range(1, images.ndim)), keepdims=True)
        return like(np.clip((values - mean) * factor + mean + added, 0.0, full), images)


def cutout(images: Any, *, side: int = 8, fill: float = 0.0, rng: Rng = None) -> np.ndarray:
    """Blank a square around a pixel of each image, drawn anywhere: at borders part of it is left.

    Parameters
    ----------
    images : of shape (N, H, W) or (N, H, W, channels), floats or uint8.
    side : of the square, in pixels.
    fill : what it is filled with.

    Source: DeVries and Taylor, Improved regularization of convolutional neural networks with
    cutout, 2017. Raises ShapeError, DataError, OptionError (each a ValueError or a TypeError).

    >>> int(cutout(np.ones((1, 5, 5)), side=2, rng=0).sum())
    21
    """
    images = as_images("cutout", images)
    side, generator = size("cutout", "side", side), as_generator(rng)
    inside = []
    for length in images.shape[1:3]:
        start = generator.integers(length, size=(len(images), 1)) - side // 2
        places = np.arange(length)
        inside.append((places >= start) & (places < start + side))
    blanked = images.copy()
    fill = real("cutout", "fill", fill)
    blanked[inside[0][:, :, None] & inside[1][:, None, :]] = like(np.array(fill), images)
    return blanked


def mixup(X: Any, y: Any, *, alpha: float = 0.2, rng: Rng = None) -> tuple[np.ndarray, np.ndarray]:
    """Mix each row and its target with another's: λ·one + (1 - λ)·other, λ drawn from Beta(α, α).

    Parameters
    ----------
    X : N rows of any shape.
    y : N targets in floats; class numbers have no mixture, so write ``one_hot(y)``.
    alpha : above 0; small ones leave most rows nearly as they are.

    Source: Zhang et al., mixup: beyond empirical risk minimization, 2018.

    Raises
    ------
    DataError (a TypeError): class numbers. ShapeError (a ValueError): other lengths.
    OptionError (a ValueError): alpha.

    >>> X, y = mixup([[0.0], [1.0]], [[1.0, 0.0], [0.0, 1.0]], rng=0)
    >>> bool(np.allclose(X[:, 0], y[:, 1])), y.sum(axis=1)
    (True, array([1., 1.]))
    """
    X, y = as_array("mixup", X), as_array("mixup", y)
    count = same_length("mixup", [X, y])
    if y.dtype.kind != "f":
        raise DataError(
            f"mixup: targets must be floats and are {y.dtype}: write nn.data.one_hot(y) for class "
            "numbers, y.astype(float) for others"
        )
    if X.dtype.kind not in "fiub":
        raise DataError(f"mixup: X must be real numbers and is {X.dtype}")
    alpha = real("mixup", "alpha", alpha, 0.0)
    if alpha == 0.0:
        raise OptionError("mixup: alpha must be above 0")
    generator = as_generator(rng)
    share, other = generator.beta(alpha, alpha, count), generator.permutation(count)
    X = X if X.dtype.kind == "f" else X.astype(np.float32)
    return _mixed(X, other, share), _mixed(y, other, share)


def _mixed(rows: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    weight = share.reshape(-1, *(1,) * (rows.ndim - 1)).astype(rows.dtype)
    with np.errstate(invalid="ignore", over="ignore"):  # infinities stay, or become nan
        return weight * rows + (1 - weight) * rows[other]
