"""How numbers are written for people: in formulas, tables and pictures; and what they read."""

from __future__ import annotations

import math
import sys
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.phrases import say

DIGITS = 4
MOST_WRITTEN = 16  # An array of more elements is not written out number by number.
_ROUNDINGS = 64  # Units in the last place that arithmetic may be off.
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, digits: int | None = None) -> str:
    """`value` with `digits` significant digits (4), integers bare, and a true minus sign.

    >>> [number(v) for v in (2.0, -0.19661193, 1.2e-7, -0.0, 12345.678)]
    ['2', '−0.1966', '1.2×10⁻⁷', '0', '1.235×10⁴']
    >>> [number(v) for v in (float("nan"), float("-inf"))]
    ['NaN', '−∞']
    """
    return _written(float(value), DIGITS if digits is None else digits)


@lru_cache(maxsize=4096)  # A picture says each of its numbers many times.
def _written(value: float, digits: int) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if value == int(value) and abs(value) < 10 ** max(digits, 6):
        return f"{int(value)}".replace("-", "−")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -4 <= power < max(digits, 4):
        text = _trimmed(f"{value:.{max(digits - 1 - power, 0)}f}")
    else:
        text = f"{_trimmed(mantissa)}×10{str(power).translate(_SUPERSCRIPTS)}"
    return text.replace("-", "−")


def full(value: float) -> str:
    """`value` in full precision, as a hover shows it.

    >>> full(-0.1), full(float("inf"))
    ('−0.1', '∞')
    """
    value = float(value)
    return repr(value).replace("-", "−") if math.isfinite(value) else number(value)


def printed(value: float, digits: int | None = None) -> float:
    """The number that `number` prints: `value` rounded as a reader sees it.

    >>> printed(-0.19661193), printed(0.9999546), printed(float("-inf"))
    (-0.1966, 1.0, -inf)
    """
    digits = DIGITS if digits is None else digits
    value = float(value)
    if not math.isfinite(value):
        return value
    if _looks_whole(value, digits):
        return float(number(value, digits).replace("−", "-"))
    return float(f"{value:.{digits - 1}e}")


def is_as_printed(content: Any, digits: int | None = None) -> bool:
    """Whether no printed number looks whole and is not; arithmetic's own rounding aside.

    0.99995 to four digits is printed 1, and 1.000 would be no better: whoever reads 1 takes it
    for one. Arrays of more than MOST_WRITTEN elements are not written out.

    >>> is_as_printed(2.0), is_as_printed(0.9999546), is_as_printed(0.9999546, 7)
    (True, False, True)
    >>> is_as_printed(0.1 * 3 / 0.3), is_as_printed(2 / 3)
    (True, True)
    """
    if type(content) is float:
        return _is_as_printed(content, digits, sys.float_info.epsilon)
    values = np.asarray(content)
    if values.size > MOST_WRITTEN:
        return True
    epsilon = float(np.finfo(values.dtype if values.dtype.kind == "f" else float).eps)
    return all(_is_as_printed(value, digits, epsilon) for value in map(float, values.ravel()))


@lru_cache(maxsize=4096)
def _is_as_printed(value: float, digits: int | None, epsilon: float) -> bool:
    if not _looks_whole(value, digits) or not math.isfinite(value):
        return True
    return abs(printed(value, digits) - value) <= _ROUNDINGS * epsilon * abs(value)


def equals(computed: float, result: Any, digits: int | None = None) -> str:
    """ "=" where `computed` of the numbers as printed is the result as printed, else "≈".

    >>> equals(printed(0.1966) * printed(-1.0), -0.19661193), equals(0.2 * 2.0, 0.39)
    ('=', '≈')
    >>> equals(1.0, 0.9999546)
    '≈'
    """
    if not is_as_printed(result, digits):
        return "≈"
    same = math.isnan(computed) or number(computed, digits) == number(float(result), digits)
    return "=" if same else "≈"


def sign_of_product(upstream: Any, local: Any, product: Any, digits: int | None = None) -> str:
    """ "=" where the two factors as printed multiply to the product as printed, else "≈".

    Of arrays every number that is written out must be as printed.

    >>> sign_of_product(1.0, -4.0, -4.0), sign_of_product(0.19661, 2.0, 0.39322, digits=2)
    ('=', '≈')
    """
    if not all(is_as_printed(shown, digits) for shown in (upstream, local, product)):
        return "≈"
    if any(np.size(shown) != 1 for shown in (upstream, local, product)):
        return "="
    u, d, result = (np.asarray(shown).item() for shown in (upstream, local, product))
    return equals(printed(u, digits) * printed(d, digits), result, digits)


def constant(value: Any, digits: int | None = None) -> str:
    """A constant of a formula, with as many digits more as keep it from looking whole.

    >>> constant(0.9999546), constant(1 / 3), constant(2.0)
    ('0.99995', '0.3333', '2')
    """
    value = float(value)
    for enough in range(DIGITS if digits is None else digits, 17):
        if is_as_printed(value, enough):
            return number(value, enough)
    return number(value, 17)


def added(terms: list[float], digits: int | None = None, limit: int = 5) -> str:
    """A sum written out, negative terms in brackets, the middle of a long one left out.

    >>> added([1.58, -0.04, 0.51])
    '1.58 + (−0.04) + 0.51'
    """
    texts = [number(term, digits) for term in terms]
    texts = [f"({text})" if text.startswith("−") else text for text in texts]
    if len(texts) > limit:
        texts = [*texts[:2], say("… {count} more …", count=len(texts) - 3), texts[-1]]
    return " + ".join(texts)


def _looks_whole(value: float, digits: int | None) -> bool:
    return number(value, digits).lstrip("−").isdecimal()


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
