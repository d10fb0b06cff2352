"""Expressions for the command line: ``1/(1+exp(-(w*x+b)))`` with ``w=2 x=-1 b=0.5``.

The text is read by Python's parser and never run: each piece of the tree is looked up in a short
list of what an expression may hold, and built into a graph. There are no attributes, subscripts,
keywords, strings or comparisons. The tree is walked without recursion. An
error shows the text, and carets under the place.
"""

from __future__ import annotations

import ast
import keyword
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd import Tensor

from .expression_text import DEEPEST, TOO_DEEP, ExpressionError, ExpressionText
from .juxtaposition import AmbiguousError, products

__all__ = ["FUNCTIONS", "Expression", "ExpressionError", "assignment", "parse"]


MOST_NUMBERS = 10_000  # In one assignment.
CONSTANTS = {"pi": math.pi, "e": math.e}
_NOT_FINITE = {"inf": math.inf, "nan": math.nan}


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
    ast.FloorDiv: "// has no useful derivative; write /",
    ast.Mod: "% is not among the operators + - * / ** @",
    ast.List: "numbers in brackets belong into an assignment; write W@x and W=[[1, 2], [3, 4]]",
    ast.Tuple: "a comma stands between a function's operands only; decimals have a point",
}


class Expression:
    """A checked expression: its `text`, the `names` it needs in order, and `build`.

    Products may have no sign: `reading` is the text with them, or "" if nothing was left out. Names
    that have values are `given`, so that ``xy`` is the product of two of them.

    >>> parse("w*x + b").names
    ('w', 'x', 'b')
    >>> parse("(x + y)z").build({"x": 1.0, "y": -2.0, "z": 1.0})
    Tensor(-1.0, gate=multiply)
    >>> parse("2xy", ["x", "y"]).reading, parse("2xy", ["xy"]).reading
    ('2*x*y', '2*xy')
    """

    def __init__(self, text: str, given: Iterable[str] = ()) -> None:
        self.text = text
        self._source = ExpressionText(text)
        self._source.check_signs(FUNCTIONS)
        self._given = {*map(_normal, given)}
        self.reading = self._multiplied({*self._given, "pi"} if given else set())
        self._tree = self._source.tree(FUNCTIONS)
        self._order = _checked(self._tree, self._source)
        used = (node.id for node in self._order if isinstance(node, ast.Name))
        self.names = tuple(dict.fromkeys(used))

    def build(self, values: Mapping[str, Any]) -> Tensor:
        """The graph of the expression, with a leaf for each of `values`, in their order.

        Raises
        ------
        ExpressionError : a name has no value, a value has no use, or the shapes do not fit.
        """
        values = {_normal(name): value for name, value in values.items()}
        missing = [n for n in self.names if n not in values and n not in CONSTANTS]
        if missing and values and not self._given:
            return Expression(self.text, values).build(values)
        if missing:
            unused = [name for name in values if name not in self.names]
            places = [node for node in self._order if isinstance(node, ast.Name)]
            place = next(node for node in places if node.id == missing[0])
            message = _without_value(missing, unused, list(values))
            raise self._source.error_at(message, place)
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
                try:
                    built[id(node)] = _value_of(node, built, leaves)
                except (ag.AutogradError, ValueError, TypeError) as error:
                    raise self._source.error_at(str(error), node) from error
        result = built[id(self._tree)]
        if not isinstance(result, Tensor):
            raise ExpressionError(
                f"{self.text!r} is the number {result!r} whatever happens; write a name for what "
                "is to be differentiated, such as x*2 with x=3"
            )
        return result

    def _multiplied(self, given: Collection[str]) -> str:
        """The text with the signs of its products; they go into the source, too."""
        try:
            places = products(self._source.code, given, FUNCTIONS)
        except AmbiguousError as error:
            start, end = (self._source.start + place for place in error.place)
            raise self._source.error(str(error), start, end) from None
        return self._source.multiply(places) if places else ""

    def __repr__(self) -> str:
        return f"<Expression {self.text!r}>"


def _normal(name: str) -> str:
    """A name as Python's parser has it."""
    return unicodedata.normalize("NFKC", name)


def parse(text: str, given: Iterable[str] = ()) -> Expression:
    """Read and check an expression; nothing in it is run. The names that have values are `given`.

    Raises
    ------
    ExpressionError (a VizError and a ValueError) : it is empty, too long, too deep, not
        well-formed, or holds anything but names, numbers, + - * / ** @ and known functions; or a
        product without a sign can be read in two ways.

    >>> parse("1/x").build({"x": 4.0}).data
    0.25
    >>> parse("__import__('os').getcwd()")
    Traceback (most recent call last):
    viz.expression_text.ExpressionError: there are no attributes; write functions as in exp(x)
        __import__('os').getcwd()
                        ^^^^^^^
    """
    return Expression(text, given)


def assignment(text: str) -> tuple[str, Any]:
    """A name and its value: a float, or an array of floats.

    >>> assignment("w0=-2"), assignment("x = [1, .5]")
    (('w0', -2.0), ('x', array([1. , 0.5])))
    """
    name, sign, _ = text.partition("=")
    name = _normal(name.strip())
    if not sign or not name.isidentifier():
        raise ExpressionError(f"{_short(text)}: an assignment reads name=value, such as w0=2")
    if keyword.iskeyword(name):
        raise ExpressionError(f"{name} is a word of Python's grammar; choose another name")
    source = ExpressionText(text, text.index("=") + 1)
    takes = (
        f"the value is a number or a list of them, such as {name}=2, {name}=[1, 2] or "
        f"{name}=[[.1, .5], [-.3, .8]]"
    )
    try:
        entries = _literal(source.tree())
        value = np.asarray(entries, dtype=float)
    except _NotANumberError as error:
        raise source.error_at(takes, error.node) from None
    except ValueError as error:
        if isinstance(error, ExpressionError):
            raise
        message = f"{takes} with rows of equal length"
        raise source.error(message, source.start, len(text.rstrip())) from None
    except RecursionError:
        raise ExpressionError(f"{name} is nested too deep: {takes}") from None
    if not 0 < value.size <= MOST_NUMBERS:
        raise ExpressionError(f"{name} has {value.size:,} numbers; 1 to {MOST_NUMBERS:,} are fine")
    return name, (float(value) if value.ndim == 0 else value)


class _NotANumberError(Exception):
    """A part of a value is something else."""

    def __init__(self, node: ast.expr):
        super().__init__()
        self.node = node


def _checked(tree: ast.expr, source: ExpressionText) -> list[ast.expr]:
    """The tree's nodes, operands before what uses them, left to right; all of known kinds."""
    order: list[ast.expr] = []
    waiting: list[tuple[ast.expr, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise ExpressionError(TOO_DEEP)
        order.append(node)
        waiting += ((operand, depth + 1) for operand in _operands(node, source))
    return order[::-1]


def _operands(node: ast.expr, source: ExpressionText) -> Iterable[ast.expr]:
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
            fault = _fault_of_call(name, args)
            if fault:
                raise source.error_at(fault, node)
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
    raise source.error_at(reason, node)


def _fault_of_call(name: str, operands: list[ast.expr]) -> str:
    """What is wrong with a call; nothing, as a rule."""
    function = FUNCTIONS.get(name)
    if function is None:
        near = get_close_matches(name.lower(), FUNCTIONS, n=3, cutoff=0.5)
        hint = f"perhaps {' or '.join(near)}" if near else f"known are {', '.join(FUNCTIONS)}"
        return f"no function is called {_short(name)}; {hint}"
    least, most = function.least, function.most
    if len(operands) < least or (most is not None and len(operands) > most):
        takes = f"{least} operand{'s' if least > 1 else ''}"
        more = " or more" if most is None else ""
        return f"{name} takes {takes}{more} and received {len(operands)}"
    return ""


def _value_of(node: ast.expr, built: dict[int, Any], leaves: dict[str, Tensor]) -> Any:
    """One operation on operands that are built; numbers among themselves stay numbers."""
    function: Callable[..., Any]
    match node:
        case ast.Constant(value=value):
            return _number(value)
        case ast.Name(id=name):
            return leaves.get(name, CONSTANTS.get(name))
        case ast.BinOp(left=left, op=op, right=right):
            function, operands = _BINARY[type(op)], [left, right]
        case ast.UnaryOp(op=op, operand=operand):
            function, operands = _UNARY[type(op)], [operand]
        case ast.Call(func=ast.Name(id=name), args=operands):
            function = FUNCTIONS[name].build
    values = [built[id(operand)] for operand in operands]
    fixed = not any(isinstance(value, Tensor) for value in values)
    if fixed:
        values = [Tensor(value, requires_grad=False) for value in values]
    result = function(*values)
    return result.item() if fixed else result


def _number(literal: Any) -> Any:
    """A literal as a graph has it: a whole number is a float, an infinite one past the largest."""
    return Tensor(literal, requires_grad=False).data


def _leaf(name: str, value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value
    return Tensor(float(value) if np.ndim(value) == 0 else np.asarray(value, float), name=name)


def _literal(node: ast.expr) -> Any:
    """The number or the nested list that a value's tree stands for."""
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            return _number(value)
        case ast.Name(id=name) if name in _NOT_FINITE:
            return _NOT_FINITE[name]
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() | ast.Name() as operand):
            return -_literal(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=ast.Constant() | ast.Name() as operand):
            return _literal(operand)
        case ast.List(elts=entries):
            return [_literal(entry) for entry in entries]
    raise _NotANumberError(node)


def _without_value(missing: list[str], unused: list[str], given: list[str]) -> str:
    write = " ".join(f"{name}=..." for name in missing)
    verb = "has" if len(missing) == 1 else "have"
    hints = []
    for name in missing:
        near = nearest(name, unused, 0.5) or nearest(name, given)
        if name in FUNCTIONS:
            hints.append(f"{name} is a function: {name}(...)")
        elif called := _called(name, given):
            hints.append(f"did you mean {called}?")
        elif near:
            hints.append(f"did you mean {near}{f' for {name}' if len(missing) > 1 else ''}?")
    hint = f" ({' '.join(hints)})" if hints else ""
    return f"{', '.join(missing)} {verb} no value; write {write} after the expression{hint}"


def _called(name: str, given: list[str]) -> str:
    """A function with its operand, of which a name is made; "" where it is not.

    >>> _called("sinx", []), _called("cost", ["rate"]), _called("explained", [])
    ('sin(x)', 'cos(t)', '')
    """
    for known in FUNCTIONS:
        rest = name.removeprefix(known)
        if len(known) > 1 and rest != name and (rest in given or re.fullmatch(r"[^\W\d]\d*", rest)):
            return f"{known}({rest})"
    return ""


def nearest(name: str, known: list[str], cutoff: float = 0.6) -> str:
    """The one of `known` that `name` may have been meant for, or "".

    >>> nearest("xO", ["w0", "x0"], 0.5), nearest("W", ["w"]), nearest("a", ["b"])
    ('x0', 'w', '')
    """
    same = [found for found in known if found.lower() == name.lower()]
    return (same or get_close_matches(name, known, n=1, cutoff=cutoff) or [""])[0]


def _short(text: str, longest: int = 60) -> str:
    return f"'{text if len(text) <= longest else text[: longest - 1] + '…'}'"


# ---- what may be called


class Function(NamedTuple):
    """What a call stands for, and how many operands it takes; `most` None for any number."""

    build: Callable[..., Tensor]
    least: int = 1
    most: int | None = 1


def _extremum(pair: Callable[..., Tensor], reduction: str) -> Function:
    """max(x) of an array's entries, max(a, b) of two operands, max(a, b, c, ...) of more."""

    def build(*operands: Any) -> Tensor:
        if len(operands) == 1:
            return getattr(operands[0], reduction)()
        if len(operands) == 2:
            return pair(*operands)
        return getattr(np.stack(operands), reduction)(axis=0)

    return Function(build, 1, None)


def _functions() -> dict[str, Function]:
    found = {
        name: Function(getattr(ag, name))
        for name in ("exp", "log", "sqrt", "tanh", "sigmoid", "relu", "square", "reciprocal",
                     "sum", "mean", "transpose", "sin", "cos", "tan", "softplus", "prod")
        if hasattr(ag, name)
    }  # fmt: skip
    found["abs"] = Function(ag.absolute)
    found["norm"] = Function(lambda a: ag.sqrt(ag.sum(ag.square(a))))
    found["dot"] = Function(ag.dot, 2, 2)
    found["maximum"] = Function(ag.maximum, 2, 2)
    found["minimum"] = Function(ag.minimum, 2, 2)
    found["max"] = _extremum(ag.maximum, "max")
    found["min"] = _extremum(ag.minimum, "min")
    aliases = {"ln": "log", "σ": "sigmoid", "logistic": "sigmoid", "absolute": "abs"}
    return found | {alias: found[name] for alias, name in aliases.items()}


FUNCTIONS = _functions()
