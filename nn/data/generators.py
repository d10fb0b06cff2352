"""Small data sets, made on the spot: what the lecture's plots of decision regions are made of.

Classes take turns (0, 1, 0, 1, ...), so that any part of the rows holds all of them. Points are
float64 of shape (n, 2), labels int64 of shape (n,).
"""

from __future__ import annotations

import numpy as np

from nn.options import real, size
from nn.randomness import Rng, as_generator

__all__ = ["blobs", "circles", "moons", "noisy_sine", "spirals", "xor"]

Points = tuple[np.ndarray, np.ndarray]


def moons(n: int = 200, *, noise: float = 0.1, rng: Rng = None) -> Points:
    """Two half circles of radius 1 that reach into each other.

    Parameters
    ----------
    n : the number of points.
    noise : the standard deviation of what is added to each coordinate.

    Raises DataError (a TypeError) and OptionError (a ValueError), as all of these do.

    >>> X, y = moons(4, noise=0.0, rng=0)
    >>> X.shape, y
    ((4, 2), array([0, 1, 0, 1]))
    """
    generator, y = as_generator(rng), _turns("moons", n, 2)
    angle = np.pi * generator.random(len(y))
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return _noisy("moons", np.where(y[:, None] == 0, upper, lower), noise, generator), y


def blobs(
    n: int = 200, *, classes: int = 3, noise: float = 0.5, radius: float = 2.0, rng: Rng = None
) -> Points:
    """Round clouds whose centres are evenly spaced on a circle of `radius`.

    >>> X, y = blobs(4, classes=4, noise=0.0, radius=1.0)
    >>> X.round(6) + 0.0
    array([[ 1.,  0.],
           [ 0.,  1.],
           [-1.,  0.],
           [ 0., -1.]])
    """
    generator, y = as_generator(rng), _turns("blobs", n, classes)
    angle = 2.0 * np.pi * y / classes
    centres = real("blobs", "radius", radius, 0.0) * np.stack([np.cos(angle), np.sin(angle)], 1)
    return _noisy("blobs", centres, noise, generator), y


def spirals(
    n: int = 300, *, classes: int = 2, turns: float = 1.0, noise: float = 0.05, rng: Rng = None
) -> Points:
    """Arms that wind around the origin, out to radius 1.

    >>> X, y = spirals(300, classes=3, noise=0.0, rng=0)
    >>> bool((np.hypot(*X.T) <= 1.0).all()), np.bincount(y)
    (True, array([100, 100, 100]))
    """
    generator, y = as_generator(rng), _turns("spirals", n, classes)
    radius = np.sqrt(generator.random(len(y)))  # as many points on the outer winds as their length
    turns = real("spirals", "turns", turns, 0.0)
    angle = 2.0 * np.pi * (turns * radius + y / classes)
    points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _noisy("spirals", points, noise, generator), y


def circles(n: int = 200, *, factor: float = 0.5, noise: float = 0.05, rng: Rng = None) -> Points:
    """A circle of radius 1, and one of radius `factor` inside it, whose class is 1.

    >>> X, y = circles(100, noise=0.0, rng=0)
    >>> bool(np.allclose(np.hypot(*X.T), np.where(y == 0, 1.0, 0.5)))
    True
    """
    generator, y = as_generator(rng), _turns("circles", n, 2)
    angle = 2.0 * np.pi * generator.random(len(y))
    inner = real("circles", "factor", factor, 0.0, 1.0)
    radius = np.where(y == 0, 1.0, inner)[:, None]
    points = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _noisy("circles", points, noise, generator), y


def xor(n: int = 4, *, noise: float = 0.0, rng: Rng = None) -> Points:
    """The corners of the unit square in turn, whose class is whether their coordinates differ.

    >>> xor()
    (array([[0., 0.],
           [0., 1.],
           [1., 0.],
           [1., 1.]]), array([0, 1, 1, 0]))
    """
    corner = _turns("xor", n, 4)
    first, second = corner // 2, corner % 2
    corners = np.stack([first, second], axis=1).astype(np.float64)
    return _noisy("xor", corners, noise, as_generator(rng)), first ^ second


def noisy_sine(
    n: int = 200, *, noise: float = 0.1, periods: float = 1.0, rng: Rng = None
) -> Points:
    """A wave to fit: x uniform in 0..2π·periods and y = sin x and noise, both of shape (n, 1).

    >>> x, y = noisy_sine(5, noise=0.0, rng=0)
    >>> bool((y == np.sin(x)).all()), x.shape
    (True, (5, 1))
    """
    generator, count = as_generator(rng), size("noisy_sine", "n", n)
    length = 2.0 * np.pi * real("noisy_sine", "periods", periods, 0.0)
    x = length * generator.random((count, 1))
    return x, _noisy("noisy_sine", np.sin(x), noise, generator)


def _turns(owner: str, n: int, classes: int) -> np.ndarray:
    return np.arange(size(owner, "n", n)) % size(owner, "classes", classes)


def _noisy(
    owner: str, values: np.ndarray, noise: float, generator: np.random.Generator
) -> np.ndarray:
    noise = real(owner, "noise", noise, 0.0, 1e100)
    return values + noise * generator.normal(size=values.shape)
