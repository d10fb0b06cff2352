"""Softmax and cross-entropy in one gate: stable for any logits, and as fast as by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, log_softmax, softmax
from autograd.extend import Saved, apply, gate, is_half, log_normalised, value_of
from nn.losses.class_weights import options_for, spread_over_classes
from nn.losses.operands import (
    as_array,
    as_constant,
    check_range,
    class_numbers,
    in_dtype_of,
    pixels,
    rows_of,
)
from nn.losses.reductions import nothing_at_zero, samples_weights

__all__ = ["cross_entropy"]


def softmax_of(logits: Any) -> tuple[Any, Any, Any]:
    """Logits minus their row's largest, so that nothing overflows; softmax; ln Σ of the former."""
    shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    probability = np.exp(shifted)
    total = np.add.reduce(probability, axis=1, keepdims=True)
    log_total = np.log(total[:, 0])
    probability /= total
    return shifted, probability, log_total


# ---- without options: the mean over the batch


def _forward(logits: Any, target: Any) -> Saved:
    """The loss, and the probabilities, which its gradient is made of."""
    shifted, probability, surprise = softmax_of(logits)
    if target.ndim == 1:
        check_range(target, logits.shape[1])
        surprise -= shifted.reshape(-1)[_places(logits, target)]
    else:
        surprise *= np.add.reduce(target, axis=1)
        surprise -= np.add.reduce(nothing_at_zero(target, shifted), axis=1)
    return Saved(np.add.reduce(surprise) / len(logits), probability)


def _residual(logits: Any, target: Any, saved: Any) -> Any:
    """Probabilities minus target: the gradient for an upstream of one, times the batch's size."""
    probability = softmax(logits, axis=1) if saved is None else saved
    if target.ndim == 2:
        residual = probability * target.sum(axis=1, keepdims=True) - target
    elif type(probability) is Tensor:
        one_hot = value_of(target)[:, None] == np.arange(logits.shape[1])
        residual = probability - one_hot.astype(logits.dtype)
    else:
        flat = probability.flatten()
        flat[_places(logits, target)] -= 1.0
        residual = flat.reshape(logits.shape)
    return residual


def _places(logits: Any, target: Any) -> Any:
    """Where the targets' entries are in all rows as one: one index for each is enough."""
    starts = np.arange(0, logits.size, logits.shape[1])
    return starts + target.astype(np.intp, copy=False)


def _surprise(logits: Any) -> Any:
    """−ln softmax over the batch's size: the gradient of target rows."""
    rows = log_softmax(logits, axis=1) if type(logits) is Tensor else log_normalised(logits, 1)
    return rows * (-1.0 / len(logits))


def _tangent(t: Any, logits: Any, target: Any, saved: Any) -> Any:
    tangent = np.sum(t[0] * _residual(logits, target, saved)) * (1.0 / len(logits))
    if target.ndim == 1:
        return tangent
    return tangent + np.sum(nothing_at_zero(t[1], _surprise(logits)))


def _written_out(logits: Any, target: Any) -> Any:
    """The mean of Σt·ln Σeˣ − Σt·x, in gates that a picture can show."""
    total = np.log(np.sum(np.exp(logits), axis=1))
    if target.ndim == 1:
        return np.mean(total - logits[np.arange(len(target)), value_of(target)])
    return np.mean(np.sum(target, axis=1) * total - np.sum(target * logits, axis=1))


_cross_entropy = gate(
    _forward,
    name="cross_entropy",
    symbol="CE",
    rule="mean of −Σ t·ln softmax(x) → (Σt·softmax(x) − t)/N",
    pattern="mixes",
    vjp=(
        lambda g, out, logits, target, saved: (
            _residual(logits, target, saved) * (g * (1.0 / len(logits)))
        ),
        lambda g, out, logits, target, saved: g * _surprise(logits),
    ),
    jvp=lambda t, out, logits, target, saved: _tangent(t, logits, target, saved),
    expansion=_written_out,
)


# ---- with options: weights of classes and samples, smoothing, an ignored class, other reductions


def _weighted_forward(logits: Any, target: Any, *weight: Any, **options: Any) -> Saved:
    weights, count = spread_over_classes(logits, target, *weight, **options)
    shifted, probability, log_total = softmax_of(logits)
    losses = np.add.reduce(weights, axis=1) * log_total
    losses = losses - np.add.reduce(nothing_at_zero(weights, shifted), axis=1)
    if options["reduction"] != "none":
        losses = np.add.reduce(losses) / count
    return Saved(losses, probability)


def _weighted_residual(logits: Any, target: Any, *weight: Any, saved: Any, **options: Any) -> Any:
    """The gradient of each row's loss for an upstream of one, over what the mean divides by."""
    values = map(value_of, (logits, target, *weight))
    weights, count = spread_over_classes(*values, **options)
    weights = weights / count
    probability = softmax(logits, axis=1) if saved is None else saved
    return probability * np.add.reduce(weights, axis=1, keepdims=True) - weights


def _weighted_vjp(g: Any, out: Any, *operands: Any, **options: Any) -> tuple[Any, ...]:
    upstream = np.reshape(g, (-1, 1)) if np.ndim(out) else g
    residual = upstream * _weighted_residual(*operands, **options)
    return (residual, *(None for _ in operands[1:]))


def _weighted_tangent(t: Any, out: Any, *operands: Any, **options: Any) -> Any:
    rows = np.sum(t[0] * _weighted_residual(*operands, **options), axis=1)
    return rows if np.ndim(out) else np.sum(rows)


def _weighted_written_out(logits: Any, target: Any, *weight: Any, **options: Any) -> Any:
    """Σw·ln Σeˣ − Σw·x, and its sum over what the mean divides by."""
    values = map(value_of, (logits, target, *weight))
    weights, count = spread_over_classes(*values, **options)
    total = np.log(np.sum(np.exp(logits), axis=1))
    losses = weights.sum(axis=1) * total - np.sum(weights * logits, axis=1)
    return losses if options["reduction"] == "none" else np.sum(losses) / count


_weighted_cross_entropy = gate(
    _weighted_forward,
    name="cross_entropy",
    symbol="CE",
    rule="Σ −w·ln softmax(x) → Σw·softmax(x) − w",
    pattern="mixes",
    vjp=_weighted_vjp,
    jvp=_weighted_tangent,
    expansion=_weighted_written_out,
)


def cross_entropy(
    prediction: Any,
    target: Any,
    *,
    reduction: str = "mean",
    sample_weight: Any = None,
    class_weight: Any = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
) -> Tensor:
    """Softmax and cross-entropy in one gate, averaged over the batch.

    Parameters
    ----------
    prediction : logits, of shape (N, C): any real numbers, not probabilities. Stable for any size.
        Or (N, C, ...), as of images (N, C, H, W): every pixel then is a sample.
    target : N class numbers from 0 to C-1, or rows of shape (N, C): one-hot, probabilities, or any
        weights of the classes; of images (N, H, W) or (N, C, H, W).
    reduction : ``"mean"``, ``"sum"``, or ``"none"``: one loss a sample.
    sample_weight, class_weight : N numbers (or one a pixel) and C numbers of 0 or more. The mean is
        then Σ wL/Σ w, where a sample's w is its own weight times that of its class (of a row: the
        average of its classes). Where all are 0 there is nothing to learn: the loss is 0, and so is
        its gradient.
    label_smoothing : between 0 and 1: how much of the target is spread evenly over all classes.
    ignore_index : a class number, of any sign, whose samples do not count.

    Raises
    ------
    ShapeError (a ValueError): shapes that do not belong together.
    OutOfRangeError (an IndexError): a class number that is not there.
    DataError (a TypeError): class numbers that are not integers.
    TargetError (a ValueError): a weight that is negative, infinite or nan.

    Warns LogitsWarning where the prediction was made by a sigmoid or softmax gate.

    Source: Bishop, Pattern Recognition and Machine Learning, 2006, section 4.3.4; label smoothing:
    Szegedy et al., Rethinking the Inception architecture, 2016.

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
    name = "cross_entropy"
    prediction, shape = rows_of(name, prediction, images=True)
    if len(shape) > 2:
        prediction, target, sample_weight, images = pixels(name, prediction, target, sample_weight)
        losses = cross_entropy(
            prediction, target, reduction=reduction, sample_weight=sample_weight,
            class_weight=class_weight, label_smoothing=label_smoothing, ignore_index=ignore_index,
        )  # fmt: skip
        return losses.reshape(images) if losses.ndim else losses
    if is_half(prediction):  # in which a sum over the batch overflows
        return cross_entropy(
            prediction.astype(np.float32), target, reduction=reduction, sample_weight=sample_weight,
            class_weight=class_weight, label_smoothing=label_smoothing, ignore_index=ignore_index,
        ).astype(prediction.dtype)  # fmt: skip
    if type(target) is not np.ndarray:
        target = as_array(target)
    in_rows = target.shape == shape
    if in_rows:
        target = in_dtype_of(value_of(prediction), target)
    elif target.shape != shape[:1] or target.dtype.kind not in "iu":
        target = class_numbers(name, shape[0], target, also=f" or weights of shape {shape}")
    if (
        sample_weight is class_weight is ignore_index is None
        and reduction == "mean"
        and not label_smoothing
    ):
        return apply(_cross_entropy, (prediction, target))
    options = options_for(shape[1], in_rows, reduction, class_weight, label_smoothing, ignore_index)
    operands = (prediction, as_constant(name, "target", target))
    if sample_weight is not None:
        operands += (samples_weights(name, shape[:1], sample_weight),)
    return apply(_weighted_cross_entropy, operands, options._asdict())
