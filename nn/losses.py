"""Losses: what training makes small. They take logits, not probabilities, and average the batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DataError, OutOfRangeError, ShapeError, Tensor, gate, softmax
from autograd.recording import Saved, apply, value_of

__all__ = ["cross_entropy"]


def _forward(logits: Any, *, weights: Any) -> Saved:
    """The loss, and the probabilities, which its gradient is made of.

    The largest logit of each row is taken off first, so that nothing overflows.
    """
    shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    probability = np.exp(shifted)
    total = np.add.reduce(probability, axis=1, keepdims=True)
    surprise = np.log(total[:, 0])
    if weights.ndim == 1:
        surprise -= shifted[np.arange(len(weights)), weights]
    else:
        surprise *= np.add.reduce(weights, axis=1)
        surprise -= np.add.reduce(shifted * weights, axis=1)
    probability /= total
    return Saved(np.add.reduce(surprise) / len(logits), probability)


def _residual(logits: Any, weights: Any, saved: Any) -> Any:
    """Probabilities minus target, over the batch's size: the gradient for an upstream of one."""
    probability = softmax(logits, axis=1) if saved is None else saved
    if weights.ndim == 2:
        residual = probability * np.add.reduce(weights, axis=1, keepdims=True) - weights
    elif type(probability) is Tensor:
        one_hot = np.zeros(logits.shape, logits.dtype)
        one_hot[np.arange(len(weights)), weights] = 1.0
        residual = probability - one_hot
    else:
        residual = probability.copy()
        residual[np.arange(len(weights)), weights] -= 1.0
    return residual * (1.0 / len(logits))


_cross_entropy = gate(
    _forward,
    name="cross_entropy",
    symbol="CE",
    rule="mean of −Σ w·ln softmax(x) → (Σw·softmax(x) − w)/N",
    pattern="mixes",
    vjp=(lambda g, out, logits, weights, saved: g * _residual(logits, weights, saved),),
    jvp=lambda t, out, logits, weights, saved: np.sum(t[0] * _residual(logits, weights, saved)),
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
    elif np.maximum.reduce(weights.view(f"u{weights.itemsize}")) >= shape[1]:  # negative ones too
        raise OutOfRangeError(
            f"class numbers must be from 0 to {shape[1] - 1}, and the target holds "
            f"{weights.min()} to {weights.max()}"
        )
    return apply(_cross_entropy, (prediction,), {"weights": weights})
