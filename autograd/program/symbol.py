"""A value under the recorder: computing with it computes, and writes the call down.

A `Symbol` stands wherever the engine would have an array or a Python float. NumPy hands every
function that is called with one to the protocols below, so gates, rules and transforms run
unchanged and their calls to NumPy are what is recorded: all derivatives of any order come for
free. Whatever needs the numbers themselves, such as an `if`, is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.errors import needs_numbers
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.program.recorder import Recorder

__all__ = ["Symbol"]

SHAPE_ONLY = frozenset({
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.common_type,
    np.iscomplexobj, np.isrealobj,
})  # fmt: skip
"""Functions whose result depends on shapes and dtypes alone."""

BY_VALUE = frozenset({
    np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.allclose,
    np.array_equal, np.array_equiv, np.count_nonzero, np.array_repr, np.array_str,
    np.array2string, np.may_share_memory, np.shares_memory, np.linalg.matrix_rank,
    np.linalg.lstsq, np.einsum_path, np.ix_, np.bincount, np.trim_zeros, np.union1d,
    np.intersect1d, np.setdiff1d, np.setxor1d,
})  # fmt: skip
"""Functions whose result has a shape, or a Python value, that depends on the numbers."""

BY_CHOICE = {np.compress: (0, "condition"), np.extract: (0, "condition"), np.delete: (1, "obj")}
"""Functions whose result has a shape that depends on the numbers of one argument: which one."""


class Symbol:
    """A traced array, or a traced Python float (then `weak`), or what comparing those gives."""

    __slots__ = ("owner", "register", "tape", "value")

    traced = True

    def __init__(self, tape: Recorder, register: int, value: Any) -> None:
        self.tape = tape
        self.register = register
        self.value = value
        self.owner: Tensor | None = None  # the Tensor from outside whose data it was read as

    # ---- what is known before the program runs

    @property
    def weak(self) -> bool:
        return type(self.value) is float

    @property
    def shape(self) -> tuple[int, ...]:
        value = self.value
        return value.shape if isinstance(value, np.ndarray) else np.shape(value)

    @property
    def dtype(self) -> np.dtype:
        return (
            self.value.dtype if isinstance(self.value, np.ndarray) else np.dtype(type(self.value))
        )

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return np.size(self.value)

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @property
    def real(self) -> Symbol:
        return self

    @property
    def T(self) -> Symbol:
        return self.tape.record(np.transpose, (self,))

    @property
    def mT(self) -> Symbol:
        return self.tape.record(np.swapaxes, (self, -1, -2))

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Symbol]:
        return (self[i] for i in range(len(self)))

    # ---- NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(type(operand) is Tensor for operand in inputs):
            return NotImplemented
        outs = kwargs.pop("out", None)
        if method == "at":
            return self.tape.in_place.at(ufunc, *inputs)
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        if outs is None:
            return self.tape.record(function, inputs, kwargs)
        return self.tape.in_place.into(outs, function, inputs, kwargs)

    def __array_function__(
        self, func: Callable[..., Any], types: Any, args: Any, kwargs: dict[str, Any]
    ) -> Any:
        if any(issubclass(kind, Tensor) for kind in types):
            return NotImplemented
        if func in SHAPE_ONLY:
            return func(*self.tape.concrete(args), **self.tape.concrete(kwargs))
        if (
            func in BY_VALUE
            or (func is np.where and len(args) == 1)
            or (func in BY_CHOICE and _is_chosen_by_trace(BY_CHOICE[func], args, kwargs))
        ):
            raise needs_numbers(f"np.{func.__name__}")
        out = kwargs.get("out")
        if out is not None:
            others = {name: value for name, value in kwargs.items() if name != "out"}
            return self.tape.in_place.into((out,), func, args, others)
        return self.tape.record(func, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        method = getattr(np.ndarray, name, None)
        if name.startswith("__") or method is None:
            raise AttributeError(f"a traced array has no attribute {name!r}")
        if name in NEED_NUMBERS:
            raise needs_numbers("float() or .item()" if name == "item" else f".{name}")
        if name in OF_LAYOUT:
            return getattr(self.value, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            out = kwargs.pop("out", None)
            if out is None:
                return self.tape.record(method, (self, *args), kwargs)
            return self.tape.in_place.into((out,), method, (self, *args), kwargs)

        return call

    def __getitem__(self, key: Any) -> Symbol:
        for part in key if isinstance(key, tuple) else (key,):
            if type(part) is Symbol:
                part.as_index()
        return self.tape.record(operator.getitem, (self, key))

    def as_index(self) -> Symbol:
        """Itself, where it can be an index of a program: what booleans pick has any length."""
        if self.dtype == bool:
            raise needs_numbers("an index of booleans")
        return self

    def beside(self, value: Any) -> Symbol:
        """A known array as one that is traced in the same program."""
        return self.tape.constant(value)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.tape.in_place.item(self, key, value)

    # ---- what needs the numbers

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise needs_numbers("making a plain array of it, or writing it into one,")

    def __bool__(self) -> bool:
        raise needs_numbers("branching on it")

    def __float__(self) -> float:
        raise needs_numbers("float()")

    def __int__(self) -> int:
        raise needs_numbers("int()")

    def __index__(self) -> int:
        raise needs_numbers("an index that is a number")

    def __contains__(self, other: Any) -> bool:
        raise needs_numbers("in")

    def __repr__(self) -> str:
        kind = "number" if self.weak else f"array of {self.dtype}, shape {self.shape}"
        return f"<traced {kind}>"

    __hash__ = object.__hash__

    if TYPE_CHECKING:

        def __add__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...


OF_LAYOUT = frozenset({"flags", "nbytes", "strides"})
"""Attributes of an array that say how it lies in memory, not what it holds."""

NEED_NUMBERS = frozenset({
    "base", "byteswap", "compress", "ctypes", "data", "device", "dump", "dumps", "fill", "flat",
    "getfield", "imag", "item", "nonzero", "partition", "put", "resize", "setfield", "setflags",
    "sort", "to_device", "tobytes", "tofile", "tolist", "view",
})  # fmt: skip
"""Attributes of an array that reach behind the recorder: its numbers, or its memory."""


def _is_chosen_by_trace(which: tuple[int, str], args: Any, kwargs: dict[str, Any]) -> bool:
    """Whether the argument that decides on a shape is traced, or holds what is."""
    place, name = which
    chooses = args[place] if len(args) > place else kwargs.get(name)
    parts = chooses if isinstance(chooses, (list, tuple)) else (chooses,)
    return any(type(part) is Symbol for part in parts)


def _binary(function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(self: Symbol, other: Any) -> Any:
        return (
            NotImplemented if type(other) is Tensor else self.tape.record(function, (self, other))
        )

    def reflected(self: Symbol, other: Any) -> Any:
        return (
            NotImplemented if type(other) is Tensor else self.tape.record(function, (other, self))
        )

    return forward, reflected


def _unary(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self: self.tape.record(function, (self,))


def _in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    def write(self: Symbol, other: Any) -> Symbol:
        if self.weak:
            return self.tape.record(function, (self, other))
        if type(other) is Tensor:  # which NumPy asks, and which refuses
            ufunc: Any = np.power if function is operator.pow else function
            ufunc(self, other, out=self)
        self.tape.in_place.into((self,), function, (self, other), {})
        return self

    return write


# Python's ** takes NumPy's short cuts (a square, a root), which np.power does not: other bits.
BINARY: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.remainder, "pow": operator.pow, "matmul": np.matmul,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
    "lshift": np.left_shift, "rshift": np.right_shift, "divmod": np.divmod,
}  # fmt: skip

for _name, _function in BINARY.items():
    _forward, _reflected = _binary(_function)
    setattr(Symbol, f"__{_name}__", _forward)
    setattr(Symbol, f"__r{_name}__", _reflected)
    setattr(Symbol, f"__i{_name}__", _in_place(_function))
for _name, _function in {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal,
    "gt": np.greater, "ge": np.greater_equal,
}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _binary(_function)[0])
for _name, _function in {
    "neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert,
}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _unary(_function))
