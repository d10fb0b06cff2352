"""One step of Adam, the gradients being there: what an optimiser costs beside the passes.

On two threads only gategrad and PyTorch run on two; the formula by hand is the same as before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.environment import PEERS
from benchmarks.results import Outcome, Timing, disagreements

TITLE = "Adam step"
FAMILY = "Training"
VARIANTS: dict[str, dict[str, Any]] = {
    "10⁶ float32": {"shapes": [[1_000_000]]},
    "10⁶ float32, two threads": {"shapes": [[1_000_000]], "threads": 2},
    "784-128-64-10": {"shapes": [[784, 128], [128], [128, 64], [64], [64, 10], [10]]},
    "2-16-16-2": {"shapes": [[2, 16], [16], [16, 16], [16], [16, 2], [2]]},
}
RATE = 1e-3
GOALS = {"gategrad": 1.5, "gategrad_jit": 1.0}  # times PyTorch's fused step, on 10⁶ float32
Step = Callable[[], float]


def data(shapes: list[list[int]]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Parameters and their gradients, float32."""
    rng = np.random.default_rng(0)
    arrays = [[rng.normal(size=shape).astype(np.float32) for shape in shapes] for _ in range(2)]
    return arrays[0], arrays[1]


def gategrad(shapes: list[list[int]], threads: int = 1, **options: Any) -> Step:
    """nn.optim, in place, in blocks that the cache holds."""
    from autograd import Tensor
    from nn import optim

    arrays, gradients = data(shapes)
    parameters = [Tensor(array) for array in arrays]
    for p, gradient in zip(parameters, gradients, strict=True):
        p.grad = gradient
    optimizer = optim.Adam(parameters, lr=RATE, threads=threads, **options)

    def step() -> float:
        optimizer.step()
        return float(arrays[0].flat[0])

    return step


def gategrad_jit(shapes: list[list[int]], threads: int = 1) -> Step:
    """The same rule as one loop."""
    return gategrad(shapes, threads, backend="numba")


def numpy(shapes: list[list[int]], threads: int = 1) -> Step:
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


def torch(shapes: list[list[int]], threads: int = 1) -> Step:
    """torch.optim.Adam with its fused kernel, its fastest on a CPU."""
    import torch

    torch.set_num_threads(threads)
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
    fused = times.get("torch")
    for key, goal in GOALS.items() if label.startswith("10⁶") else ():
        ours = times.get(key)
        if isinstance(ours, Timing) and isinstance(fused, Timing):
            ratio = ours.median / fused.median
            found.append(f"Adam on {label} takes {PEERS[key].title} {ratio:.2f} times PyTorch's "
                         f"fused step (to reach: {goal:g}).")  # fmt: skip
    return found
