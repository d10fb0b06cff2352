"""The one seam through which every gate is applied and recorded.

`apply` serves any gate on any operands; what `direct.py` writes out is its plain cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd import modes
from autograd.away import Away
from autograd.data import as_array, as_data, as_result, to_float
from autograd.errors import AutogradError, DataError, LinAlgError, OutOfRangeError, ShapeError
from autograd.liveness import LARGE, let_go
from autograd.tensor import (
    READ,
    SCALAR,
    Tensor,
    describe,
    here,
    is_view,
    leaf,
    new,
    owner_of,
    stamp,
)

if TYPE_CHECKING:
    from autograd.origins import Origin
    from autograd.protocols import AppliedGate

__all__ = ["Saved", "apply", "as_operand", "joined", "value_of"]

NUMBERS = (float, int, bool)
"""The types whose values make a scalar node: compared by `type(v) in`, so np.float64 is none."""


NESTS = frozenset({list, tuple})
"""What is read as the array that it could be written as."""


REFUSALS = (ValueError, TypeError, IndexError)
"""What NumPy raises where operands do not fit."""


class Saved(NamedTuple):
    """What a gate's `forward` may return: its value, and what the rule would compute again.

    The rule then takes a keyword `saved`, which is None where it runs on Tensors.
    """

    value: Any
    saved: Any


def apply(gate: AppliedGate, operands: tuple, settings: dict[str, Any] | None = None) -> Tensor:
    """The node of `gate` on `operands`; a leaf where nothing wants a gradient or is recorded.

    Constants among the operands that are not numbers or arrays become arrays, and lists that hold
    Tensors become nodes.
    """
    mode = modes.current() if modes.open_blocks else None
    tape = None if mode is None else mode.tape
    if mode is not None and (tape is not None or mode.effects is not None):
        operands = modes.outside().operands(operands)
    wants = False
    scalar = True
    values = []
    for operand in operands:
        kind = type(operand)
        if kind is Tensor:
            value = operand._value
            wants = wants or operand._wants
            if type(value) is not float:
                scalar = False
                if type(value) is Away:
                    value = here(operand)
        elif kind in NUMBERS:
            value = operand
        else:
            if kind is not np.ndarray or operand.dtype.kind not in "fiub":
                if (kind is list or kind is tuple) and holds_tensors(operand):
                    return apply(gate, tuple(map(joined, operands)), settings)
                value = as_data(operand, None)
                operands = tuple(value if o is operand else o for o in operands)
            else:
                value = operand
            scalar = False
        values.append(value)
    local = None
    is_large = not scalar and type(values[0]) is np.ndarray and values[0].nbytes >= LARGE
    if is_large and (mode is None or (tape is None and mode.watch is None)):
        let_go(operands)
    if scalar:
        data, local = _on_floats(gate, operands, values, settings)
    else:
        try:
            if tape is not None:
                data = tape.apply(gate, values, settings)
            elif mode is not None and mode.watch is not None:
                data = mode.watch.compute(gate, values, settings)
            else:
                data = gate.forward(*values, **settings) if settings else gate.forward(*values)
        except REFUSALS as error:
            raise explain(gate.name, operands, settings, error) from error
        if type(data) is not np.ndarray and type(data) is not float:
            if type(data) is Saved:
                data, saved = data
                settings = {**(settings or {}), "saved": saved}
            data = as_result(gate.name, detached(gate.name, data))
    origin = None
    read = False
    if mode is not None:
        origin = _noted(mode, gate, operands, values, data)
        if not mode.grad_enabled:
            read, wants = wants and mode.reads is not None, False
    if not wants:
        return _constant(data, operands, values, READ if read else False)
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


def _noted(
    mode: modes.Mode, gate: AppliedGate, operands: tuple, values: Sequence[Any], data: Any
) -> Origin | None:
    """What a node keeps of where it was made; what was read, and was watched, the mode is told."""
    origin = mode.origin()
    if mode.reads is not None:
        mode.reads.update(
            (o, None) for o in operands if type(o) is Tensor and o._wants and o._wants is not READ
        )
    if mode.watch is not None:
        origin = mode.watch.made(gate, operands, values, data, origin)
    return origin


def _constant(data: Any, operands: tuple, values: Sequence[Any], wants: Any) -> Tensor:
    """A leaf that was computed. It knows whose memory it shows, if any, which may be assigned."""
    constant = leaf(data)
    constant._wants = wants
    if type(data) is np.ndarray and (data.base is not None or data is values[0]):
        first = operands[0]
        if type(first) is Tensor and first._value is data.base and first.gate is None:
            constant._second = first  # the usual one
            return constant
        for operand in operands:
            if type(operand) is Tensor and is_view(data, operand):
                constant._second = owner_of(operand)
    return constant


def _on_floats(
    gate: AppliedGate, operands: tuple, values: list, settings: dict[str, Any] | None
) -> tuple[Any, tuple[float, ...] | None]:
    """The value of a gate on Python numbers and, for an operator of two at most, its derivatives.

    Those are left to the backward pass where a Tensor among the operands wants no gradient, so
    that a scalar node which carries its own only ever points at nodes that want one.
    """
    if gate.floats is not None and not settings:
        out, *local = gate.floats.evaluate(*map(to_float, values))
        if any(type(o) is Tensor and not o._wants for o in operands):
            return out, None
        return out, tuple(local)
    try:
        with np.errstate(all="ignore"):
            out = detached(gate.name, gate.forward(*values, **(settings or {})))
        if type(out) is np.ndarray and (out.ndim or out.dtype != np.float64):
            return out, None
        return float(out), None
    except REFUSALS as error:
        raise explain(gate.name, operands, settings, error) from error


def holds_tensors(nest: Any) -> bool:
    """Whether there is a Tensor in nested lists and tuples."""
    level = nest
    for _ in range(64):  # as deep as arrays have axes, should a list hold itself
        kinds = set(map(type, level))  # measured: of numbers a third of the time of a look at each
        if Tensor in kinds or not (list in kinds or tuple in kinds):
            return Tensor in kinds
        if not kinds <= NESTS:
            level = [part for part in level if type(part) in NESTS]
        level = list(chain.from_iterable(level))
    return False


array: Any = None
"""The gate that joins nested lists, which `autograd.families` puts here: gates are recorded by
this file, and imported when they are used."""


def joined(operand: Any) -> Any:
    """Nested lists that hold Tensors as one node; anything else as it is.

    The one place where `ag.mean([x, x + 2])` becomes `ag.mean(ag.array([x, x + 2]))`.
    """
    if type(operand) in NESTS and holds_tensors(operand):
        return array(operand)
    return operand


def as_operand(operand: Any) -> Any:
    """A Tensor, or what has the attributes of an array in common with one: lists are joined."""
    operand = joined(operand)
    return operand if type(operand) is Tensor else as_array(operand)


def value_of(operand: Any) -> Any:
    """The value of a Tensor, and of lists that hold Tensors; anything else as it is."""
    if type(operand) is not Tensor:
        if type(operand) not in NESTS or not holds_tensors(operand):
            return operand
        operand = joined(operand)
    if modes.open_blocks and (outside := modes.outside()) is not None:
        return outside.value(operand)
    return here(operand)


def detached(name: str, result: Any) -> Any:
    """What the function of the gate `name` returned, as a value: it may be written with gates."""
    if type(result) is not Tensor:
        return result
    if result._wants:
        raise DataError(
            f"the function of {name} reads a Tensor that wants a gradient, to which none would go: "
            "make it an operand"
        )
    return value_of(result)


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
    hint = ""
    if kind is DataError and "keyword" in str(error):
        from autograd.foreign import KEYWORDS

        hint = "".join(f": write {KEYWORDS[k]}" for k in settings or () if k in KEYWORDS)
    return kind(f"{name} cannot be applied to {given}: {error}{hint}")


def _describe_operand(operand: Any) -> str:
    if type(operand) is Tensor:
        return describe(operand)
    if isinstance(operand, (np.ndarray, np.generic, *NUMBERS)):
        return f"a constant (shape {np.shape(operand)})"
    return f"a {type(operand).__name__}"
