"""One step of training LeNet-5 on a batch of images: convolutions, pooling, and three layers.

Convolution 5×5 to 6 channels with padding 2, ReLU, pooling 2×2, convolution 5×5 to 16, ReLU,
pooling, then 400-120-84-10 and cross-entropy, in float32. Every library starts from the same
weights and takes the same steps; the losses are compared. Only ties of a pooling window differ
between libraries, and these are all zeros behind a ReLU, which sends nothing back.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.descending import Step, by_gategrad, by_jax, by_torch
from benchmarks.results import Outcome, disagreements

TITLE = "LeNet-5, training step"
FAMILY = "Networks"
VARIANTS = {"batch 64, 28×28": {"batch": 64}}
RATE = 0.01
KERNELS = ((6, 1, 5, 5), (16, 6, 5, 5))
SIZES = (400, 120, 84, 10)


def data(batch: int) -> tuple[np.ndarray, np.ndarray]:
    """A batch of float32 images (N, 1, 28, 28), and their classes."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, 1, 28, 28)).astype(np.float32)
    return x, rng.integers(SIZES[-1], size=batch)


def initial() -> list[np.ndarray]:
    """Kernel (O, C, 5, 5) or weight (in, out), and bias, of every layer, float32."""
    rng = np.random.default_rng(1)
    shapes = [(k, k[1] * 25, (k[0], 1, 1)) for k in KERNELS]
    shapes += [((m, n), m, (n,)) for m, n in pairwise(SIZES)]
    return [
        array.astype(np.float32)
        for shape, fan_in, bias in shapes
        for array in (rng.normal(scale=(2 / fan_in) ** 0.5, size=shape), np.zeros(bias))
    ]


def logits(conv: Any, pool: Any, relu: Any, parameters: Sequence[Any], x: Any) -> Any:
    """The network's raw outputs, in a library's functions."""
    w1, b1, w2, b2, *dense = parameters
    x = pool(relu(conv(x, w1, 2) + b1))
    x = pool(relu(conv(x, w2, 0) + b2))
    x = x.reshape((-1, SIZES[0]))
    *hidden, (weight, bias) = zip(dense[::2], dense[1::2], strict=True)
    for w, b in hidden:
        x = relu(x @ w + b)
    return x @ weight + bias


def ours(parameters: Sequence[Any], x: Any) -> Any:
    """The same in the functions of `autograd`."""
    import autograd as ag

    return logits(
        lambda x, w, padding: ag.conv(x, w, padding=padding), lambda x: ag.max_pool(x, 2), ag.relu,
        parameters, x,
    )  # fmt: skip


class GategradStep:
    """Eager: a new graph every step."""

    def __init__(self, batch: int) -> None:
        from autograd import Tensor
        from nn.losses import cross_entropy

        self.x, self.y = data(batch)
        self.parameters = [Tensor(array) for array in initial()]
        self.cross_entropy = cross_entropy

    def __call__(self) -> float:
        loss = self.cross_entropy(ours(self.parameters, self.x), self.y)
        for p in self.parameters:
            p.zero_grad()
        loss.backward(retain_grads=False)
        for p in self.parameters:
            p.data -= RATE * p.grad
        return float(loss.data)


gategrad = GategradStep


def gategrad_compiled(batch: int, **options: Any) -> Step:
    """The whole step as one program."""
    from nn.losses import cross_entropy

    def loss(arrays: list[Any], x: Any, y: Any) -> Any:
        return cross_entropy(ours(arrays, x), y)

    return by_gategrad(loss, initial(), *data(batch), RATE, **options)


def gategrad_jit(batch: int) -> Step:
    """The same program, its calls compiled by Numba."""
    return gategrad_compiled(batch, backend="numba")


def torch(batch: int) -> Step:
    """Tensors and torch.nn.functional, updated in place."""
    import torch
    from torch.nn.functional import cross_entropy

    return _of_torch(torch, cross_entropy, batch, lambda f: f)


def torch_compiled(batch: int) -> Step:
    """The loss through torch.compile; the update as in eager."""
    import torch
    from torch.nn.functional import cross_entropy

    return _of_torch(torch, cross_entropy, batch, torch.compile)


def _of_torch(torch: Any, cross_entropy: Any, batch: int, compiled: Any) -> Step:
    functional = torch.nn.functional
    x, y = map(torch.from_numpy, data(batch))
    parameters = [torch.from_numpy(array).requires_grad_() for array in initial()]

    @compiled
    def loss_of(x: Any, y: Any) -> Any:
        scores = logits(
            lambda x, w, padding: functional.conv2d(x, w, padding=padding),
            lambda x: functional.max_pool2d(x, 2), torch.relu, parameters, x,
        )  # fmt: skip
        return cross_entropy(scores, y)

    return by_torch(lambda: loss_of(x, y), parameters, RATE)


def jax(batch: int) -> Step:
    """The whole step through jax.jit."""
    import jax
    import jax.numpy as jnp

    x, y = map(jnp.asarray, data(batch))

    def conv(x: Any, w: Any, padding: int) -> Any:
        return jax.lax.conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2)

    def pool(x: Any) -> Any:
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).max((3, 5))

    def loss(arrays: list[Any]) -> Any:
        scores = logits(conv, pool, jax.nn.relu, arrays, x)
        return -jnp.mean(jax.nn.log_softmax(scores)[jnp.arange(batch), y])

    return by_jax(loss, initial(), RATE)


def mygrad(batch: int) -> Step:
    """Tensors and mygrad.nnet."""
    import mygrad
    from mygrad.nnet.activations import relu
    from mygrad.nnet.layers import conv_nd, max_pool
    from mygrad.nnet.losses import softmax_crossentropy

    x, y = data(batch)
    parameters = [mygrad.tensor(array) for array in initial()]

    def conv(x: Any, w: Any, padding: int) -> Any:
        return conv_nd(x, w, stride=1, padding=padding)

    def step() -> float:
        scores = logits(conv, lambda x: max_pool(x, (2, 2), 2), relu, parameters, mygrad.tensor(x))
        loss = softmax_crossentropy(scores, y)
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
        return loss.item()

    return step


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose losses are not the others'."""
    return [f"{TITLE}, {label}: {text}." for text in disagreements(outcomes, 1e-3)]
