"""ONNX' operators that have graphs of their own: branches, loops and scans.

Such a graph sees the values around it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import autograd as ag
from autograd.errors import UnsupportedError
from autograd.exchange.onnx_operators import Call, plain

__all__ = ["INSIDE"]


def branch(call: Call, known: Mapping[str, Any], condition: Any) -> tuple[Any, ...]:
    body = call.attributes["then_branch" if np.all(condition) else "else_branch"]
    return tuple(body.run(known, body.outputs))


def scanned(call: Call, known: Mapping[str, Any], *operands: Any) -> tuple[Any, ...]:
    """ONNX' Scan, over the first axis."""
    body, count = call.attributes["body"], call.attributes["num_scan_inputs"]
    if any(call.attributes.get(f"scan_{side}_axes") for side in ("input", "output")):
        raise UnsupportedError("a Scan over other axes than the first cannot be read")
    states, xs = operands[: len(operands) - count], operands[len(operands) - count :]
    directions = call.attributes.get("scan_input_directions") or [0] * count
    xs = tuple(np.flip(x, 0) if back else x for x, back in zip(xs, directions, strict=True))

    def step(state: Any, now: Any) -> tuple[Any, Any]:
        given = dict(zip(body.inputs, (*state, *now), strict=True))
        made = body.run({**known, **given}, body.outputs)
        return tuple(made[: len(states)]), tuple(made[len(states) :])

    last, ys = ag.scan(step, tuple(states), xs)
    directions = call.attributes.get("scan_output_directions") or [0] * len(ys)
    return (*last, *(np.flip(y, 0) if back else y for y, back in zip(ys, directions, strict=True)))


def repeated(
    call: Call, known: Mapping[str, Any], most: Any, condition: Any, *states: Any
) -> tuple[Any, ...]:
    """ONNX' Loop, as often as the numbers that it is given say."""
    body, rows, i = call.attributes["body"], [], 0
    limit = math.inf if most is None else int(plain(most).item())
    while i < limit and (condition is None or bool(np.all(plain(condition)))):
        given = dict(zip(body.inputs, (np.array(i), condition, *states), strict=True))
        condition, *made = body.run({**known, **given}, body.outputs)
        states, i = tuple(made[: len(states)]), i + 1
        rows.append(made[len(states) :])
    if not rows and len(body.outputs) > 1 + len(states):
        raise UnsupportedError("a Loop that gives rows and does not run once cannot be read")
    return (*states, *(np.stack(column) for column in zip(*rows, strict=True)))


INSIDE: dict[str, Callable[..., Any]] = {"If": branch, "Loop": repeated, "Scan": scanned}
