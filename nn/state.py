"""The Tensors of a module under their names, and how arrays are taken over into them.

A name is the way to a Tensor over attributes, indices and keys: ``layers.0.weight``. Scalar nodes
in a list, or in lists of equal length, are a grid: one array under one name, so that a model of
scalars has the state of the same model of arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import AutogradError, DataError, Tensor
from autograd.extend import as_data, is_inside, is_number, warn_at
from nn.errors import StateError

__all__ = [
    "Grid",
    "Holder",
    "check_names",
    "entries",
    "inside",
    "is_scalar",
    "load_entries",
    "misshapen",
]


class Holder:
    """What is searched for Tensors by its attributes: the base of `Module`."""


def inside(value: Any) -> Iterable[tuple[Any, Any]] | None:
    """Names and values of what an object with attributes or a container holds; else None."""
    if isinstance(value, Holder):
        return vars(value).items()
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, (list, tuple)) else None


class Grid:
    """Scalar nodes in a list or in rectangular lists of lists, seen as one array.

    Attributes: `nodes`, a flat list of them, and `shape`.
    """

    def __init__(self, nodes: list[Tensor], shape: tuple[int, ...]) -> None:
        self.nodes = nodes
        self.shape = shape

    def array(self) -> np.ndarray:
        """The values."""
        return np.array([node.data for node in self.nodes]).reshape(self.shape)

    def named(self, path: str) -> Iterator[tuple[str, Tensor]]:
        """Each node with its indices."""
        for index, node in zip(np.ndindex(self.shape), self.nodes, strict=True):
            yield ".".join([path, *map(str, index)]), node

    def assign(self, values: np.ndarray) -> None:
        """Give each node the number at its place."""
        for node, value in zip(self.nodes, values.ravel().tolist(), strict=True):
            node.data = value


Entry = Tensor | Grid


def is_scalar(node: Tensor) -> bool:
    """Whether it is a scalar node; a program that is being recorded does not read it for that."""
    return is_number(node._value)


def grid_of(value: Any) -> Grid | None:
    """The list as a grid; None where it is not a rectangle of scalar nodes alone."""
    shape, level = [], value
    while isinstance(level, list) and level:
        shape.append(len(level))
        level = level[0]
    if not shape or type(level) is not Tensor or not is_scalar(level):
        return None
    flat = [value]
    for n in shape:
        if any(not isinstance(part, list) or len(part) != n for part in flat):
            return None
        flat = [item for part in flat for item in part]
    if any(type(node) is not Tensor or not is_scalar(node) for node in flat):
        return None
    return Grid(flat, tuple(shape))


def entries(module: Any) -> Iterator[tuple[str, Entry]]:
    """Every Tensor and grid of a module once, by name, in the order of the attributes.

    Raises DataError (a TypeError) where two Tensors have the same name, as a key that is
    ``"a.b"`` and another way ``a.b`` would.
    """
    names: set[str] = set()
    for name, entry in _walk(module, "", set()):
        if name in names:
            raise DataError(
                f"two Tensors of {type(module).__name__} are both called {name!r}: give one of "
                "them another attribute or key"
            )
        names.add(name)
        yield name, entry


def _walk(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Entry]]:
    if type(value) is Tensor:
        if id(value) not in seen:
            seen.add(id(value))
            yield path, value
        return
    held = inside(value)
    if held is None or id(value) in seen:
        return
    seen.add(id(value))
    grid = grid_of(value)
    if grid is not None:
        yield path, grid
        return
    for name, item in held:
        yield from _walk(item, f"{path}.{name}" if path else str(name), seen)


KEPT = "write nn.call(model, state, x) to compute with it, or value.detach() to keep its value"


def load_entries(caller: str, known: Mapping[str, Entry], state: Mapping[str, Any]) -> None:
    """Give every entry the array of its name; everything is checked before anything changes."""
    if not isinstance(state, Mapping):
        raise StateError(f"{caller} expects a dict of arrays by name, received {state!r:.60}")
    missing = [name for name in known if name not in state]
    check_names(caller, missing, [name for name in state if name not in known])
    computed = [
        name for name, value in state.items()
        if type(value) is Tensor and value.requires_grad and value.gate is not None
    ]  # fmt: skip
    arrays = {name: _fitting(caller, name, entry, state[name]) for name, entry in known.items()}
    if computed:
        warn_at(
            None,
            f"{caller} keeps the value alone of {computed[0]} and whatever else was computed, and "
            f"no gradient flows through it: {KEPT}",
        )
    for name, entry in known.items():
        if isinstance(entry, Grid):
            entry.assign(arrays[name])
        else:
            entry.data = arrays[name]


def check_names(caller: str, missing: list[str], unknown: list[Any]) -> None:
    """Raise StateError (a ValueError) where a name is missing, or is not one of the model's."""
    parts = [
        f"{word}: {', '.join(map(str, names[:5]))}"
        + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        for word, names in (("missing", missing), ("not in the model", unknown))
        if names
    ]
    if parts:
        raise StateError(f"{caller} expects an array for every name; {'; '.join(parts)}")


def misshapen(caller: str, name: str, expected: Any, received: Any) -> StateError:
    """The error for an array of another shape."""
    turned = len(received) > 1 and received == expected[::-1]
    hint = ": PyTorch keeps the transposed weight, write value.T" if turned else ""
    return StateError(f"{caller}: {name} expects shape {expected} and received {received}{hint}")


def _fitting(caller: str, name: str, entry: Entry, value: Any) -> np.ndarray:
    """A copy of `value` in the entry's shape and dtype."""
    if type(value) is Tensor and value.requires_grad and is_inside(value):
        raise StateError(
            f"{caller}: {name} is computed in a function that is differentiated, and a model keeps "
            f"its value alone, so that the gradient would be lost: {KEPT}"
        )
    try:
        array = np.asarray(as_data(value.data if type(value) is Tensor else value, None))
    except (AutogradError, RuntimeError) as error:  # PyTorch's, where a gradient would be lost
        raise StateError(f"{caller}: {name} must be an array of real numbers: {error}") from error
    if array.shape != entry.shape:
        raise misshapen(caller, name, entry.shape, array.shape)
    dtype = np.dtype(np.float64) if isinstance(entry, Grid) else entry.dtype
    if not np.can_cast(array.dtype, dtype, "same_kind"):
        raise StateError(f"{caller}: {name} expects {dtype} and received {array.dtype}")
    return np.array(array, dtype=dtype)
