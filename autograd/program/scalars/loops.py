"""Loops that Numba compiles: one interpreter for all graphs of the same gates.

Its forward loop reads a list of commands, each a kind of gate, how often, and where; what a gate of
that kind computes stands in the loop as the gate's own expression. The backward loop adds up, value
by value, upstream times local gradient over the edges, newest reader first. Arithmetic is that of
IEEE 754, sums are in eager's order, and nothing is fused or reordered.

What was compiled is kept on disk, under a digest of its text.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from autograd import expression
from autograd.errors import DependencyError

__all__ = ["accumulator", "compiled_text", "interpreter", "load_numba"]

LOOP = """
def {name}(values, kinds, counts, reads, writes, first, second, result):
    for command in range(len(kinds)):
        kind, count, read, write = kinds[command], counts[command], reads[command], writes[command]
        {cases}
"""

CASE = """
        if kind == {kind}:
            for i in range(count):
                {operands}
                values[write + i] = {expression}
            continue
"""

OPERANDS = {
    "a": "a = values[first[read + i]]",
    "b": "b = values[second[read + i]]",
    "out": "out = values[result[read + i]]",
}


@cache
def interpreter(purpose: str, expressions: tuple[str, ...]) -> Callable[..., None]:
    """The loop over commands whose kinds are the expressions, by their position."""
    cases = "".join(
        CASE.format(kind=kind, operands=_operands(text), expression=text)
        for kind, text in enumerate(expressions)
    )
    text = LOOP.format(name="{name}", cases=cases.lstrip() or "pass")
    return compiled_text(purpose, text, __file__, {})


@cache
def accumulator() -> Callable[..., None]:
    """The backward loop."""
    return compiled(_accumulate)


def _accumulate(
    gradients: Any, values: Any, begin: Any, target: Any, factor: Any, choice: Any, at: Any
) -> None:
    """Gradients from `at` on, one after another, each the sum over its edges from 0.0 on."""
    for i in range(len(begin) - 1):
        total = 0.0
        for edge in range(begin[i], begin[i + 1]):
            d = values[factor[edge]]
            if d != 0.0 or not choice[edge]:
                total += gradients[target[edge]] * d
        gradients[at + i] = total


def _operands(text: str) -> str:
    used = [line for name, line in OPERANDS.items() if re.search(rf"\b{name}\b", text)]
    return "\n                ".join(used or ["pass"])


def compiled_text(
    purpose: str, text: str, file: str, also: dict[str, Any], **options: Any
) -> Callable[..., Any]:
    """The function that a text defines under the name ``{name}``, compiled when first called.

    Parameters
    ----------
    purpose : what its name begins with; the rest is a digest of the text.
    file : the module that wrote the text: beside it, Numba keeps what it compiled.
    also : what the text names besides the functions of `autograd.expression`.
    """
    digest = hashlib.sha256((text + inspect.getsource(expression)).encode()).hexdigest()
    name = f"{purpose}_{digest[:16]}"
    scope = {**namespace(), **also, "__name__": __name__}
    exec(compile(text.replace("{name}", name), file, "exec"), scope)  # noqa: S102 - our own text
    scope[name] = compiled(scope[name], **options)  # under its name, so that it can call itself
    return scope[name]


def compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """The function as Numba compiles it when first called; kept on disk where that can be."""
    numba = load_numba()
    try:
        return numba.njit(error_model="numpy", cache=True, **options)(function)
    except RuntimeError:  # no folder to keep it in
        return numba.njit(error_model="numpy", **options)(function)


def load_numba() -> Any:
    """Numba, imported when it is first needed."""
    try:
        import numba
    except ImportError as error:
        raise DependencyError(
            'backend="numba" compiles with Numba, which is not installed: '
            'pip install "gategrad[jit]"'
        ) from error
    return numba


@cache
def namespace() -> dict[str, Any]:
    """What expressions may name, with our own functions compiled."""
    known = {name: f.numba or f.floats for name, f in expression.FUNCTIONS.items()}
    return {
        name: compiled(function) if isinstance(function, FunctionType) else function
        for name, function in known.items()
    }
