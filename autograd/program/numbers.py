"""Gates on Python floats in a program: the same expressions that scalar nodes compute with."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

import numpy as np

from autograd.expression import NAMESPACE, on_arrays_of, renamed
from autograd.floats import define
from autograd.gates.registry import Gate
from autograd.gates.routing import pushed, pushed_by_both

__all__ = [
    "MATH", "Choice", "FloatFunction", "carefully", "choice", "choice_of_push", "float_function",
    "on_floats", "plain_product", "push", "push_by_both", "template_of",
]  # fmt: skip


MATH = "math_"
"""What the names of `autograd.expression.NAMESPACE` begin with in a program's text."""


class _Expression:
    """A function of Python floats, as text too.

    Attributes: `expression`, in the names of `arguments` and of `autograd.expression.NAMESPACE`.
    """

    arguments: tuple[str, ...]
    expression: str

    @cached_property
    def template(self) -> str:
        """The expression in the names of a program's text, to format with the arguments."""
        names = {name: MATH + name for name in NAMESPACE}
        names.update((name, f"{{{i}}}") for i, name in enumerate(self.arguments))
        return renamed(self.expression, names)

    def lowered(self, names: dict[str, Any]) -> Callable[..., Any]:
        """It on another library's arrays, by what the names of `OF_NUMPY` mean there."""
        evaluate = on_arrays_of(self.expression, names)
        nothing = dict.fromkeys(("a", "b", "out"))
        return lambda *values: evaluate(
            **{**nothing, **dict(zip(self.arguments, values, strict=True))}
        )


class FloatFunction(_Expression):
    """A gate's value, or one of its local gradients, of Python floats."""

    def __init__(self, gate: Gate, place: int) -> None:
        assert gate.floats is not None
        self.gate = gate
        self.place = place
        operands = ("a", "b")[: len(gate.floats.local)]
        self.arguments = operands if place == 0 else (*operands, "out")
        self.expression = (gate.floats.value, *gate.floats.local)[place]
        self.__name__ = gate.name if place == 0 else f"{gate.name}.local[{place - 1}]"

    def __call__(self, *values: float) -> float:
        assert self.gate.floats is not None
        operands = values if self.place == 0 else values[:-1]
        return self.gate.floats.evaluate(*map(float, operands))[self.place]


class Choice(_Expression):
    """A gradient or a tangent times a local gradient, and 0 where nothing was chosen, or moves."""

    arguments = ("a", "b")

    def __init__(self, name: str, expression: str) -> None:
        self.__name__ = name
        self.expression = expression
        self._evaluate = define(name, f"def {name}(a, b):\n    return {expression}\n", {})

    def __call__(self, given: float, d: float) -> float:
        return self._evaluate(float(given), float(d))


choice = Choice("choice", "0.0 if b == 0.0 else a * b")
push = Choice("push", "a * b if a != 0.0 or b - b == 0.0 else 0.0")
push_by_both = Choice(
    "push_by_both",
    "a * b if (a != 0.0 or b - b == 0.0) and (b != 0.0 or a - a == 0.0) else 0.0",
)
choice_of_push = Choice("choice_of_push", f"0.0 if b == 0.0 else {push.expression}")


def plain_product(function: Any) -> Any:
    """What a product that looks at its tangent is without that; None of anything else."""
    if function is pushed or function is pushed_by_both:
        return np.multiply
    expression = getattr(function, "expression", None)  # a gate's own is the same
    if expression in (push.expression, push_by_both.expression):
        return np.multiply
    return choice if expression == choice_of_push.expression else None


@cache
def float_function(gate: Gate, place: int) -> FloatFunction:
    """One object for each, so that equal calls are seen to be equal."""
    return FloatFunction(gate, place)


@cache
def _of_ufuncs() -> dict[Callable[..., Any], FloatFunction]:
    from autograd.families import all_gates

    return {
        gate.forward: float_function(gate, 0)
        for gate in all_gates()
        if gate.floats and isinstance(gate.forward, np.ufunc)
    }


def on_floats(function: Callable[..., Any], count: int) -> FloatFunction | Choice | None:
    """What a function is of `count` Python floats; None where it has no expression on them."""
    if not isinstance(function, (FloatFunction, Choice)):
        found = _of_ufuncs().get(function)
        if found is None:
            return None
        function = found
    return function if count == len(function.arguments) else None


def template_of(function: Callable[..., Any], count: int) -> str | None:
    """The call on Python floats as an expression, to format with its arguments as text.

    None where there is none of so many.
    """
    found = on_floats(function, count)
    return None if found is None else found.template


def carefully(function: Callable[..., Any], *values: float) -> Any:
    """The call on Python floats where Python's own arithmetic raises: IEEE 754's answer."""
    if isinstance(function, (FloatFunction, Choice)):
        return function(*values)
    with np.errstate(all="ignore"):
        result = function(*[np.bool(v) if type(v) is bool else np.float64(v) for v in values])
    return float(result) if type(result) is np.float64 else result
