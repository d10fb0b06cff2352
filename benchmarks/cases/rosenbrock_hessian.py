"""The Hessian of Rosenbrock's function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.results import Outcome, disagreements

TITLE = "Hessian of Rosenbrock's function"
FAMILY = "Second derivatives"
VARIANTS = {f"{n} variables": {"size": n} for n in (2, 100)}
Step = Callable[[], list[float]]


def rosenbrock(x: Any) -> Any:
    """The sum of 100·(x[i+1] − x[i]²)² + (1 − x[i])²."""
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def point(size: int) -> np.ndarray:
    """Where the Hessian is taken."""
    return np.linspace(-1.2, 1.0, size)


def _step(hessian: Callable[[Any], Any], x: Any) -> Step:
    def step() -> list[float]:
        return np.asarray(hessian(x))[0].tolist()

    return step


def gategrad(size: int) -> Step:
    """Recorded anew at every call."""
    import autograd as ag

    return _step(ag.hessian(rosenbrock), point(size))


def gategrad_compiled(size: int) -> Step:
    """Recorded once and replayed."""
    import autograd as ag

    return _step(ag.compile(ag.hessian(rosenbrock)), point(size))


def torch(size: int) -> Step:
    """torch.func, without its compiler."""
    import torch

    return _step(torch.func.hessian(rosenbrock), torch.from_numpy(point(size)))


def hips(size: int) -> Step:
    """Recorded anew at every call."""
    from autograd import hessian

    return _step(hessian(rosenbrock), point(size))


def jax(size: int) -> Step:
    """Compiled by jax.jit in float64."""
    import jax

    jax.config.update("jax_enable_x64", True)
    return _step(jax.jit(jax.hessian(rosenbrock)), point(size))


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose Hessian's first row is not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-9)]
