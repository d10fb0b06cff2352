"""What a gate does to tangents: forward mode, gate by gate.

A tangent that is exactly 0 adds nothing, even where the local gradient is infinite or nan: what
stands still moves nothing. Of an elementwise gate that holds entry by entry. So xʸ at a negative x
has the derivative y·xʸ⁻¹ along x, although it has none along y.

What is pushed may be differentiated in its turn: `push` is then a gate, whose own product by its
second operand is masked in the same places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.data import is_number, is_traced
from autograd.eager import apply, value_of
from autograd.errors import UnsupportedError
from autograd.gates.primitives import call
from autograd.gates.registry import gate
from autograd.gates.routing import is_finite, pushed
from autograd.gates.rules import times, total
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.protocols import AppliedGate

__all__ = ["Jvp", "chain_rule", "linearize", "push"]

Jvp = Callable[[Sequence[Any]], Any]


def linearize(
    gate: AppliedGate,
    moves: Sequence[bool],
    out: Any,
    values: Sequence[Any],
    settings: dict[str, Any] | None,
) -> Jvp:
    """The map from the inputs' tangents to the output's, where those that move have one.

    It may be used again: what does not depend on the tangents is computed once. It runs on
    values, and on Tensors where what it computes is to be recorded.
    """
    keywords = settings or {}
    if gate.jvp is not None:
        rule = gate.jvp
        return lambda tangents: rule(filled(tangents, values), out, *values, **keywords)
    if gate.local is not None:
        local = gate.local_gradients(moves, out, values, settings)
        assert local is not None
        closes = gate.chooses and is_number(out)
        return chain_rule([(i, d) for i, d in enumerate(local) if d is not None], closes)
    if gate.linear == "jointly":
        return lambda tangents: gate.compute(filled(tangents, values), keywords)
    if gate.linear == "each":
        return lambda tangents: total(
            gate.compute([*values[:i], t, *values[i + 1 :]], keywords)
            for i, t in enumerate(tangents)
            if t is not None
        )
    raise UnsupportedError(
        f"the gate {gate.name} has no rule for forward mode: give it "
        "jvp=lambda tangents, out, *inputs: ..., or differentiate in reverse mode"
    )


def chain_rule(local: Sequence[tuple[int, Any]], closes: bool = False) -> Jvp:
    """The sum of tangents times local gradients, given as (which input, its local gradient).

    With `closes`, of numbers, a local gradient of 0 is a choice: nothing passes there.
    """
    known = [(i, False if closes and type(d) is float and d == 0.0 else d) for i, d in local]
    parts = [(i, d, _is_safe(d)) for i, d in known]

    def jvp(tangents: Sequence[Any]) -> Any:
        return added(*(
            times(tangents[i], d) if safe else push(tangents[i], d, closes) for i, d, safe in parts
        ))  # fmt: skip

    return jvp


def push(tangent: Any, d: Any, closes: bool = False) -> Any:
    """A tangent times a local gradient, and 0 where the tangent is exactly 0; with `closes`, where
    the other is, too.

    None, which is no term of a sum, of Tensors where it is known that nothing moves.
    """
    if type(tangent) is Tensor or type(d) is Tensor:
        return None if _stands_still(tangent) else apply(_push, (tangent, d))
    if type(tangent) is float and type(d) is float:
        return tangent * d if tangent != 0.0 or d - d == 0.0 else 0.0
    if is_number(tangent) and is_number(d):
        return (d if is_traced(d) else tangent).tape.record_push(tangent, d, closes)
    return call(pushed, tangent, d)


def _is_safe(d: Any) -> bool:
    """Whether a plain product by it is the same, and the product's own derivatives are."""
    if type(d) is not Tensor:
        return is_finite(d)
    return not d._wants and is_finite(value_of(d))


def _stands_still(tangent: Any) -> bool:
    """Whether it is known to be 0 in every entry, and a constant."""
    if type(tangent) is Tensor:
        if tangent._wants:
            return False
        tangent = value_of(tangent)
    return not is_traced(tangent) and not np.any(tangent)


def filled(tangents: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """The tangents, with zeros for the inputs that have none."""
    return [
        np.zeros_like(value_of(v), dtype=float) if t is None else t
        for t, v in zip(tangents, values, strict=True)
    ]


def added(*terms: Any) -> Any:
    """The sum of the terms that are there, in their order."""
    return total([term for term in terms if term is not None] or [0.0])


_push = gate(
    lambda t, d: call(pushed, t, d), name="push", symbol="×", pattern="swaps",
    rule="ẋ·f′, 0 where ẋ = 0 → f′, ẋ",
    vjp=(lambda g, out, t, d: g * d, lambda g, out, t, d: push(t, g)),
    jvp=lambda moved, out, t, d: added(push(moved[0], d), _both(t, moved[1])),
)  # fmt: skip


def _both(a: Any, b: Any) -> Any:
    """A product that is 0 where either is."""
    if type(a) is Tensor or type(b) is Tensor:
        return None if _stands_still(a) or _stands_still(b) else apply(_push_both, (a, b))
    return np.where(np.equal(a, 0.0), 0.0, call(pushed, b, a))


_push_both = gate(
    _both, name="push", symbol="×", pattern="swaps", rule="ẋ·ẏ, 0 where either is 0 → ẏ, ẋ",
    vjp=(lambda g, out, a, b: push(b, g), lambda g, out, a, b: push(a, g)),
    jvp=lambda moved, out, a, b: added(_both(moved[0], b), _both(a, moved[1])),
)  # fmt: skip
