"""A gate's expressions on whole arrays: the same text, with NumPy's functions for Python's.

``x if c else y`` becomes ``where(c, x, y)``, which computes both, and `and` and `or` become
NumPy's. An expression that is a single call of a ufunc writes its result where it belongs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cache, partial, reduce
from typing import Any

import numpy as np

from autograd import floats
from autograd.gates import arithmetic, exponential
from autograd.program.scalars.views import Step

__all__ = ["NAMESPACE", "compute", "literal"]


def one_by_one(function: Callable[..., float]) -> Callable[..., Any]:
    """A function of floats, on arrays; for those that NumPy lacks, or computes less exactly.

    For the error function it is no slower than polynomials would be.
    """

    def on_arrays(*operands: Any) -> Any:
        columns = np.broadcast_arrays(*operands)
        numbers = map(function, *(column.ravel().tolist() for column in columns))
        return np.fromiter(numbers, float, columns[0].size).reshape(columns[0].shape)

    return on_arrays


NAMESPACE: dict[str, Any] = {
    **{
        name: getattr(np, name)
        for name in (
            "exp", "exp2", "expm1", "log", "log10", "log1p", "log2", "sqrt", "cbrt", "hypot",
            "fmod", "sin", "cos", "tan", "degrees", "radians", "sinh", "cosh", "tanh", "floor",
            "ceil", "trunc", "copysign", "sign", "logaddexp",
        )
    },
    "pow": np.power, "abs": np.absolute, "round": np.rint, "float": lambda a: a,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "logistic": exponential.logistic,
    **{name: one_by_one(floats.NAMESPACE[name]) for name in ("erf", "erfc", "logaddexp2")},
    "power_by_base": lambda a, b: arithmetic.power_by_base(None, a, b),
    "power_by_exponent": lambda a, b, out: arithmetic.power_by_exponent(out, a, b),
    "where": np.where, "both": np.logical_and, "either": np.logical_or, "opposite": np.logical_not,
}  # fmt: skip
"""What `autograd.floats.NAMESPACE` and the builtins mean on arrays, and what conditions become."""

OPERATORS: dict[type, np.ufunc] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Mod: np.remainder, ast.FloorDiv: np.floor_divide, ast.USub: np.negative,
}  # fmt: skip


def literal(expression: str) -> float | None:
    """The number that an expression is; None where it is none."""
    try:
        return float(expression)
    except ValueError:
        return None


def compute(expression: str, operands: Mapping[str, Any], target: np.ndarray) -> Step:
    """A step that puts an expression's values into `target`; `operands` are by their names."""
    tree = _parse(expression)
    function, arguments = _as_call(tree)
    if function is not None:
        given = [operands[a] if isinstance(a, str) else a for a in arguments]
        return partial(function, *given, target)
    return partial(_put, _function(expression), target, operands["a"], *_rest(operands))


def _put(function: Any, target: np.ndarray, *operands: Any) -> None:
    np.copyto(target, function(*operands))


def _rest(operands: Mapping[str, Any]) -> tuple[Any, Any]:
    return operands.get("b"), operands.get("out")


def _parse(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _as_call(tree: ast.expr) -> tuple[np.ufunc | None, list[Any]]:
    """The ufunc that the whole expression is one call of, with names and numbers to call it on."""
    if isinstance(tree, ast.Name):
        return np.positive, [tree.id]
    if isinstance(tree, ast.BinOp):
        function, arguments = OPERATORS.get(type(tree.op)), [tree.left, tree.right]
    elif isinstance(tree, ast.UnaryOp):
        function, arguments = OPERATORS.get(type(tree.op)), [tree.operand]
    elif isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        function, arguments = NAMESPACE.get(tree.func.id), tree.args
    else:
        return None, []
    plain = [a.id if isinstance(a, ast.Name) else getattr(a, "value", None) for a in arguments]
    simple = all(isinstance(a, (ast.Name, ast.Constant)) for a in arguments)
    return (function, plain) if simple and isinstance(function, np.ufunc) else (None, [])


class Vectorized(ast.NodeTransformer):
    """Conditions as functions of arrays."""

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


@cache
def _function(expression: str) -> Any:
    """The expression as a function of arrays (a, b, out)."""
    text = ast.unparse(Vectorized().visit(_parse(expression)))
    source = f"def on_arrays(a, b, out):\n    return {text}\n"
    return floats.define("on_arrays", source, dict(NAMESPACE))
