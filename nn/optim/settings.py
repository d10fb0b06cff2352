"""Settings of optimisers, schedules and clipping: numbers in a range, and the words for others."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from .errors import OptimizerError

__all__ = ["flag", "number", "pair", "whole"]


def number(
    owner: str,
    name: str,
    value: Any,
    low: float = 0.0,
    high: float = math.inf,
    *,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """`value` as a float of the range, which `open_low` and `open_high` leave without its ends.

    Raises OptimizerError (a ValueError), naming the setting, its range and what came.

    >>> number("SGD", "lr", 1)
    1.0
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if real:
        found = float(value)
        above = found > low if open_low else found >= low
        below = found < high if open_high else found <= high
        if above and below and math.isfinite(found):
            return found
    bounds = f"above {low:g}" if open_low else f"of {low:g} or more"
    if math.isfinite(high):
        bounds += f" and below {high:g}" if open_high else f" and at most {high:g}"
    raise OptimizerError(f"{owner}: {name} must be a number {bounds}, received {value!r}")


def whole(owner: str, name: str, value: Any, low: int = 0) -> int:
    """`value` as an integer of `low` or more; raises OptimizerError (a ValueError)."""
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= low:
        return int(value)
    raise OptimizerError(f"{owner}: {name} must be an integer of {low} or more, received {value!r}")


def flag(owner: str, name: str, value: Any) -> bool:
    """`value`, which is True or False; raises OptimizerError (a ValueError)."""
    if isinstance(value, bool):
        return value
    raise OptimizerError(f"{owner}: {name} must be True or False, received {value!r}")


def pair(owner: str, name: str, value: Any) -> tuple[float, float]:
    """`value` as two rates of forgetting, each of 0 or more and below 1."""
    if isinstance(value, (tuple, list)) and len(value) == 2:
        first, second = (
            number(owner, f"{name}[{i}]", entry, high=1.0, open_high=True)
            for i, entry in enumerate(value)
        )
        return first, second
    raise OptimizerError(f"{owner}: {name} must be two numbers, such as (0.9, 0.999): {value!r}")
