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
    >>> symbol_of(Tensor([3.0, 4.0])[1:])
    '[1:]'
    """
    if node.gate.name == "index":
        return f"[{key_text(node.settings['key']) or ' '}]"
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
        inner = f"({text})" if text.startswith("−") or "×10" in text else text
        return _FOLDED[name][where].format(inner)
    return symbol


LONGEST_KEY = 16
"""Characters of an index that is written out."""


def key_text(key: Any) -> str:
    """An index as it was written, the whole axes before it as an ellipsis; "" of one that is long.

    >>> key_text((slice(None), slice(None), slice(0, 2), 1)), key_text(np.array([2, 0]))
    ('…, 0:2, 1', '')
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    whole = 0
    while whole < len(parts) - 1 and _is_whole(parts[whole]):
        whole += 1
    texts = ["…"] * bool(whole) + [_part_text(part) for part in parts[whole:]]
    text = ", ".join(texts)
    return text if all(texts) and len(text) <= LONGEST_KEY else ""


def _is_whole(part: Any) -> bool:
    return isinstance(part, slice) and part == slice(None)


def _part_text(part: Any) -> str:
    if part is Ellipsis or part is None:
        return "…" if part is Ellipsis else "new"
    if isinstance(part, slice):
        ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
        return ":".join(ends if part.step is None else [*ends, str(part.step)])
    return str(part) if isinstance(part, int | np.integer) else ""


def _power(text: str, where: int) -> str:
    if where == 0:
        return f"{text}ˣ"
    if text.strip("−").isdigit():
        return "x" + text.translate(_SUPERSCRIPTS)
    return f"x^{text}"
