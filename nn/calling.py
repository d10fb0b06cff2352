"""Models as functions of their parameters, which stay as they are: for transforms and for SciPy.

The parameters of a module are its attributes, and those are never written to here: a call with
other ones runs on a copy of the module, and of the modules and containers inside, that holds them.
So it leaves no trace, also where it raises, and other threads do not see it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import partial
from types import CellType, FunctionType, MethodType
from typing import Any

import numpy as np

from autograd import AutogradError, DataError, ShapeError, Tensor
from autograd.extend import apply, as_data, as_number, identity, leaf, value_of
from nn.errors import StateError
from nn.module import Module
from nn.state import Entry, Grid, Holder, check_names, entries, inside, is_scalar, misshapen

__all__ = ["call", "flatten"]


def call(model: Module, state: Any, /, *inputs: Any, **options: Any) -> Any:
    """What ``model(*inputs, **options)`` returns with other parameters in place of its own.

    The model is not changed, whatever the call does: use it in `ag.grad`, `ag.jacobian`,
    `ag.hessian` and `ag.compile` of functions of the parameters.

    Parameters
    ----------
    model : a module; a Tensor that it holds twice is one parameter.
    state : a dict by the names of `state_dict` or `named_parameters`; the same as a nest, such as
        ``{"layers": [{"weight": ...}]}``; or a list of all parameters in the order of
        `parameters()`. Gradients flow to Tensors; arrays are constants. Floats keep their dtype:
        float64 parameters of a float32 model compute in float64. State that is not trained, such as
        running means, may be left out: a call in training then forgets what it makes of it. Give
        Tensors that want no gradient to keep that, and differentiate for parameters alone.
    inputs, options : the model's own.

    Raises
    ------
    StateError (a ValueError): names that are missing or unknown, another shape, or anything but
        numbers; it names the parameter.
    DataError (a TypeError): `model` is no module.

    Examples
    --------
    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> model = nn.Linear(2, 1, rng=0)
    >>> x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0], [0.0]])
    >>> def loss(state):
    ...     return nn.losses.mse(nn.call(model, state, x), y)
    >>> gradient = ag.grad(loss)({"weight": np.zeros((2, 1)), "bias": np.zeros(1)})
    >>> gradient["weight"]
    array([[-1.],
           [-2.]])
    """
    if not isinstance(model, Module):
        raise DataError(
            f"nn.call expects a module and received a {type(model).__name__}: write "
            "nn.call(model, state, x)"
        )
    return _copied(model, _substitutes(model, state), {})(*inputs, **options)


def flatten(model: Module) -> tuple[np.ndarray, Callable[[Any], dict[str, Any]]]:
    """All parameters as one vector, and the function that makes a state for `call` of such one.

    The vector is float64, whatever the model's dtype is, as SciPy's optimisers compute. Of a Tensor
    the state is of Tensors, and gradients flow through; its dtype is the vector's own, so that a
    loss of it is as exact as they expect. `load_state_dict` casts to the model's.

    >>> import autograd as ag
    >>> import numpy as np
    >>> import nn
    >>> from scipy.optimize import minimize
    >>> model = nn.Linear(1, 1, rng=0)
    >>> x, y = np.array([[0.0], [1.0], [2.0]]), np.array([[1.0], [3.0], [5.0]])
    >>> start, unflatten = nn.flatten(model)
    >>> def loss(vector):
    ...     return nn.losses.mse(nn.call(model, unflatten(vector), x), y)
    >>> found = minimize(ag.compile(ag.value_and_grad(loss)), start, jac=True)
    >>> model.load_state_dict({**model.state_dict(), **unflatten(found.x)})
    >>> model.weight.data.round(3), model.bias.data.round(3)
    (array([[2.]], dtype=float32), array([1.], dtype=float32))

    Raises `DataError` (a TypeError) where `model` is no module; `unflatten` ShapeError (a
    ValueError) for a vector of another length.
    """
    if not isinstance(model, Module):
        raise DataError(f"nn.flatten expects a module and received a {type(model).__name__}")
    named = [
        (name, entry.array() if isinstance(entry, Grid) else np.asarray(entry.data))
        for name, entry in _trained(model)
    ]
    shapes = {name: values.shape for name, values in named}
    parts = [values.astype(np.float64).ravel() for _, values in named]
    vector = np.concatenate(parts) if parts else np.zeros(0)
    length = len(vector)

    def unflatten(vector: Any) -> dict[str, Any]:
        """The parameters by name."""
        if type(vector) is not Tensor:
            vector = np.asarray(as_data(vector, None))
        if vector.shape != (length,):
            raise ShapeError(
                f"unflatten() expects the vector of {type(model).__name__}, {length} numbers along "
                f"one axis, and received shape {vector.shape}"
            )
        state, start = {}, 0
        for name, shape in shapes.items():
            stop = start + int(np.prod(shape))
            state[name] = vector[start:stop].reshape(shape)
            start = stop
        return state

    return vector, unflatten


def _trained(model: Module) -> list[tuple[str, Entry]]:
    """The parameters by name; those of a grid one by one where not all of it is trained."""
    found: list[tuple[str, Entry]] = []
    for name, entry in entries(model):
        if not isinstance(entry, Grid):
            found += [(name, entry)] if entry.requires_grad else []
        elif all(node.requires_grad for node in entry.nodes):
            found.append((name, entry))
        else:
            found += [(n, node) for n, node in entry.named(name) if node.requires_grad]
    return found


# ---- which Tensor stands for which


def _substitutes(model: Module, state: Any) -> dict[int, Tensor]:
    """The Tensors of the call, by the identity of the model's own."""
    caller = f"nn.call() of {type(model).__name__}"
    known = dict(entries(model))
    given = _by_name(caller, model, known, state)
    tensors: dict[int, Tensor] = {}
    missing: list[str] = []
    for name, entry in known.items():
        if isinstance(entry, Grid) and name in given:
            nodes = _nodes_of(caller, name, entry, given.pop(name))
            tensors.update(zip(map(id, entry.nodes), nodes, strict=True))
            continue
        single = dict(entry.named(name) if isinstance(entry, Grid) else [(name, entry)])
        lacking = [n for n, node in single.items() if node.requires_grad and n not in given]
        missing += [name] if len(lacking) == len(single) else lacking
        for own, node in single.items():
            if own in given:
                tensors[id(node)] = _fitting(caller, own, node, given.pop(own))
            else:
                tensors[id(node)] = leaf(value_of(node), node.name)
    check_names(caller, missing, list(given))
    return tensors


def _by_name(caller: str, model: Module, known: Mapping[str, Entry], state: Any) -> dict[str, Any]:
    """What was given, under the whole name of each."""
    found: dict[str, Any] = {}

    def collect(value: Any, path: str) -> None:
        if isinstance(value, Mapping):
            items = [*value.items()]
        elif isinstance(value, (list, tuple)) and path not in known:
            items = [*enumerate(value)]
        else:
            found[path] = value
            return
        for key, part in items:
            collect(part, f"{path}.{key}" if path else str(key))

    if isinstance(state, (list, tuple)):
        names = [name for name, _ in model.named_parameters()]
        if len(names) != len(state):
            raise StateError(
                f"{caller} has {len(names)} parameters and received a list of {len(state)}"
            )
        return dict(zip(names, state, strict=True))
    if not isinstance(state, Mapping):
        raise StateError(
            f"{caller} expects a dict of arrays or Tensors by name, or a list in the order of "
            f"parameters(), and received {state!r:.60}"
        )
    collect(state, "")
    return found


def _fitting(caller: str, name: str, own: Tensor, value: Any) -> Tensor:
    """A Tensor that stands for one of the model's, of its shape."""
    if type(value) is not Tensor:
        value = _constant(caller, name, own, value)
    if value.shape != own.shape:
        raise misshapen(caller, name, own.shape, value.shape)
    if not np.can_cast(value.dtype, own.dtype, "same_kind"):
        raise StateError(f"{caller}: {name} expects {own.dtype} and received {value.dtype}")
    if value.requires_grad and not own.requires_grad:
        value = apply(identity, (value,))  # which a model cannot write to, as to a running mean
        value.name = name
    return value


def _constant(caller: str, name: str, own: Tensor, value: Any) -> Tensor:
    """What is no Tensor, as one without a gradient; whole numbers in the parameter's dtype."""
    array = _array(caller, name, value)
    if array.dtype.kind != "f" and own.dtype.kind == "f":
        array = array.astype(own.dtype)
    alone = is_scalar(own) and not array.ndim
    return Tensor(array.item() if alone else array, requires_grad=False, name=own.name)


def _array(caller: str, name: str, value: Any) -> np.ndarray:
    try:
        return np.asarray(as_data(value, None))
    except (AutogradError, RuntimeError) as error:  # PyTorch's, where a gradient would be lost
        raise StateError(f"{caller}: {name} must be an array of real numbers: {error}") from error


def _nodes_of(caller: str, name: str, grid: Grid, value: Any) -> list[Tensor]:
    """A scalar node for each of a grid, of one array or of a nest of them."""
    if isinstance(value, (list, tuple)):
        parts: list[Any] = [value]
        for n in grid.shape:
            if any(not isinstance(part, (list, tuple)) or len(part) != n for part in parts):
                raise StateError(
                    f"{caller}: {name} expects an array of shape {grid.shape}, or lists of such "
                    "lengths"
                )
            parts = [item for part in parts for item in part]
    else:
        value = value if type(value) is Tensor else _array(caller, name, value)
        if value.shape != grid.shape:
            raise misshapen(caller, name, grid.shape, value.shape)
        parts = [value[index] for index in np.ndindex(grid.shape)]
    named = (own for own, _ in grid.named(name))
    return [
        as_number(_fitting(caller, own, node, part))
        for own, node, part in zip(named, grid.nodes, parts, strict=True)
    ]


# ---- copies that hold them


def _copied(value: Any, tensors: Mapping[int, Tensor], made: dict[int, Any]) -> Any:
    """A module or container, and those inside, with other Tensors; anything else as it is.

    What is held twice is copied once. Methods and functions that reach the module by another way,
    as ``lambda x: self.linear(x)`` kept as an attribute does, reach the copy.
    """
    if type(value) is Tensor:
        return tensors.get(id(value), value)
    if id(value) in made:
        return made[id(value)]

    def again(part: Any) -> Any:
        return _copied(part, tensors, made)

    if isinstance(value, Holder):
        made[id(value)] = other = object.__new__(type(value))
        vars(other).update({name: again(part) for name, part in vars(value).items()})
        if isinstance(value, Module):  # which other parameters, without a gradient, do not freeze
            vars(other)["_stays"] = value.is_frozen
    elif isinstance(value, dict):
        made[id(value)] = other = copy(value)
        for key, part in value.items():
            other[key] = again(part)
    elif isinstance(value, list):
        made[id(value)] = other = copy(value)
        other[:] = map(again, value)
    elif isinstance(value, tuple):
        parts = [again(part) for part in value]
        other = type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    elif isinstance(value, MethodType):
        other = MethodType(again(value.__func__), again(value.__self__))
    elif isinstance(value, partial):
        keywords = {name: again(part) for name, part in value.keywords.items()}
        other = partial(again(value.func), *map(again, value.args), **keywords)
    elif isinstance(value, FunctionType):
        other = _closed_over(value, again, made)
    elif callable(value) and hasattr(value, "__wrapped__"):  # compiled, or with a cache
        inner = again(value.__wrapped__)
        other = value if inner is value.__wrapped__ else inner
    else:
        return value
    made[id(value)] = other
    return other


def _closed_over(function: FunctionType, again: Callable[[Any], Any], made: dict[int, Any]) -> Any:
    """A function over copies of what it closes over; itself where that holds no Tensors."""
    made[id(function)] = function  # it may close over itself
    cells = function.__closure__ or ()
    full = [cell for cell in cells if _is_full(cell)]
    parts = {id(cell): again(cell.cell_contents) for cell in full}
    if all(parts[id(cell)] is cell.cell_contents for cell in full):
        return function
    fresh = tuple(CellType(parts[id(cell)]) if id(cell) in parts else cell for cell in cells)
    other = FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, fresh
    )
    other.__kwdefaults__ = function.__kwdefaults__
    vars(other).update(vars(function))
    return other


def _is_full(cell: CellType) -> bool:
    try:
        return inside(cell.cell_contents) is not None or callable(cell.cell_contents)
    except ValueError:  # an empty one
        return False
