"""Data on their way to a model: one-hot rows, common scales, and a part kept for testing."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DataError, OutOfRangeError, ShapeError, Tensor
from nn.errors import OptionError
from nn.frames import is_frame, is_series, take_rows
from nn.options import choice, float_dtype, real, size
from nn.randomness import Rng, as_generator

__all__ = ["Standardiser", "as_array", "one_hot", "same_length", "standardise", "train_test_split"]


def one_hot(labels: Any, classes: int | None = None, dtype: Any = np.float32) -> np.ndarray:
    """Rows with a one at the place of their class, of shape (N, classes).

    Parameters
    ----------
    labels : N integers from 0; any shape, to which an axis is added.
    classes : how many there are; the largest label and one by default.

    Raises
    ------
    DataError (a TypeError): labels that are not integers, or a dtype that is not one of floats.
    OutOfRangeError (an IndexError): a label below 0, or not below `classes`.
    OptionError (a ValueError): more classes than memory holds.

    >>> one_hot([2, 0])
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    labels, dtype = as_array("one_hot", labels), float_dtype("one_hot", dtype)
    if labels.dtype.kind not in "iu" and (labels.size or labels.dtype.kind != "f"):
        raise DataError(
            f"one_hot expects integers and received {labels.dtype}: write labels.astype(int), or "
            "np.unique(labels, return_inverse=True)[1] for names"
        )
    largest = int(labels.max(initial=0))
    classes = largest + 1 if classes is None else size("one_hot", "classes", classes)
    if labels.size and (labels.min() < 0 or largest >= classes):
        raise OutOfRangeError(
            f"one_hot: labels must be from 0 to {classes - 1}, and are from {labels.min()} to "
            f"{largest}"
        )
    try:
        rows = np.zeros((labels.size, classes), dtype)
    except (MemoryError, ValueError):
        raise OptionError(
            f"one_hot: {labels.size:,} rows of {classes:,} classes do not fit into memory: are "
            "these class numbers? np.unique(labels, return_inverse=True)[1] numbers them from 0"
        ) from None
    rows[np.arange(labels.size), labels.reshape(-1).astype(np.intp)] = 1.0
    return rows.reshape(*labels.shape, classes)


class Standardiser:
    """Takes a mean off every column and divides by its standard deviation, both learnt once.

    Attributes: `mean` and `scale`, one entry a column; a constant column has the scale 1, and
    becomes 0. `inverse` goes back.

    >>> scale = Standardiser([[1.0, 5.0], [3.0, 5.0]])
    >>> scale([[2.0, 5.0], [4.0, 6.0]])
    array([[0., 0.],
           [2., 1.]])
    >>> scale.inverse(scale([[4.0, 6.0]]))
    array([[4., 6.]])
    """

    def __init__(self, X: Any) -> None:
        """Learn from `X`, of shape (N, ...): what one trains with, and nothing else.

        Raises DataError (a TypeError), ShapeError (a ValueError) for no rows, OptionError (a
        ValueError) where an entry is not finite, or its square would not be.
        """
        X = _floats("standardise", X)
        if X.ndim == 0 or X.size == 0:
            raise ShapeError(f"standardise expects rows and received shape {X.shape}")
        with np.errstate(over="ignore", invalid="ignore"):
            mean = np.asarray(np.mean(X, axis=0, dtype=np.float64))
            deviation = np.asarray(np.std(X, axis=0, dtype=np.float64))
        if not (np.isfinite(mean).all() and np.isfinite(deviation).all()):
            raise OptionError(
                "standardise: an entry is nan, infinite or too large to be squared, and so would "
                "the scale be: leave such rows out, or write np.nan_to_num(X)"
            )
        # Rounding can make a constant column's mean another number, and its deviation more than 0.
        constant = np.all(np.equal(X, X[0]), axis=0)
        self.mean = np.where(constant, X[0], mean)
        self.scale = np.where(constant | (deviation == 0.0), 1.0, deviation)

    def __call__(self, X: Any) -> np.ndarray:
        """`X`, of shape (N, ...) with the same columns, on the scale that was learnt."""
        X = self._checked(X)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.divide(X - self.mean, self.scale).astype(X.dtype)

    def inverse(self, Z: Any) -> np.ndarray:
        """What `Z` was before."""
        Z = self._checked(Z)
        with np.errstate(over="ignore", invalid="ignore"):
            return (Z * self.scale + self.mean).astype(Z.dtype)

    def _checked(self, X: Any) -> np.ndarray:
        X = _floats("standardise", X)
        if X.ndim != self.mean.ndim + 1 or X.shape[1:] != self.mean.shape:
            raise ShapeError(
                f"standardise learnt from rows of shape {self.mean.shape} and received an array "
                f"of shape {X.shape}"
            )
        return X


def standardise(train: Any, *others: Any) -> Any:
    """Every column to mean 0 and deviation 1, by those of `train`; `others` on the same scale.

    Returns one array, or a tuple of all. Floats keep their dtype, integers become float64.
    Raises as `Standardiser` does, which also keeps the scale and goes back.

    >>> X_train, X_test = standardise([[1.0], [3.0]], [[2.0], [5.0]])
    >>> X_train.ravel(), X_test.ravel()
    (array([-1.,  1.]), array([0., 3.]))
    """
    scale = Standardiser(train)
    scaled = tuple(scale(array) for array in (train, *others))
    return scaled if others else scaled[0]


def train_test_split(
    *arrays: Any,
    test_size: float = 0.25,
    shuffle: bool = True,
    stratify: Any = None,
    rng: Rng = None,
) -> list[Any]:
    """Rows to train with and rows to test with: ``X_train, X_test, y_train, y_test = ...(X, y)``.

    Parameters
    ----------
    arrays : of the same number of rows, which stay together; frames, series and sparse matrices
        are split into such.
    test_size : the share of rows to test with, or their number.
    shuffle : draw them by `rng`; else they are the last ones.
    stratify : labels; each then has its share in both parts, as nearly as can be; which of them get
        the rows that rounding leaves over is drawn where they lost as much by it.

    Raises
    ------
    ShapeError (a ValueError): no arrays, no rows, or other lengths.
    OptionError (a ValueError): a part that would be empty.

    >>> train_test_split([1, 2, 3, 4], test_size=1, shuffle=False)
    [array([1, 2, 3]), array([4])]
    """
    owner = "train_test_split"
    rows = [_divisible(array) for array in arrays]
    count = same_length(owner, rows)
    if isinstance(test_size, (int, np.integer)) and not isinstance(test_size, bool):
        tested = size(owner, "test_size", test_size)
    else:
        tested = round(count * real(owner, "test_size", test_size, 0.0, 1.0))
    if not 0 < tested < count:
        raise OptionError(
            f"{owner}: test_size={test_size!r} of {count} rows leaves {tested} to test with and "
            f"{max(count - tested, 0)} to train with: both need one at least"
        )
    generator = as_generator(rng)
    if stratify is not None:
        labels = as_array(owner, stratify)
        same_length(owner, [rows[0], labels])
        mask = _stratified(labels, tested, generator)
        train, test = np.flatnonzero(~mask), np.flatnonzero(mask)
        if shuffle:
            train, test = generator.permutation(train), generator.permutation(test)
    else:
        order = (
            generator.permutation(count) if choice(owner, "shuffle", shuffle) else np.arange(count)
        )
        train, test = order[: count - tested], order[count - tested :]
    return [part for array in rows for part in (take_rows(array, train), take_rows(array, test))]


def _divisible(value: Any) -> Any:
    """What can be asked for its rows: frames as they are, sparse matrices by rows, else arrays."""
    if is_frame(value) or is_series(value):
        return value
    return value.tocsr() if hasattr(value, "tocsr") else as_array("train_test_split", value)


def _stratified(labels: np.ndarray, tested: int, generator: np.random.Generator) -> np.ndarray:
    """A mask of `tested` rows, in which each class has its share but for rounding."""
    if labels.ndim != 1:
        raise ShapeError(f"stratify expects one label a row, and received shape {labels.shape}")
    try:
        _, members = np.unique(labels, return_inverse=True)
    except TypeError as error:
        raise DataError(f"stratify expects labels of one kind: {error}") from None
    counts = np.bincount(members)
    taken, lost = np.divmod(counts * tested, len(labels))
    # The rows that rounding left over go to the classes that lost most by it; by lot, where several
    # lost as much.
    order = generator.permutation(len(counts))
    order = order[np.argsort(-lost[order], kind="stable")]
    taken[order[: tested - taken.sum()]] += 1
    mask = np.zeros(len(labels), bool)
    for index, wanted in enumerate(taken):
        rows = np.flatnonzero(members == index)
        mask[generator.permutation(rows)[:wanted]] = True
    return mask


def same_length(owner: str, arrays: list[np.ndarray]) -> int:
    """The number of rows, which all have; raises ShapeError (a ValueError)."""
    if not arrays:
        raise ShapeError(f"{owner} expects one array at least and received none")
    shapes = [array.shape for array in arrays]
    if any(not shape for shape in shapes) or len({shape[0] for shape in shapes}) != 1:
        raise ShapeError(
            f"{owner} expects arrays of the same number of rows and received the shapes "
            f"{', '.join(map(str, shapes))}"
        )
    if not shapes[0][0]:
        raise ShapeError(f"{owner} expects rows and received shape {shapes[0]}")
    return shapes[0][0]


def as_array(owner: str, value: Any) -> np.ndarray:
    """`value` as an array; a Tensor by its value."""
    if type(value) is Tensor:
        value = value.data
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise DataError(f"{owner} expects an array: {error}") from error
    return array


def _floats(owner: str, value: Any) -> np.ndarray:
    array = as_array(owner, value)
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise DataError(f"{owner} expects real numbers and received {array.dtype}")
    return array
