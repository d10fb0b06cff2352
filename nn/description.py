"""Models as plain data, to save and to build from; they name classes of `CLASSES` alone."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

import autograd as ag
from autograd import AutogradError
from nn import activations
from nn.errors import DescriptionError, FileFormatError
from nn.homes import HOMES, load
from nn.module import Module
from nn.names import look_up
from nn.written import parameters_of

__all__ = ["CLASSES", "build", "describe"]

CLASSES = tuple(
    sorted(name for name, home in HOMES.items() if home.startswith(("layers.", "models.")))
)
"""What a file may name: the public classes of layers and models, and no other."""

ELEMENTWISE = (
    "abs", "absolute", "arctan", "cos", "erf", "exp", "expm1", "log1p", "negative", "relu",
    "sigmoid", "sign", "sin", "sinh", "softplus", "sqrt", "square", "tanh",
)  # fmt: skip
"""Functions of NumPy and of the engine that a file may name besides those of `nn.activations`."""

_BY_PLAIN_NAME = {name.lower(): name for name in CLASSES}

DEEPEST = 32
"""Modules inside modules of a description."""


# ---- to save


def describe(module: Module, seen: dict[int, int] | None = None) -> dict[str, Any]:
    """The module as plain data: the name of its class and what it was made with.

    One that comes again is ``{"same": n}``, by its number in the order in which they are made.

    Raises DescriptionError (a TypeError) for a class that is not in `CLASSES`, and for functions
    of one's own.

    >>> import nn
    >>> describe(nn.Linear(2, 3))["class"]
    'Linear'
    """
    seen = {} if seen is None else seen
    if id(module) in seen:
        return {"same": seen[id(module)]}
    name = type(module).__name__
    if name not in CLASSES or type(module) is not class_named(name):
        raise DescriptionError(
            f"a file cannot name {type(module).__qualname__}, a class of your own: save its "
            "numbers with nn.save(model, path, weights_only=True), and load them with "
            "nn.load(path, into=model)"
        )
    values = {
        key: _plain(f"{name}: {key}", value, seen)
        for key, value in module.arguments().items()
        if not (key == "dtype" and value is None)  # scalar nodes
        and not (key.endswith("initializer") and callable(value))  # the weights are there already
    }
    seen[id(module)] = len(seen)
    return {"class": name, **values}


def class_named(name: str) -> type[Module]:
    """The class of `CLASSES` called so."""
    return load(name)


def _plain(owner: str, value: Any, seen: dict[int, int]) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, Module):
        return describe(value, seen)
    if isinstance(value, (list, tuple)):
        return [_plain(owner, item, seen) for item in value]
    if (known := function_named(value)) is not None:
        return {"function": known}
    if isinstance(value, partial) and not value.args and function_named(value.func) is not None:
        options = {key: _plain(owner, item, seen) for key, item in value.keywords.items()}
        return {"function": function_named(value.func), "options": options}
    raise DescriptionError(
        f"{owner} is {value!r}, which a file cannot hold: use what nn.activations has, "
        "or nn.save(model, path, weights_only=True)"
    )


def functions() -> dict[str, Any]:
    """The functions without settings that a file may name, as ``"nn.tanh"`` and ``"numpy.tanh"``.

    Those of `nn.activations`, and elementwise ones of NumPy and of the engine.
    """
    found = {f"nn.{name}": function for name, function in activations.FUNCTIONS.items()}
    for package in (ag, np):
        for name in ELEMENTWISE:
            if (function := getattr(package, name, None)) is not None:
                found[f"{package.__name__}.{name}"] = function
    return found


def function_named(function: Any) -> str | None:
    """What a file calls a function; None for one of your own."""
    return next((name for name, known in functions().items() if known is function), None)


# ---- to build from


def build(description: Any, depth: int = 0, built: list[Module] | None = None) -> Module:
    """The module that plain data describe.

    Raises FileFormatError (a ValueError) for a class that is not in `CLASSES`, and for arguments
    that it does not take.

    >>> build({"class": "Linear", "inputs": 2, "outputs": 3})
    Linear(2, 3)
    """
    built = [] if built is None else built
    if depth > DEEPEST:
        raise FileFormatError(f"the description nests modules more than {DEEPEST} deep")
    if not isinstance(description, Mapping):
        raise FileFormatError(f"a module's description is an object, received {description!r:.60}")
    arguments = dict(description)
    if arguments.keys() == {"same"}:
        return _known("module", arguments["same"], dict(enumerate(built)))
    try:
        name = look_up("class", arguments.pop("class", None), _BY_PLAIN_NAME)
        built.append(_made(class_named(name), arguments, depth, built))
    except (AutogradError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"the description makes no model: {error}") from error
    return built[-1]


def _known(what: str, key: Any, found: Mapping[Any, Any]) -> Any:
    if type(key) not in (int, str) or key not in found:
        raise FileFormatError(f"the description names the {what} {key!r:.60}, which is not there")
    return found[key]


def _made(kind: type[Module], arguments: dict[str, Any], depth: int, built: list[Module]) -> Module:
    """An instance of a class from plain values by name."""
    known = {p.name: p for p in parameters_of(kind)}
    positional: list[Any] = []
    keywords = {}
    for name, value in arguments.items():
        if name not in known:
            raise FileFormatError(f"{kind.__name__} is described with {name!r}, unknown to it")
        made = _value(value, depth, built)
        if known[name].kind is inspect.Parameter.VAR_POSITIONAL:
            positional = made if isinstance(made, list) else [made]
        else:
            keywords[name] = made
    return kind(*positional, **keywords)


def _options(found: Any) -> dict[str, Any]:
    """The settings of a function: numbers, text, True and False by name."""
    plain = (bool, int, float, str, type(None))
    if isinstance(found, dict) and all(type(value) in plain for value in found.values()):
        return found
    raise FileFormatError(f"a function is described with the settings {found!r:.60}")


def _value(value: Any, depth: int, built: list[Module]) -> Any:
    if isinstance(value, Mapping) and "function" in value:
        function = _known("function", value["function"], functions())
        options = _options(value.get("options", {}))
        return partial(function, **options) if options else function
    if isinstance(value, Mapping):
        return build(value, depth + 1, built)
    if isinstance(value, list):
        return [_value(item, depth, built) for item in value]
    return value
