"""Models as plain data, to save and to build from; they name classes of `CLASSES` alone."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import AutogradError
from nn.errors import DescriptionError, FileFormatError
from nn.homes import load
from nn.module import Module
from nn.names import look_up
from nn.written import parameters_of

__all__ = ["CLASSES", "build", "describe"]

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
    return load(name)


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
