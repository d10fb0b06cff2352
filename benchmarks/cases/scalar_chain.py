"""A chain x = x·a + b of scalar gates, forward and backward: the price of one gate by depth.

micrograd's backward pass recurses, and at Python's own limit of 1,000 stops at a chain of about
as many gates; here the limit is raised for it, so that its row ends where the process does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from benchmarks.results import Outcome, disagreements

TITLE = "Scalar chain, forward and backward"
FAMILY = "Scalar graphs"
COLLECTOR = True
VARIANTS = {f"{n:,} gates": {"gates": n} for n in (1_000, 10_000, 100_000, 1_000_000)}
SLOW = ("100,000 gates", "1,000,000 gates")
PER = "gates"

START = (0.5, 0.9999, 0.0001)  # x, a, b: the chain tends to 1 and no gradient underflows
Step = Callable[[], list[float]]


def chain(gates: int, x: Any, a: Any, b: Any) -> Any:
    """`gates` gates in a row, a product and a sum in turn."""
    for _ in range(gates // 2):
        x = x * a + b
    return x


def gategrad(gates: int) -> Step:
    """Scalar nodes."""
    from autograd import Tensor

    def step() -> list[float]:
        leaves = [Tensor(value) for value in START]
        out = chain(gates, *leaves)
        out.backward()
        return [float(out.data), *(float(leaf.grad) for leaf in leaves)]

    return step


def micrograd(gates: int) -> Step:
    """Values, with the recursion limit raised."""
    from micrograd.engine import Value

    sys.setrecursionlimit(2 * gates + 1_000)

    def step() -> list[float]:
        leaves = [Value(value) for value in START]
        out = chain(gates, *leaves)
        out.backward()
        return [out.data, *(leaf.grad for leaf in leaves)]

    return step


def torch(gates: int) -> Step:
    """0-d tensors of float64."""
    import torch

    def step() -> list[float]:
        leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in START]
        out = chain(gates, *leaves)
        out.backward()
        return [out.item(), *(leaf.grad.item() for leaf in leaves)]

    return step


def mygrad(gates: int) -> Step:
    """0-d tensors."""
    import mygrad

    def step() -> list[float]:
        leaves = [mygrad.tensor(value) for value in START]
        out = chain(gates, *leaves)
        out.backward()
        return [out.item(), *(leaf.grad.item() for leaf in leaves)]

    return step


def hips(gates: int) -> Step:
    """Floats, differentiated in all three arguments at once."""
    from autograd import value_and_grad

    differentiate = value_and_grad(lambda leaves: chain(gates, *leaves))

    def step() -> list[float]:
        value, gradients = differentiate(START)
        return [float(value), *map(float, gradients)]

    return step


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose value or gradients are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-9)]
