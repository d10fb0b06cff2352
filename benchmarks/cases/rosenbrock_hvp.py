"""A Hessian of Rosenbrock's function times a vector, without building the Hessian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cases.rosenbrock_hessian import point, rosenbrock
from benchmarks.results import Outcome, disagreements

TITLE = "Hessian of Rosenbrock's function times a vector"
FAMILY = "Second derivatives"
VARIANTS = {f"{n:,} variables": {"size": n} for n in (100, 10_000)}
Step = Callable[[], list[float]]


def direction(size: int) -> np.ndarray:
    """The vector."""
    return np.random.default_rng(0).normal(size=size)


def _step(hvp: Callable[[Any, Any], Any], x: Any, v: Any) -> Step:
    def step() -> list[float]:
        return np.asarray(hvp(x, v))[:3].tolist()

    return step


def gategrad(size: int) -> Step:
    """Forward over reverse, recorded anew at every call."""
    import autograd as ag

    return _step(lambda x, v: ag.hvp(rosenbrock, x, v), point(size), direction(size))


def gategrad_compiled(size: int) -> Step:
    """Recorded once and replayed."""
    import autograd as ag

    replay = ag.compile(lambda x, v: ag.hvp(rosenbrock, x, v))
    return _step(replay, point(size), direction(size))


def numpy(size: int) -> Step:
    """In closed form: the Hessian has three diagonals."""

    def hvp(x: np.ndarray, v: np.ndarray) -> np.ndarray:
        diagonal = np.full(size, 200.0)
        diagonal[0] = 0.0
        diagonal[:-1] += 1200.0 * x[:-1] ** 2 - 400.0 * x[1:] + 2.0
        beside = -400.0 * x[:-1]
        product = diagonal * v
        product[:-1] += beside * v[1:]
        product[1:] += beside * v[:-1]
        return product

    return _step(hvp, point(size), direction(size))


def torch(size: int) -> Step:
    """torch.func, forward over reverse, without its compiler."""
    import torch
    from torch.func import grad, jvp

    x, v = map(torch.from_numpy, (point(size), direction(size)))
    return _step(lambda x, v: jvp(grad(rosenbrock), (x,), (v,))[1], x, v)


def hips(size: int) -> Step:
    """Its own product with a Hessian, reverse over reverse."""
    from autograd import hessian_vector_product

    return _step(hessian_vector_product(rosenbrock), point(size), direction(size))


def jax(size: int) -> Step:
    """Forward over reverse, compiled by jax.jit in float64."""
    import jax

    jax.config.update("jax_enable_x64", True)
    hvp = jax.jit(lambda x, v: jax.jvp(jax.grad(rosenbrock), (x,), (v,))[1])
    return _step(hvp, point(size), direction(size))


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose products are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-9)]
