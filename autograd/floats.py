"""Gates on Python floats, as expressions: for the operators of scalar nodes and for programs.

An expression is written in `a` and `b` (the operands), `out` (the result) and the names of
`NAMESPACE`. Where Python raises and IEEE 754 has an infinity or a nan, the same gate is computed
by NumPy instead, so a scalar node never raises, never turns complex, and never warns.
"""

from __future__ import annotations

import linecache
import math
import re
import sys
from collections.abc import Callable
from types import FrameType, FunctionType
from typing import Any

from autograd.origins import GENERATED, user_frame

__all__ = ["NAMESPACE", "Floats", "define", "renamed"]

FLOAT_ERRORS = (ZeroDivisionError, OverflowError, ValueError)

LN2 = math.log(2.0)


class Floats:
    """How a gate computes with Python floats: its value and its local gradients, as expressions.

    Attributes: `value`, and `local`, one expression an operand.
    """

    __slots__ = ("_careful", "_written", "local", "value")

    def __init__(self, value: str, local: tuple[str, ...], careful: Callable[..., Any]) -> None:
        self.value = value
        self.local = local
        self._careful = careful
        self._written: Callable[..., Any] | None = None

    def evaluate(self, *values: float) -> tuple[float, ...]:
        """The value, and then each local gradient."""
        if self._written is None:
            names = "a, b"[: 3 * len(self.local) - 2]
            source = EVALUATE.format(names=names, value=self.value, local=", ".join(self.local))
            self._written = define("evaluate", source, {**NAMESPACE, "careful": self._careful})
        return self._written(*values)


EVALUATE = """
def evaluate({names}):
    try:
        out = {value}
        return float(out), {local}
    except FLOAT_ERRORS:
        return careful({names})
"""


def define(name: str, source: str, namespace: dict[str, Any], file: str = "") -> FunctionType:
    """The function `name` that `source`, made of a gate's own expressions, defines.

    With a name of its own for the `file` that it would be in, its lines can be shown.
    """
    path = f"{GENERATED}{file or name}>"
    exec(compile(source, path, "exec"), namespace)  # noqa: S102 - our own text
    if file:
        linecache.cache[path] = len(source), None, Lines(path, source), path
    return namespace[name]


class Lines(list[str]):
    """The lines of generated code, as tracebacks show them; while it runs, the user's line.

    That is when Python shows a warning of NumPy's, which names the innermost line, one of these.
    """

    def __init__(self, path: str, source: str) -> None:
        super().__init__(source.splitlines(keepends=True))
        self.path = path

    def __getitem__(self, index: Any) -> Any:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code.co_filename != self.path:
            frame = frame.f_back
        user = frame and user_frame(frame=frame)
        if user is None:
            return super().__getitem__(index)
        file, line = user.f_code.co_filename, user.f_lineno
        text = linecache.getline(file, line).strip()
        return f'File "{file}", line {line}, in {user.f_code.co_name}: {text}\n'


def renamed(expression: str, names: dict[str, str]) -> str:
    """An expression with other names, or other expressions, in place of its own.

    >>> renamed("a * b + exp(a)", {"a": "x", "b": "a"})
    'x * a + exp(x)'
    """
    return re.sub(r"\b[A-Za-z_]\w*", lambda found: names.get(found[0], found[0]), expression)


def logistic(a: float) -> float:
    """1/(1+e^-a) without overflow."""
    if a >= 0.0:
        return 1.0 / (1.0 + math.exp(-a))
    e = math.exp(a)
    return e / (1.0 + e)


def sign(a: float) -> float:
    """-1, 0 or 1; nan of a nan."""
    return 1.0 if a > 0.0 else -1.0 if a < 0.0 else 0.0 if a == 0.0 else a


def power_by_base(a: float, b: float) -> float:
    """d(a^b)/da = b a^(b-1), 0 for b = 0 also at a = 0."""
    return 0.0 if b == 0.0 else b * math.pow(a, b - 1.0)


def power_by_exponent(a: float, b: float, out: float) -> float:
    """d(a^b)/db = a^b ln a; at a = 0 its limit from the right; nan for a negative base."""
    if a > 0.0:
        return out * math.log(a)
    if a == 0.0:
        return 0.0 if b >= 0.0 else -math.inf * out if b < 0.0 else b
    return math.nan


def logaddexp(a: float, b: float) -> float:
    """ln(e^a + e^b) without overflow."""
    if a == b:  # infinities too
        return a + LN2
    return (a if a > b else b) + math.log1p(math.exp(-abs(a - b)))


def logaddexp2(a: float, b: float) -> float:
    """log2(2^a + 2^b) without overflow."""
    if a == b:
        return a + 1.0
    return (a if a > b else b) + math.log1p(math.exp2(-abs(a - b))) / LN2


OF_MATH = (
    "exp", "exp2", "expm1", "log", "log10", "log1p", "log2", "sqrt", "cbrt", "hypot", "pow", "fmod",
    "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "degrees", "radians",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "floor", "ceil", "trunc", "copysign", "erf", "erfc",
)  # fmt: skip

NAMESPACE: dict[str, Any] = {
    "FLOAT_ERRORS": FLOAT_ERRORS,
    **{name: getattr(math, name) for name in OF_MATH},
    "logaddexp": logaddexp,
    "logaddexp2": logaddexp2,
    "logistic": logistic,
    "sign": sign,
    "power_by_base": power_by_base,
    "power_by_exponent": power_by_exponent,
}
"""What expressions may name."""
