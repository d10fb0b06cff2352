"""Finding where a NaN or an infinity was made: by which gate, from which values, on which line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from autograd import modes
from autograd.errors import AnomalyError
from autograd.tensor import Tensor, describe

if TYPE_CHECKING:
    from autograd.gates.registry import Gate
    from autograd.modes import Scope, Source

__all__ = ["check_pull", "check_value", "fingerprints"]


def check_value(
    gate: Gate, operands: Sequence[Any], values: Sequence[Any], data: Any, source: Source | None
) -> None:
    """Raise where a gate made a NaN or an infinity of finite operands."""
    if _finite(data) or not all(map(_finite, values)):
        return
    raise AnomalyError(
        f"{gate.name}{_inside(modes.current().scope)} made {_what(data)} of finite operands: "
        f"{_listed(operands, values)}{_at(source)}"
    )


def check_pull(node: Tensor, upstream: Any, contributions: Sequence[Any]) -> None:
    """Raise where a gate's derivative made a NaN or an infinity of a finite upstream gradient.

    And where an operand's array was written to behind the graph's back since the gate read it.
    """
    assert node.gate is not None
    values = [o._value if type(o) is Tensor else o for o in node.inputs]
    origin = node._origin
    if origin and origin.prints is not None and origin.prints != fingerprints(values):
        changed = next(
            operand
            for operand, now, then in zip(
                node.inputs, fingerprints(values), origin.prints, strict=True
            )
            if now != then
        )
        name = describe(changed) if type(changed) is Tensor else "a constant array"
        raise AnomalyError(
            f"the array of {name} was written to after {node.gate.name} had read it, so the "
            f"gradient would belong to other values: assign t.data instead{_at(origin.source)}"
        )
    plain = [c._value if type(c) is Tensor else c for c in contributions]
    plain_upstream = upstream._value if type(upstream) is Tensor else upstream
    if not _finite(plain_upstream) or all(c is None or _finite(c) for c in plain):
        return
    bad = next(c for c in plain if c is not None and not _finite(c))
    raise AnomalyError(
        f"the derivative of {node.gate.name}{_inside(origin.scope if origin else None)} "
        f"({node.gate.rule}) made {_what(bad)} of a finite gradient {_brief(plain_upstream)}, "
        f"at operands: {_listed(node.inputs, values)}{_at(origin.source if origin else None)}"
    )


def fingerprints(values: Sequence[Any]) -> tuple[int, ...]:
    """A checksum of each operand's memory, to notice writing into it."""
    return tuple(
        crc32(np.ascontiguousarray(v).tobytes()) if type(v) is np.ndarray else 0 for v in values
    )


def _finite(value: Any) -> bool:
    return bool(np.isfinite(value).all())


def _what(value: Any) -> str:
    """The first entry that is not finite, and where it stands."""
    array = np.asarray(value)
    if array.ndim == 0:
        return "a nan" if np.isnan(array) else f"{array.item()}"
    where = tuple(int(i[0]) for i in np.nonzero(~np.isfinite(array)))
    bad = int((~np.isfinite(array)).sum())
    return f"{array[where]} at index {where} ({bad} of {array.size} entries are not finite)"


def _listed(operands: Sequence[Any], values: Sequence[Any]) -> str:
    return "; ".join(
        f"{describe(o) if type(o) is Tensor else 'a constant'} = {_brief(v)}"
        for o, v in zip(operands, values, strict=True)
    )


def _brief(value: Any) -> str:
    return np.array2string(np.asarray(value), threshold=8, edgeitems=3, separator=", ")


def _inside(scope: Scope | None) -> str:
    return f" in {scope.path}" if scope else ""


def _at(source: Source | None) -> str:
    if source is None:
        return ""
    place = f'File "{source.filename}", line {source.lineno}, in {source.function}'
    return f"\n  {place}\n    {source.text}"
