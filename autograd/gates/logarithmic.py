"""Exponentials and logarithms of other bases, the accurate ones near 0, and sums kept as logs."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from autograd.eager import apply
from autograd.errors import DataError
from autograd.gates.exponential import sigmoid
from autograd.gates.probabilities import shares
from autograd.gates.reductions import spread, without_gradient
from autograd.gates.registry import gate
from autograd.gates.rules import apply_or_compute
from autograd.tensor import Tensor

__all__ = [
    "cbrt", "exp2", "expm1", "ldexp", "log10", "log1p", "log2", "logaddexp", "logaddexp2",
    "softplus",
]  # fmt: skip

LN2 = math.log(2.0)
LN10 = math.log(10.0)

expm1 = gate(
    np.expm1, name="expm1", symbol="eˣ−1", rule="eˣ−1 → eˣ", pattern="scales",
    local=(lambda out, a: np.exp(a),),  # not out + 1, which is 0 from x = −37 down
    doc="eˣ − 1, accurate near 0.",
)  # fmt: skip

log1p = gate(
    np.log1p, name="log1p", symbol="ln(1+x)", rule="ln(1+x) → 1/(1+x)", pattern="scales",
    local=(lambda out, a: 1.0 / (1.0 + a),),
    doc="ln(1+x), accurate near 0.",
)  # fmt: skip

exp2 = gate(
    np.exp2, name="exp2", symbol="2ˣ", rule="2ˣ → 2ˣ·ln 2", pattern="scales",
    local=(lambda out, a: LN2 * out,),
    doc="2ˣ.",
)  # fmt: skip

_ldexp = gate(
    lambda a, exponents: np.ldexp(a, exponents), name="ldexp", symbol="x·2ⁿ", rule="x·2ⁿ → 2ⁿ",
    pattern="scales",
    vjp=(lambda g, out, a, exponents: np.ldexp(g, exponents),), linear="jointly",
)  # fmt: skip


def ldexp(x1: Any, x2: Any, /) -> Tensor:
    """x₁·2 to the power x₂: whole numbers, which are constants.

    >>> import autograd as ag
    >>> ag.ldexp(ag.Tensor([1.0, 1.5]), [3, -1]).data
    array([8.  , 0.75])
    """
    exponents = np.asarray(without_gradient("ldexp", "x2", x2))
    if exponents.dtype.kind not in "iub":
        raise DataError(f"ldexp() expects whole numbers x2, and received {x2!r}")
    return apply(_ldexp, (x1,), {"exponents": exponents})


log2 = gate(
    np.log2, name="log2", symbol="log₂", rule="log₂ x → 1/(x·ln 2)", pattern="scales",
    local=(lambda out, a: 1.0 / (LN2 * a),),
    doc="The logarithm to base 2.",
)  # fmt: skip

log10 = gate(
    np.log10, name="log10", symbol="log₁₀", rule="log₁₀ x → 1/(x·ln 10)", pattern="scales",
    local=(lambda out, a: 1.0 / (LN10 * a),),
    doc="The logarithm to base 10.",
)  # fmt: skip

cbrt = gate(
    np.cbrt, name="cbrt", symbol="∛", rule="∛x → 1/(3·∛x²)", pattern="scales",
    local=(lambda out, a: 1.0 / (3.0 * out * out),),
    kinks="∞ at 0; second: nan",
    doc="The cube root, of negative numbers too; its derivative at 0 is infinite.",
)  # fmt: skip


weight = partial(apply_or_compute, sigmoid)


def apart(a: Any, b: Any) -> Any:
    """a − b, and 0 for equal infinities, which then share the gradient."""
    return np.where(np.isinf(a) & (a == b), 0.0, a - b)


logaddexp = gate(
    np.logaddexp, name="logaddexp", symbol="ln Σe", rule="ln(eᵃ+eᵇ) → σ(a−b), σ(b−a)",
    local=(
        lambda out, a, b: weight(apart(a, b)),
        lambda out, a, b: weight(apart(b, a)),
    ),
    kinks="equal infinities: 1/2 each",
    doc="ln(eᵃ+eᵇ), without overflow; equal infinities share the gradient.",
)  # fmt: skip

logaddexp2 = gate(
    np.logaddexp2, name="logaddexp2", symbol="log₂ Σ2",
    rule="log₂(2ᵃ+2ᵇ) → σ((a−b)·ln 2), σ((b−a)·ln 2)",
    local=(
        lambda out, a, b: weight(LN2 * apart(a, b)),
        lambda out, a, b: weight(LN2 * apart(b, a)),
    ),
    kinks="equal infinities: 1/2 each",
    doc="log₂(2ᵃ+2ᵇ), without overflow; equal infinities share the gradient.",
)  # fmt: skip

softplus = gate(
    lambda a: np.maximum(a, 0.0) + np.log1p(np.exp(-np.absolute(a))), name="softplus",
    symbol="softplus", rule="ln(1+eˣ) → σ(x)", pattern="scales",
    local=(lambda out, a: weight(a),),
    expansion=lambda x: np.log(1.0 + np.exp(x)),
    doc="ln(1+eˣ), the smooth rectifier, without overflow or cancellation.",
)  # fmt: skip


# ---- np.logaddexp.reduce: the sum of many exponentials, as a logarithm


_reduced = gate(
    np.logaddexp.reduce, name="logaddexp.reduce", symbol="ln Σe",
    rule="ln Σeˣ → eˣ/Σeˣ for each",
    vjp=(
        lambda g, out, a, axis, keepdims: spread(g, a, axis, keepdims) * shares(a, axis),
    ),
    jvp=lambda tangents, out, a, axis, keepdims: np.sum(
        tangents[0] * shares(a, axis), axis=axis, keepdims=keepdims
    ),
    kinks="infinities that tie share equally",
)  # fmt: skip


def logaddexp_reduce(a: Any, axis: Any = 0, *, keepdims: bool = False) -> Tensor:
    """The logarithm of the sum of exponentials along axes, the first one by default.

    Its gradient is that of `logsumexp`, of infinite entries too.

    >>> import autograd as ag
    >>> import numpy as np
    >>> t = ag.Tensor([0.0, 0.0])
    >>> np.logaddexp.reduce(t).backward()
    >>> t.grad
    array([0.5, 0.5])
    """
    return apply(_reduced, (a,), {"axis": axis, "keepdims": bool(keepdims)})


NUMPY: dict[Any, Any] = {
    np.ldexp: ldexp,
    **{g.forward: g for g in (cbrt, exp2, expm1, log10, log1p, log2, logaddexp, logaddexp2)},
}
METHODS: dict[str, Any] = {}
