"""The training step on JAX: this package's program against `jax.jit` of the same step by hand.

Each step is given a batch in NumPy's arrays, and its loss is read; parameters stay on the device,
their memory given back.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.cases import training_step
from benchmarks.cases.training_step import RATE, data, initial, logits
from benchmarks.descending import Step
from benchmarks.results import Outcome, disagreements

TITLE = "Training step on JAX"
FAMILY = "Training"
VARIANTS = {
    "784-128-64-10, batch 64": {"sizes": [784, 128, 64, 10], "batch": 64},
    "784-1024-1024-10, batch 64": {"sizes": [784, 1024, 1024, 10], "batch": 64},
}


def gategrad(sizes: list[int], batch: int) -> Step:
    """The step of `training_step`, compiled for JAX, which the extra `jax` installs."""
    return training_step.gategrad_compiled(sizes, batch, backend="jax")


def jax(sizes: list[int], batch: int) -> Step:
    """The whole step through jax.jit."""
    import jax
    import jax.numpy as jnp

    x, y = data(sizes, batch)
    state = jax.tree.map(jnp.asarray, initial(sizes))

    def loss(state: Any, x: Any, y: Any) -> Any:
        scores = logits(jax.nn.relu, state, x)
        return -jnp.mean(jax.nn.log_softmax(scores)[jnp.arange(batch), y])

    @partial(jax.jit, donate_argnums=0)
    def update(state: Any, x: Any, y: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(state, x, y)
        return value, jax.tree.map(lambda p, g: p - RATE * g, state, gradients)

    def step() -> float:
        nonlocal state
        value, state = update(state, x, y)
        return float(value)

    return step


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose losses are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-4)]
