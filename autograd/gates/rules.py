"""How a gate's rules are called, what becomes of their answers, and how a rule applies a gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd.data import ALONE_AS_LOCAL, getrefcount, to_float
from autograd.eager import NUMBERS, apply
from autograd.errors import DataError
from autograd.floats import FLOAT_ERRORS
from autograd.gates.primitives import call
from autograd.gates.routing import BOOLEAN, INTEGERS, chosen
from autograd.tensor import Tensor

__all__ = [
    "Rule", "aligned", "apply_or_compute", "call_vjp", "exact", "in_blocks", "times", "total",
    "vjps",
]  # fmt: skip

Rule = Callable[..., Any]


def times(given: Any, d: Any) -> Any:
    """An upstream times a local gradient; so is a tangent where that gradient is finite."""
    if type(d) is float:
        return given if d == 1.0 else given * d
    if type(d) is bool:
        return given if d else 0.0
    if getattr(d, "dtype", None) is BOOLEAN:
        return chosen(given, d)
    return given * d


def call_vjp(
    vjp: Rule | None, upstream: Any, out: Any, values: Sequence[Any], settings: Any
) -> Any:
    """What one operand's rule answers."""
    if vjp is None:
        return upstream
    try:
        return vjp(upstream, out, *values, **(settings or {}))
    except FLOAT_ERRORS:
        careful = exact(values)
        if careful is None:
            raise
        return vjp(upstream, out, *careful, **(settings or {}))


def from_local(rule: Rule, tells: bool) -> Rule:
    """Upstream times the local gradient of one operand; the rule is told the settings or not."""

    def vjp(upstream: Any, out: Any, *values: Any, **settings: Any) -> Any:
        d = rule(out, *values, **settings) if tells else rule(out, *values)
        if (
            type(d) is type(upstream) is np.ndarray
            and getrefcount(d) == ALONE_AS_LOCAL  # a temporary: the product may lie in its memory
            and d.dtype is upstream.dtype
            and d.shape == upstream.shape
            and d.base is None
            and (d.strides == upstream.strides or not any(upstream.strides))  # as NumPy lays it
        ):
            return np.multiply(upstream, d, d)
        return times(upstream, d)

    return vjp


BLOCK = 1 << 14
"""Entries that are computed together, so that what a rule makes on the way stays in a cache."""


def in_blocks(
    rule: Rule,
    upstream: Any,
    out: Any,
    values: Sequence[Any],
    *,
    over: bool,
) -> Any:
    """Upstream times the local gradient of one operand, of large arrays: block by block, and with
    `over` in the memory of the upstream.

    None, and nothing is changed, where what is given is not of one shape, in the order of memory.
    """
    shape = upstream.shape
    if not all(_is_flat(v, shape) for v in (upstream, out, *values)):
        return None
    g = _flat(upstream)
    others = [_flat(v) for v in (out, *values)]
    result = into = None
    for start in range(0, g.size, BLOCK):
        part = slice(start, start + BLOCK)
        try:
            whole, *parts = (v[part] if type(v) is np.ndarray else v for v in others)
            d = rule(whole, *parts)
        except FLOAT_ERRORS:  # of Python floats, so at the first block
            return None
        if into is None:
            if type(d) is float:
                return (
                    upstream if d == 1.0 else np.multiply(upstream, d, upstream if over else None)
                )
            choice = getattr(d, "dtype", None) is BOOLEAN
            kind = INTEGERS.get(g.dtype) if choice else g.dtype
            if type(d) is not np.ndarray or not (choice or d.dtype is kind) or kind is None:
                return None
            result = upstream if over else np.empty(shape, g.dtype)
            g, into = g.view(kind), result.reshape(-1).view(kind)
        np.multiply(g[part], d, into[part])
    return result


def _is_flat(value: Any, shape: tuple[int, ...]) -> bool:
    """Whether it is a number, or an array that is one row of memory, or one entry of it."""
    if type(value) is not np.ndarray:
        return type(value) in NUMBERS or value is None
    return value.shape == shape and (value.flags.c_contiguous or not any(value.strides))


def _flat(value: Any) -> Any:
    if type(value) is not np.ndarray:
        return value
    if value.flags.c_contiguous:
        return value.reshape(-1)
    return np.broadcast_to(value.flat[0], value.size)


def vjps(local: Any, vjp: Any, tells_local: bool) -> tuple[Rule | None, ...] | None:
    """Upstream times derivative, ``(g, out, *inputs, **settings)``, one function an operand.

    None for an operand that the upstream is passed to as it is; None altogether where one rule
    answers for all operands at once.
    """
    if isinstance(vjp, (tuple, list)):
        return tuple(vjp)
    if vjp is None and isinstance(local, (tuple, list)):
        return tuple(from_local(rule, tells_local) for rule in local)
    return None


def total(terms: Iterable[Any]) -> Any:
    """The sum of at least one term, in their order."""
    first, *rest = terms
    for term in rest:
        first = first + term
    return first


def aligned(name: str, result: Any, wanted: Sequence[bool]) -> list[Any]:
    """A rule's answer for all operands, one entry each, None for those not wanted.

    An entry may be a function without arguments, called only where it is wanted.
    """
    entries = result if isinstance(result, (tuple, list)) else (result,)
    if len(entries) != len(wanted):
        raise DataError(
            f"the rule of {name} must return one gradient an input: {len(wanted)} were expected "
            f"and {len(entries)} received"
        )
    return [
        (entry() if callable(entry) else entry) if want else None
        for entry, want in zip(entries, wanted, strict=True)
    ]


def exact(values: Sequence[Any]) -> list[Any] | None:
    """The values with NumPy's floats for Python's, which raise where IEEE 754 has an infinity.

    None where there is no Python float among them: then what was raised has another cause.
    """
    if not any(type(v) in NUMBERS for v in values):
        return None
    return [np.float64(to_float(v)) if type(v) in NUMBERS else v for v in values]


def apply_or_compute(gate: Any, *operands: Any, **settings: Any) -> Any:
    """A gate inside a rule: recorded where the rule runs on Tensors, else its plain value.

    Of a symbol whose expression is asked for, the gate's own expression.
    """
    if any(type(operand) is Tensor for operand in operands):
        return apply(gate, operands, settings)
    a = operands[0]
    if type(a) is not np.ndarray and hasattr(a, "through"):
        return a.through(gate)
    return call(gate.forward, *operands, **settings)
