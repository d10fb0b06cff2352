"""The delta rule as the lecture writes it: in scalar loops, in matrices, and over mini-batches.

For reading, and for checking the engine, which computes the same gradients to the last digits.

A network of d inputs, p hidden neurons and c outputs has weights U1 of shape (p, d+1) and U2 of
shape (c, p+1), the biases in column 0. With x₀ = z₀ = 1 and the activation τ:

    zsum = U1·x,  z = τ(zsum),  osum = U2·z,  o = τ(osum),  J = ½‖y − o‖²

    δ_k = (y_k − o_k)·τ'(osum_k)            ∂J/∂U2 = −δ·zᵀ
    η_j = τ'(zsum_j)·Σ_q δ_q·u2_qj          ∂J/∂U1 = −η·xᵀ

>>> import numpy as np
>>> weights = initial(2, 3, 1, rng=0)
>>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
>>> Y = X.max(axis=1, keepdims=True)
>>> trained = mini_batches(weights, X, Y, size=4, steps=2000, rate=2.0, rng=0)
>>> forward(trained, X)[-1].round().ravel()
array([0., 1., 1., 1.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from nn.models.mlp import MLP

__all__ = [
    "LOGISTIC", "TANH", "Tau", "Weights", "as_model", "forward", "forward_in_loops", "gradients",
    "gradients_in_loops", "initial", "mini_batches", "random_samples", "recognized",
    "shuffled_samples", "shuffled_samples_in_loops",
]  # fmt: skip


class Weights(NamedTuple):
    """U1 of shape (p, d+1) and U2 of shape (c, p+1), biases in column 0; or their gradients."""

    U1: Any
    U2: Any


class Tau(NamedTuple):
    """An activation: its name, its value and its slope at a sum, on numbers and arrays."""

    name: str
    value: Callable[[Any], Any]
    slope: Callable[[Any], Any]


def _logistic(s: Any) -> Any:
    """1/(1+e^−s), by way of tanh, which does not overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * s)


LOGISTIC = Tau("sigmoid", _logistic, lambda s: _logistic(s) * (1.0 - _logistic(s)))
TANH = Tau("tanh", np.tanh, lambda s: 1.0 - np.tanh(s) ** 2)


def initial(d: int, p: int, c: int, *, rng: Rng = None) -> Weights:
    """Weights drawn uniformly from −½ to ½.

    >>> [u.shape for u in initial(784, 128, 10, rng=0)]
    [(128, 785), (10, 129)]
    """
    rng = as_generator(rng)
    return Weights(rng.uniform(-0.5, 0.5, (p, d + 1)), rng.uniform(-0.5, 0.5, (c, p + 1)))


def as_model(weights: Weights, tau: Tau = LOGISTIC) -> MLP:
    """The same network as a module, for the engine.

    >>> as_model(initial(2, 3, 1, rng=0)).layers
    [Linear(2, 3, initializer='zeros', dtype=np.float64),
     Linear(3, 1, initializer='zeros', dtype=np.float64)]
    """
    from nn.models.mlp import MLP

    (p, columns), c = weights.U1.shape, len(weights.U2)
    model = MLP(
        columns - 1, [p], c, activation=tau.name, output_activation=tau.name, dtype=float,
        initializer="zeros",
    )  # fmt: skip
    for layer, u in zip(model.layers, weights, strict=True):
        layer.load_state_dict({"weight": u[:, 1:].T, "bias": u[:, 0]})
    return model


# ---- in scalar loops: lists of numbers, one sample


def forward_in_loops(
    U1: list[list[Any]], U2: list[list[Any]], x: list[Any], tau: Tau = LOGISTIC
) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """zsum, z, osum and o of one sample."""
    zsum, z = _layer_in_loops(U1, x, tau)
    osum, o = _layer_in_loops(U2, z, tau)
    return zsum, z, osum, o


def _layer_in_loops(U: list[list[Any]], x: list[Any], tau: Tau) -> tuple[list[Any], list[Any]]:
    sums = []
    for row in U:
        total = row[0]
        for i in range(len(x)):
            total = total + row[i + 1] * x[i]
        sums.append(total)
    return sums, [tau.value(total) for total in sums]


def gradients_in_loops(
    U1: list[list[Any]], U2: list[list[Any]], x: list[Any], y: list[Any], tau: Tau = LOGISTIC
) -> Weights:
    """∂J/∂U1 and ∂J/∂U2 of one sample, as lists."""
    zsum, z, osum, o = forward_in_loops(U1, U2, x, tau)
    return backward_in_loops(U2, x, y, zsum, z, osum, o, tau)


def backward_in_loops(
    U2: list[list[Any]], x: list[Any], y: list[Any],
    zsum: list[Any], z: list[Any], osum: list[Any], o: list[Any], tau: Tau,
) -> Weights:  # fmt: skip
    """The same, after the forward pass."""
    d, p, c = len(x), len(z), len(o)
    delta = [(y[k] - o[k]) * tau.slope(osum[k]) for k in range(c)]
    dU2 = [[-delta[k], *(-(delta[k] * z[j]) for j in range(p))] for k in range(c)]
    eta = []
    for j in range(p):
        total = delta[0] * U2[0][j + 1]
        for q in range(1, c):
            total = total + delta[q] * U2[q][j + 1]
        eta.append(tau.slope(zsum[j]) * total)
    dU1 = [[-eta[j], *(-(eta[j] * x[i]) for i in range(d))] for j in range(p)]
    return Weights(dU1, dU2)


def update_in_loops(U: list[list[Any]], dU: list[list[Any]], rate: float) -> None:
    """U ← U − rate·dU, in place."""
    for row, slopes in zip(U, dU, strict=True):
        for i in range(len(row)):
            row[i] = row[i] - rate * slopes[i]


def shuffled_samples_in_loops(
    weights: Weights, X: np.ndarray, Y: np.ndarray, *,
    epochs: int = 1, rate: float = 0.1, tau: Tau = LOGISTIC, rng: Rng = None,
) -> Weights:  # fmt: skip
    """Stochastic gradient descent over all samples, in a new order each epoch, in scalar loops.

    X is of shape (n, d) and Y of shape (n, c). Returns the trained weights.
    """
    rng = as_generator(rng)
    U1, U2 = weights.U1.tolist(), weights.U2.tolist()
    samples, targets = X.tolist(), Y.tolist()
    for _ in range(epochs):
        for i in rng.permutation(len(samples)):
            dU1, dU2 = gradients_in_loops(U1, U2, samples[i], targets[i], tau)
            update_in_loops(U1, dU1, rate)
            update_in_loops(U2, dU2, rate)
    return Weights(np.array(U1), np.array(U2))


# ---- in matrices: rows are samples


def forward(
    weights: Weights, X: np.ndarray, tau: Tau = LOGISTIC
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """zsum, z, osum and o of samples (t, d): of shapes (t, p), (t, p), (t, c) and (t, c)."""
    zsum = with_ones(X) @ weights.U1.T
    z = tau.value(zsum)
    osum = with_ones(z) @ weights.U2.T
    return zsum, z, osum, tau.value(osum)


def with_ones(X: np.ndarray) -> np.ndarray:
    """The samples with x₀ = 1 before them."""
    return np.concatenate([np.ones((len(X), 1)), X], axis=1)


def gradients(weights: Weights, X: np.ndarray, Y: np.ndarray, tau: Tau = LOGISTIC) -> Weights:
    """∂J/∂U1 and ∂J/∂U2, the mean over the samples: of one, or of a mini-batch."""
    zsum, z, osum, o = forward(weights, X, tau)
    delta = (Y - o) * tau.slope(osum)
    eta = tau.slope(zsum) * (delta @ weights.U2[:, 1:])
    return Weights(-eta.T @ with_ones(X) / len(X), -delta.T @ with_ones(z) / len(X))


def _descended(weights: Weights, slopes: Weights, rate: float) -> Weights:
    return Weights(weights.U1 - rate * slopes.U1, weights.U2 - rate * slopes.U2)


def shuffled_samples(
    weights: Weights, X: np.ndarray, Y: np.ndarray, *,
    epochs: int = 1, rate: float = 0.1, tau: Tau = LOGISTIC, rng: Rng = None,
) -> Weights:  # fmt: skip
    """`shuffled_samples_in_loops` in matrix form: the same steps."""
    rng = as_generator(rng)
    for _ in range(epochs):
        for i in rng.permutation(len(X)):
            slopes = gradients(weights, X[i : i + 1], Y[i : i + 1], tau)
            weights = _descended(weights, slopes, rate)
    return weights


def random_samples(
    weights: Weights, X: np.ndarray, Y: np.ndarray, *,
    steps: int, rate: float = 0.1, tau: Tau = LOGISTIC, rng: Rng = None,
) -> Weights:  # fmt: skip
    """The variant that draws any sample at each step: mini-batches of one."""
    return mini_batches(weights, X, Y, size=1, steps=steps, rate=rate, tau=tau, rng=rng)


def mini_batches(
    weights: Weights, X: np.ndarray, Y: np.ndarray, *,
    size: int, steps: int, rate: float = 0.1, tau: Tau = LOGISTIC, rng: Rng = None,
) -> Weights:  # fmt: skip
    """Each step draws `size` samples and goes down their mean gradient.

    A size of 1 is stochastic gradient descent, one of n the batch algorithm.
    """
    rng = as_generator(rng)
    for _ in range(steps):
        drawn = rng.choice(len(X), size, replace=False)
        weights = _descended(weights, gradients(weights, X[drawn], Y[drawn], tau), rate)
    return weights


def recognized(weights: Weights, X: np.ndarray, tau: Tau = LOGISTIC) -> np.ndarray:
    """The class of each sample: the place of its largest output."""
    return forward(weights, X, tau)[-1].argmax(axis=1)
