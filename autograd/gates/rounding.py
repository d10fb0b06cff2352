"""Signs, steps, rounding and limits: functions that are flat, or straight, piece by piece.

A flat function has derivative 0 everywhere, at its jumps too: what is reached only through one gets
zeros, whatever arrives from above.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.data import as_array
from autograd.eager import apply, value_of
from autograd.errors import DataError, UnsupportedError
from autograd.gates.arithmetic import (
    BY_EXPONENT,
    floor_divide,
    one,
    power,
    power_by_base,
    remainder,
    zero,
)
from autograd.gates.registry import Gate, gate
from autograd.gates.routing import chosen
from autograd.gates.selection import one_of_two
from autograd.stable import power_by_exponent
from autograd.tensor import Tensor

__all__ = [
    "around", "ceil", "clip", "conj", "conjugate", "copysign", "divmod", "fabs", "fix",
    "float_power", "floor", "fmax", "fmin", "fmod", "heaviside", "modf", "nan_to_num", "positive",
    "rint", "round", "select", "sign", "softsign", "trunc",
]  # fmt: skip


def flat(
    forward: Callable[..., Any], name: str, symbol: str, rule: str, doc: str, **kwargs: Any
) -> Gate:
    """A gate whose derivative is 0."""
    return gate(
        forward, name=name, symbol=symbol, rule=f"{rule} → 0", pattern="scales", local=(zero,),
        kinks="0 at the jumps too",
        doc=f"{doc}; flat: its derivative is 0.", **kwargs,
    )  # fmt: skip


sign = flat(np.sign, "sign", "sign", "sign x", "−1, 0 or 1")

floor = flat(np.floor, "floor", "⌊x⌋", "⌊x⌋", "Rounded down")

ceil = flat(np.ceil, "ceil", "⌈x⌉", "⌈x⌉", "Rounded up")

trunc = flat(np.trunc, "trunc", "trunc", "trunc x", "Rounded towards 0")

fix = flat(np.trunc, "fix", "trunc", "trunc x", "Rounded towards 0, as by `trunc`")

rint = flat(
    np.rint, "rint", "round", "round x", "Rounded to the nearest whole number, halves to even",
)  # fmt: skip

_round = flat(np.round, "round", "round", "round x", "Rounded to so many decimals")

positive = gate(
    np.positive, name="positive", symbol="+", rule="+x → 1", pattern="scales",
    local=(one,),
    doc="The same value.",
)  # fmt: skip

conj = conjugate = positive  # of real numbers


def _conj_method(self: Tensor) -> Tensor:
    """The same value; NumPy's method keeps a byte order that its function does not."""
    return self if type(self._value) is np.ndarray and not self.dtype.isnative else positive(self)


fabs = gate(
    np.fabs, name="fabs", symbol="|x|", rule="|x| → sign x (0 at 0)", pattern="scales",
    local=(lambda out, a: np.sign(a),),
    kinks="0 at 0; second: 0, also of |x|² (write x**2)",
    doc="The absolute value; its derivative at 0 is 0.",
)  # fmt: skip

copysign = gate(
    np.copysign, name="copysign", symbol="±", rule="|a|·sign b → sign a·sign b, 0",
    local=(lambda out, a, b: np.sign(a) * np.copysign(1.0, b), zero),
    kinks="by a: 0 at 0; by b: 0 at 0 too; second: 0, also of its square (write a**2)",
    doc="|a| with the sign of b, that of a zero included; flat in b.",
)  # fmt: skip


def shrunk(a: Any) -> Any:
    """x/(1+|x|), and ±1 of an infinite one."""
    far = np.isinf(a)
    return np.where(far, np.sign(a), a) / (1.0 + np.where(far, 0.0, np.absolute(a)))


softsign = gate(
    shrunk, name="softsign", symbol="softsign", rule="x/(1+|x|) → 1/(1+|x|)²", pattern="scales",
    local=(lambda out, a: np.square(1.0 / (1.0 + np.absolute(a))),),
    expansion=lambda x: x / (1.0 + np.absolute(x)),
    kinks="second: 0 at 0",
    doc="x/(1+|x|), a sign without a jump: from −1 to 1, which it nears as 1/x does. "
    "Source: Turian, Bergstra, Bengio, Quadratic features and deep architectures for chunking, "
    "2009.",
)  # fmt: skip

heaviside = gate(
    np.heaviside, name="heaviside", symbol="step",
    rule="0 for a < 0, b at 0, 1 for a > 0 → 0, 1 where a = 0",
    local=(zero, lambda out, a, b: a == 0.0),
    kinks="by a: 0 at 0 too",
    doc="The step: 0 below, b at and 1 above a = 0; flat in a.",
)  # fmt: skip

fmod = gate(
    np.fmod, name="fmod", symbol="fmod", rule="a − b·trunc(a/b) → 1, −trunc(a/b)",
    # The quotient from what is left: a/b itself may round up to the next whole number.
    local=(one, lambda out, a, b: -np.rint((a - out) / b)),
    kinks="at the jumps by the same formula",
    doc="What is left of a after whole multiples of b, with the sign of a.",
)  # fmt: skip

DOUBLE = np.float64(1.0)

float_power = gate(
    np.float_power, name="float_power", symbol=power.symbol, rule=power.rule,
    local=(
        lambda out, a, b: power_by_base(out, a * DOUBLE, b),
        lambda out, a, b: power_by_exponent(out, a * DOUBLE, b),
    ),
    floats=BY_EXPONENT,
    kinks=power.kinks,
    doc="a to the power b, in double precision at least.",
)  # fmt: skip


def above(a: Any, b: Any) -> Any:
    """Where a is the larger, or the one that is not nan."""
    return (a > b) | (np.isnan(b) & (a == a))


def below(a: Any, b: Any) -> Any:
    """Where a is the smaller, or the one that is not nan."""
    return (a < b) | (np.isnan(b) & (a == a))


fmax = one_of_two(
    np.fmax, above, lambda a, b: ~above(b, a),
    name="fmax", symbol="max",
    rule="max(a, b), nans skipped → 1 for the larger, 0 for the other",
    kinks="ties, and two nans: 1/2 each",
    doc="The larger of two, or the one that is not nan; ties share the gradient equally.",
)  # fmt: skip

fmin = one_of_two(
    np.fmin, below, lambda a, b: ~below(b, a),
    name="fmin", symbol="min",
    rule="min(a, b), nans skipped → 1 for the smaller, 0 for the other",
    kinks="ties, and two nans: 1/2 each",
    doc="The smaller of two, or the one that is not nan; ties share the gradient equally.",
)  # fmt: skip


def round(a: Any, decimals: int = 0) -> Tensor:
    """Rounded to so many decimals, halves to even; flat: its derivative is 0.

    >>> import autograd as ag
    >>> ag.round(ag.Tensor([1.26, 2.5]), 1).data
    array([1.3, 2.5])
    """
    return apply(_round, (a,), {"decimals": decimals})


around = round

# ---- a number in its parts: two nodes, as two gates

_fraction = gate(
    lambda a: np.modf(a)[0], name="modf.fraction", symbol="frac", rule="x − trunc x → 1",
    pattern="scales", local=(one,), kinks="1 at the jumps too",
)  # fmt: skip

_whole = flat(
    lambda a: np.modf(a)[1], "modf.whole", "trunc", "trunc x", "The part before the point"
)


def modf(x: Any) -> tuple[Tensor, Tensor]:
    """The part after the point, with derivative 1, and the whole part, which is flat.

    >>> import autograd as ag
    >>> fraction, whole = ag.modf(ag.Tensor(-2.75))
    >>> fraction.data, whole.data
    (-0.75, -2.0)
    """
    return apply(_fraction, (x,)), apply(_whole, (x,))


def divmod(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """``(x // y, x % y)``: the quotient rounded down, which is flat, and the remainder.

    >>> import autograd as ag
    >>> quotient, rest = ag.divmod(ag.Tensor(-7.0), 4.0)
    >>> quotient.data, rest.data
    (-2.0, 1.0)
    """
    return floor_divide(x, y), remainder(x, y)


# ---- limits; each bound may be missing, so there are three gates of one name


_clip = gate(
    np.clip, name="clip", symbol="clip", pattern="routes",
    rule="clip(a, low, high) → 1 for the one returned, 0 for the others",
    local=(
        lambda out, a, low, high: (a >= low) & (a <= high),
        lambda out, a, low, high: (a < low) & (low <= high),
        lambda out, a, low, high: (a > high) | (low > high),
    ),
    kinks="at a bound it passes to a; to high where the bounds cross",
)  # fmt: skip

_clip_low = gate(
    np.maximum, name="clip", symbol="clip", pattern="routes",
    rule="clip(a, low) → 1 for the one returned, 0 for the other",
    local=(lambda out, a, low: a >= low, lambda out, a, low: a < low),
    kinks="at the bound it passes to a",
)  # fmt: skip

_clip_high = gate(
    np.minimum, name="clip", symbol="clip", pattern="routes",
    rule="clip(a, high) → 1 for the one returned, 0 for the other",
    local=(lambda out, a, high: a <= high, lambda out, a, high: a > high),
    kinks="at the bound it passes to a",
)  # fmt: skip


def clip(
    a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None
) -> Tensor:
    """Values kept within bounds: numbers, arrays or Tensors that broadcast; None for no bound.

    The gradient goes to `a` where it lies within, the bounds included, and to a bound where that
    one is returned. Where the lower bound is above the upper one, the upper is the result.

    Raises
    ------
    DataError (a TypeError): both spellings of the bounds at once.

    Examples
    --------
    >>> import autograd as ag
    >>> t = ag.Tensor([-1.0, 0.0, 0.5, 2.0])
    >>> ag.clip(t, 0.0, 1.0).sum().backward()
    >>> t.grad
    array([0., 1., 1., 0.])
    """
    if (min is not None or max is not None) and (a_min is not None or a_max is not None):
        raise DataError("clip expects its bounds as a_min and a_max, or as min and max, not both")
    low = a_min if min is None else min
    high = a_max if max is None else max
    if low is None:
        return positive(a) if high is None else _clip_high(a, high)
    return _clip_low(a, low) if high is None else apply(_clip, (a, low, high))


def _clip_method(a: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Values kept within bounds: ``t.clip(0.0, 1.0)``; None for no bound."""
    return clip(a, min, max)


# ---- choosing entry by entry

_nan_to_num = gate(
    np.nan_to_num, name="nan_to_num", symbol="finite", rule="finite x as it is → 1, else 0",
    pattern="routes",
    local=(lambda out, a: np.isfinite(a),),
    kinks="0 where a nan or an infinity was replaced",
)  # fmt: skip


def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None,
    neginf: float | None = None,
) -> Tensor:  # fmt: skip
    """Numbers in place of nan and of the infinities; no gradient flows where one was replaced.

    The infinities become the largest finite numbers unless `posinf` and `neginf` say otherwise.

    Raises
    ------
    UnsupportedError (a TypeError): ``copy=False``; a Tensor is not written in place.

    Examples
    --------
    >>> import autograd as ag
    >>> import numpy as np
    >>> t = ag.Tensor([1.0, np.nan, np.inf])
    >>> ag.nan_to_num(t, posinf=9.0).data
    array([1., 0., 9.])
    """
    if not copy:
        raise UnsupportedError(
            "nan_to_num(copy=False) would write into its operand: leave copy out and take the "
            "result that is returned"
        )
    return apply(_nan_to_num, (x,), {"nan": nan, "posinf": posinf, "neginf": neginf})


def select_vjp(g: Any, out: Any, *choices: Any, conditions: Sequence[Any]) -> list[Any]:
    """The upstream, to each choice where it was the first whose condition holds."""
    free: Any = np.array(True)
    parts = []
    for condition in conditions:
        parts.append(chosen(g, free & condition))
        free = free & ~condition
    return [*parts, chosen(g, free)]


_select = gate(
    lambda *choices, conditions: np.select(conditions, choices[:-1], choices[-1]), name="select",
    symbol="select", rule="the first choice whose condition holds → 1 for it, 0 for the others",
    pattern="routes", vjp=select_vjp, linear="jointly",
)  # fmt: skip


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Tensor:
    """Entry by entry, the first of the choices whose condition holds, else the default.

    Conditions, choices and default broadcast; choices that were not taken get zeros. As with
    `where`, all choices are computed.

    Raises
    ------
    ShapeError (a ValueError): not as many choices as conditions.

    Examples
    --------
    >>> import autograd as ag
    >>> t = ag.Tensor([-2.0, 0.5, 3.0])
    >>> ag.select([t < 0, t > 1], [t * t, 3.0 * t], t).sum().backward()
    >>> t.grad
    array([-4.,  1.,  3.])
    """
    conditions = tuple(as_array(value_of(condition)) for condition in condlist)
    return apply(_select, (*choicelist, default), {"conditions": conditions})


NUMPY: dict[Callable[..., Any], Callable[..., Any]] = {
    **{g.forward: g for g in (sign, floor, ceil, trunc, rint, positive, fabs, copysign)},
    **{g.forward: g for g in (heaviside, fmod, float_power, fmax, fmin)},
    np.fix: fix,
    np.conjugate: conjugate,
    np.round: round,
    np.around: around,
    np.modf: modf,
    np.divmod: divmod,
    np.clip: clip,
    np._core.umath.clip: clip,  # type: ignore[attr-defined]  # what a.clip(low, t) of an array asks
    np.nan_to_num: nan_to_num,
    np.select: select,
}
METHODS = {"clip": _clip_method, "round": round, "conj": _conj_method, "conjugate": _conj_method}
