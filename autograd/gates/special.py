"""Special functions: erf in NumPy alone, the gamma and Bessel functions with SciPy's help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from autograd.eager import apply
from autograd.errors import DataError, DependencyError
from autograd.gates.primitives import primitive
from autograd.gates.registry import Gate, gate
from autograd.gates.rules import apply_or_compute
from autograd.gates.tangents import moved
from autograd.tensor import Tensor

__all__ = ["digamma", "erf", "erfc", "gamma", "gammaln", "i0", "lgamma", "polygamma"]

# ---- erf and erfc: W. J. Cody, Rational Chebyshev approximations for the error function,
# Mathematics of Computation 23 (1969), with the coefficients of his CALERF (SPECFUN, 1990).
# Numerators and denominators from the highest power down.

NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
     3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)  # fmt: skip
"""erf(y)/y in y², for y up to 0.46875."""

MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
     6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
     1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3,
     3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
"""erfc(y)·e^(y²) in y, up to 4."""

FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1,
     6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip
"""(1/√π − y·erfc(y)·e^(y²))·y² in 1/y², beyond 4."""

ONE_OVER_ROOT_PI = 5.6418958354775628695e-1


def rational(polynomials: tuple[Sequence[float], Sequence[float]], y: Any) -> Any:
    """A rational function, by Horner's scheme, in place."""
    above, below = polynomials
    numerator, denominator = above[0] * y + above[1], below[0] * y + below[1]
    for p, q in zip(above[2:], below[2:], strict=True):
        numerator *= y
        numerator += p
        denominator *= y
        denominator += q
    numerator /= denominator
    return numerator


def tail(y: Any) -> Any:
    """erfc of numbers above 0.46875, without cancellation."""
    out = np.empty_like(y)
    middle = y <= 4.0
    out[middle] = rational(MIDDLE, y[middle])
    z = y[~middle]
    over = 1.0 / np.square(z)
    out[~middle] = (ONE_OVER_ROOT_PI - over * rational(FAR, over)) / z
    # e^(−y²) of a y rounded to sixteenths, whose square is exact, and of the small rest.
    coarse = np.trunc(16.0 * y) / 16.0
    out *= np.exp((coarse - y) * (coarse + y))
    out *= np.exp(-np.square(coarse))
    return out


def erf_of_doubles(x: Any, complement: bool) -> Any:
    """erf or erfc of a run of doubles."""
    y = np.minimum(np.absolute(x), 40.0)  # erfc is 0 from 27 on; nan stays nan
    core = x * rational(NEAR, np.square(np.minimum(y, 0.46875)))
    out = 1.0 - core if complement else core
    large = y > 0.46875
    x, rest = x[large], tail(y[large])
    if complement:
        out[large] = np.where(x < 0.0, 2.0 - rest, rest)
    else:
        out[large] = np.copysign((0.5 - rest) + 0.5, x)
    return out


BLOCK = 32768
"""Numbers at a time: the polynomials' temporaries stay in the cache, three times as fast."""


def error_function(a: Any, complement: bool) -> Any:
    """erf or erfc, to 1e-15 of the value; computed in double precision whatever goes in."""
    given = np.asarray(a)
    x = given.reshape(-1)
    out = np.empty(x.shape, given.dtype if given.dtype.kind == "f" else np.float64)
    with np.errstate(all="ignore"):
        for start in range(0, x.size, BLOCK):
            part = slice(start, start + BLOCK)
            out[part] = erf_of_doubles(x[part].astype(np.float64), complement)
    return out.reshape(given.shape)


@primitive("erf")
def erf_of(a: Any) -> Any:
    """The error function."""
    return error_function(a, complement=False)


@primitive("erfc")
def erfc_of(a: Any) -> Any:
    """Its complement."""
    return error_function(a, complement=True)


SLOPE = 1.1283791670955126  # 2/√π

erf = gate(
    erf_of, name="erf", symbol="erf",
    rule="erf x → 2/√π·e^(−x²)", pattern="scales",
    local=(lambda out, a: SLOPE * np.exp(-np.square(a)),),
    floats=("erf(a)", None),  # math has it, in C
    doc="The error function, 2/√π times the integral of e^(−t²) from 0 to x.",
)  # fmt: skip

erfc = gate(
    erfc_of, name="erfc", symbol="erfc",
    rule="1 − erf x → −2/√π·e^(−x²)", pattern="scales",
    local=(lambda out, a: -SLOPE * np.exp(-np.square(a)),),
    floats=("erfc(a)", None),  # math has it, in C
    doc="1 − erf(x), accurate where that would cancel: for large x it is small, not 0.",
)  # fmt: skip

# ---- the gamma function and its logarithm's derivatives


@cache
def from_scipy(name: str) -> Callable[..., Any]:
    """SciPy's special function of that name; SciPy is imported when one is first computed."""
    try:
        return getattr(import_module("scipy.special"), name)
    except ImportError as error:
        raise DependencyError(
            f"{name} is computed by SciPy, which is not installed: pip install 'gategrad[scipy]'"
        ) from error


@primitive("polygamma")
def _polygamma(a: Any, order: int) -> Any:
    # SciPy computes in double precision here, whatever goes in.
    kind = getattr(a, "dtype", np.dtype(float))
    return np.asarray(from_scipy("polygamma")(order, a)).astype(kind if kind.kind == "f" else float)


_polygamma_gate: Gate = gate(
    _polygamma, name="polygamma", symbol="ψ⁽ⁿ⁾", rule="ψ⁽ⁿ⁾(x) → ψ⁽ⁿ⁺¹⁾(x)", pattern="scales",
    vjp=(lambda g, out, a, order: g * slope_of_digamma(a, order + 1),),
    jvp=lambda tangents, out, a, order: moved(tangents[0], slope_of_digamma(a, order + 1)),
)  # fmt: skip


def slope_of_digamma(a: Any, order: int = 1) -> Any:
    """ψ⁽ⁿ⁾ inside a rule."""
    return apply_or_compute(_polygamma_gate, a, order=order)


digamma: Gate = gate(
    lambda a: from_scipy("digamma")(a), name="digamma", symbol="ψ", rule="ψ(x) → ψ′(x)",
    pattern="scales",
    local=(lambda out, a: slope_of_digamma(a),),
    doc="The derivative of ln Γ(x). Needs SciPy.",
)  # fmt: skip

gammaln = gate(
    lambda a: from_scipy("gammaln")(a), name="gammaln", symbol="ln Γ", rule="ln|Γ(x)| → ψ(x)",
    pattern="scales",
    local=(lambda out, a: apply_or_compute(digamma, a),),
    doc="The logarithm of |Γ(x)|. Needs SciPy.",
)  # fmt: skip

gamma = gate(
    lambda a: from_scipy("gamma")(a), name="gamma", symbol="Γ", rule="Γ(x) → Γ(x)·ψ(x)",
    pattern="scales",
    local=(lambda out, a: out * apply_or_compute(digamma, a),),
    doc="The gamma function Γ(x), which is (x−1)! of a whole number. Needs SciPy.",
)  # fmt: skip

lgamma = gammaln


def polygamma(n: int, x: Any) -> Tensor:
    """The derivative of order `n` of the digamma function; of order 0, that function itself.

    Raises
    ------
    DataError (a TypeError): `n` is no whole number from 0 on.
    DependencyError (an ImportError): SciPy is not installed.

    Examples
    --------
    >>> import autograd as ag
    >>> trigamma = ag.polygamma(1, 1.0)         # doctest: +SKIP
    >>> round(trigamma.item(), 12)              # doctest: +SKIP
    1.644934066848
    """
    if not isinstance(n, (int, np.integer)) or n < 0:
        received = repr(n) if isinstance(n, (int, float)) else f"a {type(n).__name__}"
        raise DataError(
            f"polygamma(n, x) expects a whole number from 0 on for n, and received {received}"
        )
    return digamma(x) if n == 0 else apply(_polygamma_gate, (x,), {"order": int(n)})


# ---- Bessel functions


def _bessel(a: Any, order: int) -> Any:
    return from_scipy("iv")(order, a)


_bessel_gate: Gate = gate(
    _bessel, name="iv", symbol="Iₙ", rule="Iₙ(x) → (Iₙ₋₁(x) + Iₙ₊₁(x))/2", pattern="scales",
    vjp=(lambda g, out, a, order: g * slope_of_bessel(a, order),),
    jvp=lambda tangents, out, a, order: moved(tangents[0], slope_of_bessel(a, order)),
)  # fmt: skip


def bessel(a: Any, order: int) -> Any:
    """The modified Bessel function Iₙ inside a rule."""
    return apply_or_compute(_bessel_gate, a, order=order)


def slope_of_bessel(a: Any, order: int) -> Any:
    """(Iₙ₋₁ + Iₙ₊₁)/2, with I₋₁ = I₁."""
    return 0.5 * (bessel(a, abs(order - 1)) + bessel(a, order + 1))


i0 = gate(
    np.i0, name="i0", symbol="I₀", rule="I₀(x) → I₁(x)", pattern="scales",
    local=(lambda out, a: bessel(a, 1),),
    doc="The modified Bessel function of order 0, as NumPy computes it; its derivative needs "
    "SciPy.",
)  # fmt: skip


NUMPY: dict[Callable[..., Any], Callable[..., Any]] = {np.i0: i0}
METHODS: dict[str, Any] = {}
