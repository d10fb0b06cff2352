"""How a value leaves the graph: as a plain number, as an array, or as a copy of its node.

`.item()`, `.data`, `.numpy()`, `.detach()`, formatting and comparing leave it on purpose. A
conversion that Python or NumPy makes by itself, as `math.exp(t)` and ``out[i] = t`` do, would cut
the gradient without a word: it is an error where a function is being differentiated or recorded,
and a warning elsewhere.
"""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Sequence
from copy import deepcopy
from types import FrameType
from typing import Any

import numpy as np

from autograd import modes
from autograd.calling import UnderWay, name_of, under_way
from autograd.data import is_number
from autograd.errors import DataError, DetachedWarning, needs_numbers
from autograd.inside import innermost, noted
from autograd.origins import LIBRARIES, is_library, user_frame, warn_on
from autograd.tensor import OWN, Tensor, describe, here

__all__ = ["warn_at"]


# ---- conversions


def to_float(node: Tensor) -> float:
    """Tensor.__float__"""
    return float(_number(node, sys._getframe(1)))


def to_int(node: Tensor) -> int:
    """Tensor.__int__"""
    return int(_number(node, sys._getframe(1)))


def to_complex(node: Tensor) -> complex:
    """Tensor.__complex__"""
    return complex(_number(node, sys._getframe(1)))


def to_index(node: Tensor) -> int:
    """Tensor.__index__: of one whole number, which never wants a gradient."""
    if node.shape or node.dtype.kind not in "iu":
        raise DataError(
            f"{describe(node)} of dtype {node.dtype} is no whole number, which an index or a count "
            "has to be: write int(t.item()), or t.item() where a float will do"
        )
    return int(_number(node, sys._getframe(1)))


def rounded(node: Tensor, ndigits: int | None = None) -> Any:
    """Tensor.__round__: a whole number gives an int as Python's does, others the gate `round`."""
    data = here(node)
    if type(data) is np.ndarray and data.dtype.kind in "iu" and not data.ndim:
        return round(int(node.item()), ndigits)
    return node.round(ndigits or 0)


def to_array(node: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    """Tensor.__array__"""
    if node._wants:
        frame = sys._getframe(1)
        if not _writes_numbers(under_way(frame), frame):
            raise noted(frame, DataError(_as_array(node, frame)))
        _cut(node, frame)
    if copy:
        return np.array(node.data, dtype=dtype)
    return np.asarray(node.data, dtype=dtype)


def to_dlpack(node: Tensor, **options: Any) -> Any:
    """Tensor.__dlpack__: the array for another library, such as torch.from_dlpack."""
    if node._wants:
        frame = sys._getframe(1)
        raise noted(frame, DataError(_as_array(node, frame)))
    return np.asarray(node.data).__dlpack__(**options)


def dlpack_device(node: Tensor) -> tuple[int, int]:
    """Tensor.__dlpack_device__: the computer's memory, where NumPy has its arrays."""
    return np.empty(0).__dlpack_device__()


def _namesake(frame: FrameType) -> str:
    """What is meant where a function of NumPy's or a method of pandas' asks for the array.

    The one is ours of the same name: NumPy does not hand over what lists hold, or what fills. The
    other computes with arrays of its own: an array on the left leaves the operator to the Tensor.
    """
    from autograd.foreign import NAMES
    from autograd.scipys import GENERAL, of_scipy

    scipys = of_scipy(frame)
    if scipys and not (scipys is GENERAL and innermost()):  # inside, `_told` says it by name
        return f"{scipys}, or "
    name, package, module = "", "", ""
    outer: FrameType | None = frame
    while outer is not None:
        found = str(outer.f_globals.get("__name__", "")).partition(".")[0]
        if found not in ("numpy", "pandas"):
            break
        for word, joins in (("r_", np.r_), ("c_", np.c_)):
            if outer.f_locals.get("self") is joins:
                return f"{NAMES['NumPy'][word]}, or "
        module = outer.f_globals["__name__"]
        name, package, outer = outer.f_code.co_name, found, outer.f_back
    if package == "pandas":
        return (
            "frame.to_numpy() in the place of the frame or series, as in frame.to_numpy() @ t, or "
        )
    function = None if name else under_way(frame).function(frame)  # one in C has no frame
    if callable(function) and not any(function is array for array in _ARRAYS):
        called = getattr(function, "__name__", "")
        name = called if getattr(np, called, None) is function else ""
    if module.startswith("numpy.linalg"):
        name = f"linalg.{name}"
    known = name and not name.startswith("_") and _is_ours(name)
    known = known and not (outer is not None and is_library(outer))  # as Matplotlib's own call
    return f"ag.{name}(...), which takes Tensors and lists of them, or " if known else ""


def _as_array(node: Tensor, frame: FrameType) -> str:
    """What is wrong with making a plain array of a node that wants a gradient."""
    if innermost() is None:
        return (
            f"{describe(node)} wants a gradient and would lose it as a plain array: write "
            f"{_namesake(frame)}t.data or t.numpy() for its value, as for a plot, "
            "np.stack([t, u]) to join Tensors, or ag.array for nested lists of Tensors and numbers"
        )
    what, advice = _told(frame)
    advice = f"write {ours}" if (ours := _namesake(frame)) else f"{advice}; write "
    return (
        f"{describe(node)} wants a gradient, and {what} makes a plain array of it, where the "
        f"gradient would be lost: {advice}t.data where the values alone are meant"
    )


def _writes_numbers(doing: UnderWay, frame: FrameType) -> bool:
    """Whether an array is asked for to take its numbers: ``out[i] = t``, ``np.float32(t)``."""
    if doing.kind == "store":
        return True
    function = doing.function(frame)
    return isinstance(function, type) and issubclass(function, np.generic)


def _number(node: Tensor, frame: FrameType) -> Any:
    """The one number of a node, for a conversion that `frame` asks for."""
    if node._wants and node.size == 1:
        _cut(node, frame)
    elif getattr(type(node._value), "traced", False):
        raise noted(frame, needs_numbers(*_told(frame)))
    return node.item()


def _cut(node: Tensor, frame: FrameType) -> None:
    """Raise, or warn, where the value of a node that wants a gradient leaves the graph."""
    mode = modes.current()
    if not mode.grad_enabled and mode.reads is None:
        return  # under no_grad nothing has a gradient to lose
    doing = under_way(frame)
    if doing.kind == "format":
        return
    if not doing.is_local and any(doing.function(frame) is truth for truth in _TRUTHS):
        return
    if innermost() is None:
        _warn(frame)
        return
    what, advice = _told(frame)
    raise noted(frame, DataError(
        f"{describe(node)} wants a gradient, and {what} takes its number out of the graph, where "
        f"the gradient would be lost: {advice}; write .item() where the number alone is meant"
    ))  # fmt: skip


def _warn(frame: FrameType) -> None:
    """Warn on the user's line: Python shows the same words on the same line once."""
    what, advice = _told(frame)
    warn_at(
        _users(frame),
        f"a Tensor wants a gradient, and {what} takes its number out of the graph, where the "
        f"gradient is lost: {advice}; write .item() where the number alone is meant",
    )


def warn_at(place: FrameType | None, words: str) -> None:
    """Warn that a gradient is cut, on the line of a frame; by default on the user's."""
    warn_on(place or _users(sys._getframe(1)), words, DetachedWarning)


def _users(frame: FrameType) -> FrameType:
    """The frame of the user's line that a conversion is made for: it may be a library's that asks
    for it, in a function that the user called."""
    return user_frame(skip=LIBRARIES) or user_frame() or frame


_FILLING = (
    "ndarray.fill", "ndarray.put", "np.fromiter", "array.array", "array.append", "array.insert",
)  # fmt: skip

_ARRAYS = (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)

_OURS = {"pow": "power", "fabs": "absolute", "fsum": "sum", "dist": "linalg.norm"}
"""Functions of `math` that go by another name here; the others by the same, if at all."""

_OTHERS = ("remainder",)
"""Functions of `math` that are not those of the same name here."""

_TRUTHS = (math.isfinite, math.isinf, math.isnan, math.isclose)
"""Functions that answer true or false, as comparisons do: there is no gradient to lose."""


def _called(path: Sequence[str]) -> str:
    return f"{'.'.join(path)}()" if path else "a conversion"


def _told(frame: FrameType) -> tuple[str, str]:
    """What asked for numbers, and what to write instead."""
    if is_library(frame):
        frame = _users(frame)
    doing = under_way(frame)
    function = doing.function(frame)
    name = name_of(function) if function is not None else ""
    if doing.kind == "store" or name in _FILLING:
        what = f"{name}()" if name else "writing it into an array"
        return what, "collect the Tensors in a list, and join them with ag.array or np.stack"
    if isinstance(function, type) and issubclass(function, (int, float, complex, np.generic)):
        return f"{name}()", "compute with the Tensor itself"
    if any(function is array for array in _ARRAYS):
        return (
            f"{name}()",
            "join Tensors with ag.array or np.stack, and leave one by itself as it is",
        )
    ours = _counterpart(function)
    if ours:
        return f"{name}()", f"write {ours} in place of {name}"
    advice = (
        "compute with functions of ag, such as ag.exp for math.exp, and join Tensors with ag.array "
        "or np.stack"
    )
    if not name or hasattr(builtins, name):  # such as sum(map(math.exp, x)): it is not sum itself
        return f"a conversion in {_called(doing.path)}" if doing.path else "a conversion", advice
    return f"{name}()", f"{advice}, or give {name} a derivative with ag.gate"


def _counterpart(function: Any) -> str | None:
    """The name of our function for one of `math`."""
    name = getattr(function, "__name__", "")
    if getattr(math, name, None) is not function or function is None or name in _OTHERS:
        return None
    ours = _OURS.get(name, name)
    return f"ag.{ours}" if "." in ours or _is_ours(ours) else None


def _is_ours(name: str) -> bool:
    """Whether `ag.<name>` or `ag.linalg.<name>` is a function on numbers."""
    from autograd.families import public_function
    from autograd.numpy_api import from_numpy, function_of_values

    if name.startswith("linalg."):
        function = getattr(np.linalg, name.removeprefix("linalg."), None)
        return function is not None and from_numpy(function) is not None
    return (public_function(name) or function_of_values(name)) is not None


# ---- copies


def copied(node: Tensor, memo: dict[int, Any] | None = None) -> Tensor:
    """Tensor.__copy__ and __deepcopy__: a new leaf with data of its own, as an array's copy is.

    Inside of a transform its own nodes are their own copies.
    """
    if _is_its_own_copy(node):
        return node
    _refuse_copy(node)
    data = node.data
    if memo is not None and type(data) is np.ndarray:
        data = deepcopy(data, memo)  # of an array that is held elsewhere too there is one copy
    elif not is_number(data):
        data = data.copy(order="K")
    return Tensor(data, name=node.name, requires_grad=node.requires_grad)


def reduced(node: Tensor) -> tuple:
    """Tensor.__reduce__: what pickle keeps of a leaf."""
    if node._second is OWN or modes.tape() is not None:
        raise DataError(
            f"{describe(node)} is pickled in a function that is differentiated or recorded, and "
            "the gradient would be lost: use the node itself, or t.data for its value"
        )
    _refuse_copy(node)
    return _rebuild, (here(node), node.name, node.requires_grad)


def _rebuild(data: Any, name: str | None, wants: bool) -> Tensor:
    return Tensor(data, name=name, requires_grad=wants)


def _is_its_own_copy(node: Tensor) -> bool:
    """Whether a copy would cut the gradient that a transform asks for: nodes of a graph never
    change, so the node itself will do. A leaf of the user's is none of these; its copy is a new
    leaf, in a transform too, which differentiates for its own arguments."""
    if getattr(type(node._value), "traced", False) or node._second is OWN:
        return True
    return node.gate is not None and innermost() is not None


def _refuse_copy(node: Tensor) -> None:
    if node.gate is not None:
        raise DataError(
            f"{describe(node)} was computed, and a graph cannot be copied or pickled: take its "
            "value, t.data or t.numpy(), to plot or to keep it, or copy its leaves"
        )
