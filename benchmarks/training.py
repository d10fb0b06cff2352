"""Whole training runs of one network in several libraries, for the cases that time them.

Every function takes a `Task`, imports its library, and returns a callable that trains a fresh
network on it and returns the last epoch's mean loss. All count the accuracy as they go, but for
scikit-learn, which does not. Orders of rows and, where a library draws its own, first weights
differ, so losses agree roughly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Run = Callable[[], float]


@dataclass(frozen=True)
class Task:
    """ReLU layers of `sizes`, softmax cross-entropy, plain SGD: `epochs` over (X, y)."""

    X: np.ndarray
    y: np.ndarray
    sizes: Sequence[int]
    epochs: int
    batch: int
    rate: float

    def weights(self) -> list[np.ndarray]:
        """Weight (in, out), uniform after Glorot, and bias (out,) of every layer, float32."""
        rng = np.random.default_rng(1)
        found = []
        for inputs, outputs in pairwise(self.sizes):
            limit = (6 / (inputs + outputs)) ** 0.5
            found.append(rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32))
            found.append(np.zeros(outputs, np.float32))
        return found


def with_gategrad(task: Task) -> Run:
    """`nn.fit` as it comes, with accuracy and a progress bar."""
    import nn
    from nn import optim

    names = [f"layers.{i}.{kind}" for i in range(len(task.sizes)) for kind in ("weight", "bias")]

    def run() -> float:
        inputs, *hidden, outputs = task.sizes
        model = nn.MLP(inputs, hidden, outputs, activation="relu")
        model.load_state_dict(dict(zip(names, task.weights(), strict=False)))
        history = nn.fit(
            model, task.X, task.y, loss="cross_entropy", optimizer=optim.SGD(lr=task.rate),
            epochs=task.epochs, batch_size=task.batch, metrics=["accuracy"], rng=0, progress=True,
        )  # fmt: skip
        return history.history["loss"][-1]

    return run


def by_hand(task: Task) -> Run:
    """NumPy, forward and backward pass written out."""

    def run() -> float:
        parameters, rng = task.weights(), np.random.default_rng(0)
        X, y, size = task.X, task.y, task.batch
        for _ in range(task.epochs):
            order = rng.permutation(len(X))
            total, right = 0.0, 0
            for start in range(0, len(X), size):
                rows = order[start : start + size]
                loss, hits = _step(parameters, X[rows], y[rows], task.rate)
                total += loss * len(rows)
                right += hits
        return total / len(X)

    return run


def _step(
    parameters: list[np.ndarray], x: np.ndarray, y: np.ndarray, rate: float
) -> tuple[float, int]:
    """One step in place; the mean loss, and how many rows were right."""
    outputs = [x]
    for w, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        outputs.append(np.maximum(outputs[-1] @ w + b, 0))
    scores = outputs[-1] @ parameters[-2] + parameters[-1]
    rows = np.arange(len(y))
    shifted = scores - scores.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(totals[:, 0]) - shifted[rows, y]))
    g = exponentials / totals
    g[rows, y] -= 1
    g /= len(y)
    for layer in reversed(range(len(outputs))):
        w, b, out = parameters[2 * layer], parameters[2 * layer + 1], outputs[layer]
        upstream = g
        if layer:
            g = (upstream @ w.T) * (out > 0)
        w -= rate * (out.T @ upstream)
        b -= rate * upstream.sum(axis=0)
    return loss, int(np.count_nonzero(scores.argmax(axis=1) == y))


def with_torch(task: Task) -> Run:
    """PyTorch, eager: torch.nn and torch.optim, batches gathered by index."""
    import torch
    from torch.nn.functional import cross_entropy

    X, y = torch.from_numpy(task.X), torch.from_numpy(task.y)

    def run() -> float:
        layers: list[Any] = []
        for inputs, outputs in pairwise(task.sizes):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        with torch.no_grad():
            for parameter, array in zip(model.parameters(), task.weights(), strict=True):
                parameter.copy_(torch.from_numpy(array.T))
        optimizer = torch.optim.SGD(model.parameters(), lr=task.rate)
        torch.manual_seed(0)
        for _ in range(task.epochs):
            total, right = 0.0, 0
            for rows in torch.randperm(len(X)).split(task.batch):
                x_batch, y_batch = X[rows], y[rows]
                scores = model(x_batch)
                loss = cross_entropy(scores, y_batch)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(rows)
                right += int((scores.detach().argmax(dim=1) == y_batch).sum())
        return total / len(X)

    return run


def with_sklearn(task: Task) -> Run:
    """MLPClassifier, with nothing that would end it early or add to its steps."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")  # it says that so few epochs do not converge

    def run() -> float:
        model = MLPClassifier(
            tuple(task.sizes[1:-1]), solver="sgd", alpha=0.0, batch_size=task.batch,
            learning_rate_init=task.rate, momentum=0.0, max_iter=task.epochs, tol=0.0,
            n_iter_no_change=task.epochs + 1, random_state=0,
        )  # fmt: skip
        return float(model.fit(task.X, task.y).loss_curve_[-1])

    return run


def with_keras(task: Task) -> Run:
    """Keras on JAX, compiled once, with accuracy and a line an epoch."""
    import os

    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    *hidden, outputs = task.sizes[1:]
    layers = [keras.layers.Dense(units, activation="relu") for units in hidden]
    model = keras.Sequential([keras.Input((task.sizes[0],)), *layers, keras.layers.Dense(outputs)])
    model.compile(
        optimizer=keras.optimizers.SGD(task.rate), metrics=["accuracy"],
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )  # fmt: skip

    def run() -> float:
        model.set_weights(task.weights())
        history = model.fit(task.X, task.y, epochs=task.epochs, batch_size=task.batch, verbose=2)
        return float(history.history["loss"][-1])

    return run
