"""One step of Adam, the gradients being there: what an optimiser costs beside the passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.results import Outcome, Timing, disagreements

TITLE = "Adam step"
FAMILY = "Training"
VARIANTS = {
    "10⁶ float32": {"shapes": [[1_000_000]]},
    "784-128-64-10": {"shapes": [[784, 128], [128], [128, 64], [64], [64, 10], [10]]},
    "2-16-16-2": {"shapes": [[2, 16], [16], [16, 16], [16], [16, 2], [2]]},
}
RATE = 1e-3
GOAL = 2.5  # times PyTorch's fused step, on 10⁶ float32
Step = Callable[[], float]


def data(shapes: list[list[int]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Parameters and their gradients, float32."""
    rng = np.random.default_rng(0)
    arrays = [[rng.normal(size=shape).astype(np.float32) for shape in shapes] for _ in range(2)]
    return arrays[0], arrays[1]


def gategrad(shapes: list[list[int]]) -> Step:
    """nn.optim, in place, in blocks that the cache holds."""
    from autograd import Tensor
    from nn import optim

    arrays, gradients = data(shapes)
    parameters = [Tensor(array) for array in arrays]
    for p, gradient in zip(parameters, gradients, strict=True):
        p.grad = gradient
    optimizer = optim.Adam(parameters, lr=RATE)

    def step() -> float:
        optimizer.step()
        return float(arrays[0].flat[0])

    return step


def numpy(shapes: list[list[int]]) -> Step:
    """The formula as it is written, in temporary arrays."""
    parameters, gradients = data(shapes)
    means, squares = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    steps = 0

    def step() -> float:
        nonlocal steps
        steps += 1
        first, second = 1 - 0.9**steps, 1 - 0.999**steps
        for p, g, m, v in zip(parameters, gradients, means, squares, strict=True):
            m[...] = 0.9 * m + 0.1 * g
            v[...] = 0.999 * v + 0.001 * g**2
            p -= RATE * (m / first) / (np.sqrt(v / second) + 1e-8)
        return float(parameters[0].flat[0])

    return step


def torch(shapes: list[list[int]]) -> Step:
    """torch.optim.Adam with its fused kernel, its fastest on a CPU."""
    import torch

    arrays, gradients = data(shapes)
    parameters = [torch.from_numpy(array).requires_grad_() for array in arrays]
    for p, gradient in zip(parameters, gradients, strict=True):
        p.grad = torch.from_numpy(gradient)
    optimizer = torch.optim.Adam(parameters, lr=RATE, fused=True)

    def step() -> float:
        optimizer.step()
        return float(arrays[0].flat[0])

    return step


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers that end elsewhere, and the ratio to PyTorch's fused step beside its goal."""
    found = [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-3)]
    times: dict[str, Any] = {key: outcome.timings.get(True) for key, outcome in outcomes.items()}
    ours, fused = times.get("gategrad"), times.get("torch")
    if label == "10⁶ float32" and isinstance(ours, Timing) and isinstance(fused, Timing):
        ratio = ours.median / fused.median
        found.append(f"Adam on 10⁶ float32 takes {ratio:.2f} times PyTorch's fused step "
                     f"(to reach: {GOAL}).")  # fmt: skip
    return found
