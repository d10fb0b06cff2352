"""Exponentials, logarithms, roots and the squashing functions made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.gates.primitives import call
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.stable import decay, is_far_from_one, logistic, slope_of_tanh
from autograd.tensor import Tensor

__all__ = ["exp", "log", "sigmoid", "sqrt", "tanh"]

exp = gate(
    np.exp, name="exp", symbol="exp", rule="eˣ → eˣ", pattern="scales",
    local=(lambda out, a: out,),
)  # fmt: skip

log = gate(
    np.log, name="log", symbol="ln", rule="ln x → 1/x", pattern="scales",
    local=(lambda out, a: 1.0 / a,),
)  # fmt: skip

sqrt = gate(
    np.sqrt, name="sqrt", symbol="√", rule="√x → 1/(2√x)", pattern="scales",
    local=(lambda out, a: 0.5 / out,),
    kinks="∞ at 0; second: −∞",
)  # fmt: skip


def tanh_slope(out: Any, a: Any) -> Any:
    """1 − tanh² x, with its digits where tanh rounds to ±1."""
    if type(a) is Tensor:
        return 4.0 * sigmoid(2.0 * a) * sigmoid(-2.0 * a)
    return call(slope_of_tanh, out, a)


tanh = gate(
    np.tanh, name="tanh", symbol="tanh", rule="tanh x → 1 − tanh² x", pattern="scales",
    local=(tanh_slope,),
    # As arrays have it: the exponential far from 0 alone.
    floats=(None, "1.0 - out * out if abs(a) < 15.9 else 4.0 * exp(-2.0 * abs(a))"),
)  # fmt: skip
tanh.spares = is_far_from_one


def sigmas(a: Any) -> tuple[Any, Any]:
    """σ(x) and σ(−x), of which 1 − σ(x) has no digit left where σ rounds to 1.

    The exponential is the one that the function itself is made of: a program computes it once.
    Smooth as they are, |x| is not: what is to be differentiated is written with the gate.
    """
    if type(a) is Tensor or (type(a) is not np.ndarray and hasattr(a, "through")):
        return apply_or_compute(sigmoid, a), apply_or_compute(sigmoid, -a)
    e = decay(a)
    below, above, rest = e + 1.0, np.maximum(e, a >= 0.0), a <= 0.0
    if type(below) is np.ndarray:
        np.maximum(e, rest, out=e)
        return np.divide(above, below, out=above), np.divide(e, below, out=e)
    return above / below, np.maximum(e, rest) / below


def logistic_slope(a: Any) -> Any:
    """σ(x)·σ(−x) = e^−|x|/(1+e^−|x|)²."""
    if type(a) is Tensor:
        return sigmoid(a) * sigmoid(-a)
    e = decay(a)
    below = np.square(e + 1.0)
    return np.divide(e, below, out=below) if type(below) is np.ndarray else e / below


sigmoid: Gate = gate(
    logistic, name="sigmoid", symbol="σ", rule="σ(x) = 1/(1+e⁻ˣ) → σ(1−σ)", pattern="scales",
    local=(lambda out, a: logistic_slope(a),),
    # With one exponential: as above it is written out thrice.
    floats=(None, "out * (1.0 - out) if a < 0.0 else out * out * exp(-a)"),
    expansion=lambda x: 1.0 / (1.0 + np.exp(-x)),
    doc="The logistic function 1/(1+e^-x), without overflow.",
)  # fmt: skip

NUMPY = {np.exp: exp, np.log: log, np.sqrt: sqrt, np.tanh: tanh}
METHODS = {"exp": exp, "log": log, "sqrt": sqrt, "tanh": tanh, "sigmoid": sigmoid}
