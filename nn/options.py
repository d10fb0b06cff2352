"""Checks of what modules are made with: sizes, numbers in a range, dtypes."""

from __future__ import annotations

import math
import numbers
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import DataError
from autograd.extend import as_dtype
from nn.errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

__all__ = [
    "above_zero",
    "at_least_zero",
    "choice",
    "float_dtype",
    "fraction",
    "real",
    "pair",
    "per_axis",
    "size",
    "sizes",
    "spread",
    "whole",
]


def whole(owner: str, name: str, value: Any, low: int = 0) -> int:
    """`value` as an integer of `low` or more.

    Raises DataError (a TypeError) for anything but an integer, OptionError (a ValueError) for one
    below `low`.
    """
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise DataError(f"{owner}: {name} must be an integer of {low} or more, received {value!r}")
    if value < low:
        raise OptionError(f"{owner}: {name} must be {low} or more, received {value}")
    return int(value)


def size(owner: str, name: str, value: Any) -> int:
    """`value` as an integer of 1 or more; raises as `whole` does.

    >>> size("Linear", "inputs", 784)
    784
    """
    return whole(owner, name, value, 1)


def sizes(owner: str, name: str, value: Any) -> list[int]:
    """`value`, a list or tuple of sizes, as a list; raises as `size` does."""
    if not isinstance(value, (list, tuple)):
        raise DataError(f"{owner}: {name} must be a list of sizes, received {value!r}: write [16]")
    return [size(owner, f"{name}[{i}]", entry) for i, entry in enumerate(value)]


def real(
    owner: str, name: str, value: Any, low: float = -math.inf, high: float = math.inf,
    *, below: bool = False,
) -> float:  # fmt: skip
    """`value` as a finite float from `low` to `high`, without `high` itself where `below`.

    Raises DataError (a TypeError) for anything but a number, OptionError (a ValueError) for one
    out of the range.

    >>> real("Dropout", "p", 0.5, 0.0, 1.0, below=True)
    0.5
    """
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise DataError(f"{owner}: {name} must be a number, received {value!r}")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    inside = low <= found < high if below else low <= found <= high
    if not inside or not math.isfinite(found):
        lower = f" of {low:g} or more" if low > -math.inf else ""
        upper = f"{' and' if lower else ''} {'below' if below else 'at most'} {high:g}"
        bounds = lower + (upper if high < math.inf else "") or ", not infinite or nan"
        raise OptionError(f"{owner}: {name} must be a number{bounds}, received {value!r}")
    return found


def above_zero(owner: str, name: str, value: Any) -> float:
    """`value` as a finite float above 0; raises as `real` does."""
    found = real(owner, name, value)
    if found <= 0.0:
        raise OptionError(f"{owner}: {name} must be above 0, received {value!r}")
    return found


def choice(owner: str, name: str, value: Any, besides: str = "") -> bool:
    """`value`, which is True or False; raises DataError (a TypeError).

    `besides` says what else its owner takes.
    """
    if not isinstance(value, (bool, np.bool_)):
        known = f"True or False {besides}".rstrip()
        raise DataError(f"{owner}: {name} must be {known}, received {value!r}")
    return bool(value)


def float_dtype(owner: str, value: DTypeLike) -> np.dtype:
    """`value` as a dtype of floats; raises DataError (a TypeError) for any other.

    >>> float_dtype("Linear", "float64")
    dtype('float64')
    """
    found = as_dtype(value)
    if found.kind != "f" or value is None:
        raise DataError(
            f"{owner}: dtype must be one of floats, received {value!r}: write np.float32 or "
            "np.float64"
        )
    return found


at_least_zero = partial(real, low=0.0)
fraction = partial(real, low=0.0, high=1.0)


def pair(owner: str, name: str, value: Any) -> tuple[float, float]:
    """`value` as two shares of what is kept, each from 0 to below 1.

    >>> pair("Adam", "betas", [0.9, 0.999])
    (0.9, 0.999)
    """
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise DataError(f"{owner}: {name} must be a pair like (0.9, 0.999), received {value!r}")
    first, second = (
        fraction(owner, f"{name}[{i}]", entry, below=True) for i, entry in enumerate(value)
    )
    return first, second


def per_axis(owner: str, name: str, value: Any, axes: int, low: int = 1) -> int | tuple[int, ...]:
    """`value` as one integer for all axes, or a tuple with one for each; raises as `whole` does.

    >>> per_axis("Conv2d", "kernel_size", 3, 2), per_axis("Conv2d", "stride", [2, 1], 2)
    (3, (2, 1))
    """
    if not isinstance(value, (tuple, list)):
        return whole(owner, name, value, low)
    if len(value) != axes:
        raise OptionError(
            f"{owner}: {name} must be a number, or one for each of {axes} ax"
            f"{'i' if axes == 1 else 'e'}s, received {value!r}"
        )
    return tuple(whole(owner, f"{name}[{i}]", entry, low) for i, entry in enumerate(value))


def spread(value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    """What `per_axis` gives, for each axis."""
    return value if isinstance(value, tuple) else (value,) * axes
