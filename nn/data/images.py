"""What augmentations take: batches of images, and how their pixels are scaled."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DataError, ShapeError

from .preparation import as_array

__all__ = ["as_images", "each", "like", "working"]


def as_images(owner: str, images: Any) -> np.ndarray:
    """`images` as an array of shape (N, H, W) or (N, H, W, channels), of floats or uint8.

    Raises ShapeError (a ValueError) and DataError (a TypeError).
    """
    array = as_array(owner, images)
    if array.dtype.kind != "f" and array.dtype != np.uint8:
        raise DataError(f"{owner} expects pixels in floats or uint8 and received {array.dtype}")
    if array.ndim not in (3, 4) or 0 in array.shape[1:]:
        raise ShapeError(
            f"{owner} expects images of shape (N, H, W) or (N, H, W, channels) and received "
            f"{array.shape}: write images.reshape(-1, 28, 28) for rows of 784, images[None] for one"
        )
    return array


def working(images: np.ndarray) -> np.dtype:
    """The dtype to compute in: float64 for float64, else float32."""
    return np.dtype(np.float64 if images.dtype == np.float64 else np.float32)


def like(values: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Computed pixels in the dtype of `images`; uint8 are rounded, and held in 0..255."""
    if images.dtype == np.uint8:
        return np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return values.astype(images.dtype, copy=False)


def each(values: np.ndarray, images: np.ndarray) -> np.ndarray:
    """One number an image, laid out to multiply all its pixels."""
    return values.reshape(-1, *(1,) * (images.ndim - 1)).astype(working(images))
