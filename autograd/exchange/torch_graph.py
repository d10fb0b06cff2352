"""The forward pass of a PyTorch model as a function of gates.

`torch.export` writes down what the model does to an example, one operator after the other. Those
that have a rule in the tables of `aten_*` are kept as they are, the others are taken apart by
PyTorch's own decompositions, until each has one. Then PyTorch has done its part: what is left is
our own list.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograd.data import brief
from autograd.errors import AutogradError, DataError, DependencyError, UnsupportedError
from autograd.exchange import aten_layers, aten_numbers, aten_shapes
from autograd.exchange.reading import Input, ReadModel
from autograd.modes import no_grad, scope
from autograd.tensor import Tensor

__all__ = ["FromTorch", "from_torch"]


RULES = {**aten_numbers.RULES, **aten_layers.RULES, **aten_shapes.RULES}


class Ref(NamedTuple):
    """Stands for the value of a name among the arguments of a call."""

    name: str


class Place(NamedTuple):
    """A module within the model: its path in it, and what its box is called."""

    path: str
    label: str


class Call(NamedTuple):
    """One operator: where its value goes, what computes it from what, and in which modules."""

    name: str
    operator: str
    rule: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    places: tuple[Place, ...]


class FromTorch(ReadModel):
    """What `from_torch` returns: a function of arrays and Tensors.

    Its parameters have their names in the model's `state_dict`, and so have its buffers.
    """

    def __init__(
        self,
        name: str,
        inputs: dict[str, Input],
        known: dict[str, Any],
        calls: list[Call],
        outputs: Callable[[list[Any]], Any],
        results: list[Any],
        parameters: dict[str, Tensor],
        buffers: dict[str, Any],
    ) -> None:
        self.__name__ = self.title = name
        self.inputs, self.parameters, self.buffers = inputs, parameters, buffers
        self._known, self._calls = known, calls
        self._outputs, self._results = outputs, results

    def compute(self, values: dict[str, Any]) -> Any:
        values = {**self._known, **values}
        with ExitStack() as stack:
            open_blocks: list[tuple[Place, ExitStack]] = []
            for call in self._calls:
                _move(open_blocks, call.places, stack)
                values[call.name] = _apply(call, values)
            return self._outputs([_filled(result, values) for result in self._results])

    def shape_hint(self, name: str) -> str:
        return (
            ", and its graph holds the example's shapes: read it again, "
            "ag.from_torch(module, example), with an example of that shape"
        )

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {given.shape}" for name, given in self.inputs.items())
        return f"<{self.__name__}({shapes}) read from PyTorch: {len(self._calls)} operators>"


def from_torch(module: Any, example: Any) -> FromTorch:
    """The forward pass of a PyTorch model, as a function of gates that is drawn and differentiated.

    It computes what the model does, of inputs with the example's shapes; in pictures submodules are
    boxes. `.parameters` are copies of the model's, leaf Tensors by their names in its `state_dict`.
    PyTorch is needed to read the model, and no more afterwards. What the model is, it stays: read
    `module.eval()` where there is dropout or batch normalisation. (`nn.from_torch` is another
    function: it takes weights alone, for a model that is written in `nn`.)

    Parameters
    ----------
    module : a `torch.nn.Module`.
    example : what it takes, a torch tensor or an array, or a tuple of several: floats of the
        parameters' dtype, whole numbers where it looks something up.

    Raises
    ------
    DependencyError (an ImportError) : PyTorch is not installed.
    DataError (a TypeError) : no module, or an example of something else.
    UnsupportedError (a TypeError) : an operator that has no gates here, or a forward pass that
        PyTorch cannot write down; the message says which, and in which submodule.
    ShapeError (a ValueError) : when it is called, inputs of other shapes than the example's.

    Source: torch.export, and the core ATen operators.

    >>> import autograd as ag
    >>> import torch  # doctest: +SKIP
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh())  # doctest: +SKIP
    >>> f = ag.from_torch(model, torch.ones(4, 2))  # doctest: +SKIP
    >>> f(np.ones((4, 2))).sum().backward()  # doctest: +SKIP
    >>> f.parameters["0.weight"].grad.shape  # doctest: +SKIP
    (3, 2)
    """
    try:
        import torch
    except ImportError as error:
        raise DependencyError("ag.from_torch needs PyTorch: pip install torch") from error
    if not isinstance(module, torch.nn.Module):
        raise DataError(
            f"from_torch() reads a torch.nn.Module, received {brief(module)}; weights alone, a "
            "state_dict, are for nn.from_torch(model, state_dict)"
        )
    given = example if isinstance(example, tuple) else (example,)
    tensors = tuple(_as_torch(torch, one) for one in given)
    exported = _exported(torch, module, tensors)
    read = _read(torch, module, exported)
    with no_grad():  # what a rule refuses, it refuses now
        read(*(tensor.detach().cpu().numpy() for tensor in tensors))
    return read


def _as_torch(torch: Any, value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach()
    try:
        return torch.from_numpy(np.array(value.data if isinstance(value, Tensor) else value))
    except TypeError as error:
        raise DataError(
            "from_torch() takes as an example a torch tensor or an array, or a tuple of several; "
            f"received {brief(value)}"
        ) from error


@contextmanager
def _plain_attention(torch: Any) -> Iterator[None]:
    """Transformers by the operators that they are written in, not by one for all of them."""
    was = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was)


def _exported(torch: Any, module: Any, tensors: tuple[Any, ...]) -> Any:
    """The model as PyTorch writes it down; what has no rule is taken apart where it can be."""
    try:
        with _plain_attention(torch), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's own, of its inside
            exported = torch.export.export(module, tensors)
            if all(_name(node) in RULES for node in _operators(exported)):
                return exported
            table = torch.export.default_decompositions()
            for overload in list(table):
                if _name_of(overload) in RULES:
                    table.pop(overload)
            return exported.run_decompositions(table)
    except Exception as error:
        first = str(error).strip().splitlines()[:1]
        raise UnsupportedError(
            f"from_torch() reads what torch.export can write down, and it cannot the forward pass "
            f"of {type(module).__name__}: {' '.join(first)}. Write it without branches on values, "
            "or read its submodules one by one"
        ) from error


def _name_of(target: Any) -> str:
    return str(target).removeprefix("aten.")


def _name(node: Any) -> str:
    return "getitem" if node.target is operator.getitem else _name_of(node.target)


def _operators(exported: Any) -> Iterator[Any]:
    """What computes something: `getitem` and checks of what we check ourselves do not."""
    for node in exported.graph_module.graph.nodes:
        if node.op in ("placeholder", "output") or node.target is operator.getitem:
            continue
        if not _name(node).startswith("_assert"):
            yield node


def _read(torch: Any, module: Any, exported: Any) -> FromTorch:
    """Our list of PyTorch's nodes."""
    label = type(module).__name__
    inputs: dict[str, Input] = {}
    constants: dict[str, Any] = {}
    signature = exported.graph_signature
    nodes = list(exported.graph_module.graph.nodes)
    computes = set(_operators(exported))
    leaves: dict[int, Any] = {}
    parameters: dict[str, Tensor] = {}
    buffers: dict[str, Any] = {}
    origin = dict(module.named_parameters(remove_duplicate=False))
    origin |= dict(module.named_buffers(remove_duplicate=False))
    for one, node in zip(signature.input_specs, nodes, strict=False):
        if one.kind.name == "USER_INPUT":
            value = node.meta["val"]
            inputs[node.name] = Input(_dtype(torch, value.dtype), tuple(value.shape))
            continue
        tensor = origin.get(one.target)
        tensor = exported.constants[one.target] if tensor is None else tensor
        if id(tensor) not in leaves:
            data = tensor.detach().cpu().numpy().copy()
            wants = one.kind.name == "PARAMETER" and tensor.requires_grad
            is_float = data.dtype.kind == "f"
            leaves[id(tensor)] = (
                Tensor(data, requires_grad=wants, name=one.target) if is_float else data
            )
        constants[node.name] = leaves[id(tensor)]
        if one.kind.name == "PARAMETER":
            parameters[one.target] = constants[node.name]
        elif one.kind.name == "BUFFER":
            buffers[one.target] = constants[node.name]
    for result in signature.output_specs:
        if result.kind.name != "USER_OUTPUT":
            raise UnsupportedError(
                f"from_torch() reads what is computed, and {label} writes to {result.target} while "
                "it runs: call module.eval() first"
            )
    calls: list[Call] = []
    for node in nodes:
        places = tuple(_places(node))
        if node.target is operator.getitem:
            calls.append(Call(node.name, "getitem", operator.getitem, *_given(torch, node), places))
        elif node in computes:
            rule = RULES.get(_name(node))
            if rule is None:
                raise UnsupportedError(
                    f"from_torch() has no gates for {node.target}, which {_where(places)} of "
                    f"{label} applies: write that part with other operators of PyTorch's, or in "
                    "gates (ag.gate makes one), and read the submodules before and after it"
                )
            calls.append(Call(node.name, _name(node), rule, *_given(torch, node), places))
    spec = exported.module_call_graph[0].signature.out_spec
    results = [_ours(torch, value) for value in nodes[-1].args[0]]
    return FromTorch(
        label, inputs, constants, calls, _rebuilt(torch, spec), results, parameters, buffers
    )


def _rebuilt(torch: Any, spec: Any) -> Callable[[list[Any]], Any]:
    """What makes the model's output of its tensors: one alone, or as they are nested."""
    return lambda results: torch.utils._pytree.tree_unflatten(results, spec)


def _dtype(torch: Any, dtype: Any) -> np.dtype:
    try:
        return torch.empty((), dtype=dtype).numpy().dtype
    except TypeError:
        raise DataError(
            f"from_torch() reads the dtypes that NumPy has, received {dtype}: write "
            "module.float() and example.float()"
        ) from None


LAYOUT = {"device", "layout", "memory_format", "non_blocking", "pin_memory"}
"""What says where and how a tensor lies in memory, and not what it is."""


def _given(torch: Any, node: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    kwargs = {k: _ours(torch, v) for k, v in node.kwargs.items() if k not in LAYOUT}
    return tuple(_ours(torch, value) for value in node.args), kwargs


def _ours(torch: Any, value: Any) -> Any:
    """An argument without PyTorch's own kinds in it."""
    if isinstance(value, torch.fx.Node):
        return Ref(value.name)
    if isinstance(value, list | tuple):
        return [_ours(torch, one) for one in value]
    return _dtype(torch, value) if isinstance(value, torch.dtype) else value


def _places(node: Any) -> Iterator[Place]:
    """The modules that a node stands in, from the model inwards."""
    outer = ""
    for key, (path, kind) in (node.meta.get("nn_module_stack") or {}).items():
        kind = str(kind).rpartition(".")[2].lower()
        within = path.removeprefix(f"{outer}.") if outer else path
        yield Place(f"{path} {key}", f"{kind}{within}" if within.isdigit() else within or kind)
        outer = path


def _where(places: tuple[Place, ...]) -> str:
    inner = places[-1].path.partition(" ")[0] if places else ""
    return f"submodule {inner!r}" if inner else "the forward pass"


def _filled(value: Any, values: dict[str, Any]) -> Any:
    if type(value) is Ref:
        return values[value.name]
    return [_filled(one, values) for one in value] if type(value) is list else value


def _apply(call: Call, values: dict[str, Any]) -> Any:
    args = [_filled(value, values) for value in call.args]
    kwargs = {key: _filled(value, values) for key, value in call.kwargs.items()}
    try:
        return call.rule(*args, **kwargs)
    except UnsupportedError as error:
        raise UnsupportedError(
            f"from_torch() cannot read {call.operator}, which {_where(call.places)} applies: "
            f"{error}"
        ) from error
    except TypeError as error:
        if isinstance(error, AutogradError):
            raise
        raise UnsupportedError(
            f"from_torch() does not read {call.operator}, which {_where(call.places)} applies, "
            f"with these options: {error}"
        ) from error


def _move(
    open_blocks: list[tuple[Place, ExitStack]], places: tuple[Place, ...], whole: ExitStack
) -> None:
    """Leaves the scopes that `places` are not in, and enters those that they are."""
    same = 0
    while same < min(len(open_blocks), len(places)) and open_blocks[same][0] == places[same]:
        same += 1
    while len(open_blocks) > same:
        open_blocks.pop()[1].close()
    for place in places[same:]:
        block = whole.enter_context(ExitStack())
        block.enter_context(scope(place.label))
        open_blocks.append((place, block))
