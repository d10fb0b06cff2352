"""The one seam through which every gate is applied and recorded.

`apply` serves any gate on any operands. Gates on Python floats are so small that a general
function costs several times their arithmetic, so for those `scalar_operator` writes out, from the
gate's own expressions, the function that a person would write by hand; whatever is out of the
ordinary it leaves to `apply`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd import floats, modes
from autograd.data import as_array, as_data, to_float
from autograd.errors import AutogradError, DataError, LinAlgError, OutOfRangeError, ShapeError
from autograd.tensor import SCALAR, Tensor, describe, leaf, new, stamp

if TYPE_CHECKING:
    from autograd.gates.registry import Gate

__all__ = ["Saved", "apply", "scalar_operator", "value_of"]

NUMBERS = (float, int, bool)
"""The types whose values make a scalar node: compared by `type(v) in`, so np.float64 is none."""


class Saved(NamedTuple):
    """What a gate's `forward` may return: its value, and what the rule would compute again.

    The rule then takes a keyword `saved`, which is None where it runs on Tensors.
    """

    value: Any
    saved: Any


def apply(gate: Gate, operands: tuple, settings: dict[str, Any] | None = None) -> Tensor:
    """The node of `gate` on `operands`; a leaf where nothing wants a gradient or is recorded.

    Constants among the operands that are not numbers or arrays become arrays.
    """
    mode = modes.current() if modes.open_blocks else None
    tape = None if mode is None else mode.tape
    if tape is not None:
        operands = tape.outside.operands(operands)
    wants = False
    scalar = True
    values = []
    for operand in operands:
        kind = type(operand)
        if kind is Tensor:
            value = operand._value
            wants = wants or operand._wants
            scalar = scalar and type(value) is float
        elif kind in NUMBERS:
            value = operand
        else:
            if kind is not np.ndarray or operand.dtype.kind not in "fiub":
                value = as_data(operand, None)
                operands = tuple(value if o is operand else o for o in operands)
            else:
                value = operand
            scalar = False
        values.append(value)
    local = None
    if scalar:
        data, local = _on_floats(gate, operands, values, settings)
    else:
        try:
            if tape is not None:
                data = tape.apply(gate, values, settings)
            else:
                data = gate.forward(*values, **settings) if settings else gate.forward(*values)
        except (ValueError, TypeError, IndexError) as error:
            raise explain(gate.name, operands, settings, error) from error
        if type(data) is not np.ndarray and type(data) is not float:
            if type(data) is Saved:
                data, saved = data
                settings = {**(settings or {}), "saved": saved}
            data = as_array(data)
    origin = None
    if mode is not None:
        origin = mode.origin()
        if mode.reads is not None:
            mode.reads.update((o, None) for o in operands if type(o) is Tensor and o._wants)
        if mode.anomaly:
            from autograd.anomaly import check_value, fingerprints

            check_value(gate, operands, values, data, origin and origin.source)
            origin = origin and origin._replace(prints=fingerprints(values))
        wants = bool(wants) and mode.recording
    if not wants:
        return leaf(data)
    node = new(Tensor)
    node._value = data
    node._grad = None
    node.name = None
    node.gate = gate
    if local is None:
        node._first, node._second, node._d_first = operands, None, settings
    else:
        node._first, node._second = (*operands, None)[:2]
        node._d_first, node._d_second = (*local, None)[:2]
    node._wants = SCALAR if type(data) is float else True
    node._origin = origin
    node._adjoint = None
    node._stamp = stamp()
    return node


def _on_floats(
    gate: Gate, operands: tuple, values: list, settings: dict[str, Any] | None
) -> tuple[Any, tuple[float, ...] | None]:
    """The value of a gate on Python numbers and, for an operator of two at most, its derivatives.

    Those are left to the backward pass where a Tensor among the operands wants no gradient, so
    that a scalar node which carries its own only ever points at nodes that want one.
    """
    if gate.floats is not None:
        out, *local = gate.floats.evaluate(*map(to_float, values))
        if any(type(o) is Tensor and not o._wants for o in operands):
            return out, None
        return out, tuple(local)
    try:
        with np.errstate(all="ignore"):
            out = gate.forward(*values, **(settings or {}))
    except (ValueError, TypeError, IndexError) as error:
        raise explain(gate.name, operands, settings, error) from error
    if type(out) is np.ndarray and (out.ndim or out.dtype != np.float64):
        return out, None
    return float(out), None


def value_of(operand: Any) -> Any:
    """The value of a Tensor; anything else as it is."""
    if type(operand) is not Tensor:
        return operand
    if modes.open_blocks and (tape := modes.tape()) is not None:
        return tape.outside.data(operand)
    return operand._value


def explain(
    name: str, operands: tuple, settings: dict[str, Any] | None, error: Exception
) -> AutogradError:
    """NumPy's refusal in our words: the function, its operands with their shapes, its settings."""
    if isinstance(error, AutogradError):
        return error
    given = ", ".join(map(_describe_operand, operands))
    for key, value in (settings or {}).items():
        given += f", {key}={value!r}"
    kind: type[AutogradError] = ShapeError
    if isinstance(error, np.linalg.LinAlgError):
        kind = LinAlgError
    elif isinstance(error, TypeError):
        kind = DataError
    elif isinstance(error, IndexError):
        kind = OutOfRangeError
    return kind(f"{name} cannot be applied to {given}: {error}")


def _describe_operand(operand: Any) -> str:
    if type(operand) is Tensor:
        return describe(operand)
    if isinstance(operand, (np.ndarray, np.generic, *NUMBERS)):
        return f"a constant (shape {np.shape(operand)})"
    return f"a {type(operand).__name__}"


UNARY = """
def operator(self):
    if self._wants is SCALAR and (not modes.open_blocks or modes.current().plain):
        a = self._value
        try:
            out = {value}
            d_first = {local[0]}
        except FLOAT_ERRORS:
            return apply(gate, (self,))
        node = new(Tensor)
        node._value = out
        node._grad = None
        node.name = None
        node.gate = gate
        node._first = self
        node._second = None
        node._d_first = d_first
        node._wants = SCALAR
        node._origin = modes.current().place if modes.open_blocks else None
        node._adjoint = None
        node._stamp = stamp()
        return node
    return apply(gate, (self,))
"""

BINARY = """
def operator(self, other):
    if type(other) is Tensor:
        {theirs} = other._value
        scalar = other._wants is SCALAR
    else:
        {theirs} = other
        scalar = type(other) is float
    if scalar and self._wants is SCALAR and (not modes.open_blocks or modes.current().plain):
        {mine} = self._value
        try:
            out = {value}
            d_first = {local[0]}
            d_second = {local[1]}
        except FLOAT_ERRORS:
            return apply(gate, ({first}, {second}))
        node = new(Tensor)
        node._value = out
        node._grad = None
        node.name = None
        node.gate = gate
        node._first = {first}
        node._second = {second}
        node._d_first = d_first
        node._d_second = d_second
        node._wants = SCALAR
        node._origin = modes.current().place if modes.open_blocks else None
        node._adjoint = None
        node._stamp = stamp()
        return node
    return apply(gate, ({first}, {second}))
"""


def scalar_operator(gate: Gate, *, reflected: bool = False) -> Callable[..., Tensor]:
    """A method of Tensor for `gate`, its arithmetic on Python floats written in place.

    In the reflected form `self` is the second operand, as in ``2.0 - x``.
    """
    assert gate.floats is not None
    value, local = gate.floats.value, gate.floats.local
    template = UNARY if len(local) == 1 else BINARY
    mine, theirs = ("b", "a") if reflected else ("a", "b")
    first, second = ("other", "self") if reflected else ("self", "other")
    source = template.format(
        value=value, local=local,
        mine=mine, theirs=theirs, first=first, second=second,
    )  # fmt: skip
    namespace = {
        **floats.NAMESPACE,
        "SCALAR": SCALAR, "Tensor": Tensor, "apply": apply, "gate": gate, "modes": modes,
        "new": new, "stamp": stamp,
    }  # fmt: skip
    operator = floats.define("operator", source, namespace)
    operator.__name__ = operator.__qualname__ = gate.name
    operator.__doc__ = gate.rule
    return operator
