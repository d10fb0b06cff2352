"""The Tensors of a module under their names, and how arrays are taken over into them.

A name is the way to a Tensor over attributes, indices and keys: ``layers.0.weight``. Scalar nodes
in a list, or in lists of equal length, are a grid: one array under one name, so that a model of
scalars has the state of the same model of arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import AutogradError, DataError, Tensor
from autograd.extend import as_data, is_inside, is_number, value_of, warn_at
from nn.errors import StateError

__all__ = [
    "Grid",
    "Holder",
    "Loaded",
    "check_names",
    "entries",
    "inside",
    "is_scalar",
    "load_entries",
    "misshapen",
    "named_tensors",
    "shared",
    "tie",
    "ties",
    "walk",
]


class Loaded(NamedTuple):
    """What ``load_state_dict(strict=False)`` left alone: names of the model's that were not given,
    and names given that the model does not have."""

    missing: list[str]
    unexpected: list[str]


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
    for name, entry in walk(module):
        if name in names:
            raise DataError(
                f"two Tensors of {type(module).__name__} are both called {name!r}: give one of "
                "them another attribute or key"
            )
        names.add(name)
        yield name, entry


def named_tensors(module: Any) -> Iterator[tuple[str, Tensor]]:
    """Every Tensor of a module once, with its name, those of a grid one by one."""
    for name, entry in entries(module):
        if isinstance(entry, Grid):
            yield from entry.named(name)
        else:
            yield name, entry


def walk(module: Any) -> Iterator[tuple[str, Entry]]:
    """The same without a look at the names."""
    return _walk(module, "", set())


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


# ---- what is held twice


def _places(value: Any, path: str, holder: Any, name: Any) -> Iterator[tuple[str, Any, Any, Any]]:
    """Path, value, and where it is held, of a Tensor, module or container and all inside; of what
    is held twice each place, but what is inside of it once."""
    seen: set[int] = set()

    def walk(value: Any, path: str, holder: Any, name: Any) -> Iterator[tuple[str, Any, Any, Any]]:
        held = () if type(value) is Tensor else inside(value)
        if held is None:
            return
        yield path, value, holder, name
        if id(value) in seen:
            return
        seen.add(id(value))
        for key, item in held:
            yield from walk(item, f"{path}.{key}" if path else str(key), value, key)

    return walk(value, path, holder, name)


def shared(module: Any) -> dict[str, str]:
    """The further names of what is held twice, each with the first one.

    Of modules and containers too: ``{"decoder": "encoder"}`` says that ``decoder.weight`` is
    ``encoder.weight``.
    """
    first: dict[int, str] = {}
    found: dict[str, str] = {}
    for path, value, _, _ in _places(module, "", None, None):
        if first.setdefault(id(value), path) != path:
            found[path] = first[id(value)]
    return found


def _first_name(name: str, known: Mapping[str, str]) -> str:
    """The name under which `entries` has what is called `name`, by what `shared` found."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        path = ".".join(parts[:count])
        if path in known:
            return known[path] + name[len(path) :]
    return name


def ties(module: Any) -> dict[str, str]:
    """Of `shared`, the Tensors and grids that are held by different modules."""
    values = {path: value for path, value, _, _ in _places(module, "", None, None)}
    return {
        path: first
        for path, first in shared(module).items()
        if type(values[path]) is Tensor or grid_of(values[path]) is not None
    }


def tie(module: Any, pairs: Mapping[str, str]) -> None:
    """Put, under each name, the Tensor or grid of the other name: what `ties` found, once more.

    Raises StateError (a ValueError) where there are none such.
    """
    places = {path: place for path, *place in _places(module, "", None, None)}
    for path, first in pairs.items():
        (own, holder, key), (other, _, _) = (
            places.get(path, [None] * 3),
            places.get(first, [None] * 3),
        )
        if own is other is not None:
            continue
        if _form(own) is None or _form(own) != _form(other) or isinstance(holder, tuple):
            raise StateError(f"{path} and {first} are no two Tensors of one shape")
        (vars(holder) if isinstance(holder, Holder) else holder)[key] = other


def _form(value: Any) -> Any:
    """Of a Tensor or a grid what another must have as well to stand for it."""
    found = value if type(value) is Tensor else grid_of(value)
    return None if found is None else (type(found), found.shape, getattr(found, "dtype", None))


# ---- taking over arrays

KEPT = "write nn.call(model, state, x) to compute with it, or value.detach() to keep its value"


def load_entries(caller: str, module: Any, state: Mapping[str, Any], strict: bool) -> Loaded:
    """Give every entry the array of its name; everything is checked before anything changes."""
    if not isinstance(state, Mapping):
        raise StateError(f"{caller} expects a dict of arrays by name, received {state!r:.60}")
    known = dict(entries(module))
    if any(name not in known for name in state):
        state = _by_first_names(caller, module, known, state)
    left = Loaded(
        [name for name in known if name not in state], [n for n in state if n not in known]
    )
    if strict:
        check_names(caller, *left)
    known = {name: entry for name, entry in known.items() if name in state}
    state = {name: state[name] for name in known}
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
    return left


def _by_first_names(
    caller: str, module: Any, known: Mapping[str, Entry], state: Mapping[str, Any]
) -> dict[str, Any]:
    """`state` with what is held twice under its first name, also where it came under another."""
    others = shared(module)
    found: dict[str, Any] = {}
    for name, value in state.items():
        first = name if name in known else _first_name(str(name), others)
        if first not in known:
            first = name
        elif first in found and not np.array_equal(value_of(found[first]), value_of(value)):
            raise StateError(
                f"{caller}: {name} and {first} are one Tensor, and received different arrays"
            )
        found[first] = value
    return found


def check_names(caller: str, missing: list[str], unknown: list[Any]) -> None:
    """Raise StateError (a ValueError) where a name is missing, or is not one of the model's."""
    parts = [
        f"{word}: {', '.join(map(str, names[:5]))}"
        + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        for word, names in (("missing", missing), ("not in the model", unknown))
        if names
    ]
    if parts:
        hint = _prefix_hint(missing, unknown)
        raise StateError(f"{caller} expects an array for every name; {'; '.join(parts)}{hint}")


def _prefix_hint(missing: list[str], unknown: list[Any]) -> str:
    """What to write where all names begin with that of a wrapper, such as ``"module."``."""
    others = set(map(str, unknown))
    for name in others if missing else ():
        prefix = name.removesuffix(missing[0])
        if prefix not in ("", name) and others >= {prefix + one for one in missing}:
            return (
                f". They begin with {prefix!r}: write {{name.removeprefix({prefix!r}): array for "
                "name, array in state.items()}"
            )
    return ""


def misshapen(caller: str, name: str, expected: Any, received: Any) -> StateError:
    """The error for an array of another shape."""
    turned = len(received) > 1 and received == expected[::-1]
    hint = ": PyTorch keeps it transposed, write nn.from_torch(model, state)" if turned else ""
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
