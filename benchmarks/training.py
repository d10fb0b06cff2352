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
    """NumPy, forward and backward pass written out, in place, in buffers that are there already."""

    def run() -> float:
        parameters, rng = task.weights(), np.random.default_rng(0)
        steps: dict[int, ByHand] = {}
        for _ in range(task.epochs):
            order = rng.permutation(len(task.X))
            total, right = 0.0, 0
            for start in range(0, len(order), task.batch):
                rows = order[start : start + task.batch]
                count = len(rows)
                if count not in steps:
                    steps[count] = ByHand(parameters, count, task.rate)
                step = steps[count]
                task.X.take(rows, 0, step.x, "clip")
                task.y.take(rows, 0, step.y, "clip")
                total += step() * count
                right += step.right()
        return total / len(task.X)

    return run


class ByHand:
    """A step on the batch in `x` and `y`: what a person writes who has time.

    Nothing is allocated, and no call asks NumPy for more than it needs.
    """

    def __init__(self, parameters: Sequence[np.ndarray], rows: int, rate: float) -> None:
        self.weights, self.biases = parameters[::2], parameters[1::2]
        self.rate, self.share = np.float32(rate), np.float32(1.0 / rows)
        self.x = np.empty((rows, self.weights[0].shape[0]), np.float32)
        self.y = np.empty(rows, np.int64)
        self.outputs = [np.empty((rows, w.shape[1]), np.float32) for w in self.weights]
        self.upstream = [np.empty_like(out) for out in self.outputs]
        self.positive = [np.empty(out.shape, bool) for out in self.outputs]
        self.of_weights = [np.empty_like(w) for w in self.weights]
        self.of_biases = [np.empty_like(b) for b in self.biases]
        self.largest, self.totals = np.empty((2, rows, 1), np.float32)
        self.logs, self.ones = np.empty(rows, np.float32), np.ones(rows, np.float32)
        self.picked, self.hits = np.empty(rows, np.float32), np.empty(rows, bool)
        self.starts = np.arange(rows) * self.weights[-1].shape[1]
        self.places, self.best = np.empty_like(self.y), np.empty(rows, np.intp)

    def __call__(self) -> float:
        x, zero = self.x, np.float32(0)
        *hidden, scores = self.outputs
        for w, b, out in zip(self.weights, self.biases, self.outputs, strict=True):
            np.dot(x, w, out)
            np.add(out, b, out)
            if out is not scores:
                np.maximum(out, zero, out=out)
            x = out
        g = self.upstream[-1]
        np.maximum.reduce(scores, axis=1, keepdims=True, out=self.largest)
        np.subtract(scores, self.largest, scores)
        np.exp(scores, g)
        np.add.reduce(g, axis=1, keepdims=True, out=self.totals)
        np.log(self.totals[:, 0], self.logs)
        np.add(self.starts, self.y, self.places)
        scores.reshape(-1).take(self.places, None, self.picked, "clip")
        np.subtract(self.logs, self.picked, self.logs)
        loss = float(np.add.reduce(self.logs)) / len(self.y)
        np.divide(g, self.totals, g)
        g.reshape(-1)[self.places] -= 1
        np.multiply(g, self.share, g)
        for layer in reversed(range(len(self.weights))):
            w, b = self.weights[layer], self.biases[layer]
            dw, db = self.of_weights[layer], self.of_biases[layer]
            x = hidden[layer - 1] if layer else self.x
            np.dot(x.T, g, dw)
            np.dot(self.ones, g, db)
            if layer:
                below, mask = self.upstream[layer - 1], self.positive[layer - 1]
                np.dot(g, w.T, below)
                np.greater(x, zero, mask)
                g = np.multiply(below, mask, below)
            np.multiply(dw, self.rate, dw)
            np.subtract(w, dw, w)
            np.multiply(db, self.rate, db)
            np.subtract(b, db, b)
        return loss

    def right(self) -> int:
        """How many rows of the last batch were right."""
        self.outputs[-1].argmax(1, self.best)
        return int(np.count_nonzero(np.equal(self.best, self.y, self.hits)))


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
