"""Activations as functions: of Tensors, scalar nodes, arrays and numbers.

Each is one gate where its derivative is a closed form, stable at any size of its argument. The
modules of the same names are in `nn`.

>>> from autograd import Tensor
>>> from nn import activations
>>> x = Tensor([[-1.0, 3.0, 2.0], [0.0, 2.0, -3.0], [-1.0, -4.0, 1.0]])
>>> activations.relu(x).data
array([[0., 3., 2.],
       [0., 2., 0.],
       [0., 0., 1.]])
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import autograd as ag
from autograd import DataError, Gate, Tensor, log_softmax, relu, softmax, softplus, softsign
from autograd.extend import apply_or_compute, as_data, gate, sigmas
from nn.names import look_up

__all__ = [
    "FUNCTIONS", "bipolar_step", "elu", "gelu", "gelu_tanh", "get", "identity", "leaky_relu",
    "log_softmax", "logistic", "maxout", "prelu", "relu", "selu", "sigmoid", "softmax", "softplus",
    "softsign", "step", "swish", "tanh",
]  # fmt: skip


# ---- steps, which nothing can be learnt through


def flat(forward: Callable[[Any], Any], name: str, symbol: str, rule: str, value: str) -> Gate:
    """A gate whose derivative is 0 everywhere: not 0 times the upstream, which may be infinite."""
    return gate(
        forward, name=name, symbol=symbol, rule=f"{rule} → 0", pattern="scales",
        local=(lambda out, a: 0.0,), vjp=(lambda g, out, a: 0.0,),
        jvp=lambda tangents, out, a: 0.0,
        kinks="0 at the jump too",
        doc=f"{rule}; flat: its derivative is 0, so that nothing is learnt through it.",
    )  # fmt: skip


step = flat(
    lambda a: np.heaviside(a, 1.0), "step", "step", "1 where x ≥ 0, else 0",
    "1.0 if a >= 0.0 else 0.0 if a < 0.0 else a",
)  # fmt: skip

bipolar_step = flat(
    lambda a: 2.0 * np.heaviside(a, 1.0) - 1.0, "bipolar_step", "±step", "1 where x ≥ 0, else −1",
    "1.0 if a >= 0.0 else -1.0 if a < 0.0 else a",
)  # fmt: skip


# ---- rectifiers


def below(a: Any) -> Any:
    """The part of `a` at or below 0, and 0 above: an exponent that cannot overflow."""
    return np.where(a > 0.0, 0.0, a)


_leaky = gate(
    lambda a, b: np.where(a > 0.0, a, b * a), name="leaky_relu", symbol="leaky",
    rule="x where x > 0, else a·x → 1 or a, 0 or x", pattern="routes",
    local=(
        lambda out, a, b: np.where(a > 0.0, 1.0, b),
        lambda out, a, b: np.where(a > 0.0, 0.0, a),
    ),
    vjp=(  # in the upstream's dtype, which 1.0 and a number for the slope do not know
        lambda g, out, a, b: np.where(a > 0.0, g, g * b),
        lambda g, out, a, b: np.where(a > 0.0, 0.0, g * a),
    ),
    kinks="the slope at 0; second: 0",
)  # fmt: skip

_elu = gate(
    lambda a, b: np.where(a > 0.0, a, b * np.expm1(below(a))), name="elu", symbol="ELU",
    rule="x where x > 0, else α(eˣ−1) → 1 or α·eˣ, 0 or eˣ−1", pattern="scales",
    local=(
        lambda out, a, b: np.where(a > 0.0, 1.0, b * np.exp(below(a))),
        lambda out, a, b: np.where(a > 0.0, 0.0, np.expm1(below(a))),
    ),
    kinks="α at 0; second: α",
)  # fmt: skip

SCALE = 1.0507009873554804934
ALPHA = 1.6732632423543772848

selu = gate(
    lambda a: SCALE * np.where(a > 0.0, a, ALPHA * np.expm1(below(a))), name="selu", symbol="SELU",
    rule="λ·ELU(x, α) → λ or λα·eˣ", pattern="scales",
    local=(lambda out, a: SCALE * np.where(a > 0.0, 1.0, ALPHA * np.exp(below(a))),),
    kinks="λα at 0; second: λα",
    doc="The self-normalising ELU: λ = 1.0507 times x, or α(eˣ−1) with α = 1.6733 below 0. "
    "Source: Klambauer et al., Self-normalizing neural networks, 2017.",
)  # fmt: skip


# ---- x times something between 0 and 1; what is clipped has reached its limit long before


sigma = partial(apply_or_compute, ag.sigmoid)
"""The logistic function inside a rule."""


def swish_slope(out: Any, a: Any) -> Any:
    s, rest = sigmas(a)
    return s * (1.0 + np.clip(a, -1e3, 1e3) * rest)


swish = gate(
    lambda a: np.maximum(a, -1e3) * sigma(a), name="swish", symbol="swish",
    rule="x·σ(x) → σ + x·σ(1−σ)", pattern="scales",
    local=(swish_slope,),
    doc="x·σ(x), also called SiLU; its minimum is −0.278464543 at x = −1.278464543. "
    "Source: Ramachandran, Zoph, Le, Searching for activation functions, 2017.",
)  # fmt: skip

ROOT_HALF = math.sqrt(0.5)
DENSITY_AT_0 = 1.0 / math.sqrt(2.0 * math.pi)


def normal_share(a: Any) -> Any:
    """Φ(a): the part of the standard normal distribution below `a`, accurate where it is small."""
    z = -ROOT_HALF * a
    return 0.5 * apply_or_compute(ag.erfc, z)


def gelu_slope(out: Any, a: Any) -> Any:
    z = np.clip(a, -40.0, 40.0)
    return normal_share(a) + DENSITY_AT_0 * z * np.exp(-0.5 * z * z)


gelu = gate(
    lambda a: np.maximum(a, -40.0) * normal_share(a), name="gelu", symbol="GELU",
    rule="x·Φ(x) → Φ + x·φ", pattern="scales",
    local=(gelu_slope,),
    doc="x·Φ(x) with the normal distribution's Φ, in its exact form. "
    "Source: Hendrycks and Gimpel, Gaussian error linear units, 2016.",
)  # fmt: skip


BEND = 2.0 * math.sqrt(2.0 / math.pi)
CUBIC = 0.044715
REACH = {np.dtype(np.float16): 4.0, np.dtype(np.float32): 10.0}
"""By the dtype, as far from 0 as e^u is a number with u = BEND·(x + CUBIC·x³); there x·σ(−u) is 0
but for the smallest numbers."""


def near(a: Any) -> Any:
    """What is as far as that, or nearer."""
    reach = REACH.get(getattr(a, "dtype", None), 21.0)
    return np.clip(a, -reach, reach)


def bent(z: Any) -> tuple[Any, Any]:
    """e^−u and σ(u): one exponential and a quotient, where σ of any number takes thrice as much."""
    e = np.exp(z * (-BEND - BEND * CUBIC * z * z))
    return e, 1.0 / (1.0 + e)


def gelu_tanh_value(a: Any) -> Any:
    z = near(a)
    return np.maximum(a, z) * bent(z)[1]


def gelu_tanh_slope(out: Any, a: Any) -> Any:
    z = near(a)
    e, s = bent(z)
    return s * (1.0 + z * (BEND + 3.0 * BEND * CUBIC * z * z) * (e * s))


gelu_tanh = gate(
    gelu_tanh_value, name="gelu_tanh", symbol="GELU",
    rule="x·σ(u) with u = 2√(2/π)·(x + 0.044715x³) → σ + x·u′·σ(1−σ)", pattern="scales",
    local=(gelu_tanh_slope,),
    doc="x·(1 + tanh u)/2 with u = √(2/π)·(x + 0.044715·x³), the form of `gelu` that many networks "
    "were trained with; it differs from that by less than 5e-4. "
    "Source: Hendrycks and Gimpel, Gaussian error linear units, 2016.",
)  # fmt: skip


# ---- functions with a slope, and those that are more than one gate


def logistic(x: Any, slope: float = 1.0) -> Tensor:
    """1/(1+e^(−slope·x)): from 0 to 1; its derivative is slope·f(1−f).

    >>> from autograd import Tensor
    >>> x = Tensor(0.0)
    >>> y = logistic(x, slope=4.0)
    >>> y.backward()
    >>> y.data, x.grad
    (0.5, 1.0)
    """
    return ag.sigmoid(scaled(x, slope))


sigmoid = logistic


def tanh(x: Any, slope: float = 2.0) -> Tensor:
    """2/(1+e^(−slope·x)) − 1 = tanh(slope·x/2): from −1 to 1; the standard tanh by default.

    >>> from autograd import Tensor
    >>> tanh(Tensor(1.0)).data == Tensor(1.0).tanh().data
    True
    """
    return ag.tanh(scaled(x, 0.5 * slope))


def scaled(x: Any, factor: Any) -> Any:
    """`x` times a factor; `x` itself where that is 1."""
    x = node(x)
    return x if type(factor) is not Tensor and factor == 1.0 else x * factor


def node(x: Any) -> Any:
    """A Tensor, a number or an array as it is, anything else as an array."""
    return x if type(x) in (Tensor, np.ndarray, float) else as_data(x, None)


def leaky_relu(x: Any, slope: Any = 0.01) -> Tensor:
    """x above 0, slope·x below; the derivative at 0 is the slope. The slope may be learnt.

    >>> from autograd import Tensor
    >>> leaky_relu(Tensor([-1.0, 2.0]), slope=0.1).data
    array([-0.1,  2. ])
    """
    return _leaky(node(x), slope)


def prelu(x: Any, slope: Any) -> Tensor:
    """`leaky_relu` with a slope that is learnt, a Tensor that broadcasts against `x`.

    Source: He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015.

    >>> from autograd import Tensor
    >>> slope = Tensor(0.25)
    >>> prelu(Tensor([-1.0, 2.0]), slope).sum().backward()
    >>> slope.grad
    -1.0
    """
    return _leaky(node(x), slope)


def elu(x: Any, alpha: Any = 1.0) -> Tensor:
    """x above 0, alpha·(eˣ−1) below.

    Source: Clevert, Unterthiner, Hochreiter, Fast and accurate deep network learning by
    exponential linear units, 2015.

    >>> from autograd import Tensor
    >>> elu(Tensor([-1000.0, 2.0])).data
    array([-1.,  2.])
    """
    return _elu(node(x), alpha)


def maxout(x: Any, axis: int = -1) -> Tensor:
    """The largest of the pieces along an axis; ties share the gradient equally.

    >>> from autograd import Tensor
    >>> maxout(Tensor([[1.0, 3.0], [2.0, -1.0]])).data
    array([3., 2.])
    """
    return ag.max(node(x), axis=axis)


def identity(x: Any) -> Tensor:
    """`x` itself, as a Tensor.

    >>> identity(2.0)
    Tensor(2.0, requires_grad=False)
    """
    return x if type(x) is Tensor else Tensor(node(x), requires_grad=False)


FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    name: globals()[name] for name in sorted({*__all__} - {"FUNCTIONS", "get", "maxout", "prelu"})
}
"""By name, those that need nothing but `x`."""


def get(activation: str | Callable[..., Any]) -> Callable[..., Any]:
    """The function that is meant: by its name, or itself.

    Raises
    ------
    UnknownNameError (a ValueError): a name that is not there, with the nearest that is.
    DataError (a TypeError): neither a name nor a function.

    >>> get("Leaky-ReLU") is get("leaky_relu")
    True
    """
    if callable(activation):
        return activation
    if not isinstance(activation, str):
        raise DataError(f"an activation is a name or a function, received {activation!r}")
    return look_up("activation", activation, FUNCTIONS)
