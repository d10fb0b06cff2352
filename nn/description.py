"""Models in words: as a line of Python to read, and as plain data to save and to build from.

A module keeps what it was made with under the names of its constructor's parameters, so that both
can be read off it. Plain data name classes of `CLASSES` and no others.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import AutogradError
from nn.errors import DescriptionError, FileFormatError
from nn.module import Module
from nn.names import look_up

__all__ = ["CLASSES", "arguments_of", "build", "describe", "written"]

CLASSES = (
    "Autoencoder", "BatchNorm", "BipolarStep", "DropConnect", "Dropout", "ELU", "Flatten", "GELU",
    "GaussianNoise", "Identity", "LeakyReLU", "Linear", "LogSoftmax", "MLP", "Maxout", "Neuron",
    "PReLU", "Perceptron", "ReLU", "SELU", "ScalarLinear", "Sequential", "Sigmoid", "Softmax",
    "Softplus", "StackedAutoencoder", "Step", "Swish", "Tanh",
)  # fmt: skip
"""What a file may name."""

_BY_PLAIN_NAME = {name.lower(): name for name in CLASSES}

DEEPEST = 32
"""Modules inside modules of a description."""


def parameters_of(kind: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    """A constructor's parameters that say what the module is: all but `rng`."""
    found = inspect.signature(kind).parameters.values()
    return tuple(p for p in found if p.name != "rng" and p.kind is not p.VAR_KEYWORD)


def arguments_of(module: Module) -> dict[str, Any]:
    """The values of those parameters, from attributes of the same names.

    Raises DescriptionError (a TypeError) where the class does not keep one of them.
    """
    try:
        return {p.name: getattr(module, p.name) for p in parameters_of(type(module))}
    except AttributeError as error:
        raise DescriptionError(
            f"{type(module).__name__} does not keep what it was made with: {error}"
        ) from error


# ---- to read


def written(module: Module) -> str:
    """The module as Python that makes it, without what is as by default.

    >>> import nn
    >>> written(nn.Sequential(nn.Linear(2, 3, bias=False), nn.Tanh()))
    'Sequential(Linear(2, 3, bias=False), Tanh())'
    """
    kind = type(module)
    try:
        arguments = module.arguments()
    except DescriptionError:
        return f"{kind.__name__}()"
    words = []
    for p in parameters_of(kind):
        value = arguments[p.name]
        if p.kind is p.VAR_POSITIONAL:
            words += [repr(item) for item in value]
        elif p.kind is not p.KEYWORD_ONLY and p.default is p.empty:
            words.append(repr(value))
        elif not (value is None and p.name == "dtype") and not _same(value, p.default):
            words.append(f"{p.name}={_word(value)}")
    line = f"{kind.__name__}({', '.join(words)})"
    if len(line) <= 88 and "\n" not in line:
        return line
    body = ",\n".join(words).replace("\n", "\n    ")
    return f"{kind.__name__}(\n    {body},\n)"


def _same(value: Any, default: Any) -> bool:
    if isinstance(value, np.dtype):
        return default is not inspect.Parameter.empty and value == np.dtype(default)
    return type(value) is type(default) and value == default


def _word(value: Any) -> str:
    if isinstance(value, np.dtype):
        return f"np.{value.name}"
    return getattr(value, "__name__", None) or repr(value)


# ---- to save


def describe(module: Module) -> dict[str, Any]:
    """The module as plain data: the name of its class and what it was made with.

    Raises DescriptionError (a TypeError) for a class that is not in `CLASSES`, and for functions
    of one's own.

    >>> import nn
    >>> describe(nn.Linear(2, 3))["class"]
    'Linear'
    """
    name = type(module).__name__
    if name not in CLASSES or type(module) is not class_named(name):
        raise DescriptionError(
            f"a file cannot name {type(module).__qualname__}, a class of your own: save its "
            "numbers with nn.save(model, path, weights_only=True), and load them with "
            "nn.load(path, into=model)"
        )
    values = {
        key: _plain(f"{name}: {key}", value)
        for key, value in module.arguments().items()
        if not (key == "dtype" and value is None)  # scalar nodes
        and not (key.endswith("initializer") and callable(value))  # the weights are there already
    }
    return {"class": name, **values}


def class_named(name: str) -> type[Module]:
    """The class of `CLASSES` called so."""
    import nn

    return getattr(nn, name)


def _plain(owner: str, value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, Module):
        return describe(value)
    if isinstance(value, (list, tuple)):
        return [_plain(owner, item) for item in value]
    raise DescriptionError(
        f"{owner} is {value!r}, which a file cannot hold: use a name of nn.activations, or "
        "nn.save(model, path, weights_only=True)"
    )


# ---- to build from


def build(description: Any, depth: int = 0) -> Module:
    """The module that plain data describe.

    Raises FileFormatError (a ValueError) for a class that is not in `CLASSES`, and for arguments
    that it does not take.

    >>> build({"class": "Linear", "inputs": 2, "outputs": 3})
    Linear(2, 3)
    """
    if depth > DEEPEST:
        raise FileFormatError(f"the description nests modules more than {DEEPEST} deep")
    if not isinstance(description, Mapping):
        raise FileFormatError(f"a module's description is an object, received {description!r:.60}")
    arguments = dict(description)
    try:
        name = look_up("class", arguments.pop("class", None), _BY_PLAIN_NAME)
        return _made(class_named(name), arguments, depth)
    except (AutogradError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"the description makes no model: {error}") from error


def _made(kind: type[Module], arguments: dict[str, Any], depth: int) -> Module:
    """An instance of a class from plain values by name."""
    known = {p.name: p for p in parameters_of(kind)}
    positional: list[Any] = []
    keywords = {}
    for name, value in arguments.items():
        if name not in known:
            raise FileFormatError(f"{kind.__name__} is described with {name!r}, unknown to it")
        made = _value(value, depth)
        if known[name].kind is inspect.Parameter.VAR_POSITIONAL:
            positional = made if isinstance(made, list) else [made]
        else:
            keywords[name] = made
    return kind(*positional, **keywords)


def _value(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return build(value, depth + 1)
    if isinstance(value, list):
        return [_value(item, depth + 1) for item in value]
    return value
