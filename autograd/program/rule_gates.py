"""A gate's rule as a gate of its own: for rules that cannot be taken apart while recording.

A rule that looks at the numbers, as in ``if np.any(...)``, is one call of the program. Where that
call is to be differentiated in its turn, the engine does so at each replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.eager import apply, value_of
from autograd.folding import fold
from autograd.gates.registry import Gate, gate
from autograd.propagation import settings_on_tensors
from autograd.protocols import AppliedGate
from autograd.tensor import Tensor
from autograd.transforms import jvp, vjp

__all__ = ["vjp_whole"]


def vjp_whole(
    node: Tensor, upstream: Any, wanted: Sequence[bool], operands: Sequence[Any]
) -> list[Any]:
    """What a gate sends back, each contribution a node of the rule's own gate."""
    assert node.gate is not None
    return [
        apply(_rule_gate(node.gate, slot, node), (upstream, node, *operands)) if want else None
        for slot, want in enumerate(wanted)
    ]


def _rule_gate(made_by: AppliedGate, slot: int, node: Tensor) -> Gate:
    """The rule of one operand: of the upstream, the result and all operands."""
    on_values, on_tensors = node._d_first, settings_on_tensors(node)

    def rule(g: Any, out: Any, *inputs: Any) -> Any:
        wanted = [place == slot for place in range(len(inputs))]
        recorded = any(type(v) is Tensor for v in (g, out, *inputs))
        settings = on_tensors if recorded else on_values
        answers = made_by.vjps_of(g, wanted, out, inputs, settings)[slot]
        return fold(answers, value_of(inputs[slot]))

    def moving(given: Sequence[Any]) -> list[int]:
        """The places of what can be differentiated for."""
        return [i for i, v in enumerate(given) if np.asarray(value_of(v)).dtype.kind == "f"]

    def of_moving(places: Sequence[int], given: Sequence[Any]) -> Any:
        def function(*moved: Any) -> Any:
            operands = list(given)
            for place, value in zip(places, moved, strict=True):
                operands[place] = value
            return rule(*operands)

        return function

    def rule_vjp(g: Any, out: Any, *given: Any) -> list[Any]:
        places = moving(given)
        _, pullback = vjp(of_moving(places, given), *(given[i] for i in places))
        known = dict(zip(places, pullback(g), strict=True))
        return [known.get(i) for i in range(len(given))]

    def rule_jvp(tangents: Sequence[Any], out: Any, *given: Any) -> Any:
        places = moving(given)
        primals = [given[i] for i in places]
        return jvp(of_moving(places, given), primals, [tangents[i] for i in places])[1]

    return gate(
        rule, vjp=rule_vjp, jvp=rule_jvp, name=f"{made_by.name}'", symbol=f"{made_by.symbol}'"
    )
