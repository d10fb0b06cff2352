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
    from autograd.origins import Origin, Scope, Source
    from autograd.protocols import AppliedGate

__all__ = ["check_vjp", "check_value", "detect_anomaly", "fingerprints"]

SHOWN = 8
"""The number of entries up to which an array is shown whole."""


class detect_anomaly(modes.Block):  # noqa: N801 - a block under PyTorch's name
    """Raise `AnomalyError` at the gate that makes a NaN or an infinity, forward or backward.

    The error names the gate, its operands with their values, and the line of your program that
    applied it. A value that was not finite before it came in is passed on. Writing into an array
    behind the graph's back is noticed too. It costs a check of every gate while the block is open.

    >>> import autograd as ag
    >>> x = ag.Tensor(0.0, name="x")
    >>> with ag.detect_anomaly():
    ...     y = x.log()
    Traceback (most recent call last):
    autograd.errors.AnomalyError: log made -inf of finite operands: Tensor 'x' (scalar) = 0.
      File ...
    """

    __slots__ = ()

    def change(self, mode: modes.Mode) -> modes.Mode:
        return mode._replace(lines=True, watch=_ANOMALIES)


class Anomalies(modes.Watch):
    """Looks at every gate for what is not finite."""

    stops = True

    def compute(
        self, gate: AppliedGate, values: Sequence[Any], settings: dict[str, Any] | None
    ) -> Any:
        with np.errstate(all="ignore"):  # the error says more than NumPy's warning
            return gate.forward(*values, **(settings or {}))

    def made(
        self,
        gate: AppliedGate,
        operands: Sequence[Any],
        values: Sequence[Any],
        data: Any,
        origin: Origin | None,
    ) -> Origin | None:
        check_value(gate, operands, values, data, origin and origin.source)
        return origin and origin._replace(prints=fingerprints(values))

    def passed(self, node: Tensor, upstream: Any, contributions: list[Any]) -> None:
        check_vjp(node, upstream, contributions)


_ANOMALIES = Anomalies()


def check_value(
    gate: AppliedGate,
    operands: Sequence[Any],
    values: Sequence[Any],
    data: Any,
    source: Source | None,
) -> None:
    """Raise where a gate made a NaN or an infinity of finite operands."""
    if _finite(data) or not all(map(_finite, values)):
        return
    what = f"{gate.name}{_inside(modes.current().scope)} made {_what(data)}"
    raise AnomalyError(
        f"{what} of finite operands: {_listed(operands, values, data)}{_at(source)}",
        what=what, gate=gate, operands=operands, values=values, source=source,
    )  # fmt: skip


def check_vjp(node: Tensor, upstream: Any, contributions: Sequence[Any]) -> None:
    """Raise where a gate's derivative made a NaN or an infinity of a finite upstream gradient.

    And where an operand's array was written to behind the graph's back since the gate read it.
    """
    gate, operands, origin = node.gate, node.inputs, node._origin
    assert gate is not None
    values = [o._value if type(o) is Tensor else o for o in operands]
    source = origin.source if origin else None
    if origin and origin.prints is not None:
        for operand, now, then in zip(operands, fingerprints(values), origin.prints, strict=True):
            if now != then:
                name = describe(operand) if type(operand) is Tensor else "a constant array"
                what = f"the array of {name} was written to after {gate.name} had read it"
                raise AnomalyError(
                    f"{what}, so the gradient would belong to other values: assign t.data "
                    f"instead{_at(source)}",
                    what=what, gate=gate, operands=operands, values=values, source=source,
                    phase="written",
                )  # fmt: skip
    plain = [c._value if type(c) is Tensor else c for c in contributions]
    plain_upstream = upstream._value if type(upstream) is Tensor else upstream
    if not _finite(plain_upstream) or all(c is None or _finite(c) for c in plain):
        return
    bad = next(c for c in plain if c is not None and not _finite(c))
    inside = _inside(origin.scope if origin else None)
    what = f"the derivative of {gate.name}{inside} ({gate.rule}) made {_what(bad)}"
    raise AnomalyError(
        f"{what} of a finite gradient {_brief(plain_upstream, bad)}, at operands: "
        f"{_listed(operands, values, bad)}{_at(source)}",
        what=what, gate=gate, operands=operands, values=values, source=source, phase="backward",
    )  # fmt: skip


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
    where = _where(array)
    bad = int((~np.isfinite(array)).sum())
    return f"{array[where]} at index {where} ({bad} of {array.size} entries are not finite)"


def _where(array: np.ndarray) -> tuple[int, ...]:
    """The index of the first entry that is not finite."""
    return tuple(int(i[0]) for i in np.nonzero(~np.isfinite(array)))


def _listed(operands: Sequence[Any], values: Sequence[Any], bad: Any) -> str:
    return "; ".join(
        f"{describe(o) if type(o) is Tensor else 'a constant'} = {_brief(v, bad)}"
        for o, v in zip(operands, values, strict=True)
    )


def _brief(value: Any, bad: Any) -> str:
    """Some entries of an array, and among them that of the first bad one, where it has one."""
    array, of = np.asarray(value), np.asarray(bad)
    text = np.array2string(array, threshold=SHOWN, edgeitems=3, separator=", ")
    beside = of.shape[max(of.ndim - array.ndim, 0) :]
    fits = len(beside) == array.ndim and all(
        n in (1, m) for n, m in zip(array.shape, beside, strict=True)
    )
    if array.size <= SHOWN or not fits:
        return text
    index = _where(of)[of.ndim - array.ndim :]
    index = tuple(0 if n == 1 else i for i, n in zip(index, array.shape, strict=True))
    return f"{text}, with {array[index]} at index {index}"


def _inside(scope: Scope | None) -> str:
    return f" in {scope.path}" if scope else ""


def _at(source: Source | None) -> str:
    if source is None:
        return ""
    place = f'File "{source.filename}", line {source.lineno}, in {source.function}'
    return f"\n  {place}\n    {source.text}"
