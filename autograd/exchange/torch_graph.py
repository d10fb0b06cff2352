"""The forward pass of a PyTorch model as a function of gates.

`torch.export` writes down what the model does to an example, one operator after the other. Those
that have a rule in the tables of `aten_*` are kept as they are, the others are taken apart by
PyTorch's own decompositions, until each has one. Then PyTorch has done its part: what is left is
our own list.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import numpy as np

from autograd.data import brief
from autograd.errors import AutogradError, DataError, DependencyError, ShapeError, UnsupportedError
from autograd.exchange import aten_layers, aten_numbers, aten_shapes
from autograd.exchange.aten_rules import cast
from autograd.exchange.reading import Input, ReadModel
from autograd.exchange.torch_export import FEW, Export, Range, exported, name_of, operators_of
from autograd.modes import no_grad, scope
from autograd.tensor import Tensor

__all__ = ["FromTorch", "from_torch"]


RULES = {**aten_numbers.RULES, **aten_layers.RULES, **aten_shapes.RULES}
"""By an operator's name and overload; Python's are those of whole numbers, such as lengths."""


class Ref(NamedTuple):
    """Stands for the value of a name among the arguments of a call."""

    name: str


class Place(NamedTuple):
    """A module within the model: its path in it, and what its box is called."""

    path: str
    label: str


class Call(NamedTuple):
    """One operator: where its value goes, what computes it from what, in which modules, and the
    dtype that PyTorch gives it, None for several values and for lengths."""

    name: str
    operator: str
    rule: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    places: tuple[Place, ...]
    dtype: np.dtype[Any] | None


class FromTorch(ReadModel):
    """What `from_torch` returns: a function of arrays and Tensors.

    Its parameters have their names in the model's `state_dict`, and so have its buffers.

    Attributes, besides those of every model that was read
    ----------
    rows : of the open lengths, by their names in `inputs`, from how many to how many it was read
        for, and why not for others.
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
        rows: dict[str, Range],
        fixed: str,
    ) -> None:
        self.rows, self._fixed = rows, fixed
        self.__name__ = self.title = name
        self.inputs, self.parameters, self.buffers = inputs, parameters, buffers
        self._known, self._calls = known, calls
        self._outputs, self._results = outputs, results

    @property
    def near(self) -> float:
        """How far rounding may take it from PyTorch's numbers, of 1."""
        narrow = (np.dtype(np.float16), np.dtype(np.float32))
        return 1e-3 if any(call.dtype in narrow for call in self._calls) else 1e-9

    def compute(self, values: dict[str, Any]) -> Any:
        values = {**self._known, **values}
        with ExitStack() as stack:
            open_blocks: list[tuple[Place, ExitStack]] = []
            for call in self._calls:
                _move(open_blocks, call.places, stack)
                values[call.name] = _apply(call, values)
            return self._outputs([_filled(result, values) for result in self._results])

    def taken(self, *args: Any, **by_name: Any) -> dict[str, Any]:
        values = super().taken(*args, **by_name)
        for name, given in self.inputs.items():
            limits = self.rows.get(str(given.shape[0])) if given.shape else None
            if limits is not None and len(values[name]) not in limits:
                raise ShapeError(
                    f"{self.title} was read for rows of {name!r} {limits}, received "
                    f"{len(values[name])}{limits.why and f' ({limits.why})'}: read it again, "
                    "ag.from_torch(module, example), with an example of so many"
                )
        return values

    def shape_hint(self, name: str) -> str:
        if self._fixed:
            return (
                f". Its rows are fixed: {self._fixed}. Read it again with an example of that "
                "shape, ag.from_torch(module, example)"
            )
        return ": other lengths than that of rows are the example's, ag.from_torch(module, example)"

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name} {given.shape}" for name, given in self.inputs.items())
        return f"<{self.__name__}({shapes}) read from PyTorch: {len(self._calls)} operators>"


def from_torch(module: Any, example: Any) -> FromTorch:
    """The forward pass of a PyTorch model, as a function of gates that is drawn and differentiated.

    It computes what the model does, of any number of rows, the first axis of its inputs, where the
    model takes any; other lengths are the example's. In pictures submodules are boxes.
    `.parameters` are copies of the model's, leaf Tensors by their names in its `state_dict`.
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
    ShapeError (a ValueError) : when it is called, inputs of other shapes than it was read for, and
        which line of the model fixes the rows, if one does.

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
    _expect_taken(torch, module, tensors)
    read = _read(torch, module, exported(torch, module, tensors, RULES.get))
    with no_grad(), torch.no_grad():
        if not _takes_one_row(torch, module, read, tensors) and any(len(t) == 1 for t in tensors):
            fixed = "of one row it computes something else than of several"
            read = _read(torch, module, exported(torch, module, tensors, RULES.get, fixed))
        made = read(*tensors)  # what a rule refuses, it refuses now
        if not _agree(torch, made, module(*tensors), read.near):
            raise UnsupportedError(
                f"from_torch() reads {type(module).__name__} as something else than PyTorch "
                "computes: compare the outputs of its submodules, read one by one"
            )
    return read


def _expect_taken(torch: Any, module: Any, tensors: tuple[Any, ...]) -> None:
    """Raise DataError (a TypeError) where the module itself does not take the example."""
    if module.training:  # a call would move its averages
        return
    try:
        with torch.no_grad():
            module(*tensors)
    except Exception as error:
        kinds = ", ".join(f"{str(t.dtype)[6:]} {tuple(t.shape)}" for t in tensors)
        said = " ".join(str(error).splitlines()[:1])
        raise DataError(
            f"{type(module).__name__} does not take the example, {kinds}: {said}. Give what "
            "module(example) takes, in the dtype of its parameters"
        ) from error


def _takes_one_row(torch: Any, module: Any, read: FromTorch, tensors: tuple[Any, ...]) -> bool:
    """Whether one row is the same computation as several, which PyTorch wrote down; it is among
    those that the model is read for then."""
    from_two = {name: limits for name, limits in read.rows.items() if limits.least == FEW}
    if not from_two:
        return not read.rows
    given = zip(tensors, read.inputs.values(), strict=True)
    first = tuple(t[:1] if t.ndim and i.shape[0] in from_two else t for t, i in given)
    read.rows |= {name: limits._replace(least=1) for name, limits in from_two.items()}
    try:
        if _agree(torch, read(*first), module(*first), read.near):
            return True
    except Exception:  # in one of the two, one row is an error
        pass
    why = "of one row it computes something else"
    read.rows |= {name: limits._replace(why=limits.why or why) for name, limits in from_two.items()}
    return False


def _agree(torch: Any, made: Any, expected: Any, near: float) -> bool:
    """Whether outputs are the same but for rounding, of that much."""
    leaves = torch.utils._pytree.tree_leaves
    ours, theirs = leaves(made), leaves(expected)
    if len(ours) != len(theirs):
        return False
    for one, other in zip(ours, theirs, strict=True):
        if not isinstance(other, torch.Tensor):
            if one != other:
                return False
            continue
        a = np.asarray(one.data if isinstance(one, Tensor) else one)
        b = other.numpy()
        size = np.max(np.abs(b), where=np.isfinite(b), initial=1.0) if b.dtype.kind == "f" else 0
        if a.shape != b.shape or not np.allclose(a, b, near, near * size, equal_nan=True):
            return False
    return True


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


def _read(torch: Any, module: Any, export: Export) -> FromTorch:
    """Our list of PyTorch's nodes."""
    label, exported = type(module).__name__, export.program
    inputs: dict[str, Input] = {}
    constants: dict[str, Any] = {}
    signature = exported.graph_signature
    nodes = list(exported.graph_module.graph.nodes)
    computes = set(operators_of(exported))
    leaves: dict[int, Any] = {}
    parameters: dict[str, Tensor] = {}
    buffers: dict[str, Any] = {}
    origin = dict(module.named_parameters(remove_duplicate=False))
    origin |= dict(module.named_buffers(remove_duplicate=False))
    for one, node in zip(signature.input_specs, nodes, strict=False):
        if one.kind.name == "USER_INPUT":
            value = node.meta["val"]
            shape = tuple(map(export.length, value.shape))
            inputs[node.name] = Input(_dtype(torch, value.dtype), shape)
            continue
        if one.target is None:  # a token, which orders effects
            continue
        tensor = origin.get(one.target)
        tensor = exported.constants[one.target] if tensor is None else tensor
        if id(tensor) not in leaves:
            data = _numbers(torch, label, tensor)
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
        places, given = tuple(_places(node)), _given(torch, node)
        dtype = getattr(node.meta.get("val"), "dtype", None)
        made = places, None if dtype is None else _dtype(torch, dtype)
        if node.target is operator.getitem:
            if node.users:
                calls.append(Call(node.name, name_of(node.args[0].target), _one_of, *given, *made))
        elif node in computes:
            rule = RULES.get(name_of(node.target))
            if rule is None:
                raise UnsupportedError(
                    f"from_torch() has no gates for {node.target}, which {_where(places)} of "
                    f"{label} applies: write that part with other operators of PyTorch's, or in "
                    "gates (ag.gate makes one), and read the submodules before and after it"
                )
            calls.append(Call(node.name, name_of(node.target), rule, *given, *made))
    spec = exported.module_call_graph[0].signature.out_spec
    results = [_ours(torch, value) for value in nodes[-1].args[0]]
    return FromTorch(
        label, inputs, constants, calls, _rebuilt(torch, spec), results, parameters, buffers,
        dict(export.ranges), export.fixed,
    )  # fmt: skip


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


def _numbers(torch: Any, label: str, tensor: Any) -> np.ndarray:
    try:
        return tensor.detach().cpu().numpy().copy()
    except (RuntimeError, NotImplementedError, TypeError) as error:
        raise UnsupportedError(
            f"from_torch() reads tensors that NumPy can have, and {label} holds one of "
            f"{tensor.dtype}: {error}"
        ) from error


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
        if call.operator in aten_numbers.RULES:
            args = [_as_wide(value, call.dtype) for value in args]
        return _in_dtype(call.rule(*args, **kwargs), call.dtype)
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


def _one_of(values: Any, index: int) -> Any:
    """One of several results; of maxima and medians those alone are there that are numbers."""
    if index >= len(values):
        raise UnsupportedError("the places of what it chooses are not read: take the values alone")
    return values[index]


def _as_wide(value: Any, dtype: np.dtype[Any] | None) -> Any:
    """An array beside floats in their dtype: NumPy takes double precision for whole numbers and
    single ones together, PyTorch does not."""
    if dtype is None or dtype.kind != "f" or type(value) is not np.ndarray:
        return value
    return value if value.dtype.kind == "b" else cast(value, dtype)


def _in_dtype(made: Any, dtype: np.dtype[Any] | None) -> Any:
    return made if dtype is None or made.dtype == dtype else cast(made, dtype)


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
