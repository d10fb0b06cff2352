"""What PyTorch calls the parameters of a model, and how it lays them out: both ways.

The twin of a layer is PyTorch's of the same name, of `TransformerBlock` its
TransformerEncoderLayer, of `Sequential` and `MLP` its Sequential, activations counted, of `Neuron`
its Linear of one output. A module of your own has the twin whose attributes are called the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

from autograd import DataError, Tensor
from nn.errors import StateError
from nn.layers.activations import PReLU
from nn.layers.linear import Linear
from nn.layers.neurons import Neuron
from nn.layers.normalisation import BatchNorm, GroupNorm, LayerNorm
from nn.models.mlp import MLP
from nn.models.sequential import Sequential
from nn.module import Module
from nn.state import Entry, Grid, check_names, grid_of, inside, load_entries

__all__ = ["as_ours", "from_torch", "to_torch"]

M = TypeVar("M", bound=Module)

Change = Callable[[np.ndarray], np.ndarray]


class Place(NamedTuple):
    """A parameter or state: our name and PyTorch's, and what makes our array theirs and, but for
    its shape, theirs ours."""

    ours: str
    theirs: str
    entry: Entry
    change: Change

    def array(self) -> np.ndarray:
        """A copy of the numbers, as PyTorch has them."""
        value = self.entry.array() if isinstance(self.entry, Grid) else np.asarray(self.entry.data)
        return np.array(self.change(value), order="C")

    def back(self, array: np.ndarray) -> np.ndarray:
        """PyTorch's array as ours is laid out."""
        array = array.astype(float) if self.change is _counted else self.change(array)
        return array.reshape(self.entry.shape)


def _same(array: np.ndarray) -> np.ndarray:
    return array


def _counted(array: np.ndarray) -> np.ndarray:
    return array.astype(np.int64)


Words = dict[str, tuple[str, Change]]

GAMMA_AND_BETA: Words = {"gamma": ("weight", _same), "beta": ("bias", _same)}

WORDS: dict[type, Words] = {
    Linear: {"weight": ("weight", np.transpose)},
    Neuron: {"weight": ("weight", np.atleast_2d), "bias": ("bias", np.atleast_1d)},
    PReLU: {"slope": ("weight", np.atleast_1d)},
    LayerNorm: GAMMA_AND_BETA,
    GroupNorm: GAMMA_AND_BETA,
    BatchNorm: GAMMA_AND_BETA | {"batches": ("num_batches_tracked", _counted)},
}
"""What PyTorch calls an attribute of a layer, and the change of its array, where either differs."""

COUNT = "num_batches_tracked"


def to_torch(model: Module) -> dict[str, np.ndarray]:
    """All parameters and state under PyTorch's names and in its layouts, as arrays of their own.

    What is held twice comes under both names, as it does there. A `BatchNorm` counts its batches
    only where its momentum is None, and PyTorch reads the count only there: else it is 0.

    Raises DataError (a TypeError) for what is no module.

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.LayerNorm(3))
    >>> {name: array.shape for name, array in nn.to_torch(model).items()}
    {'0.weight': (3, 2), '0.bias': (3,), '1.weight': (3,), '1.bias': (3,)}

    PyTorch takes tensors::

        state = {name: torch.from_numpy(array) for name, array in nn.to_torch(model).items()}
        theirs.load_state_dict(state)
    """
    found: dict[str, np.ndarray] = {}
    for module, names, theirs in _modules("to_torch", model):
        found.update((place.theirs, place.array()) for place in _places(module, names, theirs))
        if _uncounted(module):
            found[theirs + COUNT] = np.array(0)
    return found


def from_torch(model: M, state_dict: Mapping[str, Any]) -> M:
    """Take over a `state_dict` of PyTorch's: tensors or arrays, cast to the model's dtypes.

    All of them are checked first; returns the model, in which nothing else changes.

    Raises StateError (a ValueError) for names that are missing or unknown, for other shapes, and
    for anything but real numbers; DataError (a TypeError) for what is no module. Nothing is changed
    then.

    >>> import numpy as np
    >>> import nn
    >>> state = {"weight": np.array([[1.0, 2.0, 3.0]]), "bias": np.array([0.5])}
    >>> nn.from_torch(nn.Linear(3, 1), state)([1.0, 0.0, 0.0]).data
    array([1.5], dtype=float32)
    """
    caller = "from_torch()"
    load_entries(caller, model, as_ours(caller, model, state_dict), strict=True)
    return model


def as_ours(caller: str, model: Module, state_dict: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The arrays of a `state_dict` of PyTorch's under our names and in our layouts, of what is held
    twice under both; raises as `from_torch` does."""
    if not isinstance(state_dict, Mapping):
        advice = ": write theirs.state_dict()" if hasattr(state_dict, "state_dict") else ""
        raise StateError(
            f"{caller} expects a model and a dict of tensors or arrays by name, received "
            f"{type(state_dict).__name__}{advice}"
        )
    places: dict[str, Place] = {}
    uncounted: set[str] = set()
    for module, names, theirs in _modules("from_torch", model):
        places.update((place.theirs, place) for place in _places(module, names, theirs))
        if _uncounted(module):
            uncounted.add(theirs + COUNT)
    missing = [name for name in places if name not in state_dict]
    check_names(caller, missing, [n for n in state_dict if n not in places and n not in uncounted])
    arrays = {}
    for name, place in places.items():
        array, expected = _numbers(caller, name, state_dict[name]), place.array().shape
        if array.shape != expected:
            raise StateError(f"{caller}: {name} expects shape {expected}, received {array.shape}")
        arrays[place.ours] = place.back(array)
    return arrays


def _modules(owner: str, model: Any) -> Iterator[tuple[Module, str, str]]:
    """A module and those inside, each at all of its places, with our path and PyTorch's to it, both
    with a dot at their ends."""
    if not isinstance(model, Module):
        raise DataError(f"{owner}() expects a model first, and received {model!r:.60}")

    def walk(module: Module, ours: str, theirs: str, around: tuple[int, ...]) -> Iterator[Any]:
        yield module, ours, theirs
        for way, item in _held(module):
            if isinstance(item, Module) and id(item) not in around:
                path = f"{theirs}{_way_there(module, way)}."
                yield from walk(item, f"{ours}{way}.", path, (*around, id(item)))

    return walk(model, "", "", (id(model),))


def _held(value: Any, path: str = "", around: tuple[int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The Tensors, grids and modules of a module, also in containers, with the ways to them."""
    for key, item in inside(value) or ():
        way = f"{path}.{key}" if path else str(key)
        if isinstance(item, Tensor | Module):
            yield way, item
        elif (grid := grid_of(item)) is not None:
            yield way, grid
        elif inside(item) is not None and id(item) not in around:
            yield from _held(item, way, (*around, id(item)))


def _way_there(module: Module, way: str) -> str:
    """PyTorch's way from a module to one that it holds."""
    kind, _, number = way.partition(".")
    if isinstance(module, MLP):
        return str(2 * int(number) + (kind == "activations"))
    return number if isinstance(module, Sequential) and kind == "layers" else way


def _places(module: Module, ours: str, theirs: str) -> Iterator[Place]:
    """What a module holds itself."""
    words = next((WORDS[kind] for kind in type(module).__mro__ if kind in WORDS), {})
    for way, item in _held(module):
        if not isinstance(item, Module):
            name, change = words.get(way, (way, _same))
            yield Place(ours + way, theirs + name, item, change)


def _uncounted(module: Module) -> bool:
    """Whether PyTorch's twin has a count of batches that ours has not."""
    tracks = isinstance(module, BatchNorm) and module.running_mean is not None
    return tracks and "batches" not in vars(module)


def _numbers(caller: str, name: str, value: Any) -> np.ndarray:
    """A tensor or an array as an array."""
    if hasattr(value, "detach") and type(value) is not Tensor:
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
    try:
        return np.asarray(value.data if type(value) is Tensor else value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise StateError(f"{caller}: {name} must be an array of real numbers: {error}") from error
