"""What layers accept: Tensors, arrays and lists of numbers, with the features on the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import DataError, ShapeError, Tensor
from autograd.extend import as_data
from autograd.extend import current as current_mode

__all__ = [
    "along", "features_at", "held", "holds_nodes", "images", "mapped", "numbers",
    "operand", "place", "rows", "weighted",
]  # fmt: skip


def operand(x: Any) -> Any:
    """A Tensor or an array as it is, anything else as an array.

    Raises DataError (a TypeError) for what are not numbers.
    """
    kind = type(x)
    if kind is Tensor or (kind is np.ndarray and x.dtype.kind in "fiub"):
        return x
    return np.asarray(as_data(x, None))


def rows(x: Any, features: int, dtype: np.dtype, owner: Any) -> Any:
    """`x` in the layer's dtype, its last axis checked.

    Raises ShapeError (a ValueError) that names the layer, where it stands, and what to write.
    """
    x = operand(x)
    shape = x.shape
    if not shape or shape[-1] != features:
        raise ShapeError(
            f"{place(owner)} expects {features} features on the last axis and received shape "
            f"{shape}{advice(shape, features)}"
        )
    return x if x.dtype == dtype else x.astype(dtype)


def features_at(shape: tuple[int, ...], axis: int, features: int, owner: Any) -> None:
    """Raise ShapeError (a ValueError) where an axis is not there or is of another length."""
    if not -len(shape) <= axis < len(shape) or shape[axis] != features:
        raise ShapeError(
            f"{place(owner)} expects {features} features on axis {axis} and received shape {shape}"
        )


def held(owner: str, module: Any) -> Any:
    """What a layer is put around: a module or a function; raises DataError (a TypeError)."""
    if isinstance(module, type) or not callable(module):
        word = f"the class {module.__name__}" if isinstance(module, type) else repr(module)
        raise DataError(
            f"{owner} expects a module or a function, and received {word}: write nn.{owner}"
            "(nn.Sequential(...))"
        )
    return module


def images(x: Any, channels: int | None, dtype: np.dtype, owner: Any, axes: int = 2) -> Any:
    """A batch of channels along one axis, on images or in volumes, (N, C, ...), in the layer's
    dtype; any number of channels where that is None.

    Raises ShapeError (a ValueError) that names the layer, and what to write.
    """
    x = operand(x)
    shape = x.shape
    if len(shape) != axes + 2 or channels not in (None, shape[1]):
        expected = ", ".join(["N", str(channels or "C"), *("T", "HW", "DHW")[axes - 1]])
        hint = ""
        if len(shape) == axes + 1 and channels in (None, 1):
            hint = ": write x[:, None] for images of one channel"
        elif len(shape) == axes + 1 and channels == shape[0]:
            hint = ": write x[None] for a batch of one"
        elif len(shape) == axes + 2 and shape[-1] == channels:
            hint = ": write np.moveaxis(x, -1, 1), channels come before places"
        elif len(shape) == 2:
            hint = f": write x.reshape(len(x), {channels or -1}, ...), rows are no images"
        raise ShapeError(f"{place(owner)} expects shape ({expected}) and received {shape}{hint}")
    return x if x.dtype == dtype else x.astype(dtype)


def numbers(x: Any, features: int, owner: Any) -> list[Any]:
    """The numbers or scalar nodes of a list, for a layer of scalars; raises as `rows` does."""
    if isinstance(x, np.ndarray):
        x = x.tolist()
    if not isinstance(x, (list, tuple)) or len(x) != features:
        received = f"{len(x)} of them" if isinstance(x, (list, tuple)) else f"{x!r:.60}"
        raise ShapeError(
            f"{place(owner)} expects a list of {features} numbers and received {received}: a model "
            "of scalars takes one sample at a time"
        )
    return [value if type(value) is float else _scalar(value, owner) for value in x]


def _scalar(value: Any, owner: Any) -> Any:
    """A number as a float; a Tensor of no axes as it is."""
    if type(value) is Tensor:
        if not value.shape:
            return value
    elif isinstance(value, (int, float, np.number, np.bool_)):
        return float(value)
    raise DataError(
        f"{place(owner)} computes with scalars and received {type(value).__name__} among its "
        "inputs: write a list of numbers, one sample at a time"
    )


def along(owner: str, axis: Any, name: str = "axis") -> int:
    """An axis, which is an integer; raises DataError (a TypeError)."""
    if type(axis) is not int:
        raise DataError(f"{owner}: {name} must be an integer, received {axis!r}")
    return axis


def place(owner: Any) -> str:
    """A layer as errors name it: how it is written, and the scope that it stands in."""
    scope = current_mode().scope
    written = repr(owner)
    if scope is None or scope.path == owner.label:
        return written
    return f"{scope.path}, which is {written},"


def advice(shape: tuple[int, ...], features: int) -> str:
    """What to write for an input of that shape."""
    if len(shape) > 2 and int(np.prod(shape[1:])) == features:
        return ": write x.reshape(len(x), -1), or put nn.Flatten() before it"
    if len(shape) == 2 and shape[0] == features:
        return ": write x.T, samples are rows"
    if not shape:
        return ": write a row, [x]" if features == 1 else ""
    if len(shape) == 1 and features == 1:
        return ": write x[:, None] for a column of samples of one feature"
    return f": make the layer for {shape[-1]} inputs, or the data of {features} columns"


def weighted(weights: Any, x: Any, offsets: Any = None) -> list[Any]:
    """Of each row of weights w₀x₀ + w₁x₁ + … + b, added up from the left, of scalar nodes."""
    sums = []
    for i, row in enumerate(weights):
        total = row[0] * x[0]
        for weight, value in zip(row[1:], x[1:], strict=True):
            total = total + weight * value
        sums.append(total if offsets is None else total + offsets[i])
    return sums


def mapped(function: Any, x: Any) -> Any:
    """What a function gives for each number of lists in lists."""
    return [mapped(function, part) for part in x] if isinstance(x, list) else function(x)


def holds_nodes(x: Any) -> bool:
    """Whether it is a list, or lists in lists, with Tensors in them."""
    return isinstance(x, list) and any(type(part) is Tensor or holds_nodes(part) for part in x)
