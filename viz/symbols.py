"""The one symbol in a gate's circle, with its constants folded in: +1, ×2, x³, max 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.extend import constant

_SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

# Name of the gate -> how it reads with its first or its second operand constant.
_FOLDED = {
    "add": ("+{}", "+{}"),
    "multiply": ("×{}", "×{}"),
    "subtract": ("{}−x", "−{}"),
    "divide": ("{}/x", "÷{}"),
    "maximum": ("max {}", "max {}"),
    "minimum": ("min {}", "min {}"),
}


def is_scalar_constant(operand: Any) -> bool:
    """Whether an operand is a plain number that folds into its gate's symbol."""
    if isinstance(operand, Tensor | str | bytes) or operand is None:
        return False
    return isinstance(operand, int | float | np.number | np.ndarray) and np.size(operand) == 1


def constant_text(operand: Any, digits: int | None = None) -> str:
    """The one number of an operand that `is_scalar_constant`, whatever its shape.

    >>> constant_text(np.array([[3.0]])), constant_text(0.5)
    ('3', '0.5')
    """
    return constant(np.ravel(operand)[0], digits)


def symbol_of(node: Tensor, digits: int | None = None) -> str:
    """The symbol of the gate that made `node`.

    >>> symbol_of(Tensor(3.0) + 1), symbol_of(-2 * Tensor(3.0)), symbol_of(Tensor(3.0) ** 3)
    ('+1', '×(−2)', 'x³')
    """
    return folded(node.gate.name, node.gate.symbol, node.inputs, digits)


def folded(name: str, symbol: str, operands: Sequence[Any], digits: int | None = None) -> str:
    """The symbol of what is called `name`, with the one number among two operands folded in."""
    fixed = [is_scalar_constant(operand) for operand in operands]
    if len(operands) != 2 or sum(fixed) != 1:
        return symbol
    where = fixed.index(True)
    text = constant_text(operands[where], digits)
    if name == "power":
        return _power(text, where)
    if name == "add" and text.startswith("−"):
        return text
    if name in _FOLDED:
        inner = f"({text})" if text.startswith("−") or "10" in text[2:] else text
        return _FOLDED[name][where].format(inner)
    return symbol


def _power(text: str, where: int) -> str:
    if where == 0:
        return f"{text}ˣ"
    if text.strip("−").isdigit():
        return "x" + text.translate(_SUPERSCRIPTS)
    return f"x^{text}"
