"""Handwritten digits: MNIST from its four files, and scikit-learn's small ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autograd import DependencyError
from nn.errors import FileFormatError
from nn.files import as_path

from .errors import MissingDataError
from .idx import load_idx

__all__ = ["MNIST", "digits", "load_mnist"]

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)

TO_FETCH = """\
curl -fLO --create-dirs --output-dir mnist \\
  "https://ossci-datasets.s3.amazonaws.com/mnist/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz\""""
"""What brings the four files from PyTorch's mirror into a folder mnist."""


class MNIST(NamedTuple):
    """Images and labels, to train and to test with."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def load_mnist(folder: str | os.PathLike[str] | None = None, *, flat: bool = True) -> MNIST:
    """MNIST, scaled to 0..1: 60,000 rows to train with and 10,000 to test with.

    Parameters
    ----------
    folder : where the four IDX files are, gzipped or not, or a folder of it named mnist; without
        it, what the environment variable GATEGRAD_DATA names.
    flat : rows of 784 numbers; else images of shape (28, 28).

    Returns ``X_train, y_train, X_test, y_test``, by name too: float32 of shape (N, 784), and int64
    of shape (N,).

    Raises
    ------
    MissingDataError (a FileNotFoundError): a file is not there, or no folder was named; it says
        where the files come from.
    FileFormatError (a ValueError): a file is damaged, or no images with their labels.
    DataError (a TypeError): no path.
    """
    home = os.environ.get("GATEGRAD_DATA") or None if folder is None else folder
    if home is None:
        raise _missing("no folder of MNIST: GATEGRAD_DATA is not set.")
    place = as_path("load_mnist", home)
    arrays = [load_idx(path) for path in [_found(place, name) for name in FILES]]
    parts: list[np.ndarray] = []
    for images, labels in (arrays[:2], arrays[2:]):
        if images.dtype != np.uint8 or images.ndim != 3 or labels.shape != images.shape[:1]:
            raise FileFormatError(
                f"{place}: expected images of shape (N, 28, 28) with N labels, and found "
                f"{images.shape} and {labels.shape}"
            )
        shape = (len(images), -1) if flat and len(images) else images.shape
        scaled = np.multiply(images.reshape(shape), np.float32(1 / 255), dtype=np.float32)
        parts += [scaled, labels.astype(np.int64)]
    return MNIST(*parts)


def _found(folder: Path, name: str) -> Path:
    for place in (folder, folder / "mnist"):
        for path in (place / f"{name}.gz", place / name):
            if path.is_file():
                return path
    raise _missing(f"no {name} or {name}.gz in {folder} or {folder / 'mnist'}.")


def _missing(what: str) -> MissingDataError:
    return MissingDataError(
        f"{what} Say where the four files of MNIST are:\n"
        "  in a notebook   %env GATEGRAD_DATA=mnist\n"
        "  in a shell      export GATEGRAD_DATA=mnist\n"
        "  in Python       load_mnist('mnist')\n"
        "If you do not have them yet, this brings them into a folder mnist (in a notebook, such as "
        "in Colab, with ! in front):\n"
        f"{TO_FETCH}"
    )


def digits(*, flat: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Scikit-learn's 1,797 digits of 8 by 8 pixels, scaled to 0..1, and what they show.

    Returns float32 of shape (1797, 64), or (1797, 8, 8) unless `flat`, and int64 of shape (1797,).

    Raises DependencyError (an ImportError) where scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise DependencyError(
            "digits() reads the data set that scikit-learn ships: pip install scikit-learn, or "
            "take load_mnist"
        ) from None
    found = load_digits()
    X = (found.data if flat else found.images).astype(np.float32) / np.float32(16)
    return X, found.target.astype(np.int64)
