"""Operators of Tensor, written out for their plain cases.

Gates on Python floats are so small that the general `apply` costs several times their arithmetic.
So `direct_operator` writes out, from the gate's own expressions, the function that a person would
write by hand, and the shortest way for arrays beside it; whatever is out of the ordinary it leaves
to `apply`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from autograd import floats, modes
from autograd.eager import REFUSALS, apply
from autograd.keywords import refuse
from autograd.liveness import LARGE, let_go
from autograd.tensor import SCALAR, Tensor, new, stamp

if TYPE_CHECKING:
    from autograd.protocols import AppliedGate

__all__ = ["direct_operator"]

NODE = """
        node = new(Tensor)
        node._value = out
        node._grad = None
        node.name = None
        node.gate = gate
        node._first = {first}
        node._second = {second}
        node._d_first = {d_first}{d_second}
        node._wants = {wants}
        node._origin = modes.current().place if modes.open_blocks else None
        node._adjoint = None
        node._stamp = stamp()
        return node"""

SCALAR_UNARY = """
    if self._wants is SCALAR and (not modes.open_blocks or modes.current().plain):
        a = self._value
        try:
            out = {value}
            d_first = {local[0]}
        except FLOAT_ERRORS:
            return apply(gate, (self,)){node}"""

SCALAR_BINARY = """
    if scalar and self._wants is SCALAR and (not modes.open_blocks or modes.current().plain):
        {mine} = self._value
        try:
            out = {value}
            d_first = {local[0]}
            d_second = {local[1]}
        except FLOAT_ERRORS:
            return apply(gate, ({first}, {second})){node}"""

UNARY = """
def operator(self{options}):{check}{on_scalars}
    a = self._value
    if type(a) is ndarray and self._wants and (not modes.open_blocks or modes.current().plain):
        if a.nbytes >= LARGE:
            let_go((self,))
        try:
            out = forward(a)
        except REFUSALS:
            return apply(gate, (self,))
        if type(out) is not ndarray:
            out = asarray(out){node}
    return apply(gate, (self,))
"""

BINARY = """
def operator(self, other{options}):{check}
    if type(other) is Tensor:
        {theirs} = other._value
        scalar = other._wants is SCALAR
    else:
        {theirs} = other
        scalar = type(other) is float{on_scalars}
    {mine} = self._value
    if (
        type({mine}) is ndarray and self._wants
        and (scalar or type({theirs}) is ndarray
             and (type(other) is Tensor or other.dtype.kind in "fiub"))
        and (not modes.open_blocks or modes.current().plain)
    ):
        if {mine}.nbytes >= LARGE:
            let_go((self, other))
        try:
            out = forward(a, b)
        except REFUSALS:
            return apply(gate, ({first}, {second}))
        if type(out) is not ndarray:
            out = asarray(out){node}
    return apply(gate, ({first}, {second}))
"""


CHECK = """
    if options:
        refuse(shown, options)"""


def direct_operator(
    gate: AppliedGate, *, reflected: bool = False, shown: str | None = None
) -> Callable[..., Tensor]:
    """A method of Tensor for a gate of one or two operands, written out for the plain cases.

    For scalar nodes with the gate's arithmetic on Python floats in its place, and for arrays. In
    the reflected form `self` is the second operand, as in ``2.0 - x``. One that has a name to show,
    such as ``"t.exp"``, says for a keyword what to write instead.
    """
    unary = gate.arity == 1
    names = {"first": "self", "second": "other", "mine": "a", "theirs": "b"}
    if reflected:
        names = {"first": "other", "second": "self", "mine": "b", "theirs": "a"}
    on_scalars = ""
    if gate.floats is not None:
        node = NODE.format(
            first=names["first"], second=None if unary else names["second"], d_first="d_first",
            d_second="" if unary else "\n        node._d_second = d_second", wants="SCALAR",
        )  # fmt: skip
        template = SCALAR_UNARY if unary else SCALAR_BINARY
        on_scalars = template.format(
            value=gate.floats.value, local=gate.floats.local, node=node, **names
        )
    node = NODE.format(
        first="(self,)" if unary else f"({names['first']}, {names['second']})", second=None,
        d_first=None, d_second="", wants=True,
    )  # fmt: skip
    from autograd.expression import NAMESPACE

    source = (UNARY if unary else BINARY).format(
        on_scalars=on_scalars, node=node, options=", **options" if shown else "",
        check=CHECK if shown else "", **names,
    )  # fmt: skip
    namespace = {
        **NAMESPACE,
        "LARGE": LARGE, "REFUSALS": REFUSALS, "SCALAR": SCALAR, "Tensor": Tensor, "apply": apply,
        "asarray": np.asarray, "forward": gate.forward, "gate": gate, "modes": modes,
        "let_go": let_go, "ndarray": np.ndarray, "new": new, "refuse": refuse, "shown": shown,
        "stamp": stamp,
    }  # fmt: skip
    operator = floats.define("operator", source, namespace, file=gate.name)
    operator.__name__ = operator.__qualname__ = gate.name
    operator.__doc__ = gate.rule
    return operator
