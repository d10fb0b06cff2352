"""A small problem of classes, and a callback that tells numbers, for tests of training."""

from __future__ import annotations

import numpy as np

import nn
from nn import optim


def blobs(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    y = rng.integers(3, size=count)
    return rng.normal(size=(count, 3)) + 2.0 * np.eye(3)[y], y


def fit(model, X, y, **options):
    options = {"loss": "cross_entropy", "optimizer": optim.SGD(lr=0.1), "rng": 0} | options
    return nn.fit(model, X, y, **options)


def weights(model) -> np.ndarray:
    return np.concatenate([array.ravel() for array in model.state_dict().values()])


class Told(nn.Callback):
    """Puts given numbers into the logs, as if they had been measured, and keeps the weights."""

    def __init__(self, *values: float) -> None:
        self.values, self.kept = values, []

    def end_epoch(self, run, epoch, logs):
        logs["told"] = self.values[epoch]
        self.kept.append(weights(run.model))
