"""Losses: what training makes small. They take logits, not probabilities, and average the batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DataError, OutOfRangeError, ShapeError, Tensor, gate
from autograd.recording import apply, value_of

__all__ = ["cross_entropy"]


def _log_softmax(logits: Any) -> Any:
    """ln softmax over the last axis; shifted by the largest entry, so that it cannot overflow."""
    values = value_of(logits)
    shifted = logits - values.max(axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def _forward(logits: Any, *, weights: Any) -> Any:
    shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    normaliser = np.log(np.add.reduce(np.exp(shifted), axis=1))
    return np.add.reduce(normaliser - _picked(shifted, weights)) / len(logits)


def _picked(values: Any, weights: Any) -> Any:
    """The entry of each row's class, or, of one-hot or soft targets, the weighted sum."""
    if weights.ndim == 1:
        return values[np.arange(len(weights)), weights]
    return (values * weights).sum(axis=-1)


def _residual(logits: Any, weights: Any) -> Any:
    """Softmax minus the target, over the batch's size: the gradient for an upstream of one."""
    if type(logits) is Tensor:
        probability = np.exp(_log_softmax(logits))
        return (probability - _dense(weights, logits.shape, logits.dtype)) * (1.0 / len(logits))
    residual = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    np.exp(residual, out=residual)
    residual /= np.add.reduce(residual, axis=1, keepdims=True)
    if weights.ndim == 1:
        residual[np.arange(len(weights)), weights] -= 1.0
    else:
        residual -= weights
    residual *= 1.0 / len(logits)
    return residual


def _dense(weights: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Targets as a row of weights each: one-hot rows for class numbers."""
    if weights.ndim == 2:
        return weights
    dense = np.zeros(shape, dtype)
    dense[np.arange(len(weights)), weights] = 1.0
    return dense


_cross_entropy = gate(
    _forward,
    name="cross_entropy",
    symbol="CE",
    rule="mean of −ln softmax(x)[class] → (softmax(x) − target)/N",
    pattern="mixes",
    vjp=(lambda g, out, logits, weights: g * _residual(logits, weights),),
    jvp=lambda t, out, logits, weights: np.sum(t[0] * _residual(logits, weights)),
)


def cross_entropy(prediction: Any, target: Any) -> Tensor:
    """Softmax and cross-entropy in one gate, averaged over the batch.

    Parameters
    ----------
    prediction : logits, of shape (N, C): any real numbers, not probabilities. Stable for any size.
    target : N class numbers from 0 to C-1, or weights of shape (N, C), such as one-hot rows.

    Raises
    ------
    ShapeError (a ValueError): shapes that do not belong together.
    OutOfRangeError (an IndexError): a class number that is not there.
    DataError (a TypeError): class numbers that are not integers.

    Source: Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4.

    >>> import numpy as np
    >>> from autograd import Tensor
    >>> from nn.losses import cross_entropy
    >>> logits = Tensor([[1000.0, 0.0], [0.0, 0.0]])
    >>> loss = cross_entropy(logits, np.array([0, 1]))
    >>> loss.backward()
    >>> round(loss.item(), 6), logits.grad
    (0.346574, array([[ 0.  ,  0.  ],
           [ 0.25, -0.25]]))
    """
    shape = np.shape(value_of(prediction))
    if len(shape) != 2 or 0 in shape:
        raise ShapeError(f"cross_entropy expects logits of shape (N, C) and received {shape}")
    weights = np.asarray(value_of(target))
    if weights.shape == shape:
        weights = weights.astype(np.asarray(value_of(prediction)).dtype, copy=False)
    elif weights.shape != shape[:1]:
        raise ShapeError(
            f"cross_entropy expects {shape[0]} class numbers or weights of shape {shape} as "
            f"target, and received shape {weights.shape}"
        )
    elif weights.dtype.kind not in "iu":
        raise DataError(
            f"class numbers must be integers and the target is {weights.dtype}: write "
            "target.astype(int)"
        )
    elif weights.min() < 0 or weights.max() >= shape[1]:
        raise OutOfRangeError(
            f"class numbers must be from 0 to {shape[1] - 1}, and the target holds "
            f"{weights.min()} to {weights.max()}"
        )
    return apply(_cross_entropy, (prediction,), {"weights": weights})
