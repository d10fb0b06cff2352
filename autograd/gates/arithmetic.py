"""Arithmetic: the gates behind Python's operators."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd.gates.registry import gate
from autograd.stable import power_by_exponent

__all__ = [
    "abs", "absolute", "add", "divide", "floor_divide", "mod", "multiply", "negative", "pow",
    "power", "reciprocal", "remainder", "square", "subtract", "true_divide",
]  # fmt: skip


def one(out: Any, *inputs: Any) -> float:
    """The local gradient of what is merely added."""
    return 1.0


def zero(out: Any, *inputs: Any) -> bool:
    """The local gradient of a flat function: nothing passes, be it infinite."""
    return False


add = gate(
    np.add, name="add", symbol="+", rule="a+b → 1, 1", pattern="distributes",
    local=(one, one), vjp=(None, None),
)  # fmt: skip

subtract = gate(
    np.subtract, name="subtract", symbol="−", rule="a−b → 1, −1", pattern="distributes",
    local=(one, lambda out, a, b: -1.0), vjp=(None, lambda g, out, a, b: -g),
)  # fmt: skip

multiply = gate(
    np.multiply, name="multiply", symbol="×", rule="a·b → b, a", pattern="swaps",
    local=(lambda out, a, b: b, lambda out, a, b: a),
    vjp=(lambda g, out, a, b: g * b, lambda g, out, a, b: g * a),
)  # fmt: skip

divide = gate(
    np.divide, name="divide", symbol="÷", rule="a/b → 1/b, −a/b²",
    local=(lambda out, a, b: 1.0 / b, lambda out, a, b: -out / b),
)  # fmt: skip

negative = gate(
    np.negative, name="negative", symbol="×(−1)", rule="−x → −1", pattern="scales",
    local=(lambda out, a: -1.0,), vjp=(lambda g, out, a: -g,),
)  # fmt: skip

reciprocal = gate(
    np.reciprocal, name="reciprocal", symbol="1/x", rule="1/x → −1/x²", pattern="scales",
    local=(lambda out, a: -out * out,),
)  # fmt: skip

square = gate(
    np.square, name="square", symbol="x²", rule="x² → 2x", pattern="scales",
    local=(lambda out, a: 2.0 * a,),
)  # fmt: skip

absolute = gate(
    np.absolute, name="absolute", symbol="|x|", rule="|x| → sign x (0 at 0)", pattern="scales",
    local=(lambda out, a: np.sign(a),),
    kinks="0 at 0; second: 0, also of |x|² (write x**2)",
)  # fmt: skip


def power_by_base(out: Any, a: Any, b: Any) -> Any:
    """d(a^b)/da = b a^(b-1), and 0 for b = 0, at a = 0 too."""
    if isinstance(b, (int, float)):
        return 2.0 * a if b == 2 else b * a ** (b - 1.0) if b else 0.0
    flat = b == 0.0
    return np.where(flat, 0.0, b * a ** np.where(flat, 1.0, b - 1.0))


# Python's logarithm of a negative base raises, and the gate would be computed by NumPy.
BY_EXPONENT = (None, None, "power_by_exponent(a, b, out)")

power = gate(
    np.power, name="power", symbol="xʸ", rule="aᵇ → b·aᵇ⁻¹, aᵇ·ln a",
    local=(power_by_base, power_by_exponent), floats=BY_EXPONENT,
    kinks="at (0, 0): 0, 0; second: 0; by b: nan where a < 0",
)  # fmt: skip

# NumPy's operator ** takes short cuts (a square, a root) that np.power does not: other bits.
raise_to = gate(
    operator.pow, name="power", symbol=power.symbol, rule=power.rule,
    local=(power_by_base, power_by_exponent), floats=BY_EXPONENT,
    kinks=power.kinks,
)  # fmt: skip

remainder = gate(
    np.remainder, name="remainder", symbol="mod", rule="a mod b → 1, −⌊a/b⌋",
    local=(one, lambda out, a, b: -np.floor_divide(a, b)),
    kinks="at the jumps by the same formula",
)  # fmt: skip

floor_divide = gate(
    np.floor_divide, name="floor_divide", symbol="⌊÷⌋", rule="⌊a/b⌋ → 0, 0",
    local=(zero, zero),
    kinks="0 at the jumps too",
)  # fmt: skip

# NumPy's other names for them.
abs, mod, pow, true_divide = absolute, remainder, power, divide

NUMPY = {
    np.add: add,
    np.subtract: subtract,
    np.multiply: multiply,
    np.divide: divide,
    np.negative: negative,
    np.reciprocal: reciprocal,
    np.power: power,
    np.square: square,
    np.absolute: absolute,
    np.remainder: remainder,
    np.floor_divide: floor_divide,
}
METHODS = {"abs": absolute, "square": square, "reciprocal": reciprocal}
