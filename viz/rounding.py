"""What a reader sees of a number that is printed to a few digits, and when "=" would be untrue.

0.99995 to four digits is printed 1, and 1.000 would be no better: whoever reads 1 takes it for one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd import numerals
from autograd.numerals import number

MOST_WRITTEN = 9  # A tensor of more elements is not written out number by number.
_ROUNDINGS = 64  # Units in the last place that arithmetic may be off.


def is_as_printed(content: Any, digits: int | None = None) -> bool:
    """Whether no printed number looks whole and is not; arithmetic's own rounding aside.

    >>> is_as_printed(2.0), is_as_printed(0.9999546), is_as_printed(0.9999546, 7)
    (True, False, True)
    >>> is_as_printed(0.1 * 3 / 0.3), is_as_printed(2 / 3)
    (True, True)
    """
    values = np.asarray(content)
    if values.size > MOST_WRITTEN:
        return True  # It is not written out.
    kind = values.dtype if values.dtype.kind == "f" else np.dtype(float)
    noise = _ROUNDINGS * float(np.finfo(kind).eps)  # type: ignore[type-var]
    return all(
        not math.isfinite(value) or abs(seen(value, digits) - value) <= noise * abs(value)
        for value in map(float, values.ravel())
        if _looks_whole(value, digits)
    )


def seen(value: float, digits: int | None = None) -> float:
    """The number that `number` prints.

    >>> seen(-0.19661193), seen(0.9999546), seen(float("-inf"))
    (-0.1966, 1.0, -inf)
    """
    value = float(value)
    if _looks_whole(value, digits):
        return float(number(value, digits).replace("−", "-"))
    return numerals.printed(value, digits)


def equals(computed: float, result: Any, digits: int | None = None) -> str:
    """ "=" where `computed` of the numbers as printed is the result as printed, else "≈".

    >>> equals(0.5 * 2, 1.0), equals(0.2 * 2, 0.39), equals(1.0, 0.9999546)
    ('=', '≈', '≈')
    """
    if not is_as_printed(result, digits):
        return "≈"
    return numerals.equals(computed, float(result), digits)


def constant(value: Any, digits: int | None = None) -> str:
    """A constant of a formula, with as many digits more as keep it from looking whole.

    >>> constant(0.9999546), constant(1 / 3), constant(2.0)
    ('0.99995', '0.3333', '2')
    """
    value = float(value)
    least = numerals.DIGITS if digits is None else digits
    for enough in range(least, 17):
        if is_as_printed(value, enough):
            return number(value, enough)
    return number(value, 17)


def _looks_whole(value: float, digits: int | None) -> bool:
    return number(value, digits).lstrip("−").isdecimal()
