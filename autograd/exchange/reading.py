"""What models that others wrote are here: functions of gates, inputs and parameters by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd.data import brief
from autograd.errors import DataError, ShapeError
from autograd.gates.shapes import astype
from autograd.tensor import Tensor

__all__ = ["Input", "ReadModel", "cast"]


class Input(NamedTuple):
    """What a model takes: a dtype, and a shape in which texts stand for lengths that are open."""

    dtype: np.dtype[Any]
    shape: tuple[int | str, ...]


class ReadModel(ABC):
    """The base of what `from_onnx` and `from_torch` return.

    Called with its inputs, in their order or by name, in the model's dtypes: arrays become Tensors
    of those names.

    Attributes
    ----------
    title : what it is called in messages.
    inputs : for each input, by name, its dtype and its shape, with texts for open lengths.
    parameters : leaf Tensors by name; `.grad` is theirs.
    buffers : what is no parameter, such as running averages, by name.
    """

    title: str
    inputs: dict[str, Input]
    parameters: dict[str, Tensor]
    buffers: Mapping[str, Any] = {}

    def __call__(self, *args: Any, **by_name: Any) -> Any:
        return self.compute(self.taken(*args, **by_name))

    @abstractmethod
    def compute(self, values: dict[str, Any]) -> Any:
        """The outputs, of inputs by name as `taken` gives them."""

    def shape_hint(self, name: str) -> str:
        """What follows, in the error for an input of another shape."""
        return ""

    def taken(self, *args: Any, **by_name: Any) -> dict[str, Any]:
        """Inputs by name as the model wants them: Tensors of floats, and arrays of whole numbers.

        Raises DataError (a TypeError) for other inputs than there are, or of another kind, and
        ShapeError (a ValueError) for other lengths.
        """
        given = dict(zip(self.inputs, args, strict=False))
        twice, unknown = given.keys() & by_name, by_name.keys() - self.inputs
        given |= by_name
        if len(args) > len(self.inputs) or twice or unknown or given.keys() != self.inputs.keys():
            received = [*map(str, range(len(args))), *by_name]
            raise DataError(
                f"{self!r} takes {len(self.inputs)} inputs, {', '.join(self.inputs) or 'none'}; "
                f"received {', '.join(received) or 'none'}"
            )
        open_lengths: dict[str, int] = {}
        return {name: self._one(name, given[name], open_lengths) for name in self.inputs}

    def _one(self, name: str, value: Any, open_lengths: dict[str, int]) -> Any:
        dtype, shape = self.inputs[name]
        if hasattr(value, "detach") and hasattr(value, "cpu"):  # PyTorch's
            value = value.detach().cpu().numpy()
        try:
            value = cast(value if isinstance(value, Tensor) else as_array(value, dtype), dtype)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"the input {name!r} of {self.title} is of {dtype}; received {brief(value)}"
            ) from error
        before = dict(open_lengths)
        fits = len(shape) in (0, value.ndim) and all(
            length == (open_lengths.setdefault(wanted, length) if type(wanted) is str else wanted)
            for wanted, length in zip(shape, value.shape, strict=False)
            if wanted != "?"
        )
        if not fits:
            agreed = "".join(f" for {n} {symbol}" for symbol, n in before.items())
            wanted = ", ".join(map(str, shape)) + "," * (len(shape) == 1)
            raise ShapeError(
                f"the input {name!r} of {self.title} is of shape ({wanted})"
                f"{agreed}; received one of shape {value.shape}"
                f"{self.shape_hint(name) if not agreed else ''}"
            )
        if dtype.kind == "f" and not isinstance(value, Tensor):
            return Tensor(value, name=name, requires_grad=False)
        return value


def as_array(value: Any, dtype: np.dtype[Any]) -> Any:
    """An array of numbers; fractions are no whole numbers."""
    array = np.asarray(value)
    if dtype.kind in "iu" and array.dtype.kind == "f" and not np.all(array == np.rint(array)):
        raise ValueError("fractions in place of whole numbers")
    return array


def cast(value: Any, dtype: Any) -> Any:
    """In another dtype; of whole numbers and truths nothing is differentiated."""
    dtype = np.dtype(dtype)
    if isinstance(value, Tensor):
        if value.dtype == dtype:
            return value
        return astype(value, dtype) if dtype.kind == "f" else np.asarray(value.data).astype(dtype)
    return value.astype(dtype)
