"""The lines of a derivation: what each gate makes, what it passes back, what a fork adds up.

Here are the numbers and the sign between them; the table, the stepper, the worksheet and the JSON
record each put them into words of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import Step, Tensor
from autograd.extend import equals, is_as_printed, printed, say_count, sign_of_product

from .formulas import derivative_of


class Passed(NamedTuple):
    """What a gate passes back to one operand: upstream × local = downstream.

    Attributes
    ----------
    local : None where the gate is not elementwise; `rule` is then its derivative in symbols.
    sign : "=", or "≈" where the numbers as printed do not give the result as printed.
    is_summed : whether the product is added up over axes that broadcasting had stretched.
    """

    upstream: Any
    local: Any
    downstream: Any
    rule: str
    sign: str
    is_summed: bool


class Fork(NamedTuple):
    """What has come back to a value that was used more than once: the sum of its parts."""

    parts: Sequence[Any]
    total: Any
    sign: str


def passed(step: Step, slot: int, digits: int | None) -> Passed:
    """The line of one operand of a gate on the way back."""
    upstream, local, down = step.upstream, step.local[slot], step.downstream[slot]
    if local is None:
        sign = "=" if is_as_printed(down, digits) else "≈"
        return Passed(upstream, None, down, derivative_of(step.node, slot), sign, False)
    sign = sign_of_product(upstream, local, down, digits)
    return Passed(upstream, local, down, "", sign, np.shape(down) != np.shape(upstream))


def fork(parts: Sequence[Any], total: Any, digits: int | None) -> Fork:
    """The sum at a fork; of arrays each number is one as it is printed, or "≈" stands."""
    if np.ndim(total):
        whole = all(is_as_printed(part, digits) for part in [*parts, total])
        return Fork(parts, total, "=" if whole else "≈")
    terms, result = [float(part) for part in parts], float(total)
    computed = sum(printed(term, digits) for term in terms)
    return Fork(terms, result, _sign(terms, computed, result, digits))


def sign_of_made(node: Tensor, digits: int | None) -> str:
    """ "=" where the operands of a gate as printed give its result as printed, else "≈"."""
    if not is_as_printed(node.data, digits):
        return "≈"
    operands = [operand.data for operand in node.inputs if isinstance(operand, Tensor)]
    try:
        given = [_as_printed(operand, digits) for operand in node.inputs]
        with np.errstate(all="ignore"):
            again = float(node.gate.forward(*map(np.float64, given), **node.settings))
        return _sign(operands, again, node.item(), digits)
    except (TypeError, ValueError, ArithmeticError):
        return "="


def _sign(written: Sequence[Any], computed: float, result: Any, digits: int | None) -> str:
    """ "=" where the numbers that are written give the result, and none looks whole and is not."""
    if not all(is_as_printed(number, digits) for number in written):
        return "≈"
    return equals(computed, result, digits)


def differentiated(trace: Any, output: Tensor, taken: Sequence[str] | set[str]) -> str | None:
    """The name of a loss beyond the output, of which the gradients are; None for the output."""
    if trace is None or is_one(trace.grad(output)):
        return None
    return "L" if "L" not in taken else "(loss)"


def is_one(seed: Any) -> bool:
    """Whether a backward pass starts from 1, so that the output itself is differentiated."""
    return np.size(seed) == 1 and float(np.ravel(seed)[0]) == 1.0


def gates_and_inputs(gates: int, inputs: int) -> tuple[str, str]:
    """How many they are, in words.

    >>> gates_and_inputs(1, 1200)
    ('1 gate', '1,200 inputs')
    """
    return (
        say_count("{count:,} gate", "{count:,} gates", gates),
        say_count("{count:,} input", "{count:,} inputs", inputs),
    )


def _as_printed(operand: Any, digits: int | None) -> float:
    """An operand's number as formulas have it; a constant looks whole only where it is."""
    is_constant = not isinstance(operand, Tensor)
    value = float(np.ravel(operand)[0]) if is_constant else operand.item()
    return value if is_constant and not is_as_printed(value, digits) else printed(value, digits)
