"""What a gate does to tangents: forward mode, gate by gate.

A tangent that is exactly 0 adds nothing, even where the local gradient is infinite or nan: what
stands still moves nothing. Of an elementwise gate that holds entry by entry. So xʸ at a negative x
has the derivative y·xʸ⁻¹ along x, although it has none along y.

What is pushed may be differentiated in its turn. The product is then a gate of its own, since its
derivative by the local gradient is 0 in the same places, be that of the local gradient infinite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from autograd.data import is_number, is_traced
from autograd.eager import apply, value_of
from autograd.errors import UnsupportedError
from autograd.gates.primitives import call
from autograd.gates.registry import gate
from autograd.gates.routing import is_finite, pushed, pushed_by_both, unless_still
from autograd.gates.rules import times, total
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.protocols import AppliedGate

__all__ = ["ChainRule", "Jvp", "Whole", "linearize", "moved"]


class Jvp(Protocol):
    """What a gate does to tangents."""

    def plainly(self, tangents: Sequence[Any]) -> Any:
        """By mere products: the same bits, unless there is a nan among them."""

    def __call__(self, tangents: Sequence[Any]) -> Any:
        """The output's tangent."""


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

        def ruled(tangents: Sequence[Any]) -> list[tuple[Any, list[Any]]]:
            moving = [t for t in tangents if t is not None]
            return [(rule(filled(tangents, values), out, *values, **keywords), moving)]

        return Whole(ruled, looks=not gate.linear and gate.pattern not in HARMLESS)
    if gate.local is not None:
        local = gate.local_gradients(moves, out, values, settings)
        assert local is not None
        closes = is_number(out) and gate.chooses
        parts = [(i, d) for i, d in enumerate(local) if d is not None]
        return ChainRule(parts, closes, _PRODUCTS.get(gate))
    if gate.linear == "jointly":
        return Whole(lambda tangents: [(gate.compute(filled(tangents, values), keywords), [])])
    if gate.linear == "each":
        return Whole(
            lambda tangents: [
                (gate.compute([*values[:i], t, *values[i + 1 :]], keywords), [t])
                for i, t in enumerate(tangents)
                if t is not None
            ],
            looks=True,
        )
    raise UnsupportedError(
        f"the gate {gate.name} has no rule for forward mode: give it "
        "jvp=lambda tangents, out, *inputs: ..., or differentiate in reverse mode"
    )


HARMLESS = frozenset({"copies", "distributes", "moves", "routes"})
"""Patterns of gates that make nothing but 0 of tangents that are 0."""


class Whole:
    """The sum of what a rule makes of whole tangents, given as terms with the tangents in each.

    With `looks`, a term in which all tangents are 0 throughout is 0, whatever the rule makes of
    them, such as 0·∞. Entry by entry nobody knows what went where.
    """

    def __init__(
        self, terms: Callable[[Sequence[Any]], list[tuple[Any, list[Any]]]], looks: bool = False
    ) -> None:
        self.terms, self.looks = terms, looks

    def plainly(self, tangents: Sequence[Any]) -> Any:
        """As the rule has it: the same bits, unless there is a nan among them."""
        return total(term for term, _ in self.terms(tangents))

    def __call__(self, tangents: Sequence[Any]) -> Any:
        if not self.looks:
            return self.plainly(tangents)
        return added(*(_unless_still(term, moving) for term, moving in self.terms(tangents)))


def _unless_still(term: Any, tangents: Sequence[Any]) -> Any:
    if any(type(v) is Tensor for v in (term, *tangents)):
        return None if all(map(_stands_still, tangents)) else term
    return call(unless_still, term, *tangents)


def _stands_still(tangent: Any) -> bool:
    """Whether it is known to be 0 throughout, and a constant."""
    value = value_of(tangent)
    is_constant = type(tangent) is not Tensor or not tangent._wants
    return is_constant and not is_traced(value) and not np.any(value)


class ChainRule:
    """The sum of tangents times local gradients, given as (which input, its local gradient).

    With `closes`, of numbers, a local gradient of 0 is a choice: nothing passes there. `products`
    are the functions that multiply, by input, if they are not `push`.
    """

    def __init__(
        self,
        local: Sequence[tuple[int, Any]],
        closes: bool,
        products: Sequence[Callable[..., Any]] | None = None,
    ) -> None:
        if closes:
            local = [(i, False if type(d) is float and d == 0.0 else d) for i, d in local]
        self.local, self.closes, self.products = local, closes, products

    def plainly(self, tangents: Sequence[Any]) -> Any:
        """By mere products: the same bits, unless there is a nan among them."""
        result = None
        for i, d in self.local:
            term = times(tangents[i], d)
            result = term if result is None else result + term
        return result

    def __call__(self, tangents: Sequence[Any]) -> Any:
        return added(*(
            (self.products[i] if self.products else push)(tangents[i], d, self.closes)
            for i, d in self.local
        ))  # fmt: skip


def push(tangent: Any, d: Any, closes: bool = False) -> Any:
    """A tangent times a local gradient, and 0 where the tangent is exactly 0; with `closes`, where
    the other is, too.

    None, which is no term of a sum, of Tensors where it is known that nothing moves.
    """
    if type(tangent) is Tensor or type(d) is Tensor:
        return _recorded(tangent, d)
    if is_finite(d):
        return times(tangent, d)
    if is_number(tangent) and is_number(d):
        traced = tangent if is_traced(tangent) else d
        if is_traced(traced):
            return traced.tape.record_push(tangent, d, closes)
        return 0.0 if tangent == 0.0 else tangent * d
    return call(pushed, tangent, d)


def moved(tangent: Any, d: Any) -> Any:
    """The same in a gate's own rule."""
    return added(push(tangent, d))


def filled(tangents: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """The tangents, with zeros for the inputs that have none."""
    return [
        np.zeros_like(value_of(v), dtype=float) if t is None else t
        for t, v in zip(tangents, values, strict=True)
    ]


def added(*terms: Any) -> Any:
    """The sum of the terms that are there, in their order."""
    return total([term for term in terms if term is not None] or [0.0])


# ---- products that are differentiated in their turn


def _recorded(tangent: Any, d: Any) -> Any:
    """The product as a node: a plain one where no entry of the tangent is 0, as far as is known."""
    value, moves = value_of(tangent), type(tangent) is Tensor and tangent._wants
    if not is_traced(value):
        if value != 0.0 if type(value) is float else np.all(value):
            return times(tangent, d)
        if not moves:
            return apply(_scaled, (d,), {"by": value}) if np.any(value) else None
    is_constant = type(d) is not Tensor or not d._wants
    if is_constant and is_finite(value_of(d)):
        return times(tangent, d)
    return apply(_push, (tangent, d))


def _push_both(tangent: Any, other: Any, closes: bool = True) -> Any:
    """A product that is 0 where either is."""
    if type(tangent) is Tensor or type(other) is Tensor:
        return apply(_product, (tangent, other))
    if is_number(tangent) and is_number(other):
        traced = tangent if is_traced(tangent) else other
        if is_traced(traced):
            return traced.tape.record_push(tangent, other, False, both=True)
        out = tangent * other
        return 0.0 if out != out and (tangent == 0.0 or other == 0.0) else out
    return call(pushed_by_both, tangent, other)


_push = gate(
    lambda t, d: call(pushed, t, d), name="push", symbol="×", pattern="swaps",
    rule="ẋ·d, 0 where ẋ = 0 → d, ẋ",
    local=(lambda out, t, d: d, lambda out, t, d: t),
    vjp=(lambda g, out, t, d: g * d, lambda g, out, t, d: push(t, g)),
    floats=("a * b if a != 0.0 or b - b == 0.0 else 0.0", "b", "a"),
)  # fmt: skip

_scaled = gate(
    lambda d, by: call(pushed, by, d), name="push", symbol="×", pattern="scales",
    rule="ẋ·d, 0 where ẋ = 0 → ẋ", linear="jointly",
    vjp=(lambda g, out, d, by: push(by, g),),
)  # fmt: skip

_product = gate(
    _push_both, name="push", symbol="×", pattern="swaps", rule="ẋ·ẏ, 0 where either is 0 → ẏ, ẋ",
    local=(lambda out, a, b: b, lambda out, a, b: a),
    vjp=(lambda g, out, a, b: push(b, g), lambda g, out, a, b: push(a, g)),
    floats=(
        "a * b if (a != 0.0 or b - b == 0.0) and (b != 0.0 or a - a == 0.0) else 0.0", "b", "a"
    ),
)  # fmt: skip

_PRODUCTS: dict[Any, Any] = {_push: (push, _push_both), _product: (_push_both, _push_both)}
"""How tangents go through products that were pushed themselves."""
