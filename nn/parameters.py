"""Where parameters are made: of an initialiser's numbers, or of zeros where a file brings them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd import ShapeError, Tensor
from nn.errors import FileFormatError
from nn.initializers import get
from nn.randomness import Rng

__all__ = [
    "Initializer",
    "drawn",
    "in_lists",
    "parameter",
    "parameter_maker",
    "room_for",
    "scalars",
    "state",
]

Initializer = str | float | Callable[..., Any]
"""A name of `nn.initializers`, the one number that all start from, or a function of
``(shape, rng, dtype)``."""

_room: ContextVar[list[int] | None] = ContextVar("gategrad_room", default=None)


@contextmanager
def room_for(numbers: int, arrays: int) -> Iterator[None]:
    """Make parameters of zeros inside, at most so many numbers in so many arrays: for files.

    A description of a few letters can ask for more memory than there is; a file that holds the
    numbers is as large as they are.
    """
    token = _room.set([numbers, arrays])
    try:
        yield
    finally:
        _room.reset(token)


def drawn(
    owner: str, initializer: Initializer, shape: tuple[int, ...], rng: Rng, dtype: np.dtype
) -> np.ndarray:
    """An initialiser's array, checked; raises ShapeError (a ValueError) where it does not fit."""
    room = _room.get()
    if room is not None:
        get(initializer)
        room[0] -= math.prod(shape)
        room[1] -= 1
        if min(room) < 0:
            raise FileFormatError("the description asks for more numbers than the file holds")
        return np.zeros(shape, dtype)
    array = np.asarray(get(initializer)(shape, rng, dtype), dtype=dtype)
    if array.shape != shape:
        raise ShapeError(
            f"{owner}: the initialiser must return an array of shape {shape}, and returned "
            f"{array.shape}"
        )
    return array


def parameter(
    owner: str, name: str, initializer: Initializer, shape: tuple[int, ...], rng: Rng,
    dtype: np.dtype,
) -> Tensor:  # fmt: skip
    """A leaf that is trained; arguments and errors as of `drawn`."""
    return Tensor(drawn(owner, initializer, shape, rng, dtype), name=name)


def scalars(
    owner: str, name: str, initializer: Initializer, shape: tuple[int, ...], rng: Rng,
    dtype: np.dtype,
) -> list[Any]:  # fmt: skip
    """The same as scalar nodes in lists, which are Python floats, whatever the dtype."""
    return in_lists(name.lower(), drawn(owner, initializer, shape, rng, np.dtype(np.float64)))


def parameter_maker(scalar: bool) -> Any:
    """`scalars` or `parameter`: for type checkers either makes what the layer says that it has."""
    return scalars if scalar else parameter


def in_lists(letter: str, values: np.ndarray) -> Any:
    """A scalar node for each entry, in lists as deep as the array, named after the letter."""

    def named(part: Any, index: tuple[int, ...]) -> Any:
        if isinstance(part, list):
            return [named(item, (*index, i)) for i, item in enumerate(part)]
        return Tensor(part, name=f"{letter}[{','.join(map(str, index))}]")

    return named(values.tolist(), ())


def state(owner: str, name: str, value: float, shape: tuple[int, ...], dtype: np.dtype) -> Tensor:
    """A leaf that is kept and saved, but not trained: the same number everywhere at first."""
    return Tensor(drawn(owner, value, shape, None, dtype), name=name, requires_grad=False)
