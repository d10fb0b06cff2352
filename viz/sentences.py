"""What a gate does to the gradient that reaches it, in sentences; also the hints of a quiz.

A sentence is about a gate with its operands: which of them receive a gradient, which is a constant,
which is another one's copy. Each is a whole phrase with gaps for names and numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.extend import phrase, say

from .formulas import pattern_of, receivers, rule_of

SENTENCES = {
    "distributes": phrase(
        "{symbol} distributes: each input receives the upstream gradient as it is."
    ),
    "distributes to one": phrase(
        "{symbol} distributes: {input} receives the upstream gradient as it is."
    ),
    "swaps": phrase(
        "{symbol} swaps: each input receives the upstream gradient times the other input."
    ),
    "routes": phrase(
        "{symbol} routes: the gradient goes to where the value came from, and nowhere else."
    ),
    "scales": phrase("{symbol} scales: the upstream gradient times its own derivative, {rule}."),
    "scales, unwritten": phrase("{symbol} scales: the upstream gradient times its own derivative."),
    "scales by": phrase("{symbol} scales: {input} receives the upstream gradient times {factor}."),
    "copies": phrase(
        "{symbol} copies: {input} receives what its rule makes of the upstream gradient."
    ),
    "moves": phrase(
        "{symbol} moves: each element receives the gradient of the place that it went to."
    ),
    "mixes": phrase("{symbol} mixes its inputs, each by its own rule: {rule}."),
    "mixes, unwritten": phrase("{symbol} mixes its inputs, each by its own rule."),
    "mixes one": phrase(
        "{symbol} mixes: {input} receives what its rule makes of the upstream gradient: {rule}."
    ),
    "mixes one, unwritten": phrase(
        "{symbol} mixes: {input} receives what its rule makes of the upstream gradient."
    ),
}
"""By pattern, and by what the operands are."""

_ADDED = phrase("{symbol} copies: every element that was added receives the upstream gradient.")
_COPIED = phrase("{symbol} copies: every element receives the gradients of its copies, added up.")
_PASSED = phrase("{symbol} copies: the upstream gradient goes back as it is.")
_LARGEST = phrase(
    "{symbol} routes: the largest element receives the upstream gradient, the others 0; equal ones "
    "share it."
)
_SMALLEST = phrase(
    "{symbol} routes: the smallest element receives the upstream gradient, the others 0; equal "
    "ones share it."
)
_LARGER = phrase(
    "{symbol} routes: the larger input receives the upstream gradient, the other one 0; equal ones "
    "share it."
)
_SMALLER = phrase(
    "{symbol} routes: the smaller input receives the upstream gradient, the other one 0; equal "
    "ones share it."
)
OWN = {
    "subtract": phrase(
        "{symbol} distributes: the first input receives the upstream gradient as it is, the second "
        "one with its sign turned."
    ),
    "sum": _ADDED, "number": _ADDED, "nansum": _ADDED, "trace": _ADDED,
    "add.reduceat": phrase(
        "{symbol} copies: every element receives the upstream gradients of the slices that it is "
        "in, added up."
    ),
    "mean": phrase(
        "{symbol} copies: every element receives the upstream gradient divided by {count}, the "
        "number of elements that were averaged."
    ),
    "nanmean": phrase(
        "{symbol} copies: every element that was averaged receives the upstream gradient divided "
        "by how many they are."
    ),
    "avg_pool": phrase(
        "{symbol} copies: every element of a window receives the window's upstream gradient "
        "divided by how many were averaged."
    ),
    "avg_unpool": phrase(
        "{symbol} copies: every element receives the gradients of its copies, added up and divided "
        "by how many were averaged."
    ),
    "broadcast_to": _COPIED, "tile": _COPIED, "repeat": _COPIED, "unfold": _COPIED,
    "sliding_window_view": _COPIED,
    "identity": _PASSED, "copy": _PASSED,
    "maximum": _LARGER, "fmax": _LARGER, "minimum": _SMALLER, "fmin": _SMALLER,
    "max": _LARGEST, "nanmax": _LARGEST, "min": _SMALLEST, "nanmin": _SMALLEST,
    "relu": phrase(
        "{symbol} routes: {input} receives the upstream gradient where it is positive, else 0."
    ),
}  # fmt: skip
"""By gate, where its pattern does not say enough."""

_ABOVE = phrase(
    "{symbol} routes: {input} receives the upstream gradient where it is larger than {factor}, "
    "half of it where they are equal, else 0."
)
_BELOW = phrase(
    "{symbol} routes: {input} receives the upstream gradient where it is smaller than {factor}, "
    "half of it where they are equal, else 0."
)
BY_ONE = {
    "subtract": phrase(
        "{symbol} scales: {input} receives the upstream gradient with its sign turned."
    ),
    "maximum": _ABOVE, "fmax": _ABOVE, "minimum": _BELOW, "fmin": _BELOW,
}  # fmt: skip
"""By gate, where one of its two operands alone receives a gradient."""

REPEATED = phrase(
    "{input} stands at {count} of its inputs: what comes back along them is added up."
)
STRETCHED = phrase("Broadcasting had copied {inputs}: the gradients of the copies are added up.")
UPSTREAM = phrase("g is {gradient}.")


def words_of(
    node: Tensor,
    symbol: str,
    label: Callable[[Any], str],
    gradient: str,
    digits: int | None = None,
) -> str:
    """What the gate that made `node` does to the gradient that reaches it.

    `label` says what an operand is called, `gradient` what the upstream gradient is.

    >>> from viz.formulas import NodeNames
    >>> from viz.symbols import symbol_of
    >>> x, y = Tensor(3.0, name="x"), Tensor(2.0, name="y")
    >>> for f in (x + y, -2 * x):
    ...     print(words_of(f, symbol_of(f), NodeNames([x, y, f], f).operand, "df/df"))
    + distributes: each input receives the upstream gradient as it is.
    ×(−2) scales: x receives the upstream gradient times −2.
    """
    slots = [slot for slot, receives in enumerate(receivers(node)) if receives]
    receiving = {id(node.inputs[slot]): node.inputs[slot] for slot in slots}
    template = _template(node, slots)
    rule = _rule(node, slots, digits)
    other = node.inputs[1 - slots[0]] if len(node.inputs) == 2 else None
    said = [
        say(
            template, rule=rule,
            symbol=node.gate.name if template == SENTENCES["routes"] else symbol,
            input=", ".join(map(label, receiving.values())), factor=label(other),
            count=_averaged(node),
        )
    ]  # fmt: skip
    if has_upstream(rule) and "{rule}" in template:
        said.append(say(UPSTREAM, gradient=gradient))
    for operand in receiving.values():
        count = sum(operand is other for other in node.inputs)
        if count > 1:
            said.append(say(REPEATED, input=label(operand), count=count))
    copied = [label(operand) for operand in receiving.values() if _is_stretched(operand, node)]
    if copied:
        said.append(say(STRETCHED, inputs=", ".join(copied)))
    return " ".join(said)


def _template(node: Tensor, slots: list[int]) -> str:
    """The phrase for a gate of which the operands at `slots` receive a gradient."""
    gate, pattern, is_one = node.gate, pattern_of(node), len(slots) == 1
    is_one_of_two = is_one and len(node.inputs) == 2
    if not gate.tells_local:  # Else the name is another's choice.
        if is_one_of_two and gate.name in BY_ONE and pattern != "distributes":
            return BY_ONE[gate.name]
        if gate.name == "mean" and "where" in node.settings:
            return OWN["nanmean"]
        if gate.name in OWN and not is_one_of_two:
            return OWN[gate.name]
    unwritten = "" if rule_of(node)[1] else ", unwritten"
    match pattern:
        case "distributes" if is_one:
            return SENTENCES["distributes to one"]
        case "scales" if gate.pattern == "swaps":
            return SENTENCES["scales by"]
        case "scales":
            return SENTENCES["scales" + unwritten]
        case "mixes" if not is_one:
            return SENTENCES["mixes" + unwritten]
        case "mixes":
            return SENTENCES["mixes one" + unwritten]
    return SENTENCES[pattern]


def _rule(node: Tensor, slots: list[int], digits: int | None) -> str:
    """The function and its derivative, by the one operand that receives a gradient."""
    function, derivative = rule_of(node, digits)
    parts = derivative.split(", ")
    if len(slots) == 1 and len(parts) == len(node.inputs):
        derivative = parts[slots[0]]
    return f"{function} → {derivative}"


def _averaged(node: Tensor) -> int:
    """Of how many elements each one of a mean is the mean."""
    return int(np.size(node.inputs[0])) // max(node.size, 1)


def _is_stretched(operand: Tensor, node: Tensor) -> bool:
    """Whether broadcasting made copies of an operand."""
    if node.gate.local is not None:
        return operand.size < node.size
    if node.gate.name != "matmul":
        return False
    stacked = [math.prod(shape[:-2]) for shape in (operand.shape, *map(np.shape, node.inputs))]
    return operand.ndim > 1 and stacked[0] < max(stacked[1:])


def has_upstream(rule: str) -> bool:
    """Whether a rule is written as a product with the upstream gradient g, such as g·Bᵀ."""
    return bool(re.search(r"(?<!\w)g(?!\w)", rule))
