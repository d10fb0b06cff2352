"""Checks of what optimisers and schedules are made with, beside those of `nn.options`."""

from __future__ import annotations

from functools import partial
from typing import Any

from autograd import DataError
from nn.errors import OptionError
from nn.options import choice, number, whole

__all__ = ["above_zero", "at_least_zero", "choice", "fraction", "pair", "whole"]

at_least_zero = partial(number, low=0.0)
fraction = partial(number, low=0.0, high=1.0)


def above_zero(owner: str, name: str, value: Any) -> float:
    """`value` as a float above 0; raises as `nn.options.number` does."""
    found = at_least_zero(owner, name, value)
    if found == 0.0:
        raise OptionError(f"{owner}: {name} must be above 0, received {value!r}")
    return found


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
