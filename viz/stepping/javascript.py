"""A gate's expressions for Python floats, rewritten for the page.

A gate that computes with floats (`Gate.floats`) is thereby known to the page as well: nothing is
told twice. What the expressions call is in gates.js, of which a page holds what it needs.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path

_HELPERS = Path(__file__).with_name("gates.js")
_OPERATORS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_CALLED: dict[type, str] = {ast.Mod: "mod", ast.FloorDiv: "floordiv"}
_COMPARED: dict[type, str] = {
    ast.Eq: "===", ast.NotEq: "!==", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
# What JavaScript's Math has under the same name, and means the same by.
_OF_MATH = {
    "abs", "exp", "expm1", "log", "log10", "log1p", "log2", "sqrt", "cbrt", "hypot", "sin", "cos",
    "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh",
    "floor", "ceil", "trunc", "sign",
}  # fmt: skip


class UntranslatableError(Exception):
    """An expression uses what the page does not know; the graph is then shown as it was stored."""


def translated(expression: str) -> tuple[str, set[str]]:
    """The expression in JavaScript, and the helpers of gates.js that it calls.

    >>> translated("0.0 if a <= 0.0 else a")
    ('(a<=0)?0:a', set())
    >>> translated("logistic(a - b)"), translated("-out * out")
    (('logistic(a-b)', {'logistic'}), ('(-out)*out', set()))

    Raises
    ------
    UntranslatableError : it is more than arithmetic, comparisons and known functions.
    """
    helpers: set[str] = set()
    return _bare(_written(ast.parse(expression, mode="eval").body, helpers)), helpers


def _written(node: ast.expr, helpers: set[str]) -> str:
    """A node; all but names, numbers and calls in brackets."""

    def inner(child: ast.expr) -> str:
        return _written(child, helpers)

    match node:
        case ast.Constant(value=int() | float() as value):
            return f"{value!r}".removesuffix(".0")
        case ast.Name(id="a" | "b" | "out" as name):
            return name
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{inner(operand)})"
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _call("pow", [inner(left), inner(right)], helpers)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return f"({inner(left)}{_OPERATORS[type(op)]}{inner(right)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _CALLED:
            return _call(_CALLED[type(op)], [inner(left), inner(right)], helpers)
        case ast.IfExp(test=test, body=body, orelse=other):
            return f"({_condition(test, helpers)}?{inner(body)}:{inner(other)})"
        case ast.Call(func=ast.Name(id="float"), args=[only], keywords=[]):
            return inner(only)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, [inner(argument) for argument in arguments], helpers)
    raise UntranslatableError(ast.unparse(node))


def _condition(node: ast.expr, helpers: set[str]) -> str:
    """A node that is asked whether it holds: a number does unless it is 0, a nan too."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARED:
            sides = _written(left, helpers), _written(right, helpers)
            return f"({_COMPARED[type(op)].join(sides)})"
        case ast.BoolOp(op=op, values=values):
            sign = "&&" if isinstance(op, ast.And) else "||"
            return f"({sign.join(_condition(value, helpers) for value in values)})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"(!{_condition(operand, helpers)})"
    return f"({_written(node, helpers)}!==0)"


def _call(name: str, arguments: list[str], helpers: set[str]) -> str:
    given = ",".join(map(_bare, arguments))
    if name in _OF_MATH:
        return f"Math.{name}({given})"
    if name not in helper_sources():
        raise UntranslatableError(f"{name}()")
    helpers.add(name)
    return f"{name}({given})"


def _bare(text: str) -> str:
    """A text without brackets that hold all of it."""
    depth = 0
    for place, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return text[1:-1] if text[0] == "(" and place == len(text) - 1 else text
    return text


@lru_cache(maxsize=1)
def helper_sources() -> dict[str, str]:
    """The functions of gates.js, by name."""
    source = _HELPERS.read_text("utf-8")
    found = re.split(r"^(?=function )", source, flags=re.MULTILINE)[1:]
    return {re.match(r"function (\w+)", text)[1]: text.strip() for text in found}  # type: ignore[index]


def with_their_own(helpers: set[str]) -> list[str]:
    """The sources of these helpers and of those that they call, in the order of the file."""
    sources, needed, waiting = helper_sources(), set[str](), list(helpers)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [other for other in sources if re.search(rf"\b{other}\(", sources[name])]
    return [text for name, text in sources.items() if name in needed]
