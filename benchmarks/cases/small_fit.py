"""A small network trained to the end: 2-16-16-2 on 1,000 points, 200 epochs, batches of 32.

The products are tiny, so this times what a library does around them.
"""

from __future__ import annotations

import numpy as np

from benchmarks import training
from benchmarks.results import Outcome, disagreements
from benchmarks.training import Run, Task

TITLE = "Small fit"
FAMILY = "Training"
VARIANTS = {"2-16-16-2, 200 epochs": {"epochs": 200}}


def points() -> tuple[np.ndarray, np.ndarray]:
    """1,000 points of the plane, and whether their coordinates have the same sign."""
    X = np.random.default_rng(0).normal(size=(1000, 2)).astype(np.float32)
    return X, (X[:, 0] * X[:, 1] > 0).astype(np.int64)


def task(epochs: int) -> Task:
    return Task(*points(), sizes=(2, 16, 16, 2), epochs=epochs, batch=32, rate=0.1)


def gategrad(epochs: int) -> Run:
    return training.with_gategrad(task(epochs))


def numpy(epochs: int) -> Run:
    return training.by_hand(task(epochs))


def torch(epochs: int) -> Run:
    return training.with_torch(task(epochs))


def sklearn(epochs: int) -> Run:
    return training.with_sklearn(task(epochs))


def keras(epochs: int) -> Run:
    return training.with_keras(task(epochs))


def remarks(label: str, outcomes: dict[str, Outcome]) -> list[str]:
    """Peers whose losses are far from the others'."""
    return [f"{TITLE}: {text}." for text in disagreements(outcomes, 0.25)]
