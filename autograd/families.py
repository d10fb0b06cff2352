"""Which file of gates holds what, and when it is imported.

The families in `CORE` are there from the start. The others are imported when one of their functions
is first asked for: as `ag.<name>`, as a method of a Tensor, or by NumPy. Which file that is says
`gates.index`, which is made from the files themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

from autograd import eager
from autograd.direct import direct_operator
from autograd.gates import arithmetic, exponential, indexing, linear, reductions, selection, shapes
from autograd.gates.index import METHODS, NAMES
from autograd.gates.registry import Gate
from autograd.keywords import guarded
from autograd.tensor import Tensor

__all__ = ["CORE", "FROM_NUMPY", "lay", "load_family", "load_all", "public_function", "all_gates"]

CORE: tuple[ModuleType, ...] = (
    arithmetic, exponential, selection, reductions, linear, shapes, indexing
)  # fmt: skip

FROM_NUMPY: dict[Callable[..., Any], Callable[..., Any]] = {}
"""NumPy's function, and the one that records a gate for it."""

_loaded: dict[str, ModuleType] = {}


def load_family(name: str) -> ModuleType:
    """Import a family and make its functions known; at most once."""
    if name not in _loaded:
        family = import_module(f"autograd.gates.{name}")
        FROM_NUMPY.update(family.NUMPY)
        for method, function in family.METHODS.items():
            if isinstance(function, Gate):
                lay(method, function)
            else:
                lay_function(method, function)
        _loaded[name] = family
    return _loaded[name]


def load_all() -> None:
    """Import every family that has not been yet."""
    for name in NAMES:
        load_family(name)


def public_function(name: str) -> Any:
    """The function `ag.<name>` of a family; None where there is none."""
    known = {family.__name__.rpartition(".")[2]: family.__all__ for family in CORE} | NAMES
    for family, names in known.items():
        if name in names:
            return guarded(getattr(load_family(family), name), f"ag.{name}")
    return None


class Later:
    """Stands in Tensor for a method of a family that is imported when the method is asked for.

    Not a `__getattr__` of the class: Python would then take the slow way to every attribute.
    """

    def __init__(self, family: str, name: str) -> None:
        self.family = family
        self.name = name

    def __get__(self, node: Tensor | None, owner: type) -> Any:
        load_family(self.family)
        return getattr(owner if node is None else node, self.name)


def all_gates() -> tuple[Gate, ...]:
    """Every gate of the engine, in the order of the families' files."""
    load_all()
    entries = (entry for family in _loaded.values() for entry in vars(family).values())
    return tuple(dict.fromkeys(entry for entry in entries if isinstance(entry, Gate)))


def lay(name: str, gate: Gate, *, reflected: bool = False) -> None:
    """Make `gate`, which has one or two operands, the method `name` of Tensor.

    It is written out at first use: compiling all of them would double the time that importing
    takes.
    """

    shown = None if name.startswith("_") else f"t.{name}"

    def write(self: Tensor, *others: Any, **options: Any) -> Tensor:
        if getattr(Tensor, name) is write:
            setattr(Tensor, name, direct_operator(gate, reflected=reflected, shown=shown))
        return getattr(Tensor, name)(self, *others, **options)

    write.__name__ = name
    write.__doc__ = gate.rule
    setattr(Tensor, name, write)


def lay_function(name: str, function: Any) -> None:
    """Make `function`, whose first argument is a Tensor, its method `name`.

    It is written out at first use, as gates are, to say which keywords it takes.
    """

    @wraps(function)
    def write(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        if getattr(Tensor, name) is write:
            setattr(Tensor, name, guarded(function, f"t.{name}", method=True))
        return getattr(Tensor, name)(self, *args, **kwargs)

    setattr(Tensor, name, write if isinstance(function, FunctionType) else function)


def _array(nest: Any) -> Tensor:
    """Nested lists that hold Tensors as one node."""
    return load_family("joining").array(nest)


eager.array = _array
for family in CORE:
    load_family(family.__name__.rpartition(".")[2])
for later_family, methods in METHODS.items():
    for method in methods:
        setattr(Tensor, method, Later(later_family, method))
