"""A model of somebody else's as a graph of our gates: ONNX files.

A file is data: its nodes are looked up in tables of ours, and nothing in it is run. Numbers that it
knows, such as shapes, stay NumPy's arrays, so that only what is computed of inputs and parameters
becomes gates.
"""

from __future__ import annotations

import ast
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd.errors import DataError, DependencyError, UnsupportedError
from autograd.exchange.onnx_inside import INSIDE
from autograd.exchange.onnx_layers import LAYERS
from autograd.exchange.onnx_operators import MAXIMUM, OPERATORS, Call
from autograd.exchange.onnx_ours import OURS, OURS_ALONG, SETTINGS, of_ours
from autograd.exchange.onnx_recurrent import RECURRENT
from autograd.exchange.reading import Input, ReadModel
from autograd.modes import scope
from autograd.tensor import Tensor

__all__ = ["OnnxModel", "from_onnx"]

TABLE: dict[str, Callable[..., Any]] = {**OPERATORS, **LAYERS, **RECURRENT}
"""What computes an operator, by its name."""

LEAST = 7
"""The first operator set whose operators broadcast as NumPy does."""


def from_onnx(path: str | os.PathLike[str]) -> OnnxModel:
    """Read the graph of an ONNX file, as PyTorch, Keras and others write them, into ours.

    What is returned is a function that computes with gates: pictures and steppers show them, in
    boxes by the paths in the nodes' names, and they are differentiated and compiled as any. Needs
    the extra `onnx`. Nothing in a file is run as code, and data outside of its folder are not read.

    The function takes the file's inputs, in their order or by name, in the file's dtypes, and
    returns a Tensor, or a tuple of them. It has ``parameters``, a Tensor for each array of floats
    with an axis or more, by its name in the file; ``inputs``, the dtype and the shape of each by
    name; ``outputs``, their names; and ``metadata``, texts that the file carries. Dropout passes
    everything on and running statistics stand still.

    Raises
    ------
    DependencyError (an ImportError): the package onnx is missing.
    DataError (a TypeError): the file holds no valid ONNX model, or no path is given.
    UnsupportedError (a TypeError): an operator that is not known here, by its node.
    OSError: no such file.

    >>> import autograd as ag
    >>> model = ag.from_onnx("mlp.onnx")  # doctest: +SKIP
    >>> model(x).sum().backward()  # doctest: +SKIP
    >>> model.parameters["fc1.weight"].grad  # doctest: +SKIP
    """
    try:
        file = Path(os.fsdecode(path))
    except TypeError:
        raise DataError(f"from_onnx expects a path and received {path!r:.60}") from None
    try:
        import onnx
    except ImportError as error:
        raise DependencyError('from_onnx needs onnx: pip install "gategrad[onnx]"') from error
    content = file.read_bytes()
    try:
        proto = onnx.load_model_from_string(content)
        for tensor in tensors_of(proto.graph):
            load_beside(tensor, file)
        check_names(proto.graph, set())
    except (DataError, OSError):
        raise
    except Exception as error:
        raise DataError(f"{file.name} is no ONNX model that can be read: {error}") from error
    return OnnxModel(proto, file)


class OnnxModel(ReadModel):
    """The function that an ONNX file describes; `from_onnx` reads it.

    Returns a Tensor, or a tuple where the file names several outputs.

    Attributes, besides those of every model that was read
    ----------
    path : of the file.
    outputs : the names of what is returned.
    metadata : texts that the file carries.
    """

    def __init__(self, proto: Any, path: Path) -> None:
        from onnx import helper

        self.path, self.title = path, path.name
        opset = next((one.version for one in proto.opset_import if one.domain in STANDARD), 0)
        if opset < LEAST:
            raise UnsupportedError(
                f"{path.name} is written in ONNX' operator set {opset}, and {LEAST} is the first "
                "that can be read: export it again with a newer one"
            )
        graph = proto.graph
        functions = {(one.domain, one.name): one for one in proto.functions}
        self._body = Body.of_graph(
            graph, Reading(opset, proto.producer_name == "gategrad", functions)
        )
        self.outputs = tuple(output.name for output in graph.output)
        self.metadata = {one.key: one.value for one in proto.metadata_props}
        self.inputs = {}
        for one in graph.input:
            if one.name not in self._body.known:
                kind = one.type.tensor_type
                if not kind.elem_type:
                    raise UnsupportedError(
                        f"the input {one.name!r} of {path.name} is a sequence or a map, and only "
                        "tensors can be read"
                    )
                dims = tuple(d.dim_param or ("?" if not d.HasField("dim_value") else d.dim_value)
                             for d in kind.shape.dim)  # fmt: skip
                dtype = np.dtype(helper.tensor_dtype_to_np_dtype(kind.elem_type))
                self.inputs[one.name] = Input(dtype, dims)
        self.parameters = {
            name: value for name, value in self._body.known.items() if isinstance(value, Tensor)
        }

    def compute(self, values: dict[str, Any]) -> Any:
        results = self._body.run(values, self.outputs)
        return results[0] if len(results) == 1 else tuple(results)

    def __repr__(self) -> str:
        count = sum(math.prod(one.shape) for one in self.parameters.values())
        return f"<ONNX model {self.path.name}: {len(self._body.calls)} nodes, {count:,} parameters>"


STANDARD = ("", "ai.onnx")
"""Names of the domain of ONNX' own operators."""

KEPT = {"BatchNormalization": (3, 4)}
"""Operands that are statistics, and no parameters."""


class Reading(NamedTuple):
    """What is known of a file: the operator set, whether it is one of ours, and its functions."""

    opset: int
    ours: bool
    functions: Mapping[tuple[str, str], Any]


class Body:
    """A graph of nodes: of a model, or of a branch or a step inside of one.

    Attributes
    ----------
    known : the values that stand in the file, by name.
    calls : the nodes in their order.
    """

    def __init__(
        self, nodes: Sequence[Any], tensors: Sequence[Any], inputs: list[str], outputs: list[str],
        reading: Reading,
    ) -> None:  # fmt: skip
        from onnx import numpy_helper

        read = [
            (name, i in KEPT.get(node.op_type, ()))
            for node in nodes
            for i, name in enumerate(node.input)
        ]
        still = {name for name, kept in read if kept} - {name for name, kept in read if not kept}
        self.known: dict[str, Any] = {}
        for tensor in tensors:
            array = np.array(numpy_helper.to_array(tensor))
            constant = reading.ours and re.fullmatch(r"constant(_\d+)?", tensor.name)
            if array.dtype.kind == "f" and (reading.ours or array.ndim) and not constant:
                self.known[tensor.name] = Tensor(
                    array, name=tensor.name, requires_grad=tensor.name not in still
                )
            else:
                self.known[tensor.name] = array
        self.inputs, self.outputs = inputs, outputs
        self.calls = [self.read(node, reading) for node in nodes]

    @classmethod
    def of_graph(cls, graph: Any, reading: Reading) -> Body:
        names = [one.name for one in graph.input], [one.name for one in graph.output]
        return cls(graph.node, graph.initializer, *names, reading)

    @classmethod
    def of_function(cls, function: Any, reading: Reading) -> Body:
        """A function of the model's own."""
        sets = {one.domain: one.version for one in function.opset_import}
        opset = next((sets[domain] for domain in STANDARD if domain in sets), reading.opset)
        names = list(function.input), list(function.output)
        return cls(function.node, [], *names, reading._replace(opset=opset))

    def read(self, node: Any, reading: Reading) -> Call:
        """A node, once and for all calls. Raises UnsupportedError for an unknown operator."""
        from onnx import AttributeProto, helper, numpy_helper

        attributes: dict[str, Any] = {}
        for one in node.attribute:
            if one.ref_attr_name:
                raise UnsupportedError(
                    f"the node {node.name!r} takes {one.name} from the function that it stands in, "
                    "which cannot be read: write the model without functions (onnx.inliner)"
                )
            value = helper.get_attribute_value(one)
            if one.type == AttributeProto.GRAPH:
                value = Body.of_graph(value, reading)
            elif one.type == AttributeProto.TENSOR:
                value = numpy_helper.to_array(value)
            elif isinstance(value, bytes):
                value = value.decode()
            elif one.type == AttributeProto.STRINGS:
                value = [text.decode() for text in value]
            attributes[one.name] = value
        name = node.name or (node.output[0] if node.output else "")
        return Call(
            node.op_type, name, tuple(node.input), tuple(node.output), attributes, reading.opset,
            scope_of(node, reading.ours), self.function(node, name, attributes, reading),
        )  # fmt: skip

    def function(
        self, node: Any, name: str, attributes: Mapping[str, Any], reading: Reading
    ) -> Callable[..., Any] | None:
        """What computes a node; None where it has a graph of its own."""
        if node.domain == "gategrad":
            known_as = re.sub(r"_\d+$", "", node.op_type)
            gate = OURS.get(known_as)
            if gate is not None:
                return lambda call, *operands: gate(*operands)
            if known_as in OURS_ALONG and SETTINGS in attributes:
                try:
                    return of_ours(OURS_ALONG[known_as], attributes[SETTINGS])
                except (TypeError, ValueError) as error:
                    raise DataError(
                        f"the settings of the node {name!r} are none: {error}"
                    ) from error
        own = reading.functions.get((node.domain, node.op_type))
        if own is not None:
            if attributes:
                raise UnsupportedError(
                    f"the node {name!r} calls the function {node.op_type} with attributes, which "
                    "cannot be read: write the model without functions (onnx.inliner)"
                )
            body = Body.of_function(own, reading)
            return lambda call, *operands: tuple(
                body.run(dict(zip(body.inputs, operands, strict=False)), body.outputs)
            )
        microsoft = node.domain == "com.microsoft" and node.op_type == "Gelu"
        if node.op_type in INSIDE:
            return None
        if node.op_type in TABLE and (node.domain in STANDARD or microsoft):
            if reading.ours and node.op_type == "Max":  # what is a rectifier, is Relu there
                return MAXIMUM
            return TABLE[node.op_type]
        raise UnsupportedError(
            f"the node {name!r} is of the operator {node.op_type}"
            f"{f' of {node.domain}' if node.domain else ''}, which is not known here; known "
            f"are {', '.join(sorted([*TABLE, *INSIDE]))}"
        )

    def run(self, values: Mapping[str, Any], outputs: Iterable[str]) -> list[Any]:
        """The outputs of that name, of values that are known before."""
        known = {**values, **self.known}
        with Places() as places:
            for call in self.calls:
                operands = [known[name] if name else None for name in call.inputs]
                places.go(call.scope)
                try:
                    if call.function is None:
                        made = INSIDE[call.op](call, known, *operands)
                    else:
                        made = call.function(call, *operands)
                except Exception as error:
                    error.add_note(f"at the node {call.name!r}, a {call.op}, of an ONNX model")
                    raise
                results = made if isinstance(made, tuple) else (made,)
                known.update(zip(call.outputs, results, strict=False))
        return [known[name] for name in outputs]


# ---- boxes


def scope_of(node: Any, ours: bool) -> tuple[str, ...]:
    """The path of modules that a node stands in, outermost first."""
    for one in node.metadata_props:
        if one.key == "pkg.torch.onnx.name_scopes":
            try:
                path = ast.literal_eval(one.value)
            except (ValueError, SyntaxError):
                break
            return tuple(str(part) for part in path[1:-1] if part)
    parts = [part for part in node.name.split("/") if part]
    return tuple(parts[: -2 if ours else -1])  # ours end in the gate and the operator


class Places:
    """The scopes that are open, while nodes are gone through: neighbours share theirs."""

    def __init__(self) -> None:
        self.open: list[tuple[str, AbstractContextManager[Any]]] = []

    def go(self, path: Sequence[str]) -> None:
        pairs = zip(self.open, path, strict=False)
        self.close(len(list(takewhile(lambda pair: pair[0][0] == pair[1], pairs))))
        for name in path[len(self.open) :]:
            entered = scope(name)
            entered.__enter__()
            self.open.append((name, entered))

    def close(self, depth: int) -> None:
        while len(self.open) > depth:
            self.open.pop()[1].__exit__(None, None, None)

    def __enter__(self) -> Places:
        return self

    def __exit__(self, *error: object) -> None:
        self.close(0)


# ---- data


def check_names(graph: Any, outside: set[str]) -> None:
    """Each value is made before it is read, and something is returned."""
    known = outside | {one.name for one in (*graph.input, *graph.initializer)}
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                check_names(attribute.g, known)
        missing = {*node.input} - known - {""}
        if missing:
            raise ValueError(f"{node.name or node.op_type!r} reads {missing}, which nothing makes")
        known |= {*node.output}
    if not graph.output:
        raise ValueError("it has no outputs")
    missing = {one.name for one in graph.output} - known
    if missing:
        raise ValueError(f"its outputs are {missing}, which nothing makes")


def tensors_of(graph: Any) -> Iterator[Any]:
    """All tensors that stand in a graph, those of branches and steps among them."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for inner in (attribute.g, *attribute.graphs):
                if inner.node or inner.initializer:
                    yield from tensors_of(inner)


def load_beside(tensor: Any, file: Path) -> None:
    """The data of a tensor that stand in a file of their own, which must be in the same folder."""
    from onnx import TensorProto, external_data_helper

    if tensor.data_location != TensorProto.EXTERNAL:
        return
    folder = file.resolve().parent
    where = next((one.value for one in tensor.external_data if one.key == "location"), "")
    if not where or not (folder / where).resolve().is_relative_to(folder):
        raise DataError(
            f"{file.name} has the data of {tensor.name!r} in {where!r}, outside of its own folder, "
            "where nothing is read"
        )
    external_data_helper.load_external_data_for_tensor(tensor, str(folder))
    tensor.data_location = TensorProto.DEFAULT
    del tensor.external_data[:]
