"""One step of training a network with ReLU and cross-entropy on a batch: forward, backward, SGD.

Every library starts from the same weights and takes the same steps, on its own softmax
cross-entropy where it has one; the losses are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.descending import Step, by_gategrad, by_jax, by_torch
from benchmarks.results import Outcome, disagreements
from benchmarks.training import ByHand

TITLE = "Training step"
FAMILY = "Training"
VARIANTS = {
    "784-128-64-10, batch 64": {"sizes": [784, 128, 64, 10], "batch": 64},
    "2-16-16-2, batch 100": {"sizes": [2, 16, 16, 2], "batch": 100},
}
RATE = 0.01


def data(sizes: Sequence[int], batch: int) -> tuple[np.ndarray, np.ndarray]:
    """A batch of float32 rows, and their classes."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, sizes[0])).astype(np.float32)
    return x, rng.integers(sizes[-1], size=batch)


def initial(sizes: Sequence[int]) -> list[np.ndarray]:
    """Weight (in, out) and bias (out,) of every layer, float32."""
    rng = np.random.default_rng(1)
    return [
        array.astype(np.float32)
        for fan_in, fan_out in pairwise(sizes)
        for array in (rng.normal(scale=fan_in**-0.5, size=(fan_in, fan_out)), np.zeros(fan_out))
    ]


def logits(relu: Callable[[Any], Any], parameters: Sequence[Any], x: Any) -> Any:
    """The network's raw outputs."""
    *hidden, (weight, bias) = zip(parameters[::2], parameters[1::2], strict=True)
    for w, b in hidden:
        x = relu(x @ w + b)
    return x @ weight + bias


class GategradStep:
    """Eager: a new graph every step."""

    def __init__(self, sizes: list[int], batch: int) -> None:
        from autograd import Tensor
        from nn.losses import cross_entropy

        self.x, self.y = data(sizes, batch)
        self.parameters = [Tensor(array) for array in initial(sizes)]
        self.cross_entropy = cross_entropy

    def loss(self, x: Any) -> Any:
        """The mean loss of the batch `x`."""
        return self.cross_entropy(logits(lambda s: s.relu(), self.parameters, x), self.y)

    def __call__(self) -> float:
        loss = self.loss(self.x)
        for p in self.parameters:
            p.zero_grad()
        loss.backward(retain_grads=False)
        self.descend()
        return float(loss.data)

    def descend(self) -> None:
        """Plain gradient descent, in place."""
        for p in self.parameters:
            gradient = p.grad
            gradient *= RATE
            p.data -= gradient


gategrad = GategradStep


def gategrad_compiled(sizes: list[int], batch: int, **options: Any) -> Step:
    """The whole step as one program."""
    import autograd as ag
    from nn.losses import cross_entropy

    def loss(arrays: list[Any], x: Any, y: Any) -> Any:
        return cross_entropy(logits(ag.relu, arrays, x), y)

    return by_gategrad(loss, initial(sizes), *data(sizes, batch), RATE, **options)


def gategrad_jit(sizes: list[int], batch: int) -> Step:
    """The same program, its calls compiled by Numba."""
    return gategrad_compiled(sizes, batch, backend="numba")


def numpy(sizes: list[int], batch: int) -> Step:
    """Forward and backward pass written by hand, in place."""
    step = ByHand(initial(sizes), batch, RATE)
    step.x[:], step.y[:] = data(sizes, batch)
    return step


def torch(sizes: list[int], batch: int) -> Step:
    """Tensors and torch.nn.functional, updated in place."""
    import torch
    from torch.nn.functional import cross_entropy

    x, y = map(torch.from_numpy, data(sizes, batch))
    parameters = [torch.from_numpy(array).requires_grad_() for array in initial(sizes)]

    return by_torch(lambda: cross_entropy(logits(torch.relu, parameters, x), y), parameters, RATE)


def torch_compiled(sizes: list[int], batch: int) -> Step:
    """The loss through torch.compile; the update as in eager."""
    import torch
    from torch.nn.functional import cross_entropy

    x, y = map(torch.from_numpy, data(sizes, batch))
    parameters = [torch.from_numpy(array).requires_grad_() for array in initial(sizes)]
    loss_of = torch.compile(lambda x, y: cross_entropy(logits(torch.relu, parameters, x), y))

    return by_torch(lambda: loss_of(x, y), parameters, RATE)


def jax(sizes: list[int], batch: int) -> Step:
    """The whole step through jax.jit."""
    import jax
    import jax.numpy as jnp

    x, y = map(jnp.asarray, data(sizes, batch))

    def loss(arrays: list[Any]) -> Any:
        scores = logits(jax.nn.relu, arrays, x)
        return -jnp.mean(jax.nn.log_softmax(scores)[jnp.arange(batch), y])

    return by_jax(loss, initial(sizes), RATE)


def tinygrad(sizes: list[int], batch: int) -> Step:
    """A step under TinyJit, on the CPU; needs clang."""
    from tinygrad import Tensor, TinyJit

    x, y = (Tensor(array) for array in data(sizes, batch))
    parameters = [Tensor(array, requires_grad=True) for array in initial(sizes)]

    @TinyJit
    def update() -> Any:
        loss = logits(lambda s: s.relu(), parameters, x).sparse_categorical_crossentropy(y)
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.assign(p.detach() - RATE * p.grad)
        Tensor.realize(loss, *parameters)
        return loss

    return lambda: float(update().item())


def mygrad(sizes: list[int], batch: int) -> Step:
    """Tensors and mygrad.nnet."""
    import mygrad
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    x, y = data(sizes, batch)
    parameters = [mygrad.tensor(array) for array in initial(sizes)]

    def step() -> float:
        loss = softmax_crossentropy(logits(relu, parameters, x), y)
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
        return loss.item()

    return step


def hips(sizes: list[int], batch: int) -> Step:
    """Its own NumPy, differentiated in all parameters at once."""
    import autograd.numpy as anp
    from autograd import value_and_grad

    (x, y), parameters = data(sizes, batch), initial(sizes)
    rows = np.arange(batch)

    def loss(arrays: list[Any]) -> Any:
        scores = logits(lambda s: anp.maximum(s, 0), arrays, x)
        shifted = scores - anp.max(scores, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(shifted), axis=1)) - shifted[rows, y])

    differentiate = value_and_grad(loss)

    def step() -> float:
        value, gradients = differentiate(parameters)
        for p, gradient in zip(parameters, gradients, strict=True):
            p -= RATE * gradient
        return float(value)

    return step


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose losses are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-4)]
