"""Expressions of an elementwise gate's numbers, in four languages, by one table of functions.

An expression is a line of Python in `a` and `b` (the operands), `out` (the result) and the names of
`FUNCTIONS`, whose columns say what each of them is for Python floats, for NumPy's arrays, for Numba
and for JavaScript. Python and Numba run the line as it stands, the arrays' and JavaScript's are
rewritten from its tree. Most lines are not written by hand: `autograd.terms` gets them from the
gate's own function and rules.
"""

from __future__ import annotations

import ast
import builtins
import math
import operator
import re
from collections.abc import Callable
from functools import cache, partial, reduce
from typing import Any, NamedTuple

import numpy as np

from autograd import stable
from autograd.floats import FLOAT_ERRORS, define

__all__ = [
    "FUNCTIONS", "NAMESPACE", "SPELLED", "UnwritableError", "as_call", "in_javascript",
    "literal", "on_arrays", "parse", "renamed",
]  # fmt: skip

LN2 = math.log(2.0)


class UnwritableError(Exception):
    """Something is no expression of these, or cannot be said in the language asked for."""


# ---- what Python's math has not


def logistic(a: float) -> float:
    """1/(1+e^-a) without overflow."""
    if a >= 0.0:
        return 1.0 / (1.0 + math.exp(-a))
    e = math.exp(a)
    return e / (1.0 + e)


def sign(a: float) -> float:
    """-1, 0 or 1; nan of a nan."""
    return 1.0 if a > 0.0 else -1.0 if a < 0.0 else 0.0 if a == 0.0 else a


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


# ---- the table


class Function(NamedTuple):
    """What a name means in each language.

    Attributes
    ----------
    floats : the function of Python floats.
    arrays : that of NumPy's arrays.
    javascript : its name there: of Math, or of viz/stepping/gates.js; empty where its only
        argument is already what it gives.
    numba : the function in place of that of floats, where that is unknown to Numba or returns an
        integer, which has no infinity.
    """

    floats: Callable[..., float]
    arrays: Any
    javascript: str
    numba: Any = None


def one_by_one(function: Callable[..., float]) -> Callable[..., Any]:
    """A function of floats, on arrays; for those that NumPy lacks, or computes less exactly.

    For the error function it is no slower than polynomials would be.
    """

    def on_arrays(*operands: Any) -> Any:
        columns = np.broadcast_arrays(*operands)
        numbers = map(function, *(column.ravel().tolist() for column in columns))
        return np.fromiter(numbers, float, columns[0].size).reshape(columns[0].shape)

    return on_arrays


FUNCTIONS = {
    "abs": Function(builtins.abs, np.absolute, "Math.abs"),
    "acos": Function(math.acos, np.arccos, "Math.acos"),
    "acosh": Function(math.acosh, np.arccosh, "Math.acosh"),
    "asin": Function(math.asin, np.arcsin, "Math.asin"),
    "asinh": Function(math.asinh, np.arcsinh, "Math.asinh"),
    "atan": Function(math.atan, np.arctan, "Math.atan"),
    "atan2": Function(math.atan2, np.arctan2, "Math.atan2"),
    "atanh": Function(math.atanh, np.arctanh, "Math.atanh"),
    "cbrt": Function(math.cbrt, np.cbrt, "Math.cbrt", np.cbrt),
    "ceil": Function(math.ceil, np.ceil, "Math.ceil", np.ceil),
    "copysign": Function(math.copysign, np.copysign, "copysign"),
    "cos": Function(math.cos, np.cos, "Math.cos"),
    "cosh": Function(math.cosh, np.cosh, "Math.cosh"),
    "degrees": Function(math.degrees, np.degrees, "degrees"),
    "erf": Function(math.erf, one_by_one(math.erf), "erf"),
    "erfc": Function(math.erfc, one_by_one(math.erfc), "erfc"),
    "exp": Function(math.exp, np.exp, "Math.exp"),
    "exp2": Function(math.exp2, np.exp2, "exp2", np.exp2),
    "expm1": Function(math.expm1, np.expm1, "Math.expm1"),
    "float": Function(float, np.positive, ""),
    "floor": Function(math.floor, np.floor, "Math.floor", np.floor),
    "fmod": Function(math.fmod, np.fmod, "fmod", np.fmod),
    "hypot": Function(math.hypot, np.hypot, "Math.hypot"),
    "isinf": Function(math.isinf, np.isinf, "isinf"),
    "log": Function(math.log, np.log, "Math.log"),
    "log10": Function(math.log10, np.log10, "Math.log10"),
    "log1p": Function(math.log1p, np.log1p, "Math.log1p"),
    "log2": Function(math.log2, np.log2, "Math.log2"),
    "logaddexp": Function(logaddexp, np.logaddexp, "logaddexp"),
    "logaddexp2": Function(logaddexp2, one_by_one(logaddexp2), "logaddexp2"),
    "logistic": Function(logistic, stable.logistic, "logistic"),
    "pow": Function(math.pow, np.power, "pow"),
    "power_by_exponent": Function(
        power_by_exponent,
        lambda a, b, out: stable.power_by_exponent(out, a, b),
        "power_by_exponent",
    ),
    "radians": Function(math.radians, np.radians, "radians"),
    "round": Function(builtins.round, np.rint, "round", np.rint),
    "sign": Function(sign, np.sign, "Math.sign"),
    "sin": Function(math.sin, np.sin, "Math.sin"),
    "sinh": Function(math.sinh, np.sinh, "Math.sinh"),
    "sqrt": Function(math.sqrt, np.sqrt, "Math.sqrt"),
    "tan": Function(math.tan, np.tan, "Math.tan"),
    "tanh": Function(math.tanh, np.tanh, "Math.tanh"),
    "trunc": Function(math.trunc, np.trunc, "Math.trunc", np.trunc),
}
"""The functions that expressions may call."""

NAMESPACE: dict[str, Any] = {
    "FLOAT_ERRORS": FLOAT_ERRORS,
    **{name: function.floats for name, function in FUNCTIONS.items()},
}
"""What expressions may name, for Python floats."""

SPELLED: dict[Callable[..., Any], str] = {
    **{
        function.arrays: f"{name}({'a, b'[: 3 * function.arrays.nin - 2]})"
        for name, function in FUNCTIONS.items()
        if isinstance(function.arrays, np.ufunc) and name not in ("float", "round")
    },
    np.add: "a + b", np.subtract: "a - b", np.multiply: "a * b", np.divide: "a / b",
    np.remainder: "a % b", np.floor_divide: "a // b", np.negative: "-a", np.positive: "a",
    np.square: "a * a", np.reciprocal: "1.0 / a", np.fabs: "abs(a)",
    operator.pow: "pow(a, b)", np.float_power: "pow(a, b)", np.logaddexp2: "logaddexp2(a, b)",
    stable.logistic: "logistic(a)",
    np.rad2deg: "degrees(a)", np.deg2rad: "radians(a)",
    # Python rounds to integers, which know no −0; copysign brings it back.
    np.floor: "copysign(floor(a), a)", np.ceil: "copysign(ceil(a), a)",
    np.trunc: "copysign(trunc(a), a)", np.rint: "copysign(round(a), a)",
    np.maximum: "a if a >= b or a != a else b", np.minimum: "a if a <= b or a != a else b",
    np.fmax: "a if a >= b or b != b else b", np.fmin: "a if a <= b or b != b else b",
    np.clip: "b if a < b else c if a > c else a",
    np.heaviside: "b if a == 0.0 else 0.0 if a < 0.0 else 1.0 if a > 0.0 else a",
    np.greater: "a > b", np.greater_equal: "a >= b", np.less: "a < b", np.less_equal: "a <= b",
    np.equal: "a == b", np.not_equal: "a != b", np.isnan: "a != a",
    np.logical_and: "a and b", np.logical_or: "a or b", np.logical_not: "not a",
    np.where: "b if a else c", np.conjugate: "a", np.imag: "0.0",
}  # fmt: skip
"""NumPy's functions as expressions."""

# ---- reading and rewriting


@cache
def parse(expression: str) -> ast.expr:
    """The tree of an expression, which nobody changes."""
    return ast.parse(expression, mode="eval").body


def literal(expression: str) -> float | None:
    """The number that an expression is; None where it is none."""
    try:
        return float(expression)
    except ValueError:
        return None


def renamed(expression: str, names: dict[str, str]) -> str:
    """An expression with other names, or other expressions, in place of its own.

    >>> renamed("a * b + exp(a)", {"a": "x", "b": "a"})
    'x * a + exp(x)'
    """
    return re.sub(r"\b[A-Za-z_]\w*", lambda found: names.get(found[0], found[0]), expression)


# ---- on arrays

OF_ARRAYS: dict[type, np.ufunc] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Mod: np.remainder, ast.FloorDiv: np.floor_divide, ast.USub: np.negative,
}  # fmt: skip


def as_call(expression: str) -> tuple[np.ufunc | None, list[Any]]:
    """The ufunc that the whole expression is one call of, with names and numbers to call it on.

    >>> as_call("atan2(b, 1.0)")
    (<ufunc 'arctan2'>, ['b', 1.0])
    """
    match parse(expression):
        case ast.Name(id=name):
            return np.positive, [name]
        case ast.BinOp(left=left, op=op, right=right):
            function, arguments = OF_ARRAYS.get(type(op)), [left, right]
        case ast.UnaryOp(op=op, operand=operand):
            function, arguments = OF_ARRAYS.get(type(op)), [operand]
        case ast.Call(func=ast.Name(id=name), args=arguments):
            function = FUNCTIONS[name].arrays if name in FUNCTIONS else None
        case _:
            return None, []
    plain = [a.id if isinstance(a, ast.Name) else getattr(a, "value", None) for a in arguments]
    simple = all(isinstance(a, (ast.Name, ast.Constant)) for a in arguments)
    return (function, plain) if simple and isinstance(function, np.ufunc) else (None, [])


class _OnArrays(ast.NodeTransformer):
    """``x if c else y`` as ``where(c, x, y)``, which computes both; conditions as NumPy's."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        return _call("where", node.test, node.body, node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        name = "both" if isinstance(node.op, ast.And) else "either"
        return reduce(partial(_call, name), node.values)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """``a < b < c`` is ``a < b and b < c``."""
        self.generic_visit(node)
        operands = [node.left, *node.comparators]
        pairs = zip(operands, node.ops, operands[1:], strict=False)
        compared: list[ast.expr] = [ast.Compare(a, [op], [b]) for a, op, b in pairs]
        return reduce(partial(_call, "both"), compared)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        return _call("opposite", node.operand) if isinstance(node.op, ast.Not) else node


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


OF_NUMPY = {
    **{name: function.arrays for name, function in FUNCTIONS.items()},
    "where": np.where, "both": np.logical_and, "either": np.logical_or,
    "opposite": np.logical_not,
}  # fmt: skip
"""What expressions on arrays may name; another library of arrays has a table of its own."""


@cache
def on_arrays(expression: str) -> Callable[..., Any]:
    """The expression as a function of NumPy's arrays (a, b, out).

    >>> on_arrays("a if a > 0.0 else b")(np.array([-1.0, 2.0]), 5.0, None)
    array([5., 2.])
    """
    return on_arrays_of(expression, OF_NUMPY)


def on_arrays_of(expression: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The same of another library's arrays, by what the names of `OF_NUMPY` mean there."""
    tree = _OnArrays().visit(ast.parse(expression, mode="eval").body)
    source = f"def on_arrays(a, b, out):\n    return {ast.unparse(tree)}\n"
    return define("on_arrays", source, names)


# ---- in JavaScript

OPERATORS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
CALLED: dict[type, str] = {ast.Mod: "mod", ast.FloorDiv: "floordiv", ast.Pow: "pow"}
COMPARED: dict[type, str] = {
    ast.Eq: "===", ast.NotEq: "!==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip


def in_javascript(expression: str) -> tuple[str, set[str]]:
    """The expression in JavaScript, and the functions that it calls beside those of Math.

    >>> in_javascript("0.0 if a <= 0.0 else a")
    ('(a<=0)?0:a', set())
    >>> in_javascript("logistic(a - b)"), in_javascript("-out * out")
    (('logistic(a-b)', {'logistic'}), ('(-out)*out', set()))

    Raises
    ------
    UnwritableError : it is more than arithmetic, comparisons and functions of the table.
    """
    helpers: set[str] = set()
    return _bare(_javascript(parse(expression), helpers)), helpers


def _javascript(node: ast.expr, helpers: set[str]) -> str:
    """A node; all but names, numbers and calls in brackets."""

    def inner(child: ast.expr) -> str:
        return _javascript(child, helpers)

    match node:
        case ast.Constant(value=int() | float() as value):
            return f"{value!r}".removesuffix(".0")
        case ast.Name(id="a" | "b" | "out" as name):
            return name
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{inner(operand)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return f"({inner(left)}{OPERATORS[type(op)]}{inner(right)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in CALLED:
            return _called(CALLED[type(op)], [inner(left), inner(right)], helpers)
        case ast.IfExp(test=test, body=body, orelse=other):
            return f"({_condition(test, helpers)}?{inner(body)}:{inner(other)})"
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            given = [inner(argument) for argument in arguments]
            return _called(FUNCTIONS[name].javascript, given, helpers)
    raise UnwritableError(ast.unparse(node))


def _condition(node: ast.expr, helpers: set[str]) -> str:
    """A node that is asked whether it holds: a number does unless it is 0, a nan too."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARED:
            sides = _javascript(left, helpers), _javascript(right, helpers)
            return f"({COMPARED[type(op)].join(sides)})"
        case ast.BoolOp(op=op, values=values):
            sign = "&&" if isinstance(op, ast.And) else "||"
            return f"({sign.join(_condition(value, helpers) for value in values)})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"(!{_condition(operand, helpers)})"
        case ast.Call(func=ast.Name(id="isinf")):
            return _javascript(node, helpers)
    return f"({_javascript(node, helpers)}!==0)"


def _called(name: str, arguments: list[str], helpers: set[str]) -> str:
    if not name:
        return arguments[0]
    if not name.startswith("Math."):
        helpers.add(name)
    return f"{name}({','.join(map(_bare, arguments))})"


def _bare(text: str) -> str:
    """A text without brackets that hold all of it."""
    depth = 0
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return text[1:-1] if text[0] == "(" and place == len(text) - 1 else text
    return text
