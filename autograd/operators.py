"""What a Tensor can do: Python's operators, NumPy's methods and protocols, laid onto the class.

Everything here is a line: a name of `Tensor` and the gate or function behind it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograd.backward import backward
from autograd.gates import arithmetic, exponential, linear, reductions, selection, shapes
from autograd.gates.registry import Gate
from autograd.numpy_api import array_function, array_ufunc
from autograd.recording import apply, scalar_operator, value_of
from autograd.tensor import Tensor

__all__: list[str] = []


def method(gate: Gate) -> Callable[..., Tensor]:
    """The gate's own method, which calling the gate on a Tensor also takes."""
    gate.operator = scalar_operator(gate)
    return gate.operator


def binary(gate: Gate) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    """A binary operator and its reflected form."""
    return method(gate), scalar_operator(gate, reflected=True)


def one_over(self: Tensor, other: Any) -> Tensor:
    """``1/x`` is the reciprocal gate; any other numerator divides."""
    if type(other) in (int, float) and other == 1:
        return self.reciprocal()
    return _rdivide(self, other)


def comparison(function: Callable[[Any, Any], Any]) -> Callable[[Tensor, Any], Any]:
    """A comparison of values: a plain boolean, or an array of them."""

    def compare(self: Tensor, other: Any) -> Any:
        return function(self._data, value_of(other))

    return compare


def on_values(name: str) -> Callable[..., Any]:
    """A method of arrays whose result has no gradient."""

    def call(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.numpy(), name)(*args, **kwargs)

    call.__name__ = name
    return call


def dot(self: Tensor, other: Any) -> Tensor:
    """NumPy's dot product."""
    return apply(linear.dot, (self, other))


def matmul(self: Tensor, other: Any) -> Tensor:
    return apply(linear.matmul, (self, other))


def rmatmul(self: Tensor, other: Any) -> Tensor:
    return apply(linear.matmul, (other, self))


def reshape(self: Tensor, *shape: Any) -> Tensor:
    """The same entries in another shape: ``t.reshape(2, 3)`` or ``t.reshape((2, 3))``."""
    return shapes.reshape(self, shape[0] if len(shape) == 1 else shape)


def transpose(self: Tensor, *axes: Any) -> Tensor:
    """The axes in another order: ``t.transpose()``, ``t.transpose(1, 0)`` or with a tuple."""
    if not axes or axes == (None,):
        return shapes.transpose(self)
    return shapes.transpose(self, axes[0] if isinstance(axes[0], (tuple, list)) else axes)


def matrix_transpose(self: Tensor) -> Tensor:
    """The last two axes swapped."""
    return shapes.transpose(self, (*range(self.ndim - 2), self.ndim - 1, self.ndim - 2))


Tensor.__add__, Tensor.__radd__ = binary(arithmetic.add)
Tensor.__sub__, Tensor.__rsub__ = binary(arithmetic.subtract)
Tensor.__mul__, Tensor.__rmul__ = binary(arithmetic.multiply)
Tensor.__truediv__, _rdivide = binary(arithmetic.divide)
Tensor.__rtruediv__ = one_over
Tensor.__pow__, Tensor.__rpow__ = binary(arithmetic.raise_to)
Tensor.__mod__, Tensor.__rmod__ = binary(arithmetic.remainder)
Tensor.__floordiv__, Tensor.__rfloordiv__ = binary(arithmetic.floor_divide)
Tensor.__neg__ = method(arithmetic.negative)
Tensor.__abs__ = Tensor.abs = method(arithmetic.absolute)
Tensor.__pos__ = lambda self: self
Tensor.__matmul__, Tensor.__rmatmul__ = matmul, rmatmul
Tensor.__getitem__ = shapes.index

Tensor.__eq__ = comparison(operator.eq)
Tensor.__ne__ = comparison(operator.ne)
Tensor.__lt__ = comparison(operator.lt)
Tensor.__le__ = comparison(operator.le)
Tensor.__gt__ = comparison(operator.gt)
Tensor.__ge__ = comparison(operator.ge)
Tensor.__hash__ = object.__hash__  # identity, whatever == says of the values

Tensor.exp = method(exponential.exp)
Tensor.log = method(exponential.log)
Tensor.sqrt = method(exponential.sqrt)
Tensor.tanh = method(exponential.tanh)
Tensor.sigmoid = method(exponential.sigmoid)
Tensor.relu = method(selection.relu)
Tensor.square = method(arithmetic.square)
Tensor.reciprocal = method(arithmetic.reciprocal)

Tensor.sum = reductions.sum
Tensor.mean = reductions.mean
Tensor.max = selection.max
Tensor.min = selection.min
Tensor.dot = dot
Tensor.reshape = reshape
Tensor.transpose = transpose
Tensor.astype = shapes.astype
Tensor.T = property(shapes.transpose, doc="The axes reversed.")
Tensor.mT = property(matrix_transpose, doc="The last two axes swapped.")
Tensor.argmax = on_values("argmax")
Tensor.argmin = on_values("argmin")

Tensor.backward = backward
Tensor.__array_ufunc__ = array_ufunc
Tensor.__array_function__ = array_function
