"""One gate on a small array, recorded and thrown away: what recording adds to the bare call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.results import Outcome, Timing

TITLE = "One eager gate on 16 float64"
FAMILY = "Arrays"
VARIANTS = {
    name: {"name": name, "gates": 1_000} for name in ("a * b", "np.multiply(a, b)", "np.exp(a)")
}
PER = "gates"

GATES: dict[str, Callable[[Any, Any], Any]] = {
    "a * b": lambda a, b: a * b,
    "np.multiply(a, b)": lambda a, b: np.multiply(a, b),
    "np.exp(a)": lambda a, b: np.exp(a),
}


def operands() -> list[np.ndarray]:
    """Two small arrays."""
    return [np.linspace(0.1, 1.0, 16), np.linspace(1.0, 0.1, 16)]


def _repeat(gate: Callable[[Any, Any], Any], a: Any, b: Any, gates: int) -> Callable[[], None]:
    def step() -> None:
        for _ in range(gates):
            gate(a, b)

    return step


def gategrad(name: str, gates: int) -> Callable[[], None]:
    """Tensors that want a gradient."""
    from autograd import Tensor

    return _repeat(GATES[name], *map(Tensor, operands()), gates=gates)


def numpy(name: str, gates: int) -> Callable[[], None]:
    """The bare call."""
    return _repeat(GATES[name], *operands(), gates=gates)


def torch(name: str, gates: int) -> Callable[[], None]:
    """PyTorch's own functions instead of NumPy's."""
    import torch

    own = {"np.multiply(a, b)": torch.mul, "np.exp(a)": lambda a, b: torch.exp(a)}
    a, b = (torch.tensor(value, requires_grad=True) for value in operands())
    return _repeat(own.get(name, GATES[name]), a, b, gates=gates)


def mygrad(name: str, gates: int) -> Callable[[], None]:
    """Tensors that want a gradient."""
    import mygrad

    return _repeat(GATES[name], *map(mygrad.tensor, operands()), gates=gates)


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """The overhead in microseconds."""
    times = {key: outcome.timings.get(True) for key, outcome in outcomes.items()}
    ours, bare = times.get("gategrad"), times.get("numpy")
    if isinstance(ours, Timing) and isinstance(bare, Timing):
        overhead = (ours.median - bare.median) / VARIANTS[label]["gates"] * 1e6
        return [f"Recording `{label}` costs {overhead:.2f} µs over the bare NumPy call."]
    return []
