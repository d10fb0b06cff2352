"""ONNX' operators on numbers and on places by NumPy's functions: gates where a Tensor comes in.

https://onnx.ai/onnx/operators says what they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
from autograd.errors import UnsupportedError
from autograd.exchange.placing import added, along, places_in, replaced, widened
from autograd.exchange.reading import cast
from autograd.tensor import Tensor

__all__ = ["MAXIMUM", "OPERATORS", "Call", "axes_of", "plain"]


class Call(NamedTuple):
    """A node of a file.

    Attributes
    ----------
    op, name : its operator and what it is called.
    inputs, outputs : names of values; an empty one is left out.
    attributes : decoded.
    opset : of which the operator is.
    scope : the path of modules that it stands in.
    function : what computes it, of this and the operands; None for one with a graph inside.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    opset: int
    scope: tuple[str, ...]
    function: Callable[..., Any] | None

    def get(self, name: str, default: Any = None) -> Any:
        return self.attributes.get(name, default)

    def option(self, name: str, given: Any) -> Any:
        """What older operator sets have as an attribute and newer ones as an operand."""
        return self.get(name) if given is None else plain(given)


def plain(value: Any) -> Any:
    """The numbers of an operand that is no node but a setting."""
    return np.asarray(value.data if isinstance(value, Tensor) else value)


def axes_of(given: Any) -> tuple[int, ...] | None:
    return None if given is None else tuple(int(n) for n in np.ravel(given))


def over(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operator that is a function of its operands alone."""
    return lambda call, *operands: function(*operands)


def folded(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operator of any number of operands."""
    return lambda call, *operands: reduce(function, operands)


# ---- numbers


def divide(call: Call, a: Any, b: Any) -> Any:
    """Of whole numbers, towards zero, as in C."""
    kinds = {np.asarray(v).dtype.kind for v in (a, b) if not isinstance(v, Tensor)}
    if kinds <= {"i", "u"} and not any(isinstance(v, Tensor) for v in (a, b)):
        return (np.sign(a) * np.sign(b) * (np.abs(a) // np.abs(b))).astype(np.result_type(a, b))
    return np.divide(a, b)


def greatest(call: Call, *xs: Any) -> Any:
    """Against 0 it is the rectifier, whose derivative at 0 is 0; other ties share."""
    if len(xs) == 2:
        for x, other in (xs, xs[::-1]):
            if isinstance(x, Tensor) and not isinstance(other, Tensor) and other.ndim == 0:
                return ag.relu(x) if other == 0 else np.maximum(*xs)
    return reduce(np.maximum, xs)


def clip(call: Call, x: Any, low: Any = None, high: Any = None) -> Any:
    low, high = (
        plain(one) if one is not None else call.get(name)
        for one, name in ((low, "min"), (high, "max"))
    )
    if low is None and high is None:
        return x
    return np.clip(x, low, high)


def cast_to(call: Call, x: Any, like: Any = None) -> Any:
    if like is not None:
        return cast(x, like.dtype)
    from onnx import helper

    return cast(x, helper.tensor_dtype_to_np_dtype(call.attributes["to"]))


def remainder(call: Call, a: Any, b: Any) -> Any:
    return np.fmod(a, b) if call.get("fmod") else np.mod(a, b)


def is_inf(call: Call, x: Any) -> Any:
    found = np.isinf(x)
    for name, side in (("detect_negative", -1), ("detect_positive", 1)):
        if not call.get(name, 1):
            found = found & ~(plain(x) * side > 0)
    return found


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Pow": np.power,
    "Sqrt": np.sqrt, "Exp": np.exp, "Log": np.log, "Abs": np.absolute, "Neg": np.negative,
    "Reciprocal": np.reciprocal, "Floor": np.floor, "Ceil": np.ceil, "Round": np.rint,
    "Sign": np.sign, "Sin": np.sin, "Cos": np.cos, "Tan": np.tan, "Asin": np.arcsin,
    "Acos": np.arccos, "Atan": np.arctan, "Sinh": np.sinh, "Cosh": np.cosh,
    "Tanh": np.tanh, "Asinh": np.arcsinh, "Acosh": np.arccosh, "Atanh": np.arctanh,
    "Equal": np.equal, "Less": np.less, "LessOrEqual": np.less_equal,
    "Greater": np.greater, "GreaterOrEqual": np.greater_equal, "Not": np.logical_not,
    "And": np.logical_and, "Or": np.logical_or, "Xor": np.logical_xor, "IsNaN": np.isnan,
    "Where": np.where, "Det": np.linalg.det,
}  # fmt: skip
"""Operators that are functions of their operands alone."""

MAXIMUM = folded(np.maximum)
"""What Max is where no rectifier is written by it."""

NUMBERS: dict[str, Callable[..., Any]] = {
    **{name: over(function) for name, function in FUNCTIONS.items()},
    "Div": divide, "Clip": clip, "Cast": cast_to, "CastLike": cast_to, "Mod": remainder,
    "IsInf": is_inf,
    "Max": greatest, "Min": folded(np.minimum), "Sum": folded(np.add),
    "Mean": lambda call, *xs: reduce(np.add, xs) / len(xs),
    "MatMul": over(np.matmul),
    "Einsum": lambda call, *xs: np.einsum(call.attributes["equation"], *xs),
}  # fmt: skip


# ---- sums and the like


def reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operator over the axes that it names, or all."""

    def reduced(call: Call, x: Any, axes: Any = None) -> Any:
        over = axes_of(call.option("axes", axes))
        if not over:
            if call.get("noop_with_empty_axes"):
                return x
            over = tuple(range(np.ndim(x)))
        return function(x, axis=over, keepdims=bool(call.get("keepdims", 1)))

    return reduced


def norm(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """Along several axes of the entries in a row."""
    axis = tuple(i % np.ndim(x) for i in axis)
    if len(axis) == 1:
        return np.linalg.norm(x, axis=axis[0], keepdims=keepdims)
    rest = [i for i in range(np.ndim(x)) if i not in axis]
    rows = np.reshape(np.transpose(x, (*rest, *axis)), (*(np.shape(x)[i] for i in rest), -1))
    made = np.linalg.norm(rows, axis=-1)
    return np.expand_dims(made, axis) if keepdims else made


def arg(function: Callable[..., Any]) -> Callable[..., Any]:
    def found(call: Call, x: Any) -> Any:
        axis, x = call.get("axis", 0), plain(x)
        if call.get("select_last_index"):
            places = x.shape[axis] - 1 - function(np.flip(x, axis), axis=axis, keepdims=True)
        else:
            places = function(x, axis=axis, keepdims=True)
        return places if call.get("keepdims", 1) else np.squeeze(places, axis)

    return found


def cumulated(call: Call, x: Any, axis: Any) -> Any:
    axis, back = int(plain(axis)), call.get("reverse")
    x = np.flip(x, axis) if back else x
    made = np.cumsum(x, axis=axis)
    made = made - x if call.get("exclusive") else made
    return np.flip(made, axis) if back else made


def top(call: Call, x: Any, k: Any) -> tuple[Any, Any]:
    axis, numbers = call.get("axis", -1), plain(x)
    order = np.argsort(-numbers if call.get("largest", 1) else numbers, axis=axis, kind="stable")
    places = np.take(order, np.arange(int(plain(k).item())), axis=axis)
    return np.take_along_axis(x, places, axis=axis), places


REDUCTIONS: dict[str, Callable[..., Any]] = {
    "ReduceSum": reduction(np.sum), "ReduceMean": reduction(np.mean),
    "ReduceMax": reduction(np.max), "ReduceMin": reduction(np.min),
    "ReduceProd": reduction(np.prod),
    "ReduceLogSumExp": reduction(lambda x, **how: ag.logsumexp(x, **how)),
    "ReduceL1": reduction(lambda x, **how: np.sum(np.absolute(x), **how)),
    "ReduceL2": reduction(norm),
    "ReduceSumSquare": reduction(lambda x, **how: np.sum(np.square(x), **how)),
    "ReduceLogSum": reduction(lambda x, **how: np.log(np.sum(x, **how))),
    "ArgMax": arg(np.argmax), "ArgMin": arg(np.argmin), "CumSum": cumulated, "TopK": top,
}  # fmt: skip


# ---- places


def shape_of(call: Call, x: Any) -> Any:
    return np.array(np.shape(x)[call.get("start", 0) : call.get("end")], np.int64)


def reshape(call: Call, x: Any, shape: Any) -> Any:
    """0 is the length that is there, unless `allowzero`; −1 what is left."""
    wanted = [int(n) for n in plain(shape)]
    if not call.get("allowzero"):
        wanted = [n or np.shape(x)[i] for i, n in enumerate(wanted)]
    return np.reshape(x, tuple(wanted))


def flatten(call: Call, x: Any) -> Any:
    shape, axis = np.shape(x), call.get("axis", 1)
    return np.reshape(x, (int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))))


def transpose(call: Call, x: Any) -> Any:
    return np.transpose(x, call.get("perm"))


def squeeze(call: Call, x: Any, axes: Any = None) -> Any:
    return np.squeeze(x, axis=axes_of(call.option("axes", axes)))


def unsqueeze(call: Call, x: Any, axes: Any = None) -> Any:
    return np.expand_dims(x, axes_of(call.option("axes", axes)) or ())


def split(call: Call, x: Any, lengths: Any = None) -> tuple[Any, ...]:
    axis = call.get("axis", 0)
    lengths = axes_of(call.option("split", lengths))
    if lengths is None:
        whole, count = np.shape(x)[axis], call.get("num_outputs") or len(call.outputs)
        each = -(-whole // count)
        lengths = (*[each] * (count - 1), whole - each * (count - 1))
    return tuple(np.split(x, np.cumsum(lengths)[:-1], axis=axis))


def cut(call: Call, x: Any, starts: Any = None, ends: Any = None, axes: Any = None,
        steps: Any = None) -> Any:  # fmt: skip
    first, last, along, by = (
        axes_of(call.option(name, given))
        for name, given in (("starts", starts), ("ends", ends), ("axes", axes), ("steps", steps))
    )
    places = [slice(None)] * np.ndim(x)
    assert first is not None and last is not None
    along = tuple(range(len(first))) if along is None else along
    for axis, *ends_and_step in zip(along, first, last, by or [1] * len(first), strict=True):
        places[axis] = slice(*ends_and_step)
    return x[tuple(places)]


def gather_nd(call: Call, x: Any, indices: Any) -> Any:
    if call.get("batch_dims"):
        raise UnsupportedError("GatherND with batch_dims cannot be read")
    return x[tuple(np.moveaxis(plain(indices), -1, 0))]


def by_reduction(call: Call) -> Callable[..., Any]:
    how = call.get("reduction", "none")
    if how not in ("none", "add"):
        raise UnsupportedError(f"{call.op} with reduction={how} cannot be read")
    return added if how == "add" else replaced


def scatter_nd(call: Call, x: Any, indices: Any, updates: Any) -> Any:
    places = places_in(np.shape(x))[tuple(np.moveaxis(plain(indices), -1, 0))]
    return by_reduction(call)(x, places, updates)


def scatter_elements(call: Call, x: Any, indices: Any, updates: Any) -> Any:
    places = along(np.shape(x), plain(indices), call.get("axis", 0))
    return by_reduction(call)(x, places, updates)


def gather_elements(call: Call, x: Any, indices: Any) -> Any:
    return np.take(x, along(np.shape(x), plain(indices), call.get("axis", 0)))


def one_hot(call: Call, indices: Any, depth: Any, values: Any) -> Any:
    """The second of two values where an index says, the first elsewhere."""
    at, n = plain(indices), int(plain(depth).item())
    is_there = np.arange(n) == np.where(at < 0, at + n, at)[..., None]
    off, on = plain(values)
    return np.moveaxis(np.where(is_there, on, off), -1, call.get("axis", -1))


def depth_to_space(call: Call, x: Any) -> Any:
    """Channels as blocks of pixels; the block is the outer part of them, unless in mode CRD."""
    n, c, h, w = np.shape(x)
    b = call.attributes["blocksize"]
    if call.get("mode", "DCR") == "DCR":
        parts = np.transpose(np.reshape(x, (n, b, b, c // b**2, h, w)), (0, 3, 4, 1, 5, 2))
    else:
        parts = np.transpose(np.reshape(x, (n, c // b**2, b, b, h, w)), (0, 1, 4, 2, 5, 3))
    return np.reshape(parts, (n, c // b**2, h * b, w * b))


def space_to_depth(call: Call, x: Any) -> Any:
    n, c, h, w = np.shape(x)
    b = call.attributes["blocksize"]
    parts = np.transpose(np.reshape(x, (n, c, h // b, b, w // b, b)), (0, 3, 5, 1, 2, 4))
    return np.reshape(parts, (n, c * b**2, h // b, w // b))


def expand(call: Call, x: Any, shape: Any) -> Any:
    wanted = tuple(int(n) for n in plain(shape))
    return np.broadcast_to(x, np.broadcast_shapes(np.shape(x), wanted))


def pad(call: Call, x: Any, pads: Any = None, value: Any = None, axes: Any = None) -> Any:
    counts = axes_of(call.option("pads", pads)) or ()
    along = range(np.ndim(x)) if axes is None else axes_of(plain(axes)) or ()
    widths = [(0, 0)] * np.ndim(x)
    for axis, pair in zip(along, zip(*np.reshape(counts, (2, -1)), strict=True), strict=True):
        widths[axis] = (int(pair[0]), int(pair[1]))
    mode = call.get("mode", "constant")
    if mode != "constant":
        return widened(x, widths, mode=mode)
    filled = call.option("value", value)
    return widened(x, widths, constant_values=0 if filled is None else filled.item()
                  if isinstance(filled, np.ndarray) else filled)  # fmt: skip


def constant(call: Call) -> Any:
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        if name in call.attributes:
            dtype = np.float32 if "float" in name else np.int64 if "int" in name else None
            return np.asarray(call.attributes[name], dtype)
    raise UnsupportedError(f"a Constant of {', '.join(call.attributes)} cannot be read")


def filled(call: Call, shape: Any) -> Any:
    value = call.get("value", np.zeros(1, np.float32))
    return np.full(tuple(plain(shape)), value.item(), value.dtype)


def triangle(call: Call, x: Any, k: Any = None) -> Any:
    keep = np.triu if call.get("upper", 1) else np.tril
    return keep(x, 0 if k is None else int(plain(k)))


def dropout(call: Call, x: Any, *how: Any) -> tuple[Any, Any]:
    """As in use: everything passes."""
    return x, np.ones(np.shape(x), bool)


PLACES: dict[str, Callable[..., Any]] = {
    "Shape": shape_of, "Size": lambda call, x: np.array(np.size(x), np.int64),
    "Reshape": reshape, "Flatten": flatten, "Transpose": transpose, "Squeeze": squeeze,
    "Unsqueeze": unsqueeze, "Split": split, "Slice": cut, "Expand": expand, "Pad": pad,
    "Concat": lambda call, *xs: np.concatenate(xs, axis=call.attributes["axis"]),
    "Gather": lambda call, x, i: np.take(x, plain(i), axis=call.get("axis", 0)),
    "GatherElements": gather_elements, "ScatterElements": scatter_elements,
    "GatherND": gather_nd, "ScatterND": scatter_nd, "Trilu": triangle, "OneHot": one_hot,
    "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth,
    "NonZero": lambda call, x: np.stack(np.nonzero(plain(x))),
    "Compress": lambda call, x, condition: np.compress(plain(condition), x, call.get("axis")),
    "Tile": lambda call, x, times: np.tile(x, plain(times)),
    "Constant": constant, "ConstantOfShape": filled,
    "Range": lambda call, *ends: np.arange(*[plain(end).item() for end in ends],
                                           dtype=ends[0].dtype),
    "Identity": lambda call, x: x, "Dropout": dropout,
}  # fmt: skip

OPERATORS = {**NUMBERS, **REDUCTIONS, **PLACES}
