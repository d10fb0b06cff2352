"""A chain of elementwise gates on a 64 by 64 array, forward and backward.

In one chain every third gate is a tanh, which takes most of the time whoever calls it; in the other
all gates are products and sums, so that it measures what lies around them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.results import Outcome, disagreements

TITLE = "Elementwise chain on 64×64, forward and backward"
FAMILY = "Arrays"
VARIANTS = {
    "30 gates": {"links": 10},  # three gates a link: a product, a sum, a tanh
    "30 gates, x·a + b alone": {"links": 15, "squashed": False},
}
Step = Callable[[], list[float]]


def operands() -> list[np.ndarray]:
    """x, a and b, each 64 by 64, drawn with a fixed seed."""
    rng = np.random.default_rng(0)
    return list(rng.uniform(-1.0, 1.0, size=(3, 64, 64)))


def chain(tanh: Callable[[Any], Any] | None, links: int, x: Any, a: Any, b: Any) -> Any:
    """tanh(x·a + b), or x·a + b alone, again and again, then the sum."""
    for _ in range(links):
        x = x * a + b
        if tanh:
            x = tanh(x)
    return x.sum()


def gategrad(links: int, squashed: bool = True) -> Step:
    """Array nodes; gradients of the leaves alone, as the peers keep them."""
    from autograd import Tensor

    arrays, tanh = operands(), np.tanh if squashed else None

    def step() -> list[float]:
        leaves = [Tensor(array) for array in arrays]
        out = chain(tanh, links, *leaves)
        out.backward(retain_grads=False)
        return [float(out.data), *(float(leaf.grad[0, 0]) for leaf in leaves)]

    return step


def gategrad_compiled(links: int, squashed: bool = True) -> Step:
    """Value and gradients, recorded once and replayed."""
    import autograd as ag

    arrays, tanh = operands(), np.tanh if squashed else None
    differentiate = ag.value_and_grad(
        lambda x, a, b: chain(tanh, links, x, a, b), argnums=(0, 1, 2)
    )
    replay = ag.compile(differentiate)

    def step() -> list[float]:
        value, gradients = replay(*arrays)
        return [float(value), *(float(gradient[0, 0]) for gradient in gradients)]

    return step


def numpy(links: int, squashed: bool = True) -> Step:
    """Forward and backward pass written by hand, in place where that is plain."""
    start, a, b = operands()

    def step() -> list[float]:
        inputs, outputs, x = [], [], start
        for _ in range(links):
            inputs.append(x)
            x = x * a + b
            if squashed:
                x = np.tanh(x)
                outputs.append(x)
        g, ga, gb = np.ones_like(x), np.zeros_like(a), np.zeros_like(b)
        for given in reversed(inputs):
            if squashed:
                slope = np.square(outputs.pop())
                np.subtract(1.0, slope, out=slope)
                g = np.multiply(g, slope, out=slope)
            gb += g
            ga += g * given
            g = g * a
        return [float(x.sum()), *(float(array[0, 0]) for array in (g, ga, gb))]

    return step


def torch(links: int, squashed: bool = True) -> Step:
    """Tensors of float64."""
    import torch

    arrays, tanh = operands(), torch.tanh if squashed else None

    def step() -> list[float]:
        leaves = [torch.from_numpy(array).requires_grad_() for array in arrays]
        out = chain(tanh, links, *leaves)
        out.backward()
        return [out.item(), *(leaf.grad[0, 0].item() for leaf in leaves)]

    return step


def mygrad(links: int, squashed: bool = True) -> Step:
    """Tensors that share the arrays' memory, as ours do."""
    import mygrad

    arrays, tanh = operands(), mygrad.tanh if squashed else None

    def step() -> list[float]:
        leaves = [mygrad.tensor(array, copy=False) for array in arrays]
        out = chain(tanh, links, *leaves)
        out.backward()
        return [out.item(), *(float(leaf.grad[0, 0]) for leaf in leaves)]

    return step


def hips(links: int, squashed: bool = True) -> Step:
    """Differentiated in all three arguments at once."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    arrays, tanh = operands(), anp.tanh if squashed else None
    differentiate = value_and_grad(lambda leaves: chain(tanh, links, *leaves))

    def step() -> list[float]:
        value, gradients = differentiate(arrays)
        return [float(value), *(float(gradient[0, 0]) for gradient in gradients)]

    return step


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose value or gradients are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-6)]
