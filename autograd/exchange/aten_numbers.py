"""PyTorch's operators on entries and along axes, in gates."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from autograd.errors import UnsupportedError
from autograd.exchange.aten_rules import Rule, Rules, axes, cast
from autograd.gates.exponential import sigmoid
from autograd.gates.probabilities import log_softmax, logsumexp, softmax
from autograd.gates.selection import relu, where
from autograd.gates.special import digamma, erf, erfc, gammaln
from autograd.transforms import stop_gradient

__all__ = ["RULES"]

RULES = Rules()
rule = RULES.enter


@rule("add.Tensor", "add.Scalar")
def add(a: Any, b: Any, alpha: float = 1) -> Any:
    return a + (b if alpha == 1 else alpha * b)


@rule("sub.Tensor", "sub.Scalar")
def sub(a: Any, b: Any, alpha: float = 1) -> Any:
    return a - (b if alpha == 1 else alpha * b)


@rule("rsub.Tensor", "rsub.Scalar")
def rsub(a: Any, b: Any, alpha: float = 1) -> Any:
    return sub(b, a, alpha)


@rule("div.Tensor_mode", "div.Scalar_mode")
def divided(a: Any, b: Any, *, rounding_mode: str | None = None) -> Any:
    if rounding_mode is None:
        return a / b
    return np.floor(a / b) if rounding_mode == "floor" else np.trunc(a / b)


@rule("gelu")
def gelu(x: Any, approximate: str = "none") -> Any:
    if approximate == "tanh":
        return 0.5 * x * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1.0 + erf(x * math.sqrt(0.5)))


@rule("leaky_relu")
def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    return where(x > 0, x, slope * x)


@rule("elu")
def elu(x: Any, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0) -> Any:
    below = alpha * np.expm1(input_scale * where(x > 0, 0.0, x))
    return scale * where(x > 0, x, below)


@rule("softplus")
def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    return where(x * beta > threshold, x, np.logaddexp(x * beta, 0.0) / beta)


@rule("hardtanh")
def hardtanh(x: Any, low: float = -1.0, high: float = 1.0) -> Any:
    return np.clip(x, low, high)


@rule("clamp", "clamp.Tensor")
def clamp(x: Any, low: Any = None, high: Any = None) -> Any:
    return np.clip(x, low, high)


@rule("dropout", "feature_dropout")
def dropout(x: Any, p: float, train: bool) -> Any:
    if train and p:
        raise UnsupportedError("it draws at random while it trains: call module.eval() first")
    return x


@rule("_to_copy", "to.dtype", "to.dtype_layout", "to.device")
def to(x: Any, dtype: Any = None, *_: Any) -> Any:
    return cast(x, dtype if isinstance(dtype, np.dtype) else None)


@rule("where.self", "where.ScalarOther", "where.ScalarSelf", "where.Scalar")
def chosen(condition: Any, a: Any, b: Any) -> Any:
    return where(condition, a, b)


@rule("masked_fill.Scalar", "masked_fill.Tensor")
def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    return where(mask, value, x)


TWO: dict[str, Rule] = {
    "mul": lambda a, b: a * b, "div": lambda a, b: a / b, "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "fmod": np.fmod,
    "remainder": np.remainder, "floor_divide": np.floor_divide,
}  # fmt: skip
"""Operators of two tensors and of a tensor and a number."""

DEFAULT: dict[str, Rule] = {
    "abs": np.abs, "ceil": np.ceil, "cos": np.cos, "erf": erf, "exp": np.exp, "expm1": np.expm1,
    "floor": np.floor, "log": np.log, "log1p": np.log1p, "neg": np.negative, "sign": np.sign,
    "sin": np.sin, "sqrt": np.sqrt, "tanh": np.tanh, "maximum": np.maximum,
    "minimum": np.minimum, "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin,
    "asinh": np.arcsinh, "atan": np.arctan, "atan2": np.arctan2, "atanh": np.arctanh,
    "cosh": np.cosh, "digamma": digamma, "erfc": erfc, "exp2": np.exp2, "isinf": np.isinf,
    "isnan": np.isnan, "lgamma": gammaln, "log10": np.log10, "log2": np.log2,
    "logical_xor": np.logical_xor, "round": np.rint, "sinh": np.sinh, "tan": np.tan,
    "trunc": np.trunc, "logical_and": np.logical_and, "logical_not": np.logical_not,
    "logical_or": np.logical_or, "relu": relu, "sigmoid": sigmoid,
    "fmax": np.fmax, "fmin": np.fmin, "hypot": np.hypot, "logaddexp": np.logaddexp,
    "logaddexp2": np.logaddexp2, "heaviside": np.heaviside, "sinc": np.sinc,
    "reciprocal": lambda x: 1.0 / x, "rsqrt": lambda x: 1.0 / np.sqrt(x),
    "silu": lambda x: x * sigmoid(x), "square": np.square, "detach": stop_gradient,
    **dict.fromkeys(
        ("alias", "clone", "contiguous", "lift_fresh", "lift_fresh_copy"), lambda x, *_: x
    ),
}  # fmt: skip


@rule("bitwise_not")
def bitwise_not(x: Any) -> Any:
    return np.logical_not(x) if x.dtype == bool else np.invert(x)


@rule("bitwise_and.Tensor")
def bitwise_and(a: Any, b: Any) -> Any:
    return np.logical_and(a, b) if a.dtype == bool else np.bitwise_and(a, b)


@rule("bitwise_or.Tensor")
def bitwise_or(a: Any, b: Any) -> Any:
    return np.logical_or(a, b) if a.dtype == bool else np.bitwise_or(a, b)


@rule("bitwise_xor.Tensor")
def bitwise_xor(a: Any, b: Any) -> Any:
    return np.logical_xor(a, b) if a.dtype == bool else np.bitwise_xor(a, b)


for name, function in TWO.items():
    rule(f"{name}.Tensor", f"{name}.Scalar")(function)
for name, function in DEFAULT.items():
    rule(name)(function)
rule("pow.Tensor_Scalar", "pow.Tensor_Tensor", "pow.Scalar")(lambda a, b: a**b)


# ---- sums over axes


@rule("mean", "mean.dim")
def mean(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    return np.mean(cast(x, dtype), axis=axes(dim), keepdims=keepdim)


@rule("sum", "sum.dim_IntList")
def total(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    return np.sum(cast(x, dtype), axis=axes(dim), keepdims=keepdim)


@rule("var.correction")
def var(x: Any, dim: Any = None, correction: Any = None, keepdim: bool = False) -> Any:
    return np.var(x, axis=axes(dim), ddof=1 if correction is None else correction, keepdims=keepdim)


@rule("std.correction")
def std(x: Any, dim: Any = None, correction: Any = None, keepdim: bool = False) -> Any:
    return np.std(x, axis=axes(dim), ddof=1 if correction is None else correction, keepdims=keepdim)


@rule("amax", "max")
def amax(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return np.max(x, axis=axes(dim), keepdims=keepdim)


@rule("amin", "min")
def amin(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return np.min(x, axis=axes(dim), keepdims=keepdim)


@rule("any", "any.dim", "any.dims")
def anywhere(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return np.any(x, axis=axes(dim), keepdims=keepdim)


@rule("all", "all.dim", "all.dims")
def everywhere(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return np.all(x, axis=axes(dim), keepdims=keepdim)


@rule("prod", "prod.dim_int")
def product(x: Any, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Any:
    return np.prod(cast(x, dtype), axis=dim, keepdims=keepdim)


@rule("var_mean.correction")
def var_mean(x: Any, dim: Any = None, correction: Any = None, keepdim: bool = False) -> Any:
    return var(x, dim, correction, keepdim), mean(x, dim, keepdim)


@rule("linalg_vector_norm")
def vector_norm(
    x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    return np.linalg.vector_norm(cast(x, dtype), axis=axes(dim), keepdims=keepdim, ord=ord)


def picked(x: Any, places: Any, dim: int) -> tuple[Any, Any]:
    """Entries, to which alone gradients go, and where they are."""
    return np.take_along_axis(x, places, axis=dim), places


@rule("sort", "sort.stable")
def ordered(x: Any, *given: Any, **how: Any) -> tuple[Any, Any]:
    given = given[1:] if given and isinstance(given[0], bool | None) else given
    dim, falls = [*given, *(-1, False)[len(given) :]][:2]
    dim, falls = how.get("dim", dim), how.get("descending", falls)
    numbers = np.asarray(stop_gradient(x))
    return picked(x, np.argsort(-numbers if falls else numbers, axis=dim, kind="stable"), dim)


@rule("topk")
def topk(x: Any, k: int, dim: int = -1, largest: bool = True, *_: Any) -> tuple[Any, Any]:
    values, places = ordered(x, dim, largest)
    first = (slice(None),) * (dim % x.ndim) + (slice(k),)
    return values[first], places[first]


@rule("max.dim")
def max_of(x: Any, dim: int, keepdim: bool = False) -> tuple[Any, Any]:
    return one_of(x, np.argmax(x, axis=dim, keepdims=True), dim, keepdim)


@rule("min.dim")
def min_of(x: Any, dim: int, keepdim: bool = False) -> tuple[Any, Any]:
    return one_of(x, np.argmin(x, axis=dim, keepdims=True), dim, keepdim)


def one_of(x: Any, places: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    values, places = picked(x, places, dim)
    return (values, places) if keepdim else (np.squeeze(values, dim), np.squeeze(places, dim))


@rule("kthvalue")
def kth_of(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> tuple[Any, Any]:
    order = np.argsort(np.asarray(stop_gradient(x)), axis=dim, kind="stable")
    return one_of(x, np.take(order, [k - 1], axis=dim), dim, keepdim)


@rule("median.dim")
def median_of(x: Any, dim: int, keepdim: bool = False) -> tuple[Any, Any]:
    """The lower one of two in the middle, as PyTorch has it."""
    return kth_of(x, (x.shape[dim] + 1) // 2, dim, keepdim)


@rule("median")
def median(x: Any) -> Any:
    return median_of(np.reshape(x, -1), 0)[0]


@rule("bucketize.Tensor")
def bucketize(x: Any, bounds: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    numbers, bounds = (np.asarray(stop_gradient(one)) for one in (x, bounds))
    return np.searchsorted(bounds, numbers, "right" if right else "left")


def place(function: Rule, x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Where the largest or the smallest is."""
    return function(x, axis=dim, keepdims=keepdim)


RULES.update(
    {
        "argmax.default": partial(place, np.argmax),
        "argmin.default": partial(place, np.argmin),
    }
)


def along(function: Rule, x: Any, dim: int, dtype: Any = None) -> Any:
    """What comes out along an axis as long as it went in, computed in a dtype."""
    return function(cast(x, dtype), axis=dim)


RULES.update(
    {
        "cumprod.default": partial(along, np.cumprod),
        "cumsum.default": partial(along, np.cumsum),
        "log_softmax.int": partial(along, log_softmax),
        "softmax.int": partial(along, softmax),
    }
)


@rule("cummax")
def cummax(x: Any, dim: int) -> tuple[Any]:
    """Without their places."""
    return (np.maximum.accumulate(x, axis=dim),)


@rule("cummin")
def cummin(x: Any, dim: int) -> tuple[Any]:
    return (np.minimum.accumulate(x, axis=dim),)


@rule("logcumsumexp")
def logcumsumexp(x: Any, dim: int) -> Any:
    return np.logaddexp.accumulate(x, axis=dim)


@rule("logsumexp")
def log_of_sum(x: Any, dim: Any, keepdim: bool = False) -> Any:
    return logsumexp(x, axis=axes(dim), keepdims=keepdim)


@rule("_softmax", "_safe_softmax")
def plain_softmax(x: Any, dim: int, _: Any = None) -> Any:
    return softmax(x, axis=dim)


@rule("_log_softmax")
def plain_log_softmax(x: Any, dim: int, _: Any = None) -> Any:
    return log_softmax(x, axis=dim)
