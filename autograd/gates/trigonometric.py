"""Trigonometric and hyperbolic functions, their inverses, and angles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply
from autograd.gates.arithmetic import one
from autograd.gates.registry import gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.tangents import moved
from autograd.tensor import Tensor

__all__ = [
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "hypot",
    "asin", "acos", "atan", "atan2",
    "sinh", "cosh", "arcsinh", "arccosh", "arctanh", "asinh", "acosh", "atanh",
    "deg2rad", "rad2deg", "degrees", "radians", "unwrap", "sinc",
]  # fmt: skip

sin = gate(
    np.sin, name="sin", symbol="sin", rule="sin x → cos x", pattern="scales",
    local=(lambda out, a: np.cos(a),),
    doc="The sine of an angle in radians.",
)  # fmt: skip

cos = gate(
    np.cos, name="cos", symbol="cos", rule="cos x → −sin x", pattern="scales",
    local=(lambda out, a: -np.sin(a),),
    doc="The cosine of an angle in radians.",
)  # fmt: skip

tan = gate(
    np.tan, name="tan", symbol="tan", rule="tan x → 1 + tan² x", pattern="scales",
    local=(lambda out, a: 1.0 + out * out,),
    doc="The tangent of an angle in radians.",
)  # fmt: skip

# (1−x)(1+x) rather than 1−x², which loses half the digits near the ends of the domain.
arcsin = gate(
    np.arcsin, name="arcsin", symbol="arcsin", rule="arcsin x → 1/√(1−x²)", pattern="scales",
    local=(lambda out, a: 1.0 / np.sqrt((1.0 - a) * (1.0 + a)),),
    kinks="∞ at ±1; second: ±∞",
    doc="The angle in [−π/2, π/2] whose sine it is; nan outside [−1, 1].",
)  # fmt: skip

arccos = gate(
    np.arccos, name="arccos", symbol="arccos", rule="arccos x → −1/√(1−x²)", pattern="scales",
    local=(lambda out, a: -1.0 / np.sqrt((1.0 - a) * (1.0 + a)),),
    kinks="−∞ at ±1; second: ∓∞",
    doc="The angle in [0, π] whose cosine it is; nan outside [−1, 1].",
)  # fmt: skip

arctan = gate(
    np.arctan, name="arctan", symbol="arctan", rule="arctan x → 1/(1+x²)", pattern="scales",
    local=(lambda out, a: 1.0 / (1.0 + a * a),),
    doc="The angle in (−π/2, π/2) whose tangent it is.",
)  # fmt: skip


def per_length(side: Any, out: Any) -> Any:
    """side/length, and 0 where the length is 0, as norm'(0) is; its own derivative too."""
    nothing = out == 0.0
    return np.where(nothing, 0.0, side / np.where(nothing, 1.0, out))


hypot = gate(
    np.hypot, name="hypot", symbol="hypot", rule="√(a²+b²) → a/√(a²+b²), b/√(a²+b²)",
    local=(lambda out, a, b: per_length(a, out), lambda out, a, b: per_length(b, out)),
    kinks="at (0, 0): 0, 0; second: 0, also of its square (write a**2 + b**2)",
    doc="The length √(a²+b²), without overflow; at (0, 0) its derivatives are 0.",
)  # fmt: skip


def turn(side: Any, a: Any, b: Any) -> Any:
    """side/(a²+b²), without squares that overflow or vanish."""
    r = np.hypot(a, b)
    return per_length(per_length(side, r), r)


arctan2 = gate(
    np.arctan2, name="arctan2", symbol="arctan2",
    rule="angle of (b, a) → b/(a²+b²), −a/(a²+b²)",
    local=(lambda out, a, b: turn(b, a, b), lambda out, a, b: turn(-a, a, b)),
    kinks="at (0, 0): 0, 0; second: 0; at the cut, where the angle jumps, by the same formula",
    doc="The angle of the point (b, a) in [−π, π]; at (0, 0) its derivatives are 0.",
)  # fmt: skip

# ---- hyperbolic (tanh is with the exponentials)

sinh = gate(
    np.sinh, name="sinh", symbol="sinh", rule="sinh x → cosh x", pattern="scales",
    local=(lambda out, a: np.cosh(a),),
    doc="The hyperbolic sine.",
)  # fmt: skip

cosh = gate(
    np.cosh, name="cosh", symbol="cosh", rule="cosh x → sinh x", pattern="scales",
    local=(lambda out, a: np.sinh(a),),
    doc="The hyperbolic cosine.",
)  # fmt: skip

arcsinh = gate(
    np.arcsinh, name="arcsinh", symbol="arcsinh", rule="arcsinh x → 1/√(x²+1)", pattern="scales",
    local=(lambda out, a: 1.0 / np.hypot(a, 1.0),),
    doc="The inverse of the hyperbolic sine.",
)  # fmt: skip

arccosh = gate(
    np.arccosh, name="arccosh", symbol="arccosh", rule="arccosh x → 1/√(x²−1)", pattern="scales",
    local=(lambda out, a: 1.0 / (np.sqrt(a - 1.0) * np.sqrt(a + 1.0)),),
    kinks="∞ at 1; second: −∞",
    doc="The inverse of the hyperbolic cosine, from 1 on; nan below.",
)  # fmt: skip

arctanh = gate(
    np.arctanh, name="arctanh", symbol="arctanh", rule="arctanh x → 1/(1−x²)", pattern="scales",
    local=(lambda out, a: 1.0 / ((1.0 - a) * (1.0 + a)),),
    doc="The inverse of the hyperbolic tangent; nan outside [−1, 1].",
)  # fmt: skip

asin, acos, atan, atan2 = arcsin, arccos, arctan, arctan2
asinh, acosh, atanh = arcsinh, arccosh, arctanh

# ---- angles

RADIAN = 180.0 / math.pi
DEGREE = math.pi / 180.0


def to_degrees(forward: np.ufunc) -> Any:
    """NumPy has the function under two names, each a ufunc of its own."""
    return gate(
        forward, name=forward.__name__, symbol="deg", rule="x·180/π → 180/π", pattern="scales",
        local=(lambda out, a: RADIAN,),
        doc="An angle in radians, in degrees.",
    )  # fmt: skip


def to_radians(forward: np.ufunc) -> Any:
    """Likewise."""
    return gate(
        forward, name=forward.__name__, symbol="rad", rule="x·π/180 → π/180", pattern="scales",
        local=(lambda out, a: DEGREE,),
        doc="An angle in degrees, in radians.",
    )  # fmt: skip


degrees, rad2deg = to_degrees(np.degrees), to_degrees(np.rad2deg)
radians, deg2rad = to_radians(np.radians), to_radians(np.deg2rad)

_unwrap = gate(
    np.unwrap, name="unwrap", symbol="unwrap", rule="x + whole turns → 1", pattern="scales",
    local=(one,), vjp=(lambda g, out, a, **settings: g,),
    jvp=lambda tangents, out, a, **settings: tangents[0],
    kinks="1 where the turns change too",
)  # fmt: skip


def unwrap(
    p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2.0 * math.pi
) -> Tensor:
    """Angles along an axis, with whole turns added where neighbours lie more than half one apart.

    >>> import autograd as ag
    >>> ag.unwrap(ag.Tensor([0.0, 90.0, 350.0]), period=360.0).data
    array([  0.,  90., -10.])
    """
    return apply(_unwrap, (p,), {"discont": discont, "axis": axis, "period": period})


# ---- sinc, whose derivatives cancel near 0 when written with sines and cosines


def spherical(z: Any, order: int) -> Any:
    """jₙ(z)/zⁿ for n ≥ 1, with jₙ the spherical Bessel function: smooth and even, 0 included.

    By the power series up to |z| = n + 2 and by upward recurrence beyond, where it is stable.
    Source: Abramowitz and Stegun, 10.1.2 and 10.1.19.
    """
    z = as_array(z)
    near = np.absolute(z) <= order + 2.0
    half = 0.5 * np.square(np.where(near, z, 0.0))
    term = np.ones_like(half) / math.prod(range(1, 2 * order + 2, 2))
    series = term
    for k in range(1, 13 + 2 * order):
        term = -half / (k * (2 * order + 2 * k + 1)) * term
        series = series + term
    far = np.where(near, 1.0, z)
    before, this = np.cos(far), np.sin(far) / far
    for n in range(order):
        before, this = this, ((2 * n + 1) * this - before) / np.square(far)
    return np.where(near, series, this)


_spherical = gate(
    spherical, name="spherical", symbol="jₙ/zⁿ", rule="jₙ(z)/zⁿ → −z·jₙ₊₁(z)/zⁿ⁺¹",
    pattern="scales",
    vjp=(lambda g, out, z, order: g * spherical_slope(z, order),),
    jvp=lambda tangents, out, z, order: moved(tangents[0], spherical_slope(z, order)),
    doc="The functions that the derivatives of sinc are made of.",
)  # fmt: skip


def spherical_slope(z: Any, order: int) -> Any:
    """d/dz of jₙ(z)/zⁿ."""
    return -z * apply_or_compute(_spherical, z, order=order + 1)


sinc = gate(
    np.sinc, name="sinc", symbol="sinc",
    rule="sin(πx)/(πx) → (cos(πx) − sinc x)/x (0 at 0)", pattern="scales",
    local=(lambda out, a: math.pi * spherical_slope(math.pi * a, 0),),
    doc="sin(πx)/(πx), and 1 at 0; differentiable to any order there.",
)  # fmt: skip

NUMPY = {
    **{g.forward: g for g in (sin, cos, tan, arcsin, arccos, arctan, arctan2, hypot)},
    **{g.forward: g for g in (sinh, cosh, arcsinh, arccosh, arctanh)},
    **{g.forward: g for g in (degrees, rad2deg, radians, deg2rad, sinc)},
    np.unwrap: unwrap,
}
METHODS: dict[str, Any] = {}
