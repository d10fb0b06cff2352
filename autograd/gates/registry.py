"""What a gate is: one entry with a name, a symbol, the function and its derivative.

A rule is written once, with operators and NumPy functions. It runs on arrays in the fast path and
on Tensors when the derivative is itself to be differentiated, since Tensor speaks NumPy. No rule
folds broadcasting back or skips constants: the traversal does, for all of them, in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack, overload

import numpy as np

from autograd.data import is_number, to_float
from autograd.direct import direct_operator
from autograd.eager import NUMBERS, apply, detached
from autograd.errors import DataError
from autograd.floats import FLOAT_ERRORS, Floats
from autograd.gates.primitives import call, changed
from autograd.gates.rules import (
    Rule,
    aligned,
    call_vjp,
    exact,
    times,
    vjps,
)
from autograd.keywords import refuse
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.signatures import Entry

__all__ = ["Gate", "gate"]

T = TypeVar("T")

PATTERNS = ("distributes", "swaps", "routes", "scales", "copies", "moves", "mixes")


class once(Generic[T]):  # noqa: N801 - a decorator
    """An attribute that is computed when it is first asked for, and a plain one from then on.

    `functools.cached_property` gives an object a dictionary, by which its other attributes are
    found more slowly: a scalar gate took a fifth longer.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute = compute

    def __get__(self, gate: Any, owner: type) -> T:
        value = self.compute(gate)
        setattr(gate, self.compute.__name__, value)
        return value


class Gate:
    """A function with its derivative; call it on Tensors, arrays and numbers.

    Attributes
    ----------
    name : NumPy's name, such as ``"multiply"``.
    symbol : what a picture writes into the gate, such as ``"×"``.
    rule : the function and its derivative as text, such as ``"a·b → b, a"``.
    pattern : what its backward pass does to the upstream gradient: one of distributes, swaps,
        routes, scales, copies, moves, mixes.
    forward : the function, on arrays.
    local : of an elementwise gate, d(out)/d(input): one function ``(out, *inputs)`` an operand, or
        one for all of them that returns a tuple (bare for one input). One that is boolean is a
        choice: the upstream passes where it holds, and elsewhere there is 0, not ∞·0. In a gate of
        one's own it is told ``**settings``, too.
    vjp : upstream times derivative: one function ``(g, out, *inputs, **settings)`` an operand, or
        one for all of them that returns a tuple (bare for one input); None for an operand that
        the upstream is passed to as it is.
    jvp : the output's tangent from those of the inputs, ``(tangents, out, *inputs, **settings)``.
    linear : ``"jointly"`` of a function that is linear in all its operands taken together (sum,
        concatenate), ``"each"`` of one that is linear in each of them (matmul): then its tangent is
        the function itself.
    into : of a gate that reads a part of its only operand, what adds the upstream into that part of
        an array, in place: ``(total, g, **settings)``. An array that is read part by part then
        costs no array of its size for each of them.
    expansion : of a composite gate, the same function written with other gates.
    summary : the function in a sentence or more, on the page that `help` shows.
    kinks : what the derivative is where the function has none, such as ``"0 at 0"``: at corners,
        jumps and ties, in text; None where there is nothing to choose.
    """

    spares: Callable[[Any], bool] | None = None
    """Of one whose rule looks at the operand in places alone, by the result: whether in none."""

    tells_local = False
    """Whether `local` is given the settings; the rules of the families have no use for them."""

    def __init__(
        self,
        forward: Callable[..., Any],
        *,
        name: str,
        symbol: str,
        rule: str,
        pattern: str,
        local: Rule | Sequence[Rule] | None,
        vjp: Rule | Sequence[Rule | None] | None,
        jvp: Rule | None,
        linear: str | None,
        into: Callable[..., None] | None,
        floats: Sequence[str | None] | bool | None,
        expansion: Callable[..., Any] | None,
        kinks: str | None,
        doc: str | None,
    ) -> None:
        self.forward = forward
        self.name = name
        self.symbol = symbol
        self.rule = rule
        self.pattern = pattern
        self.local = local
        self.vjp = vjp
        self.vjps = vjps(local, vjp, self.tells_local)
        self.jvp = jvp
        self.linear = linear
        self.into = into
        self.expansion = expansion
        self.kinks = kinks
        self.summary = doc
        self.__name__ = self.__qualname__ = name.rpartition(".")[2]
        self.__module__ = "autograd.linalg" if name.startswith("linalg.") else "autograd"
        self.texts = floats
        self.operator: Callable[..., Tensor] | None = None
        per_operand = self.vjps or (isinstance(floats, (tuple, list)) and floats[1:])
        self.arity: int | None = len(per_operand) if per_operand else None
        if isinstance(forward, np.ufunc):
            self.arity = forward.nin

    @once
    def floats(self) -> Floats | None:
        """How it computes on Python floats: its rules as expressions; None where they are none."""
        from autograd.expression import NAMESPACE
        from autograd.terms import expressions

        texts = expressions(self)
        if texts is None:
            return None
        return Floats(texts[0], texts[1:], {**NAMESPACE, "careful": self._carefully})

    def tried(self, numbers: bool) -> Floats | None:
        """How it may compute on Python floats, where `floats` does not say: by its function, or by
        its expansion, and its rules, run on symbols. They may do anything with these: look at what
        is found. The rules are those of `local`; of operands that are `numbers` alone, those of
        `vjp` tell as well.
        """
        from autograd.expression import NAMESPACE, UnwritableError
        from autograd.terms import expressions

        def careful(*values: float) -> tuple[float, ...]:
            raise UnwritableError(f"{self.name} at {values}")

        for function in (self.forward, self.expansion):
            texts = function and expressions(self, numbers, function)
            if texts:
                return Floats(texts[0], texts[1:], {**NAMESPACE, "careful": careful})
        return None

    @once
    def chooses(self) -> bool:
        """Of scalar nodes, whose derivatives are floats: whether one that is 0 is a choice."""
        return self.pattern == "routes" or bool(self.floats and "0.0" in self.floats.local)

    @once
    def by_entries(self) -> bool:
        """Whether it is elementwise, with a rule an operand that takes any part of the arrays."""
        return isinstance(self.local, (tuple, list)) and not self.tells_local

    @once
    def _read(self) -> tuple[set[int], ...] | None:
        """Of an elementwise gate: what the rule of each operand looks at; None where that is not
        known, as where a rule has a second form."""
        if self.texts or self.floats is None:
            return None
        places = {"a": 0, "b": 1, "out": -1}
        words = [re.findall(r"\b(?:a|b|out)\b", text) for text in self.floats.local]
        return tuple({places[word] for word in found} for found in words)

    def needs(self, wanted: Sequence[bool], out: Any = None) -> set[int] | None:
        """The operands, by place, at whose values the rules of the wanted ones look, and -1 for the
        result; None where that may be all, as of a gate of one's own. Shapes and dtypes do not
        count. Some are needed for some results alone: `out` is the result, where it is at hand."""
        if self.tells_local:
            return None
        places = [i for i, want in enumerate(wanted) if want]
        if self.linear == "jointly":
            return set()
        if self.linear == "each":
            return {i for i in range(len(wanted)) if any(place != i for place in places)}
        if out is not None and self.spares and self.spares(out):
            return {-1}
        known = self._read
        return None if known is None else set().union(*(known[place] for place in places))

    @once
    def adding(self) -> Gate:
        """Of a gate with `into`: the one that adds an upstream into an array, as that does."""
        assert self.into is not None
        return gate(
            changed(self.into, f"add_at_{self.name}", order="C"), name=f"{self.name}.add",
            symbol="+", rule="a + g at its part → the upstream, its part", pattern="distributes",
            vjp=(None, lambda g, out, a, part, **settings: self.compute((g,), settings)),
            linear="jointly",
        )  # fmt: skip

    def pattern_with(self, receives: Sequence[bool]) -> str:
        """The pattern where some of its operands alone want a gradient.

        With one of several there is nothing to swap; what is elementwise has one slope.
        """
        if len(receives) > 1 == sum(receives):
            parts = self.rule.partition("→")[2].split(", ")
            is_passed = self.pattern == "distributes" and (
                len(parts) != len(receives) or parts[receives.index(True)].strip() == "1"
            )
            mixes = self.pattern == "mixes" and self.local is None
            if not is_passed and not mixes and self.pattern in ("distributes", "swaps", "mixes"):
                return "scales"
        return self.pattern

    def check_arity(self, operands: Sequence[Any]) -> None:
        """Raise where there are more operands than the gate has, or fewer."""
        if self.arity is not None and len(operands) != self.arity:
            raise DataError(
                f"{self.name} takes {self.arity} operand{'s'[: self.arity > 1]} and received "
                f"{len(operands)}"
            )

    def __call__(self, *operands: Any, **options: Any) -> Tensor:
        if options:
            refuse(f"ag.{self.name}", options)
        operator = self.operator
        if operator is not None and len(operands) == self.arity and type(operands[0]) is Tensor:
            return operator(*operands)
        if self.arity is not None and len(operands) != self.arity:
            self.check_arity(operands)
        if operator is None and self.floats and operands and type(operands[0]) is Tensor:
            self.operator = direct_operator(self)
            return self.operator(*operands)
        return apply(self, operands)

    def local_gradients(
        self,
        wanted: Sequence[bool],
        out: Any,
        values: Sequence[Any],
        settings: dict[str, Any] | None = None,
    ) -> list[Any] | None:
        """d(out)/d(input) of each wanted operand, else None; None of a gate not elementwise."""
        rules = self.local
        if rules is None:
            return None
        if self.floats and type(out) is float and all(type(v) in NUMBERS for v in values):
            known = self.floats.evaluate(*map(to_float, values))[1:]
            return [d if want else None for d, want in zip(known, wanted, strict=True)]
        if self.floats and getattr(out, "weak", False):
            return out.tape.local_gradients(self, wanted, out, values)
        keywords = settings if settings and self.tells_local else {}
        try:
            if callable(rules):
                return aligned(self.name, rules(out, *values, **keywords), wanted)
            return [
                rule(out, *values, **keywords) if want else None
                for rule, want in zip(rules, wanted, strict=True)
            ]
        except FLOAT_ERRORS:
            careful = exact(values)
            if careful is None:
                raise
            return self.local_gradients(wanted, out, careful, settings)

    def vjps_of(
        self,
        upstream: Any,
        wanted: Sequence[bool],
        out: Any,
        values: Sequence[Any],
        settings: dict[str, Any] | None,
    ) -> list[Any]:
        """Upstream times derivative, for each wanted operand; not yet folded to its shape."""
        if self.floats and is_number(out):
            local = self.local_gradients(wanted, out, values, settings)
            assert local is not None
            return [None if d is None else self.scalar_product(upstream, d) for d in local]
        if self.vjps is not None:
            return [
                call_vjp(vjp, upstream, out, values, settings) if want else None
                for vjp, want in zip(self.vjps, wanted, strict=True)
            ]
        if self.vjp is None:
            local = self.local_gradients(wanted, out, values, settings)
            assert local is not None
            return [None if d is None else times(upstream, d) for d in local]
        assert callable(self.vjp)
        answers = self.vjp(upstream, out, *values, **(settings or {}))
        return aligned(self.name, answers, wanted)

    def scalar_product(self, given: Any, d: Any) -> Any:
        """A gradient or a tangent of a scalar node times the local gradient of this gate."""
        if self.chooses and getattr(d, "weak", False):
            return d.tape.record_choice(given, d)
        closed = self.chooses and type(d) is float and d == 0.0
        return 0.0 if closed else given * d

    def compute(self, operands: Sequence[Any], settings: dict[str, Any]) -> Any:
        """The function itself: recorded where Tensors are among the operands."""
        if any(type(operand) is Tensor for operand in operands):
            return apply(self, tuple(operands), settings or None)
        return detached(self.name, call(self.forward, *operands, **settings))

    def _carefully(self, *values: float) -> tuple[float, ...]:
        """Value and local gradients of floats where Python's arithmetic raised: IEEE 754's."""
        with np.errstate(all="ignore"):
            exact = [np.float64(v) for v in values]
            out = self.forward(*exact)
            local = self.local_gradients([True] * len(values), out, exact)
        assert local is not None
        return (float(out), *map(float, local))

    def __repr__(self) -> str:
        return f"<gate {self.name}: {self.rule}>" if self.rule else f"<gate {self.name}>"


def _takes_one(function: Callable[..., Any]) -> bool:
    """Whether a function has one operand: an argument without a default."""
    if isinstance(function, np.ufunc):
        return function.nin == 1
    code, defaults = getattr(function, "__code__", None), getattr(function, "__defaults__", None)
    return code is not None and code.co_argcount - len(defaults or ()) == 1


@overload
def gate(forward: Callable[..., Any], **entry: Unpack[Entry]) -> Gate: ...
@overload
def gate(**entry: Unpack[Entry]) -> Callable[[Callable[..., Any]], Gate]: ...
def gate(
    forward: Callable[..., Any] | None = None,
    *,
    local: Rule | Sequence[Rule] | None = None,
    vjp: Rule | Sequence[Rule | None] | None = None,
    jvp: Rule | None = None,
    linear: str | None = None,
    into: Callable[..., None] | None = None,
    name: str | None = None,
    symbol: str | None = None,
    rule: str = "",
    pattern: str | None = None,
    floats: Sequence[str | None] | bool | None = None,
    expansion: Callable[..., Any] | None = None,
    kinks: str | None = None,
    doc: str | None = None,
) -> Any:
    """Make an entry of the table: of the families here, whose rules are trusted.

    `autograd.gates.own.gate`, which is `ag.gate`, tells what it takes and raises.
    """
    if forward is None:
        return lambda function: gate(
            function, local=local, vjp=vjp, jvp=jvp, linear=linear, into=into, name=name,
            symbol=symbol, rule=rule, pattern=pattern, floats=floats, expansion=expansion,
            kinks=kinks, doc=doc,
        )  # fmt: skip
    if not callable(forward):
        raise DataError(f"gate() expects a function and received {forward!r}")
    if local is None and vjp is None:
        raise DataError(
            "gate() expects a derivative: local=lambda out, *inputs: ... for an elementwise gate, "
            "or vjp=lambda g, out, *inputs: ..."
        )
    for keyword, given in {"local": local, "vjp": vjp, "jvp": jvp}.items():
        parts = given if isinstance(given, (tuple, list)) else (given,)
        if not all(part is None or callable(part) for part in parts):
            raise DataError(f"gate({keyword}=...) expects a function and received {given!r}")
    if pattern is None:
        pattern = "scales" if vjp is None and _takes_one(forward) else "mixes"
    elif pattern not in PATTERNS:
        raise DataError(f"pattern must be one of {', '.join(PATTERNS)}; received {pattern!r}")
    name = name or str(getattr(forward, "__name__", "gate"))
    return Gate(
        forward,
        name=name,
        symbol=symbol or name,
        rule=rule,
        pattern=pattern,
        local=local,
        vjp=vjp,
        jvp=jvp,
        linear=linear,
        into=into,
        floats=floats,
        expansion=expansion,
        kinks=kinks,
        doc=doc or (forward.__doc__ if isinstance(forward, FunctionType) else None),
    )
