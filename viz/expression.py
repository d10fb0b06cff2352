"""Expressions for the command line: ``1/(1+exp(-(w*x+b)))`` with ``w=2 x=-1 b=0.5``.

The text is read by Python's parser and never run: each piece of the tree is looked up in a short
list of what an expression may hold, and built into a graph. There are no attributes, subscripts,
keywords, strings or comparisons. The tree is walked without recursion.
"""

from __future__ import annotations

import ast
import keyword
import math
import operator
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

import autograd as ag
from autograd import Tensor

from .errors import VizError
from .functions import FUNCTIONS

__all__ = ["FUNCTIONS", "Expression", "ExpressionError", "assignment", "parse"]

LONGEST = 10_000  # Characters.
DEEPEST = 400  # Operations inside one another; a sum of n terms is n deep.
MOST_NUMBERS = 10_000  # In one assignment.
_TYPESET = str.maketrans({"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/"})
CONSTANTS = {"pi": math.pi, "e": math.e}
_NOT_FINITE = {"inf": math.inf, "nan": math.nan}


class ExpressionError(VizError):
    """An expression or an assignment that cannot be read; the message says what to write."""


_BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow, ast.MatMult: operator.matmul,
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], Callable[..., Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_INSTEAD: dict[type, str] = {
    ast.Attribute: "there are no attributes; write functions as in exp(x)",
    ast.Subscript: "there are no subscripts; give each number a name of its own",
    ast.Compare: "there are no comparisons; max(a, b), min(a, b) and relu(x) choose",
    ast.BitXor: "^ is not a power here; write x**2",
    ast.FloorDiv: "// has no useful derivative; write /",
    ast.Mod: "% is not among the operators + - * / ** @",
    ast.List: "numbers in brackets belong into an assignment; write W@x and W=[[1, 2], [3, 4]]",
    ast.Tuple: "a comma stands between a function's operands only; decimals have a point",
}


class Expression:
    """A checked expression: its `text`, the `names` it needs in order, and `build`.

    >>> parse("w*x + b").names
    ('w', 'x', 'b')
    >>> parse("(x + y)*z").build({"x": 1.0, "y": -2.0, "z": 1.0})
    Tensor(-1.0, gate=multiply)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        source = _normal(text)
        self._tree = _tree(source)
        self._order = _checked(self._tree, source)
        used = (node.id for node in self._order if isinstance(node, ast.Name))
        self.names = tuple(dict.fromkeys(used))

    def build(self, values: Mapping[str, Any]) -> Tensor:
        """The graph of the expression, with a leaf for each of `values`, in their order.

        Raises
        ------
        ExpressionError : a name has no value, a value has no use, or the shapes do not fit.
        """
        values = {unicodedata.normalize("NFKC", name): value for name, value in values.items()}
        missing = [n for n in self.names if n not in values and n not in CONSTANTS]
        if missing:
            raise ExpressionError(_without_value(missing, list(values)))
        unused = [name for name in values if name not in self.names]
        if unused:
            raise ExpressionError(
                f"{unused[0]} has a value and does not occur in the expression; its names are "
                f"{', '.join(self.names) or 'none at all'}"
            )
        leaves = {name: _leaf(name, value) for name, value in values.items()}
        built: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            for node in self._order:
                built[id(node)] = _value_of(node, built, leaves)
        result = built[id(self._tree)]
        if not isinstance(result, Tensor):
            raise ExpressionError(
                f"{self.text!r} is the number {result!r} whatever happens; write a name for what "
                "is to be differentiated, such as x*2 with x=3"
            )
        return result

    def __repr__(self) -> str:
        return f"<Expression {self.text!r}>"


def parse(text: str) -> Expression:
    """Read and check an expression; nothing in it is run.

    Raises
    ------
    ExpressionError (a VizError and a ValueError) : it is empty, too long, too deep, not
        well-formed, or holds anything but names, numbers, + - * / ** @ and known functions.

    >>> parse("1/x").build({"x": 4.0}).data
    0.25
    >>> parse("__import__('os').getcwd()")
    Traceback (most recent call last):
    viz.expression.ExpressionError: '__import__('os').getcwd': there are no attributes; write ...
    """
    return Expression(text)


def assignment(text: str) -> tuple[str, Any]:
    """A name and its value: a float, or an array of floats.

    >>> assignment("w0=-2"), assignment("x = [1, .5]")
    (('w0', -2.0), ('x', array([1. , 0.5])))
    """
    name, sign, written = (part.strip() for part in text.partition("="))
    name = unicodedata.normalize("NFKC", name)
    if not sign or not name.isidentifier():
        raise ExpressionError(f"{_short(text)}: an assignment reads name=value, such as w0=2")
    if keyword.iskeyword(name):
        raise ExpressionError(f"{name} is a word of Python's grammar; choose another name")
    tree = _tree(_normal(written), f"{name}=")
    try:
        value = np.asarray(_literal(tree), dtype=float)
    except (ValueError, RecursionError):
        raise ExpressionError(
            f"{_short(text)}: the value is a number or a list of them, such as {name}=2, "
            f"{name}=[1, 2] or {name}=[[.1, .5], [-.3, .8]] with rows of equal length"
        ) from None
    if not 0 < value.size <= MOST_NUMBERS:
        raise ExpressionError(f"{name} has {value.size:,} numbers; 1 to {MOST_NUMBERS:,} are fine")
    return name, (float(value) if value.ndim == 0 else value)


def _normal(text: str) -> str:
    if len(text) > LONGEST:
        raise ExpressionError(
            f"the expression has {len(text):,} characters, and {LONGEST:,} are the most; "
            "write it in Python instead"
        )
    return " ".join(text.translate(_TYPESET).split())


def _tree(source: str, before: str = "") -> ast.expr:
    if not source:
        raise ExpressionError(f"{before or 'the expression'} is empty; write it, as in (x+y)*z")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source, mode="eval").body
    except (RecursionError, MemoryError):
        raise ExpressionError(_TOO_DEEP) from None
    except (SyntaxError, ValueError) as error:
        raise ExpressionError(_misspelt(source, before, error)) from None


_TOO_DEEP = (
    f"the expression is more than {DEEPEST} operations deep; write it in Python instead, "
    "and print(viz.table(f))"
)


def _misspelt(source: str, before: str, error: Exception) -> str:
    reason = getattr(error, "msg", None) or str(error)
    place = getattr(error, "offset", None)
    where = f", at or before {source[place - 1 : place + 9]!r}" if place else ""
    return f"{_short(before + source)} is not well-formed: {reason.split(' (<')[0]}{where}"


def _checked(tree: ast.expr, source: str) -> list[ast.expr]:
    """The tree's nodes, operands before what uses them, left to right; all of known kinds."""
    order: list[ast.expr] = []
    waiting: list[tuple[ast.expr, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise ExpressionError(_TOO_DEEP)
        order.append(node)
        waiting += ((operand, depth + 1) for operand in _operands(node, source))
    return order[::-1]


def _operands(node: ast.expr, source: str) -> Iterable[ast.expr]:
    match node:
        case ast.Name():
            return ()
        case ast.Constant(value=value) if type(value) in (int, float):
            return ()
        case ast.BinOp(op=op) if type(op) in _BINARY:
            return node.left, node.right
        case ast.UnaryOp(op=op) if type(op) in _UNARY:
            return (node.operand,)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            _check_call(name, args)
            return args
        case ast.BinOp(op=op):
            reason = _INSTEAD.get(type(op), "the operators are + - * / ** @")
        case ast.Call(func=ast.Attribute() as inner):
            node, reason = inner, _INSTEAD[ast.Attribute]
        case ast.Call():
            reason = "a call reads name(operand, ...), with nothing else in the brackets"
        case _:
            kinds = "names, numbers, + - * / ** @, brackets and functions"
            reason = _INSTEAD.get(type(node), f"an expression is made of {kinds}")
    raise ExpressionError(f"{_segment(source, node)}: {reason}")


def _check_call(name: str, operands: list[ast.expr]) -> None:
    function = FUNCTIONS.get(name)
    if function is None:
        near = get_close_matches(name.lower(), FUNCTIONS, n=3, cutoff=0.5)
        hint = f"perhaps {' or '.join(near)}" if near else f"known are {', '.join(FUNCTIONS)}"
        raise ExpressionError(f"no function is called {_short(name)}; {hint}")
    least, most = function.least, function.most
    if len(operands) < least or (most is not None and len(operands) > most):
        takes = f"{least} operand{'s' if least > 1 else ''}"
        more = " or more" if most is None else ""
        raise ExpressionError(f"{name} takes {takes}{more} and received {len(operands)}")


def _value_of(node: ast.expr, built: dict[int, Any], leaves: dict[str, Tensor]) -> Any:
    """One operation on operands that are built; numbers among themselves stay numbers."""
    function: Callable[..., Any]
    match node:
        case ast.Constant(value=value):
            return Tensor(value, requires_grad=False).data  # type: ignore[arg-type]
        case ast.Name(id=name):
            return leaves.get(name, CONSTANTS.get(name))
        case ast.BinOp(left=left, op=op, right=right):
            name, function, operands = _SIGNS[type(op)], _BINARY[type(op)], [left, right]
        case ast.UnaryOp(op=op, operand=operand):
            name, function, operands = _SIGNS[type(op)], _UNARY[type(op)], [operand]
        case ast.Call(func=ast.Name(id=name), args=operands):
            function = FUNCTIONS[name].build
    values = [built[id(operand)] for operand in operands]
    fixed = not any(isinstance(value, Tensor) for value in values)
    if fixed:
        values = [Tensor(value, requires_grad=False) for value in values]
    try:
        result = function(*values)
    except (ag.AutogradError, ValueError, TypeError) as error:
        raise ExpressionError(f"{name}: {error}") from error
    return result.item() if fixed else result


_SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
    ast.USub: "-", ast.UAdd: "+",
}  # fmt: skip


def _leaf(name: str, value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value
    return Tensor(float(value) if np.ndim(value) == 0 else np.asarray(value, float), name=name)


def _literal(node: ast.expr) -> Any:
    """The number or the nested list that a value's tree stands for."""
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            return Tensor(value, requires_grad=False).data  # type: ignore[arg-type]
        case ast.Name(id=name) if name in _NOT_FINITE:
            return _NOT_FINITE[name]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() | ast.Name() as operand):
            return -_literal(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=ast.Constant() | ast.Name() as operand):
            return _literal(operand)
        case ast.List(elts=entries):
            return [_literal(entry) for entry in entries]
    raise ValueError("not a number")


def _without_value(missing: list[str], given: list[str]) -> str:
    write = " ".join(f"{name}=..." for name in missing)
    near = get_close_matches(missing[0], given, n=1, cutoff=0.6)
    hint = f" (or did you mean {near[0]}?)" if near and len(missing) == 1 else ""
    verb = "has" if len(missing) == 1 else "have"
    return f"{', '.join(missing)} {verb} no value; write {write} after the expression{hint}"


def _segment(source: str, node: ast.expr) -> str:
    return _short(ast.get_source_segment(source, node) or source)


def _short(text: str, longest: int = 60) -> str:
    return f"'{text if len(text) <= longest else text[: longest - 1] + '…'}'"
