"""Where randomness comes from: a seed or a generator, given by whoever asks for random numbers."""

from __future__ import annotations

import numbers

import numpy as np

from autograd import DataError

__all__ = ["Rng", "as_generator"]

Rng = int | np.random.Generator | None
"""A seed of 0 or more, a generator, which goes on from where it stands, or None: fresh entropy."""


def as_generator(rng: Rng) -> np.random.Generator:
    """The generator that `rng` stands for: itself, or a new one from a seed or fresh entropy.

    Raises DataError (a TypeError) for anything else.

    >>> as_generator(0).random() == as_generator(0).random()
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    is_seed = isinstance(rng, numbers.Integral) and not isinstance(rng, bool) and rng >= 0
    if rng is not None and not is_seed:
        raise DataError(
            f"rng expects a seed (an integer of 0 or more), a numpy.random.Generator or None, and "
            f"received {rng!r}: write rng=0 or rng=np.random.default_rng(0)"
        )
    return np.random.default_rng(rng)
