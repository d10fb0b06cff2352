"""Elementwise chains on a million numbers: value and gradient of the sum of what comes out.

Memory decides here: call after call, every array takes a trip to it. A program goes over the
arrays in pieces that stay in a cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.results import Outcome, disagreements

TITLE = "Chain on 10⁶ float64, value and gradient"
FAMILY = "Arrays"
VARIANTS = {
    "ten times x·a + b": {"kind": "affine"},
    "twenty gates of tanh and exp among × and +": {"kind": "mixed"},
}
SIZE = 1_000_000
A, B = 0.99, 0.01
Step = Callable[[], float]


def point() -> np.ndarray:
    """The numbers to start from."""
    return np.random.default_rng(0).uniform(-1.0, 1.0, SIZE)


def chain(maths: Any, kind: str) -> Callable[[Any], Any]:
    """The function, in the words of a library that has NumPy's names."""

    def affine(x: Any) -> Any:
        for _ in range(10):
            x = x * A + B
        return maths.sum(x)

    def mixed(x: Any) -> Any:
        for _ in range(5):
            x = maths.exp(maths.tanh(x * A)) + B
        return maths.sum(x)

    return affine if kind == "affine" else mixed


def timed(differentiate: Callable[[Any], Any], x: Any) -> Step:
    """A step that computes both; the first entry of the gradient is looked at."""

    def step() -> float:
        value, gradient = differentiate(x)
        return float(value) + float(gradient[0])

    return step


def gategrad(kind: str) -> Step:
    """Eager."""
    import autograd as ag

    return timed(ag.value_and_grad(chain(np, kind)), point())


def gategrad_compiled(kind: str, **options: Any) -> Step:
    """Recorded at the first call, replayed in pieces."""
    import autograd as ag

    return timed(ag.compile(ag.value_and_grad(chain(np, kind)), **options), point())


def gategrad_jit(kind: str) -> Step:
    """The same program, its pieces loops that Numba compiled."""
    return gategrad_compiled(kind, backend="numba")


def numpy(kind: str) -> Step:
    """Forward and backward pass written by hand."""
    x = point()

    def affine(x: np.ndarray) -> tuple[Any, np.ndarray]:
        g = np.ones(SIZE)
        for _ in range(10):
            x = x * A
            x += B
            g *= A
        return np.sum(x), g

    def mixed(x: np.ndarray) -> tuple[Any, np.ndarray]:
        kept = []
        for _ in range(5):
            t = np.tanh(x * A)
            e = np.exp(t)
            kept.append((t, e))
            x = e + B
        g = np.ones(SIZE)
        for t, e in reversed(kept):
            g *= e
            t *= t
            np.subtract(1.0, t, out=t)
            g *= t
            g *= A
        return np.sum(x), g

    return timed(affine if kind == "affine" else mixed, x)


def torch(kind: str) -> Step:
    """Eager."""
    import torch

    return _of_torch(torch, chain(torch, kind))


def torch_compiled(kind: str) -> Step:
    """Through torch.compile."""
    import torch

    return _of_torch(torch, torch.compile(chain(torch, kind)))


def _of_torch(torch: Any, f: Callable[[Any], Any]) -> Step:
    x = torch.from_numpy(point()).requires_grad_()

    def differentiate(x: Any) -> tuple[Any, Any]:
        x.grad = None
        value = f(x)
        value.backward()
        return value, x.grad

    return timed(differentiate, x)


def jax(kind: str) -> Step:
    """Through jax.jit, in float64."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    return timed(jax.jit(jax.value_and_grad(chain(jnp, kind))), jnp.asarray(point()))


def mygrad(kind: str) -> Step:
    """Tensors."""
    import mygrad

    def differentiate(array: np.ndarray) -> tuple[Any, Any]:
        x = mygrad.tensor(array)
        value = chain(mygrad, kind)(x)
        value.backward()
        return value, x.grad

    return timed(differentiate, point())


def hips(kind: str) -> Step:
    """Its own NumPy."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    return timed(value_and_grad(chain(anp, kind)), point())


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose numbers are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-9)]
