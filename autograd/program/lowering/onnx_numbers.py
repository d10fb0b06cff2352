"""NumPy's functions of numbers one by one, in ONNX.

Where onnxruntime has no kernel of doubles for a node, the same is written with nodes that it has,
to the precision of doubles.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from autograd.expression import OF_NUMPY
from autograd.program.lowering.onnx_graph import Wire, broadcast, graph_of, promoted, wires_in

LN2 = math.log(2.0)


def one_by_one(op: str, floats: bool = False, result: Any = None, **attributes: Any) -> Any:
    """A node's own operation, on operands of one dtype."""

    def lowered(*operands: Any) -> Wire:
        wires = promoted(*operands, floats=floats)
        kind, graph = result or wires[0].dtype, graph_of(*operands)
        return graph.node(op, *wires, shape=broadcast(*wires), dtype=kind, **attributes)

    return lowered


def of_floats(op: str, in_doubles: Callable[[Wire], Any] | None = None) -> Any:
    """A node of floats, and what is written in its place for doubles."""

    def lowered(a: Any) -> Any:
        (a,) = promoted(a, floats=True)
        if a.dtype == np.float64 and in_doubles is not None:
            return in_doubles(a)
        return a.graph.node(op, a, shape=a.shape, dtype=a.dtype)

    return lowered


def in_single(op: str) -> Any:
    """A node that onnxruntime has for float32 alone."""

    def lowered(a: Any) -> Wire:
        (a,) = promoted(a, floats=True)
        graph = a.graph
        result = graph.node(op, graph.cast(a, np.float32), shape=a.shape, dtype=np.float32)
        return graph.cast(result, a.dtype)

    return lowered


def truths(op: str) -> Any:
    def lowered(*operands: Any) -> Wire:
        graph = graph_of(*operands)
        wires = [graph.wire(v, bool) for v in operands]
        return graph.node(op, *wires, shape=broadcast(*wires), dtype=bool)

    return lowered


def where(condition: Any, a: Any, b: Any) -> Wire:
    graph = graph_of(condition, a, b)
    test = graph.wire(condition, bool)
    a, b = promoted(a, b) if wires_in((a, b)) else (graph.wire(v, float) for v in (a, b))
    return graph.node("Where", test, a, b, shape=broadcast(test, a, b), dtype=a.dtype)


def asked_of_floats(op: str) -> Any:
    """IsNaN and IsInf: no whole number is."""

    def lowered(a: Any) -> Wire:
        if a.dtype.kind != "f":
            return a.graph.expanded(np.zeros((), bool), a.shape)
        return a.graph.node(op, a, shape=a.shape, dtype=bool)

    return lowered


def or_of_truths(op: str, of_truths: str) -> Any:
    """What is logical on booleans."""

    def lowered(*operands: Any) -> Wire:
        if all(wire.dtype == bool for wire in promoted(*operands)):
            return truths(of_truths)(*operands)
        return one_by_one(op)(*operands)

    return lowered


add, subtract = or_of_truths("Add", "Or"), one_by_one("Sub")
multiply, divide = or_of_truths("Mul", "And"), one_by_one("Div", floats=True)
maximum, minimum = one_by_one("Max"), one_by_one("Min")
both, either, opposite = truths("And"), truths("Or"), truths("Not")
is_nan, is_inf = asked_of_floats("IsNaN"), asked_of_floats("IsInf")
absolute, negative = one_by_one("Abs"), one_by_one("Neg")
exp, log, tanh, floor = of_floats("Exp"), of_floats("Log"), of_floats("Tanh"), of_floats("Floor")
sqrt, sin, cos = of_floats("Sqrt"), of_floats("Sin"), of_floats("Cos")
power_of_floats = one_by_one("Pow", floats=True)


def log1p(a: Any) -> Any:
    """log u · a / (u − 1) with u = 1 + a. Source: Kahan; Goldberg, What every computer scientist
    should know about floating-point arithmetic, 1991, theorem 4."""
    u = 1.0 + a
    return where((u == 1.0), a, where(is_inf(u), log(u), log(u) * (a / (u - 1.0))))


def expm1(a: Any) -> Any:
    """tanh(a/2) · (e^a + 1); −1 and e^a far out."""
    e = exp(a)
    return where(absolute(a) < 1.0, tanh(a * 0.5) * (e + 1.0), e - 1.0)


def sinh_of_doubles(a: Any) -> Any:
    """By halves far out, where e^a has no number before the result has none."""
    b = absolute(a)
    e, half = expm1(b), exp(b * 0.5)
    return sign(a) * where(b > 20.0, half * 0.5 * half, (e + e / (e + 1.0)) * 0.5)


def cosh_of_doubles(a: Any) -> Any:
    half = exp(absolute(a) * 0.5)
    return half * 0.5 * half + 0.5 / half / half


def arcsinh_of_doubles(a: Any) -> Any:
    """ln 2a far out, where a² has no number."""
    b = absolute(a)
    near = log1p(b + b * b / (sqrt(b * b + 1.0) + 1.0))
    return sign(a) * where(b > 1e8, log(b) + LN2, near)


def arccosh_of_doubles(a: Any) -> Any:
    return log(a + sqrt(a - 1.0) * sqrt(a + 1.0))


def arctanh_of_doubles(a: Any) -> Any:
    return (log1p(a) - log1p(-a)) * 0.5


def sign(a: Any) -> Wire:
    return one_by_one("Sign")(a)


def copysign(a: Any, b: Any) -> Any:
    """By 1/b where b is 0, which has a sign too."""
    a, b = promoted(a, b, floats=True)
    below = where(b == 0.0, divide(1.0, b), b) < 0.0
    return where(below, -absolute(a), absolute(a))


def arctan(a: Any) -> Any:
    return of_floats("Atan", lambda a: arctan2(a, 1.0))(a)


def arctan_of_ratio(a: Any) -> Any:
    """Of at most 1: in doubles from single precision by one step of Newton's on tan y = a, over
    1 + tan²."""
    if a.dtype != np.float64:
        return of_floats("Atan")(a)
    y = in_single("Atan")(a)
    c = cos(y)
    return y - c * (sin(y) - a * c)


def arcsin(a: Any) -> Any:
    return arctan2(a, sqrt((1.0 - a) * (1.0 + a)))


def arccos(a: Any) -> Any:
    return arctan2(sqrt((1.0 - a) * (1.0 + a)), a)


def arctan2(a: Any, b: Any) -> Any:
    """The angle of (b, a), by the arctan of a quotient that is at most 1."""
    a, b = promoted(a, b, floats=True)
    y, x = absolute(a), absolute(b)
    swaps = y > x
    high, low = maximum(y, x), minimum(y, x)
    ratio = where(high == 0.0, 0.0, where(is_inf(low), 1.0, low / high))
    angle = arctan_of_ratio(ratio)
    angle = where(swaps, math.pi / 2 - angle, angle)
    angle = where(copysign(1.0, b) < 0.0, math.pi - angle, angle)
    return copysign(angle, a)


def hypot(a: Any, b: Any) -> Any:
    a, b = promoted(a, b, floats=True)
    high, low = maximum(absolute(a), absolute(b)), minimum(absolute(a), absolute(b))
    ratio = where(high == 0.0, 0.0, where(is_inf(high), 0.0, low / high))
    return high * sqrt(1.0 + ratio * ratio)


def logaddexp(a: Any, b: Any) -> Any:
    return where(a == b, a + LN2, maximum(a, b) + log1p(exp(-absolute(a - b))))


def logistic(a: Any) -> Any:
    return of_floats("Sigmoid")(a)


def remainder(a: Any, b: Any) -> Any:
    """With the sign of the divisor."""
    a, b = promoted(a, b)
    if a.dtype.kind != "f":
        return one_by_one("Mod")(a, b)
    rest = one_by_one("Mod", fmod=1)(a, b)
    return where(both(rest != 0.0, (rest < 0.0) != (b < 0.0)), rest + b, rest)


def floor_divide(a: Any, b: Any) -> Any:
    a, b = promoted(a, b)
    if a.dtype.kind == "f":
        return one_by_one("Round")((a - remainder(a, b)) / b)
    return one_by_one("Div")(a - remainder(a, b), b)


def fmax(a: Any, b: Any) -> Any:
    a, b = promoted(a, b)
    return where(is_nan(a), b, where(is_nan(b), a, maximum(a, b)))


def fmin(a: Any, b: Any) -> Any:
    a, b = promoted(a, b)
    return where(is_nan(a), b, where(is_nan(b), a, minimum(a, b)))


def clip(a: Any, low: Any = None, high: Any = None) -> Any:
    """By ONNX' own operator between numbers, as whoever reads it has a derivative at the bounds."""
    ends = [end for end in (low, high) if end is not None]
    if isinstance(a, Wire) and a.dtype.kind == "f" and all(np.isscalar(end) for end in ends):
        bounds = [None if end is None else a.graph.constant(np.asarray(end, a.dtype))
                  for end in (low, high)]  # fmt: skip
        return a.graph.node("Clip", a, *bounds, shape=a.shape, dtype=a.dtype)
    a = a if low is None else maximum(a, low)
    return a if high is None else minimum(a, high)


def cbrt(a: Any) -> Any:
    """With one step of Newton's after the power, whose exponent is rounded."""
    root = power_of_floats(absolute(a), 1.0 / 3.0)
    steps = where(both(root > 0.0, opposite(is_inf(root))),
                  root - (root - absolute(a) / (root * root)) / 3.0, root)  # fmt: skip
    return sign(a) * steps


def power(a: Any, b: Any) -> Any:
    """Whole powers of whole numbers by floats: onnxruntime takes some of them wrongly."""
    if type(b) is int and 1 < b < 4 and isinstance(a, Wire):
        return reduce(multiply, [a] * b)
    a, b = promoted(a, b)
    if a.dtype.kind == "f":
        return one_by_one("Pow")(a, b)
    graph = graph_of(a, b)
    return graph.cast(one_by_one("Round")(power_of_floats(a, b)), a.dtype)


def heaviside(a: Any, b: Any) -> Any:
    a, b = promoted(a, b, floats=True)
    return where(a == 0.0, b, where(a < 0.0, 0.0, where(a > 0.0, 1.0, a)))


def trunc(a: Any) -> Any:
    return sign(a) * floor(absolute(a))


def slope_of_tanh(out: Any, a: Any) -> Any:
    """1 − tanh², and where that has few digits left by an exponential, which is then very small."""
    slope, e = subtract(1.0, multiply(out, out)), exp(multiply(-2.0, absolute(a)))
    few = 256.0 * float(np.finfo(out.dtype).eps)
    return where(slope < few, multiply(multiply(4.0, e), subtract(1.0, multiply(2.0, e))), slope)


def is_zero(a: Any) -> Any:
    return one_by_one("Equal", result=bool)(a, 0.0) if wires_in((a,)) else np.equal(a, 0.0)


def nan_to_num(a: Any, nan: Any = 0.0, posinf: Any = None, neginf: Any = None, **how: Any) -> Any:
    ends = np.finfo(a.dtype)
    high = float(ends.max) if posinf is None else posinf
    low = float(ends.min) if neginf is None else neginf
    finite = where(a == np.inf, high, where(a == -np.inf, low, a))
    return where(is_nan(a), nan, finite)


def rounded(a: Any, decimals: int = 0, **how: Any) -> Any:
    scale = 10.0**decimals
    return one_by_one("Round")(a * scale) / scale if decimals else one_by_one("Round")(a)


def sinc(a: Any) -> Any:
    angle = where(a == 0.0, 1.0, a * math.pi)
    return where(a == 0.0, 1.0, sin(angle) / angle)


def ldexp(a: Any, exponent: Any) -> Any:
    """In two steps, neither of which overflows alone."""
    exponent = graph_of(a, exponent).wire(exponent, np.int64)
    half = floor(divide(exponent, 2.0))
    kind = a.dtype if isinstance(a, Wire) else np.asarray(a, float).dtype
    two = [power_of_floats(2.0, graph_of(half).cast(h, kind)) for h in (half, exponent - half)]
    return a * two[0] * two[1]


NUMBERS: dict[str, Callable[..., Any]] = {
    "absolute": absolute, "add": add, "arccos": of_floats("Acos", arccos),
    "arccosh": of_floats("Acosh", arccosh_of_doubles),
    "arcsin": of_floats("Asin", arcsin), "arcsinh": of_floats("Asinh", arcsinh_of_doubles),
    "arctan": arctan, "arctan2": arctan2, "arctanh": of_floats("Atanh", arctanh_of_doubles),
    "bitwise_and": both, "bitwise_or": either, "cbrt": cbrt, "ceil": of_floats("Ceil"),
    "clip": clip, "copysign": copysign, "cos": cos, "cosh": of_floats("Cosh", cosh_of_doubles),
    "deg2rad": lambda a: multiply(a, math.pi / 180),
    "degrees": lambda a: multiply(a, 180 / math.pi), "divide": divide,
    "equal": one_by_one("Equal", result=bool), "exp": exp,
    "exp2": lambda a: power_of_floats(2.0, a), "expm1": expm1, "fabs": absolute,
    "float": lambda a: promoted(a, floats=True)[0],
    "float_power": lambda a, b: power_of_floats(graph_of(a, b).wire(a, float), b), "floor": floor,
    "floor_divide": floor_divide, "fmax": fmax, "fmin": fmin, "fmod": one_by_one("Mod", fmod=1),
    "greater": one_by_one("Greater", result=bool),
    "greater_equal": one_by_one("GreaterOrEqual", result=bool), "heaviside": heaviside,
    "hypot": hypot, "imag": lambda a: multiply(a, 0.0), "invert": opposite,
    "isfinite": lambda a: opposite(either(is_nan(a), is_inf(a))), "isinf": is_inf,
    "isnan": is_nan, "ldexp": ldexp, "less": one_by_one("Less", result=bool),
    "less_equal": one_by_one("LessOrEqual", result=bool), "log": log,
    "log10": lambda a: divide(log(a), math.log(10.0)), "log1p": log1p,
    "log2": lambda a: divide(log(a), LN2), "logaddexp": logaddexp,
    "logaddexp2": lambda a, b: divide(logaddexp(a * LN2, b * LN2), LN2), "logical_and": both,
    "logical_not": opposite, "logical_or": either, "maximum": maximum, "minimum": minimum,
    "modf": lambda a: (subtract(a, trunc(a)), trunc(a)), "multiply": multiply,
    "nan_to_num": nan_to_num, "negative": negative,
    "not_equal": lambda a, b: opposite(one_by_one("Equal", result=bool)(a, b)),
    "positive": lambda a: a, "pow": power, "power": power,
    "pushed": lambda t, d: where(is_zero(t), 0.0, multiply(t, d)),
    "pushed_by_both": lambda a, b: where(either(is_zero(a), is_zero(b)), 0.0, multiply(a, b)),
    "rad2deg": lambda a: multiply(a, 180 / math.pi),
    "radians": lambda a: multiply(a, math.pi / 180), "reciprocal": of_floats("Reciprocal"),
    "remainder": remainder, "rint": of_floats("Round"), "round": rounded, "sign": sign,
    "sin": sin, "sinc": sinc, "sinh": of_floats("Sinh", sinh_of_doubles),
    "slope_of_tanh": slope_of_tanh, "sqrt": sqrt,
    "square": lambda a: multiply(a, a),
    "subtract": subtract, "tan": of_floats("Tan", lambda a: divide(sin(a), cos(a))), "tanh": tanh,
    "trunc": trunc,
    "where": where,
}  # fmt: skip
"""By the names that a listing shows."""

NAMESPACE: dict[str, Any] = {
    **{
        name: NUMBERS[function.__name__]
        for name, function in OF_NUMPY.items()
        if isinstance(function, np.ufunc) and function.__name__ in NUMBERS
    },
    "where": where, "both": both, "either": either, "opposite": opposite, "logistic": logistic,
    "logaddexp2": NUMBERS["logaddexp2"],
    "power_by_exponent": lambda a, b, out: where(
        both(a == 0.0, b >= 0.0), 0.0, out * log(where(a == 0.0, 1.0, a))
    ),
}  # fmt: skip
"""What expressions of gates on single numbers call."""
