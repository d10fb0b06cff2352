"""The error function in doubles, the gamma family and a Bessel function, in ONNX: by recurrences,
series and a continued fraction. Series are nested, without their small coefficients: onnxruntime
leaves out the addition of a double that is 0 as a float.

Source: NIST Digital library of mathematical functions, 5.5.1, 5.5.3, 5.11.1, 5.11.2, 7.6.2, 7.9.1,
10.25.2, 10.40.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd.program.lowering.onnx_graph import promoted
from autograd.program.lowering.onnx_numbers import (
    absolute,
    both,
    cos,
    exp,
    floor,
    is_inf,
    log,
    of_floats,
    remainder,
    sign,
    sin,
    sqrt,
    where,
)

__all__ = ["SPECIAL"]

STEPS = 10
"""By how much an argument is moved up, to where the series hold."""

STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]
"""Of 1/z, 1/z³, ...: of the logarithm of Γ."""

DIGAMMA = [-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760, -1 / 12]
"""Of 1/z², 1/z⁴, ...: of its derivative."""

NEAR, FAR = 60, 24
"""Terms of the series of I₀ near 0 and far from it, and where one takes over from the other."""
TURN = 20.0

TERMS, DEPTH = 32, 80
"""Of the series of erf and of the continued fraction of erfc, and where the one ends."""
BEND = 1.5


def polynomial(x: Any, coefficients: Sequence[float]) -> Any:
    """Σ cₖ·xᵏ, by Horner's scheme."""
    return reduce(lambda sum_, c: sum_ * x + c, coefficients[-2::-1], x * 0.0 + coefficients[-1])


def moved_up(x: Any) -> tuple[Any, Any]:
    """An argument that is large enough, and whether it had to be moved."""
    small = x < STEPS
    return where(small, x + float(STEPS), x), small


def above(x: Any) -> Any:
    """ln Γ of what is at least ½."""
    z, small = moved_up(x)
    inverse = 1.0 / z
    series = inverse * polynomial(inverse * inverse, STIRLING)
    found = (z - 0.5) * log(z) - z + 0.5 * math.log(2.0 * math.pi) + series
    factors = [where(small, x + float(k), 1.0) for k in range(STEPS)]
    return found - log(reduce(lambda p, f: p * f, factors))


def apart(x: Any) -> tuple[Any, Any, Any]:
    """Whether an argument is below ½, what it is reflected to, and its part after the point."""
    low = x < 0.5
    return low, where(low, 1.0 - x, x), x - floor(x)


def gammaln(x: Any) -> Any:
    (x,) = promoted(x, floats=True)
    low, y, part = apart(x)
    found = above(y)
    reflected = log(math.pi / sin(part * math.pi)) - found
    return where(is_inf(x), np.inf, where(low, reflected, found))


def gamma(x: Any) -> Any:
    (x,) = promoted(x, floats=True)
    low, _, part = apart(x)
    odd = both(low, remainder(floor(x), 2.0) != 0.0)
    size = exp(gammaln(x))
    signed = where(odd, -1.0 * size, size)
    return where(both(x < 0.0, part == 0.0), np.nan, where(x == -np.inf, np.nan, signed))


def digamma(x: Any) -> Any:
    (x,) = promoted(x, floats=True)
    low, y, part = apart(x)
    z, small = moved_up(y)
    inverse = 1.0 / z
    square = inverse * inverse
    found = log(z) - 0.5 * inverse + square * polynomial(square, DIGAMMA)
    for k in range(STEPS):
        found = found - where(small, 1.0 / (y + float(k)), 0.0)
    angle = part * math.pi
    found = where(low, found - math.pi * cos(angle) / sin(angle), found)
    return where(x == 0.0, -1.0 / x, where(both(low, part == 0.0), np.nan, found))


def i0(x: Any) -> Any:
    (x,) = promoted(x, floats=True)
    size = absolute(x)
    small, large = where(size < TURN, size, 0.0), where(size < TURN, TURN, size)
    near, quarter, far = 1.0, small * small * 0.25, [1.0]
    for k in range(NEAR, 0, -1):
        near = quarter * (near / float(k * k)) + 1.0
    for k in range(1, FAR):
        far.append(far[-1] * (2 * k - 1) ** 2 / (8.0 * k))
    half = exp(large * 0.5)
    beyond = half * (polynomial(1.0 / large, far) / sqrt(large * (2.0 * math.pi))) * half
    return where(size < TURN, near, beyond)


def inside(x: Any) -> Any:
    """erf up to BEND, of terms of one sign."""
    x = where(absolute(x) < BEND, x, 0.0)
    square, series = x * x, 1.0
    for n in range(TERMS, 0, -1):
        series = (square * 2.0) * (series / float(2 * n + 1)) + 1.0
    return x * (2.0 / math.sqrt(math.pi)) * exp(-square) * series


def outside(size: Any) -> Any:
    """erfc from BEND on."""
    size = where(size < BEND, BEND, size)
    fraction = size
    for k in range(DEPTH, 0, -1):
        fraction = size + 0.5 * k / fraction
    return exp(-(size * size)) / (fraction * math.sqrt(math.pi))


def erf_of_doubles(x: Any) -> Any:
    size = absolute(x)
    return where(size < BEND, inside(x), sign(x) * (1.0 - outside(size)))


def erfc_of_doubles(x: Any) -> Any:
    size = absolute(x)
    far = outside(size)
    return where(size < BEND, 1.0 - inside(x), where(x < 0.0, 2.0 - far, far))


def erfc_of_floats(x: Any) -> Any:
    return 1.0 - of_floats("Erf")(x)


def erfc(x: Any) -> Any:
    (x,) = promoted(x, floats=True)
    return (erfc_of_doubles if x.dtype == np.float64 else erfc_of_floats)(x)


SPECIAL: dict[str, Callable[..., Any]] = {
    "erf": of_floats("Erf", erf_of_doubles), "erfc": erfc, "gamma": gamma,
    "gammaln": gammaln, "i0": i0, "psi": digamma,
}  # fmt: skip
"""By the names that a listing shows."""
