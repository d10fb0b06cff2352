"""The expressions of a gate, by running its function and its rules once on symbols.

A rule is written in NumPy, for arrays. A `Term` stands in place of an array: NumPy hands it every
function that is called with it, and it answers with a longer term. What needs the numbers
themselves, or a function that is not in `autograd.expression.SPELLED`, has no expression.

>>> written(lambda out, a: 1.0 - out * out, Term("out"), Term("a"))
'1.0 - out * out'
>>> written(lambda a: np.where(a > 0.0, a, 0.1 * a), Term("a"))
'a if a > 0.0 else 0.1 * a'
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.expression import SPELLED, UnwritableError, parse
from autograd.gates.rules import aligned

if TYPE_CHECKING:
    from autograd.protocols import AppliedGate

__all__ = ["Term", "expressions", "written"]


class Term:
    """A number of which only the expression is known."""

    __slots__ = ("tree",)

    def __init__(self, expression: str | ast.expr) -> None:
        self.tree = parse(expression) if isinstance(expression, str) else expression

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            raise UnwritableError(ufunc.__name__)
        return spelled(ufunc, inputs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        if kwargs:
            raise UnwritableError(func.__name__)
        return spelled(func, args)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise UnwritableError("an array")

    def __bool__(self) -> bool:
        raise UnwritableError("a branch")

    def through(self, gate: AppliedGate) -> Term:
        """A gate inside a rule, on this."""
        if gate.floats is None:
            raise UnwritableError(gate.name)
        return substituted(gate.floats.value, [self])

    if TYPE_CHECKING:

        def __add__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...


def _operator(function: Any, reflected: bool = False) -> Callable[..., Any]:
    if reflected:
        return lambda self, other: spelled(function, (other, self))
    return lambda self, *other: spelled(function, (self, *other))


for _name, _function in {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
    "mod": np.remainder, "floordiv": np.floor_divide, "pow": operator.pow,
    "and": np.logical_and, "or": np.logical_or,
}.items():  # fmt: skip
    setattr(Term, f"__{_name}__", _operator(_function))
    setattr(Term, f"__r{_name}__", _operator(_function, reflected=True))
for _name, _function in {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater,
    "ge": np.greater_equal, "neg": np.negative, "pos": np.positive, "abs": np.absolute,
    "invert": np.logical_not,
}.items():  # fmt: skip
    setattr(Term, f"__{_name}__", _operator(_function))


# ---- building trees


def spelled(function: Callable[..., Any], operands: Sequence[Any]) -> Any:
    """The term of a function of NumPy on terms and numbers."""
    if function not in SPELLED:
        raise UnwritableError(getattr(function, "__name__", "a function"))
    one = next((o for o in operands if type(o) is not Term and o == 1.0), None)
    if function is np.multiply and one is not None:  # the same number
        return operands[0] if operands[1] is one else operands[1]
    text = SPELLED[function]
    if function in (np.maximum, np.minimum) and type(operands[1]) is not Term:
        text = "b if a <= b else a" if function is np.maximum else "b if a >= b else a"
    return substituted(text, operands)


def substituted(expression: str, operands: Sequence[Any]) -> Term:
    """An expression in a, b, c with these in their places."""
    names = dict(zip("abc", operands, strict=False))
    return Term(_fill(parse(expression), names))


def _fill(node: ast.expr, names: dict[str, Any]) -> ast.expr:
    """A tree with operands in place of names, which are conditions where one is asked for."""

    def number(child: ast.expr) -> ast.expr:
        return as_number(_fill(child, names))

    match node:
        case ast.Name(id=name):
            return tree_of(names[name])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ast.UnaryOp(ast.Not(), as_condition(_fill(operand, names)))
        case ast.UnaryOp(op=op, operand=operand):
            return ast.UnaryOp(op, number(operand))
        case ast.BinOp(left=left, op=op, right=right):
            return ast.BinOp(number(left), op, number(right))
        case ast.Compare(left=left, ops=ops, comparators=others):
            return ast.Compare(number(left), ops, [number(other) for other in others])
        case ast.BoolOp(op=op, values=values):
            return ast.BoolOp(op, [as_condition(_fill(value, names)) for value in values])
        case ast.Call(func=function, args=arguments):
            return ast.Call(function, [number(argument) for argument in arguments], [])
        case ast.IfExp(test=test, body=body, orelse=other):
            asked = as_condition(_fill(test, names))
            text = ast.unparse(asked)
            return ast.IfExp(
                asked, settled(number(body), text, True), settled(number(other), text, False)
            )
    return node


def tree_of(operand: Any) -> ast.expr:
    if type(operand) is Term:
        return operand.tree
    if isinstance(operand, (bool, int, float, np.number, np.bool)) and math.isfinite(operand):
        return ast.Constant(float(operand))
    raise UnwritableError(repr(operand))


def is_condition(node: ast.expr) -> bool:
    match node:
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Call(func=ast.Name(id="isinf")):
            return True
    return False


def as_number(node: ast.expr) -> ast.expr:
    """A condition as the number that NumPy computes with: 1 where it holds."""
    if is_condition(node):
        return ast.IfExp(node, ast.Constant(1.0), ast.Constant(0.0))
    return node


def as_condition(node: ast.expr) -> ast.expr:
    """A number as what NumPy asks of it: whether it is not 0."""
    if is_condition(node):
        return node
    return ast.Compare(node, [ast.NotEq()], [ast.Constant(0.0)])


def settled(node: Any, asked: str, holds: bool) -> Any:
    """A tree where it is known whether a condition holds: nobody asks a second time."""
    match node:
        case ast.IfExp(test=test, body=body, orelse=other):
            if ast.unparse(test) == asked:
                return settled(body if holds else other, asked, holds)
            return ast.IfExp(
                settled(test, asked, holds),
                settled(body, asked, holds),
                settled(other, asked, holds),
            )
        case ast.BinOp(left=left, op=op, right=right):
            return ast.BinOp(settled(left, asked, holds), op, settled(right, asked, holds))
        case ast.UnaryOp(op=op, operand=operand):
            return ast.UnaryOp(op, settled(operand, asked, holds))
        case ast.Call(func=function, args=arguments):
            return ast.Call(function, [settled(a, asked, holds) for a in arguments], [])
    return node


# ---- gates


def written(rule: Callable[..., Any], *operands: Term) -> str:
    """The expression that a function of NumPy is."""
    return ast.unparse(as_number(tree_of(rule(*operands))))


def expressions(
    gate: AppliedGate, numbers: bool = False, forward: Callable[..., Any] | None = None
) -> tuple[str, ...] | None:
    """The value of an elementwise gate of one or two operands, and then its local gradients.

    None where the function, or a rule, is no expression. Where operands are `numbers`, any gate is
    elementwise, and its vjp tells. `forward` is another way to write its function.
    """
    told = gate.texts if isinstance(gate.texts, (tuple, list)) else ()
    if told and None not in told:
        return tuple(text or "" for text in told)
    count, forward = _count(gate), forward or gate.forward
    if (gate.local is None and not (numbers and gate.vjp)) or count not in (1, 2):
        return None
    operands = [Term(name) for name in "ab"[:count]]
    texts = [*(told or [None] * (1 + count))]
    texts[0] = texts[0] or SPELLED.get(forward)
    try:
        return tuple(
            text or written(function, *operands)
            for text, function in zip(texts, [forward, *_rules(gate, operands)], strict=True)
        )
    except Exception:  # a function may do anything with what is no array
        return None


def _count(gate: AppliedGate) -> int | None:
    """How many operands a gate has; None where that is not known."""
    code = getattr(gate.forward, "__code__", None)
    return gate.arity or (code and code.co_argcount)


def _rules(gate: AppliedGate, operands: list[Term]) -> list[Callable[..., Any]]:
    """The local gradient by each operand, a function of the operands."""
    rules, given = gate.local, [Term("out")]
    if rules is None:
        rules, given = gate.vjp, [1.0, Term("out")]
    if not callable(rules):
        return [partial(rule, *given) for rule in rules]
    answers = aligned(gate.name, rules(*given, *operands), [True] * len(operands))
    return [lambda *_, answer=answer: answer for answer in answers]
