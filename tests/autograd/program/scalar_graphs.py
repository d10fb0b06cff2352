"""Scalar graphs to compare programs with eager on: random, wide, narrow, with every gate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd import Tensor
from autograd.eager import apply
from autograd.families import all_gates
from autograd.gates.registry import Gate
from nn import activations
from nn.losses import regression

OF_NN = [*vars(activations).values(), *vars(regression).values()]
GATES = [gate for gate in (*all_gates(), *OF_NN) if type(gate) is Gate and gate.floats]
"""All that have expressions on floats."""

EXACT_NAMES = {
    "add", "subtract", "multiply", "divide", "negative", "reciprocal", "square", "relu", "maximum",
    "minimum", "absolute", "sqrt",
}  # fmt: skip
EXACT = [gate for gate in GATES if gate.name in EXACT_NAMES]
"""Those that IEEE 754 defines to the last bit."""

EXTREMES = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e308, 1e300, -1e300, 1e-300, -1e-300, 5e-324, -3e-310,
    math.inf, -math.inf, math.nan,
]  # fmt: skip
NUMBERS = st.one_of(st.sampled_from(EXTREMES), st.floats(-4.0, 4.0))


def arity(gate: Any) -> int:
    return len(gate.floats.local)


@st.composite
def recipes(draw: Any, gates: Sequence[Any] = EXACT, most: int = 30) -> list[tuple[Any, list]]:
    """What to build: gates with their operands, each a number or how far back the node lies."""
    count = draw(st.integers(1, most))
    operand = st.one_of(st.integers(1, 12), st.integers(1, 12), NUMBERS)
    steps = []
    for _ in range(count):
        gate = draw(st.sampled_from(gates))
        steps.append((gate, [draw(operand) for _ in range(arity(gate))]))
    return steps


def build(recipe: Sequence[tuple[Any, list]], leaves: Sequence[Tensor]) -> list[Tensor]:
    """The nodes of a recipe over some leaves, these included."""
    nodes = list(leaves)
    for gate, operands in recipe:
        chosen = [nodes[-1 - o % len(nodes)] if type(o) is int else o for o in operands]
        if not any(type(o) is Tensor for o in chosen):
            chosen[0] = nodes[-1]
        nodes.append(apply(gate, tuple(chosen)))
    return nodes


def batch(recipe: Sequence[tuple[Any, list]], shared: Sequence[Tensor], rows: Any) -> Tensor:
    """The same recipe for every row over shared leaves, as a network over a batch; the sum."""
    total: Any = 0.0
    for row in rows:
        total = total + build(recipe, [*shared, *map(Tensor, row)])[-1]
    return total


def eager(output: Tensor, leaves: Sequence[Tensor], seed: float = 1.0) -> np.ndarray:
    """The leaves' gradients by the engine's own backward pass."""
    for leaf in leaves:
        leaf.zero_grad()
    output.backward(seed)
    return np.array([0.0 if leaf.grad is None else leaf.grad for leaf in leaves])


def same_bits(a: Any, b: Any) -> bool:
    """Equal to the last bit, the sign of a zero included; any nan is as good as any other."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    both = np.isnan(a) & np.isnan(b)
    return bool(np.all(both | (a.view(np.int64) == b.view(np.int64))))


def ulps(a: Any, b: Any) -> np.ndarray:
    """How many doubles lie between; 0 between nans."""

    def order(x: Any) -> list[int]:
        bits = np.atleast_1d(np.asarray(x, float)).view(np.int64).tolist()
        return [b if b >= 0 else -(2**63) - b for b in bits]

    apart = [abs(x - y) for x, y in zip(order(a), order(b), strict=True)]
    both = np.isnan(np.atleast_1d(a)) & np.isnan(np.atleast_1d(b))
    return np.where(both, 0.0, np.array(apart, float))


def neuron(weights: Sequence[Tensor], bias: Tensor, x: Sequence[Any]) -> Any:
    """b + w·x, added up from the bias on."""
    return sum((w * v for w, v in zip(weights, x, strict=True)), bias)


def moons(points: int = 40, hidden: int = 8) -> tuple[Tensor, list[Tensor]]:
    """A network of scalars over a batch, with hinge loss and penalty, and its leaves."""
    rng = np.random.default_rng(0)
    w1 = [[Tensor(v) for v in row] for row in rng.normal(size=(hidden, 2)).tolist()]
    b1 = [Tensor(v) for v in rng.normal(size=hidden).tolist()]
    w2 = [[Tensor(v) for v in row] for row in rng.normal(size=(hidden, hidden)).tolist()]
    b2 = [Tensor(v) for v in rng.normal(size=hidden).tolist()]
    w3, b3 = [Tensor(v) for v in rng.normal(size=hidden).tolist()], Tensor(0.1)
    parameters = [p for layer in (*w1, b1, *w2, b2, w3, [b3]) for p in layer]
    losses = []
    for x in rng.normal(size=(points, 2)).tolist():
        h = [neuron(ws, b, x).relu() for ws, b in zip(w1, b1, strict=True)]
        h = [neuron(ws, b, h).relu() for ws, b in zip(w2, b2, strict=True)]
        score = neuron(w3, b3, h)
        losses.append((1 + (-1 if x[0] > 0 else 1) * score).relu())
    penalty = 1e-4 * sum(p * p for p in parameters)
    return sum(losses) * (1.0 / points) + penalty, parameters
