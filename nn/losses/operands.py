"""What a loss is given, before its gate is applied: shapes, dtypes, and who made the prediction.

Only shapes and dtypes are looked at here, and the graph. Values are checked inside the gates, so
that a compiled program checks those of each new batch.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograd import (
    DataError,
    OutOfRangeError,
    ShapeError,
    Tensor,
    UnsupportedError,
    broadcast_to,
    reshape,
    transpose,
)
from autograd.extend import as_data, replayed, user_frame, value_of, warn_on
from nn.losses.errors import LogitsWarning

__all__ = [
    "as_array", "as_constant", "as_operand", "check_range", "class_numbers", "expect_logits",
    "head_of", "in_dtype_of", "matching", "pixels", "rows_of",
]  # fmt: skip

ACTIVATIONS = ("sigmoid", "softmax")
ONE_OUTPUT = {
    "multiclass_hinge": "hinge, with targets -1 and 1",
    "focal": "binary_focal, with targets 0 and 1",
}
"""What to write for the losses that compare outputs, where there is one."""
CARRYING = ("moves", "routes")
"""Patterns of gates whose values are those of their operands: of `reshape`, `astype` and
`concatenate`, and of `index`, `clip` and `maximum`."""


def as_operand(value: Any) -> Any:
    """A Tensor, an array or a float, which gates take. Raises DataError (a TypeError)."""
    return value if type(value) is Tensor or type(value) is np.ndarray else as_data(value, None)


def as_array(value: Any) -> Any:
    """The same, where one number is an array without axes: what has a shape and a dtype."""
    operand = as_operand(value)
    return np.asarray(operand) if type(operand) is float else operand


def as_constant(name: str, what: str, value: Any) -> Any:
    """The same of what no gradient flows to. Raises UnsupportedError where one is wanted."""
    if type(value) is Tensor and value.requires_grad:
        raise UnsupportedError(
            f"{name}({what}=...) is a constant, and the Tensor given wants a gradient: write "
            f"{what}=t.detach()"
        )
    return as_operand(value)


def matching(name: str, prediction: Any, target: Any) -> tuple[Any, Any]:
    """Both as operands, the target in the prediction's shape and dtype; nothing is broadcast.

    Raises ShapeError (a ValueError) for shapes that differ, but for (N, 1) and (N,).
    """
    prediction, target = as_operand(prediction), as_operand(target)
    value, given = value_of(prediction), np.shape(value_of(target))
    shape = np.shape(value)
    if 0 in shape:
        raise ShapeError(f"{name} expects a batch of 1 or more and received shape {shape}")
    if given != shape:
        column = shape and {shape, given} == {shape[:1], (*shape[:1], 1)}
        if not column:
            raise ShapeError(
                f"{name} expects a target of the prediction's shape {shape} and received {given}, "
                f"and broadcasts nothing: write {_matching_target(shape, given)}"
            )
        target = target.reshape(shape)
    if type(value) is float:
        return prediction, float(target) if type(target) is np.ndarray else target
    if type(target) is float:
        return prediction, np.asarray(target, value.dtype)
    return prediction, in_dtype_of(value, target)


def in_dtype_of(value: np.ndarray, target: Any) -> Any:
    """The target in the prediction's dtype, so that float32 stays float32."""
    if target.dtype == value.dtype or value.dtype.kind != "f":
        return target
    return target.astype(value.dtype)


def _matching_target(shape: tuple[int, ...], given: tuple[int, ...]) -> str:
    """What to write for a target of the wrong shape."""
    if np.prod(shape) == np.prod(given):
        return f"target.reshape({shape})"
    if len(shape) == 2 and given == shape[:1]:
        return f"nn.data.one_hot(target, {shape[1]}) if these are class numbers"
    return "a target with one entry for each entry of the prediction"


def rows_of(name: str, prediction: Any, *, images: bool = False) -> tuple[Any, tuple[int, ...]]:
    """Logits as an operand, and their shape (N, C); of `images` it may be (N, C, ...).

    Raises ShapeError for any other shape, and for one output, of which nothing could be learnt: its
    softmax is 1. Warns where they are none, as `expect_logits` does.
    """
    if type(prediction) is Tensor:
        expect_logits(name, prediction)
    else:
        prediction = as_operand(prediction)
    value = value_of(prediction)
    shape: tuple[int, ...] = () if type(value) is float else value.shape
    if (len(shape) != 2 and not (images and len(shape) > 2)) or 0 in shape:
        pixels = " or (N, C, ...)" if images else ""
        raise ShapeError(f"{name} expects logits of shape (N, C){pixels} and received {shape}")
    if shape[1] == 1:
        one = ONE_OUTPUT.get(name, "binary_cross_entropy, with targets 0 and 1")
        raise ShapeError(
            f"{name} compares the outputs for several classes, and received one output, of shape "
            f"{shape}: write {one}, or give the model an output for each class"
        )
    return prediction, shape


def pixels(
    name: str, prediction: Any, target: Any, sample_weight: Any
) -> tuple[Any, Any, Any, tuple[int, ...]]:
    """Logits of shape (N, C, ...), targets and weights with a row a pixel; and (N, ...).

    Raises ShapeError (a ValueError) for targets and weights of another shape.
    """
    target, shape = as_array(target), value_of(prediction).shape
    images = (shape[0], *shape[2:])
    if target.shape not in (images, shape):
        raise ShapeError(
            f"{name} expects class numbers of shape {images} or weights of shape {shape} as "
            f"target, and received shape {target.shape}"
        )
    target = target.reshape(-1) if target.shape == images else _rows(target)
    if sample_weight is not None:
        sample_weight = as_constant(name, "sample_weight", sample_weight)
        given = np.shape(value_of(sample_weight))
        if given not in (images[:1], images):
            raise ShapeError(
                f"{name} expects sample_weight of shape {images[:1]} or {images}, and received "
                f"{given}"
            )
        column = reshape(sample_weight, (*given, *(1,) * (len(images) - len(given))))
        sample_weight = broadcast_to(column, images).reshape(-1)
    return _rows(prediction), target, sample_weight, images


def _rows(a: Any) -> Any:
    """The classes, on axis 1, as rows."""
    last = transpose(a, (0, *range(2, len(a.shape)), 1))
    return reshape(last, (-1, a.shape[1]))


def class_numbers(name: str, size: int, target: Any, *, also: str = "") -> Any:
    """N class numbers as an operand of shape (N,), integers; their range is not looked at here.

    `also` says what else the loss would take, for the message. Raises ShapeError, DataError.
    """
    given = np.shape(value_of(target))
    if given == (size, 1):
        target = target.reshape(size)
    elif given != (size,):
        raise ShapeError(
            f"{name} expects {size} class numbers{also} as target, and received shape {given}"
        )
    if target.dtype.kind not in "iu":
        raise DataError(
            f"class numbers must be integers and the target is {target.dtype}: write "
            "target.astype(int)"
        )
    return target


UNSIGNED = {
    np.dtype(f"{order}i{size}"): np.dtype(f"{order}u{size}")
    for order in "<>"
    for size in (1, 2, 4, 8)
}
"""The dtype in which a negative number of the signed one is larger than any class number."""


@replayed(holds=lambda target, classes: ((target >= 0) & (target < classes)).all())
def check_range(target: np.ndarray, classes: int) -> None:
    """Raise OutOfRangeError (an IndexError) for a class number that is not there."""
    if np.maximum.reduce(target.view(UNSIGNED.get(target.dtype, target.dtype))) >= classes:
        raise OutOfRangeError(
            f"class numbers must be from 0 to {classes - 1}, and the target holds "
            f"{target.min()} to {target.max()}"
        )


def head_of(prediction: Any) -> str | None:
    """The gate that made all values of a prediction, if that is a sigmoid or a softmax.

    It is seen in the graph, through gates that move values or choose among them, such as `reshape`,
    `index`, `astype` and `clip`, and never guessed from values.

    >>> from autograd import Tensor
    >>> scores = Tensor([[0.0, 1.0], [2.0, 3.0]])
    >>> head_of(scores.sigmoid()[:, 0].clip(0.01, 0.99)), head_of(2.0 * scores.sigmoid())
    ('sigmoid', None)
    """
    found, left = None, [prediction]
    while left:
        node = left.pop()
        gate = node.gate if type(node) is Tensor else None
        if gate is None:
            return None
        if gate.pattern in CARRYING:
            left += [one for one in node.inputs if type(one) is Tensor]
        elif gate.name not in ACTIVATIONS or found not in (None, gate.name):
            return None
        else:
            found = gate.name
    return found


def expect_logits(name: str, prediction: Any) -> None:
    """Warn where the gate that made a prediction is a sigmoid or a softmax, as `head_of` sees it.

    Python shows such a warning once for each line of a program.
    """
    head = head_of(prediction)
    if head is None:
        return
    message = (
        f"{name} takes logits, and this prediction was made by a {head} gate: its values "
        f"would go through another one inside the loss. Leave the {head} out of the model; "
        "nn.predict_proba applies it to the raw outputs"
    )
    warn_on(user_frame() or sys._getframe(), message, LogitsWarning)
