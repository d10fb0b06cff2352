"""How numbers are written for people: in formulas, tables and pictures."""

from __future__ import annotations

import math

DIGITS = 4
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, digits: int | None = None) -> str:
    """`value` with `digits` significant digits (4), integers bare, and a true minus sign.

    >>> [number(v) for v in (2.0, -0.19661193, 1.2e-7, -0.0, 12345.678)]
    ['2', '−0.1966', '1.2×10⁻⁷', '0', '1.235×10⁴']
    >>> [number(v) for v in (float("nan"), float("-inf"))]
    ['NaN', '−∞']
    """
    digits = DIGITS if digits is None else digits
    value = float(value)
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

    >>> printed(-0.19661193), printed(float("-inf"))
    (-0.1966, -inf)
    """
    digits = DIGITS if digits is None else digits
    value = float(value)
    if not math.isfinite(value) or number(value, digits).lstrip("−").isdigit():
        return value
    return float(f"{value:.{digits - 1}e}")


def equals(computed: float, result: float, digits: int | None = None) -> str:
    """An equals sign where what was computed from printed numbers prints as `result` does, else ≈.

    >>> equals(printed(0.1966) * printed(-1.0), -0.19661193), equals(0.2 * 2.0, 0.39)
    ('=', '≈')
    """
    same = math.isnan(computed) or number(computed, digits) == number(result, digits)
    return "=" if same else "≈"


def added(terms: list[float], digits: int | None = None, limit: int = 5) -> str:
    """A sum written out, negative terms in brackets, the middle of a long one left out.

    >>> added([1.58, -0.04, 0.51])
    '1.58 + (−0.04) + 0.51'
    """
    texts = [number(term, digits) for term in terms]
    texts = [f"({text})" if text.startswith("−") else text for text in texts]
    if len(texts) > limit:
        texts = [*texts[:2], f"… {len(texts) - 3} more …", texts[-1]]
    return " + ".join(texts)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
