"""Gates from outside: what their rules answer is looked at, and they take settings.

The families' rules are held to their promises by tests. A rule of one's own may answer with a
Tensor, since it may be written with functions of ours; may answer in a wrong shape; and is told the
keywords that the gate was called with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Unpack, overload

import numpy as np

from autograd.eager import apply, value_of
from autograd.errors import DataError, ShapeError
from autograd.floats import Floats
from autograd.gates import registry
from autograd.gates.registry import Gate
from autograd.gates.rules import Rule, vjps
from autograd.keywords import guarded
from autograd.tensor import Tensor
from autograd.trees import flatten

if TYPE_CHECKING:
    from autograd.signatures import Entry

__all__ = ["OwnGate", "gate"]

_make = guarded(registry.gate, "ag.gate")

Rules = Rule | Sequence[Rule | None] | None
Shape = tuple[int, ...]


class OwnGate(Gate):
    """A `Gate` from outside; keywords of a call go to its function and to its rules."""

    tells_local = True

    def __init__(self, made: Gate) -> None:
        vars(self).update(vars(made))
        self.local = _each(made.local, lambda rule, slot: _checked_local(made.name, rule, slot))
        self.vjp = _each(made.vjp, lambda rule, slot: _checked_vjp(made.name, rule, slot))
        self.jvp = made.jvp and _checked_jvp(made.name, made.jvp)
        self.vjps = vjps(self.local, self.vjp, self.tells_local)
        self.defaults = self._defaults()
        # What the function of another does with a symbol is tried where that is asked for.
        self._made = made
        self.floats = made.floats if made.texts else None
        if self.floats is not None:
            self.arity = len(self.floats.local)
        elif made.texts:
            raise DataError(
                f"gate(floats=...) expects a function and rules that are expressions, and those of "
                f"{made.name} are none: one or two operands, a rule with local=, operators, "
                "np.where and NumPy's elementwise functions, no branches"
            )
        self.__module__ = getattr(made.forward, "__module__", None) or "__main__"

    def __call__(self, *operands: Any, **settings: Any) -> Tensor:
        if settings:
            self._check(operands, settings)
        elif self.floats:
            return super().__call__(*operands)
        elif not self.defaults and (self.arity is None or self.arity == len(operands)):
            return apply(self, operands)
        self.check_arity(operands)
        return apply(self, operands, {**self.defaults, **settings})

    def tried(self, numbers: bool) -> Floats | None:
        return self._made.tried(numbers)

    def _told(self) -> dict[str, Callable[..., Any]]:
        """The functions that are told the settings, by what errors call them."""
        told = {"forward": self.forward}
        for name, rules in (("local", self.local), ("vjp", self.vjp), ("jvp", self.jvp)):
            for rule in rules if isinstance(rules, tuple) else (rules,):
                if rule is not None:
                    told[name if name not in told else f"{name} ({len(told)})"] = rule
        return told

    def _defaults(self) -> dict[str, Any]:
        """The keywords that the function has by itself, and that all rules can be told."""
        own = _parameters(self.forward) or {}
        return {
            name: p.default
            for name, p in own.items()
            if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
            and all(name in (_parameters(rule) or ()) for rule in self._told().values())
        }  # fmt: skip

    def _check(self, operands: Sequence[Any], settings: dict[str, Any]) -> None:
        """Raise where the gate cannot be called with these keywords."""
        for name, value in settings.items():
            if any(type(leaf) is Tensor for leaf in flatten(value)[0]):
                raise DataError(
                    f"{self.name}({name}=...) received a Tensor, to which no gradient would go: "
                    f"operands are given by position, {self.name}(x, y), and keywords are constants"
                )
            if self.floats:
                raise DataError(
                    f"{self.name} takes no keyword {name!r}: its floats= are expressions of the "
                    "operands alone"
                )
            for what, function in self._told().items():
                known = _parameters(function)
                if known is not None and not _takes(known, name, len(operands), what):
                    raise DataError(
                        f"{self.name} was called with {name}={value!r}, which its {what} does not "
                        f"take: its parameters are ({', '.join(known)})"
                    )


@overload
def gate(forward: Callable[..., Any], **entry: Unpack[Entry]) -> Gate: ...
@overload
def gate(**entry: Unpack[Entry]) -> Callable[[Callable[..., Any]], Gate]: ...
@wraps(registry.gate, assigned=())
def gate(forward: Callable[..., Any] | None = None, **entry: Any) -> Any:
    """Make a gate of your own: a function of arrays with its derivative.

    Elementwise gates give `local(out, *inputs)`, which returns d(out)/d(input), one per input
    (bare for one input). Others give `vjp(g, out, *inputs)`, which returns upstream times
    derivative, one per input, in the input's shape or in one that broadcasts to it; over axes that
    the input was broadcast along it is summed. Written with NumPy functions and operators, or with
    those of `ag`, the rule is differentiable in its turn.

    Keywords of a call, as in ``my_gate(x, axis=1)``, are settings: the function and each rule are
    told them, and they are constants, which a program is made for.

    Parameters
    ----------
    forward : the function, on arrays; without it, `gate` is a decorator.
    local, vjp, jvp, linear, into : its derivative; see `Gate`.
    name : what `.gate.name`, errors and listings say; the function's own name by default.
    symbol : what a picture writes into the gate; the name by default.
    rule : function and derivative as text, such as ``"x² → 2x"``.
    pattern : one of distributes, swaps, routes, scales, copies, moves, mixes; by default scales
        for an elementwise gate of one input, and mixes for any other.
    floats : True for an elementwise gate of one or two operands that is to compute with Python
        floats, and be part of programs of these: the function and its rules are then run once on
        symbols, which shows the expressions that they are. Or these themselves, the value and then
        each local gradient, in `a`, `b`, `out` and the names of `autograd.expression.FUNCTIONS`;
        None for one that the rule is to show.
    expansion : of a composite gate, the same function written with other gates.
    kinks : what the derivative is at corners, jumps and ties, in text, such as ``"0 at 0"``.
    doc : what `help` shows; the function's own docstring by default.

    Raises
    ------
    DataError (a TypeError): neither `local` nor `vjp`, one that is no function, or a pattern that
        is none of those; when called, a keyword that the function or a rule does not take.
    ShapeError (a ValueError): in a pass, a rule that answers in a shape that does not fold.

    Examples
    --------
    >>> import autograd as ag
    >>> multiply = ag.gate(lambda a, b: a * b, local=lambda out, a, b: (b, a),
    ...                    name="my_multiply", symbol="×")
    >>> x, y = ag.Tensor(3.0), ag.Tensor(-4.0)
    >>> f = multiply(x, y)
    >>> f.backward()
    >>> f.data, x.grad, y.grad
    (-12.0, -4.0, 3.0)

    Read off its rule, what it is on Python floats:

    >>> cube = ag.gate(lambda a: a * a * a, local=lambda out, a: 3.0 * a * a, name="cube",
    ...                floats=True)
    >>> cube.floats.value, cube.floats.local
    ('a * a * a', ('3.0 * a * a',))

    With settings, and by its vjp:

    >>> total = ag.gate(lambda a, *, axis=None: np.sum(a, axis=axis, keepdims=True), name="total",
    ...                 vjp=lambda g, out, a, *, axis: g * np.ones_like(a))
    >>> total(ag.Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1).data
    array([[3.],
           [7.]])
    """
    if forward is None:
        return lambda function: gate(function, **entry)
    return OwnGate(_make(forward, **entry))


def _each(rules: Any, wrap: Callable[[Rule, int | None], Rule]) -> Any:
    """Rules wrapped: the one for all operands, or each of several with its operand's place."""
    if rules is None or callable(rules):
        return rules and wrap(rules, None)
    return tuple(rule and wrap(rule, slot) for slot, rule in enumerate(rules))


# ---- what rules answer


def _checked_local(name: str, rule: Rule, slot: int | None) -> Rule:
    @wraps(rule)
    def local(*args: Any, **settings: Any) -> Any:
        answer = rule(*args, **settings) if settings else rule(*args)
        out = args[0]
        if type(answer) is type(out) is np.ndarray and answer.shape == out.shape:
            return answer  # the usual one
        return _looked_at(answer, slot, lambda d, _: _local_of(name, d, out))

    return local


def _local_of(name: str, d: Any, out: Any) -> Any:
    if d is None:  # of a flat function, as a vjp may say too
        return 0.0
    if not _spreads(_shape(d), _shape(out)):
        raise ShapeError(
            f"local of {name} must return d(out)/d(input) in the output's shape, {_shape(out)}, or "
            f"in one that broadcasts to it, and returned {_shape(d)}: write vjp=lambda g, out, "
            "*inputs: ... for a gate that is not elementwise"
        )
    return _like(d, out)


def _checked_vjp(name: str, rule: Rule, slot: int | None) -> Rule:
    place, array = 2 + (slot or 0), np.ndarray

    @wraps(rule)
    def vjp(*args: Any, **settings: Any) -> Any:
        answer = rule(*args, **settings) if settings else rule(*args)
        own = args[place]
        if type(answer) is type(own) is array and answer.shape == own.shape:
            return answer  # the usual one
        return _looked_at(answer, slot, lambda d, i: _vjp_of(name, d, args[1], args[2:], i))

    return vjp


def _vjp_of(name: str, d: Any, out: Any, values: Sequence[Any], slot: int) -> Any:
    if d is None or slot >= len(values):  # a wrong number of them is told elsewhere
        return d
    shape, own = _shape(d), _shape(values[slot])
    others = [_shape(value) for i, value in enumerate(values) if i != slot]
    if not (_spreads(shape, own) or _folds(shape, own, _shape(out), others)):
        raise ShapeError(
            f"vjp of {name} must return a gradient that folds to the shape {own} of operand {slot}"
            f", and returned {shape}: sum it over the axes that the operand does not have"
        )
    return _like(d, out)


def _checked_jvp(name: str, rule: Rule) -> Rule:
    @wraps(rule)
    def jvp(tangents: Any, out: Any, *values: Any, **settings: Any) -> Any:
        tangent = rule(tangents, out, *values, **settings)
        if tangent is None:
            return 0.0
        if not _spreads(_shape(tangent), _shape(out)):
            raise ShapeError(
                f"jvp of {name} must return a tangent of the output's shape, {_shape(out)}, and "
                f"returned {_shape(tangent)}"
            )
        return _like(tangent, out)

    return jvp


def _looked_at(answer: Any, slot: int | None, look: Callable[[Any, int], Any]) -> Any:
    """A rule's answer for the operand `slot`; without it for all operands, one entry each, which
    may be functions that are called where they are wanted."""
    if slot is not None:
        return look(answer, slot)
    if isinstance(answer, (tuple, list)):
        return [_entry(part, i, look) for i, part in enumerate(answer)]
    return _entry(answer, 0, look)


def _entry(part: Any, i: int, look: Callable[[Any, int], Any]) -> Any:
    return (lambda: look(part(), i)) if callable(part) else look(part, i)


def _like(answer: Any, out: Any) -> Any:
    """An answer as a value where the rule ran on values: where it ran on Tensors, `out` is one."""
    return value_of(answer) if type(answer) is Tensor and type(out) is not Tensor else answer


# ---- shapes


def _shape(value: Any) -> Shape:
    shape = getattr(value, "shape", None)
    if shape is not None:
        return shape
    return () if value is None or type(value) in (float, int, bool) else np.shape(value)


def _spreads(shape: Shape, to: Shape) -> bool:
    """Whether one shape broadcasts to another."""
    if shape == to:
        return True
    pairs = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(n in (1, m) for n, m in pairs)


def _folds(shape: Shape, own: Shape, out: Shape, others: Sequence[Shape]) -> bool:
    """Whether the axes in which a gradient is larger than its operand are ones that the operand was
    broadcast over: the output has them.

    All of them where the gradient is of the output's shape. Otherwise they lead, as those of a
    batch of matrices do, and another operand has them and some more.
    """
    if not _spreads(own, shape):
        return False
    if shape == out:
        return True
    extra = len(shape) - len(own)
    repeated = [i for i, n in enumerate(shape) if n != (1 if i < extra else own[i - extra])]
    batch = shape[: repeated[-1] + 1] if repeated else ()
    if not batch:
        return True
    return out[: len(batch)] == batch and any(
        len(other) > len(batch) and other[: len(batch)] == batch for other in others
    )


# ---- parameters


def _parameters(function: Any) -> Any:
    """A function's parameters by name; None where that cannot be known."""
    from inspect import signature

    if isinstance(function, np.ufunc):  # out= and where= would change what is computed
        return {}
    try:
        return signature(function).parameters
    except (TypeError, ValueError):
        return None


def _takes(known: Any, name: str, operands: int, what: str) -> bool:
    """Whether a function can be told a keyword, beside its operands and what precedes those."""
    before = operands + {"forward": 0, "vjp": 2, "jvp": 2, "local": 1}[what.partition(" ")[0]]
    if any(p.kind is p.VAR_KEYWORD for p in known.values()):
        return True
    given = known.get(name)
    if given is None or given.kind is given.VAR_POSITIONAL:
        return False
    if given.kind is given.KEYWORD_ONLY:
        return True
    return given.kind is given.POSITIONAL_OR_KEYWORD and list(known).index(name) >= before
