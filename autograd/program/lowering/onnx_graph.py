"""An ONNX graph that grows call by call: wires in place of NumPy's arrays.

A wire knows its shape and dtype. Where a length depends on the size of the batch, its shape has a
`Size` there, and what needs the number computes it from the input's shape when the model runs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from onnx import helper, numpy_helper

from autograd.errors import CompileError
from autograd.program.lowering.onnx_sizes import Size, symbol

__all__ = [
    "DOMAIN",
    "Axes",
    "Graph",
    "Joined",
    "Wire",
    "broadcast",
    "graph_of",
    "onnx_type",
    "promoted",
    "wires_in",
]


DOMAIN = "gategrad"
"""Of functions of a model's own, which stand for gates."""

Axes = Any
"""An axis, several, or None for all."""


class Wire:
    """A value of the graph. Operators and NumPy's attributes work on it as on an array."""

    __array_ufunc__ = None

    def __init__(
        self, graph: Graph, name: str, shape: Sequence[int], dtype: Any, weak: bool = False
    ) -> None:
        self.graph, self.name = graph, name
        self.shape, self.dtype, self.weak = tuple(shape), np.dtype(dtype), weak

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<wire {self.name}: {self.dtype} {self.shape}>"

    def __add__(self, other: Any) -> Any:
        return self.graph.compute("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self.graph.compute("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self.graph.compute("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.graph.compute("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.graph.compute("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.graph.compute("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.graph.compute("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.graph.compute("divide", other, self)

    def __mod__(self, other: Any) -> Any:
        return self.graph.compute("remainder", self, other)

    def __floordiv__(self, other: Any) -> Any:
        return self.graph.compute("floor_divide", self, other)

    def __neg__(self) -> Any:
        return self.graph.compute("negative", self)

    def __lt__(self, other: Any) -> Any:
        return self.graph.compute("less", self, other)

    def __le__(self, other: Any) -> Any:
        return self.graph.compute("less_equal", self, other)

    def __gt__(self, other: Any) -> Any:
        return self.graph.compute("greater", self, other)

    def __ge__(self, other: Any) -> Any:
        return self.graph.compute("greater_equal", self, other)

    def __eq__(self, other: Any) -> Any:
        return self.graph.compute("equal", self, other)

    def __ne__(self, other: Any) -> Any:
        return self.graph.compute("not_equal", self, other)

    __hash__ = object.__hash__


class Joined(Wire):
    """Wires one after the other, as one of numbers in a row; a node of its own where the whole is
    read, and none where parts are."""

    def __init__(self, graph: Graph, parts: Sequence[Wire], dtype: Any) -> None:
        self.parts: dict[tuple[int, int], Wire] = {}
        end = 0
        for wire in parts:
            start, end = end, math.prod(wire.shape) + end
            self.parts[start, end] = wire
        self._made: Wire | None = None
        super().__init__(graph, "", (end,), dtype)

    @property
    def name(self) -> str:
        if self._made is None:
            flat = [self.graph.cast(self.graph.reshaped(w, (math.prod(w.shape),)), self.dtype)
                    for w in self.parts.values()]  # fmt: skip
            self._made = self.graph.node(
                "Concat", *flat, shape=self.shape, dtype=self.dtype, axis=0
            )
        return self._made.name

    @name.setter
    def name(self, name: str) -> None:
        """It has that of its node."""


class Graph:
    """Nodes, constants and names of a model, or of the body of a loop inside of one.

    Attributes
    ----------
    operations : what operators on wires stand for.
    given : the inputs so far.
    place : what the names of new nodes begin with.
    batch : where the size of the batch is read: an input and its axis.
    functions : the model's own ones, by name; a body has its model's.
    """

    def __init__(
        self, operations: Mapping[str, Callable[..., Any]], outer: Graph | None = None
    ) -> None:
        self.operations, self.outer = operations, outer
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.given: list[Wire] = []
        self.place = ""
        self.batch: tuple[Wire, int] | None = None
        self._used: set[str] = set() if outer is None else outer._used
        self._constants: dict[Any, Wire] = {}
        self._before: dict[str, Wire] = {}  # what was reshaped, by its name afterwards
        self.functions: dict[str, Any] = {} if outer is None else outer.functions

    # ---- names and values

    def name(self, wanted: str) -> str:
        """A name that is not taken: the one that is wanted, or with a number."""
        made, number = wanted, 1
        while made in self._used:
            number += 1
            made = f"{wanted}_{number}"
        self._used.add(made)
        return made

    def input(self, name: str, shape: Sequence[int], dtype: Any, weak: bool = False) -> Wire:
        self.given.append(Wire(self, self.name(name), shape, dtype, weak))
        return self.given[-1]

    def constant(self, value: Any, name: str = "constant") -> Wire:
        """An array that stands in the file; equal ones stand there once."""
        array = np.ascontiguousarray(value).reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes())
        if self.outer is not None:  # a loop's body sees what stands outside of it
            return self.outer.constant(array, name)
        if key not in self._constants:
            wire = Wire(self, self.name(name), array.shape, array.dtype)
            self.initializers.append(numpy_helper.from_array(array, wire.name))
            self._constants[key] = wire
        return self._constants[key]

    def parameter(self, name: str, value: Any) -> Wire:
        """An array that stands in the file under its own name."""
        array = np.ascontiguousarray(value).reshape(np.shape(value))
        wire = Wire(self, self.name(name), array.shape, array.dtype)
        self.initializers.append(numpy_helper.from_array(array, wire.name))
        return wire

    def wire(self, value: Any, dtype: Any = None) -> Wire:
        """A value as a wire, in `dtype` where that is given: of numbers and arrays, a constant."""
        if isinstance(value, Wire):
            return value if dtype is None else self.cast(value, dtype)
        if type(value) is Size:
            return self.cast(self.reshaped(self.lengths([value]), ()), dtype or np.int64)
        weak = type(value) in (bool, int, float)
        made = self.constant(np.asarray(value, dtype))
        return Wire(self, made.name, made.shape, made.dtype, weak and dtype is None)

    # ---- nodes

    def compute(self, name: str, *operands: Any) -> Any:
        """What an operator on wires stands for."""
        return self.operations[name](*operands)

    def node(
        self, op: str, *inputs: Any, shape: Sequence[int], dtype: Any, **attributes: Any
    ) -> Wire:
        """A node of one result."""
        return self.nodes_of(op, *inputs, results=[(shape, dtype)], **attributes)[0]

    def nodes_of(
        self, op: str, *inputs: Any, results: Sequence[tuple[Sequence[int], Any]],
        **attributes: Any,
    ) -> list[Wire]:  # fmt: skip
        """A node of several results, of these shapes and dtypes."""
        names = [self.wire(value).name if value is not None else "" for value in inputs]
        made = [Wire(self, self.name(f"{self.place}{op}"), *result) for result in results]
        outputs = [wire.name for wire in made]
        node = helper.make_node(op, names, outputs, name=outputs[0], **attributes)
        self.nodes.append(node)
        return made

    def called(
        self, name: str, body: Graph, out: Wire, shape: Sequence[int], operands: Sequence[Wire],
        opset: int, **attributes: str,
    ) -> Wire:  # fmt: skip
        """A call of a function of the model's own, of that name but for a number: what `body`
        computes of its inputs, which are called ``a``, ``b``, ...."""
        body.prune({out.name})
        constants = [
            helper.make_node("Constant", [], [tensor.name], value=tensor)
            for tensor in body.initializers
        ]
        taken = name
        for number in itertools.count(2):
            proto = helper.make_function(
                DOMAIN, taken, [wire.name for wire in body.given], [out.name],
                [*constants, *body.nodes], [helper.make_opsetid("", opset)], [*attributes],
            )  # fmt: skip
            if self.functions.setdefault(taken, proto) == proto:
                break
            taken = f"{name}_{number}"
        result = Wire(self, self.name(f"{self.place}{name}"), shape, out.dtype)
        names = [wire.name for wire in operands]
        self.nodes.append(
            helper.make_node(
                taken, names, [result.name], name=result.name, domain=DOMAIN, **attributes
            )
        )
        return result

    def cast(self, a: Wire, dtype: Any) -> Wire:
        dtype = np.dtype(dtype)
        if a.dtype == dtype:
            return a
        return self.node("Cast", a, shape=a.shape, dtype=dtype, to=onnx_type(dtype))

    def lengths(self, shape: Sequence[int]) -> Wire:
        """A shape as an array of whole numbers, which is computed where it depends on the batch."""
        moving = {length for length in shape if type(length) is Size}
        if not moving:
            return self.constant(np.array([int(n) for n in shape], np.int64))
        if self.outer is not None:
            return self.outer.lengths(shape)
        if self.batch is None:
            raise ValueError("a length depends on the batch, whose size no input tells")
        given, axis = self.batch
        size = self.node("Shape", given, shape=(1,), dtype=np.int64, start=axis, end=axis + 1)
        parts: list[Wire] = []
        for length in shape:
            part = self.constant(np.array([int(length)], np.int64))
            if type(length) is Size:
                part = size
                for op, number, neutral in (("Mul", length.per, 1), ("Add", length.plus, 0)):
                    if number != neutral:
                        by = self.constant(np.array([number], np.int64))
                        part = self.node(op, part, by, shape=(1,), dtype=np.int64)
            parts.append(part)
        if len(parts) == 1:
            return parts[0]
        return self.node("Concat", *parts, shape=(len(parts),), dtype=np.int64, axis=0)

    def reshaped(self, a: Wire, shape: Sequence[int]) -> Wire:
        """The same entries in another shape. One moving length is left to the reader, as −1."""
        while a.shape != tuple(shape) and a.name in self._before:
            a = self._before[a.name]
        if a.shape == tuple(shape):
            return a
        moving = [type(length) is Size for length in shape]
        if sum(moving) == 1 and all(int(n) for n in shape):
            known = [-1 if moves else int(n) for n, moves in zip(shape, moving, strict=True)]
            to = self.constant(np.array(known, np.int64))
        else:
            to = self.lengths(shape)
        made = self.node("Reshape", a, to, shape=shape, dtype=a.dtype, allowzero=1)
        self._before[made.name] = a
        return made

    def identity(self, a: Wire) -> Wire:
        return self.node("Identity", a, shape=a.shape, dtype=a.dtype)

    def expanded(self, a: Any, shape: Sequence[int]) -> Wire:
        a = self.wire(a)
        if a.shape == tuple(shape):
            return a
        return self.node("Expand", a, self.lengths(shape), shape=shape, dtype=a.dtype)

    # ---- the file

    def prune(self, needed: set[str]) -> None:
        """Leave out what no result needs."""
        kept = []
        for node in reversed(self.nodes):
            if needed.isdisjoint(node.output):
                continue
            kept.append(node)
            needed |= read_by(node)
        self.nodes = kept[::-1]
        self.initializers = [one for one in self.initializers if one.name in needed]

    def proto(self, name: str, inputs: Sequence[Wire], outputs: Sequence[Wire]) -> Any:
        return helper.make_graph(
            self.nodes, name, [described(w) for w in inputs], [described(w) for w in outputs],
            self.initializers,
        )  # fmt: skip


def read_by(node: Any) -> set[str]:
    """The names that a node reads, and a loop's body."""
    names = set(node.input)
    for attribute in node.attribute:
        for inner in attribute.g.node:
            names |= read_by(inner)
        names |= {output.name for output in attribute.g.output}
    return names


def described(wire: Wire) -> Any:
    """A wire's type and shape, with the symbol for the batch."""
    shape = [symbol(n) if type(n) is Size else int(n) for n in wire.shape]
    return helper.make_tensor_value_info(wire.name, onnx_type(wire.dtype), shape)


def onnx_type(dtype: Any) -> int:
    """ONNX' number of a dtype."""
    try:
        return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
    except (KeyError, ValueError, TypeError):
        raise CompileError(f"ONNX has no tensors of {dtype}: use float32 or float64") from None


# ---- wires beside each other


def graph_of(*values: Any) -> Graph:
    """The graph of the first wire among values; of a body, rather than what is around it."""
    graphs = [wire.graph for wire in wires_in(values)]
    return next((graph for graph in graphs if graph.outer is not None), graphs[0])


def wires_in(values: Iterable[Any]) -> list[Wire]:
    found: list[Wire] = []
    for value in values:
        if type(value) in (tuple, list):
            found += wires_in(value)
        elif isinstance(value, Wire):
            found.append(value)
    return found


def promoted(*operands: Any, floats: bool = False) -> list[Wire]:
    """Operands as wires of one dtype, by NumPy's rules: numbers of Python's adapt."""
    kinds: list[Any] = []
    for v in operands:
        if isinstance(v, Wire):
            kinds.append(np.zeros((), v.dtype).item() if v.weak else v.dtype)
        else:
            kinds.append(int(v) if type(v) is Size else v if np.isscalar(v) else np.asarray(v))
    kind = np.result_type(*kinds)
    if floats and kind.kind != "f":
        kind = np.dtype(float)
    graph = graph_of(*operands)
    return [graph.wire(v, kind) for v in operands]


def broadcast(*operands: Wire) -> tuple[int, ...]:
    """The shape that they have together."""
    shape: list[int] = []
    for operand in operands:
        for place, length in enumerate(reversed(operand.shape)):
            if place == len(shape):
                shape.append(length)
            elif type(shape[place]) is not Size and shape[place] == 1:
                shape[place] = length
    return tuple(reversed(shape))
