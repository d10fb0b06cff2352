"""Sample calls of the elementwise families, away from kinks: gate name to (function, inputs).

The functions take arrays as well as Tensors. `ANALYTIC` names the gates whose function NumPy also
computes for complex numbers, and `NEEDS` those that another package computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd as ag
from autograd.eager import apply
from autograd.gates.special import _bessel_gate
from autograd.gates.trigonometric import _spherical

_rng = np.random.default_rng(11)


def within(low, high, *shape):
    return _rng.uniform(low, high, shape)


def off_integers(*shape):
    """Numbers of both signs, a tenth or more from any multiple of a half."""
    n = int(np.prod(shape))
    values = _rng.permutation(np.arange(n) - n // 2) * 0.5 + 0.5 * _rng.uniform(0.2, 0.8, n)
    return values.reshape(shape)


def unary(f, low, high):
    return [
        (f, (within(low, high, 2, 3),)),
        (f, (within(low, high),)),
        (f, (within(low, high, 0, 2),)),
    ]


def binary(f, first, second):
    shapes = [((2, 3), (2, 3)), ((2, 1), (1, 3)), ((), (3,)), ((2, 3), ()), ((), ())]
    samples = [(f, (first(*a), second(*b))) for a, b in shapes]
    samples.append((lambda a, f=f: f(a, 1.2), (first(3),)))
    samples.append((lambda b, f=f: f(1.7, b), (second(3),)))
    return samples


def normal(*shape):
    return _rng.normal(size=shape)


def pick(a, b, default):
    """NumPy does not look at the default alone for a Tensor, and then says so; ours does."""
    select = ag.select if isinstance(default, ag.Tensor) else np.select
    return select([np.array([True, False]), np.array([[True], [False]])], [a, b], default)


def fix(a):
    """NumPy 2.5 deprecates its own for trunc, which it is."""
    return ag.fix(a) if isinstance(a, ag.Tensor) else np.trunc(a)


SAMPLES: dict[str, list[tuple[Any, tuple]]] = {
    # trigonometric
    "sin": unary(np.sin, -4.0, 4.0),
    "cos": unary(np.cos, -4.0, 4.0),
    "tan": unary(np.tan, -1.2, 1.2),
    "arcsin": unary(np.arcsin, -0.9, 0.9),
    "arccos": unary(np.arccos, -0.9, 0.9),
    "arctan": unary(np.arctan, -3.0, 3.0),
    "sinh": unary(np.sinh, -2.0, 2.0),
    "cosh": unary(np.cosh, -2.0, 2.0),
    "arcsinh": unary(np.arcsinh, -3.0, 3.0),
    "arccosh": unary(np.arccosh, 1.3, 4.0),
    "arctanh": unary(np.arctanh, -0.8, 0.8),
    "degrees": unary(np.degrees, -4.0, 4.0),
    "rad2deg": unary(np.rad2deg, -4.0, 4.0),
    "radians": unary(np.radians, -90.0, 90.0),
    "deg2rad": unary(np.deg2rad, -90.0, 90.0),
    "unwrap": [
        (np.unwrap, (within(-9.0, 9.0, 2, 5),)),
        (lambda a: np.unwrap(a, axis=0, period=3.0), (within(-9.0, 9.0, 4, 2),)),
    ],
    "sinc": unary(np.sinc, -3.0, 3.0),
    "spherical": [
        (lambda z: apply(_spherical, (z,), {"order": 2}), (x,))
        for x in (within(-8.0, 8.0, 7), within(-1.0, 1.0, 2, 2))
    ],
    "hypot": binary(np.hypot, normal, normal),
    "arctan2": binary(np.arctan2, normal, normal),
    # logarithmic
    "expm1": unary(np.expm1, -2.0, 2.0),
    "log1p": unary(np.log1p, -0.5, 2.0),
    "exp2": unary(np.exp2, -2.0, 2.0),
    "log2": unary(np.log2, 0.5, 4.0),
    "log10": unary(np.log10, 0.5, 4.0),
    "cbrt": [*unary(np.cbrt, 0.5, 4.0), *unary(np.cbrt, -4.0, -0.5)],
    "softplus": unary(ag.softplus, -3.0, 3.0),
    "logaddexp": binary(np.logaddexp, normal, normal),
    "logaddexp2": binary(np.logaddexp2, normal, normal),
    "logaddexp.reduce": [
        (np.logaddexp.reduce, (normal(4),)),
        (lambda a: np.logaddexp.reduce(a, axis=-1), (normal(2, 3),)),
        (lambda a: np.logaddexp.reduce(a, axis=(0, 2), keepdims=True), (normal(2, 3, 2),)),
        (lambda a: np.logaddexp.reduce(a, axis=None), (normal(2, 3),)),
    ],
    # rounding
    "sign": [(np.sign, (off_integers(2, 3),))],
    "floor": [(np.floor, (off_integers(2, 3),))],
    "ceil": [(np.ceil, (off_integers(2, 3),))],
    "trunc": [(np.trunc, (off_integers(2, 3),))],
    "rint": [(np.rint, (off_integers(2, 3),))],
    "fix": [(fix, (off_integers(2, 3),))],
    "round": [
        (np.round, (off_integers(2, 3),)),
        (lambda a: np.around(a, 1), (off_integers(3) + 0.02,)),
        (lambda a: np.round(a, decimals=-1), (off_integers(3) * 11.0,)),
    ],
    "positive": unary(np.positive, -2.0, 2.0),
    "fabs": [(np.fabs, (off_integers(2, 3),))],
    "copysign": binary(np.copysign, off_integers, off_integers),
    "softsign": [*unary(ag.softsign, 0.3, 3.0), *unary(ag.softsign, -3.0, -0.3)],
    "heaviside": [
        *binary(np.heaviside, off_integers, normal),
        (lambda h: np.heaviside(np.array([-1.0, 0.0, 2.0]), h), (normal(3),)),
    ],
    "fmod": [
        (np.fmod, (np.array([0.3, 1.1, -1.3, 7.0]), np.array([0.7, 0.8, 0.9, -2.2]))),
        (lambda a: np.fmod(a, 0.8), (np.array([0.3, 1.1, -1.3]),)),
        (lambda b: np.fmod(5.0, b), (np.array([0.8, 1.1, -1.3]),)),
    ],
    "float_power": binary(
        np.float_power, lambda *s: within(0.5, 2.0, *s), lambda *s: within(-2.0, 2.0, *s)
    ),
    "fmax": binary(np.fmax, off_integers, lambda *s: off_integers(*s) + 0.04),
    "fmin": binary(np.fmin, off_integers, lambda *s: off_integers(*s) + 0.04),
    "modf.fraction": [(lambda a: np.modf(a)[0], (off_integers(2, 3),))],
    "modf.whole": [(lambda a: np.modf(a)[1], (off_integers(2, 3),))],
    "clip": [
        (lambda a: np.clip(a, -0.51, 0.52), (off_integers(2, 3),)),
        (lambda a: np.clip(a, None, 0.52), (off_integers(2, 3),)),
        (lambda a: np.clip(a, -0.51, None), (off_integers(2, 3),)),
        (lambda a: np.clip(a, 0, 1), (off_integers(2, 3),)),
        (lambda lo: np.linspace(-2.0, 2.1, 5).clip(lo, 1.1), (np.array(-1.1),)),
        (np.clip, (off_integers(2, 3), np.array([-1.0, -0.5, 0.0]), np.array([[0.5], [1.0]]))),
        (lambda lo, hi: np.clip(np.linspace(-2.0, 2.1, 5), lo, hi), (np.array(-1.1), normal())),
        (lambda a, hi: np.clip(a, None, hi), (off_integers(2, 3), np.array([0.0, 0.5, 1.0]))),
        (lambda a, lo: np.clip(a, lo, None), (off_integers(2, 3), np.array([0.0, 0.5, 1.0]))),
        # The lower bound above the upper one: the upper is the result.
        (np.clip, (off_integers(3), np.array(2.0), np.array(-1.0))),
    ],
    "nan_to_num": [
        (np.nan_to_num, (normal(2, 3),)),
        (lambda a: np.nan_to_num(a, nan=7.0, posinf=1.0), (normal(3),)),
    ],
    "select": [
        (lambda a, b: np.select([a < 0, a > 1], [a * a, 3.0 * b]), (off_integers(6), normal(6))),
        (pick, (normal(2), normal(2, 1), normal())),
    ],
    # special
    "erf": unary(ag.erf, -3.0, 3.0),
    "erfc": unary(ag.erfc, -3.0, 5.0),
    "gammaln": unary(ag.gammaln, 0.5, 5.0),
    "gamma": [*unary(ag.gamma, 0.5, 4.0), (ag.gamma, (np.array([-0.5, -1.3]),))],
    "digamma": [*unary(ag.digamma, 0.5, 5.0), (ag.digamma, (np.array([-0.5, -1.3]),))],
    "i0": unary(np.i0, -3.0, 3.0),
    "iv": [
        (lambda a, n=n: apply(_bessel_gate, (a,), {"order": n}), (normal(3),)) for n in (0, 1, 2)
    ],
    "ldexp": [
        (lambda a: np.ldexp(a, 3), (normal(2, 3),)),
        (lambda a: np.ldexp(a, [[1], [-2]]), (normal(3),)),
    ],
    # the parts of complex numbers
    "imag": [
        (np.imag, (normal(2, 3),)), (lambda a: np.imag(a) + np.real(a), (normal(3),)),
        (lambda a: np.angle(a) + np.angle(a, deg=True) + np.real_if_close(a), (off_integers(4),)),
    ],
    "polygamma": [(lambda a, n=n: ag.polygamma(n, a), (within(0.5, 5.0, 3),)) for n in (1, 2, 3)],
}  # fmt: skip

ANALYTIC = (
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "arcsinh", "arccosh",
    "arctanh", "expm1", "log1p", "exp2", "log2", "log10", "sinc", "positive", "float_power",
)  # fmt: skip

NEEDS = {"scipy": ("gammaln", "gamma", "digamma", "polygamma", "i0", "iv")}
