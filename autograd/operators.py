"""What a Tensor can do: Python's operators, NumPy's methods and protocols, laid onto the class.

Everything here is a line: a name of `Tensor` and the gate or function behind it. The page that
`help` shows of a gate is laid onto `Gate` in the same way: writing it needs all of them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd import leaving
from autograd.backward import backward
from autograd.data import as_array
from autograd.eager import explain, value_of
from autograd.elsewhere import lay_words
from autograd.families import lay, lay_function, public_function
from autograd.gates import arithmetic, indexing, linear
from autograd.gates.own import OwnGate
from autograd.gates.registry import Gate
from autograd.numpy_api import array_function, array_ufunc
from autograd.tensor import Tensor

__all__: list[str] = []


class Written:
    """An attribute that a gate writes when it is asked for; `own` is that of the class itself."""

    def __init__(self, write: str, own: Any = None) -> None:
        self.write = write
        self.own = own

    def __get__(self, gate: Gate | None, owner: type) -> Any:
        if gate is None:
            if self.own is None:
                raise AttributeError(f"{owner.__name__} has no {self.write} of its own")
            return self.own
        from autograd import pages

        return getattr(pages, self.write)(gate)


def one_over(self: Tensor, other: Any) -> Tensor:
    """``1/x`` is the reciprocal gate; any other numerator divides."""
    data = self._value  # of integers NumPy's reciprocal is an integer
    floats = type(data) is float or data.dtype.kind == "f"
    if floats and type(other) in (int, float) and other == 1:
        return self.reciprocal()
    return self._rdivide(other)


def comparison(function: Callable[[Any, Any], Any]) -> Callable[[Tensor, Any], Any]:
    """A comparison of values: a plain boolean, or an array of them."""

    def compare(self: Tensor, other: Any) -> Any:
        try:
            return function(self.data, value_of(other))
        except (ValueError, TypeError) as error:
            raise explain(function.__name__, (self, other), None, error) from error

    return compare


def on_values(name: str) -> Callable[..., Any]:
    """A method of arrays whose result has no gradient."""

    def call(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(as_array(self.data), name)(*args, **kwargs)
        except (ValueError, TypeError, IndexError) as error:
            raise explain(name, (self,), kwargs, error) from error

    call.__name__ = name
    return call


def rounding(name: str) -> Callable[[Tensor], Tensor]:
    """What `math.floor` and its like ask a Tensor for: the gate."""
    return lambda self: public_function(name)(self)


def swapped(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The same function of its operands in the other order."""
    return wraps(function)(lambda a, b: function(b, a))


def of_layout(name: str) -> property:
    """An attribute of arrays that says how they lie in memory."""
    return property(
        lambda self: getattr(as_array(self.data), name), doc=f"As of the array: {name}."
    )


for name, gate in {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": arithmetic.divide,
    "pow": arithmetic.raise_to,
    "mod": arithmetic.remainder,
    "floordiv": arithmetic.floor_divide,
    "matmul": linear.matmul,
}.items():
    lay(f"__{name}__", gate)
    lay(f"__r{name}__", gate, reflected=True)
lay("_rdivide", arithmetic.divide, reflected=True)
lay("__neg__", arithmetic.negative)
lay("__abs__", arithmetic.absolute)
Tensor.__rtruediv__ = one_over
Tensor.__divmod__ = lambda self, other: (self // other, self % other)
Tensor.__rdivmod__ = lambda self, other: (other // self, other % self)
Tensor.__pos__ = lambda self: self
Tensor.__getitem__ = indexing.index

Tensor.__eq__ = comparison(operator.eq)
Tensor.__ne__ = comparison(operator.ne)
Tensor.__lt__ = comparison(operator.lt)
Tensor.__le__ = comparison(operator.le)
Tensor.__gt__ = comparison(operator.gt)
Tensor.__ge__ = comparison(operator.ge)
Tensor.__hash__ = object.__hash__  # identity, whatever == says of the values

Tensor.__float__ = leaving.to_float
Tensor.__int__ = leaving.to_int
Tensor.__complex__ = leaving.to_complex
Tensor.__index__ = leaving.to_index
Tensor.__array__ = leaving.to_array
Tensor.__dlpack__ = leaving.to_dlpack
Tensor.__dlpack_device__ = leaving.dlpack_device
Tensor.__round__ = leaving.rounded
Tensor.__copy__ = Tensor.__deepcopy__ = leaving.copied
Tensor.__reduce__ = leaving.reduced
for name in ("floor", "ceil", "trunc"):  # of Python's math: they stay in the graph
    setattr(Tensor, f"__{name}__", rounding(name))

# Of booleans and integers, which have no gradient: plain results, as of the comparisons.
for name in ("and", "or", "xor", "lshift", "rshift"):
    function = getattr(operator, f"__{name}__")
    setattr(Tensor, f"__{name}__", comparison(function))
    setattr(Tensor, f"__r{name}__", comparison(swapped(function)))
Tensor.__invert__ = on_values("__invert__")
Tensor.__contains__ = lambda self, value: bool(np.any(self == value))

for name in ("all", "any", "argmax", "argmin"):
    setattr(Tensor, name, on_values(name))
for name in ("itemsize", "nbytes", "strides"):
    setattr(Tensor, name, of_layout(name))

# Above a frame's 4000: pandas then leaves `series - t` to the Tensor, which keeps the gradient.
# Not `series @ t`, which asks for the numbers, nor `series -= t`, which ends in pandas' own error.
Tensor.__pandas_priority__ = 5000

lay_function("backward", backward)
Tensor.__array_ufunc__ = array_ufunc
Tensor.__array_function__ = array_function

lay_words(Tensor)

for kind in (Gate, OwnGate):
    kind.__doc__ = Written("page", kind.__doc__)
Gate.__signature__ = Written("signature")
