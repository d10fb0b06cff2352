"""An epoch of MNIST as the lecture trains it: 784-128-64-10, 48,000 rows, batches of 64, SGD.

Each run trains a fresh network for three epochs, with everything around them: checks of the data,
recording the program, the progress bar; the times are for one of the three.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np

from benchmarks import training
from benchmarks.results import Outcome, disagreements
from benchmarks.training import Run, Task

TITLE = "MNIST epoch"
FAMILY = "Training"
VARIANTS = {"784-128-64-10, batch 64": {"epochs": 3}}
PER = "epochs"


def digits() -> tuple[np.ndarray, np.ndarray]:
    """The first 48,000 training images as rows from 0 to 1, and their labels.

    From the folder mnist/ of GATEGRAD_DATA, or of shared/data beside the checkout.
    """
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("GATEGRAD_DATA", beside)) / "mnist"
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 784)
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return images[:48_000] / np.float32(255), labels[:48_000].astype(np.int64)


def task(epochs: int) -> Task:
    return Task(*digits(), sizes=(784, 128, 64, 10), epochs=epochs, batch=64, rate=0.01)


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
    return [f"{TITLE}: {text}." for text in disagreements(outcomes, 0.1)]
