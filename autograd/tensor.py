"""The node that users hold: a value, where it came from, and its gradient.

This file is the node itself: its storage, its attributes and its conversions. What it can compute
is laid onto it by `autograd.operators` and `autograd.numpy_api`, from the table of gates.
"""

from __future__ import annotations

import sys
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import modes
from autograd.away import Away
from autograd.calling import is_called
from autograd.data import as_data, check_differentiable
from autograd.elsewhere import NodeType
from autograd.errors import (
    DataError,
    GradientError,
    OutOfRangeError,
    ShapeError,
    UnsupportedError,
    refused,
)
from autograd.origins import Scope, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from autograd.laid import Operations
    from autograd.origins import Origin
    from autograd.protocols import AppliedGate
else:
    Operations = object

__all__ = ["Tensor"]

stamp = count(1).__next__
"""The next creation number. Operands are always older than the gate that reads them, so sorting
by stamp is a topological order, and a leaf changed after a gate was recorded is seen at once."""

new = object.__new__

latest_change = 0
"""The stamp of the latest assignment to any leaf: a graph recorded since cannot be stale. A hint
that spares a walk, and no state: a graph recorded before is searched for the leaf itself."""

SCALAR = "scalar"
"""How a scalar node says that it wants a gradient: one look tells the operators both."""

READ = "read"
"""How a result under `modes.reading` says that it would want one, were it recorded."""

OWN = "own"
"""In a leaf's `_second`: it stands for an argument of a function that is differentiated."""

HOLLOW, KEPT = "hollow", "kept"
"""In the `_second` of a gate on arrays: its value was let go of; nobody need look again."""

recompute: Any = None
"""What gives a node its value back, which `autograd.liveness` puts here."""


class Tensor(Operations, metaclass=NodeType):
    """A node of the graph: a scalar (a Python float) or an array, with its gradient.

    What you wrap is differentiated; plain numbers and arrays mixed into an expression are
    constants. An array is shared with the node, not copied.

    Parameters
    ----------
    data : a Python int, float or bool makes a scalar node; anything else becomes an ndarray.
    name : what pictures and errors call the node.
    requires_grad : whether a backward pass should reach this leaf.
    dtype : of the array; with it, numbers too become arrays.

    Raises
    ------
    DataError (a TypeError): the data are not real numbers, or are integers or booleans that
        would want a gradient.

    Examples
    --------
    >>> from autograd import Tensor
    >>> x, y, z = Tensor(-2.0, name="x"), Tensor(5.0, name="y"), Tensor(-4.0, name="z")
    >>> f = (x + y) * z
    >>> f.backward()
    >>> x.grad, y.grad, z.grad
    (-4.0, -4.0, 3.0)
    """

    # A gate on Python floats keeps its operands in `_first` and `_second` and its local gradients
    # beside them: nothing to allocate but the node, nothing more for the collector to visit. Every
    # other gate keeps all its operands as one tuple in `_first` and its settings in `_d_first`.
    __slots__ = (
        "__weakref__",
        "_adjoint",  # scratch of the backward pass that is under way, else None
        "_d_first",
        "_d_second",
        "_first",
        "_grad",
        "_origin",  # where it was made, if a scope or source_lines asked
        "_second",  # of a leaf: OWN, the leaf whose memory its data are a view of, or None
        "_stamp",  # its creation number
        "_value",
        "_version",  # of a leaf: the stamp of the last assignment to its data or requires_grad
        "_wants",  # whether it wants a gradient: False, True, SCALAR for a scalar that does; READ
        "gate",
        "name",
    )

    def __init__(
        self,
        data: ArrayLike,
        *,
        name: str | None = None,
        requires_grad: bool = True,
        dtype: DTypeLike | None = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise DataError(f"Tensor(name=...) expects a string or None, received {name!r}")
        if type(data) is Tensor:
            raise DataError(
                f"data must be numbers, received {describe(data)}: use that node itself, "
                "or t.detach() for a leaf of the same value"
            )
        self._value = as_data(data, dtype)
        self._wants: Any = False
        if requires_grad:
            check_differentiable(self._value, name)
            self._wants = SCALAR if type(self._value) is float else True
        self.name = name
        self.gate: AppliedGate | None = None
        self._grad: Any = None
        self._first: Any = ()
        self._second: Any = None
        self._origin: Origin | None = None
        self._adjoint: Any = None
        self._stamp = stamp()
        self._version = 0

    def __init_subclass__(cls) -> None:
        raise DataError(
            f"class {cls.__name__}(Tensor): Tensor is the one node class and has no subclasses; "
            "keep a Tensor in an attribute instead"
        )

    if TYPE_CHECKING:
        _d_first: Any
        _d_second: Any

    # ---- value and gradient

    @property
    def data(self) -> NDArray[Any] | Any:
        """The value: a Python float, or the array itself (shared, not a copy).

        A leaf's data can be assigned, in place too (`p.data -= step`): same shape, cast to the
        leaf's dtype. A graph recorded before will then refuse to run backward.
        """
        if modes.open_blocks and (outside := modes.outside()) is not None:
            return outside.data(self)
        value = self._value
        return here(self) if type(value) is Away else value

    @data.setter
    def data(self, value: ArrayLike) -> None:
        if self.gate is not None:
            raise GradientError(
                f"{describe(self)} was computed; only a leaf's data can be assigned: "
                "compute it again, or write Tensor(value)"
            )
        if modes.open_blocks and (outside := modes.outside()) is not None:
            outside.assign(self, value)
        else:
            self._assign(value)

    def _assign(self, value: Any) -> None:
        """New data for a leaf, checked."""
        if self._second is not None:
            self._check_not_own("assigned new data")
        if type(self._value) is Away:
            here(self)
        if value is not self._value:  # as it is after an update in place
            fitting = self._like_data("data", value)
            if fitting is not self._value:
                self._second = None  # no longer another's memory
            self._value = fitting
        self._mark_changed()

    @property
    def grad(self) -> NDArray[Any] | Any:
        """What backward passes have added up so far, of the kind and shape of `data`; else None."""
        _refuse_to_record()
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        _refuse_to_record()
        self._grad = None if value is None else self._like_data("grad", value)

    def zero_grad(self) -> None:
        """Forget the gradient: `grad` is None again."""
        _refuse_to_record()
        self._grad = None

    def _like_data(self, attribute: str, value: Any) -> Any:
        """`value` as data of this node's kind, shape and dtype; the same object where it fits."""
        data = self._value
        if type(value) is type(data):
            if type(data) is float:
                return value
            if value is data or (value.shape == data.shape and value.dtype == data.dtype):
                return value
        received = as_data(value, None)
        if type(data) is float:
            if np.ndim(received) == 0:
                return float(received)
        elif np.shape(received) == data.shape:
            received = np.asarray(received)
            if np.can_cast(received.dtype, data.dtype, "same_kind"):
                return received if received.dtype == data.dtype else received.astype(data.dtype)
            raise DataError(
                f"{describe(self)}.{attribute} expects data of dtype {data.dtype} and received "
                f"{received.dtype}: write value.astype({str(data.dtype)!r})"
            )
        raise ShapeError(
            f"{describe(self)}.{attribute} expects shape {np.shape(data)} and received "
            f"{np.shape(received)}: make a new Tensor for data of another shape"
        )

    # ---- place in the graph

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The operands, in order, as they were given: repeated ones repeated, constants included.

        >>> from autograd import Tensor
        >>> x = Tensor(3.0, name="x")
        >>> (x * 2.0).inputs
        (Tensor(3.0, name='x'), 2.0)
        """
        operands = operands_of(self)
        for operand in operands:
            if type(operand) is Tensor and operand._second is HOLLOW:
                recompute(operand)
        return operands

    @property
    def settings(self) -> dict[str, Any]:
        """What the gate was applied with besides its operands, such as ``{"axis": 0}``."""
        settings = (self._d_first or {}) if self.gate and type(self._first) is tuple else {}
        return {name: value for name, value in settings.items() if name != "saved"}

    @property
    def requires_grad(self) -> bool:
        """Whether a backward pass reaches this node.

        A leaf can be frozen, or thawed, by setting it: expressions computed from then on see the
        change, and a graph recorded before is stale.
        """
        return bool(self._wants)

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if self.gate is not None:
            raise GradientError(
                f"{describe(self)} was computed; requires_grad can be set on a leaf only: "
                "write .detach() for a leaf of the same value"
            )
        self._check_not_own("frozen or thawed")
        if value:
            check_differentiable(self._value, self.name)
        if modes.open_blocks and (tape := modes.tape()) is not None:
            tape.outside.check_own(self)
        if bool(value) != bool(self._wants):
            self._wants = bool(value) and (SCALAR if type(self._value) is float else True)
            self._mark_changed()

    def _check_not_own(self, what: str) -> None:
        """Raise for the argument of a function that is differentiated: its value is the function's
        input, and a gradient at another would be none of the function's."""
        if self._second is OWN:
            raise GradientError(
                f"{describe(self)} is an argument of a function that is differentiated, and cannot "
                f"be {what}: compute a new node, such as x - step, or write x.detach()"
            )

    def _mark_changed(self) -> None:
        """Graphs that read this leaf before now are stale."""
        global latest_change
        self._version = latest_change = stamp()
        node = self._second
        while type(node) is Tensor:  # the data were a view of its data, and changed in place
            node._version = latest_change
            node = node._second

    @property
    def is_leaf(self) -> bool:
        """Whether the node was given, not computed by a gate."""
        return self.gate is None

    @property
    def scope(self) -> str:
        """The path of the scopes that it was made in, such as ``"mlp/hidden"``; else empty."""
        origin = self._origin
        return origin.scope.path if origin and origin.scope else ""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The entries into those scopes, outermost first; each entry is an object of its own."""
        origin = self._origin
        return origin.scope.chain if origin and origin.scope else ()

    @property
    def source(self) -> Source | None:
        """The user's line that made the gate, where `source_lines` was open; else None."""
        return self._origin.source if self._origin else None

    # ---- shape and kind

    @property
    def shape(self) -> tuple[int, ...]:
        """As of the array; a scalar node has shape ()."""
        data = self._value
        return () if type(data) is float else data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        if is_called(sys._getframe(1), "size"):
            raise UnsupportedError(
                "t.size is the number of elements, as in NumPy, and no method as in PyTorch: write "
                "t.shape for t.size(), t.shape[0] for t.size(0)"
            )
        data = self._value
        return 1 if type(data) is float else data.size

    @property
    def dtype(self) -> np.dtype:
        """As of the array; a scalar node is float64."""
        data = self._value
        return np.dtype(np.float64) if type(data) is float else data.dtype

    # ---- out of the graph

    def detach(self) -> Tensor:
        """A leaf of the same value (shared, not copied) that wants no gradient."""
        detached = leaf(self.data, name=self.name)
        if detached._value is self._value:
            detached._second = owner_of(self)
        return detached

    def numpy(self) -> NDArray:
        """The value as an array, outside the graph; an array node's own memory."""
        return np.asarray(self.data)

    def item(self, *index: Any) -> Any:
        """The value of a node of one element, as a Python number, or of the entry at `index`.

        An index is a place in the flat order, or one for each axis: ``t.item(0, 1)``.
        """
        if index:
            return _item_at(self, index)
        if self.size != 1:
            raise ShapeError(
                f"item() expects one element and {describe(self)} has shape {self.shape}: "
                "write .data.tolist(), or index it first"
            )
        data = self.data
        return data if type(data) is float else data.item()

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"{describe(self)} has {self.size} elements, and only one is true or false: "
                "write np.any(t) or np.all(t)"
            )
        return bool(self.data)

    def __len__(self) -> int:
        if not self.shape:
            raise DataError(f"{describe(self)} has no axes, so it has no len()")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise UnsupportedError(
            f"{describe(self)} cannot be written in place, its gates would see other values: "
            "write ag.where(mask, value, t), np.concatenate of the parts, or, for a leaf between "
            "two passes, t.data[index] = value and then t.data = t.data"
        )

    def __dir__(self) -> list[str]:
        return dir(Tensor)

    def __repr__(self) -> str:
        data = here(self)
        if type(data) is float or getattr(type(data), "traced", False):
            text, kind = repr(data), ""
        else:
            text = np.array2string(data, separator=", ", prefix="Tensor(", threshold=20)
            kind = "" if data.dtype == np.float64 else f", dtype={data.dtype}"
        name = "" if self.name is None else f", name={self.name!r}"
        gate = "" if self.gate is None else f", gate={self.gate.name}"
        grad = "" if self._wants else ", requires_grad=False"
        return f"Tensor({text}{name}{kind}{gate}{grad})"

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)


def _item_at(node: Tensor, index: tuple[Any, ...]) -> Any:
    """`Tensor.item` of one entry among many."""
    try:
        return np.asarray(node.data).item(*index)
    except (ValueError, TypeError, IndexError) as error:
        raise OutOfRangeError(
            f"item{index} expects a place in {describe(node)}, counted in the flat order or along "
            f"each axis: {error}"
        ) from error


def leaf(data: Any, name: str | None = None) -> Tensor:
    """A leaf that wants no gradient around data that are known to be right."""
    node = new(Tensor)
    node._value = data
    node._wants = False
    node.name = name
    node.gate = None
    node._grad = None
    node._first = ()
    node._second = None
    node._origin = None
    node._adjoint = None
    node._stamp = stamp()
    node._version = 0
    return node


def is_away(node: Tensor) -> bool:
    """Whether a back end keeps the data, which looking at them would bring back."""
    return type(node._value) is Away


def here(node: Tensor) -> Any:
    """The value as it is here: data that a back end has kept are brought back, for good."""
    value = node._value
    while type(value) is Away:  # another thread may take the array away again
        value = value.back(node)
    return value


def operands_of(node: Tensor) -> tuple[Any, ...]:
    """The operands as they are, also those whose values were let go of."""
    first, second = node._first, node._second
    if type(first) is tuple:
        return first
    return (first,) if second is None else (first, second)


def version_of(node: Tensor) -> int:
    """The stamp of the last assignment to a leaf, or to one whose memory its data are a view of."""
    version = node._version
    while type(node._second) is Tensor:
        node = node._second
        version = max(version, node._version)
    return version


def owner_of(node: Tensor | None) -> Tensor | None:
    """The leaf in whose memory the value of a node lies; None where it has memory of its own."""
    while node is not None and node.gate is not None:
        value: Any = node._value
        node = next((o for o in node.inputs if type(o) is Tensor and is_view(value, o)), None)
    return None if node is None or type(node._value) is not np.ndarray else node


def is_view(value: Any, of: Tensor) -> bool:
    """Whether an array lies in the memory of a node's value."""
    whole = of._value
    if value is whole:
        return type(value) is np.ndarray
    if type(value) is not np.ndarray or value.base is None:
        return False
    if value.base is whole:
        return True
    return type(whole) is np.ndarray and np.may_share_memory(value, whole)


def _refuse_to_record() -> None:
    """Raise inside of a function that is being compiled, where `grad` is no part of the record."""
    if modes.open_blocks and modes.tape() is not None:
        raise refused(
            "a compiled function reads or sets a Tensor's .grad, which a program would not repeat: "
            "take gradients from ag.value_and_grad(f)"
        )


def describe(node: Tensor) -> str:
    """How errors name a node: by its name, or by the gate that made it, and its shape."""
    shape = "scalar" if type(node._value) is float else f"shape {node.shape}"
    if node.name is not None:
        return f"Tensor {node.name!r} ({shape})"
    if node._second is OWN:
        return f"an argument ({shape})"
    return f"a leaf ({shape})" if node.gate is None else f"the {node.gate.name} node ({shape})"
