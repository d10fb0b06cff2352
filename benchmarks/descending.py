"""Steps of plain gradient descent on a loss, as users of each library write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

Step = Callable[[], float]
"""Takes one step, and returns the loss before it."""


def by_gategrad(
    loss_of: Callable[[Any, Any, Any], Any], arrays: Sequence[Any], x: Any, y: Any, rate: float,
    **options: Any,
) -> Step:  # fmt: skip
    """The whole step, descent included, recorded at its first call and replayed."""
    import autograd as ag

    parameters = [ag.Tensor(array) for array in arrays]

    def update(x: Any, y: Any) -> Any:
        value, gradients = ag.value_and_grad(loss_of)([p.data for p in parameters], x, y)
        for p, gradient in zip(parameters, gradients, strict=True):
            p.data -= rate * gradient
        return value

    step = ag.compile(update, **options)
    return lambda: float(step(x, y))


def by_torch(loss_of: Callable[[], Any], parameters: Sequence[Any], rate: float) -> Step:
    """Updated in place, without temporaries."""
    import torch

    def step() -> float:
        loss = loss_of()
        for p in parameters:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=rate)
        return float(loss.item())

    return step


def by_jax(loss_of: Callable[[Any], Any], parameters: Any, rate: float) -> Step:
    """The whole step through jax.jit, with its parameters' memory given back."""
    import jax

    state = jax.tree.map(jax.numpy.asarray, parameters)

    @partial(jax.jit, donate_argnums=0)
    def update(state: Any) -> Any:
        value, gradients = jax.value_and_grad(loss_of)(state)
        return value, jax.tree.map(lambda p, g: p - rate * g, state, gradients)

    def step() -> float:
        nonlocal state
        value, state = update(state)
        return float(value)

    return step
