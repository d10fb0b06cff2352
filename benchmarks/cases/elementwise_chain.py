"""A chain of elementwise gates on a 64 by 64 array, forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.results import Outcome, disagreements

TITLE = "Elementwise chain on 64×64, forward and backward"
VARIANTS = {"30 gates": {"links": 10}}  # three gates a link
Step = Callable[[], list[float]]


def operands() -> list[np.ndarray]:
    """x, a and b, each 64 by 64, drawn with a fixed seed."""
    rng = np.random.default_rng(0)
    return list(rng.uniform(-1.0, 1.0, size=(3, 64, 64)))


def chain(tanh: Callable[[Any], Any], links: int, x: Any, a: Any, b: Any) -> Any:
    """tanh(x·a + b), again and again, then the sum."""
    for _ in range(links):
        x = tanh(x * a + b)
    return x.sum()


def gategrad(links: int) -> Step:
    """Array nodes; gradients of the leaves alone, as the peers keep them."""
    from autograd import Tensor

    arrays = operands()

    def step() -> list[float]:
        leaves = [Tensor(array) for array in arrays]
        out = chain(np.tanh, links, *leaves)
        out.backward(retain_grads=False)
        return [float(out.data), *(float(leaf.grad[0, 0]) for leaf in leaves)]

    return step


def gategrad_compiled(links: int) -> Step:
    """Value and gradients, recorded once and replayed."""
    import autograd as ag

    arrays = operands()
    differentiate = ag.value_and_grad(
        lambda x, a, b: chain(np.tanh, links, x, a, b), argnums=(0, 1, 2)
    )
    replay = ag.compile(differentiate)

    def step() -> list[float]:
        value, gradients = replay(*arrays)
        return [float(value), *(float(gradient[0, 0]) for gradient in gradients)]

    return step


def torch(links: int) -> Step:
    """Tensors of float64."""
    import torch

    arrays = operands()

    def step() -> list[float]:
        leaves = [torch.from_numpy(array).requires_grad_() for array in arrays]
        out = chain(torch.tanh, links, *leaves)
        out.backward()
        return [out.item(), *(leaf.grad[0, 0].item() for leaf in leaves)]

    return step


def mygrad(links: int) -> Step:
    """Tensors that share the arrays' memory, as ours do."""
    import mygrad

    arrays = operands()

    def step() -> list[float]:
        leaves = [mygrad.tensor(array, copy=False) for array in arrays]
        out = chain(mygrad.tanh, links, *leaves)
        out.backward()
        return [out.item(), *(float(leaf.grad[0, 0]) for leaf in leaves)]

    return step


def hips(links: int) -> Step:
    """Differentiated in all three arguments at once."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    arrays = operands()
    differentiate = value_and_grad(lambda leaves: chain(anp.tanh, links, *leaves))

    def step() -> list[float]:
        value, gradients = differentiate(arrays)
        return [float(value), *(float(gradient[0, 0]) for gradient in gradients)]

    return step


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose value or gradients are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-6)]
