"""Embeddings: numbers that stand for words, letters and places become vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import DataError, OutOfRangeError, ShapeError, Tensor, embedding
from autograd.extend import replayed, value_of
from nn.layers.inputs import operand, place
from nn.module import Module
from nn.options import above_zero, float_dtype, size
from nn.parameters import Initializer, parameter
from nn.randomness import Rng, as_generator

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class Embedding(Module):
    """A table of vectors, read by number: what a Linear is to one-hot rows, without the zeros.

    Parameters
    ----------
    num, dim : how many vectors there are, and their length.
    rng : a seed or a generator that they are drawn from; fresh entropy by default.
    initializer : a name of `nn.initializers`, a number, or a function.
    dtype : of the vectors.

    Attributes: `weight`, a Tensor of shape (num, dim).

    Called on whole numbers of any shape, it gives that shape and dim behind it. Floats are taken
    where they are whole, since `fit` makes floats of all inputs. Raises OutOfRangeError (an
    IndexError) for a number that is not there, DataError (a TypeError) for one that is not whole.

    >>> import nn
    >>> nn.Embedding(10, 4, rng=0)([[1, 2, 1]]).shape
    (1, 3, 4)
    """

    def __init__(
        self,
        num: int,
        dim: int,
        rng: Rng = None,
        *,
        initializer: Initializer = "normal",
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.num = size("Embedding", "num", num)
        self.dim = size("Embedding", "dim", dim)
        self.initializer = initializer
        kind, shape = float_dtype("Embedding", dtype), (self.num, self.dim)
        self.weight = parameter("Embedding", "W", initializer, shape, as_generator(rng), kind)

    def forward(self, x: Any) -> Tensor:
        indices = value_of(operand(x))
        _check_numbers(indices, self.num, f"{self.label}, Embedding({self.num}, {self.dim}),")
        if indices.dtype.kind not in "iu":
            indices = indices.astype(np.intp)
        return embedding(indices, self.weight)


@replayed
def _check_numbers(indices: Any, num: int, owner: str) -> None:
    """Raise where a number is not one of a row."""
    if not indices.size:
        return
    if indices.dtype.kind == "f" and not (indices == np.floor(indices)).all():
        odd = indices[indices != np.floor(indices)].flat[0]
        raise DataError(f"{owner} expects whole numbers, and received {odd}")
    low, high = indices.min(), indices.max()
    if low < 0 or high >= num:
        raise OutOfRangeError(
            f"{owner} expects numbers from 0 to {num - 1}, and received {low:.0f} to {high:.0f}"
        )


class PositionalEncoding(Module):
    """Adds to each step sines and cosines of its place, so that what has no order has one.

    Feature 2i of step t gets sin(t/base^(2i/dim)), feature 2i + 1 the cosine.

    Parameters
    ----------
    dim : the number of features.
    base : how much slower the last wave is than the first, about.

    Called on shape (..., T, dim). It has no parameters and no longest T. Raises ShapeError (a
    ValueError) for other features.

    Source: Vaswani et al., Attention is all you need, 2017.

    >>> import numpy as np
    >>> import nn
    >>> nn.PositionalEncoding(4)(np.zeros((1, 2, 4))).data[0].round(3)
    array([[0.   , 1.   , 0.   , 1.   ],
           [0.841, 0.54 , 0.01 , 1.   ]])
    """

    def __init__(self, dim: int, base: float = 10_000.0) -> None:
        self.dim = size("PositionalEncoding", "dim", dim)
        self.base = above_zero("PositionalEncoding", "base", base)

    def table(self, steps: int) -> np.ndarray:
        """What is added: shape (steps, dim)."""
        waves = self.base ** (-(np.arange(self.dim) // 2 * 2) / self.dim)
        angles = np.arange(steps)[:, None] * waves
        return np.where(np.arange(self.dim) % 2 == 0, np.sin(angles), np.cos(angles))

    def forward(self, x: Any) -> Tensor:
        x = operand(x)
        shape = x.shape
        if len(shape) < 2 or shape[-1] != self.dim:
            raise ShapeError(
                f"{place(self)} expects shape (..., T, {self.dim}) and received {shape}"
            )
        x = x if x.dtype.kind == "f" else x.astype(np.float32)
        table = Tensor(self.table(shape[-2]).astype(x.dtype), requires_grad=False)
        return table + x
