"""micrograd's demonstration: one full step of MLP(2, [16, 16, 1]) on two moons, scalar by scalar.

100 points, hinge loss, L2 penalty, accuracy, backward pass and descent, with the same weights and
the same order of operations in both libraries. micrograd adds up gradients in the order of a set,
which changes from run to run, so that only its first loss can be met to the last bit.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.results import Outcome

TITLE = "Two moons, one step of MLP(2, [16, 16, 1])"
FAMILY = "Scalar graphs"
COLLECTOR = True

SEED = 1337
SIZES = (2, 16, 16, 1)
PENALTY = 1e-4
STEPS = 100  # of the learning rate's schedule, which falls from 1 to 0.1


def two_moons(points: int = 100, noise: float = 0.1) -> tuple[list[list[float]], list[int]]:
    """Two interleaved half circles: the points' coordinates, and their classes as -1 and 1."""
    rng = np.random.default_rng(SEED)
    angle = np.linspace(0, np.pi, points // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    x = np.concatenate([upper, lower]) + rng.normal(scale=noise, size=(points, 2))
    y = np.repeat([-1, 1], points // 2)
    order = rng.permutation(points)
    return x[order].tolist(), y[order].tolist()


def objective(
    model: Callable[[Any], Any], parameters: Sequence[Any], x: list[Any], y: list[int]
) -> tuple[Any, float]:
    """The demonstration's loss, a node of either library, and the accuracy."""
    scores = [model(row) for row in x]
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    penalty = PENALTY * sum(p * p for p in parameters)
    hits = [(yi > 0) == (score.data > 0) for yi, score in zip(y, scores, strict=True)]
    return data_loss + penalty, sum(hits) / len(hits)


def learning_rate(step: int) -> float:
    """The demonstration's schedule; it stays at its last value."""
    return 1.0 - 0.9 * min(step, STEPS) / STEPS


def initial_parameters() -> list[float]:
    """micrograd's: for each neuron its weights, uniform from -1 to 1, then a bias of 0."""
    random.seed(SEED)
    return [
        value
        for fan_in, fan_out in pairwise(SIZES)
        for _ in range(fan_out)
        for value in [*(random.uniform(-1, 1) for _ in range(fan_in)), 0]
    ]


class MicrogradStep:
    """One step of micrograd's own model; returns the loss."""

    def __init__(self) -> None:
        from micrograd.nn import MLP

        self.model = MLP(SIZES[0], list(SIZES[1:]))
        for parameter, value in zip(self.model.parameters(), initial_parameters(), strict=True):
            parameter.data = value
        self.points, self.classes = two_moons()
        self.count = 0

    def loss(self) -> Any:
        """The loss's node; the demonstration wraps its inputs anew each time."""
        from micrograd.engine import Value

        inputs = [list(map(Value, row)) for row in self.points]
        return objective(self.model, self.model.parameters(), inputs, self.classes)[0]

    def __call__(self) -> float:
        loss = self.loss()
        self.model.zero_grad()
        loss.backward()
        rate = learning_rate(self.count)
        for p in self.model.parameters():
            p.data -= rate * p.grad
        self.count += 1
        return float(loss.data)

    def facts(self) -> dict[str, int]:
        """How many gates and nodes the loss's graph has, constants included."""
        pending, seen = [self.loss()], set()
        while pending:
            node = pending.pop()
            if node not in seen:
                seen.add(node)
                pending.extend(node._prev)
        return {"gates": sum(bool(node._op) for node in seen), "nodes": len(seen)}


class GategradStep:
    """One step of the same model, its weights scalar nodes; returns the loss."""

    def __init__(self) -> None:
        from autograd import Tensor

        values = iter(initial_parameters())
        self.layers = [
            [
                ([Tensor(float(next(values))) for _ in range(fan_in)], Tensor(float(next(values))))
                for _ in range(fan_out)
            ]
            for fan_in, fan_out in pairwise(SIZES)
        ]
        self.parameters = [p for layer in self.layers for w, b in layer for p in (*w, b)]
        self.points, self.classes = two_moons()
        self.count = 0

    def model(self, x: list[Any]) -> Any:
        """The last layer's one output for the numbers `x`."""
        last = len(self.layers) - 1
        for index, layer in enumerate(self.layers):
            sums = [sum((w * v for w, v in zip(ws, x, strict=True)), b) for ws, b in layer]
            x = sums if index == last else [s.relu() for s in sums]
        return x[0]

    def loss(self) -> Any:
        """The loss's node."""
        return objective(self.model, self.parameters, self.points, self.classes)[0]

    def descend(self) -> None:
        """Update the parameters in the direction of their gradients."""
        rate = learning_rate(self.count)
        for p in self.parameters:
            p.data -= rate * p.grad
        self.count += 1

    def zero_grad(self) -> None:
        """Forget the gradients of the step before."""
        for p in self.parameters:
            p.zero_grad()

    def __call__(self) -> float:
        loss = self.loss()
        self.zero_grad()
        loss.backward()
        self.descend()
        return float(loss.data)

    def facts(self) -> dict[str, int]:
        """How many gates and nodes the loss's graph has, constants not included."""
        import autograd

        nodes = autograd.Graph(self.loss()).nodes
        return {"gates": sum(not node.is_leaf for node in nodes), "nodes": len(nodes)}


class CompiledStep(GategradStep):
    """The same step replayed: the graph is recorded and compiled before the first step."""

    backend = "numpy"

    def __init__(self) -> None:
        import autograd

        super().__init__()
        self.program = autograd.compile(self.loss(), backend=self.backend)

    def __call__(self) -> float:
        loss = self.program.run()
        self.zero_grad()
        self.program.backward()
        self.descend()
        return float(loss)


class JitStep(CompiledStep):
    """The same program, run by loops that Numba compiled."""

    backend = "numba"


gategrad = GategradStep
gategrad_compiled = CompiledStep
gategrad_jit = JitStep
micrograd = MicrogradStep


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """The graph's size in each library, and how far the losses are from micrograd's."""
    sentences = [
        f"Two moons: {key} records {o.facts['gates']:,} gates ({o.facts['nodes']:,} nodes)."
        for key, o in outcomes.items()
        if o.facts and key in ("gategrad", "micrograd")
    ]
    reference = outcomes["micrograd"].values if "micrograd" in outcomes else []
    for key, outcome in outcomes.items():
        if key != "micrograd" and outcome.values and reference:
            pairs = list(zip(outcome.values, reference, strict=False))
            exact = "equal" if pairs[0][0] == pairs[0][1] else "NOT equal"
            worst = max(abs(ours - theirs) / abs(theirs) for ours, theirs in pairs)
            sentences.append(
                f"Two moons: {key}'s first loss is {exact} to micrograd's to the last bit, "
                f"{len(pairs)} losses agree to {worst:.0e}."
            )
    return sentences
